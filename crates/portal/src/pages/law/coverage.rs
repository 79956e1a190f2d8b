//! Whom a law would cover, among the models of the shipped data set: charts, and the same numbers as a
//! table.

use std::collections::BTreeMap;

use jiff::civil::Date;
use law::simulate::{Columns, Table, Tally, Variant, apply};
use law::{Regime, SwitchSettings};

use crate::at_hand::{self, Law};
use crate::lab::dataset::{columns, models};
use crate::lab::simulation::Base;

use super::super::chart::stacks;
use super::super::format::{day, figure};
use super::super::parts::Html;
use super::super::scene::Scene;
use super::super::standing::words;
use super::today;

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

/// A table and what is set for it.
type Titled = (Html, Table);

/// Compares the thresholds of the adopted law that leaves its threshold open.
pub(crate) fn comparison(scene: &Scene) -> Option<Coverage> {
    let columns = columns()?;
    let laws = at_hand::laws(&scene.view);
    let read = |law: &&Law| law.adopted.is_some() && columns.regime.contains_key(law.regime.id());
    let law = laws.values().filter(read).max_by_key(|law| columns.regime[law.regime.id()].values.len())?;
    let tables = at_values(scene, columns, law, today(scene, &law.regime))?;
    Some(draw(scene, columns, &law.regime, &tables))
}

/// Draws whom a law covers on a day: as set here, and at the values that the data set's columns name.
pub(super) fn coverage_of(scene: &Scene, law: &Law, as_of: Date) -> Option<Coverage> {
    let columns = columns()?;
    let mut tables = at_values(scene, columns, law, as_of)?;
    if law.adopted.is_some() && !law.regime.switches().is_empty() {
        tables.truncate(2);
        let here = tables_of(scene, law, &law.settings().ok()?, as_of)?.swap_remove(0).1;
        tables.insert(0, (scene.say.html("panel-here").html(), here));
    }
    Some(draw(scene, columns, &law.regime, &tables))
}

/// Applies a law: whom it covers, and who belongs to its last class, the most demanding one.
fn tables_of(scene: &Scene, law: &Law, settings: &SwitchSettings, as_of: Date) -> Option<Vec<Titled>> {
    let regime = &law.regime;
    let models = models(law)
        .map_err(|error| tracing::debug!(%error, law = regime.id(), "the data set says nothing of this law"))
        .ok()?;
    let applied = apply(Variant { regime, settings, as_of }, &models);
    let mut tables = vec![(scene.say.html("panel-covered").html(), applied.coverage())];
    let last = regime.classes().iter().rev().find(|class| !class.auxiliary);
    if let (Some(last), Some(table)) = (last, applied.last_class()) {
        tables.push((Html::text(words(scene, &last.text)), table));
    }
    Some(tables)
}

/// Applies a law at each value of the figure that the data set's columns name, or as it stands.
fn at_values(scene: &Scene, columns: &Columns, law: &Law, as_of: Date) -> Option<Vec<Titled>> {
    let say = scene.say;
    let regime = &law.regime;
    let reading = columns.regime.get(regime.id());
    let preset = reading.and_then(|reading| reading.preset.as_deref());
    let base = preset.and_then(|preset| Base::read(law, preset)).unwrap_or(Base::Open).settings(law);
    let Some((reading, switch)) = reading.and_then(|reading| Some((reading, reading.switch.as_ref()?)))
    else {
        return tables_of(scene, law, &base, as_of);
    };
    let mut tables = Vec::new();
    for text in &reading.values {
        let mut settings = base.clone();
        settings.set(regime, switch, text).ok()?;
        let shown = say.html("panel-threshold").part("value", figure(say, text)).html();
        tables.push((shown, tables_of(scene, law, &settings, as_of)?.swap_remove(0).1));
    }
    Some(tables)
}

fn draw(scene: &Scene, columns: &Columns, regime: &Regime, tables: &[Titled]) -> Coverage {
    let (say, id) = (scene.say, regime.id());
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
