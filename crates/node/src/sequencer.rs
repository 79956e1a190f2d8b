//! One sequencer: it judges, commits, publishes, and only then answers.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use arc_swap::ArcSwap;
use evidence::{Digest, Envelope, Predicate, Statement, Timestamp, Unknown, Visibility};
use ledger::{Batch, Checkpoint, LogReader, NoteSigner, Receipt, SignedNote, TreeHead};
use register::{Library, Moment, Refusal};
use tokio::sync::{mpsc, oneshot};

use crate::folds::{AppendError, Folds};
use crate::node::{Clock, View};
use crate::publication::{Publication, Publishable};
use crate::shelf::{self, Shelf};
use crate::store::{Commit, CommitError, Store, StoredEntry, StoredPart, Waiting};
use crate::submission::{Admitted, Outcome, SubmitError, arrival_text, refusal_text};

/// The most submissions that one commit takes.
pub(crate) const MAX_GROUP: usize = 256;

/// How long a commit waits for submissions that are on their way: eight of these at most.
const GATHER: Duration = Duration::from_micros(200);
const GATHER_TIMES: usize = 8;

/// The most registrations that wait at a time, how long, and how large each may be.
const MAX_WAITING: usize = 1_000;
const WAITING_MILLIS: i64 = 90 * 86_400_000;
const MAX_WAITING_BYTES: usize = 128 << 10;

/// The node's signing keys for notes.
#[derive(Debug)]
pub(crate) struct NoteKeys {
    pub(crate) log: NoteSigner,
    pub(crate) intake: NoteSigner,
}

/// A submission in the queue.
pub(crate) struct Job {
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
}

/// What became of one submission, before it is committed.
type Verdict = Result<Vec<Provisional>, SubmitError>;

/// What will be answered, once it is true.
enum Provisional {
    Recorded { statement: Digest, index: u64, already: bool },
    Waiting { statement: Digest, arrival_note: String },
}

impl Sequencer {
    /// Works until every sender is gone. `in_flight` counts the submissions that are being made.
    pub(crate) fn run(mut self, mut jobs: mpsc::Receiver<Job>, in_flight: &AtomicUsize) {
        while let Some(first) = jobs.blocking_recv() {
            let mut group = vec![first];
            let mut waits = 0;
            while group.len() < MAX_GROUP {
                if let Ok(job) = jobs.try_recv() {
                    group.push(job);
                } else if waits < GATHER_TIMES && in_flight.load(Ordering::Relaxed) > group.len() {
                    waits += 1;
                    std::thread::sleep(GATHER);
                } else {
                    break;
                }
            }
            self.process(group);
        }
    }

    /// Judges the submissions in order, commits what holds, publishes it and answers.
    pub(crate) fn process(&mut self, jobs: Vec<Job>) {
        let mut work = Work {
            commit: Commit::new(self.folds.edge.head()),
            folds: self.folds.clone(),
            intake: Arc::clone(&self.intake),
            sequencer: self,
        };
        let mut verdicts = Vec::with_capacity(jobs.len());
        for job in jobs {
            let verdict = work.attempt(&job.batch, job.arrived_at);
            verdicts.push((job.reply, verdict));
        }
        let Work { mut commit, folds, intake, .. } = work;
        commit.head = folds.edge.head();
        let done = if let Some(reason) = self.closed.get() {
            Err(Failure::Closed(reason.clone()))
        } else if commit.is_empty() {
            Ok(())
        } else {
            self.make_it_so(&commit, folds, intake)
        };
        crash_point("before-reply");
        let answers = match done {
            Ok(()) => self.answers(verdicts, &commit.entries),
            Err(failure) => verdicts.into_iter().map(|(reply, _)| (reply, Err(failure.answer()))).collect(),
        };
        for (reply, answer) in answers {
            // Whoever asked may have gone away; the statement is recorded all the same.
            let _ = reply.send(answer);
        }
    }

    /// Commits, publishes, replaces the checkpoint and shows the new view, in this order.
    fn make_it_so(&mut self, commit: &Commit, folds: Folds, intake: Intake) -> Result<(), Failure> {
        let leaves: Vec<&[u8]> = commit.entries.iter().map(|entry| &entry.leaf[..]).collect();
        // Computed first: where the published tiles are damaged, nothing is committed.
        let batch =
            ledger::integrate(self.publication.tiles(), commit.expected, &leaves).map_err(|error| {
                self.close(format!("the published log is damaged: {error}; restart the node"))
            })?;
        if batch.head() != commit.head {
            return Err(self.close("the tree and its edge disagree: this is an error in Kanae".into()));
        }
        crash_point("before-commit");
        self.store.commit(commit).map_err(|error| match error {
            CommitError::Store(error) => {
                tracing::error!(%error, "a batch was not committed");
                Failure::NotCommitted(error.to_string())
            }
            conflict @ CommitError::Conflict { .. } => {
                self.close(format!("{conflict}; end the other one and restart this node"))
            }
        })?;
        crash_point("after-commit");
        self.folds = folds;
        self.intake = intake;
        if commit.entries.is_empty() {
            return Ok(());
        }
        let note = self.publish(commit, &batch).map_err(|error| {
            self.close(format!(
                "statements are recorded in the database, but could not be published ({error}); make room or \
                 repair the data folder, then restart the node: it publishes what is missing"
            ))
        })?;
        let head = self.folds.edge.head();
        self.view.store(Arc::new(View {
            register: self.folds.public.clone(),
            library: Arc::clone(&self.library),
            checkpoint: note.to_string(),
            head,
            full: self.folds.full.clone(),
            clock: Arc::clone(&self.clock),
        }));
        tracing::info!(entries = commit.entries.len(), size = head.size, "recorded");
        Ok(())
    }

    fn publish(&self, commit: &Commit, batch: &Batch) -> std::io::Result<SignedNote> {
        self.publication.publish(&publishable(commit), batch)?;
        crash_point("after-tiles");
        let note = sign_checkpoint(&self.origin, commit.head, &self.keys)?;
        self.publication.replace_checkpoint(&note)?;
        crash_point("after-checkpoint");
        Ok(note)
    }

    fn close(&self, reason: String) -> Failure {
        tracing::error!(%reason, "the node takes no more submissions");
        Failure::Closed(self.closed.get_or_init(|| reason).clone())
    }

    fn answers(
        &self,
        verdicts: Vec<(oneshot::Sender<Reply>, Verdict)>,
        new: &[StoredEntry],
    ) -> Vec<(oneshot::Sender<Reply>, Reply)> {
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
        let mut answered = Vec::with_capacity(verdicts.len());
        for (reply, verdict) in verdicts {
            let outcomes = verdict.and_then(|provisional| {
                let outcomes: Result<Vec<Outcome>, String> =
                    provisional.into_iter().map(&mut answer).collect();
                outcomes.map_err(|problem| SubmitError::Closed {
                    reason: format!("the statements are recorded, but no receipt could be made: {problem}"),
                })
            });
            answered.push((reply, outcomes));
        }
        answered
    }
}

/// Says why a group was not recorded and published.
enum Failure {
    NotCommitted(String),
    Closed(String),
}

impl Failure {
    fn answer(&self) -> SubmitError {
        match self {
            Self::NotCommitted(problem) => SubmitError::Store(problem.clone()),
            Self::Closed(reason) => SubmitError::Closed { reason: reason.clone() },
        }
    }
}

/// A group in the making: the folds run ahead of what is committed.
struct Work<'s> {
    sequencer: &'s Sequencer,
    folds: Folds,
    intake: Intake,
    commit: Commit,
}

impl Work<'_> {
    /// Takes a submission in, whole or not at all.
    fn attempt(&mut self, batch: &[Admitted], arrived_at: Timestamp) -> Verdict {
        let (folds, intake) = (self.folds.clone(), Arc::clone(&self.intake));
        let lengths = [
            self.commit.entries.len(),
            self.commit.parts.len(),
            self.commit.erased.len(),
            self.commit.blobs.len(),
            self.commit.arrived.len(),
            self.commit.left.len(),
        ];
        let taken = self.take_in(batch, arrived_at);
        if taken.is_err() {
            (self.folds, self.intake) = (folds, intake);
            let [entries, parts, erased, blobs, arrived, left] = lengths;
            self.commit.entries.truncate(entries);
            self.commit.parts.truncate(parts);
            self.commit.erased.truncate(erased);
            self.commit.blobs.truncate(blobs);
            self.commit.arrived.truncate(arrived);
            self.commit.left.truncate(left);
        }
        taken
    }

    fn take_in(&mut self, batch: &[Admitted], arrived_at: Timestamp) -> Verdict {
        let mut provisional = Vec::with_capacity(batch.len());
        for (position, admitted) in batch.iter().enumerate() {
            let statement = &admitted.statement;
            let digest = statement.digest();
            if let Some(recorded) = self.folds.full.recorded(&digest) {
                provisional.push(Provisional::Recorded {
                    statement: digest,
                    index: recorded.index,
                    already: true,
                });
                continue;
            }
            let now = self.folds.next_time((self.sequencer.clock)(), arrived_at);
            if matches!(statement.predicate(), Predicate::Organisation(_)) && !granted_in(batch, &digest) {
                let arrival_note = self.let_wait(position, admitted, Moment { time: now, arrived_at })?;
                provisional.push(Provisional::Waiting { statement: digest, arrival_note });
                continue;
            }
            if matches!(statement.predicate(), Predicate::RoleGrant(_)) {
                self.admit_waiting(position, &statement.subject(), now)?;
            }
            // A registration counts from when it first arrived.
            let arrived_at = self.leave_intake(&digest).map_or(arrived_at, |waiting| waiting.arrived_at);
            let index = self.append(position, admitted, Moment { time: now, arrived_at })?;
            provisional.push(Provisional::Recorded { statement: digest, index, already: false });
        }
        Ok(provisional)
    }

    fn append(&mut self, position: usize, admitted: &Admitted, at: Moment) -> Result<u64, SubmitError> {
        let Admitted { envelope, statement, parts } = admitted;
        let library = &self.sequencer.library;
        let entry = self
            .folds
            .append(statement, envelope, at, library)
            .map_err(|error| self.refusal(position, &statement.digest(), at.time, error))?;
        let index = entry.index;
        self.commit.entries.push(entry);
        for (commitment, part) in parts {
            let public = statement.is_public()
                && statement
                    .common()
                    .attachments
                    .iter()
                    .any(|a| a.commitment == *commitment && a.visibility == Visibility::Public);
            self.commit.parts.push((*commitment, StoredPart { part: part.clone(), public }));
        }
        if let Predicate::Erasure(erasure) = statement.predicate() {
            self.commit.erased.extend(&erasure.parts);
        }
        if let Some(folder) = shelf::adopted_by(statement.predicate())
            && let Some(files) = self.sequencer.shelf.files(&folder)
        {
            self.commit.blobs.push((folder, files.clone()));
        }
        Ok(index)
    }

    /// Records the registration that a grant of a role is about, if it waits.
    fn admit_waiting(
        &mut self,
        position: usize,
        organisation: &Digest,
        now: Timestamp,
    ) -> Result<(), SubmitError> {
        let Some(waiting) = self.leave_intake(organisation) else { return Ok(()) };
        let unreadable = |problem: &dyn std::fmt::Display| {
            SubmitError::Store(format!("the waiting registration {organisation} cannot be read: {problem}"))
        };
        let envelope = Envelope::parse(&waiting.envelope).map_err(|e| unreadable(&e))?;
        let statement = Statement::parse(envelope.payload(), Unknown::Ignore).map_err(|e| unreadable(&e))?;
        let parts = waiting.parts.iter().map(|part| (part.commitment(), part.clone())).collect();
        let admitted = Admitted { envelope, statement, parts };
        self.append(position, &admitted, Moment { time: now, arrived_at: waiting.arrived_at }).map(|_| ())
    }

    fn leave_intake(&mut self, organisation: &Digest) -> Option<Arc<Waiting>> {
        if !self.intake.contains_key(organisation) {
            return None;
        }
        self.commit.left.push(*organisation);
        Arc::make_mut(&mut self.intake).remove(organisation)
    }

    /// Puts a valid registration into the intake and returns the signed note of its arrival.
    fn let_wait(&mut self, position: usize, admitted: &Admitted, at: Moment) -> Result<String, SubmitError> {
        let digest = admitted.statement.digest();
        let note = |arrived_at| {
            self.sequencer
                .sign(&arrival_text(&self.sequencer.origin, &digest, arrived_at))
                .map_err(SubmitError::Store)
        };
        if let Some(waiting) = self.intake.get(&digest) {
            return note(waiting.arrived_at);
        }
        let note = note(at.arrived_at)?;
        // Judged as if it were recorded now, so that nothing waits in vain.
        self.folds
            .clone()
            .append(&admitted.statement, &admitted.envelope, at, &self.sequencer.library)
            .map_err(|error| self.refusal(position, &digest, at.time, error))?;
        let envelope = admitted.envelope.to_bytes();
        let parts: Vec<_> = admitted.parts.iter().map(|(_, part)| part.clone()).collect();
        if envelope.len() + parts.iter().map(|part| part.bytes.len()).sum::<usize>() > MAX_WAITING_BYTES {
            return Err(SubmitError::IntakeFull(
                "a registration that waits to be accepted has at most 128 KiB with its attachments",
            ));
        }
        let expired: Vec<Digest> = self
            .intake
            .values()
            .filter(|w| w.arrived_at.as_millis().saturating_add(WAITING_MILLIS) < at.time.as_millis())
            .map(|w| w.statement)
            .collect();
        for digest in &expired {
            self.leave_intake(digest);
        }
        if self.intake.len() >= MAX_WAITING {
            return Err(SubmitError::IntakeFull(
                "1,000 registrations wait to be accepted already; try again later",
            ));
        }
        let waiting = Waiting { statement: digest, envelope, parts, arrived_at: at.arrived_at };
        self.commit.arrived.push(waiting.clone());
        Arc::make_mut(&mut self.intake).insert(digest, Arc::new(waiting));
        Ok(note)
    }

    fn refusal(&self, position: usize, statement: &Digest, at: Timestamp, error: AppendError) -> SubmitError {
        match error {
            AppendError::Refused(refusal) => self.sequencer.refused(position, statement, at, refusal),
            AppendError::Full => SubmitError::Closed { reason: AppendError::Full.to_string() },
            error @ AppendError::Random(_) => SubmitError::Store(error.to_string()),
        }
    }
}

impl Sequencer {
    fn refused(&self, position: usize, statement: &Digest, at: Timestamp, refusal: Refusal) -> SubmitError {
        match self.sign(&refusal_text(&self.origin, statement, at, &refusal)) {
            Ok(note) => SubmitError::Refused { position, refusal, note },
            Err(problem) => SubmitError::Store(problem),
        }
    }

    fn sign(&self, text: &str) -> Result<String, String> {
        SignedNote::sign(text, &[&self.keys.intake]).map(|note| note.to_string()).map_err(|e| e.to_string())
    }
}

/// Tells whether a batch itself grants a role to the organisation that it registers.
fn granted_in(batch: &[Admitted], organisation: &Digest) -> bool {
    batch.iter().any(|admitted| {
        matches!(admitted.statement.predicate(), Predicate::RoleGrant(_))
            && admitted.statement.subject() == *organisation
    })
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
