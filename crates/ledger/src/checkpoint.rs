//! Checkpoints: what a log signs about itself ([C2SP
//! tlog-checkpoint](https://c2sp.org/tlog-checkpoint)).

use std::fmt;
use std::str::FromStr;

use crate::hash::{EMPTY_ROOT, Hash};
use crate::note::{NoteError, NoteSigner, SignedNote, VerifierKey};

/// Is the greatest number of leaves that a tree may have.
pub const MAX_TREE_SIZE: u64 = 1 << 63;

/// Holds the size and the root of a tree, which together determine every entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TreeHead {
    /// The number of leaves.
    pub size: u64,
    /// The root at that size.
    pub root: Hash,
}

impl TreeHead {
    /// Is the head of a log without entries.
    pub const EMPTY: Self = Self { size: 0, root: EMPTY_ROOT };
}

/// Holds the text of a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log that it is about.
    pub origin: String,
    /// The number of entries.
    pub size: u64,
    /// The root at that size.
    pub root: Hash,
    /// Further lines, opaque; none in Kanae's own checkpoints.
    pub extensions: Vec<String>,
}

/// Says why a checkpoint cannot be read or believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// The signed note around it is not to be believed.
    #[error("the checkpoint's signed note: {0}")]
    Note(#[from] NoteError),
    /// The text does not consist of complete, non-empty lines.
    #[error(
        "a checkpoint is an origin, a size, a root and optional further lines, none empty, each ending in a newline"
    )]
    Lines,
    /// The second line is not a size.
    #[error("line 2 of a checkpoint is a tree size from 0 to 2^63 without leading zeros, found {found:?}")]
    Size {
        /// The line found.
        found: String,
    },
    /// The third line is not a hash.
    #[error("line 3 of a checkpoint is a root hash in base64 (44 characters), found {found:?}")]
    Root {
        /// The line found.
        found: String,
    },
    /// A tree without entries has only one root.
    #[error("the root of a tree without entries is {EMPTY_ROOT}, found {found}")]
    EmptyTree {
        /// The root found.
        found: Hash,
    },
    /// The checkpoint is about another log.
    #[error("the checkpoint is about the log {found:?}, expected {expected:?}")]
    Origin {
        /// The origin asked for.
        expected: String,
        /// The origin found.
        found: String,
    },
}

impl Checkpoint {
    /// Returns the checkpoint text of a log at a tree head.
    pub fn new(origin: impl Into<String>, head: TreeHead) -> Self {
        Self { origin: origin.into(), size: head.size, root: head.root, extensions: Vec::new() }
    }

    /// Returns size and root together.
    pub fn head(&self) -> TreeHead {
        TreeHead { size: self.size, root: self.root }
    }

    /// Signs the checkpoint; the signers' names should be the origin.
    ///
    /// A log must never sign two checkpoints of which neither continues the
    /// other; keeping that is the caller's part.
    pub fn sign(&self, signers: &[&NoteSigner]) -> Result<SignedNote, CheckpointError> {
        let text = self.to_string();
        // What could not be read back must not be signed: an origin with a newline, an empty line.
        if text.parse::<Self>()? != *self {
            return Err(CheckpointError::Lines);
        }
        Ok(SignedNote::sign(&text, signers)?)
    }

    /// Verifies a note with the keys of the log and reads the checkpoint in it.
    ///
    /// Give only keys that may speak for the log: one good signature suffices.
    pub fn open(note: &SignedNote, origin: &str, log_keys: &[VerifierKey]) -> Result<Self, CheckpointError> {
        let checkpoint: Self = note.verify(log_keys)?.text.parse()?;
        if checkpoint.origin != origin {
            return Err(CheckpointError::Origin { expected: origin.to_owned(), found: checkpoint.origin });
        }
        Ok(checkpoint)
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}\n{}", self.origin, self.size, self.root.to_base64())?;
        self.extensions.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

impl FromStr for Checkpoint {
    type Err = CheckpointError;

    /// Reads the note text of a checkpoint (tlog-checkpoint, "Note text").
    fn from_str(text: &str) -> Result<Self, CheckpointError> {
        let body = text.strip_suffix('\n').ok_or(CheckpointError::Lines)?;
        let lines: Vec<&str> = body.split('\n').collect();
        if lines.iter().any(|line| line.is_empty()) {
            return Err(CheckpointError::Lines);
        }
        let [origin, size, root, extensions @ ..] = &lines[..] else {
            return Err(CheckpointError::Lines);
        };
        let size = parse_decimal(size)
            .filter(|size| *size <= MAX_TREE_SIZE)
            .ok_or_else(|| CheckpointError::Size { found: size.chars().take(64).collect() })?;
        let root = Hash::from_base64(root)
            .map_err(|_| CheckpointError::Root { found: root.chars().take(64).collect() })?;
        if size == 0 && root != EMPTY_ROOT {
            return Err(CheckpointError::EmptyTree { found: root });
        }
        Ok(Self {
            origin: (*origin).to_owned(),
            size,
            root,
            extensions: extensions.iter().map(|line| (*line).to_owned()).collect(),
        })
    }
}

/// Reads an ASCII decimal without sign and without leading zeros.
pub(crate) fn parse_decimal(text: &str) -> Option<u64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let leading_zero = text.len() > 1 && text.starts_with('0');
    (digits && !leading_zero).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TEXT: &str = "example.com/log\n1\n0Nc2CrefWKseHj/mStd+LqC8B+NrX0btIiPt2SmN+ek=\n";

    #[test]
    fn only_the_one_spelling_of_a_checkpoint_is_read() {
        assert_eq!(TEXT.parse::<Checkpoint>().unwrap().to_string(), TEXT);
        let extended = format!("{TEXT}further\nlines\n");
        let read: Checkpoint = extended.parse().unwrap();
        assert_eq!(read.extensions, ["further", "lines"]);
        assert_eq!(read.to_string(), extended);
        for other in [
            String::new(),
            "\n".to_owned(),
            TEXT.trim_end().to_owned(),
            format!("{TEXT}\n"),
            format!("\n{TEXT}"),
            TEXT.replace("\n1\n", "\n01\n"),
            TEXT.replace("\n1\n", "\n+1\n"),
            TEXT.replace("\n1\n", "\n-1\n"),
            TEXT.replace("\n1\n", "\n1 \n"),
            TEXT.replace("\n1\n", "\n\n"),
            TEXT.replace("\n1\n", "\n9223372036854775809\n"),
            TEXT.replace("\n1\n", "\n99999999999999999999\n"),
            TEXT.replace("\n1\n", "\n0\n"),
            TEXT.replace("ek=", "el="),
        ] {
            assert!(other.parse::<Checkpoint>().is_err(), "{other:?}");
        }
    }

    #[test]
    fn a_checkpoint_of_another_log_is_refused_though_its_signature_is_good() {
        let signer = NoteSigner::from_seed("example.com/log", &[7; 32]).unwrap();
        let keys = [signer.verifier_key()];
        let note = Checkpoint::new("example.com/log", TreeHead::EMPTY).sign(&[&signer]).unwrap();
        assert!(Checkpoint::open(&note, "example.com/log", &keys).is_ok());
        assert!(matches!(
            Checkpoint::open(&note, "example.com/other", &keys),
            Err(CheckpointError::Origin { .. })
        ));
    }

    #[test]
    fn what_could_not_be_read_back_is_not_signed() {
        let signer = NoteSigner::from_seed("example.com/log", &[7; 32]).unwrap();
        for origin in ["", "two\nlines", "blank\n\nline"] {
            let checkpoint = Checkpoint::new(origin, TreeHead::EMPTY);
            assert!(checkpoint.sign(&[&signer]).is_err(), "{origin:?}");
        }
    }

    proptest! {
        #[test]
        fn checkpoints_survive_being_written_and_read(
            origin in "[a-z./]{1,20}", size in 1..=MAX_TREE_SIZE, root: [u8; 32],
            extensions in proptest::collection::vec("[ -~]{1,10}", 0..3),
        ) {
            let checkpoint = Checkpoint { origin, size, root: Hash(root), extensions };
            prop_assert_eq!(checkpoint.to_string().parse(), Ok(checkpoint));
        }

        #[test]
        fn no_text_panics(text in any::<String>()) {
            let _ = text.parse::<Checkpoint>();
        }
    }
}
