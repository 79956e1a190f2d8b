//! The regions between the constants with which one fact is compared.

use crate::expression::{Amount, Candidate, Comparison};
use crate::formula::{Given, Input, Test, Value, is_exact};
use crate::number::Number;
use crate::regime::ValueKind;
use crate::truth::Truth;

/// Most choices of a switch that takes several, all combinations of which are looked at.
const MAX_CHOICES: usize = 6;

/// Returns whether a test compares this input itself with something known exactly.
pub(super) fn is_simple(test: &Test<'_>, input: Input, given: &Given<'_>) -> bool {
    let itself = |value: &Value| matches!(value, Value::Input(found) if *found == input);
    match test {
        Test::Compare(_, left, right) | Test::In(left, right) => {
            let exact = |value: &Value| is_exact(&value.candidates(given));
            itself(left) && exact(right) || itself(right) && exact(left)
        }
        Test::Holds(value) => itself(value),
        Test::Event(_) | Test::Designated | Test::Lasts(_) => false,
    }
}

/// Evaluates a simple test for one value of its input.
pub(super) fn truth_at(test: &Test<'_>, input: Input, value: &Candidate, given: &Given<'_>) -> Truth {
    let of = |side: &Value| match side {
        Value::Input(found) if *found == input => Some(value.clone()),
        other => other.candidates(given).first().cloned(),
    };
    match test {
        Test::Compare(comparison, left, right) => match (of(left), of(right)) {
            (Some(left), Some(right)) => left.compare(*comparison, &right),
            _ => Truth::Undetermined,
        },
        Test::In(item, list) => match (of(item), of(list)) {
            (Some(item), Some(list)) => item.within(&list),
            _ => Truth::Undetermined,
        },
        Test::Holds(_) => value.compare(Comparison::Equal, &Candidate::Boolean(true)),
        Test::Event(_) | Test::Designated | Test::Lasts(_) => Truth::Undetermined,
    }
}

/// Returns one value for each region between the constants with which an input is compared, within
/// what it may be. Nothing where they cannot be listed.
pub(super) fn values(
    kind: &ValueKind,
    input: Input,
    given: &Given<'_>,
    tests: &[(usize, &Test<'_>)],
) -> Option<Vec<Candidate>> {
    let possible = given.input(input);
    let constants: Vec<Candidate> = tests
        .iter()
        .flat_map(|(_, test)| match test {
            Test::Compare(_, left, right) | Test::In(left, right) => [left, right]
                .into_iter()
                .filter(|side| !matches!(side, Value::Input(found) if *found == input))
                .flat_map(|side| side.candidates(given).into_owned())
                .collect(),
            _ => Vec::new(),
        })
        .collect();
    let admitted = |value: &Candidate| possible.is_empty() || possible.contains(value);
    match kind {
        ValueKind::Boolean => {
            Some([true, false].map(Candidate::Boolean).into_iter().filter(admitted).collect())
        }
        ValueKind::Choice { values } => {
            let all = values.iter().map(|choice| Candidate::Text(choice.id.clone()));
            Some(all.filter(admitted).collect())
        }
        ValueKind::Choices { values } if values.len() <= MAX_CHOICES => {
            let chosen = |choice: u32| {
                let kept = values.iter().enumerate().filter(|(at, _)| choice & 1 << at != 0);
                Candidate::List(kept.map(|(_, value)| value.id.clone()).collect())
            };
            Some((1..1_u32 << values.len()).map(chosen).collect())
        }
        ValueKind::Text | ValueKind::Date if !possible.is_empty() => Some(possible.to_vec()),
        ValueKind::Text => {
            let mut texts: Vec<Candidate> = constants
                .into_iter()
                .flat_map(|constant| match constant {
                    Candidate::List(items) => items.into_iter().map(Candidate::Text).collect(),
                    other => vec![other],
                })
                .collect();
            // Any other text; no condition can quote this one.
            texts.push(Candidate::Text("'\"".to_owned()));
            Some(texts)
        }
        ValueKind::Date => {
            let mut days = Vec::new();
            for constant in &constants {
                let Candidate::Date(day) = constant else { return None };
                days.extend([day.yesterday().ok(), Some(*day), day.tomorrow().ok()].into_iter().flatten());
            }
            Some(days.into_iter().map(Candidate::Date).collect())
        }
        ValueKind::Number { .. } => {
            let mut cuts = Vec::new();
            for constant in &constants {
                let Candidate::Number(Amount { low: Some(cut), .. }) = constant else { return None };
                cuts.push(cut);
            }
            let anything = [Candidate::Number(Amount { low: None, high: None })];
            let mut found = Vec::new();
            for candidate in if possible.is_empty() { &anything } else { possible } {
                let Candidate::Number(amount) = candidate else { return None };
                found.extend(points(amount, &cuts));
            }
            Some(found.into_iter().map(|point| Candidate::Number(Amount::exact(point))).collect())
        }
        ValueKind::Choices { .. } | ValueKind::Period => None,
    }
}

/// Returns a point at each cut and in each region between cuts, within an interval.
fn points(amount: &Amount, cuts: &[&Number]) -> Vec<Number> {
    let inside = |cut: &&&Number| {
        amount.low.as_ref().is_none_or(|low| low <= **cut)
            && amount.high.as_ref().is_none_or(|high| **cut <= high)
    };
    let mut places: Vec<Number> = cuts.iter().filter(inside).map(|cut| (*cut).clone()).collect();
    places.extend(amount.low.clone());
    places.extend(amount.high.clone());
    places.sort();
    places.dedup();
    let one = Number::from(1);
    let mut between: Vec<Number> =
        places.windows(2).filter_map(|pair| pair[0].plus(&pair[1]).divided_by(&Number::from(2))).collect();
    if amount.low.is_none() {
        between.extend(places.first().map(|first| first.plus(&one.negated())));
    }
    if amount.high.is_none() {
        between.extend(places.last().map(|last| last.plus(&one)));
    }
    places.extend(between);
    if places.is_empty() {
        places.push(Number::zero());
    }
    places
}
