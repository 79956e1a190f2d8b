//! `kanae policy`: the table of who may say what about whom, and its test bench.

use std::path::{Path, PathBuf};

use evidence::folder_digest_of;
use law::Regime;
use register::bench::{ALLOWED, Bench};
use register::{Library, Policy};
use serde_json::json;

use crate::embedded::{self, Files};
use crate::failure::{Failure, Kind};
use crate::ui::Ui;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Show a policy: each act, who may say it, and what it needs.
    #[command(after_help = "Examples:\n  kanae policy show\n  kanae policy show policies/mine")]
    Show {
        /// Folder of the policy; the shipped one if none is given.
        folder: Option<PathBuf>,
    },
    /// Try a policy on a small invented register, against the table of verdicts in its cases.toml,
    /// and check that the table notices when any one rule is missing.
    #[command(after_help = "Examples:\n  kanae policy check\n  kanae policy check policies/mine --json")]
    Check {
        /// Folder of the policy; the shipped one if none is given.
        folder: Option<PathBuf>,
    },
}

pub(crate) fn run(arguments: &Arguments, ui: &Ui) -> Result<(), Failure> {
    match &arguments.command {
        Command::Show { folder } => show(&read(folder.as_deref())?, ui),
        Command::Check { folder } => check(&read(folder.as_deref())?, ui),
    }
}

/// The name of the shipped policy.
pub(crate) const STANDARD: &str = "standard";

fn read(folder: Option<&Path>) -> Result<Files, Failure> {
    match folder {
        Some(folder) => embedded::read_folder(folder),
        None => embedded::folders(embedded::files(&embedded::POLICIES))
            .remove(STANDARD)
            .ok_or_else(|| Failure::new(Kind::Internal, "this build ships no policy")),
    }
}

fn show(files: &Files, ui: &Ui) -> Result<(), Failure> {
    let policy = Policy::load(files).map_err(|e| Failure::new(Kind::Data, e))?;
    ui.line(policy.source());
    ui.object(&json!({"policy": policy.digest(), "source": policy.source()}))
}

fn check(files: &Files, ui: &Ui) -> Result<(), Failure> {
    // Any regime does: acts under one need one to name.
    let regimes = embedded::folders(embedded::files(&embedded::REGIMES));
    let (regime, folder) = regimes
        .iter()
        .next()
        .and_then(|(id, files)| Some((id.parse().ok()?, files)))
        .ok_or_else(|| Failure::new(Kind::Internal, "this build ships no regime"))?;
    let digest = folder_digest_of(folder).map_err(|e| Failure::new(Kind::Internal, e))?;
    let mut library = Library::default();
    let loaded = Regime::load(folder)
        .map_err(|_| Failure::new(Kind::Internal, "the shipped regime cannot be read"))?;
    library.add_regime(digest, loaded);
    let bench = Bench::load(files, &library, (regime, digest)).map_err(|e| Failure::new(Kind::Data, e))?;
    let deviations = bench.deviations();
    let relaxations = bench.relaxations();
    let unnoticed: Vec<&str> =
        relaxations.iter().filter(|r| !bench.notices(r)).map(|r| r.rule.as_str()).collect();
    for d in &deviations {
        ui.line(format!(
            "{} / {}: {} {}, {} {}",
            d.act,
            d.attempt,
            ui.text("表では", "the table says"),
            d.expected,
            ui.text("規程では", "the policy says"),
            d.found
        ));
    }
    for rule in &unnoticed {
        ui.line(format!(
            "{rule}: {}",
            ui.text(
                "この規則を外しても、どの事例も気付きません。",
                "no case notices when this rule is missing"
            )
        ));
    }
    ui.line(format!(
        "{} {}, {} {}; {} {}, {} {}",
        bench.len(),
        ui.text("件の事例", "cases"),
        deviations.len(),
        ui.text("件の相違", "deviations"),
        relaxations.len(),
        ui.text("件の規則", "rules"),
        unnoticed.len(),
        ui.text("件は見逃し", "unnoticed when missing")
    ));
    let list: Vec<_> = deviations
        .iter()
        .map(|d| json!({"act": d.act, "attempt": d.attempt, "expected": d.expected, "found": d.found}))
        .collect();
    let ok = deviations.is_empty() && unnoticed.is_empty();
    ui.object(&json!({"ok": ok, "cases": bench.len(), "deviations": list, "rules": relaxations.len(), "unnoticed": unnoticed}))?;
    if ok {
        return Ok(());
    }
    Err(Failure::new(
        Kind::CheckFailed,
        ui.text("規程と事例の表が合いません。", "the policy and its table of cases do not agree"),
    )
    .hint(format!("decide which of the two is right; a verdict is {ALLOWED:?} or a reason code")))
}
