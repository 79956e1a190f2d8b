//! An action of someone at a node, as a command line says it: `kanae statement sign …`.
//!
//! The command line and the demo both perform actions, so what the demo prints is what it did.

use std::fmt;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use evidence::{
    Basis, Digest, Envelope, EnvelopeError, JsonError, Part, Slug, Statement, StatementError, Texts, Unknown,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::actor::{Actor, ActorError};
use crate::author::{Author, ComposeError, Composed, File, Options};
use crate::connection::Client;
use crate::error::ClientError;
use crate::wire::{Outcome, Outgoing};

/// The largest body or signed statement that is read from a file, in bytes.
const MAX_FILE: u64 = 64 << 20;

/// A statement to be made: the arguments of `kanae statement sign`.
#[derive(Debug, Clone, Default)]
pub struct Action {
    /// The kind of statement.
    pub kind: String,
    /// The actor's folder.
    pub actor: PathBuf,
    /// What it is about: a path of slugs, a digest, `genesis`, or the file of a signed statement.
    pub about: String,
    /// The file with the body (JSON); without one, a body without fields.
    pub body: Option<PathBuf>,
    /// JSON pointers into the body, each with what its digest is filled in from: a path of slugs,
    /// the file of a signed statement, `sha256:FILE` for any file's own digest, or `key:FOLDER` for
    /// an actor's key.
    pub references: Vec<(String, String)>,
    /// For an `assessment`: the day for which the node's own advice becomes the body.
    pub advice_as_of: Option<String>,
    /// Files that go with it, each public or with the ground on which it is restricted.
    pub attachments: Vec<(PathBuf, Option<String>)>,
    /// The regime under which it is done.
    pub under: Option<Slug>,
    /// What prompts it.
    pub basis: Option<Basis>,
    /// The ground on which the whole statement is restricted.
    pub restricted: Option<String>,
    /// The statement that it corrects: a digest or a file.
    pub supersedes: Option<String>,
    /// Actors whose new keys a `key-change` adds; they sign too.
    pub cosigners: Vec<PathBuf>,
}

/// Why an action failed.
#[derive(Debug, thiserror::Error)]
pub enum ActionError {
    /// The actor's folder cannot be used.
    #[error(transparent)]
    Actor(#[from] ActorError),
    /// A file cannot be read or written.
    #[error("{}: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// A file does not hold what it should.
    #[error("{}: {problem}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// A reference points nowhere in the body.
    #[error("--ref {pointer}={value}: {problem}")]
    Reference {
        /// The JSON pointer.
        pointer: String,
        /// What it should hold.
        value: String,
        /// What is wrong.
        problem: String,
    },
    /// The statement cannot be composed.
    #[error(transparent)]
    Compose(#[from] ComposeError),
    /// The node cannot be asked, or refuses.
    #[error(transparent)]
    Client(#[from] ClientError),
}

impl Action {
    /// Starts an action.
    pub fn new(kind: &str, actor: impl Into<PathBuf>, about: impl Into<String>) -> Self {
        Self { kind: kind.to_owned(), actor: actor.into(), about: about.into(), ..Self::default() }
    }

    /// Composes and signs the statement. `base` is the folder that relative paths start from.
    pub async fn perform(
        &self,
        base: &Path,
        client: &Client,
        passphrase: Option<&str>,
    ) -> Result<Composed, ActionError> {
        let actor = Actor::open(&base.join(&self.actor), passphrase)?;
        let mut body = match &self.body {
            Some(file) => read_json(&base.join(file))?,
            None => Value::Object(serde_json::Map::new()),
        };
        let about = digest_or_name(base, &self.about)?;
        if let Some(day) = &self.advice_as_of {
            let regime = self.under.as_ref().map_or("", Slug::as_str);
            body = client.advice(&about, regime, Some(day.as_str())).await?.body;
        }
        for (pointer, value) in &self.references {
            let digest = match local_digest(base, value, passphrase)? {
                Some(digest) => digest,
                None => client.resolve(value).await?.digest,
            };
            fill(&mut body, pointer, digest).map_err(|problem| ActionError::Reference {
                pointer: pointer.clone(),
                value: value.clone(),
                problem,
            })?;
        }
        let cosigners = self
            .cosigners
            .iter()
            .map(|folder| Actor::open(&base.join(folder), passphrase))
            .collect::<Result<Vec<_>, _>>()?;
        // Who registers itself, or adds keys, need not copy public keys into the body.
        let issuer = match self.kind.as_str() {
            "organisation" => {
                default_field(&mut body, "keys", || actor.entries());
                "self"
            }
            "key-change" if !cosigners.is_empty() => {
                default_field(&mut body, "add", || {
                    cosigners.iter().flat_map(Actor::entries).collect::<Vec<_>>()
                });
                actor.issuer()
            }
            _ => actor.issuer(),
        }
        .to_owned();
        let supersedes = match &self.supersedes {
            None => None,
            Some(name) => {
                Some(digest_or_name(base, name)?.parse().map_err(|e: evidence::digest::NotADigest| {
                    ActionError::Reference {
                        pointer: "supersedes".into(),
                        value: name.clone(),
                        problem: e.to_string(),
                    }
                })?)
            }
        };
        let options = Options {
            regime: self.under.clone(),
            basis: self.basis.clone(),
            restricted: self.restricted.clone().map(ground),
            attachments: self
                .attachments
                .iter()
                .map(|(path, why)| attach(&base.join(path), why.as_ref()))
                .collect::<Result<_, _>>()?,
            supersedes,
            cosigners: cosigners.iter().flat_map(Actor::keys).collect(),
            language: None,
        };
        let holder = actor.holder().clone();
        let author = Author::new(client.clone(), issuer, holder, actor.into_keys());
        Ok(author.compose(&self.kind, &about, body, options).await?)
    }
}

/// Returns the digest that `name` stands for, where it does not take a node to know.
fn local_digest(base: &Path, name: &str, passphrase: Option<&str>) -> Result<Option<Digest>, ActionError> {
    if let Some(file) = name.strip_prefix("sha256:") {
        let path = base.join(file);
        let bytes = std::fs::read(&path).map_err(|error| ActionError::Io { path, error })?;
        return Ok(Some(evidence::sha256(&bytes)));
    }
    if let Some(folder) = name.strip_prefix("key:") {
        let actor = Actor::open(&base.join(folder), passphrase)?;
        return Ok(actor.keys().first().map(|key| key.public_key().hash()));
    }
    Ok(digest_or_name(base, name)?.parse().ok())
}

/// Returns the digest of the statement in a file, where `name` is a file, else the name.
fn digest_or_name(base: &Path, name: &str) -> Result<String, ActionError> {
    let path = base.join(name);
    if Path::new(name).extension().is_some_and(|e| e == "json") && path.is_file() {
        return Ok(read_signed(&path)?.digest().to_string());
    }
    Ok(name.to_owned())
}

impl Action {
    /// Returns the command line that does the same, with `out` as the file that the signed
    /// statement goes to.
    pub fn command(&self, out: &Path) -> String {
        let mut line = Line::new("kanae statement sign");
        line.word(&self.kind).option("--actor", self.actor.display()).option("--about", &self.about);
        if let Some(body) = &self.body {
            line.option("--body", body.display());
        }
        if let Some(day) = &self.advice_as_of {
            line.option("--advice", day);
        }
        for (pointer, value) in &self.references {
            line.option("--ref", format_args!("{pointer}={value}"));
        }
        for (path, why) in &self.attachments {
            match why {
                None => line.option("--attach", path.display()),
                Some(why) => line.option("--attach-restricted", format_args!("{}={why}", path.display())),
            };
        }
        if let Some(regime) = &self.under {
            line.option("--under", regime);
        }
        if let Some(basis) = &self.basis {
            let kind = serde_json::to_value(basis.kind)
                .ok()
                .and_then(|v| v.as_str().map(str::to_owned))
                .unwrap_or_default();
            line.option("--basis", kind);
            if let Some(article) = &basis.article {
                line.option("--article", article);
            }
        }
        if let Some(why) = &self.restricted {
            line.option("--restricted", why);
        }
        if let Some(supersedes) = &self.supersedes {
            line.option("--supersedes", supersedes);
        }
        for cosigner in &self.cosigners {
            line.option("--cosign", cosigner.display());
        }
        line.option("--out", out.display());
        line.to_string()
    }
}

/// Approves the act in a file with an actor's key: what `kanae statement approve` does.
pub async fn approve(
    base: &Path,
    actor: &Path,
    act: &Path,
    function: Slug,
    reasons: &str,
    client: &Client,
    passphrase: Option<&str>,
) -> Result<Composed, ActionError> {
    let actor = Actor::open(&base.join(actor), passphrase)?;
    let act = read_signed(&base.join(act))?;
    let (issuer, holder) = (actor.issuer().to_owned(), actor.holder().clone());
    let author = Author::new(client.clone(), issuer, holder, actor.into_keys());
    Ok(author.approve(&act, function, ground(reasons.to_owned())).await?)
}

/// A command line; written with its arguments quoted for a shell.
#[derive(Debug)]
pub struct Line(Vec<String>);

impl Line {
    /// Starts with a command of plain words, such as `kanae statement sign`.
    pub fn new(command: &str) -> Self {
        Self(command.split(' ').map(str::to_owned).collect())
    }

    /// Adds an argument.
    pub fn word(&mut self, word: impl fmt::Display) -> &mut Self {
        self.0.push(word.to_string());
        self
    }

    /// Adds an option with its value.
    pub fn option(&mut self, name: &str, value: impl fmt::Display) -> &mut Self {
        self.word(name).word(value)
    }

    /// Returns the words as a program receives them, its own name first.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = |word: &str| {
            !word.is_empty()
                && word.chars().all(|c| {
                    c.is_ascii_alphanumeric()
                        || matches!(c, '-' | '_' | '.' | '/' | '=' | ':' | ',' | '~' | '+')
                })
        };
        for (n, word) in self.0.iter().enumerate() {
            if n > 0 {
                f.write_str(" ")?;
            }
            if plain(word) {
                f.write_str(word)?;
            } else {
                write!(f, "'{}'", word.replace('\'', r"'\''"))?;
            }
        }
        Ok(())
    }
}

/// Submits signed statements, all or nothing, in the order given.
pub async fn submit(client: &Client, statements: &[Composed]) -> Result<Vec<Outcome>, ClientError> {
    let outgoing: Vec<_> =
        statements.iter().map(|s| Outgoing { envelope: &s.envelope, parts: &s.parts }).collect();
    client.submit(&outgoing).await
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SignedFile {
    envelope: Value,
    #[serde(default)]
    parts: Vec<SignedPart>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SignedPart {
    salt: String,
    content: String,
}

/// Writes a signed statement with its parts into a file: the form in which drafts travel from one
/// officer to the next, and which `kanae statement submit` takes.
pub fn write_signed(path: &Path, composed: &Composed) -> Result<(), ActionError> {
    let file = SignedFile {
        envelope: serde_json::from_slice(&composed.envelope.to_bytes()).unwrap_or_default(),
        parts: composed
            .parts
            .iter()
            .map(|part| SignedPart { salt: hex::encode(part.salt), content: STANDARD.encode(&part.bytes) })
            .collect(),
    };
    let io = |error| ActionError::Io { path: path.to_owned(), error };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(io)?;
    }
    let text = serde_json::to_string_pretty(&file).unwrap_or_default() + "\n";
    std::fs::write(path, text).map_err(io)
}

/// Reads a signed statement from a file; its parts must be those that it names.
pub fn read_signed(path: &Path) -> Result<Composed, ActionError> {
    let wrong = |problem: String| ActionError::File { path: path.to_owned(), problem };
    let file: SignedFile = serde_json::from_value(read_json(path)?).map_err(|e| wrong(e.to_string()))?;
    let bytes = serde_json::to_vec(&file.envelope).unwrap_or_default();
    let envelope = Envelope::parse(&bytes).map_err(|e: EnvelopeError| wrong(e.to_string()))?;
    let statement = Statement::parse(envelope.payload(), Unknown::Ignore)
        .map_err(|e: StatementError| wrong(e.to_string()))?;
    let mut parts = Vec::with_capacity(file.parts.len());
    for part in file.parts {
        let mut salt = [0; 32];
        hex::decode_to_slice(&part.salt, &mut salt).map_err(|e| wrong(format!("parts: the salt: {e}")))?;
        let bytes = STANDARD.decode(&part.content).map_err(|e| wrong(format!("parts: the content: {e}")))?;
        let part = Part { salt, bytes };
        if !statement.common().attachments.iter().any(|a| a.commitment == part.commitment()) {
            return Err(wrong(format!("the part {} is no attachment of the statement", part.commitment())));
        }
        parts.push(part);
    }
    Ok(Composed { statement, envelope, parts })
}

fn read_json(path: &Path) -> Result<Value, ActionError> {
    let io = |error| ActionError::Io { path: path.to_owned(), error };
    let size = std::fs::metadata(path).map_err(io)?.len();
    if size > MAX_FILE {
        return Err(io(std::io::Error::new(
            std::io::ErrorKind::InvalidData,
            format!("larger than {MAX_FILE} bytes"),
        )));
    }
    let bytes = std::fs::read(path).map_err(io)?;
    let most = usize::try_from(MAX_FILE).unwrap_or(usize::MAX);
    evidence::json::parse(&bytes, most)
        .map_err(|e: JsonError| ActionError::File { path: path.to_owned(), problem: e.to_string() })
}

fn attach(path: &Path, why: Option<&String>) -> Result<File, ActionError> {
    let io = |error| ActionError::Io { path: path.to_owned(), error };
    let size = std::fs::metadata(path).map_err(io)?.len();
    if size > evidence::statement::MAX_PART as u64 {
        return Err(io(std::io::Error::new(
            std::io::ErrorKind::InvalidData,
            "an attachment has at most 16 MiB",
        )));
    }
    let name = path.file_name().and_then(|n| n.to_str()).unwrap_or("attachment").to_owned();
    let media_type = match path.extension().and_then(|e| e.to_str()) {
        Some("json" | "sig") => "application/json",
        Some("txt" | "md") => "text/plain",
        Some("pdf") => "application/pdf",
        Some("eval" | "zip") => "application/zip",
        Some("csv") => "text/csv",
        _ => "application/octet-stream",
    };
    Ok(File {
        name,
        media_type: media_type.to_owned(),
        bytes: std::fs::read(path).map_err(io)?,
        restricted: why.cloned().map(ground),
    })
}

/// A ground given on a command line has one text, which stands for both languages.
fn ground(text: String) -> Texts {
    Texts { ja: Some(text.clone()), en: Some(text) }
}

fn default_field<T: Serialize>(body: &mut Value, field: &str, value: impl FnOnce() -> T) {
    if let Some(object) = body.as_object_mut()
        && !object.contains_key(field)
    {
        object.insert(field.to_owned(), serde_json::to_value(value()).unwrap_or_default());
    }
}

/// Puts a digest at a JSON pointer; a last step `-` appends to a list (RFC 6902 §4.1).
fn fill(body: &mut Value, pointer: &str, digest: Digest) -> Result<(), String> {
    let (parent, last) =
        pointer.rsplit_once('/').ok_or("a JSON pointer such as /assessment starts with /")?;
    let at = body.pointer_mut(parent).ok_or_else(|| format!("the body has nothing at {parent:?}"))?;
    let value = Value::String(digest.to_string());
    match at {
        Value::Object(object) => {
            object.insert(last.replace("~1", "/").replace("~0", "~"), value);
            Ok(())
        }
        Value::Array(list) if last == "-" => {
            list.push(value);
            Ok(())
        }
        _ => Err(format!("the body has no object or list at {parent:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_filled_in_where_its_pointer_says() {
        let digest = evidence::sha256(b"x");
        let mut body = serde_json::json!({"duties": [{"evidence": []}]});
        fill(&mut body, "/assessment", digest).unwrap();
        fill(&mut body, "/duties/0/evidence/-", digest).unwrap();
        assert_eq!(body["assessment"], digest.to_string());
        assert_eq!(body["duties"][0]["evidence"][0], digest.to_string());
        assert!(fill(&mut body, "/nowhere/at/all", digest).is_err());
        assert!(fill(&mut body, "assessment", digest).is_err());
    }

    #[test]
    fn a_command_line_quotes_what_a_shell_would_take_apart() {
        let mut line = Line::new("kanae");
        line.option("--restricted", "trade secret's; rm");
        assert_eq!(line.to_string(), r"kanae --restricted 'trade secret'\''s; rm'");
    }
}
