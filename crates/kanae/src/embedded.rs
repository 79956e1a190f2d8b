//! Data files that travel inside the binary and can be replaced by folders.

use std::collections::BTreeMap;
use std::path::Path;

use include_dir::{Dir, include_dir};

use crate::failure::{Failure, Kind};

/// The shipped laws: one folder a regime.
pub(crate) static REGIMES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../regimes");
/// The common vocabulary of duties.
pub(crate) const CROSSWALK: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/crosswalk.toml"));
/// The shipped policies.
pub(crate) static POLICIES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../policies");
/// The shipped test suites.
pub(crate) static SUITES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../suites");

/// Files by path relative to their folder.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// Returns every file below an embedded folder.
pub(crate) fn files(dir: &Dir<'_>) -> Files {
    fn walk(dir: &Dir<'_>, base: &Path, files: &mut Files) {
        for file in dir.files() {
            if let Some(path) = file.path().strip_prefix(base).ok().and_then(Path::to_str) {
                files.insert(path.to_owned(), file.contents().to_vec());
            }
        }
        for sub in dir.dirs() {
            walk(sub, base, files);
        }
    }
    let mut found = Files::new();
    walk(dir, dir.path(), &mut found);
    found
}

/// Sorts files into the folders that their paths begin with: regimes, policies and suites by name.
pub(crate) fn folders(files: Files) -> BTreeMap<String, Files> {
    let mut folders = BTreeMap::<String, Files>::new();
    for (path, bytes) in files {
        if let Some((folder, file)) = path.split_once('/') {
            folders.entry(folder.to_owned()).or_default().insert(file.to_owned(), bytes);
        }
    }
    folders
}

/// Largest file and largest number of files that a data folder may hold.
const MAX_FILE: u64 = 16 << 20;
const MAX_FILES: usize = 4096;

/// Reads every file below a folder on disk; symbolic links are not followed.
pub(crate) fn read_folder(folder: &Path) -> Result<Files, Failure> {
    let mut found = Files::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(next) = waiting.pop() {
        for entry in std::fs::read_dir(&next).map_err(|e| Failure::io(&next, &e))? {
            let entry = entry.map_err(|e| Failure::io(&next, &e))?;
            let path = entry.path();
            let kind = entry.file_type().map_err(|e| Failure::io(&path, &e))?;
            if kind.is_dir() {
                waiting.push(path);
            } else if kind.is_file() {
                let size = entry.metadata().map_err(|e| Failure::io(&path, &e))?.len();
                if size > MAX_FILE || found.len() >= MAX_FILES {
                    return Err(Failure::new(
                        Kind::Data,
                        format!(
                            "{}: larger than {MAX_FILE} bytes, or more than {MAX_FILES} files in the folder",
                            path.display()
                        ),
                    ));
                }
                let name = path.strip_prefix(folder).ok().and_then(Path::to_str).ok_or_else(|| {
                    Failure::new(Kind::Data, format!("{}: the file name is not UTF-8", path.display()))
                })?;
                let bytes = std::fs::read(&path).map_err(|e| Failure::io(&path, &e))?;
                found.insert(name.to_owned(), bytes);
            }
        }
    }
    Ok(found)
}
