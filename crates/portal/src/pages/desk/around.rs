//! What stands around a statement: its basis, who may see it on which ground, its files.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use desk::draft::DraftError;
use desk::{Draft, Stage};
use evidence::{Basis, BasisKind, Language, Texts};

use super::{Answer, Refused, Room, Stop, accept, enter};
use crate::desk::drafts::{Around, load_to_change, set_around};
use crate::desk::{Entry, Posted, files, form_of};
use crate::pages::Request;
use crate::pages::format::bytes;
use crate::pages::frame::Frame;
use crate::pages::parts::Html;
use crate::pages::text::Say;
use crate::state::App;
#[derive(Template)]
#[template(path = "desk_about.html")]
struct AboutPage {
    frame: Frame,
    say: Say,
    token: String,
    base: String,
    basis: &'static str,
    article: String,
    japanese: bool,
    /// Whether the policy leaves the choice.
    restrictable: bool,
    restricted: bool,
    ground_ja: String,
    ground_en: String,
    wrong: Option<String>,
}

pub(super) async fn about(Path((language, id)): Path<(String, String)>, request: Request) -> Response {
    enter(&language, request, Entry::SignedIn, move |room| {
        let (draft, _) = load_to_change(room, &id)?;
        about_page(room, &draft, None).map(Answer::Page)
    })
    .await
}

fn about_page(room: &Room, draft: &Draft, wrong: Option<String>) -> Result<String, Stop> {
    let (scene, say) = (&room.scene, room.scene.say);
    let row = scene.register().policy().and_then(|policy| policy.act(&draft.kind));
    let label = form_of(&draft.kind).map(|form| form.kind.label(say.0)).unwrap_or_default();
    let base = scene.href(&format!("desk/drafts/{}", draft.id));
    let page = AboutPage {
        frame: room.frame(say.text("about-title").to_string()).below(Html::text(label), base.clone()),
        say,
        token: room.token(),
        base,
        basis: match draft.basis.kind {
            BasisKind::Voluntary => "voluntary",
            BasisKind::Duty => "duty",
            BasisKind::Demand => "demand",
        },
        article: draft.basis.article.clone().unwrap_or_default(),
        japanese: draft.language == Language::Ja,
        restrictable: row.is_none_or(|row| row.visibility.is_none()),
        restricted: draft.restricted.is_some(),
        ground_ja: draft.restricted.as_ref().and_then(|t| t.ja.clone()).unwrap_or_default(),
        ground_en: draft.restricted.as_ref().and_then(|t| t.en.clone()).unwrap_or_default(),
        wrong,
    };
    Ok(page.render()?)
}

/// Reads a ground for restriction: at least one language.
fn ground(posted: &Posted) -> Option<Texts> {
    let typed = |name: &str| {
        let typed: String = posted.get(name).chars().take(evidence::common::MAX_TEXT).collect();
        (!typed.is_empty()).then_some(typed)
    };
    let (ja, en) = (typed("ground_ja"), typed("ground_en"));
    (ja.is_some() || en.is_some()).then_some(Texts { ja, en })
}

pub(super) async fn set_about(
    Path((language, id)): Path<(String, String)>,
    State(app): State<App>,
    request: axum::extract::Request,
) -> Response {
    accept(&language, app, request, Entry::SignedIn, move |room, posted| {
        let (mut draft, _) = load_to_change(room, &id)?;
        if !matches!(draft.stage, Stage::Writing) {
            return Err(Stop::Conflict);
        }
        let kind = match posted.get("basis") {
            "duty" => BasisKind::Duty,
            "demand" => BasisKind::Demand,
            _ => BasisKind::Voluntary,
        };
        let article: String = posted.get("article").chars().filter(|c| !c.is_control()).take(200).collect();
        let around = Around {
            basis: Basis { kind, article: (!article.is_empty()).then_some(article) },
            language: if posted.get("language") == "en" { Language::En } else { Language::Ja },
            restricted: if posted.get("visibility") == "restricted" { ground(&posted) } else { None },
        };
        if posted.get("visibility") == "restricted" && around.restricted.is_none() {
            let wrong = Some(room.scene.say.text("ground-missing").to_string());
            // What was typed stays on the page.
            (draft.basis, draft.language, draft.restricted) = (around.basis, around.language, None);
            return about_page(room, &draft, wrong).map(Answer::Wrong);
        }
        set_around(room, &mut draft, around)?;
        room.to(&format!("desk/drafts/{id}"))
    })
    .await
}

// ── Files ───────────────────────────────────────────────────────────────────────────────────────

#[derive(Template)]
#[template(path = "desk_files.html")]
struct FilesPage {
    frame: Frame,
    say: Say,
    token: String,
    base: String,
    files: Vec<FileLine>,
    wrong: Option<String>,
}

struct FileLine {
    id: String,
    name: String,
    media_type: String,
    size: String,
    ground: Html,
}

pub(super) async fn files(Path((language, id)): Path<(String, String)>, request: Request) -> Response {
    enter(&language, request, Entry::SignedIn, move |room| {
        let (draft, _) = load_to_change(room, &id)?;
        files_page(room, &draft, None).map(Answer::Page)
    })
    .await
}

fn files_page(room: &Room, draft: &Draft, wrong: Option<String>) -> Result<String, Stop> {
    let (scene, say) = (&room.scene, room.scene.say);
    let label = form_of(&draft.kind).map(|form| form.kind.label(say.0)).unwrap_or_default();
    let base = scene.href(&format!("desk/drafts/{}", draft.id));
    let files = draft
        .files
        .iter()
        .map(|file| FileLine {
            id: file.id.clone(),
            name: file.attachment.name.clone(),
            media_type: file.attachment.media_type.clone(),
            size: bytes(file.attachment.size),
            ground: match &file.attachment.confidentiality_ground {
                Some(ground) => say.outside(ground),
                None => Html::text(say.text("file-public")),
            },
        })
        .collect();
    let page = FilesPage {
        frame: room.frame(say.text("files-title").to_string()).below(Html::text(label), base.clone()),
        say,
        token: room.token(),
        base,
        files,
        wrong,
    };
    Ok(page.render()?)
}

pub(super) async fn set_files(
    Path((language, id)): Path<(String, String)>,
    State(app): State<App>,
    request: axum::extract::Request,
) -> Response {
    accept(&language, app, request, Entry::SignedIn, move |room, posted| {
        let (mut draft, _) = load_to_change(room, &id)?;
        let say = room.scene.say;
        if !matches!(draft.stage, Stage::Writing) {
            return Err(Stop::Conflict);
        }
        if posted.has("remove") {
            files::detach(room, &mut draft, posted.get("remove"))?;
            return room.to(&format!("desk/drafts/{id}/files"));
        }
        let wrong = |draft: &Draft, key: &str| {
            files_page(room, draft, Some(say.text(key).to_string())).map(Answer::Wrong)
        };
        let restricted = if posted.get("visibility") == "restricted" { ground(&posted) } else { None };
        if posted.get("visibility") == "restricted" && restricted.is_none() {
            return wrong(&draft, "ground-missing");
        }
        let Some(upload) = posted.file else { return wrong(&draft, "file-missing") };
        match files::attach(room, &mut draft, &upload.name, upload.bytes, restricted) {
            Ok(()) => room.to(&format!("desk/drafts/{id}/files")),
            Err(Refused::Draft(DraftError::Files)) => wrong(&draft, "files-many"),
            Err(Refused::Draft(error)) => Err(Stop::Failed(error.to_string())),
            Err(Refused::Wrong { key, .. }) => wrong(&draft, key),
            Err(Refused::Stop(stop)) => Err(stop),
        }
    })
    .await
}
