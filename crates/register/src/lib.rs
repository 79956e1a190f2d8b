#![doc = include_str!("../README.md")]

pub mod bench;
pub mod board;
mod boards;
mod certificate;
mod citations;
mod fold;
mod history;
pub mod index;
mod judge;
mod library;
mod mandate;
mod office;
pub mod policy;
mod reader;
mod redress;
mod refusal;
pub mod state;

pub use board::{Advice, BoardError};
pub use boards::{Board, Standing};
pub use certificate::CertificateStanding;
pub use citations::procedure_name;
pub use fold::Entry;
pub use history::History;
pub use index::Index;
pub use judge::{Moment, Signed};
pub use library::Library;
pub use mandate::Mandate;
pub use policy::{Policy, PolicyError};
pub use redress::ActState;
pub use refusal::{Code, Refusal};
pub use state::Register;
