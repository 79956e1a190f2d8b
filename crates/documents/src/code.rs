//! QR codes (ISO/IEC 18004).

use std::fmt::Write as _;

use qrcode::{Color, EcLevel, QrCode};

/// The light frame that a reader needs around a code, in modules (ISO/IEC 18004 §9.1).
pub const QUIET: usize = 4;

/// A QR code: a square of dark and light modules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    size: usize,
    dark: Vec<bool>,
}

/// A text that is too long for a code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a QR code holds at most 2331 bytes at this level of correction, found {0}")]
pub struct TooLong(usize);

impl Code {
    /// Makes a code of a text, with medium correction (15 %).
    pub fn new(text: &str) -> Result<Self, TooLong> {
        let code = QrCode::with_error_correction_level(text, EcLevel::M).map_err(|_| TooLong(text.len()))?;
        let dark = code.to_colors().into_iter().map(|color| color == Color::Dark).collect();
        Ok(Self { size: code.width(), dark })
    }

    /// Returns how many modules a side has, without the quiet frame.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Returns the runs of dark modules: column, row, length.
    pub fn runs(&self) -> impl Iterator<Item = (usize, usize, usize)> {
        self.dark.chunks(self.size.max(1)).enumerate().flat_map(|(row, modules)| {
            let mut runs = Vec::new();
            let mut at = 0;
            for run in modules.chunk_by(PartialEq::eq) {
                if run.first() == Some(&true) {
                    runs.push((at, row, run.len()));
                }
                at += run.len();
            }
            runs
        })
    }

    /// Returns the dark modules as data of an SVG path, one unit a module, the quiet frame included:
    /// the picture's `viewBox` is `0 0 n n` with n = size + 8.
    pub fn svg_path(&self) -> String {
        let mut path = String::new();
        for (column, row, length) in self.runs() {
            let _ = write!(path, "M{} {}h{length}v1h-{length}z", column + QUIET, row + QUIET);
        }
        path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_three_finders() {
        let code = Code::new("https://kanae.example/ja/statements/3f5f62be").unwrap();
        let dark = |column: usize, row: usize| code.dark[row * code.size + column];
        let last = code.size - 1;
        for (column, row) in [(0, 0), (last, 0), (0, last)] {
            assert!(dark(column, row));
        }
        assert!(dark(3, 3) && !dark(1, 1) && !dark(7, 7));
        assert_eq!(
            code.runs().map(|(_, _, length)| length).sum::<usize>(),
            code.dark.iter().filter(|d| **d).count()
        );
    }

    #[test]
    fn a_path_stands_within_its_quiet_frame() {
        let path = Code::new("x").unwrap().svg_path();
        assert!(path.starts_with("M4 4h7v1h-7z"), "{path}");
    }

    #[test]
    fn a_text_that_is_too_long_is_refused() {
        assert_eq!(Code::new(&"a".repeat(3000)), Err(TooLong(3000)));
        assert!(Code::new("").is_ok());
    }
}
