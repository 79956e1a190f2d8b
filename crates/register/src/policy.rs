//! The policy: a table that an officer can read, of who may say what about whom.
//!
//! One folder: `policy.toml` is the table, `cases.toml` its test bench ([`crate::bench`]).

use std::collections::BTreeMap;

use evidence::{Digest, PredicateType, Slug, Visibility, folder_digest_of};
use serde::Deserialize;

/// A policy as adopted: the table and the digest of its folder.
#[derive(Debug, Clone)]
pub struct Policy {
    digest: Digest,
    table: Table,
    source: String,
}

/// Why a policy was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// A file is missing.
    #[error("the policy has no file {0}")]
    Missing(&'static str),
    /// The table cannot be read.
    #[error("{file}: {problem}")]
    Syntax {
        /// The file.
        file: &'static str,
        /// Line, column and problem.
        problem: String,
    },
    /// A row names something that there is not.
    #[error("policy.toml: {row}: {problem}")]
    Row {
        /// The row, such as `act.designation`.
        row: String,
        /// What is wrong.
        problem: String,
    },
}

/// The table.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// What it is called.
    pub policy: Heading,
    /// Roles by name.
    pub role: BTreeMap<String, RoleRow>,
    /// Acts by predicate name.
    pub act: BTreeMap<String, ActRow>,
}

/// The heading of a policy.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Heading {
    /// Short name.
    pub id: Slug,
    /// Version, for people.
    pub version: String,
    /// Title.
    pub title: Bilingual,
}

/// A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bilingual {
    /// Japanese.
    pub ja: String,
    /// English.
    pub en: String,
}

impl Bilingual {
    /// Returns the text in `language`.
    pub fn get(&self, language: evidence::Language) -> &str {
        match language {
            evidence::Language::Ja => &self.ja,
            evidence::Language::En => &self.en,
        }
    }
}

/// A role and who grants it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleRow {
    /// Its title.
    pub title: Bilingual,
    /// Which of the three legs it stands on.
    pub leg: Leg,
    /// An organisation's role, or a holder's (an office in an organisation).
    pub of: RoleOf,
    /// Who grants and ends it: `node`, or an organisation with this role.
    pub granted_by: Speaker,
    /// Whether an organisation that has holders in this role always keeps one.
    #[serde(default)]
    pub never_vacant: bool,
}

/// The legs of the kanae: who stands for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Leg {
    /// The State.
    State,
    /// Developers.
    Developer,
    /// Independent verifiers.
    Verifier,
}

/// What has a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RoleOf {
    /// A whole organisation.
    Organisation,
    /// One holder in an organisation.
    Holder,
}

/// Who may speak: the node, anyone registered, an organisation that registers itself, or a role.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub enum Speaker {
    /// The node's root keys.
    Node,
    /// An organisation, of itself, in the statement that creates it.
    Itself,
    /// Any organisation with a role in force.
    Accepted,
    /// Any registered organisation.
    Anyone,
    /// An organisation with this role in force.
    Role(String),
}

impl From<String> for Speaker {
    fn from(text: String) -> Self {
        match text.as_str() {
            "node" => Self::Node,
            "self" => Self::Itself,
            "accepted" => Self::Accepted,
            "anyone" => Self::Anyone,
            _ => Self::Role(text),
        }
    }
}

/// How the issuer must stand to the subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Relation {
    /// The subject is the issuer's own: itself, its model, its certificate, its statement.
    Own,
    /// The subject is someone else's.
    Other,
    /// The subject is an act addressed to the issuer.
    Addressed,
    /// The subject is the issuer's own act, or one addressed to it.
    Party,
}

/// Approvals that an act needs.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApprovalRow {
    /// In which function they are given.
    pub function: Slug,
    /// The role of each approving holder.
    pub role: String,
    /// How many distinct holders, the drafter not counted.
    pub count: u32,
    /// Whether only an adverse act needs them.
    #[serde(default)]
    pub where_adverse: bool,
}

/// An act: who may say it about what, and what it needs.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActRow {
    /// Who may say it: any of these.
    pub said_by: Vec<Speaker>,
    /// The role that the drafting holder must have, where it takes an officer.
    pub drafted_by: Option<String>,
    /// The role of the organisations whose officers draft and approve it, where others say it too.
    pub officers_of: Option<String>,
    /// Speakers who may say it of what concerns themselves only.
    #[serde(default)]
    pub own_by: Vec<Speaker>,
    /// What it is about: any of these kinds, or predicate names of statements. Empty: anything.
    #[serde(default)]
    pub about: Vec<String>,
    /// How the issuer must stand to the subject.
    pub relation: Option<Relation>,
    /// The role that the organisation behind the subject must have.
    pub owner_role: Option<String>,
    /// Approvals needed.
    pub approval: Option<ApprovalRow>,
    /// Where the act is adverse, one of these procedures must stand before it.
    #[serde(default)]
    pub procedure: Vec<String>,
    /// Whether it must name an adopted regime.
    #[serde(default)]
    pub under_regime: bool,
    /// The only visibility allowed; absent: either.
    pub visibility: Option<Visibility>,
    /// Whether it is as public as the statement that it is about, because it changes that one.
    #[serde(default)]
    pub as_subject: bool,
    /// Whether a later statement may correct it.
    #[serde(default)]
    pub correctable: bool,
}

/// Kinds of things that a statement can be about, besides statements by their predicate name.
const KINDS: &[&str] =
    &["origin", "key", "genesis", "organisation", "model", "model-version", "certificate", "role-grant"];
const PROCEDURES: &[&str] = &["hearing", "opportunity_to_explain", "urgency"];

impl Policy {
    /// Reads a policy's folder: path → bytes.
    pub fn load(files: &BTreeMap<String, Vec<u8>>) -> Result<Self, PolicyError> {
        let digest = folder_digest_of(files)
            .map_err(|e| PolicyError::Syntax { file: "policy.toml", problem: e.to_string() })?;
        let source = text(files, "policy.toml")?;
        let table: Table = toml::from_str(&source)
            .map_err(|e| PolicyError::Syntax { file: "policy.toml", problem: e.to_string() })?;
        check(&table)?;
        Ok(Self { digest, table, source })
    }

    /// Returns the folder digest that statements adopt it by.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Returns the table.
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// Returns the row of an act.
    pub fn act(&self, predicate: &str) -> Option<&ActRow> {
        self.table.act.get(predicate)
    }

    /// Returns the row of a role.
    pub fn role(&self, role: &str) -> Option<&RoleRow> {
        self.table.role.get(role)
    }

    /// Returns the table's text, to be read.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Returns the same policy with another table: for the bench, which takes rules away.
    pub(crate) fn with_table(&self, table: Table) -> Self {
        Self { table, ..self.clone() }
    }
}

pub(crate) fn text(files: &BTreeMap<String, Vec<u8>>, file: &'static str) -> Result<String, PolicyError> {
    let bytes = files.get(file).ok_or(PolicyError::Missing(file))?;
    String::from_utf8(bytes.clone()).map_err(|e| PolicyError::Syntax { file, problem: e.to_string() })
}

fn check(table: &Table) -> Result<(), PolicyError> {
    let role_of = |role: &str| table.role.get(role).map(|r| r.of);
    for (name, role) in &table.role {
        let fail = |problem: String| Err(PolicyError::Row { row: format!("role.{name}"), problem });
        if name.parse::<Slug>().is_err() {
            return fail("the role's name is no short name".into());
        }
        if role.never_vacant && role.of != RoleOf::Holder {
            return fail("never_vacant is for a holder's role".into());
        }
        match &role.granted_by {
            Speaker::Node => {}
            Speaker::Role(by) if role_of(by) == Some(RoleOf::Organisation) => {}
            other => {
                return fail(format!("granted_by is {other:?}, expected \"node\" or an organisation's role"));
            }
        }
    }
    for (name, act) in &table.act {
        let fail = |problem: String| Err(PolicyError::Row { row: format!("act.{name}"), problem });
        if PredicateType::find(name).is_none() {
            return fail("there is no predicate of this name".into());
        }
        if act.said_by.is_empty() {
            return fail("said_by is empty: nobody could say it".into());
        }
        for (field, speakers) in [("said_by", &act.said_by), ("own_by", &act.own_by)] {
            for speaker in speakers {
                if let Speaker::Role(role) = speaker
                    && role_of(role) != Some(RoleOf::Organisation)
                {
                    return fail(format!("{field} names {role:?}, which is no organisation's role"));
                }
            }
        }
        let officers = act.drafted_by.iter().chain(act.approval.iter().map(|a| &a.role));
        for role in officers {
            if role_of(role) != Some(RoleOf::Holder) {
                return fail(format!("{role:?} is no holder's role"));
            }
        }
        for (field, role) in [("owner_role", &act.owner_role), ("officers_of", &act.officers_of)] {
            if let Some(role) = role
                && role_of(role) != Some(RoleOf::Organisation)
            {
                return fail(format!("{field} names {role:?}, which is no organisation's role"));
            }
        }
        for kind in &act.about {
            if !KINDS.contains(&kind.as_str()) && PredicateType::find(kind).is_none() {
                return fail(format!(
                    "about names {kind:?}, which is neither one of {KINDS:?} nor a predicate"
                ));
            }
        }
        if let Some(procedure) = act.procedure.iter().find(|p| !PROCEDURES.contains(&p.as_str())) {
            return fail(format!("procedure names {procedure:?}, expected some of {PROCEDURES:?}"));
        }
    }
    Ok(())
}
