//! Time as statements write it: RFC 3339 in UTC with milliseconds.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An instant in whole milliseconds, written `2026-11-23T15:04:05.678Z` and in no other way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// The last millisecond of the year 9999, the last that RFC 3339 can write.
const LAST: i64 = 253_402_300_799_999;

impl Timestamp {
    /// Makes a timestamp of milliseconds since 1970-01-01T00:00:00Z, within the years 1970–9999.
    pub fn from_millis(millis: i64) -> Option<Self> {
        (0..=LAST).contains(&millis).then_some(Self(millis))
    }

    /// Returns milliseconds since 1970-01-01T00:00:00Z.
    pub fn as_millis(self) -> i64 {
        self.0
    }

    /// Returns the instant for arithmetic and display.
    pub fn instant(self) -> jiff::Timestamp {
        jiff::Timestamp::from_millisecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }

    /// Returns the day in UTC.
    pub fn utc_date(self) -> Date {
        Date(jiff::tz::TimeZone::UTC.to_datetime(self.instant()).date())
    }

    /// Returns the current time of this machine's clock.
    ///
    /// For the shells only: the core takes time as an argument.
    pub fn now() -> Self {
        Self(jiff::Timestamp::now().as_millisecond().clamp(0, LAST))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}", self.instant())
    }
}

/// Text that is no timestamp in the one form that statements use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a time such as 2026-11-23T15:04:05.678Z (UTC, with milliseconds), found {0:?}")]
pub struct NotATimestamp(String);

impl FromStr for Timestamp {
    type Err = NotATimestamp;

    fn from_str(text: &str) -> Result<Self, NotATimestamp> {
        let wrong = || NotATimestamp(text.chars().take(40).collect());
        if text.len() != 24 {
            return Err(wrong());
        }
        let instant: jiff::Timestamp = text.parse().map_err(|_| wrong())?;
        let found = Self::from_millis(instant.as_millisecond()).ok_or_else(wrong)?;
        if found.to_string() == text { Ok(found) } else { Err(wrong()) }
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl schemars::JsonSchema for Timestamp {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Timestamp".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "format": "date-time",
            "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$",
            "description": "RFC 3339 in UTC with milliseconds",
        })
    }
}

/// A calendar date, written `2026-11-23`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Date(jiff::civil::Date);

impl Date {
    /// Wraps a calendar date.
    pub fn new(date: jiff::civil::Date) -> Self {
        Self(date)
    }

    /// Returns the date for arithmetic.
    pub fn civil(self) -> jiff::civil::Date {
        self.0
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Text that is no calendar date.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a date such as 2026-11-23, found {0:?}")]
pub struct NotADate(String);

impl FromStr for Date {
    type Err = NotADate;

    fn from_str(text: &str) -> Result<Self, NotADate> {
        let wrong = || NotADate(text.chars().take(40).collect());
        let date: jiff::civil::Date = text.parse().map_err(|_| wrong())?;
        if date.year() >= 0 && date.to_string() == text { Ok(Self(date)) } else { Err(wrong()) }
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl schemars::JsonSchema for Date {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Date".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "format": "date"})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_way_of_writing_an_instant_is_read() {
        let time: Timestamp = "2026-11-23T15:04:05.678Z".parse().unwrap();
        assert_eq!(time.to_string(), "2026-11-23T15:04:05.678Z");
        assert_eq!(
            "2026-11-23T15:04:05.000Z".parse::<Timestamp>().unwrap().to_string(),
            "2026-11-23T15:04:05.000Z"
        );
        for other in [
            "2026-11-23T15:04:05Z",
            "2026-11-23T15:04:05.678+00:00",
            "2026-02-30T00:00:00.000Z",
            "2026-11-23 15:04:05.678Z",
            "2026-11-23t15:04:05.678z",
            "",
        ] {
            assert!(other.parse::<Timestamp>().is_err(), "{other}");
        }
    }

    #[test]
    fn impossible_dates_are_refused() {
        assert!("2026-02-29".parse::<Date>().is_err());
        assert!("20260228".parse::<Date>().is_err());
        assert_eq!("2028-02-29".parse::<Date>().unwrap().to_string(), "2028-02-29");
    }
}
