//! Access tokens of accounts: how programs come to the desk.
//!
//! A token does at most what its account may do, and of that only what its scopes name. It is shown
//! once; the desk keeps its hash. Nothing that asks people for a fresh proof can be done with one.

use std::collections::BTreeSet;

use evidence::{Date, Timestamp};
use serde::{Deserialize, Serialize};

use crate::account::{Account, MAX_NAME, later};
use crate::desk::{Desk, DeskError, Kept, Versioned};
use crate::secret::{Secret, hash_of, new_id};

/// The beginning of every token, so that scanners of leaked secrets can recognise one. Those of the
/// node begin with `kanae_`.
pub const PREFIX: &str = "kanaedesk_";

/// The most tokens of one account.
pub const MAX_TOKENS: usize = 20;

/// The longest that a token holds, in days.
pub const MAX_DAYS: u16 = 365;

const DAY_MILLIS: i64 = 86_400_000;

/// What a token may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Reading what the account may read. Every token may.
    Read,
    /// Writing drafts.
    Draft,
    /// Giving signatures and approvals, and submitting.
    Submit,
    /// Ending memberships, stopping webhooks and accounts.
    Manage,
    /// Reading and answering tips.
    Tips,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 5] = [Self::Read, Self::Draft, Self::Submit, Self::Manage, Self::Tips];

    /// Returns the name, as forms and texts write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Draft => "draft",
            Self::Submit => "submit",
            Self::Manage => "manage",
            Self::Tips => "tips",
        }
    }
}

/// An access token, as the desk keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessToken {
    /// Its name among the documents: of no use to whoever has it.
    pub id: String,
    /// SHA-256 of its text.
    pub hash: String,
    /// The account that it stands for.
    pub account: String,
    /// What it is for, for people.
    pub label: String,
    /// What it may be used for.
    pub scopes: BTreeSet<Scope>,
    /// The account that made it.
    pub made_by: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// Until when it holds.
    pub until: Timestamp,
    /// The last day on which it was used.
    pub used_on: Option<Date>,
}

impl AccessToken {
    /// Tells whether it may be used for this.
    pub fn may(&self, scope: Scope) -> bool {
        scope == Scope::Read || self.scopes.contains(&scope)
    }

    /// Tells whether it still holds.
    pub fn holds(&self, now: Timestamp) -> bool {
        now <= self.until
    }
}

impl Kept for AccessToken {
    const KIND: &'static str = "access-token";

    fn id(&self) -> &str {
        &self.id
    }

    fn keys(&self) -> Vec<(&'static str, String)> {
        vec![("account", self.account.clone()), ("hash", self.hash.clone())]
    }
}

/// What a new token is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedToken {
    /// The account that it stands for.
    pub account: String,
    /// What it is for, for people.
    pub label: String,
    /// What it may be used for, beside reading.
    pub scopes: BTreeSet<Scope>,
    /// How many days it holds.
    pub days: u16,
    /// The account that makes it.
    pub by: String,
}

/// Why a token was not made.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The label cannot be kept.
    #[error("a token's label has 1 to {MAX_NAME} characters and no control characters")]
    Label,
    /// It would hold too long, or not at all.
    #[error("a token holds 1 to {MAX_DAYS} days")]
    Days,
    /// There are too many.
    #[error("an account has at most {MAX_TOKENS} tokens: revoke one first")]
    Many,
    /// The desk failed.
    #[error(transparent)]
    Desk(#[from] DeskError),
}

/// Reads a label as it can be kept.
pub fn label_of(text: &str) -> Option<String> {
    let text = text.trim();
    let fits = (1..=MAX_NAME).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    fits.then(|| text.to_owned())
}

/// A token that was presented, and its account.
pub type Presented = (Versioned<AccessToken>, Versioned<Account>);

impl Desk {
    /// Makes a token and returns its text: the only time that anybody sees it.
    pub fn make_token(&self, wanted: WantedToken, now: Timestamp) -> Result<String, TokenError> {
        let label = label_of(&wanted.label).ok_or(TokenError::Label)?;
        if !(1..=MAX_DAYS).contains(&wanted.days) {
            return Err(TokenError::Days);
        }
        let there = self.tokens_of(&wanted.account)?;
        let (holding, ended): (Vec<_>, Vec<_>) = there.into_iter().partition(|token| token.holds(now));
        if holding.len() >= MAX_TOKENS {
            return Err(TokenError::Many);
        }
        let secret = Secret::random().map_err(DeskError::from)?;
        let text = format!("{PREFIX}{}", secret.hash());
        let mut scopes = wanted.scopes;
        scopes.insert(Scope::Read);
        let token = Versioned::new(AccessToken {
            id: new_id(now).map_err(DeskError::from)?,
            hash: hash_of(&text).to_string(),
            account: wanted.account,
            label,
            scopes,
            made_by: wanted.by,
            made_at: now,
            until: later(now, i64::from(wanted.days) * DAY_MILLIS),
            used_on: None,
        });
        let mut changes: Vec<_> = ended.iter().map(Versioned::remove).collect();
        changes.push(token.put()?);
        self.write(&changes)?;
        Ok(text)
    }

    /// Returns the tokens of an account, oldest first.
    pub fn tokens_of(&self, account: &str) -> Result<Vec<Versioned<AccessToken>>, DeskError> {
        self.list("account", account, None, crate::records::MAX_FOUND)
    }

    /// Returns the token of this text and its account, where both still hold; writes down the day.
    pub fn token(&self, text: &str, now: Timestamp) -> Result<Option<Presented>, DeskError> {
        let found = self.one::<AccessToken>("hash", &hash_of(text).to_string())?;
        let Some(mut token) = found.filter(|token| token.holds(now)) else { return Ok(None) };
        let Some(account) = self.load::<Account>(&token.account)?.filter(|a| !a.shut) else {
            return Ok(None);
        };
        let today = now.utc_date();
        if token.used_on != Some(today) {
            token.used_on = Some(today);
            // Another request with the same token may have written it down: that serves as well.
            match self.save(&mut token) {
                Err(error) if !error.is_conflict() => return Err(error),
                _ => {}
            }
        }
        Ok(Some((token, account)))
    }

    /// Revokes every token of an account.
    pub fn revoke_tokens(&self, account: &str) -> Result<(), DeskError> {
        let changes: Vec<_> = self.tokens_of(account)?.iter().map(Versioned::remove).collect();
        self.write(&changes)
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

    fn desk() -> Desk {
        let desk = Desk::new(Arc::new(SqliteRecords::in_memory().unwrap()));
        let account = Account::new("a".into(), "A".into(), Language::Ja, now());
        desk.save(&mut Versioned::new(account)).unwrap();
        desk
    }

    fn wanted(days: u16) -> WantedToken {
        let (account, by) = ("a".to_owned(), "a".to_owned());
        WantedToken { account, label: "nightly".into(), scopes: [Scope::Draft].into(), days, by }
    }

    #[test]
    fn a_token_holds_until_its_day_and_while_its_account_is_open() {
        let desk = desk();
        let text = desk.make_token(wanted(30), now()).unwrap();
        assert!(text.starts_with("kanaedesk_") && text.len() == 74);
        let used = |at| desk.token(&text, at).unwrap();
        let (token, account) = used(now()).unwrap();
        assert_eq!((account.id.as_str(), token.used_on), ("a", Some(now().utc_date())));
        assert!(token.may(Scope::Read) && token.may(Scope::Draft) && !token.may(Scope::Submit));
        assert!(used(later(now(), 30 * DAY_MILLIS)).is_some());
        assert!(used(later(now(), 30 * DAY_MILLIS + 1)).is_none());
        let mut account = account;
        account.shut = true;
        desk.save(&mut account).unwrap();
        assert!(used(now()).is_none());
    }

    #[test]
    fn only_the_hash_is_kept_and_what_is_revoked_is_gone() {
        let desk = desk();
        let text = desk.make_token(wanted(1), now()).unwrap();
        let kept = serde_json::to_string(&desk.tokens_of("a").unwrap()[0].value).unwrap();
        assert!(!kept.contains(&text) && !kept.contains(&text[PREFIX.len()..]));
        assert!(desk.token(&text[PREFIX.len()..], now()).unwrap().is_none());
        desk.revoke_tokens("a").unwrap();
        assert!(desk.token(&text, now()).unwrap().is_none());
    }

    #[test]
    fn a_token_has_a_label_a_bound_and_company_within_bounds() {
        let desk = desk();
        assert!(matches!(desk.make_token(wanted(0), now()), Err(TokenError::Days)));
        assert!(matches!(desk.make_token(wanted(366), now()), Err(TokenError::Days)));
        let strange = WantedToken { label: "a\nb".into(), ..wanted(1) };
        assert!(matches!(desk.make_token(strange, now()), Err(TokenError::Label)));
        for _ in 0..MAX_TOKENS {
            desk.make_token(wanted(1), now()).unwrap();
        }
        assert!(matches!(desk.make_token(wanted(1), now()), Err(TokenError::Many)));
        let later = later(now(), 2 * DAY_MILLIS);
        desk.make_token(wanted(1), later).unwrap();
        assert_eq!(desk.tokens_of("a").unwrap().len(), 1, "those that have ended make room");
    }
}
