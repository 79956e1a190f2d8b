//! The suites in this repository.

use std::path::Path;

use kanae_safety::{Suite, Taxonomy};

#[test]
fn every_shipped_suite_is_valid_named_after_its_folder_and_holds_no_excluded_hazard() {
    let suites = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../suites");
    let mut found = 0;
    for entry in std::fs::read_dir(suites).unwrap() {
        let entry = entry.unwrap();
        if !entry.file_type().unwrap().is_dir() {
            continue;
        }
        let files = std::fs::read_dir(entry.path()).unwrap().map(|file| {
            let file = file.unwrap();
            (file.file_name().into_string().unwrap(), std::fs::read(file.path()).unwrap())
        });
        let suite = Suite::from_files(&files.collect(), &Taxonomy::shipped()).unwrap();
        assert_eq!(suite.id.as_str(), entry.file_name().to_str().unwrap());
        assert!(suite.samples.iter().all(|sample| sample.risk != "child-sexual-exploitation"));
        assert!(suite.languages().contains("ja") && suite.languages().contains("en"));
        found += 1;
    }
    assert!(found >= 1);
}
