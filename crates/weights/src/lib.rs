#![doc = include_str!("../README.md")]

mod bundle;
mod folder;
mod json;
mod manifest;
mod path;
mod sign;
mod verify;

pub use bundle::{Bundle, BundleError, MAX_BUNDLE, SignatureError, SignedBy, parse_bundle};
pub use folder::{Artefact, FolderError, MAX_DEPTH, MAX_FILES, Progress, Watch, artefact};
pub use json::JsonError;
pub use manifest::{Manifest, ManifestError, Resource};
pub use path::{GIT_PATHS, PathError};
pub use sign::{SignError, SignOptions, Signed, sign};
pub use verify::{
    Difference, Differences, NotCovered, Report, SignedFile, VerifyError, VerifyOptions, Why, verify,
};
