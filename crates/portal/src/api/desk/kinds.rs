//! What an organisation may file, about what, and the form of each kind.

use axum::Json;
use desk::Scope;
use evidence::Digest;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::who::{At, Who};
use crate::api::document::{Names, Thing, label};
use crate::desk::{Room, Stop, form_of, kinds_for, needed_approval, subjects};
use crate::problem::Problem;

/// Finds an organisation that the account works for, by slug or digest.
pub(super) fn organisation_of(room: &Room, name: &str) -> Result<Digest, Stop> {
    let found = name.parse().ok().or_else(|| room.scene.register().find(name));
    found.filter(|id| room.member.of(id).is_some()).ok_or(Stop::Missing)
}

/// The kinds of statement that an organisation may file.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct KindList {
    items: Vec<KindSummary>,
}

/// A kind of statement.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct KindSummary {
    /// Its name.
    kind: String,
    /// What people call it.
    label: Names,
    /// Whether it is said under a law.
    under_regime: bool,
    /// How many approvals it may need.
    approvals: u32,
    /// Where its form is.
    form: String,
}

/// The kinds of statement that an organisation may file by the policy in force.
#[utoipa::path(
    get, path = "/api/v1/desk/organisations/{organisation}/kinds", operation_id = "kinds", tag = "desk",
    security(("account" = [])),
    params(("organisation" = String, Path, description = "slug or digest")),
    responses((status = 200, body = KindList))
)]
pub(super) async fn kinds(who: Who, At(name): At<String>) -> Result<Json<KindList>, Problem> {
    who.works(Scope::Read, move |room| {
        let organisation = organisation_of(room, &name)?;
        let register = room.scene.register();
        let items = kinds_for(register, &organisation, room.scene.now).into_iter().map(|kinds| {
            let kind = kinds.kind.name;
            KindSummary {
                kind: kind.to_owned(),
                label: label(kind),
                under_regime: kinds.row.under_regime,
                approvals: needed_approval(register, kind).map_or(0, |row| row.count),
                form: format!("/api/v1/desk/kinds/{kind}"),
            }
        });
        Ok(KindList { items: items.collect() })
    })
    .await
    .map(Json)
}

/// What statements may be about.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SubjectList {
    /// Newest first, at most 500.
    items: Vec<Thing>,
}

/// What a statement of a kind may be about for an organisation.
#[utoipa::path(
    get, path = "/api/v1/desk/organisations/{organisation}/kinds/{kind}/subjects", operation_id = "subjects",
    tag = "desk", security(("account" = [])),
    params(
        ("organisation" = String, Path, description = "slug or digest"),
        ("kind" = String, Path, description = "such as `public-report`"),
    ),
    responses((status = 200, body = SubjectList))
)]
pub(super) async fn subjects_of(
    who: Who,
    At((name, kind)): At<(String, String)>,
) -> Result<Json<SubjectList>, Problem> {
    who.works(Scope::Read, move |room| {
        let organisation = organisation_of(room, &name)?;
        let scene = room.as_of(Some(&organisation));
        let register = scene.register();
        let kinds = kinds_for(register, &organisation, room.scene.now);
        let found = kinds.iter().find(|kinds| kinds.kind.name == kind).ok_or(Stop::Missing)?;
        let things = subjects(register, found.row, &organisation);
        Ok(SubjectList { items: things.iter().map(|id| Thing::of(register, id)).collect() })
    })
    .await
    .map(Json)
}

/// The form of a kind of statement.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FormDocument {
    /// Its name.
    kind: String,
    /// What people call it.
    label: Names,
    /// What it is for.
    intro: Option<Names>,
    /// What happens next.
    next: Option<Names>,
    /// Its questions, in the order in which people are asked.
    questions: Vec<QuestionDocument>,
    /// The JSON Schema of the statement's body: each question is one of its members.
    #[schema(value_type = Object)]
    schema: Value,
    /// A body that says nothing about anybody.
    #[schema(value_type = Object)]
    example: Value,
}

/// A question.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct QuestionDocument {
    /// Its name: a member of the statement's body.
    name: String,
    /// Whether a statement without it cannot be.
    required: bool,
    /// The question.
    title: Option<Names>,
    /// What helps to answer it.
    hint: Option<Names>,
}

fn names(text: &desk::form::Bilingual) -> Names {
    Names::both(&text.ja, &text.en)
}

/// The form of a kind of statement: its questions, their schema, an example.
#[utoipa::path(
    get, path = "/api/v1/desk/kinds/{kind}", operation_id = "form", tag = "desk", security(("account" = [])),
    params(("kind" = String, Path, description = "such as `public-report`")),
    responses((status = 200, body = FormDocument))
)]
pub(super) async fn form(who: Who, At(kind): At<String>) -> Result<Json<FormDocument>, Problem> {
    who.works(Scope::Read, move |_| {
        let form = form_of(&kind).ok_or(Stop::Missing)?;
        let questions = form.questions.iter().map(|question| {
            let words = form.words.of(&question.name);
            QuestionDocument {
                name: question.name.clone(),
                required: question.required,
                title: words.and_then(|words| words.title.as_ref()).map(names),
                hint: words.and_then(|words| words.hint.as_ref()).map(names),
            }
        });
        Ok(FormDocument {
            kind: form.kind.name.to_owned(),
            label: label(form.kind.name),
            intro: form.words.intro.as_ref().map(names),
            next: form.words.next.as_ref().map(names),
            questions: questions.collect(),
            schema: form.kind.schema().as_value().clone(),
            example: form.kind.example().to_value(),
        })
    })
    .await
    .map(Json)
}
