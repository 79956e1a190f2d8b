//! `kanae desk`: the desk of a node, where people sign in.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ::desk::account::{Account, Invitation};
use ::desk::records::{self, PostgresRecords, SqliteRecords};
use ::desk::seal::SealUse;
use ::desk::{Desk, DeskError, Records, RecordsError};
use evidence::Timestamp;
use node::Place;
use node::postgres::Address;
use serde_json::json;

use crate::database::DatabaseArguments;
use crate::failure::{Failure, Kind};
use crate::ui::Ui;

/// The desk's database in a data folder, where the node's is there too.
pub(crate) const DATABASE: &str = "desk.sqlite";

/// What it is called once the desk is elsewhere.
const MOVED: &str = "desk.sqlite.moved";

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Make a one-time link: for an administrator of the node's accounts, or back into an account.
    ///
    /// Everyone else is invited on the pages, by an administrator or by whoever manages an organisation's
    /// colleagues. The link holds for seven days and works once. The server may be running.
    #[command(
        after_help = "Examples:\n  kanae desk invite --data ./node --url https://register.example\n  kanae desk invite --data ./node --url http://localhost:8080 --account 0193f0c4a1b2c3d4e5f60718293a4b5c"
    )]
    Invite(Invite),
    /// List the uses of keys that the node holds for organisations, the latest hundred: who, when, and the digest
    /// of what was signed.
    #[command(after_help = "Examples:\n  kanae desk seals --data ./node --json")]
    Seals {
        /// Data folder of the node.
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
        #[command(flatten)]
        database: DatabaseArguments,
    },
    /// List the accounts.
    #[command(after_help = "Examples:\n  kanae desk accounts --data ./node --json")]
    Accounts {
        /// Data folder of the node.
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
        #[command(flatten)]
        database: DatabaseArguments,
    },
}

#[derive(Debug, clap::Args)]
struct Invite {
    /// Data folder of the node.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    #[command(flatten)]
    database: DatabaseArguments,
    /// Address by which people reach the site.
    #[arg(long, value_name = "URL", default_value = "http://localhost:8080")]
    url: String,
    /// The account that the link opens, for someone who has lost every passkey; without one it begins an
    /// administrator's account.
    #[arg(long, value_name = "ID")]
    account: Option<String>,
}

/// Opens the desk of a node, and makes it where there is none: in the data folder, or in the PostgreSQL that the
/// node is in.
pub(crate) fn open(place: &Place) -> Result<Desk, Failure> {
    let file = place.data().join(DATABASE);
    let records: Arc<dyn Records> = match place.database() {
        // An empty desk beside a full one would look like the loss of every account.
        Some(_) if file.exists() => {
            return Err(Failure::new(
                Kind::Data,
                format_args!("the node is in a PostgreSQL, and its desk still in {}", file.display()),
            )
            .hint("end every server, then: kanae store migrate --data DIR --database URL"));
        }
        Some(address) => Arc::new(PostgresRecords::open(address).map_err(|error| records_failure(&error))?),
        None => Arc::new(SqliteRecords::open(&file).map_err(|error| records_failure(&error))?),
    };
    Ok(Desk::new(records))
}

/// Copies the desk of a data folder, where there is one, into a PostgreSQL. No server uses it.
pub(crate) fn migrate(data: &Path, to: &Address) -> Result<Option<records::Moved>, records::MoveError> {
    let file = data.join(DATABASE);
    file.exists().then(|| records::migrate(&file, to)).transpose()
}

/// Gives the file of a desk that is elsewhere another name; returns how many documents there are.
pub(crate) fn put_aside(moved: Option<records::Moved>, data: &Path) -> Result<u64, Failure> {
    let documents = moved.map(|moved| moved.put_aside(&data.join(MOVED))).transpose();
    documents.map(Option::unwrap_or_default).map_err(|error| Failure::new(Kind::Io, error))
}

fn records_failure(error: &RecordsError) -> Failure {
    if error.is_unreachable() {
        return Failure::new(Kind::Unavailable, error).hint(crate::database::UNREACHABLE);
    }
    Failure::new(Kind::Io, error)
}

/// Makes a link for the first administrator, where there is none.
pub(crate) fn first_link(desk: &Desk, url: &str, lang: &str) -> Result<Option<String>, Failure> {
    if desk.has_administrator().map_err(|error| failure(&error))? {
        return Ok(None);
    }
    invite(desk, url, lang, None).map(Some)
}

fn invite(desk: &Desk, url: &str, lang: &str, account: Option<String>) -> Result<String, Failure> {
    let now = Timestamp::now();
    let invitation = Invitation {
        id: String::new(),
        administrator: account.is_none(),
        account,
        name: String::new(),
        membership: None,
        by: None,
        until: now,
    };
    let secret = desk.invite(invitation, now).map_err(|error| failure(&error))?;
    Ok(format!("{}/{lang}/welcome/{}", url.trim_end_matches('/'), secret.as_str()))
}

fn failure(error: &DeskError) -> Failure {
    Failure::new(Kind::Io, error)
}

pub(crate) fn run(arguments: &Arguments, ui: &Ui) -> Result<(), Failure> {
    match &arguments.command {
        Command::Invite(Invite { data, database, url, account }) => {
            let desk = open_existing(data, database)?;
            if let Some(id) = account {
                let known = desk.load::<Account>(id).map_err(|error| failure(&error))?;
                if known.is_none_or(|account| account.shut) {
                    return Err(Failure::new(Kind::NotFound, format_args!("there is no open account {id}"))
                        .hint("kanae desk accounts --data DIR lists them"));
                }
            }
            let link = invite(&desk, url, ui.text("ja", "en"), account.clone())?;
            ui.line(&link);
            ui.object(&json!({ "link": link }))
        }
        Command::Seals { data, database } => {
            let desk = open_existing(data, database)?;
            let uses = desk.list::<SealUse>("all", "", None, 100).map_err(|error| failure(&error))?;
            for used in &uses {
                ui.line(format!("{}  {}  {}", used.at, used.name, used.statement));
            }
            let list: Vec<&SealUse> = uses.iter().map(|used| &used.value).collect();
            ui.object(&json!({ "uses": list }))
        }
        Command::Accounts { data, database } => {
            let desk = open_existing(data, database)?;
            let mut accounts = Vec::new();
            let mut after: Option<String> = None;
            loop {
                let found =
                    desk.list::<Account>("all", "", after.as_deref(), 500).map_err(|e| failure(&e))?;
                let Some(last) = found.last() else { break };
                after = Some(last.id.clone());
                accounts.extend(found);
            }
            for account in &accounts {
                let mark = match (account.shut, account.administrator) {
                    (true, _) => ui.text("（停止中）", " (shut)"),
                    (_, true) => ui.text("（管理者）", " (administrator)"),
                    _ => "",
                };
                ui.line(format!("{}  {}{mark}", account.id, account.name));
            }
            let list: Vec<_> = accounts
                .iter()
                .map(|a| {
                    json!({"id": a.id, "name": a.name, "administrator": a.administrator, "shut": a.shut,
                           "organisations": a.memberships.iter().map(|m| m.organisation).collect::<Vec<_>>()})
                })
                .collect();
            ui.object(&json!({ "accounts": list }))
        }
    }
}

/// Opens the desk of a data folder that a node has.
pub(crate) fn open_existing(data: &Path, database: &DatabaseArguments) -> Result<Desk, Failure> {
    if !data.join("trust.json").exists() {
        return Err(Failure::new(
            Kind::NotFound,
            format_args!("{} is no data folder of a node", data.display()),
        )
        .hint("kanae init --data DIR makes one"));
    }
    open(&database.place(data)?)
}
