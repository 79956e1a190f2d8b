//! Who is who: the node, organisations, their keys and roles, approvals, erasure.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Example;
use crate::common::{Slug, Texts};
use crate::digest::{Digest, sha256};
use crate::time::{Date, Timestamp};

/// The birth of a node: entry 0 of its log, signed by k of its root keys.
///
/// Subject: SHA-256 of the origin. Issuer: `node`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NodeGenesis {
    /// The log's origin (C2SP tlog-checkpoint).
    pub origin: String,
    /// Verifier keys of the log (C2SP signed-note), for checkpoints.
    pub log_keys: Vec<String>,
    /// The verifier key named `<origin>/intake`: for arrival notes and refusals, never for checkpoints.
    pub intake_key: String,
    /// The root keys.
    pub root_keys: Vec<KeyEntry>,
    /// How many root keys must sign an act of the node.
    pub threshold: u32,
    /// Folder digest of the first policy.
    pub policy: Digest,
    /// What every page of this register says first, such as that it is a demonstration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<Texts>,
}

/// A policy comes into force: who may say what about whom.
///
/// Subject: the genesis. Issuer: `node`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PolicyAdoption {
    /// Folder digest of the policy.
    pub policy: Digest,
    /// Why it is adopted.
    pub reasons: Texts,
}

/// A regime comes to be applied here, with its switches set.
///
/// Subject: the genesis. Issuer: `node`. A later adoption of the same regime replaces it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RegimeAdoption {
    /// The regime's name.
    pub regime: Slug,
    /// Folder digest of its files.
    pub folder: Digest,
    /// What the draft leaves open, settled here: switch → value, as the regime writes it.
    #[serde(default)]
    pub switches: BTreeMap<String, String>,
    /// Why it is applied, and so set.
    pub reasons: Texts,
}

/// A key and who holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct KeyEntry {
    /// SubjectPublicKeyInfo, DER in base64.
    pub spki: String,
    /// The pseudonymous holder: an office, never a person's name. Policy counts distinct holders.
    pub holder: Slug,
    /// Where the private key is kept.
    pub custody: Custody,
}

/// Where a private key is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Custody {
    /// By its holder.
    Holder,
    /// By the node, for its holder: pages say so beside every signature.
    Node,
}

/// An identifier in a public register of legal persons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RegistryId {
    /// The register, such as `jp-corporate-number` or `lei`.
    pub scheme: Slug,
    /// The identifier in it.
    pub value: String,
}

/// An organisation registers itself and its keys, each of which signs (proof of possession).
///
/// Subject: SHA-256 of the first key's SPKI. Issuer: `self`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Organisation {
    /// Its readable name in addresses.
    pub slug: Slug,
    /// Its names.
    pub names: Texts,
    /// Country of its seat (ISO 3166-1 alpha-2).
    #[schemars(regex(pattern = "^[A-Z]{2}$"))]
    pub country: String,
    /// Where a public register knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registry_id: Option<RegistryId>,
    /// Its representative in the node's jurisdiction, where its seat is abroad: an office.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub representative: Option<Texts>,
    /// Its keys.
    #[schemars(length(min = 1, max = 16))]
    pub keys: Vec<KeyEntry>,
}

/// An organisation adds keys, each of which co-signs, and ends keys.
///
/// Subject: the organisation. Acts from its own entry on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct KeyChange {
    /// New keys.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub add: Vec<KeyEntry>,
    /// Ended keys.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub end: Vec<KeyEnd>,
}

/// The end of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct KeyEnd {
    /// The key's hash.
    pub key: Digest,
    /// Why it ends.
    pub reason: KeyEndReason,
    /// Since when it may have been in other hands: marks later entries disputed, erases nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compromised_since: Option<Timestamp>,
}

/// Why a key ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyEndReason {
    /// Replaced as planned.
    Rotated,
    /// Its holder has left the office.
    Left,
    /// It may be in other hands.
    Compromised,
}

/// An organisation, or an officer of one, is accepted in a role.
///
/// Subject: the organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RoleGrant {
    /// The role, as the policy names it.
    pub role: Slug,
    /// The holder, where the role is an officer's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<Slug>,
    /// Legal basis.
    pub legal_basis: Texts,
    /// First day (UTC) on which it may be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    /// Last day (UTC) on which it may be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// The holder whose office it is, where this one stands in (代決・専決): then for a bounded time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acting_for: Option<Slug>,
}

/// A role ends.
///
/// Subject: the `role-grant` statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RoleEnd {
    /// Why it ends.
    pub reasons: Texts,
}

/// An officer approves the exact text of an act with a key of their own, before it.
///
/// Subject: the act's statement digest. Appended in one batch with the act, approvals first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Approval {
    /// In which function it is given, as the policy names it.
    pub function: Slug,
    /// What is decided.
    pub decision: ApprovalDecision,
    /// Why.
    pub reasons: Texts,
}

/// What an approver decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ApprovalDecision {
    /// The act may be done.
    Approve,
    /// The act shall not be done.
    Reject,
}

/// Attachments of a statement are erased, on a legal ground. The statement still verifies, and
/// the register says "erased by entry n".
///
/// Subject: the statement that carried them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Erasure {
    /// Commitments of the erased attachments.
    #[schemars(length(min = 1, max = 64))]
    pub parts: Vec<Digest>,
    /// The legal ground.
    pub ground: Texts,
}

/// SPKI of the Ed25519 key in RFC 8410 §10.1.
const EXAMPLE_SPKI: &str = "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=";

fn example_key(holder: &str) -> KeyEntry {
    KeyEntry { spki: EXAMPLE_SPKI.into(), holder: super::example_slug(holder), custody: Custody::Holder }
}

impl Example for NodeGenesis {
    fn example() -> Self {
        Self {
            origin: "register.example/2026".into(),
            log_keys: vec![
                "register.example/2026+0c38ce5a+ARm/RAlphM3+hUG6wWfcO5bIUIaqMLa2ywxcOK1wMWbh".into(),
            ],
            intake_key: "register.example/2026/intake+ad0ba2fa+ARm/RAlphM3+hUG6wWfcO5bIUIaqMLa2ywxcOK1wMWbh"
                .into(),
            root_keys: vec![example_key("root-1")],
            threshold: 1,
            policy: sha256(b"policy"),
            notice: Some(Texts::both("実演です。", "This is a demonstration.")),
        }
    }
}

impl Example for PolicyAdoption {
    fn example() -> Self {
        Self {
            policy: sha256(b"policy"),
            reasons: Texts::both("承認者を二人にします。", "Approvals by two officers."),
        }
    }
}

impl Example for RegimeAdoption {
    fn example() -> Self {
        Self {
            regime: super::example_slug("example-act"),
            folder: sha256(b"regime"),
            switches: BTreeMap::from([("report_interval".to_owned(), "1 year".to_owned())]),
            reasons: Texts::both("試行のためです。", "For a trial."),
        }
    }
}

impl Example for Organisation {
    fn example() -> Self {
        Self {
            slug: super::example_slug("minato-lab"),
            names: Texts::both("みなと言語研究所", "Minato Language Laboratory"),
            country: "JP".into(),
            registry_id: Some(RegistryId {
                scheme: super::example_slug("jp-corporate-number"),
                value: "8700110005901".into(),
            }),
            representative: None,
            keys: vec![example_key("compliance")],
        }
    }
}

impl Example for KeyChange {
    fn example() -> Self {
        Self {
            add: vec![example_key("officer-2")],
            end: vec![KeyEnd {
                key: sha256(b"key"),
                reason: KeyEndReason::Compromised,
                compromised_since: "2026-11-20T00:00:00.000Z".parse().ok(),
            }],
        }
    }
}

impl Example for RoleGrant {
    fn example() -> Self {
        Self {
            role: super::example_slug("developer"),
            holder: None,
            legal_basis: Texts::both("登録の申請による。", "On its request for registration."),
            from: None,
            until: "2028-03-31".parse().ok(),
            acting_for: None,
        }
    }
}

impl Example for RoleEnd {
    fn example() -> Self {
        Self { reasons: Texts::both("任期の満了。", "The term of office has ended.") }
    }
}

impl Example for Approval {
    fn example() -> Self {
        Self {
            function: super::example_slug("second-officer"),
            decision: ApprovalDecision::Approve,
            reasons: Texts::both("助言と事実を確認しました。", "Checked against the advice and the facts."),
        }
    }
}

impl Example for Erasure {
    fn example() -> Self {
        Self {
            parts: vec![sha256(b"part")],
            ground: Texts::both("個人情報の削除請求。", "A request to erase personal data."),
        }
    }
}
