//! The log as its users see it: grown, published, read, proved, tampered with.

#![expect(clippy::unwrap_used, reason = "what fails in a test fails the test")]

mod growing;
mod proving;
mod reading;
mod tessera;

use kanae_ledger::{Hash, LogReader, MemoryStore, ReadLog as _, TreeHead, integrate, leaf_hash, node_hash};

/// Returns small entries that all differ.
fn entries(count: u32) -> Vec<Vec<u8>> {
    (0..count).map(|i| format!("entry {i}").into_bytes()).collect()
}

/// Grows a log in memory, in batches of the given sizes.
fn grow(store: &MemoryStore, entries: &[Vec<u8>], batches: &[usize]) -> TreeHead {
    let mut head = TreeHead::EMPTY;
    let mut rest = entries;
    for size in batches.iter().cycle() {
        let (batch, after) = rest.split_at(rest.len().min(*size));
        let integrated = integrate(store, head, batch).unwrap();
        integrated.publish(store).unwrap();
        assert_eq!(integrated.start(), head);
        head = integrated.head();
        rest = after;
        if rest.is_empty() {
            return head;
        }
    }
    head
}

fn open(store: &MemoryStore, head: TreeHead) -> LogReader<impl kanae_ledger::ReadLog> {
    LogReader::open(move |path: &str| store.read(path), head).unwrap()
}

/// Computes a root by the definition of RFC 6962, section 2.1.
fn defined_root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => kanae_ledger::EMPTY_ROOT,
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(defined_split(leaves.len()));
            node_hash(&defined_root(left), &defined_root(right))
        }
    }
}

/// Returns the largest power of two below a number of leaves.
fn defined_split(leaves: usize) -> usize {
    leaves.next_power_of_two() / 2
}

fn leaves(entries: &[Vec<u8>]) -> Vec<Hash> {
    entries.iter().map(|entry| leaf_hash(entry)).collect()
}
