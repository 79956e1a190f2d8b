//! What an organisation may file, about what, and the way of a signed draft into the log.

use desk::draft::{Draft, Frozen, Stage};
use desk::{Desk, DeskError};
use evidence::{Digest, PredicateType, Timestamp};
use node::{Caller, Node, Outcome, Submission, SubmitError};
use register::Register;
use register::policy::{ActRow, ApprovalRow, Policy, Relation, Speaker};

/// Kinds of statement that are not filed by hand at the desk: those of the node's root keys, and
/// those that other pages make.
const NOT_BY_HAND: &[&str] = &[
    "node-genesis",
    "policy-adoption",
    "regime-adoption",
    "approval",
    "organisation",
    "assessment",
    "weights-manifest",
];

/// Tells whether a kind of statement is filed from the list of kinds.
pub(crate) fn is_filed_by_hand(kind: &str) -> bool {
    !NOT_BY_HAND.contains(&kind)
}

/// Kinds of statement that an organisation may file.
pub(crate) struct Kinds<'p> {
    pub(crate) kind: &'static PredicateType,
    pub(crate) row: &'p ActRow,
}

/// Returns the kinds that an organisation may file by the policy in force, in the order of the
/// predicate types.
pub(crate) fn kinds_for<'p>(register: &'p Register, organisation: &Digest, now: Timestamp) -> Vec<Kinds<'p>> {
    let Some(policy) = register.policy() else { return Vec::new() };
    PredicateType::all()
        .iter()
        .filter(|kind| is_filed_by_hand(kind.name))
        .filter_map(|kind| Some(Kinds { kind, row: policy.act(kind.name)? }))
        .filter(|kinds| may_say(register, policy, kinds, organisation, now))
        .collect()
}

fn may_say(
    register: &Register,
    policy: &Policy,
    kinds: &Kinds<'_>,
    organisation: &Digest,
    now: Timestamp,
) -> bool {
    let roles: Vec<String> = register
        .grants_of(organisation)
        .iter()
        .filter(|grant| grant.holder.is_none() && grant.in_force(now))
        .map(|grant| grant.role.to_string())
        .collect();
    let may = kinds.row.said_by.iter().any(|speaker| match speaker {
        Speaker::Node | Speaker::Itself => false,
        Speaker::Anyone => register.organisation(organisation).is_some(),
        Speaker::Accepted => !roles.is_empty(),
        Speaker::Role(role) => roles.contains(role),
    });
    // Roles are granted by those whom the policy names, and offices by everyone who has one to give.
    let grants = || {
        policy.table().role.values().any(|row| match &row.granted_by {
            Speaker::Role(role) => roles.contains(role),
            _ => false,
        })
    };
    may && (!matches!(kinds.kind.name, "role-grant" | "role-end") || grants())
}

/// Returns what a statement of this kind may be about for this organisation, newest first.
pub(crate) fn subjects(register: &Register, row: &ActRow, organisation: &Digest) -> Vec<Digest> {
    const MOST: usize = 500;
    let fits = |id: &Digest| {
        let Some(kind) = register.kind_of(id) else { return false };
        (row.about.is_empty() || row.about.iter().any(|name| name == kind.name()))
            && match row.relation {
                None => true,
                Some(Relation::Own) => register.owner(id) == Some(*organisation),
                Some(Relation::Other) => register.addressee(id).is_some_and(|owner| owner != *organisation),
                Some(Relation::Addressed) => register.addressee(id) == Some(*organisation),
                Some(Relation::Party) => {
                    register.owner(id) == Some(*organisation) || register.addressee(id) == Some(*organisation)
                }
            }
    };
    register
        .statements()
        .rev()
        .filter(|recorded| recorded.superseded_by.is_none())
        .map(|recorded| recorded.statement.digest())
        .filter(fits)
        .take(MOST)
        .collect()
}

/// Returns the approvals that a statement of this kind needs.
pub(crate) fn needed_approval<'p>(register: &'p Register, kind: &str) -> Option<&'p ApprovalRow> {
    register.policy()?.act(kind)?.approval.as_ref()
}

/// Why a draft did not get into the log.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FilingError {
    /// The content of a file is gone.
    #[error("the content of the file {0:?} is gone: remove it and add it again")]
    File(String),
    /// The desk failed.
    #[error(transparent)]
    Desk(#[from] DeskError),
    /// The register refuses it, or the node takes nothing.
    #[error(transparent)]
    Submit(#[from] SubmitError),
    /// The node answered with less than was asked.
    #[error("the node did not say what became of the statement")]
    NoAnswer,
}

/// Submits a draft that is signed and approved: its approvals and the act in one piece. Returns
/// the stage that it has then.
pub(crate) async fn submit(
    node: &Node,
    desk: &Desk,
    draft: &Draft,
    frozen: &Frozen,
    caller: &Caller,
) -> Result<Stage, FilingError> {
    let mut parts = Vec::with_capacity(draft.files.len());
    for file in &draft.files {
        parts.push(desk.file(file)?.ok_or_else(|| FilingError::File(file.attachment.name.clone()))?);
    }
    let mut batch: Vec<Submission> = frozen
        .batch()
        .into_iter()
        .map(|envelope| Submission { envelope: envelope.to_bytes(), parts: Vec::new() })
        .collect();
    if let Some(act) = batch.last_mut() {
        act.parts = parts;
    }
    match node.submit(batch, caller).await?.pop() {
        Some(Outcome::Recorded { statement, index, .. }) => Ok(Stage::Recorded { statement, index }),
        Some(Outcome::Waiting { statement, arrival_note }) => {
            Ok(Stage::Waiting { statement, note: arrival_note })
        }
        None => Err(FilingError::NoAnswer),
    }
}
