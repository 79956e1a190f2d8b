//! Where a duty stands: owed, due, fulfilled.

mod filed;

use std::borrow::Cow;
use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use smol_str::SmolStr;

use filed::{Filed, Fulfilled};

use crate::assessment::{DueReason, DutyResult, Status};
use crate::calendar::{Calendar, Counted, Uncounted, Unit};
use crate::deadline::{Deadline, Limit, Period, PeriodTerm, Trigger};
use crate::expression::{Amount, Candidate, Context, Decided, Open, Standing, Term};
use crate::number::Number;
use crate::reason::LazyReason;
use crate::record::Event;
use crate::regime::{Counting, Duty};
use crate::truth::{Because, Truth};

/// Most periods of a recurring duty that are looked at.
const MAX_PERIODS: i64 = 4096;
/// Attribute by which a statement names the duty that it is about, and its verdict.
pub(crate) const DUTY: &str = "duty";
pub(crate) const RESULT: &str = "result";

/// One occasion on which the duty is to be fulfilled: the only one, one answer, one period.
#[derive(Default)]
struct Occasion<'e> {
    since: Option<(Timestamp, u64)>,
    due: Option<Due>,
    reason: DueReason,
    fulfilled: Fulfilled<'e>,
    /// What would have to be known to say that this occasion exists and is still open.
    doubt: Because,
}

/// The last day, and the last instant where the law counts in hours.
#[derive(Debug, Clone, Copy)]
struct Due {
    day: Date,
    at: Option<Timestamp>,
}

/// From when a period runs.
#[derive(Debug, Clone, Copy)]
struct Start {
    day: Date,
    /// None where only the day is known.
    at: Option<Timestamp>,
    entry: Option<u64>,
}

struct Clock<'a> {
    context: &'a Context<'a>,
    duty: &'a Duty,
}

/// Returns whether the time for which the law asks a duty still runs, and what keeps that open.
pub(crate) fn lasts(context: &Context<'_>, duty: &Duty) -> (Truth, Because) {
    Clock { context, duty }.lasts().unwrap_or((Truth::True, Because::default()))
}

/// Assesses a duty; returns the result, what powers and penalties may ask about it and, where the law asks it
/// for a time only, whether that still runs.
pub(crate) fn assess(
    context: &Context<'_>,
    duty: &Duty,
    owed: Decided,
    reason: LazyReason,
) -> (DutyResult, Standing, Option<Truth>) {
    if owed.truth == Truth::False && context.events.is_empty() {
        return (not_owed(duty, reason), Standing::none(), None);
    }
    let clock = Clock { context, duty };
    let regime = context.regime;
    let opened = |because: &Because| context.names.open(because);
    let (owed, lasts) = clock.until(owed);
    let occasion = clock.occasion();
    let last_part = occasion.fulfilled.parts.iter().map(|event| (event.arrived, event.entry)).max();
    let reviewed = clock.verdict(&regime.reviews, last_part.or(occasion.since));
    let decided = clock.verdict(&regime.decisions, occasion.since);
    let past = occasion.due.is_some_and(|due| match due.at {
        Some(at) => clock.day(at) <= context.as_of,
        None => due.day < context.as_of,
    });
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
            (None, _) if past && occasion.doubt.is_empty() => Status::AppearsUnmet,
            (None, _) if past => Status::Unresolved,
            (None, _) if something => Status::Filed,
            (None, _) => Status::Open,
        },
    };
    let complete = occasion.fulfilled.at.is_some();
    let unmet = match status {
        Status::Decided => (Truth::from(decided == Some("unmet")), Open::default()),
        // Whether it is owed is open: only what is met without a word against it cannot be unmet.
        _ if owed.truth == Truth::Undetermined && !(complete && reviewed.is_none()) => {
            (Truth::Undetermined, owed.open.clone())
        }
        Status::AppearsUnmet => (Truth::True, Open::default()),
        Status::Unresolved => (Truth::Undetermined, opened(&occasion.doubt)),
        Status::Open | Status::Filed if !complete => {
            let mut because = occasion.reason.because.clone();
            because.add(&occasion.doubt);
            let truth = if because.is_empty() { Truth::False } else { Truth::Undetermined };
            (truth, opened(&because))
        }
        _ => (Truth::False, Open::default()),
    };
    let late = occasion.fulfilled.at.zip(occasion.due).is_some_and(|(at, due)| match due.at {
        Some(last) => at > last,
        None => clock.day(at) > due.day,
    });
    let owes = owed.truth != Truth::False;
    let days_late = match (owed.truth, occasion.due) {
        (Truth::Undetermined, _) => Term::anything(owed.open.clone()),
        (Truth::True, Some(due)) => {
            let until = occasion.fulfilled.at.map_or(context.as_of, |at| clock.day(at));
            let days = due.day.until(until).map_or(0, |span| i64::from(span.get_days()).max(0));
            let days = Amount::exact(Number::from(days));
            let open = &occasion.reason.because;
            match (open.is_empty(), occasion.doubt.is_empty()) {
                (true, true) => Term::known(Candidate::Number(days)),
                // What is still to be known of the day can only bring it forward.
                (false, true) => Term {
                    candidates: Cow::Owned(vec![Candidate::Number(Amount { high: None, ..days })]),
                    open: opened(open),
                },
                (_, false) => Term::anything(opened(&occasion.doubt)),
            }
        }
        (Truth::True, None) if !occasion.reason.because.is_empty() => {
            Term::anything(opened(&occasion.reason.because))
        }
        _ => Term::known(Candidate::Number(Amount::exact(Number::zero()))),
    };
    let result = DutyResult {
        id: duty.id.clone(),
        article: duty.article.clone(),
        by: duty.by,
        owed: owed.truth,
        because: context.names.because(&owed.open),
        status,
        due: occasion.due.filter(|_| owes).map(|due| due.day),
        due_at: occasion.due.filter(|_| owes).and_then(|due| due.at),
        due_because: if owes {
            occasion.reason
        } else {
            DueReason { rule: duty.due.clone(), ..DueReason::default() }
        },
        late: late && owes,
        fulfilled_by: occasion.fulfilled.parts.iter().map(|event| event.entry).collect(),
        reason,
    };
    (result, Standing { unmet: Decided::new(unmet.0, unmet.1), days_late }, lasts)
}

/// Returns where a duty stands that is not owed, and for which nothing was filed.
fn not_owed(duty: &Duty, reason: LazyReason) -> DutyResult {
    DutyResult {
        id: duty.id.clone(),
        article: duty.article.clone(),
        by: duty.by,
        owed: Truth::False,
        because: Because::default(),
        status: Status::NotYet,
        due: None,
        due_at: None,
        due_because: DueReason { rule: duty.due.clone(), ..DueReason::default() },
        late: false,
        fulfilled_by: Vec::new(),
        reason,
    }
}

impl<'a> Clock<'a> {
    fn day(&self, instant: Timestamp) -> Date {
        self.context.regime.time_zone.to_datetime(instant).date()
    }

    fn day_after(&self, day: Date) -> Option<Timestamp> {
        self.context.regime.time_zone.to_timestamp(day.tomorrow().ok()?.at(0, 0, 0, 0)).ok()
    }

    /// Returns the latest verdict on this duty after an instant.
    fn verdict(&self, predicates: &[String], since: Option<(Timestamp, u64)>) -> Option<&'a str> {
        let about = |event: &&&Event| {
            predicates.contains(&event.predicate)
                && event.attributes.get(DUTY).is_some_and(|duty| *duty == self.duty.id)
                && since.is_none_or(|since| (event.arrived, event.entry) >= since)
        };
        let event = self.context.events.iter().rev().find(about)?;
        Some(event.attributes.get(RESULT).map_or("", String::as_str))
    }

    fn occasion(&self) -> Occasion<'a> {
        let filed = self.filed();
        if let Some(Deadline { limit: Some(Limit::Every { period, trigger }), .. }) = &self.duty.deadline {
            return self.recurring(period, trigger, &filed);
        }
        let nothing_used = BTreeSet::new();
        if self.duty.each_patterns.is_empty() {
            let (due, reason) = self.due(None);
            let fulfilled = filed.first(&|_| true, &nothing_used);
            let doubt = self.doubt(&fulfilled);
            return Occasion { since: None, due, reason, fulfilled, doubt };
        }
        let mut before = None;
        let mut last = None;
        for (start, _, open) in self.context.matching(&self.duty.each_patterns) {
            let since = (start.arrived, start.entry);
            let looks_back = |deadline: &Deadline| deadline.looks_back(&start.predicate);
            let from = if self.duty.deadline.as_ref().is_some_and(looks_back) { before } else { Some(since) };
            let counts = |event: &Event| from.is_none_or(|from| (event.arrived, event.entry) > from);
            let fulfilled = filed.first(&counts, &nothing_used);
            let complete = fulfilled.at.is_some();
            before = Some(since);
            last = Some((start, open, fulfilled));
            if !complete {
                break;
            }
        }
        let Some((start, mut doubt, fulfilled)) = last else {
            return Occasion { reason: self.stated(), ..Occasion::default() };
        };
        let (due, reason) = self.due(Some(start));
        doubt.add(&self.doubt(&fulfilled));
        Occasion { since: Some((start.arrived, start.entry)), due, reason, fulfilled, doubt }
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
                .map(SmolStr::new_static),
            calendar: self.duty.counting.clone(),
            ..DueReason::default()
        }
    }

    fn due(&self, start: Option<&Event>) -> (Option<Due>, DueReason) {
        let mut reason = self.stated();
        let Some(deadline) = &self.duty.deadline else { return (None, reason) };
        let due = deadline.limit.as_ref().and_then(|limit| self.limit(limit, start, &mut reason));
        if let (None, Some(trigger)) = (reason.from, &deadline.aged_from)
            && let Some(found) = self.start(trigger, start, &mut reason.because)
        {
            note_start(found, &mut reason);
        }
        (due, reason)
    }

    /// Counts one limit and writes down how its day came about.
    fn limit(&self, limit: &Limit, start: Option<&Event>, reason: &mut DueReason) -> Option<Due> {
        match limit {
            Limit::On(trigger) => {
                let found = self.start(trigger, start, &mut reason.because)?;
                if found.entry.is_some() {
                    note_start(found, reason);
                }
                note(self.calendar(reason)?.fixed(found.day), reason)
            }
            Limit::After { period, trigger } => {
                let period = self.period(period, reason);
                let found = self.start(trigger, start, &mut reason.because);
                let (period, found) = (period?, found?);
                note_start(found, reason);
                let calendar = self.calendar(reason)?;
                let counted = match (period.unit, found.at) {
                    (Unit::Hours, Some(at)) => {
                        calendar.after_hours(at, period.count, &self.context.regime.time_zone)
                    }
                    // Hours cannot be counted from a day.
                    (Unit::Hours, None) => {
                        reason.because.add(&Because::missing(&trigger.name()));
                        return None;
                    }
                    (unit, _) => calendar.after(found.day, period.count, unit),
                };
                note(counted, reason)
            }
            Limit::Before { period, trigger } => {
                let period = self.period(period, reason);
                let found = self.start(trigger, start, &mut reason.because);
                let (period, found) = (period?, found?);
                note_start(found, reason);
                note(self.calendar(reason)?.before(found.day, period.count, period.unit), reason)
            }
            Limit::Earliest(limits) => self.among(limits, start, reason, false),
            Limit::Latest(limits) => self.among(limits, start, reason, true),
            // Periods that recur are counted one by one.
            Limit::Every { .. } => None,
        }
    }

    /// Takes the earliest or the latest of several limits. While one of them has no day yet, the
    /// latest is not known, and the earliest is at most what is known.
    fn among(
        &self,
        limits: &[Limit],
        start: Option<&Event>,
        reason: &mut DueReason,
        latest: bool,
    ) -> Option<Due> {
        let mut chosen: Option<(Due, DueReason)> = None;
        let mut because = Because::default();
        let (mut open, mut beyond, mut ambiguous) = (false, false, false);
        for limit in limits {
            let mut found = self.stated();
            let due = self.limit(limit, start, &mut found);
            because.add(&found.because);
            beyond |= found.beyond_calendar;
            ambiguous |= found.ambiguous;
            let Some(due) = due else {
                open = true;
                continue;
            };
            let rank = |due: &Due| (due.day, due.at);
            let better = chosen.as_ref().is_none_or(|(best, _)| {
                if latest { rank(&due) > rank(best) } else { rank(&due) < rank(best) }
            });
            if better {
                chosen = Some((due, found));
            }
        }
        match chosen {
            Some((due, found)) if !(latest && open) => {
                *reason = DueReason { because, ..found };
                Some(due)
            }
            _ => {
                reason.because.add(&because);
                reason.beyond_calendar = beyond;
                reason.ambiguous = ambiguous;
                None
            }
        }
    }

    /// Returns the calendar that counts; where a switch chooses it and is not set, says so.
    fn calendar(&self, reason: &mut DueReason) -> Option<&'a Calendar> {
        let id = match self.duty.counted_by.as_ref()? {
            Counting::Calendar(id) => id,
            Counting::Switch(switch) => {
                let Some(id) = self.context.settings.texts().get(switch) else {
                    reason.because.add(&Because::unsettled(switch));
                    return None;
                };
                id
            }
        };
        let (id, calendar) = self.context.regime.calendars.get_key_value(id)?;
        reason.calendar = Some(id.into());
        Some(calendar)
    }

    /// Returns whether the time for which the law asks the duty still runs; nothing where it asks it
    /// for good.
    fn lasts(&self) -> Option<(Truth, Because)> {
        let limit = self.duty.until_limit.as_ref().and_then(|until| until.limit.as_ref())?;
        let mut reason = DueReason::default();
        let truth = match self.limit(limit, None, &mut reason) {
            Some(due) => Truth::from(self.context.as_of <= due.day),
            None if reason.because.is_empty() => Truth::True,
            None => Truth::Undetermined,
        };
        Some((truth, reason.because))
    }

    /// Ends a duty that the law asks for a time only.
    fn until(&self, owed: Decided) -> (Decided, Option<Truth>) {
        let lasts = if owed.truth == Truth::False { None } else { self.lasts() };
        let Some((truth, because)) = lasts else { return (owed, None) };
        let mut open = owed.open;
        open.add(&self.context.names.open(&because));
        (Decided::new(owed.truth.and(truth), open), Some(truth))
    }

    fn period(&self, period: &PeriodTerm, reason: &mut DueReason) -> Option<Period> {
        match period {
            PeriodTerm::Fixed(period) => Some(*period),
            PeriodTerm::Switch(id) => {
                let set = self.context.settings.period(id);
                if set.is_none() {
                    reason.because.add(&Because::unsettled(id));
                }
                set
            }
            PeriodTerm::Parameter(id) => self.context.regime.period(id, self.context.as_of),
        }
    }

    /// Finds from when a period runs; what would have to be known for it is added to `because`.
    fn start(&self, trigger: &Trigger, start: Option<&Event>, because: &mut Because) -> Option<Start> {
        match trigger {
            Trigger::First(all) => {
                let mut open = Because::default();
                let found = all.iter().find_map(|trigger| self.start(trigger, start, &mut open));
                if found.is_none() {
                    because.add(&open);
                }
                found
            }
            Trigger::Earliest(all) => {
                let found = all.iter().filter_map(|trigger| self.start(trigger, start, because));
                found.min_by_key(|found| (found.day, found.at))
            }
            Trigger::Day(day) => Some(Start { day: *day, at: None, entry: None }),
            Trigger::Parameter(id) => match self.context.parameter(id) {
                Some(Candidate::Date(day)) => Some(Start { day: *day, at: None, entry: None }),
                _ => None,
            },
            Trigger::Named { name, attribute: None } if let Some(place) = self.context.fact(name) => {
                match &self.context.facts[place] {
                    Some(Term { candidates, .. }) if let [Candidate::Date(date)] = candidates[..] => {
                        return Some(Start { day: date, at: None, entry: None });
                    }
                    Some(term) => because.add(&self.context.names.because(&term.open)),
                    None => because.add(&Because::missing(name)),
                }
                None
            }
            Trigger::Named { name, attribute } => {
                let event = self.begins(name, start)?;
                let entry = Some(event.entry);
                let Some(attribute) = attribute else {
                    return Some(Start { day: self.day(event.arrived), at: Some(event.arrived), entry });
                };
                let written = event.attributes.get(attribute).map(String::as_str).unwrap_or_default();
                if let Ok(at) = written.parse::<Timestamp>() {
                    return Some(Start { day: self.day(at), at: Some(at), entry });
                }
                if let Ok(day) = written.parse::<Date>() {
                    return Some(Start { day, at: None, entry });
                }
                let kind = self.context.regime.schema.events.get(name);
                if !written.is_empty() || kind.is_some_and(|kind| kind.unknown_if_absent.contains(attribute))
                {
                    because.add(&Because::missing(&trigger.name()));
                }
                None
            }
        }
    }

    /// Returns the statement that starts a period: the one to be answered, the designation that
    /// stands, or the first of its predicate.
    fn begins<'e>(&'e self, trigger: &str, start: Option<&'e Event>) -> Option<&'e Event> {
        let designates = self.context.regime.designation.as_ref().is_some_and(|rule| rule.begins == trigger);
        match start {
            Some(event) if event.predicate == trigger => Some(event),
            _ if designates => self.context.designated_by.first().copied(),
            _ => self.context.events.iter().copied().find(|event| event.predicate == trigger),
        }
    }

    fn recurring(&self, period: &PeriodTerm, trigger: &Trigger, filed: &Filed<'a>) -> Occasion<'a> {
        let mut reason = self.stated();
        let period = self.period(period, &mut reason);
        let found = self.start(trigger, None, &mut reason.because);
        let calendar = self.calendar(&mut reason);
        let (Some(period), Some(found), Some(calendar)) = (period, found, calendar) else {
            let fulfilled = filed.first(&|_| true, &BTreeSet::new());
            return Occasion { reason, fulfilled, ..Occasion::default() };
        };
        note_start(found, &mut reason);
        let from = found.day;
        // The statement that starts the clock is not what the first period asks for.
        let mut used: BTreeSet<u64> = found.entry.into_iter().collect();
        // From a day that the law names, that day is the first on which something is due.
        let named = matches!(trigger, Trigger::Day(_) | Trigger::Parameter(_));
        let mut begins = if named { Date::MIN } else { from };
        let mut last: Option<Occasion<'a>> = None;
        for number in 1..=MAX_PERIODS {
            if last.is_some() && begins >= self.context.as_of {
                return last.unwrap_or_default();
            }
            let counts = |event: &Event| {
                let day = self.day(event.arrived);
                if number == 1 { day >= begins } else { day > begins }
            };
            let fulfilled = filed.first(&counts, &used);
            let mut reason = reason.clone();
            let count = period.count.checked_mul(number - i64::from(named)).ok_or(Uncounted::Beyond);
            let counted = count.and_then(|count| {
                if named {
                    calendar.anniversary(from, count, period.unit)
                } else {
                    calendar.after(from, count, period.unit)
                }
            });
            let due = note(counted, &mut reason);
            // A verdict is about what was filed for this period or, where nothing was, about that.
            let first = fulfilled.parts.first().map(|event| (event.arrived, event.entry));
            let since = first.or_else(|| Some((self.day_after(due?.day)?, 0))).or(Some((Timestamp::MAX, 0)));
            let complete = fulfilled.at.is_some();
            used.extend(fulfilled.parts.iter().map(|event| event.entry));
            let doubt = self.doubt(&fulfilled);
            last = Some(Occasion { since, due, reason, fulfilled, doubt });
            match counted {
                Ok(counted) if complete => begins = counted.unmoved,
                _ => return last.unwrap_or_default(),
            }
        }
        // More periods have passed than are looked at: which one runs on the day is not known.
        let reason = DueReason { beyond_calendar: true, ..reason };
        Occasion { reason, ..Occasion::default() }
    }

    /// Returns what would have to be known of the statements that may fulfil the duty, where those
    /// that do are not complete.
    fn doubt(&self, fulfilled: &Fulfilled<'a>) -> Because {
        let mut doubt = Because::default();
        if let (None, Some(fulfilment)) = (fulfilled.at, &self.duty.fulfilment) {
            fulfilment.visit(&mut |pattern| {
                for (_, _, open) in self.context.matching(std::slice::from_ref(pattern)) {
                    doubt.add(&open);
                }
            });
        }
        doubt
    }

    /// Returns what was filed for the duty, pattern by pattern, in order of arrival.
    fn filed(&self) -> Filed<'a> {
        // A review or a decision names the duty that it is about, any other statement the one that
        // it is made for.
        let verdict = |event: &Event| {
            self.context.regime.reviews.contains(&event.predicate)
                || self.context.regime.decisions.contains(&event.predicate)
        };
        let names_another = |event: &Event| {
            !verdict(event) && event.attributes.get(DUTY).is_some_and(|duty| *duty != self.duty.id)
        };
        let events = self.context.events.iter().copied();
        let events: Vec<_> = events.filter(|event| !names_another(event)).collect();
        match &self.duty.fulfilment {
            Some(fulfilment) => fulfilment.among(&events),
            None => Filed::Any(Vec::new()),
        }
    }
}

/// Writes down how a date came about, or why there is none.
fn note(counted: Result<Counted, Uncounted>, reason: &mut DueReason) -> Option<Due> {
    match counted {
        Ok(Counted { unmoved, due, due_at }) => {
            reason.counted = Some(unmoved);
            Some(Due { day: due, at: due_at })
        }
        Err(why) => {
            reason.beyond_calendar = why == Uncounted::Beyond;
            reason.ambiguous = why == Uncounted::NoSuchDay;
            None
        }
    }
}

fn note_start(start: Start, reason: &mut DueReason) {
    reason.from = Some(start.day);
    reason.from_entry = start.entry;
}
