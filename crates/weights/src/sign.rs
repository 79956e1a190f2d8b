//! Signing a model.

use std::path::Path;

use evidence::SecretKey;

use crate::bundle::{SignatureError, sign_bundle};
use crate::folder::{Artefact, FolderError, Listing, Watch, artefact_of, digests};
use crate::manifest::{Manifest, Resource};
use crate::path::{self, GIT_PATHS, PathError};

/// What to sign.
#[derive(Debug, Clone, Default)]
pub struct SignOptions {
    /// Paths in the folder to leave out, with all that lies below them: the signature's own, if it
    /// will lie there. The statement names them, and so does every report of a verification.
    /// [`GIT_PATHS`] are left out in any case.
    pub ignore: Vec<String>,
}

/// A signed model.
#[derive(Debug, Clone)]
pub struct Signed {
    /// The signature file's bytes.
    pub bundle: Vec<u8>,
    /// What was signed.
    pub manifest: Manifest,
    /// The model's identity in the register, over exactly the signed files.
    pub artefact: Artefact,
}

/// Why a model could not be signed.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// The model cannot be read, or holds what cannot be signed.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// A path to be left out is the whole folder, or lies outside it.
    #[error("path to leave out: {0}")]
    Ignore(PathError),
    /// The key cannot make OMS signatures.
    #[error(transparent)]
    Key(#[from] SignatureError),
}

/// Signs a model, a folder or a single file, with an ECDSA P-256 key: an OpenSSF Model Signing
/// bundle v0.3 that holds the SHA-256 of each file, which `model_signing verify key` takes.
///
/// Each byte is read once, several files at a time.
pub fn sign(
    model: &Path,
    key: &SecretKey,
    options: &SignOptions,
    progress: &Watch<'_>,
) -> Result<Signed, SignError> {
    // A key that cannot sign is told before hours of reading, not after.
    sign_bundle(b"", key)?;
    for path in &options.ignore {
        path::check(path).map_err(SignError::Ignore)?;
    }
    let mut ignore: Vec<&str> =
        GIT_PATHS.into_iter().chain(options.ignore.iter().map(String::as_str)).collect();
    ignore.sort_unstable();
    ignore.dedup();
    let listing = Listing::read(model, &ignore)?.regular_only()?;
    if listing.files.is_empty() {
        return Err(FolderError::Empty { path: model.to_owned() }.into());
    }
    let digests = digests(&listing.files, progress)?;
    let artefact = artefact_of(&listing.files, &digests)?;
    let resources = listing
        .files
        .into_iter()
        .zip(digests)
        .map(|(file, digest)| Resource { path: file.path, digest })
        .collect();
    let ignored = ignore.into_iter().map(str::to_owned).collect();
    let manifest = Manifest::new(name_of(model), resources, ignored);
    let bundle = sign_bundle(&manifest.to_payload(), key)?;
    Ok(Signed { bundle, manifest, artefact })
}

/// Returns the last component of the model's path, resolved where it is `.` or ends in `..`.
fn name_of(model: &Path) -> String {
    let name = match model.file_name() {
        Some(name) => Some(name.to_owned()),
        None => model.canonicalize().ok().and_then(|path| path.file_name().map(ToOwned::to_owned)),
    };
    name.map_or_else(|| "model".to_owned(), |name| name.to_string_lossy().into_owned())
}
