//! Moving a node's database from its data folder into a PostgreSQL.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use evidence::Digest;
use ledger::{Edge, leaf_hash};

use crate::opening::{self, OpenError};
use crate::place::{ADDRESS, DATABASE, Place};
use crate::store::{Commit, CommitError, PostgresStore, SqliteStore, Standing, Store, StoreError};
use postgres::Address;

/// How many entries are copied or compared at a time.
const CHUNK: u64 = 256;

/// The most bytes of attachments in one commit, or a single one.
const MAX_PARTS: usize = 16 << 20;

/// What the old database is called once the node is elsewhere.
const MOVED: &str = "kanae.db.moved";

/// What was moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    /// Entries of the log.
    pub entries: u64,
    /// Contents of attachments.
    pub attachments: usize,
    /// Registrations that wait.
    pub waiting: usize,
    /// Access tokens.
    pub tokens: usize,
}

/// Says why a node's database was not moved. The node is where it was; what had been copied already is taken up
/// by the next attempt.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MoveError {
    /// The folder cannot be worked on.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The node is in a PostgreSQL already.
    #[error("{} says that the database of this node is in a PostgreSQL already", .0.display())]
    Already(PathBuf),
    /// The target has another log in it.
    #[error(
        "the database at the new place has another log in it: it differs at entry {entry}; give an empty one"
    )]
    Foreign {
        /// The first entry that differs.
        entry: u64,
    },
    /// Somebody else writes to the target.
    #[error("somebody else writes to the database at the new place")]
    Busy,
    /// What was read back is not what was written.
    #[error("read again, {what} at the new place differ from those here: nothing was switched over")]
    Differs {
        /// What differs.
        what: &'static str,
    },
    /// A database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What stands beside the node's database was not moved.
    #[error("{0}")]
    Beside(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A file cannot be written.
    #[error("{}: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
}

impl From<CommitError> for MoveError {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Conflict { .. } => Self::Busy,
            CommitError::Unknown(error) | CommitError::Store(error) => Self::Store(error),
        }
    }
}

/// Moves the database of a node that is not running from its data folder into a PostgreSQL: copies it, reads
/// everything again and compares, and only then writes down in the folder where the database is.
///
/// An attempt that was cut off is taken up where it ended. The old database stays beside, under another name.
/// `beside` moves what else is to be there before the folder says so; it may be called again.
pub fn migrate(
    folder: &Path,
    to: &Address,
    beside: impl FnOnce() -> Result<(), Box<dyn std::error::Error + Send + Sync>>,
) -> Result<Moved, MoveError> {
    let (written, old) = (folder.join(ADDRESS), folder.join(DATABASE));
    if !old.is_file() {
        return Err(if written.exists() {
            MoveError::Already(written)
        } else {
            OpenError::NotANode(folder.into()).into()
        });
    }
    let _lock = opening::lock(folder)?;
    let source = SqliteStore::open(&old)?;
    let mut target = PostgresStore::make(to)?;
    copy(&source, &mut target)?;
    let moved = compare(&source, &target)?;
    drop(source);
    beside().map_err(MoveError::Beside)?;
    Place::with_database(folder, to.clone())
        .write_down()
        .map_err(|error| MoveError::Io { path: written, error })?;
    // The address decides. A node that finds both does not look at the old one.
    fs::rename(&old, folder.join(MOVED)).map_err(|error| MoveError::Io { path: old, error })?;
    Ok(moved)
}

/// Makes the target hold what the source holds.
fn copy(source: &dyn Store, target: &mut dyn Store) -> Result<(), MoveError> {
    let goal = source.standing()?.head;
    let mut standing = target.standing()?;
    let mut edge = Edge::new();
    while edge.size() < standing.head.size {
        let from = edge.size();
        let chunk = from..standing.head.size.min(from + CHUNK);
        let (here, there) = (source.entries(chunk.clone())?, target.entries(chunk)?);
        if here != there || here.is_empty() {
            let same = here.iter().zip(&there).take_while(|(a, b)| a == b).count() as u64;
            return Err(MoveError::Foreign { entry: from + same });
        }
        for entry in &here {
            // What an edge does not take shows in its head.
            let _ = edge.push(leaf_hash(&entry.leaf));
        }
    }
    if edge.head() != standing.head {
        return Err(MoveError::Foreign { entry: edge.size() });
    }
    while edge.size() < goal.size {
        let mut commit = Commit::new(standing);
        commit.entries = source.entries(edge.size()..goal.size.min(edge.size() + CHUNK))?;
        if commit.entries.is_empty() {
            return Err(OpenError::Damaged { entry: edge.size(), problem: "it is missing".into() }.into());
        }
        for entry in &commit.entries {
            let _ = edge.push(leaf_hash(&entry.leaf));
        }
        commit.head = edge.head();
        standing = target.commit(&commit)?;
    }
    if edge.head() != goal {
        let problem = "the entries do not make up the head".into();
        return Err(OpenError::Damaged { entry: edge.size(), problem }.into());
    }
    standing = copy_parts(source, target, standing)?;
    let mut rest = Commit::new(standing);
    let known = target.blobs()?;
    rest.blobs =
        source.blobs()?.into_iter().filter(|(folder, files)| known.get(folder) != Some(files)).collect();
    let (here, there) = (source.waiting()?, target.waiting()?);
    rest.left =
        there.iter().filter(|waiting| !here.contains(waiting)).map(|waiting| waiting.statement).collect();
    rest.arrived = here.into_iter().filter(|waiting| !there.contains(waiting)).collect();
    target.commit(&rest)?;
    let known = target.tokens()?;
    for token in source.tokens()?.iter().filter(|token| !known.contains(token)) {
        target.add_token(token)?;
    }
    Ok(())
}

fn copy_parts(
    source: &dyn Store,
    target: &mut dyn Store,
    mut standing: Standing,
) -> Result<Standing, MoveError> {
    let here = source.commitments()?;
    let there: BTreeSet<Digest> = target.commitments()?.into_iter().collect();
    let mut commit = Commit::new(standing);
    let (wanted, mut bytes): (BTreeSet<&Digest>, usize) = (here.iter().collect(), 0);
    commit.erased = there.iter().filter(|commitment| !wanted.contains(commitment)).copied().collect();
    for commitment in here {
        let Some(part) = source.part(&commitment)? else { continue };
        if there.contains(&commitment) && target.part(&commitment)?.as_ref() == Some(&part) {
            continue;
        }
        if bytes + part.part.bytes.len() > MAX_PARTS && bytes > 0 {
            standing = target.commit(&commit)?;
            (commit, bytes) = (Commit::new(standing), 0);
        }
        bytes += part.part.bytes.len();
        commit.parts.push((commitment, part));
    }
    Ok(target.commit(&commit)?)
}

/// Reads everything of both again, and compares it.
fn compare(source: &dyn Store, target: &dyn Store) -> Result<Moved, MoveError> {
    let same = |same: bool, what| if same { Ok(()) } else { Err(MoveError::Differs { what }) };
    let head = source.standing()?.head;
    same(target.standing()?.head == head, "the heads")?;
    for chunk in 0..head.size.div_ceil(CHUNK) {
        let chunk = chunk * CHUNK..head.size.min((chunk + 1) * CHUNK);
        same(source.entries(chunk.clone())? == target.entries(chunk)?, "entries")?;
    }
    let commitments = source.commitments()?;
    same(target.commitments()? == commitments, "attachments")?;
    for commitment in &commitments {
        same(source.part(commitment)? == target.part(commitment)?, "attachments")?;
    }
    same(source.blobs()? == target.blobs()?, "adopted files")?;
    let (waiting, tokens) = (source.waiting()?, source.tokens()?);
    same(target.waiting()? == waiting, "waiting registrations")?;
    same(target.tokens()? == tokens, "tokens")?;
    Ok(Moved {
        entries: head.size,
        attachments: commitments.len(),
        waiting: waiting.len(),
        tokens: tokens.len(),
    })
}
