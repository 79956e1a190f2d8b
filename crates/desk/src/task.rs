//! What is to be done, worked out from the register and the drafts: nothing is assigned by hand, so
//! nothing is forgotten. Pages show it, and notices remind of it: both take it from here.

use std::sync::Arc;

use evidence::{Digest, Predicate, PredicateType, Slug, Timestamp};
use jiff::civil;
use law::{DutyResult, Party, Status};
use register::policy::Leg;
use register::state::Recorded;
use register::{Board, Register, Standing};

use crate::draft::Draft;
use crate::filing::kinds_for;

pub use records::japanese_day;

/// A duty that is open for an organisation.
#[derive(Debug, Clone, Copy)]
pub struct OpenDuty<'b, 'r> {
    /// The regime and the model that it comes from.
    pub board: &'b Board,
    /// What the law makes of it.
    pub result: &'b DutyResult,
    /// How it stands.
    pub standing: Standing<'r>,
    /// The first entry about the model: its place in the order of the log.
    pub place: u64,
}

/// A statement that waits for somebody's answer.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'r> {
    /// The statement.
    pub recorded: &'r Arc<Recorded>,
    /// Who is asked.
    pub of: Digest,
    /// The day until which an answer is awaited.
    pub day: Option<civil::Date>,
}

impl Asked<'_> {
    /// Returns the kind of statement that answers it.
    pub fn answer_kind(&self) -> &str {
        match self.recorded.statement.predicate() {
            Predicate::Assignment(assignment) => assignment.asks_for.as_str(),
            _ => "reply",
        }
    }
}

/// Returns the days from one day to another; negative where the other is earlier.
pub fn days_between(from: civil::Date, to: civil::Date) -> i32 {
    from.until(to).map_or(0, |span| span.get_days())
}

/// Returns the party to a law as which an organisation owes something.
pub fn party(register: &Register, organisation: &Digest, now: Timestamp) -> Option<Party> {
    Some(match register.leg(organisation, now)? {
        Leg::Developer => Party::Developer,
        Leg::State => Party::Authority,
        Leg::Verifier => Party::Institute,
    })
}

/// Returns the duties that are open for an organisation: a developer's about its models, those of
/// others about every model.
pub fn duties<'b, 'r>(
    register: &'r Register,
    boards: impl IntoIterator<Item = &'b Board>,
    organisation: &Digest,
    now: Timestamp,
) -> Vec<OpenDuty<'b, 'r>> {
    let Some(party) = party(register, organisation, now) else { return Vec::new() };
    let mut open = Vec::new();
    for board in boards {
        if board.is_idle() || (party == Party::Developer && board.developer != *organisation) {
            continue;
        }
        let dossier = board.dossier(register);
        let place = dossier.first().map_or(0, |recorded| recorded.index);
        for result in board.duties().filter(|duty| duty.by == party && duty.status != Status::NotYet) {
            let standing = board.standing(register, result, &dossier);
            if standing.open {
                open.push(OpenDuty { board, result, standing, place });
            }
        }
    }
    open
}

/// Returns the kinds of statement by which a duty is met and that an organisation may file.
pub fn fulfilling(
    register: &Register,
    organisation: &Digest,
    rule: &law::Duty,
    now: Timestamp,
) -> Vec<&'static PredicateType> {
    let text = rule.fulfilled_by.as_deref().unwrap_or_default();
    let words = text.split(|c: char| !(c.is_ascii_lowercase() || c == '-'));
    let may: Vec<&str> = kinds_for(register, organisation, now).iter().map(|kinds| kinds.kind.name).collect();
    let mut found: Vec<&'static PredicateType> =
        words.filter_map(PredicateType::find).filter(|kind| may.contains(&kind.name)).collect();
    found.dedup_by_key(|kind| kind.name);
    found
}

/// Returns every statement that waits for an answer, in the order of the log.
pub fn asked(register: &Register) -> impl Iterator<Item = Asked<'_>> {
    register.statements().filter(|recorded| recorded.superseded_by.is_none()).filter_map(|recorded| {
        let of = asked_of(register, recorded)?;
        let day = || register.answer_day(recorded);
        (!is_answered(register, recorded, &of)).then(|| Asked { recorded, of, day: day() })
    })
}

/// Returns whom a statement asks to answer: the one it names, else the one that its subject is of.
pub fn asked_of(register: &Register, recorded: &Recorded) -> Option<Digest> {
    match recorded.statement.predicate() {
        Predicate::InformationRequest(body) if body.addressee.is_some() => body.addressee,
        Predicate::Assignment(body) => Some(body.assignee),
        Predicate::Procedure(body) => Some(body.addressee),
        // A review without questions asks nothing.
        Predicate::Review(review) if review.questions.is_empty() => None,
        Predicate::InformationRequest(_)
        | Predicate::ReportDemand(_)
        | Predicate::RemedyRequest(_)
        | Predicate::Order(_)
        | Predicate::Guidance(_)
        | Predicate::InspectionMinutes(_)
        | Predicate::Review(_) => register.addressee(&recorded.statement.digest()),
        _ => None,
    }
}

/// Tells whether what was asked was answered, by whom it was asked of.
fn is_answered(register: &Register, recorded: &Recorded, by: &Digest) -> bool {
    let digest = recorded.statement.digest();
    let replied = register.about(&digest).any(|later| {
        later.issuer == Some(*by)
            && matches!(later.statement.predicate(), Predicate::Reply(_) | Predicate::Opinion(_))
    });
    let worked = || match recorded.statement.predicate() {
        Predicate::Assignment(assignment) => {
            register.dossier(&recorded.statement.subject()).iter().any(|later| {
                later.index > recorded.index
                    && later.issuer == Some(*by)
                    && later.statement.predicate().name() == assignment.asks_for.as_str()
            })
        }
        _ => false,
    };
    replied || worked()
}

/// Tells whether a holder could give the approval that a draft waits for: not who drafted it, nor
/// who has approved it.
pub fn may_approve(
    register: &Register,
    draft: &Draft,
    organisation: &Digest,
    holder: &Slug,
    now: Timestamp,
) -> bool {
    let Some(frozen) = draft.frozen() else { return false };
    let Ok(act) = frozen.act.statement() else { return false };
    let Some(row) = register.approval_needed(&act, now) else { return false };
    act.common().holder != *holder
        && !frozen.approvers().iter().any(|(approver, _)| approver == holder)
        && register.holder_has_role(organisation, holder, &row.role, now)
}

/// Tells whether an organisation may accept others that register.
pub fn accepts(register: &Register, organisation: &Digest, now: Timestamp) -> bool {
    kinds_for(register, organisation, now).iter().any(|kinds| kinds.kind.name == "role-grant")
}
