//! A small world with known keys and a clock that moves only when told, for the tests of every
//! room (feature `testing`).
//!
//! ```no_run
//! # use kanae_node as node;
//! # use evidence::{Predicate, predicate::{Example as _, Model}};
//! # async fn test() {
//! let world = node::testing::World::start().await;
//! let model = world.record(&world.developer, Model::example(), world.developer.id).await;
//! assert_eq!(world.node().view().register.path_of(&model).unwrap(), "minato-lab/wakaba");
//! # }
//! ```
//!
//! Everything here panics where it cannot go on: it is for tests only.

pub mod store;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use evidence::predicate::{
    Approval, ApprovalDecision, Custody, KeyEntry, Organisation, RegimeAdoption, RoleGrant,
};
use evidence::{
    Algorithm, Attachment, Basis, BasisKind, Common, Digest, Draft, Envelope, Issuer, Language, Leaf,
    LogReference, Nonce, Part, Predicate, SecretKey, Slug, Statement, Texts, Timestamp, Unknown, Visibility,
    folder_digest_of,
};
use ledger::{Edge, FolderStore, LogReader, NoteSigner, TreeHead, leaf_hash, read_checkpoint};
use register::{Entry, Register, Signed};

use crate::access::{Caller, Scope};
use crate::birth::{Birth, BirthKeys, create_with};
use crate::node::{Clock, Node};
use crate::place::Place;
use crate::sequencer::NoteKeys;
use crate::shelf::{Files, Shipped};
use crate::submission::{Outcome, Submission, SubmitError};
use postgres::Address;

pub use postgres::testing::{AtCommit, Cluster, Proxy, execute};

/// Returns how many entries the log in a database has, published or not.
pub fn recorded_in(database: &Address) -> u64 {
    let connection = postgres::Connection::open(database).expect("a connection");
    let row = connection.attempt(async |session| session.query_typed_one("SELECT size FROM head", &[]).await);
    row.expect("a head").get::<_, i64>(0).cast_unsigned()
}

/// The origin of the world's log.
pub const ORIGIN: &str = "register.test/2026";

/// The time at which the world begins.
pub const BEGINNING: &str = "2026-11-23T00:00:00.000Z";

/// The caller that may submit everything.
pub const ADMIN: Caller = Caller::Token { scope: Scope::Admin, organisation: None };

/// A clock that stands still until it is moved.
#[derive(Debug, Clone)]
pub struct ManualClock(Arc<AtomicI64>);

impl ManualClock {
    /// Makes a clock that shows `time`.
    pub fn at(time: Timestamp) -> Self {
        Self(Arc::new(AtomicI64::new(time.as_millis())))
    }

    /// Returns the time that it shows.
    pub fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst)).expect("tests stay before the year 10000")
    }

    /// Moves it on, or back where `millis` is negative.
    pub fn advance_millis(&self, millis: i64) {
        self.0.fetch_add(millis, Ordering::SeqCst);
    }

    /// Moves it on by whole days.
    pub fn advance_days(&self, days: i64) {
        self.advance_millis(days * 86_400_000);
    }

    /// Returns it in the form that the node takes.
    pub fn clock(&self) -> Clock {
        let clock = self.clone();
        Arc::new(move || clock.now())
    }
}

/// An organisation with its private keys.
#[derive(Debug)]
pub struct Actor {
    /// Its readable name.
    pub slug: Slug,
    /// Its identity: the digest of its registration.
    pub id: Digest,
    /// Its holders and their keys; the first one drafts.
    pub holders: Vec<(Slug, SecretKey)>,
}

impl Actor {
    /// Makes the actor that registers with keys known by `seed`, one for each holder. Its `id` is
    /// right once the registration is signed.
    fn new(slug: &str, seed: u8, holders: &[&str]) -> Self {
        let holders = (seed..).zip(holders).map(|(seed, holder)| (slug_of(holder), key(seed))).collect();
        Self { slug: slug_of(slug), id: Digest::from_bytes([0; 32]), holders }
    }

    /// Returns the key of the drafting holder.
    pub fn key(&self) -> &SecretKey {
        &self.holders[0].1
    }
}

/// A running node in a temporary folder, an authority with two officers, a safety institute, two
/// developers and a certification body, all accepted in their roles.
pub struct World {
    node: Option<Node>,
    folder: tempfile::TempDir,
    database: Option<Address>,
    /// The node's clock.
    pub clock: ManualClock,
    /// The node's root keys: both sign its acts.
    pub roots: Vec<SecretKey>,
    /// The authority: holders `officer-1`, who drafts, and `officer-2`, who approves.
    pub authority: Actor,
    /// The AI safety institute.
    pub institute: Actor,
    /// The developer `minato-lab`.
    pub developer: Actor,
    /// Another developer, `kaede-ai`.
    pub other_developer: Actor,
    /// The certification body.
    pub certifier: Actor,
    nonces: AtomicU64,
}

impl World {
    /// Starts the world: thirteen entries are in its log.
    pub async fn start() -> Self {
        Self::start_with(None).await
    }

    /// Starts the world with its database in the data folder, or at an address.
    pub async fn start_with(database: Option<Address>) -> Self {
        let mut world = Self::born_with(database);
        world.open();
        world.settle().await;
        world
    }

    /// Makes the node, with its genesis and nobody in it; [`open`](Self::open) starts it.
    pub fn born() -> Self {
        Self::born_with(None)
    }

    /// The same with its database in the data folder, or at an address.
    pub fn born_with(database: Option<Address>) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let clock = ManualClock::at(BEGINNING.parse().expect("a timestamp"));
        let birth = Birth {
            origin: ORIGIN.into(),
            threshold: 2,
            root_keys: 2,
            notice: Some(Texts::both("試験用です。", "This is a test.")),
            policy: standard_policy(),
        };
        let notes = NoteKeys { log: log_key(), intake: intake_key() };
        let keys = BirthKeys { notes, roots: vec![key(1), key(2)] };
        let place = place(&folder, database.as_ref());
        create_with(&place, birth, keys, clock.clock()).expect("a new node");
        Self {
            node: None,
            folder,
            database,
            clock,
            roots: vec![key(1), key(2)],
            authority: Actor::new("authority", 10, &["officer-1", "officer-2"]),
            institute: Actor::new("institute", 20, &["evaluation"]),
            developer: Actor::new("minato-lab", 30, &["compliance"]),
            other_developer: Actor::new("kaede-ai", 40, &["compliance"]),
            certifier: Actor::new("certifier", 50, &["certification"]),
            nonces: AtomicU64::new(1),
        }
    }

    /// Opens the data folder, after [`born`](Self::born) or [`stop`](Self::stop).
    pub fn open(&mut self) {
        self.node = Some(self.try_open().expect("the node opens"));
    }

    /// Opens the data folder and returns what comes of it.
    pub fn try_open(&self) -> Result<Node, crate::OpenError> {
        Node::open(self.place(), shipped(), self.clock.clock())
    }

    /// Reads the published log as an auditor does, folds it, and returns head and register.
    pub fn fold_published(&self) -> (TreeHead, Register) {
        let store = FolderStore::open(self.data().join("log")).expect("a log that holds");
        let (checkpoint, _) =
            read_checkpoint(&store, ORIGIN, &[log_key().verifier_key()]).expect("a log that holds");
        let mut reader = LogReader::open(store, checkpoint.head()).expect("a log that holds");
        let library = self.node().view().library.clone();
        let (mut register, mut edge) = (Register::new(ORIGIN), Edge::new());
        for entry in reader.entries(0..checkpoint.size) {
            let (_, bytes) = entry.expect("a log that holds");
            assert!(edge.push(leaf_hash(&bytes)));
            let leaf = Leaf::parse(&bytes).expect("a log that holds");
            let content = match &leaf {
                Leaf::Restricted { .. } => None,
                Leaf::Public(leaf) => {
                    let path = self.data().join(format!("log/envelope/{}", leaf.statement));
                    let envelope = Envelope::parse(&std::fs::read(path).expect("a log that holds"))
                        .expect("a log that holds");
                    Some((
                        Statement::parse(envelope.payload(), Unknown::Refuse).expect("a log that holds"),
                        envelope,
                    ))
                }
            };
            let content = content.as_ref().map(|(statement, envelope)| Signed { statement, envelope });
            let root = Digest::from_bytes(edge.root().0);
            let (next, refusal) = register.with(&Entry { leaf: &leaf, content, root }, &library);
            assert_eq!(refusal, None);
            register = next;
        }
        (checkpoint.head(), register)
    }

    /// Returns where the node is.
    pub fn place(&self) -> Place {
        place(&self.folder, self.database.as_ref())
    }

    /// Changes the way to the database, for the next time that the node is opened.
    pub fn reach_database_at(&mut self, address: Address) {
        self.database = Some(address);
    }

    /// Stops the node.
    pub fn stop(&mut self) {
        self.node = None;
    }

    /// Returns the running node.
    pub fn node(&self) -> &Node {
        self.node.as_ref().expect("the node is open")
    }

    /// Returns the data folder.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Registers the organisations and grants the roles, in one batch.
    async fn settle(&mut self) {
        let registration = self.registration(&self.authority);
        self.authority.id = statement_of(&registration).digest();
        let grant = self.node_draft(self.role_grant("authority", None), self.authority.id);
        let mut batch = vec![registration, self.sign_as_node(grant)];
        for officer in ["officer-1", "officer-2"] {
            let grant = self.role_grant("officer", Some(officer));
            let draft = self.draft(&self.authority, grant, self.authority.id);
            batch.push(self.sign(&self.authority, draft));
        }
        let registrations = [
            (self.registration(&self.institute), "safety-institute"),
            (self.registration(&self.developer), "developer"),
            (self.registration(&self.other_developer), "developer"),
            (self.registration(&self.certifier), "certification-body"),
        ];
        let mut ids = Vec::new();
        for (registration, role) in registrations {
            let id = statement_of(&registration).digest();
            let grant = self.draft(&self.authority, self.role_grant(role, None), id);
            batch.extend([registration, self.sign(&self.authority, grant)]);
            ids.push(id);
        }
        self.institute.id = ids[0];
        self.developer.id = ids[1];
        self.other_developer.id = ids[2];
        self.certifier.id = ids[3];
        self.submit(batch).await.expect("everybody is accepted");
    }

    /// Submits an actor's registration, which waits then, and sets its `id`.
    pub async fn register(&self, actor: &mut Actor) {
        let registration = self.registration(actor);
        actor.id = statement_of(&registration).digest();
        let outcomes = self.submit(vec![registration]).await.expect("a valid registration");
        assert!(matches!(outcomes[..], [Outcome::Waiting { .. }]), "{outcomes:?}");
    }

    /// Returns a new actor that nobody knows yet; `seed` chooses its key, 100 and above are free.
    pub fn stranger(slug: &str, seed: u8) -> Actor {
        Actor::new(slug, seed, &["office"])
    }

    /// Signs an actor's registration.
    pub fn registration(&self, actor: &Actor) -> Submission {
        let keys = actor.holders.iter().map(|(holder, key)| KeyEntry {
            spki: evidence::key::encode_spki(&key.public_key()),
            holder: holder.clone(),
            custody: Custody::Holder,
        });
        let body = Organisation {
            slug: actor.slug.clone(),
            names: Texts::both(format!("{}（試験）", actor.slug), format!("{} (test)", actor.slug)),
            country: "JP".into(),
            registry_id: None,
            representative: None,
            keys: keys.collect(),
        };
        let mut draft = self.draft(actor, body, actor.key().public_key().hash());
        draft.common.issuer = Issuer::Itself;
        let signers: Vec<_> = actor.holders.iter().map(|(_, key)| key).collect();
        signed(draft, &signers, Vec::new())
    }

    /// Returns the body of a `role-grant`.
    pub fn role_grant(&self, role: &str, holder: Option<&str>) -> RoleGrant {
        RoleGrant {
            role: slug_of(role),
            holder: holder.map(slug_of),
            legal_basis: Texts::both("試験のため。", "For a test."),
            from: None,
            until: None,
            acting_for: None,
        }
    }

    /// Drafts a public statement of an actor's first holder, made for the log as it stands now.
    /// Change its common fields as the test needs.
    pub fn draft(&self, actor: &Actor, predicate: impl Into<Predicate>, subject: Digest) -> Draft {
        let view = self.node().view();
        let mut nonce = [0; 16];
        nonce[8..].copy_from_slice(&self.nonces.fetch_add(1, Ordering::SeqCst).to_be_bytes());
        Draft {
            subject,
            common: Common {
                issuer: Issuer::Organisation(actor.id),
                signers: Vec::new(),
                holder: actor.holders[0].0.clone(),
                issued_at: self.clock.now(),
                log: LogReference {
                    origin: ORIGIN.into(),
                    size: view.head.size,
                    root: Digest::from_bytes(view.head.root.0),
                },
                regime: None,
                basis: Basis { kind: BasisKind::Voluntary, article: None },
                visibility: Visibility::Public,
                confidentiality_ground: None,
                nonce: Nonce::from_bytes(nonce),
                attachments: Vec::new(),
                authentic_language: Language::Ja,
                supersedes: None,
            },
            predicate: predicate.into(),
        }
    }

    /// Drafts an act of the node; [`sign_as_node`](Self::sign_as_node) signs it.
    pub fn node_draft(&self, predicate: impl Into<Predicate>, subject: Digest) -> Draft {
        let mut draft = self.draft(&self.authority, predicate, subject);
        draft.common.issuer = Issuer::Node;
        draft.common.holder = slug_of("root-1");
        draft
    }

    /// Signs with the actor's first key.
    pub fn sign(&self, actor: &Actor, draft: Draft) -> Submission {
        signed(draft, &[actor.key()], Vec::new())
    }

    /// Signs with every root key.
    pub fn sign_as_node(&self, draft: Draft) -> Submission {
        signed(draft, &self.roots.iter().collect::<Vec<_>>(), Vec::new())
    }

    /// Adds an attachment to a draft; give the part to the submission.
    pub fn attach(draft: &mut Draft, name: &str, bytes: &[u8], visibility: Visibility) -> Part {
        // A known salt: the attachment's number.
        let salt = [u8::try_from(draft.common.attachments.len()).expect("few attachments"); 32];
        let part = Part { salt, bytes: bytes.to_vec() };
        draft.common.attachments.push(Attachment {
            name: name.into(),
            media_type: "text/plain".into(),
            size: bytes.len() as u64,
            commitment: part.commitment(),
            visibility,
            confidentiality_ground: (visibility == Visibility::Restricted)
                .then(|| Texts::both("企業秘密", "Trade secret")),
        });
        part
    }

    /// Makes a draft restricted.
    pub fn restrict(draft: &mut Draft) {
        draft.common.visibility = Visibility::Restricted;
        draft.common.confidentiality_ground = Some(Texts::both("企業秘密", "Trade secret"));
    }

    /// Submits as the administrator.
    pub async fn submit(&self, batch: Vec<Submission>) -> Result<Vec<Outcome>, SubmitError> {
        self.node().submit(batch, &ADMIN).await
    }

    /// Signs and records a public statement, and returns its digest.
    pub async fn record(&self, actor: &Actor, predicate: impl Into<Predicate>, subject: Digest) -> Digest {
        self.record_draft(actor, self.draft(actor, predicate, subject)).await
    }

    /// Signs and records a draft, and returns its digest.
    pub async fn record_draft(&self, actor: &Actor, draft: Draft) -> Digest {
        let submission = self.sign(actor, draft);
        let digest = statement_of(&submission).digest();
        self.submit(vec![submission]).await.unwrap_or_else(|error| panic!("{error}"));
        digest
    }

    /// Returns the approval of an act by the authority's second officer, and the act by its first:
    /// one batch, in the order of the log.
    pub fn approved(&self, act: Draft) -> Vec<Submission> {
        let visibility = (act.common.visibility, act.common.confidentiality_ground.clone());
        let act = self.sign(&self.authority, act);
        let (holder, key) = &self.authority.holders[1];
        let approval = Approval {
            function: slug_of("second-officer"),
            decision: ApprovalDecision::Approve,
            reasons: Texts::both("確認しました。", "Checked."),
        };
        let mut draft = self.draft(&self.authority, approval, statement_of(&act).digest());
        draft.common.holder = holder.clone();
        (draft.common.visibility, draft.common.confidentiality_ground) = visibility;
        vec![signed(draft, &[key], Vec::new()), act]
    }

    /// Records an act of the authority with its approval, and returns the act's digest.
    pub async fn decide(&self, act: Draft) -> Digest {
        let batch = self.approved(act);
        let digest = statement_of(&batch[1]).digest();
        self.submit(batch).await.unwrap_or_else(|error| panic!("{error}"));
        digest
    }

    /// Adopts a shipped regime with its switches set, and returns the adoption's digest.
    pub async fn adopt_regime(&self, id: &str, switches: &[(&str, &str)]) -> Digest {
        let files = repository_folder(&Path::new("regimes").join(id));
        let adoption = RegimeAdoption {
            regime: slug_of(id),
            folder: folder_digest_of(&files).expect("the regime's folder"),
            switches: switches.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
            reasons: Texts::both("試験のため。", "For a test."),
        };
        let genesis = self.node().view().register.genesis().expect("a genesis");
        let submission = self.sign_as_node(self.node_draft(adoption, genesis));
        let digest = statement_of(&submission).digest();
        self.submit(vec![submission]).await.unwrap_or_else(|error| panic!("{error}"));
        digest
    }
}

fn place(folder: &tempfile::TempDir, database: Option<&Address>) -> Place {
    let data = folder.path().join("data");
    match database {
        Some(database) => Place::with_database(data, database.clone()),
        None => Place::folder(data),
    }
}

/// Returns the key of a seed, as every test knows it: ECDSA P-256.
pub fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed(Algorithm::EcdsaP256, &[seed; 32]).expect("a usable seed")
}

/// Returns the world's log key.
pub fn log_key() -> NoteSigner {
    NoteSigner::from_seed(ORIGIN, &[201; 32]).expect("a usable name")
}

/// Returns the world's intake key.
pub fn intake_key() -> NoteSigner {
    NoteSigner::from_seed(&format!("{ORIGIN}/intake"), &[202; 32]).expect("a usable name")
}

/// Signs a draft and puts it together with its parts.
pub fn signed(draft: Draft, keys: &[&SecretKey], parts: Vec<Part>) -> Submission {
    let (_, envelope) = draft.sign(keys).expect("a draft that can be read back");
    Submission { envelope: envelope.to_bytes(), parts }
}

/// Reads the statement of a submission.
pub fn statement_of(submission: &Submission) -> Statement {
    let envelope = evidence::Envelope::parse(&submission.envelope).expect("an envelope");
    Statement::parse(envelope.payload(), evidence::Unknown::Refuse).expect("a statement")
}

/// Returns the repository's standard policy.
pub fn standard_policy() -> Files {
    repository_folder(Path::new("policies/standard"))
}

/// Returns the repository's policy, and its regimes as far as they can be read.
pub fn shipped() -> Shipped {
    let regimes = std::fs::read_dir(repository().join("regimes")).expect("the regimes");
    let mut regimes: Vec<PathBuf> = regimes.map(|entry| entry.expect("a folder").path()).collect();
    regimes.sort();
    Shipped {
        policies: vec![standard_policy()],
        regimes: regimes
            .iter()
            .map(|folder| read_folder(folder))
            .filter(|files| law::Regime::load(files).is_ok())
            .collect(),
    }
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn repository_folder(path: &Path) -> Files {
    read_folder(&repository().join(path))
}

fn read_folder(folder: &Path) -> Files {
    let mut files = BTreeMap::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(next) = waiting.pop() {
        for entry in std::fs::read_dir(&next).expect("a folder of the repository") {
            let path = entry.expect("a file of the repository").path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                let name = path.strip_prefix(folder).expect("below the folder");
                let name = name.to_str().expect("a name in UTF-8").to_owned();
                files.insert(name, std::fs::read(&path).expect("a readable file"));
            }
        }
    }
    files
}

fn slug_of(text: &str) -> Slug {
    text.parse().expect("a slug")
}
