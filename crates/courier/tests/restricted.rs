//! What is restricted is told to those whom it concerns, in words that say no more than that.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::sync::Arc;

use desk::account::{Account, Membership};
use desk::notice::{Event, describe};
use desk::records::SqliteRecords;
use desk::{Desk, Versioned};
use evidence::predicate::{Example as _, InformationRequest, Model};
use evidence::{Digest, Language};
use kanae_courier::{Courier, Settings};
use node::testing::{BEGINNING, World};

fn member(desk: &Desk, name: &str, organisation: Digest) {
    let mut account = Account::new(name.into(), name.into(), Language::En, BEGINNING.parse().unwrap());
    account.join(Membership { organisation, holder: None, functions: BTreeSet::new() });
    desk.save(&mut Versioned::new(account)).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restricted_request_is_told_to_whom_it_is_addressed_and_to_nobody_else() {
    let world = World::start().await;
    world.adopt_regime("eu-gpai", &[]).await;
    let model = world.record(&world.developer, Model::example(), world.developer.id).await;
    let body = InformationRequest { addressee: None, ..InformationRequest::example() };
    let mut draft = world.draft(&world.authority, body, model);
    draft.common.regime = Some("eu-gpai".parse().unwrap());
    World::restrict(&mut draft);
    let request = world.record_draft(&world.authority, draft).await;

    let desk = Desk::new(Arc::new(SqliteRecords::in_memory().unwrap()));
    for (name, actor) in [
        ("developer", &world.developer),
        ("rival", &world.other_developer),
        ("institute", &world.institute),
        ("authority", &world.authority),
    ] {
        member(&desk, name, actor.id);
    }
    let courier =
        Courier::new(world.node().clone(), desk, Settings::new("https://register.example")).unwrap();
    let told: Vec<(String, String)> = courier
        .dry_run(Language::En)
        .unwrap()
        .into_iter()
        .flat_map(|to| to.lines.into_iter().map(move |(title, _)| (to.to.clone(), title)))
        .filter(|(_, title)| title.contains("restricted statement"))
        .collect();
    assert!(told.iter().any(|(to, title)| to == "developer" && title.contains("answer")), "{told:?}");
    assert!(told.iter().all(|(to, _)| to == "developer"), "{told:?}");

    let view = world.node().view();
    let event = Event::Asked { statement: request };
    let of = Some(&world.developer.id);
    let line = describe(&event, of, &view.register, &view.library, Language::En);
    assert_eq!(line.path, format!("desk/as/minato-lab/statements/{request}"));
    assert!(!line.title.contains("nformation") && !line.about.contains("Wakaba"), "{line:?}");
}
