//! Reading a log that nobody vouches for: every tile and every entry is
//! checked against the root of a checkpoint before it is used.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::ops::Range;
use std::sync::Arc;

use crate::bundle::{BundleError, decode_bundle};
use crate::checkpoint::{Checkpoint, CheckpointError, MAX_TREE_SIZE, TreeHead};
use crate::edge::Edge;
use crate::hash::{Hash, fold_peaks, leaf_hash, perfect_root};
use crate::note::{SignedNote, VerifierKey};
use crate::proof::ProofError;
use crate::tile::{Bundle, Resource, TILE_WIDTH, Tile};

/// Is the number of verified tiles kept in memory (8 KiB each).
const CACHED_TILES: usize = 512;

/// Reads the files of a log by their paths: a folder, a server, a store in memory.
///
/// Closures of the same shape read logs too. What is read need not be
/// trustworthy; sources that fetch from elsewhere should stop at
/// [`Resource::max_len`] bytes.
pub trait ReadLog {
    /// Returns the bytes at a path such as `tile/0/x001/067.p/12`, or nothing
    /// if there is no such file.
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>>;
}

impl<F: Fn(&str) -> io::Result<Option<Vec<u8>>>> ReadLog for F {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        self(path)
    }
}

/// Says which file or entry of a log is missing, or does not fit.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The source failed; nothing is known about the file.
    #[error("{path} could not be read")]
    Source {
        /// The path asked for.
        path: String,
        /// What the source said.
        source: io::Error,
    },
    /// The log must serve this file and does not.
    #[error("{path} is missing, though a log of {size} entries must have it")]
    Missing {
        /// The path asked for.
        path: String,
        /// The size of the tree that needs it.
        size: u64,
    },
    /// A file has an impossible length.
    #[error("{path} has {found} bytes, expected {expected}")]
    Length {
        /// The path of the file.
        path: String,
        /// The length that it must have, or for checkpoints and bundles may have.
        expected: usize,
        /// The length found.
        found: usize,
    },
    /// The checkpoint is not one of this log.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The size is beyond what a tree may have.
    #[error("a tree has at most 2^63 entries, the head says {size}")]
    TooLarge {
        /// The size found.
        size: u64,
    },
    /// The tiles at the right edge do not make up the root, and it is not to
    /// be seen which of them is wrong.
    #[error("the tiles at size {size} make up the root {found}, the checkpoint says {expected}")]
    RootMismatch {
        /// The size of the tree.
        size: u64,
        /// The root of the checkpoint.
        expected: Hash,
        /// The root that the tiles make up.
        found: Hash,
    },
    /// A tile is not the one that the root commits to.
    #[error("{path} was changed: its hashes are not those that the checkpoint's root commits to")]
    TileMismatch {
        /// The path of the tile.
        path: String,
    },
    /// A bundle cannot be read.
    #[error("{path} is no entry bundle: {reason}")]
    BundleMalformed {
        /// The path of the bundle.
        path: String,
        /// What is wrong with it.
        reason: BundleError,
    },
    /// A bundle has too few or too many entries.
    #[error("{path} has {found} entries, expected {expected}")]
    BundleWidth {
        /// The path of the bundle.
        path: String,
        /// The number of entries that it must have.
        expected: u16,
        /// The number found.
        found: usize,
    },
    /// An entry is not the one that the root commits to.
    #[error(
        "entry {index} in {path} was changed: its hash is not the one that the checkpoint's root commits to"
    )]
    BundleEntryMismatch {
        /// The path of the bundle.
        path: String,
        /// The index of the entry in the log.
        index: u64,
    },
    /// What was asked for lies beyond the tree.
    #[error(transparent)]
    Range(#[from] ProofError),
}

/// Reads a log at one tree head, and believes nothing but that head.
pub struct LogReader<S> {
    source: S,
    head: TreeHead,
    /// The hashes of the partial tiles at the right edge, level 0 first.
    edge: Vec<Arc<[Hash]>>,
    /// Full tiles that were checked, by level and index.
    verified: HashMap<(u8, u64), Arc<[Hash]>>,
}

/// Fetches a log's latest checkpoint and checks its signature and origin.
///
/// Returns the note as well, which is what a trust file keeps. Whether the
/// checkpoint continues an earlier one is a second question: see
/// [`LogReader::root_at`].
pub fn read_checkpoint(
    source: &(impl ReadLog + ?Sized),
    origin: &str,
    log_keys: &[VerifierKey],
) -> Result<(Checkpoint, SignedNote), ReadError> {
    let resource = Resource::Checkpoint;
    let bytes =
        fetch(source, resource)?.ok_or_else(|| ReadError::Missing { path: resource.to_string(), size: 0 })?;
    let note = SignedNote::parse(&bytes).map_err(CheckpointError::from)?;
    let checkpoint = Checkpoint::open(&note, origin, log_keys)?;
    Ok((checkpoint, note))
}

impl<S: ReadLog> LogReader<S> {
    /// Opens the log at a head, which must come from a verified checkpoint (or
    /// from the node's own database), and checks the right edge against it.
    pub fn open(source: S, head: TreeHead) -> Result<Self, ReadError> {
        if head.size > MAX_TREE_SIZE {
            return Err(ReadError::TooLarge { size: head.size });
        }
        let mut reader = Self { source, head, edge: Vec::new(), verified: HashMap::new() };
        for level in 0..8 {
            let tile = Tile::at(level, head.size >> (8 * u32::from(level)) >> 8, head.size);
            let hashes = tile.map_or(Ok(Vec::new()), |tile| reader.fetch_tile(tile))?;
            reader.edge.push(hashes.into());
        }
        let found = Edge::from_tiles(head.size, &reader.edge).root();
        if found != head.root {
            return Err(reader.explain_root_mismatch(found));
        }
        Ok(reader)
    }

    /// Returns the head that everything is checked against.
    pub fn head(&self) -> TreeHead {
        self.head
    }

    /// Returns the right edge of the tree.
    pub fn edge(&self) -> Edge {
        Edge::from_tiles(self.head.size, &self.edge)
    }

    /// Reads entries in order, each with its index and checked against the root.
    ///
    /// The first one that does not fit is an error that names it, and ends the
    /// reading; so is the first index beyond the tree.
    pub fn entries(&mut self, range: Range<u64>) -> Entries<'_, S> {
        Entries { reader: self, next: range.start, end: range.end, bundle: VecDeque::new() }
    }

    /// Computes the root that the log had at a smaller size.
    ///
    /// An earlier checkpoint that gives another root is from a fork.
    pub fn root_at(&mut self, size: u64) -> Result<Hash, ReadError> {
        self.check_size(size)?;
        self.range_root(0, size)
    }

    /// Returns the hash of the entry at an index.
    pub fn leaf_hash_at(&mut self, index: u64) -> Result<Hash, ReadError> {
        check_index(index, self.head.size)?;
        self.subtree(index, 0)
    }

    /// Builds the proof that the entry at `index` is in the tree of `size`
    /// entries (RFC 9162, section 2.1.3.1), the leaf's sibling first.
    pub fn inclusion_proof(&mut self, index: u64, size: u64) -> Result<Vec<Hash>, ReadError> {
        self.check_size(size)?;
        check_index(index, size)?;
        let mut proof = Vec::new();
        let (mut start, mut end) = (0, size);
        while end - start > 1 {
            let middle = split(start, end);
            if index < middle {
                proof.push(self.range_root(middle, end)?);
                end = middle;
            } else {
                proof.push(self.range_root(start, middle)?);
                start = middle;
            }
        }
        proof.reverse();
        Ok(proof)
    }

    /// Builds the proof that the tree of `new` entries begins with that of
    /// `old` (RFC 9162, section 2.1.4.1).
    pub fn consistency_proof(&mut self, old: u64, new: u64) -> Result<Vec<Hash>, ReadError> {
        self.check_size(new)?;
        if old > new {
            return Err(ProofError::SizesReversed { old, new }.into());
        }
        let mut proof = Vec::new();
        if old == 0 {
            return Ok(proof);
        }
        let (mut start, mut end) = (0, new);
        while end > old {
            let middle = split(start, end);
            if old <= middle {
                proof.push(self.range_root(middle, end)?);
                end = middle;
            } else {
                proof.push(self.range_root(start, middle)?);
                start = middle;
            }
        }
        // The verifier has the root of an old tree that is a subtree from 0.
        if start != 0 {
            proof.push(self.range_root(start, end)?);
        }
        proof.reverse();
        Ok(proof)
    }

    /// Returns the hashes of a tile, checked against the root.
    pub(crate) fn tile(&mut self, level: u8, index: u64) -> Result<Arc<[Hash]>, ReadError> {
        // Climb to the first ancestor that is checked already, at the latest to the right edge.
        let mut missing = Vec::new();
        let (mut level, mut index) = (level, index);
        let mut tile = loop {
            let edge = self.head.size >> (8 * u32::from(level)) >> 8;
            if index >= edge {
                break self.edge[usize::from(level)].clone();
            }
            if let Some(tile) = self.verified.get(&(level, index)) {
                break tile.clone();
            }
            missing.push((level, index));
            (level, index) = (level + 1, index >> 8);
        };
        // Then down again: each tile must hash to its place in the one above it.
        while let Some((level, index)) = missing.pop() {
            let full = Tile::full_at(level, index);
            let hashes = self.fetch_tile(full)?;
            let place = usize::from(index.to_le_bytes()[0]);
            if tile.get(place) != Some(&perfect_root(&hashes)) {
                return Err(ReadError::TileMismatch { path: full.to_string() });
            }
            tile = hashes.into();
            if self.verified.len() >= CACHED_TILES {
                self.verified.clear();
            }
            self.verified.insert((level, index), tile.clone());
        }
        Ok(tile)
    }

    /// Returns the entries of a bundle, checked against the root.
    pub(crate) fn bundle(&mut self, bundle: Bundle) -> Result<Vec<Vec<u8>>, ReadError> {
        let hashes = self.tile(0, bundle.index())?;
        let (path, entries) = self.fetch_bundle(bundle)?;
        for (position, (entry, hash)) in (0..).zip(entries.iter().zip(hashes.iter())) {
            if leaf_hash(entry) != *hash {
                return Err(ReadError::BundleEntryMismatch {
                    path,
                    index: bundle.index() * u64::from(TILE_WIDTH) + position,
                });
            }
        }
        Ok(entries)
    }

    /// Returns the root of the perfect subtree of 2^height leaves from `start`.
    fn subtree(&mut self, start: u64, height: u32) -> Result<Hash, ReadError> {
        let (level, rest) = (height / 8, height % 8);
        // Sizes are below 2^64, so levels are below 8.
        let level = level.to_le_bytes()[0];
        let first = start >> (8 * u32::from(level));
        let hashes = self.tile(level, first >> 8)?;
        let place = usize::from(first.to_le_bytes()[0]);
        let covered = hashes.get(place..place + (1 << rest));
        Ok(perfect_root(covered.unwrap_or_default()))
    }

    /// Returns the root of the leaves from `start` to before `end`, where
    /// `start` is a multiple of the largest power of two in the range's length.
    fn range_root(&mut self, start: u64, end: u64) -> Result<Hash, ReadError> {
        let mut peaks = Vec::new();
        let mut start = start;
        while start < end {
            let height = (end - start).ilog2();
            peaks.push(self.subtree(start, height)?);
            start += 1 << height;
        }
        Ok(fold_peaks(&peaks))
    }

    fn check_size(&self, size: u64) -> Result<(), ProofError> {
        if size <= self.head.size {
            return Ok(());
        }
        Err(ProofError::SizesReversed { old: size, new: self.head.size })
    }

    /// Fetches a tile; a partial one may be gone once the full one exists
    /// (tlog-tiles, "Partial Tiles").
    fn fetch_tile(&self, tile: Tile) -> Result<Vec<Hash>, ReadError> {
        for candidate in places(tile, tile.full()) {
            let Some(bytes) = fetch(&self.source, Resource::Tile(candidate))? else {
                continue;
            };
            let (hashes, rest) = bytes.as_chunks::<32>();
            if hashes.len() != usize::from(candidate.width()) || !rest.is_empty() {
                return Err(ReadError::Length {
                    path: candidate.to_string(),
                    expected: Resource::Tile(candidate).max_len(),
                    found: bytes.len(),
                });
            }
            let used = hashes.iter().take(usize::from(tile.width()));
            return Ok(used.copied().map(Hash).collect());
        }
        Err(self.missing(tile.to_string()))
    }

    /// Fetches a bundle, partial or full like a tile, and the path where it was.
    fn fetch_bundle(&self, bundle: Bundle) -> Result<(String, Vec<Vec<u8>>), ReadError> {
        for candidate in places(bundle, bundle.full()) {
            let Some(bytes) = fetch(&self.source, Resource::Bundle(candidate))? else {
                continue;
            };
            let path = candidate.to_string();
            let entries = match decode_bundle(&bytes) {
                Ok(entries) => entries,
                Err(reason) => return Err(ReadError::BundleMalformed { path, reason }),
            };
            if entries.len() != usize::from(candidate.width()) {
                return Err(ReadError::BundleWidth {
                    path,
                    expected: candidate.width(),
                    found: entries.len(),
                });
            }
            let used = entries.iter().take(usize::from(bundle.width()));
            return Ok((path, used.map(|entry| entry.to_vec()).collect()));
        }
        Err(self.missing(bundle.to_string()))
    }

    fn missing(&self, path: String) -> ReadError {
        ReadError::Missing { path, size: self.head.size }
    }

    /// Finds out which tile at the right edge was changed: if the tiles and
    /// entries below the edge make up the checkpoint's root, the first edge
    /// tile that says otherwise is the wrong one.
    fn explain_root_mismatch(&self, found: Hash) -> ReadError {
        let unexplained = ReadError::RootMismatch { size: self.head.size, expected: self.head.root, found };
        let Ok(below) = self.edge_from_below() else {
            return unexplained;
        };
        if Edge::from_tiles(self.head.size, &below).root() != self.head.root {
            return unexplained;
        }
        (0_u8..)
            .zip(self.edge.iter().zip(&below))
            .find(|(_, (said, made))| said[..] != made[..])
            .and_then(|(level, _)| {
                let index = self.head.size >> (8 * u32::from(level)) >> 8;
                Tile::at(level, index, self.head.size)
            })
            .map_or(unexplained, |tile| ReadError::TileMismatch { path: tile.to_string() })
    }

    /// Computes the right-edge tiles from the files one level below each.
    fn edge_from_below(&self) -> Result<Vec<Vec<Hash>>, ReadError> {
        let mut edge = Vec::new();
        for level in 0_u8..8 {
            let index = self.head.size >> (8 * u32::from(level)) >> 8;
            let Some(tile) = Tile::at(level, index, self.head.size) else {
                edge.push(Vec::new());
                continue;
            };
            let Some(child_level) = level.checked_sub(1) else {
                let bundle = Bundle::at(index, self.head.size);
                let entries = bundle
                    .map_or(Ok(Vec::new()), |bundle| self.fetch_bundle(bundle).map(|(_, entries)| entries))?;
                edge.push(entries.iter().map(|entry| leaf_hash(entry)).collect());
                continue;
            };
            let first = index * u64::from(TILE_WIDTH);
            let children = first..first + u64::from(tile.width());
            edge.push(
                children
                    .map(|child| self.fetch_tile(Tile::full_at(child_level, child)))
                    .map(|hashes| Ok(perfect_root(&hashes?)))
                    .collect::<Result<_, ReadError>>()?,
            );
        }
        Ok(edge)
    }
}

/// Reads the entries of a range in order: see [`LogReader::entries`].
pub struct Entries<'a, S> {
    reader: &'a mut LogReader<S>,
    next: u64,
    end: u64,
    /// Checked entries that come next, from at most one bundle.
    bundle: VecDeque<Vec<u8>>,
}

impl<S: ReadLog> Entries<'_, S> {
    fn fill(&mut self) -> Result<(), ReadError> {
        let size = self.reader.head.size;
        let bundle = Bundle::at(self.next >> 8, size)
            .filter(|_| self.next < size)
            .ok_or(ProofError::IndexBeyondSize { index: self.next, size })?;
        self.bundle = self.reader.bundle(bundle)?.into();
        self.bundle.drain(..usize::from(self.next.to_le_bytes()[0]));
        Ok(())
    }
}

impl<S: ReadLog> Iterator for Entries<'_, S> {
    type Item = Result<(u64, Vec<u8>), ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.next >= self.end {
            return None;
        }
        if self.bundle.is_empty()
            && let Err(error) = self.fill()
        {
            self.end = self.next;
            return Some(Err(error));
        }
        let entry = self.bundle.pop_front()?;
        self.next += 1;
        Some(Ok((self.next - 1, entry)))
    }
}

fn check_index(index: u64, size: u64) -> Result<(), ProofError> {
    if index < size {
        return Ok(());
    }
    Err(ProofError::IndexBeyondSize { index, size })
}

/// Returns where the tree over a range splits: after the largest power of two
/// of leaves that is smaller than the range (RFC 9162, section 2.1.1).
fn split(start: u64, end: u64) -> u64 {
    start + (1 << (end - start - 1).ilog2())
}

/// Lists where a file may be: in its own place, or as part of the full one.
fn places<T: PartialEq>(own: T, full: T) -> impl Iterator<Item = T> {
    let fallback = (own != full).then_some(full);
    std::iter::once(own).chain(fallback)
}

fn fetch(source: &(impl ReadLog + ?Sized), resource: Resource) -> Result<Option<Vec<u8>>, ReadError> {
    let path = resource.to_string();
    match source.read(&path) {
        Ok(Some(bytes)) if bytes.len() > resource.max_len() => {
            Err(ReadError::Length { path, expected: resource.max_len(), found: bytes.len() })
        }
        Ok(bytes) => Ok(bytes),
        Err(source) => Err(ReadError::Source { path, source }),
    }
}
