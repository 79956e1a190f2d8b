//! The audit against a log that holds, and against every way that one was tampered with.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod forge;
mod holds;
mod http;
mod tampering;
mod watch;
