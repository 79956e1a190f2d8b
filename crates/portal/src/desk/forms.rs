//! The forms of the kinds of statement, with the words in which people are asked.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use desk::Form;
use desk::form::Words;
use evidence::PredicateType;
use include_dir::{Dir, include_dir};

static FORMS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../forms");

/// The words of the forms, by kind. A test reads them all, so a broken one is none.
pub(crate) static WORDS: LazyLock<BTreeMap<&'static str, Words>> = LazyLock::new(|| {
    PredicateType::all()
        .iter()
        .filter_map(|kind| {
            let text = FORMS.get_file(format!("{}.toml", kind.name))?.contents_utf8()?;
            Some((kind.name, Words::parse(kind, text).ok()?))
        })
        .collect()
});

/// Returns the form of a kind of statement.
pub(crate) fn form_of(kind: &str) -> Option<Form> {
    let kind = PredicateType::find(kind)?;
    Some(Form::new(kind, WORDS.get(kind.name).cloned().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use evidence::Language;

    use super::*;
    use crate::desk::is_filed_by_hand;

    #[test]
    fn every_file_of_words_is_read_and_belongs_to_a_kind() {
        for file in FORMS.files() {
            let name = file.path().file_stem().and_then(|n| n.to_str()).unwrap();
            let kind = PredicateType::find(name).unwrap_or_else(|| panic!("forms/{name}.toml: no such kind"));
            Words::parse(kind, file.contents_utf8().unwrap()).unwrap();
        }
    }

    #[test]
    fn whatever_is_filed_by_hand_asks_for_it_in_both_languages() {
        // The desk makes drafts of these from pages of their own.
        let elsewhere = ["organisation", "assessment"];
        for kind in PredicateType::all() {
            if !is_filed_by_hand(kind.name) && !elsewhere.contains(&kind.name) {
                continue;
            }
            let words = WORDS.get(kind.name).unwrap_or_else(|| panic!("no forms/{}.toml", kind.name));
            assert!(words.intro.is_some() && words.next.is_some(), "{}: intro and next", kind.name);
            for question in Form::new(kind, words.clone()).questions {
                let title = words.of(&question.name).and_then(|question| question.title.as_ref());
                let asked = title.is_some_and(|title| !title.ja.is_empty() && !title.en.is_empty());
                assert!(asked, "forms/{}.toml: no title for {}", kind.name, question.name);
                assert!(words.order.contains(&question.name), "{}: {} in order", kind.name, question.name);
            }
            for (way, question) in &words.question {
                for language in [Language::Ja, Language::En] {
                    let hint = question.hint.as_ref().map_or("", |hint| hint.get(language));
                    assert!(
                        hint.chars().count() <= 300,
                        "forms/{}.toml: the hint of {way} is long",
                        kind.name
                    );
                }
            }
        }
    }
}
