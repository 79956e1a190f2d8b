//! A log in a folder, laid out so that any static file server can serve it.

use std::collections::BTreeSet;
use std::fs::{self, File, Permissions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use tempfile::{Builder, TempPath};

use super::{StoreConflict, TileStore, resource};
use crate::reader::ReadLog;

/// Keeps a log in a folder.
///
/// A file is written beside its place under a name that begins with a dot,
/// synced, renamed, and its folder synced, so that a crash leaves either the
/// whole file or none. A crash may leave a file of the first kind behind; it
/// is never read, and may be deleted.
#[derive(Debug, Clone)]
pub struct FolderStore {
    root: PathBuf,
    sync: bool,
}

impl FolderStore {
    /// Opens a folder, which is made if it is not there.
    pub fn open(root: impl Into<PathBuf>) -> io::Result<Self> {
        let root = root.into();
        let missing: Vec<&Path> = root
            .ancestors()
            .take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists())
            .collect();
        fs::create_dir_all(&root)?;
        // A new folder is durable once the folder that holds it is.
        for folder in missing {
            let parent = folder.parent().filter(|path| !path.as_os_str().is_empty());
            File::open(parent.unwrap_or(Path::new(".")))?.sync_all()?;
        }
        Ok(Self { root, sync: true })
    }

    /// Returns the store without waiting for the disk: much faster, and fit
    /// only for what may be lost with the power (demonstrations, exports).
    #[must_use]
    pub fn without_sync(self) -> Self {
        Self { sync: false, ..self }
    }

    /// Returns the folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Writes a complete file under a temporary name beside its place.
    fn prepare(&self, place: &Path, bytes: &[u8]) -> io::Result<TempPath> {
        let folder = place.parent().unwrap_or(&self.root);
        fs::create_dir_all(folder)?;
        let mut file = Builder::new()
            .prefix(".")
            .suffix(".tmp")
            // Whoever serves the folder must be able to read it.
            .permissions(Permissions::from_mode(0o644))
            .tempfile_in(folder)?;
        file.write_all(bytes)?;
        if self.sync {
            file.as_file().sync_all()?;
        }
        Ok(file.into_temp_path())
    }

    /// Collects a file's folder and those above it, up to the root: any of
    /// them may be new.
    fn note_folders(&self, place: &Path, folders: &mut BTreeSet<PathBuf>) {
        for folder in place.ancestors().skip(1) {
            if !folders.insert(folder.to_owned()) || folder == self.root {
                break;
            }
        }
    }

    fn write_batch<'a>(&self, files: impl Iterator<Item = (&'a str, &'a [u8])>) -> io::Result<()> {
        let mut prepared: Vec<Prepared<'a>> = Vec::new();
        let mut folders = BTreeSet::new();
        for (path, bytes) in files {
            let resource = resource(path)?;
            let place = self.root.join(path);
            // Even a file that is there already may not have reached the disk by its name.
            self.note_folders(&place, &mut folders);
            if !resource.is_mutable() && keeps(&place, path, bytes)? {
                continue;
            }
            prepared.push(Prepared {
                file: self.prepare(&place, bytes)?,
                mutable: resource.is_mutable(),
                place,
                path,
                bytes,
            });
        }
        prepared.into_iter().try_for_each(Prepared::put)?;
        if self.sync {
            folders.iter().rev().try_for_each(|folder| File::open(folder)?.sync_all())?;
        }
        Ok(())
    }
}

/// Holds a file that is complete but for its name.
struct Prepared<'a> {
    file: TempPath,
    mutable: bool,
    place: PathBuf,
    path: &'a str,
    bytes: &'a [u8],
}

impl Prepared<'_> {
    fn put(self) -> io::Result<()> {
        if self.mutable {
            return Ok(self.file.persist(&self.place)?);
        }
        match self.file.persist_noclobber(&self.place) {
            // Another writer may have been faster; then the bytes must agree.
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
                keeps(&self.place, self.path, self.bytes).map(|_| ())
            }
            done => Ok(done?),
        }
    }
}

impl ReadLog for FolderStore {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        let resource = resource(path)?;
        read_bounded(&self.root.join(path), resource.max_len())
    }
}

impl TileStore for FolderStore {
    fn write(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        self.write_batch(std::iter::once((path, bytes)))
    }

    fn write_all(&self, files: &[(String, Vec<u8>)]) -> io::Result<()> {
        self.write_batch(files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())))
    }
}

/// Tells whether the file is there with these bytes; other bytes are a conflict.
fn keeps(place: &Path, path: &str, bytes: &[u8]) -> io::Result<bool> {
    match read_bounded(place, bytes.len())? {
        None => Ok(false),
        Some(there) if there == bytes => Ok(true),
        Some(_) => Err(StoreConflict::error(path)),
    }
}

/// Reads a file, but no more than one byte beyond the bound.
fn read_bounded(place: &Path, bound: usize) -> io::Result<Option<Vec<u8>>> {
    let file = match File::open(place) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut bytes = Vec::new();
    file.take(u64::try_from(bound).unwrap_or(u64::MAX).saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}
