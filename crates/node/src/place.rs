//! Where a node is: its data folder, and its database where that lies elsewhere.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::opening::OpenError;
use crate::store::{PostgresStore, SqliteStore, Store, StoreError};
use postgres::{Address, AddressError};

/// The SQLite database in a data folder.
pub(crate) const DATABASE: &str = "kanae.db";

/// The file that says where the database is, if it is not in the data folder: its address, without a password.
pub(crate) const ADDRESS: &str = "database";

/// Where a node is.
///
/// The data folder has the keys and the published log. What must not be lost is in an SQLite database there, or
/// in a PostgreSQL, which several servers may share.
#[derive(Debug, Clone)]
pub struct Place {
    folder: PathBuf,
    database: Option<Address>,
    passphrase: Option<Passphrase>,
}

/// What opens the keys of a node; never shown.
#[derive(Clone)]
struct Passphrase(Arc<Zeroizing<String>>);

impl std::fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Passphrase(…)")
    }
}

/// Says why it is not clear where a node is.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlaceError {
    /// The address of the database cannot be used.
    #[error("{}: {error}", path.display())]
    Address {
        /// The file that has it.
        path: PathBuf,
        /// What is wrong.
        error: AddressError,
    },
    /// The file with the address cannot be read.
    #[error("{}: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
}

impl Place {
    /// A data folder with its database in it.
    pub fn folder(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), database: None, passphrase: None }
    }

    /// A data folder whose database is a PostgreSQL.
    pub fn with_database(folder: impl Into<PathBuf>, database: Address) -> Self {
        Self { folder: folder.into(), database: Some(database), passphrase: None }
    }

    /// A data folder with its database where the folder says that it is. `password` opens it, if it is a
    /// PostgreSQL that asks for one.
    pub fn find(folder: impl Into<PathBuf>, password: Option<Zeroizing<String>>) -> Result<Self, PlaceError> {
        let folder = folder.into();
        let path = folder.join(ADDRESS);
        let database = match fs::read_to_string(&path) {
            Ok(url) => Some(
                Address::parse(url.trim_end(), password)
                    .map_err(|error| PlaceError::Address { path, error })?,
            ),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(PlaceError::Io { path, error }),
        };
        Ok(Self { folder, database, passphrase: None })
    }

    /// Opens the keys in the folder with a passphrase; new ones are encrypted with it.
    #[must_use]
    pub fn opened_by(self, passphrase: Option<Zeroizing<String>>) -> Self {
        Self { passphrase: passphrase.map(|text| Passphrase(Arc::new(text))), ..self }
    }

    /// Returns what opens the keys in the folder.
    pub(crate) fn passphrase(&self) -> Option<&str> {
        self.passphrase.as_ref().map(|passphrase| passphrase.0.as_str())
    }

    /// Returns the data folder.
    pub fn data(&self) -> &Path {
        &self.folder
    }

    /// Returns the address of the database, if it is not in the data folder.
    pub fn database(&self) -> Option<&Address> {
        self.database.as_ref()
    }

    /// Tells whether other servers may use the same database.
    pub(crate) fn is_shared(&self) -> bool {
        self.database.is_some()
    }

    /// Opens the database.
    pub(crate) fn open_store(&self) -> Result<Box<dyn Store>, OpenError> {
        if let Some(address) = &self.database {
            return Ok(Box::new(PostgresStore::open(address)?));
        }
        let path = self.folder.join(DATABASE);
        if !path.is_file() {
            return Err(OpenError::NotANode(self.folder.clone()));
        }
        Ok(Box::new(SqliteStore::open(&path)?))
    }

    /// Makes a new database with an empty log.
    pub(crate) fn create_store(&self) -> Result<Box<dyn Store>, StoreError> {
        match &self.database {
            Some(address) => Ok(Box::new(PostgresStore::create(address)?)),
            None => Ok(Box::new(SqliteStore::create(&self.folder.join(DATABASE))?)),
        }
    }

    /// Writes down in the data folder where the database is, for the next time. Durable when it returns.
    pub(crate) fn write_down(&self) -> io::Result<()> {
        let Some(address) = &self.database else { return Ok(()) };
        let (path, temporary) = (self.folder.join(ADDRESS), self.folder.join(format!(".{ADDRESS}.tmp")));
        let mut file = fs::File::create(&temporary)?;
        file.write_all(format!("{address}\n").as_bytes())?;
        file.sync_all()?;
        fs::rename(&temporary, &path)?;
        fs::File::open(&self.folder)?.sync_all()
    }
}

impl<P: AsRef<Path> + ?Sized> From<&P> for Place {
    /// Takes the folder with its database in it.
    fn from(folder: &P) -> Self {
        Self::folder(folder.as_ref())
    }
}
