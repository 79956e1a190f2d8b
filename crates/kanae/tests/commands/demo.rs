//! The demo: what it prints, what it leaves behind, that everyone can check it, and that its
//! commands do the same again.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::UNIX_EPOCH;

use client::Client;
use evidence::Leaf;
use ledger::{Checkpoint, FolderStore, LogReader, ReadLog as _, SignedNote};
use serde_json::{Value, json};

use crate::house::{Ran, Server, files_below, http, kanae, quiet};

/// A demo that has run; the tests share it and change nothing in it.
struct Demo {
    folder: PathBuf,
    printed: String,
}

impl Demo {
    /// Runs the demo, or returns what another test's run of this very binary has left.
    fn new() -> Self {
        let binary = fs::metadata(env!("CARGO_BIN_EXE_kanae")).unwrap();
        let built = binary.modified().unwrap().duration_since(UNIX_EPOCH).unwrap().as_nanos();
        let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("demo");
        fs::create_dir_all(&place).unwrap();
        // Each test may be a process of its own: the first one runs the demo, the others wait.
        let lock = File::create(place.join("lock")).unwrap();
        lock.lock().unwrap();
        let (folder, output) = (place.join(format!("{built}")), place.join(format!("{built}.json")));
        if !output.exists() {
            for (_, old) in files_below(&place).into_iter().filter(|(name, _)| name != "lock") {
                fs::remove_file(old).unwrap();
            }
            fs::create_dir_all(&folder).unwrap();
            for left in fs::read_dir(&folder).unwrap() {
                fs::remove_dir_all(left.unwrap().path()).unwrap();
            }
            let mut demo = kanae();
            demo.args(["--json", "demo", "--offline", "--no-serve", "--data"]).arg(&folder);
            let ran = Ran::of(&mut demo);
            assert_eq!(ran.code, Some(0), "{ran:#?}");
            fs::write(&output, &ran.out).unwrap();
        }
        Self { folder, printed: fs::read_to_string(output).unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

fn copy(from: &Path, to: &Path) {
    for (name, file) in files_below(from) {
        let place = to.join(name);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::copy(file, place).unwrap();
    }
}

fn audit(log: &Path, trust: &Path) -> Ran {
    Ran::of(kanae().args(["--json", "audit"]).arg(log).arg("--trust").arg(trust))
}

/// Returns the shape of a value: names and types. Of a list, the shapes that occur in it.
fn shape(value: &Value) -> Value {
    match value {
        Value::Null => "null".into(),
        Value::Bool(_) => "boolean".into(),
        Value::Number(_) => "number".into(),
        Value::String(_) => "string".into(),
        Value::Array(items) => {
            let shapes: BTreeSet<_> = items.iter().map(|item| shape(item).to_string()).collect();
            shapes.into_iter().map(|text| serde_json::from_str::<Value>(&text).unwrap()).collect()
        }
        Value::Object(members) => {
            members.iter().map(|(name, member)| (name.clone(), shape(member))).collect()
        }
    }
}

/// Returns the predicate types of a log's entries in their order.
fn kinds(log: &Path) -> Vec<String> {
    let store = FolderStore::open(log).unwrap();
    let note = SignedNote::parse(&store.read("checkpoint").unwrap().unwrap()).unwrap();
    let checkpoint: Checkpoint = note.unverified_text().parse().unwrap();
    let mut reader = LogReader::open(store, checkpoint.head()).unwrap();
    let kind = |bytes: &[u8]| match Leaf::parse(bytes).unwrap() {
        Leaf::Public(leaf) => leaf.predicate_type,
        Leaf::Restricted { .. } => "restricted".to_owned(),
    };
    reader.entries(0..checkpoint.size).map(|entry| kind(&entry.unwrap().1)).collect()
}

#[test]
fn it_prints_one_object_and_nothing_else() {
    let demo = Demo::new();
    let printed: Value = serde_json::from_str(&demo.printed).unwrap();
    insta::assert_json_snapshot!("printed", shape(&printed));
    let steps: Vec<_> = printed["steps"].as_array().unwrap().iter().map(|s| (&s["name"], &s["ok"])).collect();
    insta::assert_json_snapshot!("steps", steps);
    assert_eq!(printed["folder"], demo.folder.canonicalize().unwrap().to_str().unwrap());
    assert_eq!(printed["statements"], printed["log"]["size"]);
    assert_eq!(printed["statements"], kinds(&demo.path("log")).len());
    assert_eq!((&printed["audit"]["ok"], &printed["tampered"]["ok"]), (&json!(true), &json!(false)));
    assert_eq!(printed["tampered"]["reason"], "envelope-mismatch");
    assert_eq!(printed["rewritten"]["reason"], "history-rewritten");
}

#[test]
fn its_copies_are_told_from_the_log() {
    let demo = Demo::new();
    let commands = fs::read_to_string(demo.path("commands.sh")).unwrap();
    for (name, reason) in
        [("one-byte-changed", "envelope-mismatch"), ("history-rewritten", "history-rewritten")]
    {
        let line = format!("! kanae audit copies/{name} --trust trust.json\n");
        assert!(commands.contains(&line), "{commands}");
        let ran = audit(&demo.path("copies").join(name), &demo.path("trust.json"));
        assert_eq!((ran.code, &ran.json()["faults"][0]["reason"]), (Some(1), &json!(reason)), "{ran:#?}");
    }
}

#[tokio::test]
async fn its_log_folder_is_what_is_served() {
    let demo = Demo::new();
    let own = tempfile::tempdir().unwrap();
    copy(&demo.folder, own.path());
    let mut serve = kanae();
    serve.args(["--json", "serve", "--listen", "127.0.0.1:0", "--data"]).arg(own.path());
    let server = Server::of(&mut serve);
    let client = Client::new(&server.url, None).unwrap();
    let mut files = files_below(&demo.path("log"));
    // The lock by which servers take turns to publish is nobody else's.
    files.retain(|(name, _)| name != ".lock");
    assert!(files.len() > 100, "{}", files.len());
    for (name, file) in files {
        let served = client.fetch(&name).await.unwrap().unwrap_or_else(|| panic!("{name} is not served"));
        assert!(served == fs::read(file).unwrap(), "{name} is served with other bytes");
    }
    for inner in ["../trust.json", "%2e%2e/keys/log.key", "..%2fkanae.db"] {
        let answer = http().get(format!("{}/log/{inner}", server.url)).send().await.unwrap();
        assert!(answer.status().is_client_error(), "{inner}: {answer:?}");
    }
    // A node that is started again has nothing to add to its log.
    server.kill();
    assert_eq!(kinds(&own.path().join("log")), kinds(&demo.path("log")));
}

#[test]
fn a_stranger_with_the_trust_file_finds_that_it_holds_and_notices_one_changed_byte_anywhere() {
    let demo = Demo::new();
    let trust = demo.path("trust.json");
    let ran = audit(&demo.path("log"), &trust);
    assert_eq!((ran.code, &ran.json()["ok"]), (Some(0), &json!(true)), "{ran:#?}");
    let size = ran.json()["log"]["size"].as_u64().unwrap();
    let files = files_below(&demo.path("log"));
    // One file of each kind that a log of this size is read from.
    let first = |prefix: &str| {
        let found = files.iter().find(|(name, _)| name.starts_with(prefix));
        found.unwrap_or_else(|| panic!("no {prefix}")).0.clone()
    };
    let changed = [
        first("envelope/"),
        first("part/"),
        first("blob/"),
        format!("tile/entries/000.p/{size}"),
        format!("tile/0/000.p/{size}"),
        "checkpoint".to_owned(),
    ];
    let mut found = Vec::new();
    for name in changed {
        let own = tempfile::tempdir().unwrap();
        copy(&demo.path("log"), own.path());
        let place = own.path().join(&name);
        let mut bytes = fs::read(&place).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(&place, bytes).unwrap();
        let ran = audit(own.path(), &trust);
        assert_eq!(ran.code, Some(1), "{name}: {ran:#?}");
        let kind = name.split('/').take(if name.starts_with("tile") { 2 } else { 1 });
        found.push((kind.collect::<Vec<_>>().join("/"), ran.json()["faults"][0]["reason"].clone()));
    }
    insta::assert_json_snapshot!("changed_byte", found);
}

/// Returns the commands as a script that ends at the first line that does not do as it should: a
/// line that begins with `!` has to fail, every other one to succeed.
fn checked_script(commands: &str, address: &str) -> String {
    let mut script = "trap 'kill $!; wait $!' EXIT\n".to_owned();
    let mut replaced = 0;
    for line in commands.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        // The copies are the demo's own work; they are audited where they are.
        if line.contains("kanae audit copies/") {
            continue;
        }
        let was = line.split("127.0.0.1:").nth(1).and_then(|rest| rest.split(' ').next());
        let line = match was {
            Some(port) => line.replace(&format!("127.0.0.1:{port}"), address),
            None => line.to_owned(),
        };
        replaced += usize::from(was.is_some());
        let quoted = line.replace('\'', r"'\''");
        if line.ends_with('&') {
            script.extend([line.as_str(), "\n"]);
        } else {
            script.extend([line.as_str(), " || { echo 'came out wrong: ", &quoted, "' >&2; exit 1; }\n"]);
        }
    }
    assert!(replaced >= 3, "the address stands in the commands of the server, the clients, the audit");
    script
}

#[test]
fn its_commands_make_the_same_register_again() {
    let demo = Demo::new();
    let own = tempfile::tempdir().unwrap();
    let commands = fs::read_to_string(demo.path("commands.sh")).unwrap();
    let (init, rest) = commands.split_at(commands.find("kanae actor new").unwrap());
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let program = Path::new(env!("CARGO_BIN_EXE_kanae")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let bash = |script: &str| {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), script).unwrap();
        let mut bash = quiet(Command::new("bash"));
        Ran::of(bash.arg(file.path()).current_dir(own.path()).env("PATH", &path))
    };
    let ran = bash(init);
    assert_eq!(ran.code, Some(0), "{ran:#?}");
    // What no command makes: the bodies, the weights, the logs of the verifications.
    for (name, file) in files_below(&demo.folder) {
        let made = [".statement.json", ".tlog-proof", "/weights.sig"].iter().any(|end| name.ends_with(end));
        if name.starts_with("weights/") || (name.starts_with("steps/") && !made) {
            let place = own.path().join(name);
            fs::create_dir_all(place.parent().unwrap()).unwrap();
            fs::copy(file, place).unwrap();
        }
    }
    let ran = bash(&checked_script(rest, &address));
    assert_eq!(ran.code, Some(0), "{ran:#?}");
    assert_eq!(kinds(&own.path().join("log")), kinds(&demo.path("log")));
    let ran = audit(&own.path().join("log"), &own.path().join("trust.json"));
    assert_eq!((ran.code, &ran.json()["ok"]), (Some(0), &json!(true)), "{ran:#?}");
    let theirs = audit(&own.path().join("log"), &demo.path("trust.json"));
    assert_eq!(theirs.code, Some(1), "another log passes for the demo's: {theirs:#?}");
}

#[test]
fn its_actors_know_the_node_over_http_only() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut reached = BTreeSet::new();
    let mut waiting = vec!["demo".to_owned()];
    while let Some(name) = waiting.pop() {
        let text = fs::read_to_string(crates.join(&name).join("Cargo.toml")).unwrap();
        let manifest: toml::Table = text.parse().unwrap();
        // Our crates go by the name of their folder.
        let needed = manifest["dependencies"].as_table().unwrap().keys();
        waiting.extend(needed.filter(|n| crates.join(n).is_dir() && !reached.contains(*n)).cloned());
        reached.insert(name);
    }
    assert!(reached.contains("client") && reached.contains("evidence"), "{reached:?}");
    for inner in ["node", "register", "audit", "portal"] {
        assert!(!reached.contains(inner), "the demo depends on {inner}: {reached:?}");
    }
}
