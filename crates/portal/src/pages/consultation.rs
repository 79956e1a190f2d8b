//! Consultations, as the public meets them: what is asked and until when, a form for people without an
//! organisation on the record, what they wrote, and what was answered.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use desk::consultation::{
    CommentError, Decision, FILE_NAME, Hearing, MAX_COMMENT, MAX_NAME, PublicComment, Sent, Shown,
};
use desk::{Desk, DeskError, Versioned};
use evidence::predicate::{Consultation, ConsultationResult};
use evidence::{Digest, Predicate, sha256};
use register::state::Recorded;

use super::desk::{Answer, Stop, accept_from_anyone};
use super::format::{japanese_day, legal_day, short_day};
use super::frame::{Frame, encode};
use super::organisation::entry_day;
use super::parts::{Html, Tag, hash};
use super::scene::Scene;
use super::text::Say;
use super::timeline::{Moment, moment};
use super::{Failure, Request, page};
use crate::problem::Problem;
use crate::state::App;

/// Published comments of one page, and most consultations in the list.
const COMMENTS: usize = 50;
const MOST: usize = 500;

#[derive(Template)]
#[template(path = "consultations.html")]
struct ListPage {
    frame: Frame,
    say: Say,
    open: Vec<Listed>,
    closed: Vec<Listed>,
}

/// A consultation in the list.
struct Listed {
    line: Line,
    who: Html,
}

#[derive(Template)]
#[template(path = "consultation.html")]
struct ConsultationPage {
    frame: Frame,
    say: Say,
    title: Html,
    tag: Tag,
    who: Html,
    voice: &'static str,
    about: Html,
    audience: Html,
    until: Html,
    entry: Html,
    questions: Vec<Asked>,
    form: Option<Form>,
    /// Whether comments of the public stand here at all.
    heard: Option<Heard>,
    filed: Vec<Moment>,
    result: Option<Outcome>,
    address: String,
}

/// A question, and what was typed to it.
struct Asked {
    id: String,
    text: Html,
    typed: String,
}

/// The form of a comment, with what was typed.
struct Form {
    name: String,
    organisation: String,
    text: String,
    wrong: Option<String>,
    shown: Html,
}

/// What came, in numbers, and what is shown of it.
struct Heard {
    received: u64,
    published: u64,
    waiting: u64,
    withheld: Vec<(String, u64)>,
    later: bool,
    comments: Vec<CommentLine>,
    next: Option<String>,
    file: String,
    digest: Html,
}

impl Heard {
    /// Returns how many were withheld in all.
    fn withheld_count(&self) -> u64 {
        self.withheld.iter().map(|(_, count)| count).sum()
    }
}

/// A comment as it is shown.
pub(crate) struct CommentLine {
    pub(crate) number: u64,
    pub(crate) who: Html,
    pub(crate) on: Html,
    pub(crate) text: String,
    pub(crate) answers: Vec<(Html, String)>,
}

/// What was answered, on the record.
struct Outcome {
    entry: Html,
    day: Html,
    comments: u64,
    responses: Vec<(Html, Html)>,
    changed: Html,
    file: Option<(String, Html)>,
    /// Whether the file on record is what stands here.
    same: Option<Tag>,
}

#[derive(Template)]
#[template(path = "comment_done.html")]
struct DonePage {
    frame: Frame,
    say: Say,
    code: String,
    next: Vec<Html>,
    back: String,
}

#[derive(Template)]
#[template(path = "comment_state.html")]
struct StatePage {
    frame: Frame,
    say: Say,
    tag: Tag,
    what: Html,
    note: String,
    comment: CommentLine,
    back: String,
}

/// A consultation on the record.
pub(crate) struct Found<'s> {
    pub(crate) recorded: &'s Arc<Recorded>,
    pub(crate) body: &'s Consultation,
    pub(crate) organisation: Digest,
    pub(crate) until: jiff::civil::Date,
}

impl Found<'_> {
    /// Tells whether comments are still taken.
    pub(crate) fn is_open(&self, scene: &Scene) -> bool {
        self.recorded.superseded_by.is_none() && japanese_day(scene.now) <= self.until
    }
}

/// Finds a consultation on the record.
pub(crate) fn find<'s>(scene: &'s Scene, digest: &Digest) -> Option<Found<'s>> {
    let recorded = scene.register().recorded(digest)?;
    let Predicate::Consultation(body) = recorded.statement.predicate() else { return None };
    let until = scene.register().last_day(digest).unwrap_or(body.until).civil();
    Some(Found { recorded, body, organisation: recorded.issuer?, until })
}

/// Returns the statement with the answers of a consultation.
pub(crate) fn result_of<'s>(
    scene: &'s Scene,
    digest: &Digest,
) -> Option<(&'s Arc<Recorded>, &'s ConsultationResult)> {
    let result = scene.register().latest(digest, "consultation-result")?;
    match result.statement.predicate() {
        Predicate::ConsultationResult(body) => Some((result, body)),
        _ => None,
    }
}

/// A consultation in a list.
pub(crate) struct Line {
    pub(crate) label: Html,
    pub(crate) until: Html,
    pub(crate) tag: Tag,
    pub(crate) href: String,
}

impl Line {
    /// Links to the consultation's page.
    pub(crate) fn link(&self) -> Html {
        Html::link(&self.href, &self.label)
    }
}

/// Writes a consultation as a line of a list.
pub(crate) fn line(scene: &Scene, recorded: &Recorded) -> Option<Line> {
    let digest = recorded.statement.digest();
    let found = find(scene, &digest)?;
    Some(Line {
        label: scene.say.html("consultation-on").part("what", subject(scene, recorded)).html(),
        until: legal_day(scene.say.0, found.until),
        tag: tag(scene, &found),
        href: scene.page_of(&digest),
    })
}

/// Names what a consultation is about.
fn subject(scene: &Scene, recorded: &Recorded) -> Html {
    let about = recorded.statement.subject();
    match scene.register().recorded(&about).map(|about| about.statement.predicate()) {
        Some(Predicate::CodeOfConduct(code)) => scene.say.outside(&code.title),
        Some(other) => Html::text(scene.kind(other.name())),
        None => Html::default(),
    }
}

fn tag(scene: &Scene, found: &Found<'_>) -> Tag {
    let say = scene.say;
    if found.is_open(scene) {
        Tag::signed("open", say.text("consultation-open"))
    } else if result_of(scene, &found.recorded.statement.digest()).is_some() {
        Tag::signed("good", say.text("consultation-answered"))
    } else {
        Tag::signed("later", say.text("consultation-closed"))
    }
}

pub(crate) async fn list(Path(language): Path<String>, request: Request) -> Response {
    page(&language, request, |scene| {
        let say = scene.say;
        let (mut open, mut closed) = (Vec::new(), Vec::new());
        let mut entries = BTreeSet::new();
        for recorded in super::code::of_kind(scene, "consultation", None).take(MOST) {
            let Some(found) = find(scene, &recorded.statement.digest()) else { continue };
            let Some(line) = line(scene, recorded) else { continue };
            entries.insert(recorded.index);
            let listed = Listed { who: scene.link(&found.organisation), line };
            if found.is_open(scene) { open.push((found.until, listed)) } else { closed.push(listed) }
        }
        // Those that end first come first; what is over, latest first.
        open.sort_by_key(|(until, _)| *until);
        closed.reverse();
        Ok(ListPage {
            frame: Frame::new(scene, "register", say.text("consultations-title").to_string()).rests_on(
                scene,
                &entries,
                "/api/v1/statements?kind=consultation".to_owned(),
            ),
            say,
            open: open.into_iter().map(|(_, listed)| listed).collect(),
            closed,
        })
    })
    .await
}

pub(crate) async fn show(Path((language, digest)): Path<(String, String)>, request: Request) -> Response {
    page(&language, request, move |scene| {
        let digest = digest.parse().map_err(|_| Failure::Missing)?;
        make(scene, &digest, None).map_err(failure)
    })
    .await
}

fn failure(stop: Stop) -> Failure {
    match stop {
        Stop::Failed(problem) => Failure::Store(problem),
        _ => Failure::Missing,
    }
}

/// Makes the page; `typed` is a comment that was not taken, and why.
fn make(scene: &Scene, digest: &Digest, typed: Option<(&Sent, &str)>) -> Result<ConsultationPage, Stop> {
    let (say, register) = (scene.say, scene.register());
    let found = find(scene, digest).ok_or(Stop::Missing)?;
    let is_open = found.is_open(scene);
    let hearing = scene.desk().map(|desk| desk.hearing(*digest, found.organisation)).transpose()?;
    let shown = hearing.as_ref().map(|hearing| hearing.shown);
    let sent = typed.map(|(sent, _)| sent);
    let form = (is_open && scene.desk().is_some()).then(|| Form {
        name: sent.map(|sent| sent.name.clone()).unwrap_or_default(),
        organisation: sent.map(|sent| sent.organisation.clone()).unwrap_or_default(),
        text: sent.map(|sent| sent.text.clone()).unwrap_or_default(),
        wrong: typed.map(|(_, wrong)| wrong.to_owned()),
        shown: say.html(shown_key(shown.unwrap_or_default())).html(),
    });
    let questions = found.body.questions.iter().map(|question| Asked {
        id: question.id.to_string(),
        text: say.outside(&question.text),
        typed: sent.and_then(|sent| sent.answers.get(question.id.as_str())).cloned().unwrap_or_default(),
    });
    let filed: Vec<&Arc<Recorded>> = register
        .about(digest)
        .filter(|one| matches!(one.statement.predicate(), Predicate::Comment(_)))
        .collect();
    let mut entries: BTreeSet<u64> = register.about(digest).map(|one| one.index).collect();
    entries.insert(found.recorded.index);
    let heard = match (scene.desk(), &hearing) {
        (Some(desk), Some(hearing)) => Some(heard(scene, desk, hearing, &found)?),
        _ => None,
    };
    let about = found.recorded.statement.subject();
    let title = say.text("consultation-title").to_string();
    Ok(ConsultationPage {
        frame: Frame::new(scene, "register", title)
            .below(say.html("consultations-title").html(), scene.href("consultations"))
            .called(subject(scene, found.recorded))
            .rests_on(scene, &entries, format!("/api/v1/statements/{digest}")),
        say,
        title: say.html("consultation-on").part("what", subject(scene, found.recorded)).html(),
        tag: tag(scene, &found),
        who: scene.link(&found.organisation),
        voice: scene.voice(Some(&found.organisation)),
        about: Html::link(&scene.page_of(&about), subject(scene, found.recorded)),
        audience: say.outside(&found.body.audience),
        until: legal_day(say.0, found.until),
        entry: scene.entry(found.recorded),
        questions: questions.collect(),
        form,
        result: outcome(scene, digest, hearing.as_deref())?,
        heard,
        filed: filed.iter().map(|one| moment(scene, one)).collect(),
        address: scene.href(&format!("consultations/{digest}")),
    })
}

fn shown_key(shown: Shown) -> &'static str {
    match shown {
        Shown::AtOnce => "comment-shown-at-once",
        Shown::AfterClose => "comment-shown-after-close",
    }
}

/// Tells whether published comments are shown now.
fn is_shown(scene: &Scene, hearing: &Hearing, found: &Found<'_>) -> bool {
    hearing.shown == Shown::AtOnce || !found.is_open(scene)
}

fn heard(scene: &Scene, desk: &Desk, hearing: &Hearing, found: &Found<'_>) -> Result<Heard, DeskError> {
    let say = scene.say;
    let now_shown = is_shown(scene, hearing, found);
    let query = scene.uri.query().unwrap_or_default();
    let after = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "after");
    let after = after.map(|(_, after)| after.into_owned());
    let mut comments: Vec<Versioned<PublicComment>> = if now_shown {
        desk.list("published", &hearing.id, after.as_deref(), COMMENTS + 1)?
    } else {
        Vec::new()
    };
    let more = comments.len() > COMMENTS;
    comments.truncate(COMMENTS);
    let next = comments
        .last()
        .filter(|_| more)
        .map(|last| scene.href(&format!("consultations/{}?after={}#comments", hearing.id, encode(&last.id))));
    let digest = if now_shown { hash(&sha256(&desk.comments_file(hearing)?)) } else { Html::default() };
    Ok(Heard {
        received: hearing.received,
        published: hearing.published,
        waiting: hearing.waiting(),
        withheld: hearing
            .withheld
            .iter()
            .map(|(ground, count)| (say.word("ground", ground.as_str()), *count))
            .collect(),
        later: !now_shown,
        comments: comments.iter().map(|comment| comment_line(scene, comment, found.body)).collect(),
        next,
        file: scene.href(&format!("consultations/{}/{FILE_NAME}", hearing.id)),
        digest,
    })
}

/// Shows a comment as it was written.
pub(crate) fn comment_line(scene: &Scene, comment: &PublicComment, asked: &Consultation) -> CommentLine {
    let say = scene.say;
    let bdi = |text: &String| format!("<bdi>{}</bdi>", Html::text(text));
    let who = match (&comment.name, &comment.organisation) {
        (Some(name), Some(of)) => Html(format!("{} ({})", bdi(name), bdi(of))),
        (Some(one), None) | (None, Some(one)) => Html(bdi(one)),
        (None, None) => say.html("comment-no-name").html(),
    };
    let question = |id: &String| {
        let found = asked.questions.iter().find(|question| question.id.as_str() == id.as_str());
        found.map_or_else(|| Html::text(id), |question| say.outside(&question.text))
    };
    CommentLine {
        number: comment.number,
        who,
        on: short_day(comment.on.civil()),
        text: comment.text.clone(),
        answers: comment.answers.iter().map(|(id, answer)| (question(id), answer.clone())).collect(),
    }
}

/// Shows what was answered, and compares the file on record with what stands here.
fn outcome(scene: &Scene, digest: &Digest, hearing: Option<&Hearing>) -> Result<Option<Outcome>, Stop> {
    let say = scene.say;
    let Some((recorded, body)) = result_of(scene, digest) else { return Ok(None) };
    let attached = recorded.statement.common().attachments.iter().find(|one| one.name == FILE_NAME);
    let stored = scene.stored(&recorded.statement.digest()).map_err(|_| Stop::Missing)?;
    let part = attached.and_then(|one| stored.parts.iter().find(|part| part.commitment() == one.commitment));
    let file = part.map(|part| (format!("/log/part/{}", part.commitment()), hash(&sha256(&part.bytes))));
    let same = match (part, scene.desk(), hearing) {
        (Some(part), Some(desk), Some(hearing)) => Some(if desk.comments_file(hearing)? == part.bytes {
            Tag::signed("good", say.text("comments-same"))
        } else {
            Tag::signed("bad", say.text("comments-differ"))
        }),
        _ => None,
    };
    Ok(Some(Outcome {
        entry: scene.entry(recorded),
        day: entry_day(recorded),
        comments: body.comments,
        responses: body
            .responses
            .iter()
            .map(|one| (say.outside(&one.comment), say.outside(&one.answer)))
            .collect(),
        changed: say.outside(&body.outcome),
        file,
        same,
    }))
}

/// Takes a comment of anyone. Whoever is signed in is not looked at.
pub(crate) async fn send(
    Path((language, digest)): Path<(String, String)>,
    State(app): State<App>,
    request: axum::extract::Request,
) -> Response {
    accept_from_anyone(&language, app, request, move |scene, _, posted| {
        let say = scene.say;
        let digest: Digest = digest.parse().map_err(|_| Stop::Missing)?;
        let found = find(&scene, &digest).ok_or(Stop::Missing)?;
        let desk = scene.desk().ok_or(Stop::Missing)?;
        let answers = found.body.questions.iter().map(|question| {
            (question.id.to_string(), posted.get(&format!("answer-{}", question.id)).to_owned())
        });
        let sent = Sent {
            name: posted.get("name").to_owned(),
            organisation: posted.get("organisation").to_owned(),
            text: posted.get("text").to_owned(),
            answers: answers.collect::<BTreeMap<_, _>>(),
        };
        let wrong = |key: &str| {
            let wrong = say.text(key).count("most", MAX_COMMENT).count("name", MAX_NAME).to_string();
            let page = make(&scene, &digest, Some((&sent, &wrong)))?;
            Ok(Answer::Wrong(page.render()?))
        };
        if !found.is_open(&scene) {
            return wrong("comment-too-late");
        }
        match desk.take_comment(digest, found.organisation, &sent, scene.now) {
            Ok(code) => {
                let shown = desk.hearing(digest, found.organisation)?.shown;
                let next = [
                    say.html("comment-next-read").part("who", scene.name(&found.organisation)).html(),
                    say.html(shown_key(shown)).html(),
                    say.html("comment-next-answer").html(),
                ];
                let title = say.text("comment-taken").to_string();
                let page = DonePage {
                    frame: Frame::new(&scene, "register", title)
                        .elsewhere(&format!("consultations/{digest}")),
                    say,
                    code,
                    next: next.into(),
                    back: scene.href(&format!("consultations/{digest}")),
                };
                Ok(Answer::Page(page.render()?))
            }
            Err(CommentError::Empty) => wrong("comment-empty"),
            Err(CommentError::TooLong) => wrong("comment-too-long"),
            Err(CommentError::Full) => wrong("comment-full"),
            Err(CommentError::Desk(error)) => Err(error.into()),
        }
    })
    .await
}

/// Shows somebody what became of their comment. The code travels in the body only.
pub(crate) async fn read(
    Path((language, digest)): Path<(String, String)>,
    State(app): State<App>,
    request: axum::extract::Request,
) -> Response {
    accept_from_anyone(&language, app, request, move |scene, _, posted| {
        let say = scene.say;
        let digest: Digest = digest.parse().map_err(|_| Stop::Missing)?;
        let found = find(&scene, &digest).ok_or(Stop::Missing)?;
        let desk = scene.desk().ok_or(Stop::Missing)?;
        let comment = desk.comment_of(posted.get("code"))?.filter(|one| one.consultation == digest);
        let Some(comment) = comment else {
            let wrong = say.text("comment-code-wrong").to_string();
            let page = make(&scene, &digest, Some((&Sent::default(), &wrong)))?;
            return Ok(Answer::Wrong(page.render()?));
        };
        let shown = desk.hearing(digest, found.organisation)?.shown;
        let (tag, what, note) = match &comment.decision {
            Decision::Waiting => {
                (Tag::signed("open", say.text("comment-waits")), say.html("comment-waits-note").html(), "")
            }
            Decision::Published => {
                (Tag::signed("good", say.text("comment-published")), say.html(shown_key(shown)).html(), "")
            }
            Decision::Withheld { ground, note } => {
                let ground = say.word("ground", ground.as_str());
                let what = say.html("comment-withheld-note").with("ground", ground).html();
                (Tag::signed("departs", say.text("comment-withheld")), what, note.as_str())
            }
        };
        let title = say.text("comment-state").to_string();
        let page = StatePage {
            frame: Frame::new(&scene, "register", title).elsewhere(&format!("consultations/{digest}")),
            say,
            tag,
            what,
            note: note.to_owned(),
            comment: comment_line(&scene, &comment, found.body),
            back: scene.href(&format!("consultations/{digest}")),
        };
        Ok(Answer::Page(page.render()?))
    })
    .await
}

/// Writes the file of published comments, once they are shown.
fn shown_file(scene: &Scene, digest: &str) -> Result<Option<Vec<u8>>, DeskError> {
    let digest: Option<Digest> = digest.parse().ok();
    let found = digest.and_then(|digest| Some((digest, find(scene, &digest)?)));
    let (Some(desk), Some((digest, found))) = (scene.desk(), found) else { return Ok(None) };
    let hearing = desk.hearing(digest, found.organisation)?;
    is_shown(scene, &hearing, &found).then(|| desk.comments_file(&hearing)).transpose()
}

/// Serves the file of published comments.
pub(crate) async fn file(Path((_, digest)): Path<(String, String)>, request: Request) -> Response {
    let made = tokio::task::spawn_blocking(move || {
        let scene = Scene::new(&request, Say(evidence::Language::En));
        let file = shown_file(&scene, &digest);
        (request, file)
    });
    match made.await {
        Ok((_, Ok(Some(bytes)))) => ([(header::CONTENT_TYPE, "application/json")], bytes).into_response(),
        Ok((_, Err(error))) => Problem::internal(error).into_response(),
        Ok((request, Ok(None))) => super::missing(&request),
        Err(error) => Problem::internal(error).into_response(),
    }
}
