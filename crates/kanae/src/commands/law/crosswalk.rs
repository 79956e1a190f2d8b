//! `kanae law crosswalk` and `incident`: report once, and tell everybody in time.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use law::{Answer, Language, Status, Truth, Vocabulary};
use serde_json::json;

use super::given::{Given, language};
use super::shelf::Shelf;
use super::{assess, table, text};
use crate::embedded;
use crate::failure::{Failure, Kind};
use crate::ui::Ui;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Ids of the regimes; all if none is given.
    #[arg(value_name = "ID")]
    only: Vec<String>,
    #[command(flatten)]
    given: Given,
}

/// Shows which statements serve which duty in which regime, and what is still missing where.
pub(super) fn crosswalk(shelf: &Shelf, arguments: &Arguments, ui: &Ui) -> Result<(), Failure> {
    let vocabulary = Vocabulary::read("crosswalk.toml", embedded::CROSSWALK)
        .map_err(|problem| Failure::new(Kind::Internal, problem))?;
    let cases = arguments.given.several(shelf, &arguments.only)?;
    let assessed: Vec<_> = cases.iter().map(|case| (&case.regime, &case.assessment)).collect();
    let matrix = law::crosswalk(&vocabulary, &assessed);
    for (at, case) in cases.iter().enumerate() {
        let coverage = assess::coverage(case, ui);
        let (number, title) = (at + 1, text(ui, case.regime.title()));
        ui.line(match language(ui) {
            Language::Ja => format!("{number:>3}  {title}（{coverage}）"),
            Language::En => format!("{number:>3}  {title}  ({coverage})"),
        });
    }
    ui.line("");
    let mut head = vec![ui.text("共通の義務", "common duty").to_owned()];
    head.extend((1..=cases.len()).map(|number| number.to_string()));
    let mut rows = vec![head];
    for row in &matrix.rows {
        let mut cells = vec![text(ui, &row.common.name).to_owned()];
        cells.extend(row.cells.iter().map(|answers| mark(answers).to_owned()));
        rows.push(cells);
    }
    table::print(&rows, "", ui);
    ui.line(ui.text(
        "\n● 満たす見込み  ◐ 提出済み  ○ 提出待ち  × 満たさない見込み  ? 判定できない  · 生じていない  空欄 定めなし",
        "\n● appears met  ◐ filed  ○ open  × appears unmet  ? unresolved  · not owed  blank: no such duty",
    ));
    ui.line(ui.text("\n残っているもの", "\nWhat is left"));
    for row in &matrix.rows {
        for (case, answers) in cases.iter().zip(&row.cells) {
            for answer in answers.iter().filter(|answer| waits(answer)) {
                let due =
                    answer.due.map_or(String::new(), |due| format!("  {} {due}", ui.text("期限", "due")));
                ui.line(format!(
                    "  {}: {} — {}  [{}]{due}",
                    text(ui, &row.common.name),
                    case.regime.id(),
                    text(ui, &answer.name),
                    case.regime.cited(language(ui), &answer.article)
                ));
            }
        }
        if !row.reusable.is_empty() {
            let entries: Vec<_> = row.reusable.iter().map(u64::to_string).collect();
            ui.line(format!(
                "    {} {}",
                ui.text("既に提出され、使える可能性のある記録：", "already filed, and may serve: entries"),
                entries.join(", ")
            ));
        }
    }
    assess::advice(ui);
    ui.object(&matrix)
}

fn waits(answer: &Answer) -> bool {
    answer.owed == Truth::True && matches!(answer.status, Status::Open | Status::AppearsUnmet)
}

/// The state of the duty that needs most attention.
fn mark(answers: &[Answer]) -> &'static str {
    const MARKS: [(Status, &str); 7] = [
        (Status::AppearsUnmet, "×"),
        (Status::Open, "○"),
        (Status::Unresolved, "?"),
        (Status::Filed, "◐"),
        (Status::Decided, "◐"),
        (Status::AppearsMet, "●"),
        (Status::NotYet, "·"),
    ];
    let found = MARKS.iter().find(|(status, _)| answers.iter().any(|answer| answer.status == *status));
    found.map_or("", |(_, mark)| mark)
}

/// Shows who must be told of an incident by when, in every regime.
pub(super) fn incident(shelf: &Shelf, arguments: &Arguments, ui: &Ui) -> Result<(), Failure> {
    let cases = arguments.given.several(shelf, &arguments.only)?;
    let japan = TimeZone::get("Asia/Tokyo").map_err(anyhow::Error::from)?;
    let mut told = Vec::new();
    for case in &cases {
        for duty in law::told_of_incidents(&case.regime, &case.assessment) {
            let soon = duty.due_because.qualitative.is_some() && duty.due.is_none();
            told.push((
                (duty.owed != Truth::True, duty.due.is_none() && !soon, !soon, duty.due, duty.due_at),
                case,
                duty,
            ));
        }
    }
    // What is sure first; then words such as `immediately`, then by day.
    told.sort_by_key(|(urgency, ..)| *urgency);
    let mut shown = Vec::new();
    for (_, case, duty) in &told {
        let say = case.wording(ui);
        let rule = case.regime.duty(&duty.id);
        let name = rule.map_or(duty.id.as_str(), |rule| text(ui, &rule.text));
        let article = case.regime.cited(language(ui), &duty.article);
        ui.line(format!("{} — {name}  [{article}]", text(ui, case.regime.title())));
        let addressee = rule.and_then(|rule| rule.addressee.as_ref());
        if let Some(addressee) = addressee {
            ui.line(format!("    {} {}", ui.text("相手方:", "to:"), text(ui, addressee)));
        }
        let at = |at: Timestamp, zone: &TimeZone| law::instant(language(ui), at, zone);
        let (local, japanese) = match (duty.due_at, duty.due) {
            (Some(instant), _) => (Some(at(instant, case.regime.time_zone())), Some(at(instant, &japan))),
            // The day ends where the law applies.
            (None, Some(day)) => {
                let end = day
                    .tomorrow()
                    .ok()
                    .and_then(|next| case.regime.time_zone().to_timestamp(next.at(0, 0, 0, 0)).ok());
                (Some(law::day(language(ui), day)), end.map(|end| at(end, &japan)))
            }
            (None, None) => (None, None),
        };
        if let (Some(local), Some(japanese)) = (&local, &japanese) {
            let before = if duty.due_at.is_some() {
                ""
            } else {
                ui.text("（この時刻の前まで）", " (before this)")
            };
            let zone = case.regime.time_zone().iana_name().unwrap_or("UTC");
            let (ja, en) =
                (format!("現地の期限（{zone}）: {local}"), format!("local time ({zone}): {local}"));
            ui.line(format!("    {}", ui.text(&ja, &en)));
            ui.line(format!("    {} {japanese}{before}", ui.text("日本時間:", "Japan time:")));
        }
        if let Some(due) = say.due(duty) {
            ui.line(format!("    {due}"));
        }
        ui.line(format!("    {}: {}", say.status(duty.status), say.duty(duty)));
        shown.push(json!({
            "regime": case.regime.id(),
            "duty": duty.id,
            "name": rule.map(|rule| &rule.text),
            "article": duty.article,
            "addressee": addressee,
            "by": duty.by,
            "owed": duty.owed,
            "status": duty.status,
            "due": duty.due,
            "due_at": duty.due_at,
            "local": local,
            "zone": case.regime.time_zone().iana_name(),
            "japan": japanese,
            "deadline": say.due(duty),
            "why": say.duty(duty),
            "missing": duty.because.missing.union(&duty.due_because.because.missing),
        }));
    }
    if told.is_empty() {
        ui.line(ui.text(
            "事故について知らせる義務は生じていません。",
            "Nobody must be told of an incident, as far as is known.",
        ));
    }
    assess::advice(ui);
    ui.object(&json!({ "told": shown }))
}
