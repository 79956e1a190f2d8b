//! `kanae law check` and `test`.

use law::{Finding, Language, LawTestResult, Regime, Severity};
use serde_json::json;

use super::shelf::Shelf;
use super::{given, table};
use crate::failure::{Failure, Kind};
use crate::ui::Ui;

pub(super) fn check(shelf: &Shelf, only: &[String], ui: &Ui) -> Result<(), Failure> {
    let mut found = Vec::new();
    let mut sound = Vec::new();
    let mut problems_found = 0;
    for id in shelf.chosen(only) {
        match shelf.load(id)? {
            Ok(regime) => {
                let findings = regime.findings(shelf.files(id)?, given::names(given::language(ui)));
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
        return Err(Failure::new(Kind::CheckFailed, format!("{} found", counted(problems_found, "problem"))));
    }
    Ok(())
}

/// Prints the findings of one regime, notes as their number only; returns how many are problems.
fn show(id: &str, findings: &[Finding], ui: &Ui) -> usize {
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let (problems, notes) = (count(Severity::Problem), count(Severity::Note));
    let english = matches!(given::language(ui), Language::En);
    let head = match problems {
        0 => ui.text("問題なし", "no problem").to_owned(),
        1 if english => "1 problem".to_owned(),
        _ if english => format!("{problems} problems"),
        _ => format!("問題{problems}件"),
    };
    let notes = match notes {
        0 => String::new(),
        1 if english => " (1 note, shown by --json)".to_owned(),
        _ if english => format!(" ({notes} notes, shown by --json)"),
        _ => format!("（参考事項{notes}件、--jsonで表示）"),
    };
    ui.line(format!("{id}: {head}{notes}"));
    for finding in findings.iter().filter(|finding| finding.severity != Severity::Note) {
        ui.line(format!("  {}: {id}/{}", severity(finding, ui), finding.place));
    }
    problems
}

fn counted(count: usize, thing: &str) -> String {
    format!("{count} {thing}{}", if count == 1 { "" } else { "s" })
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
        let regime = shelf.regime(id)?;
        let results = regime.run_tests();
        let failures: Vec<_> = results.iter().filter(|result| !result.failures.is_empty()).collect();
        let (passed, failing) = (results.len() - failures.len(), failures.len());
        ui.line(match given::language(ui) {
            Language::Ja => format!("{id}: 合格{passed}件、不合格{failing}件"),
            Language::En => format!("{id}: {passed} passed, {failing} failed"),
        });
        for result in &failures {
            explain(&regime, result, ui);
        }
        failed += failures.len();
        found.push(json!({ "id": id, "tests": results }));
    }
    ui.object(&json!({ "regimes": found }))?;
    if failed > 0 {
        return Err(Failure::new(Kind::CheckFailed, format!("{} failed", counted(failed, "law test"))));
    }
    Ok(())
}

/// Prints what came out otherwise than expected, side by side, and why.
fn explain(regime: &Regime, result: &LawTestResult, ui: &Ui) {
    ui.line(format!("\n  {}", result.name));
    let test = regime
        .tests()
        .iter()
        .find(|test| (&test.name, &test.file, test.line) == (&result.name, &result.file, result.line));
    let place = format!("{}/{}:{}", regime.id(), result.file, result.line);
    let Some(test) = test.filter(|_| !result.differences.is_empty()) else {
        ui.line(format!("  {place}"));
        for failure in &result.failures {
            ui.line(format!("    {failure}"));
        }
        return;
    };
    let basis: Vec<_> = test.basis.iter().map(|id| regime.cited(given::language(ui), id)).collect();
    ui.line(format!("  {place}  {} {}  [{}]", ui.text("基準日", "as of"), test.as_of, basis.join(", ")));
    let head = ["", ui.text("期待", "expected"), ui.text("結果", "found")];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    let rows_of = result.differences.iter().map(|difference| {
        let id = difference.id.as_deref().map_or(String::new(), |id| format!(" {id}"));
        let what = if difference.what == difference.about {
            String::new()
        } else {
            format!(": {}", difference.what)
        };
        vec![format!("{}{id}{what}", difference.about), difference.expected.clone(), difference.found.clone()]
    });
    rows.extend(rows_of);
    table::print(&rows, "    ", ui);
    let Ok(found) = law::assess(regime, &test.settings, &test.record, test.as_of) else { return };
    let language = given::language(ui);
    let say = law::Wording::new(regime, &test.settings, &found, language, given::names(language));
    let mut said: Vec<String> = Vec::new();
    for difference in &result.differences {
        let is = |id: &str| difference.id.as_deref() == Some(id);
        let sentences: Vec<String> = match difference.about {
            "duty" => found
                .duties
                .iter()
                .filter(|duty| is(&duty.id))
                .flat_map(|duty| [Some(say.duty(duty)), say.due(duty)])
                .flatten()
                .collect(),
            "power" => {
                found.powers.iter().filter(|power| is(&power.id)).map(|power| say.power(power)).collect()
            }
            "penalty" => {
                let penalties = found.penalties.iter().filter(|penalty| is(&penalty.id));
                penalties.map(|penalty| say.penalty(penalty)).collect()
            }
            "class" => {
                let named = |id: &str| is(id) || difference.id.is_none() && id == difference.found;
                found.classes.iter().filter(|class| named(&class.id)).map(|class| say.class(class)).collect()
            }
            _ => vec![say.coverage()],
        };
        said.extend(sentences);
    }
    let mut seen: Vec<&String> = Vec::new();
    for sentence in &said {
        if !seen.contains(&sentence) {
            ui.line(format!("    {}: {sentence}", ui.text("理由", "why")));
            seen.push(sentence);
        }
    }
}
