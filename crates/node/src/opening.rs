//! Opening a data folder: the log is folded again, compared with what is published, and what is
//! missing is published.

use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, OnceLock};

use arc_swap::ArcSwap;
use evidence::{Digest, Envelope, Part, Predicate, Statement, Unknown};
use ledger::{Checkpoint, CheckpointError, IntegrateError, NoteSigner, SignedNote, TreeHead};

use crate::birth::{DATABASE, INTAKE_KEY, KEYS, LOCK, LOG, LOG_KEY};
use crate::folds::Folds;
use crate::node::{Clock, Inner, View};
use crate::publication::{Publication, Publishable};
use crate::sequencer::{NoteKeys, Sequencer, sign_checkpoint};
use crate::shelf::{self, Files, Shelf, ShelfError, Shipped};
use crate::store::{SqliteStore, Store, StoreError, StoredEntry, StoredPart};

/// How many entries are folded or published at a time.
const CHUNK: u64 = 512;

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

fn io_at(path: &Path) -> impl Fn(io::Error) -> OpenError {
    move |error| OpenError::Io { path: path.to_owned(), error }
}

/// Opens a data folder; the sequencer is ready, and not started.
pub(crate) fn open(folder: &Path, shipped: Shipped, clock: Clock) -> Result<(Inner, Sequencer), OpenError> {
    let database = folder.join(DATABASE);
    if !database.is_file() {
        return Err(OpenError::NotANode(folder.to_owned()));
    }
    let lock = lock(folder)?;
    let keys = Arc::new(read_keys(folder)?);
    let store = SqliteStore::open(&database)?;
    let head = store.head()?;
    let origin = check_birth(&store, &keys, folder)?;
    let shelf = Arc::new(Shelf::new(shipped, store.blobs()?)?);
    let library = shelf.library();
    let folds = refold(&store, head, &origin, &library)?;
    let intake = store.waiting()?.into_iter().map(|w| (w.statement, Arc::new(w))).collect::<BTreeMap<_, _>>();
    let publication = Publication::open(&folder.join(LOG)).map_err(io_at(&folder.join(LOG)))?;
    let note = publish_what_is_missing(&store, &publication, &folds, &origin, &keys)?;
    let view = Arc::new(ArcSwap::from_pointee(View {
        register: folds.public.clone(),
        library: Arc::clone(&library),
        checkpoint: note.to_string(),
        head,
        full: folds.full.clone(),
        clock: Arc::clone(&clock),
    }));
    let closed = Arc::new(OnceLock::new());
    let reader = SqliteStore::open(&database)?;
    let inner = Inner {
        view: Arc::clone(&view),
        tokens: ArcSwap::from_pointee(reader.tokens()?),
        store: Mutex::new(Box::new(reader)),
        publication: publication.clone(),
        clock: Arc::clone(&clock),
        jobs: None,
        in_flight: Arc::new(AtomicUsize::new(0)),
        closed: Arc::clone(&closed),
        sequencer: None,
        _lock: lock,
    };
    let sequencer = Sequencer {
        origin,
        store: Box::new(store),
        publication,
        folds,
        intake: Arc::new(intake),
        shelf,
        library,
        keys,
        clock,
        view,
        closed,
    };
    tracing::info!(size = head.size, "the data folder is open");
    Ok((inner, sequencer))
}

fn lock(folder: &Path) -> Result<File, OpenError> {
    let path = folder.join(LOCK);
    let file = File::options().create(true).append(true).open(&path).map_err(io_at(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::Locked(folder.to_owned())),
        Err(TryLockError::Error(error)) => Err(OpenError::Io { path, error }),
    }
}

fn read_keys(folder: &Path) -> Result<NoteKeys, OpenError> {
    let read = |name: &str| {
        use std::os::unix::fs::PermissionsExt as _;
        let path = folder.join(KEYS).join(name);
        let mode = std::fs::metadata(&path).map_err(io_at(&path))?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            let problem =
                format!("other users of this machine can read this key (mode {mode:03o}); chmod 600 it");
            return Err(OpenError::Key { path, problem });
        }
        let text = zeroize::Zeroizing::new(std::fs::read_to_string(&path).map_err(io_at(&path))?);
        NoteSigner::from_secret_text(text.trim_end())
            .map_err(|error| OpenError::Key { path, problem: error.to_string() })
    };
    Ok(NoteKeys { log: read(LOG_KEY)?, intake: read(INTAKE_KEY)? })
}

/// Reads the origin from the genesis, and checks that the keys at hand are those that it names.
fn check_birth(store: &SqliteStore, keys: &NoteKeys, folder: &Path) -> Result<String, OpenError> {
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

/// Folds every stored entry, and checks that they make up the stored head.
fn refold(
    store: &SqliteStore,
    head: TreeHead,
    origin: &str,
    library: &register::Library,
) -> Result<Folds, OpenError> {
    let mut folds = Folds::new(origin);
    for chunk in 0..head.size.div_ceil(CHUNK) {
        for entry in store.entries(chunk * CHUNK..head.size.min((chunk + 1) * CHUNK))? {
            let damaged = |problem: String| OpenError::Damaged { entry: entry.index, problem };
            if let Some(refusal) = folds.replay(&entry, library).map_err(|e| damaged(e.to_string()))? {
                tracing::warn!(entry = entry.index, %refusal, "an entry has no effect by this version's rules");
            }
        }
    }
    if folds.edge.head() == head {
        return Ok(folds);
    }
    Err(OpenError::Damaged {
        entry: folds.edge.size(),
        problem: format!(
            "the entries make up a log of {} with the root {}, the head says {} and {}",
            folds.edge.size(),
            folds.edge.root(),
            head.size,
            head.root
        ),
    })
}

/// Compares the database with the published log, publishes what is missing, and returns the
/// checkpoint as it now stands.
fn publish_what_is_missing(
    store: &SqliteStore,
    publication: &Publication,
    folds: &Folds,
    origin: &str,
    keys: &NoteKeys,
) -> Result<SignedNote, OpenError> {
    let head = folds.edge.head();
    let io = io_at(publication.folder());
    let published = match publication.checkpoint().map_err(&io)? {
        None => TreeHead::EMPTY,
        Some(bytes) => {
            let note = SignedNote::parse(&bytes).map_err(|e| OpenError::Checkpoint(e.into()))?;
            let log_keys = [keys.log.verifier_key()];
            let published = Checkpoint::open(&note, origin, &log_keys).map_err(OpenError::Checkpoint)?.head();
            if published.size > head.size {
                return Err(OpenError::DatabaseBehind { database: head.size, published: published.size });
            }
            let expected = folds.full.root_at(published.size);
            if published.size > 0 && expected != Some(Digest::from_bytes(published.root.0)) {
                return Err(OpenError::Diverged { size: published.size });
            }
            if published == head {
                return Ok(note);
            }
            published
        }
    };
    tracing::warn!(
        published = published.size,
        recorded = head.size,
        "publishing what was recorded and not published"
    );
    let no_leaves: [&[u8]; 0] = [];
    // Where the tiles below the checkpoint are damaged or gone, all are written again.
    let start = match ledger::integrate(publication.tiles(), published, &no_leaves) {
        Err(IntegrateError::Published(_)) => TreeHead::EMPTY,
        _ => published,
    };
    let mut reached = start;
    while reached.size < head.size {
        let entries = store.entries(reached.size..head.size.min(reached.size + CHUNK))?;
        let leaves: Vec<&[u8]> = entries.iter().map(|entry| &entry.leaf[..]).collect();
        let batch = ledger::integrate(publication.tiles(), reached, &leaves)
            .map_err(|error| io(io::Error::other(error)))?;
        if batch.head().size <= reached.size {
            return Err(OpenError::Damaged { entry: reached.size, problem: "it is missing".into() });
        }
        let contents = Contents::read(store, &entries)?;
        publication.publish(&contents.publishable(&entries), &batch).map_err(&io)?;
        reached = batch.head();
    }
    let note = sign_checkpoint(origin, head, keys).map_err(&io)?;
    publication.replace_checkpoint(&note).map_err(&io)?;
    Ok(note)
}

/// What entries made public, as the database still has it.
#[derive(Default)]
struct Contents {
    parts: Vec<(Digest, Part)>,
    blobs: Vec<(Digest, Files)>,
    erased: Vec<Digest>,
}

impl Contents {
    fn read(store: &SqliteStore, entries: &[StoredEntry]) -> Result<Self, OpenError> {
        let mut contents = Self::default();
        let mut adopted = Vec::new();
        for entry in entries {
            let damaged = |problem: String| OpenError::Damaged { entry: entry.index, problem };
            let envelope = Envelope::parse(&entry.envelope).map_err(|e| damaged(e.to_string()))?;
            let statement =
                Statement::parse(envelope.payload(), Unknown::Ignore).map_err(|e| damaged(e.to_string()))?;
            for attachment in &statement.common().attachments {
                if let Some(StoredPart { part, public: true }) = store.part(&attachment.commitment)? {
                    contents.parts.push((attachment.commitment, part));
                }
            }
            if let Predicate::Erasure(erasure) = statement.predicate() {
                contents.erased.extend(&erasure.parts);
            }
            adopted.extend(shelf::adopted_by(statement.predicate()));
        }
        if !adopted.is_empty() {
            contents.blobs =
                store.blobs()?.into_iter().filter(|(folder, _)| adopted.contains(folder)).collect();
        }
        Ok(contents)
    }

    fn publishable<'c>(&'c self, entries: &'c [StoredEntry]) -> Publishable<'c> {
        Publishable {
            envelopes: entries
                .iter()
                .filter(|entry| entry.salt.is_none())
                .map(|entry| (entry.statement, &entry.envelope[..]))
                .collect(),
            parts: self.parts.iter().map(|(commitment, part)| (*commitment, part)).collect(),
            blobs: self.blobs.iter().map(|(folder, files)| (*folder, files)).collect(),
            erased: self.erased.clone(),
        }
    }
}
