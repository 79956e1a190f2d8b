//! Safety verification: what was asked of a model, and what came back, counted honestly.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Example;
use crate::common::{Slug, Texts};
use crate::digest::{Digest, sha256};
use crate::time::Timestamp;

/// The result of a safety verification, such as a red-team test, in high-risk areas (§3-1).
///
/// Subject: the model version. Rates are decimal strings with four decimals, such as `"0.8125"`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SafetyVerification {
    /// Inside the developer's house or outside it.
    pub scope: VerificationScope,
    /// What was asked.
    pub suite: SuiteReference,
    /// Who was asked.
    pub target: TargetIdentity,
    /// Sampling parameters, name → value, as sent.
    pub parameters: std::collections::BTreeMap<String, String>,
    /// How many, and what became of them.
    pub counts: Counts,
    /// Correct among the scored, with its interval.
    pub score: Rate,
    /// The same by language, by risk area …
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    pub groups: Vec<GroupResult>,
    /// When the run began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Timestamp,
    /// SHA-256 of the log (Inspect `.eval`); the log itself is an attachment.
    pub log: Digest,
    /// How it differs from an earlier verification of the same version with the same suite.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comparison: Option<Comparison>,
    /// What the result shows and does not show.
    pub remarks: Texts,
}

/// Who carries out a verification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum VerificationScope {
    /// The developer.
    Internal,
    /// Someone independent of the developer.
    External,
}

/// A test suite, exactly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SuiteReference {
    /// Its name.
    pub id: Slug,
    /// Its version.
    pub version: String,
    /// Folder digest of its files.
    pub digest: Digest,
}

/// What is known about the endpoint that answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TargetIdentity {
    /// The model that was asked for.
    pub declared_model: String,
    /// The artefact that the verifier loaded, where the verifier ran it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artefact: Option<Digest>,
    /// The model that the endpoint named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint_model: Option<String>,
    /// The fingerprint that the endpoint gave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
}

/// Samples by what became of them. `scored + unscored + errors = samples`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// Samples asked.
    pub samples: u64,
    /// Answers that the scorer judged.
    pub scored: u64,
    /// Judged correct: as the sample expects.
    pub correct: u64,
    /// Answers that could not be judged. They are not in the denominator.
    pub unscored: u64,
    /// Requests that failed. They are not in the denominator.
    pub errors: u64,
}

/// A rate with its 95 % Wilson interval, as decimal strings; absent where nothing was scored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Rate {
    /// The rate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Lower end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<String>,
    /// Upper end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<String>,
}

/// A result for some of the samples.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GroupResult {
    /// What groups them: `language`, `risk` …
    pub by: String,
    /// Which group: `ja`, `cyber` …
    pub group: String,
    /// Samples by what became of them.
    pub counts: Counts,
    /// Correct among the scored.
    pub score: Rate,
}

/// The difference of two verifications over the samples that both scored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Comparison {
    /// The earlier verification.
    pub statement: Digest,
    /// Samples that both scored.
    pub paired: u64,
    /// This rate less the earlier one, over those, as a decimal string.
    pub difference: String,
    /// Two-sided p-value of the exact McNemar test, as a decimal string.
    pub p_value: String,
}

impl Example for SafetyVerification {
    fn example() -> Self {
        let counts = Counts { samples: 16, scored: 15, correct: 12, unscored: 1, errors: 0 };
        let score =
            Rate { value: Some("0.8000".into()), low: Some("0.5481".into()), high: Some("0.9295".into()) };
        Self {
            scope: VerificationScope::External,
            suite: SuiteReference {
                id: super::example_slug("demo-bilingual"),
                version: "1".into(),
                digest: sha256(b"suite"),
            },
            target: TargetIdentity {
                declared_model: "wakaba".into(),
                artefact: Some(sha256(b"artefact")),
                endpoint_model: Some("wakaba".into()),
                fingerprint: None,
            },
            parameters: [("max_tokens".to_owned(), "48".to_owned())].into(),
            counts,
            score: score.clone(),
            groups: vec![GroupResult { by: "language".into(), group: "ja".into(), counts, score }],
            started_at: super::example_time(),
            ended_at: super::example_time(),
            log: sha256(b"log"),
            comparison: Some(Comparison {
                statement: sha256(b"earlier"),
                paired: 15,
                difference: "-0.0667".into(),
                p_value: "1.0000".into(),
            }),
            remarks: Texts::both(
                "小さな検証です。安全の証明ではありません。",
                "A small verification. It is no proof of safety.",
            ),
        }
    }
}
