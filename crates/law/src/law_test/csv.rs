//! Law tests as a table, one row a test: the form that lawyers edit in a spreadsheet.
//!
//! The first row names the columns: `name`, `basis`, `as_of`, `preset`, `switch:ID`, `fact:NAME`,
//! `event:PREDICATE` for the case; `coverage`, `force`, `class`, `missing`, `disputed`, `unsettled`,
//! `class:ID`, `duty:ID`, `power:ID`, `penalty:ID` for what is expected. An empty cell says nothing.
//! What spreadsheets do to a table is taken: a byte order mark, semicolons between cells, `TRUE`,
//! `1E+25`, `2026/11/23`, empty rows and columns at the end.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::de::DeserializeOwned;
use serde::de::IntoDeserializer as _;
use serde::de::value::{Error as WordError, StrDeserializer};

use super::{Case, LawTest, MAX_PROBLEMS, MAX_TESTS, Reader, shown};
use crate::assessment::Status;
use crate::diagnostic::closest;
use crate::expression::{EventPattern, pattern_problems};
use crate::facts_file::Written;
use crate::record::{FactValue, Record};
use crate::regime::files::{RawDutyExpectation, RawExpectation, RawPenaltyExpectation, RawTestEvent};
use crate::regime::{FactSchema, Regime, ValueKind};
use crate::settings::SwitchSettings;
use crate::truth::Truth;

/// Most columns of a table.
const MAX_COLUMNS: usize = 256;

/// Columns that stand for themselves.
const PLAIN: [&str; 10] =
    ["name", "basis", "as_of", "preset", "coverage", "force", "class", "missing", "disputed", "unsettled"];
/// Columns that name something of the regime behind a colon.
const NAMED: [&str; 7] = ["switch", "fact", "event", "class", "duty", "power", "penalty"];

/// What the cells of a column say.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Column {
    Plain(&'static str),
    Named(&'static str, String),
    /// No name: its cells are empty.
    Unnamed,
}

impl Column {
    fn name(&self) -> String {
        match self {
            Self::Plain(name) => (*name).to_owned(),
            Self::Named(kind, name) => format!("{kind}:{name}"),
            Self::Unnamed => "without a name".to_owned(),
        }
    }
}

/// A cell that cannot be read: what was found and expected, and what to do.
struct Wrong {
    problem: String,
    hint: Option<String>,
}

impl Wrong {
    fn new(problem: impl Into<String>) -> Self {
        Self { problem: problem.into(), hint: None }
    }

    fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }
}

/// Reads the rows; problems go to the reader.
pub(super) fn read(reader: &mut Reader<'_>) -> Vec<LawTest> {
    let text = reader.source.text;
    let text_start = text.len() - text.trim_start_matches('\u{feff}').len();
    let body = &text[text_start..];
    let head = body.lines().next().unwrap_or_default();
    // Spreadsheets of countries that write decimal commas separate cells by semicolons.
    let delimiter = if head.contains(';') && !head.contains(',') { b';' } else { b',' };
    let mut rows = ::csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(body.as_bytes());
    let mut columns: Option<Vec<Column>> = None;
    let mut tests = Vec::new();
    for (number, row) in rows.records().enumerate() {
        if reader.problems.len() >= MAX_PROBLEMS {
            reader.problems.truncate(MAX_PROBLEMS);
            break;
        }
        let row = match row {
            Ok(row) => row,
            Err(error) => {
                let at = error.position().map_or(0, |at| usize::try_from(at.byte()).unwrap_or(0));
                reader.problem(text_start + at, format!("the table cannot be read: {error}"));
                break;
            }
        };
        let start = row.position().map_or(0, |at| usize::try_from(at.byte()).unwrap_or(0));
        // The position of a row is that of the empty lines before it.
        let blank = body.as_bytes()[start..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let cells = Cells { text: body, start: start + blank, delimiter, shift: text_start };
        let Some(columns) = &columns else {
            columns = Some(header(reader, &row, &cells));
            if !reader.problems.is_empty() {
                break;
            }
            continue;
        };
        if number > MAX_TESTS {
            reader.problem(cells.at(0), format!("more than {MAX_TESTS} rows"));
            break;
        }
        if row.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        if row.len() != columns.len() {
            let problem = format!("the row has {} cells, the first row has {}", row.len(), columns.len());
            let hint = "put a cell that contains the separator between double quotes";
            let at = cells.at(0);
            reader.problems.push(reader.source.diagnostic(at, problem, Some(hint.to_owned())));
            continue;
        }
        tests.extend(Row { reader, columns, cells: &cells, values: &row }.read());
    }
    if columns.is_none() {
        reader.problem(0, "the table is empty; its first row names the columns");
    }
    reader.problems.truncate(MAX_PROBLEMS);
    tests
}

/// Finds the place of a cell in the text.
struct Cells<'t> {
    text: &'t str,
    start: usize,
    delimiter: u8,
    /// Bytes before the text that are no part of the table.
    shift: usize,
}

impl Cells<'_> {
    fn at(&self, column: usize) -> usize {
        let mut quoted = false;
        let mut before = 0;
        for (offset, byte) in self.text.bytes().enumerate().skip(self.start) {
            if before == column {
                return self.shift + offset;
            }
            match byte {
                b'"' => quoted = !quoted,
                b'\n' if !quoted => break,
                other => before += usize::from(other == self.delimiter && !quoted),
            }
        }
        self.shift + self.start
    }
}

fn header(reader: &mut Reader<'_>, row: &::csv::StringRecord, cells: &Cells<'_>) -> Vec<Column> {
    if row.len() > MAX_COLUMNS {
        reader.problem(cells.at(0), format!("more than {MAX_COLUMNS} columns"));
        return Vec::new();
    }
    let mut columns: Vec<Column> = Vec::new();
    for (at, cell) in row.iter().enumerate() {
        let column = match column(reader.regime, cell.trim()) {
            Ok(column) => column,
            Err(Wrong { problem, hint }) => {
                reader.problems.push(reader.source.diagnostic(cells.at(at), problem, hint));
                Column::Unnamed
            }
        };
        let repeats = matches!(column, Column::Unnamed | Column::Named("event", _));
        if !repeats && columns.contains(&column) {
            let problem = format!("the column `{}` appears twice", column.name());
            reader.problem(cells.at(at), problem);
        }
        columns.push(column);
    }
    for needed in ["name", "as_of"] {
        if !columns.contains(&Column::Plain(needed)) {
            reader.problem(cells.at(0), format!("there is no column `{needed}`"));
        }
    }
    columns
}

fn column(regime: &Regime, name: &str) -> Result<Column, Wrong> {
    if name.is_empty() {
        return Ok(Column::Unnamed);
    }
    if let Some(plain) = PLAIN.into_iter().find(|plain| *plain == name) {
        return Ok(Column::Plain(plain));
    }
    let (kind, id) = name.split_once(':').unwrap_or((name, ""));
    let (kind, id) = (kind.trim(), id.trim());
    let Some(kind) = NAMED.into_iter().find(|known| *known == kind) else {
        let wrong = Wrong::new(format!("unknown column `{}`", shown(name)));
        let known = PLAIN.into_iter().chain(NAMED);
        return Err(match closest(kind, known) {
            Some(best) if id.is_empty() => wrong.hint(format!("did you mean `{best}`?")),
            Some(best) => wrong.hint(format!("did you mean `{best}:{id}`?")),
            None => wrong.hint(format!(
                "columns are {}, and {} followed by `:` and a name",
                PLAIN.join(", "),
                NAMED.join(", ")
            )),
        });
    };
    let known: Vec<&str> = match kind {
        "switch" => regime.switches.iter().map(|switch| switch.id.as_str()).collect(),
        "fact" => regime.facts.iter().map(|fact| fact.name.as_str()).collect(),
        "event" => regime.events.keys().map(String::as_str).collect(),
        "class" => regime.classes.iter().map(|class| class.id.as_str()).collect(),
        "duty" => regime.duties.iter().map(|duty| duty.id.as_str()).collect(),
        "power" => regime.powers.iter().map(|power| power.id.as_str()).collect(),
        _ => regime.penalties.iter().map(|penalty| penalty.id.as_str()).collect(),
    };
    if known.contains(&id) {
        return Ok(Column::Named(kind, id.to_owned()));
    }
    let wrong = Wrong::new(format!("column `{}`: unknown {kind} `{}`", shown(name), shown(id)));
    Err(match closest(id, known) {
        Some(best) => wrong.hint(format!("did you mean `{kind}:{best}`?")),
        None => wrong,
    })
}

struct Row<'a, 'r> {
    reader: &'a mut Reader<'r>,
    columns: &'a [Column],
    cells: &'a Cells<'a>,
    values: &'a ::csv::StringRecord,
}

impl Row<'_, '_> {
    fn problem(&mut self, column: usize, Wrong { problem, hint }: Wrong) {
        let name = self.columns[column].name();
        let problem = format!("column `{name}`: {problem}");
        let place = self.reader.source.diagnostic(self.cells.at(column), problem, hint);
        self.reader.problems.push(place);
    }

    fn cell(&self, name: &'static str) -> Option<(usize, String)> {
        let column = self.columns.iter().position(|column| *column == Column::Plain(name))?;
        let cell = self.values.get(column)?.trim();
        (!cell.is_empty()).then(|| (column, cell.to_owned()))
    }

    fn read(mut self) -> Option<LawTest> {
        let found = self.reader.problems.len();
        let first = self.cells.at(0);
        let name = self.cell("name");
        if name.is_none() {
            self.reader.problem(first, "the row has no `name`: say what the case shows");
        }
        let as_of = match self.cell("as_of") {
            None => {
                self.reader.problem(first, "the row has no `as_of`: the day of assessment");
                None
            }
            Some((column, cell)) => day(&cell).map_err(|wrong| self.problem(column, wrong)).ok(),
        };
        let mut settings = SwitchSettings::default();
        if let Some((column, preset)) = self.cell("preset") {
            match SwitchSettings::preset(self.reader.regime, &preset) {
                Ok(preset) => settings = preset,
                Err(error) => self.problem(column, Wrong::new(error.to_string())),
            }
        }
        let basis: Vec<String> = match self.cell("basis") {
            Some((column, cell)) => {
                let basis: Vec<_> = cell.split(';').map(|article| article.trim().to_owned()).collect();
                self.reader.basis(self.cells.at(column), &basis);
                basis
            }
            None => Vec::new(),
        };
        let mut record = Record::default();
        let mut expect = RawExpectation::default();
        let columns = self.columns;
        for (at, column) in columns.iter().enumerate() {
            let cell = self.values.get(at).unwrap_or_default().trim().to_owned();
            if cell.is_empty() {
                continue;
            }
            let read = match column {
                Column::Unnamed => {
                    Err(Wrong::new(format!("found `{}` in a column without a name", shown(&cell))))
                }
                Column::Plain("class") => class(self.reader.regime, &mut expect, &cell),
                Column::Plain(name) => expectation(&mut expect, name, &cell),
                Column::Named("switch", id) => settings
                    .set(self.reader.regime, id, &setting(&cell))
                    .map_err(|error| Wrong::new(error.to_string())),
                Column::Named("fact", name) => fact(self.reader.regime, &mut record, name, &cell),
                Column::Named("event", predicate) => self.event(&mut record, at, predicate, &cell),
                Column::Named(kind, id) => named(&mut expect, kind, id, &cell),
            };
            if let Err(wrong) = read {
                self.problem(at, wrong);
            }
        }
        // What follows would only repeat what is wrong already.
        if self.reader.problems.len() > found {
            return None;
        }
        let case = Case { name: name?.1, basis, as_of: as_of? };
        Some(self.reader.case(case, settings, record, first, expect))
    }

    /// Reads `2026-06-01` or `2026-06-01T10:00:00Z`, then `; attribute=value` for each attribute.
    fn event(&mut self, record: &mut Record, at: usize, predicate: &str, cell: &str) -> Result<(), Wrong> {
        let mut parts = cell.split(';').map(str::trim);
        let arrived = parts.next().unwrap_or_default();
        let arrived = match day(arrived) {
            Ok(day) => day.to_string(),
            Err(wrong) if arrived.parse::<Timestamp>().is_err() => {
                return Err(wrong.hint(
                    "write a day or an instant with its offset first, as in `2026-06-01T10:00:00Z; death=true`",
                ));
            }
            Err(_) => arrived.to_owned(),
        };
        let mut attributes = BTreeMap::new();
        for part in parts.filter(|part| !part.is_empty()) {
            let Some((name, value)) = part.split_once('=') else {
                return Err(Wrong::new(format!("found `{}`, expected `attribute=value`", shown(part))));
            };
            if attributes.insert(name.trim().to_owned(), value.trim().to_owned()).is_some() {
                return Err(Wrong::new(format!("the attribute `{}` appears twice", shown(name.trim()))));
            }
        }
        let pattern = EventPattern::with(predicate, &attributes);
        if let Some(problem) = pattern_problems(&pattern, &self.reader.regime.schema).into_iter().next() {
            return Err(Wrong { problem: problem.problem, hint: problem.hint });
        }
        let raw = RawTestEvent { is: predicate.to_owned(), arrived, attributes };
        self.reader.event(record, self.cells.at(at), &raw);
        Ok(())
    }
}

/// Reads a day as laws write it, or as spreadsheets do: `2026-11-23`, `2026/11/23`.
fn day(text: &str) -> Result<Date, Wrong> {
    let iso = (text.len() == 10).then(|| text.parse::<Date>().ok()).flatten();
    let read = iso.or_else(|| {
        let parts: Vec<_> = text.split('/').collect();
        let [year, month, day] = parts[..] else { return None };
        let year = year.parse().ok().filter(|year| *year >= 1000)?;
        Date::new(year, month.parse().ok()?, day.parse().ok()?).ok()
    });
    read.ok_or_else(|| {
        Wrong::new(format!("`{}` is not a day", shown(text))).hint("write it as in 2026-11-23")
    })
}

/// A setting as written; spreadsheets write `TRUE` for `true`.
fn setting(cell: &str) -> String {
    match cell {
        "TRUE" | "FALSE" => cell.to_ascii_lowercase(),
        other => other.to_owned(),
    }
}

/// Reads a fact: a value, `unknown`, `8e24 to 1.1e25 FLOP`, `at least …`, `at most …`; several
/// values with `|` between them are disputed.
fn fact(regime: &Regime, record: &mut Record, name: &str, cell: &str) -> Result<(), Wrong> {
    let schema = regime.facts.iter().find(|fact| fact.name == name);
    let schema = schema.ok_or_else(|| Wrong::new(format!("unknown fact `{name}`")))?;
    let disputed = !matches!(schema.kind, ValueKind::Text);
    for part in cell.split(|found| disputed && found == '|') {
        record.state(name, value(schema, part.trim())?);
    }
    Ok(())
}

fn value(schema: &FactSchema, cell: &str) -> Result<FactValue, Wrong> {
    let number = matches!(schema.kind, ValueKind::Number { .. });
    let end = |text: &str| Some(text.trim().to_owned());
    let written = match (&schema.kind, cell) {
        (_, "unknown") => Written::Null,
        (ValueKind::Boolean, "true" | "TRUE") => Written::Boolean(true),
        (ValueKind::Boolean, "false" | "FALSE") => Written::Boolean(false),
        (ValueKind::Date, cell) => Written::Text(day(cell)?.to_string()),
        (_, cell) if number => match (cell.strip_prefix("at least "), cell.strip_prefix("at most ")) {
            (Some(low), _) => Written::Range { low: end(low), high: None },
            (_, Some(high)) => Written::Range { low: None, high: end(high) },
            _ => match cell.split_once(" to ") {
                Some((low, high)) => Written::Range { low: end(low), high: end(high) },
                None => Written::Text(cell.to_owned()),
            },
        },
        (_, cell) => Written::Text(cell.to_owned()),
    };
    schema.read(&written).map_err(|error| Wrong::new(error.to_string()))
}

/// Reads a word of a fixed list, in any letter case.
fn word<T: DeserializeOwned>(cell: &str) -> Result<T, Wrong> {
    let lower = cell.to_ascii_lowercase();
    let deserializer: StrDeserializer<'_, WordError> = lower.as_str().into_deserializer();
    T::deserialize(deserializer).map_err(|error| {
        let error = error.to_string();
        let known = error.split_once("expected one of ").map_or(error.as_str(), |(_, known)| known);
        Wrong::new(format!("`{}` is none of: {known}", shown(cell)))
    })
}

fn expectation(expect: &mut RawExpectation, name: &str, cell: &str) -> Result<(), Wrong> {
    let listed = || match cell {
        "none" => Some(Vec::new()),
        names => Some(names.split_whitespace().map(str::to_owned).collect()),
    };
    match name {
        "coverage" => expect.coverage = Some(word(cell)?),
        "force" => expect.force = Some(word(cell)?),
        "missing" => expect.missing = listed(),
        "disputed" => expect.disputed = listed(),
        "unsettled" => expect.unsettled = listed(),
        // The case itself, read before.
        _ => {}
    }
    Ok(())
}

fn class(regime: &Regime, expect: &mut RawExpectation, id: &str) -> Result<(), Wrong> {
    expect.class = Some(id.to_owned());
    if id == "none" || regime.classes.iter().any(|class| class.id == id) {
        return Ok(());
    }
    let wrong = Wrong::new(format!("unknown class `{}`", shown(id)));
    Err(match closest(id, regime.classes.iter().map(|class| class.id.as_str())) {
        Some(best) => wrong.hint(format!("did you mean `{best}`?")),
        None => wrong,
    })
}

fn named(expect: &mut RawExpectation, kind: &str, id: &str, cell: &str) -> Result<(), Wrong> {
    match kind {
        "class" => {
            expect.classes.insert(id.to_owned(), word(cell)?);
        }
        "power" => {
            expect.powers.insert(id.to_owned(), word(cell)?);
        }
        "duty" => {
            expect.duties.insert(id.to_owned(), duty(cell)?);
        }
        _ => {
            expect.penalties.insert(id.to_owned(), penalty(cell));
        }
    }
    Ok(())
}

/// Reads a status, a day or `none`, an instant, `late` or `in_time`, in any order.
fn duty(cell: &str) -> Result<RawDutyExpectation, Wrong> {
    let mut expect = RawDutyExpectation { status: None, due: None, due_at: None, late: None };
    for part in cell.split_whitespace() {
        if part == "none" {
            expect.due = Some(part.to_owned());
        } else if part == "late" || part == "in_time" {
            expect.late = Some(part == "late");
        } else if let Ok(day) = day(part) {
            expect.due = Some(day.to_string());
        } else if let Ok(at) = part.parse::<Timestamp>() {
            expect.due_at = Some(at);
        } else {
            expect.status = Some(word::<Status>(part).map_err(|Wrong { problem, .. }| {
                Wrong::new(format!(
                    "{problem}, a day, an instant with its offset, `none`, `late` or `in_time`"
                ))
            })?);
        }
    }
    Ok(expect)
}

/// Reads whether a penalty applies, an amount, or both: `true 15000000 EUR`, `false`, `none`.
fn penalty(cell: &str) -> RawPenaltyExpectation {
    let (first, rest) = cell.split_once(char::is_whitespace).unwrap_or((cell, ""));
    let (applies, amount) = match word::<Truth>(first) {
        Ok(truth) => (Some(truth), rest.trim()),
        Err(_) => (None, cell),
    };
    let maximum = (!amount.is_empty()).then(|| amount.to_owned());
    RawPenaltyExpectation { applies, maximum }
}
