//! What whoever runs the node sees: metrics and health.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use desk::account::Function;
use desk::records::{Record, SqliteRecords};
use desk::{Change, Records, RecordsError};
use evidence::predicate::{Example as _, Model};

use super::{Browser, Site};

/// One line of an exposition: the name, its labels, its value.
struct Sample {
    name: String,
    labels: BTreeMap<String, String>,
    value: f64,
}

impl Site {
    async fn watched(&self, path: &str) -> (u16, String) {
        let response = self.http.get(format!("{}{path}", self.watch)).send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }

    /// Scrapes the metrics, and reads every line of them.
    async fn scrape(&self) -> (String, Vec<Sample>) {
        let (status, text) = self.watched("/metrics").await;
        assert_eq!(status, 200);
        assert!(text.ends_with("# EOF\n"));
        let samples = text.lines().filter(|line| !line.starts_with('#')).map(sample).collect();
        (text, samples)
    }
}

fn sample(line: &str) -> Sample {
    let (head, value) = line.rsplit_once(' ').unwrap();
    let (name, labels) = match head.split_once('{') {
        Some((name, labels)) => (name, labels.strip_suffix('}').unwrap()),
        None => (head, ""),
    };
    // Routes have braces and no commas or quotes.
    let labels = labels.split(',').filter(|pair| !pair.is_empty()).map(|pair| {
        let (key, value) = pair.split_once('=').unwrap();
        (key.to_owned(), value.trim_matches('"').to_owned())
    });
    Sample { name: name.to_owned(), labels: labels.collect(), value: value.parse().unwrap() }
}

fn value(samples: &[Sample], name: &str, label: Option<(&str, &str)>) -> f64 {
    let fits = |sample: &&Sample| {
        sample.name == name
            && label.is_none_or(|(key, value)| sample.labels.get(key).is_some_and(|v| v == value))
    };
    let found: Vec<_> = samples.iter().filter(fits).collect();
    assert_eq!(found.len(), 1, "{name} {label:?}");
    found[0].value
}

#[tokio::test]
async fn metrics_count_by_route_and_never_by_what_a_caller_chooses() {
    let site = Site::start().await;
    let world = &site.world;
    let (_, before) = site.scrape().await;
    let model = world.record(&world.developer, Model::example(), world.developer.id).await;
    let draft: &[Function] = &[Function::Draft];
    let browser = site.member("Hana Yamada", Some((world.developer.id, None, draft)));
    let mut ids = vec![model.to_string(), browser.account.clone(), browser.cookie.clone().unwrap()];
    for _ in 0..5 {
        let id = site.draft("public-report", world.developer.id, model, &browser);
        assert_eq!(site.get(&browser, &format!("/en/desk/drafts/{id}")).await.status, 200);
        ids.push(id);
    }
    site.get(&browser, &format!("/en/statements/{model}")).await;
    for number in 0..20 {
        site.get(&Browser::default(), &format!("/en/invented-{number}?q=secret-{number}")).await;
        site.get(&Browser::default(), &format!("/assets/invented-{number}")).await;
        let method = reqwest::Method::from_bytes(format!("INVENTED{number}").as_bytes()).unwrap();
        site.http.request(method, format!("{}/en/", site.url)).send().await.unwrap();
    }
    let (text, after) = site.scrape().await;
    let series: BTreeSet<_> = after.iter().filter_map(|sample| sample.labels.get("route")).collect();
    for id in &ids {
        assert!(!text.contains(id.as_str()), "{id}");
    }
    for word in ["Hana", "invented", "INVENTED", "secret-"] {
        assert!(!text.contains(word), "{word}");
    }
    let drafts = Some(("route", "/{language}/desk/drafts/{id}"));
    assert!((value(&after, "kanae_http_requests_total", drafts) - 5.0).abs() < f64::EPSILON);
    assert!((value(&after, "kanae_http_request_seconds_count", drafts) - 5.0).abs() < f64::EPSILON);
    assert!(series.iter().all(|route| route.starts_with('/') || *route == "none"), "{series:?}");
    assert!(after.iter().filter(|s| s.labels.contains_key("method")).count() < 20);
    let grown = |name: &str| value(&after, name, None) - value(&before, name, None);
    assert!((grown("kanae_batches_total") - 1.0).abs() < f64::EPSILON);
    assert!((grown("kanae_entries_total") - 1.0).abs() < f64::EPSILON);
    assert!((grown("kanae_commit_seconds_count") - 1.0).abs() < f64::EPSILON);
    assert!((grown("kanae_log_size") - 1.0).abs() < f64::EPSILON);
    assert!((value(&after, "kanae_sessions", None) - 1.0).abs() < f64::EPSILON);
    assert!((value(&after, "kanae_ready", Some(("part", "desk"))) - 1.0).abs() < f64::EPSILON);
    for name in ["kanae_checkpoint_timestamp_seconds", "process_start_time_seconds"] {
        assert!(value(&after, name, None) > 1.0e9, "{name}");
    }
}

#[tokio::test]
async fn metrics_are_not_on_the_public_port() {
    let site = Site::start().await;
    assert_eq!(site.get(&Browser::default(), "/metrics").await.status, 404);
    assert_eq!(site.watched("/en/").await.0, 404);
    assert_eq!(site.watched("/health/live").await.0, 200);
}

#[tokio::test]
async fn whoever_asks_too_often_is_counted() {
    let site = Site::start().await;
    for _ in 0..260 {
        let fields = BTreeMap::new();
        site.send(&Browser::default(), "/en/sign-in/passkey", &fields, &[("sec-fetch-site", "cross-site")])
            .await;
    }
    let (_, samples) = site.scrape().await;
    assert!(value(&samples, "kanae_http_requests_limited_total", None) >= 1.0);
}

/// Records that can be made to fail.
struct Failing {
    records: SqliteRecords,
    fails: AtomicBool,
}

impl Failing {
    fn check(&self) -> Result<(), RecordsError> {
        if self.fails.load(Ordering::Relaxed) {
            return Err(RecordsError::Database { doing: "be read", source: "/secret/path is gone".into() });
        }
        Ok(())
    }
}

impl Records for Failing {
    fn get(&self, kind: &str, id: &str) -> Result<Option<Record>, RecordsError> {
        self.check()?;
        self.records.get(kind, id)
    }

    fn find(
        &self,
        kind: &str,
        key: &str,
        value: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Record>, RecordsError> {
        self.check()?;
        self.records.find(kind, key, value, after, limit)
    }

    fn write(&self, changes: &[Change]) -> Result<(), RecordsError> {
        self.check()?;
        self.records.write(changes)
    }
}

#[tokio::test]
async fn health_says_which_part_fails_and_since_when_and_never_why() {
    let records = SqliteRecords::in_memory().unwrap();
    let records = Arc::new(Failing { records, fails: AtomicBool::new(false) });
    let site = Site::start_on(Arc::<Failing>::clone(&records), |app, _| app).await;
    let ready = async || {
        // An answer holds for a second.
        tokio::time::sleep(Duration::from_millis(1_050)).await;
        let answer = site.get(&Browser::default(), "/health/ready").await;
        let body: serde_json::Value = serde_json::from_str(&answer.text).unwrap();
        (answer.status, body)
    };
    let (status, body) = ready().await;
    assert_eq!((status, &body["ready"]), (200, &true.into()));
    assert_eq!(body["parts"]["sequencer"]["ready"], true);
    records.fails.store(true, Ordering::Relaxed);
    let began = site.world.node().now();
    let (status, body) = ready().await;
    assert_eq!((status, &body["parts"]["desk"]["ready"]), (503, &false.into()));
    site.world.clock.advance_millis(60_000);
    let (_, body) = ready().await;
    assert_eq!(body["parts"]["desk"]["since"], serde_json::json!(began), "since it began to fail");
    assert!(!body.to_string().contains("secret") && body["parts"]["database"]["ready"] == true);
    assert_eq!(site.get(&Browser::default(), "/health/live").await.status, 200);
    let (_, samples) = site.scrape().await;
    assert!(value(&samples, "kanae_ready", Some(("part", "desk"))).abs() < f64::EPSILON);
    records.fails.store(false, Ordering::Relaxed);
    assert_eq!(ready().await.0, 200);
}
