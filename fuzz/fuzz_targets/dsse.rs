//! Envelopes: no bytes make the reader panic, and what is written is read back.
#![no_main]

use evidence::Envelope;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(envelope) = Envelope::parse(data) {
        let written = envelope.to_bytes();
        assert_eq!(Envelope::parse(&written).as_ref(), Ok(&envelope));
    }
});
