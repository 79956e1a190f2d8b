//! The first page: what this is, the register in numbers, one duty down to its signature, whom the
//! law would cover.

use std::collections::BTreeSet;
use std::sync::Arc;

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use evidence::Predicate;
use evidence::predicate::Advice;
use law::{Party, Truth};
use register::policy::Leg;

use super::boards::{self, Board};
use super::format::{day, japanese_day};
use super::frame::Frame;
use super::law::Coverage;
use super::parts::Html;
use super::scene::Scene;
use super::standing::{duty_href, standing, words};
use super::text::Say;
use super::why::{Why, why};
use super::{Request, page};

#[derive(Template)]
#[template(path = "home.html")]
struct Home {
    frame: Frame,
    say: Say,
    numbers: Vec<Number>,
    today: String,
    example: Option<Example>,
    coverage: Option<Coverage>,
    base: String,
}

/// A key figure, what it counts, and what it does not.
struct Number {
    count: u64,
    label: Html,
    note: Html,
}

struct Example {
    why: Why,
    href: String,
}

pub(crate) async fn show(Path(language): Path<String>, request: Request) -> Response {
    page(&language, request, |scene| Ok(make(scene))).await
}

fn make(scene: &Scene) -> Home {
    let say = scene.say;
    let boards = boards::all(scene);
    let mut entries = BTreeSet::new();
    let example = example(scene, &boards, &mut entries);
    let frame = Frame::new(scene, "", say.text("home-title").to_string()).rests_on(
        scene,
        &entries,
        "/api/v1/log".to_owned(),
    );
    let frame = frame.fed(crate::feed::address(scene, &[]));
    Home {
        frame,
        say,
        numbers: numbers(scene, &boards),
        today: day(say.0, japanese_day(scene.now)),
        example,
        coverage: super::law::comparison(scene),
        base: scene.base.clone(),
    }
}

fn numbers(scene: &Scene, boards: &[Arc<Board>]) -> Vec<Number> {
    let (say, register) = (scene.say, scene.register());
    let legs: Vec<Option<Leg>> = register.organisations().map(|one| scene.leg(&one.id)).collect();
    let on = |leg: Leg| legs.iter().filter(|found| **found == Some(leg)).count();
    let designated: BTreeSet<_> = boards
        .iter()
        .filter(|board| boards::designation(scene, &board.dossier(scene)).is_some())
        .map(|board| board.developer)
        .collect();
    let (mut open, mut of_state) = (0_u64, 0_u64);
    for board in boards {
        let dossier = board.dossier(scene);
        for duty in board.duties().filter(|duty| duty.owed == Truth::True) {
            if standing(scene, board, duty, &dossier).open {
                open += 1;
                of_state += u64::from(duty.by == Party::Authority);
            }
        }
    }
    let departures: Vec<_> = register
        .statements()
        .filter(|recorded| recorded.superseded_by.is_none() && departs(recorded.statement.predicate()))
        .collect();
    let departing = match departures.last() {
        Some(last) => Html::link(
            &scene.href(&format!("statements/{}", last.statement.digest())),
            say.html("number-departs-read").html(),
        ),
        None => say.html("number-departs-none").html(),
    };
    vec![
        Number {
            count: register.size(),
            label: say.html("number-statements").count("count", register.size()).html(),
            note: say.html("number-restricted").count("count", register.withheld()).html(),
        },
        Number {
            count: legs.len() as u64,
            label: say.html("number-organisations").count("count", legs.len()).html(),
            note: say
                .html("number-legs")
                .count("state", on(Leg::State))
                .count("developers", on(Leg::Developer))
                .count("verifiers", on(Leg::Verifier))
                .html(),
        },
        Number {
            count: designated.len() as u64,
            label: say.html("number-designated").count("count", designated.len()).html(),
            note: say.html("number-models").count("count", register.models().count()).html(),
        },
        Number {
            count: open,
            label: say.html("number-open").count("count", open).html(),
            note: say.html("number-open-state").count("count", of_state).html(),
        },
        Number {
            count: departures.len() as u64,
            label: say.html("number-departs").count("count", departures.len()).html(),
            note: departing,
        },
    ]
}

/// Tells whether a decision departs from the advice.
fn departs(predicate: &Predicate) -> bool {
    match predicate {
        Predicate::Designation(designation) => designation.advice == Advice::Departs,
        Predicate::Finding(finding) => finding.advice == Advice::Departs,
        _ => false,
    }
}

/// Chooses the first duty of a designated developer that is owed, in the register's order.
fn example(scene: &Scene, boards: &[Arc<Board>], entries: &mut BTreeSet<u64>) -> Option<Example> {
    let board = boards.iter().find(|board| {
        boards::designation(scene, &board.dossier(scene)).is_some()
            && board.advice.assessment.coverage == law::Coverage::Covered
    })?;
    let of_developers = |duty: &&law::DutyResult| duty.by == Party::Developer && duty.owed == Truth::True;
    let due =
        |duty: &law::DutyResult| board.advice.regime.duty(&duty.id).is_some_and(|rule| rule.due.is_some());
    let owed: Vec<_> = board.duties().filter(of_developers).filter(|duty| due(duty)).collect();
    // A duty that follows from the designation says more than the one that leads to it.
    let follows = owed.iter().find(|duty| duty.due_because.from_entry.is_some());
    let result = follows.or_else(|| owed.first())?;
    let rule = board.advice.regime.duty(&result.id)?;
    super::duty::note_entries(&result.reason, entries);
    for class in &board.advice.assessment.classes {
        super::duty::note_entries(&class.reason, entries);
    }
    let title = scene
        .say
        .html("home-owed")
        .part("developer", scene.name(&board.developer))
        .part("model", scene.name(&board.model))
        .with("duty", words(scene, &rule.text))
        .with("article", &result.article)
        .html();
    Some(Example {
        why: why(scene, board, &result.reason, &result.article, title),
        href: duty_href(scene, board, &result.id),
    })
}
