//! The pages of people who are signed in. Every form is plain HTML: it posts, and is answered with
//! the next page; nothing needs a script but passkeys, which browsers give to scripts only.

mod account;
mod admin;
mod around;
mod begin;
mod consultations;
mod disclosure_requests;
mod draft;
mod from_lab;
mod home;
mod inputs;
mod members;
mod notices;
mod providers;
mod read;
mod review;
mod sign;
mod sign_in;
mod tasks;
mod tips;
mod tokens;
mod webhooks;

use askama::Template;
use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, FromRequestParts as _};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use evidence::{Digest, Language};

use super::frame::{Frame, User, encode};
use super::scene::Scene;
use super::text::{Say, visible};
use super::{Request, missing};
use crate::desk::{Entry, Member, Posted, PostedError, cookie_of};
pub(crate) use crate::desk::{Refused, Room, Stop};
use crate::state::App;

/// The largest request to the desk, in bytes: a file, and the form around it.
const MAX_REQUEST: usize = 18 << 20;

/// Returns the routes of the desk.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/{language}/sign-in", get(sign_in::show))
        .route("/{language}/sign-in/passkey", post(sign_in::with_passkey))
        .route("/{language}/sign-up", get(sign_in::begin).post(sign_in::sign_up))
        .route("/{language}/welcome/{secret}", get(sign_in::welcome).post(sign_in::take_up))
        .route("/{language}/sign-in/with/{provider}", post(providers::go))
        .route("/sign-in/from/{provider}", get(providers::back))
        .route("/{language}/desk/account/identities", post(providers::change))
        .route("/{language}/sign-out", post(sign_in::out))
        .route("/{language}/tips", get(tips::show).post(tips::send))
        .route("/{language}/tips/read", post(tips::read))
        .route("/{language}/desk/tips", get(tips::inbox))
        .route("/{language}/desk/tips/{id}", get(tips::one).post(tips::answer))
        .route("/{language}/desk/consultations", get(consultations::list))
        .route("/{language}/desk/consultations/{digest}", get(consultations::one).post(consultations::act))
        .route("/{language}/lab/apply/file", post(from_lab::leave))
        .route("/{language}/desk/from-lab/{id}", get(from_lab::show).post(from_lab::begin))
        .route("/{language}/desk/disclosure-requests", get(disclosure_requests::list))
        .route(
            "/{language}/desk/disclosure-requests/{id}",
            get(disclosure_requests::one).post(disclosure_requests::act),
        )
        .route(
            "/{language}/desk/opinions/{id}/{party}",
            get(disclosure_requests::opinion).post(disclosure_requests::give_opinion),
        )
        .route("/{language}/desk", get(home::show))
        .route("/{language}/desk/admin", get(admin::show).post(admin::change))
        .route("/{language}/desk/account", get(account::show).post(account::change))
        .route("/{language}/desk/account/passkeys", post(account::passkey))
        .route("/{language}/desk/members/{slug}", get(members::show).post(members::change))
        .route("/{language}/desk/notices", get(notices::show).post(notices::change))
        .route("/{language}/desk/deliveries", get(notices::deliveries))
        .route("/{language}/desk/webhooks", get(webhooks::of_node).post(webhooks::change_of_node))
        .route("/{language}/desk/webhooks/{slug}", get(webhooks::show).post(webhooks::change))
        .route("/{language}/desk/register", post(begin::register))
        .route("/{language}/desk/file", get(begin::kinds))
        .route("/{language}/desk/file/{kind}", get(begin::begin).post(begin::create))
        .route("/{language}/desk/advice", post(begin::advice))
        .route("/{language}/desk/drafts/{id}", get(draft::show).post(draft::act))
        .route("/{language}/desk/drafts/{id}/about", get(around::about).post(around::set_about))
        .route("/{language}/desk/drafts/{id}/files", get(around::files).post(around::set_files))
        .route("/{language}/desk/drafts/{id}/questions/{name}", get(draft::question).post(draft::answer))
        .route("/{language}/desk/drafts/{id}/check", get(sign::check).post(sign::freeze))
        .route("/{language}/desk/drafts/{id}/sign", get(sign::show).post(sign::act))
        .route("/{language}/desk/drafts/{id}/payload/{digest}", get(sign::payload))
        .merge(read::routes())
        .route("/{language}/desk/tokens", get(tokens::show).post(tokens::change))
        .route("/{language}/desk/programs/{slug}", get(tokens::programs).post(tokens::change_programs))
        .route(
            "/{language}/desk/programs/{slug}/{account}",
            get(tokens::program).post(tokens::change_program),
        )
        .layer(DefaultBodyLimit::max(MAX_REQUEST))
}

/// What is answered.
pub(crate) enum Answer {
    /// A page.
    Page(String),
    /// A page that says what is wrong with what was sent.
    Wrong(String),
    /// Another page, below the language.
    To(String),
    /// Another page, with a cookie on the way.
    WithCookie {
        /// A path of this site.
        to: String,
        /// The `Set-Cookie` header.
        cookie: String,
    },
    /// Another page of this site, with cookies on the way.
    WithCookies {
        /// A path of this site.
        to: String,
        /// The `Set-Cookie` headers.
        cookies: Vec<String>,
    },
    /// A page that leads on to another site. Not a redirection: what a form leads to must be this site
    /// (`form-action`), and no list of other sites would hold all that a provider leads on to.
    Onward {
        /// The page, for whoever is not taken on.
        page: String,
        /// The other site.
        to: String,
        /// The `Set-Cookie` headers.
        cookies: Vec<String>,
    },
    /// A file to keep.
    File {
        /// Its name.
        name: String,
        /// Its media type.
        media_type: &'static str,
        /// Its content.
        bytes: Vec<u8>,
    },
}

/// Renders a page.
pub(crate) fn page_of(page: &impl Template) -> Result<Answer, Stop> {
    Ok(Answer::Page(page.render()?))
}

/// Answers a request of someone signed in. Others are sent to sign in, and come back.
pub(crate) async fn enter(
    language: &str,
    request: Request,
    entry: Entry,
    make: impl FnOnce(&Room) -> Result<Answer, Stop> + Send + 'static,
) -> Response {
    work(language, request, move |scene, member| match member {
        Some(member) if member.may_enter(entry, scene.now) => make(&Room { scene, member }),
        Some(_) if entry == Entry::Administrator => Err(Stop::Missing),
        _ => Ok(Answer::To(sign_in_path(&scene))),
    })
    .await
}

/// Answers a form of someone signed in.
pub(crate) async fn accept(
    language: &str,
    app: App,
    request: axum::extract::Request,
    entry: Entry,
    make: impl FnOnce(&Room, Posted) -> Result<Answer, Stop> + Send + 'static,
) -> Response {
    accept_from_anyone(language, app, request, move |scene, member, posted| match member {
        Some(member) if !desk::secret::same(posted.get("form_token"), member.form_token()) => {
            drop(member);
            Err(Stop::Forbidden)
        }
        Some(member) if member.may_enter(entry, scene.now) => make(&Room { scene, member }, posted),
        Some(_) if entry == Entry::Administrator => Err(Stop::Missing),
        _ => Ok(Answer::To(sign_in_path(&scene))),
    })
    .await
}

/// Answers a form of anyone, such as one to sign in.
pub(crate) async fn accept_from_anyone(
    language: &str,
    app: App,
    request: axum::extract::Request,
    make: impl FnOnce(Scene, Option<Member>, Posted) -> Result<Answer, Stop> + Send + 'static,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let Ok(asked) = Request::from_request_parts(&mut parts, &app).await;
    match Posted::read(axum::extract::Request::from_parts(parts, body)).await {
        Ok(posted) => work(language, asked, move |scene, member| make(scene, member, posted)).await,
        Err(problem) => {
            let say = say_of(language).unwrap_or(Say(Language::Ja));
            let (status, key) = match problem {
                PostedError::OtherSite => (StatusCode::FORBIDDEN, "desk-other-site"),
                PostedError::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "desk-too-large"),
                PostedError::Unreadable => (StatusCode::BAD_REQUEST, "desk-unreadable"),
            };
            stopped(&Scene::new(&asked, say), status, key)
        }
    }
}

/// Answers a request of anyone, with the session if there is one.
pub(crate) async fn look(
    language: &str,
    request: Request,
    make: impl FnOnce(Scene, Option<Member>) -> Result<Answer, Stop> + Send + 'static,
) -> Response {
    work(language, request, make).await
}

async fn work(
    language: &str,
    request: Request,
    make: impl FnOnce(Scene, Option<Member>) -> Result<Answer, Stop> + Send + 'static,
) -> Response {
    let Some(say) = say_of(language) else { return missing(&request) };
    let Some(desk) = request.app.desk().cloned() else { return missing(&request) };
    let secure = request.app.is_secure();
    let done = tokio::task::spawn_blocking(move || {
        let scene = Scene::new(&request, say);
        let member = match cookie_of(&request.headers, secure) {
            Some(cookie) => Member::find(&desk, &cookie, scene.now),
            None => Ok(None),
        };
        let answer = member.map_err(Stop::from).and_then(|member| make(scene, member));
        (request, answer)
    });
    match done.await {
        Ok((request, answer)) => respond(&request, say, answer),
        Err(error) => {
            tracing::error!(%error, "a page of the desk was given up");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn respond(request: &Request, say: Say, answer: Result<Answer, Stop>) -> Response {
    let mut response = match answer {
        Ok(Answer::Page(page)) => html(StatusCode::OK, &page),
        Ok(Answer::Wrong(page)) => html(StatusCode::UNPROCESSABLE_ENTITY, &page),
        Ok(Answer::To(path)) => see_other(&path),
        Ok(Answer::WithCookie { to, cookie }) => {
            let mut response = see_other(&to);
            if let Ok(cookie) = HeaderValue::try_from(cookie) {
                response.headers_mut().insert(header::SET_COOKIE, cookie);
            }
            response
        }
        Ok(Answer::WithCookies { to, cookies }) => with_cookies(see_other(&to), cookies),
        Ok(Answer::Onward { page, to, cookies }) => {
            let mut response = with_cookies(html(StatusCode::OK, &page), cookies);
            if let Ok(refresh) = HeaderValue::try_from(format!("0; url={to}")) {
                response.headers_mut().insert(header::REFRESH, refresh);
            }
            response
        }
        Ok(Answer::File { name, media_type, bytes }) => {
            let disposition = format!("attachment; filename*=UTF-8''{}", encode(&name));
            (
                [(header::CONTENT_TYPE, media_type.to_owned()), (header::CONTENT_DISPOSITION, disposition)],
                bytes,
            )
                .into_response()
        }
        Err(Stop::Missing) => missing(request),
        Err(Stop::Forbidden) => stopped(&Scene::new(request, say), StatusCode::FORBIDDEN, "desk-forbidden"),
        Err(Stop::Conflict) => stopped(&Scene::new(request, say), StatusCode::CONFLICT, "desk-conflict"),
        Err(Stop::Failed(problem)) => {
            tracing::error!(problem, "a page of the desk failed");
            stopped(&Scene::new(request, say), StatusCode::INTERNAL_SERVER_ERROR, "desk-failed")
        }
    };
    // What one person sees is nobody else's to keep.
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    response
}

fn with_cookies(mut response: Response, cookies: Vec<String>) -> Response {
    for cookie in cookies.into_iter().filter_map(|cookie| HeaderValue::try_from(cookie).ok()) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

fn say_of(language: &str) -> Option<Say> {
    match language {
        "ja" => Some(Say(Language::Ja)),
        "en" => Some(Say(Language::En)),
        _ => None,
    }
}

fn see_other(path: &str) -> Response {
    match HeaderValue::try_from(path) {
        Ok(location) => {
            (StatusCode::SEE_OTHER, [(header::LOCATION, location)], Body::empty()).into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn html(status: StatusCode, page: &str) -> Response {
    (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], visible(page)).into_response()
}

/// Where one signs in, to come back to this page.
fn sign_in_path(scene: &Scene) -> String {
    scene.href(&format!("sign-in?next={}", encode(scene.uri.path())))
}

#[derive(Template)]
#[template(path = "desk_stopped.html")]
struct Stopped {
    frame: Frame,
    say: Say,
    what: String,
    hint: String,
}

/// Says why something cannot be done, and what to do.
fn stopped(scene: &Scene, status: StatusCode, key: &str) -> Response {
    let what = scene.say.text(key).to_string();
    let hint = scene.say.text(&format!("{key}-hint")).to_string();
    let page = Stopped {
        frame: Frame::new(scene, "desk", what.clone()).elsewhere("desk"),
        say: scene.say,
        what,
        hint,
    };
    match page.render() {
        Ok(page) => html(status, &page),
        Err(_) => status.into_response(),
    }
}

impl Room {
    /// Starts the frame of a page of the desk.
    pub(crate) fn frame(&self, title: String) -> Frame {
        let frame = Frame::new(&self.scene, "desk", title);
        if self.scene.path == "desk" { frame.signed_in(self.user()) } else { self.within(frame) }
    }

    /// Puts a page of the register among those of the desk.
    pub(crate) fn within(&self, mut frame: Frame) -> Frame {
        let label = super::parts::Html::text(self.scene.say.text("nav-desk"));
        frame.crumbs.insert(0, super::frame::Crumb { label, href: self.scene.href("desk") });
        frame.nav = "desk";
        frame.signed_in(self.user())
    }

    fn user(&self) -> User {
        User {
            name: self.member.account.name.clone(),
            form_token: self.member.form_token().to_owned(),
            // A page does not fail over a number beside it.
            unread: self.member.desk.unread(&self.member.account.id).unwrap_or_default(),
        }
    }

    /// Returns the scene as an organisation sees it that the member works for; as everyone does
    /// otherwise.
    pub(crate) fn as_of(&self, organisation: Option<&Digest>) -> Scene {
        match organisation.filter(|organisation| self.member.of(organisation).is_some()) {
            Some(organisation) => self.scene.read_by(organisation),
            None => self.scene.clone(),
        }
    }

    /// Returns the token that every form of the page brings along.
    pub(crate) fn token(&self) -> String {
        self.member.form_token().to_owned()
    }

    /// Returns the document behind which a list goes on.
    pub(crate) fn after(&self) -> Option<String> {
        let query = self.scene.uri.query().unwrap_or_default();
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        pairs.find(|(name, _)| name == "after").map(|(_, value)| value.into_owned())
    }

    /// Sends to prove who is there, and back to this page.
    #[expect(clippy::unnecessary_wraps, reason = "it ends handlers, which answer with a result")]
    pub(crate) fn to_prove(&self) -> Result<Answer, Stop> {
        Ok(Answer::To(sign_in_path(&self.scene)))
    }

    /// Sends to another page of the desk.
    #[expect(clippy::unnecessary_wraps, reason = "it ends handlers, which answer with a result")]
    pub(crate) fn to(&self, path: &str) -> Result<Answer, Stop> {
        Ok(Answer::To(self.scene.href(path)))
    }
}
