//! How people are asked: the files in `forms/`, one for each kind of statement that has words of
//! its own. A kind without one is asked with the names of its fields.

use std::collections::BTreeMap;

use evidence::{Language, PredicateType};
use serde::Deserialize;

use super::shape::{has_way, questions_of};

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
    /// Duties of the law under which it is said; under none, of every law applied here.
    Duties,
    /// Facts that the law knows.
    Facts,
    /// Classes of the law.
    Classes,
    /// Organisations, of a role where one is named.
    Organisations(Option<String>),
    /// Models of the organisation that the subject belongs to.
    Models,
    /// Statements of these kinds, as far as the organisation may read them.
    Statements(Reach, Vec<String>),
    /// What the statement that it is about numbers: questions, a checklist, a plan's items.
    Items,
    /// Attachments of the statement that it is about.
    Attachments,
    /// Holders of keys of the issuing organisation.
    Holders,
    /// Kinds of statement: these, or all.
    Kinds(Vec<String>),
    /// Kinds of statement that the policy in force has a row for.
    Acts,
    /// Of these, the ones that a procedure stands before.
    AdverseActs,
    /// Roles of organisations.
    Roles,
    /// Keys that are at hand: one's own passkeys.
    Keys,
    /// Keys of the issuing organisation that are in force.
    RegisteredKeys,
    /// Risk areas of the shipped taxonomy.
    RiskAreas,
}

/// How far statements to choose from may be from the subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// About the subject itself, and what hangs on that.
    Here,
    /// About the subject, what it is about or belongs to, and what the organisation filed itself.
    Around,
    /// In the whole register.
    Anywhere,
}

impl TryFrom<String> for Source {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let (name, rest) = text.split_once(':').map_or((text.as_str(), None), |(n, r)| (n, Some(r.trim())));
        let list = |text: &str| text.split(',').map(|kind| kind.trim().to_owned()).collect();
        Ok(match (name, rest) {
            ("duties", None) => Self::Duties,
            ("facts", None) => Self::Facts,
            ("classes", None) => Self::Classes,
            ("organisations", role) => Self::Organisations(role.map(str::to_owned)),
            ("models", None) => Self::Models,
            ("statements", Some(kinds)) => Self::Statements(Reach::Around, list(kinds)),
            ("here", Some(kinds)) => Self::Statements(Reach::Here, list(kinds)),
            ("anywhere", Some(kinds)) => Self::Statements(Reach::Anywhere, list(kinds)),
            ("items", None) => Self::Items,
            ("attachments", None) => Self::Attachments,
            ("holders", None) => Self::Holders,
            ("kinds", kinds) => Self::Kinds(kinds.map(list).unwrap_or_default()),
            ("acts", None) => Self::Acts,
            ("adverse-acts", None) => Self::AdverseActs,
            ("roles", None) => Self::Roles,
            ("keys", None) => Self::Keys,
            ("registered-keys", None) => Self::RegisteredKeys,
            ("risk-areas", None) => Self::RiskAreas,
            _ => {
                return Err(format!(
                    "expected duties, facts, classes, organisations[:ROLE], models, statements:KIND,…, \
                     here:KIND,…, anywhere:KIND,…, items, attachments, holders, kinds[:KIND,…], acts, \
                     adverse-acts, roles, keys, registered-keys or risk-areas, found {text:?}"
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
            if !has_way(&questions, name) {
                return Err(fail(format!("a statement of this kind has no field {name:?}")));
            }
        }
        if let Some(name) =
            words.leave_out.iter().find(|name| questions.iter().any(|q| q.required && q.name == **name))
        {
            return Err(fail(format!("{name:?} must be there, so it cannot be left out")));
        }
        if let Some(unknown) = words.question.values().find_map(|question| match &question.from {
            Some(Source::Statements(_, kinds) | Source::Kinds(kinds)) => {
                kinds.iter().find(|kind| PredicateType::find(kind).is_none())
            }
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
        assert!(parse("[question.considered]\nfrom = \"here:reply\"").is_ok());
        assert!(parse("[question.considered]\nfrom = \"anywhere:nonsense\"").is_err());
        assert!(parse("[question.duty]\nfrom = \"anything\"").is_err());
    }

    #[test]
    fn words_about_a_field_within_name_it_by_its_way() {
        let parse = |kind: &str, way: &str| {
            let text = format!("[question.\"{way}\"]\ntitle = {{ ja = \"a\", en = \"a\" }}");
            Words::parse(PredicateType::find(kind).unwrap(), &text)
        };
        for (kind, way) in [
            ("inspection", "team.holder"),
            ("model-facts", "facts.value"),
            ("model-facts", "facts.value.interval.low"),
            ("safety-verification", "groups.counts.samples"),
        ] {
            assert!(parse(kind, way).is_ok(), "{kind} {way}");
        }
        for (kind, way) in [
            ("inspection", "team.0.holder"),
            ("inspection", "team.person"),
            ("model-facts", "facts.value.low"),
            ("guidance", "text.ja"),
        ] {
            assert!(parse(kind, way).is_err(), "{kind} {way}");
        }
    }
}
