//! Texts made comparable, and cut into what is looked for: words, and runs of letters that stand
//! without spaces.

use unicode_normalization::UnicodeNormalization as _;

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Piece {
    /// Letters and digits of a script that puts spaces between words.
    Word(String),
    /// Letters of a script that does not: Japanese above all.
    Run(Vec<char>),
}

/// The longest word that is kept, in characters: longer ones are keys and digests, not words.
const MAX_WORD: usize = 40;

/// Makes texts comparable: one form of each character, no difference of case, of accents, of full
/// and half width, or of hiragana and katakana.
pub(super) fn folded(text: &str) -> String {
    let bare = text.nfkd().filter(|character| !('\u{300}'..='\u{36f}').contains(character));
    bare.nfc().flat_map(char::to_lowercase).map(hiragana).collect()
}

fn hiragana(character: char) -> char {
    match character {
        '\u{30a1}'..='\u{30f6}' => char::from_u32(u32::from(character) - 0x60).unwrap_or(character),
        other => other,
    }
}

/// Tells whether a letter belongs to a script without spaces (Thai to Hangul, and beyond the basic
/// plane), extended Latin and Greek letters apart.
fn is_unspaced(letter: char) -> bool {
    letter >= '\u{e00}' && !('\u{1e00}'..='\u{218f}').contains(&letter)
}

/// Cuts a text into pieces.
pub(super) fn pieces(text: &str) -> Vec<Piece> {
    let mut found = Vec::new();
    let mut piece = String::new();
    let mut unspaced = false;
    let mut end = |piece: &mut String, unspaced: bool| {
        if !piece.is_empty() {
            let piece = std::mem::take(piece);
            if unspaced {
                found.push(Piece::Run(piece.chars().collect()));
            } else if piece.chars().count() <= MAX_WORD {
                found.push(Piece::Word(piece));
            }
        }
    };
    for character in folded(text).chars() {
        if !character.is_alphanumeric() {
            end(&mut piece, unspaced);
            continue;
        }
        if is_unspaced(character) != unspaced {
            end(&mut piece, unspaced);
            unspaced = !unspaced;
        }
        piece.push(character);
    }
    end(&mut piece, unspaced);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> String {
        let shown = |piece: Piece| match piece {
            Piece::Word(word) => word,
            Piece::Run(letters) => format!("「{}」", letters.into_iter().collect::<String>()),
        };
        pieces(text).into_iter().map(shown).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn words_and_runs_are_told_apart() {
        assert_eq!(cut("EU一般目的AI（2024年）"), "eu 「一般目的」 ai 2024 「年」");
        assert_eq!(cut("minato-lab/wakaba"), "minato lab wakaba");
    }

    #[test]
    fn forms_of_one_letter_are_one_letter() {
        assert_eq!(cut("ワカバ ﾜｶﾊﾞ わかば ガガ"), "「わかば」 「わかば」 「わかば」 「がが」");
        assert_eq!(cut("ＡＢＣ Café Ǖ"), "abc cafe u");
        assert_eq!(cut("サーバー"), "「さーばー」");
    }

    #[test]
    fn keys_and_digests_are_no_words() {
        assert_eq!(cut(&"0f".repeat(32)), "");
    }
}
