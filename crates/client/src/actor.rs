//! An actor: a folder with the keys of someone who signs, and who they are.
//!
//! ```text
//! minato/actor.json   {"issuer": "minato-lab", "holder": "compliance", "keys": ["key.pem"]}
//! minato/key.pem      private key, 0600
//! minato/token        what lets them submit at a node, 0600; made by the node's operator
//! ```

use std::path::{Path, PathBuf};

use evidence::predicate::{Custody, KeyEntry};
use evidence::{Algorithm, KeyError, SecretKey, Slug};
use serde::{Deserialize, Serialize};

use crate::connection::Secret;

/// The largest of an actor's files that is read, in bytes.
const MAX_FILE: u64 = 64 << 10;

const ABOUT: &str = "actor.json";
const KEY: &str = "key.pem";
const TOKEN: &str = "token";

/// Someone who signs.
#[derive(Debug)]
pub struct Actor {
    folder: PathBuf,
    about: About,
    keys: Vec<SecretKey>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct About {
    issuer: String,
    holder: Slug,
    keys: Vec<String>,
}

/// Why an actor's folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ActorError {
    /// A file cannot be read or written.
    #[error("{}: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// The description cannot be read.
    #[error("{}: {problem}; expected {{\"issuer\", \"holder\", \"keys\"}}", path.display())]
    About {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// A key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
}

impl Actor {
    /// Makes an actor's folder with a new key.
    pub fn create(
        folder: &Path,
        issuer: &str,
        holder: Slug,
        algorithm: Algorithm,
        passphrase: Option<&str>,
    ) -> Result<Self, ActorError> {
        let io = |path: &Path, error| ActorError::Io { path: path.to_owned(), error };
        std::fs::create_dir_all(folder).map_err(|e| io(folder, e))?;
        let key = SecretKey::generate(algorithm)?;
        key.write_new(&folder.join(KEY), passphrase)?;
        let about = About { issuer: issuer.to_owned(), holder, keys: vec![KEY.to_owned()] };
        let path = folder.join(ABOUT);
        let text = serde_json::to_string_pretty(&about).unwrap_or_default() + "\n";
        std::fs::write(&path, text).map_err(|e| io(&path, e))?;
        Ok(Self { folder: folder.to_owned(), about, keys: vec![key] })
    }

    /// Makes an actor's folder that uses keys kept elsewhere, such as a node's root keys.
    pub fn describe(
        folder: &Path,
        issuer: &str,
        holder: Slug,
        keys: Vec<String>,
        passphrase: Option<&str>,
    ) -> Result<Self, ActorError> {
        let io = |path: &Path, error| ActorError::Io { path: path.to_owned(), error };
        std::fs::create_dir_all(folder).map_err(|e| io(folder, e))?;
        let path = folder.join(ABOUT);
        let text = serde_json::to_string_pretty(&About { issuer: issuer.to_owned(), holder, keys })
            .unwrap_or_default();
        std::fs::write(&path, text + "\n").map_err(|e| io(&path, e))?;
        Self::open(folder, passphrase)
    }

    /// Reads an actor's folder.
    pub fn open(folder: &Path, passphrase: Option<&str>) -> Result<Self, ActorError> {
        let path = folder.join(ABOUT);
        let text = read_small(&path)?;
        let about: About = serde_json::from_str(&text)
            .map_err(|e| ActorError::About { path: path.clone(), problem: e.to_string() })?;
        if about.keys.is_empty() || about.keys.len() > 16 {
            return Err(ActorError::About { path, problem: "1 to 16 keys".into() });
        }
        let keys = about
            .keys
            .iter()
            .map(|key| SecretKey::read(&folder.join(key), passphrase))
            .collect::<Result<_, _>>()?;
        Ok(Self { folder: folder.to_owned(), about, keys })
    }

    /// Returns the organisation's slug, or `node`.
    pub fn issuer(&self) -> &str {
        &self.about.issuer
    }

    /// Returns the holder of the keys.
    pub fn holder(&self) -> &Slug {
        &self.about.holder
    }

    /// Returns the keys.
    pub fn keys(&self) -> &[SecretKey] {
        &self.keys
    }

    /// Gives the keys away, to sign with.
    pub fn into_keys(self) -> Vec<SecretKey> {
        self.keys
    }

    /// Returns the keys as statements register them.
    pub fn entries(&self) -> Vec<KeyEntry> {
        self.keys
            .iter()
            .map(|key| KeyEntry {
                spki: evidence::key::encode_spki(&key.public_key()),
                holder: self.about.holder.clone(),
                custody: Custody::Holder,
            })
            .collect()
    }

    /// Returns where the actor's token is kept.
    pub fn token_path(folder: &Path) -> PathBuf {
        folder.join(TOKEN)
    }

    /// Reads the actor's token, where there is one.
    pub fn token(&self) -> Result<Option<Secret>, ActorError> {
        Self::token_in(&self.folder)
    }

    /// Reads the token in an actor's folder, where there is one: keys are not opened for it.
    pub fn token_in(folder: &Path) -> Result<Option<Secret>, ActorError> {
        let path = Self::token_path(folder);
        if !path.exists() {
            return Ok(None);
        }
        Ok(Some(Secret::new(read_small(&path)?.trim())))
    }
}

fn read_small(path: &Path) -> Result<String, ActorError> {
    let io = |error| ActorError::Io { path: path.to_owned(), error };
    if std::fs::metadata(path).map_err(io)?.len() > MAX_FILE {
        return Err(io(std::io::Error::new(
            std::io::ErrorKind::InvalidData,
            format!("larger than {MAX_FILE} bytes"),
        )));
    }
    std::fs::read_to_string(path).map_err(io)
}
