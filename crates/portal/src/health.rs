//! Whether the node can do its work: for balancers, and for whoever is called at night.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Json, Router};
use evidence::Timestamp;
use serde_json::{Map, json};

use crate::state::App;

/// An answer holds for so long: anybody may ask.
const HOLDS: Duration = Duration::from_secs(1);
/// What does not answer for so long does not answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Returns the routes of health.
pub(crate) fn routes() -> Router<App> {
    Router::new().route("/health/live", get(live)).route("/health/ready", get(ready))
}

/// A part of the node, and since when it fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) name: &'static str,
    pub(crate) failing_since: Option<Timestamp>,
}

/// What was last found.
#[derive(Debug, Default)]
pub(crate) struct Readiness {
    found: Mutex<Option<(Instant, Vec<Part>)>>,
    asking: Arc<AtomicBool>,
}

impl Readiness {
    fn last(&self) -> Option<(Instant, Vec<Part>)> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns every part as it is now, or was a moment ago.
    pub(crate) async fn parts(&self, app: &App) -> Vec<Part> {
        let last = self.last();
        if let Some((at, parts)) = &last
            && at.elapsed() < HOLDS
        {
            return parts.clone();
        }
        let ready = self.ask(app).await;
        let before = |name: &str| {
            let (_, parts) = last.as_ref()?;
            parts.iter().find(|part| part.name == name)?.failing_since
        };
        let now = app.now();
        let parts: Vec<Part> = ready
            .into_iter()
            .map(|(name, ready)| Part {
                name,
                failing_since: if ready { None } else { Some(before(name).unwrap_or(now)) },
            })
            .collect();
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        *found = Some((Instant::now(), parts.clone()));
        parts
    }

    /// Asks every part. One question is under way at most: where a database hangs, questions to it must
    /// not pile up.
    async fn ask(&self, app: &App) -> Vec<(&'static str, bool)> {
        let names = ["database", "sequencer"].into_iter().chain(app.desk().map(|_| "desk"));
        let nothing = || names.clone().map(|name| (name, false)).collect();
        if self.asking.swap(true, Ordering::AcqRel) {
            return match self.last() {
                Some((_, parts)) => parts.iter().map(|p| (p.name, p.failing_since.is_none())).collect(),
                None => nothing(),
            };
        }
        let (app, asking) = (app.clone(), Arc::clone(&self.asking));
        let question = tokio::task::spawn_blocking(move || {
            let health = app.node().health();
            let desk = app.desk().map(|desk| ("desk", desk.has_administrator().is_ok()));
            asking.store(false, Ordering::Release);
            let node = [("database", health.database), ("sequencer", health.sequencer)];
            node.into_iter().chain(desk).collect()
        });
        match tokio::time::timeout(PATIENCE, question).await {
            Ok(Ok(parts)) => parts,
            _ => nothing(),
        }
    }
}

/// The process answers.
async fn live() -> Response {
    ([(header::CACHE_CONTROL, "no-store")], Json(json!({ "live": true }))).into_response()
}

/// The node can do its work, or which part of it cannot, and since when. Why stands in the log only.
async fn ready(State(app): State<App>) -> Response {
    let parts = app.readiness().parts(&app).await;
    let is_ready = parts.iter().all(|part| part.failing_since.is_none());
    let parts: Map<String, serde_json::Value> = parts
        .into_iter()
        .map(|part| {
            let state = match part.failing_since {
                None => json!({ "ready": true }),
                Some(since) => json!({ "ready": false, "since": since }),
            };
            (part.name.to_owned(), state)
        })
        .collect();
    let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body = Json(json!({ "ready": is_ready, "parts": parts }));
    (status, [(header::CACHE_CONTROL, "no-store")], body).into_response()
}
