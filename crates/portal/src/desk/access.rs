//! Who asks: the session behind a cookie, and the bounds of what its account may see.

use axum::http::{HeaderMap, header};
use desk::account::{Function, Membership};
use desk::{AccessToken, Account, Desk, DeskError, Scope as Use, Session, Versioned};
use evidence::{Digest, Timestamp};
use node::{Caller, Scope};
use register::Register;

/// The cookie's name where the site is reached over TLS: browsers then refuse it from elsewhere
/// (RFC 6265bis §4.1.3.2).
const SECURE_NAME: &str = "__Host-kanae";
/// Its name on this machine, without TLS.
const PLAIN_NAME: &str = "kanae-local";

/// How the site is reached, as far as cookies are concerned.
fn name_of(secure: bool) -> &'static str {
    if secure { SECURE_NAME } else { PLAIN_NAME }
}

/// Returns the secret in the session cookie.
pub(crate) fn cookie_of(headers: &HeaderMap, secure: bool) -> Option<String> {
    named(headers, name_of(secure))
}

/// The name of the cookie that ties a sign-in at a provider to the browser in which it began.
fn attempt_name(secure: bool) -> &'static str {
    if secure { "__Host-kanae-sign-in" } else { "kanae-local-sign-in" }
}

/// Returns the secret in the cookie of a sign-in at a provider.
pub(crate) fn attempt_of(headers: &HeaderMap, secure: bool) -> Option<String> {
    named(headers, attempt_name(secure))
}

/// Returns the header that ties a sign-in at a provider to a browser; without a secret, the one that
/// takes it away.
pub(crate) fn attempt_cookie(secret: Option<&str>, secure: bool) -> String {
    let more = if secure { "; Secure" } else { "" };
    let age = if secret.is_some() { 600 } else { 0 };
    let name = attempt_name(secure);
    // Lax, since the browser comes back from another site.
    format!("{name}={}; Path=/; HttpOnly; SameSite=Lax; Max-Age={age}{more}", secret.unwrap_or_default())
}

fn named(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok()).find_map(|line| {
        line.split(';').take(50).find_map(|pair| {
            let (key, value) = pair.trim().split_once('=')?;
            (key == name && value.len() <= 100).then(|| value.to_owned())
        })
    })
}

/// Returns the header that gives a browser its session.
pub(crate) fn session_cookie(secret: &str, secure: bool) -> String {
    let more = if secure { "; Secure" } else { "" };
    format!("{}={secret}; Path=/; HttpOnly; SameSite=Lax; Max-Age=43200{more}", name_of(secure))
}

/// Returns the header that takes the session away.
pub(crate) fn ended_cookie(secure: bool) -> String {
    let more = if secure { "; Secure" } else { "" };
    format!("{}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0{more}", name_of(secure))
}

/// Returns a path on this site to go on to, never another site's: `/ja/desk/…`.
pub(crate) fn local_path(text: &str) -> Option<&str> {
    let plain =
        text.len() <= 500 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"/-._~?=&%".contains(&b));
    let ours = ["/ja/", "/en/"].iter().any(|start| text.starts_with(start));
    (plain && ours && !text.contains("//")).then_some(text)
}

/// How someone came in.
#[derive(Debug, Clone)]
pub(crate) enum Way {
    /// With a browser that holds a session.
    Session(Versioned<Session>),
    /// With a program that holds a token of the account.
    Token(Versioned<AccessToken>),
}

/// Someone at the desk.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) desk: Desk,
    pub(crate) way: Way,
    pub(crate) account: Versioned<Account>,
}

/// Whom a page lets in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entry {
    /// Whoever is signed in.
    SignedIn,
    /// Whoever proved lately who they are.
    Fresh,
    /// Whoever administers the node.
    Administrator,
}

impl Member {
    /// Finds who is behind a cookie.
    pub(crate) fn find(desk: &Desk, cookie: &str, now: Timestamp) -> Result<Option<Self>, DeskError> {
        let found = desk.session(cookie, now)?;
        let member = |(session, account)| Self { desk: desk.clone(), way: Way::Session(session), account };
        Ok(found.map(member))
    }

    /// Finds whose token this is.
    pub(crate) fn of_token(desk: &Desk, text: &str, now: Timestamp) -> Result<Option<Self>, DeskError> {
        let found = desk.token(text, now)?;
        let member = |(token, account)| Self { desk: desk.clone(), way: Way::Token(token), account };
        Ok(found.map(member))
    }

    /// Returns the session, where the member came with a browser.
    pub(crate) fn session(&self) -> Option<&Versioned<Session>> {
        match &self.way {
            Way::Session(session) => Some(session),
            Way::Token(_) => None,
        }
    }

    /// Returns what forms bring along.
    pub(crate) fn form_token(&self) -> &str {
        self.session().map_or("", |session| &session.form_token)
    }

    /// Tells whether the member proved lately who they are. A program never did.
    pub(crate) fn is_fresh(&self, now: Timestamp) -> bool {
        self.session().is_some_and(|session| session.is_fresh(now))
    }

    /// Tells whether the way in may be used for this: a token for its scopes only.
    pub(crate) fn may_use(&self, scope: Use) -> bool {
        match &self.way {
            Way::Session(_) => true,
            Way::Token(token) => token.may(scope),
        }
    }

    /// Tells whether the member may enter.
    pub(crate) fn may_enter(&self, entry: Entry, now: Timestamp) -> bool {
        match entry {
            Entry::SignedIn => true,
            Entry::Fresh => self.is_fresh(now),
            Entry::Administrator => self.account.administrator,
        }
    }

    /// Returns the membership in an organisation.
    pub(crate) fn of(&self, organisation: &Digest) -> Option<&Membership> {
        self.account.membership(organisation)
    }

    /// Tells whether the member may do this for an organisation.
    pub(crate) fn may(&self, organisation: &Digest, function: Function) -> bool {
        self.account.may(organisation, function)
    }

    /// Returns the caller that the node takes the member for, in the name of an organisation.
    pub(crate) fn caller(&self, register: &Register, organisation: &Digest) -> Caller {
        match (self.of(organisation), register.organisation(organisation)) {
            (Some(_), Some(known)) => {
                Caller::Token { scope: Scope::Submit, organisation: Some(known.slug.clone()) }
            }
            _ => Caller::Anonymous,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_this_site_are_gone_on_to() {
        assert_eq!(local_path("/ja/desk/drafts/1?x=2"), Some("/ja/desk/drafts/1?x=2"));
        for strange in [
            "https://evil.example/",
            "//evil.example/ja/",
            "/ja//evil",
            "/ja/\r\nSet-Cookie: a",
            "/xx/",
            "/ja\\evil",
            "",
        ] {
            assert_eq!(local_path(strange), None, "{strange}");
        }
    }

    #[test]
    fn the_cookie_is_found_among_others_and_its_name_depends_on_tls() {
        let headers = HeaderMap::from_iter([(
            header::COOKIE,
            "a=b; kanae-local=plain; __Host-kanae=secret".parse().unwrap(),
        )]);
        assert_eq!(cookie_of(&headers, true).as_deref(), Some("secret"));
        assert_eq!(cookie_of(&headers, false).as_deref(), Some("plain"));
        assert!(session_cookie("x", true).ends_with("; Secure"));
    }
}
