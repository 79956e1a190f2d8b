//! `kanae law`: read, check and apply laws as data.

mod assess;
mod check;
mod crosswalk;
mod document;
mod given;
mod shelf;
mod show;
mod simulate;
mod table;

use std::path::PathBuf;

use jiff::civil::Date;
use law::{Force, Regime, RegimeStatus, Text};

use crate::failure::Failure;
use crate::ui::Ui;
use shelf::Shelf;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Folder of regimes, one folder each, in place of the shipped ones.
    #[arg(long, global = true, value_name = "FOLDER")]
    regimes: Option<PathBuf>,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// List the regimes.
    List,
    /// Show a regime: texts, facts, switches, classes, duties, powers, penalties.
    #[command(after_help = "Examples:\n  kanae law show eu-gpai\n  kanae law show jp-basic-law-2024 --json")]
    Show {
        /// Id of the regime.
        #[arg(value_name = "ID")]
        regime: String,
    },
    /// Check that regimes can be read: names, types, units, clocks, articles.
    #[command(after_help = "Examples:\n  kanae law check\n  kanae law check --regimes ./my-regimes my-law")]
    Check {
        /// Ids of the regimes; all if none is given.
        #[arg(value_name = "ID")]
        only: Vec<String>,
    },
    /// Run the law tests of regimes.
    #[command(after_help = "Examples:\n  kanae law test\n  kanae law test eu-gpai --json")]
    Test {
        /// Ids of the regimes; all if none is given.
        #[arg(value_name = "ID")]
        only: Vec<String>,
    },
    /// Say what a regime asks, from a file of facts, as of a day, with reasons. Advice: people decide.
    #[command(after_help = format!(
        "{}\n\nExamples:\n  kanae law assess --regime eu-gpai --facts model.json --as-of 2026-11-23\n  kanae law assess --regime eu-gpai --facts model.json --as-of 2026-11-23 --request --lang ja\n  kanae law assess --regime jp-basic-law-2024 --facts model.toml --as-of 2026-11-23 \\\n      --preset illustration --set compute_threshold=\"1e26 FLOP\" --json\n  kanae law assess --all --facts model.json --events filed.json --as-of 2026-11-23",
        given::FILES
    ))]
    Assess(assess::Arguments),
    /// Write what regimes say as files: JSON, OSCAL assessment results, a table of duties.
    #[command(after_help = format!(
        "{}\n\nExamples:\n  kanae law export --facts model.json --as-of 2026-11-23 --out assessed\n  kanae law export eu-gpai --facts model.json --events filed.json --as-of 2026-11-23 \\\n      --subject \"Example 1\" --statements https://node.example/statements/ --out assessed",
        given::FILES
    ))]
    Export(document::ExportArguments),
    /// Print a regime as a document: each article beside the rules that carry it.
    #[command(
        after_help = "Examples:\n  kanae law document eu-gpai > eu-gpai.md\n  kanae law document jp-basic-law-2024 --format html --lang ja > law.html"
    )]
    Document(document::Arguments),
    /// Show which duties of several regimes ask for the same, what serves them, what is left.
    #[command(after_help = format!(
        "{}\n\nExamples:\n  kanae law crosswalk --facts model.json --events filed.json --as-of 2026-11-23\n  kanae law crosswalk eu-gpai us-ca-sb53 --facts model.json --as-of 2026-11-23 --json",
        given::FILES
    ))]
    Crosswalk(crosswalk::Arguments),
    /// Show who must be told of an incident by when, in every regime.
    #[command(after_help = format!(
        "{}\n\nExamples:\n  kanae law incident --facts model.json --events incident.json --as-of 2026-11-23\n  kanae law incident --facts model.json --events incident.toml --as-of 2026-11-23 --lang ja",
        given::FILES
    ))]
    Incident(crosswalk::Arguments),
    /// Say whom a regime would cover among the models of a data set, and what a change of it would do.
    #[command(
        after_help = "The shipped data are Epoch AI's large-scale models (CC BY 4.0). Every count has a lower and an upper\nbound: what is not known never counts as none.\n\nExamples:\n  kanae law simulate --regime eu-gpai --as-of 2026-11-23 --class systemic-risk\n  kanae law simulate --regime jp-basic-law-2024 --as-of 2026-11-23 --preset illustration \\\n      --sweep compute_threshold=1e23..1e27:9 --svg sweep.svg\n  kanae law simulate --regime jp-basic-law-2024 --as-of 2026-11-23 --compare light,eu-like,strict\n  kanae law simulate --regime jp-basic-law-2024 --as-of 2026-11-23 --preset illustration \\\n      --change compute_threshold=\"1e26 FLOP\" --annex annex.md --lang ja\n  kanae law simulate --regime eu-gpai --as-of 2026-11-23 --data models.csv --columns columns.toml"
    )]
    Simulate(Box<simulate::Arguments>),
}

pub(crate) fn run(arguments: &Arguments, ui: &Ui) -> Result<(), Failure> {
    let shelf = Shelf::open(arguments.regimes.as_deref())?;
    match &arguments.command {
        Command::List => show::list(&shelf, ui),
        Command::Show { regime } => show::show(&shelf.regime(regime)?, ui),
        Command::Check { only } => check::check(&shelf, only, ui),
        Command::Test { only } => check::test(&shelf, only, ui),
        Command::Assess(arguments) => assess::assess(&shelf, arguments, ui),
        Command::Export(arguments) => document::export(&shelf, arguments, ui),
        Command::Document(arguments) => document::document(&shelf, arguments, ui),
        Command::Crosswalk(arguments) => crosswalk::crosswalk(&shelf, arguments, ui),
        Command::Incident(arguments) => crosswalk::incident(&shelf, arguments, ui),
        Command::Simulate(arguments) => simulate::simulate(&shelf, arguments, ui),
    }
}

fn text<'t>(ui: &Ui, text: &'t Text) -> &'t str {
    ui.text(&text.ja, &text.en)
}

/// Says what a regime is and, of a law, whether it has force on a day.
fn status(ui: &Ui, regime: &Regime, day: Date) -> &'static str {
    match (regime.status(), regime.force_on(day)) {
        (RegimeStatus::Draft, _) => ui.text("素案（法律ではない）", "draft: not law"),
        (RegimeStatus::Voluntary, _) => ui.text("任意", "voluntary"),
        (RegimeStatus::InForce, Force::InForce) => ui.text("施行済み", "in force"),
        (RegimeStatus::InForce, Force::NotYet) => ui.text("施行前", "not yet in force"),
        (RegimeStatus::InForce, Force::Ended) => ui.text("失効", "ended"),
        (RegimeStatus::InForce, Force::Suspended) => ui.text("停止中", "suspended"),
        (RegimeStatus::InForce, Force::Preempted) => ui.text("他法が優先", "displaced"),
    }
}
