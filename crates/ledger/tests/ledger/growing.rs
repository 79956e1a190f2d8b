//! Growing a log: any batches, any crash, any size.

use kanae_ledger::{
    Bundle, Edge, Hash, IntegrateError, MAX_ENTRY_LEN, MemoryStore, ReadError, ReadLog as _, Resource, Tile,
    TileStore as _, TreeHead, integrate, leaf_hash,
};
use proptest::prelude::*;

use crate::{defined_root, entries, grow, leaves, open};

/// Lists every file that a log of this size must have (tlog-tiles, "Partial Tiles").
fn files_of(size: u64) -> Vec<String> {
    let tiles = (0..8).flat_map(|level| (0..).map_while(move |index| Tile::at(level, index, size)));
    let bundles = (0..).map_while(|index| Bundle::at(index, size));
    let mut files: Vec<String> = tiles
        .map(Resource::Tile)
        .chain(bundles.map(Resource::Bundle))
        .map(|resource| resource.to_string())
        .collect();
    files.sort();
    files
}

#[test]
fn sizes_around_full_tiles_have_the_defined_root_and_exactly_the_files_they_must_have() {
    let all = entries(65_537);
    let hashes = leaves(&all);
    let mut edge = Edge::new();
    for (size, leaf) in (1..).zip(&hashes) {
        assert!(edge.push(*leaf));
        if ![1, 2, 255, 256, 257, 511, 512, 65_536, 65_537].contains(&size) {
            continue;
        }
        let store = MemoryStore::new();
        let batch = integrate(&store, TreeHead::EMPTY, &all[..size]).unwrap();
        assert_eq!(batch.edge(), &edge);
        // The definition takes its time; the edge it agrees with stands in for it at full tiles.
        if size < 600 || size == 65_537 {
            assert_eq!(batch.head().root, defined_root(&hashes[..size]));
        }
        let mut written: Vec<&str> = batch.files().iter().map(|(path, _)| &path[..]).collect();
        written.sort_unstable();
        assert_eq!(written, files_of(size.try_into().unwrap()));
    }
}

#[test]
fn a_log_grown_across_two_levels_of_full_tiles_equals_one_grown_at_once() {
    let all = entries(65_800);
    let (steps, once) = (MemoryStore::new(), MemoryStore::new());
    let head = grow(&steps, &all, &[65_000, 535, 1, 1, 200, 63]);
    assert_eq!(grow(&once, &all, &[all.len()]), head);
    for path in files_of(head.size) {
        let file = steps.read(&path).unwrap();
        assert!(file.is_some(), "{path} is missing");
        assert_eq!(file, once.read(&path).unwrap(), "{path}");
    }
}

#[test]
fn no_entries_make_no_files_and_leave_the_head() {
    let store = MemoryStore::new();
    let none: [&[u8]; 0] = [];
    let head = grow(&store, &entries(300), &[300]);
    for (store, head) in [(&MemoryStore::new(), TreeHead::EMPTY), (&store, head)] {
        let batch = integrate(store, head, &none).unwrap();
        assert_eq!(batch.head(), head);
        assert!(batch.files().is_empty());
    }
}

#[test]
fn a_batch_writes_only_what_it_changes() {
    let store = MemoryStore::new();
    let head = grow(&store, &entries(300), &[300]);
    let batch = integrate(&store, head, &[b"one more"]).unwrap();
    let written: Vec<&str> = batch.files().iter().map(|(path, _)| &path[..]).collect();
    assert_eq!(written, ["tile/0/001.p/45", "tile/entries/001.p/45"]);
}

#[test]
fn after_a_crash_anywhere_in_publishing_the_same_batch_is_published_again() {
    let all = entries(600);
    let uninterrupted = MemoryStore::new();
    let head = grow(&uninterrupted, &all[..200], &[200]);
    let batch = integrate(&uninterrupted, head, &all[200..]).unwrap();
    batch.publish(&uninterrupted).unwrap();
    for written in 0..=batch.files().len() {
        let store = MemoryStore::new();
        assert_eq!(grow(&store, &all[..200], &[200]), head);
        store.write_all(&batch.files()[..written]).unwrap();
        // The node starts again: the last published head, and its entries from the database.
        let again = integrate(&store, head, &all[200..]).unwrap();
        assert_eq!(again, batch);
        again.publish(&store).unwrap();
        assert_eq!(store.paths(), uninterrupted.paths());
    }
}

#[test]
fn a_second_history_cannot_be_published_over_the_first() {
    let store = MemoryStore::new();
    let all = entries(300);
    let head = grow(&store, &all[..100], &[100]);
    integrate(&store, head, &all[100..]).unwrap().publish(&store).unwrap();
    let mut other = all[100..].to_vec();
    other[3] = b"another history".to_vec();
    let fork = integrate(&store, head, &other).unwrap();
    let error = fork.publish(&store).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::AlreadyExists);
}

#[test]
fn a_store_that_does_not_fit_the_head_is_not_continued() {
    let store = MemoryStore::new();
    let head = grow(&store, &entries(300), &[300]);
    for wrong in [
        TreeHead { size: 299, ..head },
        TreeHead { size: 301, ..head },
        TreeHead { root: leaf_hash(b"other"), ..head },
    ] {
        let error = integrate(&store, wrong, &[b"next"]).unwrap_err();
        assert!(matches!(error, IntegrateError::Published(_)), "{error:?}");
    }
    let changed = |path: &str| {
        let mut file = store.read(path)?;
        if let Some(bytes) = file.as_mut().filter(|_| path.starts_with("tile/entries/001")) {
            bytes[5] ^= 1;
        }
        Ok(file)
    };
    let error = integrate(&changed, head, &[b"next"]).unwrap_err();
    assert!(
        matches!(&error, IntegrateError::Published(ReadError::BundleEntryMismatch { index: 256, .. })),
        "{error:?}"
    );
}

#[test]
fn an_entry_that_is_too_long_is_named() {
    let long = vec![0; MAX_ENTRY_LEN + 1];
    let store = MemoryStore::new();
    let error = integrate(&store, TreeHead::EMPTY, &[&b"fits"[..], &long]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "entry 1 has 65536 bytes, an entry may have 65535: log a digest and keep the content beside the log"
    );
    let longest = vec![0; MAX_ENTRY_LEN];
    let batch = integrate(&store, TreeHead::EMPTY, &[&longest]).unwrap();
    assert_eq!(batch.head().root, leaf_hash(&longest));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn batches_do_not_matter(
        count in 0_u32..700, batches in proptest::collection::vec(1_usize..300, 1..6),
    ) {
        let all = entries(count);
        let store = MemoryStore::new();
        let head = grow(&store, &all, &batches);
        let hashes: Vec<Hash> = leaves(&all);
        prop_assert_eq!(head.root, defined_root(&hashes));
        prop_assert_eq!(head.size, u64::from(count));
        let mut log = open(&store, head);
        let read: Vec<Vec<u8>> = log.entries(0..head.size).map(|entry| entry.unwrap().1).collect();
        prop_assert_eq!(read, all);
    }
}
