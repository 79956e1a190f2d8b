//! `kanae log`: look at a log's checkpoint, prove an entry, watch the log over time.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use audit::{Log, Sighting, Watch, WatchError};
use serde_json::json;

use super::audit::{language, log_failure, plain, read_trust, source_failure, trust_failure};
use crate::failure::{Failure, Kind};
use crate::ui::Ui;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Print a log's latest checkpoint, verified.
    ///
    /// Without a trust file it is verified with the key that the log's own genesis names.
    #[command(after_help = "Examples:\n  kanae log checkpoint https://register.example --trust trust.json")]
    Checkpoint(CheckpointArguments),
    /// Print a receipt: proof that an entry is in the log, which can be checked offline.
    ///
    /// The receipt is a C2SP tlog-proof; the entry's bytes stand in its `extra` line.
    #[command(
        after_help = "Examples:\n  kanae log prove https://register.example 41 --trust trust.json > 41.tlog-proof"
    )]
    Prove(ProveArguments),
    /// Keep every checkpoint of a log and compare each with the last.
    ///
    /// Says loudly, and ends with exit code 1, when the log does not continue what was seen. Both
    /// checkpoints are kept then: together they prove, by the log's own signatures, that it has
    /// shown two histories. Publish them.
    #[command(
        after_help = "Examples:\n  kanae log watch https://register.example --keep ./seen --trust trust.json\n  kanae log watch https://register.example --keep ./seen --once --json"
    )]
    Watch(WatchArguments),
}

#[derive(Debug, clap::Args)]
struct CheckpointArguments {
    /// Address of a node, or a folder with a copy of what it serves under /log/.
    #[arg(value_name = "URL|FOLDER")]
    log: String,
    /// What is known of the log: origin, genesis, keys, last checkpoint seen.
    #[arg(long, value_name = "FILE")]
    trust: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
struct ProveArguments {
    /// Address of a node, or a folder with a copy of what it serves under /log/.
    #[arg(value_name = "URL|FOLDER")]
    log: String,
    /// Index of the entry, from 0.
    index: u64,
    /// What is known of the log: origin, genesis, keys, last checkpoint seen.
    #[arg(long, value_name = "FILE")]
    trust: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
struct WatchArguments {
    /// Address of a node, or a folder with a copy of what it serves under /log/.
    #[arg(value_name = "URL|FOLDER")]
    log: String,
    /// Folder of the checkpoints seen, of this log only; made if it is not there.
    #[arg(long, value_name = "DIR")]
    keep: PathBuf,
    /// What is known of the log, where the folder is new.
    #[arg(long, value_name = "FILE")]
    trust: Option<PathBuf>,
    /// How often to look: a number with s, m or h.
    #[arg(long, value_name = "TIME", default_value = "60s")]
    every: Every,
    /// Look once.
    #[arg(long, conflicts_with = "every")]
    once: bool,
}

/// A pause of one second to one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Every(Duration);

impl FromStr for Every {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("expected a time from 1s to 24h such as 60s, 5m or 1h, found {text:?}");
        let unit = text.chars().last().ok_or_else(wrong)?;
        let number = text.strip_suffix(unit).unwrap_or_default();
        let seconds = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            _ => return Err(wrong()),
        };
        let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        let total = digits.then(|| number.parse::<u64>().ok()?.checked_mul(seconds)).flatten();
        total
            .filter(|total| (1..=86_400).contains(total))
            .map(|total| Self(Duration::from_secs(total)))
            .ok_or_else(wrong)
    }
}

pub(crate) fn run(arguments: &Arguments, ui: &Ui) -> Result<(), Failure> {
    match &arguments.command {
        Command::Checkpoint(arguments) => checkpoint(arguments, ui),
        Command::Prove(arguments) => prove(arguments, ui),
        Command::Watch(arguments) => watch(arguments, ui),
    }
}

fn checkpoint(arguments: &CheckpointArguments, ui: &Ui) -> Result<(), Failure> {
    let trust = arguments.trust.as_deref().map(|path| read_trust(path, ui)).transpose()?;
    let source = audit::open_source(&arguments.log).map_err(|error| source_failure(&error, ui))?;
    let log = Log::open(&*source, trust.as_ref()).map_err(|error| log_failure(&error, ui))?;
    let (checkpoint, note) = (log.checkpoint(), log.note().to_string());
    ui.object(&json!({
        "origin": checkpoint.origin,
        "size": checkpoint.size,
        "root": checkpoint.root.to_string(),
        "anchored": trust.is_some(),
        "checkpoint": note,
    }))?;
    ui.line(note.trim_end());
    if trust.is_none() {
        ui.note(ui.text(
            "この台帳自身が示す鍵で署名を確かめました(--trust なし)",
            "verified with the key that the log itself names (no --trust)",
        ));
    }
    Ok(())
}

fn prove(arguments: &ProveArguments, ui: &Ui) -> Result<(), Failure> {
    let trust = arguments.trust.as_deref().map(|path| read_trust(path, ui)).transpose()?;
    let source = audit::open_source(&arguments.log).map_err(|error| source_failure(&error, ui))?;
    let receipt = Log::open(&*source, trust.as_ref())
        .and_then(|log| log.receipt(arguments.index))
        .map_err(|error| log_failure(&error, ui))?;
    let receipt = receipt.to_string();
    ui.object(&json!({ "index": arguments.index, "anchored": trust.is_some(), "receipt": receipt }))?;
    ui.line(receipt.trim_end());
    Ok(())
}

fn watch(arguments: &WatchArguments, ui: &Ui) -> Result<(), Failure> {
    let trust = arguments.trust.as_deref().map(|path| read_trust(path, ui)).transpose()?;
    let source = audit::open_source(&arguments.log).map_err(|error| source_failure(&error, ui))?;
    let mut watch =
        Watch::open(&arguments.keep, trust).map_err(|error| watch_failure(&error, arguments, ui))?;
    loop {
        match watch.look(&*source) {
            Ok(Sighting::Broken { fault }) => {
                let seen = watch.seen().map(|checkpoint| checkpoint.size);
                ui.object(&json!({ "sighting": "broken", "seen": seen, "fault": fault }))?;
                ui.line(ui.text(
                    "警告: 台帳が、以前に見たものと合いません。",
                    "ALARM: the log does not fit what was seen of it.",
                ));
                ui.line(format!("  {} [{}]", fault.reason.label(language(ui)), fault.reason));
                ui.line(format!("  {}", plain(&fault.detail)));
                return Err(Failure::new(Kind::CheckFailed, fault.reason).hint(format!(
                    "{}: {}",
                    ui.text("証拠となるチェックポイント", "the checkpoints, which are the evidence"),
                    arguments.keep.display()
                )));
            }
            Ok(sighting) => say(&sighting, arguments.once, ui)?,
            // While watching, a server that is away for a while is no reason to stop.
            Err(WatchError::Log(audit::LogError::Source(error))) if !arguments.once => {
                ui.note(plain(&error.to_string()));
            }
            Err(error) => return Err(watch_failure(&error, arguments, ui)),
        }
        if arguments.once {
            return Ok(());
        }
        std::thread::sleep(arguments.every.0);
    }
}

/// Tells of a sighting; while watching, only of news.
fn say(sighting: &Sighting, once: bool, ui: &Ui) -> Result<(), Failure> {
    let (word, line, size) = match *sighting {
        Sighting::First { size } => (
            "first",
            format!(
                "{}: {size}",
                ui.text("最初のチェックポイントを保存しました", "first checkpoint kept, entries")
            ),
            size,
        ),
        Sighting::Grown { from, to } => (
            "grown",
            format!(
                "{}: {from} → {to}",
                ui.text("以前の続きとして増えています", "grown, and continues what was seen")
            ),
            to,
        ),
        Sighting::Behind { size, seen } => (
            "behind",
            format!(
                "{}: {size} < {seen}",
                ui.text(
                    "同じ履歴の、前のチェックポイントが示されました",
                    "an earlier checkpoint of the same history is served"
                )
            ),
            size,
        ),
        Sighting::Unchanged { size } if once => {
            ("unchanged", format!("{}: {size}", ui.text("変わっていません", "unchanged, entries")), size)
        }
        Sighting::Unchanged { .. } | Sighting::Broken { .. } => return Ok(()),
    };
    ui.object(&json!({ "sighting": word, "size": size }))?;
    ui.line(line);
    Ok(())
}

fn watch_failure(error: &WatchError, arguments: &WatchArguments, ui: &Ui) -> Failure {
    match error {
        WatchError::Io { error, .. } => Failure::io(&arguments.keep, error),
        WatchError::Trust(error) => trust_failure(error, &arguments.keep.join("trust.json"), ui),
        WatchError::Log(error) => log_failure(error, ui),
        other => Failure::new(Kind::Usage, plain(&other.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_is_a_number_and_a_unit() {
        let seconds = |text: &str| text.parse::<Every>().map(|every| every.0.as_secs());
        assert_eq!([seconds("60s"), seconds("5m"), seconds("24h")], [Ok(60), Ok(300), Ok(86_400)]);
        for wrong in ["", "s", "60", "0s", "-1s", "25h", "1.5h", "+1s", "99999999999999999999s", "1日", "日"]
        {
            assert!(seconds(wrong).is_err(), "{wrong:?}");
        }
    }
}
