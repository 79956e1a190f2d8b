//! From a draft to a recorded statement: fixing the bytes, signatures, approvals, submitting.

use axum::Json;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use desk::{Scope, Stage};
use evidence::predicate::ApprovalDecision;
use evidence::{Digest, Texts};
use node::Caller;
use serde::Deserialize;
use utoipa::ToSchema;

use super::documents::{DraftDocument, SentTexts, SheetList};
use super::drafting::digest_at;
use super::drafts::shown;
use super::files::kept;
use super::who::{At, Halt, Sent, Tagged, Who};
use crate::api::submissions;
use crate::desk::drafts::{load, load_to_change, save};
use crate::desk::signing::{self, Approving, NotFiled};
use crate::desk::{FilingError, Room, Stop};
use crate::problem::{Kind, Problem};

/// Who will sign.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SentSigners {
    /// The key that drafts the statement: one of the draft's `signers`.
    signer: String,
    /// Keys that sign beside it, such as those of an inspection's team. Keys that the statement itself
    /// introduces sign in any case.
    #[serde(default)]
    #[schema(max_items = 64)]
    beside: Vec<String>,
}

/// Fix the bytes of a draft. From now on it is signed, approved and submitted, or reopened.
#[utoipa::path(
    post, path = "/api/v1/desk/drafts/{draft}/freeze", operation_id = "freeze", tag = "signing",
    security(("account" = [])),
    params(
        ("draft" = String, Path, description = "the draft"),
        ("If-Match" = String, Header, description = "the ETag of the draft that was seen"),
    ),
    request_body = SentSigners,
    responses((status = 200, body = DraftDocument))
)]
pub(super) async fn freeze(
    who: Who,
    At(id): At<String>,
    Sent(sent): Sent<SentSigners, { 16 << 10 }>,
) -> Result<Tagged<DraftDocument>, Problem> {
    who.changes(Scope::Draft, id, load_to_change, move |room, draft, form| {
        let beside: Vec<&str> = sent.beside.iter().take(64).map(String::as_str).collect();
        signing::freeze(room, draft, form, &sent.signer, &beside)?;
        shown(room, &draft.id)
    })
    .await
}

/// The exact bytes that are to be signed: the act, and the approvals of it.
#[utoipa::path(
    get, path = "/api/v1/desk/drafts/{draft}/sheets", operation_id = "sheets", tag = "signing",
    security(("account" = [])),
    params(("draft" = String, Path, description = "the draft")),
    responses((status = 200, body = SheetList))
)]
pub(super) async fn sheets(who: Who, At(id): At<String>) -> Result<Json<SheetList>, Problem> {
    who.works(Scope::Read, move |room| {
        let (draft, _) = load(room, &id)?;
        Ok(SheetList::of(room, &draft)?)
    })
    .await
    .map(Json)
}

/// The exact bytes of a sheet, as a file for `kanae sign`.
#[utoipa::path(
    get, path = "/api/v1/desk/drafts/{draft}/sheets/{sheet}/payload", operation_id = "payload",
    tag = "signing", security(("account" = [])),
    params(
        ("draft" = String, Path, description = "the draft"),
        ("sheet" = String, Path, description = "the sheet's digest"),
    ),
    responses((status = 200, description = "the payload", body = Vec<u8>, content_type = "application/vnd.in-toto+json"))
)]
pub(super) async fn payload(who: Who, At((id, sheet)): At<(String, String)>) -> Result<Response, Problem> {
    who.works(Scope::Read, move |room| {
        let (draft, _) = load(room, &id)?;
        let digest: Digest = sheet.parse().map_err(|_| Stop::Missing)?;
        let sheet = draft.frozen().and_then(|frozen| frozen.sheet(&digest)).ok_or(Stop::Missing)?;
        Ok((format!("{}-{}.json", draft.kind, digest.short()), sheet.payload()))
    })
    .await
    .map(|(name, bytes)| kept(&name, evidence::dsse::PAYLOAD_TYPE, bytes))
}

/// Signatures of a sheet's exact bytes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SentSignatures {
    /// As in a DSSE envelope.
    #[schema(min_items = 1, max_items = 16)]
    signatures: Vec<SentSignature>,
}

/// A signature, as in a DSSE envelope.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SentSignature {
    /// A hint as to the key.
    #[serde(default)]
    keyid: String,
    /// The signature in base64 (RFC 4648 §4, with padding).
    sig: String,
}

/// Give signatures of a sheet. They prove themselves: whoever may read the draft may bring them.
#[utoipa::path(
    post, path = "/api/v1/desk/drafts/{draft}/sheets/{sheet}/signatures", operation_id = "sign",
    tag = "signing", security(("account" = [])),
    params(
        ("draft" = String, Path, description = "the draft"),
        ("sheet" = String, Path, description = "the sheet's digest"),
    ),
    request_body = SentSignatures,
    responses((status = 200, body = SheetList))
)]
pub(super) async fn sign(
    who: Who,
    At((id, sheet)): At<(String, String)>,
    Sent(sent): Sent<SentSignatures, { 64 << 10 }>,
) -> Result<Json<SheetList>, Problem> {
    who.works(Scope::Submit, move |room| {
        let (mut draft, _) = load(room, &id)?;
        let digest: Digest = sheet.parse().map_err(|_| Stop::Missing)?;
        let sheet = draft.frozen().ok_or(Stop::Conflict)?.sheet(&digest).ok_or(Stop::Missing)?;
        let signatures = sent.signatures.iter().take(16).map(|signature| {
            let sig = STANDARD.decode(&signature.sig).map_err(|_| {
                let problem = "expected strict base64 (RFC 4648 §4, with padding)";
                Halt::from(Problem::new(Kind::Malformed, problem).at("/signatures"))
            })?;
            Ok(evidence::dsse::Signature { keyid: signature.keyid.clone(), sig })
        });
        let signatures: Vec<_> = signatures.collect::<Result<_, Halt>>()?;
        let envelope = evidence::Envelope::of(sheet.payload(), signatures).to_bytes();
        signing::take_envelope(room, &mut draft, &digest, &envelope)?;
        save(room, &mut draft)?;
        Ok(SheetList::of(room, &draft)?)
    })
    .await
    .map(Json)
}

/// An approval, or a rejection.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SentApproval {
    /// The digest of the act that was looked at.
    sheet: String,
    /// The approver's key: one of the needed approvals' `keys`.
    key: String,
    /// What is decided.
    decision: Verdict,
    /// Why.
    reasons: SentTexts,
}

/// What an approver decides.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Verdict {
    /// The act may be made.
    Approve,
    /// It may not.
    Reject,
}

/// Write an approval of exact bytes, to be signed by the approver like any sheet.
#[utoipa::path(
    post, path = "/api/v1/desk/drafts/{draft}/approvals", operation_id = "approve", tag = "signing",
    security(("account" = [])),
    params(("draft" = String, Path, description = "the draft")),
    request_body = SentApproval,
    responses((status = 200, body = SheetList))
)]
pub(super) async fn approve(
    who: Who,
    At(id): At<String>,
    Sent(sent): Sent<SentApproval, { 64 << 10 }>,
) -> Result<Json<SheetList>, Problem> {
    who.works(Scope::Submit, move |room| {
        let (mut draft, _) = load(room, &id)?;
        draft.frozen().ok_or(Stop::Conflict)?;
        let approving = Approving {
            key: digest_at(&sent.key, "key")?,
            sheet: sent.sheet,
            decision: Some(match sent.decision {
                Verdict::Approve => ApprovalDecision::Approve,
                Verdict::Reject => ApprovalDecision::Reject,
            }),
            reasons: sent.reasons.read("reasons")?.unwrap_or(Texts { ja: None, en: None }),
        };
        signing::approve(room, &mut draft, approving)?;
        save(room, &mut draft)?;
        Ok(SheetList::of(room, &draft)?)
    })
    .await
    .map(Json)
}

/// Submit a draft that is signed: its approvals and the act in one piece.
///
/// Submitting again after a failure is safe.
#[utoipa::path(
    post, path = "/api/v1/desk/drafts/{draft}/submission", operation_id = "submitDraft", tag = "signing",
    security(("account" = [])),
    params(("draft" = String, Path, description = "the draft")),
    responses((status = 200, body = DraftDocument))
)]
pub(super) async fn submit(who: Who, At(id): At<String>) -> Result<Tagged<DraftDocument>, Problem> {
    who.works(Scope::Submit, move |room| {
        let (mut draft, _) = load(room, &id)?;
        match signing::file(room, &mut draft) {
            Ok(()) => shown(room, &id),
            Err(NotFiled::Stop(stop)) => Err(stop.into()),
            Err(NotFiled::Filing(FilingError::Submit(error))) => {
                Err(Halt::from(submissions::problem(error, false)))
            }
            Err(NotFiled::Filing(FilingError::File(name))) => {
                let problem = FilingError::File(name);
                Err(Halt::from(Problem::new(Kind::Conflict, problem).code("submit-file")))
            }
            Err(NotFiled::Filing(error)) => Err(Stop::Failed(error.to_string()).into()),
        }
    })
    .await
}

/// The receipt of a draft that was recorded.
#[utoipa::path(
    get, path = "/api/v1/desk/drafts/{draft}/receipt", operation_id = "draftReceipt", tag = "signing",
    security(("account" = [])),
    params(("draft" = String, Path, description = "the draft")),
    responses((status = 200, description = "a C2SP tlog-proof with the log entry as extra data", body = String, content_type = "text/plain"))
)]
pub(super) async fn receipt(who: Who, At(id): At<String>) -> Result<Response, Problem> {
    who.works(Scope::Read, move |room| receipt_of(room, &id))
        .await
        .map(|receipt| ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], receipt).into_response())
}

fn receipt_of(room: &Room, id: &str) -> Result<String, Halt> {
    let (draft, _) = load(room, id)?;
    let Stage::Recorded { statement, .. } = &draft.stage else { return Err(Stop::Conflict.into()) };
    let register = room.scene.register();
    let caller = draft
        .organisation
        .map_or(Caller::Anonymous, |organisation| room.member.caller(register, &organisation));
    let node = &room.scene.node;
    node.statement(statement, &caller).map_err(Stop::from)?.ok_or(Stop::Missing)?;
    let receipt = node.receipt(statement).map_err(|error| Stop::Failed(error.to_string()))?;
    Ok(receipt.ok_or(Stop::Missing)?.to_string())
}
