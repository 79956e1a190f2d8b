//! Entry bundles: up to 256 log entries in one file ([C2SP tlog-tiles, "Log
//! entries"](https://c2sp.org/tlog-tiles#log-entries)).

use crate::tile::TILE_WIDTH;

/// Is the greatest length of an entry in bytes: its length is written in 16 bits.
pub const MAX_ENTRY_LEN: usize = 0xffff;

/// Says why entries make no bundle, or bytes are none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// An entry does not fit into its length field.
    #[error(
        "entry {position} has {found} bytes, an entry may have {MAX_ENTRY_LEN}: log a digest and keep the content beside the log"
    )]
    EntryTooLong {
        /// The entry's place among those given, from 0.
        position: usize,
        /// The length found.
        found: usize,
    },
    /// There are more entries than a bundle holds.
    #[error("a bundle holds at most {TILE_WIDTH} entries, found more")]
    TooMany,
    /// The bytes end within a length or an entry.
    #[error("the bundle ends within entry {position}, at byte {offset}")]
    CutShort {
        /// The entry's place in the bundle, from 0.
        position: usize,
        /// The byte where that entry begins.
        offset: usize,
    },
}

/// Writes entries one after the other, each after its length as a big-endian
/// 16-bit number.
pub fn encode_bundle(entries: &[impl AsRef<[u8]>]) -> Result<Vec<u8>, BundleError> {
    if entries.len() > usize::from(TILE_WIDTH) {
        return Err(BundleError::TooMany);
    }
    let mut bytes = Vec::new();
    for (position, entry) in entries.iter().enumerate() {
        push_entry(&mut bytes, position, entry.as_ref())?;
    }
    Ok(bytes)
}

/// Appends one entry to the bytes of a bundle.
pub(crate) fn push_entry(bytes: &mut Vec<u8>, position: usize, entry: &[u8]) -> Result<(), BundleError> {
    let length =
        u16::try_from(entry.len()).map_err(|_| BundleError::EntryTooLong { position, found: entry.len() })?;
    bytes.extend(length.to_be_bytes());
    bytes.extend(entry);
    Ok(())
}

/// Reads the entries of a bundle.
pub fn decode_bundle(bytes: &[u8]) -> Result<Vec<&[u8]>, BundleError> {
    let mut entries = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        if entries.len() == usize::from(TILE_WIDTH) {
            return Err(BundleError::TooMany);
        }
        let (entry, after) = split_entry(rest)
            .ok_or(BundleError::CutShort { position: entries.len(), offset: bytes.len() - rest.len() })?;
        entries.push(entry);
        rest = after;
    }
    Ok(entries)
}

fn split_entry(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<2>()?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_longest_entry_fits_and_one_more_byte_does_not() {
        let longest = vec![7; MAX_ENTRY_LEN];
        let bytes = encode_bundle(&[&longest[..]]).unwrap();
        assert_eq!(decode_bundle(&bytes), Ok(vec![&longest[..]]));
        assert_eq!(
            encode_bundle(&[&b""[..], &vec![7; MAX_ENTRY_LEN + 1]]),
            Err(BundleError::EntryTooLong { position: 1, found: 65_536 })
        );
    }

    #[test]
    fn more_than_256_entries_are_refused() {
        assert!(encode_bundle(&[b""; 256]).is_ok());
        assert_eq!(encode_bundle(&[b""; 257]), Err(BundleError::TooMany));
        assert!(decode_bundle(&[0; 512]).is_ok());
        assert_eq!(decode_bundle(&[0; 514]), Err(BundleError::TooMany));
    }

    #[test]
    fn the_place_where_a_bundle_breaks_off_is_named() {
        assert_eq!(
            decode_bundle(&[0, 1, b'a', 0, 2, b'b']),
            Err(BundleError::CutShort { position: 1, offset: 3 })
        );
    }

    proptest! {
        #[test]
        fn entries_survive_being_written_and_read(
            entries in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..256),
        ) {
            let bytes = encode_bundle(&entries).unwrap();
            prop_assert_eq!(decode_bundle(&bytes).unwrap(), entries);
        }

        #[test]
        fn bytes_that_are_read_are_written_the_same(bytes in proptest::collection::vec(0_u8..4, 0..64)) {
            if let Ok(entries) = decode_bundle(&bytes) {
                prop_assert_eq!(encode_bundle(&entries).unwrap(), bytes);
            }
        }
    }
}
