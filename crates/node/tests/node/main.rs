//! The node as its callers see it: a data folder, submissions, outcomes.

#![expect(clippy::unwrap_used, reason = "what fails in a test fails the test")]

mod attachments;
mod callers;
mod clock;
mod common;
mod folder;
mod intake;
mod opening;
mod place;
mod restricted;
mod store;
mod submitting;
