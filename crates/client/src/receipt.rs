//! Checking what a node hands out: receipts and checkpoints.

use evidence::{Digest, Leaf, LeafError, LogReference, PublicLeaf};
use ledger::{Checkpoint, CheckpointError, Receipt, SignedNote, VerifierKey};

/// Why a receipt or a checkpoint is not to be believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// The receipt is malformed, or proves nothing.
    #[error("the receipt: {0}")]
    Receipt(#[from] ledger::ReceiptError),
    /// The checkpoint cannot be believed.
    #[error("the checkpoint: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// The receipt does not carry its entry.
    #[error("the receipt carries no entry")]
    NoEntry,
    /// The entry cannot be read.
    #[error("the entry in the receipt: {0}")]
    Leaf(#[from] LeafError),
    /// The entry is that of another statement.
    #[error("the receipt is for another statement than {0}")]
    OtherStatement(Digest),
    /// Size or root beside the checkpoint are not those that it signs.
    #[error("the node states another size or root than its checkpoint signs")]
    OtherHead,
}

/// What a receipt proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proven {
    /// Index of the entry.
    pub index: u64,
    /// The checkpoint under which it is in the log.
    pub checkpoint: LogReference,
    /// The entry, where it is public. A restricted one commits to its statement by a salt.
    pub entry: Option<PublicLeaf>,
}

/// Verifies, offline, that the log with this origin and these keys holds the entry of a receipt,
/// and that it is this statement's where the entry says whose it is.
pub fn verify(
    receipt: &str,
    statement: &Digest,
    origin: &str,
    log_keys: &[VerifierKey],
) -> Result<Proven, ReceiptError> {
    let receipt = Receipt::parse(receipt.as_bytes())?;
    let bytes = receipt.extra.as_deref().ok_or(ReceiptError::NoEntry)?;
    let checkpoint = receipt.verify(bytes, origin, log_keys)?;
    let entry = match Leaf::parse(bytes)? {
        Leaf::Public(leaf) if leaf.statement != *statement => {
            return Err(ReceiptError::OtherStatement(*statement));
        }
        Leaf::Public(leaf) => Some(leaf),
        Leaf::Restricted { .. } => None,
    };
    Ok(Proven { index: receipt.index, checkpoint: reference(&checkpoint), entry })
}

/// Verifies a checkpoint of the log with this origin and these keys.
pub(crate) fn checkpoint(
    note: &str,
    origin: &str,
    log_keys: &[VerifierKey],
) -> Result<LogReference, ReceiptError> {
    let note = SignedNote::parse(note.as_bytes()).map_err(CheckpointError::from)?;
    Ok(reference(&Checkpoint::open(&note, origin, log_keys)?))
}

fn reference(checkpoint: &Checkpoint) -> LogReference {
    LogReference {
        origin: checkpoint.origin.clone(),
        size: checkpoint.size,
        root: Digest::from_bytes(*checkpoint.root.as_bytes()),
    }
}
