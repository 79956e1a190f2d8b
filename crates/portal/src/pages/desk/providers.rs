//! Coming in from other providers (OpenID Connect): the way there, the way back, identities of an
//! account. What an answer has to be stands in the crate `identity`; what an account is given by it in
//! `desk::federation`.

use std::future::Future;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use desk::account::{AccountError, Identity, MAX_NAME};
use desk::federation::{Attempt, Given, Purpose};
use desk::secret::Secret;
use desk::{Account, Desk, DeskError, Versioned};
use evidence::{Language, Timestamp};
use identity::{Expected, Person, Problem, Provider, Returned};

use super::account::page as account_page;
use super::{Answer, Room, Stop, accept, accept_from_anyone, look};
use crate::desk::settings::{is_address, is_name};
use crate::desk::{Entry, Member, attempt_cookie, attempt_of, local_path, session_cookie};
use crate::pages::Request;
use crate::pages::frame::Frame;
use crate::pages::preferred;
use crate::pages::scene::Scene;
use crate::pages::text::Say;
use crate::state::App;

/// The longest parameter of an answer that is read, in bytes.
const MAX_PARAMETER: usize = 4_000;

/// A button that leads to a provider.
pub(super) struct Button {
    /// The provider's name in addresses.
    pub(super) name: String,
    pub(super) label: String,
}

/// An identity of an account.
pub(super) struct IdentityLine {
    /// What unlinks it.
    pub(super) word: String,
    pub(super) label: String,
    /// The provider's name for the person.
    pub(super) subject: String,
    pub(super) corporate_number: Option<String>,
}

#[derive(Template)]
#[template(path = "desk_onward.html")]
struct Onward {
    frame: Frame,
    title: String,
    what: String,
    /// Where it leads.
    to: String,
    link: String,
    /// Whether something went wrong.
    wrong: bool,
}

/// Returns the buttons of the page to sign in.
pub(super) fn buttons(scene: &Scene) -> Vec<Button> {
    scene.providers.iter().map(|provider| button(provider, scene.say)).collect()
}

fn button(provider: &Provider, say: Say) -> Button {
    let settings = provider.settings();
    Button { name: settings.name.to_string(), label: settings.label.get(say.0).to_owned() }
}

/// Returns the identities of the account.
pub(super) fn identities(room: &Room) -> Vec<IdentityLine> {
    let label = |identity: &Identity| {
        let known = room.scene.providers.iter().find(|p| p.settings().issuer == identity.issuer);
        known.map_or_else(|| identity.issuer.clone(), |known| button(known, room.scene.say).label)
    };
    room.member
        .account
        .identities
        .iter()
        .map(|identity| IdentityLine {
            word: identity.word(),
            label: label(identity),
            subject: identity.subject.clone(),
            corporate_number: identity.corporate_number.clone(),
        })
        .collect()
}

/// Returns the providers to which the account can be linked.
pub(super) fn linkable(room: &Room) -> Vec<Button> {
    let linked = |provider: &Arc<Provider>| {
        room.member.account.identities.iter().any(|i| i.issuer == provider.settings().issuer)
    };
    room.scene.providers.iter().filter(|p| !linked(p)).map(|p| button(p, room.scene.say)).collect()
}

/// Waits for a provider, on a thread that may wait.
fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Handle::current().block_on(future)
}

fn session_of(member: &Member) -> Option<String> {
    member.session().map(|session| session.id.clone())
}

fn provider<'a>(scene: &'a Scene, name: &str) -> Result<&'a Arc<Provider>, Stop> {
    scene.providers.get(name).ok_or(Stop::Missing)
}

/// Returns a page with one way on from it.
fn step(scene: &Scene, title: &str, what: String, way: (String, String)) -> Onward {
    let title = scene.say.text(title).to_string();
    let frame = Frame::new(scene, "desk", title.clone()).elsewhere("sign-in");
    Onward { frame, title, what, to: way.0, link: way.1, wrong: false }
}

/// Says that somebody was not signed in, and where to try again.
fn failed(scene: &Scene, key: &str, purpose: Option<&Purpose>) -> Result<Answer, Stop> {
    let (to, link) = match purpose {
        Some(Purpose::Link { .. }) => (scene.href("desk/account"), "account-title"),
        _ => (scene.href("sign-in"), "provider-again"),
    };
    let what = scene.say.text(key).to_string();
    let page = step(scene, "provider-failed", what, (to, scene.say.text(link).to_string()));
    Ok(Answer::Wrong(Onward { wrong: true, ..page }.render()?))
}

fn key_of(problem: &Problem) -> &'static str {
    match problem {
        Problem::Down(_) => "provider-down",
        Problem::Refused(_) => "provider-refused",
        Problem::Unbelieved(_) => "provider-unbelieved",
        Problem::NotFresh(_) => "provider-not-fresh",
    }
}

/// Sends somebody to a provider: to sign in, or, where they are signed in, to prove again who they are.
pub(super) async fn go(
    Path((language, name)): Path<(String, String)>,
    State(app): State<App>,
    request: axum::extract::Request,
) -> Response {
    accept_from_anyone(&language, app, request, move |scene, member, posted| {
        let next = local_path(posted.get("next")).map_or_else(|| scene.href("desk"), str::to_owned);
        let purpose = match member.as_ref().and_then(session_of) {
            Some(session) => Purpose::Prove { session },
            None => Purpose::SignIn,
        };
        onward(&scene, &name, purpose, next)
    })
    .await
}

fn onward(scene: &Scene, name: &str, purpose: Purpose, next: String) -> Result<Answer, Stop> {
    let desk = scene.desk().ok_or(Stop::Missing)?;
    let provider = provider(scene, name)?;
    // The language travels along: the address to which one comes back has none.
    let id = format!("{}{}", scene.say.tag(), desk.new_attempt(scene.now)?);
    let again = purpose != Purpose::SignIn;
    let begun = match wait(provider.begin(id.clone(), again, scene.say.0)) {
        Ok(begun) => begun,
        Err(problem) => {
            tracing::warn!(provider = name, %problem, "nobody can be sent to a provider");
            return failed(scene, key_of(&problem), Some(&purpose));
        }
    };
    let secret = Secret::random().map_err(DeskError::from)?;
    let attempt = Attempt {
        id,
        provider: name.to_owned(),
        browser: secret.hash(),
        nonce: begun.nonce,
        verifier: begun.verifier,
        purpose,
        next,
        began_at: scene.now,
    };
    desk.begin_attempt(attempt, scene.now)?;
    let what = scene.say.text("provider-onward-note").with("provider", &button(provider, scene.say).label);
    let way = (begun.url.clone(), scene.say.text("provider-onward").to_string());
    let page = step(scene, "provider-onward-title", what.to_string(), way).render()?;
    let cookies = vec![attempt_cookie(Some(secret.as_str()), scene.secure)];
    Ok(Answer::Onward { page, to: begun.url, cookies })
}

/// What a provider's answer has in its address (RFC 6749 §4.1.2, RFC 9207).
#[derive(Debug, Default)]
struct Parameters {
    state: Option<String>,
    code: Option<String>,
    issuer: Option<String>,
    error: Option<String>,
}

impl Parameters {
    /// Reads them; one that stands there twice is none (RFC 6749 §3.1).
    fn read(query: &str) -> Self {
        let only = |wanted: &str| {
            let mut found =
                url::form_urlencoded::parse(query.as_bytes()).take(50).filter(|(name, _)| name == wanted);
            match (found.next(), found.next()) {
                (Some((_, value)), None) if value.len() <= MAX_PARAMETER => Some(value.into_owned()),
                _ => None,
            }
        };
        Self { state: only("state"), code: only("code"), issuer: only("iss"), error: only("error") }
    }
}

/// Takes a provider's answer.
pub(super) async fn back(Path(name): Path<String>, request: Request) -> Response {
    let parameters = Parameters::read(request.uri.query().unwrap_or_default());
    let language = match parameters.state.as_ref().and_then(|state| state.get(..2)) {
        Some("ja") => Language::Ja,
        Some("en") => Language::En,
        _ => preferred(&request.headers),
    };
    let cookie = attempt_of(&request.headers, request.app.is_secure());
    look(language.tag(), request, move |scene, member| {
        let desk = scene.desk().ok_or(Stop::Missing)?;
        let provider = provider(&scene, &name)?;
        let state = parameters.state.as_deref().unwrap_or_default();
        let attempt = desk.take_attempt(state, &name, &cookie.unwrap_or_default(), scene.now)?;
        let Some(attempt) = attempt else { return failed(&scene, "provider-late", None) };
        let expected = Expected {
            nonce: &attempt.nonce,
            verifier: &attempt.verifier,
            proved_after: (attempt.purpose != Purpose::SignIn).then_some(attempt.began_at),
            now: scene.now,
        };
        let returned = Returned {
            code: parameters.code.as_deref(),
            issuer: parameters.issuer.as_deref(),
            error: parameters.error.as_deref(),
        };
        let person = match wait(provider.finish(returned, expected)) {
            Ok(person) => person,
            Err(problem) => {
                tracing::info!(provider = name, %problem, "a provider's answer was not taken");
                return failed(&scene, key_of(&problem), Some(&attempt.purpose));
            }
        };
        let register = scene.register();
        let given = person.given(&provider.settings().rules, |slug| {
            register.find(slug.as_str()).filter(|id| register.organisation(id).is_some())
        });
        let back = Back { scene: &scene, desk, name: &name, person, given, attempt };
        back.answer(member)
    })
    .await
}

/// Somebody who came back from a provider.
struct Back<'a> {
    scene: &'a Scene,
    desk: &'a Desk,
    name: &'a str,
    person: Person,
    given: Given,
    attempt: Attempt,
}

impl Back<'_> {
    fn answer(self, member: Option<Member>) -> Result<Answer, Stop> {
        let known = self.desk.account_of(&self.person.identity)?;
        match &self.attempt.purpose {
            Purpose::SignIn => match known {
                // What is shut stays shut, whatever the groups say.
                Some(account) if account.shut => failed(self.scene, "provider-shut", None),
                Some(account) => self.sign_in(account),
                None => self.admit(),
            },
            Purpose::Prove { session } => {
                match (member.filter(|m| session_of(m).as_ref() == Some(session)), known) {
                    (None, _) => failed(self.scene, "provider-late", None),
                    (Some(member), Some(account)) if account.id == member.account.id => {
                        // A new session in the place of the old one: nobody else can have learned of it.
                        if let Some(session) = member.session() {
                            self.desk.end_session(session)?;
                        }
                        self.sign_in(account)
                    }
                    (Some(_), _) => failed(self.scene, "provider-other", None),
                }
            }
            Purpose::Link { session } => {
                match (member.filter(|m| session_of(m).as_ref() == Some(session)), known) {
                    (None, _) => failed(self.scene, "provider-late", None),
                    (Some(mut member), None) => self.link(&mut member.account),
                    (Some(member), Some(account)) if account.id == member.account.id => Ok(self.to_account()),
                    (Some(_), Some(_)) => failed(self.scene, "provider-taken", Some(&self.attempt.purpose)),
                }
            }
        }
    }

    /// Signs in whoever has an account.
    fn sign_in(self, mut account: Versioned<Account>) -> Result<Answer, Stop> {
        self.desk.refresh(&mut account, self.person.identity.clone(), self.given.clone())?;
        self.begin_session(&account)
    }

    /// Makes an account for somebody unknown. It may do what groups give, and nothing else.
    fn admit(self) -> Result<Answer, Stop> {
        let (scene, say) = (self.scene, self.scene.say);
        let name: String = self.person.name.iter().flat_map(|name| name.chars()).take(MAX_NAME).collect();
        let name = if is_name(&name) { name } else { say.text("provider-nameless").to_string() };
        let mut account = Account::new(self.desk.new_id(scene.now)?, name, say.0, scene.now);
        account.email = self.person.email.clone().filter(|email| is_address(email));
        let mut account = Versioned::new(account);
        match self.desk.link(&mut account, self.person.identity.clone(), self.given.clone()) {
            Ok(()) => {
                tracing::info!(account = account.id, provider = self.name, "an account was made");
                self.begin_session(&account)
            }
            Err(AccountError::Desk(error)) => Err(error.into()),
            // Somebody with the same identity was faster: begin again, and it opens.
            Err(_) => failed(scene, "provider-late", None),
        }
    }

    fn begin_session(self, account: &Account) -> Result<Answer, Stop> {
        let scene = self.scene;
        // Where nobody says when it was, it may have been long ago: not fresh.
        let long_ago = Timestamp::from_millis(0).unwrap_or(scene.now);
        let proved_at = self.person.proved_at.unwrap_or(long_ago);
        let provider = Some(self.name.to_owned());
        let (_, secret) = self.desk.begin_session_proved(account, scene.now, proved_at, provider)?;
        let cookies = vec![session_cookie(secret.as_str(), scene.secure), attempt_cookie(None, scene.secure)];
        Ok(Answer::WithCookies { to: self.attempt.next, cookies })
    }

    fn link(self, account: &mut Versioned<Account>) -> Result<Answer, Stop> {
        match self.desk.link(account, self.person.identity.clone(), self.given.clone()) {
            Ok(()) => {
                tracing::info!(account = account.id, provider = self.name, "an identity was linked");
                Ok(self.to_account())
            }
            Err(AccountError::Desk(error)) => Err(error.into()),
            Err(AccountError::Identities) => {
                failed(self.scene, "identities-many", Some(&self.attempt.purpose))
            }
            Err(_) => failed(self.scene, "provider-taken", Some(&self.attempt.purpose)),
        }
    }

    fn to_account(&self) -> Answer {
        let cookies = vec![attempt_cookie(None, self.scene.secure)];
        Answer::WithCookies { to: self.scene.href("desk/account"), cookies }
    }
}

/// Links an identity to the account, or unlinks one. A stolen session must not be able to settle in.
pub(super) async fn change(
    Path(language): Path<String>,
    State(app): State<App>,
    request: axum::extract::Request,
) -> Response {
    accept(&language, app, request, Entry::Fresh, |room, posted| {
        let (desk, scene) = (&room.member.desk, &room.scene);
        if posted.has("link") {
            let session = session_of(&room.member).ok_or(Stop::Forbidden)?;
            let purpose = Purpose::Link { session };
            return onward(scene, posted.get("link"), purpose, scene.href("desk/account"));
        }
        let mut account = room.member.account.clone();
        match desk.unlink(&mut account, posted.get("unlink"), scene.providers.only()) {
            Ok(()) => {
                tracing::info!(account = account.id, "an identity was unlinked");
                room.to("desk/account")
            }
            Err(AccountError::Desk(error)) => Err(error.into()),
            Err(_) => {
                let wrong = scene.say.text("identity-last").to_string();
                account_page(room, Some(wrong), None).map(Answer::Wrong)
            }
        }
    })
    .await
}

/// Returns the page and the address by which somebody signs out at the provider from which they came.
pub(super) fn sign_out_there(room: &Room) -> Result<Option<(String, String)>, Stop> {
    let scene = &room.scene;
    let name = room.member.session().and_then(|session| session.provider.as_deref()).unwrap_or_default();
    let Some(provider) = scene.providers.get(name) else { return Ok(None) };
    let Some(to) = wait(provider.sign_out()) else { return Ok(None) };
    let what = scene.say.text("provider-out-note").with("provider", &button(provider, scene.say).label);
    let way = (to.clone(), scene.say.text("provider-out").to_string());
    Ok(Some((step(scene, "provider-out-title", what.to_string(), way).render()?, to)))
}

#[cfg(test)]
mod tests {
    use super::Parameters;

    #[test]
    fn a_parameter_that_stands_there_twice_is_none() {
        let read = Parameters::read("state=a&code=b&code=c&iss=https%3A%2F%2Fid.example");
        assert_eq!((read.state.as_deref(), read.code), (Some("a"), None));
        assert_eq!(read.issuer.as_deref(), Some("https://id.example"));
        assert!(Parameters::read(&format!("state={}", "x".repeat(5_000))).state.is_none());
    }
}
