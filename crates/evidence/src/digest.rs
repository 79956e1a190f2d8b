//! SHA-256 digests: the identity of statements, keys, things and folders.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

/// A SHA-256 digest, written as 64 lowercase hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

/// Returns the SHA-256 digest of `bytes`.
pub fn sha256(bytes: &[u8]) -> Digest {
    Digest(Sha256::digest(bytes).into())
}

/// Returns the SHA-256 digest of several byte strings, one after the other.
pub fn sha256_all(parts: &[&[u8]]) -> Digest {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    Digest(hasher.finalize().into())
}

impl Digest {
    /// Makes a digest of its 32 bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Returns the 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Returns the first eight hexadecimal digits: for people to recognise, never to compare.
    pub fn short(&self) -> String {
        hex::encode(&self.0[..4])
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

/// Text that is no digest: not 64 lowercase hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a SHA-256 digest as 64 lowercase hexadecimal digits, found {0:?}")]
pub struct NotADigest(String);

impl FromStr for Digest {
    type Err = NotADigest;

    fn from_str(text: &str) -> Result<Self, NotADigest> {
        let lowercase = text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        let mut bytes = [0; 32];
        if !lowercase || hex::decode_to_slice(text, &mut bytes).is_err() {
            return Err(NotADigest(text.chars().take(80).collect()));
        }
        Ok(Self(bytes))
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl schemars::JsonSchema for Digest {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Digest".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": "^[0-9a-f]{64}$",
            "description": "SHA-256 digest in lowercase hexadecimal",
        })
    }
}

/// A path that a folder digest cannot hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FolderError {
    /// The path holds a control character (a line break would forge a line of the list).
    #[error("the file name {0:?} holds a control character; rename the file")]
    ControlCharacter(String),
    /// The same path stands twice.
    #[error("the file {0:?} is listed twice")]
    Twice(String),
}

/// Returns the digest of a folder: SHA-256 over the lines `<sha256 hex> SP <size> SP <path> LF`,
/// sorted by the UTF-8 bytes of the path (FORMATS.md, "Folder digest").
///
/// It identifies artefacts, policies and regimes. Paths are relative, with `/`, not normalised.
pub fn folder_digest<P: AsRef<str>>(
    files: impl IntoIterator<Item = (P, Digest, u64)>,
) -> Result<Digest, FolderError> {
    let mut files: Vec<(P, Digest, u64)> = files.into_iter().collect();
    files.sort_by(|a, b| a.0.as_ref().as_bytes().cmp(b.0.as_ref().as_bytes()));
    let mut hasher = Sha256::new();
    let mut previous: Option<&str> = None;
    for (path, digest, size) in &files {
        let path = path.as_ref();
        if path.chars().any(char::is_control) {
            return Err(FolderError::ControlCharacter(path.to_owned()));
        }
        if previous == Some(path) {
            return Err(FolderError::Twice(path.to_owned()));
        }
        previous = Some(path);
        hasher.update(format!("{digest} {size} {path}\n"));
    }
    Ok(Digest(hasher.finalize().into()))
}

/// Returns the folder digest of files that are at hand as bytes.
pub fn folder_digest_of<'f>(
    files: impl IntoIterator<Item = (&'f String, &'f Vec<u8>)>,
) -> Result<Digest, FolderError> {
    folder_digest(files.into_iter().map(|(path, bytes)| (path.as_str(), sha256(bytes), bytes.len() as u64)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_digest_is_the_digest_of_its_sorted_lines() {
        let one = sha256(b"1");
        let two = sha256(b"22");
        let expected = sha256(format!("{one} 1 a\n{two} 2 a/b\n").as_bytes());
        assert_eq!(folder_digest([("a/b", two, 2), ("a", one, 1)]).unwrap(), expected);
        assert!(folder_digest([("a\nb", one, 1)]).is_err());
        assert!(folder_digest([("a", one, 1), ("a", one, 1)]).is_err());
    }

    #[test]
    fn uppercase_and_short_digests_are_refused() {
        assert!("AB".repeat(32).parse::<Digest>().is_err());
        assert!("ab".repeat(31).parse::<Digest>().is_err());
        assert_eq!("ab".repeat(32).parse::<Digest>().unwrap().to_string(), "ab".repeat(32));
    }
}
