//! The node as its callers see it: a data folder, submissions, outcomes.

mod submitting;
