//! A forge of logs: an honest one of invented people, and whatever a dishonest operator with the
//! log key could make of it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use evidence::predicate::{
    Advice, Approval, ApprovalDecision, Custody, Designation, Fact, FactValue, Finding, FindingResult,
    KeyChange, KeyEnd, KeyEndReason, KeyEntry, Model, ModelFacts, ModelVersion, NodeGenesis, Notification,
    Organisation, RegimeAdoption, RoleGrant,
};
use evidence::{
    Algorithm, Attachment, Basis, BasisKind, Common, Digest, Draft, Envelope, Issuer, Language, Leaf,
    LogReference, Nonce, Part, Predicate, PublicLeaf, SecretKey, Slug, Statement, Texts, Timestamp,
    Visibility, folder_digest_of, origin_subject, sha256,
};
use kanae_audit::Trust;
use ledger::{Checkpoint, Edge, FolderStore, NoteSigner, TileStore as _, TreeHead, leaf_hash};
use register::{Entry, Library, Policy, Register, Signed};

pub(crate) const ORIGIN: &str = "audit.example/log";
pub(crate) const REGIME: &str = "eu-gpai";

/// The number of entries of the honest log: what is slipped in comes after them.
pub(crate) const HONEST: u64 = 19;

type Files = BTreeMap<String, Vec<u8>>;

pub(crate) fn slug(text: &str) -> Slug {
    text.parse().unwrap()
}

pub(crate) fn texts() -> Texts {
    Texts::both("試し", "trial")
}

fn key(name: &str) -> Arc<SecretKey> {
    let seed = sha256(format!("audit key of {name}").as_bytes());
    Arc::new(SecretKey::from_seed(Algorithm::Ed25519, seed.as_bytes()).unwrap())
}

pub(crate) fn log_signer(seed: u8) -> NoteSigner {
    NoteSigner::from_seed(ORIGIN, &[seed; 32]).unwrap()
}

/// Reads a folder of the repository.
pub(crate) fn folder(path: &str) -> Files {
    fn walk(base: &Path, at: &Path, files: &mut Files) {
        for entry in std::fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(base, &path, files);
            } else {
                let name = path.strip_prefix(base).unwrap().to_str().unwrap().to_owned();
                files.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    let base = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
    let mut files = Files::new();
    walk(&base, &base, &mut files);
    files
}

/// Someone who says something.
#[derive(Clone)]
pub(crate) struct Actor {
    pub(crate) issuer: Issuer,
    keys: Vec<(Slug, Arc<SecretKey>)>,
}

impl Actor {
    pub(crate) fn new(name: &str, issuer: Issuer, holders: &[&str]) -> Self {
        let keys = holders.iter().map(|holder| (slug(holder), key(&format!("{name}/{holder}")))).collect();
        Self { issuer, keys }
    }

    fn entries(&self) -> Vec<KeyEntry> {
        self.keys
            .iter()
            .map(|(holder, key)| KeyEntry {
                spki: evidence::key::encode_spki(&key.public_key()),
                holder: holder.clone(),
                custody: Custody::Holder,
            })
            .collect()
    }
}

/// What is said, beside who says it.
#[derive(Clone)]
pub(crate) struct Words {
    pub(crate) subject: Digest,
    pub(crate) body: Predicate,
    pub(crate) holder: usize,
    pub(crate) log: Option<LogReference>,
    pub(crate) attachments: Vec<Attachment>,
}

impl Words {
    pub(crate) fn about(subject: Digest, body: impl Into<Predicate>) -> Self {
        Self { subject, body: body.into(), holder: 0, log: None, attachments: Vec::new() }
    }

    pub(crate) fn by_holder(self, holder: usize) -> Self {
        Self { holder, ..self }
    }
}

/// A statement's digest, and its envelope as it is served.
pub(crate) type Served = (Digest, Vec<u8>);

/// A log in the making.
#[derive(Clone)]
pub(crate) struct Forge {
    pub(crate) actors: BTreeMap<&'static str, Actor>,
    pub(crate) things: BTreeMap<&'static str, Digest>,
    pub(crate) register: Register,
    library: Library,
    /// Leaf bytes and, of public statements, the envelope.
    pub(crate) entries: Vec<(Vec<u8>, Option<Served>)>,
    /// The registers after each entry, so that history can be rewritten from any point on.
    past: Vec<(Register, Edge)>,
    edge: Edge,
    pub(crate) files: Files,
    /// The seed of the log's key.
    pub(crate) log_key: u8,
}

impl Forge {
    /// Returns the honest log.
    pub(crate) fn honest() -> Self {
        static HONEST_LOG: LazyLock<Forge> = LazyLock::new(Forge::build);
        HONEST_LOG.clone()
    }

    fn build() -> Self {
        let mut forge = Self {
            actors: BTreeMap::new(),
            things: BTreeMap::new(),
            register: Register::new(ORIGIN),
            library: Library::default(),
            entries: Vec::new(),
            past: Vec::new(),
            edge: Edge::new(),
            files: Files::new(),
            log_key: 1,
        };
        let policy = forge.shelve(&folder("policies/standard"));
        let regime = forge.shelve(&folder("regimes/eu-gpai"));
        let root = Actor::new("node", Issuer::Node, &["root-1"]);
        forge.actors.insert("node", root.clone());
        let genesis = NodeGenesis {
            origin: ORIGIN.into(),
            log_keys: vec![log_signer(1).verifier_key().to_string()],
            intake_key: NoteSigner::from_seed("audit.example/log/intake", &[2; 32])
                .unwrap()
                .verifier_key()
                .to_string(),
            root_keys: root.entries(),
            threshold: 1,
            policy,
            notice: None,
        };
        let genesis = forge.say("node", Words::about(origin_subject(ORIGIN), genesis)); // 0
        forge.things.insert("genesis", genesis);
        let adoption = RegimeAdoption {
            regime: slug(REGIME),
            folder: regime,
            switches: BTreeMap::new(),
            reasons: texts(),
        };
        forge.say("node", Words::about(genesis, adoption)); // 1
        forge.organisation("authority", &["officer-1", "officer-2", "registrar"]); // 2
        let authority = forge.things["authority"];
        forge.say("node", Words::about(authority, grant("authority", None))); // 3
        for officer in ["officer-1", "officer-2"] {
            forge.say("authority", Words::about(authority, grant("officer", Some(officer))).by_holder(2)); // 4, 5
        }
        forge.organisation("developer", &["compliance", "records"]); // 6
        let developer = forge.things["developer"];
        forge.say("authority", Words::about(developer, grant("developer", None)).by_holder(2)); // 7
        let model = Model { slug: slug("wakaba"), names: texts(), description: texts() };
        let model = forge.say("developer", Words::about(developer, model)); // 8
        forge.things.insert("model", model);
        let version = ModelVersion { slug: slug("v1"), released_on: None, licence: None, origin: None };
        forge.say("developer", Words::about(model, version)); // 9
        let facts = forge.say("developer", Words::about(model, facts())); // 10
        let notification = Notification { grounds: texts(), facts: vec![facts], arguments: None };
        let mut words = Words::about(model, notification);
        words.attachments = vec![
            forge.attach("estimate.txt", b"the estimate", Visibility::Public),
            forge.attach("method.txt", b"a trade secret", Visibility::Restricted),
        ];
        forge.say("developer", words); // 11
        forge.restricted(); // 12
        let retired = forge.actors["developer"].keys[1].1.public_key().hash();
        let end = KeyEnd { key: retired, reason: KeyEndReason::Rotated, compromised_since: None };
        forge.say("developer", Words::about(developer, KeyChange { add: Vec::new(), end: vec![end] })); // 13
        let assessment = forge.assessment();
        let assessment = forge.say("authority", Words::about(model, assessment)); // 14
        forge.things.insert("assessment", assessment);
        forge.approved("authority", Words::about(model, forge.designation())); // 15, 16
        forge.approved("authority", Words::about(model, forge.finding())); // 17, 18
        assert_eq!(forge.register.size(), HONEST);
        forge
    }

    /// Puts the files of a policy or regime where they can be adopted.
    pub(crate) fn shelve(&mut self, files: &Files) -> Digest {
        let digest = folder_digest_of(files).unwrap();
        if files.contains_key("policy.toml") {
            self.library.add_policy(Policy::load(files).unwrap());
        } else {
            self.library.add_regime(digest, law::Regime::load(files).unwrap());
        }
        let lines = files.iter().map(|(path, bytes)| format!("{} {} {path}\n", sha256(bytes), bytes.len()));
        self.files.insert(format!("blob/{digest}/index"), lines.collect::<String>().into_bytes());
        for (path, bytes) in files {
            self.files.insert(format!("blob/{digest}/{path}"), bytes.clone());
        }
        digest
    }

    fn organisation(&mut self, name: &'static str, holders: &[&str]) {
        let actor = Actor::new(name, Issuer::Itself, holders);
        let body = Organisation {
            slug: slug(name),
            names: texts(),
            country: "JP".into(),
            registry_id: None,
            representative: None,
            keys: actor.entries(),
        };
        let subject = actor.keys[0].1.public_key().hash();
        self.actors.insert(name, actor);
        let id = self.say(name, Words::about(subject, body));
        self.actors.get_mut(name).unwrap().issuer = Issuer::Organisation(id);
        self.things.insert(name, id);
    }

    pub(crate) fn attach(&mut self, name: &str, bytes: &[u8], visibility: Visibility) -> Attachment {
        let part = Part { salt: [3; 32], bytes: bytes.to_vec() };
        if visibility == Visibility::Public {
            self.files.insert(format!("part/{}", part.commitment()), [&part.salt[..], bytes].concat());
        }
        Attachment {
            name: name.into(),
            media_type: "text/plain".into(),
            size: bytes.len() as u64,
            commitment: part.commitment(),
            visibility,
            confidentiality_ground: (visibility == Visibility::Restricted).then(texts),
        }
    }

    pub(crate) fn assessment(&self) -> evidence::predicate::Assessment {
        let as_of = self.now().utc_date();
        let advice = self.register.advise(REGIME, &self.things["model"], as_of, &self.library).unwrap();
        self.register.assessment_of(&advice, as_of).unwrap()
    }

    pub(crate) fn designation(&self) -> Designation {
        Designation {
            developer: self.things["developer"],
            class: slug("systemic-risk"),
            assessment: self.things["assessment"],
            advice: Advice::Follows,
            reasons: texts(),
            remedies: None,
        }
    }

    pub(crate) fn finding(&self) -> Finding {
        Finding {
            duty: slug("notify"),
            result: FindingResult::Met,
            assessment: self.things["assessment"],
            advice: Advice::Departs,
            procedure: None,
            reasons: texts(),
            remedies: None,
        }
    }

    /// Returns the time of the next entry: one a minute.
    pub(crate) fn now(&self) -> Timestamp {
        let minute = i64::try_from(self.entries.len()).unwrap();
        Timestamp::from_millis(1_795_000_000_000 + minute * 60_000).unwrap()
    }

    /// Signs with the drafting holder's key; an organisation that registers itself with all.
    pub(crate) fn sign(&self, actor: &Actor, words: Words) -> (Statement, Envelope) {
        let size = self.register.size();
        let root = self.register.root_at(size).unwrap_or_else(Library::empty_root);
        let holder = &actor.keys[words.holder];
        let common = Common {
            issuer: actor.issuer,
            signers: Vec::new(),
            holder: holder.0.clone(),
            issued_at: self.now(),
            log: words.log.unwrap_or(LogReference { origin: ORIGIN.into(), size, root }),
            regime: (size > 1).then(|| slug(REGIME)),
            basis: Basis { kind: BasisKind::Duty, article: None },
            visibility: Visibility::Public,
            confidentiality_ground: None,
            nonce: Nonce::from_bytes([u8::try_from(self.entries.len()).unwrap(); 16]),
            attachments: words.attachments,
            authentic_language: Language::Ja,
            supersedes: None,
        };
        let keys: Vec<&SecretKey> = match actor.issuer {
            Issuer::Itself => actor.keys.iter().map(|(_, key)| &**key).collect(),
            _ => vec![&holder.1],
        };
        Draft { subject: words.subject, common, predicate: words.body }.sign(&keys).unwrap()
    }

    /// Says something that the register accepts.
    pub(crate) fn say(&mut self, actor: &'static str, words: Words) -> Digest {
        let refused = self.register.refused().count();
        let digest = self.slip_in(actor, words);
        let why: Vec<_> = self.register.refused().skip(refused).collect();
        assert!(why.is_empty(), "{why:?}");
        digest
    }

    /// Says an act that a second officer has approved.
    pub(crate) fn approved(&mut self, actor: &'static str, words: Words) -> Digest {
        let (statement, envelope) = self.sign(&self.actors[actor], words);
        self.say(actor, Words::about(statement.digest(), approval()).by_holder(1));
        self.append(&statement, &envelope);
        assert_eq!(self.register.refused().count(), 0);
        statement.digest()
    }

    /// Appends an act with its approval, past the server.
    pub(crate) fn slip_in_approved(&mut self, words: Words, approver: usize) {
        let (statement, envelope) = self.sign(&self.actors["authority"], words);
        self.say("authority", Words::about(statement.digest(), approval()).by_holder(approver));
        self.append(&statement, &envelope);
    }

    /// Returns the statement of an entry.
    pub(crate) fn at(&self, index: u64) -> Digest {
        self.register.at_index(index).unwrap().statement.digest()
    }

    /// Appends a statement past the server: signed, and never judged.
    pub(crate) fn slip_in(&mut self, actor: &'static str, words: Words) -> Digest {
        let (statement, envelope) = self.sign(&self.actors[actor], words);
        self.append(&statement, &envelope);
        statement.digest()
    }

    pub(crate) fn append(&mut self, statement: &Statement, envelope: &Envelope) {
        let leaf = self.leaf(statement, envelope);
        self.append_leaf(&leaf, statement, envelope);
    }

    pub(crate) fn leaf(&self, statement: &Statement, envelope: &Envelope) -> PublicLeaf {
        PublicLeaf {
            statement: statement.digest(),
            envelope: envelope.digest(),
            predicate_type: statement.predicate().type_uri(),
            issuer: self.register.issuer_in_leaf(statement).unwrap(),
            time: self.now(),
            arrived_at: self.now(),
        }
    }

    pub(crate) fn append_leaf(&mut self, leaf: &PublicLeaf, statement: &Statement, envelope: &Envelope) {
        let leaf = Leaf::Public(leaf.clone());
        let served = (statement.digest(), envelope.to_bytes());
        self.push(&leaf, Some(Signed { statement, envelope }), Some(served));
    }

    /// Appends further restricted entries.
    pub(crate) fn restrict_more(&mut self, count: usize) {
        for _ in 0..count {
            self.restricted();
        }
    }

    /// Returns a further model of the developer.
    pub(crate) fn words_of_model(&self, name: &str) -> Words {
        let model = Model { slug: slug(name), names: texts(), description: texts() };
        Words::about(self.things["developer"], model)
    }

    /// Returns the facts about the model, once more.
    pub(crate) fn facts_again(&self) -> Words {
        Words::about(self.things["model"], facts())
    }

    fn restricted(&mut self) {
        let day = u32::try_from(self.now().as_millis() / 86_400_000).unwrap();
        self.push(&Leaf::Restricted { commitment: sha256(b"hidden"), day }, None, None);
    }

    fn push(&mut self, leaf: &Leaf, content: Option<Signed<'_>>, served: Option<Served>) {
        self.past.push((self.register.clone(), self.edge.clone()));
        assert!(self.edge.push(leaf_hash(&leaf.to_bytes())));
        let root = Digest::from_bytes(self.edge.root().0);
        self.register = self.register.with(&Entry { leaf, content, root }, &self.library).0;
        self.entries.push((leaf.to_bytes(), served));
    }

    /// Appends bytes that are no leaf.
    pub(crate) fn push_bytes(&mut self, bytes: Vec<u8>) {
        assert!(self.edge.push(leaf_hash(&bytes)));
        self.entries.push((bytes, None));
    }

    /// Forgets every entry from `index` on, as if it had never been.
    pub(crate) fn forget_from(&mut self, index: usize) {
        (self.register, self.edge) = self.past[index].clone();
        self.past.truncate(index);
        self.entries.truncate(index);
    }

    /// Puts the entries into another order, as they are.
    pub(crate) fn swap(&mut self, one: usize, other: usize) {
        self.entries.swap(one, other);
    }

    fn head(&self) -> TreeHead {
        let mut edge = Edge::new();
        for (bytes, _) in &self.entries {
            assert!(edge.push(leaf_hash(bytes)));
        }
        edge.head()
    }

    /// Writes the log as a node would serve it, with a checkpoint signed by the log key.
    pub(crate) fn publish(&self, folder: &Path) {
        let store = FolderStore::open(folder).unwrap().without_sync();
        let leaves: Vec<&Vec<u8>> = self.entries.iter().map(|(leaf, _)| leaf).collect();
        let batch = ledger::integrate(&store, TreeHead::EMPTY, &leaves).unwrap();
        batch.publish(&store).unwrap();
        assert_eq!(batch.head(), self.head());
        let signer = log_signer(self.log_key);
        let note = Checkpoint::new(ORIGIN, batch.head()).sign(&[&signer]).unwrap();
        store.write("checkpoint", &note.to_bytes()).unwrap();
        let envelopes = self.entries.iter().filter_map(|(_, served)| served.as_ref());
        let envelopes = envelopes.map(|(digest, bytes)| (format!("envelope/{digest}"), bytes));
        for (path, bytes) in envelopes.chain(self.files.iter().map(|(path, bytes)| (path.clone(), bytes))) {
            let place = folder.join(path);
            std::fs::create_dir_all(place.parent().unwrap()).unwrap();
            std::fs::write(place, bytes).unwrap();
        }
    }

    /// Returns what an auditor keeps who has seen this log as it stands.
    pub(crate) fn trust(&self) -> Trust {
        let signer = log_signer(1);
        let note = Checkpoint::new(ORIGIN, self.head()).sign(&[&signer]).unwrap();
        Trust::new(ORIGIN, self.things["genesis"], vec![signer.verifier_key()], note).unwrap()
    }
}

/// Returns the body of an approval by a second officer.
pub(crate) fn approval() -> Approval {
    Approval { function: slug("second-officer"), decision: ApprovalDecision::Approve, reasons: texts() }
}

fn grant(role: &str, holder: Option<&str>) -> RoleGrant {
    RoleGrant {
        role: slug(role),
        holder: holder.map(slug),
        legal_basis: texts(),
        from: None,
        until: None,
        acting_for: None,
    }
}

fn facts() -> ModelFacts {
    let fact = |value| Fact {
        value,
        known_at: Timestamp::from_millis(1_794_900_000_000).unwrap(),
        method: None,
        sources: Vec::new(),
    };
    let yes = || fact(FactValue::Boolean(true));
    ModelFacts {
        facts: BTreeMap::from([
            ("general_purpose".to_owned(), yes()),
            ("placed_on_union_market".to_owned(), yes()),
            ("modifies_model".to_owned(), fact(FactValue::Boolean(false))),
            ("compute_cumulative".to_owned(), fact(FactValue::Number("2.5e25 FLOP".into()))),
            ("threshold_known_at".to_owned(), fact(FactValue::Date("2026-11-10".parse().unwrap()))),
            ("placed_at".to_owned(), fact(FactValue::Date("2026-11-01".parse().unwrap()))),
        ]),
    }
}
