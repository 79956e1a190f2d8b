//! Who has read what is restricted. Every reading is written down before anything is shown; once a
//! day for each statement and reader, so that the log of it stays small.

use evidence::{Date, Digest, Timestamp, sha256};
use serde::{Deserialize, Serialize};

use crate::desk::{Desk, DeskError, Kept, Versioned};
use crate::records::MAX_FOUND;
use crate::tip::{MAX_OPEN, Tip};

/// That someone has read a restricted statement, or restricted attachments of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// Its name among the documents: the same for every reading of one day.
    pub id: String,
    /// The statement.
    pub statement: Digest,
    /// The organisation for which it was read; none: the operator of the node.
    pub reader: Option<Digest>,
    /// The account; none: a program, with a token.
    pub account: Option<String>,
    /// When it was first read on that day.
    pub at: Timestamp,
}

impl Reading {
    /// Says that a statement is being read.
    pub fn new(statement: Digest, reader: Option<Digest>, account: Option<&str>, now: Timestamp) -> Self {
        let who = format!("{statement} {reader:?} {account:?}");
        let day: Date = now.utc_date();
        let id = format!("{day}-{}", &sha256(who.as_bytes()).to_string()[..32]);
        Self { id, statement, reader, account: account.map(str::to_owned), at: now }
    }
}

impl Kept for Reading {
    const KIND: &'static str = "reading";

    fn id(&self) -> &str {
        &self.id
    }

    fn keys(&self) -> Vec<(&'static str, String)> {
        vec![("statement", self.statement.to_string())]
    }
}

impl Desk {
    /// Writes down that statements are being read. Nothing may be shown where this fails.
    pub fn note_readings(&self, readings: Vec<Reading>) -> Result<(), DeskError> {
        for reading in readings {
            if self.load::<Reading>(&reading.id)?.is_some() {
                continue;
            }
            match self.save(&mut Versioned::new(reading)) {
                // Another request of the same reader was faster: it is written down.
                Err(error) if error.is_conflict() => {}
                other => other?,
            }
        }
        Ok(())
    }

    /// Returns who has read a statement, newest first.
    pub fn readings_of(&self, statement: &Digest) -> Result<Vec<Reading>, DeskError> {
        let found = self.list::<Reading>("statement", &statement.to_string(), None, MAX_FOUND)?;
        Ok(found.into_iter().rev().map(|reading| reading.value).collect())
    }

    /// Tells whether an authority has an open tip about an organisation: until it is closed, that
    /// organisation is not told what the authority reads.
    pub fn has_open_tip(&self, authority: &Digest, about: &Digest) -> Result<bool, DeskError> {
        let open = self.list::<Tip>("open", &authority.to_string(), None, MAX_OPEN)?;
        Ok(open.iter().any(|tip| tip.about == Some(*about)))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::records::SqliteRecords;

    #[test]
    fn a_day_of_reading_is_one_line_and_another_reader_another() {
        let desk = Desk::new(Arc::new(SqliteRecords::in_memory().unwrap()));
        let (statement, reader) = (sha256(b"statement"), sha256(b"reader"));
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let morning = at("2026-11-29T01:00:00.000Z");
        for now in [morning, at("2026-11-29T02:00:00.000Z"), at("2026-11-30T01:00:00.000Z")] {
            desk.note_readings(vec![Reading::new(statement, Some(reader), Some("a"), now)]).unwrap();
        }
        desk.note_readings(vec![Reading::new(statement, None, None, morning)]).unwrap();
        let found = desk.readings_of(&statement).unwrap();
        assert_eq!(found.len(), 3);
        assert_eq!(found[0].at, at("2026-11-30T01:00:00.000Z"), "newest first");
        assert!(found.iter().filter(|r| r.reader == Some(reader)).all(|r| r.account.is_some()));
        assert_eq!(desk.readings_of(&reader).unwrap(), []);
    }

    #[test]
    fn only_an_open_tip_about_an_organisation_keeps_readings_from_it() {
        let desk = Desk::new(Arc::new(SqliteRecords::in_memory().unwrap()));
        let (authority, lab) = (sha256(b"authority"), sha256(b"lab"));
        let now: Timestamp = "2026-11-29T10:11:12.000Z".parse().unwrap();
        let code = desk.take_tip(authority, "The test was never run.", now).unwrap();
        assert!(!desk.has_open_tip(&authority, &lab).unwrap());
        let mut tip = desk.tip_of(&code).unwrap().unwrap();
        tip.about = Some(lab);
        desk.save(&mut tip).unwrap();
        assert!(desk.has_open_tip(&authority, &lab).unwrap());
        assert!(!desk.has_open_tip(&authority, &authority).unwrap());
        tip.closed = true;
        desk.save(&mut tip).unwrap();
        assert!(!desk.has_open_tip(&authority, &lab).unwrap());
    }
}
