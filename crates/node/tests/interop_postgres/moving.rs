//! From SQLite to PostgreSQL, by one call.

use std::path::Path;

use evidence::predicate::{Example as _, Model};
use evidence::{Digest, Visibility};
use kanae_node::postgres::Address;
use kanae_node::testing::{ADMIN, Cluster, World, execute, recorded_in, signed, statement_of, store};
use kanae_node::{MoveError, Moved, OpenError, Place, Scope, migrate};

use crate::common::{model, published, recorded};

fn move_to(folder: &Path, target: &Address) -> Result<Moved, MoveError> {
    migrate(folder, target, || Ok(()))
}

/// A world in SQLite that has something of everything; returns a restricted statement and one with
/// attachments.
async fn furnished() -> (World, [Digest; 2]) {
    let world = World::start().await;
    world.adopt_regime("eu-gpai", &[]).await;
    let mut restricted = world.draft(&world.developer, Model::example(), world.developer.id);
    World::restrict(&mut restricted);
    let secret = world.record_draft(&world.developer, restricted).await;
    let other = Model { slug: "other".parse().unwrap(), ..Model::example() };
    let mut draft = world.draft(&world.developer, other, world.developer.id);
    let open = World::attach(&mut draft, "open.txt", b"for everyone", Visibility::Public);
    let hidden = World::attach(&mut draft, "secret.txt", &vec![7; 3 << 20], Visibility::Restricted);
    let submission = signed(draft, &[world.developer.key()], vec![open, hidden]);
    let attached = statement_of(&submission).digest();
    world.submit(vec![submission]).await.unwrap();
    // More than is copied at a time.
    for batch in 0..5 {
        let models = (0..60).map(|number| model(&world, &world.developer, &format!("m{batch}-{number}")));
        world.submit(models.collect()).await.unwrap();
    }
    world.register(&mut World::stranger("newcomer", 100)).await;
    world.node().new_token(Scope::Submit, "minato-lab".parse().ok(), "continuous integration").unwrap();
    (world, [secret, attached])
}

#[tokio::test]
async fn a_moved_node_is_the_same_node() {
    let (mut world, statements) = furnished().await;
    let before = world.node().view();
    let stored = statements.map(|id| world.node().statement(&id, &ADMIN).unwrap().unwrap());
    let waiting = world.node().waiting().unwrap();
    assert!(matches!(move_to(&world.data(), &Cluster::shared().new_database()), Err(MoveError::Open(_))));
    world.stop();
    let target = Cluster::shared().new_database();
    let moved = move_to(&world.data(), &target).unwrap();
    assert_eq!((moved.entries, moved.attachments, moved.waiting, moved.tokens), (before.head.size, 2, 1, 1));
    assert!(world.data().join("kanae.db.moved").is_file() && !world.data().join("kanae.db").exists());

    let place = Place::find(world.data(), None).unwrap();
    assert_eq!(place.database().unwrap().url(), target.url());
    world.reach_database_at(target);
    world.open();
    let after = world.node().view();
    assert_eq!((after.head, &after.checkpoint), (before.head, &before.checkpoint));
    assert_eq!(statements.map(|id| world.node().statement(&id, &ADMIN).unwrap().unwrap()), stored);
    assert_eq!(world.node().waiting().unwrap(), waiting);
    assert_eq!(published(&world, "checkpoint").unwrap(), after.checkpoint.as_bytes());
    let next = model(&world, &world.developer, "next");
    assert_eq!(recorded(&world.submit(vec![next]).await.unwrap()[0]), (before.head.size, false));
    world.stop();
    let again = move_to(&world.data(), &Cluster::shared().new_database());
    assert!(matches!(again, Err(MoveError::Already(_))), "{again:?}");
}

#[tokio::test]
async fn a_move_that_was_cut_off_is_taken_up_and_ends_with_the_same() {
    let (mut world, _) = furnished().await;
    world.stop();
    let target = Cluster::shared().new_database();
    // Something in the way of the last step but one.
    migrate_until_it_fails(&world, &target);
    assert!(world.data().join("kanae.db").is_file() && !world.data().join("database").exists());
    assert!(recorded_in(&target) > 0, "nothing was copied before");
    // The node goes on where it is, for the time being.
    world.open();
    let size = world.node().view().head.size;
    world.submit(vec![model(&world, &world.developer, "meanwhile")]).await.unwrap();
    world.stop();
    execute(&target, "DROP TRIGGER fails ON parts");
    assert_eq!(move_to(&world.data(), &target).unwrap().entries, size + 1);
}

#[tokio::test]
async fn a_node_goes_nowhere_without_what_stands_beside_it() {
    let (mut world, _) = furnished().await;
    world.stop();
    let target = Cluster::shared().new_database();
    let refused = migrate(&world.data(), &target, || Err("the desk is in use".into())).unwrap_err();
    assert!(matches!(refused, MoveError::Beside(_)) && refused.to_string().contains("desk"), "{refused}");
    assert!(world.data().join("kanae.db").is_file() && !world.data().join("database").exists());
    world.open();
}

fn migrate_until_it_fails(world: &World, target: &Address) {
    // Makes the tables, so that they can be made to fail.
    store::make(&Place::with_database(world.data(), target.clone()));
    execute(
        target,
        "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'disk full'; END $$;
         CREATE TRIGGER fails BEFORE INSERT ON parts EXECUTE FUNCTION fail()",
    );
    let failed = move_to(&world.data(), target).unwrap_err();
    assert!(failed.to_string().contains("disk full"), "{failed}");
}

#[tokio::test]
async fn a_database_with_another_log_in_it_is_left_alone() {
    let (mut world, _) = furnished().await;
    world.stop();
    let stranger = World::start_with(Some(Cluster::shared().new_database())).await;
    stranger.submit(vec![model(&stranger, &stranger.developer, "wakaba")]).await.unwrap();
    let target = stranger.place().database().unwrap().clone();
    let refused = move_to(&world.data(), &target).unwrap_err();
    assert!(matches!(refused, MoveError::Foreign { .. }), "{refused}");
    assert_eq!(recorded_in(&target), 14);
    assert!(world.data().join("kanae.db").is_file());
    world.open();
}

#[test]
fn what_is_no_node_is_not_moved() {
    let folder = tempfile::tempdir().unwrap();
    let refused = move_to(folder.path(), &Cluster::shared().new_database());
    assert!(matches!(refused, Err(MoveError::Open(OpenError::NotANode(_)))), "{refused:?}");
}
