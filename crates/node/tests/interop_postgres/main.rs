//! The same tests with PostgreSQL as the node's database, and those of what only PostgreSQL brings: several
//! servers, connections that break, a server that stops.
//!
//! PostgreSQL comes from the system; each process of tests starts a cluster of its own and throws it away.

#![expect(clippy::unwrap_used, reason = "what fails in a test fails the test")]

#[path = "../node/attachments.rs"]
mod attachments;
mod breaking;
#[path = "../node/callers.rs"]
mod callers;
#[path = "../node/clock.rs"]
mod clock;
#[path = "../node/common.rs"]
mod common;
#[path = "../node/intake.rs"]
mod intake;
mod moving;
#[path = "../node/opening.rs"]
mod opening;
mod place;
#[path = "../node/restricted.rs"]
mod restricted;
mod sharing;
#[path = "../node/store.rs"]
mod store;
#[path = "../node/submitting.rs"]
mod submitting;
mod tls;
