//! The log: its head, its entries, and how anyone checks it.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use evidence::Predicate;

use super::format::moment;
use super::frame::Frame;
use super::organisation::entry_day;
use super::parts::{Html, Tag, hash};
use super::scene::Scene;
use super::text::Say;
use super::timeline;
use super::{Request, page};

/// Entries on one page.
const PAGE: u64 = 50;

#[derive(Template)]
#[template(path = "log.html")]
struct LogPage {
    frame: Frame,
    say: Say,
    origin: String,
    size: u64,
    root: Html,
    time: Html,
    checkpoint: String,
    keys: Vec<String>,
    refused: usize,
    lines: Vec<EntryLine>,
    newer: Option<String>,
    older: Option<String>,
}

struct EntryLine {
    index: u64,
    day: Html,
    voice: &'static str,
    who: Html,
    what: Html,
    href: String,
}

#[derive(Template)]
#[template(path = "audit.html")]
struct AuditPage {
    frame: Frame,
    say: Say,
    base: String,
    trust: String,
    index: u64,
    digest: String,
}

pub(crate) async fn show(Path(language): Path<String>, request: Request) -> Response {
    page(&language, request, |scene| Ok(make(scene))).await
}

pub(crate) async fn audit(Path(language): Path<String>, request: Request) -> Response {
    page(&language, request, |scene| Ok(make_audit(scene))).await
}

/// Serves what an auditor keeps: the log's identity and its last checkpoint.
pub(crate) async fn trust(Path(language): Path<String>, request: Request) -> Response {
    if !matches!(language.as_str(), "ja" | "en") {
        return super::missing(&request);
    }
    let scene = Scene::new(&request, Say(evidence::Language::En));
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-cache")];
    (headers, trust_file(&scene)).into_response()
}

/// Returns the verifier keys that the genesis names.
fn log_keys(scene: &Scene) -> Vec<String> {
    let register = scene.register();
    let genesis = register.genesis().and_then(|id| register.recorded(&id));
    match genesis.map(|genesis| genesis.statement.predicate()) {
        Some(Predicate::NodeGenesis(genesis)) => genesis.log_keys.clone(),
        _ => Vec::new(),
    }
}

fn trust_file(scene: &Scene) -> String {
    let register = scene.register();
    let file = serde_json::json!({
        "origin": register.origin(),
        "genesis": register.genesis(),
        "logKeys": log_keys(scene),
        "checkpoint": scene.view.checkpoint,
    });
    serde_json::to_string_pretty(&file).unwrap_or_default()
}

fn make(scene: &Scene) -> LogPage {
    let (say, register) = (scene.say, scene.register());
    let size = register.size();
    let before = scene.query.before.as_deref().and_then(|text| text.parse().ok()).unwrap_or(size).min(size);
    let first = before.saturating_sub(PAGE);
    let refused: Vec<u64> = register.refused().map(|(index, _)| index).collect();
    let lines = (first..before).rev().map(|index| {
        let Some(recorded) = register.at_index(index) else {
            let key = if refused.contains(&index) { "entry-without-effect" } else { "entry-restricted" };
            return EntryLine {
                index,
                day: Html::text("–"),
                voice: "",
                who: Html::text("–"),
                what: Tag::signed("later", say.text(key)).into(),
                href: scene.href(&format!("entries/{index}")),
            };
        };
        let computed = matches!(recorded.statement.predicate(), Predicate::Assessment(_));
        EntryLine {
            index,
            day: entry_day(recorded),
            voice: if computed { "machine" } else { scene.voice(recorded.issuer.as_ref()) },
            who: scene.issuer(recorded),
            what: timeline::what(scene, recorded),
            href: scene.href(&format!("statements/{}", recorded.statement.digest())),
        }
    });
    let address = |before: u64| scene.href(&format!("log?before={before}"));
    let shown: BTreeSet<u64> = BTreeSet::new();
    let frame = Frame::new(scene, "log", say.text("log-title").count("size", size).to_string())
        .called(say.html("nav-log").html())
        .rests_on(scene, &shown, "/api/v1/log".to_owned())
        .taken_away(scene, "statements", &[])
        .fed(crate::feed::address(scene, &[]));
    LogPage {
        frame,
        say,
        origin: register.origin().to_owned(),
        size,
        root: register.root_at(size).map(|root| hash(&root)).unwrap_or_default(),
        time: register.time().map(|time| moment(say.0, time)).unwrap_or_default(),
        checkpoint: scene.view.checkpoint.clone(),
        keys: log_keys(scene),
        refused: refused.len(),
        lines: lines.collect(),
        newer: (before < size).then(|| address((before + PAGE).min(size))),
        older: (first > 0).then(|| address(first)),
    }
}

fn make_audit(scene: &Scene) -> AuditPage {
    let (say, register) = (scene.say, scene.register());
    let last = register.statements().next_back();
    let frame = Frame::new(scene, "check", say.text("audit-title").to_string())
        .called(say.html("nav-check").html())
        .rests_on(scene, &BTreeSet::new(), "/api/v1/log".to_owned());
    AuditPage {
        frame,
        say,
        base: scene.base.clone(),
        trust: trust_file(scene),
        index: last.map(|one| one.index).unwrap_or_default(),
        digest: last.map(|one| one.statement.digest().to_string()).unwrap_or_default(),
    }
}
