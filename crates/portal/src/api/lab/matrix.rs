//! Common duties of several laws side by side.

use axum::Json;
use axum::extract::State;
use axum::http::Uri;
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::{ADVICE, Asking, DutyAnswer, LawAnswer, Read, csv, file, malformed, read};
use crate::api::document::Names;
use crate::api::extract::aside;
use crate::lab::crosswalk::{of_answers, rows};
use crate::pages::lab::matrix::{model_of, of_model};
use crate::problem::{Problem, ProblemDocument};
use crate::state::App;

/// Common duties of several laws.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MatrixDocument {
    /// What this is.
    advice: &'static str,
    /// The answers, in the one form in which they stand in the query.
    query: String,
    /// The laws that were applied.
    laws: Vec<LawAnswer>,
    /// The common duties.
    rows: Vec<CommonDuty>,
}

/// A duty of the common vocabulary.
#[derive(Debug, Serialize, ToSchema)]
struct CommonDuty {
    /// Its name in the vocabulary.
    common: String,
    /// What it is called.
    name: Names,
    /// The duties of the laws that answer it.
    duties: Vec<Standing>,
    /// What serves it under one law and could be shown for others that wait for it: entries of the log,
    /// or places in the query. A hint: the laws differ in detail.
    reusable: Vec<u64>,
}

/// How a duty stands.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Standing {
    #[serde(flatten)]
    duty: DutyAnswer,
    /// Where it stands. Of a named organisation what appears unmet reads `open`: only a signed act
    /// says otherwise.
    #[schema(value_type = String)]
    status: law::Status,
    /// What serves it: entries of the log, or places in the query.
    served_by: Vec<u64>,
}

/// See which duties several laws have in common, and which filed statements serve which of them.
///
/// Of `model`, a model of the register, or of facts (`f.FACT`) and filings (`s.PREDICATE`, a day).
#[utoipa::path(
    get, path = "/api/v1/lab/matrix", operation_id = "lab_matrix", tag = "lab",
    params(Asking, ("model" = Option<String>, Query, description = "the path of a model of the register")),
    responses((status = 200, body = MatrixDocument), (status = 400, body = ProblemDocument))
)]
pub(crate) async fn matrix(State(app): State<App>, uri: Uri) -> Result<Response, Problem> {
    aside(move || {
        let view = app.view();
        let Read { laws, answers, format } = read(&view, &uri, &["json", "csv"])?;
        let now = app.now().instant();
        let found = match answers.model.as_deref() {
            Some(path) => {
                let model = model_of(&view, path).map_err(|wrong| malformed(&wrong))?;
                of_model(&view, &laws, &answers, &model, now)?
            }
            None => of_answers(&laws, &answers, now)?,
        };
        let table: Vec<CommonDuty> = rows(&found)
            .into_iter()
            .map(|row| CommonDuty {
                common: row.common.id,
                name: (&row.common.name).into(),
                reusable: row.reusable,
                duties: row
                    .cells
                    .iter()
                    .zip(&found)
                    .flat_map(|(cell, case)| cell.iter().map(move |(_, duty)| (case, *duty)))
                    .map(|(case, duty)| Standing {
                        duty: DutyAnswer::of(case, duty),
                        status: duty.status,
                        served_by: duty.fulfilled_by.clone(),
                    })
                    .collect(),
            })
            .collect();
        if format == "csv" {
            let columns: Vec<&str> = ["common"]
                .iter()
                .chain(DutyAnswer::COLUMNS)
                .chain(&["status", "served_by"])
                .copied()
                .collect();
            let rows = table.iter().flat_map(|row| {
                row.duties.iter().map(|standing| {
                    let mut cells = vec![row.common.clone()];
                    cells.extend(standing.duty.row());
                    cells.push(standing.status.as_str().to_owned());
                    let served: Vec<String> = standing.served_by.iter().map(u64::to_string).collect();
                    cells.push(served.join(" "));
                    cells
                })
            });
            return Ok(file("duties-by-law.csv", "text/csv; charset=utf-8", csv(&columns, rows)));
        }
        let document = MatrixDocument {
            advice: ADVICE,
            query: answers.query(&[]),
            laws: found.iter().map(LawAnswer::of).collect(),
            rows: table,
        };
        Ok(Json(document).into_response())
    })
    .await
}
