//! The invented register that tests fold into, with a shipped policy and regime.

use std::collections::BTreeMap;
use std::path::Path;

use evidence::folder_digest_of;

use crate::bench::world::World;
use crate::{Library, Policy};

/// Reads a shipped folder.
pub(crate) fn folder(path: &str) -> BTreeMap<String, Vec<u8>> {
    fn walk(base: &Path, at: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
        for entry in std::fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(base, &path, files);
            } else {
                files.insert(
                    path.strip_prefix(base).unwrap().to_str().unwrap().to_owned(),
                    std::fs::read(&path).unwrap(),
                );
            }
        }
    }
    let base = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
    let mut files = BTreeMap::new();
    walk(&base, &base, &mut files);
    files
}

/// Builds it.
pub(crate) fn world() -> World {
    world_under(&folder("policies/standard"))
}

/// Builds it under another policy.
pub(crate) fn world_under(policy: &BTreeMap<String, Vec<u8>>) -> World {
    let regime = folder("regimes/eu-gpai");
    let digest = folder_digest_of(&regime).unwrap();
    let mut library = Library::default();
    library.add_regime(digest, law::Regime::load(&regime).unwrap());
    let policy = Policy::load(policy).unwrap();
    World::build(policy, &library, ("eu-gpai".parse().unwrap(), digest)).unwrap()
}
