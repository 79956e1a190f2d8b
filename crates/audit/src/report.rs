//! What an audit found.

use evidence::Digest;
use serde::Serialize;

use crate::reason::{NotShown, Reason};

/// The most faults that a report lists.
pub const MAX_FAULTS: usize = 1_000;

/// The outcome of an audit.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Whether everything that can be checked holds.
    pub ok: bool,
    /// Whether a trust file was at hand. Without one, the log is consistent with itself only.
    pub anchored: bool,
    /// What was audited; nothing where the checkpoint itself cannot be believed.
    pub log: Option<Head>,
    /// The size of the checkpoint in the trust file, which the log must continue.
    pub since: Option<u64>,
    /// How much was checked.
    pub checked: Checked,
    /// How much was only counted.
    pub counted: Counted,
    /// Decisions that say of themselves that they depart from the advice. No faults.
    pub departures: Vec<Departure>,
    /// What this audit could not show.
    pub not_shown: Vec<Unshown>,
    /// What does not fit, by entry; what concerns the whole log first.
    pub faults: Vec<Fault>,
}

impl Report {
    /// Returns the first thing that does not fit.
    pub fn first_fault(&self) -> Option<&Fault> {
        self.faults.first()
    }
}

/// The checkpoint that was audited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Head {
    /// The log's origin.
    pub origin: String,
    /// The number of entries.
    pub size: u64,
    /// The root of the log at that size.
    pub root: Digest,
    /// The checkpoint as a signed note: what a trust file keeps.
    pub checkpoint: String,
}

/// How much was checked and holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Checked {
    /// Entries whose bytes the root commits to.
    pub entries: u64,
    /// Public statements that are signed and authorised.
    pub statements: u64,
    /// Signatures on them.
    pub signatures: u64,
    /// Approvals among them.
    pub approvals: u64,
    /// Assessments that come out the same when computed again.
    pub assessments: u64,
    /// Policies whose files are those adopted.
    pub policies: u64,
    /// Regimes whose files are those adopted.
    pub regimes: u64,
    /// Public attachments that are those committed to.
    pub parts: u64,
    /// Bytes read.
    pub bytes: u64,
}

/// What was counted, and not looked into.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counted {
    /// Entries of restricted statements.
    pub restricted: u64,
    /// Decisions that depart from the advice.
    pub departures: u64,
    /// Public entries without effect: each is a fault.
    pub refused: u64,
    /// Restricted attachments of public statements.
    pub restricted_parts: u64,
    /// Attachments that were erased, on a ground that a statement names.
    pub erased_parts: u64,
}

/// A decision that departs from the advice it cites.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Departure {
    /// Its entry.
    pub entry: u64,
    /// The statement.
    pub statement: Digest,
    /// What it is, by predicate name.
    pub act: String,
    /// The assessment that it departs from.
    pub assessment: Digest,
}

/// Something that an audit cannot show, and how much of it there is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Unshown {
    /// What.
    pub what: NotShown,
    /// How many, where it can be counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
}

/// Something that does not fit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Fault {
    /// The entry, where it concerns one.
    pub entry: Option<u64>,
    /// Why.
    pub reason: Reason,
    /// What was found and what was expected, in English.
    pub detail: String,
}

impl Fault {
    pub(crate) fn new(
        entry: impl Into<Option<u64>>,
        reason: impl Into<Reason>,
        detail: impl std::fmt::Display,
    ) -> Self {
        Self { entry: entry.into(), reason: reason.into(), detail: detail.to_string() }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(entry) = self.entry {
            write!(f, "entry {entry}: ")?;
        }
        write!(f, "{} ({})", self.reason, self.detail)
    }
}
