//! What a law asks for, allows and threatens: duties with their clocks, powers, procedures, penalties.

use std::collections::BTreeMap;

use jiff::civil::Date;
use law::{Applies, Party, Procedure, Regime};

use super::super::deadline::Clock;
use super::super::format::legal_day;
use super::super::parts::{Html, escape};
use super::super::scene::Scene;
use super::super::standing::{common_duty, value, words};
use super::super::why::{attribute_value, phrase};
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
        let duties = regime.duties().iter().filter(|duty| duty.by == *party).map(|duty| {
            let mut clocks = match &duty.due {
                Some(due) => clock.deadline(due),
                None => say.html("due-none").html(),
            };
            if let Some(until) = &duty.until {
                let until = say.html("duty-until").part("until", clock.deadline(until)).html();
                clocks = Html(format!("{clocks}<br>{until}"));
            }
            DutyLine {
                name: Html::text(words(scene, &duty.text)),
                article: to_article(scene, regime, &duty.article),
                clock: clocks,
                common: join(say.is_ja(), duty.common.iter().map(|id| common_duty(scene, id))),
                note: applies(scene, duty.applies),
            }
        });
        Group { party: say.word("party", party.as_str()), duties: duties.collect() }
    });
    groups.filter(|group| !group.duties.is_empty()).collect()
}

/// Names a procedure and, in brackets, before which acts it comes, if not before all of their kind.
fn procedure_name(scene: &Scene, regime: &Regime, procedure: &Procedure) -> String {
    let name = words(scene, &procedure.text);
    let event = regime.events().get(&procedure.act);
    let which = procedure.attributes.iter().map(|(attribute, id)| {
        let known = event.and_then(|event| event.attributes.get(attribute));
        let value = known.and_then(|known| known.values.iter().find(|value| value.id == *id));
        let label = known.map_or(attribute.as_str(), |known| words(scene, &known.label));
        let value = value.map_or_else(|| id.clone(), |value| attribute_value(scene, value));
        if scene.say.is_ja() { format!("{label}：{value}") } else { format!("{label}: {value}") }
    });
    let which: Vec<_> = which.collect();
    match (which.is_empty(), scene.say.is_ja()) {
        (true, _) => name.to_owned(),
        (false, true) => format!("{name}（{}）", which.join("、")),
        (false, false) => format!("{name} ({})", which.join(", ")),
    }
}

pub(super) fn powers(scene: &Scene, regime: &Regime) -> Vec<RuleLine> {
    let say = scene.say;
    let lines = regime.powers().iter().map(|power| {
        let before = regime.procedures().iter().filter(|procedure| procedure.act == power.act);
        let before = before.map(|procedure| {
            say.html("procedure-before")
                .with("procedure", procedure_name(scene, regime, procedure))
                .part("article", to_article(scene, regime, &procedure.article))
                .part("certainty", super::certainty(scene, procedure.certainty))
                .html()
        });
        let mut more: Vec<Html> = before.collect();
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
            when: phrase(scene, regime, power.condition.source()),
            more: Html::join(more, "<br>"),
        }
    });
    lines.collect()
}

pub(super) fn penalties(scene: &Scene, regime: &Regime, day: Date) -> Vec<RuleLine> {
    let say = scene.say;
    let lines = regime.penalties().iter().map(|penalty| RuleLine {
        name: Html::text(words(scene, &penalty.text)),
        article: to_article(scene, regime, &penalty.article),
        when: phrase(scene, regime, penalty.condition.source()),
        more: match &penalty.maximum {
            Some(maximum) => amount(scene, regime, day, maximum),
            None => say.html("penalty-no-formula").html(),
        },
    });
    lines.collect()
}

/// Shows the formula of an amount with the law's own figures in it.
pub(crate) fn amount(scene: &Scene, regime: &Regime, day: Date, formula: &str) -> Html {
    let mut shown = String::new();
    let mut rest = formula;
    while let Some((before, after)) = rest.split_once("param(") {
        let Some((id, after)) = after.split_once(')') else { break };
        shown.push_str(&phrase(scene, regime, before).0);
        let parameter = regime.parameters().iter().find(|parameter| parameter.id == id.trim());
        match parameter.and_then(|parameter| parameter.on(day)) {
            Some(dated) => {
                let kind = parameter.map_or(&law::ValueKind::Text, |parameter| &parameter.kind);
                shown.push_str(&value(scene, kind, &dated.text).0);
            }
            None => shown.push_str(&escape(id)),
        }
        rest = after;
    }
    shown.push_str(&phrase(scene, regime, rest).0);
    Html(shown.replace(" * ", " × "))
}

fn join(is_ja: bool, words: impl Iterator<Item = String>) -> String {
    words.collect::<Vec<_>>().join(if is_ja { "、" } else { ", " })
}
