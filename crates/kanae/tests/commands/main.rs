//! The commands of `kanae` as people and scripts meet them: the tested binary, run in folders and on
//! ports of its own.
//!
//! More rounds of crashes than a test run has time for:
//! `KANAE_CRASH_ROUNDS=1000 cargo test -p kanae --test commands -- --nocapture crash`.

#![expect(clippy::unwrap_used, reason = "what fails in a test fails the test")]

mod bad_input;
mod cli;
mod crash;
mod demo;
mod document;
mod export;
mod full;
mod house;
mod keeping;
mod law;
mod simulate;
