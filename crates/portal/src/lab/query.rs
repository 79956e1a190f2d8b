//! What an address of the lab may hold: names and values, few and short, each name once.

use std::collections::BTreeSet;
use std::fmt;

use axum::extract::Query as Pairs;
use axum::http::Uri;

/// Longest query, in bytes; an address that mail programs and proxies still carry.
const MAX_QUERY: usize = 8 << 10;
/// Most names.
const MAX_PAIRS: usize = 160;
/// Longest name and value, in bytes.
const MAX_NAME: usize = 80;
const MAX_VALUE: usize = 200;

/// Names and values in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Query(Vec<(String, String)>);

/// What is wrong with an address or an answer. Pages say it in their language, the API in English.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wrong {
    /// The name in the query that it is about; empty where it is about the whole.
    pub(crate) name: String,
    pub(crate) kind: WrongKind,
}

/// Kinds of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum WrongKind {
    /// More or longer than is read.
    TooMuch,
    /// A name stands there twice.
    Twice,
    /// There is no such name.
    Unknown,
    /// No law at hand has this id.
    NoLaw,
    /// The law has no such named setting.
    NoPreset,
    /// The model is not in the register.
    NoModel,
    /// Neither yes nor no.
    Boolean,
    /// Not one of the choices.
    Choice,
    /// No number.
    Number,
    /// Less than nothing.
    Negative,
    /// The low end lies above the high end.
    Ends,
    /// No day.
    Day,
    /// No day with a time.
    Instant,
    /// A time that does not exist, or is there twice, where clocks were moved.
    Clocks,
    /// After the day as of which is asked.
    Later,
    /// No time zone.
    Zone,
    /// Nothing was chosen.
    Empty,
    /// A figure, and that it is not known; or a figure and an interval.
    Both,
}

impl WrongKind {
    /// Returns the key of the message that says it.
    pub(crate) fn key(&self) -> &'static str {
        match self {
            Self::TooMuch => "lab-wrong-too-much",
            Self::Twice => "lab-wrong-twice",
            Self::Unknown => "lab-wrong-unknown",
            Self::NoLaw => "lab-wrong-law",
            Self::NoPreset => "lab-wrong-preset",
            Self::NoModel => "lab-wrong-model",
            Self::Boolean => "lab-wrong-boolean",
            Self::Choice => "lab-wrong-choice",
            Self::Number => "lab-wrong-number",
            Self::Negative => "lab-wrong-negative",
            Self::Ends => "lab-wrong-ends",
            Self::Day => "lab-wrong-day",
            Self::Instant => "lab-wrong-instant",
            Self::Clocks => "lab-wrong-clocks",
            Self::Later => "lab-wrong-later",
            Self::Zone => "lab-wrong-zone",
            Self::Empty => "lab-wrong-empty",
            Self::Both => "lab-wrong-both",
        }
    }
}

impl Wrong {
    pub(crate) fn new(name: impl Into<String>, kind: WrongKind) -> Self {
        let name: String = name.into();
        Self { name: name.chars().take(MAX_NAME).collect(), kind }
    }
}

impl Wrong {
    /// Tells whether it is about a time of the incident, and nothing else.
    pub(crate) fn is_time(&self) -> bool {
        self.name.starts_with("i.")
            && matches!(self.kind, WrongKind::Instant | WrongKind::Clocks | WrongKind::Later)
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let expected = match self.kind {
            WrongKind::TooMuch => {
                return write!(f, "at most {MAX_QUERY} bytes and {MAX_PAIRS} names are read");
            }
            WrongKind::Twice => "it stands in the query twice",
            WrongKind::Unknown => "there is no such name",
            WrongKind::NoLaw => "no law at hand has this id; see /api/v1/regimes",
            WrongKind::NoPreset => "expected a preset of the law, `adopted` or `open`",
            WrongKind::NoModel => "no model in the register has this path; see /api/v1/models",
            WrongKind::Boolean => "expected true, false or unknown",
            WrongKind::Choice => "expected one of the choices of the law's fact schema, or unknown",
            WrongKind::Number => {
                "expected a number, as in 1e25, or an interval, as in 8e24..1.1e25, 1e25.. or ..1e25, or unknown"
            }
            WrongKind::Negative => "expected a figure that is not below zero",
            WrongKind::Ends => "the low end lies above the high end",
            WrongKind::Day => "expected a day of the calendar, as in 2026-11-24",
            WrongKind::Instant => "expected a day and a time, as in 2026-11-24T10:00",
            WrongKind::Clocks => "there is no such time in the zone, or there are two, as clocks were moved",
            WrongKind::Later => "it lies after the day as of which is asked; set `at` to a later day",
            WrongKind::Zone => "expected a time zone, as in Asia/Tokyo",
            WrongKind::Empty => "expected a value",
            WrongKind::Both => "expected one answer: a figure, an interval or unknown",
        };
        if self.name.is_empty() { f.write_str(expected) } else { write!(f, "`{}`: {expected}", self.name) }
    }
}

impl Query {
    /// Reads the query of an address. Empty values count as not given, as forms send them.
    pub(crate) fn read(uri: &Uri) -> Result<Self, Wrong> {
        let whole = |kind| Wrong::new("", kind);
        if uri.query().unwrap_or_default().len() > MAX_QUERY {
            return Err(whole(WrongKind::TooMuch));
        }
        let Ok(Pairs(pairs)) = Pairs::<Vec<(String, String)>>::try_from_uri(uri) else {
            return Err(whole(WrongKind::Unknown));
        };
        if pairs.len() > MAX_PAIRS {
            return Err(whole(WrongKind::TooMuch));
        }
        let mut seen = BTreeSet::new();
        for (name, value) in &pairs {
            if name.len() > MAX_NAME || value.len() > MAX_VALUE {
                return Err(Wrong::new(name.as_str(), WrongKind::TooMuch));
            }
            if !seen.insert(name.as_str()) {
                return Err(Wrong::new(name.as_str(), WrongKind::Twice));
            }
        }
        Ok(Self(pairs.into_iter().filter(|(_, value)| !value.trim().is_empty()).collect()))
    }

    /// Returns a value.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.trim())
    }

    /// Takes a value out.
    pub(crate) fn take(&mut self, name: &str) -> Option<String> {
        let at = self.0.iter().position(|(known, _)| known == name)?;
        Some(self.0.remove(at).1)
    }

    /// Returns what stands there, in its order.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.trim()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<Query, WrongKind> {
        Query::read(&format!("/?{query}").parse().unwrap()).map_err(|wrong| wrong.kind)
    }

    #[test]
    fn names_stand_once_and_what_a_form_left_empty_is_not_given() {
        let query = read("law=all&f.a=&f.b=%E3%81%AF%E3%81%84+x").unwrap();
        assert_eq!(query.pairs().collect::<Vec<_>>(), [("law", "all"), ("f.b", "はい x")]);
        assert_eq!(read("a=1&a=2"), Err(WrongKind::Twice));
    }

    #[test]
    fn more_than_is_read_is_refused() {
        assert_eq!(read(&"a".repeat(MAX_QUERY + 1)), Err(WrongKind::TooMuch));
        let many: Vec<String> = (0..=MAX_PAIRS).map(|n| format!("n{n}=1")).collect();
        assert_eq!(read(&many.join("&")), Err(WrongKind::TooMuch));
        assert_eq!(read(&format!("a={}", "x".repeat(MAX_VALUE + 1))), Err(WrongKind::TooMuch));
    }
}
