//! Text to tokens.

use std::ops::Range;

use crate::diagnostic::Problem;

/// What a token is. Words and numbers keep their text in the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token {
    Word,
    Number,
    Date,
    Text,
    Symbol(&'static str),
    End,
}

/// Longest condition, in bytes.
const MAX_LENGTH: usize = 4096;

const SYMBOLS: [&str; 17] =
    ["!=", "<=", ">=", "=", "<", ">", "+", "-", "*", "/", "(", ")", "[", "]", ",", "%", "."];

/// Splits a condition into tokens with their place; the last one is [`Token::End`].
pub(crate) fn tokens(source: &str) -> Result<Vec<(Token, Range<usize>)>, Problem> {
    if source.len() > MAX_LENGTH {
        return Err(Problem::new(
            0..0,
            format!("the text has {} bytes; at most {MAX_LENGTH} are read", source.len()),
        )
        .hint("split it into classes"));
    }
    let bytes = source.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &source[at..];
        let byte = bytes[at];
        let (token, length) = if byte.is_ascii_whitespace() {
            at += 1;
            continue;
        } else if byte.is_ascii_alphabetic() {
            (Token::Word, word_length(rest.as_bytes()))
        } else if byte.is_ascii_digit() {
            match date_length(rest.as_bytes()) {
                Some(length) => (Token::Date, length),
                None => (Token::Number, number_length(rest.as_bytes())),
            }
        } else if byte == b'"' || byte == b'\'' {
            match rest[1..].find(char::from(byte)) {
                Some(end) => (Token::Text, end + 2),
                None => {
                    return Err(Problem::new(at..source.len(), "the text in quotes is not closed")
                        .hint(format!("close it with {}", char::from(byte))));
                }
            }
        } else if let Some(symbol) = SYMBOLS.into_iter().find(|symbol| rest.starts_with(symbol)) {
            (Token::Symbol(symbol), symbol.len())
        } else {
            let found = rest.chars().next().unwrap_or_default();
            let problem = Problem::new(
                at..at + found.len_utf8(),
                format!("unexpected character `{}`", found.escape_default()),
            );
            return Err(match found {
                '&' => problem.hint("write `and`"),
                '|' => problem.hint("write `or`"),
                '!' => problem.hint("write `not`"),
                _ => problem,
            });
        };
        found.push((token, at..at + length));
        at += length;
    }
    found.push((Token::End, source.len()..source.len()));
    Ok(found)
}

/// A word: letters, digits and underscores; hyphens join parts (`systemic-risk`), so a difference
/// needs spaces around its minus sign.
fn word_length(bytes: &[u8]) -> usize {
    let part = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
    let mut length = 0;
    while let Some(byte) = bytes.get(length) {
        let joins = *byte == b'-' && bytes.get(length + 1).is_some_and(part);
        if !part(byte) && !joins {
            break;
        }
        length += 1;
    }
    length
}

fn date_length(bytes: &[u8]) -> Option<usize> {
    let shape = b"0000-00-00";
    let like = |(b, s): (&u8, &u8)| if *s == b'0' { b.is_ascii_digit() } else { b == s };
    let fits = bytes.len() >= shape.len() && bytes.iter().zip(shape).all(like);
    let ends = bytes.get(shape.len()).is_none_or(|b| !b.is_ascii_alphanumeric());
    (fits && ends).then_some(shape.len())
}

fn number_length(bytes: &[u8]) -> usize {
    let digit = |at: usize| bytes.get(at).is_some_and(|b| b.is_ascii_digit() || *b == b'_');
    let mut length = 0;
    while digit(length) {
        length += 1;
    }
    if bytes.get(length) == Some(&b'.') && digit(length + 1) {
        length += 1;
        while digit(length) {
            length += 1;
        }
    }
    if matches!(bytes.get(length), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(length + 1), Some(b'+' | b'-')));
        if digit(length + 1 + sign) {
            length += 1 + sign;
            while digit(length) {
                length += 1;
            }
        }
    }
    length
}
