//! From a tree of reasons to the grounds that decide it.

use std::collections::BTreeMap;

use super::clause::{self, Clause, Known, Operand, What, label};
use super::{Wording, deadline, figures};
use crate::assessment::Status;
use crate::duty::DUTY;
use crate::expression::{self, EventPattern, Kind, Node};
use crate::reason::{FactUsed, Reason};
use crate::regime::{Applies, Duty, ValueKind};
use crate::truth::Truth;

/// Most classes that are looked through, one within the other.
const MAX_CLASSES: usize = 48;

/// Most duties that a ground names.
const MAX_DUTIES: usize = 3;

/// Collects the grounds of one result.
pub(super) struct Parts<'p> {
    pub(super) say: &'p Wording<'p>,
    /// Whether classes that hold or fail are looked through, or named.
    unfold: bool,
    depth: usize,
    /// Class → its grounds, so that classes that name each other often are looked through once.
    seen: BTreeMap<String, Vec<Clause>>,
}

pub(super) type Settled = BTreeMap<String, String>;

impl<'p> Parts<'p> {
    /// Looks through all classes down to facts.
    pub(super) fn unfolding(say: &'p Wording<'p>) -> Self {
        Self { say, unfold: true, depth: 0, seen: BTreeMap::new() }
    }

    /// Names classes that the law names; looks through those that only serve other rules, and
    /// through what is open.
    pub(super) fn naming(say: &'p Wording<'p>) -> Self {
        Self { say, unfold: false, depth: 0, seen: BTreeMap::new() }
    }

    /// Returns what decides a reason.
    pub(super) fn of(&mut self, reason: &Reason, article: &str, applies: Applies) -> Vec<Clause> {
        let assessment = self.say.assessment;
        let article = reason.article.as_deref().unwrap_or(article);
        if !assessment.force.is_in_force() {
            return vec![self.clause(clause::no_text(self.say.regime, assessment), None)];
        }
        if !applies.on(assessment.as_of) {
            let day = |day: Option<jiff::civil::Date>| day.map(|day| figures::day(self.say.language, day));
            let what = What::OutOfTime { from: day(applies.from), to: day(applies.to) };
            return vec![self.clause(what, Some(article))];
        }
        let mut clauses = match &reason.children[..] {
            [owed, until] if owed.condition == reason.condition => self.limited(owed, until, reason, article),
            _ => self.condition(reason, article),
        };
        let mut seen = Vec::new();
        clauses.retain(|clause| {
            // That a fact is not known is said once, whatever it is compared with.
            let said = |earlier: &Clause| {
                earlier == clause
                    || earlier.unknown().is_some_and(|label| {
                        clause.unknown() == Some(label) && earlier.article == clause.article
                    })
            };
            let new = !seen.iter().any(said);
            seen.push(clause.clone());
            new
        });
        // Grounds under one article stand together, so that it is cited once.
        let mut articles: Vec<Option<String>> = Vec::new();
        for clause in &clauses {
            if !articles.contains(&clause.article) {
                articles.push(clause.article.clone());
            }
        }
        clauses.sort_by_key(|clause| articles.iter().position(|article| *article == clause.article));
        clauses
    }

    fn condition(&mut self, reason: &Reason, article: &str) -> Vec<Clause> {
        match expression::parse(&reason.condition) {
            Ok(expression) => self.node(expression.root(), reason, article),
            Err(_) => vec![self.other(reason, article)],
        }
    }

    /// Says a condition that the law asks for a time only.
    fn limited(&mut self, owed: &Reason, until: &Reason, whole: &Reason, article: &str) -> Vec<Clause> {
        let mut clauses = Vec::new();
        if owed.truth == whole.truth {
            clauses.extend(self.condition(owed, article));
        }
        if until.truth == whole.truth {
            let rule = until.condition.strip_prefix("until ").unwrap_or_default();
            let what = What::Until { rule: deadline::until(self.say, rule), truth: until.truth };
            clauses.push(self.clause(what, Some(article)));
        }
        clauses
    }

    fn clause(&self, what: What, article: Option<&str>) -> Clause {
        let article = article.map(|article| self.say.regime.cited(self.say.language, article));
        Clause { what, article, settled: Settled::new() }
    }

    fn other(&self, reason: &Reason, article: &str) -> Clause {
        let condition = reason.condition.split_whitespace().collect::<Vec<_>>().join(" ");
        self.clause(What::Other { condition, truth: reason.truth }, Some(article))
    }

    fn node(&mut self, node: &Node, reason: &Reason, article: &str) -> Vec<Clause> {
        let article = reason.article.as_deref().unwrap_or(article);
        match &node.kind {
            Kind::And(nodes) | Kind::Or(nodes) if nodes.len() == reason.children.len() => {
                let any = matches!(node.kind, Kind::Or(_));
                let parts = nodes.iter().zip(&reason.children);
                let decides = |truth: Truth| match (any, reason.truth) {
                    (true, Truth::False) | (false, Truth::True) => true,
                    (_, whole) => truth == whole,
                };
                let mut found: Vec<Vec<Clause>> = parts
                    .filter(|(_, child)| decides(child.truth))
                    .map(|(node, child)| self.node(node, child, article))
                    .collect();
                if any && reason.truth == Truth::True {
                    // One alternative suffices: the one that is said in the fewest words.
                    let shortest = found.iter().enumerate().min_by_key(|(_, clauses)| clauses.len());
                    let Some((at, _)) = shortest else { return Vec::new() };
                    return found.swap_remove(at);
                }
                found.into_iter().flatten().collect()
            }
            Kind::Not(inner) => match reason.children.first() {
                Some(child) => self.node(inner, child, article),
                None => vec![self.other(reason, article)],
            },
            Kind::Class(id) => self.class(id, reason, article),
            _ => vec![self.leaf(node, reason, article)],
        }
    }

    fn class(&mut self, id: &str, reason: &Reason, article: &str) -> Vec<Clause> {
        let say = self.say;
        let rule = say.regime.classes().iter().find(|rule| rule.id == id);
        let result = say.assessment.classes.iter().find(|class| class.id == id);
        let through =
            self.unfold || reason.truth == Truth::Undetermined || rule.is_some_and(|rule| rule.auxiliary);
        if let (true, Some(rule), Some(result)) = (through && self.depth < MAX_CLASSES, rule, result) {
            if let Some(clauses) = self.seen.get(id) {
                return clauses.clone();
            }
            self.depth += 1;
            let clauses = self.of(&result.reason, &rule.article, rule.applies);
            self.depth -= 1;
            self.seen.insert(id.to_owned(), clauses.clone());
            return clauses;
        }
        let name = label(rule.map(|rule| &rule.text), id, say.language).to_owned();
        vec![self.clause(What::Class { name, truth: reason.truth }, Some(article))]
    }

    fn leaf(&self, node: &Node, reason: &Reason, article: &str) -> Clause {
        let truth = reason.truth;
        let entries = || reason.events.iter().map(|event| event.entry).collect::<Vec<_>>();
        let mut settled = Settled::new();
        let what = match &node.kind {
            Kind::Fact(name) => {
                What::YesNo { label: self.fact_label(name), known: self.known(name, Some(reason)), truth }
            }
            Kind::Boolean(true) => What::Always,
            Kind::Designated => What::Designated { entries: entries(), truth },
            Kind::Event(pattern) => {
                let (name, attributes) = self.pattern(pattern);
                What::Recorded { name, attributes, entries: entries(), truth }
            }
            Kind::Unmet(id) => {
                let mut duties = self.unmet(id, truth);
                let count = duties.len();
                duties.truncate(MAX_DUTIES);
                What::Unmet { duties, count, truth }
            }
            Kind::Switch(id) => self.setting(id, reason),
            Kind::Compare(comparison, left, right)
                if !rests_on_facts(reason) && !reason.switches.is_empty() =>
            {
                let id = [left, right].into_iter().find_map(|side| match &side.kind {
                    Kind::Switch(id) => Some(id),
                    _ => None,
                });
                match id {
                    Some(id) => self.setting(id, reason),
                    None => What::Compared {
                        left: self.operand(left, Some(reason), &mut settled),
                        comparison: *comparison,
                        right: self.operand(right, Some(reason), &mut settled),
                        dates: false,
                        truth,
                    },
                }
            }
            Kind::In(item, list) if !rests_on_facts(reason) && !reason.switches.is_empty() => {
                match (&item.kind, &list.kind) {
                    (Kind::Switch(id), _) | (_, Kind::Switch(id)) => self.setting(id, reason),
                    _ => return self.other(reason, article),
                }
            }
            Kind::Compare(..) | Kind::In(..) => {
                match self.comparison(node, Some(reason), truth, &mut settled) {
                    Some(what) => what,
                    None => return self.other(reason, article),
                }
            }
            _ => return self.other(reason, article),
        };
        Clause { settled, ..self.clause(what, Some(article)) }
    }

    /// Names the duty, or which duties of a party are unmet: an act that rests on them says so.
    fn unmet(&self, id: &str, truth: Truth) -> Vec<String> {
        let say = self.say;
        let name = |rule: &Duty| rule.text.get(say.language).to_owned();
        if let Some(rule) = say.regime.duty(id) {
            return vec![name(rule)];
        }
        let found = say.assessment.duties.iter();
        let unmet = found.filter(|duty| {
            truth == Truth::True && duty.by.as_str() == id && duty.status == Status::AppearsUnmet
        });
        unmet.filter_map(|duty| say.regime.duty(&duty.id)).map(name).collect()
    }

    /// Says a comparison or a membership; without a reason, the condition itself.
    pub(super) fn comparison(
        &self,
        node: &Node,
        reason: Option<&Reason>,
        truth: Truth,
        settled: &mut Settled,
    ) -> Option<What> {
        match &node.kind {
            Kind::Compare(comparison, left, right) => {
                let kind = [left, right].into_iter().find_map(|side| self.kind(side));
                let dates = matches!(kind, Some(ValueKind::Date))
                    || [left, right].iter().any(|side| matches!(side.kind, Kind::AsOf | Kind::Date(_)));
                Some(What::Compared {
                    left: self.value_of(left, kind, reason, settled)?,
                    comparison: *comparison,
                    right: self.value_of(right, kind, reason, settled)?,
                    dates,
                    truth,
                })
            }
            Kind::In(item, list) => {
                let kind = self.kind(item);
                let Kind::List(values) = &list.kind else { return None };
                let shown = |id: &String| figures::value(self.say.language, kind, id);
                Some(What::Among {
                    left: self.value_of(item, kind, reason, settled)?,
                    values: values.iter().map(shown).collect(),
                    truth,
                })
            }
            _ => None,
        }
    }

    /// Returns what kind of value a fact or a switch has.
    pub(super) fn kind(&self, node: &Node) -> Option<&'p ValueKind> {
        let regime = self.say.regime;
        match &node.kind {
            Kind::Fact(name) => regime.facts().iter().find(|fact| fact.name == *name).map(|fact| &fact.kind),
            Kind::Switch(id) => {
                regime.switches().iter().find(|switch| switch.id == *id).map(|switch| &switch.kind)
            }
            Kind::Parameter(id) => {
                let parameter = regime.parameters().iter().find(|parameter| parameter.id == *id);
                parameter.map(|parameter| &parameter.kind)
            }
            _ => None,
        }
    }

    fn value_of(
        &self,
        node: &Node,
        kind: Option<&ValueKind>,
        reason: Option<&Reason>,
        settled: &mut Settled,
    ) -> Option<Operand> {
        let language = self.say.language;
        Some(match &node.kind {
            Kind::Text(text) => Operand::Plain(language.quoted(&figures::value(language, kind, text))),
            Kind::Boolean(value) => Operand::Plain(figures::value(language, kind, &value.to_string())),
            Kind::Class(_)
            | Kind::Event(_)
            | Kind::Designated
            | Kind::Unmet(_)
            | Kind::And(_)
            | Kind::Or(_)
            | Kind::Not(_)
            | Kind::Compare(..)
            | Kind::In(..) => return None,
            _ => self.operand(node, reason, settled),
        })
    }

    fn operand(&self, node: &Node, reason: Option<&Reason>, settled: &mut Settled) -> Operand {
        match &node.kind {
            Kind::Fact(name) => {
                Operand::Fact { label: self.fact_label(name), known: self.known(name, reason) }
            }
            Kind::Switch(id) if reason.is_none() => {
                let question = self.question(id).unwrap_or_else(|| id.clone());
                Operand::Plain(self.say.language.quoted(&question))
            }
            Kind::Switch(id) => match self.settled(id, reason) {
                (_, Some(value)) => {
                    if let Some((question, value)) = self.question(id).zip(Some(value.clone())) {
                        settled.insert(question, value);
                    }
                    Operand::Plain(value)
                }
                (question, None) => Operand::Open(question),
            },
            _ => Operand::Plain(self.written(node, reason, settled)),
        }
    }

    pub(super) fn question(&self, id: &str) -> Option<String> {
        let switch = self.say.regime.switches().iter().find(|switch| switch.id == *id)?;
        Some(switch.question.get(self.say.language).to_owned())
    }

    /// Returns the question of a switch and how it is settled.
    pub(super) fn settled(&self, id: &str, reason: Option<&Reason>) -> (String, Option<String>) {
        let switch = self.say.regime.switches().iter().find(|switch| switch.id == id);
        let used = reason.and_then(|reason| reason.switches.iter().find(|used| used.id == id));
        let value = used
            .and_then(|used| used.value.as_deref())
            .map(|text| figures::value(self.say.language, switch.map(|switch| &switch.kind), text));
        (self.question(id).unwrap_or_else(|| id.to_owned()), value)
    }

    fn setting(&self, id: &str, reason: &Reason) -> What {
        let (question, value) = self.settled(id, Some(reason));
        What::Setting { question, value }
    }

    pub(super) fn fact_label(&self, name: &str) -> String {
        let fact = self.say.regime.facts().iter().find(|fact| fact.name == name);
        label(fact.map(|fact| &fact.label), name, self.say.language).to_owned()
    }

    pub(super) fn known(&self, name: &str, reason: Option<&Reason>) -> Known {
        let Some(reason) = reason else { return Known::Asked };
        let fact = self.say.regime.facts().iter().find(|fact| fact.name == name);
        match reason.facts.iter().find(|used| used.name == name) {
            Some(used) => self.known_as(used, fact.map(|fact| &fact.kind)),
            None => Known::Not,
        }
    }

    fn known_as(&self, used: &FactUsed, kind: Option<&ValueKind>) -> Known {
        const UNKNOWN: &str = "unknown";
        let language = self.say.language;
        let shown = |text: &str| figures::value(language, kind, text);
        let Some(text) = used.value.as_deref().filter(|text| *text != UNKNOWN) else { return Known::Not };
        let mut stated: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for one in used.stated.iter().filter(|one| one.value != UNKNOWN) {
            stated.entry(&one.value).or_default().push((self.say.names.source)(&one.source));
        }
        let number = matches!(kind, Some(ValueKind::Number { .. }));
        let free = matches!(kind, Some(ValueKind::Text));
        if !free && text.contains(" | ") {
            let values = text.split(" | ");
            return Known::Disputed(
                values.map(|text| (shown(text), stated.remove(text).unwrap_or_default())).collect(),
            );
        }
        if stated.len() > 1 {
            return Known::Disputed(
                stated.into_iter().map(|(text, sources)| (shown(text), sources)).collect(),
            );
        }
        let sources = stated.into_values().flatten().collect();
        let inexact = text.contains(" to ") || text.starts_with("at least ") || text.starts_with("at most ");
        let value = shown(text);
        if number && inexact { Known::Within { value, sources } } else { Known::Exactly { value, sources } }
    }

    pub(super) fn pattern(&self, pattern: &EventPattern) -> (String, Vec<(String, Vec<String>)>) {
        let attributes = pattern.attributes.iter().map(|(name, values)| {
            // A statement about a duty names it by its id.
            let duty = |id: &String| self.say.regime.duty(id).filter(|_| name == DUTY);
            let values = values.iter().map(|id| match duty(id) {
                Some(duty) => duty.text.get(self.say.language).to_owned(),
                None => self.say.attribute_value(&pattern.predicate, name, id),
            });
            (self.say.attribute(&pattern.predicate, name), values.collect())
        });
        (self.say.statement(&pattern.predicate), attributes.collect())
    }
}

/// Returns whether a condition looked at anything besides settings.
fn rests_on_facts(reason: &Reason) -> bool {
    !reason.facts.is_empty() || !reason.events.is_empty()
}
