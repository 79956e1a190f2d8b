//! Submitting statements, and what waits outside the log.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use evidence::{Digest, EnvelopeError, Language, Part, Predicate, Statement, StatementError, Unknown, json};
use futures::StreamExt as _;
use node::{Caller, Malformed, Outcome, Submission, SubmitError};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::document::Names;
use super::extract::{By, aside};
use crate::problem::{Kind, Problem, ProblemDocument};
use crate::state::App;

/// The longest body with a token: the largest attachments in base64, and the envelopes.
const MAX_BODY: usize = 96 << 20;
/// The longest body without one: the registration of an organisation.
const MAX_ANONYMOUS_BODY: usize = 2 << 20;
/// What is read beyond the bound and thrown away: a caller who is still writing when the
/// connection closes would never see the answer.
const MAX_IGNORED: usize = 4 << 20;

/// Statements to be recorded, all or nothing, in this order.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct SubmissionBody {
    /// 1 to 64 statements; approvals stand before the act that they approve.
    statements: Vec<SubmittedStatement>,
}

/// A statement and what goes with it.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct SubmittedStatement {
    /// The DSSE envelope.
    #[schema(value_type = Object)]
    envelope: Value,
    /// The content of its attachments, in any order.
    #[serde(default)]
    parts: Vec<SubmittedPart>,
}

/// The content of an attachment.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct SubmittedPart {
    /// 32 random bytes in hexadecimal.
    salt: String,
    /// The content in base64 (RFC 4648 §4, with padding).
    content: String,
}

/// What became of the statements.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Outcomes {
    /// One for each statement, in the order submitted.
    outcomes: Vec<OutcomeDocument>,
}

/// What became of a statement.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OutcomeDocument {
    /// Its digest.
    #[schema(value_type = String)]
    statement: Digest,
    /// `recorded`: in the log. `waiting`: outside the log until the organisation is accepted.
    state: &'static str,
    /// Index of its log entry.
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<u64>,
    /// The receipt (C2SP tlog-proof).
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt: Option<String>,
    /// The salt of a restricted entry: keep it, nobody can show without it what the entry says.
    #[serde(skip_serializing_if = "Option::is_none")]
    leaf_salt: Option<String>,
    /// Whether it was recorded before.
    #[serde(skip_serializing_if = "Option::is_none")]
    already: Option<bool>,
    /// The time of arrival, signed under the intake key.
    #[serde(skip_serializing_if = "Option::is_none")]
    arrival: Option<String>,
}

impl From<Outcome> for OutcomeDocument {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Recorded { statement, index, receipt, leaf_salt, already } => Self {
                statement,
                state: "recorded",
                index: Some(index),
                receipt: Some(String::from_utf8_lossy(&receipt).into_owned()),
                leaf_salt: leaf_salt.map(hex::encode),
                already: Some(already),
                arrival: None,
            },
            Outcome::Waiting { statement, arrival_note } => Self {
                statement,
                state: "waiting",
                index: None,
                receipt: None,
                leaf_salt: None,
                already: None,
                arrival: Some(arrival_note),
            },
        }
    }
}

/// Submit statements.
///
/// All are recorded or none. Submitting the same statement again is safe: the answer is its place
/// in the log. A token is needed for everything but the registration of one organisation.
#[utoipa::path(
    post, path = "/api/v1/submissions", tag = "submissions", security((), ("token" = [])),
    request_body = SubmissionBody,
    responses(
        (status = 200, body = Outcomes),
        (status = 400, description = "cannot be read; `pointer` says where", body = ProblemDocument),
        (status = 401, body = ProblemDocument),
        (status = 403, body = ProblemDocument),
        (status = 413, body = ProblemDocument),
        (status = 422, description = "the register refuses a statement: `code` says why, `note` is the refusal signed under the intake key", body = ProblemDocument),
        (status = 429, body = ProblemDocument),
        (status = 503, body = ProblemDocument),
    )
)]
pub(crate) async fn submit(
    State(app): State<App>,
    By(caller): By,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Outcomes>, Problem> {
    let most = if caller == Caller::Anonymous { MAX_ANONYMOUS_BODY } else { MAX_BODY };
    let bytes = read(&headers, body, most).await?;
    let batch = aside(move || read_batch(&bytes, most)).await?;
    let anonymous = caller == Caller::Anonymous;
    match app.node().submit(batch, &caller).await {
        Ok(outcomes) => {
            Ok(Json(Outcomes { outcomes: outcomes.into_iter().map(OutcomeDocument::from).collect() }))
        }
        Err(error) => Err(problem(error, anonymous)),
    }
}

/// Reads a JSON body within bounds.
pub(crate) async fn read(headers: &HeaderMap, body: Body, most: usize) -> Result<Vec<u8>, Problem> {
    let media_type =
        headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        return Err(Problem::new(
            Kind::MediaType,
            format_args!("found {essence:?}, expected application/json"),
        ));
    }
    let mut bytes = Vec::new();
    let mut found = 0;
    let mut stream = body.into_data_stream();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| Problem::new(Kind::Malformed, "the body broke off"))?;
        found += chunk.len();
        if found <= most {
            bytes.extend_from_slice(&chunk);
        } else if found > most + MAX_IGNORED {
            break;
        }
    }
    if found > most {
        return Err(Problem::new(Kind::TooLarge, format_args!("a body may have {most} bytes here"))
            .hint("submit large attachments with a token, and not all in one submission"));
    }
    Ok(bytes)
}

/// Reads strict JSON as one object of a type.
pub(crate) fn typed<T: DeserializeOwned>(bytes: &[u8], most: usize) -> Result<T, Problem> {
    let value = json::parse(bytes, most)?;
    if !value.is_object() {
        return Err(Problem::new(Kind::Malformed, "expected a JSON object").at(""));
    }
    Ok(json::typed(value, "", Unknown::Refuse)?)
}

fn read_batch(bytes: &[u8], most: usize) -> Result<Vec<Submission>, Problem> {
    let body: SubmissionBody = typed(bytes, most)?;
    if body.statements.is_empty() {
        return Err(Problem::new(Kind::Malformed, "expected at least one statement").at("/statements"));
    }
    body.statements
        .into_iter()
        .enumerate()
        .map(|(at, statement)| {
            let envelope = serde_json::to_vec(&statement.envelope).map_err(Problem::internal)?;
            let parts = statement
                .parts
                .into_iter()
                .enumerate()
                .map(|(part_at, part)| read_part(&part, &format!("/statements/{at}/parts/{part_at}")))
                .collect::<Result<_, Problem>>()?;
            Ok(Submission { envelope, parts })
        })
        .collect()
}

fn read_part(part: &SubmittedPart, pointer: &str) -> Result<Part, Problem> {
    let mut salt = [0; 32];
    hex::decode_to_slice(&part.salt, &mut salt).map_err(|_| {
        Problem::new(Kind::Malformed, "expected a salt of 64 hexadecimal digits")
            .at(format!("{pointer}/salt"))
    })?;
    let bytes = STANDARD.decode(&part.content).map_err(|_| {
        Problem::new(Kind::Malformed, "expected strict base64 (RFC 4648 §4, with padding)")
            .at(format!("{pointer}/content"))
    })?;
    Ok(Part { salt, bytes })
}

/// Says in terms of the request why nothing was recorded.
pub(super) fn problem(error: SubmitError, anonymous: bool) -> Problem {
    match error {
        SubmitError::Refused { position, refusal, note } => {
            let hint = hint(refusal.code);
            let detail = format!("{} ({})", refusal.code.label(Language::En), refusal.detail);
            let problem = Problem::new(Kind::Refused, detail)
                .code(refusal.code.as_str())
                .at(format!("/statements/{position}"))
                .note(note);
            hint.into_iter().fold(problem, Problem::hint)
        }
        SubmitError::Malformed { position, problem } => {
            let pointer = format!("/statements/{position}{}", place(&problem));
            Problem::new(Kind::Malformed, &problem).at(pointer)
        }
        SubmitError::TooLarge => Problem::new(Kind::TooLarge, error),
        SubmitError::Forbidden(_) if anonymous => {
            Problem::new(Kind::Unauthenticated, error).hint("ask the node's operator for a token")
        }
        SubmitError::Forbidden(_) => Problem::new(Kind::Forbidden, error),
        SubmitError::IntakeFull(_) | SubmitError::Closed { .. } => Problem::new(Kind::Unavailable, error)
            .hint("try again later; submitting the same statement again is safe"),
        SubmitError::Unclear(cause) => {
            tracing::error!(%cause, "it is not known whether a submission was recorded");
            Problem::new(Kind::Unavailable, "it is not known whether the statements are recorded: the node's storage went away in the middle")
                .hint("submit the same again: what is recorded already keeps its place")
        }
        SubmitError::Store(cause) => {
            tracing::error!(%cause, "a submission was not recorded");
            Problem::new(Kind::Unavailable, "nothing was recorded: the node cannot write to its storage")
                .hint("try again later; submitting the same statement again is safe")
        }
        other => Problem::internal(other),
    }
}

/// Returns where in a submitted statement something is malformed, below its place in the request.
fn place(problem: &Malformed) -> String {
    match problem {
        Malformed::Envelope(EnvelopeError::Base64(member)) => format!("/envelope/{member}"),
        Malformed::Envelope(_) => "/envelope".to_owned(),
        // What is below the payload is not JSON of the request; the detail has its pointer.
        Malformed::Statement(StatementError::Json(_) | _) => "/envelope/payload".to_owned(),
        Malformed::PartStranger { position, .. } => format!("/parts/{position}"),
        _ => "/parts".to_owned(),
    }
}

/// Returns what to do about a refusal, where that is not plain from it.
fn hint(code: register::Code) -> Option<&'static str> {
    use register::Code;
    Some(match code {
        Code::WrongLog => "compose the statement anew: fetch /api/v1/log and name that size and root",
        Code::UnknownKey => "register the key with a key-change, or sign with a registered key",
        Code::EndedKey => "sign with a key in force: /api/v1/organisations/{id} lists them",
        Code::WrongRole | Code::OfficerRequired => "see /api/v1/policy for who may say this",
        Code::ApprovalMissing => "submit the approvals in one batch with the act, before it",
        Code::ApprovalOtherDraft => "have the act that is submitted approved: its digest is what is approved",
        Code::UnknownRegime => "see /api/v1/regimes for what is adopted here",
        Code::UnknownSubject => "look the subject up with /api/v1/resolve",
        Code::ProcedureMissing => "open a procedure with the addressee first",
        _ => return None,
    })
}

/// A registration that waits outside the log.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WaitingDocument {
    /// The digest of the registration: the organisation's identity once it is accepted.
    #[schema(value_type = String)]
    statement: Digest,
    /// The name that it asks for.
    slug: String,
    /// Its names, as it says.
    names: Names,
    /// Country of its seat, as it says.
    country: String,
    /// Time of arrival.
    arrived_at: String,
    /// Its envelope.
    #[schema(value_type = Object)]
    envelope: Value,
}

/// The registrations that wait.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WaitingList {
    /// Oldest first.
    items: Vec<WaitingDocument>,
}

/// Organisations that nobody has accepted yet.
///
/// For authorities and the node's administrator: what waits is not published.
#[utoipa::path(
    get, path = "/api/v1/waiting", tag = "submissions", security(("token" = [])),
    responses((status = 200, body = WaitingList), (status = 401, body = ProblemDocument), (status = 403, body = ProblemDocument))
)]
pub(crate) async fn waiting(State(app): State<App>, by: By) -> Result<Json<WaitingList>, Problem> {
    let view = app.view();
    let authority =
        by.organisation(&view.register).is_some_and(|id| view.register.has_role(&id, "authority", app.now()));
    if !authority {
        by.admin()?;
    }
    let items = aside(move || {
        let waiting = app.node().waiting().map_err(Problem::internal)?;
        waiting.iter().map(|waiting| waiting_document(waiting).map_err(Problem::internal)).collect()
    })
    .await?;
    Ok(Json(WaitingList { items }))
}

fn waiting_document(waiting: &node::WaitingOrganisation) -> Result<WaitingDocument, String> {
    let envelope = evidence::Envelope::parse(&waiting.envelope).map_err(|e| e.to_string())?;
    let statement = Statement::parse(envelope.payload(), Unknown::Ignore).map_err(|e| e.to_string())?;
    let Predicate::Organisation(organisation) = statement.predicate() else {
        return Err(format!("{} waits and is no organisation", waiting.statement));
    };
    Ok(WaitingDocument {
        statement: waiting.statement,
        slug: organisation.slug.to_string(),
        names: (&organisation.names).into(),
        country: organisation.country.clone(),
        arrived_at: waiting.arrived_at.to_string(),
        envelope: serde_json::from_slice(&waiting.envelope).map_err(|e| e.to_string())?,
    })
}
