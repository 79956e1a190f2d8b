//! Tables to download: CSV as in RFC 4180.

use documents::csv_cell;

/// Returns a row.
pub(crate) fn line<T: AsRef<str>>(cells: &[T]) -> String {
    let mut csv = Csv(String::new());
    csv.row(cells);
    csv.0
}

/// A table under way.
#[derive(Debug)]
pub(crate) struct Csv(String);

impl Csv {
    /// Begins a table with its heading.
    pub(crate) fn new(heading: &[&str]) -> Self {
        let mut csv = Self(String::new());
        csv.row(heading);
        csv
    }

    /// Adds a row.
    pub(crate) fn row<T: AsRef<str>>(&mut self, cells: &[T]) {
        for (at, text) in cells.iter().enumerate() {
            if at > 0 {
                self.0.push(',');
            }
            self.0.push_str(&csv_cell(text.as_ref()));
        }
        self.0.push_str("\r\n");
    }

    /// Returns the table.
    pub(crate) fn into_text(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_with_commas_are_quoted_and_formulas_are_marked() {
        let mut csv = Csv::new(&["a", "b"]);
        csv.row(&["x, \"y\"", "=1+1"]);
        csv.row(&["-5", "@import\u{1b}"]);
        assert_eq!(csv.into_text(), "a,b\r\n\"x, \"\"y\"\"\",'=1+1\r\n-5,'@import\r\n");
    }
}
