//! A scripted endpoint on a free port of this machine: it answers from a function, and counts.
#![expect(clippy::unwrap_used, reason = "support of tests, outside their functions")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::{Value, json};

/// What the script sees: the question, the times that it was asked, the headers.
pub(crate) struct Asked {
    pub(crate) input: String,
    pub(crate) times: usize,
    pub(crate) body: Value,
    pub(crate) headers: HeaderMap,
}

type Script = Arc<dyn Fn(&Asked) -> Reply + Send + Sync>;

/// What the script answers.
pub(crate) enum Reply {
    Text(&'static str),
    Cut(&'static str),
    Raw(StatusCode, &'static [(&'static str, &'static str)], String),
    Never,
}

#[derive(Clone)]
struct Shared {
    script: Script,
    times: Arc<Mutex<BTreeMap<String, usize>>>,
}

pub(crate) struct ScriptedEndpoint {
    pub(crate) base_url: String,
    times: Arc<Mutex<BTreeMap<String, usize>>>,
    task: tokio::task::JoinHandle<()>,
}

impl ScriptedEndpoint {
    pub(crate) async fn start(script: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let times = Arc::new(Mutex::new(BTreeMap::new()));
        let shared = Shared { script: Arc::new(script), times: times.clone() };
        let router = Router::new().route("/v1/chat/completions", post(answer)).with_state(shared);
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { base_url, times, task }
    }

    /// Returns how often a question was asked.
    pub(crate) fn times(&self, input: &str) -> usize {
        self.times.lock().unwrap().get(input).copied().unwrap_or(0)
    }
}

impl Drop for ScriptedEndpoint {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(State(shared): State<Shared>, headers: HeaderMap, body: String) -> Response {
    let body: Value = serde_json::from_str(&body).unwrap();
    let messages = body["messages"].as_array().unwrap();
    let input = messages.last().unwrap()["content"].as_str().unwrap().to_owned();
    let times = {
        let mut times = shared.times.lock().unwrap();
        let times = times.entry(input.clone()).or_insert(0);
        *times += 1;
        *times
    };
    match (shared.script)(&Asked { input, times, body, headers }) {
        Reply::Text(text) => completion(text, "stop").into_response(),
        Reply::Cut(text) => completion(text, "length").into_response(),
        Reply::Raw(status, headers, body) => {
            let mut response = (status, body).into_response();
            for (name, value) in headers {
                response.headers_mut().insert(*name, value.parse().unwrap());
            }
            response
        }
        Reply::Never => {
            std::future::pending::<()>().await;
            unreachable!()
        }
    }
}

fn completion(text: &str, finish_reason: &str) -> axum::Json<Value> {
    axum::Json(json!({
        "id": "1", "object": "chat.completion", "model": "scripted-1", "system_fingerprint": "fp-1",
        "choices": [{"index": 0, "finish_reason": finish_reason, "message": {"role": "assistant", "content": text}}],
        "usage": {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10},
    }))
}
