//! What the account was told.

use axum::Json;
use axum::http::StatusCode;
use desk::Scope;
use desk::notice::{Notice, describe};
use evidence::{Digest, Language};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::who::{Sent, Who};
use crate::api::extract::Asked;
use crate::problem::Problem;

/// Notices on one page of a list.
const PAGE: usize = 50;

/// Where a list goes on.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct After {
    /// The item after which it goes on.
    #[param(max_length = 100)]
    pub(super) after: Option<String>,
}

/// Notices.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct NoticeList {
    /// Newest first.
    items: Vec<NoticeDocument>,
    /// The notice after which the list goes on, where it does.
    next: Option<String>,
}

/// A notice. Of an organisation for which the account no longer works, it says only that there was one.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct NoticeDocument {
    /// Its name.
    id: String,
    /// When it was given.
    at: String,
    /// When it was read.
    read_at: Option<String>,
    /// What happened, such as `task.due`.
    event: Option<&'static str>,
    /// The organisation that it concerns.
    #[schema(value_type = Option<String>)]
    organisation: Option<Digest>,
    /// In words, in the language of the account.
    title: Option<String>,
    /// About what.
    about: Option<String>,
    /// The page that shows more.
    page: Option<String>,
}

/// What the account was told, newest first.
#[utoipa::path(
    get, path = "/api/v1/desk/notices", operation_id = "notices", tag = "desk", security(("account" = [])),
    params(After), responses((status = 200, body = NoticeList))
)]
pub(super) async fn list(who: Who, Asked(which): Asked<After>) -> Result<Json<NoticeList>, Problem> {
    who.works(Scope::Read, move |room| {
        let (scene, account) = (&room.scene, &room.member.account);
        let found = room.member.desk.list::<Notice>("account", &account.id, which.after.as_deref(), PAGE)?;
        let next = found.last().filter(|_| found.len() == PAGE).map(|last| last.id.clone());
        let items = found.iter().map(|notice| {
            let of = notice.organisation.as_ref();
            let shown = of.is_none_or(|id| account.membership(id).is_some());
            let language = account.language;
            let line =
                shown.then(|| describe(&notice.event, of, scene.register(), &scene.view.library, language));
            let tongue = if language == Language::Ja { "ja" } else { "en" };
            NoticeDocument {
                id: notice.id.clone(),
                at: notice.at.to_string(),
                read_at: notice.read_at.map(|at| at.to_string()),
                event: shown.then(|| notice.event.kind().as_str()),
                organisation: notice.organisation,
                page: line.as_ref().map(|line| format!("/{tongue}/{}", line.path)),
                about: line.as_ref().map(|line| line.about.clone()),
                title: line.map(|line| line.title),
            }
        });
        Ok(NoticeList { items: items.collect(), next })
    })
    .await
    .map(Json)
}

/// Which notices were read.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SentRead {
    /// The notice; without one, all.
    #[schema(max_length = 100)]
    notice: Option<String>,
}

/// Mark notices as read.
#[utoipa::path(
    post, path = "/api/v1/desk/notices/read", operation_id = "readNotices", tag = "desk",
    security(("account" = [])), request_body = SentRead, responses((status = 204))
)]
pub(super) async fn read(who: Who, Sent(sent): Sent<SentRead, 4096>) -> Result<StatusCode, Problem> {
    who.works(Scope::Read, move |room| {
        let account = &room.member.account.id;
        Ok(room.member.desk.mark_read(account, sent.notice.as_deref(), room.scene.now)?)
    })
    .await
    .map(|()| StatusCode::NO_CONTENT)
}
