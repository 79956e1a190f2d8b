//! What a run found, in the form that a statement carries: no floating-point numbers, shares as
//! decimal strings, and what could not be scored counted apart.

use std::collections::{BTreeMap, BTreeSet};

use evidence::{Digest, Timestamp};
use serde::{Deserialize, Serialize};

use crate::journal::Record;
use crate::scorer::{self, Outcome};
use crate::statistics::{self, decimal};
use crate::suite::{Suite, Threshold};

/// The result of a run over one suite.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// What was asked.
    pub suite: SuiteIdentity,
    /// Who answered.
    pub target: Target,
    /// How it was asked.
    pub parameters: Parameters,
    /// What the samples ended as.
    pub counts: Counts,
    /// Share of correct answers among the scored ones; absent where none was scored.
    pub score: Option<Score>,
    /// The same by language and by risk area.
    pub groups: Vec<GroupScore>,
    /// How the result stands to what the suite's author asks for.
    pub thresholds: Vec<ThresholdReading>,
    /// When the first question was asked, by this machine's clock.
    pub started_at: Timestamp,
    /// When the last answer was in.
    pub ended_at: Timestamp,
    /// Program and version that ran the suite.
    pub engine: String,
    /// SHA-256 of the list of refusal phrases that the scorers used.
    pub phrases_digest: Digest,
    /// SHA-256 of the `.eval` log.
    pub log_digest: Digest,
}

/// Which suite was run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SuiteIdentity {
    /// Identifier.
    pub id: String,
    /// Version.
    pub version: String,
    /// Folder digest.
    pub digest: Digest,
}

/// Which model answered: what the runner says, and what the endpoint says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Target {
    /// Name under which the model was asked for.
    pub declared_model: String,
    /// Names that the endpoint gave in its answers; more than one means that it changed.
    pub endpoint_models: Vec<String>,
    /// System fingerprints that the endpoint gave.
    pub system_fingerprints: Vec<String>,
}

/// How the questions were put.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Parameters {
    /// Sampling temperature, as a decimal string.
    pub temperature: String,
    /// Most tokens an answer could have.
    pub max_tokens: u32,
    /// Seed that the endpoint was sent; endpoints are free to ignore it.
    pub seed: u32,
    /// Number of samples that the suite holds; more than were asked where the run was limited.
    pub suite_samples: usize,
}

/// What samples ended as. `samples = scored + unscored + errors`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// Samples asked.
    pub samples: usize,
    /// Samples scored: the denominator.
    pub scored: usize,
    /// Scored and as expected.
    pub correct: usize,
    /// Answered, but not to be scored: empty or cut off.
    pub unscored: usize,
    /// Not answered: the endpoint failed.
    pub errors: usize,
}

impl Counts {
    pub(crate) fn add(&mut self, outcome: &Outcome) {
        self.samples += 1;
        match outcome {
            Outcome::Correct => {
                self.scored += 1;
                self.correct += 1;
            }
            Outcome::Incorrect => self.scored += 1,
            Outcome::Unscored { .. } => self.unscored += 1,
            Outcome::Error { .. } => self.errors += 1,
        }
    }
}

/// A share with its 95 % Wilson interval; decimal strings with four digits after the point.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Score {
    /// Correct answers over scored answers.
    pub rate: String,
    /// Lower end.
    pub lower: String,
    /// Upper end.
    pub upper: String,
    /// Confidence level: `0.95`.
    pub confidence: String,
    /// Method: `wilson`.
    pub method: String,
}

impl Score {
    /// Returns the score of `correct` out of `scored`, or nothing where nothing was scored.
    pub fn of(correct: usize, scored: usize) -> Option<Self> {
        let interval = statistics::wilson(correct, scored)?;
        Some(Self {
            rate: decimal(statistics::share(correct, scored)?),
            lower: decimal(interval.lower),
            upper: decimal(interval.upper),
            confidence: "0.95".to_owned(),
            method: "wilson".to_owned(),
        })
    }
}

/// The score of a part of the samples.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupScore {
    /// What the samples are grouped by: `language` or `risk`.
    pub dimension: String,
    /// The group: a language code or a risk area.
    pub value: String,
    /// What the group's samples ended as.
    pub counts: Counts,
    /// Share of correct answers.
    pub score: Option<Score>,
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
const MAX_NAMES: usize = 16;

/// Gathers records, in any order, into what a summary says.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    counts: Counts,
    groups: BTreeMap<(&'static str, String), Counts>,
    models: BTreeSet<String>,
    fingerprints: BTreeSet<String>,
}

impl Tally {
    pub(crate) fn add(&mut self, suite: &Suite, record: &Record) {
        let Some(sample) = suite.samples.get(record.index) else {
            return;
        };
        self.counts.add(&record.outcome);
        for (dimension, value) in [("language", &sample.language), ("risk", &sample.risk)] {
            self.groups.entry((dimension, value.clone())).or_default().add(&record.outcome);
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

    pub(crate) fn summary(self, suite: &Suite, facts: RunFacts) -> Summary {
        let thresholds = suite.thresholds.iter().map(|threshold| self.reading(threshold)).collect();
        Summary {
            suite: SuiteIdentity {
                id: suite.id.clone(),
                version: suite.version.clone(),
                digest: suite.digest,
            },
            target: Target {
                declared_model: facts.model,
                endpoint_models: self.models.into_iter().collect(),
                system_fingerprints: self.fingerprints.into_iter().collect(),
            },
            parameters: Parameters {
                temperature: suite.temperature.to_string(),
                max_tokens: suite.max_tokens,
                seed: facts.seed,
                suite_samples: suite.samples.len(),
            },
            score: Score::of(self.counts.correct, self.counts.scored),
            counts: self.counts,
            groups: self
                .groups
                .into_iter()
                .map(|((dimension, value), counts)| GroupScore {
                    dimension: dimension.to_owned(),
                    value,
                    counts,
                    score: Score::of(counts.correct, counts.scored),
                })
                .collect(),
            thresholds,
            started_at: facts.started_at,
            ended_at: facts.ended_at,
            engine: facts.engine,
            phrases_digest: scorer::phrases_digest(),
            log_digest: facts.log_digest,
        }
    }

    fn reading(&self, threshold: &Threshold) -> ThresholdReading {
        let counts = match &threshold.risk {
            None => self.counts,
            Some(risk) => self.groups.get(&("risk", risk.clone())).copied().unwrap_or_default(),
        };
        let reading = match statistics::wilson(counts.correct, counts.scored) {
            Some(interval) if interval.lower >= threshold.at_least => Reading::Met,
            Some(interval) if interval.upper < threshold.at_least => Reading::NotMet,
            _ => Reading::Undetermined,
        };
        ThresholdReading { risk: threshold.risk.clone(), at_least: threshold.at_least.to_string(), reading }
    }
}

/// What a summary says beside the tally.
#[derive(Debug)]
pub(crate) struct RunFacts {
    pub(crate) model: String,
    pub(crate) seed: u32,
    pub(crate) started_at: Timestamp,
    pub(crate) ended_at: Timestamp,
    pub(crate) engine: String,
    pub(crate) log_digest: Digest,
}
