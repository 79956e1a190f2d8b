//! Evaluation: a truth value, and what keeps it open. Why it came out so is put together only when
//! someone asks ([`explain`](crate::explain)).

use std::borrow::Cow;
use std::cell::OnceCell;

use jiff::civil::Date;

use super::{Amount, Candidate, EventPattern, Expression, Kind, Node, Open, OpenNames, Term};
use crate::assessment::Party;
use crate::number::Number;
use crate::record::Event;
use crate::regime::Regime;
use crate::settings::SwitchSettings;
use crate::truth::{Because, Truth};

/// Everything that a condition may look at.
pub(crate) struct Context<'a> {
    pub(crate) regime: &'a Regime,
    pub(crate) settings: &'a SwitchSettings,
    pub(crate) as_of: Date,
    /// By place among the regime's facts; none where nothing is on record.
    pub(crate) facts: Vec<Option<Term<'static>>>,
    /// By place among the regime's switches; none where not set.
    switches: Vec<Option<&'a Candidate>>,
    /// By place among the regime's parameters: their values on the day.
    parameters: Vec<Option<&'a Candidate>>,
    /// In order of arrival; only those that count on the day.
    pub(crate) events: Vec<&'a Event>,
    /// The statements by which the subject is designated on the day.
    pub(crate) designated_by: Vec<&'a Event>,
    /// By place among the regime's classes, as far as they are evaluated: each rests on earlier ones.
    pub(crate) classes: Vec<Decided>,
    /// By place among the regime's duties, as far as they are evaluated.
    pub(crate) duties: Vec<Standing>,
    /// Whether any duty of a party is unmet, by place among all parties.
    pub(crate) parties: [Decided; Party::ALL.len()],
    pub(crate) names: OpenNames<'a>,
    /// What came out for each condition of the regime, by place, so that it is computed once.
    found: Vec<OnceCell<Decided>>,
}

/// What powers and penalties may ask about a duty.
#[derive(Debug, Clone, Default)]
pub(crate) struct Standing {
    pub(crate) unmet: Decided,
    pub(crate) days_late: Term<'static>,
}

impl Standing {
    /// What is not owed cannot be late.
    pub(crate) fn none() -> Self {
        let days_late = Term::known(Candidate::Number(Amount::exact(Number::zero())));
        Self { unmet: Decided::default(), days_late }
    }
}

/// Whether a condition holds, and what keeps that open.
#[derive(Debug, Clone)]
pub(crate) struct Decided {
    pub(crate) truth: Truth,
    pub(crate) open: Open,
}

impl Default for Decided {
    fn default() -> Self {
        Self { truth: Truth::False, open: Open::default() }
    }
}

impl Decided {
    /// What is settled is not kept open by anything.
    pub(crate) fn new(truth: Truth, open: Open) -> Self {
        Self { truth, open: if truth == Truth::Undetermined { open } else { Open::default() } }
    }

    fn with(&mut self, other: &Self, combine: fn(Truth, Truth) -> Truth) {
        self.truth = combine(self.truth, other.truth);
        if other.truth == Truth::Undetermined {
            self.open.add(&other.open);
        }
    }

    /// Takes in another of which it suffices that one holds.
    pub(crate) fn or(&mut self, other: &Self) {
        self.with(other, Truth::or);
    }
}

impl<'a> Context<'a> {
    /// Takes the law as it stands on a day; nothing is on record.
    pub(crate) fn new(regime: &'a Regime, settings: &'a SwitchSettings, as_of: Date) -> Self {
        let figures = regime.parameters.iter();
        Self {
            regime,
            settings,
            as_of,
            facts: vec![None; regime.facts.len()],
            switches: regime.switches.iter().map(|switch| settings.value(&switch.id)).collect(),
            parameters: figures.map(|figure| figure.on(as_of)?.value.candidate()).collect(),
            events: Vec::new(),
            designated_by: Vec::new(),
            classes: Vec::with_capacity(regime.classes.len()),
            duties: Vec::with_capacity(regime.duties.len()),
            parties: Default::default(),
            names: OpenNames::new(regime),
            found: vec![OnceCell::new(); regime.places.conditions.len()],
        }
    }

    /// Evaluates the condition of a rule.
    pub(crate) fn condition(&self, expression: &Expression) -> Decided {
        self.decide(expression.root()).into_owned()
    }

    /// Evaluates a number.
    pub(crate) fn amount<'c>(&'c self, expression: &'c Expression) -> Term<'c> {
        self.term(expression.root())
    }

    /// Returns what came out for each condition, by place; what was never asked is open.
    pub(crate) fn truths(&self) -> Vec<Truth> {
        self.found.iter().map(|found| found.get().map_or(Truth::Undetermined, |found| found.truth)).collect()
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

    /// Returns the place of a fact.
    pub(crate) fn fact(&self, name: &str) -> Option<usize> {
        self.regime.places.facts.get(name).copied()
    }

    /// Returns the value of a figure of the law on the day.
    pub(crate) fn parameter(&self, id: &str) -> Option<&'a Candidate> {
        let place = self.regime.places.parameters.get(id)?;
        self.parameters.get(*place).copied().flatten()
    }

    fn decide(&self, node: &Node) -> Cow<'_, Decided> {
        match node.place.and_then(|place| self.found.get(place)) {
            Some(found) => Cow::Borrowed(found.get_or_init(|| self.evaluate(node))),
            None => Cow::Owned(self.evaluate(node)),
        }
    }

    fn evaluate(&self, node: &Node) -> Decided {
        match &node.kind {
            Kind::And(parts) => self.join(parts, true, Truth::and),
            Kind::Or(parts) => self.join(parts, false, Truth::or),
            Kind::Not(inner) => {
                let inner = self.decide(inner);
                Decided { truth: inner.truth.negated(), open: inner.open.clone() }
            }
            Kind::Class(_) => {
                node.names.and_then(|place| self.classes.get(place)).cloned().unwrap_or_default()
            }
            Kind::Unmet(id) => {
                let duty = node.names.and_then(|place| self.duties.get(place)).map(|duty| &duty.unmet);
                let party = || Party::ALL.iter().position(|party| party.as_str() == id);
                duty.or_else(|| self.parties.get(party()?)).cloned().unwrap_or_default()
            }
            Kind::Designated => Decided::new(Truth::from(!self.designated_by.is_empty()), Open::default()),
            Kind::Event(pattern) => {
                let (mut truth, mut open) = (Truth::False, Open::default());
                for (_, fits, because) in self.matching(std::slice::from_ref(pattern)) {
                    truth = truth.or(fits);
                    open.add(&self.names.open(&because));
                }
                Decided::new(truth, open)
            }
            Kind::Compare(comparison, left, right) => {
                let decided = self.term(left).compare(*comparison, &self.term(right));
                self.with_ground(node, decided)
            }
            Kind::In(item, list) => self.term(item).within(&self.term(list)),
            _ => self.with_ground(node, self.term(node).truth()),
        }
    }

    /// A division by a known zero leaves open what nothing unknown keeps open: then the figures do.
    fn with_ground(&self, node: &Node, mut decided: Decided) -> Decided {
        if decided.truth == Truth::Undetermined && decided.open.is_empty() {
            self.leave_open(node, &mut decided.open);
        }
        decided
    }

    fn join(&self, parts: &[Node], neutral: bool, combine: fn(Truth, Truth) -> Truth) -> Decided {
        let mut joined = Decided { truth: neutral.into(), open: Open::default() };
        for part in parts {
            joined.with(&self.decide(part), combine);
        }
        Decided::new(joined.truth, joined.open)
    }

    fn term<'c>(&'c self, node: &'c Node) -> Term<'c> {
        if let Some(constant) = node.constant() {
            return Term::given(constant);
        }
        match &node.kind {
            Kind::AsOf => Term::known(Candidate::Date(self.as_of)),
            Kind::Fact(_) => {
                let Some(place) = node.names else { return Term::default() };
                match self.facts.get(place) {
                    Some(Some(term)) => term.lent(),
                    _ => Term::anything(self.names.missing_fact(place)),
                }
            }
            Kind::Switch(_) => {
                let Some(place) = node.names else { return Term::default() };
                match self.switches.get(place) {
                    Some(Some(candidate)) => Term::given(candidate),
                    _ => Term::anything(self.names.unsettled(place)),
                }
            }
            Kind::Parameter(_) => {
                let figure = node.names.and_then(|place| self.parameters.get(place).copied().flatten());
                figure.map_or_else(Term::default, Term::given)
            }
            Kind::DaysLate(_) => {
                let duty = node.names.and_then(|place| self.duties.get(place));
                duty.map_or_else(Term::default, |duty| duty.days_late.lent())
            }
            Kind::Negate(inner) => self.term(inner).negated(),
            Kind::Arithmetic(operator, left, right) => {
                let mut result = self.term(left).calculate(*operator, &self.term(right));
                if result.candidates.is_empty() && result.open.is_empty() {
                    self.leave_open(node, &mut result.open);
                }
                result
            }
            Kind::Extreme(extreme, parts) => {
                let mut terms = parts.iter().map(|part| self.term(part));
                let first = terms.next().unwrap_or_default();
                terms.fold(first, |left, right| left.extreme(*extreme, &right))
            }
            // A condition used as a value, as in `class(a) = class(b)`.
            _ => match self.decide(node).into_owned() {
                Decided { truth: Truth::Undetermined, open } => Term::anything(open),
                decided => Term::known(Candidate::Boolean(decided.truth == Truth::True)),
            },
        }
    }

    /// Adds the facts that a number is computed from.
    fn leave_open(&self, node: &Node, open: &mut Open) {
        if let (Kind::Fact(_), Some(place)) = (&node.kind, node.names) {
            open.add(&self.names.missing_fact(place));
        }
        for part in node.parts() {
            self.leave_open(part, open);
        }
    }
}
