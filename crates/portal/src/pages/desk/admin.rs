//! Administering the node's accounts. It confers no authority on the record.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use desk::Account;
use desk::account::AccountError;

use super::{Answer, Room, Stop, accept, enter};
use crate::desk::Entry;
use crate::desk::administering::{self, Change};
use crate::pages::Request;
use crate::pages::format::{japanese_day, short_day};
use crate::pages::frame::Frame;
use crate::pages::parts::{Html, Tag};
use crate::pages::text::Say;
use crate::state::App;

/// The most accounts on one page.
const PAGE: usize = 200;

#[derive(Template)]
#[template(path = "desk_admin.html")]
struct Admin {
    frame: Frame,
    say: Say,
    token: String,
    accounts: Vec<Line>,
    next: Option<String>,
    organisations: Vec<(Html, String)>,
    link: Option<String>,
    /// Whether providers are the only way in: a link into an account is none then.
    only: bool,
    wrong: Option<String>,
}

#[expect(clippy::struct_excessive_bools, reason = "each is a part of the line that is there or not")]
struct Line {
    id: String,
    name: String,
    organisations: Vec<Html>,
    since: Html,
    tag: Tag,
    shut: bool,
    administrator: bool,
    own: bool,
    /// Whether it stands for a program.
    program: bool,
}

pub(super) async fn show(Path(language): Path<String>, request: Request) -> Response {
    enter(&language, request, Entry::Administrator, |room| page(room, None, None).map(Answer::Page)).await
}

fn page(room: &Room, link: Option<String>, wrong: Option<String>) -> Result<String, Stop> {
    let (scene, say) = (&room.scene, room.scene.say);
    let query = scene.uri.query().unwrap_or_default();
    let after = url::form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "after")
        .map(|(_, value)| value.into_owned());
    let found = room.member.desk.list::<Account>("all", "", after.as_deref(), PAGE)?;
    let next = (found.len() == PAGE)
        .then(|| found.last().map(|last| scene.href(&format!("desk/admin?after={}", last.id))))
        .flatten();
    let page = Admin {
        frame: room.frame(say.text("admin-title").to_string()),
        say,
        token: room.token(),
        accounts: found.iter().map(|account| line(room, account)).collect(),
        next,
        organisations: scene
            .register()
            .organisations()
            .map(|o| (scene.name(&o.id), scene.href(&format!("desk/members/{}", o.slug))))
            .collect(),
        link,
        only: scene.providers.only(),
        wrong,
    };
    Ok(page.render()?)
}

fn line(room: &Room, account: &Account) -> Line {
    let say = room.scene.say;
    Line {
        id: account.id.clone(),
        name: account.name.clone(),
        organisations: account.memberships.iter().map(|m| room.scene.name(&m.organisation)).collect(),
        since: short_day(japanese_day(account.created_at)),
        tag: match (account.shut, account.administrator) {
            (true, _) => Tag::signed("bad", say.text("admin-shut")),
            (_, true) => Tag::signed("filed", say.text("admin-administrator")),
            _ => Tag::signed("good", say.text("admin-open")),
        },
        shut: account.shut,
        administrator: account.administrator,
        own: account.id == room.member.account.id,
        program: account.service_of.is_some(),
    }
}

pub(super) async fn change(
    Path(language): Path<String>,
    State(app): State<App>,
    request: axum::extract::Request,
) -> Response {
    accept(&language, app, request, Entry::Administrator, |room, posted| {
        if !room.member.is_fresh(room.scene.now) {
            return room.to(&format!("sign-in?next={}", room.scene.href("desk/admin")));
        }
        let Some(mut account) = room.member.desk.load::<Account>(posted.get("account"))? else {
            return Err(Stop::Missing);
        };
        let Some(change) = Change::named(posted.get("do")) else { return room.to("desk/admin") };
        match administering::change(room, &mut account, change) {
            Ok(None) => room.to("desk/admin"),
            Ok(Some(secret)) => {
                let path = room.scene.href(&format!("welcome/{}", secret.as_str()));
                page(room, Some(format!("{}{path}", room.scene.base)), None).map(Answer::Page)
            }
            Err(AccountError::Desk(error)) => Err(error.into()),
            Err(_) => {
                let wrong = Some(room.scene.say.text("admin-last").to_string());
                page(room, None, wrong).map(Answer::Wrong)
            }
        }
    })
    .await
}
