//! Whom the law covers, by year and country, and who is at the margin.

use law::simulate::chart::stacks;
use law::simulate::{Dial, apply, sweep};
use law::{Number, ValueKind};
use serde_json::{Value, json};

use super::table::{Table, bounds};
use super::{Outcome, Scene};
use crate::failure::{Failure, Kind};

/// A figure of the law, and the models at its margin.
pub(super) struct Margin {
    pub(super) id: String,
    pub(super) label: String,
    pub(super) value: String,
    pub(super) models: Vec<String>,
}

pub(super) fn covered(scene: &Scene<'_>) -> Result<Outcome, Failure> {
    let applied = apply(scene.variant(), &scene.models);
    let table = applied.table(scene.goal).ok_or_else(|| unknown_goal(scene))?;
    let counts = table.counts();
    let mut totals =
        scene.counts_table(scene.say("該当するもの", "Who is covered"), &[(String::new(), counts)]);
    scene.say("数えたもの", "counted").clone_into(&mut totals.heading[0]);
    let heading = |first| {
        let [covered, at_most, undetermined, not_covered] = scene.bounds_heading();
        [first, covered, at_most, undetermined, not_covered]
    };
    let by_year = table.by_year();
    let mut years = Table::new(
        scene.say("公表年別のモデル数", "Models by year of publication"),
        &heading(scene.say("年", "year")),
    );
    years.rows = by_year.iter().map(|(year, tally)| row(year.to_string(), *tally)).collect();
    let by_country = table.by_country();
    let mut ordered: Vec<_> = by_country.iter().collect();
    ordered.sort_by_key(|(name, tally)| (std::cmp::Reverse((tally.covered, tally.undetermined)), **name));
    let mut countries = Table::new(
        scene.say(
            "国・地域別のモデル数（複数の国の開発者によるものは各国に数える）",
            "Models by country (with developers of several countries: counted in each)",
        ),
        &heading(scene.say("国・地域", "country")),
    );
    countries.rows = ordered.iter().map(|(name, tally)| row(country(scene, name), **tally)).collect();
    let margins = margins(scene)?;
    let mut csv = Table::new("", &["group", "name", "covered", "at_most", "undetermined", "not_covered"]);
    for (group, tally) in
        [("models", counts.models), ("developers", counts.developers), ("countries", counts.countries)]
    {
        csv.rows.push(grouped(group, "", tally));
    }
    csv.rows.extend(by_year.iter().map(|(year, tally)| grouped("year", &year.to_string(), *tally)));
    csv.rows.extend(ordered.iter().map(|(name, tally)| grouped("country", name, **tally)));
    let by_developer = table.by_developer();
    csv.rows.extend(by_developer.iter().map(|(name, tally)| grouped("developer", name, *tally)));
    let bars: Vec<_> = by_year.iter().map(|(year, tally)| (*year, *tally)).collect();
    let most = bars.iter().map(|(_, tally)| tally.total()).max().unwrap_or(1);
    let json = json!({
        "counts": counts,
        "by_year": by_year,
        "by_country": by_country,
        "by_developer": by_developer,
        "margins": margins.iter().map(Margin::json).collect::<Vec<_>>(),
    });
    Ok(Outcome {
        tables: vec![
            totals,
            first_days(scene, &counts),
            years,
            countries,
            margin_table(scene, &margins),
            assumptions(scene),
        ],
        csv,
        svg: stacks("chart", &scene.question(), &bars, most),
        json,
    })
}

fn row(name: String, tally: law::simulate::Tally) -> Vec<String> {
    std::iter::once(name).chain(bounds(tally)).collect()
}

fn grouped(group: &str, name: &str, tally: law::simulate::Tally) -> Vec<String> {
    [group.to_owned(), name.to_owned()].into_iter().chain(bounds(tally)).collect()
}

fn country(scene: &Scene<'_>, name: &str) -> String {
    scene.columns.countries.get(name).map_or(name, |(ja, en)| scene.say(ja, en)).to_owned()
}

/// Says when the first model that is covered was published.
fn first_days(scene: &Scene<'_>, counts: &law::simulate::Counts) -> Table {
    let shown = |day: Option<jiff::civil::Date>| {
        day.map_or_else(|| "–".to_owned(), |day| law::day(scene.language, day))
    };
    let title = scene.say("最初の公表日", "First publication of a model that is covered");
    let mut table = Table::new(
        title,
        &[scene.say("該当", "covered"), scene.say("未確定を含む", "covered or undetermined")],
    );
    table.rows.push(vec![shown(counts.first), shown(counts.first_possible)]);
    table
}

/// Says what is assumed of the data.
pub(super) fn assumptions(scene: &Scene<'_>) -> Table {
    let mut table = Table::new(
        scene.say("データについての仮定", "Assumptions about the data"),
        &[scene.say("仮定", "assumption")],
    );
    let assumed = scene.columns.assumptions(scene.regime);
    table.rows = assumed.into_iter().map(|words| vec![scene.say(&words.ja, &words.en).to_owned()]).collect();
    table
}

pub(super) fn unknown_goal(scene: &Scene<'_>) -> Failure {
    let (what, id) = match scene.goal {
        law::Goal::Class(id) => ("class", id),
        law::Goal::Duty(id) => ("duty", id),
        law::Goal::Coverage => ("coverage", ""),
    };
    let shown: String = id.chars().take(64).collect();
    let known: Vec<&str> = match scene.goal {
        law::Goal::Class(_) => scene.regime.classes().iter().map(|class| class.id.as_str()).collect(),
        _ => scene.regime.duties().iter().map(|duty| duty.id.as_str()).collect(),
    };
    Failure::new(Kind::Usage, format!("regime `{}` has no {what} `{shown}`", scene.regime.id()))
        .hint(format!("it has: {}", known.join(", ")))
}

/// Finds the models that stand at the margin of a figure of the law.
pub(super) fn margins(scene: &Scene<'_>) -> Result<Vec<Margin>, Failure> {
    let mut found = Vec::new();
    let switches = scene.regime.switches().iter().filter_map(|switch| {
        let text = scene.settings.texts().get(&switch.id)?;
        Some((&switch.id, &switch.kind, &switch.question, text))
    });
    let parameters = scene.regime.parameters().iter().filter_map(|parameter| {
        Some((&parameter.id, &parameter.kind, &parameter.label, &parameter.on(scene.as_of)?.text))
    });
    for (id, kind, label, text) in switches.chain(parameters) {
        let ValueKind::Number { .. } = kind else { continue };
        let Some(value) = text.split(' ').next().and_then(|number| number.parse::<Number>().ok()) else {
            continue;
        };
        let fails = |error| Failure::new(Kind::Usage, error);
        let dial = Dial::find(scene.regime, id).map_err(fails)?;
        let swept = sweep(scene.variant(), &scene.models, scene.goal, &dial, &[value]).map_err(fails)?;
        let models: Vec<String> = swept.points.into_iter().flat_map(|point| point.margin).collect();
        if !models.is_empty() {
            found.push(Margin {
                id: id.clone(),
                label: label.get(scene.language).to_owned(),
                value: kind.shown(scene.language, text),
                models,
            });
        }
    }
    Ok(found)
}

pub(super) fn margin_table(scene: &Scene<'_>, margins: &[Margin]) -> Table {
    let mut table = Table::new(
        scene.say(
            "境目にあるモデル（数値が閾値に等しいか、幅が閾値をまたぐ）",
            "At the margin (the figure equals the threshold, or its interval straddles it)",
        ),
        &[scene.say("閾値", "threshold"), scene.say("値", "value"), scene.say("モデル", "model")],
    );
    for margin in margins {
        for model in &margin.models {
            table.rows.push(vec![margin.label.clone(), margin.value.clone(), model.clone()]);
        }
    }
    table
}

impl Margin {
    pub(super) fn json(&self) -> Value {
        json!({ "id": self.id, "value": self.value, "models": self.models })
    }
}
