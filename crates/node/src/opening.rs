//! Opening a data folder: the log is folded again, compared with what is published, and what is
//! missing is published.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, OnceLock};

use arc_swap::ArcSwap;
use evidence::{Envelope, Predicate, Statement, Unknown};
use ledger::{CheckpointError, TreeHead};

use crate::birth::{INTAKE_KEY, KEYS, LOCK, LOG, LOG_KEY};
use crate::folds::Folds;
use crate::keys::{KeyFile, KeyFileError};
use crate::measures::Measures;
use crate::node::{Clock, Inner, View};
use crate::place::{DATABASE, Place};
use crate::publication::Publication;
use crate::sequencer::{NoteKeys, Sequencer};
use crate::shelf::{Shelf, ShelfError, Shipped};
use crate::store::{Standing, Store, StoreError};

/// Says why a data folder was not opened. Nothing in it was changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The folder is no data folder.
    #[error("{} is no data folder of a node: there is no {DATABASE} in it; `kanae init` makes one", .0.display())]
    NotANode(PathBuf),
    /// Another process serves it.
    #[error("{} is in use: another Kanae serves this data folder; end it first", .0.display())]
    Locked(PathBuf),
    /// A file cannot be read or written.
    #[error("{}: {error}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// A signing key cannot be used.
    #[error("{}: {problem}", path.display())]
    Key {
        /// The key's file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Policies or regimes cannot be read.
    #[error(transparent)]
    Shelf(#[from] ShelfError),
    /// The database has fewer entries than the published log: it was restored from an old backup.
    #[error(
        "the database has {database} entries, but {published} are published: it is older than the log. \
         Restore a later backup; going on would fork the log"
    )]
    DatabaseBehind {
        /// Entries in the database.
        database: u64,
        /// Entries published.
        published: u64,
    },
    /// The published log is another one than the database's.
    #[error(
        "the published log has another root at size {size} than the database: they are not the same log. \
         Going on would fork it"
    )]
    Diverged {
        /// The size of the published log.
        size: u64,
    },
    /// The published checkpoint is not one of this log.
    #[error("the published checkpoint is not to be believed: {0}")]
    Checkpoint(CheckpointError),
    /// The database was changed by something else than Kanae, or its disk is failing.
    #[error("the database is damaged at entry {entry}: {problem}")]
    Damaged {
        /// The first entry that does not fit.
        entry: u64,
        /// What does not fit.
        problem: String,
    },
}

pub(crate) fn io_at(path: &Path) -> impl Fn(io::Error) -> OpenError {
    move |error| OpenError::Io { path: path.to_owned(), error }
}

impl From<KeyFileError> for OpenError {
    fn from(error: KeyFileError) -> Self {
        match error {
            KeyFileError::Io { path, error } => Self::Io { path, error },
            KeyFileError::Readable { ref path, .. } | KeyFileError::PassphraseMissing(ref path) => {
                // The path is said once.
                let told = error.to_string();
                let problem = told.split_once(": ").map_or_else(|| told.clone(), |(_, said)| said.to_owned());
                Self::Key { path: path.clone(), problem }
            }
            KeyFileError::Key { path, problem } => Self::Key { path, problem },
        }
    }
}

/// Opens a node; the sequencer is ready, and not started.
pub(crate) fn open(place: &Place, shipped: Shipped, clock: Clock) -> Result<(Inner, Sequencer), OpenError> {
    let folder = place.data();
    if !folder.join(KEYS).is_dir() {
        return Err(OpenError::NotANode(folder.to_owned()));
    }
    // A database in the folder has one writer. Servers that share a database may share the folder as well.
    let lock = if place.is_shared() { None } else { Some(lock(folder)?) };
    let store = place.open_store()?;
    let keys = Arc::new(read_keys(folder, place.passphrase())?);
    let origin = check_birth(&*store, &keys, folder)?;
    let shelf = Arc::new(Shelf::new(shipped, store.blobs()?)?);
    let library = shelf.library();
    let publication = Publication::open(&folder.join(LOG)).map_err(io_at(&folder.join(LOG)))?;
    let folds = Folds::new(&origin);
    let view = Arc::new(ArcSwap::from_pointee(View {
        register: folds.public.clone(),
        library: Arc::clone(&library),
        checkpoint: String::new(),
        head: TreeHead::EMPTY,
        full: folds.full.clone(),
        clock: Arc::clone(&clock),
    }));
    let closed = Arc::new(OnceLock::new());
    let measures = Measures::new();
    let head = store.standing()?.head;
    let mut sequencer = Sequencer {
        origin,
        store,
        standing: Standing::EMPTY,
        publication: publication.clone(),
        folds,
        intake: Arc::default(),
        shelf,
        library,
        keys,
        clock: Arc::clone(&clock),
        view: Arc::clone(&view),
        closed: Arc::clone(&closed),
        unpublished: None,
        published_all: true,
        measures: measures.clone(),
    };
    // The long part without a turn, so that others can go on meanwhile.
    sequencer.fold_on(head)?;
    sequencer.join()?;
    let reader = place.open_store()?;
    let inner = Inner {
        view,
        tokens: Arc::new(ArcSwap::from_pointee(reader.tokens()?)),
        store: Mutex::new(reader),
        publication,
        clock,
        jobs: None,
        in_flight: Arc::new(AtomicUsize::new(0)),
        closed,
        measures,
        sequencer: None,
        follower: None,
        shared: place.is_shared(),
        _lock: lock,
    };
    tracing::info!(size = inner.view.load().head.size, "the node is open");
    Ok((inner, sequencer))
}

pub(crate) fn lock(folder: &Path) -> Result<File, OpenError> {
    let path = folder.join(LOCK);
    let file = File::options().create(true).append(true).open(&path).map_err(io_at(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::Locked(folder.to_owned())),
        Err(TryLockError::Error(error)) => Err(OpenError::Io { path, error }),
    }
}

fn read_keys(folder: &Path, passphrase: Option<&str>) -> Result<NoteKeys, OpenError> {
    let read = |name: &str| {
        let path = folder.join(KEYS).join(name);
        match KeyFile::read(&path, passphrase)? {
            KeyFile::Note(signer) => Ok(signer),
            KeyFile::Statement(_) => Err(OpenError::Key {
                path,
                problem: "this key signs statements; one that signs checkpoints is expected".to_owned(),
            }),
        }
    };
    Ok(NoteKeys { log: read(LOG_KEY)?, intake: read(INTAKE_KEY)? })
}

/// Reads the origin from the genesis, and checks that the keys at hand are those that it names.
fn check_birth(store: &dyn Store, keys: &NoteKeys, folder: &Path) -> Result<String, OpenError> {
    let damaged = |problem: String| OpenError::Damaged { entry: 0, problem };
    let first = store.entries(0..1)?.pop().ok_or_else(|| damaged("the log has no genesis".into()))?;
    let envelope = Envelope::parse(&first.envelope).map_err(|e| damaged(e.to_string()))?;
    let statement =
        Statement::parse(envelope.payload(), Unknown::Ignore).map_err(|e| damaged(e.to_string()))?;
    let Predicate::NodeGenesis(genesis) = statement.predicate() else {
        return Err(damaged("it is no genesis".into()));
    };
    let foreign = |name: &str| OpenError::Key {
        path: folder.join(KEYS).join(name),
        problem: "this key is not one that the log's genesis names".into(),
    };
    if !genesis.log_keys.contains(&keys.log.verifier_key().to_string()) {
        return Err(foreign(LOG_KEY));
    }
    if genesis.intake_key != keys.intake.verifier_key().to_string() {
        return Err(foreign(INTAKE_KEY));
    }
    Ok(genesis.origin.clone())
}
