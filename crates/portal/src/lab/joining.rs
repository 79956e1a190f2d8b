//! Voluntary codes bind those who join them: whether, since when and for what a visitor has.

use std::collections::BTreeMap;

use jiff::civil::Date;
use law::{AttributeSchema, Event, Regime, RegimeStatus};

use super::answers::{Answers, day};
use super::query::{Wrong, WrongKind};

/// The predicate of joining.
pub(crate) const JOIN: &str = "code-adherence";
/// Says in an address that a code was not joined.
const NO: &str = "no";

/// What a visitor says of joining a code.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Joined {
    /// Since when; none where it was not joined.
    pub(crate) day: Option<Date>,
    /// What else was said of it; what is not known is left out.
    pub(crate) with: BTreeMap<String, String>,
}

/// Tells whether a regime is a code that applies to those who join it.
pub(crate) fn can_be_joined(regime: &Regime) -> bool {
    regime.status() == RegimeStatus::Voluntary && regime.events().contains_key(JOIN)
}

/// Returns what a code asks of joining beside the day.
pub(crate) fn asked(regime: &Regime) -> impl Iterator<Item = (&str, &AttributeSchema)> {
    let attributes = regime.events().get(JOIN).into_iter().flat_map(|event| &event.attributes);
    attributes.filter(|(_, schema)| schema.unknown_if_absent).map(|(name, schema)| (name.as_str(), schema))
}

impl Joined {
    /// Takes what an address says: of the code itself, or of something that it asks.
    pub(crate) fn take(&mut self, regime: &Regime, name: Option<&str>, value: &str) -> Result<(), WrongKind> {
        let Some(name) = name else {
            self.day = if value == NO { None } else { Some(day(value).ok_or(WrongKind::Day)?) };
            return Ok(());
        };
        let (_, schema) = asked(regime).find(|(known, _)| *known == name).ok_or(WrongKind::Unknown)?;
        if value == "unknown" {
            return Ok(());
        }
        if !schema.values.iter().any(|known| known.id == value) {
            return Err(WrongKind::Choice);
        }
        self.with.insert(name.to_owned(), value.to_owned());
        Ok(())
    }

    /// Returns its names and values in an address.
    pub(crate) fn pairs(&self, law: &str) -> Vec<(String, String)> {
        let Some(day) = self.day else { return vec![(format!("joined.{law}"), NO.to_owned())] };
        let mut pairs = vec![(format!("joined.{law}"), day.to_string())];
        let with = self.with.iter();
        pairs.extend(with.map(|(name, value)| (format!("joined.{law}.{name}"), value.clone())));
        pairs
    }
}

impl Answers {
    /// Returns what was said of joining a code.
    pub(crate) fn joined(&self, law: &str) -> Option<&Joined> {
        self.joined.iter().find(|(known, _)| known == law).map(|(_, joined)| joined)
    }

    /// Says something of joining a code, in place of what was said before.
    #[must_use]
    pub(crate) fn joining(mut self, law: &str, joined: Joined) -> Self {
        self.joined.retain(|(known, _)| known != law);
        self.joined.push((law.to_owned(), joined));
        self
    }

    /// Returns joining as the rules see it; nothing where a code was not joined.
    pub(super) fn join_event(&self, regime: &Regime, as_of: Date) -> Result<Option<Event>, Wrong> {
        let Some(Joined { day: Some(day), with }) = self.joined(regime.id()) else { return Ok(None) };
        let later = || Wrong::new(format!("joined.{}", regime.id()), WrongKind::Later);
        if *day > as_of {
            return Err(later());
        }
        Ok(Some(Event {
            arrived: regime.time_zone().to_timestamp(day.at(12, 0, 0, 0)).map_err(|_| later())?,
            // After what was filed.
            entry: self.filed.len() as u64,
            predicate: JOIN.to_owned(),
            statement: String::new(),
            attributes: with.clone(),
        }))
    }
}
