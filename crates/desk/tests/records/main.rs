//! The desk's documents in one file.

#![expect(clippy::unwrap_used, reason = "what fails in a test fails the test")]

mod suite;

use std::sync::Arc;

use kanae_desk::Records;
use kanae_desk::records::SqliteRecords;

#[test]
fn a_document_is_written_only_by_who_saw_its_last_version() {
    suite::a_document_is_written_only_by_who_saw_its_last_version(&SqliteRecords::in_memory().unwrap());
}

#[test]
fn documents_are_listed_by_name_in_pages() {
    suite::documents_are_listed_by_name_in_pages(&SqliteRecords::in_memory().unwrap());
}

#[test]
fn documents_come_back_byte_by_byte() {
    suite::documents_come_back_byte_by_byte(&SqliteRecords::in_memory().unwrap());
}

#[test]
fn a_document_has_a_bound() {
    suite::a_document_has_a_bound(&SqliteRecords::in_memory().unwrap());
}

#[test]
fn of_many_who_saw_the_same_version_one_writes() {
    let folder = tempfile::tempdir().unwrap();
    let open =
        || -> Arc<dyn Records> { Arc::new(SqliteRecords::open(&folder.path().join("desk.sqlite")).unwrap()) };
    suite::of_many_who_saw_the_same_version_one_writes(&[open(), open()]);
}

#[test]
fn documents_outlive_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("desk.sqlite");
    SqliteRecords::open(&path).unwrap().write(&[suite::put("a", 0, "one", &[("of", "x")])]).unwrap();
    let again = SqliteRecords::open(&path).unwrap();
    assert_eq!(
        again.find("draft", "of", "x", None, 9).unwrap(),
        [suite::record("a", 1, "one", &[("of", "x")])]
    );
}
