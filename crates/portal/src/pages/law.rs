//! The laws: their text beside the rules, their figures and open points, and whom they would cover.

mod articles;
mod figures;
mod list;
mod readme;
mod rules;
mod show;

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use axum::extract::Path;
use axum::response::Response;
use evidence::Digest;
use law::{Force, Regime, RegimeStatus, SwitchSettings};

use crate::coverage::{COLUMNS, Columns, MODELS, Models, Table, Tally, Variant, apply};

use super::chart::stacks;
use super::format::day;
use super::parts::{Html, Tag};
use super::scene::Scene;
use super::standing::words;
use super::{Request, page};

pub(crate) use articles::{filled, text_of};
pub(crate) use rules::amount;

/// Whom a regime would cover: charts, and the same numbers as a table.
pub(crate) struct Coverage {
    pub(crate) regime: Html,
    pub(crate) panels: Vec<Panel>,
    pub(crate) heads: Vec<Html>,
    pub(crate) years: Vec<(String, Vec<String>)>,
    pub(crate) countries: Vec<(Html, Vec<String>)>,
    pub(crate) assumptions: Vec<String>,
    pub(crate) source: String,
    pub(crate) licence: String,
    pub(crate) as_of: String,
    pub(crate) undated: usize,
}

pub(crate) struct Panel {
    pub(crate) title: Html,
    pub(crate) chart: Html,
}

/// Most years of a chart, the latest.
const MAX_YEARS: usize = 5;
/// Most countries of the table, those with most models.
const MAX_COUNTRIES: usize = 8;
/// Most tables that are kept.
const MAX_KEPT: usize = 64;

pub(crate) async fn list(Path(language): Path<String>, request: Request) -> Response {
    page(&language, request, |scene| Ok(list::make(scene))).await
}

pub(crate) async fn show(Path((language, regime)): Path<(String, String)>, request: Request) -> Response {
    page(&language, request, move |scene| show::make(scene, &regime)).await
}

/// Returns the day of a law's own time zone on which a page is looked at.
pub(crate) fn today(scene: &Scene, regime: &Regime) -> jiff::civil::Date {
    regime.time_zone().to_datetime(scene.now.instant()).date()
}

/// Shows whether a regime is law.
pub(crate) fn status(scene: &Scene, status: RegimeStatus) -> Tag {
    match status {
        RegimeStatus::Draft => Tag::signed("later", scene.say.text("law-draft")),
        RegimeStatus::InForce => Tag::signed("good", scene.say.text("law-in-force")),
        RegimeStatus::Voluntary => Tag::signed("open", scene.say.text("law-voluntary")),
    }
}

/// Shows whether a regime is law, and whether it has force on a day.
pub(crate) fn force(scene: &Scene, regime: &Regime, on: jiff::civil::Date) -> Tag {
    let say = scene.say;
    let force = regime.force_on(on);
    if regime.status() == RegimeStatus::Draft || force == Force::InForce {
        return status(scene, regime.status());
    }
    match force {
        Force::NotYet => {
            let next = regime.versions().iter().map(|version| version.from).find(|from| on < *from);
            let next = next.map(|from| day(say.0, from)).unwrap_or_default();
            Tag::signed("later", say.text("force-not-yet").with("from", next))
        }
        Force::Suspended => Tag::signed("unknown", say.text("force-suspended")),
        Force::Preempted => Tag::signed("unknown", say.text("force-preempted")),
        Force::Ended | Force::InForce => Tag::signed("later", say.text("force-ended")),
    }
}

/// Shows whether a layer beside the law binds.
fn instrument_status(scene: &Scene, of: RegimeStatus) -> Tag {
    match of {
        RegimeStatus::Voluntary => Tag::signed("open", scene.say.text("instrument-voluntary")),
        RegimeStatus::InForce => Tag::signed("good", scene.say.text("instrument-in-force")),
        RegimeStatus::Draft => Tag::signed("later", scene.say.text("instrument-draft")),
    }
}

/// Shows how sure a text is.
pub(crate) fn certainty(scene: &Scene, certainty: law::Certainty) -> Tag {
    match certainty {
        law::Certainty::Verified => Tag::signed("good", scene.say.text("certainty-verified")),
        law::Certainty::Secondary => Tag::signed("unknown", scene.say.text("certainty-secondary")),
        law::Certainty::Memory => Tag::signed("unknown", scene.say.text("certainty-memory")),
    }
}

/// What a law makes of the shipped data set: whom it covers, and who belongs to its last class.
struct Covered {
    table: Table,
    last_class: Option<Table>,
}

static KEPT: LazyLock<Mutex<BTreeMap<String, Arc<Covered>>>> = LazyLock::new(Mutex::default);
static READING: LazyLock<Option<Columns>> = LazyLock::new(|| Columns::read(COLUMNS).ok());

/// Assesses the shipped data set, once for each regime, setting and day.
fn covered(
    folder: Digest,
    regime: &Regime,
    settings: &SwitchSettings,
    as_of: jiff::civil::Date,
) -> Option<Arc<Covered>> {
    let columns = READING.as_ref()?;
    let key = format!("{folder} {as_of} {:?}", settings.texts());
    if let Some(covered) = KEPT.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
        return Some(Arc::clone(covered));
    }
    let covered = match Models::read(MODELS, columns, regime) {
        Ok(models) => {
            let applied = apply(Variant { regime, settings, as_of }, &models);
            Arc::new(Covered { table: applied.coverage(), last_class: applied.last_class() })
        }
        Err(error) => {
            tracing::warn!(%error, regime = regime.id(), "the data set could not be assessed");
            return None;
        }
    };
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    if kept.len() >= MAX_KEPT {
        kept.clear();
    }
    kept.insert(key, Arc::clone(&covered));
    Some(covered)
}

/// Compares the thresholds of the first adopted regime that leaves its threshold open.
pub(crate) fn comparison(scene: &Scene) -> Option<Coverage> {
    let columns = READING.as_ref()?;
    let register = scene.register();
    let (id, adopted) = register
        .regimes()
        .filter(|(id, _)| columns.regime.contains_key(*id))
        .max_by_key(|(id, _)| columns.regime[*id].values.len())?;
    let regime = scene.view.library.regime(&adopted.folder)?;
    let as_of = regime.time_zone().to_datetime(scene.now.instant()).date();
    let tables = at_values(scene, columns, id, &regime, adopted.folder, as_of)?;
    Some(draw(scene, columns, id, &regime, &tables))
}

/// A table and what is set for it.
type Titled = (Html, Table);

fn at_values(
    scene: &Scene,
    columns: &Columns,
    id: &str,
    regime: &Regime,
    folder: Digest,
    as_of: jiff::civil::Date,
) -> Option<Vec<Titled>> {
    let say = scene.say;
    let reading = columns.regime.get(id)?;
    let base = match &reading.preset {
        Some(preset) => SwitchSettings::preset(regime, preset).ok()?,
        None => SwitchSettings::default(),
    };
    let Some(switch) = &reading.switch else {
        let covered = covered(folder, regime, &base, as_of)?;
        let last = regime.classes().iter().rev().find(|class| !class.auxiliary);
        let mut tables = vec![(say.html("panel-covered").html(), covered.table.clone())];
        if let (Some(last), Some(table)) = (last, &covered.last_class) {
            tables.push((Html::text(words(scene, &last.text)), table.clone()));
        }
        return Some(tables);
    };
    let mut tables = Vec::new();
    for text in &reading.values {
        let mut settings = base.clone();
        settings.set(regime, switch, text).ok()?;
        let shown = say.html("panel-threshold").part("value", super::format::figure(say, text)).html();
        tables.push((shown, covered(folder, regime, &settings, as_of)?.table.clone()));
    }
    Some(tables)
}

/// Draws whom a regime covers: as set here, and at the values that the data set's columns name.
fn coverage_of(
    scene: &Scene,
    id: &str,
    regime: &Regime,
    folder: Digest,
    switches: &BTreeMap<String, String>,
) -> Option<Coverage> {
    let columns = READING.as_ref()?;
    let reading = columns.regime.get(id)?;
    let as_of = regime.time_zone().to_datetime(scene.now.instant()).date();
    let mut tables = at_values(scene, columns, id, regime, folder, as_of)?;
    if reading.switch.is_some() {
        let here =
            SwitchSettings::new(regime, switches.iter().map(|(id, text)| (id.as_str(), text.as_str())))
                .ok()?;
        tables.truncate(2);
        let here = covered(folder, regime, &here, as_of)?.table.clone();
        tables.insert(0, (scene.say.html("panel-here").html(), here));
    }
    Some(draw(scene, columns, id, regime, &tables))
}

fn draw(scene: &Scene, columns: &Columns, id: &str, regime: &Regime, tables: &[Titled]) -> Coverage {
    let say = scene.say;
    let by_year: Vec<BTreeMap<i16, Tally>> = tables.iter().map(|(_, table)| table.by_year()).collect();
    let mut years: Vec<i16> = by_year.iter().flat_map(BTreeMap::keys).copied().collect();
    years.sort_unstable();
    years.dedup();
    let years: Vec<i16> = years.into_iter().rev().take(MAX_YEARS).rev().collect();
    let of = |counts: &BTreeMap<i16, Tally>, year: &i16| counts.get(year).copied().unwrap_or_default();
    let most = by_year
        .iter()
        .flat_map(|counts| years.iter().map(|year| of(counts, year).total()))
        .max()
        .unwrap_or_default();
    let panels = tables.iter().zip(&by_year).enumerate().map(|(at, ((title, _), counts))| {
        let drawn: Vec<(i16, Tally)> = years.iter().map(|year| (*year, of(counts, year))).collect();
        let label = say.text("chart-title").count("number", at + 1).to_string();
        Panel { title: title.clone(), chart: stacks(&format!("chart-{id}-{at}"), &label, &drawn, most) }
    });
    let three = |tally: Tally| format!("{} / {} / {}", tally.covered, tally.undetermined, tally.not_covered);
    let rows = years.iter().map(|year| {
        let cells = by_year.iter().map(|counts| three(of(counts, year))).collect();
        (say.text("year").with("year", year).to_string(), cells)
    });
    let by_country: Vec<BTreeMap<&str, Tally>> = tables.iter().map(|(_, table)| table.by_country()).collect();
    let mut countries: Vec<(&str, usize)> =
        by_country.first().into_iter().flatten().map(|(country, tally)| (*country, tally.total())).collect();
    countries.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    // The country of the regime stands there, however few its models.
    let own = countries.iter().position(|(country, _)| {
        columns.countries.get(*country).is_some_and(|(_, en)| en == "Japan") && regime.jurisdiction() == "JP"
    });
    if let Some(at) = own.filter(|at| *at >= MAX_COUNTRIES) {
        let own = countries.remove(at);
        countries.insert(MAX_COUNTRIES - 1, own);
    }
    let lines = countries.into_iter().take(MAX_COUNTRIES).map(|(country, _)| {
        let name = match columns.countries.get(country) {
            Some((ja, en)) => Html::text(if say.is_ja() { ja } else { en }),
            None => Html::text(country),
        };
        let cells =
            by_country.iter().map(|counts| three(counts.get(country).copied().unwrap_or_default())).collect();
        (name, cells)
    });
    let reading = columns.regime.get(id);
    let assumptions = columns.assumptions(regime).into_iter();
    let mut assumptions: Vec<String> =
        assumptions.map(|text| if say.is_ja() { text.ja.clone() } else { text.en.clone() }).collect();
    if let Some(preset) = reading.and_then(|reading| reading.preset.as_ref())
        && let Some(preset) = regime.presets().iter().find(|known| known.id == *preset)
    {
        assumptions.push(say.text("assume-preset").with("name", words(scene, &preset.label)).to_string());
    }
    Coverage {
        regime: Html::link(&scene.href(&format!("laws/{id}")), Html::text(words(scene, regime.title()))),
        heads: tables.iter().map(|(title, _)| title.clone()).collect(),
        undated: tables.first().map_or(0, |(_, table)| {
            table.rows().filter(|(model, _)| model.year.is_none_or(|year| !years.contains(&year))).count()
        }),
        panels: panels.collect(),
        years: rows.collect(),
        countries: lines.collect(),
        assumptions,
        source: if say.is_ja() { columns.data.source.ja.clone() } else { columns.data.source.en.clone() },
        licence: columns.data.licence.clone(),
        as_of: day(say.0, columns.data.as_of),
    }
}
