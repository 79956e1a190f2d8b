//! Comments of the public, as the consulting organisation's members read them and decide on them.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use desk::Versioned;
use desk::account::Function;
use desk::consultation::{Decision, FILE_NAME, Ground, Hearing, MAX_NOTE, PublicComment, Shown};
use evidence::Digest;

use super::draft::person;
use super::{Answer, Room, Stop, accept, enter, page_of};
use crate::desk::drafts::fresh;
use crate::desk::form_of;
use crate::desk::{Choice, Entry};
use crate::pages::Request;
use crate::pages::code;
use crate::pages::consultation::{CommentLine, Found, comment_line, find, line, result_of};
use crate::pages::frame::Frame;
use crate::pages::parts::{Html, Tag};
use crate::pages::scene::Scene;
use crate::pages::text::Say;
use crate::state::App;

/// Comments of one page, and most consultations in the list.
const COMMENTS: usize = 50;
const MOST: usize = 200;

#[derive(Template)]
#[template(path = "desk_consultations.html")]
struct ListPage {
    frame: Frame,
    say: Say,
    lines: Vec<Line>,
}

struct Line {
    name: Html,
    who: Html,
    until: Html,
    tag: Tag,
    waiting: u64,
    received: u64,
}

#[derive(Template)]
#[template(path = "desk_comments.html")]
#[expect(clippy::struct_excessive_bools, reason = "each is a part of the page that is there or not")]
struct CommentsPage {
    frame: Frame,
    say: Say,
    token: String,
    base: String,
    public: String,
    name: Html,
    until: Html,
    tag: Tag,
    hearing: Hearing,
    at_once: bool,
    open: bool,
    settled: bool,
    may: bool,
    states: Vec<(String, String, bool)>,
    comments: Vec<Entered>,
    next: Option<String>,
    grounds: Vec<Choice>,
    wrong: Option<String>,
}

/// A comment with what was decided on it.
struct Entered {
    id: String,
    line: CommentLine,
    published: bool,
    decided: Option<String>,
}

/// Tells whether an organisation has ever consulted on anything.
pub(super) fn are_there(scene: &Scene, organisation: &Digest) -> bool {
    let mut found = code::of_kind(scene, "consultation", Some(*organisation));
    found.any(|one| one.issuer == Some(*organisation))
}

/// Tells whether the member may decide on comments of an organisation.
fn decides(room: &Room, organisation: &Digest) -> bool {
    room.member.may(organisation, Function::Draft)
}

pub(super) async fn list(Path(language): Path<String>, request: Request) -> Response {
    enter(&language, request, Entry::SignedIn, |room| {
        let (scene, say) = (&room.scene, room.scene.say);
        let mut lines = Vec::new();
        for recorded in code::of_kind(scene, "consultation", None) {
            let digest = recorded.statement.digest();
            let Some(found) = find(scene, &digest) else { continue };
            if room.member.of(&found.organisation).is_none() || lines.len() >= MOST {
                continue;
            }
            let Some(line) = line(scene, recorded) else { continue };
            let hearing = room.member.desk.hearing(digest, found.organisation)?;
            let href = scene.href(&format!("desk/consultations/{digest}"));
            lines.push(Line {
                // There the name links to the public page; here it leads to the comments.
                name: Html::link(&href, line.label),
                who: scene.name(&found.organisation),
                until: line.until,
                tag: line.tag,
                waiting: hearing.waiting(),
                received: hearing.received,
            });
        }
        lines.sort_by_key(|line| line.waiting == 0);
        let frame = room.frame(say.text("consultations-title").to_string());
        page_of(&ListPage { frame, say, lines })
    })
    .await
}

/// Finds a consultation of an organisation that the member works for.
fn load<'r>(room: &'r Room, digest: &str) -> Result<(Digest, Found<'r>), Stop> {
    let digest: Digest = digest.parse().map_err(|_| Stop::Missing)?;
    let found = find(&room.scene, &digest).ok_or(Stop::Missing)?;
    if room.member.of(&found.organisation).is_some() { Ok((digest, found)) } else { Err(Stop::Missing) }
}

pub(super) async fn one(Path((language, digest)): Path<(String, String)>, request: Request) -> Response {
    enter(&language, request, Entry::SignedIn, move |room| {
        let (digest, found) = load(room, &digest)?;
        comments_page(room, &digest, &found, None).map(Answer::Page)
    })
    .await
}

fn asked_state(scene: &Scene) -> &'static str {
    let query = scene.uri.query().unwrap_or_default();
    let state = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "state");
    match state.as_ref().map(|(_, state)| state.as_ref()) {
        Some("published") => "published",
        Some("withheld") => "withheld",
        _ => "waiting",
    }
}

fn comments_page(
    room: &Room,
    digest: &Digest,
    found: &Found<'_>,
    wrong: Option<String>,
) -> Result<String, Stop> {
    let (scene, say) = (&room.scene, room.scene.say);
    let desk = &room.member.desk;
    let hearing = desk.hearing(*digest, found.organisation)?;
    let base = scene.href(&format!("desk/consultations/{digest}"));
    let state = asked_state(scene);
    let mut comments: Vec<Versioned<PublicComment>> =
        desk.list(state, &hearing.id, room.after().as_deref(), COMMENTS + 1)?;
    let more = comments.len() > COMMENTS;
    comments.truncate(COMMENTS);
    let next = comments.last().filter(|_| more).map(|last| format!("{base}?state={state}&after={}", last.id));
    let entered = comments.iter().map(|comment| Entered {
        id: comment.id.clone(),
        line: comment_line(scene, comment, found.body),
        published: comment.decision == Decision::Published,
        decided: comment.decided.as_ref().map(|(by, _)| {
            let ground = match &comment.decision {
                Decision::Withheld { ground, note } if note.is_empty() => say.word("ground", ground.as_str()),
                Decision::Withheld { ground, note } => {
                    format!("{} – {note}", say.word("ground", ground.as_str()))
                }
                _ => say.text("comment-published").to_string(),
            };
            format!("{ground} · {}", person(room, by))
        }),
    });
    let counts = [
        ("waiting", hearing.waiting()),
        ("published", hearing.published),
        ("withheld", hearing.withheld.values().sum()),
    ];
    let states = counts.map(|(name, count)| {
        let label = format!("{} ({count})", say.word("comments-state", name));
        (format!("{base}?state={name}"), label, name == state)
    });
    let line = line(scene, found.recorded).ok_or(Stop::Missing)?;
    let title = say.text("comments-title").to_string();
    let page = CommentsPage {
        frame: room
            .frame(title)
            .below(say.html("consultations-title").html(), scene.href("desk/consultations")),
        say,
        token: room.token(),
        base: base.clone(),
        public: scene.href(&format!("consultations/{digest}")),
        name: line.label,
        until: line.until,
        tag: line.tag,
        at_once: hearing.shown == Shown::AtOnce,
        open: found.is_open(scene),
        settled: result_of(scene, digest).is_some(),
        may: decides(room, &found.organisation),
        hearing: hearing.value,
        states: states.into(),
        comments: entered.collect(),
        next,
        grounds: Ground::ALL
            .iter()
            .map(|ground| Choice {
                value: ground.as_str().to_owned(),
                label: say.word("ground", ground.as_str()),
            })
            .collect(),
        wrong,
    };
    Ok(page.render()?)
}

pub(super) async fn act(
    Path((language, digest)): Path<(String, String)>,
    State(app): State<App>,
    request: axum::extract::Request,
) -> Response {
    accept(&language, app, request, Entry::SignedIn, move |room, posted| {
        let (digest, found) = load(room, &digest)?;
        if !decides(room, &found.organisation) {
            return Err(Stop::Forbidden);
        }
        // Once the answers are on record the file of comments is what they commit to.
        if result_of(&room.scene, &digest).is_some() {
            return Err(Stop::Conflict);
        }
        let (desk, now) = (&room.member.desk, room.scene.now);
        let wrong = |key: &str| {
            let wrong = Some(room.scene.say.text(key).to_string());
            comments_page(room, &digest, &found, wrong).map(Answer::Wrong)
        };
        match posted.get("do") {
            "shown" => {
                let mut hearing = desk.hearing(digest, found.organisation)?;
                hearing.shown =
                    if posted.get("shown") == "at_once" { Shown::AtOnce } else { Shown::AfterClose };
                desk.save(&mut hearing)?;
            }
            "answer" => {
                let hearing = desk.hearing(digest, found.organisation)?;
                if found.is_open(&room.scene) || hearing.waiting() > 0 {
                    return wrong("comments-not-yet");
                }
                return begin_answer(room, &digest, &found, &hearing);
            }
            decision @ ("publish" | "withhold") => {
                let mut comment = desk.load::<PublicComment>(posted.get("comment"))?.ok_or(Stop::Missing)?;
                if comment.consultation != digest {
                    return Err(Stop::Missing);
                }
                let decision = if decision == "publish" {
                    Decision::Published
                } else {
                    let note: String =
                        posted.get("note").chars().filter(|c| !c.is_control()).take(MAX_NOTE).collect();
                    match Ground::find(posted.get("ground")) {
                        Some(Ground::Other) if note.is_empty() => return wrong("ground-note-missing"),
                        Some(ground) => Decision::Withheld { ground, note },
                        None => return wrong("wrong-choice"),
                    }
                };
                let by = &room.member.account.id;
                desk.decide_comment(&mut comment, found.organisation, decision, by, now)?;
            }
            _ => return wrong("wrong-choice"),
        }
        room.to(&format!("desk/consultations/{digest}"))
    })
    .await
}

/// Begins the statement with the answers: how many comments came, and the file of what was published.
fn begin_answer(room: &Room, digest: &Digest, found: &Found<'_>, hearing: &Hearing) -> Result<Answer, Stop> {
    let desk = &room.member.desk;
    let form = form_of("consultation-result").ok_or(Stop::Missing)?;
    let filed = room.scene.register().about(digest).filter(|one| {
        matches!(one.statement.predicate(), evidence::Predicate::Comment(_)) && one.superseded_by.is_none()
    });
    let comments = hearing.received + filed.count() as u64;
    let mut draft = fresh(room, "consultation-result", Some(found.organisation))?;
    draft.about = Some(*digest);
    if let serde_json::Value::Object(body) = serde_json::json!({ "comments": comments }) {
        draft.prefill(&form, &body);
    }
    let mut changes = Vec::new();
    if hearing.received > 0 {
        let file = desk.comments_file(hearing)?;
        let kept = desk.attach(&mut draft, FILE_NAME, "application/json", file, None, room.scene.now);
        changes.push(kept.map_err(|error| Stop::Failed(error.to_string()))?);
    }
    let id = draft.id.clone();
    changes.push(Versioned::new(draft).put()?);
    desk.write(&changes)?;
    room.to(&format!("desk/drafts/{id}"))
}
