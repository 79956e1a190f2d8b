//! What handlers take from a request; what does not fit is a problem, never bare text.

use axum::extract::{FromRequestParts, Path, Query, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use evidence::Digest;
use node::{Caller, TokenError};
use register::Register;
use serde::de::DeserializeOwned;

use crate::memory::Point;
use crate::problem::{Kind, Problem};
use crate::state::App;

/// The query of an address.
#[derive(Debug)]
pub(crate) struct Asked<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<App> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &App) -> Result<Self, Problem> {
        match Query::from_request_parts(parts, state).await {
            Ok(Query(query)) => Ok(Self(query)),
            Err(error) => {
                let text = error.body_text();
                let problem = text.strip_prefix("Failed to deserialize query string: ").unwrap_or(&text);
                Err(Problem::new(Kind::Malformed, format_args!("in the query: {problem}"))
                    .hint("see /api/v1/openapi.json for what can be asked"))
            }
        }
    }
}

/// Reads the point of time at which the register is asked for.
pub(crate) fn point(size: Option<u64>, day: Option<&str>) -> Result<Point, Problem> {
    let day = day
        .map(str::parse)
        .transpose()
        .map_err(|_| Problem::new(Kind::Malformed, "in the query: `day` is a day, as in 2026-11-24"))?;
    Ok(Point { size, day })
}

/// The name in an address: a digest, or a path of slugs with `~` for `/`.
#[derive(Debug)]
pub(crate) struct Named(pub(crate) String);

impl FromRequestParts<App> for Named {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &App) -> Result<Self, Problem> {
        match Path::from_request_parts(parts, state).await {
            Ok(Path(name)) => Ok(Self(name)),
            Err(error) => Err(Problem::new(Kind::Malformed, error.body_text())),
        }
    }
}

impl Named {
    /// Reads the name as a digest.
    pub(crate) fn digest(&self) -> Result<Digest, Problem> {
        self.0.parse().map_err(|error| Problem::new(Kind::Malformed, error))
    }

    /// Finds what the name stands for in the register.
    pub(crate) fn find(&self, register: &Register) -> Result<Digest, Problem> {
        find(register, &self.0.replace('~', "/"))
    }
}

/// Finds a thing by digest or by path of slugs.
pub(crate) fn find(register: &Register, name: &str) -> Result<Digest, Problem> {
    let found = match name.parse::<Digest>() {
        Ok(digest) => register.recorded(&digest).map(|_| digest),
        Err(_) => register.find(name),
    };
    found.ok_or_else(|| {
        let name: String = name.chars().take(200).collect();
        Problem::not_found(format_args!("nothing in the register is called {name:?}")).hint(
            "give a digest, or a path of slugs such as minato-lab/wakaba (in addresses: minato-lab~wakaba)",
        )
    })
}

/// Returns the token of the `Authorization` header (RFC 6750 §2.1).
pub(crate) fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let Some(value) = headers.get(header::AUTHORIZATION) else { return Ok(None) };
    let (scheme, token) = value.to_str().ok().and_then(|value| value.split_once(' ')).unwrap_or_default();
    if !scheme.eq_ignore_ascii_case("bearer") || token.len() > 200 {
        let problem = "the Authorization header is not `Bearer` and a token";
        return Err(Problem::new(Kind::Unauthenticated, problem));
    }
    Ok(Some(token.trim()))
}

/// Says that a token of an account is none, or no longer one.
pub(crate) fn unknown() -> Problem {
    let problem = "the token is unknown, was revoked, or no longer holds; or its account was shut";
    Problem::new(Kind::Unauthenticated, problem).hint("make another one on the account page")
}

/// Who is asking, by the bearer token.
#[derive(Debug)]
pub(crate) struct By(pub(crate) Caller);

impl FromRequestParts<App> for By {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let State(app) = State::<App>::from_request_parts(parts, app).await.map_err(Problem::internal)?;
        let token = bearer(&parts.headers)?;
        if let (Some(token), Some(desk)) = (token, app.desk())
            && token.starts_with(desk::token::PREFIX)
        {
            // Outside the desk, the token of an account reads what everyone may read.
            let (desk, token, now) = (desk.clone(), token.to_owned(), app.now());
            let found = aside(move || desk.token(&token, now).map_err(Problem::internal)).await?;
            return found.map(|_| Self(Caller::Anonymous)).ok_or_else(unknown);
        }
        app.node().caller(token).map(Self).map_err(|error| match error {
            TokenError::Unknown => Problem::new(Kind::Unauthenticated, error)
                .hint("ask the node's operator for a token, or leave the header out to read what is public"),
            other => Problem::internal(other),
        })
    }
}

impl By {
    /// Refuses everyone but the node's administrator.
    pub(crate) fn admin(&self) -> Result<(), Problem> {
        match &self.0 {
            caller if caller.is_admin() => Ok(()),
            Caller::Anonymous => {
                Err(Problem::new(Kind::Unauthenticated, "this needs the administrator's token"))
            }
            Caller::Token { .. } => {
                Err(Problem::new(Kind::Forbidden, "this needs the administrator's token"))
            }
        }
    }

    /// Returns the organisation that the caller's token is for.
    pub(crate) fn organisation(&self, register: &Register) -> Option<Digest> {
        match &self.0 {
            Caller::Token { organisation: Some(slug), .. } => register.find(slug.as_str()),
            _ => None,
        }
    }
}

/// Runs what waits for the disk or computes for long beside the tasks that serve requests.
pub(crate) async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.map_err(Problem::internal)?
}
