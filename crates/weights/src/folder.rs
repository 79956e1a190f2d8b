//! Reading a model from disk: which files it holds, and the digest of each.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::fs::{File, Metadata};
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use evidence::Digest;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::path::{self, PathError, SINGLE_FILE};

/// The most files that a model may hold.
pub const MAX_FILES: usize = 100_000;

/// The deepest nesting of folders that is walked.
pub const MAX_DEPTH: usize = 64;

/// How much of a file is read at once, in bytes; each thread holds one such buffer.
const CHUNK: usize = 1 << 20;

/// How far the reading has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Files read to their end.
    pub files_done: usize,
    /// Files to read.
    pub files: usize,
    /// Bytes read.
    pub bytes_done: u64,
    /// Bytes to read.
    pub bytes: u64,
}

/// A callback that is told of progress after each mebibyte and each file, from several threads.
pub type Watch<'w> = dyn Fn(Progress) + Sync + 'w;

/// Why a model could not be read.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// A file or folder cannot be read.
    #[error("{}: {error}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// A file name is not UTF-8, so a manifest cannot name it.
    #[error("{path:?}: the file name is not UTF-8; rename the file")]
    NotUtf8 {
        /// The file.
        path: PathBuf,
    },
    /// A file name cannot stand in a manifest.
    #[error("file name: {0}")]
    Name(#[from] PathError),
    /// The folder digest cannot hold the list of files.
    #[error(transparent)]
    Digest(#[from] evidence::digest::FolderError),
    /// There are more files than [`MAX_FILES`].
    #[error("more than {MAX_FILES} files; give the folder of one model")]
    TooManyFiles,
    /// Folders are nested deeper than [`MAX_DEPTH`].
    #[error("{path:?}: nested deeper than {MAX_DEPTH} folders")]
    TooDeep {
        /// The folder that lies too deep.
        path: String,
    },
    /// The model holds a symbolic link.
    #[error(
        "{path:?} is a symbolic link: its content could change without the folder changing; put the file itself there (cp -rL copies a folder with its links resolved)"
    )]
    Link {
        /// The link.
        path: String,
    },
    /// The model holds something that is no file, folder or link.
    #[error("{path:?} is neither a file nor a folder (a pipe, socket or device); take it out")]
    Special {
        /// The thing.
        path: String,
    },
    /// A file changed between being listed and being read to its end.
    #[error("{path:?} changed while it was read; wait until nobody writes to the folder")]
    ChangedWhileRead {
        /// The file.
        path: String,
    },
    /// The folder holds no file.
    #[error("{}: no file to sign", path.display())]
    Empty {
        /// The folder.
        path: PathBuf,
    },
}

/// What a model is on disk: the identity of a model version in the register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Artefact {
    /// The folder digest over (path, size, SHA-256) of every file (FORMATS.md, "Folder digest").
    pub digest: Digest,
    /// The number of files.
    pub files: usize,
    /// Their bytes together.
    pub bytes: u64,
}

/// Computes the artefact of a model: a folder, or a single file under the name `.`.
///
/// It covers every regular file at any depth, hidden ones too, but for the paths in `ignore` and
/// what lies below them; pass [`GIT_PATHS`](crate::GIT_PATHS) and the signature's own path to get
/// what [`sign`](crate::sign) covers. Symbolic links and special files are refused.
pub fn artefact(model: &Path, ignore: &[&str], progress: &Watch<'_>) -> Result<Artefact, FolderError> {
    let listing = Listing::read(model, ignore)?.regular_only()?;
    let digests = digests(&listing.files, progress)?;
    artefact_of(&listing.files, &digests)
}

/// Computes the artefact of files whose digests are known.
pub(crate) fn artefact_of(files: &[Entry], digests: &[Digest]) -> Result<Artefact, FolderError> {
    let lines = files.iter().zip(digests).map(|(file, digest)| (file.path.as_str(), *digest, file.size));
    let digest = evidence::folder_digest(lines)?;
    Ok(Artefact { digest, files: files.len(), bytes: files.iter().map(|file| file.size).sum() })
}

/// A regular file of a model.
#[derive(Debug)]
pub(crate) struct Entry {
    /// Its path in the model.
    pub(crate) path: String,
    /// Its size when listed, in bytes.
    pub(crate) size: u64,
    on_disk: PathBuf,
    identity: (u64, u64),
}

/// Something in a model that is neither a regular file nor a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strange {
    Link,
    Special,
}

/// What a model holds.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// Regular files, by component order of their paths.
    pub(crate) files: Vec<Entry>,
    /// Ignored paths that exist.
    pub(crate) ignored: Vec<String>,
    /// Links and special files outside ignored paths.
    pub(crate) strange: Vec<(String, Strange)>,
    /// Whether the model is a single file.
    pub(crate) single: bool,
}

impl Listing {
    /// Lists a model: a folder, or a single file under the name `.`.
    pub(crate) fn read(model: &Path, ignore: &[&str]) -> Result<Self, FolderError> {
        let io = |path: &Path, error| FolderError::Io { path: path.to_owned(), error };
        let about = std::fs::metadata(model).map_err(|e| io(model, e))?;
        let mut listing = Self { single: !about.is_dir(), ..Self::default() };
        if about.is_file() {
            listing.files.push(Entry::new(SINGLE_FILE.to_owned(), model.to_owned(), &about));
            return Ok(listing);
        }
        if !about.is_dir() {
            return Err(FolderError::Special { path: model.display().to_string() });
        }
        let ignore: HashSet<&str> = ignore.iter().copied().collect();
        let mut waiting = vec![(model.to_owned(), String::new(), 0)];
        let mut seen = 0_usize;
        while let Some((folder, prefix, depth)) = waiting.pop() {
            if depth > MAX_DEPTH {
                return Err(FolderError::TooDeep { path: prefix });
            }
            for entry in std::fs::read_dir(&folder).map_err(|e| io(&folder, e))? {
                let entry = entry.map_err(|e| io(&folder, e))?;
                let on_disk = entry.path();
                let name = entry
                    .file_name()
                    .into_string()
                    .map_err(|_| FolderError::NotUtf8 { path: on_disk.clone() })?;
                let path = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
                if ignore.contains(path.as_str()) {
                    listing.ignored.push(path);
                    continue;
                }
                path::check(&path)?;
                seen += 1;
                if seen > MAX_FILES {
                    return Err(FolderError::TooManyFiles);
                }
                // Neither call follows a link.
                let kind = entry.file_type().map_err(|e| io(&on_disk, e))?;
                if kind.is_dir() {
                    waiting.push((on_disk, path, depth + 1));
                } else if kind.is_file() {
                    let about = entry.metadata().map_err(|e| io(&on_disk, e))?;
                    listing.files.push(Entry::new(path, on_disk, &about));
                } else {
                    let strange = if kind.is_symlink() { Strange::Link } else { Strange::Special };
                    listing.strange.push((path, strange));
                }
            }
        }
        listing.files.sort_by(|a, b| path::order(&a.path, &b.path));
        listing.ignored.sort_by(|a, b| path::order(a, b));
        listing.strange.sort_by(|a, b| path::order(&a.0, &b.0));
        Ok(listing)
    }

    /// Refuses a model that holds links or special files, or no file at all.
    pub(crate) fn regular_only(self) -> Result<Self, FolderError> {
        match self.strange.into_iter().next() {
            Some((path, Strange::Link)) => Err(FolderError::Link { path }),
            Some((path, Strange::Special)) => Err(FolderError::Special { path }),
            None => Ok(Self { strange: Vec::new(), ..self }),
        }
    }
}

impl Entry {
    fn new(path: String, on_disk: PathBuf, about: &Metadata) -> Self {
        Self { path, size: about.len(), on_disk, identity: identity(about) }
    }

    /// Reads the file once, from start to end, and returns its SHA-256.
    ///
    /// What is opened must be the file that was listed: not a link or a pipe put there since.
    fn digest(&self, buffer: &mut [u8], mut after_chunk: impl FnMut(u64)) -> Result<Digest, FolderError> {
        let io = |error| FolderError::Io { path: self.on_disk.clone(), error };
        let changed = || FolderError::ChangedWhileRead { path: self.path.clone() };
        let mut file = File::open(&self.on_disk).map_err(io)?;
        let before = file.metadata().map_err(io)?;
        if !before.is_file() || before.len() != self.size || identity(&before) != self.identity {
            return Err(changed());
        }
        let mut hasher = Sha256::new();
        let mut total = 0_u64;
        loop {
            let read = match file.read(buffer) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(io(error)),
            };
            hasher.update(&buffer[..read]);
            total += read as u64;
            if total > self.size {
                return Err(changed());
            }
            after_chunk(read as u64);
        }
        let after = file.metadata().map_err(io)?;
        if total != self.size || after.modified().ok() != before.modified().ok() {
            return Err(changed());
        }
        Ok(Digest::from_bytes(hasher.finalize().into()))
    }
}

/// Returns what tells one file from another on this machine, where the system has such a thing.
#[cfg(unix)]
fn identity(about: &Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt as _;
    (about.dev(), about.ino())
}

#[cfg(not(unix))]
fn identity(_about: &Metadata) -> (u64, u64) {
    (0, 0)
}

/// Reads each file once, several at a time, and returns their digests in the files' order.
pub(crate) fn digests(files: &[Entry], progress: &Watch<'_>) -> Result<Vec<Digest>, FolderError> {
    // The largest first, so that no thread starts on a large file when the others have finished.
    let mut order: Vec<usize> = (0..files.len()).collect();
    order.sort_by_key(|&index| Reverse(files[index].size));
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(files.len());
    let next = AtomicUsize::new(0);
    let failed = AtomicBool::new(false);
    let (files_done, bytes_done) = (AtomicUsize::new(0), AtomicU64::new(0));
    let bytes = files.iter().map(|file| file.size).sum();
    let tell = |more_files: usize, more_bytes: u64| {
        progress(Progress {
            files_done: files_done.fetch_add(more_files, Ordering::Relaxed) + more_files,
            files: files.len(),
            bytes_done: bytes_done.fetch_add(more_bytes, Ordering::Relaxed) + more_bytes,
            bytes,
        });
    };
    let work = || -> Result<Vec<(usize, Digest)>, FolderError> {
        let mut buffer = vec![0; CHUNK];
        let mut found = Vec::new();
        while !failed.load(Ordering::Relaxed) {
            let Some(&index) = order.get(next.fetch_add(1, Ordering::Relaxed)) else { break };
            let digest = files[index]
                .digest(&mut buffer, |read| tell(0, read))
                .inspect_err(|_| failed.store(true, Ordering::Relaxed))?;
            tell(1, 0);
            found.push((index, digest));
        }
        Ok(found)
    };
    let results: Vec<_> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    let mut digests = vec![Digest::from_bytes([0; 32]); files.len()];
    for result in results {
        for (index, digest) in result? {
            digests[index] = digest;
        }
    }
    Ok(digests)
}
