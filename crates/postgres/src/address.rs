//! Where a PostgreSQL is, and how to get in.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};
use zeroize::Zeroizing;

/// How long making a connection may take, for each host that is tried.
const CONNECTING: Duration = Duration::from_secs(5);

/// How long what was sent may stay unacknowledged by the other side's kernel.
const UNACKNOWLEDGED: Duration = Duration::from_secs(15);

/// Where a PostgreSQL database is, and how to get in.
#[derive(Clone)]
pub struct Address {
    url: String,
    pub(crate) config: tokio_postgres::Config,
    pub(crate) roots: Option<PathBuf>,
}

/// Says why an address of a database is not used. It repeats no password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AddressError {
    /// It is no address of a PostgreSQL.
    #[error("the address of the database cannot be read: {0}; expected postgres://USER@HOST/DATABASE")]
    Unreadable(String),
    /// A password stands in it, where others can read it.
    #[error(
        "the address of the database has a password in it, which `ps` and logs would show; \
         leave it out, and set KANAE_DATABASE_PASSWORD or KANAE_DATABASE_PASSWORD_FILE"
    )]
    Password,
    /// It leaves open whether the connection is encrypted.
    #[error(
        "sslmode={0} is not taken: say sslmode=verify-full, which is the default for other machines, \
         or sslmode=disable"
    )]
    SslMode(String),
}

impl Address {
    /// Reads `postgres://USER@HOST[:PORT]/DATABASE[?OPTIONS]`. The password, where there is one, comes apart.
    ///
    /// Options are those of libpq as far as the client knows them, `sslrootcert` (a PEM file) among them.
    /// Connections to another machine are encrypted, and its certificate is verified, unless `sslmode=disable`
    /// says otherwise. Of several hosts, the first that can be written to is taken.
    pub fn parse(url: &str, password: Option<Zeroizing<String>>) -> Result<Self, AddressError> {
        let unreadable = |problem: &str| AddressError::Unreadable(problem.to_owned());
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            return Err(unreadable("it does not begin with postgres://"));
        }
        if url.len() > 2000 || url.chars().any(char::is_control) {
            return Err(unreadable("it is longer than 2,000 bytes, or has control characters"));
        }
        let (base, options) = url.split_once('?').unwrap_or((url, ""));
        let (mut mode, mut roots, mut rest) = (None, None, Vec::new());
        for option in options.split('&').filter(|option| !option.is_empty()) {
            match option.split_once('=') {
                Some(("sslmode", value)) => mode = Some(value),
                Some(("sslrootcert", value)) => roots = Some(decoded(value)),
                _ => rest.push(option),
            }
        }
        let known = format!("{base}?{}", rest.join("&"));
        // The reason, which names options and never their values.
        let mut config: tokio_postgres::Config = known.parse().map_err(|error: tokio_postgres::Error| {
            unreadable(
                &std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string),
            )
        })?;
        if config.get_password().is_some() {
            return Err(AddressError::Password);
        }
        if config.get_hosts().is_empty() || config.get_user().is_none() {
            return Err(unreadable("a host and a user are needed"));
        }
        let nearby = config.get_hosts().iter().all(is_nearby) && config.get_hostaddrs().is_empty();
        config.ssl_mode(match mode {
            None if nearby => SslMode::Disable,
            Some("disable") => SslMode::Disable,
            None | Some("require" | "verify-ca" | "verify-full") => SslMode::Require,
            Some(other) => return Err(AddressError::SslMode(other.chars().take(20).collect())),
        });
        config
            .application_name("kanae")
            .target_session_attrs(TargetSessionAttrs::ReadWrite)
            .connect_timeout(CONNECTING)
            .tcp_user_timeout(UNACKNOWLEDGED)
            .keepalives_idle(UNACKNOWLEDGED);
        if let Some(password) = password {
            config.password(password.as_bytes());
        }
        Ok(Self { url: url.to_owned(), config, roots })
    }

    /// Returns the address as it was given: it has no password in it.
    pub fn url(&self) -> &str {
        &self.url
    }
}

/// Tells whether the way to a host does not leave this machine.
fn is_nearby(host: &Host) -> bool {
    match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
        }
    }
}

/// Undoes the percent-encoding of a path.
fn decoded(value: &str) -> PathBuf {
    use std::os::unix::ffi::OsStringExt as _;
    let bytes = url::form_urlencoded::parse(format!("p={}", value.replace('+', "%2B")).as_bytes())
        .next()
        .map(|(_, value)| value.into_owned().into_bytes());
    PathBuf::from(std::ffi::OsString::from_vec(bytes.unwrap_or_default()))
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({})", self.url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(url: &str) -> Result<SslMode, AddressError> {
        Address::parse(url, None).map(|address| address.config.get_ssl_mode())
    }

    #[test]
    fn what_leaves_this_machine_is_encrypted_unless_somebody_says_otherwise() {
        assert_eq!(mode("postgres://kanae@db.example/kanae"), Ok(SslMode::Require));
        assert_eq!(mode("postgres://kanae@db.example/kanae?sslmode=verify-full"), Ok(SslMode::Require));
        assert_eq!(mode("postgres://kanae@127.0.0.1,db.example/kanae"), Ok(SslMode::Require));
        assert_eq!(mode("postgres://kanae@db.example/kanae?sslmode=disable"), Ok(SslMode::Disable));
        assert_eq!(mode("postgres://kanae@localhost:5433/kanae"), Ok(SslMode::Disable));
        assert_eq!(mode("postgres://kanae@%2Frun%2Fpostgresql/kanae"), Ok(SslMode::Disable));
        for open in ["prefer", "allow", ""] {
            let said = mode(&format!("postgres://kanae@db.example/kanae?sslmode={open}"));
            assert_eq!(said, Err(AddressError::SslMode(open.into())));
        }
    }

    #[test]
    fn a_password_is_taken_apart_from_the_address_only_and_never_shown() {
        for url in
            ["postgres://kanae:hunter2@db.example/kanae", "postgres://kanae@db.example/x?password=hunter2"]
        {
            let refused = Address::parse(url, None).unwrap_err();
            assert_eq!(refused, AddressError::Password);
            assert!(!refused.to_string().contains("hunter2"));
        }
        let password = Some(Zeroizing::new("hunter2".to_owned()));
        let address = Address::parse("postgres://kanae@db.example/kanae", password).unwrap();
        assert_eq!(address.config.get_password(), Some(&b"hunter2"[..]));
        assert!(!format!("{address} {address:?}").contains("hunter2"));
    }

    #[test]
    fn what_is_no_address_of_a_postgresql_is_refused_without_repeating_it() {
        for url in [
            "",
            "kanae.db",
            "mysql://root:hunter2@db/x",
            "postgres://db.example/kanae",
            "postgres://kanae@/kanae",
            "postgres://kanae@db:hunter2/kanae",
            "postgres://kanae@db/kanae?unheard=hunter2",
            "postgres://kanae@db/kanae\n",
        ] {
            let refused = Address::parse(url, None).unwrap_err();
            assert!(matches!(refused, AddressError::Unreadable(_)), "{url}: {refused}");
            assert!(!refused.to_string().contains("hunter2"), "{refused}");
        }
    }

    #[test]
    fn the_certificates_to_trust_are_read_from_the_address() {
        let address =
            Address::parse("postgres://k@db/kanae?sslrootcert=%2Fetc%2Fca+1.pem&port=1", None).unwrap();
        assert_eq!(address.roots, Some("/etc/ca+1.pem".into()));
    }
}
