//! The duty boards: every adopted regime applied to every model, once a day and state of the log.

use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use evidence::{Date, Digest, Predicate};
use jiff::civil;
use law::{DutyResult, Party};
use register::state::Recorded;
use register::{ActState, Advice};

use super::scene::Scene;

/// What one regime makes of one model today.
pub(crate) struct Board {
    pub(crate) model: Digest,
    /// The organisation whose model it is.
    pub(crate) developer: Digest,
    pub(crate) regime: String,
    /// The day in the regime's own time zone.
    pub(crate) day: civil::Date,
    pub(crate) advice: Advice,
}

impl Board {
    /// Tells whether the regime, as far as can be told, does not touch the model at all.
    pub(crate) fn is_idle(&self) -> bool {
        self.advice.assessment.coverage == law::Coverage::NotCovered
            && self.advice.assessment.duties.iter().all(|duty| duty.status == law::Status::NotYet)
    }

    /// Returns the duties that are shown: those of developers, and what is owed of others.
    pub(crate) fn duties(&self) -> impl Iterator<Item = &DutyResult> {
        self.advice
            .assessment
            .duties
            .iter()
            .filter(|duty| duty.by == Party::Developer || duty.status != law::Status::NotYet)
    }

    /// Returns a duty of the regime by its id.
    pub(crate) fn duty(&self, id: &str) -> Option<(&law::Duty, &DutyResult)> {
        Some((self.advice.regime.duty(id)?, self.advice.assessment.duty(id)?))
    }

    /// Returns the statements about the model that have effect under this regime.
    pub(crate) fn dossier<'s>(&self, scene: &'s Scene) -> Vec<&'s Arc<Recorded>> {
        let mut dossier = scene.register().dossier(&self.model);
        dossier.retain(|recorded| {
            recorded.statement.common().regime.as_ref().is_none_or(|regime| regime.as_str() == self.regime)
        });
        dossier
    }
}

/// The state for which boards are kept: the log's origin and root, and the day under each regime.
type State = (String, Option<Digest>, Vec<(String, civil::Date)>);

/// Boards, and the state that they are of.
type Kept = Option<(State, Arc<Vec<Board>>)>;

static KEPT: LazyLock<Mutex<Kept>> = LazyLock::new(Mutex::default);

/// Returns the boards of all models, in the order of the register.
pub(crate) fn all(scene: &Scene) -> Arc<Vec<Board>> {
    let register = scene.register();
    // In the order of their adoption.
    let mut regimes: Vec<_> = register.regimes().collect();
    regimes.sort_by_key(|(_, adopted)| adopted.since);
    let days: Vec<(String, civil::Date)> = regimes
        .into_iter()
        .filter_map(|(id, adopted)| {
            let files = scene.view.library.regime(&adopted.folder)?;
            Some((id.to_owned(), files.time_zone().to_datetime(scene.now.instant()).date()))
        })
        .collect();
    let state = (register.origin().to_owned(), register.root_at(register.size()), days);
    let kept = |slot: &Kept| {
        slot.as_ref().filter(|(known, _)| *known == state).map(|(_, boards)| Arc::clone(boards))
    };
    if let Some(boards) = kept(&KEPT.lock().unwrap_or_else(PoisonError::into_inner)) {
        return boards;
    }
    let mut boards = Vec::new();
    for model in register.models() {
        for (id, day) in &state.2 {
            // A regime that cannot be applied shows no board; its own page says what is wrong.
            if let Ok(advice) = register.advise(id, &model.id, Date::new(*day), &scene.view.library) {
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
    let boards = Arc::new(boards);
    *KEPT.lock().unwrap_or_else(PoisonError::into_inner) = Some((state, Arc::clone(&boards)));
    boards
}

/// Returns the designation of a model's developer that is in force under a regime: the last that is
/// neither ended nor stayed nor annulled.
pub(crate) fn designation<'s>(scene: &Scene, dossier: &[&'s Arc<Recorded>]) -> Option<&'s Arc<Recorded>> {
    dossier
        .iter()
        .rev()
        .find(|recorded| {
            matches!(recorded.statement.predicate(), Predicate::Designation(_))
                && recorded.superseded_by.is_none()
                && scene.register().act_state(&recorded.statement.digest()) == ActState::InForce
        })
        .copied()
}
