//! Report once: which duties of several regimes ask for the same thing.

use serde::{Deserialize, Serialize};

use crate::assessment::{Assessment, DutyResult, Status};
use crate::diagnostic::{Diagnostic, Source};
use crate::regime::{RawText, Regime, Text};
use crate::truth::Truth;

/// Predicate of the statements that report an incident, in every regime.
const INCIDENT: &str = "incident";

/// The common vocabulary of duties.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vocabulary {
    /// Its words, in order.
    pub words: Vec<Common>,
}

/// A duty that several regimes know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Common {
    /// Id, as a duty's `common` names it.
    pub id: String,
    /// Name for people.
    pub name: Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawVocabulary {
    common: Vec<RawCommon>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCommon {
    id: String,
    name: RawText,
}

impl Vocabulary {
    /// Reads a vocabulary: `[[common]]` tables with `id`, `name.ja` and `name.en`.
    pub fn read(file: &str, text: &str) -> Result<Self, Diagnostic> {
        let source = Source { file, text };
        let raw: RawVocabulary = toml::from_str(text).map_err(|error| source.toml_error(&error))?;
        let words = raw.common.into_iter().map(|word| Common { id: word.id, name: word.name.into() });
        Ok(Self { words: words.collect() })
    }
}

/// A matrix: common duties × regimes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Crosswalk {
    /// Ids of the regimes, in the order given.
    pub regimes: Vec<String>,
    /// One row for each common duty that at least one regime knows.
    pub rows: Vec<CrosswalkRow>,
}

/// A common duty, and what each regime makes of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CrosswalkRow {
    /// The common duty.
    pub common: Common,
    /// For each regime its duties of this kind, and where they stand; empty where it has none.
    pub cells: Vec<Vec<Answer>>,
    /// Entries that fulfil a duty of this kind in one regime and could be shown for the others in
    /// which it is owed and nothing has been filed. A hint: the laws differ in detail.
    pub reusable: Vec<u64>,
}

/// One duty of one regime.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// Id of the duty.
    pub duty: String,
    /// Name for people.
    pub name: Text,
    /// Article.
    pub article: String,
    /// Whether it is owed.
    pub owed: Truth,
    /// Where it stands.
    pub status: Status,
    /// Last day.
    pub due: Option<jiff::civil::Date>,
    /// Last instant, where hours are counted.
    pub due_at: Option<jiff::Timestamp>,
    /// Entries that fulfil it, or a part of it.
    pub fulfilled_by: Vec<u64>,
}

/// Puts the duties of several regimes side by side, for one record.
pub fn crosswalk(vocabulary: &Vocabulary, assessed: &[(&Regime, &Assessment)]) -> Crosswalk {
    let rows = vocabulary.words.iter().filter_map(|common| {
        let cells: Vec<Vec<Answer>> =
            assessed.iter().map(|(regime, assessment)| answers(common, regime, assessment)).collect();
        if cells.iter().all(Vec::is_empty) {
            return None;
        }
        let all = || cells.iter().flatten();
        let waits = all().any(|answer| answer.owed != Truth::False && answer.fulfilled_by.is_empty());
        let mut reusable: Vec<u64> = Vec::new();
        if waits {
            reusable.extend(all().flat_map(|answer| &answer.fulfilled_by));
            reusable.sort_unstable();
            reusable.dedup();
        }
        Some(CrosswalkRow { common: common.clone(), cells, reusable })
    });
    Crosswalk {
        regimes: assessed.iter().map(|(regime, _)| regime.id.clone()).collect(),
        rows: rows.collect(),
    }
}

fn answers(common: &Common, regime: &Regime, assessment: &Assessment) -> Vec<Answer> {
    let of_kind = regime.duties.iter().filter(|duty| duty.common.contains(&common.id));
    let answers = of_kind.filter_map(|duty| {
        let found = assessment.duty(&duty.id)?;
        Some(Answer {
            duty: duty.id.to_string(),
            name: duty.text.clone(),
            article: duty.article.to_string(),
            owed: found.owed,
            status: found.status,
            due: found.due,
            due_at: found.due_at,
            fulfilled_by: found.fulfilled_by.clone(),
        })
    });
    answers.collect()
}

/// Returns the duties to tell somebody of an incident that are owed, or may be owed.
pub fn told_of_incidents<'a>(
    regime: &'a Regime,
    assessment: &'a Assessment,
) -> impl Iterator<Item = &'a DutyResult> + 'a {
    assessment.duties.iter().filter(|duty| {
        let about = regime.duty(&duty.id).is_some_and(|rule| {
            rule.each_patterns.iter().any(|pattern| pattern.predicate == INCIDENT)
                || rule.common.iter().any(|common| common == "incident-report")
        });
        about && duty.owed != Truth::False
    })
}
