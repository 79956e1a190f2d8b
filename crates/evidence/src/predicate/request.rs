//! Asking and answering: information, reports, work, applications, guidance, more time.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Example;
use crate::common::{Slug, Texts};
use crate::digest::{Digest, sha256};
use crate::time::Date;

/// One question, so that an answer can name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Question {
    /// Its short name within the request.
    pub id: Slug,
    /// What is asked.
    pub text: Texts,
}

/// What an answer says to one question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    /// The question's short name.
    pub question: Slug,
    /// What is answered.
    pub text: Texts,
}

/// An authority asks for information, without compelling it.
///
/// Subject: the model or the organisation that it is about. It is answered by a `reply`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InformationRequest {
    /// Who is asked; absent: the organisation that the subject belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub addressee: Option<Digest>,
    /// The duty concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duty: Option<Slug>,
    /// What is asked.
    #[schemars(length(min = 1, max = 64))]
    pub questions: Vec<Question>,
    /// Why.
    pub reasons: Texts,
    /// By when an answer is hoped for.
    pub answer_by: Date,
}

/// An authority gives guidance, advice or information (指導・助言). Nobody is compelled by it and
/// nothing follows from not heeding it (Administrative Procedure Act, Art. 32).
///
/// Subject: the model or the organisation that it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Guidance {
    /// Which of these it is.
    pub kind: GuidanceKind,
    /// The duty or endeavour concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duty: Option<Slug>,
    /// The statements that it takes into account, such as the answer to an inquiry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    pub considered: Vec<Digest>,
    /// What is said, its aim and who is responsible for it (Administrative Procedure Act, Art. 35).
    pub text: Texts,
    /// When the authority will look again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follow_up_on: Option<Date>,
}

/// Kinds of guidance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GuidanceKind {
    /// Guidance (指導).
    Guidance,
    /// Advice (助言).
    Advice,
    /// Information.
    Information,
}

/// An authority demands a report (報告徴収), after a failure or an incident.
///
/// Subject: the model. It is answered by a `reply`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReportDemand {
    /// The finding or the incident that it rests on.
    #[schemars(length(min = 1, max = 16))]
    pub cites: Vec<Digest>,
    /// The duty concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duty: Option<Slug>,
    /// What is to be reported.
    #[schemars(length(min = 1, max = 64))]
    pub questions: Vec<Question>,
    /// Why.
    pub reasons: Texts,
    /// By when.
    pub answer_by: Date,
    /// How the addressee can contest it (教示).
    pub remedies: Texts,
}

/// An authority asks someone else to do work: to verify, or to give an opinion.
///
/// Subject: the model, the version or the report concerned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Assignment {
    /// Who is asked.
    pub assignee: Digest,
    /// What is asked for, by predicate name: `safety-verification` or `opinion`.
    pub asks_for: Slug,
    /// What is to be looked at.
    pub task: Texts,
    /// By when.
    pub due: Date,
}

/// An opinion of someone who was asked, or who has something to say.
///
/// Subject: what it is about: a model, a version, a report, an assignment, a code of conduct.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Opinion {
    /// The duty concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duty: Option<Slug>,
    /// The `assignment` or `information-request` that asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answers: Option<Digest>,
    /// What is concluded.
    pub conclusion: Texts,
    /// On which grounds.
    pub grounds: Texts,
    /// What its author has to do with the matter; "nothing" is an answer.
    pub interests: Texts,
    /// The statements that it points to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    pub evidence: Vec<Digest>,
}

/// Someone asks an authority or a certification body for an act.
///
/// Subject: what the act would be about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Application {
    /// Who is to act.
    pub addressee: Digest,
    /// The act, by predicate name: `certificate`, `designation-end`, `succession`, `extension` …
    pub asks_for: Slug,
    /// Why.
    pub grounds: Texts,
    /// The statements that it points to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    pub evidence: Vec<Digest>,
}

/// More time to answer, because it was asked for or because this register could not be reached.
///
/// Subject: the statement that named the day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Extension {
    /// The new last day.
    pub until: Date,
    /// Why.
    pub reasons: Texts,
}

impl Example for InformationRequest {
    fn example() -> Self {
        Self {
            addressee: None,
            duty: None,
            questions: vec![example_question()],
            reasons: Texts::both(
                "報道された事案の状況を確かめるためです。",
                "To learn about a case that was reported.",
            ),
            answer_by: super::example_date(),
        }
    }
}

impl Example for Guidance {
    fn example() -> Self {
        Self {
            kind: GuidanceKind::Advice,
            duty: None,
            considered: vec![sha256(b"reply")],
            text: Texts::both(
                "利用者への説明を日本語でも用意することを助言します。従わないことを理由とする不利益はありません。担当：AI安全課",
                "We advise you to explain this to users in Japanese too. Nothing follows from not doing so. \
                 Responsible: AI Safety Division",
            ),
            follow_up_on: Some(super::example_date()),
        }
    }
}

impl Example for ReportDemand {
    fn example() -> Self {
        Self {
            cites: vec![sha256(b"finding")],
            duty: Some(super::example_slug("content-marking")),
            questions: vec![example_question()],
            reasons: Texts::both(
                "表示の試験が不十分と認定したためです。",
                "The test of marking was found insufficient.",
            ),
            answer_by: super::example_date(),
            remedies: super::example_remedies(),
        }
    }
}

impl Example for Assignment {
    fn example() -> Self {
        Self {
            assignee: sha256(b"institute"),
            asks_for: super::example_slug("safety-verification"),
            task: Texts::both("サイバー領域の外部検証", "External verification of the cyber areas"),
            due: super::example_date(),
        }
    }
}

impl Example for Opinion {
    fn example() -> Self {
        Self {
            duty: Some(super::example_slug("safety-verification")),
            answers: None,
            conclusion: Texts::both(
                "検証の範囲は妥当です。",
                "The scope of the verification is appropriate.",
            ),
            grounds: Texts::both("公開された記録を再実行しました。", "We re-ran the published records."),
            interests: Texts::both("開発者との取引はありません。", "No dealings with the developer."),
            evidence: vec![sha256(b"verification")],
        }
    }
}

impl Example for Application {
    fn example() -> Self {
        Self {
            addressee: sha256(b"body"),
            asks_for: super::example_slug("certificate"),
            grounds: Texts::both("認証基準の全項目を満たします。", "All points of the scheme are met."),
            evidence: vec![sha256(b"verification")],
        }
    }
}

impl Example for Extension {
    fn example() -> Self {
        Self {
            until: super::example_date(),
            reasons: Texts::both(
                "台帳が二時間停止していたためです。",
                "The register could not be reached for two hours.",
            ),
        }
    }
}

fn example_question() -> Question {
    Question {
        id: super::example_slug("users"),
        text: Texts::both("影響を受けた利用者は何人ですか。", "How many users were affected?"),
    }
}
