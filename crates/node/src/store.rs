//! What the node must not lose, behind one trait.

mod sqlite;

use std::collections::BTreeMap;
use std::ops::Range;

use evidence::{Digest, Part, Slug, Timestamp};
use ledger::TreeHead;

use crate::access::Scope;
use crate::shelf::Files;

pub(crate) use sqlite::SqliteStore;

/// Says why the store could not do something. Where it was to change something, nothing changed.
#[derive(Debug, thiserror::Error)]
#[error("the database could not {doing}: {source}")]
pub struct StoreError {
    /// What was to be done.
    pub doing: &'static str,
    /// What the database said.
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

/// Says why a batch was not committed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CommitError {
    /// The head is not the one that the batch continues: somebody else writes this log.
    #[error(
        "another process has written to this data folder: its log has {found} entries, {expected} were expected"
    )]
    Conflict {
        /// Entries that the batch continues.
        expected: u64,
        /// Entries found.
        found: u64,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A log entry as stored: all that a fold needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredEntry {
    pub(crate) index: u64,
    pub(crate) statement: Digest,
    /// The bytes in the log.
    pub(crate) leaf: Vec<u8>,
    /// The salt of a restricted leaf.
    pub(crate) salt: Option<[u8; 32]>,
    /// The envelope in normal form.
    pub(crate) envelope: Vec<u8>,
    pub(crate) time: Timestamp,
    pub(crate) arrived_at: Timestamp,
}

/// An attachment's content as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredPart {
    pub(crate) part: Part,
    pub(crate) public: bool,
}

/// A registration that waits for somebody to accept the organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Waiting {
    pub(crate) statement: Digest,
    pub(crate) envelope: Vec<u8>,
    pub(crate) parts: Vec<Part>,
    pub(crate) arrived_at: Timestamp,
}

/// What one group commit changes, all or nothing.
#[derive(Debug, Clone)]
pub(crate) struct Commit {
    /// The head that it continues.
    pub(crate) expected: TreeHead,
    /// The head after it.
    pub(crate) head: TreeHead,
    pub(crate) entries: Vec<StoredEntry>,
    pub(crate) parts: Vec<(Digest, StoredPart)>,
    /// Attachments to be erased; those of this very commit too.
    pub(crate) erased: Vec<Digest>,
    /// Files that an adoption makes the node keep.
    pub(crate) blobs: Vec<(Digest, Files)>,
    /// Registrations that arrived.
    pub(crate) arrived: Vec<Waiting>,
    /// Registrations that were recorded or have expired.
    pub(crate) left: Vec<Digest>,
}

impl Commit {
    pub(crate) fn new(expected: TreeHead) -> Self {
        Self {
            expected,
            head: expected,
            entries: Vec::new(),
            parts: Vec::new(),
            erased: Vec::new(),
            blobs: Vec::new(),
            arrived: Vec::new(),
            left: Vec::new(),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.arrived.is_empty() && self.left.is_empty()
    }
}

/// An access token as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredToken {
    /// SHA-256 of the token.
    pub(crate) hash: Digest,
    pub(crate) scope: Scope,
    pub(crate) organisation: Option<Slug>,
    /// What it is for, for people.
    pub(crate) label: String,
    pub(crate) created_at: Timestamp,
}

/// Keeps entries, attachments, adopted files, waiting registrations and tokens.
///
/// The head decides the order: [`commit`](Store::commit) is a compare-and-swap on it, and this,
/// not a lock, keeps two servers from forking the log.
pub(crate) trait Store: Send {
    /// Returns the head of the log.
    fn head(&self) -> Result<TreeHead, StoreError>;

    /// Commits a batch where the head is still the expected one. Durable when it returns.
    fn commit(&mut self, commit: &Commit) -> Result<(), CommitError>;

    /// Returns the entries of a range, in order.
    fn entries(&self, range: Range<u64>) -> Result<Vec<StoredEntry>, StoreError>;

    /// Returns the entry of a statement.
    fn entry(&self, statement: &Digest) -> Result<Option<StoredEntry>, StoreError>;

    /// Returns an attachment's content; nothing where it was erased.
    fn part(&self, commitment: &Digest) -> Result<Option<StoredPart>, StoreError>;

    /// Returns every adopted folder.
    fn blobs(&self) -> Result<BTreeMap<Digest, Files>, StoreError>;

    /// Returns the waiting registrations, oldest first.
    fn waiting(&self) -> Result<Vec<Waiting>, StoreError>;

    /// Keeps a token.
    fn add_token(&mut self, token: &StoredToken) -> Result<(), StoreError>;

    /// Returns the tokens, oldest first.
    fn tokens(&self) -> Result<Vec<StoredToken>, StoreError>;
}
