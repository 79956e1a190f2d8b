//! The language of conditions: small, total, typed, explained.
//!
//! ```text
//! general_purpose and compute_cumulative > 1e25 FLOP
//! switch(target) and (designated or class(advanced-model))
//! 'compute' in switch(size_metrics) and not event(certificate-status, status = 'revoked')
//! max(param(fine_rate) * turnover, 15_000_000 EUR)
//! event(incident, death = 'true') and 1_000 USD * days_late(registration) > 0 USD
//! ```
//!
//! There are no loops, no definitions and no operator that tests whether a fact is known: learning
//! a fact can only narrow a result.

mod check;
mod evaluate;
mod lexer;
mod open;
mod parser;
mod term;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ops::Range;

use jiff::civil::Date;
use smol_str::SmolStr;

use crate::diagnostic::Problem;
use crate::number::Number;
use crate::record::Event;
use crate::truth::{Because, Truth};

pub(crate) use check::{EventType, Schema, Type, boolean, pattern_problems, quantity};
pub(crate) use evaluate::{Context, Decided, Standing};
pub(crate) use lexer::{Token, tokens};
pub(crate) use open::{Open, OpenNames};
pub(crate) use term::{Amount, Candidate, Term, decide};

/// A parsed condition with its source text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expression {
    source: SmolStr,
    root: Node,
}

impl Expression {
    /// Returns the condition's text as it was written.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Returns the outermost part.
    pub fn root(&self) -> &Node {
        &self.root
    }

    /// Returns the text, to be shared.
    pub(crate) fn text(&self) -> &SmolStr {
        &self.source
    }

    /// Gives each condition in it its place among those of a regime: the same words, the same place.
    pub(crate) fn number(&mut self, places: &mut Places) {
        self.root.number(places, true);
    }
}

/// Places of what the conditions of a regime name, and of these conditions.
#[derive(Debug, Clone, Default)]
pub(crate) struct Places {
    pub(crate) facts: BTreeMap<String, usize>,
    pub(crate) switches: BTreeMap<String, usize>,
    pub(crate) parameters: BTreeMap<String, usize>,
    pub(crate) classes: BTreeMap<String, usize>,
    pub(crate) duties: BTreeMap<String, usize>,
    pub(crate) conditions: BTreeMap<SmolStr, usize>,
    /// The names that may be open: the facts, the switches and once more the facts.
    pub(crate) names: Vec<SmolStr>,
}

/// Parses patterns of events, joined by `or`: a predicate, or `event(…)`.
pub(crate) fn parse_patterns(source: &str) -> Result<Vec<EventPattern>, Problem> {
    fn patterns(node: Node) -> Result<Vec<EventPattern>, Problem> {
        match node.kind {
            Kind::Event(pattern) => Ok(vec![pattern]),
            Kind::Fact(predicate) => Ok(vec![EventPattern::all(&predicate)]),
            Kind::Or(parts) => {
                let parts: Result<Vec<_>, _> = parts.into_iter().map(patterns).collect();
                Ok(parts?.into_iter().flatten().collect())
            }
            _ => Err(Problem::new(node.span, "expected events, joined by `or`")
                .hint("write as in `incident` or `event(incident, death = 'true')`")),
        }
    }
    patterns(parser::parse(source)?)
}

/// Parses a condition. The text is bounded in length and nesting; nothing is looked up.
pub fn parse(source: &str) -> Result<Expression, Problem> {
    let mut root = parser::parse(source)?;
    root.quote(source);
    Ok(Expression { source: source.into(), root })
}

/// A part of a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    pub(crate) kind: Kind,
    /// The bytes of the source that it was read from.
    pub(crate) span: Range<usize>,
    /// The source that it was read from, where it is a condition that a reason names.
    pub(crate) text: SmolStr,
    /// Place among the conditions of a regime.
    pub(crate) place: Option<usize>,
    /// Place of what it names among the regime's facts, switches, parameters, classes or duties.
    pub(crate) names: Option<usize>,
    /// Its value, where it is written out.
    constant: Option<Candidate>,
}

impl Node {
    fn new(kind: Kind, span: Range<usize>) -> Self {
        let constant = Candidate::constant(&kind);
        Self { kind, span, text: SmolStr::default(), place: None, names: None, constant }
    }

    /// Returns what it is, and of what it is made.
    pub fn kind(&self) -> &Kind {
        &self.kind
    }

    fn quote(&mut self, source: &str) {
        self.text = source.get(self.span.clone()).unwrap_or_default().into();
        self.parts_mut().into_iter().for_each(|part| part.quote(source));
    }

    fn number(&mut self, places: &mut Places, is_condition: bool) {
        self.names = match &self.kind {
            Kind::Fact(name) => places.facts.get(name).copied(),
            Kind::Switch(id) => places.switches.get(id).copied(),
            Kind::Parameter(id) => places.parameters.get(id).copied(),
            Kind::Class(id) => places.classes.get(id).copied(),
            Kind::Unmet(id) | Kind::DaysLate(id) => places.duties.get(id).copied(),
            _ => None,
        };
        if is_condition {
            let next = places.conditions.len();
            match places.conditions.entry(self.text.clone()) {
                Entry::Occupied(known) => {
                    self.text = known.key().clone();
                    self.place = Some(*known.get());
                }
                Entry::Vacant(new) => {
                    new.insert(next);
                    self.place = Some(next);
                }
            }
        }
        let conditions = is_condition && matches!(self.kind, Kind::And(_) | Kind::Or(_) | Kind::Not(_));
        self.parts_mut().into_iter().for_each(|part| part.number(places, conditions));
    }

    /// Its value, where it is written out.
    pub(crate) fn constant(&self) -> Option<&Candidate> {
        self.constant.as_ref()
    }

    /// What it is made of, in the order of the text.
    pub(crate) fn parts(&self) -> Vec<&Self> {
        match &self.kind {
            Kind::And(parts) | Kind::Or(parts) | Kind::Extreme(_, parts) => parts.iter().collect(),
            Kind::Not(inner) | Kind::Negate(inner) => vec![inner],
            Kind::Compare(_, left, right) | Kind::In(left, right) | Kind::Arithmetic(_, left, right) => {
                vec![left, right]
            }
            _ => Vec::new(),
        }
    }

    fn parts_mut(&mut self) -> Vec<&mut Self> {
        match &mut self.kind {
            Kind::And(parts) | Kind::Or(parts) | Kind::Extreme(_, parts) => parts.iter_mut().collect(),
            Kind::Not(inner) | Kind::Negate(inner) => vec![inner],
            Kind::Compare(_, left, right) | Kind::In(left, right) | Kind::Arithmetic(_, left, right) => {
                vec![left, right]
            }
            _ => Vec::new(),
        }
    }
}

/// What a part of a condition is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false`.
    Boolean(bool),
    /// A number with its unit; a share of a hundred has the unit `%`.
    Number(Number, Option<String>),
    /// A text in quotation marks.
    Text(String),
    /// A day.
    Date(Date),
    /// Texts of which there may be any.
    List(Vec<String>),
    /// A fact, by its name.
    Fact(String),
    /// Whether the subject belongs to a class.
    Class(String),
    /// What a switch is set to.
    Switch(String),
    /// A figure of the law.
    Parameter(String),
    /// Whether a statement is on record.
    Event(EventPattern),
    /// Whether a duty, or any duty of a party, is unmet.
    Unmet(String),
    /// By how many days a duty is late.
    DaysLate(String),
    /// Whether the subject is designated.
    Designated,
    /// The day of assessment.
    AsOf,
    /// The opposite.
    Not(Box<Node>),
    /// All of some.
    And(Vec<Node>),
    /// Any of some.
    Or(Vec<Node>),
    /// A comparison of two values.
    Compare(Comparison, Box<Node>, Box<Node>),
    /// Whether a value is one of a list.
    In(Box<Node>, Box<Node>),
    /// A calculation with two numbers.
    Arithmetic(Operator, Box<Node>, Box<Node>),
    /// A number with the other sign.
    Negate(Box<Node>),
    /// The largest or the smallest of some numbers.
    Extreme(Extreme, Vec<Node>),
}

/// Statements of one predicate, restricted to those with certain attributes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventPattern {
    /// Name of the predicate.
    pub predicate: String,
    /// Attribute → the values of which it must have one.
    pub attributes: Vec<(String, Vec<String>)>,
}

impl EventPattern {
    /// Returns the pattern of all statements of a predicate.
    pub(crate) fn all(predicate: &str) -> Self {
        Self { predicate: predicate.to_owned(), attributes: Vec::new() }
    }

    /// Returns the pattern of statements with exactly these attributes.
    pub fn with(predicate: &str, attributes: &BTreeMap<String, String>) -> Self {
        let attributes = attributes.iter().map(|(name, value)| (name.clone(), vec![value.clone()])).collect();
        Self { predicate: predicate.to_owned(), attributes }
    }

    /// Returns whether a statement fits. An attribute that is absent although it is asked for is
    /// not known.
    pub(crate) fn fits(&self, event: &Event, types: &BTreeMap<String, EventType>) -> (Truth, Because) {
        if event.predicate != self.predicate {
            return (Truth::False, Because::default());
        }
        let mut truth = Truth::True;
        let mut because = Because::default();
        for (name, values) in &self.attributes {
            truth = truth.and(match event.attributes.get(name) {
                Some(value) => Truth::from(values.contains(value)),
                None if types
                    .get(&self.predicate)
                    .is_some_and(|kind| kind.unknown_if_absent.contains(name)) =>
                {
                    because.add(&Because::missing(&format!("{}.{name}", self.predicate)));
                    Truth::Undetermined
                }
                None => Truth::False,
            });
        }
        if truth == Truth::Undetermined { (truth, because) } else { (truth, Because::default()) }
    }
}

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `!=`
    Different,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    More,
    /// `>=`
    AtLeast,
}

impl Comparison {
    /// Returns the comparison with its sides exchanged.
    #[must_use]
    pub fn swapped(self) -> Self {
        match self {
            Self::Less => Self::More,
            Self::AtMost => Self::AtLeast,
            Self::More => Self::Less,
            Self::AtLeast => Self::AtMost,
            same => same,
        }
    }
}

/// How two numbers are combined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
}

/// Which of several numbers is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extreme {
    /// `max(…)`
    Largest,
    /// `min(…)`
    Smallest,
}
