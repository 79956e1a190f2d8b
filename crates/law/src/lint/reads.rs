//! Which names the rules of a regime read.

use std::collections::BTreeSet;

use crate::deadline::{Deadline, Limit, PeriodTerm, Trigger};
use crate::expression::{EventPattern, Expression, Kind, Node};
use crate::regime::{Applies, Counting, Fulfilment, Regime, Text};

/// A rule with a condition.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rule<'r> {
    /// The name of its table: `duty`.
    pub(super) table: &'static str,
    /// None for the coverage.
    pub(super) id: &'r str,
    pub(super) condition: &'r Expression,
    pub(super) applies: Applies,
    pub(super) text: Option<&'r Text>,
}

/// Returns all rules with a condition, classes first and in order.
pub(super) fn rules(regime: &Regime) -> Vec<Rule<'_>> {
    let classes = regime.classes.iter().map(|rule| Rule {
        table: "class",
        id: &rule.id,
        condition: &rule.condition,
        applies: rule.applies,
        text: Some(&rule.text),
    });
    let coverage = Rule {
        table: "coverage",
        id: "",
        condition: &regime.coverage.condition,
        applies: Applies::default(),
        text: None,
    };
    let duties = regime.duties.iter().map(|rule| Rule {
        table: "duty",
        id: &rule.id,
        condition: &rule.owed_when,
        applies: rule.applies,
        text: Some(&rule.text),
    });
    let powers = regime.powers.iter().map(|rule| Rule {
        table: "power",
        id: &rule.id,
        condition: &rule.condition,
        applies: rule.applies,
        text: Some(&rule.text),
    });
    let penalties = regime.penalties.iter().map(|rule| Rule {
        table: "penalty",
        id: &rule.id,
        condition: &rule.condition,
        applies: rule.applies,
        text: Some(&rule.text),
    });
    classes.chain([coverage]).chain(duties).chain(powers).chain(penalties).collect()
}

/// Calls a function for a node and all its parts.
pub(super) fn walk<'n>(node: &'n Node, visit: &mut dyn FnMut(&'n Node)) {
    visit(node);
    match &node.kind {
        Kind::Not(inner) | Kind::Negate(inner) => walk(inner, visit),
        Kind::And(parts) | Kind::Or(parts) | Kind::Extreme(_, parts) => {
            for part in parts {
                walk(part, visit);
            }
        }
        Kind::Compare(_, left, right) | Kind::In(left, right) | Kind::Arithmetic(_, left, right) => {
            walk(left, visit);
            walk(right, visit);
        }
        _ => {}
    }
}

/// The names that rules read, by kind.
#[derive(Debug, Default)]
pub(super) struct Reads<'r> {
    pub(super) facts: BTreeSet<&'r str>,
    pub(super) switches: BTreeSet<&'r str>,
    pub(super) parameters: BTreeSet<&'r str>,
    pub(super) classes: BTreeSet<&'r str>,
    pub(super) events: BTreeSet<&'r str>,
    /// Event and attribute.
    pub(super) attributes: BTreeSet<(&'r str, &'r str)>,
    /// Event, attribute and value.
    pub(super) values: BTreeSet<(&'r str, &'r str, &'r str)>,
}

impl<'r> Reads<'r> {
    pub(super) fn of(regime: &'r Regime) -> Self {
        let mut reads = Self::default();
        for rule in rules(regime) {
            reads.expression(rule.condition);
        }
        for duty in &regime.duties {
            for deadline in [&duty.deadline, &duty.until_limit].into_iter().flatten() {
                reads.deadline(regime, deadline);
            }
            if let Some(Counting::Switch(id)) = &duty.counted_by {
                reads.switches.insert(id);
            }
            reads.patterns(&duty.each_patterns);
            if let Some(fulfilment) = &duty.fulfilment {
                reads.fulfilment(fulfilment);
            }
        }
        for penalty in &regime.penalties {
            if let Some((amount, _)) = &penalty.amount {
                reads.expression(amount);
            }
            reads.events.extend(penalty.act.as_deref());
        }
        reads.events.extend(regime.powers.iter().map(|power| power.act.as_str()));
        for procedure in &regime.procedures {
            let named = procedure.attributes.iter().map(|(name, value)| (name, std::slice::from_ref(value)));
            reads.pattern(&procedure.act, named);
        }
        reads.events.extend(regime.reviews.iter().chain(&regime.decisions).map(String::as_str));
        if let Some(rule) = &regime.designation {
            reads.events.extend([rule.begins.as_str(), rule.ends.as_str()]);
        }
        reads
    }

    fn expression(&mut self, expression: &'r Expression) {
        walk(expression.root(), &mut |node| match &node.kind {
            Kind::Fact(name) => {
                self.facts.insert(name);
            }
            Kind::Switch(id) => {
                self.switches.insert(id);
            }
            Kind::Parameter(id) => {
                self.parameters.insert(id);
            }
            Kind::Class(id) => {
                self.classes.insert(id);
            }
            Kind::Event(pattern) => self.patterns(std::slice::from_ref(pattern)),
            _ => {}
        });
    }

    fn patterns(&mut self, patterns: &'r [EventPattern]) {
        for pattern in patterns {
            self.pattern(&pattern.predicate, pattern.attributes.iter().map(|(name, of)| (name, &of[..])));
        }
    }

    fn pattern(&mut self, event: &'r str, attributes: impl Iterator<Item = (&'r String, &'r [String])>) {
        self.events.insert(event);
        for (name, values) in attributes {
            self.attributes.insert((event, name));
            self.values.extend(values.iter().map(|value| (event, name.as_str(), value.as_str())));
        }
    }

    fn fulfilment(&mut self, fulfilment: &'r Fulfilment) {
        match fulfilment {
            Fulfilment::Event(pattern) => self.patterns(std::slice::from_ref(pattern)),
            Fulfilment::All(parts) | Fulfilment::Any(parts) => {
                for part in parts {
                    self.fulfilment(part);
                }
            }
        }
    }

    fn deadline(&mut self, regime: &'r Regime, deadline: &'r Deadline) {
        if let Some(trigger) = &deadline.aged_from {
            self.trigger(regime, trigger);
        }
        if let Some(limit) = &deadline.limit {
            self.limit(regime, limit);
        }
    }

    fn limit(&mut self, regime: &'r Regime, limit: &'r Limit) {
        match limit {
            Limit::On(trigger) => self.trigger(regime, trigger),
            Limit::After { period, trigger }
            | Limit::Before { period, trigger }
            | Limit::Every { period, trigger } => {
                match period {
                    PeriodTerm::Fixed(_) => {}
                    PeriodTerm::Switch(id) => {
                        self.switches.insert(id);
                    }
                    PeriodTerm::Parameter(id) => {
                        self.parameters.insert(id);
                    }
                }
                self.trigger(regime, trigger);
            }
            Limit::Earliest(limits) | Limit::Latest(limits) => {
                for limit in limits {
                    self.limit(regime, limit);
                }
            }
        }
    }

    fn trigger(&mut self, regime: &'r Regime, trigger: &'r Trigger) {
        match trigger {
            Trigger::Named { name, .. } if regime.schema.facts.contains_key(name) => {
                self.facts.insert(name);
            }
            Trigger::Named { name, attribute } => {
                self.events.insert(name);
                self.attributes.extend(attribute.iter().map(|attribute| (name.as_str(), attribute.as_str())));
            }
            Trigger::Parameter(id) => {
                self.parameters.insert(id);
            }
            Trigger::Day(_) => {}
            Trigger::First(all) | Trigger::Earliest(all) => {
                for trigger in all {
                    self.trigger(regime, trigger);
                }
            }
        }
    }
}
