//! Watching a log: every checkpoint that it signs is kept and compared.

use std::io;
use std::path::{Path, PathBuf};

use ledger::{Checkpoint, LogReader, SignedNote};

use crate::log::{Log, LogError};
use crate::reason::Reason;
use crate::report::Fault;
use crate::source::{Meter, Source};
use crate::trust::{Trust, TrustError, replace};

/// The name of the trust file in the folder.
const TRUST: &str = "trust.json";

/// A folder of checkpoints of one log: `trust.json`, and each checkpoint as it was signed.
///
/// Two kept checkpoints that do not continue each other are proof, by the log's own signatures,
/// that it has shown two histories.
#[derive(Debug)]
pub struct Watch {
    folder: PathBuf,
    trust: Option<Trust>,
}

/// What looking at a log once has shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sighting {
    /// Nothing was known of the log; its checkpoint is kept from here on.
    First {
        /// The number of entries.
        size: u64,
    },
    /// The log is where it was.
    Unchanged {
        /// The number of entries.
        size: u64,
    },
    /// The log has grown, and continues what was seen.
    Grown {
        /// The number of entries seen before.
        from: u64,
        /// The number of entries.
        to: u64,
    },
    /// An older checkpoint of the same history is served, as caches may for a while.
    Behind {
        /// The number of entries.
        size: u64,
        /// The number of entries seen before.
        seen: u64,
    },
    /// The log does not fit what was seen.
    Broken {
        /// What does not fit.
        fault: Fault,
    },
}

/// Says why a log cannot be watched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WatchError {
    /// The folder cannot be used.
    #[error("{path}: {error}")]
    Io {
        /// The folder or file.
        path: String,
        /// What the system said.
        error: io::Error,
    },
    /// A trust file cannot be used.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// The folder keeps the checkpoints of another log.
    #[error("{path} keeps checkpoints of {kept}, the trust file is about {given}: use another folder")]
    OtherLog {
        /// The folder.
        path: String,
        /// The log of the folder.
        kept: String,
        /// The log of the trust file.
        given: String,
    },
    /// The log cannot be read.
    #[error(transparent)]
    Log(LogError),
}

impl Watch {
    /// Opens the folder, which is made if it is not there. `trust` is what is known of the log
    /// where the folder is new; without it the log's own genesis is taken at its word once.
    pub fn open(folder: impl Into<PathBuf>, trust: Option<Trust>) -> Result<Self, WatchError> {
        let folder = folder.into();
        std::fs::create_dir_all(&folder).map_err(|error| failed(&folder, error))?;
        let file = folder.join(TRUST);
        if !file.exists() {
            return Ok(Self { folder, trust });
        }
        let kept = Trust::read(&file)?;
        if let Some(given) = trust
            && (given.origin() != kept.origin() || given.genesis() != kept.genesis())
        {
            let name = |trust: &Trust| format!("{} ({})", trust.origin(), trust.genesis().short());
            return Err(WatchError::OtherLog {
                path: folder.display().to_string(),
                kept: name(&kept),
                given: name(&given),
            });
        }
        Ok(Self { folder, trust: Some(kept) })
    }

    /// Returns the last checkpoint seen.
    pub fn seen(&self) -> Option<&Checkpoint> {
        self.trust.as_ref().map(Trust::checkpoint)
    }

    /// Looks at the log once, compares, and keeps its checkpoint, whatever came out.
    pub fn look(&mut self, source: &dyn Source) -> Result<Sighting, WatchError> {
        match self.compare(source) {
            Err(WatchError::Log(LogError::Fault(fault))) => Ok(Sighting::Broken { fault }),
            done => done,
        }
    }

    fn compare(&mut self, source: &dyn Source) -> Result<Sighting, WatchError> {
        let log = Log::open(source, self.trust.as_ref()).map_err(WatchError::Log)?;
        let (new, note) = (log.checkpoint(), log.note());
        self.keep(new, note)?;
        let Some(trust) = &self.trust else {
            let trust = log.trust_on_first_use().map_err(WatchError::Log)?;
            self.adopt(trust)?;
            return Ok(Sighting::First { size: new.size });
        };
        let seen = trust.checkpoint().head();
        // The larger of the two must have the smaller one's root at the smaller one's size.
        let (larger, smaller) = if new.size < seen.size { (seen, new.head()) } else { (new.head(), seen) };
        let meter = Meter::new(source);
        let found = LogReader::open(&meter, larger)
            .and_then(|mut reader| reader.root_at(smaller.size))
            .map_err(|error| WatchError::Log(error.into()))?;
        if found != smaller.root {
            let detail = format!(
                "the checkpoints of size {} and {} do not continue each other: both are signed, both are kept",
                smaller.size, larger.size
            );
            return Ok(Sighting::Broken { fault: Fault::new(None, Reason::HistoryRewritten, detail) });
        }
        if new.size < seen.size {
            return Ok(Sighting::Behind { size: new.size, seen: seen.size });
        }
        let fresh = !self.folder.join(TRUST).exists();
        let grown = new.size > seen.size;
        if grown || fresh {
            let trust = trust.with_checkpoint(note.clone())?;
            self.adopt(trust)?;
        }
        Ok(match (grown, fresh) {
            (true, _) => Sighting::Grown { from: seen.size, to: new.size },
            (false, true) => Sighting::First { size: new.size },
            (false, false) => Sighting::Unchanged { size: new.size },
        })
    }

    fn adopt(&mut self, trust: Trust) -> Result<(), WatchError> {
        trust.write(&self.folder.join(TRUST))?;
        self.trust = Some(trust);
        Ok(())
    }

    /// Keeps a signed checkpoint under its size and root; what is kept is never replaced.
    fn keep(&self, checkpoint: &Checkpoint, note: &SignedNote) -> Result<(), WatchError> {
        let root = checkpoint.root.to_string();
        let path = self.folder.join(format!("{:020}-{}.checkpoint", checkpoint.size, &root[..16]));
        if path.exists() {
            return Ok(());
        }
        replace(&path, &note.to_bytes()).map_err(|error| failed(&path, error))
    }
}

fn failed(path: &Path, error: io::Error) -> WatchError {
    WatchError::Io { path: path.display().to_string(), error }
}
