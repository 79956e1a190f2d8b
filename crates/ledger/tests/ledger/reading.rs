//! Reading a log that somebody has tampered with: the error names the file or the entry.

use std::io;

use kanae_ledger::{
    Checkpoint, CheckpointError, LogReader, MemoryStore, NoteError, NoteSigner, ReadError, ReadLog,
    TileStore as _, TreeHead, integrate, read_checkpoint, verify_consistency,
};

use crate::{entries, grow, open};

/// Returns a log of 70,000 entries: full tiles, and partial ones on three levels.
fn log() -> (MemoryStore, TreeHead) {
    let store = MemoryStore::new();
    let head = grow(&store, &entries(70_000), &[70_000]);
    (store, head)
}

/// Returns a log of 600 entries.
fn short_log() -> (MemoryStore, TreeHead) {
    let store = MemoryStore::new();
    let head = grow(&store, &entries(600), &[600]);
    (store, head)
}

/// Opens the log at a head and reads its beginning, some of its middle and its
/// end, with one file replaced or missing.
fn read_with(
    store: &MemoryStore,
    head: TreeHead,
    changed: &str,
    change: impl Fn(Vec<u8>) -> Option<Vec<u8>>,
) -> Result<(), ReadError> {
    let source = |path: &str| {
        let file = store.read(path)?;
        Ok(if path == changed { file.and_then(&change) } else { file })
    };
    let mut log = LogReader::open(source, head)?;
    [0..20, 141 * 256..141 * 256 + 20, head.size - 120..head.size]
        .into_iter()
        .try_for_each(|range| log.entries(range).try_for_each(|entry| entry.map(|_| ())))
}

#[test]
fn every_changed_tile_is_named() {
    let (store, head) = log();
    for path in [
        "tile/0/000",
        "tile/0/141",
        "tile/0/272",
        "tile/0/273.p/112",
        "tile/1/000",
        "tile/1/001.p/17",
        "tile/2/000.p/1",
    ] {
        for place in [0, 31, usize::MAX] {
            let error = read_with(&store, head, path, |mut bytes| {
                let last = bytes.len() - 1;
                bytes[place.min(last)] ^= 0x80;
                Some(bytes)
            })
            .unwrap_err();
            assert!(
                matches!(&error, ReadError::TileMismatch { path: named } if named == path),
                "{path}: {error}"
            );
        }
    }
}

#[test]
fn every_changed_entry_is_named() {
    let (store, head) = log();
    for (path, index) in
        [("tile/entries/000", 0), ("tile/entries/141", 141 * 256), ("tile/entries/273.p/112", 273 * 256)]
    {
        for later in [0, 1, 17] {
            let error = read_with(&store, head, path, |bytes| {
                let mut entries = kanae_ledger::decode_bundle(&bytes).unwrap();
                entries[later] = b"rewritten";
                Some(kanae_ledger::encode_bundle(&entries).unwrap())
            })
            .unwrap_err();
            assert_eq!(
                error.to_string(),
                format!(
                    "entry {} in {path} was changed: its hash is not the one that the checkpoint's root commits to",
                    index + later
                )
            );
        }
    }
}

#[test]
fn entries_before_a_changed_one_are_read_and_none_after_it() {
    let (store, head) = short_log();
    let source = |path: &str| {
        let mut file = store.read(path)?;
        if let Some(bytes) = file.as_mut().filter(|_| path.starts_with("tile/entries/002")) {
            bytes[2] ^= 1;
        }
        Ok(file)
    };
    let mut log = LogReader::open(source, head).unwrap();
    let mut read = log.entries(500..600);
    assert_eq!(read.by_ref().take_while(Result::is_ok).count(), 12);
    assert!(read.next().is_none());
}

#[test]
fn every_missing_or_cut_file_is_named() {
    let (store, head) = log();
    for path in [
        "tile/0/000",
        "tile/0/273.p/112",
        "tile/1/000",
        "tile/1/001.p/17",
        "tile/2/000.p/1",
        "tile/entries/000",
        "tile/entries/273.p/112",
    ] {
        let missing = read_with(&store, head, path, |_| None).unwrap_err();
        assert!(
            matches!(&missing, ReadError::Missing { path: named, size: 70_000 } if named == path),
            "{path}: {missing}"
        );
        let cut = read_with(&store, head, path, |mut bytes| {
            bytes.pop();
            Some(bytes)
        })
        .unwrap_err();
        assert!(
            matches!(
                &cut,
                ReadError::Length { path: named, .. } | ReadError::BundleMalformed { path: named, .. }
                if named == path
            ),
            "{path}: {cut}"
        );
        let huge =
            read_with(&store, head, path, |bytes| Some([bytes, vec![0; 1 << 25]].concat())).unwrap_err();
        assert!(matches!(huge, ReadError::Length { .. }), "{path}: {huge}");
    }
    let fewer = read_with(&store, head, "tile/entries/000", |_| Some(vec![0, 0])).unwrap_err();
    assert_eq!(fewer.to_string(), "tile/entries/000 has 1 entries, expected 256");
}

#[test]
fn a_log_rewritten_from_top_to_bottom_does_not_have_the_root() {
    let (_, head) = short_log();
    let other = MemoryStore::new();
    let mut rewritten = entries(600);
    rewritten[5] = b"rewritten".to_vec();
    let forked = grow(&other, &rewritten, &[600]);
    let error = LogReader::open(|path: &str| other.read(path), head).err().unwrap();
    assert!(
        matches!(error, ReadError::RootMismatch { size: 600, expected, found }
            if expected == head.root && found == forked.root),
        "{error}"
    );
}

#[test]
fn a_fork_shows_against_a_checkpoint_saved_before() {
    let (store, fork) = (MemoryStore::new(), MemoryStore::new());
    let honest = entries(300);
    let saved = grow(&store, &honest[..280], &[280]);
    let mut other = honest.clone();
    other[270] = b"rewritten".to_vec();
    let head = grow(&fork, &other, &[300]);
    let mut log = open(&fork, head);
    assert_ne!(log.root_at(saved.size).unwrap(), saved.root);
    let proof = log.consistency_proof(saved.size, head.size).unwrap();
    assert!(verify_consistency(saved, head, &proof).is_err());
}

#[test]
fn a_partial_file_that_is_gone_is_read_from_the_full_one() {
    let store = MemoryStore::new();
    let all = entries(66_000);
    let old = grow(&store, &all[..600], &[600]);
    let batch = integrate(&store, old, &all[600..]).unwrap();
    batch.publish(&store).unwrap();
    let pruned = |path: &str| {
        let partial = path.contains(".p/") && store.read(path)?.is_some();
        if partial && !path.ends_with(".p/1") { Ok(None) } else { store.read(path) }
    };
    // tile/1/000.p/2, tile/0/002.p/88 and its bundle are gone; the full ones are there.
    let mut log = LogReader::open(pruned, old).unwrap();
    let read: Vec<Vec<u8>> = log.entries(0..600).map(|entry| entry.unwrap().1).collect();
    assert_eq!(read, all[..600]);
    let changed = |path: &str| {
        let mut file = pruned(path)?;
        if let Some(bytes) = file.as_mut().filter(|_| path == "tile/entries/002") {
            bytes[2] ^= 1;
        }
        Ok(file)
    };
    let mut log = LogReader::open(changed, old).unwrap();
    let error = log.entries(512..600).next().unwrap().unwrap_err();
    assert!(
        matches!(&error, ReadError::BundleEntryMismatch { path, index: 512 } if path == "tile/entries/002"),
        "{error}"
    );
}

#[test]
fn what_lies_beyond_the_tree_is_refused() {
    let store = MemoryStore::new();
    let head = grow(&store, &entries(300), &[300]);
    let mut log = open(&store, head);
    assert!(log.root_at(301).is_err());
    assert!(log.leaf_hash_at(300).is_err());
    assert!(log.inclusion_proof(300, 300).is_err());
    assert!(log.inclusion_proof(5, 5).is_err());
    assert!(log.inclusion_proof(0, 0).is_err());
    assert!(log.inclusion_proof(0, 301).is_err());
    assert!(log.consistency_proof(3, 2).is_err());
    assert!(log.consistency_proof(0, 301).is_err());
    let read: Vec<_> = log.entries(299..u64::MAX).collect();
    assert_eq!(read.len(), 2);
    assert_eq!(read[1].as_ref().unwrap_err().to_string(), "entry 300 is not in a tree of 300 entries");
    let beyond = TreeHead { size: u64::MAX, ..head };
    let error = LogReader::open(|path: &str| store.read(path), beyond).err();
    assert!(matches!(error, Some(ReadError::TooLarge { .. })));
}

#[test]
fn an_empty_log_has_the_empty_root_only() {
    let store = MemoryStore::new();
    let mut log = open(&store, TreeHead::EMPTY);
    assert!(log.entries(0..0).next().is_none());
    assert_eq!(log.root_at(0).unwrap(), TreeHead::EMPTY.root);
    let wrong = TreeHead { root: kanae_ledger::leaf_hash(b""), ..TreeHead::EMPTY };
    assert!(LogReader::open(|path: &str| store.read(path), wrong).is_err());
}

#[test]
fn a_source_that_fails_is_not_taken_for_a_missing_file() {
    let (_, head) = short_log();
    let failing = |_: &str| Err(io::Error::new(io::ErrorKind::TimedOut, "no answer"));
    let error = LogReader::open(failing, head).err().unwrap();
    assert!(
        matches!(&error, ReadError::Source { path, source }
            if path == "tile/0/002.p/88" && source.kind() == io::ErrorKind::TimedOut),
        "{error}"
    );
}

#[test]
fn the_checkpoint_is_believed_only_with_the_logs_key_and_origin() {
    let store = MemoryStore::new();
    let origin = "example.org/log";
    let signer = NoteSigner::from_seed(origin, &[7; 32]).unwrap();
    let keys = [signer.verifier_key()];
    let missing = read_checkpoint(&store, origin, &keys).unwrap_err();
    assert!(matches!(missing, ReadError::Missing { path, .. } if path == "checkpoint"));
    let head = grow(&store, &entries(3), &[3]);
    let note = Checkpoint::new(origin, head).sign(&[&signer]).unwrap();
    store.write("checkpoint", &note.to_bytes()).unwrap();
    let (checkpoint, read) = read_checkpoint(&store, origin, &keys).unwrap();
    assert_eq!((checkpoint.head(), read), (head, note));
    let stranger = NoteSigner::from_seed(origin, &[8; 32]).unwrap();
    assert!(matches!(
        read_checkpoint(&store, origin, &[stranger.verifier_key()]),
        Err(ReadError::Checkpoint(CheckpointError::Note(NoteError::NoKnownSignature { .. })))
    ));
    assert!(matches!(
        read_checkpoint(&store, "example.org/other", &keys),
        Err(ReadError::Checkpoint(CheckpointError::Origin { .. }))
    ));
}
