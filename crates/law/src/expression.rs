//! The language of conditions: small, total, typed, explained.
//!
//! ```text
//! general_purpose and compute_cumulative > 1e25 FLOP
//! switch(target) and (designated or class(advanced-model))
//! 'compute' in switch(size_metrics) and not event(certificate-status, status = 'revoked')
//! max(3 % * turnover, 15_000_000 EUR)
//! ```
//!
//! There are no loops, no definitions and no operator that tests whether a fact is known: learning
//! a fact can only narrow a result.

mod check;
mod evaluate;
mod lexer;
mod parser;
mod term;

use std::ops::Range;

use jiff::civil::Date;

use crate::diagnostic::Problem;
use crate::number::Number;

pub(crate) use check::{Schema, Type, boolean, pattern_problems, quantity};
pub(crate) use evaluate::{ClassState, Context, FactState, Outcome};
pub(crate) use lexer::{Token, tokens};
pub(crate) use term::{Amount, Candidate, Term, decide};

/// A parsed condition with its source text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expression {
    source: String,
    root: Node,
}

impl Expression {
    /// Returns the condition's text as it was written.
    pub fn source(&self) -> &str {
        &self.source
    }

    pub(crate) fn root(&self) -> &Node {
        &self.root
    }
}

/// Parses a condition. The text is bounded in length and nesting; nothing is looked up.
pub fn parse(source: &str) -> Result<Expression, Problem> {
    let root = parser::parse(source)?;
    Ok(Expression { source: source.to_owned(), root })
}

/// A part of a condition and the bytes of the source that it was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    pub(crate) span: Range<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    Boolean(bool),
    Number(Number, Option<String>),
    Text(String),
    Date(Date),
    List(Vec<String>),
    Fact(String),
    Class(String),
    Switch(String),
    Event(EventPattern),
    Unmet(String),
    Designated,
    AsOf,
    Not(Box<Node>),
    And(Vec<Node>),
    Or(Vec<Node>),
    Compare(Comparison, Box<Node>, Box<Node>),
    In(Box<Node>, Box<Node>),
    Arithmetic(Operator, Box<Node>, Box<Node>),
    Negate(Box<Node>),
    Extreme(Extreme, Vec<Node>),
}

/// Statements of one predicate, restricted to those with certain attributes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EventPattern {
    pub(crate) predicate: String,
    pub(crate) attributes: Vec<(String, String)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    Different,
    Less,
    AtMost,
    More,
    AtLeast,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extreme {
    Largest,
    Smallest,
}
