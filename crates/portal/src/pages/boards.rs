//! The duty boards: every adopted regime applied to every model, once a day and state of the log.

use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use evidence::{Date, Digest, Predicate};
use jiff::civil;
pub(crate) use register::Board;
use register::state::Recorded;

use super::scene::Scene;

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

/// Returns the designation of a model's developer that stands under a regime.
pub(crate) fn designation<'s>(dossier: &[&'s Arc<Recorded>]) -> Option<&'s Arc<Recorded>> {
    dossier
        .iter()
        .rev()
        .find(|recorded| {
            recorded.superseded_by.is_none()
                && matches!(recorded.statement.predicate().name(), "designation" | "designation-end")
        })
        .filter(|recorded| matches!(recorded.statement.predicate(), Predicate::Designation(_)))
        .copied()
}
