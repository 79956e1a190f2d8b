//! One's own account: name, language, e-mail, passkeys, sessions.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use desk::account::AccountError;
use evidence::{Language, Slug};

use super::providers::{Button, IdentityLine, identities, linkable};
use super::sign_in::{NewPasskey, new_passkey};
use super::{Answer, Refused, Room, Stop, accept, enter};
use crate::desk::Entry;
use crate::desk::settings::{self, Details};
use crate::pages::Request;
use crate::pages::format::moment;
use crate::pages::frame::Frame;
use crate::pages::parts::{Html, hash};
use crate::pages::text::Say;
use crate::state::App;

#[derive(Template)]
#[template(path = "desk_account.html")]
struct AccountPage {
    frame: Frame,
    say: Say,
    token: String,
    name: String,
    email: String,
    japanese: bool,
    passkeys: Vec<PasskeyLine>,
    memberships: Vec<MembershipLine>,
    identities: Vec<IdentityLine>,
    linkable: Vec<Button>,
    add: NewPasskey,
    wrong: Option<String>,
    done: Option<String>,
}

struct PasskeyLine {
    credential: String,
    label: String,
    since: Html,
    key: Html,
    /// For whom it signs, where it is a registered key.
    signs: Vec<(Html, Slug)>,
}

struct MembershipLine {
    organisation: Html,
    holder: Option<Slug>,
    functions: String,
    /// Whether some of it comes from groups of a provider.
    granted: bool,
    members: Option<String>,
}

pub(super) async fn show(Path(language): Path<String>, request: Request) -> Response {
    enter(&language, request, Entry::SignedIn, |room| page(room, None, None).map(Answer::Page)).await
}

pub(super) fn page(room: &Room, wrong: Option<String>, done: Option<String>) -> Result<String, Stop> {
    let (scene, account) = (&room.scene, &room.member.account);
    let register = scene.register();
    let passkeys = account
        .passkeys
        .iter()
        .map(|passkey| {
            let key = register.key(&passkey.key).filter(|key| key.ended.is_none());
            let signs = key
                .and_then(|key| Some((scene.name(&key.organisation?), key.holder.clone())))
                .into_iter()
                .collect();
            PasskeyLine {
                credential: passkey.credential.clone(),
                label: passkey.label.clone(),
                since: moment(scene.say.0, passkey.created_at),
                key: hash(&passkey.key),
                signs,
            }
        })
        .collect();
    let memberships = account
        .memberships
        .iter()
        .map(|membership| {
            let known = register.organisation(&membership.organisation);
            let functions: Vec<String> =
                membership.functions.iter().map(|f| scene.say.word("function", f.as_str())).collect();
            MembershipLine {
                organisation: scene.name(&membership.organisation),
                holder: membership.holder.clone(),
                functions: functions.join(if scene.say.is_ja() { "、" } else { ", " }),
                granted: account.is_granted(&membership.organisation),
                members: known.map(|known| scene.href(&format!("desk/members/{}", known.slug))),
            }
        })
        .collect();
    let page = AccountPage {
        frame: room.frame(scene.say.text("account-title").to_string()).asks_passkeys(),
        say: scene.say,
        token: room.token(),
        name: account.name.clone(),
        email: account.email.clone().unwrap_or_default(),
        japanese: account.language == Language::Ja,
        passkeys,
        memberships,
        identities: identities(room),
        linkable: linkable(room),
        add: NewPasskey::new(scene, &room.member.desk)?,
        wrong,
        done,
    };
    Ok(page.render()?)
}

pub(super) async fn change(
    Path(language): Path<String>,
    State(app): State<App>,
    request: axum::extract::Request,
) -> Response {
    accept(&language, app, request, Entry::SignedIn, |room, posted| {
        let mut account = room.member.account.clone();
        let desk = &room.member.desk;
        let say = room.scene.say;
        let wrong = |key: &str| page(room, Some(say.text(key).to_string()), None).map(Answer::Wrong);
        if posted.has("end_sessions") {
            let own = room.member.session().map_or("", |session| &session.id);
            desk.end_other_sessions(&account.id, own)?;
            return page(room, None, Some(say.text("sessions-ended").to_string())).map(Answer::Page);
        }
        if posted.has("remove") {
            return match desk.remove_passkey(&mut account, posted.get("remove")) {
                Ok(()) => room.to("desk/account"),
                Err(AccountError::Desk(error)) => Err(error.into()),
                Err(_) => wrong("passkey-last"),
            };
        }
        let details = Details {
            name: posted.get("name"),
            email: posted.get("email"),
            language: if posted.get("language") == "en" { Language::En } else { Language::Ja },
        };
        match settings::set_details(room, &details) {
            Ok(()) => room.to("desk/account"),
            Err(Refused::Wrong { key, .. }) => wrong(key),
            Err(Refused::Draft(error)) => Err(Stop::Failed(error.to_string())),
            Err(Refused::Stop(stop)) => Err(stop),
        }
    })
    .await
}

pub(super) async fn passkey(
    Path(language): Path<String>,
    State(app): State<App>,
    request: axum::extract::Request,
) -> Response {
    // A stolen session must not be able to settle in.
    accept(&language, app, request, Entry::Fresh, |room, posted| {
        let mut account = room.member.account.clone();
        let (desk, say) = (&room.member.desk, room.scene.say);
        let wrong = |key: &str| page(room, Some(say.text(key).to_string()), None).map(Answer::Wrong);
        let label: String = posted.get("label").chars().filter(|c| !c.is_control()).take(60).collect();
        let label = if label.is_empty() { say.text("passkey-another").to_string() } else { label };
        match new_passkey(desk, &posted, label, room.scene.now) {
            Ok(passkey) => {
                if desk.one::<desk::Account>("passkey", &passkey.credential)?.is_some() {
                    return wrong("passkey-taken");
                }
                match desk.add_passkey(&mut account, passkey) {
                    Ok(()) => room.to("desk/account"),
                    Err(AccountError::Desk(error)) => Err(error.into()),
                    Err(_) => wrong("passkey-many"),
                }
            }
            Err(problem) => wrong(problem.key()),
        }
    })
    .await
}
