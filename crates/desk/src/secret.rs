//! Random names and secrets.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use evidence::{Digest, Timestamp, sha256};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// A secret that someone is given once; only its hash is kept.
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Draws 256 random bits.
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut bytes = Zeroizing::new([0; 32]);
        getrandom::fill(bytes.as_mut())?;
        Ok(Self(Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes.as_slice()))))
    }

    /// Returns the text to be given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns what is kept of it.
    pub fn hash(&self) -> Digest {
        hash_of(&self.0)
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Returns what is kept of a secret that is presented. It is random, so its plain hash is safe to keep.
pub fn hash_of(secret: &str) -> Digest {
    sha256(secret.as_bytes())
}

/// Tells whether two texts are the same, in a time that does not tell how far they agree.
pub fn same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

/// Returns a new name: those made later come later in the order of names (as UUIDv7, RFC 9562 §5.7).
pub fn new_id(now: Timestamp) -> Result<String, getrandom::Error> {
    let mut random = [0; 10];
    getrandom::fill(&mut random)?;
    let millis = u64::try_from(now.as_millis()).unwrap_or_default();
    Ok(format!("{millis:012x}{}", hex::encode(random)))
}

/// Returns the start of names made at a moment, where newer ones come first.
pub(crate) fn newest_first(now: Timestamp) -> String {
    let millis = u64::try_from(now.as_millis()).unwrap_or_default();
    format!("{:012x}", 0xffff_ffff_ffff_u64.saturating_sub(millis))
}

/// Returns a new name: those made later come earlier in the order of names.
pub fn newest_first_id(now: Timestamp) -> Result<String, getrandom::Error> {
    let mut random = [0; 10];
    getrandom::fill(&mut random)?;
    Ok(format!("{}{}", newest_first(now), hex::encode(random)))
}

/// Reads a code as people type it: spaces and dashes do not count, nor does case.
pub(crate) fn plain_code(code: &str) -> String {
    code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).take(40).collect()
}

/// Returns twenty letters and digits that people can copy without confusing letters, for receipts: 100 random bits.
pub fn short_code() -> Result<String, getrandom::Error> {
    const LETTERS: &[u8; 32] = b"23456789abcdefghjkmnpqrstuvwxyz0";
    let mut random = [0_u8; 20];
    getrandom::fill(&mut random)?;
    let letters: Vec<char> = random.iter().map(|b| char::from(LETTERS[usize::from(b & 31)])).collect();
    Ok(letters.chunks(5).map(String::from_iter).collect::<Vec<_>>().join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_time_and_secrets_do_not_repeat() {
        let at = |millis| Timestamp::from_millis(millis).unwrap();
        assert!(new_id(at(1_000)).unwrap() < new_id(at(2_000)).unwrap());
        assert!(newest_first_id(at(1_000)).unwrap() > newest_first_id(at(2_000)).unwrap());
        let (one, other) = (Secret::random().unwrap(), Secret::random().unwrap());
        assert_ne!(one.as_str(), other.as_str());
        assert!(same(one.as_str(), one.as_str()) && !same(one.as_str(), other.as_str()));
        assert_eq!(short_code().unwrap().len(), 23);
    }
}
