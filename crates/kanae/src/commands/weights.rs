//! `kanae weights`: sign the files of a model, and verify them against a signature.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use evidence::{KeyError, PublicKey, SecretKey};
use serde_json::json;
use weights::{
    FolderError, MAX_BUNDLE, Progress, Report, SignError, SignOptions, VerifyError, VerifyOptions, Why,
};

use crate::failure::{Failure, Kind};
use crate::secret;
use crate::ui::Ui;

/// The largest public key file that is read, in bytes.
const MAX_KEY: u64 = 64 << 10;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Sign the files of a model (OpenSSF Model Signing, bundle v0.3).
    ///
    /// Every regular file is signed, hidden ones too, but for .git, .gitattributes, .github and
    /// .gitignore at the top of the folder, the signature file itself and what --ignore names: the
    /// signature says what it left out. Symbolic links are refused. The key is ECDSA P-256 in PEM;
    /// if it is encrypted, its passphrase is read from KANAE_KEY_PASSPHRASE.
    ///
    /// Prints the artefact: the digest that identifies this version of the model in the register.
    #[command(
        after_help = "Examples:\n  kanae weights sign ./model --key developer.pem --signature model.sig\n  KANAE_KEY_PASSPHRASE=… kanae weights sign ./model --key developer.pem --signature ./model/model.sig --ignore logs --json\n\nThe signature can be checked without Kanae:\n  model_signing verify key ./model --signature model.sig --public_key developer.pub.pem"
    )]
    Sign(SignArguments),
    /// Verify that the files of a model are those that a key signed.
    ///
    /// Says no, with exit code 1 and each file by name, where a file was changed, added, removed,
    /// renamed or replaced by a link, where another key signed, and where the signature would hold
    /// for other folders too. A file that is no such signature at all is exit code 65. Lists what
    /// the signature does not cover.
    #[command(
        after_help = "Examples:\n  kanae weights verify ./model --signature model.sig --key developer.pub.pem\n  kanae weights verify ./model --signature model.sig --key developer.pub.pem --ignore-unsigned --json"
    )]
    Verify(VerifyArguments),
}

#[derive(Debug, clap::Args)]
struct SignArguments {
    /// Folder of the model, or its only file.
    #[arg(value_name = "FOLDER")]
    model: PathBuf,
    /// Private key in PEM: PKCS#8 or SEC1, ECDSA P-256.
    #[arg(long, value_name = "KEY.pem")]
    key: PathBuf,
    /// Where the signature goes; a file that is there already is not replaced.
    #[arg(long, value_name = "OUT.sig")]
    signature: PathBuf,
    /// Path inside the folder to leave out, with all below it; may be given several times.
    #[arg(long, value_name = "PATH")]
    ignore: Vec<String>,
}

#[derive(Debug, clap::Args)]
struct VerifyArguments {
    /// Folder of the model, or its only file.
    #[arg(value_name = "FOLDER")]
    model: PathBuf,
    /// The signature file.
    #[arg(long, value_name = "OUT.sig")]
    signature: PathBuf,
    /// Public key of the signer in PEM, ECDSA P-256.
    #[arg(long, value_name = "PUB.pem")]
    key: PathBuf,
    /// Path inside the folder not to look at, with all below it; may be given several times.
    #[arg(long, value_name = "PATH")]
    ignore: Vec<String>,
    /// Take a folder that holds more than was signed, and list the rest as not covered.
    #[arg(long)]
    ignore_unsigned: bool,
}

pub(crate) fn run(arguments: &Arguments, ui: &Ui) -> Result<(), Failure> {
    match &arguments.command {
        Command::Sign(arguments) => sign(arguments, ui),
        Command::Verify(arguments) => verify(arguments, ui),
    }
}

fn sign(arguments: &SignArguments, ui: &Ui) -> Result<(), Failure> {
    let SignArguments { model, key, signature, ignore } = arguments;
    let passphrase = secret::passphrase()?;
    let key =
        SecretKey::read(key, passphrase.as_deref().map(String::as_str)).map_err(|e| key_failure(&e, key))?;
    // Told before the reading, which can take hours, and again when the file is made.
    if signature.symlink_metadata().is_ok() {
        return Err(already_there(signature, ui));
    }
    let options = SignOptions { ignore: with_own(ignore, signature, model) };
    let signed = weights::sign(model, &key, &options, &watch(ui));
    ui.progress_done();
    let signed = signed.map_err(|error| {
        let kind = match &error {
            SignError::Folder(error) => folder_kind(error),
            SignError::Ignore(_) => Kind::Usage,
            SignError::Key(_) => Kind::Data,
        };
        Failure::new(kind, error)
    })?;
    let mut file =
        OpenOptions::new().write(true).create_new(true).open(signature).map_err(|e| match e.kind() {
            std::io::ErrorKind::AlreadyExists => already_there(signature, ui),
            _ => Failure::io(signature, &e),
        })?;
    file.write_all(&signed.bundle).and_then(|()| file.sync_all()).map_err(|e| Failure::io(signature, &e))?;

    let (artefact, manifest) = (&signed.artefact, &signed.manifest);
    ui.object(&json!({
        "signature": signature.display().to_string(),
        "key": key.public_key().hash(),
        "name": manifest.name(),
        "artefact": artefact,
        "subjectDigest": manifest.root(),
        "ignorePaths": manifest.ignored(),
    }))?;
    ui.line(format!(
        "{}: {} {}, {}",
        ui.text("署名しました", "signed"),
        artefact.files,
        ui.text("ファイル", "files"),
        size(artefact.bytes),
    ));
    ui.line(format!("{}: {}", ui.text("成果物 (artefact)", "artefact"), artefact.digest));
    ui.line(format!("{}: {}", ui.text("署名ファイル", "signature"), signature.display()));
    Ok(())
}

fn verify(arguments: &VerifyArguments, ui: &Ui) -> Result<(), Failure> {
    let VerifyArguments { model, signature, key, ignore, ignore_unsigned } = arguments;
    let pem = read_bounded(key, MAX_KEY)?;
    let public = std::str::from_utf8(&pem)
        .map_err(|_| {
            Failure::new(
                Kind::Data,
                format!("{}: expected a public key in PEM, found no text", key.display()),
            )
        })
        .and_then(|pem| PublicKey::from_pem(pem).map_err(|e| key_failure(&e, key)))?;
    // One byte more than is taken, so that the library tells a file that is too large.
    let bundle = read_bounded(signature, MAX_BUNDLE as u64)?;
    let options =
        VerifyOptions { ignore: with_own(ignore, signature, model), allow_unsigned: *ignore_unsigned };
    let verified = weights::verify(model, &bundle, &public, &options, &watch(ui));
    ui.progress_done();
    match verified {
        Ok(report) => show(&report, ui),
        Err(error) => {
            let kind = match &error {
                VerifyError::Bundle(_) => Kind::Data,
                VerifyError::Folder(error) => folder_kind(error),
                VerifyError::Ignore(_) | VerifyError::IgnoresSigned(_) => Kind::Usage,
                _ => Kind::CheckFailed,
            };
            let differences = match &error {
                VerifyError::Differs(differences) => Some(differences),
                _ => None,
            };
            ui.object(
                &json!({ "verified": false, "reason": error.to_string(), "differences": differences }),
            )?;
            Err(Failure::new(kind, error))
        }
    }
}

fn show(report: &Report, ui: &Ui) -> Result<(), Failure> {
    let mut object = serde_json::to_value(report).map_err(anyhow::Error::from)?;
    object["verified"] = json!(true);
    ui.object(&object)?;
    ui.line(format!(
        "{}: {} {}, {}",
        ui.text("検証できました", "verified"),
        report.artefact.files,
        ui.text("ファイル", "files"),
        size(report.artefact.bytes),
    ));
    ui.line(format!("{}: {}", ui.text("成果物 (artefact)", "artefact"), report.artefact.digest));
    let by = &report.signature;
    ui.line(format!("{}: {}", ui.text("署名した鍵", "signed by key"), by.key));
    if by.of > 1 {
        ui.line(format!(
            "  {} {}/{}; {}",
            ui.text("署名", "signature"),
            by.index + 1,
            by.of,
            ui.text("ほかの署名は確かめていません", "the others were not checked"),
        ));
    }
    if !by.names_key {
        ui.line(ui.text(
            "  署名ファイルは鍵を名指ししていません(渡された鍵で検証しました)",
            "  the signature file does not name its key; the given key fits",
        ));
    }
    if report.unchecked_log_entries > 0 {
        ui.line(format!(
            "  {}: {}",
            ui.text("確かめていない透明性ログの記録", "transparency-log entries, not checked"),
            report.unchecked_log_entries,
        ));
    }
    if !report.not_covered.is_empty() {
        ui.line(ui.text("この署名の対象でないもの:", "not covered by this signature:"));
    }
    for entry in &report.not_covered {
        let why = match entry.why {
            Why::IgnoredBySigner => ui.text("署名者が除外", "left out by the signer"),
            Why::IgnoredByDefault => ui.text("既定で除外", "left out by default"),
            Why::IgnoredByVerifier => ui.text("検証者が除外", "left out by you"),
            Why::Unsigned => ui.text("署名されていない", "not signed"),
        };
        ui.line(format!("  {:?}: {why}", entry.path));
    }
    Ok(())
}

/// Adds the signature file to what is left out, where it lies inside the folder.
fn with_own(ignore: &[String], signature: &Path, model: &Path) -> Vec<String> {
    let mut ignore = ignore.to_vec();
    ignore.extend(inside(signature, model));
    ignore
}

/// Returns the path of `file` relative to `folder`, where it lies inside. The file need not exist.
fn inside(file: &Path, folder: &Path) -> Option<String> {
    let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let file = parent.canonicalize().ok()?.join(file.file_name()?);
    let relative = file.strip_prefix(folder.canonicalize().ok()?).ok()?.to_owned();
    let parts: Option<Vec<&str>> = relative.iter().map(|part| part.to_str()).collect();
    parts.map(|parts| parts.join("/")).filter(|path| !path.is_empty())
}

/// Reads a file of at most `most` bytes, or the first byte beyond them, so that a reader with that
/// bound refuses it.
fn read_bounded(path: &Path, most: u64) -> Result<Vec<u8>, Failure> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(most + 1).read_to_end(&mut bytes))
        .map_err(|e| Failure::io(path, &e))?;
    Ok(bytes)
}

fn already_there(signature: &Path, ui: &Ui) -> Failure {
    Failure::new(
        Kind::Usage,
        format!("{}: {}", signature.display(), ui.text("既に存在します", "already exists")),
    )
    .hint(ui.text(
        "別の名前を指定するか、古い署名を先に削除してください",
        "choose another name, or remove the old signature first",
    ))
}

fn key_failure(error: &KeyError, path: &Path) -> Failure {
    match error {
        KeyError::Io { error, .. } => Failure::io(path, error),
        KeyError::Readable { .. } => Failure::new(Kind::Data, error),
        KeyError::PassphraseMissing | KeyError::PassphraseWrong => {
            Failure::new(Kind::Data, format!("{}: {error}", path.display())).hint(format!(
                "put the passphrase into the environment variable {}, or into a file that {} names",
                secret::PASSPHRASE,
                secret::PASSPHRASE_FILE
            ))
        }
        KeyError::PublicKey(_) | KeyError::PrivateKey(_) => {
            Failure::new(Kind::Data, format!("{}: {error}", path.display()))
                .hint("weights are signed with ECDSA P-256 (other curves, such as P-384, are not read)")
        }
    }
}

fn folder_kind(error: &FolderError) -> Kind {
    match error {
        FolderError::Io { error, .. } if error.kind() == std::io::ErrorKind::NotFound => Kind::NotFound,
        FolderError::Io { .. } | FolderError::ChangedWhileRead { .. } => Kind::Io,
        _ => Kind::Data,
    }
}

/// How often the progress line is drawn.
const BEAT: Duration = Duration::from_millis(100);

/// Returns a callback that draws progress, at a readable pace, from whichever thread comes.
fn watch(ui: &Ui) -> impl Fn(Progress) + Sync {
    let drawn = Mutex::new(Instant::now());
    move |progress: Progress| {
        let Ok(mut drawn) = drawn.try_lock() else { return };
        if drawn.elapsed() >= BEAT {
            *drawn = Instant::now();
            ui.progress(format!(
                "{}/{} {}, {} / {}",
                progress.files_done,
                progress.files,
                ui.text("ファイル", "files"),
                size(progress.bytes_done),
                size(progress.bytes),
            ));
        }
    }
}

/// Writes a number of bytes for people, cut off (not rounded) to tenths of the largest binary unit.
fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    let step = (1..=UNITS.len()).rev().find(|step| bytes >> (10 * step) > 0);
    let Some(step) = step else { return format!("{bytes} B") };
    let tenths = (u128::from(bytes) * 10) >> (10 * step);
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[step - 1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_at_a_glance() {
        let sizes = [0, 1023, 1024, 1536, 10 << 20, 15 << 40].map(size);
        assert_eq!(sizes, ["0 B", "1023 B", "1.0 KiB", "1.5 KiB", "10.0 MiB", "15.0 TiB"]);
    }

    #[test]
    fn a_signature_inside_the_folder_is_left_out_and_one_beside_it_is_not() {
        let folder = std::env::temp_dir();
        assert_eq!(inside(&folder.join("model.sig"), &folder).as_deref(), Some("model.sig"));
        assert_eq!(inside(&folder.join("model.sig"), &folder.join("no-such-model")), None);
        assert_eq!(inside(Path::new("/model.sig"), &folder), None);
    }
}
