//! What is to be done.

use axum::Json;
use desk::{Draft, Scope, task};
use evidence::Digest;
use serde::Serialize;
use utoipa::ToSchema;

use super::documents::DraftSummary;
use super::kinds::organisation_of;
use super::who::{At, Who};
use crate::api::document::{Names, StatementSummary, Thing};
use crate::desk::{Room, Stop};
use crate::pages::boards;
use crate::problem::Problem;

/// The most drafts that are looked through.
const MOST: usize = 500;

/// What an organisation has to do, in the published order: what has a day first, by day; then by the
/// order of the log.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Tasks {
    /// Statements that wait for an answer of the organisation.
    answers: Vec<AnswerTask>,
    /// Duties that are open.
    duties: Vec<DutyTask>,
    /// Frozen drafts to which the account could give an approval.
    approvals: Vec<DraftSummary>,
    /// Drafts that are not done.
    drafts: Vec<DraftSummary>,
    /// Registrations that wait to be accepted, for those who may.
    acceptances: Vec<AcceptanceTask>,
}

/// A statement that waits for an answer.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AnswerTask {
    /// The statement that asks.
    statement: StatementSummary,
    /// The day until which an answer is awaited.
    due: Option<String>,
    /// The kind of statement that answers it, and what that is about.
    file: FileTask,
}

/// How to begin the draft that does a task.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FileTask {
    /// The kind of statement.
    kind: String,
    /// What it is about.
    #[schema(value_type = String)]
    about: Digest,
    /// The law.
    regime: Option<String>,
    /// The duty.
    duty: Option<String>,
}

/// A duty that is open.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DutyTask {
    /// The model.
    model: Thing,
    /// The law.
    regime: String,
    /// The duty, as the law's file names it.
    duty: String,
    /// In the law's words.
    text: Names,
    /// The last day, where there is one.
    due: Option<String>,
    /// How to begin what fulfils it, where the organisation may file that.
    file: Vec<FileTask>,
}

/// A registration that waits to be accepted.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct AcceptanceTask {
    /// The registration.
    #[schema(value_type = String)]
    registration: Digest,
    /// When it arrived.
    arrived_at: String,
}

/// What an organisation has to do.
#[utoipa::path(
    get, path = "/api/v1/desk/organisations/{organisation}/tasks", operation_id = "tasks", tag = "desk",
    security(("account" = [])),
    params(("organisation" = String, Path, description = "slug or digest")),
    responses((status = 200, body = Tasks))
)]
pub(super) async fn tasks(who: Who, At(name): At<String>) -> Result<Json<Tasks>, Problem> {
    who.works(Scope::Read, move |room| Ok(document(room, &organisation_of(room, &name)?)?)).await.map(Json)
}

fn document(room: &Room, organisation: &Digest) -> Result<Tasks, Stop> {
    let (scene, desk) = (&room.as_of(Some(organisation)), &room.member.desk);
    let (register, now) = (scene.register(), scene.now);
    let mut answers: Vec<_> = task::asked(register).filter(|asked| asked.of == *organisation).collect();
    answers.sort_by_key(|asked| (asked.day.is_none(), asked.day, asked.recorded.index));
    let answers = answers.iter().map(|asked| {
        let statement = &asked.recorded.statement;
        let kind = asked.answer_kind().to_owned();
        let about = if kind == "reply" { statement.digest() } else { statement.subject() };
        let regime = statement.common().regime.as_ref().map(ToString::to_string);
        AnswerTask {
            statement: StatementSummary::of(register, asked.recorded),
            due: asked.day.map(|day| day.to_string()),
            file: FileTask { kind, about, regime, duty: None },
        }
    });
    let boards = boards::all(scene);
    let mut duties = task::duties(register, boards.iter().map(|board| &**board), organisation, now);
    duties.sort_by_key(|duty| (duty.standing.due.is_none(), duty.standing.due, duty.place));
    let duties = duties.iter().filter_map(|open| {
        let (board, duty) = (open.board, &open.result.id);
        let rule = board.advice.regime.duty(duty)?;
        let file = task::fulfilling(register, organisation, rule, now).into_iter().map(|kind| FileTask {
            kind: kind.name.to_owned(),
            about: board.model,
            regime: Some(board.regime.clone()),
            duty: Some(duty.to_string()),
        });
        Some(DutyTask {
            model: Thing::of(register, &board.model),
            regime: board.regime.clone(),
            duty: duty.to_string(),
            text: (&rule.text).into(),
            due: open.standing.due.map(|day| day.to_string()),
            file: file.collect(),
        })
    });
    let drafts = desk.list::<Draft>("open", &organisation.to_string(), None, MOST)?;
    let holder = room.member.of(organisation).and_then(|membership| membership.holder.clone());
    let approvals = drafts.iter().filter(|draft| {
        holder.as_ref().is_some_and(|holder| task::may_approve(register, draft, organisation, holder, now))
    });
    let acceptances = if task::accepts(register, organisation, now) {
        let waiting = scene.node.waiting()?;
        let task = |waiting: &node::WaitingOrganisation| AcceptanceTask {
            registration: waiting.statement,
            arrived_at: waiting.arrived_at.to_string(),
        };
        waiting.iter().map(task).collect()
    } else {
        Vec::new()
    };
    Ok(Tasks {
        answers: answers.collect(),
        duties: duties.collect(),
        approvals: approvals.map(|draft| DraftSummary::of(room, draft)).collect(),
        drafts: drafts.iter().rev().map(|draft| DraftSummary::of(room, draft)).collect(),
        acceptances,
    })
}
