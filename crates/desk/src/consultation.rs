//! Comments of the public in a consultation: written by anyone, without an account and without a key.
//!
//! The consultation itself is a statement on the record, and so is what is answered. What people
//! without an organisation write stands here: it waits until a member of the consulting organisation
//! has read it, is then published as plain text or withheld on a ground that is said, and is counted
//! either way. The file of what was published is attached to the statement with the answers, which
//! commits to it: nobody can change a comment afterwards without that being seen.

use std::collections::BTreeMap;

use evidence::{Date, Digest, Timestamp};
use serde::{Deserialize, Serialize};

use crate::desk::{Desk, DeskError, Kept, Versioned};
use crate::records::MAX_FOUND;
use crate::secret::{hash_of, new_id, plain_code, short_code};

/// The longest comment with its answers, in characters.
pub const MAX_COMMENT: usize = 20_000;
/// The longest name of a person or an organisation, in characters.
pub const MAX_NAME: usize = 200;
/// The longest explanation of a ground, in characters.
pub const MAX_NOTE: usize = 500;
/// The most comments of one consultation.
pub const MAX_COMMENTS: u64 = 5_000;
/// The most bytes of all its comments: the file of them must fit into an attachment.
pub const MAX_BYTES: u64 = 12 << 20;
/// How often a write is tried again that others were faster than.
const TRIES: usize = 8;
/// What the file of comments is called in the statement with the answers.
pub const FILE_NAME: &str = "comments.json";

/// When published comments are shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    /// As soon as somebody has read them.
    AtOnce,
    /// Once the last day is over.
    #[default]
    AfterClose,
}

/// What the desk keeps of a consultation as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hearing {
    /// The digest of the `consultation`, as its name among the documents.
    pub id: String,
    /// Who consults.
    pub organisation: Digest,
    /// When published comments are shown.
    pub shown: Shown,
    /// Comments that came, withheld ones included.
    pub received: u64,
    /// Of these, published.
    pub published: u64,
    /// Of these, withheld, by ground.
    pub withheld: BTreeMap<Ground, u64>,
    /// Bytes of all comments.
    pub bytes: u64,
}

impl Hearing {
    /// Begins to hear the public on a consultation.
    pub fn new(consultation: Digest, organisation: Digest) -> Self {
        Self {
            id: consultation.to_string(),
            organisation,
            shown: Shown::default(),
            received: 0,
            published: 0,
            withheld: BTreeMap::new(),
            bytes: 0,
        }
    }

    /// Returns how many comments nobody has decided on.
    pub fn waiting(&self) -> u64 {
        self.received.saturating_sub(self.published).saturating_sub(self.withheld.values().sum())
    }
}

impl Kept for Hearing {
    const KIND: &'static str = "hearing";

    fn id(&self) -> &str {
        &self.id
    }

    fn keys(&self) -> Vec<(&'static str, String)> {
        vec![("organisation", self.organisation.to_string())]
    }
}

/// A comment of someone without an organisation on the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicComment {
    /// Its name among the documents.
    pub id: String,
    /// The `consultation`.
    pub consultation: Digest,
    /// Its number among the comments of the consultation, from 1 on.
    pub number: u64,
    /// SHA-256 of the code that its author was given.
    pub code: Digest,
    /// Who writes, where they say so.
    pub name: Option<String>,
    /// For whom, where they say so.
    pub organisation: Option<String>,
    /// What is said on the whole.
    pub text: String,
    /// What is said to each question, by its id.
    pub answers: BTreeMap<String, String>,
    /// The day on which it came.
    pub on: Date,
    /// What was decided on it.
    pub decision: Decision,
    /// Who decided, and when.
    pub decided: Option<(String, Timestamp)>,
}

/// What was decided on a comment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Nobody has read it.
    Waiting,
    /// It is published as it was written.
    Published,
    /// It is counted, and not shown.
    Withheld {
        /// The ground, which is public.
        ground: Ground,
        /// What its author is told beside the ground.
        note: String,
    },
}

/// Why a comment is not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ground {
    /// It tells about someone else what is theirs to tell.
    PersonalData,
    /// It insults, threatens, or is unlawful otherwise.
    Unlawful,
    /// It has nothing to do with what is asked.
    OffTopic,
    /// The same was sent before.
    Repeated,
    /// Advertising, or made by a machine in bulk.
    Spam,
    /// Another ground, which the note says.
    Other,
}

impl Ground {
    /// Every ground.
    pub const ALL: [Self; 6] =
        [Self::PersonalData, Self::Unlawful, Self::OffTopic, Self::Repeated, Self::Spam, Self::Other];

    /// Returns the name, as forms and texts write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PersonalData => "personal_data",
            Self::Unlawful => "unlawful",
            Self::OffTopic => "off_topic",
            Self::Repeated => "repeated",
            Self::Spam => "spam",
            Self::Other => "other",
        }
    }

    /// Finds a ground by its name.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|ground| ground.as_str() == name)
    }
}

impl Kept for PublicComment {
    const KIND: &'static str = "comment";

    fn id(&self) -> &str {
        &self.id
    }

    fn keys(&self) -> Vec<(&'static str, String)> {
        let state = match self.decision {
            Decision::Waiting => "waiting",
            Decision::Published => "published",
            Decision::Withheld { .. } => "withheld",
        };
        vec![("code", self.code.to_string()), (state, self.consultation.to_string())]
    }
}

/// What somebody sends.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sent {
    /// Who writes; may be empty.
    pub name: String,
    /// For whom; may be empty.
    pub organisation: String,
    /// What is said on the whole.
    pub text: String,
    /// What is said to each question.
    pub answers: BTreeMap<String, String>,
}

/// Why a comment was not taken.
#[derive(Debug, thiserror::Error)]
pub enum CommentError {
    /// Nothing was said.
    #[error("write something: on the whole, or to one of the questions")]
    Empty,
    /// Too much was said, or with characters that are none.
    #[error("a comment with its answers has at most {MAX_COMMENT} characters, a name at most {MAX_NAME}")]
    TooLong,
    /// There are too many.
    #[error("no more comments can be taken here: write by post")]
    Full,
    /// The desk failed.
    #[error(transparent)]
    Desk(#[from] DeskError),
}

impl From<getrandom::Error> for CommentError {
    fn from(error: getrandom::Error) -> Self {
        Self::Desk(error.into())
    }
}

/// Returns a text as it is kept: lines end in one way, and there are no control characters.
pub(crate) fn checked(text: &str, most: usize) -> Option<String> {
    let text = text.trim().replace("\r\n", "\n");
    let fits = |c: char| !c.is_control() || c == '\n' || c == '\t';
    (text.chars().count() <= most && text.chars().all(fits)).then_some(text)
}

impl Sent {
    /// Reads what was sent, within bounds.
    fn checked(&self) -> Result<Self, CommentError> {
        let one_line = |text: &str| {
            let text = checked(text, MAX_NAME).ok_or(CommentError::TooLong)?;
            if text.contains('\n') { Err(CommentError::TooLong) } else { Ok(text) }
        };
        let text = checked(&self.text, MAX_COMMENT).ok_or(CommentError::TooLong)?;
        let mut answers = BTreeMap::new();
        for (question, answer) in &self.answers {
            let answer = checked(answer, MAX_COMMENT).ok_or(CommentError::TooLong)?;
            if !answer.is_empty() {
                answers.insert(question.clone(), answer);
            }
        }
        let length = text.chars().count() + answers.values().map(|a| a.chars().count()).sum::<usize>();
        match length {
            0 => Err(CommentError::Empty),
            1..=MAX_COMMENT => Ok(Self {
                name: one_line(&self.name)?,
                organisation: one_line(&self.organisation)?,
                text,
                answers,
            }),
            _ => Err(CommentError::TooLong),
        }
    }

    fn bytes(&self) -> u64 {
        // What JSON adds to a comment, and what its escapes add to its text, at most twice over.
        let text = self.text.len() + self.answers.iter().map(|(q, a)| q.len() + a.len()).sum::<usize>();
        2 * (text + self.name.len() + self.organisation.len()) as u64 + 200
    }
}

/// A comment as it is published.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Published<'c> {
    number: u64,
    received_on: Date,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'c str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    organisation: Option<&'c str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    text: &'c str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    answers: &'c BTreeMap<String, String>,
}

impl<'c> Published<'c> {
    fn of(comment: &'c PublicComment) -> Self {
        Self {
            number: comment.number,
            received_on: comment.on,
            name: comment.name.as_deref(),
            organisation: comment.organisation.as_deref(),
            text: &comment.text,
            answers: &comment.answers,
        }
    }
}

/// The file of what was published.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct File<'c> {
    consultation: &'c str,
    received: u64,
    waiting: u64,
    withheld: &'c BTreeMap<Ground, u64>,
    comments: Vec<Published<'c>>,
}

impl Desk {
    /// Takes a comment, and returns the code with which its author can see what became of it.
    pub fn take_comment(
        &self,
        consultation: Digest,
        organisation: Digest,
        sent: &Sent,
        now: Timestamp,
    ) -> Result<String, CommentError> {
        let sent = sent.checked()?;
        let code = short_code()?;
        let some = |text: &String| (!text.is_empty()).then(|| text.clone());
        let mut comment = PublicComment {
            id: new_id(now)?,
            consultation,
            number: 0,
            code: hash_of(&plain_code(&code)),
            name: some(&sent.name),
            organisation: some(&sent.organisation),
            text: sent.text.clone(),
            answers: sent.answers.clone(),
            on: Date::new(crate::task::japanese_day(now)),
            decision: Decision::Waiting,
            decided: None,
        };
        self.with_hearing(consultation, organisation, |hearing| {
            if hearing.received >= MAX_COMMENTS || hearing.bytes.saturating_add(sent.bytes()) > MAX_BYTES {
                return Err(CommentError::Full);
            }
            hearing.received += 1;
            hearing.bytes += sent.bytes();
            comment.number = hearing.received;
            Ok(vec![Versioned::new(comment.clone()).put()?])
        })?;
        Ok(code)
    }

    /// Returns what is kept of a consultation.
    pub fn hearing(
        &self,
        consultation: Digest,
        organisation: Digest,
    ) -> Result<Versioned<Hearing>, DeskError> {
        let found = self.load::<Hearing>(&consultation.to_string())?;
        Ok(found.unwrap_or_else(|| Versioned::new(Hearing::new(consultation, organisation))))
    }

    /// Changes what is kept of a consultation together with something else.
    fn with_hearing<E: From<DeskError>>(
        &self,
        consultation: Digest,
        organisation: Digest,
        mut change: impl FnMut(&mut Hearing) -> Result<Vec<crate::Change>, E>,
    ) -> Result<(), E> {
        for tried in 1.. {
            let mut hearing = self.hearing(consultation, organisation)?;
            let mut changes = change(&mut hearing.value)?;
            changes.push(hearing.put()?);
            match self.write(&changes) {
                Err(error) if error.is_conflict() && tried < TRIES => {}
                done => return Ok(done?),
            }
        }
        Ok(())
    }

    /// Decides on a comment, or decides otherwise.
    pub fn decide_comment(
        &self,
        comment: &mut Versioned<PublicComment>,
        organisation: Digest,
        decision: Decision,
        by: &str,
        now: Timestamp,
    ) -> Result<(), DeskError> {
        let before = std::mem::replace(&mut comment.decision, decision);
        comment.decided = Some((by.to_owned(), now));
        let (after, consultation) = (comment.decision.clone(), comment.consultation);
        self.with_hearing(consultation, organisation, |hearing| {
            match &before {
                Decision::Waiting => {}
                Decision::Published => hearing.published = hearing.published.saturating_sub(1),
                Decision::Withheld { ground, .. } => {
                    let count = hearing.withheld.entry(*ground).or_default();
                    *count = count.saturating_sub(1);
                }
            }
            match &after {
                Decision::Waiting => {}
                Decision::Published => hearing.published += 1,
                Decision::Withheld { ground, .. } => *hearing.withheld.entry(*ground).or_default() += 1,
            }
            hearing.withheld.retain(|_, count| *count > 0);
            Ok(vec![comment.put()?])
        })
    }

    /// Finds the comment that a code leads to.
    pub fn comment_of(&self, code: &str) -> Result<Option<Versioned<PublicComment>>, DeskError> {
        self.one("code", &hash_of(&plain_code(code)).to_string())
    }

    /// Writes the file of the published comments of a consultation, in the order of their numbers. The
    /// same comments give the same bytes.
    pub fn comments_file(&self, hearing: &Hearing) -> Result<Vec<u8>, DeskError> {
        let mut comments: Vec<Versioned<PublicComment>> = Vec::new();
        loop {
            let after = comments.last().map(|comment| comment.id.clone());
            let found = self.list("published", &hearing.id, after.as_deref(), MAX_FOUND)?;
            let last = found.len() < MAX_FOUND;
            comments.extend(found);
            if last {
                break;
            }
        }
        comments.sort_by_key(|comment| comment.number);
        let file = File {
            consultation: &hearing.id,
            received: hearing.received,
            waiting: hearing.waiting(),
            withheld: &hearing.withheld,
            comments: comments.iter().map(|comment| Published::of(comment)).collect(),
        };
        serde_json::to_vec_pretty(&file).map_err(|e| DeskError::unreadable::<Hearing>(&hearing.id, &e))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::records::SqliteRecords;

    fn desk() -> (Desk, Digest, Digest, Timestamp) {
        let desk = Desk::new(Arc::new(SqliteRecords::in_memory().unwrap()));
        let now = "2026-11-29T16:11:12.000Z".parse().unwrap();
        (desk, evidence::sha256(b"consultation"), evidence::sha256(b"association"), now)
    }

    fn sent(text: &str) -> Sent {
        Sent { text: text.into(), ..Sent::default() }
    }

    #[test]
    fn comments_are_counted_whatever_is_decided_and_only_published_ones_are_in_the_file() {
        let (desk, consultation, organisation, now) = desk();
        let take = |text: &str| desk.take_comment(consultation, organisation, &sent(text), now).unwrap();
        let (first, second) = (take("The scope is narrow."), take("My neighbour is called X."));
        take("Nobody has read this.");
        let decide = |code: &str, decision| {
            let mut comment = desk.comment_of(code).unwrap().unwrap();
            desk.decide_comment(&mut comment, organisation, decision, "member", now).unwrap();
        };
        let withheld = Decision::Withheld { ground: Ground::PersonalData, note: String::new() };
        decide(&first, withheld.clone());
        decide(&first, Decision::Published);
        decide(&second, withheld);
        let hearing = desk.hearing(consultation, organisation).unwrap();
        assert_eq!((hearing.received, hearing.published, hearing.waiting()), (3, 1, 1));
        assert_eq!(hearing.withheld, BTreeMap::from([(Ground::PersonalData, 1)]));
        let file = desk.comments_file(&hearing).unwrap();
        let text = String::from_utf8(file.clone()).unwrap();
        assert!(text.contains("The scope is narrow.") && text.contains("\"number\": 1"), "{text}");
        assert!(!text.contains("neighbour") && !text.contains("Nobody"), "{text}");
        assert_eq!(desk.comments_file(&hearing).unwrap(), file, "the same comments, the same bytes");
        // The day is that of Japan, where it was already the next one.
        assert!(text.contains("2026-11-30"), "{text}");
    }

    #[test]
    fn a_comment_has_bounds() {
        let (desk, consultation, organisation, now) = desk();
        let take = |sent: &Sent| desk.take_comment(consultation, organisation, sent, now);
        assert!(matches!(take(&sent(" \n")), Err(CommentError::Empty)));
        assert!(matches!(take(&sent(&"あ".repeat(MAX_COMMENT + 1))), Err(CommentError::TooLong)));
        assert!(matches!(take(&sent("a\u{1b}[31m")), Err(CommentError::TooLong)));
        let half = "a".repeat(MAX_COMMENT / 2 + 1);
        let both = Sent { answers: BTreeMap::from([("scope".into(), half.clone())]), ..sent(&half) };
        assert!(matches!(take(&both), Err(CommentError::TooLong)));
        let name = Sent { name: "two\nlines".into(), ..sent("a") };
        assert!(matches!(take(&name), Err(CommentError::TooLong)));
        let mut hearing = desk.hearing(consultation, organisation).unwrap();
        hearing.bytes = MAX_BYTES - 10;
        desk.save(&mut hearing).unwrap();
        assert!(matches!(take(&sent("one more")), Err(CommentError::Full)));
    }
}
