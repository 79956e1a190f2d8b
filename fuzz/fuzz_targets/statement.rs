//! Statements: what is accepted on submission is accepted, and the same, on replay.
#![no_main]

use evidence::{Statement, Unknown};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let replayed = Statement::parse(data, Unknown::Ignore);
    if let Ok(submitted) = Statement::parse(data, Unknown::Refuse) {
        let replayed = replayed.expect("replay reads whatever intake has accepted");
        assert_eq!(submitted.digest(), replayed.digest());
        assert_eq!(submitted.subject(), replayed.subject());
        assert_eq!(submitted.common(), replayed.common());
    }
});
