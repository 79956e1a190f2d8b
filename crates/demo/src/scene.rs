//! Doing things on stage: actions that the command line has too, performed, submitted, shown.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use client::action::{self, Line, write_signed};
use client::{Action, ActionError, Actor, ActorError, Client, ClientError, Composed, Scope, Secret, State};
use evidence::{Algorithm, Digest, Language, PredicateType, Slug};
use serde_json::Value;

use crate::audience::{Audience, Said};
use crate::cast::{OPERATOR, Role};
use crate::setting::Setting;

/// Why the demo could not go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DemoError {
    /// An action failed.
    #[error("{what}: {error}")]
    Action {
        /// What was tried.
        what: String,
        /// Why it failed.
        error: Box<ActionError>,
    },
    /// The node could not be asked, or refused what it should take.
    #[error("{what}: {error}")]
    Node {
        /// What was tried.
        what: String,
        /// Why it failed.
        error: Box<ClientError>,
    },
    /// Something was recorded that should have been refused.
    #[error("{what}: recorded, though it should have been refused with {expected}")]
    NotRefused {
        /// What was tried.
        what: String,
        /// The expected reason code.
        expected: &'static str,
    },
    /// A key folder cannot be made or used.
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
    /// A part of the demo other than the node failed.
    #[error("{what}: {problem}")]
    Part {
        /// What was tried.
        what: &'static str,
        /// Why it failed.
        problem: String,
    },
}

pub(crate) fn part<E: std::fmt::Display>(what: &'static str) -> impl FnOnce(E) -> DemoError {
    move |problem| DemoError::Part { what, problem: problem.to_string() }
}

/// The stage while the demo runs: the folder, the node's address, who watches.
pub(crate) struct Scene<'s> {
    pub(crate) folder: &'s Path,
    pub(crate) url: &'s str,
    /// What the demo takes from the law.
    pub(crate) law: Arc<Setting>,
    pub(crate) audience: &'s mut dyn Audience,
    step: usize,
    files: usize,
    pub(crate) recorded: u64,
}

impl<'s> Scene<'s> {
    pub(crate) fn new(
        folder: &'s Path,
        url: &'s str,
        law: Arc<Setting>,
        audience: &'s mut dyn Audience,
    ) -> Self {
        Self { folder, url, law, audience, step: 0, files: 0, recorded: 0 }
    }

    /// Picks the text of the audience's language.
    pub(crate) fn text<'t>(&self, ja: &'t str, en: &'t str) -> &'t str {
        match self.audience.language() {
            Language::Ja => ja,
            Language::En => en,
        }
    }

    pub(crate) fn note(&mut self, ja: &str, en: &str) {
        let text = self.text(ja, en).to_owned();
        self.audience.note(&text);
    }

    pub(crate) fn begin(&mut self, number: usize, ja: &str, en: &str) {
        self.step = number;
        self.files = 0;
        let title = self.text(ja, en).to_owned();
        self.audience.step(number, &title);
    }

    /// Makes the key folder of someone on stage.
    pub(crate) fn enter(&mut self, role: Role) -> Result<(), DemoError> {
        let folder = Self::actor(role);
        let holder = slug(role.holder)?;
        Actor::create(&self.folder.join(&folder), role.issuer, holder, Algorithm::EcdsaP256, None)?;
        let mut line = Line::new("kanae actor new");
        line.word(folder.display()).option("--issuer", role.issuer).option("--holder", role.holder);
        self.audience.command(&line.to_string());
        Ok(())
    }

    /// Has the operator give someone a token: it lets them submit, and approves nothing.
    pub(crate) async fn admit(&mut self, role: Role) -> Result<(), DemoError> {
        let operator = self.client(OPERATOR)?;
        let what = || format!("token for {}", role.issuer);
        let token = operator
            .new_token(Scope::Submit, Some(role.issuer), role.folder)
            .await
            .map_err(|error| DemoError::Node { what: what(), error: Box::new(error) })?;
        let path = Actor::token_path(&self.folder.join(Self::actor(role)));
        write_secret(&path, &token)?;
        let mut line = Line::new("kanae token new");
        line.option("--organisation", role.issuer)
            .option("--label", role.folder)
            .option("--out", Actor::token_path(&Self::actor(role)).display());
        let operator = Actor::token_path(&Self::actor(OPERATOR));
        self.audience
            .command(&format!("KANAE_TOKEN=$(cat {}) {line} --url \"$KANAE_URL\"", operator.display()));
        Ok(())
    }

    pub(crate) fn actor(role: Role) -> PathBuf {
        Path::new("actors").join(role.folder)
    }

    pub(crate) fn client(&self, role: Role) -> Result<Client, DemoError> {
        let token = Actor::open(&self.folder.join(Self::actor(role)), None)?.token()?;
        Client::new(self.url, token)
            .map_err(|error| DemoError::Node { what: self.url.to_owned(), error: Box::new(error) })
    }

    /// Starts an action of someone on stage.
    pub(crate) fn action(role: Role, kind: &str, about: &str) -> Action {
        Action::new(kind, Self::actor(role), about)
    }

    /// Writes a file of this step and returns its path on stage.
    pub(crate) fn file(&mut self, name: &str, bytes: &[u8]) -> Result<PathBuf, DemoError> {
        let path = Path::new("steps").join(format!("{}", self.step)).join(name);
        let whole = self.folder.join(&path);
        let io = |error| DemoError::Io { path: whole.clone(), error };
        if let Some(folder) = whole.parent() {
            std::fs::create_dir_all(folder).map_err(io)?;
        }
        std::fs::write(&whole, bytes).map_err(io)?;
        Ok(path)
    }

    /// Signs a statement with its body, and shows the command.
    pub(crate) async fn sign(
        &mut self,
        role: Role,
        mut action: Action,
        body: &Value,
    ) -> Result<Signed, DemoError> {
        self.files += 1;
        let stem = format!("{:02}-{}", self.files, action.kind);
        if body.as_object().is_some_and(|o| !o.is_empty()) {
            let text = serde_json::to_vec_pretty(body).unwrap_or_default();
            action.body = Some(self.file(&format!("{stem}.json"), &text)?);
        }
        let out = Path::new("steps").join(self.step.to_string()).join(format!("{stem}.statement.json"));
        let what = || format!("{} of {}", action.kind, role.folder);
        let client = self.client(role)?;
        let composed = action
            .perform(self.folder, &client, None)
            .await
            .map_err(|error| DemoError::Action { what: what(), error: Box::new(error) })?;
        write_signed(&self.folder.join(&out), &composed)
            .map_err(|error| DemoError::Action { what: what(), error: Box::new(error) })?;
        self.audience.command(&action.command(&out));
        Ok(Signed { role, composed, out })
    }

    /// Approves a signed act.
    pub(crate) async fn approve(
        &mut self,
        role: Role,
        act: &Signed,
        reasons: &str,
    ) -> Result<Signed, DemoError> {
        self.files += 1;
        let out = Path::new("steps")
            .join(self.step.to_string())
            .join(format!("{:02}-approval.statement.json", self.files));
        let what = || "approval".to_owned();
        let client = self.client(role)?;
        let function = slug("second-officer")?;
        let composed =
            action::approve(self.folder, &Self::actor(role), &act.out, function, reasons, &client, None)
                .await
                .map_err(|error| DemoError::Action { what: what(), error: Box::new(error) })?;
        write_signed(&self.folder.join(&out), &composed)
            .map_err(|error| DemoError::Action { what: what(), error: Box::new(error) })?;
        let mut line = Line::new("kanae statement approve");
        line.word(act.out.display())
            .option("--actor", Self::actor(role).display())
            .option("--reasons", reasons)
            .option("--out", out.display());
        self.audience.command(&line.to_string());
        Ok(Signed { role, composed, out })
    }

    fn submit_line(statements: &[&Signed], by: Option<Role>) -> String {
        let mut line = Line::new("kanae statement submit");
        for signed in statements {
            line.word(signed.out.display());
        }
        if let Some(role) = by {
            line.option("--actor", Self::actor(role).display());
        }
        line.to_string()
    }

    /// Submits signed statements, and shows what became of them.
    pub(crate) async fn submit(&mut self, statements: &[&Signed], by: Role) -> Result<(), DemoError> {
        let client = self.client(by)?;
        let composed: Vec<Composed> = statements.iter().map(|s| s.composed.clone()).collect();
        let what = statements.last().map_or("", |s| s.composed.statement.predicate().name()).to_owned();
        let outcomes = action::submit(&client, &composed)
            .await
            .map_err(|error| DemoError::Node { what, error: Box::new(error) })?;
        self.audience.command(&Self::submit_line(statements, Some(by)));
        for (outcome, signed) in outcomes.iter().zip(statements) {
            let index = match &outcome.state {
                State::Recorded { index, receipt, .. } => {
                    self.recorded += 1;
                    let mut path = self.folder.join(&signed.out).into_os_string();
                    path.push(".tlog-proof");
                    std::fs::write(&path, receipt)
                        .map_err(|error| DemoError::Io { path: path.into(), error })?;
                    Some(*index)
                }
                State::Waiting { .. } => None,
            };
            self.show(signed, index);
        }
        Ok(())
    }

    /// Submits what the register must refuse, and shows the reason.
    pub(crate) async fn refuse(
        &mut self,
        statements: &[&Signed],
        by: Role,
        expected: &'static str,
        (ja, en): (&str, &str),
    ) -> Result<(), DemoError> {
        let client = self.client(by)?;
        let composed: Vec<Composed> = statements.iter().map(|s| s.composed.clone()).collect();
        let what = self.text(ja, en).to_owned();
        match action::submit(&client, &composed).await {
            Err(ClientError::Refused { code, detail, .. }) if code == expected => {
                self.audience.command(&format!("! {}", Self::submit_line(statements, Some(by))));
                self.audience.refused(&what, &code, &detail);
                Ok(())
            }
            Err(error) => Err(DemoError::Node { what, error: Box::new(error) }),
            Ok(_) => Err(DemoError::NotRefused { what, expected }),
        }
    }

    fn show(&mut self, signed: &Signed, index: Option<u64>) {
        let language = self.audience.language();
        let name = signed.composed.statement.predicate().name();
        let kind = PredicateType::find(name).map_or(name, |k| k.label(language)).to_owned();
        let digest = signed.composed.digest();
        let said = Said {
            voice: signed.role.voice,
            who: self.text(signed.role.ja, signed.role.en).to_owned(),
            kind,
            statement: digest,
            index,
            link: format!("{}/{}/statements/{digest}", self.url.trim_end_matches('/'), language.tag()),
        };
        self.audience.said(&said);
    }

    /// Signs and submits.
    pub(crate) async fn say(
        &mut self,
        role: Role,
        action: Action,
        body: &Value,
    ) -> Result<Signed, DemoError> {
        let signed = self.sign(role, action, body).await?;
        self.submit(&[&signed], role).await?;
        Ok(signed)
    }

    /// Signs an act as the first officer, has the second approve it, and submits both.
    pub(crate) async fn decide(
        &mut self,
        action: Action,
        body: &Value,
        reasons: &str,
    ) -> Result<Signed, DemoError> {
        let act = self.sign(crate::cast::OFFICER_1, action, body).await?;
        let approval = self.approve(crate::cast::OFFICER_2, &act, reasons).await?;
        self.submit(&[&approval, &act], crate::cast::OFFICER_2).await?;
        Ok(act)
    }
}

/// A signed statement and the file that it lies in.
pub(crate) struct Signed {
    role: Role,
    pub(crate) composed: Composed,
    pub(crate) out: PathBuf,
}

impl Signed {
    /// Returns the file, as a reference of a later action.
    pub(crate) fn reference(&self) -> String {
        self.out.display().to_string()
    }

    pub(crate) fn digest(&self) -> Digest {
        self.composed.digest()
    }
}

/// Reads one of the demo's own short names.
pub(crate) fn slug(text: &str) -> Result<Slug, DemoError> {
    text.parse().map_err(part("short name"))
}

pub(crate) fn write_secret(path: &Path, secret: &Secret) -> Result<(), DemoError> {
    use std::io::Write as _;
    let io = |error| DemoError::Io { path: path.to_owned(), error };
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = options.open(path).map_err(io)?;
    writeln!(file, "{}", secret.reveal()).map_err(io)
}
