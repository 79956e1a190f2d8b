//! No bytes make the readers panic, and what is read is what was written.

use kanae_weights::{Manifest, parse_bundle};
use proptest::prelude::*;

use crate::kit::{Model, bundle_of, statement};

/// JSON near enough to a signature file or statement to get past the first checks.
fn near_json(good: &str) -> impl Strategy<Value = Vec<u8>> + use<> {
    let good = good.as_bytes().to_vec();
    let length = good.len();
    let edit = (0..length, 0..24_usize, prop::collection::vec(any::<u8>(), 0..12));
    prop::collection::vec(edit, 1..4).prop_map(move |edits| {
        let mut bytes = good.clone();
        for (at, cut, insert) in edits {
            let at = at.min(bytes.len());
            let end = (at + cut).min(bytes.len());
            bytes.splice(at..end, insert);
        }
        bytes
    })
}

fn good_statement() -> String {
    statement(&[("a", "1"), ("sub/b", "2")]).to_string()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_the_readers_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = parse_bundle(&bytes);
        let _ = Manifest::parse(&bytes);
    }

    #[test]
    fn no_damaged_signature_file_makes_the_reader_panic(bytes in near_json(&bundle_of(good_statement().as_bytes()).to_string())) {
        if let Ok(bundle) = parse_bundle(&bytes) {
            let _ = Manifest::parse(bundle.payload());
            let _ = bundle.verify(&crate::kit::key(1).public_key());
        }
    }

    #[test]
    fn a_damaged_statement_is_refused_or_still_consistent(bytes in near_json(&good_statement())) {
        if let Ok(manifest) = Manifest::parse(&bytes) {
            prop_assert_eq!(Manifest::parse(&manifest.to_payload()).unwrap(), manifest);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_folder_that_can_be_signed_verifies_and_no_changed_one_does(
        files in prop::collection::btree_map("[a-c日 .-]{1,3}(/[a-c-]{1,2}){0,2}", "[01]{0,3}", 1..6),
        at in any::<prop::sample::Index>(),
    ) {
        // Names that cannot stand side by side in a folder (a file and a folder, "." or "..").
        let names: Vec<&String> = files.keys().collect();
        prop_assume!(names.iter().all(|name| name.split('/').all(|part| part != "." && part != "..")));
        prop_assume!(names.iter().all(|a| names.iter().all(|b| !b.starts_with(&format!("{a}/")))));
        let listed: Vec<(&str, &str)> = files.iter().map(|(n, c)| (n.as_str(), c.as_str())).collect();
        let model = Model::new(&listed);
        let signed = model.sign();
        let report = model.verify(&signed.bundle).unwrap();
        prop_assert_eq!(report.artefact, signed.artefact);
        let (name, content) = listed[at.index(listed.len())];
        model.write(name, format!("{content}x"));
        let refusal = model.refusal(&signed.bundle);
        let debug_name = format!("{name:?}");
        prop_assert!(refusal.contains(&debug_name), "{refusal}");
    }
}
