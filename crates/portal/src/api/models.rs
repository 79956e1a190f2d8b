//! Models: versions, facts, what was said about them.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use evidence::{Digest, Predicate};
use register::state::Thing as Registered;
use register::{ActState, Register};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::document::{Cursor, Dated, Names, Page, StatementSummary, Thing, current};
use super::extract::{Asked, Named, aside};
use crate::problem::{Problem, ProblemDocument};
use crate::state::App;

/// A model in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ModelSummary {
    #[serde(flatten)]
    thing: Thing,
    /// Its developer.
    developer: Thing,
    /// Designations that stand.
    designations: Vec<DesignationDocument>,
    /// Index of its registration.
    index: u64,
}

/// A designation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DesignationDocument {
    /// The regime.
    regime: String,
    /// The class.
    class: String,
    /// The statement.
    #[schema(value_type = String)]
    statement: Digest,
    /// Index of its entry.
    index: u64,
}

/// A model.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ModelDocument {
    #[serde(flatten)]
    summary: ModelSummary,
    /// What it is and does, as its developer says.
    description: Option<Names>,
    /// Its versions and what is below them, oldest first.
    versions: Vec<Thing>,
    /// Facts by name; several where several have spoken.
    facts: BTreeMap<String, Vec<FactDocument>>,
    /// Everything said about the model, and about what is below it, in the order of the log.
    statements: Vec<StatementSummary>,
    /// Where to ask what each adopted law makes of it.
    advice: Vec<String>,
}

/// A fact, as someone states it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FactDocument {
    /// The fact, as signed: value, since when it is known, method, sources.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    fact: Value,
    /// Who says it.
    issuer: Option<Thing>,
    /// The statement.
    #[schema(value_type = String)]
    statement: Digest,
    /// Index of its entry.
    index: u64,
}

/// The models.
#[utoipa::path(
    get, path = "/api/v1/models", operation_id = "models", tag = "register", params(Cursor),
    responses((status = 200, body = Page<ModelSummary>))
)]
pub(crate) async fn list(
    State(app): State<App>,
    Asked(cursor): Asked<Cursor>,
) -> Result<Json<Page<ModelSummary>>, Problem> {
    aside(move || {
        let (seen, found) = cursor.found(&app, "model")?;
        let register = &seen.view.register;
        let models = found.into_iter().filter_map(|entry| {
            Some((entry, register.thing(&register.at_index(entry)?.statement.digest())?))
        });
        let address = cursor.address("/api/v1/models");
        Ok(Json(cursor.page(models, &address, register.size(), |model| summary(register, model))))
    })
    .await
}

/// A model: its versions, facts, and all that was said about it.
#[utoipa::path(
    get, path = "/api/v1/models/{id}", operation_id = "model", tag = "register",
    params(("id" = String, Path, description = "its digest, or its path with `~` for `/`: minato-lab~wakaba"), Dated),
    responses((status = 200, body = ModelDocument), (status = 404, body = ProblemDocument))
)]
pub(crate) async fn one(
    State(app): State<App>,
    name: Named,
    Asked(dated): Asked<Dated>,
) -> Result<Json<ModelDocument>, Problem> {
    let seen = aside(move || dated.seen(&app)).await?;
    let view = &seen.view;
    let register = &view.register;
    let model = model(register, &name)?;
    let summary = summary(register, model);
    let description = current(register, &model.id).and_then(|r| match r.statement.predicate() {
        Predicate::Model(model) => Some(Names::from(&model.description)),
        _ => None,
    });
    let advice = register
        .regimes()
        .filter_map(|(regime, _)| Some(format!("{}/advice?regime={regime}", summary.thing.href.as_ref()?)))
        .collect();
    let versions = register.below(&model.id).into_iter().flat_map(|version| {
        let below = register.below(&version.id).into_iter().map(|thing| thing.id);
        std::iter::once(version.id).chain(below)
    });
    let versions = versions.map(|id| Thing::of(register, &id)).collect();
    Ok(Json(ModelDocument {
        description,
        versions,
        facts: facts(register, &model.id),
        statements: register
            .dossier(&model.id)
            .into_iter()
            .map(|r| StatementSummary::of(register, r))
            .collect(),
        advice,
        summary,
    }))
}

/// Finds a model by the name in an address.
pub(crate) fn model<'r>(register: &'r Register, name: &Named) -> Result<&'r Registered, Problem> {
    let id = name.find(register)?;
    register
        .models()
        .find(|model| model.id == id)
        .map(|model| &**model)
        .ok_or_else(|| Problem::not_found(format_args!("{id} is no model")).hint("see /api/v1/models"))
}

fn summary(register: &Register, model: &Registered) -> ModelSummary {
    let designations = register.about(&model.id).filter(|r| r.superseded_by.is_none()).filter_map(|r| {
        let Predicate::Designation(designation) = r.statement.predicate() else { return None };
        // Neither ended nor stayed nor annulled.
        if register.act_state(&r.statement.digest()) != ActState::InForce {
            return None;
        }
        Some(DesignationDocument {
            regime: r.statement.common().regime.as_ref()?.to_string(),
            class: designation.class.to_string(),
            statement: r.statement.digest(),
            index: r.index,
        })
    });
    ModelSummary {
        thing: Thing::of(register, &model.id),
        developer: Thing::of(register, &model.parent),
        designations: designations.collect(),
        index: model.since,
    }
}

fn facts(register: &Register, model: &Digest) -> BTreeMap<String, Vec<FactDocument>> {
    let mut found: BTreeMap<String, Vec<FactDocument>> = BTreeMap::new();
    for recorded in register.about(model).filter(|r| r.superseded_by.is_none()) {
        let Predicate::ModelFacts(facts) = recorded.statement.predicate() else { continue };
        for (name, fact) in &facts.facts {
            found.entry(name.clone()).or_default().push(FactDocument {
                fact: serde_json::to_value(fact).unwrap_or_default(),
                issuer: recorded.issuer.map(|issuer| Thing::of(register, &issuer)),
                statement: recorded.statement.digest(),
                index: recorded.index,
            });
        }
    }
    found
}
