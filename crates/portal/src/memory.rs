//! What the portal keeps beside the published view: an index of what everyone may see, and earlier
//! states of the register. Both are made from the public fold alone, when they are first asked for.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use evidence::{Digest, Timestamp};
use jiff::civil::{Date, time};
use jiff::tz::{TimeZone, offset};
use node::View;
use register::{History, Index};

/// How many earlier states are kept for who asks again.
const MAX_VIEWS: usize = 16;
/// How many organisations' views of the present are kept.
const MAX_READERS: usize = 64;

/// The point of time at which the register is looked at; the present where neither is given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Point {
    /// How many entries the log had.
    pub(crate) size: Option<u64>,
    /// The day in Japanese time, at its end.
    pub(crate) day: Option<Date>,
}

/// The register at a point of time.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) view: Arc<View>,
    /// The time by which clocks run.
    pub(crate) now: Timestamp,
    /// How many entries there are at present, where this is not the present.
    pub(crate) present: Option<u64>,
}

/// What is kept.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    index: ArcSwap<Index>,
    extending: Mutex<()>,
    history: Mutex<History>,
    views: Mutex<VecDeque<Arc<View>>>,
    readers: Mutex<VecDeque<(Digest, bool, Arc<View>)>>,
}

fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    // Whoever panicked has put nothing in half done.
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Memory {
    /// Returns an index that covers what a view holds; it may go further.
    pub(crate) fn index(&self, view: &View) -> Arc<Index> {
        let index = self.index.load_full();
        if index.size() >= view.register.size() {
            return index;
        }
        let _alone = held(&self.extending);
        let index = self.index.load_full();
        if index.size() >= view.register.size() {
            return index;
        }
        let index = Arc::new(index.extended(&view.register));
        self.index.store(Arc::clone(&index));
        index
    }

    /// Returns the register as it stood at a point of time; what lies ahead is the present.
    pub(crate) fn at(&self, view: Arc<View>, now: Timestamp, point: Point) -> Seen {
        let present = view.register.size();
        let end = point.day.and_then(end_of).filter(|end| *end < now);
        let until = |end: Timestamp| view.register.size_on(end);
        let size = point.size.filter(|size| (1..present).contains(size));
        let size = size.or_else(|| end.filter(|_| point.size.is_none()).map(until)).unwrap_or(present);
        let past = if size == present { Some(Arc::clone(&view)) } else { self.earlier(&view, size) };
        match past {
            Some(past) if end.is_some() || size < present => {
                // A state without a day is shown as of its last entry.
                let last = past.register.time().filter(|_| size < present && point.day.is_none());
                Seen { now: end.or(last).unwrap_or(now), present: Some(present), view: past }
            }
            _ => Seen { view, now, present: None },
        }
    }

    /// Returns a view of the present as an organisation sees it. It is kept for that organisation
    /// alone, as long as the log does not grow and its office does not change.
    pub(crate) fn read_by(&self, view: &Arc<View>, reader: &Digest, now: Timestamp) -> Arc<View> {
        let authority = view.register.has_role(reader, "authority", now);
        let fits = |(of, office, seen): &&(Digest, bool, Arc<View>)| {
            of == reader && *office == authority && seen.head == view.head
        };
        if let Some((_, _, seen)) = held(&self.readers).iter().find(fits) {
            return Arc::clone(seen);
        }
        let seen = Arc::new(view.as_read_by(reader, now));
        let mut readers = held(&self.readers);
        readers.retain(|(of, _, _)| of != reader);
        readers.truncate(MAX_READERS - 1);
        readers.push_front((*reader, authority, Arc::clone(&seen)));
        seen
    }

    fn earlier(&self, view: &View, size: u64) -> Option<Arc<View>> {
        let known = |past: &&Arc<View>| {
            past.register.size() == size && past.register.origin() == view.register.origin()
        };
        if let Some(past) = held(&self.views).iter().find(known) {
            return Some(Arc::clone(past));
        }
        let register = held(&self.history).at(&view.register, size, &view.library)?;
        let past = Arc::new(view.showing(register));
        let mut views = held(&self.views);
        views.truncate(MAX_VIEWS - 1);
        views.push_front(Arc::clone(&past));
        Some(past)
    }
}

/// Returns the last moment of a day in Japanese time.
fn end_of(day: Date) -> Option<Timestamp> {
    let end = day.to_datetime(time(23, 59, 59, 999_000_000));
    let instant = TimeZone::fixed(offset(9)).to_timestamp(end).ok()?;
    Timestamp::from_millis(instant.as_millisecond())
}

/// Returns the first moment of a day in Japanese time.
pub(crate) fn start_of(day: Date) -> Option<Timestamp> {
    let instant = TimeZone::fixed(offset(9)).to_timestamp(day.to_datetime(time(0, 0, 0, 0))).ok()?;
    Timestamp::from_millis(instant.as_millisecond())
}
