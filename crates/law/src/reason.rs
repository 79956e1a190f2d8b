//! Why an answer came out as it did: a tree of conditions with what each looked at.

use std::fmt::{self, Write as _};
use std::ops::Deref;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use smol_str::SmolStr;

use crate::explain::{Ground, Rule};
use crate::record::{Event, Source};
use crate::truth::Truth;

/// A reason that is put together when it is first read; all that it rests on is kept with it. Many
/// assessments are only asked what came out.
#[derive(Clone)]
pub struct LazyReason(Kept);

#[derive(Clone)]
enum Kept {
    /// To be worked out, with all others of the same assessment.
    Open(Arc<Ground>, Rule),
    /// Read from a file.
    Read(Box<Reason>),
}

impl LazyReason {
    pub(crate) fn new(ground: &Arc<Ground>, rule: Rule) -> Self {
        Self(Kept::Open(ground.clone(), rule))
    }
}

impl Deref for LazyReason {
    type Target = Reason;

    fn deref(&self) -> &Reason {
        match &self.0 {
            Kept::Open(ground, rule) => ground.reason(*rule),
            Kept::Read(reason) => reason,
        }
    }
}

impl fmt::Debug for LazyReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Reason::fmt(self, f)
    }
}

impl PartialEq for LazyReason {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for LazyReason {}

impl Serialize for LazyReason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Reason::serialize(self, serializer)
    }
}

impl<'de> Deserialize<'de> for LazyReason {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Reason::deserialize(deserializer).map(|reason| Self(Kept::Read(Box::new(reason))))
    }
}

/// A node of the tree of reasons: a condition, whether it holds, and what it looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// Text of the condition.
    pub condition: SmolStr,
    /// Whether it holds.
    pub truth: Truth,
    /// Article that the condition stands for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub article: Option<SmolStr>,
    /// Facts used.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<FactUsed>,
    /// Switches used.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub switches: Vec<SwitchUsed>,
    /// Figures of the law used.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<ParameterUsed>,
    /// Statements used.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<EventUsed>,
    /// Parts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<Reason>,
}

impl Reason {
    /// A reason without content.
    pub(crate) const NOTHING: Self = Self {
        condition: SmolStr::new_static(""),
        truth: Truth::Undetermined,
        article: None,
        facts: Vec::new(),
        switches: Vec::new(),
        parameters: Vec::new(),
        events: Vec::new(),
        children: Vec::new(),
    };

    /// Visits this node, if it holds, and those below it that hold.
    pub(crate) fn visit_what_holds<'r>(&'r self, visit: &mut impl FnMut(&'r Self)) {
        if self.truth == Truth::True {
            visit(self);
            for child in &self.children {
                child.visit_what_holds(visit);
            }
        }
    }

    /// Returns the tree as indented text, one condition a line.
    pub fn outline(&self) -> String {
        let mut text = String::new();
        self.write(&mut text, 0);
        text
    }

    fn write(&self, text: &mut String, depth: usize) {
        let mark = match self.truth {
            Truth::True => "yes",
            Truth::False => "no ",
            Truth::Undetermined => "?  ",
        };
        let indent = "  ".repeat(depth);
        let condition = self.condition.split_whitespace().collect::<Vec<_>>().join(" ");
        let _ = write!(text, "{indent}{mark} {condition}");
        if let Some(article) = &self.article {
            let _ = write!(text, "  [{article}]");
        }
        for fact in &self.facts {
            let _ = write!(text, "; {} = ", fact.name);
            let stated: Vec<_> = fact
                .stated
                .iter()
                .map(|stated| format!("{} (entry {})", stated.value, stated.source.entry))
                .collect();
            match &fact.value {
                _ if !stated.is_empty() => text.push_str(&stated.join(" | ")),
                Some(value) => text.push_str(value),
                None => text.push_str("unknown"),
            }
        }
        for switch in &self.switches {
            let _ = write!(text, "; switch {} = {}", switch.id, switch.value.as_deref().unwrap_or("not set"));
        }
        for parameter in &self.parameters {
            let _ = write!(text, "; param {} = {}", parameter.id, parameter.value);
        }
        for event in &self.events {
            let _ = write!(text, "; {} (entry {})", event.predicate, event.entry);
        }
        text.push('\n');
        for child in &self.children {
            child.write(text, depth + 1);
        }
    }
}

/// A fact that a condition looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactUsed {
    /// Name of the fact.
    pub name: SmolStr,
    /// Its value as text; disputed values are joined by `|`; none where nothing is on record.
    pub value: Option<SmolStr>,
    /// Which statement says what of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stated: Vec<Stated>,
}

/// What one statement says of a fact.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Stated {
    /// The statement.
    pub source: Source,
    /// The value as text.
    pub value: SmolStr,
}

/// A switch that a condition looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SwitchUsed {
    /// Id of the switch.
    pub id: SmolStr,
    /// Its setting; none where it is not set.
    pub value: Option<SmolStr>,
}

/// A figure of the law that a condition looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParameterUsed {
    /// Id of the parameter.
    pub id: SmolStr,
    /// Its value on the day.
    pub value: SmolStr,
}

/// A statement that a condition looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventUsed {
    /// Its predicate.
    pub predicate: SmolStr,
    /// Its entry.
    pub entry: u64,
}

impl From<&Event> for EventUsed {
    fn from(event: &Event) -> Self {
        Self { predicate: event.predicate.as_str().into(), entry: event.entry }
    }
}

impl Default for Reason {
    fn default() -> Self {
        Self::NOTHING
    }
}
