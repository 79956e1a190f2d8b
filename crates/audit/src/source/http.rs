//! A log behind an address: only files below it, no redirects, bounded in length and time.

use std::io;
use std::time::Duration;

use reqwest::StatusCode;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;
use url::Url;

use super::{Source, SourceError, steps};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const TIMEOUT: Duration = Duration::from_mins(2);

/// How many files are fetched at the same time.
const CONCURRENCY: usize = 8;

/// How often a file is asked for where the server or the way to it fails, and the pause before
/// the second time.
const ATTEMPTS: u32 = 3;
const PAUSE: Duration = Duration::from_millis(300);

/// Reads a log from a node, or from any server of static files, below one address.
///
/// It brings its own runtime: call it from a thread where blocking is allowed.
#[derive(Debug)]
pub struct HttpSource {
    base: Url,
    http: reqwest::Client,
    runtime: Runtime,
}

impl HttpSource {
    /// Makes a source of a node's address; the log lies below it under `log/`.
    pub fn new(address: &str) -> Result<Self, SourceError> {
        let wrong =
            |problem: String| SourceError::Address { found: address.chars().take(200).collect(), problem };
        let mut base: Url = address.parse().map_err(|e: url::ParseError| wrong(e.to_string()))?;
        if !matches!(base.scheme(), "http" | "https") || !base.has_host() {
            return Err(wrong("another scheme, or no host".into()));
        }
        if !base.username().is_empty() || base.password().is_some() {
            return Err(wrong("it holds a name or password".into()));
        }
        if base.query().is_some() || base.fragment().is_some() {
            return Err(wrong("it holds a query or fragment".into()));
        }
        base.path_segments_mut()
            .map_err(|()| wrong("it cannot have a path".into()))?
            .pop_if_empty()
            .push("log");
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            // Another thread may have been faster; either way one is installed.
            let _ = rustls::crypto::ring::default_provider().install_default();
        }
        let unusable = |error: String| SourceError::Unreachable { path: address.to_owned(), problem: error };
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TIMEOUT)
            .user_agent(concat!("kanae-audit/", env!("CARGO_PKG_VERSION")));
        let http = if is_loopback(&base) { http.no_proxy() } else { http };
        let http = http.build().map_err(|e| unusable(innermost(&e)))?;
        let runtime =
            Builder::new_current_thread().enable_all().build().map_err(|e| unusable(e.to_string()))?;
        Ok(Self { base, http, runtime })
    }

    fn address_of(&self, path: &str) -> Result<Url, SourceError> {
        let mut address = self.base.clone();
        let steps = steps(path)?;
        address.path_segments_mut().map_err(|()| SourceError::Path { found: path.to_owned() })?.extend(steps);
        Ok(address)
    }
}

impl Source for HttpSource {
    fn fetch(&self, path: &str, most: usize) -> io::Result<Option<Vec<u8>>> {
        let address = self.address_of(path)?;
        Ok(self.runtime.block_on(get(&self.http, &address, most))?)
    }

    fn fetch_all(&self, files: &[(String, usize)]) -> Vec<io::Result<Option<Vec<u8>>>> {
        let mut results: Vec<io::Result<Option<Vec<u8>>>> = Vec::with_capacity(files.len());
        for group in files.chunks(CONCURRENCY) {
            let mut fetched: Vec<_> = group
                .iter()
                .map(|(path, _)| SourceError::Unreachable { path: path.clone(), problem: "given up".into() })
                .map(|unanswered| Err(io::Error::from(unanswered)))
                .collect();
            self.runtime.block_on(async {
                let mut running = JoinSet::new();
                for (at, (path, most)) in group.iter().enumerate() {
                    match self.address_of(path) {
                        Ok(address) => {
                            let (http, most) = (self.http.clone(), *most);
                            running.spawn(async move { (at, get(&http, &address, most).await) });
                        }
                        Err(error) => fetched[at] = Err(error.into()),
                    }
                }
                while let Some(done) = running.join_next().await {
                    if let Ok((at, result)) = done {
                        fetched[at] = result.map_err(Into::into);
                    }
                }
            });
            results.append(&mut fetched);
        }
        results
    }

    fn place(&self) -> String {
        self.base.to_string()
    }
}

/// Asks for a file, and again where it may only be the moment that is bad.
async fn get(http: &reqwest::Client, address: &Url, most: usize) -> Result<Option<Vec<u8>>, SourceError> {
    let mut attempt = 1;
    loop {
        match get_once(http, address, most).await {
            Err(SourceError::Unreachable { .. } | SourceError::Status { status: 429 | 502..=504, .. })
                if attempt < ATTEMPTS =>
            {
                tokio::time::sleep(PAUSE * attempt).await;
                attempt += 1;
            }
            done => return done,
        }
    }
}

async fn get_once(
    http: &reqwest::Client,
    address: &Url,
    most: usize,
) -> Result<Option<Vec<u8>>, SourceError> {
    let path = || address.to_string();
    let unreachable = |e: reqwest::Error| SourceError::Unreachable { path: path(), problem: innermost(&e) };
    let mut response = http.get(address.clone()).send().await.map_err(unreachable)?;
    let status = response.status();
    if matches!(status, StatusCode::NOT_FOUND | StatusCode::GONE) {
        return Ok(None);
    }
    if status.is_redirection() {
        return Err(SourceError::Redirect { path: path(), status: status.as_u16() });
    }
    if status != StatusCode::OK {
        return Err(SourceError::Status { path: path(), status: status.as_u16() });
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
        if bytes.len() + chunk.len() > most {
            return Err(SourceError::TooLong { path: path(), most });
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Some(bytes))
}

/// Tells whether an address is this very machine, which no proxy can reach.
fn is_loopback(address: &Url) -> bool {
    match address.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// Returns the last cause of an error: what the system said.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
