//! Who watches the demo: a terminal, a script, a test.

use evidence::{Digest, Language};

/// Which of the three legs someone stands on; the machine on none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Voice {
    /// The State.
    State,
    /// A developer.
    Developer,
    /// An independent verifier.
    Verifier,
    /// The node's operator, or a computation.
    Machine,
}

impl Voice {
    /// Returns the sign that pages put before a name.
    pub fn sign(self) -> char {
        match self {
            Self::State => '■',
            Self::Developer => '●',
            Self::Verifier => '▲',
            Self::Machine => '◇',
        }
    }
}

/// A statement that someone made.
#[derive(Debug, Clone)]
pub struct Said {
    /// Which leg they stand on.
    pub voice: Voice,
    /// Who.
    pub who: String,
    /// What kind of statement.
    pub kind: String,
    /// The statement.
    pub statement: Digest,
    /// Its place in the log; `None` while it waits outside.
    pub index: Option<u64>,
    /// The page that shows it.
    pub link: String,
}

/// Someone who watches. Texts are in the audience's language already.
pub trait Audience {
    /// Returns the language that the audience reads.
    fn language(&self) -> Language;
    /// A step begins.
    fn step(&mut self, number: usize, title: &str);
    /// A command was carried out.
    fn command(&mut self, line: &str);
    /// Someone said something.
    fn said(&mut self, said: &Said);
    /// The register refused something, as it should.
    fn refused(&mut self, what: &str, code: &str, detail: &str);
    /// Something to know.
    fn note(&mut self, text: &str);
    /// Something goes on.
    fn progress(&mut self, text: &str);
}
