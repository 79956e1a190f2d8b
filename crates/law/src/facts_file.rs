//! Facts and settings as people write them: JSON or TOML, name → value.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use toml::de::{DeTable, DeValue};

use crate::diagnostic::closest;
use crate::number::Number;
use crate::record::{FactEntry, FactValue, Record, Source};
use crate::regime::{Choice, FactSchema, Regime, ValueKind};

/// Largest facts file, in bytes, and most facts in it.
const MAX_SIZE: usize = 1 << 20;
const MAX_FACTS: usize = 1024;
/// Longest text of a fact.
const MAX_TEXT: usize = 1024;

/// A facts file, or a fact, that cannot be read as what the regime asks for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FactError {
    /// The file as a whole cannot be read.
    #[error("the facts cannot be read: {0}")]
    File(String),
    /// The events cannot be read.
    #[error("the events cannot be read: {0}")]
    Events(String),
    /// The regime has no such fact.
    #[error("regime `{regime}` has no fact `{fact}`{}; `kanae law show {regime}` lists its facts", did_you_mean(.suggestion.as_ref()))]
    Unknown {
        /// Id of the regime.
        regime: String,
        /// The name found.
        fact: String,
        /// The nearest name.
        suggestion: Option<String>,
    },
    /// The value is of another kind.
    #[error("fact `{fact}`: found {found}, expected {expected}")]
    Value {
        /// Name of the fact.
        fact: String,
        /// The value found.
        found: String,
        /// What the schema asks for.
        expected: String,
    },
    /// The unit is another one.
    #[error("fact `{fact}`: unknown unit `{found}`; {}", unit_hint(.expected.as_ref()))]
    Unit {
        /// Name of the fact.
        fact: String,
        /// The unit found.
        found: String,
        /// The unit of the schema.
        expected: Option<String>,
    },
}

fn did_you_mean(suggestion: Option<&String>) -> String {
    suggestion.map_or(String::new(), |word| format!(" (did you mean `{word}`?)"))
}

fn unit_hint(expected: Option<&String>) -> String {
    match expected {
        Some(unit) => format!("write the figure in {unit}, as in `1e25 {unit}`"),
        None => "it is a pure number".to_owned(),
    }
}

/// A value as written, before the schema is looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Written {
    Null,
    Boolean(bool),
    Text(String),
    Number(String),
    Range { low: Option<String>, high: Option<String> },
}

/// A JSON object that refuses a name given twice.
struct Members(BTreeMap<String, Box<RawValue>>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object: fact name → value")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = BTreeMap::new();
                while let Some((name, value)) = map.next_entry::<String, Box<RawValue>>()? {
                    if members.len() >= MAX_FACTS {
                        return Err(serde::de::Error::custom(format!("more than {MAX_FACTS} facts")));
                    }
                    if members.contains_key(&name) {
                        return Err(serde::de::Error::custom(format!("`{name}` is given twice")));
                    }
                    members.insert(name, value);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Read)
    }
}

fn json_written(raw: &RawValue) -> Option<Written> {
    let text = raw.get().trim();
    match text.as_bytes().first()? {
        b'n' => Some(Written::Null),
        b't' => Some(Written::Boolean(true)),
        b'f' => Some(Written::Boolean(false)),
        b'"' => serde_json::from_str(text).ok().map(Written::Text),
        b'-' | b'0'..=b'9' => Some(Written::Number(text.to_owned())),
        b'{' => {
            let Members(ends) = serde_json::from_str(text).ok()?;
            range(ends.iter().map(|(name, end)| (name.as_str(), json_written(end))))
        }
        _ => None,
    }
}

/// Reads an array of objects, name → value; `most` bounds their number.
pub(crate) fn json_rows(text: &str, most: usize) -> Result<Vec<BTreeMap<String, Written>>, String> {
    let rows: Vec<Members> = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if rows.len() > most {
        return Err(format!("more than {most} objects"));
    }
    let value = |(name, raw): (String, Box<RawValue>)| match json_written(&raw) {
        Some(written) => Ok((name, written)),
        None => Err(format!("`{name}` is neither a text, a number, true, false, null nor an interval")),
    };
    rows.into_iter().map(|Members(members)| members.into_iter().map(value).collect()).collect()
}

fn range<'n>(ends: impl Iterator<Item = (&'n str, Option<Written>)>) -> Option<Written> {
    let (mut low, mut high) = (None, None);
    for (name, end) in ends {
        let end = match end? {
            Written::Number(text) | Written::Text(text) => Some(text),
            Written::Null => None,
            Written::Boolean(_) | Written::Range { .. } => return None,
        };
        match name {
            "low" => low = end,
            "high" => high = end,
            _ => return None,
        }
    }
    Some(Written::Range { low, high })
}

fn toml_written(value: &DeValue<'_>) -> Option<Written> {
    Some(match value {
        DeValue::Boolean(value) => Written::Boolean(*value),
        DeValue::String(text) => Written::Text(text.to_string()),
        DeValue::Integer(number) if number.radix() == 10 => Written::Number(number.as_str().to_owned()),
        DeValue::Float(number) => Written::Number(number.as_str().to_owned()),
        DeValue::Datetime(date) => Written::Text(date.to_string()),
        DeValue::Table(table) => {
            return range(
                table.iter().map(|(name, end)| (name.get_ref().as_ref(), toml_written(end.get_ref()))),
            );
        }
        DeValue::Integer(_) | DeValue::Array(_) => return None,
    })
}

/// Reads a TOML value from its own text, so that `1e25` is exact.
pub(crate) fn toml_value(text: &str) -> Option<Written> {
    toml_written(DeValue::parse(text).ok()?.get_ref())
}

/// A facts file: name → value as written, before a regime says what it may be. One file may hold the
/// facts of several regimes: a name that they share means the same in each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactsFile {
    /// Name → what was stated of it, each in turn; values that differ make the fact disputed.
    values: BTreeMap<String, Vec<Given>>,
}

/// One value of a fact, and what is said of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Given {
    /// None where it is of no kind that a fact has.
    value: Option<Written>,
    /// Its text for people.
    found: String,
    /// A day, or an instant with its offset.
    known_at: Option<String>,
    entry: Option<u64>,
    statement: Option<String>,
}

impl Given {
    fn plain(value: Option<Written>, found: &str) -> Self {
        Self { value, found: found.to_owned(), ..Self::default() }
    }

    /// Takes what an object says of a value; one that says something else is of no kind.
    fn described(members: impl Iterator<Item = (String, Option<Written>)>, found: &str) -> Self {
        let mut given = Self::plain(None, found);
        for (name, written) in members {
            match (name.as_str(), written) {
                ("value", written) => given.value = written,
                ("known_at", Some(Written::Text(text))) => given.known_at = Some(text),
                ("statement", Some(Written::Text(text))) => given.statement = Some(text),
                ("entry", Some(Written::Number(text))) if text.parse::<u64>().is_ok() => {
                    given.entry = text.parse().ok();
                }
                _ => return Self::plain(None, found),
            }
        }
        given
    }

    fn source(&self) -> Option<Source> {
        let entry = self.entry?;
        Some(Source { statement: self.statement.clone().unwrap_or_else(|| format!("entry-{entry}")), entry })
    }
}

/// The member by which an object is one of several things said of a value, and no interval.
const VALUE: &str = "value";

fn json_given(raw: &RawValue) -> Given {
    let text = raw.get();
    if text.trim_start().starts_with('{')
        && let Ok(Members(members)) = serde_json::from_str(text)
        && members.contains_key(VALUE)
    {
        return Given::described(members.into_iter().map(|(name, raw)| (name, json_written(&raw))), text);
    }
    Given::plain(json_written(raw), text)
}

fn json_statements(raw: &RawValue) -> Vec<Given> {
    match serde_json::from_str::<Vec<Box<RawValue>>>(raw.get()) {
        Ok(several) if !several.is_empty() => several.iter().map(|raw| json_given(raw)).collect(),
        _ => vec![json_given(raw)],
    }
}

fn toml_given(value: &DeValue<'_>, found: &str) -> Given {
    match value {
        DeValue::Table(table) if table.contains_key(VALUE) => {
            let members = table.iter();
            Given::described(
                members.map(|(name, value)| (name.get_ref().to_string(), toml_written(value.get_ref()))),
                found,
            )
        }
        other => Given::plain(toml_written(other), found),
    }
}

impl FactsFile {
    /// Reads JSON: name → value. Numbers are exact as written; null is unknown.
    pub fn from_json(text: &str) -> Result<Self, FactError> {
        within_size(text)?;
        let Members(members) =
            serde_json::from_str(text).map_err(|error| FactError::File(error.to_string()))?;
        let values = members.into_iter().map(|(name, raw)| (name, json_statements(&raw)));
        Ok(Self { values: values.collect() })
    }

    /// Reads TOML: name = value. A fact left out is unknown.
    pub fn from_toml(text: &str) -> Result<Self, FactError> {
        within_size(text)?;
        let table = DeTable::parse(text).map_err(|error| FactError::File(error.to_string()))?;
        if table.get_ref().len() > MAX_FACTS {
            return Err(FactError::File(format!("more than {MAX_FACTS} facts")));
        }
        let values = table.get_ref().iter().map(|(name, value)| {
            let found = text.get(value.span()).unwrap_or_default();
            let given = match value.get_ref() {
                DeValue::Array(several) if !several.is_empty() => {
                    several.iter().map(|value| toml_given(value.get_ref(), found)).collect()
                }
                other => vec![toml_given(other, found)],
            };
            (name.get_ref().to_string(), given)
        });
        Ok(Self { values: values.collect() })
    }

    /// Returns the names of the facts.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }
}

impl Regime {
    /// Reads a facts file in JSON: name → value. Numbers are exact as written; null is unknown.
    pub fn facts_from_json(&self, text: &str) -> Result<Record, FactError> {
        self.record_of(&FactsFile::from_json(text)?)
    }

    /// Reads a facts file in TOML: name = value. A fact left out is unknown.
    pub fn facts_from_toml(&self, text: &str) -> Result<Record, FactError> {
        self.record_of(&FactsFile::from_toml(text)?)
    }

    /// Takes the facts of a file; one that the regime does not know is an error.
    pub fn record_of(&self, facts: &FactsFile) -> Result<Record, FactError> {
        let mut record = Record::default();
        for (name, several) in &facts.values {
            let schema = self.fact_schema(name)?;
            for given in several {
                let written = given.value.as_ref().ok_or_else(|| schema.unexpected(&given.found))?;
                let known_at =
                    given.known_at.as_deref().map(|text| self.instant(text, &schema.name)).transpose()?;
                let entry = FactEntry { value: schema.read(written)?, known_at, source: given.source() };
                record.facts.entry(name.clone()).or_default().push(entry);
            }
        }
        Ok(record)
    }

    /// Reads since when a fact is known: a day stands for its noon in the regime's zone.
    fn instant(&self, text: &str, fact: &str) -> Result<Timestamp, FactError> {
        self.time_of(text).ok_or_else(|| FactError::Value {
            fact: fact.to_owned(),
            found: format!("`{}`", text.chars().take(40).collect::<String>()),
            expected: "in `known_at` a day, or an instant with its offset, as in 2026-11-20T10:00:00Z"
                .to_owned(),
        })
    }

    /// Reads a day, which stands for its noon in the regime's zone, or an instant with its offset.
    pub(crate) fn time_of(&self, text: &str) -> Option<Timestamp> {
        let day = Some(text).filter(|text| text.len() == 10).and_then(|text| text.parse::<Date>().ok());
        let noon = day.and_then(|day| self.time_zone.to_timestamp(day.at(12, 0, 0, 0)).ok());
        noon.or_else(|| text.parse().ok())
    }

    /// Takes the facts of a file that the regime knows, and leaves the others to other regimes.
    pub fn record_of_known(&self, facts: &FactsFile) -> Result<Record, FactError> {
        let known = |name: &String| self.facts.iter().any(|fact| fact.name == *name);
        let values = facts.values.iter().filter(|(name, _)| known(name));
        self.record_of(&FactsFile { values: values.map(|(k, v)| (k.clone(), v.clone())).collect() })
    }

    fn fact_schema(&self, name: &str) -> Result<&FactSchema, FactError> {
        self.facts.iter().find(|fact| fact.name == name).ok_or_else(|| FactError::Unknown {
            regime: self.id.clone(),
            fact: name.chars().take(64).collect(),
            suggestion: closest(name, self.facts.iter().map(|fact| fact.name.as_str())).map(str::to_owned),
        })
    }

    /// Reads one fact from its text, as a form or a statement has it: `1e25 FLOP`, `true`,
    /// `2026-11-23`. A number may leave its unit out.
    pub fn read_fact(&self, name: &str, text: &str) -> Result<FactValue, FactError> {
        let schema = self.fact_schema(name)?;
        let written = match (&schema.kind, text) {
            (ValueKind::Boolean, "true") => Written::Boolean(true),
            (ValueKind::Boolean, "false") => Written::Boolean(false),
            _ => Written::Text(text.to_owned()),
        };
        schema.read(&written)
    }
}

fn within_size(text: &str) -> Result<(), FactError> {
    if text.len() > MAX_SIZE {
        return Err(FactError::File(format!("{} bytes; at most {MAX_SIZE} are read", text.len())));
    }
    Ok(())
}

impl FactSchema {
    fn unexpected(&self, found: &str) -> FactError {
        let expected = match &self.kind {
            ValueKind::Boolean => "true or false".to_owned(),
            ValueKind::Number { unit: Some(unit) } => {
                format!("a number in {unit}, or {{\"low\": …, \"high\": …}} with the low end first")
            }
            ValueKind::Number { unit: None } => {
                "a number, or {\"low\": …, \"high\": …} with the low end first".to_owned()
            }
            ValueKind::Choice { values } | ValueKind::Choices { values } => {
                format!("one of: {}", names(values))
            }
            ValueKind::Date => "a day of the calendar, as in 2026-11-23".to_owned(),
            ValueKind::Text => format!("a text of at most {MAX_TEXT} bytes"),
            ValueKind::Period => "a period".to_owned(),
        };
        FactError::Value { fact: self.name.clone(), found: found.chars().take(80).collect(), expected }
    }

    pub(crate) fn read(&self, written: &Written) -> Result<FactValue, FactError> {
        match (&self.kind, written) {
            (_, Written::Null) => Ok(FactValue::Unknown),
            (ValueKind::Boolean, Written::Boolean(value)) => Ok(FactValue::Boolean(*value)),
            (ValueKind::Number { unit }, Written::Number(text) | Written::Text(text)) => {
                Ok(FactValue::Number { value: self.number(text)?, unit: unit.clone() })
            }
            (ValueKind::Number { unit }, Written::Range { low, high }) => {
                let end = |text: &Option<String>| text.as_deref().map(|text| self.number(text)).transpose();
                let (low, high) = (end(low)?, end(high)?);
                if matches!((&low, &high), (Some(low), Some(high)) if low > high) {
                    return Err(self.unexpected("a low end above the high end"));
                }
                Ok(FactValue::Range { low, high, unit: unit.clone() })
            }
            (ValueKind::Date, Written::Text(text)) => {
                text.parse().map(FactValue::Date).map_err(|_| self.unexpected(&format!("`{text}`")))
            }
            (ValueKind::Text, Written::Text(text)) if text.len() <= MAX_TEXT => {
                Ok(FactValue::Text(text.clone()))
            }
            (ValueKind::Choice { values }, Written::Text(text))
                if values.iter().any(|value| value.id == *text) =>
            {
                Ok(FactValue::Text(text.clone()))
            }
            (_, Written::Boolean(value)) => Err(self.unexpected(&format!("`{value}`"))),
            (_, Written::Text(text) | Written::Number(text)) => Err(self.unexpected(&format!("`{text}`"))),
            (_, Written::Range { .. }) => Err(self.unexpected("an interval")),
        }
    }

    fn number(&self, text: &str) -> Result<Number, FactError> {
        let ValueKind::Number { unit } = &self.kind else { return Err(self.unexpected(text)) };
        let (number, given) = match text.trim().split_once(' ') {
            Some((number, given)) => (number, Some(given.trim())),
            None => (text.trim(), None),
        };
        let value = number.parse().map_err(|error| FactError::Value {
            fact: self.name.clone(),
            found: format!("`{}` ({error})", text.chars().take(80).collect::<String>()),
            expected: unit.as_ref().map_or("a number".to_owned(), |unit| format!("a number in {unit}")),
        })?;
        match given {
            Some(given) if Some(given) != unit.as_deref() => Err(FactError::Unit {
                fact: self.name.clone(),
                found: given.chars().take(32).collect(),
                expected: unit.clone(),
            }),
            _ => Ok(value),
        }
    }

    /// Returns whether a value is of this fact's kind and unit.
    pub(crate) fn admits(&self, value: &FactValue) -> bool {
        match (&self.kind, value) {
            (_, FactValue::Unknown)
            | (ValueKind::Boolean, FactValue::Boolean(_))
            | (ValueKind::Date, FactValue::Date(_))
            | (ValueKind::Text, FactValue::Text(_)) => true,
            (ValueKind::Choice { values }, FactValue::Text(text)) => {
                values.iter().any(|value| value.id == *text)
            }
            (ValueKind::Number { unit }, FactValue::Number { unit: given, .. }) => unit == given,
            (ValueKind::Number { unit }, FactValue::Range { unit: given, low, high }) => {
                unit == given && !matches!((low, high), (Some(low), Some(high)) if low > high)
            }
            _ => false,
        }
    }

    pub(crate) fn mismatch(&self, value: &FactValue) -> FactError {
        self.unexpected(&format!("`{value}`"))
    }
}

pub(crate) fn names(values: &[Choice]) -> String {
    values.iter().map(|value| value.id.as_str()).collect::<Vec<_>>().join(", ")
}
