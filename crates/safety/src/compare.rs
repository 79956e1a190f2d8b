//! Two runs over the same samples: the developer's own and the institute's, for instance.

use std::collections::BTreeMap;

use evidence::Digest;
use evidence::predicate::Comparison;
use serde::{Deserialize, Serialize};

use crate::run::Run;
use crate::scorer::Outcome;
use crate::statistics::{Pairs, decimal, mcnemar_exact};

/// How a second run differs from a first, over the samples that both scored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Difference {
    /// Samples that both runs scored.
    pub pairs: u64,
    /// Correct in both.
    pub both: u64,
    /// Correct in the first only.
    pub only_first: u64,
    /// Correct in the second only.
    pub only_second: u64,
    /// Correct in neither.
    pub neither: u64,
    /// Samples that one of the runs did not score.
    pub left_out: u64,
    /// Second share less first share, as a decimal string.
    pub difference: String,
    /// Lower end of the 95 % interval (Newcombe 1998, method 10).
    pub lower: String,
    /// Upper end.
    pub upper: String,
    /// Two-sided p-value of the exact McNemar test.
    pub p_value: String,
}

impl Difference {
    /// Makes the part of a predicate that states this difference from an `earlier` verification,
    /// the first of the two runs.
    pub fn comparison(&self, earlier: Digest) -> Comparison {
        Comparison {
            statement: earlier,
            paired: self.pairs,
            difference: self.difference.clone(),
            p_value: self.p_value.clone(),
        }
    }
}

/// Why two runs cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotComparable {
    /// They asked different things.
    #[error(
        "the runs asked different suites: {first} and {second}; compare runs of the same suite, version and files"
    )]
    DifferentSuites {
        /// Suite of the first run, with its digest.
        first: String,
        /// Suite of the second run.
        second: String,
    },
    /// They scored differently.
    #[error("the runs used different lists of refusal phrases; run both with the same version of Kanae")]
    DifferentScorers,
    /// No sample was scored by both.
    #[error("no sample was scored in both runs")]
    NothingInCommon,
}

/// Compares two runs, sample by sample.
pub fn compare(first: &Run, second: &Run) -> Result<Difference, NotComparable> {
    let (a, b) = (&first.summary, &second.summary);
    if a.suite != b.suite {
        let name = |run: &Run| {
            let suite = &run.summary.suite;
            format!("{} {} ({})", suite.id, suite.version, suite.digest.short())
        };
        return Err(NotComparable::DifferentSuites { first: name(first), second: name(second) });
    }
    if a.refusal_phrases != b.refusal_phrases {
        return Err(NotComparable::DifferentScorers);
    }
    let mut scored: BTreeMap<&str, [Option<bool>; 2]> = BTreeMap::new();
    for (side, run) in [first, second].into_iter().enumerate() {
        for sample in &run.samples {
            scored.entry(&sample.id).or_default()[side] = match sample.outcome {
                Outcome::Correct => Some(true),
                Outcome::Incorrect => Some(false),
                Outcome::Unscored { .. } | Outcome::Error { .. } => None,
            };
        }
    }
    let mut pairs = Pairs::default();
    let mut left_out = 0;
    for sides in scored.into_values() {
        match sides {
            [Some(true), Some(true)] => pairs.both += 1,
            [Some(true), Some(false)] => pairs.only_first += 1,
            [Some(false), Some(true)] => pairs.only_second += 1,
            [Some(false), Some(false)] => pairs.neither += 1,
            _ => left_out += 1,
        }
    }
    let (Some(difference), Some(interval)) = (pairs.difference(), pairs.interval()) else {
        return Err(NotComparable::NothingInCommon);
    };
    Ok(Difference {
        pairs: pairs.total(),
        both: pairs.both,
        only_first: pairs.only_first,
        only_second: pairs.only_second,
        neither: pairs.neither,
        left_out,
        difference: decimal(difference),
        lower: decimal(interval.lower),
        upper: decimal(interval.upper),
        p_value: decimal(mcnemar_exact(pairs.only_first, pairs.only_second)),
    })
}
