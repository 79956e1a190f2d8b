//! What can be said: predicate types `urn:kanae:<name>:v1`, each a typed struct with a JSON
//! Schema, an example and labels.
//!
//! A v1 type only ever gains optional fields; a new meaning is a v2. A type that this build does
//! not know is carried as [`Predicate::Unknown`], never dropped.

use serde_json::Value;

use crate::common::Language;
use crate::json::{self, JsonError, Unknown};

mod authority;
mod enforcement;
mod filing;
mod incident;
mod model;
mod redress;
mod representation;
mod request;
mod scheme;
mod supervision;
mod verification;

pub use authority::{
    Approval, ApprovalDecision, Custody, Erasure, KeyChange, KeyEnd, KeyEndReason, KeyEntry, NodeGenesis,
    Organisation, PolicyAdoption, RegimeAdoption, RegistryId, RoleEnd, RoleGrant,
};
pub use enforcement::{
    CheckOutcome, ChecklistItem, ChecklistResult, Disclosure, Inspection, InspectionMinutes, Inspector,
    MonitoringPlan, Order, PlannedItem, Surcharge, SurchargeTerm, Withheld,
};
pub use filing::{
    ComplianceReport, ContentMarking, DutyStatement, MarkingTest, PublicReport, RiskInformation,
    SocietalRiskResearch, SystemDescription, VulnerabilityProgramme, WeightsProtection,
};
pub use incident::{Incident, IncidentCircumstances};
pub use model::{Fact, FactValue, Model, ModelFacts, ModelVersion, Source, WeightsManifest};
pub use redress::{
    DesignationEnd, Effect, HearingRecord, Objection, ObjectionDecision, ObjectionResult, Ruling,
};
pub use representation::{Mandate, MandateEnd, Succession, SuccessionKind};
pub use request::{
    Answer, Application, Assignment, Extension, Guidance, GuidanceKind, InformationRequest, Opinion,
    Question, ReportDemand,
};
pub use scheme::{
    CodeAdherence, CodeKind, CodeOfConduct, CodeStage, Comment, Consultation, ConsultationResponse,
    ConsultationResult,
};
pub use supervision::{
    Advice, Assessment, AssessmentInput, AssessmentResult, Certificate, CertificateState, CertificateStatus,
    Designation, DutyResult, Finding, FindingResult, InputSource, Notification, Position, Procedure,
    ProcedureKind, RegisterState, RemedyRequest, Reply, Review, ReviewOutcome,
};
pub use verification::{
    Comparison, Counts, GroupResult, Rate, SafetyVerification, SuiteReference, TargetIdentity,
    VerificationScope,
};

/// A slug, time and date for the examples.
fn example_slug(text: &str) -> crate::common::Slug {
    text.parse().expect("the examples' slugs are tested")
}

/// Instructions on remedies for the examples (Administrative Complaint Review Act, Art. 82).
fn example_remedies() -> crate::common::Texts {
    crate::common::Texts::both(
        "この処分に不服があるときは、知った日の翌日から三月以内に審査請求をすることができます。",
        "You can object within three months of the day after you learned of this act.",
    )
}

fn example_time() -> crate::time::Timestamp {
    "2026-11-23T15:04:05.678Z".parse().expect("the examples' time is tested")
}

fn example_date() -> crate::time::Date {
    "2026-12-18".parse().expect("the examples' date is tested")
}

/// The longest predicate type URI, in bytes.
const MAX_TYPE: usize = 255;

/// A predicate type's own example and schema.
pub trait Example {
    /// Returns a small, complete example.
    fn example() -> Self;
}

/// What there is to know about a predicate type without a statement of it.
#[derive(Clone, Copy)]
pub struct PredicateType {
    /// The name in `urn:kanae:<name>:v1`.
    pub name: &'static str,
    label_ja: &'static str,
    label_en: &'static str,
    schema: fn() -> schemars::Schema,
    example: fn() -> Predicate,
}

impl std::fmt::Debug for PredicateType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PredicateType({})", self.name)
    }
}

impl PredicateType {
    /// Returns every type that this build knows, in the order of DESIGN §3.
    pub fn all() -> &'static [PredicateType] {
        ALL
    }

    /// Finds a type by its name or its URI.
    pub fn find(name: &str) -> Option<&'static PredicateType> {
        let name = short_name(name);
        ALL.iter().find(|t| t.name == name)
    }

    /// Returns the URI that statements carry.
    pub fn uri(&self) -> String {
        format!("urn:kanae:{}:v1", self.name)
    }

    /// Returns the label for people.
    pub fn label(&self, language: Language) -> &'static str {
        match language {
            Language::Ja => self.label_ja,
            Language::En => self.label_en,
        }
    }

    /// Returns the JSON Schema (draft 2020-12) of the predicate's body.
    pub fn schema(&self) -> schemars::Schema {
        (self.schema)()
    }

    /// Returns an example.
    pub fn example(&self) -> Predicate {
        (self.example)()
    }
}

/// Returns `name` of `urn:kanae:name:v1`, or the whole text where it is no such URI.
pub fn short_name(uri: &str) -> &str {
    uri.strip_prefix("urn:kanae:").and_then(|rest| rest.strip_suffix(":v1")).unwrap_or(uri)
}

macro_rules! predicates {
    ($($name:literal $kind:ident $ja:literal $en:literal)*) => {
        /// What a statement says, by predicate type.
        #[derive(Debug, Clone, PartialEq)]
        #[expect(missing_docs, reason = "each variant holds the documented struct of the same name")]
        #[expect(clippy::large_enum_variant, reason = "statements are read one at a time; a box for each would cost more than it saves")]
        #[non_exhaustive]
        pub enum Predicate {
            $($kind($kind),)*
            /// A type that this build does not know, carried as it is.
            Unknown { type_uri: String, body: Value },
        }

        const ALL: &[PredicateType] = &[$(PredicateType {
            name: $name,
            label_ja: $ja,
            label_en: $en,
            schema: || schemars::schema_for!($kind),
            example: || Predicate::$kind(<$kind as Example>::example()),
        },)*];

        impl Predicate {
            /// Reads the body of a predicate of the given type.
            pub fn parse(type_uri: &str, body: Value, unknown: Unknown) -> Result<Self, JsonError> {
                let base = "/predicate/body";
                match type_uri {
                    $(concat!("urn:kanae:", $name, ":v1") =>
                        json::typed(body, base, unknown).map(Self::$kind),)*
                    _ if type_uri.is_empty() || type_uri.len() > MAX_TYPE || type_uri.chars().any(|c| c.is_control() || c.is_whitespace()) =>
                        Err(JsonError::Shape {
                            pointer: "/predicateType".to_owned(),
                            problem: format!("expected a type URI of 1 to {MAX_TYPE} bytes without spaces"),
                        }),
                    _ => Ok(Self::Unknown { type_uri: type_uri.to_owned(), body }),
                }
            }

            /// Returns the type's name, such as `designation`; of an unknown type its whole URI.
            pub fn name(&self) -> &str {
                match self {
                    $(Self::$kind(_) => $name,)*
                    Self::Unknown { type_uri, .. } => type_uri,
                }
            }

            /// Returns the body as JSON.
            pub fn to_value(&self) -> Value {
                match self {
                    // Strings, integers and lists of them: turning them into JSON cannot fail.
                    $(Self::$kind(body) => serde_json::to_value(body).unwrap_or(Value::Null),)*
                    Self::Unknown { body, .. } => body.clone(),
                }
            }
        }

        $(impl From<$kind> for Predicate {
            fn from(body: $kind) -> Self {
                Self::$kind(body)
            }
        })*
    };
}

predicates! {
    "node-genesis" NodeGenesis "台帳の開設" "Node genesis"
    "policy-adoption" PolicyAdoption "権限規程の採択" "Policy adoption"
    "regime-adoption" RegimeAdoption "適用法令の採択" "Regime adoption"
    "organisation" Organisation "組織の登録" "Organisation"
    "key-change" KeyChange "鍵の変更" "Key change"
    "role-grant" RoleGrant "役割の付与" "Role granted"
    "role-end" RoleEnd "役割の終了" "Role ended"
    "approval" Approval "承認" "Approval"
    "erasure" Erasure "添付の消去" "Erasure of attachments"
    "model" Model "モデルの登録" "Model"
    "model-version" ModelVersion "モデルの版" "Model version"
    "model-facts" ModelFacts "モデルの事実" "Facts about a model"
    "weights-manifest" WeightsManifest "重みの目録" "Weights manifest"
    "safety-verification" SafetyVerification "安全性検証" "Safety verification"
    "incident" Incident "事故" "Incident"
    "risk-information" RiskInformation "リスク情報の共有" "Risk information"
    "weights-protection" WeightsProtection "重みの保護" "Weights protection"
    "vulnerability-programme" VulnerabilityProgramme "脆弱性の報告制度" "Vulnerability programme"
    "content-marking" ContentMarking "生成物の表示" "Content marking"
    "public-report" PublicReport "能力と限界の公表" "Public report"
    "societal-risk-research" SocietalRiskResearch "社会的リスクの研究" "Research on societal risks"
    "system-description" SystemDescription "体制の説明" "System description"
    "code-of-conduct" CodeOfConduct "規格・行動規範" "Code of conduct"
    "code-adherence" CodeAdherence "行動規範の遵守の表明" "Adherence to a code"
    "consultation" Consultation "意見の募集" "Consultation"
    "comment" Comment "意見" "Comment"
    "consultation-result" ConsultationResult "意見募集の結果" "Result of a consultation"
    "mandate" Mandate "委任" "Mandate"
    "mandate-end" MandateEnd "委任の終了" "Mandate ended"
    "succession" Succession "地位の承継" "Succession"
    "application" Application "申請" "Application"
    "notification" Notification "届出" "Notification"
    "assessment" Assessment "判定の助言" "Assessment"
    "information-request" InformationRequest "情報提供の求め" "Information request"
    "guidance" Guidance "指導・助言" "Guidance"
    "designation" Designation "指定" "Designation"
    "designation-end" DesignationEnd "指定の終了" "Designation ended"
    "compliance-report" ComplianceReport "遵守状況報告" "Compliance report"
    "review" Review "報告の審査" "Review"
    "assignment" Assignment "依頼" "Assignment"
    "opinion" Opinion "意見書" "Opinion"
    "procedure" Procedure "手続の通知" "Procedure"
    "hearing-record" HearingRecord "聴聞の記録" "Record of a hearing"
    "reply" Reply "回答" "Reply"
    "extension" Extension "期限の延長" "Extension"
    "finding" Finding "認定" "Finding"
    "remedy-request" RemedyRequest "是正要請" "Remedy request"
    "report-demand" ReportDemand "報告徴収" "Report demand"
    "inspection" Inspection "立入検査" "Inspection"
    "inspection-minutes" InspectionMinutes "検査の記録" "Minutes of an inspection"
    "order" Order "命令" "Order"
    "surcharge" Surcharge "課徴金納付命令" "Surcharge"
    "disclosure" Disclosure "公表" "Disclosure"
    "monitoring-plan" MonitoringPlan "監督の計画" "Monitoring plan"
    "objection" Objection "異議" "Objection"
    "objection-decision" ObjectionDecision "異議についての決定" "Decision on an objection"
    "ruling" Ruling "裁判" "Ruling"
    "certificate" Certificate "認証" "Certificate"
    "certificate-status" CertificateStatus "認証の状態の変更" "Certificate status"
}

impl Predicate {
    /// Returns the type URI.
    pub fn type_uri(&self) -> String {
        match self {
            Self::Unknown { type_uri, .. } => type_uri.clone(),
            known => format!("urn:kanae:{}:v1", known.name()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_example_survives_a_round_trip() {
        for kind in PredicateType::all() {
            let example = kind.example();
            assert_eq!(example.name(), kind.name);
            let read = Predicate::parse(&kind.uri(), example.to_value(), Unknown::Refuse).unwrap();
            assert_eq!(read, example, "{}", kind.name);
        }
    }

    #[test]
    fn an_unknown_type_is_carried_and_an_unknown_field_is_not() {
        let body = serde_json::json!({"anything": [1]});
        let read = Predicate::parse("urn:example:other:v3", body.clone(), Unknown::Refuse).unwrap();
        assert_eq!(read.to_value(), body);
        let mut body = PredicateType::find("model").unwrap().example().to_value();
        body["colour"] = "red".into();
        assert!(Predicate::parse("urn:kanae:model:v1", body.clone(), Unknown::Refuse).is_err());
        assert!(Predicate::parse("urn:kanae:model:v1", body, Unknown::Ignore).is_ok());
    }
}
