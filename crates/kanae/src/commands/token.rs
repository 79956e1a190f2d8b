//! `kanae token`: access tokens of a node.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use client::{Client, ClientError, Secret};
use evidence::Slug;
use serde_json::json;

use crate::commands::serve;
use crate::database::DatabaseArguments;
use crate::failure::{Failure, Kind};
use crate::ui::Ui;

/// The administrator's token is read from here, never from the command line.
const TOKEN: &str = "KANAE_TOKEN";

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Make a token. It is shown this once; the node keeps its hash only.
    ///
    /// Either in a data folder that no server runs on, or by a running node, whose administrator's
    /// token is read from KANAE_TOKEN.
    #[command(
        after_help = "Examples:\n  kanae token new --data ./node --scope admin --label operator --out admin.token\n  KANAE_TOKEN=$(cat admin.token) kanae token new --url http://127.0.0.1:8080 --organisation minato-lab --label \"Minato, compliance\" --out minato/token"
    )]
    New(New),
}

#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("where").required(true).args(["data", "url"]))]
struct New {
    /// Data folder of the node.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    #[command(flatten)]
    database: DatabaseArguments,
    /// Address of the running node.
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// What the token allows.
    #[arg(long, value_enum, default_value = "submit")]
    scope: Scope,
    /// Organisation whose statements it may submit; without one, any organisation's.
    #[arg(long, value_name = "SLUG")]
    organisation: Option<Slug>,
    /// What it is for, to recognise it later.
    #[arg(long, value_name = "TEXT")]
    label: String,
    /// File to write the token to, readable by its owner only; a file that is there is not replaced.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// What a token allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Scope {
    /// Everything, making tokens included.
    Admin,
    /// Submitting statements.
    Submit,
}

pub(crate) fn run(arguments: &Arguments, ui: &Ui) -> Result<(), Failure> {
    let Command::New(new) = &arguments.command;
    // Told before a token is made that could not be kept.
    if let Some(out) = new.out.as_deref().filter(|out| out.symlink_metadata().is_ok()) {
        return Err(already_there(out, ui));
    }
    let token = match (&new.data, &new.url) {
        (Some(data), _) => in_folder(data, new)?,
        (None, Some(url)) => by_node(url, new)?,
        (None, None) => return Err(Failure::new(Kind::Usage, "give --data or --url")),
    };
    if let Some(out) = &new.out {
        write(out, &token, ui)?;
        ui.line(format!("{}: {}", ui.text("トークンを書きました", "token written"), out.display()));
        return ui.object(&json!({ "out": out.display().to_string() }));
    }
    ui.line(token.reveal());
    ui.object(&json!({ "token": token.reveal() }))
}

fn in_folder(data: &Path, new: &New) -> Result<Secret, Failure> {
    let node = serve::open(new.database.place(data)?, &[]).map_err(|failure| match failure.kind {
        Kind::Unavailable => failure.hint("while a server runs, ask it: kanae token new --url …"),
        _ => failure,
    })?;
    let scope = match new.scope {
        Scope::Admin => node::Scope::Admin,
        Scope::Submit => node::Scope::Submit,
    };
    let made = node.new_token(scope, new.organisation.clone(), &new.label);
    let token = made.map(|token| Secret::new(token.as_str())).map_err(|error| {
        let kind = match error {
            node::TokenError::Label => Kind::Usage,
            _ => Kind::Io,
        };
        Failure::new(kind, error)
    });
    node.close();
    token
}

fn by_node(url: &str, new: &New) -> Result<Secret, Failure> {
    let admin = std::env::var(TOKEN).map_err(|_| {
        Failure::new(Kind::Usage, format_args!("{TOKEN} is not set: it holds the administrator's token"))
            .hint("kanae token new --data DIR --scope admin … makes the first one, before the server runs")
    })?;
    let scope = match new.scope {
        Scope::Admin => client::Scope::Admin,
        Scope::Submit => client::Scope::Submit,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Kind::Internal, error))?;
    let organisation = new.organisation.as_ref().map(Slug::as_str);
    runtime
        .block_on(async {
            let client = Client::new(url, Some(Secret::new(admin.trim())))?;
            client.new_token(scope, organisation, &new.label).await
        })
        .map_err(|error| failure(&error))
}

fn failure(error: &ClientError) -> Failure {
    let kind = match error {
        ClientError::Address(_) => Kind::Usage,
        ClientError::Problem(problem) if matches!(problem.status, 401 | 403) => Kind::Refused,
        ClientError::Problem(problem) if problem.status == 400 => Kind::Usage,
        _ => Kind::Unavailable,
    };
    let hints = error.problem().map(|problem| problem.hints.clone()).unwrap_or_default();
    hints.into_iter().fold(Failure::new(kind, error), Failure::hint)
}

fn write(out: &Path, token: &Secret, ui: &Ui) -> Result<(), Failure> {
    let mut file =
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(out).map_err(|error| match error
            .kind()
        {
            std::io::ErrorKind::AlreadyExists => already_there(out, ui),
            _ => Failure::io(out, &error),
        })?;
    writeln!(file, "{}", token.reveal()).and_then(|()| file.sync_all()).map_err(|e| Failure::io(out, &e))
}

fn already_there(out: &Path, ui: &Ui) -> Failure {
    Failure::new(
        Kind::Usage,
        format!("{}: {}", out.display(), ui.text("すでにあります", "the file is there already")),
    )
    .hint(ui.text("別の名前を指定してください", "give another name"))
}
