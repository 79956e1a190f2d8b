//! The API of the desk: who may do what with a token, from drafting to the record.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use desk::account::{Account, Function, Membership};
use desk::token::WantedToken;
use desk::{Scope, Versioned};
use evidence::predicate::{Example as _, Model};
use evidence::{Envelope, Language, Predicate};
use serde_json::{Value, json};

use super::{Answer, Browser, Site};

const ALL: &[Scope] = &[Scope::Draft, Scope::Submit, Scope::Manage, Scope::Tips];

/// What a program sends.
pub(super) struct Call<'a> {
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    pub(super) token: Option<&'a str>,
    pub(super) body: Option<Value>,
    pub(super) seen: Option<&'a str>,
}

impl Site {
    pub(super) fn token(&self, of: &Browser, scopes: &[Scope]) -> String {
        let wanted = WantedToken {
            account: of.account.clone(),
            label: "test".into(),
            scopes: scopes.iter().copied().collect::<BTreeSet<_>>(),
            days: 30,
            by: of.account.clone(),
        };
        self.desk.make_token(wanted, self.world.node().now()).unwrap()
    }

    pub(super) async fn call(&self, call: Call<'_>) -> Answer {
        let method = reqwest::Method::from_bytes(call.method.as_bytes()).unwrap();
        let mut request = self.http.request(method, format!("{}/api/v1{}", self.url, call.path));
        if let Some(token) = call.token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = call.body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        if let Some(seen) = call.seen {
            request = request.header("if-match", seen);
        }
        Answer::of(request.send().await.unwrap()).await
    }

    async fn ask(&self, token: &str, path: &str) -> Answer {
        self.call(Call { method: "GET", path, token: Some(token), body: None, seen: None }).await
    }

    async fn send_json(&self, token: &str, method: &str, path: &str, body: Value) -> Answer {
        let (token, body, seen) = (Some(token), Some(body), Some("*"));
        self.call(Call { method, path, token, body, seen }).await
    }
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }
}

fn drafter(site: &Site) -> Browser {
    let both: &[Function] = &[Function::Draft, Function::Manage];
    site.member("drafter", Some((site.world.developer.id, Some("compliance"), both)))
}

#[tokio::test]
async fn a_program_writes_signs_and_files_what_its_account_may() {
    let site = Site::start().await;
    let world = &site.world;
    let token = site.token(&drafter(&site), &[Scope::Draft, Scope::Submit]);
    let me = site.ask(&token, "/desk/me").await.json();
    assert_eq!(me["memberships"][0]["organisation"]["path"], "minato-lab");
    assert_eq!(me["token"]["scopes"], json!(["read", "draft", "submit"]));

    let kinds = site.ask(&token, "/desk/organisations/minato-lab/kinds").await.json();
    let kinds: Vec<&str> =
        kinds["items"].as_array().unwrap().iter().map(|k| k["kind"].as_str().unwrap()).collect();
    assert!(kinds.contains(&"model") && !kinds.contains(&"designation"), "{kinds:?}");
    let form = site.ask(&token, "/desk/kinds/model").await.json();
    assert!(form["schema"]["properties"]["slug"].is_object());

    let beginning = json!({"kind": "model", "organisation": "minato-lab", "about": "minato-lab"});
    let begun = site.send_json(&token, "POST", "/desk/drafts", beginning).await;
    assert_eq!(begun.status, 201, "{begun:?}");
    let draft = begun.json()["id"].as_str().unwrap().to_owned();
    let base = format!("/desk/drafts/{draft}");
    let body = Predicate::from(Model::example()).to_value();
    let tag = begun.header("etag").to_owned();
    let answers = json!({ "answers": body });
    let path = format!("{base}/answers");
    let call = |body: Value| Call {
        method: "PATCH",
        path: &path,
        token: Some(&token),
        body: Some(body),
        seen: Some(&tag),
    };
    let answered = site.call(call(answers.clone())).await;
    assert_eq!(answered.status, 200, "{answered:?}");
    assert_eq!(site.call(call(answers)).await.status, 412, "the version that was seen is no longer there");
    let without = Call { seen: None, ..call(json!({"answers": {}})) };
    assert_eq!(site.call(without).await.status, 428);

    let frozen = answered.json();
    assert!(frozen["questions"].as_array().unwrap().iter().all(|q| q["problems"] == json!([])), "{frozen}");
    let signer = frozen["signers"][0]["key"].clone();
    let frozen = site.send_json(&token, "POST", &format!("{base}/freeze"), json!({"signer": signer})).await;
    assert_eq!(frozen.status, 200, "{frozen:?}");
    let sheets = site.ask(&token, &format!("{base}/sheets")).await.json();
    assert_eq!(sheets["ready"], false);
    let sheet = sheets["items"][0]["digest"].as_str().unwrap();
    let payload = STANDARD.decode(sheets["items"][0]["payload"].as_str().unwrap()).unwrap();
    let served = site.ask(&token, &format!("{base}/sheets/{sheet}/payload")).await;
    assert_eq!(served.text.as_bytes(), payload);
    let signed = Envelope::sign(payload, &[world.developer.key()]);
    let sig = STANDARD.encode(&signed.signatures()[0].sig);
    let path = format!("{base}/sheets/{sheet}/signatures");
    let wrong = json!({"signatures": [{"sig": STANDARD.encode(b"no signature")}]});
    assert_eq!(site.send_json(&token, "POST", &path, wrong).await.status, 422);
    let given = site.send_json(&token, "POST", &path, json!({"signatures": [{"sig": sig}]})).await;
    assert_eq!(given.json()["ready"], true, "{given:?}");
    let filed = site.send_json(&token, "POST", &format!("{base}/submission"), Value::Null).await;
    assert_eq!(filed.status, 200, "{filed:?}");
    assert_eq!(filed.json()["stage"], "recorded");
    let receipt = site.ask(&token, &format!("{base}/receipt")).await;
    assert!(receipt.text.starts_with("c2sp.org/tlog-proof"), "{receipt:?}");
    assert!(world.node().view().register.find("minato-lab/wakaba").is_some());
}

#[tokio::test]
async fn an_act_is_approved_by_another_officer_and_not_by_its_drafter() {
    let site = Site::start().await;
    let world = &site.world;
    let officer =
        |holder: &str| site.member(holder, Some((world.authority.id, Some(holder), &[Function::Draft])));
    let token = site.token(&officer("officer-1"), &[Scope::Draft, Scope::Submit]);
    let model = world.record(&world.developer, Model::example(), world.developer.id).await;
    let kinds = site.ask(&token, "/desk/organisations/authority/kinds").await.json();
    let approved =
        kinds["items"].as_array().unwrap().iter().find(|kind| kind["approvals"] == 1).unwrap().clone();
    let kind = evidence::PredicateType::find(approved["kind"].as_str().unwrap()).unwrap();
    let draft = site.draft(kind.name, world.authority.id, model, &officer("officer-1"));
    let base = format!("/desk/drafts/{draft}");
    let answers = json!({ "answers": kind.example().to_value() });
    let answered = site.send_json(&token, "PATCH", &format!("{base}/answers"), answers).await;
    assert_eq!(answered.status, 200, "{answered:?}");
    let key = |n: usize| world.authority.holders[n].1.public_key().hash().to_string();
    let frozen = site.send_json(&token, "POST", &format!("{base}/freeze"), json!({"signer": key(0)})).await;
    assert_eq!(frozen.status, 200, "{frozen:?}");
    let sheets = site.ask(&token, &format!("{base}/sheets")).await.json();
    let approval = |n: usize| {
        json!({"sheet": sheets["items"][0]["digest"], "key": key(n), "decision": "approve",
               "reasons": {"ja": "相当です。"}})
    };
    let own = site.send_json(&token, "POST", &format!("{base}/approvals"), approval(0)).await;
    assert_eq!((own.status, own.json()["code"].as_str()), (422, Some("approve-own")));
    let other = site.send_json(&token, "POST", &format!("{base}/approvals"), approval(1)).await;
    assert_eq!(other.status, 200, "{other:?}");
    assert_eq!(other.json()["items"][1]["unsigned"][0]["holder"], "officer-2");
    assert_eq!(other.json()["approvals"]["given"], 0, "an approval counts when it is signed");
}

#[tokio::test]
async fn tokens_open_what_they_should() {
    let site = Site::start().await;
    let world = &site.world;
    let (developer, rival, authority) = (world.developer.id, world.other_developer.id, world.authority.id);
    let both: &[Function] = &[Function::Draft, Function::Manage];
    let mut administrator =
        Account::new("administrator".into(), "a".into(), Language::En, world.node().now());
    administrator.administrator = true;
    let people = [
        site.member("alone", None),
        site.member("reader", Some((developer, None, &[]))),
        site.member("drafter", Some((developer, None, &[Function::Draft]))),
        site.member("manager", Some((developer, None, both))),
        site.member("rival", Some((rival, None, both))),
        site.member("officer", Some((authority, Some("officer-1"), both))),
        site.member("handler", Some((authority, None, &[Function::Tips]))),
        site.sign_in(administrator),
    ];
    let tokens: Vec<String> = people.iter().map(|browser| site.token(browser, ALL)).collect();
    let model = world.record(&world.developer, Model::example(), developer).await;
    let draft = site.draft("public-report", developer, model, &people[2]);
    let code = site.desk.take_tip(authority, "something", world.node().now()).unwrap();
    let tip = site.desk.tip_of(&code).unwrap().unwrap().id.clone();
    let report = json!({"kind": "model", "organisation": "minato-lab", "about": "minato-lab"});
    let answer = json!({"answers": {"capabilities": {"en": "Writes."}}});
    let own = |path: &str| format!("/desk/organisations/minato-lab/{path}");
    let of = |path: &str| format!("/desk/drafts/{draft}{path}");
    let nothing = || Value::Null;
    // alone, reader, drafter, manager, rival, officer, handler, administrator
    let table: Vec<(&str, String, Value, [u16; 8])> = vec![
        ("GET", "/desk/me".into(), nothing(), [200; 8]),
        ("GET", "/desk/notices".into(), nothing(), [200; 8]),
        ("GET", own("tasks"), nothing(), [404, 200, 200, 200, 404, 404, 404, 404]),
        ("GET", own("kinds"), nothing(), [404, 200, 200, 200, 404, 404, 404, 404]),
        ("GET", own("members"), nothing(), [404, 200, 200, 200, 404, 404, 404, 200]),
        ("DELETE", own("members/nobody"), nothing(), [404, 403, 403, 404, 404, 404, 404, 404]),
        (
            "GET",
            "/desk/webhooks?organisation=minato-lab".into(),
            nothing(),
            [404, 404, 404, 200, 404, 404, 404, 200],
        ),
        ("GET", "/desk/webhooks".into(), nothing(), [404, 404, 404, 404, 404, 404, 404, 200]),
        ("GET", "/desk/deliveries".into(), nothing(), [404, 404, 404, 404, 404, 404, 404, 200]),
        ("GET", "/desk/accounts".into(), nothing(), [404, 404, 404, 404, 404, 404, 404, 200]),
        ("POST", "/desk/accounts/nobody/shut".into(), nothing(), [404; 8]),
        ("GET", "/desk/tips".into(), nothing(), [404, 404, 404, 404, 404, 404, 200, 404]),
        ("GET", format!("/desk/tips/{tip}"), nothing(), [404, 404, 404, 404, 404, 404, 200, 404]),
        (
            "PUT",
            format!("/desk/tips/{tip}/state"),
            json!({"closed": false}),
            [404, 404, 404, 404, 404, 404, 200, 404],
        ),
        (
            "GET",
            "/desk/drafts?organisation=minato-lab".into(),
            nothing(),
            [404, 200, 200, 200, 404, 404, 404, 404],
        ),
        ("POST", "/desk/drafts".into(), report, [422, 422, 201, 201, 422, 422, 422, 422]),
        ("GET", of(""), nothing(), [404, 200, 200, 200, 404, 404, 404, 404]),
        ("PATCH", of("/answers"), answer, [404, 403, 200, 200, 404, 404, 404, 404]),
        ("GET", of("/questions/capabilities/choices"), nothing(), [404, 403, 200, 200, 404, 404, 404, 404]),
        ("POST", of("/remarks"), json!({"text": "Well."}), [404, 200, 200, 200, 404, 404, 404, 404]),
        (
            "POST",
            of("/files"),
            json!({"name": "a", "content": "YQ=="}),
            [404, 403, 200, 200, 404, 404, 404, 404],
        ),
        ("GET", of("/sheets"), nothing(), [404, 409, 409, 409, 404, 404, 404, 404]),
        ("POST", of("/submission"), nothing(), [404, 403, 409, 409, 404, 404, 404, 404]),
        ("POST", of("/withdraw"), nothing(), [404, 403, 200, 200, 404, 404, 404, 404]),
    ];
    let mut wrong = Vec::new();
    for (method, path, body, expected) in table {
        for ((browser, token), expected) in people.iter().zip(&tokens).zip(expected) {
            let body = (!body.is_null()).then(|| body.clone());
            let call = Call { method, path: &path, token: Some(token), body, seen: Some("*") };
            let answer = site.call(call).await;
            if answer.status != expected {
                wrong.push(format!(
                    "{method} {path}: {} got {}, expected {expected}",
                    browser.account, answer.status
                ));
            }
            assert_eq!(answer.header("cache-control"), "private, no-store", "{method} {path}");
        }
        let call = Call { method, path: &path, token: None, body: None, seen: None };
        let anyone = site.call(call).await;
        assert_eq!(anyone.status, 401, "{method} {path} without a token");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_token_that_ended_or_is_too_narrow_opens_nothing() {
    let site = Site::start().await;
    let browser = drafter(&site);
    let narrow = site.token(&browser, &[]);
    let beginning = json!({"kind": "model", "organisation": "minato-lab", "about": "minato-lab"});
    let refused = site.send_json(&narrow, "POST", "/desk/drafts", beginning).await;
    assert_eq!((refused.status, refused.json()["code"].as_str()), (403, Some("scope")));
    assert_eq!(site.ask(&narrow, "/desk/me").await.status, 200);
    // Nobody learns with a narrow token whether a draft is there.
    let absent = site.send_json(&narrow, "POST", "/desk/drafts/nothing/withdraw", Value::Null).await;
    assert_eq!(absent.status, 403);

    for strange in ["", "kanaedesk_", "kanaedesk_0", &narrow[1..], &format!("{narrow}0"), &"x".repeat(500)] {
        assert_eq!(site.ask(strange, "/desk/me").await.status, 401, "{strange:?}");
    }
    // A session's cookie is not looked at, so no other site can use it.
    let request = site.http.get(format!("{}/api/v1/desk/me", site.url));
    let with_cookie = request.header("cookie", browser.cookie.as_ref().unwrap()).send().await.unwrap();
    assert_eq!(with_cookie.status(), 401);
    // A token of the node is none of an account, and the other way round.
    let of_node = site.world.node().new_token(node::Scope::Admin, None, "test").unwrap();
    assert_eq!(site.ask(of_node.as_str(), "/desk/me").await.status, 401);
    assert_eq!(site.ask(&narrow, "/waiting").await.status, 401);
    assert_eq!(site.ask(&narrow, "/organisations").await.status, 200);

    let kept = site.desk.tokens_of(&browser.account).unwrap();
    site.desk.write(&[kept[0].remove()]).unwrap();
    assert_eq!(site.ask(&narrow, "/desk/me").await.status, 401, "revoked");

    let token = site.token(&browser, ALL);
    site.world.clock.advance_days(31);
    assert_eq!(site.ask(&token, "/desk/me").await.status, 401, "expired");

    let token = site.token(&browser, ALL);
    let mut account = site.desk.load::<Account>(&browser.account).unwrap().unwrap();
    account.memberships.clear();
    site.desk.save(&mut account).unwrap();
    assert_eq!(site.ask(&token, "/desk/organisations/minato-lab/tasks").await.status, 404, "left");
    account.shut = true;
    site.desk.save(&mut account).unwrap();
    assert_eq!(site.ask(&token, "/desk/me").await.status, 401, "shut");
}

#[tokio::test]
async fn what_is_not_for_a_program_looks_like_what_is_not_there() {
    let site = Site::start().await;
    let world = &site.world;
    let model = world.record(&world.developer, Model::example(), world.developer.id).await;
    let draft = site.draft("public-report", world.developer.id, model, &drafter(&site));
    let rival = site.member("rival", Some((world.other_developer.id, None, &[Function::Draft])));
    let token = site.token(&rival, ALL);
    for path in ["", "/sheets", "/receipt", "/files/x", "/questions/capabilities/choices"] {
        let hidden = site.ask(&token, &format!("/desk/drafts/{draft}{path}")).await;
        let absent = site.ask(&token, &format!("/desk/drafts/{}{path}", "0".repeat(32))).await;
        assert_eq!((hidden.status, &hidden.text), (absent.status, &absent.text), "{path}");
    }
    let hidden = site.ask(&token, "/desk/organisations/minato-lab/members").await;
    let absent = site.ask(&token, "/desk/organisations/nobody/members").await;
    assert_eq!((hidden.status, hidden.text), (absent.status, absent.text));
}

#[tokio::test]
async fn programs_change_nothing_that_they_are_not_asked_for() {
    let site = Site::start().await;
    let world = &site.world;
    let browser = drafter(&site);
    let token = site.token(&browser, ALL);
    let model = world.record(&world.developer, Model::example(), world.developer.id).await;
    let draft = site.draft("public-report", world.developer.id, model, &browser);
    let base = format!("/desk/drafts/{draft}");
    // Mass assignment: a field that there is not, at any level, and nothing is kept.
    for (method, path, body) in [
        ("PUT", "/desk/me".to_owned(), json!({"name": "x", "language": "en", "administrator": true})),
        ("PUT", "/desk/me".to_owned(), json!({"name": "x", "language": "en", "memberships": []})),
        (
            "POST",
            "/desk/drafts".to_owned(),
            json!({"kind": "model", "organisation": "minato-lab", "about": "minato-lab", "stage": "recorded"}),
        ),
        ("PATCH", format!("{base}/answers"), json!({"answers": {}, "organisation": "x"})),
        ("PUT", format!("{base}/around"), json!({"basis": "duty", "language": "en", "createdBy": "x"})),
        ("POST", format!("{base}/files"), json!({"name": "a", "content": "", "mediaType": "text/html"})),
    ] {
        let answer = site.send_json(&token, method, &path, body).await;
        assert_eq!(answer.status, 400, "{method} {path}: {answer:?}");
    }
    for answers in [
        json!({"stranger": "x"}),
        json!({"capabilities": {"en": "Writes.", "stage": "recorded"}}),
        json!({"capabilities": ["x"]}),
        json!({"capabilities": {"en": "Writes."}, "limitations": {"en": "\u{0}"}}),
        json!({"capabilities": {"en": "x".repeat(9_000)}}),
    ] {
        let answer =
            site.send_json(&token, "PATCH", &format!("{base}/answers"), json!({"answers": answers})).await;
        assert_eq!(answer.status, 422, "{answer:?}");
        assert!(answer.json()["problems"][0]["pointer"].as_str().unwrap().starts_with("/answers/"));
    }
    let kept = site.desk.load::<desk::Draft>(&draft).unwrap().unwrap();
    assert!(kept.fields.is_empty() && kept.version() == 1, "{kept:?}");
    let account = site.desk.load::<Account>(&browser.account).unwrap().unwrap();
    assert_eq!((account.name.as_str(), account.administrator), ("drafter", false));
    // Names and texts that would change a header, a path or a page.
    let file = json!({"name": "../../etc/pass\r\nwd\u{202e}fdp.exe", "content": STANDARD.encode("<script>")});
    let added = site.send_json(&token, "POST", &format!("{base}/files"), file).await.json();
    assert_eq!(added["files"][0]["name"], "passwdfdp.exe");
    let file = added["files"][0]["id"].as_str().unwrap();
    let got = site.ask(&token, &format!("{base}/files/{file}")).await;
    assert_eq!(got.header("content-type"), "application/octet-stream");
    assert_eq!(got.header("content-disposition"), "attachment; filename*=UTF-8''passwdfdp.exe");
    let address = json!({"name": "x", "language": "en", "email": "a@b.example\r\nBcc: c@d.example"});
    assert_eq!(site.send_json(&token, "PUT", "/desk/me", address).await.status, 422);
    for id in ["..%2f..%2fetc%2fpasswd", "%00", "%22'%3B--", "*"] {
        assert_eq!(site.ask(&token, &format!("/desk/drafts/{id}")).await.status, 404, "{id}");
        assert_eq!(site.ask(&token, &format!("{base}/files/{id}")).await.status, 404, "{id}");
    }
}

#[tokio::test]
async fn what_is_too_large_too_deep_or_never_ends_is_refused() {
    let site = Site::start().await;
    let world = &site.world;
    let browser = drafter(&site);
    let token = site.token(&browser, ALL);
    let model = world.record(&world.developer, Model::example(), world.developer.id).await;
    let draft = site.draft("public-report", world.developer.id, model, &browser);
    let base = format!("/desk/drafts/{draft}");
    let large = json!({"answers": {"capabilities": {"en": "x".repeat(2 << 20)}}});
    assert_eq!(site.send_json(&token, "PATCH", &format!("{base}/answers"), large).await.status, 413);
    let mut deep = json!(1);
    for _ in 0..100 {
        deep = json!([deep]);
    }
    let answer =
        site.send_json(&token, "PATCH", &format!("{base}/answers"), json!({"answers": {"a": deep}})).await;
    assert_eq!(answer.status, 400);
    // Archives are kept as they are: nothing here unpacks them.
    let zip = json!({"name": "bomb.zip", "content": STANDARD.encode(b"PK\x03\x04bomb")});
    let added = site.send_json(&token, "POST", &format!("{base}/files"), zip).await.json();
    assert_eq!(
        (added["files"][0]["mediaType"].as_str(), added["files"][0]["size"].as_u64()),
        (Some("application/zip"), Some(8))
    );
    let whole = json!({"name": "a", "content": STANDARD.encode(vec![0; evidence::statement::MAX_PART + 1])});
    let refused = site.send_json(&token, "POST", &format!("{base}/files"), whole).await;
    assert_eq!(refused.status, 422, "{refused:?}");
    let wrong_type =
        site.http.post(format!("{}/api/v1/desk/drafts", site.url)).bearer_auth(&token).body("a=b");
    assert_eq!(wrong_type.send().await.unwrap().status(), 415);
}

#[tokio::test]
async fn nothing_that_asks_for_a_fresh_proof_is_done_with_a_token() {
    let site = Site::start().await;
    let browser = drafter(&site);
    let token = site.token(&browser, ALL);
    // There are no such operations, and the pages take no tokens.
    for path in ["/desk/tokens", "/desk/passkeys", "/desk/organisations/minato-lab/invitations"] {
        let answer = site.send_json(&token, "POST", path, json!({})).await;
        assert!(matches!(answer.status, 404 | 405), "{path}: {answer:?}");
    }
    let page = site.http.get(format!("{}/en/desk", site.url)).bearer_auth(&token).send().await.unwrap();
    assert_eq!(page.status(), 303, "a page sends whoever has no session to sign in");
}

#[tokio::test]
async fn people_make_tokens_and_accounts_of_programs_and_end_them() {
    let site = Site::start().await;
    let browser = drafter(&site);
    let made = site
        .post(&browser, "/en/desk/tokens", &[("label", "nightly"), ("days", "30"), ("scope-draft", "1")])
        .await;
    let text = made.text.split("<code>").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let me = site.ask(&text, "/desk/me").await.json();
    assert_eq!(me["token"]["scopes"], json!(["read", "draft"]));
    assert!(!site.get(&browser, "/en/desk/tokens").await.text.contains(&text), "it is shown once");
    let id = site.desk.tokens_of(&browser.account).unwrap()[0].id.clone();
    let rival = site.member("rival", Some((site.world.other_developer.id, None, &[Function::Manage])));
    assert_eq!(site.post(&rival, "/en/desk/tokens", &[("revoke", &id)]).await.status, 404);
    assert_eq!(site.ask(&text, "/desk/me").await.status, 200);
    site.post(&browser, "/en/desk/tokens", &[("revoke", &id)]).await;
    assert_eq!(site.ask(&text, "/desk/me").await.status, 401);

    let programs = "/en/desk/programs/minato-lab";
    let made = site.post(&browser, programs, &[("name", "importer"), ("function-draft", "1")]).await;
    let program = made.header("location").to_owned();
    let made =
        site.post(&browser, &program, &[("label", "one"), ("days", "365"), ("scope-draft", "1")]).await;
    let text = made.text.split("<code>").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let me = site.ask(&text, "/desk/me").await.json();
    assert_eq!(
        (me["name"].as_str(), me["memberships"][0]["functions"].clone()),
        (Some("importer"), json!(["draft"]))
    );
    assert_eq!(site.get(&rival, programs).await.status, 404);
    assert_eq!(site.get(&rival, &program).await.status, 404);
    let reader = site.member("reader", Some((site.world.developer.id, None, &[])));
    assert_eq!(site.get(&reader, programs).await.status, 404);
    let id = program.rsplit('/').next().unwrap();
    site.post(&browser, programs, &[("end", id)]).await;
    assert_eq!(site.ask(&text, "/desk/me").await.status, 401);
}

#[tokio::test]
async fn a_stale_session_makes_no_token() {
    let site = Site::start().await;
    let browser = drafter(&site);
    site.world.clock.advance_millis(20 * 60_000);
    let fields = [("label", "nightly"), ("days", "30")];
    let answer = site.post(&browser, "/en/desk/tokens", &fields).await;
    assert!(answer.header("location").contains("/sign-in"), "{answer:?}");
    assert!(site.desk.tokens_of(&browser.account).unwrap().is_empty());
}

#[tokio::test]
async fn nobody_gets_back_into_the_account_of_a_program() {
    let site = Site::start().await;
    let now = site.world.node().now();
    let functions = [Function::Draft].into();
    let mut account =
        Versioned::new(Account::service("p".into(), "p".into(), site.world.developer.id, functions, now));
    site.desk.save(&mut account).unwrap();
    let mut administrator = Account::new("a".into(), "a".into(), Language::En, now);
    administrator.administrator = true;
    let administrator = site.sign_in(administrator);
    let answer = site.post(&administrator, "/en/desk/admin", &[("account", "p"), ("do", "link")]).await;
    assert_eq!(answer.status, 303, "no link is shown");
    let _: Option<&Membership> = account.membership(&site.world.developer.id);
}
