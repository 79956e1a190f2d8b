use evidence::predicate::{Example as _, Model};
use evidence::{Digest, Leaf, PublicLeaf};
use kanae_node::testing::{ADMIN, World, statement_of};
use kanae_node::{Caller, Outcome, Scope};

use crate::common::{check_receipt, model, published, recorded};
use crate::place;

async fn restricted_model(world: &World) -> (Digest, Outcome) {
    let mut draft = world.draft(&world.developer, Model::example(), world.developer.id);
    World::restrict(&mut draft);
    let submission = world.sign(&world.developer, draft);
    let outcome = world.submit(vec![submission.clone()]).await.unwrap().remove(0);
    (statement_of(&submission).digest(), outcome)
}

#[tokio::test]
async fn a_restricted_statement_is_counted_and_nowhere_to_be_seen() {
    let world = place::start().await;
    let (id, outcome) = restricted_model(&world).await;
    let (index, _) = recorded(&outcome);
    let view = world.node().view();
    assert_eq!((view.register.withheld(), view.head.size), (1, index + 1));
    assert!(view.register.recorded(&id).is_none());
    assert!(view.register.find("minato-lab/wakaba").is_none());
    assert_eq!(published(&world, &format!("envelope/{id}")), None);
    let token = |slug: &str| Caller::Token { scope: Scope::Submit, organisation: slug.parse().ok() };
    for stranger in [Caller::Anonymous, token("kaede-ai"), token("certifier"), token("unheard-of")] {
        assert_eq!(world.node().statement(&id, &stranger).unwrap(), None, "{stranger:?}");
    }
    for trusted in [token("minato-lab"), token("authority"), ADMIN] {
        assert!(world.node().statement(&id, &trusted).unwrap().is_some(), "{trusted:?}");
    }
}

#[tokio::test]
async fn the_holder_of_the_salt_can_show_what_a_restricted_entry_commits_to() {
    let world = place::start().await;
    let (id, outcome) = restricted_model(&world).await;
    let Outcome::Recorded { index, receipt, leaf_salt: Some(salt), .. } = outcome else { panic!() };
    let (_, leaf) = check_receipt(&receipt, index);
    let stored = world.node().statement(&id, &ADMIN).unwrap().unwrap();
    let revealed = PublicLeaf {
        statement: id,
        envelope: evidence::sha256(&stored.envelope),
        predicate_type: "urn:kanae:model:v1".into(),
        issuer: world.developer.id,
        time: stored.time,
        arrived_at: stored.arrived_at,
    };
    assert_eq!(Leaf::parse(&leaf).unwrap(), revealed.restrict(&salt));
    let again = world.node().receipt(&id).unwrap().unwrap();
    assert_eq!(again.extra.as_deref(), Some(&leaf[..]));
}

#[tokio::test]
async fn a_public_statement_must_hold_for_those_who_see_less() {
    let mut world = place::start().await;
    let (id, _) = restricted_model(&world).await;
    let version = evidence::predicate::ModelVersion::example();
    let version = world.sign(&world.developer, world.draft(&world.developer, version, id));
    let refused = world.submit(vec![version]).await.unwrap_err();
    assert!(matches!(
        &refused,
        kanae_node::SubmitError::Refused { refusal, .. } if refusal.code == register::Code::UnknownSubject
    ));
    // Both folds go on, and come out the same after a restart.
    let next = model(&world, &world.other_developer, "next");
    assert_eq!(recorded(&world.submit(vec![next]).await.unwrap()[0]), (14, false));
    let before = world.node().view();
    world.stop();
    world.open();
    let after = world.node().view();
    assert_eq!((after.checkpoint.as_str(), after.register.withheld()), (before.checkpoint.as_str(), 1));
    assert!(world.node().statement(&id, &ADMIN).unwrap().is_some());
}
