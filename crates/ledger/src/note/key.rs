//! The keys of signed notes, in the text forms of C2SP and of Go's `note` package.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// Is the signature type of Ed25519 (signed-note, "Signature types").
const ED25519: u8 = 0x01;

/// Is the greatest length of a key in text; the largest in use, ML-DSA-44, has about 1,800.
const MAX_KEY_LEN: usize = 8_192;

/// Is the greatest length of a key name in bytes.
const MAX_NAME_LEN: usize = 255;

/// Holds a public key with the name it signs under.
///
/// Keys of other types than Ed25519 are carried and printed, but verify nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    id: u32,
    material: Material,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Material {
    Ed25519(VerifyingKey),
    /// Type byte and key bytes of a type that is not verified here.
    Other(Vec<u8>),
}

/// Holds an Ed25519 private key with the name it signs under.
///
/// Neither `Debug` nor `Display` shows the secret; [`NoteSigner::to_secret_text`] does.
pub struct NoteSigner {
    name: String,
    id: u32,
    key: SigningKey,
}

/// Says why text or bytes are not a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The text does not have the form of a verifier key.
    #[error("a verifier key is `<name>+<8 hex digits>+<base64 of type and key>`")]
    VerifierForm,
    /// The text does not have the form of a signer key. The text is not repeated: it is secret.
    #[error("a signer key is `PRIVATE+KEY+<name>+<8 hex digits>+<base64 of type and seed>`")]
    SignerForm,
    /// The name cannot stand in a note.
    #[error(
        "a key name has 1 to {MAX_NAME_LEN} bytes and no space, plus or control character, found {found:?}"
    )]
    Name {
        /// The name found.
        found: String,
    },
    /// The key ID does not belong to name and key, which a typing error would cause.
    #[error("the key ID of {name} should be {expected:08x}, found {found:08x}")]
    Id {
        /// The key's name.
        name: String,
        /// The ID that follows from name and key.
        expected: u32,
        /// The ID found.
        found: u32,
    },
    /// The key bytes are no Ed25519 key, or one of the few that verify anything.
    #[error("the key of {name} is no usable Ed25519 key: expected 32 bytes, a point of large order")]
    Material {
        /// The key's name.
        name: String,
    },
    /// The signer key has a type that Kanae does not sign with.
    #[error("the signer key of {name} has type {found:#04x}, expected {ED25519:#04x} (Ed25519)")]
    SignerType {
        /// The key's name.
        name: String,
        /// The type byte found.
        found: u8,
    },
}

impl VerifierKey {
    /// Builds the key of an Ed25519 public key (32 bytes, RFC 8032) under a name.
    pub fn ed25519(name: &str, public_key: &[u8; 32]) -> Result<Self, KeyError> {
        check_name(name)?;
        let key = VerifyingKey::from_bytes(public_key)
            .ok()
            .filter(|key| !key.is_weak())
            .ok_or_else(|| KeyError::Material { name: name.to_owned() })?;
        Ok(Self { name: name.to_owned(), id: ed25519_id(name, &key), material: Material::Ed25519(key) })
    }

    /// Returns the name that signature lines state.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the key ID that signature lines state.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// Tells whether signatures of this key's type can be verified here.
    pub fn can_verify(&self) -> bool {
        matches!(self.material, Material::Ed25519(_))
    }

    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let Material::Ed25519(key) = &self.material else {
            return false;
        };
        Signature::from_slice(signature).is_ok_and(|signature| key.verify_strict(message, &signature).is_ok())
    }
}

impl FromStr for VerifierKey {
    type Err = KeyError;

    /// Reads `<name>+<key ID>+<base64>` (signed-note, "Verifier keys").
    fn from_str(text: &str) -> Result<Self, KeyError> {
        let (name, id, bytes) = split_key(text).ok_or(KeyError::VerifierForm)?;
        check_name(name)?;
        let expected = match bytes.split_first() {
            Some((&ED25519, key)) => {
                let key = key.try_into().map_err(|_| KeyError::Material { name: name.to_owned() })?;
                Self::ed25519(name, key)?
            }
            // How other types derive their ID is theirs to say (0x02 does it in its own way).
            Some(_) => Self { name: name.to_owned(), id, material: Material::Other(bytes.to_vec()) },
            None => return Err(KeyError::VerifierForm),
        };
        check_id(name, expected.id, id)?;
        Ok(expected)
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let encoded = match &self.material {
            Material::Ed25519(key) => STANDARD.encode(typed(key.as_bytes())),
            Material::Other(bytes) => STANDARD.encode(bytes),
        };
        write!(f, "{}+{:08x}+{encoded}", self.name, self.id)
    }
}

impl NoteSigner {
    /// Builds a signer from a name and an Ed25519 seed (the private key of RFC
    /// 8032), which the caller has drawn at random.
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, KeyError> {
        check_name(name)?;
        let key = SigningKey::from_bytes(seed);
        Ok(Self { name: name.to_owned(), id: ed25519_id(name, &key.verifying_key()), key })
    }

    /// Reads `PRIVATE+KEY+<name>+<key ID>+<base64>`, as Go's `note` package writes it.
    pub fn from_secret_text(text: &str) -> Result<Self, KeyError> {
        let (name, id, bytes) =
            text.strip_prefix("PRIVATE+KEY+").and_then(split_key).ok_or(KeyError::SignerForm)?;
        check_name(name)?;
        let (&kind, seed) = bytes.split_first().ok_or(KeyError::SignerForm)?;
        if kind != ED25519 {
            return Err(KeyError::SignerType { name: name.to_owned(), found: kind });
        }
        let seed = seed.try_into().map_err(|_| KeyError::Material { name: name.to_owned() })?;
        let signer = Self::from_seed(name, seed)?;
        check_id(name, signer.id, id)?;
        Ok(signer)
    }

    /// Writes the secret in the form that [`NoteSigner::from_secret_text`] reads.
    pub fn to_secret_text(&self) -> Zeroizing<String> {
        let bytes = Zeroizing::new(typed(self.key.as_bytes()));
        let encoded = Zeroizing::new(STANDARD.encode(bytes.as_slice()));
        Zeroizing::new(format!("PRIVATE+KEY+{}+{:08x}+{}", self.name, self.id, *encoded))
    }

    /// Returns the seed that it was built from.
    pub fn seed(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.key.to_bytes())
    }

    /// Returns the name that it signs under.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the ID of the key.
    pub fn key_id(&self) -> u32 {
        self.id
    }

    /// Returns the public half.
    pub fn verifier_key(&self) -> VerifierKey {
        VerifierKey {
            name: self.name.clone(),
            id: self.id,
            material: Material::Ed25519(self.key.verifying_key()),
        }
    }

    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.key.sign(message).to_vec()
    }
}

impl fmt::Debug for NoteSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NoteSigner({}+{:08x})", self.name, self.id)
    }
}

/// Computes SHA-256(name ‖ newline ‖ type ‖ key), first four bytes (signed-note, "Signatures").
fn ed25519_id(name: &str, key: &VerifyingKey) -> u32 {
    let digest =
        Sha256::new().chain_update(name).chain_update(b"\n").chain_update(typed(key.as_bytes())).finalize();
    u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]])
}

fn typed(key: &[u8; 32]) -> [u8; 33] {
    let mut bytes = [ED25519; 33];
    bytes[1..].copy_from_slice(key);
    bytes
}

/// Splits `<name>+<8 hex digits>+<base64>`; the base64 may hold further pluses.
fn split_key(text: &str) -> Option<(&str, u32, Zeroizing<Vec<u8>>)> {
    if text.len() > MAX_KEY_LEN {
        return None;
    }
    let mut parts = text.splitn(3, '+');
    let (name, id, encoded) = (parts.next()?, parts.next()?, parts.next()?);
    let hex = id.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
    if id.len() != 8 || !hex {
        return None;
    }
    let id = u32::from_str_radix(id, 16).ok()?;
    Some((name, id, Zeroizing::new(STANDARD.decode(encoded).ok()?)))
}

fn check_id(name: &str, expected: u32, found: u32) -> Result<(), KeyError> {
    if expected == found {
        return Ok(());
    }
    Err(KeyError::Id { name: name.to_owned(), expected, found })
}

fn check_name(name: &str) -> Result<(), KeyError> {
    if valid_name(name) {
        return Ok(());
    }
    Err(KeyError::Name { found: name.chars().take(MAX_NAME_LEN).collect() })
}

/// Tells whether a name may stand in a signature line (signed-note, "Format").
pub(super) fn valid_name(name: &str) -> bool {
    (1..=MAX_NAME_LEN).contains(&name.len())
        && !name.contains(|char: char| char.is_whitespace() || char == '+')
        && has_control_character(name).is_none()
}

/// Finds an ASCII control character other than the newline (signed-note, "Format").
pub(super) fn has_control_character(text: &str) -> Option<char> {
    text.chars().find(|char| *char < ' ' && *char != '\n')
}
