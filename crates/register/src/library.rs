//! The files that adoptions refer to by digest: policies and regimes, read and typed.

use std::collections::BTreeMap;
use std::sync::Arc;

use evidence::{Digest, sha256};
use law::Regime;

use crate::policy::Policy;

/// Policies and regimes at hand, by folder digest.
#[derive(Debug, Clone, Default)]
pub struct Library {
    policies: BTreeMap<Digest, Arc<Policy>>,
    regimes: BTreeMap<Digest, Regime>,
}

impl Library {
    /// Adds a policy.
    pub fn add_policy(&mut self, policy: Policy) -> Digest {
        let digest = policy.digest();
        self.policies.insert(digest, Arc::new(policy));
        digest
    }

    /// Adds a regime under the digest of its folder.
    pub fn add_regime(&mut self, folder: Digest, regime: Regime) {
        self.regimes.insert(folder, regime);
    }

    /// Returns a policy.
    pub fn policy(&self, folder: &Digest) -> Option<Arc<Policy>> {
        self.policies.get(folder).cloned()
    }

    /// Returns a regime.
    pub fn regime(&self, folder: &Digest) -> Option<Regime> {
        self.regimes.get(folder).cloned()
    }

    /// Returns every regime at hand with the digest of its folder.
    pub fn regimes(&self) -> impl Iterator<Item = (&Digest, &Regime)> {
        self.regimes.iter()
    }

    /// Returns the root of the empty tree: SHA-256 of nothing (RFC 6962 §2.1).
    pub fn empty_root() -> Digest {
        sha256(b"")
    }
}
