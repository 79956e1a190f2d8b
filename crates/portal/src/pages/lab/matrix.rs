//! Report once: common duties of several laws side by side, and which statements serve which of them.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use evidence::{Digest, Predicate};
use law::{DutyResult, Force, RegimeStatus, Status, Truth};

use super::result::due;
use super::{
    Lookup, address, article_link, below_lab, coverage_tag, failed, hidden, invalid, kind_of, law_link,
    look_up, status_tag,
};
use crate::at_hand::Law;
use crate::lab::answers::{Answers, Laws};
use crate::lab::case::{Case, Trouble, as_of};
use crate::lab::crosswalk::{of_answers, predicates, rows, served};
use crate::lab::query::{Wrong, WrongKind};
use crate::pages::format::short_day;
use crate::pages::frame::Frame;
use crate::pages::parts::{Html, Tag};
use crate::pages::scene::Scene;
use crate::pages::standing::words;
use crate::pages::text::Say;
use crate::pages::{Failure, Request, page};

#[derive(Template)]
#[template(path = "lab_matrix.html")]
struct Matrix {
    frame: Frame,
    say: Say,
    subject: Option<Html>,
    models: Vec<(String, String, bool)>,
    hidden: Vec<(String, String)>,
    filings: Vec<Filing>,
    is_named: bool,
    is_empty: bool,
    to_facts: String,
    heads: Vec<Head>,
    rows: Vec<Line>,
    served: Vec<Served>,
    open: Vec<OpenLaw>,
    outside: Vec<(Html, Tag)>,
    save: Vec<(String, String)>,
    draft: bool,
}

/// A kind of statement, and when it was filed.
struct Filing {
    predicate: String,
    label: String,
    day: String,
}

/// A law at the head of a column.
struct Head {
    name: Html,
    tag: Tag,
    status: Option<Tag>,
    short: String,
}

/// One common duty.
struct Line {
    name: String,
    cells: Vec<Vec<Cell>>,
    /// What could be shown for others that wait for it.
    reusable: Html,
}

/// What one law makes of it.
struct Cell {
    name: String,
    article: Html,
    tag: Tag,
    due: Html,
    by: Html,
}

/// A statement, and what it serves.
struct Served {
    statement: Html,
    duties: Vec<Html>,
}

/// What is still to be filed under a law.
struct OpenLaw {
    name: Html,
    duties: Vec<Html>,
}

pub(crate) async fn show(Path(language): Path<String>, request: Request) -> Response {
    page(&language, request, make).await
}

/// Applies the laws to what is on record about a model, each as if everything that its developer
/// filed were filed under it.
pub(crate) fn of_model<'l>(
    view: &node::View,
    laws: &'l Laws,
    answers: &Answers,
    model: &Digest,
    now: jiff::Timestamp,
) -> Result<Vec<Case<'l>>, Trouble> {
    let of = |law: &'l Law| {
        let record = view.register.record_across(model, &law.regime);
        let settings = match answers.setting(law.regime.id()) {
            None => law.settings().map_err(|error| Trouble::Engine(error.to_string()))?,
            Some(_) => crate::lab::case::settings(law, answers)?,
        };
        let mut case = Case::of_record(law, settings, record, as_of(&law.regime, answers, now))?;
        hold_back(&mut case);
        Ok(case)
    };
    answers.scope(laws).into_iter().map(of).collect()
}

/// Leaves out what only a signed act may say of a named organisation: that a day has passed without
/// what the law asks, or that it came late.
fn hold_back(case: &mut Case<'_>) {
    for duty in &mut case.assessment.duties {
        if duty.status == Status::AppearsUnmet {
            duty.status = Status::Open;
        }
        duty.late = false;
    }
    // Whether a power or a penalty applies follows from that.
    case.assessment.powers.clear();
    case.assessment.penalties.clear();
}

/// Finds a model by its path.
pub(crate) fn model_of(view: &node::View, path: &str) -> Result<Digest, Wrong> {
    let wrong = || Wrong::new("model", WrongKind::NoModel);
    let id = view.register.find(path).ok_or_else(wrong)?;
    if view.register.models().any(|model| model.id == id) { Ok(id) } else { Err(wrong()) }
}

fn make(scene: &Scene) -> Result<Matrix, Failure> {
    let Lookup { laws, answers, .. } = look_up(scene, &[])?;
    let now = scene.now.instant();
    let model = match answers.model.as_deref() {
        Some(path) => Some(model_of(&scene.view, path).map_err(|wrong| invalid(scene, &wrong))?),
        None => None,
    };
    let found = match model {
        Some(model) => of_model(&scene.view, &laws, &answers, &model, now),
        None => of_answers(&laws, &answers, now),
    };
    let found = found.map_err(|trouble| failed(scene, trouble))?;
    let say = scene.say;
    let is_empty = model.is_none() && answers.facts.is_empty() && answers.joined.is_empty();
    let query = answers.query(&[]);
    let frame = below_lab(scene, Frame::new(scene, "lab", say.text("matrix-title").to_string()))
        .elsewhere(&format!("lab/matrix{query}"))
        .rests_on_laws(scene, found.iter().map(|case| case.law), format!("/api/v1/lab/matrix{query}"));
    let (inside, outside): (Vec<Case<'_>>, Vec<Case<'_>>) =
        found.into_iter().partition(|case| case.of_developers().any(|duty| duty.owed != Truth::False));
    let table = if is_empty { Vec::new() } else { rows(&inside) };
    let named = |at: u64| statement(scene, &answers, model.is_some(), at);
    let lines = table.iter().map(|row| Line {
        name: words(scene, &row.common.name).to_owned(),
        reusable: Html::join(row.reusable.iter().map(|at| named(*at)), "<br>"),
        cells: row
            .cells
            .iter()
            .zip(&inside)
            .map(|(cell, case)| {
                cell.iter()
                    .map(|(rule, result)| Cell {
                        name: words(scene, &rule.text).to_owned(),
                        article: article_link(scene, case.law, &result.article),
                        tag: tag(scene, result),
                        due: if result.due.is_some() { due(scene, case, result) } else { Html::default() },
                        by: Html::join(result.fulfilled_by.iter().map(|at| named(*at)), "<br>"),
                    })
                    .collect()
            })
            .collect(),
    });
    let serving = if is_empty { BTreeMap::new() } else { served(&inside) };
    let serving = serving.into_iter().map(|(at, duties)| Served {
        statement: named(at),
        duties: duties.iter().map(|(case, duty)| duty_of(scene, case, duty)).collect(),
    });
    Ok(Matrix {
        subject: model.map(|model| scene.link(&model)),
        models: models(scene, model),
        hidden: hidden(&answers, &["s.", "model"]),
        filings: filings(scene, &laws, &answers),
        is_named: model.is_some(),
        is_empty,
        to_facts: address(scene, "apply", &answers.of_some_law(), &[]),
        rows: lines.collect(),
        served: serving.collect(),
        open: if is_empty {
            Vec::new()
        } else {
            inside.iter().filter_map(|case| open(scene, case)).collect()
        },
        heads: inside.iter().map(|case| head(scene, case)).collect(),
        outside: if is_empty {
            Vec::new()
        } else {
            outside.iter().map(|case| (law_link(scene, case.law), coverage_tag(scene, case))).collect()
        },
        save: [("json", ""), ("csv", "csv")]
            .map(|(name, format)| {
                let more: &[(&str, &str)] = if format.is_empty() { &[] } else { &[("format", format)] };
                let href = format!("/api/v1/lab/matrix{}", answers.query(more));
                (say.text(&format!("lab-save-{name}")).to_string(), href)
            })
            .into(),
        draft: inside.iter().any(|case| case.regime().status() == RegimeStatus::Draft),
        frame,
        say,
    })
}

/// Names a statement that serves a duty: an entry of the log, or what the visitor says was filed.
fn statement(scene: &Scene, answers: &Answers, is_named: bool, at: u64) -> Html {
    if is_named {
        let kind =
            scene.register().at_index(at).map(|recorded| scene.kind(recorded.statement.predicate().name()));
        let entry = scene.entry_at(at);
        return match kind {
            Some(kind) => scene.say.html("matrix-statement").with("kind", kind).part("entry", entry).html(),
            None => entry,
        };
    }
    let filed = usize::try_from(at).ok().and_then(|at| answers.filed.get(at));
    match filed {
        Some((predicate, day)) => scene
            .say
            .html("matrix-statement")
            .with("kind", kind_of(scene, predicate).unwrap_or_else(|| predicate.clone()))
            .part("entry", short_day(*day))
            .html(),
        None => Html::default(),
    }
}

fn head(scene: &Scene, case: &Case<'_>) -> Head {
    Head {
        name: law_link(scene, case.law),
        tag: coverage_tag(scene, case),
        status: status_tag(scene, case.law),
        short: words(scene, case.regime().title()).to_owned(),
    }
}

/// Shows how a duty stands. Of a named organisation nothing is said that only a signed act may say;
/// what an authority has signed stands on the model's own page.
fn tag(scene: &Scene, duty: &DutyResult) -> Tag {
    let say = scene.say;
    match (duty.owed, duty.status) {
        (Truth::False, _) | (_, Status::NotYet) => Tag::computed("later", say.text("status-not-yet")),
        (_, Status::Unresolved) => Tag::computed("unknown", say.text("status-unresolved")),
        (_, Status::Open) => Tag::computed("open", say.text("matrix-missing")),
        (_, Status::AppearsUnmet) => Tag::computed("open", say.text("matrix-past")),
        (_, Status::Filed) => Tag::computed("filed", say.text("status-filed")),
        (_, Status::AppearsMet) => Tag::computed("good", say.text("matrix-served")),
        (_, Status::Decided) => Tag::signed("decided", say.text("status-decided")),
    }
}

fn duty_of(scene: &Scene, case: &Case<'_>, duty: &DutyResult) -> Html {
    let rule = case.regime().duty(&duty.id);
    let name = rule.map_or(duty.id.as_str(), |rule| words(scene, &rule.text));
    scene
        .say
        .html("matrix-duty")
        .with("duty", name)
        .with("law", words(scene, case.regime().title()))
        .part("article", article_link(scene, case.law, &duty.article))
        .html()
}

/// Returns what a statement is still awaited for under a law.
fn open(scene: &Scene, case: &Case<'_>) -> Option<OpenLaw> {
    let waits = |duty: &&DutyResult| {
        duty.owed == Truth::True
            && matches!(duty.status, Status::Open | Status::AppearsUnmet)
            && case.regime().duty(&duty.id).is_some_and(|rule| rule.fulfilled_by.is_some())
    };
    let duties: Vec<Html> = case
        .of_developers()
        .filter(waits)
        .map(|duty| {
            let rule = case.regime().duty(&duty.id);
            let name = rule.map_or(duty.id.as_str(), |rule| words(scene, &rule.text));
            let article = article_link(scene, case.law, &duty.article);
            match duty.due {
                Some(_) => scene
                    .say
                    .html("matrix-open-due")
                    .with("duty", name)
                    .part("article", article)
                    .part("due", due(scene, case, duty))
                    .html(),
                None => scene.say.html("matrix-open").with("duty", name).part("article", article).html(),
            }
        })
        .collect();
    let in_force = case.assessment.force == Force::InForce;
    (!duties.is_empty() && in_force).then(|| OpenLaw { name: law_link(scene, case.law), duties })
}

/// Returns the models that can be looked at: path, name, whether it is this one.
fn models(scene: &Scene, chosen: Option<Digest>) -> Vec<(String, String, bool)> {
    let register = scene.register();
    register
        .models()
        .filter(|model| {
            register
                .recorded(&model.id)
                .is_some_and(|one| matches!(one.statement.predicate(), Predicate::Model(_)))
        })
        .filter_map(|model| {
            let path = register.path_of(&model.id)?;
            let name = format!("{} ({})", scene.plain_name(&model.id), scene.plain_name(&model.parent));
            Some((path, name, chosen == Some(model.id)))
        })
        .take(MAX_MODELS)
        .collect()
}

/// Most models that can be chosen from the list; others by their own pages' links.
const MAX_MODELS: usize = 200;

fn filings(scene: &Scene, laws: &Laws, answers: &Answers) -> Vec<Filing> {
    let mut filings: Vec<Filing> = predicates(laws)
        .into_iter()
        .map(|predicate| Filing {
            predicate: predicate.to_owned(),
            label: kind_of(scene, predicate).unwrap_or_else(|| predicate.to_owned()),
            day: answers
                .filed
                .iter()
                .find(|(known, _)| known == predicate)
                .map(|(_, day)| day.to_string())
                .unwrap_or_default(),
        })
        .collect();
    filings.sort_by(|one, other| one.label.cmp(&other.label));
    filings
}
