//! Values and formulas in words, with what they were computed from.

use super::clause::{Known, label};
use super::parts::{Parts, Settled};
use super::{Language, en, figures, ja};
use crate::assessment::Money;
use crate::expression::{Extreme, Kind, Node, Operator};
use crate::number::Number;
use crate::reason::Reason;

impl<'p> Parts<'p> {
    /// Describes a formula, whatever the record says.
    pub(super) fn amount(&self, node: &Node) -> String {
        self.written(node, None, &mut Settled::new())
    }

    /// Writes a value or a formula.
    pub(super) fn written(&self, node: &Node, reason: Option<&Reason>, settled: &mut Settled) -> String {
        let say = self.say;
        let language = say.language;
        match &node.kind {
            Kind::Number(value, unit) => figures::quantity(language, value, unit.as_deref()),
            Kind::Date(date) => figures::day(language, *date),
            Kind::AsOf => match reason {
                Some(_) => figures::day(language, say.assessment.as_of),
                None => language.pick("基準日", "the day of assessment").to_owned(),
            },
            Kind::Text(text) => language.quoted(text),
            Kind::Fact(name) => {
                let label = self.fact_label(name);
                match self.known(name, reason) {
                    Known::Asked => language.pick(&label, &en::the(&label)).to_owned(),
                    known => super::with_value(language, &label, &known),
                }
            }
            Kind::Switch(id) if reason.is_none() => {
                language.quoted(&self.question(id).unwrap_or_else(|| id.clone()))
            }
            Kind::Switch(id) => match self.settled(id, reason) {
                (question, Some(value)) => {
                    settled.insert(question, value.clone());
                    value
                }
                (question, None) => language.quoted(&question),
            },
            Kind::Parameter(id) => match self.parameter(id) {
                Some(text) => figures::value(language, self.kind(node), text),
                None => id.clone(),
            },
            Kind::DaysLate(id) => {
                let duty = say.regime.duty(id).map(|duty| &duty.text);
                let duty = label(duty, id, language);
                match language {
                    Language::Ja => format!("「{duty}」の遅れた日数"),
                    Language::En => format!("the days by which “{duty}” is late"),
                }
            }
            Kind::Negate(inner) => format!("−{}", self.written(inner, reason, settled)),
            Kind::Arithmetic(Operator::Multiply, left, right)
                if self.share(left, reason).is_some() || self.share(right, reason).is_some() =>
            {
                let (share, of) = match self.share(left, reason) {
                    Some(share) => (share, right),
                    None => (self.share(right, reason).unwrap_or_default(), left),
                };
                let whole = self.written(of, reason, settled);
                language.part_of(&share, &whole)
            }
            Kind::Arithmetic(Operator::Divide, left, right)
                if matches!(right.kind, Kind::Number(_, None)) =>
            {
                let whole = self.written(left, reason, settled);
                let Kind::Number(parts, _) = &right.kind else { return whole };
                let share = Number::from(1).divided_by(parts).map(|share| figures::share(language, &share));
                language.part_of(&share.unwrap_or_default(), &whole)
            }
            Kind::Arithmetic(operator, left, right) => {
                let sign = match operator {
                    Operator::Add => "+",
                    Operator::Subtract => "−",
                    Operator::Multiply => "×",
                    Operator::Divide => "÷",
                };
                let side = |node: &Node, settled: &mut Settled| {
                    let text = self.written(node, reason, settled);
                    if matches!(node.kind, Kind::Arithmetic(..)) { format!("({text})") } else { text }
                };
                format!("{} {sign} {}", side(left, settled), side(right, settled))
            }
            Kind::Extreme(extreme, parts) => {
                let parts: Vec<_> = parts.iter().map(|part| self.written(part, reason, settled)).collect();
                let two = parts.len() == 2;
                let word = match (extreme, two) {
                    (Extreme::Largest, true) => language.pick("のうち大きいほう", "the larger of "),
                    (Extreme::Largest, false) => language.pick("のうち最も大きいもの", "the largest of "),
                    (Extreme::Smallest, true) => language.pick("のうち小さいほう", "the smaller of "),
                    (Extreme::Smallest, false) => language.pick("のうち最も小さいもの", "the smallest of "),
                };
                match language {
                    Language::Ja => format!("{}{word}", parts.join("と、")),
                    Language::En => format!("{word}{}", parts.join(" and ")),
                }
            }
            _ => String::new(),
        }
    }

    /// Writes a pure number of at most one, by which something is multiplied, as a share of it.
    fn share(&self, node: &Node, reason: Option<&Reason>) -> Option<String> {
        let value = match &node.kind {
            Kind::Number(value, Some(unit)) if unit == "%" => value.divided_by(&100.into())?,
            Kind::Number(value, None) => value.clone(),
            Kind::Parameter(id) => self.parameter(id)?.parse().ok()?,
            Kind::Switch(id) => {
                let used = reason?.switches.iter().find(|used| used.id == *id)?;
                used.value.as_deref()?.parse().ok()?
            }
            _ => return None,
        };
        (value <= Number::from(1)).then(|| figures::share(self.say.language, &value))
    }

    /// Returns the text of a figure of the law on the day.
    fn parameter(&self, id: &str) -> Option<&'p str> {
        let parameter = self.say.regime.parameters().iter().find(|parameter| parameter.id == id)?;
        Some(&parameter.on(self.say.assessment.as_of)?.text)
    }

    /// Says how the largest amount comes about.
    pub(super) fn formula(&self, node: &Node, reason: &Reason, amount: Option<&Money>) -> (String, Settled) {
        let language = self.say.language;
        let mut settled = Settled::new();
        let total = amount.map(|money| super::money(language, money));
        let written = self.written(node, Some(reason), &mut settled);
        let Some(total) = total else {
            let text = match language {
                Language::Ja => format!("上限額は、{written}ですが、まだ計算できません"),
                Language::En => format!("The largest amount, {written}, cannot be computed yet"),
            };
            return (text, settled);
        };
        if let Kind::Extreme(extreme, parts) = &node.kind {
            let valued: Option<Vec<(Number, &Node)>> =
                parts.iter().map(|part| Some((exact(part, reason)?, part))).collect();
            if let Some(mut valued) = valued {
                valued.sort_by(|left, right| left.0.cmp(&right.0));
                if *extreme == Extreme::Largest {
                    valued.reverse();
                }
                let mut valued = valued
                    .into_iter()
                    .map(|(_, part)| (part, self.written(part, Some(reason), &mut settled)));
                if let Some((winner, first)) = valued.next() {
                    let plain = matches!(winner.kind, Kind::Number(..));
                    let others: Vec<_> = valued.map(|(_, text)| text).collect();
                    return (
                        limit(language, *extreme, &total, (!plain).then_some(first.as_str()), &others),
                        settled,
                    );
                }
            }
        }
        let plain = matches!(node.kind, Kind::Number(..) | Kind::Switch(_) | Kind::Parameter(_));
        let text = match (language, plain) {
            (Language::Ja, true) => format!("上限額は{total}です"),
            (Language::Ja, false) => format!("上限額は{total}です（{written}）"),
            (Language::En, true) => format!("The largest amount is {total}"),
            (Language::En, false) => format!("The largest amount is {total}: {written}"),
        };
        (text, settled)
    }
}

/// Computes an amount from exact inputs; none where one is open.
fn exact(node: &Node, reason: &Reason) -> Option<Number> {
    let read = |text: &str| {
        let number = text.split_once(' ').map_or(text, |(number, _)| number);
        let whole: Number = number.parse().ok()?;
        let known = !text.contains(" to ") && !text.contains(" | ");
        known.then_some(whole)
    };
    match &node.kind {
        Kind::Number(value, unit) if unit.as_deref() == Some("%") => value.divided_by(&100.into()),
        Kind::Number(value, _) => Some(value.clone()),
        Kind::Parameter(id) => read(&reason.parameters.iter().find(|used| used.id == *id)?.value),
        Kind::Fact(name) => read(reason.facts.iter().find(|used| used.name == *name)?.value.as_deref()?),
        Kind::Switch(id) => read(reason.switches.iter().find(|used| used.id == *id)?.value.as_deref()?),
        Kind::Negate(inner) => Some(exact(inner, reason)?.negated()),
        Kind::Arithmetic(operator, left, right) => {
            let (left, right) = (exact(left, reason)?, exact(right, reason)?);
            match operator {
                Operator::Add => Some(left.plus(&right)),
                Operator::Subtract => Some(left.plus(&right.negated())),
                Operator::Multiply => Some(left.times(&right)),
                Operator::Divide => left.divided_by(&right),
            }
        }
        Kind::Extreme(extreme, parts) => {
            let values: Option<Vec<_>> = parts.iter().map(|part| exact(part, reason)).collect();
            match extreme {
                Extreme::Largest => values?.into_iter().max(),
                Extreme::Smallest => values?.into_iter().min(),
            }
        }
        _ => None,
    }
}

/// Says which of several amounts is the limit.
fn limit(
    language: Language,
    extreme: Extreme,
    total: &str,
    formula: Option<&str>,
    others: &[String],
) -> String {
    match language {
        Language::Ja => ja::limit(extreme, total, formula, others),
        Language::En => en::limit(extreme, total, formula, others),
    }
}
