//! How a certificate stands on a day: what its body said of it since, what became of those acts, and
//! its own first and last day.

use evidence::predicate::CertificateState;
use evidence::{Date, Digest, Predicate};

use crate::redress::ActState;
use crate::state::{Recorded, Register};

/// How a certificate stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertificateStanding {
    /// It says what it says.
    Valid,
    /// Its first day is still to come.
    NotYet,
    /// Its last day is over.
    Expired,
    /// Out of force for a time, by its body.
    Suspended,
    /// Out of force for good, by its body.
    Revoked,
    /// Corrected by another statement, which stands in its place.
    Replaced,
    /// Without effect until a court or a decision on an objection says otherwise.
    Stayed,
    /// Treated as if it had never been, by a court or a decision on an objection.
    Annulled,
}

impl Register {
    /// Returns how a certificate stands on a day; none where the digest is no certificate.
    ///
    /// What ends it for good goes before what ends it for a time, and that before its days.
    pub fn certificate_standing(&self, id: &Digest, day: Date) -> Option<CertificateStanding> {
        use CertificateStanding as Standing;
        let recorded = self.recorded(id)?;
        let Predicate::Certificate(certificate) = recorded.statement.predicate() else { return None };
        let act = self.act_state(id);
        if matches!(act, ActState::Annulled { .. }) {
            return Some(Standing::Annulled);
        }
        let state = self.certificate_state(id);
        Some(if state == CertificateState::Revoked {
            Standing::Revoked
        } else if recorded.superseded_by.is_some() {
            Standing::Replaced
        } else if certificate.valid_until < day {
            Standing::Expired
        } else if !act.counts() {
            Standing::Stayed
        } else if state == CertificateState::Suspended {
            Standing::Suspended
        } else if day < certificate.valid_from {
            Standing::NotYet
        } else {
            Standing::Valid
        })
    }

    /// Returns the next certificate of the same body about the same version: what a body issues again
    /// is a certificate of its own, and ends nothing.
    pub fn next_certificate(&self, id: &Digest) -> Option<&std::sync::Arc<Recorded>> {
        let recorded = self.recorded(id)?;
        self.about(&recorded.statement.subject()).find(|later| {
            later.index > recorded.index
                && later.issuer == recorded.issuer
                && matches!(later.statement.predicate(), Predicate::Certificate(_))
        })
    }
}
