//! An incident as a visitor describes it: what happened, as far as it is known, and when.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use law::{AttributeSchema, Choice, DutyResult, Event, Party, Text, Truth};

use super::answers::{Answers, Laws, day};
use super::case::{Case, Trouble, as_of};
use super::query::{Wrong, WrongKind};

/// The predicate of incidents.
pub(crate) const INCIDENT: &str = "incident";
/// The zone in which times are read where none is named.
pub(crate) const JAPAN: &str = "Asia/Tokyo";

/// In which order instants are asked for, as they follow on each other; others come after.
const MOMENTS: [&str; 7] = [
    "occurred_at",
    "discovered_at",
    "aware_at",
    "believed_at",
    "determined_at",
    "imminent_at",
    "resolved_at",
];

/// An incident.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Incident {
    /// Attribute → value; what is not known is left out. Times are as the visitor wrote them.
    pub(crate) said: BTreeMap<String, Said>,
    /// The zone of the times; [`JAPAN`] where none is named.
    zone: Option<(String, TimeZone)>,
}

/// What was said of an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Said {
    /// One of its values.
    Value(String),
    /// A day.
    Day(Date),
    /// A day and a time in the visitor's zone.
    Time(DateTime),
}

/// What the laws ask about an incident.
pub(crate) struct Field<'l> {
    pub(crate) name: &'l str,
    pub(crate) label: &'l Text,
    /// Its values; empty where it is a moment.
    pub(crate) values: &'l [Choice],
    /// The laws that ask.
    pub(crate) asked_by: BTreeSet<&'l str>,
}

/// Returns what the laws ask about an incident: what happened, then when.
pub(crate) fn fields(laws: &Laws) -> Vec<Field<'_>> {
    let mut found: BTreeMap<&str, Field<'_>> = BTreeMap::new();
    for (id, law) in laws {
        let Some(event) = law.regime.events().get(INCIDENT) else { continue };
        // Only what is open while nobody has said it is asked for.
        for (name, schema) in event.attributes.iter().filter(|(_, schema)| schema.unknown_if_absent) {
            let field = found.entry(name).or_insert_with(|| Field {
                name,
                label: &schema.label,
                values: &schema.values,
                asked_by: BTreeSet::new(),
            });
            field.asked_by.insert(id);
        }
    }
    let mut fields: Vec<_> = found.into_values().collect();
    fields.sort_by_key(|field| {
        let moment = MOMENTS.iter().position(|known| *known == field.name).unwrap_or(MOMENTS.len());
        let happened = !field.values.is_empty();
        (!happened, if happened { 0 } else { moment }, std::cmp::Reverse(field.asked_by.len()), field.name)
    });
    fields
}

impl Incident {
    /// Takes a name of the address where it is about the incident; tells whether it is.
    pub(super) fn take(&mut self, name: &str, value: &str, laws: &Laws) -> Result<bool, Wrong> {
        let wrong = |kind| Wrong::new(name, kind);
        if name == "zone" {
            let zone = TimeZone::get(value).map_err(|_| wrong(WrongKind::Zone))?;
            self.zone = Some((value.to_owned(), zone));
            return Ok(true);
        }
        let Some(attribute) = name.strip_prefix("i.") else { return Ok(false) };
        let schema: Option<&AttributeSchema> = laws
            .values()
            .filter_map(|law| law.regime.events().get(INCIDENT))
            .find_map(|event| event.attributes.get(attribute));
        let schema = schema.ok_or_else(|| wrong(WrongKind::Unknown))?;
        let said = if value == "unknown" {
            return Ok(true);
        } else if schema.values.is_empty() {
            moment(value).ok_or_else(|| wrong(WrongKind::Instant))?
        } else if schema.values.iter().any(|known| known.id == value) {
            Said::Value(value.to_owned())
        } else {
            return Err(wrong(WrongKind::Choice));
        };
        self.said.insert(attribute.to_owned(), said);
        Ok(true)
    }

    /// Checks that every time exists once in the zone.
    pub(super) fn check(&self) -> Result<(), Wrong> {
        for (name, said) in &self.said {
            if let Said::Time(time) = said
                && self.instant(*time).is_none()
            {
                return Err(Wrong::new(format!("i.{name}"), WrongKind::Clocks));
            }
        }
        Ok(())
    }

    /// Tells whether nothing was said of it.
    pub(crate) fn is_empty(&self) -> bool {
        self.said.is_empty()
    }

    /// Returns the name of the zone of its times.
    pub(crate) fn zone_name(&self) -> &str {
        self.zone.as_ref().map_or(JAPAN, |(name, _)| name)
    }

    fn zone(&self) -> TimeZone {
        match &self.zone {
            Some((_, zone)) => zone.clone(),
            None => TimeZone::fixed(jiff::tz::offset(9)),
        }
    }

    fn instant(&self, time: DateTime) -> Option<Timestamp> {
        self.zone().to_ambiguous_timestamp(time).unambiguous().ok()
    }

    pub(super) fn pairs(&self) -> Vec<(String, String)> {
        let mut pairs: Vec<(String, String)> =
            self.said.iter().map(|(name, said)| (format!("i.{name}"), said.text())).collect();
        pairs.extend(self.zone.iter().map(|(name, _)| ("zone".to_owned(), name.clone())));
        pairs
    }

    /// Returns it as the rules see it, on record since its first known moment, and no later than `now`.
    /// Nothing where it lies after `now`.
    pub(crate) fn event(&self, now: Timestamp) -> Result<Event, Wrong> {
        let mut first = now;
        let mut attributes = BTreeMap::new();
        for (name, said) in &self.said {
            let (text, start) = match said {
                Said::Value(value) => (value.clone(), None),
                Said::Day(day) => (day.to_string(), self.instant(day.at(0, 0, 0, 0))),
                Said::Time(time) => {
                    let at = self.instant(*time);
                    (at.map(|at| at.to_string()).unwrap_or_default(), at)
                }
            };
            if let Some(start) = start {
                if start > now {
                    return Err(Wrong::new(format!("i.{name}"), WrongKind::Later));
                }
                first = first.min(start);
            }
            attributes.insert(name.clone(), text);
        }
        Ok(Event {
            arrived: first,
            entry: 0,
            predicate: INCIDENT.to_owned(),
            statement: String::new(),
            attributes,
        })
    }
}

impl Said {
    /// Returns it as it stands in the address.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Value(value) => value.clone(),
            Self::Day(day) => day.to_string(),
            Self::Time(time) => time.strftime("%Y-%m-%dT%H:%M").to_string(),
        }
    }
}

fn moment(text: &str) -> Option<Said> {
    if text.contains(['T', ' ']) {
        let time: DateTime = text.replacen(' ', "T", 1).parse().ok()?;
        day(&time.date().to_string())?;
        Some(Said::Time(time.date().at(time.hour(), time.minute(), 0, 0)))
    } else {
        day(text).map(Said::Day)
    }
}

/// Returns the last instant of a day in a zone, to the second.
pub(crate) fn end_of(day: Date, zone: &TimeZone) -> Option<Timestamp> {
    let next = zone.to_timestamp(day.tomorrow().ok()?.at(0, 0, 0, 0)).ok()?;
    next.checked_sub(SignedDuration::from_secs(1)).ok()
}

/// Applies the laws to the answers and to the incident. Each is applied as of a day on which the
/// incident is on record.
pub(crate) fn cases<'l>(laws: &'l Laws, answers: &Answers, now: Timestamp) -> Result<Vec<Case<'l>>, Trouble> {
    let until = match answers.at {
        Some(day) => end_of(day, &answers.incident.zone()).ok_or_else(|| Wrong::new("at", WrongKind::Day))?,
        None => now,
    };
    let event = answers.incident.event(until)?;
    answers
        .scope(laws)
        .into_iter()
        .map(|law| {
            let recorded = law.regime.time_zone().to_datetime(event.arrived).date();
            let day = as_of(&law.regime, answers, now).max(recorded);
            let answers = Answers { at: Some(day), ..answers.clone() };
            Case::new(law, &answers, vec![event.clone()], now)
        })
        .collect()
}

/// A duty that an incident brings about, or may.
pub(crate) struct Told<'c, 'l> {
    pub(crate) case: &'c Case<'l>,
    pub(crate) duty: &'c DutyResult,
    /// The last instant in time.
    pub(crate) until: Option<Timestamp>,
}

/// Returns what an incident brings about, the soonest first: duties that are not owed, or not until the
/// same day, without it.
pub(crate) fn brought_about<'c, 'l>(cases: &'c [Case<'l>]) -> Result<Vec<Told<'c, 'l>>, Trouble> {
    let mut found = Vec::new();
    for case in cases {
        let without = case.without(INCIDENT)?;
        for duty in &case.assessment.duties {
            let before = without.duty(&duty.id);
            let same = |before: &DutyResult| {
                (before.owed, before.due, before.due_at, &before.due_because, &before.because)
                    == (duty.owed, duty.due, duty.due_at, &duty.due_because, &duty.because)
            };
            if duty.owed == Truth::False || before.is_some_and(same) {
                continue;
            }
            let end = duty.due.and_then(|day| end_of(day, case.regime().time_zone()));
            found.push(Told { case, duty, until: duty.due_at.or(end) });
        }
    }
    // What has a day comes first, then what is to be done at once, then the rest.
    found.sort_by_key(|told| {
        let at_once = told.duty.due_because.qualitative.is_none();
        (told.duty.by != Party::Developer, told.until.is_none(), told.until, at_once)
    });
    Ok(found)
}
