//! A draft: what is to be filed, about what, one question a page, files, remarks.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use desk::account::{Function, Membership};
use desk::draft::{DraftError, MAX_REMARK, MAX_REMARKS, Progress, Remark};
use desk::form::{Fields, Source, Words};
use desk::{Draft, Form, Stage, Versioned};
use evidence::{BasisKind, Digest, Language, PredicateType, Slug, Texts};
use include_dir::{Dir, include_dir};

use super::inputs::{Inputs, id_of, title_of, told};
use super::{Answer, Room, Stop, accept, enter, page_of};
use crate::desk::{Choice, Entry, Posted, choices, kinds_for, needed_approval, subjects};
use crate::pages::Request;
use crate::pages::format::{bytes, moment};
use crate::pages::frame::Frame;
use crate::pages::parts::{Html, Tag};
use crate::pages::text::Say;
use crate::state::App;

static FORMS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../forms");

/// The words of the forms, by kind. A test reads them all, so a broken one is none.
static WORDS: LazyLock<BTreeMap<&'static str, Words>> = LazyLock::new(|| {
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
fn fresh(room: &Room, kind: &str, organisation: Option<Digest>) -> Result<Draft, Stop> {
    let id = room.member.desk.new_id(room.scene.now)?;
    let mut draft = Draft::new(id, kind, organisation, &room.member.account.id, room.scene.now);
    draft.language = room.scene.say.0;
    Ok(draft)
}

// ── Choosing what to file ───────────────────────────────────────────────────────────────────────

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

fn intro(say: Say, kind: &str) -> String {
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
    let (scene, say) = (&room.scene, room.scene.say);
    let kind = PredicateType::find(kind).ok_or(Stop::Missing)?;
    let filers = may_file(room, kind.name);
    let row = scene.register().policy().and_then(|policy| policy.act(kind.name)).ok_or(Stop::Missing)?;
    let first = *filers.first().ok_or(Stop::Missing)?;
    let wanted: Option<Digest> = typed.get("for").and_then(|text| text.parse().ok());
    let organisation = wanted.filter(|id| filers.contains(id)).unwrap_or(first);
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
            .map(|id| Choice { value: id.to_string(), label: subject_label(room, id) })
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
fn subject_label(room: &Room, id: &Digest) -> String {
    let scene = &room.scene;
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
        let register = room.scene.register();
        let row = register.policy().and_then(|policy| policy.act(&kind)).ok_or(Stop::Missing)?;
        // A registration that waits has a digest, and is not on record yet.
        let about: Digest = match posted.get("about").parse() {
            Ok(id) if subjects(register, row, &organisation).contains(&id) || is_waiting(room, &id)? => id,
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
        let recorded = match &draft.stage {
            Stage::Recorded { statement, index } => Some(Recorded {
                entry: scene.entry_at(*index),
                digest: crate::pages::parts::hash(statement),
                page: scene.href(&format!("statements/{statement}")),
                receipt: format!("/api/v1/statements/{statement}/receipt"),
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
    match draft.about {
        Some(about) if room.scene.register().recorded(&about).is_some() => {
            Html::link(&room.scene.page_of(&about), Html::text(subject_label(room, &about)))
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
    let mut found = choices(&room.scene, source, draft.organisation.as_ref(), draft.about.as_ref(), regime);
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

// ── Who may see it, on which ground ─────────────────────────────────────────────────────────────

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
        draft.basis.kind = match posted.get("basis") {
            "duty" => BasisKind::Duty,
            "demand" => BasisKind::Demand,
            _ => BasisKind::Voluntary,
        };
        let article: String = posted.get("article").chars().filter(|c| !c.is_control()).take(200).collect();
        draft.basis.article = (!article.is_empty()).then_some(article);
        draft.language = if posted.get("language") == "en" { Language::En } else { Language::Ja };
        draft.restricted = if posted.get("visibility") == "restricted" { ground(&posted) } else { None };
        if posted.get("visibility") == "restricted" && draft.restricted.is_none() {
            let wrong = Some(room.scene.say.text("ground-missing").to_string());
            return about_page(room, &draft, wrong).map(Answer::Wrong);
        }
        save(room, &mut draft)?;
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

/// Tells the media type of a file by its first bytes, never by what its sender says.
fn sniffed(bytes: &[u8]) -> &'static str {
    const KNOWN: [(&[u8], &str); 7] = [
        (b"%PDF-", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xff\xd8\xff", "image/jpeg"),
        (b"GIF8", "image/gif"),
        (b"PK\x03\x04", "application/zip"),
        (b"\x1f\x8b", "application/gzip"),
        (b"\xd0\xcf\x11\xe0", "application/x-ole-storage"),
    ];
    match KNOWN.iter().find(|(start, _)| bytes.starts_with(start)) {
        Some((_, kind)) => kind,
        None => match std::str::from_utf8(bytes) {
            Ok(text) if serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok() => "application/json",
            Ok(text) if !text.chars().any(|c| c.is_control() && !"\n\r\t".contains(c)) => "text/plain",
            _ => "application/octet-stream",
        },
    }
}

/// Returns a file's name without folders and without characters that hide what it is.
fn plain_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let bidi =
        |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let clean: String = last.chars().filter(|c| !c.is_control() && !bidi(*c)).take(200).collect();
    let clean = clean.trim().to_owned();
    if clean.is_empty() { "file".to_owned() } else { clean }
}

pub(super) async fn set_files(
    Path((language, id)): Path<(String, String)>,
    State(app): State<App>,
    request: axum::extract::Request,
) -> Response {
    accept(&language, app, request, Entry::SignedIn, move |room, posted| {
        let (mut draft, _) = load_to_change(room, &id)?;
        let (desk, say) = (&room.member.desk, room.scene.say);
        if !matches!(draft.stage, Stage::Writing) {
            return Err(Stop::Conflict);
        }
        if posted.has("remove") {
            let wanted = posted.get("remove").to_owned();
            let Some(place) = draft.files.iter().position(|file| file.id == wanted) else {
                return Err(Stop::Missing);
            };
            let file = draft.files.remove(place);
            let mut changes = vec![draft.put()?];
            changes.extend(desk.detach(&file)?);
            desk.write(&changes)?;
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
        let name = plain_name(&upload.name);
        let kind = sniffed(&upload.bytes);
        match desk.attach(&mut draft, &name, kind, upload.bytes, restricted, room.scene.now) {
            Ok(content) => {
                desk.write(&[content, draft.put()?])?;
                room.to(&format!("desk/drafts/{id}/files"))
            }
            Err(DraftError::Files) => wrong(&draft, "files-many"),
            Err(error) => Err(Stop::Failed(error.to_string())),
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

    #[test]
    fn a_file_is_what_its_bytes_say_and_its_name_hides_nothing() {
        assert_eq!(sniffed(b"%PDF-1.7"), "application/pdf");
        assert_eq!(sniffed(b"{\"a\": 1}"), "application/json");
        assert_eq!(sniffed("こんにちは".as_bytes()), "text/plain");
        assert_eq!(sniffed(b"<script>\0"), "application/octet-stream");
        assert_eq!(plain_name("..\\..\\C:/x/\u{202e}fdp.exe"), "fdp.exe");
        assert_eq!(plain_name("/"), "file");
    }
}
