//! The folder that everyone may read: exactly what is served under `/log/`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use evidence::{Digest, Part};
use ledger::{Batch, FolderStore, ReadLog as _, SignedNote, TileStore as _};

use crate::shelf::{self, Files};

/// The file that is locked while somebody publishes; it is not served.
const LOCK: &str = ".lock";

/// How long publishing waits for somebody else who publishes, and how often it looks.
const WAIT: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(2);

/// How many files are synced at the same time: the file system then commits them together.
const SYNC_THREADS: usize = 8;

/// The published log.
#[derive(Debug, Clone)]
pub(crate) struct Publication {
    tiles: FolderStore,
}

/// What entries make public, besides the tiles.
#[derive(Debug, Default)]
pub(crate) struct Publishable<'c> {
    pub(crate) envelopes: Vec<(Digest, &'c [u8])>,
    pub(crate) parts: Vec<(Digest, &'c Part)>,
    pub(crate) blobs: Vec<(Digest, &'c Files)>,
    pub(crate) erased: Vec<Digest>,
}

impl Publication {
    pub(crate) fn open(folder: &Path) -> io::Result<Self> {
        Ok(Self { tiles: FolderStore::open(folder)? })
    }

    pub(crate) fn folder(&self) -> &Path {
        self.tiles.root()
    }

    /// Returns the tiles, to read from.
    pub(crate) fn tiles(&self) -> &FolderStore {
        &self.tiles
    }

    /// Works while no other server publishes here: what one has published, another does not undo.
    ///
    /// The lock is on a file in the folder, whose file system must know locks between machines where several
    /// share it.
    pub(crate) fn exclusively_or<T, E>(
        &self,
        failed: impl Fn(io::Error) -> E,
        work: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        let _lock = self.lock().map_err(failed)?;
        work()
    }

    fn lock(&self) -> io::Result<File> {
        let file = File::options().create(true).append(true).open(self.folder().join(LOCK))?;
        let deadline = Instant::now() + WAIT;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::Error(error)) => return Err(error),
                Err(TryLockError::WouldBlock) if Instant::now() < deadline => std::thread::sleep(PAUSE),
                Err(TryLockError::WouldBlock) => {
                    let problem = "another server has been publishing for too long";
                    return Err(io::Error::new(io::ErrorKind::TimedOut, problem));
                }
            }
        }
    }

    /// Writes what the entries make public, and their tiles. Durable when it returns.
    pub(crate) fn publish(&self, files: &Publishable<'_>, tiles: &Batch) -> io::Result<()> {
        let mut group = Group::new(self.folder());
        files.write(&mut group)?;
        for (path, bytes) in tiles.files() {
            group.put_unchangeable(path, bytes)?;
        }
        group.finish()
    }

    /// Replaces the checkpoint: from here on everyone sees the new entries.
    pub(crate) fn replace_checkpoint(&self, note: &SignedNote) -> io::Result<()> {
        self.tiles.write("checkpoint", &note.to_bytes())
    }

    /// Returns the checkpoint as it is served, which nobody has verified yet.
    pub(crate) fn checkpoint(&self) -> io::Result<Option<Vec<u8>>> {
        self.tiles.read("checkpoint")
    }
}

impl Publishable<'_> {
    fn write(&self, group: &mut Group<'_>) -> io::Result<()> {
        for (statement, envelope) in &self.envelopes {
            group.put(&format!("envelope/{statement}"), &[envelope])?;
        }
        for (commitment, part) in &self.parts {
            group.put(&format!("part/{commitment}"), &[&part.salt, &part.bytes])?;
        }
        for (folder, files) in &self.blobs {
            group.put(&format!("blob/{folder}/{}", shelf::INDEX), &[&shelf::index_of(files)])?;
            for (path, bytes) in *files {
                group.put(&format!("blob/{folder}/{path}"), &[bytes])?;
            }
        }
        for commitment in &self.erased {
            group.remove(&format!("part/{commitment}"))?;
        }
        Ok(())
    }
}

/// Files that become durable together: written beside their places, synced, renamed, and their
/// folders synced, so that a crash leaves each whole or not at all.
struct Group<'f> {
    root: &'f Path,
    /// Where each file lies for now, by its place.
    written: BTreeMap<PathBuf, PathBuf>,
    folders: BTreeSet<PathBuf>,
}

impl<'f> Group<'f> {
    fn new(root: &'f Path) -> Self {
        Self { root, written: BTreeMap::new(), folders: BTreeSet::new() }
    }

    fn put(&mut self, path: &str, chunks: &[&[u8]]) -> io::Result<()> {
        let place = self.root.join(path);
        let folder = self.note_folders(&place);
        fs::create_dir_all(&folder)?;
        let name = place.file_name().unwrap_or_default().to_string_lossy();
        // One writer at a time: the name needs no randomness, and a crash leaves no litter that
        // the next attempt does not overwrite.
        let temporary = folder.join(format!(".{name}.tmp"));
        let mut file = File::create(&temporary)?;
        for chunk in chunks {
            file.write_all(chunk)?;
        }
        self.written.insert(place, temporary);
        Ok(())
    }

    /// Puts a tile, which nobody may find changed. Where it is there already, it must be the same.
    fn put_unchangeable(&mut self, path: &str, bytes: &[u8]) -> io::Result<()> {
        match fs::read(self.root.join(path)) {
            Ok(there) if there != bytes => Err(io::Error::new(
                io::ErrorKind::AlreadyExists,
                format!("{path} is already published with other content"),
            )),
            _ => self.put(path, &[bytes]),
        }
    }

    fn remove(&mut self, path: &str) -> io::Result<()> {
        let place = self.root.join(path);
        if let Some(temporary) = self.written.remove(&place) {
            fs::remove_file(temporary)?;
        }
        match fs::remove_file(&place) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => {
                let folder = self.note_folders(&place);
                fs::create_dir_all(folder)
            }
        }
    }

    /// Notes a file's folder and those above it, up to the root: any of them may be new.
    fn note_folders(&mut self, place: &Path) -> PathBuf {
        for folder in place.ancestors().skip(1) {
            if !self.folders.insert(folder.to_owned()) || folder == self.root {
                break;
            }
        }
        place.parent().unwrap_or(self.root).to_owned()
    }

    fn finish(self) -> io::Result<()> {
        sync_all(&self.written.values().map(|temporary| &**temporary).collect::<Vec<_>>())?;
        self.written.iter().try_for_each(|(place, temporary)| fs::rename(temporary, place))?;
        sync_all(&self.folders.iter().map(|folder| &**folder).collect::<Vec<_>>())
    }
}

/// Syncs files or folders side by side, so that the file system commits them together.
fn sync_all(paths: &[&Path]) -> io::Result<()> {
    let sync = |paths: &[&Path]| paths.iter().try_for_each(|path| File::open(path)?.sync_all());
    let share = paths.len().div_ceil(SYNC_THREADS).max(1);
    std::thread::scope(|scope| {
        let threads: Vec<_> = paths.chunks(share).map(|paths| scope.spawn(move || sync(paths))).collect();
        threads.into_iter().try_for_each(|thread| {
            thread.join().unwrap_or_else(|_| Err(io::Error::other("a syncing thread died")))
        })
    })
}
