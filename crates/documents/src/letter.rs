//! What a document is made of, before it is set in type.

use evidence::{Digest, Language};
use jiff::civil::Date;

/// A document: a letter, a certificate, a report, minutes.
#[derive(Debug, Clone, PartialEq)]
pub struct Letter {
    /// The language that it is written in.
    pub language: Language,
    /// What it is: 指定通知書, Notice of designation.
    pub title: String,
    /// Its number in the office's records (文書番号).
    pub number: Option<String>,
    /// Its day: what the file says of its making, too.
    pub date: Date,
    /// Whose paper it is on.
    pub letterhead: Option<Letterhead>,
    /// Whom it is to.
    pub addressee: Option<String>,
    /// Who speaks.
    pub sender: Option<Sender>,
    /// What every page says at its top: a draft, a copy.
    pub mark: Option<String>,
    /// What must be read first, in a frame.
    pub notices: Vec<String>,
    /// What it says.
    pub blocks: Vec<Block>,
    /// What it was made from, and where to check it.
    pub proof: Option<Proof>,
}

/// Whose paper a document is on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letterhead {
    /// The organisation.
    pub name: String,
    /// Address, contact.
    pub lines: Vec<String>,
}

/// Who speaks in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    /// The organisation.
    pub name: String,
    /// Role, office.
    pub lines: Vec<String>,
}

/// A text in a document, with its language where that is another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// The text; a line break ends a line.
    pub text: String,
    /// Its language, where it is not the document's.
    pub language: Option<Language>,
}

impl From<String> for Passage {
    fn from(text: String) -> Self {
        Self { text, language: None }
    }
}

impl From<&str> for Passage {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

/// A piece of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A heading of a section.
    Heading(String),
    /// A paragraph.
    Paragraph(Passage),
    /// A short text in the middle, such as 記.
    Centred(String),
    /// A short text at the right, such as 以上.
    AtRight(String),
    /// Points one below another.
    List(Vec<Passage>),
    /// Labels and what stands beside them.
    Fields(Vec<Field>),
    /// A table with a heading.
    Table(Table),
    /// Lines to be signed on by hand, each with its label.
    Signatures(Vec<String>),
}

/// A label and what stands beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The label.
    pub label: String,
    /// What stands beside it, each on lines of its own.
    pub values: Vec<Passage>,
}

/// A table: as many cells in each row as there are columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The columns: their heading and their share of the width.
    pub columns: Vec<(String, u8)>,
    /// The rows.
    pub rows: Vec<Vec<Passage>>,
}

/// What a document was made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The statement digest.
    pub digest: Digest,
    /// Where the statement stands: log, entry, time. Each a line.
    pub lines: Vec<String>,
    /// The address of the statement's page.
    pub address: Option<String>,
}
