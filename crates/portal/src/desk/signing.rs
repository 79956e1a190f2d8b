//! From a draft to a recorded statement: fixing the bytes, signatures, approvals, submitting.

use desk::account::Function;
use desk::draft::{Sheet, Signer};
use desk::{Draft, Form, Stage, Versioned};
use evidence::predicate::{ApprovalDecision, KeyEntry};
use evidence::{Digest, LogReference, Predicate, PublicKey, Slug, Texts};

use super::drafts::{founder, save};
use super::room::{Refused, Room, Stop};
use super::sealing;
use super::{FilingError, needed_approval, submit};

/// The checkpoint that a signer has seen here.
fn log_of(room: &Room) -> Result<LogReference, Stop> {
    let register = room.scene.register();
    let size = register.size();
    let root = register.root_at(size).ok_or_else(|| Stop::Failed("the log has no root".into()))?;
    Ok(LogReference { origin: register.origin().to_owned(), size, root })
}

/// Returns the keys that may sign a draft: those of the organisation, or those that an organisation
/// brings when it registers itself.
pub(crate) fn keys_of(room: &Room, draft: &Draft, form: &Form) -> Vec<(Digest, Slug)> {
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
            Ok(Predicate::Organisation(organisation)) => hashes(&organisation.keys),
            _ => Vec::new(),
        },
    }
}

/// Returns keys that a draft introduces: they sign too, to prove that they are in hand.
fn introduced(draft: &Draft, form: &Form) -> Vec<(Digest, Slug)> {
    match draft.predicate(form) {
        Ok(Predicate::KeyChange(change)) => hashes(&change.add),
        Ok(Predicate::Organisation(organisation)) => hashes(&organisation.keys),
        _ => Vec::new(),
    }
}

fn hashes(entries: &[KeyEntry]) -> Vec<(Digest, Slug)> {
    let hash = |entry: &KeyEntry| Some(evidence::key::decode_spki(&entry.spki).ok()?.hash());
    entries.iter().filter_map(|entry| Some((hash(entry)?, entry.holder.clone()))).collect()
}

/// Fixes the bytes of a draft, to be signed by a key that drafts it, by every key that it
/// introduces, and by those named beside: the minutes of an inspection are signed by everyone of the
/// team who has a key here.
pub(crate) fn freeze(
    room: &Room,
    draft: &mut Versioned<Draft>,
    form: &Form,
    signer: &str,
    beside: &[&str],
) -> Result<(), Refused> {
    let all = keys_of(room, draft, form);
    let find = |wanted: &str| all.iter().find(|(key, _)| key.to_string() == wanted).cloned();
    let (key, holder) = find(signer).ok_or(Refused::wrong("signer", "signer-missing"))?;
    let mut signers = vec![Signer { key, holder }];
    let others = introduced(draft, form).into_iter().chain(beside.iter().filter_map(|name| find(name)));
    signers.extend(others.filter(|(other, _)| *other != key).map(|(key, holder)| Signer { key, holder }));
    let log = log_of(room)?;
    let by = room.member.account.id.clone();
    draft.freeze(form, &signers, log, &by, room.scene.now)?;
    Ok(save(room, draft)?)
}

/// Finds a public key by its hash: one in the register, or one that the statement brings.
pub(crate) fn public_key(room: &Room, draft: &Draft, hash: &Digest) -> Option<PublicKey> {
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

/// Returns who holds a key: by the register, or by what a frozen draft says of the keys that it brings.
pub(crate) fn holder_of(room: &Room, draft: &Draft, key: &Digest) -> Option<String> {
    if let Some(known) = room.scene.register().key(key) {
        return Some(known.holder.to_string());
    }
    let statement = draft.frozen()?.act.statement().ok()?;
    let entries = match statement.predicate() {
        Predicate::Organisation(body) => hashes(&body.keys),
        Predicate::KeyChange(body) => hashes(&body.add),
        _ => return None,
    };
    entries.into_iter().find(|(hash, _)| hash == key).map(|(_, holder)| holder.to_string())
}

/// Adds the signatures of an envelope that was made elsewhere of the same bytes.
pub(crate) fn take_envelope(
    room: &Room,
    draft: &mut Versioned<Draft>,
    sheet: &Digest,
    envelope: &[u8],
) -> Result<(), Refused> {
    let seen = Draft::clone(draft);
    let sheet = draft.frozen_mut()?.sheet_mut(sheet).ok_or(Stop::Conflict)?;
    sheet.take(envelope, |hash| public_key(room, &seen, hash))?;
    Ok(())
}

/// An approval, or a rejection, that is to be written.
#[derive(Debug, Clone)]
pub(crate) struct Approving {
    /// The bytes that were looked at.
    pub(crate) sheet: String,
    /// The key of the approver.
    pub(crate) key: Digest,
    /// What is decided.
    pub(crate) decision: Option<ApprovalDecision>,
    /// Why.
    pub(crate) reasons: Texts,
}

/// Writes the approval of exact bytes, to be signed by the approver.
pub(crate) fn approve(
    room: &Room,
    draft: &mut Versioned<Draft>,
    approving: Approving,
) -> Result<Digest, Refused> {
    let register = room.scene.register();
    let row = needed_approval(register, &draft.kind).ok_or(Stop::Missing)?;
    let organisation = draft.organisation.ok_or(Stop::Missing)?;
    // What was shown is what is approved.
    if approving.sheet != draft.frozen().map(|f| f.act.digest.to_string()).unwrap_or_default() {
        return Err(Stop::Conflict.into());
    }
    let key = register
        .key(&approving.key)
        .filter(|key| key.organisation == Some(organisation) && key.ended.is_none())
        .ok_or(Refused::wrong("key", "signer-missing"))?;
    if sealing::is_held(room, draft, &approving.key) {
        return Err(Refused::wrong("key", "seal-not-approval"));
    }
    if !register.holder_has_role(&organisation, &key.holder, &row.role, room.scene.now) {
        return Err(Refused::wrong("key", "approve-no-office"));
    }
    if approving.reasons.ja.is_none() && approving.reasons.en.is_none() {
        return Err(Refused::wrong("reasons", "approve-reasons"));
    }
    let decision = approving.decision.ok_or(Refused::wrong("decision", "approve-decision"))?;
    let log = log_of(room)?;
    let frozen = draft.frozen_mut()?;
    let drafter = frozen.act.statement()?.common().holder.clone();
    if key.holder == drafter {
        return Err(Refused::wrong("key", "approve-own"));
    }
    let signer = Signer { key: approving.key, holder: key.holder.clone() };
    let function = row.function.clone();
    Ok(frozen.approve(function, decision, approving.reasons, &signer, log, room.scene.now)?)
}

/// What approvals an act still needs.
#[derive(Debug, Clone)]
pub(crate) struct Needed {
    /// The role that approves.
    pub(crate) role: String,
    /// How many are needed, and how many are in hand.
    pub(crate) count: usize,
    pub(crate) given: usize,
    /// The keys that could approve, and their holders.
    pub(crate) keys: Vec<(Digest, Slug)>,
    /// Who drafted it, and so cannot approve it.
    pub(crate) drafter: Slug,
}

/// Returns the approvals that a frozen draft needs; none where it needs none.
pub(crate) fn needed(room: &Room, draft: &Draft) -> Result<Option<Needed>, Stop> {
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
    let keys = register
        .keys_of(&organisation)
        .iter()
        .filter(|key| key.ended.is_none() && key.holder != drafter)
        .filter(|key| !sealing::is_held(room, draft, &key.public.hash()))
        .filter(|key| register.holder_has_role(&organisation, &key.holder, &row.role, room.scene.now))
        .map(|key| (key.public.hash(), key.holder.clone()))
        .collect();
    let count = usize::try_from(row.count)
        .unwrap_or(usize::MAX)
        .saturating_add(sealing::instead_of_officer(room, draft));
    Ok(Some(Needed { role: row.role.clone(), count, given, keys, drafter }))
}

/// Returns the act and the approvals of a frozen draft.
pub(crate) fn sheets(draft: &Draft) -> impl Iterator<Item = &Sheet> {
    draft.frozen().into_iter().flat_map(|frozen| std::iter::once(&frozen.act).chain(&frozen.approvals))
}

/// Why a draft was not filed.
#[derive(Debug)]
pub(crate) enum NotFiled {
    /// The node or the register does not take it.
    Filing(FilingError),
    /// There is no answer at all.
    Stop(Stop),
}

impl From<Stop> for NotFiled {
    fn from(stop: Stop) -> Self {
        Self::Stop(stop)
    }
}

/// Submits a frozen draft: its approvals and the act in one piece. It waits for the node, so it
/// runs where blocking holds up nobody.
pub(crate) fn file(room: &Room, draft: &mut Versioned<Draft>) -> Result<(), NotFiled> {
    if let Some(organisation) = draft.organisation
        && !room.member.may(&organisation, Function::Draft)
    {
        return Err(Stop::Forbidden.into());
    }
    let frozen = draft.frozen().cloned().ok_or(Stop::Conflict)?;
    let caller = match draft.organisation {
        Some(organisation) => room.member.caller(room.scene.register(), &organisation),
        None => node::Caller::Anonymous,
    };
    let (node, desk) = (&room.scene.node, &room.member.desk);
    let answer = tokio::runtime::Handle::current().block_on(submit(node, desk, draft, &frozen, &caller));
    let stage = match answer {
        Ok(stage) => stage,
        Err(FilingError::Desk(error)) => return Err(NotFiled::Stop(error.into())),
        Err(error @ FilingError::NoAnswer) => return Err(Stop::Failed(error.to_string()).into()),
        Err(error) => return Err(NotFiled::Filing(error)),
    };
    // Whoever registered an organisation works for it from now on.
    if let (None, Stage::Recorded { statement, .. } | Stage::Waiting { statement, .. }) =
        (draft.organisation, &stage)
    {
        let holder = frozen.act.statement().map(|s| s.common().holder.clone());
        if let Ok(holder) = holder {
            let mut account = room.member.account.clone();
            account.join(founder(*statement, holder));
            desk.save(&mut account).map_err(Stop::from)?;
        }
        draft.organisation = Some(*statement);
    }
    draft.stage = stage;
    // It is in the log whatever happens to the draft: submitting it again finds it there.
    Ok(save(room, draft)?)
}
