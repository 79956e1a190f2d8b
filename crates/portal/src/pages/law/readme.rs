//! What a law's folder says for people (`README.md`), as markup. Text from outside stays text: raw
//! markup in it is shown, not obeyed, and its links lead nowhere.

use std::fmt::Write as _;

use evidence::Language;
use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::super::parts::{Html, escape};
use super::super::text::language_of;

/// Largest text that is shown, in bytes.
const MAX_SIZE: usize = 64 << 10;

/// Renders Markdown below a heading of the second level. Its own title is left out.
pub(super) fn render(text: &str, is_ja: bool) -> Html {
    let mut end = text.len().min(MAX_SIZE);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let mut writer = Writer { is_ja, ..Writer::default() };
    for event in Parser::new_ext(&text[..end], Options::ENABLE_TABLES) {
        writer.event(event);
    }
    Html(writer.shown)
}

#[derive(Default)]
struct Writer {
    is_ja: bool,
    shown: String,
    /// The block under way: where its markup begins, and its words alone.
    block: Option<(usize, String)>,
    in_title: bool,
    /// The cells of a table's heading, for readers of narrow screens.
    heads: Vec<String>,
    in_head: bool,
    cell: usize,
}

impl Writer {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(&tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => self.words(&text),
            Event::Code(text) if !self.in_title => {
                let _ = write!(self.shown, "<code>{}</code>", escape(&text));
                self.note(&text);
            }
            Event::SoftBreak | Event::HardBreak => self.words(" "),
            _ => {}
        }
    }

    fn words(&mut self, text: &str) {
        if !self.in_title {
            self.shown.push_str(&escape(text));
        }
        self.note(text);
    }

    fn note(&mut self, text: &str) {
        if let Some((_, words)) = &mut self.block {
            words.push_str(text);
        }
    }

    /// Begins a block; the language is put in where the block ends and is known.
    fn open(&mut self, tag: &str) {
        self.block = Some((self.shown.len() + 1 + tag.len(), String::new()));
        let _ = write!(self.shown, "<{tag}>");
    }

    fn close(&mut self, tag: &str) -> String {
        let _ = write!(self.shown, "</{tag}>");
        let Some((at, words)) = self.block.take() else { return String::new() };
        let language = language_of(&words);
        let is_other = (language == Language::Ja) != self.is_ja;
        if is_other && words.chars().any(char::is_alphabetic) {
            self.shown.insert_str(at, &format!(" lang=\"{}\"", language.tag()));
        }
        words
    }

    fn start(&mut self, tag: &Tag<'_>) {
        match tag {
            Tag::Paragraph => self.open("p"),
            Tag::Heading { level: HeadingLevel::H1, .. } => self.in_title = true,
            Tag::Heading { .. } => self.open("h3"),
            Tag::List(None) => self.shown.push_str("<ul>"),
            Tag::List(Some(first)) => {
                let _ = if *first == 1 {
                    write!(self.shown, "<ol>")
                } else {
                    write!(self.shown, "<ol start=\"{first}\">")
                };
            }
            Tag::Item => self.open("li"),
            Tag::Strong => self.shown.push_str("<b>"),
            Tag::Emphasis => self.shown.push_str("<em>"),
            Tag::BlockQuote(_) => self.shown.push_str("<blockquote>"),
            Tag::CodeBlock(CodeBlockKind::Fenced(_) | CodeBlockKind::Indented) => {
                self.shown.push_str("<pre><code>");
            }
            Tag::Table(_) => {
                self.heads.clear();
                self.shown.push_str("<table class=\"data\">");
            }
            Tag::TableHead => {
                self.in_head = true;
                self.shown.push_str("<thead><tr>");
            }
            Tag::TableRow => {
                self.cell = 0;
                self.shown.push_str("<tr>");
            }
            Tag::TableCell if self.in_head => self.open("th scope=\"col\""),
            Tag::TableCell if self.cell == 0 => self.open("th scope=\"row\""),
            Tag::TableCell => {
                let head = self.heads.get(self.cell).map(|head| escape(head)).unwrap_or_default();
                self.open(&format!("td data-label=\"{head}\""));
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph => drop(self.close("p")),
            TagEnd::Heading(HeadingLevel::H1) => self.in_title = false,
            TagEnd::Heading(_) => drop(self.close("h3")),
            TagEnd::List(false) => self.shown.push_str("</ul>"),
            TagEnd::List(true) => self.shown.push_str("</ol>"),
            TagEnd::Item => drop(self.close("li")),
            TagEnd::Strong => self.shown.push_str("</b>"),
            TagEnd::Emphasis => self.shown.push_str("</em>"),
            TagEnd::BlockQuote(_) => self.shown.push_str("</blockquote>"),
            TagEnd::CodeBlock => self.shown.push_str("</code></pre>"),
            TagEnd::Table => self.shown.push_str("</tbody></table>"),
            TagEnd::TableHead => {
                self.in_head = false;
                self.shown.push_str("</tr></thead><tbody>");
            }
            TagEnd::TableRow => self.shown.push_str("</tr>"),
            TagEnd::TableCell => {
                let tag = if self.in_head || self.cell == 0 { "th" } else { "td" };
                let words = self.close(tag);
                if self.in_head {
                    self.heads.push(words);
                } else {
                    self.cell += 1;
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_say_their_language_and_markup_stays_text() {
        let text = "# Title\n\n法律の説明。\n\n## What a lawyer must check\n\n1. **Bold** `code` <b onclick=x>\n   [link](javascript:alert(1))\n";
        let shown = render(text, true).0;
        assert!(!shown.contains("Title"), "{shown}");
        assert!(shown.contains("<p>法律の説明。</p>"), "{shown}");
        assert!(shown.contains("<h3 lang=\"en\">What a lawyer must check</h3>"), "{shown}");
        assert!(shown.contains("<b>Bold</b> <code>code</code> &lt;b onclick=x&gt; link"), "{shown}");
        assert!(!shown.contains("javascript"), "{shown}");
    }

    #[test]
    fn the_cells_of_a_table_repeat_their_heading() {
        let shown = render("| part | certainty |\n|---|---|\n| a | b |\n", false).0;
        assert!(shown.contains("<th scope=\"row\">a</th><td data-label=\"certainty\">b</td>"), "{shown}");
    }
}
