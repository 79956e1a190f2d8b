//! `kanae key`: private keys at rest.

use std::path::PathBuf;

use node::{KeyFile, KeyFileError};
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
    /// Encrypt key files with a passphrase: of the log, the intake, the root, or of an actor.
    ///
    /// The passphrase is read from the file that KANAE_KEY_PASSPHRASE_FILE names, or from
    /// KANAE_KEY_PASSPHRASE; who uses the key needs it from then on, `kanae serve` included. The disk may
    /// keep the old content: for a key that must never have been in the clear, make it encrypted.
    #[command(
        after_help = "Examples:\n  KANAE_KEY_PASSPHRASE_FILE=/run/secrets/node-keys kanae key encrypt node/keys/log.key node/keys/intake.key node/keys/root-1.pem"
    )]
    Encrypt {
        /// The key files.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Write key files in the clear again.
    #[command(
        after_help = "Examples:\n  KANAE_KEY_PASSPHRASE_FILE=/run/secrets/node-keys kanae key decrypt node/keys/log.key"
    )]
    Decrypt {
        /// The key files.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Print the public half of a key: what others need to verify with it.
    #[command(after_help = "Examples:\n  kanae key show node/keys/log.key\n  kanae key show seal.pem --json")]
    Show {
        /// The key file.
        file: PathBuf,
    },
}

pub(crate) fn run(arguments: &Arguments, ui: &Ui) -> Result<(), Failure> {
    let passphrase = secret::passphrase()?;
    let passphrase = passphrase.as_deref().map(String::as_str);
    match &arguments.command {
        Command::Encrypt { files } => {
            let Some(passphrase) = passphrase else {
                return Err(Failure::new(Kind::Usage, "there is no passphrase to encrypt with")
                    .hint("set KANAE_KEY_PASSPHRASE_FILE, or KANAE_KEY_PASSPHRASE"));
            };
            rewrite(files, Some(passphrase), Some(passphrase), ui)
        }
        Command::Decrypt { files } => rewrite(files, passphrase, None, ui),
        Command::Show { file } => {
            let key = KeyFile::read(file, passphrase).map_err(failure)?;
            if let Some(verifier) = key.verifier_key() {
                ui.line(verifier.to_string());
                return ui.object(&json!({ "verifier": verifier.to_string() }));
            }
            let Some(public) = key.public_key() else { return Ok(()) };
            ui.line(format!("{} {}", public.algorithm(), public.hash()));
            ui.line(public.to_pem().trim_end());
            ui.object(&json!({
                "key": public.hash(), "algorithm": public.algorithm().to_string(), "pem": public.to_pem(),
                "spki": evidence::key::encode_spki(&public),
            }))
        }
    }
}

fn rewrite(files: &[PathBuf], from: Option<&str>, to: Option<&str>, ui: &Ui) -> Result<(), Failure> {
    // All of them open before the first is written.
    let keys = files
        .iter()
        .map(|path| KeyFile::read(path, from).map(|key| (path, key)))
        .collect::<Result<Vec<_>, _>>()
        .map_err(failure)?;
    for (path, key) in &keys {
        key.replace(path, to).map_err(failure)?;
        ui.line(path.display().to_string());
    }
    ui.object(&json!({ "files": files.iter().map(|path| path.display().to_string()).collect::<Vec<_>>() }))
}

fn failure(error: KeyFileError) -> Failure {
    match error {
        KeyFileError::Io { path, error } => Failure::io(&path, &error),
        other => Failure::new(Kind::Data, other),
    }
}
