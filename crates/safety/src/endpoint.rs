//! The model under test, behind the OpenAI-compatible chat completions API.

use std::fmt;
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Client, StatusCode};
use serde::{Deserialize, Serialize};
use url::{Host, Url};

/// Largest response that is read.
const MAX_RESPONSE: usize = 4 << 20;
/// Longest text of the endpoint's that goes into a message or a name.
const MAX_NAME: usize = 200;

/// A model at an address. The key is held here and shown nowhere.
#[derive(Clone)]
pub struct Endpoint {
    base_url: Url,
    model: String,
    key: Option<HeaderValue>,
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint")
            .field("base_url", &self.base_url.as_str())
            .field("model", &self.model)
            .field("key", &self.key.as_ref().map(|_| "(hidden)"))
            .finish()
    }
}

/// An endpoint that cannot be used as it was given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// The address is no http or https URL.
    #[error(
        "{found:?} is no address of an endpoint; give one such as https://api.example/v1 or http://127.0.0.1:8080"
    )]
    NotAnAddress {
        /// What was given.
        found: String,
    },
    /// The address carries a user, a password, a query or a fragment.
    #[error(
        "the address holds a user name, a password, a query or a fragment; give the address alone and the key in KANAE_API_KEY"
    )]
    MoreThanAnAddress,
    /// The key would cross the network in the clear.
    #[error("the key would be sent to {host} without encryption; use https, or unset KANAE_API_KEY")]
    KeyInTheClear {
        /// Host of the address.
        host: String,
    },
    /// The key holds a character that no header may hold.
    #[error("KANAE_API_KEY holds a line break or another character that no HTTP header may hold")]
    UnusableKey,
    /// The model's name is empty or too long.
    #[error("the model's name is empty or longer than {MAX_NAME} bytes")]
    UnusableName,
}

impl Endpoint {
    /// Makes an endpoint of its base address (with or without the `/v1` at its end), the model's
    /// name there, and a key if it wants one.
    pub fn new(base_url: &str, model: &str, key: Option<&str>) -> Result<Self, EndpointError> {
        let wrong = || EndpointError::NotAnAddress { found: shorten(base_url) };
        let base_url = Url::parse(base_url).map_err(|_| wrong())?;
        if !matches!(base_url.scheme(), "http" | "https") || base_url.host().is_none() {
            return Err(wrong());
        }
        let more = !base_url.username().is_empty()
            || base_url.password().is_some()
            || base_url.query().is_some()
            || base_url.fragment().is_some();
        if more {
            return Err(EndpointError::MoreThanAnAddress);
        }
        if model.trim().is_empty() || model.len() > MAX_NAME {
            return Err(EndpointError::UnusableName);
        }
        let key = match key.map(str::trim).filter(|key| !key.is_empty()) {
            None => None,
            Some(_) if base_url.scheme() == "http" && !is_loopback(&base_url) => {
                let host = base_url.host_str().unwrap_or_default().to_owned();
                return Err(EndpointError::KeyInTheClear { host });
            }
            Some(key) => {
                let mut value =
                    HeaderValue::try_from(format!("Bearer {key}")).map_err(|_| EndpointError::UnusableKey)?;
                value.set_sensitive(true);
                Some(value)
            }
        };
        Ok(Self { base_url, model: model.to_owned(), key })
    }

    /// Returns the base address, as it goes into logs.
    pub fn base_url(&self) -> &str {
        self.base_url.as_str()
    }

    /// Returns the model's name, as it was declared.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// Returns the address of chat completions: `/v1` is added where the base does not end in a
    /// version of its own.
    fn chat_completions(&self) -> Url {
        let mut url = self.base_url.clone();
        let path = url.path().trim_end_matches('/').to_owned();
        let versioned = path
            .rsplit('/')
            .next()
            .and_then(|last| last.strip_prefix('v'))
            .is_some_and(|digits| digits.starts_with(|c: char| c.is_ascii_digit()));
        let version = if versioned { "" } else { "/v1" };
        url.set_path(&format!("{path}{version}/chat/completions"));
        url
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// How long a run waits, and how often it asks again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// Most attempts for a sample.
    pub attempts: u32,
    /// Longest wait for one answer.
    pub timeout: Duration,
    /// Wait before the second attempt; doubled before each further one.
    pub first_wait: Duration,
    /// Longest wait between two attempts. A `Retry-After` beyond it ends the attempts.
    pub longest_wait: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            attempts: 5,
            timeout: Duration::from_mins(3),
            first_wait: Duration::from_millis(500),
            longest_wait: Duration::from_mins(1),
        }
    }
}

/// One question: everything that the endpoint is sent.
#[derive(Debug, Serialize)]
pub(crate) struct Question<'q> {
    pub(crate) model: &'q str,
    pub(crate) messages: Vec<Message<'q>>,
    pub(crate) max_tokens: u32,
    pub(crate) temperature: f64,
    pub(crate) seed: u32,
    pub(crate) stream: bool,
}

#[derive(Debug, Serialize)]
pub(crate) struct Message<'q> {
    pub(crate) role: &'static str,
    pub(crate) content: &'q str,
}

/// An answer, reduced to what is recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Completion {
    pub(crate) text: String,
    pub(crate) finish_reason: String,
    pub(crate) model: Option<String>,
    pub(crate) system_fingerprint: Option<String>,
    pub(crate) input_tokens: u64,
    pub(crate) output_tokens: u64,
}

/// Why a question has no answer.
#[derive(Debug)]
pub(crate) enum CallError {
    /// No other sample will fare better: the key, the address or the name is wrong.
    Refused { status: u16, message: String },
    /// Nothing listens at the address.
    Unreachable(String),
    /// This sample failed.
    Failed(String),
}

/// Asks an endpoint, again where that makes sense.
pub(crate) struct Caller {
    client: Client,
    url: Url,
    patience: Patience,
}

/// One attempt's failure.
enum Attempt {
    Again { message: String, wait: Option<Duration>, unreachable: bool },
    Stop(CallError),
}

impl Caller {
    pub(crate) fn new(endpoint: &Endpoint, patience: Patience) -> Result<Self, reqwest::Error> {
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            // Another thread may have been faster; either way one is installed.
            let _ = rustls::crypto::ring::default_provider().install_default();
        }
        let mut headers = HeaderMap::new();
        if let Some(key) = &endpoint.key {
            headers.insert(AUTHORIZATION, key.clone());
        }
        let mut client = Client::builder()
            .default_headers(headers)
            // The prompts and the key are for the address that was given and no other.
            .redirect(reqwest::redirect::Policy::none())
            .timeout(patience.timeout)
            .connect_timeout(patience.timeout.min(Duration::from_secs(20)))
            .user_agent(concat!("kanae-safety/", env!("CARGO_PKG_VERSION")));
        if is_loopback(&endpoint.base_url) {
            client = client.no_proxy();
        }
        Ok(Self { client: client.build()?, url: endpoint.chat_completions(), patience })
    }

    /// Asks a question; returns the answer, or why there is none, and the number of attempts.
    pub(crate) async fn ask(
        &self,
        question: &Question<'_>,
        salt: u64,
    ) -> (Result<Completion, CallError>, u32) {
        let mut wait = self.patience.first_wait;
        let mut attempt = 1;
        loop {
            let (message, asked, unreachable) = match self.attempt(question).await {
                Ok(completion) => return (Ok(completion), attempt),
                Err(Attempt::Stop(error)) => return (Err(error), attempt),
                Err(Attempt::Again { message, wait, unreachable }) => (message, wait, unreachable),
            };
            if let Some(asked) = asked.filter(|asked| *asked > self.patience.longest_wait) {
                let message = format!("{message}; asked to wait {} s, which is too long", asked.as_secs());
                return (Err(CallError::Failed(message)), attempt);
            }
            if attempt >= self.patience.attempts {
                let error =
                    if unreachable { CallError::Unreachable(message) } else { CallError::Failed(message) };
                return (Err(error), attempt);
            }
            let pause = asked.unwrap_or_else(|| spread(wait, salt, attempt));
            tokio::time::sleep(pause.min(self.patience.longest_wait)).await;
            wait = (wait * 2).min(self.patience.longest_wait);
            attempt += 1;
        }
    }

    async fn attempt(&self, question: &Question<'_>) -> Result<Completion, Attempt> {
        let again = |message: String| Attempt::Again { message, wait: None, unreachable: false };
        let sent = self.client.post(self.url.clone()).json(question).send().await;
        let mut response = sent.map_err(|error| Attempt::Again {
            unreachable: error.is_connect(),
            message: in_words(&error),
            wait: None,
        })?;
        let status = response.status();
        let wait = retry_after(response.headers());
        let mut body = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() <= MAX_RESPONSE => body.extend_from_slice(&chunk),
                Ok(Some(_)) => {
                    let message = format!("the response is larger than {MAX_RESPONSE} bytes");
                    return Err(Attempt::Stop(CallError::Failed(message)));
                }
                Ok(None) => break,
                Err(error) => return Err(again(in_words(&error))),
            }
        }
        if status.is_success() {
            return read(&body).map_err(again);
        }
        let message = format!("{status}: {}", error_text(&body));
        Err(match status {
            StatusCode::UNAUTHORIZED
            | StatusCode::FORBIDDEN
            | StatusCode::NOT_FOUND
            | StatusCode::METHOD_NOT_ALLOWED => {
                Attempt::Stop(CallError::Refused { status: status.as_u16(), message })
            }
            status if status.is_redirection() => {
                let message = format!("{message} (a redirection; give the final address)");
                Attempt::Stop(CallError::Refused { status: status.as_u16(), message })
            }
            StatusCode::REQUEST_TIMEOUT
            | StatusCode::CONFLICT
            | StatusCode::TOO_EARLY
            | StatusCode::TOO_MANY_REQUESTS => Attempt::Again { message, wait, unreachable: false },
            status if status.is_server_error() => Attempt::Again { message, wait, unreachable: false },
            _ => Attempt::Stop(CallError::Failed(message)),
        })
    }
}

/// Reads a chat completion; fields that are not used are not asked for.
fn read(body: &[u8]) -> Result<Completion, String> {
    #[derive(Deserialize)]
    struct Body {
        choices: Vec<Choice>,
        model: Option<String>,
        system_fingerprint: Option<String>,
        usage: Option<Usage>,
    }
    #[derive(Deserialize)]
    struct Choice {
        message: Answer,
        finish_reason: Option<String>,
    }
    #[derive(Deserialize)]
    struct Answer {
        content: Option<String>,
        /// What some endpoints say in place of an answer.
        refusal: Option<String>,
    }
    #[derive(Deserialize, Default)]
    struct Usage {
        #[serde(default)]
        prompt_tokens: u64,
        #[serde(default)]
        completion_tokens: u64,
    }
    let body: Body = serde_json::from_slice(body)
        .map_err(|error| format!("the response is no chat completion: {error}"))?;
    let choice = body.choices.into_iter().next().ok_or("the response holds no choice")?;
    let text = choice.message.content.filter(|text| !text.is_empty()).or(choice.message.refusal);
    let usage = body.usage.unwrap_or_default();
    Ok(Completion {
        text: text.unwrap_or_default(),
        finish_reason: choice.finish_reason.as_deref().map(shorten).unwrap_or_default(),
        model: body.model.as_deref().map(shorten),
        system_fingerprint: body.system_fingerprint.as_deref().map(shorten),
        input_tokens: usage.prompt_tokens,
        output_tokens: usage.completion_tokens,
    })
}

/// Returns what an error response says, as one short line.
fn error_text(body: &[u8]) -> String {
    let text = serde_json::from_slice::<serde_json::Value>(body)
        .ok()
        .and_then(|value| {
            let error = value.get("error")?;
            error.get("message").unwrap_or(error).as_str().map(str::to_owned)
        })
        .unwrap_or_else(|| String::from_utf8_lossy(&body[..body.len().min(4 * MAX_NAME)]).into_owned());
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    shorten(line.trim())
}

/// Returns the wait that `Retry-After` asks for (RFC 9110, 10.2.3): seconds or a date.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
    let millis = date.as_millisecond() - jiff::Timestamp::now().as_millisecond();
    Some(Duration::from_millis(u64::try_from(millis).unwrap_or(0)))
}

/// Spreads waits over half to all of `wait`, so that samples that failed together do not return
/// together; the same sample and attempt always wait the same.
fn spread(wait: Duration, salt: u64, attempt: u32) -> Duration {
    let mixed = (salt + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(attempt * 7);
    let share = u32::try_from(mixed >> 32 & 0xFF).unwrap_or(0);
    wait / 2 + wait * share / 512
}

/// Returns the innermost cause too: reqwest's own words stop at "error sending request".
fn in_words(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer within the time limit".to_owned();
    }
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    shorten(&text)
}

fn shorten(text: &str) -> String {
    let mut end = text.len().min(MAX_NAME);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chat(base: &str) -> String {
        Endpoint::new(base, "m", None).unwrap().chat_completions().to_string()
    }

    #[test]
    fn the_version_is_added_where_the_base_has_none() {
        for (base, expected) in [
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080/v1/chat/completions"),
            ("http://127.0.0.1:8080/v1", "http://127.0.0.1:8080/v1/chat/completions"),
            ("https://api.example/v1/", "https://api.example/v1/chat/completions"),
            ("https://api.example/openai/v3", "https://api.example/openai/v3/chat/completions"),
            ("https://api.example/vllm", "https://api.example/vllm/v1/chat/completions"),
        ] {
            assert_eq!(chat(base), expected);
        }
    }

    #[test]
    fn an_address_is_an_address_and_nothing_more() {
        assert!(matches!(Endpoint::new("ftp://x/", "m", None), Err(EndpointError::NotAnAddress { .. })));
        assert!(matches!(
            Endpoint::new("localhost:8080", "m", None),
            Err(EndpointError::NotAnAddress { .. })
        ));
        assert_eq!(Endpoint::new("https://u:p@x/", "m", None).unwrap_err(), EndpointError::MoreThanAnAddress);
        assert_eq!(Endpoint::new("https://x/", " ", None).unwrap_err(), EndpointError::UnusableName);
    }

    #[test]
    fn a_key_never_travels_in_the_clear_and_is_never_shown() {
        assert!(matches!(
            Endpoint::new("http://api.example/", "m", Some("k-secret")),
            Err(EndpointError::KeyInTheClear { .. })
        ));
        let endpoint = Endpoint::new("http://127.0.0.1:1/", "m", Some("k-secret")).unwrap();
        assert!(!format!("{endpoint:?}").contains("k-secret"));
        assert_eq!(Endpoint::new("https://x/", "m", Some("a\nb")).unwrap_err(), EndpointError::UnusableKey);
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let header = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, HeaderValue::from_str(text).unwrap());
            retry_after(&headers)
        };
        assert_eq!(header("7"), Some(Duration::from_secs(7)));
        assert_eq!(header("Sun, 06 Nov 1994 08:49:37 GMT"), Some(Duration::ZERO));
        assert_eq!(header("soon"), None);
    }

    #[test]
    fn waits_are_spread_within_their_bounds() {
        let wait = Duration::from_secs(1);
        for salt in 0..200 {
            let spread = spread(wait, salt, 1);
            assert!(spread >= wait / 2 && spread <= wait, "{spread:?}");
        }
    }

    #[test]
    fn a_refusal_in_its_own_field_is_the_answer() {
        let body = br#"{"choices":[{"message":{"role":"assistant","content":null,"refusal":"I can't help with that."},"finish_reason":"stop"}]}"#;
        assert_eq!(read(body).unwrap().text, "I can't help with that.");
        assert!(read(br#"{"choices":[]}"#).unwrap_err().contains("no choice"));
        assert!(read(b"<html>").unwrap_err().contains("no chat completion"));
    }
}
