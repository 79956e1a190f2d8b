//! Coming in and going out: passkeys, one-time links, new accounts.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use desk::account::{AccountError, Invitation, Passkey};
use desk::session::sign_in_challenge;
use desk::{Account, Desk, Versioned};
use evidence::passkey::{Assertion, AssertionError};
use evidence::{PublicKey, Timestamp};

use super::providers::{Button, buttons, sign_out_there};
use super::{Answer, Stop, accept, accept_from_anyone, look, sign_in_path};
use crate::desk::settings::is_name;
use crate::desk::{Entry, Posted, ended_cookie, local_path, session_cookie};
use crate::pages::Request;
use crate::pages::frame::Frame;
use crate::pages::scene::Scene;
use crate::pages::text::Say;
use crate::state::App;

#[derive(Template)]
#[template(path = "desk_sign_in.html")]
struct SignIn {
    frame: Frame,
    say: Say,
    challenge_id: String,
    challenge: String,
    next: String,
    /// Other providers, and whether they are the only way in.
    providers: Vec<Button>,
    only: bool,
    wrong: Option<String>,
}

#[derive(Template)]
#[template(path = "desk_welcome.html")]
struct Welcome {
    frame: Frame,
    say: Say,
    /// Where the form goes.
    action: String,
    /// Whether a passkey is asked for.
    passkey: Option<NewPasskey>,
    name: String,
    /// Whether an account is opened that is there already.
    again: bool,
    wrong: Option<String>,
}

/// What a form needs to make a passkey and have it prove itself.
pub(super) struct NewPasskey {
    pub(super) challenge_id: String,
    pub(super) challenge: String,
    /// The browser's name for the account: random, so that it tells nobody anything.
    pub(super) user: String,
    pub(super) site: String,
}

impl NewPasskey {
    pub(super) fn new(scene: &Scene, desk: &Desk) -> Result<Self, Stop> {
        let challenge_id = desk.challenge(scene.now)?;
        Ok(Self {
            challenge: challenge_text(&challenge_id),
            challenge_id,
            user: URL_SAFE_NO_PAD.encode(desk.new_id(scene.now)?),
            site: scene.say.text("site-name").to_string(),
        })
    }
}

fn challenge_text(id: &str) -> String {
    URL_SAFE_NO_PAD.encode(sign_in_challenge(id).as_bytes())
}

pub(super) async fn show(Path(language): Path<String>, request: Request) -> Response {
    look(&language, request, |scene, member| {
        let next = next_of(&scene);
        match member {
            Some(member) if member.is_fresh(scene.now) => Ok(Answer::To(next)),
            _ => page(&scene, next, None).map(Answer::Page),
        }
    })
    .await
}

/// Returns where one goes on to after signing in.
fn next_of(scene: &Scene) -> String {
    let asked = scene.uri.query().and_then(|query| {
        url::form_urlencoded::parse(query.as_bytes())
            .find(|(name, _)| name == "next")
            .map(|(_, to)| to.into_owned())
    });
    asked.filter(|to| local_path(to).is_some()).unwrap_or_else(|| scene.href("desk"))
}

fn page(scene: &Scene, next: String, wrong: Option<String>) -> Result<String, Stop> {
    let desk = scene.desk().ok_or(Stop::Missing)?;
    let challenge_id = desk.challenge(scene.now)?;
    let title = scene.say.text("sign-in").to_string();
    let page = SignIn {
        frame: Frame::new(scene, "desk", title).asks_passkeys(),
        say: scene.say,
        challenge: challenge_text(&challenge_id),
        challenge_id,
        next,
        providers: buttons(scene),
        only: scene.providers.only(),
        wrong,
    };
    Ok(page.render()?)
}

/// Why a passkey was not taken.
#[derive(Debug, thiserror::Error)]
pub(super) enum PasskeyProblem {
    #[error("the challenge is too old, or was answered before")]
    Challenge,
    #[error("the browser gave no public key of a kind that is used here (ECDSA P-256)")]
    Key,
    #[error(transparent)]
    Assertion(#[from] AssertionError),
    #[error("{0:?}")]
    Desk(Stop),
}

impl PasskeyProblem {
    pub(super) fn key(&self) -> &'static str {
        match self {
            Self::Challenge => "passkey-challenge",
            Self::Key => "passkey-key",
            Self::Assertion(AssertionError::UserNotVerified) => "passkey-not-verified",
            Self::Assertion(_) | Self::Desk(_) => "passkey-wrong",
        }
    }
}

/// Checks that a passkey answered an open challenge of ours.
pub(super) fn answered(
    desk: &Desk,
    posted: &Posted,
    key: &PublicKey,
    now: Timestamp,
) -> Result<(), PasskeyProblem> {
    let id = posted.get("challenge_id");
    let open = desk.close_challenge(id, now).map_err(|error| PasskeyProblem::Desk(error.into()))?;
    if !open {
        return Err(PasskeyProblem::Challenge);
    }
    let assertion = Assertion::from_browser(
        posted.get("authenticator_data"),
        posted.get("client_data"),
        posted.get("signature"),
    )?;
    Ok(assertion.verify(key, sign_in_challenge(id).as_bytes())?)
}

/// Reads a new passkey that a form brings, with the proof that it is in hand.
pub(super) fn new_passkey(
    desk: &Desk,
    posted: &Posted,
    label: String,
    now: Timestamp,
) -> Result<Passkey, PasskeyProblem> {
    let der = URL_SAFE_NO_PAD.decode(posted.get("spki")).map_err(|_| PasskeyProblem::Key)?;
    let key = PublicKey::from_spki_der(&der).map_err(|_| PasskeyProblem::Key)?;
    let credential = posted.get("credential");
    if credential.is_empty() || credential.len() > 1_400 || URL_SAFE_NO_PAD.decode(credential).is_err() {
        return Err(PasskeyProblem::Key);
    }
    answered(desk, posted, &key, now)?;
    Ok(Passkey {
        credential: credential.to_owned(),
        spki: STANDARD.encode(&der),
        key: key.hash(),
        label,
        created_at: now,
    })
}

pub(super) async fn with_passkey(
    Path(language): Path<String>,
    State(app): State<App>,
    request: axum::extract::Request,
) -> Response {
    accept_from_anyone(&language, app, request, |scene, _, posted| {
        let desk = scene.desk().ok_or(Stop::Missing)?;
        if scene.providers.only() {
            return Err(Stop::Missing);
        }
        let next = local_path(posted.get("next")).map_or_else(|| scene.href("desk"), str::to_owned);
        let account =
            desk.one::<Account>("passkey", posted.get("credential"))?.filter(|account| !account.shut);
        let key = account
            .as_ref()
            .and_then(|account| account.passkey(posted.get("credential")))
            .and_then(|passkey| evidence::key::decode_spki(&passkey.spki).ok());
        let problem = match (&account, key) {
            (Some(account), Some(key)) => match answered(desk, &posted, &key, scene.now) {
                Ok(()) => return signed_in(&scene, desk, account, next),
                Err(problem) => problem,
            },
            // Whether there is such an account is not told apart from a wrong signature.
            _ => PasskeyProblem::Assertion(AssertionError::Signature),
        };
        tracing::info!(%problem, "a passkey was not taken");
        page(&scene, next, Some(scene.say.text(problem.key()).to_string())).map(Answer::Wrong)
    })
    .await
}

/// Begins a session, and goes on.
fn signed_in(scene: &Scene, desk: &Desk, account: &Versioned<Account>, to: String) -> Result<Answer, Stop> {
    let (_, secret) = desk.begin_session(account, scene.now)?;
    Ok(Answer::WithCookie { to, cookie: session_cookie(secret.as_str(), scene.secure) })
}

pub(super) async fn out(
    Path(language): Path<String>,
    State(app): State<App>,
    request: axum::extract::Request,
) -> Response {
    accept(&language, app, request, Entry::SignedIn, |room, _| {
        if let Some(session) = room.member.session() {
            room.member.desk.end_session(session)?;
        }
        let cookie = ended_cookie(room.scene.secure);
        match sign_out_there(room)? {
            Some((page, to)) => Ok(Answer::Onward { page, to, cookies: vec![cookie] }),
            None => Ok(Answer::WithCookie { to: room.scene.href(""), cookie }),
        }
    })
    .await
}

fn welcome_page(
    scene: &Scene,
    action: String,
    invitation: Option<&Invitation>,
    name: &str,
    wrong: Option<String>,
) -> Result<String, Stop> {
    let desk = scene.desk().ok_or(Stop::Missing)?;
    let title = scene.say.text("welcome-title").to_string();
    let again = invitation.is_some_and(|invitation| invitation.account.is_some());
    // A link is a way in by itself, also without scripts; an account of one's own needs a passkey.
    let passkey = if invitation.is_none() { Some(NewPasskey::new(scene, desk)?) } else { None };
    let page = Welcome {
        frame: Frame::new(scene, "desk", title).asks_passkeys(),
        say: scene.say,
        action,
        passkey,
        name: name.to_owned(),
        again,
        wrong,
    };
    Ok(page.render()?)
}

pub(super) async fn begin(Path(language): Path<String>, request: Request) -> Response {
    look(&language, request, |scene, member| match member {
        Some(_) => Ok(Answer::To(scene.href("desk"))),
        None if scene.providers.only() => Err(Stop::Missing),
        None => welcome_page(&scene, scene.href("sign-up"), None, "", None).map(Answer::Page),
    })
    .await
}

/// Returns the name that somebody gives themselves, or the key of what is wrong with it.
pub(super) fn name_of(posted: &Posted) -> Result<String, &'static str> {
    let name = posted.get("name");
    if is_name(name) { Ok(name.to_owned()) } else { Err("name-wrong") }
}

pub(super) async fn sign_up(
    Path(language): Path<String>,
    State(app): State<App>,
    request: axum::extract::Request,
) -> Response {
    accept_from_anyone(&language, app, request, |scene, _, posted| {
        let desk = scene.desk().ok_or(Stop::Missing)?;
        if scene.providers.only() {
            return Err(Stop::Missing);
        }
        let again = |key: &str| {
            let wrong = Some(scene.say.text(key).to_string());
            welcome_page(&scene, scene.href("sign-up"), None, posted.get("name"), wrong).map(Answer::Wrong)
        };
        let name = match name_of(&posted) {
            Ok(name) => name,
            Err(key) => return again(key),
        };
        let label = scene.say.text("passkey-first").to_string();
        let passkey = match new_passkey(desk, &posted, label, scene.now) {
            Ok(passkey) => passkey,
            Err(problem) => return again(problem.key()),
        };
        if desk.one::<Account>("passkey", &passkey.credential)?.is_some() {
            return again("passkey-taken");
        }
        let mut account = Versioned::new(Account::new(desk.new_id(scene.now)?, name, scene.say.0, scene.now));
        account.passkeys.push(passkey);
        desk.save(&mut account)?;
        signed_in(&scene, desk, &account, scene.href("desk"))
    })
    .await
}

pub(super) async fn welcome(Path((language, secret)): Path<(String, String)>, request: Request) -> Response {
    look(&language, request, move |scene, member| {
        let desk = scene.desk().ok_or(Stop::Missing)?;
        match desk.invitation(&secret, scene.now) {
            // Whoever comes in by a provider takes the link up in the account that is theirs then.
            Ok(invitation) if scene.providers.only() && invitation.account.is_some() => used_link(&scene),
            Ok(_) if scene.providers.only() && member.is_none() => Ok(Answer::To(sign_in_path(&scene))),
            Ok(invitation) => {
                let action = scene.href(&format!("welcome/{secret}"));
                welcome_page(&scene, action, Some(&invitation), &invitation.name, None).map(Answer::Page)
            }
            Err(AccountError::Desk(error)) => Err(error.into()),
            Err(_) => used_link(&scene),
        }
    })
    .await
}

fn used_link(scene: &Scene) -> Result<Answer, Stop> {
    let next = scene.href("desk");
    page(scene, next, Some(scene.say.text("link-used").to_string())).map(Answer::Wrong)
}

pub(super) async fn take_up(
    Path((language, secret)): Path<(String, String)>,
    State(app): State<App>,
    request: axum::extract::Request,
) -> Response {
    accept_from_anyone(&language, app, request, move |scene, member, posted| {
        let desk = scene.desk().ok_or(Stop::Missing)?;
        let invitation = match desk.invitation(&secret, scene.now) {
            Ok(invitation) => invitation,
            Err(AccountError::Desk(error)) => return Err(error.into()),
            Err(_) => return used_link(&scene),
        };
        // Whoever is signed in already takes the membership into that account.
        if let (Some(mut member), None) = (member, &invitation.account) {
            if let Some(membership) = &invitation.membership {
                member.account.join(membership.clone());
            }
            if invitation.administrator {
                member.account.appoint();
            }
            desk.write(&[invitation.remove(), member.account.put()?])?;
            return Ok(Answer::To(scene.href("desk")));
        }
        if scene.providers.only() {
            return Ok(Answer::To(sign_in_path(&scene)));
        }
        let name = match name_of(&posted) {
            Ok(name) => name,
            Err(_) if invitation.account.is_some() => String::new(),
            Err(key) => {
                let action = scene.href(&format!("welcome/{secret}"));
                let wrong = Some(scene.say.text(key).to_string());
                return welcome_page(&scene, action, Some(&invitation), posted.get("name"), wrong)
                    .map(Answer::Wrong);
            }
        };
        match desk.take_up(&secret, &name, scene.say.0, scene.now) {
            Ok(account) => signed_in(&scene, desk, &account, scene.href("desk/account")),
            Err(AccountError::Desk(error)) => Err(error.into()),
            Err(_) => used_link(&scene),
        }
    })
    .await
}
