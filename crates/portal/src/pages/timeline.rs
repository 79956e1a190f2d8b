//! Statements in the order of the log, as sentences: who did what, and where it is written.

use std::sync::Arc;

use evidence::Predicate;
use evidence::predicate::{
    Advice, CertificateState, Effect, FindingResult, ObjectionResult, Position, ReviewOutcome,
    VerificationScope,
};
use register::ActState;
use register::state::Recorded;

use super::format::{japanese_day, short_day};
use super::parts::{Html, Tag};
use super::scene::Scene;

/// One line of a timeline.
pub(crate) struct Moment {
    /// Whose shape stands before it.
    pub(crate) voice: &'static str,
    pub(crate) day: Html,
    pub(crate) who: Html,
    pub(crate) what: Html,
    pub(crate) entry: Html,
}

/// Writes a statement as a line of a timeline.
pub(crate) fn moment(scene: &Scene, recorded: &Arc<Recorded>) -> Moment {
    let computed = matches!(recorded.statement.predicate(), Predicate::Assessment(_));
    Moment {
        voice: if computed { "machine" } else { scene.voice(recorded.issuer.as_ref()) },
        day: short_day(japanese_day(recorded.time)),
        who: scene.issuer(recorded),
        what: what(scene, recorded),
        entry: scene.entry(recorded),
    }
}

/// Says in a few words what a statement does.
pub(crate) fn what(scene: &Scene, recorded: &Recorded) -> Html {
    let say = scene.say;
    let predicate = recorded.statement.predicate();
    let key = format!("did-{}", predicate.name());
    let sentence = if say.has(&key) {
        say.html(&key).html()
    } else {
        say.html("did-something").with("kind", scene.kind(predicate.name())).html()
    };
    let mut tags: Vec<Html> = tags(scene, predicate).into_iter().map(Html::from).collect();
    if recorded.superseded_by.is_some() {
        tags.push(Tag::signed("later", say.text("corrected-later")).into());
    }
    tags.extend(state(scene, recorded).map(Html::from));
    if !recorded.statement.is_public() {
        tags.push(Tag::signed("secret", say.text("restricted")).into());
    }
    tags.insert(0, sentence);
    Html::join(tags, " ")
}

/// Returns what became of an act, where it no longer has effect.
pub(crate) fn state(scene: &Scene, recorded: &Recorded) -> Option<Tag> {
    let say = scene.say;
    match scene.register().act_state(&recorded.statement.digest()) {
        ActState::InForce => None,
        ActState::Stayed { .. } => Some(Tag::signed("departs", say.text("act-stayed"))),
        ActState::Annulled { .. } => Some(Tag::signed("bad", say.text("act-annulled"))),
        ActState::Ended { .. } => Some(Tag::signed("later", say.text("act-ended"))),
    }
}

/// Returns what a statement decides or finds, as tags.
pub(crate) fn tags(scene: &Scene, predicate: &Predicate) -> Vec<Tag> {
    let say = scene.say;
    match predicate {
        Predicate::Designation(designation) => vec![advice(scene, designation.advice)],
        Predicate::Assessment(assessment) => {
            vec![coverage(scene, &assessment.result.coverage)]
        }
        Predicate::Finding(finding) => vec![
            match finding.result {
                FindingResult::Met => Tag::signed("good", say.text("status-found-met")),
                FindingResult::Unmet => Tag::signed("bad", say.text("status-found-unmet")),
                FindingResult::Unresolved => Tag::signed("unknown", say.text("status-found-unresolved")),
            },
            advice(scene, finding.advice),
        ],
        Predicate::Review(review) => vec![match review.outcome {
            ReviewOutcome::Complete => Tag::signed("good", say.text("review-complete")),
            ReviewOutcome::Questions => Tag::signed("open", say.text("review-questions")),
        }],
        Predicate::SafetyVerification(verification) => vec![match verification.scope {
            VerificationScope::Internal => Tag::signed("filed", say.text("scope-internal")),
            VerificationScope::External => Tag::signed("filed", say.text("scope-external")),
        }],
        Predicate::Reply(reply) => vec![match reply.position {
            Position::Explains => Tag::signed("filed", say.text("position-explains")),
            Position::Accepts => Tag::signed("filed", say.text("position-accepts")),
            Position::Contests => Tag::signed("departs", say.text("position-contests")),
            Position::Remedied => Tag::signed("filed", say.text("position-remedied")),
        }],
        Predicate::CertificateStatus(status) => vec![certificate(scene, status.state)],
        Predicate::ObjectionDecision(decision) => {
            let result = match decision.result {
                ObjectionResult::Upheld => "upheld",
                ObjectionResult::PartlyUpheld => "partly_upheld",
                ObjectionResult::Rejected => "rejected",
                ObjectionResult::Inadmissible => "inadmissible",
            };
            vec![Tag::signed("filed", say.word("value", result)), effect(scene, decision.effect)]
        }
        Predicate::Ruling(ruling) => vec![effect(scene, ruling.effect)],
        _ => Vec::new(),
    }
}

/// Shows what a decision or a ruling does to an act.
fn effect(scene: &Scene, effect: Effect) -> Tag {
    let (tone, word) = match effect {
        Effect::Stays => ("departs", "stays"),
        Effect::LiftsStay => ("filed", "lifts_stay"),
        Effect::Annuls => ("bad", "annuls"),
        Effect::Maintains => ("filed", "maintains"),
    };
    Tag::signed(tone, scene.say.word("value", word))
}

/// Shows how a decision stands to the advice.
pub(crate) fn advice(scene: &Scene, advice: Advice) -> Tag {
    match advice {
        Advice::Follows => Tag::signed("good", scene.say.text("advice-follows")),
        Advice::Departs => Tag::signed("departs", scene.say.text("advice-departs")),
    }
}

/// Shows a coverage as computed.
pub(crate) fn coverage(scene: &Scene, coverage: &str) -> Tag {
    let say = scene.say;
    match coverage {
        "covered" => Tag::computed("open", say.text("coverage-covered")),
        "not_covered" => Tag::computed("later", say.text("coverage-not-covered")),
        _ => Tag::computed("unknown", say.text("coverage-undetermined")),
    }
}

/// Shows the state of a certificate.
fn certificate(scene: &Scene, state: CertificateState) -> Tag {
    let say = scene.say;
    match state {
        CertificateState::Valid => Tag::signed("good", say.text("certificate-valid")),
        CertificateState::Suspended => Tag::signed("departs", say.text("certificate-suspended")),
        CertificateState::Revoked => Tag::signed("bad", say.text("certificate-revoked")),
    }
}
