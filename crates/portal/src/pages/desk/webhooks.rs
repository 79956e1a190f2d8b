//! The webhooks of an organisation, for who manages it, and of the node, for its administrators.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use desk::notice::{Channel, Delivery, Endpoint, Event, EventKind, MAX_ENDPOINTS, UrlError, check_url};
use desk::{Function, Versioned};
use evidence::Digest;

use super::notices::{DeliveryLine, line};
use super::{Answer, Room, Stop, accept, enter};
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

/// Finds whose webhooks a page is about, for those who may manage them.
fn managed(room: &Room, slug: &str) -> Result<Option<Digest>, Stop> {
    let id = room.scene.register().find(slug).ok_or(Stop::Missing)?;
    let known = room.scene.register().organisation(&id).is_some();
    let manages = room.member.may(&id, Function::Manage) || room.member.account.administrator;
    if known && manages { Ok(Some(id)) } else { Err(Stop::Missing) }
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

fn endpoints(room: &Room, of: Option<Digest>) -> Result<Vec<Versioned<Endpoint>>, Stop> {
    let word = of.map_or_else(|| "node".to_owned(), |id| id.to_string());
    Ok(room.member.desk.list::<Endpoint>("organisation", &word, None, MAX_ENDPOINTS)?)
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
    let (desk, now) = (&room.member.desk, room.scene.now);
    let own = |id: &str| -> Result<Versioned<Endpoint>, Stop> {
        let found = desk.load::<Endpoint>(id)?.filter(|endpoint| endpoint.organisation == of);
        found.ok_or(Stop::Missing)
    };
    if posted.has("remove") {
        desk.write(&[own(posted.get("remove"))?.remove()])?;
    } else if posted.has("start") {
        let mut endpoint = own(posted.get("start"))?;
        endpoint.start();
        desk.save(&mut endpoint)?;
    } else if posted.has("test") {
        let endpoint = own(posted.get("test"))?;
        let channel = Channel::Webhook { endpoint: endpoint.id.clone(), event: Event::Test };
        desk.save(&mut Versioned::new(Delivery::new(channel, of, now)?))?;
    } else {
        return add(room, of, posted);
    }
    match of.and_then(|id| room.scene.register().path_of(&id)) {
        Some(slug) => room.to(&format!("desk/webhooks/{slug}")),
        None => room.to("desk/webhooks"),
    }
}

fn add(room: &Room, of: Option<Digest>, posted: &Posted) -> Result<Answer, Stop> {
    let say = room.scene.say;
    let url = posted.get("url");
    let wrong = |key: &str| page(room, of, None, Some(say.text(key).to_string()), url).map(Answer::Wrong);
    if endpoints(room, of)?.len() >= MAX_ENDPOINTS {
        return wrong("webhook-many");
    }
    if let Err(problem) = check_url(url, room.scene.outgoing.local_webhooks) {
        return wrong(match problem {
            UrlError::Unreadable => "webhook-url-wrong",
            UrlError::NotEncrypted => "webhook-url-plain",
            UrlError::Credentials => "webhook-url-credentials",
            UrlError::NotPublic => "webhook-url-inside",
        });
    }
    let events: BTreeSet<EventKind> =
        EventKind::CHOICES.into_iter().filter(|kind| posted.has(&format!("event-{}", kind.word()))).collect();
    if events.is_empty() {
        return wrong("webhook-events-none");
    }
    let account = &room.member.account.id;
    let mut endpoint = Endpoint::new(of, url, account, room.scene.now).map_err(desk::DeskError::from)?;
    endpoint.events = events;
    let secret = endpoint.secret.shown();
    room.member.desk.save(&mut Versioned::new(endpoint))?;
    page(room, of, Some(secret), None, "").map(Answer::Page)
}
