use evidence::predicate::{Example as _, Model};
use kanae_node::Outcome;
use kanae_node::testing::World;

#[tokio::test]
async fn a_recorded_statement_stands_in_the_published_register() {
    let world = World::start().await;
    let model = world.record(&world.developer, Model::example(), world.developer.id).await;
    let view = world.node().view();
    assert_eq!(view.register.path_of(&model).unwrap(), "minato-lab/wakaba");
    assert_eq!(view.head.size, 14);
    assert!(world.node().log_folder().join(format!("envelope/{model}")).is_file());
}

#[tokio::test]
async fn submitting_again_returns_the_same_place_and_a_valid_receipt() {
    let world = World::start().await;
    let draft = world.draft(&world.developer, Model::example(), world.developer.id);
    let submission = world.sign(&world.developer, draft);
    let first = world.submit(vec![submission.clone()]).await.unwrap();
    let again = world.submit(vec![submission]).await.unwrap();
    let [Outcome::Recorded { index, already: false, .. }] = first[..] else { panic!("{first:?}") };
    let [Outcome::Recorded { index: same, already: true, .. }] = again[..] else { panic!("{again:?}") };
    assert_eq!(index, same);
}
