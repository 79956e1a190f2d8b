//! The duty boards: every adopted regime applied to every model, once a day and state of the log.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use evidence::{Date, Digest, Predicate};
use jiff::civil;
use register::ActState;
pub(crate) use register::Board;
use register::state::{Recorded, Thing};

use super::scene::Scene;

/// What boards of a model rest on: the last statement about it and their number, and each regime as
/// adopted, with the day by its calendar.
#[derive(Clone, PartialEq, Eq)]
struct State {
    /// Whose view it is: two readers may see as many statements, and others.
    reader: Option<Digest>,
    last: Option<Digest>,
    statements: usize,
    regimes: Vec<(String, Digest, civil::Date)>,
}

/// Boards of a model at the points of time that were asked for last.
type Kept = HashMap<Digest, Vec<(State, Vec<Arc<Board>>)>>;

static KEPT: LazyLock<Mutex<Kept>> = LazyLock::new(Mutex::default);

/// How many states are kept of a model, and of how many models.
const MAX_STATES: usize = 4;
const MAX_MODELS: usize = 20_000;

/// Returns the boards of all models, in the order of the register.
pub(crate) fn all(scene: &Scene) -> Vec<Arc<Board>> {
    let regimes = regimes(scene);
    scene.register().models().flat_map(|model| of_thing(scene, model, &regimes)).collect()
}

/// Returns the boards of a model.
pub(crate) fn of(scene: &Scene, model: &Digest) -> Vec<Arc<Board>> {
    match scene.register().thing(model) {
        Some(thing) => of_thing(scene, thing, &regimes(scene)),
        None => Vec::new(),
    }
}

/// Returns the regimes at hand in the order of their adoption, each with the day by its calendar.
fn regimes(scene: &Scene) -> Vec<(String, Digest, civil::Date)> {
    let mut regimes: Vec<_> = scene.register().regimes().collect();
    regimes.sort_by_key(|(_, adopted)| adopted.since);
    let at_hand = regimes.into_iter().filter_map(|(id, adopted)| {
        let files = scene.view.library.regime(&adopted.folder)?;
        let day = files.time_zone().to_datetime(scene.now.instant()).date();
        Some((id.to_owned(), adopted.adoption, day))
    });
    at_hand.collect()
}

fn of_thing(scene: &Scene, model: &Thing, regimes: &[(String, Digest, civil::Date)]) -> Vec<Arc<Board>> {
    let dossier = scene.register().dossier(&model.id);
    let state = State {
        reader: scene.reader.as_ref().map(|reader| reader.organisation),
        last: dossier.last().map(|last| last.statement.digest()),
        statements: dossier.len(),
        regimes: regimes.to_vec(),
    };
    let lock = || KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    let known = lock()
        .get(&model.id)
        .and_then(|kept| kept.iter().find(|(known, _)| *known == state).map(|(_, boards)| boards.clone()));
    if let Some(boards) = known {
        return boards;
    }
    let boards: Vec<_> = regimes
        .iter()
        // A regime that cannot be applied shows no board; its own page says what is wrong.
        .filter_map(|(id, _, day)| {
            let advice = scene.register().advise(id, &model.id, Date::new(*day), &scene.view.library).ok()?;
            Some(Arc::new(Board {
                model: model.id,
                developer: model.parent,
                regime: id.clone(),
                day: *day,
                advice,
            }))
        })
        .collect();
    let mut kept = lock();
    if kept.len() >= MAX_MODELS {
        kept.clear();
    }
    let states = kept.entry(model.id).or_default();
    states.truncate(MAX_STATES - 1);
    states.insert(0, (state, boards.clone()));
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
