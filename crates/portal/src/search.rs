//! What is looked for in the register, as an address says it: for pages, documents, feeds and files
//! alike.

use std::collections::BTreeSet;

use evidence::{Digest, PredicateType};
use jiff::civil::Date;
use register::Register;
use register::index::Query;

use crate::memory::start_of;

/// The fields of an address, as they were written.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Fields<'f> {
    /// Words.
    pub(crate) text: &'f str,
    /// Kind of statement.
    pub(crate) kind: &'f str,
    /// Organisation, by its slug or digest.
    pub(crate) organisation: &'f str,
    /// Law.
    pub(crate) law: &'f str,
    /// `current` or `corrected`.
    pub(crate) status: &'f str,
    /// First day, in Japanese time.
    pub(crate) from: &'f str,
    /// Last day.
    pub(crate) until: &'f str,
}

/// A field that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub(crate) enum Wrong {
    #[error("`kind` is no kind of statement; /api/v1/statistics lists them")]
    Kind,
    #[error("`organisation` is none in the register: give its slug or its digest")]
    Organisation,
    #[error("`law` is none that was adopted here; /api/v1/laws lists them")]
    Law,
    #[error("`status` is `current` or `corrected`")]
    Status,
    #[error("`from` and `until` are days, as in 2026-11-24")]
    Day,
}

impl Wrong {
    /// Returns the message that says it on a page.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Kind => "search-wrong-kind",
            Self::Organisation => "search-wrong-organisation",
            Self::Law => "search-wrong-law",
            Self::Status => "search-wrong-status",
            Self::Day => "search-wrong-day",
        }
    }
}

/// Reads what is looked for; what cannot be read is left out, and said.
pub(crate) fn read(register: &Register, fields: Fields<'_>) -> (Query, BTreeSet<Wrong>) {
    let mut wrong = BTreeSet::new();
    let set = |text: &'_ str| Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned);
    let mut query = Query { text: fields.text.to_owned(), ..Query::default() };
    if let Some(kind) = set(fields.kind) {
        match PredicateType::find(&kind) {
            Some(known) => query.kinds = BTreeSet::from([known.name.to_owned()]),
            None => wrong.extend([Wrong::Kind]),
        }
    }
    if let Some(name) = set(fields.organisation) {
        let id = name.parse::<Digest>().ok().or_else(|| register.find(&name));
        query.organisation = id.filter(|id| register.organisation(id).is_some());
        if query.organisation.is_none() {
            wrong.insert(Wrong::Organisation);
        }
    }
    if let Some(law) = set(fields.law) {
        query.law = Some(law).filter(|law| register.regime(law).is_some());
        if query.law.is_none() {
            wrong.insert(Wrong::Law);
        }
    }
    match fields.status.trim() {
        "" => {}
        "current" => query.corrected = Some(false),
        "corrected" => query.corrected = Some(true),
        _ => wrong.extend([Wrong::Status]),
    }
    let mut day = |text: &str| match set(text).map(|text| text.parse::<Date>()) {
        None => None,
        Some(Ok(day)) => Some(day),
        Some(Err(_)) => {
            wrong.insert(Wrong::Day);
            None
        }
    };
    query.from = day(fields.from).and_then(start_of);
    query.before = day(fields.until).and_then(|day| start_of(day.tomorrow().ok()?));
    (query, wrong)
}
