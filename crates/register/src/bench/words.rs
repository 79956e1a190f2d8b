//! What an attempt says: the example of the type, made to fit the bench's small register.

use evidence::Predicate;
use evidence::predicate::{
    CertificateState, CertificateStatus, Erasure, KeyChange, KeyEnd, KeyEndReason, ModelFacts, Notification,
    PolicyAdoption, Position, Procedure, ProcedureKind, RegimeAdoption, RemedyRequest, Reply, Review,
    ReviewOutcome, RoleEnd, SafetyVerification, VerificationScope,
};

use super::cycle;
use super::world::{DUTY, Words, World, day, slug, texts};

/// The words of an attempt: the example of the type, made to fit the world and the speaker.
pub(crate) fn words(
    world: &mut World,
    mut body: Predicate,
    act: &str,
    speaker: &str,
    attempt: &str,
) -> Option<Words> {
    if let Some(words) = cycle::words(world, &body, act, speaker, attempt) {
        return Some(words);
    }
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
        "role-end" => thing(match attempt {
            "last-officer" => "officer-1-grant",
            _ if speaker == "node" => "grant-by-node",
            _ => "rival-grant",
        })?,
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
            if attempt == "last-officer" {
                // Everybody but the registrar loses their key.
                end.extend([0, 1, 3].into_iter().filter_map(|holder| {
                    let key = world.actors["authority"].keys.get(holder)?.1.public_key().hash();
                    Some(KeyEnd { key, reason: KeyEndReason::Left, compromised_since: None })
                }));
            }
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
