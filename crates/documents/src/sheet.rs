//! Tables that spreadsheets open undamaged: CSV (RFC 4180) and XLSX.

use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, XlsxError};

/// The most rows of a table, its heading included: what a spreadsheet opens.
const MAX_ROWS: usize = 1_048_576;
/// The longest text in a cell of a spreadsheet, in UTF-16 units.
const MAX_CELL: usize = 32_767;

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// A text. It is never a formula, whatever it begins with.
    Text(String),
    /// A whole number; one that a spreadsheet would round stays a text there.
    Number(i64),
    /// A day.
    Date(jiff::civil::Date),
    /// Nothing.
    Empty,
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

/// A table: a heading and rows of as many cells.
#[derive(Debug, Clone, PartialEq)]
pub struct Sheet {
    name: String,
    heading: Vec<String>,
    rows: Vec<Vec<Cell>>,
}

/// Why a table cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum SheetError {
    /// Another number of cells than the heading has.
    #[error("row {row} has {found} cells, the heading has {expected}")]
    Cells {
        /// The row, from 1.
        row: usize,
        /// Its cells.
        found: usize,
        /// The heading's.
        expected: usize,
    },
    /// Too many rows.
    #[error("a table has at most {MAX_ROWS} rows with its heading")]
    TooLong,
    /// The spreadsheet could not be written.
    #[error("the spreadsheet cannot be written: {0}")]
    Xlsx(#[from] XlsxError),
}

impl Sheet {
    /// Begins a table.
    pub fn new(name: &str, heading: &[&str]) -> Self {
        Self {
            name: name.to_owned(),
            heading: heading.iter().map(|&column| column.to_owned()).collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: Vec<Cell>) -> Result<(), SheetError> {
        let (found, expected) = (cells.len(), self.heading.len());
        if found != expected {
            return Err(SheetError::Cells { row: self.rows.len() + 1, found, expected });
        }
        if self.rows.len() + 2 > MAX_ROWS {
            return Err(SheetError::TooLong);
        }
        self.rows.push(cells);
        Ok(())
    }

    /// Returns the table as CSV in UTF-8, with the mark by which spreadsheets know that.
    pub fn csv(&self) -> String {
        let mut csv = String::from("\u{feff}");
        let heading = self.heading.iter().map(|column| csv_cell(column));
        csv.push_str(&heading.collect::<Vec<_>>().join(","));
        csv.push_str("\r\n");
        for row in &self.rows {
            let cells = row.iter().map(|cell| match cell {
                Cell::Text(text) => csv_cell(text),
                Cell::Number(number) => number.to_string(),
                Cell::Date(date) => date.to_string(),
                Cell::Empty => String::new(),
            });
            csv.push_str(&cells.collect::<Vec<_>>().join(","));
            csv.push_str("\r\n");
        }
        csv
    }

    /// Returns the table as XLSX (ISO/IEC 29500). `day` stands in the file as the day of its making.
    pub fn xlsx(&self, day: jiff::civil::Date) -> Result<Vec<u8>, SheetError> {
        let mut book = Workbook::new();
        let made = excel_day(day)?;
        book.set_properties(&rust_xlsxwriter::DocProperties::new().set_creation_datetime(&made));
        let strong = Format::new().set_bold();
        let dates = Format::new().set_num_format("yyyy-mm-dd");
        let sheet = book.add_worksheet();
        sheet.set_name(sheet_name(&self.name))?;
        for (column, text) in (0_u16..).zip(&self.heading) {
            sheet.write_string_with_format(0, column, fitting(text), &strong)?;
        }
        for (at, row) in (1_u32..).zip(&self.rows) {
            for (column, cell) in (0_u16..).zip(row) {
                match cell {
                    // A string cell is a string whatever it begins with: `write` would look for formulas.
                    Cell::Text(text) => sheet.write_string(at, column, fitting(text))?,
                    Cell::Number(number) => match i32::try_from(*number) {
                        Ok(exact) => sheet.write_number(at, column, exact)?,
                        Err(_) => sheet.write_string(at, column, number.to_string())?,
                    },
                    Cell::Date(date) => match excel_day(*date) {
                        Ok(day) => sheet.write_datetime_with_format(at, column, day, &dates)?,
                        Err(_) => sheet.write_string(at, column, date.to_string())?,
                    },
                    Cell::Empty => continue,
                };
            }
        }
        sheet.set_freeze_panes(1, 0)?;
        Ok(book.save_to_buffer()?)
    }
}

/// Returns a text as a cell of CSV. One that a spreadsheet would take for a formula gets a mark before it,
/// also where the sign stands after spaces, or is a wide one that some spreadsheets take for it.
pub fn csv_cell(text: &str) -> String {
    let text: String = text.chars().filter(|c| !c.is_control() || *c == '\n').collect();
    let begins = text.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
    let text = if begins && text.parse::<f64>().is_err() { format!("'{text}") } else { text };
    if text.contains([',', '"', '\n', ';']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

/// Returns a text as a cell of XLSX holds it: no control characters (XML 1.0 has none), cut to
/// what fits.
fn fitting(text: &str) -> String {
    let mut units = 0;
    text.chars()
        .filter(|c| (!c.is_control() || *c == '\n') && !matches!(c, '\u{fffe}' | '\u{ffff}'))
        .take_while(|c| {
            units += c.len_utf16();
            units <= MAX_CELL
        })
        .collect()
}

/// Returns a name that a sheet may have: 1 to 31 characters, none of `[]:*?/\`, no quote at its ends.
fn sheet_name(name: &str) -> String {
    let name: String =
        name.chars().filter(|c| !c.is_control() && !"[]:*?/\\'".contains(*c)).take(15).collect();
    if name.trim().is_empty() { "Sheet1".to_owned() } else { name }
}

fn excel_day(date: jiff::civil::Date) -> Result<ExcelDateTime, XlsxError> {
    let year = u16::try_from(date.year()).unwrap_or_default();
    ExcelDateTime::from_ymd(year, date.month().unsigned_abs(), date.day().unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Sheet {
        let mut sheet = Sheet::new("s", &["a"]);
        sheet.row(vec![text.into()]).unwrap();
        sheet
    }

    #[test]
    fn no_text_becomes_a_formula_in_csv() {
        for text in ["=1+1", "+1-1", "-a", "@SUM(A1)", "  =1+1", "＝1+1", "\t=1+1", "\u{0}=1"] {
            let csv = one(text).csv();
            assert!(csv.contains('\''), "{text:?}: {csv:?}");
        }
        assert_eq!(one("-5").csv(), "\u{feff}a\r\n-5\r\n");
        assert_eq!(one("x, \"y\"").csv(), "\u{feff}a\r\n\"x, \"\"y\"\"\"\r\n");
    }

    #[test]
    fn the_same_table_is_the_same_spreadsheet() {
        let day = jiff::civil::date(2026, 11, 29);
        let mut sheet = Sheet::new("届出/2026", &["組織", "日", "数"]);
        sheet.row(vec!["みなと研究所".into(), Cell::Date(day), Cell::Number(3)]).unwrap();
        sheet.row(vec!["=HYPERLINK(\"x\")".into(), Cell::Empty, Cell::Number(i64::MAX)]).unwrap();
        let first = sheet.xlsx(day).unwrap();
        assert_eq!(first, sheet.xlsx(day).unwrap());
        assert!(first.starts_with(b"PK"));
    }

    #[test]
    fn a_row_with_another_number_of_cells_is_refused() {
        let mut sheet = Sheet::new("s", &["a", "b"]);
        assert!(matches!(
            sheet.row(vec![Cell::Empty]),
            Err(SheetError::Cells { row: 1, found: 1, expected: 2 })
        ));
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(48))]
        #[test]
        fn any_text_makes_a_spreadsheet(name in "\\PC{0,40}", text in ".{0,200}") {
            let mut sheet = Sheet::new(&name, &[&text]);
            sheet.row(vec![text.clone().into()]).unwrap();
            proptest::prop_assert!(sheet.xlsx(jiff::civil::date(2026, 1, 1)).is_ok());
        }
    }
}
