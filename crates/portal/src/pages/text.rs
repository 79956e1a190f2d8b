//! Texts of the pages: Fluent files in `locales/`, one folder a language, embedded.

use std::fmt::{self, Display, Write as _};
use std::sync::LazyLock;

use evidence::{Language, Texts};
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::types::FluentNumber;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use include_dir::{Dir, include_dir};
use unic_langid::langid;

use super::format::group;
use super::parts::{Html, escape};

static LOCALES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../locales");

type Bundle = FluentBundle<FluentResource>;

static JAPANESE: LazyLock<Bundle> = LazyLock::new(|| bundle(Language::Ja));
static ENGLISH: LazyLock<Bundle> = LazyLock::new(|| bundle(Language::En));

fn bundle(language: Language) -> Bundle {
    let id = match language {
        Language::Ja => langid!("ja"),
        Language::En => langid!("en"),
    };
    let mut bundle = Bundle::new_concurrent(vec![id]);
    // Outside text stands in <bdi>, and every bidi control is made visible (`visible`).
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(|value, _| match value {
        FluentValue::Number(number) => Some(group(&number.value.to_string())),
        _ => None,
    }));
    for file in LOCALES.get_dir(language.tag()).into_iter().flat_map(Dir::files) {
        let source = file.contents_utf8().unwrap_or_default().to_owned();
        // A file with a broken message still gives the others; the tests refuse broken messages.
        let resource = FluentResource::try_new(source).unwrap_or_else(|(resource, _)| resource);
        let _ = bundle.add_resource(resource);
    }
    bundle
}

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
        Message { say: self, key, args: FluentArgs::new() }
    }

    /// Returns a message that holds markup; what is put into it is escaped.
    pub(crate) fn html(self, key: &str) -> Markup<'_> {
        Markup(self.text(key))
    }

    /// Tells whether there is such a message.
    pub(crate) fn has(self, key: &str) -> bool {
        self.bundle().has_message(key)
    }

    /// Returns a message where there is one, else the word itself.
    pub(crate) fn word(self, prefix: &str, word: &str) -> String {
        let key = format!("{prefix}-{word}");
        if self.has(&key) { self.text(&key).to_string() } else { word.to_owned() }
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

    fn bundle(self) -> &'static Bundle {
        match self.0 {
            Language::Ja => &JAPANESE,
            Language::En => &ENGLISH,
        }
    }
}

/// Tells the language of a text by its letters: Japanese where it has kana or ideographs.
pub(crate) fn language_of(text: &str) -> Language {
    let is_japanese =
        |c| matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}');
    if text.chars().any(is_japanese) { Language::Ja } else { Language::En }
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

/// A message to be shown as plain text.
pub(crate) struct Message<'k> {
    say: Say,
    key: &'k str,
    args: FluentArgs<'static>,
}

impl Message<'_> {
    /// Puts a text in.
    pub(crate) fn with(mut self, name: &'static str, value: impl Display) -> Self {
        self.args.set(name, value.to_string());
        self
    }

    /// Puts a number in, by which the message may choose its form.
    pub(crate) fn count(mut self, name: &'static str, value: impl Into<Count>) -> Self {
        self.args.set(name, FluentValue::Number(FluentNumber::from(value.into().0)));
        self
    }
}

impl Display for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bundle = self.say.bundle();
        let Some(pattern) = bundle.get_message(self.key).and_then(|message| message.value()) else {
            return write!(f, "⟦{}⟧", self.key);
        };
        let mut errors = Vec::new();
        let text = bundle.format_pattern(pattern, Some(&self.args), &mut errors);
        if errors.is_empty() { f.write_str(&text) } else { write!(f, "⟦{}⟧", self.key) }
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

/// A number of things.
pub(crate) struct Count(u64);

impl From<u64> for Count {
    fn from(count: u64) -> Self {
        Self(count)
    }
}

impl From<usize> for Count {
    fn from(count: usize) -> Self {
        Self(count as u64)
    }
}

impl From<i32> for Count {
    fn from(count: i32) -> Self {
        Self(u64::from(count.unsigned_abs()))
    }
}

impl From<&u64> for Count {
    fn from(count: &u64) -> Self {
        Self(*count)
    }
}

impl From<&usize> for Count {
    fn from(count: &usize) -> Self {
        Self(*count as u64)
    }
}

/// Makes characters visible that have no shape of their own or turn the direction of writing, so
/// that no outside text looks like another. The whole page passes through here once, last.
pub(crate) fn visible(page: &str) -> String {
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
fn is_hidden(character: char) -> bool {
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
    use std::collections::{BTreeMap, BTreeSet};

    use fluent_syntax::ast::{Entry, InlineExpression, PatternElement};

    use super::*;

    /// Key → names of what is put in, of one language; fails on a broken file.
    fn keys(language: Language) -> BTreeMap<String, BTreeSet<String>> {
        let mut found = BTreeMap::new();
        for file in LOCALES.get_dir(language.tag()).unwrap().files() {
            let source = file.contents_utf8().unwrap();
            let resource = fluent_syntax::parser::parse(source)
                .unwrap_or_else(|(_, errors)| panic!("{}: {errors:?}", file.path().display()));
            for entry in resource.body {
                let Entry::Message(message) = entry else { continue };
                let mut names = BTreeSet::new();
                if let Some(pattern) = &message.value {
                    read(&pattern.elements, &mut names);
                }
                let twice = found.insert(message.id.name.to_owned(), names);
                assert!(twice.is_none(), "{} stands twice in {}", message.id.name, language.tag());
            }
        }
        found
    }

    fn read(elements: &[PatternElement<&str>], names: &mut BTreeSet<String>) {
        use fluent_syntax::ast::Expression;
        for element in elements {
            let PatternElement::Placeable { expression } = element else { continue };
            let (selector, variants) = match expression {
                Expression::Inline(inline) => (inline, &[][..]),
                Expression::Select { selector, variants } => (selector, &variants[..]),
            };
            if let InlineExpression::VariableReference { id } = selector {
                names.insert(id.name.to_owned());
            }
            for variant in variants {
                read(&variant.value.elements, names);
            }
        }
    }

    #[test]
    fn both_languages_have_the_same_messages_with_the_same_gaps() {
        let (ja, en) = (keys(Language::Ja), keys(Language::En));
        let missing = |from: &BTreeMap<_, _>, other: &BTreeMap<String, _>| {
            other.keys().filter(|key| !from.contains_key(*key)).cloned().collect::<Vec<_>>()
        };
        assert_eq!(missing(&ja, &en), Vec::<String>::new(), "missing in Japanese");
        assert_eq!(missing(&en, &ja), Vec::<String>::new(), "missing in English");
        for (key, names) in &ja {
            // A language may do without a number that the other needs for its plural.
            let other = &en[key];
            assert!(names.is_subset(other) || other.is_subset(names), "{key}: {names:?} and {other:?}");
        }
    }

    #[test]
    fn every_message_that_a_page_asks_for_is_there() {
        let keys = keys(Language::En);
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
                        assert!(keys.contains_key(key), "{}: no message {key}", path.display());
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
    fn hidden_characters_are_shown_and_others_kept() {
        assert_eq!(visible("a\u{202e}b\u{0}\u{feff}c\n鼎 ²"), "a⟨U+202E⟩b⟨U+0000⟩⟨U+FEFF⟩c\n鼎 ²");
    }

    #[test]
    fn what_is_put_into_markup_is_escaped() {
        let say = Say(Language::En);
        let text = say.html("due-on").with("day", "<script>\"&'").html().0;
        assert!(text.contains("&lt;script&gt;&quot;&amp;&#39;"), "{text}");
    }
}
