//! A law tried out: its open points and figures as a form, and whom it would cover.

mod form;
mod sides;

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use law::simulate::{Counts, Tally, chart};
use law::{RegimeStatus, Truth};

use crate::at_hand::{Law, laws};
use crate::lab::dataset::columns;
use crate::lab::fault::{BOUNDS, Fault, FaultKind};
use crate::lab::query::Query;
use crate::lab::simulation::{Answer, Moved, Question, Sheet, answer, unit};

use super::super::chart::stacks;
use super::super::format::{day, figure, long_day, short_day};
use super::super::frame::{Frame, encode};
use super::super::law::{force, today};
use super::super::parts::{Html, Tag};
use super::super::scene::Scene;
use super::super::standing::words;
use super::super::text::Say;
use super::super::{Failure, Request, page};
use form::Form;
use sides::Sides;

#[derive(Template)]
#[template(path = "simulate.html")]
struct Simulate {
    frame: Frame,
    say: Say,
    is_draft: bool,
    law: Html,
    status: Tag,
    form: Form,
    /// What is wrong, with the id of the field.
    faults: Vec<(String, Html)>,
    /// The address of this very setting.
    address: String,
    shown: Option<Shown>,
    trouble: bool,
}

/// The answer, as it is shown.
struct Shown {
    finding: Html,
    numbers: Vec<Number>,
    swept: Option<Swept>,
    years: Html,
    year_rows: Vec<[String; 4]>,
    country_rows: Vec<(Html, [String; 3])>,
    more_countries: usize,
    sides: Option<Sides>,
    assumptions: Vec<String>,
    source: Html,
    /// Where the data lie, with `?` and every setting.
    data: String,
}

struct Number {
    value: String,
    label: String,
    note: Html,
}

/// A figure moved over its range.
struct Swept {
    title: Html,
    chart: Html,
    rows: Vec<SweptRow>,
    present: Option<Html>,
    margin: Vec<String>,
}

struct SweptRow {
    value: Html,
    models: String,
    developers: String,
    countries: String,
    first: Html,
    margin: usize,
}

/// Most countries that the page lists.
const MAX_COUNTRIES: usize = 12;
/// Most years of the chart, the latest.
const MAX_YEARS: usize = 7;

pub(crate) async fn show(Path(language): Path<String>, request: Request) -> Response {
    page(&language, request, make).await
}

/// Chooses the law where the address names none: the first draft, for drafts are what is tried out.
pub(crate) fn first(laws: &std::collections::BTreeMap<String, Law>) -> Option<&Law> {
    let draft = laws.values().find(|law| law.regime.status() == RegimeStatus::Draft);
    draft.or_else(|| laws.values().next())
}

fn make(scene: &Scene) -> Result<Simulate, Failure> {
    let say = scene.say;
    let laws = laws(&scene.view);
    let mut wrong: Vec<Fault> = Vec::new();
    let query = Query::read(&scene.uri).unwrap_or_else(|problem| {
        wrong.push(problem.into());
        Query::default()
    });
    let law = match query.get("law").map(|id| laws.get(id)) {
        Some(Some(law)) => law,
        other => {
            if other.is_some() {
                wrong.push(Fault::new("law", FaultKind::Law));
            }
            first(&laws).ok_or(Failure::Missing)?
        }
    };
    let mut question = Question::read(&query, law.clone(), today(scene, &law.regime));
    question.faults.splice(0..0, wrong);
    let address = question.address();
    let answered = if question.faults.is_empty() { answer(&question).map(Some) } else { Ok(None) };
    if let Err(error) = &answered {
        tracing::warn!(%error, law = law.regime.id(), "the data set could not be read");
    }
    let trouble = answered.is_err();
    let shown = answered.ok().flatten().map(|answer| shown(scene, &question, &answer, &address));
    let title = say.text("simulate-title").to_string();
    let frame = Frame::new(scene, "lab", title)
        .below(say.html("nav-lab").html(), scene.href("lab"))
        .elsewhere(&format!("lab/simulate?{address}"))
        .rests_on_laws(scene, [law], format!("/api/v1/lab/simulate?{address}"))
        .live();
    let faults = question.faults.iter().map(|fault| (form::field(&fault.name), fault_text(say, fault)));
    let page = Simulate {
        is_draft: law.regime.status() == RegimeStatus::Draft,
        law: Html::link(
            &scene.href(&format!("laws/{}", law.regime.id())),
            Html::text(scene.title(&law.regime)),
        ),
        status: force(scene, &law.regime, question.as_of),
        faults: faults.collect(),
        form: form::form(scene, &laws, &question),
        address: format!("/{}/lab/simulate?{address}", say.tag()),
        frame,
        say,
        shown,
        trouble,
    };
    if page.faults.is_empty() { Ok(page) } else { Err(Failure::Invalid(page.render()?)) }
}

/// Says what is wrong with a field.
pub(crate) fn fault_text(say: Say, fault: &Fault) -> Html {
    match &fault.kind {
        FaultKind::Value { found, unit, .. } => {
            say.html(fault.key()).with("found", found).with("unit", say.word("unit", unit)).html()
        }
        FaultKind::Unknown => say.html(fault.key()).with("name", &fault.name).html(),
        FaultKind::Ends => {
            let bound = |value: &f64| figure(say, &format!("{value:e}"));
            say.html(fault.key())
                .part("least", bound(BOUNDS.start()))
                .part("most", bound(BOUNDS.end()))
                .html()
        }
        _ => Html::text(say.text(fault.key())),
    }
}

/// Writes a count with its bounds: `20`, `20–207`.
pub(super) fn bounds(say: Say, tally: &Tally) -> String {
    let dash = if say.is_ja() { "〜" } else { "–" };
    if tally.undetermined == 0 {
        tally.covered.to_string()
    } else {
        format!("{}{dash}{}", tally.covered, tally.at_most())
    }
}

fn shown(scene: &Scene, question: &Question, answer: &Answer, address: &str) -> Shown {
    let say = scene.say;
    let counts = &answer.counts;
    let goal = form::goal_name(scene, question);
    let key = if counts.models.undetermined == 0 { "simulate-finding-exact" } else { "simulate-finding" };
    let finding = say
        .html(key)
        .with("goal", goal)
        .count("low", counts.models.covered)
        .count("high", counts.models.at_most())
        .count("all", counts.models.total());
    let columns = columns();
    let assumptions = columns.map(|columns| columns.assumptions(&question.law.regime)).unwrap_or_default();
    let assumptions = assumptions.into_iter().map(|text| if say.is_ja() { &text.ja } else { &text.en });
    let source = columns.map(|columns| {
        let source = if say.is_ja() { &columns.data.source.ja } else { &columns.data.source.en };
        say.html("coverage-source")
            .with("source", source)
            .with("as_of", day(say.0, columns.data.as_of))
            .with("licence", &columns.data.licence)
            .html()
    });
    let three = |tally: &Tally| [tally.covered, tally.undetermined, tally.not_covered].map(|n| n.to_string());
    let mut countries: Vec<_> = answer.countries.iter().collect();
    countries.sort_by(|a, b| b.1.total().cmp(&a.1.total()).then(a.0.cmp(b.0)));
    let more_countries = countries.len().saturating_sub(MAX_COUNTRIES);
    let country_rows = countries.into_iter().take(MAX_COUNTRIES).map(|(country, tally)| {
        let name = columns.and_then(|columns| columns.countries.get(country));
        let name = name.map_or(country, |(ja, en)| if say.is_ja() { ja } else { en });
        (Html::text(name), three(tally))
    });
    Shown {
        finding: finding.html(),
        numbers: numbers(scene, counts),
        swept: answer.sweep.as_ref().map(|moved| swept(scene, question, moved)),
        years: by_year(say, answer),
        year_rows: answer
            .years
            .iter()
            .map(|(year, tally)| {
                let [covered, undetermined, not] = three(tally);
                [year.to_string(), covered, undetermined, not]
            })
            .collect(),
        country_rows: country_rows.collect(),
        more_countries,
        sides: answer.difference.as_ref().map(|found| sides::sides(scene, question, answer, found)),
        assumptions: assumptions.cloned().collect(),
        source: source.unwrap_or_default(),
        data: format!("?{address}"),
    }
}

fn numbers(scene: &Scene, counts: &Counts) -> Vec<Number> {
    let say = scene.say;
    let shown = |day: Option<jiff::civil::Date>| match day {
        Some(day) => long_day(say.0, day),
        None => say.html("none").html(),
    };
    let (first, possible) = (counts.first, counts.first_possible);
    let note = match first {
        Some(_) if first == possible => say.html("simulate-first-day").part("first", shown(first)).html(),
        _ => say
            .html("simulate-first-note")
            .part("first", shown(first))
            .part("possible", shown(possible))
            .html(),
    };
    let of = |tally: &Tally, label: &str| Number {
        value: bounds(say, tally),
        label: say.text(label).to_string(),
        note: say
            .html("simulate-of")
            .count("all", tally.total())
            .count("undetermined", tally.undetermined)
            .html(),
    };
    vec![
        of(&counts.models, "simulate-models"),
        of(&counts.developers, "simulate-developers"),
        of(&counts.countries, "simulate-countries"),
        Number {
            value: counts.first.map_or_else(|| "–".to_owned(), |day| day.year().to_string()),
            label: say.text("simulate-first").to_string(),
            note,
        },
    ]
}

/// Draws the figure moved over its range.
fn band(say: Say, question: &Question, moved: &Moved) -> (String, String) {
    let dial = &moved.sweep.dial;
    let name = form::dial_name(say, question, &dial.id);
    let title = say.text("chart-sweep").with("figure", &name).to_string();
    let axis = match &dial.unit {
        Some(unit) => format!("{name} ({})", say.word("unit", unit)),
        None => name,
    };
    let (covered, at_most) = (say.text("line-covered").to_string(), say.text("line-at-most").to_string());
    let words = chart::Words { title: &title, figure: &axis, covered: &covered, at_most: &at_most };
    let drawn = chart::band("chart-sweep", words, &moved.sweep, moved.logarithmic);
    (title, drawn)
}

/// Returns the latest years, which the chart shows.
fn latest(answer: &Answer) -> Vec<(i16, Tally)> {
    let years: Vec<(i16, Tally)> = answer.years.iter().map(|(year, tally)| (*year, *tally)).collect();
    years[years.len().saturating_sub(MAX_YEARS)..].to_vec()
}

fn by_year(say: Say, answer: &Answer) -> Html {
    let latest = latest(answer);
    let most = latest.iter().map(|(_, tally)| tally.total()).max().unwrap_or_default();
    stacks("chart-years", &say.text("chart-years").to_string(), &latest, most)
}

/// Draws a chart as a file of its own; nothing where there is none.
pub(crate) fn chart(
    language: evidence::Language,
    question: &Question,
    answer: &Answer,
    sheet: Sheet,
) -> Option<String> {
    let say = Say(language);
    let drawn = match sheet {
        Sheet::Sweep => band(say, question, answer.sweep.as_ref()?).1,
        Sheet::Years => by_year(say, answer).0,
        Sheet::Models | Sheet::Countries => return None,
    };
    Some(chart::standalone(&drawn))
}

fn swept(scene: &Scene, question: &Question, moved: &Moved) -> Swept {
    let say = scene.say;
    let dial = &moved.sweep.dial;
    let shown = |value: &law::Number| {
        let unit = unit(&question.regime, &dial.id).map(|unit| format!(" {unit}")).unwrap_or_default();
        figure(say, &format!("{value}{unit}"))
    };
    let (title, drawn) = band(say, question, moved);
    let rows = moved.sweep.points.iter().map(|point| SweptRow {
        value: shown(&point.value),
        models: bounds(say, &point.counts.models),
        developers: bounds(say, &point.counts.developers),
        countries: bounds(say, &point.counts.countries),
        first: point.counts.first.map_or_else(|| say.html("none").html(), short_day),
        margin: point.margin.len(),
    });
    Swept {
        title: Html::text(&title),
        chart: Html(drawn),
        rows: rows.collect(),
        present: moved.present.as_ref().map(shown),
        margin: moved.margin.clone(),
    }
}

/// Shows an answer about a model.
pub(super) fn answer_tag(scene: &Scene, truth: Truth) -> Tag {
    match truth {
        Truth::True => Tag::computed("good", scene.say.text("coverage-covered")),
        Truth::False => Tag::computed("later", scene.say.text("coverage-not-covered")),
        Truth::Undetermined => Tag::computed("unknown", scene.say.text("coverage-undetermined")),
    }
}

impl Question {
    /// Returns the query that asks this very question, as short as it can be.
    pub(crate) fn address(&self) -> String {
        let mut pairs = vec![
            ("law".to_owned(), self.law.regime.id().to_owned()),
            ("base".to_owned(), self.base.as_str().to_owned()),
            ("as_of".to_owned(), self.as_of.to_string()),
            ("goal".to_owned(), self.asked.text()),
        ];
        if let Some(dial) = &self.dial {
            pairs.push(("dial".to_owned(), dial.clone()));
            pairs.push(("from".to_owned(), self.from.clone()));
            pairs.push(("to".to_owned(), self.to.clone()));
            pairs.push(("points".to_owned(), self.points.to_string()));
        }
        for switch in self.law.regime.switches() {
            let (old, new) = (self.base_settings.texts(), self.settings.texts());
            if old.get(&switch.id) != new.get(&switch.id) {
                let text = new.get(&switch.id).map_or("open", String::as_str);
                pairs.push((format!("s.{}", switch.id), text.to_owned()));
            }
        }
        for (id, text) in &self.changed {
            pairs.push((format!("p.{id}"), text.clone()));
        }
        let pairs: Vec<String> =
            pairs.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        pairs.join("&")
    }
}

/// Returns the name of a preset, or of another base.
pub(crate) fn base_name(scene: &Scene, law: &Law, base: &crate::lab::simulation::Base) -> String {
    use crate::lab::simulation::Base;
    match base {
        Base::Adopted => scene.say.text("base-adopted").to_string(),
        Base::Open if law.regime.switches().is_empty() => scene.say.text("base-as-is").to_string(),
        Base::Open => scene.say.text("base-open").to_string(),
        Base::Preset(id) => {
            let preset = law.regime.presets().iter().find(|preset| preset.id == *id);
            preset.map_or_else(|| id.clone(), |preset| words(scene, &preset.label).to_owned())
        }
    }
}
