//! Problems found in data files, each with its place and a way out.

use std::fmt;
use std::ops::Range;

use serde::Serialize;

/// A problem in a file of a regime.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, thiserror::Error)]
pub struct Diagnostic {
    /// Path of the file, relative to the regime's folder.
    pub file: String,
    /// Line, counted from 1.
    pub line: usize,
    /// Column in characters, counted from 1.
    pub column: usize,
    /// What was found, and what was expected.
    pub problem: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.problem)?;
        match &self.hint {
            Some(hint) => write!(f, "; {hint}"),
            None => Ok(()),
        }
    }
}

/// A problem in a piece of text, before its file is known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}{}", hint.as_deref().map(|hint| format!("; {hint}")).unwrap_or_default())]
pub struct Problem {
    /// Bytes of the text that the problem concerns.
    pub span: Range<usize>,
    /// What was found, and what was expected.
    pub problem: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Problem {
    pub(crate) fn new(span: Range<usize>, problem: impl Into<String>) -> Self {
        Self { span, problem: problem.into(), hint: None }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds "did you mean …" where one of the known words is close.
    pub(crate) fn suggest<'w>(self, word: &str, known: impl IntoIterator<Item = &'w str>) -> Self {
        match closest(word, known) {
            Some(best) => self.hint(format!("did you mean `{best}`?")),
            None => self,
        }
    }
}

/// A file under reading: its path and text, and what was found wrong in it.
#[derive(Debug)]
pub(crate) struct Source<'s> {
    pub(crate) file: &'s str,
    pub(crate) text: &'s str,
}

impl Source<'_> {
    /// Returns the line and column, from 1, of a byte offset.
    pub(crate) fn position(&self, offset: usize) -> (usize, usize) {
        let mut end = offset.min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let before = &self.text[..end];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |l| l.chars().count()) + 1;
        (line, column)
    }

    pub(crate) fn diagnostic(
        &self,
        offset: usize,
        problem: impl Into<String>,
        hint: Option<String>,
    ) -> Diagnostic {
        let (line, column) = self.position(offset);
        Diagnostic { file: self.file.to_owned(), line, column, problem: problem.into(), hint }
    }

    /// Places a problem of a quoted TOML string in the file. Where the string is written with
    /// escapes, its columns cannot be mapped and the string's own place is given.
    pub(crate) fn inside(&self, quoted: &Range<usize>, value: &str, problem: Problem) -> Diagnostic {
        let raw = self.text.get(quoted.clone()).unwrap_or_default();
        let offset = raw.find(value).map_or(quoted.start, |skip| quoted.start + skip + problem.span.start);
        self.diagnostic(offset, problem.problem, problem.hint)
    }

    pub(crate) fn toml_error(&self, error: &toml::de::Error) -> Diagnostic {
        let offset = error.span().map_or(0, |span| span.start);
        let message = error.message().replace('\n', ": ");
        // "unknown field `dutie`, expected one of `class`, `duty`": the word found, then the known ones.
        let mut quoted = message.split('`').skip(1).step_by(2);
        let found = quoted.next().filter(|_| message.starts_with("unknown "));
        let hint = match message.as_str() {
            "missing field `article`" => {
                Some("every rule names the article that states it, as text.toml has it".to_owned())
            }
            "missing field `ja`" | "missing field `en`" => {
                Some("every text is written in Japanese and in English".to_owned())
            }
            _ => found.and_then(|word| closest(word, quoted)).map(|best| format!("did you mean `{best}`?")),
        };
        self.diagnostic(offset, message.clone(), hint)
    }
}

/// Returns the known word nearest to a misspelt one, if it is near at all.
pub fn closest<'w>(word: &str, known: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    let limit = (word.chars().count() / 3).clamp(1, 4);
    known
        .into_iter()
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, candidate)| candidate)
}

/// How many letters are wrong, left out, put in or swapped with their neighbour; letter case ignored; long
/// words are cut.
fn distance(left: &str, right: &str) -> usize {
    let cut = |word: &str| word.to_lowercase().chars().take(64).collect::<String>();
    strsim::osa_distance(&cut(left), &cut(right))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_word_is_suggested_and_a_far_one_is_not() {
        assert_eq!(closest("compuet", ["compute", "tokens"]), Some("compute"));
        assert_eq!(closest("FLOPS", ["FLOP", "EUR"]), Some("FLOP"));
        assert_eq!(closest("turnover", ["compute", "tokens"]), None);
    }

    #[test]
    fn a_position_counts_characters_not_bytes() {
        let source = Source { file: "f", text: "一行目\n二x" };
        assert_eq!(source.position("一行目\n二".len()), (2, 2));
        assert_eq!(source.position(1), (1, 1));
    }
}
