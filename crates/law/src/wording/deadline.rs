//! Deadlines in words: the day, the rule, and how the day is counted.

use std::fmt::Write as _;

use super::clause::label;
use super::{Language, Wording, en, figures};
use crate::assessment::{DueReason, DutyResult};
use crate::deadline::{self, Limit, PeriodTerm, Trigger};
use crate::truth::{Because, NameSet, Truth};

/// Says until when a duty is to be done, or why there is no day.
pub(super) fn due(say: &Wording<'_>, duty: &DutyResult) -> Option<String> {
    if duty.owed == Truth::False {
        return None;
    }
    let reason = &duty.due_because;
    let written = reason.rule.as_deref()?;
    let rule = rule(say, written);
    let parsed = deadline::parse(written).ok();
    let named_day = parsed.as_ref().is_some_and(|rule| {
        let named = |trigger: &Trigger| matches!(trigger, Trigger::Day(_) | Trigger::Parameter(_));
        rule.qualitative.is_none() && matches!(&rule.limit, Some(Limit::On(trigger)) if named(trigger))
    });
    let rule = if named_day {
        say.language.pick("法律が定める日", "a day that the law names").to_owned()
    } else {
        rule
    };
    let day = duty.due.map(|day| match duty.due_at {
        Some(at) => figures::instant(say.language, at, say.regime.time_zone()),
        None => figures::day(say.language, day),
    });
    let from = reason.from.map(|from| {
        let day = figures::day(say.language, from);
        match (reason.from_entry, say.language) {
            (None, _) => day,
            (Some(entry), Language::Ja) => format!("{day}（記録{entry}番）"),
            (Some(entry), Language::En) => format!("{day} (entry {entry})"),
        }
    });
    let calendar = reason.calendar.as_deref().map(|id| {
        let title = say
            .regime
            .calendars()
            .get(id)
            .map_or(id, |calendar| say.language.pick(&calendar.title_ja, &calendar.title_en));
        say.language.quoted(title)
    });
    let moved = reason.counted.filter(|counted| duty.due.is_some_and(|due| due != *counted));
    let said = Said {
        rule,
        day,
        from,
        calendar,
        moved: moved.map(|counted| figures::day(say.language, counted)),
        age: age(say, reason),
        open: open(say, reason),
        words_only: parsed.is_some_and(|deadline| deadline.limit.is_none()),
    };
    Some(match say.language {
        Language::Ja => said.ja(),
        Language::En => said.en(),
    })
}

/// What a sentence about a deadline holds.
struct Said {
    rule: String,
    day: Option<String>,
    from: Option<String>,
    calendar: Option<String>,
    /// The last day as counted, where the counting rule moved it.
    moved: Option<String>,
    /// Days since words such as `without delay` run.
    age: Option<i32>,
    /// Why there is no day.
    open: Option<String>,
    words_only: bool,
}

impl Said {
    fn en(&self) -> String {
        if self.words_only {
            let mut text = en::first_upper(&format!("{}; the law names no day.", self.rule));
            if let (Some(from), Some(days)) = (&self.from, self.age) {
                let days = if days == 1 { "1 day has".to_owned() } else { format!("{days} days have") };
                let _ = write!(text, " Since {from}, {days} passed.");
            }
            return text;
        }
        let mut text = match &self.day {
            Some(day) => format!("Due by {day}: {}", self.rule),
            None => format!("No day yet: {}", self.rule),
        };
        if let Some(from) = &self.from {
            let _ = write!(text, ", counted from {from}");
        }
        text.push('.');
        if let Some(open) = &self.open {
            let _ = write!(text, " {open}.");
        } else if self.day.is_none() && self.from.is_none() {
            text.push_str(" It has not begun to run.");
        }
        if let (Some(counted), Some(calendar)) = (&self.moved, &self.calendar) {
            let _ = write!(text, " Counted, it ends on {counted}; {calendar} moves the last day.");
        }
        text
    }

    fn ja(&self) -> String {
        if self.words_only {
            let mut text = format!("{}行うこととされ、期限の日は定められていません。", self.rule);
            if let (Some(from), Some(days)) = (&self.from, self.age) {
                let _ = write!(text, "{from}から{days}日が経過しています。");
            }
            return text;
        }
        let from = self.from.as_ref().map_or(String::new(), |from| format!("、起算の基準は{from}"));
        let mut text = match &self.day {
            Some(day) => format!("期限は{day}です（{}{from}）。", self.rule),
            None => format!("期限の日はまだ決まりません（{}{from}）。", self.rule),
        };
        if let Some(open) = &self.open {
            let _ = write!(text, "{open}。");
        } else if self.day.is_none() && self.from.is_none() {
            text.push_str("期間はまだ始まっていません。");
        }
        if let (Some(counted), Some(calendar)) = (&self.moved, &self.calendar) {
            let _ = write!(text, "計算上の末日は{counted}ですが、{calendar}により動きます。");
        }
        text
    }
}

/// Returns how long words without a date have run.
fn age(say: &Wording<'_>, reason: &DueReason) -> Option<i32> {
    reason.qualitative.as_ref()?;
    let days = reason.from?.until(say.assessment.as_of).ok()?.get_days();
    (days >= 0).then_some(days)
}

/// Says why there is no day.
fn open(say: &Wording<'_>, reason: &DueReason) -> Option<String> {
    if reason.beyond_calendar {
        return Some(
            say.language
                .pick(
                    "計算に要する年の休日が登録されていません",
                    "The holidays of that year are not known to the calendar",
                )
                .to_owned(),
        );
    }
    if reason.ambiguous {
        return Some(
            say.language
                .pick(
                    "末月に応当する日がなく、法はその場合を定めていません",
                    "The last month has no such day, and the law does not say what then",
                )
                .to_owned(),
        );
    }
    let named = because(say, &reason.because);
    let (last, before) = named.split_last()?;
    Some(match say.language {
        Language::Ja => {
            let before = before.iter().flat_map(|why| [&why.stem, why.going_on, "、"]);
            format!("{}{}{}ためです", before.collect::<String>(), last.stem, last.end)
        }
        Language::En => {
            en::first_upper(&named.iter().map(|why| why.stem.as_str()).collect::<Vec<_>>().join("; "))
        }
    })
}

/// What keeps something open; in Japanese with what follows where another reason comes, and at the end.
struct Why {
    stem: String,
    going_on: &'static str,
    end: &'static str,
}

/// Says what keeps something open.
fn because(say: &Wording<'_>, because: &Because) -> Vec<Why> {
    let why = |stem: String, going_on, end| Why { stem, going_on, end };
    let facts = |names: &NameSet| {
        let labels: Vec<_> = names.iter().map(|name| say.language.quoted(&fact(say, name))).collect();
        labels.join(say.language.pick("、", ", "))
    };
    let mut said = Vec::new();
    if !because.missing.is_empty() {
        let facts = facts(&because.missing);
        said.push(match say.language {
            Language::Ja => why(format!("{facts}が不明"), "で", "な"),
            Language::En => why(format!("not known: {facts}"), "", ""),
        });
    }
    if !because.disputed.is_empty() {
        let facts = facts(&because.disputed);
        said.push(match say.language {
            Language::Ja => why(format!("{facts}について食い違いがあ"), "り", "る"),
            Language::En => why(format!("in dispute: {facts}"), "", ""),
        });
    }
    if !because.unsettled.is_empty() {
        let questions: Vec<_> = because
            .unsettled
            .iter()
            .map(|id| {
                let switch = say.regime.switches().iter().find(|switch| switch.id == *id);
                say.language.quoted(label(switch.map(|switch| &switch.question), id, say.language))
            })
            .collect();
        said.push(match say.language {
            Language::Ja => why(format!("論点{}が定まって", questions.concat()), "おらず", "いない"),
            Language::En => why(format!("the law is not settled: {}", questions.join(", ")), "", ""),
        });
    }
    said
}

/// Names a fact, or the attribute of an event, that is not known.
pub(super) fn fact(say: &Wording<'_>, name: &str) -> String {
    if let Some(fact) = say.regime.facts().iter().find(|fact| fact.name == name) {
        return fact.label.get(say.language).to_owned();
    }
    match name.split_once('.') {
        Some((event, attribute)) => {
            let (attribute, event) = (say.attribute(event, attribute), say.statement(event));
            match say.language {
                Language::Ja => format!("{event}：{attribute}"),
                Language::En => format!("{event}: {}", en::inside(&attribute)),
            }
        }
        None => say.statement(name),
    }
}

/// Says a deadline as the regime writes it.
pub(super) fn rule(say: &Wording<'_>, written: &str) -> String {
    let Ok(rule) = deadline::parse(written) else { return written.to_owned() };
    let words = rule.qualitative.map(|words| match say.language {
        Language::En => words,
        Language::Ja => match words {
            "without undue delay" => "不当に遅れることなく",
            "promptly" => "速やかに",
            "immediately" => "直ちに",
            _ => "遅滞なく",
        },
    });
    let words = words.map(|words| match (&rule.aged_from, say.language) {
        (None, _) => words.to_owned(),
        (Some(from), Language::En) => format!("{words} after {}", trigger(say, from)),
        (Some(from), Language::Ja) => format!("{}から{words}", trigger(say, from)),
    });
    match (words, rule.limit.as_ref().map(|limit| self::limit(say, limit)), say.language) {
        (Some(words), Some(limit), Language::En) if limit.contains("the latest of ") => {
            format!("{words}, in any event by {limit}")
        }
        (Some(words), Some(limit), Language::En) => format!("{words}, at the latest {limit}"),
        (Some(words), Some(limit), Language::Ja) => format!("{words}、遅くとも{limit}"),
        (Some(one), None, _) | (None, Some(one), _) => one,
        (None, None, _) => written.to_owned(),
    }
}

/// Says until when a law asks for something.
pub(super) fn until(say: &Wording<'_>, written: &str) -> String {
    let rule = deadline::parse_limit(written).ok().and_then(|rule| rule.limit);
    rule.map_or_else(|| written.to_owned(), |rule| limit(say, &rule))
}

fn limit(say: &Wording<'_>, limit: &Limit) -> String {
    let list = |limits: &[Limit]| {
        let limits =
            limits.iter().enumerate().map(|(at, limit)| format!("({}) {}", at + 1, self::limit(say, limit)));
        limits.collect::<Vec<_>>().join(say.language.pick("、", "; "))
    };
    match (limit, say.language) {
        (Limit::After { period, trigger }, Language::En) => {
            format!("{} after {}", self::period(say, period), self::trigger(say, trigger))
        }
        (Limit::After { period, trigger }, Language::Ja) => {
            format!("{}から{}以内", self::trigger(say, trigger), self::period(say, period))
        }
        (Limit::Before { period, trigger }, Language::En) => {
            format!("{} before {}", self::period(say, period), self::trigger(say, trigger))
        }
        (Limit::Before { period, trigger }, Language::Ja) => {
            format!("{}の{}前まで", self::trigger(say, trigger), self::period(say, period))
        }
        (Limit::Every { period, trigger }, Language::En) => {
            format!("every {} from {}", self::period(say, period), self::trigger(say, trigger))
        }
        (Limit::Every { period, trigger }, Language::Ja) => {
            format!("{}から{}ごと", self::trigger(say, trigger), self::period(say, period))
        }
        (Limit::On(trigger), Language::En) => format!("on {}", self::trigger(say, trigger)),
        (Limit::On(trigger), Language::Ja) => format!("{}まで", self::trigger(say, trigger)),
        (Limit::Earliest(limits), Language::En) => format!("the earliest of {}", list(limits)),
        (Limit::Earliest(limits), Language::Ja) => format!("次のうち最も早い日：{}", list(limits)),
        (Limit::Latest(limits), Language::En) => format!("the latest of {}", list(limits)),
        (Limit::Latest(limits), Language::Ja) => format!("次のうち最も遅い日：{}", list(limits)),
    }
}

fn period(say: &Wording<'_>, period: &PeriodTerm) -> String {
    match period {
        PeriodTerm::Fixed(period) => figures::period(say.language, &period.to_string()),
        PeriodTerm::Switch(id) => match say.settings.texts().get(id) {
            Some(text) => figures::period(say.language, text),
            None => say.language.pick("未確定の期間", "a time that is not settled").to_owned(),
        },
        PeriodTerm::Parameter(id) => figures::period(say.language, &parameter(say, id)),
    }
}

/// Returns the text of a parameter on the day.
fn parameter(say: &Wording<'_>, id: &str) -> String {
    let parameter = say.regime.parameters().iter().find(|parameter| parameter.id == id);
    let value = parameter.and_then(|parameter| parameter.on(say.assessment.as_of));
    value.map_or_else(|| id.to_owned(), |value| value.text.clone())
}

fn trigger(say: &Wording<'_>, trigger: &Trigger) -> String {
    let list = |triggers: &[Trigger], between: &str| {
        let triggers: Vec<_> = triggers.iter().map(|one| self::trigger(say, one)).collect();
        triggers.join(between)
    };
    match trigger {
        Trigger::Named { name, attribute } => {
            let known = say.regime.facts().iter().find(|fact| fact.name == *name);
            if let Some(known) = known {
                let label = known.label.get(say.language);
                return match say.language {
                    Language::Ja => format!("「{label}」"),
                    Language::En => en::the(label),
                };
            }
            let event = say.language.quoted(&say.statement(name));
            match attribute.as_ref().map(|attribute| say.attribute(name, attribute)) {
                None => event,
                Some(attribute) => match say.language {
                    Language::Ja => format!("{event}の「{attribute}」"),
                    Language::En => format!("{event} ({})", en::inside(&attribute)),
                },
            }
        }
        Trigger::Day(day) => figures::day(say.language, *day),
        Trigger::Parameter(id) => {
            let text = parameter(say, id);
            text.parse().map_or(text, |day| figures::day(say.language, day))
        }
        Trigger::First(all) => list(all, say.language.pick("または", " or ")),
        Trigger::Earliest(all) => match say.language {
            Language::Ja => format!("{}のうち早いほう", list(all, "と")),
            Language::En => format!("the earlier of {}", list(all, " and ")),
        },
    }
}
