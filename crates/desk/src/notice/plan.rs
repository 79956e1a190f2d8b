//! Who is to be told what at a moment. Pure: time, the register and what was said before come in;
//! events and what is then said go out. What was said is one document for each recipient, and is
//! written together with the notices: so a notice exists once, whoever runs when and how often.

use std::collections::{BTreeMap, BTreeSet};

use evidence::{Date, Digest, Slug, Timestamp};
use jiff::civil;
use register::{Board, Register};
use serde::{Deserialize, Serialize};

use super::occasion::{Event, EventKind, Stage, TaskName};
use super::webhook::Endpoint;
use crate::account::{Account, later};
use crate::desk::Kept;
use crate::draft::Draft;
use crate::task;

/// The most events for one recipient in one round; the others come in the next.
pub const MAX_AT_ONCE: usize = 200;

/// What was said is forgotten so long after it last mattered.
const FORGET_MILLIS: i64 = 400 * 86_400_000;
/// That something still matters is written down no more often than this.
const REFRESH_MILLIS: i64 = 30 * 86_400_000;

/// What stands for an organisation.
#[derive(Debug, Clone, Default)]
pub struct Office {
    /// What has a day: its name, the day, and the day on which it is looked at.
    pub dues: Vec<(TaskName, civil::Date, civil::Date)>,
    /// Entries that tell it something, in the order of the log; one event for each.
    pub entries: Vec<(u64, Event)>,
    /// Drafts that wait for an approval, with the holders who could give it.
    pub approvals: Vec<(Event, BTreeSet<Slug>)>,
    /// Whether it may accept others that register.
    pub accepts: bool,
}

/// What stands at a moment, for everyone.
#[derive(Debug, Clone, Default)]
pub struct Offices {
    /// By organisation; none: the node itself, which is told of every entry.
    pub of: BTreeMap<Option<Digest>, Office>,
    /// Registrations that wait.
    pub waiting: Vec<Digest>,
    /// The number of entries in the log.
    pub size: u64,
}

impl Offices {
    /// Works out what stands for these organisations, and for whom among these holders. Entries are
    /// read from `from` on. The full register sees what is restricted: of that, an organisation is
    /// told what it may read, and the node nothing.
    pub fn new(
        register: &Register,
        full: &Register,
        boards: &[Board],
        asking: &BTreeMap<Option<Digest>, BTreeSet<Slug>>,
        from: u64,
        now: Timestamp,
    ) -> Self {
        let mut of: BTreeMap<Option<Digest>, Office> = BTreeMap::new();
        for asks in asking.keys() {
            let mut office = Office::default();
            match asks {
                // The node's own webhooks hear of whoever waits; nobody's duties are the node's.
                None => office.accepts = true,
                Some(id) if register.organisation(id).is_none() => continue,
                Some(id) => {
                    office.accepts = task::accepts(register, id, now);
                    for duty in task::duties(register, boards, id, now) {
                        let Some(day) = duty.standing.due else { continue };
                        let name = TaskName::Duty {
                            model: duty.board.model,
                            regime: duty.board.regime.clone(),
                            duty: duty.result.id.to_string(),
                        };
                        office.dues.push((name, day, duty.board.day));
                    }
                }
            }
            of.insert(*asks, office);
        }
        let today = task::japanese_day(now);
        for asked in task::asked(full) {
            let (Some(office), Some(day)) = (of.get_mut(&Some(asked.of)), asked.day) else { continue };
            let statement = asked.recorded.statement.digest();
            office.dues.push((TaskName::Answer { statement }, day, today));
        }
        for index in from..full.size() {
            let Some(recorded) = full.at_index(index) else { continue };
            let statement = recorded.statement.digest();
            let may_know = |organisation: Option<Digest>| {
                recorded.statement.is_public()
                    || organisation.is_some_and(|id| full.may_read(&recorded.statement, &id, now))
            };
            let mut tell = |organisation: Option<Digest>, event: Event| {
                if may_know(organisation)
                    && let Some(office) = of.get_mut(&organisation)
                {
                    office.entries.push((index, event));
                }
            };
            tell(None, Event::Recorded { statement });
            // Nobody is told what they said themselves.
            let other = |id: &Digest| recorded.issuer != Some(*id);
            let asked = task::asked_of(full, recorded).filter(other);
            let addressee = full.addressee(&statement).filter(other).filter(|id| asked != Some(*id));
            let subject = full.recorded(&recorded.statement.subject());
            let spoken_to = subject.and_then(|about| about.issuer).filter(other);
            let spoken_to = spoken_to.filter(|id| ![asked, addressee].contains(&Some(*id)));
            if let Some(id) = asked {
                tell(Some(id), Event::Asked { statement });
            }
            if let Some(id) = addressee {
                tell(Some(id), Event::Recorded { statement });
            }
            if let Some(id) = spoken_to {
                tell(Some(id), Event::Answered { statement });
            }
        }
        Self { of, waiting: Vec::new(), size: register.size() }
    }

    /// Adds a draft that may wait for an approval.
    pub fn add_draft(
        &mut self,
        register: &Register,
        draft: &Draft,
        asking: &BTreeMap<Option<Digest>, BTreeSet<Slug>>,
        now: Timestamp,
    ) {
        let (Some(frozen), Some(id)) = (draft.frozen(), draft.organisation) else { return };
        let holders = asking.get(&Some(id)).into_iter().flatten();
        let able: BTreeSet<Slug> =
            holders.filter(|holder| task::may_approve(register, draft, &id, holder, now)).cloned().collect();
        if let Some(office) = self.of.get_mut(&Some(id)).filter(|_| !able.is_empty()) {
            let digest = frozen.act.digest;
            let event = Event::Approval { draft: draft.id.clone(), kind: draft.kind.clone(), digest };
            office.approvals.push((event, able));
        }
    }
}

/// Whom something is told.
#[derive(Debug, Clone)]
pub struct Recipient {
    /// Its name: an account's or a webhook's.
    pub id: String,
    /// The organisations that it is told of, with the holder who could approve; none: the node.
    pub organisations: Vec<(Option<Digest>, Option<Slug>)>,
    /// The kinds that it is told; none: all.
    pub kinds: Option<BTreeSet<EventKind>>,
    /// Since when there is it: what was recorded before is not told.
    pub since: Timestamp,
}

impl Recipient {
    /// Tells a person of everything that concerns the organisations that they work for.
    pub fn of_account(account: &Account) -> Option<Self> {
        (!account.shut).then(|| Self {
            id: account.id.clone(),
            organisations: account
                .memberships
                .iter()
                .map(|m| (Some(m.organisation), m.holder.clone()))
                .collect(),
            kinds: None,
            since: account.created_at,
        })
    }

    /// Tells a webhook what it chose.
    pub fn of_endpoint(endpoint: &Endpoint) -> Option<Self> {
        endpoint.is_on().then(|| Self {
            id: endpoint.id.clone(),
            organisations: vec![(endpoint.organisation, None)],
            kinds: Some(endpoint.events.clone()),
            since: endpoint.created_at,
        })
    }

    fn hears(&self, kind: EventKind) -> bool {
        self.kinds.as_ref().is_none_or(|kinds| kinds.contains(&kind))
    }
}

/// What a recipient was told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// The recipient.
    pub id: String,
    /// The size of the log when it was last looked through; none: never.
    pub size: Option<u64>,
    /// The next entry to look at, by organisation.
    pub next: BTreeMap<String, u64>,
    /// What was said of things that have no entry or several stages, and when it last mattered.
    pub said: BTreeMap<String, Said>,
}

/// What was said of one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// The furthest stage of its day.
    pub stage: Option<Stage>,
    /// When it last mattered.
    pub at: Timestamp,
}

impl Kept for Told {
    const KIND: &'static str = "told";

    fn id(&self) -> &str {
        &self.id
    }

    fn keys(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }
}

impl Told {
    /// Returns the first entry that a recipient may not have been told of.
    pub fn from(&self, recipient: &Recipient, first: impl Fn(Timestamp) -> u64) -> u64 {
        // A membership that was not there in the round before begins where that round ended.
        let start = self.size.unwrap_or_else(|| first(recipient.since));
        let known = recipient.organisations.iter().map(|(id, _)| self.next.get(&word(id.as_ref())).copied());
        known.map(|next| next.unwrap_or(start)).min().unwrap_or(start)
    }

    /// Remembers that something was said; tells whether it is new.
    fn say(&mut self, key: String, stage: Option<Stage>, now: Timestamp) -> bool {
        match self.said.get_mut(&key) {
            Some(said) if said.stage >= stage => {
                if later(said.at, REFRESH_MILLIS) < now {
                    said.at = now;
                }
                false
            }
            _ => {
                self.said.insert(key, Said { stage, at: now });
                true
            }
        }
    }
}

fn word(organisation: Option<&Digest>) -> String {
    organisation.map_or_else(|| "node".to_owned(), ToString::to_string)
}

/// Returns the first entry that is not older than a moment.
pub fn first_since(register: &Register, since: Timestamp) -> u64 {
    let newer = register.statements().rev().take_while(|recorded| recorded.time >= since).last();
    newer.map_or(register.size(), |recorded| recorded.index)
}

/// Works out what a recipient is to be told now, with the organisation that it concerns, and what it
/// then has been told. Whatever was missed since the last time is caught up with once: of several
/// stages that a day has passed through, only the last is told. `first` finds the first entry that
/// is not older than a moment.
pub fn plan(
    recipient: &Recipient,
    offices: &Offices,
    told: &Told,
    first: impl Fn(Timestamp) -> u64,
    now: Timestamp,
) -> (Vec<(Option<Digest>, Event)>, Told) {
    let mut events: Vec<(Option<Digest>, Event)> = Vec::new();
    let mut then = Told { id: recipient.id.clone(), next: BTreeMap::new(), ..told.clone() };
    let start = told.size.unwrap_or_else(|| first(recipient.since));
    let mut accepts = false;
    for (id, holder) in &recipient.organisations {
        let mut next = told.next.get(&word(id.as_ref())).copied().unwrap_or(start);
        let Some(office) = offices.of.get(id) else { continue };
        accepts |= office.accepts;
        let mut full = false;
        let from = next;
        for (index, event) in office.entries.iter().filter(|(index, _)| *index >= from) {
            full = events.len() >= MAX_AT_ONCE;
            if full {
                break;
            }
            if recipient.hears(event.kind()) {
                events.push((*id, event.clone()));
            }
            next = index + 1;
        }
        then.next.insert(word(id.as_ref()), if full { next } else { next.max(offices.size) });
        for (name, day, today) in office.dues.iter().filter(|_| recipient.hears(EventKind::Due)) {
            let Some(stage) = Stage::reached(*today, *day) else { continue };
            let key = format!("{} {} {day}", word(id.as_ref()), name.key());
            if events.len() < MAX_AT_ONCE && then.say(key, Some(stage), now) {
                let (task, left) = (name.clone(), task::days_between(*today, *day));
                events.push((*id, Event::Due { task, day: Date::new(*day), stage, left }));
            }
        }
        let Some(holder) = holder.as_ref().filter(|_| recipient.hears(EventKind::Approval)) else { continue };
        for (event, _) in office.approvals.iter().filter(|(_, able)| able.contains(holder)) {
            let Event::Approval { draft, digest, .. } = event else { continue };
            let key = format!("approval {draft} {digest}");
            if events.len() < MAX_AT_ONCE && then.say(key, None, now) {
                events.push((*id, event.clone()));
            }
        }
    }
    if accepts && recipient.hears(EventKind::Registration) {
        for registration in &offices.waiting {
            let key = format!("registration {registration}");
            if events.len() < MAX_AT_ONCE && then.say(key, None, now) {
                events.push((None, Event::Registration { registration: *registration }));
            }
        }
    }
    then.size = Some(offices.size);
    then.said.retain(|_, said| now <= later(said.at, FORGET_MILLIS));
    (events, then)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::task::days_between;

    const DAY: i64 = 86_400_000;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(1_795_000_000_000 + millis).unwrap()
    }

    fn organisation() -> Digest {
        evidence::sha256(b"organisation")
    }

    fn recipient() -> Recipient {
        let organisations = vec![(Some(organisation()), Some("officer-2".parse().unwrap()))];
        Recipient { id: "a".into(), organisations, kinds: None, since: at(0) }
    }

    /// One task due on day 60, open until `done`; an entry every ten days; a draft since day 20.
    fn offices(now: Timestamp, done: i64) -> Offices {
        let today = task::japanese_day(now);
        let day = task::japanese_day(at(60 * DAY));
        let passed = i64::from(days_between(task::japanese_day(at(0)), today));
        let statement = evidence::sha256(b"asked");
        let mut office = Office { accepts: true, ..Office::default() };
        if passed < done {
            office.dues.push((TaskName::Answer { statement }, day, today));
        }
        let size = u64::try_from(passed.max(0) / 10).unwrap();
        office.entries = (0..size)
            .map(|index| (index, Event::Recorded { statement: evidence::sha256(&index.to_be_bytes()) }))
            .collect();
        if passed >= 20 {
            let event = Event::Approval { draft: "d".into(), kind: "order".into(), digest: statement };
            office.approvals.push((event, BTreeSet::from(["officer-2".parse().unwrap()])));
        }
        let waiting = if passed >= 30 { vec![evidence::sha256(b"new")] } else { Vec::new() };
        Offices { of: BTreeMap::from([(Some(organisation()), office)]), waiting, size }
    }

    proptest! {
        #[test]
        fn whenever_it_runs_everything_is_told_once_and_nothing_is_left_out(
            mut runs in prop::collection::vec(0_i64..150 * 24, 1..60),
            done in 20_i64..140,
            ordered in any::<bool>(),
        ) {
            // Clocks that step back are tried as well.
            if ordered {
                runs.sort_unstable();
            }
            let mut told = Told::default();
            let mut all: Vec<Event> = Vec::new();
            for hour in &runs {
                let now = at(hour * 3_600_000);
                let offices = offices(now, done);
                let (events, then) = plan(&recipient(), &offices, &told, |_| 0, now);
                let again = plan(&recipient(), &offices, &then, |_| 0, now).0;
                prop_assert!(again.is_empty(), "told twice: {again:?}");
                let dues = |events: &[(Option<Digest>, Event)]| {
                    events.iter().filter(|(_, e)| e.kind() == EventKind::Due).count()
                };
                prop_assert!(dues(&events) <= 1, "a missed run is caught up with once");
                all.extend(events.into_iter().map(|(_, event)| event));
                // Whatever had been reached by now has been told, or something later has.
                let office = &offices.of[&Some(organisation())];
                for (_, day, today) in &office.dues {
                    let Some(reached) = Stage::reached(*today, *day) else { continue };
                    let told = |event: &Event| matches!(event, Event::Due { stage, .. } if *stage >= reached);
                    prop_assert!(all.iter().any(told));
                }
                for (_, event) in &office.entries {
                    prop_assert!(all.contains(event));
                }
                told = then;
            }
            let mut kept: Vec<String> = all.iter().map(|e| match e {
                Event::Due { stage, .. } => format!("{stage:?}"),
                other => format!("{other:?}"),
            }).collect();
            let count = kept.len();
            kept.sort();
            kept.dedup();
            prop_assert_eq!(kept.len(), count, "each is told at most once");
            prop_assert!(all.iter().filter(|e| e.kind() == EventKind::Due).count() <= 4 + usize::from(super::super::MAX_OVERDUE));
        }
    }

    #[test]
    fn who_joins_later_is_not_told_what_was_before() {
        let told = Told { id: "a".into(), size: Some(3), ..Told::default() };
        let (events, then) = plan(&recipient(), &offices(at(55 * DAY), 50), &told, |_| 0, at(55 * DAY));
        let entries = events.iter().filter(|(_, e)| e.kind() == EventKind::Recorded).count();
        assert_eq!(entries, 2, "entries 3 and 4 came after the round before");
        assert_eq!(then.next[&organisation().to_string()], 5);
    }

    #[test]
    fn what_is_too_much_for_one_round_comes_in_the_next() {
        let mut offices = offices(at(0), 0);
        let office = offices.of.get_mut(&Some(organisation())).unwrap();
        office.entries = (0..450)
            .map(|index: u64| (index, Event::Recorded { statement: evidence::sha256(&index.to_be_bytes()) }))
            .collect();
        offices.size = 450;
        let mut told = Told::default();
        let mut counts = Vec::new();
        for _ in 0..4 {
            let (events, then) = plan(&recipient(), &offices, &told, |_| 0, at(0));
            counts.push(events.len());
            told = then;
        }
        assert_eq!(counts, [200, 200, 50, 0]);
    }

    #[test]
    fn a_new_day_is_recalled_anew_and_only_who_could_approve_is_asked() {
        let now = at(55 * DAY);
        let (events, then) = plan(&recipient(), &offices(now, 99), &Told::default(), |_| 9, now);
        let kinds: Vec<EventKind> = events.iter().map(|(_, e)| e.kind()).collect();
        assert_eq!(kinds, [EventKind::Due, EventKind::Approval, EventKind::Registration]);
        let mut moved = offices(now, 99);
        let office = moved.of.get_mut(&Some(organisation())).unwrap();
        office.dues[0].1 = office.dues[0].1.checked_add(jiff::Span::new().days(20)).unwrap();
        let again = plan(&recipient(), &moved, &then, |_| 9, now).0;
        assert!(matches!(again[..], [(_, Event::Due { stage: Stage::In30, .. })]), "{again:?}");
        let mut other = recipient();
        other.organisations[0].1 = Some("officer-1".parse().unwrap());
        let events = plan(&other, &offices(now, 99), &Told::default(), |_| 9, now).0;
        assert!(events.iter().all(|(_, e)| e.kind() != EventKind::Approval));
    }
}
