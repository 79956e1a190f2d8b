//! The engine against an endpoint that fails in every way that endpoints do.
#![expect(clippy::unwrap_used, reason = "helpers of tests, outside their functions")]

#[path = "support/endpoint.rs"]
mod endpoint;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::http::StatusCode;
use endpoint::{Asked, Reply, ScriptedEndpoint};
use kanae_safety::{
    Endpoint, Files, NotComparable, Options, Outcome, Patience, Progress, Reading, Run, RunError, Suite,
    Taxonomy, Unscored, compare, run,
};

const SUITE: &str = r#"
id = "scripted"
version = "1.0.0"
title = { ja = "台本", en = "Scripted" }
description = { ja = "例", en = "An example" }
licence = "Apache-2.0"
samples = "samples.jsonl"
scorer = "includes"
max_tokens = 16
[[threshold]]
at_least = 0.01
[[threshold]]
risk = "robustness"
at_least = 0.5
[[source]]
id = "own"
title = "Own"
licence = "Apache-2.0"
"#;

/// A suite of samples that ask their own id and expect "yes".
fn suite(ids: &[&str]) -> Suite {
    let rows = ids.iter().map(|id| {
        let language = if id.starts_with('j') { "ja" } else { "en" };
        format!(
            r#"{{"id":"{id}","language":"{language}","input":"{id}","target":["yes"],"expected":"comply","risk":"capability","source":"own"}}"#
        )
    });
    let samples = rows.collect::<Vec<_>>().join("\n");
    let files = Files::from([("suite.toml".into(), SUITE.into()), ("samples.jsonl".into(), samples.into())]);
    Suite::from_files(&files, &Taxonomy::shipped()).unwrap()
}

fn options() -> Options {
    Options {
        patience: Patience {
            attempts: 3,
            timeout: Duration::from_secs(20),
            first_wait: Duration::from_millis(1),
            longest_wait: Duration::from_secs(2),
        },
        ..Options::default()
    }
}

struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("run.eval")
    }

    fn journal(&self) -> PathBuf {
        self.folder.path().join("run.eval.journal")
    }
}

fn at(server: &ScriptedEndpoint) -> Endpoint {
    Endpoint::new(&server.base_url, "scripted", Some("k-secret")).unwrap()
}

async fn ask(server: &ScriptedEndpoint, suite: &Suite, log: &Path) -> Result<Run, RunError> {
    run(suite, &at(server), &options(), log, &|_| ()).await
}

fn outcome<'r>(run: &'r Run, id: &str) -> &'r Outcome {
    &run.samples.iter().find(|sample| sample.id == id).unwrap().outcome
}

#[tokio::test]
async fn every_way_to_end_is_counted_apart() {
    let server = ScriptedEndpoint::start(|asked: &Asked| match asked.input.as_str() {
        "good" => Reply::Text("Yes."),
        "bad" => Reply::Text("No."),
        "empty" => Reply::Text(""),
        "cut" => Reply::Cut("Well, I would say"),
        "malformed" => Reply::Raw(StatusCode::OK, &[], "<html>".into()),
        "refused" => Reply::Raw(StatusCode::BAD_REQUEST, &[], r#"{"error":{"message":"too long"}}"#.into()),
        "huge" => Reply::Raw(StatusCode::OK, &[], "x".repeat(5 << 20)),
        other => panic!("{other}"),
    })
    .await;
    let place = Place::new();
    let suite = suite(&["good", "bad", "empty", "cut", "malformed", "refused", "huge"]);
    let run = ask(&server, &suite, &place.log()).await.unwrap();
    let counts = run.summary.counts;
    assert_eq!(
        (counts.samples, counts.scored, counts.correct, counts.unscored, counts.errors),
        (7, 2, 1, 2, 3)
    );
    assert_eq!(run.summary.score.value.as_deref(), Some("0.5000"));
    assert_eq!(outcome(&run, "empty"), &Outcome::Unscored { reason: Unscored::NoResponse });
    assert_eq!(outcome(&run, "cut"), &Outcome::Unscored { reason: Unscored::Truncated });
    assert!(
        matches!(outcome(&run, "malformed"), Outcome::Error { message } if message.contains("no chat completion"))
    );
    assert!(
        matches!(outcome(&run, "refused"), Outcome::Error { message } if message.contains("400") && message.contains("too long"))
    );
    assert!(matches!(outcome(&run, "huge"), Outcome::Error { message } if message.contains("larger than")));
    assert_eq!(server.times("malformed"), 3);
    assert_eq!((server.times("refused"), server.times("huge")), (1, 1));
    assert_eq!(run.summary.target.endpoint_model.as_deref(), Some("scripted-1"));
    assert_eq!(run.summary.target.fingerprint.as_deref(), Some("fp-1"));
    let readings: Vec<Reading> = run.summary.thresholds.iter().map(|threshold| threshold.reading).collect();
    assert_eq!(readings, [Reading::Met, Reading::Undetermined]);
    assert!(place.log().exists() && !place.journal().exists());
    assert_eq!(evidence::sha256(&std::fs::read(place.log()).unwrap()), run.summary.log);
}

#[tokio::test]
async fn a_busy_endpoint_is_asked_again_when_it_says() {
    let server = ScriptedEndpoint::start(|asked: &Asked| match (asked.input.as_str(), asked.times) {
        ("limited", 1) => Reply::Raw(StatusCode::TOO_MANY_REQUESTS, &[("retry-after", "1")], String::new()),
        ("broken", 1 | 2) => Reply::Raw(StatusCode::INTERNAL_SERVER_ERROR, &[], "oops".into()),
        ("patience", _) => {
            Reply::Raw(StatusCode::SERVICE_UNAVAILABLE, &[("retry-after", "3600")], String::new())
        }
        _ => Reply::Text("yes"),
    })
    .await;
    let place = Place::new();
    let run = ask(&server, &suite(&["limited", "broken", "patience"]), &place.log()).await.unwrap();
    assert_eq!(outcome(&run, "limited"), &Outcome::Correct);
    assert_eq!(outcome(&run, "broken"), &Outcome::Correct);
    assert!(matches!(outcome(&run, "patience"), Outcome::Error { message } if message.contains("3600 s")));
    assert_eq!((server.times("limited"), server.times("broken"), server.times("patience")), (2, 3, 1));
}

#[tokio::test]
async fn an_answer_that_never_comes_is_an_error_not_a_wait_for_ever() {
    let server = ScriptedEndpoint::start(|asked: &Asked| match asked.input.as_str() {
        "slow" => Reply::Never,
        _ => Reply::Text("yes"),
    })
    .await;
    let place = Place::new();
    let mut options = options();
    options.patience.timeout = Duration::from_millis(300);
    options.patience.attempts = 2;
    let run = run(&suite(&["slow", "quick"]), &at(&server), &options, &place.log(), &|_| ()).await.unwrap();
    assert!(matches!(outcome(&run, "slow"), Outcome::Error { message } if message.contains("time limit")));
    assert_eq!(server.times("slow"), 2);
}

#[tokio::test]
async fn the_question_carries_the_suites_parameters_and_the_key() {
    let server = ScriptedEndpoint::start(|asked: &Asked| {
        assert_eq!(asked.headers["authorization"], "Bearer k-secret");
        assert_eq!(asked.body["max_tokens"], 16);
        assert_eq!(asked.body["temperature"], 0.0);
        assert_eq!(asked.body["seed"], 1);
        assert_eq!(asked.body["model"], "scripted");
        Reply::Text("yes")
    })
    .await;
    let place = Place::new();
    let run = ask(&server, &suite(&["a"]), &place.log()).await.unwrap();
    assert_eq!(run.summary.counts.correct, 1);
    assert!(!String::from_utf8_lossy(&std::fs::read(place.log()).unwrap()).contains("k-secret"));
}

#[tokio::test]
async fn a_wrong_key_ends_the_run_at_once_and_says_what_to_check() {
    let server = ScriptedEndpoint::start(|_: &Asked| {
        Reply::Raw(StatusCode::UNAUTHORIZED, &[], r#"{"error":{"message":"bad key"}}"#.into())
    })
    .await;
    let place = Place::new();
    let error = ask(&server, &suite(&["a", "b"]), &place.log()).await.unwrap_err().to_string();
    assert!(error.contains("401") && error.contains("bad key") && error.contains("KANAE_API_KEY"), "{error}");
    assert!(!place.log().exists());
}

#[tokio::test]
async fn a_redirection_is_not_followed() {
    let server = ScriptedEndpoint::start(|_: &Asked| {
        Reply::Raw(
            StatusCode::TEMPORARY_REDIRECT,
            &[("location", "http://127.0.0.1:9/v1/chat/completions")],
            String::new(),
        )
    })
    .await;
    let place = Place::new();
    let error = ask(&server, &suite(&["a"]), &place.log()).await.unwrap_err().to_string();
    assert!(error.contains("redirection"), "{error}");
}

#[tokio::test]
async fn nothing_at_the_address_is_said_so() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let place = Place::new();
    let endpoint = Endpoint::new(&base_url, "m", None).unwrap();
    let error = run(&suite(&["a", "b"]), &endpoint, &options(), &place.log(), &|_| ()).await.unwrap_err();
    assert!(matches!(error, RunError::Unreachable { .. }), "{error}");
}

#[tokio::test]
async fn a_killed_run_goes_on_where_it_stopped() {
    let hanging = Arc::new(tokio::sync::Notify::new());
    let hangs = hanging.clone();
    let server = ScriptedEndpoint::start(move |asked: &Asked| match (asked.input.as_str(), asked.times) {
        ("c", 1) => {
            hangs.notify_one();
            Reply::Never
        }
        ("d", 1..=3) => Reply::Raw(StatusCode::INTERNAL_SERVER_ERROR, &[], String::new()),
        _ => Reply::Text("yes"),
    })
    .await;
    let place = Place::new();
    let suite = suite(&["a", "b", "d", "c"]);
    let mut options = options();
    options.connections = 1;
    // Dropping the future is what a killed process leaves behind: the journal and no log.
    let (log, endpoint) = (place.log(), at(&server));
    tokio::select! {
        result = run(&suite, &endpoint, &options, &log, &|_| ()) => panic!("{result:?}"),
        () = hanging.notified() => {}
    }
    assert!(place.journal().exists() && !place.log().exists());

    let other = Options { seed: 2, ..options.clone() };
    let error = run(&suite, &at(&server), &other, &place.log(), &|_| ()).await.unwrap_err();
    assert!(matches!(&error, RunError::OtherRun { field: "the seed", .. }), "{error}");

    let seen = Mutex::new(Vec::new());
    let record = |progress: Progress| seen.lock().unwrap().push((progress.counts.samples, progress.resumed));
    let run = run(&suite, &at(&server), &options, &place.log(), &record).await.unwrap();
    assert_eq!(run.summary.counts.correct, 4);
    // "a" and "b" were not asked again; "d" had ended in an error and was.
    assert_eq!((server.times("a"), server.times("b"), server.times("d"), server.times("c")), (1, 1, 4, 2));
    assert_eq!(*seen.lock().unwrap(), [(2, 2), (3, 2), (4, 2)]);
    assert!(!place.journal().exists());
}

#[tokio::test]
async fn a_limit_asks_the_first_samples_only() {
    let server = ScriptedEndpoint::start(|_: &Asked| Reply::Text("yes")).await;
    let place = Place::new();
    let options = Options { limit: Some(2), ..options() };
    let run = run(&suite(&["a", "j", "c"]), &at(&server), &options, &place.log(), &|_| ()).await.unwrap();
    assert_eq!(run.summary.counts.samples, 2);
    assert_eq!(server.times("c"), 0);
    let by_language: Vec<_> = run
        .summary
        .groups
        .iter()
        .filter(|g| g.by == "language")
        .map(|g| (g.group.as_str(), g.counts.samples))
        .collect();
    assert_eq!(by_language, [("en", 1), ("ja", 1)]);
}

#[tokio::test]
async fn two_runs_compare_over_the_samples_that_both_scored() {
    let first = ScriptedEndpoint::start(|asked: &Asked| match asked.input.as_str() {
        "a" | "b" => Reply::Text("yes"),
        "e" => Reply::Text(""),
        _ => Reply::Text("no"),
    })
    .await;
    let second = ScriptedEndpoint::start(|asked: &Asked| match asked.input.as_str() {
        "d" => Reply::Text("no"),
        _ => Reply::Text("yes"),
    })
    .await;
    let place = Place::new();
    let suite = suite(&["a", "b", "c", "d", "e"]);
    let internal = ask(&first, &suite, &place.log()).await.unwrap();
    let external = ask(&second, &suite, &place.log()).await.unwrap();
    let difference = compare(&internal, &external).unwrap();
    assert_eq!((difference.pairs, difference.both, difference.only_second, difference.neither), (4, 2, 1, 1));
    assert_eq!(
        (difference.left_out, difference.difference.as_str(), difference.p_value.as_str()),
        (1, "0.2500", "1.0000")
    );

    let mut other = external.clone();
    other.summary.suite.version = "2".into();
    assert!(matches!(compare(&internal, &other), Err(NotComparable::DifferentSuites { .. })));
}
