//! Signed notes: text with one or more signature lines ([C2SP
//! signed-note](https://c2sp.org/signed-note)).

mod key;

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

pub use key::{KeyError, NoteSigner, VerifierKey};
use key::{has_control_character, valid_name};

/// Is the greatest length of a note in bytes, as in Go's `note` package.
pub(crate) const MAX_NOTE_LEN: usize = 1_000_000;

/// Is the greatest number of signatures on a note; the specification asks for at least 16.
const MAX_SIGNATURES: usize = 100;

/// Holds a note whose signatures nobody has checked yet: a text and signature lines.
///
/// The text must be ignored until [`SignedNote::verify`] has returned it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedNote {
    text: String,
    signatures: Vec<NoteSignature>,
}

/// Holds one signature line of a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteSignature {
    name: String,
    key_id: u32,
    signature: Vec<u8>,
}

/// Holds what verifying a note established.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedNote<'a> {
    /// The signed text, with its final newline.
    pub text: &'a str,
    /// The keys whose signatures verified, in the order of the note's lines; never empty.
    pub keys: Vec<&'a VerifierKey>,
}

/// Says why bytes are not a note, or a note is not to be believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoteError {
    /// The note is longer than any note needs to be.
    #[error("a note has at most {MAX_NOTE_LEN} bytes, found {found}")]
    TooLong {
        /// The length found.
        found: usize,
    },
    /// The bytes are no text.
    #[error("a note is UTF-8 text, found another byte at offset {offset}")]
    NotText {
        /// The first byte that is not UTF-8.
        offset: usize,
    },
    /// The text has a control character other than the newline.
    #[error("a note has no control character but the newline, found U+{code:04X}")]
    ControlCharacter {
        /// The character found.
        code: u32,
    },
    /// The note does not consist of text, blank line and signature lines.
    #[error(
        "a note is a text ending in a newline, a blank line, and one or more signature lines that end in a newline"
    )]
    Shape,
    /// A signature line is not as the specification has it.
    #[error("signature line {line} is not `— <key name> <base64 of key ID and signature>`")]
    SignatureLine {
        /// The number of the line among the signature lines, from 1.
        line: usize,
    },
    /// The note has more signature lines than the bound.
    #[error("a note has at most {MAX_SIGNATURES} signatures, found more")]
    TooManySignatures,
    /// There is nobody to sign.
    #[error("a note needs at least one signer, and each signer once")]
    Signers,
    /// A signature of a known key is wrong, so that nothing in the note can be believed.
    #[error("the signature of {name}+{key_id:08x} does not verify: the text or the signature was changed")]
    BadSignature {
        /// The key's name.
        name: String,
        /// The key's ID.
        key_id: u32,
    },
    /// No signature is by one of the known keys.
    #[error("no signature is by a key that was asked for ({expected}); the note is signed by {found}")]
    NoKnownSignature {
        /// The known keys as `name+id`.
        expected: String,
        /// The note's signers as `name+id`.
        found: String,
    },
}

impl NoteSignature {
    /// Returns the name of the key that the line states.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the ID of the key that the line states.
    pub fn key_id(&self) -> u32 {
        self.key_id
    }

    /// Returns the bytes of the signature, without the key ID.
    pub fn bytes(&self) -> &[u8] {
        &self.signature
    }

    fn parse(line: &str) -> Option<Self> {
        let (name, encoded) = line.strip_prefix("— ")?.split_once(' ')?;
        let bytes = STANDARD.decode(encoded).ok()?;
        let (key_id, signature) = bytes.split_first_chunk::<4>()?;
        (valid_name(name) && !signature.is_empty()).then(|| Self {
            name: name.to_owned(),
            key_id: u32::from_be_bytes(*key_id),
            signature: signature.to_vec(),
        })
    }
}

impl SignedNote {
    /// Reads a note without believing it: signatures are not checked here.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        if bytes.len() > MAX_NOTE_LEN {
            return Err(NoteError::TooLong { found: bytes.len() });
        }
        let note =
            std::str::from_utf8(bytes).map_err(|error| NoteError::NotText { offset: error.valid_up_to() })?;
        check_characters(note)?;
        // The text may hold blank lines: the last one is the separator.
        let separator = note.rfind("\n\n").ok_or(NoteError::Shape)?;
        let (text, lines) = (&note[..=separator], &note[separator + 2..]);
        let lines = lines.strip_suffix('\n').ok_or(NoteError::Shape)?;
        let mut signatures = Vec::new();
        for (position, line) in lines.split('\n').enumerate() {
            if position == MAX_SIGNATURES {
                return Err(NoteError::TooManySignatures);
            }
            let signature =
                NoteSignature::parse(line).ok_or(NoteError::SignatureLine { line: position + 1 })?;
            signatures.push(signature);
        }
        Ok(Self { text: text.to_owned(), signatures })
    }

    /// Signs a text, which must end in a newline, with every signer.
    pub fn sign(text: &str, signers: &[&NoteSigner]) -> Result<Self, NoteError> {
        check_characters(text)?;
        if !text.ends_with('\n') {
            return Err(NoteError::Shape);
        }
        if signers.len() > MAX_SIGNATURES {
            return Err(NoteError::TooManySignatures);
        }
        let mut signatures: Vec<NoteSignature> = Vec::new();
        for signer in signers {
            let (name, key_id) = (signer.name(), signer.key_id());
            if signatures.iter().any(|by| by.key_id == key_id && by.name == name) {
                return Err(NoteError::Signers);
            }
            signatures.push(NoteSignature {
                name: name.to_owned(),
                key_id,
                signature: signer.sign(text.as_bytes()),
            });
        }
        if signatures.is_empty() {
            return Err(NoteError::Signers);
        }
        let note = Self { text: text.to_owned(), signatures };
        let found = note.to_string().len();
        if found > MAX_NOTE_LEN {
            return Err(NoteError::TooLong { found });
        }
        Ok(note)
    }

    /// Verifies the note against known keys and returns its text (signed-note, "Signatures").
    ///
    /// Signatures by other keys are ignored, even if they share name or ID with a
    /// known key; so are those of keys whose type Kanae cannot verify. One bad
    /// signature by a known key refuses the whole note, and at least one signature
    /// by a known key must verify.
    pub fn verify<'a>(&'a self, known: &'a [VerifierKey]) -> Result<VerifiedNote<'a>, NoteError> {
        let mut keys: Vec<&VerifierKey> = Vec::new();
        for line in &self.signatures {
            let mut candidates = known
                .iter()
                .filter(|key| key.can_verify() && key.id() == line.key_id && key.name() == line.name)
                .peekable();
            if candidates.peek().is_none() {
                continue;
            }
            // Two known keys may share name and ID by accident; either may have signed.
            let key = candidates
                .find(|key| key.verifies(self.text.as_bytes(), &line.signature))
                .ok_or_else(|| NoteError::BadSignature { name: line.name.clone(), key_id: line.key_id })?;
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        if keys.is_empty() {
            return Err(NoteError::NoKnownSignature {
                expected: list(known.iter().map(|key| (key.name(), key.id()))),
                found: list(self.signatures.iter().map(|by| (by.name(), by.key_id))),
            });
        }
        Ok(VerifiedNote { text: &self.text, keys })
    }

    /// Returns the text, which nobody has verified yet.
    pub fn unverified_text(&self) -> &str {
        &self.text
    }

    /// Returns the signature lines, which nobody has verified yet.
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }

    /// Writes the note as it is stored and served.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.to_string().into_bytes()
    }
}

impl fmt::Display for SignedNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|line| {
            let mut bytes = line.key_id.to_be_bytes().to_vec();
            bytes.extend(&line.signature);
            writeln!(f, "— {} {}", line.name, STANDARD.encode(bytes))
        })
    }
}

/// Lists keys for an error message, the first few only.
fn list<'a>(keys: impl Iterator<Item = (&'a str, u32)>) -> String {
    let names: Vec<String> = keys.take(4).map(|(name, id)| format!("{name}+{id:08x}")).collect();
    if names.is_empty() {
        return "none".to_owned();
    }
    names.join(", ")
}

fn check_characters(text: &str) -> Result<(), NoteError> {
    has_control_character(text)
        .map_or(Ok(()), |found| Err(NoteError::ControlCharacter { code: found.into() }))
}

#[cfg(test)]
mod tests;
