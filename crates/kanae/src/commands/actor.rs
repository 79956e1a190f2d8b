//! `kanae actor`: folders with the keys of those who sign.

use std::path::PathBuf;

use client::{Actor, ActorError};
use evidence::{Algorithm, Slug};
use serde_json::json;

use crate::failure::{Failure, Kind};
use crate::secret;
use crate::ui::Ui;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Make a folder with a new key for someone who signs: a desk or an officer of an organisation.
    ///
    /// The private key stays in this folder, readable by its owner only; with KANAE_KEY_PASSPHRASE
    /// or KANAE_KEY_PASSPHRASE_FILE set it is encrypted. The organisation itself registers with `kanae statement sign organisation`.
    #[command(
        after_help = "Examples:\n  kanae actor new actors/minato --issuer minato-lab --holder compliance\n  kanae actor new actors/officer-2 --issuer oversight-agency --holder officer-2 --algorithm ed25519"
    )]
    New(New),
    /// Show who an actor's folder signs as, and its public keys.
    #[command(after_help = "Examples:\n  kanae actor show actors/minato --json")]
    Show {
        /// The actor's folder.
        folder: PathBuf,
    },
}

#[derive(Debug, clap::Args)]
struct New {
    /// The folder to make.
    folder: PathBuf,
    /// The organisation that it signs for, by its short name; `node` for the operator.
    #[arg(long)]
    issuer: String,
    /// The office that holds the key, as a short name: never a person's name.
    #[arg(long)]
    holder: Slug,
    /// The kind of key.
    #[arg(long, value_enum, default_value = "p256")]
    algorithm: KeyKind,
    /// Use this key file, relative to the folder, instead of making a new key; may be given several times.
    #[arg(long, value_name = "FILE")]
    with_key: Vec<String>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum KeyKind {
    /// ECDSA P-256: for organisations; HSMs, cosign and OMS take it.
    P256,
    /// Ed25519.
    Ed25519,
}

/// Turns what is wrong with an actor's folder into a failure with its kind.
pub(crate) fn from_actor(error: ActorError) -> Failure {
    match error {
        ActorError::Io { path, error } => Failure::io(&path, &error),
        other => Failure::new(Kind::Data, other),
    }
}

pub(crate) fn run(arguments: &Arguments, ui: &Ui) -> Result<(), Failure> {
    let passphrase = secret::passphrase()?;
    let actor = match &arguments.command {
        Command::New(new) if new.with_key.is_empty() => {
            let algorithm = match new.algorithm {
                KeyKind::P256 => Algorithm::EcdsaP256,
                KeyKind::Ed25519 => Algorithm::Ed25519,
            };
            Actor::create(
                &new.folder,
                &new.issuer,
                new.holder.clone(),
                algorithm,
                passphrase.as_deref().map(String::as_str),
            )
        }
        Command::New(new) => Actor::describe(
            &new.folder,
            &new.issuer,
            new.holder.clone(),
            new.with_key.clone(),
            passphrase.as_deref().map(String::as_str),
        ),
        Command::Show { folder } => Actor::open(folder, passphrase.as_deref().map(String::as_str)),
    }
    .map_err(from_actor)?;
    ui.line(format!("{}  {}", actor.issuer(), actor.holder()));
    let mut keys = Vec::new();
    for key in actor.keys() {
        let public = key.public_key();
        ui.line(format!("  {} {}", public.algorithm(), public.hash()));
        keys.push(json!({"key": public.hash(), "algorithm": public.algorithm().to_string(), "pem": public.to_pem()}));
    }
    ui.object(&json!({"issuer": actor.issuer(), "holder": actor.holder(), "keys": keys}))
}
