//! What the node must not lose, behind one trait.

mod postgres;
mod sqlite;

use std::collections::BTreeMap;
use std::ops::Range;

use evidence::{Digest, Part, Slug, Timestamp};
use ledger::TreeHead;

use crate::access::Scope;
use crate::shelf::Files;

pub(crate) use postgres::PostgresStore;
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

impl StoreError {
    /// Tells whether the database could not be reached, and may be reached later.
    pub fn is_unreachable(&self) -> bool {
        matches!(self.source.downcast_ref(), Some(::postgres::Failure::Lost(_)))
    }
}

/// Says why a batch was not committed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CommitError {
    /// What stands is not what the batch continues: somebody else was faster. Nothing changed.
    #[error("another server has written to the log: it has {found} entries, {expected} were expected")]
    Conflict {
        /// Entries that the batch continues.
        expected: u64,
        /// Entries found.
        found: u64,
    },
    /// The database went away before it said whether the batch is committed.
    #[error("it is not known whether a batch was committed: {0}")]
    Unknown(StoreError),
    /// The database failed. Nothing changed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What stands in a store at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    /// The head of the log.
    pub(crate) head: TreeHead,
    /// How many batches were ever committed, as far as the store is shared and counts them: those that only
    /// changed the intake leave the head as it was.
    pub(crate) revision: u64,
    /// How often tokens were changed, as far as the store is shared and counts it.
    pub(crate) tokens: u64,
}

impl Standing {
    /// Nothing was ever committed.
    pub(crate) const EMPTY: Self = Self { head: TreeHead::EMPTY, revision: 0, tokens: 0 };
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
    /// What it continues.
    pub(crate) expected: Standing,
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
    pub(crate) fn new(expected: Standing) -> Self {
        Self {
            expected,
            head: expected.head,
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
///
/// Calls block. They may come from any thread, one that runs asynchronous tasks included.
pub(crate) trait Store: Send {
    /// Returns what stands now.
    fn standing(&self) -> Result<Standing, StoreError>;

    /// Waits until it is this one's turn to write, as far as several take turns, and returns what stands then.
    ///
    /// It only keeps them from working against each other: who waited too long goes on without a turn.
    fn take_turn(&mut self) -> Result<Standing, StoreError> {
        self.standing()
    }

    /// Lets the next one write.
    fn end_turn(&mut self) {}

    /// Commits a batch where what stands is still what it expects, and returns what stands then. Durable when
    /// it returns.
    fn commit(&mut self, commit: &Commit) -> Result<Standing, CommitError>;

    /// Returns the entries of a range, in order.
    fn entries(&self, range: Range<u64>) -> Result<Vec<StoredEntry>, StoreError>;

    /// Returns the entry of a statement.
    fn entry(&self, statement: &Digest) -> Result<Option<StoredEntry>, StoreError>;

    /// Returns an attachment's content; nothing where it was erased.
    fn part(&self, commitment: &Digest) -> Result<Option<StoredPart>, StoreError>;

    /// Returns the commitments of every attachment's content that is there, in order.
    fn commitments(&self) -> Result<Vec<Digest>, StoreError>;

    /// Returns every adopted folder.
    fn blobs(&self) -> Result<BTreeMap<Digest, Files>, StoreError>;

    /// Returns the waiting registrations, oldest first.
    fn waiting(&self) -> Result<Vec<Waiting>, StoreError>;

    /// Keeps a token.
    fn add_token(&mut self, token: &StoredToken) -> Result<(), StoreError>;

    /// Returns the tokens, oldest first.
    fn tokens(&self) -> Result<Vec<StoredToken>, StoreError>;
}
