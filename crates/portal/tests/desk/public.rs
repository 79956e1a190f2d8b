//! What anyone may send without an account, and what becomes of it: comments in a consultation, requests
//! for documents, answers of the interview. And the public pages of certificates and schemes.

use desk::account::Function;
use desk::consultation::FILE_NAME;
use evidence::predicate::{
    Certificate, CodeAdherence, CodeKind, CodeOfConduct, CodeStage, Consultation, ConsultationResult,
    Example as _, Model, ModelVersion,
};
use evidence::{Digest, Texts, Visibility};
use node::testing::World;

use super::{Browser, Site};

const SCRIPT: &str = "<script>alert(1)</script>";
const DRAFTS: &[Function] = &[Function::Draft];

/// The receipt code on a page.
fn code_on(page: &str) -> String {
    page.split("<p class=\"number\">").nth(1).unwrap().split('<').next().unwrap().to_owned()
}

/// A scheme of the certification body, with its text.
async fn scheme(world: &World) -> Digest {
    let body = CodeOfConduct {
        slug: "verification-scheme".parse().unwrap(),
        kind: CodeKind::Scheme,
        title: Texts::both("検証の認証基準", "Scheme for verification"),
        version: "1.0".into(),
        stage: CodeStage::Final,
        summary: Texts::both("手順が対象です。", "Covers the process."),
    };
    world.record(&world.certifier, body, world.certifier.id).await
}

async fn consultation(world: &World) -> Digest {
    let scheme = scheme(world).await;
    let body = Consultation { until: "2026-12-10".parse().unwrap(), ..Consultation::example() };
    world.record(&world.certifier, body, scheme).await
}

#[tokio::test]
async fn a_certificate_has_a_public_page_that_says_how_it_stands() {
    let site = Site::start().await;
    let world = &site.world;
    let anyone = Browser::default();
    let scheme = scheme(world).await;
    let model = world.record(&world.developer, Model::example(), world.developer.id).await;
    let version = world.record(&world.developer, ModelVersion::example(), model).await;
    let adherence = CodeAdherence { code: scheme, ..CodeAdherence::example() };
    world.record(&world.developer, adherence, model).await;
    let body = Certificate {
        scheme: Texts::both("検証の認証基準", "Scheme for verification"),
        valid_from: "2026-11-01".parse().unwrap(),
        valid_until: "2026-12-31".parse().unwrap(),
        evidence: vec![evidence::sha256(b"hidden")],
        ..Certificate::example()
    };
    let certificate = world.record(&world.certifier, body, version).await;
    let path = format!("/en/certificates/{certificate}");
    let page = site.get(&anyone, &path).await.text;
    for said in ["Not a guarantee", "In force on", "in role: ", "not public", "kanae audit "] {
        assert!(page.contains(said), "{said}: {page}");
    }
    // The scheme is found by its title, and its page names certificate and adherence.
    assert!(page.contains("href=\"/en/codes/certifier/verification-scheme\""), "{page}");
    let code = site.get(&anyone, "/en/codes/certifier/verification-scheme").await.text;
    assert!(code.contains(&path) && code.contains("adheres"), "{code}");
    assert!(!page.contains("class=\"qr\""), "nobody has said by which address the site is reached");
    for list in [
        "register?kind=certificate",
        "organisations/certifier",
        "organisations/minato-lab",
        "models/minato-lab/wakaba",
    ] {
        let page = site.get(&anyone, &format!("/en/{list}")).await.text;
        assert!(page.contains(&path), "{list}");
    }
    world.clock.advance_days(60);
    let page = site.get(&anyone, &path).await.text;
    assert!(page.contains("Its period is over") && page.contains("expired"), "{page}");
    assert_eq!(site.get(&anyone, &format!("/en/certificates/{version}")).await.status, 404);
    let app = kanae_portal::App::new(world.node().clone()).reached_at_address("https://register.example/");
    let drawn = kanae_portal::render(&kanae_portal::router(app), &path, Some("evil.example")).await;
    let drawn = String::from_utf8(drawn.bytes).unwrap();
    let address = format!("https://register.example/en/certificates/{certificate}");
    assert!(
        drawn.contains("class=\"qr\"") && drawn.contains(&address),
        "the code names the site's own address"
    );
}

#[tokio::test]
async fn comments_of_anyone_are_read_first_and_what_was_published_cannot_be_changed() {
    let site = Site::start().await;
    let world = &site.world;
    let anyone = Browser::default();
    let member = site.member("member", Some((world.certifier.id, None, DRAFTS)));
    let rival = site.member("rival", Some((world.developer.id, None, DRAFTS)));
    let digest = consultation(world).await;
    let (public, desk) = (format!("/en/consultations/{digest}"), format!("/en/desk/consultations/{digest}"));
    let text = format!("{SCRIPT} The scope is narrow.");
    let sent = site.post(&anyone, &public, &[("name", SCRIPT), ("answer-scope", &text)]).await;
    assert_eq!(sent.status, 200, "{}", sent.text);
    let code = code_on(&sent.text);
    // Comments of one millisecond stand in no order.
    world.clock.advance_millis(1);
    let other = site.post(&anyone, &public, &[("text", "My neighbour is X.")]).await;
    let other = code_on(&other.text);
    assert_eq!(site.post(&anyone, &public, &[("text", " ")]).await.status, 422, "nothing was said");
    assert!(!site.get(&anyone, &public).await.text.contains("narrow"), "nobody has read it");

    assert_eq!(site.get(&rival, &desk).await.status, 404);
    let queue = site.get(&member, &desk).await.text;
    assert!(queue.contains("The scope is narrow.") && !queue.contains(SCRIPT), "{queue}");
    let ids: Vec<String> = queue
        .split("name=\"comment\" value=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap().to_owned())
        .collect();
    assert_eq!(ids.len(), 2);
    let decide = async |member: &Browser, id: &str, fields: &[(&str, &str)]| {
        let mut all = vec![("comment", id)];
        all.extend(fields);
        site.post(member, &desk, &all).await.status
    };
    assert_eq!(decide(&member, &ids[0], &[("do", "publish")]).await, 303);
    assert_eq!(decide(&member, &ids[1], &[("do", "withhold"), ("ground", "other")]).await, 422, "say which");
    assert_eq!(decide(&member, &ids[1], &[("do", "withhold"), ("ground", "personal_data")]).await, 303);
    assert_eq!(site.post(&rival, &desk, &[("do", "publish"), ("comment", &ids[1])]).await.status, 404);
    let page = site.get(&anyone, &public).await.text;
    assert!(page.contains("personal data of others: 1") && !page.contains("narrow"), "shown after the close");
    assert_eq!(site.get(&anyone, &format!("{public}/{FILE_NAME}")).await.status, 404);
    let state = site.post(&anyone, &format!("{public}/read"), &[("code", &other)]).await.text;
    assert!(state.contains("Ground: personal data of others"), "{state}");
    assert_eq!(site.post(&member, &desk, &[("do", "answer")]).await.status, 422, "it is still open");

    world.clock.advance_days(30);
    let member = site.member("member", Some((world.certifier.id, None, DRAFTS)));
    assert_eq!(site.post(&anyone, &public, &[("text", "Late.")]).await.status, 422);
    let page = site.get(&anyone, &public).await.text;
    assert!(
        page.contains("The scope is narrow.") && !page.contains("neighbour") && !page.contains(SCRIPT),
        "{page}"
    );
    let state = site.post(&anyone, &format!("{public}/read"), &[("code", &code)]).await.text;
    assert!(state.contains("published"), "{state}");
    // The draft of the answers brings the number and the file along.
    let begun = site.post(&member, &desk, &[("do", "answer")]).await;
    let id = begun.header("location").rsplit('/').next().unwrap().to_owned();
    let draft = site.desk.load::<desk::Draft>(&id).unwrap().unwrap();
    assert_eq!(draft.fields["comments"], "2");
    let file = site.desk.file(&draft.files[0]).unwrap().unwrap();
    assert_eq!(draft.files[0].attachment.name, FILE_NAME);

    let body = ConsultationResult { comments: 2, responses: Vec::new(), ..ConsultationResult::example() };
    let mut result = world.draft(&world.certifier, body, digest);
    let part = World::attach(&mut result, FILE_NAME, &file.bytes, Visibility::Public);
    let signed = node::testing::signed(result, &[world.certifier.key()], vec![part]);
    world.submit(vec![signed]).await.unwrap();
    let page = site.get(&anyone, &public).await.text;
    assert!(page.contains("the same as on this page"), "{page}");
    assert_eq!(
        decide(&member, &ids[0], &[("do", "withhold"), ("ground", "spam")]).await,
        409,
        "it is on record"
    );
    // Whoever gets at the database is seen.
    let mut comment = site.desk.comment_of(&code).unwrap().unwrap();
    comment.answers.insert("scope".into(), "The scope is fine.".into());
    site.desk.save(&mut comment).unwrap();
    let page = site.get(&anyone, &public).await.text;
    assert!(page.contains("not the same as on this page"), "{page}");
}

#[tokio::test]
async fn a_request_for_documents_goes_its_way_and_names_nobody_in_public() {
    let site = Site::start().await;
    let world = &site.world;
    world.adopt_regime("jp-ai-promotion-act-2025", &[]).await;
    let anyone = Browser::default();
    let officer = site.member("officer", Some((world.authority.id, Some("officer-1"), DRAFTS)));
    let party = site.member("party", Some((world.developer.id, None, DRAFTS)));
    let reader = site.member("reader", Some((world.developer.id, None, &[])));
    let rival = site.member("rival", Some((world.other_developer.id, None, DRAFTS)));
    let authority = world.authority.id.to_string();
    let fields = [
        ("authority", authority.as_str()),
        ("name", "Hanako Yamada"),
        ("address", "1-1 Kasumigaseki"),
        ("documents", "Minutes of inspections"),
    ];
    let without = site.post(&anyone, "/en/disclosure-requests", &[("authority", &authority)]).await;
    assert_eq!(without.status, 422);
    let sent = site.post(&anyone, "/en/disclosure-requests", &fields).await;
    assert_eq!(sent.status, 200, "{}", sent.text);
    // 23 November, and thirty days from the day after.
    assert!(sent.text.contains("23 December 2026"), "{}", sent.text);
    let code = code_on(&sent.text);
    let request = site.desk.disclosure_request_of(&code).unwrap().unwrap();
    let one = format!("/en/desk/disclosure-requests/{}", request.id);
    for (browser, status) in [(&anyone, 303), (&party, 404), (&rival, 404), (&officer, 200)] {
        assert_eq!(site.get(browser, &one).await.status, status);
        assert_eq!(site.get(browser, "/en/desk/disclosure-requests").await.status, status);
    }
    assert!(site.get(&officer, &one).await.text.contains("Hanako Yamada"));

    let developer = world.developer.id.to_string();
    let ask = [
        ("do", "opinion"),
        ("party", developer.as_str()),
        ("text", "Training methods"),
        ("must", "1"),
        ("until", "2026-12-10"),
    ];
    assert_eq!(site.post(&officer, &one, &ask).await.status, 303);
    let opinion = format!("/en/desk/opinions/{}/{developer}", request.id);
    assert!(site.get(&party, "/en/desk").await.text.contains(&opinion), "it is a task");
    assert_eq!(site.get(&rival, &opinion).await.status, 404);
    let page = site.get(&party, &opinion).await.text;
    assert!(page.contains("Training methods") && !page.contains("Yamada"), "{page}");
    let opposes = [("opposes", "yes"), ("text", "A trade secret.")];
    assert_eq!(site.post(&reader, &opinion, &opposes).await.status, 403);
    assert_eq!(site.post(&party, &opinion, &[("text", "?")]).await.status, 422);
    assert_eq!(site.post(&party, &opinion, &opposes).await.status, 303);

    let decide = [
        ("do", "decide"),
        ("part-0", "Minutes"),
        ("outcome-0", "partly_disclosed"),
        ("reasons-0", "A trade secret."),
    ];
    let wrong = site.post(&officer, &one, &decide).await;
    assert_eq!(wrong.status, 422);
    assert!(
        wrong.text.contains("a ground of Art. 5") && wrong.text.contains(">Minutes</textarea>"),
        "{}",
        wrong.text
    );
    let mut whole = decide.to_vec();
    whole.extend([
        ("ground-0-business", "1"),
        ("remedies", "Within three months."),
        ("disclosed_from", "2026-12-07"),
    ]);
    let wrong = site.post(&officer, &one, &whole).await;
    assert!(wrong.text.contains("8 December 2026 at the earliest"), "{}", wrong.text);
    whole.pop();
    whole.push(("disclosed_from", "2026-12-08"));
    assert_eq!(site.post(&officer, &one, &whole).await.status, 303);

    let own = site.post(&anyone, "/en/disclosure-requests/read", &[("code", &code)]).await.text;
    for said in ["(ii) about a body corporate", "Within three months.", "partly disclosed (Art. 6)"] {
        assert!(own.contains(said), "{said}: {own}");
    }
    assert!(
        !own.contains("minato") && !own.contains("officer"),
        "neither the third party nor an officer: {own}"
    );
    assert!(site.get(&party, &opinion).await.text.contains("Within three months."), "who opposed is told");
    for public in ["/en/state", "/en/disclosure-requests"] {
        let page = site.get(&anyone, public).await.text;
        assert!(
            page.contains("decided in time") && !page.contains("Yamada") && !page.contains("Minutes"),
            "{public}"
        );
    }
    let strange =
        site.post(&anyone, "/en/disclosure-requests/read", &[("code", "22222-22222-22222-22222")]).await;
    assert_eq!(strange.status, 422);
}

#[tokio::test]
async fn the_interview_leads_to_drafts_and_nothing_is_lost_through_signing_in() {
    let site = Site::start().await;
    let world = &site.world;
    world.adopt_regime("eu-gpai", &[]).await;
    let anyone = Browser::default();
    let model = world.record(&world.developer, Model::example(), world.developer.id).await;
    let query = "law=eu-gpai&f.general_purpose=true&f.compute_cumulative=2e25..3e25&f.placed_on_union_market=true&f.placed_at=2026-11-01&f.threshold_known_at=2026-11-10";
    let result = site.get(&anyone, &format!("/en/lab/apply?{query}&view=result")).await.text;
    assert!(result.contains("action=\"/en/lab/apply/file\""), "{result}");
    let left = site.post(&anyone, "/en/lab/apply/file", &[("answers", &format!("?{query}"))]).await;
    let path = left.header("location").to_owned();
    assert!(path.starts_with("/en/desk/from-lab/"), "{path}");
    let away = site.get(&anyone, &path).await;
    assert_eq!(away.status, 303);
    assert!(
        away.header("location").contains(&path.replace('/', "%2F")),
        "it is found again after signing in"
    );

    let drafter = site.member("drafter", Some((world.developer.id, None, DRAFTS)));
    let page = site.get(&drafter, &path).await.text;
    let value = page.split("name=\"filing\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert!(value.starts_with("eu-gpai ") && value.ends_with(" notification"), "{value}: {page}");
    let chosen = format!("{} {model}", world.developer.id);
    let strange = format!("{} {model}", world.other_developer.id);
    assert_eq!(site.post(&drafter, &path, &[("model", &strange), ("filing", &value)]).await.status, 422);
    let begun = site.post(&drafter, &path, &[("model", &chosen), ("filing", &value)]).await;
    assert_eq!(begun.status, 303, "{}", begun.text);
    let id = begun.header("location").rsplit('/').next().unwrap();
    let draft = site.desk.load::<desk::Draft>(id).unwrap().unwrap();
    assert_eq!(
        (draft.kind.as_str(), draft.about, draft.regime.as_ref().unwrap().as_str()),
        ("notification", Some(model), "eu-gpai")
    );
    assert!(draft.basis.article.is_some() && draft.fields["grounds.en"].contains('\n'), "{draft:?}");
    let all: Vec<_> = site.desk.list::<desk::Draft>("by", &drafter.account, None, 9).unwrap();
    let facts = all.iter().find(|draft| draft.kind == "model-facts").unwrap();
    let typed: Vec<&str> = facts.fields.values().map(String::as_str).collect();
    assert!(typed.iter().any(|value| value.starts_with('2') && value.ends_with("FLOP")), "{typed:?}");
    assert_eq!(site.get(&drafter, &path).await.status, 404, "it has served");
}
