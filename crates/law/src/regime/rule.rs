//! Rules, read and checked: coverage, classes, duties, powers, penalties, procedures.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;
use smol_str::SmolStr;

use super::{Certainty, Text};
use crate::assessment::Party;
use crate::deadline::Deadline;
use crate::expression::{EventPattern, Expression};

/// Where a rule stands in the regime's files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SourceLines {
    /// Path of the file.
    pub file: String,
    /// First line, from 1.
    pub first: usize,
    /// Last line.
    pub last: usize,
}

/// Days between which a rule applies.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Applies {
    /// First day; none: since the first text.
    pub from: Option<Date>,
    /// Last day; none: as long as the text stands.
    pub to: Option<Date>,
}

impl Applies {
    pub(crate) fn on(self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }
}

/// When the law covers a subject.
#[derive(Debug, Clone, Serialize)]
pub struct CoverageRule {
    /// Article that says so.
    pub article: SmolStr,
    /// The condition.
    #[serde(serialize_with = "expression_text")]
    pub condition: Expression,
    /// Where the rule stands.
    pub lines: SourceLines,
}

/// Which statements designate a subject and end its designation.
#[derive(Debug, Clone)]
pub(crate) struct DesignationRule {
    pub(crate) begins: String,
    pub(crate) ends: String,
}

/// A class of subjects.
#[derive(Debug, Clone, Serialize)]
pub struct Class {
    /// Id, as in `class(…)`.
    pub id: SmolStr,
    /// Article that defines it.
    pub article: SmolStr,
    /// Name for people.
    pub text: Text,
    /// The condition.
    #[serde(serialize_with = "expression_text")]
    pub condition: Expression,
    /// What belonging to the class means: `presumed` if the provider may rebut it.
    pub effect: Option<String>,
    /// Whether it only serves other rules and is never reported as the subject's class.
    pub auxiliary: bool,
    /// Days between which the rule applies.
    pub applies: Applies,
    /// Where the rule stands.
    pub lines: SourceLines,
}

/// A duty.
#[derive(Debug, Clone, Serialize)]
pub struct Duty {
    /// Id of the duty.
    pub id: SmolStr,
    /// Article that states it.
    pub article: SmolStr,
    /// Who owes it.
    pub by: Party,
    /// Name for people.
    pub text: Text,
    /// Who is told, where the law names somebody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub addressee: Option<Text>,
    /// When it is owed.
    #[serde(serialize_with = "expression_text")]
    pub owed_when: Expression,
    /// The deadline as written; none where the law states none.
    pub due: Option<SmolStr>,
    /// What fulfils it, as written; none where no statement does.
    pub fulfilled_by: Option<String>,
    /// Whether its fulfilment needs a review of what was filed.
    pub reviewed: bool,
    /// Statements of which each is to be answered anew, as written.
    pub each: Option<String>,
    /// Duties of the common vocabulary of all regimes that it answers.
    pub common: Vec<String>,
    /// Id of the counting rules of its deadline, or the switch that settles them, as written.
    pub counting: Option<SmolStr>,
    /// Until when it is owed, as written; none where it does not end.
    pub until: Option<String>,
    /// Days between which the rule applies.
    pub applies: Applies,
    /// Where the rule stands.
    pub lines: SourceLines,
    #[serde(skip)]
    pub(crate) each_patterns: Vec<EventPattern>,
    #[serde(skip)]
    pub(crate) counted_by: Option<Counting>,
    #[serde(skip)]
    pub(crate) until_limit: Option<Deadline>,
    #[serde(skip)]
    pub(crate) deadline: Option<Deadline>,
    #[serde(skip)]
    pub(crate) fulfilment: Option<Fulfilment>,
}

/// Which calendar counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Counting {
    Calendar(String),
    /// The one that a switch chooses.
    Switch(String),
}

/// Statements that fulfil a duty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fulfilment {
    Event(EventPattern),
    All(Vec<Fulfilment>),
    Any(Vec<Fulfilment>),
}

/// A power of the State.
#[derive(Debug, Clone, Serialize)]
pub struct Power {
    /// Id of the power.
    pub id: SmolStr,
    /// Article that confers it.
    pub article: SmolStr,
    /// Name for people.
    pub text: Text,
    /// Predicate of the act by which it is used.
    pub act: String,
    /// When it may be used.
    #[serde(serialize_with = "expression_text")]
    pub condition: Expression,
    /// Days between which the rule applies.
    pub applies: Applies,
    /// Where the rule stands.
    pub lines: SourceLines,
}

/// A penalty.
#[derive(Debug, Clone, Serialize)]
pub struct Penalty {
    /// Id of the penalty.
    pub id: SmolStr,
    /// Article that states it.
    pub article: SmolStr,
    /// Name for people.
    pub text: Text,
    /// Predicate of the act that imposes it; none where courts impose it.
    pub act: Option<String>,
    /// When it may be imposed.
    #[serde(serialize_with = "expression_text")]
    pub condition: Expression,
    /// The largest amount, as written.
    pub maximum: Option<String>,
    /// Days between which the rule applies.
    pub applies: Applies,
    /// Where the rule stands.
    pub lines: SourceLines,
    #[serde(skip)]
    pub(crate) amount: Option<(Expression, Option<String>)>,
}

/// What must come before an adverse act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Procedure {
    /// Id of the rule.
    pub id: String,
    /// Article that asks for it.
    pub article: String,
    /// Predicate of the adverse act.
    pub act: String,
    /// Which of the acts of that predicate; empty: all.
    pub attributes: BTreeMap<String, String>,
    /// Kinds of procedure; one of them is needed.
    pub requires: Vec<String>,
    /// Name for people.
    pub text: Text,
    /// How sure the rule is.
    pub certainty: Certainty,
}

fn expression_text<S: serde::Serializer>(expression: &Expression, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(expression.source())
}
