//! What an incident brings about, under every law.

use axum::Json;
use axum::extract::State;
use axum::http::Uri;
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::{ADVICE, Asking, DutyAnswer, LawAnswer, Read, csv, file, read};
use crate::api::extract::aside;
use crate::lab::incident::{brought_about, cases};
use crate::problem::{Problem, ProblemDocument};
use crate::state::App;

/// What an incident brings about.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IncidentDocument {
    /// What this is.
    advice: &'static str,
    /// The answers, in the one form in which they stand in the query.
    query: String,
    /// The duties that the incident brings about, or may: developers' first, the soonest first.
    duties: Vec<DutyAnswer>,
    /// The laws that were applied.
    laws: Vec<LawAnswer>,
}

/// Ask who must be told what by when after an incident that you describe.
///
/// Beside the facts, the query takes `i.ATTRIBUTE` (`true`, `false`, a day, a day and a time) and `zone`,
/// the time zone of the times. What is left out is not known.
#[utoipa::path(
    get, path = "/api/v1/lab/incident", operation_id = "lab_incident", tag = "lab", params(Asking),
    responses((status = 200, body = IncidentDocument), (status = 400, body = ProblemDocument))
)]
pub(crate) async fn incident(State(app): State<App>, uri: Uri) -> Result<Response, Problem> {
    aside(move || {
        let view = app.view();
        let Read { laws, answers, format } = read(&view, &uri, &["json", "csv"])?;
        let found = cases(&laws, &answers, app.now().instant())?;
        let told = brought_about(&found)?;
        let duties: Vec<DutyAnswer> = told.iter().map(|told| DutyAnswer::of(told.case, told.duty)).collect();
        if format == "csv" {
            let rows = duties.iter().map(DutyAnswer::row);
            return Ok(file("incident.csv", "text/csv; charset=utf-8", csv(DutyAnswer::COLUMNS, rows)));
        }
        let document = IncidentDocument {
            advice: ADVICE,
            query: answers.query(&[]),
            duties,
            laws: found.iter().map(LawAnswer::of).collect(),
        };
        Ok(Json(document).into_response())
    })
    .await
}
