//! Drafts: who may see and change them, and how they begin.

use desk::account::{Function, Membership};
use desk::draft::{MAX_REMARK, MAX_REMARKS, Remark};
use desk::{Draft, Form, Stage, Versioned};
use evidence::{Basis, BasisKind, Digest, Language, Predicate, Slug, Texts};
use register::policy::Speaker;

use super::forms::form_of;
use super::room::{Refused, Room, Stop};
use super::{is_subject, kinds_for};

/// Finds a draft that the member may see.
pub(crate) fn load(room: &Room, id: &str) -> Result<(Versioned<Draft>, Form), Stop> {
    let draft = room.member.desk.load::<Draft>(id)?.ok_or(Stop::Missing)?;
    let visible = match draft.organisation {
        Some(organisation) => room.member.of(&organisation).is_some(),
        None => draft.created_by == room.member.account.id,
    };
    let form = form_of(&draft.kind).ok_or(Stop::Missing)?;
    if visible { Ok((draft, form)) } else { Err(Stop::Missing) }
}

/// Finds a draft that the member may change.
pub(crate) fn load_to_change(room: &Room, id: &str) -> Result<(Versioned<Draft>, Form), Stop> {
    let (draft, form) = load(room, id)?;
    if may_change(room, &draft) { Ok((draft, form)) } else { Err(Stop::Forbidden) }
}

/// Tells whether the member may change a draft that they may see.
pub(crate) fn may_change(room: &Room, draft: &Draft) -> bool {
    draft.organisation.is_none_or(|organisation| room.member.may(&organisation, Function::Draft))
}

/// Saves a draft that the member has changed.
pub(crate) fn save(room: &Room, draft: &mut Versioned<Draft>) -> Result<(), Stop> {
    draft.changed_by.clone_from(&room.member.account.id);
    draft.changed_at = room.scene.now;
    Ok(room.member.desk.save(draft)?)
}

/// Returns a new draft.
pub(crate) fn fresh(room: &Room, kind: &str, organisation: Option<Digest>) -> Result<Draft, Stop> {
    let id = room.member.desk.new_id(room.scene.now)?;
    let mut draft = Draft::new(id, kind, organisation, &room.member.account.id, room.scene.now);
    draft.language = room.scene.say.0;
    Ok(draft)
}

fn kept(room: &Room, draft: Draft) -> Result<Versioned<Draft>, Stop> {
    let mut draft = Versioned::new(draft);
    room.member.desk.save(&mut draft)?;
    Ok(draft)
}

/// Returns the organisations for which the member may write drafts.
fn drafting(room: &Room) -> impl Iterator<Item = Digest> {
    let memberships = room.member.account.memberships.iter();
    let drafting = memberships.filter(|membership| membership.functions.contains(&Function::Draft));
    drafting.map(|membership| membership.organisation)
}

/// Returns the organisations for which the member may file this kind.
pub(crate) fn may_file(room: &Room, kind: &str) -> Vec<Digest> {
    let files = |id: &Digest| {
        kinds_for(room.scene.register(), id, room.scene.now).iter().any(|kinds| kinds.kind.name == kind)
    };
    drafting(room).filter(files).collect()
}

/// Returns the organisations for which the member may put advice on record.
pub(crate) fn may_file_assessment(room: &Room) -> Vec<Digest> {
    let register = room.scene.register();
    let Some(row) = register.policy().and_then(|policy| policy.act("assessment")) else { return Vec::new() };
    let says = |id: &Digest| {
        row.said_by.iter().any(|speaker| match speaker {
            Speaker::Role(role) => register.has_role(id, role, room.scene.now),
            _ => false,
        })
    };
    drafting(room).filter(says).collect()
}

/// What a new draft is to be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Beginning<'a> {
    /// The kind of statement.
    pub(crate) kind: &'a str,
    /// The organisation in whose name it will be said.
    pub(crate) organisation: &'a str,
    /// What it is about.
    pub(crate) about: &'a str,
    /// The law, where the kind is said under one.
    pub(crate) regime: &'a str,
    /// The duty that it is about.
    pub(crate) duty: Option<&'a str>,
}

/// Begins a draft.
pub(crate) fn begin(room: &Room, wanted: Beginning<'_>) -> Result<Versioned<Draft>, Refused> {
    let form = form_of(wanted.kind).ok_or(Stop::Missing)?;
    let organisation: Digest = match wanted.organisation.parse() {
        Ok(id) if may_file(room, wanted.kind).contains(&id) => id,
        _ => return Err(Refused::wrong("for", "wrong-choice")),
    };
    let scene = room.as_of(Some(&organisation));
    let register = scene.register();
    let row = register.policy().and_then(|policy| policy.act(wanted.kind)).ok_or(Stop::Missing)?;
    // A registration that waits has a digest, and is not on record yet.
    let about: Digest = match wanted.about.parse() {
        Ok(id) if is_subject(register, row, &organisation, &id) || is_waiting(room, &id)? => id,
        _ => return Err(Refused::wrong("about", "wrong-choice")),
    };
    let mut draft = fresh(room, wanted.kind, Some(organisation))?;
    draft.about = Some(about);
    // What answers an act, or contests it, is said under the law of that act.
    draft.regime = register.recorded(&about).and_then(|act| act.statement.common().regime.clone());
    if row.under_regime {
        if register.regime(wanted.regime).is_none() {
            return Err(Refused::wrong("regime", "wrong-choice"));
        }
        draft.regime = wanted.regime.parse().ok();
        draft.basis.kind = BasisKind::Duty;
    }
    if let Some(duty) = wanted.duty.filter(|_| form.question("duty").is_some()) {
        draft.fields.insert("duty".to_owned(), duty.to_owned());
    }
    Ok(kept(room, draft)?)
}

fn is_waiting(room: &Room, id: &Digest) -> Result<bool, Stop> {
    Ok(waiting_names(room, &id.to_string())?.is_some())
}

/// Returns the names of an organisation that waits to be accepted.
pub(crate) fn waiting_names(room: &Room, id: &str) -> Result<Option<Texts>, Stop> {
    let waiting = room.scene.node.waiting()?;
    let Some(found) = waiting.iter().find(|waiting| waiting.statement.to_string() == id) else {
        return Ok(None);
    };
    let read = evidence::Envelope::parse(&found.envelope)
        .ok()
        .and_then(|e| evidence::Statement::parse(e.payload(), evidence::Unknown::Ignore).ok());
    Ok(read.and_then(|statement| match statement.predicate() {
        Predicate::Organisation(body) => Some(body.names.clone()),
        _ => None,
    }))
}

/// Begins the registration of an organisation of one's own.
pub(crate) fn begin_registration(room: &Room) -> Result<Versioned<Draft>, Stop> {
    let mut draft = fresh(room, "organisation", None)?;
    // What a provider vouches for need not be typed; it can be changed as everything else.
    let vouched = room.member.account.identities.iter().find_map(|i| i.corporate_number.as_ref());
    if let (Some(number), Some(form)) = (vouched, form_of("organisation")) {
        let known = serde_json::json!({
            "country": "JP", "registryId": { "scheme": "jp-corporate-number", "value": number }
        });
        if let serde_json::Value::Object(known) = known {
            draft.prefill(&form, &known);
        }
    }
    kept(room, draft)
}

/// Puts the node's advice about a model into a draft, to be signed as an `assessment`.
pub(crate) fn begin_assessment(
    room: &Room,
    organisation: Digest,
    model: Digest,
    regime: Slug,
) -> Result<Versioned<Draft>, Stop> {
    let scene = &room.scene;
    if !may_file_assessment(room).contains(&organisation) {
        return Err(Stop::Forbidden);
    }
    let day = scene.now.utc_date();
    let advice = scene
        .register()
        .advise(regime.as_str(), &model, day, &scene.view.library)
        .map_err(|_| Stop::Missing)?;
    let body = scene.register().assessment_of(&advice, day).ok_or(Stop::Missing)?;
    let form = form_of("assessment").ok_or(Stop::Missing)?;
    let mut draft = fresh(room, "assessment", Some(organisation))?;
    draft.about = Some(model);
    draft.regime = Some(regime);
    draft.basis.kind = BasisKind::Duty;
    if let serde_json::Value::Object(body) = Predicate::from(body).to_value() {
        draft.prefill(&form, &body);
    }
    draft.seen.extend(form.questions.iter().map(|question| question.name.clone()));
    kept(room, draft)
}

/// What stands around a statement.
#[derive(Debug, Clone)]
pub(crate) struct Around {
    /// What prompts it.
    pub(crate) basis: Basis,
    /// The language that counts where translations differ.
    pub(crate) language: Language,
    /// The ground on which all of it is restricted.
    pub(crate) restricted: Option<Texts>,
}

/// Sets what stands around a draft.
pub(crate) fn set_around(room: &Room, draft: &mut Versioned<Draft>, around: Around) -> Result<(), Stop> {
    if !matches!(draft.stage, Stage::Writing) {
        return Err(Stop::Conflict);
    }
    draft.basis = around.basis;
    draft.language = around.language;
    draft.restricted = around.restricted;
    save(room, draft)
}

/// Says something on a draft. Whoever may read it may.
pub(crate) fn remark(room: &Room, draft: &mut Versioned<Draft>, text: &str) -> Result<(), Stop> {
    let text: String = text.chars().take(MAX_REMARK).collect();
    if !text.is_empty() && draft.remarks.len() < MAX_REMARKS {
        let by = room.member.account.id.clone();
        draft.remarks.push(Remark { by, at: room.scene.now, text });
        room.member.desk.save(draft)?;
    }
    Ok(())
}

/// Returns the membership of whoever registered an organisation.
pub(super) fn founder(organisation: Digest, holder: Slug) -> Membership {
    Membership { organisation, holder: Some(holder), functions: [Function::Draft, Function::Manage].into() }
}
