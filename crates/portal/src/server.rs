//! Serving: routes, bounds, and an end in good order.

use std::any::Any;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::Method;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;
use tower::limit::GlobalConcurrencyLimitLayer;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;

use crate::problem::{Kind, Problem};
use crate::state::App;
use crate::{api, feed, headers, health, log_files, metrics, pages, seen};

/// Requests that are worked on at once; the others wait.
const CONCURRENCY: usize = 512;
/// The longest that a request may take, its body included.
const TIMEOUT: Duration = Duration::from_mins(1);
/// How long open requests may go on once the end has been asked for.
const GRACE: Duration = Duration::from_secs(10);

/// Returns everything that the portal serves.
pub fn router(app: App) -> Router {
    let log = log_files::routes().route_layer(from_fn(headers::tagged)).route_layer(from_fn(headers::share));
    Router::new()
        .merge(pages::routes())
        .merge(feed::routes())
        .merge(api::routes())
        .layer(CompressionLayer::new())
        .merge(log)
        .merge(health::routes())
        .layer(from_fn_with_state(app.clone(), seen::follow))
        .layer(from_fn_with_state(app.clone(), limited))
        .layer(from_fn(timed))
        .layer(GlobalConcurrencyLimitLayer::new(CONCURRENCY))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn(headers::secure))
        .layer(from_fn_with_state(app.clone(), metrics::count_request))
        .with_state(app)
}

/// Serves until `shutdown` is done, then lets open requests finish within bounds.
pub async fn serve(
    listener: TcpListener,
    app: App,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    // Whoever searches first need not wait for the whole register to be read.
    let ready = app.clone();
    tokio::task::spawn_blocking(move || ready.memory().index(&ready.view()));
    let service = router(app).into_make_service_with_connect_info::<SocketAddr>();
    let (asked, mut ending) = tokio::sync::watch::channel(false);
    let end = async move {
        shutdown.await;
        // Nobody waits any more where the server has failed already.
        let _ = asked.send(true);
    };
    let serving = axum::serve(listener, service).with_graceful_shutdown(end);
    tokio::select! {
        done = async { serving.await } => done,
        () = async {
            // The sender is gone only when the server is, and then the other branch is taken.
            if ending.wait_for(|ending| *ending).await.is_ok() {
                tokio::time::sleep(GRACE).await;
            } else {
                std::future::pending::<()>().await;
            }
        } => {
            tracing::warn!("requests were still open after {} s and are dropped", GRACE.as_secs());
            Ok(())
        }
    }
}

/// Serves metrics and health, on an address that the public does not reach, until `shutdown` is done.
pub async fn serve_metrics(
    listener: TcpListener,
    app: App,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let router = metrics::routes().merge(health::routes()).layer(from_fn(timed)).with_state(app);
    axum::serve(listener, router).with_graceful_shutdown(shutdown).await
}

async fn timed(request: Request, next: Next) -> Response {
    match tokio::time::timeout(TIMEOUT, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::new(Kind::Unavailable, format_args!("no answer within {} s", TIMEOUT.as_secs()))
            .hint("try again later; submitting the same statement again is safe")
            .into_response(),
    }
}

/// Counts what changes something, by address.
async fn limited(State(app): State<App>, request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return next.run(request).await;
    }
    let of_public = pages::is_public_form(request.uri().path()).then(|| app.public_forms());
    let limits = [of_public, Some(app.limits())];
    let now = Instant::now();
    match address(&app, &request) {
        Some(address) if !limits.into_iter().flatten().all(|limits| limits.allow(address, now)) => {
            app.metrics().limited.inc();
            Problem::new(Kind::TooMany, "this address has made too many submissions in a short time")
                .hint("wait for the time in Retry-After; several statements fit into one submission")
                .into_response()
        }
        _ => next.run(request).await,
    }
}

fn address(app: &App, request: &Request) -> Option<IpAddr> {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
    if !app.is_behind_proxy() {
        return peer;
    }
    let forwarded = request.headers().get_all("x-forwarded-for").iter().next_back()?;
    let last = forwarded.to_str().ok().and_then(|list| list.rsplit(',').next()?.trim().parse().ok());
    last.or(peer)
}

#[expect(clippy::needless_pass_by_value, reason = "the signature that the layer asks for")]
fn panicked(cause: Box<dyn Any + Send + 'static>) -> Response {
    let cause = cause
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| cause.downcast_ref::<&str>().copied())
        .unwrap_or("unknown");
    Problem::internal(format_args!("a handler panicked: {cause}")).into_response()
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;

    use super::*;

    #[tokio::test]
    async fn a_panic_is_answered_and_its_cause_stays_inside() {
        let response = panicked(Box::new("the secret cause"));
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        let body = axum::body::to_bytes(response.into_body(), 4096).await.unwrap();
        assert!(!String::from_utf8_lossy(&body).contains("secret"));
    }
}
