//! Organisations: their keys, roles and models.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use evidence::{Digest, Timestamp};
use register::Register;
use register::state::Organisation;
use serde::Serialize;
use utoipa::ToSchema;

use super::about::role_title;
use super::document::{Cursor, Dated, Names, Page, StatementSummary, Thing, segment};
use super::extract::{Asked, Named, aside};
use super::statements::custody;
use crate::problem::{Problem, ProblemDocument};
use crate::state::App;

/// An organisation in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OrganisationSummary {
    /// Its identity: the digest of its registration.
    #[schema(value_type = String)]
    digest: Digest,
    /// Its path: one slug.
    path: String,
    /// Its names.
    names: Names,
    /// Country of its seat (ISO 3166-1 alpha-2).
    country: String,
    /// The roles that it has today.
    roles: Vec<RoleInForce>,
    /// Index of its registration.
    index: u64,
    /// Where its document is.
    href: String,
}

/// A role in force.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
pub(crate) struct RoleInForce {
    /// The role, as the policy names it.
    id: String,
    /// Its title in Japanese.
    ja: String,
    /// Its title in English.
    en: String,
}

/// An organisation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OrganisationDocument {
    #[serde(flatten)]
    summary: OrganisationSummary,
    /// Every role granted to it or to its officers, oldest first.
    grants: Vec<GrantDocument>,
    /// Its keys, oldest first.
    keys: Vec<KeyDocument>,
    /// Its models.
    models: Vec<Thing>,
    /// What it has said most recently, newest first.
    recent: Vec<StatementSummary>,
}

/// A role granted.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GrantDocument {
    /// The role.
    role: String,
    /// The office, for an officer's role.
    #[serde(skip_serializing_if = "Option::is_none")]
    holder: Option<String>,
    /// First day.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    /// Last day.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
    /// The statement that granted it.
    #[schema(value_type = String)]
    statement: Digest,
    /// The entry that ended it.
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_by: Option<u64>,
    /// Whether it is in force now.
    in_force: bool,
}

/// A key.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct KeyDocument {
    /// SHA-256 of its SPKI.
    #[schema(value_type = String)]
    key: Digest,
    /// The public key in PEM.
    pem: String,
    /// The office that holds it.
    holder: String,
    /// Where the private key is kept: `holder` or `node`.
    custody: &'static str,
    /// The entry that registered it.
    since: u64,
    /// The entry that ended it.
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_by: Option<u64>,
    /// Since when it may have been in other hands.
    #[serde(skip_serializing_if = "Option::is_none")]
    compromised_since: Option<String>,
}

/// How many statements of an organisation its document shows.
const RECENT: usize = 20;

/// The organisations.
#[utoipa::path(
    get, path = "/api/v1/organisations", operation_id = "organisations", tag = "register", params(Cursor),
    responses((status = 200, body = Page<OrganisationSummary>))
)]
pub(crate) async fn list(
    State(app): State<App>,
    Asked(cursor): Asked<Cursor>,
) -> Result<Json<Page<OrganisationSummary>>, Problem> {
    aside(move || {
        let (seen, found) = cursor.found(&app, "organisation")?;
        let register = &seen.view.register;
        let organisations = found.into_iter().filter_map(|entry| {
            Some((entry, register.organisation(&register.at_index(entry)?.statement.digest())?))
        });
        let address = cursor.address("/api/v1/organisations");
        Ok(Json(
            cursor.page(organisations, &address, register.size(), |one| summary(register, one, seen.now)),
        ))
    })
    .await
}

/// An organisation, with its roles, keys and models.
#[utoipa::path(
    get, path = "/api/v1/organisations/{id}", operation_id = "organisation", tag = "register",
    params(("id" = String, Path, description = "its slug or digest"), Dated),
    responses((status = 200, body = OrganisationDocument), (status = 404, body = ProblemDocument))
)]
pub(crate) async fn one(
    State(app): State<App>,
    name: Named,
    Asked(dated): Asked<Dated>,
) -> Result<Json<OrganisationDocument>, Problem> {
    let seen = aside(move || dated.seen(&app)).await?;
    let view = &seen.view;
    let (register, now) = (&view.register, seen.now);
    let id = name.find(register)?;
    let organisation = register
        .organisation(&id)
        .ok_or_else(|| Problem::not_found(format_args!("{id} is no organisation")))?;
    let grants = register.grants_of(&id).into_iter().map(|grant| GrantDocument {
        role: grant.role.to_string(),
        holder: grant.holder.as_ref().map(ToString::to_string),
        from: grant.period.0.map(|day| day.to_string()),
        until: grant.period.1.map(|day| day.to_string()),
        statement: grant.id,
        ended_by: grant.ended,
        in_force: grant.in_force(now),
    });
    let keys = register.keys_of(&id).into_iter().map(|key| KeyDocument {
        key: key.public.hash(),
        pem: key.public.to_pem(),
        holder: key.holder.to_string(),
        custody: custody(key.custody),
        since: key.since,
        ended_by: key.ended.map(|e| e.by),
        compromised_since: key.ended.and_then(|e| e.compromised_since).map(|t| t.to_string()),
    });
    let said = register.statements().rev().filter(|r| r.issuer == Some(id)).take(RECENT);
    Ok(Json(OrganisationDocument {
        summary: summary(register, organisation, now),
        grants: grants.collect(),
        keys: keys.collect(),
        models: register
            .models()
            .filter(|model| model.parent == id)
            .map(|model| Thing::of(register, &model.id))
            .collect(),
        recent: said.map(|r| StatementSummary::of(register, r)).collect(),
    }))
}

fn summary(register: &Register, organisation: &Organisation, now: Timestamp) -> OrganisationSummary {
    let roles: BTreeSet<RoleInForce> = register
        .grants_of(&organisation.id)
        .into_iter()
        .filter(|grant| grant.holder.is_none() && grant.in_force(now))
        .map(|grant| {
            let title = role_title(register, grant.role.as_str());
            let (ja, en) = title.map_or((None, None), |title| (title.ja, title.en));
            let id = grant.role.to_string();
            RoleInForce { ja: ja.unwrap_or_else(|| id.clone()), en: en.unwrap_or_else(|| id.clone()), id }
        })
        .collect();
    OrganisationSummary {
        digest: organisation.id,
        path: organisation.slug.to_string(),
        names: (&organisation.names).into(),
        country: organisation.country.clone(),
        roles: roles.into_iter().collect(),
        index: register.recorded(&organisation.id).map_or(0, |r| r.index),
        href: format!("/api/v1/organisations/{}", segment(organisation.slug.as_str())),
    }
}
