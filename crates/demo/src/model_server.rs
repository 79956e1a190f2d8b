//! A model to verify: a small one, really running in llama.cpp's own server on this machine, or,
//! where that cannot be had, a practice endpoint that says of itself that it is none.

use std::collections::VecDeque;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde::Deserialize;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

mod practice;
mod prepare;

pub use practice::{PRACTICE_FINGERPRINT, PRACTICE_MODEL, PracticeEndpoint};
pub use prepare::{Package, PrepareError, Prepared, Progress, prepare, prepare_in};

/// Name under which the real model answers.
pub const MODEL: &str = "smollm2-135m-instruct-q4_1";

const SERVE: &str = include_str!("../python/serve.py");
/// Loading takes under a second on an idle machine; a crowded one gets two minutes.
const START: Duration = Duration::from_mins(2);
/// Lines of the server's own messages that an error shows.
const LAST_LINES: usize = 12;

/// llama.cpp's server in a child process. Dropping it ends the process; so does the end of this
/// process, however it comes.
#[derive(Debug)]
pub struct ModelServer {
    base_url: String,
    child: Child,
}

/// Why the model's server did not start.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The process could not be started.
    #[error("cannot start the model's server with {python}: {source}")]
    Spawn {
        /// Interpreter.
        python: String,
        /// What happened.
        source: std::io::Error,
    },
    /// It ended, or did not answer in time.
    #[error("the model's server {what}; its last messages:\n{messages}")]
    NotReady {
        /// What it did.
        what: &'static str,
        /// Its last lines.
        messages: String,
    },
}

impl ModelServer {
    /// Starts the server and waits until it answers.
    pub async fn start(prepared: &Prepared) -> Result<Self, ServerError> {
        let mut child = Command::new(&prepared.python)
            .arg("-I")
            .arg("-c")
            .arg(SERVE)
            .arg(&prepared.gguf)
            .arg(MODEL)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|source| ServerError::Spawn { python: prepared.python.display().to_string(), source })?;
        let last = Arc::new(Mutex::new(VecDeque::new()));
        if let Some(stderr) = child.stderr.take() {
            tokio::spawn(keep_last(stderr, last.clone()));
        }
        let not_ready = |what: &'static str| {
            let messages = last.lock().map(|lines| lines.iter().cloned().collect::<Vec<_>>().join("\n"));
            ServerError::NotReady { what, messages: messages.unwrap_or_default() }
        };
        let Some(stdout) = child.stdout.take() else {
            return Err(not_ready("has no output"));
        };
        match tokio::time::timeout(START, ready_line(stdout)).await {
            Ok(Some(base_url)) => Ok(Self { base_url, child }),
            Ok(None) => {
                // Its last words are still in the other pipe.
                let _ = tokio::time::timeout(Duration::from_secs(5), child.wait()).await;
                tokio::time::sleep(Duration::from_millis(100)).await;
                Err(not_ready("ended before it answered"))
            }
            Err(_) => Err(not_ready("did not answer within two minutes")),
        }
    }

    /// Returns the server's address, such as `http://127.0.0.1:41527`.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Returns the identifier of the server's process, while it runs.
    pub fn process(&self) -> Option<u32> {
        self.child.id()
    }

    /// Ends the server and waits until its process is gone.
    pub async fn stop(mut self) {
        // The closed pipe asks it to go; whoever does not go is ended.
        drop(self.child.stdin.take());
        if tokio::time::timeout(Duration::from_secs(5), self.child.wait()).await.is_err() {
            let _ = self.child.kill().await;
        }
    }
}

#[derive(Deserialize)]
struct Ready {
    base_url: String,
}

/// Reads lines until the one that says where the server listens.
async fn ready_line(stdout: impl tokio::io::AsyncRead + Unpin) -> Option<String> {
    let mut lines = BufReader::new(stdout).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        if let Ok(Ready { base_url }) = serde_json::from_str(&line) {
            return Some(base_url);
        }
    }
    None
}

/// Reads a stream to its end, so that the process never blocks on it, and keeps the last lines.
async fn keep_last(stream: impl tokio::io::AsyncRead + Unpin, last: Arc<Mutex<VecDeque<String>>>) {
    let mut lines = BufReader::new(stream).split(b'\n');
    while let Ok(Some(line)) = lines.next_segment().await {
        if let Ok(mut last) = last.lock() {
            if last.len() == LAST_LINES {
                last.pop_front();
            }
            last.push_back(String::from_utf8_lossy(&line[..line.len().min(400)]).into_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_server_that_ends_at_once_says_why() {
        let folder = tempfile::tempdir().unwrap();
        let python = folder.path().join("python");
        std::fs::write(&python, "#!/bin/sh\necho 'no module named xllamacpp' >&2\nexit 1\n").unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(&python, std::fs::Permissions::from_mode(0o755)).unwrap();
            let prepared = Prepared { gguf: folder.path().join("none.gguf"), python };
            let error = ModelServer::start(&prepared).await.unwrap_err().to_string();
            assert!(
                error.contains("ended before it answered") && error.contains("no module named"),
                "{error}"
            );
        }
    }
}
