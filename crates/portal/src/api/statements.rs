//! Statements: lists, documents with everything that is known about one, receipts.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use desk::Reading;
use evidence::predicate::Custody;
use evidence::{Attachment, Digest, Envelope, Statement, Unknown, Visibility};
use node::Stored;
use register::Register;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::document::{Cursor, Names, Page, StatementSummary, Thing, label};
use super::extract::{Asked, By, Named, aside, find, point};
use crate::pages::joined;
use crate::problem::{Kind, Problem, ProblemDocument};
use crate::search::{self, Fields, Wrong};
use crate::state::App;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Filter {
    /// Only what came after this entry.
    after: Option<u64>,
    /// At most so many items, 1 to 500; 100 where nothing is given.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<usize>,
    /// Words that must stand in a statement, its kind, or the names of those concerned: parts of words
    /// in scripts with spaces, any letters in others.
    q: Option<String>,
    /// Only statements of this kind, such as `model-facts`.
    kind: Option<String>,
    /// Only statements about this thing: a digest or a path of slugs.
    about: Option<String>,
    /// Only what this organisation said or what concerns it: a slug or a digest.
    organisation: Option<String>,
    /// Only what was done under this law.
    law: Option<String>,
    /// `current`: what nobody has corrected; `corrected`: what somebody has.
    status: Option<String>,
    /// Only what was recorded on this day, in Japanese time, or later.
    from: Option<String>,
    /// Only what was recorded on this day or earlier.
    until: Option<String>,
    /// The register as it stood when the log had so many entries.
    size: Option<u64>,
    /// The register as it stood at the end of this day, in Japanese time.
    day: Option<String>,
}

/// Public statements in the order of the log, searched and chosen.
#[utoipa::path(
    get, path = "/api/v1/statements", operation_id = "statements", tag = "register", params(Filter),
    responses(
        (status = 200, body = Page<StatementSummary>), (status = 400, body = ProblemDocument),
        (status = 404, body = ProblemDocument)
    )
)]
pub(crate) async fn list(
    State(app): State<App>,
    Asked(filter): Asked<Filter>,
) -> Result<Json<Page<StatementSummary>>, Problem> {
    aside(move || {
        let seen = app.seen(point(filter.size, filter.day.as_deref())?);
        let register = &seen.view.register;
        let about = filter.about.as_deref().map(|name| find(register, name)).transpose()?;
        let text = |field: &'_ Option<String>| field.clone().unwrap_or_default();
        let named = [
            ("q", text(&filter.q)),
            ("kind", text(&filter.kind)),
            ("about", about.map(|about| about.to_string()).unwrap_or_default()),
            ("organisation", text(&filter.organisation)),
            ("law", text(&filter.law)),
            ("status", text(&filter.status)),
            ("from", text(&filter.from)),
            ("until", text(&filter.until)),
            ("size", filter.size.map(|size| size.to_string()).unwrap_or_default()),
            ("day", text(&filter.day)),
        ];
        let [q, kind, _, organisation, law, status, from, until, ..] = &named;
        let fields = Fields {
            text: &q.1,
            kind: &kind.1,
            organisation: &organisation.1,
            law: &law.1,
            status: &status.1,
            from: &from.1,
            until: &until.1,
        };
        let (query, wrong) = search::read(register, fields);
        // A kind that nobody knows has no statements; anything else was meant otherwise.
        let unknown = wrong.contains(&Wrong::Kind);
        if let Some(wrong) = wrong.iter().find(|wrong| **wrong != Wrong::Kind) {
            return Err(Problem::new(Kind::Malformed, wrong));
        }
        let set: Vec<_> = named.iter().filter(|(_, value)| !value.is_empty()).cloned().collect();
        let joint = if set.is_empty() { "" } else { "?" };
        let address = format!("/api/v1/statements{joint}{}", joined(&set));
        let found = if unknown {
            Vec::new()
        } else {
            app.memory().index(&seen.view).search(register, &query).entries
        };
        let found = found
            .into_iter()
            .filter_map(|entry| register.at_index(entry))
            .filter(|r| about.is_none_or(|about| r.statement.subject() == about))
            .map(|r| (r.index, r));
        let cursor = Cursor { after: filter.after, limit: filter.limit, ..Cursor::default() };
        Ok(Json(cursor.page(found, &address, register.size(), |r| StatementSummary::of(register, r))))
    })
    .await
}

/// A statement, decoded, with its proof.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StatementDocument {
    /// Its digest: SHA-256 of the payload.
    #[schema(value_type = String)]
    digest: Digest,
    /// Index of its log entry.
    index: u64,
    /// Entry time.
    time: String,
    /// Time of arrival: deadlines count from it.
    arrived_at: String,
    /// The predicate type: a URN.
    predicate_type: String,
    /// Name of the predicate, such as `model-facts`.
    kind: String,
    /// The kind for people.
    label: Names,
    /// Who said it; nobody for the node itself.
    issuer: Option<Thing>,
    /// What it is about.
    subject: Thing,
    /// The common fields, as signed.
    #[schema(value_type = Object)]
    common: Value,
    /// What is said, as signed.
    #[schema(value_type = Object)]
    body: Value,
    /// The keys that signed.
    signers: Vec<Signer>,
    /// What travels beside the statement.
    attachments: Vec<AttachmentDocument>,
    /// The statement that corrects it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    superseded_by: Option<Digest>,
    /// Statements about it, in the order of the log.
    about: Vec<StatementSummary>,
    /// The envelope (DSSE) in normal form.
    #[schema(value_type = Object)]
    envelope: Value,
    /// The log entry, in hexadecimal.
    leaf: String,
    /// The salt of a restricted entry.
    #[serde(skip_serializing_if = "Option::is_none")]
    leaf_salt: Option<String>,
    /// Other documents about it.
    links: Links,
}

/// A key that signed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Signer {
    /// SHA-256 of its SPKI.
    #[schema(value_type = String)]
    key: Digest,
    /// The office that holds it.
    #[serde(skip_serializing_if = "Option::is_none")]
    holder: Option<String>,
    /// Where the private key is kept: `holder` or `node`.
    #[serde(skip_serializing_if = "Option::is_none")]
    custody: Option<&'static str>,
    /// The entry that ended the key.
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_by: Option<u64>,
    /// Since when the key may have been in other hands: what it signed later is disputed.
    #[serde(skip_serializing_if = "Option::is_none")]
    compromised_since: Option<String>,
}

/// Something that travels beside a statement.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AttachmentDocument {
    /// Its name.
    name: String,
    /// Its media type, as the issuer says.
    media_type: String,
    /// Bytes.
    size: u64,
    /// What the statement commits to.
    #[schema(value_type = String)]
    commitment: Digest,
    /// `available`, `restricted` or `erased`.
    state: &'static str,
    /// Why it is restricted.
    #[serde(skip_serializing_if = "Option::is_none")]
    ground: Option<Names>,
    /// The entry that erased it.
    #[serde(skip_serializing_if = "Option::is_none")]
    erased_by: Option<u64>,
    /// Where salt (32 bytes) and content lie.
    #[serde(skip_serializing_if = "Option::is_none")]
    href: Option<String>,
}

/// Other documents about a statement.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Links {
    /// Its receipt (C2SP tlog-proof).
    receipt: String,
    /// Its envelope below `/log/`, where it is public.
    #[serde(skip_serializing_if = "Option::is_none")]
    envelope: Option<String>,
}

/// A statement, decoded, with its envelope.
///
/// A restricted statement is found by those who may see it, and by nobody else.
#[utoipa::path(
    get, path = "/api/v1/statements/{digest}", operation_id = "statement", tag = "register", security((), ("token" = [])),
    params(("digest" = String, Path, description = "the statement's digest")),
    responses((status = 200, body = StatementDocument), (status = 404, body = ProblemDocument))
)]
pub(crate) async fn one(
    State(app): State<App>,
    by: By,
    name: Named,
) -> Result<Json<StatementDocument>, Problem> {
    let view = app.view();
    let digest = name.digest()?;
    let stored = stored(&app, digest, by).await?;
    document(&view.register, digest, &stored).map(Json)
}

/// The receipt of a statement, against the checkpoint published now.
#[utoipa::path(
    get, path = "/api/v1/statements/{digest}/receipt", tag = "register", security((), ("token" = [])),
    params(("digest" = String, Path, description = "the statement's digest")),
    responses(
        (status = 200, description = "a C2SP tlog-proof with the log entry as extra data", body = String, content_type = "text/plain"),
        (status = 404, body = ProblemDocument)
    )
)]
pub(crate) async fn receipt(State(app): State<App>, by: By, name: Named) -> Result<Response, Problem> {
    let digest = name.digest()?;
    // Even the place of a restricted statement is for those who may see it.
    stored(&app, digest, by).await?;
    let receipt =
        aside(move || app.node().receipt(&digest).map_err(Problem::internal)).await?.ok_or_else(missing)?;
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], receipt.to_string()).into_response())
}

fn missing() -> Problem {
    Problem::not_found("no statement with this digest is recorded here, or it is restricted")
        .hint("statements are found by the SHA-256 of their payload; /api/v1/resolve finds things by path")
}

async fn stored(app: &App, digest: Digest, by: By) -> Result<Stored, Problem> {
    let app = app.clone();
    aside(move || {
        let found = app.node().statement(&digest, &by.0).map_err(Problem::internal)?;
        let stored = found.ok_or_else(missing)?;
        if stored.leaf_salt.is_some()
            && let Some(desk) = app.desk()
        {
            // Whoever reads what is restricted is written down before they do.
            let reader = by.organisation(&app.view().register);
            desk.note_readings(vec![Reading::new(digest, reader, None, app.now())])
                .map_err(Problem::internal)?;
        }
        Ok(stored)
    })
    .await
}

pub(super) fn document(
    register: &Register,
    digest: Digest,
    stored: &Stored,
) -> Result<StatementDocument, Problem> {
    let envelope = Envelope::parse(&stored.envelope).map_err(Problem::internal)?;
    let statement = Statement::parse(envelope.payload(), Unknown::Ignore).map_err(Problem::internal)?;
    let recorded = register.recorded(&digest);
    let issuer = match statement.common().issuer {
        evidence::Issuer::Organisation(id) => Some(id),
        evidence::Issuer::Itself => Some(digest),
        evidence::Issuer::Node => None,
    };
    let kind = statement.predicate().name();
    let common = serde_json::to_value(statement.common()).map_err(Problem::internal)?;
    Ok(StatementDocument {
        digest,
        index: stored.index,
        time: stored.time.to_string(),
        arrived_at: stored.arrived_at.to_string(),
        predicate_type: statement.predicate().type_uri(),
        kind: kind.to_owned(),
        label: label(kind),
        issuer: issuer.map(|issuer| Thing::of(register, &issuer)),
        subject: Thing::of(register, &statement.subject()),
        common,
        body: statement.predicate().to_value(),
        signers: statement.common().signers.iter().map(|key| signer(register, key)).collect(),
        attachments: statement
            .common()
            .attachments
            .iter()
            .map(|attachment| attachment_document(register, attachment, statement.is_public()))
            .collect(),
        superseded_by: recorded.and_then(|r| r.superseded_by),
        about: register.about(&digest).map(|r| StatementSummary::of(register, r)).collect(),
        envelope: serde_json::from_slice(&stored.envelope).map_err(Problem::internal)?,
        leaf: hex::encode(&stored.leaf),
        leaf_salt: stored.leaf_salt.map(hex::encode),
        links: Links {
            receipt: format!("/api/v1/statements/{digest}/receipt"),
            envelope: statement.is_public().then(|| format!("/log/envelope/{digest}")),
        },
    })
}

fn signer(register: &Register, key: &Digest) -> Signer {
    let known = register.key(key);
    let ended = known.and_then(|k| k.ended);
    Signer {
        key: *key,
        holder: known.map(|k| k.holder.to_string()),
        custody: known.map(|k| custody(k.custody)),
        ended_by: ended.map(|e| e.by),
        compromised_since: ended.and_then(|e| e.compromised_since).map(|t| t.to_string()),
    }
}

/// Returns where a key is kept, as statements write it.
pub(crate) fn custody(custody: Custody) -> &'static str {
    match custody {
        Custody::Holder => "holder",
        Custody::Node => "node",
    }
}

fn attachment_document(register: &Register, attachment: &Attachment, public: bool) -> AttachmentDocument {
    let erased_by = register.erased_by(&attachment.commitment);
    let open = public && attachment.visibility == Visibility::Public;
    let state = match (erased_by, open) {
        (Some(_), _) => "erased",
        (None, true) => "available",
        (None, false) => "restricted",
    };
    AttachmentDocument {
        name: attachment.name.clone(),
        media_type: attachment.media_type.clone(),
        size: attachment.size,
        commitment: attachment.commitment,
        state,
        ground: attachment.confidentiality_ground.as_ref().map(Names::from),
        erased_by,
        href: (state == "available").then(|| format!("/log/part/{}", attachment.commitment)),
    }
}
