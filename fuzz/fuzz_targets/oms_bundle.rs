//! OMS signature files and the manifests in them: no bytes make the readers panic, a manifest that
//! is read can be written, and no file verifies with a key that has signed nothing.
#![no_main]

use std::sync::LazyLock;

use evidence::{Algorithm, PublicKey, SecretKey};
use libfuzzer_sys::fuzz_target;
use weights::{Manifest, parse_bundle};

static STRANGER: LazyLock<PublicKey> = LazyLock::new(|| {
    let key = SecretKey::from_seed(Algorithm::EcdsaP256, &[7; 32]);
    key.expect("the seed is in the range of the curve").public_key()
});

fuzz_target!(|data: &[u8]| {
    if let Ok(bundle) = parse_bundle(data) {
        assert!(bundle.verify(&STRANGER).is_err());
        check_manifest(bundle.payload());
    }
    check_manifest(data);
});

fn check_manifest(payload: &[u8]) {
    if let Ok(manifest) = Manifest::parse(payload) {
        let again = Manifest::parse(&manifest.to_payload()).expect("what is written can be read");
        assert_eq!(again.name(), manifest.name());
        assert_eq!(again.root(), manifest.root());
        assert_eq!(again.resources(), manifest.resources());
        assert_eq!(again.ignored(), manifest.ignored());
    }
}
