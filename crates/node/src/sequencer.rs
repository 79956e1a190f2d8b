//! One sequencer: it judges, commits, publishes, and only then answers.
//!
//! Where several servers share a database, each has a sequencer, and they take turns. A turn begins with a
//! look at what the others have recorded; that nobody's turn was overlooked is for the store to decide.

mod catching_up;
mod group;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use evidence::{Digest, Timestamp};
use ledger::{Batch, Checkpoint, LogReader, NoteSigner, Receipt, SignedNote, TreeHead};
use register::Library;
use tokio::sync::{mpsc, oneshot};

use crate::folds::Folds;
use crate::measures::Measures;
use crate::node::{Clock, View};
use crate::opening::OpenError;
use crate::publication::{Publication, Publishable};
use crate::shelf::Shelf;
use crate::store::{Commit, CommitError, Standing, Store, StoredEntry, Waiting};
use crate::submission::{Admitted, Outcome, SubmitError};
use catching_up::Unpublished;
use group::{Group, Provisional, Verdict};

/// The most submissions that one commit takes.
pub(crate) const MAX_GROUP: usize = 256;

/// How long a commit waits for submissions that are on their way: eight of these at most.
const GATHER: Duration = Duration::from_micros(200);
const GATHER_TIMES: usize = 8;

/// How often a group is judged again because another server was faster.
const MAX_ATTEMPTS: usize = 8;

/// The node's signing keys for notes.
#[derive(Debug)]
pub(crate) struct NoteKeys {
    pub(crate) log: NoteSigner,
    pub(crate) intake: NoteSigner,
}

/// What the sequencer is asked to do.
pub(crate) enum Job {
    /// Record this.
    Submission(Submitted),
    /// Look at what other servers have recorded, and say when that is done.
    Look(Option<oneshot::Sender<()>>),
}

/// A submission in the queue.
pub(crate) struct Submitted {
    pub(crate) batch: Vec<Admitted>,
    pub(crate) arrived_at: Timestamp,
    pub(crate) reply: oneshot::Sender<Reply>,
}

pub(crate) type Reply = Result<Vec<Outcome>, SubmitError>;

/// The registrations that wait, by statement.
pub(crate) type Intake = Arc<BTreeMap<Digest, Arc<Waiting>>>;

/// Everything that the sequencer works with.
pub(crate) struct Sequencer {
    pub(crate) origin: String,
    pub(crate) store: Box<dyn Store>,
    /// What stood in the store when it was last looked at: folds and intake are of then.
    pub(crate) standing: Standing,
    pub(crate) publication: Publication,
    pub(crate) folds: Folds,
    pub(crate) intake: Intake,
    pub(crate) shelf: Arc<Shelf>,
    pub(crate) library: Arc<Library>,
    pub(crate) keys: Arc<NoteKeys>,
    pub(crate) clock: Clock,
    pub(crate) view: Arc<ArcSwap<View>>,
    /// Why nothing more is taken, once that is so.
    pub(crate) closed: Arc<OnceLock<String>>,
    pub(crate) unpublished: Option<Unpublished>,
    /// Whether everything that this one committed is published.
    pub(crate) published_all: bool,
    pub(crate) measures: Measures,
}

impl Sequencer {
    /// Works until every sender is gone. `in_flight` counts the submissions that are being made.
    pub(crate) fn run(mut self, mut jobs: mpsc::Receiver<Job>, in_flight: &AtomicUsize) {
        while let Some(first) = jobs.blocking_recv() {
            let (mut group, mut looks) = (Vec::new(), Vec::new());
            let mut sort = |job, group: &mut Vec<Submitted>| match job {
                Job::Submission(submitted) => group.push(submitted),
                Job::Look(reply) => looks.push(reply),
            };
            sort(first, &mut group);
            let mut waits = 0;
            for _ in 1..MAX_GROUP {
                if let Ok(job) = jobs.try_recv() {
                    sort(job, &mut group);
                } else if !group.is_empty()
                    && waits < GATHER_TIMES
                    && in_flight.load(Ordering::Relaxed) > group.len()
                {
                    waits += 1;
                    std::thread::sleep(GATHER);
                } else {
                    break;
                }
            }
            if group.is_empty() {
                self.look();
            } else {
                self.process(group);
            }
            // Whoever waited may have gone away.
            for reply in looks.into_iter().flatten() {
                let _ = reply.send(());
            }
        }
    }

    /// Judges the submissions in order, commits what holds, publishes it and answers.
    pub(crate) fn process(&mut self, submissions: Vec<Submitted>) {
        let answers = self.record(&submissions);
        crash_point("before-reply");
        for (submitted, answer) in submissions.into_iter().zip(answers) {
            // Whoever asked may have gone away; the statement is recorded all the same.
            let _ = submitted.reply.send(answer);
        }
    }

    fn record(&mut self, submissions: &[Submitted]) -> Vec<Reply> {
        let mut failure = Failure::Overtaken;
        for _ in 0..MAX_ATTEMPTS {
            let attempt = self.attempt(submissions);
            self.store.end_turn();
            match attempt {
                Ok(answers) => return answers,
                Err(Failure::Overtaken) => {
                    self.measures.overtaken.inc();
                }
                Err(other) => {
                    failure = other;
                    break;
                }
            }
        }
        self.measures.failures.inc();
        submissions.iter().map(|_| Err(failure.answer())).collect()
    }

    /// Does all of it once, as far as nobody else is faster.
    fn attempt(&mut self, submissions: &[Submitted]) -> Result<Vec<Reply>, Failure> {
        if let Some(reason) = self.closed.get() {
            return Err(Failure::Closed(reason.clone()));
        }
        let standing = self.store.take_turn().map_err(|error| Failure::NotCommitted(error.to_string()))?;
        let followed = standing.revision == self.standing.revision && standing.head == self.folds.edge.head();
        if !followed || !self.published_all {
            self.catch_up(standing).map_err(|error| self.cannot_follow(error))?;
        }
        self.standing = standing;
        let mut group = Group::new(self);
        let verdicts: Vec<Verdict> =
            submissions.iter().map(|one| group.attempt(&one.batch, one.arrived_at)).collect();
        let (commit, folds, intake) = group.finish();
        if !commit.is_empty() {
            let started = Instant::now();
            self.make_it_so(&commit, folds, intake)?;
            self.measures.commit.observe(started.elapsed().as_secs_f64());
            self.measures.batches.inc();
            self.measures.entries.inc_by(commit.entries.len() as u64);
        }
        Ok(self.answers(verdicts, &commit.entries))
    }

    /// Commits, publishes, replaces the checkpoint and shows the new view, in this order.
    fn make_it_so(&mut self, commit: &Commit, folds: Folds, intake: Intake) -> Result<(), Failure> {
        let leaves: Vec<&[u8]> = commit.entries.iter().map(|entry| &entry.leaf[..]).collect();
        // Computed first: where the published tiles are damaged, nothing is committed.
        let batch =
            ledger::integrate(self.publication.tiles(), commit.expected.head, &leaves).map_err(|error| {
                self.close(format!("the published log is damaged: {error}; restart the node"))
            })?;
        if batch.head() != commit.head {
            return Err(self.close("the tree and its edge disagree: this is an error in Kanae".into()));
        }
        crash_point("before-commit");
        self.standing = self.store.commit(commit).map_err(|error| match error {
            CommitError::Conflict { expected, found } => {
                tracing::info!(expected, found, "another server was faster");
                Failure::Overtaken
            }
            CommitError::Unknown(error) => {
                tracing::error!(%error, "it is not known whether a batch was committed");
                Failure::Unclear(error.to_string())
            }
            CommitError::Store(error) => {
                tracing::error!(%error, "a batch was not committed");
                Failure::NotCommitted(error.to_string())
            }
        })?;
        crash_point("after-commit");
        self.folds = folds;
        self.intake = intake;
        if commit.entries.is_empty() {
            return Ok(());
        }
        let note = self.publish(commit, &batch).map_err(|error| {
            if error.kind() == std::io::ErrorKind::TimedOut {
                // Somebody else stands in the way. What is recorded is published with the next turn.
                self.published_all = false;
                return Failure::Unclear(error.to_string());
            }
            self.close(format!(
                "statements are recorded in the database, but could not be published ({error}); make room or \
                 repair the data folder, then restart the node: it publishes what is missing"
            ))
        })?;
        self.show(&note);
        tracing::info!(entries = commit.entries.len(), size = commit.head.size, "recorded");
        Ok(())
    }

    fn publish(&self, commit: &Commit, batch: &Batch) -> std::io::Result<SignedNote> {
        let note = sign_checkpoint(&self.origin, commit.head, &self.keys)?;
        self.publication.exclusively_or(std::convert::identity, || {
            // Another server may have found it recorded and unpublished, and gone on since: what it has
            // replaced or erased must not come back.
            let published = self.published().map_err(std::io::Error::other)?;
            if published.is_none_or(|published| published.size < commit.head.size) {
                self.publication.publish(&publishable(commit), batch)?;
                crash_point("after-tiles");
                self.publication.replace_checkpoint(&note)?;
                crash_point("after-checkpoint");
            }
            Ok(())
        })?;
        Ok(note)
    }

    /// Shows what the folds say under the checkpoint of their head.
    fn show(&self, note: &SignedNote) {
        self.view.store(Arc::new(View {
            register: self.folds.public.clone(),
            library: Arc::clone(&self.library),
            checkpoint: note.to_string(),
            head: self.folds.edge.head(),
            full: self.folds.full.clone(),
            clock: Arc::clone(&self.clock),
        }));
    }

    fn close(&self, reason: String) -> Failure {
        tracing::error!(%reason, "the node takes no more submissions");
        Failure::Closed(self.closed.get_or_init(|| reason).clone())
    }

    /// Says what it means that this server cannot follow what the others recorded.
    fn cannot_follow(&self, error: OpenError) -> Failure {
        match error {
            OpenError::Store(error) => Failure::NotCommitted(error.to_string()),
            OpenError::Io { error, .. } if error.kind() == std::io::ErrorKind::TimedOut => {
                Failure::NotCommitted(error.to_string())
            }
            other => self.close(format!("{other}; restart the node once that is mended")),
        }
    }

    fn answers(&self, verdicts: Vec<Verdict>, new: &[StoredEntry]) -> Vec<Reply> {
        let view = self.view.load();
        let mut receipts = Receipts::open(&self.publication, &view);
        let mut answer = |provisional| match provisional {
            Provisional::Waiting { statement, arrival_note } => {
                Ok(Outcome::Waiting { statement, arrival_note })
            }
            Provisional::Recorded { statement, index, already } => {
                let found = new.iter().find(|entry| entry.statement == statement);
                let stored = match found {
                    Some(_) => None,
                    None => self.store.entry(&statement).map_err(|e| e.to_string())?,
                };
                let entry = found.or(stored.as_ref()).ok_or("the entry is missing in the database")?;
                let receipt = receipts.as_mut().map_err(|e| e.clone())?.receipt(index, &entry.leaf)?;
                Ok(Outcome::Recorded {
                    statement,
                    index,
                    receipt: receipt.to_bytes(),
                    leaf_salt: entry.salt,
                    already,
                })
            }
        };
        let mut answer_all = |provisional: Vec<Provisional>| {
            let outcomes: Result<Vec<Outcome>, String> = provisional.into_iter().map(&mut answer).collect();
            outcomes.map_err(|problem| SubmitError::Closed {
                reason: format!("the statements are recorded, but no receipt could be made: {problem}"),
            })
        };
        verdicts.into_iter().map(|verdict| verdict.and_then(&mut answer_all)).collect()
    }
}

/// Says why a group was not recorded and published.
enum Failure {
    NotCommitted(String),
    /// It may be recorded or not.
    Unclear(String),
    /// Another server was faster, every time.
    Overtaken,
    Closed(String),
}

impl Failure {
    fn answer(&self) -> SubmitError {
        match self {
            Self::NotCommitted(problem) => SubmitError::Store(problem.clone()),
            Self::Unclear(problem) => SubmitError::Unclear(problem.clone()),
            Self::Overtaken => SubmitError::Store("other servers were faster every time".into()),
            Self::Closed(reason) => SubmitError::Closed { reason: reason.clone() },
        }
    }
}

fn publishable(commit: &Commit) -> Publishable<'_> {
    Publishable {
        envelopes: commit
            .entries
            .iter()
            .filter(|entry| entry.salt.is_none())
            .map(|entry| (entry.statement, &entry.envelope[..]))
            .collect(),
        parts: commit
            .parts
            .iter()
            .filter(|(_, stored)| stored.public)
            .map(|(commitment, stored)| (*commitment, &stored.part))
            .collect(),
        blobs: commit.blobs.iter().map(|(folder, files)| (*folder, files)).collect(),
        erased: commit.erased.clone(),
    }
}

/// Signs the checkpoint of a head.
pub(crate) fn sign_checkpoint(origin: &str, head: TreeHead, keys: &NoteKeys) -> std::io::Result<SignedNote> {
    Checkpoint::new(origin, head).sign(&[&keys.log]).map_err(std::io::Error::other)
}

/// Makes receipts against one published checkpoint.
pub(crate) struct Receipts {
    reader: LogReader<ledger::FolderStore>,
    note: SignedNote,
}

impl Receipts {
    pub(crate) fn open(publication: &Publication, view: &View) -> Result<Self, String> {
        let reader = LogReader::open(publication.tiles().clone(), view.head).map_err(|e| e.to_string())?;
        let note = SignedNote::parse(view.checkpoint.as_bytes()).map_err(|e| e.to_string())?;
        Ok(Self { reader, note })
    }

    pub(crate) fn receipt(&mut self, index: u64, leaf: &[u8]) -> Result<Receipt, String> {
        let size = self.reader.head().size;
        let proof = self.reader.inclusion_proof(index, size).map_err(|e| e.to_string())?;
        Ok(Receipt { extra: Some(leaf.to_vec()), index, proof, checkpoint: self.note.clone() })
    }
}

/// A place where tests let the sequencer die, as a power cut would.
#[cfg(feature = "failpoints")]
fn crash_point(name: &str) {
    fail::fail_point!(name);
}

/// Nothing, outside the tests.
#[cfg(not(feature = "failpoints"))]
fn crash_point(_: &str) {}
