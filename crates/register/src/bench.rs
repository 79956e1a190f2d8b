//! The policy's test bench: every act tried by everyone, and by its natural speaker with one thing
//! wrong, against a table of verdicts written by hand (`cases.toml` in the policy's folder).

use std::collections::BTreeMap;

use evidence::{Digest, Slug};
use serde::Deserialize;

use crate::library::Library;
use crate::policy::{self, ActRow, Policy, PolicyError, Speaker, Table};
use crate::refusal::Refusal;

mod attempt;
pub(crate) mod cycle;
pub(crate) mod words;
pub(crate) mod world;

use world::World;

/// The verdict of an allowed attempt, as the table writes it. A refused one has its reason code.
pub const ALLOWED: &str = "allowed";

/// Who tries, or what is wrong when the natural speaker tries.
const ATTEMPTS: &[&str] = &[
    "node",
    "authority",
    "institute",
    "developer",
    "rival",
    "certifier",
    "association",
    "stranger",
    "wrong-subject",
    "other-owner",
    "owner-left",
    "own-thing",
    "restricted",
    "no-regime",
    "correction",
    "not-officer",
    "no-approval",
    "own-approval",
    "other-draft",
    "no-procedure",
    "open-procedure",
    "last-officer",
];

/// Attempts of a developer to grant a role to itself or to one of its holders: `grants-<role>`.
const GRANTS: &str = "grants-";

/// Types that cannot be corrected under any policy: what they create is their own identity, or they
/// can be said once only.
const NEVER_CORRECTED: &[&str] = &[
    "node-genesis",
    "organisation",
    "role-end",
    "mandate-end",
    "succession",
    "designation-end",
    "objection-decision",
];

/// One cell of the table that is not as expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deviation {
    /// The act.
    pub act: String,
    /// The attempt.
    pub attempt: String,
    /// The verdict in the table.
    pub expected: String,
    /// The verdict found.
    pub found: String,
}

/// The table in `cases.toml`: act → attempt → verdict.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    act: BTreeMap<String, BTreeMap<String, String>>,
}

/// Something that the policy's table restricts, and the table without it.
#[derive(Debug)]
pub struct Relaxation {
    /// The rule that is switched off, such as `act.designation.approval`.
    pub rule: String,
    policy: Policy,
}

/// The bench of one policy.
#[derive(Debug)]
pub struct Bench {
    policy: Policy,
    cases: Cases,
    world: World,
}

impl Bench {
    /// Reads a policy's folder; `regime` is any regime in `library`, for acts under one.
    pub fn load(
        files: &BTreeMap<String, Vec<u8>>,
        library: &Library,
        regime: (Slug, Digest),
    ) -> Result<Self, PolicyError> {
        let cases: Cases = toml::from_str(&policy::text(files, "cases.toml")?)
            .map_err(|e| PolicyError::Syntax { file: "cases.toml", problem: e.to_string() })?;
        let policy = Policy::load(files)?;
        let row = |row: String, problem: String| Err(PolicyError::Row { row, problem });
        for (act, attempts) in &cases.act {
            if policy.act(act).is_none() {
                return row(format!("cases.toml: act.{act}"), "the policy has no such act".into());
            }
            if let Some(unknown) =
                attempts.keys().find(|a| !ATTEMPTS.contains(&a.as_str()) && !a.starts_with(GRANTS))
            {
                return row(
                    format!("cases.toml: act.{act}"),
                    format!("no attempt {unknown:?}; there are {ATTEMPTS:?}"),
                );
            }
        }
        if let Some(act) = policy.table().act.keys().find(|a| !cases.act.contains_key(*a)) {
            return row(format!("cases.toml: act.{act}"), "the act is not in the table of cases".into());
        }
        let world = World::build(policy.clone(), library, regime).ok_or(PolicyError::Row {
            row: "policy.toml".into(),
            problem: "the bench's own small register cannot come about under this policy".into(),
        })?;
        Ok(Self { policy, cases, world })
    }

    /// Returns the number of cells.
    pub fn len(&self) -> usize {
        self.cases.act.values().map(BTreeMap::len).sum()
    }

    /// Tells whether the table has no cells.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Tries every cell and returns those that are not as expected.
    pub fn deviations(&self) -> Vec<Deviation> {
        self.cases.act.keys().flat_map(|act| self.deviations_of(&self.policy, act)).collect()
    }

    fn deviations_of(&self, policy: &Policy, act: &str) -> Vec<Deviation> {
        let mut found = Vec::new();
        for (attempt, expected) in &self.cases.act[act] {
            let verdict = self.verdict(policy, act, attempt);
            if verdict != *expected {
                found.push(Deviation {
                    act: act.to_owned(),
                    attempt: attempt.clone(),
                    expected: expected.clone(),
                    found: verdict,
                });
            }
        }
        found
    }

    /// Returns every rule of the policy, each with the policy that lacks only it.
    pub fn relaxations(&self) -> Vec<Relaxation> {
        let mut relaxed = Vec::new();
        let table = self.policy.table();
        let mut push = |rule: String, change: &dyn Fn(&mut Table)| {
            let mut table = table.clone();
            change(&mut table);
            relaxed.push(Relaxation { rule, policy: self.policy.with_table(table) });
        };
        for name in table.role.keys() {
            push(format!("role.{name}.granted_by"), &|t| {
                if let Some(role) = t.role.get_mut(name) {
                    role.granted_by =
                        if role.granted_by == Speaker::Node { Speaker::Anyone } else { Speaker::Accepted };
                }
            });
        }
        for (name, _) in table.role.iter().filter(|(_, row)| row.never_vacant) {
            push(format!("role.{name}.never_vacant"), &|t| {
                if let Some(role) = t.role.get_mut(name) {
                    role.never_vacant = false;
                }
            });
        }
        for (name, act) in &table.act {
            let mut rule = |field: &str, there: bool, change: &dyn Fn(&mut ActRow)| {
                if there {
                    push(format!("act.{name}.{field}"), &|t| {
                        if let Some(act) = t.act.get_mut(name) {
                            change(act);
                        }
                    });
                }
            };
            rule("said_by", !act.said_by.contains(&Speaker::Anyone), &|a| {
                a.said_by = vec![Speaker::Node, Speaker::Itself, Speaker::Anyone];
            });
            rule("own_by", !act.own_by.is_empty(), &|a| a.own_by.clear());
            rule("drafted_by", act.drafted_by.is_some(), &|a| a.drafted_by = None);
            rule("officers_of", act.officers_of.is_some(), &|a| a.officers_of = None);
            rule("as_subject", act.as_subject, &|a| a.as_subject = false);
            rule(
                "about",
                !act.about.is_empty() && !matches!(name.as_str(), "node-genesis" | "organisation"),
                &|a| a.about.clear(),
            );
            rule("relation", act.relation.is_some(), &|a| a.relation = None);
            rule("owner_role", act.owner_role.is_some(), &|a| a.owner_role = None);
            rule("approval", act.approval.is_some(), &|a| a.approval = None);
            rule("procedure", !act.procedure.is_empty(), &|a| a.procedure.clear());
            rule("under_regime", act.under_regime, &|a| a.under_regime = false);
            rule("visibility", act.visibility.is_some(), &|a| a.visibility = None);
            rule("correctable", !act.correctable && !NEVER_CORRECTED.contains(&name.as_str()), &|a| {
                a.correctable = true;
            });
        }
        relaxed
    }

    /// Tells whether some cell of the table notices that a rule is missing.
    pub fn notices(&self, relaxation: &Relaxation) -> bool {
        let acts: Vec<&str> = match relaxation.rule.split('.').collect::<Vec<_>>()[..] {
            ["act", act, _] => vec![act],
            _ => vec!["role-grant", "role-end"],
        };
        acts.iter().any(|act| !self.deviations_of(&relaxation.policy, act).is_empty())
    }

    /// Tries one cell in a copy of the world, which came about under the policy as it is: only the
    /// attempt itself is judged under `policy`.
    fn verdict(&self, policy: &Policy, act: &str, attempt: &str) -> String {
        let mut world = self.world.clone();
        let name = |result: Result<Digest, Refusal>| match result {
            Ok(_) => ALLOWED.to_owned(),
            Err(refusal) => refusal.code.to_string(),
        };
        let folder = world.library.add_policy(policy.clone());
        if act == "node-genesis" {
            return name(attempt::genesis(&mut world, attempt, folder));
        }
        world.register.policy = world.library.policy(&folder);
        match attempt::act(&mut world, &self.policy, policy, act, attempt) {
            Some(result) => name(result),
            None => "no such attempt".into(),
        }
    }
}
