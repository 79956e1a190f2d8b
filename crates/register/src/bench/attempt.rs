//! An attempt: who tries, what is prepared for it, and what is wrong with it.

use evidence::predicate::{CertificateState, RoleEnd};
use evidence::{Digest, Issuer, Predicate, PredicateType, Visibility, origin_subject};

use super::words::words;
use super::world::{Actor, ORIGIN, Words, World, slug, texts};
use super::{GRANTS, cycle};
use crate::policy::{Policy, RoleOf, Speaker};
use crate::refusal::{Code, Refusal};

/// The register of a log is born, or someone else pretends to bear it.
pub(super) fn genesis(world: &mut World, attempt: &str, folder: Digest) -> Result<Digest, Refusal> {
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

/// Tries an act under `policy`; what it may need, such as approvals, is as `original` asks.
pub(super) fn act(
    world: &mut World,
    original: &Policy,
    policy: &Policy,
    act: &str,
    attempt: &str,
) -> Option<Result<Digest, Refusal>> {
    let row = policy.act(act)?.clone();
    let kind = PredicateType::find(act)?;
    let speaker = speaker(world, &row, act, attempt)?;
    let mut words = words(world, kind.example(), act, speaker, attempt)?;
    // Officers' acts are drafted by the first officer; the registrar is none.
    match attempt {
        "wrong-subject" => {
            words.subject =
                world.things[if matches!(act, "role-end" | "approval") { "model" } else { "adoption" }];
        }
        "restricted" => words.visibility = Visibility::Restricted,
        "no-regime" => words.regime = false,
        "not-officer" => words.holder = 2,
        "correction" => {
            words.supersedes = Some(corrected(world, original, act, speaker)?);
            match &mut words.body {
                Predicate::CertificateStatus(status) => status.state = CertificateState::Revoked,
                Predicate::Extension(extension) => extension.until = super::world::day("2101-01-01"),
                _ => {}
            }
        }
        "owner-left" => {
            let ended = Words::about(world.things["developer-grant"], RoleEnd { reasons: texts() });
            world.say("authority", ended.by_holder(2)).ok()?;
        }
        "last-officer" => {
            for officer in ["officer-2-grant", "officer-3-grant"].into_iter().filter(|_| act == "role-end") {
                let ended = Words::about(world.things[officer], RoleEnd { reasons: texts() });
                world.say("authority", ended.by_holder(2)).ok()?;
            }
        }
        _ => {}
    }
    if let Some(role) = attempt.strip_prefix(GRANTS) {
        let holder = (policy.role(role)?.of == RoleOf::Holder).then(|| slug("compliance")).flatten();
        words.body = World::grant(role, holder)?.into();
        words.subject = world.things["developer"];
    }
    if act == "organisation" {
        return Some(organisation(world, words, speaker));
    }
    let approver = if attempt == "own-approval" { words.holder } else { cycle::approver(act) };
    if attempt == "other-draft" {
        let mut other = Words::about(words.subject, words.body.clone());
        other.visibility = Visibility::Public;
        let actor = world.actors[speaker].clone();
        let (draft, _) = world.sign(&actor, other);
        let mut approval = Words::about(draft.digest(), example("approval")?).by_holder(approver);
        approval.visibility = Visibility::Public;
        return Some(world.say(speaker, approval).and_then(|_| world.say(speaker, words)));
    }
    // Approvals are given wherever the original policy may ask for them.
    let approved = speaker == "authority"
        && attempt != "no-approval"
        && is_approved(original, act, &words.body)
        && row.said_by.contains(&Speaker::Role("authority".into()));
    if approved {
        return Some(world.approved(speaker, words, approver));
    }
    Some(world.say(speaker, words))
}

/// Tells whether a policy asks for approvals of an act.
fn is_approved(policy: &Policy, act: &str, body: &Predicate) -> bool {
    policy
        .act(act)
        .and_then(|row| row.approval.as_ref())
        .is_some_and(|needed| !needed.where_adverse || crate::citations::adverse(body).is_some())
}

/// Who tries, made fit for it.
fn speaker(world: &mut World, row: &crate::policy::ActRow, act: &str, attempt: &str) -> Option<&'static str> {
    const BY_NAME: &[&str] =
        &["node", "authority", "institute", "developer", "rival", "certifier", "association", "stranger"];
    if let Some(name) = BY_NAME.iter().find(|name| **name == attempt) {
        return Some(name);
    }
    Some(match attempt {
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
        // A second authority, with an officer, about the first one's act.
        "other-owner" if matches!(act, "designation-end" | "inspection-minutes") => {
            let rival = world.things["rival"];
            world.say("node", Words::about(rival, World::grant("authority", None)?)).ok()?;
            world.say("rival", Words::about(rival, World::grant("officer", slug("compliance"))?)).ok()?;
            "rival"
        }
        "not-officer" | "last-officer" => "authority",
        _ if attempt.starts_with(GRANTS) => "developer",
        _ => natural_speaker(act),
    })
}

/// The authority accepts an organisation in one more role.
fn accept(world: &mut World, name: &str, role: &str) -> Option<Digest> {
    let grant = World::grant(role, None)?;
    world.say("authority", Words::about(world.things[name], grant).by_holder(2)).ok()
}

fn organisation(world: &mut World, words: Words, speaker: &str) -> Result<Digest, Refusal> {
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
        "code-of-conduct" | "consultation" | "consultation-result" => "association",
        "role-grant"
        | "role-end"
        | "approval"
        | "erasure"
        | "assessment"
        | "designation"
        | "review"
        | "procedure"
        | "finding"
        | "remedy-request"
        | "information-request"
        | "guidance"
        | "monitoring-plan"
        | "assignment"
        | "extension"
        | "hearing-record"
        | "report-demand"
        | "inspection"
        | "inspection-minutes"
        | "order"
        | "surcharge"
        | "disclosure"
        | "designation-end"
        | "objection-decision"
        | "succession" => "authority",
        _ => "developer",
    }
}

/// A statement of the same type, subject and issuer, recorded to be corrected.
fn corrected(world: &mut World, original: &Policy, act: &str, speaker: &str) -> Option<Digest> {
    let first = words(world, PredicateType::find(act)?.example(), act, speaker, "")?;
    match act {
        "organisation" => Some(world.things["stranger"]),
        _ if speaker == "authority" && is_approved(original, act, &first.body) => {
            world.approved(speaker, first, cycle::approver(act)).ok()
        }
        _ => world.say(speaker, first).ok(),
    }
}
