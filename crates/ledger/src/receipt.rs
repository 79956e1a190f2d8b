//! Receipts: proof that an entry is in the log, to be checked offline ([C2SP
//! tlog-proof](https://c2sp.org/tlog-proof)).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::bundle::MAX_ENTRY_LEN;
use crate::checkpoint::{Checkpoint, CheckpointError, parse_decimal};
use crate::hash::{Hash, leaf_hash};
use crate::note::{MAX_NOTE_LEN, SignedNote, VerifierKey};
use crate::proof::{MAX_PROOF_LEN, ProofError, verify_inclusion};

/// Is the first line of every receipt (tlog-proof, "Format").
const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// Is the greatest length of the extra data in bytes: an entry, and as much beside it.
const MAX_EXTRA_LEN: usize = 2 * MAX_ENTRY_LEN;

/// Is the greatest length of a receipt: base64 of the extra data, hashes, note, and the other lines.
const MAX_RECEIPT_LEN: usize = MAX_EXTRA_LEN.div_ceil(3) * 4 + 45 * MAX_PROOF_LEN + MAX_NOTE_LEN + 128;

/// Holds a receipt that nobody has checked yet (a `.tlog-proof` file).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Data beside the proof, which the proof does not authenticate; Kanae
    /// puts the entry itself here.
    pub extra: Option<Vec<u8>>,
    /// The index of the entry in the log.
    pub index: u64,
    /// The hashes from the leaf's sibling up to the child of the root.
    pub proof: Vec<Hash>,
    /// The checkpoint of the tree that the proof is about.
    pub checkpoint: SignedNote,
}

/// Says why a receipt cannot be read, or does not prove.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiptError {
    /// The receipt is longer than any needs to be.
    #[error("a receipt has at most {MAX_RECEIPT_LEN} bytes, found {found}")]
    TooLong {
        /// The length found.
        found: usize,
    },
    /// A line is not what stands in its place.
    #[error("line {line} of the receipt: expected {expected}")]
    Line {
        /// The number of the line, from 1.
        line: usize,
        /// What belongs there.
        expected: &'static str,
    },
    /// The checkpoint in the receipt cannot be read or believed.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The entry is not the one that the receipt is about, or the proof was changed.
    #[error("the receipt does not prove this entry")]
    Proof(#[from] ProofError),
}

impl Receipt {
    /// Reads a receipt without believing it.
    pub fn parse(bytes: &[u8]) -> Result<Self, ReceiptError> {
        if bytes.len() > MAX_RECEIPT_LEN {
            return Err(ReceiptError::TooLong { found: bytes.len() });
        }
        let mut lines = Lines { rest: bytes, line: 0 };
        if lines.next() != Some(HEADER) {
            return Err(lines.expected("`c2sp.org/tlog-proof@v1`"));
        }
        let mut line = lines.next().unwrap_or_default();
        let mut extra = None;
        if let Some(encoded) = line.strip_prefix("extra ") {
            let data = STANDARD.decode(encoded).ok();
            extra = data.filter(|data| data.len() <= MAX_EXTRA_LEN);
            if extra.is_none() {
                return Err(lines.expected("`extra ` and at most 131,070 bytes in base64"));
            }
            line = lines.next().unwrap_or_default();
        }
        let index = line
            .strip_prefix("index ")
            .and_then(parse_decimal)
            .ok_or_else(|| lines.expected("`index ` and the entry's index without leading zeros"))?;
        let mut proof = Vec::new();
        loop {
            let line = lines.next();
            if line == Some("") {
                break;
            }
            let hash = line
                .filter(|_| proof.len() < MAX_PROOF_LEN)
                .and_then(|line| Hash::from_base64(line).ok())
                .ok_or_else(|| lines.expected("one of at most 64 hashes in base64, or an empty line"))?;
            proof.push(hash);
        }
        let checkpoint = SignedNote::parse(lines.rest).map_err(CheckpointError::from)?;
        Ok(Self { extra, index, proof, checkpoint })
    }

    /// Verifies, without asking anybody, that the log with this origin and
    /// these keys holds `entry`, and returns the checkpoint that says so.
    pub fn verify(
        &self,
        entry: &[u8],
        origin: &str,
        log_keys: &[VerifierKey],
    ) -> Result<Checkpoint, ReceiptError> {
        let checkpoint = Checkpoint::open(&self.checkpoint, origin, log_keys)?;
        verify_inclusion(leaf_hash(entry), self.index, checkpoint.head(), &self.proof)?;
        Ok(checkpoint)
    }

    /// Writes the receipt as it is stored and sent.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.to_string().into_bytes()
    }
}

impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", STANDARD.encode(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        for hash in &self.proof {
            writeln!(f, "{}", hash.to_base64())?;
        }
        write!(f, "\n{}", self.checkpoint)
    }
}

/// Takes lines, which must end in a newline, off the front of bytes.
struct Lines<'a> {
    rest: &'a [u8],
    line: usize,
}

impl<'a> Lines<'a> {
    fn next(&mut self) -> Option<&'a str> {
        self.line += 1;
        let end = self.rest.iter().position(|byte| *byte == b'\n')?;
        let (line, rest) = self.rest.split_at(end);
        self.rest = &rest[1..];
        std::str::from_utf8(line).ok()
    }

    fn expected(&self, expected: &'static str) -> ReceiptError {
        ReceiptError::Line { line: self.line, expected }
    }
}

#[cfg(test)]
mod tests;
