//! Settings of the switches of a regime.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Serialize, Serializer};

use crate::deadline::{Period, PeriodTerm};
use crate::diagnostic::closest;
use crate::expression::{Amount, Candidate};
use crate::facts_file::names;
use crate::number::Number;
use crate::regime::{Regime, ValueKind};

/// How the open issues of a regime are settled. What is not set is not settled: there are no
/// defaults.
/// Copies share them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SwitchSettings(Arc<Settled>);

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Settled {
    /// Switch → canonical text of its value.
    texts: BTreeMap<String, String>,
    values: BTreeMap<String, Setting>,
}

impl Serialize for SwitchSettings {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.texts.serialize(serializer)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Setting {
    Term(Candidate),
    Period(Period),
}

impl Setting {
    /// Checks that a period has a clock wherever the regime counts it.
    pub(crate) fn countable(&self, regime: &Regime, id: &str, given: &PeriodTerm) -> Result<(), SwitchError> {
        let Self::Period(period) = self else { return Ok(()) };
        match regime.uncountable(given, *period) {
            None => Ok(()),
            Some(expected) => {
                Err(SwitchError::Value { switch: id.to_owned(), found: period.to_string(), expected })
            }
        }
    }

    /// Returns what conditions see; a period has no place in them.
    pub(crate) fn candidate(&self) -> Option<&Candidate> {
        match self {
            Self::Term(candidate) => Some(candidate),
            Self::Period(_) => None,
        }
    }
}

/// A setting that the regime does not take.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SwitchError {
    /// The regime has no such switch.
    #[error("regime `{regime}` has no switch `{switch}`{}; `kanae law show {regime}` lists its switches",
        .suggestion.as_ref().map_or(String::new(), |word| format!(" (did you mean `{word}`?)")))]
    Unknown {
        /// Id of the regime.
        regime: String,
        /// The id found.
        switch: String,
        /// The nearest id.
        suggestion: Option<String>,
    },
    /// The regime has no such parameter.
    #[error("regime `{regime}` has no parameter `{parameter}`{}; `kanae law show {regime}` lists its parameters",
        .suggestion.as_ref().map_or(String::new(), |word| format!(" (did you mean `{word}`?)")))]
    NoParameter {
        /// Id of the regime.
        regime: String,
        /// The id found.
        parameter: String,
        /// The nearest id.
        suggestion: Option<String>,
    },
    /// The value is none that the switch or parameter can have.
    #[error("`{switch}`: found `{found}`, expected {expected}")]
    Value {
        /// Id of the switch or parameter.
        switch: String,
        /// The value found.
        found: String,
        /// What is expected.
        expected: String,
    },
    /// The regime has no such preset.
    #[error("regime `{regime}` has no preset `{preset}`; it has: {known}")]
    Preset {
        /// Id of the regime.
        regime: String,
        /// The id found.
        preset: String,
        /// The ids there are.
        known: String,
    },
}

impl SwitchSettings {
    /// Reads settings from their texts: `true`, a choice, choices joined by commas, `1e25 FLOP`,
    /// `30 days`.
    pub fn new<'t>(
        regime: &Regime,
        texts: impl IntoIterator<Item = (&'t str, &'t str)>,
    ) -> Result<Self, SwitchError> {
        let mut settings = Self::default();
        for (id, text) in texts {
            settings.set(regime, id, text)?;
        }
        Ok(settings)
    }

    /// Takes a preset of the regime.
    pub fn preset(regime: &Regime, id: &str) -> Result<Self, SwitchError> {
        let preset =
            regime.presets.iter().find(|preset| preset.id == id).ok_or_else(|| SwitchError::Preset {
                regime: regime.id.clone(),
                preset: id.chars().take(64).collect(),
                known: regime.presets.iter().map(|preset| preset.id.as_str()).collect::<Vec<_>>().join(", "),
            })?;
        Self::new(regime, preset.set.iter().map(|(id, text)| (id.as_str(), text.as_str())))
    }

    /// Sets one switch, in place of what it was.
    pub fn set(&mut self, regime: &Regime, id: &str, text: &str) -> Result<(), SwitchError> {
        let switch =
            regime.switches.iter().find(|switch| switch.id == id).ok_or_else(|| SwitchError::Unknown {
                regime: regime.id.clone(),
                switch: id.chars().take(64).collect(),
                suggestion: closest(id, regime.switches.iter().map(|switch| switch.id.as_str()))
                    .map(str::to_owned),
            })?;
        let (value, text) = read_value(&switch.id, &switch.kind, text)?;
        value.countable(regime, id, &PeriodTerm::Switch(id.to_owned()))?;
        let settled = Arc::make_mut(&mut self.0);
        settled.texts.insert(id.to_owned(), text);
        settled.values.insert(id.to_owned(), value);
        Ok(())
    }

    /// Leaves a switch open again.
    pub fn unset(&mut self, id: &str) {
        let settled = Arc::make_mut(&mut self.0);
        settled.texts.remove(id);
        settled.values.remove(id);
    }

    /// Returns switch → value, as canonical texts: what a regime's adoption records.
    pub fn texts(&self) -> &BTreeMap<String, String> {
        &self.0.texts
    }

    /// Returns the switch in which two settings differ, if it is the only one.
    pub(crate) fn only_difference<'s>(&'s self, other: &'s Self) -> Option<&'s str> {
        let differs = |id: &&String| self.0.texts.get(*id) != other.0.texts.get(*id);
        let mut ids = self.0.texts.keys().chain(other.0.texts.keys()).filter(differs);
        let first = ids.next()?;
        ids.all(|id| id == first).then_some(first.as_str())
    }

    pub(crate) fn period(&self, id: &str) -> Option<Period> {
        match self.0.values.get(id) {
            Some(Setting::Period(period)) => Some(*period),
            _ => None,
        }
    }

    /// Returns the value of a switch that conditions may look at.
    pub(crate) fn value(&self, id: &str) -> Option<&Candidate> {
        self.0.values.get(id)?.candidate()
    }
}

/// Reads a value of a switch or a parameter; returns it with its canonical text.
pub(crate) fn read_value(id: &str, kind: &ValueKind, text: &str) -> Result<(Setting, String), SwitchError> {
    let text = text.trim();
    let wrong = |expected: String| SwitchError::Value {
        switch: id.to_owned(),
        found: text.chars().take(80).collect(),
        expected,
    };
    match kind {
        ValueKind::Boolean => {
            let value = match text {
                "true" | "on" => true,
                "false" | "off" => false,
                _ => return Err(wrong("true or false".to_owned())),
            };
            Ok((Setting::Term(Candidate::Boolean(value)), value.to_string()))
        }
        ValueKind::Choice { values } => {
            if !values.iter().any(|value| value.id == text) {
                return Err(wrong(format!("one of: {}", names(values))));
            }
            Ok((Setting::Term(Candidate::Text(text.to_owned())), text.to_owned()))
        }
        ValueKind::Choices { values } => {
            let chosen: Vec<_> = text.split(',').map(str::trim).collect();
            if !chosen.iter().all(|chosen| values.iter().any(|value| value.id == *chosen)) {
                return Err(wrong(format!("one or more of: {}, joined by commas", names(values))));
            }
            // In the order of the schema, each once: one choice has one text.
            let chosen: Vec<_> = values
                .iter()
                .filter(|value| chosen.contains(&value.id.as_str()))
                .map(|value| value.id.clone())
                .collect();
            let text = chosen.join(",");
            Ok((Setting::Term(Candidate::List(chosen)), text))
        }
        ValueKind::Number { unit } => {
            let expected = || match unit {
                Some(unit) => format!("a number in {unit}, as in `1e25 {unit}`"),
                None => "a number, as in `3 %` or `0.03`".to_owned(),
            };
            let (number, given) = match text.split_once(' ') {
                Some((number, given)) => (number, Some(given.trim())),
                None => match text.strip_suffix('%') {
                    Some(number) => (number, Some("%")),
                    None => (text, None),
                },
            };
            let value: Number = number.parse().map_err(|_| wrong(expected()))?;
            let value = match (given, unit) {
                (None, _) => value,
                (Some("%"), None) => value.divided_by(&100.into()).unwrap_or(value),
                (Some(given), Some(unit)) if given == unit => value,
                _ => return Err(wrong(expected())),
            };
            let canonical = unit.as_ref().map_or_else(|| value.to_string(), |unit| format!("{value} {unit}"));
            Ok((Setting::Term(Candidate::Number(Amount::exact(value))), canonical))
        }
        ValueKind::Period => {
            let period = Period::parse(text)
                .map_err(|problem| wrong(format!("a period, as in `30 days` ({})", problem.problem)))?;
            Ok((Setting::Period(period), period.to_string()))
        }
        ValueKind::Date => {
            let date =
                text.parse().map_err(|_| wrong("a day of the calendar, as in 2026-11-23".to_owned()))?;
            Ok((Setting::Term(Candidate::Date(date)), date.to_string()))
        }
        ValueKind::Text => Ok((Setting::Term(Candidate::Text(text.to_owned())), text.to_owned())),
    }
}
