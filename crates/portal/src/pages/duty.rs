//! One duty of one model: how it stands, the advice beside the decision, and why it is owed.

use std::collections::BTreeSet;
use std::sync::Arc;

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use evidence::{Digest, Predicate};
use law::{DutyResult, Party, Reason, Status, Truth};
use register::state::Recorded;

use super::boards::{self, Board};
use super::deadline::Clock;
use super::format::{day, japanese_day, legal_day};
use super::frame::Frame;
use super::model::find;
use super::parts::{Html, Tag};
use super::scene::Scene;
use super::standing::{Standing, standing, words};
use super::text::Say;
use super::timeline::{Moment, advice, moment};
use super::why::{Why, approvals, article_link, why};
use super::{Failure, Request, page};

#[derive(Template)]
#[template(path = "duty.html")]
pub(crate) struct DutyPage {
    pub(crate) frame: Frame,
    say: Say,
    name: Html,
    sentence: Html,
    tag: Tag,
    note: Html,
    next: Html,
    due: Html,
    article: Html,
    law_status: Tag,
    advice: AdviceBox,
    decision: Option<DecisionBox>,
    why: Why,
    due_why: Option<Why>,
    moments: Vec<Moment>,
    /// The day that comes next.
    coming: Option<Html>,
}

struct AdviceBox {
    /// What came out; none where a decision stands in its place.
    tag: Option<Tag>,
    text: Html,
    when: Html,
}

struct DecisionBox {
    title: Html,
    tags: Vec<Tag>,
    reasons: Html,
    when: Html,
}

pub(crate) async fn show(
    Path((language, organisation, model, regime, duty)): Path<(String, String, String, String, String)>,
    request: Request,
) -> Response {
    page(&language, request, move |scene| make(scene, &format!("{organisation}/{model}"), &regime, &duty))
        .await
}

/// Makes the page, for whoever looks.
pub(crate) fn make(scene: &Scene, path: &str, regime: &str, duty: &str) -> Result<DutyPage, Failure> {
    let say = scene.say;
    let (recorded, developer) = find(scene, path)?;
    let id = recorded.statement.digest();
    let all = boards::of(scene, &id);
    let board = all.iter().find(|board| board.regime == regime).ok_or(Failure::Missing)?;
    let (rule, result) = board.duty(duty).ok_or(Failure::Missing)?;
    let dossier = board.dossier(scene);
    let standing = standing(scene, board, result, &dossier);

    let related = related(scene, board, result, &dossier);
    let mut entries: BTreeSet<u64> = related.iter().map(|one| one.index).collect();
    note_entries(&result.reason, &mut entries);
    let article_text = board.advice.regime.article(&result.article);
    let owner = owner(scene, board, result.by);
    let sentence = say
        .html("duty-sentence")
        .part("owner", owner.clone())
        .part("model", scene.name(&id))
        .with("text", article_text.map_or("", |article| words(scene, &article.text)))
        .html();

    let verdict = match result.owed {
        Truth::True => "duty-owed",
        Truth::False => "duty-not-owed",
        Truth::Undetermined => "duty-maybe-owed",
    };
    let title = say.html(verdict).html();
    let day_now = board.day.to_string();
    let api = path.replace('/', "~");
    let frame = Frame::new(scene, "register", words(scene, &rule.text).to_owned())
        .below(scene.name(&developer), scene.page_of(&developer))
        .below(scene.name(&id), scene.page_of(&id))
        .rests_on(scene, &entries, format!("/api/v1/models/{api}/advice?regime={regime}&as_of={day_now}"));
    Ok(DutyPage {
        frame,
        say,
        name: Html::text(words(scene, &rule.text)),
        sentence,
        next: next(scene, &standing, result, &owner),
        advice: advice_box(scene, board, result, &standing),
        decision: decision(scene, &standing),
        coming: coming(scene, board, result, &standing),
        due_why: due_why(scene, board, result),
        tag: standing.tag,
        note: standing.note,
        due: standing.due,
        article: article_link(scene, &board.advice.regime, &result.article),
        law_status: super::law::status(scene, board.advice.regime.status()),
        why: why(scene, board, &result.reason, &result.article, title),
        moments: related.iter().map(|one| moment(scene, one)).collect(),
    })
}

/// Returns the next day of a duty that is still open.
fn coming(scene: &Scene, board: &Board, result: &DutyResult, standing: &Standing<'_>) -> Option<Html> {
    let say = scene.say;
    if standing.remedied.is_some() {
        return None;
    }
    let (key, day) = match standing.remedy {
        Some((_, request)) => ("coming-remedy", request.deadline.civil()),
        None => ("coming-due", result.due.filter(|_| standing.open)?),
    };
    (day >= board.day).then(|| say.html(key).part("day", legal_day(say.0, day)).html())
}

/// Returns who owes a duty.
fn owner(scene: &Scene, board: &Board, party: Party) -> Html {
    match party {
        Party::Developer => scene.name(&board.developer),
        Party::Authority => Html::join(
            scene.authorities().iter().map(|id| scene.name(id)),
            if scene.say.is_ja() { "、" } else { ", " },
        ),
        other => Html::text(scene.say.word("party", other.as_str())),
    }
}

fn next(scene: &Scene, standing: &Standing<'_>, result: &DutyResult, owner: &Html) -> Html {
    let say = scene.say;
    let key = if standing.remedied.is_some() {
        "next-remedied"
    } else if standing.remedy.is_some() {
        "next-remedy"
    } else if standing.finding.is_some() {
        "next-none"
    } else {
        match result.status {
            Status::NotYet => "next-not-yet",
            Status::Filed => "next-review",
            Status::AppearsUnmet if result.by == Party::Developer => "next-decide",
            Status::Open | Status::AppearsUnmet => "next-file",
            Status::Unresolved => "next-facts",
            Status::AppearsMet | Status::Decided => "next-none",
        }
    };
    Html(say.text(key).with("owner", owner).to_string())
}

/// Shows what the rules make of the record, without judging anyone: as recorded in the advice that
/// a decision cites, else as of today.
fn advice_box(scene: &Scene, board: &Board, result: &DutyResult, standing: &Standing<'_>) -> AdviceBox {
    let say = scene.say;
    let recorded = standing.finding.and_then(|(_, finding)| {
        let advice = scene.register().recorded(&finding.assessment)?;
        let Predicate::Assessment(body) = advice.statement.predicate() else { return None };
        let duty = body.result.duties.iter().find(|duty| duty.id == result.id)?;
        let status: Status = serde_json::from_value(duty.status.as_str().into()).ok()?;
        Some((advice, status))
    });
    let status = recorded.map_or(result.status, |(_, status)| status);
    // The computed status alone: what was signed stands in the box beside it.
    let computed = DutyResult { status, ..result.clone() };
    let bare = super::standing::standing(scene, board, &computed, &[]);
    let text = match (result.owed, status) {
        (_, Status::NotYet) if recorded.is_some() => "advice-was-not-owed",
        (Truth::False, _) => "advice-not-owed",
        (Truth::Undetermined, _) => "advice-undetermined",
        (_, Status::AppearsMet) => "advice-met",
        (_, Status::Filed) => "advice-filed",
        (_, Status::Decided) => "advice-decided",
        (_, Status::AppearsUnmet) => "advice-waiting",
        _ => "advice-open",
    };
    let when = match recorded {
        Some((advice, _)) => say
            .html("advice-recorded")
            .with("day", day(say.0, japanese_day(advice.time)))
            .part("entry", scene.entry(advice))
            .html(),
        None => say.html("advice-today").with("day", day(say.0, board.day)).html(),
    };
    AdviceBox {
        tag: (status != Status::Decided).then_some(bare.tag),
        text: Html(format!("{} {}", say.html(text), bare.note)),
        when,
    }
}

fn decision(scene: &Scene, standing: &Standing<'_>) -> Option<DecisionBox> {
    let say = scene.say;
    let (recorded, finding) = standing.finding?;
    let mut tags = super::timeline::tags(scene, recorded.statement.predicate());
    tags.dedup();
    let mut tags: Vec<Tag> = tags.into_iter().filter(|tag| *tag != advice(scene, finding.advice)).collect();
    tags.push(advice(scene, finding.advice));
    let approvals = approvals(scene, recorded).count();
    let mut when = say
        .html("decision-when")
        .with("day", day(say.0, japanese_day(recorded.time)))
        .part("entry", scene.entry(recorded))
        .count("holders", approvals + 1)
        .html();
    if let Some(procedure) = finding.procedure.and_then(|id| scene.register().recorded(&id)) {
        when =
            Html(format!("{when} {}", say.html("decision-procedure").part("entry", scene.entry(procedure))));
    }
    let mut reasons = say.outside(&finding.reasons);
    if let Some((remedy, request)) = standing.remedy {
        let asked = say
            .html("decision-remedy")
            .part("request", say.outside(&request.request))
            .part("day", legal_day(say.0, request.deadline.civil()))
            .part("entry", scene.entry(remedy));
        reasons = Html(format!("{reasons}</p><p>{asked}"));
    }
    Some(DecisionBox {
        title: say.html("decision-of").part("name", scene.issuer(recorded)).html(),
        tags,
        reasons,
        when,
    })
}

/// Says how the day comes about.
fn due_why(scene: &Scene, board: &Board, result: &DutyResult) -> Option<Why> {
    let (say, reason) = (scene.say, &result.due_because);
    let rule = reason.rule.as_ref()?;
    let clock = Clock {
        scene,
        regime: &board.advice.regime,
        switches: &board.advice.adopted.switches,
        day: board.day,
    };
    let written = clock.deadline(rule);
    let title = match result.due {
        Some(due) => say.html("due-why").part("day", legal_day(say.0, due)).part("rule", written).html(),
        None => say.html("due-why-open").part("rule", written).html(),
    };
    let mut sentences = Vec::new();
    if let Some(from) = reason.from {
        let from = legal_day(say.0, from);
        sentences.push(match reason.from_entry {
            Some(entry) => {
                say.html("due-from-entry").part("day", from).part("entry", scene.entry_at(entry)).html()
            }
            None => say.html("due-from").part("day", from).html(),
        });
    }
    if let (Some(counted), Some(due)) = (reason.counted, result.due) {
        sentences.push(if counted == due {
            say.html("due-stays").html()
        } else {
            say.html("due-moved").part("counted", legal_day(say.0, counted)).html()
        });
    }
    if let Some(calendar) =
        reason.calendar.as_ref().and_then(|id| board.advice.regime.calendars().get(id.as_str()))
    {
        let title = if say.is_ja() { &calendar.title_ja } else { &calendar.title_en };
        sentences.push(say.html("due-calendar").with("title", title).html());
    }
    if reason.beyond_calendar {
        sentences.push(say.html("due-beyond").html());
    }
    if !reason.because.is_empty() {
        sentences.push(super::standing::because(scene, board, &reason.because));
    }
    let note = Html::join(sentences, if say.is_ja() { "" } else { " " });
    Some(Why { title, note, ..Why::bare(say) })
}

/// Collects the entries that a reason rests on.
pub(crate) fn note_entries(reason: &Reason, entries: &mut BTreeSet<u64>) {
    entries.extend(reason.events.iter().map(|event| event.entry));
    entries.extend(reason.facts.iter().flat_map(|fact| fact.stated.iter().map(|stated| stated.source.entry)));
    for child in &reason.children {
        note_entries(child, entries);
    }
}

/// Returns the statements that bear on a duty, in the order of the log.
pub(crate) fn related<'s>(
    scene: &Scene,
    board: &Board,
    result: &DutyResult,
    dossier: &[&'s Arc<Recorded>],
) -> Vec<&'s Arc<Recorded>> {
    let mut entries: BTreeSet<u64> = result.fulfilled_by.iter().copied().collect();
    note_entries(&result.reason, &mut entries);
    entries.extend(result.due_because.from_entry);
    let fulfils =
        board.advice.regime.duty(&result.id).and_then(|rule| rule.fulfilled_by.clone()).unwrap_or_default();
    let mut chosen: BTreeSet<Digest> = BTreeSet::new();
    let mut found = Vec::new();
    for recorded in dossier {
        let predicate = recorded.statement.predicate();
        let about_duty = |duty: &evidence::Slug| duty.as_str() == result.id;
        let bears = entries.contains(&recorded.index)
            || names_predicate(&fulfils, predicate.name())
            || chosen.contains(&recorded.statement.subject())
            || match predicate {
                Predicate::Finding(finding) => about_duty(&finding.duty),
                Predicate::RemedyRequest(request) => about_duty(&request.duty),
                Predicate::Procedure(procedure) => procedure.duty.as_ref().is_some_and(about_duty),
                Predicate::SystemDescription(described) => about_duty(&described.duty),
                _ => false,
            };
        if bears && predicate.name() != "approval" {
            chosen.insert(recorded.statement.digest());
            found.push(*recorded);
        }
    }
    let register = scene.register();
    // Advice that a chosen decision cites.
    let cited: BTreeSet<Digest> = found
        .iter()
        .filter_map(|recorded| match recorded.statement.predicate() {
            Predicate::Finding(finding) => Some(finding.assessment),
            Predicate::Designation(designation) => Some(designation.assessment),
            _ => None,
        })
        .collect();
    found.extend(dossier.iter().filter(|one| {
        cited.contains(&one.statement.digest()) && register.recorded(&one.statement.digest()).is_some()
    }));
    found.sort_by_key(|recorded| recorded.index);
    found.dedup_by_key(|recorded| recorded.index);
    found
}

/// Tells whether a rule of fulfilment names a predicate.
fn names_predicate(rule: &str, predicate: &str) -> bool {
    rule.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).any(|word| word == predicate)
}
