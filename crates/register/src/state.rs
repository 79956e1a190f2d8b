//! The register: what stands, and which statements it rests on. An immutable value; a change is a
//! new one that shares what has not changed.

use std::collections::BTreeMap;
use std::sync::Arc;

use evidence::predicate::{Custody, KeyEndReason};
use evidence::{Date, Digest, Issuer, Predicate, PublicKey, Slug, Statement, Texts, Timestamp};
use rpds::{HashTrieMapSync, RedBlackTreeMapSync, VectorSync};

use crate::mandate::Mandate;
use crate::policy::{Policy, Speaker};
use crate::refusal::Refusal;

/// A statement in the register, where it stands and what became of it.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// The statement.
    pub statement: Arc<Statement>,
    /// Digest of its envelope in normal form.
    pub envelope: Digest,
    /// Index of its log entry.
    pub index: u64,
    /// Entry time.
    pub time: Timestamp,
    /// Time of arrival: deadlines count from it.
    pub arrived_at: Timestamp,
    /// The organisation that said it; `None` for the node.
    pub issuer: Option<Digest>,
    /// The statement that corrects it.
    pub superseded_by: Option<Digest>,
    /// The mandate under which an agent signed it for its issuer.
    pub under_mandate: Option<Digest>,
}

/// An organisation.
#[derive(Debug, Clone)]
pub struct Organisation {
    /// Its identity: the digest of the statement that created it.
    pub id: Digest,
    /// Its readable name.
    pub slug: Slug,
    /// Its names.
    pub names: Texts,
    /// Country of its seat.
    pub country: String,
}

/// A key and its time in force.
#[derive(Debug, Clone)]
pub struct Key {
    /// The key.
    pub public: PublicKey,
    /// Its organisation; `None` for a root key of the node.
    pub organisation: Option<Digest>,
    /// Who holds it.
    pub holder: Slug,
    /// Where the private key is kept.
    pub custody: Custody,
    /// The entry that registered it.
    pub since: u64,
    /// The entry that ended it, and why.
    pub ended: Option<KeyEnded>,
}

/// The end of a key.
#[derive(Debug, Clone, Copy)]
pub struct KeyEnded {
    /// The entry that ended it.
    pub by: u64,
    /// Why.
    pub reason: KeyEndReason,
    /// Since when it may have been in other hands.
    pub compromised_since: Option<Timestamp>,
}

/// A role of an organisation or of a holder in it.
#[derive(Debug, Clone)]
pub struct Grant {
    /// The `role-grant` statement.
    pub id: Digest,
    /// The organisation.
    pub organisation: Digest,
    /// The holder, for an officer's role.
    pub holder: Option<Slug>,
    /// The role.
    pub role: Slug,
    /// First and last day of use.
    pub period: (Option<Date>, Option<Date>),
    /// The holder whose office it is, where this one stands in.
    pub acting_for: Option<Slug>,
    /// The entry that granted it.
    pub since: u64,
    /// The entry that ended it.
    pub ended: Option<u64>,
}

impl Grant {
    /// Tells whether it is in force on the day of `time`.
    pub fn in_force(&self, time: Timestamp) -> bool {
        self.ended.is_none() && self.covers(time)
    }

    /// Tells whether it was in force at an entry and its time.
    pub(crate) fn was_in_force(&self, index: u64, time: Timestamp) -> bool {
        self.since < index && self.ended.is_none_or(|end| index < end) && self.covers(time)
    }

    fn covers(&self, time: Timestamp) -> bool {
        let day = time.utc_date();
        self.period.0.is_none_or(|from| from <= day) && self.period.1.is_none_or(|until| day <= until)
    }
}

/// A thing of an organisation: a model, a version of one, a certificate, a code of conduct.
#[derive(Debug, Clone)]
pub struct Thing {
    /// Its identity: the digest of the statement that created it.
    pub id: Digest,
    /// What it is below: organisation of a model or a code, model of a version, version of a
    /// certificate. A model that passed over is below the successor.
    pub parent: Digest,
    /// Its readable name below its parent.
    pub slug: Slug,
    /// The entry that created it.
    pub since: u64,
}

/// A regime as applied here.
#[derive(Debug, Clone)]
pub struct AdoptedRegime {
    /// The `regime-adoption` statement.
    pub adoption: Digest,
    /// The folder of its files.
    pub folder: Digest,
    /// Its switches as set.
    pub switches: BTreeMap<String, String>,
    /// The entry of the adoption.
    pub since: u64,
}

/// What the genesis says.
#[derive(Debug, Clone)]
pub(crate) struct Genesis {
    pub(crate) id: Digest,
    pub(crate) threshold: u32,
}

/// What a digest stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// The birth of the node.
    Genesis,
    /// An organisation.
    Organisation,
    /// A model.
    Model,
    /// A version of a model.
    ModelVersion,
    /// A certificate.
    Certificate,
    /// Any other statement, by predicate name.
    Statement(String),
}

impl Kind {
    /// Returns the name that the policy's table uses.
    pub fn name(&self) -> &str {
        match self {
            Self::Genesis => "genesis",
            Self::Organisation => "organisation",
            Self::Model => "model",
            Self::ModelVersion => "model-version",
            Self::Certificate => "certificate",
            Self::Statement(name) => name,
        }
    }
}

/// The register.
#[derive(Debug, Clone, Default)]
pub struct Register {
    pub(crate) origin: String,
    pub(crate) genesis: Option<Genesis>,
    pub(crate) policy: Option<Arc<Policy>>,
    pub(crate) size: u64,
    pub(crate) time: Option<Timestamp>,
    /// Root of the log and time of the last entry, by size.
    pub(crate) marks: RedBlackTreeMapSync<u64, (Digest, Option<Timestamp>)>,
    pub(crate) recorded: HashTrieMapSync<Digest, Arc<Recorded>>,
    pub(crate) by_index: RedBlackTreeMapSync<u64, Digest>,
    pub(crate) about: HashTrieMapSync<Digest, VectorSync<Digest>>,
    pub(crate) organisations: RedBlackTreeMapSync<u64, Arc<Organisation>>,
    pub(crate) organisation_at: HashTrieMapSync<Digest, u64>,
    pub(crate) keys: HashTrieMapSync<Digest, Arc<Key>>,
    pub(crate) grants: HashTrieMapSync<Digest, Arc<Grant>>,
    pub(crate) models: RedBlackTreeMapSync<u64, Arc<Thing>>,
    pub(crate) things: HashTrieMapSync<Digest, Arc<Thing>>,
    pub(crate) mandates: HashTrieMapSync<Digest, Arc<Mandate>>,
    /// Organisations by their readable names.
    pub(crate) slugs: HashTrieMapSync<String, Digest>,
    /// Things by what they are or were below, and their readable names.
    pub(crate) names_below: HashTrieMapSync<(Digest, Slug), Digest>,
    pub(crate) regimes: RedBlackTreeMapSync<String, Arc<AdoptedRegime>>,
    pub(crate) erased: HashTrieMapSync<Digest, u64>,
    pub(crate) restricted: u64,
    pub(crate) carried: VectorSync<u64>,
    pub(crate) refused: VectorSync<(u64, Arc<Refusal>)>,
}

impl Register {
    /// Returns the empty register of a log.
    pub fn new(origin: impl Into<String>) -> Self {
        Self { origin: origin.into(), ..Self::default() }
    }

    /// Returns the log's origin.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Returns the digest of the genesis.
    pub fn genesis(&self) -> Option<Digest> {
        self.genesis.as_ref().map(|g| g.id)
    }

    /// Returns the number of log entries folded in.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Returns the time of the last entry.
    pub fn time(&self) -> Option<Timestamp> {
        self.time
    }

    /// Returns the root of the log at `size`, where it is one that was given while folding.
    pub fn root_at(&self, size: u64) -> Option<Digest> {
        self.marks.get(&size).map(|(root, _)| *root)
    }

    /// Returns how many entries the log had at `time`: a restricted entry counts with the one before it.
    pub fn size_on(&self, time: Timestamp) -> u64 {
        // Entry times never decrease.
        let (mut within, mut beyond) = (0, self.size + 1);
        while within + 1 < beyond {
            let middle = within + (beyond - within) / 2;
            let marked = self.marks.get(&middle).and_then(|(_, at)| *at);
            if marked.is_none_or(|at| at <= time) { within = middle } else { beyond = middle }
        }
        within
    }

    /// Returns the policy in force.
    pub fn policy(&self) -> Option<&Arc<Policy>> {
        self.policy.as_ref()
    }

    /// Returns the number of entries of restricted statements, which this fold does not see.
    pub fn withheld(&self) -> u64 {
        self.restricted
    }

    /// Returns the number of statements of types that this build does not know: carried, without
    /// effect.
    pub fn carried(&self) -> u64 {
        self.carried.len() as u64
    }

    /// Returns the entries without effect, and why.
    pub fn refused(&self) -> impl Iterator<Item = (u64, &Refusal)> {
        self.refused.iter().map(|(index, refusal)| (*index, &**refusal))
    }

    /// Returns a statement in effect.
    pub fn recorded(&self, digest: &Digest) -> Option<&Arc<Recorded>> {
        self.recorded.get(digest)
    }

    /// Returns the statement in effect of a log entry.
    pub fn at_index(&self, index: u64) -> Option<&Arc<Recorded>> {
        self.by_index.get(&index).and_then(|digest| self.recorded.get(digest))
    }

    /// Returns every statement in effect, in the order of the log.
    pub fn statements(&self) -> impl DoubleEndedIterator<Item = &Arc<Recorded>> {
        self.by_index.values().filter_map(|digest| self.recorded.get(digest))
    }

    /// Returns the statements in effect about a thing, in the order of the log.
    pub fn about(&self, subject: &Digest) -> impl Iterator<Item = &Arc<Recorded>> {
        self.about
            .get(subject)
            .into_iter()
            .flat_map(VectorSync::iter)
            .filter_map(|digest| self.recorded.get(digest))
    }

    /// Returns the last statement of one type about a thing that nothing corrects.
    pub fn latest(&self, subject: &Digest, predicate: &str) -> Option<&Arc<Recorded>> {
        self.about(subject)
            .filter(|r| r.statement.predicate().name() == predicate && r.superseded_by.is_none())
            .last()
    }

    /// Returns the organisations, oldest first.
    pub fn organisations(&self) -> impl Iterator<Item = &Arc<Organisation>> {
        self.organisations.values()
    }

    /// Returns an organisation.
    pub fn organisation(&self, id: &Digest) -> Option<&Arc<Organisation>> {
        self.organisation_at.get(id).and_then(|index| self.organisations.get(index))
    }

    /// Returns the models, oldest first.
    pub fn models(&self) -> impl Iterator<Item = &Arc<Thing>> {
        self.models.values()
    }

    /// Returns a model, version or certificate.
    pub fn thing(&self, id: &Digest) -> Option<&Arc<Thing>> {
        self.things.get(id)
    }

    /// Returns the things directly below another, oldest first.
    pub fn below(&self, parent: &Digest) -> Vec<&Arc<Thing>> {
        let created = self.about(parent).filter_map(|r| self.things.get(&r.statement.digest()));
        let passed_over = self.models.values().filter(|model| model.parent == *parent);
        let mut found: Vec<_> = created.chain(passed_over).filter(|thing| thing.parent == *parent).collect();
        found.sort_by_key(|thing| thing.since);
        found.dedup_by_key(|thing| thing.id);
        found
    }

    /// Returns a key.
    pub fn key(&self, hash: &Digest) -> Option<&Arc<Key>> {
        self.keys.get(hash)
    }

    /// Returns the keys of an organisation, oldest first.
    pub fn keys_of(&self, organisation: &Digest) -> Vec<&Arc<Key>> {
        let mut keys: Vec<_> = self.keys.values().filter(|k| k.organisation == Some(*organisation)).collect();
        keys.sort_by_key(|key| (key.since, key.public.hash()));
        keys
    }

    /// Returns the grants of roles to an organisation and its holders, oldest first.
    pub fn grants_of(&self, organisation: &Digest) -> Vec<&Arc<Grant>> {
        let mut grants: Vec<_> = self.grants.values().filter(|g| g.organisation == *organisation).collect();
        grants.sort_by_key(|grant| grant.since);
        grants
    }

    /// Tells whether an organisation has a role in force at `time`.
    pub fn has_role(&self, organisation: &Digest, role: &str, time: Timestamp) -> bool {
        self.grants.values().any(|g| {
            g.organisation == *organisation
                && g.holder.is_none()
                && g.role.as_str() == role
                && g.in_force(time)
        })
    }

    /// Tells whether a holder in an organisation has a role in force at `time`.
    pub fn holder_has_role(&self, organisation: &Digest, holder: &Slug, role: &str, time: Timestamp) -> bool {
        self.grants.values().any(|g| {
            g.organisation == *organisation
                && g.holder.as_ref() == Some(holder)
                && g.role.as_str() == role
                && g.in_force(time)
        })
    }

    /// Returns the regimes applied here, by name.
    pub fn regimes(&self) -> impl Iterator<Item = (&str, &Arc<AdoptedRegime>)> {
        self.regimes.iter().map(|(name, regime)| (name.as_str(), regime))
    }

    /// Returns a regime applied here.
    pub fn regime(&self, name: &str) -> Option<&Arc<AdoptedRegime>> {
        self.regimes.get(name)
    }

    /// Returns the entry that erased an attachment.
    pub fn erased_by(&self, commitment: &Digest) -> Option<u64> {
        self.erased.get(commitment).copied()
    }

    /// Finds a thing by its path of slugs: `minato-lab`, `minato-lab/wakaba`, `minato-lab/wakaba/2026-11`.
    /// A model that passed over is found under its old path too.
    pub fn find(&self, path: &str) -> Option<Digest> {
        let mut steps = path.split('/');
        let mut at = *self.slugs.get(steps.next()?)?;
        for step in steps {
            at = self.named_below(&at, &step.parse().ok()?)?;
        }
        Some(at)
    }

    /// Returns the thing of this readable name that is, or was, directly below another.
    pub(crate) fn named_below(&self, parent: &Digest, slug: &Slug) -> Option<Digest> {
        self.names_below.get(&(*parent, slug.clone())).copied()
    }

    /// Returns the path of slugs of a thing, as [`find`](Self::find) takes it.
    pub fn path_of(&self, id: &Digest) -> Option<String> {
        let mut steps = Vec::new();
        let mut at = *id;
        while let Some(thing) = self.things.get(&at) {
            steps.push(thing.slug.to_string());
            // Where the successor has something else of this name, the old path stays the path.
            at = if self.named_below(&thing.parent, &thing.slug) == Some(at) {
                thing.parent
            } else {
                self.recorded(&at)?.statement.subject()
            };
        }
        steps.push(self.organisation(&at)?.slug.to_string());
        steps.reverse();
        Some(steps.join("/"))
    }

    /// Returns what a digest stands for.
    pub fn kind_of(&self, id: &Digest) -> Option<Kind> {
        let recorded = self.recorded.get(id)?;
        Some(match recorded.statement.predicate() {
            Predicate::NodeGenesis(_) => Kind::Genesis,
            Predicate::Organisation(_) => Kind::Organisation,
            Predicate::Model(_) => Kind::Model,
            Predicate::ModelVersion(_) => Kind::ModelVersion,
            Predicate::Certificate(_) => Kind::Certificate,
            other => Kind::Statement(other.name().to_owned()),
        })
    }

    /// Returns the organisation that a thing belongs to: itself, a model's, a version's, the body
    /// that issued a certificate, the issuer of any other statement.
    pub fn owner(&self, id: &Digest) -> Option<Digest> {
        match self.kind_of(id)? {
            Kind::Genesis => None,
            Kind::Organisation => Some(*id),
            Kind::Model | Kind::ModelVersion => {
                let mut at = *id;
                while let Some(thing) = self.things.get(&at) {
                    at = thing.parent;
                }
                Some(at)
            }
            Kind::Certificate | Kind::Statement(_) => self.recorded.get(id)?.issuer,
        }
    }

    /// Returns the organisation that a thing or act concerns: the developer of a model, of a
    /// certified version, of the model that an act is about; whoever a procedure, a request, an
    /// assignment, an application or a mandate names. Of a model that passed over, the successor.
    pub fn addressee(&self, id: &Digest) -> Option<Digest> {
        let mut at = *id;
        // One step up: a certificate's version, a finding's model, a review's report. Subjects
        // are always older than what is about them, so this ends.
        loop {
            let statement = &self.recorded(&at)?.statement;
            let named = match statement.predicate() {
                Predicate::Organisation(_) | Predicate::Model(_) | Predicate::ModelVersion(_) => {
                    return self.owner(&at);
                }
                Predicate::Procedure(procedure) => Some(procedure.addressee),
                Predicate::InformationRequest(request) => request.addressee,
                Predicate::Assignment(assignment) => Some(assignment.assignee),
                Predicate::Application(application) => Some(application.addressee),
                Predicate::Mandate(mandate) => Some(mandate.agent),
                _ => None,
            };
            match named {
                Some(organisation) => return Some(self.heir(organisation, &statement.subject())),
                None => at = statement.subject(),
            }
        }
    }

    /// Returns the model that a thing or statement is about or below; itself, where it is one.
    pub fn model_of(&self, id: &Digest) -> Option<Digest> {
        let mut at = *id;
        loop {
            let statement = &self.recorded(&at)?.statement;
            match statement.predicate() {
                Predicate::Model(_) if self.things.contains_key(&at) => return Some(at),
                Predicate::Organisation(_) | Predicate::NodeGenesis(_) => return None,
                // A correction of a model is about the organisation: the model is what it corrects.
                Predicate::Model(_) => at = statement.common().supersedes?,
                _ => at = statement.subject(),
            }
        }
    }

    /// Returns who stands where an organisation stood towards a thing or statement: the last
    /// successor for the model that it is about, or the organisation itself.
    pub fn heir(&self, organisation: Digest, about: &Digest) -> Digest {
        let Some(model) = self.model_of(about) else { return organisation };
        let (mut at, mut after) = (organisation, 0);
        loop {
            let next = self.about(&at).find_map(|recorded| match recorded.statement.predicate() {
                Predicate::Succession(s) if recorded.index > after && s.models.contains(&model) => {
                    Some((s.successor, recorded.index))
                }
                _ => None,
            });
            match next {
                Some(next) => (at, after) = next,
                None => return at,
            }
        }
    }

    /// Returns the last day that a statement names for an answer, a remedy or a comment, with the
    /// extensions that were given.
    pub fn last_day(&self, id: &Digest) -> Option<Date> {
        let named = match self.recorded(id)?.statement.predicate() {
            Predicate::InformationRequest(request) => request.answer_by,
            Predicate::ReportDemand(demand) => demand.answer_by,
            Predicate::RemedyRequest(request) => request.deadline,
            Predicate::Procedure(procedure) => procedure.answer_by,
            Predicate::Order(order) => order.deadline,
            Predicate::Assignment(assignment) => assignment.due,
            Predicate::Consultation(consultation) => consultation.until,
            _ => return None,
        };
        let extended = self.about(id).filter_map(|r| match r.statement.predicate() {
            Predicate::Extension(extension) => Some(extension.until),
            _ => None,
        });
        Some(extended.fold(named, Date::max))
    }

    /// Tells whether the issuer may speak as `speaker` at `time`.
    pub fn speaks_as(&self, issuer: &Issuer, speaker: &Speaker, time: Timestamp) -> bool {
        match (speaker, issuer) {
            (Speaker::Node, Issuer::Node) | (Speaker::Itself, Issuer::Itself) => true,
            (Speaker::Anyone, Issuer::Organisation(id)) => self.organisation(id).is_some(),
            (Speaker::Accepted, Issuer::Organisation(id)) => {
                self.grants.values().any(|g| g.organisation == *id && g.holder.is_none() && g.in_force(time))
            }
            (Speaker::Role(role), Issuer::Organisation(id)) => self.has_role(id, role, time),
            _ => false,
        }
    }
}
