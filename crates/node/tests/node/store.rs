//! What every store has to keep.

use kanae_node::testing::store;

use crate::place;

#[test]
fn of_two_only_one_can_follow_a_head() {
    let folder = tempfile::tempdir().unwrap();
    store::of_two_only_one_can_follow_a_head(&place::nothing_yet(folder.path()));
}

#[test]
fn a_batch_that_fails_in_the_middle_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    store::a_batch_that_fails_in_the_middle_changes_nothing(&place::nothing_yet(folder.path()));
}

#[test]
fn what_was_committed_is_read_as_it_was_written() {
    let folder = tempfile::tempdir().unwrap();
    store::what_was_committed_is_read_as_it_was_written(&place::nothing_yet(folder.path()));
}

#[test]
fn content_once_public_stays_public_until_it_is_erased() {
    let folder = tempfile::tempdir().unwrap();
    store::content_once_public_stays_public_until_it_is_erased(&place::nothing_yet(folder.path()));
}

#[test]
fn registrations_wait_until_they_leave() {
    let folder = tempfile::tempdir().unwrap();
    store::registrations_wait_until_they_leave(&place::nothing_yet(folder.path()));
}

#[test]
fn tokens_are_kept_as_they_were_made() {
    let folder = tempfile::tempdir().unwrap();
    store::tokens_are_kept_as_they_were_made(&place::nothing_yet(folder.path()));
}

#[test]
fn a_store_is_made_once_and_opened_only_where_it_is() {
    let folder = tempfile::tempdir().unwrap();
    store::a_store_is_made_once_and_opened_only_where_it_is(&place::nothing_yet(folder.path()));
}

#[test]
fn a_batch_may_be_large() {
    let folder = tempfile::tempdir().unwrap();
    store::a_batch_may_be_large(&place::nothing_yet(folder.path()));
}
