//! `kanae backup`: copies of a node's databases, and whether they are worth anything.

use std::fs::{self, File};
use std::io::Read as _;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use audit::Log;
use evidence::{Digest, Timestamp};
use node::{BackupError, Copied, Shipped};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::audit::{log_failure, read_trust, source_failure};
use super::{desk, serve};
use crate::database::DatabaseArguments;
use crate::embedded;
use crate::failure::{Failure, Kind};
use crate::ui::Ui;

/// What a backup says it is.
const FORMAT: &str = "kanae-backup/1";
const MANIFEST: &str = "backup.json";
const NODE: &str = "kanae.db";

/// Public files of the node that a restored one needs.
const BESIDE: [&str; 2] = ["trust.json", "log.vkey"];

/// The largest manifest, in bytes.
const MAX_MANIFEST: u64 = 64 << 10;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Copy the databases of a node as they stand, while it runs or not, into a new folder.
    ///
    /// The copy is read again and checked. Keys are not in it: keep them once, off the machine. A database
    /// in a PostgreSQL is backed up by its own means.
    #[command(after_help = "Examples:\n  kanae backup make --data ./node --to /backup/2026-11-29")]
    Make(Make),
    /// Check a backup: that it is whole, what it holds, and how far behind the published log it is.
    ///
    /// Nothing is changed. With the log, every entry published since is counted, and a history that is
    /// another one than what was published is found (exit code 1).
    #[command(
        after_help = "Examples:\n  kanae backup check /backup/2026-11-29\n  kanae backup check /backup/2026-11-29 --log https://register.example --trust trust.json"
    )]
    Check(Check),
}

#[derive(Debug, clap::Args)]
struct Make {
    /// Data folder of the node.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    #[command(flatten)]
    database: DatabaseArguments,
    /// The folder to make.
    #[arg(long, value_name = "FOLDER")]
    to: PathBuf,
}

#[derive(Debug, clap::Args)]
struct Check {
    /// The backup's folder.
    folder: PathBuf,
    /// Address of a node, or a folder with a copy of what it serves under /log/.
    #[arg(long, value_name = "URL|FOLDER")]
    log: Option<String>,
    /// What is known of the log: origin, genesis, keys, last checkpoint seen.
    #[arg(long, value_name = "FILE")]
    trust: Option<PathBuf>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Manifest {
    format: String,
    made_at: Timestamp,
    origin: String,
    size: u64,
    root: String,
    files: Vec<Kept>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    name: String,
    bytes: u64,
    sha256: Digest,
}

pub(crate) fn run(arguments: &Arguments, ui: &Ui) -> Result<(), Failure> {
    match &arguments.command {
        Command::Make(arguments) => make(arguments, ui),
        Command::Check(arguments) => check(arguments, ui),
    }
}

fn make(Make { data, database, to }: &Make, ui: &Ui) -> Result<(), Failure> {
    let place = database.place(data)?;
    let io = |path: &Path| {
        let path = path.to_owned();
        move |error| Failure::io(&path, &error)
    };
    if place.database().is_some() {
        return Err(failure(&BackupError::Postgres));
    }
    let parent = to.parent().filter(|parent| *parent != Path::new("")).unwrap_or(Path::new("."));
    fs::DirBuilder::new().mode(0o700).create(to).map_err(io(to))?;
    let mut names = vec![NODE];
    // The desk first: what it knows to be on record then is in the other copy.
    let file = data.join(desk::DATABASE);
    if file.exists() {
        node::copy_database(&file, &to.join(desk::DATABASE)).map_err(|error| failure(&error))?;
        names.push(desk::DATABASE);
    }
    node::back_up(&place, &to.join(NODE)).map_err(|error| failure(&error))?;
    for name in BESIDE {
        fs::copy(data.join(name), to.join(name)).map_err(io(&data.join(name)))?;
        names.push(name);
    }
    let copied = checked(to, &[])?;
    let files = names.iter().map(|name| kept(to, name)).collect::<Result<_, _>>()?;
    let manifest = Manifest {
        format: FORMAT.to_owned(),
        made_at: Timestamp::now(),
        origin: copied.origin.clone(),
        size: copied.head.size,
        root: copied.head.root.to_string(),
        files,
    };
    // Last: a folder without it is no backup.
    let path = to.join(MANIFEST);
    let text =
        serde_json::to_string_pretty(&manifest).map_err(|error| Failure::new(Kind::Internal, error))?;
    fs::write(&path, text + "\n").map_err(io(&path))?;
    for place in [path.as_path(), to, parent] {
        File::open(place).and_then(|file| file.sync_all()).map_err(io(place))?;
    }
    ui.line(format!("{}: {}", ui.text("バックアップしました", "backed up"), to.display()));
    say(&copied, ui);
    ui.line(ui.text(
        "鍵は含まれません。別に、この機械の外に保管してください。",
        "Keys are not in it: keep them apart, off this machine.",
    ));
    ui.object(&json!({
        "folder": to.display().to_string(), "origin": copied.origin, "size": copied.head.size,
        "root": copied.head.root.to_string(), "attachments": copied.attachments,
    }))
}

fn say(copied: &Copied, ui: &Ui) {
    ui.line(format!(
        "  {}  {} {}, {} {}",
        copied.origin,
        copied.head.size,
        ui.text("件の記録", "entries"),
        copied.attachments,
        ui.text("個の添付", "attachments"),
    ));
    ui.line(format!("  {}  {}", ui.text("根", "root"), copied.head.root));
}

fn check(Check { folder, log, trust }: &Check, ui: &Ui) -> Result<(), Failure> {
    let manifest = read_manifest(folder)?;
    for file in &manifest.files {
        if kept(folder, &file.name)? != *file {
            return Err(Failure::new(
                Kind::CheckFailed,
                format_args!(
                    "{} is not what it was when the backup was made",
                    folder.join(&file.name).display()
                ),
            ));
        }
    }
    let trust = trust.as_deref().map(|path| read_trust(path, ui)).transpose()?;
    let mut sizes: Vec<u64> = trust.iter().map(|trust| trust.checkpoint().size).collect();
    let source = match log {
        Some(place) => Some(audit::open_source(place).map_err(|error| source_failure(&error, ui))?),
        None => None,
    };
    let log = match &source {
        Some(source) => Some(Log::open(&**source, trust.as_ref()).map_err(|error| log_failure(&error, ui))?),
        None => None,
    };
    sizes.extend(log.iter().map(|log| log.checkpoint().size));
    let copied = checked(folder, &sizes)?;
    if (copied.head.size, copied.head.root.to_string()) != (manifest.size, manifest.root.clone()) {
        return Err(Failure::new(Kind::CheckFailed, "the manifest speaks of another head than the copy has"));
    }
    let other = |size: u64| {
        let message = format!(
            "its history is another one than what was published: they differ within the first {size} entries"
        );
        Err(Failure::new(Kind::CheckFailed, message))
    };
    let mut published = None;
    for checkpoint in trust.iter().map(audit::Trust::checkpoint).chain(log.iter().map(Log::checkpoint)) {
        if copied.origin != checkpoint.origin {
            let message =
                format!("it is of {}, and what was published of {}", copied.origin, checkpoint.origin);
            return Err(Failure::new(Kind::CheckFailed, message));
        }
        if copied.roots.get(&checkpoint.size).is_some_and(|root| *root != checkpoint.root) {
            return other(checkpoint.size);
        }
        published = published.max(Some(checkpoint.size));
    }
    if let Some(log) = log.as_ref().filter(|log| log.checkpoint().size > copied.head.size) {
        let root = log.root_at(copied.head.size).map_err(|error| log_failure(&error, ui))?;
        if root != copied.head.root {
            return other(copied.head.size);
        }
    }
    let behind = published.map(|published| published.saturating_sub(copied.head.size));
    ui.line(format!("{}: {}", ui.text("完全です", "whole"), folder.display()));
    say(&copied, ui);
    match behind {
        None => ui.line(ui.text(
            "公表された台帳とは比べていません（--log）。",
            "Not compared with the published log (--log).",
        )),
        Some(0) => ui.line(ui.text(
            "公表された記録をすべて含みます。ここから戻せます。",
            "Everything published is in it: a node can go on from it.",
        )),
        Some(behind) => ui.line(format!(
            "{behind} {}",
            ui.text(
                "件の公表済みの記録を欠きます。これだけを戻したノードは記録を拒みます（docs/operating.md）。",
                "published entries are not in it: a node restored from it alone refuses to record (docs/operating.md).",
            )
        )),
    }
    ui.object(&json!({
        "origin": copied.origin, "size": copied.head.size, "root": copied.head.root.to_string(),
        "madeAt": manifest.made_at, "attachments": copied.attachments, "refused": copied.refused,
        "published": published, "behind": behind,
    }))
}

/// Reads both copies of a backup from beginning to end.
fn checked(folder: &Path, sizes: &[u64]) -> Result<Copied, Failure> {
    let file = folder.join(desk::DATABASE);
    if file.exists() {
        node::check_database(&file).map_err(|error| failure(&error))?;
    }
    let shipped = Shipped {
        policies: embedded::folders(embedded::files(&embedded::POLICIES)).into_values().collect(),
        regimes: embedded::folders(embedded::files(&embedded::REGIMES)).into_values().collect(),
    };
    node::check_copy(&folder.join(NODE), shipped, sizes).map_err(|error| failure(&error))
}

fn read_manifest(folder: &Path) -> Result<Manifest, Failure> {
    let path = folder.join(MANIFEST);
    let file = File::open(&path).map_err(|error| {
        Failure::io(&path, &error).hint("a backup that was cut off has none: make another one")
    })?;
    let mut text = String::new();
    file.take(MAX_MANIFEST).read_to_string(&mut text).map_err(|error| Failure::io(&path, &error))?;
    let wrong = |problem: String| Failure::new(Kind::Data, format_args!("{}: {problem}", path.display()));
    let manifest: Manifest = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    if manifest.format != FORMAT {
        return Err(wrong(format!("its format is {:?}, expected {FORMAT:?}", manifest.format)));
    }
    let known = |name: &str| [NODE, desk::DATABASE].contains(&name) || BESIDE.contains(&name);
    match manifest.files.iter().find(|file| !known(&file.name)) {
        Some(file) => Err(wrong(format!("{:?} is no file of a backup", file.name))),
        None => Ok(manifest),
    }
}

fn kept(folder: &Path, name: &str) -> Result<Kept, Failure> {
    let path = folder.join(name);
    let io = |error| Failure::io(&path, &error);
    let mut file = File::open(&path).map_err(io)?;
    let bytes = file.metadata().map_err(io)?.len();
    let (mut hash, mut chunk) = (Sha256::new(), vec![0; 64 << 10]);
    loop {
        match file.read(&mut chunk).map_err(io)? {
            0 => break,
            read => hash.update(&chunk[..read]),
        }
    }
    let digest: [u8; 32] = hash.finalize().into();
    Ok(Kept { name: name.to_owned(), bytes, sha256: Digest::from_bytes(digest) })
}

fn failure(error: &BackupError) -> Failure {
    match error {
        BackupError::Open(error) => serve::failure(error),
        BackupError::Postgres => Failure::new(Kind::Usage, error),
        BackupError::Io { path, error } => Failure::io(path, error),
        BackupError::Damaged { .. } => Failure::new(Kind::CheckFailed, error),
        other => Failure::new(Kind::Internal, other),
    }
}
