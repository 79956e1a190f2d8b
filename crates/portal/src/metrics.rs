//! What the portal counts, in the format that Prometheus reads (OpenMetrics 1.0).
//!
//! Labels come from lists that the program knows: the templates of routes, methods, status codes. Nothing
//! that a caller chooses becomes one, and nothing says who somebody is.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicU64;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use desk::notice::Delivery;
use desk::records::MAX_FOUND;
use desk::{Desk, DeskError, Kept, Session, Versioned};
use node::Node;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::state::App;

/// Upper bounds of what an answer takes, in seconds.
const BOUNDS: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5, 10.0];

/// Documents that are counted at most, by pages of [`MAX_FOUND`].
const MAX_PAGES: usize = 10;

/// What is asked for, where no route fits.
const NO_ROUTE: &str = "none";

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    method: &'static str,
    route: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByRoute {
    route: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByState {
    state: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByPart {
    part: &'static str,
}

type Float = Gauge<f64, AtomicU64>;

/// What is counted, and the registry in which all of it stands.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<Answered, Counter>,
    seconds: Family<ByRoute, Histogram, fn() -> Histogram>,
    /// Requests that were refused because their address had made too many.
    pub(crate) limited: Counter,
    size: Gauge,
    checkpoint: Float,
    queue: Gauge,
    ready: Family<ByPart, Gauge>,
    sessions: Gauge,
    deliveries: Family<ByState, Gauge>,
    memory: Gauge,
    /// The gauges are set and read by one scrape at a time.
    scrape: Mutex<()>,
}

impl Metrics {
    pub(crate) fn new(node: &Node) -> Self {
        let mut registry = Registry::default();
        let kanae = registry.sub_registry_with_prefix("kanae");
        node.register_measures(kanae);
        let requests = Family::default();
        let histogram: fn() -> Histogram = || Histogram::new(BOUNDS);
        let seconds = Family::new_with_constructor(histogram);
        let limited = Counter::default();
        let (size, checkpoint, queue) = (Gauge::default(), Float::default(), Gauge::default());
        let (ready, sessions, deliveries) = (Family::default(), Gauge::default(), Family::default());
        let memory = Gauge::default();
        kanae.register("http_requests", "Answers, by route and status", Family::clone(&requests));
        let help = "From the request to the answer's head";
        kanae.register_with_unit("http_request", help, Unit::Seconds, Family::clone(&seconds));
        let help = "Requests refused because their address had made too many";
        kanae.register("http_requests_limited", help, limited.clone());
        kanae.register("log_size", "Entries of the log that are published", size.clone());
        let help = "When the published checkpoint was written, since 1970";
        kanae.register_with_unit("checkpoint_timestamp", help, Unit::Seconds, checkpoint.clone());
        kanae.register("submissions_in_flight", "Submissions being made or waiting", queue.clone());
        kanae.register("ready", "Whether a part of the node can do its work", Family::clone(&ready));
        kanae.register("sessions", "Sessions that hold, ten thousand at most", sessions.clone());
        let help = "Notices on their way: waiting, failed and waiting again, given up and kept";
        kanae.register("deliveries", help, Family::clone(&deliveries));
        let process = registry.sub_registry_with_prefix("process");
        process.register_with_unit("resident_memory", "Memory in use", Unit::Bytes, memory.clone());
        let started = Float::default();
        started.set(seconds_since_1970(SystemTime::now()));
        process.register_with_unit(
            "start_time",
            "When the process began, since 1970",
            Unit::Seconds,
            started,
        );
        Self {
            registry,
            requests,
            seconds,
            limited,
            size,
            checkpoint,
            queue,
            ready,
            sessions,
            deliveries,
            memory,
            scrape: Mutex::new(()),
        }
    }

    /// Sets what is looked up rather than counted, and writes all of it.
    fn write(&self, app: &App) -> Result<String, std::fmt::Error> {
        let _one = self.scrape.lock().unwrap_or_else(PoisonError::into_inner);
        self.size.set(signed(app.view().head.size));
        let published = std::fs::metadata(app.node().log_folder().join("checkpoint"));
        if let Ok(written) = published.and_then(|file| file.modified()) {
            self.checkpoint.set(seconds_since_1970(written));
        }
        self.queue.set(i64::try_from(app.node().queue()).unwrap_or(i64::MAX));
        if let Some(memory) = resident_memory() {
            self.memory.set(signed(memory));
        }
        if let Some(desk) = app.desk()
            && let Err(error) = self.look_at(desk, app)
        {
            tracing::warn!(%error, "the desk cannot be counted");
        }
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &self.registry)?;
        Ok(text)
    }

    fn look_at(&self, desk: &Desk, app: &App) -> Result<(), DeskError> {
        let now = app.now();
        self.sessions.set(count(desk, "all", |session: &Session| session.holds(now))?);
        let set = |state, number| self.deliveries.get_or_create(&ByState { state }).set(number);
        let waiting = count(desk, "open", |delivery: &Delivery| delivery.attempts.is_empty())?;
        let retrying = count(desk, "open", |delivery: &Delivery| !delivery.attempts.is_empty())?;
        set("waiting", waiting);
        set("retrying", retrying);
        set("given_up", count(desk, "given-up", |_: &Delivery| true)?);
        Ok(())
    }
}

/// Counts documents that are found by a word, within bounds.
fn count<T: Kept>(desk: &Desk, word: &str, counts: impl Fn(&T) -> bool) -> Result<i64, DeskError> {
    let (mut sum, mut after) = (0, None::<String>);
    for _ in 0..MAX_PAGES {
        let found: Vec<Versioned<T>> = desk.list(word, "", after.as_deref(), MAX_FOUND)?;
        sum += found.iter().filter(|one| counts(one)).count();
        match found.last() {
            Some(last) if found.len() == MAX_FOUND => after = Some(last.id().to_owned()),
            _ => break,
        }
    }
    Ok(i64::try_from(sum).unwrap_or(i64::MAX))
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn seconds_since_1970(time: SystemTime) -> f64 {
    time.duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}

/// Returns the process's memory in bytes, where the system tells.
fn resident_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}

/// Counts a request and its answer. Its route is the template, never the path.
pub(crate) async fn count_request(State(app): State<App>, request: Request, next: Next) -> Response {
    let method = method_of(request.method());
    let route = request.extensions().get::<MatchedPath>().map_or(NO_ROUTE, MatchedPath::as_str).to_owned();
    let started = Instant::now();
    let response = next.run(request).await;
    let metrics = app.metrics();
    let took = started.elapsed().as_secs_f64();
    metrics.seconds.get_or_create(&ByRoute { route: route.clone() }).observe(took);
    metrics.requests.get_or_create(&Answered { method, route, status: response.status().as_u16() }).inc();
    response
}

/// Returns a method by its name; a caller may invent any.
fn method_of(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// Returns the routes of metrics.
pub(crate) fn routes() -> Router<App> {
    Router::new().route("/metrics", get(show))
}

async fn show(State(app): State<App>) -> Response {
    for part in app.readiness().parts(&app).await {
        let ready = i64::from(part.failing_since.is_none());
        app.metrics().ready.get_or_create(&ByPart { part: part.name }).set(ready);
    }
    let written = tokio::task::spawn_blocking(move || app.metrics().write(&app)).await;
    match written {
        Ok(Ok(text)) => {
            let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            ([(header::CONTENT_TYPE, kind)], text).into_response()
        }
        problem => {
            tracing::error!(?problem, "metrics could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
