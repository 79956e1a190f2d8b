use kanae_node::testing::ADMIN;
use kanae_node::{Caller, Scope, SubmitError, TokenError};

use crate::common::{model, recorded};
use crate::place;

#[tokio::test]
async fn a_token_speaks_for_its_organisation_only() {
    let world = place::start().await;
    let node = world.node();
    let token = node.new_token(Scope::Submit, "minato-lab".parse().ok(), "continuous integration").unwrap();
    let caller = node.caller(Some(token.as_str())).unwrap();
    let own = model(&world, &world.developer, "wakaba");
    let other = model(&world, &world.other_developer, "momiji");
    assert!(matches!(
        node.submit(vec![own.clone(), other.clone()], &caller).await,
        Err(SubmitError::Forbidden(_))
    ));
    assert!(matches!(
        node.submit(vec![own.clone()], &Caller::Anonymous).await,
        Err(SubmitError::Forbidden(_))
    ));
    assert_eq!(recorded(&node.submit(vec![own], &caller).await.unwrap()[0]), (13, false));
    assert_eq!(recorded(&node.submit(vec![other], &ADMIN).await.unwrap()[0]), (14, false));
}

#[tokio::test]
async fn acts_of_the_node_need_its_administrator() {
    let world = place::start().await;
    let any = Caller::Token { scope: Scope::Submit, organisation: None };
    let grant = world.role_grant("authority", None);
    let grant = world.sign_as_node(world.node_draft(grant, world.institute.id));
    assert!(matches!(world.node().submit(vec![grant.clone()], &any).await, Err(SubmitError::Forbidden(_))));
    assert!(world.node().submit(vec![grant], &ADMIN).await.is_ok());
}

#[tokio::test]
async fn tokens_survive_a_restart_and_strange_ones_are_not_taken() {
    let mut world = place::start().await;
    let token = world.node().new_token(Scope::Admin, None, "operator").unwrap();
    assert_eq!(token.as_str().len(), "kanae_".len() + 64);
    assert!(!format!("{token:?}").contains(&token.as_str()[6..]));
    world.stop();
    let text = token.as_str().trim_start_matches("kanae_");
    assert!(!place::database_holds(&world, text), "kept as a hash only");
    assert!(place::database_holds(&world, "operator"), "the token is there");
    world.open();
    assert_eq!(world.node().caller(Some(token.as_str())).unwrap(), ADMIN);
    assert_eq!(world.node().caller(None).unwrap(), Caller::Anonymous);
    for strange in ["", "kanae_", &token.as_str()[..69], "x"] {
        assert!(matches!(world.node().caller(Some(strange)), Err(TokenError::Unknown)), "{strange:?}");
    }
    assert!(matches!(world.node().new_token(Scope::Admin, None, "a\nb"), Err(TokenError::Label)));
}
