//! What an authority does where guidance and requests do not suffice, and how it says so.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Example;
use crate::common::{Slug, Texts};
use crate::digest::{Digest, sha256};
use crate::time::{Date, Timestamp};

/// An authority gives notice of an on-the-spot inspection (立入検査), after a failure or an incident.
///
/// Subject: the model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Inspection {
    /// The finding or the incident that it rests on.
    #[schemars(length(min = 1, max = 16))]
    pub cites: Vec<Digest>,
    /// The duty concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duty: Option<Slug>,
    /// Why.
    pub reasons: Texts,
    /// The office that is visited.
    pub place: Texts,
    /// First day.
    pub from: Date,
    /// Last day.
    pub until: Date,
    /// Who goes.
    #[schemars(length(min = 1, max = 32))]
    pub team: Vec<Inspector>,
    /// What is looked at.
    #[schemars(length(min = 1, max = 128))]
    pub checklist: Vec<ChecklistItem>,
    /// How the addressee can contest it (教示).
    pub remedies: Texts,
}

/// A member of an inspection team, by office.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Inspector {
    /// The holder: an office, never a person's name.
    pub holder: Slug,
    /// The number of the identity card that is shown (身分証明書).
    #[schemars(length(min = 1, max = 64))]
    pub identity_card: String,
}

/// One thing that an inspection looks at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChecklistItem {
    /// Its short name within the list.
    pub id: Slug,
    /// What is looked at.
    pub text: Texts,
}

/// The minutes of an inspection. Those of the team sign it with keys of their own; the inspected
/// organisation answers with a `reply`.
///
/// Subject: the `inspection`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InspectionMinutes {
    /// When it began.
    pub began_at: Timestamp,
    /// When it ended.
    pub ended_at: Timestamp,
    /// Who was present, by office.
    #[schemars(length(min = 1, max = 64))]
    pub present: Vec<Texts>,
    /// What was seen.
    #[schemars(length(min = 1, max = 128))]
    pub results: Vec<ChecklistResult>,
    /// What the inspected organisation said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remarks: Option<Texts>,
}

/// What an inspection saw of one thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChecklistResult {
    /// The short name in the list.
    pub item: Slug,
    /// What came of it.
    pub outcome: CheckOutcome,
    /// What was seen.
    pub note: Texts,
}

/// What comes of looking at one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckOutcome {
    /// As it should be.
    InOrder,
    /// Not as it should be.
    NotInOrder,
    /// It could not be looked at.
    NotSeen,
}

/// An authority orders a measure (是正命令).
///
/// Subject: the model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Order {
    /// The `finding` that it rests on.
    pub finding: Digest,
    /// The `remedy-request` that was not heeded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy_request: Option<Digest>,
    /// The duty.
    pub duty: Slug,
    /// What is ordered.
    pub measures: Texts,
    /// Why.
    pub reasons: Texts,
    /// By when.
    pub deadline: Date,
    /// The `procedure` before it.
    pub procedure: Digest,
    /// How the addressee can contest it (教示).
    pub remedies: Texts,
}

/// An authority orders a surcharge to be paid (課徴金納付命令).
///
/// Subject: the model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Surcharge {
    /// The `finding` that it rests on.
    pub finding: Digest,
    /// The `order` that was not followed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<Digest>,
    /// The duty.
    pub duty: Slug,
    /// The amount with its currency, such as `1200000 JPY`.
    #[schemars(length(min = 1, max = 64))]
    pub amount: String,
    /// How it is computed, as the law writes it.
    #[schemars(length(min = 1, max = 500))]
    pub formula: String,
    /// The figures put into the formula.
    #[schemars(length(min = 1, max = 32))]
    pub terms: Vec<SurchargeTerm>,
    /// Why.
    pub reasons: Texts,
    /// By when it is paid.
    pub pay_by: Date,
    /// The `procedure` before it.
    pub procedure: Digest,
    /// How the addressee can contest it (教示).
    pub remedies: Texts,
}

/// A figure in the formula of a surcharge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SurchargeTerm {
    /// Its name in the formula.
    #[schemars(length(min = 1, max = 100))]
    pub name: String,
    /// Its value with its unit.
    #[schemars(length(min = 1, max = 64))]
    pub value: String,
    /// The statement that it stands in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Digest>,
}

/// Something is made public (公表): by an authority what its duties or acts ask it to publish, by a
/// developer what its duties ask of it.
///
/// Subject: what it is about. Where it says of a named organisation that a duty is unmet or
/// overdue, it cites the `procedure` in which that organisation could speak first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Disclosure {
    /// The duty that asks for it, or that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duty: Option<Slug>,
    /// What is made public.
    pub text: Texts,
    /// The statements that it rests on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    pub statements: Vec<Digest>,
    /// What is left out, and on which ground.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32))]
    pub withheld: Vec<Withheld>,
    /// Whether it says that a named organisation has not met a duty, or not in time.
    #[serde(default)]
    pub names_failure: bool,
    /// The `procedure` before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub procedure: Option<Digest>,
}

/// Something left out of a publication.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Withheld {
    /// What kind of thing.
    pub what: Texts,
    /// On which legal ground.
    pub ground: Texts,
}

/// What an authority means to look at in a year.
///
/// Subject: the authority itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MonitoringPlan {
    /// First day of the period.
    pub from: Date,
    /// Last day of the period.
    pub until: Date,
    /// By which considerations it is drawn up.
    pub principles: Texts,
    /// What is planned.
    #[schemars(length(min = 1, max = 128))]
    pub items: Vec<PlannedItem>,
}

/// One thing that an authority plans.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlannedItem {
    /// Its short name within the plan.
    pub id: Slug,
    /// What is planned.
    pub text: Texts,
    /// By when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Date>,
}

impl Example for Inspection {
    fn example() -> Self {
        Self {
            cites: vec![sha256(b"incident")],
            duty: Some(super::example_slug("weights-protection")),
            reasons: Texts::both(
                "重みへの不正なアクセスが報告されたためです。",
                "Unauthorised access to the weights was reported.",
            ),
            place: Texts::both("本社の計算機室", "The computing room of the head office"),
            from: super::example_date(),
            until: super::example_date(),
            team: vec![Inspector {
                holder: super::example_slug("inspector-1"),
                identity_card: "R8-0012".into(),
            }],
            checklist: vec![ChecklistItem {
                id: super::example_slug("access-log"),
                text: Texts::both("アクセスの記録", "Records of access"),
            }],
            remedies: super::example_remedies(),
        }
    }
}

impl Example for InspectionMinutes {
    fn example() -> Self {
        Self {
            began_at: super::example_time(),
            ended_at: super::example_time(),
            present: vec![
                Texts::both("検査官一名", "One inspector"),
                Texts::both("安全責任者", "Head of safety"),
            ],
            results: vec![ChecklistResult {
                item: super::example_slug("access-log"),
                outcome: CheckOutcome::InOrder,
                note: Texts::both("九十日分の記録を確認しました。", "Records of ninety days were seen."),
            }],
            remarks: None,
        }
    }
}

impl Example for Order {
    fn example() -> Self {
        Self {
            finding: sha256(b"finding"),
            remedy_request: Some(sha256(b"request")),
            duty: super::example_slug("content-marking"),
            measures: Texts::both(
                "無作為抽出による試験を行い、結果を提出すること。",
                "Test on a random sample and file the result.",
            ),
            reasons: Texts::both(
                "是正要請の期限までに試験が行われていません。",
                "The test was not done within the time of the request.",
            ),
            deadline: super::example_date(),
            procedure: sha256(b"procedure"),
            remedies: super::example_remedies(),
        }
    }
}

impl Example for Surcharge {
    fn example() -> Self {
        Self {
            finding: sha256(b"finding"),
            order: Some(sha256(b"order")),
            duty: super::example_slug("content-marking"),
            amount: "1200000 JPY".into(),
            formula: "domestic_turnover_jpy * rate".into(),
            terms: vec![
                SurchargeTerm {
                    name: "domestic_turnover_jpy".into(),
                    value: "120000000 JPY".into(),
                    source: Some(sha256(b"facts")),
                },
                SurchargeTerm { name: "rate".into(), value: "1/100".into(), source: None },
            ],
            reasons: Texts::both("命令に従わなかったためです。", "The order was not followed."),
            pay_by: super::example_date(),
            procedure: sha256(b"procedure"),
            remedies: super::example_remedies(),
        }
    }
}

impl Example for Disclosure {
    fn example() -> Self {
        Self {
            duty: Some(super::example_slug("publish-finding")),
            text: Texts::both("報告の審査の結果を公表します。", "The result of the review is published."),
            statements: vec![sha256(b"finding")],
            withheld: vec![Withheld {
                what: Texts::both("検証の手順の一部", "Part of the method of verification"),
                ground: Texts::both("悪用のおそれ", "Risk of misuse"),
            }],
            names_failure: false,
            procedure: None,
        }
    }
}

impl Example for MonitoringPlan {
    fn example() -> Self {
        Self {
            from: super::example_date(),
            until: super::example_date(),
            principles: Texts::both(
                "期限と危険の大きさによります。国籍は考慮しません。",
                "By deadlines and risk. Nationality is not considered.",
            ),
            items: vec![PlannedItem {
                id: super::example_slug("weights"),
                text: Texts::both(
                    "重みの保護の状況を全ての指定事業者に尋ねる。",
                    "Ask every designated developer how weights are protected.",
                ),
                due: Some(super::example_date()),
            }],
        }
    }
}
