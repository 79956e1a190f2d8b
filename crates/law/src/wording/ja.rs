//! Sentences in Japanese.

use jiff::civil::Date;

use super::clause::{Clause, Known, Operand, What};
use super::{Language, figures};
use crate::assessment::Force;
use crate::expression::{Comparison, Extreme};
use crate::truth::Truth;

/// Most entries or values that are named one by one, and most facts that are not known.
const SHOWN: usize = 3;
const UNKNOWN_SHOWN: usize = 6;

/// A ground in the two forms that a sentence needs.
struct Phrase {
    /// Where another ground follows: 「…を超え」.
    going_on: String,
    /// Before 「ため」: 「…を超える」.
    end: String,
}

impl Phrase {
    fn new(stem: &str, going_on: &str, end: &str) -> Self {
        Self { going_on: format!("{stem}{going_on}"), end: format!("{stem}{end}") }
    }
}

/// Gives the grounds of what was said before: 「…を超えるためです。」
pub(super) fn because(clauses: &[Clause]) -> String {
    let mut text = String::new();
    for (at, clause) in clauses.iter().enumerate() {
        let phrase = phrase(&clause.what);
        let next = clauses.get(at + 1);
        // Neighbours under one article cite it once.
        let cited = match &clause.article {
            Some(article) if next.and_then(|next| next.article.as_ref()) != Some(article) => {
                format!("（{article}）")
            }
            _ => String::new(),
        };
        match next {
            Some(_) => text.extend([phrase.going_on.as_str(), &cited, "、"]),
            None => text.extend([phrase.end.as_str(), "ためです", &cited, "。"]),
        }
    }
    text
}

/// Says that a law has no force, as a sentence of its own.
pub(super) fn no_force(what: &What) -> String {
    let What::NoText { force, day, from, ended } = what else { return String::new() };
    let show = |day: &Date| figures::day(Language::Ja, *day);
    match (force, from, ended) {
        (Force::Suspended, ..) => format!("{}には、適用が停止されています。", show(day)),
        (Force::Preempted, ..) => format!("{}には、他の法令が優先して適用されます。", show(day)),
        (_, Some(from), _) => {
            format!("{}には、まだ施行されていません（施行日：{}）。", show(day), show(from))
        }
        (_, None, Some(ended)) => format!("{}には、効力がありません（{}まで）。", show(day), show(ended)),
        (_, None, None) => format!("{}には、効力がありません。", show(day)),
    }
}

/// Says a condition.
pub(super) fn plain(what: &What) -> String {
    phrase(what).end
}

fn phrase(what: &What) -> Phrase {
    match what {
        What::YesNo { label, known, truth } => yes_no(label, known, *truth),
        What::Compared { left, comparison, right, dates, truth } => {
            compared(left, *comparison, right, *dates, *truth)
        }
        What::Unknown { labels } => {
            let labels: Vec<_> = labels.iter().map(|label| format!("「{label}」")).collect();
            let stem = format!("{}に当たるかどうかが不明", alternatives(&labels));
            Phrase::new(&stem, "であり", "である")
        }
        What::UnknownKind { name, entries, kinds } => {
            let kinds: Vec<_> = kinds.iter().map(|kind| format!("「{}」", listed(kind))).collect();
            let stem =
                format!("「{name}」{}が{}に当たるかどうかが不明", of_entries(entries), alternatives(&kinds));
            Phrase::new(&stem, "であり", "である")
        }
        What::Among { left, values, truth } => {
            let values = format!("「{}」のいずれか", values.join("」「"));
            related(left, *truth, &values, ("であり", "である"), ("でもなく", "でもない"))
        }
        What::Includes { question, value, truth } => match truth {
            Truth::False => Phrase::new(&format!("「{question}」に「{value}」が含まれ"), "ず", "ない"),
            _ => Phrase::new(&format!("「{question}」に「{value}」が含まれ"), "", "る"),
        },
        What::Recorded { name, attributes, entries, truth } => {
            let of = statement(name, attributes);
            let entries = of_entries(entries);
            match truth {
                Truth::True => Phrase::new(
                    &format!("{of}が記録されて"),
                    &format!("おり{entries}"),
                    &format!("いる{entries}"),
                ),
                Truth::False => Phrase::new(&format!("{of}の記録が"), "なく", "ない"),
                Truth::Undetermined => {
                    let of = listed(attributes);
                    Phrase::new(
                        &format!("「{name}」{entries}が「{of}」に当たるかどうかが不明"),
                        "であり",
                        "である",
                    )
                }
            }
        }
        What::Designated { entries, truth } => match truth {
            Truth::True => {
                let entries = of_entries(entries);
                Phrase::new("指定されて", &format!("おり{entries}"), &format!("いる{entries}"))
            }
            Truth::False => Phrase::new("指定されて", "おらず", "いない"),
            Truth::Undetermined => Phrase::new("指定されているかどうかが決まら", "ず", "ない"),
        },
        What::Unmet { duties, count, truth } => {
            let named = duties.iter().map(|duty| format!("「{duty}」")).collect::<Vec<_>>().concat();
            let more = if *count > duties.len() { format!("など{count}件") } else { String::new() };
            let duty = format!("義務{named}{more}");
            match truth {
                Truth::True => Phrase::new(&format!("満たさない見込みの{duty}が"), "あり", "ある"),
                Truth::False => Phrase::new(&format!("満たさない見込みの{duty}が"), "なく", "ない"),
                Truth::Undetermined => Phrase::new(&format!("{duty}を満たすかどうかが決まら"), "ず", "ない"),
            }
        }
        What::Class { name, truth } => match truth {
            Truth::True => Phrase::new(&format!("「{name}」に当た"), "り", "る"),
            Truth::False => Phrase::new(&format!("「{name}」に当たら"), "ず", "ない"),
            Truth::Undetermined => Phrase::new(&format!("「{name}」に当たるかどうかが決まら"), "ず", "ない"),
        },
        What::Always => Phrase::new("条件のない規定で", "あり", "ある"),
        What::Setting { question, value } => match value {
            Some(value) => Phrase::new(&format!("論点「{question}」を「{value}」と定めて"), "おり", "いる"),
            None => Phrase::new(&format!("論点「{question}」が定まって"), "おらず", "いない"),
        },
        What::Until { rule, truth } => match truth {
            Truth::True => Phrase::new(&format!("{rule}の間は義務が続"), "き", "く"),
            Truth::False => Phrase::new(&format!("義務の期間（{rule}）が終わって"), "おり", "いる"),
            Truth::Undetermined => {
                Phrase::new(&format!("義務の期間（{rule}）が終わったかどうかが決まら"), "ず", "ない")
            }
        },
        What::OutOfTime { from, to } => {
            let span = match (from, to) {
                (Some(from), Some(to)) => format!("この規定の適用が{from}から{to}までで"),
                (Some(from), None) => format!("この規定の適用が{from}からで"),
                (None, Some(to)) => format!("この規定の適用が{to}までで"),
                (None, None) => "この規定が基準日に適用されないもので".to_owned(),
            };
            Phrase::new(&span, "あり", "ある")
        }
        What::NoText { force, day, from, ended } => {
            let show = |day: &Date| figures::day(Language::Ja, *day);
            match (force, from, ended) {
                (Force::Suspended, ..) => {
                    Phrase::new(&format!("{}には適用が停止されて", show(day)), "おり", "いる")
                }
                (Force::Preempted, ..) => {
                    Phrase::new(&format!("{}には他の法令が優先して適用され", show(day)), "", "る")
                }
                (_, Some(from), _) => Phrase::new(
                    &format!("{}には施行されておらず、施行日は{}で", show(day), show(from)),
                    "あり",
                    "ある",
                ),
                (_, None, Some(ended)) => Phrase::new(
                    &format!("効力が{}に終わり、{}には効力が", show(ended), show(day)),
                    "なく",
                    "ない",
                ),
                (_, None, None) => Phrase::new(&format!("{}には効力が", show(day)), "なく", "ない"),
            }
        }
        What::Other { condition, truth } => match truth {
            Truth::True => Phrase::new(&format!("「{condition}」が成り立"), "ち", "つ"),
            Truth::False => Phrase::new(&format!("「{condition}」が成り立た"), "ず", "ない"),
            Truth::Undetermined => {
                Phrase::new(&format!("「{condition}」が成り立つかどうかが決まら"), "ず", "ない")
            }
        },
    }
}

/// Names the statements that a condition asks for.
pub(super) fn statement(name: &str, attributes: &[(String, Vec<String>)]) -> String {
    if attributes.is_empty() {
        format!("「{name}」")
    } else {
        format!("「{name}」（{}）", listed(attributes))
    }
}

/// Joins what each may be the case.
fn alternatives(items: &[String]) -> String {
    let more = items.len().saturating_sub(UNKNOWN_SHOWN);
    let shown = items.iter().take(UNKNOWN_SHOWN).cloned().collect::<String>();
    match (items.len(), more) {
        (..=1, _) => shown,
        (_, 0) => format!("{shown}のいずれか"),
        _ => format!("{shown}ほか{more}件のいずれか"),
    }
}

pub(super) fn listed(attributes: &[(String, Vec<String>)]) -> String {
    let attributes: Vec<_> = attributes.iter().map(|(name, values)| attribute(name, values)).collect();
    attributes.join("、")
}

/// Names sources in brackets.
pub(super) fn of_sources(sources: &[String]) -> String {
    if sources.is_empty() { String::new() } else { format!("（{}）", sources.join("、")) }
}

fn of_entries(entries: &[u64]) -> String {
    let shown: Vec<_> = entries.iter().take(SHOWN).map(u64::to_string).collect();
    match entries.len() {
        0 => String::new(),
        count if count > SHOWN => format!("（記録{}番ほか{}件）", shown.join("・"), count - SHOWN),
        _ => format!("（記録{}番）", shown.join("・")),
    }
}

fn attribute(name: &str, values: &[String]) -> String {
    match values {
        [only] if only == "true" => name.to_owned(),
        [only] if only == "false" => format!("{name}なし"),
        values => {
            let shown: Vec<_> = values.iter().take(SHOWN).map(String::as_str).collect();
            let more = match values.len() {
                count if count > SHOWN => format!("ほか{}つのいずれか", count - SHOWN),
                _ => String::new(),
            };
            format!("{name}：{}{more}", shown.join("または"))
        }
    }
}

fn yes_no(label: &str, known: &Known, truth: Truth) -> Phrase {
    let sources = match known {
        Known::Exactly { sources, .. } | Known::Within { sources, .. } => of_sources(sources),
        Known::Disputed(values) => {
            let stem = format!("「{label}」に当たるかどうかについて{}が食い違", disputed(values));
            return Phrase::new(&stem, "い", "っている");
        }
        Known::Asked => String::new(),
        Known::Not => {
            return Phrase::new(&format!("「{label}」に当たるかどうかが不明"), "であり", "である");
        }
    };
    let stem = format!("「{label}」{sources}に当た");
    if truth == Truth::False {
        Phrase::new(&stem, "らず", "らない")
    } else {
        Phrase::new(&stem, "り", "る")
    }
}

pub(super) fn disputed(values: &[(String, Vec<String>)]) -> String {
    let values: Vec<_> =
        values.iter().map(|(value, sources)| format!("{value}{}", of_sources(sources))).collect();
    values.join("と")
}

fn compared(left: &Operand, comparison: Comparison, right: &Operand, dates: bool, truth: Truth) -> Phrase {
    // What a law compares stands first, whatever side the rule writes it on.
    if matches!(right, Operand::Fact { .. }) && !matches!(left, Operand::Fact { .. }) {
        return compared(right, comparison.swapped(), left, dates, truth);
    }
    let right = operand(right);
    let be = ("であり", "である");
    let be_not = ("ではなく", "ではない");
    let (relation, positive, negative) = match (comparison, dates) {
        (Comparison::Equal, _) => (right, be, be_not),
        (Comparison::Different, _) => (format!("{right}以外"), be, be_not),
        (Comparison::More, false) => (format!("{right}を超え"), ("", "る"), ("ず", "ない")),
        (Comparison::AtLeast, false) => (format!("{right}以上"), be, be_not),
        (Comparison::Less, false) => (format!("{right}未満"), be, be_not),
        (Comparison::AtMost, false) => (format!("{right}以下"), be, be_not),
        (Comparison::More, true) => (format!("{right}より後"), be, be_not),
        (Comparison::AtLeast, true) => (format!("{right}以後"), be, be_not),
        (Comparison::Less, true) => (format!("{right}より前"), be, be_not),
        (Comparison::AtMost, true) => (format!("{right}以前"), be, be_not),
    };
    related(left, truth, &relation, positive, negative)
}

type Endings = (&'static str, &'static str);

/// Says that something stands in a relation, or does not, or that this is open.
fn related(left: &Operand, truth: Truth, relation: &str, positive: Endings, negative: Endings) -> Phrase {
    let endings = if truth == Truth::False { negative } else { positive };
    let open = truth == Truth::Undetermined;
    // 「…であるかどうか」 is said shorter.
    let whether = match positive.1 {
        "である" => format!("{relation}かどうか"),
        end => format!("{relation}{end}かどうか"),
    };
    let undecided = |stem: String| Phrase::new(&format!("{stem}{whether}が決まら"), "ず", "ない");
    let Operand::Fact { label, known } = left else {
        let left = operand(left);
        if open {
            return undecided(format!("{left}が"));
        }
        return Phrase::new(&format!("{left}が{relation}"), endings.0, endings.1);
    };
    match known {
        Known::Asked => Phrase::new(&format!("{label}が{relation}"), endings.0, endings.1),
        Known::Not => undecided(format!("{label}が不明で、")),
        Known::Exactly { value, sources } if open => {
            undecided(format!("{label}は{value}{}だが、", of_sources(sources)))
        }
        Known::Within { value, sources } if open => {
            undecided(format!("{label}が{value}{}としか分からず、", of_sources(sources)))
        }
        Known::Disputed(values) if open => {
            undecided(format!("{label}について{}が食い違い、", disputed(values)))
        }
        Known::Exactly { value, sources } | Known::Within { value, sources } => Phrase::new(
            &format!("{label}が{value}{}で、{relation}", of_sources(sources)),
            endings.0,
            endings.1,
        ),
        Known::Disputed(values) => Phrase::new(
            &format!("{label}が{}のいずれであっても{relation}", disputed(values)),
            endings.0,
            endings.1,
        ),
    }
}

fn operand(operand: &Operand) -> String {
    match operand {
        Operand::Plain(text) => text.clone(),
        Operand::Open(question) => format!("「{question}」（未確定）"),
        Operand::Fact { label, known } => match known {
            Known::Asked => label.clone(),
            known => super::with_value(Language::Ja, label, known),
        },
    }
}

/// Says which of several amounts is the limit.
pub(super) fn limit(extreme: Extreme, total: &str, formula: Option<&str>, others: &[String]) -> String {
    let than = match extreme {
        Extreme::Largest => "上回ります",
        Extreme::Smallest => "下回ります",
    };
    let others = others.join("と");
    match formula {
        Some(formula) => format!("上限額は{total}です。{formula}が{total}で、{others}を{than}"),
        None => format!("上限額は{total}で、{others}を{than}"),
    }
}
