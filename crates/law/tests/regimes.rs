//! The shipped regimes: they load, their law tests pass, every switch matters.

use std::collections::BTreeMap;
use std::path::Path;

use kanae_law::Regime;

const SHIPPED: [&str; 2] = ["eu-gpai", "jp-basic-law-2024"];

fn read(folder: &Path, base: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(&path, base, files);
        } else {
            let name = path.strip_prefix(base).unwrap().to_str().unwrap().to_owned();
            files.insert(name, std::fs::read(&path).unwrap());
        }
    }
}

fn load(folder: &Path) -> Regime {
    let mut files = BTreeMap::new();
    read(folder, folder, &mut files);
    Regime::load(&files).unwrap_or_else(|problems| {
        let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
        panic!("{}", lines.join("\n"))
    })
}

fn shipped(id: &str) -> Regime {
    load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../regimes").join(id))
}

#[test]
fn every_shipped_regime_passes_its_law_tests() {
    for id in SHIPPED {
        let regime = shipped(id);
        let results = regime.run_tests();
        assert!(results.len() >= 10, "{id}");
        let failures: Vec<_> = results.iter().filter(|result| !result.failures.is_empty()).collect();
        assert!(failures.is_empty(), "{id}: {failures:#?}");
    }
}

#[test]
fn every_switch_changes_a_tested_result() {
    for id in SHIPPED {
        assert_eq!(shipped(id).untested_switches(), Vec::<&str>::new(), "{id}");
    }
}
