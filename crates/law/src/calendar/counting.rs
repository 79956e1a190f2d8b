//! Counting a period by a calendar's rules.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};

use super::{Backward, Calendar, Hours, HoursEnd, MissingDay, Months};

/// A unit in which laws state periods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Unit {
    Hours,
    Days,
    WorkingDays,
    Weeks,
    Months,
    Years,
}

/// Most working days that are counted one by one: more than fifty years.
const MAX_WORKING_DAYS: i64 = 14_000;

impl Unit {
    /// All units.
    pub(crate) const ALL: [Self; 6] =
        [Self::Hours, Self::Days, Self::WorkingDays, Self::Weeks, Self::Months, Self::Years];

    /// Returns days in a unit of days, months in one of months; nothing for the others.
    fn of_days(self) -> Option<i64> {
        match self {
            Self::Days => Some(1),
            Self::Weeks => Some(7),
            _ => None,
        }
    }

    fn of_months(self) -> Option<i64> {
        match self {
            Self::Months => Some(1),
            Self::Years => Some(12),
            _ => None,
        }
    }
}

/// A counted deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counted {
    /// The last day, before any closed day is looked at.
    pub(crate) unmoved: Date,
    /// The last day on which the act is in time.
    pub(crate) due: Date,
    /// The last instant, where the period is one of hours.
    pub(crate) due_at: Option<Timestamp>,
}

/// Why a period has no last day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Uncounted {
    /// The holidays of the year are not known, or the day lies outside all calendars.
    Beyond,
    /// The last month has no such day, and the rule does not say what then.
    NoSuchDay,
}

impl Calendar {
    /// Returns what the calendar would have to say before it could count this unit.
    pub(crate) fn lacks(&self, unit: Unit, backwards: bool) -> Option<&'static str> {
        match unit {
            Unit::Hours if self.hours.is_none() => Some("`hours` and `hours_end`"),
            Unit::Months | Unit::Years if self.months.is_none() => Some("`months` and `missing_day`"),
            _ if backwards && self.backward.is_none() => Some("`backward`"),
            _ => None,
        }
    }

    /// Counts a period of days, weeks, months or years from the day of an event.
    pub(crate) fn after(&self, event: Date, count: i64, unit: Unit) -> Result<Counted, Uncounted> {
        if unit == Unit::WorkingDays {
            return self.after_working_days(event, count);
        }
        let counted = self.last_day(event, count, unit)?;
        let mut due = counted;
        let days = unit.of_days().and_then(|days| days.checked_mul(count)).unwrap_or(i64::MAX);
        if let Some(least) = self.least_working_days.as_ref().filter(|least| days >= least.from_days) {
            due = self.with_working_days(self.first_day(event)?, due, least.working_days)?;
        }
        let due = if self.rolls { self.working_day(due, 1)? } else { due };
        Ok(Counted { unmoved: counted, due, due_at: None })
    }

    fn last_day(&self, event: Date, count: i64, unit: Unit) -> Result<Date, Uncounted> {
        if let Some(days) = unit.of_days() {
            let days = days.checked_mul(count).ok_or(Uncounted::Beyond)?;
            return later(self.first_day(event)?, (days - 1).max(0));
        }
        let months =
            unit.of_months().and_then(|months| months.checked_mul(count)).ok_or(Uncounted::Beyond)?;
        let (rule, missing) = self.months.ok_or(Uncounted::Beyond)?;
        let first = self.first_day(event)?;
        // Where the first day counts, the period begins as if the event had been the day before.
        let begins = match rule {
            Months::CorrespondingDay => later(first, -1)?,
            Months::DayBeforeCorresponding => first,
        };
        let ends = add_months(begins, months)?;
        match (ends.day() == begins.day(), rule, missing) {
            (true, Months::CorrespondingDay, _) | (false, _, MissingDay::EndOfMonth) => Ok(ends),
            (true, Months::DayBeforeCorresponding, _) => later(ends, -1),
            (false, _, MissingDay::Undefined) => Err(Uncounted::NoSuchDay),
        }
    }

    /// Moves the last day until the period has so many working days.
    fn with_working_days(&self, first: Date, mut due: Date, least: u32) -> Result<Date, Uncounted> {
        let mut found = 0;
        let mut day = first;
        while day < due && found < least {
            found += u32::from(self.open_on(day)?);
            day = later(day, 1)?;
        }
        while found < least {
            found += u32::from(self.open_on(due)?);
            if found < least {
                due = later(due, 1)?;
            }
        }
        Ok(due)
    }

    fn after_working_days(&self, event: Date, count: i64) -> Result<Counted, Uncounted> {
        if count > MAX_WORKING_DAYS {
            return Err(Uncounted::Beyond);
        }
        let mut day = self.working_day(self.first_day(event)?, 1)?;
        for _ in 1..count.max(1) {
            day = self.working_day(later(day, 1)?, 1)?;
        }
        Ok(Counted { unmoved: day, due: day, due_at: None })
    }

    /// Counts a period of hours from an instant, in the regime's zone.
    pub(crate) fn after_hours(
        &self,
        event: Timestamp,
        count: i64,
        zone: &TimeZone,
    ) -> Result<Counted, Uncounted> {
        let (begins, end) = self.hours.ok_or(Uncounted::Beyond)?;
        let hour = SignedDuration::from_hours(1);
        let begins = match begins {
            Hours::FromTheInstant => event,
            // The hour in which the event falls is not counted.
            Hours::FromTheNextFullHour => {
                let local = zone.to_datetime(event);
                let past = i64::from(local.minute()) * 60 + i64::from(local.second());
                let past = SignedDuration::new(past, local.subsec_nanosecond());
                event
                    .checked_sub(past)
                    .and_then(|start| start.checked_add(hour))
                    .map_err(|_| Uncounted::Beyond)?
            }
        };
        let hours = count.checked_mul(3600).map(SignedDuration::from_secs).ok_or(Uncounted::Beyond)?;
        let mut due_at = begins.checked_add(hours).map_err(|_| Uncounted::Beyond)?;
        let local = zone.to_datetime(due_at);
        let counted = local.date();
        if end == HoursEnd::SameHourNextWorkingDay {
            let day = self.working_day(counted, 1)?;
            if day != counted {
                due_at = zone.to_timestamp(day.to_datetime(local.time())).map_err(|_| Uncounted::Beyond)?;
            }
        }
        Ok(Counted { unmoved: counted, due: zone.to_datetime(due_at).date(), due_at: Some(due_at) })
    }

    /// Counts a period backwards from the day of an event, which does not count.
    pub(crate) fn before(&self, event: Date, count: i64, unit: Unit) -> Result<Counted, Uncounted> {
        let rule = self.backward.ok_or(Uncounted::Beyond)?;
        let counted = match unit {
            Unit::WorkingDays if count > MAX_WORKING_DAYS => return Err(Uncounted::Beyond),
            Unit::WorkingDays => {
                let mut day = event;
                for _ in 0..count.max(1) {
                    day = self.working_day(later(day, -1)?, -1)?;
                }
                day
            }
            _ => match (unit.of_days(), unit.of_months()) {
                (Some(days), _) => later(event, -days.checked_mul(count).ok_or(Uncounted::Beyond)?)?,
                (_, Some(months)) => {
                    let day = add_months(event, -months.checked_mul(count).ok_or(Uncounted::Beyond)?)?;
                    let undefined = self.months.is_none_or(|(_, missing)| missing == MissingDay::Undefined);
                    if undefined && day.day() != event.day() {
                        return Err(Uncounted::NoSuchDay);
                    }
                    day
                }
                _ => return Err(Uncounted::Beyond),
            },
        };
        let due = match rule {
            Backward::Stays => counted,
            Backward::PreviousWorkingDay => self.working_day(counted, -1)?,
        };
        Ok(Counted { unmoved: counted, due, due_at: None })
    }

    /// Takes a day that the law names itself, so many periods later.
    pub(crate) fn anniversary(&self, day: Date, count: i64, unit: Unit) -> Result<Counted, Uncounted> {
        let day = match (unit.of_days(), unit.of_months()) {
            (Some(days), _) => later(day, days.checked_mul(count).ok_or(Uncounted::Beyond)?)?,
            (_, Some(months)) => add_months(day, months.checked_mul(count).ok_or(Uncounted::Beyond)?)?,
            _ => return Err(Uncounted::Beyond),
        };
        self.fixed(day)
    }

    /// Takes a day that the law names itself.
    pub(crate) fn fixed(&self, day: Date) -> Result<Counted, Uncounted> {
        let due = if self.fixed_dates_roll { self.working_day(day, 1)? } else { day };
        Ok(Counted { unmoved: day, due, due_at: None })
    }

    fn first_day(&self, event: Date) -> Result<Date, Uncounted> {
        if self.first_day_counts { Ok(event) } else { later(event, 1) }
    }

    fn open_on(&self, day: Date) -> Result<bool, Uncounted> {
        self.is_working_day(day).ok_or(Uncounted::Beyond)
    }

    /// Returns the day itself or the nearest working day in a direction.
    fn working_day(&self, mut day: Date, step: i64) -> Result<Date, Uncounted> {
        // Closed days come in short runs: a calendar without any working day in a year is broken.
        for _ in 0..366 {
            if self.open_on(day)? {
                return Ok(day);
            }
            day = later(day, step)?;
        }
        Err(Uncounted::Beyond)
    }
}

fn later(day: Date, days: i64) -> Result<Date, Uncounted> {
    add_days(day, days).ok_or(Uncounted::Beyond)
}

fn add_days(day: Date, days: i64) -> Option<Date> {
    day.checked_add(Span::new().try_days(days).ok()?).ok()
}

/// Adds months; where the last month is shorter, its last day.
fn add_months(day: Date, months: i64) -> Result<Date, Uncounted> {
    let span = Span::new().try_months(months).map_err(|_| Uncounted::Beyond)?;
    day.checked_add(span).map_err(|_| Uncounted::Beyond)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::civil::date;

    use super::*;
    use crate::diagnostic::Source;

    fn calendar(rules: &str) -> Calendar {
        let text = format!(
            "title = {{ ja = '', en = '' }}\nsource = ''\ncertainty = 'verified'\nweekend = ['saturday', 'sunday']\nfirst_day = 'does_not_count'\nfixed_dates = 'stays'\n{rules}"
        );
        Calendar::load("test", &Source { file: "test.toml", text: &text }, &BTreeMap::new()).unwrap()
    }

    fn japanese() -> Calendar {
        calendar(
            "last_day = 'stays'\nmonths = 'day_before_corresponding'\nmissing_day = 'end_of_month'\nhours = 'from_the_instant'\nhours_end = 'stays'",
        )
    }

    fn european() -> Calendar {
        calendar(
            "last_day = 'next_working_day'\nleast_working_days = { from_days = 2, working_days = 2 }\nmonths = 'corresponding_day'\nmissing_day = 'end_of_month'\nhours = 'from_the_next_full_hour'\nhours_end = 'stays'\nbackward = 'previous_working_day'",
        )
    }

    fn counted(calendar: &Calendar, event: Date, count: i64, unit: Unit) -> Date {
        calendar.after(event, count, unit).unwrap().unmoved
    }

    #[test]
    fn a_month_ends_where_the_law_says() {
        let cases = [
            (date(2027, 2, 28), date(2027, 3, 31), date(2027, 3, 28)),
            (date(2027, 1, 31), date(2027, 2, 28), date(2027, 2, 28)),
            (date(2027, 1, 30), date(2027, 2, 28), date(2027, 2, 28)),
            (date(2027, 1, 15), date(2027, 2, 15), date(2027, 2, 15)),
            (date(2027, 3, 30), date(2027, 4, 30), date(2027, 4, 30)),
        ];
        for (event, civil_code, regulation) in cases {
            assert_eq!(counted(&japanese(), event, 1, Unit::Months), civil_code, "{event}");
            assert_eq!(counted(&european(), event, 1, Unit::Months), regulation, "{event}");
        }
        assert_eq!(counted(&japanese(), date(2028, 2, 29), 1, Unit::Years), date(2029, 2, 28));
    }

    #[test]
    fn an_ambiguous_month_is_no_date() {
        let calendar = calendar(
            "last_day = 'stays'\nmonths = 'corresponding_day'\nmissing_day = 'undefined'\nbackward = 'stays'",
        );
        assert_eq!(calendar.after(date(2027, 1, 31), 1, Unit::Months), Err(Uncounted::NoSuchDay));
        assert_eq!(calendar.before(date(2027, 3, 31), 1, Unit::Months), Err(Uncounted::NoSuchDay));
        assert_eq!(counted(&calendar, date(2027, 1, 28), 1, Unit::Months), date(2027, 2, 28));
    }

    #[test]
    fn hours_run_from_the_instant_or_from_the_next_full_hour() {
        let zone = TimeZone::UTC;
        let event: Timestamp = "2026-11-20T10:20:30.5Z".parse().unwrap();
        let due = |calendar: &Calendar| calendar.after_hours(event, 24, &zone).unwrap().due_at.unwrap();
        assert_eq!(due(&japanese()), "2026-11-21T10:20:30.5Z".parse().unwrap());
        assert_eq!(due(&european()), "2026-11-21T11:00:00Z".parse().unwrap());
        let moved = calendar(
            "last_day = 'stays'\nhours = 'from_the_instant'\nhours_end = 'same_hour_next_working_day'",
        );
        assert_eq!(due(&moved), "2026-11-23T10:20:30.5Z".parse().unwrap());
    }

    #[test]
    fn a_period_counted_backwards_moves_back() {
        let calendar = european();
        // Two weeks before Saturday 2026-11-21 is a Saturday too: the Friday before.
        let before = calendar.before(date(2026, 11, 21), 2, Unit::Weeks).unwrap();
        assert_eq!((before.unmoved, before.due), (date(2026, 11, 7), date(2026, 11, 6)));
        let working = calendar.before(date(2026, 11, 24), 2, Unit::WorkingDays).unwrap();
        assert_eq!(working.due, date(2026, 11, 20));
    }
}
