//! Tables: on the terminal, as Markdown, as CSV.

use std::fmt::Write as _;

use law::simulate::{Counts, Tally};

use super::Scene;
use crate::ui::Ui;

/// Most rows that are printed; files have all.
const SHOWN: usize = 60;
/// Widest cell that is printed; files have it whole.
const WIDEST: usize = 60;

/// Rows under a heading.
pub(super) struct Table {
    pub(super) title: String,
    pub(super) heading: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
}

impl Table {
    pub(super) fn new(title: impl Into<String>, heading: &[&str]) -> Self {
        let heading = heading.iter().map(|cell| (*cell).to_owned()).collect();
        Self { title: title.into(), heading, rows: Vec::new() }
    }

    pub(super) fn print(&self, ui: &Ui) {
        ui.line(&self.title);
        if self.rows.is_empty() {
            ui.line(format!("  {}", ui.text("なし", "none")));
            return;
        }
        if self.heading.len() == 1 {
            for row in self.rows.iter().take(SHOWN) {
                ui.line(format!("  {}", row.concat().replace(char::is_control, " ")));
            }
            return;
        }
        let shown: Vec<Vec<String>> = std::iter::once(&self.heading)
            .chain(self.rows.iter().take(SHOWN))
            .map(|row| row.iter().map(|cell| short(cell)).collect())
            .collect();
        let columns = self.heading.len();
        let widest = |at: usize| shown.iter().filter_map(|row| row.get(at)).map(|cell| width(cell)).max();
        let widths: Vec<usize> = (0..columns).map(|at| widest(at).unwrap_or(0)).collect();
        let numbers: Vec<bool> = (0..columns).map(|at| self.is_numeric(at)).collect();
        for row in &shown {
            let mut line = String::from(" ");
            for ((cell, most), number) in row.iter().zip(&widths).zip(&numbers) {
                let space = " ".repeat(most - width(cell));
                let _ =
                    if *number { write!(line, " {space}{cell} ") } else { write!(line, " {cell}{space} ") };
            }
            ui.line(line.trim_end());
        }
        if self.rows.len() > SHOWN {
            let more = self.rows.len() - SHOWN;
            ui.line(format!(
                "  … {more} {}",
                ui.text("行は --csv または --json で", "more with --csv or --json")
            ));
        }
    }

    fn is_numeric(&self, at: usize) -> bool {
        let number = |cell: &String| cell.starts_with(|c: char| c.is_ascii_digit()) || cell == "–";
        self.rows.iter().filter_map(|row| row.get(at)).all(number)
    }

    /// Writes the table in Markdown, at most so many rows.
    pub(super) fn markdown(&self, most: usize) -> String {
        let line = |row: &[String]| {
            let cells: Vec<String> = row.iter().map(|cell| markdown(cell)).collect();
            format!("| {} |\n", cells.join(" | "))
        };
        let rules: Vec<&str> =
            (0..self.heading.len()).map(|at| if self.is_numeric(at) { "--:" } else { "---" }).collect();
        let mut text = line(&self.heading);
        let _ = writeln!(text, "| {} |", rules.join(" | "));
        text.extend(self.rows.iter().take(most).map(|row| line(row)));
        text
    }

    pub(super) fn csv(&self) -> String {
        let mut text = String::new();
        for row in std::iter::once(&self.heading).chain(&self.rows) {
            let cells: Vec<String> = row.iter().map(|cell| quoted(cell)).collect();
            text.push_str(&cells.join(","));
            text.push_str("\r\n");
        }
        text
    }
}

/// Writes a cell of CSV (RFC 4180). What a spreadsheet would calculate is marked as text.
fn quoted(cell: &str) -> String {
    let guard = if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    if cell.contains(['"', ',', '\n', '\r']) {
        format!("\"{guard}{}\"", cell.replace('"', "\"\""))
    } else {
        format!("{guard}{cell}")
    }
}

/// Writes text of outside as text in a Markdown table.
pub(super) fn markdown(cell: &str) -> String {
    let mut text = String::with_capacity(cell.len());
    for character in cell.chars() {
        match character {
            '\\' | '|' | '*' | '[' | ']' | '`' => text.extend(['\\', character]),
            '<' => text.push_str("&lt;"),
            control if control.is_control() => text.push(' '),
            other => text.push(other),
        }
    }
    text
}

/// Leaves out of a cell what does not fit on the terminal or would command it.
fn short(cell: &str) -> String {
    let plain: String = cell.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if width(&plain) <= WIDEST {
        return plain;
    }
    let mut kept = String::new();
    for character in plain.chars() {
        if width(&kept) + 2 >= WIDEST {
            break;
        }
        kept.push(character);
    }
    kept + "…"
}

/// Returns how many columns of a terminal a text takes: East Asian wide characters take two.
pub(super) fn width(text: &str) -> usize {
    let wide = |character: char| {
        matches!(u32::from(character), 0x1100..=0x115F | 0x2E80..=0xA4CF | 0xAC00..=0xD7A3 | 0xF900..=0xFAFF
            | 0xFE30..=0xFE6F | 0xFF00..=0xFF60 | 0xFFE0..=0xFFE6 | 0x1F300..=0x1FAFF | 0x20000..=0x3FFFD)
    };
    text.chars().map(|character| 1 + usize::from(wide(character))).sum()
}

impl Scene<'_> {
    /// Returns the heads of the columns of [`bounds`].
    pub(super) fn bounds_heading(&self) -> [&'static str; 4] {
        match self.language {
            law::Language::Ja => ["該当（下限）", "該当（上限）", "未確定", "該当せず"],
            law::Language::En => ["covered, at least", "at most", "undetermined", "not covered"],
        }
    }

    /// Counts by models, developers and countries.
    pub(super) fn counts_table(&self, title: impl Into<String>, sides: &[(String, Counts)]) -> Table {
        let [covered, at_most, undetermined, not_covered] = self.bounds_heading();
        let heading = ["", "", covered, at_most, undetermined, not_covered];
        let mut table = Table::new(title, &heading);
        for (side, counts) in sides {
            for (what, tally) in [
                (self.ui.text("モデル", "models"), counts.models),
                (self.ui.text("開発者", "developers"), counts.developers),
                (self.ui.text("国・地域", "countries"), counts.countries),
            ] {
                table.rows.push([&[side.clone(), what.to_owned()][..], &bounds(tally)[..]].concat());
            }
        }
        if sides.iter().all(|(side, _)| side.is_empty()) {
            table.heading.remove(0);
            table.rows.iter_mut().for_each(|row| drop(row.remove(0)));
        }
        table
    }
}

/// Writes a count with its lower and its upper bound.
pub(super) fn bounds(tally: Tally) -> [String; 4] {
    [tally.covered, tally.at_most(), tally.undetermined, tally.not_covered].map(|count| count.to_string())
}
