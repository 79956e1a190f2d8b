//! Laws side by side: what they say, and whom they would cover.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use law::{Party, RegimeStatus};

use crate::at_hand::{Law, laws};
use crate::lab::comparison::{Answers, Comparison, SIDES, Side};
use crate::lab::query::Query;
use crate::lab::simulation::Base;

use super::super::condition::amount;
use super::super::deadline::Clock;
use super::super::format::{japanese_day, short_day};
use super::super::frame::Frame;
use super::super::law::{force, text_of};
use super::super::parts::{Html, Tag, escape};
use super::super::scene::Scene;
use super::super::standing::{common_duty, value, words};
use super::super::text::Say;
use super::super::why::article_link;
use super::super::{Failure, Request, page};
use super::simulate::{answer_tag, base_name, bounds, fault_text};

#[derive(Template)]
#[template(path = "compare.html")]
struct Compare {
    frame: Frame,
    say: Say,
    faults: Vec<(String, Html)>,
    fields: Vec<Field>,
    as_of: String,
    heads: Vec<Head>,
    rows: Vec<Row>,
    duties: Vec<Row>,
    data: Option<Data>,
    trouble: bool,
    has_draft: bool,
    address: String,
    download: String,
}

/// A field of the form: which law stands on one side.
struct Field {
    name: &'static str,
    number: usize,
    options: Vec<(String, String, bool)>,
}

/// The head of a column.
struct Head {
    name: Html,
    plain: String,
    note: String,
}

/// A line of the table.
struct Row {
    name: String,
    cells: Vec<Html>,
}

/// What the data say.
struct Data {
    finding: Html,
    certain: Html,
    counts: Vec<[String; 3]>,
    models: Vec<ModelRow>,
    more: usize,
}

struct ModelRow {
    name: String,
    developers: String,
    published: Html,
    answers: Vec<Tag>,
}

/// Most models that the page lists.
const MAX_MODELS: usize = 80;

pub(crate) async fn show(Path(language): Path<String>, request: Request) -> Response {
    page(&language, request, make).await
}

fn make(scene: &Scene) -> Result<Compare, Failure> {
    let say = scene.say;
    let laws = laws(&scene.view);
    let (query, wrong) = match Query::read(&scene.uri) {
        Ok(query) => (query, None),
        Err(problem) => (Query::default(), Some(problem.into())),
    };
    let mut comparison = Comparison::read(&query, &laws, japanese_day(scene.now));
    comparison.faults.extend(wrong);
    let answers = comparison.answer();
    if let Err(error) = &answers {
        tracing::warn!(%error, "the data set could not be read");
    }
    let trouble = answers.is_err();
    let address = comparison.address();
    let twin = format!("/api/v1/lab/compare?{address}");
    let frame = Frame::new(scene, "lab", say.text("compare-title").to_string())
        .below(say.html("nav-lab").html(), scene.href("lab"))
        .elsewhere(&format!("lab/compare?{address}"))
        .rests_on_laws(scene, comparison.sides.iter().map(|side| &side.law), twin)
        .live();
    let fields = SIDES.iter().enumerate().map(|(at, name)| {
        let chosen = comparison.sides.get(at).map(Side::text).unwrap_or_default();
        Field { name, number: at + 1, options: options(scene, laws.values(), &chosen) }
    });
    let page = Compare {
        faults: comparison
            .faults
            .iter()
            .map(|fault| {
                (
                    if fault.name.is_empty() { "a".to_owned() } else { fault.name.clone() },
                    fault_text(say, fault),
                )
            })
            .collect(),
        fields: fields.collect(),
        as_of: comparison.as_of.to_string(),
        heads: comparison.sides.iter().map(|side| head(scene, side)).collect(),
        rows: rows(scene, &comparison),
        duties: duties(scene, &comparison),
        data: answers.ok().map(|answers| data(scene, &answers)),
        has_draft: comparison.sides.iter().any(|side| side.law.regime.status() == RegimeStatus::Draft),
        trouble,
        frame,
        say,
        download: format!("/api/v1/lab/compare.csv?{address}"),
        address: format!("/{}/lab/compare?{address}", say.tag()),
    };
    if page.faults.is_empty() { Ok(page) } else { Err(Failure::Invalid(page.render()?)) }
}

/// Returns what may stand on a side: every law, a law with open points once for each setting.
fn options<'l>(
    scene: &Scene,
    laws: impl Iterator<Item = &'l Law>,
    chosen: &str,
) -> Vec<(String, String, bool)> {
    let mut found = Vec::new();
    for law in laws {
        let (id, title) = (law.regime.id(), scene.title(&law.regime));
        if law.regime.switches().is_empty() {
            found.push((id.to_owned(), title.to_owned(), chosen == id));
            continue;
        }
        for base in Base::all(law) {
            let value = format!("{id}:{}", base.as_str());
            let is_chosen = chosen == value;
            found.push((value, format!("{title} – {}", base_name(scene, law, &base)), is_chosen));
        }
    }
    found
}

fn head(scene: &Scene, side: &Side) -> Head {
    let title = scene.title(&side.law.regime);
    Head {
        name: Html::link(&scene.href(&format!("laws/{}", side.law.regime.id())), Html::text(title)),
        plain: title.to_owned(),
        note: if side.law.regime.switches().is_empty() {
            String::new()
        } else {
            base_name(scene, &side.law, &side.base)
        },
    }
}

/// Joins lines; a sign where there are none.
fn lines(scene: &Scene, lines: Vec<Html>) -> Html {
    if lines.is_empty() {
        return Html(format!("<p>{}</p>", scene.say.text("compare-nothing")));
    }
    Html(format!("<p>{}</p>", Html::join(lines, "</p><p>")))
}

fn article(scene: &Scene, side: &Side, article: &str) -> Html {
    let link = article_link(scene, &side.law.regime, article);
    Html(format!("<span class=\"quiet\">{link}</span>"))
}

/// What the laws say beside duties.
fn rows(scene: &Scene, comparison: &Comparison) -> Vec<Row> {
    let say = scene.say;
    let day = comparison.as_of;
    let row = |name: &str, cell: &dyn Fn(&Side) -> Html| Row {
        name: say.text(name).to_string(),
        cells: comparison.sides.iter().map(cell).collect(),
    };
    vec![
        row("compare-status", &|side| force(scene, &side.law.regime, day).into()),
        row("compare-covers", &|side| {
            let regime = &side.law.regime;
            let id = &regime.coverage().article;
            let text = regime.article(id).map(|found| text_of(scene, regime, found, day)).unwrap_or_default();
            Html(format!("<p>{text} {}</p>", article(scene, side, id)))
        }),
        row("compare-figures", &|side| figures(scene, side, day)),
        row("compare-classes", &|side| {
            let classes = side.law.regime.classes().iter().filter(|class| !class.auxiliary);
            let classes = classes.map(|class| {
                Html(format!(
                    "{} {}",
                    escape(words(scene, &class.text)),
                    article(scene, side, &class.article)
                ))
            });
            lines(scene, classes.collect())
        }),
        row("compare-penalties", &|side| {
            // Of a draft's variants, those that the settings leave.
            let penalties = side.penalties(day).into_iter().map(|penalty| {
                let most = match &penalty.maximum {
                    Some(maximum) => amount(scene, &side.law.regime, day, maximum),
                    None => say.html("penalty-no-formula").html(),
                };
                Html(format!(
                    "{} <span class=\"quiet\">{} {most}</span> {}",
                    escape(words(scene, &penalty.text)),
                    say.text("penalty-at-most"),
                    article(scene, side, &penalty.article)
                ))
            });
            lines(scene, penalties.collect())
        }),
    ]
}

/// The figures of a law that are numbers, and a draft's as they are set.
fn figures(scene: &Scene, side: &Side, day: jiff::civil::Date) -> Html {
    let regime = &side.law.regime;
    let colon = if scene.say.is_ja() { "：" } else { ": " };
    let number = |kind: &law::ValueKind| matches!(kind, law::ValueKind::Number { .. });
    let of_law = regime.parameters().iter().filter(|one| number(&one.kind)).filter_map(|one| {
        let shown = value(scene, &one.kind, &one.on(day)?.text);
        Some(Html(format!("{}{colon}<b>{shown}</b>", escape(words(scene, &one.label)))))
    });
    let of_draft = regime.switches().iter().filter(|one| number(&one.kind)).map(|one| {
        let shown = match side.settings.texts().get(&one.id) {
            Some(text) => Html(format!("<b>{}</b>", value(scene, &one.kind, text))),
            None => Tag::signed("unknown", scene.say.text("law-not-settled")).into(),
        };
        Html(format!("{}{colon}{shown}", escape(words(scene, &one.question))))
    });
    lines(scene, of_law.chain(of_draft).collect())
}

/// Developers' duties, by what they are about, then those that the vocabulary has no word for.
fn duties(scene: &Scene, comparison: &Comparison) -> Vec<Row> {
    let say = scene.say;
    let row = |name: String, wanted: &dyn Fn(&law::Duty) -> bool| {
        let cells = comparison.sides.iter().map(|side| {
            let regime = &side.law.regime;
            let clock = Clock { scene, regime, switches: side.settings.texts(), day: comparison.as_of };
            let duties = regime.duties().iter().filter(|duty| duty.by == Party::Developer && wanted(duty));
            let shown = duties.map(|duty| {
                let due = duty.due.as_deref().map(|due| clock.deadline(due));
                let due = due.unwrap_or_else(|| say.html("due-none").html());
                Html(format!(
                    "{}<br><span class=\"quiet\">{due}</span> {}",
                    escape(words(scene, &duty.text)),
                    article(scene, side, &duty.article)
                ))
            });
            lines(scene, shown.collect())
        });
        Row { name, cells: cells.collect() }
    };
    let mut rows: Vec<Row> = comparison
        .common()
        .into_iter()
        .map(|word| row(common_duty(scene, word), &|duty| duty.common.iter().any(|one| one == word)))
        .collect();
    let own = |side: &Side| {
        side.law.regime.duties().iter().any(|duty| duty.by == Party::Developer && duty.common.is_empty())
    };
    if comparison.sides.iter().any(own) {
        rows.push(row(say.text("compare-own").to_string(), &|duty| duty.common.is_empty()));
    }
    rows
}

fn data(scene: &Scene, answers: &Answers) -> Data {
    let say = scene.say;
    let separator = if say.is_ja() { "、" } else { ", " };
    let differing: Vec<_> = answers.models.iter().filter(|model| model.differs()).collect();
    let certain = differing.iter().filter(|model| model.differs_certainly()).count();
    // Those that differ whatever is unknown stand first.
    let mut listed = differing.clone();
    listed.sort_by_key(|model| !model.differs_certainly());
    let models = listed.iter().take(MAX_MODELS).map(|model| ModelRow {
        name: model.model.clone(),
        developers: model.developers.join(separator),
        published: model.published.map_or_else(Html::default, short_day),
        answers: model.answers.iter().map(|truth| answer_tag(scene, *truth)).collect(),
    });
    let counts = answers.sides.iter().map(|side| {
        let counts = &side.counts;
        [&counts.models, &counts.developers, &counts.countries].map(|tally| bounds(say, tally))
    });
    Data {
        finding: say
            .html("compare-finding")
            .count("count", differing.len())
            .count("all", answers.models.len())
            .html(),
        certain: say.html("compare-certain").count("count", certain).html(),
        counts: counts.collect(),
        models: models.collect(),
        more: differing.len().saturating_sub(MAX_MODELS),
    }
}
