//! Asking for what is missing, and reporting once: events files, requests, the crosswalk.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its files fails here")]

#[expect(dead_code, reason = "the other tests use the rest")]
mod support;

use std::sync::LazyLock;

use jiff::civil::date;
use kanae_law::{
    EventsFile, FactsFile, Goal, Language, Names, Record, Regime, SwitchSettings, Truth, Vocabulary, Wording,
    assess, crosswalk, missing_sets, told_of_incidents,
};
use support::{files, load, root, shipped};

static HARBOUR: LazyLock<Regime> =
    LazyLock::new(|| load(&files(&root().join("crates/law/tests/harbour-code"))));

const FACTS: &str = r#"{"moored": true, "exempt": false, "compute": "5e25 FLOP", "cargo": "fish", "moored_at": "2026-12-11"}"#;

fn vocabulary() -> Vocabulary {
    let text = std::fs::read_to_string(root().join("data/crosswalk.toml")).unwrap();
    Vocabulary::read("crosswalk.toml", &text).unwrap()
}

#[test]
fn a_request_asks_for_exactly_the_facts_that_settle_the_answer() {
    let settings = SwitchSettings::default();
    let record = HARBOUR
        .facts_from_json(r#"{"moored": true, "compute": {"low": 8e24, "high": 1.1e25}, "modification": 0}"#)
        .unwrap();
    let day = date(2026, 12, 24);
    let found = assess(&HARBOUR, &settings, &record, day).unwrap();
    let missing = missing_sets(&HARBOUR, &settings, &record, day, Goal::Coverage).unwrap();
    let mut read = String::new();
    for language in [Language::Ja, Language::En] {
        let say = Wording::new(&HARBOUR, &settings, &found, language, Names::plain(language));
        let request = say.request(&missing.sets[0].missing);
        assert_eq!(request.asked.len(), missing.sets[0].missing.len());
        read.push_str(&request.letter);
        read.push('\n');
    }
    insta::assert_snapshot!(read);
}

#[test]
fn a_request_names_what_an_incident_leaves_open() {
    let settings = SwitchSettings::new(&HARBOUR, [("scope", "all")]).unwrap();
    let mut record = HARBOUR.facts_from_json(FACTS).unwrap();
    let events = EventsFile::from_json(r#"[{"is": "incident", "arrived": "2026-12-20"}]"#).unwrap();
    record.events = HARBOUR.events_of(&events).unwrap();
    let found = assess(&HARBOUR, &settings, &record, date(2026, 12, 24)).unwrap();
    let say = Wording::new(&HARBOUR, &settings, &found, Language::En, Names::plain(Language::En));
    let open = found
        .duties
        .iter()
        .flat_map(|duty| duty.because.missing.iter().chain(&duty.due_because.because.missing));
    insta::assert_snapshot!(say.request(&open.cloned().collect()).letter);
}

#[test]
fn events_in_toml_are_the_events_in_json() {
    let json = EventsFile::from_json(
        r#"[{"is": "incident", "arrived": "2026-12-20", "attributes": {"death": "true"}},
            {"is": "notification", "arrived": "2026-12-21T09:00:00Z", "entry": 40, "statement": "ab"}]"#,
    );
    let toml = EventsFile::from_toml(
        "[[event]]\nis = \"incident\"\narrived = \"2026-12-20\"\nattributes = { death = \"true\" }\n
         [[event]]\nis = \"notification\"\narrived = \"2026-12-21T09:00:00Z\"\nentry = 40\nstatement = \"ab\"\n",
    );
    let (json, toml) =
        (HARBOUR.events_of(&json.unwrap()).unwrap(), HARBOUR.events_of(&toml.unwrap()).unwrap());
    assert_eq!(json, toml);
    // Noon in New York.
    assert_eq!(json[0].arrived.to_string(), "2026-12-20T17:00:00Z");
    assert_eq!((json[0].entry, json[1].entry), (1, 40));
}

#[test]
fn events_that_cannot_be_read_are_refused_with_a_way_out() {
    let cases = [
        "[",
        "{}",
        r#"[{"is": "incident"}]"#,
        r#"[{"is": "incident", "arrived": "2026-02-30"}]"#,
        r#"[{"is": "incident", "arrived": "yesterday"}]"#,
        r#"[{"is": "incidnet", "arrived": "2026-12-20"}]"#,
        r#"[{"is": "incident", "arrived": "2026-12-20", "attributes": {"deth": "true"}}]"#,
        r#"[{"is": "incident", "arrived": "2026-12-20", "attributes": {"death": "yes"}}]"#,
        r#"[{"is": "incident", "arrived": "2026-12-20", "when": "2026-12-20"}]"#,
    ];
    let said: Vec<_> = cases
        .iter()
        .map(|case| {
            let error = match EventsFile::from_json(case) {
                Ok(file) => HARBOUR.events_of(&file).unwrap_err(),
                Err(error) => error,
            };
            format!("{case}\n    {error}")
        })
        .collect();
    insta::assert_snapshot!(said.join("\n"));
    let many = format!("[{}]", vec![r#"{"is": "incident", "arrived": "2026-12-20"}"#; 5000].join(","));
    assert!(EventsFile::from_json(&many).is_err());
}

#[test]
fn one_file_of_facts_serves_several_regimes() {
    let file = FactsFile::from_json(r#"{"moored": true, "general_purpose": true}"#).unwrap();
    let eu = shipped("eu-gpai");
    assert_eq!(HARBOUR.record_of_known(&file).unwrap().facts.len(), 1);
    assert_eq!(eu.record_of_known(&file).unwrap().facts.len(), 1);
    assert!(HARBOUR.record_of(&file).is_err(), "alone, a regime refuses what it does not know");
    let events = EventsFile::from_json(
        r#"[{"is": "incident", "arrived": "2026-12-20", "attributes": {"death": "true", "loss_of_control": "true"}},
            {"is": "code-adherence", "arrived": "2026-12-20"}]"#,
    )
    .unwrap();
    let known = HARBOUR.events_of_known(&events).unwrap();
    assert_eq!(known.len(), 1);
    assert_eq!(known[0].attributes.len(), 1);
}

#[test]
fn what_is_filed_for_one_law_is_shown_for_the_others() {
    let assessed = |events: &str| {
        let mut record = HARBOUR.facts_from_json(FACTS).unwrap();
        record.events = HARBOUR.events_of(&EventsFile::from_json(events).unwrap()).unwrap();
        let settings = SwitchSettings::new(&HARBOUR, [("scope", "all")]).unwrap();
        assess(&HARBOUR, &settings, &record, date(2026, 12, 24)).unwrap()
    };
    let filed = assessed(r#"[{"is": "notification", "arrived": "2026-12-20", "entry": 7}]"#);
    let waiting = assessed("[]");
    let matrix = crosswalk(&vocabulary(), &[(&HARBOUR, &filed), (&HARBOUR, &waiting)]);
    let row = matrix.rows.iter().find(|row| row.common.id == "notification").unwrap();
    assert_eq!(row.cells[0][0].status.as_str(), "appears_met");
    assert_eq!(row.cells[1][0].status.as_str(), "open");
    assert_eq!(row.reusable, [7]);
    assert!(
        matrix.rows.iter().all(|row| row.common.id != "copyright"),
        "a row that no regime knows is left out"
    );
}

#[test]
fn every_shipped_duty_names_words_of_the_vocabulary_and_every_word_is_used() {
    let vocabulary = vocabulary();
    let mut used = std::collections::BTreeSet::new();
    for folder in std::fs::read_dir(root().join("regimes")).unwrap() {
        let regime = shipped(folder.unwrap().file_name().to_str().unwrap());
        for duty in regime.duties() {
            for common in &duty.common {
                assert!(vocabulary.words.iter().any(|word| word.id == *common), "{}: {common}", duty.id);
                used.insert(common.clone());
            }
        }
    }
    assert_eq!(used.len(), vocabulary.words.len());
}

#[test]
fn an_incident_is_told_to_whom_a_law_names() {
    let mut record = Record::default();
    let events = EventsFile::from_json(r#"[{"is": "incident", "arrived": "2026-12-20"}]"#).unwrap();
    record.events = HARBOUR.events_of(&events).unwrap();
    let found = assess(&HARBOUR, &SwitchSettings::default(), &record, date(2026, 12, 24)).unwrap();
    let told: Vec<_> =
        told_of_incidents(&HARBOUR, &found).map(|duty| (duty.id.as_str(), duty.owed)).collect();
    assert_eq!(told, [("report-incident", Truth::Undetermined)]);
    for id in ["eu-gpai", "us-ca-sb53", "us-il-sb315", "us-ny-raise"] {
        let regime = shipped(id);
        assert!(regime.duty("incident-report").unwrap().addressee.is_some(), "{id}");
    }
}
