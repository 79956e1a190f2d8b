#![doc = include_str!("../README.md")]

mod access;
mod backup;
mod birth;
mod folds;
mod keys;
mod measures;
mod migration;
mod node;
mod opening;
mod place;
mod publication;
mod sequencer;
mod shelf;
mod store;
mod submission;
#[cfg(feature = "testing")]
pub mod testing;

pub use access::{Caller, Scope, Token, TokenError};
pub use backup::{BackupError, Copied, back_up, check_copy, check_database, copy_database};
pub use birth::{Birth, CreateError, create};
pub use keys::{KeyFile, KeyFileError};
pub use measures::Health;
pub use migration::{MoveError, Moved, migrate};
pub use node::{Clock, Node, Stored, View, WaitingOrganisation};
pub use opening::OpenError;
pub use place::{Place, PlaceError};
pub use postgres;
pub use shelf::{Files, ShelfError, Shipped};
pub use store::StoreError;
pub use submission::{MAX_PARTS_BYTES, MAX_STATEMENTS, Malformed, Outcome, Submission, SubmitError};
