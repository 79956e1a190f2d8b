//! Several servers, one PostgreSQL: they take turns, and each shows what the others record.

use std::time::Duration;

use evidence::predicate::{Example as _, Model};
use evidence::{Digest, Visibility};
use kanae_node::testing::{ADMIN, World, signed, statement_of};
use kanae_node::{Caller, Node, Outcome, Scope};

use crate::breaking::{check, under_load};
use crate::common::{model, published, recorded};
use crate::place;

/// Waits until a server has seen what others did.
async fn until(what: impl Fn() -> bool) {
    while !what() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

fn knows(node: &Node, statement: &Digest) -> bool {
    node.view().register.recorded(statement).is_some()
}

#[tokio::test]
async fn servers_that_record_at_once_make_one_log() {
    let world = place::start().await;
    let other = world.try_open().unwrap();
    let third = world.try_open().unwrap();
    let nodes = [world.node().clone(), other.clone(), third.clone()];
    let told = under_load(&world, &nodes, tokio::time::sleep(Duration::from_secs(3))).await;
    let size = world.fold_published().0.size;
    until(|| nodes.iter().all(|node| node.view().head.size == size)).await;
    check(&world, &told);
    assert_eq!(other.view().checkpoint, world.node().view().checkpoint);
    assert_eq!(third.view().checkpoint, world.node().view().checkpoint);
}

#[tokio::test]
async fn what_one_server_acknowledged_is_read_at_another_that_is_told_of_it() {
    let world = place::start().await;
    let other = world.try_open().unwrap();
    for number in 0..20 {
        let statement = model(&world, &world.developer, &format!("m{number}"));
        let id = statement_of(&statement).digest();
        let (writes, reads) = if number % 2 == 0 { (world.node(), &other) } else { (&other, world.node()) };
        writes.submit(vec![statement], &ADMIN).await.unwrap();
        reads.reach(writes.view().head.size).await;
        assert!(knows(reads, &id), "{number}");
        assert!(reads.statement(&id, &Caller::Anonymous).unwrap().is_some(), "{number}");
        assert!(reads.receipt(&id).unwrap().is_some(), "{number}");
    }
    // A size that nobody has published is not waited for.
    let before = other.view().head;
    other.reach(u64::MAX).await;
    assert_eq!(other.view().head, before);
}

#[tokio::test]
async fn a_server_that_nobody_tells_anything_sees_it_all_the_same() {
    let world = place::start().await;
    let other = world.try_open().unwrap();
    let id = world.record(&world.developer, Model::example(), world.developer.id).await;
    until(|| knows(&other, &id)).await;
}

#[tokio::test]
async fn a_registration_that_waits_at_one_server_is_accepted_at_another() {
    let world = place::start().await;
    let other = world.try_open().unwrap();
    let mut stranger = World::stranger("newcomer", 100);
    let registration = world.registration(&stranger);
    stranger.id = statement_of(&registration).digest();
    let outcomes = world.submit(vec![registration.clone()]).await.unwrap();
    assert!(matches!(outcomes[..], [Outcome::Waiting { .. }]));
    // The other one has its own memory of what waits, from before.
    assert_eq!(other.submit(vec![registration], &ADMIN).await.unwrap(), outcomes);
    let grant = world.role_grant("developer", None);
    let grant = world.sign(&world.authority, world.draft(&world.authority, grant, stranger.id));
    assert_eq!(recorded(&other.submit(vec![grant], &ADMIN).await.unwrap()[0]), (14, false));
    assert!(knows(&other, &stranger.id));
    assert_eq!(world.node().waiting().unwrap(), []);
}

#[tokio::test]
async fn a_law_adopted_at_one_server_applies_at_another_that_was_not_shipped_with_it() {
    let world = place::start().await;
    let shipped = kanae_node::Shipped { policies: vec![], regimes: vec![] };
    let bare = Node::open(world.place(), shipped, world.clock.clock()).unwrap();
    world.adopt_regime("eu-gpai", &[]).await;
    let folder = world.node().view().register.regime("eu-gpai").unwrap().folder;
    bare.reach(world.node().view().head.size).await;
    let view = bare.view();
    assert!(view.register.regime("eu-gpai").is_some());
    assert!(view.library.regime(&folder).is_some());
}

#[tokio::test]
async fn a_token_made_at_one_server_is_taken_at_another() {
    let world = place::start().await;
    let other = world.try_open().unwrap();
    let token = world.node().new_token(Scope::Admin, None, "operator").unwrap();
    until(|| other.caller(Some(token.as_str())).is_ok()).await;
}

#[tokio::test]
async fn an_attachment_erased_at_one_server_is_gone_at_all() {
    let world = place::start().await;
    let other = world.try_open().unwrap();
    let mut draft = world.draft(&world.developer, Model::example(), world.developer.id);
    let part = World::attach(&mut draft, "card", b"model card", Visibility::Public);
    let submission = signed(draft, &[world.developer.key()], vec![part.clone()]);
    let id = statement_of(&submission).digest();
    other.submit(vec![submission], &ADMIN).await.unwrap();
    world.node().reach(14).await;
    let parts = vec![part.commitment()];
    let erasure = evidence::predicate::Erasure { parts, ..evidence::predicate::Erasure::example() };
    world.decide(world.draft(&world.authority, erasure, id)).await;
    other.reach(16).await;
    assert_eq!(other.statement(&id, &ADMIN).unwrap().unwrap().parts, []);
    assert_eq!(published(&world, &format!("part/{}", part.commitment())), None);
}
