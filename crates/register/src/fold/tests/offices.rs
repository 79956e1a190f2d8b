//! Who counts as another: substitutes, and the last one in office.

use evidence::predicate::{Approval, ApprovalDecision, KeyChange, KeyEnd, KeyEndReason, RoleEnd, RoleGrant};

use super::world;
use crate::bench::world::{Words, World, day, slug, texts};
use crate::{Code, Refusal};

/// The registrar stands in for an officer.
fn stands_in(until: Option<&str>, office: &str) -> RoleGrant {
    RoleGrant {
        until: until.map(day),
        acting_for: slug(office),
        ..World::grant("officer", slug("registrar")).unwrap()
    }
}

fn granted(world: &mut World, grant: RoleGrant) -> Result<evidence::Digest, Refusal> {
    world.say("authority", Words::about(world.things["authority"], grant).by_holder(2))
}

fn designation(world: &World) -> Words {
    Words::about(world.things["model"], world.designation().unwrap())
}

#[test]
fn a_substitute_is_there_for_a_bounded_time_and_for_somebody_in_office() {
    let mut world = world();
    let mut code = |grant| granted(&mut world, grant).unwrap_err().code;
    assert_eq!(code(stands_in(None, "officer-1")), Code::WrongTime, "without a last day");
    assert_eq!(code(stands_in(Some("2028-01-01"), "officer-1")), Code::WrongTime, "more than a year");
    assert_eq!(code(stands_in(Some("2020-01-01"), "officer-1")), Code::WrongTime, "over already");
    assert_eq!(code(stands_in(Some("2027-03-31"), "registrar")), Code::WrongCitation, "for itself");
    assert_eq!(code(stands_in(Some("2027-03-31"), "nobody")), Code::WrongCitation);
    let mut organisation = World::grant("developer", None).unwrap();
    (organisation.acting_for, organisation.until) = (slug("officer-1"), Some(day("2027-03-31")));
    assert_eq!(code(organisation), Code::WrongCitation, "an organisation stands in for nobody");
    granted(&mut world, stands_in(Some("2027-03-31"), "officer-1")).unwrap();
    // Nobody stands in for one who only stands in.
    let chain = RoleGrant { holder: slug("officer-2"), ..stands_in(Some("2027-03-31"), "registrar") };
    assert_eq!(granted(&mut world, chain).unwrap_err().code, Code::WrongCitation);
}

#[test]
fn a_substitute_approves_for_its_office_and_never_for_who_it_stands_in_for() {
    let mut world = world();
    granted(&mut world, stands_in(Some("2027-03-31"), "officer-1")).unwrap();
    // The first officer drafts; its substitute is no other.
    let words = designation(&world);
    let refusal = world.clone().approved("authority", words, 2).unwrap_err();
    assert_eq!(refusal.code, Code::ApprovalMissing);
    // The substitute drafts; the first officer is no other.
    let words = designation(&world).by_holder(2);
    assert_eq!(world.clone().approved("authority", words, 0).unwrap_err().code, Code::ApprovalMissing);
    // The second officer drafts; the substitute is another.
    let words = designation(&world).by_holder(1);
    world.approved("authority", words, 2).unwrap();
}

#[test]
fn who_stood_in_when_it_approved_is_not_another_afterwards() {
    let mut world = world();
    let grant = granted(&mut world, stands_in(Some("2027-03-31"), "officer-1")).unwrap();
    let actor = world.actors["authority"].clone();
    let words = designation(&world);
    let (act, envelope) = world.sign(&actor, words);
    let approval = Approval {
        function: slug("second-officer").unwrap(),
        decision: ApprovalDecision::Approve,
        reasons: texts(),
    };
    world.say("authority", Words::about(act.digest(), approval).by_holder(2)).unwrap();
    // The substitution ends, and the registrar becomes an officer in its own right.
    world.say("authority", Words::about(grant, RoleEnd { reasons: texts() }).by_holder(2)).unwrap();
    granted(&mut world, World::grant("officer", slug("registrar")).unwrap()).unwrap();
    assert_eq!(world.record(&act, &envelope).unwrap_err().code, Code::ApprovalMissing);
}

#[test]
fn two_who_stand_in_for_one_office_are_one() {
    let mut policy =
        String::from_utf8(crate::fold::testing::folder("policies/standard").remove("policy.toml").unwrap())
            .unwrap();
    // An erasure takes two others here.
    let at = policy.find("[act.erasure]").unwrap();
    policy.replace_range(at.., &policy[at..].replacen("count = 1", "count = 2", 1));
    let files = std::collections::BTreeMap::from([("policy.toml".to_owned(), policy.into_bytes())]);
    let mut world = crate::fold::testing::world_under(&files);
    granted(&mut world, stands_in(Some("2027-03-31"), "officer-2")).unwrap();
    let try_with = |approvers: [usize; 2]| {
        let mut world = world.clone();
        let actor = world.actors["authority"].clone();
        let erasure = evidence::predicate::Erasure { parts: Vec::new(), ground: texts() };
        let words = Words::about(world.things["facts"], erasure);
        let (act, envelope) = world.sign(&actor, words);
        for holder in approvers {
            let approval = Approval {
                function: slug("second-officer").unwrap(),
                decision: ApprovalDecision::Approve,
                reasons: texts(),
            };
            world.say("authority", Words::about(act.digest(), approval).by_holder(holder)).unwrap();
        }
        world.record(&act, &envelope).map_err(|refusal| refusal.code)
    };
    assert_eq!(try_with([1, 2]), Err(Code::ApprovalMissing), "officer-2 and who stands in for it");
    assert_eq!(try_with([1, 3]), Ok(()));
    assert_eq!(try_with([2, 3]), Ok(()));
}

#[test]
fn who_stands_in_for_the_drafter_of_a_contested_act_does_not_decide() {
    use super::redress::decision;
    use evidence::predicate::{Effect, ObjectionResult};
    let mut world = world();
    granted(&mut world, stands_in(Some("2027-03-31"), "officer-1")).unwrap();
    let words =
        Words::about(world.things["objection"], decision(ObjectionResult::Rejected, Effect::Maintains));
    assert_eq!(world.approved("authority", words.by_holder(2), 1).unwrap_err().code, Code::OwnAct);
}

#[test]
fn an_authority_keeps_an_officer() {
    let mut world = world();
    let end = |officer: &str, world: &World| {
        Words::about(world.things[officer], RoleEnd { reasons: texts() }).by_holder(2)
    };
    for officer in ["officer-2-grant", "officer-3-grant"] {
        let words = end(officer, &world);
        world.say("authority", words).unwrap();
    }
    // Who stands in for the last one does not count: it is there for a time only.
    granted(&mut world, stands_in(Some("2027-03-31"), "officer-1")).unwrap();
    let words = end("officer-1-grant", &world);
    assert_eq!(world.clone().say("authority", words).unwrap_err().code, Code::LastOfficer);
    // Nor is the last one's key ended, unless it is replaced.
    let key = world.actors["authority"].keys[0].1.public_key().hash();
    let end = KeyEnd { key, reason: KeyEndReason::Compromised, compromised_since: None };
    let change = KeyChange { add: Vec::new(), end: vec![end] };
    let words = Words::about(world.things["authority"], change).by_holder(2);
    assert_eq!(world.clone().say("authority", words).unwrap_err().code, Code::LastOfficer);
    granted(&mut world, World::grant("officer", slug("registrar")).unwrap()).unwrap();
    let words = Words::about(world.things["officer-1-grant"], RoleEnd { reasons: texts() }).by_holder(2);
    world.say("authority", words).unwrap();
}
