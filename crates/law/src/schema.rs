//! JSON Schemas of the files of a regime, for editors. They say what may be written where; names
//! that refer to each other, units and clocks are checked by `kanae law check`.
//!
//! The files in `schemas/regime/` are what the types generate;
//! `INSTA_UPDATE=always cargo test -p kanae-law` writes them anew.

use std::path::Path;

use schemars::{JsonSchema, Schema, schema_for};

use crate::calendar::RawCalendar;
use crate::regime::files::{
    RawArticles, RawFacts, RawParameters, RawRegime, RawRules, RawSwitches, RawTests,
};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident: $($word:ident),*) => {
        $(#[$doc])*
        #[derive(JsonSchema)]
        #[serde(rename_all = "snake_case")]
        #[expect(dead_code, reason = "its schema is what it is for")]
        pub(crate) enum $name { $($word),* }
    };
}
words!(
    /// Kind of value of a fact.
    FactType: Boolean, Number, Choice, Text, Date
);
words!(
    /// Kind of value that settles an open issue.
    SwitchType: Boolean, Choice, Choices, Number, Period, Date, Text
);
words!(
    /// Kind of value of a figure of the law.
    ParameterType: Number, Period, Date
);

fn schemas() -> [(&'static str, Schema); 8] {
    [
        ("regime", schema_for!(RawRegime)),
        ("facts", schema_for!(RawFacts)),
        ("parameters", schema_for!(RawParameters)),
        ("switches", schema_for!(RawSwitches)),
        ("rules", schema_for!(RawRules)),
        ("text", schema_for!(RawArticles)),
        ("tests", schema_for!(RawTests)),
        ("calendar", schema_for!(RawCalendar)),
    ]
}

#[test]
fn the_schema_of_every_file_of_a_regime_is_fresh() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas/regime");
    for (name, mut schema) in schemas() {
        schema.insert("title".to_owned(), format!("{name}.toml of a regime").into());
        let path = folder.join(format!("{name}.schema.json"));
        let expected = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        if std::env::var("INSTA_UPDATE").is_ok_and(|value| value == "always") {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&path, &expected).unwrap();
        }
        let found = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(
            found,
            expected,
            "{} is stale; run: INSTA_UPDATE=always cargo test -p kanae-law",
            path.display()
        );
    }
}
