//! Speaking to the person at the terminal, or to the script behind it.

use std::io::{IsTerminal, Write};

use serde::Serialize;

use crate::cli::Lang;
use crate::failure::Failure;

/// Where a command's words go: results to standard output, everything else to standard error.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ui {
    pub(crate) json: bool,
    pub(crate) lang: Lang,
}

impl Ui {
    pub(crate) fn new(json: bool, lang: Lang) -> Self {
        Self { json, lang }
    }

    /// Picks the text of the chosen language.
    pub(crate) fn text<'t>(&self, ja: &'t str, en: &'t str) -> &'t str {
        match self.lang {
            Lang::Ja => ja,
            Lang::En => en,
        }
    }

    /// Prints a line of a result, unless `--json` asks for one object only.
    pub(crate) fn line(&self, line: impl AsRef<str>) {
        if !self.json {
            write_line(&mut std::io::stdout().lock(), line.as_ref());
        }
    }

    /// Prints the result as one JSON object, where `--json` asks for it.
    pub(crate) fn object(&self, object: &impl Serialize) -> Result<(), Failure> {
        if self.json {
            let text = serde_json::to_string_pretty(object).map_err(anyhow::Error::from)?;
            write_line(&mut std::io::stdout().lock(), &text);
        }
        Ok(())
    }

    /// Prints a note beside the result: to standard error.
    #[expect(clippy::unused_self, reason = "one way of speaking, whatever the options")]
    pub(crate) fn note(&self, note: impl AsRef<str>) {
        write_line(&mut std::io::stderr().lock(), note.as_ref());
    }

    #[expect(clippy::unused_self, reason = "one way of speaking, whatever the options")]
    /// Shows progress on one line that is overwritten; silent unless standard error is a terminal.
    pub(crate) fn progress(&self, text: impl AsRef<str>) {
        let mut stderr = std::io::stderr().lock();
        if stderr.is_terminal() {
            let _ = write!(stderr, "\r\x1b[2K{}", text.as_ref());
            let _ = stderr.flush();
        }
    }

    /// Ends a progress line.
    pub(crate) fn progress_done(&self) {
        self.progress("");
    }

    pub(crate) fn failure(&self, failure: &Failure) {
        self.note(format!("{}: {}", self.text("エラー", "error"), failure.message));
        for hint in &failure.hints {
            self.note(format!("  {}: {hint}", self.text("次にすること", "hint")));
        }
    }
}

/// A closed pipe at the other end is no fault of ours: the write is simply dropped.
fn write_line(out: &mut impl Write, line: &str) {
    let _ = writeln!(out, "{line}");
}
