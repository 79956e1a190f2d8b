//! Whether laws apply, by the answers in the query.

use axum::Json;
use axum::extract::State;
use axum::http::Uri;
use axum::response::{IntoResponse as _, Response};
use law::{Exported, Goal, Language, MissingSets, Wording};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{ADVICE, Asking, DutyAnswer, LawAnswer, Read, both, csv, file, read, words};
use crate::api::document::Names;
use crate::api::extract::aside;
use crate::lab::case::{Case, Question, cases, next};
use crate::problem::{Kind, Problem, ProblemDocument};
use crate::state::App;

/// What laws make of the answers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ApplyDocument {
    /// What this is.
    advice: &'static str,
    /// The answers, in the one form in which they stand in the query.
    query: String,
    /// What to ask next; none where no answer would change anything.
    next: Option<NextQuestion>,
    /// The laws.
    laws: Vec<Applied>,
}

/// A question.
#[derive(Debug, Serialize, ToSchema)]
struct NextQuestion {
    /// The name under which the answer stands in the query.
    name: String,
    /// What is asked.
    text: Names,
}

/// A law, applied.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Applied {
    #[serde(flatten)]
    law: LawAnswer,
    /// The facts that would settle whether it applies: smallest sets.
    #[schema(value_type = Option<Object>)]
    missing: Option<MissingSets>,
    /// Penalties in words, with their height.
    penalties: Vec<Names>,
    /// The whole assessment, with its reasons.
    #[schema(value_type = Object)]
    assessment: Value,
}

impl Applied {
    fn of(case: &Case<'_>) -> Result<Self, Problem> {
        let missing =
            law::missing_sets(case.regime(), &case.settings, &case.record, case.as_of, Goal::Coverage);
        let penalties = case.assessment.penalties.iter();
        Ok(Self {
            law: LawAnswer::of(case),
            missing: missing.ok().filter(|missing| missing.truth == law::Truth::Undetermined),
            penalties: penalties
                .map(|penalty| both(case, |wording: &Wording<'_>| wording.penalty(penalty)))
                .collect(),
            assessment: serde_json::to_value(&case.assessment).map_err(Problem::internal)?,
        })
    }
}

/// Writes OSCAL assessment results (NIST, OSCAL 1.1) of one law.
fn oscal(case: &Case<'_>, at: jiff::Timestamp) -> Response {
    let document = words(case, Language::En, |wording| {
        let exported = Exported {
            regime: case.regime(),
            settings: &case.settings,
            record: &case.record,
            assessment: &case.assessment,
            wording: *wording,
            subject: "the answers given",
            statements: None,
            at,
        };
        exported.oscal()
    });
    file("assessment-results.json", "application/json", document.to_string())
}

/// Ask whether laws apply to a developer and a model that you describe.
///
/// Every answer travels in the query; nothing is stored or logged.
#[utoipa::path(
    get, path = "/api/v1/lab/apply", operation_id = "lab_apply", tag = "lab", params(Asking),
    responses((status = 200, body = ApplyDocument), (status = 400, body = ProblemDocument))
)]
pub(crate) async fn apply(State(app): State<App>, uri: Uri) -> Result<Response, Problem> {
    aside(move || {
        let view = app.view();
        let Read { laws, answers, format } = read(&view, &uri, &["json", "csv", "oscal"])?;
        let found = cases(&laws, &answers, app.now().instant())?;
        if format == "csv" {
            let rows = found.iter().flat_map(|case| {
                case.assessment.duties.iter().map(move |duty| DutyAnswer::of(case, duty).row())
            });
            return Ok(file("duties.csv", "text/csv; charset=utf-8", csv(DutyAnswer::COLUMNS, rows)));
        }
        if format == "oscal" {
            let [case] = found.as_slice() else {
                return Err(Problem::new(Kind::Malformed, "in the query: `format=oscal` takes one law")
                    .hint("add `law=` and the id of one law"));
            };
            return Ok(oscal(case, app.now().instant()));
        }
        let next = next(&found, &answers).map(|question| match question {
            Question::Settle(law) => {
                NextQuestion { name: format!("set.{}", law.regime.id()), text: law.regime.title().into() }
            }
            Question::Join(law) => {
                NextQuestion { name: format!("joined.{}", law.regime.id()), text: law.regime.title().into() }
            }
            Question::Fact { schema, .. } => {
                NextQuestion { name: format!("f.{}", schema.name), text: (&schema.label).into() }
            }
        });
        let document = ApplyDocument {
            advice: ADVICE,
            query: answers.query(&[]),
            next,
            laws: found.iter().map(Applied::of).collect::<Result<_, _>>()?,
        };
        Ok(Json(document).into_response())
    })
    .await
}
