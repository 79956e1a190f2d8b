//! Moving the desk's documents from a file into a PostgreSQL.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use ::postgres::Address;

use super::{MAX_BODY, Name, PostgresRecords, Record, Records, RecordsError, SqliteRecords};

/// How many names are looked at together.
const CHUNK: usize = 256;

/// Says why the desk was not moved. It is where it was; the next attempt takes up what was copied already.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MoveError {
    /// A database failed.
    #[error(transparent)]
    Records(#[from] RecordsError),
    /// What was read back is not what was written.
    #[error("read again, {kind} {id} of the desk differs at the new place: nothing was switched over")]
    Differs {
        /// What it is a document of.
        kind: String,
        /// Its name.
        id: String,
    },
    /// The old file cannot be put aside.
    #[error("{}: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
}

/// A desk that is in a PostgreSQL as it is in a file. Nobody writes to the file as long as this is there.
#[derive(Debug)]
#[must_use = "the file is still where a desk is looked for, until it is put aside"]
pub struct Moved {
    /// How many documents there are.
    pub documents: u64,
    file: PathBuf,
    source: SqliteRecords,
}

impl Moved {
    /// Gives the file another name: once it is written down that the desk is elsewhere, and not before, since a
    /// desk that is looked for where there is none is made anew, and empty.
    pub fn put_aside(self, to: &Path) -> Result<u64, MoveError> {
        let Self { documents, file, source } = self;
        drop(source);
        fs::rename(&file, to).map_err(|error| MoveError::Io { path: file, error })?;
        Ok(documents)
    }
}

/// Makes the desk in a PostgreSQL the one that is in a file: copies what is missing, removes what is not in the
/// file, reads everything again and compares.
///
/// No server may use the file meanwhile. An attempt that was cut off is taken up where it ended.
pub fn migrate(from: &Path, to: &Address) -> Result<Moved, MoveError> {
    let source = SqliteRecords::open(from)?;
    source.hold()?;
    let target = PostgresRecords::open(to)?;
    copy(&source, &target)?;
    let documents = compare(&source, &target)?;
    Ok(Moved { documents, file: from.to_owned(), source })
}

/// The names of all documents, in their order.
struct Names<F> {
    more: F,
    found: std::vec::IntoIter<(Name, u64)>,
    last: Name,
    ended: bool,
}

impl<F: FnMut(&Name, usize) -> Result<Vec<(Name, u64)>, RecordsError>> Names<F> {
    fn of(more: F) -> Self {
        Self { more, found: Vec::new().into_iter(), last: Name::default(), ended: false }
    }

    fn next(&mut self) -> Result<Option<(Name, u64)>, RecordsError> {
        if self.found.len() == 0 && !self.ended {
            let found = (self.more)(&self.last, CHUNK)?;
            self.ended = found.len() < CHUNK;
            if let Some((last, _)) = found.last() {
                self.last.clone_from(last);
            }
            self.found = found.into_iter();
        }
        Ok(self.found.next())
    }
}

fn copy(source: &SqliteRecords, target: &PostgresRecords) -> Result<(), RecordsError> {
    let mut here = Names::of(|after: &Name, limit| source.names(after, limit));
    let mut there = Names::of(|after: &Name, limit| target.names(after, limit));
    let (mut mine, mut theirs) = (here.next()?, there.next()?);
    let (mut put, mut removed, mut bytes) = (Vec::<Record>::new(), Vec::<Name>::new(), 0);
    loop {
        match (&mine, &theirs) {
            (None, None) => break,
            (Some((name, _)), Some((other, _))) if name == other => {
                // The same version may have another content: both have grown since they were one.
                let (document, known) = (source.get(&name.0, &name.1)?, target.get(&name.0, &name.1)?);
                if document != known {
                    bytes += document.as_ref().map_or(0, |document| document.body.len());
                    put.extend(document);
                }
                (mine, theirs) = (here.next()?, there.next()?);
            }
            (Some((name, _)), other) if other.as_ref().is_none_or(|(other, _)| name < other) => {
                let document = source.get(&name.0, &name.1)?;
                bytes += document.as_ref().map_or(0, |document| document.body.len());
                put.extend(document);
                mine = here.next()?;
            }
            (_, Some((other, _))) => {
                removed.push(other.clone());
                theirs = there.next()?;
            }
            (Some(_), None) => mine = here.next()?,
        }
        if bytes >= MAX_BODY || put.len() + removed.len() >= CHUNK {
            target.replace(&put, &removed)?;
            (put, removed, bytes) = (Vec::new(), Vec::new(), 0);
        }
    }
    target.replace(&put, &removed)
}

/// Reads everything of both again, and compares it.
fn compare(source: &SqliteRecords, target: &PostgresRecords) -> Result<u64, MoveError> {
    let mut here = Names::of(|after: &Name, limit| source.names(after, limit));
    let mut there = Names::of(|after: &Name, limit| target.names(after, limit));
    let mut documents = 0;
    loop {
        let (mine, theirs) = (here.next()?, there.next()?);
        let Some(((kind, id), _)) = mine.clone().or(theirs.clone()) else { return Ok(documents) };
        if mine != theirs || source.get(&kind, &id)? != target.get(&kind, &id)? {
            return Err(MoveError::Differs { kind, id });
        }
        documents += 1;
    }
}
