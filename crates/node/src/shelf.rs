//! The files of policies and regimes: what can be adopted here, and what has been.

use std::collections::BTreeMap;
use std::sync::Arc;

use evidence::{Digest, Predicate, folder_digest_of, sha256};
use law::Regime;
use register::{Library, Policy};

/// Files by their path relative to a folder.
pub type Files = BTreeMap<String, Vec<u8>>;

/// The name of the list of an adopted folder's files: `blob/<folder digest>/index` holds exactly
/// the lines whose SHA-256 is the folder digest.
pub(crate) const INDEX: &str = "index";

const MAX_FILES: usize = 4096;
const MAX_BYTES: usize = 64 << 20;

/// Folders that come with the program, at hand for adoption.
#[derive(Debug, Clone, Default)]
pub struct Shipped {
    /// Policies.
    pub policies: Vec<Files>,
    /// Regimes.
    pub regimes: Vec<Files>,
}

/// Says why a folder cannot be at hand.
#[derive(Debug, thiserror::Error)]
pub enum ShelfError {
    /// A path cannot be published below `/log/blob/`.
    #[error(
        "the file name {0:?} cannot be published: expected a relative path without `.` or `..`, not `index`"
    )]
    Path(String),
    /// There is too much of it.
    #[error("a policy or regime has at most {MAX_FILES} files and {MAX_BYTES} bytes")]
    TooLarge,
    /// The files are no policy.
    #[error("a policy cannot be read: {0}")]
    Policy(#[from] register::PolicyError),
    /// The files are no regime.
    #[error("a regime cannot be read: {0}")]
    Regime(String),
    /// The stored files are not those that were adopted.
    #[error("the files stored for the folder {expected} have the digest {found}: the database was changed")]
    Changed {
        /// The folder as adopted.
        expected: Digest,
        /// The digest of the files found.
        found: String,
    },
}

/// Every folder at hand, as files and read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shelf {
    folders: BTreeMap<Digest, Files>,
    library: Library,
}

impl Shelf {
    /// Takes in what is shipped and what was adopted before.
    pub(crate) fn new(shipped: Shipped, adopted: BTreeMap<Digest, Files>) -> Result<Self, ShelfError> {
        let mut shelf = Self::default();
        for files in shipped.policies {
            shelf.add_policy(files)?;
        }
        for files in shipped.regimes {
            shelf.add_regime(files)?;
        }
        shelf.take_in(adopted)?;
        Ok(shelf)
    }

    /// Takes in what was adopted before, here or by another server.
    pub(crate) fn take_in(&mut self, adopted: BTreeMap<Digest, Files>) -> Result<(), ShelfError> {
        for (expected, files) in adopted {
            let found = digest(&files)?;
            if found != expected {
                return Err(ShelfError::Changed { expected, found: found.to_string() });
            }
            if files.contains_key("policy.toml") {
                self.add_policy(files)?;
            } else {
                self.add_regime(files)?;
            }
        }
        Ok(())
    }

    pub(crate) fn add_policy(&mut self, files: Files) -> Result<Digest, ShelfError> {
        check(&files)?;
        let digest = self.library.add_policy(Policy::load(&files)?);
        self.folders.insert(digest, files);
        Ok(digest)
    }

    fn add_regime(&mut self, files: Files) -> Result<(), ShelfError> {
        check(&files)?;
        let digest = digest(&files)?;
        let regime = Regime::load(&files).map_err(|problems| {
            ShelfError::Regime(problems.first().map(ToString::to_string).unwrap_or_default())
        })?;
        self.library.add_regime(digest, regime);
        self.folders.insert(digest, files);
        Ok(())
    }

    pub(crate) fn files(&self, folder: &Digest) -> Option<&Files> {
        self.folders.get(folder)
    }

    pub(crate) fn library(&self) -> Arc<Library> {
        Arc::new(self.library.clone())
    }
}

/// Returns the folder that a statement adopts.
pub(crate) fn adopted_by(predicate: &Predicate) -> Option<Digest> {
    match predicate {
        Predicate::NodeGenesis(genesis) => Some(genesis.policy),
        Predicate::PolicyAdoption(adoption) => Some(adoption.policy),
        Predicate::RegimeAdoption(adoption) => Some(adoption.folder),
        _ => None,
    }
}

/// Returns the lines whose SHA-256 is the folder digest: `<sha256 hex> SP <size> SP <path> LF`.
pub(crate) fn index_of(files: &Files) -> Vec<u8> {
    files
        .iter()
        .flat_map(|(path, bytes)| format!("{} {} {path}\n", sha256(bytes), bytes.len()).into_bytes())
        .collect()
}

fn digest(files: &Files) -> Result<Digest, ShelfError> {
    folder_digest_of(files).map_err(|e| ShelfError::Path(e.to_string()))
}

fn check(files: &Files) -> Result<(), ShelfError> {
    if files.len() > MAX_FILES || files.values().map(Vec::len).sum::<usize>() > MAX_BYTES {
        return Err(ShelfError::TooLarge);
    }
    for path in files.keys() {
        let steps_fit = path.split('/').all(|step| !step.is_empty() && !step.starts_with('.'));
        if !steps_fit || path == INDEX || path.contains('\\') || path.chars().any(char::is_control) {
            return Err(ShelfError::Path(path.chars().take(200).collect()));
        }
    }
    Ok(())
}
