//! Drafts: listing, beginning, reading.

use axum::Json;
use axum::http::StatusCode;
use desk::{Draft, Scope};
use evidence::{Digest, Slug};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::documents::{DraftDocument, DraftSummary};
use super::kinds::organisation_of;
use super::who::{At, Halt, Sent, Tagged, Who};
use crate::api::extract::Asked;
use crate::desk::drafts::{self, Beginning};
use crate::desk::{Room, Stop};
use crate::problem::Problem;

/// Drafts on one page of a list.
const PAGE: usize = 50;

/// Which drafts are listed.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// The organisation, by slug or digest; without one, the account's own that are in no
    /// organisation's name.
    organisation: Option<String>,
    /// Which of the organisation's; without it, the open ones.
    state: Option<State>,
    /// The draft after which the list goes on.
    #[param(max_length = 100)]
    after: Option<String>,
}

/// Which drafts of an organisation.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    /// Being written, signed or approved.
    Open,
    /// On record, or waiting to be.
    Done,
    /// Given up.
    Withdrawn,
}

/// Drafts.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DraftList {
    /// Oldest first.
    items: Vec<DraftSummary>,
    /// The draft after which the list goes on, where it does.
    next: Option<String>,
}

/// Drafts, oldest first.
#[utoipa::path(
    get, path = "/api/v1/desk/drafts", operation_id = "drafts", tag = "drafts", security(("account" = [])),
    params(Which), responses((status = 200, body = DraftList))
)]
pub(super) async fn list(who: Who, Asked(which): Asked<Which>) -> Result<Json<DraftList>, Problem> {
    who.works(Scope::Read, move |room| {
        let after = which.after.as_deref();
        let desk = &room.member.desk;
        let mut found = match &which.organisation {
            Some(name) => {
                let organisation = organisation_of(room, name)?;
                let state = match which.state {
                    None | Some(State::Open) => "open",
                    Some(State::Done) => "done",
                    Some(State::Withdrawn) => "withdrawn",
                };
                desk.list::<Draft>(state, &organisation.to_string(), after, PAGE)?
            }
            None => desk.list::<Draft>("by", &room.member.account.id, after, PAGE)?,
        };
        let next = found.last().filter(|_| found.len() == PAGE).map(|last| last.id.clone());
        if which.organisation.is_none() {
            found.retain(|draft| draft.organisation.is_none());
        }
        Ok(DraftList { items: found.iter().map(|draft| DraftSummary::of(room, draft)).collect(), next })
    })
    .await
    .map(Json)
}

/// What a new draft is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SentBeginning {
    /// The kind of statement, such as `public-report`.
    #[schema(example = "public-report")]
    kind: String,
    /// The organisation in whose name it will be said: slug or digest.
    #[schema(example = "minato-lab")]
    organisation: String,
    /// What it is about: path or digest.
    #[schema(example = "minato-lab/wakaba")]
    about: String,
    /// The law, where the kind is said under one.
    #[schema(example = "eu-gpai")]
    regime: Option<String>,
    /// The duty that it is about.
    #[schema(example = "public-summary")]
    duty: Option<String>,
}

/// Begin a draft.
#[utoipa::path(
    post, path = "/api/v1/desk/drafts", operation_id = "beginDraft", tag = "drafts", security(("account" = [])),
    request_body = SentBeginning, responses((status = 201, body = DraftDocument))
)]
pub(super) async fn begin(
    who: Who,
    Sent(sent): Sent<SentBeginning, 8192>,
) -> Result<Tagged<DraftDocument>, Problem> {
    who.works(Scope::Draft, move |room| {
        let named = organisation_of(room, &sent.organisation).ok();
        let scene = room.as_of(named.as_ref());
        let register = scene.register();
        let digest = |name: &str| {
            name.parse()
                .ok()
                .or_else(|| register.find(name))
                .map_or(String::new(), |id: Digest| id.to_string())
        };
        let beginning = Beginning {
            kind: &sent.kind,
            organisation: &digest(&sent.organisation),
            about: &digest(&sent.about),
            regime: sent.regime.as_deref().unwrap_or_default(),
            duty: sent.duty.as_deref(),
        };
        begun(room, &drafts::begin(room, beginning)?.id)
    })
    .await
}

fn begun(room: &Room, id: &str) -> Result<Tagged<DraftDocument>, Halt> {
    let (draft, form) = drafts::load(room, id)?;
    Ok(Tagged(StatusCode::CREATED, draft.version(), DraftDocument::of(room, &draft, &form)))
}

/// Begin the registration of an organisation of one's own.
#[utoipa::path(
    post, path = "/api/v1/desk/registrations", operation_id = "beginRegistration", tag = "drafts",
    security(("account" = [])), responses((status = 201, body = DraftDocument))
)]
pub(super) async fn register(who: Who) -> Result<Tagged<DraftDocument>, Problem> {
    who.works(Scope::Draft, |room| begun(room, &drafts::begin_registration(room)?.id)).await
}

/// The advice that is to be put on record.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SentAdvice {
    /// The organisation that will say it: slug or digest.
    organisation: String,
    /// The model: path or digest.
    model: String,
    /// The law.
    regime: String,
}

/// Put today's advice about a model into a draft, to be signed as an `assessment`.
#[utoipa::path(
    post, path = "/api/v1/desk/assessments", operation_id = "beginAssessment", tag = "drafts",
    security(("account" = [])), request_body = SentAdvice, responses((status = 201, body = DraftDocument))
)]
pub(super) async fn advise(
    who: Who,
    Sent(sent): Sent<SentAdvice, 8192>,
) -> Result<Tagged<DraftDocument>, Problem> {
    who.works(Scope::Draft, move |room| {
        let organisation = organisation_of(room, &sent.organisation)?;
        let found = sent.model.parse().ok().or_else(|| room.scene.register().find(&sent.model));
        let model: Digest = found.ok_or(Stop::Missing)?;
        let regime: Slug = sent.regime.parse().map_err(|_| Stop::Missing)?;
        begun(room, &drafts::begin_assessment(room, organisation, model, regime)?.id)
    })
    .await
}

/// A draft, with its questions and answers.
#[utoipa::path(
    get, path = "/api/v1/desk/drafts/{draft}", operation_id = "draft", tag = "drafts",
    security(("account" = [])),
    params(("draft" = String, Path, description = "the draft")),
    responses((status = 200, body = DraftDocument, headers(("etag" = String, description = "its version, for If-Match"))))
)]
pub(super) async fn one(who: Who, At(id): At<String>) -> Result<Tagged<DraftDocument>, Problem> {
    who.works(Scope::Read, move |room| shown(room, &id)).await
}

/// Shows a draft as it is now.
pub(super) fn shown(room: &Room, id: &str) -> Result<Tagged<DraftDocument>, Halt> {
    let (draft, form) = drafts::load(room, id)?;
    Ok(Tagged(StatusCode::OK, draft.version(), DraftDocument::of(room, &draft, &form)))
}
