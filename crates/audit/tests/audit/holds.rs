//! Logs that hold, and what an audit says about them.

use evidence::predicate::{Example as _, Model};
use kanae_audit::{FolderSource, Log, LogError, NotShown, Report, Trust, run};

use crate::forge::{Forge, HONEST};

fn audit(forge: &Forge, trust: Option<&Trust>) -> Report {
    let folder = tempfile::tempdir().unwrap();
    forge.publish(folder.path());
    run(&FolderSource::open(folder.path()).unwrap(), trust, &|_| {}).unwrap()
}

#[test]
fn an_honest_log_holds_and_the_report_says_what_was_checked_and_what_not() {
    let forge = Forge::honest();
    let report = audit(&forge, Some(&forge.trust()));
    assert!(report.ok && report.anchored, "{:?}", report.faults);
    assert_eq!(report.log.as_ref().unwrap().size, HONEST);
    let words = serde_json::json!({
        "checked": { "entries": report.checked.entries, "statements": report.checked.statements,
            "signatures": report.checked.signatures, "approvals": report.checked.approvals,
            "assessments": report.checked.assessments, "policies": report.checked.policies,
            "regimes": report.checked.regimes, "parts": report.checked.parts },
        "counted": report.counted,
        "departures": report.departures.iter().map(|d| (d.entry, &d.act)).collect::<Vec<_>>(),
        "notShown": report.not_shown,
        "faults": report.faults,
    });
    insta::assert_json_snapshot!(words);
}

#[test]
fn without_a_trust_file_a_log_is_consistent_with_itself_only() {
    let report = audit(&Forge::honest(), None);
    assert!(report.ok && !report.anchored);
    assert!(report.not_shown.iter().any(|unshown| unshown.what == NotShown::Unanchored));
}

#[test]
fn a_log_that_has_grown_continues_what_was_seen() {
    let mut forge = Forge::honest();
    let trust = forge.trust();
    forge.restrict_more(300);
    let report = audit(&forge, Some(&trust));
    assert!(report.ok, "{:?}", report.faults);
    assert_eq!((report.since, report.checked.entries), (Some(HONEST), HONEST + 300));
}

#[test]
fn a_folder_without_a_checkpoint_is_no_log_and_never_one_that_holds() {
    let folder = tempfile::tempdir().unwrap();
    let source = FolderSource::open(folder.path()).unwrap();
    assert!(matches!(run(&source, None, &|_| {}), Err(LogError::NoLog { .. })));
}

#[test]
fn a_receipt_is_proved_from_the_tiles_and_verifies_offline() {
    let forge = Forge::honest();
    let folder = tempfile::tempdir().unwrap();
    forge.publish(folder.path());
    let source = FolderSource::open(folder.path()).unwrap();
    let log = Log::open(&source, Some(&forge.trust())).unwrap();
    let receipt = ledger::Receipt::parse(&log.receipt(7).unwrap().to_bytes()).unwrap();
    let entry = &forge.entries[7].0;
    assert!(receipt.verify(entry, crate::forge::ORIGIN, log.keys()).is_ok());
    assert!(matches!(log.receipt(HONEST), Err(LogError::NoEntry { .. })));
}

#[test]
fn a_trust_file_survives_being_written_and_read_and_keeps_what_it_does_not_know() {
    let forge = Forge::honest();
    let mut value: serde_json::Value = serde_json::from_str(&forge.trust().to_json().unwrap()).unwrap();
    value["policy"] = "a tlog-policy".into();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("trust.json");
    Trust::parse(value.to_string().as_bytes()).unwrap().write(&path).unwrap();
    let read: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    assert_eq!(read, value);
    // Its own checkpoint must verify by its own keys.
    let other = value.to_string().replacen("\\n19\\n", "\\n18\\n", 1);
    assert!(Trust::parse(other.as_bytes()).is_err());
}

/// What a real node publishes is what the audit reads.
#[test]
fn a_log_that_a_node_publishes_holds() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let world = runtime.block_on(async {
        let world = node::testing::World::start().await;
        world.adopt_regime("eu-gpai", &[]).await;
        world.record(&world.developer, Model::example(), world.developer.id).await;
        world
    });
    let trust = Trust::read(&world.data().join("trust.json")).unwrap();
    let source = FolderSource::open(world.data()).unwrap();
    let report = run(&source, Some(&trust), &|_| {}).unwrap();
    assert!(report.ok, "{:?}", report.faults);
    assert_eq!(report.checked.statements, report.checked.entries);
    assert_eq!(report.checked.regimes, 1);
}
