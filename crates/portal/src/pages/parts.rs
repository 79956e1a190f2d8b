//! Small pieces of markup that every page uses. Whatever comes from outside is escaped here.

use std::fmt::{self, Display, Write as _};

use evidence::Digest;

/// Markup that is safe to show as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Html(pub(crate) String);

impl Display for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl askama::filters::HtmlSafe for Html {}

impl From<&Html> for Html {
    fn from(html: &Html) -> Self {
        html.clone()
    }
}

impl From<&&Html> for Html {
    fn from(html: &&Html) -> Self {
        Html::clone(html)
    }
}

impl Html {
    /// Makes markup of plain text.
    pub(crate) fn text(text: impl Display) -> Self {
        Self(escape(&text.to_string()))
    }

    /// Makes a link.
    pub(crate) fn link(href: &str, label: impl Into<Html>) -> Self {
        Self(format!("<a href=\"{}\">{}</a>", escape(href), label.into()))
    }

    /// Tells whether there is nothing to show.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Joins pieces.
    pub(crate) fn join(pieces: impl IntoIterator<Item = Html>, between: &str) -> Self {
        let pieces: Vec<String> = pieces.into_iter().map(|piece| piece.0).collect();
        Self(pieces.join(between))
    }
}

/// One of several values.
pub(crate) struct Choice {
    pub(crate) value: String,
    pub(crate) label: String,
    pub(crate) chosen: bool,
}

/// Escapes text for markup and for quoted attributes.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(character),
        }
    }
    escaped
}

/// A status: a shape, a word, an edge that is dashed while nobody has signed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tag {
    kind: &'static str,
    computed: bool,
    word: String,
}

impl Tag {
    /// Makes a tag for something signed, or plainly checked.
    pub(crate) fn signed(kind: &'static str, word: impl Display) -> Self {
        Self { kind, computed: false, word: word.to_string() }
    }

    /// Makes a tag for something computed from the rules.
    pub(crate) fn computed(kind: &'static str, word: impl Display) -> Self {
        Self { kind, computed: true, word: word.to_string() }
    }
}

impl Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let computed = if self.computed { " computed" } else { "" };
        write!(f, "<span class=\"tag {}{computed}\">{}</span>", self.kind, escape(&self.word))
    }
}

impl askama::filters::HtmlSafe for Tag {}

impl From<Tag> for Html {
    fn from(tag: Tag) -> Self {
        Self(tag.to_string())
    }
}

impl From<&Tag> for Html {
    fn from(tag: &Tag) -> Self {
        Self(tag.to_string())
    }
}

/// Shows a digest in groups of eight, so that eyes can compare and lines can break.
pub(crate) fn hash(digest: &Digest) -> Html {
    let text = digest.to_string();
    let mut shown = String::from("<code class=\"hash\">");
    for (at, character) in text.char_indices() {
        if at > 0 && at % 8 == 0 {
            shown.push(' ');
        }
        let _ = write!(shown, "{character}");
    }
    shown.push_str("</code>");
    Html(shown)
}
