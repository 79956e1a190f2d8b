//! Tessera's published test log: the same leaves and the same key must give the same bytes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use kanae_ledger::{
    Checkpoint, FolderStore, LogReader, MemoryStore, NoteSigner, ReadLog as _, TileStore as _, TreeHead,
    VerifierKey, integrate, read_checkpoint,
};

const ORIGIN: &str = "example.com/log/testdata";
const LEAVES: &str = "one two three four five six seven eit nain ten ileven twelf threeten fourten fivten";
// A key that everyone has, published with the test log; it protects nothing.
const SIGNER: &str =
    "PRIVATE+KEY+example.com/log/testdata+33d7b496+AeymY/SZAX0jZcJ8enZ5FY1Dz+wTML2yWSkK+9DSF3eg";
const VERIFIER: &str = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/vectors/tessera-testlog")
}

fn signed(head: TreeHead) -> Vec<u8> {
    let signer = NoteSigner::from_secret_text(SIGNER).unwrap();
    let note = Checkpoint::new(ORIGIN, head).sign(&[&signer]).unwrap();
    note.to_bytes()
}

/// Reads the published files below `tile/`.
fn published() -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder().join("tile")];
    while let Some(next) = folders.pop() {
        for item in fs::read_dir(next).unwrap() {
            let path = item.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(folder()).unwrap().to_str().unwrap();
            files.insert(name.to_owned(), fs::read(&path).unwrap());
        }
    }
    files
}

#[test]
fn growing_one_by_one_gives_every_published_byte() {
    let store = MemoryStore::new();
    let mut head = TreeHead::EMPTY;
    for (size, leaf) in (0..).zip([None].into_iter().chain(LEAVES.split(' ').map(Some))) {
        if let Some(leaf) = leaf {
            let batch = integrate(&store, head, &[leaf]).unwrap();
            batch.publish(&store).unwrap();
            head = batch.head();
        }
        assert_eq!(head.size, size);
        let expected = fs::read(folder().join(format!("checkpoint.{size}"))).unwrap();
        assert_eq!(signed(head), expected, "checkpoint.{size}");
    }
    assert_eq!(head.size, 15);
    let written: BTreeMap<String, Vec<u8>> =
        store.paths().into_iter().map(|path| (path.clone(), store.read(&path).unwrap().unwrap())).collect();
    assert_eq!(written, published());
}

#[test]
fn growing_in_one_batch_gives_the_published_final_state() {
    let leaves: Vec<&str> = LEAVES.split(' ').collect();
    let batch = integrate(&MemoryStore::new(), TreeHead::EMPTY, &leaves).unwrap();
    let expected = fs::read(folder().join("checkpoint")).unwrap();
    assert_eq!(signed(batch.head()), expected);
    let files: BTreeMap<String, Vec<u8>> = batch.files().iter().cloned().collect();
    let mut last = published();
    last.retain(|path, _| path.ends_with("/15"));
    assert_eq!(files, last);
}

#[test]
fn the_published_log_is_read_and_proved() {
    // A copy, because opening a store must not touch the vectors.
    let copy = tempfile::tempdir().unwrap();
    let store = FolderStore::open(copy.path()).unwrap().without_sync();
    for (path, bytes) in published() {
        store.write(&path, &bytes).unwrap();
    }
    let note = fs::read(folder().join("checkpoint")).unwrap();
    store.write("checkpoint", &note).unwrap();

    let keys: [VerifierKey; 1] = [VERIFIER.parse().unwrap()];
    let (checkpoint, _) = read_checkpoint(&store, ORIGIN, &keys).unwrap();
    let head = checkpoint.head();
    let mut log = LogReader::open(|path: &str| store.read(path), head).unwrap();
    let read: Vec<String> =
        log.entries(0..15).map(|entry| String::from_utf8(entry.unwrap().1).unwrap()).collect();
    assert_eq!(read.join(" "), LEAVES);
    for size in 0..=15 {
        let saved = fs::read(folder().join(format!("checkpoint.{size}"))).unwrap();
        let saved = kanae_ledger::SignedNote::parse(&saved).unwrap();
        let old = Checkpoint::open(&saved, ORIGIN, &keys).unwrap().head();
        assert_eq!(log.root_at(size).unwrap(), old.root);
        let proof = log.consistency_proof(size, 15).unwrap();
        kanae_ledger::verify_consistency(old, head, &proof).unwrap();
    }
}
