//! Does an act stand? What decisions on objections, courts and ends have done to it.

use evidence::predicate::Effect;
use evidence::{Digest, Predicate};

use crate::refusal::{Code, Refusal};
use crate::state::{Recorded, Register};

/// What became of an act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActState {
    /// It has effect.
    InForce,
    /// It has no effect until further notice.
    Stayed {
        /// The decision or ruling.
        by: Digest,
    },
    /// It has no effect any more, and is treated as if it never had.
    Annulled {
        /// The decision or ruling.
        by: Digest,
    },
    /// It had effect until it ended.
    Ended {
        /// The statement that ended it.
        by: Digest,
    },
}

impl ActState {
    /// Tells whether others may rest on it: it is neither stayed nor annulled.
    pub fn counts(self) -> bool {
        matches!(self, Self::InForce | Self::Ended { .. })
    }

    fn after(self, effect: Effect, by: Digest) -> Self {
        match (effect, self) {
            (Effect::Annuls, _) => Self::Annulled { by },
            // What is annulled is neither stayed nor un-stayed.
            (Effect::Stays | Effect::LiftsStay, Self::Annulled { .. }) => self,
            (Effect::Stays, _) => Self::Stayed { by },
            (Effect::LiftsStay | Effect::Maintains, _) => Self::InForce,
        }
    }

    /// The graver of two: a stay by a court is not lifted by an authority, nor the reverse.
    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Annulled { .. }, _) => self,
            (_, Self::Annulled { .. }) => other,
            (Self::Stayed { .. }, _) => self,
            _ => other,
        }
    }
}

impl Register {
    /// Returns what became of an act, by everything recorded up to here.
    pub fn act_state(&self, act: &Digest) -> ActState {
        let contested = self.contested_state(act);
        if matches!(contested, ActState::Annulled { .. }) {
            return contested;
        }
        let ends = |r: &&std::sync::Arc<Recorded>| {
            matches!(r.statement.predicate(), Predicate::DesignationEnd(_))
                && self.contested_state(&r.statement.digest()).counts()
        };
        match self.recorded(act).map(|r| r.statement.predicate()) {
            Some(Predicate::Designation(_)) => match self.about(act).find(ends) {
                Some(end) => ActState::Ended { by: end.statement.digest() },
                None => contested,
            },
            _ => contested,
        }
    }

    /// What courts and decisions on objections have done to an act.
    fn contested_state(&self, act: &Digest) -> ActState {
        self.about(act)
            .filter(|r| matches!(r.statement.predicate(), Predicate::Objection(_)))
            .map(|objection| self.decided_state(&objection.statement.digest()))
            .fold(self.ruled_state(act), ActState::or)
    }

    /// What the courts have done to an act: the last word counts, as a higher court speaks later.
    fn ruled_state(&self, act: &Digest) -> ActState {
        self.about(act).fold(ActState::InForce, |state, r| match r.statement.predicate() {
            Predicate::Ruling(ruling) if r.superseded_by.is_none() => {
                state.after(ruling.effect, r.statement.digest())
            }
            _ => state,
        })
    }

    /// What the decisions on one objection have done; a decision can itself be stayed or annulled
    /// by a court.
    fn decided_state(&self, objection: &Digest) -> ActState {
        self.about(objection).fold(ActState::InForce, |state, r| match r.statement.predicate() {
            Predicate::ObjectionDecision(decision) if self.ruled_state(&r.statement.digest()).counts() => {
                state.after(decision.effect, r.statement.digest())
            }
            _ => state,
        })
    }

    /// Tells whether an objection is decided for good, not only a stay given or lifted meanwhile.
    pub fn is_decided(&self, objection: &Digest) -> bool {
        self.about(objection).any(|r| match r.statement.predicate() {
            Predicate::ObjectionDecision(decision) => {
                is_final(decision.effect) && self.ruled_state(&r.statement.digest()).counts()
            }
            _ => false,
        })
    }

    /// Nothing rests on an act that is stayed or annulled.
    pub(crate) fn judge_grounds(&self, predicate: &Predicate, subject: Digest) -> Result<(), Refusal> {
        for act in grounds(predicate, subject) {
            let state = self.act_state(&act);
            if let ActState::Stayed { by } | ActState::Annulled { by } = state {
                let done = if matches!(state, ActState::Stayed { .. }) { "stayed" } else { "annulled" };
                return Err(Refusal::new(
                    Code::NotInForce,
                    format_args!("{act} is {done} by {by}: nothing can rest on it"),
                ));
            }
        }
        Ok(())
    }
}

/// Tells whether a decision with this effect settles an objection.
pub(crate) fn is_final(effect: Effect) -> bool {
    matches!(effect, Effect::Annuls | Effect::Maintains)
}

/// The acts that a statement rests on.
fn grounds(predicate: &Predicate, subject: Digest) -> Vec<Digest> {
    match predicate {
        Predicate::RemedyRequest(request) => vec![request.finding],
        Predicate::Order(order) => std::iter::once(order.finding).chain(order.remedy_request).collect(),
        Predicate::Surcharge(surcharge) => {
            std::iter::once(surcharge.finding).chain(surcharge.order).collect()
        }
        Predicate::ReportDemand(demand) => demand.cites.clone(),
        Predicate::Inspection(inspection) => inspection.cites.clone(),
        Predicate::Disclosure(disclosure) if disclosure.names_failure => disclosure.statements.clone(),
        Predicate::DesignationEnd(_) | Predicate::InspectionMinutes(_) => vec![subject],
        _ => Vec::new(),
    }
}
