use evidence::predicate::{Example as _, Model};
use kanae_node::testing::{ADMIN, ORIGIN, intake_key, statement_of};
use kanae_node::{Malformed, Outcome, Submission, SubmitError};
use ledger::SignedNote;
use register::Code;

use crate::common::{model, published, recorded, stands};
use crate::place;

#[tokio::test]
async fn a_recorded_statement_stands_in_the_published_register() {
    let world = place::start().await;
    let model = world.record(&world.developer, Model::example(), world.developer.id).await;
    let view = world.node().view();
    assert_eq!(view.register.path_of(&model).unwrap(), "minato-lab/wakaba");
    assert_eq!(view.head.size, view.register.size());
    let envelope = published(&world, &format!("envelope/{model}")).unwrap();
    let stored = world.node().statement(&model, &kanae_node::Caller::Anonymous).unwrap().unwrap();
    assert_eq!(stored.envelope, envelope);
    assert_eq!(published(&world, "checkpoint").unwrap(), view.checkpoint.as_bytes());
}

#[tokio::test]
async fn submitting_again_returns_the_same_place_and_a_valid_receipt() {
    let world = place::start().await;
    let submission = model(&world, &world.developer, "wakaba");
    let first = recorded(&world.submit(vec![submission.clone()]).await.unwrap()[0]);
    let _ = world.submit(vec![model(&world, &world.developer, "other")]).await.unwrap();
    let again = recorded(&world.submit(vec![submission]).await.unwrap()[0]);
    assert_eq!((first.0, false), first);
    assert_eq!(again, (first.0, true));
}

#[tokio::test]
async fn the_same_statement_twice_in_one_group_is_one_entry() {
    let world = place::start().await;
    let submission = model(&world, &world.developer, "wakaba");
    let size = world.node().view().head.size;
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let (node, batch) = (world.node().clone(), vec![submission.clone()]);
            tokio::spawn(async move { node.submit(batch, &ADMIN).await.unwrap() })
        })
        .collect();
    let mut fresh = 0;
    for task in tasks {
        let (index, already) = recorded(&task.await.unwrap()[0]);
        assert_eq!(index, size);
        fresh += u32::from(!already);
    }
    assert_eq!((fresh, world.node().view().head.size), (1, size + 1));
}

#[tokio::test]
async fn many_at_once_are_all_recorded_once_and_receipts_hold() {
    let world = place::start().await;
    let tasks: Vec<_> = (0..40)
        .map(|number| {
            let batch = vec![model(&world, &world.developer, &format!("m{number}"))];
            let node = world.node().clone();
            tokio::spawn(async move { node.submit(batch, &ADMIN).await.unwrap() })
        })
        .collect();
    let mut places = Vec::new();
    for task in tasks {
        places.push(recorded(&task.await.unwrap()[0]).0);
    }
    places.sort_unstable();
    assert_eq!(places, (13..53).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_refused_statement_takes_its_whole_batch_with_it() {
    let world = place::start().await;
    let good = model(&world, &world.developer, "wakaba");
    let bad = model(&world, &world.certifier, "wakaba");
    let (good_id, bad_id) = (statement_of(&good).digest(), statement_of(&bad).digest());
    let size = world.node().view().head.size;
    let Err(SubmitError::Refused { position, refusal, note }) = world.submit(vec![good, bad]).await else {
        panic!("it was not refused")
    };
    assert_eq!((position, refusal.code), (1, Code::WrongRole));
    assert_eq!(world.node().view().head.size, size);
    assert!(!stands(&world, &good_id));
    let note = SignedNote::parse(note.as_bytes()).unwrap();
    let keys = [intake_key().verifier_key()];
    let text = note.verify(&keys).unwrap().text;
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[..3], ["kanae/refusal/v1", ORIGIN, &bad_id.to_string()]);
    assert_eq!(lines[4], "wrong-role");
    assert_eq!(lines.len(), 6);
}

#[tokio::test]
async fn a_refusal_leaves_the_others_of_its_group_alone() {
    let world = place::start().await;
    let node = world.node().clone();
    let (one, bad, two) = (
        vec![model(&world, &world.developer, "one")],
        vec![model(&world, &world.institute, "bad")],
        vec![model(&world, &world.developer, "two")],
    );
    let (one, bad, two) =
        tokio::join!(node.submit(one, &ADMIN), node.submit(bad, &ADMIN), node.submit(two, &ADMIN));
    assert_eq!(recorded(&one.unwrap()[0]).0, 13);
    assert!(matches!(bad, Err(SubmitError::Refused { .. })));
    assert_eq!(recorded(&two.unwrap()[0]).0, 14);
}

#[tokio::test]
async fn an_act_and_its_approval_are_recorded_in_one_piece() {
    let world = place::start().await;
    let id = world.record(&world.developer, Model::example(), world.developer.id).await;
    let erasure = evidence::predicate::Erasure { parts: vec![id], ..evidence::predicate::Erasure::example() };
    // The act is refused: the model carries no attachment. Its approval alone must not stand.
    let batch = world.approved(world.draft(&world.authority, erasure, id));
    let approval = statement_of(&batch[0]).digest();
    assert!(matches!(world.submit(batch).await, Err(SubmitError::Refused { position: 1, .. })));
    assert!(!stands(&world, &approval));
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_by_position() {
    let world = place::start().await;
    let good = model(&world, &world.developer, "wakaba");
    let broken = Submission { envelope: b"{\"payload\":1}".to_vec(), parts: Vec::new() };
    let refused = world.submit(vec![good.clone(), broken]).await;
    assert!(
        matches!(refused, Err(SubmitError::Malformed { position: 1, problem: Malformed::Envelope(_) })),
        "{refused:?}"
    );
    assert!(matches!(world.submit(Vec::new()).await, Err(SubmitError::TooLarge)));
    assert!(matches!(world.submit(vec![good; 65]).await, Err(SubmitError::TooLarge)));
}

#[tokio::test]
async fn entry_times_never_go_back_with_the_clock() {
    let world = place::start().await;
    let first = world.record(&world.developer, Model::example(), world.developer.id).await;
    let submission = model(&world, &world.developer, "second");
    let second = statement_of(&submission).digest();
    world.clock.advance_millis(-60_000);
    let outcomes = world.submit(vec![submission]).await.unwrap();
    assert!(matches!(outcomes[..], [Outcome::Recorded { .. }]));
    let register = &world.node().view().register;
    let time = |id| register.recorded(&id).unwrap().time;
    assert_eq!(time(first), time(second));
    assert!(register.recorded(&second).unwrap().arrived_at < time(second));
}

#[tokio::test]
async fn a_failed_commit_changes_nothing_and_the_next_one_goes_through() {
    let world = place::start().await;
    place::let_inserts_fail(&world, "disk full");
    let before = world.node().view();
    let submission = model(&world, &world.developer, "wakaba");
    let failed = world.submit(vec![submission.clone()]).await.unwrap_err();
    assert!(failed.to_string().contains("disk full"), "{failed}");
    assert_eq!(world.node().view().checkpoint, before.checkpoint);
    assert_eq!(published(&world, "checkpoint").unwrap(), before.checkpoint.as_bytes());
    place::let_inserts_pass(&world);
    assert_eq!(recorded(&world.submit(vec![submission]).await.unwrap()[0]), (before.head.size, false));
}

#[tokio::test]
async fn a_failed_publication_closes_the_node_and_the_next_start_repairs_it() {
    let mut world = place::start().await;
    let before = world.node().view();
    let log = world.data().join("log");
    std::fs::rename(log.join("envelope"), log.join("aside")).unwrap();
    std::fs::write(log.join("envelope"), "no folder").unwrap();
    let submission = model(&world, &world.developer, "wakaba");
    let id = statement_of(&submission).digest();
    let failed = world.submit(vec![submission.clone()]).await.unwrap_err();
    assert!(matches!(failed, SubmitError::Closed { .. }), "{failed}");
    assert!(failed.to_string().contains("publishes what is missing"), "{failed}");
    assert_eq!(world.node().view().checkpoint, before.checkpoint);
    assert!(matches!(world.submit(vec![submission.clone()]).await, Err(SubmitError::Closed { .. })));
    std::fs::remove_file(log.join("envelope")).unwrap();
    std::fs::rename(log.join("aside"), log.join("envelope")).unwrap();
    world.stop();
    world.open();
    assert!(stands(&world, &id));
    assert!(published(&world, &format!("envelope/{id}")).is_some());
    assert_eq!(recorded(&world.submit(vec![submission]).await.unwrap()[0]), (before.head.size, true));
}
