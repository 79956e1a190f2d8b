//! Texts of the pages, as markup.

use std::fmt::{self, Display};

use evidence::{Language, Texts};
use texts::{Count, Message};
pub(crate) use texts::{language_of, visible};

use super::parts::{Html, escape};

/// The voice of the portal in one language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Say(pub(crate) Language);

impl Say {
    /// Returns the language's tag.
    pub(crate) fn tag(self) -> &'static str {
        self.0.tag()
    }

    /// Tells whether this is Japanese.
    pub(crate) fn is_ja(self) -> bool {
        self.0 == Language::Ja
    }

    /// Returns a message as plain text.
    pub(crate) fn text(self, key: &str) -> Message<'_> {
        texts::message(self.0, key)
    }

    /// Returns a message that holds markup; what is put into it is escaped.
    pub(crate) fn html(self, key: &str) -> Markup<'_> {
        Markup(self.text(key))
    }

    /// Tells whether there is such a message.
    pub(crate) fn has(self, key: &str) -> bool {
        texts::has(self.0, key)
    }

    /// Returns a message where there is one, else the word itself.
    pub(crate) fn word(self, prefix: &str, word: &str) -> String {
        texts::word(self.0, prefix, word)
    }

    /// Shows someone's text, with its language where that is another.
    pub(crate) fn outside(self, texts: &Texts) -> Html {
        let (text, language) = texts.get(self.0);
        self.marked(text, language)
    }

    /// Shows someone's text in a known language.
    pub(crate) fn marked(self, text: &str, language: Language) -> Html {
        if language == self.0 {
            Html(format!("<bdi>{}</bdi>", escape(text)))
        } else {
            Html(format!("<bdi lang=\"{}\">{}</bdi>", language.tag(), escape(text)))
        }
    }

    /// Shows a text of which only its letters tell the language, marked where that is another.
    pub(crate) fn told(self, text: &str) -> Html {
        let shown = in_korean(text);
        let language = language_of(text);
        if language == self.0 {
            Html(shown)
        } else {
            Html(format!("<span lang=\"{}\">{shown}</span>", language.tag()))
        }
    }
}

/// Escapes a text; what is in Korean letters is marked.
fn in_korean(text: &str) -> String {
    let is_korean = |c: char| matches!(c, '\u{1100}'..='\u{11ff}' | '\u{ac00}'..='\u{d7a3}');
    match (text.find(is_korean), text.rfind(is_korean)) {
        (Some(from), Some(last)) => {
            let to = last + text[last..].chars().next().map_or(0, char::len_utf8);
            let (before, korean, after) = (&text[..from], &text[from..to], &text[to..]);
            format!("{}<span lang=\"ko\">{}</span>{}", escape(before), escape(korean), escape(after))
        }
        _ => escape(text),
    }
}

/// A message with markup.
pub(crate) struct Markup<'k>(Message<'k>);

impl Markup<'_> {
    /// Puts a text in, escaped.
    pub(crate) fn with(self, name: &'static str, value: impl Display) -> Self {
        Self(self.0.with(name, escape(&value.to_string())))
    }

    /// Puts a number in, by which the message may choose its form.
    pub(crate) fn count(self, name: &'static str, value: impl Into<Count>) -> Self {
        Self(self.0.count(name, value))
    }

    /// Puts markup in.
    pub(crate) fn part(self, name: &'static str, value: impl Into<Html>) -> Self {
        Self(self.0.with(name, value.into().0))
    }

    /// Returns the markup.
    pub(crate) fn html(&self) -> Html {
        Html(self.0.to_string())
    }
}

impl Display for Markup<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl askama::filters::HtmlSafe for Markup<'_> {}

impl From<Markup<'_>> for Html {
    fn from(markup: Markup<'_>) -> Self {
        markup.html()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_is_explained_in_both_languages() {
        for language in [Language::Ja, Language::En] {
            for code in register::Code::all() {
                let key = format!("refusal-{code}");
                assert!(texts::has(language, &key), "{}: no message {key}", language.tag());
            }
        }
    }

    #[test]
    fn every_message_that_a_page_asks_for_is_there() {
        let mut asked = 0;
        for folder in ["src", "templates"] {
            let mut waiting = vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
            while let Some(path) = waiting.pop() {
                if path.is_dir() {
                    waiting.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
                    continue;
                }
                let source = std::fs::read_to_string(&path).unwrap().replace("Html::text(", "");
                for call in ["text(\"", "html(\""] {
                    for rest in source.split(call).skip(1) {
                        let key = rest.split('"').next().unwrap();
                        assert!(texts::has(Language::En, key), "{}: no message {key}", path.display());
                        asked += 1;
                    }
                }
            }
        }
        assert!(asked > 100, "only {asked}");
    }

    #[test]
    fn texts_of_unknown_language_are_marked_by_their_letters() {
        let (ja, en) = (Say(Language::Ja), Say(Language::En));
        assert_eq!(ja.told("Art. 1 & 2").0, "<span lang=\"en\">Art. 1 &amp; 2</span>");
        assert_eq!(en.told("Art. 1").0, "Art. 1");
        assert_eq!(
            en.told("令和7年法律第53号; e-Gov").0,
            "<span lang=\"ja\">令和7年法律第53号; e-Gov</span>"
        );
        assert_eq!(en.told("인공지능 법 (Act)").0, "<span lang=\"ko\">인공지능 법</span> (Act)");
    }

    #[test]
    fn what_is_put_into_markup_is_escaped() {
        let say = Say(Language::En);
        let text = say.html("due-on").with("day", "<script>\"&'").html().0;
        assert!(text.contains("&lt;script&gt;&quot;&amp;&#39;"), "{text}");
    }
}
