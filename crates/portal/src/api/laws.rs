//! The regimes adopted here: laws, drafts and codes as data.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use evidence::Digest;
use law::Regime;
use node::View;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::advice::regime;
use super::document::Names;
use super::extract::Named;
use crate::problem::{Problem, ProblemDocument};
use crate::state::App;

/// A regime in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RegimeSummary {
    /// Its name.
    id: String,
    /// Its title.
    title: Names,
    /// Where it applies.
    jurisdiction: String,
    /// `draft`, `in_force` or `voluntary`: a draft is no law.
    #[schema(value_type = String)]
    status: law::RegimeStatus,
    /// Folder digest of its files; they lie below `/log/blob/`.
    #[schema(value_type = String)]
    folder: Digest,
    /// The statement that adopted it.
    #[schema(value_type = String)]
    adoption: Digest,
    /// The entry of the adoption.
    since: u64,
    /// How the adoption settles what the law leaves open: switch → value.
    switches: BTreeMap<String, String>,
    /// Where its document is.
    href: String,
}

/// A regime.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RegimeDocument {
    #[serde(flatten)]
    summary: RegimeSummary,
    /// Where the text is from.
    source: String,
    /// Everything that its files say: versions, articles, facts, switches, coverage, classes,
    /// duties, powers, penalties, procedures.
    #[schema(value_type = Object)]
    rules: Value,
}

/// The regimes adopted here.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RegimeList {
    /// By name.
    items: Vec<RegimeSummary>,
}

/// The regimes adopted here.
#[utoipa::path(get, path = "/api/v1/regimes", operation_id = "regimes", tag = "law", responses((status = 200, body = RegimeList)))]
pub(crate) async fn list(State(app): State<App>) -> Result<Json<RegimeList>, Problem> {
    let view = app.view();
    let items = view
        .register
        .regimes()
        .map(|(name, _)| summary(&view, name, &*regime(&view, name)?))
        .collect::<Result<_, _>>()?;
    Ok(Json(RegimeList { items }))
}

/// A regime: its rules beside their text.
#[utoipa::path(
    get, path = "/api/v1/regimes/{id}", operation_id = "regime", tag = "law", params(("id" = String, Path, description = "its name")),
    responses((status = 200, body = RegimeDocument), (status = 404, body = ProblemDocument))
)]
pub(crate) async fn one(State(app): State<App>, Named(name): Named) -> Result<Json<RegimeDocument>, Problem> {
    let view = app.view();
    let regime = regime(&view, &name)?;
    let rules = json!({
        "certainty": regime.certainty(),
        "authenticLanguage": regime.authentic_language(),
        "timeZone": regime.time_zone().iana_name(),
        "versions": regime.versions(),
        "articles": regime.articles(),
        "facts": regime.facts(),
        "switches": regime.switches(),
        "presets": regime.presets(),
        "coverage": regime.coverage(),
        "classes": regime.classes(),
        "duties": regime.duties(),
        "powers": regime.powers(),
        "penalties": regime.penalties(),
        "procedures": regime.procedures(),
    });
    Ok(Json(RegimeDocument {
        summary: summary(&view, &name, &regime)?,
        source: regime.source().to_owned(),
        rules,
    }))
}

fn summary(view: &View, name: &str, regime: &Regime) -> Result<RegimeSummary, Problem> {
    let adopted = view.register.regime(name).ok_or_else(|| Problem::internal("an adopted regime is gone"))?;
    Ok(RegimeSummary {
        id: name.to_owned(),
        title: regime.title().into(),
        jurisdiction: regime.jurisdiction().to_owned(),
        status: regime.status(),
        folder: adopted.folder,
        adoption: adopted.adoption,
        since: adopted.since,
        switches: adopted.switches.clone(),
        href: format!("/api/v1/regimes/{name}"),
    })
}
