//! The policy lab as data: every page's twin, with the same names in the query. Nothing that is asked
//! is stored or logged.

mod apply;
mod incident;
mod matrix;

use axum::http::{HeaderValue, Uri, header};
use axum::response::{IntoResponse as _, Response};
use law::{DutyResult, Language, Names as Sayings, Wording};
use node::View;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

pub(crate) use apply::{__path_apply, apply};
pub(crate) use incident::{__path_incident, incident};
pub(crate) use matrix::{__path_matrix, matrix};

use super::document::Names;
use crate::at_hand::laws;
use crate::lab::answers::{Answers, Laws};
use crate::lab::case::{Case, Trouble, sentence};
use crate::lab::query::{Query, Wrong};
use crate::problem::{Kind, Problem};

/// What may be asked, beside one name for each answer: `f.FACT` for a fact (`true`, `1e25`,
/// `8e24..1.1e25`, `1e25..`, `2026-11-24`, a choice, `unknown`), `set.LAW` for how a law's open points are
/// settled (a preset, `adopted`, `open`), `joined.LAW` for the day on which a voluntary code was joined, or
/// `no`, with `joined.LAW.NAME` for what else it asks of joining. Unknown names are refused.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it documents the query, which is read name by name")]
pub(crate) struct Asking {
    /// The id of a law, or `all`.
    law: Option<String>,
    /// The day as of which the laws are applied; today in each law's own zone where none is given.
    #[param(value_type = Option<String>, format = Date)]
    at: Option<String>,
    /// `json`, or `csv`; for answers about coverage also `oscal`.
    format: Option<String>,
}

/// What stands on every document of the lab.
const ADVICE: &str = "A calculation from the published rules: advice, not a decision.";

/// A law, as it was applied.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct LawAnswer {
    /// Its id.
    law: String,
    /// Its title.
    title: Names,
    /// `draft`, `in_force` or `voluntary`: a draft is no law.
    #[schema(value_type = String)]
    status: law::RegimeStatus,
    /// Digest of its files.
    folder: String,
    /// The day as of which it was applied.
    as_of: String,
    /// How its open points were settled: switch → value.
    #[schema(value_type = Object)]
    settings: law::SwitchSettings,
    /// Whether it covers the subject, in words.
    sentence: Names,
}

impl LawAnswer {
    fn of(case: &Case<'_>) -> Self {
        Self {
            law: case.id().to_owned(),
            title: case.regime().title().into(),
            status: case.regime().status(),
            folder: case.law.folder.to_string(),
            as_of: case.as_of.to_string(),
            settings: case.settings.clone(),
            sentence: both(case, sentence),
        }
    }
}

/// A duty, as it stands.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct DutyAnswer {
    /// The law.
    law: String,
    /// The duty's id in it.
    duty: String,
    /// What it is called.
    text: Names,
    /// The article.
    article: String,
    /// Who owes it.
    #[schema(value_type = String)]
    by: law::Party,
    /// Whether it is owed: `true`, `false`, `undetermined`.
    #[schema(value_type = String)]
    owed: law::Truth,
    /// Last day in time.
    due: Option<String>,
    /// Last instant in time: the end of that day in the law's own zone, or the hour.
    until: Option<String>,
    /// The law's own zone.
    zone: Option<String>,
    /// Whether it is owed, in words.
    why: Names,
    /// How its day is counted, in words.
    how: Option<Names>,
}

impl DutyAnswer {
    fn of(case: &Case<'_>, duty: &DutyResult) -> Self {
        let rule = case.regime().duty(&duty.id);
        let zone = case.regime().time_zone();
        let end = duty.due.and_then(|day| crate::lab::incident::end_of(day, zone));
        let how = |language| words(case, language, |wording| wording.due(duty));
        Self {
            law: case.id().to_owned(),
            duty: duty.id.to_string(),
            text: rule.map_or_else(
                || Names::both(duty.id.as_str(), duty.id.as_str()),
                |rule| Names::from(&rule.text),
            ),
            article: duty.article.to_string(),
            by: duty.by,
            owed: duty.owed,
            due: duty.due.map(|day| day.to_string()),
            until: duty.due_at.or(end).map(|until| until.to_string()),
            zone: zone.iana_name().map(str::to_owned),
            why: both(case, |wording| wording.duty(duty)),
            how: how(Language::Ja).zip(how(Language::En)).map(|(ja, en)| Names::both(ja, en)),
        }
    }

    /// The names of its fields in a CSV file.
    const COLUMNS: &[&str] =
        &["law", "duty", "ja", "en", "article", "by", "owed", "due", "until", "zone", "why_ja", "why_en"];

    fn row(&self) -> Vec<String> {
        let text = |name: &Option<String>| name.clone().unwrap_or_default();
        let owed = match self.owed {
            law::Truth::True => "true",
            law::Truth::False => "false",
            law::Truth::Undetermined => "undetermined",
        };
        vec![
            self.law.clone(),
            self.duty.clone(),
            text(&self.text.ja),
            text(&self.text.en),
            self.article.clone(),
            self.by.as_str().to_owned(),
            owed.to_owned(),
            text(&self.due),
            text(&self.until),
            text(&self.zone),
            text(&self.why.ja),
            text(&self.why.en),
        ]
    }
}

/// Says something in one language.
fn words<T>(case: &Case<'_>, language: Language, say: impl FnOnce(&Wording<'_>) -> T) -> T {
    let names = Sayings::plain(language);
    say(&Wording::new(case.regime(), &case.settings, &case.assessment, language, names))
}

/// Says something in both languages.
fn both(case: &Case<'_>, say: impl Fn(&Wording<'_>) -> String) -> Names {
    Names::both(words(case, Language::Ja, &say), words(case, Language::En, &say))
}

/// What is asked, read.
struct Read {
    laws: Laws,
    answers: Answers,
    format: String,
}

/// Reads an address of the lab.
fn read(view: &View, uri: &Uri, formats: &[&str]) -> Result<Read, Problem> {
    let laws = laws(view);
    let query = Query::read(uri).map_err(|wrong| malformed(&wrong))?;
    let answers = Answers::read(&query, &laws, &["format"]).map_err(|wrong| malformed(&wrong))?;
    let format = query.get("format").unwrap_or("json").to_owned();
    if !formats.contains(&format.as_str()) {
        return Err(Problem::new(
            Kind::Malformed,
            format_args!("in the query: `format`: expected one of {}", formats.join(", ")),
        ));
    }
    Ok(Read { laws, answers, format })
}

fn malformed(wrong: &Wrong) -> Problem {
    Problem::new(Kind::Malformed, format_args!("in the query: {wrong}"))
        .hint("see /api/v1/openapi.json for what can be asked, and /api/v1/regimes for the facts of each law")
}

impl From<Trouble> for Problem {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Wrong(wrong) => malformed(&wrong),
            Trouble::Engine(problem) => Self::internal(problem),
        }
    }
}

/// Answers with a file to keep.
fn file(name: &str, media_type: &'static str, content: String) -> Response {
    let mut response = content.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    if let Ok(disposition) = HeaderValue::try_from(format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    response
}

/// Writes a table (RFC 4180). A cell that a spreadsheet would take for a formula begins with an
/// apostrophe.
fn csv(columns: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let cell = |text: &str| {
        let text =
            if text.starts_with(['=', '+', '-', '@', '\t']) { format!("'{text}") } else { text.to_owned() };
        if text.contains([',', '"', '\n', '\r']) {
            format!("\"{}\"", text.replace('"', "\"\""))
        } else {
            text
        }
    };
    // The mark tells spreadsheets that the text is UTF-8.
    let mut table = format!("\u{feff}{}\r\n", columns.join(","));
    for row in rows {
        let cells: Vec<String> = row.iter().map(|text| cell(text)).collect();
        table.push_str(&cells.join(","));
        table.push_str("\r\n");
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_never_becomes_a_formula_or_another_cell() {
        let table = csv(&["a"], [vec!["=1+1".to_owned(), "x, \"y\"".to_owned()]]);
        assert_eq!(table, "\u{feff}a\r\n'=1+1,\"x, \"\"y\"\"\"\r\n");
    }
}
