//! The pages that people read. Each is a view of one published state of the register, rendered on
//! the server; nothing here changes anything.

mod api;
mod assets;
pub(crate) mod boards;
mod certificate;
mod chart;
mod code;
mod condition;
mod consultation;
mod deadline;
mod desk;
mod disclosure_requests;
mod document;
mod duty;
mod fields;
mod format;
mod frame;
mod home;
pub(crate) mod lab;
mod law;
mod log;
mod model;
mod organisation;
pub(crate) mod parts;
mod policy;
mod register;
pub(crate) mod scene;
mod standing;
mod statement;
pub(crate) mod statistics;
pub(crate) mod text;
mod timeline;
mod why;

use askama::Template;
use axum::Router;
use axum::extract::Query;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use evidence::Language;
use serde::Deserialize;

use crate::state::App;
pub(crate) use format::japanese_day;
use frame::Frame;
pub(crate) use frame::{encode, joined};
pub(crate) use lab::simulate::{chart as simulation_chart, first as first_law};
pub(crate) use model::risk_areas;
pub(crate) use scene::Scene;
pub(crate) use text::Say;
use text::visible;
pub(crate) use why::{bare, joined_by};

/// Returns the routes of all pages.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/", get(front))
        .route("/assets/{name}", get(assets::serve))
        .route("/ja", get(Redirect::permanent("/ja/")))
        .route("/en", get(Redirect::permanent("/en/")))
        .route("/{language}/", get(home::show))
        .route("/{language}/register", get(register::show))
        .route("/{language}/organisations/{slug}", get(organisation::show))
        .route("/{language}/models/{organisation}/{model}", get(model::show))
        .route("/{language}/models/{organisation}/{model}/duties/{regime}/{duty}", get(duty::show))
        .route("/{language}/statements/{digest}", get(statement::show))
        .route("/{language}/entries/{index}", get(statement::at_index))
        .route("/{language}/certificates/{digest}", get(certificate::show))
        .route("/{language}/codes/{organisation}/{slug}", get(code::show))
        .route(
            "/{language}/disclosure-requests",
            get(disclosure_requests::show).post(disclosure_requests::send),
        )
        .route("/{language}/disclosure-requests/read", post(disclosure_requests::read))
        .route("/{language}/consultations", get(consultation::list))
        .route("/{language}/consultations/{digest}", get(consultation::show).post(consultation::send))
        .route("/{language}/consultations/{digest}/read", post(consultation::read))
        .route("/{language}/consultations/{digest}/comments.json", get(consultation::file))
        .route("/{language}/statistics", get(statistics::show))
        .route("/{language}/state", get(statistics::state))
        .route("/{language}/laws", get(law::list))
        .route("/{language}/laws/{regime}", get(law::show))
        .route("/{language}/lab/simulate", get(lab::simulate::show))
        .route("/{language}/lab/compare", get(lab::compare::show))
        .route("/{language}/lab", get(lab::show))
        .route("/{language}/lab/apply", get(lab::apply::show))
        .route("/{language}/lab/incident", get(lab::incident::show))
        .route("/{language}/lab/matrix", get(lab::matrix::show))
        .route("/{language}/policy", get(policy::show))
        .route("/{language}/log", get(log::show))
        .route("/{language}/api", get(api::show))
        .route("/{language}/audit", get(log::audit))
        .route("/{language}/audit/trust.json", get(log::trust))
        .merge(desk::routes())
        .fallback(not_found)
}

/// Tells whether a form at this address is sent without an account.
pub(crate) fn is_public_form(path: &str) -> bool {
    let mut steps = path.trim_matches('/').split('/').skip(1);
    matches!(steps.next(), Some("tips" | "consultations" | "disclosure-requests"))
        || path.ends_with("/lab/apply/file")
}

/// Answers an address at which there is no page.
async fn not_found(request: Request) -> Response {
    missing(&Request { query: Asked::default(), ..request })
}

/// What a page is asked with.
pub(crate) struct Request {
    pub(crate) app: App,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) query: Asked,
}

/// The query of an address; every page takes what it knows of it.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Asked {
    /// What is searched for.
    #[serde(default)]
    pub(crate) q: String,
    /// Which kind of thing is listed.
    #[serde(default)]
    pub(crate) kind: String,
    /// The number of entries at which the register is shown.
    pub(crate) size: Option<String>,
    /// The day as of which the register is shown.
    pub(crate) day: Option<String>,
    /// The entry before which a list goes on.
    pub(crate) before: Option<String>,
    /// The day as of which a law is shown.
    pub(crate) as_of: Option<String>,
    /// Which kind of statement is listed.
    #[serde(default)]
    pub(crate) said: String,
    /// The organisation that statements are of or concern, by its slug.
    #[serde(default)]
    pub(crate) organisation: String,
    /// The model that a feed is about, by its path of slugs.
    #[serde(default)]
    pub(crate) model: String,
    /// The law under which statements were made, or whose duties are listed.
    #[serde(default)]
    pub(crate) law: String,
    /// Whether statements stand or were corrected.
    #[serde(default)]
    pub(crate) status: String,
    /// The first and the last day of statements.
    #[serde(default)]
    pub(crate) from: String,
    #[serde(default)]
    pub(crate) until: String,
}

impl Asked {
    /// Returns the fields by which lists are chosen, as far as they are set.
    pub(crate) fn kept(&self) -> Vec<(&'static str, String)> {
        let fields = [
            ("q", &self.q),
            ("kind", &self.kind),
            ("said", &self.said),
            ("organisation", &self.organisation),
            ("law", &self.law),
            ("status", &self.status),
            ("from", &self.from),
            ("until", &self.until),
        ];
        let set = fields.into_iter().filter(|(_, value)| !value.is_empty());
        set.map(|(name, value)| (name, value.chars().take(MAX_FIELD).collect())).collect()
    }
}

/// The longest field of an address that links repeat, in characters.
const MAX_FIELD: usize = 200;

impl<S: Send + Sync> axum::extract::FromRequestParts<S> for Request
where
    App: axum::extract::FromRef<S>,
{
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        parts: &mut axum::http::request::Parts,
        state: &S,
    ) -> Result<Self, Self::Rejection> {
        let app = <App as axum::extract::FromRef<S>>::from_ref(state);
        // A query that cannot be read is no query: the page stands without it.
        let query = Query::try_from_uri(&parts.uri).map_or_else(|_| Asked::default(), |Query(query)| query);
        Ok(Self { app, uri: parts.uri.clone(), headers: parts.headers.clone(), query })
    }
}

/// Sends a reader to the pages in their language.
async fn front(headers: HeaderMap) -> Response {
    let target = match preferred(&headers) {
        Language::Ja => "/ja/",
        Language::En => "/en/",
    };
    ([(header::VARY, "Accept-Language")], Redirect::temporary(target)).into_response()
}

/// Returns the language that a browser prefers (RFC 9110 §12.5.4); Japanese where it names neither.
pub(crate) fn preferred(headers: &HeaderMap) -> Language {
    let accepted =
        headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut best = (Language::Ja, -1.0_f32);
    for range in accepted.split(',').take(32) {
        let (tag, parameters) = range.split_once(';').unwrap_or((range, ""));
        let weight = parameters.trim().strip_prefix("q=").map_or(1.0, |q| q.parse().unwrap_or(0.0));
        let language = match tag.trim().to_ascii_lowercase().get(..2) {
            Some("ja") => Language::Ja,
            Some("en") => Language::En,
            _ => continue,
        };
        if weight > best.1 {
            best = (language, weight);
        }
    }
    best.0
}

/// Why there is no page.
pub(crate) enum Failure {
    /// Nothing stands at the address.
    Missing,
    /// The page stands elsewhere.
    Moved(String),
    /// The address cannot be read; a page says what to do.
    Invalid(String),
    /// The store failed.
    Store(String),
    /// The template failed.
    Template(askama::Error),
}

impl From<askama::Error> for Failure {
    fn from(error: askama::Error) -> Self {
        Self::Template(error)
    }
}

/// Shows a page of the site. The work is done off the threads that serve requests.
pub(crate) async fn page<T: Template>(
    language: &str,
    request: Request,
    make: impl FnOnce(&Scene) -> Result<T, Failure> + Send + 'static,
) -> Response {
    let language = match language {
        "ja" => Language::Ja,
        "en" => Language::En,
        _ => return missing(&request),
    };
    let made = tokio::task::spawn_blocking(move || {
        let scene = Scene::new(&request, Say(language));
        let answer = make(&scene).and_then(|page| Ok(page.render()?));
        (request, answer)
    });
    match made.await {
        Ok((_, Ok(page))) => html(StatusCode::OK, &page),
        Ok((request, Err(Failure::Missing))) => missing(&request),
        Ok((_, Err(Failure::Invalid(page)))) => html(StatusCode::BAD_REQUEST, &page),
        Ok((_, Err(Failure::Moved(to)))) => Redirect::temporary(&to).into_response(),
        Ok((_, Err(Failure::Store(problem)))) => {
            tracing::error!(problem, "a page could not be read from the store");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
        Ok((_, Err(Failure::Template(error)))) => {
            tracing::error!(%error, "a page could not be rendered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
        Err(error) => {
            tracing::error!(%error, "a page was given up");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn html(status: StatusCode, page: &str) -> Response {
    let headers = [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")];
    (status, headers, visible(page)).into_response()
}

#[derive(Template)]
#[template(path = "missing.html")]
struct MissingPage {
    frame: Frame,
}

/// Answers with a page that helps to find another.
pub(crate) fn missing(request: &Request) -> Response {
    let path = request.uri.path();
    let language = match path.split('/').nth(1) {
        Some("ja") => Language::Ja,
        Some("en") => Language::En,
        _ => preferred(&request.headers),
    };
    let scene = Scene::new(request, Say(language));
    let title = scene.say.text("missing-title").to_string();
    let page = MissingPage { frame: Frame::new(&scene, "", title).elsewhere("") };
    match page.render() {
        Ok(page) => html(StatusCode::NOT_FOUND, &page),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_preferred_language_is_the_heaviest_that_there_is() {
        let prefer = |accepted: &str| {
            preferred(&HeaderMap::from_iter([(header::ACCEPT_LANGUAGE, accepted.parse().unwrap())]))
        };
        assert_eq!(prefer("en-GB,en;q=0.9,ja;q=0.8"), Language::En);
        assert_eq!(prefer("fr, en;q=0.2, ja;q=0.7"), Language::Ja);
        assert_eq!(prefer("de"), Language::Ja);
        assert_eq!(prefer("en;q=x"), Language::En);
        assert_eq!(preferred(&HeaderMap::new()), Language::Ja);
    }
}
