//! Messages: Fluent files in `locales/`, one folder a language, embedded.

use std::fmt::{self, Display};
use std::sync::LazyLock;

use evidence::Language;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::types::FluentNumber;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use include_dir::{Dir, include_dir};
use unic_langid::langid;

use crate::group;

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

fn bundle_of(language: Language) -> &'static Bundle {
    match language {
        Language::Ja => &JAPANESE,
        Language::En => &ENGLISH,
    }
}

/// Returns a message of a language, to be filled in.
pub fn message(language: Language, key: &str) -> Message<'_> {
    Message { language, key, args: FluentArgs::new() }
}

/// Tells whether there is such a message.
pub fn has(language: Language, key: &str) -> bool {
    bundle_of(language).has_message(key)
}

/// Returns a message where there is one, else the word itself.
pub fn word(language: Language, prefix: &str, word: &str) -> String {
    let key = format!("{prefix}-{word}");
    if has(language, &key) { message(language, &key).to_string() } else { word.to_owned() }
}

/// Returns the sources of a language's messages.
pub fn sources(language: Language) -> impl Iterator<Item = &'static str> {
    LOCALES
        .get_dir(language.tag())
        .into_iter()
        .flat_map(Dir::files)
        .filter_map(include_dir::File::contents_utf8)
}

/// A message to be shown as plain text.
#[derive(Debug)]
pub struct Message<'k> {
    language: Language,
    key: &'k str,
    args: FluentArgs<'static>,
}

impl Message<'_> {
    /// Puts a text in.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Display) -> Self {
        self.args.set(name, value.to_string());
        self
    }

    /// Puts a number in, by which the message may choose its form.
    #[must_use]
    pub fn count(mut self, name: &'static str, value: impl Into<Count>) -> Self {
        self.args.set(name, FluentValue::Number(FluentNumber::from(value.into().0)));
        self
    }
}

impl Display for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bundle = self::bundle_of(self.language);
        let Some(pattern) = bundle.get_message(self.key).and_then(|message| message.value()) else {
            return write!(f, "⟦{}⟧", self.key);
        };
        let mut errors = Vec::new();
        let text = bundle.format_pattern(pattern, Some(&self.args), &mut errors);
        if errors.is_empty() { f.write_str(&text) } else { write!(f, "⟦{}⟧", self.key) }
    }
}

/// A number of things.
#[derive(Debug, Clone, Copy)]
pub struct Count(u64);

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
    fn a_message_that_is_not_there_names_itself() {
        assert_eq!(message(Language::En, "no-such-message").to_string(), "⟦no-such-message⟧");
        assert_eq!(word(Language::Ja, "value", "no-such-value"), "no-such-value");
    }
}
