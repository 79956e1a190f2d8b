//! The register in numbers: what was said when, how duties stand, how long the State takes. Pages and
//! documents show the same numbers.

use std::collections::BTreeMap;

use evidence::PredicateType;
use jiff::ToSpan as _;
use jiff::civil::Date;
use law::{Party, Status};
use register::index::{Index, Query};
use register::{Register, state::Recorded};
use serde::Serialize;
use utoipa::ToSchema;

use crate::memory::start_of;
use crate::pages::boards::Board;
use crate::pages::japanese_day;

/// Most months that are told apart, the latest ones.
const MAX_MONTHS: usize = 24;

/// Kinds of filings that wait for somebody, and what answers them, about the filing itself.
const ANSWERED: [(&str, &str); 2] = [("compliance-report", "review"), ("objection", "objection-decision")];

/// How the statements that have effect are spread over kinds and months.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Said {
    /// Months in Japanese time, such as `2026-11`; the latest ones, oldest first.
    pub(crate) months: Vec<String>,
    /// Each kind that was said, in the order of the kinds' own list.
    pub(crate) kinds: Vec<OfKind>,
    /// Statements in all.
    pub(crate) total: usize,
    /// Of these, corrected later.
    pub(crate) corrected: usize,
    /// Entries that are not counted: restricted ones,
    pub(crate) withheld: u64,
    /// and those without effect, or of kinds that this version does not know.
    pub(crate) without_effect: u64,
}

/// The statements of a kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OfKind {
    /// Name of the predicate.
    pub(crate) kind: String,
    /// In all, also before the months that are told apart.
    pub(crate) total: usize,
    /// In each of the months.
    pub(crate) by_month: Vec<usize>,
}

/// Counts statements.
pub(crate) fn said(register: &Register, index: &Index) -> Said {
    let day = |recorded: Option<&std::sync::Arc<Recorded>>| recorded.map(|one| japanese_day(one.time));
    let first = day(register.statements().next()).map(Date::first_of_month);
    let last = day(register.statements().next_back()).map(Date::first_of_month);
    let mut months: Vec<Date> = Vec::new();
    let mut month = last;
    while let (Some(at), Some(first)) = (month, first)
        && at >= first
        && months.len() < MAX_MONTHS
    {
        months.push(at);
        month = at.checked_sub(1.month()).ok();
    }
    months.reverse();
    let all = index.search(register, &Query::default());
    let by_month: Vec<_> = months
        .iter()
        .map(|month| {
            let before = month.checked_add(1.month()).ok().and_then(start_of);
            let query = Query { from: start_of(*month), before, ..Query::default() };
            index.search(register, &query).kinds
        })
        .collect();
    let kinds = PredicateType::all().iter().filter_map(|kind| {
        let total = *all.kinds.get(kind.name)?;
        let by_month = by_month.iter().map(|month| month.get(kind.name).copied().unwrap_or_default());
        Some(OfKind { kind: kind.name.to_owned(), total, by_month: by_month.collect() })
    });
    let corrected = index.search(register, &Query { corrected: Some(true), ..Query::default() });
    Said {
        months: months.iter().map(|month| format!("{:04}-{:02}", month.year(), month.month())).collect(),
        kinds: kinds.collect(),
        total: all.entries.len(),
        corrected: corrected.entries.len(),
        withheld: register.withheld(),
        without_effect: register.refused().count() as u64 + register.carried(),
    }
}

/// How the duties of a law stand, over all models.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OfLaw {
    /// The law.
    pub(crate) law: String,
    /// Still to come from who owes it.
    pub(crate) open: usize,
    /// Filed, and not decided.
    pub(crate) filed: usize,
    /// What the law asks has arrived.
    pub(crate) appears_met: usize,
    /// A decision stands.
    pub(crate) decided: usize,
    /// Facts are missing, or the law is not settled.
    pub(crate) unresolved: usize,
    /// Not owed yet: counted apart.
    pub(crate) not_yet: usize,
    /// Models that the law, as far as can be told, does not touch: their duties are not counted.
    pub(crate) idle: usize,
}

/// Counts the duties that `party` owes, by law in the order of the boards. A duty whose day has passed is
/// open: what that means is for a person to decide.
pub(crate) fn duties<'b>(
    boards: impl IntoIterator<Item = &'b Board>,
    party: impl Fn(Party) -> bool,
) -> Vec<OfLaw> {
    let mut laws: Vec<OfLaw> = Vec::new();
    for board in boards {
        let place = laws.iter().position(|law| law.law == board.regime).unwrap_or_else(|| {
            laws.push(OfLaw { law: board.regime.clone(), ..OfLaw::default() });
            laws.len() - 1
        });
        let Some(law) = laws.get_mut(place) else { continue };
        if board.is_idle() {
            law.idle += 1;
            continue;
        }
        for duty in board.advice.assessment.duties.iter().filter(|duty| party(duty.by)) {
            *match duty.status {
                Status::NotYet => &mut law.not_yet,
                Status::Open | Status::AppearsUnmet => &mut law.open,
                Status::Filed => &mut law.filed,
                Status::AppearsMet => &mut law.appears_met,
                Status::Unresolved => &mut law.unresolved,
                Status::Decided => &mut law.decided,
            } += 1;
        }
    }
    laws
}

/// How long answers took, and how long those who wait have waited.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Taken {
    /// The law whose duty it is; none where it is counted from one statement to the other.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) law: Option<String>,
    /// The duty, or the kind of filing that is answered.
    pub(crate) of: String,
    /// How many were answered, and after how many days: in the middle, and at most.
    pub(crate) answered: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) median_days: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) longest_days: Option<i32>,
    /// How many wait, and for how many days at most.
    pub(crate) waiting: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) waiting_days: Option<i32>,
}

#[derive(Default)]
struct Times {
    answered: Vec<i32>,
    waiting: Vec<i32>,
}

impl Times {
    fn taken(mut self, law: Option<String>, of: String) -> Taken {
        self.answered.sort_unstable();
        Taken {
            law,
            of,
            answered: self.answered.len(),
            // Of an even number, the earlier of the two in the middle: a time that was taken.
            median_days: self.answered.get(self.answered.len().saturating_sub(1) / 2).copied(),
            longest_days: self.answered.last().copied(),
            waiting: self.waiting.len(),
            waiting_days: self.waiting.into_iter().max(),
        }
    }
}

/// Counts the days that the State took for its duties with a beginning, and for filings that are answered
/// by a statement about them. All from the day that the law's clock begins, or the filing arrived.
pub(crate) fn taken<'b>(
    register: &Register,
    index: &Index,
    boards: impl IntoIterator<Item = &'b Board>,
    today: Date,
) -> Vec<Taken> {
    let mut found: BTreeMap<(Option<String>, String), Times> = BTreeMap::new();
    for board in boards {
        for duty in board.advice.assessment.duties.iter().filter(|duty| duty.by == Party::Authority) {
            let Some(from) = duty.due_because.from else { continue };
            let times = found.entry((Some(board.regime.clone()), duty.id.to_string())).or_default();
            let done = duty.fulfilled_by.iter().find_map(|entry| register.at_index(*entry));
            match done {
                Some(done) => times.answered.push(days(from, japanese_day(done.time))),
                None if duty.owed == law::Truth::True => times.waiting.push(days(from, board.day)),
                None => {}
            }
        }
    }
    for (filing, answer) in ANSWERED {
        let query = Query { kinds: [filing.to_owned()].into(), corrected: Some(false), ..Query::default() };
        for filed in index.search(register, &query).entries.iter().filter_map(|at| register.at_index(*at)) {
            let times = found.entry((None, filing.to_owned())).or_default();
            let digest = filed.statement.digest();
            let mut about = register.about(&digest);
            let from = japanese_day(filed.arrived_at);
            match about.find(|one| one.statement.predicate().name() == answer) {
                Some(answer) => times.answered.push(days(from, japanese_day(answer.time))),
                None => times.waiting.push(days(from, today)),
            }
        }
    }
    let taken = found.into_iter().map(|((law, of), times)| times.taken(law, of));
    taken.filter(|taken| taken.answered + taken.waiting > 0).collect()
}

fn days(from: Date, to: Date) -> i32 {
    from.until(to).map_or(0, |span| span.get_days()).max(0)
}
