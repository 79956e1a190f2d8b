//! Incidents, in words that belong to no one law.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Example;
use crate::common::Texts;
use crate::time::Timestamp;

/// An incident that a model had a part in, as far as whoever says it knows.
///
/// Subject: the model. Nothing in it is a judgement under any one law: each regime makes its own of
/// the circumstances and the instants, and counts its own clocks. What is left out is not known;
/// who learns more supersedes the statement. Details stand in restricted attachments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Incident {
    /// What happened, as far as it may be told.
    pub summary: Texts,
    /// What the laws ask about it.
    pub circumstances: IncidentCircumstances,
    /// When it happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occurred_at: Option<Timestamp>,
    /// When the developer discovered it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discovered_at: Option<Timestamp>,
    /// When the developer became aware that the model was involved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aware_at: Option<Timestamp>,
    /// When the developer determined that it was an incident.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub determined_at: Option<Timestamp>,
    /// When the developer learned facts that establish a reasonable belief in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub believed_at: Option<Timestamp>,
    /// When an imminent risk of death or serious physical injury was discovered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub imminent_at: Option<Timestamp>,
    /// When it was resolved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolved_at: Option<Timestamp>,
}

/// What happened in an incident; left out where it is not known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct IncidentCircumstances {
    /// Someone died.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub death: Option<bool>,
    /// Someone's health was seriously harmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serious_injury: Option<bool>,
    /// Someone was bodily injured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bodily_injury: Option<bool>,
    /// There is an imminent risk of death or serious physical injury.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub imminent_risk: Option<bool>,
    /// Critical infrastructure was disrupted seriously and irreversibly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub infrastructure_disruption: Option<bool>,
    /// Cybersecurity was seriously breached, exfiltration of weights included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cybersecurity_breach: Option<bool>,
    /// Weights were accessed, modified or exfiltrated without authority.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weights_accessed: Option<bool>,
    /// Rights under obligations that protect fundamental rights were infringed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rights_infringement: Option<bool>,
    /// Other rights or interests were infringed, such as copyright or privacy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_rights_infringement: Option<bool>,
    /// Property or the environment was seriously harmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub property_damage: Option<bool>,
    /// More than fifty people died or were seriously injured, or more than a thousand million US
    /// dollars of property was lost, in a single incident.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub catastrophic_harm: Option<bool>,
    /// The developer lost control of the model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loss_of_control: Option<bool>,
    /// The model deceived its developer outside an evaluation designed to elicit that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deception: Option<bool>,
    /// The deception shows a materially increased catastrophic risk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub risk_increased: Option<bool>,
    /// It has been resolved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolved: Option<bool>,
}

impl Example for Incident {
    fn example() -> Self {
        Self {
            summary: Texts::both(
                "開発環境への不正侵入により、重みの一部が外部に送られました。",
                "An intruder in the development environment sent part of the weights outside.",
            ),
            circumstances: IncidentCircumstances {
                death: Some(false),
                bodily_injury: Some(false),
                cybersecurity_breach: Some(true),
                weights_accessed: Some(true),
                ..IncidentCircumstances::default()
            },
            occurred_at: None,
            discovered_at: Some(super::example_time()),
            aware_at: Some(super::example_time()),
            determined_at: None,
            believed_at: None,
            imminent_at: None,
            resolved_at: None,
        }
    }
}
