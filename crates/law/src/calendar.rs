//! Counting rules: how a law gets from an event to the last day of a period. The rules are data.

mod counting;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use serde::Deserialize;

pub(crate) use counting::{Counted, Uncounted, Unit};

use crate::deadline::Period;
use crate::diagnostic::{Diagnostic, Problem, Source};
use crate::regime::Certainty;

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
    months: Option<(Months, MissingDay)>,
    hours: Option<(Hours, HoursEnd)>,
    backward: Option<Backward>,
    closures: Vec<(MonthDay, MonthDay)>,
    holidays: BTreeSet<Date>,
    /// Years for which holidays are known; none where the calendar has no holidays.
    years: Option<(i16, i16)>,
}

#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct LeastWorkingDays {
    /// Periods of at least so many days …
    from_days: i64,
    /// … include at least so many working days.
    working_days: u32,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct RawCalendar {
    /// Title.
    title: crate::regime::RawText,
    /// Where the rule is from.
    source: String,
    /// How sure the rule is.
    certainty: Certainty,
    /// Days of the week on which offices are closed.
    weekend: Vec<String>,
    /// Whether the day of the event counts.
    first_day: FirstDay,
    /// What happens where the last day is a closed day.
    last_day: LastDay,
    /// The same for days that the law names itself.
    fixed_dates: LastDay,
    /// Periods include at least some working days.
    #[serde(default)]
    least_working_days: Option<LeastWorkingDays>,
    /// How months and years are counted; none: no clock for them.
    #[serde(default)]
    months: Option<Months>,
    /// What happens where the last month has no such day; goes with `months`.
    #[serde(default)]
    missing_day: Option<MissingDay>,
    /// When a period of hours begins; none: no clock for hours.
    #[serde(default)]
    hours: Option<Hours>,
    /// Whether a period of hours that ends on a closed day moves; goes with `hours`.
    #[serde(default)]
    hours_end: Option<HoursEnd>,
    /// Whether a period counted backwards that ends on a closed day moves.
    #[serde(default)]
    backward: Option<Backward>,
    /// Days of each year on which offices are closed.
    #[serde(default)]
    closed: Vec<RawClosure>,
    /// Tables of holidays beside the calendar: `date,name`.
    #[serde(default)]
    holidays: Vec<String>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum FirstDay {
    Counts,
    DoesNotCount,
}

#[derive(Debug, Deserialize, PartialEq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum LastDay {
    NextWorkingDay,
    Stays,
}

/// On which day a period of months or years ends.
#[derive(Debug, Clone, Copy, Deserialize, PartialEq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum Months {
    /// The day of the last month with the number of the event's day: 28 February + 1 month is 28 March.
    CorrespondingDay,
    /// The day before the one that corresponds to the first day counted: 28 February + 1 month is
    /// 31 March (Civil Code of Japan, Art. 143).
    DayBeforeCorresponding,
}

/// What happens where the last month has no such day.
#[derive(Debug, Clone, Copy, Deserialize, PartialEq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum MissingDay {
    EndOfMonth,
    /// The law does not say: there is no date.
    Undefined,
}

/// When a period of hours begins.
#[derive(Debug, Clone, Copy, Deserialize, PartialEq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum Hours {
    FromTheInstant,
    FromTheNextFullHour,
}

/// Whether a period of hours that ends on a closed day moves.
#[derive(Debug, Clone, Copy, Deserialize, PartialEq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum HoursEnd {
    Stays,
    SameHourNextWorkingDay,
}

/// Whether a period that is counted backwards and ends on a closed day moves.
#[derive(Debug, Clone, Copy, Deserialize, PartialEq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum Backward {
    Stays,
    PreviousWorkingDay,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct RawClosure {
    /// First day, as in `12-29`.
    #[cfg_attr(test, schemars(with = "String"))]
    from: toml::Spanned<String>,
    /// Last day, as in `01-03`.
    #[cfg_attr(test, schemars(with = "String"))]
    to: toml::Spanned<String>,
}

type MonthDay = (i8, i8);

/// Most closures and holiday tables of a calendar, and largest size of a table.
const MAX_CLOSURES: usize = 64;
const MAX_TABLES: usize = 8;
const MAX_TABLE_SIZE: usize = 1 << 16;

/// The end of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeriodEnd {
    /// The last day before closed days are looked at.
    pub counted: Date,
    /// The last day on which the act is in time.
    pub day: Date,
    /// The last instant, for a period of hours.
    pub instant: Option<Timestamp>,
}

/// Why a period has no end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CountError {
    /// The text is not a period.
    #[error("{0}")]
    Period(#[from] Problem),
    /// The calendar does not say how to count the unit.
    #[error("the calendar does not say how to count this: it lacks {0}")]
    NoClock(&'static str),
    /// Hours have no length backwards.
    #[error("hours are counted forwards")]
    HoursBackwards,
    /// Holidays are known for some years only, and the period ends outside them.
    #[error("the holidays of the year are not known")]
    BeyondHolidays,
    /// The last month has no such day, and the law does not say what then.
    #[error("the last month has no such day")]
    NoSuchDay,
}

impl From<Uncounted> for CountError {
    fn from(why: Uncounted) -> Self {
        match why {
            Uncounted::Beyond => Self::BeyondHolidays,
            Uncounted::NoSuchDay => Self::NoSuchDay,
        }
    }
}

impl Calendar {
    /// Counts a period such as `15 days`, `5 working days`, `1 month` or `72 hours` from an event.
    /// Days begin and end in the zone.
    pub fn count(&self, event: Timestamp, period: &str, zone: &TimeZone) -> Result<PeriodEnd, CountError> {
        let period = Period::parse(period)?;
        if let Some(lacks) = self.lacks(period.unit, false) {
            return Err(CountError::NoClock(lacks));
        }
        let counted = match period.unit {
            Unit::Hours => self.after_hours(event, period.count, zone),
            unit => self.after(zone.to_datetime(event).date(), period.count, unit),
        }?;
        Ok(PeriodEnd { counted: counted.unmoved, day: counted.due, instant: counted.due_at })
    }

    /// Counts a period backwards from an event: the last day for what is due so long before it.
    pub fn count_back(
        &self,
        event: Timestamp,
        period: &str,
        zone: &TimeZone,
    ) -> Result<PeriodEnd, CountError> {
        let period = Period::parse(period)?;
        if period.unit == Unit::Hours {
            return Err(CountError::HoursBackwards);
        }
        if let Some(lacks) = self.lacks(period.unit, true) {
            return Err(CountError::NoClock(lacks));
        }
        let counted = self.before(zone.to_datetime(event).date(), period.count, period.unit)?;
        Ok(PeriodEnd { counted: counted.unmoved, day: counted.due, instant: None })
    }

    /// Returns the holidays of the calendar's tables, in order.
    pub fn holidays(&self) -> impl Iterator<Item = Date> + '_ {
        self.holidays.iter().copied()
    }

    /// Reads `calendars/<id>.toml` and the holiday tables that it names.
    pub(crate) fn load(
        id: &str,
        source: &Source<'_>,
        files: &BTreeMap<String, Vec<u8>>,
    ) -> Result<Self, Vec<Diagnostic>> {
        let raw: RawCalendar =
            toml::from_str(source.text).map_err(|error| vec![source.toml_error(&error)])?;
        let mut problems = Vec::new();
        if raw.weekend.len() > 7 || raw.closed.len() > MAX_CLOSURES || raw.holidays.len() > MAX_TABLES {
            let problem = format!(
                "a calendar has at most 7 days of a weekend, {MAX_CLOSURES} closures and {MAX_TABLES} holiday tables"
            );
            return Err(vec![source.diagnostic(0, problem, None)]);
        }
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
        if raw.months.is_some() != raw.missing_day.is_some() || raw.hours.is_some() != raw.hours_end.is_some()
        {
            problems.push(source.diagnostic(
                0,
                "a clock is half described: `months` goes with `missing_day`, `hours` with `hours_end`",
                Some("give both or neither".to_owned()),
            ));
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
            months: raw.months.zip(raw.missing_day),
            hours: raw.hours.zip(raw.hours_end),
            backward: raw.backward,
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
    if bytes.len() > MAX_TABLE_SIZE {
        let source = Source { file: path, text: "" };
        return Err(source.diagnostic(0, format!("larger than {MAX_TABLE_SIZE} bytes"), None));
    }
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
