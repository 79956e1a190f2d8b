//! What attackers try.

use std::collections::BTreeMap;

use desk::account::Function;
use evidence::predicate::{Example as _, Model};

use super::{Browser, Site};

const SCRIPT: &str = "<script>alert(1)</script>";

fn drafter(site: &Site) -> Browser {
    let both: &[Function] = &[Function::Draft, Function::Manage];
    site.member("drafter", Some((site.world.developer.id, Some("compliance"), both)))
}

#[tokio::test]
async fn a_form_needs_the_token_of_its_own_session_and_comes_from_this_site() {
    let site = Site::start().await;
    let (victim, attacker) = (drafter(&site), drafter(&site));
    let post = async |token: Option<&str>, headers: &[(&'static str, &str)]| {
        let fields: BTreeMap<&str, &str> = token.map(|token| ("form_token", token)).into_iter().collect();
        site.send(&victim, "/en/desk/register", &fields, headers).await.status
    };
    assert_eq!(post(None, &[]).await, 403, "no token");
    assert_eq!(post(Some(&attacker.token), &[]).await, 403, "someone else's token");
    assert_eq!(post(Some(&victim.token), &[("sec-fetch-site", "cross-site")]).await, 403);
    assert_eq!(post(Some(&victim.token), &[("origin", "https://evil.example")]).await, 403);
    assert_eq!(post(Some(&victim.token), &[]).await, 303);
}

#[tokio::test]
async fn a_session_ends_with_signing_out_and_its_cookie_is_kept_from_scripts() {
    let site = Site::start().await;
    let browser = drafter(&site);
    let out = site.post(&browser, "/en/sign-out", &[]).await;
    assert!(out.header("set-cookie").contains("Max-Age=0") && out.header("set-cookie").contains("HttpOnly"));
    assert_eq!(site.get(&browser, "/en/desk").await.status, 303, "the old cookie opens nothing");
    let invented = Browser { cookie: Some("kanae-local=chosen-by-an-attacker".into()), ..Browser::default() };
    assert_eq!(site.get(&invented, "/en/desk").await.status, 303, "no session is begun by presenting one");
}

#[tokio::test]
async fn texts_of_people_are_never_markup() {
    let site = Site::start().await;
    let world = &site.world;
    let model = world.record(&world.developer, Model::example(), world.developer.id).await;
    let named = format!("{SCRIPT}\u{202e}名");
    let member: &[Function] = &[Function::Draft, Function::Manage, Function::Tips];
    let browser = site.member(&named, Some((world.developer.id, None, member)));
    let draft = site.draft("public-report", world.developer.id, model, &browser);
    let base = format!("/en/desk/drafts/{draft}");
    let quoted = format!("\"><{SCRIPT} onmouseover=\"x");
    for (path, fields) in [
        (base.clone(), vec![("remark", quoted.as_str())]),
        (
            format!("{base}/questions/capabilities"),
            vec![("capabilities.en", quoted.as_str()), ("capabilities.ja", &named)],
        ),
        (format!("{base}/about"), vec![("visibility", "public"), ("article", quoted.as_str())]),
    ] {
        assert!(site.post(&browser, &path, &fields).await.status < 500);
    }
    for path in [
        "/en/desk".to_owned(),
        "/en/desk/account".to_owned(),
        "/en/desk/members/minato-lab".to_owned(),
        base.clone(),
        format!("{base}/questions/capabilities"),
        format!("{base}/about"),
        format!("{base}/check"),
        format!("/en/desk/file/public-report?about={}&regime=%22%3E%3Cscript%3E", "%3Cscript%3E"),
        "/en/sign-in?next=%22%3E%3Cscript%3E".to_owned(),
    ] {
        let page = site.get(&browser, &path).await;
        assert!(!page.text.contains("<script>"), "{path}");
        assert!(!page.text.contains("onmouseover=\"x"), "{path}");
        assert!(!page.text.contains('\u{202e}'), "{path}: a control character that turns text around");
        assert!(page.header("content-security-policy").contains("script-src 'self'"), "{path}");
    }
}

#[tokio::test]
async fn signing_in_leads_to_this_site_only() {
    let site = Site::start().await;
    for strange in ["https://evil.example/", "//evil.example", "/en//evil.example", "/en/\\evil"] {
        let path = format!(
            "/en/sign-in?next={}",
            url::form_urlencoded::byte_serialize(strange.as_bytes()).collect::<String>()
        );
        let page = site.get(&Browser::default(), &path).await;
        assert!(page.text.contains("name=\"next\" value=\"/en/desk\""), "{strange}");
    }
}

#[tokio::test]
async fn a_question_changes_its_own_fields_only_and_nobody_files_for_another() {
    let site = Site::start().await;
    let world = &site.world;
    let model = world.record(&world.developer, Model::example(), world.developer.id).await;
    let browser = drafter(&site);
    let draft = site.draft("public-report", world.developer.id, model, &browser);
    let more = &[
        ("capabilities.en", "Writes."),
        ("limitations.en", "sneaked in"),
        ("organisation", "x"),
        ("stage", "recorded"),
    ];
    site.post(&browser, &format!("/en/desk/drafts/{draft}/questions/capabilities"), more).await;
    let kept = site.desk.load::<desk::Draft>(&draft).unwrap().unwrap();
    assert_eq!(kept.fields.keys().collect::<Vec<_>>(), ["capabilities.en"]);
    assert_eq!(kept.organisation, Some(world.developer.id));
    let (theirs, model) = (world.other_developer.id.to_string(), model.to_string());
    let fields = [("for", theirs.as_str()), ("about", model.as_str()), ("regime", "eu-gpai")];
    let answer = site.post(&browser, "/en/desk/file/public-report", &fields).await;
    assert_eq!(answer.status, 422, "an organisation that one does not work for");
}

#[tokio::test]
async fn what_is_too_large_or_unreadable_is_refused_without_harm() {
    let site = Site::start().await;
    let browser = drafter(&site);
    let large = "x".repeat(2 << 20);
    assert_eq!(site.post(&browser, "/en/desk/account", &[("name", &large)]).await.status, 413);
    let long = "x".repeat(5_000);
    assert_eq!(site.post(&browser, "/en/desk/account", &[("name", &long)]).await.status, 422);
    for path in
        ["/en/desk/drafts/..%2f..%2fetc", "/en/desk/drafts/%00", "/en/desk/members/%22'%3B--", "/xx/desk"]
    {
        assert_eq!(site.get(&browser, path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn a_tip_names_nobody_and_its_code_is_the_only_way_back() {
    let site = Site::start().await;
    let world = &site.world;
    // Even somebody who is signed in sends a tip without their account.
    let browser = drafter(&site);
    let authority = world.authority.id.to_string();
    let fields = [("authority", authority.as_str()), ("text", "The report is wrong.")];
    let sent = site.post(&browser, "/en/tips", &fields).await;
    let code = sent.text.split("class=\"number\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let tip = site.desk.tip_of(&code).unwrap().unwrap();
    assert!(!serde_json::to_string(&tip.value).unwrap().contains(&browser.account));
    let read = site.post(&Browser::default(), "/en/tips/read", &[("code", &code)]).await;
    assert!(read.text.contains("The report is wrong."));
    assert_eq!(site.post(&Browser::default(), "/en/tips/read", &[("code", "wrong")]).await.status, 422);
}
