//! Where a node's database is, as the command line and the environment say it.

use std::path::Path;

use node::Place;
use node::postgres::Address;
use zeroize::Zeroizing;

use crate::failure::{Failure, Kind};
use crate::secret;

/// The password, or a file with it, is read from here, never from the command line.
const PASSWORD: &str = "KANAE_DATABASE_PASSWORD";
const PASSWORD_FILE: &str = "KANAE_DATABASE_PASSWORD_FILE";

/// Options of the commands that open a node themselves.
#[derive(Debug, clap::Args)]
pub(crate) struct DatabaseArguments {
    /// PostgreSQL that holds what must not be lost, in place of a file in the data folder.
    ///
    /// An address such as postgres://kanae@db.example/kanae, without a password: that is read from
    /// KANAE_DATABASE_PASSWORD, or from the file that KANAE_DATABASE_PASSWORD_FILE names.
    #[arg(long, value_name = "URL", env = "KANAE_DATABASE", hide_env_values = true)]
    database: Option<String>,
}

impl DatabaseArguments {
    /// Returns where the node of a data folder is: as told here, else as the folder says.
    pub(crate) fn place(&self, data: &Path) -> Result<Place, Failure> {
        match &self.database {
            Some(url) => Ok(Place::with_database(data, address(url)?).opened_by(secret::passphrase()?)),
            None => place_of(data),
        }
    }
}

/// Returns where the node of a data folder is, as the folder says.
pub(crate) fn place_of(data: &Path) -> Result<Place, Failure> {
    let place = Place::find(data, password()?).map_err(|error| {
        let kind = match error {
            node::PlaceError::Io { .. } => Kind::Io,
            _ => Kind::Data,
        };
        Failure::new(kind, error)
    })?;
    Ok(place.opened_by(secret::passphrase()?))
}

/// Reads an address, with the password from the environment.
pub(crate) fn address(url: &str) -> Result<Address, Failure> {
    Address::parse(url, password()?).map_err(|error| Failure::new(Kind::Usage, error))
}

fn password() -> Result<Option<Zeroizing<String>>, Failure> {
    secret::from_environment(PASSWORD, PASSWORD_FILE)
}

/// What to do about a database that does not answer.
pub(crate) const UNREACHABLE: &str = "is PostgreSQL running, and is this its address? `psql` with the same address shows whether it lets you in";

/// Says what to do about a database that cannot be used.
pub(crate) fn failure(error: &node::StoreError) -> Failure {
    if error.is_unreachable() {
        return Failure::new(Kind::Unavailable, error).hint(UNREACHABLE);
    }
    Failure::new(Kind::Io, error)
}
