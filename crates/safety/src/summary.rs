//! What a run found, in the terms of the `safety-verification` statement: no floating-point
//! numbers, shares as decimal strings, and what could not be scored counted apart.

use std::collections::{BTreeMap, BTreeSet};

use evidence::predicate::{
    Comparison, Counts, GroupResult, Rate, SafetyVerification, SuiteReference, TargetIdentity,
    VerificationScope,
};
use evidence::{Digest, Texts, Timestamp};
use serde::{Deserialize, Serialize};

use crate::journal::{Head, Record};
use crate::scorer::Outcome;
use crate::statistics::{self, decimal};
use crate::suite::{Suite, Threshold};

/// The result of a run over one suite.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// What was asked.
    pub suite: SuiteReference,
    /// Who answered: what the runner says, and what the endpoint says. Where the endpoint changed
    /// its model or fingerprint during the run, all that it gave stand there, separated by commas.
    pub target: TargetIdentity,
    /// Sampling parameters as sent: `temperature`, `max_tokens`, `seed`. Endpoints are free to
    /// ignore the seed.
    pub parameters: BTreeMap<String, String>,
    /// What the samples ended as; `samples` is less than the suite holds where the run was limited.
    pub counts: Counts,
    /// Share of correct answers among the scored ones.
    pub score: Rate,
    /// The same by language and by risk area.
    pub groups: Vec<GroupResult>,
    /// How the result stands to what the suite's author asks for.
    pub thresholds: Vec<ThresholdReading>,
    /// When the first question was asked, by this machine's clock.
    pub started_at: Timestamp,
    /// When the last answer was in.
    pub ended_at: Timestamp,
    /// Program and version that ran the suite.
    pub engine: String,
    /// SHA-256 of the list of refusal phrases that the scorers used.
    pub refusal_phrases: Digest,
    /// SHA-256 of the `.eval` log.
    pub log: Digest,
}

impl Summary {
    /// Makes the predicate that states this result.
    ///
    /// `artefact` is the digest of the weights, where the one who states it loaded them.
    pub fn verification(
        &self,
        scope: VerificationScope,
        artefact: Option<Digest>,
        comparison: Option<Comparison>,
        remarks: Texts,
    ) -> SafetyVerification {
        SafetyVerification {
            scope,
            suite: self.suite.clone(),
            target: TargetIdentity { artefact, ..self.target.clone() },
            parameters: self.parameters.clone(),
            counts: self.counts,
            score: self.score.clone(),
            groups: self.groups.clone(),
            started_at: self.started_at,
            ended_at: self.ended_at,
            log: self.log,
            comparison,
            remarks,
        }
    }
}

pub(crate) const NONE: Counts = Counts { samples: 0, scored: 0, correct: 0, unscored: 0, errors: 0 };

pub(crate) fn count(counts: &mut Counts, outcome: &Outcome) {
    counts.samples += 1;
    match outcome {
        Outcome::Correct => {
            counts.scored += 1;
            counts.correct += 1;
        }
        Outcome::Incorrect => counts.scored += 1,
        Outcome::Unscored { .. } => counts.unscored += 1,
        Outcome::Error { .. } => counts.errors += 1,
    }
}

/// Returns the share of correct answers with its Wilson interval; empty where nothing was scored.
fn rate(counts: Counts) -> Rate {
    let interval = statistics::wilson(counts.correct, counts.scored);
    Rate {
        value: statistics::share(counts.correct, counts.scored).map(decimal),
        low: interval.map(|interval| decimal(interval.lower)),
        high: interval.map(|interval| decimal(interval.upper)),
    }
}

/// How a result stands to a threshold. The interval decides, not the point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    /// The whole interval lies at or above the threshold.
    Met,
    /// The whole interval lies below it.
    NotMet,
    /// The interval spans it, or nothing was scored: more samples are needed.
    Undetermined,
}

/// A threshold of the suite and the reading of this run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ThresholdReading {
    /// Risk area; without one, all samples.
    pub risk: Option<String>,
    /// Least share of correct answers, as a decimal string.
    pub at_least: String,
    /// How the result stands to it.
    pub reading: Reading,
}

/// Most distinct names of the endpoint's that are kept.
const MAX_NAMES: usize = 8;

/// Gathers records, in any order, into what a summary says.
#[derive(Debug)]
pub(crate) struct Tally {
    counts: Counts,
    groups: BTreeMap<(&'static str, String), Counts>,
    models: BTreeSet<String>,
    fingerprints: BTreeSet<String>,
}

impl Tally {
    pub(crate) fn new() -> Self {
        Self { counts: NONE, groups: BTreeMap::new(), models: BTreeSet::new(), fingerprints: BTreeSet::new() }
    }

    pub(crate) fn add(&mut self, suite: &Suite, record: &Record) {
        let Some(sample) = suite.samples.get(record.index) else {
            return;
        };
        count(&mut self.counts, &record.outcome);
        for (by, group) in [("language", &sample.language), ("risk", &sample.risk)] {
            count(self.groups.entry((by, group.clone())).or_insert(NONE), &record.outcome);
        }
        if let Some(completion) = &record.completion {
            for (names, name) in [
                (&mut self.models, &completion.model),
                (&mut self.fingerprints, &completion.system_fingerprint),
            ] {
                if let Some(name) = name.as_ref().filter(|_| names.len() < MAX_NAMES) {
                    names.insert(name.clone());
                }
            }
        }
    }

    pub(crate) fn summary(self, suite: &Suite, head: &Head, ended_at: Timestamp, log: Digest) -> Summary {
        let thresholds = suite.thresholds.iter().map(|threshold| self.reading(threshold)).collect();
        let parameters = [
            ("temperature", suite.temperature.to_string()),
            ("max_tokens", suite.max_tokens.to_string()),
            ("seed", head.seed.to_string()),
        ];
        Summary {
            suite: SuiteReference {
                id: suite.id.clone(),
                version: suite.version.clone(),
                digest: suite.digest,
            },
            target: TargetIdentity {
                declared_model: head.model.clone(),
                artefact: None,
                endpoint_model: joined(&self.models),
                fingerprint: joined(&self.fingerprints),
            },
            parameters: parameters.map(|(name, value)| (name.to_owned(), value)).into(),
            score: rate(self.counts),
            counts: self.counts,
            groups: self
                .groups
                .into_iter()
                .map(|((by, group), counts)| GroupResult {
                    by: by.to_owned(),
                    group,
                    counts,
                    score: rate(counts),
                })
                .collect(),
            thresholds,
            started_at: head.started_at,
            ended_at,
            engine: head.engine.clone(),
            refusal_phrases: head.phrases_digest,
            log,
        }
    }

    fn reading(&self, threshold: &Threshold) -> ThresholdReading {
        let counts = match &threshold.risk {
            None => self.counts,
            Some(risk) => self.groups.get(&("risk", risk.clone())).copied().unwrap_or(NONE),
        };
        let reading = match statistics::wilson(counts.correct, counts.scored) {
            Some(interval) if interval.lower >= threshold.at_least => Reading::Met,
            Some(interval) if interval.upper < threshold.at_least => Reading::NotMet,
            _ => Reading::Undetermined,
        };
        ThresholdReading { risk: threshold.risk.clone(), at_least: threshold.at_least.to_string(), reading }
    }
}

fn joined(names: &BTreeSet<String>) -> Option<String> {
    (!names.is_empty()).then(|| names.iter().map(String::as_str).collect::<Vec<_>>().join(", "))
}
