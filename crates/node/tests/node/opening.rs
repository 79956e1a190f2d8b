use std::path::Path;

use kanae_node::testing::{ManualClock, World, standard_policy, statement_of};
use kanae_node::{Birth, CreateError, Node, OpenError, Shipped, create};

use crate::common::{model, published, recorded};

fn birth() -> Birth {
    Birth {
        origin: "register.test/new".into(),
        threshold: 1,
        root_keys: 2,
        notice: None,
        policy: standard_policy(),
    }
}

fn clock() -> kanae_node::Clock {
    ManualClock::at("2026-11-23T00:00:00.000Z".parse().unwrap()).clock()
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

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
    if from.is_dir() {
        let _ = std::fs::remove_dir_all(to);
        copy(from, to);
    } else {
        std::fs::copy(from, to).unwrap();
    }
}

#[test]
fn a_new_node_has_its_genesis_published_and_its_keys_to_itself() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("new/data");
    create(&data, birth(), clock()).unwrap();
    assert_eq!(names(&data), ["kanae.db", "keys", "log", "log.vkey", "trust.json"]);
    assert_eq!(names(&data.join("keys")), ["intake.key", "log.key", "root-1.pem", "root-2.pem"]);
    for key in names(&data.join("keys")) {
        let mode = std::fs::metadata(data.join("keys").join(key)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let trust: serde_json::Value =
        serde_json::from_slice(&std::fs::read(data.join("trust.json")).unwrap()).unwrap();
    let node = Node::open(&data, Shipped::default(), clock()).unwrap();
    let view = node.view();
    assert_eq!(view.head.size, 1);
    assert_eq!(trust["origin"], "register.test/new");
    assert_eq!(trust["genesis"], view.register.genesis().unwrap().to_string());
    assert_eq!(trust["checkpoint"], view.checkpoint);
    let vkey = std::fs::read_to_string(data.join("log.vkey")).unwrap();
    assert_eq!(trust["logKeys"], serde_json::json!([vkey.trim_end()]));
    // The policy's files are published under their digest, with the list that makes it up.
    let policy = view.register.policy().unwrap().digest();
    let index = std::fs::read(data.join(format!("log/blob/{policy}/index"))).unwrap();
    assert_eq!(evidence::sha256(&index), policy);
    assert!(data.join(format!("log/blob/{policy}/policy.toml")).is_file());
}

#[test]
fn a_node_is_not_made_over_something_else() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("precious"), "data").unwrap();
    assert!(matches!(create(folder.path(), birth(), clock()), Err(CreateError::NotEmpty(_))));
    assert_eq!(names(folder.path()), ["precious"]);
}

#[test]
fn a_node_that_cannot_be_made_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut policy = standard_policy();
    policy.insert("policy.toml".into(), b"nonsense".to_vec());
    assert!(matches!(create(&data, Birth { policy, ..birth() }, clock()), Err(CreateError::Policy(_))));
    assert!(!data.exists());
    // This policy can be read, but does not let the node be born.
    let mut policy = standard_policy();
    let text = String::from_utf8(policy["policy.toml"].clone()).unwrap();
    let text = text.replacen("said_by = [\"node\"]", "said_by = [\"self\"]", 1);
    policy.insert("policy.toml".into(), text.into_bytes());
    let refused = create(&data, Birth { policy, ..birth() }, clock()).unwrap_err();
    assert!(matches!(refused, CreateError::Genesis(_)), "{refused}");
    assert!(!data.exists());
    let origin = "two words".to_owned();
    assert!(matches!(create(&data, Birth { origin, ..birth() }, clock()), Err(CreateError::Origin { .. })));
    assert!(matches!(
        create(&data, Birth { threshold: 3, ..birth() }, clock()),
        Err(CreateError::RootKeys { threshold: 3, keys: 2 })
    ));
}

#[tokio::test]
async fn a_second_server_on_the_same_folder_is_refused() {
    let mut world = World::start().await;
    assert!(matches!(world.try_open(), Err(OpenError::Locked(_))));
    world.stop();
    assert!(world.try_open().is_ok());
}

#[test]
fn a_folder_that_is_no_data_folder_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let opened = Node::open(folder.path(), Shipped::default(), clock());
    assert!(matches!(opened, Err(OpenError::NotANode(_))));
    assert_eq!(names(folder.path()), [""; 0]);
}

#[test]
fn keys_that_others_can_read_or_that_are_another_log_s_are_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (folder.path().join("one"), folder.path().join("two"));
    create(&one, birth(), clock()).unwrap();
    create(&two, birth(), clock()).unwrap();
    let key = one.join("keys/log.key");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let refused = Node::open(&one, Shipped::default(), clock()).unwrap_err();
    assert!(refused.to_string().contains("mode 644"), "{refused}");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    std::fs::copy(two.join("keys/log.key"), &key).unwrap();
    let refused = Node::open(&one, Shipped::default(), clock()).unwrap_err();
    assert!(refused.to_string().contains("genesis"), "{refused}");
}

#[tokio::test]
async fn a_database_behind_its_published_log_is_refused() {
    let mut world = World::start().await;
    world.stop();
    let backup = world.data().with_file_name("backup.db");
    replace(&world.data().join("kanae.db"), &backup);
    world.open();
    let statement = model(&world, &world.developer, "wakaba");
    world.submit(vec![statement]).await.unwrap();
    world.stop();
    replace(&backup, &world.data().join("kanae.db"));
    let refused = world.try_open().unwrap_err();
    assert!(matches!(refused, OpenError::DatabaseBehind { database: 13, published: 14 }), "{refused}");
}

#[tokio::test]
async fn a_published_log_of_another_history_is_refused() {
    let mut world = World::start().await;
    world.stop();
    let before = world.data().with_file_name("before");
    copy(&world.data(), &before);
    world.open();
    world.submit(vec![model(&world, &world.developer, "one")]).await.unwrap();
    world.stop();
    let one = world.data().with_file_name("one");
    replace(&world.data(), &one.join("data")); // keeps the log that says "one"
    replace(&before, &world.data());
    world.open();
    world.submit(vec![model(&world, &world.developer, "two")]).await.unwrap();
    world.submit(vec![model(&world, &world.developer, "three")]).await.unwrap();
    world.stop();
    replace(&one.join("data/log"), &world.data().join("log"));
    let refused = world.try_open().unwrap_err();
    assert!(matches!(refused, OpenError::Diverged { size: 14 }), "{refused}");
}

#[tokio::test]
async fn a_lost_log_folder_is_written_again_byte_for_byte() {
    let mut world = World::start().await;
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
    let mut world = World::start().await;
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
        let database = world.data().join("kanae.db");
        let backup = world.data().with_file_name("backup.db");
        replace(&database, &backup);
        rusqlite::Connection::open(&database).unwrap().execute_batch(change).unwrap();
        let refused = world.try_open().unwrap_err();
        assert!(
            matches!(refused, OpenError::Damaged { entry: found, .. } if found == entry),
            "{change}: {refused}"
        );
        replace(&backup, &database);
    }
    world.open();
}

#[tokio::test]
async fn adopted_files_are_kept_when_they_are_shipped_no_more() {
    let mut world = World::start().await;
    world.adopt_regime("eu-gpai", &[]).await;
    let folder = world.node().view().register.regime("eu-gpai").unwrap().folder;
    assert!(published(&world, &format!("blob/{folder}/regime.toml")).is_some());
    let index = published(&world, &format!("blob/{folder}/index")).unwrap();
    assert_eq!(evidence::sha256(&index), folder);
    world.stop();
    let node = Node::open(&world.data(), Shipped::default(), world.clock.clock()).unwrap();
    assert!(node.view().library.regime(&folder).is_some());
}
