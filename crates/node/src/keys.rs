//! Key files: of the log and the intake, and of those who sign statements; open, or encrypted with a passphrase.
//!
//! A log key is a line of text as Go's `note` package writes it. Encrypted it is PKCS#8 in PEM, as every other
//! encrypted key is, with its name in a line before.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use evidence::{Algorithm, KeyError, PublicKey, SecretKey};
use ledger::{NoteSigner, VerifierKey};
use zeroize::Zeroizing;

/// What the line with the name of an encrypted log key begins with.
const NAME: &str = "Kanae note key: ";

/// The largest key file, in bytes.
const MAX_FILE: u64 = 64 << 10;

/// A private key, as a file has it. It is wiped from memory when dropped.
#[derive(Debug)]
pub enum KeyFile {
    /// It signs checkpoints or receipts.
    Note(NoteSigner),
    /// It signs statements.
    Statement(SecretKey),
}

/// Says why a key file cannot be used. It repeats nothing of what is secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyFileError {
    /// The file cannot be read or written.
    #[error("{}: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// Others can read it.
    #[error("{}: other users of this machine can read this key (mode {mode:03o}); chmod 600 it", path.display())]
    Readable {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// There is no key in it, or it does not open.
    #[error("{}: {problem}", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// It is encrypted, and no passphrase was given.
    #[error("{}: this key is encrypted; set KANAE_KEY_PASSPHRASE_FILE or KANAE_KEY_PASSPHRASE", .0.display())]
    PassphraseMissing(PathBuf),
}

impl KeyFile {
    /// Reads a key that only its owner can read.
    pub fn read(path: &Path, passphrase: Option<&str>) -> Result<Self, KeyFileError> {
        let at = |error| KeyFileError::Io { path: path.to_owned(), error };
        let metadata = fs::metadata(path).map_err(at)?;
        let mode = metadata.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(KeyFileError::Readable { path: path.to_owned(), mode });
        }
        if metadata.len() > MAX_FILE {
            return Err(at(io::Error::new(io::ErrorKind::InvalidData, "larger than any key")));
        }
        let text = Zeroizing::new(fs::read_to_string(path).map_err(at)?);
        let problem = |problem: String| KeyFileError::Key { path: path.to_owned(), problem };
        let opened = |pem: &str| match SecretKey::from_pem(pem, passphrase) {
            Err(KeyError::PassphraseMissing) => Err(KeyFileError::PassphraseMissing(path.to_owned())),
            key => key.map_err(|error| problem(error.to_string())),
        };
        if text.starts_with("PRIVATE+KEY+") {
            let signer = NoteSigner::from_secret_text(text.trim_end());
            return signer.map(Self::Note).map_err(|error| problem(error.to_string()));
        }
        let Some((name, pem)) = text.strip_prefix(NAME).and_then(|rest| rest.split_once('\n')) else {
            return opened(&text).map(Self::Statement);
        };
        let seed = opened(pem)?
            .ed25519_seed()
            .ok_or_else(|| problem("a log key is expected to be Ed25519".to_owned()))?;
        NoteSigner::from_seed(name, &seed).map(Self::Note).map_err(|error| problem(error.to_string()))
    }

    /// Returns the key as a file has it, encrypted where there is a passphrase.
    pub fn to_text(&self, passphrase: Option<&str>) -> Result<Zeroizing<String>, KeyError> {
        match self {
            Self::Statement(key) => key.to_pem(passphrase),
            Self::Note(signer) => note_text(signer, passphrase),
        }
    }

    /// Writes a new file, readable by its owner only. Durable when it returns.
    fn write_new(&self, path: &Path, passphrase: Option<&str>) -> Result<(), KeyFileError> {
        let at = |error| KeyFileError::Io { path: path.to_owned(), error };
        let text = self
            .to_text(passphrase)
            .map_err(|error| KeyFileError::Key { path: path.to_owned(), problem: error.to_string() })?;
        write_secret(path, &text).map_err(at)
    }

    /// Puts the key in the place of what a file has, encrypted where there is a passphrase. At every moment the file
    /// has the one or the other.
    pub fn replace(&self, path: &Path, passphrase: Option<&str>) -> Result<(), KeyFileError> {
        let at = |error| KeyFileError::Io { path: path.to_owned(), error };
        let folder = match path.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let temporary = folder.join(format!(".{name}.new"));
        // What an attempt that was cut off has left is a key of ours, whole or in part.
        match fs::remove_file(&temporary) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(at(error)),
            _ => {}
        }
        self.write_new(&temporary, passphrase)?;
        fs::rename(&temporary, path).map_err(at)?;
        fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(at)
    }

    /// Returns the public key, of one that signs statements.
    pub fn public_key(&self) -> Option<PublicKey> {
        match self {
            Self::Statement(key) => Some(key.public_key()),
            Self::Note(_) => None,
        }
    }

    /// Returns the verifier key, of one that signs checkpoints or receipts.
    pub fn verifier_key(&self) -> Option<VerifierKey> {
        match self {
            Self::Note(signer) => Some(signer.verifier_key()),
            Self::Statement(_) => None,
        }
    }
}

/// Returns a log key as a file has it.
pub(crate) fn note_text(
    signer: &NoteSigner,
    passphrase: Option<&str>,
) -> Result<Zeroizing<String>, KeyError> {
    if passphrase.is_none() {
        return Ok(Zeroizing::new(format!("{}\n", *signer.to_secret_text())));
    }
    let key = SecretKey::from_seed(Algorithm::Ed25519, &signer.seed())
        .ok_or_else(|| KeyError::PrivateKey("the seed makes no key".to_owned()))?;
    Ok(Zeroizing::new(format!("{NAME}{}\n{}", signer.name(), *key.to_pem(passphrase)?)))
}

/// Writes a new file, readable by its owner only. Durable when it returns.
pub(crate) fn write_secret(path: &Path, text: &str) -> io::Result<()> {
    let mut file = fs::File::options().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note() -> KeyFile {
        KeyFile::Note(NoteSigner::from_seed("register.test/2026", &[7; 32]).unwrap())
    }

    #[test]
    fn a_key_is_the_same_key_encrypted_and_open_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.key");
        let statement = KeyFile::Statement(SecretKey::from_seed(Algorithm::EcdsaP256, &[7; 32]).unwrap());
        for key in [note(), statement] {
            let _ = fs::remove_file(&path);
            key.write_new(&path, None).unwrap();
            let open = fs::read_to_string(&path).unwrap();
            KeyFile::read(&path, None).unwrap().replace(&path, Some("correct horse")).unwrap();
            let sealed = fs::read_to_string(&path).unwrap();
            assert!(sealed.contains("ENCRYPTED PRIVATE KEY") && !sealed.contains("PRIVATE+KEY"), "{sealed}");
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            let missing = KeyFile::read(&path, None).unwrap_err();
            assert!(matches!(missing, KeyFileError::PassphraseMissing(_)), "{missing}");
            let wrong = KeyFile::read(&path, Some("battery")).unwrap_err().to_string();
            assert!(wrong.contains("does not open") && !wrong.contains("battery"), "{wrong}");
            KeyFile::read(&path, Some("correct horse")).unwrap().replace(&path, None).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), open);
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside");
    }

    #[test]
    fn what_is_no_key_is_refused_without_repeating_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        for text in
            ["", "hunter2", "PRIVATE+KEY+hunter2", "Kanae note key: a\nhunter2", "Kanae note key: hunter2"]
        {
            let _ = fs::remove_file(&path);
            let mut file = fs::File::options().write(true).create_new(true).mode(0o600).open(&path).unwrap();
            file.write_all(text.as_bytes()).unwrap();
            let refused = KeyFile::read(&path, Some("p")).unwrap_err();
            assert!(
                matches!(refused, KeyFileError::Key { .. }) && !refused.to_string().contains("hunter2"),
                "{refused}"
            );
        }
    }
}
