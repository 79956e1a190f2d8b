//! Choosing what to file, for whom and about what; the drafts that begin of themselves.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use desk::account::Function;
use desk::form::Fields;
use evidence::{Digest, PredicateType, Slug};

use super::{Answer, Refused, Room, Stop, accept, enter, page_of};
use crate::desk::drafts::{self, Beginning, may_file, waiting_names};
use crate::desk::{Choice, Entry, WORDS, kinds_for, subjects};
use crate::pages::frame::Frame;
use crate::pages::parts::Html;
use crate::pages::scene::Scene;
use crate::pages::text::Say;
use crate::pages::{Request, japanese_day};
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
    let waiting = waiting_names(room, typed.get("about").map_or("", String::as_str))?;
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
        waiting: waiting.map(|names| names.get(say.0).0.to_owned()),
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
            format!("{kind} · {entry} · {of} · {}", japanese_day(recorded.time))
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
        let beginning = Beginning {
            kind: &kind,
            organisation: posted.get("for"),
            about: posted.get("about"),
            regime: posted.get("regime"),
            duty: posted.fields.get("duty").map(String::as_str),
        };
        match drafts::begin(room, beginning) {
            Ok(draft) => room.to(&format!("desk/drafts/{}", draft.id)),
            Err(Refused::Wrong { at, key }) => {
                let wrong = Some((at, say.text(key).to_string()));
                begin_page(room, &kind, &posted.fields, wrong).map(Answer::Wrong)
            }
            Err(Refused::Draft(error)) => Err(Stop::Failed(error.to_string())),
            Err(Refused::Stop(stop)) => Err(stop),
        }
    })
    .await
}

/// Begins the registration of an organisation of one's own.
pub(super) async fn register(
    Path(language): Path<String>,
    State(app): State<App>,
    request: axum::extract::Request,
) -> Response {
    accept(&language, app, request, Entry::SignedIn, |room, _| {
        let draft = drafts::begin_registration(room)?;
        room.to(&format!("desk/drafts/{}", draft.id))
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
        let organisation = *drafts::may_file_assessment(room).first().ok_or(Stop::Forbidden)?;
        let model: Digest = posted.get("model").parse().map_err(|_| Stop::Missing)?;
        let regime: Slug = posted.get("regime").parse().map_err(|_| Stop::Missing)?;
        let draft = drafts::begin_assessment(room, organisation, model, regime)?;
        room.to(&format!("desk/drafts/{}/check", draft.id))
    })
    .await
}
