//! A statement in the making: answers, files, then the exact bytes, signatures and approvals.
//!
//! While it is written, what people typed is kept as they typed it, so nothing is lost. Once it is
//! frozen its bytes do not change: signatures and approvals are of those very bytes, and whoever
//! wants another word begins them anew.

mod frozen;

use std::collections::BTreeSet;

use evidence::{
    Attachment, Basis, BasisKind, Common, Digest, Issuer, JsonError, Language, LogReference, Nonce, Part,
    Predicate, Slug, StatementError, Texts, Timestamp, Unknown, Visibility,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::desk::{Desk, DeskError, Kept};
use crate::form::{self, Field, Fields, Form, Wrong};
use crate::records::{Change, Record};

/// The most files of one draft, and the most bytes in all.
pub const MAX_FILES: usize = 32;
/// The most bytes of a draft's files.
pub const MAX_FILES_BYTES: u64 = 48 << 20;
/// The most remarks on one draft, and the most characters of each.
pub const MAX_REMARKS: usize = 200;
/// The longest remark, in characters.
pub const MAX_REMARK: usize = 4_000;

/// A statement in the making.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    /// Its name among the documents.
    pub id: String,
    /// The kind of statement, by predicate name.
    pub kind: String,
    /// The organisation in whose name it will be said; none: one that is about to register itself.
    pub organisation: Option<Digest>,
    /// What it is about.
    pub about: Option<Digest>,
    /// The regime under which it is said.
    pub regime: Option<Slug>,
    /// What prompts it.
    pub basis: Basis,
    /// The language that counts where translations differ.
    pub language: Language,
    /// The ground on which all of it is restricted; none: it will be public.
    pub restricted: Option<Texts>,
    /// The statement that it corrects.
    pub supersedes: Option<Digest>,
    /// What was typed, by the name of the field.
    pub fields: Fields,
    /// The questions that somebody has looked at and saved.
    pub seen: BTreeSet<String>,
    /// What goes with it.
    pub files: Vec<DraftFile>,
    /// What colleagues say of it.
    pub remarks: Vec<Remark>,
    /// How far it has come.
    pub stage: Stage,
    /// The account that began it.
    pub created_by: String,
    /// When it was begun.
    pub created_at: Timestamp,
    /// The account that changed it last.
    pub changed_by: String,
    /// When it was changed last.
    pub changed_at: Timestamp,
}

/// A file that goes with a draft. Its content is a document of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftFile {
    /// The name of the document with its content.
    pub id: String,
    /// What the statement says of it.
    pub attachment: Attachment,
}

/// A remark on a draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remark {
    /// The account that makes it.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// What is said.
    pub text: String,
}

/// How far a draft has come.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// It is being written.
    Writing,
    /// Its bytes are fixed, and being signed and approved.
    Frozen(Frozen),
    /// It was recorded.
    Recorded {
        /// Its digest.
        statement: Digest,
        /// The index of its entry.
        index: u64,
    },
    /// It was valid and waits until somebody accepts the organisation.
    Waiting {
        /// Its digest.
        statement: Digest,
        /// The signed note of its arrival.
        note: String,
    },
    /// It was given up.
    Withdrawn,
}

/// A sheet to be signed: exact bytes and who must sign them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    /// The payload in base64.
    pub payload: String,
    /// Its digest.
    pub digest: Digest,
    /// The signatures so far: the signer's key and the signature in base64.
    pub signatures: Vec<(Digest, String)>,
}

/// A draft whose bytes are fixed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frozen {
    /// The act.
    pub act: Sheet,
    /// Approvals of exactly these bytes, signed or about to be.
    pub approvals: Vec<Sheet>,
    /// Who fixed it.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// How far the answer to a question has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Nobody has looked at it.
    NotSeen,
    /// Somebody has looked at it, and something is missing or wrong.
    Incomplete,
    /// It is answered, or may stay empty and was looked at.
    Complete,
}

/// Who will sign a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signer {
    /// The key.
    pub key: Digest,
    /// Its holder.
    pub holder: Slug,
}

/// Why a draft could not go on.
#[derive(Debug, thiserror::Error)]
pub enum DraftError {
    /// Some answers are missing or wrong.
    #[error("{} answers are missing or wrong", .0.len())]
    Answers(Vec<Wrong>),
    /// The answers do not make a statement of this kind.
    #[error("the answers do not make a statement of this kind: {0}")]
    Body(#[from] JsonError),
    /// The common fields do not fit.
    #[error(transparent)]
    Statement(#[from] StatementError),
    /// It is not at the stage for this.
    #[error("the draft is no longer at this stage: somebody else went on with it; load the page again")]
    Stage,
    /// Nobody was named to sign.
    #[error("name at least one key that signs")]
    NoSigner,
    /// The key of an organisation that registers itself cannot be read.
    #[error("the first key of the organisation cannot be read: {0}")]
    Key(evidence::KeyError),
    /// The signature is not of these bytes by a named key.
    #[error("the signature is not one of these exact bytes by a key that the draft names")]
    Signature,
    /// The envelope cannot be read.
    #[error(transparent)]
    Envelope(#[from] evidence::EnvelopeError),
    /// The envelope is about other bytes.
    #[error("the envelope holds other bytes than this draft: sign the file that this page gives, unchanged")]
    OtherBytes,
    /// Too many files or bytes.
    #[error("a draft has at most {MAX_FILES} files with {} MiB in all", MAX_FILES_BYTES >> 20)]
    Files,
    /// The system has no randomness to give.
    #[error("the system gave no random bytes: {0}")]
    Random(#[from] getrandom::Error),
}

impl Draft {
    /// Begins a draft.
    pub fn new(id: String, kind: &str, organisation: Option<Digest>, by: &str, now: Timestamp) -> Self {
        Self {
            id,
            kind: kind.to_owned(),
            organisation,
            about: None,
            regime: None,
            basis: Basis { kind: BasisKind::Voluntary, article: None },
            language: Language::Ja,
            restricted: None,
            supersedes: None,
            fields: Fields::new(),
            seen: BTreeSet::new(),
            files: Vec::new(),
            remarks: Vec::new(),
            stage: Stage::Writing,
            created_by: by.to_owned(),
            created_at: now,
            changed_by: by.to_owned(),
            changed_at: now,
        }
    }

    /// Fills in answers from a body, such as facts that were entered elsewhere.
    pub fn prefill(&mut self, form: &Form, body: &Map<String, Value>) {
        for question in &form.questions {
            if let Some(value) = body.get(&question.name) {
                form::write(&question.shape, &question.name, value, &mut self.fields);
            }
        }
    }

    /// Keeps what was typed to a question, whether or not it is right.
    pub fn answer(&mut self, question: &Field, typed: Fields) {
        let prefix = format!("{}.", question.name);
        self.fields.retain(|name, _| *name != question.name && !name.starts_with(&prefix));
        let of_question = |name: &String| *name == question.name || name.starts_with(&prefix);
        self.fields.extend(typed.into_iter().filter(|(name, value)| of_question(name) && !value.is_empty()));
        self.seen.insert(question.name.clone());
    }

    /// Tells how far a question is.
    pub fn progress(&self, question: &Field) -> Progress {
        let (value, wrong) = form::read(question, &self.fields);
        match (self.seen.contains(&question.name), wrong.is_empty()) {
            (true, true) => Progress::Complete,
            (true, false) => Progress::Incomplete,
            (false, true) if value.is_some() && question.required => Progress::Complete,
            (false, _) => Progress::NotSeen,
        }
    }

    /// Reads the answers as a statement's body.
    pub fn predicate(&self, form: &Form) -> Result<Predicate, DraftError> {
        let mut body = Map::new();
        let mut wrong = Vec::new();
        for question in &form.questions {
            let (value, found) = form::read(question, &self.fields);
            wrong.extend(found);
            body.extend(value.map(|value| (question.name.clone(), value)));
        }
        if !wrong.is_empty() {
            return Err(DraftError::Answers(wrong));
        }
        Ok(Predicate::parse(&form.kind.uri(), Value::Object(body), Unknown::Refuse)?)
    }

    /// Fixes the bytes, for these signers; the first one drafts it.
    pub fn freeze(
        &mut self,
        form: &Form,
        signers: &[Signer],
        log: LogReference,
        by: &str,
        now: Timestamp,
    ) -> Result<Digest, DraftError> {
        if !matches!(self.stage, Stage::Writing) {
            return Err(DraftError::Stage);
        }
        let predicate = self.predicate(form)?;
        let first = signers.first().ok_or(DraftError::NoSigner)?;
        let subject = match &predicate {
            Predicate::Organisation(organisation) => {
                let first = organisation.keys.first().ok_or(DraftError::NoSigner)?;
                evidence::key::decode_spki(&first.spki).map_err(DraftError::Key)?.hash()
            }
            _ => self.about.ok_or(DraftError::Stage)?,
        };
        let common = Common {
            issuer: self.organisation.map_or(Issuer::Itself, Issuer::Organisation),
            signers: signers.iter().map(|s| s.key).collect::<BTreeSet<_>>().into_iter().collect(),
            holder: first.holder.clone(),
            issued_at: now,
            log,
            regime: self.regime.clone(),
            basis: self.basis.clone(),
            visibility: if self.restricted.is_some() { Visibility::Restricted } else { Visibility::Public },
            confidentiality_ground: self.restricted.clone(),
            nonce: Nonce::random()?,
            attachments: self.files.iter().map(|file| file.attachment.clone()).collect(),
            authentic_language: self.language,
            supersedes: self.supersedes,
        };
        let (statement, payload) = evidence::Draft { subject, common, predicate }.write()?;
        self.stage = Stage::Frozen(Frozen {
            act: Sheet::new(&statement, &payload),
            approvals: Vec::new(),
            by: by.to_owned(),
            at: now,
        });
        Ok(statement.digest())
    }

    /// Lets it be written again. Signatures and approvals of the old bytes are gone.
    pub fn reopen(&mut self) -> Result<(), DraftError> {
        match self.stage {
            Stage::Frozen(_) | Stage::Withdrawn => {
                self.stage = Stage::Writing;
                Ok(())
            }
            _ => Err(DraftError::Stage),
        }
    }

    /// Gives it up. What is on record, or waits to be, stays there.
    pub fn withdraw(&mut self) -> Result<(), DraftError> {
        match self.stage {
            Stage::Writing | Stage::Frozen(_) | Stage::Withdrawn => {
                self.stage = Stage::Withdrawn;
                Ok(())
            }
            Stage::Recorded { .. } | Stage::Waiting { .. } => Err(DraftError::Stage),
        }
    }

    /// Returns the fixed bytes and what was signed of them.
    pub fn frozen(&self) -> Option<&Frozen> {
        match &self.stage {
            Stage::Frozen(frozen) => Some(frozen),
            _ => None,
        }
    }

    /// Returns the fixed bytes, to be changed.
    pub fn frozen_mut(&mut self) -> Result<&mut Frozen, DraftError> {
        match &mut self.stage {
            Stage::Frozen(frozen) => Ok(frozen),
            _ => Err(DraftError::Stage),
        }
    }
}

impl Kept for Draft {
    const KIND: &'static str = "draft";

    fn id(&self) -> &str {
        &self.id
    }

    fn keys(&self) -> Vec<(&'static str, String)> {
        let mut keys = vec![("by", self.created_by.clone())];
        if let Some(organisation) = self.organisation {
            let stage = match self.stage {
                Stage::Writing | Stage::Frozen(_) => "open",
                Stage::Recorded { .. } | Stage::Waiting { .. } => "done",
                Stage::Withdrawn => "withdrawn",
            };
            keys.push(("organisation", organisation.to_string()));
            keys.push((stage, organisation.to_string()));
        }
        if let Stage::Recorded { statement, .. } | Stage::Waiting { statement, .. } = &self.stage {
            keys.push(("statement", statement.to_string()));
        }
        keys
    }
}

/// What the content of a draft's files is called among the documents.
const FILE: &str = "file";

impl Desk {
    /// Adds a file to a draft; returns the change that keeps its content, to be written with the draft.
    pub fn attach(
        &self,
        draft: &mut Draft,
        name: &str,
        media_type: &str,
        bytes: Vec<u8>,
        restricted: Option<Texts>,
        now: Timestamp,
    ) -> Result<Change, DraftError> {
        if !matches!(draft.stage, Stage::Writing) {
            return Err(DraftError::Stage);
        }
        let total: u64 = draft.files.iter().map(|f| f.attachment.size).sum::<u64>() + bytes.len() as u64;
        if draft.files.len() >= MAX_FILES
            || total > MAX_FILES_BYTES
            || bytes.len() > evidence::statement::MAX_PART
        {
            return Err(DraftError::Files);
        }
        let part = Part::new(bytes)?;
        let id = crate::secret::new_id(now)?;
        let attachment = Attachment {
            name: name.to_owned(),
            media_type: media_type.to_owned(),
            size: part.bytes.len() as u64,
            commitment: part.commitment(),
            visibility: if restricted.is_some() { Visibility::Restricted } else { Visibility::Public },
            confidentiality_ground: restricted,
        };
        draft.files.push(DraftFile { id: id.clone(), attachment });
        let mut body = part.salt.to_vec();
        body.extend_from_slice(&part.bytes);
        let keys = vec![("draft".to_owned(), draft.id.clone())];
        Ok(Change::Put(Record { kind: FILE.to_owned(), id, version: 0, body, keys }))
    }

    /// Returns the content of a draft's file, with the salt under which the statement commits to it.
    pub fn file(&self, file: &DraftFile) -> Result<Option<Part>, DeskError> {
        let Some(record) = self.raw(FILE, &file.id)? else { return Ok(None) };
        let Some((salt, bytes)) = record.body.split_first_chunk::<32>() else { return Ok(None) };
        Ok(Some(Part { salt: *salt, bytes: bytes.to_vec() }))
    }

    /// Returns the change that removes the content of a draft's file.
    pub fn detach(&self, file: &DraftFile) -> Result<Option<Change>, DeskError> {
        let record = self.raw(FILE, &file.id)?;
        Ok(record.map(|r| Change::Remove { kind: r.kind, id: r.id, version: r.version }))
    }
}

#[cfg(test)]
mod tests {
    use evidence::predicate::ApprovalDecision;
    use evidence::{Algorithm, Envelope, PredicateType, SecretKey, sha256};

    use super::*;
    use crate::form::Words;

    fn now() -> Timestamp {
        "2026-11-29T00:00:00.000Z".parse().unwrap()
    }

    fn key(seed: u8) -> SecretKey {
        SecretKey::from_seed(Algorithm::EcdsaP256, &[seed; 32]).unwrap()
    }

    fn signer(seed: u8, holder: &str) -> Signer {
        Signer { key: key(seed).public_key().hash(), holder: holder.parse().unwrap() }
    }

    fn log() -> LogReference {
        LogReference { origin: "register.example".into(), size: 5, root: sha256(b"root") }
    }

    fn guidance() -> (Form, Draft) {
        let form = Form::new(PredicateType::find("guidance").unwrap(), Words::default());
        let mut draft = Draft::new("d".into(), "guidance", Some(sha256(b"authority")), "me", now());
        draft.about = Some(sha256(b"model"));
        (form, draft)
    }

    fn filled() -> (Form, Draft) {
        let (form, mut draft) = guidance();
        let body = form.kind.example().to_value();
        draft.prefill(&form, body.as_object().unwrap());
        (form, draft)
    }

    #[test]
    fn not_looked_at_and_looked_at_but_incomplete_differ() {
        let (form, mut draft) = guidance();
        let text = form.question("text").unwrap();
        assert_eq!(draft.progress(text), Progress::NotSeen);
        draft.answer(text, Fields::new());
        assert_eq!(draft.progress(text), Progress::Incomplete);
        draft.answer(text, Fields::from([("text.ja".into(), "助言".into())]));
        assert_eq!(draft.progress(text), Progress::Complete);
        assert!(matches!(draft.predicate(&form), Err(DraftError::Answers(wrong)) if wrong[0].at == "kind"));
    }

    #[test]
    fn what_was_typed_is_kept_even_where_it_is_wrong() {
        let (form, mut draft) = guidance();
        let day = form.question("followUpOn").unwrap();
        draft.answer(
            day,
            Fields::from([("followUpOn".into(), "next week".into()), ("other".into(), "x".into())]),
        );
        assert_eq!(draft.fields.get("followUpOn").map(String::as_str), Some("next week"));
        assert_eq!(draft.fields.len(), 1, "a question's page changes its own fields only");
    }

    #[test]
    fn signatures_and_approvals_are_of_the_exact_bytes() {
        let (form, mut draft) = filled();
        let first = draft.freeze(&form, &[signer(1, "officer-1")], log(), "me", now()).unwrap();
        let frozen = draft.frozen_mut().unwrap();
        let payload = frozen.act.payload();
        assert!(
            frozen.act.sign(&key(2).public_key(), &key(2).sign(b"x")).is_err(),
            "a key that is not named"
        );
        let signed = Envelope::sign(payload, &[&key(1)]).to_bytes();
        assert_eq!(frozen.act.take(&signed, |_| Some(key(1).public_key())).unwrap(), 1);
        let approval = frozen
            .approve(
                "second-officer".parse().unwrap(),
                ApprovalDecision::Approve,
                Texts::both("可", "Fine."),
                &signer(2, "officer-2"),
                log(),
                now(),
            )
            .unwrap();
        assert_eq!(frozen.batch().len(), 1, "an unsigned approval is not submitted");
        let sheet = frozen.sheet_mut(&approval).unwrap();
        let challenge = evidence::passkey::challenge_of(&evidence::dsse::to_be_signed(&sheet.payload()));
        let assertion = evidence::passkey::testing::assert(&key(2), &challenge, 0x05);
        sheet.sign(&key(2).public_key(), &assertion.to_signature()).unwrap();
        assert_eq!(frozen.batch().len(), 2);
        assert_eq!(frozen.approvers()[0].0.as_str(), "officer-2");
        draft.reopen().unwrap();
        let second = draft.freeze(&form, &[signer(1, "officer-1")], log(), "me", now()).unwrap();
        assert_ne!(first, second, "another freeze is another statement");
        assert!(draft.frozen().unwrap().approvals.is_empty(), "later changes need new approvals");
        let stale = draft.frozen_mut().unwrap().act.take(&signed, |_| Some(key(1).public_key()));
        assert!(matches!(stale, Err(DraftError::OtherBytes)));
    }

    #[test]
    fn files_are_committed_to_and_bounded() {
        let desk = Desk::new(std::sync::Arc::new(crate::records::SqliteRecords::in_memory().unwrap()));
        let (_, mut draft) = guidance();
        let ground = Some(Texts::both("営業秘密", "Trade secret"));
        let change =
            desk.attach(&mut draft, "a.txt", "text/plain", b"hello".to_vec(), ground, now()).unwrap();
        desk.write(&[change]).unwrap();
        let file = draft.files[0].clone();
        let part = desk.file(&file).unwrap().unwrap();
        assert_eq!(part.commitment(), file.attachment.commitment);
        let large = vec![0; evidence::statement::MAX_PART + 1];
        assert!(matches!(
            desk.attach(&mut draft, "b", "text/plain", large, None, now()),
            Err(DraftError::Files)
        ));
    }
}
