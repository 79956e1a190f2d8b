//! Running a suite: ask, score, write down, go on.

use std::io;
use std::path::{Path, PathBuf};

use evidence::predicate::Counts;
use evidence::{Digest, Timestamp};
use futures::StreamExt;
use serde::Serialize;

use crate::endpoint::{CallError, Caller, Endpoint, Message, Patience, Question};
use crate::eval_log::EvalLog;
use crate::journal::{Head, Journal, JournalError, Record};
use crate::scorer::{self, Judgement, Outcome, Unscored, judge};
use crate::suite::{Sample, Suite};
use crate::summary::{NONE, Summary, Tally, count};

/// Most questions that a run has open at once.
const MAX_CONNECTIONS: usize = 256;

/// How a suite is run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Asks only the first samples of the suite.
    pub limit: Option<usize>,
    /// Questions open at once, 1–256.
    pub connections: usize,
    /// Seed that the endpoint is sent.
    pub seed: u32,
    /// How long to wait and how often to ask again.
    pub patience: Patience,
}

impl Default for Options {
    fn default() -> Self {
        Self { limit: None, connections: 4, seed: 1, patience: Patience::default() }
    }
}

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Samples to ask in all.
    pub total: usize,
    /// What the samples so far ended as.
    pub counts: Counts,
    /// Samples taken over from the journal of an interrupted run.
    pub resumed: u64,
}

/// A finished run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Run {
    /// What it found, as a statement carries it.
    pub summary: Summary,
    /// What each sample ended as, in the order of the suite.
    pub samples: Vec<SampleResult>,
    /// Where the log lies.
    pub log: PathBuf,
}

/// What a sample ended as.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SampleResult {
    /// Identifier.
    pub id: String,
    /// Language of the prompt.
    pub language: String,
    /// Risk area.
    pub risk: String,
    /// What it ended as.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// Why a run could not begin or had to end. What was answered before stays in the journal.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The limit or the number of connections is out of bounds.
    #[error("{name} is {found}; use {expected}")]
    Option {
        /// Which option.
        name: &'static str,
        /// What was given.
        found: usize,
        /// What can be given.
        expected: String,
    },
    /// The HTTP client could not be made.
    #[error("cannot prepare HTTPS: {0}")]
    Client(#[source] reqwest::Error),
    /// The endpoint refuses every question.
    #[error("the endpoint answers {message}; {hint}")]
    Refused {
        /// Status and text of the endpoint.
        message: String,
        /// What to do.
        hint: &'static str,
    },
    /// Nothing listens at the address.
    #[error("nothing answers at {address}: {message}; start the model's server, or check the address")]
    Unreachable {
        /// Address.
        address: String,
        /// What happened.
        message: String,
    },
    /// The journal belongs to another run.
    #[error(
        "{path}: this journal of an interrupted run is of another run: {field} was {found} and is now {expected}; run it to its end with the arguments that began it, choose another --log, or delete it"
    )]
    OtherRun {
        /// Journal.
        path: PathBuf,
        /// What differs.
        field: &'static str,
        /// In the journal.
        found: String,
        /// In this run.
        expected: String,
    },
    /// Another process is writing the journal.
    #[error("{path}: another run is writing this journal; wait for it, or choose another --log")]
    InUse {
        /// Journal.
        path: PathBuf,
    },
    /// The journal cannot be read as one.
    #[error("{path}:{line}: not a journal of a run: {message}; delete it to start anew")]
    Journal {
        /// Journal.
        path: PathBuf,
        /// Line, counted from 1.
        line: usize,
        /// What was found.
        message: String,
    },
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    Io {
        /// File.
        path: PathBuf,
        /// What happened.
        source: io::Error,
    },
}

/// Asks an endpoint the samples of a suite and writes the log.
///
/// Every outcome goes to an append-only journal beside the log (`<log>.journal`) before the next
/// is taken; when all are in, the log is written to a temporary file, moved into its place in one
/// step, and the journal is removed. A run that was interrupted goes on where it stopped when it
/// is started again with the same arguments: samples that ended in an error are asked again.
///
/// `progress` is called after every sample.
pub async fn run(
    suite: &Suite,
    endpoint: &Endpoint,
    options: &Options,
    log: &Path,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Run, RunError> {
    let total = planned(suite, options)?;
    let journal_path = journal_path(log);
    let wanted = Head {
        journal: 1,
        engine: concat!("kanae-safety ", env!("CARGO_PKG_VERSION")).to_owned(),
        suite: suite.id.to_string(),
        suite_digest: suite.digest,
        phrases_digest: scorer::phrases_digest(),
        base_url: endpoint.base_url().to_owned(),
        model: endpoint.model().to_owned(),
        samples: total,
        seed: options.seed,
        started_at: Timestamp::now(),
    };
    let caller = Caller::new(endpoint, options.patience).map_err(RunError::Client)?;
    let (mut journal, records) =
        Journal::open(&journal_path, &wanted).map_err(|error| named(&journal_path, error))?;

    let mut done = vec![false; total];
    let mut counts = NONE;
    let mut resumed = 0_u64;
    for record in &records {
        let known = suite.samples.get(record.index).is_some_and(|sample| sample.id == record.id);
        if known && record.index < total && !matches!(record.outcome, Outcome::Error { .. }) {
            done[record.index] = true;
            count(&mut counts, &record.outcome);
            resumed += 1;
        }
    }
    progress(Progress { total, counts, resumed });

    let mut answered = resumed > 0;
    let open = (0..total)
        .filter(|index| !done[*index])
        .map(|index| ask(&caller, suite, endpoint, options.seed, index));
    let mut answers = futures::stream::iter(open).buffer_unordered(options.connections);
    while let Some(asked) = answers.next().await {
        let Asked { record, unreachable } = asked?;
        if let (true, false, Outcome::Error { message }) = (unreachable, answered, &record.outcome) {
            // Nothing was ever there: the other samples would only wait as long.
            return Err(RunError::Unreachable {
                address: endpoint.base_url().to_owned(),
                message: message.clone(),
            });
        }
        answered |= !unreachable;
        // Written and synced before the next answer is taken: a few milliseconds, on purpose.
        journal.append(&record).map_err(|source| RunError::Io { path: journal_path.clone(), source })?;
        count(&mut counts, &record.outcome);
        progress(Progress { total, counts, resumed });
    }
    drop(answers);
    finish(suite, options, log, journal, total)
}

/// Checks the options and returns the number of samples to ask.
fn planned(suite: &Suite, options: &Options) -> Result<usize, RunError> {
    if !(1..=MAX_CONNECTIONS).contains(&options.connections) {
        let expected = format!("1 to {MAX_CONNECTIONS}");
        return Err(RunError::Option { name: "connections", found: options.connections, expected });
    }
    match options.limit {
        Some(0) => Err(RunError::Option { name: "limit", found: 0, expected: "1 or more".to_owned() }),
        limit => Ok(limit.unwrap_or(usize::MAX).min(suite.samples.len())),
    }
}

/// Returns where the journal of a log lies: `<log>.journal`, beside it.
fn journal_path(log: &Path) -> PathBuf {
    let mut path = log.as_os_str().to_owned();
    path.push(".journal");
    PathBuf::from(path)
}

fn named(path: &Path, error: JournalError) -> RunError {
    let path = path.to_owned();
    match error {
        JournalError::Io(source) => RunError::Io { path, source },
        JournalError::InUse => RunError::InUse { path },
        JournalError::Unreadable { line, message } => RunError::Journal { path, line, message },
        JournalError::OtherRun { field, found, expected } => {
            RunError::OtherRun { path, field, found, expected }
        }
    }
}

struct Asked {
    record: Record,
    /// Nothing listened at the address.
    unreachable: bool,
}

async fn ask(
    caller: &Caller,
    suite: &Suite,
    endpoint: &Endpoint,
    seed: u32,
    index: usize,
) -> Result<Asked, RunError> {
    let sample = &suite.samples[index];
    let mut messages = Vec::with_capacity(2);
    if let Some(prompt) = suite.system_prompt_of(sample) {
        messages.push(Message { role: "system", content: prompt });
    }
    messages.push(Message { role: "user", content: &sample.input });
    let question = Question {
        model: endpoint.model(),
        messages,
        max_tokens: suite.max_tokens,
        temperature: suite.temperature,
        seed,
        stream: false,
    };
    let started_at = Timestamp::now();
    let (answer, attempts) = caller.ask(&question, index as u64).await;
    let (completion, judgement, unreachable) = match answer {
        Ok(completion) => {
            let judgement = judgement_of(sample, &completion.text, &completion.finish_reason);
            (Some(completion), judgement, false)
        }
        Err(CallError::Refused { status, message }) => {
            let hint = match status {
                401 | 403 => "check the key in KANAE_API_KEY",
                _ => "check the address and the model's name",
            };
            return Err(RunError::Refused { message, hint });
        }
        Err(CallError::Unreachable(message)) => (None, failed(message), true),
        Err(CallError::Failed(message)) => (None, failed(message), false),
    };
    let record = Record {
        index,
        id: sample.id.clone(),
        attempts,
        started_at,
        completed_at: Timestamp::now(),
        outcome: judgement.outcome,
        behaviour: judgement.behaviour,
        explanation: judgement.explanation,
        completion,
    };
    Ok(Asked { record, unreachable })
}

fn judgement_of(sample: &Sample, text: &str, finish_reason: &str) -> Judgement {
    match finish_reason {
        "content_filter" => Judgement {
            outcome: Outcome::Unscored { reason: Unscored::ContentFilter },
            behaviour: None,
            explanation: "a filter of the endpoint removed the answer".to_owned(),
        },
        reason => judge(sample, text, reason == "length"),
    }
}

fn failed(message: String) -> Judgement {
    Judgement { outcome: Outcome::Error { message }, behaviour: None, explanation: String::new() }
}

/// Writes the log from the journal, moves it into its place and removes the journal.
fn finish(
    suite: &Suite,
    options: &Options,
    log: &Path,
    journal: Journal,
    total: usize,
) -> Result<Run, RunError> {
    let io = |source| RunError::Io { path: log.to_owned(), source };
    let folder = log.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let head = journal.head().clone();
    let mut temporary = tempfile::NamedTempFile::new_in(folder).map_err(io)?;
    let mut writer = EvalLog::new(temporary.as_file_mut(), suite, &head, options.connections).map_err(io)?;
    let mut tally = Tally::new();
    let mut samples = Vec::with_capacity(total);
    let mut ended_at = head.started_at;
    for (index, sample) in suite.samples.iter().enumerate().take(total) {
        let Some(record) = journal.read(index).map_err(io)? else {
            let lost =
                io::Error::other(format!("the record of sample {:?} is missing from the journal", sample.id));
            return Err(io(lost));
        };
        tally.add(suite, &record);
        ended_at = ended_at.max(record.completed_at);
        writer.sample(sample, &record).map_err(io)?;
        samples.push(SampleResult {
            id: sample.id.clone(),
            language: sample.language.clone(),
            risk: sample.risk.clone(),
            outcome: record.outcome,
        });
    }
    writer.finish(ended_at).map_err(io)?;
    let log_digest = place(temporary, log, folder).map_err(io)?;
    let summary = tally.summary(suite, &head, ended_at, log_digest);
    journal.remove().map_err(|source| RunError::Io { path: journal_path(log), source })?;
    Ok(Run { summary, samples, log: log.to_owned() })
}

/// Moves the finished log into its place: readers see the old one or the new one, whole.
fn place(temporary: tempfile::NamedTempFile, log: &Path, folder: &Path) -> io::Result<Digest> {
    temporary.as_file().sync_all()?;
    let digest = evidence::sha256(&std::fs::read(temporary.path())?);
    // Temporary files are private to their owner; a log is as readable as any other new file.
    let file = temporary.persist(log).map_err(|error| error.error)?;
    readable(&file)?;
    sync_folder(folder)?;
    Ok(digest)
}

#[cfg(unix)]
fn readable(file: &std::fs::File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    std::fs::File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the same signature as on Unix")]
fn readable(_file: &std::fs::File) -> io::Result<()> {
    Ok(())
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the same signature as on Unix")]
fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}
