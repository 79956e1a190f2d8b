//! The JSON Schemas say of every shipped regime file what Kanae says: jsonschema from PyPI takes
//! them, and refuses what an editor should mark.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Returns the problems found, and how many files were held against their schema.
fn check(folders: &[&Path]) -> (Vec<String>, usize) {
    let python = std::env::var_os("KANAE_PEERS")
        .map(|peers| PathBuf::from(peers).join("python/bin/python"))
        .filter(|python| python.exists())
        .expect("no Python peer: run `cargo xtask test interop`");
    let output = Command::new(python)
        .arg(root().join("interop/python/check_schemas.py"))
        .arg(root().join("schemas/regime"))
        .args(folders)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut lines: Vec<String> =
        String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect();
    let held = lines.pop().unwrap().parse().unwrap();
    (lines, held)
}

#[test]
fn every_shipped_file_fits_its_schema() {
    let lunar = root().join("crates/law/tests/lunar-code");
    let harbour = root().join("crates/law/tests/harbour-code");
    let (problems, held) = check(&[&root().join("regimes"), &lunar, &harbour]);
    assert_eq!(problems, [""; 0]);
    assert!(held > 50, "{held}");
}

#[test]
fn a_misspelt_key_a_wrong_word_and_a_missing_translation_are_marked() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("facts.toml", "[fact.a]\ntype = \"bolean\"\nlabel.ja = \"甲\"\nlabel.en = \"A\"\n");
    write("switches.toml", "[switch.a]\ntype = \"boolean\"\nquestion.ja = \"か\"\n");
    write("parameters.toml", "[parameter.a]\ntype = \"number\"\narticel = \"1\"\n");
    let (problems, held) = check(&[folder.path()]);
    assert_eq!(held, 3);
    for expected in ["bolean", "'en' is a required property", "articel"] {
        assert!(problems.iter().any(|problem| problem.contains(expected)), "{expected}: {problems:#?}");
    }
}
