//! What the characters of outside text are, and how those are shown that draw nothing.

use std::fmt::Write as _;

use evidence::Language;

/// Tells the language of a text by its letters: Japanese where it has kana or ideographs.
pub fn language_of(text: &str) -> Language {
    let is_japanese =
        |c| matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}');
    if text.chars().any(is_japanese) { Language::Ja } else { Language::En }
}

/// Makes characters visible that have no shape of their own or turn the direction of writing, so
/// that no outside text looks like another. The whole page passes through here once, last.
pub fn visible(page: &str) -> String {
    let mut shown = String::with_capacity(page.len());
    for character in page.chars() {
        if is_hidden(character) {
            let _ = write!(shown, "⟨U+{:04X}⟩", u32::from(character));
        } else {
            shown.push(character);
        }
    }
    shown
}

/// Controls, format characters and fillers (Unicode categories Cc and Cf, and those that draw
/// nothing). The templates themselves hold only line breaks of these.
pub fn is_hidden(character: char) -> bool {
    let draws_nothing = matches!(
        character,
        '\u{ad}' | '\u{34f}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}'
            | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
    );
    character != '\n' && (character.is_control() || draws_nothing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_are_shown_and_others_kept() {
        assert_eq!(visible("a\u{202e}b\u{0}\u{feff}c\n鼎 ²"), "a⟨U+202E⟩b⟨U+0000⟩⟨U+FEFF⟩c\n鼎 ²");
    }
}
