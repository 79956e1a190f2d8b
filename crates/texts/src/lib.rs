#![doc = include_str!("../README.md")]

mod figure;
mod letters;
mod message;

pub use figure::{bytes, figure, group};
pub use letters::{is_hidden, language_of, visible};
pub use message::{Count, Message, has, message, sources, word};
