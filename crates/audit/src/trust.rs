//! What an auditor knew of a log before: the trust file.

use std::io::{Read as _, Write as _};
use std::path::Path;

use evidence::Digest;
use ledger::{Checkpoint, CheckpointError, SignedNote, VerifierKey};
use serde::{Deserialize, Serialize};

/// The longest trust file that is read, in bytes.
const MAX_TRUST: u64 = 2 << 20;

/// What an auditor knows of a log from elsewhere: origin, genesis, keys, last checkpoint seen.
///
/// Its own checkpoint has been verified with its own keys.
#[derive(Debug, Clone)]
pub struct Trust {
    origin: String,
    genesis: Digest,
    log_keys: Vec<VerifierKey>,
    note: SignedNote,
    checkpoint: Checkpoint,
    /// Members that this version does not know, kept as they are.
    further: serde_json::Map<String, serde_json::Value>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    origin: String,
    genesis: Digest,
    log_keys: Vec<String>,
    checkpoint: String,
    #[serde(flatten)]
    further: serde_json::Map<String, serde_json::Value>,
}

/// Says why a trust file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrustError {
    /// The file cannot be read or written.
    #[error("{path}: {error}")]
    Io {
        /// The file.
        path: String,
        /// What the system said.
        error: std::io::Error,
    },
    /// The file is too long.
    #[error("a trust file has at most {MAX_TRUST} bytes")]
    TooLong,
    /// The file is not of the right shape.
    #[error("the trust file cannot be read: {0}")]
    Json(#[from] serde_json::Error),
    /// A verifier key in it cannot be read.
    #[error("logKeys of the trust file: {0}")]
    Key(#[from] ledger::KeyError),
    /// Its checkpoint does not verify by its own keys.
    #[error("the checkpoint in the trust file: {0}")]
    Checkpoint(#[from] CheckpointError),
}

impl Trust {
    /// Makes what a trust file holds of a log's checkpoint, which must verify by the keys.
    pub fn new(
        origin: impl Into<String>,
        genesis: Digest,
        log_keys: Vec<VerifierKey>,
        note: SignedNote,
    ) -> Result<Self, TrustError> {
        let origin = origin.into();
        let checkpoint = Checkpoint::open(&note, &origin, &log_keys)?;
        Ok(Self { origin, genesis, log_keys, note, checkpoint, further: serde_json::Map::new() })
    }

    /// Reads a trust file's content.
    pub fn parse(bytes: &[u8]) -> Result<Self, TrustError> {
        if bytes.len() as u64 > MAX_TRUST {
            return Err(TrustError::TooLong);
        }
        let wire: Wire = serde_json::from_slice(bytes)?;
        let keys = wire.log_keys.iter().map(|key| key.parse()).collect::<Result<_, _>>()?;
        let note = SignedNote::parse(wire.checkpoint.as_bytes()).map_err(CheckpointError::from)?;
        Ok(Self { further: wire.further, ..Self::new(wire.origin, wire.genesis, keys, note)? })
    }

    /// Reads a trust file.
    pub fn read(path: &Path) -> Result<Self, TrustError> {
        let mut bytes = Vec::new();
        std::fs::File::open(path)
            .and_then(|file| file.take(MAX_TRUST + 1).read_to_end(&mut bytes))
            .map_err(|error| TrustError::Io { path: path.display().to_string(), error })?;
        Self::parse(&bytes)
    }

    /// Returns the same trust with a newer checkpoint, which must verify by the keys.
    ///
    /// Whether it continues the one before is for an audit to say.
    pub fn with_checkpoint(&self, note: SignedNote) -> Result<Self, TrustError> {
        let checkpoint = Checkpoint::open(&note, &self.origin, &self.log_keys)?;
        Ok(Self { note, checkpoint, ..self.clone() })
    }

    /// Writes the trust file in one step: a crash leaves the old one or the new one.
    pub fn write(&self, path: &Path) -> Result<(), TrustError> {
        let failed = |error| TrustError::Io { path: path.display().to_string(), error };
        let mut bytes = self.to_json()?.into_bytes();
        bytes.push(b'\n');
        replace(path, &bytes).map_err(failed)
    }

    /// Returns the file's content.
    pub fn to_json(&self) -> Result<String, TrustError> {
        let wire = Wire {
            origin: self.origin.clone(),
            genesis: self.genesis,
            log_keys: self.log_keys.iter().map(ToString::to_string).collect(),
            checkpoint: self.note.to_string(),
            further: self.further.clone(),
        };
        Ok(serde_json::to_string_pretty(&wire)?)
    }

    /// Returns the log's origin.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Returns the digest of the genesis.
    pub fn genesis(&self) -> Digest {
        self.genesis
    }

    /// Returns the keys that may sign the log's checkpoints.
    pub fn log_keys(&self) -> &[VerifierKey] {
        &self.log_keys
    }

    /// Returns the last checkpoint seen.
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }
}

/// Replaces a file in one step; others may read it, as what is in it is public.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new()
        .prefix(".")
        .suffix(".tmp")
        .permissions(std::fs::Permissions::from_mode(0o644))
        .tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    std::fs::File::open(folder)?.sync_all()
}
