//! Models, their versions, facts about them, and their weights.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Example;
use crate::common::{Slug, Texts};
use crate::digest::{Digest, sha256};
use crate::time::{Date, Timestamp};

/// A model of an organisation.
///
/// Subject: the organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Model {
    /// Its readable name in addresses.
    pub slug: Slug,
    /// Its names.
    pub names: Texts,
    /// What it is and does.
    pub description: Texts,
}

/// A version of a model.
///
/// Subject: the model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ModelVersion {
    /// Its readable name in addresses.
    pub slug: Slug,
    /// The day of its release, where it is released.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub released_on: Option<Date>,
    /// The licence of its weights (SPDX expression), where they are open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licence: Option<String>,
    /// What it is made from, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Texts>,
}

/// Facts about a model: claims of the issuer, with sources and uncertainty.
///
/// Subject: the model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ModelFacts {
    /// Fact name, as the regimes' fact schemas have it → fact.
    pub facts: BTreeMap<String, Fact>,
}

/// One fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Fact {
    /// Its value.
    pub value: FactValue,
    /// Since when the issuer knows it.
    pub known_at: Timestamp,
    /// How it was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<Texts>,
    /// Where it can be read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub sources: Vec<Source>,
}

/// The value of a fact. Numbers are decimal strings with their unit, such as `"1.6e21 FLOP"`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FactValue {
    /// A number.
    Number(String),
    /// A number somewhere from `low` to `high`.
    Interval {
        /// The least that it may be.
        low: String,
        /// The most that it may be.
        high: String,
    },
    /// Yes or no.
    Boolean(bool),
    /// A word or a text.
    Text(String),
    /// A day.
    Date(Date),
    /// Not known to the issuer. That is an answer.
    Unknown,
}

/// Where something can be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Source {
    /// What it is called.
    pub title: String,
    /// Where it is; shown as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// A statement that says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement: Option<Digest>,
}

/// The identity of a version's weights, and the signature over them (OpenSSF Model Signing).
///
/// Subject: the model version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WeightsManifest {
    /// Folder digest of the weights: their identity.
    pub artefact: Digest,
    /// Number of files.
    pub files: u64,
    /// Bytes in all.
    pub bytes: u64,
    /// SHA-256 of the OMS bundle; the bundle itself is an attachment.
    pub bundle: Digest,
    /// The key that signed the bundle.
    pub signed_by: Digest,
}

impl Example for Model {
    fn example() -> Self {
        Self {
            slug: super::example_slug("wakaba"),
            names: Texts::both("わかば", "Wakaba"),
            description: Texts::both("文章を書くモデルです。", "A model that writes text."),
        }
    }
}

impl Example for ModelVersion {
    fn example() -> Self {
        Self {
            slug: super::example_slug("2026-11"),
            released_on: "2026-11-01".parse().ok(),
            licence: Some("Apache-2.0".into()),
            origin: Some(Texts::both("一から学習しました。", "Trained from scratch.")),
        }
    }
}

impl Example for ModelFacts {
    fn example() -> Self {
        let fact = |value| Fact {
            value,
            known_at: super::example_time(),
            method: Some(Texts::both("6·N·D による推定です。", "Estimated as 6·N·D.")),
            sources: vec![Source {
                title: "Model card".into(),
                url: Some("https://models.example/wakaba".into()),
                statement: None,
            }],
        };
        let interval = FactValue::Interval { low: "1.5e21 FLOP".into(), high: "1.7e21 FLOP".into() };
        Self {
            facts: BTreeMap::from([
                ("training_compute".to_owned(), fact(interval)),
                ("parameters".to_owned(), fact(FactValue::Number("134515008".into()))),
            ]),
        }
    }
}

impl Example for WeightsManifest {
    fn example() -> Self {
        Self {
            artefact: sha256(b"artefact"),
            files: 1,
            bytes: 98_362_432,
            bundle: sha256(b"bundle"),
            signed_by: sha256(b"key"),
        }
    }
}
