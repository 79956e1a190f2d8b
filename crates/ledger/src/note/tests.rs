use super::*;
use proptest::prelude::*;

// The example of the specification: https://c2sp.org/signed-note
const SPEC_KEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const SPEC_NOTE: &str = "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

// The examples of Go's golang.org/x/mod/sumdb/note.
const PETER_SECRET: &str = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const PETER_KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const ENOCH_KEY: &str = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop";
const GO_TEXT: &str =
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const PETER_LINE: &str = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
const ENOCH_LINE: &str = "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n";

fn key(text: &str) -> VerifierKey {
    text.parse().unwrap()
}

fn note(text: &str) -> SignedNote {
    SignedNote::parse(text.as_bytes()).unwrap()
}

#[test]
fn the_example_of_the_specification_verifies() {
    let (note, keys) = (note(SPEC_NOTE), [key(SPEC_KEY)]);
    let verified = note.verify(&keys).unwrap();
    assert_eq!(verified.text, "This is an example message.\n");
    assert_eq!(verified.keys, [&keys[0]]);
    assert_eq!(keys[0].to_string(), SPEC_KEY);
    assert_eq!(note.to_string(), SPEC_NOTE);
}

#[test]
fn signing_gives_the_same_bytes_as_the_go_package() {
    let signer = NoteSigner::from_secret_text(PETER_SECRET).unwrap();
    assert_eq!(signer.verifier_key().to_string(), PETER_KEY);
    assert_eq!(*signer.to_secret_text(), PETER_SECRET);
    let signed = SignedNote::sign(GO_TEXT, &[&signer]).unwrap();
    assert_eq!(signed.to_string(), format!("{GO_TEXT}\n{PETER_LINE}"));
}

#[test]
fn the_secret_is_not_shown_by_accident() {
    let signer = NoteSigner::from_secret_text(PETER_SECRET).unwrap();
    assert_eq!(format!("{signer:?}"), "NoteSigner(PeterNeumann+c74f20a3)");
    let error = NoteSigner::from_secret_text(&PETER_SECRET.replace("c74f", "c74e")).unwrap_err();
    assert!(!error.to_string().contains("AYEKFALV"), "{error}");
}

#[test]
fn every_known_signature_is_reported_and_unknown_ones_are_ignored() {
    let both = note(&format!("{GO_TEXT}\n{PETER_LINE}{ENOCH_LINE}"));
    let keys = [key(ENOCH_KEY), key(PETER_KEY)];
    assert_eq!(both.verify(&keys).unwrap().keys, [&keys[1], &keys[0]]);
    assert_eq!(both.verify(&keys[..1]).unwrap().keys, [&keys[0]]);
    let unknown = both.verify(&[]).unwrap_err();
    assert_eq!(
        unknown.to_string(),
        "no signature is by a key that was asked for (none); the note is signed by PeterNeumann+c74f20a3, EnochRoot+af0cfe78"
    );
}

#[test]
fn a_bad_signature_by_a_known_key_refuses_the_whole_note() {
    let changed = ENOCH_LINE.replace("R0s", "R0t").replace("Xm2", "Xn2");
    let both = note(&format!("{GO_TEXT}\n{PETER_LINE}{changed}"));
    let keys = [key(PETER_KEY), key(ENOCH_KEY)];
    assert_eq!(
        both.verify(&keys),
        Err(NoteError::BadSignature { name: "EnochRoot".to_owned(), key_id: 0xaf0c_fe78 })
    );
    // To whoever does not know Enoch's key the line says nothing.
    assert!(both.verify(&keys[..1]).is_ok());
    let text_changed = note(&SPEC_NOTE.replace("an example", "no example"));
    assert!(matches!(text_changed.verify(&[key(SPEC_KEY)]), Err(NoteError::BadSignature { .. })));
}

#[test]
fn a_signature_that_shares_only_the_name_or_only_the_id_is_ignored() {
    let namesake = NoteSigner::from_seed("PeterNeumann", &[1; 32]).unwrap();
    let peter = NoteSigner::from_secret_text(PETER_SECRET).unwrap();
    let keys = [peter.verifier_key()];
    let both = SignedNote::sign(GO_TEXT, &[&namesake, &peter]).unwrap();
    assert_eq!(both.verify(&keys).unwrap().keys, [&keys[0]]);
    // Peter's ID under another name: even his own signature does not count, nor does a bad one spoil the note.
    let paul = PETER_LINE.replace("PeterNeumann", "PaulNeumann");
    let renamed = note(&format!("{GO_TEXT}\n{paul}"));
    assert!(matches!(renamed.verify(&keys), Err(NoteError::NoKnownSignature { .. })));
    let bad = paul.replace("ZJku", "ZJkv");
    assert!(note(&format!("{GO_TEXT}\n{bad}{PETER_LINE}")).verify(&keys).is_ok());
    let only_namesake = SignedNote::sign(GO_TEXT, &[&namesake]).unwrap();
    assert!(matches!(only_namesake.verify(&keys), Err(NoteError::NoKnownSignature { .. })));
}

#[test]
fn the_last_blank_line_separates_text_and_signatures() {
    let signer = NoteSigner::from_seed("example.com/log", &[1; 32]).unwrap();
    for text in ["\n", "\n\n", "a\n\nb\n", "a\n\n\n", "— a\n\n— b c\n"] {
        let signed = SignedNote::sign(text, &[&signer]).unwrap();
        let read = SignedNote::parse(&signed.to_bytes()).unwrap();
        assert_eq!(read, signed);
        assert_eq!(read.verify(&[signer.verifier_key()]).unwrap().text, text);
    }
}

#[test]
fn sixteen_and_up_to_a_hundred_signatures_are_accepted() {
    let signers: Vec<NoteSigner> =
        (0..101).map(|i| NoteSigner::from_seed(&format!("witness{i}"), &[7; 32]).unwrap()).collect();
    let all: Vec<&NoteSigner> = signers.iter().collect();
    for count in [16, 100] {
        let signed = SignedNote::sign("text\n", &all[..count]).unwrap();
        let read = SignedNote::parse(&signed.to_bytes()).unwrap();
        let keys: Vec<VerifierKey> = all.iter().map(|signer| signer.verifier_key()).collect();
        assert_eq!(read.verify(&keys).unwrap().keys.len(), count);
    }
    assert_eq!(SignedNote::sign("text\n", &all), Err(NoteError::TooManySignatures));
    let line = PETER_LINE.repeat(101);
    assert_eq!(SignedNote::parse(format!("text\n\n{line}").as_bytes()), Err(NoteError::TooManySignatures));
}

#[test]
fn nothing_is_signed_that_could_not_be_read() {
    let signer = NoteSigner::from_seed("example.com/log", &[1; 32]).unwrap();
    for text in ["", "no newline", "tab\t\n", "return\r\n", "nul\0\n"] {
        assert!(SignedNote::sign(text, &[&signer]).is_err(), "{text:?}");
    }
    assert_eq!(SignedNote::sign("text\n", &[]), Err(NoteError::Signers));
    assert_eq!(SignedNote::sign("text\n", &[&signer, &signer]), Err(NoteError::Signers));
}

#[test]
fn what_is_not_a_note_is_refused() {
    for other in [
        "",
        "\n\n",
        "text\n",
        "text\n\n",
        "text\n\n\n",
        "text\n\n— name\n",
        "text\n\n— name AAAA\n",
        "text\n\n— name AAAAAA==\n",
        "text\n\n— name AAAAAAB\n",
        "text\n\n— name AAAAAAB=\n",
        "text\n\n- name AAAAAAA=\n",
        "text\n\n— na+me AAAAAAA=\n",
        "text\n\n— na\u{a0}me AAAAAAA=\n",
        "text\n\n—  AAAAAAA=\n",
        "text\n\n— name AAAAAAA= \n",
        "text\n\n— name AAAAAAA=",
        "te\txt\n\n— name AAAAAAA=\n",
        "text\r\n\r\n— name AAAAAAA=\r\n",
    ] {
        assert!(SignedNote::parse(other.as_bytes()).is_err(), "{other:?}");
    }
    assert!(SignedNote::parse("text\n\n— name AAAAAAA=\n".as_bytes()).is_ok());
    assert_eq!(SignedNote::parse(b"te\xffxt\n\n"), Err(NoteError::NotText { offset: 2 }));
    assert!(matches!(SignedNote::parse(&vec![b'a'; MAX_NOTE_LEN + 1]), Err(NoteError::TooLong { .. })));
}

#[test]
fn what_is_not_a_key_is_refused() {
    for other in [
        "",
        "name",
        "name+530d903a",
        "+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/fo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U0=",
        "example.com/foo+530d903a+",
        "exam ple+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
    ] {
        assert!(other.parse::<VerifierKey>().is_err(), "{other:?}");
    }
    let other_kind = PETER_SECRET.replace("AYEK", "BIEK");
    assert!(matches!(NoteSigner::from_secret_text(&other_kind), Err(KeyError::SignerType { found: 4, .. })));
    assert!(NoteSigner::from_secret_text(PETER_KEY).is_err());
}

#[test]
fn a_key_under_which_anything_verifies_is_refused() {
    // The neutral element, and the point of order two.
    let mut neutral = [0; 32];
    neutral[0] = 1;
    assert!(VerifierKey::ed25519("name", &neutral).is_err());
    assert!(VerifierKey::ed25519("name", &[0; 32]).is_err());
}

#[test]
fn keys_of_other_types_are_carried_but_verify_nothing() {
    // A witness's cosignature key (type 0x04) of transparency-dev/formats.
    let text = "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2";
    let cosigner = key(text);
    assert!(!cosigner.can_verify());
    assert_eq!(cosigner.to_string(), text);
    let line = "— remora.n621.de 2net5wAAAAA=\n";
    let cosigned = note(&format!("{GO_TEXT}\n{line}{PETER_LINE}"));
    let keys = [cosigner, key(PETER_KEY)];
    assert_eq!(cosigned.verify(&keys).unwrap().keys, [&keys[1]]);
    assert!(cosigned.verify(&keys[..1]).is_err());
}

proptest! {
    #[test]
    fn a_note_that_is_read_is_written_the_same(
        text in "([a —\n]{0,8}\n)?", lines in "(— [a-c+ ]{1,3} [A-D]{4,8}={0,2}\n){0,3}",
    ) {
        let bytes = format!("{text}\n{lines}").into_bytes();
        if let Ok(note) = SignedNote::parse(&bytes) {
            prop_assert_eq!(note.to_bytes(), bytes);
        }
    }

    #[test]
    fn a_key_that_is_read_is_written_the_same(seed: [u8; 32], name in "[a-z./]{1,12}") {
        let signer = NoteSigner::from_seed(&name, &seed).unwrap();
        let key = signer.verifier_key();
        prop_assert_eq!(key.to_string().parse(), Ok(key));
        let again = NoteSigner::from_secret_text(&signer.to_secret_text()).unwrap();
        prop_assert_eq!(again.verifier_key(), signer.verifier_key());
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), text in any::<String>()) {
        let _ = SignedNote::parse(&bytes);
        let _ = SignedNote::parse(text.as_bytes());
        let _ = text.parse::<VerifierKey>();
        let _ = NoteSigner::from_secret_text(&text);
        let _ = NoteSigner::from_secret_text(&format!("PRIVATE+KEY+{text}"));
    }
}
