use kanae_node::testing::{ORIGIN, World, intake_key, statement_of};
use kanae_node::{Caller, Outcome, SubmitError};
use ledger::SignedNote;
use register::Code;

use crate::common::{published, recorded, stands};
use crate::place;

#[tokio::test]
async fn a_registration_waits_until_somebody_accepts_it() {
    let mut world = place::start().await;
    let size = world.node().view().head.size;
    let mut stranger = World::stranger("newcomer", 100);
    let registration = world.registration(&stranger);
    stranger.id = statement_of(&registration).digest();
    let arrived = world.clock.now();
    let outcomes = world.node().submit(vec![registration.clone()], &Caller::Anonymous).await.unwrap();
    let [Outcome::Waiting { statement, arrival_note }] = &outcomes[..] else { panic!("{outcomes:?}") };
    assert_eq!(*statement, stranger.id);
    let note = SignedNote::parse(arrival_note.as_bytes()).unwrap();
    assert_eq!(
        note.verify(&[intake_key().verifier_key()]).unwrap().text,
        format!("kanae/arrival/v1\n{ORIGIN}\n{}\n{arrived}\n", stranger.id)
    );
    assert_eq!(world.node().view().head.size, size);
    assert_eq!(published(&world, &format!("envelope/{}", stranger.id)), None);
    assert_eq!(world.node().waiting().unwrap()[0].statement, stranger.id);

    // It survives a restart, and coming again it has the same arrival.
    world.stop();
    world.open();
    world.clock.advance_days(3);
    assert_eq!(world.submit(vec![registration.clone()]).await.unwrap(), outcomes);

    let grant = world.role_grant("developer", None);
    let grant = world.sign(&world.authority, world.draft(&world.authority, grant, stranger.id));
    let granted = world.submit(vec![grant]).await.unwrap();
    assert_eq!(recorded(&granted[0]), (size + 1, false));
    assert!(stands(&world, &stranger.id));
    assert_eq!(world.node().waiting().unwrap(), []);
    let register = &world.node().view().register;
    let recorded_at = register.recorded(&stranger.id).unwrap();
    assert_eq!((recorded_at.index, recorded_at.arrived_at), (size, arrived));
    assert_eq!(recorded(&world.submit(vec![registration]).await.unwrap()[0]), (size, true));
}

#[tokio::test]
async fn a_registration_with_its_grant_does_not_wait() {
    let world = place::start().await;
    let mut stranger = World::stranger("newcomer", 100);
    let registration = world.registration(&stranger);
    stranger.id = statement_of(&registration).digest();
    let grant = world.role_grant("developer", None);
    let grant = world.sign(&world.authority, world.draft(&world.authority, grant, stranger.id));
    let outcomes = world.submit(vec![registration, grant]).await.unwrap();
    assert_eq!(outcomes.iter().map(recorded).collect::<Vec<_>>(), [(13, false), (14, false)]);
}

#[tokio::test]
async fn an_invalid_registration_does_not_wait() {
    let world = place::start().await;
    let taken = world.registration(&World::stranger("minato-lab", 100));
    let refused = world.submit(vec![taken]).await.unwrap_err();
    assert!(
        matches!(&refused, SubmitError::Refused { refusal, .. } if refusal.code == Code::SlugTaken),
        "{refused}"
    );
    assert_eq!(world.node().waiting().unwrap(), []);
}

#[tokio::test]
async fn of_two_that_wait_with_one_name_the_first_accepted_has_it() {
    let world = place::start().await;
    let (mut one, mut two) = (World::stranger("newcomer", 100), World::stranger("newcomer", 101));
    world.register(&mut one).await;
    world.register(&mut two).await;
    let grant = |id| {
        let grant = world.role_grant("developer", None);
        vec![world.sign(&world.authority, world.draft(&world.authority, grant, id))]
    };
    world.submit(grant(two.id)).await.unwrap();
    let refused = world.submit(grant(one.id)).await.unwrap_err();
    assert!(matches!(&refused, SubmitError::Refused { refusal, .. } if refusal.code == Code::SlugTaken));
    // A refusal takes nothing out of the intake.
    assert_eq!(world.node().waiting().unwrap()[0].statement, one.id);
}

#[tokio::test]
async fn registrations_expire_after_ninety_days() {
    let world = place::start().await;
    let mut old = World::stranger("old", 100);
    world.register(&mut old).await;
    world.clock.advance_days(91);
    let mut new = World::stranger("new", 101);
    world.register(&mut new).await;
    let waiting: Vec<_> = world.node().waiting().unwrap().into_iter().map(|w| w.statement).collect();
    assert_eq!(waiting, [new.id]);
}
