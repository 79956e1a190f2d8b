//! Reading and writing typed documents.

use std::sync::Arc;

use evidence::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::records::{Change, Record, Records, RecordsError};

/// A type of document that the desk keeps.
pub trait Kept: Serialize + DeserializeOwned {
    /// What it is called among the documents. Never changed: documents outlive the program.
    const KIND: &'static str;

    /// Returns its name.
    fn id(&self) -> &str;

    /// Returns the words by which it is found.
    fn keys(&self) -> Vec<(&'static str, String)>;
}

/// A document with the version that was read: what a change of it must have seen.
#[derive(Debug, Clone)]
pub struct Versioned<T> {
    /// The document.
    pub value: T,
    version: u64,
}

impl<T> std::ops::Deref for Versioned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> std::ops::DerefMut for Versioned<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

impl<T: Kept> Versioned<T> {
    /// Wraps a document that is not kept yet.
    pub fn new(value: T) -> Self {
        Self { value, version: 0 }
    }

    /// Returns the version that was read: what a change of it must have seen.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Returns the change that writes the document as it is now.
    pub fn put(&self) -> Result<Change, DeskError> {
        let body = serde_json::to_vec(&self.value).map_err(|e| DeskError::unreadable::<T>(self.id(), &e))?;
        let keys = self.keys().into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        let id = self.id().to_owned();
        Ok(Change::Put(Record { kind: T::KIND.to_owned(), id, version: self.version, body, keys }))
    }

    /// Says that the change was written together with others.
    pub(crate) fn written(&mut self) {
        self.version += 1;
    }

    /// Returns the change that removes the document.
    pub fn remove(&self) -> Change {
        Change::Remove { kind: T::KIND.to_owned(), id: self.id().to_owned(), version: self.version }
    }
}

/// Says why the desk could not do something.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// The records could not be read or written.
    #[error(transparent)]
    Records(#[from] RecordsError),
    /// A document is not what its kind says.
    #[error("{kind} {id} cannot be read: {problem}")]
    Unreadable {
        /// What it is a document of.
        kind: &'static str,
        /// Its name.
        id: String,
        /// What is wrong.
        problem: String,
    },
    /// The system has no randomness to give.
    #[error("the system gave no random bytes: {0}")]
    Random(#[from] getrandom::Error),
}

impl DeskError {
    pub(crate) fn unreadable<T: Kept>(id: &str, problem: &serde_json::Error) -> Self {
        Self::Unreadable { kind: T::KIND, id: id.to_owned(), problem: problem.to_string() }
    }

    /// Tells whether someone else changed a document in the meantime.
    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::Records(RecordsError::Conflict { .. }))
    }
}

/// The desk: typed documents over [`Records`]. Cheap to clone.
#[derive(Clone)]
pub struct Desk {
    records: Arc<dyn Records>,
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Desk")
    }
}

impl Desk {
    /// Works on these records.
    pub fn new(records: Arc<dyn Records>) -> Self {
        Self { records }
    }

    /// Returns a document.
    pub fn load<T: Kept>(&self, id: &str) -> Result<Option<Versioned<T>>, DeskError> {
        self.records.get(T::KIND, id)?.map(|record| typed(&record)).transpose()
    }

    /// Returns the documents that are found by a word, oldest first.
    pub fn list<T: Kept>(
        &self,
        key: &str,
        value: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Versioned<T>>, DeskError> {
        self.records.find(T::KIND, key, value, after, limit)?.iter().map(typed).collect()
    }

    /// Returns the one document that is found by a word.
    pub fn one<T: Kept>(&self, key: &str, value: &str) -> Result<Option<Versioned<T>>, DeskError> {
        Ok(self.list(key, value, None, 1)?.pop())
    }

    /// Makes all changes or none.
    pub fn write(&self, changes: &[Change]) -> Result<(), DeskError> {
        Ok(self.records.write(changes)?)
    }

    /// Writes one document.
    pub fn save<T: Kept>(&self, document: &mut Versioned<T>) -> Result<(), DeskError> {
        self.write(&[document.put()?])?;
        document.version += 1;
        Ok(())
    }

    pub(crate) fn raw(&self, kind: &str, id: &str) -> Result<Option<Record>, DeskError> {
        Ok(self.records.get(kind, id)?)
    }

    /// Returns a new name for a document.
    pub fn new_id(&self, now: Timestamp) -> Result<String, DeskError> {
        Ok(crate::secret::new_id(now)?)
    }
}

fn typed<T: Kept>(record: &Record) -> Result<Versioned<T>, DeskError> {
    let value =
        serde_json::from_slice(&record.body).map_err(|e| DeskError::unreadable::<T>(&record.id, &e))?;
    Ok(Versioned { value, version: record.version })
}
