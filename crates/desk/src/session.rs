//! Sessions: who is signed in, since when, and how lately they proved it.

use evidence::{Digest, Timestamp, sha256};
use serde::{Deserialize, Serialize};

use crate::account::{Account, later};
use crate::desk::{Desk, DeskError, Kept, Versioned};
use crate::secret::{Secret, hash_of};

/// A session ends so long after it began.
const WHOLE_MILLIS: i64 = 12 * 3_600_000;
/// A session ends so long after its last request.
const IDLE_MILLIS: i64 = 2 * 3_600_000;
/// What asks for a fresh proof asks for one no older than this.
const PROOF_MILLIS: i64 = 15 * 60_000;
/// A session's last request is written down no more often than this.
const TOUCH_MILLIS: i64 = 60_000;
/// A challenge can be answered for so long.
const CHALLENGE_MILLIS: i64 = 5 * 60_000;
/// The most sessions of one account; the oldest ends for a new one.
const MAX_SESSIONS: usize = 10;

/// Someone signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// SHA-256 of the secret in the cookie.
    pub id: String,
    /// The account.
    pub account: String,
    /// What forms must bring along.
    pub form_token: String,
    /// When it began.
    pub began_at: Timestamp,
    /// When it was last used.
    pub seen_at: Timestamp,
    /// When its person last proved who they are.
    pub proved_at: Timestamp,
    /// The provider that vouched for them, where one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
}

impl Session {
    /// Tells whether it still holds.
    pub fn holds(&self, now: Timestamp) -> bool {
        now <= later(self.began_at, WHOLE_MILLIS) && now <= later(self.seen_at, IDLE_MILLIS)
    }

    /// Tells whether its person proved lately who they are.
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        now <= later(self.proved_at, PROOF_MILLIS)
    }
}

impl Kept for Session {
    const KIND: &'static str = "session";

    fn id(&self) -> &str {
        &self.id
    }

    fn keys(&self) -> Vec<(&'static str, String)> {
        vec![("all", String::new()), ("account", self.account.clone())]
    }
}

/// Someone signed in, and their account.
pub type SignedIn = (Versioned<Session>, Versioned<Account>);

/// A question that a passkey answers once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Challenge {
    /// Its name.
    pub id: String,
    /// Until when it can be answered.
    pub until: Timestamp,
}

impl Kept for Challenge {
    const KIND: &'static str = "challenge";

    fn id(&self) -> &str {
        &self.id
    }

    fn keys(&self) -> Vec<(&'static str, String)> {
        vec![("all", String::new())]
    }
}

/// Returns the bytes that a passkey is challenged with to sign in. They can never be those of a
/// statement: that challenge is the hash of bytes that begin with "DSSEv1".
pub fn sign_in_challenge(id: &str) -> Digest {
    sha256(format!("kanae/sign-in/v1\0{id}").as_bytes())
}

impl Desk {
    /// Begins a session, and returns it with the secret for the cookie. Every sign-in begins a new
    /// one, so nobody can be led to use one that someone else knows.
    pub fn begin_session(
        &self,
        account: &Account,
        now: Timestamp,
    ) -> Result<(Versioned<Session>, Secret), DeskError> {
        self.begin_session_proved(account, now, now, None)
    }

    /// Begins a session of someone whom a provider vouches for, and who proved who they are at a moment
    /// that the provider names.
    pub fn begin_session_proved(
        &self,
        account: &Account,
        now: Timestamp,
        proved_at: Timestamp,
        provider: Option<String>,
    ) -> Result<(Versioned<Session>, Secret), DeskError> {
        let sessions = self.list::<Session>("account", &account.id, None, crate::records::MAX_FOUND)?;
        let (holding, ended): (Vec<_>, Vec<_>) = sessions.into_iter().partition(|s| s.holds(now));
        let mut holding = holding;
        holding.sort_by_key(|s| s.seen_at);
        let surplus = (holding.len() + 1).saturating_sub(MAX_SESSIONS);
        let mut changes: Vec<_> =
            ended.iter().chain(holding.iter().take(surplus)).map(Versioned::remove).collect();
        let secret = Secret::random()?;
        let id = secret.hash().to_string();
        let session = Versioned::new(Session {
            id: id.clone(),
            account: account.id.clone(),
            form_token: Secret::random()?.as_str().to_owned(),
            began_at: now,
            seen_at: now,
            proved_at: proved_at.min(now),
            provider,
        });
        changes.push(session.put()?);
        self.write(&changes)?;
        Ok((self.load(&id)?.unwrap_or(session), secret))
    }

    /// Returns the session of a cookie and its account, where both still hold.
    pub fn session(&self, cookie: &str, now: Timestamp) -> Result<Option<SignedIn>, DeskError> {
        let Some(mut session) = self.load::<Session>(&hash_of(cookie).to_string())? else { return Ok(None) };
        if !session.holds(now) {
            return Ok(None);
        }
        let Some(account) = self.load::<Account>(&session.account)?.filter(|a| !a.shut) else {
            return Ok(None);
        };
        if now > later(session.seen_at, TOUCH_MILLIS) {
            session.seen_at = now;
            // Another request of the same person may have written it down: that serves as well.
            match self.save(&mut session) {
                Err(error) if !error.is_conflict() => return Err(error),
                _ => {}
            }
        }
        Ok(Some((session, account)))
    }

    /// Ends every session of an account but one.
    pub fn end_other_sessions(&self, account: &str, keep: &str) -> Result<(), DeskError> {
        let sessions = self.list::<Session>("account", account, None, crate::records::MAX_FOUND)?;
        let changes: Vec<_> = sessions.iter().filter(|s| s.id != keep).map(Versioned::remove).collect();
        self.write(&changes)
    }

    /// Ends a session.
    pub fn end_session(&self, session: &Versioned<Session>) -> Result<(), DeskError> {
        self.write(&[session.remove()])
    }

    /// Asks a passkey something: the challenge is [`sign_in_challenge`] of the returned name.
    pub fn challenge(&self, now: Timestamp) -> Result<String, DeskError> {
        // Names follow time, so those that nobody answered come first and are swept away here.
        let old = self.list::<Challenge>("all", "", None, 16)?;
        for challenge in old.iter().filter(|c| now > c.until) {
            match self.write(&[challenge.remove()]) {
                Err(error) if !error.is_conflict() => return Err(error),
                _ => {}
            }
        }
        let id = format!("{}{}", self.new_id(now)?, Secret::random()?.as_str());
        self.save(&mut Versioned::new(Challenge { id: id.clone(), until: later(now, CHALLENGE_MILLIS) }))?;
        Ok(id)
    }

    /// Tells whether a challenge was open, and closes it.
    pub fn close_challenge(&self, id: &str, now: Timestamp) -> Result<bool, DeskError> {
        let Some(challenge) = self.load::<Challenge>(id)? else { return Ok(false) };
        match self.write(&[challenge.remove()]) {
            Ok(()) => Ok(now <= challenge.until),
            Err(error) if error.is_conflict() => Ok(false),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use evidence::Language;

    use super::*;
    use crate::records::SqliteRecords;

    fn now() -> Timestamp {
        "2026-11-29T00:00:00.000Z".parse().unwrap()
    }

    fn account(desk: &Desk) -> Account {
        let account = Account::new("a".into(), "A".into(), Language::Ja, now());
        desk.save(&mut Versioned::new(account.clone())).unwrap();
        account
    }

    #[test]
    fn a_session_ends_when_it_idles_when_it_is_old_and_when_its_account_is_shut() {
        let desk = Desk::new(Arc::new(SqliteRecords::in_memory().unwrap()));
        let (_, secret) = desk.begin_session(&account(&desk), now()).unwrap();
        let holds = |at| desk.session(secret.as_str(), at).unwrap().is_some();
        assert!(holds(later(now(), IDLE_MILLIS - 1)));
        assert!(!holds(later(now(), 3 * IDLE_MILLIS)));
        assert!(desk.session("another", now()).unwrap().is_none());
        let mut shut = desk.load::<Account>("a").unwrap().unwrap();
        shut.shut = true;
        desk.save(&mut shut).unwrap();
        assert!(!holds(now()));
    }

    #[test]
    fn a_new_session_ends_the_oldest_beyond_the_limit() {
        let desk = Desk::new(Arc::new(SqliteRecords::in_memory().unwrap()));
        let account = account(&desk);
        let first = desk.begin_session(&account, now()).unwrap().1;
        for minute in 1..=10 {
            desk.begin_session(&account, later(now(), minute * 60_000)).unwrap();
        }
        assert!(desk.session(first.as_str(), later(now(), 660_000)).unwrap().is_none());
        assert_eq!(desk.list::<Session>("account", "a", None, 99).unwrap().len(), MAX_SESSIONS);
    }

    #[test]
    fn a_challenge_is_answered_once_and_in_time() {
        let desk = Desk::new(Arc::new(SqliteRecords::in_memory().unwrap()));
        let id = desk.challenge(now()).unwrap();
        assert!(desk.close_challenge(&id, now()).unwrap());
        assert!(!desk.close_challenge(&id, now()).unwrap());
        let late = desk.challenge(now()).unwrap();
        assert!(!desk.close_challenge(&late, later(now(), CHALLENGE_MILLIS + 1)).unwrap());
    }
}
