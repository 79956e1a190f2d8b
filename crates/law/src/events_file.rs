//! Events as people write them: a list of what was filed or done, in JSON or TOML.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::expression::{EventPattern, pattern_problems};
use crate::facts_file::FactError;
use crate::record::Event;
use crate::regime::Regime;

/// Largest events file, in bytes, and most events in it.
const MAX_SIZE: usize = 1 << 20;
const MAX_EVENTS: usize = 4096;

/// An events file. One file may hold events of several regimes.
#[derive(Debug, Clone)]
pub struct EventsFile {
    events: Vec<Written>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    /// Predicate.
    is: String,
    /// A day, or an instant with its offset.
    arrived: String,
    #[serde(default)]
    attributes: BTreeMap<String, String>,
    /// Index of its entry; without it, events are counted from 1 in their order.
    #[serde(default)]
    entry: Option<u64>,
    /// Digest of the statement.
    #[serde(default)]
    statement: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    event: Vec<Written>,
}

impl EventsFile {
    /// Reads JSON: `[{"is": "incident", "arrived": "2026-11-20", "attributes": {"death": "true"}}]`.
    pub fn from_json(text: &str) -> Result<Self, FactError> {
        within_size(text)?;
        Self::bounded(serde_json::from_str(text).map_err(|error| file_error(&error))?)
    }

    /// Reads TOML: `[[event]]` tables with the same members.
    pub fn from_toml(text: &str) -> Result<Self, FactError> {
        within_size(text)?;
        let table: Table = toml::from_str(text).map_err(|error| file_error(&error))?;
        Self::bounded(table.event)
    }

    fn bounded(events: Vec<Written>) -> Result<Self, FactError> {
        if events.len() > MAX_EVENTS {
            return Err(file_error(&format!("{} events; at most {MAX_EVENTS} are read", events.len())));
        }
        Ok(Self { events })
    }

    /// Returns the predicates of the events.
    pub fn predicates(&self) -> impl Iterator<Item = &str> {
        self.events.iter().map(|event| event.is.as_str())
    }
}

impl Regime {
    /// Takes the events of a file; one that the regime does not know, or with an attribute that it
    /// does not know, is an error. A day stands for its noon in the regime's zone.
    pub fn events_of(&self, file: &EventsFile) -> Result<Vec<Event>, FactError> {
        self.read_events(file, true)
    }

    /// Takes the events of a file that the regime knows, with the attributes that it knows, and
    /// leaves the others to other regimes.
    pub fn events_of_known(&self, file: &EventsFile) -> Result<Vec<Event>, FactError> {
        self.read_events(file, false)
    }

    fn read_events(&self, file: &EventsFile, strict: bool) -> Result<Vec<Event>, FactError> {
        let mut events = Vec::new();
        for (at, written) in file.events.iter().enumerate() {
            let known = self.events.get(&written.is);
            if known.is_none() && !strict {
                continue;
            }
            let mut attributes = written.attributes.clone();
            if !strict {
                attributes.retain(|name, _| known.is_some_and(|event| event.attributes.contains_key(name)));
            }
            let number = at + 1;
            let pattern = EventPattern::with(&written.is, &attributes);
            if let Some(problem) = pattern_problems(&pattern, &self.schema).into_iter().next() {
                return Err(file_error(&format!("event {number}: {problem}")));
            }
            let arrived = self.time_of(&written.arrived).ok_or_else(|| {
                let found: String = written.arrived.chars().take(40).collect();
                file_error(&format!(
                    "event {number}: `{found}` is neither a day nor an instant with its offset, as in 2026-11-20T10:00:00Z"
                ))
            })?;
            events.push(Event {
                arrived,
                entry: written.entry.unwrap_or(number as u64),
                predicate: written.is.clone(),
                statement: written.statement.clone().unwrap_or_else(|| format!("event-{number}")),
                attributes,
            });
        }
        Ok(events)
    }
}

fn within_size(text: &str) -> Result<(), FactError> {
    if text.len() > MAX_SIZE {
        return Err(file_error(&format!("{} bytes; at most {MAX_SIZE} are read", text.len())));
    }
    Ok(())
}

fn file_error(error: &impl ToString) -> FactError {
    FactError::Events(error.to_string().trim_end().to_owned())
}
