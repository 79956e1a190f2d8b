//! `kanae law` over an invented regime: sentences, letters, exports, several laws side by side.

use std::fs;
use std::path::Path;

use crate::house::House;

/// A folder with the regime of `crates/law/tests/harbour-code`, and what is on record.
fn harbour() -> House {
    let house = House::new();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../law/tests/harbour-code");
    for part in ["", "calendars", "tests"] {
        let to = house.path("regimes/harbour-code").join(part);
        fs::create_dir_all(&to).unwrap();
        for entry in fs::read_dir(from.join(part)).unwrap().map(Result::unwrap) {
            if entry.path().is_file() {
                fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
            }
        }
    }
    house.write(
        "facts.json",
        br#"{"moored": true, "exempt": false, "compute": "5e25 FLOP", "cargo": "fish", "moored_at": "2026-12-11"}"#,
    );
    house.write(
        "events.toml",
        b"[[event]]\nis = \"incident\"\narrived = \"2026-12-20\"\nattributes = { discovered_at = \"2026-12-19T22:30:00Z\" }\n",
    );
    house
}

const HARBOUR: [&str; 2] = ["--regimes", "regimes"];
const GIVEN: [&str; 6] = ["--facts", "facts.json", "--events", "events.toml", "--as-of", "2026-12-24"];

#[test]
fn an_answer_reads_as_sentences_in_both_languages() {
    let house = harbour();
    let mut text = String::new();
    for lang in ["ja", "en"] {
        let words = ["--lang", lang, "law", "assess", "--regime", "harbour-code", "--set", "scope=all"];
        text.push_str(&house.done(&[&words[..], &HARBOUR, &GIVEN].concat()).out);
        text.push('\n');
    }
    insta::assert_snapshot!("law_said", text);
}

#[test]
fn what_is_missing_is_asked_for_in_a_letter() {
    let house = harbour();
    house.write("facts.json", br#"{"moored": true, "compute": "1e24 FLOP"}"#);
    let words = ["law", "assess", "--regime", "harbour-code", "--request"];
    insta::assert_snapshot!("law_request", house.done(&[&words[..], &HARBOUR, &GIVEN].concat()).out);
}

#[test]
fn answers_are_exported_for_other_tools() {
    let house = harbour();
    let about = ["--subject", "Example 1", "--at", "2026-12-24T09:00:00Z", "--out", "exported"];
    house.done(&[&["law", "export"][..], &HARBOUR, &GIVEN, &about].concat());
    let oscal = fs::read_to_string(house.path("exported/harbour-code.oscal.json")).unwrap();
    insta::assert_snapshot!("law_oscal", oscal);
    let table = fs::read_to_string(house.path("exported/harbour-code.duties.csv")).unwrap();
    assert_eq!(table.lines().count(), 6, "{table}");
    let words = ["law", "assess", "--regime", "harbour-code", "--format", "oscal"];
    let printed = house.done(&[&words[..], &HARBOUR, &GIVEN, &about[..4]].concat()).out;
    assert_eq!(printed.trim_end(), oscal.trim_end());
}

#[test]
fn several_laws_are_put_side_by_side_and_an_incident_is_told_in_time() {
    let house = harbour();
    let set = ["--set", "harbour-code:scope=all"];
    let mut text = String::new();
    for (command, lang) in [("crosswalk", "en"), ("incident", "ja"), ("incident", "en")] {
        let ran = house.done(&[&["--lang", lang, "law", command][..], &HARBOUR, &GIVEN, &set].concat());
        text.push_str(&ran.out);
        text.push('\n');
    }
    let all = house.done(&[&["law", "assess", "--all"][..], &HARBOUR, &GIVEN, &set].concat());
    text.push_str(&all.out);
    insta::assert_snapshot!("law_side_by_side", text);
}

#[test]
fn a_law_is_printed_as_a_page_that_loads_nothing() {
    let house = harbour();
    let words = ["law", "document", "harbour-code", "--as-of", "2026-11-24", "--format", "html"];
    let page = house.done(&[&words[..], &HARBOUR].concat()).out;
    assert!(page.starts_with("<!doctype html>") && page.trim_end().ends_with("</html>"));
    assert!(page.contains("<h3>Art. 2(1) ○</h3>") && page.contains("<td>"), "{page}");
    for foreign in ["<script", "http:", "https:", "src=", "<link"] {
        assert!(!page.contains(foreign), "{foreign}");
    }
}

#[test]
fn a_law_test_that_fails_is_shown_side_by_side_with_the_reason() {
    let house = harbour();
    let path = house.path("regimes/harbour-code/rules.toml");
    let rules = fs::read_to_string(&path).unwrap();
    fs::write(&path, rules.replace("compute > param(threshold)", "compute >= param(threshold)")).unwrap();
    let ran = house.run(&[&["law", "test"][..], &HARBOUR].concat());
    assert_eq!(ran.code, Some(1));
    insta::assert_snapshot!("law_test_fails", ran.out);
}
