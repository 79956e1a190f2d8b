//! Sentences in English.

use jiff::civil::Date;

use super::clause::{Clause, Known, Operand, What};
use super::{Language, figures};
use crate::assessment::Force;
use crate::expression::{Comparison, Extreme};
use crate::truth::Truth;

/// Most entries or values that are named one by one, and most facts that are not known.
const SHOWN: usize = 3;
const UNKNOWN_SHOWN: usize = 6;

/// Joins grounds to the rest of a sentence: `, because …`.
pub(super) fn because(clauses: &[Clause]) -> String {
    let mut said: Vec<String> = Vec::new();
    for (at, clause) in clauses.iter().enumerate() {
        let text = phrase(&clause.what);
        // Neighbours under one article cite it once.
        let next = clauses.get(at + 1).and_then(|next| next.article.as_ref());
        match &clause.article {
            Some(article) if next != Some(article) => said.push(format!("{text} ({article})")),
            _ => said.push(text),
        }
    }
    match said.pop() {
        None => ".".to_owned(),
        Some(only) if said.is_empty() => format!(", because {only}."),
        Some(last) if said.len() == 1 => format!(", because {} and {last}.", said.join("")),
        Some(last) => format!(", because {}; and {last}.", said.join("; ")),
    }
}

/// Says that a law has no force, as a sentence of its own.
pub(super) fn no_force(what: &What) -> String {
    format!("{}.", first_upper(&phrase(what)))
}

/// Begins a sentence.
pub(super) fn first_upper(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => format!("{}{}", first.to_uppercase(), characters.as_str()),
        None => String::new(),
    }
}

/// Writes a label inside a sentence: `cumulative training compute`.
pub(super) fn inside(label: &str) -> String {
    let mut characters = label.chars();
    let (Some(first), second) = (characters.next(), characters.next()) else { return label.to_owned() };
    // An abbreviation keeps its capitals.
    if second.is_none_or(char::is_lowercase) {
        format!("{}{}", first.to_lowercase(), &label[first.len_utf8()..])
    } else {
        label.to_owned()
    }
}

/// Begins a label inside a sentence: `the cumulative training compute`.
pub(super) fn the(label: &str) -> String {
    format!("the {}", inside(label))
}

/// Says a ground.
pub(super) fn phrase(what: &What) -> String {
    match what {
        What::YesNo { label, known, truth } => yes_no(label, known, *truth),
        What::Compared { left, comparison, right, dates, truth } => {
            compared(left, *comparison, right, *dates, *truth)
        }
        What::Unknown { labels } => {
            let labels: Vec<_> = labels.iter().map(|label| format!("“{label}”")).collect();
            format!("it is not known whether {} applies", alternatives(&labels))
        }
        What::UnknownKind { name, entries, kinds } => {
            let kinds: Vec<_> = kinds.iter().map(|kind| listed(kind)).collect();
            format!(
                "it is not known whether the “{name}”{} is one with {}",
                of_entries(entries),
                alternatives(&kinds)
            )
        }
        What::Among { left, values, truth } => {
            let values = values.join("”, “");
            let one_of = |not: &str| format!("is{not} one of “{values}”");
            related(left, *truth, &one_of(""), &one_of(" not"))
        }
        What::Includes { question, value, truth } => match truth {
            Truth::False => format!("“{question}” does not include “{value}”"),
            _ => format!("“{question}” includes “{value}”"),
        },
        What::Recorded { name, attributes, entries, truth } => {
            let of = statement(name, attributes);
            let with = with(attributes);
            match truth {
                Truth::True => format!("{of} is on record{}", of_entries(entries)),
                Truth::False => format!("no {of} is on record"),
                Truth::Undetermined => {
                    format!("it is not known whether the “{name}”{} is one{with}", of_entries(entries))
                }
            }
        }
        What::Designated { entries, truth } => match truth {
            Truth::True => format!("it is designated{}", of_entries(entries)),
            Truth::False => "it is not designated".to_owned(),
            Truth::Undetermined => "it is open whether it is designated".to_owned(),
        },
        What::Unmet { duties, count, truth } => {
            let named: Vec<_> = duties.iter().map(|duty| format!("“{duty}”")).collect();
            let duty = match &named[..] {
                [] => "a duty".to_owned(),
                [duty] => format!("the duty {duty}"),
                [first @ .., last] if named.len() == *count => {
                    format!("the duties {} and {last}", first.join(", "))
                }
                _ => format!("the duties {} and {} more", named.join(", "), count - named.len()),
            };
            match truth {
                Truth::True if *count > 1 => format!("{duty} appear unmet"),
                Truth::True => format!("{duty} appears unmet"),
                Truth::False if duties.is_empty() => "no duty appears unmet".to_owned(),
                Truth::False => format!("{duty} does not appear unmet"),
                Truth::Undetermined => format!("it is open whether {duty} is unmet"),
            }
        }
        What::Class { name, truth } => match truth {
            Truth::True => format!("it is in the class “{name}”"),
            Truth::False => format!("it is not in the class “{name}”"),
            Truth::Undetermined => format!("it is open whether it is in the class “{name}”"),
        },
        What::Always => "the rule has no condition".to_owned(),
        What::Setting { question, value } => match value {
            Some(value) => format!("the open issue “{question}” is set to “{value}”"),
            None => format!("the law is not settled: “{question}”"),
        },
        What::Until { rule, truth } => match truth {
            Truth::True => format!("the duty lasts until {rule}"),
            Truth::False => format!("the duty ended {rule}"),
            Truth::Undetermined => format!("it is open whether the duty has ended ({rule})"),
        },
        What::OutOfTime { from, to } => match (from, to) {
            (Some(from), Some(to)) => format!("the rule applies from {from} to {to} only"),
            (Some(from), None) => format!("the rule applies from {from} only"),
            (None, Some(to)) => format!("the rule applied until {to} only"),
            (None, None) => "the rule does not apply on that day".to_owned(),
        },
        What::NoText { force, day, from, ended } => {
            let show = |day: &Date| figures::day(Language::En, *day);
            match (force, from, ended) {
                (Force::Suspended, ..) => format!("the law is suspended on {}", show(day)),
                (Force::Preempted, ..) => format!("other law displaces it on {}", show(day)),
                (_, Some(from), _) => {
                    format!("the law is not in force on {}: it applies from {}", show(day), show(from))
                }
                (_, None, Some(ended)) => {
                    format!("the law is not in force on {}: it ended on {}", show(day), show(ended))
                }
                (_, None, None) => format!("the law is not in force on {}", show(day)),
            }
        }
        What::Other { condition, truth } => match truth {
            Truth::True => format!("`{condition}` holds"),
            Truth::False => format!("`{condition}` does not hold"),
            Truth::Undetermined => format!("it is open whether `{condition}` holds"),
        },
    }
}

/// Names the statements that a condition asks for.
pub(super) fn statement(name: &str, attributes: &[(String, Vec<String>)]) -> String {
    format!("“{name}”{}", with(attributes))
}

fn with(attributes: &[(String, Vec<String>)]) -> String {
    if attributes.is_empty() { String::new() } else { format!(" with {}", listed(attributes)) }
}

pub(super) fn listed(attributes: &[(String, Vec<String>)]) -> String {
    let attributes: Vec<_> = attributes.iter().map(|(name, values)| attribute(name, values)).collect();
    attributes.join(" and ")
}

/// Joins what each may be the case.
fn alternatives(items: &[String]) -> String {
    let more = items.len().saturating_sub(UNKNOWN_SHOWN);
    let (shown, last) = match items {
        [] => return String::new(),
        [only] => return only.clone(),
        [shown @ .., last] if more == 0 => (shown, last.clone()),
        _ => (&items[..UNKNOWN_SHOWN], format!("one of {more} more")),
    };
    format!("{} or {last}", shown.join(", "))
}

/// Names sources in brackets, with a space before.
pub(super) fn of_sources(sources: &[String]) -> String {
    if sources.is_empty() { String::new() } else { format!(" ({})", sources.join("; ")) }
}

fn of_entries(entries: &[u64]) -> String {
    let shown: Vec<_> = entries.iter().take(SHOWN).map(u64::to_string).collect();
    match entries.len() {
        0 => String::new(),
        1 => format!(" (entry {})", shown.join("")),
        count if count > SHOWN => format!(" (entries {} and {} more)", shown.join(", "), count - SHOWN),
        _ => format!(" (entries {})", shown.join(", ")),
    }
}

fn attribute(name: &str, values: &[String]) -> String {
    match values {
        [only] if only == "true" => format!("“{name}”"),
        [only] if only == "false" => format!("no “{name}”"),
        values => {
            let quoted = |value: &String| format!("“{value}”");
            let mut shown: Vec<_> = values.iter().take(SHOWN).map(quoted).collect();
            if values.len() > SHOWN {
                shown.push(format!("one of {} others", values.len() - SHOWN));
            }
            format!("{} {}", inside(name), shown.join(" or "))
        }
    }
}

fn yes_no(label: &str, known: &Known, truth: Truth) -> String {
    let applies = match truth {
        Truth::False => "does not apply",
        _ => "applies",
    };
    match known {
        Known::Exactly { sources, .. } | Known::Within { sources, .. } => {
            format!("“{label}” {applies}{}", of_sources(sources))
        }
        Known::Disputed(values) => {
            format!("statements differ on whether “{label}” applies: {}", disputed(values))
        }
        Known::Asked => format!("“{label}” {applies}"),
        Known::Not => format!("it is not known whether “{label}” applies"),
    }
}

pub(super) fn disputed(values: &[(String, Vec<String>)]) -> String {
    let values: Vec<_> =
        values.iter().map(|(value, sources)| format!("{value}{}", of_sources(sources))).collect();
    values.join(" or ")
}

fn compared(left: &Operand, comparison: Comparison, right: &Operand, dates: bool, truth: Truth) -> String {
    // What a law compares stands first, whatever side the rule writes it on.
    if matches!(right, Operand::Fact { .. }) && !matches!(left, Operand::Fact { .. }) {
        return compared(right, comparison.swapped(), left, dates, truth);
    }
    let right = operand(right);
    let relation = |negated: bool| {
        let not = if negated { " not" } else { "" };
        match (comparison, dates) {
            (Comparison::Equal, _) => format!("is{not} {right}"),
            (Comparison::Different, _) => format!("is{} {right}", if negated { "" } else { " not" }),
            (Comparison::Less, false) => format!("is{not} less than {right}"),
            (Comparison::AtMost, false) => format!("is{not} at most {right}"),
            (Comparison::More, false) => format!("is{not} more than {right}"),
            (Comparison::AtLeast, false) => format!("is{not} at least {right}"),
            (Comparison::Less, true) => format!("is{not} before {right}"),
            (Comparison::AtMost, true) => format!("is{not} on or before {right}"),
            (Comparison::More, true) => format!("is{not} after {right}"),
            (Comparison::AtLeast, true) => format!("is{not} on or after {right}"),
        }
    };
    related(left, truth, &relation(false), &relation(true))
}

/// Says that something stands in a relation, or does not, or that this is open.
fn related(left: &Operand, truth: Truth, relation: &str, negated: &str) -> String {
    let Operand::Fact { label, known } = left else {
        let left = operand(left);
        return match truth {
            Truth::True => format!("{left} {relation}"),
            Truth::False => format!("{left} {negated}"),
            Truth::Undetermined => format!("it is open whether {left} {relation}"),
        };
    };
    let label = the(label);
    let open = truth == Truth::Undetermined;
    let relation = if truth == Truth::False { negated } else { relation };
    match known {
        Known::Asked => format!("{label} {relation}"),
        Known::Not => format!("it is not known whether {label} {relation}"),
        Known::Exactly { value, sources } if open => {
            format!("it is open whether {label}, {value}{}, {relation}", of_sources(sources))
        }
        Known::Within { value, sources } if open => {
            format!(
                "{label} is known only to be {value}{}, so that it is open whether it {relation}",
                of_sources(sources)
            )
        }
        Known::Exactly { value, sources } | Known::Within { value, sources } => {
            format!("{label}, {value}{}, {relation}", of_sources(sources))
        }
        Known::Disputed(values) if open => {
            format!(
                "statements differ on {label}, {}, so that it is open whether it {relation}",
                disputed(values)
            )
        }
        Known::Disputed(values) => {
            format!("{label}, {} as statements differ, {relation}", disputed(values))
        }
    }
}

fn operand(operand: &Operand) -> String {
    match operand {
        Operand::Plain(text) => text.clone(),
        Operand::Open(question) => format!("“{question}” (not settled)"),
        Operand::Fact { label, known } => match known {
            Known::Asked => the(label),
            known => super::with_value(Language::En, label, known),
        },
    }
}

/// Says which of several amounts is the limit.
pub(super) fn limit(extreme: Extreme, total: &str, formula: Option<&str>, others: &[String]) -> String {
    let than = match extreme {
        Extreme::Largest => "more than",
        Extreme::Smallest => "less than",
    };
    let others = others.join(" and ");
    match formula {
        Some(formula) => format!("At most {total}: {formula} is {total}, {than} {others}"),
        None => format!("At most {total}, {than} {others}"),
    }
}
