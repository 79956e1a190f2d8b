//! Signature files and statements that must not count, whatever the folder holds.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use evidence::dsse::{PAYLOAD_TYPE, pre_authentication_encoding};
use kanae_weights::{BundleError, ManifestError, SignatureError, VerifyError, VerifyOptions, Why, verify};
use serde_json::{Value, json};

use crate::kit::{Model, bundle_of, hint, key, statement};

const FILES: [(&str, &str); 2] = [("a", "weights a"), ("sub/b", "weights b")];

/// Says why a bundle is refused for a folder that holds exactly [`FILES`]; `None` where it holds.
fn refusal(bundle: &Value) -> Option<String> {
    let model = Model::new(&FILES);
    model.verify(bundle.to_string().as_bytes()).err().map(|error| error.to_string())
}

/// A bundle over a good statement that was changed before signing.
fn over(change: impl FnOnce(&mut Value)) -> Value {
    let mut statement = statement(&FILES);
    change(&mut statement);
    bundle_of(statement.to_string().as_bytes())
}

/// A bundle over a good statement that was changed after signing.
fn around(change: impl FnOnce(&mut Value)) -> Value {
    let mut bundle = over(|_| {});
    change(&mut bundle);
    bundle
}

fn sig(key_seed: u8, payload: &[u8]) -> Value {
    let signature = key(key_seed).sign(&pre_authentication_encoding(PAYLOAD_TYPE, payload));
    json!({ "sig": STANDARD.encode(signature), "keyid": "" })
}

#[test]
fn each_weak_statement_is_refused_with_its_reason() {
    let serialization = "/predicate/serialization";
    let with = |pointer: &str, value: Value| {
        over(|s| *s.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}")) = value)
    };
    let ignoring = |paths: Value| with(&format!("{serialization}/ignore_paths"), paths);
    let named = |names: [&str; 2]| {
        bundle_of(statement(&[(names[0], FILES[0].1), (names[1], FILES[1].1)]).to_string().as_bytes())
    };
    let empty = |ignored: Value| {
        let mut empty = statement(&[]);
        empty["predicate"]["serialization"]["ignore_paths"] = ignored;
        bundle_of(empty.to_string().as_bytes())
    };
    let cases = [
        ("nothing named, everything left out", empty(json!(["."]))),
        ("nothing named, each file left out", empty(json!(["a", "sub/b"]))),
        ("everything left out", ignoring(json!(["."]))),
        ("everything left out, empty path", ignoring(json!([""]))),
        ("everything left out, by the parent", ignoring(json!([".."]))),
        ("left out beyond the folder", ignoring(json!(["../other"]))),
        ("left out by an absolute path", ignoring(json!(["/etc"]))),
        ("left out in another spelling", ignoring(json!(["./a"]))),
        ("signed and left out", ignoring(json!(["sub"]))),
        ("the same name twice", named(["a", "a"])),
        ("a name beyond the folder", named(["a", "../secret"])),
        ("a name that climbs", named(["a", "sub/../../secret"])),
        ("an absolute name", named(["a", "/etc/passwd"])),
        ("a name in another spelling", named(["a", "./sub/b"])),
        ("a single file beside others", named(["a", "."])),
        ("a name with a line break", named(["a", "b\nc"])),
        ("another hash than said", with(&format!("{serialization}/hash_type"), json!("sha512"))),
        ("BLAKE3", with(&format!("{serialization}/hash_type"), json!("blake3"))),
        ("another hash for one file", with("/predicate/resources/1/algorithm", json!("sha512"))),
        (
            "shards",
            with(
                serialization,
                json!({ "method": "shards", "hash_type": "sha256", "shard_size": 1_000_000_000.0, "allow_symlinks": false }),
            ),
        ),
        ("a short digest", with("/predicate/resources/1/digest", json!("abcd"))),
        ("a wrong root digest", with("/subject/0/digest/sha256", json!("ab".repeat(32)))),
        (
            "two subjects",
            over(|s| {
                let one = s["subject"][0].clone();
                s["subject"].as_array_mut().unwrap().push(one);
            }),
        ),
        ("no subject", with("/subject", json!([]))),
        ("another predicate", with("/predicateType", json!("https://slsa.dev/provenance/v1"))),
        ("the predicate before 1.0", with("/predicateType", json!("https://model_signing/Digests/v0.1"))),
        ("an old statement", with("/_type", json!("https://in-toto.io/Statement/v0.1"))),
        (
            "no serialization",
            over(|s| {
                s["predicate"].as_object_mut().unwrap().remove("serialization");
            }),
        ),
        (
            "fields by their order",
            with("/predicate/resources/1", json!(["sub/b", "sha256", "ab".repeat(32)])),
        ),
        ("resources of the wrong type", with("/predicate/resources/1", json!(7))),
    ];
    let reasons: Vec<String> = cases
        .iter()
        .map(|(case, bundle)| {
            format!("{case}:\n  {}", refusal(bundle).unwrap_or_else(|| panic!("{case}: not refused")))
        })
        .collect();
    insta::assert_snapshot!(reasons.join("\n"));
}

#[test]
fn each_unfit_signature_file_is_refused_with_its_reason() {
    let with = |pointer: &str, value: Value| {
        around(|b| *b.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}")) = value)
    };
    let material = |value: Value| with("/verificationMaterial", value);
    let payload = statement(&FILES).to_string().into_bytes();
    let edited = String::from_utf8(payload.clone()).unwrap().replace("\"a\"", "\"A\"");
    let cases = [
        ("payload edited", with("/dsseEnvelope/payload", json!(STANDARD.encode(edited)))),
        ("payload no base64", with("/dsseEnvelope/payload", json!("$$"))),
        (
            "payload of another type",
            with("/dsseEnvelope/payloadType", json!("application/vnd.in-toto.x+json")),
        ),
        ("no signatures", with("/dsseEnvelope/signatures", json!([]))),
        ("too many signatures", with("/dsseEnvelope/signatures", json!(vec![sig(2, &payload); 17]))),
        ("a junk signature", with("/dsseEnvelope/signatures", json!([{ "sig": "AAAA" }]))),
        (
            "signatures of others",
            with("/dsseEnvelope/signatures", json!([sig(2, &payload), sig(3, &payload)])),
        ),
        ("hint at another key", material(json!({ "publicKey": { "hint": hint(&key(2).public_key()) } }))),
        (
            "another key inside",
            material(
                json!({ "publicKey": { "rawBytes": STANDARD.encode(key(2).public_key().to_pem()), "keyDetails": "PKIX_ECDSA_P256_SHA_256" } }),
            ),
        ),
        ("a certificate", material(json!({ "certificate": { "rawBytes": "AA==" }, "tlogEntries": [] }))),
        ("a certificate chain", material(json!({ "x509CertificateChain": { "certificates": [] } }))),
        ("no key at all", material(json!({}))),
        ("bundle 0.2", with("/mediaType", json!("application/vnd.dev.sigstore.bundle+json;version=0.2"))),
        (
            "bundle 0.3 in its old spelling",
            with("/mediaType", json!("application/vnd.dev.sigstore.bundle+json;version=0.3")),
        ),
        ("an unknown field", around(|b| b["kanae"] = json!(1))),
        ("an unknown field in the envelope", around(|b| b["dsseEnvelope"]["kanae"] = json!(1))),
        (
            "no envelope",
            around(|b| {
                b.as_object_mut().unwrap().remove("dsseEnvelope");
            }),
        ),
        ("no object", json!([])),
    ];
    let reasons: Vec<String> = cases
        .iter()
        .map(|(case, bundle)| {
            format!("{case}:\n  {}", refusal(bundle).unwrap_or_else(|| panic!("{case}: not refused")))
        })
        .collect();
    insta::assert_snapshot!(reasons.join("\n"));
}

#[test]
fn what_the_reference_takes_and_says_the_same_is_taken() {
    let uppercase = over(|s| {
        let digest = s["predicate"]["resources"][0]["digest"].as_str().unwrap().to_uppercase();
        s["predicate"]["resources"][0]["digest"] = json!(digest);
    });
    let further_fields = over(|s| {
        s["predicate"]["kanae"] = json!({ "note": 1.5 });
        s["predicate"]["serialization"]["shard_size"] = json!(1_000_000_000.0);
    });
    let bare = around(|b| {
        b["verificationMaterial"].as_object_mut().unwrap().remove("tlogEntries");
        b["dsseEnvelope"]["signatures"][0].as_object_mut().unwrap().remove("keyid");
    });
    let null_keyid = around(|b| b["dsseEnvelope"]["signatures"][0]["keyid"] = Value::Null);
    let url_safe = around(|b| {
        let payload = STANDARD.decode(b["dsseEnvelope"]["payload"].as_str().unwrap()).unwrap();
        b["dsseEnvelope"]["payload"] = json!(URL_SAFE_NO_PAD.encode(payload));
    });
    let raw_key = around(|b| {
        let pem = STANDARD.encode(key(1).public_key().to_pem());
        b["verificationMaterial"] = json!({ "publicKey": { "rawBytes": pem } });
    });
    let der_key = around(|b| {
        let der = STANDARD.encode(key(1).public_key().spki_der());
        b["verificationMaterial"] = json!({ "publicKey": { "rawBytes": der } });
    });
    for bundle in [uppercase, further_fields, bare, null_keyid, url_safe, raw_key, der_key] {
        assert_eq!(refusal(&bundle), None, "{bundle}");
    }
    let mut pretty = statement(&[FILES[1], FILES[0]]);
    pretty["predicate"]["serialization"]["allow_symlinks"] = json!(true);
    let other_order = bundle_of(serde_json::to_string_pretty(&pretty).unwrap().as_bytes());
    assert_eq!(refusal(&other_order), None, "another order, indented");
}

#[test]
fn one_good_signature_among_several_counts_and_is_named() {
    let payload = statement(&FILES).to_string().into_bytes();
    let model = Model::new(&FILES);
    let junk = json!({ "sig": "AAAA" });
    for (signatures, index) in [
        (json!([junk, sig(1, &payload)]), 1),
        (json!([sig(1, &payload), junk]), 0),
        (json!([sig(2, &payload), junk, sig(1, &payload)]), 2),
    ] {
        let bundle = around(|b| b["dsseEnvelope"]["signatures"] = signatures.clone());
        let report = model.verify(bundle.to_string().as_bytes()).unwrap();
        assert_eq!(report.signature.index, index);
        assert_eq!(report.signature.of, signatures.as_array().unwrap().len());
    }
}

#[test]
fn a_bundle_that_does_not_name_its_key_is_taken_and_says_so() {
    for material in [json!({ "publicKey": {} }), json!({ "publicKey": { "hint": "" } })] {
        let bundle = around(|b| b["verificationMaterial"] = material).to_string();
        let model = Model::new(&FILES);
        assert!(!model.verify(bundle.as_bytes()).unwrap().signature.names_key);
        let other = verify(
            &model.folder(),
            bundle.as_bytes(),
            &key(2).public_key(),
            &VerifyOptions::default(),
            &|_| {},
        );
        assert!(matches!(other, Err(VerifyError::Signature(SignatureError::Wrong(1)))));
    }
}

#[test]
fn the_wrong_key_is_told_from_the_hint() {
    let model = Model::new(&FILES);
    let bundle = model.sign().bundle;
    let verified = verify(&model.folder(), &bundle, &key(2).public_key(), &VerifyOptions::default(), &|_| {});
    assert!(matches!(verified, Err(VerifyError::Signature(SignatureError::OtherKey { .. }))));
}

#[test]
fn a_field_that_stands_twice_is_refused() {
    let bundle = over(|_| {}).to_string();
    let twice = bundle.replacen("\"payload\":", "\"payload\":\"e30=\",\"payload\":", 1);
    assert!(refusal(&serde_json::from_str(&bundle).unwrap()).is_none());
    let model = Model::new(&FILES);
    insta::assert_snapshot!(model.refusal(twice.as_bytes()));
    let payload = statement(&FILES).to_string();
    for field in ["_type", "subject", "predicate", "resources", "ignore_paths", "digest", "name"] {
        let marker = format!("\"{field}\":");
        let twice = payload.replacen(&marker, &format!("{marker}[],{marker}"), 1);
        assert_ne!(twice, payload);
        let error = model.verify(bundle_of(twice.as_bytes()).to_string().as_bytes()).unwrap_err();
        assert!(matches!(error, VerifyError::Manifest(ManifestError::Json(_))), "{field}: {error}");
    }
}

#[test]
fn a_statement_that_does_not_say_what_it_left_out_left_out_git_only() {
    let bundle = over(|s| {
        s["predicate"]["serialization"].as_object_mut().unwrap().remove("ignore_paths");
    })
    .to_string();
    let model = Model::new(&FILES);
    model.write(".gitattributes", "");
    let report = model.verify(bundle.as_bytes()).unwrap();
    assert_eq!(report.signed_ignore_paths, None);
    assert_eq!(report.not_covered.len(), 1);
    assert_eq!(report.not_covered[0].why, Why::IgnoredByDefault);
    // A signer who says what was left out, and leaves nothing out, covers Git's paths too.
    let all = over(|s| s["predicate"]["serialization"]["ignore_paths"] = json!([])).to_string();
    assert!(model.refusal(all.as_bytes()).contains(".gitattributes"));
}

#[test]
fn a_signature_over_the_faulty_old_encoding_is_refused_by_name() {
    let payload = statement(&FILES).to_string();
    let repr = format!("b'{payload}'");
    let message = format!("DSSEV1 {} {PAYLOAD_TYPE} {} {repr}", PAYLOAD_TYPE.len(), payload.len());
    let legacy = STANDARD.encode(key(1).sign(message.as_bytes()));
    let bundle = around(|b| b["dsseEnvelope"]["signatures"] = json!([{ "sig": legacy }])).to_string();
    let error = Model::new(&FILES).verify(bundle.as_bytes()).unwrap_err();
    assert!(matches!(error, VerifyError::Signature(SignatureError::LegacyEncoding)), "{error}");
}

#[test]
fn a_signature_file_without_end_is_refused() {
    let large = vec![b' '; kanae_weights::MAX_BUNDLE + 1];
    let error = Model::new(&FILES).verify(&large).unwrap_err();
    assert!(matches!(error, VerifyError::Bundle(BundleError::TooLarge(_))));
}
