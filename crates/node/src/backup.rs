//! Copies of a node's database, made while it runs, and what such a copy is worth.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use evidence::{Envelope, Predicate, Statement, Unknown};
use ledger::{Hash, TreeHead};
use rusqlite::{Connection, OpenFlags};

use crate::folds::Folds;
use crate::opening::OpenError;
use crate::place::{DATABASE, Place};
use crate::shelf::{Shelf, Shipped};
use crate::store::{SqliteStore, Store as _, StoreError};

/// How many entries are looked at together.
const CHUNK: u64 = 256;

/// What a copy holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// The log's origin.
    pub origin: String,
    /// The log's head in it.
    pub head: TreeHead,
    /// The roots of the log at the sizes that were asked for, as far as it reaches.
    pub roots: BTreeMap<u64, Hash>,
    /// Entries that this build refuses, and that have no effect.
    pub refused: u64,
    /// Contents of attachments.
    pub attachments: usize,
}

/// Says why there is no copy, or why it is worth nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackupError {
    /// The database is a PostgreSQL, which is backed up by its own means.
    #[error(
        "the database of this node is in a PostgreSQL: back that up as your other databases, by continuous archiving \
         or a synchronous replica (docs/operating.md)"
    )]
    Postgres,
    /// The database cannot be copied or read.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A file cannot be written.
    #[error("{}: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// The copy is damaged.
    #[error("{}: {problem}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
}

impl From<StoreError> for BackupError {
    fn from(error: StoreError) -> Self {
        Self::Open(error.into())
    }
}

/// Copies a node's database as it stands at one moment, while the node runs or not, into a new file that only its
/// owner can read. What was erased is not in it. Durable when it returns.
pub fn back_up(place: &Place, to: &Path) -> Result<(), BackupError> {
    if place.is_shared() {
        return Err(BackupError::Postgres);
    }
    let from = place.data().join(DATABASE);
    if !from.is_file() {
        return Err(OpenError::NotANode(place.data().to_owned()).into());
    }
    copy_database(&from, to)
}

/// Copies an SQLite database as it stands at one moment into a new file.
pub fn copy_database(from: &Path, to: &Path) -> Result<(), BackupError> {
    let at = |error| BackupError::Io { path: to.to_owned(), error };
    let file = File::options().write(true).create_new(true).mode(0o600).open(to).map_err(at)?;
    let copy = || -> rusqlite::Result<()> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(from, flags)?;
        connection.busy_timeout(std::time::Duration::from_secs(30))?;
        // One reading transaction: nobody who writes meanwhile waits for it, or is seen by it.
        connection.execute("VACUUM INTO ?1", [to.to_string_lossy()])?;
        Ok(())
    };
    let copied =
        copy().map_err(|error| BackupError::Damaged { path: from.to_owned(), problem: error.to_string() });
    if copied.is_err() {
        let _ = fs::remove_file(to);
    }
    copied?;
    file.sync_all().map_err(at)?;
    match to.parent().filter(|folder| *folder != Path::new("")) {
        Some(folder) => File::open(folder).and_then(|folder| folder.sync_all()).map_err(at),
        None => Ok(()),
    }
}

/// Reads a copy from beginning to end and changes nothing: SQLite's own check, every entry folded as at a start,
/// the head made up by the entries, every attachment behind its commitment.
pub fn check_copy(path: &Path, shipped: Shipped, sizes: &[u64]) -> Result<Copied, BackupError> {
    check_database(path)?;
    let damaged = |problem: String| BackupError::Damaged { path: path.to_owned(), problem };
    let store = SqliteStore::open_to_read(path)?;
    let standing = store.standing()?;
    let origin = store.entries(0..1)?.pop().and_then(|first| origin_of(&first.envelope));
    let origin = origin.ok_or_else(|| damaged("the log has no genesis".to_owned()))?;
    let shelf = Shelf::new(shipped, store.blobs()?).map_err(OpenError::from)?;
    let library = shelf.library();
    let mut folds = Folds::new(&origin);
    let (mut roots, mut refused) = (BTreeMap::new(), 0);
    let size = standing.head.size;
    let mut root = |size: u64, root: Hash| {
        if sizes.contains(&size) {
            roots.insert(size, root);
        }
    };
    root(0, TreeHead::EMPTY.root);
    let mut next = 0;
    while next < size {
        let entries = store.entries(next..size.min(next + CHUNK))?;
        if entries.is_empty() {
            return Err(damaged(format!("entry {next} is missing")));
        }
        for entry in entries {
            let refusal = folds
                .replay(&entry, &library)
                .map_err(|error| damaged(format!("entry {}: {error}", entry.index)))?;
            refused += u64::from(refusal.is_some());
            next += 1;
            root(next, folds.edge.root());
        }
    }
    if folds.edge.head() != standing.head {
        return Err(damaged("the entries do not make up the head".to_owned()));
    }
    let commitments = store.commitments()?;
    for commitment in &commitments {
        if store.part(commitment)?.is_none_or(|part| part.part.commitment() != *commitment) {
            return Err(damaged(format!("the attachment {commitment} is not what was committed to")));
        }
    }
    Ok(Copied { origin, head: standing.head, roots, refused, attachments: commitments.len() })
}

/// Lets SQLite check a database, which is opened to be read only.
pub fn check_database(path: &Path) -> Result<(), BackupError> {
    let check = || -> rusqlite::Result<String> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        let said: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
        let orphans = connection.prepare("PRAGMA foreign_key_check")?.exists([])?;
        Ok(if orphans { "rows refer to what is not there".to_owned() } else { said })
    };
    let problem = match check() {
        Ok(said) if said == "ok" => return Ok(()),
        Ok(said) => said.lines().next().unwrap_or_default().to_owned(),
        Err(error) => error.to_string(),
    };
    Err(BackupError::Damaged { path: path.to_owned(), problem })
}

fn origin_of(envelope: &[u8]) -> Option<String> {
    let envelope = Envelope::parse(envelope).ok()?;
    let statement = Statement::parse(envelope.payload(), Unknown::Ignore).ok()?;
    match statement.predicate() {
        Predicate::NodeGenesis(genesis) => Some(genesis.origin.clone()),
        _ => None,
    }
}
