//! `assess`: reasons, disputes, determinism, and that learning only narrows.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its files fails here")]

#[expect(dead_code, reason = "the other tests use the rest")]
mod support;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use kanae_law::{
    Assessment, Coverage, Event, FactEntry, FactValue, FactsFile, Number, Record, Regime, Source, Status,
    SwitchSettings, Truth, ValueKind, assess,
};
use proptest::prelude::*;
use support::{files, load, root, shipped};

static EU: LazyLock<Regime> = LazyLock::new(|| shipped("eu-gpai"));
static JP: LazyLock<Regime> = LazyLock::new(|| shipped("jp-basic-law-2024"));

fn as_of() -> jiff::civil::Date {
    jiff::civil::date(2026, 11, 23)
}

fn eu(facts: &str) -> Assessment {
    assess(&EU, &SwitchSettings::default(), &EU.facts_from_json(facts).unwrap(), as_of()).unwrap()
}

fn source(entry: u64) -> Source {
    Source { statement: format!("{entry:064}"), entry }
}

#[test]
fn a_missing_figure_is_undetermined_not_uncovered() {
    for compute in
        ["", r#", "compute_updates": null"#, r#", "compute_updates": {"low": "9e22", "high": 1.1e23}"#]
    {
        let found = eu(&format!(
            r#"{{"placed_on_union_market": true, "general_purpose": false, "generates_media": true, "narrow_task": false, "modifies_model": false{compute}}}"#
        ));
        assert_eq!(found.coverage, Coverage::Undetermined);
        assert!(found.missing.contains("compute_updates"));
        assert!(found.duties.iter().filter(|duty| duty.by.as_str() == "developer").all(|duty| {
            matches!(duty.status, Status::Unresolved | Status::NotYet) && duty.owed != Truth::True
        }));
    }
}

#[test]
fn numbers_are_exact_as_written() {
    let class = |compute: &str| {
        eu(&format!(
            r#"{{"placed_on_union_market": true, "general_purpose": true, "modifies_model": false, "compute_cumulative": {compute}}}"#
        ))
        .class
        .unwrap()
    };
    for exact in ["1e25", "\"1e25\"", "\"1e25 FLOP\"", "10000000000000000000000000", "1.0e+25"] {
        assert_eq!(class(exact), "provider", "{exact}");
    }
    for more in ["10000000000000000000000001", "\"1.0000000000000000000000001e25 FLOP\""] {
        assert_eq!(class(more), "systemic-risk", "{more}");
    }
}

#[test]
fn facts_in_toml_are_the_facts_in_json() {
    let toml = EU
        .facts_from_toml("general_purpose = true\ncompute_cumulative = { low = 8e24, high = 1.1e25 }\nplaced_at = 2026-05-04\ncompute_updates = 10_000.5\n")
        .unwrap();
    let json = EU
        .facts_from_json(r#"{"general_purpose": true, "compute_cumulative": {"low": "8e24", "high": "1.1e25 FLOP"}, "placed_at": "2026-05-04", "compute_updates": 10000.5}"#)
        .unwrap();
    assert_eq!(toml, json);
}

#[test]
fn facts_that_cannot_be_read_are_refused_with_a_way_out() {
    let cases = [
        r#"{"compute_cumulative": "1e25 FLOPS"}"#,
        r#"{"compute_cumulative": 1e999999999}"#,
        r#"{"compute_cumulative": "much"}"#,
        r#"{"compute_cumulative": {"low": 2, "high": 1}}"#,
        r#"{"compute_cumulative": {"low": 2, "hihg": 1}}"#,
        r#"{"compute_cumulative": [[1]]}"#,
        r#"{"compute_cumulative": {"value": 1, "know_at": "2026-03-01"}}"#,
        r#"{"compute_cumulative": {"value": 1, "known_at": "yesterday"}}"#,
        r#"{"compute_comulative": 1}"#,
        r#"{"general_purpose": "yes"}"#,
        r#"{"placed_at": "2026-02-30"}"#,
        r#"{"general_purpose": true, "general_purpose": false}"#,
        "[]",
        "{",
    ];
    let lines: Vec<_> =
        cases.iter().map(|case| format!("{case}\n    {}", EU.facts_from_json(case).unwrap_err())).collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn settings_that_cannot_be_read_are_refused_with_a_way_out() {
    let cases = [
        ("targt", "true"),
        ("target", "maybe"),
        ("size_metrics", "compute,weight"),
        ("compute_threshold", "1e25 FLOPS"),
        ("compute_threshold", "1e25 %"),
        ("surcharge_rate", "3 JPY"),
        ("report_interval", "72 hours"),
        ("report_interval", "often"),
        ("report_interval", "0 days"),
        ("report_to", "nobody"),
    ];
    let lines: Vec<_> = cases
        .iter()
        .map(|(id, text)| {
            format!("{id}={text}\n    {}", SwitchSettings::new(&JP, [(*id, *text)]).unwrap_err())
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn one_setting_has_one_text() {
    let settings = SwitchSettings::new(
        &JP,
        [
            ("compute_threshold", "10_000e21 FLOP"),
            ("size_metrics", "tokens, compute"),
            ("surcharge_rate", "3%"),
            ("target", "on"),
            ("notify_within", "1 days"),
        ],
    )
    .unwrap();
    let texts: Vec<_> = settings.texts().values().map(String::as_str).collect();
    assert_eq!(texts, ["1e25 FLOP", "1 day", "compute,tokens", "0.03", "true"]);
    let again =
        SwitchSettings::new(&JP, settings.texts().iter().map(|(id, text)| (id.as_str(), text.as_str())))
            .unwrap();
    assert_eq!(again, settings);
}

#[test]
fn the_reason_names_facts_statements_and_articles() {
    let mut record = EU
        .facts_from_json(
            r#"{"placed_on_union_market": true, "modifies_model": false, "general_purpose": true}"#,
        )
        .unwrap();
    let figure = |value: &str, entry| FactEntry {
        value: EU.read_fact("compute_cumulative", value).unwrap(),
        known_at: None,
        source: Some(source(entry)),
    };
    record.facts.insert("compute_cumulative".into(), vec![figure("9e24 FLOP", 7), figure("2e25", 9)]);
    record.events.push(Event {
        arrived: "2026-11-01T00:00:00Z".parse().unwrap(),
        entry: 12,
        predicate: "designation".into(),
        statement: format!("{:064}", 12),
        attributes: BTreeMap::new(),
    });
    let designated = assess(&EU, &SwitchSettings::default(), &record, as_of()).unwrap();
    assert_eq!(designated.class.as_deref(), Some("systemic-risk"));
    record.events.clear();
    let disputed = assess(&EU, &SwitchSettings::default(), &record, as_of()).unwrap();
    assert_eq!(disputed.class.as_deref(), Some("provider"));
    assert_eq!(disputed.disputed.iter().collect::<Vec<_>>(), ["compute_cumulative"]);
    let systemic = |found: &Assessment| {
        found.classes.iter().find(|class| class.id == "systemic-risk").unwrap().reason.outline()
    };
    insta::assert_snapshot!(format!(
        "coverage\n{}\ndesignated\n{}\ndisputed\n{}",
        designated.reason.outline(),
        systemic(&designated),
        systemic(&disputed)
    ));
}

#[test]
fn sources_that_agree_on_the_side_of_the_threshold_decide() {
    let mut record = EU
        .facts_from_json(
            r#"{"placed_on_union_market": true, "modifies_model": false, "general_purpose": true}"#,
        )
        .unwrap();
    let figure = |value: &str| FactEntry {
        value: EU.read_fact("compute_cumulative", value).unwrap(),
        known_at: None,
        source: None,
    };
    record.facts.insert("compute_cumulative".into(), vec![figure("3e25"), figure("2e25")]);
    let found = assess(&EU, &SwitchSettings::default(), &record, as_of()).unwrap();
    assert_eq!(found.class.as_deref(), Some("systemic-risk"));
    assert!(found.disputed.is_empty());
}

#[test]
fn what_became_known_later_does_not_count() {
    let mut record =
        EU.facts_from_json(r#"{"placed_on_union_market": true, "modifies_model": false}"#).unwrap();
    let entry = FactEntry {
        value: FactValue::Boolean(true),
        known_at: Some("2026-11-23T23:00:00Z".parse().unwrap()),
        source: Some(source(3)),
    };
    record.facts.insert("general_purpose".into(), vec![entry]);
    let on = |day| assess(&EU, &SwitchSettings::default(), &record, day).unwrap().coverage;
    // 23:00 UTC is the next day in Brussels.
    assert_eq!(on(as_of()), Coverage::Undetermined);
    assert_eq!(on(as_of().tomorrow().unwrap()), Coverage::Covered);
}

#[test]
fn a_file_may_say_since_when_a_fact_is_known_and_who_says_otherwise() {
    let json = r#"{"compute_cumulative": [{"value": "9e24 FLOP", "known_at": "2026-03-01", "entry": 4},
        {"value": 2e25, "known_at": "2026-11-02T00:00:00Z", "entry": 9, "statement": "ab"}]}"#;
    let toml = r#"compute_cumulative = [{ value = "9e24 FLOP", known_at = 2026-03-01, entry = 4 },
        { value = 2e25, known_at = "2026-11-02T00:00:00Z", entry = 9, statement = "ab" }]"#;
    let record = EU.record_of(&FactsFile::from_json(json).unwrap()).unwrap();
    assert_eq!(record, EU.record_of(&FactsFile::from_toml(toml).unwrap()).unwrap());
    let presumed = |day| {
        let found = assess(&EU, &SwitchSettings::default(), &record, day).unwrap();
        let class = found.classes.iter().find(|class| class.id == "systemic-risk").unwrap();
        (class.because.missing.contains("compute_cumulative"), class.because.disputed.len())
    };
    assert_eq!(presumed(jiff::civil::date(2026, 2, 28)), (true, 0));
    assert_eq!(presumed(jiff::civil::date(2026, 3, 1)), (false, 0));
    assert_eq!(presumed(as_of()), (false, 1));
    for wrong in [
        r#"{"compute_cumulative": [{"value": 1e25, "known_at": "yesterday"}]}"#,
        r#"{"compute_cumulative": {"value": 1e25, "knownat": "2026-03-01"}}"#,
        r#"{"compute_cumulative": [[1e25]]}"#,
        r#"{"compute_cumulative": []}"#,
    ] {
        assert!(EU.record_of(&FactsFile::from_json(wrong).unwrap()).is_err(), "{wrong}");
    }
}

#[test]
fn a_value_of_another_kind_or_unit_is_an_error() {
    let number = |unit: &str| FactValue::Number { value: Number::from(1), unit: Some(unit.into()) };
    for value in [FactValue::Boolean(true), number("FLOPS"), number("EUR")] {
        let mut record = Record::default();
        record.state("compute_cumulative", value);
        assert!(assess(&EU, &SwitchSettings::default(), &record, as_of()).is_err());
    }
}

#[test]
fn a_deadline_beyond_the_known_holidays_has_no_date() {
    let facts = r#"{"placed_on_union_market": true, "modifies_model": false, "general_purpose": true, "compute_cumulative": 2e25, "threshold_known_at": "2035-12-20"}"#;
    let day = jiff::civil::date(2035, 12, 21);
    let found = assess(&EU, &SwitchSettings::default(), &EU.facts_from_json(facts).unwrap(), day).unwrap();
    let notify = found.duty("notify").unwrap();
    assert_eq!((notify.due, notify.due_because.beyond_calendar), (None, true));
}

#[test]
fn an_assessment_reads_back_from_its_json_and_has_the_same_bytes() {
    let facts = r#"{"placed_on_union_market": true, "general_purpose": true, "modifies_model": false, "compute_cumulative": {"low": 8e24, "high": 1.1e25}}"#;
    let found = eu(facts);
    let bytes = found.to_canonical_json();
    assert_eq!(eu(facts).to_canonical_json(), bytes);
    let again: Assessment = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(again.to_canonical_json(), bytes);
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.starts_with(r#"{"as_of":"2026-11-23","class":"provider","classes":["#), "{text}");
}

#[test]
fn the_order_of_the_record_does_not_matter() {
    let settings = SwitchSettings::preset(&JP, "illustration").unwrap();
    let event = |predicate: &str, day: &str, entry| Event {
        arrived: format!("{day}T03:00:00Z").parse().unwrap(),
        entry,
        predicate: predicate.into(),
        statement: format!("{entry:064}"),
        attributes: BTreeMap::new(),
    };
    let mut record = JP
        .facts_from_json(
            r#"{"compute_cumulative": 2e25, "general_purpose": true, "services_in_japan": true}"#,
        )
        .unwrap();
    record.events = vec![
        event("designation", "2026-03-01", 1),
        event("designation-end", "2026-05-01", 2),
        event("notification", "2026-05-02", 3),
    ];
    let one = assess(&JP, &settings, &record, as_of()).unwrap();
    record.events.reverse();
    assert_eq!(
        assess(&JP, &settings, &record, as_of()).unwrap().to_canonical_json(),
        one.to_canonical_json()
    );
    assert_eq!(one.class.as_deref(), Some("advanced-model"));
}

/// What may become known of a fact, by the numbers drawn for it.
fn value(kind: &ValueKind, draw: (u8, i64, i64)) -> FactValue {
    let (shape, a, b) = draw;
    match kind {
        ValueKind::Boolean => FactValue::Boolean(a % 2 == 0),
        ValueKind::Number { unit } => {
            let number =
                |n: i64| format!("{}e{}", n.rem_euclid(40), 22 + n.rem_euclid(5)).parse::<Number>().unwrap();
            let (low, high) = (number(a).min(number(b)), number(a).max(number(b)));
            match shape % 3 {
                0 => FactValue::Range { low: Some(low), high: Some(high), unit: unit.clone() },
                1 => FactValue::Range { low: Some(low), high: None, unit: unit.clone() },
                _ => FactValue::Number { value: low, unit: unit.clone() },
            }
        }
        ValueKind::Date => {
            FactValue::Date(jiff::civil::date(2024 + i16::try_from(a.rem_euclid(4)).unwrap(), 5, 1))
        }
        ValueKind::Choice { values } => {
            FactValue::Text(values[usize::try_from(a.rem_euclid(100)).unwrap() % values.len()].id.clone())
        }
        ValueKind::Text | ValueKind::Choices { .. } | ValueKind::Period => FactValue::Unknown,
    }
}

/// A point inside a value: what it may turn out to be when it is known exactly.
fn point(value: &FactValue, low_end: bool) -> FactValue {
    match value {
        FactValue::Range { low, high, unit } => {
            let end = if low_end { low.clone().or(high.clone()) } else { high.clone().or(low.clone()) };
            FactValue::Number { value: end.unwrap(), unit: unit.clone() }
        }
        other => other.clone(),
    }
}

fn narrows(before: Truth, after: Truth) -> bool {
    before == Truth::Undetermined || before == after
}

fn check_narrowing(
    regime: &Regime,
    settings: &SwitchSettings,
    draws: &[(bool, u8, i64, i64)],
    wider: &SwitchSettings,
) {
    let mut vague = Record::default();
    let mut exact = Record::default();
    for (fact, (known, shape, a, b)) in regime.facts().iter().zip(draws) {
        let value = value(&fact.kind, (*shape, *a, *b));
        if *known {
            vague.state(&fact.name, value.clone());
        }
        exact.state(&fact.name, point(&value, shape % 2 == 0));
    }
    let before = assess(regime, wider, &vague, as_of()).unwrap();
    let after = assess(regime, settings, &exact, as_of()).unwrap();
    let truths = |found: &Assessment| -> Vec<(String, Truth)> {
        let classes = found.classes.iter().map(|class| (class.id.to_string(), class.holds));
        let duties = found.duties.iter().map(|duty| (duty.id.to_string(), duty.owed));
        let penalties = found.penalties.iter().map(|penalty| (penalty.id.to_string(), penalty.applies));
        let powers = found.powers.iter().map(|power| (power.id.to_string(), power.available));
        classes
            .chain(duties)
            .chain(powers)
            .chain(penalties)
            .chain([("coverage".to_owned(), found.reason.truth)])
            .collect()
    };
    for ((id, before), (_, after)) in truths(&before).into_iter().zip(truths(&after)) {
        assert!(narrows(before, after), "{id}: {before:?} became {after:?} by learning");
    }
    assert_eq!(
        before.to_canonical_json(),
        assess(regime, wider, &vague, as_of()).unwrap().to_canonical_json()
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn learning_only_narrows(
        draws in proptest::collection::vec((any::<bool>(), any::<u8>(), any::<i64>(), any::<i64>()), 20),
        open in proptest::collection::vec(any::<bool>(), 40),
    ) {
        check_narrowing(&EU, &SwitchSettings::default(), &draws, &SwitchSettings::default());
        let settled = SwitchSettings::preset(&JP, "illustration").unwrap();
        let mut wider = settled.clone();
        for (switch, open) in JP.switches().iter().zip(open) {
            if open {
                wider.unset(&switch.id);
            }
        }
        check_narrowing(&JP, &settled, &draws, &wider);
    }
}

#[test]
fn a_lower_threshold_covers_more_models() {
    let models = ["1e22", "9.99e24", "1e25", "2.1e25", "5e26"];
    let mut settings = SwitchSettings::preset(&JP, "illustration").unwrap();
    let mut covered = Vec::new();
    for threshold in ["1e23 FLOP", "1e25 FLOP", "1e26 FLOP"] {
        settings.set(&JP, "compute_threshold", threshold).unwrap();
        let count = models.iter().filter(|compute| {
            let facts = format!(
                r#"{{"compute_cumulative": {compute}, "general_purpose": true, "services_in_japan": true}}"#
            );
            let found = assess(&JP, &settings, &JP.facts_from_json(&facts).unwrap(), as_of()).unwrap();
            found.coverage == Coverage::Covered
        });
        covered.push(count.count());
    }
    assert_eq!(covered, [4, 3, 1]);
}

#[test]
fn an_assessment_as_json_is_complete() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lunar-code");
    let regime = support::load(&support::files(&folder));
    let mut record =
        regime.facts_from_json(r#"{"mass": 120.5, "landed_at": "2030-03-01", "crew": null}"#).unwrap();
    record.events.push(Event {
        arrived: "2030-03-06T08:00:00Z".parse().unwrap(),
        entry: 4,
        predicate: "beacon".into(),
        statement: format!("{:064}", 4),
        attributes: BTreeMap::new(),
    });
    let settings = SwitchSettings::new(&regime, [("heavy", "100 kg")]).unwrap();
    let found = assess(&regime, &settings, &record, jiff::civil::date(2030, 3, 7)).unwrap();
    insta::assert_json_snapshot!(found);
}

/// A beacon lit before the flag was hoisted.
#[test]
fn what_was_filed_before_an_event_answers_it_only_where_the_law_asks_for_it_by_then() {
    for (due, counts) in [
        ("2 days before flag", true),
        ("2 days before flag.by", true),
        ("on flag", true),
        ("on flag or landed_at", true),
        ("on flag.by", false),
        ("on landed_at", false),
        ("2 days after flag", false),
        ("earliest(on flag.by, on landed_at)", false),
    ] {
        let mut files = files(&root().join("crates/law/tests/lunar-code"));
        files.remove("tests/beacon.toml");
        let mut change = |file: &str, from: &str, to: &str| {
            let text = String::from_utf8(files[file].clone()).unwrap();
            assert!(text.contains(from), "{file}: {from}");
            files.insert(file.to_owned(), text.replacen(from, to, 1).into());
        };
        change("calendars/lunar-days.toml", "last_day ", "backward = \"stays\"\nlast_day ");
        change("facts.toml", "[event.beacon]", "[event.flag]\nattributes = { by = [] }\n[event.beacon]");
        let rule = format!("each = \"flag\"\ndue = \"{due}\"\n#");
        change("rules.toml", "due          = ", &rule);
        let regime = load(&files);
        let mut record = regime.facts_from_json(r#"{"crew": "people", "landed_at": "2030-01-20"}"#).unwrap();
        let event = |entry: u64, predicate: &str, day: u8, by: Option<&str>| Event {
            arrived: format!("2030-01-{day:02}T12:00:00Z").parse().unwrap(),
            entry,
            predicate: predicate.to_owned(),
            statement: String::new(),
            attributes: by.map(|by| ("by".to_owned(), by.to_owned())).into_iter().collect(),
        };
        record.events = vec![event(1, "beacon", 8, None), event(2, "flag", 16, Some("2030-01-20"))];
        let day = jiff::civil::date(2030, 1, 17);
        let found = assess(&regime, &SwitchSettings::default(), &record, day).unwrap();
        let duty = found.duty("light-a-beacon").unwrap();
        assert_eq!(duty.fulfilled_by == [1], counts, "{due}: {duty:#?}");
        // What is filed after it answers it in any case.
        record.events[0] = event(3, "beacon", 17, None);
        record.events.reverse();
        let found = assess(&regime, &SwitchSettings::default(), &record, day).unwrap();
        assert_eq!(found.duty("light-a-beacon").unwrap().fulfilled_by, [3], "{due}");
    }
}
