//! The pages as a reader gets them, rendered from a world in which much has happened.

#![expect(clippy::unwrap_used, reason = "what fails in a test fails the test")]

mod cycle;
mod lab;
mod laws;
mod notices;

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use cycle::{Cycle, hostile, remedied};
use evidence::Texts;
use kanae_portal as portal;
use tower::ServiceExt as _;

const DUTY: &str = "models/minato-lab/wakaba/duties/jp-basic-law-2024/safety-verification";

struct Answer {
    status: StatusCode,
    location: Option<String>,
    body: String,
}

async fn get(router: &axum::Router, path: &str) -> Answer {
    let request = Request::get(path).header(header::HOST, "kanae.example").body(Body::empty()).unwrap();
    let response = router.clone().oneshot(request).await.unwrap();
    let location = response.headers().get(header::LOCATION).map(|value| value.to_str().unwrap().to_owned());
    let status = response.status();
    let body = to_bytes(response.into_body(), 8 << 20).await.unwrap();
    Answer { status, location, body: String::from_utf8(body.to_vec()).unwrap() }
}

async fn live() -> (Cycle, axum::Router) {
    let cycle = Cycle::live(Texts::both("わかば", "Wakaba")).await;
    let router = portal::router(portal::App::new(cycle.world.node().clone()));
    (cycle, router)
}

/// The text of a page's main part, a line for a block, as a reader of plain text would have it.
fn text_of(page: &str) -> String {
    let main = page.split("<main").nth(1).unwrap().split_once('>').unwrap().1;
    let main = main.split("</main>").next().unwrap();
    let mut text = String::new();
    let mut rest = main;
    while let Some((before, after)) = rest.split_once('<') {
        text.push_str(before);
        let (tag, after) = after.split_once('>').unwrap_or((after, ""));
        let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap_or_default();
        let inline = ["a", "b", "bdi", "span", "time", "code", "sup", "text", "small", "i"];
        if !inline.contains(&name) {
            text.push('\n');
        }
        rest = after;
    }
    text.push_str(rest);
    let text = text.replace("&nbsp;", " ").replace("&lt;", "<").replace("&gt;", ">").replace("&#39;", "'");
    let text = text
        .replace("&quot;", "\"")
        .replace("&#34;", "\"")
        .replace("&#60;", "<")
        .replace("&#62;", ">")
        .replace("&#38;", "&")
        .replace("&amp;", "&");
    let lines: Vec<String> = text
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|line| !line.is_empty())
        .collect();
    lines.join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_stands_in_both_languages_and_says_everything() {
    let (cycle, router) = live().await;
    let statements: Vec<String> = cycle
        .world
        .node()
        .view()
        .register
        .statements()
        .map(|recorded| format!("statements/{}", recorded.statement.digest()))
        .collect();
    let mut paths: Vec<String> = [
        "",
        "register",
        "register?q=wakaba",
        "register?kind=duty",
        "register?kind=model&q=%E3%82%8F%E3%81%8B%E3%81%B0",
        "register?q=nothing-like-this",
        "organisations/minato-lab",
        "organisations/authority",
        "organisations/certifier",
        "models/minato-lab/wakaba",
        DUTY,
        "models/minato-lab/wakaba/duties/jp-basic-law-2024/answer-notification",
        "models/minato-lab/wakaba/duties/jp-basic-law-2024/compliance-report",
        "models/minato-lab/wakaba/duties/eu-gpai/notify",
        "lab",
        "lab/apply",
        "lab/apply?law=all",
        "lab/apply?law=all&ask=compute_cumulative",
        "lab/apply?law=all&ask=at",
        "lab/apply?law=eu-gpai&answer=compute_cumulative&v=much",
        "lab/apply?law=jp-basic-law-2024&set.jp-basic-law-2024=adopted&f.compute_cumulative=1e26..&view=result",
        "lab/apply?law=all&view=result",
        "lab/incident",
        "lab/incident?i.death=true&i.discovered_at=2026-11-20T10:00",
        "lab/matrix",
        "lab/matrix?model=minato-lab/wakaba",
        "lab/matrix?law=all&f.compute_cumulative=1e26",
        "laws",
        "laws/jp-basic-law-2024",
        "laws/eu-gpai",
        "log",
        "log?before=5",
        "audit",
        "?size=5",
    ]
    .map(str::to_owned)
    .into();
    paths.push(format!("entries/{}", cycle.restricted));
    paths.extend(statements);
    for path in &paths {
        for language in ["ja", "en"] {
            let address = format!("/{language}/{path}");
            let answer = get(&router, &address).await;
            assert_eq!(answer.status, StatusCode::OK, "{address}");
            let page = &answer.body;
            assert!(!page.contains('⟦'), "{address}: {}", page.split('⟦').nth(1).unwrap());
            assert_eq!(page.matches("<h1").count(), 1, "{address}");
            assert!(page.contains(&format!("<html lang=\"{language}\">")), "{address}");
            assert!(page.contains("class=\"banner\""), "{address}");
            assert!(page.contains("class=\"skip\""), "{address}");
            // Scripts are files of ours; nothing runs that stands in a page.
            let inline = page.replace("<script src=\"/assets/", "");
            assert!(!page.contains(" style=") && !inline.contains("<script"), "{address}");
            let other = if language == "ja" { "en" } else { "ja" };
            let same = path.split('?').next().unwrap();
            assert!(page.contains(&format!("href=\"/{other}/{same}")), "{address}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_lead_to_pages() {
    let (cycle, router) = live().await;
    let front = get(&router, "/").await;
    assert_eq!((front.status, front.location.as_deref()), (StatusCode::TEMPORARY_REDIRECT, Some("/ja/")));
    let entry = get(&router, "/en/entries/0").await;
    let genesis = cycle.world.node().view().register.genesis().unwrap();
    assert_eq!(entry.location.unwrap(), format!("/en/statements/{genesis}"));
    for nothing in [
        "/en/models/minato-lab/nothing",
        "/ja/statements/12",
        "/en/entries/100000",
        "/en/nothing",
        "/nothing",
        "/fr/",
        "/en/laws/none",
    ] {
        let answer = get(&router, nothing).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{nothing}");
        assert!(answer.body.contains("<h1"), "{nothing}");
        assert!(!answer.body.contains('⟦'), "{nothing}");
    }
    let page = get(&router, "/en/").await.body;
    for sheet in page.split("href=\"/assets/").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert_eq!(get(&router, &format!("/assets/{sheet}")).await.status, StatusCode::OK, "{sheet}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn links_within_the_site_lead_somewhere() {
    let (_cycle, router) = live().await;
    let mut known = std::collections::BTreeSet::from(["/en/".to_owned()]);
    let mut waiting: Vec<String> = vec!["/en/".to_owned()];
    while let Some(path) = waiting.pop() {
        let answer = get(&router, &path).await;
        let moved = answer.status.is_redirection();
        assert!(answer.status == StatusCode::OK || moved, "{path}: {}", answer.status);
        if !path.starts_with("/en/") {
            continue;
        }
        for rest in answer.body.split(" href=\"").skip(1) {
            let link = rest.split(['"', '#']).next().unwrap().replace("&#38;", "&").replace("&amp;", "&");
            if link.starts_with('/')
                && !link.starts_with("/ja/")
                && known.len() < 200
                && known.insert(link.clone())
            {
                waiting.push(link);
            }
        }
    }
    assert!(known.len() > 60, "{}", known.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_computed_judgement_never_stands_beside_a_name() {
    let (cycle, router) = live().await;
    // Long after every deadline, with no decision on them.
    cycle.world.clock.advance_days(400);
    let model = get(&router, "/en/models/minato-lab/wakaba").await.body;
    let duty =
        get(&router, "/en/models/minato-lab/wakaba/duties/jp-basic-law-2024/risk-information").await.body;
    for page in [&model, &duty] {
        // A kind of incident that a law names is no judgement.
        let text = text_of(page).replace("cybersecurity breach", "");
        assert!(text.contains("open: waiting for a decision"), "{text}");
        for word in ["overdue", "appears unmet", "appears_unmet", "not met by", "violat", "breach", "not met"]
        {
            assert!(!text.to_lowercase().contains(word), "{word}");
        }
    }
    // What an authority has signed is said.
    assert!(text_of(&get(&router, &format!("/en/{DUTY}")).await.body).contains("found: not complied with"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reported_remedy_waits_for_the_state() {
    let (cycle, router) = live().await;
    remedied(&cycle).await;
    let text = text_of(&get(&router, &format!("/en/{DUTY}")).await.body);
    assert!(text.contains("remedy reported") && text.contains("The State looks at"), "{text}");
    assert!(!text.contains("days left"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_names_are_text() {
    let cycle = Cycle::live(Texts::both("わかば", "Wakaba")).await;
    let model = hostile(&cycle.world, &cycle.world.other_developer).await;
    let router = portal::router(portal::App::new(cycle.world.node().clone()));
    for language in ["ja", "en"] {
        for path in [
            "register",
            "models/kaede-ai/hostile",
            "organisations/kaede-ai",
            &format!("statements/{model}"),
            "register?q=%3Cscript%3E%22%27",
        ] {
            let page = get(&router, &format!("/{language}/{path}")).await.body;
            for wrong in ["<script", "<img", "\u{202e}", "\u{200b}", "\u{0}", "\u{1b}"] {
                assert!(!page.contains(wrong), "{path}: {wrong:?}");
            }
        }
    }
    let page = get(&router, "/en/models/kaede-ai/hostile").await.body;
    assert!(page.contains("&quot;&gt;&lt;img src=x onerror=alert(1)&gt;"));
    assert!(page.contains("safe⟨U+202E⟩kcart⟨U+0000⟩⟨U+001B⟩[31m"));
}

#[tokio::test(flavor = "multi_thread")]
async fn withheld_and_erased_attachments_say_on_what_ground() {
    let (cycle, router) = live().await;
    let page = text_of(&get(&router, &format!("/en/statements/{}", cycle.notification)).await.body);
    assert!(page.contains("withheld: Trade secret"), "{page}");
    assert!(page.contains("A request to erase personal data."), "{page}");
    let restricted = text_of(&get(&router, &format!("/en/entries/{}", cycle.restricted)).await.body);
    assert!(restricted.contains("This entry is restricted."), "{restricted}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cited_page_says_what_has_come_since() {
    let (_cycle, router) = live().await;
    let page = text_of(&get(&router, "/en/models/minato-lab/wakaba?size=20").await.body);
    assert!(page.contains("When this page was cited, the log had 20 entries"), "{page}");
    assert!(page.contains("Added to what this page rests on"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_read_well() {
    let (cycle, router) = live().await;
    for (name, path) in [
        ("home_ja", "/ja/".to_owned()),
        ("home_en", "/en/".to_owned()),
        ("duty_ja", format!("/ja/{DUTY}")),
        ("duty_en", format!("/en/{DUTY}")),
        ("model_ja", "/ja/models/minato-lab/wakaba".to_owned()),
        ("statement_en", format!("/en/statements/{}", cycle.designation)),
    ] {
        let text = text_of(&get(&router, &path).await.body);
        let text = without_digests(&text);
        insta::assert_snapshot!(name, text);
    }
}

/// Takes digests out, whole or in groups of eight: they depend on what is drawn anew in each run.
fn without_digests(text: &str) -> String {
    let is_hex = |word: &str| word.bytes().all(|b| b.is_ascii_hexdigit());
    text.lines()
        .map(|line| {
            if line.starts_with("{\"_type\"") {
                return "{the payload}".to_owned();
            }
            let words: Vec<&str> = line
                .split(' ')
                .map(|word| if word.len() == 8 && is_hex(word) { "x" } else { word })
                .collect();
            let line = words.join(" ").replace("x x x x x x x x", "[digest]");
            let mut shown = String::new();
            let mut run = String::new();
            for character in line.chars().chain(['\0']) {
                if character.is_ascii_hexdigit() {
                    run.push(character);
                } else {
                    shown.push_str(if run.len() == 64 { "[digest]" } else { &run });
                    run.clear();
                    if character != '\0' {
                        shown.push(character);
                    }
                }
            }
            shown
        })
        .collect::<Vec<_>>()
        .join("\n")
}
