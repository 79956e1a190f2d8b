//! Document numbers (文書番号): a pattern, a fiscal year, a running number.

use std::fmt::Write as _;
use std::str::FromStr;

use evidence::Language;

use crate::FiscalYear;

/// The longest pattern, in characters.
const MAX_PATTERN: usize = 80;
/// The most digits that a running number is filled up to.
const MAX_WIDTH: usize = 9;

/// How an office numbers its documents, such as `AI監第{era}{year}-{number:4}号`.
///
/// `{era}` and `{year}` are the fiscal year's era and its year in it, `{fiscal}` the year of its
/// April; `{number}` is the running number within the fiscal year, `{number:4}` with leading noughts.
/// It is there exactly once, with one of the years.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberPattern(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Words(String),
    Era,
    Year,
    Fiscal,
    Number(usize),
}

/// Why a text is no pattern of document numbers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// Too long, empty, or with control characters.
    #[error("a pattern of document numbers has 1 to {MAX_PATTERN} characters and no control characters")]
    Length,
    /// A `{` without its `}`.
    #[error("the pattern has a {{ that no }} closes")]
    Open,
    /// A name that means nothing.
    #[error(
        "{{{0}}} means nothing in a pattern; known: {{era}}, {{year}}, {{fiscal}}, {{number}}, {{number:4}}"
    )]
    Unknown(String),
    /// Not exactly one running number.
    #[error("the pattern needs {{number}} exactly once, found it {0} times")]
    Numbers(usize),
    /// No year: numbers would come again every April.
    #[error("the pattern needs {{year}} or {{fiscal}}: the running number begins anew each fiscal year")]
    NoYear,
}

impl FromStr for NumberPattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        if text.is_empty() || text.chars().count() > MAX_PATTERN || text.chars().any(char::is_control) {
            return Err(PatternError::Length);
        }
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').ok_or(PatternError::Open)?;
            if !before.is_empty() {
                pieces.push(Piece::Words(before.to_owned()));
            }
            pieces.push(match name {
                "era" => Piece::Era,
                "year" => Piece::Year,
                "fiscal" => Piece::Fiscal,
                "number" => Piece::Number(0),
                other => other
                    .strip_prefix("number:")
                    .and_then(|width| width.parse().ok())
                    .filter(|width| *width <= MAX_WIDTH)
                    .map(Piece::Number)
                    .ok_or_else(|| PatternError::Unknown(other.to_owned()))?,
            });
            rest = after;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Words(rest.to_owned()));
        }
        let numbers = pieces.iter().filter(|piece| matches!(piece, Piece::Number(_))).count();
        if numbers != 1 {
            return Err(PatternError::Numbers(numbers));
        }
        if !pieces.iter().any(|piece| matches!(piece, Piece::Year | Piece::Fiscal)) {
            return Err(PatternError::NoYear);
        }
        Ok(Self(pieces))
    }
}

impl NumberPattern {
    /// Writes the number of a document.
    pub fn write(&self, year: FiscalYear, number: u64) -> String {
        let mut text = String::new();
        for piece in &self.0 {
            let _ = match piece {
                Piece::Words(words) => write!(text, "{words}"),
                Piece::Era => write!(text, "{}", year.era().map_or("", |era| era.name(Language::Ja))),
                Piece::Year => match year.era() {
                    Some(era) => write!(text, "{}", era.year()),
                    None => write!(text, "{}", year.year()),
                },
                Piece::Fiscal => write!(text, "{}", year.year()),
                Piece::Number(width) => write!(text, "{number:0width$}"),
            };
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn year(year: i16) -> FiscalYear {
        FiscalYear::of(jiff::civil::date(year, 4, 1))
    }

    #[test]
    fn a_number_has_its_fiscal_year_and_leading_noughts() {
        let write =
            |pattern: &str, number| pattern.parse::<NumberPattern>().unwrap().write(year(2026), number);
        assert_eq!(write("AI監第{era}{year}-{number:4}号", 12), "AI監第令和8-0012号");
        assert_eq!(write("ASI/{fiscal}/{number}", 12345), "ASI/2026/12345");
        assert_eq!(write("{year}-{number:2}", 100), "8-100");
    }

    #[test]
    fn a_pattern_that_would_give_two_documents_one_number_is_refused() {
        let read = |pattern: &str| pattern.parse::<NumberPattern>().unwrap_err();
        assert_eq!(read("第{number}号"), PatternError::NoYear);
        assert_eq!(read("{year}"), PatternError::Numbers(0));
        assert_eq!(read("{year}{number}{number}"), PatternError::Numbers(2));
        assert_eq!(read("{year}-{number"), PatternError::Open);
        assert_eq!(read("{year}-{no}"), PatternError::Unknown("no".to_owned()));
        assert_eq!(read("{year}-{number:99}"), PatternError::Unknown("number:99".to_owned()));
        assert_eq!(read(""), PatternError::Length);
        assert_eq!(read("{year}{number}\u{7}"), PatternError::Length);
    }

    proptest::proptest! {
        #[test]
        fn two_documents_never_share_a_number(
            words in "[a-z0-9-]{0,8}", width in 0_usize..6,
            a in (1990_i16..2060, 0_u64..2000), b in (1990_i16..2060, 0_u64..2000)
        ) {
            let pattern: NumberPattern = format!("{words}/{{fiscal}}/{{number:{width}}}").parse().unwrap();
            let same = pattern.write(year(a.0), a.1) == pattern.write(year(b.0), b.1);
            proptest::prop_assert_eq!(same, a == b);
        }
    }
}
