//! Proofs against the definitions of RFC 6962, at small sizes, around full
//! tiles, and at sizes that no test could store.

use std::io;

use kanae_ledger::{
    Edge, Hash, LogReader, MAX_TREE_SIZE, MemoryStore, ProofError, ReadLog, Resource, TreeHead,
    encode_bundle, integrate, leaf_hash, node_hash, verify_consistency, verify_inclusion,
};
use proptest::prelude::*;

use crate::{defined_root, defined_split, entries, grow, leaves, open};

/// Builds PATH(m, D[n]) by the definition of RFC 6962, section 2.1.1.
fn defined_inclusion(index: usize, leaves: &[Hash]) -> Vec<Hash> {
    if leaves.len() == 1 {
        return Vec::new();
    }
    let (left, right) = leaves.split_at(defined_split(leaves.len()));
    let (mut path, sibling) = match index.checked_sub(left.len()) {
        None => (defined_inclusion(index, left), defined_root(right)),
        Some(index) => (defined_inclusion(index, right), defined_root(left)),
    };
    path.push(sibling);
    path
}

/// Builds SUBPROOF(m, D[n], b) by the definition of RFC 6962, section 2.1.2.
fn defined_consistency(old: usize, leaves: &[Hash], known: bool) -> Vec<Hash> {
    if old == leaves.len() {
        return if known { Vec::new() } else { vec![defined_root(leaves)] };
    }
    let (left, right) = leaves.split_at(defined_split(leaves.len()));
    let (mut path, sibling) = match old.checked_sub(left.len()) {
        None | Some(0) => (defined_consistency(old, left, known), defined_root(right)),
        Some(old) => (defined_consistency(old, right, false), defined_root(left)),
    };
    path.push(sibling);
    path
}

/// Returns a few places below a bound: the ends, and some that look random.
fn places(bound: u64) -> impl Iterator<Item = u64> {
    let scattered = (1..3_u64).map(move |i| bound.wrapping_mul(2_654_435_761 * i) % bound.max(1));
    [0, bound.saturating_sub(1)].into_iter().chain(scattered).filter(move |place| *place < bound)
}

#[test]
fn every_size_up_to_2000_proves_its_entries_and_its_past() {
    let all = entries(2_000);
    let hashes = leaves(&all);
    let store = MemoryStore::new();
    let head = grow(&store, &all, &[1_900, 100]);
    let mut log = open(&store, head);
    let mut edge = Edge::new();
    let mut heads = vec![edge.head()];
    for leaf in &hashes {
        assert!(edge.push(*leaf));
        heads.push(edge.head());
    }
    for new in &heads {
        // The first entries of every size would cost seconds and show the same: some of them.
        let skipped = |place: u64| place == 0 && new.size % 16 != 0;
        for index in places(new.size).filter(|index| !skipped(*index)) {
            let leaf = hashes[usize::try_from(index).unwrap()];
            let proof = log.inclusion_proof(index, new.size).unwrap();
            verify_inclusion(leaf, index, *new, &proof).unwrap();
        }
        for old in places(new.size + 1).filter(|old| !skipped(*old)) {
            let old = heads[usize::try_from(old).unwrap()];
            let proof = log.consistency_proof(old.size, new.size).unwrap();
            verify_consistency(old, *new, &proof).unwrap();
        }
        if new.size % 16 < 2 {
            assert_eq!(log.root_at(new.size).unwrap(), new.root);
        }
    }
}

#[test]
fn proofs_are_those_of_the_definition() {
    let all = entries(65_537);
    let hashes = leaves(&all);
    let store = MemoryStore::new();
    let head = grow(&store, &all, &[all.len()]);
    let mut log = open(&store, head);
    let small = (0..26_u64).flat_map(|size| (0..=size).map(move |place| (place, size)));
    let boundary = [255, 256, 257, 511]
        .into_iter()
        .flat_map(|size| [0, 128, 255, 256].map(|place| (place, size)))
        .chain([(256, 65_535), (65_535, 65_537)])
        .filter(|(place, size)| place <= size);
    for (place, size) in small.chain(boundary) {
        let known = &hashes[..usize::try_from(size).unwrap()];
        let at = usize::try_from(place).unwrap();
        if place < size {
            let proof = log.inclusion_proof(place, size).unwrap();
            assert_eq!(proof, defined_inclusion(at, known), "{place} in {size}");
        }
        if place > 0 {
            let proof = log.consistency_proof(place, size).unwrap();
            assert_eq!(proof, defined_consistency(at, known, true), "{place} to {size}");
        }
    }
}

/// A log of any size whose entries are all the same, so that every file can be
/// computed when it is asked for.
struct SameEntries {
    size: u64,
}

impl SameEntries {
    const ENTRY: &[u8] = b"same";

    fn subtree(height: u32) -> Hash {
        (0..height).fold(leaf_hash(Self::ENTRY), |hash, _| node_hash(&hash, &hash))
    }

    fn head(&self) -> TreeHead {
        let peaks = (0..64).rev().filter(|height| self.size >> height & 1 == 1);
        let mut bytes = self.size.to_be_bytes().to_vec();
        bytes.extend(peaks.flat_map(|height| *Self::subtree(height).as_bytes()));
        Edge::from_bytes(&bytes).unwrap().head()
    }
}

impl ReadLog for SameEntries {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        let resource: Resource = path.parse().map_err(io::Error::other)?;
        Ok(match resource {
            Resource::Checkpoint => None,
            Resource::Tile(tile) => {
                let hash = Self::subtree(8 * u32::from(tile.level()));
                Some(hash.as_bytes().repeat(tile.width().into()))
            }
            Resource::Bundle(bundle) => {
                let entries = vec![Self::ENTRY; bundle.width().into()];
                Some(encode_bundle(&entries).map_err(io::Error::other)?)
            }
        })
    }
}

/// Lists sizes next to powers of 256, and the greatest of all.
fn great_sizes() -> impl Iterator<Item = u64> {
    (1..8)
        .map(|power| 256_u64.pow(power))
        .flat_map(|full| [full - 1, full, full + 1, 2 * full - 1, 255 * (full / 256) + 7])
        .chain([MAX_TREE_SIZE - 1, MAX_TREE_SIZE])
}

#[test]
fn logs_of_every_magnitude_prove_their_entries_and_their_past() {
    for size in great_sizes() {
        let same = SameEntries { size };
        let head = same.head();
        let mut log = LogReader::open(same, head).unwrap();
        for place in places(size) {
            let proof = log.inclusion_proof(place, size).unwrap();
            let leaf = log.leaf_hash_at(place).unwrap();
            verify_inclusion(leaf, place, head, &proof).unwrap();
            let older = SameEntries { size: place }.head();
            assert_eq!(log.root_at(place).unwrap(), older.root);
            let proof = log.consistency_proof(place, size).unwrap();
            verify_consistency(older, head, &proof).unwrap();
            let proof = log.inclusion_proof(place, place + 1).unwrap();
            let then = SameEntries { size: place + 1 }.head();
            verify_inclusion(leaf, place, then, &proof).unwrap();
        }
        let last = log.entries(size - 1..size).next().unwrap().unwrap();
        assert_eq!(last, (size - 1, SameEntries::ENTRY.to_vec()));
    }
}

#[test]
fn logs_of_every_magnitude_can_be_continued() {
    for size in great_sizes().filter(|size| *size < MAX_TREE_SIZE - 600) {
        let start = SameEntries { size: size - 1 };
        let batch = integrate(&start, start.head(), &[SameEntries::ENTRY; 600]).unwrap();
        assert_eq!(batch.head(), SameEntries { size: size + 599 }.head());
        for (path, bytes) in batch.files() {
            assert_eq!(start.read(path).unwrap().as_ref(), Some(bytes), "{path}");
        }
    }
    let full = SameEntries { size: MAX_TREE_SIZE };
    assert!(integrate(&full, full.head(), &[SameEntries::ENTRY]).is_err());
}

#[test]
fn the_empty_tree_is_the_beginning_of_every_tree_and_has_no_entries() {
    let empty = TreeHead::EMPTY;
    let one = TreeHead { size: 1, root: leaf_hash(b"one") };
    verify_consistency(empty, empty, &[]).unwrap();
    verify_consistency(empty, one, &[]).unwrap();
    verify_consistency(one, one, &[]).unwrap();
    verify_inclusion(one.root, 0, one, &[]).unwrap();
    assert!(verify_inclusion(one.root, 0, empty, &[]).is_err());
    assert!(verify_inclusion(one.root, 0, one, &[one.root]).is_err());
    assert!(verify_consistency(empty, one, &[one.root]).is_err());
    assert!(verify_consistency(one, empty, &[]).is_err());
    let other = TreeHead { root: leaf_hash(b"other"), ..one };
    assert!(verify_consistency(one, other, &[]).is_err());
    let not_empty = TreeHead { size: 0, ..one };
    assert!(verify_consistency(not_empty, one, &[]).is_err());
    let beyond = TreeHead { size: MAX_TREE_SIZE + 1, ..one };
    assert!(matches!(verify_inclusion(one.root, 0, beyond, &[]), Err(ProofError::SizeTooLarge { .. })));
}

#[test]
fn a_proof_is_as_long_as_the_stated_size_asks_for() {
    let leaves = leaves(&entries(33));
    let root = |size: usize| defined_root(&leaves[..size]);
    for (size, stated) in (1..=33_usize).flat_map(|size| (1..=33).map(move |stated| (size, stated))) {
        // The root is the right one, and the stated size another.
        let head = |size: usize, of: usize| TreeHead { size: size as u64, root: root(of) };
        let inclusion = defined_inclusion(0, &leaves[..size]);
        if inclusion.len() != defined_inclusion(0, &leaves[..stated]).len() {
            let result = verify_inclusion(leaves[0], 0, head(stated, size), &inclusion);
            assert_eq!(result, Err(ProofError::Length { found: inclusion.len() }), "{size} as {stated}");
        }
        for old in (1..size.min(stated)).filter(|old| *old < 6) {
            let proof = defined_consistency(old, &leaves[..size], true);
            if proof.len() != defined_consistency(old, &leaves[..stated], true).len() {
                let result = verify_consistency(head(old, old), head(stated, size), &proof);
                assert_eq!(
                    result,
                    Err(ProofError::Length { found: proof.len() }),
                    "{old} to {size} as {stated}"
                );
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_proof_with_anything_changed_is_refused(
        old in 1_u64..90, more in 0_u64..40, place in 0_usize..8, bit in 0_usize..256,
    ) {
        let new = old + more;
        let leaves = leaves(&entries(u32::try_from(new).unwrap()));
        let head = |size: u64| TreeHead { size, root: defined_root(&leaves[..usize::try_from(size).unwrap()]) };
        let (index, count) = (usize::try_from(old - 1).unwrap(), usize::try_from(old).unwrap());
        let inclusion = defined_inclusion(index, &leaves);
        let consistency = defined_consistency(count, &leaves, true);
        let flip = |hash: Hash| {
            let mut bytes = *hash.as_bytes();
            bytes[bit / 8] ^= 1 << (bit % 8);
            Hash(bytes)
        };
        let includes = |leaf, index, head, proof: &[Hash]| verify_inclusion(leaf, index, head, proof).is_ok();
        prop_assert!(includes(leaves[index], old - 1, head(new), &inclusion));
        prop_assert!(verify_consistency(head(old), head(new), &consistency).is_ok());

        prop_assert!(!includes(flip(leaves[index]), old - 1, head(new), &inclusion));
        prop_assert!(!includes(leaves[index], old, head(new), &inclusion));
        let flipped = TreeHead { root: flip(head(new).root), ..head(new) };
        prop_assert!(!includes(leaves[index], old - 1, flipped, &inclusion));
        prop_assert!(verify_consistency(head(old), flipped, &consistency).is_err());
        let flipped = TreeHead { root: flip(head(old).root), ..head(old) };
        prop_assert!(verify_consistency(flipped, head(new), &consistency).is_err());

        for (proof, verify) in [
            (inclusion.clone(), &(|proof: &[Hash]| includes(leaves[index], old - 1, head(new), proof)) as &dyn Fn(&[Hash]) -> bool),
            (consistency.clone(), &|proof: &[Hash]| verify_consistency(head(old), head(new), proof).is_ok()),
        ] {
            let mut longer = proof.clone();
            longer.insert(place.min(proof.len()), leaves[0]);
            prop_assert!(!verify(&longer));
            if proof.is_empty() {
                continue;
            }
            let place = place % proof.len();
            let mut changed = proof.clone();
            changed[place] = flip(changed[place]);
            prop_assert!(!verify(&changed));
            let mut shorter = proof;
            shorter.remove(place);
            prop_assert!(!verify(&shorter));
        }
    }

    #[test]
    fn no_proof_panics(
        index: u64, old: u64, new: u64, shift in 0_u32..64, root: [u8; 32],
        proof in proptest::collection::vec(any::<[u8; 32]>(), 0..70),
    ) {
        let proof: Vec<Hash> = proof.into_iter().map(Hash).collect();
        let head = |size: u64| TreeHead { size: size >> shift, root: Hash(root) };
        let _ = verify_inclusion(Hash(root), index, head(new), &proof);
        let _ = verify_consistency(head(old), head(new), &proof);
    }
}
