//! Whom a regime would cover: the rows of a data set of models, each assessed.
//!
//! Which column stands for which fact is data (a file beside the data set), not code. A calculation,
//! not a decision about anyone.

use std::collections::BTreeMap;

use crate::assess::assess;
use crate::assessment::Coverage;
use crate::record::Record;
use crate::regime::Regime;
use crate::settings::SwitchSettings;
use crate::truth::Truth;
use jiff::civil::Date;
use serde::Deserialize;

/// Most rows that are read.
const MAX_ROWS: usize = 20_000;

/// What the columns of a data set mean.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Columns {
    /// The data set itself.
    pub data: DataSet,
    /// Regime → how its facts are read.
    pub regime: BTreeMap<String, RegimeColumns>,
    /// Country as the data set writes it → its names in Japanese and in English.
    #[serde(default)]
    pub countries: BTreeMap<String, (String, String)>,
}

/// The columns that say which model a row is about, and where the data come from.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataSet {
    /// Column of the model's name.
    pub name: String,
    /// Column of the day of publication, as `2025-10-30`.
    pub date: String,
    /// Column of the developer's country; several are separated by commas.
    pub country: String,
    /// The day of the copy.
    pub as_of: Date,
    /// Who made it.
    pub source: Words,
    /// Its licence.
    pub licence: String,
}

/// A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// Japanese.
    pub ja: String,
    /// English.
    pub en: String,
}

/// How the facts of one regime are read from a row.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegimeColumns {
    /// The regime's preset on which the comparison of thresholds stands.
    pub preset: Option<String>,
    /// The switch that the comparison moves.
    pub switch: Option<String>,
    /// The values to which it is moved.
    #[serde(default)]
    pub values: Vec<String>,
    /// Fact → where it is read.
    pub fact: BTreeMap<String, FactColumn>,
}

/// Where one fact is read.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FactColumn {
    /// The column.
    pub column: Option<String>,
    /// The unit of the column's figures.
    pub unit: Option<String>,
    /// True where the column, split at commas, has one of these; otherwise not known.
    pub contains: Option<Vec<String>>,
    /// Whether it only matters that the column is filled.
    #[serde(default)]
    pub filled: bool,
    /// The same value for every row.
    pub assume: Option<String>,
    /// What is assumed, in words.
    pub text: Option<Words>,
}

impl FactColumn {
    /// Returns the text of the fact's value in a row; none where it is not known.
    fn read(&self, cell: Option<&str>) -> Option<String> {
        if let Some(value) = &self.assume {
            return Some(value.clone());
        }
        let cell = cell.unwrap_or_default().trim();
        if self.filled {
            return Some((!cell.is_empty()).to_string());
        }
        if let Some(words) = &self.contains {
            let found = cell.split(',').any(|part| words.iter().any(|word| word == part.trim()));
            return found.then(|| "true".to_owned());
        }
        if cell.is_empty() {
            return None;
        }
        Some(self.unit.as_ref().map_or_else(|| cell.to_owned(), |unit| format!("{cell} {unit}")))
    }
}

/// Why a data set cannot be assessed.
#[derive(Debug, thiserror::Error)]
pub enum CoverageError {
    /// The description of the columns cannot be read.
    #[error("columns: {0}")]
    Columns(#[from] toml::de::Error),
    /// The data set cannot be read.
    #[error("data set: {0}")]
    Data(#[from] csv::Error),
    /// A column that is named is not there.
    #[error("the data set has no column {0:?}")]
    NoColumn(String),
    /// Too many rows.
    #[error("the data set has more than {MAX_ROWS} rows")]
    TooLong,
    /// Nothing says how this regime's facts are read.
    #[error("no columns are given for the regime {0:?}")]
    NoRegime(String),
    /// A fact is not one of the regime, or a cell does not fit it.
    #[error("row {row}: {problem}")]
    Fact {
        /// The row, from 1, without the heading.
        row: usize,
        /// What the regime says.
        problem: String,
    },
}

/// One model of the data set, assessed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its name.
    pub name: String,
    /// The year of its publication, where known.
    pub year: Option<i16>,
    /// The countries of its developers, as the data set writes them.
    pub countries: Vec<String>,
    /// Whether the regime covers it.
    pub coverage: Coverage,
    /// Whether it belongs to the regime's last class, the most demanding one.
    pub last_class: Truth,
}

/// Models counted by what the rules make of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// The law covers them.
    pub covered: usize,
    /// Figures are missing, or the law is not settled.
    pub undetermined: usize,
    /// The law does not cover them.
    pub not_covered: usize,
}

impl Tally {
    fn add(&mut self, truth: Coverage) {
        match truth {
            Coverage::Covered => self.covered += 1,
            Coverage::Undetermined => self.undetermined += 1,
            Coverage::NotCovered => self.not_covered += 1,
        }
    }

    /// Returns the number of models.
    pub fn total(self) -> usize {
        self.covered + self.undetermined + self.not_covered
    }
}

/// Every model of a data set, assessed under one regime and setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The models, in the order of the data set.
    pub rows: Vec<Row>,
}

impl Table {
    /// Counts the models by year of publication.
    pub fn by_year(&self) -> BTreeMap<i16, Tally> {
        let mut found: BTreeMap<i16, Tally> = BTreeMap::new();
        for row in &self.rows {
            if let Some(year) = row.year {
                found.entry(year).or_default().add(row.coverage);
            }
        }
        found
    }

    /// Counts the models by country; one with developers in several countries counts in each.
    pub fn by_country(&self) -> BTreeMap<&str, Tally> {
        let mut found: BTreeMap<&str, Tally> = BTreeMap::new();
        for row in &self.rows {
            for country in &row.countries {
                found.entry(country).or_default().add(row.coverage);
            }
        }
        found
    }

    /// Counts all models.
    pub fn total(&self) -> Tally {
        let mut total = Tally::default();
        self.rows.iter().for_each(|row| total.add(row.coverage));
        total
    }

    /// Returns the table of the regime's last class in place of its coverage.
    #[must_use]
    pub fn of_last_class(&self) -> Self {
        let rows = self.rows.iter().cloned().map(|row| Row { coverage: row.last_class.into(), ..row });
        Self { rows: rows.collect() }
    }
}

impl Columns {
    /// Reads the description of a data set's columns.
    pub fn read(text: &str) -> Result<Self, CoverageError> {
        Ok(toml::from_str(text)?)
    }
}

/// Assesses every row of a data set, given as CSV with a heading, under a regime as of a day.
pub fn cover(
    data: &[u8],
    columns: &Columns,
    regime: &Regime,
    settings: &SwitchSettings,
    as_of: Date,
) -> Result<Table, CoverageError> {
    let reading =
        columns.regime.get(regime.id()).ok_or_else(|| CoverageError::NoRegime(regime.id().to_owned()))?;
    let mut reader = csv::Reader::from_reader(data);
    let heading = reader.headers()?.clone();
    let place = |name: &str| {
        heading.iter().position(|cell| cell == name).ok_or_else(|| CoverageError::NoColumn(name.to_owned()))
    };
    let (name_at, date_at, country_at) =
        (place(&columns.data.name)?, place(&columns.data.date)?, place(&columns.data.country)?);
    let mut facts = Vec::new();
    for (fact, reading) in &reading.fact {
        let at = reading.column.as_deref().map(place).transpose()?;
        facts.push((fact.as_str(), reading, at));
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record?;
        if rows.len() == MAX_ROWS {
            return Err(CoverageError::TooLong);
        }
        let problem = |problem: &dyn std::fmt::Display| CoverageError::Fact {
            row: rows.len() + 1,
            problem: problem.to_string(),
        };
        let cell = |at: usize| record.get(at).unwrap_or_default().trim();
        let mut known = Record::default();
        for (fact, reading, at) in &facts {
            if let Some(text) = reading.read(at.and_then(|at| record.get(at))) {
                let value = regime.read_fact(fact, &text).map_err(|error| problem(&error))?;
                known.state(*fact, value);
            }
        }
        let assessed = assess(regime, settings, &known, as_of).map_err(|error| problem(&error))?;
        let last =
            regime.classes().iter().rev().find(|class| !class.auxiliary).map(|class| class.id.as_str());
        let last_class = assessed.classes.iter().find(|class| Some(class.id.as_str()) == last);
        rows.push(Row {
            name: cell(name_at).to_owned(),
            year: cell(date_at).get(..4).and_then(|year| year.parse().ok()),
            countries: split(cell(country_at)),
            coverage: assessed.coverage,
            last_class: last_class.map_or(Truth::Undetermined, |class| class.holds),
        });
    }
    Ok(Table { rows })
}

/// Splits a list of countries, each once.
fn split(cell: &str) -> Vec<String> {
    let mut found: Vec<String> = cell.split(',').map(|part| part.trim().to_owned()).collect();
    found.retain(|part| !part.is_empty());
    found.sort();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    const MODELS: &[u8] = include_bytes!("../../../data/models/large_scale_ai_models.csv");
    const COLUMNS: &str = include_str!("../../../data/models/columns.toml");

    fn regime(id: &str) -> Regime {
        fn read(folder: &Path, base: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    read(&path, base, files);
                } else {
                    let name = path.strip_prefix(base).unwrap().to_str().unwrap().to_owned();
                    files.insert(name, std::fs::read(&path).unwrap());
                }
            }
        }
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../regimes").join(id);
        let mut files = BTreeMap::new();
        read(&folder, &folder, &mut files);
        Regime::load(&files).unwrap()
    }

    fn at(threshold: &str) -> Table {
        let regime = regime("jp-basic-law-2024");
        let mut settings = SwitchSettings::preset(&regime, "illustration").unwrap();
        settings.set(&regime, "compute_threshold", threshold).unwrap();
        let columns = Columns::read(COLUMNS).unwrap();
        cover(MODELS, &columns, &regime, &settings, jiff::civil::date(2026, 11, 20)).unwrap()
    }

    #[test]
    fn a_model_without_a_compute_figure_is_undetermined_at_every_threshold() {
        let (low, high) = (at("1e25 FLOP"), at("1e26 FLOP"));
        assert_eq!(low.total(), Tally { covered: 20, undetermined: 187, not_covered: 266 });
        assert_eq!(high.total(), Tally { covered: 3, undetermined: 187, not_covered: 283 });
        assert_eq!(low.by_year()[&2024], Tally { covered: 8, undetermined: 64, not_covered: 96 });
        assert_eq!(low.by_country()["Japan"].covered, 0);
    }

    #[test]
    fn the_ai_act_takes_its_own_two_thresholds() {
        let regime = regime("eu-gpai");
        let columns = Columns::read(COLUMNS).unwrap();
        let settings = SwitchSettings::default();
        let table = cover(MODELS, &columns, &regime, &settings, jiff::civil::date(2026, 11, 20)).unwrap();
        let (all, systemic) = (table.total(), table.of_last_class().total());
        assert!(all.covered > 200 && systemic.covered < 21 && systemic.covered > 10, "{all:?} {systemic:?}");
        assert!(all.undetermined >= 187, "{all:?}");
    }

    #[test]
    fn a_data_set_without_the_column_is_refused() {
        let columns = Columns::read(COLUMNS).unwrap();
        let regime = regime("eu-gpai");
        let error = cover(
            b"Model\nx\n",
            &columns,
            &regime,
            &SwitchSettings::default(),
            jiff::civil::date(2026, 1, 1),
        );
        assert!(error.unwrap_err().to_string().contains("Publication date"));
    }
}
