//! Accounts: who may work at the desk, and for whom.
//!
//! An account says who sits in front of the pages. It confers no authority on the record: that comes
//! from keys and statements alone. A new account may do nothing until a membership is given to it.

use std::collections::BTreeSet;

use evidence::{Digest, Language, Slug, Timestamp};
use serde::{Deserialize, Serialize};

use crate::desk::{Desk, DeskError, Kept, Versioned};
use crate::federation::Grant;
use crate::secret::{Secret, hash_of};

/// The most passkeys of one account.
pub const MAX_PASSKEYS: usize = 10;

/// The most identities of one account.
pub const MAX_IDENTITIES: usize = 10;

/// The longest name of a person or a passkey, in characters.
pub const MAX_NAME: usize = 100;

/// How long an invitation can be taken up, and how long the first start's link.
const INVITATION_MILLIS: i64 = 7 * 86_400_000;

/// Someone who works at the desk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its name among the documents.
    pub id: String,
    /// What colleagues see.
    pub name: String,
    /// Where notices go; none are sent without it.
    pub email: Option<String>,
    /// The language of notices.
    pub language: Language,
    /// Whether it administers accounts and settings of this node. That is no authority on the record.
    pub administrator: bool,
    /// The organisations that it works for.
    pub memberships: Vec<Membership>,
    /// How it signs in, and what it may sign with.
    pub passkeys: Vec<Passkey>,
    /// How other providers know it.
    pub identities: Vec<Identity>,
    /// What its groups at other providers give it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grants: Vec<Grant>,
    /// Whether it is shut.
    pub shut: bool,
    /// Since when there is it.
    pub created_at: Timestamp,
    /// The organisation whose programs it stands for. Nobody signs in to such an account: it has tokens
    /// only, which those who manage the organisation make.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_of: Option<Digest>,
}

/// An organisation that an account works for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// The organisation.
    pub organisation: Digest,
    /// The holder that the account signs as, where it does.
    pub holder: Option<Slug>,
    /// What it may do beside reading.
    pub functions: BTreeSet<Function>,
}

/// What a member may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Function {
    /// Write drafts, and submit them once they are signed.
    Draft,
    /// Invite colleagues and end their memberships.
    Manage,
    /// Read and answer tips.
    Tips,
}

impl Function {
    /// Every function.
    pub const ALL: [Self; 3] = [Self::Draft, Self::Manage, Self::Tips];

    /// Returns the name, as forms and texts write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Manage => "manage",
            Self::Tips => "tips",
        }
    }
}

/// A passkey of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passkey {
    /// Its id at the browser, base64url.
    pub credential: String,
    /// SubjectPublicKeyInfo, DER in base64, as statements carry it.
    pub spki: String,
    /// SHA-256 of it: its name in statements.
    pub key: Digest,
    /// What its owner calls it.
    pub label: String,
    /// Since when it is registered.
    pub created_at: Timestamp,
}

/// How another provider knows someone (OpenID Connect Core §2: `iss` and `sub`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The provider.
    pub issuer: String,
    /// Its name for the person.
    pub subject: String,
    /// The corporate number (法人番号) that it vouches for, where it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corporate_number: Option<String>,
}

impl Identity {
    /// Returns the word by which an account is found.
    pub fn word(&self) -> String {
        format!("{} {}", self.issuer, self.subject)
    }
}

impl Account {
    /// Makes an account that may do nothing yet.
    pub fn new(id: String, name: String, language: Language, now: Timestamp) -> Self {
        Self {
            id,
            name,
            email: None,
            language,
            administrator: false,
            memberships: Vec::new(),
            passkeys: Vec::new(),
            identities: Vec::new(),
            grants: Vec::new(),
            shut: false,
            created_at: now,
            service_of: None,
        }
    }

    /// Makes an account for an organisation's programs.
    pub fn service(
        id: String,
        name: String,
        organisation: Digest,
        functions: BTreeSet<Function>,
        now: Timestamp,
    ) -> Self {
        let membership = Membership { organisation, holder: None, functions };
        let memberships = vec![membership];
        Self { memberships, service_of: Some(organisation), ..Self::new(id, name, Language::En, now) }
    }

    /// Returns the membership in an organisation.
    pub fn membership(&self, organisation: &Digest) -> Option<&Membership> {
        self.memberships.iter().find(|m| m.organisation == *organisation)
    }

    /// Tells whether the account has a function in an organisation.
    pub fn may(&self, organisation: &Digest, function: Function) -> bool {
        self.membership(organisation).is_some_and(|m| m.functions.contains(&function))
    }

    /// Gives a membership, or adds to the one that is there.
    pub fn join(&mut self, membership: Membership) {
        self.keep_by_hand(&membership);
        match self.memberships.iter_mut().find(|m| m.organisation == membership.organisation) {
            Some(there) => {
                there.functions.extend(membership.functions);
                there.holder = membership.holder.or(there.holder.take());
            }
            None => self.memberships.push(membership),
        }
    }

    /// Returns the passkey of a credential.
    pub fn passkey(&self, credential: &str) -> Option<&Passkey> {
        self.passkeys.iter().find(|p| p.credential == credential)
    }
}

impl Kept for Account {
    const KIND: &'static str = "account";

    fn id(&self) -> &str {
        &self.id
    }

    fn keys(&self) -> Vec<(&'static str, String)> {
        let mut keys = vec![("all", String::new())];
        keys.extend(self.passkeys.iter().map(|p| ("passkey", p.credential.clone())));
        keys.extend(self.identities.iter().map(|i| ("identity", i.word())));
        keys.extend(self.memberships.iter().map(|m| ("organisation", m.organisation.to_string())));
        if self.administrator && !self.shut {
            keys.push(("administrator", String::new()));
        }
        keys
    }
}

/// A one-time link: to begin an account, or to get back into one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// SHA-256 of the secret in the link.
    pub id: String,
    /// The account that it opens; none: a new one.
    pub account: Option<String>,
    /// What a new account is called at first.
    pub name: String,
    /// Whether it makes an administrator.
    pub administrator: bool,
    /// The membership that it gives.
    pub membership: Option<Membership>,
    /// Who made it; none: the command line.
    pub by: Option<String>,
    /// Until when it can be taken up.
    pub until: Timestamp,
}

impl Kept for Invitation {
    const KIND: &'static str = "invitation";

    fn id(&self) -> &str {
        &self.id
    }

    fn keys(&self) -> Vec<(&'static str, String)> {
        let mut keys = vec![("all", String::new())];
        keys.extend(self.membership.iter().map(|m| ("organisation", m.organisation.to_string())));
        keys
    }
}

/// Why an account was not changed.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The link was used, is too old, or never was one.
    #[error("the link can be used once, within seven days: ask for a new one")]
    Link,
    /// There would be nobody left to administer the node.
    #[error("the last administrator cannot be removed: name another one first")]
    LastAdministrator,
    /// There are too many passkeys.
    #[error("an account has at most {MAX_PASSKEYS} passkeys: remove one first")]
    Passkeys,
    /// It would leave the account without a way in.
    #[error("this is the only way into the account: add another passkey first")]
    LastWayIn,
    /// The identity opens another account.
    #[error("this identity opens another account: unlink it there first")]
    IdentityTaken,
    /// There are too many identities.
    #[error("an account has at most {MAX_IDENTITIES} identities: unlink one first")]
    Identities,
    /// The desk failed.
    #[error(transparent)]
    Desk(#[from] DeskError),
}

impl Desk {
    /// Makes a one-time link and returns the secret in it. The invitation's `id` and `until` are
    /// filled in.
    pub fn invite(&self, mut invitation: Invitation, now: Timestamp) -> Result<Secret, DeskError> {
        let secret = Secret::random()?;
        invitation.id = secret.hash().to_string();
        invitation.until = later(now, INVITATION_MILLIS);
        self.save(&mut Versioned::new(invitation))?;
        Ok(secret)
    }

    /// Returns what a one-time link would do.
    pub fn invitation(&self, secret: &str, now: Timestamp) -> Result<Versioned<Invitation>, AccountError> {
        match self.load::<Invitation>(&hash_of(secret).to_string())? {
            Some(invitation) if now <= invitation.until => Ok(invitation),
            _ => Err(AccountError::Link),
        }
    }

    /// Takes a one-time link up: the account is made or opened, and the link is gone.
    pub fn take_up(
        &self,
        secret: &str,
        name: &str,
        language: Language,
        now: Timestamp,
    ) -> Result<Versioned<Account>, AccountError> {
        let invitation = self.invitation(secret, now)?;
        let mut account = match &invitation.account {
            Some(id) => {
                let open = |a: &Versioned<Account>| !a.shut && a.service_of.is_none();
                self.load::<Account>(id)?.filter(open).ok_or(AccountError::Link)?
            }
            None => Versioned::new(Account::new(self.new_id(now)?, name.to_owned(), language, now)),
        };
        if invitation.administrator {
            account.appoint();
        }
        if let Some(membership) = &invitation.membership {
            account.join(membership.clone());
        }
        // In one write: a link that two people use at once opens one account.
        self.write(&[invitation.remove(), account.put()?]).map_err(|error| {
            if error.is_conflict() { AccountError::Link } else { AccountError::Desk(error) }
        })?;
        self.load(&account.id)?.ok_or(AccountError::Link)
    }

    /// Tells whether anybody administers the desk.
    pub fn has_administrator(&self) -> Result<bool, DeskError> {
        Ok(self.one::<Account>("administrator", "")?.is_some())
    }

    /// Shuts an account, or ends that it administers the node; never the last one that does.
    pub fn dismiss(&self, account: &mut Versioned<Account>, shut: bool) -> Result<(), AccountError> {
        if account.administrator && self.list::<Account>("administrator", "", None, 2)?.len() < 2 {
            return Err(AccountError::LastAdministrator);
        }
        account.administrator = false;
        account.shut |= shut;
        Ok(self.save(account)?)
    }

    /// Adds a passkey to an account.
    pub fn add_passkey(
        &self,
        account: &mut Versioned<Account>,
        passkey: Passkey,
    ) -> Result<(), AccountError> {
        if account.passkeys.len() >= MAX_PASSKEYS {
            return Err(AccountError::Passkeys);
        }
        account.passkeys.retain(|p| p.credential != passkey.credential);
        account.passkeys.push(passkey);
        Ok(self.save(account)?)
    }

    /// Removes a passkey from an account; never the last way into it.
    pub fn remove_passkey(
        &self,
        account: &mut Versioned<Account>,
        credential: &str,
    ) -> Result<(), AccountError> {
        if account.identities.is_empty() && account.passkeys.iter().all(|p| p.credential == credential) {
            return Err(AccountError::LastWayIn);
        }
        account.passkeys.retain(|p| p.credential != credential);
        Ok(self.save(account)?)
    }
}

/// Returns the moment `millis` after `now`.
pub(crate) fn later(now: Timestamp, millis: i64) -> Timestamp {
    Timestamp::from_millis(now.as_millis().saturating_add(millis)).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::records::SqliteRecords;

    fn desk() -> Desk {
        Desk::new(Arc::new(SqliteRecords::in_memory().unwrap()))
    }

    fn now() -> Timestamp {
        "2026-11-29T00:00:00.000Z".parse().unwrap()
    }

    fn invitation(administrator: bool) -> Invitation {
        Invitation {
            id: String::new(),
            account: None,
            name: String::new(),
            administrator,
            membership: None,
            by: None,
            until: now(),
        }
    }

    #[test]
    fn a_link_opens_one_account_once() {
        let desk = desk();
        let secret = desk.invite(invitation(true), now()).unwrap();
        let account = desk.take_up(secret.as_str(), "One", Language::En, now()).unwrap();
        assert!(account.administrator && desk.has_administrator().unwrap());
        assert!(matches!(desk.take_up(secret.as_str(), "Two", Language::En, now()), Err(AccountError::Link)));
        let old = desk.invite(invitation(false), now()).unwrap();
        let later = later(now(), INVITATION_MILLIS + 1);
        assert!(matches!(desk.take_up(old.as_str(), "Late", Language::En, later), Err(AccountError::Link)));
    }

    #[test]
    fn the_last_administrator_stays() {
        let desk = desk();
        let make = || {
            let secret = desk.invite(invitation(true), now()).unwrap();
            desk.take_up(secret.as_str(), "A", Language::En, now()).unwrap()
        };
        let mut first = make();
        assert!(matches!(desk.dismiss(&mut first, true), Err(AccountError::LastAdministrator)));
        let mut second = make();
        desk.dismiss(&mut first, false).unwrap();
        assert!(matches!(desk.dismiss(&mut second, false), Err(AccountError::LastAdministrator)));
    }

    #[test]
    fn a_new_account_may_do_nothing() {
        let account = Account::new("a".into(), "A".into(), Language::Ja, now());
        let organisation = evidence::sha256(b"o");
        assert!(Function::ALL.iter().all(|f| !account.may(&organisation, *f)));
    }
}
