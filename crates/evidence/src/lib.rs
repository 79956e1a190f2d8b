#![doc = include_str!("../README.md")]

pub mod common;
pub mod digest;
pub mod dsse;
pub mod json;
pub mod key;
pub mod leaf;
pub mod passkey;
pub mod predicate;
mod signer;
pub mod statement;
pub mod time;

pub use common::{
    Attachment, Basis, BasisKind, Common, Issuer, Language, LogReference, Nonce, Part, Slug, Texts,
    Visibility, origin_subject,
};
pub use digest::{Digest, folder_digest, folder_digest_of, sha256};
pub use dsse::{Envelope, EnvelopeError};
pub use json::{JsonError, Unknown};
pub use key::{Algorithm, KeyError, PublicKey, SecretKey};
pub use leaf::{Leaf, LeafError, PublicLeaf};
pub use predicate::{Predicate, PredicateType};
pub use signer::{Signer, SignerError};
pub use statement::{Draft, Statement, StatementError};
pub use time::{Date, Timestamp};
