//! Following what was recorded: at the start, and where other servers write to the same log.

use std::sync::Arc;
use std::time::{Duration, Instant};

use evidence::{Digest, Envelope, Leaf, Part, Predicate, Statement, Unknown};
use ledger::{Checkpoint, CheckpointError, IntegrateError, SignedNote, TreeHead};

use super::{Failure, NoteKeys, Sequencer, sign_checkpoint};
use crate::opening::{OpenError, io_at};
use crate::publication::{Publication, Publishable};
use crate::shelf::{self, Files};
use crate::store::{Standing, Store, StoredEntry, StoredPart};

/// How many entries are folded or published at a time.
const CHUNK: u64 = 512;

/// How long another server may take from its commit to its checkpoint before this one publishes for it.
const OVERDUE: Duration = Duration::from_secs(5);

/// Something recorded that is not published yet, and since when that is known here.
pub(crate) struct Unpublished {
    size: u64,
    since: Instant,
}

impl Sequencer {
    /// Looks at what other servers have published, and shows it. What one of them recorded and left
    /// unpublished for too long is published for it.
    pub(super) fn look(&mut self) {
        if self.closed.get().is_some() {
            return;
        }
        if let Err(error) = self.follow() {
            match self.cannot_follow(error) {
                Failure::NotCommitted(problem) => tracing::warn!(%problem, "cannot look at the database"),
                Failure::Closed(_) | Failure::Overtaken | Failure::Unclear(_) => {}
            }
        }
    }

    fn follow(&mut self) -> Result<(), OpenError> {
        // In this order: whatever is published was recorded before.
        let published = self.published()?.unwrap_or(TreeHead::EMPTY);
        let standing = self.store.standing()?;
        let needed = published.size.max(self.folds.edge.size());
        if standing.head.size < needed {
            return Err(OpenError::DatabaseBehind { database: standing.head.size, published: needed });
        }
        if standing.head.size > published.size {
            let since = match &self.unpublished {
                Some(known) if known.size == standing.head.size => known.since,
                _ => Instant::now(),
            };
            self.unpublished = Some(Unpublished { size: standing.head.size, since });
            if since.elapsed() >= OVERDUE {
                return self.join();
            }
        } else {
            self.unpublished = None;
        }
        if published.size > self.folds.edge.size() {
            self.fold_on(published)?;
            let note = sign_checkpoint(&self.origin, published, &self.keys)
                .map_err(io_at(self.publication.folder()))?;
            self.show(&note);
        }
        Ok(())
    }

    /// Takes a turn for nothing but catching up.
    pub(crate) fn join(&mut self) -> Result<(), OpenError> {
        let standing = self.store.take_turn()?;
        let done = self.catch_up(standing);
        self.store.end_turn();
        if done.is_ok() {
            self.standing = standing;
        }
        done
    }

    /// Comes to what stands in the store: folds it, publishes what is missing, and shows it.
    pub(super) fn catch_up(&mut self, standing: Standing) -> Result<(), OpenError> {
        self.fold_on(standing.head)?;
        let waiting = self.store.waiting()?;
        self.intake = Arc::new(waiting.into_iter().map(|w| (w.statement, Arc::new(w))).collect());
        let note = self.publish_what_is_missing(standing.head)?;
        self.published_all = true;
        self.unpublished = None;
        self.show(&note);
        Ok(())
    }

    /// Folds what is recorded up to a head, and checks that it makes up this head. Where it does not, nothing
    /// has changed here.
    pub(crate) fn fold_on(&mut self, head: TreeHead) -> Result<(), OpenError> {
        let known = self.folds.edge.head();
        if head.size < known.size {
            return Err(OpenError::DatabaseBehind { database: head.size, published: known.size });
        }
        if head.size == known.size && head != known {
            return Err(OpenError::Diverged { size: head.size });
        }
        let mut folds = self.folds.clone();
        while folds.edge.size() < head.size {
            let from = folds.edge.size();
            let entries = self.store.entries(from..head.size.min(from + CHUNK))?;
            if entries.is_empty() {
                break;
            }
            if entries.iter().any(|entry| self.lacks_what_is_adopted(entry)) {
                let shelf = Arc::make_mut(&mut self.shelf);
                shelf.take_in(self.store.blobs()?)?;
                self.library = shelf.library();
            }
            for entry in entries {
                let damaged = |problem: String| OpenError::Damaged { entry: entry.index, problem };
                let refusal = folds.replay(&entry, &self.library).map_err(|e| damaged(e.to_string()))?;
                if let Some(refusal) = refusal {
                    tracing::warn!(entry = entry.index, %refusal, "an entry has no effect by this version's rules");
                }
            }
        }
        if folds.edge.head() == head {
            self.folds = folds;
            return Ok(());
        }
        Err(OpenError::Damaged {
            entry: folds.edge.size(),
            problem: format!(
                "the entries make up a log of {} with the root {}, the head says {} and {}",
                folds.edge.size(),
                folds.edge.root(),
                head.size,
                head.root
            ),
        })
    }

    /// Tells whether an entry adopts files that are not at hand here. What cannot be read is for the fold to
    /// say.
    fn lacks_what_is_adopted(&self, entry: &StoredEntry) -> bool {
        let Ok(Leaf::Public(leaf)) = Leaf::parse(&entry.leaf) else { return false };
        if !leaf.predicate_type.contains("-adoption:") {
            return false;
        }
        let statement = Envelope::parse(&entry.envelope)
            .ok()
            .and_then(|envelope| Statement::parse(envelope.payload(), Unknown::Ignore).ok());
        statement
            .and_then(|statement| shelf::adopted_by(statement.predicate()))
            .is_some_and(|folder| self.shelf.files(&folder).is_none())
    }

    /// Returns the head that is published, if any is.
    pub(super) fn published(&self) -> Result<Option<TreeHead>, OpenError> {
        published(&self.publication, &self.origin, &self.keys)
    }

    /// Compares the store with the published log, publishes what is missing, and returns the checkpoint of
    /// the head.
    fn publish_what_is_missing(&self, head: TreeHead) -> Result<SignedNote, OpenError> {
        let io = io_at(self.publication.folder());
        let note = sign_checkpoint(&self.origin, head, &self.keys).map_err(&io)?;
        // Nobody is waited for where nothing is missing.
        if self.compare(head)?.size >= head.size {
            return Ok(note);
        }
        self.publication.exclusively_or(&io, || {
            let published = self.compare(head)?;
            if published.size >= head.size {
                return Ok(());
            }
            tracing::warn!(
                published = published.size,
                recorded = head.size,
                "publishing what was recorded and not published"
            );
            self.publish_from(published, head)?;
            self.publication.replace_checkpoint(&note).map_err(&io)
        })?;
        Ok(note)
    }

    /// Compares what is published with a head that is folded, and returns how far it goes.
    fn compare(&self, head: TreeHead) -> Result<TreeHead, OpenError> {
        let published = self.published()?.unwrap_or(TreeHead::EMPTY);
        if published.size > head.size {
            // Others may have gone on since the head was read. If they have not, the store is behind.
            let now = self.store.standing()?.head;
            return if now.size >= published.size {
                Ok(published)
            } else {
                Err(OpenError::DatabaseBehind { database: now.size, published: published.size })
            };
        }
        let expected = self.folds.full.root_at(published.size);
        if published.size > 0 && expected != Some(Digest::from_bytes(published.root.0)) {
            return Err(OpenError::Diverged { size: published.size });
        }
        Ok(published)
    }

    fn publish_from(&self, published: TreeHead, head: TreeHead) -> Result<(), OpenError> {
        let io = io_at(self.publication.folder());
        let no_leaves: [&[u8]; 0] = [];
        // Where the tiles below the checkpoint are damaged or gone, all are written again.
        let mut reached = match ledger::integrate(self.publication.tiles(), published, &no_leaves) {
            Err(IntegrateError::Published(_)) => TreeHead::EMPTY,
            _ => published,
        };
        while reached.size < head.size {
            let entries = self.store.entries(reached.size..head.size.min(reached.size + CHUNK))?;
            let leaves: Vec<&[u8]> = entries.iter().map(|entry| &entry.leaf[..]).collect();
            let batch = ledger::integrate(self.publication.tiles(), reached, &leaves)
                .map_err(|error| io(std::io::Error::other(error)))?;
            if batch.head().size <= reached.size {
                return Err(OpenError::Damaged { entry: reached.size, problem: "it is missing".into() });
            }
            let contents = Contents::read(&*self.store, &entries)?;
            self.publication.publish(&contents.publishable(&entries), &batch).map_err(&io)?;
            reached = batch.head();
        }
        Ok(())
    }
}

/// Reads the published checkpoint, which has to be one of this log.
fn published(
    publication: &Publication,
    origin: &str,
    keys: &NoteKeys,
) -> Result<Option<TreeHead>, OpenError> {
    let Some(bytes) = publication.checkpoint().map_err(io_at(publication.folder()))? else { return Ok(None) };
    let note = SignedNote::parse(&bytes).map_err(|e| OpenError::Checkpoint(CheckpointError::from(e)))?;
    let checkpoint =
        Checkpoint::open(&note, origin, &[keys.log.verifier_key()]).map_err(OpenError::Checkpoint)?;
    Ok(Some(checkpoint.head()))
}

/// What entries made public, as the database still has it.
#[derive(Default)]
struct Contents {
    parts: Vec<(Digest, Part)>,
    blobs: Vec<(Digest, Files)>,
    erased: Vec<Digest>,
}

impl Contents {
    fn read(store: &dyn Store, entries: &[StoredEntry]) -> Result<Self, OpenError> {
        let mut contents = Self::default();
        let mut adopted = Vec::new();
        for entry in entries {
            let damaged = |problem: String| OpenError::Damaged { entry: entry.index, problem };
            let envelope = Envelope::parse(&entry.envelope).map_err(|e| damaged(e.to_string()))?;
            let statement =
                Statement::parse(envelope.payload(), Unknown::Ignore).map_err(|e| damaged(e.to_string()))?;
            for attachment in &statement.common().attachments {
                if let Some(StoredPart { part, public: true }) = store.part(&attachment.commitment)? {
                    contents.parts.push((attachment.commitment, part));
                }
            }
            if let Predicate::Erasure(erasure) = statement.predicate() {
                contents.erased.extend(&erasure.parts);
            }
            adopted.extend(shelf::adopted_by(statement.predicate()));
        }
        if !adopted.is_empty() {
            contents.blobs =
                store.blobs()?.into_iter().filter(|(folder, _)| adopted.contains(folder)).collect();
        }
        Ok(contents)
    }

    fn publishable<'c>(&'c self, entries: &'c [StoredEntry]) -> Publishable<'c> {
        Publishable {
            envelopes: entries
                .iter()
                .filter(|entry| entry.salt.is_none())
                .map(|entry| (entry.statement, &entry.envelope[..]))
                .collect(),
            parts: self.parts.iter().map(|(commitment, part)| (*commitment, part)).collect(),
            blobs: self.blobs.iter().map(|(folder, files)| (*folder, files)).collect(),
            erased: self.erased.clone(),
        }
    }
}
