//! Atom feeds (RFC 4287) of public statements: all, or those that an address chooses.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use axum::Router;
use axum::extract::Path;
use axum::http::header;
use axum::middleware::from_fn;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use register::state::Recorded;

use crate::headers;
use crate::pages::parts::escape;
use crate::pages::scene::Scene;
use crate::pages::text::{Say, visible};
use crate::pages::{Request, encode, joined, missing};
use crate::search::{self, Fields};
use crate::state::App;

/// Entries of one document.
const ENTRIES: usize = 50;

/// Returns the routes of the feeds.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/{language}/feed.atom", get(feed))
        .route_layer(from_fn(headers::tagged))
        .route_layer(from_fn(headers::share))
}

async fn feed(Path(language): Path<String>, request: Request) -> Response {
    let say = match language.as_str() {
        "ja" => Say(evidence::Language::Ja),
        "en" => Say(evidence::Language::En),
        _ => return missing(&request),
    };
    let scene = Scene::new(&request, say);
    match tokio::task::spawn_blocking(move || document(&scene)).await {
        Ok(Some(document)) => {
            ([(header::CONTENT_TYPE, "application/atom+xml; charset=utf-8")], document).into_response()
        }
        Ok(None) => missing(&request),
        Err(error) => {
            tracing::error!(%error, "a feed was given up");
            axum::http::StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Returns the address of a feed below the language.
pub(crate) fn address(scene: &Scene, fields: &[(&'static str, String)]) -> String {
    let mark = if fields.is_empty() { "" } else { "?" };
    format!("/{}/feed.atom{mark}{}", scene.say.tag(), joined(fields))
}

/// Writes the feed; nothing where what it is to be about is not in the register.
fn document(scene: &Scene) -> Option<String> {
    let (register, asked) = (scene.register(), &scene.query);
    let fields = Fields {
        text: &asked.q,
        kind: &asked.said,
        organisation: &asked.organisation,
        law: &asked.law,
        ..Fields::default()
    };
    let (query, wrong) = search::read(register, fields);
    if !wrong.is_empty() {
        return None;
    }
    let model = match asked.model.as_str() {
        "" => None,
        path => Some(register.find(path).filter(|id| register.thing(id).is_some())?),
    };
    let about: Option<BTreeSet<u64>> =
        model.map(|model| register.dossier(&model).iter().map(|one| one.index).collect());
    let before = asked.before.as_deref().and_then(|entry| entry.parse::<u64>().ok());
    let found = scene.index().search(register, &query).entries;
    let mut chosen = found
        .into_iter()
        .rev()
        .filter(|entry| before.is_none_or(|before| *entry < before))
        .filter(|entry| about.as_ref().is_none_or(|about| about.contains(entry)));
    let shown: Vec<&Arc<Recorded>> =
        chosen.by_ref().take(ENTRIES).filter_map(|entry| register.at_index(entry)).collect();
    let more = chosen.next().is_some();

    let kept: Vec<(&'static str, String)> = [
        ("q", &asked.q),
        ("said", &asked.said),
        ("organisation", &asked.organisation),
        ("model", &asked.model),
        ("law", &asked.law),
    ]
    .into_iter()
    .filter(|(_, value)| !value.is_empty())
    .map(|(name, value)| (name, value.chars().take(200).collect()))
    .collect();
    let at = |before: Option<u64>| {
        let mut fields = kept.clone();
        fields.extend(before.map(|entry| ("before", entry.to_string())));
        format!("{}{}", scene.base, address(scene, &fields))
    };
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
    let _ = writeln!(xml, "<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"{}\">", scene.say.tag());
    // The same feed whatever host serves it: the log's genesis, the language, what it is about.
    let genesis = register.genesis().map(|genesis| genesis.to_string()).unwrap_or_default();
    let id = format!("urn:kanae:feed:{genesis}:{}:{}", scene.say.tag(), encode(&joined(&kept)));
    element(&mut xml, "id", "", &id);
    element(&mut xml, "title", "", &title(scene, model.as_ref()));
    let updated = shown.first().map(|newest| newest.time).or(register.time());
    element(&mut xml, "updated", "", &updated.map(|time| time.to_string()).unwrap_or_default());
    let _ = writeln!(xml, "<author><name>{}</name></author>", escape(register.origin()));
    link(&mut xml, "self", "application/atom+xml", &at(before));
    link(
        &mut xml,
        "alternate",
        "text/html",
        &format!("{}{}", scene.base, scene.href("register?kind=statement")),
    );
    if let Some(last) = shown.last().filter(|_| more) {
        link(&mut xml, "next", "application/atom+xml", &at(Some(last.index)));
    }
    for recorded in shown {
        entry(&mut xml, scene, recorded);
    }
    xml.push_str("</feed>\n");
    Some(visible(&xml))
}

fn title(scene: &Scene, model: Option<&evidence::Digest>) -> String {
    let asked = &scene.query;
    let organisation = scene.register().find(&asked.organisation);
    let mut parts = vec![scene.say.text("site-name").to_string()];
    parts.extend(organisation.map(|id| scene.plain_name(&id)));
    parts.extend(model.map(|id| scene.plain_name(id)));
    parts.extend(Some(&asked.said).filter(|said| !said.is_empty()).map(|said| scene.kind(said)));
    parts.extend(Some(&asked.law).filter(|law| !law.is_empty()).cloned());
    parts.extend(Some(&asked.q).filter(|q| !q.is_empty()).cloned());
    parts.join(" – ")
}

fn entry(xml: &mut String, scene: &Scene, recorded: &Recorded) {
    let (say, statement) = (scene.say, &recorded.statement);
    let digest = statement.digest();
    let kind = statement.predicate().name();
    let who = match &recorded.issuer {
        Some(issuer) => scene.plain_name(issuer),
        None => say.text("the-node").to_string(),
    };
    let subject = statement.subject();
    let about = match scene.register().path_of(&subject) {
        Some(_) => scene.plain_name(&subject),
        None => match scene.register().recorded(&subject) {
            Some(one) => say.text("entry").count("index", one.index).to_string().replace("&nbsp;", " "),
            None => String::new(),
        },
    };
    let title = say.text("feed-entry").with("kind", scene.kind(kind)).with("about", &about).to_string();
    xml.push_str("<entry>\n");
    element(xml, "id", "", &format!("urn:kanae:statement:{digest}"));
    element(xml, "title", "", if about.is_empty() { scene.kind(kind) } else { title }.trim());
    element(xml, "published", "", &recorded.time.to_string());
    element(xml, "updated", "", &recorded.time.to_string());
    let _ = writeln!(xml, "<author><name>{}</name></author>", escape(&who));
    let page = format!("{}/{}/statements/{digest}", scene.base, say.tag());
    link(xml, "alternate", "text/html", &page);
    link(xml, "related", "application/json", &format!("{}/api/v1/statements/{digest}", scene.base));
    let label = scene.kind(kind);
    let _ = writeln!(xml, "<category term=\"{}\" label=\"{}\"/>", escape(kind), escape(&label));
    let summary = say
        .text("feed-summary")
        .with("who", &who)
        .with("kind", &label)
        .count("index", recorded.index)
        .with("digest", digest)
        .to_string();
    element(xml, "summary", " type=\"text\"", &summary);
    xml.push_str("</entry>\n");
}

fn element(xml: &mut String, name: &str, attributes: &str, text: &str) {
    let _ = writeln!(xml, "<{name}{attributes}>{}</{name}>", escape(text));
}

fn link(xml: &mut String, relation: &str, media_type: &str, href: &str) {
    let _ = writeln!(xml, "<link rel=\"{relation}\" type=\"{media_type}\" href=\"{}\"/>", escape(href));
}
