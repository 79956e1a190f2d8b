//! A group of submissions is judged, and becomes one commit.

use std::sync::Arc;

use evidence::{Digest, Envelope, Predicate, Statement, Timestamp, Unknown, Visibility};
use ledger::SignedNote;
use register::{Moment, Refusal};

use super::{Intake, Sequencer};
use crate::folds::{AppendError, Folds};
use crate::shelf;
use crate::store::{Commit, StoredPart, Waiting};
use crate::submission::{Admitted, SubmitError, arrival_text, refusal_text};

/// The most registrations that wait at a time, how long, and how large each may be.
const MAX_WAITING: usize = 1_000;
const WAITING_MILLIS: i64 = 90 * 86_400_000;
const MAX_WAITING_BYTES: usize = 128 << 10;

/// What became of one submission, before it is committed.
pub(super) type Verdict = Result<Vec<Provisional>, SubmitError>;

/// What will be answered, once it is true.
pub(super) enum Provisional {
    Recorded { statement: Digest, index: u64, already: bool },
    Waiting { statement: Digest, arrival_note: String },
}

/// A group in the making: the folds run ahead of what is committed.
pub(super) struct Group<'s> {
    sequencer: &'s Sequencer,
    folds: Folds,
    intake: Intake,
    commit: Commit,
}

impl<'s> Group<'s> {
    pub(super) fn new(sequencer: &'s Sequencer) -> Self {
        Self {
            sequencer,
            folds: sequencer.folds.clone(),
            intake: Arc::clone(&sequencer.intake),
            commit: Commit::new(sequencer.standing),
        }
    }

    /// Returns what is to be committed, and what stands then.
    pub(super) fn finish(self) -> (Commit, Folds, Intake) {
        let Self { mut commit, folds, intake, .. } = self;
        commit.head = folds.edge.head();
        (commit, folds, intake)
    }

    /// Takes a submission in, whole or not at all.
    pub(super) fn attempt(&mut self, batch: &[Admitted], arrived_at: Timestamp) -> Verdict {
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
