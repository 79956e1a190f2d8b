//! The questions of a kind of statement: from its JSON Schema, so that every kind can be filed, and
//! from a file of words (`forms/<kind>.toml`) that says how people are asked.

mod json;
mod read;
mod shape;
mod words;

pub use json::{Misfit, fits};
pub use read::{Fields, Problem, Wrong, read, write};
pub use shape::{Field, Shape};
pub use words::{Bilingual, QuestionWords, Reach, Source, Words, WordsError};

use evidence::PredicateType;

/// The form of a kind of statement.
#[derive(Debug, Clone)]
pub struct Form {
    /// The kind.
    pub kind: &'static PredicateType,
    /// Its questions, in the order in which they are asked.
    pub questions: Vec<Field>,
    /// How people are asked.
    pub words: Words,
}

impl Form {
    /// Returns the form of a kind, asked with `words`.
    pub fn new(kind: &'static PredicateType, words: Words) -> Self {
        let mut questions = shape::questions_of(kind.schema().as_value());
        questions.retain(|field| !words.left_out(&field.name));
        questions.sort_by_key(|field| words.place(&field.name));
        Self { kind, questions, words }
    }

    /// Returns a question.
    pub fn question(&self, name: &str) -> Option<&Field> {
        self.questions.iter().find(|field| field.name == name)
    }
}
