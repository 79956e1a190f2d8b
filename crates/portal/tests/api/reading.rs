//! Reading: every address answers, in both languages, with nothing in it that is not public.

use std::collections::BTreeSet;

use client::{Options, State};
use evidence::predicate::{Example as _, Fact, FactValue, Model, ModelFacts, ModelVersion};
use evidence::{Digest, Texts};
use node::Scope;
use node::testing::World;
use serde_json::Value;

use super::Server;

/// Records a model with facts by which the EU's rules cover it, and adopts them.
async fn a_covered_model(world: &World) -> Digest {
    let developer = &world.developer;
    let model = world.record(developer, Model::example(), developer.id).await;
    world.record(developer, ModelVersion::example(), model).await;
    let fact = |value| Fact { value, known_at: world.clock.now(), method: None, sources: Vec::new() };
    let facts = [
        ("general_purpose", FactValue::Boolean(true)),
        ("placed_on_union_market", FactValue::Boolean(true)),
        ("placed_at", FactValue::Date("2026-11-23".parse().unwrap())),
        ("generates_media", FactValue::Boolean(true)),
        ("modifies_model", FactValue::Boolean(false)),
        ("compute_updates", FactValue::Number("3e25 FLOP".into())),
        ("compute_cumulative", FactValue::Number("3e25 FLOP".into())),
        ("threshold_known_at", FactValue::Date("2026-11-23".parse().unwrap())),
    ];
    let facts = facts.into_iter().map(|(name, value)| (name.to_owned(), fact(value))).collect();
    world.record(developer, ModelFacts { facts }, model).await;
    world.adopt_regime("eu-gpai", &[]).await;
    model
}

#[tokio::test]
async fn every_address_of_the_openapi_document_answers() {
    let server = Server::start().await;
    let model = a_covered_model(&server.world).await;
    let document = server.get("/api/v1/openapi.json").await.json();
    assert_eq!(document["openapi"], "3.1.0");
    let admin = server.token(Scope::Admin, None);
    let mut asked = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        // What accounts do at the desk is asked for in the tests of the desk.
        if methods.get("get").is_none() || path.starts_with("/api/v1/desk/") {
            continue;
        }
        let id = if path.contains("organisations") {
            "minato-lab".to_owned()
        } else if path.contains("regimes") {
            "eu-gpai".to_owned()
        } else {
            "minato-lab~wakaba".to_owned()
        };
        let mut address =
            path.replace("{file}", "models.csv").replace("{id}", &id).replace("{digest}", &model.to_string());
        if path.ends_with("advice") {
            address.push_str("?regime=eu-gpai&as_of=2026-12-01");
        }
        if path.ends_with("resolve") {
            address.push_str("?path=minato-lab/wakaba");
        }
        let answer = server.get_with(&address, &admin).await;
        assert_eq!(answer.status, 200, "{address}: {}", String::from_utf8_lossy(&answer.bytes));
        asked += 1;
    }
    assert!(asked >= 15, "{asked}");
    // Digests in addresses do as well as paths.
    assert_eq!(server.get(&format!("/api/v1/models/{model}")).await.status, 200);
}

#[test]
fn the_openapi_document_is_what_clients_were_told() {
    let document = serde_json::to_value(kanae_portal::openapi()).unwrap();
    let mut ids = BTreeSet::new();
    for operation in
        document["paths"].as_object().unwrap().values().flat_map(|p| p.as_object().unwrap().values())
    {
        let id = operation["operationId"].as_str().unwrap();
        assert!(ids.insert(id.to_owned()), "{id} names two operations");
    }
    insta::assert_json_snapshot!("openapi", kanae_portal::openapi());
}

#[tokio::test]
async fn documents_name_things_in_both_languages_and_link_on() {
    let server = Server::start().await;
    let model = a_covered_model(&server.world).await;
    let document = server.get("/api/v1/models/minato-lab~wakaba").await.json();
    assert_eq!(document["digest"], model.to_string());
    assert_eq!(document["path"], "minato-lab/wakaba");
    assert!(document["names"]["ja"].is_string() && document["names"]["en"].is_string());
    assert_eq!(document["developer"]["path"], "minato-lab");
    assert_eq!(document["facts"]["compute_cumulative"][0]["value"]["number"], "3e25 FLOP");
    assert_eq!(document["versions"][0]["kind"], "model-version");
    let mut kinds = BTreeSet::new();
    for statement in document["statements"].as_array().unwrap() {
        assert!(statement["label"]["ja"].is_string() && statement["label"]["en"].is_string());
        let href = statement["href"].as_str().unwrap();
        let found = server.get(href).await.json();
        assert_eq!(found["index"], statement["index"]);
        assert_eq!(found["links"]["receipt"], format!("{href}/receipt"));
        kinds.insert(statement["kind"].as_str().unwrap().to_owned());
    }
    assert_eq!(kinds, ["model", "model-facts", "model-version"].map(str::to_owned).into());
    let organisation = server.get(document["developer"]["href"].as_str().unwrap()).await.json();
    assert_eq!(organisation["models"][0]["digest"], model.to_string());
    assert_eq!(organisation["keys"][0]["holder"], "compliance");
}

#[tokio::test]
async fn pages_of_a_list_follow_on_each_other_without_gap_or_repetition() {
    let server = Server::start().await;
    a_covered_model(&server.world).await;
    for list in [
        "/api/v1/statements?limit=3",
        "/api/v1/organisations?limit=2",
        "/api/v1/statements?kind=role-grant&limit=2",
    ] {
        let whole =
            server.get(&list.replace("limit=2", "limit=500").replace("limit=3", "limit=500")).await.json();
        let (mut seen, mut next) = (Vec::new(), Some(list.to_owned()));
        while let Some(address) = next {
            let page = server.get(&address).await.json();
            assert!(page["items"].as_array().unwrap().len() <= 3);
            seen.extend(page["items"].as_array().unwrap().clone());
            next = page["next"].as_str().map(str::to_owned);
        }
        assert_eq!(Value::Array(seen), whole["items"], "{list}");
        assert_eq!(whole["next"], Value::Null);
    }
    let about = server.get("/api/v1/statements?about=minato-lab").await.json();
    assert!(about["items"].as_array().unwrap().iter().all(|s| s["subject"]["path"] == "minato-lab"));
}

#[tokio::test]
async fn what_is_restricted_is_for_those_who_may_see_it() {
    let server = Server::start().await;
    let world = &server.world;
    let model = a_covered_model(world).await;
    let author = server.author(&world.developer, 0);
    let body = evidence::Predicate::from(ModelVersion {
        slug: "secret-plan".parse().unwrap(),
        ..ModelVersion::example()
    })
    .to_value();
    let options =
        Options { restricted: Some(Texts::both("企業秘密", "Trade secret")), ..Options::default() };
    let version = author.compose("model-version", &model.to_string(), body, options).await.unwrap();
    let outcomes = author.submit(std::slice::from_ref(&version)).await.unwrap();
    assert!(matches!(outcomes[0].state, State::Recorded { leaf_salt: Some(_), .. }));

    let path = format!("/api/v1/statements/{}", version.digest());
    let receipt = format!("{path}/receipt");
    let (own, rival) =
        (server.token(Scope::Submit, Some("minato-lab")), server.token(Scope::Submit, Some("kaede-ai")));
    for address in [&path, &receipt] {
        assert_eq!(server.get(address).await.status, 404);
        assert_eq!(server.get_with(address, &rival).await.status, 404);
        let answer = server.get_with(address, &own).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("cache-control"), "private, no-store");
    }
    assert_eq!(server.get(&format!("/log/envelope/{}", version.digest())).await.status, 404);
    for list in [
        "/api/v1/statements?limit=500",
        "/api/v1/models/minato-lab~wakaba",
        "/api/v1/organisations/minato-lab",
    ] {
        let text = String::from_utf8(server.get(list).await.bytes).unwrap();
        assert!(!text.contains("secret-plan") && !text.contains(&version.digest().to_string()), "{list}");
    }
    assert_eq!(server.get("/api/v1/log").await.json()["restricted"], 1);
}

#[tokio::test]
async fn that_a_duty_appears_unmet_is_not_published_before_a_signed_act() {
    let server = Server::start().await;
    a_covered_model(&server.world).await;
    server.world.clock.advance_days(60);
    let advice = "/api/v1/models/minato-lab~wakaba/advice?regime=eu-gpai";
    for public in [advice, "/api/v1/duties", "/api/v1/duties?regime=eu-gpai&model=minato-lab~wakaba"] {
        let text = String::from_utf8(server.get(public).await.bytes).unwrap();
        assert!(!text.contains("appears_unmet"), "{public}");
    }
    let public = server.get(advice).await.json();
    assert_eq!(public["reserved"], true);
    assert_eq!(public["body"], Value::Null);
    assert_eq!(public["assessment"]["coverage"], "covered");
    let rival = server.token(Scope::Submit, Some("kaede-ai"));
    assert_eq!(server.get_with(advice, &rival).await.json()["reserved"], true);
    for insider in ["minato-lab", "institute", "authority"] {
        let token = server.token(Scope::Submit, Some(insider));
        let text = String::from_utf8(server.get_with(advice, &token).await.bytes).unwrap();
        assert!(text.contains("appears_unmet"), "{insider}");
    }
}

#[tokio::test]
async fn advice_can_be_recorded_as_an_assessment() {
    let server = Server::start().await;
    a_covered_model(&server.world).await;
    let institute = server.author(&server.world.institute, 0);
    let advice = institute.client().advice("minato-lab/wakaba", "eu-gpai", None).await.unwrap();
    assert_eq!(advice.as_of, "2026-11-23");
    let options = Options { regime: Some("eu-gpai".parse().unwrap()), ..Options::default() };
    let assessment =
        institute.compose("assessment", "minato-lab/wakaba", advice.body, options).await.unwrap();
    institute.submit(&[assessment]).await.unwrap();
}

#[tokio::test]
async fn what_is_not_there_is_a_problem_with_a_way_on() {
    let server = Server::start().await;
    a_covered_model(&server.world).await;
    let digest = "0".repeat(64);
    let mut problems = Vec::new();
    for path in [
        "/api/v1/nothing".to_owned(),
        "/api/v2/log".to_owned(),
        "/api/v1/organisations/nobody".to_owned(),
        "/api/v1/organisations/minato-lab~wakaba".to_owned(),
        "/api/v1/models/minato-lab".to_owned(),
        "/api/v1/models/%F0%9F%A6%80".to_owned(),
        "/api/v1/models/%FF".to_owned(),
        format!("/api/v1/statements/{digest}"),
        format!("/api/v1/statements/{digest}/receipt"),
        "/api/v1/statements/nonsense".to_owned(),
        "/api/v1/statements?limit=many".to_owned(),
        "/api/v1/statements?colour=red".to_owned(),
        "/api/v1/resolve".to_owned(),
        "/api/v1/resolve?path=a/b/c".to_owned(),
        "/api/v1/regimes/law-of-nowhere".to_owned(),
        "/api/v1/duties?regime=law-of-nowhere".to_owned(),
        "/api/v1/models/minato-lab~wakaba/advice".to_owned(),
        "/api/v1/models/minato-lab~wakaba/advice?regime=law-of-nowhere".to_owned(),
        "/api/v1/models/minato-lab~wakaba/advice?regime=eu-gpai&as_of=2026-02-30".to_owned(),
        "/log/tile/0/999".to_owned(),
        "/log/..%2fkanae.db".to_owned(),
        format!("/log/blob/{digest}/..%2f..%2f..%2fkeys/log.key"),
    ] {
        let answer = server.get(&path).await;
        assert!((400..500).contains(&answer.status), "{path}: {}", answer.status);
        problems.push((path, answer.problem()));
    }
    for path in ["/api/v1/log", "/api/v1/statements", "/log/checkpoint"] {
        let answer = server.http.delete(format!("{}{path}", server.url)).send().await.unwrap();
        let answer = super::Answer::of(answer).await;
        assert_eq!((answer.status, answer.header("allow")), (405, "GET,HEAD"), "{path}");
        problems.push((format!("DELETE {path}"), answer.problem()));
    }
    insta::assert_json_snapshot!("missing", problems);
}

#[tokio::test]
async fn a_list_that_is_taken_away_compressed_arrives_whole() {
    let server = Server::start().await;
    for list in ["statements.csv", "organisations.json", "models.jsonl", "duties.csv"] {
        let address = format!("{}/api/v1/export/{list}", server.url);
        let request = server.http.get(address).header("accept-encoding", "gzip");
        let answer = super::Answer::of(request.send().await.unwrap()).await;
        assert_eq!((answer.status, answer.header("content-encoding")), (200, "gzip"), "{list}");
    }
}
