//! What people read: each sentence, in both languages, as a snapshot to be read aloud.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its files fails here")]

#[expect(dead_code, reason = "the other tests use the rest")]
mod support;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

use kanae_law::{
    Assessment, Event, Exported, FactEntry, FactValue, Language, Names, Record, Regime, Source,
    SwitchSettings, Wording, assess, document,
};
use support::{files, load, root, shipped};

static HARBOUR: LazyLock<Regime> =
    LazyLock::new(|| load(&files(&root().join("crates/law/tests/harbour-code"))));

const FACTS: &str = r#"{"moored": true, "exempt": false, "compute": "5e25 FLOP", "cargo": "fish",
    "moored_at": "2026-12-11", "turnover": "2e9 EUR"}"#;

fn record(facts: &str) -> Record {
    let mut record = HARBOUR.facts_from_json(facts).unwrap();
    for (fact, entry) in [("compute", 12), ("moored", 3)] {
        for stated in record.facts.get_mut(fact).into_iter().flatten() {
            stated.source = Some(Source { statement: "ab".to_owned(), entry });
        }
    }
    record
}

fn event(entry: u64, predicate: &str, arrived: &str, attributes: &[(&str, &str)]) -> Event {
    Event {
        arrived: arrived.parse().unwrap(),
        entry,
        predicate: predicate.to_owned(),
        statement: entry.to_string(),
        attributes: attributes
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect::<BTreeMap<_, _>>(),
    }
}

fn found(record: &Record, settings: &SwitchSettings, day: &str) -> Assessment {
    assess(&HARBOUR, settings, record, day.parse().unwrap()).unwrap()
}

/// Runs a reading in both languages.
fn both(found: &Assessment, settings: &SwitchSettings, read: impl Fn(&Wording<'_>) -> Vec<String>) -> String {
    let mut text = String::new();
    for language in [Language::Ja, Language::En] {
        let source = |source: &Source| match language {
            Language::Ja => format!("ABC社の報告、記録{}番", source.entry),
            Language::En => format!("reported by ABC, entry {}", source.entry),
        };
        let statement = |predicate: &str| {
            let (ja, en) = match predicate {
                "notification" => ("届出", "notification"),
                "finding" => ("認定", "finding"),
                "objection" => ("異議", "objection"),
                _ => return None,
            };
            Some(language.pick(ja, en).to_owned())
        };
        let names = Names { source: &source, statement: &statement };
        for line in read(&Wording::new(&HARBOUR, settings, found, language, names)) {
            let _ = writeln!(text, "{line}");
        }
        text.push('\n');
    }
    text
}

fn coverage(facts: &str) -> String {
    let settings = SwitchSettings::default();
    let found = found(&record(facts), &settings, "2026-12-24");
    both(&found, &settings, |say| vec![say.coverage()])
}

#[test]
fn coverage_is_explained_by_what_decides_it() {
    let covered = coverage(FACTS);
    let not =
        coverage(r#"{"moored": true, "exempt": true, "compute": "1e25 FLOP", "modification": "1e24 FLOP"}"#);
    let modified = coverage(
        r#"{"moored": true, "exempt": false, "compute": "9e24 FLOP", "modification": "3.1e24 FLOP"}"#,
    );
    let interval = coverage(
        r#"{"moored": true, "exempt": false, "compute": {"low": "8e24 FLOP", "high": "1.1e25 FLOP"}, "modification": 0}"#,
    );
    let unknown = coverage(r#"{"moored": true, "modification": 0}"#);
    insta::assert_snapshot!([covered, not, modified, interval, unknown].join("----\n"));
}

#[test]
fn a_disputed_figure_names_each_value_with_its_source() {
    let mut record = record(r#"{"moored": true, "exempt": false, "modification": 0}"#);
    for (entry, value) in [(4, "5e24"), (9, "2e25")] {
        record.facts.entry("compute".to_owned()).or_default().push(FactEntry {
            value: FactValue::Number { value: value.parse().unwrap(), unit: Some("FLOP".to_owned()) },
            known_at: None,
            source: Some(Source { statement: entry.to_string(), entry }),
        });
    }
    let settings = SwitchSettings::default();
    let found = found(&record, &settings, "2026-12-24");
    insta::assert_snapshot!(both(&found, &settings, |say| vec![say.coverage()]));
}

#[test]
fn a_law_without_force_says_from_when_or_until_when() {
    let settings = SwitchSettings::default();
    let read = |day: &str| {
        let found = found(&record(FACTS), &settings, day);
        both(&found, &settings, |say| {
            vec![say.coverage(), say.duty(&found.duties[0]), say.power(&found.powers[0])]
        })
    };
    insta::assert_snapshot!([read("2025-06-01"), read("2029-01-01")].join("----\n"));
}

#[test]
fn classes_and_duties_name_settings_and_how_a_day_is_counted() {
    let mut record = record(FACTS);
    record.events = vec![
        event(20, "incident", "2026-12-20T10:00:00Z", &[("discovered_at", "2026-12-19T22:30:00Z")]),
        event(21, "objection", "2026-12-21T10:00:00Z", &[]),
    ];
    let read = |settings: &SwitchSettings, day: &str| {
        let found = found(&record, settings, day);
        both(&found, settings, |say| {
            let mut lines: Vec<String> = found.classes.iter().map(|class| say.class(class)).collect();
            for duty in &found.duties {
                lines.push(format!("{}: {} {}", duty.id, say.status(duty.status), say.duty(duty)));
                lines.extend(say.due(duty));
            }
            lines
        })
    };
    let settled =
        SwitchSettings::new(&HARBOUR, [("scope", "listed"), ("answer_within", "10 working days")]).unwrap();
    let all = SwitchSettings::new(&HARBOUR, [("scope", "all")]).unwrap();
    insta::assert_snapshot!([read(&settled, "2026-12-24"), read(&all, "2027-02-01")].join("----\n"));
}

#[test]
fn powers_and_penalties_say_what_they_rest_on_and_how_high_they_may_be() {
    let settings = SwitchSettings::new(&HARBOUR, [("scope", "listed")]).unwrap();
    let read = |facts: &str| {
        let mut record = record(facts);
        record.events = vec![event(
            30,
            "finding",
            "2027-01-05T10:00:00Z",
            &[("duty", "report-incident"), ("result", "unmet")],
        )];
        let found = found(&record, &settings, "2027-01-10");
        both(&found, &settings, |say| {
            let powers = found.powers.iter().map(|power| say.power(power));
            powers.chain(found.penalties.iter().map(|penalty| say.penalty(penalty))).collect()
        })
    };
    let small = FACTS.replace("2e9 EUR", "1e7 EUR");
    let open = FACTS.replace("\"2e9 EUR\"", "null");
    let designated = FACTS.replace("fish", "grain");
    insta::assert_snapshot!([read(FACTS), read(&small), read(&open), read(&designated)].join("----\n"));
}

#[test]
fn without_names_sources_are_entries() {
    let settings = SwitchSettings::default();
    let found = found(&record(FACTS), &settings, "2026-12-24");
    for (language, source) in [(Language::Ja, "記録12番"), (Language::En, "entry 12")] {
        let say = Wording::new(&HARBOUR, &settings, &found, language, Names::plain(language));
        assert!(say.coverage().contains(source), "{}", say.coverage());
    }
}

#[test]
fn every_result_of_every_law_test_can_be_said() {
    for folder in std::fs::read_dir(root().join("regimes")).unwrap() {
        let regime = shipped(folder.unwrap().file_name().to_str().unwrap());
        for test in regime.tests() {
            let found = assess(&regime, &test.settings, &test.record, test.as_of).unwrap();
            for language in [Language::Ja, Language::En] {
                let say = Wording::new(&regime, &test.settings, &found, language, Names::plain(language));
                let mut said = vec![say.coverage()];
                said.extend(found.classes.iter().map(|class| say.class(class)));
                said.extend(found.duties.iter().map(|duty| say.duty(duty)));
                said.extend(found.duties.iter().filter_map(|duty| say.due(duty)));
                said.extend(found.powers.iter().map(|power| say.power(power)));
                said.extend(found.penalties.iter().map(|penalty| say.penalty(penalty)));
                for text in said {
                    // A condition shown as it is written is one that nobody put into words.
                    assert!(!text.contains(['`', '=', '_']), "{}, {}: {text}", regime.id(), test.name);
                    assert!(text.ends_with(['.', '。']), "{}, {}: {text}", regime.id(), test.name);
                }
            }
        }
    }
}

#[test]
fn a_regime_reads_as_a_document() {
    let day = "2026-11-24".parse().unwrap();
    let written = |language| document(&HARBOUR, language, Names::plain(language), day);
    insta::assert_snapshot!("document_ja", written(Language::Ja));
    insta::assert_snapshot!("document_en", written(Language::En));
}

#[test]
fn every_shipped_regime_reads_as_a_document_without_raw_conditions() {
    let day = "2026-11-24".parse().unwrap();
    for folder in std::fs::read_dir(root().join("regimes")).unwrap() {
        let regime = shipped(folder.unwrap().file_name().to_str().unwrap());
        for language in [Language::Ja, Language::En] {
            let text = document(&regime, language, Names::plain(language), day);
            assert!(text.lines().count() > 40, "{}", regime.id());
            for line in text.lines() {
                for raw in [" and class(", "event(", "switch(", "param(", "unmet("] {
                    assert!(!line.contains(raw), "{}: {line}", regime.id());
                }
            }
        }
    }
}

#[test]
fn duties_are_a_table_for_spreadsheets() {
    let settings = SwitchSettings::new(&HARBOUR, [("scope", "all")]).unwrap();
    let record = record(FACTS);
    let found = found(&record, &settings, "2026-12-24");
    let exported = Exported {
        regime: &HARBOUR,
        settings: &settings,
        record: &record,
        assessment: &found,
        wording: Wording::new(&HARBOUR, &settings, &found, Language::Ja, Names::plain(Language::Ja)),
        subject: "=Example 1",
        statements: None,
        at: jiff::Timestamp::UNIX_EPOCH,
    };
    insta::assert_snapshot!(exported.duties_csv());
}
