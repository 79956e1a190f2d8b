//! Tips: sent by anyone without an account, read by named handlers only.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use desk::tip::{Tip, TipError};
use evidence::Digest;

use super::draft::person;
use super::{Answer, Room, Stop, accept, accept_from_anyone, enter, look};
use crate::desk::{Choice, Entry, handling};
use crate::pages::Request;
use crate::pages::format::{moment, short_day};
use crate::pages::frame::Frame;
use crate::pages::parts::{Html, Tag};
use crate::pages::scene::Scene;
use crate::pages::text::Say;
use crate::state::App;

#[derive(Template)]
#[template(path = "tips.html")]
struct Send {
    frame: Frame,
    say: Say,
    authorities: Vec<Choice>,
    text: String,
    wrong: Option<String>,
}

#[derive(Template)]
#[template(path = "tip_code.html")]
struct SentPage {
    frame: Frame,
    say: Say,
    code: String,
}

#[derive(Template)]
#[template(path = "tip_thread.html")]
struct Thread {
    frame: Frame,
    say: Say,
    /// What the reporter's form brings along; for a handler, the token of the session.
    code: String,
    token: String,
    handler: bool,
    authority: Html,
    messages: Vec<Line>,
    parties: Vec<(bool, Choice)>,
    closed: bool,
    readings: Vec<(String, Html)>,
    wrong: Option<String>,
}

struct Line {
    who: String,
    on: Html,
    text: String,
}

#[derive(Template)]
#[template(path = "desk_tips.html")]
struct Inbox {
    frame: Frame,
    say: Say,
    tips: Vec<(String, Html, Html, Tag)>,
}

fn send_page(scene: &Scene, text: &str, wrong: Option<String>) -> Result<String, Stop> {
    let title = scene.say.text("tips-title").to_string();
    let authorities = scene
        .authorities()
        .iter()
        .map(|id| Choice { value: id.to_string(), label: scene.plain_name(id) })
        .collect();
    let page = Send {
        frame: Frame::new(scene, "", title),
        say: scene.say,
        authorities,
        text: text.to_owned(),
        wrong,
    };
    Ok(page.render()?)
}

pub(super) async fn show(Path(language): Path<String>, request: Request) -> Response {
    look(&language, request, |scene, _| send_page(&scene, "", None).map(Answer::Page)).await
}

pub(super) async fn send(
    Path(language): Path<String>,
    State(app): State<App>,
    request: axum::extract::Request,
) -> Response {
    // Whoever is signed in is not looked at: a tip knows no account.
    accept_from_anyone(&language, app, request, |scene, _, posted| {
        let desk = scene.desk().ok_or(Stop::Missing)?;
        let say = scene.say;
        let wrong = |key: &str| {
            send_page(&scene, posted.get("text"), Some(say.text(key).to_string())).map(Answer::Wrong)
        };
        let authority = posted.get("authority").parse::<Digest>().ok();
        let Some(authority) = authority.filter(|id| scene.authorities().contains(id)) else {
            return wrong("tip-authority-missing");
        };
        match desk.take_tip(authority, posted.get("text"), scene.now) {
            Ok(code) => {
                let title = say.text("tip-sent").to_string();
                let page = SentPage { frame: Frame::new(&scene, "", title).elsewhere("tips"), say, code };
                Ok(Answer::Page(page.render()?))
            }
            Err(TipError::Message) => wrong("tip-message"),
            Err(TipError::Full | TipError::Closed) => wrong("tip-full"),
            Err(TipError::Desk(error)) => Err(error.into()),
        }
    })
    .await
}

/// Returns the organisations that a tip may be about, with none of them first.
fn parties(scene: &Scene, chosen: Option<&Digest>) -> Vec<(bool, Choice)> {
    let none = Choice { value: String::new(), label: scene.say.text("tip-about-none").to_string() };
    let known = scene
        .register()
        .organisations()
        .map(|one| Choice { value: one.id.to_string(), label: scene.plain_name(&one.id) });
    let is_chosen = |choice: &Choice| chosen.map(Digest::to_string).unwrap_or_default() == choice.value;
    std::iter::once(none).chain(known).map(|choice| (is_chosen(&choice), choice)).collect()
}

fn thread(
    scene: &Scene,
    frame: Frame,
    tip: &Tip,
    code: &str,
    room: Option<&Room>,
    wrong: Option<String>,
) -> Result<String, Stop> {
    let say = scene.say;
    let messages = tip
        .messages
        .iter()
        .map(|message| {
            let who = match (&message.by, room) {
                (None, None) => say.text("tip-you").to_string(),
                (None, Some(_)) => say.text("tip-reporter").to_string(),
                // A reporter learns no handler's name.
                (Some(_), None) => scene.plain_name(&tip.authority),
                (Some(by), Some(room)) => person(room, by),
            };
            Line { who, on: short_day(message.on.civil()), text: message.text.clone() }
        })
        .collect();
    let readings = match room {
        Some(room) => {
            tip.readings.iter().rev().take(50).map(|r| (person(room, &r.by), moment(say.0, r.at))).collect()
        }
        None => Vec::new(),
    };
    let page = Thread {
        frame,
        say,
        code: code.to_owned(),
        token: room.map(Room::token).unwrap_or_default(),
        handler: room.is_some(),
        authority: scene.name(&tip.authority),
        messages,
        parties: room.map(|_| parties(scene, tip.about.as_ref())).unwrap_or_default(),
        closed: tip.closed,
        readings,
        wrong,
    };
    Ok(page.render()?)
}

/// Shows a reporter their tip, and takes what they add. The code travels in the body only.
pub(super) async fn read(
    Path(language): Path<String>,
    State(app): State<App>,
    request: axum::extract::Request,
) -> Response {
    accept_from_anyone(&language, app, request, |scene, _, posted| {
        let desk = scene.desk().ok_or(Stop::Missing)?;
        let code = posted.get("code");
        let Some(mut tip) = desk.tip_of(code)? else {
            let wrong = Some(scene.say.text("tip-code-wrong").to_string());
            return send_page(&scene, "", wrong).map(Answer::Wrong);
        };
        let mut wrong = None;
        if posted.has("text") {
            match tip.say(None, posted.get("text"), scene.now) {
                Ok(()) => desk.save(&mut tip)?,
                Err(TipError::Message) => wrong = Some(scene.say.text("tip-message").to_string()),
                Err(_) => wrong = Some(scene.say.text("tip-closed").to_string()),
            }
        }
        let title = scene.say.text("tip-thread").to_string();
        let frame = Frame::new(&scene, "", title).elsewhere("tips");
        thread(&scene, frame, &tip, code, None, wrong).map(Answer::Page)
    })
    .await
}

pub(super) async fn inbox(Path(language): Path<String>, request: Request) -> Response {
    enter(&language, request, Entry::SignedIn, |room| {
        let (scene, say) = (&room.scene, room.scene.say);
        let tips = handling::inbox(room)?;
        let lines = tips
            .iter()
            .map(|tip| {
                let first: String = tip.messages.first().map_or("", |m| &m.text).chars().take(80).collect();
                let tag = match (tip.closed, tip.waits()) {
                    (true, _) => Tag::signed("good", say.text("tip-state-closed")),
                    (_, true) => Tag::signed("open", say.text("tip-state-waits")),
                    _ => Tag::signed("filed", say.text("tip-state-answered")),
                };
                let last = tip.messages.last().map(|m| short_day(m.on.civil())).unwrap_or_default();
                (scene.href(&format!("desk/tips/{}", tip.id)), Html::text(first), last, tag)
            })
            .collect();
        let frame = room.frame(say.text("tips-inbox").to_string());
        Ok(Answer::Page(Inbox { frame, say, tips: lines }.render()?))
    })
    .await
}

pub(super) async fn one(Path((language, id)): Path<(String, String)>, request: Request) -> Response {
    enter(&language, request, Entry::SignedIn, move |room| {
        let tip = handling::read(room, &id)?;
        let frame = room.frame(room.scene.say.text("tip-thread").to_string());
        thread(&room.scene, frame, &tip, "", Some(room), None).map(Answer::Page)
    })
    .await
}

pub(super) async fn answer(
    Path((language, id)): Path<(String, String)>,
    State(app): State<App>,
    request: axum::extract::Request,
) -> Response {
    accept(&language, app, request, Entry::SignedIn, move |room, posted| {
        let mut tip = handling::load(room, &id)?;
        if posted.has("about") {
            tip.about = posted
                .get("about")
                .parse()
                .ok()
                .filter(|id| room.scene.register().organisation(id).is_some());
        } else if posted.has("close") {
            tip.closed = true;
        } else if posted.has("open") {
            tip.closed = false;
        } else if tip.say(Some(room.member.account.id.clone()), posted.get("text"), room.scene.now).is_err() {
            let frame = room.frame(room.scene.say.text("tip-thread").to_string());
            let wrong = Some(room.scene.say.text("tip-message").to_string());
            return thread(&room.scene, frame, &tip, "", Some(room), wrong).map(Answer::Wrong);
        }
        room.member.desk.save(&mut tip)?;
        room.to(&format!("desk/tips/{id}"))
    })
    .await
}
