//! The one error rule of the HTTP edge: a kind, which decides the status, what happened, and hints
//! on what to do next; written as a problem document (RFC 9457).

use std::fmt::Display;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use evidence::JsonError;
use serde::Serialize;
use utoipa::ToSchema;

/// What went wrong, as far as a program needs to know. Documented in `docs/api.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The request cannot be read.
    Malformed,
    /// A token is needed, or the one given is unknown.
    Unauthenticated,
    /// The token does not allow this.
    Forbidden,
    /// There is no such thing.
    NotFound,
    /// The address does not take this method.
    Method,
    /// It is no longer, or not yet, at the stage for this.
    Conflict,
    /// Someone else was faster.
    Precondition,
    /// The request does not say which version it has seen.
    PreconditionRequired,
    /// Larger than the bound.
    TooLarge,
    /// The body is not JSON.
    MediaType,
    /// What was sent can be read, and does not fit.
    Wrong,
    /// The register refuses a statement.
    Refused,
    /// Too many requests from this address.
    TooMany,
    /// A fault of the server.
    Internal,
    /// Not at the moment.
    Unavailable,
}

impl Kind {
    fn parts(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::Malformed => (StatusCode::BAD_REQUEST, "malformed", "The request cannot be read"),
            Self::Unauthenticated => (StatusCode::UNAUTHORIZED, "unauthenticated", "A token is needed"),
            Self::Forbidden => (StatusCode::FORBIDDEN, "forbidden", "The token does not allow this"),
            Self::NotFound => (StatusCode::NOT_FOUND, "not-found", "Not found"),
            Self::Method => (StatusCode::METHOD_NOT_ALLOWED, "method", "The method does not fit the address"),
            Self::Conflict => (StatusCode::CONFLICT, "conflict", "It is not at the stage for this"),
            Self::Precondition => {
                (StatusCode::PRECONDITION_FAILED, "precondition", "Someone else was faster")
            }
            Self::PreconditionRequired => (
                StatusCode::PRECONDITION_REQUIRED,
                "precondition-required",
                "Say which version you have seen",
            ),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too-large", "The request is too large"),
            Self::MediaType => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "media-type", "The body is not JSON"),
            Self::Wrong => (StatusCode::UNPROCESSABLE_ENTITY, "wrong", "What was sent does not fit"),
            Self::Refused => (StatusCode::UNPROCESSABLE_ENTITY, "refused", "The register refuses it"),
            Self::TooMany => (StatusCode::TOO_MANY_REQUESTS, "too-many", "Too many requests"),
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "internal", "A fault of the server"),
            Self::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Not at the moment"),
        }
    }
}

/// An error on its way to whoever asked.
#[derive(Debug)]
pub(crate) struct Problem {
    kind: Kind,
    detail: String,
    code: Option<&'static str>,
    pointer: Option<Box<str>>,
    note: Option<Box<str>>,
    problems: Box<[Place]>,
    hints: Vec<String>,
}

/// One of several places at which a request does not fit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Place {
    /// The place in the request (JSON pointer, RFC 6901).
    pub(crate) pointer: String,
    /// What is wrong there, such as `missing`.
    pub(crate) code: &'static str,
    /// The same in words.
    pub(crate) detail: String,
}

/// A problem document (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProblemDocument {
    /// The kind of problem: a URN.
    #[serde(rename = "type")]
    #[schema(example = "urn:kanae:problem:refused")]
    kind: String,
    /// The kind in words.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// What happened this time.
    detail: String,
    /// The reason code of a refusal, such as `approval-missing`.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    /// The place in the request (JSON pointer, RFC 6901).
    #[serde(skip_serializing_if = "Option::is_none")]
    pointer: Option<String>,
    /// The refusal signed under the node's intake key (C2SP signed-note).
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    /// Every place that does not fit, where there are several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    problems: Vec<Place>,
    /// What to do.
    hints: Vec<String>,
}

impl Problem {
    pub(crate) fn new(kind: Kind, detail: impl Display) -> Self {
        let (problems, hints) = (Box::default(), Vec::new());
        Self { kind, detail: detail.to_string(), code: None, pointer: None, note: None, problems, hints }
    }

    /// Says that there is no such thing here.
    pub(crate) fn not_found(what: impl Display) -> Self {
        Self::new(Kind::NotFound, what)
    }

    /// Reports a fault of the server: the cause goes to the operator's log, not to the caller.
    pub(crate) fn internal(cause: impl Display) -> Self {
        tracing::error!(%cause, "a request failed");
        Self::new(Kind::Internal, "the server could not answer; its operator can see why")
    }

    /// Adds a sentence on what to do.
    pub(crate) fn hint(mut self, hint: impl Display) -> Self {
        self.hints.push(hint.to_string());
        self
    }

    /// Adds a reason code.
    pub(crate) fn code(self, code: &'static str) -> Self {
        Self { code: Some(code), ..self }
    }

    /// Adds the place in the request.
    pub(crate) fn at(self, pointer: impl Into<String>) -> Self {
        let pointer: String = pointer.into();
        Self { pointer: Some(pointer.into_boxed_str()), ..self }
    }

    /// Adds every place that does not fit.
    pub(crate) fn places(self, problems: Vec<Place>) -> Self {
        Self { problems: problems.into(), ..self }
    }

    /// Adds a signed note.
    pub(crate) fn note(self, note: String) -> Self {
        Self { note: Some(note.into()), ..self }
    }
}

impl From<JsonError> for Problem {
    fn from(error: JsonError) -> Self {
        let problem = |kind| Self::new(kind, &error);
        match &error {
            JsonError::TooLarge { .. } => problem(Kind::TooLarge),
            JsonError::Syntax(_) => problem(Kind::Malformed),
            JsonError::Shape { pointer, .. } | JsonError::UnknownField { pointer } => {
                problem(Kind::Malformed).at(pointer.clone())
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, name, title) = self.kind.parts();
        let document = ProblemDocument {
            kind: format!("urn:kanae:problem:{name}"),
            title,
            status: status.as_u16(),
            detail: self.detail,
            code: self.code,
            pointer: self.pointer.map(String::from),
            note: self.note.map(String::from),
            problems: self.problems.into(),
            hints: self.hints,
        };
        let mut response = (status, axum::Json(document)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.kind == Kind::Unauthenticated {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"kanae\""));
        }
        if self.kind == Kind::TooMany {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        response
    }
}

/// Answers where an address does not take a method.
pub(crate) async fn wrong_method() -> Problem {
    Problem::new(Kind::Method, "this address does not take this method").hint("see /api/v1/openapi.json")
}
