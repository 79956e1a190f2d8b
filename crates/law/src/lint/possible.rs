//! Rules that can never hold: their conditions on one fact, one switch or the day exclude each other.
//!
//! One name at a time is given each of the values that its conditions tell apart (both truth values,
//! each choice, each constant and what lies between), and everything else stays open. A condition
//! that is false for all of them can never hold. So what is reported is certain; a contradiction that
//! needs two names at once is not looked for.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::boundaries;
use super::reads::{Rule, rules, walk};
use crate::expression::{Amount, Candidate, Kind, Node, Open, Term};
use crate::number::Number;
use crate::regime::{Regime, ValueKind};
use crate::truth::Truth;

/// Most values of one name that are tried; a name with more is left out.
const MAX_VALUES: usize = 130;
/// Most choices of which all sets are tried.
const MAX_CHOICES: usize = 6;
/// Most parts of conditions that are evaluated in all; after that the search ends.
const MAX_WORK: usize = 5_000_000;

/// One name, or the day, and the value that it is tried with.
#[derive(Debug, Clone, Default)]
struct Trial<'r> {
    fact: Option<(&'r str, Candidate)>,
    switch: Option<(&'r str, Candidate)>,
    day: Option<Date>,
}

/// Returns the rules that can never hold, and the name whose conditions exclude each other.
pub(super) fn impossible(regime: &Regime) -> Vec<(Rule<'_>, Option<String>)> {
    let rules = rules(regime);
    let mut search = Search { regime, work: 0 };
    // Rule → the name that excludes it; none where nothing needs to be tried.
    let mut found: BTreeMap<usize, Option<String>> = BTreeMap::new();
    for (at, truth) in search.outcomes(&rules, &Trial::default()).into_iter().enumerate() {
        if truth == Truth::False {
            found.insert(at, None);
        }
    }
    'names: for (name, trials) in variables(regime, &rules) {
        let mut excluded: Vec<Option<bool>> = vec![None; rules.len()];
        for trial in &trials {
            if search.work > MAX_WORK {
                break 'names;
            }
            let outcomes = search.outcomes(&rules, trial);
            for ((excluded, rule), truth) in excluded.iter_mut().zip(&rules).zip(outcomes) {
                // On a day on which the rule does not apply nothing is said of it.
                let applies =
                    trial.day.is_none_or(|day| rule.applies.on(day) && regime.force_on(day).is_in_force());
                if applies {
                    *excluded = Some(excluded.unwrap_or(true) && truth == Truth::False);
                }
            }
        }
        let excluded = excluded.into_iter().enumerate().filter(|(_, excluded)| *excluded == Some(true));
        for (at, _) in excluded {
            found.entry(at).or_insert_with(|| Some(name.clone()));
        }
    }
    found.into_iter().map(|(at, name)| (rules[at], name)).collect()
}

/// What the conditions compare: constants by kind, and facts and switches that are calculated with.
#[derive(Default)]
struct Constants {
    numbers: BTreeMap<Option<String>, BTreeSet<Number>>,
    days: BTreeSet<Date>,
    calculated: BTreeSet<String>,
}

impl Constants {
    fn of(regime: &Regime, rules: &[Rule<'_>]) -> Self {
        let mut constants = Self { days: boundaries(regime).into_iter().collect(), ..Self::default() };
        for rule in rules {
            walk(rule.condition.root(), &mut |node| match &node.kind {
                Kind::Number(value, unit) => {
                    let percent = unit.as_deref() == Some("%");
                    let value = if percent { value.divided_by(&100.into()) } else { Some(value.clone()) };
                    let unit = unit.clone().filter(|_| !percent);
                    constants.numbers.entry(unit).or_default().extend(value);
                }
                Kind::Date(day) => {
                    constants.days.insert(*day);
                }
                Kind::Arithmetic(..) | Kind::Negate(_) | Kind::Extreme(..) => walk(node, &mut |part| {
                    if let Kind::Fact(name) | Kind::Switch(name) = &part.kind {
                        constants.calculated.insert(name.clone());
                    }
                }),
                _ => {}
            });
        }
        for parameter in &regime.parameters {
            for value in parameter.values.iter().filter_map(|dated| dated.value.candidate()) {
                match (value, &parameter.kind) {
                    (Candidate::Number(Amount { low: Some(value), .. }), ValueKind::Number { unit }) => {
                        constants.numbers.entry(unit.clone()).or_default().insert(value.clone());
                    }
                    (Candidate::Date(day), _) => {
                        constants.days.insert(*day);
                    }
                    _ => {}
                }
            }
        }
        constants
    }

    /// Returns the values that conditions can tell apart; none where there are too many.
    fn values(&self, name: &str, kind: &ValueKind) -> Vec<Candidate> {
        match kind {
            ValueKind::Boolean => vec![Candidate::Boolean(true), Candidate::Boolean(false)],
            ValueKind::Number { unit } => {
                let known: Vec<_> = self.numbers.get(unit).into_iter().flatten().cloned().collect();
                if self.calculated.contains(name) { between(&known) } else { around(&known) }
            }
            ValueKind::Choice { values } => {
                values.iter().map(|value| Candidate::Text(value.id.clone())).collect()
            }
            ValueKind::Choices { values } if values.len() <= MAX_CHOICES => (1_usize..1 << values.len())
                .map(|set| {
                    let chosen = values.iter().enumerate().filter(|(at, _)| set >> at & 1 == 1);
                    Candidate::List(chosen.map(|(_, value)| value.id.clone()).collect())
                })
                .collect(),
            ValueKind::Date => self.days().into_iter().map(Candidate::Date).collect(),
            ValueKind::Choices { .. } | ValueKind::Text | ValueKind::Period => Vec::new(),
        }
    }

    fn days(&self) -> BTreeSet<Date> {
        let near = |day: &Date| [day.yesterday().ok(), Some(*day), day.tomorrow().ok()];
        self.days.iter().flat_map(near).flatten().collect()
    }
}

/// Returns each number, one between each two, and one beyond each end.
fn around(known: &[Number]) -> Vec<Candidate> {
    let one = Number::from(1);
    let half = |low: &Number, high: &Number| low.plus(high).divided_by(&2.into());
    let mut points: Vec<Number> = known.to_vec();
    points.extend(known.windows(2).filter_map(|pair| half(&pair[0], &pair[1])));
    match (known.first(), known.last()) {
        (Some(first), Some(last)) => points.extend([first.plus(&one.negated()), last.plus(&one)]),
        _ => points.push(one),
    }
    points.into_iter().map(|point| Candidate::Number(Amount::exact(point))).collect()
}

/// Returns the intervals between numbers, for a fact that is calculated with.
fn between(known: &[Number]) -> Vec<Candidate> {
    let mut ends: Vec<Option<Number>> = vec![None];
    ends.extend(known.iter().cloned().map(Some));
    ends.push(None);
    let interval =
        |pair: &[Option<Number>]| Candidate::Number(Amount { low: pair[0].clone(), high: pair[1].clone() });
    ends.windows(2).map(interval).collect()
}

fn variables<'r>(regime: &'r Regime, rules: &[Rule<'r>]) -> Vec<(String, Vec<Trial<'r>>)> {
    let constants = Constants::of(regime, rules);
    let mut found = Vec::new();
    for fact in &regime.facts {
        let values = constants.values(&fact.name, &fact.kind);
        let trial = |value| Trial { fact: Some((fact.name.as_str(), value)), ..Trial::default() };
        found.push((fact.name.clone(), values.into_iter().map(trial).collect()));
    }
    for switch in &regime.switches {
        let values = constants.values(&switch.id, &switch.kind);
        let trial = |value| Trial { switch: Some((switch.id.as_str(), value)), ..Trial::default() };
        found.push((format!("switch({})", switch.id), values.into_iter().map(trial).collect()));
    }
    let days = constants.days().into_iter();
    found.push(("as_of".to_owned(), days.map(|day| Trial { day: Some(day), ..Trial::default() }).collect()));
    found.retain(|(_, trials): &(String, Vec<Trial<'r>>)| (1..=MAX_VALUES).contains(&trials.len()));
    found
}

struct Search<'r> {
    regime: &'r Regime,
    /// Parts of conditions evaluated so far.
    work: usize,
}

impl<'r> Search<'r> {
    /// Evaluates all rules, classes first and each once.
    fn outcomes(&mut self, rules: &[Rule<'r>], trial: &Trial<'r>) -> Vec<Truth> {
        let mut evaluation = Evaluation { regime: self.regime, trial, classes: BTreeMap::new(), work: 0 };
        let outcomes = rules.iter().map(|rule| {
            let mut truth = evaluation.truth(rule.condition.root());
            if rule.table == "class" {
                let limited = rule.applies.from.is_some() || rule.applies.to.is_some();
                let holds = match trial.day {
                    Some(day) => Truth::from(rule.applies.on(day)),
                    None if limited => Truth::Undetermined,
                    None => Truth::True,
                };
                evaluation.classes.insert(rule.id, truth.and(holds));
            } else if trial.day.is_some_and(|day| !rule.applies.on(day)) {
                truth = Truth::Undetermined;
            }
            truth
        });
        let outcomes = outcomes.collect();
        self.work += evaluation.work;
        outcomes
    }
}

struct Evaluation<'e, 'r> {
    regime: &'r Regime,
    trial: &'e Trial<'r>,
    classes: BTreeMap<&'r str, Truth>,
    work: usize,
}

impl Evaluation<'_, '_> {
    fn truth(&mut self, node: &Node) -> Truth {
        self.work += 1;
        match &node.kind {
            Kind::And(parts) => parts.iter().fold(Truth::True, |truth, part| truth.and(self.truth(part))),
            Kind::Or(parts) => parts.iter().fold(Truth::False, |truth, part| truth.or(self.truth(part))),
            Kind::Not(inner) => self.truth(inner).negated(),
            Kind::Class(id) => self.classes.get(id.as_str()).copied().unwrap_or(Truth::Undetermined),
            // Nothing is said of what may have been filed.
            Kind::Event(_) | Kind::Designated | Kind::Unmet(_) => Truth::Undetermined,
            Kind::Compare(comparison, left, right) => {
                let (left, right) = (self.term(left), self.term(right));
                left.compare(*comparison, &right).truth
            }
            Kind::In(item, list) => {
                let (item, list) = (self.term(item), self.term(list));
                item.within(&list).truth
            }
            _ => self.term(node).truth().truth,
        }
    }

    fn term(&mut self, node: &Node) -> Term<'static> {
        self.work += 1;
        let anything = || Term::anything(Open::default());
        let tried = |tried: &Option<(&str, Candidate)>, name: &str| match tried {
            Some((known, value)) if *known == name => Term::known(value.clone()),
            _ => anything(),
        };
        if let Some(constant) = node.constant() {
            return Term::known(constant.clone());
        }
        match &node.kind {
            Kind::AsOf => self.trial.day.map_or_else(anything, |day| Term::known(Candidate::Date(day))),
            Kind::Fact(name) => tried(&self.trial.fact, name),
            Kind::Switch(id) => tried(&self.trial.switch, id),
            Kind::Parameter(id) => {
                let parameter = self.regime.parameters.iter().find(|parameter| parameter.id == *id);
                let value = parameter.and_then(|parameter| match (self.trial.day, &parameter.values[..]) {
                    (Some(day), _) => parameter.on(day),
                    (None, [only]) => Some(only),
                    (None, _) => None,
                });
                value.and_then(|dated| dated.value.candidate()).cloned().map_or_else(anything, Term::known)
            }
            Kind::Negate(inner) => self.term(inner).negated(),
            Kind::Arithmetic(operator, left, right) => {
                let (left, right) = (self.term(left), self.term(right));
                left.calculate(*operator, &right)
            }
            Kind::Extreme(extreme, parts) => {
                let mut terms: Vec<_> = parts.iter().map(|part| self.term(part)).collect();
                let first = terms.remove(0);
                terms.into_iter().fold(first, |left, right| left.extreme(*extreme, &right))
            }
            Kind::DaysLate(_) => anything(),
            _ => match self.truth(node) {
                Truth::Undetermined => anything(),
                truth => Term::known(Candidate::Boolean(truth == Truth::True)),
            },
        }
    }
}
