//! Models on disk, known keys, and bundles made by hand.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use evidence::dsse::{PAYLOAD_TYPE, pre_authentication_encoding};
use evidence::{Algorithm, PublicKey, SecretKey, sha256};
use kanae_weights::{Report, SignError, SignOptions, Signed, VerifyError, VerifyOptions, sign, verify};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A P-256 key that is the same in every run.
pub(crate) fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed(Algorithm::EcdsaP256, &[seed; 32]).unwrap()
}

/// A model in a folder of its own, removed at the end.
pub(crate) struct Model {
    home: TempDir,
}

impl Model {
    /// Writes files by path.
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let model = Self { home: tempfile::tempdir().unwrap() };
        std::fs::create_dir(model.folder()).unwrap();
        for (path, content) in files {
            model.write(path, content);
        }
        model
    }

    /// A small model with a folder, a hidden and an empty file.
    pub(crate) fn small() -> Self {
        Self::new(&[
            ("a.safetensors", "weights a"),
            ("b.safetensors", "weights b"),
            ("sub/tok.json", "{}"),
            (".hid", "hidden"),
            ("empty", ""),
        ])
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.home.path().join("model")
    }

    /// A place beside the model.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    pub(crate) fn at(&self, path: &str) -> PathBuf {
        self.folder().join(path)
    }

    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.at(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    pub(crate) fn remove(&self, path: &str) {
        std::fs::remove_file(self.at(path)).unwrap();
    }

    pub(crate) fn rename(&self, from: &str, to: &str) {
        std::fs::rename(self.at(from), self.at(to)).unwrap();
    }

    pub(crate) fn try_sign(&self, ignore: &[&str]) -> Result<Signed, SignError> {
        let ignore = ignore.iter().map(ToString::to_string).collect();
        sign(&self.folder(), &key(1), &SignOptions { ignore }, &|_| {})
    }

    /// Signs with `key(1)`, leaving nothing out but the default.
    pub(crate) fn sign(&self) -> Signed {
        self.try_sign(&[]).unwrap()
    }

    /// Verifies with `key(1)`.
    pub(crate) fn verify(&self, bundle: &[u8]) -> Result<Report, VerifyError> {
        verify(&self.folder(), bundle, &key(1).public_key(), &VerifyOptions::default(), &|_| {})
    }

    /// Verifies with `key(1)`, taking files that were not signed.
    pub(crate) fn verify_allowing_unsigned(&self, bundle: &[u8]) -> Result<Report, VerifyError> {
        let options = VerifyOptions { allow_unsigned: true, ..VerifyOptions::default() };
        verify(&self.folder(), bundle, &key(1).public_key(), &options, &|_| {})
    }

    /// Says why a verification is refused.
    pub(crate) fn refusal(&self, bundle: &[u8]) -> String {
        self.verify(bundle).unwrap_err().to_string()
    }
}

/// The statement that model-signing 1.1.1 would sign for these files.
pub(crate) fn statement(files: &[(&str, &str)]) -> Value {
    let digests: Vec<_> = files.iter().map(|(_, content)| sha256(content.as_bytes())).collect();
    let roots: Vec<u8> = digests.iter().flat_map(|digest| *digest.as_bytes()).collect();
    let resources: Vec<Value> = files
        .iter()
        .zip(&digests)
        .map(|((path, _), digest)| json!({ "name": path, "algorithm": "sha256", "digest": digest }))
        .collect();
    json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{ "name": "model", "digest": { "sha256": sha256(&roots) } }],
        "predicateType": "https://model_signing/signature/v1.0",
        "predicate": {
            "serialization": {
                "method": "files",
                "hash_type": "sha256",
                "allow_symlinks": false,
                "ignore_paths": [".git"],
            },
            "resources": resources,
        },
    })
}

/// A bundle in which `key(1)` signed these bytes.
pub(crate) fn bundle_of(payload: &[u8]) -> Value {
    let key = key(1);
    let signature = key.sign(&pre_authentication_encoding(PAYLOAD_TYPE, payload));
    json!({
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": { "publicKey": { "hint": hint(&key.public_key()) }, "tlogEntries": [] },
        "dsseEnvelope": {
            "payload": STANDARD.encode(payload),
            "payloadType": PAYLOAD_TYPE,
            "signatures": [{ "sig": STANDARD.encode(signature), "keyid": "" }],
        },
    })
}

/// What OMS names a key by.
pub(crate) fn hint(key: &PublicKey) -> String {
    sha256(key.to_pem().as_bytes()).to_string()
}

/// The folder of published signatures.
pub(crate) fn vectors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/vectors/oms-fixtures")
}
