//! One signed call to a webhook. Where it leads is not believed: the address is resolved here,
//! every address that comes out is checked, and the connection goes to these and nowhere else.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use desk::notice::{Endpoint, Verdict, check_url, is_public, signature};
use reqwest::header::CONTENT_TYPE;
use url::{Host, Url};

/// Longest waits: for names, for a connection, for the whole answer.
const RESOLVE_TIMEOUT: Duration = Duration::from_secs(5);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const TIMEOUT: Duration = Duration::from_secs(15);

/// Calls a webhook; tells also whether it said that it is gone for good (410). Of the answer only
/// its status is read: its content is nobody's here, and has no bound.
pub(crate) async fn call(
    endpoint: &Endpoint,
    id: &str,
    seconds: i64,
    body: String,
    local: bool,
) -> (Verdict, bool) {
    match try_call(endpoint, id, seconds, body, local).await {
        Ok(status) if status.is_success() => (Verdict::Taken(format!("HTTP {}", status.as_u16())), false),
        Ok(status) if status.is_redirection() => {
            (Verdict::Later(format!("HTTP {}: redirections are not followed", status.as_u16())), false)
        }
        Ok(status) if status == reqwest::StatusCode::GONE => (Verdict::Never("HTTP 410".to_owned()), true),
        Ok(status) => (Verdict::Later(format!("HTTP {}", status.as_u16())), false),
        Err(problem) => (Verdict::Later(problem), false),
    }
}

async fn try_call(
    endpoint: &Endpoint,
    id: &str,
    seconds: i64,
    body: String,
    local: bool,
) -> Result<reqwest::StatusCode, String> {
    let url = check_url(&endpoint.url, local).map_err(|error| error.to_string())?;
    let addresses = addresses_of(&url, local).await?;
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // Another thread may have been faster; either way one is installed.
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
    let mut client = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(TIMEOUT)
        .referer(false)
        .pool_max_idle_per_host(0)
        .resolve_to_addrs(url.host_str().unwrap_or_default(), &addresses)
        .user_agent(concat!("kanae/", env!("CARGO_PKG_VERSION")));
    if url.scheme() == "http" {
        // Nothing here speaks TLS: the system's certificates, many files, need not be read.
        client = client.tls_certs_only(std::iter::empty());
    }
    let client = client.build().map_err(|error| innermost(&error))?;
    let name = format!("msg_{id}");
    let response = client
        .post(url)
        .header(CONTENT_TYPE, "application/json")
        .header("webhook-id", &name)
        .header("webhook-timestamp", seconds.to_string())
        .header("webhook-signature", signature(&endpoint.secret, &name, seconds, body.as_bytes()))
        .body(body)
        .send()
        .await
        .map_err(|error| innermost(&error))?;
    Ok(response.status())
}

/// Resolves the host of a webhook. One address that is not public spoils all of them: such a name is
/// made to be mistaken.
async fn addresses_of(url: &Url, local: bool) -> Result<Vec<SocketAddr>, String> {
    let port = url.port_or_known_default().ok_or("the address names no port")?;
    let found: Vec<SocketAddr> = match url.host().ok_or("the address names no host")? {
        Host::Ipv4(ip) => vec![SocketAddr::new(IpAddr::V4(ip), port)],
        Host::Ipv6(ip) => vec![SocketAddr::new(IpAddr::V6(ip), port)],
        Host::Domain(name) => tokio::time::timeout(RESOLVE_TIMEOUT, tokio::net::lookup_host((name, port)))
            .await
            .map_err(|_| "the host's name was not resolved in time".to_owned())?
            .map_err(|error| format!("the host's name cannot be resolved: {error}"))?
            .collect(),
    };
    check_addresses(found, local)
}

fn check_addresses(found: Vec<SocketAddr>, local: bool) -> Result<Vec<SocketAddr>, String> {
    let allowed = |address: &SocketAddr| is_public(address.ip()) || (local && address.ip().is_loopback());
    if found.is_empty() {
        return Err("the host's name has no address".to_owned());
    }
    if !found.iter().all(allowed) {
        return Err("the host's name leads to a network that is not public".to_owned());
    }
    Ok(found)
}

fn innermost(error: &dyn std::error::Error) -> String {
    let mut at = error;
    while let Some(source) = at.source() {
        at = source;
    }
    at.to_string()
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use evidence::Timestamp;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    fn now() -> Timestamp {
        "2026-11-29T00:00:00.000Z".parse().unwrap()
    }

    /// Answers every connection with `answer`; returns its port and what it was sent.
    async fn server(answer: Vec<u8>) -> (u16, Arc<Mutex<Vec<String>>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&heard);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut bytes = vec![0; 16 << 10];
                let mut read = 0;
                while !String::from_utf8_lossy(&bytes[..read]).ends_with('}') {
                    match stream.read(&mut bytes[read..]).await {
                        Ok(0) | Err(_) => break,
                        Ok(more) => read += more,
                    }
                }
                kept.lock().unwrap().push(String::from_utf8_lossy(&bytes[..read]).into_owned());
                let _ = stream.write_all(&answer).await;
            }
        });
        (port, heard)
    }

    fn endpoint(url: &str) -> Endpoint {
        Endpoint::new(None, url, "a", now()).unwrap()
    }

    async fn answered(answer: &str) -> ((Verdict, bool), Vec<String>) {
        let (port, heard) = server(answer.as_bytes().to_vec()).await;
        let hook = endpoint(&format!("http://127.0.0.1:{port}/hook"));
        let verdict = call(&hook, "1", 1_800_000_000, "{\"a\":1}".into(), true).await;
        let heard = heard.lock().unwrap().clone();
        (verdict, heard)
    }

    #[tokio::test]
    async fn a_call_is_signed_and_named() {
        let (verdict, heard) = answered("HTTP/1.1 204 No Content\r\n\r\n").await;
        assert_eq!(verdict, (Verdict::Taken("HTTP 204".into()), false));
        let request = &heard[0];
        assert!(
            request.contains("webhook-id: msg_1\r\n") && request.contains("webhook-signature: v1,"),
            "{request}"
        );
        assert!(request.contains("webhook-timestamp: 1800000000\r\n"), "{request}");
    }

    #[tokio::test]
    async fn redirections_are_not_followed() {
        let (inside, heard) = server(b"HTTP/1.1 200 OK\r\n\r\n".to_vec()).await;
        let answer =
            format!("HTTP/1.1 307 Temporary Redirect\r\nlocation: http://127.0.0.1:{inside}/\r\n\r\n");
        let ((verdict, _), _) = answered(&answer).await;
        assert!(matches!(verdict, Verdict::Later(ref text) if text.contains("307")), "{verdict:?}");
        assert!(heard.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn failures_are_tried_again_and_gone_is_for_good() {
        assert!(matches!(answered("HTTP/1.1 500 Oh\r\n\r\n").await.0, (Verdict::Later(_), false)));
        assert!(matches!(answered("HTTP/1.1 410 Gone\r\n\r\n").await.0, (Verdict::Never(_), true)));
        assert!(matches!(answered("no HTTP").await.0, (Verdict::Later(_), false)));
    }

    #[tokio::test]
    async fn the_content_of_an_answer_is_not_read() {
        let endless = format!("HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n{}", "x".repeat(4096));
        assert!(matches!(answered(&endless).await.0, (Verdict::Taken(_), _)));
    }

    #[tokio::test]
    async fn this_machine_is_never_called_unless_that_was_asked_for() {
        let (port, heard) = server(b"HTTP/1.1 200 OK\r\n\r\n".to_vec()).await;
        for url in [
            format!("http://127.0.0.1:{port}/"),
            format!("https://127.0.0.1:{port}/"),
            format!("https://localhost:{port}/"),
            format!("https://[::ffff:127.0.0.1]:{port}/"),
        ] {
            let (verdict, _) = call(&endpoint(&url), "1", 0, "{}".into(), false).await;
            assert!(matches!(verdict, Verdict::Later(_)), "{url}: {verdict:?}");
        }
        assert!(heard.lock().unwrap().is_empty());
    }

    #[test]
    fn a_name_with_one_inner_address_is_not_called_at_all() {
        let at = |text: &str| text.parse::<SocketAddr>().unwrap();
        let (public, inner) = (at("8.8.8.8:443"), at("10.0.0.1:443"));
        assert_eq!(check_addresses(vec![public], false).unwrap(), [public]);
        assert!(check_addresses(vec![public, inner], false).is_err());
        assert!(check_addresses(vec![], false).is_err());
        assert!(check_addresses(vec![at("127.0.0.1:1")], true).is_ok());
        assert!(check_addresses(vec![inner], true).is_err(), "trying out reaches this machine only");
    }
}
