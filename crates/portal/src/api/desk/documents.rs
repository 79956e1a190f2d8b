//! The pieces that documents of the desk are made of.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use desk::draft::{DraftFile, Progress, Sheet};
use desk::{Account, Draft, Form, Stage, Versioned};
use evidence::predicate::ApprovalDecision;
use evidence::{BasisKind, Digest, Language, Predicate, Texts, Visibility, sha256};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::who::place_of;
use crate::api::document::{Names, Thing, label};
use crate::desk::drafts::may_change;
use crate::desk::signing::{self, keys_of};
use crate::desk::{Refused, Room, Stop};
use crate::problem::Place;

/// A text in Japanese, English or both.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SentTexts {
    /// Japanese.
    #[schema(max_length = 8_000)]
    ja: Option<String>,
    /// English.
    #[schema(max_length = 8_000)]
    en: Option<String>,
}

impl SentTexts {
    /// Reads the text; none where neither language says anything.
    pub(super) fn read(self, at: &'static str) -> Result<Option<Texts>, Refused> {
        let plain = |text: Option<String>| text.map(|t| t.trim().to_owned()).filter(|t| !t.is_empty());
        let (ja, en) = (plain(self.ja), plain(self.en));
        let fits = |text: &String| {
            text.chars().count() <= evidence::common::MAX_TEXT
                && !text.chars().any(|c| c.is_control() && c != '\n' && c != '\t')
        };
        if !ja.iter().chain(&en).all(fits) {
            return Err(Refused::wrong(at, "wrong-control"));
        }
        Ok((ja.is_some() || en.is_some()).then_some(Texts { ja, en }))
    }
}

/// A language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Tongue {
    /// Japanese.
    Ja,
    /// English.
    En,
}

impl From<Tongue> for Language {
    fn from(tongue: Tongue) -> Self {
        match tongue {
            Tongue::Ja => Self::Ja,
            Tongue::En => Self::En,
        }
    }
}

impl From<Language> for Tongue {
    fn from(language: Language) -> Self {
        match language {
            Language::Ja => Self::Ja,
            Language::En => Self::En,
        }
    }
}

/// What prompts a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Prompt {
    /// Nothing asks for it.
    Voluntary,
    /// A duty.
    Duty,
    /// Somebody demands it.
    Demand,
}

impl From<Prompt> for BasisKind {
    fn from(prompt: Prompt) -> Self {
        match prompt {
            Prompt::Voluntary => Self::Voluntary,
            Prompt::Duty => Self::Duty,
            Prompt::Demand => Self::Demand,
        }
    }
}

impl From<BasisKind> for Prompt {
    fn from(kind: BasisKind) -> Self {
        match kind {
            BasisKind::Voluntary => Self::Voluntary,
            BasisKind::Duty => Self::Duty,
            BasisKind::Demand => Self::Demand,
        }
    }
}

/// A colleague.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Person {
    /// The account.
    id: String,
    /// What colleagues see; empty where the account is gone.
    name: String,
}

impl Person {
    pub(super) fn of(room: &Room, id: &str) -> Self {
        let name = match room.member.desk.load::<Account>(id) {
            Ok(Some(account)) => account.name.clone(),
            _ => String::new(),
        };
        Self { id: id.to_owned(), name }
    }
}

/// A draft in a list.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct DraftSummary {
    /// Its name.
    id: String,
    /// The version, as in its ETag.
    version: u64,
    /// The kind of statement.
    kind: String,
    /// The kind for people.
    label: Names,
    /// The organisation in whose name it will be said; none of one that registers itself.
    organisation: Option<Thing>,
    /// What it is about.
    about: Option<Thing>,
    /// The law under which it is said.
    regime: Option<String>,
    /// `writing`, `frozen`, `recorded`, `waiting` or `withdrawn`.
    stage: &'static str,
    /// When it was changed last.
    changed_at: String,
    /// Where its document is.
    href: String,
}

impl DraftSummary {
    pub(super) fn of(room: &Room, draft: &Versioned<Draft>) -> Self {
        let scene = room.as_of(draft.organisation.as_ref());
        let register = scene.register();
        Self {
            id: draft.id.clone(),
            version: draft.version(),
            kind: draft.kind.clone(),
            label: label(&draft.kind),
            organisation: draft.organisation.map(|id| Thing::of(register, &id)),
            about: draft.about.map(|id| Thing::of(register, &id)),
            regime: draft.regime.as_ref().map(ToString::to_string),
            stage: stage(&draft.stage),
            changed_at: draft.changed_at.to_string(),
            href: format!("/api/v1/desk/drafts/{}", draft.id),
        }
    }
}

fn stage(stage: &Stage) -> &'static str {
    match stage {
        Stage::Writing => "writing",
        Stage::Frozen(_) => "frozen",
        Stage::Recorded { .. } => "recorded",
        Stage::Waiting { .. } => "waiting",
        Stage::Withdrawn => "withdrawn",
    }
}

/// A draft.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct DraftDocument {
    #[serde(flatten)]
    summary: DraftSummary,
    /// Its questions, in the order in which people are asked.
    questions: Vec<QuestionState>,
    /// What stands around it.
    around: AroundDocument,
    /// What goes with it.
    files: Vec<FileDocument>,
    /// What colleagues say of it, oldest first.
    remarks: Vec<RemarkDocument>,
    /// The keys that may sign it.
    signers: Vec<SignerDocument>,
    /// Of one that was recorded or waits: its digest.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    statement: Option<Digest>,
    /// Of one that was recorded: the index of its entry.
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<u64>,
    /// Of one that waits: the time of arrival, signed under the intake key.
    #[serde(skip_serializing_if = "Option::is_none")]
    arrival: Option<String>,
    /// Who began it.
    created_by: Person,
    /// When it was begun.
    created_at: String,
    /// Who changed it last.
    changed_by: Person,
    /// Whether the account may change it.
    may_change: bool,
}

/// A question and its answer.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct QuestionState {
    /// Its name: a member of the statement's body.
    name: String,
    /// Whether a statement without it cannot be.
    required: bool,
    /// `not_seen`, `incomplete` or `complete`.
    progress: &'static str,
    /// The answer as far as it can be read.
    answer: Option<Value>,
    /// What is missing or wrong.
    problems: Vec<Place>,
}

/// What stands around a statement.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AroundDocument {
    /// What prompts it.
    basis: Prompt,
    /// The article.
    article: Option<String>,
    /// The language that counts where translations differ.
    language: Tongue,
    /// The ground on which all of it is restricted; none: it will be public.
    restricted: Option<Names>,
}

/// A file of a draft.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct FileDocument {
    /// Its name at the desk.
    id: String,
    /// Its name for people.
    name: String,
    /// What its first bytes say that it is.
    media_type: String,
    /// Its size in bytes.
    size: u64,
    /// What the statement commits to: SHA-256 of a salt and the content.
    #[schema(value_type = String)]
    commitment: Digest,
    /// The ground on which it is restricted; none: it will be public.
    restricted: Option<Names>,
}

impl From<&DraftFile> for FileDocument {
    fn from(file: &DraftFile) -> Self {
        let attachment = &file.attachment;
        let ground = attachment.confidentiality_ground.as_ref();
        Self {
            id: file.id.clone(),
            name: attachment.name.clone(),
            media_type: attachment.media_type.clone(),
            size: attachment.size,
            commitment: attachment.commitment,
            restricted: ground.filter(|_| attachment.visibility == Visibility::Restricted).map(Into::into),
        }
    }
}

/// A remark on a draft.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RemarkDocument {
    /// Who makes it.
    by: Person,
    /// When.
    at: String,
    /// What is said.
    text: String,
}

/// A key that may sign a draft.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SignerDocument {
    /// SHA-256 of its SPKI.
    #[schema(value_type = String)]
    key: Digest,
    /// The office that holds it.
    holder: String,
}

impl DraftDocument {
    pub(super) fn of(room: &Room, draft: &Versioned<Draft>, form: &Form) -> Self {
        let (statement, index, arrival) = match &draft.stage {
            Stage::Recorded { statement, index } => (Some(*statement), Some(*index), None),
            Stage::Waiting { statement, note } => (Some(*statement), None, Some(note.clone())),
            _ => (None, None, None),
        };
        let questions = form.questions.iter().map(|question| {
            let (answer, wrong) = desk::form::read(question, &draft.fields);
            QuestionState {
                name: question.name.clone(),
                required: question.required,
                progress: match draft.progress(question) {
                    Progress::NotSeen => "not_seen",
                    Progress::Incomplete => "incomplete",
                    Progress::Complete => "complete",
                },
                answer,
                problems: wrong.iter().map(|wrong| place_of(room, wrong)).collect(),
            }
        });
        let remarks = draft.remarks.iter().map(|remark| RemarkDocument {
            by: Person::of(room, &remark.by),
            at: remark.at.to_string(),
            text: remark.text.clone(),
        });
        let signers = keys_of(room, draft, form).into_iter();
        Self {
            summary: DraftSummary::of(room, draft),
            questions: questions.collect(),
            around: AroundDocument {
                basis: draft.basis.kind.into(),
                article: draft.basis.article.clone(),
                language: draft.language.into(),
                restricted: draft.restricted.as_ref().map(Into::into),
            },
            files: draft.files.iter().map(Into::into).collect(),
            remarks: remarks.collect(),
            signers: signers
                .map(|(key, holder)| SignerDocument { key, holder: holder.to_string() })
                .collect(),
            statement,
            index,
            arrival,
            created_by: Person::of(room, &draft.created_by),
            created_at: draft.created_at.to_string(),
            changed_by: Person::of(room, &draft.changed_by),
            may_change: may_change(room, draft),
        }
    }
}

/// Exact bytes that are to be signed: an act, or an approval of it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SheetDocument {
    /// SHA-256 of the payload: the statement's digest.
    #[schema(value_type = String)]
    digest: Digest,
    /// The kind of statement.
    kind: String,
    /// The office that drafts it.
    holder: String,
    /// Of an approval: `approve` or `reject`.
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<&'static str>,
    /// The payload in base64: exactly these bytes are signed.
    payload: String,
    /// The media type of the payload, which the signature covers too.
    payload_type: &'static str,
    /// SHA-256 of what DSSE signs (its pre-authentication encoding): what a passkey is challenged with.
    #[schema(value_type = String)]
    to_be_signed: Digest,
    /// The keys that have signed.
    signed: Vec<SignerDocument>,
    /// The keys that must still sign.
    unsigned: Vec<SignerDocument>,
}

/// What is to be signed and approved.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SheetList {
    /// The act first, then its approvals.
    items: Vec<SheetDocument>,
    /// The approvals that are needed; none where none are.
    approvals: Option<NeededApprovals>,
    /// Whether it can be submitted.
    ready: bool,
}

/// The approvals that an act needs.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct NeededApprovals {
    /// The role that approves.
    role: String,
    /// How many are needed.
    count: usize,
    /// How many are in hand.
    given: usize,
    /// The keys that could approve.
    keys: Vec<SignerDocument>,
}

impl SheetList {
    pub(super) fn of(room: &Room, draft: &Draft) -> Result<Self, Refused> {
        if draft.frozen().is_none() {
            return Err(Stop::Conflict.into());
        }
        let items: Vec<SheetDocument> = signing::sheets(draft)
            .map(|sheet| sheet_document(room, draft, sheet))
            .collect::<Result<_, _>>()?;
        let needed = signing::needed(room, draft)?;
        let enough = needed.as_ref().is_none_or(|needed| needed.given >= needed.count);
        let ready = enough && items.first().is_some_and(|act| act.unsigned.is_empty());
        let approvals = needed.map(|needed| NeededApprovals {
            role: needed.role,
            count: needed.count,
            given: needed.given,
            keys: needed
                .keys
                .into_iter()
                .map(|(key, holder)| SignerDocument { key, holder: holder.to_string() })
                .collect(),
        });
        Ok(Self { items, approvals, ready })
    }
}

fn sheet_document(room: &Room, draft: &Draft, sheet: &Sheet) -> Result<SheetDocument, Refused> {
    let statement = sheet.statement()?;
    let signer = |key: &Digest| SignerDocument {
        key: *key,
        holder: signing::holder_of(room, draft, key).unwrap_or_default(),
    };
    let payload = sheet.payload();
    Ok(SheetDocument {
        digest: sheet.digest,
        kind: statement.predicate().name().to_owned(),
        holder: statement.common().holder.to_string(),
        decision: match statement.predicate() {
            Predicate::Approval(approval) => Some(match approval.decision {
                ApprovalDecision::Approve => "approve",
                ApprovalDecision::Reject => "reject",
            }),
            _ => None,
        },
        to_be_signed: sha256(&evidence::dsse::to_be_signed(&payload)),
        payload: STANDARD.encode(payload),
        payload_type: evidence::dsse::PAYLOAD_TYPE,
        signed: sheet.signatures.iter().map(|(key, _)| signer(key)).collect(),
        unsigned: sheet.unsigned()?.iter().map(signer).collect(),
    })
}
