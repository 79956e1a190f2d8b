//! Acts that are contested, stayed, annulled, ended.

use evidence::predicate::{
    DesignationEnd, Effect, Objection, ObjectionDecision, ObjectionResult, RemedyRequest, Ruling,
};
use evidence::{Digest, PredicateType};

use super::world;
use crate::bench::cycle::the_ruling;
use crate::bench::world::{DUTY, Words, World, day, now, slug, texts};
use crate::{ActState, Code, Refusal};

pub(super) fn ruling(effect: Effect) -> Ruling {
    Ruling {
        court: texts(),
        case_number: "1".into(),
        decided_on: day("2026-01-01"),
        effect,
        summary: texts(),
    }
}

pub(super) fn ruled(world: &mut World, by: &str, act: Digest, effect: Effect) -> Result<Digest, Refusal> {
    let mut words = Words::about(act, ruling(effect));
    words.attachments = vec![the_ruling()];
    world.say(by, words)
}

fn objection(world: &mut World, act: Digest) -> Result<Digest, Refusal> {
    let objection = Objection { asks_for: texts(), grounds: texts(), evidence: Vec::new() };
    world.say("developer", Words::about(act, objection))
}

pub(super) fn decision(result: ObjectionResult, effect: Effect) -> ObjectionDecision {
    ObjectionDecision { result, effect, reasons: texts(), remedies: texts() }
}

/// A decision drafted by one officer and approved by another.
fn decided(
    world: &mut World,
    objection: Digest,
    decision: ObjectionDecision,
    (drafter, approver): (usize, usize),
) -> Result<Digest, Refusal> {
    world.approved("authority", Words::about(objection, decision).by_holder(drafter), approver)
}

fn remedy_request(world: &World) -> RemedyRequest {
    RemedyRequest {
        finding: world.things["finding"],
        duty: slug(DUTY).unwrap(),
        request: texts(),
        deadline: day("2027-03-31"),
        procedure: world.things["request-procedure"],
        remedies: None,
    }
}

fn designations_on_the_board(world: &World) -> usize {
    let model = world.things["model"];
    let advice = world.register.advise("eu-gpai", &model, now().utc_date(), &world.library).unwrap();
    advice.record.events.iter().filter(|event| event.predicate == "designation").count()
}

#[test]
fn an_act_stands_until_a_court_speaks_and_the_last_word_counts() {
    let mut world = world();
    let act = world.things["designation"];
    assert_eq!(world.register.act_state(&act), ActState::InForce);
    assert_eq!(designations_on_the_board(&world), 1);
    let by = ruled(&mut world, "developer", act, Effect::Stays).unwrap();
    assert_eq!(world.register.act_state(&act), ActState::Stayed { by });
    assert_eq!(designations_on_the_board(&world), 0, "a stayed designation has no effect");
    ruled(&mut world, "authority", act, Effect::LiftsStay).unwrap();
    assert_eq!(world.register.act_state(&act), ActState::InForce);
    let by = ruled(&mut world, "developer", act, Effect::Annuls).unwrap();
    assert_eq!(world.register.act_state(&act), ActState::Annulled { by });
    assert_eq!(designations_on_the_board(&world), 0, "an annulled designation has no effect");
    ruled(&mut world, "developer", act, Effect::Stays).unwrap();
    assert_eq!(world.register.act_state(&act), ActState::Annulled { by }, "nothing is left to stay");
    // A higher court.
    ruled(&mut world, "authority", act, Effect::Maintains).unwrap();
    assert_eq!(world.register.act_state(&act), ActState::InForce);
    assert_eq!(designations_on_the_board(&world), 1);
}

#[test]
fn a_ruling_is_attached_past_and_of_a_party() {
    let mut world = world();
    let act = world.things["designation"];
    let bare = Words::about(act, ruling(Effect::Annuls));
    assert_eq!(world.say("developer", bare).unwrap_err().code, Code::WrongCitation);
    let mut early = Words::about(act, Ruling { decided_on: day("2099-01-01"), ..ruling(Effect::Annuls) });
    early.attachments = vec![the_ruling()];
    assert_eq!(world.say("developer", early).unwrap_err().code, Code::WrongTime);
    assert_eq!(ruled(&mut world, "rival", act, Effect::Annuls).unwrap_err().code, Code::WrongRelation);
}

#[test]
fn a_decision_on_an_objection_reaches_the_act() {
    let mut world = world();
    let (act, objection) = (world.things["designation"], world.things["objection"]);
    let stay = decision(ObjectionResult::Upheld, Effect::Stays);
    let by = decided(&mut world, objection, stay, (1, 3)).unwrap();
    assert_eq!(world.register.act_state(&act), ActState::Stayed { by });
    assert!(!world.register.is_decided(&objection), "a stay decides nothing for good");
    let annuls = decision(ObjectionResult::PartlyUpheld, Effect::Annuls);
    let by = decided(&mut world, objection, annuls.clone(), (1, 3)).unwrap();
    assert_eq!(world.register.act_state(&act), ActState::Annulled { by });
    assert!(world.register.is_decided(&objection));
    let again = decided(&mut world, objection, annuls, (1, 3)).unwrap_err();
    assert_eq!(again.code, Code::WrongCitation, "an objection is decided once");
    // The court annuls the decision: the act stands again, and the objection is open.
    ruled(&mut world, "authority", by, Effect::Annuls).unwrap();
    assert!(!world.register.is_decided(&objection));
    assert!(matches!(world.register.act_state(&act), ActState::Stayed { .. }));
}

#[test]
fn an_objection_that_fails_changes_nothing() {
    let mut world = world();
    let objection = world.things["objection"];
    for effect in [Effect::Annuls, Effect::Stays] {
        let decision = decision(ObjectionResult::Rejected, effect);
        assert_eq!(decided(&mut world, objection, decision, (1, 3)).unwrap_err().code, Code::WrongCitation);
    }
}

#[test]
fn an_authority_does_not_lift_the_stay_of_a_court() {
    let mut world = world();
    let (act, objection) = (world.things["designation"], world.things["objection"]);
    let by = ruled(&mut world, "developer", act, Effect::Stays).unwrap();
    let maintained = decision(ObjectionResult::Rejected, Effect::Maintains);
    decided(&mut world, objection, maintained, (1, 3)).unwrap();
    assert_eq!(world.register.act_state(&act), ActState::Stayed { by });
}

#[test]
fn who_drafted_the_contested_act_neither_decides_nor_approves() {
    let mut world = world();
    let objection = world.things["objection"];
    let rejected = || decision(ObjectionResult::Rejected, Effect::Maintains);
    // The first officer drafted the designation.
    assert_eq!(decided(&mut world, objection, rejected(), (0, 1)).unwrap_err().code, Code::OwnAct);
    assert_eq!(decided(&mut world, objection, rejected(), (1, 0)).unwrap_err().code, Code::ApprovalMissing);
    decided(&mut world, objection, rejected(), (1, 3)).unwrap();
}

#[test]
fn nothing_rests_on_an_act_that_is_stayed_or_annulled() {
    let mut world = world();
    let finding = world.things["finding"];
    ruled(&mut world, "developer", finding, Effect::Stays).unwrap();
    let request = |world: &World| Words::about(world.things["model"], remedy_request(world));
    let words = request(&world);
    assert_eq!(world.approved("authority", words, 1).unwrap_err().code, Code::NotInForce);
    ruled(&mut world, "developer", finding, Effect::LiftsStay).unwrap();
    let words = request(&world);
    world.clone().approved("authority", words, 1).unwrap();
    ruled(&mut world, "developer", finding, Effect::Annuls).unwrap();
    let words = request(&world);
    assert_eq!(world.approved("authority", words, 1).unwrap_err().code, Code::NotInForce);
    for name in ["order", "surcharge", "report-demand", "inspection"] {
        let example = PredicateType::find(name).unwrap().example();
        let mut other = world.clone();
        let words = crate::bench::words::words(&mut other, example, name, "authority", "").unwrap();
        assert_eq!(other.approved("authority", words, 1).unwrap_err().code, Code::NotInForce, "{name}");
    }
}

#[test]
fn a_designation_ends_once_and_stands_again_where_its_end_is_annulled() {
    let mut world = world();
    let act = world.things["designation"];
    let end = || Words::about(act, DesignationEnd { reasons: texts() });
    let by = world.approved("authority", end(), 1).unwrap();
    assert_eq!(world.register.act_state(&act), ActState::Ended { by });
    assert_eq!(designations_on_the_board(&world), 1, "it was in force until its end");
    assert_eq!(world.approved("authority", end(), 1).unwrap_err().code, Code::WrongCitation);
    ruled(&mut world, "developer", by, Effect::Annuls).unwrap();
    assert_eq!(world.register.act_state(&act), ActState::InForce);
    world.approved("authority", end(), 1).unwrap();
}

#[test]
fn an_annulled_designation_has_nothing_to_end() {
    let mut world = world();
    let act = world.things["designation"];
    ruled(&mut world, "developer", act, Effect::Annuls).unwrap();
    let end = Words::about(act, DesignationEnd { reasons: texts() });
    assert_eq!(world.approved("authority", end, 1).unwrap_err().code, Code::NotInForce);
}

#[test]
fn a_suspension_that_is_annulled_leaves_the_certificate_valid() {
    use evidence::predicate::{CertificateState, CertificateStatus};
    let mut world = world();
    let certificate = world.things["certificate"];
    let suspend = CertificateStatus {
        state: CertificateState::Suspended,
        procedure: Some(world.things["status-procedure"]),
        reasons: texts(),
        remedies: None,
    };
    let act = world.say("certifier", Words::about(certificate, suspend)).unwrap();
    assert_eq!(world.register.certificate_state(&certificate), CertificateState::Suspended);
    ruled(&mut world, "developer", act, Effect::Annuls).unwrap();
    assert_eq!(world.register.certificate_state(&certificate), CertificateState::Valid);
}

#[test]
fn an_objection_is_under_the_regime_of_the_act() {
    let mut world = world();
    let mut words = Words::about(
        world.things["finding"],
        Objection { asks_for: texts(), grounds: texts(), evidence: Vec::new() },
    );
    words.regime = false;
    assert_eq!(world.say("developer", words).unwrap_err().code, Code::WrongCitation);
    let finding = world.things["finding"];
    objection(&mut world, finding).unwrap();
}

#[test]
fn the_law_sees_what_was_decided_and_not_a_stay_meanwhile() {
    let mut world = world();
    let objection = world.things["objection"];
    let results = |world: &World| {
        let model = world.things["model"];
        let advice = world.register.advise("eu-gpai", &model, now().utc_date(), &world.library).unwrap();
        let decided = advice.record.events.into_iter().filter(|e| e.predicate == "objection-decision");
        decided.map(|event| event.attributes["result"].clone()).collect::<Vec<_>>()
    };
    let stay = decision(ObjectionResult::Upheld, Effect::Stays);
    decided(&mut world, objection, stay, (1, 3)).unwrap();
    assert_eq!(results(&world), Vec::<String>::new());
    let inadmissible = decision(ObjectionResult::Inadmissible, Effect::Maintains);
    decided(&mut world, objection, inadmissible, (1, 3)).unwrap();
    assert_eq!(results(&world), ["rejected"]);
}

#[test]
fn a_certificate_stands_by_its_days_its_body_and_the_courts() {
    use CertificateStanding as Standing;
    use evidence::predicate::{Certificate, CertificateState, CertificateStatus};

    use crate::CertificateStanding;
    let mut world = world();
    let id = world.things["certificate"];
    let evidence::Predicate::Certificate(body) =
        world.register.recorded(&id).unwrap().statement.predicate().clone()
    else {
        panic!("a certificate")
    };
    let Certificate { valid_from, valid_until, .. } = body;
    let on = |world: &World, day| world.register.certificate_standing(&id, day).unwrap();
    let before = evidence::Date::new(valid_from.civil().yesterday().unwrap());
    let after = evidence::Date::new(valid_until.civil().tomorrow().unwrap());
    assert_eq!(on(&world, before), Standing::NotYet);
    assert_eq!(on(&world, valid_from), Standing::Valid);
    assert_eq!(on(&world, valid_until), Standing::Valid);
    assert_eq!(on(&world, after), Standing::Expired);
    let finding = world.things["finding"];
    assert_eq!(world.register.certificate_standing(&finding, valid_from), None);

    let status = |state| CertificateStatus {
        state,
        procedure: Some(world.things["status-procedure"]),
        reasons: texts(),
        remedies: None,
    };
    let (suspended, revoked) = (status(CertificateState::Suspended), status(CertificateState::Revoked));
    world.say("certifier", Words::about(id, suspended)).unwrap();
    assert_eq!(on(&world, valid_from), Standing::Suspended);
    assert_eq!(on(&world, after), Standing::Expired, "what is over is not out of force for a time");
    let act = world.say("certifier", Words::about(id, revoked)).unwrap();
    assert_eq!(on(&world, after), Standing::Revoked);
    ruled(&mut world, "developer", act, Effect::Annuls).unwrap();
    assert_eq!(on(&world, valid_from), Standing::Suspended, "what was said before it counts again");
}
