//! `kanae init`: make the data folder of a new node.

use std::path::PathBuf;
use std::sync::Arc;

use evidence::{Texts, Timestamp};
use node::{Birth, CreateError};
use serde_json::json;

use crate::database::{self, DatabaseArguments};
use crate::embedded::{self, Files};
use crate::failure::{Failure, Kind};
use crate::ui::Ui;

/// Make the data folder of a new node: keys, database, and a log whose first entry is its genesis.
///
/// The root keys in DIR/keys sign the acts of the node: adopting laws, accepting authorities. Move
/// each to its holder; the running node does not need them. `trust.json` goes to whoever wants to
/// audit the log: publish it where the node's operator cannot change it later.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  kanae init --data ./node --origin register.example/2026\n  kanae init --data ./node --origin register.example/2026 --root-keys 3 --threshold 2 --notice-en \"A trial\" --notice-ja \"試行\"\n  kanae init --data ./node --origin register.example/2026 --database postgres://kanae@db.example/kanae"
)]
pub(crate) struct Arguments {
    /// Folder to be made; it must be new or empty.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    #[command(flatten)]
    database: DatabaseArguments,
    /// Name of the log, for ever: a host name and a path, without a scheme.
    #[arg(long, value_name = "NAME")]
    origin: String,
    /// What every page says first, in Japanese.
    #[arg(long, value_name = "TEXT")]
    notice_ja: Option<String>,
    /// What every page says first, in English.
    #[arg(long, value_name = "TEXT")]
    notice_en: Option<String>,
    /// Policy: who may say what about whom; a shipped one by its name, or a folder.
    #[arg(long, value_name = "NAME|FOLDER", default_value = "standard")]
    policy: String,
    /// Number of root keys.
    #[arg(long, value_name = "N", default_value_t = 1)]
    root_keys: u32,
    /// How many root keys must sign an act of the node.
    #[arg(long, value_name = "K", default_value_t = 1)]
    threshold: u32,
}

pub(crate) fn run(arguments: &Arguments, ui: &Ui) -> Result<(), Failure> {
    let Arguments { data, database, origin, notice_ja, notice_en, policy, root_keys, threshold } = arguments;
    let notice = match (notice_ja, notice_en) {
        (None, None) => None,
        (ja, en) => Some(Texts { ja: ja.clone(), en: en.clone() }),
    };
    let birth = Birth {
        origin: origin.clone(),
        threshold: *threshold,
        root_keys: *root_keys,
        notice,
        policy: read_policy(policy)?,
    };
    node::create(database.place(data)?, birth, Arc::new(Timestamp::now)).map_err(|error| failure(&error))?;
    let trust = data.join("trust.json");
    ui.object(&json!({
        "data": data.display().to_string(),
        "origin": origin,
        "trust": trust.display().to_string(),
    }))?;
    ui.line(format!("{}: {}", ui.text("開設しました", "made"), data.display()));
    ui.line(format!("{}: {}", ui.text("監査する人に渡すファイル", "for auditors"), trust.display()));
    ui.line(format!(
        "{}: {}",
        ui.text("次に", "next"),
        format_args!("kanae token new --data {0} --scope admin --label operator --out admin.token && kanae serve --data {0}", data.display()),
    ));
    Ok(())
}

/// Reads a policy's files: a shipped policy by its name, else a folder.
fn read_policy(name: &str) -> Result<Files, Failure> {
    let mut shipped = embedded::folders(embedded::files(&embedded::POLICIES));
    match shipped.remove(name) {
        Some(files) => Ok(files),
        None => embedded::read_folder(name.as_ref()).map_err(|failure| {
            let names = shipped.into_keys().collect::<Vec<_>>().join(", ");
            failure.hint(format_args!("give a folder, or a shipped policy: {names}"))
        }),
    }
}

fn failure(error: &CreateError) -> Failure {
    let kind = match error {
        CreateError::NotEmpty(_) | CreateError::RootKeys { .. } | CreateError::Origin { .. } => Kind::Usage,
        CreateError::Policy(_) => Kind::Data,
        CreateError::Store(error) => return database::failure(error),
        CreateError::Key(_) | CreateError::Io { .. } => Kind::Io,
        _ => Kind::Internal,
    };
    let failure = Failure::new(kind, error);
    match error {
        CreateError::Policy(_) => failure.hint("kanae policy check FOLDER says what is wrong, and where"),
        _ => failure,
    }
}
