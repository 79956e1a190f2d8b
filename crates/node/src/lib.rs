#![doc = include_str!("../README.md")]

mod access;
mod birth;
mod folds;
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
pub use birth::{Birth, CreateError, create};
pub use migration::{MoveError, Moved, migrate};
pub use node::{Clock, Node, Stored, View, WaitingOrganisation};
pub use opening::OpenError;
pub use place::{Place, PlaceError};
pub use postgres;
pub use shelf::{Files, ShelfError, Shipped};
pub use store::StoreError;
pub use submission::{MAX_PARTS_BYTES, MAX_STATEMENTS, Malformed, Outcome, Submission, SubmitError};
