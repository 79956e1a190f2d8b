//! Conditions of rules, and formulas of amounts, as sentences in the words of a law's own labels.

use jiff::civil::Date;
use law::expression::{self, Comparison, EventPattern, Expression, Extreme, Kind, Node, Operator};
use law::{AttributeSchema, Number, Regime, ValueKind};

use super::deadline::event_label;
use super::format::{figure, legal_day};
use super::parts::Html;
use super::scene::Scene;
use super::standing::{value, words};
use super::text::Markup;
use super::why::attribute_value;

/// Most conditions that a sentence joins, and most characters of what it joins; more are listed.
const IN_A_SENTENCE: usize = 3;
const LONG_SENTENCE: usize = 150;

/// How a part of a sentence ends: whether it says the opposite, and whether another part follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    End,
    And,
    Not,
    NotAnd,
}

impl Form {
    fn of(negated: bool, goes_on: bool) -> Self {
        match (negated, goes_on) {
            (false, false) => Self::End,
            (false, true) => Self::And,
            (true, false) => Self::Not,
            (true, true) => Self::NotAnd,
        }
    }

    /// Returns the name that messages have for it.
    fn name(self) -> &'static str {
        match self {
            Self::End => "end",
            Self::And => "and",
            Self::Not => "not",
            Self::NotAnd => "not-and",
        }
    }

    fn goes_on(self) -> bool {
        matches!(self, Self::And | Self::NotAnd)
    }

    fn affirms(self) -> bool {
        matches!(self, Self::End | Self::And)
    }
}

/// A part of a condition, or its opposite.
#[derive(Clone, Copy)]
struct Part<'n> {
    node: &'n Node,
    negated: bool,
}

impl<'n> Part<'n> {
    /// Takes `not` to the conditions themselves: neither A nor B is not A and not B.
    fn of(mut node: &'n Node, mut negated: bool) -> Self {
        while let Kind::Not(inner) = node.kind() {
            (node, negated) = (inner, !negated);
        }
        Self { node, negated }
    }

    /// Returns what it joins, and whether all of that must hold; none where it joins nothing.
    fn joined(self) -> Option<(bool, Vec<Self>)> {
        let (Kind::And(parts) | Kind::Or(parts)) = self.node.kind() else { return None };
        let all = matches!(self.node.kind(), Kind::And(_)) != self.negated;
        Some((all, parts.iter().map(|part| Self::of(part, self.negated)).collect()))
    }

    /// Tells whether it holds whatever is known.
    fn is_always(self) -> bool {
        *self.node.kind() == Kind::Boolean(!self.negated)
    }
}

/// What conditions are said with.
#[derive(Clone, Copy)]
struct Teller<'t> {
    scene: &'t Scene,
    regime: &'t Regime,
    /// The day whose figures of the law count.
    day: Date,
}

/// Says a condition in one sentence without its end.
pub(crate) fn phrase(scene: &Scene, regime: &Regime, day: Date, condition: &str) -> Html {
    let teller = Teller { scene, regime, day };
    match expression::parse(condition) {
        Ok(read) => teller.said(Part::of(read.root(), false), false, false),
        // Reasons have a few sentences that are no conditions.
        Err(_) if condition.starts_with("until ") => scene.say.html("cond-lasts").html(),
        Err(_) if condition.starts_with("the rule applies on ") => scene.say.html("cond-in-time").html(),
        Err(_) => Html::text(condition),
    }
}

/// Says when a rule applies: a sentence, or a list where there are several conditions.
pub(crate) fn condition(scene: &Scene, regime: &Regime, day: Date, condition: &Expression) -> Html {
    let say = scene.say;
    let teller = Teller { scene, regime, day };
    let whole = Part::of(condition.root(), false);
    match whole.joined() {
        _ if whole.is_always() => Html(format!("<p>{}</p>", say.html("rule-always"))),
        Some((all, parts)) if !teller.is_short(whole) => {
            let lead = say.html(if all { "rule-when-all" } else { "rule-when-any" });
            Html(format!("<p>{lead}</p>{}", teller.list(&parts)))
        }
        _ => {
            let said = teller.said(whole, false, false);
            Html(format!("<p>{}</p>", say.html("rule-when").part("condition", said)))
        }
    }
}

/// Says the formula of an amount, with the law's own figures in it.
pub(crate) fn amount(scene: &Scene, regime: &Regime, day: Date, formula: &str) -> Html {
    let teller = Teller { scene, regime, day };
    match expression::parse(formula) {
        Ok(read) => teller.operand(read.root(), false),
        Err(_) => Html::text(formula),
    }
}

impl<'t> Teller<'t> {
    /// Tells whether a condition can be said in one sentence.
    fn is_short(self, part: Part<'_>) -> bool {
        let parts = part.joined().map_or_else(|| vec![part], |(_, parts)| parts);
        if parts.len() > IN_A_SENTENCE || parts.iter().any(|part| part.joined().is_some()) {
            return false;
        }
        // Ideographs are twice as wide as letters.
        let said = self.said(part, false, false).0;
        let width: usize = said.chars().map(|c| if c >= '\u{1100}' { 2 } else { 1 }).sum();
        parts.len() < IN_A_SENTENCE || width <= LONG_SENTENCE
    }

    fn list(self, parts: &[Part<'_>]) -> String {
        let items: Vec<String> = parts
            .iter()
            .map(|part| match part.joined() {
                Some((all, parts)) if !self.is_short(*part) => {
                    let lead = self.scene.say.html(if all { "why-all" } else { "why-any" });
                    format!("<li>{lead}{}</li>", self.list(&parts))
                }
                _ => format!("<li>{}</li>", self.said(*part, false, false)),
            })
            .collect();
        format!("<ul class=\"conditions\">{}</ul>", items.concat())
    }

    /// Says a condition after which another follows or none. `within` another, alternatives stand in brackets.
    fn said(self, part: Part<'_>, goes_on: bool, within: bool) -> Html {
        let say = self.scene.say;
        let Some((all, parts)) = part.joined() else {
            return self.leaf(part.node, Form::of(part.negated, goes_on));
        };
        let last = parts.len().saturating_sub(1);
        let said = parts.into_iter().enumerate().map(|(at, part)| {
            let goes_on = if at == last { goes_on && !within } else { all };
            self.said(part, goes_on, true)
        });
        let joined = Html::join(said, &say.text(if all { "cond-and" } else { "cond-or" }).to_string());
        if within { say.html("cond-brackets").part("phrase", joined).html() } else { joined }
    }

    fn leaf(self, node: &Node, form: Form) -> Html {
        let (scene, say) = (self.scene, self.scene.say);
        let said = |message: Markup<'_>| message.with("form", form.name()).html();
        match node.kind() {
            Kind::Boolean(value) if *value == form.affirms() => say.html("phrase-always").html(),
            Kind::Boolean(_) => say.html("phrase-never").html(),
            Kind::Designated => said(say.html("cond-designated")),
            Kind::Fact(name) => said(say.html("cond-fact").with("name", self.fact_label(name))),
            Kind::Class(id) => {
                let known = self.regime.classes().iter().find(|class| class.id == *id);
                let name = known.map_or(id.as_str(), |known| words(scene, &known.text));
                said(say.html("cond-class").with("name", name))
            }
            Kind::Unmet(id) => match self.regime.duty(id) {
                Some(duty) => said(say.html("cond-unmet").with("name", words(scene, &duty.text))),
                None => said(say.html("cond-unmet-any").with("party", say.word("party", id))),
            },
            Kind::Switch(_) => {
                let value = Html::text(say.word("value", if form.affirms() { "true" } else { "false" }));
                self.settled(node, value, Form::of(false, form.goes_on()))
            }
            Kind::Event(pattern) => said(say.html("cond-event").with("name", self.event(pattern))),
            Kind::In(item, list) => self.among(item, list, form),
            Kind::Compare(comparison, left, right) => self.compared(*comparison, left, right, form),
            Kind::And(_) | Kind::Or(_) | Kind::Not(_) => {
                self.said(Part::of(node, !form.affirms()), form.goes_on(), true)
            }
            // A value where a condition is asked for: no checked rule has one.
            Kind::Number(..)
            | Kind::Text(_)
            | Kind::Date(_)
            | Kind::List(_)
            | Kind::Parameter(_)
            | Kind::DaysLate(_)
            | Kind::AsOf
            | Kind::Arithmetic(..)
            | Kind::Negate(_)
            | Kind::Extreme(..) => self.operand(node, true),
        }
    }

    fn settled(self, question: &Node, value: Html, form: Form) -> Html {
        let message = self.scene.say.html("cond-settled").part("question", self.question(question));
        message.part("value", value).with("form", form.name()).html()
    }

    fn among(self, item: &Node, list: &Node, form: Form) -> Html {
        let say = self.scene.say;
        match (item.kind(), list.kind()) {
            (Kind::Text(value), Kind::Switch(_)) => say
                .html("cond-includes")
                .part("question", self.question(list))
                .with("value", self.choice(list, value))
                .with("form", form.name())
                .html(),
            (_, Kind::List(values)) => {
                let labels = values.iter().map(|value| self.choice(item, value));
                let labels = labels.map(|label| say.html("cond-quoted").with("name", label).html());
                let values = Html::join(labels, &say.text("cond-one-or-other").to_string());
                let key = if values_of(item) { "cond-settled-among" } else { "cond-among" };
                let left = if values_of(item) { self.question(item) } else { self.operand(item, true) };
                say.html(key).part("left", left).part("values", values).with("form", form.name()).html()
            }
            _ => Html(format!("{} ∈ {}", self.operand(item, true), self.operand(list, true))),
        }
    }

    fn compared(self, comparison: Comparison, left: &Node, right: &Node, form: Form) -> Html {
        let say = self.scene.say;
        // What a law compares stands first, whatever side the rule writes it on.
        if matches!(right.kind(), Kind::Fact(_)) && !matches!(left.kind(), Kind::Fact(_)) {
            return self.compared(comparison.swapped(), right, left, form);
        }
        // A condition that is compared with yes or no is that condition, or its opposite.
        if let (Comparison::Equal | Comparison::Different, Kind::Boolean(value)) = (comparison, right.kind())
        {
            let same = (comparison == Comparison::Equal) == *value;
            return self.said(Part::of(left, same != form.affirms()), form.goes_on(), true);
        }
        if let (Comparison::More, Kind::DaysLate(id), Kind::Number(zero, _)) =
            (comparison, left.kind(), right.kind())
            && *zero == Number::from(0)
        {
            return say.html("cond-late").with("name", self.duty(id)).with("form", form.name()).html();
        }
        let (comparison, form) = match comparison {
            Comparison::Different => (Comparison::Equal, Form::of(form.affirms(), form.goes_on())),
            other => (other, form),
        };
        if let (Kind::Switch(_), Kind::Text(value)) = (left.kind(), right.kind()) {
            let label = Html::text(self.choice(left, value));
            return self.settled(left, label, form);
        }
        let dates = [left, right].into_iter().any(|side| self.is_day(side));
        let key = match (comparison, dates) {
            (Comparison::Equal | Comparison::Different, _) => "cond-equal",
            (Comparison::More, false) => "cond-more",
            (Comparison::AtLeast, false) => "cond-at-least",
            (Comparison::Less, false) => "cond-less",
            (Comparison::AtMost, false) => "cond-at-most",
            (Comparison::More, true) => "cond-after",
            (Comparison::AtLeast, true) => "cond-from",
            (Comparison::Less, true) => "cond-before",
            (Comparison::AtMost, true) => "cond-until",
        };
        let right = match (left.kind(), right.kind()) {
            (Kind::Fact(_), Kind::Text(value)) => {
                say.html("cond-quoted").with("name", self.choice(left, value)).html()
            }
            _ => self.operand(right, true),
        };
        let message = say.html(key).part("left", self.operand(left, true)).part("right", right);
        message.with("form", form.name()).html()
    }

    /// Says a value: what a law compares, or computes with. `within` a sentence.
    fn operand(self, node: &Node, within: bool) -> Html {
        let (scene, say) = (self.scene, self.scene.say);
        match node.kind() {
            Kind::Fact(name) => Html::text(the(say.is_ja(), &self.fact_label(name))),
            Kind::Parameter(id) => {
                let known = self.regime.parameters().iter().find(|parameter| parameter.id == *id);
                match known.and_then(|known| Some((known, known.on(self.day)?))) {
                    Some((known, dated)) => value(scene, &known.kind, &dated.text),
                    None => Html::text(known.map_or(id.as_str(), |known| words(scene, &known.label))),
                }
            }
            Kind::Switch(_) => say.html("cond-value").part("question", self.question(node)).html(),
            Kind::DaysLate(id) => say.html("phrase-days-late").with("name", self.duty(id)).html(),
            Kind::Boolean(value) => Html::text(say.word("value", if *value { "true" } else { "false" })),
            Kind::Number(value, None) => figure(say, &value.to_string()),
            Kind::Number(value, Some(unit)) => figure(say, &format!("{value} {unit}")),
            Kind::Date(day) => legal_day(say.0, *day),
            Kind::Text(text) => say.html("cond-quoted").with("name", text).html(),
            Kind::List(texts) => {
                let quoted = texts.iter().map(|text| say.html("cond-quoted").with("name", text).html());
                Html::join(quoted, &say.text("cond-one-or-other").to_string())
            }
            Kind::AsOf => say.html("op-as-of").html(),
            Kind::Arithmetic(Operator::Multiply, share, whole) if self.is_share(share) => say
                .html("cond-share")
                .part("share", self.operand(share, true))
                .part("whole", self.operand(whole, true))
                .html(),
            Kind::Arithmetic(operator, left, right) => {
                let (sign, binds) = match operator {
                    Operator::Add => ("+", false),
                    Operator::Subtract => ("−", false),
                    Operator::Multiply => ("×", true),
                    Operator::Divide => ("÷", true),
                };
                // A sum as a factor stands in brackets.
                let side = |node: &Node| match node.kind() {
                    Kind::Arithmetic(Operator::Add | Operator::Subtract, ..) if binds => {
                        say.html("cond-brackets").part("phrase", self.operand(node, true)).html()
                    }
                    _ => self.operand(node, true),
                };
                Html(format!("{} {sign} {}", side(left), side(right)))
            }
            Kind::Negate(inner) => Html(format!("−{}", self.operand(inner, true))),
            Kind::Extreme(extreme, parts) => {
                let said = parts.iter().map(|part| self.operand(part, true));
                let said = Html::join(said, &say.text("cond-amounts").to_string());
                let key = match extreme {
                    Extreme::Smallest => "cond-lowest",
                    Extreme::Largest => "cond-highest",
                };
                let message = say.html(key).part("amounts", said).html();
                if within { say.html("cond-brackets").part("phrase", message).html() } else { message }
            }
            // A condition used as a value, as in `class(a) = class(b)`.
            Kind::Class(_)
            | Kind::Event(_)
            | Kind::Unmet(_)
            | Kind::Designated
            | Kind::Not(_)
            | Kind::And(_)
            | Kind::Or(_)
            | Kind::Compare(..)
            | Kind::In(..) => self.said(Part::of(node, false), false, true),
        }
    }

    fn fact_label(self, name: &str) -> String {
        let known = self.regime.facts().iter().find(|fact| fact.name == name);
        known.map_or(name, |fact| words(self.scene, &fact.label)).to_owned()
    }

    fn duty(self, id: &str) -> String {
        self.regime.duty(id).map_or(id, |duty| words(self.scene, &duty.text)).to_owned()
    }

    fn question(self, node: &Node) -> Html {
        let Kind::Switch(id) = node.kind() else { return Html::default() };
        let known = self.regime.switches().iter().find(|switch| switch.id == *id);
        Html::text(known.map_or(id.as_str(), |known| words(self.scene, &known.question)))
    }

    fn kind(self, node: &Node) -> Option<&'t ValueKind> {
        let regime = self.regime;
        match node.kind() {
            Kind::Fact(name) => regime.facts().iter().find(|fact| fact.name == *name).map(|fact| &fact.kind),
            Kind::Switch(id) => regime.switches().iter().find(|one| one.id == *id).map(|one| &one.kind),
            Kind::Parameter(id) => regime.parameters().iter().find(|one| one.id == *id).map(|one| &one.kind),
            _ => None,
        }
    }

    fn is_day(self, node: &Node) -> bool {
        matches!(node.kind(), Kind::AsOf | Kind::Date(_)) || self.kind(node) == Some(&ValueKind::Date)
    }

    /// Tells whether a factor is a rate.
    fn is_share(self, node: &Node) -> bool {
        match node.kind() {
            Kind::Number(_, unit) => unit.as_deref() == Some("%"),
            _ => self.kind(node) == Some(&ValueKind::Number { unit: None }),
        }
    }

    /// Returns the label of a choice.
    fn choice(self, of: &Node, id: &str) -> String {
        let (ValueKind::Choice { values } | ValueKind::Choices { values }) =
            self.kind(of).unwrap_or(&ValueKind::Text)
        else {
            return id.to_owned();
        };
        let known = values.iter().find(|value| value.id == id);
        known.map_or(id, |known| words(self.scene, &known.label)).to_owned()
    }

    /// Names the statements of a pattern.
    fn event(self, pattern: &EventPattern) -> String {
        let name = event_label(self.scene, self.regime, &pattern.predicate);
        match which(self.scene, self.regime, pattern) {
            Some(said) => {
                let message = self.scene.say.text("phrase-event-with").with("name", name);
                message.with("values", said).to_string()
            }
            None => name,
        }
    }
}

/// Says which statements of its predicate a pattern is about; none where about all.
pub(crate) fn which(scene: &Scene, regime: &Regime, pattern: &EventPattern) -> Option<String> {
    let is_ja = scene.say.is_ja();
    let between = if is_ja { "、" } else { ", " };
    let schema = regime.events().get(&pattern.predicate);
    // What a statement is about may be a duty.
    let named = |known: Option<&AttributeSchema>, value: &String| {
        let known = known.and_then(|known| known.values.iter().find(|known| known.id == *value));
        match (regime.duty(value), known) {
            (Some(duty), _) => words(scene, &duty.text).to_owned(),
            (None, Some(known)) => attribute_value(scene, known),
            (None, None) => value.clone(),
        }
    };
    let said = pattern.attributes.iter().map(|(name, values)| {
        let known = schema.and_then(|event| event.attributes.get(name));
        let shown: Vec<String> = values.iter().map(|value| named(known, value)).collect();
        match (known, &values[..]) {
            // What is only ever true is said by its name, and so is the duty that it is about.
            (Some(known), [only]) if only == "true" => words(scene, &known.label).to_owned(),
            (_, [only]) if regime.duty(only).is_some() => shown.join(between),
            (Some(known), _) => {
                let colon = if is_ja { "：" } else { ": " };
                format!("{}{colon}{}", words(scene, &known.label), shown.join(between))
            }
            (None, _) => shown.join(between),
        }
    });
    let said: Vec<String> = said.collect();
    (!said.is_empty()).then(|| said.join(between))
}

fn values_of(node: &Node) -> bool {
    matches!(node.kind(), Kind::Switch(_))
}

/// Begins a label inside an English sentence: `the cumulative training compute`.
fn the(is_ja: bool, label: &str) -> String {
    let mut characters = label.chars();
    match (characters.next(), characters.next()) {
        // An abbreviation keeps its capitals.
        (Some(first), Some(second)) if !is_ja && second.is_lowercase() => {
            format!("the {}{}", first.to_lowercase(), &label[first.len_utf8()..])
        }
        _ if is_ja => label.to_owned(),
        _ => format!("the {label}"),
    }
}
