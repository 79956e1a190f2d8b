use std::collections::BTreeMap;

use evidence::Visibility;
use evidence::predicate::ModelFacts;

use super::*;
use crate::bench::world::{Words, World};
use crate::fold::testing::world;

/// What can be seen of a register, in an order that does not depend on hashing.
fn seen(register: &Register) -> BTreeMap<&'static str, String> {
    let organisations: Vec<_> = register.organisations().map(|one| (one.id, one.slug.clone())).collect();
    let ids = || register.organisations().map(|one| one.id);
    let things: Vec<_> =
        register.statements().filter_map(|r| register.thing(&r.statement.digest())).collect();
    BTreeMap::from([
        ("size", format!("{:?} {:?}", register.size(), register.time())),
        ("root", format!("{:?}", register.root_at(register.size()))),
        ("statements", format!("{:?}", register.statements().collect::<Vec<_>>())),
        ("organisations", format!("{organisations:?}")),
        ("keys", format!("{:?}", ids().flat_map(|id| register.keys_of(&id)).collect::<Vec<_>>())),
        ("grants", format!("{:?}", ids().flat_map(|id| register.grants_of(&id)).collect::<Vec<_>>())),
        ("things", format!("{things:?} {:?}", register.models().collect::<Vec<_>>())),
        ("regimes", format!("{:?}", register.regimes().collect::<Vec<_>>())),
        ("policy", format!("{:?}", register.policy())),
        ("refused", format!("{:?}", register.refused().collect::<Vec<_>>())),
        ("counted", format!("{} {}", register.withheld(), register.carried())),
    ])
}

/// A world in which things are corrected, withheld and carried, and the register after each step.
fn lived() -> (World, Vec<Register>) {
    let mut world = world();
    let model = world.things["model"];
    let facts = || ModelFacts { facts: BTreeMap::new() };
    let mut states = vec![world.register.clone()];
    let first = world.say("developer", Words::about(model, facts())).unwrap();
    states.push(world.register.clone());
    let mut correction = Words::about(model, facts());
    correction.supersedes = Some(first);
    world.say("developer", correction).unwrap();
    states.push(world.register.clone());
    let mut hidden = Words::about(model, facts());
    hidden.visibility = Visibility::Restricted;
    world.say("developer", hidden).unwrap();
    states.push(world.register.clone());
    let actor = world.actors["developer"].clone();
    let body =
        evidence::Predicate::Unknown { type_uri: "urn:example:later:v1".into(), body: serde_json::json!({}) };
    let (statement, envelope) = world.sign(&actor, Words::about(model, body));
    world.register = world.replay(&statement, &envelope).0;
    states.push(world.register.clone());
    world.say("developer", Words::about(model, facts())).unwrap();
    states.push(world.register.clone());
    (world, states)
}

#[test]
fn what_stood_once_is_found_again_as_it_stood() {
    let (world, states) = lived();
    let mut history = History::default();
    for state in &states {
        let found = history.at(&world.register, state.size(), &world.library).unwrap();
        let (found, state) = (seen(&found), seen(state));
        let differs: Vec<_> = found.iter().filter(|(what, value)| state.get(*what) != Some(value)).collect();
        assert!(differs.is_empty(), "at {}: {differs:?}", state["size"]);
    }
    assert!(history.at(&world.register, world.register.size() + 1, &world.library).is_none());
}

#[test]
fn a_correction_does_not_reach_back() {
    let (world, states) = lived();
    let then = History::default().at(&world.register, states[1].size(), &world.library).unwrap();
    let last = then.statements().next_back().unwrap();
    assert_eq!(last.superseded_by, None);
    assert!(world.register.recorded(&last.statement.digest()).unwrap().superseded_by.is_some());
}

#[test]
fn a_day_has_the_size_of_its_last_entry() {
    let (world, _) = lived();
    let register = &world.register;
    let time = register.time().unwrap();
    assert_eq!(register.size_on(time), register.size());
    let before =
        evidence::Timestamp::from_millis(register.at_index(0).unwrap().time.as_millis() - 1).unwrap();
    assert_eq!(register.size_on(before), 0);
}
