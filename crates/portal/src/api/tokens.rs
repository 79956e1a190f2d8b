//! Access tokens.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use evidence::Slug;
use node::{Scope, TokenError};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::extract::{By, aside};
use super::submissions::{read, typed};
use crate::problem::{Kind, Problem, ProblemDocument};
use crate::state::App;

/// The longest body: a few short fields.
const MAX_BODY: usize = 4096;

/// The token that is wanted.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct TokenRequest {
    /// What it is to allow.
    scope: WantedScope,
    /// The organisation whose statements it may submit, by slug; without one, any organisation's.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    organisation: Option<Slug>,
    /// What it is for, for people: 1 to 200 characters.
    label: String,
}

/// What a token is to allow.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum WantedScope {
    /// Everything.
    Admin,
    /// Submitting statements.
    Submit,
}

/// A token, shown this once.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MadeToken {
    /// The token.
    token: String,
}

/// Make an access token. It is shown once and kept as a hash only.
#[utoipa::path(
    post, path = "/api/v1/tokens", operation_id = "createToken", tag = "submissions", security(("token" = [])), request_body = TokenRequest,
    responses(
        (status = 201, body = MadeToken),
        (status = 400, body = ProblemDocument),
        (status = 401, body = ProblemDocument),
        (status = 403, body = ProblemDocument),
    )
)]
pub(crate) async fn create(
    State(app): State<App>,
    by: By,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<MadeToken>), Problem> {
    by.admin()?;
    let bytes = read(&headers, body, MAX_BODY).await?;
    let wanted: TokenRequest = typed(&bytes, MAX_BODY)?;
    let scope = match wanted.scope {
        WantedScope::Admin => Scope::Admin,
        WantedScope::Submit => Scope::Submit,
    };
    let token = aside(move || {
        app.node().new_token(scope, wanted.organisation, &wanted.label).map_err(|error| match error {
            TokenError::Label => Problem::new(Kind::Malformed, error).at("/label"),
            other => Problem::internal(other),
        })
    })
    .await?;
    Ok((StatusCode::CREATED, Json(MadeToken { token: token.as_str().to_owned() })))
}
