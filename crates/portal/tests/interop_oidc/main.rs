//! Signing in at the desk by OpenID Connect, against `oidc-provider`, which is certified. The test is the
//! browser: it keeps cookies, follows redirections, and meddles with what passes through it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod browser;
mod peer;

use std::sync::Arc;

use desk::account::{Account, Function, Membership};
use desk::records::SqliteRecords;
use desk::{Desk, Session, Versioned};
use evidence::Language;
use identity::{Providers, Settings};
use kanae_portal as portal;
use node::testing::World;
use serde_json::json;

use browser::{Browser, Page};
use peer::Peer;

/// A node with a desk, and a provider from which people may come.
struct Site {
    world: World,
    desk: Desk,
    url: String,
    peer: Peer,
}

impl Site {
    async fn start(only: bool) -> Self {
        let world = World::start().await;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let peer = Peer::start(world.node().now(), &url);
        let desk = Desk::new(Arc::new(SqliteRecords::in_memory().unwrap()));
        let providers = Providers::new(settings(&peer.issuer(), only), &url).unwrap();
        let app = portal::App::new(world.node().clone()).with_desk(desk.clone()).with_providers(providers);
        tokio::spawn(portal::serve(listener, app, std::future::pending()));
        Self { world, desk, url, peer }
    }

    fn browser(&self) -> Browser {
        Browser::new(&self.url)
    }

    /// Lets time pass, here and at the provider.
    fn pass(&mut self, minutes: i64) {
        self.world.clock.advance_millis(minutes * 60_000);
        let now = self.world.node().now().as_millis();
        self.peer.say(&json!({ "time": now }));
    }

    fn hana(&mut self, groups: &[&str]) {
        self.peer.say(&json!({ "who": {
            "sub": "hana", "name": "Hana", "email": "hana@example.org", "email_verified": true,
            "groups": groups, "corporate_number": "7000012050002",
        } }));
    }

    fn accounts(&self) -> Vec<Versioned<Account>> {
        self.desk.list::<Account>("all", "", None, 100).unwrap()
    }

    fn only_account(&self) -> Versioned<Account> {
        let mut accounts = self.accounts();
        assert_eq!(accounts.len(), 1);
        accounts.remove(0)
    }

    /// Someone with an account that a passkey opens, signed in.
    fn member(&self, name: &str) -> Browser {
        let now = self.world.node().now();
        let account = Account::new(self.desk.new_id(now).unwrap(), name.into(), Language::En, now);
        let mut account = Versioned::new(account);
        account.passkeys.push(desk::account::Passkey {
            credential: "Y3JlZGVudGlhbA".into(),
            spki: String::new(),
            key: evidence::sha256(b"key"),
            label: "key".into(),
            created_at: now,
        });
        self.desk.save(&mut account).unwrap();
        let (session, secret) = self.desk.begin_session(&account, now).unwrap();
        let mut browser = self.browser();
        browser.take_cookie(&self.url, "kanae-local", secret.as_str());
        browser.token.clone_from(&session.form_token);
        browser
    }
}

fn settings(issuer: &str, only: bool) -> Settings {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("secret"), format!("{}\n", peer::SECRET)).unwrap();
    let file = folder.path().join("sign-in.toml");
    let text = format!(
        r#"only = {only}
[[provider]]
name = "ministry"
issuer = "{issuer}"
client_id = "kanae"
client_secret_file = "secret"
scopes = ["profile", "email", "groups", "corporate"]
label = {{ ja = "省の職員", en = "Ministry staff" }}
[provider.claims]
corporate_number = "corporate_number"
[[provider.group]]
group = "drafters"
organisation = "minato-lab"
functions = ["draft"]
[[provider.group]]
group = "operators"
administrator = true
"#
    );
    std::fs::write(&file, text).unwrap();
    Settings::read(&file).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_gets_an_account_that_may_do_nothing_and_comes_back_into_it() {
    let mut site = Site::start(false).await;
    site.hana(&["strangers"]);
    let mut browser = site.browser();
    let page = browser.sign_in("/en/desk").await;
    assert_eq!((page.status, page.path()), (200, "/en/desk"), "{}", page.text);
    let account = site.only_account();
    assert_eq!((account.name.as_str(), account.email.as_deref()), ("Hana", Some("hana@example.org")));
    assert!(account.memberships.is_empty() && !account.administrator);
    assert_eq!(account.identities[0].corporate_number.as_deref(), Some("7000012050002"));
    assert!(account.identities[0].issuer == site.peer.issuer() && account.identities[0].subject == "hana");
    site.browser().sign_in("/ja/desk").await;
    assert_eq!(site.accounts().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_corporate_number_of_a_provider_stands_in_the_registration() {
    let mut site = Site::start(false).await;
    site.hana(&[]);
    let mut browser = site.browser();
    browser.sign_in("/en/desk").await;
    browser.token =
        site.desk.one::<Session>("account", &site.only_account().id).unwrap().unwrap().form_token.clone();
    let page = browser.post("/en/desk/register", &[]).await;
    assert!(page.path().starts_with("/en/desk/drafts/"), "{}", page.url);
    let draft = site.desk.load::<desk::Draft>(page.path().rsplit('/').next().unwrap()).unwrap().unwrap();
    assert_eq!(draft.fields["registryId.value"], "7000012050002");
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_give_and_take_away_at_each_sign_in_and_leave_what_was_given_by_hand() {
    let mut site = Site::start(false).await;
    let organisation = site.world.developer.id;
    site.hana(&["drafters", "operators"]);
    site.browser().sign_in("/en/desk").await;
    let mut account = site.only_account();
    assert!(account.administrator && account.may(&organisation, Function::Draft));
    account.join(Membership { organisation, holder: None, functions: [Function::Tips].into() });
    site.desk.save(&mut account).unwrap();
    site.hana(&[]);
    site.browser().sign_in("/en/desk").await;
    let account = site.only_account();
    assert_eq!(account.membership(&organisation).unwrap().functions, [Function::Tips].into());
    assert!(account.administrator, "the last administrator");
    // Shut is shut, whatever the groups say.
    let mut account = account;
    account.shut = true;
    site.desk.save(&mut account).unwrap();
    site.hana(&["operators"]);
    let page = site.browser().sign_in("/en/desk").await;
    assert!(page.status == 422 && page.text.contains("is shut"), "{}", page.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_found_by_an_e_mail_address() {
    let mut site = Site::start(false).await;
    let now = site.world.node().now();
    let mut account = Account::new("0".into(), "Hana".into(), Language::En, now);
    account.email = Some("hana@example.org".into());
    account.administrator = true;
    site.desk.save(&mut Versioned::new(account)).unwrap();
    site.hana(&[]);
    site.browser().sign_in("/en/desk").await;
    let (with, without): (Vec<_>, Vec<_>) =
        site.accounts().into_iter().partition(|account| !account.identities.is_empty());
    assert_eq!((with.len(), without.len()), (1, 1));
    assert!(!with[0].administrator && without[0].identities.is_empty());
}

/// Follows a sign-in up to the provider's answer, which is not handed in yet.
async fn answered(site: &mut Site) -> (Browser, String) {
    site.hana(&["operators"]);
    let mut browser = site.browser();
    let onward = browser.begin("/en/desk").await;
    let answer = browser.answer_to(&onward).await;
    (browser, answer)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_was_meddled_with_is_refused() {
    let mut site = Site::start(false).await;
    let refused = |page: &Page, says: &str| {
        assert_eq!(page.status, 422);
        assert!(page.text.contains(says), "{says}: {}", page.text);
    };
    let late = "began in another browser";
    // Another state, and one that was used before.
    let (mut browser, answer) = answered(&mut site).await;
    let other = browser::with(&answer, "state", "en0000");
    refused(&browser.get(&other).await, late);
    assert_eq!(browser.get(&answer).await.status, 200);
    refused(&browser.get(&answer).await, late);
    // Somebody else's browser; and after it the right one, too late.
    let (mut browser, answer) = answered(&mut site).await;
    refused(&site.browser().get(&answer).await, late);
    refused(&browser.get(&answer).await, late);
    // Another issuer, and none.
    for issuer in ["https://evil.example", ""] {
        let (mut browser, answer) = answered(&mut site).await;
        let other = browser::with(&answer, "iss", issuer);
        refused(&browser.get(&other).await, "did not fit");
    }
    // A code that is none, and one of another sign-in: PKCE.
    let (mut browser, answer) = answered(&mut site).await;
    refused(&browser.get(&browser::with(&answer, "code", "invented")).await, "did not fit");
    let (_, stolen) = answered(&mut site).await;
    let (mut browser, answer) = answered(&mut site).await;
    let injected = browser::with(&answer, "code", &browser::parameter(&stolen, "code"));
    refused(&browser.get(&injected).await, "did not fit");
    // A token for another nonce.
    site.hana(&["operators"]);
    let mut browser = site.browser();
    let onward = browser.begin("/en/desk").await;
    let answer = browser.answer_to(&browser::with(&onward, "nonce", "another")).await;
    refused(&browser.get(&answer).await, "did not fit");
    // A sign-in that took too long.
    let (mut browser, answer) = answered(&mut site).await;
    site.world.clock.advance_millis(11 * 60_000);
    refused(&browser.get(&answer).await, late);
    // By now the node's clock is ahead of the provider's: its tokens are old.
    site.world.clock.advance_millis(120 * 60_000);
    let (mut browser, answer) = answered(&mut site).await;
    refused(&browser.get(&answer).await, "did not fit");
    assert_eq!(site.accounts().len(), 1, "only the one good answer made an account");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_who_breaks_it_off_is_told_so() {
    let mut site = Site::start(false).await;
    site.peer.say(&json!({ "refuse": true }));
    let page = site.browser().sign_in("/en/desk").await;
    assert!(page.status == 422 && page.text.contains("broken off"), "{}", page.text);
    assert!(site.accounts().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn other_keys_of_the_provider_are_found() {
    let mut site = Site::start(false).await;
    site.hana(&[]);
    site.browser().sign_in("/en/desk").await;
    site.peer.say(&json!({ "rotate": true }));
    // Keys are asked for again no more often than once a second.
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    let page = site.browser().sign_in("/en/desk").await;
    assert_eq!((page.status, page.path()), (200, "/en/desk"), "{}", page.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_provider_is_down_other_ways_in_still_stand() {
    let mut site = Site::start(false).await;
    site.peer.stop();
    let mut browser = site.browser();
    let page = browser.post("/en/sign-in/with/ministry", &[]).await;
    assert!(page.status == 422 && page.text.contains("cannot be reached"), "{}", page.text);
    let page = browser.get(&format!("{}/en/sign-in", site.url)).await;
    assert!(page.status == 200 && page.text.contains("data-passkey=\"get\""));
    // Between the two halves of a sign-in.
    let mut site = Site::start(false).await;
    let (mut browser, answer) = answered(&mut site).await;
    site.peer.stop();
    let page = browser.get(&answer).await;
    assert!(page.status == 422 && page.text.contains("cannot be reached"), "{}", page.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn before_sensitive_things_the_provider_asks_again() {
    let mut site = Site::start(false).await;
    site.hana(&["operators"]);
    let mut browser = site.browser();
    browser.sign_in("/en/desk").await;
    let id = site.only_account().id.clone();
    let token = |site: &Site| {
        let sessions = site.desk.list::<Session>("account", &id, None, 10).unwrap();
        assert_eq!(sessions.len(), 1, "the new session stands in the place of the old one");
        sessions[0].form_token.clone()
    };
    site.pass(30);
    browser.token = token(&site);
    let page = browser.post("/en/desk/account/identities", &[("unlink", "nothing")]).await;
    assert_eq!(page.path(), "/en/sign-in", "{}", page.url);
    let page = browser.sign_in("/en/desk/account").await;
    assert_eq!((page.status, page.path()), (200, "/en/desk/account"), "{}", page.text);
    browser.token = token(&site);
    let page = browser.post("/en/desk/account/identities", &[("unlink", "nothing")]).await;
    assert_eq!((page.status, page.path()), (200, "/en/desk/account"), "{}", page.text);
    // Somebody else at the provider is not this person.
    site.pass(30);
    site.peer.say(&json!({ "who": { "sub": "ken" } }));
    browser.forget(&site.peer.issuer());
    let page = browser.sign_in("/en/desk/account").await;
    assert!(page.status == 422 && page.text.contains("somebody else"), "{}", page.text);
    // A provider that does not ask again gives no fresh proof.
    let mut browser = site.browser();
    site.hana(&["operators"]);
    browser.sign_in("/en/desk").await;
    site.peer.say(&json!({ "lax": true }));
    site.pass(30);
    let page = browser.sign_in("/en/desk/account").await;
    assert!(page.status == 422 && page.text.contains("did not ask again"), "{}", page.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_identity_is_linked_from_the_account_and_opens_it_then() {
    let mut site = Site::start(false).await;
    site.hana(&["drafters"]);
    let mut browser = site.member("Hana with a passkey");
    let page = browser.post("/en/desk/account/identities", &[("link", "ministry")]).await;
    let page = browser.follow(&page.onward().unwrap()).await;
    assert_eq!((page.status, page.path()), (200, "/en/desk/account"), "{}", page.text);
    assert!(page.text.contains("(from groups)") && page.text.contains("7000012050002"));
    let account = site.only_account();
    let mut another = site.browser();
    another.sign_in("/en/desk").await;
    assert_eq!(site.only_account().id, account.id);
    // Another account cannot have it too.
    let mut second = site.member("Ken");
    let page = second.post("/en/desk/account/identities", &[("link", "ministry")]).await;
    let page = second.follow(&page.onward().unwrap()).await;
    assert!(page.status == 422 && page.text.contains("linked to another"), "{}", page.text);
    // Unlinked, it opens nothing, and what it gave is gone.
    let page =
        browser.post("/en/desk/account/identities", &[("unlink", &account.identities[0].word())]).await;
    assert_eq!(page.path(), "/en/desk/account");
    let left = site.desk.load::<Account>(&account.id).unwrap().unwrap();
    assert!(left.identities.is_empty() && left.memberships.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn where_providers_are_the_only_way_in_the_others_are_gone() {
    let mut site = Site::start(true).await;
    let mut browser = site.browser();
    let page = browser.get(&format!("{}/en/sign-in", site.url)).await;
    assert!(page.text.contains("Ministry staff") && !page.text.contains("data-passkey"));
    assert_eq!(browser.get(&format!("{}/en/sign-up", site.url)).await.status, 404);
    assert_eq!(browser.post("/en/sign-up", &[("name", "x")]).await.status, 404);
    assert_eq!(browser.post("/en/sign-in/passkey", &[("credential", "x")]).await.status, 404);
    // A link is taken up by whoever comes in by a provider.
    let now = site.world.node().now();
    let invitation = desk::account::Invitation {
        id: String::new(),
        account: None,
        name: String::new(),
        administrator: true,
        membership: None,
        by: None,
        until: now,
    };
    let secret = site.desk.invite(invitation, now).unwrap();
    let welcome = format!("/en/welcome/{}", secret.as_str());
    let page = browser.post(&welcome, &[("name", "Anyone")]).await;
    assert_eq!(page.path(), "/en/sign-in");
    assert!(site.accounts().is_empty());
    site.hana(&[]);
    let page = browser.sign_in(&welcome).await;
    assert_eq!((page.status, page.path()), (200, welcome.as_str()));
    browser.post(&welcome, &[("name", "Hana")]).await;
    assert!(site.only_account().administrator);
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_leads_to_the_provider_and_back() {
    let mut site = Site::start(false).await;
    site.hana(&[]);
    let mut browser = site.browser();
    browser.sign_in("/en/desk").await;
    browser.token =
        site.desk.one::<Session>("account", &site.only_account().id).unwrap().unwrap().form_token.clone();
    let page = browser.post("/en/sign-out", &[]).await;
    let there = page.onward().unwrap();
    assert!(there.starts_with(&site.peer.issuer()) && there.contains("post_logout_redirect_uri="), "{there}");
    let page = browser.get(&there).await;
    assert_eq!(page.status, 200, "the provider takes the address to come back to: {}", page.text);
    assert_eq!(browser.get(&format!("{}/en/desk", site.url)).await.path(), "/en/sign-in");
}
