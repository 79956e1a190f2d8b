//! The shipped regimes and one that is files only: they load, their law tests pass.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its files fails here")]

#[expect(dead_code, reason = "the other tests use the rest")]
mod support;

use std::fmt::Write;
use std::path::Path;

use kanae_law::{Assessment, Diagnostic, Record, Regime, SwitchSettings, assess};
use support::{files, load, root, shipped};

/// The regimes that travel with Kanae.
fn all_shipped() -> Vec<String> {
    let folders = std::fs::read_dir(root().join("regimes")).unwrap();
    let mut ids: Vec<_> = folders.map(|folder| folder.unwrap().file_name().into_string().unwrap()).collect();
    ids.sort();
    ids
}

#[test]
fn every_shipped_regime_passes_its_law_tests() {
    for id in all_shipped() {
        let regime = shipped(&id);
        assert_eq!(regime.id(), id);
        let results = regime.run_tests();
        let least = match id.as_str() {
            "jp-basic-law-2024" => 40,
            _ => 15,
        };
        assert!(results.len() >= least, "{id} has {} law tests", results.len());
        assert!(regime.tests().iter().all(|test| !test.basis.is_empty()), "{id}: a law test without basis");
        let failures: Vec<_> = results.iter().filter(|result| !result.failures.is_empty()).collect();
        assert!(failures.is_empty(), "{id}: {failures:#?}");
    }
}

#[test]
fn every_switch_changes_a_tested_result() {
    for id in all_shipped() {
        assert_eq!(shipped(&id).untested_switches(), Vec::<&str>::new(), "{id}");
    }
}

#[test]
fn a_law_test_that_expects_something_else_fails() {
    let mut files = files(&root().join("regimes/eu-gpai"));
    let rules = String::from_utf8(files["rules.toml"].clone()).unwrap();
    files.insert(
        "rules.toml".into(),
        rules.replace("compute_cumulative > param(", "compute_cumulative >= param(").into(),
    );
    let failed: Vec<_> =
        load(&files).run_tests().into_iter().filter(|result| !result.failures.is_empty()).collect();
    assert!(failed.iter().any(|result| result.name == "exactly 10^25 is not more than 10^25"), "{failed:?}");
}

#[test]
fn the_calendars_of_a_regime_are_those_of_the_shipped_data() {
    for (regime, table) in [
        ("jp-ai-promotion-act-2025", "jp_holidays_2024_2035.csv"),
        ("jp-basic-law-2024", "jp_holidays_2024_2035.csv"),
        ("eu-gpai", "eu_commission_holidays_2024_2035.csv"),
    ] {
        let inside =
            std::fs::read(root().join("regimes").join(regime).join("calendars").join(table)).unwrap();
        assert_eq!(inside, std::fs::read(root().join("data/calendars").join(table)).unwrap(), "{table}");
    }
}

#[test]
fn an_invented_regime_needs_files_only() {
    let regime = load(&files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lunar-code")));
    let results = regime.run_tests();
    assert_eq!(results.len(), 5);
    assert!(results.iter().all(|result| result.failures.is_empty()), "{results:#?}");
    assert_eq!(regime.untested_switches(), Vec::<&str>::new());
    let duty = regime.duty("light-a-beacon").unwrap();
    let text = regime.rule_text(&duty.lines);
    assert!(
        text.starts_with("[duty.light-a-beacon]") && text.ends_with("text.en      = \"Light a beacon\""),
        "{text}"
    );
}

/// Loads the invented regime with one text of one file replaced.
fn broken(file: &str, from: &str, to: &str) -> Vec<Diagnostic> {
    let mut files = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lunar-code"));
    let text = String::from_utf8(files[file].clone()).unwrap();
    assert!(text.contains(from), "{from}");
    files.insert(file.into(), text.replacen(from, to, 1).into());
    Regime::load(&files).expect_err("a problem")
}

#[test]
fn a_problem_says_where_what_and_what_to_do() {
    let cases = [
        ("rules.toml", "mass >= switch(heavy)", "mas >= switch(heavy)"),
        ("rules.toml", "mass >= switch(heavy)", "mass >= switch(heavyy)"),
        ("rules.toml", "mass >= switch(heavy)", "mass >= 5"),
        ("rules.toml", "mass >= switch(heavy)", "mass >= 5 kgs"),
        ("rules.toml", "mass >= switch(heavy)", "mass >= 'heavy'"),
        ("rules.toml", "mass >= switch(heavy)", "mass"),
        ("rules.toml", "mass >= switch(heavy)", "mass >= switch(heavy) && true"),
        ("rules.toml", "crew = 'people'", "crew = 'peeple'"),
        ("rules.toml", "class(heavy)", "class(heavi)"),
        ("rules.toml", "mass >= switch(heavy)", "class(heavy)"),
        ("rules.toml", "mass >= switch(heavy)", "unmet(light-a-beacon)"),
        ("rules.toml", "3 working days after landed_at", "72 hours after landed_at"),
        ("rules.toml", "3 working days after landed_at", "6 months after landed_at"),
        ("rules.toml", "3 working days after landed_at", "3 working days after mass"),
        ("rules.toml", "3 working days after landed_at", "3 working days after landing"),
        ("rules.toml", "3 working days after landed_at", "3 working days before landed_at"),
        ("rules.toml", "\"beacon\"", "\"becon\""),
        ("rules.toml", "Charter 2", "Charter 22"),
        ("rules.toml", "owed_when", "owed_wen"),
        ("rules.toml", "by           = \"developer\"", "by           = \"develper\""),
        ("regime.toml", "time_zone          = \"UTC\"", "time_zone          = \"Moon/Tycho\""),
        ("regime.toml", "from      = 2030-01-01", "from      = \"2030-02-30\""),
        ("regime.toml", "default = \"lunar-days\"", "default = \"lunar-nights\""),
        ("facts.toml", "type     = \"choice\"", "type     = \"choise\""),
        ("calendars/lunar-days.toml", "\"monday\"", "\"moonday\""),
        ("calendars/lunar-days.toml", "from = \"12-31\"", "from = \"13-31\""),
        ("tests/beacon.toml", "mass = 100,", "mas = 100,"),
        ("tests/beacon.toml", "\"100 kg\"", "\"100 lb\""),
        ("tests/beacon.toml", "class = \"heavy\"", "class = \"light\""),
    ];
    let lines: Vec<_> = cases
        .into_iter()
        .flat_map(|(file, from, to)| {
            let problems = broken(file, from, to);
            std::iter::once(format!("{from} → {to}"))
                .chain(problems.into_iter().map(|problem| format!("    {problem}")))
                .collect::<Vec<_>>()
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn files_that_are_missing_unknown_or_too_large_are_refused() {
    let mut all = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lunar-code"));
    all.insert("rule.toml".into(), Vec::new());
    let problems = Regime::load(&all).expect_err("a problem");
    assert_eq!(
        problems[0].to_string(),
        "rule.toml:1:1: a regime has no file of this name; did you mean `rules.toml`?"
    );
    all.remove("rule.toml");
    all.insert("text.toml".into(), vec![b' '; (1 << 20) + 1]);
    assert!(Regime::load(&all).expect_err("a problem")[0].problem.contains("larger than"));
    all.insert("text.toml".into(), vec![0xff]);
    assert!(Regime::load(&all).expect_err("a problem")[0].problem.contains("not UTF-8"));
    all.remove("text.toml");
    assert_eq!(Regime::load(&all).expect_err("a problem")[0].problem, "the file is missing");
}

#[test]
fn classes_that_name_each_other_over_and_over_stay_small() {
    let mut files = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lunar-code"));
    files.remove("tests/beacon.toml");
    let rules = |count: usize| {
        let mut text = format!("[coverage]\narticle = 'Charter 1'\nwhen = 'class(c{count})'\n");
        for at in 0..=count {
            let when = match at.checked_sub(1) {
                None => "mass > 1 kg".to_owned(),
                Some(above) => format!("class(c{above}) and class(c{above})"),
            };
            let rest = "article = 'Charter 1'\ntext = { ja = '', en = '' }";
            writeln!(text, "[class.c{at}]\nwhen = '{when}'\n{rest}").unwrap();
        }
        text.into_bytes()
    };
    files.insert("rules.toml".into(), rules(20));
    let regime = load(&files);
    let day = jiff::civil::date(2030, 1, 1);
    let found = assess(&regime, &SwitchSettings::default(), &Record::default(), day).unwrap();
    assert!(found.to_canonical_json().len() < 50_000);
    assert!(serde_json::from_slice::<Assessment>(&found.to_canonical_json()).is_ok());
    files.insert("rules.toml".into(), rules(40));
    let problems = Regime::load(&files).expect_err("a problem");
    assert!(problems[0].problem.starts_with("the reasons nest 82 deep"), "{}", problems[0]);
}
