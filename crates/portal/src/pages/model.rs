//! A model: what is stated of it, how it was verified, what the law asks, what was decided.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use evidence::predicate::{FactValue, SafetyVerification, VerificationScope};
use evidence::{Digest, Predicate};
use law::Party;
use register::state::Recorded;

use super::boards::{self, Board};
use super::chart::{Span, spans};
use super::format::{bytes, figure, japanese_day, legal_day, percent, short_day};
use super::frame::Frame;
use super::parts::{Html, Tag, hash};
use super::scene::{Scene, leg_class};
use super::standing::{Row, because, fact_label, rows, value, words};
use super::text::Say;
use super::timeline::{Moment, coverage, moment};
use super::why::{Why, why};
use super::{Failure, Request, page};

/// Most lines of the timeline.
const MAX_STATEMENTS: usize = 60;

#[derive(Template)]
#[template(path = "model.html")]
pub(crate) struct ModelPage {
    pub(crate) frame: Frame,
    say: Say,
    name: Html,
    description: Html,
    developer: Html,
    tags: Vec<Tag>,
    facts: Vec<FactLine>,
    versions: Vec<VersionBlock>,
    suites: Vec<SuiteBlock>,
    boards: Vec<BoardBlock>,
    moments: Vec<Moment>,
    /// Nothing: the timeline of a whole thing has no next day.
    coming: Option<Html>,
    more: usize,
}

struct FactLine {
    label: Html,
    value: Html,
    known: Html,
    source: Html,
}

struct VersionBlock {
    name: Html,
    released: Html,
    licence: Option<String>,
    origin: Html,
    weights: Vec<WeightsLine>,
    certificates: Vec<(Html, Tag, Html)>,
}

struct WeightsLine {
    artefact: Html,
    note: Html,
}

/// The verifications of the model with one suite.
struct SuiteBlock {
    id: String,
    external: Vec<Html>,
    internal: Vec<Html>,
    charts: Vec<(String, Html)>,
    runs: Vec<RunLine>,
}

struct RunLine {
    what: String,
    scope: Tag,
    who: Html,
    result: String,
    unscored: u64,
    errors: u64,
    entry: Html,
    comparison: Html,
}

/// What one regime asks.
struct BoardBlock {
    regime: Html,
    status: Tag,
    coverage: Tag,
    because: Html,
    why: Why,
    idle: bool,
    /// Whether the board stands open: the law covers the model.
    covered: bool,
    groups: Vec<(&'static str, Html, Vec<Row>)>,
}

pub(crate) async fn show(
    Path((language, organisation, model)): Path<(String, String, String)>,
    request: Request,
) -> Response {
    page(&language, request, move |scene| make(scene, &format!("{organisation}/{model}"))).await
}

/// Finds a model by its path of slugs.
pub(crate) fn find<'s>(scene: &'s Scene, path: &str) -> Result<(&'s Arc<Recorded>, Digest), Failure> {
    let register = scene.register();
    let id = register.find(path).ok_or(Failure::Missing)?;
    let thing = register.models().find(|model| model.id == id).ok_or(Failure::Missing)?;
    Ok((register.recorded(&id).ok_or(Failure::Missing)?, thing.parent))
}

/// Makes the page, for whoever looks.
pub(crate) fn make(scene: &Scene, path: &str) -> Result<ModelPage, Failure> {
    let (say, register) = (scene.say, scene.register());
    let (recorded, developer) = find(scene, path)?;
    let id = recorded.statement.digest();
    let Predicate::Model(model) = recorded.statement.predicate() else { return Err(Failure::Missing) };
    let dossier = register.dossier(&id);
    let all = boards::of(scene, &id);
    let own: Vec<&Board> = all.iter().map(|board| &**board).collect();

    let mut tags = Vec::new();
    if boards::designation(scene, &dossier).is_some() {
        tags.push(Tag::signed("decided", say.text("designated")));
    }
    let departures = dossier.iter().filter(|one| one.superseded_by.is_none()).filter(|one| {
        super::timeline::tags(scene, one.statement.predicate())
            .contains(&Tag::signed("departs", say.text("advice-departs")))
    });
    let departures = departures.count();
    if departures > 0 {
        tags.push(Tag::signed("departs", say.text("model-departures").count("count", departures)));
    }

    let shown = |one: &&&Arc<Recorded>| one.statement.predicate().name() != "approval";
    let moments: Vec<Moment> =
        dossier.iter().rev().filter(shown).take(MAX_STATEMENTS).map(|one| moment(scene, one)).collect();
    let entries = dossier.iter().map(|one| one.index).collect();
    let frame = Frame::new(scene, "register", scene.plain_name(&id))
        .below(say.html("nav-register").html(), scene.href("register"))
        .below(scene.name(&developer), scene.page_of(&developer))
        .called(scene.name(&id))
        .rests_on(scene, &entries, format!("/api/v1/models/{}", path.replace('/', "~")))
        .fed(crate::feed::address(scene, &[("model", path.to_owned())]));
    Ok(ModelPage {
        frame,
        say,
        name: scene.name(&id),
        description: say.outside(&model.description),
        developer: scene.link(&developer),
        tags,
        facts: facts(scene, &dossier, &own),
        versions: versions(scene, &id),
        suites: suites(scene, &dossier),
        boards: own.iter().map(|board| block(scene, board)).collect(),
        coming: None,
        more: dossier.iter().filter(shown).count().saturating_sub(MAX_STATEMENTS),
        moments,
    })
}

/// Lists the facts as stated, and those that a regime misses.
fn facts(scene: &Scene, dossier: &[&Arc<Recorded>], boards: &[&Board]) -> Vec<FactLine> {
    let say = scene.say;
    let schema = |name: &str| {
        boards.iter().find_map(|board| {
            board.advice.regime.facts().iter().find(|fact| fact.name == name).map(|fact| (board, fact))
        })
    };
    let mut lines = Vec::new();
    let mut stated = BTreeSet::new();
    for recorded in dossier.iter().filter(|recorded| recorded.superseded_by.is_none()) {
        let Predicate::ModelFacts(facts) = recorded.statement.predicate() else { continue };
        for (name, fact) in &facts.facts {
            stated.insert(name.clone());
            let label = match schema(name) {
                Some((board, _)) => fact_label(scene, &board.advice.regime, name),
                None => Html(format!("<code>{}</code>", super::parts::escape(name))),
            };
            let known = schema(name).map(|(_, fact)| &fact.kind);
            let mut source: Vec<Html> = fact.method.iter().map(|method| say.outside(method)).collect();
            for cited in &fact.sources {
                let stated = cited.statement.and_then(|digest| scene.register().recorded(&digest));
                let place = match (stated, &cited.url) {
                    (Some(other), _) => format!(" ({})", scene.entry(other)),
                    (None, Some(url)) => format!(" <span class=\"quiet\">{}</span>", Html::text(url)),
                    (None, None) => String::new(),
                };
                source.push(Html(format!("<bdi>{}</bdi>{place}", Html::text(&cited.title))));
            }
            source.push(scene.entry(recorded));
            lines.push(FactLine {
                label,
                value: stated_value(scene, &fact.value, known),
                known: short_day(japanese_day(fact.known_at)),
                source: Html::join(source, "<br>"),
            });
        }
    }
    let mut missing: BTreeSet<&str> = BTreeSet::new();
    for board in boards {
        let assessment = &board.advice.assessment;
        let of_duties = assessment.duties.iter().flat_map(|duty| &duty.because.missing);
        missing.extend(assessment.missing.iter().chain(of_duties).map(|name| &**name));
    }
    for name in missing.into_iter().filter(|name| !stated.contains(*name)) {
        let Some((board, _)) = schema(name) else { continue };
        lines.push(FactLine {
            label: fact_label(scene, &board.advice.regime, name),
            value: Tag::signed("unknown", say.text("not-known")).into(),
            known: Html::text("–"),
            source: say.html("fact-nobody").html(),
        });
    }
    lines
}

fn stated_value(scene: &Scene, stated: &FactValue, known: Option<&law::ValueKind>) -> Html {
    let say = scene.say;
    match stated {
        FactValue::Number(text) => figure(say, text),
        FactValue::Interval { low, high } => {
            let (low, high) = match (low.rsplit_once(' '), high.rsplit_once(' ')) {
                (Some((low, one)), Some((_, other))) if one == other => (low, high.as_str()),
                _ => (low.as_str(), high.as_str()),
            };
            figure(say, &format!("{low} to {high}"))
        }
        FactValue::Boolean(truth) => Html::text(say.word("value", if *truth { "true" } else { "false" })),
        FactValue::Text(text) => match known {
            Some(kind @ (law::ValueKind::Choice { .. } | law::ValueKind::Choices { .. })) => {
                value(scene, kind, text)
            }
            _ => Html(format!("<bdi>{}</bdi>", Html::text(text))),
        },
        FactValue::Date(date) => legal_day(say.0, date.civil()),
        FactValue::Unknown => Tag::signed("unknown", say.text("not-known")).into(),
    }
}

fn versions(scene: &Scene, model: &Digest) -> Vec<VersionBlock> {
    let (say, register) = (scene.say, scene.register());
    let mut blocks = Vec::new();
    for version in register.below(model) {
        let Some(Predicate::ModelVersion(body)) =
            register.recorded(&version.id).map(|one| one.statement.predicate())
        else {
            continue;
        };
        let mut weights = Vec::new();
        let mut certificates = Vec::new();
        for recorded in register.about(&version.id).filter(|one| one.superseded_by.is_none()) {
            match recorded.statement.predicate() {
                Predicate::WeightsManifest(manifest) => weights.push(WeightsLine {
                    artefact: hash(&manifest.artefact),
                    note: say
                        .html("weights-note")
                        .count("files", manifest.files)
                        .with("size", bytes(manifest.bytes))
                        .part("entry", scene.entry(recorded))
                        .html(),
                }),
                Predicate::Certificate(certified) => {
                    let digest = recorded.statement.digest();
                    let scheme = Html::link(&scene.page_of(&digest), say.outside(&certified.scheme));
                    let line = say
                        .html("certificate-line")
                        .part("scheme", scheme)
                        .part("body", scene.issuer(recorded))
                        .part("until", legal_day(say.0, certified.valid_until.civil()))
                        .html();
                    certificates.push((line, super::certificate::tag(scene, &digest), scene.entry(recorded)));
                }
                _ => {}
            }
        }
        let label = Html::text(&version.slug);
        blocks.push(VersionBlock {
            name: Html::link(&scene.href(&format!("statements/{}", version.id)), label),
            released: body.released_on.map(|day| legal_day(say.0, day.civil())).unwrap_or_default(),
            licence: body.licence.clone(),
            origin: body.origin.as_ref().map(|texts| say.outside(texts)).unwrap_or_default(),
            weights,
            certificates,
        });
    }
    blocks
}

/// A chart: what is compared → its results, each drawn as a span.
type Results = BTreeMap<(String, String), Vec<Span>>;

fn suites(scene: &Scene, dossier: &[&Arc<Recorded>]) -> Vec<SuiteBlock> {
    let say = scene.say;
    let mut by_suite: BTreeMap<&str, Vec<(&Arc<Recorded>, &SafetyVerification)>> = BTreeMap::new();
    for recorded in dossier.iter().filter(|recorded| recorded.superseded_by.is_none()) {
        if let Predicate::SafetyVerification(verification) = recorded.statement.predicate() {
            by_suite.entry(verification.suite.id.as_str()).or_default().push((recorded, verification));
        }
    }
    let mut blocks = Vec::new();
    for (id, runs) in by_suite {
        let mut block = SuiteBlock {
            id: id.to_owned(),
            external: Vec::new(),
            internal: Vec::new(),
            charts: Vec::new(),
            runs: Vec::new(),
        };
        let mut results: Results = BTreeMap::new();
        let mut order = Vec::new();
        for (recorded, verification) in runs {
            let external = verification.scope == VerificationScope::External;
            let list = if external { &mut block.external } else { &mut block.internal };
            let who = scene.issuer(recorded);
            if !list.contains(&who) {
                list.push(who.clone());
            }
            let scope = || match verification.scope {
                VerificationScope::Internal => Tag::signed("filed", say.text("scope-internal")),
                VerificationScope::External => Tag::signed("filed", say.text("scope-external")),
            };
            let whole = (say.text("all-samples").to_string(), &verification.counts, &verification.score);
            let groups = verification.groups.iter().map(|group| {
                let name =
                    format!("{}: {}", say.word("group", &group.by), group_name(say, &group.by, &group.group));
                (name, &group.counts, &group.score)
            });
            for (at, (name, counts, rate)) in [whole].into_iter().chain(groups).enumerate() {
                let ends = |end: &Option<String>| end.as_deref().and_then(percent);
                let key = (if at == 0 { String::new() } else { name.clone() }, name.clone());
                let known = (ends(&rate.low), ends(&rate.value), ends(&rate.high));
                if let (Some(low), Some(value), Some(high)) = known {
                    if !order.contains(&key) {
                        order.push(key.clone());
                    }
                    results.entry(key).or_default().push(Span { low, value, high, external });
                }
                block.runs.push(RunLine {
                    what: name,
                    scope: scope(),
                    who: who.clone(),
                    result: match known {
                        (Some(low), Some(_), Some(high)) => {
                            format!("{}/{} ({low}–{high})", counts.correct, counts.scored)
                        }
                        _ => format!("{}/{}", counts.correct, counts.scored),
                    },
                    unscored: counts.unscored,
                    errors: counts.errors,
                    entry: scene.entry(recorded),
                    comparison: match &verification.comparison {
                        Some(compared) if at == 0 => say
                            .html("verification-compared")
                            .with("difference", points(&compared.difference))
                            .count("paired", compared.paired)
                            .with("p", &compared.p_value)
                            .html(),
                        _ => Html::default(),
                    },
                });
            }
        }
        for key in order {
            if let Some(found) = results.get(&key) {
                let label = describe(say, &key.1, found);
                block.charts.push((key.1.clone(), spans(&label, found)));
            }
        }
        blocks.push(block);
    }
    blocks
}

/// The taxonomy of risk areas that suites file their samples under.
#[derive(serde::Deserialize)]
struct Taxonomy {
    risk: Vec<RiskArea>,
}

#[derive(serde::Deserialize)]
struct RiskArea {
    id: String,
    title: crate::coverage::Words,
}

static TAXONOMY: LazyLock<BTreeMap<String, crate::coverage::Words>> = LazyLock::new(|| {
    let text = include_str!("../../../../suites/taxonomy.toml");
    let read = toml::from_str::<Taxonomy>(text).map(|taxonomy| taxonomy.risk).unwrap_or_default();
    read.into_iter().map(|area| (area.id, area.title)).collect()
});

/// Returns the risk areas of the taxonomy: id and name.
pub(crate) fn risk_areas(say: Say) -> Vec<(String, String)> {
    let name = |words: &crate::coverage::Words| if say.is_ja() { words.ja.clone() } else { words.en.clone() };
    TAXONOMY.iter().map(|(id, words)| (id.clone(), name(words))).collect()
}

/// Returns the name of a group of samples: a language, or an area of the shipped taxonomy.
fn group_name(say: Say, by: &str, group: &str) -> String {
    match TAXONOMY.get(group).filter(|_| by == "risk") {
        Some(title) => if say.is_ja() { &title.ja } else { &title.en }.clone(),
        None => say.word(&format!("group-{by}"), group),
    }
}

/// Writes a difference of two rates in percentage points, with its sign.
fn points(difference: &str) -> String {
    match percent(difference) {
        Some(points) if points > 0.0 => format!("+{points}"),
        Some(points) => points.to_string().replace('-', "−"),
        None => difference.to_owned(),
    }
}

/// Says in words what a chart of results draws.
fn describe(say: Say, name: &str, found: &[Span]) -> String {
    let one = |span: &Span| {
        let key = if span.external { "chart-external" } else { "chart-internal" };
        say.text(key).with("value", span.value).with("low", span.low).with("high", span.high).to_string()
    };
    let all: Vec<String> = found.iter().map(one).collect();
    format!("{name}: {}", all.join(if say.is_ja() { "、" } else { "; " }))
}

fn block(scene: &Scene, board: &Board) -> BoardBlock {
    let say = scene.say;
    let assessment = &board.advice.assessment;
    let regime = &board.advice.regime;
    let result = register::board::result_of(assessment).coverage;
    let title = match assessment.coverage {
        law::Coverage::Covered => "why-covered",
        law::Coverage::NotCovered => "why-not-covered",
        law::Coverage::Undetermined => "why-undetermined",
    };
    let mut groups = Vec::new();
    let developers = rows(scene, board, |party| party == Party::Developer);
    if !developers.is_empty() {
        let title = say.html("owed-by-developer").part("name", scene.name(&board.developer)).html();
        groups.push((leg_class(register::policy::Leg::Developer), title, developers));
    }
    let state = rows(scene, board, |party| party == Party::Authority);
    if !state.is_empty() {
        let names = Html::join(
            scene.authorities().iter().map(|id| scene.name(id)),
            if say.is_ja() { "、" } else { ", " },
        );
        groups.push((
            leg_class(register::policy::Leg::State),
            say.html("owed-by-state").part("name", names).html(),
            state,
        ));
    }
    let others = rows(scene, board, |party| !matches!(party, Party::Developer | Party::Authority));
    if !others.is_empty() {
        groups.push((leg_class(register::policy::Leg::Verifier), say.html("owed-by-others").html(), others));
    }
    let title = say.html(title).html();
    BoardBlock {
        regime: Html::link(
            &scene.href(&format!("laws/{}", board.regime)),
            Html::text(words(scene, regime.title())),
        ),
        status: super::law::status(scene, regime.status()),
        coverage: coverage(scene, &result),
        because: because(scene, board, &assessment.coverage_because),
        why: Why { open: false, ..why(scene, board, &assessment.reason, &regime.coverage().article, title) },
        idle: board.is_idle(),
        covered: assessment.coverage == law::Coverage::Covered,
        groups,
    }
}
