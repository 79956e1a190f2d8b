//! The conditions of a regime as one flat Boolean graph over atomic conditions.
//!
//! [`assess`](crate::assess()) explains; this decides only, and much faster: classes are shared, what
//! several rules say in the same words is one leaf, no text is built. Both answer the same.

mod compile;

use std::borrow::Cow;
use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::duty;
use crate::expression::{
    Amount, Candidate, Comparison, Context, EventPattern, Extreme, Open, Operator, Term, decide,
};
use crate::regime::{Duty, Parameter, Regime, ValueKind};
use crate::settings::{Setting, SwitchSettings};
use crate::truth::{Because, Truth};

/// A condition, by its place among the gates.
pub(crate) type Gate = usize;

/// Coverage, classes and duties of a regime on a day.
#[derive(Debug)]
pub(crate) struct Formula<'r> {
    regime: &'r Regime,
    /// Name and kind of each fact, switch and parameter, by place.
    facts: Vec<(&'r str, &'r ValueKind)>,
    switches: Vec<(&'r str, &'r ValueKind)>,
    parameters: Vec<(&'r str, &'r ValueKind)>,
    /// Each rests on earlier ones only.
    gates: Vec<Connective>,
    leaves: Vec<Leaf<'r>>,
    /// Whether the regime covers the subject.
    pub(crate) coverage: Gate,
    /// Whether each class holds, in the regime's order.
    pub(crate) classes: Vec<Gate>,
    /// Whether each duty is owed, in the regime's order; none in a pair.
    pub(crate) duties: Vec<Gate>,
}

/// Returns whether a value is known exactly.
pub(crate) fn is_exact(candidates: &[Candidate]) -> bool {
    match candidates {
        [Candidate::Number(Amount { low: Some(low), high: Some(high) })] => low == high,
        [Candidate::Number(_)] => false,
        [_] => true,
        _ => false,
    }
}

/// How a condition is made of others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Connective {
    Fixed(Truth),
    Leaf(usize),
    Not(Gate),
    All(Vec<Gate>),
    Any(Vec<Gate>),
    /// Whether two conditions have the same truth value.
    Same([Gate; 2]),
}

/// An atomic condition: what it tests, and what it looks at.
#[derive(Debug)]
pub(crate) struct Leaf<'r> {
    pub(crate) test: Test<'r>,
    /// Each once.
    pub(crate) inputs: Vec<Input>,
}

/// Something that a leaf looks at, by its place among the regime's facts, switches or parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Input {
    Fact(usize),
    Switch(usize),
    Parameter(usize),
}

#[derive(Debug)]
pub(crate) enum Test<'r> {
    Compare(Comparison, Value, Value),
    In(Value, Value),
    Holds(Value),
    Event(&'r EventPattern),
    Designated,
    /// Whether the time for which a duty is asked still runs.
    Lasts(&'r Duty),
}

/// A part of an atomic condition that has a value.
#[derive(Debug)]
pub(crate) enum Value {
    Constant([Candidate; 1]),
    Input(Input),
    Negate(Box<Value>),
    Arithmetic(Operator, Box<Value>, Box<Value>),
    Extreme(Extreme, Vec<Value>),
}

/// What leaves look at. No candidate at all: anything.
pub(crate) struct Given<'g> {
    regime: &'g Regime,
    settings: &'g SwitchSettings,
    as_of: Date,
    /// By place among the regime's facts.
    pub(crate) facts: Vec<&'g [Candidate]>,
    /// By place among the regime's switches; empty where not set.
    pub(crate) switches: Vec<&'g [Candidate]>,
    /// By place among the regime's parameters.
    pub(crate) parameters: Vec<&'g [Candidate]>,
    /// The statements on record; without it, there are none.
    pub(crate) context: Option<&'g Context<'g>>,
}

impl<'g> Given<'g> {
    /// Takes the settings; no fact is known.
    pub(crate) fn settings(regime: &'g Regime, settings: &'g SwitchSettings, as_of: Date) -> Self {
        let value = |id: &str| settings.value(id).map(std::slice::from_ref).unwrap_or_default();
        let figure = |parameter: &'g Parameter| match parameter.on(as_of).map(|dated| &dated.value) {
            Some(Setting::Term(candidate)) => std::slice::from_ref(candidate),
            _ => &[],
        };
        Self {
            regime,
            settings,
            as_of,
            facts: vec![&[]; regime.facts.len()],
            switches: regime.switches.iter().map(|switch| value(&switch.id)).collect(),
            parameters: regime.parameters.iter().map(figure).collect(),
            context: None,
        }
    }

    /// Adds the settings of a second regime, as [`Formula::pair`] has them.
    pub(crate) fn with(mut self, regime: &'g Regime, settings: &'g SwitchSettings, as_of: Date) -> Self {
        let second = Self::settings(regime, settings, as_of);
        self.switches.extend(second.switches);
        self.parameters.extend(second.parameters);
        self
    }

    /// Puts another value in the place of an input.
    pub(crate) fn set(&mut self, input: Input, value: &'g [Candidate]) {
        let (places, at) = match input {
            Input::Fact(at) => (&mut self.facts, at),
            Input::Switch(at) => (&mut self.switches, at),
            Input::Parameter(at) => (&mut self.parameters, at),
        };
        if let Some(place) = places.get_mut(at) {
            *place = value;
        }
    }

    /// Takes the settings and what is on record.
    pub(crate) fn record(regime: &'g Regime, settings: &'g SwitchSettings, context: &'g Context<'g>) -> Self {
        let mut given = Self::settings(regime, settings, context.as_of);
        given.context = Some(context);
        for (fact, known) in given.facts.iter_mut().zip(&context.facts) {
            *fact = known.as_ref().map_or(&[], |term| &term.candidates);
        }
        given
    }

    /// Returns whether the time for which a duty is asked still runs, and what keeps that open.
    pub(crate) fn lasts(&self, duty: &Duty) -> (Truth, Because) {
        if let Some(context) = self.context {
            return duty::lasts(context, duty);
        }
        let mut context = Context::new(self.regime, self.settings, self.as_of);
        for (place, known) in self.facts.iter().enumerate().filter(|(_, known)| !known.is_empty()) {
            let open = if is_exact(known) { Open::default() } else { context.names.missing_fact(place) };
            context.facts[place] = Some(Term { candidates: Cow::Owned(known.to_vec()), open });
        }
        duty::lasts(&context, duty)
    }

    pub(crate) fn input(&self, input: Input) -> &'g [Candidate] {
        match input {
            Input::Fact(at) => self.facts.get(at).copied().unwrap_or_default(),
            Input::Switch(at) => self.switches.get(at).copied().unwrap_or_default(),
            Input::Parameter(at) => self.parameters.get(at).copied().unwrap_or_default(),
        }
    }
}

impl Value {
    /// Returns the possible values; none at all means anything.
    pub(crate) fn candidates<'g>(&'g self, given: &Given<'g>) -> Cow<'g, [Candidate]> {
        let term = |value: &'g Self| Term { candidates: value.candidates(given), open: Open::default() };
        let term = match self {
            Self::Constant(value) => return Cow::Borrowed(value),
            Self::Input(input) => return Cow::Borrowed(given.input(*input)),
            Self::Negate(inner) => term(inner).negated(),
            Self::Arithmetic(operator, left, right) => term(left).calculate(*operator, &term(right)),
            Self::Extreme(extreme, parts) => {
                let mut terms = parts.iter().map(term);
                let first = terms.next().unwrap_or_default();
                terms.fold(first, |left, right| left.extreme(*extreme, &right))
            }
        };
        term.candidates
    }

    fn inputs(&self, found: &mut Vec<Input>) {
        match self {
            Self::Constant(_) => {}
            Self::Input(input) if found.contains(input) => {}
            Self::Input(input) => found.push(*input),
            Self::Negate(inner) => inner.inputs(found),
            Self::Arithmetic(_, left, right) => {
                left.inputs(found);
                right.inputs(found);
            }
            Self::Extreme(_, parts) => parts.iter().for_each(|part| part.inputs(found)),
        }
    }

    fn reads(&self, input: Input) -> bool {
        let mut found = Vec::new();
        self.inputs(&mut found);
        found.contains(&input)
    }

    /// Returns whether the value rises with an input, by nothing but a known factor.
    fn rises_with<'g>(&'g self, input: Input, given: &Given<'g>) -> bool {
        let factor = |value: &'g Self| {
            let candidates = value.candidates(given);
            let positive = matches!(
                &candidates[..],
                [Candidate::Number(Amount { low: Some(low), .. })] if !low.is_zero() && !low.is_negative()
            );
            !value.reads(input) && positive && is_exact(&candidates)
        };
        match self {
            Self::Input(found) => *found == input,
            Self::Arithmetic(Operator::Multiply, left, right) => {
                left.rises_with(input, given) && factor(right)
                    || right.rises_with(input, given) && factor(left)
            }
            Self::Arithmetic(Operator::Divide, left, right) => left.rises_with(input, given) && factor(right),
            _ => false,
        }
    }

    /// Returns whether a known figure could leave the value open: a division.
    fn divides(&self) -> bool {
        match self {
            Self::Constant(_) | Self::Input(_) => false,
            Self::Negate(inner) => inner.divides(),
            Self::Arithmetic(operator, left, right) => {
                *operator == Operator::Divide && !matches!(**right, Self::Constant(_))
                    || left.divides()
                    || right.divides()
            }
            Self::Extreme(_, parts) => parts.iter().any(Self::divides),
        }
    }
}

impl Leaf<'_> {
    pub(crate) fn truth<'g>(&'g self, given: &Given<'g>) -> Truth {
        match &self.test {
            Test::Compare(comparison, left, right) => {
                decide(&left.candidates(given), &right.candidates(given), |a, b| a.compare(*comparison, b))
            }
            Test::In(item, list) => {
                decide(&item.candidates(given), &list.candidates(given), Candidate::within)
            }
            Test::Holds(value) => decide(&value.candidates(given), &[Candidate::Boolean(true)], |a, b| {
                a.compare(Comparison::Equal, b)
            }),
            Test::Event(pattern) => {
                let context = given.context.into_iter();
                context
                    .flat_map(|context| context.matching(std::slice::from_ref(*pattern)))
                    .fold(Truth::False, |truth, (_, fits, _)| truth.or(fits))
            }
            Test::Designated => {
                Truth::from(given.context.is_some_and(|context| !context.designated_by.is_empty()))
            }
            Test::Lasts(duty) => given.lasts(duty).0,
        }
    }

    /// Returns whether the condition changes in steps while an input rises: it compares the input, by its
    /// order, with one figure or interval. Where it then comes to the same at two values, touching the
    /// figure or not, it does so at all values between.
    pub(crate) fn steps_with<'g>(&'g self, input: Input, given: &Given<'g>) -> bool {
        let Test::Compare(comparison, left, right) = &self.test else { return false };
        if matches!(comparison, Comparison::Equal | Comparison::Different) {
            return false;
        }
        let one = |value: &'g Value| !value.reads(input) && value.candidates(given).len() <= 1;
        left.rises_with(input, given) && one(right) || right.rises_with(input, given) && one(left)
    }

    /// Returns whether numbers are compared that are equal, or intervals that overlap.
    pub(crate) fn touches<'g>(&'g self, given: &Given<'g>) -> bool {
        let Test::Compare(_, left, right) = &self.test else { return false };
        let (left, right) = (left.candidates(given), right.candidates(given));
        left.iter().any(|left| right.iter().any(|right| left.touches(right)))
    }

    /// Returns whether the condition may stay open when all that it looks at is known exactly.
    pub(crate) fn divides(&self) -> bool {
        match &self.test {
            Test::Compare(_, left, right) | Test::In(left, right) => left.divides() || right.divides(),
            Test::Holds(value) => value.divides(),
            Test::Event(_) | Test::Designated | Test::Lasts(_) => false,
        }
    }
}

impl<'r> Formula<'r> {
    /// Adds a condition made of others.
    pub(crate) fn add(&mut self, gate: Connective) -> Gate {
        self.gates.push(gate);
        self.gates.len() - 1
    }

    /// Finds a fact by its name.
    pub(crate) fn fact(&self, name: &str) -> Option<Input> {
        self.facts.iter().position(|(known, _)| *known == name).map(Input::Fact)
    }

    /// Finds a switch by its id.
    pub(crate) fn switch(&self, id: &str) -> Option<Input> {
        self.switches.iter().position(|(known, _)| *known == id).map(Input::Switch)
    }

    /// Returns the name and the kind of an input.
    pub(crate) fn input(&self, input: Input) -> Option<(&'r str, &'r ValueKind)> {
        match input {
            Input::Fact(at) => self.facts.get(at).copied(),
            Input::Switch(at) => self.switches.get(at).copied(),
            Input::Parameter(at) => self.parameters.get(at).copied(),
        }
    }

    pub(crate) fn regime(&self) -> &'r Regime {
        self.regime
    }

    pub(crate) fn leaves(&self) -> &[Leaf<'r>] {
        &self.leaves
    }

    /// Returns the part on which a condition rests.
    pub(crate) fn cone(&self, goal: Gate) -> Cone {
        self.part(goal, &|_| None)
    }

    /// Returns the part on which a condition rests, without the gates that are settled.
    pub(crate) fn part(&self, goal: Gate, settled: &dyn Fn(Gate) -> Option<Truth>) -> Cone {
        let mut wanted = BTreeSet::from([goal]);
        // Parts stand before what rests on them.
        for gate in (0..=goal).rev() {
            if wanted.contains(&gate) && settled(gate).is_none() {
                wanted.extend(self.gates[gate].parts());
            }
        }
        let kept: Vec<Gate> = wanted.into_iter().collect();
        let place = |gate: &Gate| kept.binary_search(gate).unwrap_or_default();
        let mut leaves = Vec::new();
        let mut gates = Vec::new();
        for gate in &kept {
            let places = |parts: &[Gate]| parts.iter().map(place).collect::<Vec<_>>();
            gates.push(match (settled(*gate), &self.gates[*gate]) {
                (Some(truth), _) => Connective::Fixed(truth),
                (None, Connective::Fixed(truth)) => Connective::Fixed(*truth),
                (None, Connective::Leaf(at)) => {
                    leaves.push(*at);
                    Connective::Leaf(leaves.len() - 1)
                }
                (None, Connective::Not(part)) => Connective::Not(place(part)),
                (None, Connective::All(parts)) => Connective::All(places(parts)),
                (None, Connective::Any(parts)) => Connective::Any(places(parts)),
                (None, Connective::Same([left, right])) => Connective::Same([place(left), place(right)]),
            });
        }
        Cone { gates, leaves }
    }

    /// Evaluates every atomic condition.
    pub(crate) fn leaf_truths<'g>(&'g self, given: &Given<'g>) -> Vec<Truth> {
        self.leaves.iter().map(|leaf| leaf.truth(given)).collect()
    }

    /// Evaluates every condition from the atomic ones.
    pub(crate) fn truths(&self, leaves: &[Truth]) -> Vec<Truth> {
        let mut truths = Vec::with_capacity(self.gates.len());
        for gate in &self.gates {
            let truth = gate.truth(&truths, leaves);
            truths.push(truth);
        }
        truths
    }
}

/// The part of a graph on which one condition rests.
pub(crate) struct Cone {
    /// The last one is the goal; leaves are counted among those of the cone.
    gates: Vec<Connective>,
    leaves: Vec<usize>,
}

impl Cone {
    /// Returns the places of its leaves in the formula.
    pub(crate) fn leaves(&self) -> &[usize] {
        &self.leaves
    }

    pub(crate) fn leaf_truths<'g>(&self, formula: &'g Formula<'_>, given: &Given<'g>) -> Vec<Truth> {
        self.leaves.iter().map(|leaf| formula.leaves[*leaf].truth(given)).collect()
    }

    /// Evaluates the goal from the truths of the cone's leaves; `gates` is room to work in.
    pub(crate) fn goal(&self, leaves: &[Truth], gates: &mut Vec<Truth>) -> Truth {
        gates.clear();
        for gate in &self.gates {
            let truth = gate.truth(gates, leaves);
            gates.push(truth);
        }
        gates.last().copied().unwrap_or(Truth::Undetermined)
    }

    /// Returns whether the goal would turn with one of the leaves.
    pub(crate) fn turns_on(&self, leaf: usize, leaves: &[Truth], gates: &mut Vec<Truth>) -> bool {
        let mut leaves = leaves.to_vec();
        leaves[leaf] = Truth::True;
        let with = self.goal(&leaves, gates);
        leaves[leaf] = Truth::False;
        with != self.goal(&leaves, gates)
    }
}

impl Connective {
    /// Evaluates a condition from those that it rests on.
    pub(crate) fn truth(&self, gates: &[Truth], leaves: &[Truth]) -> Truth {
        let of = |gate: Gate| gates.get(gate).copied().unwrap_or(Truth::Undetermined);
        match self {
            Self::Fixed(truth) => *truth,
            Self::Leaf(at) => leaves.get(*at).copied().unwrap_or(Truth::Undetermined),
            Self::Not(gate) => of(*gate).negated(),
            Self::All(parts) => parts.iter().fold(Truth::True, |truth, part| truth.and(of(*part))),
            Self::Any(parts) => parts.iter().fold(Truth::False, |truth, part| truth.or(of(*part))),
            Self::Same([left, right]) => match (of(*left), of(*right)) {
                (Truth::Undetermined, _) | (_, Truth::Undetermined) => Truth::Undetermined,
                (left, right) => Truth::from(left == right),
            },
        }
    }

    /// Returns the conditions that it rests on.
    pub(crate) fn parts(&self) -> &[Gate] {
        match self {
            Self::Fixed(_) | Self::Leaf(_) => &[],
            Self::Not(gate) => std::slice::from_ref(gate),
            Self::All(parts) | Self::Any(parts) => parts,
            Self::Same(parts) => parts,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::assess::{assess, context};
    use crate::assessment::Coverage;
    use crate::record::{FactValue, Record};
    use crate::testing::{Chance, DAY, all_shipped};

    /// Narrows facts of a record: what is unknown becomes an interval or a value, an interval a
    /// smaller one or one of its ends.
    fn narrowed(regime: &Regime, record: &Record, chance: &mut Chance) -> Record {
        let mut narrowed = record.clone();
        for fact in &regime.facts {
            let entries = narrowed.facts.entry(fact.name.clone()).or_default();
            if chance.below(2) == 0 {
                continue;
            }
            if entries.iter().all(|entry| entry.value == FactValue::Unknown) {
                narrowed.state(&fact.name, chance.value(&fact.kind));
                continue;
            }
            for entry in entries {
                if let FactValue::Range { low, high, unit } = &entry.value
                    && let Some(value) = low.clone().or(high.clone())
                {
                    entry.value = match chance.below(2) {
                        0 => FactValue::Number { value, unit: unit.clone() },
                        _ => FactValue::Range {
                            low: low.clone().or(Some(value.clone())),
                            high: high.clone().or(Some(value)),
                            unit: unit.clone(),
                        },
                    };
                }
            }
        }
        narrowed
    }

    #[test]
    fn the_formula_of_every_regime_has_one_gate_for_each_rule() {
        for regime in all_shipped() {
            let formula = Formula::new(regime, DAY);
            assert_eq!(formula.classes.len(), regime.classes.len());
            assert_eq!(formula.duties.len(), regime.duties.len());
            for (at, gate) in formula.gates.iter().enumerate() {
                assert!(gate.parts().iter().all(|part| *part < at));
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn the_formula_answers_as_the_assessment_does(seed in any::<u64>()) {
            let mut chance = Chance(seed);
            for regime in all_shipped() {
                for _ in 0..4 {
                    let (record, settings) = (chance.record(regime), chance.settings(regime));
                    let assessed = assess(regime, &settings, &record, DAY).unwrap();
                    let context = context(regime, &settings, &record, DAY).unwrap();
                    let formula = Formula::new(regime, DAY);
                    let given = Given::record(regime, &settings, &context);
                    let truths = formula.truths(&formula.leaf_truths(&given));
                    prop_assert_eq!(Coverage::from(truths[formula.coverage]), assessed.coverage);
                    for (gate, class) in formula.classes.iter().zip(&assessed.classes) {
                        prop_assert_eq!(truths[*gate], class.holds, "{} {}", regime.id, class.id);
                    }
                    for (gate, duty) in formula.duties.iter().zip(&assessed.duties) {
                        prop_assert_eq!(truths[*gate], duty.owed, "{} {}", regime.id, duty.id);
                    }
                }
            }
        }

        #[test]
        fn learning_settles_what_is_open_and_turns_nothing_that_is_settled(seed in any::<u64>()) {
            let mut chance = Chance(seed);
            for regime in all_shipped() {
                let formula = Formula::new(regime, DAY);
                let (mut record, settings) = (chance.record(regime), chance.settings(regime));
                let mut before: Option<Vec<Truth>> = None;
                for _ in 0..3 {
                    let context = context(regime, &settings, &record, DAY).unwrap();
                    let given = Given::record(regime, &settings, &context);
                    let truths = formula.truths(&formula.leaf_truths(&given));
                    for (before, after) in before.iter().flatten().zip(&truths) {
                        prop_assert!(*before == Truth::Undetermined || before == after);
                    }
                    before = Some(truths);
                    record = narrowed(regime, &record, &mut chance);
                }
            }
        }
    }
}
