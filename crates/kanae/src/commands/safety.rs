//! `kanae safety`: run a test suite against a model; list, show and check suites.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use evidence::predicate::Rate;
use safety::{
    Endpoint, Options, Patience, Progress, Reading, Run, RunError, Suite, Summary, Taxonomy, Title,
};
use serde_json::json;

use crate::cli::Lang;
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
    /// Ask a model the samples of a suite, score the answers, write a log.
    ///
    /// The key, if the endpoint wants one, is read from KANAE_API_KEY and written nowhere. An
    /// interrupted run goes on where it stopped when it is started again with the same arguments.
    #[command(
        after_help = "Examples:\n  kanae safety run --suite demo-bilingual --base-url http://127.0.0.1:8080 --model smollm2 --log run.eval\n  KANAE_API_KEY=… kanae safety run --suite ./my-suite --base-url https://api.example/v1 --model m-1 --limit 20 --log run.eval --json"
    )]
    Run(RunArguments),
    /// Test suites: list, show, check.
    #[command(subcommand)]
    Suite(SuiteCommand),
}

#[derive(Debug, clap::Args)]
struct RunArguments {
    /// Shipped suite by its identifier, or a folder.
    #[arg(long, value_name = "ID|FOLDER")]
    suite: String,
    /// Address of an OpenAI-compatible API, with or without /v1.
    #[arg(long, value_name = "URL")]
    base_url: String,
    /// Name of the model at that address.
    #[arg(long, value_name = "NAME")]
    model: String,
    /// Ask only the first N samples.
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Questions open at once.
    #[arg(long, value_name = "N", default_value_t = 4)]
    connections: usize,
    /// Seed that the endpoint is sent.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u32,
    /// Longest wait for one answer, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 180, value_parser = clap::value_parser!(u64).range(1..=3600))]
    timeout: u64,
    /// Where the log goes; a file that is there already is replaced.
    #[arg(long, value_name = "OUT.eval")]
    log: PathBuf,
}

#[derive(Debug, clap::Subcommand)]
enum SuiteCommand {
    /// List the shipped suites.
    List,
    /// Show what a suite asks, where its samples come from, and its digest.
    Show {
        /// Shipped suite by its identifier, or a folder.
        #[arg(value_name = "ID|FOLDER")]
        suite: String,
    },
    /// Check that a folder is a valid suite, and say what its results will not show.
    Check {
        /// Folder, or a shipped suite by its identifier.
        #[arg(value_name = "FOLDER|ID")]
        suite: String,
    },
}

pub(crate) fn run(arguments: &Arguments, ui: &Ui) -> Result<(), Failure> {
    match &arguments.command {
        Command::Run(arguments) => run_suite(arguments, ui),
        Command::Suite(SuiteCommand::List) => list(ui),
        Command::Suite(SuiteCommand::Show { suite }) => show(suite, ui),
        Command::Suite(SuiteCommand::Check { suite }) => check(suite, ui),
    }
}

fn run_suite(arguments: &RunArguments, ui: &Ui) -> Result<(), Failure> {
    let suite = load(&arguments.suite)?;
    let key = std::env::var("KANAE_API_KEY").ok();
    let endpoint = Endpoint::new(&arguments.base_url, &arguments.model, key.as_deref())
        .map_err(|error| Failure::new(Kind::Usage, error))?;
    let options = Options {
        limit: arguments.limit,
        connections: arguments.connections,
        seed: arguments.seed,
        patience: Patience { timeout: Duration::from_secs(arguments.timeout), ..Patience::default() },
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Kind::Internal, error))?;
    let show = |progress: Progress| ui.progress(progress_line(progress, ui));
    let result = runtime.block_on(async {
        tokio::select! {
            result = safety::run(&suite, &endpoint, &options, &arguments.log, &show) => Some(result),
            _ = tokio::signal::ctrl_c() => None,
        }
    });
    ui.progress_done();
    let Some(result) = result else {
        return Err(Failure::new(Kind::CheckFailed, ui.text("中断しました", "interrupted")).hint(ui.text(
            "同じ引数でもう一度実行すると、続きから始まります",
            "run the same command again to go on where it stopped",
        )));
    };
    let run = result.map_err(|error| Failure::new(kind_of(&error), error))?;
    report(&run, ui);
    ui.object(&run)
}

fn kind_of(error: &RunError) -> Kind {
    match error {
        RunError::Option { .. } => Kind::Usage,
        RunError::Client(_) => Kind::Internal,
        RunError::Refused { .. } | RunError::Unreachable { .. } => Kind::Unavailable,
        RunError::OtherRun { .. } | RunError::InUse { .. } | RunError::Journal { .. } => Kind::Data,
        RunError::Io { .. } => Kind::Io,
    }
}

fn progress_line(progress: Progress, ui: &Ui) -> String {
    let Progress { total, counts, resumed } = progress;
    let mut line = format!("{}/{total}", counts.samples);
    for (count, ja, en) in [
        (resumed, "引き継ぎ", "resumed"),
        (counts.unscored, "採点不能", "unscored"),
        (counts.errors, "エラー", "errors"),
    ] {
        if count > 0 {
            let _ = write!(line, "  {}: {count}", ui.text(ja, en));
        }
    }
    line
}

fn report(run: &Run, ui: &Ui) {
    let Summary { suite, target, counts, score, groups, thresholds, .. } = &run.summary;
    ui.line(format!("{} {} · {}", suite.id, suite.version, target.declared_model));
    ui.line(format!(
        "  {}",
        match ui.lang {
            Lang::Ja => format!(
                "{}問中、採点{}（正答{}）、採点不能{}、エラー{}",
                counts.samples, counts.scored, counts.correct, counts.unscored, counts.errors
            ),
            Lang::En => format!(
                "{} samples: {} scored ({} correct), {} unscored, {} errors",
                counts.samples, counts.scored, counts.correct, counts.unscored, counts.errors
            ),
        }
    ));
    ui.line(format!("  {}  {}", ui.text("正答率", "score"), rate(score, ui)));
    for group in groups {
        ui.line(format!(
            "    {:<10} {:<18} {:>3}/{:<3} {}",
            match group.by.as_str() {
                "language" => ui.text("言語", "language"),
                _ => ui.text("リスク", "risk"),
            },
            group.group,
            group.counts.correct,
            group.counts.scored,
            rate(&group.score, ui)
        ));
    }
    for threshold in thresholds {
        let over = threshold.risk.as_deref().unwrap_or(ui.text("全体", "all samples"));
        let reading = match threshold.reading {
            Reading::Met => ui.text("満たす", "met"),
            Reading::NotMet => ui.text("満たさない", "not met"),
            Reading::Undetermined => {
                ui.text("判定できない（標本が足りない）", "undetermined (too few samples)")
            }
        };
        ui.line(format!("  {} {over} ≥ {}: {reading}", ui.text("目安", "threshold"), threshold.at_least));
    }
    ui.line(format!("  {} {}", ui.text("記録", "log"), run.log.display()));
    ui.line(format!("  sha256 {}", run.summary.log));
}

fn rate(score: &Rate, ui: &Ui) -> String {
    match (&score.value, &score.low, &score.high) {
        (Some(value), Some(low), Some(high)) => format!("{value}  [{low}, {high}]"),
        _ => ui.text("採点なし", "nothing scored").to_owned(),
    }
}

fn list(ui: &Ui) -> Result<(), Failure> {
    let mut rows = Vec::new();
    for id in shipped() {
        let suite = load(&id)?;
        ui.line(format!(
            "{:<20} {:<8} {:>5}  {}",
            suite.id,
            suite.version,
            suite.samples.len(),
            title(&suite.title, ui)
        ));
        rows.push(json!({
            "id": suite.id, "version": suite.version, "title": suite.title,
            "samples": suite.samples.len(), "digest": suite.digest,
        }));
    }
    ui.object(&json!({ "suites": rows }))
}

fn show(name: &str, ui: &Ui) -> Result<(), Failure> {
    let suite = load(name)?;
    let taxonomy = Taxonomy::shipped();
    ui.line(format!("{} {}: {}", suite.id, suite.version, title(&suite.title, ui)));
    ui.line(format!("  {}", title(&suite.description, ui)));
    ui.line(format!("  {} {}", ui.text("ライセンス", "licence"), suite.licence));
    ui.line(format!("  sha256 {}", suite.digest));
    for (risk, count) in suite.samples_by_risk() {
        let name = taxonomy.risk(risk).map_or(risk, |risk| title(&risk.title, ui));
        ui.line(format!("  {count:>5}  {risk:<20} {name}"));
    }
    for source in &suite.sources {
        let url = source.url.as_deref().unwrap_or_default();
        ui.line(format!("  {}: {} ({}) {url}", ui.text("出典", "source"), source.title, source.licence));
    }
    ui.object(&json!({
        "id": suite.id, "version": suite.version, "title": suite.title, "description": suite.description,
        "licence": suite.licence, "digest": suite.digest, "samples": suite.samples.len(),
        "languages": suite.languages(), "risks": suite.samples_by_risk(), "sources": suite.sources,
        "maxTokens": suite.max_tokens, "temperature": suite.temperature.to_string(),
    }))
}

fn check(name: &str, ui: &Ui) -> Result<(), Failure> {
    let suite = load(name)?;
    let notices = suite.check();
    ui.line(format!(
        "{} {}: {} ({})",
        suite.id,
        suite.version,
        ui.text("正しい形式です", "valid"),
        suite.digest.short()
    ));
    for notice in &notices {
        ui.note(format!("  {}: {notice}", ui.text("注意", "note")));
    }
    ui.object(
        &json!({ "id": suite.id, "version": suite.version, "digest": suite.digest, "notices": notices }),
    )
}

fn title<'t>(title: &'t Title, ui: &Ui) -> &'t str {
    ui.text(&title.ja, &title.en)
}

/// Reads a shipped suite.
pub(crate) fn shipped_suite(id: &str) -> Result<Suite, Failure> {
    load(id)
}

/// Returns the identifiers of the shipped suites.
fn shipped() -> Vec<String> {
    let names = embedded::SUITES.dirs().filter_map(|dir| dir.path().to_str().map(str::to_owned));
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

/// Reads a suite: a folder where the name is one's path, otherwise a shipped one.
fn load(name: &str) -> Result<Suite, Failure> {
    let files = files(name)?;
    Suite::from_files(&files, &Taxonomy::shipped()).map_err(|error| {
        // One fault a line: a message may hold several, a hint is for what to do.
        Failure::new(Kind::Data, format!("{name}: no valid suite\n{error}"))
            .hint("docs/add-a-suite.md describes the format")
    })
}

fn files(name: &str) -> Result<Files, Failure> {
    let folder = Path::new(name);
    if folder.is_dir() {
        return embedded::read_folder(folder);
    }
    match embedded::SUITES.get_dir(name).filter(|_| !name.is_empty()) {
        Some(dir) => Ok(embedded::files(dir)),
        None => Err(Failure::new(Kind::NotFound, format!("no suite {name:?}, and no folder of this name"))
            .hint(format!("shipped suites: {}", shipped().join(", ")))),
    }
}
