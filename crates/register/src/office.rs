//! Who counts as another? Offices, those who stand in for them, and the last one in office.

use std::collections::BTreeSet;

use evidence::predicate::RoleGrant;
use evidence::{Digest, Slug, Timestamp};

use crate::mandate::within_years;
use crate::refusal::{Code, Refusal};
use crate::state::{Grant, Recorded, Register};

/// The longest time for which somebody stands in for an office, in years.
const MAX_YEARS: i16 = 1;

/// The offices that a holder speaks for: its own, and those that it stands in for.
pub(crate) type Offices = BTreeSet<Slug>;

/// Tells whether two holders may not count as different people: one stands in for the other, or
/// both for a third.
pub(crate) fn same(one: &Offices, other: &Offices) -> bool {
    !one.is_disjoint(other)
}

/// Counts holders who are different people from each other: those who stand in for one another
/// count once.
pub(crate) fn count(holders: Vec<Offices>) -> usize {
    let mut groups: Vec<Offices> = Vec::new();
    for mut offices in holders {
        groups.retain(|group| {
            let joined = same(group, &offices);
            if joined {
                offices.extend(group.iter().cloned());
            }
            !joined
        });
        groups.push(offices);
    }
    groups.len()
}

impl Register {
    /// Returns the offices that a holder speaks for now, and spoke for when it said `then`.
    pub(crate) fn offices(
        &self,
        organisation: &Digest,
        holder: &Slug,
        now: Timestamp,
        then: Option<&Recorded>,
    ) -> Offices {
        let stands_in = |grant: &&std::sync::Arc<Grant>| {
            grant.organisation == *organisation
                && grant.holder.as_ref() == Some(holder)
                && (grant.in_force(now) || then.is_some_and(|r| grant.was_in_force(r.index, r.time)))
        };
        let others = self.grants.values().filter(stands_in).filter_map(|grant| grant.acting_for.clone());
        others.chain([holder.clone()]).collect()
    }

    /// The words of a grant by which somebody stands in for an office.
    pub(crate) fn judge_substitute(
        &self,
        organisation: &Digest,
        grant: &RoleGrant,
        time: Timestamp,
    ) -> Result<(), Refusal> {
        let Some(office) = &grant.acting_for else { return Ok(()) };
        let wrong = |problem: String| Err(Refusal::new(Code::WrongCitation, problem));
        let Some(holder) = &grant.holder else {
            return wrong("only a holder stands in for another".into());
        };
        if holder == office {
            return wrong(format!("{holder} would stand in for itself"));
        }
        let from = grant.from.unwrap_or(time.utc_date());
        if !grant.until.is_some_and(|until| from <= until && within_years(from, until, MAX_YEARS)) {
            return Err(Refusal::new(
                Code::WrongTime,
                "whoever stands in does so for a bounded time: name a last day within a year",
            ));
        }
        let own = self.grants.values().any(|own| {
            own.organisation == *organisation
                && own.holder.as_ref() == Some(office)
                && own.role == grant.role
                && own.acting_for.is_none()
                && own.in_force(time)
        });
        if !own {
            return wrong(format!("{office} does not hold the role {} in its own right", grant.role));
        }
        Ok(())
    }

    /// Some holder stays in every office that the policy does not let fall vacant: `stays` tells
    /// which grants and which holders are left after the change.
    pub(crate) fn judge_vacancy(
        &self,
        organisation: &Digest,
        time: Timestamp,
        stays: impl Fn(&Grant, &Slug) -> bool,
    ) -> Result<(), Refusal> {
        let Some(policy) = self.policy() else { return Ok(()) };
        let kept = policy.table().role.iter().filter(|(_, row)| row.never_vacant);
        for (role, _) in kept {
            // A substitute is there for a time only.
            let holders: Vec<(&Grant, &Slug)> = self
                .grants
                .values()
                .filter(|grant| {
                    grant.organisation == *organisation
                        && grant.role.as_str() == role
                        && grant.acting_for.is_none()
                        && grant.in_force(time)
                })
                .filter_map(|grant| Some((&**grant, grant.holder.as_ref()?)))
                .filter(|(_, holder)| self.has_key(organisation, holder))
                .collect();
            if !holders.is_empty() && !holders.iter().any(|(grant, holder)| stays(grant, holder)) {
                return Err(Refusal::new(
                    Code::LastOfficer,
                    format_args!(
                        "nobody would be left in the role {role}: put somebody else in office first"
                    ),
                ));
            }
        }
        Ok(())
    }

    /// Tells whether a holder has a key in force.
    fn has_key(&self, organisation: &Digest, holder: &Slug) -> bool {
        self.keys.values().any(|key| {
            key.organisation == Some(*organisation) && key.holder == *holder && key.ended.is_none()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offices(names: &[&str]) -> Offices {
        names.iter().map(|name| name.parse().unwrap()).collect()
    }

    #[test]
    fn those_who_stand_in_for_one_another_count_once() {
        assert_eq!(count(Vec::new()), 0);
        assert_eq!(count(vec![offices(&["a"]), offices(&["b"])]), 2);
        assert_eq!(count(vec![offices(&["a"]), offices(&["b", "a"])]), 1);
        // Two who stand in for a third who has not spoken.
        assert_eq!(count(vec![offices(&["b", "a"]), offices(&["c", "a"])]), 1);
        // A chain is one, whoever comes first.
        assert_eq!(count(vec![offices(&["a"]), offices(&["c", "b"]), offices(&["b", "a"])]), 1);
    }
}
