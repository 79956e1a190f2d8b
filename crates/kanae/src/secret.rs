//! Passwords and passphrases: from a file or the environment, never from the command line.

use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::failure::{Failure, Kind};

/// The passphrase of private keys, or a file with it.
pub(crate) const PASSPHRASE: &str = "KANAE_KEY_PASSPHRASE";
pub(crate) const PASSPHRASE_FILE: &str = "KANAE_KEY_PASSPHRASE_FILE";

/// The longest one.
const MAX_SECRET: u64 = 4096;

/// Returns the passphrase of private keys.
pub(crate) fn passphrase() -> Result<Option<Zeroizing<String>>, Failure> {
    Ok(from_environment(PASSPHRASE, PASSPHRASE_FILE)?.filter(|passphrase| !passphrase.is_empty()))
}

/// Reads a secret from the file that one variable names, else from the other variable.
pub(crate) fn from_environment(variable: &str, file: &str) -> Result<Option<Zeroizing<String>>, Failure> {
    if let Some(file) = std::env::var_os(file) {
        return read(&PathBuf::from(file)).map(Some);
    }
    match std::env::var(variable) {
        Ok(secret) => Ok(Some(Zeroizing::new(secret))),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => {
            Err(Failure::new(Kind::Usage, format_args!("{variable} is not UTF-8")))
        }
    }
}

/// Reads a secret from a file. What ends its line does not belong to it.
pub(crate) fn read(path: &Path) -> Result<Zeroizing<String>, Failure> {
    use std::io::Read as _;
    let file = std::fs::File::open(path).map_err(|error| Failure::io(path, &error))?;
    let mut text = Zeroizing::new(String::new());
    file.take(MAX_SECRET).read_to_string(&mut text).map_err(|error| Failure::io(path, &error))?;
    Ok(Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned()))
}
