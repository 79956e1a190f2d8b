//! The register as one reader sees it: what is public, and the restricted statements that they may
//! read.

use std::collections::BTreeSet;
use std::sync::Arc;

use evidence::{Digest, Issuer, Predicate, Statement, Timestamp};
use rpds::VectorSync;

use crate::state::{Recorded, Register};

impl Register {
    /// Tells whether an organisation may read what is restricted in a statement: its issuer, whom it
    /// is addressed to, whoever shares in it, and authorities.
    pub fn may_read(&self, statement: &Statement, reader: &Digest, now: Timestamp) -> bool {
        let recipient = match statement.predicate() {
            Predicate::RiskInformation(shared) => shared.recipients.contains(reader),
            // A procedure, a request, an assignment names somebody.
            _ => self.addressee(&statement.digest()) == Some(*reader),
        };
        recipient
            || statement.common().issuer == Issuer::Organisation(*reader)
            || self.addressee(&statement.subject()) == Some(*reader)
            || self.has_role(reader, "authority", now)
    }

    /// Returns this public register with the restricted statements of the full one that a reader may
    /// read, each in its place. They stand in the lists, and change nothing else: what holds for
    /// everyone rests on public statements alone.
    #[must_use]
    pub fn with_readable(&self, full: &Self, may_read: impl Fn(&Recorded) -> bool) -> Self {
        let mut seen = self.clone();
        if full.restricted == 0 {
            return seen;
        }
        let readable: Vec<&Arc<Recorded>> = full
            .statements()
            .filter(|recorded| !recorded.statement.is_public() && may_read(recorded))
            .collect();
        let ids: BTreeSet<Digest> = readable.iter().map(|recorded| recorded.statement.digest()).collect();
        for recorded in readable {
            let (id, subject) = (recorded.statement.digest(), recorded.statement.subject());
            // A correction that the reader may not read does not show in what it corrects.
            let superseded_by =
                recorded.superseded_by.filter(|by| ids.contains(by) || self.recorded.contains_key(by));
            seen.recorded.insert_mut(id, Arc::new(Recorded { superseded_by, ..Recorded::clone(recorded) }));
            seen.by_index.insert_mut(recorded.index, id);
            let thread = seen.about.get(&subject).into_iter().flat_map(VectorSync::iter);
            let mut thread: Vec<Digest> = thread.copied().collect();
            let place = thread.partition_point(|other| {
                seen.recorded.get(other).is_some_and(|other| other.index < recorded.index)
            });
            thread.insert(place, id);
            seen.about.insert_mut(subject, thread.into_iter().collect());
            seen.restricted = seen.restricted.saturating_sub(1);
        }
        seen
    }

    /// Returns the inspection by an authority of an organisation that was announced and of which
    /// there are no minutes yet.
    pub fn open_inspection(&self, by: &Digest, of: &Digest) -> Option<&Arc<Recorded>> {
        self.statements().rev().find(|recorded| {
            let id = recorded.statement.digest();
            let is_minutes =
                |one: &Arc<Recorded>| matches!(one.statement.predicate(), Predicate::InspectionMinutes(_));
            matches!(recorded.statement.predicate(), Predicate::Inspection(_))
                && recorded.issuer == Some(*by)
                && recorded.superseded_by.is_none()
                && self.addressee(&id) == Some(*of)
                && !self.about(&id).any(is_minutes)
        })
    }
}
