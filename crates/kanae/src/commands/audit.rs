//! `kanae audit`: check everything that a log lets a stranger check.

use std::path::{Path, PathBuf};

use ::audit::{LogError, Progress, Report, SourceError, Trust, TrustError};
use evidence::{Language, PredicateType};

use crate::failure::{Failure, Kind};
use crate::ui::Ui;

/// How many faults, and how many departures, are shown to a person; `--json` has all.
const SHOWN: usize = 20;

/// Check that a log holds: signed, authorised, approved, only ever grown, rightly computed.
///
/// Fetches everything that the node publishes, folds the register again and computes every
/// assessment again. The trust file says which log it should be, and what was seen of it before:
/// get it from somewhere else than the node that you audit. Without it a log can only be
/// consistent with itself, and the exit code is 2.
///
/// Exit codes: 0 everything that can be checked holds; 1 something does not fit; 2 no trust file;
/// 69 the log cannot be reached, and nothing is known.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  kanae audit https://register.example --trust trust.json\n  kanae audit https://register.example --trust trust.json --update\n  kanae audit ./copy-of-the-log --trust trust.json --json"
)]
pub(crate) struct Arguments {
    /// Address of a node, or a folder with a copy of what it serves under /log/.
    #[arg(value_name = "URL|FOLDER")]
    log: String,
    /// What is known of the log: origin, genesis, keys, last checkpoint seen.
    #[arg(long, value_name = "FILE")]
    trust: Option<PathBuf>,
    /// Write the newer checkpoint into the trust file, if everything holds.
    #[arg(long, requires = "trust")]
    update: bool,
}

pub(crate) fn run(arguments: &Arguments, ui: &Ui) -> Result<(), Failure> {
    let trust = arguments.trust.as_deref().map(|path| read_trust(path, ui)).transpose()?;
    let source = ::audit::open_source(&arguments.log).map_err(|error| source_failure(&error, ui))?;
    let report = ::audit::run(&*source, trust.as_ref(), &|progress| watch(progress, ui));
    ui.progress_done();
    let report = report.map_err(|error| log_failure(&error, ui))?;
    ui.object(&report)?;
    show(&report, ui);
    if let Some(fault) = report.first_fault() {
        let message = format!(
            "{} ({})",
            ui.text("台帳に合わないところがあります", "the log does not hold"),
            fault.reason
        );
        return Err(Failure::new(Kind::CheckFailed, message));
    }
    if !report.anchored {
        let message = ui.text("それ自身との整合だけを確かめました", "consistent with itself only");
        return Err(Failure::new(Kind::Unanchored, message).hint(ui.text(
            "台帳の外から得た信頼ファイルを --trust で指定してください",
            "give a trust file with --trust, got from somewhere else than this log",
        )));
    }
    if let (true, Some(path), Some(trust), Some(head)) =
        (arguments.update, &arguments.trust, &trust, &report.log)
    {
        let note = ledger::SignedNote::parse(head.checkpoint.as_bytes()).map_err(anyhow::Error::from)?;
        trust
            .with_checkpoint(note)
            .and_then(|trust| trust.write(path))
            .map_err(|error| trust_failure(&error, path, ui))?;
        ui.line(format!(
            "{}: {}",
            ui.text("信頼ファイルを更新しました", "trust file updated"),
            path.display()
        ));
    }
    Ok(())
}

fn show(report: &Report, ui: &Ui) {
    let language = language(ui);
    match (&report.faults[..], report.anchored) {
        ([], true) => ui.line(ui.text("確かめられることはすべて合っています。", "Everything that can be checked holds.")),
        ([], false) => ui.line(ui.text(
            "この台帳は、それ自身とは整合しています。本物かどうかは、信頼ファイルなしでは分かりません。",
            "The log is consistent with itself. Whether it is the right one, nothing shows without a trust file.",
        )),
        ([only], _) => {
            ui.line(format!("{}: {}", ui.text("合わないところが一つあります", "One thing does not fit"), place(only.entry, ui)));
        }
        ([first, ..], _) => ui.line(format!(
            "{} {}: {}",
            report.faults.len(),
            ui.text("か所が合いません。最初は", "things do not fit, the first of them"),
            place(first.entry, ui)
        )),
    }
    for fault in report.faults.iter().take(SHOWN) {
        ui.line(format!("  {}: {} [{}]", place(fault.entry, ui), fault.reason.label(language), fault.reason));
        ui.line(format!("    {}", plain(&fault.detail)));
    }
    if report.faults.len() > SHOWN {
        ui.line(format!("  … {}", ui.text("残りは --json で", "the others with --json")));
    }
    if let Some(head) = &report.log {
        ui.line("");
        ui.line(format!(
            "{}: {}, {} {}, {}",
            ui.text("台帳", "log"),
            plain(&head.origin),
            head.size,
            ui.text("件", "entries"),
            head.root
        ));
        if let Some(since) = report.since {
            ui.line(format!(
                "{}: {since} {}",
                ui.text("信頼ファイルのチェックポイント", "checkpoint in the trust file"),
                ui.text("件の時点", "entries")
            ));
        }
    }
    ui.line("");
    ui.line(ui.text("確かめたこと", "checked"));
    let checked = &report.checked;
    for (count, what) in [
        (
            checked.entries,
            ui.text("件の記録(チェックポイントのとおり)", "entries, as the checkpoint commits to them"),
        ),
        (
            checked.statements,
            ui.text("件の公開の記録(署名と権限がある)", "public statements, signed and authorised"),
        ),
        (checked.signatures, ui.text("個の署名", "signatures")),
        (checked.approvals, ui.text("件の承認", "approvals")),
        (
            checked.assessments,
            ui.text("件の判定の助言(計算し直しても同じ)", "assessments, the same when computed again"),
        ),
        (checked.policies, ui.text("件の規程(本文は採択されたもの)", "policies, in the adopted text")),
        (checked.regimes, ui.text("件の法令(本文は採択されたもの)", "regimes, in the adopted text")),
        (checked.parts, ui.text("件の公開の添付(本文の示すもの)", "public attachments, as committed to")),
        (checked.bytes, ui.text("バイト", "bytes read")),
    ] {
        ui.line(format!("  {count:>8} {what}"));
    }
    ui.line("");
    ui.line(ui.text("数えたこと", "counted"));
    let counted = &report.counted;
    for (count, what) in [
        (counted.restricted, ui.text("件の非公開の記録", "restricted entries")),
        (counted.restricted_parts, ui.text("件の非公開の添付", "restricted attachments")),
        (counted.erased_parts, ui.text("件の消去された添付", "erased attachments")),
        (counted.departures, ui.text("件の、助言と異なる決定", "decisions that depart from the advice")),
    ] {
        ui.line(format!("  {count:>8} {what}"));
    }
    for departure in report.departures.iter().take(SHOWN) {
        let act = PredicateType::find(&departure.act).map_or(&*departure.act, |kind| kind.label(language));
        ui.line(format!("           {}: {act}", place(Some(departure.entry), ui)));
    }
    ui.line("");
    ui.line(ui.text("示せないこと", "not shown"));
    for unshown in &report.not_shown {
        let count = unshown.count.map(|count| format!(" ({count})")).unwrap_or_default();
        ui.line(format!("  {}{count}", unshown.what.label(language)));
    }
}

/// Names an entry, or the log as a whole.
fn place(entry: Option<u64>, ui: &Ui) -> String {
    entry.map_or_else(
        || ui.text("台帳全体", "the log as a whole").to_owned(),
        |entry| format!("{} {entry}", ui.text("記録", "entry")),
    )
}

fn watch(progress: Progress, ui: &Ui) {
    let (what, done, all) = match progress {
        Progress::Entries { done, all } => (ui.text("記録を読んでいます", "reading entries"), done, all),
        Progress::Statements { done, all } => {
            (ui.text("署名と権限を確かめています", "checking statements"), done, all)
        }
    };
    if done % 64 == 0 || done == all {
        ui.progress(format!("{what}: {done}/{all}"));
    }
}

pub(super) fn language(ui: &Ui) -> Language {
    match ui.lang {
        crate::cli::Lang::Ja => Language::Ja,
        crate::cli::Lang::En => Language::En,
    }
}

/// Makes outside text fit for a terminal: control and direction characters are written out.
pub(super) fn plain(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                c.escape_unicode().to_string()
            }
            c if c.is_control() => c.escape_default().to_string(),
            c => c.to_string(),
        })
        .collect()
}

pub(super) fn read_trust(path: &Path, ui: &Ui) -> Result<Trust, Failure> {
    Trust::read(path).map_err(|error| trust_failure(&error, path, ui))
}

pub(super) fn trust_failure(error: &TrustError, path: &Path, ui: &Ui) -> Failure {
    match error {
        TrustError::Io { error, .. } => Failure::io(path, error).hint(ui.text(
            "信頼ファイル(trust.json)は、運営者から台帳とは別の経路で受け取ります",
            "a trust file (trust.json) comes from the operator, by another way than the log itself",
        )),
        other => Failure::new(Kind::Data, format!("{}: {}", path.display(), plain(&other.to_string()))),
    }
}

pub(super) fn source_failure(error: &SourceError, ui: &Ui) -> Failure {
    let message = plain(&error.to_string());
    match error {
        SourceError::Address { .. } => Failure::new(Kind::Usage, message),
        SourceError::Io { error: io, .. } if io.kind() == std::io::ErrorKind::NotFound => {
            Failure::new(Kind::NotFound, message).hint(ui.text(
                "ノードの URL か、/log/ の写しのフォルダーを指定してください",
                "give the address of a node, or a folder with a copy of what it serves under /log/",
            ))
        }
        SourceError::Io { .. } | SourceError::NotAFile { .. } | SourceError::Path { .. } => {
            Failure::new(Kind::Io, message)
        }
        _ => Failure::new(Kind::Unavailable, message).hint(ui.text(
            "台帳については何も分かっていません。あとでもう一度試してください",
            "nothing is known about the log; try again later",
        )),
    }
}

pub(super) fn log_failure(error: &LogError, ui: &Ui) -> Failure {
    let message = plain(&error.to_string());
    match error {
        LogError::Source(error) => source_failure(error, ui),
        LogError::NoLog { .. } => Failure::new(Kind::NotFound, message).hint(ui.text(
            "ノードの URL は /log を付けずに指定してください",
            "give the node's address without /log at its end",
        )),
        LogError::NoEntry { .. } => Failure::new(Kind::NotFound, message),
        LogError::TooLarge { .. } => Failure::new(Kind::Data, message),
        _ => Failure::new(Kind::CheckFailed, message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_log_says_cannot_move_the_cursor_or_turn_the_text_around() {
        assert_eq!(plain("a\u{1b}[2Kb\n\u{202e}c"), "a\\u{1b}[2Kb\\n\\u{202e}c");
        assert_eq!(plain("港 — ok"), "港 — ok");
    }
}
