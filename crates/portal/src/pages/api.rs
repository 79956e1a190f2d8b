//! The API as a page: drawn from the same OpenAPI document that programs read.

use std::fmt::Write as _;
use std::sync::LazyLock;

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use serde_json::{Map, Value};

use super::frame::Frame;
use super::parts::{Html, escape};
use super::text::Say;
use super::{Request, page};

static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::to_value(crate::api::openapi()).unwrap_or_default());

/// The order of the parts of the page; what has another tag comes last.
const TAGS: [&str; 10] =
    ["register", "log", "law", "lab", "submissions", "desk", "drafts", "signing", "tips", "accounts"];

/// The most levels of an example.
const MAX_DEPTH: usize = 4;

#[derive(Template)]
#[template(path = "api.html")]
struct ApiPage {
    frame: Frame,
    say: Say,
    parts: Vec<Part>,
    shapes: Vec<Shape>,
}

/// The operations with one tag.
struct Part {
    tag: String,
    title: String,
    operations: Vec<Operation>,
}

struct Operation {
    id: String,
    method: String,
    path: Html,
    summary: Html,
    more: Html,
    token: Option<String>,
    parameters: Vec<Row>,
    body: Option<Html>,
    answers: Vec<(String, Html, Html)>,
    example: String,
}

/// A parameter, or a member of a shape.
struct Row {
    name: String,
    place: String,
    required: bool,
    kind: Html,
    means: Html,
}

/// An object of bodies and answers.
struct Shape {
    name: String,
    means: Html,
    rows: Vec<Row>,
    words: Option<Html>,
}

pub(crate) async fn show(Path(language): Path<String>, request: Request) -> Response {
    page(&language, request, |scene| {
        let say = scene.say;
        let frame = Frame::new(scene, "", say.text("api-title").to_string());
        Ok(ApiPage { frame, say, parts: parts(say, &scene.base), shapes: shapes(say) })
    })
    .await
}

fn parts(say: Say, base: &str) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for (path, item) in DOCUMENT["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            let tag = operation["tags"][0].as_str().unwrap_or("register").to_owned();
            let made = operation_of(say, base, path, method, operation);
            if let Some(part) = parts.iter_mut().find(|part| part.tag == tag) {
                part.operations.push(made);
            } else {
                let title = say.word("api-tag", &tag);
                parts.push(Part { tag, title, operations: vec![made] });
            }
        }
    }
    parts.sort_by_key(|part| TAGS.iter().position(|tag| *tag == part.tag).unwrap_or(TAGS.len()));
    parts
}

fn operation_of(say: Say, base: &str, path: &str, method: &str, operation: &Value) -> Operation {
    let parameters: Vec<&Value> = operation["parameters"].as_array().into_iter().flatten().collect();
    let schema = |content: &Value| content["content"].as_object().and_then(|c| c.values().next()).cloned();
    let body = schema(&operation["requestBody"]).map(|media| media["schema"].clone());
    let security: Vec<&Value> = operation["security"].as_array().into_iter().flatten().collect();
    let free = security.iter().any(|scheme| scheme.as_object().is_some_and(Map::is_empty));
    let named = security.iter().any(|scheme| scheme.as_object().is_some_and(|scheme| !scheme.is_empty()));
    let answers = operation["responses"].as_object().into_iter().flatten().map(|(status, answer)| {
        let status = if status == "default" { say.text("api-otherwise").to_string() } else { status.clone() };
        let kind = match answer["content"].as_object().and_then(|content| content.iter().next()) {
            Some((kind, media)) => {
                Html(format!("{} <code>{}</code>", type_of(&media["schema"]).0, escape(kind)))
            }
            None => Html::text("–"),
        };
        (status, kind, told(say, &answer["description"]))
    });
    let mut path_shown = escape(path).replace('/', "/<wbr>");
    for parameter in parameters.iter().filter(|parameter| parameter["in"] == "path") {
        let name = escape(parameter["name"].as_str().unwrap_or_default());
        path_shown = path_shown.replace(&format!("{{{name}}}"), &format!("<i>{{{name}}}</i>"));
    }
    Operation {
        id: operation["operationId"].as_str().unwrap_or_default().to_owned(),
        method: method.to_uppercase(),
        path: Html(path_shown),
        summary: told(say, &operation["summary"]),
        more: told(say, &operation["description"]),
        token: match (named, free) {
            (true, true) => Some(say.text("api-token-optional").to_string()),
            (true, false) => Some(say.text("api-token-needed").to_string()),
            _ => None,
        },
        parameters: parameters.iter().map(|parameter| parameter_row(say, parameter)).collect(),
        body: body.as_ref().map(type_of),
        answers: answers.collect(),
        example: example(base, path, method, &parameters, body.as_ref(), named && !free),
    }
}

fn parameter_row(say: Say, parameter: &Value) -> Row {
    Row {
        name: parameter["name"].as_str().unwrap_or_default().to_owned(),
        place: say.word("api-in", parameter["in"].as_str().unwrap_or_default()),
        required: parameter["required"] == true,
        kind: type_of(&parameter["schema"]),
        means: told(say, &parameter["description"]),
    }
}

fn shapes(say: Say) -> Vec<Shape> {
    let schemas = DOCUMENT["components"]["schemas"].as_object();
    schemas.into_iter().flatten().map(|(name, schema)| shape_of(say, name, schema)).collect()
}

fn shape_of(say: Say, name: &str, schema: &Value) -> Shape {
    let mut rows = Vec::new();
    // What a shape takes over from another stands beside what it adds.
    let parts = schema["allOf"].as_array().map_or_else(|| vec![schema], |parts| parts.iter().collect());
    let mut words = None;
    for part in &parts {
        let required: Vec<&str> =
            part["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        for (name, member) in part["properties"].as_object().into_iter().flatten() {
            rows.push(Row {
                name: name.clone(),
                place: String::new(),
                required: required.contains(&name.as_str()),
                kind: type_of(member),
                means: told(say, &member["description"]),
            });
        }
        if part["properties"].is_null() {
            words = Some(type_of(part));
        }
    }
    Shape { name: name.to_owned(), means: told(say, &schema["description"]), rows, words }
}

/// Shows a description; what stands between backticks is code.
fn told(say: Say, text: &Value) -> Html {
    let shown = say.told(text.as_str().unwrap_or_default()).0;
    let mut out = String::with_capacity(shown.len());
    for (nth, part) in shown.split('`').enumerate() {
        if nth > 0 {
            out.push_str(if nth % 2 == 1 { "<code>" } else { "</code>" });
        }
        out.push_str(part);
    }
    if shown.matches('`').count() % 2 == 1 {
        out.push_str("</code>");
    }
    Html(out)
}

/// Says what a schema takes, in few words.
fn type_of(schema: &Value) -> Html {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = escape(reference.rsplit('/').next().unwrap_or_default());
        return Html(format!("<a href=\"#shape-{name}\">{name}</a>"));
    }
    for any in ["oneOf", "anyOf"] {
        if let Some(cases) = schema[any].as_array() {
            let cases: Vec<String> = cases.iter().take(8).map(|case| type_of(case).0).collect();
            return Html(cases.join(" | "));
        }
    }
    if let Some(words) = schema["enum"].as_array() {
        let words: Vec<String> =
            words.iter().map(|word| format!("<code>{}</code>", escape(&word.to_string()))).collect();
        return Html(words.join(" | "));
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => vec!["any"],
    };
    let kinds: Vec<String> = kinds
        .into_iter()
        .map(|kind| if kind == "array" { format!("[{}]", type_of(&schema["items"]).0) } else { escape(kind) })
        .collect();
    Html(kinds.join(" | "))
}

/// Returns a request that can be tried, with `curl`.
fn example(
    base: &str,
    path: &str,
    method: &str,
    parameters: &[&Value],
    body: Option<&Value>,
    token: bool,
) -> String {
    let mut out = String::from("curl");
    if method != "get" {
        let _ = write!(out, " -X {}", method.to_uppercase());
    }
    if token {
        out.push_str(" -H \"Authorization: Bearer $TOKEN\"");
    }
    if parameters.iter().any(|parameter| parameter["name"] == "If-Match") {
        out.push_str(" \\\n  -H 'If-Match: \"3\"'");
    }
    if let Some(body) = body {
        let body = sample(body, 0).to_string().replace('\'', "\\u0027");
        let _ = write!(out, " \\\n  -H 'Content-Type: application/json' --data '{body}'");
    }
    let asked: Vec<String> = parameters
        .iter()
        .filter(|parameter| parameter["in"] == "query" && parameter["required"] == true)
        .map(|parameter| format!("{}=…", parameter["name"].as_str().unwrap_or_default()))
        .collect();
    let query = if asked.is_empty() { String::new() } else { format!("?{}", asked.join("&")) };
    let _ = write!(out, " \\\n  '{base}{path}{query}'");
    out
}

/// Returns a value of a schema: what it gives as example, else the plainest.
fn sample(schema: &Value, depth: usize) -> Value {
    if depth > MAX_DEPTH {
        return Value::Null;
    }
    if let Some(example) = schema.get("example") {
        return example.clone();
    }
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap_or_default();
        return sample(&DOCUMENT["components"]["schemas"][name], depth + 1);
    }
    for any in ["oneOf", "anyOf"] {
        if let Some(cases) = schema[any].as_array() {
            let first = cases.iter().find(|case| case["type"] != "null");
            return first.map_or(Value::Null, |case| sample(case, depth + 1));
        }
    }
    if let Some(words) = schema["enum"].as_array() {
        return words.first().cloned().unwrap_or_default();
    }
    let kind = schema["type"].as_str().or_else(|| {
        schema["type"]
            .as_array()
            .and_then(|kinds| kinds.iter().filter_map(Value::as_str).find(|k| *k != "null"))
    });
    match kind {
        Some("object") => {
            let members = schema["properties"].as_object().into_iter().flatten();
            Value::Object(members.map(|(name, member)| (name.clone(), sample(member, depth + 1))).collect())
        }
        Some("array") => Value::Array(vec![sample(&schema["items"], depth + 1)]),
        Some("string") => "…".into(),
        Some("integer" | "number") => 1.into(),
        Some("boolean") => true.into(),
        _ => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use evidence::Language;

    use super::*;

    #[test]
    fn every_operation_stands_on_the_page_once_and_leads_to_shapes_that_there_are() {
        let parts = parts(Say(Language::En), "https://register.example");
        let mut ids: Vec<&str> =
            parts.iter().flat_map(|part| &part.operations).map(|operation| operation.id.as_str()).collect();
        let count =
            DOCUMENT["paths"].as_object().unwrap().values().map(|item| item.as_object().unwrap().len());
        assert_eq!(ids.len(), count.sum::<usize>());
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), parts.iter().map(|part| part.operations.len()).sum::<usize>(), "no id twice");
        let shapes = shapes(Say(Language::En));
        let known: Vec<&str> = shapes.iter().map(|shape| shape.name.as_str()).collect();
        for operation in parts.iter().flat_map(|part| &part.operations) {
            for (_, kind, _) in &operation.answers {
                for link in kind.0.split("#shape-").skip(1) {
                    let name = link.split('"').next().unwrap();
                    assert!(known.contains(&name), "{}: {name}", operation.id);
                }
            }
            assert!(operation.example.starts_with("curl"), "{}", operation.example);
        }
        for part in &parts {
            assert!(TAGS.contains(&part.tag.as_str()), "{}", part.tag);
            assert!(texts::has(Language::Ja, &format!("api-tag-{}", part.tag)), "{}", part.tag);
        }
    }
}
