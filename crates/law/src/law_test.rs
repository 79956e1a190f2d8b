//! Law tests: cases as data, kept beside the rules that they test, as TOML or as a table.

mod csv;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::Serialize;
use toml::Spanned;

use crate::assess::assess;
use crate::assessment::{Assessment, PenaltyResult};
use crate::diagnostic::{Diagnostic, Source, closest};
use crate::expression::{EventPattern, pattern_problems};
use crate::facts_file::{FactError, toml_value};
use crate::number::Number;
use crate::record::{Event, Record};
use crate::regime::Regime;
use crate::regime::files::{RawExpectation, RawTest, RawTestEvent, RawTests};
use crate::settings::SwitchSettings;
use crate::truth::NameSet;

/// A case and what the law says of it.
#[derive(Debug, Clone)]
pub struct LawTest {
    /// Name: what the case shows.
    pub name: String,
    /// File that holds it.
    pub file: String,
    /// Line of its expectation.
    pub line: usize,
    /// Articles on which the expectation rests.
    pub basis: Vec<String>,
    /// Day of assessment.
    pub as_of: Date,
    /// How the switches are set.
    pub settings: SwitchSettings,
    /// Facts and events.
    pub record: Record,
    pub(crate) expect: RawExpectation,
}

/// The result of a law test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LawTestResult {
    /// Name of the test.
    pub name: String,
    /// File that holds it.
    pub file: String,
    /// Line of its expectation.
    pub line: usize,
    /// What came out otherwise than expected; empty: passed.
    pub failures: Vec<String>,
    /// The same, for a table.
    pub differences: Vec<Difference>,
}

/// Something that came out otherwise than expected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// What kind of rule: `coverage`, `class`, `duty`, `power`, `penalty`, or what else was expected.
    pub about: &'static str,
    /// Id of the rule; none where it has none.
    pub id: Option<String>,
    /// Which result: `status`, `due`, `maximum`, …
    pub what: &'static str,
    /// What the test expects, as it is written there.
    pub expected: String,
    /// What came out, written the same way.
    pub found: String,
}

/// Most tests of a file, and most problems that it is told of: cases tend to repeat them.
const MAX_TESTS: usize = 2_000;
const MAX_PROBLEMS: usize = 50;

/// Reads the cases of a file; a case with variations becomes one test each.
pub(crate) fn read(regime: &Regime, source: &Source<'_>) -> Result<Vec<LawTest>, Vec<Diagnostic>> {
    let raw: RawTests = toml::from_str(source.text).map_err(|error| vec![source.toml_error(&error)])?;
    let mut reader = Reader { regime, source, problems: Vec::new() };
    let mut tests = Vec::new();
    for test in &raw.test {
        if tests.len() + test.vary.len() > MAX_TESTS {
            reader.problem(test.name.span().start, format!("more than {MAX_TESTS} tests"));
        }
        if reader.problems.len() >= MAX_PROBLEMS || tests.len() + test.vary.len() > MAX_TESTS {
            break;
        }
        tests.extend(reader.test(test));
    }
    reader.problems.truncate(MAX_PROBLEMS);
    if reader.problems.is_empty() { Ok(tests) } else { Err(reader.problems) }
}

/// Reads the cases of a table that lawyers keep in a spreadsheet: one row, one test.
pub(crate) fn read_table(regime: &Regime, source: &Source<'_>) -> Result<Vec<LawTest>, Vec<Diagnostic>> {
    let mut reader = Reader { regime, source, problems: Vec::new() };
    let tests = csv::read(&mut reader);
    if reader.problems.is_empty() { Ok(tests) } else { Err(reader.problems) }
}

struct Reader<'r> {
    regime: &'r Regime,
    source: &'r Source<'r>,
    problems: Vec<Diagnostic>,
}

/// What a case is called, what it rests on, and its day.
struct Case {
    name: String,
    basis: Vec<String>,
    as_of: Date,
}

impl Reader<'_> {
    fn problem(&mut self, offset: usize, problem: impl Into<String>) {
        self.problems.push(self.source.diagnostic(offset, problem, None));
    }

    /// Notes a name that the regime does not have, with the nearest that it has.
    fn unknown<'w>(
        &mut self,
        offset: usize,
        problem: String,
        name: &str,
        known: impl IntoIterator<Item = &'w str>,
    ) {
        let hint = closest(name, known).map(|best| format!("did you mean `{best}`?"));
        self.problems.push(self.source.diagnostic(offset, problem, hint));
    }

    fn basis(&mut self, offset: usize, articles: &[String]) {
        let regime = self.regime;
        for article in articles.iter().filter(|article| regime.article(article).is_none()) {
            let problem = format!("there is no text of the article `{article}`");
            self.unknown(offset, problem, article, regime.articles.iter().map(|known| known.id.as_str()));
        }
    }

    fn test(&mut self, raw: &RawTest) -> Vec<LawTest> {
        let mut record = Record::default();
        self.facts(&mut record, &raw.facts);
        self.events(&mut record, &raw.events);
        let mut settings = SwitchSettings::default();
        if let Some(preset) = &raw.preset {
            match SwitchSettings::preset(self.regime, preset.get_ref()) {
                Ok(preset) => settings = preset,
                Err(error) => self.problem(preset.span().start, error.to_string()),
            }
        }
        self.switches(&mut settings, &raw.switches);
        let name = raw.name.get_ref();
        let basis = &raw.basis.0;
        self.basis(raw.name.span().start, basis);
        let first = Case { name: name.clone(), basis: basis.clone(), as_of: raw.as_of };
        let mut tests = vec![self.expected(first, settings.clone(), record.clone(), &raw.expect)];
        for (at, variation) in raw.vary.iter().enumerate() {
            let (mut record, mut settings) = (record.clone(), settings.clone());
            for fact in &variation.without_facts {
                let regime = self.regime;
                if !regime.facts.iter().any(|schema| schema.name == *fact) {
                    let known = regime.facts.iter().map(|schema| schema.name.as_str());
                    let at = variation.expect.span().start;
                    self.unknown(at, format!("unknown fact `{fact}`"), fact, known);
                }
            }
            for fact in variation.facts.keys().chain(&variation.without_facts) {
                record.facts.remove(fact);
            }
            self.facts(&mut record, &variation.facts);
            self.events(&mut record, &variation.events);
            self.switches(&mut settings, &variation.switches);
            for id in &variation.without_switches {
                let regime = self.regime;
                if !regime.switches.iter().any(|switch| switch.id == *id) {
                    let known = regime.switches.iter().map(|switch| switch.id.as_str());
                    let at = variation.expect.span().start;
                    self.unknown(at, format!("unknown switch `{id}`"), id, known);
                }
                settings.unset(id);
            }
            let as_of = variation.as_of.unwrap_or(raw.as_of);
            let case = Case { name: format!("{name} (variation {})", at + 1), basis: basis.clone(), as_of };
            tests.push(self.expected(case, settings, record, &variation.expect));
        }
        tests
    }

    fn facts(&mut self, record: &mut Record, facts: &BTreeMap<String, Spanned<toml::Value>>) {
        for (name, value) in facts {
            let schema = self.regime.facts.iter().find(|fact| fact.name == *name);
            let text = self.source.text.get(value.span()).unwrap_or_default();
            match (schema, toml_value(text)) {
                (Some(schema), Some(written)) => match schema.read(&written) {
                    Ok(value) => record.state(name, value),
                    Err(error) => self.problem(value.span().start, error.to_string()),
                },
                (Some(_), None) => self.problem(
                    value.span().start,
                    format!("fact `{name}`: write a value, or an interval as {{ low = …, high = … }}"),
                ),
                (None, _) => {
                    let error = FactError::Unknown {
                        regime: self.regime.id.clone(),
                        fact: name.clone(),
                        suggestion: closest(name, self.regime.facts.iter().map(|fact| fact.name.as_str()))
                            .map(str::to_owned),
                    };
                    self.problem(value.span().start, error.to_string());
                }
            }
        }
    }

    fn events(&mut self, record: &mut Record, events: &[Spanned<RawTestEvent>]) {
        for event in events {
            self.event(record, event.span().start, event.get_ref());
        }
    }

    fn event(&mut self, record: &mut Record, offset: usize, raw: &RawTestEvent) {
        let pattern = EventPattern::with(&raw.is, &raw.attributes);
        for problem in pattern_problems(&pattern, &self.regime.schema) {
            self.problems.push(self.source.diagnostic(offset, problem.problem, problem.hint));
        }
        // A day stands for its noon in the regime's zone; an instant is written with its offset.
        let day = if raw.arrived.len() == 10 { raw.arrived.parse::<Date>().ok() } else { None };
        let noon = day.and_then(|day| self.regime.time_zone.to_timestamp(day.at(12, 0, 0, 0)).ok());
        let arrived = noon.or_else(|| raw.arrived.parse().ok());
        let Some(arrived) = arrived else {
            self.problem(
                offset,
                format!("`{}` is neither a day nor an instant with its offset", shown(&raw.arrived)),
            );
            return;
        };
        let entry = record.events.len() as u64 + 1;
        record.events.push(Event {
            arrived,
            entry,
            predicate: raw.is.clone(),
            statement: format!("test-{entry}"),
            attributes: raw.attributes.clone(),
        });
    }

    fn switches(&mut self, settings: &mut SwitchSettings, switches: &BTreeMap<String, Spanned<String>>) {
        for (id, text) in switches {
            if let Err(error) = settings.set(self.regime, id, text.get_ref()) {
                self.problem(text.span().start, error.to_string());
            }
        }
    }

    fn expected(
        &mut self,
        case: Case,
        settings: SwitchSettings,
        record: Record,
        expect: &Spanned<RawExpectation>,
    ) -> LawTest {
        self.case(case, settings, record, expect.span().start, expect.get_ref().clone())
    }

    fn case(
        &mut self,
        case: Case,
        settings: SwitchSettings,
        record: Record,
        at: usize,
        expected: RawExpectation,
    ) -> LawTest {
        let regime = self.regime;
        let named = [
            (
                "duty",
                expected.duties.keys().collect::<Vec<_>>(),
                regime.duties.iter().map(|rule| rule.id.as_str()).collect::<Vec<_>>(),
            ),
            (
                "power",
                expected.powers.keys().collect(),
                regime.powers.iter().map(|rule| rule.id.as_str()).collect(),
            ),
            (
                "penalty",
                expected.penalties.keys().collect(),
                regime.penalties.iter().map(|rule| rule.id.as_str()).collect(),
            ),
            (
                "class",
                expected.classes.keys().chain(expected.class.iter().filter(|id| *id != "none")).collect(),
                regime.classes.iter().map(|rule| rule.id.as_str()).collect(),
            ),
        ];
        for (what, names, known) in named {
            for name in names {
                if !known.contains(&name.as_str()) {
                    let known = known.iter().copied();
                    self.unknown(at, format!("unknown {what} `{name}`"), name, known);
                }
            }
        }
        if expected == RawExpectation::default() {
            self.problem(at, "the test expects nothing");
        }
        let (line, _) = self.source.position(at);
        let Case { name, basis, as_of } = case;
        LawTest {
            name,
            file: self.source.file.to_owned(),
            line,
            basis,
            as_of,
            settings,
            record,
            expect: expected,
        }
    }
}

/// The beginning of a text that is shown in a message.
fn shown(text: &str) -> String {
    text.chars().take(80).collect()
}

impl LawTest {
    /// Runs the test.
    pub fn run(&self, regime: &Regime) -> LawTestResult {
        let (name, file, line) = (self.name.clone(), self.file.clone(), self.line);
        match assess(regime, &self.settings, &self.record, self.as_of) {
            Ok(assessment) => {
                let differences = self.compare(&assessment);
                let failures = differences.iter().map(ToString::to_string).collect();
                LawTestResult { name, file, line, failures, differences }
            }
            Err(error) => {
                LawTestResult { name, file, line, failures: vec![error.to_string()], differences: Vec::new() }
            }
        }
    }

    fn compare(&self, found: &Assessment) -> Vec<Difference> {
        let mut differences = Differences(Vec::new());
        let expect = &self.expect;
        if let Some(force) = expect.force {
            differences.check(("force", None, "force"), &force, &found.force);
        }
        if let Some(coverage) = expect.coverage {
            differences.check(("coverage", None, "coverage"), &coverage, &found.coverage);
        }
        if let Some(class) = &expect.class {
            differences.check(
                ("class", None, "class"),
                &class.as_str(),
                &found.class.as_deref().unwrap_or("none"),
            );
        }
        for (what, expected, found) in [
            ("missing", &expect.missing, &found.missing),
            ("disputed", &expect.disputed, &found.disputed),
            ("unsettled", &expect.unsettled, &found.unsettled),
        ] {
            if let Some(expected) = expected {
                let expected: NameSet = expected.iter().collect();
                differences.check((what, None, what), &expected, found);
            }
        }
        for class in &found.classes {
            if let Some(expected) = expect.classes.get(class.id.as_str()) {
                differences.check(("class", Some(&class.id), "holds"), expected, &class.holds);
            }
        }
        for duty in &found.duties {
            let Some(expected) = expect.duties.get(duty.id.as_str()) else { continue };
            if let Some(status) = expected.status {
                differences.check(("duty", Some(&duty.id), "status"), &status, &duty.status);
            }
            if let Some(due) = &expected.due {
                let found = duty.due.map_or("none".to_owned(), |due| due.to_string());
                differences.check(("duty", Some(&duty.id), "due"), due, &found);
            }
            if let Some(due_at) = expected.due_at {
                let found = duty.due_at.map_or("none".to_owned(), |at| at.to_string());
                differences.check(("duty", Some(&duty.id), "due_at"), &due_at.to_string(), &found);
            }
            if let Some(late) = expected.late {
                differences.check(("duty", Some(&duty.id), "late"), &late, &duty.late);
            }
        }
        for power in &found.powers {
            if let Some(expected) = expect.powers.get(power.id.as_str()) {
                differences.check(("power", Some(&power.id), "available"), expected, &power.available);
            }
        }
        for penalty in &found.penalties {
            let Some(expected) = expect.penalties.get(penalty.id.as_str()) else { continue };
            if let Some(applies) = expected.applies {
                differences.check(("penalty", Some(&penalty.id), "applies"), &applies, &penalty.applies);
            }
            if let Some(maximum) = &expected.maximum {
                let maximum = canonical(maximum);
                differences.check(("penalty", Some(&penalty.id), "maximum"), &maximum, &amount_text(penalty));
            }
        }
        differences.0
    }
}

/// Writes the numbers of an expected amount as results write them: `15_000_000 EUR` is `15000000 EUR`.
fn canonical(amount: &str) -> String {
    let words = amount.split_whitespace();
    let words = words
        .map(|word| word.parse::<Number>().map_or_else(|_| word.to_owned(), |number| number.to_string()));
    words.collect::<Vec<_>>().join(" ")
}

fn amount_text(penalty: &PenaltyResult) -> String {
    let Some(money) = &penalty.maximum else { return "none".to_owned() };
    let unit = money.unit.as_ref().map_or(String::new(), |unit| format!(" {unit}"));
    match (&money.low, &money.high) {
        (Some(low), Some(high)) if low == high => format!("{low}{unit}"),
        (Some(low), Some(high)) => format!("{low} to {high}{unit}"),
        (Some(low), None) => format!("at least {low}{unit}"),
        (None, Some(high)) => format!("at most {high}{unit}"),
        (None, None) => "none".to_owned(),
    }
}

struct Differences(Vec<Difference>);

impl Differences {
    fn check<T: PartialEq + Serialize>(
        &mut self,
        (about, id, what): (&'static str, Option<&str>, &'static str),
        expected: &T,
        found: &T,
    ) {
        if expected != found {
            let (expected, found) = (as_written(expected), as_written(found));
            self.0.push(Difference { about, id: id.map(str::to_owned), what, expected, found });
        }
    }
}

/// Writes a result as a test has it.
fn as_written(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => text,
        Ok(serde_json::Value::Array(items)) if items.is_empty() => "none".to_owned(),
        Ok(serde_json::Value::Array(items)) => {
            items.iter().filter_map(serde_json::Value::as_str).collect::<Vec<_>>().join(", ")
        }
        Ok(other) => other.to_string(),
        Err(_) => String::new(),
    }
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.about)?;
        if let Some(id) = &self.id {
            write!(f, " {id}")?;
        }
        if self.what != self.about {
            write!(f, ", {}", self.what)?;
        }
        write!(f, ": expected {}, found {}", self.expected, self.found)
    }
}

impl Regime {
    /// Runs all law tests of the regime.
    pub fn run_tests(&self) -> Vec<LawTestResult> {
        self.tests.iter().map(|test| test.run(self)).collect()
    }

    /// Returns the switches of which no test shows that they matter: of two cases that differ in
    /// this switch only, one does not have the result that the other expects.
    pub fn untested_switches(&self) -> Vec<&str> {
        let mut tested = BTreeSet::new();
        for one in &self.tests {
            let Ok(found) = assess(self, &one.settings, &one.record, one.as_of) else { continue };
            for other in &self.tests {
                if one.as_of == other.as_of
                    && one.record == other.record
                    && let Some(id) = one.settings.only_difference(&other.settings)
                    && !tested.contains(id)
                    && !other.compare(&found).is_empty()
                {
                    tested.insert(id);
                }
            }
        }
        self.switches.iter().map(|switch| switch.id.as_str()).filter(|id| !tested.contains(id)).collect()
    }
}
