//! A small invented register to try a policy on: one of everything that an act can be about.

use std::collections::BTreeMap;
use std::sync::Arc;

use evidence::predicate::{
    Advice, Approval, ApprovalDecision, Certificate, ComplianceReport, Custody, Designation, DutyStatement,
    Finding, FindingResult, KeyEntry, Model, ModelFacts, ModelVersion, NodeGenesis, Organisation, Position,
    Procedure, ProcedureKind, RegimeAdoption, Reply, RoleGrant,
};
use evidence::{
    Algorithm, Attachment, Basis, BasisKind, Common, Date, Digest, Draft, Envelope, Issuer, Language, Leaf,
    LogReference, Nonce, Predicate, PublicLeaf, SecretKey, Slug, Statement, Texts, Timestamp, Visibility,
    origin_subject, sha256,
};

use crate::fold::Entry;
use crate::judge::{Moment, Signed};
use crate::library::Library;
use crate::policy::Policy;
use crate::refusal::Refusal;
use crate::state::Register;

pub(crate) const ORIGIN: &str = "bench.example/log";
pub(crate) const DUTY: &str = "content-marking";
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Someone who can try to say something.
#[derive(Debug, Clone)]
pub(crate) struct Actor {
    pub(crate) issuer: Issuer,
    pub(crate) keys: Vec<(Slug, Arc<SecretKey>)>,
}

impl Actor {
    fn new(name: &str, issuer: Issuer, holders: &[&str]) -> Option<Self> {
        let keys = holders
            .iter()
            .map(|holder| {
                let seed = sha256(format!("bench key of {name}/{holder}").as_bytes());
                Some((slug(holder)?, Arc::new(SecretKey::from_seed(Algorithm::Ed25519, seed.as_bytes())?)))
            })
            .collect::<Option<_>>()?;
        Some(Self { issuer, keys })
    }

    pub(crate) fn id(&self) -> Option<Digest> {
        match self.issuer {
            Issuer::Organisation(id) => Some(id),
            _ => None,
        }
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

/// The invented register, its actors and things.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) register: Register,
    pub(crate) library: Library,
    pub(crate) regime: Slug,
    pub(crate) actors: BTreeMap<&'static str, Actor>,
    pub(crate) things: BTreeMap<&'static str, Digest>,
    /// When the next entry is made.
    pub(crate) clock: Timestamp,
    nonce: u8,
}

/// What a statement of the bench says, beside its body.
pub(crate) struct Words {
    pub(crate) subject: Digest,
    pub(crate) body: Predicate,
    pub(crate) holder: usize,
    pub(crate) visibility: Visibility,
    pub(crate) regime: bool,
    pub(crate) supersedes: Option<Digest>,
    pub(crate) attachments: Vec<Attachment>,
    /// Every key of the actor signs, not the drafting holder's only.
    pub(crate) all_keys: bool,
    /// Other holders of the actor who sign too.
    pub(crate) co_signers: Vec<usize>,
    /// The organisation that it is said for, where that is not the actor's own.
    pub(crate) on_behalf_of: Option<Digest>,
    /// The log and size that it is made for, where not this log as it stands.
    pub(crate) log: Option<(&'static str, u64)>,
}

impl Words {
    pub(crate) fn about(subject: Digest, body: impl Into<Predicate>) -> Self {
        Self {
            subject,
            body: body.into(),
            holder: 0,
            visibility: Visibility::Public,
            regime: true,
            supersedes: None,
            attachments: Vec::new(),
            all_keys: false,
            co_signers: Vec::new(),
            on_behalf_of: None,
            log: None,
        }
    }

    pub(crate) fn by_holder(mut self, holder: usize) -> Self {
        self.holder = holder;
        self
    }
}

pub(crate) fn slug(text: &str) -> Option<Slug> {
    text.parse().ok()
}

pub(crate) fn texts() -> Texts {
    Texts::both("試し", "trial")
}

pub(crate) fn day(text: &str) -> Date {
    text.parse().unwrap_or_else(|_| now().utc_date())
}

pub(crate) fn now() -> Timestamp {
    Timestamp::from_millis(1_795_000_000_000).unwrap_or_else(Timestamp::now)
}

impl World {
    /// Builds the register under a policy; `None` where the policy does not let it come about.
    pub(crate) fn build(policy: Policy, library: &Library, regime: (Slug, Digest)) -> Option<Self> {
        let mut library = library.clone();
        let folder = library.add_policy(policy);
        let mut world = Self {
            register: Register::new(ORIGIN),
            library,
            regime: regime.0.clone(),
            actors: BTreeMap::new(),
            things: BTreeMap::new(),
            clock: Timestamp::from_millis(now().as_millis() - 30 * DAY_MS)?,
            nonce: 0,
        };
        let root = Actor::new("node", Issuer::Node, &["root-1"])?;
        world.actors.insert("node", root.clone());
        let genesis = Self::genesis(folder, &root);
        let genesis = world.say("node", Words::about(origin_subject(ORIGIN), genesis)).ok()?;
        world.things.insert("genesis", genesis);
        let adoption = RegimeAdoption {
            regime: regime.0,
            folder: regime.1,
            switches: BTreeMap::new(),
            reasons: texts(),
        };
        let adoption = world.say("node", Words::about(genesis, adoption)).ok()?;
        world.things.insert("adoption", adoption);
        let organisations: [(&str, &str, &[&str]); 7] = [
            ("authority", "authority", &["officer-1", "officer-2", "registrar", "officer-3"]),
            ("institute", "safety-institute", &["evaluation"]),
            ("developer", "developer", &["compliance"]),
            ("rival", "developer", &["compliance"]),
            ("certifier", "certification-body", &["certification"]),
            ("association", "association", &["secretariat"]),
            ("stranger", "", &["office"]),
        ];
        for (name, role, holders) in organisations {
            world.organisation(name, holders)?;
            // A policy may do without associations.
            let known = world.register.policy().is_some_and(|policy| policy.role(role).is_some());
            if !role.is_empty() && (known || name != "association") {
                let by = if name == "authority" { "node" } else { "authority" };
                let grant = Self::grant(role, None)?;
                let id = world.actors[name].id()?;
                let grant = world.say_as(by, if by == "node" { 0 } else { 2 }, id, grant)?;
                world.things.insert(
                    match name {
                        "authority" => "grant-by-node",
                        "rival" => "rival-grant",
                        "developer" => "developer-grant",
                        _ => "grant",
                    },
                    grant,
                );
            }
            if name == "authority" {
                for (officer, named) in [
                    ("officer-1", "officer-1-grant"),
                    ("officer-2", "officer-2-grant"),
                    ("officer-3", "officer-3-grant"),
                ] {
                    let grant = Self::grant("officer", slug(officer))?;
                    let id = world.actors[name].id()?;
                    let grant = world.say_as("authority", 2, id, grant)?;
                    world.things.insert(named, grant);
                }
            }
        }
        world.models()?;
        world.proceedings()?;
        world.cycle();
        world.clock = now();
        Some(world)
    }

    pub(crate) fn genesis(policy: Digest, root: &Actor) -> NodeGenesis {
        NodeGenesis {
            origin: ORIGIN.into(),
            log_keys: Vec::new(),
            intake_key: String::new(),
            root_keys: root.entries(),
            threshold: 1,
            policy,
            notice: None,
        }
    }

    pub(crate) fn organisation_body(name: &str, actor: &Actor) -> Option<Organisation> {
        Some(Organisation {
            slug: slug(name)?,
            names: texts(),
            country: "JP".into(),
            registry_id: None,
            representative: None,
            keys: actor.entries(),
        })
    }

    pub(crate) fn newcomer(name: &str) -> Option<Actor> {
        Actor::new(name, Issuer::Itself, &["office"])
    }

    fn organisation(&mut self, name: &'static str, holders: &[&str]) -> Option<()> {
        let actor = Actor::new(name, Issuer::Itself, holders)?;
        let body = Self::organisation_body(name, &actor)?;
        let subject = actor.keys.first()?.1.public_key().hash();
        self.actors.insert(name, actor.clone());
        let id = self.say(name, Words::about(subject, body)).ok()?;
        self.actors.insert(name, Actor { issuer: Issuer::Organisation(id), ..actor });
        self.things.insert(name, id);
        Some(())
    }

    pub(crate) fn grant(role: &str, holder: Option<Slug>) -> Option<RoleGrant> {
        Some(RoleGrant {
            role: slug(role)?,
            holder,
            legal_basis: texts(),
            from: None,
            until: None,
            acting_for: None,
        })
    }

    fn models(&mut self) -> Option<()> {
        for (developer, model, version) in
            [("developer", "model", "version"), ("rival", "rival-model", "rival-version")]
        {
            let subject = self.things[developer];
            let body = Model { slug: slug("m")?, names: texts(), description: texts() };
            let id = self.say_as(developer, 0, subject, body)?;
            self.things.insert(model, id);
            let body = ModelVersion { slug: slug("v1")?, released_on: None, licence: None, origin: None };
            let version_id = self.say_as(developer, 0, id, body)?;
            self.things.insert(version, version_id);
        }
        let facts =
            self.say_as("developer", 0, self.things["model"], ModelFacts { facts: BTreeMap::new() })?;
        self.things.insert("facts", facts);
        Some(())
    }

    fn proceedings(&mut self) -> Option<()> {
        let model = self.things["model"];
        let assessment = self.say_as("authority", 0, model, self.assessment(model)?)?;
        self.things.insert("assessment", assessment);
        let report = ComplianceReport {
            period_from: day("2026-01-01"),
            period_until: day("2026-06-30"),
            duties: vec![DutyStatement { duty: slug(DUTY)?, account: texts(), evidence: Vec::new() }],
        };
        let report = self.say_as("developer", 0, model, report)?;
        self.things.insert("report", report);
        let certificate = Certificate {
            slug: slug("c1")?,
            scheme: texts(),
            scope: texts(),
            valid_from: day("2026-01-01"),
            valid_until: day("2027-12-31"),
            evidence: Vec::new(),
        };
        let certificate = self.say_as("certifier", 0, self.things["version"], certificate)?;
        self.things.insert("certificate", certificate);
        for (name, by, act, subject, duty, answered) in [
            ("finding-procedure", "authority", "finding", model, true, true),
            ("finding-procedure-open", "authority", "finding", model, true, false),
            ("request-procedure", "authority", "remedy-request", model, true, true),
            ("request-procedure-open", "authority", "remedy-request", model, true, false),
            ("status-procedure", "certifier", "certificate-status", certificate, false, true),
            ("status-procedure-open", "certifier", "certificate-status", certificate, false, false),
        ] {
            let procedure = Procedure {
                kind: ProcedureKind::OpportunityToExplain,
                planned_act: slug(act)?,
                addressee: self.things["developer"],
                duty: if duty { slug(DUTY) } else { None },
                grounds: texts(),
                answer_by: day("2099-12-31"),
            };
            let id = self.say_as(by, 0, subject, procedure)?;
            self.things.insert(name, id);
            if answered {
                let reply = Reply {
                    position: Position::Explains,
                    answer: texts(),
                    evidence: Vec::new(),
                    answers: Vec::new(),
                };
                self.say_as("developer", 0, id, reply)?;
            }
        }
        let finding = self.finding()?;
        let words = Words::about(model, finding);
        let finding = self.approved("authority", words, 1).ok()?;
        self.things.insert("finding", finding);
        Some(())
    }

    pub(crate) fn assessment(&self, model: Digest) -> Option<evidence::predicate::Assessment> {
        let advice =
            self.register.advise(self.regime.as_str(), &model, now().utc_date(), &self.library).ok()?;
        self.register.assessment_of(&advice, now().utc_date())
    }

    pub(crate) fn finding(&self) -> Option<Finding> {
        Some(Finding {
            duty: slug(DUTY)?,
            result: FindingResult::Unmet,
            assessment: self.things["assessment"],
            advice: Advice::Departs,
            procedure: Some(self.things["finding-procedure"]),
            reasons: texts(),
            remedies: None,
        })
    }

    pub(crate) fn designation(&self) -> Option<Designation> {
        Some(Designation {
            developer: self.things["developer"],
            class: slug("trial")?,
            assessment: self.things["assessment"],
            advice: Advice::Departs,
            reasons: texts(),
            remedies: None,
        })
    }

    pub(crate) fn say_as(
        &mut self,
        actor: &str,
        holder: usize,
        subject: Digest,
        body: impl Into<Predicate>,
    ) -> Option<Digest> {
        self.say(actor, Words::about(subject, body).by_holder(holder)).ok()
    }

    /// Says something and records it.
    pub(crate) fn say(&mut self, actor: &str, words: Words) -> Result<Digest, Refusal> {
        let actor = self.actors[actor].clone();
        let (statement, envelope) = self.sign(&actor, words);
        self.record(&statement, &envelope)?;
        Ok(statement.digest())
    }

    /// Says an act with the approval of the holder `approver` recorded before it.
    pub(crate) fn approved(&mut self, actor: &str, words: Words, approver: usize) -> Result<Digest, Refusal> {
        let actor = self.actors[actor].clone();
        let (statement, envelope) = self.sign(&actor, words);
        let approval = Approval {
            function: slug("second-officer").unwrap_or_else(|| self.regime.clone()),
            decision: ApprovalDecision::Approve,
            reasons: texts(),
        };
        let mut words = Words::about(statement.digest(), approval).by_holder(approver);
        words.visibility = statement.common().visibility;
        let (approval, approved) = self.sign(&actor, words);
        self.record(&approval, &approved)?;
        self.record(&statement, &envelope)?;
        Ok(statement.digest())
    }

    /// Signs with the drafting holder's key; an organisation that registers itself with all.
    pub(crate) fn sign(&mut self, actor: &Actor, words: Words) -> (Statement, Envelope) {
        self.nonce = self.nonce.wrapping_add(1);
        let (origin, size) = words.log.unwrap_or((ORIGIN, self.register.size()));
        let holder = actor.keys.get(words.holder).unwrap_or(&actor.keys[0]).clone();
        let common = Common {
            issuer: words.on_behalf_of.map_or(actor.issuer, Issuer::Organisation),
            signers: Vec::new(),
            holder: holder.0.clone(),
            issued_at: self.clock,
            log: LogReference {
                origin: origin.into(),
                size,
                root: self.register.root_at(size).unwrap_or_else(Library::empty_root),
            },
            regime: words.regime.then(|| self.regime.clone()).filter(|_| size > 1),
            basis: Basis { kind: BasisKind::Duty, article: None },
            visibility: words.visibility,
            confidentiality_ground: (words.visibility == Visibility::Restricted).then(texts),
            nonce: Nonce::from_bytes([self.nonce; 16]),
            attachments: words.attachments,
            authentic_language: Language::Ja,
            supersedes: words.supersedes,
        };
        let keys: Vec<&SecretKey> = if words.all_keys || actor.issuer == Issuer::Itself {
            actor.keys.iter().map(|(_, key)| &**key).collect()
        } else {
            let others = words.co_signers.iter().filter_map(|other| actor.keys.get(*other));
            std::iter::once(&*holder.1).chain(others.map(|(_, key)| &**key)).collect()
        };
        match (Draft { subject: words.subject, common, predicate: words.body }).sign(&keys) {
            Ok(signed) => signed,
            Err(problem) => unreachable!("the bench writes well-formed statements: {problem}"),
        }
    }

    /// Records a statement, or returns why the register refuses it.
    pub(crate) fn record(&mut self, statement: &Statement, envelope: &Envelope) -> Result<(), Refusal> {
        let signed = Signed { statement, envelope };
        let at = Moment { time: self.clock, arrived_at: self.clock };
        let root = sha256(format!("bench root {}", self.register.size() + 1).as_bytes());
        if !statement.is_public() {
            self.register = self.register.with_restricted(signed, at, root, &self.library)?;
            return Ok(());
        }
        self.register.judge(signed, at, &self.library)?;
        match self.replay(statement, envelope) {
            (_, Some(refusal)) => Err(refusal),
            (next, None) => {
                self.register = next;
                Ok(())
            }
        }
    }

    /// Folds a public statement in as a replay does, whether or not it was fit to be submitted.
    pub(crate) fn replay(&self, statement: &Statement, envelope: &Envelope) -> (Register, Option<Refusal>) {
        let leaf = Leaf::Public(PublicLeaf {
            statement: statement.digest(),
            envelope: envelope.digest(),
            predicate_type: statement.predicate().type_uri(),
            issuer: self.register.issuer_in_leaf(statement).unwrap_or(statement.digest()),
            time: self.clock,
            arrived_at: self.clock,
        });
        let root = sha256(format!("bench root {}", self.register.size() + 1).as_bytes());
        let entry = Entry { leaf: &leaf, content: Some(Signed { statement, envelope }), root };
        self.register.with(&entry, &self.library)
    }
}
