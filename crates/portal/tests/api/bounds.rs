//! Bounds, headers, caching, and the log's files.

use client::ClientError;
use evidence::predicate::{Example as _, Model};
use ledger::{LogReader, ReadLog as _, TileStore as _};
use node::Scope;
use node::testing::{ORIGIN, log_key};

use super::Server;

#[tokio::test]
async fn a_body_beyond_the_bound_is_refused_and_told() {
    let server = Server::start().await;
    let path = "/api/v1/submissions";
    let large = format!(r#"{{"statements":[],"x":"{}"}}"#, "x".repeat(3 << 20));
    let anonymous = server.post(path, None, large.clone()).await;
    assert_eq!(anonymous.status, 413);
    insta::assert_json_snapshot!("too_large", anonymous.problem());
    // With a token the same body is read, and found to be wrong.
    let token = server.token(Scope::Submit, Some("minato-lab"));
    assert_eq!(server.post(path, Some(&token), large).await.status, 400);
    let form = server.http.post(format!("{}{path}", server.url)).body("a=b").send().await.unwrap();
    assert_eq!(form.status(), 415);
}

#[tokio::test]
async fn an_address_that_submits_without_end_is_slowed_down() {
    let server = Server::start().await;
    let mut slowed = None;
    for _ in 0..400 {
        let answer = server.post("/api/v1/submissions", None, "{}").await;
        if answer.status == 429 {
            slowed = Some(answer);
            break;
        }
        assert_eq!(answer.status, 400);
    }
    let slowed = slowed.expect("a limit");
    assert_eq!(slowed.header("retry-after"), "5");
    insta::assert_json_snapshot!("too_many", slowed.problem());
    // Reading goes on.
    assert_eq!(server.get("/api/v1/log").await.status, 200);
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let server = Server::start().await;
    for path in ["/api/v1/log", "/api/v1/nothing", "/log/checkpoint", "/log/nothing", "/nowhere"] {
        let answer = server.get(path).await;
        assert!(answer.header("content-security-policy").starts_with("default-src 'none'"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin", "{path}");
    }
}

#[tokio::test]
async fn other_origins_may_read_what_is_public_and_send_nothing() {
    let server = Server::start().await;
    for path in ["/api/v1/log", "/log/checkpoint"] {
        assert_eq!(server.get(path).await.header("access-control-allow-origin"), "*", "{path}");
    }
    let preflight = server
        .http
        .request(reqwest::Method::OPTIONS, format!("{}/api/v1/submissions", server.url))
        .header("origin", "https://elsewhere.example")
        .header("access-control-request-method", "POST")
        .send()
        .await
        .unwrap();
    assert!(!preflight.headers().contains_key("access-control-allow-origin"));
    assert!(!preflight.status().is_success());
}

#[tokio::test]
async fn what_has_not_changed_is_not_sent_again() {
    let server = Server::start().await;
    let first = server.get("/api/v1/organisations").await;
    let tag = first.header("etag").to_owned();
    assert!(tag.starts_with("W/\""));
    let again = async || {
        let request = server.http.get(format!("{}/api/v1/organisations", server.url));
        super::Answer::of(request.header("if-none-match", &tag).send().await.unwrap()).await
    };
    let unchanged = again().await;
    assert_eq!((unchanged.status, unchanged.bytes.len()), (304, 0));
    let world = &server.world;
    world.record(&world.developer, Model::example(), world.developer.id).await;
    assert_eq!(again().await.status, 200, "the log has grown");
}

#[tokio::test]
async fn a_stranger_can_read_and_check_the_whole_log() {
    let server = Server::start().await;
    let client = server.anyone();
    let checkpoint = server.get("/log/checkpoint").await;
    assert!(!checkpoint.header("cache-control").contains("immutable"));
    let store = ledger::MemoryStore::new();
    store.write("checkpoint", &checkpoint.bytes).unwrap();
    let size = server.world.node().view().head.size;
    for path in [format!("tile/0/000.p/{size}"), format!("tile/entries/000.p/{size}")] {
        let tile = server.get(&format!("/log/{path}")).await;
        assert!(tile.header("cache-control").contains("immutable"), "{path}");
        assert_eq!(tile.header("content-type"), "application/octet-stream");
        assert_eq!(client.fetch(&path).await.unwrap().as_ref(), Some(&tile.bytes));
        store.write(&path, &tile.bytes).unwrap();
    }
    let (checkpoint, _) = ledger::read_checkpoint(&store, ORIGIN, &[log_key().verifier_key()]).unwrap();
    let mut log = LogReader::open(|path: &str| store.read(path), checkpoint.head()).unwrap();
    for entry in log.entries(0..checkpoint.size) {
        let (_, bytes) = entry.unwrap();
        let evidence::Leaf::Public(leaf) = evidence::Leaf::parse(&bytes).unwrap() else {
            panic!("restricted")
        };
        let envelope = client.fetch(&format!("envelope/{}", leaf.statement)).await.unwrap().unwrap();
        assert_eq!(evidence::sha256(&envelope), leaf.envelope);
    }
    let policy = server.get("/api/v1/policy").await.json();
    let index = format!("blob/{}/index", policy["digest"].as_str().unwrap());
    let index = client.fetch(&index).await.unwrap().unwrap();
    assert_eq!(evidence::sha256(&index).to_string(), policy["digest"].as_str().unwrap());
}

#[tokio::test]
async fn a_client_that_knows_another_key_does_not_believe_the_node() {
    let server = Server::start().await;
    let other = ledger::NoteSigner::from_seed(ORIGIN, &[9; 32]).unwrap().verifier_key();
    let client = client::Client::new(&server.url, None).unwrap().trusting(ORIGIN, vec![other]);
    assert!(matches!(client.log().await, Err(ClientError::Receipt(_))));
}
