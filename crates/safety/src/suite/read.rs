//! Reading a suite: every outside value is bounded and becomes a typed one here, once.

use std::collections::{BTreeMap, BTreeSet};

use evidence::Slug;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{Files, InvalidSuite, Problem, Sample, Source, Suite, Threshold};
use crate::scorer::{Behaviour, Scorer};
use crate::taxonomy::{Taxonomy, Title};

const MAX_SUITE_TOML: usize = 256 << 10;
const MAX_SAMPLES_FILE: usize = 64 << 20;
const MAX_SAMPLES: usize = 100_000;
const MAX_INPUT: usize = 64 << 10;
const MAX_TARGETS: usize = 64;
const MAX_TARGET: usize = 4 << 10;
const MAX_TOKENS: u32 = 32_768;
/// As many groups as the `safety-verification` predicate holds.
const MAX_GROUPS: usize = 64;
const MAX_PROBLEMS: usize = 50;

const SUITE: &str = "suite.toml";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SuiteFile {
    id: Slug,
    version: String,
    title: Title,
    description: Title,
    licence: String,
    samples: String,
    scorer: Option<Scorer>,
    system_prompt: Option<String>,
    max_tokens: u32,
    #[serde(default)]
    temperature: f64,
    #[serde(default)]
    threshold: Vec<ThresholdRow>,
    source: Vec<Source>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ThresholdRow {
    risk: Option<String>,
    at_least: f64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SampleRow {
    id: String,
    language: String,
    input: String,
    system_prompt: Option<String>,
    #[serde(default)]
    target: Vec<String>,
    expected: Behaviour,
    scorer: Option<Scorer>,
    risk: String,
    source: String,
    benign_twin: Option<String>,
}

/// A row of a CSV file: the same columns, with targets separated by `|`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CsvRow {
    id: String,
    language: String,
    input: String,
    #[serde(default)]
    system_prompt: Option<String>,
    #[serde(default)]
    target: String,
    expected: Behaviour,
    #[serde(default)]
    scorer: Option<Scorer>,
    risk: String,
    source: String,
    #[serde(default)]
    benign_twin: Option<String>,
}

impl From<CsvRow> for SampleRow {
    fn from(row: CsvRow) -> Self {
        let target = row.target.split('|').map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned);
        Self {
            id: row.id,
            language: row.language,
            input: row.input,
            system_prompt: row.system_prompt,
            target: target.collect(),
            expected: row.expected,
            scorer: row.scorer,
            risk: row.risk,
            source: row.source,
            benign_twin: row.benign_twin,
        }
    }
}

/// Parses a TOML file; a fault names its line.
pub(crate) fn from_toml<T: DeserializeOwned>(file: &str, bytes: &[u8]) -> Result<T, Problem> {
    if bytes.len() > MAX_SUITE_TOML {
        let message = format!("{} bytes, at most {MAX_SUITE_TOML} are read", bytes.len());
        return Err(Problem::new(file, None, message, "move texts into the sample file"));
    }
    let text = std::str::from_utf8(bytes).map_err(|e| {
        Problem::new(
            file,
            None,
            format!("not UTF-8 after byte {}", e.valid_up_to()),
            "save the file as UTF-8",
        )
    })?;
    toml::from_str(text).map_err(|error| {
        let line = error.span().map(|span| text[..span.start].matches('\n').count() + 1);
        Problem::new(file, line, error.message(), "docs/add-a-suite.md lists the fields")
    })
}

pub(super) fn suite(files: &Files, taxonomy: &Taxonomy) -> Result<Suite, InvalidSuite> {
    let mut reader = Reader { problems: Vec::new() };
    let suite = reader.read(files, taxonomy);
    match suite {
        Some(suite) if reader.problems.is_empty() => Ok(suite),
        _ => {
            reader.problems.sort_by_key(|problem| (problem.file != SUITE, problem.line));
            Err(InvalidSuite { problems: reader.problems })
        }
    }
}

/// Collects faults, so that an author sees all of them at once.
struct Reader {
    problems: Vec<Problem>,
}

impl Reader {
    fn note(
        &mut self,
        file: &str,
        line: Option<usize>,
        message: impl std::fmt::Display,
        hint: impl std::fmt::Display,
    ) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(Problem::new(file, line, message, hint));
        }
    }

    fn read(&mut self, files: &Files, taxonomy: &Taxonomy) -> Option<Suite> {
        let Some(bytes) = files.get(SUITE) else {
            self.note(
                SUITE,
                None,
                "the file is missing",
                "a suite is a folder with suite.toml and a sample file",
            );
            return None;
        };
        let file: SuiteFile = match from_toml(SUITE, bytes) {
            Ok(file) => file,
            Err(problem) => {
                self.problems.push(problem);
                return None;
            }
        };
        let digest = match evidence::folder_digest_of(files) {
            Ok(digest) => digest,
            Err(error) => {
                self.note(SUITE, None, error, "rename the file");
                return None;
            }
        };
        self.check_head(&file, taxonomy);
        let rows = self.rows(files, &file.samples)?;
        let samples = self.samples(rows, &file, taxonomy);
        let thresholds = file
            .threshold
            .into_iter()
            .map(|row| Threshold { risk: row.risk, at_least: row.at_least })
            .collect();
        Some(Suite {
            id: file.id,
            version: file.version,
            title: file.title,
            description: file.description,
            licence: file.licence,
            system_prompt: file.system_prompt,
            max_tokens: file.max_tokens,
            temperature: file.temperature,
            thresholds,
            sources: file.source,
            samples,
            digest,
        })
    }

    fn check_head(&mut self, file: &SuiteFile, taxonomy: &Taxonomy) {
        if !is_identifier(&file.version, 80) {
            self.note(
                SUITE,
                None,
                format!("version is {:?}", file.version),
                "use 1-80 of the characters a-z A-Z 0-9 . _ -",
            );
        }
        if !(1..=MAX_TOKENS).contains(&file.max_tokens) {
            self.note(
                SUITE,
                None,
                format!("max_tokens is {}", file.max_tokens),
                format!("use 1 to {MAX_TOKENS}"),
            );
        }
        if !(0.0..=2.0).contains(&file.temperature) {
            self.note(SUITE, None, format!("temperature is {}", file.temperature), "use 0 to 2");
        }
        if file.system_prompt.as_ref().is_some_and(|prompt| prompt.len() > MAX_INPUT) {
            self.note(SUITE, None, "system_prompt is too long", format!("use at most {MAX_INPUT} bytes"));
        }
        for row in &file.threshold {
            if !(0.0..=1.0).contains(&row.at_least) {
                self.note(
                    SUITE,
                    None,
                    format!("threshold at_least is {}", row.at_least),
                    "use a share from 0 to 1",
                );
            }
            if let Some(risk) = &row.risk {
                self.check_risk(SUITE, None, risk, taxonomy);
            }
        }
        let mut seen = BTreeSet::new();
        for source in &file.source {
            if !seen.insert(&source.id) {
                self.note(
                    SUITE,
                    None,
                    format!("source {:?} is defined twice", source.id),
                    "remove one of the two",
                );
            }
        }
    }

    fn check_risk(&mut self, file: &str, line: Option<usize>, risk: &str, taxonomy: &Taxonomy) {
        if taxonomy.risk(risk).is_none() {
            let hint = taxonomy.nearest(risk).map_or_else(
                || "suites/taxonomy.toml lists the risk areas".to_owned(),
                |known| format!("did you mean {known:?}?"),
            );
            self.note(file, line, format!("unknown risk area {risk:?}"), hint);
        }
    }

    /// Reads the rows of the sample file with their line numbers.
    fn rows(&mut self, files: &Files, name: &str) -> Option<Vec<(usize, SampleRow)>> {
        let Some(bytes) = files.get(name) else {
            let there: Vec<&str> = files.keys().take(10).map(String::as_str).collect();
            self.note(
                SUITE,
                None,
                format!("samples names {name:?}, which is not in the folder"),
                format!("there is: {}", there.join(", ")),
            );
            return None;
        };
        if bytes.len() > MAX_SAMPLES_FILE {
            self.note(
                name,
                None,
                format!("{} bytes", bytes.len()),
                format!("split the suite: at most {MAX_SAMPLES_FILE} bytes are read"),
            );
            return None;
        }
        let extension = name.rsplit_once('.').map(|(_, extension)| extension);
        let rows = match extension {
            Some("jsonl") => self.jsonl(name, bytes),
            Some("csv") => self.csv(name, bytes),
            _ => {
                self.note(
                    SUITE,
                    None,
                    format!("samples names {name:?}"),
                    "the file's name ends in .jsonl or .csv",
                );
                return None;
            }
        };
        if rows.is_empty() && self.problems.is_empty() {
            self.note(name, None, "no sample", "a suite has at least one");
        }
        Some(rows)
    }

    fn jsonl(&mut self, name: &str, bytes: &[u8]) -> Vec<(usize, SampleRow)> {
        let mut rows = Vec::new();
        for (index, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
            if line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            if !self.room(name, rows.len()) {
                break;
            }
            match serde_json::from_slice::<SampleRow>(line) {
                Ok(row) => rows.push((index + 1, row)),
                Err(error) => {
                    let message =
                        format!("column {}: {}", error.column(), without_position(&error.to_string()));
                    self.note(
                        name,
                        Some(index + 1),
                        message,
                        "one JSON object a line; docs/add-a-suite.md lists the fields",
                    );
                }
            }
        }
        rows
    }

    fn csv(&mut self, name: &str, bytes: &[u8]) -> Vec<(usize, SampleRow)> {
        let mut rows = Vec::new();
        let mut reader = csv::Reader::from_reader(bytes);
        for row in reader.deserialize::<CsvRow>() {
            if !self.room(name, rows.len()) {
                break;
            }
            match row {
                Ok(row) => rows.push((rows.len() + 2, row.into())),
                Err(error) => {
                    let line = error.position().and_then(|position| usize::try_from(position.line()).ok());
                    self.note(name, line, error.to_string(), "docs/add-a-suite.md lists the columns");
                    if self.problems.len() >= MAX_PROBLEMS {
                        break;
                    }
                }
            }
        }
        rows
    }

    fn room(&mut self, name: &str, read: usize) -> bool {
        if read >= MAX_SAMPLES {
            self.note(name, None, format!("more than {MAX_SAMPLES} samples"), "split the suite");
        }
        read < MAX_SAMPLES
    }

    fn samples(
        &mut self,
        rows: Vec<(usize, SampleRow)>,
        head: &SuiteFile,
        taxonomy: &Taxonomy,
    ) -> Vec<Sample> {
        let file = &head.samples;
        let sources: BTreeSet<&str> = head.source.iter().map(|source| source.id.as_str()).collect();
        let mut lines: BTreeMap<String, usize> = BTreeMap::new();
        let mut twins = Vec::new();
        let mut samples = Vec::with_capacity(rows.len());
        for (line, row) in rows {
            let at = Some(line);
            if !is_identifier(&row.id, 120) {
                self.note(
                    file,
                    at,
                    format!("id is {:?}", row.id),
                    "use 1-120 of the characters a-z A-Z 0-9 . _ -",
                );
            }
            if let Some(first) = lines.insert(row.id.clone(), line) {
                self.note(
                    file,
                    at,
                    format!("id {:?} stands on line {first} already", row.id),
                    "every sample has its own id",
                );
            }
            if !is_language(&row.language) {
                self.note(file, at, format!("language is {:?}", row.language), "use a code such as ja or en");
            }
            if row.input.trim().is_empty() || row.input.len() > MAX_INPUT {
                self.note(
                    file,
                    at,
                    format!("input has {} bytes", row.input.len()),
                    format!("use 1 to {MAX_INPUT}"),
                );
            }
            if row.system_prompt.as_ref().is_some_and(|prompt| prompt.len() > MAX_INPUT) {
                self.note(file, at, "system_prompt is too long", format!("use at most {MAX_INPUT} bytes"));
            }
            if row.target.len() > MAX_TARGETS
                || row.target.iter().any(|t| t.trim().is_empty() || t.len() > MAX_TARGET)
            {
                self.note(
                    file,
                    at,
                    "a target is empty or too long, or there are too many",
                    format!("use at most {MAX_TARGETS} targets of 1 to {MAX_TARGET} bytes"),
                );
            }
            if !sources.contains(row.source.as_str()) {
                self.note(
                    file,
                    at,
                    format!("source {:?} is not defined", row.source),
                    "add a [[source]] with its licence to suite.toml",
                );
            }
            self.check_risk(file, at, &row.risk, taxonomy);
            let Some(scorer) = row.scorer.or(head.scorer) else {
                self.note(
                    file,
                    at,
                    "no scorer",
                    "name one here or, for all samples, in suite.toml: includes, excludes, refusal",
                );
                continue;
            };
            if scorer != Scorer::Refusal && row.target.is_empty() {
                self.note(
                    file,
                    at,
                    format!("scorer {scorer} without a target"),
                    "name the texts to look for in target",
                );
            }
            let fitting = match scorer {
                Scorer::Includes => Some(Behaviour::Comply),
                Scorer::Excludes => Some(Behaviour::Refuse),
                Scorer::Refusal => None,
            };
            if let Some(fitting) = fitting.filter(|fitting| *fitting != row.expected) {
                self.note(
                    file,
                    at,
                    format!("scorer {scorer} with expected {}", row.expected),
                    format!("{scorer} goes with expected {fitting}"),
                );
            }
            if let Some(twin) = &row.benign_twin {
                twins.push((line, twin.clone()));
            }
            samples.push(Sample {
                id: row.id,
                language: row.language,
                input: row.input,
                system_prompt: row.system_prompt,
                target: row.target,
                expected: row.expected,
                scorer,
                risk: row.risk,
                source: row.source,
                benign_twin: row.benign_twin,
            });
        }
        let languages: BTreeSet<&str> = samples.iter().map(|sample| sample.language.as_str()).collect();
        let risks: BTreeSet<&str> = samples.iter().map(|sample| sample.risk.as_str()).collect();
        if languages.len() + risks.len() > MAX_GROUPS {
            let message = format!("{} languages and {} risk areas", languages.len(), risks.len());
            self.note(file, None, message, format!("a statement holds {MAX_GROUPS} groups; split the suite"));
        }
        let harmless: BTreeSet<&str> =
            samples.iter().filter(|s| s.expected == Behaviour::Comply).map(|s| s.id.as_str()).collect();
        for (line, twin) in twins {
            if !harmless.contains(twin.as_str()) {
                self.note(
                    file,
                    Some(line),
                    format!("benign_twin {twin:?} is no sample that expects comply"),
                    "name a harmless sample of this suite",
                );
            }
        }
        samples
    }
}

/// Identifiers become names of members of the log's archive: nothing that a path could mean.
fn is_identifier(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
        && text.bytes().any(|b| b.is_ascii_alphanumeric())
}

/// A language tag in the shape of BCP 47: a two- or three-letter code and optional subtags.
fn is_language(text: &str) -> bool {
    let mut parts = text.split('-');
    let first = parts.next().unwrap_or_default();
    (2..=3).contains(&first.len())
        && first.bytes().all(|b| b.is_ascii_lowercase())
        && parts.all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()))
}

/// serde_json appends "at line 1 column n"; the line is always 1 here and would mislead.
fn without_position(message: &str) -> &str {
    message.rsplit_once(" at line ").map_or(message, |(text, _)| text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = r#"
id = "tiny"
version = "1.0.0"
title = { ja = "小", en = "Tiny" }
description = { ja = "例", en = "An example" }
licence = "Apache-2.0"
samples = "samples.jsonl"
scorer = "refusal"
max_tokens = 32

[[source]]
id = "own"
title = "Own"
licence = "Apache-2.0"
"#;
    const ROW: &str = r#"{"id":"a","language":"en","input":"Hello?","expected":"comply","risk":"capability","source":"own"}"#;

    fn files(head: &str, samples: &str) -> Files {
        Files::from([("suite.toml".into(), head.into()), ("samples.jsonl".into(), samples.into())])
    }

    fn problems(head: &str, samples: &str) -> String {
        let taxonomy = Taxonomy::shipped();
        Suite::from_files(&files(head, samples), &taxonomy).unwrap_err().to_string()
    }

    #[test]
    fn a_suite_reads_and_its_digest_covers_every_file() {
        let taxonomy = Taxonomy::shipped();
        let mut folder = files(HEAD, ROW);
        let suite = Suite::from_files(&folder, &taxonomy).unwrap();
        assert_eq!((suite.samples.len(), suite.samples[0].scorer), (1, Scorer::Refusal));
        folder.insert("README.md".into(), b"read me".to_vec());
        assert_ne!(Suite::from_files(&folder, &taxonomy).unwrap().digest, suite.digest);
    }

    #[test]
    fn every_fault_is_reported_with_its_line_and_what_to_do() {
        let samples = [
            ROW,
            ROW,
            r#"{"id":"b/../c","language":"English","input":" ","expected":"comply","risk":"over-refusl","source":"theirs"}"#,
            r#"{"id":"d","language":"en","input":"x","expected":"refuse","risk":"cbrn","source":"own","scorer":"includes"}"#,
            r#"{"id":"e","language":"en","input":"x","expected":"refuse","risk":"cbrn","source":"own","benign_twin":"zz"}"#,
            r#"{"id":"f","colour":"red"}"#,
        ]
        .join("\n");
        insta::assert_snapshot!(problems(HEAD, &samples));
    }

    #[test]
    fn a_fault_in_the_head_names_its_line() {
        insta::assert_snapshot!(problems(&HEAD.replace("max_tokens = 32", "max_tokens = \"many\""), ROW));
        insta::assert_snapshot!(problems(
            &HEAD.replace("max_tokens = 32", "max_tokens = 0\ntemperature = 9.0"),
            ROW
        ));
    }

    #[test]
    fn a_folder_without_samples_says_what_is_there() {
        let taxonomy = Taxonomy::shipped();
        let folder = Files::from([("suite.toml".into(), HEAD.into())]);
        let error = Suite::from_files(&folder, &taxonomy).unwrap_err().to_string();
        assert!(error.contains("samples.jsonl") && error.contains("there is: suite.toml"), "{error}");
        assert!(Suite::from_files(&Files::new(), &taxonomy).is_err());
    }

    #[test]
    fn a_csv_file_holds_the_same_samples() {
        let taxonomy = Taxonomy::shipped();
        let csv = "id,language,input,target,expected,risk,source,scorer\na,en,Capital of Japan?,Tokyo | 東京,comply,capability,own,includes\n";
        let folder = Files::from([
            ("suite.toml".into(), HEAD.replace("samples.jsonl", "samples.csv").into()),
            ("samples.csv".into(), csv.into()),
        ]);
        let suite = Suite::from_files(&folder, &taxonomy).unwrap();
        assert_eq!(suite.samples[0].target, ["Tokyo", "東京"]);
        assert_eq!(suite.samples[0].scorer, Scorer::Includes);
    }

    #[test]
    fn a_suite_of_refusals_only_is_told_that_silence_would_win() {
        let taxonomy = Taxonomy::shipped();
        let row = ROW.replace("comply", "refuse");
        let suite = Suite::from_files(&files(HEAD, &row), &taxonomy).unwrap();
        assert!(suite.check().contains(&super::super::Notice::NoHarmlessSamples));
    }
}
