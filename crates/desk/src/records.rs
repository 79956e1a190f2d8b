//! Where the desk keeps things: small documents, each with a version that a writer must have seen.
//!
//! One narrow trait serves accounts, drafts, notices and whatever comes: a new kind of document
//! needs no new table. A document names the words by which it is found; nothing else is indexed.

mod moving;
mod postgres;
mod sqlite;

pub use moving::{MoveError, Moved, migrate};
pub use postgres::PostgresRecords;
pub use sqlite::SqliteRecords;

/// The largest document, in bytes: the largest attachment, and some.
pub const MAX_BODY: usize = 17 << 20;

/// The most documents that one question returns.
pub const MAX_FOUND: usize = 1_000;

/// A document as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// What it is a document of, such as `draft`.
    pub kind: String,
    /// Its name among those of its kind; the order of names is the order of lists.
    pub id: String,
    /// How often it was written; 0: not yet.
    pub version: u64,
    /// Its content.
    pub body: Vec<u8>,
    /// The words by which it is found: key and value.
    pub keys: Vec<(String, String)>,
}

/// One change of a write.
#[derive(Debug, Clone)]
pub enum Change {
    /// Writes a document whose `version` is the one that the writer saw; 0: it must be new.
    Put(Record),
    /// Removes a document of which the writer saw this version.
    Remove {
        /// What it is a document of.
        kind: String,
        /// Its name.
        id: String,
        /// The version that the writer saw.
        version: u64,
    },
}

/// What a document is one of, and its name.
type Name = (String, String);

impl Change {
    /// Returns what the document is one of, its name, and the version that the writer saw.
    fn of(&self) -> (&str, &str, u64) {
        match self {
            Self::Put(record) => (&record.kind, &record.id, record.version),
            Self::Remove { kind, id, version } => (kind, id, *version),
        }
    }

    /// Says that somebody else changed the document.
    fn conflict(&self) -> RecordsError {
        let (kind, id, _) = self.of();
        RecordsError::Conflict { kind: kind.to_owned(), id: id.to_owned() }
    }

    fn check_size(&self) -> Result<(), RecordsError> {
        match self {
            Self::Put(Record { kind, id, body, .. }) if body.len() > MAX_BODY => {
                Err(RecordsError::TooLarge { kind: kind.clone(), id: id.clone() })
            }
            _ => Ok(()),
        }
    }
}

/// Says why documents could not be read or written. Where they were to be written, nothing changed.
#[derive(Debug, thiserror::Error)]
pub enum RecordsError {
    /// Someone else wrote a document in the meantime.
    #[error("{kind} {id} was changed by someone else in the meantime")]
    Conflict {
        /// What it is a document of.
        kind: String,
        /// Its name.
        id: String,
    },
    /// A document is too large.
    #[error("{kind} {id} has more than {MAX_BODY} bytes")]
    TooLarge {
        /// What it is a document of.
        kind: String,
        /// Its name.
        id: String,
    },
    /// The database failed.
    #[error("the desk's database could not {doing}: {source}")]
    Database {
        /// What was to be done.
        doing: &'static str,
        /// What the database said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl RecordsError {
    /// Tells whether the database could not be reached: it may be there later.
    pub fn is_unreachable(&self) -> bool {
        match self {
            Self::Database { source, .. } => {
                matches!(source.downcast_ref(), Some(::postgres::Failure::Lost(_)))
            }
            _ => false,
        }
    }
}

/// Keeps documents.
pub trait Records: Send + Sync {
    /// Returns a document.
    fn get(&self, kind: &str, id: &str) -> Result<Option<Record>, RecordsError>;

    /// Returns the documents that are found by a word, in the order of their names, from the one
    /// behind `after` on; at most `limit` and [`MAX_FOUND`].
    fn find(
        &self,
        kind: &str,
        key: &str,
        value: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Record>, RecordsError>;

    /// Makes all changes or none; durable when it returns.
    fn write(&self, changes: &[Change]) -> Result<(), RecordsError>;
}
