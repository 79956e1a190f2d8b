//! Colleagues: who works for an organisation at this desk, and inviting more.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use desk::Function;
use desk::account::{Invitation, Membership};
use evidence::{Digest, Slug};

use super::{Answer, Refused, Room, Stop, accept, enter};
use crate::desk::members::{self, manages, organisation};
use crate::desk::{Choice, Entry, Posted, choices};
use crate::pages::Request;
use crate::pages::frame::Frame;
use crate::pages::parts::Html;
use crate::pages::text::Say;
use crate::state::App;

#[derive(Template)]
#[template(path = "desk_members.html")]
struct MembersPage {
    frame: Frame,
    say: Say,
    token: String,
    organisation: Html,
    members: Vec<Line>,
    holders: Vec<Choice>,
    functions: Vec<(&'static str, String)>,
    /// The link of an invitation that was just made.
    link: Option<String>,
    manages: bool,
    /// Where the accounts of the organisation's programs are.
    programs: String,
    wrong: Option<String>,
}

struct Line {
    id: String,
    name: String,
    holder: Option<Slug>,
    functions: String,
    /// Whether some of it comes from groups of a provider: it is given again when they next sign in.
    granted: bool,
    own: bool,
    /// Whether it stands for a program.
    program: bool,
}

pub(super) async fn show(Path((language, slug)): Path<(String, String)>, request: Request) -> Response {
    enter(&language, request, Entry::SignedIn, move |room| {
        let id = organisation(room, &slug)?;
        page(room, &id, None, None).map(Answer::Page)
    })
    .await
}

fn page(room: &Room, id: &Digest, link: Option<String>, wrong: Option<String>) -> Result<String, Stop> {
    let (scene, say) = (&room.scene, room.scene.say);
    let members = members::members(room, id)?
        .iter()
        .filter_map(|account| {
            let membership = account.membership(id)?;
            let functions: Vec<String> =
                membership.functions.iter().map(|f| say.word("function", f.as_str())).collect();
            Some(Line {
                id: account.id.clone(),
                name: account.name.clone(),
                holder: membership.holder.clone(),
                functions: functions.join(if say.is_ja() { "、" } else { ", " }),
                granted: account.is_granted(id),
                own: account.id == room.member.account.id,
                program: account.service_of.is_some(),
            })
        })
        .collect();
    let page = MembersPage {
        frame: room.frame(say.text("members-title").to_string()),
        say,
        token: room.token(),
        organisation: scene.name(id),
        members,
        holders: choices(scene, &desk::form::Source::Holders, Some(id), None, None),
        functions: Function::ALL.iter().map(|f| (f.as_str(), say.word("function", f.as_str()))).collect(),
        link,
        manages: manages(room, id),
        programs: scene.href(&format!("desk/programs/{}", scene.register().path_of(id).unwrap_or_default())),
        wrong,
    };
    Ok(page.render()?)
}

pub(super) async fn change(
    Path((language, slug)): Path<(String, String)>,
    State(app): State<App>,
    request: axum::extract::Request,
) -> Response {
    accept(&language, app, request, Entry::Fresh, move |room, posted| {
        let id = organisation(room, &slug)?;
        if !manages(room, &id) {
            return Err(Stop::Forbidden);
        }
        if posted.has("end") {
            return end(room, &id, posted.get("end"));
        }
        invite(room, id, &posted)
    })
    .await
}

fn invite(room: &Room, organisation: Digest, posted: &Posted) -> Result<Answer, Stop> {
    let holder = match posted.get("holder") {
        "" => None,
        text => Some(text.parse::<Slug>().map_err(|_| Stop::Missing)?),
    };
    let functions: BTreeSet<Function> =
        Function::ALL.into_iter().filter(|f| posted.has(&format!("function-{}", f.as_str()))).collect();
    let name: String = posted.get("name").chars().filter(|c| !c.is_control()).take(100).collect();
    let invitation = Invitation {
        id: String::new(),
        account: None,
        name,
        administrator: false,
        membership: Some(Membership { organisation, holder, functions }),
        by: Some(room.member.account.id.clone()),
        until: room.scene.now,
    };
    let secret = room.member.desk.invite(invitation, room.scene.now)?;
    let link = format!("{}{}", room.scene.base, room.scene.href(&format!("welcome/{}", secret.as_str())));
    page(room, &organisation, Some(link), None).map(Answer::Page)
}

/// Ends a membership.
fn end(room: &Room, organisation: &Digest, id: &str) -> Result<Answer, Stop> {
    match members::end(room, organisation, id) {
        Ok(()) => {}
        Err(Refused::Stop(stop)) => return Err(stop),
        Err(_) => {
            let wrong = room.scene.say.text("last-manager").to_string();
            return page(room, organisation, None, Some(wrong)).map(Answer::Wrong);
        }
    }
    let slug = room.scene.register().path_of(organisation).unwrap_or_default();
    room.to(&format!("desk/members/{slug}"))
}
