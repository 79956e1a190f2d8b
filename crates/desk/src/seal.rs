//! The book of seals: every use of a key that the node holds for an organisation.

use evidence::{Digest, Timestamp};
use serde::{Deserialize, Serialize};

use crate::desk::{Desk, DeskError, Kept, Versioned};
use crate::secret::newest_first_id;

/// That somebody had the node sign with an organisation's key. It is written before the key is used: a use without
/// an entry cannot be, an entry without a signature can.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealUse {
    /// Its name; newer ones come first.
    pub id: String,
    /// Whose key.
    pub organisation: Digest,
    /// Which key.
    pub key: Digest,
    /// The account of whoever did it.
    pub account: String,
    /// Their name at that time.
    pub name: String,
    /// The draft.
    pub draft: String,
    /// What was signed: the digest of the exact bytes.
    pub statement: Digest,
    /// When.
    pub at: Timestamp,
}

impl Kept for SealUse {
    const KIND: &'static str = "seal-use";

    fn id(&self) -> &str {
        &self.id
    }

    fn keys(&self) -> Vec<(&'static str, String)> {
        vec![
            ("all", String::new()),
            ("organisation", self.organisation.to_string()),
            ("statement", self.statement.to_string()),
        ]
    }
}

impl Desk {
    /// Writes down that a seal is about to be used. The name of the entry is given here.
    pub fn write_seal_use(&self, mut used: SealUse) -> Result<(), DeskError> {
        used.id = newest_first_id(used.at)?;
        self.save(&mut Versioned::new(used))
    }
}
