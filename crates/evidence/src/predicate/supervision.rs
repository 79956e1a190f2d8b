//! Notification, advice, decisions, and the procedure before them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Example;
use super::request::Answer;
use crate::common::{Slug, Texts};
use crate::digest::{Digest, sha256};
use crate::time::Date;

/// A developer notifies under a regime that a model may be covered.
///
/// Subject: the model. The facts stand in `model-facts`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Notification {
    /// Why it notifies.
    pub grounds: Texts,
    /// The statements with the facts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    pub facts: Vec<Digest>,
    /// Arguments that the model should nevertheless not be covered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arguments: Option<Texts>,
}

/// What the rules of a regime make of the facts in the register at a day: advice, never a decision.
///
/// Subject: the model. Anyone can compute it again: `kanae audit` does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Assessment {
    /// The state of the register that it rests on.
    pub register: RegisterState,
    /// The day that it is computed for.
    pub as_of: Date,
    /// The `regime-adoption` whose files and switches it used.
    pub regime_adoption: Digest,
    /// Name and version of the engine.
    pub engine: String,
    /// The facts that it used.
    #[schemars(length(max = 256))]
    pub inputs: Vec<AssessmentInput>,
    /// What came out.
    pub result: AssessmentResult,
}

/// The state of a register: its first `size` entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RegisterState {
    /// Number of entries.
    pub size: u64,
    /// Root of the log at that size.
    pub root: Digest,
}

/// A fact that an assessment used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AssessmentInput {
    /// The fact's name.
    pub fact: String,
    /// Its value, as the engine writes it.
    pub value: String,
    /// Where it stands.
    pub source: InputSource,
}

/// Where an assessment's input stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum InputSource {
    /// In a public statement.
    Statement(Digest),
    /// In a restricted one: the index of its leaf.
    Withheld(u64),
}

/// The outcome of an assessment. Words as the engine writes them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AssessmentResult {
    /// `covered`, `not_covered` or `undetermined`.
    pub coverage: String,
    /// The classes that the model is in.
    pub classes: Vec<String>,
    /// Facts that are missing for an answer.
    pub missing: Vec<String>,
    /// The duties, with status and due date.
    pub duties: Vec<DutyResult>,
}

/// The state of one duty in an assessment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DutyResult {
    /// The duty, as the regime names it.
    pub id: String,
    /// `not_yet`, `open`, `filed`, `appears_met`, `unresolved` or `decided`.
    pub status: String,
    /// The day by which it is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Date>,
}

/// How a decision stands to the advice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Advice {
    /// It does what the advice says.
    Follows,
    /// It does something else, with reasons.
    Departs,
}

/// An authority designates the developer of a model.
///
/// Subject: the model. Needs the approvals that the policy names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Designation {
    /// The designated developer.
    pub developer: Digest,
    /// The class, as the regime names it.
    pub class: Slug,
    /// The `assessment` relied on.
    pub assessment: Digest,
    /// Whether the decision follows it.
    pub advice: Advice,
    /// Why.
    pub reasons: Texts,
    /// How the addressee can contest it (教示).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedies: Option<Texts>,
}

/// An authority, or someone it charges, has reviewed a compliance report.
///
/// Subject: the `compliance-report` statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Review {
    /// What came of it.
    pub outcome: ReviewOutcome,
    /// Duties on which there are questions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    pub questions: Vec<Slug>,
    /// The account of it.
    pub summary: Texts,
}

/// What comes of a review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReviewOutcome {
    /// Nothing more to ask.
    Complete,
    /// There are questions.
    Questions,
}

/// The procedure before an adverse act is opened: the addressee can speak first.
///
/// Subject: what the planned act is about (a model, a certificate).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Procedure {
    /// Which procedure.
    pub kind: ProcedureKind,
    /// The planned act, by predicate name.
    pub planned_act: Slug,
    /// The organisation that the act would be against.
    pub addressee: Digest,
    /// The duty concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duty: Option<Slug>,
    /// What is planned, on which facts and articles.
    pub grounds: Texts,
    /// The last day for an answer; with urgency the day of the act.
    pub answer_by: Date,
}

/// Kinds of procedure before an adverse act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProcedureKind {
    /// A hearing (聴聞).
    Hearing,
    /// An opportunity to explain in writing (弁明の機会).
    OpportunityToExplain,
    /// None, on a recorded ground of urgency.
    Urgency,
}

/// An organisation answers: a procedure, a request.
///
/// Subject: the statement that is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Reply {
    /// Where it stands.
    pub position: Position,
    /// What it says.
    pub answer: Texts,
    /// The statements that it points to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    pub evidence: Vec<Digest>,
    /// What it says to each question of a request.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    pub answers: Vec<Answer>,
}

/// Where someone who answers stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Position {
    /// Explains.
    Explains,
    /// Agrees.
    Accepts,
    /// Disagrees.
    Contests,
    /// Has done what was asked.
    Remedied,
}

/// An authority finds whether a duty was complied with.
///
/// Subject: the model. Where it is adverse it cites its `procedure`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// The duty.
    pub duty: Slug,
    /// What is found.
    pub result: FindingResult,
    /// The `assessment` relied on.
    pub assessment: Digest,
    /// Whether the finding follows it.
    pub advice: Advice,
    /// The `procedure` before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub procedure: Option<Digest>,
    /// Why.
    pub reasons: Texts,
    /// How the addressee can contest it (教示).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedies: Option<Texts>,
}

/// What an authority finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FindingResult {
    /// The duty was complied with.
    Met,
    /// It was not.
    Unmet,
    /// The evidence does not settle it.
    Unresolved,
}

/// An authority asks for a remedy (是正要請).
///
/// Subject: the model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RemedyRequest {
    /// The `finding` that it rests on.
    pub finding: Digest,
    /// The duty.
    pub duty: Slug,
    /// What is asked.
    pub request: Texts,
    /// By when.
    pub deadline: Date,
    /// The `procedure` before it.
    pub procedure: Digest,
    /// How the addressee can contest it (教示).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedies: Option<Texts>,
}

/// A certification body certifies a model version.
///
/// Subject: the model version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Certificate {
    /// Its readable name in addresses.
    pub slug: Slug,
    /// The scheme.
    pub scheme: Texts,
    /// What it covers and what not.
    pub scope: Texts,
    /// First day.
    pub valid_from: Date,
    /// Last day.
    pub valid_until: Date,
    /// The statements that it rests on.
    #[schemars(length(max = 64))]
    pub evidence: Vec<Digest>,
}

/// A certificate is suspended, reinstated or revoked.
///
/// Subject: the certificate. Suspension and revocation cite their `procedure`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CertificateStatus {
    /// The new state.
    pub state: CertificateState,
    /// The `procedure` before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub procedure: Option<Digest>,
    /// Why.
    pub reasons: Texts,
    /// How the addressee can contest it (教示).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedies: Option<Texts>,
}

/// The state of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CertificateState {
    /// In force.
    Valid,
    /// Out of force for a time.
    Suspended,
    /// Out of force for good.
    Revoked,
}

impl Example for Notification {
    fn example() -> Self {
        Self {
            grounds: Texts::both("計算量が基準を超えます。", "The compute is above the threshold."),
            facts: vec![sha256(b"facts")],
            arguments: None,
        }
    }
}

impl Example for Assessment {
    fn example() -> Self {
        Self {
            register: RegisterState { size: 33, root: sha256(b"root") },
            as_of: super::example_date(),
            regime_adoption: sha256(b"adoption"),
            engine: "kanae-law 0.1.0".into(),
            inputs: vec![AssessmentInput {
                fact: "training_compute".into(),
                value: "1.5e21..1.7e21 FLOP".into(),
                source: InputSource::Statement(sha256(b"facts")),
            }],
            result: AssessmentResult {
                coverage: "covered".into(),
                classes: vec!["large-model".into()],
                missing: Vec::new(),
                duties: vec![DutyResult {
                    id: "safety-verification".into(),
                    status: "not_yet".into(),
                    due: None,
                }],
            },
        }
    }
}

impl Example for Designation {
    fn example() -> Self {
        Self {
            developer: sha256(b"developer"),
            class: super::example_slug("large-model"),
            assessment: sha256(b"assessment"),
            advice: Advice::Follows,
            reasons: Texts::both("基準を超え、汎用です。", "Above the threshold and of general purpose."),
            remedies: None,
        }
    }
}

impl Example for Review {
    fn example() -> Self {
        Self {
            outcome: ReviewOutcome::Questions,
            questions: vec![super::example_slug("content-marking")],
            summary: Texts::both("一点、説明を求めます。", "An explanation is needed on one point."),
        }
    }
}

impl Example for Procedure {
    fn example() -> Self {
        Self {
            kind: ProcedureKind::OpportunityToExplain,
            planned_act: super::example_slug("finding"),
            addressee: sha256(b"developer"),
            duty: Some(super::example_slug("content-marking")),
            grounds: Texts::both("試験の記録が足りません。", "Records of the test are missing."),
            answer_by: super::example_date(),
        }
    }
}

impl Example for Reply {
    fn example() -> Self {
        Self {
            position: Position::Explains,
            answer: Texts::both("記録を添付します。", "The records are attached."),
            evidence: vec![sha256(b"statement")],
            answers: Vec::new(),
        }
    }
}

impl Example for Finding {
    fn example() -> Self {
        Self {
            duty: super::example_slug("content-marking"),
            result: FindingResult::Unmet,
            assessment: sha256(b"assessment"),
            advice: Advice::Departs,
            procedure: Some(sha256(b"procedure")),
            reasons: Texts::both(
                "試験が実際の利用を写していません。",
                "The test does not reflect actual use.",
            ),
            remedies: None,
        }
    }
}

impl Example for RemedyRequest {
    fn example() -> Self {
        Self {
            finding: sha256(b"finding"),
            duty: super::example_slug("content-marking"),
            request: Texts::both("試験をやり直してください。", "Repeat the test."),
            deadline: super::example_date(),
            procedure: sha256(b"procedure"),
            remedies: None,
        }
    }
}

impl Example for Certificate {
    fn example() -> Self {
        Self {
            slug: super::example_slug("safety-2026"),
            scheme: Texts::both("安全性検証認証", "Safety verification scheme"),
            scope: Texts::both("検証の手順だけを対象とします。", "Covers the process of verification only."),
            valid_from: super::example_date(),
            valid_until: super::example_date(),
            evidence: vec![sha256(b"verification")],
        }
    }
}

impl Example for CertificateStatus {
    fn example() -> Self {
        Self {
            state: CertificateState::Suspended,
            procedure: Some(sha256(b"procedure")),
            reasons: Texts::both("検証の差が大きいためです。", "The verifications differ too much."),
            remedies: None,
        }
    }
}
