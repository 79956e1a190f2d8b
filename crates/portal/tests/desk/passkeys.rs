//! Signing up and in with a passkey in software.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use desk::session::sign_in_challenge;
use evidence::{Algorithm, SecretKey};

use super::{Browser, Site};

fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed(Algorithm::EcdsaP256, &[seed; 32]).unwrap()
}

/// Returns what stands in a page between two texts.
fn between<'t>(text: &'t str, before: &str, after: &str) -> &'t str {
    text.split(before).nth(1).unwrap().split(after).next().unwrap()
}

/// Fills in a form that asks for a passkey, as the script of the page does.
fn answers(page: &str, key: &SecretKey, flags: u8) -> Vec<(&'static str, String)> {
    let id = between(page, "name=\"challenge_id\" value=\"", "\"");
    let shown = between(page, "data-challenge=\"", "\"");
    assert_eq!(shown, URL_SAFE_NO_PAD.encode(sign_in_challenge(id).as_bytes()));
    let assertion = evidence::passkey::testing::assert(key, sign_in_challenge(id).as_bytes(), flags);
    let wire: serde_json::Value = serde_json::from_slice(&assertion.to_signature()).unwrap();
    let text = |name: &str| wire[name].as_str().unwrap().to_owned();
    vec![
        ("challenge_id", id.to_owned()),
        ("credential", URL_SAFE_NO_PAD.encode(key.public_key().hash().as_bytes())),
        ("authenticator_data", text("authenticatorData")),
        ("client_data", text("clientDataJSON")),
        ("signature", text("signature")),
    ]
}

async fn post(site: &Site, path: &str, fields: &[(&'static str, String)]) -> super::Answer {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    site.post(&Browser::default(), path, &fields).await
}

async fn sign_up(site: &Site, seed: u8) -> super::Answer {
    let page = site.get(&Browser::default(), "/en/sign-up").await;
    let mut fields = answers(&page.text, &key(seed), 0x05);
    fields.push(("spki", URL_SAFE_NO_PAD.encode(key(seed).public_key().spki_der())));
    fields.push(("name", "Somebody".into()));
    post(site, "/en/sign-up", &fields).await
}

#[tokio::test]
async fn a_passkey_begins_an_account_and_opens_it_again() {
    let site = Site::start().await;
    let answer = sign_up(&site, 40).await;
    assert_eq!((answer.status, answer.header("location")), (303, "/en/desk"), "{}", answer.text);
    let first = answer.header("set-cookie").to_owned();
    let page = site.get(&Browser::default(), "/en/sign-in?next=/en/desk/account").await;
    let fields = answers(&page.text, &key(40), 0x05);
    let answer = post(&site, "/en/sign-in/passkey", &fields).await;
    assert_eq!(answer.status, 303);
    assert_ne!(answer.header("set-cookie"), first, "every sign-in begins a new session");
    assert_eq!(post(&site, "/en/sign-in/passkey", &fields).await.status, 422, "an answer holds once");
    assert_eq!(sign_up(&site, 40).await.status, 422, "one passkey, one account");
}

#[tokio::test]
async fn a_passkey_of_another_or_without_a_pin_opens_nothing() {
    let site = Site::start().await;
    sign_up(&site, 41).await;
    let page = async || site.get(&Browser::default(), "/en/sign-in").await.text;
    assert_eq!(post(&site, "/en/sign-in/passkey", &answers(&page().await, &key(42), 0x05)).await.status, 422);
    let unverified = post(&site, "/en/sign-in/passkey", &answers(&page().await, &key(41), 0x01)).await;
    assert_eq!(unverified.status, 422);
    assert!(unverified.text.contains("No PIN"));
    let mut stolen = answers(&page().await, &key(42), 0x05);
    stolen[1].1 = URL_SAFE_NO_PAD.encode(key(41).public_key().hash().as_bytes());
    assert_eq!(
        post(&site, "/en/sign-in/passkey", &stolen).await.status,
        422,
        "a credential with another's signature"
    );
}
