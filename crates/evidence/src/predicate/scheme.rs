//! Schemes of certification and codes of conduct, and how others are heard on them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Example;
use super::request::Answer;
use crate::common::{Slug, Texts};
use crate::digest::Digest;
use crate::time::Date;

/// A code of conduct, a standard or a scheme of certification. Its full text is attached.
///
/// Subject: the organisation that publishes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CodeOfConduct {
    /// Its readable name in addresses.
    pub slug: Slug,
    /// Which of these it is.
    pub kind: CodeKind,
    /// Its title.
    pub title: Texts,
    /// Its version, for people.
    #[schemars(length(min = 1, max = 64))]
    pub version: String,
    /// Whether it can still change.
    pub stage: CodeStage,
    /// What it asks for.
    pub summary: Texts,
}

/// What kind of code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CodeKind {
    /// A code of conduct (行動規範).
    CodeOfConduct,
    /// A standard (規格).
    Standard,
    /// A scheme of certification (認証基準).
    Scheme,
}

/// How far a code has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CodeStage {
    /// A draft.
    Draft,
    /// In use.
    Final,
    /// No longer in use.
    Withdrawn,
}

/// A developer adheres to a code of conduct, or no longer does.
///
/// Subject: its own model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CodeAdherence {
    /// The `code-of-conduct`.
    pub code: Digest,
    /// Whether it adheres.
    pub adheres: bool,
    /// How, or why no longer.
    pub account: Texts,
}

/// Others are asked what they think of a draft.
///
/// Subject: the `code-of-conduct`, `monitoring-plan` or other statement that it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Consultation {
    /// What is asked.
    #[schemars(length(min = 1, max = 64))]
    pub questions: Vec<super::request::Question>,
    /// Who is asked.
    pub audience: Texts,
    /// The last day for comments.
    pub until: Date,
}

/// Someone comments in a consultation.
///
/// Subject: the `consultation`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Comment {
    /// What is said on the whole.
    pub text: Texts,
    /// What is said to each question.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    pub answers: Vec<Answer>,
}

/// What came of a consultation.
///
/// Subject: the `consultation`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConsultationResult {
    /// How many comments came, those outside this register included.
    pub comments: u64,
    /// What was said, and what is answered to it.
    #[schemars(length(max = 256))]
    pub responses: Vec<ConsultationResponse>,
    /// What is changed.
    pub outcome: Texts,
}

/// An answer to comments of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConsultationResponse {
    /// What was said.
    pub comment: Texts,
    /// The `comment` statements, where they are in this register.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    pub statements: Vec<Digest>,
    /// What is answered.
    pub answer: Texts,
}

impl Example for CodeOfConduct {
    fn example() -> Self {
        Self {
            slug: super::example_slug("safety-scheme"),
            kind: CodeKind::Scheme,
            title: Texts::both("安全性検証の認証基準", "Scheme for safety verification"),
            version: "1.0".into(),
            stage: CodeStage::Final,
            summary: Texts::both("検証の手順を対象とします。", "Covers the process of verification."),
        }
    }
}

impl Example for CodeAdherence {
    fn example() -> Self {
        Self {
            code: crate::digest::sha256(b"code"),
            adheres: true,
            account: Texts::both("全項目を実施しています。", "All points are carried out."),
        }
    }
}

impl Example for Consultation {
    fn example() -> Self {
        Self {
            questions: vec![super::request::Question {
                id: super::example_slug("scope"),
                text: Texts::both("対象の範囲は妥当ですか。", "Is the scope appropriate?"),
            }],
            audience: Texts::both("開発者、利用者、研究者", "Developers, users, researchers"),
            until: super::example_date(),
        }
    }
}

impl Example for Comment {
    fn example() -> Self {
        Self {
            text: Texts::both("おおむね賛成です。", "We agree on the whole."),
            answers: vec![Answer {
                question: super::example_slug("scope"),
                text: Texts::both("妥当です。", "It is."),
            }],
        }
    }
}

impl Example for ConsultationResult {
    fn example() -> Self {
        Self {
            comments: 12,
            responses: vec![ConsultationResponse {
                comment: Texts::both("範囲が狭い。", "The scope is narrow."),
                statements: vec![crate::digest::sha256(b"comment")],
                answer: Texts::both("次の版で検討します。", "We will consider it for the next version."),
            }],
            outcome: Texts::both("第三条を改めます。", "Section 3 is changed."),
        }
    }
}
