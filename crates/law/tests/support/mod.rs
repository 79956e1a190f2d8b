//! Reading regimes from folders.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use kanae_law::{Language, Names, Regime};

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Files below a folder, path → bytes.
pub(crate) fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(next) = waiting.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                found.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    found
}

pub(crate) fn load(files: &BTreeMap<String, Vec<u8>>) -> Regime {
    Regime::load(files).unwrap_or_else(|problems| {
        let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
        panic!("{}", lines.join("\n"))
    })
}

/// Names for which every predicate of the register has a name, and nothing else.
pub(crate) fn names() -> Names<'static> {
    let statement: &'static dyn Fn(&str) -> Option<String> = &|predicate| {
        let schema = root().join("schemas").join(format!("{predicate}.schema.json"));
        schema.exists().then(|| predicate.to_owned())
    };
    Names { statement, ..Names::plain(Language::En) }
}

pub(crate) fn shipped(id: &str) -> Regime {
    load(&files(&root().join("regimes").join(id)))
}
