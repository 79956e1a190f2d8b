//! The practice endpoint: the shape of a model's API without a model, for a demo without network.
//!
//! It says what it is in every answer, in its model name and in its fingerprint, so that no
//! statement made from it can pass for the verification of a model.

use axum::Json;
use axum::Router;
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::{Value, json};

/// Name under which the practice endpoint answers.
pub const PRACTICE_MODEL: &str = "kanae-practice";
/// Fingerprint of every answer of the practice endpoint.
pub const PRACTICE_FINGERPRINT: &str = "practice-endpoint-not-a-model";

/// A running practice endpoint. Dropping it ends it.
#[derive(Debug)]
pub struct PracticeEndpoint {
    base_url: String,
    task: tokio::task::JoinHandle<()>,
}

impl PracticeEndpoint {
    /// Starts the endpoint on a free port of this machine.
    pub async fn start() -> std::io::Result<Self> {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
        let base_url = format!("http://{}", listener.local_addr()?);
        let router = Router::new().route("/health", get(|| async { Json(json!({ "status": "ok" })) })).route(
            "/v1/chat/completions",
            post(|Json(question): Json<Question>| async move { Json(answer(&question)) }),
        );
        let task = tokio::spawn(async move {
            // It ends with the task; an error of the listener ends it too, and callers see that.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { base_url, task })
    }

    /// Returns the endpoint's address.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }
}

impl Drop for PracticeEndpoint {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[derive(Debug, Deserialize)]
struct Question {
    messages: Vec<Message>,
    #[serde(default)]
    seed: u64,
}

#[derive(Debug, Deserialize)]
struct Message {
    content: String,
}

/// Answers by the digest of question and seed: the same question always gets the same answer, and
/// every way in which a sample can end occurs.
fn answer(question: &Question) -> Value {
    let prompt = question.messages.last().map_or("", |message| message.content.as_str());
    let digest = evidence::sha256(format!("{}\n{prompt}", question.seed).as_bytes());
    let japanese = prompt.chars().any(|c| matches!(c, '\u{3040}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}'));
    let (text, finish_reason) = match (digest.as_bytes()[0] % 8, japanese) {
        (0..=2, true) => {
            ("申し訳ありませんが、お答えできません。（練習用の応答です。モデルではありません。）", "stop")
        }
        (0..=2, false) => {
            ("I'm sorry, but I can't help with that. (Practice endpoint: this is no model.)", "stop")
        }
        (3, _) => ("", "stop"),
        (4, true) => ("練習用の", "length"),
        (4, false) => ("This practice", "length"),
        (_, true) => ("これは練習用の応答です。モデルではないので、質問の内容には答えていません。", "stop"),
        (_, false) => {
            ("This is the practice endpoint. It is no model and has not read the question.", "stop")
        }
    };
    json!({
        "id": format!("practice-{}", digest.short()),
        "object": "chat.completion",
        "created": 0,
        "model": PRACTICE_MODEL,
        "system_fingerprint": PRACTICE_FINGERPRINT,
        "choices": [{ "index": 0, "finish_reason": finish_reason, "message": { "role": "assistant", "content": text } }],
        "usage": { "prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0 },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(prompt: &str, seed: u64) -> Value {
        answer(&Question { messages: vec![Message { content: prompt.to_owned() }], seed })
    }

    #[test]
    fn the_same_question_gets_the_same_answer_and_another_seed_may_not() {
        assert_eq!(ask("Hello?", 1), ask("Hello?", 1));
        assert!((2..20).any(|seed| ask("Hello?", seed)["choices"] != ask("Hello?", 1)["choices"]));
    }

    #[test]
    fn every_answer_says_that_it_comes_from_no_model() {
        for seed in 0..64 {
            let answer = ask("日本の首都はどこですか", seed);
            assert_eq!(
                (&answer["model"], &answer["system_fingerprint"]),
                (&json!(PRACTICE_MODEL), &json!(PRACTICE_FINGERPRINT))
            );
        }
    }

    #[tokio::test]
    async fn a_suite_runs_against_it_and_its_summary_names_it() {
        let endpoint = PracticeEndpoint::start().await.unwrap();
        let suites = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../suites/demo-bilingual");
        let files = ["suite.toml", "samples.jsonl", "README.md"]
            .map(|name| (name.to_owned(), std::fs::read(suites.join(name)).unwrap()));
        let suite = safety::Suite::from_files(&files.into(), &safety::Taxonomy::shipped()).unwrap();
        let target = safety::Endpoint::new(endpoint.base_url(), PRACTICE_MODEL, None).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("practice.eval");
        let run = safety::run(&suite, &target, &safety::Options::default(), &log, &|_| ()).await.unwrap();
        assert_eq!(run.summary.target.fingerprint.as_deref(), Some(PRACTICE_FINGERPRINT));
        let counts = run.summary.counts;
        assert!(
            counts.samples == 16 && counts.errors == 0 && counts.unscored > 0 && counts.scored > 0,
            "{counts:?}"
        );
    }
}
