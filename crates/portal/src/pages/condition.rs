//! Conditions of rules, and formulas of amounts, as sentences in the words of a law's own labels.

mod tree;

use jiff::civil::Date;
use law::{AttributeSchema, Regime, ValueKind};

use super::deadline::event_label;
use super::format::{figure, legal_day};
use super::parts::Html;
use super::scene::Scene;
use super::standing::{value, words};
use super::text::Markup;
use super::why::attribute_value;
use tree::{Node, Word, read};

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
    match read(condition) {
        Some(node) => teller.said(&node.plain(), Form::End, false),
        // Reasons have a few sentences that are no conditions.
        None if condition.starts_with("until ") => scene.say.html("cond-lasts").html(),
        None if condition.starts_with("the rule applies on ") => scene.say.html("cond-in-time").html(),
        None => Html::text(condition),
    }
}

/// Says when a rule applies: a sentence, or a list where there are several conditions.
pub(crate) fn condition(scene: &Scene, regime: &Regime, day: Date, condition: &str) -> Html {
    let say = scene.say;
    let teller = Teller { scene, regime, day };
    match read(condition).map(Node::plain) {
        Some(Node::Boolean(true)) => Html(format!("<p>{}</p>", say.html("rule-always"))),
        Some(node @ (Node::All(_) | Node::Any(_))) if !teller.is_short(&node) => {
            let (all, parts) = parts(&node);
            let lead = say.html(if all { "rule-when-all" } else { "rule-when-any" });
            Html(format!("<p>{lead}</p>{}", teller.list(parts)))
        }
        _ => {
            let said = phrase(scene, regime, day, condition);
            Html(format!("<p>{}</p>", say.html("rule-when").part("condition", said)))
        }
    }
}

/// Says the formula of an amount, with the law's own figures in it.
pub(crate) fn amount(scene: &Scene, regime: &Regime, day: Date, formula: &str) -> Html {
    let teller = Teller { scene, regime, day };
    read(formula).map_or_else(|| Html::text(formula), |node| teller.operand(&node, false))
}

fn parts(node: &Node) -> (bool, &[Node]) {
    match node {
        Node::All(parts) => (true, parts),
        Node::Any(parts) => (false, parts),
        one => (true, std::slice::from_ref(one)),
    }
}

impl<'t> Teller<'t> {
    /// Tells whether conditions can be said in one sentence.
    fn is_short(self, node: &Node) -> bool {
        let (_, parts) = parts(node);
        let is_one = |part: &Node| !matches!(part, Node::All(_) | Node::Any(_));
        if parts.len() > IN_A_SENTENCE || !parts.iter().all(is_one) {
            return false;
        }
        // Ideographs are twice as wide as letters.
        let said = self.said(node, Form::End, false).0;
        let width: usize = said.chars().map(|c| if c >= '\u{1100}' { 2 } else { 1 }).sum();
        parts.len() < IN_A_SENTENCE || width <= LONG_SENTENCE
    }

    fn list(self, parts: &[Node]) -> String {
        let items: Vec<String> = parts
            .iter()
            .map(|part| match part {
                Node::All(_) | Node::Any(_) if !self.is_short(part) => {
                    let (all, parts) = self::parts(part);
                    let lead = self.scene.say.html(if all { "why-all" } else { "why-any" });
                    format!("<li>{lead}{}</li>", self.list(parts))
                }
                _ => format!("<li>{}</li>", self.said(part, Form::End, false)),
            })
            .collect();
        format!("<ul class=\"conditions\">{}</ul>", items.concat())
    }

    /// Says a condition. `within` another, alternatives stand in brackets.
    fn said(self, node: &Node, form: Form, within: bool) -> Html {
        let say = self.scene.say;
        match node {
            Node::All(parts) | Node::Any(parts) => {
                let all = matches!(node, Node::All(_));
                let last = parts.len().saturating_sub(1);
                let said = parts.iter().enumerate().map(|(at, part)| {
                    let goes_on = if at == last { form.goes_on() && !within } else { all };
                    self.said(part, Form::of(false, goes_on), true)
                });
                let joined =
                    Html::join(said, &say.text(if all { "cond-and" } else { "cond-or" }).to_string());
                if within { say.html("cond-brackets").part("phrase", joined).html() } else { joined }
            }
            Node::Not(inner) => self.said(inner, Form::of(true, form.goes_on()), within),
            _ => self.leaf(node, form),
        }
    }

    fn leaf(self, node: &Node, form: Form) -> Html {
        let (scene, say) = (self.scene, self.scene.say);
        let said = |message: Markup<'_>| message.with("form", form.name()).html();
        match node {
            Node::Boolean(true) => say.html("phrase-always").html(),
            Node::Designated => said(say.html("cond-designated")),
            Node::Fact(name) => said(say.html("cond-fact").with("name", self.fact_label(name))),
            Node::Of(Word::Class, id) => {
                let known = self.regime.classes().iter().find(|class| class.id == *id);
                said(
                    say.html("cond-class")
                        .with("name", known.map_or(id.as_str(), |known| words(scene, &known.text))),
                )
            }
            Node::Of(Word::Unmet, id) => match self.regime.duty(id) {
                Some(duty) => said(say.html("cond-unmet").with("name", words(scene, &duty.text))),
                None => said(say.html("cond-unmet-any").with("party", say.word("party", id))),
            },
            Node::Of(Word::Switch, _) => {
                let yes = Html::text(say.word("value", "true"));
                let no = Html::text(say.word("value", "false"));
                let negated = matches!(form, Form::Not | Form::NotAnd);
                self.settled(node, if negated { no } else { yes }, Form::of(false, form.goes_on()))
            }
            Node::Event(predicate, attributes) => {
                said(say.html("cond-event").with("name", self.event(predicate, attributes)))
            }
            Node::In(item, list) => self.among(item, list, form),
            Node::Compare(sign, left, right) => self.compared(sign, left, right, form),
            other => self.operand(other, true),
        }
    }

    fn settled(self, question: &Node, value: Html, form: Form) -> Html {
        let message = self.scene.say.html("cond-settled").part("question", self.question(question));
        message.part("value", value).with("form", form.name()).html()
    }

    fn among(self, item: &Node, list: &Node, form: Form) -> Html {
        let say = self.scene.say;
        match (item, list) {
            (Node::Text(value), Node::Of(Word::Switch, _)) => say
                .html("cond-includes")
                .part("question", self.question(list))
                .with("value", self.choice(list, value))
                .with("form", form.name())
                .html(),
            (_, Node::List(values)) => {
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

    fn compared(self, sign: &str, left: &Node, right: &Node, form: Form) -> Html {
        let say = self.scene.say;
        // What a law compares stands first, whatever side the rule writes it on.
        if matches!(right, Node::Fact(_)) && !matches!(left, Node::Fact(_)) {
            let swapped = match sign {
                "<" => ">",
                "<=" => ">=",
                ">" => "<",
                ">=" => "<=",
                same => same,
            };
            return self.compared(swapped, right, left, form);
        }
        if let (">", Node::Of(Word::DaysLate, id), Node::Number(zero)) = (sign, left, right)
            && zero == "0"
        {
            return say.html("cond-late").with("name", self.duty(id)).with("form", form.name()).html();
        }
        let (sign, form) = match (sign, form) {
            ("!=", Form::End) => ("=", Form::Not),
            ("!=", Form::And) => ("=", Form::NotAnd),
            ("!=", Form::Not) => ("=", Form::End),
            ("!=", Form::NotAnd) => ("=", Form::And),
            same => same,
        };
        if let (Node::Of(Word::Switch, _), Node::Text(value)) = (left, right) {
            let label = Html::text(self.choice(left, value));
            return self.settled(left, label, form);
        }
        let dates = [left, right].into_iter().any(|side| self.is_day(side));
        let key = match (sign, dates) {
            ("=", _) => "cond-equal",
            (">", false) => "cond-more",
            (">=", false) => "cond-at-least",
            ("<", false) => "cond-less",
            ("<=", false) => "cond-at-most",
            (">", true) => "cond-after",
            (">=", true) => "cond-from",
            ("<", true) => "cond-before",
            (_, _) => "cond-until",
        };
        let right = match (left, right) {
            (Node::Fact(_), Node::Text(value)) => {
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
        match node {
            Node::Fact(name) => Html::text(the(say.is_ja(), &self.fact_label(name))),
            Node::Of(Word::Parameter, id) => {
                let known = self.regime.parameters().iter().find(|parameter| parameter.id == *id);
                match known.and_then(|known| Some((known, known.on(self.day)?))) {
                    Some((known, dated)) => value(scene, &known.kind, &dated.text),
                    None => Html::text(known.map_or(id.as_str(), |known| words(scene, &known.label))),
                }
            }
            Node::Of(Word::Switch, _) => say.html("cond-value").part("question", self.question(node)).html(),
            Node::Of(Word::DaysLate, id) => say.html("phrase-days-late").with("name", self.duty(id)).html(),
            Node::Number(text) => figure(say, text),
            Node::Date(text) => text.parse().map_or_else(|_| Html::text(text), |day| legal_day(say.0, day)),
            Node::Text(text) => say.html("cond-quoted").with("name", text).html(),
            Node::AsOf => say.html("op-as-of").html(),
            Node::Sum("*", share, whole) if self.is_share(share) => say
                .html("cond-share")
                .part("share", self.operand(share, true))
                .part("whole", self.operand(whole, true))
                .html(),
            Node::Sum(sign, left, right) => {
                let sign = match *sign {
                    "*" => "×",
                    "/" => "÷",
                    "-" => "−",
                    other => other,
                };
                // A sum as a factor stands in brackets.
                let side = |node: &Node| match node {
                    Node::Sum("+" | "-", ..) if matches!(sign, "×" | "÷") => {
                        say.html("cond-brackets").part("phrase", self.operand(node, true)).html()
                    }
                    other => self.operand(other, true),
                };
                Html(format!("{} {sign} {}", side(left), side(right)))
            }
            Node::Lowest(parts) | Node::Highest(parts) => {
                let said = parts.iter().map(|part| self.operand(part, true));
                let said = Html::join(said, &say.text("cond-amounts").to_string());
                let key = if matches!(node, Node::Lowest(_)) { "cond-lowest" } else { "cond-highest" };
                let message = say.html(key).part("amounts", said).html();
                if within { say.html("cond-brackets").part("phrase", message).html() } else { message }
            }
            other => self.said(other, Form::End, true),
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
        let Node::Of(_, id) = node else { return Html::default() };
        let known = self.regime.switches().iter().find(|switch| switch.id == *id);
        Html::text(known.map_or(id.as_str(), |known| words(self.scene, &known.question)))
    }

    fn kind(self, node: &Node) -> Option<&'t ValueKind> {
        match node {
            Node::Fact(name) => {
                self.regime.facts().iter().find(|fact| fact.name == *name).map(|fact| &fact.kind)
            }
            Node::Of(Word::Switch, id) => {
                self.regime.switches().iter().find(|switch| switch.id == *id).map(|switch| &switch.kind)
            }
            Node::Of(Word::Parameter, id) => {
                self.regime.parameters().iter().find(|one| one.id == *id).map(|one| &one.kind)
            }
            _ => None,
        }
    }

    fn is_day(self, node: &Node) -> bool {
        matches!(node, Node::AsOf | Node::Date(_)) || self.kind(node) == Some(&ValueKind::Date)
    }

    /// Tells whether a factor is a rate.
    fn is_share(self, node: &Node) -> bool {
        match node {
            Node::Number(text) => text.ends_with('%'),
            other => self.kind(other) == Some(&ValueKind::Number { unit: None }),
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
    fn event(self, predicate: &str, attributes: &[(String, Vec<String>)]) -> String {
        let (scene, say) = (self.scene, self.scene.say);
        let schema = self.regime.events().get(predicate);
        let between = if say.is_ja() { "、" } else { ", " };
        // What a statement is about may be a duty.
        let named = |known: Option<&AttributeSchema>, value: &String| {
            let known = known.and_then(|known| known.values.iter().find(|known| known.id == *value));
            match (self.regime.duty(value), known) {
                (Some(duty), _) => words(scene, &duty.text).to_owned(),
                (None, Some(known)) => attribute_value(scene, known),
                (None, None) => value.clone(),
            }
        };
        let said = attributes.iter().map(|(name, values)| {
            let known = schema.and_then(|event| event.attributes.get(name));
            let shown: Vec<String> = values.iter().map(|value| named(known, value)).collect();
            match (known, &values[..]) {
                // What is only ever true is said by its name, and so is the duty that it is about.
                (Some(known), [only]) if only == "true" => words(scene, &known.label).to_owned(),
                (_, [only]) if self.regime.duty(only).is_some() => shown.join(between),
                (Some(known), _) => {
                    let colon = if say.is_ja() { "：" } else { ": " };
                    format!("{}{colon}{}", words(scene, &known.label), shown.join(between))
                }
                (None, _) => shown.join(between),
            }
        });
        let said: Vec<String> = said.collect();
        let name = event_label(scene, self.regime, predicate);
        if said.is_empty() {
            return name;
        }
        say.text("phrase-event-with").with("name", name).with("values", said.join(between)).to_string()
    }
}

fn values_of(node: &Node) -> bool {
    matches!(node, Node::Of(Word::Switch, _))
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
