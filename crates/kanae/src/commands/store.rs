//! `kanae store`: a node's database.

use std::path::{Path, PathBuf};

use node::postgres::Address;
use node::{MoveError, Moved, Place};
use serde_json::json;

use super::{desk, serve};
use crate::database;
use crate::failure::{Failure, Kind};
use crate::ui::Ui;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Move a node's database, and its desk, from the data folder into a PostgreSQL.
    ///
    /// The node must not be running. Everything is copied, read again and compared; only then does the
    /// data folder say that the database is in the PostgreSQL. Repeat the command where it was cut off:
    /// it goes on from there. The old files stay, as kanae.db.moved and desk.sqlite.moved.
    #[command(
        after_help = "Examples:\n  kanae store migrate --data ./node --database postgres://kanae@db.example/kanae\n  KANAE_DATABASE_PASSWORD_FILE=/run/secrets/kanae kanae store migrate --data ./node --database \"postgres://kanae@db.example/kanae?sslrootcert=/etc/kanae/ca.pem\""
    )]
    Migrate(Migrate),
}

#[derive(Debug, clap::Args)]
struct Migrate {
    /// Data folder of the node.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Where the database goes: an empty PostgreSQL database of the node's own. The password is read from
    /// KANAE_DATABASE_PASSWORD, or from the file that KANAE_DATABASE_PASSWORD_FILE names.
    #[arg(long, value_name = "URL", env = "KANAE_DATABASE", hide_env_values = true)]
    database: String,
}

pub(crate) fn run(arguments: &Arguments, ui: &Ui) -> Result<(), Failure> {
    let Command::Migrate(Migrate { data, database }) = &arguments.command;
    let address = database::address(database)?;
    let mut copied = None;
    let beside = || {
        copied = desk::migrate(data, &address)?;
        Ok(())
    };
    let moved = match node::migrate(data, &address, beside) {
        Err(MoveError::Already(_)) if data.join(desk::DATABASE).exists() => {
            return the_desk_alone(data, &address, ui);
        }
        moved => moved.map_err(|error| failure(&error))?,
    };
    let documents = desk::put_aside(copied, data)?;
    let Moved { entries, attachments, waiting, tokens } = moved;
    ui.line(format!(
        "{}: {entries} {}, {attachments} {}, {waiting} {}, {tokens} {}, {documents} {}",
        ui.text("移しました。読み直して同じです", "moved, read again and the same"),
        ui.text("件の記録", "entries"),
        ui.text("個の添付", "attachments"),
        ui.text("件の待機中の登録", "waiting registrations"),
        ui.text("個のトークン", "tokens"),
        ui.text("件の窓口の文書", "documents of the desk"),
    ));
    ui.line(format!(
        "{}: kanae serve --data {data} && kanae audit {log} --trust {trust}",
        ui.text("次に", "next"),
        data = data.display(),
        log = data.join("log").display(),
        trust = data.join("trust.json").display(),
    ));
    ui.object(&json!({
        "database": address.url(),
        "entries": entries,
        "attachments": attachments,
        "waiting": waiting,
        "tokens": tokens,
        "documents": documents,
    }))
}

/// Moves the desk of a node that is in this PostgreSQL already.
fn the_desk_alone(data: &Path, address: &Address, ui: &Ui) -> Result<(), Failure> {
    let place = Place::find(data, None).map_err(|error| Failure::new(Kind::Data, error))?;
    if place.database().map(Address::url) != Some(address.url()) {
        return Err(Failure::new(Kind::Usage, "the node is in another PostgreSQL")
            .hint(format_args!("{} says in which", data.join("database").display())));
    }
    let copied = desk::migrate(data, address).map_err(|error| Failure::new(Kind::Io, error))?;
    let documents = desk::put_aside(copied, data)?;
    ui.line(format!("{}: {documents}", ui.text("窓口の文書を移しました", "moved the desk's documents")));
    ui.object(&json!({ "database": address.url(), "documents": documents }))
}

fn failure(error: &MoveError) -> Failure {
    match error {
        MoveError::Open(error) => serve::failure(error),
        MoveError::Store(error) => database::failure(error),
        MoveError::Already(_) => Failure::new(Kind::Usage, error),
        MoveError::Beside(_) | MoveError::Busy => Failure::new(Kind::Unavailable, error),
        MoveError::Io { .. } => Failure::new(Kind::Io, error),
        _ => Failure::new(Kind::Data, error),
    }
}
