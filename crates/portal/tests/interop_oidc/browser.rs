//! A browser, as far as signing in needs one: cookies by site, redirections, forms.

use std::collections::BTreeMap;

use url::Url;

/// A page that was reached.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) url: Url,
    pub(crate) text: String,
    refresh: Option<String>,
}

impl Page {
    pub(crate) fn path(&self) -> &str {
        self.url.path()
    }

    /// Returns where the page leads on to by itself.
    pub(crate) fn onward(&self) -> Option<String> {
        Some(self.refresh.as_ref()?.strip_prefix("0; url=")?.to_owned())
    }
}

pub(crate) struct Browser {
    site: String,
    http: reqwest::Client,
    /// By origin: a real one tells hosts apart, and here all are one.
    cookies: BTreeMap<String, BTreeMap<String, String>>,
    pub(crate) token: String,
}

impl Browser {
    pub(crate) fn new(site: &str) -> Self {
        // The client installs the cryptography that reqwest asks for.
        client::Client::new(site, None).unwrap();
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Self { site: site.to_owned(), http, cookies: BTreeMap::new(), token: String::new() }
    }

    pub(crate) fn take_cookie(&mut self, site: &str, name: &str, value: &str) {
        let origin = Url::parse(site).unwrap().origin().ascii_serialization();
        self.cookies.entry(origin).or_default().insert(name.to_owned(), value.to_owned());
    }

    /// Forgets who one is at a site.
    pub(crate) fn forget(&mut self, origin: &str) {
        self.cookies.remove(origin);
    }

    async fn step(&mut self, url: &Url, form: Option<String>) -> reqwest::Response {
        let origin = url.origin().ascii_serialization();
        let mut request = match form {
            Some(body) => self
                .http
                .post(url.clone())
                .header("content-type", "application/x-www-form-urlencoded")
                .header("origin", &origin)
                .body(body),
            None => self.http.get(url.clone()),
        };
        if let Some(cookies) = self.cookies.get(&origin) {
            let pairs: Vec<_> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header("cookie", pairs.join("; "));
        }
        let response = request.send().await.unwrap();
        for cookie in response.headers().get_all("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            if value.is_empty() {
                self.cookies.entry(origin.clone()).or_default().remove(name);
            } else {
                self.take_cookie(&origin, name, value);
            }
        }
        response
    }

    /// Goes somewhere, and along redirections until a page stands or `stop` is reached.
    async fn go(&mut self, start: &str, mut form: Option<String>, stop: Option<&str>) -> Page {
        let mut url = Url::parse(start).unwrap();
        for _ in 0..20 {
            if stop.is_some_and(|stop| url.as_str().starts_with(stop)) {
                return Page { status: 0, url, text: String::new(), refresh: None };
            }
            let response = self.step(&url, form.take()).await;
            let head = |name: &str| response.headers().get(name).map(|v| v.to_str().unwrap().to_owned());
            match head("location") {
                Some(location) if response.status().is_redirection() => url = url.join(&location).unwrap(),
                _ => {
                    let (status, refresh) = (response.status().as_u16(), head("refresh"));
                    return Page { status, url, text: response.text().await.unwrap(), refresh };
                }
            }
        }
        panic!("redirections without an end");
    }

    pub(crate) async fn get(&mut self, url: &str) -> Page {
        self.go(url, None, None).await
    }

    /// Goes along whatever leads on.
    pub(crate) async fn follow(&mut self, url: &str) -> Page {
        self.get(url).await
    }

    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields).append_pair("form_token", &self.token);
        let url = format!("{}{path}", self.site);
        self.go(&url, Some(form.finish()), None).await
    }

    /// Begins to sign in, and returns where the page leads.
    pub(crate) async fn begin(&mut self, next: &str) -> String {
        let page = self.post("/en/sign-in/with/ministry", &[("next", next)]).await;
        page.onward().unwrap_or_else(|| panic!("{}", page.text))
    }

    /// Goes through the provider, and returns the address of its answer.
    pub(crate) async fn answer_to(&mut self, onward: &str) -> String {
        let stop = format!("{}/sign-in/from/", self.site);
        let page = self.go(onward, None, Some(&stop)).await;
        assert_eq!(page.status, 0, "the provider did not answer: {} {}", page.url, page.text);
        page.url.into()
    }

    /// Signs in, and returns the page that is reached.
    pub(crate) async fn sign_in(&mut self, next: &str) -> Page {
        let onward = self.begin(next).await;
        self.get(&onward).await
    }
}

/// Returns a parameter of an address.
pub(crate) fn parameter(url: &str, name: &str) -> String {
    let url = Url::parse(url).unwrap();
    url.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned()
}

/// Puts another value in the place of a parameter; an empty one takes it away.
pub(crate) fn with(url: &str, name: &str, value: &str) -> String {
    let mut url = Url::parse(url).unwrap();
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    assert!(pairs.iter().any(|(key, _)| key == name), "{url} has no {name}");
    let mut query = url.query_pairs_mut();
    query.clear();
    for (key, old) in &pairs {
        match key == name {
            true if value.is_empty() => {}
            true => drop(query.append_pair(key, value)),
            false => drop(query.append_pair(key, old)),
        }
    }
    drop(query);
    url.into()
}
