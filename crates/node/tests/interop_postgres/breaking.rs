//! PostgreSQL goes away in the middle: nothing acknowledged is lost, nothing is recorded twice, and nobody
//! guesses.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use evidence::Digest;
use kanae_node::testing::{ADMIN, AtCommit, Cluster, Proxy, World, statement_of};
use kanae_node::{Caller, Node, OpenError, Outcome, Submission, SubmitError};
use tokio::task::{JoinSet, LocalSet};

use crate::common::{model, recorded, stands};

/// A world whose way to its database can be broken.
async fn world_behind_a_proxy(cluster: &Cluster) -> (World, Proxy) {
    let proxy = Proxy::before(&cluster.socket());
    let database = cluster.new_database();
    let mut world = World::start_with(Some(database.clone())).await;
    world.stop();
    world.reach_database_at(proxy.address(&database));
    world.open();
    (world, proxy)
}

/// Submits until it is told that the statement is recorded, as a client does that wants to know.
async fn insist(node: &Node, submission: &Submission) -> u64 {
    loop {
        match node.submit(vec![submission.clone()], &ADMIN).await {
            Ok(outcomes) => match &outcomes[..] {
                [Outcome::Recorded { index, .. }] => return *index,
                other => panic!("{other:?}"),
            },
            Err(SubmitError::Store(_) | SubmitError::Unclear(_)) => {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            Err(other) => panic!("{other}"),
        }
    }
}

/// Lets several submitters work on nodes until they are told to end, while something else is done.
pub(crate) async fn under_load(
    world: &World,
    nodes: &[Node],
    meanwhile: impl Future<Output = ()>,
) -> BTreeMap<u64, Digest> {
    let over = Arc::new(AtomicBool::new(false));
    let submissions: Vec<Vec<Submission>> = (0..4)
        .map(|who| {
            (0..200).map(|number| model(world, &world.developer, &format!("m{who}-{number}"))).collect()
        })
        .collect();
    let load = async {
        let mut submitters = JoinSet::new();
        for (who, submissions) in submissions.into_iter().enumerate() {
            let (node, over) = (nodes[who % nodes.len()].clone(), Arc::clone(&over));
            submitters.spawn_local(async move {
                let mut told = Vec::new();
                for submission in submissions {
                    if over.load(Ordering::SeqCst) {
                        break;
                    }
                    told.push((insist(&node, &submission).await, statement_of(&submission).digest()));
                }
                told
            });
        }
        let mut told = BTreeMap::new();
        while let Some(done) = submitters.join_next().await {
            for (index, statement) in done.unwrap() {
                assert_eq!(told.insert(index, statement), None, "two statements have one place");
            }
        }
        told
    };
    let until_over = async {
        meanwhile.await;
        over.store(true, Ordering::SeqCst);
    };
    LocalSet::new().run_until(async { tokio::join!(load, until_over).0 }).await
}

/// Checks what everybody can read against what was acknowledged.
pub(crate) fn check(world: &World, told: &BTreeMap<u64, Digest>) {
    let (head, register) = world.fold_published();
    assert_eq!(head, world.node().view().head);
    let mut seen = BTreeMap::new();
    for recorded in register.statements() {
        let statement = recorded.statement.digest();
        assert_eq!(seen.insert(statement, recorded.index), None, "recorded twice");
    }
    for (index, statement) in told {
        assert_eq!(seen.get(statement), Some(index), "acknowledged and not there");
    }
    assert!(!told.is_empty(), "nothing was acknowledged: the test shows nothing");
}

#[tokio::test]
async fn a_commit_whose_answer_is_lost_is_resolved_by_what_the_head_says() {
    for what in [AtCommit::Swallow, AtCommit::Mute, AtCommit::Delay] {
        let (mut world, proxy) = world_behind_a_proxy(Cluster::shared()).await;
        let (one, two) = (model(&world, &world.developer, "one"), model(&world, &world.developer, "two"));
        let before = proxy.made();
        proxy.at_next_commit(what);
        let outcomes = world.submit(vec![one.clone()]).await.unwrap();
        assert!(!proxy.waits() && proxy.made() > before, "{what:?}: no COMMIT was broken");
        assert_eq!(recorded(&outcomes[0]), (13, false), "{what:?}");
        assert_eq!(recorded(&world.submit(vec![two]).await.unwrap()[0]), (14, false), "{what:?}");
        assert_eq!(recorded(&world.submit(vec![one]).await.unwrap()[0]), (13, true), "{what:?}");
        let (head, _) = world.fold_published();
        assert_eq!((head, head.size), (world.node().view().head, 15), "{what:?}");
        world.stop();
        world.open();
        assert_eq!(world.node().view().head, head, "{what:?}");
    }
}

#[tokio::test]
async fn a_registration_whose_commit_is_lost_waits_once() {
    for what in [AtCommit::Swallow, AtCommit::Mute, AtCommit::Delay] {
        let (world, proxy) = world_behind_a_proxy(Cluster::shared()).await;
        let mut stranger = World::stranger("newcomer", 100);
        proxy.at_next_commit(what);
        world.register(&mut stranger).await;
        assert!(!proxy.waits(), "{what:?}");
        let waiting = world.node().waiting().unwrap();
        assert_eq!(waiting.iter().map(|w| w.statement).collect::<Vec<_>>(), [stranger.id], "{what:?}");
        let grant = world.role_grant("developer", None);
        let grant = world.sign(&world.authority, world.draft(&world.authority, grant, stranger.id));
        world.submit(vec![grant]).await.unwrap();
        assert!(stands(&world, &stranger.id), "{what:?}");
        assert_eq!(world.node().waiting().unwrap(), [], "{what:?}");
    }
}

#[tokio::test]
async fn connections_cut_under_load_lose_nothing_that_was_acknowledged() {
    let (mut world, proxy) = world_behind_a_proxy(Cluster::shared()).await;
    let cuts = async {
        for round in 0..25_u64 {
            tokio::time::sleep(Duration::from_millis(31 + 17 * (round % 5))).await;
            match round % 4 {
                0 => proxy.at_next_commit(AtCommit::Mute),
                1 => proxy.at_next_commit(AtCommit::Delay),
                2 => proxy.at_next_commit(AtCommit::Swallow),
                _ => proxy.cut(),
            }
        }
    };
    let before = proxy.made();
    let told = under_load(&world, &[world.node().clone()], cuts).await;
    assert!(proxy.made() > before + 5, "hardly any connection was cut");
    check(&world, &told);
    world.stop();
    world.open();
    check(&world, &told);
}

#[tokio::test]
async fn a_database_that_stops_and_starts_under_load_loses_nothing_that_was_acknowledged() {
    let cluster = Arc::new(Cluster::start_new());
    let mut world = World::start_with(Some(cluster.new_database())).await;
    let stops = async {
        for _ in 0..3 {
            tokio::time::sleep(Duration::from_millis(300)).await;
            let cluster = Arc::clone(&cluster);
            let away = tokio::task::spawn_blocking(move || {
                cluster.stop();
                std::thread::sleep(Duration::from_millis(200));
                cluster.start();
            });
            away.await.unwrap();
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
    };
    let told = under_load(&world, &[world.node().clone()], stops).await;
    check(&world, &told);
    world.stop();
    world.open();
    check(&world, &told);
}

#[tokio::test]
async fn pages_are_served_while_the_database_is_away_and_statements_again_when_it_is_back() {
    let cluster = Cluster::start_new();
    let world = World::start_with(Some(cluster.new_database())).await;
    let statement = model(&world, &world.developer, "wakaba");
    let id = statement_of(&statement).digest();
    world.submit(vec![statement]).await.unwrap();
    cluster.stop();
    assert!(stands(&world, &id));
    let error = world.node().statement(&id, &Caller::Anonymous).unwrap_err();
    assert!(error.is_unreachable(), "{error}");
    cluster.start();
    while let Err(error) = world.node().statement(&id, &Caller::Anonymous) {
        assert!(error.is_unreachable(), "{error}");
    }
    let next = model(&world, &world.developer, "next");
    assert_eq!(recorded(&world.submit(vec![next]).await.unwrap()[0]), (14, false));
}

#[tokio::test]
async fn a_replica_is_refused_until_it_is_promoted() {
    let primary = Cluster::start_new();
    let mut world = World::start_with(Some(primary.new_database())).await;
    world.stop();
    let replica = primary.start_replica();
    let database = world.place().database().unwrap().clone();
    world.reach_database_at(replica.same(&database));
    let refused = world.try_open().unwrap_err();
    assert!(matches!(&refused, OpenError::Store(_)) && refused.to_string().contains("replica"), "{refused}");
    primary.stop();
    replica.promote();
    world.open();
    let next = model(&world, &world.developer, "next");
    assert_eq!(recorded(&world.submit(vec![next]).await.unwrap()[0]), (13, false));
}

#[tokio::test]
async fn a_database_that_falls_back_while_the_node_runs_takes_no_more_statements() {
    let cluster = Cluster::start_new();
    let mut world = World::start_with(Some(cluster.new_database())).await;
    world.stop();
    let database = world.place().database().unwrap().clone();
    let old = cluster.copy(&database);
    world.open();
    world.submit(vec![model(&world, &world.developer, "wakaba")]).await.unwrap();
    // As when a replica that lagged behind takes the place of the primary.
    cluster.replace(&database, &old);
    let checkpoint = world.node().view().checkpoint.clone();
    let refused = world.submit(vec![model(&world, &world.developer, "next")]).await.unwrap_err();
    assert!(matches!(&refused, SubmitError::Closed { reason } if reason.contains("older")), "{refused}");
    assert_eq!(world.node().view().checkpoint, checkpoint);
    world.stop();
    assert!(matches!(world.try_open(), Err(OpenError::DatabaseBehind { database: 13, published: 14 })));
}
