//! From "Does it apply to me?" to drafts: what was answered there is what the drafts begin with.
//!
//! The answers wait at the desk for a day under a random name, so that nothing is lost while somebody
//! signs in. Which statement a duty asks for is the law's own data.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use desk::account::Function;
use desk::draft::Remark;
use desk::{Versioned, task};
use evidence::{BasisKind, Digest, PredicateType};
use law::{FactValue, Party, Status};
use serde_json::{Map, Value, json};

use super::{Answer, Room, Stop, accept, accept_from_anyone, enter};
use crate::at_hand;
use crate::desk::drafts::fresh;
use crate::desk::form_of;
use crate::desk::{Choice, Entry, kinds_for, subjects};
use crate::lab::answers::{Answers, Laws};
use crate::lab::case::cases;
use crate::lab::query::Query;
use crate::pages::Request;
use crate::pages::frame::Frame;
use crate::pages::parts::Html;
use crate::pages::standing::words;
use crate::pages::text::Say;
use crate::state::App;

/// Names of the interview's address that are no answers.
const COMMANDS: [&str; 2] = ["view", "ask"];

#[derive(Template)]
#[template(path = "desk_from_lab.html")]
struct FromLab {
    frame: Frame,
    say: Say,
    token: String,
    base: String,
    back: String,
    facts: Vec<(Html, String)>,
    /// Models for which something can be filed, and by whom: `organisation model`.
    models: Vec<Choice>,
    duties: Vec<Choice>,
    /// Where a model is registered, for each organisation that has none.
    without: Vec<(Html, String)>,
    wrong: Option<String>,
}

/// A statement by which a duty is met.
struct Filing {
    law: String,
    duty: String,
    article: String,
    kind: &'static PredicateType,
    label: String,
}

/// Leaves the answers at the desk, and goes where drafts begin from them.
pub(super) async fn leave(
    Path(language): Path<String>,
    State(app): State<App>,
    request: axum::extract::Request,
) -> Response {
    accept_from_anyone(&language, app, request, |scene, _, posted| {
        let desk = scene.desk().ok_or(Stop::Missing)?;
        let query = posted.get("answers").trim_start_matches('?');
        let id = desk.carry(query, scene.now)?.ok_or(Stop::Missing)?;
        Ok(Answer::To(scene.href(&format!("desk/from-lab/{id}"))))
    })
    .await
}

/// Reads the answers that were left under a name.
fn answers(room: &Room, id: &str) -> Result<(Answers, Laws), Stop> {
    let carried = room.member.desk.carried(id, room.scene.now)?.ok_or(Stop::Missing)?;
    let uri = format!("/?{}", carried.query).parse().map_err(|_| Stop::Missing)?;
    let query = Query::read(&uri).map_err(|_| Stop::Missing)?;
    let laws = at_hand::laws(&room.scene.view);
    let answers = Answers::read(&query, &laws, &COMMANDS).map_err(|_| Stop::Missing)?;
    Ok((answers, laws))
}

/// Returns the organisations for which the member drafts.
fn offices(room: &Room) -> impl Iterator<Item = Digest> + '_ {
    let memberships = room.member.account.memberships.iter();
    memberships
        .filter(|m| m.functions.contains(&Function::Draft))
        .map(|m| m.organisation)
        .filter(|id| room.scene.register().organisation(id).is_some())
}

/// Returns the statements that the answers call for: those by which the duties are met that are owed by
/// the laws applied here.
fn filings(room: &Room, answers: &Answers, laws: &Laws) -> Result<Vec<Filing>, Stop> {
    let scene = &room.scene;
    let found = cases(laws, answers, scene.now.instant()).map_err(|_| Stop::Missing)?;
    let mut filings: Vec<Filing> = Vec::new();
    for case in found.iter().filter(|case| case.law.adopted.is_some()) {
        let regime = &case.law.regime;
        for result in case.assessment.duties.iter().filter(|duty| duty.by == Party::Developer) {
            if matches!(result.status, Status::NotYet | Status::Filed | Status::AppearsMet) {
                continue;
            }
            let Some(duty) = regime.duty(&result.id) else { continue };
            let mut kinds: Vec<_> = offices(room)
                .flat_map(|office| task::fulfilling(scene.register(), &office, duty, scene.now))
                .collect();
            kinds.sort_by_key(|kind| kind.name);
            kinds.dedup_by_key(|kind| kind.name);
            for kind in kinds {
                filings.push(Filing {
                    law: regime.id().to_owned(),
                    duty: duty.id.to_string(),
                    article: duty.article.to_string(),
                    label: scene
                        .say
                        .text("from-lab-filing")
                        .with("kind", kind.label(scene.say.0))
                        .with("duty", words(scene, &duty.text))
                        .with("law", words(scene, regime.title()))
                        .to_string(),
                    kind,
                });
            }
        }
    }
    // Notifications come first: they are what the interview is about.
    filings.sort_by_key(|filing| filing.kind.name != "notification");
    Ok(filings)
}

fn value_of(filing: &Filing) -> String {
    format!("{} {} {}", filing.law, filing.duty, filing.kind.name)
}

/// Shows what was answered, in words.
fn said(room: &Room, answers: &Answers, laws: &Laws) -> Vec<(Html, String)> {
    let scene = &room.scene;
    let line = |(name, value): &(String, FactValue)| {
        let schema = crate::lab::answers::schema(laws, answers.law.as_deref(), name);
        let label = schema.map_or(name.as_str(), |schema| words(scene, &schema.label));
        let shown = match value {
            FactValue::Unknown => scene.say.text("not-known").to_string(),
            FactValue::Boolean(truth) => scene.say.word("value", if *truth { "true" } else { "false" }),
            other => texts::figure(scene.say.0, &other.to_string()),
        };
        (Html::text(label), shown)
    };
    answers.facts.iter().map(line).collect()
}

/// Writes a fact as a statement has it; a figure of which one end is known leaves the other open.
fn value(value: &FactValue) -> Value {
    let figure = |number: &law::Number, unit: &Option<String>| match unit {
        Some(unit) => format!("{number} {unit}"),
        None => number.to_string(),
    };
    match value {
        FactValue::Unknown => json!("unknown"),
        FactValue::Boolean(truth) => json!({ "boolean": truth }),
        FactValue::Number { value, unit } => json!({ "number": figure(value, unit) }),
        FactValue::Range { low, high, unit } => {
            let mut ends = Map::new();
            for (name, end) in [("low", low), ("high", high)] {
                ends.extend(end.as_ref().map(|end| (name.to_owned(), json!(figure(end, unit)))));
            }
            json!({ "interval": ends })
        }
        FactValue::Text(text) => json!({ "text": text }),
        FactValue::Date(date) => json!({ "date": date.to_string() }),
    }
}

pub(super) async fn show(Path((language, id)): Path<(String, String)>, request: Request) -> Response {
    enter(&language, request, Entry::SignedIn, move |room| from_lab(room, &id, None).map(Answer::Page)).await
}

fn from_lab(room: &Room, id: &str, wrong: Option<String>) -> Result<String, Stop> {
    let (scene, say) = (&room.scene, room.scene.say);
    let (answers, laws) = answers(room, id)?;
    let mut models = Vec::new();
    let mut without = Vec::new();
    for office in offices(room) {
        let may = kinds_for(scene.register(), &office, scene.now);
        if !may.iter().any(|kinds| kinds.kind.name == "model") {
            continue;
        }
        let own: Vec<_> = scene.register().models().filter(|model| model.parent == office).collect();
        if own.is_empty() {
            let href = scene.href(&format!("desk/file/model?for={office}&about={office}"));
            without.push((scene.name(&office), href));
        }
        models.extend(own.iter().map(|model| Choice {
            value: format!("{office} {}", model.id),
            label: format!("{} · {}", scene.plain_name(&model.id), scene.plain_name(&office)),
        }));
    }
    let filings = filings(room, &answers, &laws)?;
    let page = FromLab {
        frame: room.frame(say.text("from-lab-title").to_string()),
        say,
        token: room.token(),
        base: scene.href(&format!("desk/from-lab/{id}")),
        back: scene.href(&format!("lab/apply{}", answers.query(&[("view", "result")]))),
        facts: said(room, &answers, &laws),
        models,
        duties: filings
            .into_iter()
            .map(|filing| Choice { value: value_of(&filing), label: filing.label })
            .collect(),
        without,
        wrong,
    };
    Ok(page.render()?)
}

pub(super) async fn begin(
    Path((language, id)): Path<(String, String)>,
    State(app): State<App>,
    request: axum::extract::Request,
) -> Response {
    accept(&language, app, request, Entry::SignedIn, move |room, posted| {
        let (scene, say, desk) = (&room.scene, room.scene.say, &room.member.desk);
        let wrong = |key: &str| from_lab(room, &id, Some(say.text(key).to_string())).map(Answer::Wrong);
        let (answers, laws) = answers(room, &id)?;
        let chosen = posted.get("model").split_once(' ');
        let chosen = chosen.and_then(|(of, model)| Some((of.parse().ok()?, model.parse().ok()?)));
        let Some((office, model)): Option<(Digest, Digest)> = chosen else { return wrong("from-lab-model") };
        let may = kinds_for(scene.register(), &office, scene.now);
        let about = |kind: &str| {
            may.iter().any(|kinds| {
                kinds.kind.name == kind && subjects(scene.register(), kinds.row, &office).contains(&model)
            })
        };
        if !offices(room).any(|id| id == office) || !about("model-facts") {
            return wrong("from-lab-model");
        }
        let mut changes = Vec::new();
        let mut first = None;
        if !answers.facts.is_empty() {
            let form = form_of("model-facts").ok_or(Stop::Missing)?;
            let mut draft = fresh(room, "model-facts", Some(office))?;
            draft.about = Some(model);
            // Since when a fact is known is not asked in the interview; a deadline may run from it.
            let facts =
                answers.facts.iter().map(|(name, said)| (name.clone(), json!({ "value": value(said) })));
            draft.prefill(&form, &Map::from_iter([("facts".to_owned(), Value::Object(facts.collect()))]));
            first = Some(draft.id.clone());
            changes.push(Versioned::new(draft).put()?);
        }
        let filings = filings(room, &answers, &laws)?;
        if let Some(filing) = filings.iter().find(|filing| value_of(filing) == posted.get("filing")) {
            if !about(filing.kind.name) {
                return wrong("from-lab-model");
            }
            let form = form_of(filing.kind.name).ok_or(Stop::Missing)?;
            let mut draft = fresh(room, filing.kind.name, Some(office))?;
            draft.about = Some(model);
            draft.regime = filing.law.parse().ok();
            draft.basis.kind = BasisKind::Duty;
            draft.basis.article = Some(filing.article.clone());
            if form.question("duty").is_some() {
                draft.fields.insert("duty".to_owned(), filing.duty.clone());
            }
            if form.question("grounds").is_some() {
                let facts: Vec<String> = said(room, &answers, &laws)
                    .into_iter()
                    .map(|(label, value)| {
                        say.text("from-lab-fact").with("what", label).with("value", value).to_string()
                    })
                    .collect();
                let grounds = say.text("from-lab-grounds").with("facts", facts.join("\n")).to_string();
                draft.fields.insert(format!("grounds.{}", say.tag()), grounds);
            }
            if first.is_some() {
                draft.remarks.push(Remark {
                    by: room.member.account.id.clone(),
                    at: scene.now,
                    text: say.text("from-lab-remark").to_string(),
                });
            }
            first = Some(draft.id.clone());
            changes.push(Versioned::new(draft).put()?);
        } else if !posted.get("filing").is_empty() {
            return wrong("wrong-choice");
        }
        let Some(first) = first else { return wrong("from-lab-nothing") };
        // It has served; nobody else is to find it.
        changes.extend(desk.carried(&id, scene.now)?.map(|carried| carried.remove()));
        desk.write(&changes)?;
        room.to(&format!("desk/drafts/{first}"))
    })
    .await
}
