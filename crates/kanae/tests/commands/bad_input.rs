//! Bad input, each with its clear error, its exit code, and nothing changed.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use evidence::{Digest, Envelope, SecretKey};
use serde_json::{Value, json};

use crate::house::{DEVELOPER, House, Ran, Server, kanae, quiet};

/// A body that is right, for changing into ones that are not.
const MODEL: &str = r#"{"slug":"wakaba","names":{"en":"Wakaba"},"description":{"en":"A model."}}"#;

/// Replaces what differs from run to run: the folder, the address, digests.
fn tidy(text: &str, house: &House, server: Option<&Server>) -> String {
    let mut text = text.replace(house.path("").to_str().unwrap(), "<folder>/");
    if let Some(server) = server {
        text = text.replace(&server.url, "<node>");
    }
    let words = text.split_inclusive(|c: char| !c.is_ascii_alphanumeric());
    words.fold(String::new(), |mut text, word| {
        let bare = word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
        let shown = if bare.parse::<Digest>().is_ok() { "<digest>" } else { bare };
        let _ = write!(text, "{shown}{}", &word[bare.len()..]);
        text
    })
}

/// Writes down a failed command as a person sees it.
fn told(ran: &Ran, house: &House, server: Option<&Server>) -> String {
    assert_eq!(ran.out, "", "a failed command has no result");
    format!("{}exit code {}\n", tidy(&ran.err, house, server), ran.code.unwrap())
}

fn size(server: &Server, house: &House) -> u64 {
    let ran = house.run(&["--json", "log", "checkpoint", &server.url]);
    ran.json()["size"].as_u64().unwrap()
}

/// Signs a statement with a body in a file, and where that succeeds, submits it.
fn say(house: &House, server: &Server, actor: &str, kind: &str, body: &[u8], more: &[&str]) -> Ran {
    house.write("body.json", body);
    let words = [
        "statement",
        "sign",
        kind,
        "--actor",
        actor,
        "--body",
        "body.json",
        "--out",
        "said.json",
        "--url",
        &server.url,
    ];
    let signed = house.run(&[&words, more].concat());
    if signed.code != Some(0) {
        return signed;
    }
    house.run(&["statement", "submit", "said.json", "--actor", actor, "--url", &server.url])
}

/// What is wrong, who says it, of which kind, the body, and further options.
type Case<'c> = (&'c str, &'c str, &'c str, &'c [u8], &'c [&'c str]);

#[test]
fn a_body_that_is_none_is_refused_before_it_is_signed() {
    let house = House::new();
    let server = house.serve();
    house.furnish(&server);
    let before = size(&server, &house);
    let nested = format!("{{\"slug\":{}1{}}}", "[".repeat(10_000), "]".repeat(10_000));
    let facts = br#"{"facts":{"compute":{"value":{"number":1e25},"knownAt":"2026-11-01T00:00:00.000Z"}}}"#;
    let facts = String::from_utf8(facts.to_vec()).unwrap();
    let about = ["--about", DEVELOPER];
    let cases: [(&str, &str, String); 8] = [
        ("broken JSON", "model", MODEL.replace("\"names\":", "\"names\"")),
        ("a duplicate key", "model", MODEL.replace("\"names\"", "\"slug\":\"b\",\"names\"")),
        ("a wrong type", "model", MODEL.replace("\"wakaba\"", "5")),
        ("an unknown field", "model", MODEL.replace("\"slug\"", "\"colour\":\"red\",\"slug\"")),
        ("deep nesting", "model", nested),
        ("a number that JSON cannot hold exactly", "model-facts", facts),
        ("an impossible date", "model-version", r#"{"slug":"first","releasedOn":"2026-02-30"}"#.to_owned()),
        ("an unknown kind of statement", "modell", MODEL.to_owned()),
    ];
    let mut text = String::new();
    for (name, kind, body) in cases {
        let ran = say(&house, &server, "minato", kind, body.as_bytes(), &about);
        assert_eq!(ran.code, Some(65), "{name}: {ran:#?}");
        let _ = write!(text, "{name}\n{}\n", told(&ran, &house, Some(&server)));
    }
    let file = fs::File::create(house.path("body.json")).unwrap();
    file.set_len(65 << 20).unwrap();
    let words = ["statement", "sign", "model", "--actor", "minato", "--body", "body.json", "--out", "x.json"];
    let ran = house.run(&[&words[..], &["--url", &server.url]].concat());
    let _ = write!(text, "an oversized file\n{}", told(&ran, &house, Some(&server)));
    insta::assert_snapshot!("bodies", text);
    assert_eq!(size(&server, &house), before);
}

#[test]
fn facts_that_the_law_cannot_read_are_no_facts() {
    let house = House::new();
    let mut text = String::new();
    for (name, facts, regime, day) in [
        ("a wrong unit", r#"{"compute_cumulative":"1e25 FLOPS"}"#, "eu-gpai", "2026-11-23"),
        ("a wrong type", r#"{"general_purpose":"1e25 FLOP"}"#, "eu-gpai", "2026-11-23"),
        ("an unknown fact", r#"{"colour":"red"}"#, "eu-gpai", "2026-11-23"),
        ("an impossible date among the facts", r#"{"placed_at":"2026-02-30"}"#, "eu-gpai", "2026-11-23"),
        ("an impossible day", "{}", "eu-gpai", "2026-02-30"),
        ("an unknown regime", "{}", "eu-gpia", "2026-11-23"),
    ] {
        house.write("facts.json", facts.as_bytes());
        let ran = house.run(&["law", "assess", "--regime", regime, "--facts", "facts.json", "--as-of", day]);
        let _ = write!(text, "{name}\n{}\n", told(&ran, &house, None));
    }
    insta::assert_snapshot!("facts", text);
}

#[test]
fn what_the_register_refuses_is_told_with_its_reason() {
    let house = House::new();
    let server = house.serve();
    house.furnish(&server);
    // A second key of the developer that is ended again, and one that was never added.
    for (folder, holder) in [("ended", "former-desk"), ("stranger", "desk")] {
        house.done(&["actor", "new", folder, "--issuer", DEVELOPER, "--holder", holder]);
        fs::copy(house.path("minato/token"), house.path(folder).join("token")).unwrap();
    }
    let about = ["--about", DEVELOPER];
    let add =
        say(&house, &server, "minato", "key-change", b"{}", &[&about[..], &["--cosign", "ended"]].concat());
    assert_eq!(add.code, Some(0), "{add:#?}");
    let shown = house.done(&["--json", "actor", "show", "ended"]).json();
    let end = json!({"end": [{"key": shown["keys"][0]["key"], "reason": "left"}]});
    let end = say(&house, &server, "minato", "key-change", end.to_string().as_bytes(), &about);
    assert_eq!(end.code, Some(0), "{end:#?}");
    let before = size(&server, &house);

    let grant = br#"{"role":"authority","legalBasis":{"en":"By itself."}}"#;
    let cases: [Case<'_>; 4] = [
        ("an unknown key", "stranger", "model", MODEL.as_bytes(), &[]),
        ("an ended key", "ended", "model", MODEL.as_bytes(), &[]),
        ("a wrong role", "minato", "role-grant", grant, &[]),
        ("an unknown regime", "minato", "model", MODEL.as_bytes(), &["--under", "nowhere"]),
    ];
    let mut text = String::new();
    for (name, actor, kind, body, more) in cases {
        let ran = say(&house, &server, actor, kind, body, &[&about, more].concat());
        assert_eq!(ran.code, Some(77), "{name}: {ran:#?}");
        let _ = write!(text, "{name}\n{}\n", told(&ran, &house, Some(&server)));
    }
    insta::assert_snapshot!("refusals", text);
    assert_eq!(size(&server, &house), before);
}

/// Changes the payload of a signed statement, and signs what has come of it.
fn forged(house: &House, change: impl Fn(&str) -> String) -> Vec<u8> {
    let signed: Value = serde_json::from_slice(&fs::read(house.path("said.json")).unwrap()).unwrap();
    let payload = STANDARD.decode(signed["envelope"]["payload"].as_str().unwrap()).unwrap();
    let payload = String::from_utf8(payload).unwrap();
    let changed = change(&payload);
    assert_ne!(changed, payload);
    let key = SecretKey::read(&house.path("minato/key.pem"), None).unwrap();
    let envelope: Value =
        serde_json::from_slice(&Envelope::sign(changed.into_bytes(), &[&key]).to_bytes()).unwrap();
    json!({"statements": [{"envelope": envelope, "parts": []}]}).to_string().into_bytes()
}

#[tokio::test]
async fn the_server_trusts_no_client_to_have_checked() {
    let house = House::new();
    let server = house.serve();
    house.furnish(&server);
    house.write("body.json", br#"{"facts":{"compute_cumulative":{"value":{"number":"1e25 FLOP"},"knownAt":"2026-11-01T00:00:00.000Z"}}}"#);
    house.done(&[
        "statement",
        "sign",
        "model-facts",
        "--actor",
        "minato",
        "--about",
        DEVELOPER,
        "--body",
        "body.json",
        "--out",
        "said.json",
        "--url",
        &server.url,
    ]);
    let before = size(&server, &house);
    let deep = format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000));
    let number = "\"number\":\"1e25 FLOP\"";
    let known = "\"knownAt\":\"2026-11-01T00:00:00.000Z\"";
    let cases = [
        ("broken JSON", br#"{"statements":["#.to_vec()),
        ("not JSON at all", b"\xff\xfe".to_vec()),
        ("a duplicate key", br#"{"statements":[],"statements":[]}"#.to_vec()),
        ("a wrong type", br#"{"statements":"all"}"#.to_vec()),
        ("deep nesting", format!(r#"{{"statements":{deep}}}"#).into_bytes()),
        ("a payload that is no JSON", forged(&house, |p| p[..p.len() - 1].to_owned())),
        (
            "a payload with a duplicate key",
            forged(&house, |p| p.replacen(known, &format!("{known},{known}"), 1)),
        ),
        ("a payload with a wrong type", forged(&house, |p| p.replace(number, "\"number\":[]"))),
        ("a payload with deep nesting", forged(&house, |p| p.replace("\"1e25 FLOP\"", &deep))),
        ("a payload with an impossible date", forged(&house, |p| p.replace("2026-11-01T", "2026-02-30T"))),
    ];
    let token = fs::read_to_string(house.path("minato/token")).unwrap();
    let mut text = String::new();
    let post = |body: Vec<u8>| {
        let address = format!("{}/api/v1/submissions", server.url);
        let request = house.http.post(address).bearer_auth(token.trim()).body(body);
        request.header("content-type", "application/json").send()
    };
    for (name, body) in cases {
        let answer = post(body).await.unwrap();
        assert!(answer.status().is_client_error(), "{name}: {answer:?}");
        let mut problem: Value = answer.json().await.unwrap();
        if problem.get("note").is_some() {
            problem["note"] = "<note>".into();
        }
        let problem = serde_json::to_string_pretty(&problem).unwrap();
        let _ = write!(text, "{name}\n{}\n\n", tidy(&problem, &house, Some(&server)));
    }
    insta::assert_snapshot!("requests", text);
    let answer = post(vec![b' '; (96 << 20) + 1]).await.unwrap();
    assert_eq!(answer.status(), 413, "{answer:?}");
    assert_eq!(size(&server, &house), before);
}

#[test]
fn a_port_in_use_is_told() {
    let house = House::new();
    let server = house.serve();
    let other = House::new();
    let address = server.url.trim_start_matches("http://");
    let ran = other.run(&["serve", "--data", "node", "--listen", address]);
    let port = address.rsplit(':').next().unwrap();
    insta::assert_snapshot!("port", told(&ran, &other, None).replace(port, "<port>"));
    // The same folder a second time is no better.
    let ran = house.run(&["serve", "--data", "node", "--listen", "127.0.0.1:0"]);
    insta::assert_snapshot!("locked", told(&ran, &house, None));
    assert_eq!(size(&server, &house), 1);
}

#[test]
fn wrong_arguments_have_an_exit_code_of_their_own() {
    for words in [&["sing"][..], &["serve"], &["serve", "--data"], &["audit", "x", "--update"], &[]] {
        let ran = Ran::of(kanae().args(words));
        assert_eq!(ran.code, Some(64), "{ran:#?}");
        assert!(!ran.err.is_empty() && ran.out.is_empty(), "{ran:#?}");
    }
    let nobody = ["statement", "show", &"0".repeat(64), "--url", "http://127.0.0.1:9"];
    let ran = Ran::of(kanae().args(nobody));
    assert_eq!(ran.code, Some(69), "{ran:#?}");
}

/// Nobody: the user of systems who owns no file.
const NOBODY: &str = "65534";

#[test]
fn a_folder_that_may_not_be_written_is_told() {
    let house = House::new();
    // Whoever may do everything has to become somebody who may not.
    let nobody_is_here = fs::metadata("/proc/self").is_ok_and(|own| {
        use std::os::unix::fs::MetadataExt as _;
        own.uid() == 0
    });
    let run = |words: &[&str]| {
        let mut command = if nobody_is_here {
            let mut command = quiet(Command::new("setpriv"));
            command.args(["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"]);
            command.arg(env!("CARGO_BIN_EXE_kanae"));
            command
        } else {
            kanae()
        };
        Ran::of(command.args(words).current_dir(house.path("")))
    };
    let mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    mode(&house.path(""), 0o555);
    let mut text = String::new();
    for words in [
        &["init", "--data", "another", "--origin", "register.example/2"][..],
        &["actor", "new", "another", "--issuer", "x", "--holder", "desk"],
    ] {
        let ran = run(words);
        let _ = write!(text, "$ kanae {}\n{}\n", words.join(" "), told(&ran, &house, None));
    }
    // A data folder that can be read, keys included, and not be written.
    for (name, path) in crate::house::files_below(&house.path("node")) {
        mode(&path, if name.starts_with("keys/") { 0o400 } else { 0o444 });
        if nobody_is_here {
            std::os::unix::fs::chown(&path, Some(NOBODY.parse().unwrap()), None).unwrap();
        }
    }
    mode(&house.path("node"), 0o555);
    for folder in ["node/keys", "node/log"] {
        mode(&house.path(folder), 0o555);
    }
    let before = crate::house::files_below(&house.path("node"));
    let words = ["serve", "--data", "node", "--listen", "127.0.0.1:0"];
    let ran = run(&words);
    let _ = write!(text, "$ kanae {}\n{}", words.join(" "), told(&ran, &house, None));
    assert_eq!(crate::house::files_below(&house.path("node")), before);
    for folder in ["", "node", "node/keys", "node/log"] {
        mode(&house.path(folder), 0o755);
    }
    insta::assert_snapshot!("read_only", text);
}

/// A small file system; it is gone when this is dropped.
struct Small<'h>(&'h Path);

impl<'h> Small<'h> {
    fn mount(place: &'h Path) -> Option<Self> {
        fs::create_dir(place).unwrap();
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", "size=6m", "tmpfs"]).arg(place).output();
        mounted.is_ok_and(|output| output.status.success()).then_some(Self(place))
    }
}

impl Drop for Small<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.0).status();
    }
}

#[test]
fn a_full_disk_records_nothing_and_harms_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("small");
    let Some(_small) = Small::mount(&place) else {
        println!("SKIPPED: this machine lets nobody mount a small file system, so no disk can be full");
        return;
    };
    let house = House::within(&place);
    let server = house.serve();
    house.furnish(&server);
    let before = size(&server, &house);
    let filler = house.path("filler");
    let mut chunk = 1 << 20;
    while chunk > 0 {
        let mut file = fs::OpenOptions::new().create(true).append(true).open(&filler).unwrap();
        if std::io::Write::write_all(&mut file, &vec![0; chunk]).is_err() {
            chunk /= 2;
        }
    }
    let elsewhere = folder.path().join("said.json");
    fs::write(folder.path().join("body.json"), MODEL).unwrap();
    let body = folder.path().join("body.json");
    let (body, said) = (body.to_str().unwrap(), elsewhere.to_str().unwrap());
    house.done(&[
        "statement",
        "sign",
        "model",
        "--actor",
        "minato",
        "--about",
        DEVELOPER,
        "--body",
        body,
        "--out",
        said,
        "--url",
        &server.url,
    ]);
    let submit = ["statement", "submit", said, "--actor", "minato", "--url", &server.url];
    let ran = house.run(&submit);
    assert_eq!(ran.code, Some(69), "{ran:#?}");
    insta::assert_snapshot!("full_disk", told(&ran, &house, Some(&server)));
    assert_eq!(size(&server, &house), before);
    server.kill();

    // With room again, the server starts, and the very same statement is taken.
    fs::remove_file(&filler).unwrap();
    let server = house.serve();
    assert_eq!(size(&server, &house), before);
    house.done(&["statement", "submit", said, "--actor", "minato", "--url", &server.url]);
    assert_eq!(size(&server, &house), before + 1);
    server.kill();
    house.done(&["audit", "node/log", "--trust", "node/trust.json"]);
}
