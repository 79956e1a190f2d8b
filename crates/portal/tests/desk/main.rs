//! The desk as browsers meet it: a listening server, cookies and forms, and a world behind it.

#![expect(clippy::unwrap_used, reason = "what fails in a test fails the test")]

mod attacks;
mod matrix;
mod passkeys;
mod programs;
mod public;
mod reading;
mod seal;
mod watching;

use std::collections::BTreeMap;
use std::sync::Arc;

use desk::account::{Account, Function, Membership};
use desk::records::SqliteRecords;
use desk::{Desk, Draft, Versioned};
use evidence::{Digest, Language, Slug};
use kanae_portal as portal;
use node::testing::World;

/// A world, served with a desk.
struct Site {
    world: World,
    desk: Desk,
    url: String,
    /// Where metrics are served.
    watch: String,
    http: reqwest::Client,
}

/// Someone at a browser: the cookie, and the token that forms bring along.
#[derive(Debug, Clone, Default)]
struct Browser {
    account: String,
    cookie: Option<String>,
    token: String,
}

/// What came back.
#[derive(Debug)]
struct Answer {
    status: u16,
    headers: reqwest::header::HeaderMap,
    text: String,
}

impl Answer {
    async fn of(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Self { status, headers, text: response.text().await.unwrap() }
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl Site {
    async fn start() -> Self {
        Self::start_on(Arc::new(SqliteRecords::in_memory().unwrap()), |app, _| app).await
    }

    /// The same, with more than a node alone.
    async fn start_with(more: impl FnOnce(portal::App, &World) -> portal::App) -> Self {
        Self::start_on(Arc::new(SqliteRecords::in_memory().unwrap()), more).await
    }

    async fn start_on(
        records: Arc<dyn desk::Records>,
        more: impl FnOnce(portal::App, &World) -> portal::App,
    ) -> Self {
        let world = World::start().await;
        let desk = Desk::new(records);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let app = more(portal::App::new(world.node().clone()).with_desk(desk.clone()), &world);
        let watching = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let watch = format!("http://{}", watching.local_addr().unwrap());
        tokio::spawn(portal::serve_metrics(watching, app.clone(), std::future::pending()));
        tokio::spawn(portal::serve(listener, app, std::future::pending()));
        // The client installs the cryptography that reqwest asks for.
        client::Client::new(&url, None).unwrap();
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { world, desk, url, watch, http }
    }

    /// Makes an account that works for an organisation, and signs it in.
    fn member(&self, name: &str, of: Option<(Digest, Option<&str>, &[Function])>) -> Browser {
        let now = self.world.node().now();
        let id = self.desk.new_id(now).unwrap();
        let mut account = Account::new(id, name.to_owned(), Language::En, now);
        if let Some((organisation, holder, functions)) = of {
            let holder: Option<Slug> = holder.map(|holder| holder.parse().unwrap());
            let functions = functions.iter().copied().collect();
            account.join(Membership { organisation, holder, functions });
        }
        self.sign_in(account)
    }

    fn sign_in(&self, account: Account) -> Browser {
        let now = self.world.node().now();
        let mut account = Versioned::new(account);
        self.desk.save(&mut account).unwrap();
        let (session, secret) = self.desk.begin_session(&account, now).unwrap();
        Browser {
            account: account.id.clone(),
            cookie: Some(format!("kanae-local={}", secret.as_str())),
            token: session.form_token.clone(),
        }
    }

    /// Keeps a draft of an organisation.
    fn draft(&self, kind: &str, organisation: Digest, about: Digest, by: &Browser) -> String {
        let now = self.world.node().now();
        let id = self.desk.new_id(now).unwrap();
        let mut draft = Draft::new(id.clone(), kind, Some(organisation), &by.account, now);
        draft.about = Some(about);
        self.desk.save(&mut Versioned::new(draft)).unwrap();
        id
    }

    async fn get(&self, browser: &Browser, path: &str) -> Answer {
        let mut request = self.http.get(format!("{}{path}", self.url));
        if let Some(cookie) = &browser.cookie {
            request = request.header("cookie", cookie);
        }
        Answer::of(request.send().await.unwrap()).await
    }

    /// Sends a form as a browser does, with the token of the session.
    async fn post(&self, browser: &Browser, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut all: BTreeMap<&str, &str> = fields.iter().copied().collect();
        all.entry("form_token").or_insert(&browser.token);
        self.send(browser, path, &all, &[]).await
    }

    async fn send(
        &self,
        browser: &Browser,
        path: &str,
        fields: &BTreeMap<&str, &str>,
        headers: &[(&'static str, &str)],
    ) -> Answer {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(fields);
        let mut request = self
            .http
            .post(format!("{}{path}", self.url))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.finish());
        if let Some(cookie) = &browser.cookie {
            request = request.header("cookie", cookie);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Answer::of(request.send().await.unwrap()).await
    }
}
