//! Deadlines as a law states them, in words: how long, and from when.

use std::collections::BTreeMap;

use jiff::civil::Date;
use law::Regime;

use super::format::{figure, legal_day};
use super::parts::{Html, escape};
use super::scene::Scene;
use super::standing::{fact_label, words};

/// Deadlines that have no date.
const QUALITATIVE: [&str; 4] = ["without delay", "without undue delay", "promptly", "immediately"];

/// What a deadline is read with.
#[derive(Clone, Copy)]
pub(crate) struct Clock<'c> {
    pub(crate) scene: &'c Scene,
    pub(crate) regime: &'c Regime,
    /// How open points are settled.
    pub(crate) switches: &'c BTreeMap<String, String>,
    /// The day whose figures of the law count.
    pub(crate) day: Date,
}

impl Clock<'_> {
    /// Says a deadline in words: `15 days after incident.discovered_at`.
    pub(crate) fn deadline(&self, rule: &str) -> Html {
        let say = self.scene.say;
        let words =
            QUALITATIVE.into_iter().filter(|words| rule.starts_with(words)).max_by_key(|words| words.len());
        let rest = words.map_or(rule, |words| &rule[words.len()..]);
        let rest = rest.trim_start_matches([',', ' ']);
        let (latest, rest) = rest.strip_prefix("at the latest").map_or((false, rest), |rest| (true, rest));
        let rest = rest.trim();
        let words = words.map(|words| Html::text(say.word("qualitative", &words.replace(' ', "-"))));
        match words {
            None => self.limit(rest),
            Some(words) if rest.is_empty() => words,
            Some(words) => match rest.strip_prefix("after ").filter(|_| !latest) {
                Some(trigger) => say
                    .html("deadline-words-after")
                    .part("words", words)
                    .part("trigger", self.trigger(trigger))
                    .html(),
                None => say.html("deadline-both").part("words", words).part("limit", self.limit(rest)).html(),
            },
        }
    }

    fn limit(&self, text: &str) -> Html {
        let say = self.scene.say;
        let text = text.trim();
        if let Some((function, inside)) =
            called(text).filter(|(name, _)| ["earliest", "latest"].contains(name))
        {
            let limits = arguments(inside).into_iter().map(|limit| self.limit(limit));
            let limits = Html::join(limits, if say.is_ja() { "／" } else { " / " });
            let key = if function == "earliest" { "deadline-earliest" } else { "deadline-latest" };
            return Html(say.html(key).part("limits", limits).to_string());
        }
        if let Some(day) = text.strip_prefix("on ") {
            if day.parse::<Date>().is_ok() || day.starts_with("param(") {
                return say.html("deadline-day").part("day", self.trigger(day)).html();
            }
            return say.html("deadline-on").part("trigger", self.trigger(day)).html();
        }
        if let Some((length, trigger)) =
            text.strip_prefix("every ").and_then(|rest| rest.split_once(" from "))
        {
            return self.counted("deadline-every", length, trigger);
        }
        if let Some((length, trigger)) = text.split_once(" after ") {
            return self.counted("deadline-after", length, trigger);
        }
        if let Some((length, trigger)) = text.split_once(" before ") {
            return self.counted("deadline-before", length, trigger);
        }
        Html(format!("<code>{}</code>", escape(text)))
    }

    fn counted(&self, key: &str, length: &str, trigger: &str) -> Html {
        let words = self.scene.say.html(key).part("period", self.length(length));
        Html(words.part("trigger", self.trigger(trigger)).to_string())
    }

    fn length(&self, text: &str) -> Html {
        match called(text.trim()) {
            Some(("switch", id)) => match self.switches.get(id) {
                Some(set) => period(self.scene, set),
                None => self.scene.say.html("period-unsettled").html(),
            },
            Some(("param", id)) => match self.parameter(id) {
                Some(value) => period(self.scene, value),
                None => Html::text(text),
            },
            _ => period(self.scene, text.trim()),
        }
    }

    fn parameter(&self, id: &str) -> Option<&str> {
        let parameter = self.regime.parameters().iter().find(|parameter| parameter.id == id)?;
        Some(&parameter.on(self.day)?.text)
    }

    /// Says what a deadline runs from.
    fn trigger(&self, text: &str) -> Html {
        let (scene, regime) = (self.scene, self.regime);
        let text = text.trim();
        match called(text) {
            Some(("earliest", inside)) => {
                let all = arguments(inside).into_iter().map(|trigger| self.trigger(trigger));
                let all = Html::join(all, if scene.say.is_ja() { "、" } else { ", " });
                return scene.say.html("trigger-earliest").part("triggers", all).html();
            }
            Some(("param", id)) => {
                return match self.parameter(id).map(|value| (value, value.parse())) {
                    Some((_, Ok(day))) => legal_day(scene.say.0, day),
                    Some((value, Err(_))) => Html::text(value),
                    None => Html::text(text),
                };
            }
            _ => {}
        }
        if text.contains(" or ") {
            let all = text.split(" or ").map(|trigger| self.trigger(trigger));
            return Html::join(all, &scene.say.text("or-between").to_string());
        }
        if let Ok(day) = text.parse() {
            return legal_day(scene.say.0, day);
        }
        if regime.facts().iter().any(|fact| fact.name == text) {
            return fact_label(scene, regime, text);
        }
        let (predicate, attribute) =
            text.split_once('.').map_or((text, None), |(one, other)| (one, Some(other)));
        let event = event_label(scene, regime, predicate);
        let attribute = attribute.map(|name| {
            let schema = regime.events().get(predicate).and_then(|event| event.attributes.get(name));
            schema.map_or(name, |schema| words(scene, &schema.label))
        });
        match attribute {
            Some(attribute) => {
                scene.say.html("trigger-of").with("attribute", attribute).with("event", event).html()
            }
            None => Html::text(event),
        }
    }
}

/// Returns the name of the statements of a predicate, as the law has it.
pub(crate) fn event_label(scene: &Scene, regime: &Regime, predicate: &str) -> String {
    match regime.events().get(predicate).and_then(|event| event.label.as_ref()) {
        Some(label) => words(scene, label).to_owned(),
        None => scene.kind(predicate),
    }
}

/// Takes `name(inside)` apart.
fn called(text: &str) -> Option<(&str, &str)> {
    let (name, rest) = text.split_once('(')?;
    Some((name, rest.strip_suffix(')')?)).filter(|_| name.bytes().all(|byte| byte.is_ascii_lowercase()))
}

/// Splits at commas that stand in no brackets.
fn arguments(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let (mut depth, mut start) = (0_i32, 0);
    for (at, character) in text.char_indices() {
        match character {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                found.push(text[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    found.push(text[start..].trim());
    found
}

/// Writes a length of time: `30 days`, `2 weeks`.
pub(crate) fn period(scene: &Scene, text: &str) -> Html {
    let Some((count, unit)) = text.split_once(' ') else { return figure(scene.say, text) };
    let key = format!("period-{}", unit.trim_end_matches('s').replace(' ', "-"));
    match count.parse::<u64>() {
        Ok(count) if scene.say.has(&key) => scene.say.html(&key).count("count", count).html(),
        _ => figure(scene.say, text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_and_their_arguments_are_taken_apart() {
        assert_eq!(called("param(notify_within)"), Some(("param", "notify_within")));
        assert_eq!(called("15 days"), None);
        assert_eq!(called("x) or (y"), None);
        assert_eq!(
            arguments("2 weeks after earliest(a, b), on 2027-08-02"),
            ["2 weeks after earliest(a, b)", "on 2027-08-02"]
        );
    }
}
