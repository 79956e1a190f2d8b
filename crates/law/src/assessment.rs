//! The answer of a law, as it is recorded, recomputed and compared.

use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::number::Number;
use crate::reason::{EventUsed, LazyReason};
use crate::truth::{Because, NameSet, Truth};

/// What a regime asks of a subject on a day, with reasons. Advice: people decide.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assessment {
    /// Id of the regime.
    pub regime: String,
    /// Id of the text version in force on the day; none before the first and after the last.
    pub version: Option<String>,
    /// The day, in the regime's own time zone; what arrived on it counts.
    pub as_of: Date,
    /// Whether the regime has force on the day; without force it asks nothing.
    #[serde(default, skip_serializing_if = "Force::is_in_force")]
    pub force: Force,
    /// First day of the next text, where none has force on the day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_force_from: Option<Date>,
    /// Whether the law covers the subject.
    pub coverage: Coverage,
    /// What keeps the coverage open.
    pub coverage_because: Because,
    /// The last class, in the regime's order, that holds; none if no class does.
    pub class: Option<SmolStr>,
    /// All classes of the regime, in its order.
    pub classes: Vec<ClassResult>,
    /// Facts that leave coverage or a class that can be reported open: unknown, or not known closely
    /// enough.
    pub missing: NameSet,
    /// Facts in contradiction that leave coverage or a class open.
    pub disputed: NameSet,
    /// Switches not set that leave coverage or a class open.
    pub unsettled: NameSet,
    /// All duties, of developers, the State and others, in the regime's order.
    pub duties: Vec<DutyResult>,
    /// All powers of the State, in the regime's order.
    pub powers: Vec<PowerResult>,
    /// All penalties, in the regime's order.
    pub penalties: Vec<PenaltyResult>,
    /// Why the law covers the subject or not: the whole tree, each class explained once. Elsewhere,
    /// reasons name the classes that they rest on.
    pub reason: LazyReason,
}

/// Whether a regime has force on a day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Force {
    /// A text applies. Of a draft or a voluntary code: it would apply.
    #[default]
    InForce,
    /// Enacted, and its first day is still to come.
    NotYet,
    /// Its last text has ended.
    Ended,
    /// Enacted and suspended.
    Suspended,
    /// Enacted and displaced by other law.
    Preempted,
}

impl Force {
    /// Returns whether a text applies.
    pub fn is_in_force(&self) -> bool {
        *self == Self::InForce
    }

    /// Returns the state as written in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InForce => "in_force",
            Self::NotYet => "not_yet",
            Self::Ended => "ended",
            Self::Suspended => "suspended",
            Self::Preempted => "preempted",
        }
    }
}

/// Whether a law covers a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Coverage {
    /// It does.
    Covered,
    /// It does not.
    NotCovered,
    /// Facts are missing or disputed, or the law is not settled.
    Undetermined,
}

impl From<Truth> for Coverage {
    fn from(truth: Truth) -> Self {
        match truth {
            Truth::True => Self::Covered,
            Truth::False => Self::NotCovered,
            Truth::Undetermined => Self::Undetermined,
        }
    }
}

/// Whether the subject belongs to a class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassResult {
    /// Id of the class.
    pub id: SmolStr,
    /// Article that defines it.
    pub article: SmolStr,
    /// Whether the subject belongs to it.
    pub holds: Truth,
    /// What keeps that open.
    pub because: Because,
    /// Why.
    pub reason: LazyReason,
}

/// Where a duty stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Not owed on the day.
    NotYet,
    /// Owed, and nothing or not all has arrived; its day, if it has one, has not passed.
    Open,
    /// Something has arrived: a part, or all of what waits for a review.
    Filed,
    /// What the law asks has arrived and, where the law has it reviewed, was found sufficient.
    AppearsMet,
    /// The day has passed without what the law asks, or a review found it insufficient.
    AppearsUnmet,
    /// Whether it is owed is open, or a review came to no result.
    Unresolved,
    /// A decision of the State stands.
    Decided,
}

impl Status {
    /// Returns the status as written in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotYet => "not_yet",
            Self::Open => "open",
            Self::Filed => "filed",
            Self::AppearsMet => "appears_met",
            Self::AppearsUnmet => "appears_unmet",
            Self::Unresolved => "unresolved",
            Self::Decided => "decided",
        }
    }
}

/// Who owes a duty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Party {
    /// The developer.
    Developer,
    /// The State.
    Authority,
    /// A safety institute or another third party.
    Institute,
    /// An association of developers.
    Association,
    /// A certification body.
    CertificationBody,
}

impl Party {
    /// All parties.
    pub const ALL: [Self; 5] =
        [Self::Developer, Self::Authority, Self::Institute, Self::Association, Self::CertificationBody];

    /// Returns the party as written in rules and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Developer => "developer",
            Self::Authority => "authority",
            Self::Institute => "institute",
            Self::Association => "association",
            Self::CertificationBody => "certification_body",
        }
    }
}

/// One duty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DutyResult {
    /// Id of the duty.
    pub id: SmolStr,
    /// Article that states it.
    pub article: SmolStr,
    /// Who owes it.
    pub by: Party,
    /// Whether it is owed on the day.
    pub owed: Truth,
    /// What keeps that open.
    pub because: Because,
    /// Where it stands.
    pub status: Status,
    /// Last day in time; none where the law names no day, or it cannot be computed.
    pub due: Option<Date>,
    /// Last instant in time, where the law counts in hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Timestamp>,
    /// How the day comes about, or why there is none.
    pub due_because: DueReason,
    /// Whether what fulfils it arrived after its day.
    pub late: bool,
    /// Entries that fulfil it, or a part of it.
    pub fulfilled_by: Vec<u64>,
    /// Why it is owed.
    pub reason: LazyReason,
}

/// How a day comes about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DueReason {
    /// The deadline as the regime states it; none where the law states none.
    pub rule: Option<SmolStr>,
    /// A deadline in words, such as `without delay`, which has no date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub qualitative: Option<SmolStr>,
    /// The day from which the period is counted, or from which words such as `without delay` run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    /// The entry from which it is counted, where a statement starts it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_entry: Option<u64>,
    /// The last day before closed days are looked at; differs from the due date where it moved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counted: Option<Date>,
    /// Id of the counting rules.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calendar: Option<SmolStr>,
    /// Whether the calendar ends before the day: its holidays are not known.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub beyond_calendar: bool,
    /// Whether the last month has no such day and the law does not say what then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ambiguous: bool,
    /// What would have to be known for a day.
    #[serde(skip_serializing_if = "Because::is_empty", default)]
    pub because: Because,
}

/// Whether the State may act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PowerResult {
    /// Id of the power.
    pub id: SmolStr,
    /// Article that confers it.
    pub article: SmolStr,
    /// Whether its conditions are met.
    pub available: Truth,
    /// What keeps that open.
    pub because: Because,
    /// Why.
    pub reason: LazyReason,
}

impl PowerResult {
    /// Returns the statements on which the power rests, in the order of the conditions: the act that
    /// uses it has to cite them. Empty where it is not available, or rests on no statement.
    pub fn grounds(&self) -> Vec<&EventUsed> {
        let mut found: Vec<&EventUsed> = Vec::new();
        if self.available == Truth::True {
            self.reason.visit_what_holds(&mut |reason| {
                for event in &reason.events {
                    if !found.contains(&event) {
                        found.push(event);
                    }
                }
            });
        }
        found
    }
}

/// Whether a penalty could be imposed, and how high.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PenaltyResult {
    /// Id of the penalty.
    pub id: SmolStr,
    /// Article that states it.
    pub article: SmolStr,
    /// Whether its conditions are met.
    pub applies: Truth,
    /// What keeps that open.
    pub because: Because,
    /// The largest amount; none where the law states none or nothing is known of it.
    pub maximum: Option<Money>,
    /// What keeps the amount open.
    pub maximum_because: Because,
    /// The formula of the amount and what it was computed from; none where the law states no amount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub formula: Option<LazyReason>,
    /// Why.
    pub reason: LazyReason,
}

/// An amount, exact (both ends equal) or between two ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Money {
    /// At least so much.
    pub low: Option<Number>,
    /// At most so much.
    pub high: Option<Number>,
    /// Currency.
    pub unit: Option<String>,
}

impl Assessment {
    /// Returns the assessment as compact JSON with sorted keys: the same assessment has the same
    /// bytes, whatever features the JSON library was built with.
    pub fn to_canonical_json(&self) -> Vec<u8> {
        let value = serde_json::to_value(self).unwrap_or_default();
        let mut text = String::new();
        write_sorted(&value, &mut text);
        text.into_bytes()
    }

    /// Returns a duty by its id.
    pub fn duty(&self, id: &str) -> Option<&DutyResult> {
        self.duties.iter().find(|duty| duty.id == id)
    }
}

fn write_sorted(value: &serde_json::Value, text: &mut String) {
    match value {
        serde_json::Value::Object(object) => {
            let mut members: Vec<_> = object.iter().collect();
            members.sort_by_key(|(name, _)| *name);
            text.push('{');
            for (at, (name, member)) in members.into_iter().enumerate() {
                if at > 0 {
                    text.push(',');
                }
                let _ = write!(text, "{}:", serde_json::Value::String(name.clone()));
                write_sorted(member, text);
            }
            text.push('}');
        }
        serde_json::Value::Array(items) => {
            text.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    text.push(',');
                }
                write_sorted(item, text);
            }
            text.push(']');
        }
        scalar => {
            let _ = write!(text, "{scalar}");
        }
    }
}
