//! What is on record about one subject: facts with their sources, and events.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::number::Number;

/// Everything on record about one subject (a model and its developer) that a law may look at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Fact name → what was stated of it. Entries that differ make the fact disputed.
    pub facts: BTreeMap<String, Vec<FactEntry>>,
    /// Statements with legal effect, in any order.
    pub events: Vec<Event>,
}

impl Record {
    /// Adds a value of a fact without a source, as from a facts file.
    pub fn state(&mut self, fact: impl Into<String>, value: FactValue) {
        self.facts.entry(fact.into()).or_default().push(FactEntry { value, known_at: None, source: None });
    }
}

/// One statement of a fact's value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactEntry {
    /// The value stated.
    pub value: FactValue,
    /// Since when it is known, as claimed; entries known only after the day of assessment are left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known_at: Option<Timestamp>,
    /// The statement that says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
}

/// A statement in the log.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Source {
    /// Digest of the statement.
    pub statement: String,
    /// Index of its entry.
    pub entry: u64,
}

/// A value of a fact as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FactValue {
    /// Stated to be unknown.
    Unknown,
    /// True or false.
    Boolean(bool),
    /// An exact number.
    Number {
        /// The number.
        value: Number,
        /// Its unit, exactly as the regime's fact schema has it; none for a pure number.
        unit: Option<String>,
    },
    /// A number somewhere between two ends, both included; a missing end is unbounded.
    Range {
        /// The smallest possible value.
        low: Option<Number>,
        /// The largest possible value.
        high: Option<Number>,
        /// Unit of both.
        unit: Option<String>,
    },
    /// A text, or one of the choices of the schema.
    Text(String),
    /// A day.
    Date(Date),
}

impl fmt::Display for FactValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = |unit: &Option<String>| unit.as_ref().map_or(String::new(), |unit| format!(" {unit}"));
        match self {
            Self::Unknown => f.write_str("unknown"),
            Self::Boolean(value) => write!(f, "{value}"),
            Self::Number { value, unit: of } => write!(f, "{value}{}", unit(of)),
            Self::Range { low, high, unit: of } => match (low, high) {
                (Some(low), Some(high)) => write!(f, "{low} to {high}{}", unit(of)),
                (Some(low), None) => write!(f, "at least {low}{}", unit(of)),
                (None, Some(high)) => write!(f, "at most {high}{}", unit(of)),
                (None, None) => f.write_str("unknown"),
            },
            Self::Text(text) => f.write_str(text),
            Self::Date(date) => write!(f, "{date}"),
        }
    }
}

/// A statement with legal effect: a notification, a designation, a finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Event {
    /// Instant of arrival; deadlines count from it and are met by it.
    pub arrived: Timestamp,
    /// Index of its entry in the log.
    pub entry: u64,
    /// Name of the predicate, without `urn:kanae:` and version: `notification`.
    pub predicate: String,
    /// Digest of the statement.
    pub statement: String,
    /// What the regime's rules may distinguish: `scope` = `internal`, `duty` = the duty's id.
    #[serde(default)]
    pub attributes: BTreeMap<String, String>,
}
