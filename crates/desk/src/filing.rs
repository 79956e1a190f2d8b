//! What an organisation may file, and about what, by the policy in force.

use evidence::{Digest, PredicateType, Timestamp};
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
pub fn is_filed_by_hand(kind: &str) -> bool {
    !NOT_BY_HAND.contains(&kind)
}

/// Kinds of statement that an organisation may file.
#[derive(Debug, Clone, Copy)]
pub struct Kinds<'p> {
    /// The kind.
    pub kind: &'static PredicateType,
    /// What the policy says of it.
    pub row: &'p ActRow,
}

/// Returns the kinds that an organisation may file by the policy in force, in the order of the
/// predicate types.
pub fn kinds_for<'p>(register: &'p Register, organisation: &Digest, now: Timestamp) -> Vec<Kinds<'p>> {
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
pub fn subjects(register: &Register, row: &ActRow, organisation: &Digest) -> Vec<Digest> {
    const MOST: usize = 500;
    register
        .statements()
        .rev()
        .map(|recorded| recorded.statement.digest())
        .filter(|id| is_subject(register, row, organisation, id))
        .take(MOST)
        .collect()
}

/// Tells whether a statement of this kind may be about something for this organisation.
pub fn is_subject(register: &Register, row: &ActRow, organisation: &Digest, id: &Digest) -> bool {
    if register.recorded(id).is_none_or(|recorded| recorded.superseded_by.is_some()) {
        return false;
    }
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
}

/// Returns the approvals that a statement of this kind needs.
pub fn needed_approval<'p>(register: &'p Register, kind: &str) -> Option<&'p ApprovalRow> {
    register.policy()?.act(kind)?.approval.as_ref()
}
