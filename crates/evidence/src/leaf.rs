//! The bytes of a log entry: a fixed binary layout that commits to a statement.
//!
//! Integers are big-endian.
//!
//! | public leaf | bytes | | restricted leaf | bytes |
//! |---|---|---|---|---|
//! | version = 1 | 1 | | version = 1 | 1 |
//! | kind = 1 | 1 | | kind = 2 | 1 |
//! | statement digest | 32 | | SHA-256("kanae/leaf/v1\0" ‖ salt ‖ public leaf) | 32 |
//! | envelope digest | 32 | | UTC date, days since 1970-01-01 | 4 |
//! | issuer: organisation, or genesis for the node | 32 | | | |
//! | entry time, ms since 1970 | 8 | | | |
//! | arrival, ms since 1970 | 8 | | | |
//! | length of the predicate type | 2 | | | |
//! | predicate type, UTF-8 | 1–255 | | | |

use crate::digest::{Digest, sha256_all};
use crate::time::Timestamp;

const VERSION: u8 = 1;
const PUBLIC: u8 = 1;
const RESTRICTED: u8 = 2;
const MILLIS_PER_DAY: i64 = 86_400_000;

/// What the log commits to about a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicLeaf {
    /// SHA-256 of the payload.
    pub statement: Digest,
    /// SHA-256 of the envelope in normal form.
    pub envelope: Digest,
    /// The predicate type URI.
    pub predicate_type: String,
    /// The issuing organisation; for `organisation` the statement itself; for the node its genesis.
    pub issuer: Digest,
    /// When the entry was made, by the operator's clock.
    pub time: Timestamp,
    /// When the statement arrived.
    pub arrived_at: Timestamp,
}

/// An entry of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Leaf {
    /// Of a public statement.
    Public(PublicLeaf),
    /// Of a restricted statement: says only that something was recorded on a day.
    Restricted {
        /// SHA-256("kanae/leaf/v1\0" ‖ 32-byte salt ‖ the public leaf that it would have been).
        commitment: Digest,
        /// Days since 1970-01-01, UTC.
        day: u32,
    },
}

/// Why entry bytes are no leaf.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LeafError {
    /// A version or kind that this build does not know.
    #[error("leaf of version {0} and kind {1} is not known to this version of Kanae")]
    Unknown(u8, u8),
    /// Too short, too long, or with a member out of range.
    #[error("the leaf's bytes are malformed: {0}")]
    Malformed(&'static str),
}

impl PublicLeaf {
    /// Returns the leaf that stands in the log for this one where the statement is restricted.
    pub fn restrict(&self, salt: &[u8; 32]) -> Leaf {
        let commitment = sha256_all(&[b"kanae/leaf/v1\0", salt, &Leaf::Public(self.clone()).to_bytes()]);
        // A timestamp is within the years 1970–9999, so its day fits.
        let day = u32::try_from(self.time.as_millis() / MILLIS_PER_DAY).unwrap_or(u32::MAX);
        Leaf::Restricted { commitment, day }
    }
}

impl Leaf {
    /// Writes the entry's bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Public(leaf) => {
                let mut bytes = Vec::with_capacity(116 + leaf.predicate_type.len());
                bytes.extend([VERSION, PUBLIC]);
                bytes.extend(leaf.statement.as_bytes());
                bytes.extend(leaf.envelope.as_bytes());
                bytes.extend(leaf.issuer.as_bytes());
                bytes.extend(leaf.time.as_millis().to_be_bytes());
                bytes.extend(leaf.arrived_at.as_millis().to_be_bytes());
                // Predicate types are at most 255 bytes (`Predicate::parse`).
                bytes.extend(u16::try_from(leaf.predicate_type.len()).unwrap_or(u16::MAX).to_be_bytes());
                bytes.extend(leaf.predicate_type.as_bytes());
                bytes
            }
            Self::Restricted { commitment, day } => {
                let mut bytes = Vec::with_capacity(38);
                bytes.extend([VERSION, RESTRICTED]);
                bytes.extend(commitment.as_bytes());
                bytes.extend(day.to_be_bytes());
                bytes
            }
        }
    }

    /// Reads an entry's bytes.
    pub fn parse(bytes: &[u8]) -> Result<Self, LeafError> {
        let mut reader = Reader(bytes);
        match reader.take::<2>()? {
            [VERSION, PUBLIC] => {
                let statement = Digest::from_bytes(reader.take()?);
                let envelope = Digest::from_bytes(reader.take()?);
                let issuer = Digest::from_bytes(reader.take()?);
                let time = reader.time()?;
                let arrived_at = reader.time()?;
                let length = usize::from(u16::from_be_bytes(reader.take()?));
                if length != reader.0.len() || !(1..=255).contains(&length) {
                    return Err(LeafError::Malformed("the predicate type's length does not fit"));
                }
                let predicate_type = std::str::from_utf8(reader.0)
                    .map_err(|_| LeafError::Malformed("the predicate type is not UTF-8"))?
                    .to_owned();
                Ok(Self::Public(PublicLeaf { statement, envelope, predicate_type, issuer, time, arrived_at }))
            }
            [VERSION, RESTRICTED] => {
                let commitment = Digest::from_bytes(reader.take()?);
                let day = u32::from_be_bytes(reader.take()?);
                if !reader.0.is_empty() {
                    return Err(LeafError::Malformed("bytes after the end"));
                }
                Ok(Self::Restricted { commitment, day })
            }
            [version, kind] => Err(LeafError::Unknown(version, kind)),
        }
    }
}

struct Reader<'b>(&'b [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], LeafError> {
        let (head, rest) = self.0.split_first_chunk().ok_or(LeafError::Malformed("too short"))?;
        self.0 = rest;
        Ok(*head)
    }

    fn time(&mut self) -> Result<Timestamp, LeafError> {
        Timestamp::from_millis(i64::from_be_bytes(self.take()?))
            .ok_or(LeafError::Malformed("a time out of range"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::sha256;

    fn leaf() -> PublicLeaf {
        PublicLeaf {
            statement: sha256(b"statement"),
            envelope: sha256(b"envelope"),
            predicate_type: "urn:kanae:model:v1".into(),
            issuer: sha256(b"issuer"),
            time: "2026-11-23T15:04:05.678Z".parse().unwrap(),
            arrived_at: "2026-11-23T15:04:05.001Z".parse().unwrap(),
        }
    }

    #[test]
    fn the_layout_is_frozen() {
        let public = Leaf::Public(leaf());
        insta::assert_snapshot!(hex::encode(public.to_bytes()));
        assert_eq!(Leaf::parse(&public.to_bytes()), Ok(public));
        let restricted = leaf().restrict(&[9; 32]);
        insta::assert_snapshot!(hex::encode(restricted.to_bytes()));
        assert_eq!(Leaf::parse(&restricted.to_bytes()), Ok(restricted));
    }

    #[test]
    fn malformed_leaves_are_refused() {
        let good = Leaf::Public(leaf()).to_bytes();
        for cut in 0..good.len() {
            assert!(Leaf::parse(&good[..cut]).is_err());
        }
        let mut long = good.clone();
        long.push(0);
        assert!(Leaf::parse(&long).is_err());
        assert_eq!(Leaf::parse(&[2, 1]), Err(LeafError::Unknown(2, 1)));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(bytes: Vec<u8>) {
            if let Ok(leaf) = Leaf::parse(&bytes) {
                proptest::prop_assert_eq!(leaf.to_bytes(), bytes);
            }
        }
    }
}
