//! The database of these tests: SQLite, in the data folder.

use std::path::{Path, PathBuf};

use kanae_node::Place;
use kanae_node::testing::World;

pub(crate) async fn start() -> World {
    World::start().await
}

/// A place in which no database has been made.
pub(crate) fn nothing_yet(folder: &Path) -> Place {
    Place::folder(folder)
}

fn database(world: &World) -> PathBuf {
    world.data().join("kanae.db")
}

pub(crate) fn execute(world: &World, statements: &str) {
    rusqlite::Connection::open(database(world)).unwrap().execute_batch(statements).unwrap();
}

/// Tells whether a text stands anywhere in the database. The node is not running.
pub(crate) fn database_holds(world: &World, text: &str) -> bool {
    std::fs::read(database(world)).unwrap().windows(text.len()).any(|window| window == text.as_bytes())
}

pub(crate) fn let_inserts_fail(world: &World, why: &str) {
    execute(
        world,
        &format!("CREATE TRIGGER fails BEFORE INSERT ON entries BEGIN SELECT RAISE(ABORT, '{why}'); END"),
    );
}

pub(crate) fn let_inserts_pass(world: &World) {
    execute(world, "DROP TRIGGER fails");
}

/// A copy of the database of a node that is not running.
pub(crate) struct Backup(PathBuf);

pub(crate) fn back_up(world: &World) -> Backup {
    let place = tempfile::NamedTempFile::new_in(world.data().parent().unwrap()).unwrap();
    let (_, place) = place.keep().unwrap();
    std::fs::copy(database(world), &place).unwrap();
    Backup(place)
}

pub(crate) fn restore(world: &World, backup: &Backup) {
    std::fs::copy(&backup.0, database(world)).unwrap();
}
