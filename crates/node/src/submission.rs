//! What comes in, and what is answered.

use std::collections::BTreeSet;

use evidence::statement::{MAX_ATTACHMENTS, MAX_PART};
use evidence::{Digest, Envelope, EnvelopeError, Part, Statement, StatementError, Timestamp, Unknown};
use register::{Refusal, Register};

/// The most statements of one submission.
pub const MAX_STATEMENTS: usize = 64;

/// The most bytes of attachments in one submission.
pub const MAX_PARTS_BYTES: usize = 64 << 20;

/// A statement as submitted.
#[derive(Debug, Clone)]
pub struct Submission {
    /// The DSSE envelope, JSON.
    pub envelope: Vec<u8>,
    /// The content of every attachment that the statement names, in any order.
    pub parts: Vec<Part>,
}

/// What became of a submitted statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is in the log.
    Recorded {
        /// Its digest.
        statement: Digest,
        /// The index of its entry.
        index: u64,
        /// The receipt: a C2SP tlog-proof with the log entry as extra data.
        receipt: Vec<u8>,
        /// The salt of a restricted entry: with it, the statement's holder can show what the
        /// entry commits to.
        leaf_salt: Option<[u8; 32]>,
        /// Whether it was recorded before.
        already: bool,
    },
    /// It is valid and waits until somebody accepts the organisation.
    Waiting {
        /// Its digest.
        statement: Digest,
        /// A note signed under the intake key: when it arrived.
        arrival_note: String,
    },
}

/// Says why nothing of a submission was recorded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SubmitError {
    /// The register refuses a statement.
    #[error("statement {position} of the submission: {refusal}")]
    Refused {
        /// The position of the statement in the submission, from 0.
        position: usize,
        /// Why.
        refusal: Refusal,
        /// The refusal, signed under the intake key.
        note: String,
    },
    /// A statement cannot be read, or its attachments are not those that it names.
    #[error("statement {position} of the submission: {problem}")]
    Malformed {
        /// The position of the statement in the submission, from 0.
        position: usize,
        /// What is wrong.
        problem: Malformed,
    },
    /// There is more than one submission may hold.
    #[error(
        "a submission has 1 to {MAX_STATEMENTS} statements and at most {MAX_PARTS_BYTES} bytes of attachments"
    )]
    TooLarge,
    /// The caller may not submit this.
    #[error("{0}")]
    Forbidden(&'static str),
    /// Too many registrations wait already, or this one is too large to wait.
    #[error("{0}")]
    IntakeFull(&'static str),
    /// The node takes no submissions at the moment.
    #[error("the node takes no submissions: {reason}")]
    Closed {
        /// Why.
        reason: String,
    },
    /// The store went away in the middle.
    #[error(
        "it is not known whether the statements are recorded: {0}; submit the same again: what is recorded \
         already keeps its place"
    )]
    Unclear(String),
    /// The store failed; nothing was recorded.
    #[error("nothing was recorded: {0}")]
    Store(String),
}

/// Says what is wrong with a submitted statement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// The envelope cannot be read.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// The statement cannot be read.
    #[error(transparent)]
    Statement(#[from] StatementError),
    /// An attachment's content is missing.
    #[error("the content of the attachment {name:?} ({commitment}) is missing")]
    PartMissing {
        /// Its name.
        name: String,
        /// Its commitment.
        commitment: Digest,
    },
    /// Content that belongs to no attachment.
    #[error("part {position} belongs to no attachment of the statement: its commitment is {commitment}")]
    PartStranger {
        /// The position among the parts, from 0.
        position: usize,
        /// Its commitment.
        commitment: Digest,
    },
    /// An attachment's content has another size than the statement says.
    #[error("the attachment {name:?} has {found} bytes, the statement says {expected}")]
    PartSize {
        /// Its name.
        name: String,
        /// The size in the statement.
        expected: u64,
        /// The size of the content.
        found: u64,
    },
    /// The attachment was erased before, and does not come back.
    #[error("the attachment {name:?} was erased by entry {by}; attach it anew, with another salt")]
    PartErased {
        /// Its name.
        name: String,
        /// The entry that erased it.
        by: u64,
    },
}

/// A submission that has been read, on its way to the sequencer.
#[derive(Debug)]
pub(crate) struct Admitted {
    pub(crate) envelope: Envelope,
    pub(crate) statement: Statement,
    /// The content of its attachments by commitment, each once.
    pub(crate) parts: Vec<(Digest, Part)>,
}

impl Admitted {
    /// Reads a batch, within bounds. `register` knows what is recorded already: its attachments
    /// need not come again.
    pub(crate) fn read_all(batch: Vec<Submission>, register: &Register) -> Result<Vec<Self>, SubmitError> {
        let bytes: usize = batch.iter().flat_map(|s| &s.parts).map(|part| part.bytes.len()).sum();
        if batch.is_empty() || batch.len() > MAX_STATEMENTS || bytes > MAX_PARTS_BYTES {
            return Err(SubmitError::TooLarge);
        }
        batch
            .into_iter()
            .enumerate()
            .map(|(position, submission)| {
                Self::read(submission, register)
                    .map_err(|problem| SubmitError::Malformed { position, problem })
            })
            .collect()
    }

    fn read(submission: Submission, register: &Register) -> Result<Self, Malformed> {
        let envelope = Envelope::parse(&submission.envelope)?;
        let statement = Statement::parse(envelope.payload(), Unknown::Refuse)?;
        let parts = if register.recorded(&statement.digest()).is_some() {
            Vec::new()
        } else {
            match_parts(&statement, submission.parts, register)?
        };
        Ok(Self { envelope, statement, parts })
    }
}

/// Puts every part to its attachment; both must be complete.
pub(crate) fn match_parts(
    statement: &Statement,
    parts: Vec<Part>,
    register: &Register,
) -> Result<Vec<(Digest, Part)>, Malformed> {
    let attachments = &statement.common().attachments;
    let mut left: Vec<(usize, Digest, Part)> = parts
        .into_iter()
        .take(MAX_ATTACHMENTS + 1)
        .enumerate()
        .map(|(position, part)| (position, part.commitment(), part))
        .collect();
    let mut seen = BTreeSet::new();
    let mut found = Vec::with_capacity(attachments.len());
    for attachment in attachments {
        let name = || attachment.name.clone();
        if let Some(by) = register.erased_by(&attachment.commitment) {
            return Err(Malformed::PartErased { name: name(), by });
        }
        // Two attachments may name one content; it travels once.
        if !seen.insert(attachment.commitment) {
            continue;
        }
        let Some(at) = left.iter().position(|(_, commitment, _)| *commitment == attachment.commitment) else {
            return Err(Malformed::PartMissing { name: name(), commitment: attachment.commitment });
        };
        let (_, commitment, part) = left.swap_remove(at);
        let size = part.bytes.len() as u64;
        if size != attachment.size || part.bytes.len() > MAX_PART {
            return Err(Malformed::PartSize { name: name(), expected: attachment.size, found: size });
        }
        found.push((commitment, part));
    }
    match left.first() {
        Some((position, commitment, _)) => {
            Err(Malformed::PartStranger { position: *position, commitment: *commitment })
        }
        None => Ok(found),
    }
}

/// Returns the text of an arrival note.
pub(crate) fn arrival_text(origin: &str, statement: &Digest, at: Timestamp) -> String {
    format!("kanae/arrival/v1\n{origin}\n{statement}\n{at}\n")
}

/// Returns the text of a refusal. Outside text stays on its line.
pub(crate) fn refusal_text(origin: &str, statement: &Digest, at: Timestamp, refusal: &Refusal) -> String {
    let line: String = refusal
        .to_string()
        .chars()
        .map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c })
        .collect();
    format!("kanae/refusal/v1\n{origin}\n{statement}\n{at}\n{}\n{line}\n", refusal.code.as_str())
}

#[cfg(test)]
mod tests {
    use evidence::sha256;
    use proptest::prelude::*;
    use register::Code;

    use super::*;

    fn at() -> Timestamp {
        "2026-11-23T15:04:05.678Z".parse().unwrap()
    }

    #[test]
    fn notes_are_read_line_by_line() {
        let refusal = Refusal::new(Code::WrongRole, "model is said by [Role(\"developer\")]");
        insta::assert_snapshot!(refusal_text("register.test/2026", &sha256(b"statement"), at(), &refusal));
        insta::assert_snapshot!(arrival_text("register.test/2026", &sha256(b"statement"), at()));
    }

    proptest! {
        #[test]
        fn outside_text_never_adds_a_line_to_a_refusal(detail in any::<String>()) {
            let refusal = Refusal::new(Code::WrongCitation, detail);
            let text = refusal_text("register.test/2026", &sha256(b"statement"), at(), &refusal);
            prop_assert_eq!(text.matches('\n').count(), 6);
            prop_assert!(text.chars().all(|c| c == '\n' || !c.is_control()));
        }

        #[test]
        fn no_envelope_makes_the_reader_panic(envelope: Vec<u8>) {
            let batch = vec![Submission { envelope, parts: Vec::new() }];
            let read = Admitted::read_all(batch, &Register::new("register.test/2026"));
            let malformed = matches!(read, Err(SubmitError::Malformed { position: 0, .. }));
            prop_assert!(malformed);
        }
    }
}
