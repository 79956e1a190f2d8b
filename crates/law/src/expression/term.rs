//! What a fact may be: one value, an interval, several disputed values, or anything.

use std::borrow::Cow;

use jiff::civil::Date;

use super::{Comparison, Decided, Extreme, Kind, Open, Operator};
use crate::number::Number;
use crate::truth::Truth;

/// Most combinations of disputed values that are looked at one by one.
const MAX_CANDIDATES: usize = 64;

/// The possible values of a part of a condition. No candidate at all means: anything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Term<'t> {
    pub(crate) candidates: Cow<'t, [Candidate]>,
    /// What keeps the term from being one exact value.
    pub(crate) open: Open,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Candidate {
    Number(Amount),
    Text(String),
    Boolean(bool),
    Date(Date),
    List(Vec<String>),
}

/// A closed interval of numbers; a missing end is unbounded. An exact number is both of its ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Amount {
    pub(crate) low: Option<Number>,
    pub(crate) high: Option<Number>,
}

impl Amount {
    pub(crate) fn exact(value: Number) -> Self {
        Self { low: Some(value.clone()), high: Some(value) }
    }

    /// Returns the number, where it is known exactly.
    fn only(&self) -> Option<&Number> {
        self.low.as_ref().filter(|_| self.low == self.high)
    }

    fn zip(
        left: Option<&Number>,
        right: Option<&Number>,
        combine: fn(&Number, &Number) -> Number,
    ) -> Option<Number> {
        Some(combine(left?, right?))
    }

    pub(crate) fn negated(&self) -> Self {
        let flip = |end: &Option<Number>| end.as_ref().map(Number::negated);
        Self { low: flip(&self.high), high: flip(&self.low) }
    }

    /// Returns the interval of all results, or nothing where a result may be undefined. An end that
    /// has too many digits is left open.
    fn combine(&self, operator: Operator, other: &Self) -> Option<Self> {
        let Self { low, high } = self.exactly(operator, other)?;
        let manageable = |end: Option<Number>| end.filter(Number::is_manageable);
        Some(Self { low: manageable(low), high: manageable(high) })
    }

    fn exactly(&self, operator: Operator, other: &Self) -> Option<Self> {
        match operator {
            Operator::Add => Some(Self {
                low: Self::zip(self.low.as_ref(), other.low.as_ref(), Number::plus),
                high: Self::zip(self.high.as_ref(), other.high.as_ref(), Number::plus),
            }),
            Operator::Subtract => self.exactly(Operator::Add, &other.negated()),
            Operator::Multiply => Some(self.product(other)),
            Operator::Divide => Some(self.product(&other.reciprocal()?)),
        }
    }

    fn product(&self, other: &Self) -> Self {
        if let (Some(one), Some(other)) = (self.only(), other.only()) {
            return Self::exact(one.times(other));
        }
        let ends = [&self.low, &self.high, &other.low, &other.high];
        if let [Some(a), Some(b), Some(c), Some(d)] = ends {
            let products = [a.times(c), a.times(d), b.times(c), b.times(d)];
            return Self { low: products.iter().min().cloned(), high: products.iter().max().cloned() };
        }
        match (&self.low, &other.low) {
            (Some(a), Some(c)) if !a.is_negative() && !c.is_negative() => Self {
                low: Some(a.times(c)),
                high: Self::zip(self.high.as_ref(), other.high.as_ref(), Number::times),
            },
            _ => Self { low: None, high: None },
        }
    }

    fn reciprocal(&self) -> Option<Self> {
        let one = Number::from(1);
        let inverse = |end: &Option<Number>| match end {
            Some(end) => one.divided_by(end),
            None => Some(Number::zero()),
        };
        let above = self.low.as_ref().is_some_and(|low| !low.is_negative() && !low.is_zero());
        let below = self.high.as_ref().is_some_and(Number::is_negative);
        (above || below)
            .then(|| Some(Self { low: Some(inverse(&self.high)?), high: Some(inverse(&self.low)?) }))?
    }

    fn extreme(&self, extreme: Extreme, other: &Self) -> Self {
        // The larger of two is at least each low end, so one known low end suffices.
        let either = |a: &Option<Number>, b: &Option<Number>, pick: fn(Number, Number) -> Number| match (a, b)
        {
            (Some(a), Some(b)) => Some(pick(a.clone(), b.clone())),
            (a, b) => a.clone().or_else(|| b.clone()),
        };
        let both = |a: &Option<Number>, b: &Option<Number>, pick: fn(Number, Number) -> Number| {
            Some(pick(a.clone()?, b.clone()?))
        };
        match extreme {
            Extreme::Largest => Self {
                low: either(&self.low, &other.low, Ord::max),
                high: both(&self.high, &other.high, Ord::max),
            },
            Extreme::Smallest => Self {
                low: both(&self.low, &other.low, Ord::min),
                high: either(&self.high, &other.high, Ord::min),
            },
        }
    }

    /// Compares all points of one interval with all points of the other.
    fn compare(&self, comparison: Comparison, other: &Self) -> Truth {
        let below = |a: &Option<Number>, b: &Option<Number>| matches!((a, b), (Some(a), Some(b)) if a < b);
        let at_most = |a: &Option<Number>, b: &Option<Number>| matches!((a, b), (Some(a), Some(b)) if a <= b);
        let decide = |holds: bool, fails: bool| match (holds, fails) {
            (true, _) => Truth::True,
            (_, true) => Truth::False,
            _ => Truth::Undetermined,
        };
        match comparison {
            Comparison::Less => decide(below(&self.high, &other.low), at_most(&other.high, &self.low)),
            Comparison::AtMost => decide(at_most(&self.high, &other.low), below(&other.high, &self.low)),
            Comparison::More => other.compare(Comparison::Less, self),
            Comparison::AtLeast => other.compare(Comparison::AtMost, self),
            Comparison::Equal => decide(
                at_most(&self.high, &other.low) && at_most(&other.high, &self.low),
                below(&self.high, &other.low) || below(&other.high, &self.low),
            ),
            Comparison::Different => self.compare(Comparison::Equal, other).negated(),
        }
    }
}

impl Candidate {
    /// Returns the value of what is written out.
    pub(super) fn constant(kind: &Kind) -> Option<Self> {
        Some(match kind {
            Kind::Boolean(value) => Self::Boolean(*value),
            Kind::Text(text) => Self::Text(text.clone()),
            Kind::Date(date) => Self::Date(*date),
            Kind::List(items) => Self::List(items.clone()),
            Kind::Number(value, unit) => {
                let hundredth =
                    (unit.as_deref() == Some("%")).then(|| value.divided_by(&100.into())).flatten();
                Self::Number(Amount::exact(hundredth.unwrap_or_else(|| value.clone())))
            }
            _ => return None,
        })
    }

    pub(crate) fn compare(&self, comparison: Comparison, other: &Self) -> Truth {
        let by_order = |order: std::cmp::Ordering| {
            Truth::from(match comparison {
                Comparison::Equal => order.is_eq(),
                Comparison::Different => order.is_ne(),
                Comparison::Less => order.is_lt(),
                Comparison::AtMost => order.is_le(),
                Comparison::More => order.is_gt(),
                Comparison::AtLeast => order.is_ge(),
            })
        };
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => a.compare(comparison, b),
            (Self::Text(a), Self::Text(b)) => by_order(a.cmp(b)),
            (Self::Boolean(a), Self::Boolean(b)) => by_order(a.cmp(b)),
            (Self::Date(a), Self::Date(b)) => by_order(a.cmp(b)),
            // Types are checked when a regime is loaded; anything else decides nothing.
            _ => Truth::Undetermined,
        }
    }

    /// Returns whether both are numbers, known within some bound, that may be equal.
    pub(crate) fn touches(&self, other: &Self) -> bool {
        let (Self::Number(a), Self::Number(b)) = (self, other) else { return false };
        let known = |amount: &Amount| amount.low.is_some() || amount.high.is_some();
        known(a) && known(b) && a.compare(Comparison::Equal, b) != Truth::False
    }

    pub(crate) fn within(&self, list: &Self) -> Truth {
        match (self, list) {
            (Self::Text(item), Self::List(items)) => Truth::from(items.contains(item)),
            _ => Truth::Undetermined,
        }
    }
}

/// Decides a test of two sets of possible values: settled only where all pairs agree.
pub(crate) fn decide(
    left: &[Candidate],
    right: &[Candidate],
    test: impl Fn(&Candidate, &Candidate) -> Truth,
) -> Truth {
    let mut truths = left.iter().flat_map(|a| right.iter().map(move |b| (a, b))).map(|(a, b)| test(a, b));
    let first = truths.next().unwrap_or(Truth::Undetermined);
    if truths.any(|truth| truth != first) { Truth::Undetermined } else { first }
}

impl<'t> Term<'t> {
    pub(crate) fn known(candidate: Candidate) -> Self {
        Self { candidates: Cow::Owned(vec![candidate]), open: Open::default() }
    }

    /// One value that stands elsewhere.
    pub(crate) fn given(candidate: &'t Candidate) -> Self {
        Self { candidates: Cow::Borrowed(std::slice::from_ref(candidate)), open: Open::default() }
    }

    pub(crate) fn anything(open: Open) -> Self {
        Self { candidates: Cow::Borrowed(&[]), open }
    }

    /// Returns the same term, for others to look at.
    pub(crate) fn lent(&self) -> Term<'_> {
        Term { candidates: Cow::Borrowed(&self.candidates), open: self.open.clone() }
    }

    fn both(&self, other: &Self) -> Open {
        let mut open = self.open.clone();
        open.add(&other.open);
        open
    }

    fn decide(&self, other: &Self, test: impl Fn(&Candidate, &Candidate) -> Truth) -> Decided {
        match decide(&self.candidates, &other.candidates, test) {
            Truth::Undetermined => Decided { truth: Truth::Undetermined, open: self.both(other) },
            truth => Decided { truth, open: Open::default() },
        }
    }

    pub(crate) fn compare(&self, comparison: Comparison, other: &Self) -> Decided {
        self.decide(other, |a, b| a.compare(comparison, b))
    }

    pub(crate) fn within(&self, list: &Self) -> Decided {
        self.decide(list, Candidate::within)
    }

    pub(crate) fn truth(&self) -> Decided {
        self.compare(Comparison::Equal, &Term::given(&Candidate::Boolean(true)))
    }

    fn combine(&self, other: &Self, combine: impl Fn(&Amount, &Amount) -> Option<Amount>) -> Self {
        let open = self.both(other);
        if self.candidates.len().saturating_mul(other.candidates.len()) > MAX_CANDIDATES {
            return Self::anything(open);
        }
        let pairs = self.candidates.iter().flat_map(|a| other.candidates.iter().map(move |b| (a, b)));
        let combined = pairs.map(|pair| match pair {
            (Candidate::Number(a), Candidate::Number(b)) => combine(a, b).map(Candidate::Number),
            _ => None,
        });
        match combined.collect::<Option<Vec<_>>>() {
            Some(candidates) => Self { candidates: Cow::Owned(candidates), open },
            None => Self::anything(open),
        }
    }

    pub(crate) fn calculate(&self, operator: Operator, other: &Self) -> Self {
        self.combine(other, |a, b| a.combine(operator, b))
    }

    pub(crate) fn extreme(&self, extreme: Extreme, other: &Self) -> Self {
        // The other side of a maximum with an unknown number still bounds it from below.
        let number = |term: &Self| {
            let mut term = term.clone();
            if term.candidates.is_empty() {
                term.candidates = Cow::Owned(vec![Candidate::Number(Amount { low: None, high: None })]);
            }
            term
        };
        number(self).combine(&number(other), |a, b| Some(a.extreme(extreme, b)))
    }

    pub(crate) fn negated(&self) -> Self {
        let zero = Self::known(Candidate::Number(Amount::exact(Number::zero())));
        zero.calculate(Operator::Subtract, self)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn amount(low: i64, width: i64) -> Amount {
        Amount { low: Some(Number::from(low)), high: Some(Number::from(low + width)) }
    }

    fn holds(amount: &Amount, point: &Number) -> bool {
        amount.low.as_ref().is_none_or(|low| low <= point)
            && amount.high.as_ref().is_none_or(|high| point <= high)
    }

    const COMPARISONS: [Comparison; 6] = [
        Comparison::Equal,
        Comparison::Different,
        Comparison::Less,
        Comparison::AtMost,
        Comparison::More,
        Comparison::AtLeast,
    ];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn what_holds_for_an_interval_holds_for_each_of_its_points(
            low in -20_i64..20, width in 0_i64..10, other in -20_i64..20, other_width in 0_i64..10,
            at in 0_i64..=10, other_at in 0_i64..=10, open in 0_u8..4,
        ) {
            let (mut left, mut right) = (amount(low, width), amount(other, other_width));
            if open & 1 == 1 { left.high = None; }
            if open & 2 == 2 { right.low = None; }
            let x = Number::from(low + at.min(width));
            let y = Number::from(other + other_at.min(other_width));
            for comparison in COMPARISONS {
                let point = Amount::exact(x.clone()).compare(comparison, &Amount::exact(y.clone()));
                prop_assert_ne!(point, Truth::Undetermined);
                let whole = left.compare(comparison, &right);
                prop_assert!(whole == Truth::Undetermined || whole == point);
            }
            let exact = |operator| Amount::exact(x.clone()).combine(operator, &Amount::exact(y.clone()));
            for operator in [Operator::Add, Operator::Subtract, Operator::Multiply, Operator::Divide] {
                if let Some(result) = left.combine(operator, &right) {
                    let point = exact(operator).unwrap().low.unwrap();
                    prop_assert!(holds(&result, &point), "{:?} {:?}", operator, result);
                }
            }
            let largest = left.extreme(Extreme::Largest, &right);
            prop_assert!(holds(&largest, &x.clone().max(y.clone())));
            let smallest = left.extreme(Extreme::Smallest, &right);
            prop_assert!(holds(&smallest, &x.min(y)));
        }
    }
}
