//! Submitting: recorded, waiting, refused, malformed.

use client::{ClientError, File, Options, State};
use evidence::predicate::{Erasure, Example as _, KeyChange, KeyEnd, KeyEndReason, Model};
use evidence::{Digest, Predicate, SecretKey, Texts, Visibility};
use ledger::SignedNote;
use node::testing::{World, intake_key, key, signed};
use node::{Scope, Submission};
use serde_json::{Value, json};

use super::{Server, author_of};

fn model_body(slug: &str) -> Value {
    let mut body = Predicate::from(Model::example()).to_value();
    body["slug"] = slug.into();
    body
}

/// Writes submissions as a request body.
fn body_of(submissions: &[Submission]) -> String {
    let statements: Vec<Value> = submissions
        .iter()
        .map(|submission| {
            let parts: Vec<Value> = submission
                .parts
                .iter()
                .map(|part| json!({"salt": hex::encode(part.salt), "content": base64(&part.bytes)}))
                .collect();
            json!({"envelope": serde_json::from_slice::<Value>(&submission.envelope).unwrap(), "parts": parts})
        })
        .collect();
    json!({ "statements": statements }).to_string()
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

#[tokio::test]
async fn a_statement_is_recorded_once_and_its_receipt_verifies() {
    let server = Server::start().await;
    let author = server.author(&server.world.developer, 0);
    let model =
        author.compose("model", "minato-lab", model_body("wakaba"), Options::default()).await.unwrap();
    let outcomes = author.submit(std::slice::from_ref(&model)).await.unwrap();
    let State::Recorded { index, receipt, already: false, leaf_salt: None } = &outcomes[0].state else {
        panic!("{outcomes:?}");
    };
    let proven = author.client().check_receipt(&model.digest(), receipt).unwrap().unwrap();
    assert_eq!((proven.index, proven.entry.unwrap().statement), (*index, model.digest()));
    assert!(author.client().check_receipt(&Digest::from_bytes([1; 32]), receipt).is_err());

    let again = author.submit(std::slice::from_ref(&model)).await.unwrap();
    assert!(matches!(&again[0].state, State::Recorded { index: i, already: true, .. } if i == index));

    let client = server.anyone();
    let found = client.resolve("minato-lab/wakaba").await.unwrap();
    assert_eq!((found.digest, found.kind.as_str()), (model.digest(), "model"));
    let fetched = client.statement(&model.digest()).await.unwrap();
    assert_eq!(fetched.envelope, model.envelope);
    client.receipt(&model.digest()).await.unwrap();
    assert_eq!(client.log().await.unwrap().size, index + 1);
}

#[tokio::test]
async fn attachments_travel_with_the_statement_and_only_public_ones_are_served() {
    let server = Server::start().await;
    let author = server.author(&server.world.developer, 0);
    let file = |name: &str, restricted| File {
        name: name.into(),
        media_type: "text/plain".into(),
        bytes: name.as_bytes().to_vec(),
        restricted,
    };
    let attachments =
        vec![file("open.txt", None), file("closed.txt", Some(Texts::both("企業秘密", "Trade secret")))];
    let options = Options { attachments, ..Options::default() };
    let model = author.compose("model", "minato-lab", model_body("wakaba"), options).await.unwrap();
    author.submit(std::slice::from_ref(&model)).await.unwrap();

    let document = server.get(&format!("/api/v1/statements/{}", model.digest())).await.json();
    let states: Vec<_> =
        document["attachments"].as_array().unwrap().iter().map(|a| a["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["available", "restricted"]);
    let open = server.get(document["attachments"][0]["href"].as_str().unwrap()).await;
    assert_eq!(&open.bytes[32..], b"open.txt");
    assert_eq!(open.header("content-disposition"), "attachment");
    let closed = server.get(&format!("/log/part/{}", model.parts[1].commitment())).await;
    assert_eq!(closed.status, 404);

    // Erased on a legal ground: two officers, over HTTP.
    let (drafter, approver) =
        (server.author(&server.world.authority, 0), server.author(&server.world.authority, 1));
    let erasure = Erasure {
        parts: vec![model.parts[0].commitment()],
        ground: Texts::both("個人情報", "Personal data"),
    };
    let body = Predicate::from(erasure).to_value();
    let act =
        drafter.compose("erasure", &model.digest().to_string(), body, Options::default()).await.unwrap();
    let Err(ClientError::Refused { code, .. }) = drafter.submit(std::slice::from_ref(&act)).await else {
        panic!("an erasure by one officer alone was recorded");
    };
    assert_eq!(code, "approval-missing");
    let reasons = Texts::both("確認しました。", "Checked.");
    let approval = approver.approve(&act, "second-officer".parse().unwrap(), reasons).await.unwrap();
    let outcomes = drafter.submit(&[approval, act]).await.unwrap();
    assert_eq!(outcomes.len(), 2);
    let erased = server.get(&format!("/log/part/{}", model.parts[0].commitment())).await;
    assert_eq!(erased.status, 404);
    let document = server.get(&format!("/api/v1/statements/{}", model.digest())).await.json();
    assert_eq!(document["attachments"][0]["state"], "erased");
    assert_eq!(document["attachments"][0]["href"], Value::Null);
}

#[tokio::test]
async fn a_registration_waits_until_an_authority_accepts_it() {
    let server = Server::start().await;
    let mut stranger = World::stranger("sumire-lab", 100);
    let author = author_of(server.anyone(), "self", &stranger, 0, &server.world);
    let registration = server.world.registration(&stranger);
    stranger.id = node::testing::statement_of(&registration).digest();
    let body = node::testing::statement_of(&registration).predicate().to_value();
    let composed = author.compose("organisation", "", body, Options::default()).await.unwrap();
    let outcomes = author.submit(std::slice::from_ref(&composed)).await.unwrap();
    let State::Waiting { arrival } = &outcomes[0].state else { panic!("{outcomes:?}") };
    let note = SignedNote::parse(arrival.as_bytes()).unwrap();
    let keys = [intake_key().verifier_key()];
    let lines: Vec<&str> = note.verify(&keys).unwrap().text.lines().collect();
    assert_eq!(lines[0], "kanae/arrival/v1");
    assert_eq!(lines[2], composed.digest().to_string());
    assert_eq!(server.get("/api/v1/organisations/sumire-lab").await.status, 404);

    // What waits is for authorities only.
    assert_eq!(server.get("/api/v1/waiting").await.status, 401);
    let developer = server.token(Scope::Submit, Some("minato-lab"));
    assert_eq!(server.get_with("/api/v1/waiting", &developer).await.status, 403);
    let authority = server.token(Scope::Submit, Some("authority"));
    let waiting = server.get_with("/api/v1/waiting", &authority).await.json();
    assert_eq!(waiting["items"][0]["slug"], "sumire-lab");
    assert_eq!(waiting["items"][0]["statement"], composed.digest().to_string());

    let officer = server.author(&server.world.authority, 0);
    let grant = Predicate::from(server.world.role_grant("developer", None)).to_value();
    let subject = composed.digest().to_string();
    let grant = officer.compose("role-grant", &subject, grant, Options::default()).await.unwrap();
    officer.submit(&[grant]).await.unwrap();
    let found = server.get("/api/v1/organisations/sumire-lab").await.json();
    assert_eq!(found["roles"][0]["id"], "developer");
    assert_eq!(server.get_with("/api/v1/waiting", &authority).await.json()["items"], json!([]));
}

#[tokio::test]
async fn a_refusal_is_signed_under_the_intake_key() {
    let server = Server::start().await;
    let institute = server.author(&server.world.institute, 0);
    let model =
        institute.compose("model", "institute", model_body("wakaba"), Options::default()).await.unwrap();
    let Err(ClientError::Refused { code, note, .. }) = institute.submit(std::slice::from_ref(&model)).await
    else {
        panic!("a model of an institute was recorded");
    };
    assert_eq!(code, "wrong-role");
    let note = SignedNote::parse(note.unwrap().as_bytes()).unwrap();
    let keys = [intake_key().verifier_key()];
    let lines: Vec<&str> = note.verify(&keys).unwrap().text.lines().collect();
    assert_eq!((lines[0], lines[4]), ("kanae/refusal/v1", "wrong-role"));
    assert_eq!(lines[2], model.digest().to_string());
}

#[tokio::test]
async fn each_refusal_has_its_code_and_says_what_to_do() {
    let server = Server::start().await;
    let world = &server.world;
    let admin = server.token(Scope::Admin, None);
    let developer = &world.developer;
    let model = world.record(developer, Model::example(), developer.id).await;
    let mut refused = Vec::new();
    let mut refuse = async |name: &str, submissions: &[Submission]| {
        let answer = server.post("/api/v1/submissions", Some(&admin), body_of(submissions)).await;
        assert_eq!(answer.status, 422, "{name}: {}", String::from_utf8_lossy(&answer.bytes));
        refused.push((name.to_owned(), answer.problem()));
    };

    let draft = |slug: &str| {
        let model = Model { slug: slug.parse().unwrap(), ..Model::example() };
        world.draft(developer, model, developer.id)
    };
    let stranger: SecretKey = key(111);
    refuse("a key that nobody registered", &[signed(draft("b"), &[&stranger], Vec::new())]).await;
    refuse("a key of somebody else", &[signed(draft("c"), &[world.institute.key()], Vec::new())]).await;
    let mut other_log = draft("d");
    other_log.common.log.origin = "elsewhere.test/1".into();
    refuse("a statement for another log", &[world.sign(developer, other_log)]).await;
    let mut fork = draft("e");
    fork.common.log.root = Digest::from_bytes([7; 32]);
    refuse("a statement for a history that never was", &[world.sign(developer, fork)]).await;
    refuse("a name that is taken", &[world.sign(developer, draft("wakaba"))]).await;
    let mut late = draft("f");
    late.common.issued_at = "2027-01-01T00:00:00.000Z".parse().unwrap();
    refuse("a statement from the future", &[world.sign(developer, late)]).await;

    let notification = evidence::PredicateType::find("notification").unwrap().example();
    let without_regime = world.draft(developer, notification.clone(), model);
    refuse("an act under no regime", &[world.sign(developer, without_regime)]).await;
    let mut unknown_regime = world.draft(developer, notification, model);
    unknown_regime.common.regime = Some("law-of-nowhere".parse().unwrap());
    refuse("an act under a regime that is not adopted", &[world.sign(developer, unknown_regime)]).await;
    let mut institutes = Model::example();
    institutes.slug = "g".parse().unwrap();
    let institutes = world.draft(&world.institute, institutes, world.institute.id);
    refuse("a model of an institute", &[world.sign(&world.institute, institutes)]).await;

    // All or nothing: the first statement of this batch is fine.
    let batch = [world.sign(developer, draft("h")), signed(draft("i"), &[&stranger], Vec::new())];
    refuse("a batch with one wrong statement", &batch).await;
    assert_eq!(server.get("/api/v1/models/minato-lab~h").await.status, 404);

    let new_key = key(112);
    let change = KeyChange {
        add: vec![evidence::predicate::KeyEntry {
            spki: evidence::key::encode_spki(&new_key.public_key()),
            holder: "compliance".parse().unwrap(),
            custody: evidence::predicate::Custody::Holder,
        }],
        end: vec![KeyEnd {
            key: developer.key().public_key().hash(),
            reason: KeyEndReason::Compromised,
            compromised_since: None,
        }],
    };
    let change = world.draft(developer, change, developer.id);
    world.submit(vec![signed(change, &[developer.key(), &new_key], Vec::new())]).await.unwrap();
    refuse("a key that has ended", &[world.sign(developer, draft("j"))]).await;
    insta::assert_json_snapshot!("refusals", refused);
}

#[tokio::test]
async fn what_cannot_be_read_is_told_with_its_place() {
    let server = Server::start().await;
    let world = &server.world;
    let before = world.node().view().head.size;
    let admin = server.token(Scope::Admin, None);
    let good =
        world.sign(&world.developer, world.draft(&world.developer, Model::example(), world.developer.id));
    let envelope: Value = serde_json::from_slice(&good.envelope).unwrap();
    let with = |change: &dyn Fn(&mut Value)| {
        let mut body = json!({"statements": [{"envelope": envelope.clone(), "parts": []}]});
        change(&mut body);
        body.to_string()
    };
    let payload = |text: &str| {
        let mut envelope = envelope.clone();
        envelope["payload"] = base64(text.as_bytes()).into();
        json!({"statements": [{"envelope": envelope}]}).to_string()
    };
    let signed_payload =
        String::from_utf8(evidence::Envelope::parse(&good.envelope).unwrap().payload().to_vec()).unwrap();
    let deep = format!("{}1{}", "[".repeat(4000), "]".repeat(4000));
    let cases: Vec<(&str, String)> = vec![
        ("no JSON", "statements".into()),
        ("an empty body", String::new()),
        ("JSON cut short", r#"{"statements":["#.into()),
        ("a list", "[]".into()),
        ("a misspelt field", r#"{"statement":[]}"#.into()),
        ("duplicate keys", r#"{"statements":[],"statements":[]}"#.into()),
        ("a text where a list belongs", r#"{"statements":"x"}"#.into()),
        ("no statements", r#"{"statements":[]}"#.into()),
        ("65 statements", json!({"statements": vec![json!({"envelope": {}}); 65]}).to_string()),
        ("nested too deep", format!(r#"{{"statements":{deep}}}"#)),
        ("an envelope that is none", with(&|b| b["statements"][0]["envelope"] = json!({"payload": 1}))),
        (
            "another payload type",
            with(&|b| b["statements"][0]["envelope"]["payloadType"] = "text/plain".into()),
        ),
        ("a payload that is no base64", with(&|b| b["statements"][0]["envelope"]["payload"] = "***".into())),
        ("no signature", with(&|b| b["statements"][0]["envelope"]["signatures"] = json!([]))),
        ("a payload that is no JSON", payload("hello")),
        (
            "a payload with a key twice",
            payload(&signed_payload.replacen("\"_type\":", "\"_type\":\"x\",\"_type\":", 1)),
        ),
        (
            "a payload with an unknown field",
            payload(&signed_payload.replacen("\"slug\":", "\"sulg\":\"x\",\"slug\":", 1)),
        ),
        (
            "a payload with a wrong type",
            payload(&signed_payload.replacen("\"size\":", "\"size\":true,\"sise\":", 1)),
        ),
        (
            "a salt that is none",
            with(&|b| b["statements"][0]["parts"] = json!([{"salt": "00", "content": ""}])),
        ),
        (
            "content that is no base64",
            with(&|b| b["statements"][0]["parts"] = json!([{"salt": "00".repeat(32), "content": "*"}])),
        ),
        (
            "content that belongs to no attachment",
            with(&|b| b["statements"][0]["parts"] = json!([{"salt": "00".repeat(32), "content": "AAAA"}])),
        ),
    ];
    let mut problems = Vec::new();
    for (name, body) in cases {
        let answer = server.post("/api/v1/submissions", Some(&admin), body).await;
        assert!((400..500).contains(&answer.status), "{name}");
        problems.push((name, answer.problem()));
    }
    let mut draft = world.draft(&world.developer, Model::example(), world.developer.id);
    World::attach(&mut draft, "report.txt", b"text", Visibility::Public);
    let incomplete = body_of(&[world.sign(&world.developer, draft)]);
    let answer = server.post("/api/v1/submissions", Some(&admin), incomplete).await;
    problems.push(("an attachment without its content", answer.problem()));
    insta::assert_json_snapshot!("malformed", problems);
    assert_eq!(world.node().view().head.size, before, "nothing of all this was recorded");
}

#[tokio::test]
async fn a_token_submits_for_its_own_organisation_only() {
    let server = Server::start().await;
    let world = &server.world;
    let body = |world: &World| {
        let draft = world.draft(&world.developer, Model::example(), world.developer.id);
        body_of(&[world.sign(&world.developer, draft)])
    };
    let other = server.token(Scope::Submit, Some("kaede-ai"));
    let own = server.token(Scope::Submit, Some("minato-lab"));
    let path = "/api/v1/submissions";
    let mut problems = vec![
        ("no token", server.post(path, None, body(world)).await.problem()),
        ("an unknown token", server.post(path, Some("kanae_0"), body(world)).await.problem()),
        ("another organisation's token", server.post(path, Some(&other), body(world)).await.problem()),
    ];
    let basic = server
        .http
        .post(format!("{}{path}", server.url))
        .header("content-type", "application/json")
        .header("authorization", "Basic eDp5")
        .body(body(world));
    problems.push(("no bearer token", super::Answer::of(basic.send().await.unwrap()).await.problem()));
    insta::assert_json_snapshot!("tokens", problems);
    assert_eq!(server.post(path, Some(&own), body(world)).await.status, 200);
}

#[tokio::test]
async fn tokens_are_made_by_the_administrator_only() {
    let server = Server::start().await;
    let path = "/api/v1/tokens";
    let wanted = r#"{"scope":"submit","organisation":"minato-lab","label":"compliance"}"#;
    let submit = server.token(Scope::Submit, Some("minato-lab"));
    assert_eq!(server.post(path, None, wanted).await.status, 401);
    assert_eq!(server.post(path, Some(&submit), wanted).await.status, 403);
    let admin = client::Client::new(&server.url, Some(client::Secret::new(server.token(Scope::Admin, None))))
        .unwrap();
    let made = admin.new_token(client::Scope::Submit, Some("minato-lab"), "compliance").await.unwrap();
    let author = server.author(&server.world.developer, 0);
    let author = author.through(client::Client::new(&server.url, Some(made)).unwrap());
    let model =
        author.compose("model", "minato-lab", model_body("wakaba"), Options::default()).await.unwrap();
    author.submit(&[model]).await.unwrap();
    let token = server.token(Scope::Admin, None);
    for wrong in [
        r#"{"scope":"root","label":"x"}"#,
        r#"{"scope":"submit","label":""}"#,
        r#"{"scope":"submit","label":"x","organisation":"Not A Slug"}"#,
        r#"{"scope":"submit"}"#,
    ] {
        assert_eq!(server.post(path, Some(&token), wrong).await.status, 400, "{wrong}");
    }
}
