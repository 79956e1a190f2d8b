//! The files of a draft.

use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use desk::Scope;
use serde::Deserialize;
use utoipa::ToSchema;

use super::documents::{DraftDocument, SentTexts};
use super::drafting::ground;
use super::drafts::shown;
use super::who::{At, Halt, Sent, Tagged, Who};
use crate::desk::drafts::{load, load_to_change};
use crate::desk::{Stop, files};
use crate::pages::encode;
use crate::problem::{Kind, Problem};

/// The longest body with a file: the largest attachment in base64, and what stands around it.
const MAX_BODY: usize = (evidence::statement::MAX_PART / 3 + 1) * 4 + (64 << 10);

/// A file to be added.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SentFile {
    /// Its name for people; what stands before the last slash is left out.
    #[schema(max_length = 500)]
    name: String,
    /// The content in base64 (RFC 4648 §4, with padding): at most 16 MiB.
    content: String,
    /// The ground on which it is restricted; none: it will be public.
    restricted: Option<SentTexts>,
}

/// Add a file to a draft. What it is, its first bytes say.
#[utoipa::path(
    post, path = "/api/v1/desk/drafts/{draft}/files", operation_id = "attach", tag = "drafts",
    security(("account" = [])),
    params(
        ("draft" = String, Path, description = "the draft"),
        ("If-Match" = String, Header, description = "the ETag of the draft that was seen"),
    ),
    request_body = SentFile,
    responses((status = 200, body = DraftDocument))
)]
pub(super) async fn attach(
    who: Who,
    At(id): At<String>,
    Sent(sent): Sent<SentFile, MAX_BODY>,
) -> Result<Tagged<DraftDocument>, Problem> {
    who.changes(Scope::Draft, id, load_to_change, move |room, draft, _| {
        let bytes = STANDARD.decode(&sent.content).map_err(|_| {
            let problem = "expected strict base64 (RFC 4648 §4, with padding)";
            Halt::from(Problem::new(Kind::Malformed, problem).at("/content"))
        })?;
        files::attach(room, draft, &sent.name, bytes, ground(sent.restricted)?)?;
        shown(room, &draft.id)
    })
    .await
}

/// The content of a draft's file.
#[utoipa::path(
    get, path = "/api/v1/desk/drafts/{draft}/files/{file}", operation_id = "file", tag = "drafts",
    security(("account" = [])),
    params(
        ("draft" = String, Path, description = "the draft"),
        ("file" = String, Path, description = "the file's name at the desk"),
    ),
    responses((status = 200, description = "the content, to be kept and not shown", body = Vec<u8>, content_type = "application/octet-stream"))
)]
pub(super) async fn download(who: Who, At((id, file)): At<(String, String)>) -> Result<Response, Problem> {
    who.works(Scope::Read, move |room| {
        let (draft, _) = load(room, &id)?;
        let known = draft.files.iter().find(|known| known.id == file).ok_or(Stop::Missing)?;
        let part = room.member.desk.file(known)?.ok_or(Stop::Missing)?;
        Ok((known.attachment.name.clone(), part.bytes))
    })
    .await
    .map(|(name, bytes)| kept(&name, "application/octet-stream", bytes))
}

/// Answers with a file that a browser keeps and never shows.
pub(super) fn kept(name: &str, media_type: &'static str, bytes: Vec<u8>) -> Response {
    let disposition = format!("attachment; filename*=UTF-8''{}", encode(name));
    let headers = [(header::CONTENT_TYPE, media_type.to_owned()), (header::CONTENT_DISPOSITION, disposition)];
    (headers, bytes).into_response()
}

/// Remove a file from a draft.
#[utoipa::path(
    delete, path = "/api/v1/desk/drafts/{draft}/files/{file}", operation_id = "detach", tag = "drafts",
    security(("account" = [])),
    params(
        ("draft" = String, Path, description = "the draft"),
        ("file" = String, Path, description = "the file's name at the desk"),
        ("If-Match" = String, Header, description = "the ETag of the draft that was seen"),
    ),
    responses((status = 200, body = DraftDocument))
)]
pub(super) async fn detach(
    who: Who,
    At((id, file)): At<(String, String)>,
) -> Result<Tagged<DraftDocument>, Problem> {
    who.changes(Scope::Draft, id, load_to_change, move |room, draft, _| {
        files::detach(room, draft, &file)?;
        shown(room, &draft.id)
    })
    .await
}
