//! What lies in a log: paths, bundles of entries, and the leaves in them.
#![no_main]

use evidence::Leaf;
use ledger::{Resource, decode_bundle, encode_bundle};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(path) = std::str::from_utf8(data)
        && let Ok(resource) = path.parse::<Resource>()
    {
        assert_eq!(resource.to_string(), path);
    }
    if let Ok(entries) = decode_bundle(data) {
        assert_eq!(encode_bundle(&entries).as_deref(), Ok(data));
        for entry in entries {
            if let Ok(leaf) = Leaf::parse(entry) {
                assert_eq!(leaf.to_bytes(), entry);
            }
        }
    }
});
