//! What the law asks, computed: advice, never a decision.

use axum::Json;
use axum::extract::State;
use evidence::{Date, Digest, Predicate};
use law::{Assessment, Regime, Status};
use node::{Caller, View};
use register::state::Thing as Registered;
use register::{BoardError, Register};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::document::{Cursor, Names, Page, Thing};
use super::extract::{Asked, By, Named, aside, find};
use super::models::model;
use crate::problem::{Kind, Problem, ProblemDocument};
use crate::state::App;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Question {
    /// The regime, as adopted here.
    regime: String,
    /// The day, in the regime's own time zone; today where nothing is given.
    #[param(value_type = Option<String>, format = Date)]
    as_of: Option<Date>,
}

/// What a regime makes of what is on record about a model.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AdviceDocument {
    /// The day as of which it is given.
    as_of: String,
    /// The model.
    model: Thing,
    /// The assessment with its reasons.
    #[schema(value_type = Object)]
    assessment: Value,
    /// The body of an `assessment` statement that records it; for those who may issue one, and for
    /// the model's developer.
    #[schema(value_type = Option<Object>)]
    body: Option<Value>,
    /// Whether judgements that only a signed act may make public are left out: duties that appear
    /// unmet then read `open`.
    reserved: bool,
}

/// Ask what a regime makes of what is on record about a model.
///
/// Whether a duty of a named organisation appears unmet is for authorities, safety institutes, the
/// node's administrator and the developer itself: it becomes public only by a signed act.
#[utoipa::path(
    get, path = "/api/v1/models/{id}/advice", tag = "law", security((), ("token" = [])),
    params(("id" = String, Path, description = "its digest, or its path with `~` for `/`"), Question),
    responses((status = 200, body = AdviceDocument), (status = 404, body = ProblemDocument))
)]
pub(crate) async fn advice(
    State(app): State<App>,
    by: By,
    name: Named,
    Asked(question): Asked<Question>,
) -> Result<Json<AdviceDocument>, Problem> {
    let view = app.view();
    let document = aside(move || {
        let register = &view.register;
        let model = model(register, &name)?;
        let regime = regime(&view, &question.regime)?;
        let as_of = question.as_of.unwrap_or_else(|| today(&app, &regime));
        let advice = register
            .advise(&question.regime, &model.id, as_of, &view.library)
            .map_err(|error| problem(&error))?;
        let trusted = may_judge(register, &by, model, &app);
        let body = if trusted { register.assessment_of(&advice, as_of) } else { None };
        let assessment = if trusted { advice.assessment } else { published(advice.assessment) };
        Ok(AdviceDocument {
            as_of: as_of.to_string(),
            model: Thing::of(register, &model.id),
            assessment: serde_json::to_value(&assessment).map_err(Problem::internal)?,
            body: body.map(|body| Predicate::from(body).to_value()),
            reserved: !trusted,
        })
    })
    .await?;
    Ok(Json(document))
}

/// Returns the assessment as everyone may see it: without judgements that only a signed act may
/// make of a named organisation. What is due when, and what has arrived, stays.
fn published(mut assessment: Assessment) -> Assessment {
    for duty in &mut assessment.duties {
        if duty.status == Status::AppearsUnmet {
            duty.status = Status::Open;
        }
        duty.late = false;
    }
    assessment
}

fn may_judge(register: &Register, by: &By, model: &Registered, app: &App) -> bool {
    if by.0.is_admin() || matches!(by.0, Caller::Token { organisation: None, .. }) {
        return true;
    }
    let Some(organisation) = by.organisation(register) else { return false };
    let now = app.now();
    organisation == model.parent
        || register.has_role(&organisation, "authority", now)
        || register.has_role(&organisation, "safety-institute", now)
}

/// Returns the files of an adopted regime.
pub(crate) fn regime(view: &View, name: &str) -> Result<Regime, Problem> {
    let adopted = view.register.regime(name).ok_or_else(|| {
        let name: String = name.chars().take(80).collect();
        problem(&BoardError::NotAdopted(name))
    })?;
    view.library.regime(&adopted.folder).ok_or_else(|| Problem::internal(BoardError::NoFiles(adopted.folder)))
}

/// Returns the current day in a regime's own time zone.
fn today(app: &App, regime: &Regime) -> Date {
    Date::new(regime.time_zone().to_datetime(app.now().instant()).date())
}

fn problem(error: &BoardError) -> Problem {
    match error {
        BoardError::NotAdopted(_) => {
            Problem::not_found(error).hint("see /api/v1/regimes for what is adopted here")
        }
        BoardError::NoModel(_) => Problem::not_found(error).hint("see /api/v1/models"),
        BoardError::Engine(_) => Problem::new(Kind::Malformed, error),
        BoardError::NoFiles(_) => Problem::internal(error),
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Board {
    /// Only the duties of this model: a digest or a path of slugs.
    model: Option<String>,
    /// Only the duties under this regime.
    regime: Option<String>,
    /// Only models registered after this entry.
    after: Option<u64>,
    /// The duties of at most so many models, 1 to 500; 100 where nothing is given.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<usize>,
}

/// The duties of a model under a regime, today.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ModelDuties {
    /// The model.
    model: Thing,
    /// The regime.
    regime: String,
    /// Today, in the regime's own time zone.
    as_of: String,
    /// Whether the law covers the model: `covered`, `not_covered`, `undetermined`.
    #[schema(value_type = String)]
    coverage: law::Coverage,
    /// Its duties, the State's and others', in the regime's order.
    duties: Vec<DutyDocument>,
}

/// A duty.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DutyDocument {
    /// Its name in the regime.
    id: String,
    /// What it is called.
    text: Names,
    /// The article.
    article: String,
    /// Who owes it: `developer`, `authority`, `institute`, `association`, `certification_body`.
    #[schema(value_type = String)]
    by: law::Party,
    /// Whether it is owed: `true`, `false`, `undetermined`.
    #[schema(value_type = String)]
    owed: law::Truth,
    /// Where it stands. What appears unmet reads `open` here: only a signed act says otherwise.
    #[schema(value_type = String)]
    status: law::Status,
    /// Last day in time; none where the law names no day, or it cannot be computed.
    due: Option<String>,
    /// Entries that fulfil it, or a part of it.
    fulfilled_by: Vec<u64>,
}

/// The duty board: what is owed by whom, today.
#[utoipa::path(
    get, path = "/api/v1/duties", tag = "law", params(Board),
    responses((status = 200, body = Page<ModelDuties>), (status = 404, body = ProblemDocument))
)]
pub(crate) async fn duties(
    State(app): State<App>,
    Asked(board): Asked<Board>,
) -> Result<Json<Page<ModelDuties>>, Problem> {
    let view = app.view();
    let page = aside(move || {
        let register = &view.register;
        let only = board.model.as_deref().map(|name| find(register, name)).transpose()?;
        let mut regimes = Vec::new();
        for (name, _) in register.regimes() {
            if board.regime.as_deref().is_none_or(|wanted| wanted == name) {
                regimes.push((name.to_owned(), regime(&view, name)?));
            }
        }
        if let (Some(wanted), true) = (&board.regime, regimes.is_empty()) {
            return Err(problem(&BoardError::NotAdopted(wanted.chars().take(80).collect())));
        }
        let address = match &board.regime {
            Some(wanted) => format!("/api/v1/duties?regime={wanted}"),
            None => "/api/v1/duties".to_owned(),
        };
        let models = register
            .models()
            .filter(|model| only.is_none_or(|only| only == model.id))
            .map(|model| (model.since, model.id));
        let cursor = Cursor { after: board.after, limit: board.limit, ..Cursor::default() };
        let page = cursor.page(models, &address, register.size(), |model: Digest| {
            regimes
                .iter()
                .map(|(name, regime)| of_model(&app, &view, &model, name, regime))
                .collect::<Result<Vec<_>, Problem>>()
        });
        let items = page.items.into_iter().collect::<Result<Vec<_>, Problem>>()?;
        Ok(Page { items: items.concat(), next: page.next, size: page.size })
    })
    .await?;
    Ok(Json(page))
}

fn of_model(
    app: &App,
    view: &View,
    model: &Digest,
    name: &str,
    regime: &Regime,
) -> Result<ModelDuties, Problem> {
    let as_of = today(app, regime);
    let advice = view.register.advise(name, model, as_of, &view.library).map_err(|error| problem(&error))?;
    let assessment = published(advice.assessment);
    let duties = assessment.duties.into_iter().map(|duty| DutyDocument {
        text: regime
            .duty(&duty.id)
            .map_or_else(|| Names::both(duty.id.as_str(), duty.id.as_str()), |d| (&d.text).into()),
        id: duty.id.into(),
        article: duty.article.into(),
        by: duty.by,
        owed: duty.owed,
        status: duty.status,
        due: duty.due.map(|day| day.to_string()),
        fulfilled_by: duty.fulfilled_by,
    });
    Ok(ModelDuties {
        model: Thing::of(&view.register, model),
        regime: name.to_owned(),
        as_of: as_of.to_string(),
        coverage: assessment.coverage,
        duties: duties.collect(),
    })
}
