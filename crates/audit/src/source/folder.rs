//! A log in a folder: a node's own, or a copy of what it serves.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::{Source, SourceError, steps};

/// Reads a log from a folder that holds what a node serves below `/log/`.
#[derive(Debug, Clone)]
pub struct FolderSource {
    root: PathBuf,
}

impl FolderSource {
    /// Opens a log's folder, or a folder that has it as `log`, as a node's data folder does.
    pub fn open(folder: impl AsRef<Path>) -> Result<Self, SourceError> {
        let folder = folder.as_ref();
        let inner = folder.join("log");
        let root = if inner.join("checkpoint").is_file() { &*inner } else { folder };
        let failed = |error| SourceError::Io { path: root.display().to_string(), error };
        let root = root.canonicalize().map_err(failed)?;
        if !root.is_dir() {
            return Err(failed(io::ErrorKind::NotADirectory.into()));
        }
        Ok(Self { root })
    }

    fn read(&self, path: &str, most: usize) -> Result<Option<Vec<u8>>, SourceError> {
        let mut place = self.root.clone();
        place.extend(steps(path)?);
        let failed = |error| SourceError::Io { path: place.display().to_string(), error };
        // A copied log may hold links: those within it are followed, none out of it.
        let real = match place.canonicalize() {
            Ok(real) => real,
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                return Ok(None);
            }
            Err(error) => return Err(failed(error)),
        };
        if !real.starts_with(&self.root) || !real.is_file() {
            return Err(SourceError::NotAFile { path: place.display().to_string() });
        }
        let mut bytes = Vec::new();
        let bound = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
        File::open(&real).and_then(|file| file.take(bound).read_to_end(&mut bytes)).map_err(failed)?;
        if bytes.len() > most {
            return Err(SourceError::TooLong { path: place.display().to_string(), most });
        }
        Ok(Some(bytes))
    }
}

impl Source for FolderSource {
    fn fetch(&self, path: &str, most: usize) -> io::Result<Option<Vec<u8>>> {
        Ok(self.read(path, most)?)
    }

    fn place(&self) -> String {
        self.root.display().to_string()
    }
}
