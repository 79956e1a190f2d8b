//! Laws tried out on the shipped data set, as data: the twin of the lab's pages, and what can be
//! downloaded beside each chart.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Uri, header};
use axum::response::{IntoResponse as _, Response};
use evidence::Language;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use crate::at_hand::{Law, laws};
use crate::lab::comparison::Comparison;
use crate::lab::dataset::{Trouble, columns};
use crate::lab::fault::{Fault, FaultKind};
use crate::lab::query::Query;
use crate::lab::simulation::{Answer, Question, Sheet, answer};
use crate::pages;
use crate::problem::{Kind, Problem, ProblemDocument};
use crate::state::App;

/// What may be asked of a simulation. Beside these: `s.ID` settles an open point (`open` leaves it
/// open), `p.ID` changes a figure of the law.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the address is read by hand, since its names depend on the law")]
pub(crate) struct Simulated {
    /// The law's id.
    law: Option<String>,
    /// Where to begin: `adopted`, `open` or a preset of the law.
    base: Option<String>,
    /// The law as of this day.
    as_of: Option<String>,
    /// What is counted: `coverage`, `class:ID` or `duty:ID`.
    goal: Option<String>,
    /// The figure that is moved.
    dial: Option<String>,
    /// The low end.
    from: Option<String>,
    /// The high end.
    to: Option<String>,
    /// How many values, 2 to 200.
    points: Option<String>,
    /// Which table or chart: `sweep`, `years`, `countries`, `models`.
    of: Option<String>,
}

/// What is compared.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the address is read by hand, as that of the page")]
pub(crate) struct Compared {
    /// A law's id; `:` and `adopted`, `open` or a preset says how its open points are settled.
    a: Option<String>,
    /// A second one.
    b: Option<String>,
    /// A third one.
    c: Option<String>,
    /// A fourth one.
    d: Option<String>,
    /// The laws as of this day.
    as_of: Option<String>,
}

/// A law tried out. A calculation, not a decision about anyone.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SimulationDocument {
    /// The law's id.
    law: String,
    /// `draft`, `in_force` or `voluntary`: a draft is no law.
    #[schema(value_type = String)]
    status: law::RegimeStatus,
    /// Folder digest of the law's files.
    #[schema(value_type = String)]
    folder: evidence::Digest,
    /// The law as of this day.
    #[schema(value_type = String)]
    as_of: jiff::civil::Date,
    /// With what it is compared.
    base: String,
    /// How its open points are settled: switch → value.
    #[schema(value_type = Object)]
    settings: Value,
    /// Figures that differ from the law's: parameter → value.
    #[schema(value_type = Object)]
    changed: Value,
    /// What is counted.
    goal: String,
    /// What is assumed of every model, and where the data are from.
    #[schema(value_type = Object)]
    data: Value,
    /// Counts with lower and upper bound, the figure moved over its range, what differs from the base, every
    /// model.
    #[schema(value_type = Object)]
    answer: Value,
}

/// Laws side by side. A calculation, not a decision about anyone.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ComparisonDocument {
    /// The laws as of this day.
    #[schema(value_type = String)]
    as_of: jiff::civil::Date,
    /// What each side asks: its law, settings, figures, and duties of developers by the common vocabulary.
    #[schema(value_type = Vec<Object>)]
    laws: Vec<Value>,
    /// Where the data are from.
    #[schema(value_type = Object)]
    data: Value,
    /// Whom each side covers, and every model with each answer.
    #[schema(value_type = Object)]
    answer: Value,
}

fn refused(faults: &[Fault]) -> Result<(), Problem> {
    match faults {
        [] => Ok(()),
        [first, rest @ ..] => {
            let problem = Problem::new(Kind::Malformed, first);
            Err(rest.iter().fold(problem, Problem::hint))
        }
    }
}

fn fits(trouble: &Trouble) -> Problem {
    Problem::new(Kind::Malformed, trouble).hint("choose another law; see /api/v1/regimes")
}

fn asked(app: &App, uri: &Uri) -> Result<Question, Problem> {
    let query = Query::read(uri).map_err(|wrong| Problem::new(Kind::Malformed, wrong))?;
    let laws = laws(&app.view());
    let law: Option<&Law> = match query.get("law") {
        Some(id) => laws.get(id),
        None => pages::first_law(&laws),
    };
    let law = law.ok_or_else(|| Problem::new(Kind::Malformed, Fault::new("law", FaultKind::Law)))?;
    let today = law.regime.time_zone().to_datetime(app.now().instant()).date();
    let question = Question::read(&query, law.clone(), today);
    refused(&question.faults)?;
    Ok(question)
}

fn answered(question: &Question) -> Result<Answer, Problem> {
    answer(question).map_err(|trouble| fits(&trouble))
}

fn sheet(uri: &Uri) -> Result<Sheet, Problem> {
    let query = Query::read(uri).map_err(|wrong| Problem::new(Kind::Malformed, wrong))?;
    let asked = query.get("of").unwrap_or("sweep");
    Sheet::read(asked).ok_or_else(|| {
        Problem::new(Kind::Malformed, "`of`: expected `sweep`, `years`, `countries` or `models`")
    })
}

fn data(law: Option<&Law>) -> Value {
    let Some(columns) = columns() else { return Value::Null };
    let assumptions = law.map(|law| columns.assumptions(&law.regime)).unwrap_or_default();
    json!({
        "source": columns.data.source,
        "asOf": columns.data.as_of,
        "licence": columns.data.licence,
        "assumptions": assumptions,
    })
}

/// Returns a file to keep.
fn file(name: &str, media_type: &'static str, content: String) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    if let Ok(disposition) = HeaderValue::try_from(format!("attachment; filename=\"{name}\"")) {
        headers.insert(HeaderName::from_static("content-disposition"), disposition);
    }
    (headers, content).into_response()
}

/// A law tried out on the shipped data set of models.
#[utoipa::path(
    get, path = "/api/v1/lab/simulate", operation_id = "simulate", tag = "law", params(Simulated),
    responses((status = 200, body = SimulationDocument), (status = 400, body = ProblemDocument))
)]
pub(crate) async fn simulate(State(app): State<App>, uri: Uri) -> Result<Json<SimulationDocument>, Problem> {
    off(move || {
        let question = asked(&app, &uri)?;
        let answer = answered(&question)?;
        Ok(Json(SimulationDocument {
            law: question.law.regime.id().to_owned(),
            status: question.law.regime.status(),
            folder: question.law.folder,
            as_of: question.as_of,
            base: question.base.as_str().to_owned(),
            settings: json!(question.settings),
            changed: json!(question.changed),
            goal: question.asked.text(),
            data: data(Some(&question.law)),
            answer: serde_json::to_value(answer).map_err(Problem::internal)?,
        }))
    })
    .await
}

/// A table of a simulation as CSV: the figure moved, by year, by country, or every model.
#[utoipa::path(
    get, path = "/api/v1/lab/simulate.csv", operation_id = "simulate_csv", tag = "law", params(Simulated),
    responses((status = 200, body = String, content_type = "text/csv"), (status = 400, body = ProblemDocument))
)]
pub(crate) async fn simulate_csv(State(app): State<App>, uri: Uri) -> Result<Response, Problem> {
    off(move || {
        let sheet = sheet(&uri)?;
        let question = asked(&app, &uri)?;
        let name = format!("{}-{}.csv", question.law.regime.id(), sheet.name());
        Ok(file(&name, "text/csv; charset=utf-8", answered(&question)?.csv(sheet)))
    })
    .await
}

/// A chart of a simulation as SVG: the figure moved, or by year. In the language that `Accept-Language`
/// prefers.
#[utoipa::path(
    get, path = "/api/v1/lab/simulate.svg", operation_id = "simulate_svg", tag = "law", params(Simulated),
    responses((status = 200, body = String, content_type = "image/svg+xml"), (status = 400, body = ProblemDocument))
)]
pub(crate) async fn simulate_svg(
    State(app): State<App>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    let language: Language = pages::preferred(&headers);
    off(move || {
        let sheet = sheet(&uri)?;
        let question = asked(&app, &uri)?;
        let svg = pages::simulation_chart(language, &question, &answered(&question)?, sheet);
        let svg = svg.ok_or_else(|| {
            Problem::new(
                Kind::Malformed,
                "`of`: charts are drawn of `sweep`, where the law has a number, and of `years`",
            )
        })?;
        let name = format!("{}-{}.svg", question.law.regime.id(), sheet.name());
        let mut response = file(&name, "image/svg+xml", svg);
        response.headers_mut().append(header::VARY, HeaderValue::from_static("accept-language"));
        Ok(response)
    })
    .await
}

fn compared(app: &App, uri: &Uri) -> Result<Comparison, Problem> {
    let query = Query::read(uri).map_err(|wrong| Problem::new(Kind::Malformed, wrong))?;
    let comparison = Comparison::read(&query, &laws(&app.view()), pages::japanese_day(app.now()));
    refused(&comparison.faults)?;
    Ok(comparison)
}

/// Laws, or settings of a draft, side by side.
#[utoipa::path(
    get, path = "/api/v1/lab/compare", operation_id = "compare", tag = "law", params(Compared),
    responses((status = 200, body = ComparisonDocument), (status = 400, body = ProblemDocument))
)]
pub(crate) async fn compare(State(app): State<App>, uri: Uri) -> Result<Json<ComparisonDocument>, Problem> {
    off(move || {
        let comparison = compared(&app, &uri)?;
        let common = comparison.common();
        let laws = comparison.sides.iter().map(|side| {
            let regime = &side.law.regime;
            let duties = common.iter().map(|word| {
                let duties = regime.duties().iter().filter(|duty| {
                    duty.by == law::Party::Developer && duty.common.iter().any(|one| one == word)
                });
                ((*word).to_owned(), duties.map(|duty| duty.id.clone()).collect::<Vec<_>>())
            });
            json!({
                "side": side.text(),
                "law": regime.id(),
                "status": regime.status(),
                "folder": side.law.folder,
                "force": regime.force_on(comparison.as_of),
                "settings": side.settings,
                "figures": regime.parameters(),
                "classes": regime.classes(),
                "duties": duties.collect::<std::collections::BTreeMap<_, _>>(),
                "penalties": regime.penalties(),
                "assumptions": columns().map(|columns| columns.assumptions(regime)),
            })
        });
        let laws = laws.collect();
        let answers = comparison.answer().map_err(|trouble| fits(&trouble))?;
        Ok(Json(ComparisonDocument {
            as_of: comparison.as_of,
            laws,
            data: data(None),
            answer: serde_json::to_value(answers).map_err(Problem::internal)?,
        }))
    })
    .await
}

/// Every model of the data set with the answer of each law, as CSV.
#[utoipa::path(
    get, path = "/api/v1/lab/compare.csv", operation_id = "compare_csv", tag = "law", params(Compared),
    responses((status = 200, body = String, content_type = "text/csv"), (status = 400, body = ProblemDocument))
)]
pub(crate) async fn compare_csv(State(app): State<App>, uri: Uri) -> Result<Response, Problem> {
    off(move || {
        let answers = compared(&app, &uri)?.answer().map_err(|trouble| fits(&trouble))?;
        Ok(file("laws-compared.csv", "text/csv; charset=utf-8", answers.csv()))
    })
    .await
}

/// Computes off the threads that serve requests.
async fn off<T: Send + 'static>(
    compute: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    tokio::task::spawn_blocking(compute).await.map_err(Problem::internal)?
}
