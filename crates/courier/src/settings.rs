//! How notices go out: a file, and secrets from the environment.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use zeroize::Zeroizing;

/// The environment variable with the mail server's password.
const PASSWORD: &str = "KANAE_SMTP_PASSWORD";

/// The largest settings file, in bytes.
const MAX_FILE: u64 = 64 << 10;

/// How notices go out.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The address by which people reach the site.
    pub site: String,
    /// How often it is looked whether there is something to say.
    pub every: Duration,
    /// The mail server; without one no e-mail is written.
    pub mail: Option<MailSettings>,
    /// Whether webhooks may be on this machine and over plain HTTP: for trying things out only.
    pub local_webhooks: bool,
}

/// A mail server, and as whom to write.
#[derive(Clone)]
pub struct MailSettings {
    /// The host.
    pub host: String,
    /// The port.
    pub port: u16,
    /// How the connection is encrypted.
    pub tls: Tls,
    /// Name and password, where it asks for them.
    pub login: Option<(String, Zeroizing<String>)>,
    /// The address that mails come from.
    pub from: String,
}

impl std::fmt::Debug for MailSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MailSettings")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("tls", &self.tls)
            .field("from", &self.from)
            .finish_non_exhaustive()
    }
}

/// How a connection to a mail server is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tls {
    /// From the first byte on (RFC 8314 §3.3).
    Implicit,
    /// After STARTTLS, or not at all (RFC 3207).
    Starttls,
    /// Not encrypted: only to this very machine.
    None,
}

/// Why settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file cannot be read.
    #[error("{path}: {problem}")]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// The connection would not be encrypted.
    #[error(
        "mail.tls = \"none\" is for a server on this machine only, and {0:?} is none: use \"starttls\" or \"implicit\""
    )]
    NotEncrypted(String),
    /// There is a name and no password.
    #[error("mail.username is given, and no password: set {PASSWORD}, or mail.password_file")]
    NoPassword,
    /// An address cannot be one.
    #[error("mail.from: {0:?} is no e-mail address")]
    From(String),
    /// It would run too often or too rarely.
    #[error("every_minutes: {0} is not between 1 and 1440")]
    Every(u64),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    every_minutes: Option<u64>,
    mail: Option<Mail>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Mail {
    host: String,
    port: Option<u16>,
    tls: Option<Tls>,
    username: Option<String>,
    password_file: Option<PathBuf>,
    from: String,
}

impl Settings {
    /// Without e-mail, every hour.
    pub fn new(site: impl Into<String>) -> Self {
        Self { site: site.into(), every: Duration::from_hours(1), mail: None, local_webhooks: false }
    }

    /// Reads a file; the password comes from the environment, or from a file that it names.
    pub fn read(path: &Path, site: impl Into<String>) -> Result<Self, SettingsError> {
        let text = read(path)?;
        let password = std::env::var(PASSWORD).ok().map(Zeroizing::new);
        Self::parse(&text, path, password, site)
    }

    fn parse(
        text: &str,
        path: &Path,
        password: Option<Zeroizing<String>>,
        site: impl Into<String>,
    ) -> Result<Self, SettingsError> {
        let file: File = toml::from_str(text).map_err(|error| SettingsError::File {
            path: path.to_owned(),
            // Its own message shows the line, which holds no secret: passwords stand elsewhere.
            problem: error.to_string(),
        })?;
        let mut settings = Self::new(site);
        if let Some(minutes) = file.every_minutes {
            if !(1..=1440).contains(&minutes) {
                return Err(SettingsError::Every(minutes));
            }
            settings.every = Duration::from_mins(minutes);
        }
        settings.mail = file.mail.map(|mail| mail.check(password)).transpose()?;
        Ok(settings)
    }
}

impl Mail {
    fn check(self, password: Option<Zeroizing<String>>) -> Result<MailSettings, SettingsError> {
        let tls = self.tls.unwrap_or(Tls::Starttls);
        let local = ["localhost", "127.0.0.1", "::1"].contains(&self.host.as_str());
        if tls == Tls::None && !local {
            return Err(SettingsError::NotEncrypted(self.host));
        }
        if self.from.parse::<lettre::Address>().is_err() {
            return Err(SettingsError::From(self.from));
        }
        let login = match (self.username, password, self.password_file) {
            (None, ..) => None,
            (Some(name), Some(password), _) => Some((name, password)),
            (Some(name), None, Some(path)) => {
                let text = Zeroizing::new(read(&path)?);
                Some((name, Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned())))
            }
            (Some(_), None, None) => return Err(SettingsError::NoPassword),
        };
        let port = self.port.unwrap_or(match tls {
            Tls::Implicit => 465,
            Tls::Starttls => 587,
            Tls::None => 25,
        });
        Ok(MailSettings { host: self.host, port, tls, login, from: self.from })
    }
}

fn read(path: &Path) -> Result<String, SettingsError> {
    let failed = |problem: String| SettingsError::File { path: path.to_owned(), problem };
    let size = std::fs::metadata(path).map_err(|error| failed(error.to_string()))?.len();
    if size > MAX_FILE {
        return Err(failed(format!("larger than {MAX_FILE} bytes")));
    }
    std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str, password: Option<&str>) -> Result<Settings, SettingsError> {
        let password = password.map(|password| Zeroizing::new(password.to_owned()));
        Settings::parse(text, Path::new("notices.toml"), password, "https://register.example")
    }

    #[test]
    fn settings_say_what_is_wrong_and_hide_the_password() {
        let text = "every_minutes = 10\n[mail]\nhost = \"mail.example\"\nusername = \"kanae\"\nfrom = \"register@example.org\"\n";
        let settings = parse(text, Some("hunter2")).unwrap();
        let mail = settings.mail.as_ref().unwrap();
        assert_eq!((mail.port, mail.tls, settings.every), (587, Tls::Starttls, Duration::from_mins(10)));
        assert!(!format!("{settings:?}").contains("hunter2"));
        assert!(matches!(parse(text, None), Err(SettingsError::NoPassword)));
        let plain = "[mail]\nhost = \"mail.example\"\ntls = \"none\"\nfrom = \"a@example.org\"\n";
        assert!(matches!(parse(plain, None), Err(SettingsError::NotEncrypted(_))));
        let header = "[mail]\nhost = \"m.example\"\nfrom = \"a@example.org\\r\\nBcc: b@example.org\"\n";
        assert!(matches!(parse(header, None), Err(SettingsError::From(_))));
        assert!(matches!(parse("every_minutes = 0", None), Err(SettingsError::Every(0))));
        assert!(matches!(parse("often = true", None), Err(SettingsError::File { .. })));
    }
}
