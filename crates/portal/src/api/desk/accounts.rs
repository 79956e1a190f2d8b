//! The node's accounts, for its administrators. What gives somebody a way in (one-time links, opening,
//! appointing) asks for a fresh proof, so it is for people at the page.

use axum::Json;
use axum::http::StatusCode;
use desk::account::AccountError;
use desk::{Account, Scope};
use evidence::Digest;
use serde::Serialize;
use utoipa::ToSchema;

use super::notices::After;
use super::who::{At, Halt, Who};
use crate::api::extract::Asked;
use crate::desk::administering::{self, Change};
use crate::desk::{Room, Stop};
use crate::problem::{Kind, Problem};

/// Accounts on one page of a list.
const PAGE: usize = 200;

/// Accounts.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AccountList {
    /// Oldest first.
    items: Vec<AccountDocument>,
    /// The account after which the list goes on, where it does.
    next: Option<String>,
}

/// An account.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct AccountDocument {
    /// Its name at the desk.
    id: String,
    /// What colleagues see.
    name: String,
    /// The organisations that it works for.
    #[schema(value_type = Vec<String>)]
    organisations: Vec<Digest>,
    /// The organisation whose programs it stands for.
    #[schema(value_type = Option<String>)]
    service_of: Option<Digest>,
    /// Whether it administers the node.
    administrator: bool,
    /// Whether it is shut.
    shut: bool,
    /// Since when there is it.
    created_at: String,
}

fn administers(room: &Room) -> Result<(), Stop> {
    if room.member.account.administrator { Ok(()) } else { Err(Stop::Missing) }
}

/// The node's accounts.
#[utoipa::path(
    get, path = "/api/v1/desk/accounts", operation_id = "accounts", tag = "accounts",
    security(("account" = [])), params(After), responses((status = 200, body = AccountList))
)]
pub(super) async fn list(who: Who, Asked(which): Asked<After>) -> Result<Json<AccountList>, Problem> {
    who.works(Scope::Manage, move |room| {
        administers(room)?;
        let found = room.member.desk.list::<Account>("all", "", which.after.as_deref(), PAGE)?;
        let next = found.last().filter(|_| found.len() == PAGE).map(|last| last.id.clone());
        let items = found.iter().map(|account| AccountDocument {
            id: account.id.clone(),
            name: account.name.clone(),
            organisations: account.memberships.iter().map(|m| m.organisation).collect(),
            service_of: account.service_of,
            administrator: account.administrator,
            shut: account.shut,
            created_at: account.created_at.to_string(),
        });
        Ok(AccountList { items: items.collect(), next })
    })
    .await
    .map(Json)
}

async fn change(who: Who, id: String, change: Change) -> Result<StatusCode, Problem> {
    who.works(Scope::Manage, move |room| {
        administers(room)?;
        let mut account = room.member.desk.load::<Account>(&id)?.ok_or(Stop::Missing)?;
        match administering::change(room, &mut account, change) {
            Ok(_) => Ok(()),
            Err(AccountError::Desk(error)) => Err(error.into()),
            Err(error) => Err(Halt::from(Problem::new(Kind::Conflict, error).code("admin-last"))),
        }
    })
    .await
    .map(|()| StatusCode::NO_CONTENT)
}

/// Shut an account: its sessions end, its tokens are gone.
#[utoipa::path(
    post, path = "/api/v1/desk/accounts/{account}/shut", operation_id = "shutAccount", tag = "accounts",
    security(("account" = [])), params(("account" = String, Path, description = "the account")),
    responses((status = 204))
)]
pub(super) async fn shut(who: Who, At(id): At<String>) -> Result<StatusCode, Problem> {
    change(who, id, Change::Shut).await
}

/// Let an account administer the node no more; never the last one that does.
#[utoipa::path(
    post, path = "/api/v1/desk/accounts/{account}/dismiss", operation_id = "dismissAdministrator",
    tag = "accounts", security(("account" = [])), params(("account" = String, Path, description = "the account")),
    responses((status = 204))
)]
pub(super) async fn dismiss(who: Who, At(id): At<String>) -> Result<StatusCode, Problem> {
    change(who, id, Change::Dismiss).await
}
