//! The connection to one node.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use evidence::{Digest, Envelope, Language, LogReference, Statement, Unknown};
use ledger::VerifierKey;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::{Host, Url};
use zeroize::Zeroizing;

use crate::error::{AddressError, ClientError, Problem};
use crate::receipt::{self, Proven, ReceiptError};
use crate::wire::{
    Advice, Found, LogState, MadeToken, NewToken, Outcome, Outcomes, Outgoing, Resolved, Scope, State,
    Submission, SubmittedPart, SubmittedStatement, WireStatement,
};

/// The longest answer that is read, in bytes: the largest file of a log (an entry bundle).
pub const MAX_ANSWER: usize = 18 << 20;

/// Longest wait for a connection and for a whole answer.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const TIMEOUT: Duration = Duration::from_mins(1);

/// The header with the size of the log that an answer, or its reader, knows of.
const LOG_SIZE: &str = "kanae-log-size";

/// A bearer token. It is wiped from memory when dropped and never printed.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Wraps a token.
    pub fn new(token: impl Into<String>) -> Self {
        Self(Zeroizing::new(token.into()))
    }

    /// Returns the token, to be written where its holder keeps it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Asks one node, and no other address. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    base: Url,
    trust: Option<Arc<(String, Vec<VerifierKey>)>>,
    /// The largest log that an answer has told of: another server of the same node is to know as much.
    seen: Arc<AtomicU64>,
}

impl Client {
    /// Makes a client of a node's address and, where it may submit, its token.
    pub fn new(base_url: &str, token: Option<Secret>) -> Result<Self, ClientError> {
        let base = read_address(base_url)?;
        let local = is_loopback(&base);
        let mut headers = HeaderMap::new();
        if let Some(token) = token {
            if base.scheme() == "http" && !local {
                let host = base.host_str().unwrap_or_default().to_owned();
                return Err(AddressError::TokenInTheClear { host }.into());
            }
            let header = Zeroizing::new(format!("Bearer {}", token.reveal()));
            let mut header =
                HeaderValue::try_from(header.as_str()).map_err(|_| AddressError::UnusableToken)?;
            header.set_sensitive(true);
            headers.insert(AUTHORIZATION, header);
        }
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            // Another thread may have been faster; either way one is installed.
            let _ = rustls::crypto::ring::default_provider().install_default();
        }
        let mut http = reqwest::Client::builder()
            .default_headers(headers)
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TIMEOUT)
            .user_agent(concat!("kanae/", env!("CARGO_PKG_VERSION")));
        if local {
            http = http.no_proxy();
        }
        if base.scheme() == "http" {
            // Nothing here speaks TLS: the system's certificates, many files, need not be read.
            http = http.tls_certs_only(std::iter::empty());
        }
        let http = http.build().map_err(|error| ClientError::Unreachable {
            address: base.to_string(),
            problem: innermost(&error),
        })?;
        Ok(Self { http, base, trust: None, seen: Arc::default() })
    }

    /// Returns the client with a log's origin and keys that it verifies receipts and checkpoints
    /// against. Without them it takes the key that the node itself names.
    #[must_use]
    pub fn trusting(self, origin: impl Into<String>, log_keys: Vec<VerifierKey>) -> Self {
        Self { trust: Some(Arc::new((origin.into(), log_keys))), ..self }
    }

    /// Returns the node's address.
    pub fn address(&self) -> &str {
        self.base.as_str()
    }

    /// Asks where the log stands; the checkpoint is verified.
    pub async fn log(&self) -> Result<LogState, ClientError> {
        let state: LogState = self.get("api/v1/log", &[]).await?;
        let verified = if let Some((origin, keys)) = self.trust.as_deref() {
            receipt::checkpoint(&state.checkpoint, origin, keys)?
        } else {
            let key: VerifierKey = state.verifier_key.parse().map_err(|error: ledger::KeyError| {
                self.unreadable("api/v1/log", format!("verifierKey: {error}"))
            })?;
            receipt::checkpoint(&state.checkpoint, &state.origin, &[key])?
        };
        let stated = LogReference { origin: state.origin.clone(), size: state.size, root: state.root };
        if verified == stated { Ok(state) } else { Err(ReceiptError::OtherHead.into()) }
    }

    /// Submits statements, all or nothing, in the order given. Where this client knows the log's
    /// keys, each receipt is verified.
    pub async fn submit(&self, statements: &[Outgoing<'_>]) -> Result<Vec<Outcome>, ClientError> {
        let path = "api/v1/submissions";
        let envelopes = statements
            .iter()
            .map(|s| serde_json::from_slice(&s.envelope.to_bytes()))
            .collect::<Result<Vec<Value>, _>>()
            .map_err(|error| self.unreadable(path, error))?;
        let statements = statements
            .iter()
            .zip(&envelopes)
            .map(|(statement, envelope)| SubmittedStatement {
                envelope,
                parts: statement
                    .parts
                    .iter()
                    .map(|part| SubmittedPart {
                        salt: hex::encode(part.salt),
                        content: STANDARD.encode(&part.bytes),
                    })
                    .collect(),
            })
            .collect();
        let Outcomes { outcomes } = self.post(path, &Submission { statements }).await?;
        let outcomes = outcomes
            .into_iter()
            .map(|outcome| outcome.typed().map_err(|problem| self.unreadable(path, problem)))
            .collect::<Result<Vec<_>, _>>()?;
        for outcome in &outcomes {
            if let State::Recorded { receipt, .. } = &outcome.state {
                self.check_receipt(&outcome.statement, receipt)?;
            }
        }
        Ok(outcomes)
    }

    /// Finds a thing by its path of slugs, such as `minato-lab/wakaba`, or by its digest.
    pub async fn resolve(&self, path: &str) -> Result<Resolved, ClientError> {
        self.get("api/v1/resolve", &[("path", path)]).await
    }

    /// Fetches a recorded statement; what comes back has this digest.
    pub async fn statement(&self, digest: &Digest) -> Result<Found, ClientError> {
        let path = format!("api/v1/statements/{digest}");
        let found: WireStatement = self.get(&path, &[]).await?;
        let unreadable = |problem: &dyn fmt::Display| self.unreadable(&path, problem);
        let bytes = serde_json::to_vec(&found.envelope).map_err(|e| unreadable(&e))?;
        let envelope = Envelope::parse(&bytes).map_err(|e| unreadable(&e))?;
        let statement = Statement::parse(envelope.payload(), Unknown::Ignore).map_err(|e| unreadable(&e))?;
        if statement.digest() != *digest {
            return Err(unreadable(&"another statement came back than was asked for"));
        }
        Ok(Found { statement, envelope, index: found.index, time: found.time })
    }

    /// Fetches a statement's receipt (C2SP tlog-proof), verified where this client knows the log's
    /// keys.
    pub async fn receipt(&self, digest: &Digest) -> Result<String, ClientError> {
        let path = format!("api/v1/statements/{digest}/receipt");
        let bytes = self.bytes(&path).await?;
        let receipt = String::from_utf8(bytes).map_err(|error| self.unreadable(&path, error))?;
        self.check_receipt(digest, &receipt)?;
        Ok(receipt)
    }

    /// Verifies a receipt against the log's keys, where this client knows them.
    pub fn check_receipt(&self, statement: &Digest, receipt: &str) -> Result<Option<Proven>, ReceiptError> {
        let trust = self.trust.as_deref();
        trust.map(|(origin, keys)| receipt::verify(receipt, statement, origin, keys)).transpose()
    }

    /// Asks what a regime makes of what is on record about a model, given by path or digest, as of
    /// a day (`2026-11-23`) or now.
    pub async fn advice(
        &self,
        model: &str,
        regime: &str,
        as_of: Option<&str>,
    ) -> Result<Advice, ClientError> {
        let path = format!("api/v1/models/{}/advice", as_segment(model));
        let mut query = vec![("regime", regime)];
        query.extend(as_of.map(|day| ("as_of", day)));
        self.get(&path, &query).await
    }

    /// Has the node make a token; takes an admin's.
    pub async fn new_token(
        &self,
        scope: Scope,
        organisation: Option<&str>,
        label: &str,
    ) -> Result<Secret, ClientError> {
        let made: MadeToken = self.post("api/v1/tokens", &NewToken { scope, organisation, label }).await?;
        Ok(Secret::new(made.token))
    }

    /// Fetches a file below `log/`, such as `checkpoint` or `tile/0/000`; nothing where there is none.
    pub async fn fetch(&self, path: &str) -> Result<Option<Vec<u8>>, ClientError> {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        let steps_fit =
            path.split('/').all(|step| !step.is_empty() && step.chars().all(plain) && !step.starts_with('.'));
        if !steps_fit || path.len() > 512 {
            return Err(ClientError::NoLogPath(path.chars().take(128).collect()));
        }
        match self.bytes(&format!("log/{path}")).await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(ClientError::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Fetches the document (PDF) that the node makes of a statement.
    pub async fn statement_document(
        &self,
        digest: &Digest,
        language: Language,
    ) -> Result<Vec<u8>, ClientError> {
        self.bytes(&format!("{}/statements/{digest}.pdf", language.tag())).await
    }

    /// Fetches a JSON document below `api/v1/`, such as `organisations`.
    pub async fn document(&self, path: &str) -> Result<Value, ClientError> {
        self.get(&format!("api/v1/{}", path.trim_start_matches('/')), &[]).await
    }

    async fn get<T: DeserializeOwned>(&self, path: &str, query: &[(&str, &str)]) -> Result<T, ClientError> {
        let mut url = self.url(path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let bytes = self.exchange(self.http.request(Method::GET, url), path).await?;
        serde_json::from_slice(&bytes).map_err(|error| self.unreadable(path, error))
    }

    async fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, ClientError> {
        let request = self.http.request(Method::POST, self.url(path)).json(body);
        let bytes = self.exchange(request, path).await?;
        serde_json::from_slice(&bytes).map_err(|error| self.unreadable(path, error))
    }

    async fn bytes(&self, path: &str) -> Result<Vec<u8>, ClientError> {
        self.exchange(self.http.request(Method::GET, self.url(path)), path).await
    }

    /// Sends a request and reads the whole answer, within bounds.
    async fn exchange(&self, request: RequestBuilder, path: &str) -> Result<Vec<u8>, ClientError> {
        let address = || self.base.to_string();
        let seen = self.seen.load(Ordering::Relaxed);
        let request = if seen > 0 { request.header(LOG_SIZE, seen) } else { request };
        let mut response = request.send().await.map_err(|error| {
            let problem = innermost(&error);
            if error.is_connect() {
                ClientError::Unreachable { address: address(), problem }
            } else {
                ClientError::Interrupted { address: address(), problem }
            }
        })?;
        let status = response.status();
        if status.is_redirection() {
            return Err(ClientError::Redirected { address: format!("{}{path}", self.base) });
        }
        let told = response.headers().get(LOG_SIZE).and_then(|size| size.to_str().ok()?.parse().ok());
        self.seen.fetch_max(told.unwrap_or(0), Ordering::Relaxed);
        let mut body = Vec::new();
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| ClientError::Interrupted { address: address(), problem: innermost(&error) })?
        {
            if body.len() + chunk.len() > MAX_ANSWER {
                return Err(ClientError::TooLarge {
                    address: format!("{}{path}", self.base),
                    most: MAX_ANSWER,
                });
            }
            body.extend_from_slice(&chunk);
        }
        if status.is_success() { Ok(body) } else { Err(failed(status, &body)) }
    }

    /// Returns the address of a path below the base, never one beside it: `.` and `..` are dropped,
    /// and what would begin a query is written out.
    fn url(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path.split('/'));
        }
        url
    }

    fn unreadable(&self, path: &str, problem: impl fmt::Display) -> ClientError {
        let mut problem = problem.to_string();
        problem.truncate(problem.floor_char_boundary(400));
        ClientError::Unreadable { address: format!("{}{path}", self.base), problem }
    }
}

/// Writes a path of slugs as one segment of an address.
fn as_segment(path: &str) -> String {
    path.replace('/', "~")
}

fn failed(status: StatusCode, body: &[u8]) -> ClientError {
    let problem = serde_json::from_slice::<Problem>(body).unwrap_or_else(|_| Problem {
        title: status.canonical_reason().unwrap_or("error").to_owned(),
        status: status.as_u16(),
        detail: "the answer says no more".to_owned(),
        code: None,
        pointer: None,
        note: None,
        hints: Vec::new(),
    });
    ClientError::from_problem(Problem { status: status.as_u16(), ..problem })
}

fn read_address(text: &str) -> Result<Url, AddressError> {
    let wrong = || AddressError::NotAnAddress { found: text.chars().take(128).collect() };
    let mut url = Url::parse(text).map_err(|_| wrong())?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(wrong());
    }
    let more = !url.username().is_empty()
        || url.password().is_some()
        || url.query().is_some()
        || url.fragment().is_some();
    if more {
        return Err(AddressError::MoreThanAnAddress);
    }
    // Only with the slash do paths join below the base and not beside it.
    if !url.path().ends_with('/') {
        url.set_path(&format!("{}/", url.path()));
    }
    Ok(url)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// Returns the innermost cause: reqwest's own words stop at "error sending request".
fn innermost(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer within the time limit".to_owned();
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests;
