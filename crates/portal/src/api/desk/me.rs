//! Who the token stands for.

use axum::Json;
use axum::http::StatusCode;
use desk::Scope;
use evidence::{Digest, Language};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::documents::Tongue;
use super::who::{Halt, Sent, Who};
use crate::api::document::Thing;
use crate::desk::settings::{self, Details};
use crate::desk::{Room, Stop, Way};
use crate::problem::Problem;

/// The account, and the token with which it was asked for.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Me {
    /// The account's name at the desk.
    id: String,
    /// What colleagues see.
    name: String,
    /// Where notices go.
    email: Option<String>,
    /// The language of notices.
    language: Tongue,
    /// Whether it administers accounts and settings of the node: no authority on the record.
    administrator: bool,
    /// The organisation whose programs it stands for, where it is no person's.
    #[schema(value_type = Option<String>)]
    service_of: Option<Digest>,
    /// The organisations that it works for.
    memberships: Vec<MembershipDocument>,
    /// The keys of its passkeys.
    #[schema(value_type = Vec<String>)]
    keys: Vec<Digest>,
    /// The token.
    token: TokenDocument,
}

/// An organisation that an account works for.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MembershipDocument {
    /// The organisation.
    organisation: Thing,
    /// The office that it signs as.
    holder: Option<String>,
    /// What it may do beside reading: `draft`, `manage`, `tips`.
    functions: Vec<&'static str>,
}

/// A token, without its text.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct TokenDocument {
    /// What it is for, for people.
    label: String,
    /// What it may be used for: `read`, `draft`, `submit`, `manage`, `tips`.
    scopes: Vec<&'static str>,
    /// When it was made.
    made_at: String,
    /// Until when it holds.
    until: String,
}

fn document(room: &Room) -> Result<Me, Stop> {
    let (register, account) = (room.scene.register(), &room.member.account);
    let Way::Token(token) = &room.member.way else { return Err(Stop::Forbidden) };
    let memberships = account.memberships.iter().map(|membership| MembershipDocument {
        organisation: Thing::of(register, &membership.organisation),
        holder: membership.holder.as_ref().map(ToString::to_string),
        functions: membership.functions.iter().map(|function| function.as_str()).collect(),
    });
    Ok(Me {
        id: account.id.clone(),
        name: account.name.clone(),
        email: account.email.clone(),
        language: account.language.into(),
        administrator: account.administrator,
        service_of: account.service_of,
        memberships: memberships.collect(),
        keys: account.passkeys.iter().map(|passkey| passkey.key).collect(),
        token: TokenDocument {
            label: token.label.clone(),
            scopes: token.scopes.iter().map(|scope| scope.as_str()).collect(),
            made_at: token.made_at.to_string(),
            until: token.until.to_string(),
        },
    })
}

/// Who the token stands for, and what it may be used for.
#[utoipa::path(
    get, path = "/api/v1/desk/me", operation_id = "me", tag = "desk", security(("account" = [])),
    responses((status = 200, body = Me))
)]
pub(super) async fn me(who: Who) -> Result<Json<Me>, Problem> {
    who.works(Scope::Read, |room| Ok(document(room)?)).await.map(Json)
}

/// The details of an account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SentDetails {
    /// What colleagues see: 1 to 100 characters.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// Where notices go; without one, none are sent.
    #[schema(max_length = 254)]
    email: Option<String>,
    /// The language of notices.
    language: Tongue,
}

/// Set the account's name, e-mail address and language.
#[utoipa::path(
    put, path = "/api/v1/desk/me", operation_id = "setDetails", tag = "desk", security(("account" = [])),
    request_body = SentDetails, responses((status = 204))
)]
pub(super) async fn set_details(
    who: Who,
    Sent(sent): Sent<SentDetails, 4096>,
) -> Result<StatusCode, Problem> {
    who.works(Scope::Manage, move |room| {
        let (name, email) = (sent.name.trim(), sent.email.as_deref().map_or("", str::trim));
        let language: Language = sent.language.into();
        Ok::<_, Halt>(settings::set_details(room, &Details { name, email, language })?)
    })
    .await
    .map(|()| StatusCode::NO_CONTENT)
}
