//! The node as its callers see it: a data folder, submissions, outcomes.

mod attachments;
mod callers;
mod common;
mod intake;
mod opening;
mod restricted;
mod submitting;
