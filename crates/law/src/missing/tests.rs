//! Small cases by brute force, and interviews under the shipped regimes.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::assess::assess;
use crate::assessment::Coverage;
use crate::record::FactValue;
use crate::testing::{Chance, DAY, all_shipped, invented, shipped};

const AS_OF: Date = jiff::civil::date(2031, 1, 6);

fn record(facts: &[(&str, FactValue)]) -> Record {
    let mut record = Record::default();
    for (name, value) in facts {
        record.state(*name, value.clone());
    }
    record
}

fn number(value: &str) -> FactValue {
    FactValue::Number { value: value.parse().unwrap(), unit: None }
}

fn range(low: &str, high: &str) -> FactValue {
    FactValue::Range { low: low.parse().ok(), high: high.parse().ok(), unit: None }
}

fn sets(condition: &str, record: &Record) -> Vec<Vec<String>> {
    let regime = invented(condition);
    let found = missing_sets(&regime, &SwitchSettings::default(), record, AS_OF, Goal::Coverage).unwrap();
    assert!(found.exhaustive);
    found
        .sets
        .iter()
        .map(|set| set.missing.union(&set.disputed).iter().map(ToString::to_string).collect())
        .collect()
}

#[test]
fn a_condition_that_holds_in_every_region_needs_one_fact_only() {
    assert_eq!(sets("x > 2 or x <= 2 or a", &Record::default()), [["x"]]);
    assert_eq!(sets("(a or not a) and (b or not b) or t = 'p'", &Record::default()), [["a", "b"]]);
    // Either of two suffices.
    assert_eq!(sets("(a or not a) or (b or not b)", &Record::default()), [["a"], ["b"]]);
}

#[test]
fn a_fact_that_cannot_change_the_answer_is_not_asked_for() {
    let known = record(&[("x", range("3", "5"))]);
    assert_eq!(sets("x > 2 and a", &known), [["a"]]);
    assert_eq!(sets("x > 4 and a and not b", &known), [["a", "b", "x"]]);
    assert_eq!(sets("x > 4 and x < 4", &known), [["x"]]);
}

#[test]
fn the_first_question_is_the_one_that_may_settle_the_answer_alone() {
    let ask = |condition: &str, record: &Record| {
        let regime = invented(condition);
        next_question(&regime, &SwitchSettings::default(), record, AS_OF, Goal::Coverage).unwrap()
    };
    assert_eq!(ask("(a or b) and (a or x > 1) and t = 'p'", &Record::default()).as_deref(), Some("t"));
    assert_eq!(ask("a and (b or x > 1)", &Record::default()).as_deref(), Some("a"));
    assert_eq!(ask("(x > 1 or a) and (x > 2 or b)", &Record::default()).as_deref(), Some("x"));
    assert_eq!(ask("a or not a", &record(&[("a", FactValue::Boolean(true))])), None);
}

#[test]
fn an_open_switch_is_named_beside_the_facts() {
    let regime = shipped("jp-basic-law-2024");
    let goal = Goal::Coverage;
    let found = missing_sets(&regime, &SwitchSettings::default(), &Record::default(), DAY, goal).unwrap();
    assert!(found.sets[0].unsettled.contains("target"));
    assert!(matches!(
        missing_sets(&regime, &SwitchSettings::default(), &Record::default(), DAY, Goal::Duty("notfy")),
        Err(GoalError::Unknown { what: "duty", .. })
    ));
}

/// What each fact may be in the small cases: a point of each region.
fn domain(name: &str) -> Vec<FactValue> {
    match name {
        "a" | "b" => vec![FactValue::Boolean(true), FactValue::Boolean(false)],
        "x" => ["0", "1", "1.5", "2", "2.5", "3", "4"].map(number).to_vec(),
        "y" => ["0", "1", "1.5", "2", "3"].map(number).to_vec(),
        _ => ["p", "q", "r"].map(|text| FactValue::Text(text.to_owned())).to_vec(),
    }
}

fn within(value: &FactValue, stated: &[FactValue]) -> bool {
    stated.is_empty()
        || stated.iter().any(|stated| match (stated, value) {
            (FactValue::Range { low, high, .. }, FactValue::Number { value, .. }) => {
                low.as_ref().is_none_or(|low| low <= value) && high.as_ref().is_none_or(|high| value <= high)
            }
            _ => stated == value,
        })
}

/// Whether the answer is settled for every value that the facts of a set may have.
fn settled_for_all(regime: &Regime, record: &Record, set: &[&str]) -> bool {
    let Some((name, rest)) = set.split_first() else {
        let found = assess(regime, &SwitchSettings::default(), record, AS_OF).unwrap();
        return found.coverage != Coverage::Undetermined;
    };
    let stated: Vec<_> =
        record.facts.get(*name).into_iter().flatten().map(|entry| entry.value.clone()).collect();
    domain(name).into_iter().filter(|value| within(value, &stated)).all(|value| {
        let mut known = record.clone();
        known.facts.remove(*name);
        known.state(*name, value);
        settled_for_all(regime, &known, rest)
    })
}

fn smallest_by_trying(regime: &Regime, record: &Record) -> BTreeSet<Vec<String>> {
    let open: Vec<&str> = ["a", "b", "x", "y", "t"]
        .into_iter()
        .filter(|name| {
            !matches!(
                record.facts.get(*name).map(Vec::as_slice),
                Some([only]) if !matches!(only.value, FactValue::Range { .. })
            )
        })
        .collect();
    let mut choices: Vec<u32> = (0..1 << open.len()).collect();
    choices.sort_by_key(|choice| choice.count_ones());
    let mut found: Vec<u32> = Vec::new();
    for choice in choices {
        let set: Vec<_> =
            open.iter().enumerate().filter(|(at, _)| choice & 1 << at != 0).map(|(_, name)| *name).collect();
        if !found.iter().any(|smaller| smaller & !choice == 0) && settled_for_all(regime, record, &set) {
            found.push(choice);
        }
    }
    let named = |choice: u32| {
        let mut names: Vec<String> = open
            .iter()
            .enumerate()
            .filter(|(at, _)| choice & 1 << at != 0)
            .map(|(_, name)| (*name).to_owned())
            .collect();
        names.sort();
        names
    };
    found.into_iter().filter(|choice| *choice != 0).map(named).collect()
}

fn condition() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "a",
        "b",
        "x > 1",
        "x >= 2",
        "x < 2",
        "x = 3",
        "y > 1",
        "y <= 2",
        "t = 'p'",
        "t in ['p', 'q']",
        "t != 'r'",
    ]);
    leaf.prop_map(str::to_owned).prop_recursive(3, 10, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(|parts| format!("({})", parts.join(" and "))),
            prop::collection::vec(inner.clone(), 2..4).prop_map(|parts| format!("({})", parts.join(" or "))),
            inner.prop_map(|part| format!("not ({part})")),
        ]
    })
}

fn small_record() -> impl Strategy<Value = Record> {
    let boolean = |name: &'static str| {
        prop_oneof![
            Just(Vec::new()),
            Just(vec![(name, FactValue::Boolean(true))]),
            Just(vec![(name, FactValue::Boolean(true)), (name, FactValue::Boolean(false))]),
        ]
    };
    let figure = |name: &'static str| {
        prop_oneof![
            Just(Vec::new()),
            Just(vec![(name, number("2"))]),
            Just(vec![(name, range("1", "3"))]),
            Just(vec![(name, range("2", ""))]),
            Just(vec![(name, number("1")), (name, range("2", "3"))]),
        ]
    };
    (boolean("a"), boolean("b"), figure("x"), figure("y"))
        .prop_map(|(a, b, x, y)| record(&[a, b, x, y].concat()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn missing_sets_are_all_sets_that_suffice_and_cannot_be_smaller(
        condition in condition(), record in small_record(),
    ) {
        let regime = invented(&condition);
        let found = sets(&condition, &record);
        let tried = smallest_by_trying(&regime, &record);
        prop_assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), tried, "{}", condition);
    }

    #[test]
    fn the_questions_of_an_interview_come_to_an_end(seed in any::<u64>()) {
        let mut chance = Chance(seed);
        for regime in all_shipped() {
            let settings = SwitchSettings::default();
            let (answers, mut record) = (chance.record(regime), Record::default());
            record.events.clone_from(&answers.events);
            let mut asked = BTreeSet::new();
            while let Some(name) = next_question(regime, &settings, &record, DAY, Goal::Coverage).unwrap() {
                prop_assert!(asked.insert(name.clone()), "{} is asked twice", name);
                let exact = answers.facts.get(&name).into_iter().flatten().map(|entry| entry.value.clone());
                let mut exact = exact.filter(|value| {
                    !matches!(value, FactValue::Range { .. } | FactValue::Unknown)
                });
                let Some(value) = exact.next_back() else { break };
                record.state(name, value);
            }
        }
    }
}
