#![doc = include_str!("../README.md")]

mod code;
mod field;
mod font;
mod layout;
mod letter;
mod line;
mod render;
mod sheet;
mod statement;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use code::{Code, QUIET, TooLong};
pub use field::{Nameless, Names, is_chosen, place, value_of_law, word_of_law};
pub use font::{Face, FontError, Fonts, MAX_FONT};
pub use layout::MAX_PAGES;
pub use letter::{Block, Field, Letter, Letterhead, Passage, Proof, Sender, Table};
pub use render::{RenderError, render};
pub use sheet::{Cell, Sheet, SheetError, csv_cell};
pub use statement::{Entry, Occasion, addressee, letter, receipt};
