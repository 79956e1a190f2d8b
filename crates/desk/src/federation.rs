//! People whom other providers vouch for: sign-ins under way, identities, and what groups give.
//!
//! What groups give is kept apart from what was given by hand, so that it can be taken away again
//! when a group no longer gives it, and nothing else is.

use std::collections::{BTreeMap, BTreeSet};

use evidence::{Digest, Timestamp};
use serde::{Deserialize, Serialize};

use crate::account::{Account, AccountError, Function, Identity, MAX_IDENTITIES, Membership, later};
use crate::desk::{Desk, DeskError, Kept, Versioned};
use crate::secret::{Secret, hash_of, same};

/// How long a provider has to answer: people look for their card, and for its PIN.
const ATTEMPT_MILLIS: i64 = 10 * 60_000;

/// What groups give.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    /// Whether they make an administrator of the node.
    pub administrator: bool,
    /// What they let do in which organisations; nothing: only read.
    pub memberships: BTreeMap<Digest, BTreeSet<Function>>,
}

/// What the groups of one provider give an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// The provider.
    pub issuer: String,
    /// What they give.
    pub gives: Given,
    /// What the account would not have without: what goes when the groups go.
    pub added: Given,
    /// The memberships that there would not be at all.
    pub made: BTreeSet<Digest>,
}

impl Grant {
    fn new(issuer: &str, gives: Given) -> Self {
        Self { issuer: issuer.to_owned(), gives, added: Given::default(), made: BTreeSet::new() }
    }
}

impl Account {
    /// Puts what the groups of a provider give in the place of what they gave before.
    pub fn regrant(&mut self, issuer: &str, gives: Given) {
        let mut grants = std::mem::take(&mut self.grants);
        // First what was given by hand stands alone; then every provider adds to it.
        for grant in &grants {
            self.take_back(grant);
        }
        grants.retain(|grant| grant.issuer != issuer);
        if gives != Given::default() {
            grants.push(Grant::new(issuer, gives));
        }
        for grant in &mut grants {
            self.add(grant);
        }
        self.grants = grants;
    }

    fn take_back(&mut self, grant: &Grant) {
        self.administrator &= !grant.added.administrator;
        for (organisation, functions) in &grant.added.memberships {
            if let Some(there) = self.memberships.iter_mut().find(|m| m.organisation == *organisation) {
                there.functions.retain(|function| !functions.contains(function));
            }
        }
        self.memberships.retain(|m| !grant.made.contains(&m.organisation));
    }

    fn add(&mut self, grant: &mut Grant) {
        (grant.added, grant.made) = (Given::default(), BTreeSet::new());
        grant.added.administrator = grant.gives.administrator && !self.administrator;
        self.administrator |= grant.gives.administrator;
        for (organisation, functions) in &grant.gives.memberships {
            let there = self.memberships.iter_mut().find(|m| m.organisation == *organisation);
            let added = if let Some(there) = there {
                let added = functions.difference(&there.functions).copied().collect();
                there.functions.extend(functions);
                added
            } else {
                let functions = functions.clone();
                let (organisation, holder) = (*organisation, None);
                self.memberships.push(Membership { organisation, holder, functions: functions.clone() });
                grant.made.insert(organisation);
                functions
            };
            grant.added.memberships.insert(*organisation, added);
        }
    }

    /// What is given by hand stays, also where a group gives it too.
    pub(crate) fn keep_by_hand(&mut self, membership: &Membership) {
        for grant in &mut self.grants {
            grant.made.remove(&membership.organisation);
            if let Some(added) = grant.added.memberships.get_mut(&membership.organisation) {
                added.retain(|function| !membership.functions.contains(function));
            }
        }
    }

    /// Makes an administrator by hand.
    pub fn appoint(&mut self) {
        self.administrator = true;
        for grant in &mut self.grants {
            grant.added.administrator = false;
        }
    }

    /// Tells whether all that the account may do in an organisation, or some of it, comes from groups.
    pub fn is_granted(&self, organisation: &Digest) -> bool {
        self.grants.iter().any(|grant| grant.gives.memberships.contains_key(organisation))
    }
}

/// Which account an identity opens: its name is the identity's hash, so there is only one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Owner {
    id: String,
    account: String,
}

impl Owner {
    fn new(identity: &Identity, account: &str) -> Self {
        Self { id: Self::name(identity), account: account.to_owned() }
    }

    fn name(identity: &Identity) -> String {
        hash_of(&identity.word()).to_string()
    }
}

impl Kept for Owner {
    const KIND: &'static str = "identity";

    fn id(&self) -> &str {
        &self.id
    }

    fn keys(&self) -> Vec<(&'static str, String)> {
        vec![("account", self.account.clone())]
    }
}

/// What somebody was sent to a provider for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// To sign in.
    SignIn,
    /// To prove again who they are, in this session.
    Prove {
        /// The session.
        session: String,
    },
    /// To link the identity to the account of this session.
    Link {
        /// The session.
        session: String,
    },
}

/// A sign-in under way: what the provider's answer is compared with. Kept until it is answered, once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Its name: the `state` that comes back (RFC 6749 §4.1.1).
    pub id: String,
    /// The provider's name in the settings.
    pub provider: String,
    /// SHA-256 of the secret in the browser's cookie.
    pub browser: Digest,
    /// What the ID token must repeat.
    pub nonce: String,
    /// The PKCE verifier (RFC 7636).
    pub verifier: String,
    /// What for.
    pub purpose: Purpose,
    /// Where the person goes on to.
    pub next: String,
    /// When it began.
    pub began_at: Timestamp,
}

impl Kept for Attempt {
    const KIND: &'static str = "sign-in";

    fn id(&self) -> &str {
        &self.id
    }

    fn keys(&self) -> Vec<(&'static str, String)> {
        vec![("all", String::new())]
    }
}

impl Desk {
    /// Returns the name of a sign-in to begin: random, so that nobody else's answer fits.
    pub fn new_attempt(&self, now: Timestamp) -> Result<String, DeskError> {
        Ok(format!("{}{}", self.new_id(now)?, Secret::random()?.as_str()))
    }

    /// Keeps a sign-in that begins.
    pub fn begin_attempt(&self, attempt: Attempt, now: Timestamp) -> Result<(), DeskError> {
        // Names follow time: those that nobody answered come first, and are swept away here.
        let old = self.list::<Attempt>("all", "", None, 16)?;
        for attempt in old.iter().filter(|attempt| now > later(attempt.began_at, ATTEMPT_MILLIS)) {
            match self.write(&[attempt.remove()]) {
                Err(error) if !error.is_conflict() => return Err(error),
                _ => {}
            }
        }
        self.save(&mut Versioned::new(attempt))
    }

    /// Takes the sign-in that an answer names, once, in time, in the browser in which it began.
    pub fn take_attempt(
        &self,
        id: &str,
        provider: &str,
        cookie: &str,
        now: Timestamp,
    ) -> Result<Option<Attempt>, DeskError> {
        let Some(attempt) = self.load::<Attempt>(id)? else { return Ok(None) };
        // Whatever is wrong with the answer: there is no second one.
        match self.write(&[attempt.remove()]) {
            Ok(()) => {}
            Err(error) if error.is_conflict() => return Ok(None),
            Err(error) => return Err(error),
        }
        let attempt = attempt.value;
        let fits = now <= later(attempt.began_at, ATTEMPT_MILLIS)
            && attempt.provider == provider
            && same(&attempt.browser.to_string(), &hash_of(cookie).to_string());
        Ok(fits.then_some(attempt))
    }

    /// Returns the account that an identity opens.
    pub fn account_of(&self, identity: &Identity) -> Result<Option<Versioned<Account>>, DeskError> {
        let Some(owner) = self.load::<Owner>(&Owner::name(identity))? else { return Ok(None) };
        self.load(&owner.account)
    }

    /// Adds an identity to an account, which may be a new one; what groups give comes along. Nobody is
    /// ever found by an e-mail address.
    pub fn link(
        &self,
        account: &mut Versioned<Account>,
        identity: Identity,
        gives: Given,
    ) -> Result<(), AccountError> {
        if account.identities.len() >= MAX_IDENTITIES {
            return Err(AccountError::Identities);
        }
        let owner = Versioned::new(Owner::new(&identity, &account.id));
        self.regrant(account, &identity.issuer, gives)?;
        account.identities.push(identity);
        // In one write: two that come at once do not open two accounts.
        self.write(&[owner.put()?, account.put()?]).map_err(|error| {
            if error.is_conflict() { AccountError::IdentityTaken } else { AccountError::Desk(error) }
        })?;
        account.written();
        Ok(())
    }

    /// Writes down that an identity opened its account, with what it says of the person now.
    pub fn refresh(
        &self,
        account: &mut Versioned<Account>,
        identity: Identity,
        gives: Given,
    ) -> Result<(), DeskError> {
        let before = account.value.clone();
        self.regrant(account, &identity.issuer, gives)?;
        if let Some(known) = account.identities.iter_mut().find(|known| known.word() == identity.word()) {
            *known = identity;
        }
        if account.value == before { Ok(()) } else { self.save(account) }
    }

    /// Removes an identity from an account, and what its groups gave; never the last way in. Where only
    /// providers open accounts, passkeys are no way in.
    pub fn unlink(
        &self,
        account: &mut Versioned<Account>,
        word: &str,
        only_providers: bool,
    ) -> Result<(), AccountError> {
        let passkeys = if only_providers { 0 } else { account.passkeys.len() };
        let Some(place) = account.identities.iter().position(|identity| identity.word() == word) else {
            return Ok(());
        };
        if account.identities.len() + passkeys < 2 {
            return Err(AccountError::LastWayIn);
        }
        let identity = account.identities.remove(place);
        if account.identities.iter().all(|other| other.issuer != identity.issuer) {
            self.regrant(account, &identity.issuer, Given::default())?;
        }
        let mut changes = vec![account.put()?];
        changes.extend(self.load::<Owner>(&Owner::name(&identity))?.map(|owner| owner.remove()));
        self.write(&changes)?;
        account.written();
        Ok(())
    }

    /// Puts what groups give in the place of what they gave; the last administrator stays one.
    fn regrant(&self, account: &mut Account, issuer: &str, gives: Given) -> Result<(), DeskError> {
        let was = account.administrator && !account.shut;
        account.regrant(issuer, gives);
        if was && !account.administrator && self.list::<Account>("administrator", "", None, 2)?.len() < 2 {
            account.administrator = true;
            // It still comes from the groups, and goes once there is another one.
            if let Some(grant) = account.grants.iter_mut().find(|grant| grant.issuer == issuer) {
                grant.added.administrator = true;
            } else {
                let mut grant = Grant::new(issuer, Given::default());
                grant.added.administrator = true;
                account.grants.push(grant);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use evidence::{Language, sha256};

    use super::*;
    use crate::records::SqliteRecords;

    const ISSUER: &str = "https://id.example";

    fn now() -> Timestamp {
        "2026-11-29T00:00:00.000Z".parse().unwrap()
    }

    fn desk() -> Desk {
        Desk::new(Arc::new(SqliteRecords::in_memory().unwrap()))
    }

    fn account(desk: &Desk, id: &str) -> Versioned<Account> {
        let mut account = Versioned::new(Account::new(id.into(), id.into(), Language::Ja, now()));
        desk.save(&mut account).unwrap();
        account
    }

    fn identity(subject: &str) -> Identity {
        Identity { issuer: ISSUER.into(), subject: subject.into(), corporate_number: None }
    }

    fn gives(functions: &[Function]) -> Given {
        let memberships = [(sha256(b"o"), functions.iter().copied().collect())].into();
        Given { administrator: false, memberships }
    }

    fn administrator() -> Given {
        Given { administrator: true, ..Given::default() }
    }

    #[test]
    fn groups_take_away_what_they_gave_and_nothing_that_was_given_by_hand() {
        let organisation = sha256(b"o");
        let mut account = Account::new("a".into(), "A".into(), Language::Ja, now());
        account.join(Membership { organisation, holder: None, functions: [Function::Draft].into() });
        account.regrant(ISSUER, gives(&[Function::Draft, Function::Tips]));
        assert!(account.may(&organisation, Function::Tips));
        // Given by hand as well: it stays.
        account.join(Membership { organisation, holder: None, functions: [Function::Manage].into() });
        account.regrant(ISSUER, gives(&[]));
        let left = account.membership(&organisation).unwrap();
        assert_eq!(left.functions, [Function::Draft, Function::Manage].into());
        account.regrant(ISSUER, Given::default());
        assert_eq!(account.memberships.len(), 1);
        assert!(account.grants.is_empty());
    }

    #[test]
    fn a_membership_that_only_groups_made_goes_with_the_last_of_them() {
        let mut account = Account::new("a".into(), "A".into(), Language::Ja, now());
        account.regrant(ISSUER, gives(&[Function::Draft]));
        account.regrant("https://other.example", gives(&[Function::Draft, Function::Tips]));
        account.regrant(ISSUER, Given::default());
        let functions = &account.membership(&sha256(b"o")).unwrap().functions;
        assert_eq!(*functions, [Function::Draft, Function::Tips].into());
        account.regrant("https://other.example", Given::default());
        assert!(account.memberships.is_empty());
    }

    #[test]
    fn the_last_administrator_stays_one_until_there_is_another() {
        let desk = desk();
        let mut first = account(&desk, "first");
        desk.link(&mut first, identity("1"), administrator()).unwrap();
        desk.refresh(&mut first, identity("1"), Given::default()).unwrap();
        assert!(first.administrator);
        let mut second = account(&desk, "second");
        desk.link(&mut second, identity("2"), administrator()).unwrap();
        desk.refresh(&mut first, identity("1"), Given::default()).unwrap();
        assert!(!first.administrator && desk.has_administrator().unwrap());
        // By hand it stays, whatever the groups say.
        first.appoint();
        desk.refresh(&mut first, identity("1"), Given::default()).unwrap();
        assert!(first.administrator);
    }

    #[test]
    fn an_identity_opens_one_account_and_the_last_way_in_stays() {
        let desk = desk();
        let (mut one, mut other) = (account(&desk, "one"), account(&desk, "other"));
        desk.link(&mut one, identity("1"), Given::default()).unwrap();
        let taken = desk.link(&mut other, identity("1"), Given::default());
        assert!(matches!(taken, Err(AccountError::IdentityTaken)));
        assert_eq!(desk.account_of(&identity("1")).unwrap().unwrap().id, "one");
        let word = identity("1").word();
        assert!(matches!(desk.unlink(&mut one, &word, false), Err(AccountError::LastWayIn)));
        desk.link(&mut one, identity("2"), gives(&[])).unwrap();
        desk.unlink(&mut one, &word, true).unwrap();
        assert_eq!(one.memberships.len(), 1, "another identity of the same provider still gives it");
        let mut other = desk.load::<Account>("other").unwrap().unwrap();
        desk.link(&mut other, identity("1"), Given::default()).unwrap();
    }

    #[test]
    fn a_sign_in_is_answered_once_in_time_in_its_own_browser() {
        let desk = desk();
        let begin = || {
            let id = desk.new_attempt(now()).unwrap();
            let attempt = Attempt {
                id: id.clone(),
                provider: "p".into(),
                browser: hash_of("cookie"),
                nonce: String::new(),
                verifier: String::new(),
                purpose: Purpose::SignIn,
                next: String::new(),
                began_at: now(),
            };
            desk.begin_attempt(attempt, now()).unwrap();
            id
        };
        let id = begin();
        assert!(desk.take_attempt(&id, "p", "cookie", now()).unwrap().is_some());
        assert!(desk.take_attempt(&id, "p", "cookie", now()).unwrap().is_none(), "once");
        for (provider, cookie, at) in [
            ("q", "cookie", now()),
            ("p", "another", now()),
            ("p", "cookie", later(now(), ATTEMPT_MILLIS + 1)),
        ] {
            let id = begin();
            assert!(desk.take_attempt(&id, provider, cookie, at).unwrap().is_none());
            assert!(desk.take_attempt(&id, "p", "cookie", now()).unwrap().is_none(), "no second try");
        }
    }

    #[test]
    fn accounts_of_before_are_read() {
        let mut kept =
            serde_json::to_value(Account::new("a".into(), "A".into(), Language::Ja, now())).unwrap();
        assert!(kept.get("grants").is_none());
        kept["identities"] = serde_json::json!([{"issuer": ISSUER, "subject": "1"}]);
        let account: Account = serde_json::from_value(kept).unwrap();
        assert_eq!(account.identities, [identity("1")]);
    }
}
