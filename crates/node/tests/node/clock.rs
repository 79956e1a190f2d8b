//! A clock that steps back and forth.

use evidence::Timestamp;
use kanae_node::testing::{ADMIN, World, statement_of};

use crate::common::{model, published, recorded, stands};
use crate::place;

const DAY: i64 = 86_400_000;

/// Records a model, and returns the time that the log gives it.
async fn time_of(world: &World, slug: &str) -> Timestamp {
    let submission = model(world, &world.developer, slug);
    let digest = statement_of(&submission).digest();
    let (_, already) = recorded(&world.submit(vec![submission]).await.unwrap()[0]);
    assert!(!already && stands(world, &digest), "{slug}");
    let view = world.node().view();
    assert_eq!(published(world, "checkpoint").unwrap(), view.checkpoint.as_bytes());
    assert!(world.node().statement(&digest, &ADMIN).unwrap().is_some());
    view.register.recorded(&digest).unwrap().time
}

#[tokio::test]
async fn the_logs_time_never_goes_back_whatever_the_clock_does() {
    let mut world = place::start().await;
    let before = time_of(&world, "before").await;
    world.clock.advance_millis(2 * DAY);
    let ahead = time_of(&world, "ahead").await;
    assert_eq!(ahead.as_millis() - before.as_millis(), 2 * DAY);
    // Set right again, and too far.
    world.clock.advance_millis(-3 * DAY);
    let back = time_of(&world, "back").await;
    assert_eq!(back, ahead, "time stands still until the clock has caught up");
    // A start in between changes nothing.
    world.stop();
    world.open();
    let again = time_of(&world, "again").await;
    assert_eq!(again, ahead);
    let head = world.node().view().head;
    world.clock.advance_millis(4 * DAY);
    let after = time_of(&world, "after").await;
    assert_eq!(after.as_millis() - ahead.as_millis(), DAY);
    assert_eq!(world.node().view().head.size, head.size + 1);
}
