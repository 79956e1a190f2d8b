//! What a signature of OpenSSF Model Signing holds and what breaks it: the rows of what the
//! reference, model-signing 1.1.1, was measured to do, and the cases where it lets pass what says
//! nothing.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "oms/fixtures.rs"]
mod fixtures;
#[path = "oms/folders.rs"]
mod folders;
#[path = "oms/kit.rs"]
mod kit;
#[path = "oms/parser.rs"]
mod parser;
#[path = "oms/statements.rs"]
mod statements;
