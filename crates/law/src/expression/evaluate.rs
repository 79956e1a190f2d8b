//! Evaluation: a truth value, what keeps it open, and the tree of reasons.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use smol_str::SmolStr;

use super::{Amount, Candidate, EventPattern, Expression, Kind, Node, Open, OpenNames, Term};
use crate::assessment::{EventUsed, FactUsed, ParameterUsed, Reason, Stated, SwitchUsed};
use crate::record::Event;
use crate::regime::Regime;
use crate::settings::SwitchSettings;
use crate::truth::{Because, Truth};

/// Most statements that a reason names, the first ones.
const MAX_EVENTS: usize = 64;

/// Everything that a condition may look at.
pub(crate) struct Context<'a> {
    pub(crate) regime: &'a Regime,
    pub(crate) settings: &'a SwitchSettings,
    pub(crate) facts: BTreeMap<&'a str, FactState>,
    /// In order of arrival; only those that count on the day.
    pub(crate) events: Vec<&'a Event>,
    pub(crate) as_of: Date,
    /// The statements by which the subject is designated on the day.
    pub(crate) designated_by: Vec<&'a Event>,
    pub(crate) classes: BTreeMap<&'a str, ClassState<'a>>,
    /// Duty, or party → where it stands.
    pub(crate) duties: BTreeMap<&'a str, Standing>,
    pub(crate) names: OpenNames,
    /// What came out for each condition of the regime, by place, so that it is computed once.
    found: Vec<OnceCell<Found>>,
}

/// What powers and penalties may ask about a duty.
#[derive(Debug, Clone, Default)]
pub(crate) struct Standing {
    pub(crate) unmet: (Truth, Open),
    pub(crate) days_late: Term<'static>,
}

/// What came out for a class, and its condition where the class applies on the day.
pub(crate) struct ClassState<'a> {
    pub(crate) outcome: Outcome,
    pub(crate) condition: Option<&'a Expression>,
}

/// Classes whose reasons a tree already has: each is shown once, so that a tree stays as small as
/// its rules, however often they name each other.
type Shown<'a> = Vec<&'a str>;

/// What the record says of one fact.
pub(crate) struct FactState {
    pub(crate) term: Term<'static>,
    pub(crate) text: SmolStr,
    pub(crate) stated: Arc<[Stated]>,
}

/// The result of a rule's condition.
#[derive(Debug, Clone)]
pub(crate) struct Outcome {
    pub(crate) truth: Truth,
    pub(crate) open: Open,
    pub(crate) reason: Reason,
}

/// The result of a condition that several rules may share.
#[derive(Debug, Clone)]
struct Found {
    open: Open,
    reason: Arc<Reason>,
}

impl<'a> Context<'a> {
    pub(crate) fn new(regime: &'a Regime, settings: &'a SwitchSettings, as_of: Date) -> Self {
        Self {
            regime,
            settings,
            facts: BTreeMap::new(),
            events: Vec::new(),
            as_of,
            designated_by: Vec::new(),
            classes: BTreeMap::new(),
            duties: BTreeMap::new(),
            names: OpenNames::default(),
            found: vec![OnceCell::new(); regime.conditions],
        }
    }

    /// Evaluates the condition of a rule that an article states; classes are named with their result.
    pub(crate) fn condition(&self, expression: &Expression, article: &SmolStr) -> Outcome {
        let root = expression.root();
        let known = root.place.and_then(|place| self.found.get(place)?.get());
        let (open, reason) = match known {
            Some(found) => (found.open.clone(), Reason::clone(&found.reason)),
            None => self.node(root, &mut None),
        };
        Outcome { truth: reason.truth, open, reason: Reason { article: Some(article.clone()), ..reason } }
    }

    /// Evaluates a condition and repeats the reasons of the classes that it rests on.
    pub(crate) fn explained(&self, expression: &Expression, article: &SmolStr) -> Outcome {
        let (open, reason) = self.node(expression.root(), &mut Some(Shown::new()));
        Outcome { truth: reason.truth, open, reason: Reason { article: Some(article.clone()), ..reason } }
    }

    /// Evaluates a number; the reason names what it is computed from.
    pub(crate) fn amount<'c>(&'c self, expression: &'c Expression) -> (Term<'c>, Reason) {
        let mut reason = Reason { condition: expression.text().clone(), ..Reason::default() };
        let term = self.term(expression.root(), &mut reason);
        reason.truth = if term.open.is_empty() { Truth::True } else { Truth::Undetermined };
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
                let (truth, because) = pattern.fits(event, &self.regime.schema.events);
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

    /// Returns the value of a figure of the law on the day.
    pub(crate) fn parameter(&self, id: &str) -> Option<(&'a Candidate, &'a str)> {
        let parameter = self.regime.parameters.iter().find(|parameter| parameter.id == id)?;
        let dated = parameter.on(self.as_of)?;
        Some((dated.value.candidate()?, &dated.text))
    }

    /// Evaluates a part of a condition, where it was not evaluated before.
    fn part(&self, node: &Node, shown: &mut Option<Shown<'a>>) -> Found {
        let fresh = |shown: &mut Option<Shown<'a>>| {
            let (open, reason) = self.node(node, shown);
            Found { open, reason: Arc::new(reason) }
        };
        // The reasons of classes stand once in a tree that repeats them, so its parts are its own.
        let own = shown.is_some()
            && matches!(node.kind, Kind::And(_) | Kind::Or(_) | Kind::Not(_) | Kind::Class(_));
        match node.place.and_then(|place| self.found.get(place)) {
            Some(found) if !own => found.get_or_init(|| fresh(&mut None)).clone(),
            _ => fresh(shown),
        }
    }

    fn node(&self, node: &Node, shown: &mut Option<Shown<'a>>) -> (Open, Reason) {
        let mut reason = Reason { condition: node.text.clone(), ..Reason::default() };
        let (truth, open) = match &node.kind {
            Kind::And(parts) | Kind::Or(parts) => {
                let all = matches!(node.kind, Kind::And(_));
                let mut truth = Truth::from(all);
                let mut open = Open::default();
                reason.children.reserve_exact(parts.len());
                for part in parts {
                    let found = self.part(part, shown);
                    let of_part = found.reason.truth;
                    truth = if all { truth.and(of_part) } else { truth.or(of_part) };
                    open.add(&found.open);
                    reason.children.push(found.reason);
                }
                (truth, open)
            }
            Kind::Not(inner) => {
                let Found { open, reason: inner } = self.part(inner, shown);
                let truth = inner.truth.negated();
                reason.children = vec![inner];
                (truth, open)
            }
            Kind::Class(id) => match self.classes.get_key_value(id.as_str()) {
                Some((id, state)) => {
                    if let Some(classes) = shown
                        && !classes.contains(id)
                    {
                        classes.push(id);
                        reason.children = vec![Arc::new(self.reason(state, shown))];
                    }
                    (state.outcome.truth, state.outcome.open.clone())
                }
                None => (Truth::False, Open::default()),
            },
            Kind::Unmet(id) => {
                self.duties.get(id.as_str()).map(|standing| standing.unmet.clone()).unwrap_or_default()
            }
            Kind::Designated => {
                reason.events =
                    self.designated_by.iter().take(MAX_EVENTS).map(|event| EventUsed::from(*event)).collect();
                (Truth::from(!self.designated_by.is_empty()), Open::default())
            }
            Kind::Event(pattern) => {
                let mut truth = Truth::False;
                let mut open = Open::default();
                for (event, fits, because) in self.matching(std::slice::from_ref(pattern)) {
                    truth = truth.or(fits);
                    open.add(&self.names.open(&because));
                    if reason.events.len() < MAX_EVENTS {
                        reason.events.push(EventUsed::from(event));
                    }
                }
                (truth, open)
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
        reason.truth = truth;
        (if truth == Truth::Undetermined { open } else { Open::default() }, reason)
    }

    fn reason(&self, state: &ClassState<'a>, shown: &mut Option<Shown<'a>>) -> Reason {
        match state.condition {
            Some(condition) => {
                let article = state.outcome.reason.article.clone();
                Reason { article, ..self.node(condition.root(), shown).1 }
            }
            None => state.outcome.reason.clone(),
        }
    }

    fn term<'c>(&'c self, node: &'c Node, reason: &mut Reason) -> Term<'c> {
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
                    Some(state) => (state.term.lent(), Some(state.text.clone()), state.stated.clone()),
                    None => (Term::anything(self.names.missing(name)), None, Arc::default()),
                };
                if !reason.facts.iter().any(|used| used.name == *name) {
                    reason.facts.push(FactUsed { name: name.into(), value, stated });
                }
                term
            }
            Kind::Switch(id) => {
                let (term, value) = match self.settings.seen(id) {
                    Some((candidate, text)) => (Term::given(candidate), Some(text.into())),
                    None => (Term::anything(self.names.unsettled(id)), None),
                };
                if !reason.switches.iter().any(|used| used.id == *id) {
                    reason.switches.push(SwitchUsed { id: id.into(), value });
                }
                term
            }
            Kind::Parameter(id) => match self.parameter(id) {
                Some((candidate, text)) => {
                    if !reason.parameters.iter().any(|used| used.id == *id) {
                        reason.parameters.push(ParameterUsed { id: id.into(), value: text.into() });
                    }
                    Term::given(candidate)
                }
                None => Term::default(),
            },
            Kind::DaysLate(id) => match self.duties.get(id.as_str()) {
                Some(standing) => standing.days_late.lent(),
                None => Term::default(),
            },
            Kind::Negate(inner) => self.term(inner, reason).negated(),
            Kind::Arithmetic(operator, left, right) => {
                let left = self.term(left, reason);
                let right = self.term(right, reason);
                let mut result = left.calculate(*operator, &right);
                if result.candidates.is_empty() && result.open.is_empty() {
                    // Division by a known zero: the figures themselves leave the result open.
                    for used in &reason.facts {
                        result.open.add(&self.names.missing(&used.name));
                    }
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
                let (open, condition) = self.node(node, &mut None);
                reason.events.extend(condition.events);
                match condition.truth {
                    Truth::Undetermined => Term::anything(open),
                    truth => Term::known(Candidate::Boolean(truth == Truth::True)),
                }
            }
        }
    }
}
