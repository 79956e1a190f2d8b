//! What a visitor has said so far: facts, how a draft's open points are settled, the day, an incident.
//! It stands in the address in one canonical form.

use std::collections::BTreeMap;

use jiff::civil::Date;
use law::{FactSchema, FactValue, Number, ValueKind};
use unicode_normalization::UnicodeNormalization as _;

use super::incident::Incident;
use super::joining::{Joined, can_be_joined};
use super::query::{Query, Wrong, WrongKind};
use crate::at_hand::Law;
use crate::pages::encode;

/// The laws at hand, by id.
pub(crate) type Laws = BTreeMap<String, Law>;

/// Stands for all laws at hand.
pub(crate) const ALL: &str = "all";
/// Leaves the open points of a law open.
pub(crate) const OPEN: &str = "open";
/// Settles them as the law was adopted here.
pub(crate) const ADOPTED: &str = "adopted";
/// Stands for a fact that the visitor does not know.
const UNKNOWN: &str = "unknown";

/// Years within which days are taken; the rules reach no further.
const YEARS: std::ops::RangeInclusive<i16> = 1900..=2199;

/// What a visitor has said so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Answers {
    /// The id of the law that is looked at, or [`ALL`].
    pub(crate) law: Option<String>,
    /// The day as of which is asked; today in each law's own zone where none is given.
    pub(crate) at: Option<Date>,
    /// Law → preset, [`ADOPTED`] or [`OPEN`].
    pub(crate) settings: Vec<(String, String)>,
    /// Facts in the order of their answers.
    pub(crate) facts: Vec<(String, FactValue)>,
    /// The incident.
    pub(crate) incident: Incident,
    /// What was filed, and on which day: predicate → day.
    pub(crate) filed: Vec<(String, Date)>,
    /// Which voluntary codes were joined: law → since when.
    pub(crate) joined: Vec<(String, Joined)>,
    /// The path of a model of the register.
    pub(crate) model: Option<String>,
}

impl Answers {
    /// Reads them from an address. `commands` are the names that the page itself understands.
    pub(crate) fn read(query: &Query, laws: &Laws, commands: &[&str]) -> Result<Self, Wrong> {
        let mut answers = Self::default();
        for (name, value) in query.pairs() {
            let wrong = |kind| Wrong::new(name, kind);
            match name.split_once('.').unwrap_or((name, "")) {
                ("law", "") if value == ALL || laws.contains_key(value) => {
                    answers.law = Some(value.to_owned());
                }
                ("law", "") => return Err(wrong(WrongKind::NoLaw)),
                ("at", "") => answers.at = Some(day(value).ok_or_else(|| wrong(WrongKind::Day))?),
                ("set", law) => {
                    let law = laws.get(law).ok_or_else(|| wrong(WrongKind::NoLaw))?;
                    let known = law.regime.presets().iter().any(|preset| preset.id == value)
                        || value == OPEN
                        || (value == ADOPTED && law.adopted.is_some());
                    if !known {
                        return Err(wrong(WrongKind::NoPreset));
                    }
                    answers.settings.push((law.regime.id().to_owned(), value.to_owned()));
                }
                ("f", fact) => {
                    let schema = schema(laws, answers.law.as_deref(), fact);
                    let schema = schema.ok_or_else(|| wrong(WrongKind::Unknown))?;
                    answers.facts.push((fact.to_owned(), value_of(schema, value).map_err(wrong)?));
                }
                ("s", predicate) => {
                    if !laws.values().any(|law| law.regime.events().contains_key(predicate)) {
                        return Err(wrong(WrongKind::Unknown));
                    }
                    let day = day(value).ok_or_else(|| wrong(WrongKind::Day))?;
                    answers.filed.push((predicate.to_owned(), day));
                }
                ("joined", rest) => {
                    let (id, more) = rest.split_once('.').map_or((rest, None), |(id, name)| (id, Some(name)));
                    let law = laws.get(id).ok_or_else(|| wrong(WrongKind::NoLaw))?;
                    if !can_be_joined(&law.regime) {
                        return Err(wrong(WrongKind::Unknown));
                    }
                    let mut joined = answers.joined(id).cloned().unwrap_or_default();
                    joined.take(&law.regime, more, value).map_err(wrong)?;
                    answers = answers.joining(id, joined);
                }
                ("model", "") => answers.model = Some(value.to_owned()),
                // For citations: the state of the log that a page was made from.
                ("size", "") => {}
                _ if answers.incident.take(name, value, laws)? => {}
                _ if commands.iter().any(|known| is_named(known, name)) => {}
                _ => return Err(wrong(WrongKind::Unknown)),
            }
        }
        answers.incident.check()?;
        Ok(answers)
    }

    /// Returns the names and values of the address, in one order.
    pub(crate) fn pairs(&self) -> Vec<(String, String)> {
        let pair = |name: &str, value: String| (name.to_owned(), value);
        let mut pairs = Vec::new();
        pairs.extend(self.law.iter().map(|law| pair("law", law.clone())));
        pairs.extend(self.model.iter().map(|model| pair("model", model.clone())));
        pairs.extend(self.at.iter().map(|day| pair("at", day.to_string())));
        pairs.extend(self.settings.iter().map(|(law, set)| (format!("set.{law}"), set.clone())));
        pairs.extend(self.joined.iter().flat_map(|(law, joined)| joined.pairs(law)));
        pairs.extend(self.facts.iter().map(|(fact, value)| (format!("f.{fact}"), text_of(value))));
        pairs.extend(self.filed.iter().map(|(predicate, day)| (format!("s.{predicate}"), day.to_string())));
        pairs.extend(self.incident.pairs());
        pairs
    }

    /// Returns the query of the address, with more names of the page's own; empty where there is none.
    pub(crate) fn query(&self, more: &[(&str, &str)]) -> String {
        let own = self.pairs();
        let all = own.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let all = all.chain(more.iter().copied());
        let text: Vec<String> =
            all.map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        if text.is_empty() { String::new() } else { format!("?{}", text.join("&")) }
    }

    /// Returns what was said of a fact.
    pub(crate) fn fact(&self, name: &str) -> Option<&FactValue> {
        self.facts.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// Says something of a fact, in place of what was said before.
    #[must_use]
    pub(crate) fn saying(mut self, name: &str, value: FactValue) -> Self {
        match self.facts.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => *known = value,
            None => self.facts.push((name.to_owned(), value)),
        }
        self
    }

    /// Returns how the open points of a law are settled; none where it was not asked.
    pub(crate) fn setting(&self, law: &str) -> Option<&str> {
        self.settings.iter().find(|(known, _)| known == law).map(|(_, set)| set.as_str())
    }

    /// Settles the open points of a law, in place of what was said before.
    #[must_use]
    pub(crate) fn settling(mut self, law: &str, set: &str) -> Self {
        self.settings.retain(|(known, _)| known != law);
        self.settings.push((law.to_owned(), set.to_owned()));
        self
    }

    /// Returns the same answers about all laws where none was chosen.
    pub(crate) fn of_some_law(&self) -> Self {
        Self { law: self.law.clone().or_else(|| Some(ALL.to_owned())), ..self.clone() }
    }

    /// Returns the laws that are looked at: adopted ones first, law before codes and drafts.
    pub(crate) fn scope<'l>(&self, laws: &'l Laws) -> Vec<&'l Law> {
        let mut chosen: Vec<&Law> = match self.law.as_deref() {
            Some(ALL) | None => laws.values().collect(),
            Some(id) => laws.get(id).into_iter().collect(),
        };
        chosen.sort_by_key(|law| {
            let since = law.adopted.as_ref().map_or(u64::MAX, |adopted| adopted.since);
            (since, law.regime.status() != law::RegimeStatus::InForce)
        });
        chosen
    }
}

/// Tells whether a name is a known one, or begins with a known one that ends in a dot.
pub(crate) fn is_named(known: &str, name: &str) -> bool {
    name == known || known.ends_with('.') && name.starts_with(known)
}

/// Finds what is asked of a fact, first in the law that is looked at.
pub(crate) fn schema<'l>(laws: &'l Laws, first: Option<&str>, name: &str) -> Option<&'l FactSchema> {
    let first = first.and_then(|id| laws.get(id));
    first
        .into_iter()
        .chain(laws.values())
        .find_map(|law| law.regime.facts().iter().find(|fact| fact.name == name))
}

/// Tells whether a law that asks for a fact asks for it in the same way.
pub(crate) fn fits(schema: &FactSchema, value: &FactValue) -> bool {
    match (&schema.kind, value) {
        (_, FactValue::Unknown)
        | (ValueKind::Boolean, FactValue::Boolean(_))
        | (ValueKind::Date, FactValue::Date(_))
        | (ValueKind::Text, FactValue::Text(_)) => true,
        (ValueKind::Choice { values }, FactValue::Text(text)) => values.iter().any(|one| one.id == *text),
        (
            ValueKind::Number { unit },
            FactValue::Number { unit: given, .. } | FactValue::Range { unit: given, .. },
        ) => unit == given,
        _ => false,
    }
}

/// Reads a day.
pub(crate) fn day(text: &str) -> Option<Date> {
    text.parse::<Date>().ok().filter(|day| YEARS.contains(&day.year()))
}

/// Reads a value as it stands in an address: `true`, `1e25`, `1e25..`, `..1e25`, `8e24..1.1e25`,
/// `2026-11-24`, a choice, `unknown`.
pub(crate) fn value_of(schema: &FactSchema, text: &str) -> Result<FactValue, WrongKind> {
    if text == UNKNOWN {
        return Ok(FactValue::Unknown);
    }
    match &schema.kind {
        ValueKind::Boolean => match text {
            "true" => Ok(FactValue::Boolean(true)),
            "false" => Ok(FactValue::Boolean(false)),
            _ => Err(WrongKind::Boolean),
        },
        ValueKind::Number { .. } => match text.split_once("..") {
            Some((low, high)) => interval(schema, low, high),
            None => interval(schema, text, text),
        },
        ValueKind::Date => day(text).map(FactValue::Date).ok_or(WrongKind::Day),
        ValueKind::Choice { values } => match values.iter().find(|choice| choice.id == text) {
            Some(choice) => Ok(FactValue::Text(choice.id.clone())),
            None => Err(WrongKind::Choice),
        },
        ValueKind::Text => Ok(FactValue::Text(text.to_owned())),
        // No fact has these kinds.
        ValueKind::Choices { .. } | ValueKind::Period => Err(WrongKind::Unknown),
    }
}

/// Makes a figure of its two ends; an empty end is open.
pub(crate) fn interval(schema: &FactSchema, low: &str, high: &str) -> Result<FactValue, WrongKind> {
    let ValueKind::Number { unit } = &schema.kind else { return Err(WrongKind::Number) };
    let end = |text: &str| {
        if text.trim().is_empty() { Ok(None) } else { number(text, unit.as_deref()).map(Some) }
    };
    let (low, high) = (end(low)?, end(high)?);
    let unit = unit.clone();
    match (low, high) {
        (None, None) => Err(WrongKind::Empty),
        (Some(low), Some(high)) if low == high => Ok(FactValue::Number { value: low, unit }),
        (Some(low), Some(high)) if low > high => Err(WrongKind::Ends),
        (low, high) => Ok(FactValue::Range { low, high, unit }),
    }
}

/// Reads a number as people type it: `1e25`, `5×10^25`, `１，０００`, with or without its unit.
fn number(text: &str, unit: Option<&str>) -> Result<Number, WrongKind> {
    let text: String = text.nfkc().collect();
    let text = text.trim();
    let text = unit.and_then(|unit| text.strip_suffix(unit)).unwrap_or(text);
    let plain: String = text.chars().filter(|c| !matches!(c, ',' | ' ' | '、')).collect();
    let plain = plain.replace(['×', '*', 'x', 'X'], "*");
    let (mantissa, power) = match plain.split_once("10^") {
        Some((mantissa, power)) => (mantissa.strip_suffix('*').unwrap_or(mantissa), Some(power)),
        None => (plain.as_str(), None),
    };
    let written = match power {
        Some(power) => format!("{}e{power}", if mantissa.is_empty() { "1" } else { mantissa }),
        None => mantissa.to_owned(),
    };
    // Fractions are the engine's own canonical form; nobody types them.
    let read: Number = written.parse().map_err(|_| WrongKind::Number)?;
    if read < Number::from(0) { Err(WrongKind::Negative) } else { Ok(read) }
}

/// Writes a value as it stands in an address.
pub(crate) fn text_of(value: &FactValue) -> String {
    let end = |end: &Option<Number>| end.as_ref().map(ToString::to_string).unwrap_or_default();
    match value {
        FactValue::Unknown => UNKNOWN.to_owned(),
        FactValue::Boolean(value) => value.to_string(),
        FactValue::Number { value, .. } => value.to_string(),
        FactValue::Range { low, high, .. } => format!("{}..{}", end(low), end(high)),
        FactValue::Text(text) => text.clone(),
        FactValue::Date(date) => date.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compute() -> FactSchema {
        let label = law::Text { ja: "計算量".into(), en: "Compute".into() };
        let kind = ValueKind::Number { unit: Some("FLOP".into()) };
        FactSchema { name: "compute_cumulative".into(), kind, label, help: None }
    }

    #[test]
    fn figures_are_read_as_people_type_them() {
        let read = |text: &str| value_of(&compute(), text).map(|value| text_of(&value));
        for text in ["1e25", "10^25", "1×10^25", "1 x 10^25", "１０＾２５", "1e25 FLOP", "1e25..1e25"] {
            assert_eq!(read(text).as_deref(), Ok("1e25"), "{text}");
        }
        assert_eq!(read("8e24..1.1e25").as_deref(), Ok("8e24..1.1e25"));
        assert_eq!(read("1e25..").as_deref(), Ok("1e25.."));
        assert_eq!(read("..5,000").as_deref(), Ok("..5000"));
        assert_eq!(read("unknown").as_deref(), Ok("unknown"));
        assert_eq!(read("2e25..1e25"), Err(WrongKind::Ends));
        assert_eq!(read(".."), Err(WrongKind::Empty));
        assert_eq!(read("much"), Err(WrongKind::Number));
        assert_eq!(read("1e999"), Err(WrongKind::Number));
        assert_eq!(read("-5"), Err(WrongKind::Negative));
        assert_eq!(read("1e25 FLOPS"), Err(WrongKind::Number));
    }

    #[test]
    fn a_fact_in_another_unit_does_not_fit() {
        let other = FactValue::Number { value: 1.into(), unit: Some("USD".into()) };
        assert!(!fits(&compute(), &other));
        assert!(fits(&compute(), &FactValue::Unknown));
    }
}
