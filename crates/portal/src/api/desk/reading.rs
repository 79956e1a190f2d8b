//! Statements as an organisation may read them: also what is restricted and meant for it.

use axum::Json;
use desk::{Reading, Scope};
use evidence::Digest;

use super::kinds::organisation_of;
use super::who::{At, Halt, Who};
use crate::api::statements::{StatementDocument, document};
use crate::desk::{Room, Stop};
use crate::problem::Problem;

/// A statement as an organisation may read it. That something restricted of another was read is
/// written down.
#[utoipa::path(
    get, path = "/api/v1/desk/organisations/{organisation}/statements/{digest}", operation_id = "readStatement",
    tag = "desk", security(("account" = [])),
    params(
        ("organisation" = String, Path, description = "slug or digest"),
        ("digest" = String, Path, description = "the statement's digest"),
    ),
    responses((status = 200, body = StatementDocument))
)]
pub(super) async fn statement(
    who: Who,
    At((name, digest)): At<(String, String)>,
) -> Result<Json<StatementDocument>, Problem> {
    who.works(Scope::Read, move |room| {
        let organisation = organisation_of(room, &name)?;
        read(room, &organisation, &digest)
    })
    .await
    .map(Json)
}

fn read(room: &Room, organisation: &Digest, digest: &str) -> Result<StatementDocument, Halt> {
    let digest: Digest = digest.parse().map_err(|_| Stop::Missing)?;
    let scene = room.as_of(Some(organisation));
    let caller = room.member.caller(scene.register(), organisation);
    let stored = scene.node.statement(&digest, &caller).map_err(Stop::from)?.ok_or(Stop::Missing)?;
    let issuer = scene.register().recorded(&digest).and_then(|recorded| recorded.issuer);
    if stored.leaf_salt.is_some() && issuer != Some(*organisation) {
        let account = Some(room.member.account.id.as_str());
        let reading = Reading::new(digest, Some(*organisation), account, scene.now);
        room.member.desk.note_readings(vec![reading])?;
    }
    document(scene.register(), digest, &stored).map_err(Halt::from)
}
