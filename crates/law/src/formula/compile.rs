//! From the rules of a regime to gates and leaves.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{Connective, Formula, Gate, Input, Leaf, Test, Value};
use crate::expression::{Candidate, Comparison, Expression, Extreme, Kind, Node};
use crate::regime::{Applies, Duty, Regime, ValueKind};
use crate::truth::Truth;

impl<'r> Formula<'r> {
    /// Compiles the rules that stand on a day.
    pub(crate) fn new(regime: &'r Regime, as_of: Date) -> Self {
        let mut compiler = Compiler::default();
        let mut rules = compiler.regime(regime, as_of);
        rules.duties = regime.duties.iter().map(|duty| compiler.duty(duty)).collect();
        Self::read(regime, compiler, rules)
    }

    /// Compiles coverage and classes of two regimes that have the same facts into one graph; nothing where they have not. The
    /// switches and parameters of the second stand after those of the first. Returns also the gates of both coverages.
    pub(crate) fn pair(old: (&'r Regime, Date), new: (&'r Regime, Date)) -> Option<(Self, [Gate; 2])> {
        let facts = |regime: &'r Regime| regime.facts.iter().map(|fact| (&fact.name, &fact.kind));
        if !facts(old.0).eq(facts(new.0)) {
            return None;
        }
        let mut compiler = Compiler::default();
        let first = compiler.regime(old.0, old.1);
        let second = compiler.regime(new.0, new.1);
        let gates = [first.coverage, second.coverage];
        Some((Self::read(old.0, compiler, first), gates))
    }

    fn read(regime: &'r Regime, compiler: Compiler<'r>, rules: Rules) -> Self {
        let Compiler { gates, leaves, switches, parameters, .. } = compiler;
        Self {
            regime,
            facts: regime.facts.iter().map(|fact| (fact.name.as_str(), &fact.kind)).collect(),
            switches,
            parameters,
            gates,
            leaves,
            coverage: rules.coverage,
            classes: rules.classes,
            duties: rules.duties,
        }
    }
}

/// The gates of the rules of one regime.
struct Rules {
    coverage: Gate,
    classes: Vec<Gate>,
    duties: Vec<Gate>,
}

#[derive(Default)]
struct Compiler<'r> {
    as_of: Date,
    in_force: bool,
    /// Where the switches and parameters of the regime begin that is being compiled.
    first_switch: usize,
    first_parameter: usize,
    classes: BTreeMap<&'r str, Gate>,
    /// Text of an atomic condition → its gate.
    seen: BTreeMap<String, Gate>,
    switches: Vec<(&'r str, &'r ValueKind)>,
    parameters: Vec<(&'r str, &'r ValueKind)>,
    gates: Vec<Connective>,
    leaves: Vec<Leaf<'r>>,
}

impl<'r> Compiler<'r> {
    fn regime(&mut self, regime: &'r Regime, as_of: Date) -> Rules {
        self.as_of = as_of;
        self.in_force = regime.force_on(as_of).is_in_force();
        self.first_switch = self.switches.len();
        self.switches.extend(regime.switches.iter().map(|switch| (switch.id.as_str(), &switch.kind)));
        self.first_parameter = self.parameters.len();
        let parameters = regime.parameters.iter();
        self.parameters.extend(parameters.map(|parameter| (parameter.id.as_str(), &parameter.kind)));
        self.classes.clear();
        self.seen.clear();
        let mut classes = Vec::new();
        for class in &regime.classes {
            let gate = self.rule(&class.condition, class.applies);
            self.classes.insert(&class.id, gate);
            classes.push(gate);
        }
        let coverage = self.rule(&regime.coverage.condition, Applies::default());
        Rules { coverage, classes, duties: Vec::new() }
    }

    fn duty(&mut self, duty: &'r Duty) -> Gate {
        let owed = self.rule(&duty.owed_when, duty.applies);
        if duty.until_limit.is_none() {
            return owed;
        }
        self.leaves.push(Leaf { test: Test::Lasts(duty), inputs: Vec::new() });
        let lasts = self.add(Connective::Leaf(self.leaves.len() - 1));
        self.add(Connective::All(vec![owed, lasts]))
    }

    fn add(&mut self, gate: Connective) -> Gate {
        self.gates.push(gate);
        self.gates.len() - 1
    }

    fn rule(&mut self, condition: &'r Expression, applies: Applies) -> Gate {
        if self.in_force && applies.on(self.as_of) {
            self.condition(condition.source(), condition.root())
        } else {
            self.add(Connective::Fixed(Truth::False))
        }
    }

    fn condition(&mut self, source: &str, node: &'r Node) -> Gate {
        let connective = match &node.kind {
            Kind::And(parts) => {
                Connective::All(parts.iter().map(|part| self.condition(source, part)).collect())
            }
            Kind::Or(parts) => {
                Connective::Any(parts.iter().map(|part| self.condition(source, part)).collect())
            }
            Kind::Not(inner) => Connective::Not(self.condition(source, inner)),
            Kind::Class(id) => match self.classes.get(id.as_str()) {
                Some(gate) => return *gate,
                None => Connective::Fixed(Truth::False),
            },
            Kind::Boolean(value) => Connective::Fixed(Truth::from(*value)),
            Kind::Compare(comparison @ (Comparison::Equal | Comparison::Different), left, right)
                if is_condition(left) || is_condition(right) =>
            {
                let same = Connective::Same([self.condition(source, left), self.condition(source, right)]);
                match comparison {
                    Comparison::Equal => same,
                    _ => Connective::Not(self.add(same)),
                }
            }
            _ => return self.leaf(source, node),
        };
        self.add(connective)
    }

    fn leaf(&mut self, source: &str, node: &'r Node) -> Gate {
        let text = source.get(node.span.clone()).unwrap_or_default();
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if let Some(gate) = self.seen.get(&text) {
            return *gate;
        }
        let test = match &node.kind {
            Kind::Compare(comparison, left, right) => {
                Test::Compare(*comparison, self.value(left), self.value(right))
            }
            Kind::In(item, list) => Test::In(self.value(item), self.value(list)),
            Kind::Event(pattern) => Test::Event(pattern),
            Kind::Designated => Test::Designated,
            _ => Test::Holds(self.value(node)),
        };
        let mut inputs = Vec::new();
        match &test {
            Test::Compare(_, left, right) | Test::In(left, right) => {
                left.inputs(&mut inputs);
                right.inputs(&mut inputs);
            }
            Test::Holds(value) => value.inputs(&mut inputs),
            Test::Event(_) | Test::Designated | Test::Lasts(_) => {}
        }
        self.leaves.push(Leaf { test, inputs });
        let gate = self.add(Connective::Leaf(self.leaves.len() - 1));
        self.seen.insert(text, gate);
        gate
    }

    fn value(&self, node: &Node) -> Value {
        if let Some(constant) = node.constant() {
            return Value::Constant([constant.clone()]);
        }
        match (&node.kind, node.names) {
            (Kind::AsOf, _) => Value::Constant([Candidate::Date(self.as_of)]),
            (Kind::Fact(_), Some(at)) => Value::Input(Input::Fact(at)),
            (Kind::Switch(_), Some(at)) => Value::Input(Input::Switch(self.first_switch + at)),
            (Kind::Parameter(_), Some(at)) => Value::Input(Input::Parameter(self.first_parameter + at)),
            (Kind::Negate(inner), _) => Value::Negate(Box::new(self.value(inner))),
            (Kind::Arithmetic(operator, left, right), _) => {
                Value::Arithmetic(*operator, Box::new(self.value(left)), Box::new(self.value(right)))
            }
            (Kind::Extreme(extreme, parts), _) => {
                Value::Extreme(*extreme, parts.iter().map(|part| self.value(part)).collect())
            }
            // Conditions have no value where a value is asked for: types are checked when a regime is
            // loaded. Nothing known of it decides nothing.
            _ => Value::Extreme(Extreme::Largest, Vec::new()),
        }
    }
}

/// Returns whether a part is a condition in its own right, not a fact or a value.
fn is_condition(node: &Node) -> bool {
    matches!(
        node.kind,
        Kind::And(_)
            | Kind::Or(_)
            | Kind::Not(_)
            | Kind::Class(_)
            | Kind::Event(_)
            | Kind::Designated
            | Kind::Compare(..)
            | Kind::In(..)
    )
}
