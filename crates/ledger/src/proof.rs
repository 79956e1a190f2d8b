//! Inclusion and consistency proofs ([RFC 9162, section
//! 2.1](https://www.rfc-editor.org/rfc/rfc9162#section-2.1); the trees are
//! those of RFC 6962).
//!
//! The functions here verify; [`LogReader`](crate::LogReader) builds proofs from tiles.

use crate::checkpoint::{MAX_TREE_SIZE, TreeHead};
use crate::hash::{Hash, node_hash};

/// Is the greatest number of hashes in a proof.
pub const MAX_PROOF_LEN: usize = 64;

/// Says why a proof does not prove.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProofError {
    /// The entry's index is not in the tree.
    #[error("entry {index} is not in a tree of {size} entries")]
    IndexBeyondSize {
        /// The index found.
        index: u64,
        /// The size of the tree.
        size: u64,
    },
    /// The older tree is larger than the newer one.
    #[error("a tree of {old} entries cannot come before one of {new}")]
    SizesReversed {
        /// The size said to be older.
        old: u64,
        /// The size said to be newer.
        new: u64,
    },
    /// The size is beyond the bound.
    #[error("a tree has at most 2^63 entries, found {size}")]
    SizeTooLarge {
        /// The size found.
        size: u64,
    },
    /// The proof has too few or too many hashes for the place it is about.
    #[error("the proof has {found} hashes, which is too few or too many for its place in the tree")]
    Length {
        /// The number of hashes found.
        found: usize,
    },
    /// The proof leads to another root than the tree's.
    #[error("the proof leads to the root {found} at size {size}, expected {expected}")]
    Root {
        /// The size of the tree whose root differs.
        size: u64,
        /// The root of the tree.
        expected: Hash,
        /// The root that the proof leads to.
        found: Hash,
    },
}

/// Verifies that a leaf is at `index` in a tree (RFC 9162, section 2.1.3.2).
pub fn verify_inclusion(leaf: Hash, index: u64, head: TreeHead, proof: &[Hash]) -> Result<(), ProofError> {
    check_size(head.size)?;
    if index >= head.size {
        return Err(ProofError::IndexBeyondSize { index, size: head.size });
    }
    let length = ProofError::Length { found: proof.len() };
    let (mut node, mut last) = (index, head.size - 1);
    let mut root = leaf;
    for sibling in proof {
        if last == 0 {
            return Err(length);
        }
        if node & 1 == 1 || node == last {
            root = node_hash(sibling, &root);
            // A node at the right edge has no sibling on the levels where it is a left child.
            while node & 1 == 0 && node != 0 {
                (node, last) = (node >> 1, last >> 1);
            }
        } else {
            root = node_hash(&root, sibling);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    if last != 0 {
        return Err(length);
    }
    check_root(head, root)
}

/// Verifies that the newer tree begins with the entries of the older one (RFC
/// 9162, section 2.1.4.2).
///
/// The empty tree is the beginning of every tree, and needs no hashes.
pub fn verify_consistency(old: TreeHead, new: TreeHead, proof: &[Hash]) -> Result<(), ProofError> {
    check_size(new.size)?;
    if old.size > new.size {
        return Err(ProofError::SizesReversed { old: old.size, new: new.size });
    }
    let length = ProofError::Length { found: proof.len() };
    if old.size == 0 || old.size == new.size {
        if !proof.is_empty() {
            return Err(length);
        }
        if old.size == 0 {
            return check_root(old, TreeHead::EMPTY.root);
        }
        return check_root(new, old.root);
    }
    // A perfect old tree is a subtree of the new one: its root opens the path.
    let mut path = proof.iter();
    let first =
        if old.size.is_power_of_two() { old.root } else { *path.next().ok_or_else(|| length.clone())? };
    let shift = (old.size - 1).trailing_ones();
    let (mut node, mut last) = (shifted(old.size - 1, shift), shifted(new.size - 1, shift));
    let (mut old_root, mut new_root) = (first, first);
    for sibling in path {
        if last == 0 {
            return Err(length);
        }
        if node & 1 == 1 || node == last {
            old_root = node_hash(sibling, &old_root);
            new_root = node_hash(sibling, &new_root);
            while node & 1 == 0 && node != 0 {
                (node, last) = (node >> 1, last >> 1);
            }
        } else {
            new_root = node_hash(&new_root, sibling);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    if last != 0 {
        return Err(length);
    }
    check_root(old, old_root)?;
    check_root(new, new_root)
}

/// Shifts right, to zero where all bits go.
fn shifted(value: u64, bits: u32) -> u64 {
    value.checked_shr(bits).unwrap_or(0)
}

fn check_size(size: u64) -> Result<(), ProofError> {
    if size > MAX_TREE_SIZE {
        return Err(ProofError::SizeTooLarge { size });
    }
    Ok(())
}

fn check_root(head: TreeHead, found: Hash) -> Result<(), ProofError> {
    if head.root == found {
        return Ok(());
    }
    Err(ProofError::Root { size: head.size, expected: head.root, found })
}
