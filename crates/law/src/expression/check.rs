//! Types and units of conditions, checked before anything is evaluated.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::{Comparison, EventPattern, Kind, Node, Operator};
use crate::assessment::Party;
use crate::diagnostic::Problem;

/// What kind of value a fact, a switch or a part of a condition has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Type {
    Boolean,
    /// A number and its unit; none where it is a pure number.
    Number(Option<String>),
    /// A text; where it is a choice, one of these.
    Text(Option<Vec<String>>),
    /// Several texts, each one of these.
    List(Option<Vec<String>>),
    Date,
    Period,
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boolean => f.write_str("true or false"),
            Self::Number(Some(unit)) => write!(f, "a number in {unit}"),
            Self::Number(None) => f.write_str("a pure number"),
            Self::Text(_) => f.write_str("a text"),
            Self::List(_) => f.write_str("a list of texts"),
            Self::Date => f.write_str("a date"),
            Self::Period => f.write_str("a period"),
        }
    }
}

/// The names that the conditions of a regime may use.
#[derive(Debug, Clone, Default)]
pub(crate) struct Schema {
    pub(crate) facts: BTreeMap<String, Type>,
    pub(crate) switches: BTreeMap<String, Type>,
    pub(crate) parameters: BTreeMap<String, Type>,
    pub(crate) classes: BTreeSet<String>,
    pub(crate) duties: BTreeSet<String>,
    pub(crate) events: BTreeMap<String, EventType>,
    pub(crate) units: BTreeSet<String>,
}

/// What the rules may ask of the statements of one predicate.
#[derive(Debug, Clone, Default)]
pub(crate) struct EventType {
    /// Attribute → allowed values; no values: any.
    pub(crate) attributes: BTreeMap<String, Vec<String>>,
    /// Attributes whose absence says nothing: they are not known.
    pub(crate) unknown_if_absent: BTreeSet<String>,
}

/// Checks that a condition is true or false, of known names. `after_duties` says whether it may
/// ask for unmet duties: powers and penalties may, what duties rest on may not.
pub(crate) fn boolean(node: &Node, schema: &Schema, after_duties: bool) -> Vec<Problem> {
    let mut check = Check { schema, after_duties, problems: Vec::new() };
    check.condition(node);
    check.problems
}

/// Checks that an expression is a number, and returns its unit.
pub(crate) fn quantity(node: &Node, schema: &Schema) -> Result<Option<String>, Vec<Problem>> {
    let mut check = Check { schema, after_duties: true, problems: Vec::new() };
    let unit = check.number(node);
    if check.problems.is_empty() { Ok(unit.flatten()) } else { Err(check.problems) }
}

/// Most problems of one condition that are told.
const MAX_PROBLEMS: usize = 16;

struct Check<'s> {
    schema: &'s Schema,
    after_duties: bool,
    problems: Vec<Problem>,
}

impl Check<'_> {
    fn problem(&mut self, problem: Problem) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(problem);
        }
    }

    fn condition(&mut self, node: &Node) {
        match self.infer(node) {
            None | Some(Type::Boolean) => {}
            Some(other) => {
                self.problem(
                    Problem::new(node.span.clone(), format!("expected a condition, found {other}"))
                        .hint("compare it with a value"),
                );
            }
        }
    }

    /// Returns the unit of a number; nothing where a problem was found.
    #[expect(clippy::option_option, reason = "not a number, a number without a unit, a number with one")]
    fn number(&mut self, node: &Node) -> Option<Option<String>> {
        match self.infer(node)? {
            Type::Number(unit) => Some(unit),
            other => {
                self.problem(Problem::new(node.span.clone(), format!("expected a number, found {other}")));
                None
            }
        }
    }

    fn unknown<'w>(
        &mut self,
        node: &Node,
        what: &str,
        name: &str,
        known: impl IntoIterator<Item = &'w String>,
    ) {
        // A suggestion is looked for among all names: not once more than is told.
        if self.problems.len() >= MAX_PROBLEMS {
            return;
        }
        let problem = Problem::new(node.span.clone(), format!("unknown {what} `{name}`"))
            .suggest(name, known.into_iter().map(String::as_str));
        let problem = match &problem.hint {
            None if name.contains('-') && what == "fact" => {
                problem.hint("a difference needs spaces around its minus sign")
            }
            _ => problem,
        };
        self.problem(problem);
    }

    fn infer(&mut self, node: &Node) -> Option<Type> {
        let schema = self.schema;
        match &node.kind {
            Kind::Boolean(_) | Kind::Designated => Some(Type::Boolean),
            Kind::Text(_) => Some(Type::Text(None)),
            Kind::List(_) => Some(Type::List(None)),
            Kind::Date(_) | Kind::AsOf => Some(Type::Date),
            Kind::Number(_, None) => Some(Type::Number(None)),
            Kind::Number(_, Some(unit)) if unit == "%" => Some(Type::Number(None)),
            Kind::Number(_, Some(unit)) => {
                if !schema.units.contains(unit) {
                    self.unknown(node, "unit", unit, &schema.units);
                    return None;
                }
                Some(Type::Number(Some(unit.clone())))
            }
            Kind::Fact(name) => {
                let found = schema.facts.get(name);
                if found.is_none() {
                    self.unknown(node, "fact", name, schema.facts.keys());
                }
                found.cloned()
            }
            Kind::Switch(id) => {
                let found = schema.switches.get(id);
                if found.is_none() {
                    self.unknown(node, "switch", id, schema.switches.keys());
                }
                found.cloned()
            }
            Kind::Parameter(id) => {
                let found = schema.parameters.get(id);
                if found.is_none() {
                    self.unknown(node, "parameter", id, schema.parameters.keys());
                }
                found.cloned()
            }
            Kind::DaysLate(id) => {
                self.duty(node, id);
                if Party::ALL.iter().any(|party| party.as_str() == id) {
                    self.problem(
                        Problem::new(node.span.clone(), "only a duty can be late").hint("name one duty"),
                    );
                }
                Some(Type::Number(None))
            }
            Kind::Class(id) => {
                if !schema.classes.contains(id) {
                    self.unknown(node, "class", id, &schema.classes);
                }
                Some(Type::Boolean)
            }
            Kind::Unmet(id) => {
                self.duty(node, id);
                Some(Type::Boolean)
            }
            Kind::Event(pattern) => {
                for problem in pattern_problems(pattern, schema) {
                    self.problem(Problem { span: node.span.clone(), ..problem });
                }
                Some(Type::Boolean)
            }
            Kind::Not(inner) => {
                self.condition(inner);
                Some(Type::Boolean)
            }
            Kind::And(parts) | Kind::Or(parts) => {
                for part in parts {
                    self.condition(part);
                }
                Some(Type::Boolean)
            }
            Kind::Compare(comparison, left, right) => {
                self.comparison(node, *comparison, left, right);
                Some(Type::Boolean)
            }
            Kind::In(item, list) => {
                self.membership(item, list);
                Some(Type::Boolean)
            }
            Kind::Negate(inner) => self.number(inner).map(Type::Number),
            Kind::Arithmetic(operator, left, right) => self.arithmetic(node, *operator, left, right),
            Kind::Extreme(_, parts) => {
                let units: Vec<_> = parts.iter().map(|part| self.number(part)).collect();
                let first = units.first()?.clone()?;
                for (part, unit) in parts.iter().zip(units) {
                    self.same_unit(part, first.as_deref(), unit?.as_deref());
                }
                Some(Type::Number(first))
            }
        }
    }

    fn duty(&mut self, node: &Node, id: &str) {
        let schema = self.schema;
        if !schema.duties.contains(id) {
            self.unknown(node, "duty", id, &schema.duties);
        } else if !self.after_duties {
            self.problem(
                Problem::new(node.span.clone(), "duties are not yet assessed here")
                    .hint("use `unmet(…)` and `days_late(…)` in powers and penalties only"),
            );
        }
    }

    fn same_unit(&mut self, node: &Node, left: Option<&str>, right: Option<&str>) -> bool {
        if left != right {
            let name = |unit: Option<&str>| unit.unwrap_or("no unit").to_owned();
            self.problem(
                Problem::new(node.span.clone(), format!("units differ: {} and {}", name(left), name(right)))
                    .hint("write both in one unit, as in `1e25 FLOP`"),
            );
        }
        left == right
    }

    fn comparison(&mut self, node: &Node, comparison: Comparison, left: &Node, right: &Node) {
        let (Some(first), Some(second)) = (self.infer(left), self.infer(right)) else { return };
        match (&first, &second) {
            (Type::Number(a), Type::Number(b)) => {
                self.same_unit(node, a.as_deref(), b.as_deref());
            }
            (Type::Date, Type::Date) => {}
            (Type::Boolean, Type::Boolean) | (Type::Text(_), Type::Text(_)) => {
                if !matches!(comparison, Comparison::Equal | Comparison::Different) {
                    self.problem(
                        Problem::new(node.span.clone(), format!("{first} has no order")).hint("use = or !="),
                    );
                }
                self.choice(left, &second);
                self.choice(right, &first);
            }
            _ => self.problem(Problem::new(node.span.clone(), format!("{first} is compared with {second}"))),
        }
    }

    fn membership(&mut self, item: &Node, list: &Node) {
        let (Some(first), Some(second)) = (self.infer(item), self.infer(list)) else { return };
        match (&first, &second) {
            (Type::Text(_), Type::List(allowed)) => {
                self.choice(item, &Type::Text(allowed.clone()));
                self.choice(list, &first);
            }
            _ => self.problem(
                Problem::new(list.span.clone(), format!("`in` looks for {first} in {second}"))
                    .hint("write as in `purpose in ['medical', 'defence']`"),
            ),
        }
    }

    /// Checks that written texts are among the choices of what they are compared with.
    fn choice(&mut self, node: &Node, other: &Type) {
        let Type::Text(Some(allowed)) = other else { return };
        let written: &[String] = match &node.kind {
            Kind::Text(text) => std::slice::from_ref(text),
            Kind::List(items) => items,
            _ => return,
        };
        for text in written.iter().filter(|text| !allowed.contains(text)) {
            self.problem(
                Problem::new(node.span.clone(), format!("`{text}` is none of: {}", allowed.join(", ")))
                    .suggest(text, allowed.iter().map(String::as_str)),
            );
        }
    }

    fn arithmetic(&mut self, node: &Node, operator: Operator, left: &Node, right: &Node) -> Option<Type> {
        let (first, second) = (self.number(left), self.number(right));
        let (first, second) = (first?, second?);
        let unit = match operator {
            Operator::Add | Operator::Subtract => {
                self.same_unit(node, first.as_deref(), second.as_deref()).then_some(first)?
            }
            Operator::Multiply if first.is_none() => second,
            Operator::Multiply | Operator::Divide if second.is_none() => first,
            Operator::Divide if first == second => None,
            Operator::Multiply | Operator::Divide => {
                self.problem(
                    Problem::new(node.span.clone(), "the result would have a compound unit")
                        .hint("multiply by a pure number, or divide by the same unit"),
                );
                return None;
            }
        };
        if operator == Operator::Divide && matches!(&right.kind, Kind::Number(value, _) if value.is_zero()) {
            self.problem(Problem::new(right.span.clone(), "division by zero"));
        }
        Some(Type::Number(unit))
    }
}

/// Checks a predicate's name and attributes.
pub(crate) fn pattern_problems(pattern: &EventPattern, schema: &Schema) -> Vec<Problem> {
    let predicate = &pattern.predicate;
    let Some(known) = schema.events.get(predicate).map(|event| &event.attributes) else {
        return vec![
            Problem::new(0..0, format!("unknown event `{predicate}`"))
                .suggest(predicate, schema.events.keys().map(String::as_str)),
        ];
    };
    let mut problems = Vec::new();
    for (name, values) in &pattern.attributes {
        let Some(allowed) = known.get(name) else {
            problems.push(
                Problem::new(0..0, format!("event `{predicate}` has no attribute `{name}`"))
                    .suggest(name, known.keys().map(String::as_str)),
            );
            continue;
        };
        for value in values.iter().filter(|value| !allowed.is_empty() && !allowed.contains(value)) {
            problems.push(
                Problem::new(0..0, format!("`{value}` is none of: {}", allowed.join(", ")))
                    .suggest(value, allowed.iter().map(String::as_str)),
            );
        }
    }
    problems
}
