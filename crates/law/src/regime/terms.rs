//! What rules may name: figures of the law, facts, statements, open issues.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;

use super::Text;
use crate::settings::Setting;

/// A figure that the law itself fixes: a threshold, a rate, a period. It may change with time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Parameter {
    /// Id, as in `param(…)`.
    pub id: String,
    /// What kind of value it has.
    pub kind: ValueKind,
    /// Article that fixes it.
    pub article: String,
    /// Name for people.
    pub label: Text,
    /// Its values, oldest first, with their first days.
    pub values: Vec<Dated>,
}

/// A value of a parameter and the first day on which the law has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Dated {
    /// First day.
    pub from: Date,
    /// The value in its canonical text.
    pub text: String,
    #[serde(skip)]
    pub(crate) value: Setting,
}

impl Parameter {
    /// Returns the value on a day; before the first day, the first value.
    pub fn on(&self, day: Date) -> Option<&Dated> {
        self.values.iter().rev().find(|value| value.from <= day).or(self.values.first())
    }
}

/// What the rules may ask of the statements of one predicate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EventSchema {
    /// Name for people; none where the predicate's own name serves.
    pub label: Option<Text>,
    /// Attribute → what is known of it, in the order of their names.
    pub attributes: BTreeMap<String, AttributeSchema>,
}

/// An attribute of a statement that rules may ask for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AttributeSchema {
    /// Name for people; made from its id where the regime gives none.
    pub label: Text,
    /// Allowed values, named for people in the same way; empty: any.
    pub values: Vec<Choice>,
    /// Whether its absence leaves it unknown.
    pub unknown_if_absent: bool,
}

/// A fact that the regime's rules may look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FactSchema {
    /// Name, as in conditions and facts files.
    pub name: String,
    /// What kind of value it has.
    pub kind: ValueKind,
    /// Short name for people.
    pub label: Text,
    /// What exactly is asked.
    pub help: Option<Text>,
}

/// An open issue of the law: a question that a legislature or an authority has to settle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Switch {
    /// Id, as in conditions and settings.
    pub id: String,
    /// What kind of value settles it.
    pub kind: ValueKind,
    /// The question.
    pub question: Text,
}

/// What kind of value a fact or a switch has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ValueKind {
    /// True or false.
    Boolean,
    /// An exact number in a unit; none for a pure number.
    Number {
        /// The unit.
        unit: Option<String>,
    },
    /// A text.
    Text,
    /// One of some values.
    Choice {
        /// The values.
        values: Vec<Choice>,
    },
    /// One or more of some values, joined by commas.
    Choices {
        /// The values.
        values: Vec<Choice>,
    },
    /// A day.
    Date,
    /// A length of time, such as `30 days`.
    Period,
}

/// A value that may be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// The value, as written in conditions and settings.
    pub id: String,
    /// Its name for people.
    pub label: Text,
}

/// A named setting of switches, for trials and demonstrations; never applied by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Preset {
    /// Id of the preset.
    pub id: String,
    /// What it stands for.
    pub label: Text,
    /// Why each choice.
    pub reasoning: Option<Text>,
    /// Switch → value.
    pub set: BTreeMap<String, String>,
}
