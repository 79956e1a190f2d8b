//! What every command says of itself, and what it prints with `--json`.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::house::{House, Ran, kanae};

fn help(words: &[String]) -> String {
    let ran = Ran::of(kanae().args(words).arg("--help").env("COLUMNS", "100"));
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{words:?}");
    ran.out
}

/// Returns the commands below one, as its help lists them.
fn commands_in(help: &str) -> Vec<String> {
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|l| !l.is_empty());
    let name = |line: &str| line.strip_prefix("  ").and_then(|l| l.split(' ').next()).map(str::to_owned);
    listed.filter_map(name).filter(|name| !name.is_empty() && name != "help").collect()
}

fn write_help(words: &[String], text: &mut String) {
    let help = help(words);
    let _ = write!(text, "$ kanae {} --help\n{help}\n", words.join(" "));
    for name in commands_in(&help) {
        write_help(&[words, &[name]].concat(), text);
    }
}

#[test]
fn every_command_explains_itself() {
    let top = help(&[]);
    insta::assert_snapshot!("kanae", top);
    let names = commands_in(&top);
    assert!(names.len() >= 10, "{names:?}");
    for name in names {
        let mut text = String::new();
        write_help(std::slice::from_ref(&name), &mut text);
        insta::assert_snapshot!(name, text);
    }
}

fn json_of(words: &[&str]) -> Value {
    let ran = Ran::of(kanae().arg("--json").args(words));
    assert_eq!(ran.code, Some(0), "{words:?}: {ran:#?}");
    ran.json()
}

fn names(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn the_version_is_told() {
    let ran = Ran::of(kanae().arg("--version"));
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), "kanae 0.1.0\n"));
}

#[test]
fn laws_are_listed_shown_checked_tested_and_applied() {
    let list = json_of(&["law", "list"]);
    let text = list.to_string();
    assert!(text.contains("eu-gpai") && text.contains("jp-basic-law-2024"), "{text}");
    insta::assert_json_snapshot!("law_show", names(&json_of(&["law", "show", "eu-gpai"])));
    insta::assert_json_snapshot!("law_check", names(&json_of(&["law", "check", "eu-gpai"])["regimes"][0]));
    insta::assert_json_snapshot!("law_test", names(&json_of(&["law", "test", "eu-gpai"])));
    let folder = tempfile::tempdir().unwrap();
    let facts = folder.path().join("facts.json");
    fs::write(
        &facts,
        r#"{"general_purpose": true, "compute_cumulative": {"low": "8e24 FLOP", "high": "1.1e25 FLOP"}}"#,
    )
    .unwrap();
    let facts = facts.to_str().unwrap();
    let advice =
        json_of(&["law", "assess", "--regime", "eu-gpai", "--facts", facts, "--as-of", "2026-11-23"]);
    insta::assert_json_snapshot!("law_assess", names(&advice));
}

#[test]
fn the_shipped_policy_passes_its_own_table() {
    insta::assert_json_snapshot!("policy_check", names(&json_of(&["policy", "check"])));
}

#[test]
fn the_shipped_suite_is_valid() {
    insta::assert_json_snapshot!(
        "suite_check",
        names(&json_of(&["safety", "suite", "check", "demo-bilingual"]))
    );
}

#[test]
fn signed_weights_verify_until_a_byte_changes() {
    let house = House::new();
    house.done(&["actor", "new", "minato", "--issuer", "minato-lab", "--holder", "desk"]);
    let shown = house.done(&["--json", "actor", "show", "minato"]).json();
    house.write("minato.pub.pem", shown["keys"][0]["pem"].as_str().unwrap().as_bytes());
    fs::create_dir(house.path("model")).unwrap();
    house.write("model/weights.bin", b"weights");
    let sign = ["--json", "weights", "sign", "model", "--key", "minato/key.pem", "--signature", "model.sig"];
    insta::assert_json_snapshot!("weights_sign", names(&house.done(&sign).json()));
    let verify =
        ["--json", "weights", "verify", "model", "--signature", "model.sig", "--key", "minato.pub.pem"];
    let verified = house.done(&verify).json();
    insta::assert_json_snapshot!("weights_verify", names(&verified));
    assert_eq!(verified["verified"], json!(true));
    house.write("model/weights.bin", b"weighty");
    let ran = house.run(&verify);
    assert_eq!((ran.code, &ran.json()["verified"]), (Some(1), &json!(false)), "{ran:#?}");
}

/// Every example in a help text has to be one that the command line can read.
#[test]
fn the_examples_name_commands_and_options_that_exist() {
    let mut text = String::new();
    write_help(&[], &mut text);
    let examples = text.lines().map(str::trim).filter(|line| line.starts_with("kanae "));
    let examples: Vec<_> = examples.filter(|line| line.split(' ').count() > 1).collect();
    assert!(examples.len() > 20, "{examples:#?}");
    for example in examples {
        let words: Vec<_> = example.split(' ').skip(1).collect();
        let command: Vec<String> = words
            .iter()
            .take_while(|word| word.chars().all(|c| c.is_ascii_lowercase()))
            .map(|word| (*word).to_owned())
            .collect();
        let mut deepest = Vec::new();
        for word in command {
            let known = commands_in(&help(&deepest));
            if !known.contains(&word) {
                break;
            }
            deepest.push(word);
        }
        assert!(!deepest.is_empty(), "{example}");
        let options = help(&deepest);
        for option in words.iter().filter(|word| word.starts_with("--")) {
            assert!(options.contains(option), "{example}: there is no {option}");
        }
    }
}

#[test]
fn every_shipped_data_folder_is_embedded() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folders = |name: &str| -> Vec<PathBuf> {
        let entries = fs::read_dir(root.join(name)).unwrap().map(|e| e.unwrap().path());
        entries.filter(|path| path.is_dir()).collect()
    };
    let laws = json_of(&["law", "list"]).to_string();
    for folder in folders("regimes") {
        let name = folder.file_name().unwrap().to_str().unwrap();
        assert!(laws.contains(&format!("\"{name}\"")), "{name}: {laws}");
    }
    let suites = json_of(&["safety", "suite", "list"]).to_string();
    for folder in folders("suites") {
        let name = folder.file_name().unwrap().to_str().unwrap();
        assert!(suites.contains(&format!("\"{name}\"")), "{name}: {suites}");
    }
}
