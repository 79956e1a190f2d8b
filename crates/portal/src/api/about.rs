//! The log's state, the policy in force, and finding things by name.

use axum::Json;
use axum::extract::State;
use evidence::{Digest, Predicate};
use register::Register;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::document::{Names, Thing};
use super::extract::{Asked, find};
use crate::problem::{Problem, ProblemDocument};
use crate::state::App;

/// Where the log stands.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LogState {
    /// The log's origin.
    origin: String,
    /// The number of entries.
    size: u64,
    /// The root at that size, in hexadecimal (RFC 6962 §2.1).
    #[schema(value_type = String)]
    root: Digest,
    /// The checkpoint: a signed note (C2SP tlog-checkpoint).
    checkpoint: String,
    /// The verifier key of the log (C2SP signed-note). Who trusts this node only as far as they
    /// can see takes it from elsewhere.
    verifier_key: String,
    /// The key under which arrivals and refusals are signed.
    intake_key: String,
    /// The digest of the genesis.
    #[schema(value_type = String)]
    genesis: Digest,
    /// What this register says of itself first.
    #[serde(skip_serializing_if = "Option::is_none")]
    notice: Option<Names>,
    /// Entries that only their issuer and recipients can read.
    restricted: u64,
}

/// Where the log stands.
#[utoipa::path(get, path = "/api/v1/log", tag = "log", responses((status = 200, body = LogState)))]
pub(crate) async fn log(State(app): State<App>) -> Result<Json<LogState>, Problem> {
    let view = app.view();
    let register = &view.register;
    let (id, recorded) = register
        .genesis()
        .and_then(|id| Some((id, register.recorded(&id)?)))
        .ok_or_else(|| Problem::internal("the register has no genesis"))?;
    let Predicate::NodeGenesis(genesis) = recorded.statement.predicate() else {
        return Err(Problem::internal("the genesis is no genesis"));
    };
    Ok(Json(LogState {
        origin: register.origin().to_owned(),
        size: view.head.size,
        root: Digest::from_bytes(*view.head.root.as_bytes()),
        checkpoint: view.checkpoint.clone(),
        verifier_key: genesis.log_keys.first().cloned().unwrap_or_default(),
        intake_key: genesis.intake_key.clone(),
        genesis: id,
        notice: genesis.notice.as_ref().map(Names::from),
        restricted: register.withheld(),
    }))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// A path of slugs such as `minato-lab/wakaba/2026-11`, or a digest.
    path: String,
}

/// Find a thing by its path of slugs, or by its digest.
#[utoipa::path(
    get, path = "/api/v1/resolve", tag = "register", params(Wanted),
    responses((status = 200, body = Thing), (status = 404, body = ProblemDocument))
)]
pub(crate) async fn resolve(
    State(app): State<App>,
    Asked(wanted): Asked<Wanted>,
) -> Result<Json<Thing>, Problem> {
    let view = app.view();
    let digest = find(&view.register, &wanted.path)?;
    Ok(Json(Thing::of(&view.register, &digest)))
}

/// The policy in force: who may say what about whom.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PolicyDocument {
    /// Folder digest of its files, by which it is adopted.
    #[schema(value_type = String)]
    digest: Digest,
    /// Its short name.
    id: String,
    /// Its version.
    version: String,
    /// Its title.
    title: Names,
    /// The roles that it knows.
    roles: Vec<Role>,
    /// The whole table, as it was written (TOML).
    source: String,
}

/// A role.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Role {
    /// Its name.
    id: String,
    /// Its title.
    title: Names,
}

/// Returns the title of a role under the policy in force.
pub(crate) fn role_title(register: &Register, role: &str) -> Option<Names> {
    let row = register.policy()?.role(role)?;
    Some(Names::both(&row.title.ja, &row.title.en))
}

/// The policy in force.
#[utoipa::path(get, path = "/api/v1/policy", tag = "register", responses((status = 200, body = PolicyDocument)))]
pub(crate) async fn policy(State(app): State<App>) -> Result<Json<PolicyDocument>, Problem> {
    let view = app.view();
    let policy = view.register.policy().ok_or_else(|| Problem::internal("no policy is in force"))?;
    let heading = &policy.table().policy;
    Ok(Json(PolicyDocument {
        digest: policy.digest(),
        id: heading.id.to_string(),
        version: heading.version.clone(),
        title: Names::both(&heading.title.ja, &heading.title.en),
        roles: policy
            .table()
            .role
            .iter()
            .map(|(id, row)| Role { id: id.clone(), title: Names::both(&row.title.ja, &row.title.en) })
            .collect(),
        source: policy.source().to_owned(),
    }))
}
