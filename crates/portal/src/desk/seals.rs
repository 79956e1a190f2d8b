//! The keys that this node holds for organisations.

use std::sync::Arc;

use evidence::{Digest, Signer, Slug};
use register::Register;

/// A key that this node holds for an organisation.
#[derive(Debug)]
struct Seal {
    organisation: Slug,
    hash: Digest,
    key: Box<dyn Signer>,
}

/// All of them. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seals(Arc<Vec<Seal>>);

impl Seals {
    /// Adds a key.
    pub(crate) fn with(self, organisation: Slug, key: Box<dyn Signer>) -> Self {
        let mut seals = Arc::try_unwrap(self.0).unwrap_or_default();
        seals.push(Seal { organisation, hash: key.public_key().hash(), key });
        Self(Arc::new(seals))
    }

    /// Returns the key of this hash, if it is held for this very organisation.
    pub(crate) fn of(
        &self,
        register: &Register,
        organisation: &Digest,
        hash: &Digest,
    ) -> Option<&dyn Signer> {
        let slug = &register.organisation(organisation)?.slug;
        let seal = self.0.iter().find(|seal| seal.organisation == *slug && seal.hash == *hash)?;
        Some(&*seal.key)
    }
}
