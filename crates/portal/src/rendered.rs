//! Pages without a network: what the portal answers to a request of somebody who is not signed in.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use tower::ServiceExt as _;

/// The largest answer, in bytes.
const MAX_ANSWER: usize = 64 << 20;

/// What was answered.
#[derive(Debug, Clone, Default)]
pub struct Rendered {
    /// The HTTP status.
    pub status: u16,
    /// The media type with its parameters.
    pub content_type: String,
    /// Where it stands instead.
    pub location: Option<String>,
    /// The content.
    pub bytes: Vec<u8>,
}

/// Asks a portal for a path; `host` is the name by which it is reached, which pages repeat.
pub async fn render(router: &Router, path: &str, host: Option<&str>) -> Rendered {
    let mut request = Request::get(path);
    if let Some(host) = host {
        request = request.header(header::HOST, host);
    }
    let Ok(request) = request.body(Body::empty()) else { return Rendered::default() };
    // A router answers every request.
    let Ok(response) = router.clone().oneshot(request).await;
    let text = |name| {
        let value = response.headers().get(name);
        value.and_then(|value| value.to_str().ok()).map(str::to_owned)
    };
    let (content_type, location) = (text(header::CONTENT_TYPE), text(header::LOCATION));
    let status = response.status().as_u16();
    match to_bytes(response.into_body(), MAX_ANSWER).await {
        Ok(bytes) => Rendered {
            status,
            content_type: content_type.unwrap_or_default(),
            location,
            bytes: bytes.to_vec(),
        },
        Err(error) => {
            tracing::error!(%error, path, "an answer broke off");
            Rendered::default()
        }
    }
}
