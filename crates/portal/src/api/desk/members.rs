//! Colleagues. Inviting somebody asks for a fresh proof, so it is for people at the page.

use axum::Json;
use axum::http::StatusCode;
use desk::Scope;
use serde::Serialize;
use utoipa::ToSchema;

use super::who::{At, Who};
use crate::desk::Stop;
use crate::desk::members;
use crate::problem::Problem;

/// Who works for an organisation at this desk.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MemberList {
    /// At most 500.
    items: Vec<MemberDocument>,
}

/// Somebody who works for an organisation.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MemberDocument {
    /// The account.
    id: String,
    /// What colleagues see.
    name: String,
    /// Whether it stands for programs of the organisation.
    service: bool,
    /// The office that it signs as.
    holder: Option<String>,
    /// What it may do beside reading.
    functions: Vec<&'static str>,
}

/// Who works for an organisation. For its members and the node's administrators.
#[utoipa::path(
    get, path = "/api/v1/desk/organisations/{organisation}/members", operation_id = "members", tag = "desk",
    security(("account" = [])),
    params(("organisation" = String, Path, description = "the organisation's slug")),
    responses((status = 200, body = MemberList))
)]
pub(super) async fn list(who: Who, At(slug): At<String>) -> Result<Json<MemberList>, Problem> {
    who.works(Scope::Read, move |room| {
        let organisation = members::organisation(room, &slug)?;
        let accounts = members::members(room, &organisation)?;
        let items = accounts.iter().filter_map(|account| {
            let membership = account.membership(&organisation)?;
            Some(MemberDocument {
                id: account.id.clone(),
                name: account.name.clone(),
                service: account.service_of.is_some(),
                holder: membership.holder.as_ref().map(ToString::to_string),
                functions: membership.functions.iter().map(|function| function.as_str()).collect(),
            })
        });
        Ok(MemberList { items: items.collect() })
    })
    .await
    .map(Json)
}

/// End a membership; never that of the last one who can invite others.
#[utoipa::path(
    delete, path = "/api/v1/desk/organisations/{organisation}/members/{account}", operation_id = "endMembership",
    tag = "desk", security(("account" = [])),
    params(
        ("organisation" = String, Path, description = "the organisation's slug"),
        ("account" = String, Path, description = "the account"),
    ),
    responses((status = 204))
)]
pub(super) async fn end(who: Who, At((slug, account)): At<(String, String)>) -> Result<StatusCode, Problem> {
    who.works(Scope::Manage, move |room| {
        let organisation = members::organisation(room, &slug)?;
        if !members::manages(room, &organisation) {
            return Err(Stop::Forbidden.into());
        }
        Ok(members::end(room, &organisation, &account)?)
    })
    .await
    .map(|()| StatusCode::NO_CONTENT)
}
