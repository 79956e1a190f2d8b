//! Choosing what to file, for whom and about what; the drafts that begin of themselves.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use desk::Versioned;
use desk::account::Function;
use desk::form::Fields;
use evidence::{BasisKind, Digest, PredicateType, Slug};

use super::draft::{WORDS, form_of, fresh};
use super::{Answer, Room, Stop, accept, enter, page_of};
use crate::desk::{Choice, Entry, is_subject, kinds_for, subjects};
use crate::pages::Request;
use crate::pages::frame::Frame;
use crate::pages::parts::Html;
use crate::pages::scene::Scene;
use crate::pages::text::Say;
use crate::state::App;
#[derive(Template)]
#[template(path = "desk_kinds.html")]
struct KindsPage {
    frame: Frame,
    say: Say,
    organisations: Vec<(Html, Vec<KindLine>)>,
}

struct KindLine {
    href: String,
    label: String,
    intro: String,
}

pub(super) async fn kinds(Path(language): Path<String>, request: Request) -> Response {
    enter(&language, request, Entry::SignedIn, |room| {
        let (scene, say) = (&room.scene, room.scene.say);
        let organisations = room
            .member
            .account
            .memberships
            .iter()
            .filter(|membership| membership.functions.contains(&Function::Draft))
            .map(|membership| {
                let id = membership.organisation;
                let lines = kinds_for(scene.register(), &id, scene.now)
                    .into_iter()
                    .map(|kinds| KindLine {
                        href: scene.href(&format!("desk/file/{}?for={id}", kinds.kind.name)),
                        label: kinds.kind.label(say.0).to_owned(),
                        intro: intro(say, kinds.kind.name),
                    })
                    .collect();
                (scene.name(&id), lines)
            })
            .collect();
        let frame = room.frame(say.text("file-title").to_string());
        page_of(&KindsPage { frame, say, organisations })
    })
    .await
}

pub(super) fn intro(say: Say, kind: &str) -> String {
    WORDS
        .get(kind)
        .and_then(|words| words.intro.as_ref())
        .map(|intro| intro.get(say.0).to_owned())
        .unwrap_or_default()
}

#[derive(Template)]
#[template(path = "desk_begin.html")]
struct BeginPage {
    frame: Frame,
    say: Say,
    token: String,
    kind: &'static str,
    label: String,
    intro: String,
    organisations: Vec<(Choice, bool)>,
    /// The one organisation that it is for; then nothing is asked.
    only: Option<String>,
    subjects: Vec<Choice>,
    chosen: String,
    /// The chosen organisation, where it still waits to be accepted.
    waiting: Option<String>,
    regimes: Vec<Choice>,
    regime: String,
    wrong: Option<(&'static str, String)>,
}

/// Returns the organisations for which the member may file this kind.
fn may_file(room: &Room, kind: &str) -> Vec<Digest> {
    let memberships = room.member.account.memberships.iter();
    memberships
        .filter(|membership| membership.functions.contains(&Function::Draft))
        .map(|membership| membership.organisation)
        .filter(|id| {
            kinds_for(room.scene.register(), id, room.scene.now).iter().any(|kinds| kinds.kind.name == kind)
        })
        .collect()
}

fn asked(room: &Room, name: &str) -> String {
    let query = room.scene.uri.query().unwrap_or_default();
    url::form_urlencoded::parse(query.as_bytes())
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

pub(super) async fn begin(Path((language, kind)): Path<(String, String)>, request: Request) -> Response {
    enter(&language, request, Entry::SignedIn, move |room| {
        let typed = Fields::from(["for", "about", "regime"].map(|name| (name.to_owned(), asked(room, name))));
        begin_page(room, &kind, &typed, None).map(Answer::Page)
    })
    .await
}

fn begin_page(
    room: &Room,
    kind: &str,
    typed: &Fields,
    wrong: Option<(&'static str, String)>,
) -> Result<String, Stop> {
    let kind = PredicateType::find(kind).ok_or(Stop::Missing)?;
    let filers = may_file(room, kind.name);
    let first = *filers.first().ok_or(Stop::Missing)?;
    let wanted: Option<Digest> = typed.get("for").and_then(|text| text.parse().ok());
    let organisation = wanted.filter(|id| filers.contains(id)).unwrap_or(first);
    let (scene, say) = (&room.as_of(Some(&organisation)), room.scene.say);
    let row = scene.register().policy().and_then(|policy| policy.act(kind.name)).ok_or(Stop::Missing)?;
    let regimes = scene
        .register()
        .regimes()
        .filter_map(|(id, adopted)| {
            let files = scene.view.library.regime(&adopted.folder)?;
            Some(Choice { value: id.to_owned(), label: scene.title(&files).to_owned() })
        })
        .collect();
    let page = BeginPage {
        frame: room.frame(kind.label(say.0).to_owned()),
        say,
        token: room.token(),
        kind: kind.name,
        label: kind.label(say.0).to_owned(),
        intro: intro(say, kind.name),
        organisations: filers
            .iter()
            .map(|id| (Choice { value: id.to_string(), label: scene.plain_name(id) }, *id == organisation))
            .collect(),
        only: (filers.len() == 1).then(|| first.to_string()),
        subjects: subjects(scene.register(), row, &organisation)
            .iter()
            .map(|id| Choice { value: id.to_string(), label: subject_label(scene, id) })
            .collect(),
        waiting: waiting_name(room, typed.get("about").map_or("", String::as_str))?,
        chosen: typed.get("about").cloned().unwrap_or_default(),
        regimes: if row.under_regime { regimes } else { Vec::new() },
        regime: typed.get("regime").cloned().unwrap_or_default(),
        wrong,
    };
    Ok(page.render()?)
}

/// Names what a statement may be about: a thing by its name, a statement by kind, place and day.
pub(super) fn subject_label(scene: &Scene, id: &Digest) -> String {
    let register = scene.register();
    let named = scene.names(id).is_some() || register.path_of(id).is_some();
    match register.recorded(id) {
        Some(recorded) if !named => {
            let kind = scene.kind(recorded.statement.predicate().name());
            let entry = scene.say.text("entry").count("index", recorded.index).to_string();
            let of = register.addressee(id).map(|of| scene.plain_name(&of)).unwrap_or_default();
            format!("{kind} · {entry} · {of} · {}", recorded.time.utc_date())
        }
        _ => {
            let owner = register.owner(id).filter(|owner| owner != id).map(|owner| scene.plain_name(&owner));
            match owner {
                Some(owner) => format!("{} · {owner}", scene.plain_name(id)),
                None => scene.plain_name(id),
            }
        }
    }
}

pub(super) async fn create(
    Path((language, kind)): Path<(String, String)>,
    State(app): State<App>,
    request: axum::extract::Request,
) -> Response {
    accept(&language, app, request, Entry::SignedIn, move |room, posted| {
        let say = room.scene.say;
        let form = form_of(&kind).ok_or(Stop::Missing)?;
        let wrong = |at: &'static str, key: &str| {
            begin_page(room, &kind, &posted.fields, Some((at, say.text(key).to_string()))).map(Answer::Wrong)
        };
        let organisation: Digest = match posted.get("for").parse() {
            Ok(id) if may_file(room, &kind).contains(&id) => id,
            _ => return wrong("for", "wrong-choice"),
        };
        let scene = room.as_of(Some(&organisation));
        let register = scene.register();
        let row = register.policy().and_then(|policy| policy.act(&kind)).ok_or(Stop::Missing)?;
        // A registration that waits has a digest, and is not on record yet.
        let about: Digest = match posted.get("about").parse() {
            Ok(id) if is_subject(register, row, &organisation, &id) || is_waiting(room, &id)? => id,
            _ => return wrong("about", "wrong-choice"),
        };
        let mut draft = fresh(room, &kind, Some(organisation))?;
        draft.about = Some(about);
        // What answers an act, or contests it, is said under the law of that act.
        draft.regime = register.recorded(&about).and_then(|act| act.statement.common().regime.clone());
        if row.under_regime {
            let regime = posted.get("regime");
            if register.regime(regime).is_none() {
                return wrong("regime", "wrong-choice");
            }
            draft.regime = regime.parse().ok();
            draft.basis.kind = BasisKind::Duty;
        }
        if let Some(duty) = posted.fields.get("duty").filter(|_| form.question("duty").is_some()) {
            draft.fields.insert("duty".to_owned(), duty.clone());
        }
        let id = draft.id.clone();
        room.member.desk.save(&mut Versioned::new(draft))?;
        room.to(&format!("desk/drafts/{id}"))
    })
    .await
}

fn is_waiting(room: &Room, id: &Digest) -> Result<bool, Stop> {
    Ok(waiting_name(room, &id.to_string())?.is_some())
}

/// Returns the name of an organisation that waits to be accepted.
fn waiting_name(room: &Room, id: &str) -> Result<Option<String>, Stop> {
    let waiting = room.scene.node.waiting()?;
    let Some(found) = waiting.iter().find(|waiting| waiting.statement.to_string() == id) else {
        return Ok(None);
    };
    let read = evidence::Envelope::parse(&found.envelope)
        .ok()
        .and_then(|e| evidence::Statement::parse(e.payload(), evidence::Unknown::Ignore).ok());
    Ok(read.and_then(|statement| match statement.predicate() {
        evidence::Predicate::Organisation(body) => Some(body.names.get(room.scene.say.0).0.to_owned()),
        _ => None,
    }))
}

/// Begins the registration of an organisation of one's own.
pub(super) async fn register(
    Path(language): Path<String>,
    State(app): State<App>,
    request: axum::extract::Request,
) -> Response {
    accept(&language, app, request, Entry::SignedIn, |room, _| {
        let draft = fresh(room, "organisation", None)?;
        let id = draft.id.clone();
        room.member.desk.save(&mut Versioned::new(draft))?;
        room.to(&format!("desk/drafts/{id}"))
    })
    .await
}

/// Puts the node's advice about a model into a draft, to be signed as an `assessment`.
pub(super) async fn advice(
    Path(language): Path<String>,
    State(app): State<App>,
    request: axum::extract::Request,
) -> Response {
    accept(&language, app, request, Entry::SignedIn, |room, posted| {
        let scene = &room.scene;
        let organisation = *may_file_assessment(room).first().ok_or(Stop::Forbidden)?;
        let model: Digest = posted.get("model").parse().map_err(|_| Stop::Missing)?;
        let regime: Slug = posted.get("regime").parse().map_err(|_| Stop::Missing)?;
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
        if let serde_json::Value::Object(body) = evidence::Predicate::from(body).to_value() {
            draft.prefill(&form, &body);
        }
        draft.seen.extend(form.questions.iter().map(|question| question.name.clone()));
        let id = draft.id.clone();
        room.member.desk.save(&mut Versioned::new(draft))?;
        room.to(&format!("desk/drafts/{id}/check"))
    })
    .await
}

/// Returns the organisations for which the member may put advice on record.
pub(super) fn may_file_assessment(room: &Room) -> Vec<Digest> {
    let register = room.scene.register();
    let Some(row) = register.policy().and_then(|policy| policy.act("assessment")) else { return Vec::new() };
    let memberships = room.member.account.memberships.iter();
    memberships
        .filter(|membership| membership.functions.contains(&Function::Draft))
        .map(|membership| membership.organisation)
        .filter(|id| {
            row.said_by.iter().any(|speaker| match speaker {
                register::policy::Speaker::Role(role) => register.has_role(id, role, room.scene.now),
                _ => false,
            })
        })
        .collect()
}
