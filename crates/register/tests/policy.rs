//! The shipped policy against its hand-written table, and the table against a policy with holes.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::path::Path;

use evidence::folder_digest_of;
use kanae_register::bench::Bench;
use kanae_register::{Library, Policy, PolicyError};

type Files = BTreeMap<String, Vec<u8>>;

fn folder(path: &str) -> Files {
    fn walk(base: &Path, at: &Path, files: &mut Files) {
        for entry in std::fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(base, &path, files);
            } else {
                let name = path.strip_prefix(base).unwrap().to_str().unwrap().to_owned();
                files.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    let base = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
    let mut files = Files::new();
    walk(&base, &base, &mut files);
    files
}

fn bench(policy: &Files) -> Result<Bench, PolicyError> {
    let regime = folder("regimes/eu-gpai");
    let digest = folder_digest_of(&regime).unwrap();
    let mut library = Library::default();
    library.add_regime(digest, law::Regime::load(&regime).unwrap());
    Bench::load(policy, &library, ("eu-gpai".parse().unwrap(), digest))
}

#[test]
fn every_act_is_allowed_to_whom_the_table_says_and_to_nobody_else() {
    let bench = bench(&folder("policies/standard")).unwrap();
    let deviations = bench.deviations();
    assert!(deviations.is_empty(), "{deviations:#?}");
    assert!(bench.len() > 300);
}

#[test]
fn switching_off_any_one_rule_is_noticed() {
    let bench = bench(&folder("policies/standard")).unwrap();
    let relaxations = bench.relaxations();
    assert!(relaxations.len() > 100, "{}", relaxations.len());
    let unnoticed: Vec<_> =
        relaxations.iter().filter(|relaxation| !bench.notices(relaxation)).map(|r| &r.rule).collect();
    assert!(unnoticed.is_empty(), "no case notices that these rules are missing: {unnoticed:#?}");
}

#[test]
fn a_policy_with_a_mistake_is_refused_with_the_row() {
    let good = String::from_utf8(folder("policies/standard").remove("policy.toml").unwrap()).unwrap();
    let refusal = |from: &str, to: &str| {
        assert!(good.contains(from), "{from}");
        let files = Files::from([("policy.toml".to_owned(), good.replacen(from, to, 1).into_bytes())]);
        Policy::load(&files).unwrap_err().to_string()
    };
    insta::assert_snapshot!(refusal("[act.designation]", "[act.desgination]"), @"policy.toml: act.desgination: there is no predicate of this name");
    insta::assert_snapshot!(refusal("owner_role = \"developer\"", "owner_role = \"develper\""), @r#"policy.toml: act.designation: owner_role names "develper", which is no organisation's role"#);
    insta::assert_snapshot!(refusal("about = [\"origin\"]", "about = [\"planet\"]"), @r#"policy.toml: act.node-genesis: about names "planet", which is neither one of ["origin", "key", "genesis", "organisation", "model", "model-version", "certificate", "role-grant"] nor a predicate"#);
    assert!(refusal("said_by = [\"node\"]", "said_bye = [\"node\"]").contains("said_bye"));
}
