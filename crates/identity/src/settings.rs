//! The settings: a file that names providers, and what their groups give.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};

use desk::Function;
use evidence::{Language, Slug};
use openidconnect::ClientSecret;
use serde::Deserialize;
use serde::de::IgnoredAny;
use toml::Spanned;
use url::Url;

/// The largest settings file, and the largest file with a secret, in bytes.
const MAX_FILE: u64 = 256 << 10;
/// The most providers.
const MAX_PROVIDERS: usize = 20;
/// The most rules about groups of one provider.
const MAX_RULES: usize = 1_000;
/// The longest label of a button, in characters.
const MAX_LABEL: usize = 60;

/// Where people may come from.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Whether providers are the only way in.
    pub only: bool,
    /// The providers, in the order of their buttons.
    pub providers: Vec<ProviderSettings>,
}

/// A provider, and what it is believed.
#[derive(Debug, Clone)]
pub struct ProviderSettings {
    /// Its name in addresses.
    pub name: Slug,
    /// Its issuer identifier, exactly as it writes it.
    pub issuer: String,
    /// The name of this site at the provider.
    pub client_id: String,
    /// The secret that it shares with this site; none: a public client.
    pub client_secret: Option<ClientSecret>,
    /// What is asked for beside `openid`.
    pub scopes: Vec<String>,
    /// What people call it: its button says "Sign in with …".
    pub label: Label,
    /// Where the ID token or the answer about the user says what.
    pub claims: ClaimNames,
    /// What groups give.
    pub rules: Vec<Rule>,
    /// Whether signing out here signs out there too, where it can be done.
    pub sign_out: bool,
}

/// What people call a provider.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// In Japanese.
    pub ja: String,
    /// In English.
    pub en: String,
}

impl Label {
    /// Returns the words in a language.
    pub fn get(&self, language: Language) -> &str {
        match language {
            Language::Ja => &self.ja,
            Language::En => &self.en,
        }
    }
}

/// The names of claims. A dot leads into an object, where no claim has the whole name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ClaimNames {
    /// What a new account is called.
    pub name: String,
    /// Where its notices go.
    pub email: String,
    /// The groups: a list of texts, or one text.
    pub groups: String,
    /// The corporate number (法人番号); none: it vouches for none.
    pub corporate_number: Option<String>,
}

impl Default for ClaimNames {
    fn default() -> Self {
        Self { name: "name".into(), email: "email".into(), groups: "groups".into(), corporate_number: None }
    }
}

/// What a group gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The group, as the provider names it.
    pub group: String,
    /// Whether it makes an administrator of the node.
    pub administrator: bool,
    /// The organisation that it makes a member of, and what it lets do there.
    pub membership: Option<(Slug, BTreeSet<Function>)>,
}

/// Why settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A file cannot be read.
    #[error("{path}: {problem}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// Something in the file cannot be used.
    #[error("{path}, line {line}: {problem}")]
    Wrong {
        /// The file.
        path: PathBuf,
        /// The line.
        line: usize,
        /// What is wrong, and what to do.
        problem: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    only: Option<Spanned<bool>>,
    #[serde(default)]
    provider: Vec<Spanned<Entry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: Spanned<String>,
    issuer: Spanned<String>,
    client_id: Spanned<String>,
    client_secret_file: Option<Spanned<PathBuf>>,
    /// Only to say that it does not belong here.
    client_secret: Option<Spanned<IgnoredAny>>,
    #[serde(default)]
    public_client: bool,
    scopes: Option<Vec<Spanned<String>>>,
    label: Spanned<Label>,
    #[serde(default)]
    claims: ClaimNames,
    #[serde(default)]
    group: Vec<Spanned<GroupEntry>>,
    #[serde(default = "yes")]
    sign_out: bool,
}

fn yes() -> bool {
    true
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GroupEntry {
    group: String,
    #[serde(default)]
    administrator: bool,
    organisation: Option<String>,
    functions: Option<Vec<Spanned<String>>>,
}

/// A file, to say where in it something is wrong.
struct Source<'a> {
    path: &'a Path,
    text: &'a str,
}

impl Source<'_> {
    fn wrong(&self, span: Range<usize>, problem: impl Into<String>) -> SettingsError {
        let before = self.text.get(..span.start).unwrap_or_default();
        let line = 1 + before.matches('\n').count();
        SettingsError::Wrong { path: self.path.to_owned(), line, problem: problem.into() }
    }
}

impl Settings {
    /// Reads a file, and the secrets from the files that it names.
    pub fn read(path: &Path) -> Result<Self, SettingsError> {
        Self::parse(&read(path)?, path)
    }

    fn parse(text: &str, path: &Path) -> Result<Self, SettingsError> {
        let source = Source { path, text };
        // Not the error's own words, which show the line: a secret may stand there by mistake.
        let file: File = toml::from_str(text)
            .map_err(|error| source.wrong(error.span().unwrap_or_default(), error.message()))?;
        let only = file.only.as_ref().is_some_and(|only| *only.get_ref());
        if let (true, true, Some(span)) = (only, file.provider.is_empty(), &file.only) {
            return Err(source.wrong(span.span(), "with `only = true` at least one [[provider]] is needed"));
        }
        let mut providers: Vec<ProviderSettings> = Vec::new();
        for entry in file.provider {
            if providers.len() == MAX_PROVIDERS {
                return Err(source.wrong(entry.span(), format!("more than {MAX_PROVIDERS} providers")));
            }
            let (span, provider) = (entry.span(), entry.into_inner().check(&source)?);
            if let Some(twin) =
                providers.iter().find(|p| p.name == provider.name || p.issuer == provider.issuer)
            {
                let problem = format!(
                    "{} has the name or the issuer of {}: give each its own",
                    provider.name, twin.name
                );
                return Err(source.wrong(span, problem));
            }
            providers.push(provider);
        }
        Ok(Self { only, providers })
    }
}

impl Entry {
    fn check(self, source: &Source<'_>) -> Result<ProviderSettings, SettingsError> {
        if let Some(secret) = &self.client_secret {
            let problem = "a secret does not belong into this file: write it into a file of its own, readable \
                           by the server only, and name that with client_secret_file";
            return Err(source.wrong(secret.span(), problem));
        }
        let name: Slug = self.name.get_ref().parse().map_err(|error| {
            source.wrong(self.name.span(), format!("name = {:?}: {error}", self.name.get_ref()))
        })?;
        check_issuer(self.issuer.get_ref())
            .map_err(|problem| source.wrong(self.issuer.span(), format!("issuer: {problem}")))?;
        if self.client_id.get_ref().is_empty() || self.client_id.get_ref().len() > 500 {
            return Err(source.wrong(self.client_id.span(), "client_id: 1 to 500 characters are expected"));
        }
        let client_secret = match (&self.client_secret_file, self.public_client) {
            (Some(file), false) => Some(secret(source, file)?),
            (None, true) => None,
            (Some(file), true) => {
                return Err(source.wrong(file.span(), "a public client has no secret: remove one of the two"));
            }
            (None, false) => {
                let problem = "client_secret_file is missing: name the file that holds the secret, or say \
                               public_client = true where the provider gave none";
                return Err(source.wrong(self.client_id.span(), problem));
            }
        };
        let label = self.label.get_ref();
        for text in [&label.ja, &label.en] {
            let fits = (1..=MAX_LABEL).contains(&text.chars().count()) && !text.chars().any(char::is_control);
            if !fits {
                let problem = format!("label: 1 to {MAX_LABEL} characters are expected in each language");
                return Err(source.wrong(self.label.span(), problem));
            }
        }
        let mut scopes = Vec::new();
        for scope in self.scopes.unwrap_or_default() {
            // RFC 6749 §3.3.
            let fits = scope.get_ref().bytes().all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\');
            if scope.get_ref().is_empty() || !fits {
                let problem = format!("scope {:?}: one word each is expected", scope.get_ref());
                return Err(source.wrong(scope.span(), problem));
            }
            // It is always asked for.
            if scope.get_ref() != "openid" {
                scopes.push(scope.into_inner());
            }
        }
        if self.group.len() > MAX_RULES {
            return Err(source.wrong(self.name.span(), format!("more than {MAX_RULES} groups")));
        }
        let rules =
            self.group.into_iter().map(|group| check_rule(source, group)).collect::<Result<_, _>>()?;
        Ok(ProviderSettings {
            name,
            issuer: self.issuer.into_inner(),
            client_id: self.client_id.into_inner(),
            client_secret,
            scopes,
            label: self.label.into_inner(),
            claims: self.claims,
            rules,
            sign_out: self.sign_out,
        })
    }
}

fn check_rule(source: &Source<'_>, group: Spanned<GroupEntry>) -> Result<Rule, SettingsError> {
    let (span, group) = (group.span(), group.into_inner());
    let wrong = |problem: String| source.wrong(span.clone(), problem);
    let mut functions = BTreeSet::new();
    for name in group.functions.iter().flatten() {
        let Some(function) = Function::ALL.into_iter().find(|f| f.as_str() == name.get_ref()) else {
            let known: Vec<_> = Function::ALL.iter().map(|f| f.as_str()).collect();
            let problem = format!("there is no function {:?}: {}", name.get_ref(), known.join(", "));
            return Err(source.wrong(name.span(), problem));
        };
        functions.insert(function);
    }
    let membership = match group.organisation {
        Some(slug) => {
            let slug: Slug =
                slug.parse().map_err(|error| wrong(format!("organisation = {slug:?}: {error}")))?;
            Some((slug, functions))
        }
        None if group.functions.is_some() => {
            return Err(wrong("functions are in an organisation: name it with organisation".to_owned()));
        }
        None if group.administrator => None,
        None => {
            let problem = format!(
                "group {:?} gives nothing: name an organisation, or say administrator = true",
                group.group
            );
            return Err(wrong(problem));
        }
    };
    Ok(Rule { group: group.group, administrator: group.administrator, membership })
}

/// Checks that an address is encrypted on its way, or stays on this machine.
pub(crate) fn is_protected(url: &Url) -> bool {
    let here = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => return false,
    };
    url.scheme() == "https" || (url.scheme() == "http" && here)
}

fn check_issuer(text: &str) -> Result<(), String> {
    let url = Url::parse(text).map_err(|error| format!("{text:?} is no address: {error}"))?;
    // OpenID Connect Discovery 1.0 §3: https, no query, no fragment.
    if !is_protected(&url) {
        return Err(format!("{text:?} must begin with https://; http only on this very machine"));
    }
    if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
        return Err(format!("{text:?} must have no query, fragment or user"));
    }
    Ok(())
}

fn secret(source: &Source<'_>, file: &Spanned<PathBuf>) -> Result<ClientSecret, SettingsError> {
    let path = source.path.parent().unwrap_or(Path::new("")).join(file.get_ref());
    let text =
        read(&path).map_err(|error| source.wrong(file.span(), format!("client_secret_file: {error}")))?;
    let text = text.trim_end_matches(['\r', '\n']);
    if text.is_empty() || text.chars().any(char::is_control) {
        let problem = format!("client_secret_file: {} must hold one line, the secret", path.display());
        return Err(source.wrong(file.span(), problem));
    }
    Ok(ClientSecret::new(text.to_owned()))
}

fn read(path: &Path) -> Result<String, SettingsError> {
    let failed = |problem: String| SettingsError::Unreadable { path: path.to_owned(), problem };
    let size = std::fs::metadata(path).map_err(|error| failed(error.to_string()))?.len();
    if size > MAX_FILE {
        return Err(failed(format!("larger than {MAX_FILE} bytes")));
    }
    std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = r#"only = true

[[provider]]
name = "ministry"
issuer = "https://id.ministry.example"
client_id = "kanae"
client_secret_file = "secret"
scopes = ["openid", "profile", "email"]
label = { ja = "省の職員", en = "Ministry staff" }

[provider.claims]
groups = "realm_access.roles"

[[provider.group]]
group = "ai-office"
organisation = "ai-office"
functions = ["draft", "manage"]

[[provider.group]]
group = "operators"
administrator = true
"#;

    fn parse(text: &str) -> Result<Settings, SettingsError> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("secret"), "hunter2\n").unwrap();
        Settings::parse(text, &folder.path().join("sign-in.toml"))
    }

    #[test]
    fn a_whole_file_is_read_and_shows_no_secret() {
        let settings = parse(WHOLE).unwrap();
        let provider = &settings.providers[0];
        assert!(settings.only && provider.sign_out);
        assert_eq!(provider.scopes, ["profile", "email"]);
        assert_eq!(
            (provider.claims.name.as_str(), provider.claims.groups.as_str()),
            ("name", "realm_access.roles")
        );
        assert_eq!(
            provider.rules[0].membership.as_ref().unwrap().1,
            [Function::Draft, Function::Manage].into()
        );
        assert!(provider.rules[1].administrator && provider.rules[1].membership.is_none());
        assert_eq!(provider.client_secret.as_ref().unwrap().secret(), "hunter2");
        assert!(!format!("{settings:?}").contains("hunter2"));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line_and_what_to_do() {
        for (old, new, line, says) in [
            ("issuer = \"https://id", "issuer = \"http://id", 5, "https://"),
            ("name = \"ministry\"", "name = \"The Ministry\"", 4, "name"),
            ("client_secret_file = \"secret\"", "client_secret_file = \"gone\"", 7, "gone"),
            ("client_secret_file = \"secret\"", "client_secret = \"hunter2\"", 7, "client_secret_file"),
            ("client_secret_file = \"secret\"", "", 6, "public_client"),
            ("client_secret_file = \"secret\"", "client_secret = hunter2", 7, ""),
            ("\"profile\"", "\"profile email\"", 8, "one word"),
            ("\"manage\"", "\"sign\"", 17, "draft, manage, tips"),
            ("administrator = true", "", 19, "gives nothing"),
            ("en = \"Ministry staff\"", "en = \"\"", 9, "label"),
            ("only = true", "ony = true", 1, "ony"),
        ] {
            let text = WHOLE.replace(old, new);
            assert_ne!(text, WHOLE, "{old}");
            let error = parse(&text).unwrap_err();
            let SettingsError::Wrong { line: found, .. } = &error else { panic!("{error}") };
            assert_eq!(*found, line, "{error}");
            assert!(error.to_string().contains(says), "{error}");
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
        assert!(parse("only = true\n").unwrap_err().to_string().contains("[[provider]]"));
        let second = WHOLE.split_once("[[provider]]").unwrap().1;
        assert!(
            parse(&format!("{WHOLE}\n[[provider]]{second}")).unwrap_err().to_string().contains("ministry")
        );
    }
}
