//! A sequencer that dies at each step of a batch, and the next start.

#![expect(clippy::unwrap_used, reason = "what fails in a test fails the test")]

mod moments;
#[path = "../node/place.rs"]
#[expect(dead_code, reason = "other tests do more to the database")]
mod place;
