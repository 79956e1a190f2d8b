//! What developers file: the duties of §3 of the draft law, and the report of §4.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Example;
use crate::common::{Slug, Texts};
use crate::digest::{Digest, sha256};
use crate::time::Date;

/// The structure behind a duty: who is responsible, by which rules, with which means.
///
/// Subject: the model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SystemDescription {
    /// The duty, as the regime names it.
    pub duty: Slug,
    /// The responsible post.
    pub post: Texts,
    /// The rules that it follows.
    pub rules: Texts,
    /// People and means.
    pub resources: Texts,
    /// When it is next reviewed.
    pub review_on: Date,
}

/// Risk information shared among companies and governments (§3-2).
///
/// Subject: the model. What must not be public stands in restricted attachments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RiskInformation {
    /// Risk areas, as the taxonomy of the suites names them.
    #[schemars(length(min = 1, max = 32))]
    pub areas: Vec<String>,
    /// Organisations that receive it.
    #[schemars(length(max = 64))]
    pub recipients: Vec<Digest>,
    /// What everyone may know.
    pub summary: Texts,
}

/// How unreleased weights are protected (§3-3).
///
/// Subject: the model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WeightsProtection {
    /// What is done, in words that do not help an attacker.
    pub measures: Texts,
    /// Whether someone outside has tested it.
    pub externally_tested: bool,
    /// When it is next reviewed.
    pub review_on: Date,
}

/// A programme that rewards finding and reporting vulnerabilities (§3-4).
///
/// Subject: the model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VulnerabilityProgramme {
    /// Where to report; shown as text.
    pub contact: String,
    /// What may be tested and how.
    pub scope: Texts,
    /// Whether good-faith research is promised to have no legal consequences.
    pub safe_harbour: bool,
    /// What a reporter receives.
    pub rewards: Texts,
    /// Since when it is open.
    pub opened_on: Date,
}

/// How users are told that content is generated, and the test of it (§3-5).
///
/// Subject: the model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ContentMarking {
    /// What users see or can find.
    pub methods: Texts,
    /// The test of it.
    pub test: MarkingTest,
}

/// A test of content marking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MarkingTest {
    /// How it was tested.
    pub method: Texts,
    /// Pieces of content.
    pub samples: u64,
    /// Of these recognised as generated.
    pub recognised: u64,
}

/// The public report of capabilities, limitations and appropriate use (§3-6).
///
/// Subject: the model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PublicReport {
    /// What the model can do.
    pub capabilities: Texts,
    /// What it cannot do or does badly.
    pub limitations: Texts,
    /// What it should and should not be used for.
    pub appropriate_use: Texts,
}

/// Research on the risks that AI poses to society (§3-7).
///
/// Subject: the model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SocietalRiskResearch {
    /// What is studied.
    pub topics: Texts,
    /// What has come out.
    pub results: Texts,
    /// People and means.
    pub resources: Texts,
}

/// The report on how the duties are complied with (§4).
///
/// Subject: the model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ComplianceReport {
    /// First day of the period.
    pub period_from: Date,
    /// Last day of the period.
    pub period_until: Date,
    /// Duty by duty.
    #[schemars(length(min = 1, max = 64))]
    pub duties: Vec<DutyStatement>,
}

/// What a compliance report says of one duty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DutyStatement {
    /// The duty, as the regime names it.
    pub duty: Slug,
    /// What was done, or why not yet.
    pub account: Texts,
    /// The statements that show it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    pub evidence: Vec<Digest>,
}

impl Example for SystemDescription {
    fn example() -> Self {
        Self {
            duty: super::example_slug("safety-verification"),
            post: Texts::both("安全責任者", "Head of safety"),
            rules: Texts::both("安全性検証規程", "Rules for safety verification"),
            resources: Texts::both("専任四名", "Four full-time staff"),
            review_on: super::example_date(),
        }
    }
}

impl Example for RiskInformation {
    fn example() -> Self {
        Self {
            areas: vec!["cyber.vuln".into()],
            recipients: vec![sha256(b"institute")],
            summary: Texts::both("新しい手口を共有しました。", "A new technique was shared."),
        }
    }
}

impl Example for WeightsProtection {
    fn example() -> Self {
        Self {
            measures: Texts::both(
                "保管場所を一つにし、二人の承認を求めます。",
                "One place of storage; access needs two people.",
            ),
            externally_tested: true,
            review_on: super::example_date(),
        }
    }
}

impl Example for VulnerabilityProgramme {
    fn example() -> Self {
        Self {
            contact: "https://minato.example/security".into(),
            scope: Texts::both("公開中のモデルとAPI", "Released models and the API"),
            safe_harbour: true,
            rewards: Texts::both("重大さに応じた報奨金", "A bounty by severity"),
            opened_on: super::example_date(),
        }
    }
}

impl Example for ContentMarking {
    fn example() -> Self {
        Self {
            methods: Texts::both("画面での表示と来歴情報", "A notice on screen and provenance data"),
            test: MarkingTest {
                method: Texts::both("無作為抽出", "A random sample"),
                samples: 200,
                recognised: 188,
            },
        }
    }
}

impl Example for PublicReport {
    fn example() -> Self {
        Self {
            capabilities: Texts::both("短い英文の作成", "Writes short English texts"),
            limitations: Texts::both("日本語は不得手です。", "Weak in Japanese."),
            appropriate_use: Texts::both(
                "重要な判断に使わないでください。",
                "Not for decisions of consequence.",
            ),
        }
    }
}

impl Example for SocietalRiskResearch {
    fn example() -> Self {
        Self {
            topics: Texts::both("選挙と偽情報", "Elections and disinformation"),
            results: Texts::both("論文一件", "One paper"),
            resources: Texts::both("研究者二名", "Two researchers"),
        }
    }
}

impl Example for ComplianceReport {
    fn example() -> Self {
        Self {
            period_from: super::example_date(),
            period_until: super::example_date(),
            duties: vec![DutyStatement {
                duty: super::example_slug("public-report"),
                account: Texts::both("公表しました。", "Published."),
                evidence: vec![sha256(b"report")],
            }],
        }
    }
}
