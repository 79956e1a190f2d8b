//! One law: as it stands on a day, beside what is computed from it.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use askama::Template;
use evidence::{Digest, Predicate};
use jiff::civil::Date;
use law::{Regime, RegimeStatus, VersionState};

use crate::at_hand::{self, Law};

use super::super::Failure;
use super::super::format::{day, legal_day};
use super::super::frame::{Frame, encode};
use super::super::parts::{Html, Tag, hash};
use super::super::scene::Scene;
use super::super::text::Say;
use super::articles::{Changed, Layer, changes, layers, text_of};
use super::coverage::{Coverage, coverage_of};
use super::figures::{FigureLine, PresetBlock, SwitchLine, figures, presets, switches, to_article};
use super::rules::{Group, RuleLine, duties, penalties, powers};
use super::{certainty, force, readme, today};

#[derive(Template)]
#[template(path = "law.html")]
pub(super) struct LawPage {
    frame: Frame,
    say: Say,
    name: Html,
    id: String,
    status: Tag,
    /// The day on which the law is applied to the data, where that is not the day shown.
    applied: Option<Html>,
    is_draft: bool,
    /// The day shown, as written in addresses.
    as_of: String,
    shown_day: Html,
    is_today: bool,
    /// What was asked for as a day and is none.
    wrong_day: Option<String>,
    days: Vec<(String, Html)>,
    changed: Vec<Changed>,
    jurisdiction: String,
    source: Html,
    certainty: Tag,
    authentic: Html,
    versions: Vec<VersionLine>,
    adopted: Option<(Html, Html)>,
    folder: Html,
    covers: Html,
    covers_article: Html,
    figures: Vec<FigureLine>,
    switches: Vec<SwitchLine>,
    presets: Vec<PresetBlock>,
    unsettled: usize,
    set: usize,
    duties: Vec<Group>,
    duty_count: usize,
    powers: Vec<RuleLine>,
    penalties: Vec<RuleLine>,
    layers: Vec<Layer>,
    coverage: Option<Coverage>,
    readme: Html,
    tests: Vec<TestLine>,
    failing: usize,
}

struct VersionLine {
    id: String,
    period: Html,
    state: Option<Tag>,
    source: Html,
    certainty: Tag,
}

/// A law test.
struct TestLine {
    name: Html,
    basis: Html,
    day: Html,
    holds: Tag,
}

/// Most law tests that a page lists.
const MAX_TESTS: usize = 300;
/// Most laws of which the results are kept.
const MAX_KEPT: usize = 32;

fn versions(scene: &Scene, regime: &Regime) -> Vec<VersionLine> {
    let say = scene.say;
    let lines = regime.versions().iter().map(|version| {
        let from = legal_day(say.0, version.from);
        VersionLine {
            id: version.id.clone(),
            period: match version.to {
                Some(to) => {
                    say.html("period-both").part("from", from).part("until", legal_day(say.0, to)).html()
                }
                None => say.html("period-from").part("from", from).html(),
            },
            state: match version.state {
                VersionState::InForce => None,
                VersionState::Suspended => Some(Tag::signed("unknown", say.text("force-suspended"))),
                VersionState::Preempted => Some(Tag::signed("unknown", say.text("force-preempted"))),
            },
            source: say.told(&version.source),
            certainty: certainty(scene, version.certainty),
        }
    });
    lines.collect()
}

/// Returns the days on which the law begins to say something else.
fn turning_days(regime: &Regime, today: Date) -> Vec<Date> {
    let after = |to: Date| to.tomorrow().ok();
    let versions = regime.versions().iter();
    let texts = regime.articles().iter().flat_map(|article| &article.earlier);
    let figures = regime.parameters().iter().flat_map(|parameter| parameter.values.iter().skip(1));
    let mut days: Vec<Date> = versions
        .clone()
        .map(|version| version.from)
        .chain(versions.filter_map(|version| after(version.to?)))
        .chain(texts.filter_map(|text| after(text.to)))
        .chain(figures.map(|dated| dated.from))
        .chain([today])
        .collect();
    days.sort_unstable();
    days.dedup();
    days
}

/// Which law tests of a regime come out as expected, by the digest of its files.
static TESTED: LazyLock<Mutex<BTreeMap<Digest, Arc<[bool]>>>> = LazyLock::new(Mutex::default);

/// Runs the law tests, once for each text of a law.
fn tested(law: &Law) -> Arc<[bool]> {
    if let Some(known) = TESTED.lock().unwrap_or_else(PoisonError::into_inner).get(&law.folder) {
        return Arc::clone(known);
    }
    let results = law.regime.run_tests();
    let holds: Arc<[bool]> = results.iter().map(|result| result.failures.is_empty()).collect();
    let mut kept = TESTED.lock().unwrap_or_else(PoisonError::into_inner);
    if kept.len() >= MAX_KEPT {
        kept.clear();
    }
    kept.insert(law.folder, Arc::clone(&holds));
    holds
}

fn tests(scene: &Scene, law: &Law) -> (Vec<TestLine>, usize) {
    let (say, regime) = (scene.say, &law.regime);
    let separator = if say.is_ja() { "、" } else { ", " };
    let results = tested(law);
    let failing = results.iter().filter(|holds| !**holds).count();
    let lines = regime.tests().iter().zip(results.iter()).take(MAX_TESTS).map(|(test, holds)| TestLine {
        name: say.told(&test.name),
        basis: Html::join(test.basis.iter().map(|article| to_article(scene, regime, article)), separator),
        day: legal_day(say.0, test.as_of),
        holds: if *holds {
            Tag::computed("good", say.text("test-holds"))
        } else {
            Tag::computed("bad", say.text("test-fails"))
        },
    });
    (lines.collect(), failing)
}

pub(super) fn make(scene: &Scene, id: &str) -> Result<LawPage, Failure> {
    let say = scene.say;
    let law = at_hand::law(&scene.view, id).ok_or(Failure::Missing)?;
    let regime = &law.regime;
    let today = today(scene, regime);
    let asked = scene.query.as_of.as_deref().map(str::trim).filter(|asked| !asked.is_empty());
    let (shown, wrong_day) = match asked.map(|asked| (asked, asked.parse::<Date>())) {
        Some((_, Ok(day))) => (day, None),
        Some((asked, Err(_))) => (today, Some(asked.chars().take(40).collect())),
        None => (today, None),
    };
    let none = BTreeMap::new();
    let set = law.adopted.as_ref().map_or(&none, |adopted| &adopted.switches);
    let here = format!("laws/{id}");
    let twin = match asked {
        Some(_) => format!("/api/v1/regimes/{id}?as_of={shown}"),
        None => format!("/api/v1/regimes/{id}"),
    };
    let mut frame = Frame::new(scene, "law", scene.title(regime).to_owned())
        .below(say.html("nav-law").html(), scene.href("laws"));
    if let Some(asked) = asked {
        frame = frame.elsewhere(&format!("{here}?as_of={}", encode(asked)));
    }
    let frame = frame.rests_on_laws(scene, [&law], twin);
    let adopted = law.adopted.as_ref().map(|adopted| {
        let adoption = scene.register().recorded(&adopted.adoption);
        let reasons = match adoption.map(|one| one.statement.predicate()) {
            Some(Predicate::RegimeAdoption(adoption)) => say.outside(&adoption.reasons),
            _ => Html::default(),
        };
        (scene.entry_at(adopted.since), reasons)
    });
    let settled = regime.switches().iter().filter(|switch| set.contains_key(&switch.id)).count();
    let coverage = regime.coverage();
    let (tests, failing) = tests(scene, &law);
    let days = turning_days(regime, today).into_iter().map(|one| {
        let label = if one == today {
            say.html("as-of-today").with("day", day(say.0, one)).html()
        } else {
            Html::text(day(say.0, one))
        };
        (one.to_string(), label)
    });
    let applied = law.day(shown);
    Ok(LawPage {
        frame,
        say,
        name: Html::text(scene.title(regime)),
        id: id.to_owned(),
        is_draft: regime.status() == RegimeStatus::Draft,
        status: force(scene, regime, shown),
        as_of: shown.to_string(),
        shown_day: legal_day(say.0, shown),
        is_today: shown == today,
        wrong_day,
        days: days.collect(),
        changed: if shown == today { Vec::new() } else { changes(scene, regime, shown, today) },
        jurisdiction: say.word("jurisdiction", regime.jurisdiction()),
        source: say.told(regime.source()),
        certainty: certainty(scene, regime.certainty()),
        authentic: Html::text(say.word("language", regime.authentic_language())),
        versions: versions(scene, regime),
        adopted,
        folder: hash(&law.folder),
        covers: match regime.article(&coverage.article) {
            Some(article) => text_of(scene, regime, article, shown),
            None => Html::default(),
        },
        covers_article: to_article(scene, regime, &coverage.article),
        figures: figures(scene, regime, shown),
        unsettled: regime.switches().len() - settled,
        set: settled,
        switches: switches(scene, regime, set),
        presets: presets(scene, regime),
        duties: duties(scene, regime, set, shown),
        duty_count: regime.duties().len(),
        powers: powers(scene, regime, shown),
        penalties: penalties(scene, regime, shown),
        layers: layers(scene, regime, set, shown),
        coverage: coverage_of(scene, &law, applied),
        applied: (applied != shown).then(|| legal_day(say.0, applied)),
        readme: regime.readme().map(|text| readme::render(text, say.is_ja())).unwrap_or_default(),
        tests,
        failing,
    })
}
