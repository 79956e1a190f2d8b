//! Tokens for programs: one's own, and those of the accounts that an organisation's programs have.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use desk::token::MAX_DAYS;
use desk::{Account, Function, Scope};
use evidence::Digest;

use super::{Answer, Refused, Room, Stop, accept, enter};
use crate::desk::{Entry, Posted, tokens};
use crate::pages::Request;
use crate::pages::format::{moment, short_day};
use crate::pages::frame::Frame;
use crate::pages::parts::{Html, Tag};
use crate::pages::text::Say;
use crate::state::App;

#[derive(Template)]
#[template(path = "desk_tokens.html")]
struct TokensPage {
    frame: Frame,
    say: Say,
    token: String,
    /// The program whose tokens they are; none: one's own.
    program: Option<String>,
    lines: Vec<Line>,
    scopes: Vec<(&'static str, String)>,
    days: Vec<(u16, String)>,
    /// The token that was just made.
    made: Option<String>,
    wrong: Option<String>,
}

struct Line {
    id: String,
    label: String,
    scopes: String,
    until: Html,
    used: Html,
    tag: Tag,
}

fn page(room: &Room, account: &Account, made: Option<String>, wrong: Option<String>) -> Result<String, Stop> {
    let (scene, say) = (&room.scene, room.scene.say);
    let between = if say.is_ja() { "、" } else { ", " };
    let tokens = room.member.desk.tokens_of(&account.id)?;
    let lines = tokens.iter().rev().map(|token| {
        let scopes: Vec<String> = token.scopes.iter().map(|s| say.word("scope", s.as_str())).collect();
        Line {
            id: token.id.clone(),
            label: token.label.clone(),
            scopes: scopes.join(between),
            until: moment(say.0, token.until),
            used: match token.used_on {
                Some(day) => short_day(day.civil()),
                None => Html::text(say.text("token-unused")),
            },
            tag: if token.holds(scene.now) {
                Tag::signed("good", say.text("token-holds"))
            } else {
                Tag::signed("bad", say.text("token-ended"))
            },
        }
    });
    let days = [30, 90, MAX_DAYS];
    let page = TokensPage {
        frame: room.frame(say.text("tokens-title").to_string()),
        say,
        token: room.token(),
        program: account.service_of.map(|_| account.name.clone()),
        lines: lines.collect(),
        scopes: Scope::ALL
            .iter()
            .filter(|scope| **scope != Scope::Read)
            .map(|scope| (scope.as_str(), say.word("scope", scope.as_str())))
            .collect(),
        days: days.map(|n| (n, say.html("token-days").count("count", u64::from(n)).to_string())).into(),
        made,
        wrong,
    };
    Ok(page.render()?)
}

/// Does what a form on the page of an account's tokens asks; `back` is where the page stands.
fn act(room: &Room, account: &Account, posted: &Posted, back: &str) -> Result<Answer, Stop> {
    if posted.has("revoke") {
        tokens::revoke(room, account, posted.get("revoke"))?;
        return room.to(back);
    }
    if !room.member.is_fresh(room.scene.now) {
        return room.to(&format!("sign-in?next={}", room.scene.href(back)));
    }
    let scopes: BTreeSet<Scope> =
        Scope::ALL.into_iter().filter(|s| posted.has(&format!("scope-{}", s.as_str()))).collect();
    let days = posted.get("days").parse().unwrap_or(0);
    match tokens::make(room, account, posted.get("label"), scopes, days) {
        Ok(made) => page(room, account, Some(made), None).map(Answer::Page),
        Err(refused) => wrong(room, refused, |told| page(room, account, None, Some(told))),
    }
}

fn wrong(
    room: &Room,
    refused: Refused,
    make: impl FnOnce(String) -> Result<String, Stop>,
) -> Result<Answer, Stop> {
    match refused {
        Refused::Wrong { key, .. } => make(room.scene.say.text(key).to_string()).map(Answer::Wrong),
        Refused::Draft(error) => Err(Stop::Failed(error.to_string())),
        Refused::Stop(stop) => Err(stop),
    }
}

pub(super) async fn show(Path(language): Path<String>, request: Request) -> Response {
    enter(&language, request, Entry::SignedIn, |room| {
        page(room, &room.member.account, None, None).map(Answer::Page)
    })
    .await
}

pub(super) async fn change(
    Path(language): Path<String>,
    State(app): State<App>,
    request: axum::extract::Request,
) -> Response {
    accept(&language, app, request, Entry::SignedIn, |room, posted| {
        act(room, &room.member.account, &posted, "desk/tokens")
    })
    .await
}

// ── Programs of an organisation ─────────────────────────────────────────────────────────────────

#[derive(Template)]
#[template(path = "desk_programs.html")]
struct ProgramsPage {
    frame: Frame,
    say: Say,
    token: String,
    organisation: Html,
    programs: Vec<Program>,
    functions: Vec<(&'static str, String)>,
    wrong: Option<String>,
}

struct Program {
    id: String,
    name: String,
    functions: String,
    tokens: usize,
    href: String,
}

fn programs_page(room: &Room, slug: &str, id: &Digest, wrong: Option<String>) -> Result<String, Stop> {
    let (scene, say) = (&room.scene, room.scene.say);
    let between = if say.is_ja() { "、" } else { ", " };
    let mut programs = Vec::new();
    for account in tokens::programs(room, id)? {
        let functions = account.membership(id).map(|membership| &membership.functions);
        let words: Vec<String> =
            functions.into_iter().flatten().map(|f| say.word("function", f.as_str())).collect();
        let tokens = room.member.desk.tokens_of(&account.id)?;
        programs.push(Program {
            id: account.id.clone(),
            name: account.name.clone(),
            functions: words.join(between),
            tokens: tokens.iter().filter(|token| token.holds(scene.now)).count(),
            href: scene.href(&format!("desk/programs/{slug}/{}", account.id)),
        });
    }
    let page = ProgramsPage {
        frame: room.frame(say.text("programs-title").to_string()),
        say,
        token: room.token(),
        organisation: scene.name(id),
        programs,
        functions: Function::ALL.iter().map(|f| (f.as_str(), say.word("function", f.as_str()))).collect(),
        wrong,
    };
    Ok(page.render()?)
}

pub(super) async fn programs(Path((language, slug)): Path<(String, String)>, request: Request) -> Response {
    enter(&language, request, Entry::SignedIn, move |room| {
        let id = tokens::managed(room, &slug)?;
        programs_page(room, &slug, &id, None).map(Answer::Page)
    })
    .await
}

pub(super) async fn change_programs(
    Path((language, slug)): Path<(String, String)>,
    State(app): State<App>,
    request: axum::extract::Request,
) -> Response {
    accept(&language, app, request, Entry::SignedIn, move |room, posted| {
        let id = tokens::managed(room, &slug)?;
        let back = format!("desk/programs/{slug}");
        if posted.has("end") {
            tokens::end_program(room, &id, posted.get("end"))?;
            return room.to(&back);
        }
        if !room.member.is_fresh(room.scene.now) {
            return room.to(&format!("sign-in?next={}", room.scene.href(&back)));
        }
        let functions: BTreeSet<Function> =
            Function::ALL.into_iter().filter(|f| posted.has(&format!("function-{}", f.as_str()))).collect();
        match tokens::add_program(room, id, posted.get("name"), functions) {
            Ok(program) => room.to(&format!("{back}/{program}")),
            Err(refused) => wrong(room, refused, |told| programs_page(room, &slug, &id, Some(told))),
        }
    })
    .await
}

pub(super) async fn program(
    Path((language, slug, account)): Path<(String, String, String)>,
    request: Request,
) -> Response {
    enter(&language, request, Entry::SignedIn, move |room| {
        let id = tokens::managed(room, &slug)?;
        page(room, &*tokens::program(room, &id, &account)?, None, None).map(Answer::Page)
    })
    .await
}

pub(super) async fn change_program(
    Path((language, slug, account)): Path<(String, String, String)>,
    State(app): State<App>,
    request: axum::extract::Request,
) -> Response {
    accept(&language, app, request, Entry::SignedIn, move |room, posted| {
        let id = tokens::managed(room, &slug)?;
        let program = tokens::program(room, &id, &account)?;
        act(room, &program, &posted, &format!("desk/programs/{slug}/{account}"))
    })
    .await
}
