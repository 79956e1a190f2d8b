//! How people are asked: the files in `forms/`, one for each kind of statement that has words of
//! its own. A kind without one is asked with the names of its fields.

use std::collections::BTreeMap;

use evidence::{Language, PredicateType};
use serde::Deserialize;

use super::shape::questions_of;

/// The words of a form.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// What the form is for, and what happens with what is filed.
    #[serde(default)]
    pub intro: Option<Bilingual>,
    /// What happens next, for the page after filing.
    #[serde(default)]
    pub next: Option<Bilingual>,
    /// The order of the questions; those that it does not name come last.
    #[serde(default)]
    pub order: Vec<String>,
    /// Questions that are not asked: what nobody fills in by hand.
    #[serde(default)]
    pub leave_out: Vec<String>,
    /// Words of the questions, by the name of the field; of a field within, by its way: `team.holder`.
    #[serde(default)]
    pub question: BTreeMap<String, QuestionWords>,
}

/// The words of one question.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuestionWords {
    /// The question.
    #[serde(default)]
    pub title: Option<Bilingual>,
    /// What helps to answer it.
    #[serde(default)]
    pub hint: Option<Bilingual>,
    /// Where the answers to choose from come from.
    #[serde(default)]
    pub from: Option<Source>,
}

/// A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bilingual {
    /// Japanese.
    pub ja: String,
    /// English.
    pub en: String,
}

impl Bilingual {
    /// Returns the text in `language`.
    pub fn get(&self, language: Language) -> &str {
        match language {
            Language::Ja => &self.ja,
            Language::En => &self.en,
        }
    }
}

/// Where the answers to choose from come from.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Source {
    /// Duties of the law under which it is said.
    Duties,
    /// Facts that the law under which it is said knows.
    Facts,
    /// Classes of the law under which it is said.
    Classes,
    /// Organisations, of a role where one is named.
    Organisations(Option<String>),
    /// Models of the organisation that the subject belongs to.
    Models,
    /// Statements of these kinds about the subject, or about what belongs to it.
    Statements(Vec<String>),
    /// Holders of keys of the issuing organisation.
    Holders,
    /// Kinds of statement.
    Kinds,
    /// Roles of organisations.
    Roles,
    /// Keys that are at hand: one's own passkeys.
    Keys,
}

impl TryFrom<String> for Source {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let (name, rest) = text.split_once(':').map_or((text.as_str(), None), |(n, r)| (n, Some(r.trim())));
        Ok(match (name, rest) {
            ("duties", None) => Self::Duties,
            ("facts", None) => Self::Facts,
            ("classes", None) => Self::Classes,
            ("organisations", role) => Self::Organisations(role.map(str::to_owned)),
            ("models", None) => Self::Models,
            ("statements", Some(kinds)) => {
                Self::Statements(kinds.split(',').map(|kind| kind.trim().to_owned()).collect())
            }
            ("holders", None) => Self::Holders,
            ("kinds", None) => Self::Kinds,
            ("roles", None) => Self::Roles,
            ("keys", None) => Self::Keys,
            _ => {
                return Err(format!(
                    "expected duties, facts, classes, organisations[:ROLE], models, statements:KIND,…, \
                     holders, kinds, roles or keys, found {text:?}"
                ));
            }
        })
    }
}

/// Why a file of words was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("forms/{kind}.toml: {problem}")]
pub struct WordsError {
    /// The kind of statement.
    pub kind: String,
    /// What is wrong.
    pub problem: String,
}

impl Words {
    /// Reads the words of a kind's form, and checks that they are about fields that it has.
    pub fn parse(kind: &PredicateType, text: &str) -> Result<Self, WordsError> {
        let fail = |problem: String| WordsError { kind: kind.name.to_owned(), problem };
        let words: Self = toml::from_str(text).map_err(|error| fail(error.to_string()))?;
        let questions = questions_of(kind.schema().as_value());
        let named = words.order.iter().chain(&words.leave_out).chain(words.question.keys());
        for name in named {
            let first = name.split('.').next().unwrap_or_default();
            if !questions.iter().any(|question| question.name == first) {
                return Err(fail(format!("a statement of this kind has no field {name:?}")));
            }
        }
        if let Some(name) =
            words.leave_out.iter().find(|name| questions.iter().any(|q| q.required && q.name == **name))
        {
            return Err(fail(format!("{name:?} must be there, so it cannot be left out")));
        }
        if let Some(unknown) = words.question.values().find_map(|question| match &question.from {
            Some(Source::Statements(kinds)) => kinds.iter().find(|kind| PredicateType::find(kind).is_none()),
            _ => None,
        }) {
            return Err(fail(format!("there is no kind of statement {unknown:?}")));
        }
        Ok(words)
    }

    /// Returns the words of the field at `way`, such as `team.holder`.
    pub fn of(&self, way: &str) -> Option<&QuestionWords> {
        self.question.get(way)
    }

    pub(crate) fn place(&self, name: &str) -> usize {
        self.order.iter().position(|n| n == name).unwrap_or(usize::MAX)
    }

    pub(crate) fn left_out(&self, name: &str) -> bool {
        self.leave_out.iter().any(|n| n == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_about_a_field_that_there_is_not_are_refused() {
        let kind = PredicateType::find("guidance").unwrap();
        let parse = |text: &str| Words::parse(kind, text);
        assert!(parse("order = [\"text\", \"kind\"]").is_ok());
        assert!(parse("order = [\"colour\"]").unwrap_err().problem.contains("colour"));
        assert!(parse("leave_out = [\"text\"]").unwrap_err().problem.contains("left out"));
        assert!(parse("[question.considered]\nfrom = \"statements:reply, incident\"").is_ok());
        assert!(parse("[question.considered]\nfrom = \"statements:nonsense\"").is_err());
        assert!(parse("[question.duty]\nfrom = \"anything\"").is_err());
    }
}
