//! A log at its signed checkpoint.

use std::io;

use evidence::{Digest, Envelope, Leaf, Predicate, Statement, Unknown};
use ledger::{
    Checkpoint, CheckpointError, LogReader, NoteError, ReadError, Receipt, Resource, SignedNote, VerifierKey,
};

use crate::reason::Reason;
use crate::report::Fault;
use crate::source::{Meter, Source, SourceError};
use crate::trust::{Trust, TrustError};

/// Says why a log cannot be opened or read: either nothing is known, or something does not fit.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LogError {
    /// The source failed: nothing is known about the log.
    #[error("the log cannot be read: {0}")]
    Source(#[from] SourceError),
    /// There is no log.
    #[error("there is no log at {place}: no file `checkpoint`")]
    NoLog {
        /// The folder or address.
        place: String,
    },
    /// The log is too large for one audit.
    #[error("the log has {size} entries, at most {most} are audited at once", most = crate::run::MAX_ENTRIES)]
    TooLarge {
        /// The number of entries.
        size: u64,
    },
    /// There is no such entry.
    #[error("there is no entry {index} in a log of {size} entries")]
    NoEntry {
        /// The index asked for.
        index: u64,
        /// The number of entries.
        size: u64,
    },
    /// Something does not fit.
    #[error("{0}")]
    Fault(Fault),
}

impl LogError {
    /// Sorts out what an error of reading a file means: a source that failed, or a file too long.
    pub(crate) fn of_source(path: &str, error: io::Error, entry: Option<u64>) -> Self {
        if error.kind() == io::ErrorKind::FileTooLarge {
            return Self::Fault(Fault::new(entry, Reason::FileTooLong, error));
        }
        Self::Source(match error.downcast::<SourceError>() {
            Ok(error) => error,
            Err(error) => SourceError::Io { path: path.to_owned(), error },
        })
    }
}

impl From<CheckpointError> for LogError {
    fn from(error: CheckpointError) -> Self {
        let reason = match &error {
            CheckpointError::Note(NoteError::BadSignature { .. } | NoteError::NoKnownSignature { .. }) => {
                Reason::CheckpointSignature
            }
            CheckpointError::Origin { .. } => Reason::OtherLog,
            _ => Reason::CheckpointMalformed,
        };
        Self::Fault(Fault::new(None, reason, error))
    }
}

impl From<ReadError> for LogError {
    fn from(error: ReadError) -> Self {
        let of_entries = |path: &str| match path.parse() {
            Ok(Resource::Bundle(bundle)) => Some(bundle.index() * u64::from(ledger::TILE_WIDTH)),
            _ => None,
        };
        let detail = error.to_string();
        let (entry, reason) = match error {
            ReadError::Source { path, source } => {
                let entry = of_entries(&path);
                return Self::of_source(&path, source, entry);
            }
            ReadError::Checkpoint(error) => return error.into(),
            ReadError::Missing { path, .. } => match of_entries(&path) {
                Some(first) => (Some(first), Reason::EntryMissing),
                None => (None, Reason::TileMissing),
            },
            ReadError::BundleWidth { path, expected, found } if found < usize::from(expected) => {
                (of_entries(&path).map(|first| first + found as u64), Reason::EntryMissing)
            }
            ReadError::BundleWidth { path, .. } | ReadError::BundleMalformed { path, .. } => {
                (of_entries(&path), Reason::EntryMismatch)
            }
            ReadError::BundleEntryMismatch { index, .. } => (Some(index), Reason::EntryMismatch),
            ReadError::TooLarge { .. } => (None, Reason::CheckpointMalformed),
            _ => (None, Reason::TileMismatch),
        };
        Self::Fault(Fault::new(entry, reason, detail))
    }
}

/// A log opened at its latest checkpoint, which is signed by a key of the log.
pub struct Log<'s> {
    pub(crate) meter: Meter<'s>,
    keys: Vec<VerifierKey>,
    checkpoint: Checkpoint,
    note: SignedNote,
}

impl<'s> Log<'s> {
    /// Opens a log and verifies its checkpoint: with the keys of the trust file, or with those
    /// that the log's own genesis names.
    ///
    /// Whether the log continues the trust file's checkpoint is for [`run`](crate::run) to say.
    pub fn open(source: &'s dyn Source, trust: Option<&Trust>) -> Result<Self, LogError> {
        let meter = Meter::new(source);
        let resource = Resource::Checkpoint;
        let path = resource.to_string();
        let bytes = meter
            .fetch(&path, resource.max_len())
            .map_err(|error| LogError::of_source(&path, error, None))?
            .ok_or_else(|| LogError::NoLog { place: meter.place() })?;
        let note = SignedNote::parse(&bytes).map_err(CheckpointError::from)?;
        let keys = match trust {
            Some(trust) => trust.log_keys().to_vec(),
            None => own_keys(&meter, &note)?,
        };
        let origin = match trust {
            Some(trust) => trust.origin().to_owned(),
            None => note.unverified_text().lines().next().unwrap_or_default().to_owned(),
        };
        let checkpoint = Checkpoint::open(&note, &origin, &keys)?;
        Ok(Self { meter, keys, checkpoint, note })
    }

    /// Returns the checkpoint.
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// Returns the checkpoint as it was signed.
    pub fn note(&self) -> &SignedNote {
        &self.note
    }

    /// Returns the keys that the checkpoint was verified with.
    pub fn keys(&self) -> &[VerifierKey] {
        &self.keys
    }

    /// Opens the log's entries at the checkpoint's head.
    pub(crate) fn reader(&self) -> Result<LogReader<&Meter<'s>>, LogError> {
        Ok(LogReader::open(&self.meter, self.checkpoint.head())?)
    }

    /// Returns the root of the log when it had `size` entries, by its own tiles.
    pub fn root_at(&self, size: u64) -> Result<ledger::Hash, LogError> {
        Ok(self.reader()?.root_at(size)?)
    }

    /// Makes and verifies the receipt of an entry: proof that this log holds it.
    pub fn receipt(&self, index: u64) -> Result<Receipt, LogError> {
        let size = self.checkpoint.size;
        if index >= size {
            return Err(LogError::NoEntry { index, size });
        }
        let mut reader = self.reader()?;
        let proof = reader.inclusion_proof(index, size)?;
        let entry = reader.entries(index..index + 1).next().transpose()?.map(|(_, bytes)| bytes);
        let entry = entry.unwrap_or_default();
        let receipt = Receipt { extra: Some(entry.clone()), index, proof, checkpoint: self.note.clone() };
        let verified = receipt.verify(&entry, &self.checkpoint.origin, &self.keys);
        match verified {
            Ok(_) => Ok(receipt),
            Err(error) => Err(LogError::Fault(Fault::new(index, Reason::EntryMismatch, error))),
        }
    }

    /// Makes what a trust file would hold of this log, as far as it can say so itself.
    pub fn trust_on_first_use(&self) -> Result<Trust, LogError> {
        let (genesis, _) = genesis(&self.meter, &self.checkpoint)?;
        Trust::new(&self.checkpoint.origin, genesis, self.keys.clone(), self.note.clone()).map_err(|error| {
            match error {
                TrustError::Checkpoint(error) => error.into(),
                other => LogError::Fault(Fault::new(None, Reason::CheckpointMalformed, other)),
            }
        })
    }
}

/// Reads the log's keys from the genesis that a checkpoint, not believed yet, leads to.
fn own_keys(meter: &Meter<'_>, note: &SignedNote) -> Result<Vec<VerifierKey>, LogError> {
    let checkpoint: Checkpoint = note.unverified_text().parse()?;
    let (_, statement) = genesis(meter, &checkpoint)?;
    let Predicate::NodeGenesis(genesis) = statement.predicate() else {
        let found = statement.predicate().name();
        return Err(LogError::Fault(Fault::new(0, Reason::GenesisMissing, format!("entry 0 is {found}"))));
    };
    Ok(genesis.log_keys.iter().filter_map(|key| key.parse().ok()).collect())
}

/// Reads entry 0, whatever it is.
fn genesis(meter: &Meter<'_>, checkpoint: &Checkpoint) -> Result<(Digest, Statement), LogError> {
    if checkpoint.size == 0 {
        return Err(LogError::Fault(Fault::new(0, Reason::GenesisMissing, "the log has no entries")));
    }
    let mut reader = LogReader::open(meter, checkpoint.head())?;
    let entry = reader.entries(0..1).next().transpose()?.map(|(_, bytes)| bytes).unwrap_or_default();
    let leaf =
        Leaf::parse(&entry).map_err(|error| LogError::Fault(Fault::new(0, Reason::LeafMalformed, error)))?;
    let Leaf::Public(leaf) = leaf else {
        return Err(LogError::Fault(Fault::new(0, Reason::GenesisMissing, "entry 0 is restricted")));
    };
    let path = envelope_path(&leaf.statement);
    let bytes = meter.fetch(&path, evidence::dsse::MAX_ENVELOPE);
    let content = read_envelope(0, &leaf, &path, bytes)?;
    Ok((leaf.statement, content.0))
}

/// Returns where the envelope of a public statement lies.
pub(crate) fn envelope_path(statement: &Digest) -> String {
    format!("envelope/{statement}")
}

/// Reads a fetched envelope, which must be the one that the leaf commits to.
pub(crate) fn read_envelope(
    entry: u64,
    leaf: &evidence::PublicLeaf,
    path: &str,
    fetched: io::Result<Option<Vec<u8>>>,
) -> Result<(Statement, Envelope), LogError> {
    let fault = |reason, detail: String| Err(LogError::Fault(Fault::new(entry, reason, detail)));
    let bytes = match fetched {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return fault(Reason::EnvelopeMissing, format!("{path} is not served")),
        Err(error) => return Err(LogError::of_source(path, error, Some(entry))),
    };
    let found = evidence::sha256(&bytes);
    if found != leaf.envelope {
        return fault(
            Reason::EnvelopeMismatch,
            format!("{path} has the digest {found}, the entry commits to {}", leaf.envelope),
        );
    }
    let envelope = match Envelope::parse(&bytes) {
        Ok(envelope) => envelope,
        Err(error) => return fault(Reason::EnvelopeMalformed, error.to_string()),
    };
    match Statement::parse(envelope.payload(), Unknown::Ignore) {
        Ok(statement) => Ok((statement, envelope)),
        Err(error) => fault(Reason::StatementMalformed, error.to_string()),
    }
}
