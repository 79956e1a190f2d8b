//! `kanae law check` and `test`.

use serde_json::json;

use super::shelf::Shelf;
use crate::failure::{Failure, Kind};
use crate::ui::Ui;

pub(super) fn check(shelf: &Shelf, only: &[String], ui: &Ui) -> Result<(), Failure> {
    let mut found = Vec::new();
    let mut problems_found = 0;
    for id in shelf.chosen(only) {
        let (problems, untested) = match shelf.load(id)? {
            Ok(regime) => {
                (Vec::new(), regime.untested_switches().into_iter().map(str::to_owned).collect::<Vec<_>>())
            }
            Err(problems) => (problems, Vec::new()),
        };
        problems_found += problems.len();
        match problems.len() {
            0 => ui.line(format!("{id}: {}", ui.text("問題なし", "no problem"))),
            _ => {
                for problem in &problems {
                    ui.line(format!("{id}/{problem}"));
                }
            }
        }
        for switch in &untested {
            ui.line(format!(
                "{id}: {} `{switch}`",
                ui.text(
                    "結果を変えることが試されていないスイッチ",
                    "no test shows that this switch changes a result:"
                )
            ));
        }
        found.push(json!({ "id": id, "problems": problems, "untested_switches": untested }));
    }
    ui.object(&json!({ "regimes": found }))?;
    if problems_found > 0 {
        return Err(Failure::new(Kind::CheckFailed, format!("{problems_found} problems found")));
    }
    Ok(())
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
