//! Changing a draft: answers, what stands around them, remarks.

use std::collections::BTreeMap;

use axum::Json;
use desk::draft::{MAX_REMARK, MAX_REMARKS};
use desk::form::{Fields, fits, write};
use desk::{Draft, Form, Scope, Stage, Versioned};
use evidence::{Basis, Digest};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::documents::{DraftDocument, Prompt, SentTexts, Tongue};
use super::drafts::shown;
use super::who::{At, Halt, Sent, Tagged, Who, place_of};
use crate::desk::drafts::{Around, load, load_to_change, remark as say, save, set_around};
use crate::desk::{Room, Stop, offered};
use crate::problem::{Kind, Place, Problem};

/// Answers to questions of a form.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SentAnswers {
    /// By the name of the question: the answer, as its form's schema has it; `null` takes it back.
    /// Questions that are not named keep their answers.
    #[schema(value_type = BTreeMap<String, Value>, example = json!({"capabilities": {"en": "Writes text."}}))]
    answers: BTreeMap<String, Value>,
}

/// Answer questions of a draft.
///
/// All answers are kept or none. An answer that is wrong is not kept: the problem says where and why.
#[utoipa::path(
    patch, path = "/api/v1/desk/drafts/{draft}/answers", operation_id = "answer", tag = "drafts",
    security(("account" = [])),
    params(
        ("draft" = String, Path, description = "the draft"),
        ("If-Match" = String, Header, description = "the ETag of the draft that was seen"),
    ),
    request_body = SentAnswers,
    responses((status = 200, body = DraftDocument))
)]
pub(super) async fn answer(
    who: Who,
    At(id): At<String>,
    Sent(sent): Sent<SentAnswers>,
) -> Result<Tagged<DraftDocument>, Problem> {
    who.changes(Scope::Draft, id, load_to_change, move |room, draft, form| {
        if !matches!(draft.stage, Stage::Writing) {
            return Err(Stop::Conflict.into());
        }
        answer_all(room, draft, form, &sent.answers)?;
        save(room, draft)?;
        shown(room, &draft.id)
    })
    .await
}

fn answer_all(
    room: &Room,
    draft: &mut Versioned<Draft>,
    form: &Form,
    answers: &BTreeMap<String, Value>,
) -> Result<(), Halt> {
    let mut places = Vec::new();
    for (name, value) in answers {
        let at = format!("/answers/{}", name.replace('~', "~0").replace('/', "~1"));
        let Some(question) = form.question(name) else {
            let detail = "there is no such question".to_owned();
            places.push(Place { pointer: at, code: "unknown", detail });
            continue;
        };
        let mut fields = Fields::new();
        if !value.is_null() {
            if let Err(misfit) = fits(&question.shape, &at, value) {
                places.push(Place { detail: misfit.to_string(), pointer: misfit.at, code: "misfit" });
                continue;
            }
            write(&question.shape, name, value, &mut fields);
            let (_, wrong) = desk::form::read(question, &fields);
            places.extend(wrong.iter().map(|wrong| {
                let place = place_of(room, wrong);
                Place { pointer: format!("/answers{}", place.pointer), ..place }
            }));
        }
        draft.answer(question, fields);
    }
    if places.is_empty() {
        return Ok(());
    }
    let problem = Problem::new(Kind::Wrong, "some answers are wrong").code("answers").places(places);
    Err(Halt::from(problem))
}

/// What there is to choose from in a question.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ChoiceList {
    items: Vec<ChoicesOfField>,
}

/// What there is to choose from in a field.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ChoicesOfField {
    /// The field: its way in the body, without the numbers of items, such as `team.holder`.
    field: String,
    /// At most 300.
    choices: Vec<ChoiceDocument>,
}

/// A value to choose.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ChoiceDocument {
    /// What the answer holds.
    value: String,
    /// For people, in English.
    label: String,
}

/// What there is to choose from in a question of a draft: from the law, the register, one's own keys.
#[utoipa::path(
    get, path = "/api/v1/desk/drafts/{draft}/questions/{question}/choices", operation_id = "choices",
    tag = "drafts", security(("account" = [])),
    params(
        ("draft" = String, Path, description = "the draft"),
        ("question" = String, Path, description = "the question"),
    ),
    responses((status = 200, body = ChoiceList))
)]
pub(super) async fn choices(
    who: Who,
    At((id, name)): At<(String, String)>,
) -> Result<Json<ChoiceList>, Problem> {
    who.works(Scope::Read, move |room| {
        let (draft, form) = load_to_change(room, &id)?;
        form.question(&name).ok_or(Stop::Missing)?;
        let within =
            |way: &str| way == name || way.strip_prefix(&name).is_some_and(|rest| rest.starts_with('.'));
        let fields = form.words.question.iter().filter(|(way, _)| within(way));
        let items = fields.filter_map(|(way, words)| {
            let choices = offered(room, &draft, words.from.as_ref()?).into_iter();
            let choices = choices.map(|choice| ChoiceDocument { value: choice.value, label: choice.label });
            Some(ChoicesOfField { field: way.clone(), choices: choices.collect() })
        });
        Ok(ChoiceList { items: items.collect() })
    })
    .await
    .map(Json)
}

/// What stands around a statement.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SentAround {
    /// What prompts it.
    basis: Prompt,
    /// The article: at most 200 characters.
    #[schema(max_length = 200)]
    article: Option<String>,
    /// The language that counts where translations differ.
    language: Tongue,
    /// The ground on which all of it is restricted; none: it will be public.
    restricted: Option<SentTexts>,
}

/// Set what stands around a draft: all of it.
#[utoipa::path(
    put, path = "/api/v1/desk/drafts/{draft}/around", operation_id = "setAround", tag = "drafts",
    security(("account" = [])),
    params(
        ("draft" = String, Path, description = "the draft"),
        ("If-Match" = String, Header, description = "the ETag of the draft that was seen"),
    ),
    request_body = SentAround,
    responses((status = 200, body = DraftDocument))
)]
pub(super) async fn around(
    who: Who,
    At(id): At<String>,
    Sent(sent): Sent<SentAround, { 64 << 10 }>,
) -> Result<Tagged<DraftDocument>, Problem> {
    who.changes(Scope::Draft, id, load_to_change, move |room, draft, _| {
        let article = sent.article.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let fits = |text: &String| text.chars().count() <= 200 && !text.chars().any(char::is_control);
        if !article.iter().all(fits) {
            return Err(crate::desk::Refused::wrong("article", "wrong-control").into());
        }
        let restricted = ground(sent.restricted)?;
        let basis = Basis { kind: sent.basis.into(), article };
        set_around(room, draft, Around { basis, language: sent.language.into(), restricted })?;
        shown(room, &draft.id)
    })
    .await
}

/// Reads a ground for restriction; one that says nothing is none to restrict on.
pub(super) fn ground(sent: Option<SentTexts>) -> Result<Option<evidence::Texts>, Halt> {
    let Some(sent) = sent else { return Ok(None) };
    match sent.read("restricted")? {
        Some(ground) => Ok(Some(ground)),
        None => Err(crate::desk::Refused::wrong("restricted", "ground-missing").into()),
    }
}

/// Something said on a draft.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SentRemark {
    /// 1 to 4,000 characters.
    #[schema(min_length = 1, max_length = 4_000)]
    text: String,
}

/// Say something on a draft. Whoever may read it may.
#[utoipa::path(
    post, path = "/api/v1/desk/drafts/{draft}/remarks", operation_id = "remark", tag = "drafts",
    security(("account" = [])),
    params(("draft" = String, Path, description = "the draft")),
    request_body = SentRemark,
    responses((status = 200, body = DraftDocument))
)]
pub(super) async fn remark(
    who: Who,
    At(id): At<String>,
    Sent(sent): Sent<SentRemark, { 32 << 10 }>,
) -> Result<Tagged<DraftDocument>, Problem> {
    who.works(Scope::Draft, move |room| {
        let (mut draft, _) = load(room, &id)?;
        let text = sent.text.trim();
        if text.is_empty() || text.chars().count() > MAX_REMARK {
            let problem = format!("a remark has 1 to {MAX_REMARK} characters");
            return Err(Halt::from(Problem::new(Kind::Wrong, problem).at("/text")));
        }
        if draft.remarks.len() >= MAX_REMARKS {
            return Err(Stop::Conflict.into());
        }
        say(room, &mut draft, text)?;
        shown(room, &id)
    })
    .await
}

/// Let a frozen draft be written again. Signatures and approvals of its bytes are gone.
#[utoipa::path(
    post, path = "/api/v1/desk/drafts/{draft}/reopen", operation_id = "reopen", tag = "drafts",
    security(("account" = [])),
    params(
        ("draft" = String, Path, description = "the draft"),
        ("If-Match" = String, Header, description = "the ETag of the draft that was seen"),
    ),
    responses((status = 200, body = DraftDocument))
)]
pub(super) async fn reopen(who: Who, At(id): At<String>) -> Result<Tagged<DraftDocument>, Problem> {
    who.changes(Scope::Draft, id, load_to_change, |room, draft, _| {
        draft.reopen()?;
        save(room, draft)?;
        shown(room, &draft.id)
    })
    .await
}

/// Give a draft up.
#[utoipa::path(
    post, path = "/api/v1/desk/drafts/{draft}/withdraw", operation_id = "withdraw", tag = "drafts",
    security(("account" = [])),
    params(
        ("draft" = String, Path, description = "the draft"),
        ("If-Match" = String, Header, description = "the ETag of the draft that was seen"),
    ),
    responses((status = 200, body = DraftDocument))
)]
pub(super) async fn withdraw(who: Who, At(id): At<String>) -> Result<Tagged<DraftDocument>, Problem> {
    who.changes(Scope::Draft, id, load_to_change, |room, draft, _| {
        draft.withdraw()?;
        save(room, draft)?;
        shown(room, &draft.id)
    })
    .await
}

/// Reads a digest of a request, at its place.
pub(super) fn digest_at(text: &str, at: &'static str) -> Result<Digest, Halt> {
    text.parse().map_err(|_| crate::desk::Refused::wrong(at, "wrong-digest").into())
}
