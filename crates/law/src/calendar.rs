//! Counting rules: how a law gets from an event to the last day of a period. The rules are data.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Span;
use jiff::civil::{Date, Weekday};
use serde::Deserialize;

use crate::diagnostic::{Diagnostic, Source};
use crate::regime::Certainty;

/// Longest period that is counted, in days.
pub(crate) const MAX_DAYS: i64 = 100_000;

/// A way of counting periods, with the days on which its offices are closed.
#[derive(Debug, Clone)]
pub struct Calendar {
    /// Name, as rules refer to it.
    pub id: String,
    /// Title in Japanese.
    pub title_ja: String,
    /// Title in English.
    pub title_en: String,
    /// Where the rule is from.
    pub source: String,
    /// How sure the rule is.
    pub certainty: Certainty,
    weekend: BTreeSet<i8>,
    first_day_counts: bool,
    rolls: bool,
    fixed_dates_roll: bool,
    least_working_days: Option<LeastWorkingDays>,
    closures: Vec<(MonthDay, MonthDay)>,
    holidays: BTreeSet<Date>,
    /// Years for which holidays are known; none where the calendar has no holidays.
    years: Option<(i16, i16)>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct LeastWorkingDays {
    /// Periods of at least so many days …
    from_days: i64,
    /// … include at least so many working days.
    working_days: u32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCalendar {
    title: crate::regime::RawText,
    source: String,
    certainty: Certainty,
    weekend: Vec<String>,
    first_day: FirstDay,
    last_day: LastDay,
    fixed_dates: LastDay,
    #[serde(default)]
    least_working_days: Option<LeastWorkingDays>,
    #[serde(default)]
    closed: Vec<RawClosure>,
    #[serde(default)]
    holidays: Vec<String>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
enum FirstDay {
    Counts,
    DoesNotCount,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
enum LastDay {
    NextWorkingDay,
    Stays,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawClosure {
    from: toml::Spanned<String>,
    to: toml::Spanned<String>,
}

type MonthDay = (i8, i8);

/// A counted deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counted {
    /// The last day as counted, before any closed day is looked at.
    pub(crate) counted: Date,
    /// The last day on which the act is in time.
    pub(crate) due: Date,
}

impl Calendar {
    /// Reads `calendars/<id>.toml` and the holiday tables that it names.
    pub(crate) fn load(
        id: &str,
        source: &Source<'_>,
        files: &BTreeMap<String, Vec<u8>>,
    ) -> Result<Self, Vec<Diagnostic>> {
        let raw: RawCalendar =
            toml::from_str(source.text).map_err(|error| vec![source.toml_error(&error)])?;
        let mut problems = Vec::new();
        let mut weekend = BTreeSet::new();
        for name in &raw.weekend {
            match weekday(name) {
                Some(day) => {
                    weekend.insert(day.to_monday_one_offset());
                }
                None => problems.push(source.diagnostic(
                    source.text.find(name.as_str()).unwrap_or(0),
                    format!("`{name}` is not a day of the week"),
                    Some("write them as in `saturday`".to_owned()),
                )),
            }
        }
        if weekend.len() > 6 {
            problems.push(source.diagnostic(0, "every day is a weekend", None));
        }
        let mut closures = Vec::new();
        for closure in &raw.closed {
            let mut ends = [&closure.from, &closure.to].map(|end| {
                let day = month_day(end.get_ref());
                if day.is_none() {
                    problems.push(source.diagnostic(
                        end.span().start,
                        format!("`{}` is not a day of the year", end.get_ref()),
                        Some("write it as in `12-29`".to_owned()),
                    ));
                }
                day
            });
            if let (Some(from), Some(to)) = (ends[0].take(), ends[1].take()) {
                closures.push((from, to));
            }
        }
        let mut holidays = BTreeSet::new();
        for name in &raw.holidays {
            let path = format!("calendars/{name}");
            match files.get(&path) {
                Some(bytes) => match read_holidays(&path, bytes) {
                    Ok(days) => holidays.extend(days),
                    Err(problem) => problems.push(problem),
                },
                None => problems.push(source.diagnostic(
                    source.text.find(name.as_str()).unwrap_or(0),
                    format!("there is no file {path}"),
                    Some("put the holiday table beside the calendar".to_owned()),
                )),
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let years = holidays.first().zip(holidays.last()).map(|(first, last)| (first.year(), last.year()));
        Ok(Self {
            id: id.to_owned(),
            title_ja: raw.title.ja,
            title_en: raw.title.en,
            source: raw.source,
            certainty: raw.certainty,
            weekend,
            first_day_counts: raw.first_day == FirstDay::Counts,
            rolls: raw.last_day == LastDay::NextWorkingDay,
            fixed_dates_roll: raw.fixed_dates == LastDay::NextWorkingDay,
            least_working_days: raw.least_working_days,
            closures,
            holidays,
            years,
        })
    }

    /// Returns whether offices are open; nothing for a year whose holidays are not known.
    pub fn is_working_day(&self, day: Date) -> Option<bool> {
        if self.weekend.contains(&day.weekday().to_monday_one_offset()) {
            return Some(false);
        }
        let at = (day.month(), day.day());
        let closed = |(from, to): &(MonthDay, MonthDay)| {
            if from <= to { (*from..=*to).contains(&at) } else { at >= *from || at <= *to }
        };
        if self.closures.iter().any(closed) {
            return Some(false);
        }
        match self.years {
            Some((first, last)) if !(first..=last).contains(&day.year()) => None,
            _ => Some(!self.holidays.contains(&day)),
        }
    }

    /// Counts a period of days from the day of an event. Nothing where the calendar ends.
    pub(crate) fn after_days(&self, event: Date, days: i64) -> Option<Counted> {
        let first = self.first_day(event)?;
        let counted = add_days(first, (days - 1).max(0))?;
        let mut due = counted;
        if let Some(least) = &self.least_working_days
            && days >= least.from_days
        {
            let mut found = 0;
            let mut day = first;
            while day < due {
                found += u32::from(self.is_working_day(day)?);
                day = add_days(day, 1)?;
                if found >= least.working_days {
                    break;
                }
            }
            while found + u32::from(self.is_working_day(due)?) < least.working_days {
                found += u32::from(self.is_working_day(due)?);
                due = add_days(due, 1)?;
            }
        }
        let due = if self.rolls { self.next_working_day(due)? } else { due };
        Some(Counted { counted, due })
    }

    /// Counts a period of working days from the day of an event.
    pub(crate) fn after_working_days(&self, event: Date, days: i64) -> Option<Counted> {
        let mut day = self.next_working_day(self.first_day(event)?)?;
        for _ in 1..days.max(1) {
            day = self.next_working_day(add_days(day, 1)?)?;
        }
        Some(Counted { counted: day, due: day })
    }

    /// Takes a day that the law names itself.
    pub(crate) fn fixed(&self, day: Date) -> Option<Counted> {
        let due = if self.fixed_dates_roll { self.next_working_day(day)? } else { day };
        Some(Counted { counted: day, due })
    }

    fn first_day(&self, event: Date) -> Option<Date> {
        if self.first_day_counts { Some(event) } else { add_days(event, 1) }
    }

    fn next_working_day(&self, mut day: Date) -> Option<Date> {
        // Closed days come in short runs: a calendar without any working day in a year is broken.
        for _ in 0..366 {
            if self.is_working_day(day)? {
                return Some(day);
            }
            day = add_days(day, 1)?;
        }
        None
    }
}

pub(crate) fn add_days(day: Date, days: i64) -> Option<Date> {
    day.checked_add(Span::new().try_days(days).ok()?).ok()
}

fn weekday(name: &str) -> Option<Weekday> {
    const NAMES: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let offset = NAMES.iter().position(|known| *known == name)?;
    Weekday::from_monday_zero_offset(i8::try_from(offset).ok()?).ok()
}

fn month_day(text: &str) -> Option<MonthDay> {
    let date: Date = format!("2024-{text}").parse().ok()?;
    Some((date.month(), date.day()))
}

/// Reads a table with the header `date,name`.
fn read_holidays(path: &str, bytes: &[u8]) -> Result<BTreeSet<Date>, Diagnostic> {
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    let source = Source { file: path, text };
    let mut offset = 0;
    let mut days = BTreeSet::new();
    for (number, line) in text.lines().enumerate() {
        let first = line.split(',').next().unwrap_or_default();
        if number == 0 {
            if first != "date" {
                return Err(source.diagnostic(
                    0,
                    "a holiday table is UTF-8 and begins with the line `date,name`",
                    None,
                ));
            }
        } else if !line.trim().is_empty() {
            let day = first.parse().map_err(|_| {
                source.diagnostic(
                    offset,
                    format!("`{first}` is not a day"),
                    Some("write it as in 2026-11-23".to_owned()),
                )
            })?;
            days.insert(day);
        }
        offset += line.len() + 1;
    }
    if days.is_empty() {
        return Err(source.diagnostic(0, "the holiday table is empty", None));
    }
    Ok(days)
}
