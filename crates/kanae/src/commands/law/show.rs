//! `kanae law list` and `show`.

use jiff::Timestamp;
use jiff::civil::Date;
use law::{Regime, ValueKind};
use serde_json::json;

use super::shelf::Shelf;
use super::{status, text};
use crate::failure::Failure;
use crate::ui::Ui;

/// The day that it is where the law applies.
fn today(regime: &Regime) -> Date {
    regime.time_zone().to_datetime(Timestamp::now()).date()
}

pub(super) fn list(shelf: &Shelf, ui: &Ui) -> Result<(), Failure> {
    let mut found = Vec::new();
    for id in shelf.chosen(&[]) {
        let regime = shelf.regime(id)?;
        ui.line(format!(
            "{id:<24} {}  [{}, {}]",
            text(ui, regime.title()),
            regime.jurisdiction(),
            status(ui, &regime, today(&regime))
        ));
        found.push(json!({
            "id": regime.id(),
            "jurisdiction": regime.jurisdiction(),
            "title": regime.title(),
            "status": regime.status(),
            "switches": regime.switches().len(),
            "duties": regime.duties().len(),
            "tests": regime.tests().len(),
        }));
    }
    ui.object(&json!({ "regimes": found }))
}

fn kind(kind: &ValueKind) -> String {
    let names =
        |values: &[law::Choice]| values.iter().map(|value| value.id.as_str()).collect::<Vec<_>>().join(" | ");
    match kind {
        ValueKind::Boolean => "true | false".to_owned(),
        ValueKind::Number { unit: Some(unit) } => format!("number in {unit}"),
        ValueKind::Number { unit: None } => "number".to_owned(),
        ValueKind::Text => "text".to_owned(),
        ValueKind::Choice { values } => names(values),
        ValueKind::Choices { values } => format!("{}, several joined by commas", names(values)),
        ValueKind::Date => "date".to_owned(),
        ValueKind::Period => "period, as in `30 days`".to_owned(),
    }
}

pub(super) fn show(regime: &Regime, ui: &Ui) -> Result<(), Failure> {
    ui.line(format!("{}  {}", regime.id(), text(ui, regime.title())));
    ui.line(format!(
        "  {} · {} · {}",
        regime.jurisdiction(),
        status(ui, regime, today(regime)),
        regime.source()
    ));
    for version in regime.versions() {
        let to = version.to.map_or(String::new(), |to| to.to_string());
        ui.line(format!("  {} – {to}  {}", version.from, version.id));
    }
    ui.line(ui.text("\n事実", "\nFacts"));
    for fact in regime.facts() {
        ui.line(format!("  {:<32} {}  ({})", fact.name, text(ui, &fact.label), kind(&fact.kind)));
    }
    if !regime.parameters().is_empty() {
        ui.line(ui.text("\n法律が定める数値・期間", "\nFigures of the law"));
    }
    for parameter in regime.parameters() {
        let values: Vec<_> =
            parameter.values.iter().map(|dated| format!("{}: {}", dated.from, dated.text)).collect();
        ui.line(format!(
            "  {:<32} [{}] {}  ({})",
            parameter.id,
            parameter.article,
            text(ui, &parameter.label),
            values.join(", ")
        ));
    }
    if !regime.switches().is_empty() {
        ui.line(ui.text("\nスイッチ（論点）", "\nSwitches (open issues)"));
    }
    for switch in regime.switches() {
        ui.line(format!("  {:<32} {}  ({})", switch.id, text(ui, &switch.question), kind(&switch.kind)));
    }
    for preset in regime.presets() {
        ui.line(format!("  --preset {:<23} {}", preset.id, text(ui, &preset.label)));
    }
    ui.line(ui.text("\n適用", "\nCoverage"));
    ui.line(format!("  [{}] {}", regime.coverage().article, one_line(regime.coverage().condition.source())));
    ui.line(ui.text("\n区分", "\nClasses"));
    for class in regime.classes() {
        ui.line(format!("  {:<32} [{}] {}", class.id, class.article, text(ui, &class.text)));
        ui.line(format!("  {:<32} {}", "", one_line(class.condition.source())));
    }
    ui.line(ui.text("\n義務", "\nDuties"));
    for duty in regime.duties() {
        let due = duty.due.as_deref().map_or(String::new(), |due| format!("; {due}"));
        let article = &duty.article;
        ui.line(format!(
            "  {:<32} [{article}] {}{due}  ({})",
            duty.id,
            text(ui, &duty.text),
            duty.by.as_str()
        ));
    }
    ui.line(ui.text("\n権限・制裁", "\nPowers and penalties"));
    for power in regime.powers() {
        ui.line(format!("  {:<32} [{}] {}", power.id, power.article, text(ui, &power.text)));
    }
    for penalty in regime.penalties() {
        let maximum = penalty.maximum.as_deref().map_or(String::new(), |maximum| format!("; ≤ {maximum}"));
        ui.line(format!("  {:<32} [{}] {}{maximum}", penalty.id, penalty.article, text(ui, &penalty.text)));
    }
    ui.object(&json!({
        "id": regime.id(),
        "jurisdiction": regime.jurisdiction(),
        "title": regime.title(),
        "status": regime.status(),
        "source": regime.source(),
        "certainty": regime.certainty(),
        "authentic_language": regime.authentic_language(),
        "versions": regime.versions(),
        "facts": regime.facts(),
        "parameters": regime.parameters(),
        "switches": regime.switches(),
        "presets": regime.presets(),
        "coverage": regime.coverage(),
        "classes": regime.classes(),
        "duties": regime.duties(),
        "powers": regime.powers(),
        "penalties": regime.penalties(),
        "procedures": regime.procedures(),
        "articles": regime.articles(),
    }))
}

fn one_line(condition: &str) -> String {
    condition.split_whitespace().collect::<Vec<_>>().join(" ")
}
