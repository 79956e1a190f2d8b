//! From text to lines: what can be drawn, where a line may end, how wide it is.

use std::fmt::Write as _;
use std::ops::Range;

use unicode_linebreak::{BreakOpportunity, linebreaks};

use crate::font::Reader;

/// How large raised digits are, and how far they are raised, in ems.
pub(crate) const RAISED: (f32, f32) = (0.62, 0.36);
/// The most that a full line is spread, in ems of its size.
const MAX_SPREAD: f32 = 2.0;

/// One drawn glyph of a line.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Glyph {
    pub(crate) id: u32,
    /// How far it moves on, in ems.
    pub(crate) advance: f32,
    pub(crate) raised: bool,
    /// What it stands for in the line's text.
    pub(crate) range: Range<usize>,
}

/// One line, ready to be drawn.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Line {
    pub(crate) text: String,
    pub(crate) glyphs: Vec<Glyph>,
    /// Its width in ems, spaces at its end left out.
    pub(crate) width: f32,
}

/// Breaks a text into lines of at most `width` ems. A line break in the text ends a line.
///
/// Lines end by UAX #14, where small kana begin no line (LB1: CJ as NS), so that the rules of
/// Japanese typesetting (禁則処理) hold. A word that fits on no line is broken anywhere.
/// With `spread`, Japanese lines that are nearly full are filled (両端揃え).
pub(crate) fn lines(text: &str, face: &Reader<'_>, width: f32, spread: bool) -> Vec<Line> {
    text.split('\n').flat_map(|paragraph| broken(&drawable(paragraph, face), face, width, spread)).collect()
}

/// Returns a text on one line, cut short where it is wider than that.
pub(crate) fn one_line(text: &str, face: &Reader<'_>, width: f32) -> Line {
    let text = drawable(&text.replace('\n', " "), face);
    let line = line_of(&text, &shape(&text, face));
    if line.width <= width {
        return line;
    }
    let end = if face.has('…') { "…" } else { "..." };
    let room = width - line_of(end, &shape(end, face)).width;
    let mut used = 0.0;
    let shaped = shape(&text, face);
    let kept = shaped.iter().take_while(|glyph| {
        used += glyph.advance;
        used <= room
    });
    let to = kept.last().map_or(0, |glyph| glyph.range.end);
    let text = format!("{}{end}", text[..to].trim_end());
    line_of(&text, &shape(&text, face))
}

/// Turns a text into what the font can draw: what it cannot, and what draws nothing or turns the
/// direction of writing, is named by its number, as the pages do.
fn drawable(text: &str, face: &Reader<'_>) -> String {
    let brackets = if face.has('⟨') && face.has('⟩') { ('⟨', '⟩') } else { ('<', '>') };
    let mut shown = String::with_capacity(text.len());
    let mut before = None;
    for character in text.chars() {
        match character {
            '\r' => {}
            '\t' => shown.push(' '),
            _ if is_selector(character) && before.is_some_and(|c| face.variant(c, character).is_some()) => {
                shown.push(character);
            }
            _ if !names_itself(character) && (drawn_as(character, face).is_some()) => shown.push(character),
            _ => {
                let _ = write!(shown, "{}U+{:04X}{}", brackets.0, u32::from(character), brackets.1);
            }
        }
        before = Some(character);
    }
    shown
}

/// Tells whether a character is shown by its number whatever the font has: hidden ones, those of
/// private use (PDF/A gives them no meaning), and scripts that need shaping or run to the left.
fn names_itself(character: char) -> bool {
    texts::is_hidden(character)
        || matches!(
            character,
            '\u{590}'..='\u{109f}' | '\u{1780}'..='\u{18af}' | '\u{1900}'..='\u{1c4f}' | '\u{a800}'..='\u{abff}'
                | '\u{e000}'..='\u{f8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}'
                | '\u{fff0}'..='\u{ffff}' | '\u{10800}'..='\u{11fff}' | '\u{1e800}'..='\u{1efff}'
                | '\u{f0000}'..='\u{10ffff}'
        )
}

fn is_selector(character: char) -> bool {
    matches!(character, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

/// Returns the glyph of a character, its width and whether it is raised; of some characters that
/// fonts lack, one that looks alike.
fn drawn_as(character: char, face: &Reader<'_>) -> Option<(u32, f32, bool)> {
    if let Some((id, width)) = face.glyph(character) {
        return Some((id, width, false));
    }
    let (alike, raised) = match character {
        '⁰' => ('0', true),
        '¹' => ('1', true),
        '²' => ('2', true),
        '³' => ('3', true),
        '⁴'..='⁹' => (char::from_digit(u32::from(character) - 0x2070, 10)?, true),
        '⁻' => ('-', true),
        '−' | '–' | '‐' | '‑' | '—' | '―' => ('-', false),
        '’' | '‘' => ('\'', false),
        '“' | '”' => ('"', false),
        '\u{a0}' | '\u{2002}'..='\u{200a}' | '\u{202f}' | '\u{3000}' => (' ', false),
        '〜' => ('～', false),
        '～' => ('〜', false),
        _ => return None,
    };
    let (id, width) = face.glyph(alike)?;
    Some((id, if raised { width * RAISED.0 } else { width }, raised))
}

/// Finds the glyphs of a text that is drawable.
fn shape(text: &str, face: &Reader<'_>) -> Vec<Glyph> {
    let mut glyphs: Vec<Glyph> = Vec::with_capacity(text.len());
    let mut characters = text.char_indices().peekable();
    // Raised digits are all of one kind: a font that has some of them only would mix two sizes.
    let lacks_raised = "⁰⁴⁵⁶⁷⁸⁹⁻".chars().any(|c| !face.has(c));
    while let Some((at, character)) = characters.next() {
        let selector = characters.next_if(|(_, next)| is_selector(*next));
        let form = selector.and_then(|(_, selector)| face.variant(character, selector));
        let raised =
            lacks_raised && is_raised(character) && glyphs.last().is_some_and(|last| is_power(last, text));
        let found = match form {
            Some((id, width)) => Some((id, width, false)),
            None if raised => {
                plain(character).and_then(|c| face.glyph(c)).map(|(id, width)| (id, width * RAISED.0, true))
            }
            None => drawn_as(character, face),
        };
        let Some((id, advance, raised)) = found else { continue };
        let end = at + character.len_utf8() + selector.map_or(0, |(_, selector)| selector.len_utf8());
        glyphs.push(Glyph { id, advance, raised, range: at..end });
    }
    glyphs
}

fn is_raised(character: char) -> bool {
    plain(character).is_some()
}

/// Tells whether a raised digit may follow: after a digit, or another raised one.
fn is_power(last: &Glyph, text: &str) -> bool {
    last.raised || text[last.range.clone()].chars().all(|c| c.is_ascii_digit())
}

fn plain(character: char) -> Option<char> {
    match character {
        '⁰' => Some('0'),
        '¹' => Some('1'),
        '²' => Some('2'),
        '³' => Some('3'),
        '⁴'..='⁹' => char::from_digit(u32::from(character) - 0x2070, 10),
        '⁻' => Some('-'),
        _ => None,
    }
}

/// Makes a line of some of a text's glyphs.
fn line_of(text: &str, glyphs: &[Glyph]) -> Line {
    let (Some(first), Some(last)) = (glyphs.first(), glyphs.last()) else { return Line::default() };
    let from = first.range.start;
    let part = &text[from..last.range.end];
    let ink = from + part.trim_end().len();
    let width = glyphs.iter().filter(|glyph| glyph.range.start < ink).map(|glyph| glyph.advance).sum();
    let move_back =
        |glyph: &Glyph| Glyph { range: glyph.range.start - from..glyph.range.end - from, ..glyph.clone() };
    Line { text: part.to_owned(), glyphs: glyphs.iter().map(move_back).collect(), width }
}

fn broken(text: &str, face: &Reader<'_>, width: f32, spread: bool) -> Vec<Line> {
    let glyphs = shape(text, face);
    let mut lines = Vec::new();
    // Where the line begins, where it can end at last, both as glyphs.
    let (mut start, mut end) = (0, 0);
    let mut at = 0;
    for (place, kind) in linebreaks(text) {
        let next = at + glyphs[at..].iter().take_while(|glyph| glyph.range.start < place).count();
        // More than one turn only where a word is longer than a line.
        loop {
            if fits(text, &glyphs[start..next], width) {
                end = next;
                break;
            }
            if end > start {
                lines.push(spread_out(line_of(text, &glyphs[start..end]), width, spread));
                start = end;
                continue;
            }
            let count = fitting(&glyphs[start..next], width);
            lines.push(line_of(text, &glyphs[start..start + count]));
            start += count;
            end = start;
        }
        if kind == BreakOpportunity::Mandatory && start < next {
            lines.push(line_of(text, &glyphs[start..next]));
            (start, end) = (next, next);
        }
        at = next;
    }
    if lines.is_empty() {
        lines.push(Line::default());
    }
    lines
}

/// Tells whether glyphs fit into a line; spaces at its end may stand beyond it.
fn fits(text: &str, glyphs: &[Glyph], width: f32) -> bool {
    let mut used = 0.0;
    // Looks no further than the line is wide, so that endless words take no endless time.
    glyphs.iter().all(|glyph| {
        used += glyph.advance;
        used <= width || text[glyph.range.clone()].chars().all(char::is_whitespace)
    })
}

/// Returns how many glyphs fit, at least one.
fn fitting(glyphs: &[Glyph], width: f32) -> usize {
    let mut used = 0.0;
    let inside = glyphs.iter().take_while(|glyph| {
        used += glyph.advance;
        used <= width
    });
    inside.count().max(1)
}

/// Spreads a Japanese line to the whole width.
fn spread_out(mut line: Line, width: f32, spread: bool) -> Line {
    let inked = line.text.trim_end().len();
    let count = line.glyphs.iter().filter(|glyph| glyph.range.start < inked).count();
    let wide = line.text.chars().filter(|c| u32::from(*c) >= 0x2e80).count();
    let slack = width - line.width;
    if !spread || count < 8 || wide * 2 < count || !(0.0..=MAX_SPREAD).contains(&slack) {
        return line;
    }
    #[expect(clippy::cast_precision_loss, reason = "a line has some dozens of glyphs")]
    let each = slack / (count - 1) as f32;
    for glyph in line.glyphs.iter_mut().take(count - 1) {
        glyph.advance += each;
    }
    line.width = width;
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::fonts;

    fn broken_at(text: &str, width: f32) -> Vec<String> {
        let fonts = fonts();
        lines(text, &fonts.text.reader().unwrap(), width, false).into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn no_line_begins_with_what_may_not_begin_one() {
        for width in 4_u8..20 {
            let text = "報告の内容、試験の記録（添付）について説明を求めます。「ちょっと」待ってください。";
            for line in broken_at(text, f32::from(width)) {
                assert!(!line.starts_with(['、', '。', '）', '」', 'ょ', 'っ']), "{width}: {line}");
                assert!(!line.ends_with(['（', '「']), "{width}: {line}");
            }
        }
    }

    #[test]
    fn words_stay_whole_and_long_ones_are_broken_anywhere() {
        assert_eq!(broken_at("safety verification of models", 12.0), ["safety verification of ", "models"]);
        let long = "a".repeat(300);
        let lines = broken_at(&long, 10.0);
        assert!(lines.len() > 10);
        assert_eq!(lines.concat(), long);
        assert_eq!(broken_at("", 10.0), [""]);
        assert_eq!(broken_at("a\n\nb", 10.0), ["a", "", "b"]);
        // Narrower than any glyph: still one a line, and an end.
        assert_eq!(broken_at("漢字", 0.1).len(), 2);
    }

    #[test]
    fn what_cannot_be_drawn_is_named_by_its_number() {
        assert_eq!(broken_at("a\u{202e}b", 40.0), ["a<U+202E>b"]);
        assert_eq!(broken_at("\u{5d0}\u{e000}\u{1f600}", 40.0), ["<U+05D0><U+E000><U+1F600>"]);
        assert_eq!(broken_at("a\tb\r", 40.0), ["a b"]);
    }

    #[test]
    fn powers_are_raised_where_the_font_has_no_raised_digits() {
        let fonts = fonts();
        let line = lines("10²⁵ FLOP", &fonts.text.reader().unwrap(), 40.0, false).remove(0);
        let raised: Vec<bool> = line.glyphs.iter().take(5).map(|glyph| glyph.raised).collect();
        assert_eq!(raised, [false, false, true, true, false]);
        assert_eq!(line.text, "10²⁵ FLOP");
    }
}
