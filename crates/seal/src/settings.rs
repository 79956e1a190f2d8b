//! Which key a seal is, as a file says it.

use std::io;
use std::path::{Path, PathBuf};

use evidence::{KeyError, PublicKey, SecretKey, Signer, SignerError, Slug};
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::device::{Device, DeviceError};

/// The largest of its files, in bytes.
const MAX_FILE: u64 = 16 << 10;

/// A key that a node holds for an organisation.
#[derive(Debug)]
pub struct Seal {
    organisation: Slug,
    key: Box<dyn Signer>,
}

/// Says why a seal cannot be used. It repeats no PIN and no passphrase.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// A file cannot be read.
    #[error("{}: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// The file does not say which key it is.
    #[error("{}: {problem}", path.display())]
    Settings {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// Others can read a secret.
    #[error("{}: other users of this machine can read this (mode {mode:03o}); run: chmod 600 it", path.display())]
    Readable {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The key file cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The device cannot be used.
    #[error(transparent)]
    Device(#[from] DeviceError),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Described {
    organisation: Slug,
    file: Option<PathBuf>,
    passphrase_file: Option<PathBuf>,
    pkcs11: Option<Pkcs11>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pkcs11 {
    module: PathBuf,
    token: String,
    key: String,
    pin_file: PathBuf,
}

impl Seal {
    /// Reads which key it is, opens it, and tries it. Paths are relative to the file's own folder.
    pub fn open(path: &Path) -> Result<Self, SealError> {
        let text = read(path)?;
        let wrong = |problem: String| SealError::Settings { path: path.to_owned(), problem };
        // The parser's own message shows a line of the file, which has no secret in it.
        let file: Described = toml::from_str(&text).map_err(|error| wrong(error.to_string()))?;
        let beside = |name: &Path| path.parent().unwrap_or(Path::new("")).join(name);
        let key: Box<dyn Signer> = match (file.file, file.pkcs11) {
            (Some(key), None) => {
                let passphrase = file.passphrase_file.map(|name| secret(&beside(&name))).transpose()?;
                Box::new(SecretKey::read(&beside(&key), passphrase.as_ref().map(|text| text.as_str()))?)
            }
            (None, Some(Pkcs11 { module, token, key, pin_file })) => {
                Box::new(Device::open(&module, &token, &key, secret(&beside(&pin_file))?)?)
            }
            _ => return Err(wrong("exactly one of `file` and `[pkcs11]` is expected".into())),
        };
        Ok(Self { organisation: file.organisation, key })
    }

    /// Takes a key that is in hand.
    pub fn of(organisation: Slug, key: impl Signer + 'static) -> Self {
        Self { organisation, key: Box::new(key) }
    }

    /// Returns whose seal it is.
    pub fn organisation(&self) -> &Slug {
        &self.organisation
    }
}

impl Signer for Seal {
    fn public_key(&self) -> PublicKey {
        self.key.public_key()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        self.key.sign(message)
    }
}

fn read(path: &Path) -> Result<Zeroizing<String>, SealError> {
    use io::Read as _;
    let io = |error| SealError::Io { path: path.to_owned(), error };
    let mut text = Zeroizing::new(String::new());
    std::fs::File::open(path).map_err(io)?.take(MAX_FILE).read_to_string(&mut text).map_err(io)?;
    Ok(text)
}

/// Reads a PIN or a passphrase that only its owner can read. What ends its line does not belong to it.
fn secret(path: &Path) -> Result<Zeroizing<String>, SealError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let metadata =
            std::fs::metadata(path).map_err(|error| SealError::Io { path: path.to_owned(), error })?;
        let mode = metadata.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(SealError::Readable { path: path.to_owned(), mode });
        }
    }
    Ok(Zeroizing::new(read(path)?.trim_end_matches(['\r', '\n']).to_owned()))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use evidence::Algorithm;

    use super::*;

    #[test]
    fn a_key_file_with_a_passphrase_is_a_seal() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let key = SecretKey::generate(Algorithm::EcdsaP256).unwrap();
        key.write_new(&at("seal.pem"), Some("correct horse")).unwrap();
        let settings =
            "organisation = \"oversight-agency\"\nfile = \"seal.pem\"\npassphrase_file = \"pass\"\n";
        fs::write(at("seal.toml"), settings).unwrap();
        fs::write(at("pass"), "correct horse\n").unwrap();
        fs::set_permissions(at("pass"), fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(Seal::open(&at("seal.toml")), Err(SealError::Readable { mode: 0o644, .. })));
        fs::set_permissions(at("pass"), fs::Permissions::from_mode(0o600)).unwrap();
        let seal = Seal::open(&at("seal.toml")).unwrap();
        assert_eq!(seal.organisation().as_str(), "oversight-agency");
        assert!(key.public_key().verify(b"m", &Signer::sign(&seal, b"m").unwrap()));
        fs::write(at("pass"), "battery").unwrap();
        let refused = Seal::open(&at("seal.toml")).unwrap_err();
        assert!(matches!(refused, SealError::Key(KeyError::PassphraseWrong)), "{refused}");
    }

    #[test]
    fn a_seal_is_one_key() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("seal.toml");
        for text in [
            "organisation = \"a\"",
            "organisation = \"a\"\nfile = \"k\"\n[pkcs11]\nmodule = \"m\"\ntoken = \"t\"\nkey = \"k\"\npin_file = \"p\"",
            "file = \"k\"",
            "organisation = \"a\"\npin = \"1234\"",
        ] {
            fs::write(&path, text).unwrap();
            assert!(matches!(Seal::open(&path), Err(SealError::Settings { .. })), "{text}");
        }
    }
}
