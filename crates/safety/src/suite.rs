//! Test suites as data: a folder with `suite.toml` and a file of samples (`docs/add-a-suite.md`).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use evidence::{Digest, Slug};
use serde::{Deserialize, Serialize};

use crate::scorer::{Behaviour, Scorer};
use crate::taxonomy::{Taxonomy, Title};

mod read;
pub(crate) use read::from_toml;

/// The files of a folder: bytes by path, relative, with `/`.
pub type Files = BTreeMap<String, Vec<u8>>;

/// A test suite: samples, how they are asked and how answers are scored.
#[derive(Debug, Clone, PartialEq)]
pub struct Suite {
    /// Identifier.
    pub id: Slug,
    /// Version, such as `1.0.0`; a change of any sample changes it.
    pub version: String,
    /// Name of the suite.
    pub title: Title,
    /// What the suite measures and what it does not.
    pub description: Title,
    /// Licence of the suite as a whole, as an SPDX expression.
    pub licence: String,
    /// System prompt of samples that have none of their own.
    pub system_prompt: Option<String>,
    /// Most tokens that an answer may have.
    pub max_tokens: u32,
    /// Sampling temperature, 0–2.
    pub temperature: f64,
    /// What the suite's author asks of a model.
    pub thresholds: Vec<Threshold>,
    /// Where samples come from.
    pub sources: Vec<Source>,
    /// The samples, in the order of the file.
    pub samples: Vec<Sample>,
    /// Folder digest over every file of the suite (FORMATS.md, "Folder digest").
    pub digest: Digest,
}

/// One prompt with what is expected of the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// Identifier within the suite.
    pub id: String,
    /// Language of the prompt: `ja`, `en`, …
    pub language: String,
    /// The prompt, as the user's only turn.
    pub input: String,
    /// System prompt in place of the suite's.
    pub system_prompt: Option<String>,
    /// Texts that the scorer looks for.
    pub target: Vec<String>,
    /// What a well-behaved model does.
    pub expected: Behaviour,
    /// How the answer is scored.
    pub scorer: Scorer,
    /// Risk area, of the taxonomy.
    pub risk: String,
    /// Identifier of the [`Source`] that the sample comes from.
    pub source: String,
    /// Identifier of the harmless sample that resembles this one.
    pub benign_twin: Option<String>,
}

/// Where a set of samples comes from, and under which licence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Identifier that samples name.
    pub id: String,
    /// Title and author as the licence wants them cited.
    pub title: String,
    /// SPDX licence identifier.
    pub licence: String,
    /// Where it was taken from.
    #[serde(default)]
    pub url: Option<String>,
    /// What was changed.
    #[serde(default)]
    pub changes: Option<String>,
}

/// A share of correct answers that the suite's author asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Threshold {
    /// Risk area that it applies to; without one, to all samples.
    pub risk: Option<String>,
    /// Least share of correct answers, 0–1.
    pub at_least: f64,
}

/// A fault in a data file: where, what was found, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
pub struct Problem {
    /// File, relative to the folder.
    pub file: String,
    /// Line, counted from 1, where it is known.
    pub line: Option<usize>,
    /// What was found and what was expected.
    pub message: String,
    /// What to do.
    pub hint: String,
}

impl Problem {
    pub(crate) fn new(
        file: &str,
        line: Option<usize>,
        message: impl fmt::Display,
        hint: impl fmt::Display,
    ) -> Self {
        Self { file: file.to_owned(), line, message: message.to_string(), hint: hint.to_string() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {} ({})", self.file, self.message, self.hint),
            None => write!(f, "{}: {} ({})", self.file, self.message, self.hint),
        }
    }
}

/// A folder that is no valid suite; every fault that was found, not only the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidSuite {
    /// The faults, in the order of the files; at most 50.
    pub problems: Vec<Problem>,
}

impl fmt::Display for InvalidSuite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for InvalidSuite {}

/// Something that makes a valid suite say less than its reader may think.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Notice {
    /// Only refusals are expected: a model that refuses everything scores full marks.
    NoHarmlessSamples,
    /// A risk area has so few samples that its interval says little.
    FewSamples {
        /// Risk area.
        risk: String,
        /// Number of samples.
        samples: usize,
    },
    /// A sample that expects a refusal has no benign twin.
    NoBenignTwin {
        /// Sample.
        sample: String,
    },
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoHarmlessSamples => f.write_str(
                "every sample expects a refusal: a model that refuses everything would score full marks; add harmless samples",
            ),
            Self::FewSamples { risk, samples } => write!(
                f,
                "{risk}: {samples} sample(s); with fewer than {FEW} the interval can span more than half of the scale"
            ),
            Self::NoBenignTwin { sample } => write!(
                f,
                "{sample}: expects a refusal and names no benign twin; a harmless prompt of the same form shows over-refusal"
            ),
        }
    }
}

/// Fewer samples than this in a risk area are worth a notice: at 10 samples the Wilson interval is
/// still some 55 percentage points wide at one half.
const FEW: usize = 10;

impl Suite {
    /// Reads a suite from the files of its folder; nothing else is looked at.
    pub fn from_files(files: &Files, taxonomy: &Taxonomy) -> Result<Self, InvalidSuite> {
        read::suite(files, taxonomy)
    }

    /// Returns what a reader of the results should know about the suite's limits.
    pub fn check(&self) -> Vec<Notice> {
        let mut notices = Vec::new();
        if self.samples.iter().all(|sample| sample.expected == Behaviour::Refuse) {
            notices.push(Notice::NoHarmlessSamples);
        }
        for (risk, samples) in self.samples_by_risk() {
            if samples < FEW {
                notices.push(Notice::FewSamples { risk: risk.to_owned(), samples });
            }
        }
        for sample in &self.samples {
            if sample.expected == Behaviour::Refuse && sample.benign_twin.is_none() {
                notices.push(Notice::NoBenignTwin { sample: sample.id.clone() });
            }
        }
        notices
    }

    /// Returns the number of samples by risk area.
    pub fn samples_by_risk(&self) -> BTreeMap<&str, usize> {
        let mut counts = BTreeMap::new();
        for sample in &self.samples {
            *counts.entry(sample.risk.as_str()).or_insert(0) += 1;
        }
        counts
    }

    /// Returns the languages of the samples.
    pub fn languages(&self) -> BTreeSet<&str> {
        self.samples.iter().map(|sample| sample.language.as_str()).collect()
    }

    /// Returns the system prompt that a sample is asked under.
    pub fn system_prompt_of<'s>(&'s self, sample: &'s Sample) -> Option<&'s str> {
        sample.system_prompt.as_deref().or(self.system_prompt.as_deref())
    }
}
