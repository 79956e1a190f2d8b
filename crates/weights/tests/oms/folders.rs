//! A signed folder, and what can be done to it afterwards.

use std::sync::Mutex;

use evidence::{Algorithm, SecretKey, folder_digest, sha256};
use kanae_weights::{
    Difference, FolderError, GIT_PATHS, NotCovered, Progress, SignError, SignOptions, SignatureError,
    VerifyError, VerifyOptions, Why, artefact, sign, verify,
};

use crate::kit::{Model, key};

/// Says in which kinds of way and in which files a model differs from what was signed.
fn differences(model: &Model, bundle: &[u8]) -> Vec<String> {
    let Err(VerifyError::Differs(differences)) = model.verify(bundle) else {
        panic!("expected differences, found {:?}", model.verify(bundle))
    };
    let named = |difference| match difference {
        Difference::Changed { path, .. } => format!("changed {path}"),
        Difference::Missing { path } => format!("missing {path}"),
        Difference::Unsigned { path } => format!("unsigned {path}"),
        Difference::Link { path } => format!("link {path}"),
        Difference::Special { path } => format!("special {path}"),
    };
    differences.0.into_iter().map(named).collect()
}

fn not_covered(path: &str, why: Why) -> NotCovered {
    NotCovered { path: path.to_owned(), why }
}

#[test]
fn an_intact_folder_is_verified_and_has_the_artefact_that_was_signed() {
    let model = Model::small();
    let signed = model.sign();
    let report = model.verify(&signed.bundle).unwrap();
    let paths: Vec<&str> = report.files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(paths, [".hid", "a.safetensors", "b.safetensors", "empty", "sub/tok.json"]);
    assert_eq!(report.artefact, signed.artefact);
    assert_eq!(report.artefact, artefact(&model.folder(), &GIT_PATHS, &|_| {}).unwrap());
    let lines = [
        ("a.safetensors", "weights a"),
        ("b.safetensors", "weights b"),
        ("sub/tok.json", "{}"),
        (".hid", "hidden"),
        ("empty", ""),
    ]
    .map(|(path, content)| (path, sha256(content.as_bytes()), content.len() as u64));
    assert_eq!(report.artefact.digest, folder_digest(lines).unwrap());
    assert_eq!((report.artefact.files, report.artefact.bytes), (5, 26));
    assert_eq!((report.signature.index, report.signature.of, report.signature.names_key), (0, 1, true));
    assert_eq!(report.signature.key, key(1).public_key().hash());
    assert_eq!(report.not_covered, []);
}

#[test]
fn a_changed_byte_names_the_file_and_both_digests() {
    let model = Model::small();
    let signed = model.sign();
    model.write("a.safetensors", "weights A");
    insta::assert_snapshot!(model.refusal(&signed.bundle));
    assert_eq!(differences(&model, &signed.bundle), ["changed a.safetensors"]);
}

#[test]
fn an_added_file_is_refused_or_listed_as_not_covered() {
    let model = Model::small();
    let signed = model.sign();
    model.write("sub/extra.py", "import os");
    assert_eq!(differences(&model, &signed.bundle), ["unsigned sub/extra.py"]);
    let report = model.verify_allowing_unsigned(&signed.bundle).unwrap();
    assert_eq!(report.not_covered, [not_covered("sub/extra.py", Why::Unsigned)]);
    assert_eq!(report.artefact, signed.artefact, "what was not signed is no part of the artefact");
}

#[test]
fn a_missing_file_is_refused_even_where_unsigned_files_are_allowed() {
    for gone in ["a.safetensors", "empty", "sub/tok.json"] {
        let model = Model::small();
        let signed = model.sign();
        model.remove(gone);
        assert_eq!(differences(&model, &signed.bundle), [format!("missing {gone}")]);
        assert!(matches!(model.verify_allowing_unsigned(&signed.bundle), Err(VerifyError::Differs(_))));
    }
}

#[test]
fn a_renamed_file_is_refused_though_the_subject_digest_stays_the_same() {
    let model = Model::small();
    let signed = model.sign();
    model.rename("b.safetensors", "c.safetensors");
    let renamed = model.sign();
    assert_eq!(renamed.manifest.root(), signed.manifest.root(), "OMS does not bind names");
    assert_ne!(renamed.artefact.digest, signed.artefact.digest, "the artefact does");
    assert_eq!(differences(&model, &signed.bundle), ["missing b.safetensors", "unsigned c.safetensors"]);
}

#[test]
fn swapped_contents_are_refused_in_both_files() {
    let model = Model::small();
    let signed = model.sign();
    model.rename("a.safetensors", "swap");
    model.rename("b.safetensors", "a.safetensors");
    model.rename("swap", "b.safetensors");
    assert_eq!(differences(&model, &signed.bundle), ["changed a.safetensors", "changed b.safetensors"]);
}

#[cfg(unix)]
#[test]
fn a_link_in_the_place_of_a_signed_file_or_folder_is_refused_though_the_bytes_agree() {
    use std::os::unix::fs::symlink;
    let model = Model::small();
    let signed = model.sign();
    std::fs::rename(model.at("a.safetensors"), model.beside("a")).unwrap();
    symlink(model.beside("a"), model.at("a.safetensors")).unwrap();
    assert_eq!(differences(&model, &signed.bundle), ["link a.safetensors"]);
    assert!(model.verify_allowing_unsigned(&signed.bundle).is_err());

    let model = Model::small();
    let signed = model.sign();
    std::fs::rename(model.at("sub"), model.beside("sub")).unwrap();
    symlink(model.beside("sub"), model.at("sub")).unwrap();
    assert_eq!(differences(&model, &signed.bundle), ["missing sub/tok.json", "link sub"]);
    assert!(model.verify_allowing_unsigned(&signed.bundle).is_err());
}

#[cfg(unix)]
#[test]
fn an_added_link_is_refused_wherever_it_leads_or_listed_as_not_covered() {
    use std::os::unix::fs::symlink;
    for target in ["a.safetensors", "nowhere", "../..", "/"] {
        let model = Model::small();
        let signed = model.sign();
        symlink(target, model.at("sub/link")).unwrap();
        assert_eq!(differences(&model, &signed.bundle), ["link sub/link"], "{target}");
        let report = model.verify_allowing_unsigned(&signed.bundle).unwrap();
        assert_eq!(report.not_covered, [not_covered("sub/link", Why::Unsigned)]);
        assert!(
            matches!(model.try_sign(&[]), Err(SignError::Folder(FolderError::Link { path })) if path == "sub/link")
        );
    }
}

#[cfg(unix)]
#[test]
fn a_pipe_is_refused_and_never_opened() {
    let model = Model::small();
    let signed = model.sign();
    let made = std::process::Command::new("mkfifo").arg(model.at("pipe")).status().unwrap();
    assert!(made.success());
    assert_eq!(differences(&model, &signed.bundle), ["special pipe"]);
    assert!(
        matches!(model.try_sign(&[]), Err(SignError::Folder(FolderError::Special { path })) if path == "pipe")
    );
    model.remove("pipe");
    model.remove("a.safetensors");
    std::process::Command::new("mkfifo").arg(model.at("a.safetensors")).status().unwrap();
    assert_eq!(differences(&model, &signed.bundle), ["special a.safetensors"]);
    assert!(model.verify_allowing_unsigned(&signed.bundle).is_err());
}

#[test]
fn what_a_signature_does_not_speak_of_may_change() {
    let model = Model::small();
    let signed = model.sign();
    std::fs::create_dir(model.at("empty-folder")).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::Permissions::from_mode(0o700);
        std::fs::set_permissions(model.at("a.safetensors"), mode).unwrap();
    }
    assert!(model.verify(&signed.bundle).is_ok());
    std::fs::rename(model.folder(), model.beside("renamed")).unwrap();
    let options = VerifyOptions::default();
    let key = key(1).public_key();
    assert!(verify(&model.beside("renamed"), &signed.bundle, &key, &options, &|_| {}).is_ok());
}

#[test]
fn what_the_signer_left_out_may_change_and_is_listed() {
    let model = Model::small();
    model.write("logs/1", "one");
    let signed = model.try_sign(&["logs", "model.sig"]).unwrap();
    model.write("logs/2", "two");
    model.write(".gitignore", "*");
    model.write(".git/config", "");
    model.write("model.sig", &signed.bundle);
    let report = model.verify(&signed.bundle).unwrap();
    let by_signer = [".git", ".gitignore", "logs", "model.sig"].map(|p| not_covered(p, Why::IgnoredBySigner));
    assert_eq!(report.not_covered, by_signer);
    // Namesakes of what is left out are not left out.
    for namesake in [".gitmodules", "sub/.git", "logs2", "sub/model.sig"] {
        model.write(namesake, "");
        assert_eq!(differences(&model, &signed.bundle), [format!("unsigned {namesake}")]);
        model.remove(namesake);
    }
}

#[test]
fn a_signature_copied_into_the_folder_afterwards_is_an_unsigned_file_unless_the_verifier_names_it() {
    let model = Model::small();
    let signed = model.sign();
    model.write("model.sig", &signed.bundle);
    assert_eq!(differences(&model, &signed.bundle), ["unsigned model.sig"]);
    let options = VerifyOptions { ignore: vec!["model.sig".into()], ..VerifyOptions::default() };
    let report = verify(&model.folder(), &signed.bundle, &key(1).public_key(), &options, &|_| {}).unwrap();
    assert_eq!(report.not_covered, [not_covered("model.sig", Why::IgnoredByVerifier)]);
}

#[test]
fn a_verifier_cannot_leave_out_what_was_signed_nor_everything() {
    let model = Model::small();
    let signed = model.sign();
    let with = |path: &str| {
        let options = VerifyOptions { ignore: vec![path.into()], ..VerifyOptions::default() };
        verify(&model.folder(), &signed.bundle, &key(1).public_key(), &options, &|_| {}).unwrap_err()
    };
    assert!(matches!(with("sub"), VerifyError::IgnoresSigned(path) if path == "sub/tok.json"));
    for path in [".", "", "..", "../model", "/tmp", "sub/../a.safetensors"] {
        assert!(matches!(with(path), VerifyError::Ignore(_)), "{path}");
    }
}

#[test]
fn resources_stand_in_the_order_of_path_components() {
    let model = Model::new(&[("a-b", "1"), ("a/b", "2"), ("日本 語.txt", "3"), (".hid", "4"), ("a.b", "5")]);
    let signed = model.sign();
    let order: Vec<&str> = signed.manifest.resources().iter().map(|r| r.path.as_str()).collect();
    assert_eq!(order, [".hid", "a/b", "a-b", "a.b", "日本 語.txt"]);
    assert!(model.verify(&signed.bundle).is_ok());
}

#[test]
fn a_single_file_is_a_model_too() {
    let model = Model::small();
    let file = model.at("a.safetensors");
    let signed = sign(&file, &key(1), &SignOptions::default(), &|_| {}).unwrap();
    let (key, options) = (key(1).public_key(), VerifyOptions::default());
    let report = verify(&file, &signed.bundle, &key, &options, &|_| {}).unwrap();
    assert_eq!((report.name.as_str(), report.files[0].path.as_str()), ("a.safetensors", "."));
    let other = verify(&model.at("b.safetensors"), &signed.bundle, &key, &options, &|_| {});
    assert!(matches!(other, Err(VerifyError::Differs(_))));
    let folder = model.verify(&signed.bundle);
    assert!(matches!(folder, Err(VerifyError::Kind { signed_single: true })));
    let of_folder = model.sign();
    let as_file = verify(&file, &of_folder.bundle, &key, &options, &|_| {});
    assert!(matches!(as_file, Err(VerifyError::Kind { signed_single: false })));
}

#[test]
fn nothing_and_what_cannot_be_named_is_not_signed() {
    let empty = Model::new(&[(".git/config", "")]);
    assert!(matches!(empty.try_sign(&[]), Err(SignError::Folder(FolderError::Empty { .. }))));
    let model = Model::small();
    for path in [".", "", "..", "../b", "/a", "sub/"] {
        assert!(matches!(model.try_sign(&[path]), Err(SignError::Ignore(_))), "{path}");
    }
    model.write("line\nbreak", "");
    assert!(matches!(model.try_sign(&[]), Err(SignError::Folder(FolderError::Name(_)))));
    let none = sign(&model.at("none"), &key(1), &SignOptions::default(), &|_| {});
    assert!(matches!(none, Err(SignError::Folder(FolderError::Io { .. }))));
}

#[cfg(target_os = "linux")]
#[test]
fn a_name_that_is_not_utf_8_is_refused() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    let model = Model::small();
    std::fs::write(model.folder().join(OsStr::from_bytes(b"\xff")), "").unwrap();
    assert!(matches!(model.try_sign(&[]), Err(SignError::Folder(FolderError::NotUtf8 { .. }))));
}

#[test]
fn folders_nested_without_end_are_refused() {
    let model = Model::new(&[(&format!("{}file", "d/".repeat(80)), "")]);
    assert!(matches!(model.try_sign(&[]), Err(SignError::Folder(FolderError::TooDeep { .. }))));
}

#[test]
fn an_ed25519_key_is_refused_before_anything_is_read() {
    let model = Model::small();
    let ed25519 = SecretKey::from_seed(Algorithm::Ed25519, &[1; 32]).unwrap();
    let unread = |_: Progress| panic!("read");
    let signed = sign(&model.folder(), &ed25519, &SignOptions::default(), &unread);
    assert!(matches!(signed, Err(SignError::Key(SignatureError::KeyType(Algorithm::Ed25519)))));
    let bundle = model.sign().bundle;
    let options = VerifyOptions::default();
    let verified = verify(&model.folder(), &bundle, &ed25519.public_key(), &options, &unread);
    assert!(matches!(verified, Err(VerifyError::Signature(SignatureError::KeyType(_)))));
}

#[test]
fn each_byte_is_read_once_and_told_of() {
    let model = Model::small();
    let large = vec![7_u8; (5 << 20) + 3];
    model.write("large", &large);
    let heard = Mutex::new(Vec::new());
    let listen = |progress: Progress| heard.lock().unwrap().push(progress);
    sign(&model.folder(), &key(1), &SignOptions::default(), &listen).unwrap();
    let heard = heard.into_inner().unwrap();
    let bytes = 26 + large.len() as u64;
    assert!(heard.iter().all(|p| p.files == 6 && p.bytes == bytes && p.bytes_done <= bytes));
    assert_eq!(heard.iter().map(|p| p.bytes_done).max(), Some(bytes));
    assert_eq!(heard.iter().map(|p| p.files_done).max(), Some(6));
    assert!(heard.len() > 6, "told of within a large file too");
}

#[test]
fn many_small_files_are_verified_and_the_one_changed_is_found() {
    let names: Vec<String> = (0..500).map(|n| format!("shards/{:02}/{n:04}", n % 7)).collect();
    let files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), name.as_str())).collect();
    let model = Model::new(&files);
    let signed = model.sign();
    assert_eq!(model.verify(&signed.bundle).unwrap().files.len(), 500);
    model.write("shards/03/0409", "other");
    assert_eq!(differences(&model, &signed.bundle), ["changed shards/03/0409"]);
}
