//! Keys at rest, backups, and the way out: as people do it on the command line.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use crate::house::{House, Ran, Server, quiet};

const GUIDE: &str = include_str!("../../../../docs/key-ceremony.md");

/// From here on the guide needs a node that runs.
const RUNS: &str = "<!-- From here on the node runs. -->";

/// Returns what a guide has people type: its blocks of `sh`.
fn script(guide: &str) -> String {
    let mut script = "set -eu\n".to_owned();
    for block in guide.split("\n```sh\n").skip(1) {
        script.push_str(block.split("\n```").next().unwrap());
        script.push('\n');
    }
    script
}

/// Runs a script in a folder, with `kanae` in the path.
fn shell(folder: &std::path::Path, script: &str, url: &str) {
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_kanae"));
    let path = format!("{}:{}", program.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let mut shell = quiet(Command::new("sh"));
    shell.arg("-c").arg(script).current_dir(folder).env("PATH", path).env("KANAE_URL", url);
    let ran = Ran::of(&mut shell);
    assert_eq!(ran.code, Some(0), "{ran:#?}");
}

#[test]
fn the_key_ceremony_goes_as_its_guide_says() {
    let folder = tempfile::tempdir().unwrap();
    let (before, after) = GUIDE.split_once(RUNS).unwrap();
    shell(folder.path(), &script(before), "http://127.0.0.1:9");
    let serve = || {
        let mut serve = crate::house::kanae();
        serve.args(["--json", "serve", "--data", "node", "--listen", "127.0.0.1:0"]);
        serve.current_dir(folder.path());
        serve
    };
    let refused = Ran::of(&mut serve());
    assert_eq!(refused.code, Some(65), "a node without its passphrase: {refused:#?}");
    assert!(refused.err.contains("KANAE_KEY_PASSPHRASE_FILE"), "{refused:#?}");
    let server = Server::of(serve().env("KANAE_KEY_PASSPHRASE_FILE", "node.pass"));
    shell(folder.path(), &script(after), &server.url);
    let mode = |path: &str| fs::metadata(folder.path().join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("node/keys/log.key"), mode("backup"), mode("backup/kanae.db")), (0o600, 0o700, 0o600));
    let log_key = fs::read_to_string(folder.path().join("node/keys/log.key")).unwrap();
    assert!(log_key.contains("ENCRYPTED") && !log_key.contains("PRIVATE+KEY"), "{log_key}");
}

fn check(house: &House, backup: &str, more: &[&str]) -> Ran {
    house.run(&[&["--json", "backup", "check", backup], more].concat())
}

fn restore(house: &House, backup: &str) {
    for name in
        ["kanae.db", "kanae.db-wal", "kanae.db-shm", "desk.sqlite", "desk.sqlite-wal", "desk.sqlite-shm"]
    {
        let _ = fs::remove_file(house.path(&format!("node/{name}")));
    }
    for name in ["kanae.db", "desk.sqlite"] {
        fs::copy(house.path(&format!("{backup}/{name}")), house.path(&format!("node/{name}"))).unwrap();
    }
}

#[test]
fn a_backup_says_what_it_is_worth_and_an_old_one_is_not_gone_on_from() {
    let house = House::new();
    fs::copy(house.path("node/trust.json"), house.path("first-day.json")).unwrap();
    let server = house.serve();
    house.welcome(&server, "agency", "oversight-agency", "authority", "operator");
    // While it runs.
    let made = house.done(&["--json", "backup", "make", "--data", "node", "--to", "early"]).json();
    let log = ["--log", "node/log", "--trust", "first-day.json"];
    let found = check(&house, "early", &log).json();
    assert_eq!((&found["size"], &found["behind"]), (&made["size"], &0.into()), "{found:#}");
    house.welcome(&server, "minato", "minato-lab", "developer", "agency");
    let found = check(&house, "early", &log).json();
    assert!(found["behind"].as_u64() > Some(0), "{found:#}");
    assert_eq!(check(&house, "early", &[]).json()["behind"], serde_json::Value::Null);
    assert_eq!(check(&house, "early", &["--log", server.url.as_str()]).json()["behind"], found["behind"]);
    house.done(&["backup", "make", "--data", "node", "--to", "late"]);
    let again = house.run(&["backup", "make", "--data", "node", "--to", "late"]);
    assert_eq!(again.code, Some(74), "a backup is never written over: {again:#?}");
    server.kill();

    restore(&house, "early");
    let refused = house.run(&["serve", "--data", "node", "--listen", "127.0.0.1:0"]);
    assert_eq!(refused.code, Some(65), "{refused:#?}");
    assert!(refused.err.contains("older than the log"), "{refused:#?}");
    // The way out: a later backup. What is published is what was.
    restore(&house, "late");
    let server = house.serve();
    house.welcome(&server, "kaede", "kaede-ai", "developer", "agency");
    server.kill();
    house.done(&["audit", "node/log", "--trust", "first-day.json"]);

    // The other way out, where nothing later is left: this log ends, and is kept; a new one begins.
    fs::rename(house.path("node/log"), house.path("ended")).unwrap();
    house.done(&["audit", "ended", "--trust", "first-day.json"]);
    house.done(&["init", "--data", "next", "--origin", "register.example/2027"]);
    let found = check(&house, "late", &["--log", "next/log"]);
    assert_eq!(found.code, Some(1), "a backup of another log: {found:#?}");
}

#[test]
fn a_damaged_backup_is_found() {
    let house = House::new();
    let server = house.serve();
    house.welcome(&server, "agency", "oversight-agency", "authority", "operator");
    server.kill();
    house.done(&["backup", "make", "--data", "node", "--to", "backup"]);
    let whole = fs::read(house.path("backup/kanae.db")).unwrap();
    let mut broken = whole.clone();
    let middle = broken.len() / 2;
    broken[middle] ^= 1;
    fs::write(house.path("backup/kanae.db"), &broken).unwrap();
    let found = check(&house, "backup", &[]);
    assert_eq!(found.code, Some(1), "{found:#?}");
    fs::write(house.path("backup/kanae.db"), &whole).unwrap();
    assert_eq!(check(&house, "backup", &[]).code, Some(0));
    // An envelope that says something else, with a manifest that was made to fit.
    let manifest = fs::read_to_string(house.path("backup/backup.json")).unwrap();
    fs::write(house.path("backup/backup.json"), manifest.replace("kanae.db", "../node/kanae.db")).unwrap();
    let found = check(&house, "backup", &[]);
    assert_eq!(found.code, Some(65), "a manifest names files of the backup only: {found:#?}");
    fs::remove_file(house.path("backup/backup.json")).unwrap();
    assert_eq!(check(&house, "backup", &[]).code, Some(66), "a backup that was cut off is none");
}
