use std::path::Path;

use kanae_node::testing::statement_of;
use kanae_node::{Node, OpenError, Shipped};

use crate::common::{model, published, recorded};
use crate::place;

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let place = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &place);
        } else {
            std::fs::copy(&path, &place).unwrap();
        }
    }
}

fn replace(from: &Path, to: &Path) {
    let _ = std::fs::remove_dir_all(to);
    copy(from, to);
}

#[tokio::test]
async fn a_database_behind_its_published_log_is_refused() {
    let mut world = place::start().await;
    world.stop();
    let backup = place::back_up(&world);
    world.open();
    let statement = model(&world, &world.developer, "wakaba");
    world.submit(vec![statement]).await.unwrap();
    world.stop();
    let later = place::back_up(&world);
    place::restore(&world, &backup);
    let refused = world.try_open().unwrap_err();
    assert!(matches!(refused, OpenError::DatabaseBehind { database: 13, published: 14 }), "{refused}");
    // The way out: a backup that has everything.
    place::restore(&world, &later);
    world.open();
    let next = model(&world, &world.developer, "next");
    assert_eq!(recorded(&world.submit(vec![next]).await.unwrap()[0]), (14, false));
}

#[tokio::test]
async fn a_published_log_of_another_history_is_refused() {
    let mut world = place::start().await;
    world.stop();
    let (database, before, log) =
        (place::back_up(&world), world.data().with_file_name("before"), world.data().join("log"));
    copy(&log, &before);
    world.open();
    world.submit(vec![model(&world, &world.developer, "one")]).await.unwrap();
    world.stop();
    let one = world.data().with_file_name("one");
    replace(&log, &one);
    replace(&before, &log);
    place::restore(&world, &database);
    world.open();
    world.submit(vec![model(&world, &world.developer, "two")]).await.unwrap();
    world.submit(vec![model(&world, &world.developer, "three")]).await.unwrap();
    world.stop();
    replace(&one, &log);
    let refused = world.try_open().unwrap_err();
    assert!(matches!(refused, OpenError::Diverged { size: 14 }), "{refused}");
}

#[tokio::test]
async fn a_lost_log_folder_is_written_again_byte_for_byte() {
    let mut world = place::start().await;
    let statement = model(&world, &world.developer, "wakaba");
    let id = statement_of(&statement).digest();
    world.submit(vec![statement]).await.unwrap();
    let (checkpoint, envelope) =
        (published(&world, "checkpoint"), published(&world, &format!("envelope/{id}")));
    world.stop();
    std::fs::remove_dir_all(world.data().join("log")).unwrap();
    world.open();
    assert_eq!(published(&world, "checkpoint"), checkpoint);
    assert_eq!(published(&world, &format!("envelope/{id}")), envelope);
    let next = model(&world, &world.developer, "next");
    assert_eq!(recorded(&world.submit(vec![next]).await.unwrap()[0]), (14, false));
}

#[tokio::test]
async fn a_database_that_something_else_has_changed_is_refused() {
    let mut world = place::start().await;
    world.stop();
    for (change, entry) in [
        ("UPDATE entries SET time = time + 1 WHERE position = 5", 5),
        (
            "UPDATE entries SET envelope = (SELECT envelope FROM entries WHERE position = 1) WHERE position = 4",
            4,
        ),
        ("DELETE FROM entries WHERE position = 7", 8),
        ("DELETE FROM entries WHERE position = 12", 12),
    ] {
        let backup = place::back_up(&world);
        place::execute(&world, change);
        let refused = world.try_open().unwrap_err();
        assert!(
            matches!(refused, OpenError::Damaged { entry: found, .. } if found == entry),
            "{change}: {refused}"
        );
        place::restore(&world, &backup);
    }
    world.open();
}

#[tokio::test]
async fn adopted_files_are_kept_when_they_are_shipped_no_more() {
    let mut world = place::start().await;
    world.adopt_regime("eu-gpai", &[]).await;
    let folder = world.node().view().register.regime("eu-gpai").unwrap().folder;
    assert!(published(&world, &format!("blob/{folder}/regime.toml")).is_some());
    let index = published(&world, &format!("blob/{folder}/index")).unwrap();
    assert_eq!(evidence::sha256(&index), folder);
    world.stop();
    let node = Node::open(world.place(), Shipped::default(), world.clock.clock()).unwrap();
    assert!(node.view().library.regime(&folder).is_some());
}
