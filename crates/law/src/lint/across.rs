//! What several regimes name alike must mean the same.

use std::collections::BTreeMap;

use super::{Files, Finding, FindingKind, Lint, Severity};
use crate::regime::{Choice, Regime, Text, ValueKind};

/// Looks for facts and events that have one name and two meanings in several regimes, and for
/// attributes and values that have other words in one than in another. Findings name their file with
/// the regime's id before it.
pub fn findings_across(regimes: &[(&Regime, &Files)]) -> Vec<Finding> {
    let mut facts: BTreeMap<&str, (&str, &ValueKind)> = BTreeMap::new();
    let mut attributes: BTreeMap<(&str, &str), (&str, Vec<&str>)> = BTreeMap::new();
    let mut words: BTreeMap<(&str, &str, Option<&str>), (&str, &Text)> = BTreeMap::new();
    let mut found = Vec::new();
    for (regime, files) in regimes {
        let mut lint = Lint { regime, files, found: Vec::new() };
        for fact in regime.facts() {
            let (first, kind) = *facts.entry(&fact.name).or_insert((regime.id(), &fact.kind));
            if !same_kind(kind, &fact.kind) {
                let problem = format!(
                    "fact `{}` is {} here, {} in {first}",
                    fact.name,
                    in_words(&fact.kind),
                    in_words(kind)
                );
                let hint = "facts of one name mean the same everywhere: take the same type and unit, or another name";
                lint.add(Severity::Problem, FindingKind::OtherMeaning, "fact", &fact.name, problem, hint);
            }
        }
        for (event, schema) in regime.events() {
            for (attribute, described) in &schema.attributes {
                let mut here: Vec<_> = described.values.iter().map(|value| value.id.as_str()).collect();
                here.sort_unstable();
                let (first, there) =
                    attributes.entry((event, attribute)).or_insert_with(|| (regime.id(), here.clone()));
                if here != *there {
                    let list = |values: &[&str]| {
                        if values.is_empty() { "any".to_owned() } else { values.join(", ") }
                    };
                    let problem = format!(
                        "attribute `{attribute}` of `{event}` has the values {} here, {} in {first}",
                        list(&here),
                        list(there)
                    );
                    let hint =
                        "one statement is read by all regimes: where it means the same, take the same values";
                    lint.add(Severity::Advice, FindingKind::OtherMeaning, "event", event, problem, hint);
                }
                let own = described.values.iter().map(|value| (Some(value.id.as_str()), &value.label));
                for (value, label) in [(None, &described.label)].into_iter().chain(own) {
                    if label.is_of_id(value.unwrap_or(attribute)) {
                        continue;
                    }
                    let (first, there) =
                        *words.entry((event, attribute, value)).or_insert((regime.id(), label));
                    if label != there {
                        let what = value.map_or(String::new(), |value| format!("the value `{value}` of "));
                        let problem = format!(
                            "{what}attribute `{attribute}` of `{event}` is \"{}\", \"{}\" here, \"{}\", \"{}\" in {first}",
                            label.ja, label.en, there.ja, there.en
                        );
                        let hint =
                            "one statement is read by all regimes: call the same thing by the same words";
                        lint.add(Severity::Advice, FindingKind::OtherWords, "event", event, problem, hint);
                    }
                }
            }
        }
        found.extend(lint.found.into_iter().map(|mut finding| {
            finding.place.file = format!("{}/{}", regime.id(), finding.place.file);
            finding
        }));
    }
    found.sort();
    found
}

fn same_kind(one: &ValueKind, other: &ValueKind) -> bool {
    let ids = |values: &[Choice]| {
        let mut ids: Vec<_> = values.iter().map(|value| value.id.clone()).collect();
        ids.sort();
        ids
    };
    match (one, other) {
        (ValueKind::Choice { values: one }, ValueKind::Choice { values: other })
        | (ValueKind::Choices { values: one }, ValueKind::Choices { values: other }) => {
            ids(one) == ids(other)
        }
        _ => one == other,
    }
}

fn in_words(kind: &ValueKind) -> String {
    match kind {
        ValueKind::Boolean => "true or false".to_owned(),
        ValueKind::Number { unit: Some(unit) } => format!("a number in {unit}"),
        ValueKind::Number { unit: None } => "a pure number".to_owned(),
        ValueKind::Text => "a text".to_owned(),
        ValueKind::Choice { values } | ValueKind::Choices { values } => {
            format!("one of {}", crate::facts_file::names(values))
        }
        ValueKind::Date => "a date".to_owned(),
        ValueKind::Period => "a period".to_owned(),
    }
}
