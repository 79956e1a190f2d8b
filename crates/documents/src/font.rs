//! Fonts: what a document is written with, given as bytes.

use std::sync::Arc;

use skrifa::instance::{LocationRef, Size};
use skrifa::metrics::{GlyphMetrics, Metrics};
use skrifa::{FontRef, MetadataProvider as _};

/// The largest font file, in bytes.
pub const MAX_FONT: usize = 64 << 20;

/// Why a font cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FontError {
    /// Not a font, or a collection without such a member.
    #[error("the file is no OpenType font with a member {index}; expected .ttf, .otf, .ttc or .otc")]
    NotAFont {
        /// Which member of a collection.
        index: u32,
    },
    /// Too large.
    #[error("the font has more than {} MiB", MAX_FONT >> 20)]
    TooLarge,
    /// It has not even the letters of English.
    #[error("the font has no glyph for {0:?}: a document needs at least ASCII")]
    NoAscii(char),
}

/// The fonts of a document: one for text, one for headings.
#[derive(Debug, Clone)]
pub struct Fonts {
    pub(crate) text: Face,
    pub(crate) strong: Face,
}

impl Fonts {
    /// Takes a font for text and one for headings; the second may be the first again.
    pub fn new(text: Face, strong: Option<Face>) -> Self {
        Self { strong: strong.unwrap_or_else(|| text.clone()), text }
    }

    /// Tells whether Japanese can be written: kana, common ideographs, punctuation.
    pub fn write_japanese(&self) -> bool {
        [&self.text, &self.strong].into_iter().all(|face| {
            let face = face.reader();
            "あア漢鼎、。「」（）".chars().all(|c| face.as_ref().is_some_and(|face| face.has(c)))
        })
    }
}

/// One font.
#[derive(Debug, Clone)]
pub struct Face {
    data: Arc<Vec<u8>>,
    index: u32,
    pub(crate) drawn: krilla::text::Font,
}

impl Face {
    /// Reads a font file; `index` chooses the member of a collection (`.ttc`).
    pub fn new(bytes: Vec<u8>, index: u32) -> Result<Self, FontError> {
        if bytes.len() > MAX_FONT {
            return Err(FontError::TooLarge);
        }
        let data = Arc::new(bytes);
        let drawn = krilla::text::Font::new(Arc::clone(&data).into(), index);
        let face = Self { data, index, drawn: drawn.ok_or(FontError::NotAFont { index })? };
        let reader = face.reader().ok_or(FontError::NotAFont { index })?;
        match (' '..='~').find(|c| !reader.has(*c)) {
            Some(missing) => Err(FontError::NoAscii(missing)),
            None => Ok(face),
        }
    }

    pub(crate) fn reader(&self) -> Option<Reader<'_>> {
        let font = FontRef::from_index(&self.data, self.index).ok()?;
        let metrics = Metrics::new(&font, Size::unscaled(), LocationRef::default());
        Some(Reader {
            charmap: font.charmap(),
            advances: GlyphMetrics::new(&font, Size::unscaled(), LocationRef::default()),
            units: f32::from(metrics.units_per_em.max(1)),
        })
    }
}

/// A font being read: glyphs of characters and how wide they are.
pub(crate) struct Reader<'f> {
    charmap: skrifa::charmap::Charmap<'f>,
    advances: GlyphMetrics<'f>,
    units: f32,
}

impl Reader<'_> {
    pub(crate) fn has(&self, character: char) -> bool {
        self.glyph(character).is_some()
    }

    /// Returns the glyph of a character and its width, in ems.
    pub(crate) fn glyph(&self, character: char) -> Option<(u32, f32)> {
        let glyph = self.charmap.map(character).filter(|glyph| glyph.to_u32() != 0)?;
        Some((glyph.to_u32(), self.width(glyph)))
    }

    /// Returns the glyph of a character in the form that a variation selector asks for.
    pub(crate) fn variant(&self, character: char, selector: char) -> Option<(u32, f32)> {
        match self.charmap.map_variant(character, selector)? {
            skrifa::charmap::MapVariant::UseDefault => self.glyph(character),
            skrifa::charmap::MapVariant::Variant(glyph) => Some((glyph.to_u32(), self.width(glyph))),
        }
    }

    fn width(&self, glyph: skrifa::GlyphId) -> f32 {
        self.advances.advance_width(glyph).unwrap_or_default() / self.units
    }
}
