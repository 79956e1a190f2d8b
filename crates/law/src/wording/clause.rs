//! What a sentence can say, before it is said in a language.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::Language;
use crate::assessment::{Assessment, Force};
use crate::expression::Comparison;
use crate::regime::{Regime, Text};
use crate::truth::Truth;

/// Attributes of a statement, each with the values of which it has one.
pub(super) type Attributes = Vec<(String, Vec<String>)>;

/// One ground of a result. All texts are in the language of the sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Clause {
    pub(super) what: What,
    /// How the article is cited; none where the sentence cites none.
    pub(super) article: Option<String>,
    /// Open issues that it takes as settled: question → value.
    pub(super) settled: BTreeMap<String, String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    /// A fact that is true or false.
    YesNo {
        label: String,
        known: Known,
        truth: Truth,
    },
    /// Facts of which it is not known whether they are true.
    Unknown {
        labels: Vec<String>,
    },
    /// Statements of which it is not known whether they are of one of some kinds.
    UnknownKind {
        name: String,
        entries: Vec<u64>,
        kinds: Vec<Attributes>,
    },
    /// A comparison; of `dates` some words differ.
    Compared {
        left: Operand,
        comparison: Comparison,
        right: Operand,
        dates: bool,
        truth: Truth,
    },
    /// One of several values.
    Among {
        left: Operand,
        values: Vec<String>,
        truth: Truth,
    },
    /// Whether an open issue is settled so that it includes a value.
    Includes {
        question: String,
        value: String,
        truth: Truth,
    },
    /// Statements on record.
    Recorded {
        name: String,
        attributes: Attributes,
        entries: Vec<u64>,
        truth: Truth,
    },
    Designated {
        entries: Vec<u64>,
        truth: Truth,
    },
    /// Duties that are not met, the first of `count`; none: any duty of a party.
    Unmet {
        duties: Vec<String>,
        count: usize,
        truth: Truth,
    },
    Class {
        name: String,
        truth: Truth,
    },
    /// The rule has no condition.
    Always,
    /// An open issue, and how it is settled; none: it is not.
    Setting {
        question: String,
        value: Option<String>,
    },
    /// The law asks it for a time only, and that time runs, is over, or has no end yet.
    Until {
        rule: String,
        truth: Truth,
    },
    /// The rule does not apply on the day.
    OutOfTime {
        from: Option<String>,
        to: Option<String>,
    },
    /// No text has force on the day.
    NoText {
        force: Force,
        day: Date,
        from: Option<Date>,
        ended: Option<Date>,
    },
    /// A condition that cannot be put in words.
    Other {
        condition: String,
        truth: Truth,
    },
}

impl Clause {
    /// Returns the label of the fact that is not known and leaves the condition open.
    pub(super) fn unknown(&self) -> Option<&str> {
        match &self.what {
            What::Compared { left, right, .. } => [left, right].into_iter().find_map(|side| match side {
                Operand::Fact { label, known: Known::Not } => Some(label.as_str()),
                _ => None,
            }),
            _ => None,
        }
    }
}

/// What is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Operand {
    Fact {
        label: String,
        known: Known,
    },
    /// A value or a formula, as it is written.
    Plain(String),
    /// What an open issue would settle.
    Open(String),
}

/// How closely a fact is known. Sources are named as the reader wants them named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Known {
    /// Nothing is looked up: the condition itself is described.
    Asked,
    Exactly {
        value: String,
        sources: Vec<String>,
    },
    Within {
        value: String,
        sources: Vec<String>,
    },
    /// Values that contradict each other, with who states each.
    Disputed(Vec<(String, Vec<String>)>),
    Not,
}

/// Says why a regime has no force on the day of an assessment.
pub(super) fn no_text(regime: &Regime, assessment: &Assessment) -> What {
    let day = assessment.as_of;
    let ended = regime.versions().iter().filter_map(|version| version.to).filter(|to| *to < day).max();
    What::NoText {
        force: assessment.force,
        day,
        from: assessment.in_force_from,
        ended: ended.filter(|_| assessment.force == Force::Ended),
    }
}

/// Returns the text of a label, or the id where the regime has none.
pub(super) fn label<'t>(text: Option<&'t Text>, id: &'t str, language: Language) -> &'t str {
    text.map_or(id, |text| text.get(language))
}

/// Says once what is said of several facts or kinds: that it is not known.
pub(super) fn merged(clauses: Vec<Clause>, between: &str) -> Vec<Clause> {
    let mut merged: Vec<Clause> = Vec::new();
    for clause in clauses {
        let what = match clause.what {
            What::YesNo { label, known: Known::Not, .. } => What::Unknown { labels: vec![label] },
            What::Recorded { name, attributes, entries, truth: Truth::Undetermined } => {
                What::UnknownKind { name, entries, kinds: vec![attributes] }
            }
            other => other,
        };
        let said = merged.iter_mut().find(|said| match (&said.what, &what) {
            (What::Unknown { .. }, What::Unknown { .. }) => true,
            (
                What::UnknownKind { name, entries, .. },
                What::UnknownKind { name: other, entries: others, .. },
            ) => name == other && entries == others,
            _ => false,
        });
        let Some(said) = said else {
            merged.push(Clause { what, ..clause });
            continue;
        };
        match (&mut said.what, what) {
            (What::Unknown { labels }, What::Unknown { labels: more }) => {
                labels.extend(more);
                let mut seen = std::collections::BTreeSet::new();
                labels.retain(|label| seen.insert(label.clone()));
            }
            (What::UnknownKind { kinds, .. }, What::UnknownKind { kinds: more, .. }) => kinds.extend(more),
            _ => {}
        }
        said.settled.extend(clause.settled);
        if let Some(article) = clause.article {
            match &mut said.article {
                None => said.article = Some(article),
                Some(cited) if cited.split(between).all(|one| one != article) => {
                    cited.push_str(between);
                    cited.push_str(&article);
                }
                Some(_) => {}
            }
        }
    }
    merged
}
