//! The right edge of a tree: all that is needed to append to it and to know its root.

use crate::checkpoint::{MAX_TREE_SIZE, TreeHead};
use crate::hash::{Hash, fold_peaks, node_hash, perfect_root};

/// Holds the roots of the perfect subtrees that a tree of some size consists
/// of (a compact range from 0): at most 63 hashes, whatever the size.
///
/// A node keeps it beside its head, so that the next root can be computed
/// without reading a tile.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Edge {
    size: u64,
    /// Largest subtree, which is the leftmost, first.
    peaks: Vec<Hash>,
}

/// Says why bytes are not an edge.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EdgeError {
    /// The size that the bytes begin with is missing or beyond the bound.
    #[error("an edge begins with its size as 8 bytes, at most 2^63, found {found:02x?}")]
    Size {
        /// The bytes found in the size's place.
        found: Vec<u8>,
    },
    /// The number of bytes does not belong to the size.
    #[error("an edge of size {size} has {expected} bytes, found {found}")]
    Length {
        /// The size that the bytes state.
        size: u64,
        /// The number of bytes that this size needs.
        expected: usize,
        /// The number of bytes found.
        found: usize,
    },
}

impl Edge {
    /// Returns the edge of the empty tree.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Computes the root of the tree.
    pub fn root(&self) -> Hash {
        fold_peaks(&self.peaks)
    }

    /// Returns size and root together.
    pub fn head(&self) -> TreeHead {
        TreeHead { size: self.size, root: self.root() }
    }

    /// Appends a leaf; returns false, and appends nothing, when the tree is
    /// as large as a tree may become ([`MAX_TREE_SIZE`]).
    #[must_use = "a full tree takes no leaf"]
    pub fn push(&mut self, leaf: Hash) -> bool {
        if self.size >= MAX_TREE_SIZE {
            return false;
        }
        let mut merged = leaf;
        // Every trailing one of the old size is a subtree that the new leaf completes.
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.peaks.pop() {
                merged = node_hash(&left, &merged);
            }
        }
        self.peaks.push(merged);
        self.size += 1;
        true
    }

    /// Writes the edge: size (8 bytes, big-endian), then the hashes from the
    /// largest subtree to the smallest.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.size.to_be_bytes().to_vec();
        bytes.extend(self.peaks.iter().flat_map(|hash| hash.0));
        bytes
    }

    /// Reads what [`Edge::to_bytes`] wrote.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, EdgeError> {
        let (size, rest) = bytes
            .split_first_chunk::<8>()
            .map(|(size, rest)| (u64::from_be_bytes(*size), rest))
            .filter(|(size, _)| *size <= MAX_TREE_SIZE)
            .ok_or_else(|| EdgeError::Size { found: bytes.iter().copied().take(8).collect() })?;
        let (hashes, remainder) = rest.as_chunks::<32>();
        let count = size.count_ones() as usize;
        if hashes.len() != count || !remainder.is_empty() {
            return Err(EdgeError::Length { size, expected: 8 + 32 * count, found: bytes.len() });
        }
        Ok(Self { size, peaks: hashes.iter().copied().map(Hash).collect() })
    }

    /// Builds the edge from the hashes of the right-edge tiles, level 0 first.
    ///
    /// The widths of the tiles are the base-256 digits of the size, and the
    /// subtrees of a tile are the binary digits of its width.
    pub(crate) fn from_tiles(size: u64, levels: &[impl AsRef<[Hash]>]) -> Self {
        let mut peaks = Vec::new();
        for hashes in levels.iter().rev() {
            let mut rest = hashes.as_ref();
            while !rest.is_empty() {
                let (subtree, after) = rest.split_at(1 << rest.len().ilog2());
                peaks.push(perfect_root(subtree));
                rest = after;
            }
        }
        Self { size, peaks }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::leaf_hash;

    #[test]
    fn an_edge_survives_being_written_and_read() {
        let mut edge = Edge::new();
        for i in 0..1_100_u64 {
            assert_eq!(Edge::from_bytes(&edge.to_bytes()), Ok(edge.clone()));
            assert!(edge.push(leaf_hash(&i.to_be_bytes())));
        }
    }

    #[test]
    fn a_wrong_number_of_hashes_is_refused() {
        let mut edge = Edge::new();
        assert!(edge.push(leaf_hash(b"a")) && edge.push(leaf_hash(b"b")));
        let mut bytes = edge.to_bytes();
        bytes[7] = 3;
        assert_eq!(Edge::from_bytes(&bytes), Err(EdgeError::Length { size: 3, expected: 72, found: 40 }));
        assert!(Edge::from_bytes(&bytes[..39]).is_err());
        assert!(Edge::from_bytes(&[]).is_err());
        assert!(Edge::from_bytes(&u64::MAX.to_be_bytes()).is_err());
    }

    #[test]
    fn a_tree_of_the_greatest_size_takes_no_more_leaves() {
        let mut bytes = MAX_TREE_SIZE.to_be_bytes().to_vec();
        bytes.extend([7; 32]);
        let mut edge = Edge::from_bytes(&bytes).unwrap();
        assert!(!edge.push(leaf_hash(b"one too many")));
        assert_eq!(edge.head().root, Hash([7; 32]));
    }
}
