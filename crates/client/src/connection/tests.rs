use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::{get, post};

use super::*;

/// Serves a router on an ephemeral port of this machine.
async fn serve(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/base", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, Router::new().nest("/base", router)).await.unwrap() });
    address
}

#[test]
fn an_address_that_is_none_is_refused() {
    for wrong in ["", "register.example", "ftp://register.example/", "file:///etc/passwd", "http://"] {
        assert!(
            matches!(Client::new(wrong, None), Err(ClientError::Address(AddressError::NotAnAddress { .. }))),
            "{wrong}"
        );
    }
    for more in
        ["https://me@register.example/", "https://register.example/?a=b", "https://register.example/#a"]
    {
        assert!(
            matches!(Client::new(more, None), Err(ClientError::Address(AddressError::MoreThanAnAddress))),
            "{more}"
        );
    }
}

#[test]
fn a_token_travels_unencrypted_on_this_machine_only() {
    let token = || Some(Secret::new("kanae_abc"));
    assert!(Client::new("http://127.0.0.1:8080", token()).is_ok());
    assert!(Client::new("https://register.example", token()).is_ok());
    assert!(matches!(
        Client::new("http://register.example", token()),
        Err(ClientError::Address(AddressError::TokenInTheClear { .. }))
    ));
    assert_eq!(format!("{:?}", Secret::new("kanae_abc")), "Secret(…)");
}

#[test]
fn no_path_leaves_the_base() {
    let client = Client::new("https://register.example/kanae", None).unwrap();
    for path in ["../../elsewhere", "..", "/etc", "a?b#c", "//elsewhere.example/"] {
        let url = client.url(path);
        assert_eq!(url.host_str(), Some("register.example"), "{path}");
        assert!(url.path() == "/kanae" || url.path().starts_with("/kanae/"), "{path}: {url}");
        assert_eq!(url.query(), None, "{path}");
    }
}

#[tokio::test]
async fn a_redirection_is_not_followed() {
    let away = get(|| async { (StatusCode::FOUND, [(header::LOCATION, "http://127.0.0.1:9/")]) });
    let client = Client::new(&serve(Router::new().route("/api/v1/log", away)).await, None).unwrap();
    assert!(matches!(client.log().await, Err(ClientError::Redirected { .. })));
}

#[tokio::test]
async fn an_answer_without_end_is_not_read_to_its_end() {
    let endless = get(|| async { vec![b' '; MAX_ANSWER + 1] });
    let client = Client::new(&serve(Router::new().route("/log/checkpoint", endless)).await, None).unwrap();
    assert!(matches!(client.fetch("checkpoint").await, Err(ClientError::TooLarge { .. })));
}

#[tokio::test]
async fn a_refusal_keeps_its_code_and_its_signed_note() {
    let refused = post(|| async {
        let problem = serde_json::json!({
            "type": "urn:kanae:problem:refused", "title": "Refused", "status": 422, "detail": "no approval",
            "code": "approval-missing", "note": "signed\n", "hints": ["ask another officer"],
        });
        (StatusCode::UNPROCESSABLE_ENTITY, axum::Json(problem)).into_response()
    });
    let client =
        Client::new(&serve(Router::new().route("/api/v1/submissions", refused)).await, None).unwrap();
    let Err(ClientError::Refused { code, note, hints, .. }) = client.submit(&[]).await else {
        panic!("expected a refusal");
    };
    assert_eq!((code.as_str(), note.as_deref()), ("approval-missing", Some("signed\n")));
    assert_eq!(hints, ["ask another officer"]);
}

#[tokio::test]
async fn what_is_not_there_is_nothing_and_what_no_log_has_is_not_asked_for() {
    let client = Client::new(&serve(Router::new()).await, None).unwrap();
    assert_eq!(client.fetch("tile/0/000").await.unwrap(), None);
    for path in ["", "../secret", "tile//0", "tile/.hidden", "a b", "tile/0?x"] {
        assert!(matches!(client.fetch(path).await, Err(ClientError::NoLogPath(_))), "{path}");
    }
}

#[tokio::test]
async fn nobody_listening_is_told_from_nobody_answering() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let client = Client::new(&address, None).unwrap();
    assert!(matches!(client.log().await, Err(ClientError::Unreachable { .. })));
}

#[tokio::test]
async fn something_that_is_no_node_is_named_as_such() {
    let page = get(|| async { "<html>" });
    let client = Client::new(&serve(Router::new().route("/api/v1/log", page)).await, None).unwrap();
    assert!(matches!(client.log().await, Err(ClientError::Unreadable { .. })));
}
