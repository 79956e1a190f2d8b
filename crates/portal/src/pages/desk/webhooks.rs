//! The webhooks of an organisation, for who manages it, and of the node, for its administrators.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use desk::notice::{Delivery, EventKind};
use evidence::Digest;

use super::notices::{DeliveryLine, line};
use super::{Answer, Refused, Room, Stop, accept, enter};
use crate::desk::webhooks::{self, endpoints, managed};
use crate::desk::{Entry, Posted};
use crate::pages::Request;
use crate::pages::format::moment;
use crate::pages::frame::Frame;
use crate::pages::parts::{Html, Tag};
use crate::pages::text::Say;
use crate::state::App;

/// The most lines of the log of one webhook.
const MOST: usize = 30;

#[derive(Template)]
#[template(path = "desk_webhooks.html")]
struct Webhooks {
    frame: Frame,
    say: Say,
    token: String,
    title: String,
    organisation: Option<Html>,
    endpoints: Vec<Line>,
    choices: Vec<(&'static str, String)>,
    /// The key of a webhook that was just made.
    secret: Option<String>,
    wrong: Option<String>,
    url: String,
}

struct Line {
    id: String,
    url: String,
    tag: Tag,
    is_on: bool,
    failures: Html,
    events: String,
    since: Html,
    log: Vec<DeliveryLine>,
}

pub(super) async fn show(Path((language, slug)): Path<(String, String)>, request: Request) -> Response {
    enter(&language, request, Entry::SignedIn, move |room| {
        let of = managed(room, &slug)?;
        page(room, of, None, None, "").map(Answer::Page)
    })
    .await
}

pub(super) async fn of_node(Path(language): Path<String>, request: Request) -> Response {
    enter(&language, request, Entry::Administrator, |room| page(room, None, None, None, "").map(Answer::Page))
        .await
}

pub(super) async fn change(
    Path((language, slug)): Path<(String, String)>,
    State(app): State<App>,
    request: axum::extract::Request,
) -> Response {
    accept(&language, app, request, Entry::Fresh, move |room, posted| {
        let of = managed(room, &slug)?;
        act(room, of, &posted)
    })
    .await
}

pub(super) async fn change_of_node(
    Path(language): Path<String>,
    State(app): State<App>,
    request: axum::extract::Request,
) -> Response {
    accept(&language, app, request, Entry::Fresh, |room, posted| {
        if !room.member.account.administrator {
            return Err(Stop::Missing);
        }
        act(room, None, &posted)
    })
    .await
}

fn page(
    room: &Room,
    of: Option<Digest>,
    secret: Option<String>,
    wrong: Option<String>,
    url: &str,
) -> Result<String, Stop> {
    let (scene, say, desk) = (&room.scene, room.scene.say, &room.member.desk);
    let word = |kind: EventKind| match (of, kind) {
        (None, EventKind::Recorded) => say.text("event-recorded-node").to_string(),
        _ => say.text(&format!("event-{}", kind.word())).to_string(),
    };
    let mut lines = Vec::new();
    for endpoint in endpoints(room, of)? {
        let log = desk.list::<Delivery>("webhook", &endpoint.id, None, MOST)?;
        let events: Vec<String> = endpoint.events.iter().map(|kind| word(*kind)).collect();
        lines.push(Line {
            id: endpoint.id.clone(),
            url: endpoint.url.clone(),
            tag: if endpoint.is_on() {
                Tag::signed("good", say.text("webhook-on"))
            } else {
                Tag::signed("bad", say.text("webhook-stopped"))
            },
            is_on: endpoint.is_on(),
            failures: match endpoint.failures {
                0 => Html::default(),
                count => say.html("webhook-failures").count("count", u64::from(count)).html(),
            },
            events: events.join(if say.is_ja() { "、" } else { ", " }),
            since: moment(say.0, endpoint.created_at),
            log: log.iter().map(|delivery| line(scene, desk, delivery)).collect::<Result<_, _>>()?,
        });
    }
    // Nothing is asked of the node, nothing is due of it, and nobody answers to it.
    let choices = EventKind::CHOICES.into_iter().filter(|kind| match of {
        Some(_) => true,
        None => matches!(kind, EventKind::Recorded | EventKind::Registration),
    });
    let title = say.text(if of.is_some() { "webhooks-title" } else { "webhooks-node" }).to_string();
    let page = Webhooks {
        frame: room.frame(title.clone()),
        say,
        token: room.token(),
        title,
        organisation: of.map(|id| scene.name(&id)),
        endpoints: lines,
        choices: choices.map(|kind| (kind.word(), word(kind))).collect(),
        secret,
        wrong,
        url: url.to_owned(),
    };
    Ok(page.render()?)
}

fn act(room: &Room, of: Option<Digest>, posted: &Posted) -> Result<Answer, Stop> {
    if posted.has("remove") {
        webhooks::remove(room, of, posted.get("remove"))?;
    } else if posted.has("start") {
        webhooks::start(room, of, posted.get("start"))?;
    } else if posted.has("test") {
        webhooks::test(room, of, posted.get("test"))?;
    } else {
        return add(room, of, posted);
    }
    match of.and_then(|id| room.scene.register().path_of(&id)) {
        Some(slug) => room.to(&format!("desk/webhooks/{slug}")),
        None => room.to("desk/webhooks"),
    }
}

fn add(room: &Room, of: Option<Digest>, posted: &Posted) -> Result<Answer, Stop> {
    let url = posted.get("url");
    let events: BTreeSet<EventKind> =
        EventKind::CHOICES.into_iter().filter(|kind| posted.has(&format!("event-{}", kind.word()))).collect();
    match webhooks::add(room, of, url, events) {
        Ok(endpoint) => page(room, of, Some(endpoint.secret.shown()), None, "").map(Answer::Page),
        Err(Refused::Wrong { key, .. }) => {
            let wrong = Some(room.scene.say.text(key).to_string());
            page(room, of, None, wrong, url).map(Answer::Wrong)
        }
        Err(Refused::Draft(error)) => Err(Stop::Failed(error.to_string())),
        Err(Refused::Stop(stop)) => Err(stop),
    }
}
