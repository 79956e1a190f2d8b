//! The guide "How to write a regime" does what it says: its blocks make a regime that checks and passes.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its files fails here")]

#[expect(dead_code, reason = "the other tests use the rest")]
mod support;

use std::collections::BTreeMap;

use kanae_law::{Finding, Severity};
use support::{load, names, root};

const GUIDES: [&str; 2] = ["docs/write-a-regime.md", "docs/write-a-regime.ja.md"];

fn guide(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap()
}

/// The files that a guide's blocks make: a fence names its language and its file, and a file may be
/// written in several blocks.
fn blocks(text: &str) -> BTreeMap<String, Vec<u8>> {
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut open: Option<Option<String>> = None;
    for line in text.lines() {
        match (&open, line.strip_prefix("```")) {
            (None, Some(info)) => open = Some(info.split_once(' ').map(|(_, file)| file.to_owned())),
            (Some(_), Some("")) => open = None,
            (Some(Some(file)), None) => {
                let text = files.entry(file.clone()).or_default();
                text.extend(line.as_bytes());
                text.push(b'\n');
            }
            _ => {}
        }
    }
    assert_eq!(open, None, "a block is not closed");
    files
}

#[test]
fn the_blocks_of_each_guide_make_a_regime_that_checks_and_passes_its_tests() {
    for name in GUIDES {
        let text = guide(name);
        let files = blocks(&text);
        assert_eq!(files.len(), 11, "{name}: {:?}", files.keys());
        let regime = load(&files);
        let findings: Vec<Finding> = regime.findings(&files, names());
        let told: Vec<_> = findings.iter().filter(|finding| finding.severity != Severity::Note).collect();
        assert!(told.is_empty(), "{name}: {told:#?}");
        let results = regime.run_tests();
        let failed: Vec<_> = results.iter().filter(|result| !result.failures.is_empty()).collect();
        assert!(failed.is_empty(), "{name}: {failed:#?}");
        // The number that the guide shows.
        let count = results.len();
        let shown = [format!("example-act: {count} passed"), format!("example-act: 合格{count}件")];
        assert!(shown.iter().any(|shown| text.contains(shown)), "{name}: {count} tests");
    }
}

#[test]
fn both_guides_write_the_same_law() {
    let [english, japanese] = GUIDES.map(|name| blocks(&guide(name)));
    assert_eq!(english, japanese);
}

#[test]
fn the_reference_names_every_key_of_the_format() {
    // What the files may hold is what readers are told when they write something else.
    let mut keys = Vec::new();
    let files = blocks(&guide(GUIDES[0]));
    for (file, table) in [
        ("regime.toml", ""),
        ("regime.toml", "[[version]]"),
        ("facts.toml", "[fact.open_weights]"),
        ("facts.toml", "[event.notification]"),
        ("parameters.toml", "[parameter.threshold]"),
        ("switches.toml", "[switch.exempt_open]"),
        ("switches.toml", "[preset.wide]"),
        ("rules.toml", "[coverage]"),
        ("rules.toml", "[class.large-model]"),
        ("rules.toml", "[duty.notify]"),
        ("rules.toml", "[power.ask]"),
        ("rules.toml", "[penalty.fine]"),
        ("text.toml", "[article.\"Art. 2\"]"),
        ("calendars/office.toml", ""),
        ("tests/cases.toml", "[[test]]"),
        ("tests/cases.toml", "[[test.vary]]"),
    ] {
        let mut broken = files.clone();
        let text = String::from_utf8(broken[file].clone()).unwrap();
        let text = match table {
            "" => format!("no_such_key = 1\n{text}"),
            table => text.replacen(table, &format!("{table}\nno_such_key = 1"), 1),
        };
        broken.insert(file.to_owned(), text.into_bytes());
        let problem = kanae_law::Regime::load(&broken).unwrap_err().remove(0).problem;
        assert!(problem.starts_with("unknown field"), "{file} {table}: {problem}");
        keys.extend(problem.split('`').skip(3).step_by(2).map(str::to_owned));
    }
    for name in GUIDES {
        let text = guide(name);
        let reference = &text[text.find("example-act: ").unwrap()..];
        // `ja` and `en` are in every text; a key of a list stands in braces.
        let named =
            |key: &String| reference.contains(&format!("`{key}`")) || reference.contains(key.as_str());
        let missing: Vec<_> = keys.iter().filter(|key| !named(key)).collect();
        assert!(missing.is_empty(), "{name} does not name {missing:?}");
    }
}
