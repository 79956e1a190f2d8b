//! Webhooks and what was sent. A new webhook is a lasting way out, so it is made by people at the page.

use axum::Json;
use axum::http::StatusCode;
use desk::notice::{Channel, Delivery, DeliveryState, Endpoint};
use desk::{Scope, Versioned};
use evidence::Digest;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::notices::After;
use super::who::{At, Who};
use crate::api::extract::Asked;
use crate::desk::{Room, Stop, webhooks};
use crate::problem::Problem;

/// Deliveries on one page of a list.
const PAGE: usize = 50;

/// Whose webhooks.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Whose {
    /// The organisation, by slug; without one, the node.
    organisation: Option<String>,
}

/// Webhooks.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WebhookList {
    items: Vec<WebhookDocument>,
}

/// A webhook, without its key.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct WebhookDocument {
    /// Its name.
    id: String,
    /// Its address.
    url: String,
    /// What it is told.
    events: Vec<&'static str>,
    /// Whether it is told anything: it is stopped after too many failures.
    on: bool,
    /// Attempts in a row that failed.
    failures: u32,
    /// Since when there is it.
    created_at: String,
}

/// Finds a webhook for those who may manage it; it stands in the name of an organisation or the node.
fn managed(room: &Room, id: &str) -> Result<Option<Digest>, Stop> {
    let of = room.member.desk.load::<Endpoint>(id)?.ok_or(Stop::Missing)?.organisation;
    let slug = of.map(|of| room.scene.register().path_of(&of).unwrap_or_default());
    whose(room, slug.as_deref())
}

fn whose(room: &Room, slug: Option<&str>) -> Result<Option<Digest>, Stop> {
    match slug {
        Some(slug) => webhooks::managed(room, slug),
        None if room.member.account.administrator => Ok(None),
        None => Err(Stop::Missing),
    }
}

/// The webhooks of an organisation, for who manages it, or of the node, for its administrators.
#[utoipa::path(
    get, path = "/api/v1/desk/webhooks", operation_id = "webhooks", tag = "desk", security(("account" = [])),
    params(Whose), responses((status = 200, body = WebhookList))
)]
pub(super) async fn list(who: Who, Asked(asked): Asked<Whose>) -> Result<Json<WebhookList>, Problem> {
    who.works(Scope::Manage, move |room| {
        let of = whose(room, asked.organisation.as_deref())?;
        let items = webhooks::endpoints(room, of)?;
        let items = items.iter().map(|endpoint| WebhookDocument {
            id: endpoint.id.clone(),
            url: endpoint.url.clone(),
            events: endpoint.events.iter().map(|kind| kind.as_str()).collect(),
            on: endpoint.is_on(),
            failures: endpoint.failures,
            created_at: endpoint.created_at.to_string(),
        });
        Ok(WebhookList { items: items.collect() })
    })
    .await
    .map(Json)
}

async fn change(
    who: Who,
    id: String,
    change: fn(&Room, Option<Digest>, &str) -> Result<(), Stop>,
) -> Result<StatusCode, Problem> {
    who.works(Scope::Manage, move |room| Ok(change(room, managed(room, &id)?, &id)?))
        .await
        .map(|()| StatusCode::NO_CONTENT)
}

/// Remove a webhook.
#[utoipa::path(
    delete, path = "/api/v1/desk/webhooks/{webhook}", operation_id = "removeWebhook", tag = "desk",
    security(("account" = [])), params(("webhook" = String, Path, description = "the webhook")),
    responses((status = 204))
)]
pub(super) async fn remove(who: Who, At(id): At<String>) -> Result<StatusCode, Problem> {
    change(who, id, webhooks::remove).await
}

/// Start a webhook that was stopped.
#[utoipa::path(
    post, path = "/api/v1/desk/webhooks/{webhook}/start", operation_id = "startWebhook", tag = "desk",
    security(("account" = [])), params(("webhook" = String, Path, description = "the webhook")),
    responses((status = 204))
)]
pub(super) async fn start(who: Who, At(id): At<String>) -> Result<StatusCode, Problem> {
    change(who, id, webhooks::start).await
}

/// Send a webhook a message that says nothing, to try it.
#[utoipa::path(
    post, path = "/api/v1/desk/webhooks/{webhook}/test", operation_id = "testWebhook", tag = "desk",
    security(("account" = [])), params(("webhook" = String, Path, description = "the webhook")),
    responses((status = 204))
)]
pub(super) async fn test(who: Who, At(id): At<String>) -> Result<StatusCode, Problem> {
    change(who, id, webhooks::test).await
}

/// What was sent.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DeliveryList {
    /// Newest first.
    items: Vec<DeliveryDocument>,
    /// The delivery after which the list goes on, where it does.
    next: Option<String>,
}

/// A message on its way, and what became of it. Of a mail it says to whom, and not what about.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DeliveryDocument {
    /// Its name.
    id: String,
    /// `mail` or `webhook`.
    channel: &'static str,
    /// The account or the webhook.
    to: String,
    /// Of a webhook's message: what it is about.
    event: Option<&'static str>,
    /// When it was made.
    at: String,
    /// `queued`, `sending`, `sent` or `given-up`.
    state: &'static str,
    /// Each attempt.
    attempts: Vec<AttemptDocument>,
}

/// An attempt to deliver something.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AttemptDocument {
    /// When.
    at: String,
    /// What the other side said.
    answer: String,
}

impl From<&Delivery> for DeliveryDocument {
    fn from(delivery: &Delivery) -> Self {
        let (channel, to, event) = match &delivery.channel {
            Channel::Mail { account, .. } => ("mail", account.clone(), None),
            Channel::Webhook { endpoint, event } => {
                ("webhook", endpoint.clone(), Some(event.kind().as_str()))
            }
        };
        let attempts = delivery.attempts.iter();
        Self {
            id: delivery.id.clone(),
            channel,
            to,
            event,
            at: delivery.at.to_string(),
            state: match delivery.state {
                DeliveryState::Queued { .. } => "queued",
                DeliveryState::Sending { .. } => "sending",
                DeliveryState::Sent { .. } => "sent",
                DeliveryState::GivenUp { .. } => "given-up",
            },
            attempts: attempts
                .map(|a| AttemptDocument { at: a.at.to_string(), answer: a.answer.clone() })
                .collect(),
        }
    }
}

fn page(found: &[Versioned<Delivery>]) -> DeliveryList {
    let next = found.last().filter(|_| found.len() == PAGE).map(|last| last.id.clone());
    DeliveryList { items: found.iter().map(|delivery| (&**delivery).into()).collect(), next }
}

/// What was sent to a webhook, newest first.
#[utoipa::path(
    get, path = "/api/v1/desk/webhooks/{webhook}/deliveries", operation_id = "webhookDeliveries", tag = "desk",
    security(("account" = [])),
    params(("webhook" = String, Path, description = "the webhook"), After),
    responses((status = 200, body = DeliveryList))
)]
pub(super) async fn deliveries(
    who: Who,
    At(id): At<String>,
    Asked(which): Asked<After>,
) -> Result<Json<DeliveryList>, Problem> {
    who.works(Scope::Manage, move |room| {
        managed(room, &id)?;
        let desk = &room.member.desk;
        Ok(page(&desk.list::<Delivery>("webhook", &id, which.after.as_deref(), PAGE)?))
    })
    .await
    .map(Json)
}

/// What was sent to anybody, newest first. For the node's administrators.
#[utoipa::path(
    get, path = "/api/v1/desk/deliveries", operation_id = "deliveries", tag = "desk",
    security(("account" = [])), params(After), responses((status = 200, body = DeliveryList))
)]
pub(super) async fn all_deliveries(
    who: Who,
    Asked(which): Asked<After>,
) -> Result<Json<DeliveryList>, Problem> {
    who.works(Scope::Manage, move |room| {
        whose(room, None)?;
        Ok(page(&room.member.desk.list::<Delivery>("all", "", which.after.as_deref(), PAGE)?))
    })
    .await
    .map(Json)
}
