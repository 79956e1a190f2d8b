//! What is wrong with a setting that a visitor tries out. Pages say it in their language, the API in
//! English.

use std::fmt;

use law::ValueKind;

use super::query::Wrong;

/// Figures that may be moved to; zero too.
pub(crate) const BOUNDS: std::ops::RangeInclusive<f64> = 1e-12..=1e40;
/// Most values of a figure that is moved.
pub(crate) const MAX_POINTS: usize = 200;

/// What is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The name in the query that it is about; empty where it is about the whole.
    pub(crate) name: String,
    pub(crate) kind: FaultKind,
}

/// Kinds of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FaultKind {
    /// The query as a whole.
    Query(Wrong),
    /// There is no such name.
    Unknown,
    /// No law at hand has this id, or the law has no such named setting.
    Law,
    /// The law has no such named setting.
    Base,
    /// No day.
    Day,
    /// Neither coverage nor a class or duty of the law.
    Goal,
    /// No figure of the law that is a number.
    Dial,
    /// Not two numbers within the bounds, of which the first is smaller.
    Ends,
    /// Not a number of values that is computed.
    Points,
    /// Not a value that the figure or open point can have.
    Value {
        /// What was found.
        found: String,
        /// What is expected: the key of a message.
        expected: &'static str,
        /// The unit of the number expected.
        unit: String,
    },
}

impl From<Wrong> for Fault {
    fn from(wrong: Wrong) -> Self {
        Self { name: wrong.name.clone(), kind: FaultKind::Query(wrong) }
    }
}

impl Fault {
    pub(crate) fn new(name: impl Into<String>, kind: FaultKind) -> Self {
        Self { name: name.into(), kind }
    }

    /// Says that a value does not fit its kind.
    pub(crate) fn value(name: &str, found: &str, kind: &ValueKind) -> Self {
        let (expected, unit) = match kind {
            ValueKind::Boolean => ("fault-boolean", ""),
            ValueKind::Number { unit: Some(unit) } => ("fault-number", unit.as_str()),
            ValueKind::Number { unit: None } => ("fault-rate", ""),
            ValueKind::Period => ("fault-period", ""),
            ValueKind::Date => ("fault-date", ""),
            ValueKind::Choice { .. } | ValueKind::Choices { .. } | ValueKind::Text => ("fault-choice", ""),
        };
        let found = found.chars().take(40).collect();
        Self::new(name, FaultKind::Value { found, expected, unit: unit.to_owned() })
    }

    /// Returns the key of the message that says it.
    pub(crate) fn key(&self) -> &'static str {
        match &self.kind {
            FaultKind::Query(wrong) => wrong.kind.key(),
            FaultKind::Unknown => "fault-unknown",
            FaultKind::Law => "fault-law",
            FaultKind::Base => "fault-base",
            FaultKind::Day => "fault-day",
            FaultKind::Goal => "fault-goal",
            FaultKind::Dial => "fault-dial",
            FaultKind::Ends => "fault-ends",
            FaultKind::Points => "fault-points",
            FaultKind::Value { expected, .. } => expected,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let expected = match &self.kind {
            FaultKind::Query(wrong) => return wrong.fmt(f),
            FaultKind::Unknown => "there is no such name",
            FaultKind::Law => {
                "expected the id of a law at hand (see /api/v1/regimes), with or without `:` and one of its presets, `adopted` or `open`"
            }
            FaultKind::Base => "expected a preset of the law, `adopted` or `open`",
            FaultKind::Day => "expected a day of the calendar, as in 2026-11-24",
            FaultKind::Goal => "expected `coverage`, `class:` or `duty:` with an id of the law",
            FaultKind::Dial => "expected a switch or a parameter of the law that is a number",
            FaultKind::Ends => {
                return write!(
                    f,
                    "`{}`: expected two numbers, as in 1e23 and 1e27, the smaller one in `from`; each 0 or from {:e} to {:e}",
                    self.name,
                    BOUNDS.start(),
                    BOUNDS.end()
                );
            }
            FaultKind::Points => {
                return write!(f, "`{}`: expected a number from 2 to {MAX_POINTS}", self.name);
            }
            FaultKind::Value { found, expected, unit } => {
                let expected = match *expected {
                    "fault-boolean" => "true, false or open",
                    "fault-number" => {
                        return write!(
                            f,
                            "`{}`: found `{found}`, expected a number in {unit}, as in 1e25",
                            self.name
                        );
                    }
                    "fault-rate" => "a number, as in 0.03 or 3 %",
                    "fault-period" => "a period that this law can count, as in 30 days",
                    "fault-date" => "a day, as in 2026-11-24",
                    _ => "one of the choices, or open",
                };
                return write!(f, "`{}`: found `{found}`, expected {expected}", self.name);
            }
        };
        write!(f, "`{}`: {expected}", self.name)
    }
}
