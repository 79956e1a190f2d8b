//! One HTTP request to a provider, within bounds on size and time, without redirects.

use std::time::Duration;

use openidconnect::{HttpRequest, HttpResponse};
use url::Url;

use crate::settings::is_protected;

/// Longest waits: for a connection, for the whole answer.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const TIMEOUT: Duration = Duration::from_secs(10);
/// The largest answer, in bytes.
const MAX_ANSWER: usize = 512 << 10;

/// Why a provider's answer could not be had.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The connection failed, or took too long.
    #[error("{0}")]
    Http(String),
    /// The answer is too large.
    #[error("the answer has more than {MAX_ANSWER} bytes")]
    TooLarge,
    /// The address is not encrypted.
    #[error("{0} is not encrypted: https is expected")]
    Unprotected(String),
    /// The answer has another status than 200.
    #[error("HTTP {0}")]
    Status(u16),
}

/// Makes the client with which a provider is asked; `local`: one on this very machine.
pub(crate) fn client(local: bool) -> Result<reqwest::Client, FetchError> {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // Another thread may have been faster; either way one is installed.
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
    let builder = reqwest::Client::builder();
    // Nothing there speaks TLS: the system's certificates, many files, need not be read.
    let builder = if local { builder.no_proxy().tls_certs_only(std::iter::empty()) } else { builder };
    builder
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(TIMEOUT)
        .referer(false)
        .user_agent(concat!("kanae/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| http(&error))
}

fn http(error: &reqwest::Error) -> FetchError {
    use std::error::Error as _;
    // The last cause says what happened; the error itself would show the whole address.
    let mut cause = error.source();
    while let Some(next) = cause.and_then(|cause| cause.source()) {
        cause = Some(next);
    }
    FetchError::Http(cause.map_or_else(|| "no answer".to_owned(), ToString::to_string))
}

/// Sends a request as the library makes it.
pub(crate) async fn send(client: reqwest::Client, request: HttpRequest) -> Result<HttpResponse, FetchError> {
    let request = reqwest::Request::try_from(request).map_err(|error| http(&error))?;
    if !is_protected(request.url()) {
        return Err(FetchError::Unprotected(request.url().origin().ascii_serialization()));
    }
    let mut answer = client.execute(request).await.map_err(|error| http(&error))?;
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| http(&error))? {
        if body.len() + chunk.len() > MAX_ANSWER {
            return Err(FetchError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    let mut response = HttpResponse::new(body);
    *response.status_mut() = answer.status();
    *response.headers_mut() = answer.headers().clone();
    Ok(response)
}

/// Fetches a document.
pub(crate) async fn get(
    client: &reqwest::Client,
    url: &Url,
    bearer: Option<&str>,
) -> Result<HttpResponse, FetchError> {
    let mut request = http::Request::get(url.as_str()).header("accept", "application/json, application/jwt");
    if let Some(token) = bearer {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let request = request.body(Vec::new()).map_err(|error| FetchError::Http(error.to_string()))?;
    let response = send(client.clone(), request).await?;
    match response.status().as_u16() {
        200 => Ok(response),
        status => Err(FetchError::Status(status)),
    }
}
