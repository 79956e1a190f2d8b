//! Growing the tree: which tiles and bundles a batch of entries makes.

use std::io;

use crate::bundle::{BundleError, push_entry};
use crate::checkpoint::TreeHead;
use crate::edge::Edge;
use crate::hash::{Hash, leaf_hash, perfect_root};
use crate::reader::{LogReader, ReadError, ReadLog};
use crate::store::TileStore;
use crate::tile::{Bundle, Resource, TILE_WIDTH, Tile};

/// Holds what a batch of entries makes of a log; nothing is written yet.
///
/// Commit [`Batch::head`] first, where only one head can follow another (the
/// database), then [`publish`](Batch::publish) the tiles, then write the
/// signed checkpoint. After a crash in between, [`integrate`] the same entries
/// again from the last published head: the same bytes come out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    start: TreeHead,
    edge: Edge,
    files: Vec<(String, Vec<u8>)>,
}

/// Says why entries cannot be integrated.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IntegrateError {
    /// What the store holds does not belong to the head.
    #[error("the published tiles do not fit the head that they should continue")]
    Published(#[from] ReadError),
    /// An entry does not fit into a bundle; its position is that in the batch.
    #[error(transparent)]
    Entry(#[from] BundleError),
    /// The tree cannot become larger.
    #[error("a tree has at most 2^63 entries")]
    TooLarge,
}

impl Batch {
    /// Returns the head that the batch continues.
    pub fn start(&self) -> TreeHead {
        self.start
    }

    /// Returns the head after the batch.
    pub fn head(&self) -> TreeHead {
        self.edge.head()
    }

    /// Returns the right edge after the batch.
    pub fn edge(&self) -> &Edge {
        &self.edge
    }

    /// Returns the files to write, path and bytes: the full tiles and bundles
    /// that the batch completed and the partial ones at its end.
    pub fn files(&self) -> &[(String, Vec<u8>)] {
        &self.files
    }

    /// Writes the files; when it returns they are as durable as the store makes them.
    pub fn publish(&self, store: &(impl TileStore + ?Sized)) -> io::Result<()> {
        store.write_all(&self.files)
    }
}

/// Computes what new entries make of the log in a store, reading only the
/// tiles and the bundle at its right edge, which are checked against `head`.
///
/// The batch is held in memory: rebuild a long log in batches of some thousand entries.
pub fn integrate(
    store: &(impl ReadLog + ?Sized),
    head: TreeHead,
    entries: &[impl AsRef<[u8]>],
) -> Result<Batch, IntegrateError> {
    let mut reader = LogReader::open(|path: &str| store.read(path), head)?;
    let mut growing = Growing { size: head.size, levels: Vec::new(), bundle: Vec::new(), files: Vec::new() };
    for level in 0..8 {
        let index = head.size >> (8 * u32::from(level)) >> 8;
        growing.levels.push(match Tile::at(level, index, head.size) {
            Some(_) => reader.tile(level, index)?.to_vec(),
            None => Vec::new(),
        });
    }
    if let Some(bundle) = Bundle::at(head.size >> 8, head.size) {
        for (position, entry) in reader.bundle(bundle)?.iter().enumerate() {
            push_entry(&mut growing.bundle, position, entry)?;
        }
    }
    let mut edge = reader.edge();
    for (position, entry) in entries.iter().enumerate() {
        let entry = entry.as_ref();
        push_entry(&mut growing.bundle, position, entry)?;
        let leaf = leaf_hash(entry);
        if !edge.push(leaf) {
            return Err(IntegrateError::TooLarge);
        }
        growing.push(leaf);
    }
    if edge.size() > head.size {
        growing.finish(head.size);
    }
    Ok(Batch { start: head, edge, files: growing.files })
}

/// Holds the right-edge tiles and bundle while entries are added.
struct Growing {
    size: u64,
    /// The hashes of the partial tile at each level.
    levels: Vec<Vec<Hash>>,
    /// The bytes of the partial bundle; the entry whose hash comes next is in it.
    bundle: Vec<u8>,
    files: Vec<(String, Vec<u8>)>,
}

impl Growing {
    fn push(&mut self, leaf: Hash) {
        self.size += 1;
        let mut carried = leaf;
        for level in 0_u8.. {
            let Some(hashes) = self.levels.get_mut(usize::from(level)) else {
                break;
            };
            hashes.push(carried);
            if hashes.len() < usize::from(TILE_WIDTH) {
                break;
            }
            carried = perfect_root(hashes);
            self.write_level(level);
            self.levels[usize::from(level)].clear();
        }
    }

    /// Writes the partial tiles of the final size that the start did not have.
    fn finish(&mut self, start: u64) {
        for level in 0_u8..8 {
            let grew = self.size >> (8 * u32::from(level)) > start >> (8 * u32::from(level));
            if grew && !self.levels[usize::from(level)].is_empty() {
                self.write_level(level);
            }
        }
    }

    /// Writes the last tile of a level as it stands, and with level 0 the bundle.
    fn write_level(&mut self, level: u8) {
        // The tile that holds the last complete hash of the level.
        let index = ((self.size >> (8 * u32::from(level))) - 1) >> 8;
        if let Some(tile) = Tile::at(level, index, self.size) {
            let hashes = &self.levels[usize::from(level)];
            let bytes = hashes.iter().flat_map(|hash| hash.0).collect();
            self.files.push((Resource::Tile(tile).to_string(), bytes));
        }
        if level > 0 {
            return;
        }
        if let Some(bundle) = Bundle::at(index, self.size) {
            let bytes = std::mem::take(&mut self.bundle);
            self.files.push((bundle.to_string(), bytes));
        }
    }
}
