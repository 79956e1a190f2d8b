//! What travels between a client and a node.

use evidence::{Digest, Envelope, Part, Statement, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Where the log stands.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LogState {
    /// The log's origin.
    pub origin: String,
    /// The number of entries.
    pub size: u64,
    /// The root at that size.
    pub root: Digest,
    /// The checkpoint: a signed note.
    pub checkpoint: String,
    /// The verifier key of the log, as the node names it.
    pub verifier_key: String,
    /// The digest of the genesis.
    pub genesis: Digest,
}

/// A thing in the register.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Resolved {
    /// The digest of the statement that created it.
    pub digest: Digest,
    /// What it is: `organisation`, `model`, …, or the name of a predicate.
    pub kind: String,
    /// Its path of slugs, where it has one.
    #[serde(default)]
    pub path: Option<String>,
}

/// A statement to be submitted.
#[derive(Debug, Clone, Copy)]
pub struct Outgoing<'s> {
    /// The statement in its envelope.
    pub envelope: &'s Envelope,
    /// The content of its attachments.
    pub parts: &'s [Part],
}

/// What became of a submitted statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The statement.
    pub statement: Digest,
    /// Where it is.
    pub state: State,
}

/// Where a submitted statement is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// In the log.
    Recorded {
        /// Index of its entry.
        index: u64,
        /// The receipt (C2SP tlog-proof).
        receipt: String,
        /// The salt of a restricted leaf: without it nobody can show what the leaf stands for.
        leaf_salt: Option<[u8; 32]>,
        /// Whether it was there before.
        already: bool,
    },
    /// Outside the log, until an authority accepts the organisation.
    Waiting {
        /// The time of its arrival, signed under the node's intake key.
        arrival: String,
    },
}

/// A recorded statement.
#[derive(Debug, Clone)]
pub struct Found {
    /// The statement, read from the envelope and checked against the digest asked for.
    pub statement: Statement,
    /// Its envelope.
    pub envelope: Envelope,
    /// Index of its log entry.
    pub index: u64,
    /// Entry time, as the node says.
    pub time: Timestamp,
}

/// What a law asks, as the node computes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Advice {
    /// The day as of which it is given.
    pub as_of: String,
    /// The assessment with its reasons.
    pub assessment: Value,
    /// The body of an `assessment` statement that records it.
    pub body: Value,
}

/// What a token allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Everything, making tokens included.
    Admin,
    /// Submitting statements.
    Submit,
}

#[derive(Serialize)]
pub(crate) struct Submission<'s> {
    pub(crate) statements: Vec<SubmittedStatement<'s>>,
}

#[derive(Serialize)]
pub(crate) struct SubmittedStatement<'s> {
    pub(crate) envelope: &'s Value,
    pub(crate) parts: Vec<SubmittedPart>,
}

#[derive(Serialize)]
pub(crate) struct SubmittedPart {
    pub(crate) salt: String,
    pub(crate) content: String,
}

#[derive(Deserialize)]
pub(crate) struct Outcomes {
    pub(crate) outcomes: Vec<WireOutcome>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WireOutcome {
    statement: Digest,
    state: String,
    index: Option<u64>,
    receipt: Option<String>,
    leaf_salt: Option<String>,
    #[serde(default)]
    already: bool,
    arrival: Option<String>,
}

impl WireOutcome {
    /// Reads the outcome, or says what is missing in it.
    pub(crate) fn typed(self) -> Result<Outcome, &'static str> {
        let state = match self.state.as_str() {
            "recorded" => State::Recorded {
                index: self.index.ok_or("a recorded statement has an index")?,
                receipt: self.receipt.ok_or("a recorded statement has a receipt")?,
                leaf_salt: self.leaf_salt.as_deref().map(salt).transpose()?,
                already: self.already,
            },
            "waiting" => {
                State::Waiting { arrival: self.arrival.ok_or("a waiting statement has an arrival note")? }
            }
            _ => return Err("a submitted statement is recorded or waiting"),
        };
        Ok(Outcome { statement: self.statement, state })
    }
}

fn salt(text: &str) -> Result<[u8; 32], &'static str> {
    let mut salt = [0; 32];
    hex::decode_to_slice(text, &mut salt).map_err(|_| "a salt is 64 hexadecimal digits")?;
    Ok(salt)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WireStatement {
    pub(crate) index: u64,
    pub(crate) time: Timestamp,
    pub(crate) envelope: Value,
}

#[derive(Serialize)]
pub(crate) struct NewToken<'t> {
    pub(crate) scope: Scope,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) organisation: Option<&'t str>,
    pub(crate) label: &'t str,
}

#[derive(Deserialize)]
pub(crate) struct MadeToken {
    pub(crate) token: String,
}
