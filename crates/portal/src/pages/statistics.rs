//! The register in numbers, and the board of the State's own duties.

use std::collections::BTreeSet;
use std::sync::Arc;

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use law::Party;

use super::boards::{self, Board};
use super::chart;
use super::format::japanese_day;
use super::frame::Frame;
use super::parts::Html;
use super::scene::Scene;
use super::standing::{Row, rows, words};
use super::text::Say;
use super::{Failure, Request, page};
use crate::statistics::{OfLaw, Said, Taken, duties, said, taken};

/// Months that the table of kinds tells apart: as many as fit beside each other.
const TABLE_MONTHS: usize = 6;
/// Most kinds that the chart tells apart, the most frequent ones.
const MAX_BARS: usize = 10;
/// Most duties of a law on the board.
const MAX_ROWS: usize = 200;

/// The parts of a bar of duties: class of the style sheet, and the message that names it.
const PARTS: [(&str, &str); 5] = [
    ("part-open", "statistics-open"),
    ("part-filed", "statistics-filed"),
    ("part-met", "statistics-met"),
    ("part-decided", "statistics-decided"),
    ("part-unresolved", "statistics-unresolved"),
];

#[derive(Template)]
#[template(path = "statistics.html")]
struct StatisticsPage {
    frame: Frame,
    say: Say,
    said: Said,
    by_month: Html,
    by_kind: Html,
    months: Vec<String>,
    kinds: Vec<KindLine>,
    legend: Vec<(&'static str, String)>,
    of_developers: Html,
    laws: Vec<LawLine>,
    taken: Vec<TakenLine>,
}

struct KindLine {
    name: Html,
    total: usize,
    months: Vec<usize>,
}

struct LawLine {
    name: Html,
    counts: [usize; 5],
    not_yet: usize,
    idle: usize,
}

struct TakenLine {
    what: Html,
    law: Html,
    answered: usize,
    median: Html,
    longest: Html,
    waiting: usize,
    waiting_days: Html,
}

#[derive(Template)]
#[template(path = "state.html")]
struct StatePage {
    frame: Frame,
    say: Say,
    open: usize,
    decided: usize,
    laws: Vec<(Html, Vec<StateLine>)>,
    cut: bool,
    taken: Vec<TakenLine>,
    /// Requests for disclosure of documents, in numbers.
    requests: Vec<super::disclosure_requests::NumbersLine>,
}

struct StateLine {
    row: Row,
    about: Html,
}

pub(crate) async fn show(Path(language): Path<String>, request: Request) -> Response {
    page(&language, request, |scene| Ok(make(scene))).await
}

pub(crate) async fn state(Path(language): Path<String>, request: Request) -> Response {
    page(&language, request, make_state).await
}

/// Returns the numbers of a scene: for the page and for its twin as data.
pub(crate) fn numbers(scene: &Scene) -> (Said, Vec<OfLaw>, Vec<OfLaw>, Vec<Taken>) {
    let boards = boards::all(scene);
    let each = || boards.iter().map(|board| &**board);
    let index = scene.index();
    (
        said(scene.register(), &index),
        duties(each(), |party| party != Party::Authority),
        duties(each(), |party| party == Party::Authority),
        taken(scene.register(), &index, each(), japanese_day(scene.now)),
    )
}

fn make(scene: &Scene) -> StatisticsPage {
    let say = scene.say;
    let (said, of_others, _, taken) = numbers(scene);
    let in_month = |at: usize| said.kinds.iter().filter_map(|kind| kind.by_month.get(at)).sum();
    let by_month: Vec<(String, usize)> =
        said.months.iter().enumerate().map(|(at, month)| (month.clone(), in_month(at))).collect();
    let mut by_kind: Vec<(String, usize)> =
        said.kinds.iter().map(|kind| (scene.kind(&kind.kind), kind.total)).collect();
    by_kind.sort_by_key(|(_, total)| std::cmp::Reverse(*total));
    if let Some(rest) = by_kind.get(MAX_BARS..).filter(|rest| rest.len() > 1) {
        let others = rest.iter().map(|(_, total)| total).sum();
        by_kind.truncate(MAX_BARS);
        by_kind.push((say.text("statistics-others").to_string(), others));
    }
    let shown = said.months.len().min(TABLE_MONTHS);
    let kinds = said.kinds.iter().map(|kind| KindLine {
        name: Html::link(
            &scene.href(&format!("register?kind=statement&said={}", kind.kind)),
            Html::text(scene.kind(&kind.kind)),
        ),
        total: kind.total,
        months: kind.by_month.iter().rev().take(shown).rev().copied().collect(),
    });
    let bars: Vec<_> = of_others
        .iter()
        .map(|law| (title(scene, &law.law), PARTS.iter().map(|(class, _)| *class).zip(counts(law)).collect()))
        .collect();
    let title_text = say.text("statistics-title").to_string();
    let frame = Frame::new(scene, "register", title_text)
        .below(say.html("nav-register").html(), scene.href("register"))
        .rests_on(scene, &BTreeSet::new(), "/api/v1/statistics".to_owned())
        .taken_away(scene, "statements", &[]);
    StatisticsPage {
        frame,
        say,
        by_month: chart::months(&say.text("statistics-by-month").to_string(), &by_month),
        by_kind: chart::bars(&say.text("statistics-by-kind").to_string(), &by_kind),
        months: said.months.iter().rev().take(shown).rev().cloned().collect(),
        kinds: kinds.collect(),
        legend: PARTS.iter().map(|(class, key)| (*class, say.text(key).to_string())).collect(),
        of_developers: chart::parts(&say.text("statistics-duties").to_string(), &bars),
        laws: of_others.iter().map(|law| law_line(scene, law)).collect(),
        taken: taken.iter().map(|taken| taken_line(scene, taken)).collect(),
        said,
    }
}

fn counts(law: &OfLaw) -> [usize; 5] {
    [law.open, law.filed, law.appears_met, law.decided, law.unresolved]
}

fn title(scene: &Scene, law: &str) -> String {
    regime(scene, law).map_or_else(|| law.to_owned(), |files| words(scene, files.title()).to_owned())
}

fn regime(scene: &Scene, law: &str) -> Option<law::Regime> {
    scene.view.library.regime(&scene.register().regime(law)?.folder)
}

fn link_to(scene: &Scene, law: &str) -> Html {
    Html::link(&scene.href(&format!("laws/{law}")), Html::text(title(scene, law)))
}

fn law_line(scene: &Scene, law: &OfLaw) -> LawLine {
    LawLine { name: link_to(scene, &law.law), counts: counts(law), not_yet: law.not_yet, idle: law.idle }
}

fn taken_line(scene: &Scene, taken: &Taken) -> TakenLine {
    let say = scene.say;
    let days = |days: Option<i32>| match days {
        Some(days) => say.html("statistics-days").count("days", days).html(),
        None => Html::text("–"),
    };
    let duty = |law: &String| {
        let files = regime(scene, law)?;
        files.duty(&taken.of).map(|duty| words(scene, &duty.text).to_owned())
    };
    TakenLine {
        what: match &taken.law {
            Some(law) => Html::text(duty(law).unwrap_or_else(|| taken.of.clone())),
            None => say.html("statistics-answer").with("filing", scene.kind(&taken.of)).html(),
        },
        law: taken.law.as_deref().map_or_else(|| Html::text("–"), |law| link_to(scene, law)),
        answered: taken.answered,
        median: days(taken.median_days),
        longest: days(taken.longest_days),
        waiting: taken.waiting,
        waiting_days: days(taken.waiting_days),
    }
}

fn make_state(scene: &Scene) -> Result<StatePage, Failure> {
    let say = scene.say;
    let all = boards::all(scene);
    let mut laws: Vec<(String, Vec<StateLine>)> = Vec::new();
    let (mut open, mut decided, mut cut) = (0, 0, false);
    let mut entries = BTreeSet::new();
    for board in all.iter().filter(|board| !board.is_idle()) {
        note(board, &mut entries);
        for row in rows(scene, board, |party| party == Party::Authority) {
            open += usize::from(row.open);
            decided += usize::from(!row.open);
            let place = laws.iter().position(|(law, _)| *law == board.regime).unwrap_or_else(|| {
                laws.push((board.regime.clone(), Vec::new()));
                laws.len() - 1
            });
            let Some((_, lines)) = laws.get_mut(place) else { continue };
            if lines.len() < MAX_ROWS {
                lines.push(StateLine { row, about: scene.link(&board.model) });
            } else {
                cut = true;
            }
        }
    }
    // Open ones first, in the order of the register.
    for (_, lines) in &mut laws {
        lines.sort_by_key(|line| !line.row.open);
    }
    let each = all.iter().map(|board| &**board);
    let taken = taken(scene.register(), &scene.index(), each, japanese_day(scene.now));
    let title = say.text("state-title").to_string();
    let frame = Frame::new(scene, "register", title)
        .below(say.html("nav-register").html(), scene.href("register"))
        .rests_on(scene, &entries, "/api/v1/state".to_owned())
        .taken_away(scene, "duties", &[]);
    // The desk knows only the present.
    let requests = match scene.present {
        None => super::disclosure_requests::numbers(scene),
        Some(_) => Ok(Vec::new()),
    };
    Ok(StatePage {
        requests: requests.map_err(|error| Failure::Store(error.to_string()))?,
        frame,
        say,
        open,
        decided,
        laws: laws.into_iter().map(|(law, lines)| (link_to(scene, &law), lines)).collect(),
        cut,
        taken: taken.iter().map(|taken| taken_line(scene, taken)).collect(),
    })
}

/// Notes the entries from which the State's clocks run, and those by which they were stopped.
fn note(board: &Arc<Board>, entries: &mut BTreeSet<u64>) {
    for duty in board.duties().filter(|duty| duty.by == Party::Authority) {
        entries.extend(duty.due_because.from_entry);
        entries.extend(&duty.fulfilled_by);
    }
}
