//! Report once: the duties of several laws side by side in a common vocabulary, and which filed
//! statements serve which of them.

use std::collections::{BTreeMap, BTreeSet};

use law::{Duty, DutyResult, Event, Party, Truth};

use super::answers::{Answers, Laws};
use super::case::{Case, Trouble, as_of};
use super::query::{Wrong, WrongKind};
use jiff::Timestamp;

/// One duty of the common vocabulary, and what each law makes of it.
pub(crate) struct Row<'c> {
    /// Its name in the vocabulary.
    pub(crate) common: &'c str,
    /// The duties of each law that answer it, in the order of the laws.
    pub(crate) cells: Vec<Vec<(&'c Duty, &'c DutyResult)>>,
}

/// Returns the rows: first what most laws ask for. Laws that do not cover the subject have empty cells.
pub(crate) fn rows<'c>(cases: &'c [Case<'_>]) -> Vec<Row<'c>> {
    let mut found: BTreeMap<&str, Vec<Vec<(&Duty, &DutyResult)>>> = BTreeMap::new();
    for (at, case) in cases.iter().enumerate() {
        for result in case.of_developers() {
            let Some(rule) = case.regime().duty(&result.id) else { continue };
            if result.owed == Truth::False && result.fulfilled_by.is_empty() {
                continue;
            }
            for common in &rule.common {
                let cells = found.entry(common.as_str()).or_insert_with(|| vec![Vec::new(); cases.len()]);
                cells[at].push((rule, result));
            }
        }
    }
    let mut rows: Vec<Row<'_>> = found.into_iter().map(|(common, cells)| Row { common, cells }).collect();
    let laws = |row: &Row<'_>| row.cells.iter().filter(|cell| !cell.is_empty()).count();
    rows.sort_by_key(|row| (std::cmp::Reverse(laws(row)), row.common));
    rows
}

/// Returns which duties of which laws each filed statement serves: entry → (law, duty).
pub(crate) fn served<'c>(cases: &'c [Case<'_>]) -> BTreeMap<u64, Vec<(&'c Case<'c>, &'c DutyResult)>> {
    let mut served: BTreeMap<u64, Vec<_>> = BTreeMap::new();
    for case in cases {
        for result in case.of_developers().filter(|duty| duty.owed != Truth::False) {
            for entry in &result.fulfilled_by {
                served.entry(*entry).or_default().push((case, result));
            }
        }
    }
    served
}

/// Returns the kinds of statements that could fulfil a duty of the common vocabulary.
pub(crate) fn predicates(laws: &Laws) -> BTreeSet<&str> {
    let mut found = BTreeSet::new();
    for law in laws.values() {
        let duties = law.regime.duties().iter().filter(|duty| duty.by == Party::Developer);
        let texts: Vec<&str> = duties
            .filter(|duty| !duty.common.is_empty())
            .filter_map(|duty| duty.fulfilled_by.as_deref())
            .collect();
        let names = law.regime.events().keys().map(String::as_str);
        found.extend(names.filter(|name| texts.iter().any(|text| names_in(text).any(|word| word == *name))));
    }
    found
}

/// Returns the words of a condition that could name a statement.
fn names_in(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
}

/// Applies the laws to the answers, and to what the visitor says was filed.
pub(crate) fn of_answers<'l>(
    laws: &'l Laws,
    answers: &Answers,
    now: Timestamp,
) -> Result<Vec<Case<'l>>, Trouble> {
    answers
        .scope(laws)
        .into_iter()
        .map(|law| {
            let mut filed = Vec::new();
            for (at, (predicate, day)) in answers.filed.iter().enumerate() {
                let noon = law.regime.time_zone().to_timestamp(day.at(12, 0, 0, 0));
                let later = || Wrong::new(format!("s.{predicate}"), WrongKind::Later);
                if *day > as_of(&law.regime, answers, now) {
                    return Err(later().into());
                }
                filed.push(Event {
                    arrived: noon.map_err(|_| later())?,
                    entry: at as u64,
                    predicate: predicate.clone(),
                    statement: String::new(),
                    attributes: BTreeMap::new(),
                });
            }
            Case::new(law, answers, filed, now)
        })
        .collect()
}
