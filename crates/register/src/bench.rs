//! The policy's test bench: every act tried by everyone, and by its natural speaker with one thing
//! wrong, against a table of verdicts written by hand (`cases.toml` in the policy's folder).

use std::collections::BTreeMap;

use evidence::predicate::{
    CertificateState, CertificateStatus, Erasure, KeyChange, ModelFacts, Notification, PolicyAdoption,
    Position, Procedure, ProcedureKind, RegimeAdoption, RemedyRequest, Reply, Review, ReviewOutcome, RoleEnd,
    SafetyVerification, VerificationScope,
};
use evidence::{Digest, Issuer, Predicate, PredicateType, Slug, Visibility, origin_subject};
use serde::Deserialize;

use crate::library::Library;
use crate::policy::{self, ActRow, Policy, PolicyError, RoleOf, Speaker, Table};
use crate::refusal::{Code, Refusal};

pub(crate) mod world;

use world::{Actor, DUTY, ORIGIN, Words, World, day, slug, texts};

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
];

/// Attempts of a developer to grant a role to itself or to one of its holders: `grants-<role>`.
const GRANTS: &str = "grants-";

/// Types that cannot be corrected under any policy: what they create is their own identity, or they
/// can be said once only.
const NEVER_CORRECTED: &[&str] = &["node-genesis", "organisation", "role-end"];

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
            rule("drafted_by", act.drafted_by.is_some(), &|a| a.drafted_by = None);
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
            return name(try_genesis(&mut world, attempt, folder));
        }
        world.register.policy = world.library.policy(&folder);
        match try_act(&mut world, policy, act, attempt) {
            Some(result) => name(result),
            None => "no such attempt".into(),
        }
    }
}

/// The register of a log is born, or someone else pretends to bear it.
fn try_genesis(world: &mut World, attempt: &str, folder: Digest) -> Result<Digest, Refusal> {
    let mut actor = world.actors["node"].clone();
    let body = World::genesis(folder, &actor);
    if attempt != "stranger" {
        world.register = crate::Register::new(ORIGIN);
    }
    let mut words = Words::about(origin_subject(ORIGIN), body);
    match attempt {
        "restricted" => words.visibility = Visibility::Restricted,
        "developer" => actor.issuer = Issuer::Itself,
        "correction" => words.supersedes = Some(folder),
        _ => {}
    }
    let (statement, envelope) = world.sign(&actor, words);
    world.record(&statement, &envelope).map(|()| statement.digest())
}

fn try_act(world: &mut World, policy: &Policy, act: &str, attempt: &str) -> Option<Result<Digest, Refusal>> {
    let row = policy.act(act)?.clone();
    let kind = PredicateType::find(act)?;
    let by_name = ["node", "authority", "institute", "developer", "rival", "certifier", "stranger"];
    let natural = natural_speaker(act);
    let speaker = match attempt {
        _ if by_name.contains(&attempt) => attempt,
        "own-thing" => {
            // A developer that is a verifier too, about its own thing.
            let Some(Speaker::Role(role)) = row.said_by.last() else { return None };
            accept(world, "developer", role)?;
            "developer"
        }
        "other-owner" if act == "certificate-status" => {
            accept(world, "rival", "certification-body")?;
            "rival"
        }
        _ if attempt.starts_with(GRANTS) => "developer",
        _ => natural,
    };
    let mut words = words(world, kind.example(), act, speaker, attempt)?;
    // Officers' acts are drafted by the first officer; the registrar is none.
    match attempt {
        "wrong-subject" => {
            words.subject =
                world.things[if act == "role-end" || act == "approval" { "model" } else { "adoption" }];
        }
        "restricted" => words.visibility = Visibility::Restricted,
        "no-regime" => words.regime = false,
        "not-officer" => words.holder = 2,
        "correction" if act == "certificate-status" => {
            words.supersedes = Some(corrected(world, act, speaker)?);
            if let Predicate::CertificateStatus(status) = &mut words.body {
                status.state = CertificateState::Revoked;
            }
        }
        "correction" => words.supersedes = Some(corrected(world, act, speaker)?),
        _ => {}
    }
    if attempt == "owner-left" {
        let ended = Words::about(world.things["developer-grant"], RoleEnd { reasons: texts() }).by_holder(2);
        world.say("authority", ended).ok()?;
    }
    if let Some(role) = attempt.strip_prefix(GRANTS) {
        let holder = (policy.role(role)?.of == RoleOf::Holder).then(|| slug("compliance")).flatten();
        words.body = World::grant(role, holder)?.into();
        words.subject = world.things["developer"];
    }
    if act == "organisation" {
        return Some(try_organisation(world, words, speaker));
    }
    let unapproved = matches!(attempt, "no-approval");
    let approver = if attempt == "own-approval" { words.holder } else { 1 };
    if attempt == "other-draft" {
        let mut other = Words::about(words.subject, words.body.clone());
        other.visibility = Visibility::Public;
        let actor = world.actors[speaker].clone();
        let (draft, _) = world.sign(&actor, other);
        let mut approval = Words::about(draft.digest(), example("approval")?).by_holder(1);
        approval.visibility = Visibility::Public;
        return Some(world.say(speaker, approval).and_then(|_| world.say(speaker, words)));
    }
    // Approvals are given wherever the original policy may ask for them.
    let approvable =
        matches!(act, "designation" | "finding" | "remedy-request" | "erasure") && speaker == "authority";
    if approvable && !unapproved && row.said_by.contains(&Speaker::Role("authority".into())) {
        return Some(world.approved(speaker, words, approver));
    }
    Some(world.say(speaker, words))
}

/// The authority accepts an organisation in one more role.
fn accept(world: &mut World, name: &str, role: &str) -> Option<Digest> {
    let grant = World::grant(role, None)?;
    world.say("authority", Words::about(world.things[name], grant).by_holder(2)).ok()
}

fn try_organisation(world: &mut World, words: Words, speaker: &str) -> Result<Digest, Refusal> {
    let Some(mut actor) = World::newcomer("newcomer") else {
        return Err(Refusal::new(Code::BadKey, "no key"));
    };
    if speaker != "stranger" {
        // Somebody else speaks for the newcomer, with the newcomer's key beside their own.
        let other: &Actor = &world.actors[speaker];
        actor.issuer = other.issuer;
    }
    let (statement, envelope) = world.sign(&actor, words);
    world.record(&statement, &envelope).map(|()| statement.digest())
}

fn example(act: &str) -> Option<Predicate> {
    let mut body = PredicateType::find(act)?.example();
    if let Predicate::Approval(approval) = &mut body {
        approval.function = slug("second-officer")?;
    }
    Some(body)
}

/// Who says this in ordinary life.
fn natural_speaker(act: &str) -> &'static str {
    match act {
        "policy-adoption" | "regime-adoption" => "node",
        "organisation" => "stranger",
        "certificate" | "certificate-status" => "certifier",
        "role-grant" | "role-end" | "approval" | "erasure" | "assessment" | "designation" | "review"
        | "procedure" | "finding" | "remedy-request" => "authority",
        _ => "developer",
    }
}

/// The words of an attempt: the example of the type, made to fit the world and the speaker.
fn words(world: &mut World, mut body: Predicate, act: &str, speaker: &str, attempt: &str) -> Option<Words> {
    let thing = |name: &str| world.things.get(name).copied();
    let rival = attempt == "other-owner";
    let subject = match act {
        "policy-adoption" | "regime-adoption" => thing("genesis")?,
        "key-change" => match (speaker, rival) {
            (_, true) => thing("rival")?,
            ("node", _) => thing("developer")?,
            (speaker, _) => thing(speaker)?,
        },
        "role-grant" => thing(if rival && speaker != "node" { "authority" } else { "stranger" })?,
        "role-end" => thing(if speaker == "node" { "grant-by-node" } else { "rival-grant" })?,
        "model" => thing(if rival { "rival" } else { "developer" })?,
        "weights-manifest" | "safety-verification" | "certificate" => {
            thing(if rival { "rival-version" } else { "version" })?
        }
        "certificate-status" => thing("certificate")?,
        "approval" | "erasure" => thing("facts")?,
        "review" => thing("report")?,
        "reply" => thing("finding-procedure-open")?,
        "organisation" => World::newcomer("newcomer")?.keys.first()?.1.public_key().hash(),
        // Everything else is about a model.
        _ => thing(if rival { "rival-model" } else { "model" })?,
    };
    match &mut body {
        Predicate::PolicyAdoption(PolicyAdoption { policy, .. }) => {
            *policy = world.register.policy()?.digest();
        }
        Predicate::RegimeAdoption(RegimeAdoption { regime, folder, switches, .. }) => {
            *regime = world.regime.clone();
            *folder = world.register.regime(world.regime.as_str())?.folder;
            switches.clear();
        }
        Predicate::Organisation(body) => {
            *body = World::organisation_body("newcomer", &World::newcomer("newcomer")?)?;
        }
        Predicate::KeyChange(KeyChange { add, end }) => {
            add.clear();
            end.clear();
        }
        Predicate::RoleGrant(grant) => {
            // The node accepts an authority, the authority everyone else.
            *grant = World::grant(
                if speaker == "node" || attempt == "other-owner" { "authority" } else { "developer" },
                None,
            )?;
        }
        Predicate::RoleEnd(RoleEnd { reasons }) => *reasons = texts(),
        Predicate::Approval(approval) => approval.function = slug("second-officer")?,
        Predicate::Erasure(Erasure { parts, .. }) => parts.clear(),
        Predicate::Model(model) => model.slug = slug("new")?,
        Predicate::ModelVersion(version) => version.slug = slug("new")?,
        Predicate::ModelFacts(ModelFacts { facts }) => facts.clear(),
        Predicate::SafetyVerification(SafetyVerification { scope, comparison, .. }) => {
            *scope = if speaker == "developer" && !rival {
                VerificationScope::Internal
            } else {
                VerificationScope::External
            };
            *comparison = None;
        }
        Predicate::Notification(Notification { facts, .. }) => facts.clear(),
        Predicate::Assessment(assessment) => *assessment = world.assessment(thing("model")?)?,
        Predicate::Designation(designation) => {
            *designation = world.designation()?;
            if rival {
                designation.developer = thing("rival")?;
            }
        }
        Predicate::Review(Review { outcome, questions, .. }) => {
            *outcome = ReviewOutcome::Complete;
            questions.clear();
        }
        Predicate::Procedure(procedure) => {
            *procedure = Procedure {
                kind: ProcedureKind::Hearing,
                planned_act: slug("finding")?,
                addressee: thing(if rival { "rival" } else { "developer" })?,
                duty: slug(DUTY),
                grounds: texts(),
                answer_by: day("2099-01-01"),
            };
        }
        Predicate::Reply(Reply { position, evidence, .. }) => {
            *position = Position::Explains;
            evidence.clear();
        }
        Predicate::Finding(finding) => {
            *finding = world.finding()?;
            match attempt {
                "no-procedure" => finding.procedure = None,
                "open-procedure" => finding.procedure = thing("finding-procedure-open"),
                _ => {}
            }
        }
        Predicate::RemedyRequest(request) => {
            *request = RemedyRequest {
                finding: thing("finding")?,
                duty: slug(DUTY)?,
                request: texts(),
                deadline: day("2027-03-31"),
                procedure: thing(match attempt {
                    "no-procedure" => "facts",
                    "open-procedure" => "request-procedure-open",
                    _ => "request-procedure",
                })?,
                remedies: None,
            };
        }
        Predicate::Certificate(certificate) => {
            certificate.slug = slug("new")?;
            certificate.evidence.clear();
        }
        Predicate::CertificateStatus(CertificateStatus { state, procedure, .. }) => {
            *state = CertificateState::Suspended;
            *procedure = match attempt {
                "no-procedure" => None,
                "open-procedure" => thing("status-procedure-open"),
                _ => thing("status-procedure"),
            };
        }
        _ => {}
    }
    Some(Words::about(subject, body))
}

/// A statement of the same type, subject and issuer, recorded to be corrected.
fn corrected(world: &mut World, act: &str, speaker: &str) -> Option<Digest> {
    let first = words(world, PredicateType::find(act)?.example(), act, speaker, "")?;
    match act {
        "organisation" => Some(world.things["stranger"]),
        "designation" | "finding" | "remedy-request" | "erasure" => world.approved(speaker, first, 1).ok(),
        _ => world.say(speaker, first).ok(),
    }
}
