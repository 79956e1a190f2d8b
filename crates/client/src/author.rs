//! Composing statements: look up, check, sign, submit.

use std::fmt;
use std::sync::Arc;

use evidence::predicate::{Approval, ApprovalDecision};
use evidence::{
    Attachment, Basis, BasisKind, Common, Digest, Draft, Envelope, Issuer, JsonError, KeyError, Language,
    LogReference, Nonce, Part, Predicate, PredicateType, SecretKey, Slug, Statement, StatementError, Texts,
    Timestamp, Unknown, Visibility,
};
use serde_json::Value;

use crate::connection::Client;
use crate::error::ClientError;
use crate::wire::{Outcome, Outgoing};

/// Tells the time that a signer claims.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Someone who signs: an organisation or the node, through one holder and their keys.
#[derive(Clone)]
pub struct Author {
    client: Client,
    issuer: String,
    holder: Slug,
    keys: Arc<[SecretKey]>,
    clock: Clock,
}

/// A file that goes with a statement.
#[derive(Debug, Clone)]
pub struct File {
    /// Its name, for people.
    pub name: String,
    /// Its media type (RFC 6838).
    pub media_type: String,
    /// Its content.
    pub bytes: Vec<u8>,
    /// The ground on which it is restricted; public without one.
    pub restricted: Option<Texts>,
}

/// What a statement may say beside its body.
#[derive(Debug, Default)]
pub struct Options<'k> {
    /// The regime under which a legal act is done.
    pub regime: Option<Slug>,
    /// What prompts it; voluntary where nothing is given.
    pub basis: Option<Basis>,
    /// The ground on which it is restricted; public without one.
    pub restricted: Option<Texts>,
    /// What goes with it.
    pub attachments: Vec<File>,
    /// The statement that it corrects.
    pub supersedes: Option<Digest>,
    /// Keys that sign beside the author's own: new keys of a `key-change`, further root keys.
    pub cosigners: Vec<&'k SecretKey>,
    /// The language that counts where translations differ; Japanese where nothing is given.
    pub language: Option<Language>,
}

/// A signed statement, ready to be submitted.
#[derive(Debug, Clone)]
pub struct Composed {
    /// The statement.
    pub statement: Statement,
    /// Its envelope.
    pub envelope: Envelope,
    /// The content of its attachments.
    pub parts: Vec<Part>,
}

impl Composed {
    /// Returns the statement's digest.
    pub fn digest(&self) -> Digest {
        self.statement.digest()
    }
}

/// Why a statement could not be composed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ComposeError {
    /// There is no such kind of statement.
    #[error("there is no kind of statement {found:?}{}", .near.map(|n| format!("; did you mean {n:?}?")).unwrap_or_default())]
    Kind {
        /// What was asked for.
        found: String,
        /// A known kind whose name is close.
        near: Option<&'static str>,
    },
    /// The body does not fit the kind.
    #[error("the body of {kind}: {problem}")]
    Body {
        /// The kind.
        kind: &'static str,
        /// Where, and what is wrong.
        problem: JsonError,
    },
    /// The common fields do not fit.
    #[error(transparent)]
    Statement(#[from] StatementError),
    /// A key in the body cannot be read.
    #[error("the first key of the organisation: {0}")]
    Key(#[from] KeyError),
    /// The author has no key to sign with.
    #[error("there is no key to sign with")]
    NoKey,
    /// The system gives no randomness.
    #[error("the system gives no randomness: {0}")]
    Randomness(#[from] getrandom::Error),
    /// The node could not be asked.
    #[error(transparent)]
    Client(#[from] ClientError),
}

impl Author {
    /// Makes an author: `issuer` is an organisation by slug or digest, `self` for an organisation
    /// that is about to register itself, or `node`.
    pub fn new(client: Client, issuer: impl Into<String>, holder: Slug, keys: Vec<SecretKey>) -> Self {
        let clock: Clock = Arc::new(Timestamp::now);
        Self { client, issuer: issuer.into(), holder, keys: keys.into(), clock }
    }

    /// Returns the author with another clock for `issuedAt`.
    #[must_use]
    pub fn with_clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// Returns the author speaking as another issuer, with the same keys: as an organisation once
    /// it has registered itself.
    #[must_use]
    pub fn speaking_as(self, issuer: impl Into<String>) -> Self {
        Self { issuer: issuer.into(), ..self }
    }

    /// Returns the author with another connection, such as one with a token.
    #[must_use]
    pub fn through(self, client: Client) -> Self {
        Self { client, ..self }
    }

    /// Returns the connection to the node.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Returns the holder.
    pub fn holder(&self) -> &Slug {
        &self.holder
    }

    /// Returns the author's keys.
    pub fn keys(&self) -> &[SecretKey] {
        &self.keys
    }

    /// Composes and signs a statement of a kind such as `model-facts` about a subject: a path of
    /// slugs, a digest, or `genesis`; an `organisation` is about its own first key, whatever is
    /// given. The body must fit the kind.
    pub async fn compose(
        &self,
        kind: &str,
        subject: &str,
        body: Value,
        options: Options<'_>,
    ) -> Result<Composed, ComposeError> {
        let kind = PredicateType::find(kind).ok_or_else(|| unknown_kind(kind))?;
        let predicate = Predicate::parse(&kind.uri(), body, Unknown::Refuse)
            .map_err(|problem| ComposeError::Body { kind: kind.name, problem })?;
        let log = self.client.log().await?;
        let subject = match &predicate {
            Predicate::Organisation(organisation) => match organisation.keys.first() {
                Some(first) => evidence::key::decode_spki(&first.spki)?.hash(),
                None => return Err(ComposeError::NoKey),
            },
            _ if subject == "genesis" => log.genesis,
            _ => self.digest_of(subject).await?,
        };
        let issuer = match self.issuer.as_str() {
            "self" => Issuer::Itself,
            "node" => Issuer::Node,
            organisation => Issuer::Organisation(self.digest_of(organisation).await?),
        };
        let log = LogReference { origin: log.origin, size: log.size, root: log.root };
        self.sign(subject, predicate, issuer, log, options)
    }

    /// Composes the approval of an act: it names the exact draft, and has its visibility.
    ///
    /// An approval is submitted in one batch with the act, before it.
    pub async fn approve(
        &self,
        act: &Composed,
        function: Slug,
        reasons: Texts,
    ) -> Result<Composed, ComposeError> {
        let approval = Approval { function, decision: ApprovalDecision::Approve, reasons };
        let common = act.statement.common();
        let options = Options {
            regime: common.regime.clone(),
            basis: Some(common.basis.clone()),
            restricted: common.confidentiality_ground.clone(),
            language: Some(common.authentic_language),
            ..Options::default()
        };
        let body = Predicate::from(approval).to_value();
        // The act is not recorded yet: its digest is all that there is to look up.
        self.compose("approval", &act.digest().to_string(), body, options).await
    }

    /// Submits statements, all or nothing, in the order given.
    pub async fn submit(&self, statements: &[Composed]) -> Result<Vec<Outcome>, ClientError> {
        let outgoing: Vec<_> =
            statements.iter().map(|s| Outgoing { envelope: &s.envelope, parts: &s.parts }).collect();
        self.client.submit(&outgoing).await
    }

    /// Returns a digest as it is, and looks up a path of slugs.
    async fn digest_of(&self, name: &str) -> Result<Digest, ClientError> {
        match name.parse() {
            Ok(digest) => Ok(digest),
            Err(_) => Ok(self.client.resolve(name).await?.digest),
        }
    }

    fn sign(
        &self,
        subject: Digest,
        predicate: Predicate,
        issuer: Issuer,
        log: LogReference,
        options: Options<'_>,
    ) -> Result<Composed, ComposeError> {
        let Options { regime, basis, restricted, attachments, supersedes, cosigners, language } = options;
        let (attachments, parts) = pack(attachments)?;
        let visibility = if restricted.is_some() { Visibility::Restricted } else { Visibility::Public };
        let common = Common {
            issuer,
            signers: Vec::new(),
            holder: self.holder.clone(),
            issued_at: (self.clock)(),
            log,
            regime,
            basis: basis.unwrap_or(Basis { kind: BasisKind::Voluntary, article: None }),
            visibility,
            confidentiality_ground: restricted,
            nonce: Nonce::random()?,
            attachments,
            authentic_language: language.unwrap_or(Language::Ja),
            supersedes,
        };
        let keys: Vec<&SecretKey> = self.keys.iter().chain(cosigners).collect();
        if keys.is_empty() {
            return Err(ComposeError::NoKey);
        }
        let (statement, envelope) = Draft { subject, common, predicate }.sign(&keys)?;
        Ok(Composed { statement, envelope, parts })
    }
}

impl fmt::Debug for Author {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Author")
            .field("issuer", &self.issuer)
            .field("holder", &self.holder)
            .finish_non_exhaustive()
    }
}

/// Salts the files and writes down what the statement says of them.
fn pack(files: Vec<File>) -> Result<(Vec<Attachment>, Vec<Part>), getrandom::Error> {
    let mut attachments = Vec::with_capacity(files.len());
    let mut parts = Vec::with_capacity(files.len());
    for File { name, media_type, bytes, restricted } in files {
        let part = Part::new(bytes)?;
        attachments.push(Attachment {
            name,
            media_type,
            size: part.bytes.len() as u64,
            commitment: part.commitment(),
            visibility: if restricted.is_some() { Visibility::Restricted } else { Visibility::Public },
            confidentiality_ground: restricted,
        });
        parts.push(part);
    }
    Ok((attachments, parts))
}

fn unknown_kind(found: &str) -> ComposeError {
    let near = PredicateType::all()
        .iter()
        .map(|kind| (distance(kind.name, found), kind.name))
        .min()
        .filter(|(distance, _)| *distance <= 3);
    ComposeError::Kind { found: found.chars().take(80).collect(), near: near.map(|(_, name)| name) }
}

/// Returns the number of single-letter edits between two words (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(80).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut before = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let changed = before + usize::from(x != *y);
            before = row[j + 1];
            row[j + 1] = changed.min(before + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}
