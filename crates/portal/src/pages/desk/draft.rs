//! A draft: the list of what to do, one question a page, remarks.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use desk::account::{Function, Membership};
use desk::draft::{MAX_REMARK, MAX_REMARKS, Progress, Remark};
use desk::form::{Source, Words};
use desk::{Draft, Form, Stage, Versioned};
use evidence::{Digest, PredicateType, Slug};
use include_dir::{Dir, include_dir};

use super::begin::{intro, subject_label};
use super::inputs::{Inputs, id_of, title_of, told};
use super::{Answer, Room, Stop, accept, enter, page_of};
use crate::desk::{Choice, Entry, choices, needed_approval};
use crate::pages::Request;
use crate::pages::format::moment;
use crate::pages::frame::Frame;
use crate::pages::parts::{Html, Tag};
use crate::pages::statement::receipt_address;
use crate::pages::text::Say;
use crate::state::App;

static FORMS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../forms");

/// The words of the forms, by kind. A test reads them all, so a broken one is none.
pub(super) static WORDS: LazyLock<BTreeMap<&'static str, Words>> = LazyLock::new(|| {
    PredicateType::all()
        .iter()
        .filter_map(|kind| {
            let text = FORMS.get_file(format!("{}.toml", kind.name))?.contents_utf8()?;
            Some((kind.name, Words::parse(kind, text).ok()?))
        })
        .collect()
});

/// Returns the form of a kind of statement.
pub(super) fn form_of(kind: &str) -> Option<Form> {
    let kind = PredicateType::find(kind)?;
    Some(Form::new(kind, WORDS.get(kind.name).cloned().unwrap_or_default()))
}

/// Finds a draft that the member may see.
pub(super) fn load(room: &Room, id: &str) -> Result<(Versioned<Draft>, Form), Stop> {
    let draft = room.member.desk.load::<Draft>(id)?.ok_or(Stop::Missing)?;
    let visible = match draft.organisation {
        Some(organisation) => room.member.of(&organisation).is_some(),
        None => draft.created_by == room.member.account.id,
    };
    let form = form_of(&draft.kind).ok_or(Stop::Missing)?;
    if visible { Ok((draft, form)) } else { Err(Stop::Missing) }
}

/// Finds a draft that the member may change.
pub(super) fn load_to_change(room: &Room, id: &str) -> Result<(Versioned<Draft>, Form), Stop> {
    let (draft, form) = load(room, id)?;
    match draft.organisation {
        Some(organisation) if !room.member.may(&organisation, Function::Draft) => Err(Stop::Forbidden),
        _ => Ok((draft, form)),
    }
}

/// Saves a draft that the member has changed.
pub(super) fn save(room: &Room, draft: &mut Versioned<Draft>) -> Result<(), Stop> {
    draft.changed_by.clone_from(&room.member.account.id);
    draft.changed_at = room.scene.now;
    Ok(room.member.desk.save(draft)?)
}

/// Returns a new draft.
pub(super) fn fresh(room: &Room, kind: &str, organisation: Option<Digest>) -> Result<Draft, Stop> {
    let id = room.member.desk.new_id(room.scene.now)?;
    let mut draft = Draft::new(id, kind, organisation, &room.member.account.id, room.scene.now);
    draft.language = room.scene.say.0;
    Ok(draft)
}

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
            may_change: load_to_change(room, &id).is_ok(),
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
            let text: String = posted.get("remark").chars().take(MAX_REMARK).collect();
            if !text.is_empty() && draft.remarks.len() < MAX_REMARKS {
                let by = room.member.account.id.clone();
                draft.remarks.push(Remark { by, at: room.scene.now, text });
                room.member.desk.save(&mut draft)?;
            }
            return room.to(&format!("desk/drafts/{id}"));
        }
        let (mut draft, _) = load_to_change(room, &id)?;
        if posted.has("reopen") {
            draft.reopen().map_err(|_| Stop::Conflict)?;
        } else if posted.has("withdraw")
            && !matches!(draft.stage, Stage::Recorded { .. } | Stage::Waiting { .. })
        {
            draft.stage = Stage::Withdrawn;
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

/// Returns the answers that a question offers: those of its source, and one's own passkeys where
/// keys are asked for.
fn offered(room: &Room, draft: &Draft, source: &Source) -> Vec<Choice> {
    let regime = draft.regime.as_ref().map(Slug::as_str);
    let scene = room.as_of(draft.organisation.as_ref());
    let mut found = choices(&scene, source, draft.organisation.as_ref(), draft.about.as_ref(), regime);
    if *source == Source::Keys {
        found.extend(room.member.account.passkeys.iter().map(|passkey| Choice {
            value: passkey.spki.clone(),
            label: room.scene.say.text("own-passkey").with("label", &passkey.label).to_string(),
        }));
    }
    found
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

/// Gives whoever registered an organisation its membership.
pub(super) fn founder(organisation: Digest, holder: Slug) -> Membership {
    Membership { organisation, holder: Some(holder), functions: [Function::Draft, Function::Manage].into() }
}

#[cfg(test)]
mod tests {
    use evidence::Language;

    use super::*;
    use crate::desk::is_filed_by_hand;

    #[test]
    fn every_file_of_words_is_read_and_belongs_to_a_kind() {
        for file in FORMS.files() {
            let name = file.path().file_stem().and_then(|n| n.to_str()).unwrap();
            let kind = PredicateType::find(name).unwrap_or_else(|| panic!("forms/{name}.toml: no such kind"));
            Words::parse(kind, file.contents_utf8().unwrap()).unwrap();
        }
    }

    #[test]
    fn whatever_is_filed_by_hand_asks_for_it_in_both_languages() {
        // The desk makes drafts of these from pages of their own.
        let elsewhere = ["organisation", "assessment"];
        for kind in PredicateType::all() {
            if !is_filed_by_hand(kind.name) && !elsewhere.contains(&kind.name) {
                continue;
            }
            let words = WORDS.get(kind.name).unwrap_or_else(|| panic!("no forms/{}.toml", kind.name));
            assert!(words.intro.is_some() && words.next.is_some(), "{}: intro and next", kind.name);
            for question in Form::new(kind, words.clone()).questions {
                let title = words.of(&question.name).and_then(|question| question.title.as_ref());
                let asked = title.is_some_and(|title| !title.ja.is_empty() && !title.en.is_empty());
                assert!(asked, "forms/{}.toml: no title for {}", kind.name, question.name);
                assert!(words.order.contains(&question.name), "{}: {} in order", kind.name, question.name);
            }
            for (way, question) in &words.question {
                for language in [Language::Ja, Language::En] {
                    let hint = question.hint.as_ref().map_or("", |hint| hint.get(language));
                    assert!(
                        hint.chars().count() <= 300,
                        "forms/{}.toml: the hint of {way} is long",
                        kind.name
                    );
                }
            }
        }
    }
}
