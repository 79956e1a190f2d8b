//! The files in `schemas/` are what the types generate.
//!
//! `INSTA_UPDATE=always cargo test -p kanae-evidence` writes them anew.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::path::Path;

use evidence::PredicateType;
use evidence::common::Common;
use kanae_evidence as evidence;

fn check(name: &str, schema: &schemars::Schema) {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas").join(format!("{name}.schema.json"));
    let expected = serde_json::to_string_pretty(schema).unwrap() + "\n";
    if std::env::var("INSTA_UPDATE").is_ok_and(|v| v == "always") {
        std::fs::write(&path, &expected).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        found,
        expected,
        "{} is stale; run: INSTA_UPDATE=always cargo test -p kanae-evidence",
        path.display()
    );
}

#[test]
fn the_schema_of_every_predicate_type_is_fresh() {
    for kind in PredicateType::all() {
        check(kind.name, &kind.schema());
    }
    check("common", &schemars::schema_for!(Common));
}
