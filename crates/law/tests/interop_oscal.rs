//! compliance-trestle 3.12.4 from PyPI reads what Kanae exports, strictly, and finds in it what
//! Kanae assessed.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "the other tests use the rest")]
mod support;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use jiff::Timestamp;
use kanae_law::{Exported, Language, Names, Source, Wording, assess};
use serde_json::{Value, json};
use support::{root, shipped};

fn trestle(documents: &[Value], folder: &Path) -> Output {
    let python = std::env::var_os("KANAE_PEERS")
        .map(|peers| PathBuf::from(peers).join("python/bin/python"))
        .filter(|python| python.exists())
        .expect("no Python peer: run `cargo xtask test interop`");
    let mut command = Command::new(python);
    command.arg(root().join("interop/python/read_oscal.py"));
    for (at, document) in documents.iter().enumerate() {
        let path = folder.join(format!("{at}.json"));
        std::fs::write(&path, serde_json::to_string(document).unwrap()).unwrap();
        command.arg(path);
    }
    command.output().unwrap()
}

type Owed = Vec<(String, Option<String>)>;

/// Exports the law test of a regime that has most on record.
fn export(id: &str, language: Language) -> (Value, Owed) {
    let regime = shipped(id);
    let test = regime.tests().iter().max_by_key(|test| test.record.events.len()).unwrap();
    let mut record = test.record.clone();
    for (at, entries) in record.facts.values_mut().enumerate() {
        for entry in entries {
            let statement = format!("{at:064x}");
            entry.source = Some(Source { statement, entry: 1000 + at as u64 });
        }
    }
    let found = assess(&regime, &test.settings, &record, test.as_of).unwrap();
    let exported = Exported {
        regime: &regime,
        settings: &test.settings,
        record: &record,
        assessment: &found,
        wording: Wording::new(&regime, &test.settings, &found, language, Names::plain(language)),
        subject: "Example 1",
        statements: Some("https://node.example/statements/"),
        at: Timestamp::UNIX_EPOCH,
    };
    assert_eq!(exported.oscal(), exported.oscal(), "{id}: the same input has the same document");
    let owed = found.duties.iter().filter(|duty| duty.owed != kanae_law::Truth::False);
    let owed = owed.map(|duty| (duty.id.to_string(), duty.due.map(|due| due.to_string()))).collect();
    (exported.oscal(), owed)
}

#[test]
fn trestle_reads_every_regime_and_finds_each_duty_with_its_day() {
    let folder = tempfile::tempdir().unwrap();
    let mut ids: Vec<_> = std::fs::read_dir(root().join("regimes"))
        .unwrap()
        .map(|regime| regime.unwrap().file_name().into_string().unwrap())
        .collect();
    ids.sort();
    let (documents, expected): (Vec<Value>, Vec<Owed>) =
        ids.iter().flat_map(|id| [Language::Ja, Language::En].map(|language| export(id, language))).unzip();
    let output = trestle(&documents, folder.path());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let read: Vec<Value> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(read.len(), expected.len());
    assert!(read.iter().any(|read| read["observations"].as_u64() > Some(3)));
    for (read, owed) in read.iter().zip(expected) {
        assert_eq!(read["version"], "1.1.3");
        assert_eq!((&read["dangling"], &read["plan"]), (&json!([]), &json!(true)));
        let findings = read["findings"].as_object().unwrap();
        assert_eq!(findings.len(), owed.len());
        for (duty, due) in owed {
            let finding = &findings[&duty];
            assert_eq!(finding["due"], json!(due), "{duty}");
            let met = finding["verdict"] == "appears_met";
            assert_eq!(finding["state"], if met { "satisfied" } else { "not-satisfied" }, "{duty}");
        }
    }
}

#[test]
fn trestle_refuses_a_field_that_oscal_does_not_know() {
    let folder = tempfile::tempdir().unwrap();
    let (mut document, _) = export("eu-gpai", Language::En);
    assert!(trestle(std::slice::from_ref(&document), folder.path()).status.success());
    document["assessment-results"]["results"][0]["verdict"] = json!("met");
    assert!(!trestle(&[document], folder.path()).status.success());
}
