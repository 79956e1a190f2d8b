//! `kanae law check` and `test`.

use law::{Finding, Severity};
use serde_json::json;

use super::shelf::Shelf;
use crate::failure::{Failure, Kind};
use crate::ui::Ui;

pub(super) fn check(shelf: &Shelf, only: &[String], ui: &Ui) -> Result<(), Failure> {
    let mut found = Vec::new();
    let mut sound = Vec::new();
    let mut problems_found = 0;
    for id in shelf.chosen(only) {
        match shelf.load(id)? {
            Ok(regime) => {
                let findings = regime.findings(shelf.files(id)?);
                problems_found += show(id, &findings, ui);
                found.push(json!({
                    "id": id,
                    "problems": [],
                    "findings": findings,
                    "untested_switches": regime.untested_switches(),
                }));
                sound.push((regime, shelf.files(id)?));
            }
            Err(problems) => {
                problems_found += problems.len();
                for problem in &problems {
                    ui.line(format!("{id}/{problem}"));
                }
                found
                    .push(json!({ "id": id, "problems": problems, "findings": [], "untested_switches": [] }));
            }
        }
    }
    let pairs: Vec<_> = sound.iter().map(|(regime, files)| (regime, *files)).collect();
    let across = law::findings_across(&pairs);
    problems_found += across.iter().filter(|finding| finding.severity == Severity::Problem).count();
    for finding in &across {
        ui.line(format!("{}: {}", severity(finding, ui), finding.place));
    }
    ui.object(&json!({ "regimes": found, "across": across }))?;
    if problems_found > 0 {
        return Err(Failure::new(Kind::CheckFailed, format!("{problems_found} problems found")));
    }
    Ok(())
}

/// Prints the findings of one regime, notes as their number only; returns how many are problems.
fn show(id: &str, findings: &[Finding], ui: &Ui) -> usize {
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let (problems, notes) = (count(Severity::Problem), count(Severity::Note));
    let head = match problems {
        0 => ui.text("問題なし", "no problem").to_owned(),
        _ => format!("{problems} {}", ui.text("件の問題", "problems")),
    };
    let notes = match notes {
        0 => String::new(),
        _ => format!(" ({notes} {})", ui.text("件の参考事項、--json で表示", "notes, shown by --json")),
    };
    ui.line(format!("{id}: {head}{notes}"));
    for finding in findings.iter().filter(|finding| finding.severity != Severity::Note) {
        ui.line(format!("  {}: {id}/{}", severity(finding, ui), finding.place));
    }
    problems
}

fn severity(finding: &Finding, ui: &Ui) -> &'static str {
    match finding.severity {
        Severity::Problem => ui.text("問題", "problem"),
        Severity::Advice => ui.text("助言", "advice"),
        Severity::Note => ui.text("参考", "note"),
    }
}

pub(super) fn test(shelf: &Shelf, only: &[String], ui: &Ui) -> Result<(), Failure> {
    let mut found = Vec::new();
    let mut failed = 0;
    for id in shelf.chosen(only) {
        let results = shelf.regime(id)?.run_tests();
        let failures: Vec<_> = results.iter().filter(|result| !result.failures.is_empty()).collect();
        ui.line(format!(
            "{id}: {} {}, {} {}",
            results.len() - failures.len(),
            ui.text("件合格", "passed"),
            failures.len(),
            ui.text("件不合格", "failed")
        ));
        for result in &failures {
            ui.line(format!("  {id}/{}:{}: {}", result.file, result.line, result.name));
            for failure in &result.failures {
                ui.line(format!("    {failure}"));
            }
        }
        failed += failures.len();
        found.push(json!({ "id": id, "tests": results }));
    }
    ui.object(&json!({ "regimes": found }))?;
    if failed > 0 {
        return Err(Failure::new(Kind::CheckFailed, format!("{failed} law tests failed")));
    }
    Ok(())
}
