//! What a law asks for, allows and threatens: duties with their clocks, powers, procedures, penalties.

use std::collections::BTreeMap;

use jiff::civil::Date;
use law::expression::EventPattern;
use law::{Applies, Duty, Party, Penalty, Procedure, Regime};

use super::super::condition::{amount, condition, which};
use super::super::deadline::Clock;
use super::super::format::legal_day;
use super::super::parts::Html;
use super::super::scene::Scene;
use super::super::standing::{common_duty, words};
use super::figures::to_article;

/// The duties of one party.
pub(super) struct Group {
    pub(super) party: String,
    pub(super) duties: Vec<DutyLine>,
}

pub(super) struct DutyLine {
    pub(super) name: Html,
    pub(super) article: Html,
    pub(super) clock: Html,
    pub(super) common: String,
    pub(super) note: Html,
}

/// A power, or a penalty.
pub(super) struct RuleLine {
    pub(super) name: Html,
    pub(super) article: Html,
    pub(super) when: Html,
    pub(super) more: Html,
}

/// Says between which days a rule applies, where that is not always.
fn applies(scene: &Scene, applies: Applies) -> Html {
    let say = scene.say;
    let shown = |day| legal_day(say.0, day);
    match (applies.from, applies.to) {
        (None, None) => Html::default(),
        (Some(from), None) => say.html("period-from").part("from", shown(from)).html(),
        (None, Some(to)) => say.html("period-until").part("until", shown(to)).html(),
        (Some(from), Some(to)) => {
            say.html("period-both").part("from", shown(from)).part("until", shown(to)).html()
        }
    }
}

pub(super) fn duties(
    scene: &Scene,
    regime: &Regime,
    switches: &BTreeMap<String, String>,
    day: Date,
) -> Vec<Group> {
    let say = scene.say;
    let clock = Clock { scene, regime, switches, day };
    let groups = Party::ALL.iter().map(|party| {
        let duties = regime.duties().iter().filter(|duty| duty.by == *party).map(|duty| DutyLine {
            name: Html::text(words(scene, &duty.text)),
            article: to_article(scene, regime, &duty.article),
            clock: clocks(clock, duty),
            common: join(say.is_ja(), duty.common.iter().map(|id| common_duty(scene, id))),
            note: applies(scene, duty.applies),
        });
        Group { party: say.word("party", party.as_str()), duties: duties.collect() }
    });
    groups.filter(|group| !group.duties.is_empty()).collect()
}

/// Names a procedure and, in brackets, before which acts it comes, if not before all of their kind.
fn procedure_name(scene: &Scene, regime: &Regime, procedure: &Procedure) -> String {
    let name = words(scene, &procedure.text);
    match (
        which(scene, regime, &EventPattern::with(&procedure.act, &procedure.attributes)),
        scene.say.is_ja(),
    ) {
        (None, _) => name.to_owned(),
        (Some(which), true) => format!("{name}（{which}）"),
        (Some(which), false) => format!("{name} ({which})"),
    }
}

/// Says until when a duty is to be done, and how long it lasts.
pub(super) fn clocks(clock: Clock<'_>, duty: &Duty) -> Html {
    let say = clock.scene.say;
    let due = match &duty.due {
        Some(due) => clock.deadline(due),
        None => say.html("due-none").html(),
    };
    match &duty.until {
        Some(until) => {
            let until = say.html("duty-until").part("until", clock.deadline(until)).html();
            Html(format!("{due}<br>{until}"))
        }
        None => due,
    }
}

/// Names what must come before an act.
pub(super) fn procedures(scene: &Scene, regime: &Regime, act: &str) -> Vec<Html> {
    let before = regime.procedures().iter().filter(|procedure| procedure.act == act);
    let before = before.map(|procedure| {
        scene
            .say
            .html("procedure-before")
            .with("procedure", procedure_name(scene, regime, procedure))
            .part("article", to_article(scene, regime, &procedure.article))
            .part("certainty", super::certainty(scene, procedure.certainty))
            .html()
    });
    before.collect()
}

/// Says how high a penalty can be.
pub(super) fn at_most(scene: &Scene, regime: &Regime, day: Date, penalty: &Penalty) -> Html {
    match &penalty.maximum {
        Some(maximum) => amount(scene, regime, day, maximum),
        None => scene.say.html("penalty-no-formula").html(),
    }
}

pub(super) fn powers(scene: &Scene, regime: &Regime, day: Date) -> Vec<RuleLine> {
    let say = scene.say;
    let lines = regime.powers().iter().map(|power| {
        let mut more = procedures(scene, regime, &power.act);
        if more.is_empty() {
            more.push(say.html("procedure-none").html());
        }
        let applies = applies(scene, power.applies);
        if !applies.is_empty() {
            more.push(applies);
        }
        RuleLine {
            name: Html::text(words(scene, &power.text)),
            article: to_article(scene, regime, &power.article),
            when: condition(scene, regime, day, &power.condition),
            more: Html::join(more, "<br>"),
        }
    });
    lines.collect()
}

pub(super) fn penalties(scene: &Scene, regime: &Regime, day: Date) -> Vec<RuleLine> {
    let lines = regime.penalties().iter().map(|penalty| RuleLine {
        name: Html::text(words(scene, &penalty.text)),
        article: to_article(scene, regime, &penalty.article),
        when: condition(scene, regime, day, &penalty.condition),
        more: at_most(scene, regime, day, penalty),
    });
    lines.collect()
}

fn join(is_ja: bool, words: impl Iterator<Item = String>) -> String {
    words.collect::<Vec<_>>().join(if is_ja { "、" } else { ", " })
}
