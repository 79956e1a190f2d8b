//! Where a duty stands: owed, due, fulfilled.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::assessment::{DueReason, DutyResult, Status};
use crate::calendar::Counted;
use crate::deadline::{Deadline, Limit, Period, PeriodTerm};
use crate::expression::{Candidate, Context, Outcome, Type};
use crate::record::Event;
use crate::regime::{Duty, Fulfilment, Regime};
use crate::settings::SwitchSettings;
use crate::truth::{Because, Truth};

/// Most periods of a recurring duty that are looked at.
const MAX_PERIODS: i64 = 4096;
/// Attribute by which a statement names the duty that it is about, and its verdict.
const DUTY: &str = "duty";
const RESULT: &str = "result";

pub(crate) struct Standing {
    pub(crate) result: DutyResult,
    /// Whether the duty is unmet, for the conditions of powers and penalties.
    pub(crate) unmet: (Truth, Because),
}

/// One occasion on which the duty is to be fulfilled: the only one, one answer, one period.
#[derive(Default)]
struct Occasion<'e> {
    since: Option<(Timestamp, u64)>,
    due: Option<Date>,
    reason: DueReason,
    fulfilled: Fulfilled<'e>,
}

#[derive(Default)]
struct Fulfilled<'e> {
    /// When the last part arrived; none while a part is missing.
    at: Option<Timestamp>,
    parts: Vec<&'e Event>,
}

struct Clock<'a> {
    regime: &'a Regime,
    settings: &'a SwitchSettings,
    context: &'a Context<'a>,
    duty: &'a Duty,
}

pub(crate) fn assess(
    regime: &Regime,
    settings: &SwitchSettings,
    context: &Context<'_>,
    duty: &Duty,
    owed: Outcome,
) -> Standing {
    let clock = Clock { regime, settings, context, duty };
    let occasion = clock.occasion();
    let last_part = occasion.fulfilled.parts.iter().map(|event| (event.arrived, event.entry)).max();
    let reviewed = clock.verdict(&regime.reviews, last_part.or(occasion.since));
    let decided = clock.verdict(&regime.decisions, occasion.since);
    let past = occasion.due.is_some_and(|due| due < context.as_of);
    let something = !occasion.fulfilled.parts.is_empty();
    let status = match owed.truth {
        Truth::False => Status::NotYet,
        _ if decided.is_some() => Status::Decided,
        Truth::Undetermined if something => Status::Filed,
        Truth::Undetermined => Status::Unresolved,
        Truth::True => match (occasion.fulfilled.at, reviewed) {
            (Some(_), Some("met")) => Status::AppearsMet,
            (Some(_), Some("unmet")) => Status::AppearsUnmet,
            (Some(_), Some(_)) => Status::Unresolved,
            (Some(_), None) if duty.reviewed => Status::Filed,
            (Some(_), None) => Status::AppearsMet,
            (None, _) if past => Status::AppearsUnmet,
            (None, _) if something => Status::Filed,
            (None, _) => Status::Open,
        },
    };
    let unmet = match status {
        Status::AppearsUnmet => (Truth::True, Because::default()),
        Status::Decided => (Truth::from(decided == Some("unmet")), Because::default()),
        Status::Unresolved => (Truth::Undetermined, owed.because.clone()),
        Status::Open | Status::Filed if !occasion.reason.because.is_empty() => {
            (Truth::Undetermined, occasion.reason.because.clone())
        }
        _ => (Truth::False, Because::default()),
    };
    let day = |instant| regime.time_zone.to_datetime(instant).date();
    let late = occasion.fulfilled.at.zip(occasion.due).is_some_and(|(at, due)| day(at) > due);
    let owes = owed.truth != Truth::False;
    let result = DutyResult {
        id: duty.id.clone(),
        article: duty.article.clone(),
        by: duty.by,
        owed: owed.truth,
        because: owed.because,
        status,
        due: occasion.due.filter(|_| owes),
        due_because: if owes {
            occasion.reason
        } else {
            DueReason { rule: duty.due.clone(), ..DueReason::default() }
        },
        late: late && owes,
        fulfilled_by: occasion.fulfilled.parts.iter().map(|event| event.entry).collect(),
        reason: owed.reason,
    };
    Standing { result, unmet }
}

impl<'a> Clock<'a> {
    fn day(&self, instant: Timestamp) -> Date {
        self.regime.time_zone.to_datetime(instant).date()
    }

    fn day_after(&self, day: Date) -> Option<Timestamp> {
        self.regime.time_zone.to_timestamp(day.tomorrow().ok()?.at(0, 0, 0, 0)).ok()
    }

    /// Returns the latest verdict on this duty after an instant.
    fn verdict(&self, predicates: &[String], since: Option<(Timestamp, u64)>) -> Option<&'a str> {
        let about = |event: &&&Event| {
            predicates.contains(&event.predicate)
                && event.attributes.get(DUTY) == Some(&self.duty.id)
                && since.is_none_or(|since| (event.arrived, event.entry) >= since)
        };
        let event = self.context.events.iter().rev().find(about)?;
        Some(event.attributes.get(RESULT).map_or("", String::as_str))
    }

    fn occasion(&self) -> Occasion<'a> {
        if let Some(Deadline { limit: Some(Limit::Every { period, triggers }), .. }) = &self.duty.deadline {
            return self.recurring(period, triggers);
        }
        let Some(each) = &self.duty.each else {
            let (due, reason) = self.due(None);
            return Occasion { since: None, due, reason, fulfilled: self.fulfilled(|_| true) };
        };
        let mut last = None;
        for start in self.context.events.iter().copied().filter(|event| event.predicate == *each) {
            let since = (start.arrived, start.entry);
            let (due, reason) = self.due(Some(start));
            let fulfilled = self.fulfilled(|event| (event.arrived, event.entry) > since);
            let complete = fulfilled.at.is_some();
            last = Some(Occasion { since: Some(since), due, reason, fulfilled });
            if !complete {
                break;
            }
        }
        last.unwrap_or_else(|| Occasion { reason: self.stated(), ..Occasion::default() })
    }

    /// The deadline in the words of the regime.
    fn stated(&self) -> DueReason {
        DueReason {
            rule: self.duty.due.clone(),
            qualitative: self
                .duty
                .deadline
                .as_ref()
                .and_then(|deadline| deadline.qualitative)
                .map(str::to_owned),
            calendar: self.duty.counting.clone(),
            ..DueReason::default()
        }
    }

    fn due(&self, start: Option<&Event>) -> (Option<Date>, DueReason) {
        let mut reason = self.stated();
        let Some(limit) = self.duty.deadline.as_ref().and_then(|deadline| deadline.limit.as_ref()) else {
            return (None, reason);
        };
        let counted = match limit {
            Limit::On(date) => self.calendar().and_then(|calendar| calendar.fixed(*date)),
            Limit::After { period, triggers } => {
                let period = self.period(period, &mut reason);
                let started = self.start(triggers, start, &mut reason);
                let (Some(period), true, Some(from)) = (period, started, reason.from) else {
                    return (None, reason);
                };
                self.calendar().and_then(|calendar| period.count_from(calendar, from))
            }
            // Periods that recur are counted one by one; no clock counts backwards yet.
            Limit::Every { .. } | Limit::Before { .. } => return (None, reason),
        };
        (note(counted, &mut reason), reason)
    }

    fn calendar(&self) -> Option<&'a crate::calendar::Calendar> {
        self.regime.calendars.get(self.duty.counting.as_deref()?)
    }

    fn period(&self, period: &PeriodTerm, reason: &mut DueReason) -> Option<Period> {
        match period {
            PeriodTerm::Fixed(period) => Some(*period),
            PeriodTerm::Switch(id) => {
                let set = self.settings.period(id);
                if set.is_none() {
                    reason.because.add(&Because::unsettled(id));
                }
                set
            }
        }
    }

    /// Finds the day from which a period runs, and writes it down: the first of the named dates
    /// and events that is on record.
    fn start(&self, triggers: &[String], start: Option<&Event>, reason: &mut DueReason) -> bool {
        let mut open = Because::default();
        for trigger in triggers {
            if self.regime.schema.facts.get(trigger) == Some(&Type::Date) {
                match self
                    .context
                    .facts
                    .get(trigger.as_str())
                    .map(|state| (&state.term.candidates[..], &state.term.because))
                {
                    Some(([Candidate::Date(date)], _)) => reason.from = Some(*date),
                    Some((_, because)) => open.add(because),
                    None => open.add(&Because::missing(trigger)),
                }
            } else if let Some(event) = self.begins(trigger, start) {
                reason.from = Some(self.day(event.arrived));
                reason.from_entry = Some(event.entry);
            }
            if reason.from.is_some() {
                return true;
            }
        }
        reason.because.add(&open);
        false
    }

    /// Returns the statement that starts a period: the one to be answered, the designation that
    /// stands, or the first of its predicate.
    fn begins<'e>(&'e self, trigger: &str, start: Option<&'e Event>) -> Option<&'e Event> {
        let designates = self.regime.designation.as_ref().is_some_and(|rule| rule.begins == trigger);
        match start {
            Some(event) if event.predicate == trigger => Some(event),
            _ if designates => self.context.designated_by.first().copied(),
            _ => self.context.events.iter().copied().find(|event| event.predicate == trigger),
        }
    }

    fn recurring(&self, period: &PeriodTerm, triggers: &[String]) -> Occasion<'a> {
        let mut reason = self.stated();
        let period = self.period(period, &mut reason);
        let started = self.start(triggers, None, &mut reason);
        let (Some(period), true, Some(from), Some(calendar)) =
            (period, started, reason.from, self.calendar())
        else {
            return Occasion { reason, fulfilled: self.fulfilled(|_| true), ..Occasion::default() };
        };
        let mut used: Vec<u64> = Vec::new();
        let mut begins = from;
        let mut last: Option<Occasion<'a>> = None;
        for number in 1..=MAX_PERIODS {
            if last.is_some() && begins >= self.context.as_of {
                break;
            }
            let fulfilled = self.fulfilled(|event| {
                let day = self.day(event.arrived);
                !used.contains(&event.entry) && if number == 1 { day >= begins } else { day > begins }
            });
            let mut reason = reason.clone();
            let counted = period
                .count
                .checked_mul(number)
                .and_then(|count| Period { count, ..period }.count_from(calendar, from));
            let due = note(counted, &mut reason);
            // A verdict is about what was filed for this period or, where nothing was, about that.
            let first = fulfilled.parts.first().map(|event| (event.arrived, event.entry));
            let since = first.or_else(|| Some((self.day_after(due?)?, 0))).or(Some((Timestamp::MAX, 0)));
            let complete = fulfilled.at.is_some();
            used.extend(fulfilled.parts.iter().map(|event| event.entry));
            last = Some(Occasion { since, due, reason, fulfilled });
            match counted {
                Some(counted) if complete => begins = counted.counted,
                _ => break,
            }
        }
        last.unwrap_or_default()
    }

    fn fulfilled(&self, counts: impl Fn(&Event) -> bool) -> Fulfilled<'a> {
        // A review or a decision names the duty that it is about, any other statement the one that
        // it is made for.
        let verdict = |event: &Event| {
            self.regime.reviews.contains(&event.predicate) || self.regime.decisions.contains(&event.predicate)
        };
        let names_another = |event: &Event| {
            !verdict(event) && event.attributes.get(DUTY).is_some_and(|duty| *duty != self.duty.id)
        };
        let events: Vec<_> = self
            .context
            .events
            .iter()
            .copied()
            .filter(|event| !names_another(event) && counts(event))
            .collect();
        match &self.duty.fulfilment {
            Some(fulfilment) => fulfilment.by(&events),
            None => Fulfilled::default(),
        }
    }
}

/// Writes down how a date came about, or that the calendar does not reach it.
fn note(counted: Option<Counted>, reason: &mut DueReason) -> Option<Date> {
    reason.counted = counted.map(|counted| counted.counted);
    reason.beyond_calendar = counted.is_none();
    counted.map(|counted| counted.due)
}

impl Fulfilment {
    fn by<'e>(&self, events: &[&'e Event]) -> Fulfilled<'e> {
        match self {
            Self::Event(pattern) => {
                let first = events.iter().copied().find(|event| {
                    event.predicate == pattern.predicate
                        && pattern
                            .attributes
                            .iter()
                            .all(|(name, value)| event.attributes.get(name) == Some(value))
                });
                Fulfilled { at: first.map(|event| event.arrived), parts: first.into_iter().collect() }
            }
            Self::All(all) => {
                let found: Vec<_> = all.iter().map(|part| part.by(events)).collect();
                let at = found
                    .iter()
                    .map(|part| part.at)
                    .collect::<Option<Vec<_>>>()
                    .and_then(|at| at.into_iter().max());
                let mut parts: Vec<_> = found.into_iter().flat_map(|part| part.parts).collect();
                parts.sort();
                parts.dedup();
                Fulfilled { at, parts }
            }
            Self::Any(any) => {
                let found: Vec<_> = any.iter().map(|part| part.by(events)).collect();
                let earliest =
                    found.iter().enumerate().filter_map(|(index, part)| Some((part.at?, index))).min();
                let mut found = found;
                match earliest {
                    Some((_, index)) => found.swap_remove(index),
                    None => {
                        Fulfilled { at: None, parts: found.into_iter().flat_map(|part| part.parts).collect() }
                    }
                }
            }
        }
    }
}
