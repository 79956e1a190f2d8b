//! Data sets of models, read as facts of a regime.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::assess::candidate;
use crate::expression::Candidate;
use crate::facts_file::{Written, json_rows};
use crate::regime::Regime;

/// Most rows and columns that are read, and largest data set in bytes.
const MAX_ROWS: usize = 20_000;
const MAX_COLUMNS: usize = 1024;
const MAX_SIZE: usize = 1 << 26;

/// What the columns of a data set mean.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Columns {
    /// The data set itself.
    pub data: DataSet,
    /// Fact → where it is read, for every regime that has a fact of this name.
    #[serde(default)]
    pub fact: BTreeMap<String, FactColumn>,
    /// Regime → how its facts are read, where otherwise than above.
    #[serde(default)]
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
    /// Column of the developer; several are separated by commas.
    pub developer: Option<String>,
    /// The day of the copy.
    pub as_of: Date,
    /// Who made it.
    pub source: Words,
    /// Its licence.
    pub licence: String,
}

/// A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// Japanese.
    pub ja: String,
    /// English.
    pub en: String,
}

/// How the facts of one regime are read from a row.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
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
    #[serde(default)]
    pub fact: BTreeMap<String, FactColumn>,
}

/// Where one fact is read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FactColumn {
    /// The column.
    pub column: Option<String>,
    /// Column of the smallest possible figure; with it, or `high`, filled, the fact is an interval.
    pub low: Option<String>,
    /// Column of the largest possible figure.
    pub high: Option<String>,
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

/// Why a data set cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// The description of the columns cannot be read.
    #[error("columns: {0}")]
    Columns(#[from] toml::de::Error),
    /// The table cannot be read.
    #[error("data set: {0}")]
    Csv(#[from] csv::Error),
    /// The array of objects cannot be read.
    #[error("data set: {0}; expected CSV with a heading, or a JSON array of objects, column → value")]
    Json(String),
    /// A column that is named is not there.
    #[error("the data set has no column {0:?}")]
    NoColumn(String),
    /// Too many bytes, rows or columns.
    #[error("the data set has more than {MAX_SIZE} bytes, {MAX_ROWS} rows or {MAX_COLUMNS} columns")]
    TooLong,
    /// Nothing says how this regime's facts are read.
    #[error(
        "no columns are given for a fact of the regime {0:?}; add [fact.NAME] or [regime.{0}.fact.NAME] to the description of the columns"
    )]
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

impl Columns {
    /// Reads the description of a data set's columns.
    pub fn read(text: &str) -> Result<Self, DataError> {
        Ok(toml::from_str(text)?)
    }

    /// Returns where each fact of a regime is read: what is said for the regime goes before what is
    /// said for all.
    pub fn facts<'c>(&'c self, regime: &Regime) -> BTreeMap<&'c str, &'c FactColumn> {
        let known = |name: &&String| regime.facts.iter().any(|fact| fact.name == **name);
        let mut found: BTreeMap<&str, &FactColumn> = self
            .fact
            .iter()
            .filter(|(name, _)| known(name))
            .map(|(name, column)| (name.as_str(), column))
            .collect();
        let own = self.regime.get(&regime.id).into_iter().flat_map(|regime| &regime.fact);
        found.extend(own.map(|(name, column)| (name.as_str(), column)));
        found
    }

    /// Returns what is assumed of every row, in words.
    pub fn assumptions<'c>(&'c self, regime: &Regime) -> Vec<&'c Words> {
        self.facts(regime).into_values().filter_map(|column| column.text.as_ref()).collect()
    }
}

/// The models of a data set, with what one regime may know of each. Cheap to copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Models {
    inner: Arc<Inner>,
}

#[derive(Debug, PartialEq, Eq)]
struct Inner {
    models: Vec<Model>,
    developers: Vec<String>,
    countries: Vec<String>,
}

/// One model of a data set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Model {
    /// Its name.
    pub name: String,
    /// The day of its publication, where known.
    pub published: Option<Date>,
    /// The year of its publication, where known.
    pub year: Option<i16>,
    /// Places of its developers among all.
    pub(crate) developers: Vec<usize>,
    /// Places of their countries among all.
    pub(crate) countries: Vec<usize>,
    /// By place among the regime's facts; empty: not known.
    pub(crate) facts: Vec<Vec<Candidate>>,
}

impl Models {
    /// Reads the rows of a data set, CSV with a heading or a JSON array of objects, as a regime's facts.
    pub fn read(data: &[u8], columns: &Columns, regime: &Regime) -> Result<Self, DataError> {
        if data.len() > MAX_SIZE {
            return Err(DataError::TooLong);
        }
        let first = data.iter().find(|byte| !byte.is_ascii_whitespace());
        let sheet = if first == Some(&b'[') { Sheet::json(data)? } else { Sheet::csv(data)? };
        let facts = columns.facts(regime);
        if facts.is_empty() {
            return Err(DataError::NoRegime(regime.id.clone()));
        }
        let read = facts.into_iter().map(|(name, column)| Reading::new(name, column, regime, &sheet));
        let readings = read.collect::<Result<Vec<_>, _>>()?;
        let place = |name: &str| sheet.place(name);
        let (name_at, date_at) = (place(&columns.data.name)?, place(&columns.data.date)?);
        let country_at = place(&columns.data.country)?;
        let developer_at = columns.data.developer.as_deref().map(place).transpose()?;
        let (mut developers, mut countries) = (Names::default(), Names::default());
        let mut models = Vec::new();
        for (number, row) in sheet.rows.iter().enumerate() {
            let text = |at: usize| row.get(at).map(plain).unwrap_or_default().trim();
            let mut facts = vec![Vec::new(); regime.facts.len()];
            for reading in &readings {
                let value = reading.value(row, regime);
                let value = value.map_err(|problem| DataError::Fact { row: number + 1, problem })?;
                facts[reading.place].extend(value);
            }
            models.push(Model {
                name: text(name_at).to_owned(),
                published: text(date_at).parse().ok(),
                year: text(date_at).get(..4).and_then(|year| year.parse().ok()),
                developers: developers.places(developer_at.map(text).unwrap_or_default()),
                countries: countries.places(text(country_at)),
                facts,
            });
        }
        let inner = Inner { models, developers: developers.names, countries: countries.names };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Returns the models, in the order of the data set.
    pub fn all(&self) -> &[Model] {
        &self.inner.models
    }

    /// Returns every developer, as the data set writes them.
    pub fn developers(&self) -> &[String] {
        &self.inner.developers
    }

    /// Returns every country, as the data set writes them.
    pub fn countries(&self) -> &[String] {
        &self.inner.countries
    }

    /// Returns the developers of a model.
    pub fn developers_of<'m>(&'m self, model: &'m Model) -> impl Iterator<Item = &'m str> {
        model.developers.iter().filter_map(|at| self.inner.developers.get(*at)).map(String::as_str)
    }
}

/// Names that were met, each once, in the order in which they were met.
#[derive(Default)]
struct Names {
    names: Vec<String>,
    places: BTreeMap<String, usize>,
}

impl Names {
    /// Returns the places of the names of a list separated by commas, each once.
    fn places(&mut self, cell: &str) -> Vec<usize> {
        let mut found = Vec::new();
        for name in cell.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            let at = *self.places.entry(name.to_owned()).or_insert_with(|| {
                self.names.push(name.to_owned());
                self.names.len() - 1
            });
            if !found.contains(&at) {
                found.push(at);
            }
        }
        found
    }
}

/// Returns the text of a cell; none where it is an interval.
fn plain(cell: &Written) -> &str {
    match cell {
        Written::Text(text) | Written::Number(text) => text,
        Written::Boolean(true) => "true",
        Written::Boolean(false) => "false",
        Written::Null | Written::Range { .. } => "",
    }
}

/// A data set as written.
struct Sheet {
    heading: Vec<String>,
    rows: Vec<Vec<Written>>,
}

impl Sheet {
    fn csv(data: &[u8]) -> Result<Self, DataError> {
        let mut reader = csv::Reader::from_reader(data);
        let heading: Vec<String> = reader.headers()?.iter().map(str::to_owned).collect();
        if heading.len() > MAX_COLUMNS {
            return Err(DataError::TooLong);
        }
        let mut rows = Vec::new();
        for record in reader.records() {
            let cell = |cell: &str| match cell.trim() {
                "" => Written::Null,
                text => Written::Text(text.to_owned()),
            };
            if rows.len() == MAX_ROWS {
                return Err(DataError::TooLong);
            }
            rows.push(record?.iter().map(cell).collect());
        }
        Ok(Self { heading, rows })
    }

    fn json(data: &[u8]) -> Result<Self, DataError> {
        let text = std::str::from_utf8(data).map_err(|error| DataError::Json(error.to_string()))?;
        let objects = json_rows(text, MAX_ROWS).map_err(DataError::Json)?;
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        let mut heading = Vec::new();
        let mut rows = Vec::new();
        for object in objects {
            let mut row = vec![Written::Null; heading.len()];
            for (name, value) in object {
                let at = *places.entry(name).or_insert_with_key(|name| {
                    heading.push(name.clone());
                    heading.len() - 1
                });
                if at >= MAX_COLUMNS {
                    return Err(DataError::TooLong);
                }
                row.resize(row.len().max(at + 1), Written::Null);
                row[at] = value;
            }
            rows.push(row);
        }
        Ok(Self { heading, rows })
    }

    fn place(&self, name: &str) -> Result<usize, DataError> {
        self.heading.iter().position(|cell| cell == name).ok_or_else(|| DataError::NoColumn(name.to_owned()))
    }
}

/// How one fact is read, with its columns found.
struct Reading<'c> {
    column: &'c FactColumn,
    /// Place of the fact in the regime.
    place: usize,
    at: Option<usize>,
    low: Option<usize>,
    high: Option<usize>,
}

impl<'c> Reading<'c> {
    fn new(name: &str, column: &'c FactColumn, regime: &Regime, sheet: &Sheet) -> Result<Self, DataError> {
        let place = regime.facts.iter().position(|fact| fact.name == name);
        let Some(place) = place else {
            let problem = match regime.read_fact(name, "") {
                Err(error) => error.to_string(),
                Ok(_) => format!("no fact `{name}`"),
            };
            return Err(DataError::Fact { row: 0, problem });
        };
        let find = |column: &Option<String>| column.as_deref().map(|name| sheet.place(name)).transpose();
        Ok(Self {
            column,
            place,
            at: find(&column.column)?,
            low: find(&column.low)?,
            high: find(&column.high)?,
        })
    }

    /// Returns the possible values of the fact in a row; none where it is not known.
    fn value(&self, row: &[Written], regime: &Regime) -> Result<Option<Candidate>, String> {
        let fact = &regime.facts[self.place];
        let written = self.written(row);
        let value = match written {
            None | Some(Written::Null) => return Ok(None),
            Some(Written::Text(text)) => regime.read_fact(&fact.name, &text),
            Some(other) => fact.read(&other),
        };
        Ok(candidate(&value.map_err(|error| error.to_string())?))
    }

    fn written(&self, row: &[Written]) -> Option<Written> {
        let cell = |at: Option<usize>| at.and_then(|at| row.get(at)).unwrap_or(&Written::Null);
        if let Some(value) = &self.column.assume {
            return Some(Written::Text(value.clone()));
        }
        let with_unit = |text: &str| match &self.column.unit {
            Some(unit) => format!("{text} {unit}"),
            None => text.to_owned(),
        };
        let (low, high) = (plain(cell(self.low)), plain(cell(self.high)));
        if !low.is_empty() || !high.is_empty() {
            let end = |text: &str| (!text.is_empty()).then(|| with_unit(text));
            return Some(Written::Range { low: end(low), high: end(high) });
        }
        let cell = cell(self.at);
        if self.column.filled {
            return Some(Written::Boolean(*cell != Written::Null));
        }
        if let Some(words) = &self.column.contains {
            let found = plain(cell).split(',').any(|part| words.iter().any(|word| word == part.trim()));
            return found.then_some(Written::Boolean(true));
        }
        match cell {
            Written::Null => None,
            Written::Text(text) | Written::Number(text) => Some(Written::Text(with_unit(text))),
            other => Some(other.clone()),
        }
    }
}
