//! What stands now? Entries folded into the register, one after the other.

use std::sync::Arc;

use evidence::{Digest, Envelope, Issuer, Leaf, Predicate, Statement, Timestamp};

use crate::judge::{Moment, Signed, introduced_keys};
use crate::library::Library;
use crate::mandate::Mandate;
use crate::refusal::{Code, Refusal};
use crate::state::{AdoptedRegime, Genesis, Grant, Key, KeyEnded, Organisation, Recorded, Register, Thing};

/// A log entry with what is known about it.
#[derive(Debug)]
pub struct Entry<'e> {
    /// The leaf.
    pub leaf: &'e Leaf,
    /// Its statement and envelope, where this fold may see them.
    pub content: Option<Signed<'e>>,
    /// The root of the log after this entry.
    pub root: Digest,
}

impl Register {
    /// Folds the next entry in. An entry that the register refuses has no effect; it is counted,
    /// and the refusal returned beside the new register.
    #[must_use]
    pub fn with(&self, entry: &Entry<'_>, library: &Library) -> (Self, Option<Refusal>) {
        let judged = match (entry.leaf, entry.content) {
            (Leaf::Public(leaf), Some(signed)) => self
                .judge(signed, Moment { time: leaf.time, arrived_at: leaf.arrived_at }, library)
                .and_then(|envelope| self.agrees(leaf, signed.statement, &envelope).map(|()| envelope)),
            (Leaf::Public(leaf), None) => Err(Refusal::new(
                Code::LeafMismatch,
                format_args!("the envelope of {} is missing", leaf.statement),
            )),
            (Leaf::Restricted { .. }, _) => {
                let mut next = self.clone();
                next.restricted += 1;
                return (next.at_next(entry.root, None), None);
            }
        };
        match (judged, entry.leaf, entry.content) {
            (Ok(envelope), Leaf::Public(leaf), Some(signed)) => {
                let at = Moment { time: leaf.time, arrived_at: leaf.arrived_at };
                (
                    self.record(signed.statement, &envelope, at, library)
                        .at_next(entry.root, Some(leaf.time)),
                    None,
                )
            }
            // A later version of Kanae may know the type: carried, without effect.
            (Err(Refusal { code: Code::UnknownType, .. }), Leaf::Public(leaf), Some(signed))
                if matches!(signed.statement.predicate(), Predicate::Unknown { .. }) =>
            {
                let mut next = self.clone();
                next.carried.push_back_mut(self.size);
                (next.at_next(entry.root, Some(leaf.time)), None)
            }
            (Err(refusal), _, _) => {
                let mut next = self.clone();
                next.refused.push_back_mut((self.size, Arc::new(refusal.clone())));
                let time = match entry.leaf {
                    Leaf::Public(leaf) => Some(leaf.time.max(self.time.unwrap_or(leaf.time))),
                    Leaf::Restricted { .. } => None,
                };
                (next.at_next(entry.root, time), Some(refusal))
            }
            // `judged` is an error unless the leaf is public and its content is here.
            _ => (self.clone(), None),
        }
    }

    /// Folds the next entry in for the fold that sees restricted statements: `moment` is what the
    /// restricted leaf hides.
    pub fn with_restricted(
        &self,
        signed: Signed<'_>,
        at: Moment,
        root: Digest,
        library: &Library,
    ) -> Result<Self, Refusal> {
        let envelope = self.judge(signed, at, library)?;
        let mut next = self.record(signed.statement, &envelope, at, library);
        next.restricted += 1;
        Ok(next.at_next(root, Some(at.time)))
    }

    fn agrees(
        &self,
        leaf: &evidence::PublicLeaf,
        statement: &Statement,
        envelope: &Envelope,
    ) -> Result<(), Refusal> {
        let wrong = |what: &str| {
            Err(Refusal::new(Code::LeafMismatch, format_args!("the leaf's {what} is not the statement's")))
        };
        if leaf.statement != statement.digest() {
            return wrong("digest");
        }
        if leaf.envelope != envelope.digest() {
            return wrong("envelope digest");
        }
        if leaf.predicate_type != statement.predicate().type_uri() {
            return wrong("type");
        }
        if Some(leaf.issuer) != self.issuer_in_leaf(statement) {
            return wrong("issuer");
        }
        if !statement.is_public() {
            return wrong("visibility");
        }
        Ok(())
    }

    /// Returns the issuer as a leaf carries it: the organisation; for `organisation` the statement
    /// itself; for the node its genesis.
    pub fn issuer_in_leaf(&self, statement: &Statement) -> Option<Digest> {
        match statement.common().issuer {
            Issuer::Organisation(id) => Some(id),
            Issuer::Itself => Some(statement.digest()),
            Issuer::Node => Some(self.genesis().unwrap_or(statement.digest())),
        }
    }

    pub(crate) fn at_next(mut self, root: Digest, time: Option<Timestamp>) -> Self {
        self.size += 1;
        self.time = time.or(self.time);
        self.marks.insert_mut(self.size, (root, self.time));
        self
    }

    /// Records a judged statement and its effect.
    fn record(&self, statement: &Statement, envelope: &Envelope, at: Moment, library: &Library) -> Self {
        let id = statement.digest();
        let recorded = Recorded {
            statement: Arc::new(statement.clone()),
            envelope: envelope.digest(),
            index: self.size,
            time: at.time,
            arrived_at: at.arrived_at,
            issuer: match statement.common().issuer {
                Issuer::Organisation(issuer) => Some(issuer),
                Issuer::Itself => Some(id),
                Issuer::Node => None,
            },
            superseded_by: None,
            under_mandate: self.mandate_of(statement, at.time).map(|mandate| mandate.id),
        };
        self.recording(recorded, library)
    }

    /// Writes down what has been judged, with its effect.
    pub(crate) fn recording(&self, recorded: Recorded, library: &Library) -> Self {
        let mut next = self.clone();
        let statement = Arc::clone(&recorded.statement);
        let (id, subject, index) = (statement.digest(), statement.subject(), recorded.index);
        if let Some(corrected) = statement.common().supersedes
            && let Some(old) = self.recorded.get(&corrected)
        {
            next.recorded.insert_mut(
                corrected,
                Arc::new(Recorded { superseded_by: Some(id), ..Recorded::clone(old) }),
            );
        }
        next.recorded.insert_mut(id, Arc::new(recorded));
        next.by_index.insert_mut(index, id);
        let thread = next.about.get(&subject).cloned().unwrap_or_default().push_back(id);
        next.about.insert_mut(subject, thread);
        next.take_effect(&statement, index, library);
        next
    }

    fn take_effect(&mut self, statement: &Statement, index: u64, library: &Library) {
        let id = statement.digest();
        let subject = statement.subject();
        match statement.predicate() {
            Predicate::NodeGenesis(genesis) => {
                self.genesis = Some(Genesis { id, threshold: genesis.threshold });
                self.policy = library.policy(&genesis.policy);
                self.register_keys(statement.predicate(), &genesis.root_keys, None, index);
            }
            Predicate::PolicyAdoption(adoption) => self.policy = library.policy(&adoption.policy),
            Predicate::RegimeAdoption(adoption) => {
                let adopted = AdoptedRegime {
                    adoption: id,
                    folder: adoption.folder,
                    switches: adoption.switches.clone(),
                    since: index,
                };
                self.regimes.insert_mut(adoption.regime.to_string(), Arc::new(adopted));
            }
            Predicate::Organisation(organisation) => {
                self.register_keys(statement.predicate(), &organisation.keys, Some(id), index);
                self.slugs.insert_mut(organisation.slug.to_string(), id);
                let organisation = Organisation {
                    id,
                    slug: organisation.slug.clone(),
                    names: organisation.names.clone(),
                    country: organisation.country.clone(),
                };
                self.organisations.insert_mut(index, Arc::new(organisation));
                self.organisation_at.insert_mut(id, index);
            }
            Predicate::KeyChange(change) => {
                self.register_keys(statement.predicate(), &change.add, Some(subject), index);
                for end in &change.end {
                    if let Some(key) = self.keys.get(&end.key) {
                        let ended = KeyEnded {
                            by: index,
                            reason: end.reason,
                            compromised_since: end.compromised_since,
                        };
                        let key = Key { ended: Some(ended), ..Key::clone(key) };
                        self.keys.insert_mut(end.key, Arc::new(key));
                    }
                }
            }
            Predicate::RoleGrant(grant) => {
                let grant = Grant {
                    id,
                    organisation: subject,
                    holder: grant.holder.clone(),
                    role: grant.role.clone(),
                    period: (grant.from, grant.until),
                    acting_for: grant.acting_for.clone(),
                    since: index,
                    ended: None,
                };
                self.grants.insert_mut(id, Arc::new(grant));
            }
            Predicate::RoleEnd(_) => {
                if let Some(grant) = self.grants.get(&subject) {
                    let grant = Grant { ended: Some(index), ..Grant::clone(grant) };
                    self.grants.insert_mut(subject, Arc::new(grant));
                }
            }
            Predicate::Erasure(erasure) => {
                for part in &erasure.parts {
                    self.erased.insert_mut(*part, index);
                }
            }
            Predicate::Model(model) => self.create(statement, &model.slug, index),
            Predicate::ModelVersion(version) => self.create(statement, &version.slug, index),
            Predicate::Certificate(certificate) => self.create(statement, &certificate.slug, index),
            Predicate::CodeOfConduct(code) => self.create(statement, &code.slug, index),
            Predicate::Mandate(mandate) => {
                self.mandates.insert_mut(id, Arc::new(Mandate::new(id, subject, mandate, index)));
            }
            Predicate::MandateEnd(_) => {
                if let Some(mandate) = self.mandates.get(&subject) {
                    let mandate = Mandate { ended: Some(index), ..Mandate::clone(mandate) };
                    self.mandates.insert_mut(subject, Arc::new(mandate));
                }
            }
            Predicate::Succession(succession) => {
                for model in &succession.models {
                    self.pass_over(model, succession.successor);
                }
            }
            _ => {}
        }
    }

    fn create(&mut self, statement: &Statement, slug: &evidence::Slug, index: u64) {
        // A corrected thing stays the thing that its first statement created.
        if statement.common().supersedes.is_some() {
            return;
        }
        let thing = Arc::new(Thing {
            id: statement.digest(),
            parent: statement.subject(),
            slug: slug.clone(),
            since: index,
        });
        self.things.insert_mut(thing.id, Arc::clone(&thing));
        self.names_below.insert_mut((thing.parent, thing.slug.clone()), thing.id);
        if matches!(statement.predicate(), Predicate::Model(_)) {
            self.models.insert_mut(index, thing);
        }
    }

    /// A model is the successor's from here on. Its old path keeps leading to it.
    fn pass_over(&mut self, model: &Digest, successor: Digest) {
        let Some(thing) = self.things.get(model) else { return };
        let thing = Arc::new(Thing { parent: successor, ..Thing::clone(thing) });
        let name = (successor, thing.slug.clone());
        if !self.names_below.contains_key(&name) {
            self.names_below.insert_mut(name, thing.id);
        }
        self.models.insert_mut(thing.since, Arc::clone(&thing));
        self.things.insert_mut(thing.id, thing);
    }

    fn register_keys(
        &mut self,
        predicate: &Predicate,
        entries: &[evidence::predicate::KeyEntry],
        organisation: Option<Digest>,
        index: u64,
    ) {
        // The judge has read them, so they are readable.
        for ((public, holder), entry) in
            introduced_keys(predicate).unwrap_or_default().into_iter().zip(entries)
        {
            let key = Key { public, organisation, holder, custody: entry.custody, since: index, ended: None };
            self.keys.insert_mut(key.public.hash(), Arc::new(key));
        }
    }
}

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
