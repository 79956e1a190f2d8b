//! Conditions: no text makes the parser panic, and the source is kept as written.
#![no_main]

use law::expression;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(source) = std::str::from_utf8(data)
        && let Ok(condition) = expression::parse(source)
    {
        assert_eq!(condition.source(), source);
    }
});
