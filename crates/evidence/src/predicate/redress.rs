//! Contesting an act, and what comes of it: objections, decisions, hearings, courts, ends.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Example;
use crate::common::Texts;
use crate::digest::{Digest, sha256};
use crate::time::{Date, Timestamp};

/// An organisation objects to an act addressed to it (審査請求・異議).
///
/// Subject: the act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Objection {
    /// What is asked for: that the act be annulled, changed, or stayed until the decision.
    pub asks_for: Texts,
    /// Why.
    pub grounds: Texts,
    /// The statements that it points to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    pub evidence: Vec<Digest>,
}

/// An authority decides on an objection. Who drafted the act that is contested takes no part.
///
/// Subject: the `objection`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ObjectionDecision {
    /// What is decided.
    pub result: ObjectionResult,
    /// What becomes of the act.
    pub effect: Effect,
    /// Why.
    pub reasons: Texts,
    /// How the decision can be contested (教示).
    pub remedies: Texts,
}

/// What comes of an objection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ObjectionResult {
    /// It is right (認容).
    Upheld,
    /// It is right in part (一部認容).
    PartlyUpheld,
    /// It is not right (棄却).
    Rejected,
    /// It cannot be looked into (却下).
    Inadmissible,
}

/// What a decision or a ruling does to an act. The register obeys it from its own entry on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// The act has no effect until further notice (執行停止).
    Stays,
    /// The act has effect again.
    LiftsStay,
    /// The act is annulled (取消し).
    Annuls,
    /// The act stands.
    Maintains,
}

/// A court has ruled on an act; whoever was a party puts it on record, with the ruling attached.
///
/// Subject: the act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Ruling {
    /// The court.
    pub court: Texts,
    /// The number of the case (事件番号).
    #[schemars(length(min = 1, max = 100))]
    pub case_number: String,
    /// The day of the ruling.
    pub decided_on: Date,
    /// What becomes of the act.
    pub effect: Effect,
    /// What was ruled.
    pub summary: Texts,
}

/// The record of a hearing (聴聞調書・報告書), by whoever presided.
///
/// Subject: the `procedure`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HearingRecord {
    /// When it was held.
    pub held_at: Timestamp,
    /// Who was present, by office.
    #[schemars(length(max = 64))]
    pub present: Vec<Texts>,
    /// What was said.
    pub record: Texts,
    /// What the presiding officer makes of it (Administrative Procedure Act, Art. 24(3)).
    pub opinion: Texts,
}

/// A designation ends.
///
/// Subject: the `designation`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DesignationEnd {
    /// Why it ends.
    pub reasons: Texts,
}

impl Example for Objection {
    fn example() -> Self {
        Self {
            asks_for: Texts::both("指定の取消し", "That the designation be annulled"),
            grounds: Texts::both("計算量の見積りに誤りがあります。", "The estimate of compute is wrong."),
            evidence: vec![sha256(b"facts")],
        }
    }
}

impl Example for ObjectionDecision {
    fn example() -> Self {
        Self {
            result: ObjectionResult::Rejected,
            effect: Effect::Maintains,
            reasons: Texts::both(
                "訂正された値でも基準を超えます。",
                "The corrected figure is above the threshold too.",
            ),
            remedies: super::example_remedies(),
        }
    }
}

impl Example for Ruling {
    fn example() -> Self {
        Self {
            court: Texts::both("東京地方裁判所", "Tokyo District Court"),
            case_number: "令和8年（行ク）第1号".into(),
            decided_on: super::example_date(),
            effect: Effect::Stays,
            summary: Texts::both("本案判決まで命令の効力を停止する。", "The order is stayed until judgment."),
        }
    }
}

impl Example for HearingRecord {
    fn example() -> Self {
        Self {
            held_at: super::example_time(),
            present: vec![Texts::both("当事者の代理人", "Representative of the party")],
            record: Texts::both("当事者は試験の記録を示した。", "The party showed records of the test."),
            opinion: Texts::both("当事者の主張には理由がある。", "The party's account is well founded."),
        }
    }
}

impl Example for DesignationEnd {
    fn example() -> Self {
        Self {
            reasons: Texts::both("モデルの提供が終了しました。", "The model is no longer offered.")
        }
    }
}
