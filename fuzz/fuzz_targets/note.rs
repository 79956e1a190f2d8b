//! Signed notes, checkpoints, keys and receipts: one text for one value.
#![no_main]

use ledger::{Checkpoint, Receipt, SignedNote, VerifierKey};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(note) = SignedNote::parse(data) {
        assert_eq!(note.to_bytes(), data);
        if let Ok(checkpoint) = note.unverified_text().parse::<Checkpoint>() {
            assert_eq!(checkpoint.to_string(), note.unverified_text());
        }
    }
    if let Ok(receipt) = Receipt::parse(data) {
        assert_eq!(receipt.to_bytes(), data);
    }
    if let Ok(text) = std::str::from_utf8(data)
        && let Ok(key) = text.parse::<VerifierKey>()
    {
        assert_eq!(key.to_string(), text);
    }
});
