//! What one was told, newest first; and, for the node's administrators, what went out to anybody.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use desk::notice::{Channel, Delivery, DeliveryState, Endpoint, Notice, describe};
use desk::{Account, Desk};

use super::{Stop, accept, enter, page_of};
use crate::desk::Entry;
use crate::pages::Request;
use crate::pages::format::moment;
use crate::pages::frame::Frame;
use crate::pages::parts::{Html, Tag};
use crate::pages::scene::Scene;
use crate::pages::text::Say;
use crate::state::App;

/// The most lines of a page.
const MOST: usize = 50;

#[derive(Template)]
#[template(path = "desk_notices.html")]
struct Notices {
    frame: Frame,
    say: Say,
    token: String,
    lines: Vec<NoticeLine>,
    unread: bool,
    email: Option<String>,
    older: Option<String>,
}

struct NoticeLine {
    id: String,
    title: Html,
    about: Html,
    since: Html,
    unread: bool,
}

pub(super) async fn show(Path(language): Path<String>, request: Request) -> Response {
    enter(&language, request, Entry::SignedIn, |room| {
        let (scene, member) = (&room.scene, &room.member);
        let account = &member.account;
        let after = room.after();
        let notices = member.desk.list::<Notice>("account", &account.id, after.as_deref(), MOST)?;
        let older = notices.last().filter(|_| notices.len() == MOST).map(|last| older(scene, &last.id));
        let lines: Vec<NoticeLine> = notices
            .iter()
            .map(|notice| {
                // Whoever left an organisation is told no more of what is its own.
                let of = notice.organisation.as_ref();
                let shown = of.is_none_or(|id| account.membership(id).is_some());
                let (title, about) = if shown {
                    let (register, library) = (scene.register(), &scene.view.library);
                    let line = describe(&notice.event, of, register, library, scene.say.0);
                    (Html::link(&scene.href(&line.path), Html::text(line.title)), Html::text(line.about))
                } else {
                    (Html::text("–"), Html::default())
                };
                NoticeLine {
                    id: notice.id.clone(),
                    title,
                    about,
                    since: moment(scene.say.0, notice.at),
                    unread: notice.read_at.is_none(),
                }
            })
            .collect();
        page_of(&Notices {
            frame: room.frame(scene.say.text("notices-title").to_string()),
            say: scene.say,
            token: room.token(),
            unread: lines.iter().any(|line| line.unread),
            lines,
            email: account.email.clone().filter(|_| scene.outgoing.mail),
            older,
        })
    })
    .await
}

fn older(scene: &Scene, after: &str) -> String {
    scene.href(&format!("{}?after={after}", scene.path))
}

pub(super) async fn change(
    Path(language): Path<String>,
    State(app): State<App>,
    request: axum::extract::Request,
) -> Response {
    accept(&language, app, request, Entry::SignedIn, |room, posted| {
        let id = posted.has("read").then(|| posted.get("read"));
        room.member.desk.mark_read(&room.member.account.id, id, room.scene.now)?;
        room.to("desk/notices")
    })
    .await
}

#[derive(Template)]
#[template(path = "desk_deliveries.html")]
struct Deliveries {
    frame: Frame,
    say: Say,
    mail: bool,
    lines: Vec<DeliveryLine>,
    older: Option<String>,
}

/// One line of a delivery log.
pub(super) struct DeliveryLine {
    pub(super) what: Html,
    pub(super) since: Html,
    pub(super) tag: Tag,
    pub(super) next: Html,
    /// Each attempt: when, and what the other side said.
    pub(super) attempts: Vec<(Html, String)>,
}

pub(super) async fn deliveries(Path(language): Path<String>, request: Request) -> Response {
    enter(&language, request, Entry::Administrator, |room| {
        let (scene, desk) = (&room.scene, &room.member.desk);
        let found = desk.list::<Delivery>("all", "", room.after().as_deref(), MOST)?;
        let older = found.last().filter(|_| found.len() == MOST).map(|last| older(scene, &last.id));
        let lines = found.iter().map(|delivery| line(scene, desk, delivery)).collect::<Result<_, _>>()?;
        page_of(&Deliveries {
            frame: room.frame(scene.say.text("deliveries-title").to_string()),
            say: scene.say,
            mail: scene.outgoing.mail,
            lines,
            older,
        })
    })
    .await
}

/// Shows a delivery. Of a mail it says to whom, and not what about.
pub(super) fn line(scene: &Scene, desk: &Desk, delivery: &Delivery) -> Result<DeliveryLine, Stop> {
    let say = scene.say;
    let what = match &delivery.channel {
        Channel::Mail { account, notices } => {
            let name = desk.load::<Account>(account)?.map_or_else(|| account.clone(), |a| a.name.clone());
            say.html("delivery-mail").with("to", name).count("count", notices.len()).html()
        }
        Channel::Webhook { endpoint, event } => {
            let host = desk.load::<Endpoint>(endpoint)?.map_or_else(|| endpoint.clone(), |e| e.host());
            let what = say.text(&format!("event-{}", event.kind().word())).to_string();
            say.html("delivery-webhook").with("host", host).with("what", what).html()
        }
    };
    let mut next = Html::default();
    let tag = match delivery.state {
        DeliveryState::Queued { next: at } => {
            next = moment(say.0, at);
            Tag::signed("later", say.text("delivery-queued"))
        }
        DeliveryState::Sending { .. } => Tag::signed("open", say.text("delivery-sending")),
        DeliveryState::Sent { .. } => Tag::signed("good", say.text("delivery-sent")),
        DeliveryState::GivenUp { .. } => Tag::signed("bad", say.text("delivery-given-up")),
    };
    let attempts = delivery.attempts.iter().map(|a| (moment(say.0, a.at), a.answer.clone())).collect();
    Ok(DeliveryLine { what, since: moment(say.0, delivery.at), tag, next, attempts })
}
