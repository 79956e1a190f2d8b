//! Conditions and patterns in words, whatever the record says.

use super::clause::{Known, Operand, What, label};
use super::parts::{Parts, Settled};
use super::{Language, en, figures, ja};
use crate::expression::{Comparison, Kind, Node};
use crate::truth::Truth;

/// A condition in words.
pub(crate) enum Described {
    One(String),
    All(Vec<Described>),
    Any(Vec<Described>),
}

impl Parts<'_> {
    /// Describes a condition, whatever the record says.
    pub(super) fn described(&self, source: &str, node: &Node, holds: bool) -> Described {
        let truth = Truth::from(holds);
        let language = self.say.language;
        let mut settled = Settled::new();
        let other = || {
            let condition = source.get(node.span.clone()).unwrap_or_default();
            What::Other { condition: condition.split_whitespace().collect::<Vec<_>>().join(" "), truth }
        };
        let what = match &node.kind {
            Kind::And(parts) | Kind::Or(parts) => {
                let parts = parts.iter().map(|part| self.described(source, part, holds)).collect();
                let all = matches!(node.kind, Kind::And(_)) == holds;
                return if all { Described::All(parts) } else { Described::Any(parts) };
            }
            Kind::Not(inner) => return self.described(source, inner, !holds),
            Kind::Boolean(true) => What::Always,
            Kind::Fact(name) => What::YesNo { label: self.fact_label(name), known: Known::Asked, truth },
            Kind::Designated => What::Designated { entries: Vec::new(), truth },
            Kind::Event(pattern) => {
                let (name, attributes) = self.pattern(pattern);
                What::Recorded { name, attributes, entries: Vec::new(), truth }
            }
            Kind::Unmet(id) => {
                let duty = self.say.regime.duty(id).map(|duty| duty.text.get(language).to_owned());
                let duties: Vec<_> = duty.into_iter().collect();
                What::Unmet { count: duties.len(), duties, truth }
            }
            Kind::Class(id) => {
                let rule = self.say.regime.classes().iter().find(|rule| rule.id == *id);
                What::Class { name: label(rule.map(|rule| &rule.text), id, language).to_owned(), truth }
            }
            Kind::Switch(id) => {
                let question = self.question(id).unwrap_or_else(|| id.clone());
                let answer = figures::value(language, self.kind(node), if holds { "true" } else { "false" });
                What::Compared {
                    left: Operand::Plain(language.quoted(&question)),
                    comparison: Comparison::Equal,
                    right: Operand::Plain(language.quoted(&answer)),
                    dates: false,
                    truth: Truth::True,
                }
            }
            Kind::In(item, list) => match (&item.kind, &list.kind) {
                (Kind::Text(value), Kind::Switch(id)) => What::Includes {
                    question: self.question(id).unwrap_or_else(|| id.clone()),
                    value: figures::value(language, self.kind(list), value),
                    truth,
                },
                _ => self.comparison(node, None, truth, &mut settled).unwrap_or_else(other),
            },
            Kind::Compare(..) => match self.comparison(node, None, truth, &mut settled) {
                Some(what) => what,
                None => other(),
            },
            _ => other(),
        };
        Described::One(match language {
            Language::Ja => language.nested(&ja::plain(&what)),
            Language::En => language.nested(&en::phrase(&what)),
        })
    }

    /// Names the statements that a pattern asks for.
    pub(super) fn statements(&self, node: &Node) -> String {
        let language = self.say.language;
        let join = |parts: &[Node], word: &str| {
            parts.iter().map(|part| self.statements(part)).collect::<Vec<_>>().join(word)
        };
        match &node.kind {
            Kind::And(parts) => join(parts, language.pick("と", " and ")),
            Kind::Or(parts) => join(parts, language.pick("または", " or ")),
            Kind::Event(pattern) => {
                let (name, attributes) = self.pattern(pattern);
                let said = match language {
                    Language::Ja => ja::statement(&name, &attributes),
                    Language::En => en::statement(&name, &attributes),
                };
                language.nested(&said)
            }
            Kind::Fact(predicate) => language.quoted(&self.say.statement(predicate)),
            _ => String::new(),
        }
    }
}
