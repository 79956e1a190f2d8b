//! What is to be done, worked out from the register and the drafts: nothing is assigned by hand, so
//! nothing is forgotten. The order is published on the page: what has a day first, by day; then by
//! the order of the log. Nothing about who someone is plays a part.

use desk::account::Function;
use desk::{Draft, Versioned};
use evidence::{Date, Digest, Predicate, PredicateType, Texts};
use jiff::civil;
use law::{Party, Status};
use register::state::Recorded;

use super::draft::about_of;
use super::{Room, Stop};
use crate::desk::kinds_for;
use crate::pages::boards;
use crate::pages::format::{days_between, japanese_day, legal_day, moment};
use crate::pages::parts::{Html, Tag};
use crate::pages::scene::Scene;
use crate::pages::standing::{duty_href, standing, words};

/// The most drafts that are looked through.
const MOST: usize = 500;

/// Something to be done.
pub(super) struct Task {
    /// What.
    pub(super) title: Html,
    /// About whom or what.
    pub(super) about: Html,
    pub(super) tag: Tag,
    pub(super) due: Html,
    /// How to begin: label and address.
    pub(super) action: Option<(String, String)>,
    day: Option<civil::Date>,
    place: u64,
}

/// Puts tasks into the published order.
pub(super) fn in_order(mut tasks: Vec<Task>) -> Vec<Task> {
    tasks.sort_by_key(|task| (task.day.is_none(), task.day, task.place));
    tasks
}

fn due(scene: &Scene, day: Option<civil::Date>) -> Html {
    let Some(day) = day else { return Html::text("–") };
    let left = days_between(japanese_day(scene.now), day);
    let words = match left {
        0.. => scene.say.html("days-left").count("days", left).html(),
        _ => scene.say.html("days-past").count("days", -left).html(),
    };
    Html(format!("{} <span class=\"quiet\">{words}</span>", legal_day(scene.say.0, day)))
}

/// Returns the day until which a statement waits for an answer.
fn answer_by(predicate: &Predicate) -> Option<Date> {
    match predicate {
        Predicate::Procedure(body) => Some(body.answer_by),
        Predicate::InformationRequest(body) => Some(body.answer_by),
        Predicate::ReportDemand(body) => Some(body.answer_by),
        Predicate::RemedyRequest(body) => Some(body.deadline),
        Predicate::Order(body) => Some(body.deadline),
        Predicate::Assignment(body) => Some(body.due),
        Predicate::Guidance(body) => body.follow_up_on,
        Predicate::Consultation(body) => Some(body.until),
        _ => None,
    }
}

/// Returns the day with the extensions that were given.
pub(crate) fn day_of(scene: &Scene, recorded: &Recorded) -> Option<civil::Date> {
    let first = answer_by(recorded.statement.predicate())?;
    let longest = scene.register().about(&recorded.statement.digest()).fold(first, |day, later| match later
        .statement
        .predicate()
    {
        Predicate::Extension(extension) if later.issuer == recorded.issuer => day.max(extension.until),
        _ => day,
    });
    Some(longest.civil())
}

/// Returns whom a statement asks to answer: the one it names, else the one that its subject is of.
fn asked(scene: &Scene, recorded: &Recorded) -> Option<Digest> {
    match recorded.statement.predicate() {
        Predicate::InformationRequest(body) if body.addressee.is_some() => body.addressee,
        Predicate::Assignment(body) => Some(body.assignee),
        Predicate::Procedure(body) => Some(body.addressee),
        Predicate::InformationRequest(_)
        | Predicate::ReportDemand(_)
        | Predicate::RemedyRequest(_)
        | Predicate::Order(_)
        | Predicate::Guidance(_)
        | Predicate::InspectionMinutes(_)
        | Predicate::Review(_) => scene.register().addressee(&recorded.statement.subject()),
        _ => None,
    }
}

/// Tells whether what was asked was answered, by whom it was asked of.
fn is_answered(scene: &Scene, recorded: &Recorded, by: &Digest) -> bool {
    let digest = recorded.statement.digest();
    let register = scene.register();
    let replied = register.about(&digest).any(|later| {
        later.issuer == Some(*by)
            && matches!(later.statement.predicate(), Predicate::Reply(_) | Predicate::Opinion(_))
    });
    let worked = match recorded.statement.predicate() {
        Predicate::Assignment(assignment) => {
            let subject = recorded.statement.subject();
            register.dossier(&subject).iter().any(|later| {
                later.index > recorded.index
                    && later.issuer == Some(*by)
                    && later.statement.predicate().name() == assignment.asks_for.as_str()
            })
        }
        // A review without questions asks nothing.
        Predicate::Review(review) => review.questions.is_empty(),
        _ => false,
    };
    replied || worked
}

/// Returns the kind of statement that answers another.
fn answer_kind(predicate: &Predicate) -> &str {
    match predicate {
        Predicate::Assignment(assignment) => assignment.asks_for.as_str(),
        _ => "reply",
    }
}

/// Returns what an organisation has been asked and has not answered.
pub(super) fn asked_of(room: &Room, organisation: &Digest) -> Vec<Task> {
    let scene = &room.scene;
    let drafts = room.member.may(organisation, Function::Draft);
    scene
        .register()
        .statements()
        .filter(|recorded| recorded.superseded_by.is_none())
        .filter(|recorded| asked(scene, recorded) == Some(*organisation))
        .filter(|recorded| !is_answered(scene, recorded, organisation))
        .map(|recorded| {
            let digest = recorded.statement.digest();
            let predicate = recorded.statement.predicate();
            let kind = answer_kind(predicate);
            let about = if kind == "reply" { digest } else { recorded.statement.subject() };
            let regime = recorded
                .statement
                .common()
                .regime
                .as_ref()
                .map(|r| format!("&regime={r}"))
                .unwrap_or_default();
            let day = day_of(scene, recorded);
            Task {
                title: Html::link(&scene.page_of(&digest), Html::text(scene.kind(predicate.name()))),
                about: Html(format!(
                    "{} · {}",
                    scene.issuer(recorded),
                    scene.link(&root_of(scene, recorded))
                )),
                tag: Tag::signed("open", scene.say.text("task-answer")),
                due: due(scene, day),
                action: drafts.then(|| {
                    (
                        scene.say.text("task-reply").to_string(),
                        scene.href(&format!("desk/file/{kind}?for={organisation}&about={about}{regime}")),
                    )
                }),
                day,
                place: recorded.index,
            }
        })
        .collect()
}

/// Returns the thing that a statement is about in the end: a model, an organisation.
fn root_of(scene: &Scene, recorded: &Recorded) -> Digest {
    let mut at = recorded.statement.subject();
    // Subjects are always older than what is about them, so this ends.
    while scene.names(&at).is_none() {
        match scene.register().recorded(&at) {
            Some(below) => at = below.statement.subject(),
            None => break,
        }
    }
    at
}

/// Returns the kinds of statement by which a duty is met and that an organisation may file.
fn fulfilling(scene: &Scene, organisation: &Digest, rule: &law::Duty) -> Vec<&'static PredicateType> {
    let text = rule.fulfilled_by.as_deref().unwrap_or_default();
    let words = text.split(|c: char| !(c.is_ascii_lowercase() || c == '-'));
    let may: Vec<&str> =
        kinds_for(scene.register(), organisation, scene.now).iter().map(|kinds| kinds.kind.name).collect();
    let mut found: Vec<&'static PredicateType> =
        words.filter_map(PredicateType::find).filter(|kind| may.contains(&kind.name)).collect();
    found.dedup_by_key(|kind| kind.name);
    found
}

/// Returns the duties that are open for an organisation: a developer's about its models, those of
/// others about every model.
pub(super) fn duties_of(room: &Room, organisation: &Digest) -> Vec<Task> {
    let scene = &room.scene;
    let party = match scene.leg(organisation) {
        Some(register::policy::Leg::Developer) => Party::Developer,
        Some(register::policy::Leg::State) => Party::Authority,
        Some(register::policy::Leg::Verifier) => Party::Institute,
        None => return Vec::new(),
    };
    let drafts = room.member.may(organisation, Function::Draft);
    let mut tasks = Vec::new();
    for board in &*boards::all(scene) {
        if board.is_idle() || (party == Party::Developer && board.developer != *organisation) {
            continue;
        }
        let dossier = board.dossier(scene);
        for result in board.duties().filter(|duty| duty.by == party) {
            let Some(rule) = board.advice.regime.duty(&result.id) else { continue };
            let stands = standing(scene, board, result, &dossier);
            if !stands.open || result.status == Status::NotYet {
                continue;
            }
            let kinds = if drafts { fulfilling(scene, organisation, rule) } else { Vec::new() };
            let action = kinds.first().map(|kind| {
                let duty = &result.id;
                let query =
                    format!("for={organisation}&about={}&regime={}&duty={duty}", board.model, board.regime);
                (
                    scene.say.text("task-file").with("kind", kind.label(scene.say.0)).to_string(),
                    scene.href(&format!("desk/file/{}?{query}", kind.name)),
                )
            });
            let title =
                Html::link(&duty_href(scene, board, &result.id), Html::text(words(scene, &rule.text)));
            let law = Html::text(scene.title(&board.advice.regime));
            tasks.push(Task {
                title,
                about: Html(format!("{} · {law}", scene.link(&board.model))),
                tag: stands.tag,
                due: stands.due,
                action,
                day: result.due,
                place: dossier.first().map_or(0, |recorded| recorded.index),
            });
        }
    }
    tasks
}

/// Returns the drafts of an organisation that are not done.
pub(super) fn drafts_of(room: &Room, organisation: &Digest) -> Result<Vec<Task>, Stop> {
    let drafts = room.member.desk.list::<Draft>("open", &organisation.to_string(), None, MOST)?;
    Ok(drafts.iter().rev().map(|draft| draft_task(room, draft)).collect())
}

/// Returns the member's own drafts that are in no organisation's name.
pub(super) fn own_drafts(room: &Room) -> Result<Vec<Task>, Stop> {
    let drafts = room.member.desk.list::<Draft>("by", &room.member.account.id, None, MOST)?;
    let open = drafts.iter().rev().filter(|draft| draft.organisation.is_none());
    Ok(open.map(|draft| draft_task(room, draft)).collect())
}

fn draft_task(room: &Room, draft: &Versioned<Draft>) -> Task {
    let (scene, say) = (&room.scene, room.scene.say);
    let href = scene.href(&format!("desk/drafts/{}", draft.id));
    let (tag, label, to) = match draft.frozen() {
        Some(_) => (Tag::signed("filed", say.text("draft-frozen")), "draft-go-sign", format!("{href}/sign")),
        None => (Tag::signed("open", say.text("draft-writing")), "draft-go-on", href.clone()),
    };
    Task {
        title: Html::link(&href, Html::text(scene.kind(&draft.kind))),
        about: about_of(room, draft),
        tag,
        due: moment(say.0, draft.changed_at),
        action: Some((say.text(label).to_string(), to)),
        day: None,
        place: 0,
    }
}

/// Returns the acts that wait for an approval that the member could give.
pub(super) fn approvals_of(room: &Room, organisation: &Digest) -> Result<Vec<Task>, Stop> {
    let scene = &room.scene;
    let Some(holder) = room.member.of(organisation).and_then(|m| m.holder.clone()) else {
        return Ok(Vec::new());
    };
    let drafts = room.member.desk.list::<Draft>("open", &organisation.to_string(), None, MOST)?;
    let waits = |draft: &&Versioned<Draft>| {
        let Some(frozen) = draft.frozen() else { return false };
        let Ok(act) = frozen.act.statement() else { return false };
        let Some(row) = scene.register().approval_needed(&act, scene.now) else { return false };
        act.common().holder != holder
            && !frozen.approvers().iter().any(|(approver, _)| *approver == holder)
            && scene.register().holder_has_role(organisation, &holder, &row.role, scene.now)
    };
    Ok(drafts
        .iter()
        .filter(waits)
        .map(|draft| {
            let mut task = draft_task(room, draft);
            task.tag = Tag::signed("open", scene.say.text("task-approve"));
            task.action = Some((
                scene.say.text("task-look").to_string(),
                scene.href(&format!("desk/drafts/{}/sign", draft.id)),
            ));
            task
        })
        .collect())
}

/// Returns the organisations that wait to be accepted, for those who may accept them.
pub(super) fn waiting_for(room: &Room, organisation: &Digest) -> Result<Vec<Task>, Stop> {
    let scene = &room.scene;
    let accepts = kinds_for(scene.register(), organisation, scene.now)
        .iter()
        .any(|kinds| kinds.kind.name == "role-grant");
    if !accepts {
        return Ok(Vec::new());
    }
    let mut tasks = Vec::new();
    for waiting in scene.node.waiting()? {
        let parsed = evidence::Envelope::parse(&waiting.envelope)
            .ok()
            .and_then(|e| evidence::Statement::parse(e.payload(), evidence::Unknown::Ignore).ok());
        let Some(Predicate::Organisation(body)) = parsed.map(|statement| statement.predicate().clone())
        else {
            continue;
        };
        let names: &Texts = &body.names;
        tasks.push(Task {
            title: scene.say.outside(names),
            about: Html::text(format!(
                "{} · {}",
                body.country,
                body.registry_id.map(|id| format!("{} {}", id.scheme, id.value)).unwrap_or_default()
            )),
            tag: Tag::signed("open", scene.say.text("task-accept")),
            due: moment(scene.say.0, waiting.arrived_at),
            action: Some((
                scene.say.text("task-grant").to_string(),
                scene.href(&format!("desk/file/role-grant?for={organisation}&about={}", waiting.statement)),
            )),
            day: None,
            place: u64::MAX,
        });
    }
    Ok(tasks)
}
