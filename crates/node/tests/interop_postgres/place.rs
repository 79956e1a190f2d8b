//! The database of these tests: a PostgreSQL, with a database of its own for each.

use std::path::Path;

use kanae_node::Place;
use kanae_node::postgres::Address;
use kanae_node::testing::{Cluster, World, execute as execute_at};

pub(crate) async fn start() -> World {
    World::start_with(Some(Cluster::shared().new_database())).await
}

/// A place in which no tables have been made.
pub(crate) fn nothing_yet(folder: &Path) -> Place {
    Place::with_database(folder, Cluster::shared().new_database())
}

fn database(world: &World) -> Address {
    world.place().database().unwrap().clone()
}

pub(crate) fn execute(world: &World, statements: &str) {
    execute_at(&database(world), statements);
}

/// Tells whether a text stands anywhere in the database. The node is not running.
pub(crate) fn database_holds(world: &World, text: &str) -> bool {
    let mut dump = Cluster::shared().program("pg_dump");
    let address = database(world);
    let dump = dump.stdout(std::process::Stdio::piped()).arg(address.url()).output().unwrap();
    assert!(dump.status.success());
    let dump = String::from_utf8(dump.stdout).unwrap();
    dump.contains(text) || dump.contains(&hex::encode(text))
}

pub(crate) fn let_inserts_fail(world: &World, why: &str) {
    execute(
        world,
        &format!(
            "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS
                 $$ BEGIN RAISE EXCEPTION '{why}'; END $$;
             CREATE TRIGGER fails BEFORE INSERT ON entries EXECUTE FUNCTION fail()"
        ),
    );
}

pub(crate) fn let_inserts_pass(world: &World) {
    execute(world, "DROP TRIGGER fails ON entries; DROP FUNCTION fail");
}

/// A copy of the database of a node that is not running.
pub(crate) struct Backup(Address);

pub(crate) fn back_up(world: &World) -> Backup {
    Backup(Cluster::shared().copy(&database(world)))
}

pub(crate) fn restore(world: &World, backup: &Backup) {
    Cluster::shared().replace(&database(world), &backup.0);
}
