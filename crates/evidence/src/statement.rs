//! Statements: in-toto Statement v1 with Kanae's common fields and typed predicates.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::common::{Common, MAX_TEXT, Visibility};
use crate::digest::{Digest, sha256};
use crate::dsse::{Envelope, MAX_SIGNATURES};
use crate::json::{self, JsonError, Unknown};
use crate::key::SecretKey;
use crate::predicate::Predicate;

/// The statement type of in-toto's attestation framework, version 1.
pub const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";

/// The longest payload that is read, in bytes.
pub const MAX_PAYLOAD: usize = 512 << 10;

/// The most attachments of one statement.
pub const MAX_ATTACHMENTS: usize = 64;

/// The largest attachment, in bytes.
pub const MAX_PART: usize = 16 << 20;

/// A statement: something that someone says about a subject.
///
/// Made only by [`Statement::parse`] and [`Draft::sign`], so the fields agree with the payload.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    digest: Digest,
    subject: Digest,
    common: Common,
    predicate: Predicate,
}

/// Why a payload was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    /// Not strict JSON of the right shape.
    #[error("the statement cannot be read: {0}")]
    Json(#[from] JsonError),
    /// Not an in-toto statement of version 1.
    #[error("at /_type: found {0:?}, expected {STATEMENT_TYPE:?}")]
    Type(String),
    /// Not exactly one subject with a SHA-256 digest.
    #[error("at /subject: expected exactly one subject, found {0}")]
    Subjects(usize),
    /// A common field breaks a rule of its own.
    #[error("at /predicate/common/{field}: {problem}")]
    Common {
        /// The field.
        field: &'static str,
        /// What is wrong.
        problem: String,
    },
}

#[derive(Serialize, Deserialize)]
struct Wire {
    #[serde(rename = "_type")]
    kind: String,
    subject: Vec<WireSubject>,
    #[serde(rename = "predicateType")]
    predicate_type: String,
    predicate: WirePredicate,
}

#[derive(Serialize, Deserialize)]
struct WireSubject {
    digest: WireDigest,
}

#[derive(Serialize, Deserialize)]
struct WireDigest {
    sha256: Digest,
}

#[derive(Serialize, Deserialize)]
struct WirePredicate {
    common: Common,
    body: Value,
}

impl Statement {
    /// Reads a payload.
    ///
    /// `unknown` says what happens to fields that the predicate type does not have: refused on
    /// submission, ignored on replay. An unknown predicate *type* is carried in either case.
    pub fn parse(payload: &[u8], unknown: Unknown) -> Result<Self, StatementError> {
        let wire: Wire = json::typed(json::parse(payload, MAX_PAYLOAD)?, "", unknown)?;
        if wire.kind != STATEMENT_TYPE {
            return Err(StatementError::Type(wire.kind.chars().take(80).collect()));
        }
        let [subject] = &wire.subject[..] else {
            return Err(StatementError::Subjects(wire.subject.len()));
        };
        let statement = Self {
            digest: sha256(payload),
            subject: subject.digest.sha256,
            predicate: Predicate::parse(&wire.predicate_type, wire.predicate.body, unknown)?,
            common: wire.predicate.common,
        };
        check_common(&statement.common)?;
        Ok(statement)
    }

    /// Returns the statement digest: SHA-256 of the payload. It is the statement's identity.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Returns what the statement is about.
    pub fn subject(&self) -> Digest {
        self.subject
    }

    /// Returns the common fields.
    pub fn common(&self) -> &Common {
        &self.common
    }

    /// Returns what is said.
    pub fn predicate(&self) -> &Predicate {
        &self.predicate
    }

    /// Tells whether everyone may see the statement.
    pub fn is_public(&self) -> bool {
        self.common.visibility == Visibility::Public
    }
}

fn check_common(common: &Common) -> Result<(), StatementError> {
    let fail = |field, problem: &str| Err(StatementError::Common { field, problem: problem.to_owned() });
    if common.signers.is_empty() || common.signers.len() > MAX_SIGNATURES {
        return fail("signers", "expected 1 to 16 signers");
    }
    if !common.signers.is_sorted_by(|a, b| a < b) {
        return fail("signers", "expected the hashes sorted, each once");
    }
    if common.log.origin.is_empty() || common.log.origin.len() > 255 {
        return fail("log", "expected an origin of 1 to 255 bytes");
    }
    if common.attachments.len() > MAX_ATTACHMENTS {
        return fail("attachments", "expected at most 64 attachments");
    }
    for attachment in &common.attachments {
        if attachment.name.is_empty()
            || attachment.name.chars().count() > 200
            || attachment.name.chars().any(char::is_control)
        {
            return fail(
                "attachments",
                "an attachment's name has 1 to 200 characters and no control characters",
            );
        }
        if attachment.media_type.is_empty()
            || attachment.media_type.len() > 100
            || !attachment.media_type.is_ascii()
        {
            return fail("attachments", "an attachment's mediaType has 1 to 100 ASCII characters");
        }
        if attachment.size > MAX_PART as u64 {
            return fail("attachments", "an attachment has at most 16 MiB");
        }
        if attachment.visibility == Visibility::Restricted && attachment.confidentiality_ground.is_none() {
            return fail("attachments", "a restricted attachment names its confidentialityGround");
        }
    }
    if common.visibility == Visibility::Restricted && common.confidentiality_ground.is_none() {
        return fail("confidentialityGround", "a restricted statement names the ground");
    }
    if common.basis.article.as_ref().is_some_and(|a| a.is_empty() || a.chars().count() > 200.min(MAX_TEXT)) {
        return fail("basis", "an article has 1 to 200 characters");
    }
    Ok(())
}

/// A statement about to be signed.
#[derive(Debug, Clone)]
pub struct Draft {
    /// What it is about.
    pub subject: Digest,
    /// The common fields; `sign` fills in the `signers`.
    pub common: Common,
    /// What is said.
    pub predicate: Predicate,
}

impl Draft {
    /// Writes the payload and signs it with each key.
    pub fn sign(mut self, keys: &[&SecretKey]) -> Result<(Statement, Envelope), StatementError> {
        self.common.signers = keys.iter().map(|k| k.public_key().hash()).collect();
        let (statement, payload) = self.write()?;
        Ok((statement, Envelope::sign(payload, keys)))
    }

    /// Writes the payload for the signers that the common fields name, to be signed elsewhere.
    pub fn write(mut self) -> Result<(Statement, Vec<u8>), StatementError> {
        self.common.signers.sort_unstable();
        let wire = Wire {
            kind: STATEMENT_TYPE.to_owned(),
            subject: vec![WireSubject { digest: WireDigest { sha256: self.subject } }],
            predicate_type: self.predicate.type_uri(),
            predicate: WirePredicate { common: self.common, body: self.predicate.to_value() },
        };
        let payload = serde_json::to_vec(&wire).map_err(|e| JsonError::Syntax(e.to_string()))?;
        let statement = Statement::parse(&payload, Unknown::Refuse)?;
        Ok((statement, payload))
    }
}
