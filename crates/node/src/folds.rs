//! The two folds and the tree's edge, moved on together, one entry at a time.

use evidence::{Digest, Envelope, Leaf, PublicLeaf, Statement, StatementError, Timestamp, Unknown};
use ledger::{Edge, leaf_hash};
use register::{Code, Entry, Library, Moment, Refusal, Register, Signed};

use crate::store::StoredEntry;

/// What stands after some entry: for everyone, and for those who see restricted statements.
#[derive(Debug, Clone)]
pub(crate) struct Folds {
    pub(crate) public: Register,
    pub(crate) full: Register,
    pub(crate) edge: Edge,
}

/// Says why an entry could not be appended.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AppendError {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error("the log is full: a tree has at most 2^63 entries")]
    Full,
    #[error("the system gave no random bytes: {0}")]
    Random(#[from] getrandom::Error),
}

/// Says why a stored entry cannot be folded.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReplayError {
    #[error("its envelope cannot be read: {0}")]
    Envelope(#[from] evidence::EnvelopeError),
    #[error("its statement cannot be read: {0}")]
    Statement(#[from] StatementError),
    #[error("its log entry cannot be read: {0}")]
    Leaf(#[from] evidence::LeafError),
    #[error("its log entry does not commit to what is stored with it")]
    Commitment,
    #[error("it has the index {0}, expected {1}")]
    Index(u64, u64),
}

impl Folds {
    pub(crate) fn new(origin: &str) -> Self {
        Self { public: Register::new(origin), full: Register::new(origin), edge: Edge::new() }
    }

    /// Judges a statement by both folds and appends it. On an error nothing has changed.
    pub(crate) fn append(
        &mut self,
        statement: &Statement,
        envelope: &Envelope,
        at: Moment,
        library: &Library,
    ) -> Result<StoredEntry, AppendError> {
        // One signature under its signer's name is the normal form already, if it verifies at all:
        // then the folds below judge it, and need not do so twice.
        let envelope = match envelope.signatures() {
            [one] if names(&statement.common().signers, &one.keyid) => envelope.clone(),
            _ => self.full.judge(Signed { statement, envelope }, at, library)?,
        };
        let signed = Signed { statement, envelope: &envelope };
        let revealed = self.leaf(statement, &envelope, at)?;
        let salt = if statement.is_public() { None } else { Some(random_salt()?) };
        let leaf = match &salt {
            None => Leaf::Public(revealed),
            Some(salt) => revealed.restrict(salt),
        };
        let bytes = leaf.to_bytes();
        let (edge, root) = self.grown(&bytes).ok_or(AppendError::Full)?;
        let content = statement.is_public().then_some(signed);
        let (public, refusal) = self.public.with(&Entry { leaf: &leaf, content, root }, library);
        if let Some(refusal) = refusal {
            return Err(refusal.into());
        }
        let full = match content {
            None => self.full.with_restricted(signed, at, root, library)?,
            // Without restricted entries the two folds are the same.
            Some(_) if public.withheld() == 0 => public.clone(),
            Some(_) => match self.full.with(&Entry { leaf: &leaf, content, root }, library) {
                (full, None) => full,
                (_, Some(refusal)) => return Err(refusal.into()),
            },
        };
        let index = self.edge.size();
        *self = Self { public, full, edge };
        Ok(StoredEntry {
            index,
            statement: statement.digest(),
            leaf: bytes,
            salt,
            envelope: envelope.to_bytes(),
            time: at.time,
            arrived_at: at.arrived_at,
        })
    }

    /// Folds an entry that was recorded before. An entry that this build refuses has no effect, as
    /// in every other fold of the log; it is returned with the reason.
    pub(crate) fn replay(
        &mut self,
        entry: &StoredEntry,
        library: &Library,
    ) -> Result<Option<Refusal>, ReplayError> {
        if entry.index != self.edge.size() {
            return Err(ReplayError::Index(entry.index, self.edge.size()));
        }
        let envelope = Envelope::parse(&entry.envelope)?;
        let statement = Statement::parse(envelope.payload(), Unknown::Ignore)?;
        let leaf = Leaf::parse(&entry.leaf)?;
        let at = Moment { time: entry.time, arrived_at: entry.arrived_at };
        let revealed = self.leaf(&statement, &envelope, at).map_err(|_| ReplayError::Commitment)?;
        let expected = match &entry.salt {
            None => Leaf::Public(revealed),
            Some(salt) => revealed.restrict(salt),
        };
        if leaf != expected || entry.statement != statement.digest() {
            return Err(ReplayError::Commitment);
        }
        let (edge, root) = self.grown(&entry.leaf).ok_or(ReplayError::Commitment)?;
        let signed = Signed { statement: &statement, envelope: &envelope };
        let content = statement.is_public().then_some(signed);
        let entry = Entry { leaf: &leaf, content, root };
        let (public, refusal) = self.public.with(&entry, library);
        let (full, refusal) = match content {
            None => match self.full.with_restricted(signed, at, root, library) {
                Ok(full) => (full, None),
                Err(refusal) => (self.full.with(&entry, library).0, Some(refusal)),
            },
            Some(_) if public.withheld() == 0 => (public.clone(), refusal),
            Some(_) => {
                let (full, hidden) = self.full.with(&entry, library);
                (full, refusal.or(hidden))
            }
        };
        *self = Self { public, full, edge };
        Ok(refusal)
    }

    /// Returns the time of the next entry: never before the last one or the arrival.
    pub(crate) fn next_time(&self, now: Timestamp, arrived_at: Timestamp) -> Timestamp {
        now.max(arrived_at).max(self.full.time().unwrap_or(now))
    }

    /// Returns the leaf that tells everything.
    fn leaf(&self, statement: &Statement, envelope: &Envelope, at: Moment) -> Result<PublicLeaf, Refusal> {
        let issuer = self
            .full
            .issuer_in_leaf(statement)
            .ok_or_else(|| Refusal::new(Code::UnknownIssuer, statement.common().issuer))?;
        Ok(PublicLeaf {
            statement: statement.digest(),
            envelope: envelope.digest(),
            predicate_type: statement.predicate().type_uri(),
            issuer,
            time: at.time,
            arrived_at: at.arrived_at,
        })
    }

    fn grown(&self, leaf: &[u8]) -> Option<(Edge, Digest)> {
        let mut edge = self.edge.clone();
        edge.push(leaf_hash(leaf)).then(|| {
            let root = Digest::from_bytes(edge.root().0);
            (edge, root)
        })
    }
}

fn names(signers: &[Digest], keyid: &str) -> bool {
    matches!(signers, [signer] if signer.to_string() == keyid)
}

fn random_salt() -> Result<[u8; 32], getrandom::Error> {
    let mut salt = [0; 32];
    getrandom::fill(&mut salt)?;
    Ok(salt)
}
