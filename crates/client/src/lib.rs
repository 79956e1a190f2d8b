#![doc = include_str!("../README.md")]

pub mod action;
mod actor;
mod author;
mod connection;
mod error;
mod receipt;
mod wire;

pub use action::{Action, ActionError};
pub use actor::{Actor, ActorError};
pub use author::{Author, Clock, ComposeError, Composed, File, Options};
pub use connection::{Client, MAX_ANSWER, Secret};
pub use error::{AddressError, ClientError, Problem};
pub use receipt::{Proven, ReceiptError, verify as verify_receipt};
pub use wire::{Advice, Found, LogState, Outcome, Outgoing, Resolved, Scope, State};
