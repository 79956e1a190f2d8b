//! The signed statement of OpenSSF Model Signing: which files a model holds, with their digests.
//!
//! An in-toto Statement v1 with the predicate `https://model_signing/signature/v1.0`, as
//! model-signing 1.1.1 writes and reads it (`src/model_signing/_signing/signing.py`). What the
//! reference lets pass though it says nothing, or two things, is refused here.

use std::collections::HashSet;

use evidence::Digest;
use evidence::digest::sha256_all;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};

use crate::folder::MAX_FILES;
use crate::json::{JsonError, Object, clipped, from_json};
use crate::path::{self, PathError, SINGLE_FILE};

const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";
const PREDICATE_TYPE: &str = "https://model_signing/signature/v1.0";
const LEGACY_PREDICATE_TYPE: &str = "https://model_signing/Digests/v0.1";
const METHOD: &str = "files";
const ALGORITHM: &str = "sha256";

/// Why a signed statement was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// The payload is not JSON of the right shape.
    #[error("the signed statement {0}")]
    Json(#[from] JsonError),
    /// The payload is no in-toto Statement v1.
    #[error("the signed statement has the type {0:?}, expected {STATEMENT_TYPE:?}")]
    StatementType(String),
    /// The statement was made by a version before 1.0, whose manifests do not say how they were
    /// made.
    #[error(
        "the signed statement has the predicate type {LEGACY_PREDICATE_TYPE:?} of model-signing before 1.0, which does not say what it left out; sign the model again"
    )]
    Legacy,
    /// The statement is about something else.
    #[error("the signed statement has the predicate type {0:?}, expected {PREDICATE_TYPE:?}")]
    PredicateType(String),
    /// The statement names no subject, or several.
    #[error("the signed statement names {0} subjects, expected exactly one")]
    Subjects(usize),
    /// The files were not hashed whole.
    #[error("the manifest was made by the method {0:?}, expected {METHOD:?} (each file hashed whole)")]
    Method(String),
    /// The files were hashed by another function.
    #[error("the manifest says hash_type {0:?}, expected {ALGORITHM:?}")]
    HashType(String),
    /// One file was hashed by another function than the manifest says.
    #[error(
        "the manifest gives a {algorithm:?} digest for {path:?}, expected {ALGORITHM:?} as its hash_type says"
    )]
    Algorithm {
        /// The file.
        path: String,
        /// The function found.
        algorithm: String,
    },
    /// A digest is no SHA-256 digest.
    #[error("the manifest gives {found:?} as the digest of {of:?}, expected 64 hexadecimal digits")]
    Digest {
        /// What it is the digest of.
        of: String,
        /// What was found.
        found: String,
    },
    /// A file's name cannot name a file of the model.
    #[error("the manifest names a file that cannot be one of the model's: {0}")]
    Name(PathError),
    /// A file stands twice.
    #[error("the manifest names {0:?} twice")]
    Twice(String),
    /// The name `.` of a single-file model stands beside others.
    #[error("the manifest names \".\" (a model that is a single file) beside other files")]
    SingleBesideOthers,
    /// No file is named, so the signature says nothing.
    #[error("the manifest names no file: such a signature would hold for any folder")]
    Empty,
    /// More files are named than [`MAX_FILES`].
    #[error("the manifest names {0} files, at most {MAX_FILES} are read")]
    TooManyFiles(usize),
    /// A path to be left out is the whole folder, or lies outside it.
    #[error("the manifest leaves out a path that it may not: {0}")]
    Ignore(PathError),
    /// A file is both signed and left out.
    #[error("the manifest both signs {0:?} and leaves it out by its ignore_paths")]
    SignedAndIgnored(String),
    /// The subject's digest is not that of the files.
    #[error("the subject's digest is {found}, but the files named give {expected}")]
    Root {
        /// The digest of the statement's subject.
        found: Digest,
        /// The digest computed from its resources.
        expected: Digest,
    },
}

/// A file that a manifest names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// Its path in the model, with `/`; `.` for a model that is a single file.
    pub path: String,
    /// The SHA-256 of its bytes.
    pub digest: Digest,
}

/// What a signature says about a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    name: String,
    resources: Vec<Resource>,
    ignored: Option<Vec<String>>,
    root: Digest,
}

impl Manifest {
    /// Makes the manifest of `resources`, which are put into OMS's order: by path components.
    pub(crate) fn new(name: String, mut resources: Vec<Resource>, mut ignored: Vec<String>) -> Self {
        resources.sort_by(|a, b| path::order(&a.path, &b.path));
        ignored.sort_by(|a, b| path::order(a, b));
        let root = root(&resources);
        Self { name, resources, ignored: Some(ignored), root }
    }

    /// Reads the payload of a signature.
    pub fn parse(payload: &[u8]) -> Result<Self, ManifestError> {
        // The types first: what else is expected depends on them.
        let head: Head = from_json(payload)?;
        if head.statement_type != STATEMENT_TYPE {
            return Err(ManifestError::StatementType(clipped(&head.statement_type)));
        }
        match head.predicate_type.as_str() {
            PREDICATE_TYPE => {}
            LEGACY_PREDICATE_TYPE => return Err(ManifestError::Legacy),
            other => return Err(ManifestError::PredicateType(clipped(other))),
        }
        let wire: Wire = from_json(payload)?;
        let Ok([Object(subject)]) = <[Object<Subject>; 1]>::try_from(wire.subject) else {
            return Err(ManifestError::Subjects(head.subject.len()));
        };
        let Object(Predicate { serialization: Object(serialization), resources }) = wire.predicate;
        let Serialization { method, hash_type, ignore_paths } = serialization;
        if method != METHOD {
            return Err(ManifestError::Method(clipped(&method)));
        }
        if hash_type != ALGORITHM {
            return Err(ManifestError::HashType(clipped(&hash_type)));
        }
        let resources = read_resources(resources)?;
        if let Some(ignored) = &ignore_paths {
            for path in ignored {
                path::check(path).map_err(ManifestError::Ignore)?;
            }
            let ignored: HashSet<&str> = ignored.iter().map(String::as_str).collect();
            if let Some(both) =
                resources.iter().find(|r| path::with_parents(&r.path).any(|place| ignored.contains(place)))
            {
                return Err(ManifestError::SignedAndIgnored(both.path.clone()));
            }
        }
        let expected = root(&resources);
        let found = digest("the model", &subject.digest.0.sha256)?;
        if found != expected {
            return Err(ManifestError::Root { found, expected });
        }
        Ok(Self { name: subject.name, resources, ignored: ignore_paths, root: expected })
    }

    /// Writes the payload of a signature.
    pub fn to_payload(&self) -> Vec<u8> {
        let resource = |r: &Resource| json!({ "name": r.path, "algorithm": ALGORITHM, "digest": r.digest });
        let resources: Vec<Value> = self.resources.iter().map(resource).collect();
        let mut serialization = json!({ "method": METHOD, "hash_type": ALGORITHM, "allow_symlinks": false });
        if let Some(ignored) = &self.ignored {
            serialization["ignore_paths"] = json!(ignored);
        }
        let statement = json!({
            "_type": STATEMENT_TYPE,
            "subject": [{ "name": self.name, "digest": { "sha256": self.root } }],
            "predicateType": PREDICATE_TYPE,
            "predicate": { "serialization": serialization, "resources": resources },
        });
        statement.to_string().into_bytes()
    }

    /// Returns the name that the signer gave the model. Nothing depends on it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the signed files, in the order of the statement.
    pub fn resources(&self) -> &[Resource] {
        &self.resources
    }

    /// Returns the paths that the signer left out; `None` for a statement that does not say
    /// (model-signing before 1.1).
    pub fn ignored(&self) -> Option<&[String]> {
        self.ignored.as_deref()
    }

    /// Returns the digest of the statement's subject: SHA-256 over the files' digests in the
    /// statement's order. It does not bind the files' names, so it identifies no model.
    pub fn root(&self) -> Digest {
        self.root
    }

    /// Tells whether the model is a single file.
    pub fn is_single_file(&self) -> bool {
        matches!(self.resources.as_slice(), [only] if only.path == SINGLE_FILE)
    }
}

/// Reads the list of files: at least one, each once, by names that stay inside the model.
fn read_resources(wire: Vec<Object<WireResource>>) -> Result<Vec<Resource>, ManifestError> {
    if wire.is_empty() {
        return Err(ManifestError::Empty);
    }
    if wire.len() > MAX_FILES {
        return Err(ManifestError::TooManyFiles(wire.len()));
    }
    let many = wire.len() > 1;
    let mut seen = HashSet::with_capacity(wire.len());
    let mut resources = Vec::with_capacity(wire.len());
    for Object(WireResource { name, algorithm, digest: found }) in wire {
        if name != SINGLE_FILE {
            path::check(&name).map_err(ManifestError::Name)?;
        } else if many {
            return Err(ManifestError::SingleBesideOthers);
        }
        if algorithm != ALGORITHM {
            return Err(ManifestError::Algorithm { path: name, algorithm: clipped(&algorithm) });
        }
        if !seen.insert(name.clone()) {
            return Err(ManifestError::Twice(name));
        }
        resources.push(Resource { digest: digest(&name, &found)?, path: name });
    }
    Ok(resources)
}

fn root(resources: &[Resource]) -> Digest {
    let digests: Vec<&[u8]> = resources.iter().map(|r| r.digest.as_bytes().as_slice()).collect();
    sha256_all(&digests)
}

/// Reads a digest; OMS takes either case of hexadecimal digits.
fn digest(of: &str, found: &str) -> Result<Digest, ManifestError> {
    found
        .to_ascii_lowercase()
        .parse()
        .map_err(|_| ManifestError::Digest { of: of.to_owned(), found: clipped(found) })
}

#[derive(Deserialize)]
struct Head {
    #[serde(rename = "_type")]
    statement_type: String,
    #[serde(rename = "predicateType")]
    predicate_type: String,
    subject: Vec<IgnoredAny>,
}

// Fields beyond these are ignored, as the predicate's version 1.0 asks of verifiers; a field that
// is read cannot stand twice.
#[derive(Deserialize)]
struct Wire {
    subject: Vec<Object<Subject>>,
    predicate: Object<Predicate>,
}

#[derive(Deserialize)]
struct Subject {
    #[serde(default)]
    name: String,
    digest: Object<SubjectDigest>,
}

#[derive(Deserialize)]
struct SubjectDigest {
    sha256: String,
}

#[derive(Deserialize)]
struct Predicate {
    serialization: Object<Serialization>,
    resources: Vec<Object<WireResource>>,
}

#[derive(Deserialize)]
struct Serialization {
    method: String,
    hash_type: String,
    ignore_paths: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct WireResource {
    name: String,
    algorithm: String,
    digest: String,
}
