//! The signatures that the reference publishes, by its versions 0.2.0 to 1.1.0.
//!
//! All are by one P-384 key, which Kanae does not take. So each statement is read from its
//! published bytes, its signature is verified over them with a P-384 library, and the same
//! statement, signed again with P-256, is verified against the published files.

use evidence::PublicKey;
use evidence::dsse::{PAYLOAD_TYPE, pre_authentication_encoding};
use kanae_weights::{BundleError, ManifestError, SignatureError, VerifyOptions, parse_bundle, verify};
use p384::ecdsa::signature::Verifier as _;
use p384::pkcs8::DecodePublicKey as _;

use crate::kit::{bundle_of, key, vectors};

/// Version, the path that it signs, and what the verifier has to leave out where the statement
/// does not say (before 1.1).
const BY_KEY: [(&str, &str, &[&str]); 4] = [
    ("v0.3.1-elliptic-key", "v0.3.1-elliptic-key/signme-1", &[]),
    ("v1.0.0-elliptic-key", "v1.0.0-elliptic-key/signme-1", &[]),
    ("v1.0.1-elliptic-key", "v1.0.1-elliptic-key", &["model.sig", "ignore-me"]),
    ("v1.1.0-elliptic-key", "v1.1.0-elliptic-key", &[]),
];

fn read(version: &str) -> Vec<u8> {
    std::fs::read(vectors().join(version).join("model.sig")).unwrap()
}

/// The published key in PEM, without the description for people above it.
fn published_key() -> String {
    let file = std::fs::read_to_string(vectors().join("keys/certificate/signing-key-pub.pem")).unwrap();
    file[file.find("-----BEGIN").unwrap()..].to_owned()
}

#[test]
fn statements_of_each_version_are_read_and_fit_the_published_files() {
    for (version, model, ignore) in BY_KEY {
        let published = parse_bundle(&read(version)).unwrap();
        let again = bundle_of(published.payload()).to_string();
        let options = VerifyOptions {
            ignore: ignore.iter().map(ToString::to_string).collect(),
            ..VerifyOptions::default()
        };
        let key = key(1).public_key();
        let report = verify(&vectors().join(model), again.as_bytes(), &key, &options, &|_| {})
            .unwrap_or_else(|error| panic!("{version}: {error}"));
        assert!(model.ends_with(&report.name), "{version}: {}", report.name);
    }
}

#[test]
fn the_published_signatures_are_over_the_bytes_that_are_read() {
    let key = p384::ecdsa::VerifyingKey::from_public_key_pem(published_key().trim_end()).unwrap();
    for (version, ..) in BY_KEY {
        let file: serde_json::Value = serde_json::from_slice(&read(version)).unwrap();
        let sig = file["dsseEnvelope"]["signatures"][0]["sig"].as_str().unwrap();
        let sig = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, sig).unwrap();
        let sig = p384::ecdsa::Signature::from_der(&sig).unwrap();
        let message =
            pre_authentication_encoding(PAYLOAD_TYPE, parse_bundle(&read(version)).unwrap().payload());
        key.verify(&message, &sig).unwrap_or_else(|error| panic!("{version}: {error}"));
    }
}

#[test]
fn a_p_384_key_is_refused_as_one_and_a_bundle_by_it_names_it() {
    let refused = PublicKey::from_pem(&published_key()).unwrap_err().to_string();
    assert!(refused.contains("expected a public key (SPKI) of type ECDSA P-256"), "{refused}");
    for (version, ..) in BY_KEY {
        let refused = parse_bundle(&read(version)).unwrap().verify(&key(1).public_key()).unwrap_err();
        assert!(matches!(refused, SignatureError::OtherKey { .. }), "{version}: {refused}");
        // The hint is SHA-256 of the key's PEM text: what 1.1 writes and what older bundles hold.
        let hint = "e8450dec4eb99dae995da9af1bc2cc9f76ed669ee2e744f57abba763df3e3f8e";
        assert!(refused.to_string().contains(hint), "{version}: {refused}");
    }
}

#[test]
fn bundles_made_with_a_certificate_are_refused_as_such() {
    for version in ["v0.2.0", "v0.3.1", "v1.0.0", "v1.0.1", "v1.1.0"] {
        let bundle = read(&format!("{version}-certificate"));
        assert_eq!(parse_bundle(&bundle), Err(BundleError::Certificate), "{version}");
    }
}

#[test]
fn a_statement_of_version_0_2_is_refused_as_too_old() {
    let file: serde_json::Value = serde_json::from_slice(&read("v0.2.0-certificate")).unwrap();
    let payload = file["dsseEnvelope"]["payload"].as_str().unwrap();
    let payload = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, payload).unwrap();
    assert_eq!(kanae_weights::Manifest::parse(&payload), Err(ManifestError::Legacy));
}
