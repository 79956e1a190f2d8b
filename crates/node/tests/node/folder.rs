//! What is so only where the database is in the data folder.

use std::path::Path;

use kanae_node::testing::{ManualClock, World, standard_policy};
use kanae_node::{Birth, CreateError, Node, OpenError, Shipped, create};

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
