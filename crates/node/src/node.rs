//! The running authority.

mod follower;

use std::fs::File;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use arc_swap::ArcSwap;
use evidence::{Digest, Issuer, Part, Predicate, Slug, Statement, Timestamp, Unknown};
use ledger::{Receipt, TreeHead};
use register::{Library, Register};
use tokio::sync::{mpsc, oneshot};

use crate::access::{self, Caller, Scope, Token, TokenError};
use crate::measures::{Health, Measures};
use crate::opening::{self, OpenError};
use crate::place::Place;
use crate::publication::Publication;
use crate::sequencer::{Job, MAX_GROUP, Receipts, Submitted};
use crate::shelf::Shipped;
use crate::store::{Store, StoreError, StoredToken};
use crate::submission::{Admitted, Outcome, Submission, SubmitError};
use follower::Follower;

/// How long a reader waits for what another server has recorded.
const REACHING: Duration = Duration::from_secs(5);

/// Tells the time: the machine's, or a test's.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// What is published at one moment.
#[derive(Clone)]
pub struct View {
    /// The public fold of the log.
    pub register: Register,
    /// Policies and regimes at hand.
    pub library: Arc<Library>,
    /// The checkpoint as served: a signed note.
    pub checkpoint: String,
    /// Size and root of the log.
    pub head: TreeHead,
    /// The fold that sees restricted statements: decides who may see what, and is never shown.
    pub(crate) full: Register,
    pub(crate) clock: Clock,
}

impl View {
    /// Returns the current time by the node's clock.
    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// Returns this view with its register as it stood earlier, for looking back. The checkpoint and
    /// who may see what stay those of the present.
    #[must_use]
    pub fn showing(&self, register: Register) -> Self {
        let root = register.root_at(register.size());
        let head = root.map_or(TreeHead::EMPTY, |root| TreeHead {
            size: register.size(),
            root: ledger::Hash(*root.as_bytes()),
        });
        Self { register, head, ..self.clone() }
    }

    /// Returns the fold that sees restricted statements: to decide who is told what, never to be shown.
    pub fn full(&self) -> &Register {
        &self.full
    }

    /// Returns this view as an organisation sees it that reads what is restricted and meant for it;
    /// an authority reads all of it.
    #[must_use]
    pub fn as_read_by(&self, reader: &Digest, now: Timestamp) -> Self {
        let register = if self.full.has_role(reader, "authority", now) {
            self.full.clone()
        } else {
            self.register.with_readable(&self.full, |one| self.full.may_read(&one.statement, reader, now))
        };
        Self { register, ..self.clone() }
    }

    /// Tells whether an authority has announced an inspection of an organisation, publicly or not, and
    /// has not put its minutes on record.
    pub fn is_under_inspection(&self, by: &Digest, of: &Digest) -> bool {
        self.full.open_inspection(by, of).is_some()
    }
}

impl std::fmt::Debug for View {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("View").field("head", &self.head).finish_non_exhaustive()
    }
}

/// A statement as stored, with what its reader may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The index of its entry.
    pub index: u64,
    /// The envelope in normal form.
    pub envelope: Vec<u8>,
    /// The bytes in the log.
    pub leaf: Vec<u8>,
    /// The salt of a restricted entry.
    pub leaf_salt: Option<[u8; 32]>,
    /// Entry time.
    pub time: Timestamp,
    /// Time of arrival.
    pub arrived_at: Timestamp,
    /// The content of the attachments that the reader may see and nobody has erased.
    pub parts: Vec<Part>,
}

/// A registration that waits for somebody to accept the organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingOrganisation {
    /// The digest of the registration: the organisation's identity once it is accepted.
    pub statement: Digest,
    /// Its envelope.
    pub envelope: Vec<u8>,
    /// When it arrived.
    pub arrived_at: Timestamp,
}

/// The running authority: a log that grows, and what stands in it. Cheap to clone.
#[derive(Clone)]
pub struct Node {
    inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) view: Arc<ArcSwap<View>>,
    /// A second connection, for reading and for tokens; the sequencer has its own.
    pub(crate) store: Mutex<Box<dyn Store>>,
    pub(crate) tokens: Arc<ArcSwap<Vec<StoredToken>>>,
    pub(crate) publication: Publication,
    pub(crate) clock: Clock,
    pub(crate) jobs: Option<mpsc::Sender<Job>>,
    pub(crate) in_flight: Arc<AtomicUsize>,
    pub(crate) closed: Arc<OnceLock<String>>,
    pub(crate) measures: Measures,
    pub(crate) sequencer: Option<JoinHandle<()>>,
    pub(crate) follower: Option<Follower>,
    /// Whether other servers may write to the same log.
    pub(crate) shared: bool,
    /// Held as long as the node runs, where it has the folder to itself.
    pub(crate) _lock: Option<File>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        drop(self.follower.take());
        // Without a sender the sequencer ends, after what it has in hand.
        self.jobs = None;
        if let Some(sequencer) = self.sequencer.take()
            && sequencer.join().is_err()
        {
            tracing::error!("the sequencer had died");
        }
    }
}

impl std::fmt::Debug for Node {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Node").field("log", &self.log_folder()).finish_non_exhaustive()
    }
}

/// Counts a submission while it is being made.
struct InFlight<'n>(&'n AtomicUsize);

impl<'n> InFlight<'n> {
    fn new(count: &'n AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Node {
    /// Opens a node and starts the sequencer. What a crash left unpublished is published; a folder
    /// that another process serves, and a database older than its published log, are refused.
    ///
    /// Several servers may open one node whose database is a PostgreSQL: each shows what the others
    /// record.
    pub fn open(place: impl Into<Place>, shipped: Shipped, clock: Clock) -> Result<Self, OpenError> {
        let place = place.into();
        let (mut inner, sequencer) = opening::open(&place, shipped, clock)?;
        let (sender, jobs) = mpsc::channel(MAX_GROUP);
        let in_flight = Arc::clone(&inner.in_flight);
        let no_thread = |error| OpenError::Io { path: place.data().to_owned(), error };
        let thread = std::thread::Builder::new()
            .name("sequencer".into())
            .spawn(move || sequencer.run(jobs, &in_flight))
            .map_err(no_thread)?;
        if inner.shared {
            let (view, tokens) = (Arc::clone(&inner.view), Arc::clone(&inner.tokens));
            let store = place.open_store()?;
            inner.follower =
                Some(Follower::start(store, sender.downgrade(), view, tokens).map_err(no_thread)?);
        }
        inner.jobs = Some(sender);
        inner.sequencer = Some(thread);
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Returns what is published now. One request should look at one view only.
    pub fn view(&self) -> Arc<View> {
        self.inner.view.load_full()
    }

    /// Returns the current time by the node's clock.
    pub fn now(&self) -> Timestamp {
        (self.inner.clock)()
    }

    /// Tells whether the node can do its work now. Asks the database, and may wait for it.
    pub fn health(&self) -> Health {
        let sequencer = self.inner.closed.get().is_none()
            && self.inner.sequencer.as_ref().is_some_and(|thread| !thread.is_finished());
        Health { database: self.store().standing().is_ok(), sequencer }
    }

    /// Puts what the sequencer counts into a registry of metrics.
    pub fn register_measures(&self, registry: &mut prometheus_client::registry::Registry) {
        self.inner.measures.register(registry);
    }

    /// Returns how many submissions are being made.
    pub fn queue(&self) -> usize {
        self.inner.in_flight.load(Ordering::Relaxed)
    }

    /// Submits statements: all are recorded, in one piece and in this order, or none. Submitting a
    /// recorded statement again returns its place. When this returns, what is recorded is durable
    /// and published.
    pub async fn submit(&self, batch: Vec<Submission>, by: &Caller) -> Result<Vec<Outcome>, SubmitError> {
        let arrived_at = self.now();
        let closed = || SubmitError::Closed {
            reason: self
                .inner
                .closed
                .get()
                .map_or("the sequencer has stopped; restart the node", |r| r)
                .to_owned(),
        };
        if self.inner.closed.get().is_some() {
            return Err(closed());
        }
        let view = self.view();
        let batch = Admitted::read_all(batch, &view.register)?;
        permit(&batch, by, &view.register, self.now())?;
        let _in_flight = InFlight::new(&self.inner.in_flight);
        let (reply, answer) = oneshot::channel();
        let jobs = self.inner.jobs.as_ref().ok_or_else(closed)?;
        jobs.send(Job::Submission(Submitted { batch, arrived_at, reply })).await.map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }

    /// Waits, within bounds, until what is shown here has a size that another server has told: whoever
    /// wrote there reads here what they wrote. A size that no server has published is not waited for.
    pub async fn reach(&self, size: u64) {
        if !self.inner.shared || self.view().head.size >= size {
            return;
        }
        let Some(jobs) = self.inner.jobs.as_ref() else { return };
        let (reply, done) = oneshot::channel();
        let looked = async {
            if jobs.send(Job::Look(Some(reply))).await.is_ok() {
                // A sequencer that has ended looks no more, and what it showed last is shown on.
                let _ = done.await;
            }
        };
        if tokio::time::timeout(REACHING, looked).await.is_err() {
            tracing::warn!(size, "what another server recorded is not seen here yet");
        }
    }

    /// Returns the folder that is served under `/log/`.
    pub fn log_folder(&self) -> &Path {
        self.inner.publication.folder()
    }

    /// Returns a statement with the attachments that the caller may see; nothing where there is
    /// none, or the caller may not know of it.
    ///
    /// A restricted statement is for its issuer, those that it is addressed to, authorities, and
    /// the node's administrator.
    pub fn statement(&self, digest: &Digest, by: &Caller) -> Result<Option<Stored>, StoreError> {
        let store = self.store();
        let view = self.view();
        let Some(entry) = store.entry(digest)?.filter(|entry| entry.index < view.head.size) else {
            return Ok(None);
        };
        let statement = evidence::Envelope::parse(&entry.envelope)
            .map_err(|e| e.to_string())
            .and_then(|e| Statement::parse(e.payload(), Unknown::Ignore).map_err(|e| e.to_string()))
            .map_err(|problem| StoreError { doing: "read a statement", source: problem.into() })?;
        let trusted = may_see(&view.full, &statement, by, self.now());
        if entry.salt.is_some() && !trusted {
            return Ok(None);
        }
        let mut parts = Vec::new();
        for attachment in &statement.common().attachments {
            if let Some(stored) = store.part(&attachment.commitment)?
                && (stored.public || trusted)
            {
                parts.push(stored.part);
            }
        }
        Ok(Some(Stored {
            index: entry.index,
            envelope: entry.envelope,
            leaf: entry.leaf,
            leaf_salt: entry.salt,
            time: entry.time,
            arrived_at: entry.arrived_at,
            parts,
        }))
    }

    /// Returns a receipt of a statement against the checkpoint that is published now.
    ///
    /// For a restricted statement it shows the index and the commitment only.
    pub fn receipt(&self, digest: &Digest) -> Result<Option<Receipt>, StoreError> {
        let view = self.view();
        let Some(entry) = self.store().entry(digest)?.filter(|entry| entry.index < view.head.size) else {
            return Ok(None);
        };
        Receipts::open(&self.inner.publication, &view)
            .and_then(|mut receipts| receipts.receipt(entry.index, &entry.leaf))
            .map(Some)
            .map_err(|problem| StoreError { doing: "prove an entry", source: problem.into() })
    }

    /// Makes an access token. Its text is returned once and not kept.
    pub fn new_token(
        &self,
        scope: Scope,
        organisation: Option<Slug>,
        label: &str,
    ) -> Result<Token, TokenError> {
        let length = label.chars().count();
        if !(1..=200).contains(&length) || label.chars().any(char::is_control) {
            return Err(TokenError::Label);
        }
        let token = Token::random().map_err(TokenError::Random)?;
        let stored = StoredToken {
            hash: token.hash(),
            scope,
            organisation,
            label: label.to_owned(),
            created_at: self.now(),
        };
        let mut store = self.store();
        store.add_token(&stored)?;
        self.inner.tokens.store(Arc::new(store.tokens()?));
        Ok(token)
    }

    /// Returns whom a presented token stands for; without a token, nobody in particular.
    pub fn caller(&self, token: Option<&str>) -> Result<Caller, TokenError> {
        access::caller(&self.inner.tokens.load(), token)
    }

    /// Returns the organisations that nobody has accepted yet, oldest first.
    pub fn waiting(&self) -> Result<Vec<WaitingOrganisation>, StoreError> {
        let waiting = self.store().waiting()?.into_iter().map(|waiting| WaitingOrganisation {
            statement: waiting.statement,
            envelope: waiting.envelope,
            arrived_at: waiting.arrived_at,
        });
        Ok(waiting.collect())
    }

    /// Lets go of the node. When the last clone is gone, the sequencer has finished what it had in
    /// hand and the data folder is free.
    pub fn close(self) {
        drop(self);
    }

    fn store(&self) -> MutexGuard<'_, Box<dyn Store>> {
        // A read or an insert that panicked leaves nothing half done in the database.
        self.inner.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Checks that the caller may submit this at all; who may *say* it is the register's to judge.
fn permit(batch: &[Admitted], by: &Caller, register: &Register, now: Timestamp) -> Result<(), SubmitError> {
    let registers_only =
        matches!(batch, [one] if matches!(one.statement.predicate(), Predicate::Organisation(_)));
    if registers_only || by.is_admin() {
        return Ok(());
    }
    let Caller::Token { organisation, .. } = by else {
        return Err(SubmitError::Forbidden(
            "an access token is needed for everything but the registration of an organisation",
        ));
    };
    for Admitted { statement, .. } in batch {
        let allowed = match (statement.common().issuer, organisation) {
            (Issuer::Node, _) => {
                return Err(SubmitError::Forbidden(
                    "statements of the node need a token of its administrator",
                ));
            }
            (_, None) => true,
            // Or an agent's token, for what it signs under a mandate.
            (Issuer::Organisation(issuer), Some(slug)) => {
                let agent = register.mandate_of(statement, now).map(|mandate| mandate.agent);
                let caller = register.find(slug.as_str());
                caller.is_some() && (caller == Some(issuer) || caller == agent)
            }
            (Issuer::Itself, Some(slug)) => {
                matches!(statement.predicate(), Predicate::Organisation(o) if o.slug == *slug)
            }
        };
        if !allowed {
            return Err(SubmitError::Forbidden(
                "the access token is for the statements of another organisation",
            ));
        }
    }
    Ok(())
}

/// Tells whether the caller may see what is restricted in a statement.
fn may_see(register: &Register, statement: &Statement, by: &Caller, now: Timestamp) -> bool {
    if by.is_admin() {
        return true;
    }
    let Caller::Token { organisation: Some(slug), .. } = by else { return false };
    let Some(reader) = register.find(slug.as_str()) else { return false };
    register.may_read(statement, &reader, now)
}
