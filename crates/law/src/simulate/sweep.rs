//! One figure of a law moved over a range.

use std::fmt;
use std::ops;
use std::str::FromStr;

use serde::Serialize;

use super::data::Models;
use super::table::{Counts, Variant, count};
use crate::expression::{Amount, Candidate};
use crate::formula::{Formula, Input, Leaf};
use crate::missing::{Goal, GoalError};
use crate::number::Number;
use crate::regime::{Regime, ValueKind};
use crate::truth::Truth;

/// Most values in a sweep.
const MAX_POINTS: usize = 1000;
/// Values of a range that does not say how many.
const POINTS: usize = 41;
/// Ends that are at least so many times apart are joined by equal ratios, otherwise by equal steps.
const APART: f64 = 100.0;

/// The figure that is moved: a number that an open issue or the law itself fixes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Dial {
    /// Id of the switch or parameter.
    pub id: String,
    /// Its unit.
    pub unit: Option<String>,
    #[serde(skip)]
    input: Input,
}

impl Dial {
    /// Finds a switch or a parameter by its id.
    pub fn find(regime: &Regime, id: &str) -> Result<Self, SweepError> {
        let switches = regime.switches.iter().enumerate();
        let switches = switches.map(|(at, switch)| (switch.id.as_str(), &switch.kind, Input::Switch(at)));
        let parameters = regime.parameters.iter().enumerate();
        let parameters =
            parameters.map(|(at, parameter)| (parameter.id.as_str(), &parameter.kind, Input::Parameter(at)));
        let mut dials = switches.chain(parameters);
        match dials.clone().find(|(name, ..)| *name == id) {
            Some((_, ValueKind::Number { unit }, input)) => {
                Ok(Self { id: id.to_owned(), unit: unit.clone(), input })
            }
            Some(_) => Err(SweepError::NotANumber(id.to_owned())),
            None => Err(SweepError::Unknown {
                regime: regime.id.clone(),
                id: id.chars().take(64).collect(),
                suggestion: crate::diagnostic::closest(id, dials.by_ref().map(|(name, ..)| name))
                    .map(str::to_owned),
            }),
        }
    }
}

/// Why a figure cannot be moved.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SweepError {
    /// The regime has no such figure.
    #[error("regime `{regime}` has no switch or parameter `{id}`{}; `kanae law show {regime}` lists them",
        .suggestion.as_ref().map_or(String::new(), |word| format!(" (did you mean `{word}`?)")))]
    Unknown {
        /// Id of the regime.
        regime: String,
        /// The id found.
        id: String,
        /// The nearest id.
        suggestion: Option<String>,
    },
    /// It is no number.
    #[error("`{0}` is not a number; only a number can be moved over a range")]
    NotANumber(String),
    /// The regime has no such class or duty.
    #[error(transparent)]
    Goal(#[from] GoalError),
}

/// A range of numbers: `1e23..1e27`, `1e23..1e27:100`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    low: Number,
    high: Number,
    points: usize,
    equal_steps: bool,
}

/// A text that is not a range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a range; write it as in 1e23..1e27, with the lower end first, or 1e23..1e27:100 for 100 values (2 to {MAX_POINTS})"
)]
pub struct RangeError(String);

impl FromStr for Range {
    type Err = RangeError;

    fn from_str(text: &str) -> Result<Self, RangeError> {
        let wrong = || RangeError(text.chars().take(80).collect());
        let (ends, points) = match text.split_once(':') {
            Some((ends, points)) => (ends, points.parse().map_err(|_| wrong())?),
            None => (text, POINTS),
        };
        let (low, high) = ends.split_once("..").ok_or_else(wrong)?;
        let low: Number = low.trim().parse().map_err(|_| wrong())?;
        let high: Number = high.trim().parse().map_err(|_| wrong())?;
        if low >= high || !(2..=MAX_POINTS).contains(&points) {
            return Err(wrong());
        }
        Ok(Self { low, high, points, equal_steps: false })
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}:{}", self.low, self.high, self.points)
    }
}

impl Range {
    /// Joins the ends by equal steps, however far they are apart.
    #[must_use]
    pub fn in_equal_steps(self) -> Self {
        Self { equal_steps: true, ..self }
    }

    /// Returns whether the values are equal ratios apart.
    pub fn is_logarithmic(&self) -> bool {
        !self.equal_steps
            && !self.low.is_negative()
            && !self.low.is_zero()
            && self.high.to_f64() / self.low.to_f64() >= APART
    }

    /// Returns the values, lowest first. The ends are exact; between them, values at equal ratios are
    /// rounded to three digits, so that they can be named.
    pub fn values(&self) -> Vec<Number> {
        let last = self.points - 1;
        let steps = Number::from(i64::try_from(last).unwrap_or(1));
        let step = self.high.plus(&self.low.negated()).divided_by(&steps).unwrap_or_else(Number::zero);
        let (low, high) = (self.low.to_f64().log10(), self.high.to_f64().log10());
        let mut values: Vec<Number> = (0..=last)
            .map(|at| {
                if at == 0 {
                    return self.low.clone();
                }
                if at == last {
                    return self.high.clone();
                }
                let linear = || {
                    let at = Number::from(i64::try_from(at).unwrap_or(0));
                    self.low.plus(&step.times(&at))
                };
                if !self.is_logarithmic() {
                    return linear();
                }
                #[expect(clippy::cast_precision_loss, reason = "at most 1000 points")]
                let part = at as f64 / last as f64;
                let value = 10_f64.powf(low + (high - low) * part);
                format!("{value:.2e}").parse().unwrap_or_else(|_| linear())
            })
            .collect();
        values.dedup();
        values
    }
}

/// What comes out at one value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Point {
    /// The value of the figure.
    pub value: Number,
    /// Whom the law covers.
    #[serde(flatten)]
    pub counts: Counts,
    /// Models at the margin: their figure equals the value, or lies in an interval that contains it, and
    /// the answer turns on that.
    pub margin: Vec<String>,
}

/// One figure of a law moved over a range.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sweep {
    /// The figure.
    pub dial: Dial,
    /// What comes out at each value.
    pub points: Vec<Point>,
}

/// Moves one figure of a law over values, and counts at each whom it covers. Only the conditions that
/// read the figure are evaluated again.
pub fn sweep(
    variant: Variant<'_>,
    models: &Models,
    goal: Goal<'_>,
    dial: &Dial,
    values: &[Number],
) -> Result<Sweep, SweepError> {
    let regime = variant.regime;
    let formula = Formula::new(regime, variant.as_of);
    let gate = goal.gate(&formula).ok_or_else(|| goal.unknown(regime))?;
    let cone = formula.cone(gate);
    let moved: Vec<usize> = cone
        .leaves()
        .iter()
        .enumerate()
        .filter(|(_, leaf)| formula.leaves()[**leaf].inputs.contains(&dial.input))
        .map(|(at, _)| at)
        .collect();
    let settings: Vec<[Candidate; 1]> =
        values.iter().map(|value| [Candidate::Number(Amount::exact(value.clone()))]).collect();
    let rising = values.is_sorted_by(|one, next| one < next);
    let mut truths = vec![vec![Truth::Undetermined; models.all().len()]; values.len()];
    let mut margins = vec![Vec::new(); values.len()];
    let mut gates = Vec::new();
    let mut given = variant.given();
    for (row, model) in models.all().iter().enumerate() {
        for (fact, known) in given.facts.iter_mut().zip(&model.facts) {
            *fact = known;
        }
        let mut leaves = cone.leaf_truths(&formula, &given);
        let conditions: Vec<&Leaf<'_>> =
            moved.iter().map(|place| &formula.leaves()[cone.leaves()[*place]]).collect();
        let steps = rising && conditions.iter().all(|leaf| leaf.steps_with(dial.input, &given));
        let mut state = |at: usize| {
            given.set(dial.input, &settings[at]);
            conditions.iter().map(|leaf| (leaf.truth(&given), leaf.touches(&given))).collect::<State>()
        };
        for (run, state) in runs(values.len(), steps, &mut state) {
            for (place, (truth, _)) in moved.iter().zip(&state) {
                leaves[*place] = *truth;
            }
            let truth = cone.goal(&leaves, &mut gates);
            let mut touching = moved.iter().zip(&state).filter(|(_, (_, touches))| *touches);
            let marginal = touching.any(|(place, _)| cone.turns_on(*place, &leaves, &mut gates));
            for at in run {
                truths[at][row] = truth;
                if marginal {
                    margins[at].push(model.name.clone());
                }
            }
        }
    }
    let points = values.iter().zip(truths).zip(margins).map(|((value, truths), margin)| Point {
        value: value.clone(),
        counts: count(models, &truths),
        margin,
    });
    Ok(Sweep { dial: dial.clone(), points: points.collect() })
}

/// What the conditions that read the figure come to at one value, and which of them are at the margin.
type State = Vec<(Truth, bool)>;

/// Returns the runs of values at which the conditions come to the same. Where they change in steps,
/// equal ends of a run are enough; otherwise every value is looked at.
fn runs(count: usize, steps: bool, state: &mut dyn FnMut(usize) -> State) -> Vec<(ops::Range<usize>, State)> {
    let mut starts: Vec<(usize, State)> = Vec::new();
    let Some(last) = count.checked_sub(1) else { return Vec::new() };
    if steps {
        let (first, end) = (state(0), state(last));
        starts.push((0, first.clone()));
        changes((0, &first), (last, &end), state, &mut starts);
    } else {
        starts.extend((0..count).map(|at| (at, state(at))));
    }
    let ends: Vec<usize> = starts.iter().skip(1).map(|(at, _)| *at).chain([count]).collect();
    starts.into_iter().zip(ends).map(|((start, state), end)| (start..end, state)).collect()
}

/// Finds the values between two at which the conditions begin to come to something else.
fn changes(
    (low, below): (usize, &State),
    (high, above): (usize, &State),
    state: &mut dyn FnMut(usize) -> State,
    found: &mut Vec<(usize, State)>,
) {
    if below == above {
        return;
    }
    if high - low == 1 {
        found.push((high, above.clone()));
        return;
    }
    let middle = low + (high - low) / 2;
    let between = state(middle);
    changes((low, below), (middle, &between), state, found);
    changes((middle, &between), (high, above), state, found);
}
