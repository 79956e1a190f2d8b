//! Webhooks: where an organisation's own programs are told, and what may be called at all. Messages
//! are signed as Standard Webhooks 1.0 says (§ Signature scheme).

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use evidence::{Digest, Timestamp};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use url::{Host, Url};

use super::occasion::EventKind;
use crate::desk::Kept;
use crate::secret::newest_first_id;

/// The most webhooks of one organisation.
pub const MAX_ENDPOINTS: usize = 10;

/// A webhook is stopped after so many attempts in a row that failed.
pub const MAX_FAILURES: u32 = 20;

/// The longest address, in characters.
const MAX_URL: usize = 500;

/// Where an organisation's, or the node's, programs are told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// Its name among the documents.
    pub id: String,
    /// The organisation; none: the node.
    pub organisation: Option<Digest>,
    /// Its address.
    pub url: String,
    /// What messages are signed with, in base64. It is shown once, and kept to sign with.
    pub secret: HookSecret,
    /// What it is told.
    pub events: BTreeSet<EventKind>,
    /// Whether it is told anything.
    pub state: EndpointState,
    /// Attempts in a row that failed.
    pub failures: u32,
    /// The account that made it.
    pub created_by: String,
    /// Since when there is it.
    pub created_at: Timestamp,
}

/// A webhook's key, which is never printed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HookSecret(String);

impl std::fmt::Debug for HookSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HookSecret(…)")
    }
}

impl HookSecret {
    /// Returns the key as it is shown once.
    pub fn shown(&self) -> String {
        format!("whsec_{}", self.0)
    }
}

/// Whether a webhook is told anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum EndpointState {
    /// It is.
    On,
    /// It was stopped after too many failures.
    Stopped {
        /// Since when.
        at: Timestamp,
    },
}

impl Endpoint {
    /// Makes a webhook with a new key.
    pub fn new(
        organisation: Option<Digest>,
        url: &str,
        by: &str,
        now: Timestamp,
    ) -> Result<Self, getrandom::Error> {
        let mut key = [0; 32];
        getrandom::fill(&mut key)?;
        Ok(Self {
            id: newest_first_id(now)?,
            organisation,
            url: url.to_owned(),
            secret: HookSecret(STANDARD.encode(key)),
            events: BTreeSet::new(),
            state: EndpointState::On,
            failures: 0,
            created_by: by.to_owned(),
            created_at: now,
        })
    }

    /// Tells whether it is told anything.
    pub fn is_on(&self) -> bool {
        self.state == EndpointState::On
    }

    /// Stops it.
    pub fn stop(&mut self, now: Timestamp) {
        self.state = EndpointState::Stopped { at: now };
    }

    /// Starts it again.
    pub fn start(&mut self) {
        self.state = EndpointState::On;
        self.failures = 0;
    }

    /// Returns the host that it calls: what follows may be secret.
    pub fn host(&self) -> String {
        Url::parse(&self.url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
    }
}

impl Kept for Endpoint {
    const KIND: &'static str = "webhook";

    fn id(&self) -> &str {
        &self.id
    }

    fn keys(&self) -> Vec<(&'static str, String)> {
        let of = self.organisation.map_or_else(|| "node".to_owned(), |id| id.to_string());
        vec![("all", String::new()), ("organisation", of)]
    }
}

/// Why an address cannot be a webhook's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// It is no address, or too long.
    #[error("this is no address of at most {MAX_URL} characters: https://host/path")]
    Unreadable,
    /// It does not begin with `https://`.
    #[error("the address has to begin with https://")]
    NotEncrypted,
    /// It holds a name or a password.
    #[error("the address may hold no user name and no password: messages are signed instead")]
    Credentials,
    /// It leads to this machine or a network that is not public.
    #[error("the address leads to a network that is not public")]
    NotPublic,
}

/// Reads a webhook's address. `local` lets it be plain HTTP on this very machine, for tests.
pub fn check_url(text: &str, local: bool) -> Result<Url, UrlError> {
    if text.chars().count() > MAX_URL {
        return Err(UrlError::Unreadable);
    }
    let url = Url::parse(text).map_err(|_| UrlError::Unreadable)?;
    let host = url.host().ok_or(UrlError::Unreadable)?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(UrlError::Credentials);
    }
    let (public, loopback) = match host {
        Host::Ipv4(ip) => (is_public(IpAddr::V4(ip)), ip.is_loopback()),
        Host::Ipv6(ip) => (is_public(IpAddr::V6(ip)), ip.is_loopback()),
        Host::Domain(name) => {
            let name = name.trim_end_matches('.');
            let own = name == "localhost" || name.ends_with(".localhost");
            let inside = ["local", "internal", "home.arpa", "lan"]
                .iter()
                .any(|end| name == *end || name.ends_with(&format!(".{end}")));
            (!own && !inside && name.contains('.'), own)
        }
    };
    match url.scheme() {
        "http" | "https" if local && loopback => Ok(url),
        "https" if public => Ok(url),
        "https" => Err(UrlError::NotPublic),
        _ => Err(UrlError::NotEncrypted),
    }
}

/// Tells whether an address belongs to the public internet: global unicast by the registries of
/// special-purpose addresses (RFC 6890), without what leads on to another address (IPv4-mapped,
/// NAT64, 6to4, Teredo).
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let shared = a == 100 && (64..128).contains(&b);
    let protocol = a == 192 && b == 0 && c == 0;
    let relay = a == 192 && b == 88 && c == 99;
    let benchmark = a == 198 && (b == 18 || b == 19);
    !(a == 0
        || a >= 224
        || ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_documentation()
        || shared
        || protocol
        || relay
        || benchmark)
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [first, second, ..] = ip.segments();
    // All that is global is in 2000::/3: that alone leaves out loopback, mapped, NAT64, unique
    // local, link-local and multicast addresses.
    let global = first & 0xe000 == 0x2000;
    let protocols = first == 0x2001 && second < 0x200; // Teredo is 2001::/32
    let documents = (first == 0x2001 && second == 0xdb8) || (first == 0x3fff && second < 0x1000);
    let six_to_four = first == 0x2002;
    global && !protocols && !documents && !six_to_four
}

/// Signs a message: `v1,` and the HMAC-SHA256 of its id, time and body in base64 (Standard Webhooks,
/// § Signature scheme).
pub fn signature(secret: &HookSecret, id: &str, seconds: i64, body: &[u8]) -> String {
    let key = STANDARD.decode(&secret.0).unwrap_or_default();
    // HMAC takes keys of every length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&key) else { return String::new() };
    mac.update(format!("{id}.{seconds}.").as_bytes());
    mac.update(body);
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_specification_is_signed_alike() {
        let secret = HookSecret("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".into());
        let body = br#"{"test": 2432232314}"#;
        assert_eq!(
            signature(&secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
        assert!(!format!("{secret:?}").contains("MfKQ"));
    }

    #[test]
    fn only_addresses_of_the_public_internet_are_called() {
        for public in ["1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.1", "172.32.0.1", "2606:4700::1111"]
        {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
        for inside in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.9",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "::7f00:1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "100::1",
            "fe80::1",
            "fec0::1",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "2001::1",
            "2001:0:7f00::1",
            "2001:10::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2002:a00:1::1",
            "3fff::1",
            "5f00::1",
        ] {
            assert!(!is_public(inside.parse().unwrap()), "{inside}");
        }
    }

    #[test]
    fn addresses_are_encrypted_public_and_without_passwords() {
        assert!(check_url("https://hooks.example.org/kanae?x=1", false).is_ok());
        assert!(check_url("https://hooks.example.org:8443/", false).is_ok());
        for (text, problem) in [
            ("http://hooks.example.org/", UrlError::NotEncrypted),
            ("ftp://hooks.example.org/", UrlError::NotEncrypted),
            ("file:///etc/passwd", UrlError::Unreadable),
            ("https://user:pass@hooks.example.org/", UrlError::Credentials),
            ("https://user@hooks.example.org/", UrlError::Credentials),
            ("https://localhost/", UrlError::NotPublic),
            ("https://a.localhost/", UrlError::NotPublic),
            ("https://intranet/", UrlError::NotPublic),
            ("https://db.internal./", UrlError::NotPublic),
            ("https://127.0.0.1/", UrlError::NotPublic),
            ("https://2130706433/", UrlError::NotPublic),
            ("https://0x7f.1/", UrlError::NotPublic),
            ("https://0177.0.0.1/", UrlError::NotPublic),
            ("https://[::1]/", UrlError::NotPublic),
            ("https://[::ffff:10.0.0.1]/", UrlError::NotPublic),
            ("https://169.254.169.254/latest/meta-data", UrlError::NotPublic),
            ("http://127.0.0.1/", UrlError::NotEncrypted),
            ("hooks.example.org", UrlError::Unreadable),
        ] {
            assert_eq!(check_url(text, false), Err(problem), "{text}");
        }
        assert!(check_url("http://127.0.0.1:9000/", true).is_ok());
        assert_eq!(check_url("http://10.0.0.1/", true), Err(UrlError::NotEncrypted));
        assert_eq!(check_url("https://10.0.0.1/", true), Err(UrlError::NotPublic));
        assert_eq!(
            check_url(&format!("https://a.example/{}", "x".repeat(600)), false),
            Err(UrlError::Unreadable)
        );
    }
}
