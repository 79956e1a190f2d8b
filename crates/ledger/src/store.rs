//! Where a log's files lie: a folder or memory, behind one trait.

mod folder;

use std::collections::BTreeMap;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::reader::ReadLog;
use crate::tile::Resource;

pub use folder::FolderStore;

/// Keeps the files of a log.
pub trait TileStore: ReadLog {
    /// Writes one file; when it returns, the file is complete and durable.
    ///
    /// The checkpoint is replaced in one step. Every other file is written
    /// once: the same bytes again are fine, other bytes are an error of kind
    /// `AlreadyExists` that holds a [`StoreConflict`].
    fn write(&self, path: &str, bytes: &[u8]) -> io::Result<()>;

    /// Writes several files; when it returns, all are complete and durable. On
    /// an error some may be written and others not.
    fn write_all(&self, files: &[(String, Vec<u8>)]) -> io::Result<()> {
        files.iter().try_for_each(|(path, bytes)| self.write(path, bytes))
    }
}

/// Says that a file which never changes is there with other content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{path} is already published with other content: two logs were written into one place, or the log was forked"
)]
pub struct StoreConflict {
    /// The path of the file.
    pub path: String,
}

impl StoreConflict {
    fn error(path: &str) -> io::Error {
        let conflict = Self { path: path.to_owned() };
        io::Error::new(io::ErrorKind::AlreadyExists, conflict)
    }
}

/// Keeps a log in memory: for tests, and for logs that may be lost.
#[derive(Debug, Default)]
pub struct MemoryStore {
    files: Mutex<BTreeMap<Resource, Vec<u8>>>,
}

impl MemoryStore {
    /// Returns a store without files.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the paths of all files.
    pub fn paths(&self) -> Vec<String> {
        self.lock().keys().map(ToString::to_string).collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Resource, Vec<u8>>> {
        // A file is inserted whole or not at all, whatever else panicked.
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ReadLog for MemoryStore {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        Ok(self.lock().get(&resource(path)?).cloned())
    }
}

impl TileStore for MemoryStore {
    fn write(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        let resource = resource(path)?;
        let mut files = self.lock();
        match files.get(&resource) {
            Some(there) if !resource.is_mutable() && there != bytes => Err(StoreConflict::error(path)),
            _ => {
                files.insert(resource, bytes.to_vec());
                Ok(())
            }
        }
    }
}

/// Reads a path, so that no store is ever asked for a file that is not a log's.
fn resource(path: &str) -> io::Result<Resource> {
    path.parse().map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))
}

#[cfg(test)]
mod tests;
