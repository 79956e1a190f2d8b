//! Report once: the duties of several laws side by side in a common vocabulary, and which filed
//! statements serve which of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use law::{Assessment, Common, Duty, DutyResult, Event, Party, Regime, Truth, Vocabulary};

use super::answers::{Answers, Laws};
use super::case::{Case, Trouble, as_of};
use super::query::{Wrong, WrongKind};
use jiff::Timestamp;

/// The common vocabulary that is shipped.
static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(|| {
    let text = include_str!("../../../../data/crosswalk.toml");
    // A test reads the shipped file; without it the matrix would be empty.
    Vocabulary::read("crosswalk.toml", text).unwrap_or(Vocabulary { words: Vec::new() })
});

/// Returns a duty of the common vocabulary.
pub(crate) fn common(id: &str) -> Option<&'static Common> {
    VOCABULARY.words.iter().find(|word| word.id == id)
}

/// One duty of the common vocabulary, and what each law makes of it.
pub(crate) struct Row<'c> {
    pub(crate) common: Common,
    /// The duties of each law that answer it, in the order of the laws.
    pub(crate) cells: Vec<Vec<(&'c Duty, &'c DutyResult)>>,
    /// Entries that fulfil it in one law and could be shown for others that wait for it.
    pub(crate) reusable: Vec<u64>,
}

/// Returns the rows in the order of the vocabulary: what is owed of the developer or may be, and what
/// was filed. Laws that ask for nothing have empty cells.
pub(crate) fn rows<'c>(cases: &'c [Case<'_>]) -> Vec<Row<'c>> {
    let assessed: Vec<(&Regime, &Assessment)> =
        cases.iter().map(|case| (case.regime(), &case.assessment)).collect();
    let found = law::crosswalk(&VOCABULARY, &assessed);
    let rows = found.rows.into_iter().map(|row| {
        let cells = row.cells.iter().zip(cases).map(|(answers, case)| {
            answers
                .iter()
                .filter(|answer| answer.owed != Truth::False || !answer.fulfilled_by.is_empty())
                .filter_map(|answer| case.regime().duty(&answer.duty).zip(case.assessment.duty(&answer.duty)))
                .filter(|(_, result)| result.by == Party::Developer)
                .collect()
        });
        Row { common: row.common, cells: cells.collect(), reusable: row.reusable }
    });
    rows.filter(|row| row.cells.iter().any(|cell: &Vec<_>| !cell.is_empty())).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_vocabulary_is_read() {
        assert!(VOCABULARY.words.len() >= 7);
    }
}
