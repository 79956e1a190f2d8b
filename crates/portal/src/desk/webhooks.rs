//! The webhooks of an organisation, for who manages it, and of the node, for its administrators.

use std::collections::BTreeSet;

use desk::account::Function;
use desk::notice::{Channel, Delivery, Endpoint, Event, EventKind, MAX_ENDPOINTS, UrlError, check_url};
use desk::{DeskError, Versioned};
use evidence::Digest;

use super::room::{Refused, Room, Stop};

/// Finds an organisation by its name, for those who may manage its webhooks.
pub(crate) fn managed(room: &Room, slug: &str) -> Result<Option<Digest>, Stop> {
    let id = room.scene.register().find(slug).ok_or(Stop::Missing)?;
    let known = room.scene.register().organisation(&id).is_some();
    let manages = room.member.may(&id, Function::Manage) || room.member.account.administrator;
    if known && manages { Ok(Some(id)) } else { Err(Stop::Missing) }
}

/// Returns the webhooks of an organisation, or of the node.
pub(crate) fn endpoints(room: &Room, of: Option<Digest>) -> Result<Vec<Versioned<Endpoint>>, Stop> {
    let word = of.map_or_else(|| "node".to_owned(), |id| id.to_string());
    Ok(room.member.desk.list::<Endpoint>("organisation", &word, None, MAX_ENDPOINTS)?)
}

/// Finds a webhook of an organisation, or of the node.
pub(crate) fn endpoint(room: &Room, of: Option<Digest>, id: &str) -> Result<Versioned<Endpoint>, Stop> {
    let found = room.member.desk.load::<Endpoint>(id)?.filter(|endpoint| endpoint.organisation == of);
    found.ok_or(Stop::Missing)
}

/// Removes a webhook.
pub(crate) fn remove(room: &Room, of: Option<Digest>, id: &str) -> Result<(), Stop> {
    Ok(room.member.desk.write(&[endpoint(room, of, id)?.remove()])?)
}

/// Starts a webhook that was stopped.
pub(crate) fn start(room: &Room, of: Option<Digest>, id: &str) -> Result<(), Stop> {
    let mut endpoint = endpoint(room, of, id)?;
    endpoint.start();
    Ok(room.member.desk.save(&mut endpoint)?)
}

/// Sends a message to a webhook that says nothing.
pub(crate) fn test(room: &Room, of: Option<Digest>, id: &str) -> Result<(), Stop> {
    let endpoint = endpoint(room, of, id)?;
    let channel = Channel::Webhook { endpoint: endpoint.id.clone(), event: Event::Test };
    Ok(room.member.desk.save(&mut Versioned::new(Delivery::new(channel, of, room.scene.now)?))?)
}

/// Makes a webhook.
pub(crate) fn add(
    room: &Room,
    of: Option<Digest>,
    url: &str,
    events: BTreeSet<EventKind>,
) -> Result<Endpoint, Refused> {
    if endpoints(room, of)?.len() >= MAX_ENDPOINTS {
        return Err(Refused::wrong("url", "webhook-many"));
    }
    check_url(url, room.scene.outgoing.local_webhooks).map_err(|problem| {
        let key = match problem {
            UrlError::Unreadable => "webhook-url-wrong",
            UrlError::NotEncrypted => "webhook-url-plain",
            UrlError::Credentials => "webhook-url-credentials",
            UrlError::NotPublic => "webhook-url-inside",
        };
        Refused::wrong("url", key)
    })?;
    if events.is_empty() {
        return Err(Refused::wrong("events", "webhook-events-none"));
    }
    let account = &room.member.account.id;
    let mut endpoint = Endpoint::new(of, url, account, room.scene.now).map_err(DeskError::from)?;
    endpoint.events = events;
    room.member.desk.save(&mut Versioned::new(endpoint.clone()))?;
    Ok(endpoint)
}
