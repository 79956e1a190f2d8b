//! The sequencer dies between commit, tiles, checkpoint and reply; what was acknowledged is there
//! after the next start, and nothing contradicts what was published.

use evidence::Digest;
use evidence::predicate::{Example as _, Model};
use fail::FailScenario;
use kanae_node::testing::{ORIGIN, World, log_key, statement_of};
use kanae_node::{Outcome, Submission, SubmitError};
use ledger::{FolderStore, LogReader, Receipt};
use register::Register;

use crate::place;

const POINTS: [&str; 4] = ["after-commit", "after-tiles", "after-checkpoint", "before-reply"];

fn model(world: &World, slug: &str) -> Submission {
    let model = Model { slug: slug.parse().unwrap(), ..Model::example() };
    let mut draft = world.draft(&world.developer, model, world.developer.id);
    let part = World::attach(&mut draft, "card", b"model card", evidence::Visibility::Public);
    kanae_node::testing::signed(draft, &[world.developer.key()], vec![part])
}

fn digests(register: &Register) -> Vec<(u64, Digest)> {
    register.statements().map(|recorded| (recorded.index, recorded.statement.digest())).collect()
}

#[tokio::test]
async fn whatever_the_moment_of_a_crash_nothing_acknowledged_is_lost_and_nothing_forks() {
    let scenario = FailScenario::setup();
    for point in POINTS {
        let mut world = place::start().await;
        let mut restricted = world.draft(&world.developer, Model::example(), world.developer.id);
        World::restrict(&mut restricted);
        let acknowledged = world.record_draft(&world.developer, restricted).await;
        let kept = model(&world, "kept");
        world.submit(vec![kept.clone()]).await.unwrap();
        let (before, _) = world.fold_published();

        let lost = model(&world, "lost");
        fail::cfg(point, "panic").unwrap();
        let crashed = world.submit(vec![lost.clone()]).await;
        assert!(matches!(crashed, Err(SubmitError::Closed { .. })), "{point}: {crashed:?}");
        let refused = world.submit(vec![model(&world, "later")]).await;
        assert!(matches!(refused, Err(SubmitError::Closed { .. })), "{point}: {refused:?}");
        fail::remove(point);
        world.stop();
        world.open();

        let view = world.node().view();
        let (head, fresh) = world.fold_published();
        assert_eq!(head, view.head, "{point}");
        assert_eq!(digests(&fresh), digests(&view.register), "{point}");
        assert_eq!(fresh.withheld(), view.register.withheld(), "{point}");
        // The chain of checkpoints holds: what was published before is a beginning of what is now.
        let store = FolderStore::open(world.data().join("log")).unwrap();
        let mut reader = LogReader::open(store, head).unwrap();
        assert_eq!(reader.root_at(before.size).unwrap(), before.root, "{point}");
        assert!(world.node().statement(&acknowledged, &kanae_node::testing::ADMIN).unwrap().is_some());
        for (statement, index) in [(&kept, 14), (&lost, 15)] {
            let outcomes = world.submit(vec![statement.clone()]).await.unwrap();
            let [Outcome::Recorded { index: found, receipt, already: true, .. }] = &outcomes[..] else {
                panic!("{point}: {outcomes:?}")
            };
            assert_eq!(*found, index, "{point}");
            let receipt = Receipt::parse(receipt).unwrap();
            let leaf = receipt.extra.clone().unwrap();
            receipt.verify(&leaf, ORIGIN, &[log_key().verifier_key()]).unwrap();
            let part = &statement.parts[0];
            assert!(world.data().join(format!("log/part/{}", part.commitment())).is_file(), "{point}");
        }
        assert_eq!(statement_of(&lost).digest(), digests(&view.register).last().unwrap().1);
    }
    scenario.teardown();
}

#[tokio::test]
async fn a_crash_before_the_commit_leaves_no_trace() {
    let scenario = FailScenario::setup();
    let mut world = place::start().await;
    let (before, _) = world.fold_published();
    let lost = model(&world, "lost");
    fail::cfg("before-commit", "panic").unwrap();
    assert!(world.submit(vec![lost.clone()]).await.is_err());
    fail::remove("before-commit");
    world.stop();
    world.open();
    assert_eq!(world.node().view().head, before);
    let outcomes = world.submit(vec![lost]).await.unwrap();
    assert!(matches!(outcomes[..], [Outcome::Recorded { index: 13, already: false, .. }]));
    scenario.teardown();
}

#[tokio::test]
async fn two_crashes_in_a_row_are_one_repair() {
    let scenario = FailScenario::setup();
    let mut world = place::start().await;
    for (point, slug) in [("after-commit", "one"), ("after-tiles", "two"), ("after-commit", "three")] {
        let statement = model(&world, slug);
        fail::cfg(point, "panic").unwrap();
        assert!(world.submit(vec![statement]).await.is_err());
        fail::remove(point);
        world.stop();
        world.open();
        // Opening once more changes nothing.
        let first = world.node().view().checkpoint.clone();
        world.stop();
        world.open();
        assert_eq!(world.node().view().checkpoint, first);
    }
    assert_eq!(world.fold_published().0.size, 16);
    scenario.teardown();
}
