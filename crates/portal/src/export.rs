//! Lists to take away, row by row: CSV for spreadsheets, JSON, JSON Lines. Written as they are read, so
//! that the whole register costs no more memory than a page of it.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use evidence::{Digest, Language, Texts};
use node::View;
use register::Register;
use serde_json::{Value, json};

use crate::lab::sheet::line;
use crate::pages::boards;
use crate::pages::scene::Scene;

/// Rows that are written at a time.
const CHUNK: usize = 256;

/// What a list is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// For spreadsheets: RFC 4180, UTF-8 with a mark, nothing that reads as a formula.
    Csv,
    /// One array.
    Json,
    /// An object a line.
    JsonLines,
}

impl Format {
    /// Reads the end of a file's name.
    pub(crate) fn of(end: &str) -> Option<Self> {
        match end {
            "csv" => Some(Self::Csv),
            "json" => Some(Self::Json),
            "jsonl" => Some(Self::JsonLines),
            _ => None,
        }
    }

    fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Json => "application/json",
            Self::JsonLines => "application/jsonl",
        }
    }
}

/// A list: its columns, and each row as an object with them.
pub(crate) struct List {
    pub(crate) columns: &'static [&'static str],
    pub(crate) rows: Box<dyn Iterator<Item = Value> + Send>,
}

/// Columns of statements.
const STATEMENTS: &[&str] = &[
    "index",
    "time",
    "arrived_at",
    "kind",
    "kind_ja",
    "kind_en",
    "issuer",
    "issuer_ja",
    "issuer_en",
    "about",
    "law",
    "basis",
    "article",
    "corrected_by",
    "digest",
    "body",
];
const ORGANISATIONS: &[&str] = &["index", "path", "ja", "en", "country", "roles", "digest"];
const MODELS: &[&str] = &["index", "path", "ja", "en", "developer", "versions", "digest"];
const DUTIES: &[&str] =
    &["model", "law", "duty", "ja", "en", "article", "by", "owed", "status", "due", "fulfilled_by", "day"];

fn name(texts: Option<&Texts>, language: Language) -> Value {
    let text = texts.and_then(|texts| match language {
        Language::Ja => texts.ja.clone(),
        Language::En => texts.en.clone(),
    });
    json!(text)
}

/// Lists statements by their entries.
pub(crate) fn statements(view: Arc<View>, entries: Vec<u64>) -> List {
    let row = move |entry: u64| {
        let register = &view.register;
        let recorded = register.at_index(entry)?;
        let (statement, issuer) = (&recorded.statement, recorded.issuer.as_ref());
        let names = issuer.and_then(|id| register.organisation(id)).map(|one| &one.names);
        let label = crate::api::label(statement.predicate().name());
        let common = statement.common();
        let subject = statement.subject();
        Some(json!({
            "index": recorded.index,
            "time": recorded.time.to_string(),
            "arrived_at": recorded.arrived_at.to_string(),
            "kind": statement.predicate().name(),
            "kind_ja": label.ja,
            "kind_en": label.en,
            "issuer": issuer.and_then(|id| register.path_of(id)),
            "issuer_ja": name(names, Language::Ja),
            "issuer_en": name(names, Language::En),
            "about": register.path_of(&subject).unwrap_or_else(|| subject.to_string()),
            "law": common.regime.as_ref().map(ToString::to_string),
            "basis": common.basis.kind,
            "article": common.basis.article,
            "corrected_by": recorded.superseded_by,
            "digest": statement.digest(),
            "body": statement.predicate().to_value(),
        }))
    };
    List { columns: STATEMENTS, rows: Box::new(entries.into_iter().filter_map(row)) }
}

fn id_at(register: &Register, entry: u64) -> Option<Digest> {
    register.at_index(entry).map(|recorded| recorded.statement.digest())
}

/// Lists organisations by the entries that registered them.
pub(crate) fn organisations(view: Arc<View>, now: evidence::Timestamp, entries: Vec<u64>) -> List {
    let row = move |entry: u64| {
        let register = &view.register;
        let one = register.organisation(&id_at(register, entry)?)?;
        let grants = register.grants_of(&one.id);
        let whole = grants.iter().filter(|grant| grant.holder.is_none() && grant.in_force(now));
        let roles: std::collections::BTreeSet<_> = whole.map(|grant| grant.role.to_string()).collect();
        Some(json!({
            "index": entry,
            "path": one.slug,
            "ja": one.names.ja,
            "en": one.names.en,
            "country": one.country,
            "roles": roles.into_iter().collect::<Vec<_>>().join(" "),
            "digest": one.id,
        }))
    };
    List { columns: ORGANISATIONS, rows: Box::new(entries.into_iter().filter_map(row)) }
}

/// Lists models by the entries that registered them.
pub(crate) fn models(view: Arc<View>, entries: Vec<u64>) -> List {
    let row = move |entry: u64| {
        let register = &view.register;
        let model = register.thing(&id_at(register, entry)?)?;
        let names = match register.recorded(&model.id)?.statement.predicate() {
            evidence::Predicate::Model(model) => Some(model.names.clone()),
            _ => None,
        };
        Some(json!({
            "index": entry,
            "path": register.path_of(&model.id),
            "ja": name(names.as_ref(), Language::Ja),
            "en": name(names.as_ref(), Language::En),
            "developer": register.path_of(&model.parent),
            "versions": register.below(&model.id).len(),
            "digest": model.id,
        }))
    };
    List { columns: MODELS, rows: Box::new(entries.into_iter().filter_map(row)) }
}

/// Lists the duties of all models. What appears unmet reads `open`: only a signed act says otherwise.
pub(crate) fn duties(scene: Scene, law: Option<String>) -> List {
    let models: Vec<Digest> = scene.register().models().map(|model| model.id).collect();
    let rows = models.into_iter().flat_map(move |model| {
        let path = scene.register().path_of(&model);
        let boards = boards::of(&scene, &model);
        let chosen = boards.into_iter().filter(|board| law.as_ref().is_none_or(|law| *law == board.regime));
        let rows = chosen.flat_map(|board| {
            let path = path.clone();
            let rows: Vec<Value> = board
                .advice
                .assessment
                .duties
                .iter()
                .map(|duty| {
                    let text = board.advice.regime.duty(&duty.id).map(|rule| &rule.text);
                    let status = match duty.status {
                        law::Status::AppearsUnmet => law::Status::Open,
                        other => other,
                    };
                    json!({
                        "model": path,
                        "law": board.regime,
                        "duty": duty.id,
                        "ja": text.map(|text| &text.ja),
                        "en": text.map(|text| &text.en),
                        "article": duty.article,
                        "by": duty.by,
                        "owed": duty.owed,
                        "status": status.as_str(),
                        "due": duty.due.map(|day| day.to_string()),
                        "fulfilled_by": duty.fulfilled_by,
                        "day": board.day.to_string(),
                    })
                })
                .collect();
            rows
        });
        rows.collect::<Vec<_>>()
    });
    List { columns: DUTIES, rows: Box::new(rows) }
}

/// Writes a cell: texts as they are, what is made of parts as JSON.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(values) if values.iter().all(|value| !value.is_object()) => {
            values.iter().map(cell).collect::<Vec<_>>().join(" ")
        }
        other => other.to_string(),
    }
}

/// Where the writing of a list stands.
struct Writing {
    list: List,
    format: Format,
    begun: bool,
    ended: bool,
}

impl Writing {
    /// Writes the next rows; nothing after the last.
    fn next(&mut self) -> Option<String> {
        if self.ended {
            return None;
        }
        let mut text = String::new();
        if !self.begun {
            match self.format {
                Format::Csv => text = format!("\u{feff}{}", line(self.list.columns)),
                Format::Json => text.push('['),
                Format::JsonLines => {}
            }
        }
        for _ in 0..CHUNK {
            let Some(row) = self.list.rows.next() else {
                self.ended = true;
                break;
            };
            match self.format {
                Format::Csv => {
                    let cells = self.list.columns.iter().map(|column| cell(&row[column]));
                    text.push_str(&line(&cells.collect::<Vec<_>>()));
                }
                Format::Json => {
                    text.push_str(if self.begun { ",\n" } else { "\n" });
                    text.push_str(&row.to_string());
                }
                Format::JsonLines => {
                    text.push_str(&row.to_string());
                    text.push('\n');
                }
            }
            self.begun = true;
        }
        self.begun = true;
        if self.ended && self.format == Format::Json {
            text.push_str("\n]\n");
        }
        Some(text)
    }
}

/// Answers with a list as a file.
pub(crate) fn file(name: &str, format: Format, list: List) -> Response {
    let writing = Writing { list, format, begun: false, ended: false };
    let stream = futures::stream::unfold(writing, |mut writing| async {
        // Rows are looked up beside the tasks that serve requests. Who no longer listens ends it.
        let work = move || writing.next().map(|text| (text, writing));
        match tokio::task::spawn_blocking(work).await {
            Ok(next) => next.map(|(text, writing)| (Ok::<_, std::io::Error>(text), writing)),
            Err(error) => {
                tracing::error!(%error, "a download was given up");
                None
            }
        }
    });
    // What compresses an answer may ask again after its end.
    let mut response = Body::from_stream(futures::StreamExt::fuse(stream)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(format.media_type()));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, no-cache"));
    if let Ok(value) = HeaderValue::try_from(format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(format: Format, count: usize) -> String {
        let rows =
            (0..count).map(|at| json!({"path": format!("=cmd|{at}"), "ja": "は, \"い\"", "country": null}));
        let list = List { columns: &["path", "ja", "country"], rows: Box::new(rows) };
        let mut writing = Writing { list, format, begun: false, ended: false };
        std::iter::from_fn(|| writing.next()).collect()
    }

    #[test]
    fn a_spreadsheet_finds_no_formula_and_no_broken_letters() {
        assert_eq!(written(Format::Csv, 1), "\u{feff}path,ja,country\r\n'=cmd|0,\"は, \"\"い\"\"\",\r\n");
        assert_eq!(written(Format::Csv, 0), "\u{feff}path,ja,country\r\n");
    }

    #[test]
    fn json_is_whole_however_many_rows_there_are() {
        for count in [0, 1, CHUNK, CHUNK + 1, 3 * CHUNK] {
            let rows: Vec<Value> = serde_json::from_str(&written(Format::Json, count)).unwrap();
            assert_eq!(rows.len(), count);
            let lines = written(Format::JsonLines, count);
            assert_eq!(
                lines.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()).count(),
                count
            );
        }
    }
}
