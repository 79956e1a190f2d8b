//! Tips: sent by anyone, read by named handlers.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use desk::tip::{Tip, TipError};
use desk::{Desk, Scope, Versioned};
use evidence::Digest;
use register::policy::Leg;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::documents::Person;
use super::who::{At, Halt, Sent, Who, no_desk};
use crate::api::extract::aside;
use crate::desk::{Refused, Room, handling};
use crate::problem::{Kind, Problem};
use crate::state::App;

/// The longest body: one message.
const MAX_BODY: usize = 128 << 10;

/// Tips.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TipList {
    /// Those that wait for an answer first, then by the day of the last message.
    items: Vec<TipSummary>,
}

/// A tip in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TipSummary {
    /// Its name.
    id: String,
    /// The authority that it was sent to.
    #[schema(value_type = String)]
    authority: Digest,
    /// The day of the last message.
    on: Option<String>,
    /// Whether it waits for an answer.
    waits: bool,
    /// Whether it was closed.
    closed: bool,
    /// The organisation that it is about, once a handler has said so.
    #[schema(value_type = Option<String>)]
    about: Option<Digest>,
}

/// A tip as its handlers see it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TipDocument {
    #[serde(flatten)]
    summary: TipSummary,
    /// What has been said, oldest first.
    messages: Vec<MessageDocument>,
    /// Who has read it, latest first.
    readings: Vec<ReadingDocument>,
}

/// Something said in a tip.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MessageDocument {
    /// The handler who says it; none: the reporter. A reporter learns no handler's name.
    by: Option<Person>,
    /// `reporter` or `authority`.
    from: &'static str,
    /// The day.
    on: String,
    /// What is said.
    text: String,
}

/// That a handler has read a tip.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReadingDocument {
    /// Who.
    by: Person,
    /// When.
    at: String,
}

impl TipSummary {
    fn of(tip: &Tip) -> Self {
        Self {
            id: tip.id.clone(),
            authority: tip.authority,
            on: tip.messages.last().map(|message| message.on.to_string()),
            waits: tip.waits(),
            closed: tip.closed,
            about: tip.about,
        }
    }
}

fn messages(tip: &Tip, room: Option<&Room>) -> Vec<MessageDocument> {
    let messages = tip.messages.iter().map(|message| MessageDocument {
        by: room.and_then(|room| Some(Person::of(room, message.by.as_ref()?))),
        from: if message.by.is_some() { "authority" } else { "reporter" },
        on: message.on.to_string(),
        text: message.text.clone(),
    });
    messages.collect()
}

fn document(room: &Room, tip: &Tip) -> TipDocument {
    let readings = tip
        .readings
        .iter()
        .rev()
        .take(50)
        .map(|reading| ReadingDocument { by: Person::of(room, &reading.by), at: reading.at.to_string() });
    TipDocument {
        summary: TipSummary::of(tip),
        messages: messages(tip, Some(room)),
        readings: readings.collect(),
    }
}

/// The tips that the account handles.
#[utoipa::path(
    get, path = "/api/v1/desk/tips", operation_id = "tips", tag = "tips", security(("account" = [])),
    responses((status = 200, body = TipList))
)]
pub(super) async fn inbox(who: Who) -> Result<Json<TipList>, Problem> {
    who.works(Scope::Tips, |room| {
        let tips = handling::inbox(room)?;
        Ok(TipList { items: tips.iter().map(|tip| TipSummary::of(tip)).collect() })
    })
    .await
    .map(Json)
}

/// A tip. That it was read is written down.
#[utoipa::path(
    get, path = "/api/v1/desk/tips/{tip}", operation_id = "tip", tag = "tips", security(("account" = [])),
    params(("tip" = String, Path, description = "the tip")),
    responses((status = 200, body = TipDocument))
)]
pub(super) async fn one(who: Who, At(id): At<String>) -> Result<Json<TipDocument>, Problem> {
    who.works(Scope::Tips, move |room| Ok(document(room, &*handling::read(room, &id)?))).await.map(Json)
}

/// A message.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SentMessage {
    /// 1 to 20,000 characters.
    #[schema(min_length = 1, max_length = 20_000)]
    text: String,
}

/// Answer a tip.
#[utoipa::path(
    post, path = "/api/v1/desk/tips/{tip}/messages", operation_id = "answerTip", tag = "tips",
    security(("account" = [])), params(("tip" = String, Path, description = "the tip")),
    request_body = SentMessage, responses((status = 200, body = TipDocument))
)]
pub(super) async fn say(
    who: Who,
    At(id): At<String>,
    Sent(sent): Sent<SentMessage, MAX_BODY>,
) -> Result<Json<TipDocument>, Problem> {
    who.works(Scope::Tips, move |room| {
        let mut tip = handling::load(room, &id)?;
        let by = Some(room.member.account.id.clone());
        tip.say(by, &sent.text, room.scene.now).map_err(|error| Halt::from(problem(error)))?;
        room.member.desk.save(&mut tip)?;
        Ok(document(room, &tip))
    })
    .await
    .map(Json)
}

/// What handlers say of a tip.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SentState {
    /// Nothing more can be said in a closed tip.
    closed: bool,
    /// The organisation that it is about, by slug or digest; without it, none.
    about: Option<String>,
}

/// Say whether a tip is closed, and whom it is about.
#[utoipa::path(
    put, path = "/api/v1/desk/tips/{tip}/state", operation_id = "closeTip", tag = "tips",
    security(("account" = [])), params(("tip" = String, Path, description = "the tip")),
    request_body = SentState, responses((status = 200, body = TipDocument))
)]
pub(super) async fn close(
    who: Who,
    At(id): At<String>,
    Sent(sent): Sent<SentState, 4096>,
) -> Result<Json<TipDocument>, Problem> {
    who.works(Scope::Tips, move |room| {
        let mut tip = handling::load(room, &id)?;
        tip.closed = sent.closed;
        let register = room.scene.register();
        let about = sent.about.map(|name| name.parse().ok().or_else(|| register.find(&name)));
        tip.about = match about {
            None => None,
            Some(found) => Some(
                found
                    .filter(|id| register.organisation(id).is_some())
                    .ok_or(Refused::wrong("about", "wrong-choice"))?,
            ),
        };
        room.member.desk.save(&mut tip)?;
        Ok(document(room, &tip))
    })
    .await
    .map(Json)
}

fn problem(error: TipError) -> Problem {
    match error {
        TipError::Message => Problem::new(Kind::Wrong, error).code("tip-message").at("/text"),
        TipError::Full => Problem::new(Kind::Unavailable, error),
        TipError::Closed => Problem::new(Kind::Conflict, error).code("tip-closed"),
        TipError::Desk(error) if error.is_conflict() => {
            Problem::new(Kind::Conflict, "someone else wrote at the same time: try again")
        }
        TipError::Desk(error) => Problem::internal(error),
    }
}

/// What somebody tells an authority.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SentTip {
    /// The authority, by digest.
    authority: String,
    /// 1 to 20,000 characters.
    #[schema(min_length = 1, max_length = 20_000)]
    text: String,
}

/// The way back to a tip.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TipCode {
    /// Shown once and kept nowhere.
    code: String,
}

fn desk_of(app: &App) -> Result<Desk, Problem> {
    app.desk().cloned().ok_or_else(no_desk)
}

/// Tell an authority something without saying who you are.
///
/// No token is needed, and one that is sent is not looked at.
#[utoipa::path(
    post, path = "/api/v1/tips", operation_id = "sendTip", tag = "tips", security(()),
    request_body = SentTip, responses((status = 201, body = TipCode))
)]
pub(super) async fn send(
    State(app): State<App>,
    Sent(sent): Sent<SentTip, MAX_BODY>,
) -> Result<(StatusCode, Json<TipCode>), Problem> {
    let desk = desk_of(&app)?;
    let (view, now) = (app.view(), app.now());
    let authority = sent.authority.parse().ok().filter(|id| view.register.leg(id, now) == Some(Leg::State));
    let authority: Digest = authority.ok_or_else(|| {
        Problem::new(Kind::Wrong, "no authority here has this digest")
            .code("tip-authority-missing")
            .at("/authority")
    })?;
    let code = aside(move || desk.take_tip(authority, &sent.text, now).map_err(problem)).await?;
    Ok((StatusCode::CREATED, Json(TipCode { code })))
}

/// The code of a tip, and what is added to it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SentCode {
    /// The code.
    #[schema(max_length = 100)]
    code: String,
    /// What is added: 1 to 20,000 characters.
    #[schema(min_length = 1, max_length = 20_000)]
    text: Option<String>,
}

/// A tip as its reporter sees it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TipThread {
    /// What has been said, oldest first.
    messages: Vec<MessageDocument>,
    /// Whether it was closed.
    closed: bool,
}

/// Read one's own tip, and add to it. The code travels in the body only.
#[utoipa::path(
    post, path = "/api/v1/tips/read", operation_id = "readTip", tag = "tips", security(()),
    request_body = SentCode, responses((status = 200, body = TipThread))
)]
pub(super) async fn read(
    State(app): State<App>,
    Sent(sent): Sent<SentCode, MAX_BODY>,
) -> Result<Json<TipThread>, Problem> {
    let (desk, now) = (desk_of(&app)?, app.now());
    aside(move || {
        let found = desk.tip_of(&sent.code).map_err(Problem::internal)?;
        let mut tip: Versioned<Tip> = found.ok_or_else(|| {
            Problem::new(Kind::Wrong, "no tip has this code").code("tip-code-wrong").at("/code")
        })?;
        if let Some(text) = &sent.text {
            tip.say(None, text, now).map_err(problem)?;
            desk.save(&mut tip).map_err(|error| problem(error.into()))?;
        }
        Ok(TipThread { messages: messages(&tip, None), closed: tip.closed })
    })
    .await
    .map(Json)
}
