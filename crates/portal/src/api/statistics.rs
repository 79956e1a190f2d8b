//! The register in numbers, and lists to take away.

use axum::Json;
use axum::extract::Path;
use axum::response::Response;
use evidence::Language;
use register::index::Query;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::extract::aside;
use crate::export::{self, Format};
use crate::pages::scene::Scene;
use crate::pages::statistics::numbers;
use crate::pages::text::Say;
use crate::pages::{self, japanese_day};
use crate::problem::{Kind, Problem, ProblemDocument};
use crate::search::{self, Fields};
use crate::statistics::{OfLaw, Said, Taken};

/// The point of time at which the register is looked at; the present where nothing is given.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it only documents what `pages::Request` reads")]
pub(crate) struct At {
    /// How many entries the log had.
    size: Option<u64>,
    /// The day, at its end in Japanese time, as in 2026-11-24.
    day: Option<String>,
}

/// Which rows of a list are taken away.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it only documents what `pages::Request` reads")]
pub(crate) struct Chosen {
    /// Words that a row must hold; not for duties.
    q: Option<String>,
    /// Kind of statement, such as `model-facts`; for statements only.
    said: Option<String>,
    /// An organisation that said it or that it concerns; for statements only.
    organisation: Option<String>,
    /// The law; for statements and duties.
    law: Option<String>,
    /// `current` or `corrected`; for statements only.
    status: Option<String>,
    /// First day, in Japanese time; for statements only.
    from: Option<String>,
    /// Last day; for statements only.
    until: Option<String>,
}

/// The register in numbers.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Statistics {
    /// The number of log entries that are counted from.
    size: u64,
    /// The day, in Japanese time.
    day: String,
    /// Public statements.
    statements: Said,
    /// Duties of developers and others, by law.
    duties: Vec<OfLaw>,
    /// The State's own duties, by law.
    state_duties: Vec<OfLaw>,
    /// How long the State takes.
    taken: Vec<Taken>,
}

/// The register in numbers: statements by kind and month, duties by status and law, review times.
#[utoipa::path(
    get, path = "/api/v1/statistics", operation_id = "statistics", tag = "register", params(At),
    responses((status = 200, body = Statistics))
)]
pub(crate) async fn statistics(request: pages::Request) -> Result<Json<Statistics>, Problem> {
    let scene = Scene::new(&request, Say(Language::En));
    aside(move || {
        let (statements, duties, state_duties, taken) = numbers(&scene);
        let (size, day) = (scene.register().size(), japanese_day(scene.now).to_string());
        Ok(Json(Statistics { size, day, statements, duties, state_duties, taken }))
    })
    .await
}

/// The State's own duties, as numbers; `/api/v1/duties` lists them one by one.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StateBoard {
    /// The number of log entries that are counted from.
    size: u64,
    /// The day, in Japanese time.
    day: String,
    /// Duties, by law.
    duties: Vec<OfLaw>,
    /// How long they took, and how long what waits has waited.
    taken: Vec<Taken>,
}

/// The board of the State's own duties.
#[utoipa::path(
    get, path = "/api/v1/state", operation_id = "state", tag = "register", params(At),
    responses((status = 200, body = StateBoard))
)]
pub(crate) async fn state(request: pages::Request) -> Result<Json<StateBoard>, Problem> {
    let Json(all) = statistics(request).await?;
    Ok(Json(StateBoard { size: all.size, day: all.day, duties: all.state_duties, taken: all.taken }))
}

/// A list to take away: `statements`, `organisations`, `models` or `duties`, as `.csv`, `.json` or
/// `.jsonl`. Without a choice `statements` is the whole public register, oldest first.
#[utoipa::path(
    get, path = "/api/v1/export/{file}", operation_id = "export", tag = "register", params(
        ("file" = String, Path, description = "name of the list and of the format, such as `statements.csv`"), Chosen, At
    ),
    responses(
        (status = 200, description = "the list, streamed", content(
            (String = "text/csv"), (Vec<serde_json::Value> = "application/json"), (String = "application/jsonl")
        )),
        (status = 400, body = ProblemDocument), (status = 404, body = ProblemDocument)
    )
)]
pub(crate) async fn export(Path(name): Path<String>, request: pages::Request) -> Result<Response, Problem> {
    let unknown = || {
        Problem::not_found("there is no such list to take away")
            .hint("statements, organisations, models or duties; .csv, .json or .jsonl")
    };
    let (list, format) = name.split_once('.').ok_or_else(unknown)?;
    let format = Format::of(format).ok_or_else(unknown)?;
    let list = match list {
        "statements" | "organisations" | "models" | "duties" => list.to_owned(),
        _ => return Err(unknown()),
    };
    let scene = Scene::new(&request, Say(Language::En));
    let file_name =
        format!("{list}-{}.{}", scene.register().size(), name.rsplit('.').next().unwrap_or_default());
    let list = aside(move || chosen(scene, &list)).await?;
    Ok(export::file(&file_name, format, list))
}

fn chosen(scene: Scene, list: &str) -> Result<export::List, Problem> {
    let asked = scene.query.clone();
    let fields = Fields {
        text: &asked.q,
        kind: &asked.said,
        organisation: &asked.organisation,
        law: &asked.law,
        status: &asked.status,
        from: &asked.from,
        until: &asked.until,
    };
    let (query, wrong) = search::read(scene.register(), fields);
    if let Some(wrong) = wrong.first() {
        return Err(Problem::new(Kind::Malformed, wrong));
    }
    let of_kind = |kind: &str| {
        let query = Query { text: query.text.clone(), kinds: [kind.to_owned()].into(), ..Query::default() };
        scene.index().search(scene.register(), &query).entries
    };
    let view = std::sync::Arc::clone(&scene.view);
    Ok(match list {
        "statements" => {
            let found = scene.index().search(scene.register(), &query);
            export::statements(view, found.entries)
        }
        "organisations" => export::organisations(view, scene.now, of_kind("organisation")),
        "models" => export::models(view, of_kind("model")),
        _ => export::duties(scene, query.law),
    })
}
