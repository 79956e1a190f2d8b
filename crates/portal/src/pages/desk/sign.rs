//! Checking the answers, fixing the bytes, signing, approving, submitting.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use desk::draft::{DraftError, Sheet};
use desk::{Draft, Form, Versioned};
use evidence::passkey::{Assertion, challenge_of};
use evidence::predicate::ApprovalDecision;
use evidence::{Digest, Predicate, Slug, Texts};
use node::SubmitError;

use super::draft::{about_of, law_of};
use super::inputs::{id_of, title_of, told};
use super::{Answer, Refused, Room, Stop, accept, enter};
use crate::desk::drafts::{load, load_to_change, may_change, save};
use crate::desk::sealing;
use crate::desk::signing::{self, Approving, NotFiled, keys_of, public_key};
use crate::desk::{Choice, Entry, FilingError, Posted};
use crate::pages::Request;
use crate::pages::fields::{Field, fields_of};
use crate::pages::frame::Frame;
use crate::pages::parts::{Html, hash};
use crate::pages::text::Say;
use crate::state::App;

// ── Checking ────────────────────────────────────────────────────────────────────────────────────

#[derive(Template)]
#[template(path = "desk_check.html")]
struct CheckPage {
    frame: Frame,
    say: Say,
    token: String,
    base: String,
    about: Html,
    law: Html,
    /// What it will say; none while something is missing or wrong.
    fields: Option<Vec<Field>>,
    missing: Vec<(String, String)>,
    restricted: Option<Html>,
    files: Vec<String>,
    keys: Vec<Choice>,
    own: Option<String>,
    /// The keys of those who sign beside whoever drafts: an inspection's team.
    beside: Vec<Choice>,
    wrong: Option<String>,
}

pub(super) async fn check(Path((language, id)): Path<(String, String)>, request: Request) -> Response {
    enter(&language, request, Entry::SignedIn, move |room| {
        let (draft, form) = load_to_change(room, &id)?;
        if draft.frozen().is_some() {
            return room.to(&format!("desk/drafts/{id}/sign"));
        }
        check_page(room, &draft, &form, None).map(Answer::Page)
    })
    .await
}

fn check_page(room: &Room, draft: &Draft, form: &Form, wrong: Option<String>) -> Result<String, Stop> {
    let (scene, say) = (&room.scene, room.scene.say);
    let base = scene.href(&format!("desk/drafts/{}", draft.id));
    let (fields, missing) = match draft.predicate(form) {
        Ok(predicate) => {
            let scene = room.as_of(draft.organisation.as_ref());
            (Some(fields_of(&scene, &predicate, draft.regime.as_ref())), Vec::new())
        }
        Err(DraftError::Answers(wrong)) => {
            let line = |w: &desk::form::Wrong| {
                let name = w.at.split('.').next().unwrap_or_default();
                let title = title_of(say, &form.words, name);
                let href = format!("{base}/questions/{name}#{}", id_of(&w.at));
                (href, format!("{title}{}{}", if say.is_ja() { "：" } else { ": " }, told(say, w.problem)))
            };
            (None, wrong.iter().map(line).collect())
        }
        Err(error) => (None, vec![(base.clone(), error.to_string())]),
    };
    let own = room.member.account.passkeys.iter().map(|p| p.key).collect::<Vec<_>>();
    let keys: Vec<Choice> = keys_of(room, draft, form)
        .into_iter()
        .map(|(key, holder)| {
            let mark = match () {
                () if own.contains(&key) => say.text("key-own").to_string(),
                () if sealing::is_held(room, draft, &key) => say.text("key-held").to_string(),
                () => String::new(),
            };
            Choice { value: key.to_string(), label: format!("{holder} · {}… {mark}", key.short()) }
        })
        .collect();
    let team = team_of(room, draft);
    let beside = keys_of(room, draft, form).into_iter().filter(|(_, holder)| team.contains(holder));
    let beside: Vec<String> = beside.map(|(key, _)| key.to_string()).collect();
    let chosen = keys.iter().find(|choice| own.iter().any(|key| key.to_string() == choice.value));
    let page = CheckPage {
        frame: room
            .frame(say.text("check-title").to_string())
            .below(Html::text(form.kind.label(say.0)), base.clone()),
        say,
        token: room.token(),
        about: about_of(room, draft),
        law: law_of(room, draft),
        fields,
        missing,
        restricted: draft.restricted.as_ref().map(|ground| say.outside(ground)),
        files: draft
            .files
            .iter()
            .map(|file| {
                let visible = match file.attachment.visibility {
                    evidence::Visibility::Public => say.text("file-public").to_string(),
                    evidence::Visibility::Restricted => say.text("file-restricted").to_string(),
                };
                format!("{} ({visible})", file.attachment.name)
            })
            .collect(),
        own: chosen.or(keys.first()).map(|choice| choice.value.clone()),
        beside: keys.iter().filter(|key| beside.contains(&key.value)).cloned().collect(),
        keys,
        base,
        wrong,
    };
    Ok(page.render()?)
}

/// Returns the team of the inspection whose minutes these are.
fn team_of(room: &Room, draft: &Draft) -> Vec<Slug> {
    let scene = room.as_of(draft.organisation.as_ref());
    let inspection = draft.about.filter(|_| draft.kind == "inspection-minutes");
    match inspection.and_then(|id| scene.register().recorded(&id)).map(|one| one.statement.predicate()) {
        Some(Predicate::Inspection(body)) => body.team.iter().map(|one| one.holder.clone()).collect(),
        _ => Vec::new(),
    }
}

pub(super) async fn freeze(
    Path((language, id)): Path<(String, String)>,
    State(app): State<App>,
    request: axum::extract::Request,
) -> Response {
    accept(&language, app, request, Entry::SignedIn, move |room, posted| {
        let (mut draft, form) = load_to_change(room, &id)?;
        let say = room.scene.say;
        // Those of an inspection's team sign its minutes beside whoever drafts them.
        let beside: Vec<&str> =
            posted.fields.keys().filter_map(|name| name.strip_prefix("cosigner-")).collect();
        match signing::freeze(room, &mut draft, &form, posted.get("signer"), &beside) {
            Ok(()) => room.to(&format!("desk/drafts/{id}/sign")),
            Err(Refused::Wrong { key, .. }) => {
                check_page(room, &draft, &form, Some(say.text(key).to_string())).map(Answer::Wrong)
            }
            Err(Refused::Draft(DraftError::Stage)) => Err(Stop::Conflict),
            Err(Refused::Draft(error)) => {
                check_page(room, &draft, &form, Some(error.to_string())).map(Answer::Wrong)
            }
            Err(Refused::Stop(stop)) => Err(stop),
        }
    })
    .await
}

// ── Signing ─────────────────────────────────────────────────────────────────────────────────────

#[derive(Template)]
#[template(path = "desk_sign.html")]
struct SignPage {
    frame: Frame,
    say: Say,
    token: String,
    base: String,
    about: Html,
    law: Html,
    fields: Vec<Field>,
    restricted: Option<Html>,
    sheets: Vec<SheetView>,
    /// Who had the node sign the act with a key that it holds, and when.
    sealed: Vec<(String, String)>,
    /// The approvals that are still needed, where any are.
    needed: Option<Needed>,
    ready: bool,
    may_change: bool,
    wrong: Option<String>,
}

struct SheetView {
    digest: Digest,
    hash: Html,
    title: String,
    holder: String,
    decision: Option<String>,
    signed: Vec<String>,
    unsigned: Vec<KeyView>,
    payload: String,
    challenge: String,
}

struct KeyView {
    key: Digest,
    short: String,
    holder: String,
    /// The credential of one's own passkey that is this key.
    credential: Option<String>,
    /// Whether the node holds it, and this member may have it used.
    held: bool,
}

/// What approvals an act still needs.
struct Needed {
    role: String,
    count: usize,
    given: usize,
    /// The keys with which this member could approve.
    keys: Vec<Choice>,
    /// Whether this member drafted it, so cannot approve it.
    own: bool,
}

fn key_view(room: &Room, draft: &Draft, key: &Digest) -> KeyView {
    let passkey = room.member.account.passkeys.iter().find(|passkey| passkey.key == *key);
    KeyView {
        key: *key,
        short: key.short(),
        holder: signing::holder_of(room, draft, key).unwrap_or_default(),
        credential: passkey.map(|passkey| passkey.credential.clone()),
        held: sealing::may_use(room, draft, key),
    }
}

fn sheet_view(room: &Room, draft: &Draft, sheet: &Sheet) -> Result<SheetView, Stop> {
    let say = room.scene.say;
    let failed = |error: DraftError| Stop::Failed(error.to_string());
    let statement = sheet.statement().map_err(failed)?;
    let unsigned = sheet.unsigned().map_err(failed)?;
    let decision = match statement.predicate() {
        Predicate::Approval(approval) => Some(match approval.decision {
            ApprovalDecision::Approve => say.word("value", "approve"),
            ApprovalDecision::Reject => say.word("value", "reject"),
        }),
        _ => None,
    };
    let payload = sheet.payload();
    Ok(SheetView {
        digest: sheet.digest,
        hash: hash(&sheet.digest),
        title: room.scene.kind(statement.predicate().name()),
        holder: statement.common().holder.to_string(),
        decision,
        signed: sheet.signatures.iter().map(|(key, _)| key_view(room, draft, key).holder).collect(),
        unsigned: unsigned.iter().map(|key| key_view(room, draft, key)).collect(),
        payload: room.scene.href(&format!("desk/drafts/{}/payload/{}", draft.id, sheet.digest)),
        challenge: URL_SAFE_NO_PAD.encode(challenge_of(&evidence::dsse::to_be_signed(&payload))),
    })
}

fn needed(room: &Room, draft: &Draft) -> Result<Option<Needed>, Stop> {
    let Some(needed) = signing::needed(room, draft)? else { return Ok(None) };
    let keys = needed.keys.iter().map(|(key, holder)| {
        let own = room.member.account.passkeys.iter().any(|passkey| passkey.key == *key);
        let mark = if own { room.scene.say.text("key-own").to_string() } else { String::new() };
        Choice { value: key.to_string(), label: format!("{holder} · {}… {mark}", key.short()) }
    });
    let own = draft.organisation.and_then(|id| room.member.of(&id)?.holder.clone());
    Ok(Some(Needed {
        role: room.scene.role(&needed.role),
        count: needed.count,
        given: needed.given,
        keys: keys.collect(),
        own: own == Some(needed.drafter),
    }))
}

pub(super) async fn show(Path((language, id)): Path<(String, String)>, request: Request) -> Response {
    enter(&language, request, Entry::SignedIn, move |room| {
        let (draft, form) = load(room, &id)?;
        if draft.frozen().is_none() {
            return room.to(&format!("desk/drafts/{id}"));
        }
        sign_page(room, &draft, &form, None).map(Answer::Page)
    })
    .await
}

fn sign_page(room: &Room, draft: &Draft, form: &Form, wrong: Option<String>) -> Result<String, Stop> {
    let (scene, say) = (&room.scene, room.scene.say);
    let frozen = draft.frozen().ok_or(Stop::Conflict)?;
    let statement = frozen.act.statement().map_err(|error| Stop::Failed(error.to_string()))?;
    let sheets: Vec<SheetView> = std::iter::once(&frozen.act)
        .chain(&frozen.approvals)
        .map(|sheet| sheet_view(room, draft, sheet))
        .collect::<Result<_, _>>()?;
    let needed = needed(room, draft)?;
    let enough = needed.as_ref().is_none_or(|n| n.given >= n.count);
    let base = scene.href(&format!("desk/drafts/{}", draft.id));
    let page = SignPage {
        frame: room
            .frame(say.text("sign-title").to_string())
            .below(Html::text(form.kind.label(say.0)), base.clone())
            .asks_passkeys(),
        say,
        token: room.token(),
        base,
        about: about_of(room, draft),
        law: law_of(room, draft),
        fields: fields_of(
            &room.as_of(draft.organisation.as_ref()),
            statement.predicate(),
            draft.regime.as_ref(),
        ),
        restricted: draft.restricted.as_ref().map(|ground| say.outside(ground)),
        ready: enough && sheets.first().is_some_and(|sheet| sheet.unsigned.is_empty()),
        sealed: sealing::uses(room, &frozen.act.digest)?,
        sheets,
        needed,
        may_change: may_change(room, draft),
        wrong,
    };
    Ok(page.render()?)
}

/// Gives the exact bytes of a sheet, to be signed elsewhere.
pub(super) async fn payload(
    Path((language, id, digest)): Path<(String, String, String)>,
    request: Request,
) -> Response {
    enter(&language, request, Entry::SignedIn, move |room| {
        let (draft, _) = load(room, &id)?;
        let digest: Digest = digest.parse().map_err(|_| Stop::Missing)?;
        let sheet = draft.frozen().and_then(|frozen| frozen.sheet(&digest)).ok_or(Stop::Missing)?;
        Ok(Answer::File {
            name: format!("{}-{}.json", draft.kind, digest.short()),
            media_type: "application/vnd.in-toto+json",
            bytes: sheet.payload(),
        })
    })
    .await
}

pub(super) async fn act(
    Path((language, id)): Path<(String, String)>,
    State(app): State<App>,
    request: axum::extract::Request,
) -> Response {
    // A signature proves itself; submitting what is signed needs no more than the right to draft.
    accept(&language, app, request, Entry::SignedIn, move |room, posted| {
        let (mut draft, form) = load(room, &id)?;
        let say = room.scene.say;
        if draft.frozen().is_none() {
            return Err(Stop::Conflict);
        }
        let done = match posted.get("do") {
            "passkey" => with_passkey(room, &mut draft, &posted),
            "envelope" => with_envelope(room, &mut draft, &posted),
            "approve" => approve(room, &mut draft, &posted),
            "seal" if !room.member.may_enter(Entry::Fresh, room.scene.now) => return room.to_prove(),
            "seal" => seal(room, &mut draft, &posted),
            "submit" => return submitted(room, draft, &form),
            _ => return Err(Stop::Missing),
        };
        match done {
            Ok(()) => {
                save(room, &mut draft)?;
                room.to(&format!("desk/drafts/{id}/sign"))
            }
            Err(Refused::Wrong { key, .. }) => {
                let wrong = Some(say.text(key).to_string());
                sign_page(room, &draft, &form, wrong).map(Answer::Wrong)
            }
            Err(Refused::Draft(error)) => {
                let key = match error {
                    DraftError::OtherBytes => "sign-other-bytes",
                    DraftError::Signature => "sign-not-one",
                    DraftError::Envelope(_) => "sign-no-envelope",
                    other => return Err(Stop::Failed(other.to_string())),
                };
                sign_page(room, &draft, &form, Some(say.text(key).to_string())).map(Answer::Wrong)
            }
            Err(Refused::Stop(stop)) => Err(stop),
        }
    })
    .await
}

fn digest_of(posted: &Posted, name: &str) -> Result<Digest, Refused> {
    posted.get(name).parse().map_err(|_| Refused::Stop(Stop::Missing))
}

fn with_passkey(room: &Room, draft: &mut Versioned<Draft>, posted: &Posted) -> Result<(), Refused> {
    let hash = digest_of(posted, "key")?;
    // A passkey signs for whoever is signed in, not for a colleague at the same machine.
    if !room.member.account.passkeys.iter().any(|passkey| passkey.key == hash) {
        return Err(Refused::Stop(Stop::Forbidden));
    }
    let key = public_key(room, draft, &hash).ok_or(Refused::Draft(DraftError::Signature))?;
    let assertion = Assertion::from_browser(
        posted.get("authenticator_data"),
        posted.get("client_data"),
        posted.get("signature"),
    )
    .map_err(|_| Refused::Draft(DraftError::Signature))?;
    let digest = digest_of(posted, "sheet")?;
    let sheet = draft.frozen_mut()?.sheet_mut(&digest).ok_or(Refused::Stop(Stop::Conflict))?;
    let challenge = challenge_of(&evidence::dsse::to_be_signed(&sheet.payload()));
    match assertion.verify(&key, &challenge) {
        Ok(()) => Ok(sheet.sign(&key, &assertion.to_signature())?),
        Err(evidence::passkey::AssertionError::UserNotVerified) => {
            Err(Refused::wrong("signature", "passkey-not-verified"))
        }
        Err(_) => Err(Refused::Draft(DraftError::Signature)),
    }
}

fn with_envelope(room: &Room, draft: &mut Versioned<Draft>, posted: &Posted) -> Result<(), Refused> {
    let pasted = posted.get("envelope").as_bytes();
    let envelope = posted.file.as_ref().map_or(pasted, |file| &file.bytes).to_vec();
    if envelope.is_empty() {
        return Err(Refused::wrong("envelope", "file-missing"));
    }
    let digest = digest_of(posted, "sheet")?;
    signing::take_envelope(room, draft, &digest, &envelope)
}

fn seal(room: &Room, draft: &mut Versioned<Draft>, posted: &Posted) -> Result<(), Refused> {
    sealing::seal(room, draft, posted.get("sheet"), &digest_of(posted, "key")?)
}

/// Writes the approval of the exact bytes that this page shows, to be signed by the approver.
fn approve(room: &Room, draft: &mut Versioned<Draft>, posted: &Posted) -> Result<(), Refused> {
    let typed = |name: &str| {
        let typed: String = posted.get(name).chars().take(evidence::common::MAX_TEXT).collect();
        (!typed.is_empty()).then_some(typed)
    };
    let approving = Approving {
        sheet: posted.get("sheet").to_owned(),
        key: digest_of(posted, "key")?,
        decision: match posted.get("decision") {
            "approve" => Some(ApprovalDecision::Approve),
            "reject" => Some(ApprovalDecision::Reject),
            _ => None,
        },
        reasons: Texts { ja: typed("reasons_ja"), en: typed("reasons_en") },
    };
    signing::approve(room, draft, approving).map(drop)
}

fn submitted(room: &Room, mut draft: Versioned<Draft>, form: &Form) -> Result<Answer, Stop> {
    let say = room.scene.say;
    let told = match signing::file(room, &mut draft) {
        Ok(()) => return room.to(&format!("desk/drafts/{}", draft.id)),
        Err(NotFiled::Stop(stop)) => return Err(stop),
        Err(NotFiled::Filing(FilingError::Submit(SubmitError::Refused { refusal, .. }))) => {
            let reason = say.word("refusal", &refusal.code.to_string());
            say.text("submit-refused").with("reason", reason).with("detail", refusal).to_string()
        }
        Err(NotFiled::Filing(FilingError::File(name))) => {
            say.text("submit-file").with("name", name).to_string()
        }
        Err(NotFiled::Filing(error)) => say.text("submit-failed").with("detail", error).to_string(),
    };
    sign_page(room, &draft, form, Some(told)).map(Answer::Wrong)
}
