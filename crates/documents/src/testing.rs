//! A small font for tests: BIZ UDPGothic, cut down to the characters of our own texts.

use crate::font::{Face, Fonts};

/// Returns fonts that can write what our own texts hold.
///
/// # Panics
/// Never: the font is in the repository.
pub fn fonts() -> Fonts {
    let bytes = include_bytes!("../tests/fonts/BIZUDPGothic-subset.ttf").to_vec();
    Fonts::new(Face::new(bytes, 0).expect("the font of the tests is one"), None)
}
