//! Tips: what somebody tells an authority without saying who they are.
//!
//! A tip stands outside the log. Nothing of the reporter is kept but what they write and the day;
//! the code that they are given is their only way back, and only its hash is kept. It is read by the
//! members of the authority who have the function `tips`, and every reading is written down.

use evidence::{Date, Digest, Timestamp};
use serde::{Deserialize, Serialize};

use crate::desk::{Desk, DeskError, Kept, Versioned};
use crate::secret::{hash_of, plain_code, short_code};

/// The longest message, in characters.
pub const MAX_MESSAGE: usize = 20_000;
/// The most messages of one tip.
pub const MAX_MESSAGES: usize = 200;
/// The most tips of an authority that are open at a time.
pub const MAX_OPEN: usize = 1_000;
/// The most readings that are kept; the oldest go first.
const MAX_READINGS: usize = 500;

/// A tip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tip {
    /// Its name among the documents: random, so that it tells no time.
    pub id: String,
    /// SHA-256 of the code that its reporter was given.
    pub code: Digest,
    /// The authority that it was sent to.
    pub authority: Digest,
    /// What has been said, oldest first.
    pub messages: Vec<Message>,
    /// The organisation that it is about, once a handler has said so.
    #[serde(default)]
    pub about: Option<Digest>,
    /// Whether it was closed.
    pub closed: bool,
    /// Who of the authority has read it.
    pub readings: Vec<Reading>,
}

/// Something said in a tip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The account of the handler who says it; none: the reporter.
    pub by: Option<String>,
    /// The day: a time would tell more about the reporter than is needed.
    pub on: Date,
    /// What is said.
    pub text: String,
}

/// That a handler has read a tip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// The account.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

impl Kept for Tip {
    const KIND: &'static str = "tip";

    fn id(&self) -> &str {
        &self.id
    }

    fn keys(&self) -> Vec<(&'static str, String)> {
        let state = if self.closed { "closed" } else { "open" };
        vec![("code", self.code.to_string()), (state, self.authority.to_string())]
    }
}

/// Why a tip was not taken.
#[derive(Debug, thiserror::Error)]
pub enum TipError {
    /// The message is empty or too long.
    #[error("a message has 1 to {MAX_MESSAGE} characters")]
    Message,
    /// There are too many.
    #[error("too many tips are open: try again later, or write to the authority by post")]
    Full,
    /// The tip was closed, or has too many messages.
    #[error("nothing more can be said here: send a new tip")]
    Closed,
    /// The desk failed.
    #[error(transparent)]
    Desk(#[from] DeskError),
}

impl From<getrandom::Error> for TipError {
    fn from(error: getrandom::Error) -> Self {
        Self::Desk(error.into())
    }
}

fn checked(text: &str) -> Result<String, TipError> {
    let text = text.trim().replace("\r\n", "\n");
    let fits = |c: char| !c.is_control() || c == '\n' || c == '\t';
    if text.is_empty() || text.chars().count() > MAX_MESSAGE || !text.chars().all(fits) {
        return Err(TipError::Message);
    }
    Ok(text)
}

impl Tip {
    /// Adds a message of the reporter, or of a handler.
    pub fn say(&mut self, by: Option<String>, text: &str, now: Timestamp) -> Result<(), TipError> {
        if self.closed || self.messages.len() >= MAX_MESSAGES {
            return Err(TipError::Closed);
        }
        self.messages.push(Message { by, on: now.utc_date(), text: checked(text)? });
        Ok(())
    }

    /// Writes down that a handler has read it.
    pub fn read_by(&mut self, account: &str, now: Timestamp) {
        self.readings.push(Reading { by: account.to_owned(), at: now });
        let surplus = self.readings.len().saturating_sub(MAX_READINGS);
        self.readings.drain(..surplus);
    }

    /// Tells whether the last word was the reporter's.
    pub fn waits(&self) -> bool {
        !self.closed && self.messages.last().is_some_and(|message| message.by.is_none())
    }
}

impl Desk {
    /// Takes a tip, and returns the code that leads back to it: shown once, kept nowhere.
    pub fn take_tip(&self, authority: Digest, text: &str, now: Timestamp) -> Result<String, TipError> {
        if self.list::<Tip>("open", &authority.to_string(), None, MAX_OPEN)?.len() >= MAX_OPEN {
            return Err(TipError::Full);
        }
        let code = short_code()?;
        let mut random = [0; 16];
        getrandom::fill(&mut random)?;
        let mut tip = Tip {
            id: hex::encode(random),
            code: hash_of(&plain_code(&code)),
            authority,
            messages: Vec::new(),
            about: None,
            closed: false,
            readings: Vec::new(),
        };
        tip.say(None, text, now)?;
        self.save(&mut Versioned::new(tip))?;
        Ok(code)
    }

    /// Finds the tip that a code leads to.
    pub fn tip_of(&self, code: &str) -> Result<Option<Versioned<Tip>>, DeskError> {
        self.one("code", &hash_of(&plain_code(code)).to_string())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::records::SqliteRecords;

    #[test]
    fn a_code_leads_back_to_its_tip_however_it_is_typed_and_nothing_else_does() {
        let desk = Desk::new(Arc::new(SqliteRecords::in_memory().unwrap()));
        let authority = evidence::sha256(b"authority");
        let now: Timestamp = "2026-11-29T10:11:12.000Z".parse().unwrap();
        let code = desk.take_tip(authority, "The test was never run.", now).unwrap();
        let shouted = code.to_uppercase().replace('-', " ");
        let mut tip = desk.tip_of(&shouted).unwrap().unwrap();
        assert!(tip.waits());
        tip.say(Some("handler".into()), "Thank you. When?", now).unwrap();
        assert!(!tip.waits());
        tip.closed = true;
        assert!(matches!(tip.say(None, "More", now), Err(TipError::Closed)));
        assert!(desk.tip_of("another").unwrap().is_none());
        assert!(matches!(desk.take_tip(authority, " ", now), Err(TipError::Message)));
        let kept = serde_json::to_string(&tip.value).unwrap();
        assert!(!kept.contains(&code) && !kept.contains("10:11"), "neither the code nor the time is kept");
    }
}
