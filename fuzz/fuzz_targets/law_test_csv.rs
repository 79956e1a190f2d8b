//! Law tests as a table: whatever a spreadsheet writes is refused with its place, or runs.
#![no_main]

use std::collections::BTreeMap;
use std::sync::LazyLock;

use law::Regime;
use libfuzzer_sys::fuzz_target;

static FILES: LazyLock<BTreeMap<String, Vec<u8>>> = LazyLock::new(|| {
    [
        ("regime.toml", include_str!("../../crates/law/tests/lunar-code/regime.toml")),
        ("facts.toml", include_str!("../../crates/law/tests/lunar-code/facts.toml")),
        ("switches.toml", include_str!("../../crates/law/tests/lunar-code/switches.toml")),
        ("rules.toml", include_str!("../../crates/law/tests/lunar-code/rules.toml")),
        ("text.toml", include_str!("../../crates/law/tests/lunar-code/text.toml")),
        (
            "calendars/lunar-days.toml",
            include_str!("../../crates/law/tests/lunar-code/calendars/lunar-days.toml"),
        ),
    ]
    .map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()))
    .into()
});

fuzz_target!(|data: &[u8]| {
    let mut files = FILES.clone();
    files.insert("tests/lawyer.csv".to_owned(), data.to_vec());
    match Regime::load(&files) {
        Ok(regime) => {
            for test in regime.run_tests() {
                assert!(test.line > 1);
            }
        }
        Err(problems) => {
            let lines = data.iter().filter(|byte| **byte == b'\n').count() + 1;
            for problem in problems {
                assert_eq!(problem.file, "tests/lawyer.csv");
                assert!((1..=lines).contains(&problem.line), "{problem}");
            }
        }
    }
});
