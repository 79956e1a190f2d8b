//! `kanae law simulate`: what it prints and writes, on three models whose answers can be counted by hand.

use std::fmt::Write as _;
use std::fs;

use serde_json::json;
use tempfile::TempDir;

use crate::house::{Ran, kanae};

const COLUMNS: &str = r#"
[data]
name = "model"
date = "day"
country = "country"
developer = "developer"
as_of = "2026-11-01"
source = { ja = "試験用", en = "made for a test" }
licence = "CC0"

[fact.compute_cumulative]
column = "compute"
low = "low"
high = "high"
unit = "FLOP"

[fact.compute_updates]
column = "compute"
low = "low"
high = "high"
unit = "FLOP"

[fact.general_purpose]
assume = "true"
text = { ja = "どのモデルも汎用とみなす", en = "every model counts as general purpose" }

[fact.services_in_japan]
assume = "true"

[fact.placed_on_union_market]
assume = "true"

[fact.modifies_model]
assume = "false"
"#;

const MODELS: &str = "model,day,country,developer,compute,low,high\n\
    Large,2025-03-01,Japan,Minato,3e25,,\n\
    =Small,2024-02-01,France,\"Sena, Minato\",9e23,,\n\
    Between,2025-06-01,France,Sena,,8e24,2e25\n\
    Silent,2026-01-01,Canada,Kita,,,\n";

/// A folder with the data, in which the command runs.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("columns.toml"), COLUMNS).unwrap();
    fs::write(folder.path().join("models.csv"), MODELS).unwrap();
    folder
}

fn simulate(folder: &TempDir, regime: &str, words: &[&str]) -> Ran {
    let data = ["law", "simulate", "--regime", regime, "--as-of", "2026-11-23"];
    let files = ["--data", "models.csv", "--columns", "columns.toml"];
    Ran::of(kanae().current_dir(folder.path()).args(data).args(files).args(words))
}

fn done(folder: &TempDir, regime: &str, words: &[&str]) -> Ran {
    let ran = simulate(folder, regime, words);
    assert_eq!(ran.code, Some(0), "{words:?}: {ran:#?}");
    ran
}

fn written(folder: &TempDir, name: &str) -> String {
    fs::read_to_string(folder.path().join(name)).unwrap()
}

const BASIC_LAW: &str = "jp-basic-law-2024";

#[test]
fn it_says_whom_a_law_covers_with_bounds_and_who_is_at_the_margin() {
    let folder = folder();
    let words = ["--preset", "illustration", "--csv", "out.csv", "--svg", "out.svg"];
    insta::assert_snapshot!("simulate_whom", done(&folder, BASIC_LAW, &words).out);
    insta::assert_snapshot!("simulate_whom_csv", written(&folder, "out.csv"));
    assert!(written(&folder, "out.svg").starts_with("<svg"));
    let found = done(&folder, BASIC_LAW, &["--preset", "illustration", "--json"]).json();
    assert_eq!(found["counts"]["models"], json!({"covered": 1, "undetermined": 2, "not_covered": 1}));
    assert_eq!(found["margins"][0]["models"], json!(["Between"]));
}

#[test]
fn the_shipped_data_serve_where_none_are_given() {
    let words = ["--json", "law", "simulate", "--regime", "eu-gpai", "--as-of", "2026-11-23"];
    let found = Ran::of(kanae().args(words).args(["--class", "systemic-risk"])).json();
    assert_eq!(found["data"]["shipped"], json!(true));
    assert!(found["counts"]["models"]["covered"].as_u64().unwrap() > 10, "{found}");
    assert!(found["counts"]["models"]["undetermined"].as_u64().unwrap() > 100, "{found}");
}

#[test]
fn a_threshold_is_moved_over_a_range() {
    let folder = folder();
    let words = ["--preset", "illustration", "--sweep", "compute_threshold=1e23..1e27:5", "--svg", "out.svg"];
    let ran = done(&folder, BASIC_LAW, &[&words[..], &["--csv", "out.csv"]].concat());
    insta::assert_snapshot!("simulate_sweep", ran.out);
    insta::assert_snapshot!("simulate_sweep_csv", written(&folder, "out.csv"));
    assert!(written(&folder, "out.svg").contains("area-undetermined"));
    let even = ["--preset", "illustration", "--sweep", "compute_threshold=0..4e25:5", "--linear", "--json"];
    let found = done(&folder, BASIC_LAW, &even).json();
    assert_eq!(found["sweep"]["points"][1]["covered"], json!(null));
    assert_eq!(found["sweep"]["points"][1]["models"]["covered"], json!(1));
}

#[test]
fn presets_stand_side_by_side() {
    let folder = folder();
    let ran = done(&folder, BASIC_LAW, &["--compare", "light,eu-like", "--svg", "out.svg"]);
    insta::assert_snapshot!("simulate_compare", ran.out);
    assert_eq!(written(&folder, "out.svg").matches("<svg").count(), 3);
}

#[test]
fn a_change_shows_both_texts_and_those_affected_and_writes_the_annex() {
    let folder = folder();
    for lang in ["ja", "en"] {
        let words = ["--preset", "illustration", "--change", "compute_threshold=1e26 FLOP"];
        let more = ["--annex", "annex.md", "--csv", "out.csv", "--lang", lang];
        let ran = done(&folder, BASIC_LAW, &[&words[..], &more].concat());
        insta::assert_snapshot!(format!("simulate_change_{lang}"), ran.out);
        insta::assert_snapshot!(format!("simulate_annex_{lang}"), written(&folder, "annex.md"));
    }
    assert_eq!(
        written(&folder, "out.csv").lines().nth(1),
        Some("Large,Minato,2025-03-01,covered,not_covered")
    );
}

#[test]
fn a_figure_that_the_law_fixes_changes_in_the_words_of_its_articles() {
    let folder = folder();
    let words = ["--change", "systemic_compute=1e26 FLOP", "--json"];
    let found = done(&folder, "eu-gpai", &words).json();
    let articles = found["articles"].as_array().unwrap();
    let changed = |article: &&serde_json::Value| {
        article["old"].as_str().unwrap().contains("10^25 FLOP")
            && article["new"].as_str().unwrap().contains("10^26 FLOP")
    };
    assert!(articles.len() >= 2 && articles.iter().all(|article| changed(&article)), "{articles:#?}");
    assert_eq!(found["difference"]["newly_covered"], json!({"at_least": 0, "at_most": 0}));
    let duties = found["difference"]["duties"].as_array().unwrap();
    assert!(duties.iter().any(|duty| duty["no_longer_owed"] == json!(["Large"])), "{duties:#?}");
}

#[test]
fn what_cannot_be_simulated_is_refused_with_what_to_do() {
    let folder = folder();
    fs::write(folder.path().join("short.csv"), "model,day\nx,2025-01-01\n").unwrap();
    fs::write(folder.path().join("broken.toml"), "[data]\nname = 1\n").unwrap();
    let mut text = String::new();
    for (regime, words) in [
        (BASIC_LAW, &["--sweep", "compute_threshold=1e27..1e23"][..]),
        (BASIC_LAW, &["--sweep", "compute_threshold=1e23..1e27:5000"]),
        (BASIC_LAW, &["--sweep", "compute_treshold=1e23..1e27"]),
        (BASIC_LAW, &["--sweep", "target=0..1"]),
        (BASIC_LAW, &["--sweep", "compute_threshold"]),
        (BASIC_LAW, &["--compare", "light"]),
        (BASIC_LAW, &["--compare", "light,dark"]),
        (BASIC_LAW, &["--change", "compute_threshold=much"]),
        (BASIC_LAW, &["--preset", "light", "--change", "compute_threshold=1e26 FLOP"]),
        ("eu-gpai", &["--change", "systemic_computer=1e26 FLOP"]),
        ("eu-gpai", &["--class", "systemic"]),
    ] {
        let ran = simulate(&folder, regime, words);
        assert_eq!((ran.code, ran.out.as_str()), (Some(64), ""), "{words:?}: {ran:#?}");
        let _ = write!(text, "{}\n{}\n", words.join(" "), ran.err);
    }
    for (data, columns) in
        [("short.csv", "columns.toml"), ("models.csv", "broken.toml"), ("none", "columns.toml")]
    {
        let words = ["law", "simulate", "--regime", BASIC_LAW, "--as-of", "2026-11-23"];
        let files = ["--data", data, "--columns", columns];
        let ran = Ran::of(kanae().current_dir(folder.path()).args(words).args(files));
        assert!(matches!(ran.code, Some(65 | 66)) && ran.out.is_empty(), "{ran:#?}");
        let _ = write!(text, "{}\n{}\n", files.join(" "), ran.err);
    }
    insta::assert_snapshot!("simulate_refusals", text);
}
