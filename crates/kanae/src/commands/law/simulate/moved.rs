//! One figure moved over a range; presets side by side.

use std::fmt::Write as _;

use law::simulate::chart::{Words, band, stacks};
use law::simulate::{Dial, Range, Variant, apply};
use law::{SwitchSettings, Truth};
use serde_json::json;

use super::table::{Table, bounds};
use super::{MAX_SIDES, Outcome, Scene, pair, settings, whom};
use crate::failure::{Failure, Kind};

pub(super) fn sweep(scene: &Scene<'_>, dial: &str) -> Result<Outcome, Failure> {
    let (id, range) = pair(dial, "--sweep compute_threshold=1e23..1e27:9")?;
    let fails = |error| Failure::new(Kind::Usage, error);
    let range: Range = range.parse().map_err(|error| Failure::new(Kind::Usage, error))?;
    let range = if scene.arguments.linear { range.in_equal_steps() } else { range };
    let dial = Dial::find(scene.regime, id).map_err(fails)?;
    if apply(scene.variant(), &scene.models).table(scene.goal).is_none() {
        return Err(whom::unknown_goal(scene));
    }
    let found = law::simulate::sweep(scene.variant(), &scene.models, scene.goal, &dial, &range.values());
    let found = found.map_err(fails)?;
    let (first, last) = (found.points.first(), found.points.last());
    let still = first.zip(last).is_some_and(|(first, last)| first.counts == last.counts);
    if still && found.points.iter().all(|point| point.margin.is_empty()) {
        scene.ui.note(match scene.language {
            law::Language::Ja => format!("`{id}` を動かしても結果は変わりません。設定（--preset、--set）か、何を数えるか（--class、--duty）を変えてください。"),
            law::Language::En => format!("nothing turns on `{id}` here: try other settings (--preset, --set) or another question (--class, --duty)"),
        });
    }
    let name = label(scene, id);
    let unit = dial.unit.as_deref().unwrap_or_default();
    let [covered, at_most, undetermined, not_covered] = scene.bounds_heading();
    let mut table = Table::new(
        match scene.language {
            law::Language::Ja => format!("「{name}」を動かしたときのモデル数"),
            law::Language::En => format!("Models as “{name}” moves"),
        },
        &[
            if unit.is_empty() { scene.say("値", "value") } else { unit },
            covered,
            at_most,
            undetermined,
            not_covered,
            scene.say("開発者（下限–上限）", "developers"),
            scene.say("国（下限–上限）", "countries"),
            scene.say("境目", "at the margin"),
        ],
    );
    let mut csv = Table::new(
        "",
        &[
            "value",
            "unit",
            "covered",
            "at_most",
            "undetermined",
            "not_covered",
            "developers_covered",
            "developers_at_most",
            "countries_covered",
            "countries_at_most",
            "margin",
        ],
    );
    for point in &found.points {
        let counts = &point.counts;
        let span = |tally: law::simulate::Tally| format!("{}–{}", tally.covered, tally.at_most());
        let mut row = vec![point.value.to_string()];
        row.extend(bounds(counts.models));
        row.extend([span(counts.developers), span(counts.countries), few(&point.margin)]);
        table.rows.push(row);
        let mut row = vec![point.value.to_string(), unit.to_owned()];
        row.extend(bounds(counts.models));
        for tally in [counts.developers, counts.countries] {
            row.extend([tally.covered.to_string(), tally.at_most().to_string()]);
        }
        row.push(point.margin.join("; "));
        csv.rows.push(row);
    }
    let words = Words {
        title: &table.title,
        figure: &format!("{name} {unit}"),
        covered: scene.say("該当（下限）", "covered (at least)"),
        at_most: scene.say("未確定を含む（上限）", "with undetermined (at most)"),
    };
    let svg = band("chart", words, &found, range.is_logarithmic());
    Ok(Outcome { tables: vec![table, whom::assumptions(scene)], csv, svg, json: json!({ "sweep": found }) })
}

/// Names the first few.
pub(super) fn few(names: &[String]) -> String {
    match names {
        [] => "–".to_owned(),
        [only] => only.clone(),
        [first, rest @ ..] => format!("{first} +{}", rest.len()),
    }
}

/// Names a switch or a parameter.
pub(super) fn label(scene: &Scene<'_>, id: &str) -> String {
    let switch = scene.regime.switches().iter().find(|switch| switch.id == id);
    let parameter = scene.regime.parameters().iter().find(|parameter| parameter.id == id);
    let text = switch.map(|switch| &switch.question).or(parameter.map(|parameter| &parameter.label));
    text.map_or(id, |text| text.get(scene.language)).to_owned()
}

/// Says one answer.
pub(super) fn answer(scene: &Scene<'_>, truth: Truth) -> String {
    match truth {
        Truth::True => scene.say("該当", "covered"),
        Truth::False => scene.say("該当せず", "not covered"),
        Truth::Undetermined => scene.say("未確定", "undetermined"),
    }
    .to_owned()
}

pub(super) fn compare(scene: &Scene<'_>) -> Result<Outcome, Failure> {
    let names = &scene.arguments.compare;
    if !(2..=MAX_SIDES).contains(&names.len()) {
        let message = format!("--compare has {} presets; 2 to {MAX_SIDES} can be compared", names.len());
        let known: Vec<_> = scene.regime.presets().iter().map(|preset| preset.id.as_str()).collect();
        return Err(Failure::new(Kind::Usage, message)
            .hint(format!("the regime's presets are: {}", known.join(", "))));
    }
    let read = |name: &String| settings(scene.regime, Some(name.trim()), &scene.arguments.set);
    let sides = names.iter().map(read).collect::<Result<Vec<SwitchSettings>, _>>()?;
    let variant = |settings| Variant { settings, ..scene.variant() };
    let given: Vec<_> = names
        .iter()
        .zip(&sides)
        .map(|(name, settings)| (name.trim(), variant(settings), &scene.models))
        .collect();
    let found = law::simulate::compare(&given, scene.goal).map_err(|_| whom::unknown_goal(scene))?;
    let titled: Vec<(String, law::simulate::Counts)> = found
        .sides
        .iter()
        .map(|side| {
            let preset = scene.regime.presets().iter().find(|preset| preset.id == side.name);
            let name = preset.map_or(side.name.as_str(), |preset| preset.label.get(scene.language));
            (name.to_owned(), side.counts)
        })
        .collect();
    let totals = scene.counts_table(scene.say("設定の比較", "Settings side by side"), &titled);
    let heading: Vec<&str> = std::iter::once(scene.say("モデル", "model"))
        .chain(titled.iter().map(|(name, _)| name.as_str()))
        .collect();
    let mut differing = Table::new(
        scene.say("設定により答えが異なるモデル", "Models that the settings answer differently"),
        &heading,
    );
    differing.rows = found
        .differing
        .iter()
        .map(|row| {
            let answers = row.answers.iter().map(|truth| answer(scene, *truth));
            std::iter::once(row.model.clone()).chain(answers).collect()
        })
        .collect();
    let mut csv = Table::new("", &["preset", "counted", "covered", "at_most", "undetermined", "not_covered"]);
    for side in &found.sides {
        for (what, tally) in [
            ("models", side.counts.models),
            ("developers", side.counts.developers),
            ("countries", side.counts.countries),
        ] {
            let mut row = vec![side.name.clone(), what.to_owned()];
            row.extend(bounds(tally));
            csv.rows.push(row);
        }
    }
    let charts: Vec<_> =
        titled.iter().zip(&given).map(|((name, _), (_, variant, _))| (name.as_str(), *variant)).collect();
    let svg = panels(scene, &charts);
    Ok(Outcome {
        tables: vec![totals, differing, whom::assumptions(scene)],
        csv,
        svg,
        json: json!({ "comparison": found }),
    })
}

/// Draws the models by year under several laws, one chart below the other.
pub(super) fn panels(scene: &Scene<'_>, sides: &[(&str, Variant<'_>)]) -> String {
    const HEIGHT: usize = 262;
    let years: Vec<(&str, Vec<_>)> = sides
        .iter()
        .filter_map(|(name, variant)| {
            let table = apply(*variant, &scene.models).table(scene.goal)?;
            Some((*name, table.by_year().into_iter().collect()))
        })
        .collect();
    let most = years.iter().flat_map(|(_, years)| years).map(|(_, tally)| tally.total()).max().unwrap_or(1);
    let columns = years.iter().map(|(_, years)| years.len()).max().unwrap_or(0);
    let width = (20 + columns * 70).max(300);
    let mut svg = format!("<svg class=\"chart\" viewBox=\"0 0 {width} {}\">", HEIGHT * years.len());
    for (at, (name, years)) in years.iter().enumerate() {
        let chart = stacks(&format!("chart{at}"), name, years, most);
        let top = at * HEIGHT;
        let placed = format!("<svg x=\"0\" y=\"{}\" width=\"{width}\" height=\"236\" ", top + 24);
        let _ = write!(svg, "<text class=\"bold\" x=\"8\" y=\"{}\">{}</text>", top + 16, plain(name));
        svg.push_str(&chart.replacen("<svg ", &placed, 1));
    }
    svg + "</svg>"
}

fn plain(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
