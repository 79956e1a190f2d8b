//! `kanae sign`: sign exact bytes that were prepared elsewhere, such as at a node's desk.

use std::path::{Path, PathBuf};

use client::Actor;
use evidence::statement::MAX_PAYLOAD;
use evidence::{Envelope, Signer, Statement, Unknown};
use seal::Seal;
use serde_json::json;

use crate::commands::{actor, serve};
use crate::failure::{Failure, Kind};
use crate::secret;
use crate::ui::Ui;

/// Sign a statement that was prepared elsewhere, without changing a byte of it.
///
/// Shows what will be signed, then writes the signed envelope, to be handed in where the statement
/// comes from. The statement names the keys that sign it: those of the actor that it names do. With
/// KANAE_KEY_PASSPHRASE or KANAE_KEY_PASSPHRASE_FILE set, an encrypted key is opened with it.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  kanae sign notification-5f2a91c0.json --actor actors/minato --out signed.json\n  kanae sign payload.json --seal seal.toml --json"
)]
pub(crate) struct Arguments {
    /// The statement: the payload, as the desk gives it.
    payload: PathBuf,
    /// Folder of whoever signs (`kanae actor new`).
    #[arg(long, value_name = "DIR", required_unless_present = "seal")]
    actor: Option<PathBuf>,
    /// Sign with the key that this file describes instead, such as one in a device (PKCS#11; docs/seal.md).
    #[arg(long, value_name = "FILE", conflicts_with = "actor")]
    seal: Option<PathBuf>,
    /// File for the signed envelope; a file that is there is not replaced. Without one it is named after the
    /// payload.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments, ui: &Ui) -> Result<(), Failure> {
    let payload = read(&arguments.payload)?;
    let statement = Statement::parse(&payload, Unknown::Refuse).map_err(|error| {
        Failure::new(Kind::Data, format_args!("{}: {error}", arguments.payload.display()))
            .hint("give the file that the desk offers for signing, not a signed envelope")
    })?;
    let at_hand = signers(arguments)?;
    let named = &statement.common().signers;
    let keys: Vec<&dyn Signer> =
        at_hand.iter().map(|key| &**key).filter(|key| named.contains(&key.public_key().hash())).collect();
    if keys.is_empty() {
        let wanted = named.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        return Err(Failure::new(Kind::Data, "the statement names none of the keys at hand")
            .hint(format_args!("it is to be signed by {wanted}"))
            .hint("choose another key on the page, or another --actor here"));
    }
    ui.line(format!("{}  {}", statement.predicate().name(), statement.digest()));
    ui.line(format!("  issuer  {}", statement.common().issuer));
    ui.line(format!("  about   {}", statement.subject()));
    let body = statement.predicate().to_value();
    ui.line(serde_json::to_string_pretty(&body).unwrap_or_default());
    let envelope =
        Envelope::sign_by(payload, &keys).map_err(|error| Failure::new(Kind::Unavailable, error))?;
    let out = arguments.out.clone().unwrap_or_else(|| arguments.payload.with_extension("signed.json"));
    write_new(&out, &envelope.to_bytes())?;
    ui.line(format!("{}: {}", ui.text("署名しました", "signed"), out.display()));
    ui.object(&json!({
        "statement": statement.digest(),
        "kind": statement.predicate().name(),
        "out": out.display().to_string(),
        "signatures": envelope.signatures().len(),
    }))
}

/// Opens the keys to sign with.
fn signers(arguments: &Arguments) -> Result<Vec<Box<dyn Signer>>, Failure> {
    if let Some(path) = &arguments.seal {
        return Ok(vec![Box::new(Seal::open(path).map_err(|error| serve::seal_failure(&error))?)]);
    }
    let passphrase = secret::passphrase()?;
    let folder = arguments.actor.as_deref().unwrap_or(Path::new("."));
    let actor = Actor::open(folder, passphrase.as_deref().map(String::as_str)).map_err(actor::from_actor)?;
    Ok(actor.into_keys().into_iter().map(|key| -> Box<dyn Signer> { Box::new(key) }).collect())
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let length = std::fs::metadata(path).map_err(|error| Failure::io(path, &error))?.len();
    if length > MAX_PAYLOAD as u64 {
        return Err(Failure::new(
            Kind::Data,
            format_args!("{}: {length} bytes; a statement has at most {MAX_PAYLOAD}", path.display()),
        ));
    }
    std::fs::read(path).map_err(|error| Failure::io(path, &error))
}

fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    use std::io::Write as _;
    let made = std::fs::OpenOptions::new().write(true).create_new(true).open(path);
    made.and_then(|mut file| file.write_all(bytes)).map_err(|error| {
        let failure = Failure::io(path, &error);
        match error.kind() {
            std::io::ErrorKind::AlreadyExists => failure.hint("give another --out"),
            _ => failure,
        }
    })
}
