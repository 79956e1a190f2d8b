//! Acting for another, and taking another's place.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Example;
use crate::common::{Slug, Texts};
use crate::digest::{Digest, sha256};
use crate::time::Date;

/// An organisation lets another sign for it (委任状): the agent's keys then count as its own for
/// these kinds of statement.
///
/// Subject: the organisation that gives the mandate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Mandate {
    /// The organisation that acts.
    pub agent: Digest,
    /// What it may say, by predicate name.
    #[schemars(length(min = 1, max = 64))]
    pub acts: Vec<Slug>,
    /// First day (UTC).
    pub from: Date,
    /// Last day (UTC).
    pub until: Date,
    /// What is agreed, for people.
    pub terms: Texts,
}

/// A mandate ends.
///
/// Subject: the `mandate`. Said by either side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MandateEnd {
    /// Why it ends.
    pub reasons: Texts,
}

/// An organisation takes another's place: its models, and the duties and acts about them, are the
/// successor's from this entry on.
///
/// Subject: the organisation that is succeeded. It rests on an `application` of either.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Succession {
    /// The successor.
    pub successor: Digest,
    /// How it comes about.
    pub kind: SuccessionKind,
    /// The `application` for it.
    pub application: Digest,
    /// The models that pass over.
    #[schemars(length(min = 1, max = 64))]
    pub models: Vec<Digest>,
    /// The day on which it came about in law.
    pub effective_on: Date,
    /// Why it is recorded.
    pub reasons: Texts,
}

/// How a succession comes about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SuccessionKind {
    /// A merger (合併).
    Merger,
    /// A split (会社分割).
    Split,
    /// A transfer of the business (事業譲渡).
    Transfer,
}

impl Example for Mandate {
    fn example() -> Self {
        Self {
            agent: sha256(b"agent"),
            acts: vec![super::example_slug("notification"), super::example_slug("reply")],
            from: super::example_date(),
            until: super::example_date(),
            terms: Texts::both("届出と回答を委任します。", "To notify and to reply."),
        }
    }
}

impl Example for MandateEnd {
    fn example() -> Self {
        Self { reasons: Texts::both("契約の終了。", "The contract has ended.") }
    }
}

impl Example for Succession {
    fn example() -> Self {
        Self {
            successor: sha256(b"successor"),
            kind: SuccessionKind::Merger,
            application: sha256(b"application"),
            models: vec![sha256(b"model")],
            effective_on: super::example_date(),
            reasons: Texts::both("吸収合併の登記を確認しました。", "The registered merger was checked."),
        }
    }
}
