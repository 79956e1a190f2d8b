//! `kanae` as people meet it, with its database in a PostgreSQL: two servers on one node, one of them killed;
//! moving there; passwords that nobody sees. At the end of each a stranger audits the log.

#![expect(clippy::unwrap_used, reason = "what fails in a test fails the test")]

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;
use std::time::Duration;

use client::{Author, Client, ComposeError, Composed, Options, State};
use evidence::Digest;
use node::postgres::Address;
use node::testing::{Cluster, recorded_in};
use serde_json::json;

#[path = "commands/house.rs"]
#[expect(dead_code, reason = "the other tests of the commands use more of it")]
mod house;

use house::{DEVELOPER, House, Server};

/// A house whose node is in a PostgreSQL, with its trust file of the first day put aside.
fn house() -> (House, Address) {
    let database = Cluster::shared().new_database();
    let house = House::made(&std::env::temp_dir(), &["--database", database.url()]);
    fs::copy(house.path("node/trust.json"), house.path("trust-from-the-first-day.json")).unwrap();
    (house, database)
}

/// Registers everybody at one server, and waits until another one has seen it.
async fn furnish(house: &House, at: &Server, seen_at: &Server) {
    house.furnish(at);
    while house.client(seen_at, None).resolve(DEVELOPER).await.is_err() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn audit(house: &House) {
    house.done(&["audit", "node/log", "--trust", "trust-from-the-first-day.json"]);
}

async fn model(author: &Author, slug: &str) -> Result<Composed, ComposeError> {
    let body = json!({"slug": slug, "names": {"en": slug}, "description": {"en": "A model."}});
    author.compose("model", DEVELOPER, body, Options::default()).await
}

/// Submits models until there are enough, or the server is gone; returns what was acknowledged.
async fn submit(author: Author, name: String, count: usize) -> Vec<(Digest, u64)> {
    let mut told = Vec::new();
    for number in 0..count {
        let Ok(composed) = model(&author, &format!("{name}-{number}")).await else { break };
        let Ok(outcomes) = author.submit(std::slice::from_ref(&composed)).await else { break };
        match &outcomes[0].state {
            State::Recorded { index, .. } => told.push((composed.digest(), *index)),
            State::Waiting { .. } => panic!("an accepted developer's statement waits"),
        }
    }
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_servers_one_is_killed_under_load_and_the_log_goes_on() {
    let (house, _) = house();
    let mut dying = house.serve();
    let staying = house.serve();
    furnish(&house, &staying, &dying).await;
    let mut told: BTreeMap<Digest, u64> = BTreeMap::new();
    for round in 0..5_u64 {
        let mut clients = tokio::task::JoinSet::new();
        for (server, name, count) in
            [(&dying, "dying", 1_000), (&dying, "too", 1_000), (&staying, "staying", 6)]
        {
            clients.spawn(submit(house.author(server, "minato"), format!("r{round}-{name}"), count));
        }
        tokio::time::sleep(Duration::from_millis(150 + 70 * round)).await;
        dying.kill();
        while let Some(acknowledged) = clients.join_next().await {
            told.extend(acknowledged.unwrap());
        }
        dying = house.serve();
        for (server, statement) in [(&dying, told.keys().next()), (&staying, told.keys().next_back())] {
            let found = house.client(server, None).statement(statement.unwrap()).await.unwrap();
            assert_eq!(found.index, told[&found.statement.digest()]);
        }
    }
    assert!(told.len() >= 30, "the server that stayed was kept from recording: {}", told.len());
    let client = house.client(&staying, None);
    for (statement, index) in &told {
        assert_eq!(client.statement(statement).await.unwrap().index, *index);
    }
    drop((dying, staying));
    audit(&house);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_between_commit_and_checkpoint_has_acknowledged_nothing_and_another_publishes() {
    let (house, database) = house();
    let (dying, staying) = (house.serve(), house.serve());
    furnish(&house, &staying, &dying).await;
    let before = recorded_in(&database);
    let author = house.author(&dying, "minato");
    let composed = model(&author, "wakaba").await.unwrap();
    let digest = composed.digest();
    // Whoever publishes waits for this lock, so that the server stands still after its commit.
    let lock = File::options().append(true).open(house.path("node/log/.lock")).unwrap();
    lock.lock().unwrap();
    let unanswered = tokio::spawn(async move { author.submit(&[composed]).await });
    while recorded_in(&database) == before {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    dying.kill();
    assert!(unanswered.await.unwrap().is_err());
    assert!(!house.path(&format!("node/log/envelope/{digest}")).exists());
    drop(lock);
    let author = house.author(&staying, "minato");
    let next = model(&author, "next").await.unwrap();
    let outcomes = author.submit(&[next]).await.unwrap();
    assert!(matches!(outcomes[0].state, State::Recorded { index, .. } if index == before + 1));
    assert_eq!(house.client(&staying, None).statement(&digest).await.unwrap().index, before);
    drop(staying);
    audit(&house);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_wrote_at_one_server_reads_it_at_another_at_once() {
    let (house, _) = house();
    let (one, two) = (house.serve(), house.serve());
    house.furnish(&one);
    let author = house.author(&one, "minato");
    for number in 0..10 {
        let composed = model(&author, &format!("m{number}")).await.unwrap();
        author.submit(std::slice::from_ref(&composed)).await.unwrap();
        let size = Client::new(&one.url, None).unwrap().log().await.unwrap().size;
        let address = format!("{}/api/v1/statements/{}", two.url, composed.digest());
        let cookie = format!("theme=dark; kanae-log-size={size}");
        let answer = house.http.get(&address).header("cookie", cookie).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{number}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_on_different_machines_share_the_published_folder_only() {
    let (house, _) = house();
    fs::create_dir(house.path("second")).unwrap();
    fs::create_dir(house.path("second/keys")).unwrap();
    for file in ["keys/log.key", "keys/intake.key", "database"] {
        fs::copy(house.path(&format!("node/{file}")), house.path(&format!("second/{file}"))).unwrap();
    }
    std::os::unix::fs::symlink(house.path("node/log"), house.path("second/log")).unwrap();
    let first = house.serve();
    house.furnish(&first);
    let mut command = house.command(&["--json", "serve", "--data", "second", "--listen", "127.0.0.1:0"]);
    let second = Server::of(&mut command);
    let told = submit(house.author(&second, "minato"), "second".into(), 5).await;
    assert_eq!(told.len(), 5);
    let more = submit(house.author(&first, "minato"), "first".into(), 5).await;
    assert_eq!(more.len(), 5);
    drop((first, second));
    audit(&house);
}

/// Makes a link for an administrator, and returns its path.
fn link(house: &House) -> String {
    let made =
        house.done(&["--json", "desk", "invite", "--data", "node", "--url", "http://desk.test"]).json();
    made["link"].as_str().unwrap().strip_prefix("http://desk.test").unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_share_one_desk() {
    let (house, _) = house();
    let (one, two) = (house.serve(), house.serve());
    let link = link(&house);
    for server in [&one, &two] {
        let answer = house.http.get(format!("{}{link}", server.url)).send().await.unwrap();
        assert_eq!(answer.status(), 200, "an invitation is known everywhere");
    }
    assert!(!house.path("node/desk.sqlite").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_left_behind_in_the_folder_is_moved_and_never_passed_over() {
    let house = House::new();
    let link = link(&house);
    fs::copy(house.path("node/desk.sqlite"), house.path("desk.sqlite")).unwrap();
    let database = Cluster::shared().new_database();
    let migrate = ["store", "migrate", "--data", "node", "--database", database.url()];
    house.done(&migrate);
    // As a node that moved before desks did.
    fs::copy(house.path("desk.sqlite"), house.path("node/desk.sqlite")).unwrap();
    let refused = house.run(&["serve", "--data", "node", "--listen", "127.0.0.1:0"]);
    assert_eq!(refused.code, Some(65), "{refused:#?}");
    assert!(refused.err.contains("kanae store migrate"), "{refused:#?}");
    let moved = house.done(&[&["--json"], &migrate[..]].concat()).json();
    assert_eq!(moved["documents"], 1);
    let server = house.serve();
    assert_eq!(house.http.get(format!("{}{link}", server.url)).send().await.unwrap().status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_moves_to_postgresql_by_one_command_and_the_audit_holds() {
    let house = House::new();
    let link = link(&house);
    fs::copy(house.path("node/trust.json"), house.path("trust-from-the-first-day.json")).unwrap();
    let server = house.serve();
    house.furnish(&server);
    let told = submit(house.author(&server, "minato"), "before".into(), 5).await;
    let database = Cluster::shared().new_database();
    let migrate = ["store", "migrate", "--data", "node", "--database", database.url()];
    // While it runs, nothing is moved.
    assert_eq!(house.run(&migrate).code, Some(69));
    server.kill();
    let moved = house.done(&[&["--json"], &migrate[..]].concat()).json();
    assert_eq!(moved["entries"], recorded_in(&database));
    assert!(moved["documents"].as_u64() > Some(0) && house.path("node/desk.sqlite.moved").is_file());
    audit(&house);
    let server = house.serve();
    assert_eq!(house.http.get(format!("{}{link}", server.url)).send().await.unwrap().status(), 200);
    let client = house.client(&server, None);
    for (statement, index) in &told {
        assert_eq!(client.statement(statement).await.unwrap().index, *index);
    }
    assert_eq!(submit(house.author(&server, "minato"), "after".into(), 5).await.len(), 5);
    drop(server);
    audit(&house);
    let again = house.run(&migrate);
    assert_eq!(again.code, Some(64), "{again:#?}");
    assert!(again.err.contains("already"), "{again:#?}");
}

#[test]
fn a_password_is_neither_taken_from_nor_shown_on_the_command_line() {
    let (house, database) = house();
    let with_password = database.url().replace("postgres@", "postgres:hunter2@");
    let refused = house.run(&["serve", "--data", "node", "--database", &with_password]);
    assert_eq!(refused.code, Some(64), "{refused:#?}");
    assert!(
        !refused.err.contains("hunter2") && refused.err.contains("KANAE_DATABASE_PASSWORD"),
        "{refused:#?}"
    );

    let mut help = house.command(&["serve", "--help"]);
    let help = house::Ran::of(help.env("KANAE_DATABASE", &with_password));
    assert!(!help.out.contains("hunter2"), "{help:#?}");

    house.write("password", b"hunter2\n");
    let mut serve = house.command(&["--json", "serve", "--data", "node", "--listen", "127.0.0.1:0"]);
    serve.env("KANAE_DATABASE_PASSWORD_FILE", house.path("password")).env("KANAE_LOG", "trace");
    let log = File::create(house.path("stderr")).unwrap();
    let server = Server::of(serve.stderr(log));
    let command_line =
        fs::read(Path::new("/proc").join(server.child.id().to_string()).join("cmdline")).unwrap();
    assert!(!String::from_utf8_lossy(&command_line).contains("hunter2"));
    drop(server);
    let log = fs::read_to_string(house.path("stderr")).unwrap();
    assert!(!log.is_empty() && !log.contains("hunter2"));
    assert!(!fs::read_to_string(house.path("node/database")).unwrap().contains("hunter2"));
}

#[test]
fn a_database_that_is_not_there_is_told_with_what_to_do() {
    let (house, _) = house();
    let nowhere = "postgres://kanae@127.0.0.1:1/kanae";
    let refused = house.run(&["serve", "--data", "node", "--database", nowhere]);
    assert_eq!(refused.code, Some(69), "{refused:#?}");
    assert!(refused.err.contains("psql"), "{refused:#?}");
    let taken = House::made(&std::env::temp_dir(), &[]);
    let database = fs::read_to_string(house.path("node/database")).unwrap();
    let refused = taken.run(&[
        "init",
        "--data",
        "new",
        "--origin",
        "register.example/new",
        "--database",
        database.trim(),
    ]);
    assert_eq!(refused.code, Some(74), "{refused:#?}");
    assert!(refused.err.contains("already has a log"), "{refused:#?}");
    assert!(!taken.path("new").exists());
}
