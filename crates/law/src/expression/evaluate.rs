//! Evaluation: a truth value, what keeps it open, and the tree of reasons.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::{Amount, Candidate, EventPattern, EventType, Expression, Kind, Node, Term};
use crate::assessment::{EventUsed, FactUsed, ParameterUsed, Reason, Stated, SwitchUsed};
use crate::record::Event;
use crate::truth::{Because, Truth};

/// Most statements that a reason names, the first ones.
const MAX_EVENTS: usize = 64;

/// Everything that a condition may look at.
pub(crate) struct Context<'a> {
    pub(crate) facts: BTreeMap<&'a str, FactState>,
    pub(crate) switches: BTreeMap<&'a str, (Term, String)>,
    /// The figures of the law on the day.
    pub(crate) parameters: BTreeMap<&'a str, (Term, String)>,
    pub(crate) event_types: &'a BTreeMap<String, EventType>,
    /// In order of arrival; only those that count on the day.
    pub(crate) events: Vec<&'a Event>,
    pub(crate) as_of: Date,
    /// The statements by which the subject is designated on the day.
    pub(crate) designated_by: Vec<&'a Event>,
    pub(crate) classes: BTreeMap<&'a str, ClassState<'a>>,
    /// Duty, or party → where it stands.
    pub(crate) duties: BTreeMap<&'a str, Standing>,
}

/// What powers and penalties may ask about a duty.
#[derive(Debug, Clone, Default)]
pub(crate) struct Standing {
    pub(crate) unmet: (Truth, Because),
    pub(crate) days_late: Term,
}

/// What came out for a class, and its condition where the class applies on the day.
pub(crate) struct ClassState<'a> {
    pub(crate) outcome: Outcome,
    pub(crate) condition: Option<&'a Expression>,
}

/// Classes whose reasons a tree already has: each is shown once, so that a tree stays as small as
/// its rules, however often they name each other.
type Shown<'a> = BTreeSet<&'a str>;

/// What the record says of one fact.
pub(crate) struct FactState {
    pub(crate) term: Term,
    pub(crate) text: String,
    pub(crate) stated: Vec<Stated>,
}

/// The result of a condition.
#[derive(Debug, Clone)]
pub(crate) struct Outcome {
    pub(crate) truth: Truth,
    pub(crate) because: Because,
    pub(crate) reason: Reason,
}

impl Outcome {
    /// Names the article that the condition stands for.
    pub(crate) fn under(mut self, article: &str) -> Self {
        self.reason.article = Some(article.to_owned());
        self
    }
}

impl<'a> Context<'a> {
    /// Evaluates a condition; classes are named with their result.
    pub(crate) fn condition(&self, expression: &Expression) -> Outcome {
        self.node(expression.source(), expression.root(), &mut None)
    }

    /// Evaluates a condition and repeats the reasons of the classes that it rests on.
    pub(crate) fn explained(&self, expression: &Expression) -> Outcome {
        self.node(expression.source(), expression.root(), &mut Some(Shown::new()))
    }

    /// Evaluates a number; the reason names what it is computed from.
    pub(crate) fn amount(&self, expression: &Expression) -> (Term, Reason) {
        let mut reason = Reason { condition: expression.source().to_owned(), ..Reason::default() };
        let term = self.term(expression.root(), &mut reason);
        reason.truth = if term.because.is_empty() { Truth::True } else { Truth::Undetermined };
        (term, reason)
    }

    /// Returns the statements that fit one of some patterns or, as far as is known, may fit.
    pub(crate) fn matching<'e>(
        &'e self,
        patterns: &'e [EventPattern],
    ) -> impl Iterator<Item = (&'a Event, Truth, Because)> + 'e {
        self.events.iter().copied().filter_map(move |event| {
            let mut found = (Truth::False, Because::default());
            for pattern in patterns {
                let (truth, because) = pattern.fits(event, self.event_types);
                found.0 = found.0.or(truth);
                found.1.add(&because);
            }
            match found.0 {
                Truth::False => None,
                Truth::True => Some((event, Truth::True, Because::default())),
                Truth::Undetermined => Some((event, Truth::Undetermined, found.1)),
            }
        })
    }

    fn node(&self, source: &str, node: &Node, shown: &mut Option<Shown<'a>>) -> Outcome {
        let mut reason = Reason {
            condition: source.get(node.span.clone()).unwrap_or_default().to_owned(),
            ..Reason::default()
        };
        let (truth, because) = match &node.kind {
            Kind::And(parts) | Kind::Or(parts) => {
                let all = matches!(node.kind, Kind::And(_));
                let mut truth = Truth::from(all);
                let mut because = Because::default();
                for part in parts {
                    let outcome = self.node(source, part, shown);
                    truth = if all { truth.and(outcome.truth) } else { truth.or(outcome.truth) };
                    because.add(&outcome.because);
                    reason.children.push(outcome.reason);
                }
                (truth, because)
            }
            Kind::Not(inner) => {
                let outcome = self.node(source, inner, shown);
                reason.children.push(outcome.reason);
                (outcome.truth.negated(), outcome.because)
            }
            Kind::Class(id) => match self.classes.get_key_value(id.as_str()) {
                Some((id, state)) => {
                    if shown.as_mut().is_some_and(|shown| shown.insert(id)) {
                        reason.children.push(self.reason(state, shown));
                    }
                    (state.outcome.truth, state.outcome.because.clone())
                }
                None => (Truth::False, Because::default()),
            },
            Kind::Unmet(id) => {
                self.duties.get(id.as_str()).map(|standing| standing.unmet.clone()).unwrap_or_default()
            }
            Kind::Designated => {
                reason.events =
                    self.designated_by.iter().take(MAX_EVENTS).map(|event| EventUsed::from(*event)).collect();
                (Truth::from(!self.designated_by.is_empty()), Because::default())
            }
            Kind::Event(pattern) => {
                let mut truth = Truth::False;
                let mut because = Because::default();
                for (event, fits, open) in self.matching(std::slice::from_ref(pattern)) {
                    truth = truth.or(fits);
                    because.add(&open);
                    if reason.events.len() < MAX_EVENTS {
                        reason.events.push(EventUsed::from(event));
                    }
                }
                (truth, because)
            }
            Kind::Compare(comparison, left, right) => {
                let left = self.term(left, &mut reason);
                let right = self.term(right, &mut reason);
                left.compare(*comparison, &right)
            }
            Kind::In(item, list) => {
                let item = self.term(item, &mut reason);
                let list = self.term(list, &mut reason);
                item.within(&list)
            }
            _ => self.term(node, &mut reason).truth(),
        };
        let because = if truth == Truth::Undetermined { because } else { Because::default() };
        reason.truth = truth;
        Outcome { truth, because, reason }
    }

    fn reason(&self, state: &ClassState<'a>, shown: &mut Option<Shown<'a>>) -> Reason {
        match state.condition {
            Some(condition) => {
                let article = state.outcome.reason.article.clone();
                Reason { article, ..self.node(condition.source(), condition.root(), shown).reason }
            }
            None => state.outcome.reason.clone(),
        }
    }

    fn term(&self, node: &Node, reason: &mut Reason) -> Term {
        match &node.kind {
            Kind::Boolean(value) => Term::known(Candidate::Boolean(*value)),
            Kind::Text(text) => Term::known(Candidate::Text(text.clone())),
            Kind::Date(date) => Term::known(Candidate::Date(*date)),
            Kind::AsOf => Term::known(Candidate::Date(self.as_of)),
            Kind::List(items) => Term::known(Candidate::List(items.clone())),
            Kind::Number(value, unit) => {
                let hundredth =
                    (unit.as_deref() == Some("%")).then(|| value.divided_by(&100.into())).flatten();
                Term::known(Candidate::Number(Amount::exact(hundredth.unwrap_or_else(|| value.clone()))))
            }
            Kind::Fact(name) => {
                let (term, value, stated) = match self.facts.get(name.as_str()) {
                    Some(state) => (state.term.clone(), Some(state.text.clone()), state.stated.clone()),
                    None => (Term::anything(Because::missing(name)), None, Vec::new()),
                };
                if !reason.facts.iter().any(|used| used.name == *name) {
                    reason.facts.push(FactUsed { name: name.clone(), value, stated });
                }
                term
            }
            Kind::Switch(id) => {
                let (term, value) = match self.switches.get(id.as_str()) {
                    Some((term, text)) => (term.clone(), Some(text.clone())),
                    None => (Term::anything(Because::unsettled(id)), None),
                };
                if !reason.switches.iter().any(|used| used.id == *id) {
                    reason.switches.push(SwitchUsed { id: id.clone(), value });
                }
                term
            }
            Kind::Parameter(id) => match self.parameters.get(id.as_str()) {
                Some((term, value)) => {
                    if !reason.parameters.iter().any(|used| used.id == *id) {
                        reason.parameters.push(ParameterUsed { id: id.clone(), value: value.clone() });
                    }
                    term.clone()
                }
                None => Term::default(),
            },
            Kind::DaysLate(id) => {
                self.duties.get(id.as_str()).map(|standing| standing.days_late.clone()).unwrap_or_default()
            }
            Kind::Negate(inner) => self.term(inner, reason).negated(),
            Kind::Arithmetic(operator, left, right) => {
                let left = self.term(left, reason);
                let right = self.term(right, reason);
                let mut result = left.calculate(*operator, &right);
                if result.candidates.is_empty() && result.because.is_empty() {
                    // Division by a known zero: the figures themselves leave the result open.
                    result.because.missing.extend(reason.facts.iter().map(|used| used.name.clone()));
                }
                result
            }
            Kind::Extreme(extreme, parts) => {
                let terms: Vec<_> = parts.iter().map(|part| self.term(part, reason)).collect();
                let mut terms = terms.into_iter();
                let first = terms.next().unwrap_or_default();
                terms.fold(first, |left, right| left.extreme(*extreme, &right))
            }
            // A condition used as a value, as in `class(a) = class(b)`.
            _ => {
                let outcome = self.node("", node, &mut None);
                reason.events.extend(outcome.reason.events);
                match outcome.truth {
                    Truth::Undetermined => Term::anything(outcome.because),
                    truth => Term::known(Candidate::Boolean(truth == Truth::True)),
                }
            }
        }
    }
}
