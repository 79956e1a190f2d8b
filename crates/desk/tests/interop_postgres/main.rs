//! The desk's documents in a PostgreSQL: the same tests, and what only PostgreSQL brings.
//!
//! PostgreSQL comes from the system; each process of tests starts a cluster of its own and throws it away.

#![expect(clippy::unwrap_used, reason = "what fails in a test fails the test")]

mod breaking;
mod moving;
#[path = "../records/suite.rs"]
mod suite;

use std::sync::Arc;

use kanae_desk::Records;
use kanae_desk::records::PostgresRecords;
use postgres::Address;
use postgres::testing::{Cluster, execute};

fn new_database() -> Address {
    Cluster::shared().new_database()
}

fn new() -> PostgresRecords {
    PostgresRecords::open(&new_database()).unwrap()
}

#[test]
fn a_document_is_written_only_by_who_saw_its_last_version() {
    suite::a_document_is_written_only_by_who_saw_its_last_version(&new());
}

#[test]
fn documents_are_listed_by_name_in_pages() {
    suite::documents_are_listed_by_name_in_pages(&new());
}

#[test]
fn documents_come_back_byte_by_byte() {
    suite::documents_come_back_byte_by_byte(&new());
}

#[test]
fn a_document_has_a_bound() {
    suite::a_document_has_a_bound(&new());
}

#[test]
fn of_many_who_saw_the_same_version_one_writes() {
    let database = new_database();
    let open = || -> Arc<dyn Records> { Arc::new(PostgresRecords::open(&database).unwrap()) };
    suite::of_many_who_saw_the_same_version_one_writes(&[open(), open()]);
}

#[test]
fn tables_of_a_later_build_are_left_alone() {
    let database = new_database();
    drop(PostgresRecords::open(&database).unwrap());
    execute(&database, "INSERT INTO desk_schema (version) VALUES (99)");
    let refused = PostgresRecords::open(&database).unwrap_err().to_string();
    assert!(refused.contains("version 99"), "{refused}");
}
