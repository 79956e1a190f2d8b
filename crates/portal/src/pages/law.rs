//! The laws: their text beside the rules, their open points, and whom they would cover.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use evidence::{Digest, Predicate};
use law::{Regime, RegimeStatus, SourceLines, SwitchSettings, ValueKind};

use crate::coverage::{COLUMNS, Columns, MODELS, Models, Table, Tally, Variant, apply};

use super::chart::stacks;
use super::format::{day, legal_day};
use super::frame::Frame;
use super::parts::{Html, Tag};
use super::scene::Scene;
use super::standing::{value, words};
use super::text::Say;
use super::why::anchor;
use super::{Failure, Request, page};

#[derive(Template)]
#[template(path = "laws.html")]
struct Laws {
    frame: Frame,
    say: Say,
    lines: Vec<LawLine>,
}

struct LawLine {
    name: Html,
    jurisdiction: String,
    status: Tag,
    open: usize,
    duties: usize,
    entry: Html,
}

#[derive(Template)]
#[template(path = "law.html")]
struct LawPage {
    frame: Frame,
    say: Say,
    name: Html,
    status: Tag,
    is_draft: bool,
    jurisdiction: String,
    source: String,
    certainty: Tag,
    authentic: Html,
    versions: Vec<VersionLine>,
    adopted: Html,
    reasons: Html,
    switches: Vec<SwitchLine>,
    unsettled: usize,
    set: usize,
    articles: Vec<ArticleBlock>,
    coverage: Option<Coverage>,
}

struct VersionLine {
    id: String,
    period: Html,
    source: String,
}

struct SwitchLine {
    id: String,
    question: String,
    options: Html,
    set: Html,
    touched: usize,
}

struct ArticleBlock {
    anchor: String,
    id: String,
    text: String,
    other: Option<(&'static str, String)>,
    certainty: Tag,
    rules: Vec<RuleBlock>,
}

struct RuleBlock {
    name: Html,
    text: String,
    switches: Vec<String>,
}

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
    page(&language, request, |scene| Ok(make_list(scene))).await
}

pub(crate) async fn show(Path((language, regime)): Path<(String, String)>, request: Request) -> Response {
    page(&language, request, move |scene| make(scene, &regime)).await
}

/// Shows whether a regime is law.
pub(crate) fn status(scene: &Scene, status: RegimeStatus) -> Tag {
    match status {
        RegimeStatus::Draft => Tag::signed("later", scene.say.text("law-draft")),
        RegimeStatus::InForce => Tag::signed("good", scene.say.text("law-in-force")),
        RegimeStatus::Voluntary => Tag::signed("open", scene.say.text("law-voluntary")),
    }
}

fn certainty(scene: &Scene, certainty: law::Certainty) -> Tag {
    match certainty {
        law::Certainty::Verified => Tag::signed("good", scene.say.text("certainty-verified")),
        law::Certainty::Secondary => Tag::signed("unknown", scene.say.text("certainty-secondary")),
        law::Certainty::Memory => Tag::signed("unknown", scene.say.text("certainty-memory")),
    }
}

/// Returns the names of the switches that a text of a rule reads.
fn reads<'r>(regime: &'r Regime, text: &str) -> Vec<&'r law::Switch> {
    let reads = |id: &str| text.contains(&format!("switch({id})"));
    regime.switches().iter().filter(|switch| reads(&switch.id)).collect()
}

/// What a condition depends on, directly or through the classes that it names.
#[derive(Default)]
struct Reached<'r> {
    switches: BTreeSet<&'r str>,
    classes: BTreeSet<&'r str>,
}

impl<'r> Reached<'r> {
    fn follow(&mut self, regime: &'r Regime, text: &str) {
        self.switches.extend(reads(regime, text).iter().map(|switch| switch.id.as_str()));
        let named = |class: &&law::Class| text.contains(&format!("class({})", class.id));
        for class in regime.classes().iter().filter(named) {
            if self.classes.insert(class.id.as_str()) {
                self.follow(regime, class.condition.source());
            }
        }
    }
}

fn make_list(scene: &Scene) -> Laws {
    let (say, register) = (scene.say, scene.register());
    let mut entries = BTreeSet::new();
    let mut lines = Vec::new();
    for (id, adopted) in register.regimes() {
        entries.insert(adopted.since);
        let Some(regime) = scene.view.library.regime(&adopted.folder) else { continue };
        lines.push(LawLine {
            name: Html::link(&scene.href(&format!("laws/{id}")), Html::text(words(scene, regime.title()))),
            jurisdiction: say.word("jurisdiction", regime.jurisdiction()),
            status: status(scene, regime.status()),
            open: regime
                .switches()
                .iter()
                .filter(|switch| !adopted.switches.contains_key(&switch.id))
                .count(),
            duties: regime.duties().len(),
            entry: scene.entry_at(adopted.since),
        });
    }
    let title = say.text("laws-title").to_string();
    let frame = Frame::new(scene, "law", title).rests_on(scene, &entries, "/api/v1/regimes".to_owned());
    Laws { frame, say, lines }
}

fn make(scene: &Scene, id: &str) -> Result<LawPage, Failure> {
    let (say, register) = (scene.say, scene.register());
    let adopted = register.regime(id).ok_or(Failure::Missing)?;
    let regime = scene.view.library.regime(&adopted.folder).ok_or(Failure::Missing)?;
    let adoption = register.recorded(&adopted.adoption);
    let reasons = match adoption.map(|one| one.statement.predicate()) {
        Some(Predicate::RegimeAdoption(adoption)) => say.outside(&adoption.reasons),
        _ => Html::default(),
    };
    let switches = switches(scene, &regime, &adopted.switches);
    let set = regime.switches().iter().filter(|switch| adopted.switches.contains_key(&switch.id)).count();
    let frame = Frame::new(scene, "law", words(scene, regime.title()).to_owned())
        .below(say.html("nav-law").html(), scene.href("laws"))
        .rests_on(scene, &BTreeSet::from([adopted.since]), format!("/api/v1/regimes/{id}"));
    let versions = regime.versions().iter().map(|version| {
        let from = legal_day(say.0, version.from);
        VersionLine {
            id: version.id.clone(),
            period: match version.to {
                Some(to) => {
                    say.html("period-both").part("from", from).part("until", legal_day(say.0, to)).html()
                }
                None => say.html("period-from").part("from", from).html(),
            },
            source: version.source.clone(),
        }
    });
    Ok(LawPage {
        frame,
        say,
        name: Html::text(words(scene, regime.title())),
        status: status(scene, regime.status()),
        is_draft: regime.status() == RegimeStatus::Draft,
        jurisdiction: say.word("jurisdiction", regime.jurisdiction()),
        source: regime.source().to_owned(),
        certainty: certainty(scene, regime.certainty()),
        authentic: Html::text(say.word("language", regime.authentic_language())),
        versions: versions.collect(),
        adopted: scene.entry_at(adopted.since),
        reasons,
        unsettled: regime.switches().len() - set,
        set,
        switches,
        articles: articles(scene, &regime),
        coverage: coverage_of(scene, id, &regime, adopted.folder, &adopted.switches),
    })
}

fn switches(scene: &Scene, regime: &Regime, set: &BTreeMap<String, String>) -> Vec<SwitchLine> {
    let say = scene.say;
    let rules: Vec<Reached<'_>> = regime
        .duties()
        .iter()
        .map(|duty| {
            let mut reached = Reached::default();
            let text = format!("{} {}", duty.owed_when.source(), duty.due.as_deref().unwrap_or_default());
            reached.follow(regime, &text);
            reached
        })
        .collect();
    regime
        .switches()
        .iter()
        .map(|switch| {
            let touched =
                rules.iter().filter(|reached| reached.switches.contains(switch.id.as_str())).count();
            let options = match &switch.kind {
                ValueKind::Choice { values } | ValueKind::Choices { values } => {
                    let labels = values.iter().map(|choice| Html::text(words(scene, &choice.label)));
                    Html::join(labels, if say.is_ja() { "／" } else { " / " })
                }
                ValueKind::Boolean => say.html("options-boolean").html(),
                ValueKind::Number { unit: Some(unit) } => {
                    say.html("options-number").with("unit", say.word("unit", unit)).html()
                }
                ValueKind::Number { unit: None } => say.html("options-rate").html(),
                ValueKind::Period => say.html("options-period").html(),
                ValueKind::Date => say.html("options-date").html(),
                ValueKind::Text => say.html("options-text").html(),
            };
            SwitchLine {
                id: switch.id.clone(),
                question: words(scene, &switch.question).to_owned(),
                options,
                set: match set.get(&switch.id) {
                    Some(text) => {
                        let trial = Tag::signed("later", say.text("trial-value"));
                        Html(format!("{} {trial}", value(scene, &switch.kind, text)))
                    }
                    None => Tag::signed("unknown", say.text("law-not-settled")).into(),
                },
                touched,
            }
        })
        .collect()
}

/// Puts each rule beside the article that it stands for.
fn articles(scene: &Scene, regime: &Regime) -> Vec<ArticleBlock> {
    let say = scene.say;
    let mut rules: BTreeMap<&str, Vec<RuleBlock>> = BTreeMap::new();
    {
        let mut add = |article: &'_ str, name: Html, lines: &SourceLines| {
            let text = regime.rule_text(lines);
            let switches =
                reads(regime, &text).iter().map(|switch| words(scene, &switch.question).to_owned()).collect();
            let known =
                regime.articles().iter().find(|known| known.id == article).map(|known| known.id.as_str());
            if let Some(article) = known {
                rules.entry(article).or_default().push(RuleBlock { name, text, switches });
            }
        };
        let coverage = regime.coverage();
        add(&coverage.article, say.html("rule-coverage").html(), &coverage.lines);
        for class in regime.classes() {
            add(
                &class.article,
                say.html("rule-class").with("name", words(scene, &class.text)).html(),
                &class.lines,
            );
        }
        for duty in regime.duties() {
            add(
                &duty.article,
                say.html("rule-duty").with("name", words(scene, &duty.text)).html(),
                &duty.lines,
            );
        }
        for power in regime.powers() {
            add(
                &power.article,
                say.html("rule-power").with("name", words(scene, &power.text)).html(),
                &power.lines,
            );
        }
        for penalty in regime.penalties() {
            add(
                &penalty.article,
                say.html("rule-penalty").with("name", words(scene, &penalty.text)).html(),
                &penalty.lines,
            );
        }
    }
    regime
        .articles()
        .iter()
        .map(|article| ArticleBlock {
            anchor: anchor(&article.id),
            id: article.id.clone(),
            text: words(scene, &article.text).to_owned(),
            // The authentic language stands beside a translation.
            other: match (say.is_ja(), regime.authentic_language()) {
                (false, "ja") => Some(("ja", article.text.ja.clone())),
                (true, "en") => Some(("en", article.text.en.clone())),
                _ => None,
            },
            certainty: certainty(scene, article.certainty),
            rules: rules.remove(article.id.as_str()).unwrap_or_default(),
        })
        .collect()
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
