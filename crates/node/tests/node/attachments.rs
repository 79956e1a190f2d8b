use evidence::predicate::{Erasure, Example as _, Model};
use evidence::{Part, Visibility};
use kanae_node::testing::{World, signed};
use kanae_node::{Caller, Malformed, Scope, SubmitError};

use crate::common::published;
use crate::place;

/// A model with a public and a restricted attachment, and their parts.
fn draft(world: &World) -> (evidence::Draft, Part, Part) {
    let mut draft = world.draft(&world.developer, Model::example(), world.developer.id);
    let open = World::attach(&mut draft, "open.txt", b"for everyone", Visibility::Public);
    let secret = World::attach(&mut draft, "secret.txt", b"for few", Visibility::Restricted);
    (draft, open, secret)
}

async fn refused(world: &World, parts: Vec<Part>) -> Malformed {
    let (draft, ..) = draft(world);
    match world.submit(vec![signed(draft, &[world.developer.key()], parts)]).await {
        Err(SubmitError::Malformed { position: 0, problem }) => problem,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_statement_comes_with_exactly_its_attachments() {
    let world = place::start().await;
    let (_, open, secret) = draft(&world);
    let missing = refused(&world, vec![open.clone()]).await;
    assert!(matches!(missing, Malformed::PartMissing { name, .. } if name == "secret.txt"));
    let stranger = Part { salt: [9; 32], bytes: b"x".to_vec() };
    let strange = refused(&world, vec![open, stranger, secret]).await;
    assert!(matches!(strange, Malformed::PartStranger { position: 1, .. }), "{strange:?}");
}

#[tokio::test]
async fn an_attachment_of_another_size_than_stated_is_refused() {
    let world = place::start().await;
    let (mut draft, open, secret) = draft(&world);
    draft.common.attachments[0].size = 3;
    let submission = signed(draft, &[world.developer.key()], vec![open, secret]);
    assert!(matches!(
        world.submit(vec![submission]).await,
        Err(SubmitError::Malformed { problem: Malformed::PartSize { expected: 3, found: 12, .. }, .. })
    ));
}

#[tokio::test]
async fn public_attachments_are_published_and_restricted_ones_kept() {
    let world = place::start().await;
    let (draft, open, secret) = draft(&world);
    let submission = signed(draft, &[world.developer.key()], vec![secret.clone(), open.clone()]);
    let id = kanae_node::testing::statement_of(&submission).digest();
    world.submit(vec![submission]).await.unwrap();
    let file = published(&world, &format!("part/{}", open.commitment())).unwrap();
    assert_eq!(file, [&open.salt[..], &open.bytes].concat());
    assert_eq!(published(&world, &format!("part/{}", secret.commitment())), None);
    let seen = |caller: &Caller| world.node().statement(&id, caller).unwrap().unwrap().parts;
    let token = |slug: &str| Caller::Token { scope: Scope::Submit, organisation: slug.parse().ok() };
    let public = vec![open.clone()];
    assert_eq!(seen(&Caller::Anonymous), public);
    assert_eq!(seen(&token("kaede-ai")), public);
    assert_eq!(seen(&token("minato-lab")), [open.clone(), secret.clone()]);
    assert_eq!(seen(&token("authority")), [open, secret]);
}

#[tokio::test]
async fn an_erased_attachment_is_gone_and_the_statement_still_stands() {
    let mut world = place::start().await;
    let (draft, open, secret) = draft(&world);
    let submission = signed(draft.clone(), &[world.developer.key()], vec![open.clone(), secret.clone()]);
    let id = kanae_node::testing::statement_of(&submission).digest();
    world.submit(vec![submission.clone()]).await.unwrap();
    let parts = vec![open.commitment(), secret.commitment()];
    let erasure = Erasure { parts, ..Erasure::example() };
    world.decide(world.draft(&world.authority, erasure, id)).await;
    let check = |world: &World| {
        assert_eq!(published(world, &format!("part/{}", open.commitment())), None);
        let stored = world.node().statement(&id, &kanae_node::testing::ADMIN).unwrap().unwrap();
        assert_eq!(stored.parts, []);
        assert!(world.node().view().register.erased_by(&open.commitment()).is_some());
    };
    check(&world);
    world.stop();
    world.open();
    check(&world);
    // Sent again, the statement has its place; the content does not come back, in no statement.
    assert_eq!(crate::common::recorded(&world.submit(vec![submission]).await.unwrap()[0]), (13, true));
    check(&world);
    let mut again = world.draft(&world.developer, Model::example(), world.developer.id);
    again.common.attachments = draft.common.attachments;
    let again = signed(again, &[world.developer.key()], vec![open.clone(), secret]);
    assert!(matches!(
        world.submit(vec![again]).await,
        Err(SubmitError::Malformed { problem: Malformed::PartErased { by: 15, .. }, .. })
    ));
}

#[tokio::test]
async fn statements_of_one_batch_may_share_an_attachment() {
    let world = place::start().await;
    let batch = ["one", "two"].map(|slug| {
        let model = Model { slug: slug.parse().unwrap(), ..Model::example() };
        let mut draft = world.draft(&world.developer, model, world.developer.id);
        let part = World::attach(&mut draft, "card", b"model card", Visibility::Public);
        signed(draft, &[world.developer.key()], vec![part])
    });
    let commitment = batch[0].parts[0].commitment();
    world.submit(batch.into()).await.unwrap();
    assert!(published(&world, &format!("part/{commitment}")).is_some());
}
