//! `kanae notices`: what people and programs are told by a node, and whether it went out.

use std::path::PathBuf;

use ::desk::Account;
use ::desk::notice::{Channel, Delivery, DeliveryState, Endpoint};
use courier::{Courier, CourierError, Settings, SettingsError};
use serde_json::json;

use crate::commands::{desk, serve};
use crate::database::DatabaseArguments;
use crate::failure::{Failure, Kind};
use crate::ui::Ui;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// List what waits to go out. The server may be running.
    #[command(
        after_help = "Examples:\n  kanae notices queue --data ./node\n  kanae notices queue --data ./node --all --json"
    )]
    Queue {
        /// Data folder of the node.
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
        #[command(flatten)]
        database: DatabaseArguments,
        /// List the last hundred, whatever became of them.
        #[arg(long)]
        all: bool,
    },
    /// Work out once what is to be said, and send it. A server that is running does so by itself.
    #[command(
        after_help = "Examples:\n  kanae notices run --data ./node --dry-run\n  kanae notices run --data ./node --settings notices.toml --url https://register.example"
    )]
    Run(Once),
}

#[derive(Debug, clap::Args)]
struct Once {
    /// Data folder of the node.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    #[command(flatten)]
    database: DatabaseArguments,
    /// How notices go out: a file (docs/notices.md). Without one no e-mail is written.
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    /// Address by which people reach the site.
    #[arg(long, value_name = "URL", default_value = "http://localhost:8080")]
    url: String,
    /// Further policy or regime folder at hand; may be given several times.
    #[arg(long, value_name = "FOLDER")]
    shelf: Vec<PathBuf>,
    /// Print what would be said to whom; write and send nothing.
    #[arg(long)]
    dry_run: bool,
}

/// Reads how notices go out.
pub(crate) fn settings(file: Option<&PathBuf>, url: &str) -> Result<Settings, Failure> {
    match file {
        None => Ok(Settings::new(url)),
        Some(path) => Settings::read(path, url).map_err(|error| {
            let kind = match error {
                SettingsError::File { .. } => Kind::Data,
                _ => Kind::Usage,
            };
            Failure::new(kind, error)
        }),
    }
}

pub(crate) fn failure(error: &CourierError) -> Failure {
    Failure::new(Kind::Io, error)
}

pub(crate) fn run(arguments: &Arguments, ui: &Ui) -> Result<(), Failure> {
    match &arguments.command {
        Command::Queue { data, database, all } => queue(data, database, *all, ui),
        Command::Run(arguments) => run_once(arguments, ui),
    }
}

fn queue(data: &std::path::Path, database: &DatabaseArguments, all: bool, ui: &Ui) -> Result<(), Failure> {
    let desk = desk::open_existing(data, database)?;
    let io = |error| Failure::new(Kind::Io, error);
    let word = if all { "all" } else { "open" };
    let deliveries = desk.list::<Delivery>(word, "", None, 100).map_err(io)?;
    let mut list = Vec::new();
    for delivery in &deliveries {
        let to = match &delivery.channel {
            Channel::Mail { account, .. } => {
                desk.load::<Account>(account).map_err(io)?.map_or_else(|| account.clone(), |a| a.name.clone())
            }
            Channel::Webhook { endpoint, .. } => {
                desk.load::<Endpoint>(endpoint).map_err(io)?.map_or_else(|| endpoint.clone(), |e| e.host())
            }
        };
        let state = match delivery.state {
            DeliveryState::Queued { next } => format!("{} {next}", ui.text("次回", "next")),
            DeliveryState::Sending { .. } => ui.text("送信中", "being sent").to_owned(),
            DeliveryState::Sent { at } => format!("{} {at}", ui.text("送信済み", "sent")),
            DeliveryState::GivenUp { at } => format!("{} {at}", ui.text("断念", "given up")),
        };
        let last =
            delivery.attempts.last().map(|attempt| format!(" – {}", attempt.answer)).unwrap_or_default();
        ui.line(format!("{}  {to}  {state}{last}", delivery.id));
        list.push(
            json!({ "id": delivery.id, "to": to, "delivery": delivery.state, "attempts": delivery.attempts }),
        );
    }
    if deliveries.is_empty() {
        ui.line(ui.text("送信を待つものはありません", "nothing waits"));
    }
    ui.object(&json!({ "deliveries": list }))
}

fn run_once(arguments: &Once, ui: &Ui) -> Result<(), Failure> {
    let settings = settings(arguments.settings.as_ref(), &arguments.url)?;
    let place = arguments.database.place(&arguments.data)?;
    let node = serve::open(place.clone(), &arguments.shelf)
        .map_err(|failure| failure.hint("a server that is running sends notices by itself"))?;
    let desk = desk::open(&place)?;
    let courier = Courier::new(node.clone(), desk, settings).map_err(|e| Failure::new(Kind::Usage, e))?;
    let language = if ui.text("ja", "en") == "ja" { evidence::Language::Ja } else { evidence::Language::En };
    let done = if arguments.dry_run {
        let told = courier.dry_run(language).map_err(|error| failure(&error));
        told.and_then(|told| {
            for one in &told {
                ui.line(&one.to);
                for (title, about) in &one.lines {
                    ui.line(format!("  - {title} ({about})"));
                }
            }
            if told.is_empty() {
                ui.line(ui.text("お知らせすることはありません", "nothing to say"));
            }
            let list: Vec<_> = told.iter().map(|t| json!({ "to": t.to, "lines": t.lines })).collect();
            ui.object(&json!({ "would_tell": list }))
        })
    } else {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Failure::new(Kind::Internal, error))?;
        let round = runtime.block_on(courier.round()).map_err(|error| failure(&error));
        round.and_then(|turn| {
            ui.line(if turn {
                ui.text("完了しました", "done")
            } else {
                ui.text("ほかのサーバーが送信中です", "another server is at it")
            });
            ui.object(&json!({ "turn": turn }))
        })
    };
    drop(courier);
    node.close();
    done
}
