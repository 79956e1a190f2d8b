//! The API as a stranger meets it: a listening server, HTTP, and a world with known keys behind it.

#![expect(clippy::unwrap_used, reason = "what fails in a test fails the test")]

mod bounds;
mod reading;
mod submitting;

use std::fmt::Write as _;

use client::{Author, Client, Secret};
use evidence::{Digest, SecretKey, Slug};
use kanae_portal as portal;
use node::Scope;
use node::testing::{Actor, ORIGIN, World, log_key};
use serde_json::Value;

/// A world, served.
struct Server {
    world: World,
    url: String,
    http: reqwest::Client,
}

impl Server {
    async fn start() -> Self {
        let world = World::start().await;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let app = portal::App::new(world.node().clone());
        tokio::spawn(portal::serve(listener, app, std::future::pending()));
        // The client installs the cryptography that reqwest asks for.
        Client::new(&url, None).unwrap();
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { world, url, http }
    }

    /// Returns a client that verifies what it gets, with a token for an organisation's statements.
    fn client_of(&self, organisation: &str) -> Client {
        let token = self.token(Scope::Submit, Some(organisation));
        Client::new(&self.url, Some(Secret::new(token)))
            .unwrap()
            .trusting(ORIGIN, vec![log_key().verifier_key()])
    }

    fn anyone(&self) -> Client {
        Client::new(&self.url, None).unwrap().trusting(ORIGIN, vec![log_key().verifier_key()])
    }

    fn token(&self, scope: Scope, organisation: Option<&str>) -> String {
        let organisation: Option<Slug> = organisation.map(|slug| slug.parse().unwrap());
        self.world.node().new_token(scope, organisation, "test").unwrap().as_str().to_owned()
    }

    /// Returns an actor as an author over HTTP, signing with the key of its nth holder.
    fn author(&self, actor: &Actor, holder: usize) -> Author {
        let client = self.client_of(actor.slug.as_str());
        author_of(client, actor.slug.as_str(), actor, holder, &self.world)
    }

    async fn get(&self, path: &str) -> Answer {
        Answer::of(self.http.get(format!("{}{path}", self.url)).send().await.unwrap()).await
    }

    async fn get_with(&self, path: &str, token: &str) -> Answer {
        let request = self.http.get(format!("{}{path}", self.url)).bearer_auth(token);
        Answer::of(request.send().await.unwrap()).await
    }

    async fn post(&self, path: &str, token: Option<&str>, body: impl Into<reqwest::Body>) -> Answer {
        let mut request = self
            .http
            .post(format!("{}{path}", self.url))
            .header("content-type", "application/json")
            .body(body);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        Answer::of(request.send().await.unwrap()).await
    }
}

fn author_of(client: Client, issuer: &str, actor: &Actor, holder: usize, world: &World) -> Author {
    let (name, key) = &actor.holders[holder];
    Author::new(client, issuer, name.clone(), vec![copy(key)]).with_clock(world.clock.clock())
}

fn copy(key: &SecretKey) -> SecretKey {
    SecretKey::from_pem(&key.to_pem(None).unwrap(), None).unwrap()
}

/// What came back.
#[derive(Debug)]
struct Answer {
    status: u16,
    headers: reqwest::header::HeaderMap,
    bytes: Vec<u8>,
}

impl Answer {
    async fn of(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Self { status, headers, bytes: response.bytes().await.unwrap().to_vec() }
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes)
            .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&self.bytes)))
    }

    /// Checks that this is a problem document, and returns it in a form that does not change with
    /// the keys and digests of the day.
    fn problem(&self) -> Value {
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        let mut document = self.json();
        assert_eq!(document["status"], self.status);
        tidy(&mut document);
        document
    }
}

/// Replaces digests and signed notes, which change with every word of the policy.
fn tidy(value: &mut Value) {
    match value {
        Value::String(text) => *text = without_digests(text),
        Value::Array(items) => items.iter_mut().for_each(tidy),
        Value::Object(members) => {
            for (name, member) in members {
                if name == "note" {
                    *member = "<note>".into();
                } else {
                    tidy(member);
                }
            }
        }
        _ => {}
    }
}

fn without_digests(text: &str) -> String {
    let mut out = String::new();
    let mut word = String::new();
    let flush = |word: &mut String, out: &mut String| {
        let is_digest = word.parse::<Digest>().is_ok();
        let _ = write!(out, "{}", if is_digest { "<digest>" } else { word.as_str() });
        word.clear();
    };
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            word.push(c);
        } else {
            flush(&mut word, &mut out);
            out.push(c);
        }
    }
    flush(&mut word, &mut out);
    out
}
