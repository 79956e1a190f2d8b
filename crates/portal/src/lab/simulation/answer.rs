//! What comes out when a law is tried out.

use std::collections::BTreeMap;

use jiff::civil::Date;
use law::simulate::{Counts, Dial, Difference, Models, Point, Sweep, Table, Tally, apply, difference, sweep};
use law::{Number, Truth};
use serde::Serialize;

use super::super::dataset::{Trouble, models};
use super::super::sheet::Csv;
use super::Question;

/// What comes out.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Answer {
    /// Whom the law covers as set: a lower bound (`covered`) and an upper one (with `undetermined`).
    pub(crate) counts: Counts,
    /// The same of the base; none where nothing was changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) before: Option<Counts>,
    /// The figure that was moved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sweep: Option<Moved>,
    /// Year of publication → models.
    pub(crate) years: BTreeMap<i16, Tally>,
    /// Country of the developers → models.
    pub(crate) countries: BTreeMap<String, Tally>,
    /// What differs from the base; none where nothing was changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) difference: Option<Difference>,
    /// Every model of the data set.
    pub(crate) models: Vec<Row>,
}

/// A figure moved over a range.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Moved {
    /// The value at which it stands.
    pub(crate) present: Option<Number>,
    /// Models at the margin there: their figure equals it, or may lie on either side of it.
    pub(crate) margin: Vec<String>,
    /// Whether equal steps are equal ratios.
    pub(crate) logarithmic: bool,
    /// What comes out at each value.
    #[serde(flatten)]
    pub(crate) sweep: Sweep,
}

/// One model.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Row {
    pub(crate) model: String,
    pub(crate) developers: Vec<String>,
    pub(crate) published: Option<Date>,
    pub(crate) answer: Truth,
}

/// Answers a question that has no faults.
pub(crate) fn answer(question: &Question) -> Result<Answer, Trouble> {
    let models = models(&question.law)?;
    let applied = apply(question.after(), &models);
    let table = applied.table(question.asked.goal()).unwrap_or_else(|| applied.coverage());
    let before = question.differs().then(|| {
        let applied = apply(question.before(), &models);
        applied.table(question.asked.goal()).unwrap_or_else(|| applied.coverage()).counts()
    });
    let countries = table.by_country().into_iter().map(|(name, tally)| (name.to_owned(), tally));
    Ok(Answer {
        counts: table.counts(),
        before,
        sweep: moved(question, &models)?,
        years: table.by_year(),
        countries: countries.collect(),
        difference: question
            .differs()
            .then(|| difference(question.before(), question.after(), &models, &models)),
        models: rows(&table, &models),
    })
}

fn rows(table: &Table, models: &Models) -> Vec<Row> {
    let rows = table.rows().map(|(model, answer)| Row {
        model: model.name.clone(),
        developers: models.developers_of(model).map(str::to_owned).collect(),
        published: model.published,
        answer,
    });
    rows.collect()
}

fn moved(question: &Question, models: &Models) -> Result<Option<Moved>, Trouble> {
    let (Some(id), Some(range)) = (&question.dial, question.range()) else { return Ok(None) };
    let dial = Dial::find(&question.regime, id).map_err(|error| Trouble(error.to_string()))?;
    let at = |values: &[Number]| {
        sweep(question.after(), models, question.asked.goal(), &dial, values)
            .map_err(|error| Trouble(error.to_string()))
    };
    let present = question.present();
    let margin = match &present {
        Some(value) => at(std::slice::from_ref(value))?.points.remove(0).margin,
        None => Vec::new(),
    };
    Ok(Some(Moved { present, margin, logarithmic: range.is_logarithmic(), sweep: at(&range.values())? }))
}

/// What can be downloaded as a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sheet {
    /// The figure moved over its range.
    Sweep,
    /// Every model.
    Models,
    /// By year of publication.
    Years,
    /// By country.
    Countries,
}

impl Sheet {
    /// Reads the name that addresses have for it.
    pub(crate) fn read(text: &str) -> Option<Self> {
        [Self::Sweep, Self::Models, Self::Years, Self::Countries].into_iter().find(|one| one.name() == text)
    }

    /// Returns the name that addresses and files have for it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sweep => "sweep",
            Self::Models => "models",
            Self::Years => "years",
            Self::Countries => "countries",
        }
    }
}

/// Returns an answer as written in files.
pub(crate) fn word(answer: Truth) -> &'static str {
    match answer {
        Truth::True => "covered",
        Truth::Undetermined => "undetermined",
        Truth::False => "not_covered",
    }
}

fn day(day: Option<Date>) -> String {
    day.map(|day| day.to_string()).unwrap_or_default()
}

fn counted<'t>(first: &str, rows: impl Iterator<Item = (String, &'t Tally)>) -> Csv {
    let mut csv = Csv::new(&[first, "covered_at_least", "covered_at_most", "undetermined", "not_covered"]);
    for (name, tally) in rows {
        let counts = [tally.covered, tally.at_most(), tally.undetermined, tally.not_covered];
        let mut cells = vec![name];
        cells.extend(counts.map(|count| count.to_string()));
        csv.row(&cells);
    }
    csv
}

impl Answer {
    /// Returns a table as CSV.
    pub(crate) fn csv(&self, sheet: Sheet) -> String {
        let csv = match sheet {
            Sheet::Years => counted("year", self.years.iter().map(|(year, tally)| (year.to_string(), tally))),
            Sheet::Countries => {
                counted("country", self.countries.iter().map(|(name, tally)| (name.clone(), tally)))
            }
            Sheet::Models => {
                let mut csv = Csv::new(&["model", "developers", "published", "answer"]);
                for row in &self.models {
                    let developers = row.developers.join("; ");
                    csv.row(&[row.model.as_str(), &developers, &day(row.published), word(row.answer)]);
                }
                csv
            }
            Sheet::Sweep => self.swept(),
        };
        csv.into_text()
    }

    fn swept(&self) -> Csv {
        let mut csv = Csv::new(&[
            "value",
            "unit",
            "models_covered_at_least",
            "models_covered_at_most",
            "developers_covered_at_least",
            "developers_covered_at_most",
            "countries_covered_at_least",
            "countries_covered_at_most",
            "first_covered",
            "first_possibly_covered",
            "at_the_margin",
        ]);
        let Some(moved) = &self.sweep else { return csv };
        for Point { value, counts, margin } in &moved.sweep.points {
            let mut cells = vec![value.to_string(), moved.sweep.dial.unit.clone().unwrap_or_default()];
            for tally in [counts.models, counts.developers, counts.countries] {
                cells.extend([tally.covered.to_string(), tally.at_most().to_string()]);
            }
            cells.extend([day(counts.first), day(counts.first_possible), margin.join("; ")]);
            csv.row(&cells);
        }
        csv
    }
}
