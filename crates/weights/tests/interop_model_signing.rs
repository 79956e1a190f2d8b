//! The reference, model-signing 1.1.1 from PyPI, takes what Kanae signs and the other way round,
//! and both refuse the same tampered copies.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "oms/kit.rs"]
#[expect(dead_code, reason = "the other tests use the rest of the kit")]
mod kit;

use std::path::{Path, PathBuf};
use std::process::Command;

use kanae_weights::{Manifest, parse_bundle};
use kit::{Model, key};

/// Runs the reference's command line and returns whether it says yes.
fn model_signing(arguments: &[&str], paths: &[(&str, &Path)]) -> bool {
    let program = std::env::var_os("KANAE_PEERS")
        .map(|peers| PathBuf::from(peers).join("python/bin/model_signing"))
        .filter(|program| program.is_file())
        .expect("model-signing is missing; run `cargo xtask test interop`");
    let mut command = Command::new(program);
    command.args(arguments);
    for (flag, path) in paths {
        command.arg(flag).arg(path);
    }
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    // A fault of the program is not a refusal.
    assert!(!said.contains("Traceback"), "{said}");
    assert_eq!(output.status.success(), said.contains("succeeded"), "{said}");
    output.status.success()
}

struct Peer {
    model: Model,
    private: PathBuf,
    public: PathBuf,
}

impl Peer {
    fn new(model: Model) -> Self {
        let (private, public) = (model.beside("key.pem"), model.beside("pub.pem"));
        key(1).write_new(&private, None).unwrap();
        std::fs::write(&public, key(1).public_key().to_pem()).unwrap();
        Self { model, private, public }
    }

    fn sign(&self) -> Vec<u8> {
        let signature = self.model.beside("theirs.sig");
        let folder = self.model.folder();
        let paths = [("--signature", signature.as_path()), ("--private_key", self.private.as_path())];
        assert!(model_signing(&["sign", "key", folder.to_str().unwrap()], &paths));
        std::fs::read(signature).unwrap()
    }

    fn verifies(&self, bundle: &[u8]) -> bool {
        let signature = self.model.beside("ours.sig");
        std::fs::write(&signature, bundle).unwrap();
        let folder = self.model.folder();
        let paths = [("--signature", signature.as_path()), ("--public_key", self.public.as_path())];
        model_signing(&["verify", "key", folder.to_str().unwrap()], &paths)
    }
}

fn odd_names() -> Model {
    Model::new(&[
        ("日本 語.txt", "1"),
        ("a-b", "2"),
        ("a/b", "3"),
        ("a/b-c", "4"),
        ("a.b", "5"),
        (".hid", "6"),
        ("A/z", "7"),
        ("empty", ""),
        (".git/config", "left out"),
    ])
}

#[test]
fn each_verifies_what_the_other_signs_and_both_name_the_model_by_the_same_digest() {
    let peer = Peer::new(odd_names());
    let (ours, theirs) = (peer.model.sign(), peer.sign());
    assert!(peer.verifies(&ours.bundle));
    let report = peer.model.verify(&theirs).unwrap();
    assert_eq!(report.artefact, ours.artefact);
    assert_eq!(report.subject_digest, ours.manifest.root());
    let theirs = Manifest::parse(parse_bundle(&theirs).unwrap().payload()).unwrap();
    assert_eq!(theirs.resources(), ours.manifest.resources(), "names, digests and order");
    assert_eq!(theirs.name(), ours.manifest.name());
}

#[test]
fn both_refuse_the_same_tampered_copies() {
    type Tamper = (&'static str, fn(&Model));
    let tampers: [Tamper; 4] = [
        ("changed", |model| model.write("a/b", "x")),
        ("added", |model| model.write("a/extra", "x")),
        ("removed", |model| model.remove("empty")),
        ("renamed", |model| model.rename("a.b", "a.c")),
    ];
    for (case, tamper) in tampers {
        let peer = Peer::new(odd_names());
        let (ours, theirs) = (peer.model.sign().bundle, peer.sign());
        tamper(&peer.model);
        assert!(!peer.verifies(&ours), "{case}: theirs takes ours");
        assert!(peer.model.verify(&ours).is_err(), "{case}: ours takes ours");
        assert!(peer.model.verify(&theirs).is_err(), "{case}: ours takes theirs");
    }
}

#[test]
fn both_refuse_an_altered_signature_file() {
    let peer = Peer::new(odd_names());
    let bundle = String::from_utf8(peer.model.sign().bundle).unwrap();
    let at = bundle.find("\"payload\":\"").unwrap() + 40;
    let other = if &bundle[at..=at] == "A" { "B" } else { "A" };
    let altered = [&bundle[..at], other, &bundle[at + 1..]].concat();
    assert!(!peer.verifies(altered.as_bytes()));
    assert!(peer.model.verify(altered.as_bytes()).is_err());
}

#[test]
fn a_single_file_signed_by_one_is_verified_by_the_other() {
    let peer = Peer::new(Model::new(&[("model.gguf", "weights")]));
    let file = peer.model.at("model.gguf");
    let signed =
        kanae_weights::sign(&file, &key(1), &kanae_weights::SignOptions::default(), &|_| {}).unwrap();
    let signature = peer.model.beside("file.sig");
    std::fs::write(&signature, &signed.bundle).unwrap();
    let verify = [("--signature", signature.as_path()), ("--public_key", peer.public.as_path())];
    assert!(model_signing(&["verify", "key", file.to_str().unwrap()], &verify));
    let sign = [("--signature", signature.as_path()), ("--private_key", peer.private.as_path())];
    assert!(model_signing(&["sign", "key", file.to_str().unwrap()], &sign));
    let theirs = std::fs::read(&signature).unwrap();
    let options = kanae_weights::VerifyOptions::default();
    assert!(kanae_weights::verify(&file, &theirs, &key(1).public_key(), &options, &|_| {}).is_ok());
}
