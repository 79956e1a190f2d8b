//! One's desk: what is to be done, for each organisation that one works for.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use desk::account::Function;

use super::tasks::{self, Task};
use super::{consultations, disclosure_requests, enter, page_of};
use crate::desk::drafts::may_file_assessment;
use crate::desk::{Choice, Entry};
use crate::pages::Request;
use crate::pages::frame::Frame;
use crate::pages::parts::Html;
use crate::pages::text::Say;

#[derive(Template)]
#[template(path = "desk_home.html")]
struct Home {
    frame: Frame,
    say: Say,
    token: String,
    offices: Vec<Office>,
    own: Vec<Task>,
    /// Whether the account works for nobody yet.
    alone: bool,
    administrator: bool,
    without_passkey: bool,
}

/// What one organisation has to do.
#[expect(clippy::struct_excessive_bools, reason = "each is a part of the page that is there or not")]
struct Office {
    name: Html,
    voice: &'static str,
    waits: bool,
    tips: bool,
    requests: bool,
    consultations: bool,
    members: Option<String>,
    webhooks: Option<String>,
    file: Option<String>,
    /// Where it reads what is restricted, and whole dossiers.
    read: Option<String>,
    approvals: Vec<Task>,
    asked: Vec<Task>,
    waiting: Vec<Task>,
    duties: Vec<Task>,
    drafts: Vec<Task>,
    /// Models and laws about which advice can be put on record.
    models: Vec<Choice>,
    regimes: Vec<Choice>,
}

pub(super) async fn show(Path(language): Path<String>, request: Request) -> Response {
    enter(&language, request, Entry::SignedIn, |room| {
        let (scene, say) = (&room.scene, room.scene.say);
        let register = scene.register();
        let mut offices = Vec::new();
        for membership in &room.member.account.memberships {
            let id = membership.organisation;
            let known = register.organisation(&id);
            let advises = may_file_assessment(room).contains(&id);
            let models = register
                .models()
                .filter(|_| advises)
                .map(|model| Choice { value: model.id.to_string(), label: scene.plain_name(&model.id) })
                .collect();
            let regimes = register.regimes().filter(|_| advises).filter_map(|(regime, adopted)| {
                let files = scene.view.library.regime(&adopted.folder)?;
                Some(Choice { value: regime.to_owned(), label: scene.title(&files).to_owned() })
            });
            let mut asked = tasks::asked_of(room, &id);
            asked.extend(disclosure_requests::tasks_of(room, &id)?);
            let drafts = membership.functions.contains(&Function::Draft);
            offices.push(Office {
                name: match known {
                    Some(_) => scene.link(&id),
                    None => Html::text(say.text("organisation-waits")),
                },
                voice: scene.voice(Some(&id)),
                waits: known.is_none(),
                tips: membership.functions.contains(&Function::Tips),
                requests: drafts && scene.authorities().contains(&id),
                consultations: drafts && consultations::are_there(scene, &id),
                members: known.map(|known| scene.href(&format!("desk/members/{}", known.slug))),
                webhooks: known
                    .filter(|_| membership.functions.contains(&Function::Manage))
                    .map(|known| scene.href(&format!("desk/webhooks/{}", known.slug))),
                read: known.map(|known| scene.href(&format!("desk/as/{}", known.slug))),
                file: (known.is_some() && membership.functions.contains(&Function::Draft))
                    .then(|| scene.href("desk/file")),
                approvals: tasks::approvals_of(room, &id)?,
                asked: tasks::in_order(asked),
                waiting: tasks::waiting_for(room, &id)?,
                duties: tasks::in_order(tasks::duties_of(room, &id)),
                drafts: tasks::drafts_of(room, &id)?,
                models,
                regimes: regimes.collect(),
            });
        }
        let page = Home {
            frame: room.frame(say.text("desk-title").to_string()),
            say,
            token: room.token(),
            alone: offices.is_empty(),
            offices,
            own: tasks::own_drafts(room)?,
            administrator: room.member.account.administrator,
            without_passkey: room.member.account.passkeys.is_empty(),
        };
        page_of(&page)
    })
    .await
}
