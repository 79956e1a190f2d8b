//! A node is born: its keys, its first policy, and the genesis as entry 0 of its log.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use arc_swap::ArcSwap;
use evidence::predicate::{Custody, KeyEntry, NodeGenesis};
use evidence::{
    Algorithm, Basis, BasisKind, Common, Digest, Draft, Issuer, Language, LogReference, Nonce, SecretKey,
    Slug, Texts, Visibility, origin_subject,
};
use ledger::{NoteSigner, TreeHead};
use register::Library;
use serde::Serialize;
use tokio::sync::oneshot;
use zeroize::Zeroizing;

use crate::folds::Folds;
use crate::keys::{note_text, write_secret};
use crate::node::{Clock, View};
use crate::place::Place;
use crate::publication::Publication;
use crate::sequencer::{NoteKeys, Sequencer, Submitted};
use crate::shelf::{Files, Shelf, ShelfError};
use crate::store::{Standing, StoreError};
use crate::submission::{Admitted, SubmitError};

pub(crate) const LOCK: &str = "node.lock";
pub(crate) const LOG: &str = "log";
pub(crate) const KEYS: &str = "keys";
pub(crate) const LOG_KEY: &str = "log.key";
pub(crate) const INTAKE_KEY: &str = "intake.key";
const VERIFIER_KEY: &str = "log.vkey";
const TRUST: &str = "trust.json";

/// The most root keys that a node may have: all of them sign the genesis.
const MAX_ROOT_KEYS: u32 = 16;

/// What a new node is to be.
#[derive(Debug, Clone)]
pub struct Birth {
    /// The log's origin: a name such as `register.example/2026`, without a scheme.
    pub origin: String,
    /// How many root keys must sign an act of the node.
    pub threshold: u32,
    /// How many root keys are made.
    pub root_keys: u32,
    /// What every page of the register says first, such as that it is a demonstration.
    pub notice: Option<Texts>,
    /// The first policy.
    pub policy: Files,
}

/// The private keys of a new node.
pub(crate) struct BirthKeys {
    pub(crate) notes: NoteKeys,
    pub(crate) roots: Vec<SecretKey>,
}

/// Says why a node was not made. What had been written is removed again.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CreateError {
    /// The folder has something in it.
    #[error("{} is not empty; a node is made in an empty or a new folder", .0.display())]
    NotEmpty(PathBuf),
    /// The numbers of root keys do not fit.
    #[error(
        "expected 1 to {MAX_ROOT_KEYS} root keys and a threshold from 1 to their number, found {threshold} of {keys}"
    )]
    RootKeys {
        /// The threshold asked for.
        threshold: u32,
        /// The number of keys asked for.
        keys: u32,
    },
    /// The origin cannot name a log.
    #[error("{found:?} cannot name a log: {problem}")]
    Origin {
        /// The origin asked for.
        found: String,
        /// What is wrong.
        problem: String,
    },
    /// The policy cannot be read.
    #[error(transparent)]
    Policy(#[from] ShelfError),
    /// A key could not be made or written.
    #[error(transparent)]
    Key(#[from] evidence::key::KeyError),
    /// The system has no randomness to give.
    #[error("the system gave no random bytes: {0}")]
    Random(#[from] getrandom::Error),
    /// A file cannot be written.
    #[error("{}: {error}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The genesis could not be recorded.
    #[error("the genesis was not recorded: {0}")]
    Genesis(String),
}

/// The trust file that goes to whoever wants to audit the log.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Trust {
    origin: String,
    genesis: Digest,
    log_keys: Vec<String>,
    checkpoint: String,
}

/// Makes a node in an empty or a new folder: its keys, its database, and the genesis as entry 0 of
/// the published log, with the trust file for auditors beside it.
///
/// Where the place says so, the database is made in a PostgreSQL, which must have no log in it.
pub fn create(place: impl Into<Place>, birth: Birth, clock: Clock) -> Result<(), CreateError> {
    let seed = || -> Result<Zeroizing<[u8; 32]>, CreateError> {
        let mut seed = Zeroizing::new([0; 32]);
        getrandom::fill(seed.as_mut())?;
        Ok(seed)
    };
    let signer = |name: &str| -> Result<NoteSigner, CreateError> {
        NoteSigner::from_seed(name, &*seed()?)
            .map_err(|e| CreateError::Origin { found: birth.origin.clone(), problem: e.to_string() })
    };
    check(&birth)?;
    let notes =
        NoteKeys { log: signer(&birth.origin)?, intake: signer(&format!("{}/intake", birth.origin))? };
    let roots =
        (0..birth.root_keys).map(|_| SecretKey::generate(Algorithm::EcdsaP256)).collect::<Result<_, _>>()?;
    create_with(&place.into(), birth, BirthKeys { notes, roots }, clock)
}

/// Does the same with the given keys.
pub(crate) fn create_with(
    place: &Place,
    birth: Birth,
    keys: BirthKeys,
    clock: Clock,
) -> Result<(), CreateError> {
    check(&birth)?;
    let folder = place.data();
    let io = |path: &Path| {
        let path = path.to_owned();
        move |error| CreateError::Io { path: path.clone(), error }
    };
    let existed = folder.exists();
    if existed && fs::read_dir(folder).map_err(io(folder))?.next().is_some() {
        return Err(CreateError::NotEmpty(folder.to_owned()));
    }
    fs::create_dir_all(folder).map_err(io(folder))?;
    let made = make(place, birth, keys, clock);
    if made.is_err() {
        // What cannot be removed is named by the next attempt: the folder is not empty.
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let _ = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        }
        if !existed {
            let _ = fs::remove_dir(folder);
        }
    }
    made
}

fn check(birth: &Birth) -> Result<(), CreateError> {
    let Birth { threshold, root_keys: keys, .. } = *birth;
    if !(1..=MAX_ROOT_KEYS).contains(&keys) || !(1..=keys).contains(&threshold) {
        return Err(CreateError::RootKeys { threshold, keys });
    }
    if !(1..=200).contains(&birth.origin.len()) || birth.origin.contains("://") {
        let problem = "expected 1 to 200 bytes without a scheme, such as register.example/2026".into();
        return Err(CreateError::Origin { found: birth.origin.chars().take(200).collect(), problem });
    }
    Ok(())
}

fn make(place: &Place, birth: Birth, keys: BirthKeys, clock: Clock) -> Result<(), CreateError> {
    let folder = place.data();
    let io = |path: &Path| {
        let path = path.to_owned();
        move |error| CreateError::Io { path: path.clone(), error }
    };
    let mut shelf = Shelf::default();
    let policy = shelf.add_policy(birth.policy.clone())?;
    let key_folder = folder.join(KEYS);
    fs::create_dir(&key_folder).map_err(io(&key_folder))?;
    let passphrase = place.passphrase();
    for (name, signer) in [(LOG_KEY, &keys.notes.log), (INTAKE_KEY, &keys.notes.intake)] {
        let path = key_folder.join(name);
        write_secret(&path, &note_text(signer, passphrase)?).map_err(io(&path))?;
    }
    for (number, key) in (1..).zip(&keys.roots) {
        key.write_new(&key_folder.join(format!("root-{number}.pem")), passphrase)?;
    }
    let (verifier, origin) = (keys.notes.log.verifier_key().to_string(), birth.origin.clone());
    let job = genesis(birth, policy, &keys, &clock)?;
    let genesis = job.statement.digest();
    let checkpoint = record(place, &origin, shelf, keys.notes, job, clock)?;
    let trust = Trust { origin, genesis, log_keys: vec![verifier.clone()], checkpoint };
    let text = serde_json::to_string_pretty(&trust).map_err(|e| CreateError::Genesis(e.to_string()))?;
    for (name, text) in [(VERIFIER_KEY, verifier), (TRUST, text)] {
        let path = folder.join(name);
        write_synced(fs::File::create_new(&path), &format!("{text}\n")).map_err(io(&path))?;
    }
    place.write_down().map_err(io(folder))?;
    fs::File::open(folder).and_then(|f| f.sync_all()).map_err(io(folder))
}

/// Drafts and signs the genesis.
fn genesis(birth: Birth, policy: Digest, keys: &BirthKeys, clock: &Clock) -> Result<Admitted, CreateError> {
    let subject = origin_subject(&birth.origin);
    let root_keys = (1..)
        .zip(&keys.roots)
        .map(|(number, key)| KeyEntry {
            spki: evidence::key::encode_spki(&key.public_key()),
            holder: holder(number),
            custody: Custody::Node,
        })
        .collect();
    let draft = Draft {
        subject,
        common: Common {
            issuer: Issuer::Node,
            signers: Vec::new(),
            holder: holder(1),
            issued_at: clock(),
            log: LogReference {
                origin: birth.origin.clone(),
                size: TreeHead::EMPTY.size,
                root: Library::empty_root(),
            },
            regime: None,
            basis: Basis { kind: BasisKind::Voluntary, article: None },
            visibility: Visibility::Public,
            confidentiality_ground: None,
            nonce: Nonce::random()?,
            attachments: Vec::new(),
            authentic_language: Language::Ja,
            supersedes: None,
        },
        predicate: NodeGenesis {
            origin: birth.origin,
            log_keys: vec![keys.notes.log.verifier_key().to_string()],
            intake_key: keys.notes.intake.verifier_key().to_string(),
            root_keys,
            threshold: birth.threshold,
            policy,
            notice: birth.notice,
        }
        .into(),
    };
    let signers: Vec<&SecretKey> = keys.roots.iter().collect();
    let (statement, envelope) = draft.sign(&signers).map_err(|e| CreateError::Genesis(e.to_string()))?;
    Ok(Admitted { envelope, statement, parts: Vec::new() })
}

fn holder(number: u32) -> Slug {
    format!("root-{number}").parse().unwrap_or_else(|_| unreachable!("a number makes a slug"))
}

/// Records the genesis the way that every statement is recorded, and returns the checkpoint.
fn record(
    place: &Place,
    origin: &str,
    shelf: Shelf,
    keys: NoteKeys,
    genesis: Admitted,
    clock: Clock,
) -> Result<String, CreateError> {
    let arrived_at = clock();
    // Before anything is written: a database with a log in it is not touched.
    let store = place.create_store()?;
    let log = place.data().join(LOG);
    let publication = Publication::open(&log).map_err(|error| CreateError::Io { path: log, error })?;
    let folds = Folds::new(origin);
    let library = shelf.library();
    let view = Arc::new(ArcSwap::from_pointee(View {
        register: folds.public.clone(),
        library: Arc::clone(&library),
        checkpoint: String::new(),
        head: TreeHead::EMPTY,
        full: folds.full.clone(),
        clock: Arc::clone(&clock),
    }));
    let mut sequencer = Sequencer {
        origin: origin.to_owned(),
        store,
        standing: Standing::EMPTY,
        publication,
        folds,
        intake: Arc::default(),
        shelf: Arc::new(shelf),
        library,
        keys: Arc::new(keys),
        clock,
        view: Arc::clone(&view),
        closed: Arc::new(OnceLock::new()),
        unpublished: None,
        published_all: true,
        measures: crate::measures::Measures::new(),
    };
    let (reply, mut answer) = oneshot::channel();
    sequencer.process(vec![Submitted { batch: vec![genesis], arrived_at, reply }]);
    match answer.try_recv() {
        Ok(Ok(_)) => Ok(view.load().checkpoint.clone()),
        Ok(Err(SubmitError::Refused { refusal, .. })) => Err(CreateError::Genesis(refusal.to_string())),
        Ok(Err(other)) => Err(CreateError::Genesis(other.to_string())),
        Err(gone) => Err(CreateError::Genesis(gone.to_string())),
    }
}

fn write_synced(file: io::Result<fs::File>, text: &str) -> io::Result<()> {
    let mut file = file?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
