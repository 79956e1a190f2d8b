//! A sequencer that dies at each step of a batch, with PostgreSQL as the node's database: the next start, and
//! other servers that go on.

#![expect(clippy::unwrap_used, reason = "what fails in a test fails the test")]

#[path = "../crashing/moments.rs"]
mod moments;
mod others;
#[path = "../interop_postgres/place.rs"]
#[expect(dead_code, reason = "other tests do more to the database")]
mod place;
