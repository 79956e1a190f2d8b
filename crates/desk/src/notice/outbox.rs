//! The outbox: every notice, every way on which it goes out, and what became of it. A delivery is
//! written before it is sent, and again before each attempt: so nothing is lost, and a crash between
//! sending and writing down costs one more message with the same name.

use evidence::{Digest, Timestamp};
use serde::{Deserialize, Serialize};

use super::occasion::Event;
use super::plan::Told;
use super::webhook::{Endpoint, MAX_FAILURES};
use crate::account::{Account, later};
use crate::desk::{Desk, DeskError, Kept, Versioned};
use crate::records::MAX_FOUND;
use crate::secret::newest_first_id;

/// Waits between attempts, in seconds: three days in all.
const WAITS: [i64; 7] = [60, 300, 1_800, 7_200, 21_600, 86_400, 129_600];

/// The most attempts of a delivery.
pub const MAX_ATTEMPTS: usize = WAITS.len() + 1;

/// An attempt of which nothing was heard for so long is taken for broken off.
const BROKEN_OFF_MILLIS: i64 = 10 * 60_000;

/// The longest answer that is kept, in characters.
const MAX_ANSWER: usize = 300;

/// Notices and deliveries are kept for so long.
const KEEP_MILLIS: i64 = 400 * 86_400_000;

/// What one person was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Its name among the documents; newer ones come first.
    pub id: String,
    /// Who is told.
    pub account: String,
    /// The organisation that it concerns.
    pub organisation: Option<Digest>,
    /// What.
    pub event: Event,
    /// Since when.
    pub at: Timestamp,
    /// When it was marked as read.
    pub read_at: Option<Timestamp>,
}

impl Kept for Notice {
    const KIND: &'static str = "notice";

    fn id(&self) -> &str {
        &self.id
    }

    fn keys(&self) -> Vec<(&'static str, String)> {
        let mut keys = vec![("all", String::new()), ("account", self.account.clone())];
        if self.read_at.is_none() {
            keys.push(("unread", self.account.clone()));
        }
        keys
    }
}

/// The way on which something goes out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "channel", rename_all = "snake_case")]
pub enum Channel {
    /// One e-mail with everything that a person was told in one round.
    Mail {
        /// The account. Its address is read when the mail is sent.
        account: String,
        /// The notices.
        notices: Vec<String>,
    },
    /// One message to a webhook.
    Webhook {
        /// The webhook.
        endpoint: String,
        /// What it is told.
        event: Event,
    },
}

/// How far a delivery has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum DeliveryState {
    /// It waits for its next attempt.
    Queued {
        /// When that is due.
        next: Timestamp,
    },
    /// An attempt is being made.
    Sending {
        /// Since when.
        since: Timestamp,
    },
    /// The other side took it.
    Sent {
        /// When.
        at: Timestamp,
    },
    /// There will be no other attempt.
    GivenUp {
        /// Since when.
        at: Timestamp,
    },
}

/// An attempt that ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// When it ended.
    pub at: Timestamp,
    /// What the other side said, or why it could not be reached.
    pub answer: String,
}

/// What came of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It was taken, with this answer.
    Taken(String),
    /// It may work later.
    Later(String),
    /// It will never work.
    Never(String),
}

/// Something that goes out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Its name; newer ones come first. The message is named after it, in every attempt alike.
    pub id: String,
    /// The organisation that it concerns.
    pub organisation: Option<Digest>,
    /// On which way.
    #[serde(flatten)]
    pub channel: Channel,
    /// Since when.
    pub at: Timestamp,
    /// How far it has come.
    pub state: DeliveryState,
    /// The attempts so far.
    pub attempts: Vec<Attempt>,
}

impl Kept for Delivery {
    const KIND: &'static str = "delivery";

    fn id(&self) -> &str {
        &self.id
    }

    fn keys(&self) -> Vec<(&'static str, String)> {
        let mut keys = vec![("all", String::new())];
        if self.is_open() {
            keys.push(("open", String::new()));
        }
        if matches!(self.state, DeliveryState::GivenUp { .. }) {
            keys.push(("given-up", String::new()));
        }
        match &self.channel {
            Channel::Mail { account, .. } => keys.push(("account", account.clone())),
            Channel::Webhook { endpoint, .. } => keys.push(("webhook", endpoint.clone())),
        }
        keys
    }
}

impl Delivery {
    /// Queues something.
    pub fn new(channel: Channel, organisation: Option<Digest>, now: Timestamp) -> Result<Self, DeskError> {
        let state = DeliveryState::Queued { next: now };
        Ok(Self { id: newest_first_id(now)?, organisation, channel, at: now, state, attempts: Vec::new() })
    }

    /// Tells whether something is still to come of it.
    pub fn is_open(&self) -> bool {
        matches!(self.state, DeliveryState::Queued { .. } | DeliveryState::Sending { .. })
    }

    /// Tells whether an attempt is due.
    pub fn is_due(&self, now: Timestamp) -> bool {
        match self.state {
            DeliveryState::Queued { next } => next <= now,
            DeliveryState::Sending { since } => later(since, BROKEN_OFF_MILLIS) <= now,
            _ => false,
        }
    }

    /// Writes down what came of an attempt.
    pub fn conclude(&mut self, verdict: &Verdict, now: Timestamp) {
        let (Verdict::Taken(answer) | Verdict::Later(answer) | Verdict::Never(answer)) = verdict;
        let answer = answer.chars().filter(|c| !c.is_control()).take(MAX_ANSWER).collect();
        self.attempts.push(Attempt { at: now, answer });
        self.state = match verdict {
            Verdict::Taken(_) => DeliveryState::Sent { at: now },
            Verdict::Never(_) => DeliveryState::GivenUp { at: now },
            Verdict::Later(_) => match next_try(self.attempts.len(), now) {
                Some(next) => DeliveryState::Queued { next },
                None => DeliveryState::GivenUp { at: now },
            },
        };
    }
}

/// Returns when to try again after so many attempts; none: not at all.
pub fn next_try(attempts: usize, now: Timestamp) -> Option<Timestamp> {
    WAITS.get(attempts.checked_sub(1)?).map(|seconds| later(now, seconds * 1_000))
}

/// Why the outbox could not do something: the desk failed.
pub type OutboxError = DeskError;

impl Desk {
    /// Writes what a person was told: the notices, the mail with all of them, and that it was told,
    /// in one piece. Whoever else told them the same in the meantime makes it a conflict.
    pub fn tell(
        &self,
        account: &Account,
        told: &Versioned<Told>,
        events: Vec<(Option<Digest>, Event)>,
        by_mail: bool,
        now: Timestamp,
    ) -> Result<(), OutboxError> {
        let mut changes = vec![told.put()?];
        let mut notices = Vec::with_capacity(events.len());
        for (organisation, event) in events {
            let id = newest_first_id(now)?;
            notices.push(id.clone());
            let notice =
                Notice { id, account: account.id.clone(), organisation, event, at: now, read_at: None };
            changes.push(Versioned::new(notice).put()?);
        }
        if by_mail && account.email.is_some() && !notices.is_empty() {
            let channel = Channel::Mail { account: account.id.clone(), notices };
            changes.push(Versioned::new(Delivery::new(channel, None, now)?).put()?);
        }
        self.write(&changes)
    }

    /// Writes what a webhook is to be told, each event a message, and that it was told.
    pub fn tell_endpoint(
        &self,
        endpoint: &Endpoint,
        told: &Versioned<Told>,
        events: Vec<(Option<Digest>, Event)>,
        now: Timestamp,
    ) -> Result<(), OutboxError> {
        let mut changes = vec![told.put()?];
        for (_, event) in events {
            let channel = Channel::Webhook { endpoint: endpoint.id.clone(), event };
            changes.push(Versioned::new(Delivery::new(channel, endpoint.organisation, now)?).put()?);
        }
        self.write(&changes)
    }

    /// Returns the deliveries of which an attempt is due, oldest first.
    pub fn due_deliveries(&self, now: Timestamp) -> Result<Vec<Versioned<Delivery>>, OutboxError> {
        let mut due = self.all::<Delivery>("open", "")?;
        due.retain(|delivery| delivery.is_due(now));
        due.reverse();
        Ok(due)
    }

    /// Begins an attempt; false where somebody else did.
    pub fn begin_delivery(
        &self,
        delivery: &mut Versioned<Delivery>,
        now: Timestamp,
    ) -> Result<bool, OutboxError> {
        delivery.state = DeliveryState::Sending { since: now };
        match self.save(delivery) {
            Err(error) if error.is_conflict() => Ok(false),
            done => done.map(|()| true),
        }
    }

    /// Ends an attempt. A webhook that failed too often in a row is stopped, and who manages it is
    /// told.
    pub fn end_delivery(
        &self,
        delivery: &mut Versioned<Delivery>,
        verdict: &Verdict,
        gone: bool,
        now: Timestamp,
    ) -> Result<(), OutboxError> {
        delivery.conclude(verdict, now);
        let mut changes = vec![delivery.put()?];
        if let Channel::Webhook { endpoint, event } = &delivery.channel
            && let Some(mut endpoint) = self.load::<Endpoint>(endpoint)?
            && *event != Event::Test
        {
            if matches!(verdict, Verdict::Taken(_)) {
                if endpoint.failures > 0 {
                    endpoint.failures = 0;
                    changes.push(endpoint.put()?);
                }
            } else {
                endpoint.failures += 1;
                if endpoint.is_on() && (gone || endpoint.failures >= MAX_FAILURES) {
                    endpoint.stop(now);
                    changes.extend(self.notices_of_stop(&endpoint, now)?);
                }
                changes.push(endpoint.put()?);
            }
        }
        match self.write(&changes) {
            // Somebody changed the webhook meanwhile: what became of the message counts for more.
            Err(error) if error.is_conflict() => self.save(delivery),
            done => done.map(|()| delivery.written()),
        }
    }

    /// Returns all documents that are found by a word.
    pub fn all<T: Kept>(&self, key: &str, value: &str) -> Result<Vec<Versioned<T>>, DeskError> {
        let mut all: Vec<Versioned<T>> = Vec::new();
        loop {
            let after = all.last().map(|last| last.id().to_owned());
            let found = self.list::<T>(key, value, after.as_deref(), MAX_FOUND)?;
            let more = found.len() == MAX_FOUND;
            all.extend(found);
            if !more {
                return Ok(all);
            }
        }
    }

    /// Returns how many notices somebody has not read, up to a hundred.
    pub fn unread(&self, account: &str) -> Result<usize, DeskError> {
        Ok(self.list::<Notice>("unread", account, None, 100)?.len())
    }

    /// Marks notices of an account as read: one, or the newest hundred.
    pub fn mark_read(&self, account: &str, id: Option<&str>, now: Timestamp) -> Result<(), DeskError> {
        let mut notices = match id {
            Some(id) => self.load::<Notice>(id)?.filter(|n| n.account == account).into_iter().collect(),
            None => self.list::<Notice>("unread", account, None, 100)?,
        };
        for notice in notices.iter_mut().filter(|notice| notice.read_at.is_none()) {
            notice.read_at = Some(now);
            match self.save(notice) {
                // It was read somewhere else at the same time.
                Err(error) if !error.is_conflict() => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    /// Removes notices and deliveries that are older than a year and a month, some at a time.
    pub fn sweep_notices(&self, now: Timestamp) -> Result<(), DeskError> {
        let before = later(now, -KEEP_MILLIS);
        let after = crate::secret::newest_first(before);
        let notices = self.list::<Notice>("all", "", Some(&after), 200)?;
        let deliveries = self.list::<Delivery>("all", "", Some(&after), 200)?;
        let mut changes: Vec<_> = notices.iter().map(Versioned::remove).collect();
        changes.extend(deliveries.iter().filter(|d| !d.is_open()).map(Versioned::remove));
        match self.write(&changes) {
            Err(error) if !error.is_conflict() => Err(error),
            _ => Ok(()),
        }
    }

    fn notices_of_stop(
        &self,
        endpoint: &Endpoint,
        now: Timestamp,
    ) -> Result<Vec<crate::records::Change>, DeskError> {
        let accounts = match endpoint.organisation {
            Some(id) => {
                let mut members = self.all::<Account>("organisation", &id.to_string())?;
                members.retain(|account| account.may(&id, crate::account::Function::Manage));
                members
            }
            None => self.all::<Account>("administrator", "")?,
        };
        let mut changes = Vec::new();
        for account in accounts.iter().filter(|account| !account.shut) {
            let id = newest_first_id(now)?;
            let event = Event::Stopped { endpoint: endpoint.id.clone(), host: endpoint.host() };
            let notice = Notice {
                id: id.clone(),
                account: account.id.clone(),
                organisation: endpoint.organisation,
                event,
                at: now,
                read_at: None,
            };
            changes.push(Versioned::new(notice).put()?);
            if account.email.is_some() {
                let channel = Channel::Mail { account: account.id.clone(), notices: vec![id] };
                changes.push(Versioned::new(Delivery::new(channel, None, now)?).put()?);
            }
        }
        Ok(changes)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Arc;

    use evidence::Language;

    use super::*;
    use crate::account::{Function, Membership};
    use crate::notice::EventKind;
    use crate::records::SqliteRecords;

    fn now() -> Timestamp {
        "2026-11-29T00:00:00.000Z".parse().unwrap()
    }

    fn desk() -> (Desk, Account) {
        let desk = Desk::new(Arc::new(SqliteRecords::in_memory().unwrap()));
        let mut account = Account::new("a".into(), "A".into(), Language::En, now());
        account.email = Some("a@example.org".into());
        let functions = BTreeSet::from([Function::Manage]);
        account.join(Membership { organisation: evidence::sha256(b"o"), holder: None, functions });
        desk.save(&mut Versioned::new(account.clone())).unwrap();
        (desk, account)
    }

    fn events() -> Vec<(Option<Digest>, Event)> {
        vec![(None, Event::Test), (None, Event::Asked { statement: evidence::sha256(b"s") })]
    }

    #[test]
    fn two_servers_that_plan_at_once_tell_once() {
        let (desk, account) = desk();
        let told = || Versioned::new(Told { id: "a".into(), ..Told::default() });
        desk.tell(&account, &told(), events(), true, now()).unwrap();
        assert!(desk.tell(&account, &told(), events(), true, now()).unwrap_err().is_conflict());
        assert_eq!(desk.unread("a").unwrap(), 2);
        let due = desk.due_deliveries(now()).unwrap();
        assert!(
            matches!(&due[..], [d] if matches!(&d.channel, Channel::Mail { notices, .. } if notices.len() == 2))
        );
        desk.mark_read("a", None, now()).unwrap();
        assert_eq!(desk.unread("a").unwrap(), 0);
        desk.mark_read("other", Some(&desk.all::<Notice>("account", "a").unwrap()[0].id), now()).unwrap();
    }

    #[test]
    fn an_attempt_is_made_by_one_and_a_broken_one_is_made_again_under_the_same_name() {
        let (desk, account) = desk();
        let told = Versioned::new(Told { id: "a".into(), ..Told::default() });
        desk.tell(&account, &told, events(), true, now()).unwrap();
        let mut one = desk.due_deliveries(now()).unwrap().remove(0);
        let mut other = one.clone();
        assert!(desk.begin_delivery(&mut one, now()).unwrap());
        assert!(!desk.begin_delivery(&mut other, now()).unwrap());
        assert!(desk.due_deliveries(now()).unwrap().is_empty(), "somebody is at it");
        let again = desk.due_deliveries(later(now(), BROKEN_OFF_MILLIS)).unwrap();
        assert_eq!(again[0].id, one.id);
    }

    #[test]
    fn attempts_grow_rarer_and_end() {
        let (desk, account) = desk();
        let told = Versioned::new(Told { id: "a".into(), ..Told::default() });
        desk.tell(&account, &told, events(), true, now()).unwrap();
        let mut at = now();
        let mut waits = Vec::new();
        let mut delivery = desk.due_deliveries(at).unwrap().remove(0);
        while delivery.is_open() {
            assert!(desk.begin_delivery(&mut delivery, at).unwrap());
            desk.end_delivery(&mut delivery, &Verdict::Later("down\r\n".into()), false, at).unwrap();
            if let DeliveryState::Queued { next } = delivery.state {
                waits.push(next.as_millis() - at.as_millis());
                at = next;
            }
        }
        assert_eq!(delivery.attempts.len(), MAX_ATTEMPTS);
        assert!(waits.is_sorted());
        assert_eq!(delivery.attempts[0].answer, "down");
        assert!(desk.all::<Delivery>("open", "").unwrap().is_empty());
    }

    #[test]
    fn a_webhook_that_fails_too_often_is_stopped_and_its_managers_hear_of_it() {
        let (desk, account) = desk();
        let organisation = account.memberships[0].organisation;
        let mut endpoint = Versioned::new(
            Endpoint::new(Some(organisation), "https://hooks.example.org/x?secret=1", &account.id, now())
                .unwrap(),
        );
        endpoint.events = BTreeSet::from([EventKind::Asked]);
        desk.save(&mut endpoint).unwrap();
        let event = Event::Asked { statement: evidence::sha256(b"s") };
        for round in 0..MAX_FAILURES {
            assert!(desk.load::<Endpoint>(&endpoint.id).unwrap().unwrap().is_on(), "{round}");
            let channel = Channel::Webhook { endpoint: endpoint.id.clone(), event: event.clone() };
            let mut delivery = Versioned::new(Delivery::new(channel, None, now()).unwrap());
            desk.save(&mut delivery).unwrap();
            desk.end_delivery(&mut delivery, &Verdict::Later("500".into()), false, now()).unwrap();
        }
        assert!(!desk.load::<Endpoint>(&endpoint.id).unwrap().unwrap().is_on());
        let notices = desk.all::<Notice>("unread", "a").unwrap();
        let Event::Stopped { host, .. } = &notices[0].event else { panic!("{notices:?}") };
        assert_eq!(host, "hooks.example.org", "nothing of what may be secret in the address");
    }

    #[test]
    fn what_is_old_is_removed_and_what_is_new_stays() {
        let (desk, account) = desk();
        let told = Versioned::new(Told { id: "a".into(), ..Told::default() });
        desk.tell(&account, &told, events(), false, now()).unwrap();
        desk.sweep_notices(later(now(), KEEP_MILLIS - 86_400_000)).unwrap();
        assert_eq!(desk.all::<Notice>("all", "").unwrap().len(), 2);
        desk.sweep_notices(later(now(), KEEP_MILLIS + 86_400_000)).unwrap();
        assert!(desk.all::<Notice>("all", "").unwrap().is_empty());
    }
}
