//! Checking the answers, fixing the bytes, signing, approving, submitting.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use desk::account::Function;
use desk::draft::{DraftError, Sheet, Signer};
use desk::{Draft, Form, Stage, Versioned};
use evidence::passkey::{Assertion, challenge_of};
use evidence::predicate::ApprovalDecision;
use evidence::{Digest, LogReference, Predicate, PublicKey, Slug, Texts};
use node::SubmitError;

use super::draft::{about_of, founder, law_of, load, load_to_change, save};
use super::inputs::{id_of, title_of, told};
use super::{Answer, Room, Stop, accept, enter};
use crate::desk::{Choice, Entry, FilingError, Posted, needed_approval, submit};
use crate::pages::Request;
use crate::pages::fields::{Field, fields_of};
use crate::pages::frame::Frame;
use crate::pages::parts::{Html, hash};
use crate::pages::text::Say;
use crate::state::App;

/// The checkpoint that a signer of this page has seen.
fn log_of(room: &Room) -> Result<LogReference, Stop> {
    let register = room.scene.register();
    let size = register.size();
    let root = register.root_at(size).ok_or_else(|| Stop::Failed("the log has no root".into()))?;
    Ok(LogReference { origin: register.origin().to_owned(), size, root })
}

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

/// Returns the keys that may sign a draft: those of the organisation, or those that an organisation
/// brings when it registers itself.
fn keys_of(room: &Room, draft: &Draft, form: &Form) -> Vec<(Digest, Slug)> {
    match draft.organisation {
        Some(organisation) => room
            .scene
            .register()
            .keys_of(&organisation)
            .iter()
            .filter(|key| key.ended.is_none())
            .map(|key| (key.public.hash(), key.holder.clone()))
            .collect(),
        None => match draft.predicate(form) {
            Ok(Predicate::Organisation(organisation)) => organisation
                .keys
                .iter()
                .filter_map(|entry| {
                    Some((evidence::key::decode_spki(&entry.spki).ok()?.hash(), entry.holder.clone()))
                })
                .collect(),
            _ => Vec::new(),
        },
    }
}

/// Returns keys that a draft introduces: they sign too, to prove that they are in hand.
fn introduced(draft: &Draft, form: &Form) -> Vec<(Digest, Slug)> {
    let entries = match draft.predicate(form) {
        Ok(Predicate::KeyChange(change)) => change.add,
        Ok(Predicate::Organisation(organisation)) => organisation.keys,
        _ => Vec::new(),
    };
    entries
        .iter()
        .filter_map(|entry| {
            Some((evidence::key::decode_spki(&entry.spki).ok()?.hash(), entry.holder.clone()))
        })
        .collect()
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
            let mark = if own.contains(&key) { say.text("key-own").to_string() } else { String::new() };
            Choice { value: key.to_string(), label: format!("{holder} · {}… {mark}", key.short()) }
        })
        .collect();
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
        keys,
        base,
        wrong,
    };
    Ok(page.render()?)
}

pub(super) async fn freeze(
    Path((language, id)): Path<(String, String)>,
    State(app): State<App>,
    request: axum::extract::Request,
) -> Response {
    accept(&language, app, request, Entry::SignedIn, move |room, posted| {
        let (mut draft, form) = load_to_change(room, &id)?;
        let say = room.scene.say;
        let all = keys_of(room, &draft, &form);
        let wanted = posted.get("signer").to_owned();
        let Some((key, holder)) = all.into_iter().find(|(key, _)| key.to_string() == wanted) else {
            let wrong = Some(say.text("signer-missing").to_string());
            return check_page(room, &draft, &form, wrong).map(Answer::Wrong);
        };
        let mut signers = vec![Signer { key, holder }];
        signers.extend(
            introduced(&draft, &form)
                .into_iter()
                .filter(|(other, _)| *other != key)
                .map(|(key, holder)| Signer { key, holder }),
        );
        // The minutes of an inspection are signed by everyone of the team who has a key here.
        for name in posted.fields.keys().filter_map(|name| name.strip_prefix("cosigner-")) {
            let found = keys_of(room, &draft, &form).into_iter().find(|(key, _)| key.to_string() == *name);
            signers
                .extend(found.filter(|(other, _)| *other != key).map(|(key, holder)| Signer { key, holder }));
        }
        let log = log_of(room)?;
        let by = room.member.account.id.clone();
        match draft.freeze(&form, &signers, log, &by, room.scene.now) {
            Ok(_) => {
                save(room, &mut draft)?;
                room.to(&format!("desk/drafts/{id}/sign"))
            }
            Err(DraftError::Stage) => Err(Stop::Conflict),
            Err(error) => check_page(room, &draft, &form, Some(error.to_string())).map(Answer::Wrong),
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
    let register = room.scene.register();
    let holder = register.key(key).map(|key| key.holder.to_string());
    let frozen = draft.frozen().and_then(|frozen| frozen.act.statement().ok());
    let introduced = frozen.and_then(|statement| match statement.predicate() {
        Predicate::Organisation(body) => holder_in(&body.keys, key),
        Predicate::KeyChange(body) => holder_in(&body.add, key),
        _ => None,
    });
    let passkey = room.member.account.passkeys.iter().find(|passkey| passkey.key == *key);
    KeyView {
        key: *key,
        short: key.short(),
        holder: holder.or(introduced).unwrap_or_default(),
        credential: passkey.map(|passkey| passkey.credential.clone()),
    }
}

fn holder_in(entries: &[evidence::predicate::KeyEntry], key: &Digest) -> Option<String> {
    let found = entries
        .iter()
        .find(|entry| evidence::key::decode_spki(&entry.spki).is_ok_and(|public| public.hash() == *key));
    found.map(|entry| entry.holder.to_string())
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
    let register = room.scene.register();
    let (Some(row), Some(organisation)) = (needed_approval(register, &draft.kind), draft.organisation) else {
        return Ok(None);
    };
    let Some(frozen) = draft.frozen() else { return Ok(None) };
    let act = frozen.act.statement().map_err(|error| Stop::Failed(error.to_string()))?;
    // Not every statement of a kind that can need approvals does.
    if register.approval_needed(&act, room.scene.now).is_none() {
        return Ok(None);
    }
    let drafter = act.common().holder.clone();
    let given = frozen
        .approvers()
        .iter()
        .filter(|(holder, decision)| *holder != drafter && *decision == ApprovalDecision::Approve)
        .count();
    let keys: Vec<Choice> = register
        .keys_of(&organisation)
        .iter()
        .filter(|key| key.ended.is_none() && key.holder != drafter)
        .filter(|key| register.holder_has_role(&organisation, &key.holder, &row.role, room.scene.now))
        .map(|key| {
            let hash = key.public.hash();
            let own = room.member.account.passkeys.iter().any(|passkey| passkey.key == hash);
            let mark = if own { room.scene.say.text("key-own").to_string() } else { String::new() };
            Choice { value: hash.to_string(), label: format!("{} · {}… {mark}", key.holder, hash.short()) }
        })
        .collect();
    let own = room.member.of(&organisation).and_then(|m| m.holder.as_ref()) == Some(&drafter);
    Ok(Some(Needed {
        role: room.scene.role(&row.role),
        count: usize::try_from(row.count).unwrap_or(usize::MAX),
        given,
        keys,
        own,
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
        sheets,
        needed,
        may_change: load_to_change(room, &draft.id).is_ok(),
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

/// Finds a public key by its hash: one in the register, or one that the statement brings.
fn public_key(room: &Room, draft: &Draft, hash: &Digest) -> Option<PublicKey> {
    if let Some(key) = room.scene.register().key(hash) {
        return Some(key.public.clone());
    }
    let statement = draft.frozen()?.act.statement().ok()?;
    let entries = match statement.predicate() {
        Predicate::Organisation(body) => &body.keys,
        Predicate::KeyChange(body) => &body.add,
        _ => return None,
    };
    entries.iter().filter_map(|e| evidence::key::decode_spki(&e.spki).ok()).find(|key| key.hash() == *hash)
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
            "submit" => return submitted(room, draft, &form),
            _ => return Err(Stop::Missing),
        };
        match done {
            Ok(()) => {
                save(room, &mut draft)?;
                room.to(&format!("desk/drafts/{id}/sign"))
            }
            Err(Refused::Key(key)) => {
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

enum Refused {
    Key(&'static str),
    Draft(DraftError),
    Stop(Stop),
}

impl From<DraftError> for Refused {
    fn from(error: DraftError) -> Self {
        Self::Draft(error)
    }
}

impl From<Stop> for Refused {
    fn from(stop: Stop) -> Self {
        Self::Stop(stop)
    }
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
        Err(evidence::passkey::AssertionError::UserNotVerified) => Err(Refused::Key("passkey-not-verified")),
        Err(_) => Err(Refused::Draft(DraftError::Signature)),
    }
}

fn with_envelope(room: &Room, draft: &mut Versioned<Draft>, posted: &Posted) -> Result<(), Refused> {
    let pasted = posted.get("envelope").as_bytes();
    let envelope = posted.file.as_ref().map_or(pasted, |file| &file.bytes).to_vec();
    if envelope.is_empty() {
        return Err(Refused::Key("file-missing"));
    }
    let digest = digest_of(posted, "sheet")?;
    let seen = Draft::clone(draft);
    let sheet = draft.frozen_mut()?.sheet_mut(&digest).ok_or(Refused::Stop(Stop::Conflict))?;
    sheet.take(&envelope, |hash| public_key(room, &seen, hash))?;
    Ok(())
}

/// Writes the approval of the exact bytes that this page shows, to be signed by the approver.
fn approve(room: &Room, draft: &mut Versioned<Draft>, posted: &Posted) -> Result<(), Refused> {
    let register = room.scene.register();
    let row = needed_approval(register, &draft.kind).ok_or(Refused::Stop(Stop::Missing))?;
    let organisation = draft.organisation.ok_or(Refused::Stop(Stop::Missing))?;
    // What was shown is what is approved.
    if posted.get("sheet") != draft.frozen().map(|f| f.act.digest.to_string()).unwrap_or_default() {
        return Err(Refused::Stop(Stop::Conflict));
    }
    let hash = digest_of(posted, "key")?;
    let key = register
        .key(&hash)
        .filter(|key| key.organisation == Some(organisation) && key.ended.is_none())
        .ok_or(Refused::Key("signer-missing"))?;
    if !register.holder_has_role(&organisation, &key.holder, &row.role, room.scene.now) {
        return Err(Refused::Key("approve-no-office"));
    }
    let typed = |name: &str| {
        let typed: String = posted.get(name).chars().take(evidence::common::MAX_TEXT).collect();
        (!typed.is_empty()).then_some(typed)
    };
    let (ja, en) = (typed("reasons_ja"), typed("reasons_en"));
    if ja.is_none() && en.is_none() {
        return Err(Refused::Key("approve-reasons"));
    }
    let decision = match posted.get("decision") {
        "approve" => ApprovalDecision::Approve,
        "reject" => ApprovalDecision::Reject,
        _ => return Err(Refused::Key("approve-decision")),
    };
    let log = log_of(room)?;
    let frozen = draft.frozen_mut()?;
    let drafter = frozen.act.statement()?.common().holder.clone();
    if key.holder == drafter {
        return Err(Refused::Key("approve-own"));
    }
    let signer = Signer { key: hash, holder: key.holder.clone() };
    frozen.approve(row.function.clone(), decision, Texts { ja, en }, &signer, log, room.scene.now)?;
    Ok(())
}

fn submitted(room: &Room, mut draft: Versioned<Draft>, form: &Form) -> Result<Answer, Stop> {
    let say = room.scene.say;
    if let Some(organisation) = draft.organisation
        && !room.member.may(&organisation, Function::Draft)
    {
        return Err(Stop::Forbidden);
    }
    let frozen = draft.frozen().cloned().ok_or(Stop::Conflict)?;
    let caller = match draft.organisation {
        Some(organisation) => room.member.caller(room.scene.register(), &organisation),
        None => node::Caller::Anonymous,
    };
    let (node, desk) = (&room.scene.node, &room.member.desk);
    // This runs on a thread for blocking work, so waiting here holds up nobody.
    let answer = tokio::runtime::Handle::current().block_on(submit(node, desk, &draft, &frozen, &caller));
    let stage = match answer {
        Ok(stage) => stage,
        Err(FilingError::Submit(SubmitError::Refused { refusal, .. })) => {
            let reason = say.word("refusal", &refusal.code.to_string());
            let told = say.text("submit-refused").with("reason", reason).with("detail", refusal).to_string();
            return sign_page(room, &draft, form, Some(told)).map(Answer::Wrong);
        }
        Err(FilingError::Submit(error)) => {
            let told = say.text("submit-failed").with("detail", error).to_string();
            return sign_page(room, &draft, form, Some(told)).map(Answer::Wrong);
        }
        Err(FilingError::File(name)) => {
            let told = say.text("submit-file").with("name", name).to_string();
            return sign_page(room, &draft, form, Some(told)).map(Answer::Wrong);
        }
        Err(FilingError::Desk(error)) => return Err(error.into()),
        Err(error @ FilingError::NoAnswer) => return Err(Stop::Failed(error.to_string())),
    };
    // Whoever registered an organisation works for it from now on.
    if let (None, Stage::Recorded { statement, .. } | Stage::Waiting { statement, .. }) =
        (draft.organisation, &stage)
    {
        let holder = frozen.act.statement().map(|s| s.common().holder.clone());
        if let Ok(holder) = holder {
            let mut account = room.member.account.clone();
            account.join(founder(*statement, holder));
            desk.save(&mut account)?;
        }
        draft.organisation = Some(*statement);
    }
    draft.stage = stage;
    // It is in the log whatever happens to the draft: submitting it again finds it there.
    save(room, &mut draft)?;
    room.to(&format!("desk/drafts/{}", draft.id))
}
