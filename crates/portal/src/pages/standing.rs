//! How a duty stands, in words for the public: what was signed goes before what is computed, and
//! no computed judgement stands beside a name.

use std::sync::Arc;

use evidence::predicate::{Finding, FindingResult, RemedyRequest};
use law::{DutyResult, Party, Status};
use register::state::Recorded;

use crate::lab::crosswalk::common;

use super::boards::Board;
use super::deadline::period;
use super::format::{days_between, figure, legal_day};
use super::parts::{Html, Tag};
use super::scene::Scene;
use super::why::article_link;

/// How a duty stands.
pub(crate) struct Standing<'s> {
    pub(crate) tag: Tag,
    /// A few words beside the tag.
    pub(crate) note: Html,
    pub(crate) due: Html,
    /// Whether something is still to come from who owes it.
    pub(crate) open: bool,
    /// The finding that stands.
    pub(crate) finding: Option<(&'s Arc<Recorded>, &'s Finding)>,
    /// The remedy requested after it.
    pub(crate) remedy: Option<(&'s Arc<Recorded>, &'s RemedyRequest)>,
    /// The reply that says that it was done.
    pub(crate) remedied: Option<&'s Arc<Recorded>>,
}

/// Tells how a duty stands.
pub(crate) fn standing<'s>(
    scene: &'s Scene,
    board: &Board,
    duty: &DutyResult,
    dossier: &[&'s Arc<Recorded>],
) -> Standing<'s> {
    let say = scene.say;
    let register::Standing { finding, remedy, remedied, open, .. } =
        board.standing(scene.register(), duty, dossier);
    let mut due = due(scene, board, duty);
    let mut note = Html::default();
    let tag = if let Some((asked, request)) = remedy {
        let day = scene.register().answer_day(asked).unwrap_or(request.deadline.civil());
        let left = days_between(board.day, day);
        let words = match left {
            0.. if remedied.is_none() => say.html("days-left-remedy").count("days", left).html(),
            _ => say.html("due-of-remedy").html(),
        };
        due = Html(format!("{} <span class=\"quiet\">{words}</span>", legal_day(say.0, day)));
        match remedied {
            Some(_) => Tag::signed("filed", say.text("status-remedied")),
            None => Tag::signed("decided", say.text("status-remedy")),
        }
    } else if let Some((_, finding)) = finding {
        match finding.result {
            FindingResult::Met => Tag::signed("good", say.text("status-found-met")),
            FindingResult::Unmet => Tag::signed("bad", say.text("status-found-unmet")),
            FindingResult::Unresolved => Tag::signed("unknown", say.text("status-found-unresolved")),
        }
    } else {
        match duty.status {
            Status::NotYet => Tag::computed("later", say.text("status-not-yet")),
            // Whether a day was kept is for a person to decide, after the other could answer.
            Status::AppearsUnmet if duty.by == Party::Developer => {
                Tag::computed("open", say.text("status-waiting"))
            }
            Status::Open | Status::AppearsUnmet if duty.by == Party::Developer => {
                Tag::computed("open", say.text("status-open"))
            }
            Status::Open | Status::AppearsUnmet => Tag::computed("open", say.text("status-open-other")),
            Status::Filed => Tag::signed("filed", say.text("status-filed")),
            Status::AppearsMet => Tag::computed("good", say.text("status-appears-met")),
            Status::Unresolved => {
                note = because(scene, board, &duty.because);
                Tag::computed("unknown", say.text("status-unresolved"))
            }
            Status::Decided => Tag::signed("decided", say.text("status-decided")),
        }
    };
    Standing { tag, note, due, open, finding, remedy, remedied }
}

/// Says what keeps a result open.
pub(crate) fn because(scene: &Scene, board: &Board, because: &law::Because) -> Html {
    let say = scene.say;
    let mut pieces = Vec::new();
    let facts = |names: &law::NameSet| {
        let labels = names.iter().map(|name| fact_label(scene, &board.advice.regime, name));
        Html::join(labels, if say.is_ja() { "、" } else { ", " })
    };
    if !because.missing.is_empty() {
        pieces.push(say.html("because-missing").part("facts", facts(&because.missing)).html());
    }
    if !because.disputed.is_empty() {
        pieces.push(say.html("because-disputed").part("facts", facts(&because.disputed)).html());
    }
    if !because.unsettled.is_empty() {
        pieces.push(say.html("because-unsettled").count("count", because.unsettled.len()).html());
    }
    Html::join(pieces, " ")
}

/// Returns the label of a fact.
pub(crate) fn fact_label(scene: &Scene, regime: &law::Regime, name: &str) -> Html {
    match regime.facts().iter().find(|fact| fact.name == name) {
        Some(fact) => Html::text(words(scene, &fact.label)),
        None => Html(format!("<code>{}</code>", super::parts::escape(name))),
    }
}

/// Names a duty of the common vocabulary.
pub(crate) fn common_duty(scene: &Scene, id: &str) -> String {
    common(id).map_or(id, |known| words(scene, &known.name)).to_owned()
}

/// Returns a text of a regime in the page's language.
pub(crate) fn words<'t>(scene: &Scene, text: &'t law::Text) -> &'t str {
    if scene.say.is_ja() { &text.ja } else { &text.en }
}

fn due(scene: &Scene, board: &Board, duty: &DutyResult) -> Html {
    let say = scene.say;
    let reason = &duty.due_because;
    if let Some(day) = duty.due {
        let shown = legal_day(say.0, day);
        let done = matches!(duty.status, Status::AppearsMet | Status::Filed | Status::Decided);
        if done {
            return shown;
        }
        let left = days_between(board.day, day);
        if left >= 0 {
            return with_days_left(scene, shown, left);
        }
        // The State's own clocks are counted on in view; of others a decision is awaited.
        let note = if duty.by == Party::Authority {
            say.html("due-past-state").count("days", -left).html()
        } else {
            say.html("due-past").html()
        };
        return Html(format!("{shown} <span class=\"quiet\">{note}</span>"));
    }
    if !reason.because.unsettled.is_empty() {
        return Html::text(say.text("due-unsettled"));
    }
    if duty.status == Status::NotYet {
        return Html::text(say.text("due-not-yet"));
    }
    if !reason.because.missing.is_empty() {
        let facts = reason.because.missing.iter().map(|name| fact_label(scene, &board.advice.regime, name));
        let facts = Html::join(facts, if say.is_ja() { "、" } else { ", " });
        return say.html("due-missing").part("facts", facts).html();
    }
    if let Some(rule) = &reason.qualitative {
        let words = say.word("qualitative", &rule.replace(' ', "-"));
        return match reason.from {
            Some(from) => say
                .html("due-so-far")
                .with("words", words)
                .count("days", days_between(from, board.day).max(0))
                .html(),
            None => Html::text(words),
        };
    }
    Html::text(say.text("due-none"))
}

fn with_days_left(scene: &Scene, day: Html, left: i32) -> Html {
    if left < 0 {
        return day;
    }
    let note = scene.say.html("days-left").count("days", left).html();
    Html(format!("{day} <span class=\"quiet\">{note}</span>"))
}

/// Writes the value of a switch or a fact for people: choices by their label, figures as figures.
pub(crate) fn value(scene: &Scene, kind: &law::ValueKind, text: &str) -> Html {
    match kind {
        law::ValueKind::Boolean => Html::text(scene.say.word("value", text)),
        law::ValueKind::Choice { values } | law::ValueKind::Choices { values } => {
            let labels =
                text.split(',').map(|id| match values.iter().find(|choice| choice.id == id.trim()) {
                    Some(choice) => Html::text(words(scene, &choice.label)),
                    None => Html::text(id),
                });
            Html::join(labels, if scene.say.is_ja() { "、" } else { ", " })
        }
        law::ValueKind::Period => period(scene, text),
        law::ValueKind::Number { unit: None } => share(text).unwrap_or_else(|| figure(scene.say, text)),
        law::ValueKind::Number { .. } => figure(scene.say, text),
        law::ValueKind::Date => match text.parse() {
            Ok(date) => legal_day(scene.say.0, date),
            Err(_) => Html::text(text),
        },
        law::ValueKind::Text => Html::text(text),
    }
}

/// Writes a pure number from 0 to 1 in percent, if it has few digits: `0.03` as `3 %`.
fn share(text: &str) -> Option<Html> {
    let number: f64 = text.parse().ok().filter(|number| (0.0..=1.0).contains(number))?;
    let digits = text.split_once('.').map_or("", |(_, digits)| digits);
    let places = digits.len().saturating_sub(2);
    (digits.len() <= 6).then(|| Html(format!("{:.places$}&nbsp;%", number * 100.0)))
}

/// One line of a duty board.
pub(crate) struct Row {
    pub(crate) name: Html,
    pub(crate) href: String,
    pub(crate) article: Html,
    pub(crate) due: Html,
    pub(crate) tag: Tag,
    pub(crate) note: Html,
    pub(crate) open: bool,
}

/// Makes the lines of a board for one party.
pub(crate) fn rows(scene: &Scene, board: &Board, party: impl Fn(Party) -> bool) -> Vec<Row> {
    let dossier = board.dossier(scene);
    board
        .duties()
        .filter(|duty| party(duty.by))
        .filter_map(|result| {
            let rule = board.advice.regime.duty(&result.id)?;
            let standing = standing(scene, board, result, &dossier);
            let missing = result.because.missing.len();
            let note = if standing.note.is_empty() || missing == 0 {
                standing.note
            } else {
                scene.say.html("because-missing-count").count("count", missing).html()
            };
            Some(Row {
                name: Html::text(words(scene, &rule.text)),
                href: duty_href(scene, board, &result.id),
                article: article_link(scene, &board.advice.regime, &result.article),
                due: standing.due,
                tag: standing.tag,
                note,
                open: standing.open,
            })
        })
        .collect()
}

/// Returns the address of a duty's page.
pub(crate) fn duty_href(scene: &Scene, board: &Board, duty: &str) -> String {
    let path = scene.register().path_of(&board.model).unwrap_or_default();
    scene.href(&format!("models/{path}/duties/{}/{duty}", board.regime))
}
