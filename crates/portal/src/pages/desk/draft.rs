//! A draft: the list of what to do, one question a page, remarks.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use desk::draft::Progress;
use desk::form::Source;
use desk::{Draft, Form, Stage};

use super::begin::{intro, subject_label};
use super::inputs::{Inputs, id_of, title_of, told};
use super::{Answer, Room, Stop, accept, enter, page_of};
use crate::desk::drafts::{load, load_to_change, may_change, remark, save};
use crate::desk::{Entry, needed_approval, offered};
use crate::pages::Request;
use crate::pages::format::moment;
use crate::pages::frame::Frame;
use crate::pages::parts::{Html, Tag};
use crate::pages::statement::receipt_address;
use crate::pages::text::Say;
use crate::state::App;

// ── The list of what to do ──────────────────────────────────────────────────────────────────────

#[derive(Template)]
#[template(path = "desk_draft.html")]
#[expect(clippy::struct_excessive_bools, reason = "each is a part of the page that is there or not")]
struct DraftPage {
    frame: Frame,
    say: Say,
    token: String,
    base: String,
    label: String,
    intro: String,
    about: Html,
    law: Html,
    questions: Vec<TaskLine>,
    done: usize,
    settled: bool,
    files: usize,
    writing: bool,
    frozen: bool,
    withdrawn: bool,
    recorded: Option<Recorded>,
    waiting: Option<String>,
    approval: bool,
    may_change: bool,
    remarks: Vec<(String, Html, String)>,
    changed: Html,
}

/// What a statement that was recorded is shown with.
struct Recorded {
    entry: Html,
    digest: Html,
    page: String,
    receipt: String,
    next: String,
}

struct TaskLine {
    href: String,
    title: String,
    tag: Tag,
}

fn tag_of(say: Say, progress: Progress) -> Tag {
    match progress {
        Progress::NotSeen => Tag::signed("open", say.text("progress-not-seen")),
        Progress::Incomplete => Tag::signed("filed", say.text("progress-incomplete")),
        Progress::Complete => Tag::signed("good", say.text("progress-complete")),
    }
}

pub(super) async fn show(Path((language, id)): Path<(String, String)>, request: Request) -> Response {
    enter(&language, request, Entry::SignedIn, move |room| {
        let (draft, form) = load(room, &id)?;
        let (scene, say) = (&room.scene, room.scene.say);
        let base = scene.href(&format!("desk/drafts/{id}"));
        let questions: Vec<TaskLine> = form
            .questions
            .iter()
            .map(|question| TaskLine {
                href: format!("{base}/questions/{}", question.name),
                title: title_of(say, &form.words, &question.name),
                tag: tag_of(say, draft.progress(question)),
            })
            .collect();
        let done = form.questions.iter().filter(|q| draft.progress(q) == Progress::Complete).count();
        // One's own is found where the organisation reads, restricted or not.
        let reader = room.as_of(draft.organisation.as_ref());
        let recorded = match &draft.stage {
            Stage::Recorded { statement, index } => Some(Recorded {
                entry: reader.entry_at(*index),
                digest: crate::pages::parts::hash(statement),
                page: reader.href(&format!("statements/{statement}")),
                receipt: receipt_address(&reader, statement),
                next: form.words.next.as_ref().map(|next| next.get(say.0).to_owned()).unwrap_or_default(),
            }),
            _ => None,
        };
        let waiting = match &draft.stage {
            Stage::Waiting { note, .. } => Some(note.clone()),
            _ => None,
        };
        let page = DraftPage {
            frame: room.frame(form.kind.label(say.0).to_owned()),
            say,
            token: room.token(),
            label: form.kind.label(say.0).to_owned(),
            intro: intro(say, &draft.kind),
            about: about_of(room, &draft),
            law: law_of(room, &draft),
            settled: done == questions.len(),
            done,
            questions,
            files: draft.files.len(),
            writing: matches!(draft.stage, Stage::Writing),
            frozen: draft.frozen().is_some(),
            withdrawn: matches!(draft.stage, Stage::Withdrawn),
            recorded,
            waiting,
            approval: needed_approval(scene.register(), &draft.kind).is_some(),
            may_change: may_change(room, &draft),
            remarks: draft
                .remarks
                .iter()
                .map(|remark| (person(room, &remark.by), moment(say.0, remark.at), remark.text.clone()))
                .collect(),
            changed: say
                .html("draft-changed")
                .with("who", person(room, &draft.changed_by))
                .part("when", moment(say.0, draft.changed_at))
                .html(),
            base,
        };
        page_of(&page)
    })
    .await
}

/// Names a colleague.
pub(super) fn person(room: &Room, id: &str) -> String {
    match room.member.desk.load::<desk::Account>(id) {
        Ok(Some(account)) => account.name.clone(),
        _ => room.scene.say.text("someone").to_string(),
    }
}

/// Links to what a draft is about.
pub(super) fn about_of(room: &Room, draft: &Draft) -> Html {
    let scene = room.as_of(draft.organisation.as_ref());
    match draft.about {
        Some(about) if scene.register().recorded(&about).is_some() => {
            Html::link(&scene.page_of(&about), Html::text(subject_label(&scene, &about)))
        }
        Some(about) => Html(format!("<code class=\"hash\">{about}</code>")),
        None => Html::default(),
    }
}

/// Links to the law under which a draft is made.
pub(super) fn law_of(room: &Room, draft: &Draft) -> Html {
    let scene = &room.scene;
    let Some(regime) = &draft.regime else { return Html::default() };
    let files = scene
        .register()
        .regime(regime.as_str())
        .and_then(|adopted| scene.view.library.regime(&adopted.folder));
    let title = files.map_or_else(|| regime.to_string(), |files| scene.title(&files).to_owned());
    Html::link(&scene.href(&format!("laws/{regime}")), Html::text(title))
}

pub(super) async fn act(
    Path((language, id)): Path<(String, String)>,
    State(app): State<App>,
    request: axum::extract::Request,
) -> Response {
    accept(&language, app, request, Entry::SignedIn, move |room, posted| {
        if posted.has("remark") {
            // Whoever may read a draft may say something on it.
            let (mut draft, _) = load(room, &id)?;
            remark(room, &mut draft, posted.get("remark"))?;
            return room.to(&format!("desk/drafts/{id}"));
        }
        let (mut draft, _) = load_to_change(room, &id)?;
        if posted.has("reopen") {
            draft.reopen().map_err(|_| Stop::Conflict)?;
        } else if posted.has("withdraw") {
            // What is on record stays there.
            let _ = draft.withdraw();
        }
        save(room, &mut draft)?;
        room.to(&format!("desk/drafts/{id}"))
    })
    .await
}

// ── One question ────────────────────────────────────────────────────────────────────────────────

#[derive(Template)]
#[template(path = "desk_question.html")]
struct QuestionPage {
    frame: Frame,
    say: Say,
    token: String,
    base: String,
    inputs: Html,
    summary: Vec<(String, String)>,
}

pub(super) async fn question(
    Path((language, id, name)): Path<(String, String, String)>,
    request: Request,
) -> Response {
    enter(&language, request, Entry::SignedIn, move |room| {
        let (draft, form) = load_to_change(room, &id)?;
        question_page(room, &draft, &form, &name, None, false).map(Answer::Page)
    })
    .await
}

fn question_page(
    room: &Room,
    draft: &Draft,
    form: &Form,
    name: &str,
    more: Option<&str>,
    checked: bool,
) -> Result<String, Stop> {
    let (scene, say) = (&room.scene, room.scene.say);
    let question = form.question(name).ok_or(Stop::Missing)?;
    let wrong = if checked || draft.progress(question) == Progress::Incomplete {
        desk::form::read(question, &draft.fields).1
    } else {
        Vec::new()
    };
    let wrong = if more.is_some() { Vec::new() } else { wrong };
    let offer = |source: &Source| offered(room, draft, source);
    let inputs =
        Inputs { say, words: &form.words, fields: &draft.fields, wrong: &wrong, offer: &offer, more };
    let title = title_of(say, &form.words, name);
    let prefix = if wrong.is_empty() { String::new() } else { say.text("error-prefix").to_string() };
    let page = QuestionPage {
        frame: room
            .frame(format!("{prefix}{title}"))
            .below(Html::text(form.kind.label(say.0)), scene.href(&format!("desk/drafts/{}", draft.id))),
        say,
        token: room.token(),
        base: scene.href(&format!("desk/drafts/{}", draft.id)),
        inputs: inputs.question(question),
        summary: wrong.iter().map(|w| (id_of(&w.at), told(say, w.problem))).collect(),
    };
    Ok(page.render()?)
}

pub(super) async fn answer(
    Path((language, id, name)): Path<(String, String, String)>,
    State(app): State<App>,
    request: axum::extract::Request,
) -> Response {
    accept(&language, app, request, Entry::SignedIn, move |room, posted| {
        let (mut draft, form) = load_to_change(room, &id)?;
        if !matches!(draft.stage, Stage::Writing) {
            return Err(Stop::Conflict);
        }
        let question = form.question(&name).ok_or(Stop::Missing)?.clone();
        draft.answer(&question, posted.fields.clone());
        save(room, &mut draft)?;
        if posted.has("more") {
            let more = posted.get("more");
            return question_page(room, &draft, &form, &name, Some(more), false).map(Answer::Page);
        }
        if draft.progress(&question) != Progress::Complete {
            return question_page(room, &draft, &form, &name, None, true).map(Answer::Wrong);
        }
        // On to the next question that is not done, in their order.
        let place = form.questions.iter().position(|q| q.name == name).unwrap_or(0);
        let next = form.questions.iter().skip(place + 1).find(|q| draft.progress(q) != Progress::Complete);
        match next {
            Some(next) => room.to(&format!("desk/drafts/{id}/questions/{}", next.name)),
            None => room.to(&format!("desk/drafts/{id}")),
        }
    })
    .await
}
