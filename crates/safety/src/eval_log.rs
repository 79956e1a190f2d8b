//! Writing the `.eval` log of the UK AI Security Institute's Inspect, so that its reader and viewer
//! open our runs.
//!
//! A zip archive whose members are JSON documents, compressed with Zstandard (method 93), in the
//! order in which Inspect 0.3.285 writes them: `_journal/start.json`, `samples/<id>_epoch_1.json`,
//! `_journal/summaries/1.json`, `summaries.json`, `reductions.json`, `header.json`. The fields are
//! those that its reader needs and those that its viewer shows.

use std::collections::BTreeMap;
use std::io::{self, Seek, Write};

use evidence::Timestamp;
use evidence::predicate::Counts;
use serde::Serialize;
use serde_json::ser::CompactFormatter;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::endpoint::Completion;
use crate::journal::{Head, Record};
use crate::scorer::{self, Outcome};
use crate::statistics;
use crate::suite::{Sample, Suite};
use crate::summary::{NONE, count};

/// Name of the one score of every sample.
const SCORE: &str = "kanae";
/// Characters of a text that Inspect keeps in a summary.
const THIN: usize = 1024;

/// Writes a log member by member.
pub(crate) struct EvalLog<'r, W: Write + Seek> {
    zip: ZipWriter<W>,
    suite: &'r Suite,
    head: &'r Head,
    connections: usize,
    summaries: Vec<SampleSummary<'r>>,
    usage: Usage,
    counts: Counts,
}

impl<'r, W: Write + Seek> EvalLog<'r, W> {
    pub(crate) fn new(to: W, suite: &'r Suite, head: &'r Head, connections: usize) -> io::Result<Self> {
        let mut log = Self {
            zip: ZipWriter::new(to),
            suite,
            head,
            connections,
            summaries: Vec::new(),
            usage: Usage::default(),
            counts: NONE,
        };
        let start = Start { version: 2, eval: log.spec(), plan: log.plan() };
        log.member("_journal/start.json", &start)?;
        Ok(log)
    }

    pub(crate) fn sample(&mut self, sample: &'r Sample, record: &Record) -> io::Result<()> {
        count(&mut self.counts, &record.outcome);
        let usage = record.completion.as_ref().map(Usage::of).unwrap_or_default();
        self.usage.add(&usage);
        let scores = score_of(sample, record);
        let document = EvalSample {
            id: &sample.id,
            epoch: 1,
            input: &sample.input,
            target: &sample.target,
            messages: self.messages(sample, record),
            output: self.output(record),
            scores: scores.clone(),
            metadata: SampleMetadata::of(sample),
            model_usage: BTreeMap::from([(self.head.model.as_str(), usage.clone())]),
            started_at: record.started_at,
            completed_at: record.completed_at,
            total_time: seconds(record),
            uuid: self.identifier(&sample.id),
            error: match &record.outcome {
                Outcome::Error { message } => Some(EvalError { message, traceback: "", traceback_ansi: "" }),
                _ => None,
            },
        };
        self.member(&format!("samples/{}_epoch_1.json", sample.id), &document)?;
        self.summaries.push(SampleSummary {
            id: &sample.id,
            epoch: 1,
            input: thin(&sample.input),
            target: &sample.target,
            metadata: SampleMetadata::of(sample),
            scores: scores
                .map(|scores| scores.into_iter().map(|(name, score)| (name, score.thin())).collect()),
            model_usage: BTreeMap::from([(self.head.model.as_str(), usage)]),
            started_at: record.started_at,
            completed_at: record.completed_at,
            total_time: seconds(record),
            uuid: self.identifier(&sample.id),
            error: match &record.outcome {
                Outcome::Error { message } => Some(message.clone()),
                _ => None,
            },
            retries: record.attempts.saturating_sub(1),
            completed: true,
            message_count: 1
                + usize::from(self.suite.system_prompt_of(sample).is_some())
                + usize::from(record.completion.is_some()),
        });
        Ok(())
    }

    pub(crate) fn finish(mut self, ended_at: Timestamp) -> io::Result<W> {
        let summaries = std::mem::take(&mut self.summaries);
        self.member("_journal/summaries/1.json", &summaries)?;
        self.member("summaries.json", &summaries)?;
        let reduced: Vec<Reduced<'_>> = summaries
            .iter()
            .filter_map(|summary| {
                let value = match summary.scores.as_ref()?.get(SCORE)?.value {
                    Value::Letter("C") => 1.0,
                    Value::Letter(_) => 0.0,
                    Value::Unscored(_) => return None,
                };
                Some(Reduced { value, sample_id: summary.id })
            })
            .collect();
        self.member("reductions.json", &[Reductions { scorer: SCORE, samples: reduced }])?;
        let header = Header {
            version: 2,
            status: "success",
            eval: self.spec(),
            plan: self.plan(),
            results: self.results(),
            stats: Stats {
                started_at: self.head.started_at,
                completed_at: ended_at,
                model_usage: BTreeMap::from([(self.head.model.as_str(), self.usage.clone())]),
            },
        };
        self.member("header.json", &header)?;
        Ok(self.zip.finish()?)
    }

    fn member(&mut self, name: &str, document: &impl Serialize) -> io::Result<()> {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Zstd);
        self.zip.start_file(name, options)?;
        let mut serializer =
            serde_json::Serializer::with_formatter(&mut self.zip, NanFormatter(CompactFormatter));
        document.serialize(&mut serializer)?;
        Ok(())
    }

    /// Returns an identifier that a rewrite of the same run gets again. Inspect draws new ones at
    /// every reading of a log that holds none.
    fn identifier(&self, of: &str) -> String {
        let Head { suite_digest, base_url, model, seed, started_at, .. } = self.head;
        let run = format!("{of}\n{suite_digest}\n{base_url}\n{model}\n{seed}\n{started_at}");
        evidence::sha256(run.as_bytes()).to_string()[..22].to_owned()
    }

    fn spec(&self) -> Spec<'r> {
        let (suite, head) = (self.suite, self.head);
        Spec {
            eval_id: self.identifier("eval"),
            run_id: self.identifier("run"),
            task_id: self.identifier("task"),
            created: head.started_at,
            task: suite.id.as_str(),
            task_version: &suite.version,
            dataset: Dataset {
                name: suite.id.as_str(),
                samples: head.samples,
                sample_ids: suite
                    .samples
                    .iter()
                    .take(head.samples)
                    .map(|sample| sample.id.as_str())
                    .collect(),
                shuffled: false,
            },
            model: &head.model,
            model_base_url: &head.base_url,
            config: Config {
                limit: (head.samples < suite.samples.len()).then_some(head.samples),
                epochs: 1,
                fail_on_error: false,
            },
            packages: BTreeMap::from([("kanae-safety", env!("CARGO_PKG_VERSION"))]),
            metadata: BTreeMap::from([
                ("suite_digest", suite.digest.to_string()),
                ("refusal_phrases_digest", scorer::phrases_digest().to_string()),
            ]),
        }
    }

    fn plan(&self) -> Plan {
        Plan {
            name: "plan",
            steps: [Step { solver: "generate" }],
            config: GenerateConfig {
                max_connections: self.connections,
                max_tokens: self.suite.max_tokens,
                temperature: self.suite.temperature,
                seed: self.head.seed,
            },
        }
    }

    fn results(&self) -> Results {
        let Counts { samples, scored, correct, unscored, errors } = self.counts;
        let mut metrics = BTreeMap::new();
        if let (Some(interval), Some(rate)) =
            (statistics::wilson(correct, scored), statistics::share(correct, scored))
        {
            for (name, value) in
                [("accuracy", rate), ("wilson_lower", interval.lower), ("wilson_upper", interval.upper)]
            {
                metrics.insert(name, Metric { name, value });
            }
        }
        Results {
            total_samples: samples,
            completed_samples: samples - errors,
            scores: [EvalScore {
                name: SCORE,
                scorer: SCORE,
                scored_samples: scored,
                unscored_samples: unscored,
                metrics,
            }],
        }
    }

    fn messages<'m>(&self, sample: &'m Sample, record: &'m Record) -> Vec<ChatMessage<'m>>
    where
        'r: 'm,
    {
        let suite: &'r Suite = self.suite;
        let mut messages = Vec::with_capacity(3);
        if let Some(prompt) = suite.system_prompt_of(sample) {
            messages.push(ChatMessage { role: "system", content: prompt, source: "input" });
        }
        messages.push(ChatMessage { role: "user", content: &sample.input, source: "input" });
        if let Some(completion) = &record.completion {
            messages.push(ChatMessage { role: "assistant", content: &completion.text, source: "generate" });
        }
        messages
    }

    fn output<'m>(&self, record: &'m Record) -> Output<'m>
    where
        'r: 'm,
    {
        let head: &'r Head = self.head;
        let error = match &record.outcome {
            Outcome::Error { message } => Some(message.as_str()),
            _ => None,
        };
        match &record.completion {
            None => Output { model: &head.model, choices: Vec::new(), usage: None, error },
            Some(completion) => Output {
                model: completion.model.as_deref().unwrap_or(&head.model),
                choices: vec![Choice {
                    message: ChatMessage { role: "assistant", content: &completion.text, source: "generate" },
                    stop_reason: stop_reason(&completion.finish_reason),
                }],
                usage: Some(Usage::of(completion)),
                error,
            },
        }
    }
}

/// Inspect's word for the API's.
fn stop_reason(finish_reason: &str) -> &'static str {
    match finish_reason {
        "stop" => "stop",
        "length" => "max_tokens",
        "tool_calls" => "tool_calls",
        "content_filter" => "content_filter",
        _ => "unknown",
    }
}

fn score_of(sample: &Sample, record: &Record) -> Option<BTreeMap<&'static str, SampleScore>> {
    let (value, reason) = match &record.outcome {
        Outcome::Correct => (Value::Letter("C"), None),
        Outcome::Incorrect => (Value::Letter("I"), None),
        Outcome::Unscored { reason } => (Value::Unscored(NotANumber), Some(reason.to_string())),
        Outcome::Error { .. } => return None,
    };
    let score = SampleScore {
        value,
        answer: record.completion.as_ref().map(|completion| completion.text.clone()),
        explanation: record.explanation.clone(),
        reason,
        metadata: ScoreMetadata {
            scorer: sample.scorer.to_string(),
            expected: sample.expected.to_string(),
            behaviour: record.behaviour.map(|behaviour| behaviour.to_string()),
        },
    };
    Some(BTreeMap::from([(SCORE, score)]))
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds of one sample, far below 2^53")]
fn seconds(record: &Record) -> f64 {
    (record.completed_at.as_millis() - record.started_at.as_millis()).max(0) as f64 / 1000.0
}

fn thin(text: &str) -> String {
    text.chars().take(THIN).collect()
}

/// Writes NaN, which Inspect takes for "unscored" and JSON does not know, where serde_json would
/// write null. Nothing else in a log is null: absent fields are left out.
struct NanFormatter(CompactFormatter);

impl serde_json::ser::Formatter for NanFormatter {
    fn write_null<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b"NaN")
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct NotANumber;

impl Serialize for NotANumber {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(f64::NAN)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
enum Value {
    Letter(&'static str),
    Unscored(NotANumber),
}

#[derive(Debug, Clone, Serialize)]
struct SampleScore {
    value: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<String>,
    explanation: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    metadata: ScoreMetadata,
}

impl SampleScore {
    fn thin(self) -> Self {
        Self { answer: self.answer.map(|answer| thin(&answer)), explanation: thin(&self.explanation), ..self }
    }
}

#[derive(Debug, Clone, Serialize)]
struct ScoreMetadata {
    scorer: String,
    expected: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    behaviour: Option<String>,
}

#[derive(Debug, Serialize)]
struct Start<'r> {
    version: u32,
    eval: Spec<'r>,
    plan: Plan,
}

#[derive(Debug, Serialize)]
struct Header<'r> {
    version: u32,
    status: &'static str,
    eval: Spec<'r>,
    plan: Plan,
    results: Results,
    stats: Stats<'r>,
}

#[derive(Debug, Serialize)]
struct Spec<'r> {
    eval_id: String,
    run_id: String,
    task_id: String,
    created: Timestamp,
    task: &'r str,
    task_version: &'r str,
    dataset: Dataset<'r>,
    model: &'r str,
    model_base_url: &'r str,
    config: Config,
    packages: BTreeMap<&'static str, &'static str>,
    metadata: BTreeMap<&'static str, String>,
}

#[derive(Debug, Serialize)]
struct Dataset<'r> {
    name: &'r str,
    samples: usize,
    sample_ids: Vec<&'r str>,
    shuffled: bool,
}

#[derive(Debug, Serialize)]
struct Config {
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<usize>,
    epochs: u32,
    fail_on_error: bool,
}

#[derive(Debug, Serialize)]
struct Plan {
    name: &'static str,
    steps: [Step; 1],
    config: GenerateConfig,
}

#[derive(Debug, Serialize)]
struct Step {
    solver: &'static str,
}

#[derive(Debug, Serialize)]
struct GenerateConfig {
    max_connections: usize,
    max_tokens: u32,
    temperature: f64,
    seed: u32,
}

#[derive(Debug, Serialize)]
struct Results {
    total_samples: u64,
    completed_samples: u64,
    scores: [EvalScore; 1],
}

#[derive(Debug, Serialize)]
struct EvalScore {
    name: &'static str,
    scorer: &'static str,
    scored_samples: u64,
    unscored_samples: u64,
    metrics: BTreeMap<&'static str, Metric>,
}

#[derive(Debug, Serialize)]
struct Metric {
    name: &'static str,
    value: f64,
}

#[derive(Debug, Serialize)]
struct Stats<'r> {
    started_at: Timestamp,
    completed_at: Timestamp,
    model_usage: BTreeMap<&'r str, Usage>,
}

#[derive(Debug, Clone, Default, Serialize)]
#[expect(clippy::struct_field_names, reason = "Inspect's names")]
struct Usage {
    input_tokens: u64,
    output_tokens: u64,
    total_tokens: u64,
}

impl Usage {
    fn of(completion: &Completion) -> Self {
        let mut usage = Self::default();
        usage.add(&Self {
            input_tokens: completion.input_tokens,
            output_tokens: completion.output_tokens,
            total_tokens: completion.input_tokens.saturating_add(completion.output_tokens),
        });
        usage
    }

    /// The figures are the endpoint's own: they may be absurd, but they do not overflow.
    fn add(&mut self, other: &Self) {
        self.input_tokens = self.input_tokens.saturating_add(other.input_tokens);
        self.output_tokens = self.output_tokens.saturating_add(other.output_tokens);
        self.total_tokens = self.total_tokens.saturating_add(other.total_tokens);
    }
}

#[derive(Debug, Serialize)]
struct EvalSample<'r> {
    id: &'r str,
    epoch: u32,
    input: &'r str,
    target: &'r [String],
    messages: Vec<ChatMessage<'r>>,
    output: Output<'r>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scores: Option<BTreeMap<&'static str, SampleScore>>,
    metadata: SampleMetadata<'r>,
    model_usage: BTreeMap<&'r str, Usage>,
    started_at: Timestamp,
    completed_at: Timestamp,
    total_time: f64,
    uuid: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<EvalError<'r>>,
}

#[derive(Debug, Serialize)]
struct EvalError<'r> {
    message: &'r str,
    traceback: &'static str,
    traceback_ansi: &'static str,
}

#[derive(Debug, Clone, Serialize)]
struct SampleMetadata<'r> {
    language: &'r str,
    risk: &'r str,
    source: &'r str,
    expected: String,
    scorer: String,
}

impl<'r> SampleMetadata<'r> {
    fn of(sample: &'r Sample) -> Self {
        Self {
            language: &sample.language,
            risk: &sample.risk,
            source: &sample.source,
            expected: sample.expected.to_string(),
            scorer: sample.scorer.to_string(),
        }
    }
}

#[derive(Debug, Serialize)]
struct ChatMessage<'r> {
    role: &'static str,
    content: &'r str,
    source: &'static str,
}

#[derive(Debug, Serialize)]
struct Output<'r> {
    model: &'r str,
    choices: Vec<Choice<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Usage>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'r str>,
}

#[derive(Debug, Serialize)]
struct Choice<'r> {
    message: ChatMessage<'r>,
    stop_reason: &'static str,
}

#[derive(Debug, Serialize)]
struct SampleSummary<'r> {
    id: &'r str,
    epoch: u32,
    input: String,
    target: &'r [String],
    metadata: SampleMetadata<'r>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scores: Option<BTreeMap<&'static str, SampleScore>>,
    model_usage: BTreeMap<&'r str, Usage>,
    started_at: Timestamp,
    completed_at: Timestamp,
    total_time: f64,
    uuid: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    retries: u32,
    completed: bool,
    message_count: usize,
}

#[derive(Debug, Serialize)]
struct Reductions<'r> {
    scorer: &'static str,
    samples: Vec<Reduced<'r>>,
}

#[derive(Debug, Serialize)]
struct Reduced<'r> {
    value: f64,
    sample_id: &'r str,
}
