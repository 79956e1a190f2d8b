//! Who asks at the desk, and how what they ask for is answered.

use axum::Json;
use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use desk::draft::DraftError;
use desk::form::Wrong;
use desk::{DeskError, Draft, Form, Scope, Versioned};
use evidence::Language;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::api::extract::{aside, bearer, unknown};
use crate::api::submissions::{read, typed};
use crate::desk::{Member, Refused, Room, Stop};
use crate::pages::{Asked, Request as Page, Say, Scene};
use crate::problem::{Kind, Place, Problem};
use crate::state::App;

/// The longest body that holds no file: answers to every question of a form.
const MAX_BODY: usize = 1 << 20;

/// Who is asking: the account behind the bearer token. A cookie is never looked at, so no page of
/// another site can ask in someone's name.
pub(crate) struct Who {
    app: App,
    uri: Uri,
    headers: HeaderMap,
    member: Member,
}

impl FromRequestParts<App> for Who {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let app = app.clone();
        let Some(desk) = app.desk().cloned() else { return Err(no_desk()) };
        let token = bearer(&parts.headers)?.ok_or_else(|| {
            Problem::new(Kind::Unauthenticated, "this needs a token of an account")
                .hint("make one on the account page")
        })?;
        let (token, now) = (token.to_owned(), app.now());
        let found = aside(move || Member::of_token(&desk, &token, now).map_err(Problem::internal)).await?;
        let member = found.ok_or_else(unknown)?;
        Ok(Self { app, uri: parts.uri.clone(), headers: parts.headers.clone(), member })
    }
}

/// Says that nobody works at a desk here.
pub(super) fn no_desk() -> Problem {
    Problem::not_found("this register has no desk")
}

impl Who {
    /// Does some work, if the token may be used for it.
    pub(crate) async fn works<T: Send + 'static>(
        self,
        scope: Scope,
        work: impl FnOnce(&Room) -> Result<T, Halt> + Send + 'static,
    ) -> Result<T, Problem> {
        if !self.member.may_use(scope) {
            let problem = format!("the token's scopes do not include `{}`", scope.as_str());
            return Err(Problem::new(Kind::Forbidden, problem).code("scope"));
        }
        let Self { app, uri, headers, member } = self;
        aside(move || {
            let page = Page { app, uri, headers, query: Asked::default() };
            let room = Room { scene: Scene::new(&page, Say(Language::En)), member };
            work(&room).map_err(|halt| match halt {
                Halt::Problem(problem) => *problem,
                Halt::Refused(refused) => problem(&room, refused),
            })
        })
        .await
    }

    /// Changes a draft of which the caller has seen this version.
    pub(crate) async fn changes<T: Send + 'static>(
        self,
        scope: Scope,
        id: String,
        load: Load,
        work: impl FnOnce(&Room, &mut Versioned<Draft>, &Form) -> Result<T, Halt> + Send + 'static,
    ) -> Result<T, Problem> {
        let seen = Seen::of(&self.headers);
        self.works(scope, move |room| {
            let (mut draft, form) = load(room, &id)?;
            seen?.check(draft.version())?;
            let version = draft.version();
            work(room, &mut draft, &form).map_err(|refused| match refused {
                // Either it is not at this stage, or someone wrote it since it was loaded here.
                Halt::Refused(Refused::Stop(Stop::Conflict))
                    if load(room, &id).is_ok_and(|(now, _)| now.version() != version) =>
                {
                    Halt::from(stale())
                }
                other => other,
            })
        })
        .await
    }
}

/// How a draft is found: by those who may see it, or may change it.
pub(crate) type Load = fn(&Room, &str) -> Result<(Versioned<Draft>, Form), Stop>;

/// Why there is no answer.
pub(crate) enum Halt {
    /// The desk does not do it.
    Refused(Refused),
    /// What was asked for cannot be.
    Problem(Box<Problem>),
}

impl From<Problem> for Halt {
    fn from(problem: Problem) -> Self {
        Self::Problem(Box::new(problem))
    }
}

impl From<Refused> for Halt {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl From<Stop> for Halt {
    fn from(stop: Stop) -> Self {
        Self::Refused(stop.into())
    }
}

impl From<DraftError> for Halt {
    fn from(error: DraftError) -> Self {
        Self::Refused(error.into())
    }
}

impl From<DeskError> for Halt {
    fn from(error: DeskError) -> Self {
        Self::Refused(error.into())
    }
}

/// The version that a caller has seen (RFC 9110 §13.1.1).
enum Seen {
    Any,
    Versions(Vec<u64>),
}

impl Seen {
    fn of(headers: &HeaderMap) -> Result<Self, Halt> {
        let Some(value) = headers.get(header::IF_MATCH) else {
            let problem = "a change says which version it has seen";
            return Err(Halt::from(
                Problem::new(Kind::PreconditionRequired, problem)
                    .hint("send the ETag of the draft as If-Match"),
            ));
        };
        let text = value.to_str().unwrap_or_default().trim();
        if text == "*" {
            return Ok(Self::Any);
        }
        let version = |tag: &str| tag.trim().strip_prefix('"')?.strip_suffix('"')?.parse().ok();
        Ok(Self::Versions(text.split(',').take(20).filter_map(version).collect()))
    }

    fn check(&self, version: u64) -> Result<(), Halt> {
        match self {
            Self::Any => Ok(()),
            Self::Versions(seen) if seen.contains(&version) => Ok(()),
            Self::Versions(_) => Err(Halt::from(stale())),
        }
    }
}

fn stale() -> Problem {
    Problem::new(Kind::Precondition, "the draft is no longer as you have seen it")
        .hint("read it again, and send its ETag as If-Match")
}

/// An answer with the version of what it shows.
pub(crate) struct Tagged<T>(pub(crate) StatusCode, pub(crate) u64, pub(crate) T);

impl<T: Serialize> IntoResponse for Tagged<T> {
    fn into_response(self) -> Response {
        let mut response = (self.0, Json(self.2)).into_response();
        if let Ok(tag) = HeaderValue::try_from(format!("\"{}\"", self.1)) {
            response.headers_mut().insert(header::ETAG, tag);
        }
        response
    }
}

/// A JSON body within bounds, in which nothing stands that is not known.
#[derive(Debug)]
pub(crate) struct Sent<T, const MOST: usize = MAX_BODY>(pub(crate) T);

impl<T: DeserializeOwned, const MOST: usize> FromRequest<App> for Sent<T, MOST> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &App) -> Result<Self, Problem> {
        let (parts, body): (Parts, Body) = request.into_parts();
        let bytes = read(&parts.headers, body, MOST).await?;
        Ok(Self(typed(&bytes, MOST)?))
    }
}

/// The names in an address.
#[derive(Debug)]
pub(crate) struct At<T>(pub(crate) T);

impl<T: DeserializeOwned + Send> FromRequestParts<App> for At<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &App) -> Result<Self, Problem> {
        match Path::from_request_parts(parts, state).await {
            Ok(Path(names)) => Ok(Self(names)),
            Err(error) => Err(Problem::new(Kind::Malformed, error.body_text())),
        }
    }
}

/// Says why something was not done: in the words of the pages.
fn problem(room: &Room, refused: Refused) -> Problem {
    let say = room.scene.say;
    match refused {
        Refused::Wrong { at, key } => Problem::new(Kind::Wrong, say.text(key)).code(key).at(format!("/{at}")),
        Refused::Draft(error) => of_draft(room, error),
        Refused::Stop(Stop::Missing) => {
            Problem::not_found("there is no such thing at the desk, or it is not for this account")
        }
        Refused::Stop(Stop::Forbidden) => {
            Problem::new(Kind::Forbidden, "the account may not do this").hint("see /api/v1/desk/me")
        }
        Refused::Stop(Stop::Conflict) => {
            Problem::new(Kind::Conflict, "it is not at the stage for this, or someone else changed it")
        }
        Refused::Stop(Stop::Failed(cause)) => Problem::internal(cause),
    }
}

fn of_draft(room: &Room, error: DraftError) -> Problem {
    let wrong = |key: &'static str| Problem::new(Kind::Wrong, room.scene.say.text(key)).code(key);
    match error {
        DraftError::Answers(places) => Problem::new(Kind::Wrong, "some answers are missing or wrong")
            .code("answers")
            .places(places.iter().map(|place| place_of(room, place)).collect()),
        DraftError::Stage => Problem::new(Kind::Conflict, "the draft is not at the stage for this"),
        DraftError::Files => wrong("files-many").at("/content"),
        DraftError::Signature => wrong("sign-not-one").at("/signatures"),
        DraftError::OtherBytes => wrong("sign-other-bytes").at("/signatures"),
        DraftError::Envelope(error) => {
            Problem::new(Kind::Wrong, error).code("sign-no-envelope").at("/signatures")
        }
        DraftError::Random(error) => Problem::internal(error),
        error @ (DraftError::Body(_)
        | DraftError::Statement(_)
        | DraftError::NoSigner
        | DraftError::Key(_)) => Problem::new(Kind::Wrong, error).code("body"),
    }
}

/// Says what is wrong with an answer, and where.
pub(super) fn place_of(room: &Room, wrong: &Wrong) -> Place {
    let code = wrong.problem.as_str();
    let message = format!("wrong-{code}");
    let message = room.scene.say.text(&message);
    let detail = match wrong.problem.bound() {
        Some(bound) => message.count("bound", u64::try_from(bound).unwrap_or(u64::MAX)).to_string(),
        None => message.to_string(),
    };
    Place { pointer: format!("/{}", wrong.at.replace('.', "/")), code, detail }
}
