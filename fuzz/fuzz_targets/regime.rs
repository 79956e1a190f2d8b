//! A regime from its files: whatever they hold, it is refused with places in its files, or it loads
//! and can be looked at, tested and applied. Files are written one after the other, each behind a
//! line `=== path`.
#![no_main]

use std::collections::BTreeMap;

use law::{Language, Names, Record, Regime, SwitchSettings, assess};
use libfuzzer_sys::fuzz_target;

fn files(data: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut name = None;
    for line in data.split_inclusive(|byte| *byte == b'\n') {
        match line.strip_prefix(b"=== ") {
            Some(path) => name = Some(String::from_utf8_lossy(path).trim().to_owned()),
            None => {
                if let Some(name) = &name {
                    files.entry(name.clone()).or_default().extend(line);
                }
            }
        }
    }
    files
}

fuzz_target!(|data: &[u8]| {
    let files = files(data);
    match Regime::load(&files) {
        Err(problems) => {
            assert!(!problems.is_empty());
            assert!(problems.iter().all(|problem| problem.line > 0 && problem.column > 0));
        }
        Ok(regime) => {
            let _ = regime.findings(&files, Names::plain(Language::En));
            let _ = regime.run_tests();
            for version in regime.versions() {
                let found = assess(&regime, &SwitchSettings::default(), &Record::default(), version.from);
                let found = found.expect("an empty record has no value of another kind");
                let bytes = found.to_canonical_json();
                assert!(serde_json::from_slice::<law::Assessment>(&bytes).is_ok());
            }
        }
    }
});
