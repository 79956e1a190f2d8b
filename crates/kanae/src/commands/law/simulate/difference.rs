//! For whom a change makes a difference.

use law::Truth;
use law::simulate::{Bounds, Difference, DutyChange, Variant, difference};
use serde_json::json;

use super::change::{Amended, Proposal, heads};
use super::moved::{answer, few, panels};
use super::table::Table;
use super::{Outcome, Scene, whom};

/// What the change does, and the tables that say so.
pub(super) struct Found {
    pub(super) difference: Difference,
    pub(super) totals: Table,
    pub(super) moved: Table,
    pub(super) models: Table,
    pub(super) duties: Table,
}

/// Compares the law as it is with the law as it is proposed.
pub(super) fn of(scene: &Scene<'_>, proposal: &Proposal) -> (Outcome, Found) {
    let (old, new) = (scene.variant(), proposal.variant(scene));
    let found = difference(old, new, &scene.models, &scene.models);
    let [before, after] = heads(scene);
    let totals = scene.counts_table(
        scene.say("適用されるもの", "Who is covered"),
        &[(before.to_owned(), found.old), (after.to_owned(), found.new)],
    );
    let mut moved = Table::new(
        scene.say("変わるモデルの数", "How many models change"),
        &["", scene.say("少なくとも", "at least"), scene.say("多くとも", "at most")],
    );
    let row = |name: &str, bounds: Bounds| {
        vec![name.to_owned(), bounds.at_least.to_string(), bounds.at_most.to_string()]
    };
    moved.rows.push(row(scene.say("新たに適用される", "newly covered"), found.newly_covered));
    moved.rows.push(row(scene.say("適用されなくなる", "no longer covered"), found.no_longer_covered));
    let models = models(scene, &found);
    let duties = duties(scene, &found.duties);
    let mut csv = Table::new("", &["model", "developers", "published", "old", "new"]);
    csv.rows = found
        .changes
        .iter()
        .map(|change| {
            vec![
                change.model.clone(),
                change.developers.join("; "),
                change.published.map(|day| day.to_string()).unwrap_or_default(),
                word(change.old).to_owned(),
                word(change.new).to_owned(),
            ]
        })
        .collect();
    let svg = panels(scene, &[(before, Variant { ..old }), (after, new)]);
    let json = json!({
        "change": proposal.figures.iter().map(|figure| json!({
            "id": figure.id, "old": figure.old, "new": figure.new,
        })).collect::<Vec<_>>(),
        "articles": proposal.articles.iter().map(Amended::json).collect::<Vec<_>>(),
        "difference": found,
    });
    let copy = |table: &Table| Table {
        title: table.title.clone(),
        heading: table.heading.clone(),
        rows: table.rows.clone(),
    };
    let tables = vec![copy(&totals), copy(&moved), copy(&models), copy(&duties), whom::assumptions(scene)];
    (Outcome { tables, csv, svg, json }, Found { difference: found, totals, moved, models, duties })
}

/// Returns an answer as it stands in files, in the order in which answers are shown.
fn word(truth: Truth) -> &'static str {
    match truth {
        Truth::True => "covered",
        Truth::False => "not_covered",
        Truth::Undetermined => "undetermined",
    }
}

fn models(scene: &Scene<'_>, found: &Difference) -> Table {
    let [before, after] = heads(scene);
    let mut table = Table::new(
        scene.say("答えが変わるモデル", "Models whose answer changes"),
        &[
            scene.say("モデル", "model"),
            scene.say("開発者", "developer"),
            scene.say("公表日", "published"),
            before,
            after,
        ],
    );
    let mut changes: Vec<_> = found.changes.iter().collect();
    changes.sort_by_key(|change| (word(change.new), word(change.old), change.published));
    table.rows = changes
        .into_iter()
        .map(|change| {
            vec![
                change.model.clone(),
                few(&change.developers),
                change.published.map_or_else(|| "–".to_owned(), |day| day.to_string()),
                answer(scene, change.old),
                answer(scene, change.new),
            ]
        })
        .collect();
    table
}

fn duties(scene: &Scene<'_>, changes: &[DutyChange]) -> Table {
    let [before, after] = heads(scene);
    let mut table = Table::new(
        scene.say(
            "負うモデルの数が変わる義務（下限–上限）",
            "Duties whose number of models changes (at least–at most)",
        ),
        &[
            scene.say("義務", "duty"),
            scene.say("条項", "article"),
            before,
            after,
            scene.say("新たに負う例", "newly owed, e.g."),
            scene.say("負わなくなる例", "no longer owed, e.g."),
        ],
    );
    let span = |tally: Option<law::simulate::Tally>| {
        tally.map_or_else(|| "–".to_owned(), |tally| format!("{}–{}", tally.covered, tally.at_most()))
    };
    let first = |names: &[String]| names.first().cloned().unwrap_or_else(|| "–".to_owned());
    table.rows = changes
        .iter()
        .map(|change| {
            let article = scene.regime.duty(&change.duty).map(|duty| scene.cited(&duty.article));
            vec![
                scene.duty(&change.duty),
                article.unwrap_or_default(),
                span(change.old),
                span(change.new),
                first(&change.newly_owed),
                first(&change.no_longer_owed),
            ]
        })
        .collect();
    table
}
