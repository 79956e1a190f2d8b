//! What stands now, by example.

use std::collections::BTreeMap;

use evidence::predicate::{
    Erasure, KeyChange, KeyEnd, KeyEndReason, ModelFacts, NodeGenesis, Procedure, ProcedureKind, Reply,
    RoleEnd,
};
use evidence::{Attachment, Issuer, Part, Predicate, Visibility, origin_subject};

use super::testing::world;
use crate::Code;
use crate::bench::world::{Actor, ORIGIN, Words, World, day, slug, texts};

mod mandates;
mod offices;
mod oversight;
mod redress;
mod succession;

fn facts() -> ModelFacts {
    ModelFacts { facts: BTreeMap::new() }
}

#[test]
fn a_key_speaks_until_the_entry_that_ends_it_and_what_it_said_stands() {
    let mut world = world();
    let model = world.things["model"];
    let before = world.say("developer", Words::about(model, facts())).unwrap();
    let key = world.actors["developer"].keys[0].1.public_key().hash();
    let fresh = World::newcomer("fresh").unwrap();
    let change = KeyChange {
        add: World::organisation_body("fresh", &fresh).unwrap().keys,
        end: vec![KeyEnd { key, reason: KeyEndReason::Compromised, compromised_since: None }],
    };
    // The new key must co-sign: proof of possession.
    let developer = world.things["developer"];
    let alone = world.say("developer", Words::about(developer, change.clone())).unwrap_err();
    assert_eq!(alone.code, Code::BadKey);
    let mut both = world.actors["developer"].clone();
    both.keys.extend(fresh.keys.clone());
    let mut words = Words::about(developer, change);
    words.all_keys = true;
    let (statement, envelope) = world.sign(&both, words);
    world.record(&statement, &envelope).unwrap();
    assert_eq!(world.say("developer", Words::about(model, facts())).unwrap_err().code, Code::EndedKey);
    assert!(world.register.recorded(&before).is_some(), "revocation erases nothing");
    let renewed = Actor { issuer: Issuer::Organisation(developer), keys: fresh.keys };
    world.actors.insert("developer", renewed);
    assert!(world.say("developer", Words::about(model, facts())).is_ok());
}

#[test]
fn the_last_key_of_an_organisation_cannot_be_ended() {
    let mut world = world();
    let key = world.actors["developer"].keys[0].1.public_key().hash();
    let change = KeyChange {
        add: Vec::new(),
        end: vec![KeyEnd { key, reason: KeyEndReason::Left, compromised_since: None }],
    };
    let words = Words::about(world.things["developer"], change);
    assert_eq!(world.say("developer", words).unwrap_err().code, Code::BadKey);
}

#[test]
fn a_role_acts_until_the_entry_that_ends_it() {
    let mut world = world();
    let model = world.things["model"];
    let ended = Words::about(world.things["developer-grant"], RoleEnd { reasons: texts() }).by_holder(2);
    world.say("authority", ended).unwrap();
    assert_eq!(world.say("developer", Words::about(model, facts())).unwrap_err().code, Code::WrongRole);
}

#[test]
fn a_role_outside_its_period_does_not_count() {
    let mut world = world();
    let mut grant = World::grant("developer", None).unwrap();
    grant.until = Some(day("2020-12-31"));
    world.say("authority", Words::about(world.things["stranger"], grant).by_holder(2)).unwrap();
    let model = evidence::PredicateType::find("model").unwrap().example();
    let words = Words::about(world.things["stranger"], model);
    assert_eq!(world.say("stranger", words).unwrap_err().code, Code::WrongRole);
}

#[test]
fn the_first_correction_wins_and_the_corrected_statement_stays_readable() {
    let mut world = world();
    let model = world.things["model"];
    let first = world.say("developer", Words::about(model, facts())).unwrap();
    let correct = |world: &mut World| {
        let mut words = Words::about(model, facts());
        words.supersedes = Some(first);
        world.say("developer", words)
    };
    let second = correct(&mut world).unwrap();
    assert_eq!(world.register.recorded(&first).unwrap().superseded_by, Some(second));
    assert_eq!(world.register.latest(&model, "model-facts").unwrap().statement.digest(), second);
    assert_eq!(correct(&mut world).unwrap_err().code, Code::WrongSupersession);
    let mut strange = Words::about(world.things["rival-model"], facts());
    strange.supersedes = Some(second);
    assert_eq!(world.say("rival", strange).unwrap_err().code, Code::WrongSupersession);
}

#[test]
fn two_approvals_by_one_holder_are_one() {
    let mut world = world();
    let words = Words::about(world.things["model"], world.designation().unwrap());
    // The drafter's own approval does not count, however often it is given.
    assert_eq!(world.approved("authority", words, 0).unwrap_err().code, Code::ApprovalMissing);
}

#[test]
fn an_erased_attachment_is_said_to_be_erased_and_the_statement_still_stands() {
    let mut world = world();
    let part = Part { salt: [1; 32], bytes: b"personal data".to_vec() };
    let mut words = Words::about(world.things["model"], facts());
    words.attachments = vec![Attachment {
        name: "staff.txt".into(),
        media_type: "text/plain".into(),
        size: 13,
        commitment: part.commitment(),
        visibility: Visibility::Restricted,
        confidentiality_ground: Some(texts()),
    }];
    let statement = world.say("developer", words).unwrap();
    let erasure = |parts| Words::about(statement, Erasure { parts, ground: texts() });
    let stranger = evidence::sha256(b"no part of it");
    assert_eq!(
        world.approved("authority", erasure(vec![stranger]), 1).unwrap_err().code,
        Code::WrongCitation
    );
    world.approved("authority", erasure(vec![part.commitment()]), 1).unwrap();
    let erased_by = world.register.size() - 1;
    assert_eq!(world.register.erased_by(&part.commitment()), Some(erased_by));
    assert!(world.register.recorded(&statement).is_some());
}

#[test]
fn a_statement_for_another_log_or_another_history_has_no_effect() {
    let mut world = world();
    for log in [("other.example/log", 1), (ORIGIN, 9999), (ORIGIN, 0)] {
        let mut words = Words::about(world.things["model"], facts());
        words.log = Some(log);
        assert_eq!(world.say("developer", words).unwrap_err().code, Code::WrongLog);
    }
}

#[test]
fn the_same_statement_is_recorded_once() {
    let mut world = world();
    let actor = world.actors["developer"].clone();
    let (statement, envelope) = world.sign(&actor, Words::about(world.things["model"], facts()));
    world.record(&statement, &envelope).unwrap();
    assert_eq!(world.record(&statement, &envelope).unwrap_err().code, Code::Duplicate);
}

#[test]
fn a_log_has_one_genesis() {
    let mut world = world();
    let root = world.actors["node"].clone();
    let policy = world.register.policy().unwrap().digest();
    let genesis: NodeGenesis = World::genesis(policy, &root);
    let refusal = world.say("node", Words::about(origin_subject(ORIGIN), genesis)).unwrap_err();
    assert_eq!(refusal.code, Code::GenesisMisplaced);
}

#[test]
fn an_adverse_act_waits_for_the_answer_or_the_day() {
    let mut world = world();
    let model = world.things["model"];
    let open = |answer_by: &str| Procedure {
        kind: ProcedureKind::OpportunityToExplain,
        planned_act: slug("finding").unwrap(),
        addressee: world.things["developer"],
        duty: slug("content-marking"),
        grounds: texts(),
        answer_by: day(answer_by),
    };
    let (past, future) = (open("2026-01-01"), open("2099-01-01"));
    let finding = |world: &World, procedure| {
        let mut finding = world.finding().unwrap();
        finding.procedure = Some(procedure);
        Words::about(model, finding)
    };
    let future = world.say("authority", Words::about(model, future)).unwrap();
    let words = finding(&world, future);
    assert_eq!(world.approved("authority", words, 1).unwrap_err().code, Code::ProcedureOpen);
    // An answer by somebody else does not count; the addressee's does.
    let reply = || Reply {
        position: evidence::predicate::Position::Explains,
        answer: texts(),
        evidence: Vec::new(),
        answers: Vec::new(),
    };
    assert_eq!(world.say("rival", Words::about(future, reply())).unwrap_err().code, Code::WrongRelation);
    world.say("developer", Words::about(future, reply())).unwrap();
    let words = finding(&world, future);
    world.approved("authority", words, 1).unwrap();
    let past = world.say("authority", Words::about(model, past)).unwrap();
    let words = finding(&world, past);
    world.approved("authority", words, 1).unwrap();
}

#[test]
fn a_public_assessment_may_not_say_unmet_before_a_signed_act_does() {
    let mut world = world();
    let model = world.things["model"];
    let mut assessment = world.assessment(model).unwrap();
    assessment.result.duties.push(evidence::predicate::DutyResult {
        id: "content-marking".into(),
        status: "appears_unmet".into(),
        due: None,
    });
    let refusal = world.say("authority", Words::about(model, assessment)).unwrap_err();
    assert_eq!(refusal.code, Code::Premature);
}

#[test]
fn a_type_that_this_build_does_not_know_is_refused_on_submission_and_carried_on_replay() {
    let mut world = world();
    let actor = world.actors["developer"].clone();
    let body = Predicate::Unknown { type_uri: "urn:example:later:v1".into(), body: serde_json::json!({}) };
    let words = Words::about(world.things["model"], body);
    let (statement, envelope) = world.sign(&actor, words);
    assert_eq!(world.record(&statement, &envelope).unwrap_err().code, Code::UnknownType);
    let (next, refusal) = world.replay(&statement, &envelope);
    assert_eq!(refusal, None);
    assert_eq!((next.carried(), next.size()), (1, world.register.size() + 1));
    assert!(next.recorded(&statement.digest()).is_none());
}

#[test]
fn an_organisation_may_not_call_itself_by_a_word_that_means_something_else() {
    let mut world = world();
    let newcomer = World::newcomer("node").unwrap();
    let body = World::organisation_body("node", &newcomer).unwrap();
    let subject = newcomer.keys[0].1.public_key().hash();
    let (statement, envelope) = world.sign(&newcomer, Words::about(subject, body));
    assert_eq!(world.record(&statement, &envelope).unwrap_err().code, Code::SlugTaken);
}
