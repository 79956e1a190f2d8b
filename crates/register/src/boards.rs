//! What stands to be done: every adopted regime applied to every model on a day, and how each duty
//! stands once what was signed is put before what is computed.

use std::sync::Arc;

use evidence::predicate::{Finding, FindingResult, Position, RemedyRequest};
use evidence::{Date, Digest, Predicate, Timestamp};
use jiff::civil;
use law::{DutyResult, Party, Status};

use crate::board::Advice;
use crate::library::Library;
use crate::policy::Leg;
use crate::state::{Recorded, Register};

/// What one regime makes of one model on a day.
#[derive(Debug, Clone)]
pub struct Board {
    /// The model.
    pub model: Digest,
    /// The organisation whose model it is.
    pub developer: Digest,
    /// The regime.
    pub regime: String,
    /// The day in the regime's own time zone.
    pub day: civil::Date,
    /// What came out.
    pub advice: Advice,
}

impl AsRef<Register> for Register {
    fn as_ref(&self) -> &Register {
        self
    }
}

impl Board {
    /// Tells whether the regime, as far as can be told, does not touch the model at all.
    pub fn is_idle(&self) -> bool {
        self.advice.assessment.coverage == law::Coverage::NotCovered
            && self.advice.assessment.duties.iter().all(|duty| duty.status == Status::NotYet)
    }

    /// Returns the duties that are shown: those of developers, and what is owed of others.
    pub fn duties(&self) -> impl Iterator<Item = &DutyResult> {
        self.advice
            .assessment
            .duties
            .iter()
            .filter(|duty| duty.by == Party::Developer || duty.status != Status::NotYet)
    }

    /// Returns a duty of the regime by its id.
    pub fn duty(&self, id: &str) -> Option<(&law::Duty, &DutyResult)> {
        Some((self.advice.regime.duty(id)?, self.advice.assessment.duty(id)?))
    }

    /// Returns the statements about the model that have effect under this regime.
    pub fn dossier<'r>(&self, register: &'r impl AsRef<Register>) -> Vec<&'r Arc<Recorded>> {
        let mut dossier = register.as_ref().dossier(&self.model);
        dossier.retain(|recorded| {
            recorded.statement.common().regime.as_ref().is_none_or(|regime| regime.as_str() == self.regime)
        });
        dossier
    }

    /// Tells how a duty stands; `dossier` is the board's own.
    pub fn standing<'r>(
        &self,
        register: &'r Register,
        duty: &DutyResult,
        dossier: &[&'r Arc<Recorded>],
    ) -> Standing<'r> {
        // What is stayed or annulled says nothing of a duty.
        let stands = |recorded: &&'r Arc<Recorded>| {
            recorded.superseded_by.is_none() && register.act_state(&recorded.statement.digest()).counts()
        };
        let current = || dossier.iter().rev().copied().filter(stands);
        let finding = current().find_map(|recorded| match recorded.statement.predicate() {
            Predicate::Finding(finding) if finding.duty.as_str() == duty.id => Some((recorded, finding)),
            _ => None,
        });
        let remedy = current()
            .find_map(|recorded| match recorded.statement.predicate() {
                Predicate::RemedyRequest(request) if request.duty.as_str() == duty.id => {
                    Some((recorded, request))
                }
                _ => None,
            })
            .filter(|(request, _)| finding.is_none_or(|(finding, _)| finding.index < request.index));
        let remedied = remedy.and_then(|(request, _)| {
            let done = |reply: &&'r Arc<Recorded>| match reply.statement.predicate() {
                Predicate::Reply(body) => {
                    reply.superseded_by.is_none() && body.position == Position::Remedied
                }
                _ => false,
            };
            register.about(&request.statement.digest()).filter(done).last()
        });
        let (open, due) = match (remedy, finding) {
            (Some((asked, _)), _) => {
                (true, if remedied.is_some() { None } else { register.answer_day(asked) })
            }
            (None, Some((_, finding))) => (finding.result != FindingResult::Met, None),
            (None, None) => {
                let open = matches!(duty.status, Status::Open | Status::AppearsUnmet | Status::Unresolved);
                (open, duty.due)
            }
        };
        Standing { finding, remedy, remedied, open, due: due.filter(|_| open) }
    }
}

/// How a duty stands: what was signed goes before what is computed.
#[derive(Debug, Clone, Copy)]
pub struct Standing<'r> {
    /// The finding that stands.
    pub finding: Option<(&'r Arc<Recorded>, &'r Finding)>,
    /// The remedy requested after it.
    pub remedy: Option<(&'r Arc<Recorded>, &'r RemedyRequest)>,
    /// The reply that says that it was done.
    pub remedied: Option<&'r Arc<Recorded>>,
    /// Whether something is still to come from who owes it.
    pub open: bool,
    /// The day until which it is awaited.
    pub due: Option<civil::Date>,
}

impl Register {
    /// Returns the day of `now` under each regime applied here, in the order of their adoption.
    /// Regimes whose files are not at hand have none.
    pub fn days(&self, library: &Library, now: Timestamp) -> Vec<(String, civil::Date)> {
        let mut regimes: Vec<_> = self.regimes().collect();
        regimes.sort_by_key(|(_, adopted)| adopted.since);
        regimes
            .into_iter()
            .filter_map(|(id, adopted)| {
                let files = library.regime(&adopted.folder)?;
                Some((id.to_owned(), files.time_zone().to_datetime(now.instant()).date()))
            })
            .collect()
    }

    /// Applies regimes to all models, each on its day: the boards in the order of the register.
    pub fn boards(&self, library: &Library, days: &[(String, civil::Date)]) -> Vec<Board> {
        let mut boards = Vec::new();
        for model in self.models() {
            for (id, day) in days {
                // A regime that cannot be applied shows no board; its own page says what is wrong.
                if let Ok(advice) = self.advise(id, &model.id, Date::new(*day), library) {
                    boards.push(Board {
                        model: model.id,
                        developer: model.parent,
                        regime: id.clone(),
                        day: *day,
                        advice,
                    });
                }
            }
        }
        boards
    }

    /// Returns which leg an organisation stands on, by the roles in force.
    pub fn leg(&self, organisation: &Digest, now: Timestamp) -> Option<Leg> {
        let policy = self.policy()?;
        let grants = self.grants_of(organisation);
        let mut whole = grants.iter().filter(|grant| grant.holder.is_none());
        let grant = whole.clone().find(|grant| grant.in_force(now)).or_else(|| whole.next_back())?;
        policy.role(grant.role.as_str()).map(|row| row.leg)
    }

    /// Returns the day until which a statement waits for an answer, with the extensions that were
    /// given; of guidance the day on which somebody looks again.
    pub fn answer_day(&self, recorded: &Recorded) -> Option<civil::Date> {
        match recorded.statement.predicate() {
            Predicate::Guidance(guidance) => guidance.follow_up_on,
            _ => self.last_day(&recorded.statement.digest()),
        }
        .map(Date::civil)
    }
}
