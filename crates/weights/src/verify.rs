//! Verifying a model against its signature.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::path::Path;

use evidence::{Digest, PublicKey};
use serde::Serialize;

use crate::bundle::{BundleError, SignatureError, SignedBy, parse_bundle};
use crate::folder::{Artefact, Entry, FolderError, Listing, Strange, Watch, artefact_of, digests};
use crate::manifest::{Manifest, ManifestError};
use crate::path::{self, GIT_PATHS, PathError};

/// What the verifier itself leaves out, beside what the signer did.
#[derive(Debug, Clone, Default)]
pub struct VerifyOptions {
    /// Paths in the folder not to look at, with all that lies below them: the signature's own, if
    /// it lies there.
    pub ignore: Vec<String>,
    /// Take a folder that holds more than what was signed, and report the rest as not covered.
    pub allow_unsigned: bool,
}

/// Why a model is not shown to be what was signed.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The signature file is no OMS bundle that Kanae reads.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// The signature is not the key's.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// The signature is the key's, but over a statement that shows nothing.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// A path to be left out is the whole folder, or lies outside it.
    #[error("path to leave out: {0}")]
    Ignore(PathError),
    /// The verifier would leave out a signed file.
    #[error("{0:?} was signed, so it cannot be left out")]
    IgnoresSigned(String),
    /// The model cannot be read.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The model is a folder where a single file was signed, or the other way round.
    #[error("{}", if *.signed_single { "a single file was signed, and this is a folder; give the file itself" } else { "a folder was signed, and this is a single file; give the folder" })]
    Kind {
        /// Whether a single file was signed.
        signed_single: bool,
    },
    /// The model is not what was signed.
    #[error("{0}")]
    Differs(Differences),
}

/// Everything in which a model differs from what was signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Differences(pub Vec<Difference>);

/// A way in which a model differs from what was signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Difference {
    /// A file's bytes are others.
    #[error("{path:?} was changed: signed with SHA-256 {signed}, found {found}")]
    Changed {
        /// The file.
        path: String,
        /// The digest that was signed.
        signed: Digest,
        /// The digest of what is there.
        found: Digest,
    },
    /// A signed file is not there.
    #[error("{path:?} was signed and is missing")]
    Missing {
        /// The file.
        path: String,
    },
    /// A file is there that was not signed.
    #[error("{path:?} was not signed")]
    Unsigned {
        /// The file.
        path: String,
    },
    /// A symbolic link is there.
    #[error("{path:?} is a symbolic link, which can lead anywhere; only files themselves are verified")]
    Link {
        /// The link.
        path: String,
    },
    /// A pipe, socket or device is there.
    #[error("{path:?} is neither a file nor a folder")]
    Special {
        /// The thing.
        path: String,
    },
}

/// How many differences an error message names.
const SHOWN: usize = 10;

impl fmt::Display for Differences {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the model is not what was signed: ")?;
        for (at, difference) in self.0.iter().take(SHOWN).enumerate() {
            write!(f, "{}{difference}", if at == 0 { "" } else { "; " })?;
        }
        match self.0.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, "; and {more} more"),
        }
    }
}

/// What a verification has shown: these files are byte for byte those that the key signed.
///
/// Not that the model is safe, nor anything about the paths in `not_covered`.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The name that the signer gave the model. Nothing depends on it.
    pub name: String,
    /// The signature that was found good.
    pub signature: SignedBy,
    /// The model's identity in the register, over exactly the files verified.
    pub artefact: Artefact,
    /// The digest of the OMS statement's subject, which does not bind file names.
    pub subject_digest: Digest,
    /// The files verified, by component order of their paths.
    pub files: Vec<SignedFile>,
    /// What exists in the folder and was not verified.
    pub not_covered: Vec<NotCovered>,
    /// The paths that the signer said to leave out; absent where the statement does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signed_ignore_paths: Option<Vec<String>>,
    /// Transparency-log entries in the bundle, which Kanae does not check.
    pub unchecked_log_entries: usize,
}

/// A file that was verified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SignedFile {
    /// Its path in the model.
    pub path: String,
    /// Its bytes.
    pub size: u64,
    /// Their SHA-256.
    pub digest: Digest,
}

/// Something in the folder that was not verified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NotCovered {
    /// Its path; where it is a folder, all that lies below it too.
    pub path: String,
    /// Why it was not verified.
    pub why: Why,
}

/// Why something in a folder was not verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Why {
    /// The signer left it out.
    IgnoredBySigner,
    /// It is a trace of a Git checkout, and the statement does not say what it left out.
    IgnoredByDefault,
    /// The verifier left it out.
    IgnoredByVerifier,
    /// It was not signed, and the verifier allowed that.
    Unsigned,
}

/// Verifies that a model, a folder or a single file, is what `key` signed in `bundle`.
///
/// First the signature, then the statement, then which files there are, then their bytes: each is
/// read once, several files at a time, and only if all signed files and no others are there.
pub fn verify(
    model: &Path,
    bundle: &[u8],
    key: &PublicKey,
    options: &VerifyOptions,
    progress: &Watch<'_>,
) -> Result<Report, VerifyError> {
    let bundle = parse_bundle(bundle)?;
    let signature = bundle.verify(key)?;
    let manifest = Manifest::parse(bundle.payload())?;
    let signed: HashMap<&str, Digest> =
        manifest.resources().iter().map(|r| (r.path.as_str(), r.digest)).collect();

    let ignored = Ignored::of(&manifest, options)?;
    let listing = Listing::read(model, &ignored.paths())?;
    if listing.single != manifest.is_single_file() {
        return Err(VerifyError::Kind { signed_single: manifest.is_single_file() });
    }
    let mut not_covered: Vec<NotCovered> = listing
        .ignored
        .iter()
        .map(|path| NotCovered { path: path.clone(), why: ignored.why(path) })
        .collect();

    let mut differences = missing(&manifest, &listing);
    let places: HashSet<&str> = signed.keys().flat_map(|path| path::with_parents(path)).collect();
    for (path, strange) in &listing.strange {
        // A link in the place of a signed file or folder is never a mere addition.
        if options.allow_unsigned && !places.contains(path.as_str()) {
            not_covered.push(NotCovered { path: path.clone(), why: Why::Unsigned });
        } else {
            differences.push(match strange {
                Strange::Link => Difference::Link { path: path.clone() },
                Strange::Special => Difference::Special { path: path.clone() },
            });
        }
    }
    let mut files: Vec<Entry> = Vec::with_capacity(signed.len());
    for file in listing.files {
        if signed.contains_key(file.path.as_str()) {
            files.push(file);
        } else if options.allow_unsigned {
            not_covered.push(NotCovered { path: file.path, why: Why::Unsigned });
        } else {
            differences.push(Difference::Unsigned { path: file.path });
        }
    }
    if !differences.is_empty() {
        return Err(VerifyError::Differs(Differences(differences)));
    }

    let digests = digests(&files, progress)?;
    let changed: Vec<Difference> = files
        .iter()
        .zip(&digests)
        .filter_map(|(file, &found)| {
            let signed = *signed.get(file.path.as_str())?;
            (found != signed).then(|| Difference::Changed { path: file.path.clone(), signed, found })
        })
        .collect();
    if !changed.is_empty() {
        return Err(VerifyError::Differs(Differences(changed)));
    }

    let artefact = artefact_of(&files, &digests)?;
    let files = files
        .into_iter()
        .zip(digests)
        .map(|(file, digest)| SignedFile { path: file.path, size: file.size, digest })
        .collect();
    not_covered.sort_by(|a, b| path::order(&a.path, &b.path));
    Ok(Report {
        name: manifest.name().to_owned(),
        signature,
        artefact,
        subject_digest: manifest.root(),
        files,
        not_covered,
        signed_ignore_paths: manifest.ignored().map(<[String]>::to_vec),
        unchecked_log_entries: bundle.log_entries(),
    })
}

fn missing(manifest: &Manifest, listing: &Listing) -> Vec<Difference> {
    let present: HashSet<&str> = listing.files.iter().map(|file| file.path.as_str()).collect();
    let strange: HashSet<&str> = listing.strange.iter().map(|(path, _)| path.as_str()).collect();
    manifest
        .resources()
        .iter()
        .filter(|r| !present.contains(r.path.as_str()) && !strange.contains(r.path.as_str()))
        .map(|r| Difference::Missing { path: r.path.clone() })
        .collect()
}

/// The paths that are not looked at, by who leaves them out.
struct Ignored<'p> {
    signer: HashSet<&'p str>,
    default: HashSet<&'p str>,
    verifier: HashSet<&'p str>,
}

impl<'p> Ignored<'p> {
    fn of(manifest: &'p Manifest, options: &'p VerifyOptions) -> Result<Self, VerifyError> {
        for ignored in &options.ignore {
            path::check(ignored).map_err(VerifyError::Ignore)?;
            if let Some(signed) = manifest.resources().iter().find(|r| path::is_within(&r.path, ignored)) {
                return Err(VerifyError::IgnoresSigned(signed.path.clone()));
            }
        }
        // Before 1.1 a statement did not say what it left out; the tool left out Git's paths.
        let default = GIT_PATHS.into_iter().filter(|path| {
            let signed = manifest.resources().iter().any(|r| path::is_within(&r.path, path));
            manifest.ignored().is_none() && !signed
        });
        Ok(Self {
            signer: manifest.ignored().unwrap_or_default().iter().map(String::as_str).collect(),
            default: default.collect(),
            verifier: options.ignore.iter().map(String::as_str).collect(),
        })
    }

    fn paths(&self) -> Vec<&'p str> {
        self.signer.iter().chain(&self.default).chain(&self.verifier).copied().collect()
    }

    fn why(&self, path: &str) -> Why {
        if self.signer.contains(path) {
            Why::IgnoredBySigner
        } else if self.default.contains(path) {
            Why::IgnoredByDefault
        } else {
            Why::IgnoredByVerifier
        }
    }
}
