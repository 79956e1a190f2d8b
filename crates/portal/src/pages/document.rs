//! A public statement as a document (PDF), and the receipt of it.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use documents::{Entry, Letter, Letterhead, Names, Occasion, Sender, addressee};
use evidence::{Digest, Language};
use register::state::Recorded;

use super::fields::regimes;
use super::organisation::roles;
use super::scene::Scene;
use super::text::Say;
use super::{Request, missing};
use crate::problem::{Kind, Problem};

/// What a document is asked for.
type Maker = fn(&evidence::Statement, &Occasion<'_>) -> Letter;

/// Serves the document of a statement, or its receipt. Few are written at once, and none on the
/// threads that serve requests.
pub(crate) async fn serve(language: &str, name: &str, request: Request) -> Response {
    let language = match language {
        "ja" => Language::Ja,
        "en" => Language::En,
        _ => return missing(&request),
    };
    let Some((digest, make)) = named(name) else { return missing(&request) };
    let Some(fonts) = request.app.fonts().cloned() else {
        return Problem::new(Kind::Unavailable, "this server has no font, and writes no documents")
            .hint("whoever runs it starts it with --font FILE, or installs fonts-noto-cjk")
            .into_response();
    };
    // The semaphore is never closed.
    let Ok(place) = request.app.documents().clone().acquire_owned().await else {
        return Problem::new(Kind::Unavailable, "the server is ending").into_response();
    };
    let written = tokio::task::spawn_blocking(move || {
        let _place = place;
        let scene = Scene::new(&request, Say(language));
        let Some(recorded) = scene.register().recorded(&digest) else { return Err(Box::new(request)) };
        Ok(documents::render(&compose(&scene, recorded, make), &fonts))
    });
    match written.await {
        Ok(Ok(Ok(pdf))) => answer(&digest, pdf),
        Ok(Ok(Err(error))) => Problem::internal(error).into_response(),
        Ok(Err(request)) => missing(&request),
        Err(error) => Problem::internal(error).into_response(),
    }
}

/// Reads what a document is called: the digest of its statement, and whether it is the receipt.
fn named(name: &str) -> Option<(Digest, Maker)> {
    let (digest, make): (&str, Maker) = match name.strip_suffix(".receipt") {
        Some(digest) => (digest, documents::receipt),
        None => (name, documents::letter),
    };
    Some((digest.parse().ok()?, make))
}

/// Writes a document for whoever looks; nothing where there is none, or no font.
pub(crate) fn written(scene: &Scene, name: &str) -> Option<Result<Vec<u8>, String>> {
    let (digest, make) = named(name)?;
    let recorded = scene.register().recorded(&digest)?;
    let fonts = scene.fonts.as_ref()?;
    Some(documents::render(&compose(scene, recorded, make), fonts).map_err(|error| error.to_string()))
}

fn answer(digest: &Digest, pdf: Vec<u8>) -> Response {
    let mut response = pdf.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/pdf"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Ok(name) = HeaderValue::from_str(&format!("inline; filename=\"{}.pdf\"", digest.short())) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    response
}

fn compose(scene: &Scene, recorded: &Recorded, make: Maker) -> Letter {
    let statement = &recorded.statement;
    let (regimes, under_first) = regimes(scene, statement.predicate(), statement.common().regime.as_ref());
    let issuer = match recorded.issuer {
        Some(id) => Sender { name: scene.plain_name(&id), lines: roles(scene, &id) },
        None => Sender { name: scene.say.text("the-node").to_string(), lines: Vec::new() },
    };
    let head = Letterhead { name: issuer.name.clone(), lines: Vec::new() };
    let to = to(scene, recorded).map(|id| scene.plain_name(&id));
    let address = (!scene.base.is_empty())
        .then(|| format!("{}{}", scene.base, scene.href(&format!("statements/{}", statement.digest()))));
    let superseded_by = recorded.superseded_by.and_then(|later| scene.register().recorded(&later));
    make(
        statement,
        &Occasion {
            language: scene.say.0,
            regimes: &regimes,
            under_first,
            names: &Known(scene),
            issuer: Some(&issuer),
            addressee: to.as_deref(),
            number: None,
            letterhead: Some(&head),
            entry: Some(Entry {
                index: recorded.index,
                time: recorded.time,
                arrived_at: recorded.arrived_at,
            }),
            superseded_by: superseded_by.map(|later| later.index),
            address: address.as_deref(),
        },
    )
}

/// Returns whom a statement is to: whom it names; whose model it is about, or who said what it
/// answers; the one authority, where a developer files.
fn to(scene: &Scene, recorded: &Recorded) -> Option<Digest> {
    let register = scene.register();
    let statement = &recorded.statement;
    let found = addressee(statement).or_else(|| register.owner(&statement.subject()));
    if found.is_some() && found != recorded.issuer {
        return found;
    }
    match &scene.authorities()[..] {
        [only] if recorded.issuer != Some(*only) => Some(*only),
        _ => None,
    }
}

/// Names as the register has them.
struct Known<'s>(&'s Scene);

impl Names for Known<'_> {
    fn name(&self, digest: &Digest) -> Option<String> {
        let Self(scene) = self;
        if scene.names(digest).is_some() {
            return Some(scene.plain_name(digest));
        }
        let recorded = scene.register().recorded(digest)?;
        let kind = scene.kind(recorded.statement.predicate().name());
        let entry = scene.say.text("document-cited").with("kind", kind).count("index", recorded.index);
        Some(entry.to_string())
    }

    fn role(&self, role: &str) -> Option<String> {
        Some(self.0.role(role))
    }
}
