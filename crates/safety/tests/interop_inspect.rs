//! Inspect 0.3.285 opens the log that Kanae writes, and reads in it what Kanae counted.

#[path = "support/endpoint.rs"]
#[expect(dead_code, reason = "the engine's tests use the rest of it")]
mod endpoint;

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use axum::http::StatusCode;
use endpoint::{Asked, Reply, ScriptedEndpoint};
use kanae_safety::{Endpoint, Files, Options, Patience, Suite, Taxonomy, run};
use serde_json::{Value, json};

const READ: &str = r#"
import json, math, sys
from inspect_ai.log import read_eval_log, read_eval_log_sample, read_eval_log_sample_summaries
path = sys.argv[1]
log = read_eval_log(path)
again = read_eval_log(path, header_only=True)
def value(scores):
    if not scores:
        return None
    v = scores["kanae"].value
    return "unscored" if isinstance(v, float) and math.isnan(v) else v
def short(score):
    return (score.reason if score else None)
metrics = {k: round(m.value, 4) for k, m in log.results.scores[0].metrics.items()}
print(json.dumps({
    "status": log.status, "task": log.eval.task, "model": log.eval.model, "version": log.version,
    "stable_ids": [log.eval.eval_id, log.eval.run_id, log.eval.task_id] == [again.eval.eval_id, again.eval.run_id, again.eval.task_id],
    "limit": log.eval.config.limit, "seed": log.plan.config.seed,
    "results": [log.results.total_samples, log.results.completed_samples, log.results.scores[0].scored_samples, log.results.scores[0].unscored_samples],
    "metrics": metrics,
    "usage": log.stats.model_usage["scripted"].total_tokens,
    "samples": [[s.id, value(s.scores), s.error.message if s.error else None, s.output.completion, s.output.stop_reason if s.output.choices else None, len(s.messages), s.metadata["language"]] for s in log.samples],
    "reasons": [s.scores["kanae"].reason for s in log.samples if s.scores],
    "summaries": [[s.id, value(s.scores), s.error, s.completed, s.retries] for s in read_eval_log_sample_summaries(path)],
    "one": read_eval_log_sample(path, id="bad", epoch=1).scores["kanae"].explanation,
}))
"#;

fn python() -> PathBuf {
    let python = std::env::var_os("KANAE_PEERS").map(|peers| PathBuf::from(peers).join("python/bin/python"));
    python.filter(|python| python.exists()).expect("no Python peer: run `cargo xtask test interop`")
}

#[tokio::test]
async fn inspect_reads_status_scores_samples_and_what_was_not_scored() {
    let python = python();
    let suite_toml = r#"
id = "interop"
version = "1.0.0"
title = { ja = "相互運用", en = "Interop" }
description = { ja = "例", en = "An example" }
licence = "Apache-2.0"
samples = "samples.jsonl"
scorer = "includes"
system_prompt = "簡潔に答えてください。"
max_tokens = 16
[[source]]
id = "own"
title = "Own"
licence = "Apache-2.0"
"#;
    let samples: Vec<String> = ["good", "bad", "empty", "error", "beyond"]
        .iter()
        .map(|id| {
            json!({"id": id, "language": "ja", "input": format!("質問 {id}"), "target": ["はい"], "expected": "comply",
                "risk": "capability", "source": "own"})
            .to_string()
        })
        .collect();
    let files = Files::from([
        ("suite.toml".into(), suite_toml.into()),
        ("samples.jsonl".into(), samples.join("\n").into()),
    ]);
    let suite = Suite::from_files(&files, &Taxonomy::shipped()).unwrap();
    let server = ScriptedEndpoint::start(|asked: &Asked| match asked.input.as_str() {
        "質問 good" => Reply::Text("はい、そうです。"),
        "質問 bad" => Reply::Cut("申し訳ありませんが、お答えできません。"),
        "質問 empty" => Reply::Text(""),
        _ => Reply::Raw(StatusCode::INTERNAL_SERVER_ERROR, &[], "down".into()),
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("interop.eval");
    let endpoint = Endpoint::new(&server.base_url, "scripted", None).unwrap();
    let patience = Patience { attempts: 2, first_wait: Duration::from_millis(1), ..Patience::default() };
    let options = Options { limit: Some(4), seed: 7, patience, ..Options::default() };
    let run = run(&suite, &endpoint, &options, &log, &|_| ()).await.unwrap();
    assert_eq!(run.summary.counts.errors, 1);

    let output = Command::new(python).arg("-c").arg(READ).arg(&log).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    insta::assert_json_snapshot!(found);
}
