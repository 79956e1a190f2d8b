//! The regimes at hand: laws, drafts and codes as data.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use evidence::Digest;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use super::document::Names;
use super::extract::{Asked, Named};
use crate::at_hand::{Law, law, laws};
use crate::problem::{Problem, ProblemDocument};
use crate::state::App;

/// A regime in a list.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
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
    /// Whether it has force on the day: `in_force`, `not_yet`, `ended`, `suspended` or `preempted`. Of a
    /// draft or a voluntary code: whether a text applies as if it had.
    #[schema(value_type = String)]
    force: law::Force,
    /// First day of its first text.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    from: Option<Date>,
    /// Folder digest of its files; those of an adopted regime lie below `/log/blob/`.
    #[schema(value_type = String)]
    folder: Digest,
    /// The statement that adopted it here; none where it only came with the program.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    adoption: Option<Digest>,
    /// The entry of the adoption.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<u64>,
    /// How the adoption settles what the law leaves open: switch → value.
    switches: BTreeMap<String, String>,
    /// How many points it leaves open, duties it states, law tests it has.
    counts: RegimeCounts,
    /// Where its document is.
    href: String,
}

/// What a regime consists of, in numbers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RegimeCounts {
    /// Points that the law leaves open.
    switches: usize,
    /// Duties.
    duties: usize,
    /// Law tests.
    tests: usize,
}

/// A regime as it stands on a day.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RegimeDocument {
    #[serde(flatten)]
    summary: RegimeSummary,
    /// The day, in the regime's own time zone.
    #[schema(value_type = String)]
    as_of: Date,
    /// Where the text is from.
    source: String,
    /// Everything that its files say: versions, articles with the text of the day, instruments, facts,
    /// figures, switches, coverage, classes, duties, powers, penalties, procedures, law tests.
    #[schema(value_type = Object)]
    rules: Value,
}

/// The regimes at hand.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RegimeList {
    /// By name.
    items: Vec<RegimeSummary>,
}

/// Which day is asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct OnDay {
    /// The regime as of this day; today where it is left out.
    #[param(value_type = Option<String>)]
    as_of: Option<Date>,
}

/// The regimes at hand: those adopted here, and those that came with the program.
#[utoipa::path(get, path = "/api/v1/regimes", operation_id = "regimes", tag = "law", responses((status = 200, body = RegimeList)))]
pub(crate) async fn list(State(app): State<App>) -> Json<RegimeList> {
    let laws = laws(&app.view());
    Json(RegimeList { items: laws.values().map(|law| summary(law, today(&app, law))).collect() })
}

/// A regime: its rules beside their text, as it stands on a day.
#[utoipa::path(
    get, path = "/api/v1/regimes/{id}", operation_id = "regime", tag = "law",
    params(("id" = String, Path, description = "its name"), OnDay),
    responses((status = 200, body = RegimeDocument), (status = 404, body = ProblemDocument))
)]
pub(crate) async fn one(
    State(app): State<App>,
    Named(name): Named,
    Asked(OnDay { as_of }): Asked<OnDay>,
) -> Result<Json<RegimeDocument>, Problem> {
    let law = law(&app.view(), &name).ok_or_else(|| {
        let name: String = name.chars().take(80).collect();
        Problem::not_found(format_args!("no regime {name} is at hand")).hint("see /api/v1/regimes")
    })?;
    let day = as_of.unwrap_or_else(|| today(&app, &law));
    let regime = &law.regime;
    let articles = regime.articles().iter().map(|article| {
        let (text, certainty) = article.text_on(day);
        json!({
            "id": article.id,
            "text": text,
            "certainty": certainty,
            "instrument": article.instrument,
            "earlier": article.earlier,
        })
    });
    let figures = regime.parameters().iter().map(|parameter| {
        let mut shown = json!(parameter);
        shown["value"] = json!(parameter.on(day).map(|dated| &dated.text));
        shown
    });
    let tests = regime.tests().iter().map(|test| {
        json!({ "name": test.name, "basis": test.basis, "asOf": test.as_of, "file": test.file, "line": test.line })
    });
    let rules = json!({
        "certainty": regime.certainty(),
        "authenticLanguage": regime.authentic_language(),
        "timeZone": regime.time_zone().iana_name(),
        "versions": regime.versions(),
        "articles": articles.collect::<Vec<_>>(),
        "instruments": regime.instruments(),
        "facts": regime.facts(),
        "figures": figures.collect::<Vec<_>>(),
        "switches": regime.switches(),
        "presets": regime.presets(),
        "coverage": regime.coverage(),
        "classes": regime.classes(),
        "duties": regime.duties(),
        "powers": regime.powers(),
        "penalties": regime.penalties(),
        "procedures": regime.procedures(),
        "readme": regime.readme(),
        "tests": tests.collect::<Vec<_>>(),
    });
    let source = regime.source().to_owned();
    Ok(Json(RegimeDocument { summary: summary(&law, day), as_of: day, source, rules }))
}

fn today(app: &App, law: &Law) -> Date {
    law.regime.time_zone().to_datetime(app.now().instant()).date()
}

fn summary(law: &Law, day: Date) -> RegimeSummary {
    let regime = &law.regime;
    let adopted = law.adopted.as_ref();
    RegimeSummary {
        id: regime.id().to_owned(),
        title: regime.title().into(),
        jurisdiction: regime.jurisdiction().to_owned(),
        status: regime.status(),
        force: regime.force_on(day),
        from: regime.versions().first().map(|version| version.from),
        folder: law.folder,
        adoption: adopted.map(|adopted| adopted.adoption),
        since: adopted.map(|adopted| adopted.since),
        switches: adopted.map(|adopted| adopted.switches.clone()).unwrap_or_default(),
        counts: RegimeCounts {
            switches: regime.switches().len(),
            duties: regime.duties().len(),
            tests: regime.tests().len(),
        },
        href: format!("/api/v1/regimes/{}", regime.id()),
    }
}
