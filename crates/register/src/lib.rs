#![doc = include_str!("../README.md")]

pub mod bench;
pub mod board;
mod boards;
mod citations;
mod fold;
mod judge;
mod library;
pub mod policy;
mod refusal;
pub mod state;

pub use board::{Advice, BoardError};
pub use boards::{Board, Standing};
pub use citations::procedure_name;
pub use fold::Entry;
pub use judge::{Moment, Signed};
pub use library::Library;
pub use policy::{Policy, PolicyError};
pub use refusal::{Code, Refusal};
pub use state::Register;
