#![doc = include_str!("../README.md")]

mod bundle;
mod checkpoint;
mod edge;
mod hash;
mod integrate;
mod note;
mod proof;
mod reader;
mod receipt;
mod store;
mod tile;

pub use bundle::{BundleError, MAX_ENTRY_LEN, decode_bundle, encode_bundle};
pub use checkpoint::{Checkpoint, CheckpointError, MAX_TREE_SIZE, TreeHead};
pub use edge::{Edge, EdgeError};
pub use hash::{EMPTY_ROOT, Hash, HashError, leaf_hash, node_hash};
pub use integrate::{Batch, IntegrateError, integrate};
pub use note::{KeyError, NoteError, NoteSignature, NoteSigner, SignedNote, VerifiedNote, VerifierKey};
pub use proof::{MAX_PROOF_LEN, ProofError, verify_consistency, verify_inclusion};
pub use reader::{Entries, LogReader, ReadError, ReadLog, read_checkpoint};
pub use receipt::{Receipt, ReceiptError};
pub use store::{FolderStore, MemoryStore, StoreConflict, TileStore};
pub use tile::{Bundle, PathError, Resource, TILE_WIDTH, Tile};
