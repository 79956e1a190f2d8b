//! One of two servers dies between its commit and its checkpoint; the other one goes on.

use std::time::Duration;

use evidence::predicate::{Example as _, Model};
use fail::FailScenario;
use kanae_node::testing::{ADMIN, World, statement_of};
use kanae_node::{Node, Outcome, Submission, SubmitError};

use crate::place;

fn model(world: &World, slug: &str) -> Submission {
    let model = Model { slug: slug.parse().unwrap(), ..Model::example() };
    world.sign(&world.developer, world.draft(&world.developer, model, world.developer.id))
}

async fn index(node: &Node, submission: Submission) -> (u64, bool) {
    match &node.submit(vec![submission], &ADMIN).await.unwrap()[..] {
        [Outcome::Recorded { index, already, .. }] => (*index, *already),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_a_dead_server_recorded_is_published_by_the_next_one_that_records() {
    let scenario = FailScenario::setup();
    for point in ["after-commit", "after-tiles", "after-checkpoint", "before-reply"] {
        let world = place::start().await;
        let other = world.try_open().unwrap();
        let (lost, next) = (model(&world, "lost"), model(&world, "next"));
        fail::cfg(point, "1*panic").unwrap();
        let died = world.submit(vec![lost.clone()]).await;
        assert!(matches!(died, Err(SubmitError::Closed { .. })), "{point}: {died:?}");
        fail::remove(point);

        assert_eq!(index(&other, next).await, (14, false), "{point}");
        assert_eq!(index(&other, lost.clone()).await, (13, true), "{point}");
        let (head, register) = world.fold_published();
        assert_eq!(head, other.view().head, "{point}");
        assert!(register.recorded(&statement_of(&lost).digest()).is_some(), "{point}");
    }
    scenario.teardown();
}

#[tokio::test]
async fn what_a_dead_server_recorded_is_published_in_the_end_though_nobody_records_anything() {
    let scenario = FailScenario::setup();
    let world = place::start().await;
    let other = world.try_open().unwrap();
    let lost = model(&world, "lost");
    fail::cfg("after-commit", "1*panic").unwrap();
    assert!(world.submit(vec![lost]).await.is_err());
    fail::remove("after-commit");
    assert_eq!(world.fold_published().0.size, 13);
    while other.view().head.size < 14 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(world.fold_published().0, other.view().head);
    scenario.teardown();
}
