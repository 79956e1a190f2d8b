//! Where a log is read from: a folder, or one address and nothing else.

mod folder;
mod http;

use std::cell::Cell;
use std::io;

use ledger::{ReadLog, Resource};

pub use folder::FolderSource;
pub use http::HttpSource;

/// Holds the files that a node publishes below `/log/`.
///
/// What is read need not be trustworthy, and no path that a log names leads anywhere else.
pub trait Source {
    /// Returns the bytes at a path such as `checkpoint` or `envelope/<digest>`, or nothing if
    /// there is no such file.
    ///
    /// A file longer than `most` bytes is an error of kind `FileTooLarge`.
    fn fetch(&self, path: &str, most: usize) -> io::Result<Option<Vec<u8>>>;

    /// Fetches several files, each with its greatest length, and returns them in the same order.
    fn fetch_all(&self, files: &[(String, usize)]) -> Vec<io::Result<Option<Vec<u8>>>> {
        files.iter().map(|(path, most)| self.fetch(path, *most)).collect()
    }

    /// Returns the folder or address, for people.
    fn place(&self) -> String;
}

/// Says why a log's files cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// The address cannot be one of a node.
    #[error(
        "{found:?} is no address of a node: expected http:// or https://, a host and at most a path ({problem})"
    )]
    Address {
        /// The address found.
        found: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The path leads out of the log.
    #[error("{found:?} is no path inside a log")]
    Path {
        /// The path found.
        found: String,
    },
    /// The path is a folder, a device or a link to elsewhere.
    #[error("{path} is not a file of this folder: links to elsewhere and special files are not read")]
    NotAFile {
        /// The path asked for.
        path: String,
    },
    /// The file is longer than any such file can be.
    #[error("{path} is longer than the {most} bytes that it may have")]
    TooLong {
        /// The path or address asked for.
        path: String,
        /// The greatest length.
        most: usize,
    },
    /// The server points elsewhere.
    #[error(
        "{path} answers with a redirect ({status}), which is not followed: give the address that it leads to"
    )]
    Redirect {
        /// The address asked for.
        path: String,
        /// The HTTP status.
        status: u16,
    },
    /// The server does not serve the file, and does not say that there is none.
    #[error("{path} answers with HTTP status {status}")]
    Status {
        /// The address asked for.
        path: String,
        /// The HTTP status.
        status: u16,
    },
    /// The server cannot be reached, or broke off.
    #[error("{path} cannot be reached: {problem}")]
    Unreachable {
        /// The address asked for.
        path: String,
        /// What went wrong.
        problem: String,
    },
    /// The folder cannot be read.
    #[error("{path}: {error}")]
    Io {
        /// The path of the folder or file.
        path: String,
        /// What the system said.
        error: io::Error,
    },
}

impl From<SourceError> for io::Error {
    fn from(error: SourceError) -> Self {
        let kind = match &error {
            SourceError::TooLong { .. } => io::ErrorKind::FileTooLarge,
            SourceError::Address { .. } | SourceError::Path { .. } | SourceError::NotAFile { .. } => {
                io::ErrorKind::InvalidInput
            }
            SourceError::Io { error, .. } => error.kind(),
            _ => io::ErrorKind::Other,
        };
        Self::new(kind, error)
    }
}

/// Opens what a person has named: the address of a node, or a folder.
pub fn open_source(place: &str) -> Result<Box<dyn Source>, SourceError> {
    if place.starts_with("http://") || place.starts_with("https://") {
        return Ok(Box::new(HttpSource::new(place)?));
    }
    Ok(Box::new(FolderSource::open(place)?))
}

/// Splits a path into its steps, none of which leads upwards, to a hidden file or elsewhere.
fn steps(path: &str) -> Result<Vec<&str>, SourceError> {
    let steps: Vec<&str> = path.split('/').collect();
    let fits = |step: &&str| {
        !step.is_empty()
            && !step.starts_with('.')
            && !step.contains('\\')
            && !step.chars().any(char::is_control)
    };
    if path.len() > 1024 || !steps.iter().all(fits) {
        return Err(SourceError::Path { found: path.chars().take(128).collect() });
    }
    Ok(steps)
}

/// Counts what is fetched, and gives tiles their own bounds.
pub(crate) struct Meter<'s> {
    source: &'s dyn Source,
    bytes: Cell<u64>,
}

impl<'s> Meter<'s> {
    pub(crate) fn new(source: &'s dyn Source) -> Self {
        Self { source, bytes: Cell::new(0) }
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.get()
    }

    pub(crate) fn place(&self) -> String {
        self.source.place()
    }

    pub(crate) fn fetch(&self, path: &str, most: usize) -> io::Result<Option<Vec<u8>>> {
        let fetched = self.source.fetch(path, most);
        self.count(&fetched);
        fetched
    }

    pub(crate) fn fetch_all(&self, files: &[(String, usize)]) -> Vec<io::Result<Option<Vec<u8>>>> {
        let fetched = self.source.fetch_all(files);
        for one in &fetched {
            self.count(one);
        }
        fetched
    }

    fn count(&self, fetched: &io::Result<Option<Vec<u8>>>) {
        if let Ok(Some(bytes)) = fetched {
            self.bytes.set(self.bytes.get().saturating_add(bytes.len() as u64));
        }
    }
}

impl ReadLog for &Meter<'_> {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        let resource: Resource =
            path.parse().map_err(|_| SourceError::Path { found: path.chars().take(128).collect() })?;
        self.fetch(path, resource.max_len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_leads_out_of_the_log() {
        for path in [
            "",
            "/etc/passwd",
            "../trust.json",
            "blob/../../x",
            "blob//x",
            "a/.hidden",
            "a\\b",
            "a\nb",
            "./a",
        ] {
            assert!(steps(path).is_err(), "{path:?}");
        }
        assert_eq!(steps("tile/0/x001/067.p/12").unwrap().len(), 5);
    }
}
