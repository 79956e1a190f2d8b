//! Tables on a terminal, in columns as wide as their text, Japanese included.

use unicode_width::UnicodeWidthStr as _;

use crate::ui::Ui;

/// Widest column; what is longer goes on without being cut.
const MAX_WIDTH: usize = 48;

/// Prints rows in columns; the first row is the head.
pub(super) fn print(rows: &[Vec<String>], indent: &str, ui: &Ui) {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let widest = |column: usize| {
        let widths = rows.iter().filter_map(|row| row.get(column)).map(|cell| width(cell));
        widths.max().unwrap_or_default().min(MAX_WIDTH)
    };
    let widths: Vec<usize> = (0..columns).map(widest).collect();
    for row in rows {
        let mut line = indent.to_owned();
        for (at, cell) in row.iter().enumerate() {
            line.push_str(cell);
            if at + 1 < row.len() {
                line.push_str(&" ".repeat(widths[at].saturating_sub(width(cell)) + 2));
            }
        }
        ui.line(line.trim_end());
    }
}

/// Returns how many columns of a terminal a text takes: wide characters take two.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}
