//! Whoever wrote something sees it, at whichever server of the node they ask next.
//!
//! What changed something is answered with the size of the log, in a header and a cookie. A request that
//! brings it back is served once this server shows that much.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::state::App;

/// The header, of answers and of requests, with the size of a log.
const SIZE: &str = "kanae-log-size";
/// The cookie of browsers with the same. It is no secret and names nobody.
const COOKIE: &str = "kanae-log-size=";

/// Waits for what the caller has seen elsewhere, and tells what was seen here.
pub(crate) async fn follow(State(app): State<App>, request: Request, next: Next) -> Response {
    if let Some(size) = size(request.headers()) {
        app.node().reach(size).await;
    }
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let before = app.view().head.size;
    let mut response = next.run(request).await;
    if !changes || !(response.status().is_success() || response.status().is_redirection()) {
        return response;
    }
    let size = app.view().head.size;
    response.headers_mut().insert(SIZE, HeaderValue::from(size));
    // Nobody gets a cookie for having a question answered.
    if size > before {
        let cookie = format!("{COOKIE}{size}; Path=/; Max-Age=600; HttpOnly; SameSite=Lax");
        if let Ok(cookie) = HeaderValue::try_from(cookie) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
    response
}

fn size(headers: &HeaderMap) -> Option<u64> {
    if let Some(size) = headers.get(SIZE) {
        return size.to_str().ok()?.parse().ok();
    }
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|cookies| cookies.to_str().ok());
    cookies
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|cookie| cookie.trim().strip_prefix(COOKIE)?.parse().ok())
        .max()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&'static str, &'static str)]) -> Option<u64> {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_static(value));
        }
        size(&headers)
    }

    #[test]
    fn the_size_is_read_from_the_header_or_the_cookie() {
        assert_eq!(read(&[]), None);
        assert_eq!(read(&[("kanae-log-size", "14")]), Some(14));
        assert_eq!(read(&[("cookie", "a=1; kanae-log-size=14")]), Some(14));
        assert_eq!(read(&[("cookie", "kanae-log-size=3"), ("cookie", "kanae-log-size=14")]), Some(14));
        assert_eq!(read(&[("kanae-log-size", "-1"), ("cookie", "kanae-log-size=x")]), None);
        assert_eq!(read(&[("cookie", "not-kanae-log-size=14")]), None);
    }
}
