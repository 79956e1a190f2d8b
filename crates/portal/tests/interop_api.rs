//! The API as schemathesis finds it: every operation of the OpenAPI document with what it allows and
//! what it does not, and no answer that the document does not describe.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use desk::account::{Account, Function, Membership};
use desk::notice::{Endpoint, EventKind};
use desk::records::SqliteRecords;
use desk::token::WantedToken;
use desk::{Desk, Draft, Scope, Versioned};
use evidence::predicate::{Example as _, Model, ModelFacts};
use evidence::{Digest, Language};
use kanae_portal as portal;
use node::testing::World;
use serde_json::json;

/// Keeps a draft and returns its name.
fn draft(desk: &Desk, world: &World, kind: &str, organisation: Digest, about: Digest) -> String {
    let now = world.node().now();
    let id = desk.new_id(now).unwrap();
    let mut draft = Draft::new(id.clone(), kind, Some(organisation), "hana", now);
    draft.about = Some(about);
    desk.save(&mut Versioned::new(draft)).unwrap();
    id
}

/// Makes an account that may do everything, and returns a token of it for everything.
fn everything(desk: &Desk, world: &World) -> String {
    let now = world.node().now();
    for (id, administrator) in [("hana", true), ("taro", false)] {
        let mut account = Account::new(id.into(), id.into(), Language::En, now);
        account.administrator = administrator;
        for (actor, holder) in [(&world.developer, "compliance"), (&world.authority, "officer-1")] {
            let functions = Function::ALL.into_iter().collect();
            let holder = Some(holder.parse().unwrap());
            account.join(Membership { organisation: actor.id, holder, functions });
        }
        desk.save(&mut Versioned::new(account)).unwrap();
    }
    let wanted = WantedToken {
        account: "hana".into(),
        label: "test".into(),
        scopes: Scope::ALL.into_iter().collect(),
        days: 1,
        by: "hana".into(),
    };
    desk.make_token(wanted, now).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_request_is_answered_as_the_document_does_not_say() {
    let python = std::env::var_os("KANAE_PEERS")
        .map(|peers| PathBuf::from(peers).join("python-api/bin/python"))
        .filter(|program| program.is_file())
        .expect("schemathesis is missing; run `cargo xtask test interop`");
    let world = World::start().await;
    world.adopt_regime("eu-gpai", &[]).await;
    let model = world.record(&world.developer, Model::example(), world.developer.id).await;
    let facts = world.record(&world.developer, ModelFacts::example(), model).await;
    let desk = Desk::new(Arc::new(SqliteRecords::in_memory().unwrap()));
    let token = everything(&desk, &world);
    let now = world.node().now();
    let drafts: Vec<String> = ["public-report", "model-facts", "notification"]
        .iter()
        .map(|kind| draft(&desk, &world, kind, world.developer.id, model))
        .collect();
    let code = desk.take_tip(world.authority.id, "something", now).unwrap();
    let tip = desk.tip_of(&code).unwrap().unwrap().id.clone();
    let mut endpoint = Endpoint::new(Some(world.developer.id), "https://hook.example/", "hana", now).unwrap();
    endpoint.events = [EventKind::Recorded].into();
    desk.save(&mut Versioned::new(endpoint.clone())).unwrap();
    let known = json!({
        "desk": token,
        "node": world.node().new_token(node::Scope::Admin, None, "test").unwrap().as_str(),
        "path": {
            "organisation": ["minato-lab", "authority", world.developer.id],
            "id": ["minato-lab", "minato-lab~wakaba", "eu-gpai", model],
            "digest": [model, facts],
            "draft": drafts,
            "question": ["capabilities", "facts"],
            "kind": ["public-report", "model-facts", "designation"],
            "tip": [tip],
            "webhook": [endpoint.id],
            "account": ["taro"],
            "file": ["statements.csv", "models.jsonl", "duties.json"],
        },
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let app = portal::App::new(world.node().clone()).with_desk(desk).behind_proxy();
    tokio::spawn(portal::serve(listener, app, std::future::pending()));
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../interop/python/ask_api.py");
    let scratch = tempfile::tempdir().unwrap();
    let mut command = Command::new(python);
    command.arg(script).arg(&url).env("KANAE_KNOWN", known.to_string()).current_dir(scratch.path());
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    let (said, complained) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    println!("{said}");
    assert!(output.status.success(), "{complained}");
}
