//! What is to be done, as the desk shows it. The order is published on the page: what has a day
//! first, by day; then by the order of the log. Nothing about who someone is plays a part.

use desk::account::Function;
use desk::{Draft, Versioned, task};
use evidence::{Digest, Predicate, Texts};
use jiff::civil;
use register::state::Recorded;

use super::draft::about_of;
use super::{Room, Stop};
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

impl Task {
    /// Something that does not come from the record: it stands behind what does, on the same day.
    pub(super) fn new(
        scene: &Scene,
        title: Html,
        about: Html,
        tag: Tag,
        day: Option<civil::Date>,
        action: Option<(String, String)>,
    ) -> Self {
        Self { title, about, tag, due: due(scene, day), action, day, place: u64::MAX }
    }
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

/// Returns what an organisation has been asked and has not answered.
pub(super) fn asked_of(room: &Room, organisation: &Digest) -> Vec<Task> {
    let scene = &room.as_of(Some(organisation));
    let drafts = room.member.may(organisation, Function::Draft);
    task::asked(scene.register())
        .filter(|asked| asked.of == *organisation)
        .map(|asked| {
            let recorded = asked.recorded;
            let digest = recorded.statement.digest();
            let predicate = recorded.statement.predicate();
            let kind = asked.answer_kind();
            let about = if kind == "reply" { digest } else { recorded.statement.subject() };
            let regime = recorded
                .statement
                .common()
                .regime
                .as_ref()
                .map(|r| format!("&regime={r}"))
                .unwrap_or_default();
            let day = asked.day;
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

/// Returns the duties that are open for an organisation.
pub(super) fn duties_of(room: &Room, organisation: &Digest) -> Vec<Task> {
    let scene = &room.scene;
    let register = scene.register();
    let drafts = room.member.may(organisation, Function::Draft);
    let boards = boards::all(scene);
    let open = task::duties(register, boards.iter().map(|board| &**board), organisation, scene.now);
    let tasks = open.into_iter().filter_map(|duty| {
        let (board, result) = (duty.board, duty.result);
        let rule = board.advice.regime.duty(&result.id)?;
        let kinds =
            if drafts { task::fulfilling(register, organisation, rule, scene.now) } else { Vec::new() };
        let action = kinds.first().map(|kind| {
            let query = format!(
                "for={organisation}&about={}&regime={}&duty={}",
                board.model, board.regime, result.id
            );
            (
                scene.say.text("task-file").with("kind", kind.label(scene.say.0)).to_string(),
                scene.href(&format!("desk/file/{}?{query}", kind.name)),
            )
        });
        let shown = standing(scene, board, result, &board.dossier(scene));
        let law = Html::text(scene.title(&board.advice.regime));
        Some(Task {
            title: Html::link(&duty_href(scene, board, &result.id), Html::text(words(scene, &rule.text))),
            about: Html(format!("{} · {law}", scene.link(&board.model))),
            tag: shown.tag,
            due: shown.due,
            action,
            day: duty.standing.due,
            place: duty.place,
        })
    });
    tasks.collect()
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
        task::may_approve(scene.register(), draft, organisation, &holder, scene.now)
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
    if !task::accepts(scene.register(), organisation, scene.now) {
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
