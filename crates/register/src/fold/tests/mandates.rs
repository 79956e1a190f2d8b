//! Agents: what they may sign for whom, and what nobody signs for another.

use evidence::predicate::{Approval, ApprovalDecision, Mandate, MandateEnd, ModelFacts};
use evidence::{Digest, Predicate};

use super::{facts, world};
use crate::bench::world::{Actor, Words, World, day, slug, texts};
use crate::{Code, Refusal};

fn give(world: &mut World, mandate: Mandate) -> Result<Digest, Refusal> {
    world.say("developer", Words::about(world.things["developer"], mandate))
}

/// The certifier says something for the developer.
fn for_developer(world: &mut World, body: impl Into<Predicate>) -> Result<Digest, Refusal> {
    let mut words = Words::about(world.things["model"], body);
    words.on_behalf_of = Some(world.things["developer"]);
    world.say("certifier", words)
}

fn may_say_facts(world: &World) -> Mandate {
    world.mandate("certifier", &["model-facts"]).unwrap()
}

#[test]
fn an_agent_speaks_within_its_mandate_and_the_register_says_so() {
    let mut world = world();
    assert_eq!(for_developer(&mut world, facts()).unwrap_err().code, Code::ForeignKey, "no mandate yet");
    let mandate = may_say_facts(&world);
    let mandate = give(&mut world, mandate).unwrap();
    let said = for_developer(&mut world, facts()).unwrap();
    let recorded = world.register.recorded(&said).unwrap();
    assert_eq!(recorded.issuer, Some(world.things["developer"]), "the developer has said it");
    assert_eq!(recorded.under_mandate, Some(mandate));
    let drafter = world.register.drafter(recorded).unwrap();
    assert_eq!(drafter, (world.things["certifier"], slug("certification").unwrap()));
    assert_eq!(world.register.mandates_of(&world.things["certifier"]).len(), 2);
    // Something else than the mandate covers.
    let notification = evidence::PredicateType::find("notification").unwrap().example();
    let mut other = world.clone();
    let Predicate::Notification(mut body) = notification else { unreachable!() };
    body.facts.clear();
    for_developer(&mut other, body.clone()).unwrap();
    let report = evidence::PredicateType::find("public-report").unwrap().example();
    assert_eq!(for_developer(&mut world, report).unwrap_err().code, Code::ForeignKey);
    // What it signs for itself is its own.
    let facts = Words::about(world.things["model"], facts());
    assert_eq!(world.say("certifier", facts).unwrap_err().code, Code::WrongRole);
}

#[test]
fn a_mandate_holds_from_its_first_day_to_its_last_or_until_either_side_ends_it() {
    let mut world = world();
    let mut past = may_say_facts(&world);
    (past.from, past.until) = (day("2025-01-01"), day("2025-12-31"));
    let mut future = may_say_facts(&world);
    future.from = day("2030-01-01");
    for outside in [past, future] {
        let mut world = world.clone();
        give(&mut world, outside).unwrap();
        assert_eq!(for_developer(&mut world, facts()).unwrap_err().code, Code::ForeignKey);
    }
    let mandate = may_say_facts(&world);
    let mandate = give(&mut world, mandate).unwrap();
    for_developer(&mut world, facts()).unwrap();
    let end = || Words::about(mandate, MandateEnd { reasons: texts() });
    assert_eq!(world.say("rival", end()).unwrap_err().code, Code::WrongRelation);
    world.say("certifier", end()).unwrap();
    assert_eq!(for_developer(&mut world, facts()).unwrap_err().code, Code::ForeignKey);
    assert_eq!(world.say("developer", end()).unwrap_err().code, Code::WrongCitation, "it ended already");
}

#[test]
fn a_mandate_names_another_organisation_known_acts_and_at_most_five_years() {
    let world = world();
    let good = may_say_facts(&world);
    let code = |change: &dyn Fn(&mut Mandate)| {
        let mut mandate = good.clone();
        change(&mut mandate);
        give(&mut world.clone(), mandate).map_err(|refusal| refusal.code)
    };
    assert!(code(&|_| {}).is_ok());
    assert_eq!(code(&|m| m.agent = world.things["developer"]), Err(Code::WrongCitation));
    assert_eq!(code(&|m| m.agent = world.things["model"]), Err(Code::WrongCitation));
    assert_eq!(code(&|m| m.acts.clear()), Err(Code::WrongCitation));
    assert_eq!(code(&|m| m.until = day("2025-12-31")), Err(Code::WrongTime));
    assert_eq!(code(&|m| m.until = day("2031-01-01")), Err(Code::WrongTime), "five years and a day");
    for act in ["key-change", "role-grant", "role-end", "organisation", "approval", "mandate", "mandate-end"]
    {
        assert_eq!(code(&|m| m.acts = vec![slug(act).unwrap()]), Err(Code::WrongCitation), "{act}");
    }
    assert_eq!(code(&|m| m.acts = vec![slug("no-such-act").unwrap()]), Err(Code::WrongCitation));
}

#[test]
fn all_signers_are_the_issuers_or_all_are_one_agents() {
    let mut world = world();
    let mandate = may_say_facts(&world);
    give(&mut world, mandate).unwrap();
    let mut mixed = world.actors["certifier"].clone();
    mixed.keys.extend(world.actors["developer"].keys.clone());
    for keys in [mixed.keys.clone(), mixed.keys.into_iter().rev().collect()] {
        let actor = Actor { issuer: evidence::Issuer::Organisation(world.things["developer"]), keys };
        let mut words = Words::about(world.things["model"], facts());
        words.all_keys = true;
        let (statement, envelope) = world.sign(&actor, words);
        assert_eq!(world.record(&statement, &envelope).unwrap_err().code, Code::ForeignKey);
    }
}

#[test]
fn an_agents_holder_is_no_officer_whatever_it_is_called() {
    let mut world = world();
    // An organisation whose key is held by an "officer-2".
    let strange = World::newcomer("agent").unwrap();
    let officer = (slug("officer-2").unwrap(), strange.keys[0].1.clone());
    let agent = Actor { keys: vec![officer], ..strange };
    let body = World::organisation_body("agent", &agent).unwrap();
    let (statement, envelope) = world.sign(&agent, Words::about(agent.keys[0].1.public_key().hash(), body));
    world.record(&statement, &envelope).unwrap();
    world.things.insert("agent", statement.digest());
    let agent = Actor { issuer: evidence::Issuer::Organisation(statement.digest()), ..agent };
    world.actors.insert("agent", agent);
    let authority = world.things["authority"];
    let mandate = world.mandate("agent", &["designation", "guidance"]).unwrap();
    world.say("authority", Words::about(authority, mandate)).unwrap();
    let designation = world.designation().unwrap();
    let mut words = Words::about(world.things["model"], designation);
    words.on_behalf_of = Some(authority);
    assert_eq!(world.say("agent", words).unwrap_err().code, Code::OfficerRequired);
    let guidance = evidence::PredicateType::find("guidance").unwrap().example();
    let mut words = Words::about(world.things["model"], guidance);
    words.on_behalf_of = Some(authority);
    assert_eq!(world.say("agent", words).unwrap_err().code, Code::OfficerRequired);
    // Nor does it approve.
    let approval = Approval {
        function: slug("second-officer").unwrap(),
        decision: ApprovalDecision::Approve,
        reasons: texts(),
    };
    let mut words = Words::about(world.things["facts"], approval);
    words.on_behalf_of = Some(authority);
    assert_eq!(world.say("agent", words).unwrap_err().code, Code::ForeignKey);
}

#[test]
fn an_agents_key_that_has_ended_signs_nothing() {
    use evidence::predicate::{KeyChange, KeyEnd, KeyEndReason};
    let mut world = world();
    let mandate = may_say_facts(&world);
    give(&mut world, mandate).unwrap();
    let key = world.actors["certifier"].keys[0].1.public_key().hash();
    let fresh = World::newcomer("fresh").unwrap();
    let change = KeyChange {
        add: World::organisation_body("fresh", &fresh).unwrap().keys,
        end: vec![KeyEnd { key, reason: KeyEndReason::Left, compromised_since: None }],
    };
    let mut both = world.actors["certifier"].clone();
    both.keys.extend(fresh.keys);
    let mut words = Words::about(world.things["certifier"], change);
    words.all_keys = true;
    let (statement, envelope) = world.sign(&both, words);
    world.record(&statement, &envelope).unwrap();
    let said = for_developer(&mut world, ModelFacts { facts: std::collections::BTreeMap::new() });
    assert_eq!(said.unwrap_err().code, Code::EndedKey);
}
