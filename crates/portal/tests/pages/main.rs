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
    let text = text
        .replace("&nbsp;", " ")
        .replace('\u{a0}', " ")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&#39;", "'");
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
        "register?kind=duty&law=jp-basic-law-2024",
        "register?kind=statement",
        "statistics",
        "state",
        "statistics?size=20",
        "register?kind=statement&q=wakaba&status=current&organisation=minato-lab&from=2026-11-01",
        "models/minato-lab/wakaba?size=20",
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
async fn a_cited_page_shows_the_register_as_it_stood() {
    let (cycle, router) = live().await;
    let now = get(&router, "/en/models/minato-lab/wakaba").await.body;
    assert!(text_of(&now).contains("Designat"), "{now}");
    let size = cycle.world.node().view().register.recorded(&cycle.designation).unwrap().index;
    let then = get(&router, &format!("/en/models/minato-lab/wakaba?size={size}")).await.body;
    assert!(then.contains(&format!("({size} entries)")), "{then}");
    assert!(!then.contains(&cycle.designation.to_string()), "the designation had not come yet");
    assert!(now.contains(&cycle.designation.to_string()));
    assert!(
        then.contains(&format!("/en/organisations/minato-lab?size={size}&amp;day=")),
        "links stay in the past"
    );
    assert!(then.contains(&format!("/ja/models/minato-lab/wakaba?size={size}&#38;day=")), "{then}");
    assert_eq!(get(&router, "/en/models/minato-lab/wakaba?size=3").await.status, StatusCode::NOT_FOUND);
    let after = get(&router, "/en/register?size=100000").await.body;
    assert!(!after.contains("as it stood"), "what lies ahead is the present");
    let audit = get(&router, "/en/audit?size=3&day=2020-01-01").await.body;
    assert!(!audit.contains("as it stood"), "only what shows the register looks back");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_register_is_shown_as_of_a_day() {
    let (cycle, router) = live().await;
    let first = cycle.world.node().view().register.at_index(0).unwrap().time.utc_date().civil();
    let page = get(&router, &format!("/en/register?day={first}")).await.body;
    assert!(page.contains("The register as it stood on"), "{page}");
    let before = first.yesterday().unwrap();
    let nothing = get(&router, &format!("/en/register?day={before}")).await;
    assert_eq!(nothing.status, StatusCode::OK);
    assert!(text_of(&nothing.body).contains("(0 entries)"), "{}", nothing.body);
    for day in ["2999-01-01", "yesterday", ""] {
        let page = get(&router, &format!("/en/register?day={day}")).await.body;
        assert!(!page.contains("as it stood on"), "{day}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_are_searched_and_narrowed_down() {
    let (_, router) = live().await;
    let ask = async |query: &str| text_of(&get(&router, &format!("/ja/register?{query}")).await.body);
    let all = ask("kind=statement").await;
    assert!(all.contains("記録"), "{all}");
    let found = ask("kind=statement&q=%E6%8C%87%E5%AE%9A&said=designation").await;
    assert!(found.contains("指定") && found.contains("1件"), "{found}");
    assert!(ask("q=wakabba").await.contains("「wakaba」で探しました"));
    assert!(ask("q=%EF%BE%9C%EF%BD%B6%EF%BE%8A%EF%BE%9E").await.contains("わかば"), "half-width kana");
    let wrong = ask("kind=statement&organisation=nobody&law=x&status=y&from=z&said=w").await;
    assert_eq!(wrong.matches("絞り込んでいません").count(), 4, "{wrong}");
    assert!(wrong.contains("日付が読めません"));
    let none = ask("kind=statement&until=2020-01-01").await;
    assert!(none.contains("該当するものはありません"), "{none}");
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

#[tokio::test(flavor = "multi_thread")]
async fn a_public_statement_can_be_had_as_a_document_and_a_receipt() {
    let cycle = Cycle::live(Texts::both("わかば", "Wakaba")).await;
    let app = portal::App::new(cycle.world.node().clone()).with_fonts(documents::testing::fonts());
    let router = portal::router(app);
    let statements: Vec<String> = cycle
        .world
        .node()
        .view()
        .register
        .statements()
        .map(|recorded| recorded.statement.digest().to_string())
        .collect();
    for digest in &statements {
        for language in ["ja", "en"] {
            for end in [".pdf", ".receipt.pdf"] {
                let path = format!("/{language}/statements/{digest}{end}");
                let request =
                    Request::get(&path).header(header::HOST, "kanae.example").body(Body::empty()).unwrap();
                let response = router.clone().oneshot(request).await.unwrap();
                assert_eq!(response.status(), StatusCode::OK, "{path}");
                assert_eq!(response.headers()[header::CONTENT_TYPE], "application/pdf");
                let body = to_bytes(response.into_body(), 8 << 20).await.unwrap();
                assert!(body.starts_with(b"%PDF-1.7"), "{path}");
                if let Ok(folder) = std::env::var("KANAE_SAMPLES") {
                    std::fs::write(format!("{folder}/{}.{language}{end}", &digest[..8]), &body).unwrap();
                }
            }
        }
    }
    let page = get(&router, &format!("/ja/statements/{}", statements[0])).await;
    assert!(page.body.contains(&format!("/ja/statements/{}.pdf", statements[0])));
    for path in [format!("/ja/statements/{}.pdf", "0".repeat(64)), "/ja/statements/x.pdf".to_owned()] {
        assert_eq!(get(&router, &path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_fonts_offers_no_documents_and_says_why() {
    let (cycle, router) = live().await;
    let digest = cycle.world.node().view().register.statements().next().unwrap().statement.digest();
    let page = get(&router, &format!("/en/statements/{digest}")).await;
    assert!(!page.body.contains(".pdf"));
    let answer = get(&router, &format!("/en/statements/{digest}.pdf")).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.body.contains("--font"), "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn feeds_say_what_everyone_may_see_and_lead_on() {
    let (cycle, router) = live().await;
    let size = cycle.world.node().view().register.statements().count();
    let feed = get(&router, "/ja/feed.atom").await;
    assert_eq!(feed.status, StatusCode::OK);
    assert_eq!(feed.body.matches("<entry>").count(), size.min(50));
    assert!(feed.body.starts_with(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\""
    ));
    assert_eq!(feed.body, get(&router, "/ja/feed.atom").await.body);
    let ids: Vec<&str> =
        feed.body.split("<id>").skip(2).filter_map(|rest| rest.split("</id>").next()).collect();
    let different: std::collections::BTreeSet<_> = ids.iter().collect();
    assert_eq!((different.len(), ids.len()), (size.min(50), size.min(50)));
    let one = get(&router, "/en/feed.atom?said=designation").await.body;
    assert_eq!(one.matches("<entry>").count(), 1, "{one}");
    assert!(one.contains(&format!("<id>urn:kanae:statement:{}</id>", cycle.designation)), "{one}");
    let of_model = get(&router, "/en/feed.atom?model=minato-lab/wakaba").await.body;
    assert!((1..size).contains(&of_model.matches("<entry>").count()));
    let first = get(&router, "/en/feed.atom?before=3").await.body;
    assert_eq!(first.matches("<entry>").count(), 3);
    assert!(!first.contains("rel=\"next\""));
    for nowhere in ["?organisation=nobody", "?model=no/thing", "?said=nothing"] {
        assert_eq!(
            get(&router, &format!("/en/feed.atom{nowhere}")).await.status,
            StatusCode::NOT_FOUND,
            "{nowhere}"
        );
    }
    let page = get(&router, "/ja/organisations/minato-lab").await.body;
    assert!(page.contains(
        "<link rel=\"alternate\" type=\"application/atom+xml\" href=\"/ja/feed.atom?organisation=minato-lab\""
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_taken_away_whole() {
    let (cycle, router) = live().await;
    let register = cycle.world.node().view().register.clone();
    let csv = get(&router, "/api/v1/export/statements.csv").await.body;
    assert!(csv.starts_with("\u{feff}index,time,"), "{csv}");
    let lines = get(&router, "/api/v1/export/statements.jsonl").await.body;
    assert_eq!(lines.lines().count(), register.statements().count());
    assert!(lines.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()));
    let json: Vec<serde_json::Value> =
        serde_json::from_str(&get(&router, "/api/v1/export/organisations.json").await.body).unwrap();
    assert_eq!(json.len(), register.organisations().count());
    let models = get(&router, "/api/v1/export/models.csv?q=wakaba").await.body;
    assert!(models.contains("minato-lab/wakaba"), "{models}");
    let duties = get(&router, "/api/v1/export/duties.jsonl?law=jp-basic-law-2024").await.body;
    assert!(
        duties.contains("\"law\":\"jp-basic-law-2024\"") && !duties.contains("appears_unmet"),
        "{duties}"
    );
    let then = get(&router, "/api/v1/export/statements.jsonl?size=20").await.body;
    assert_eq!(then.lines().count(), 20);
    for wrong in ["statements.xls", "secrets.csv", "statements"] {
        assert_eq!(
            get(&router, &format!("/api/v1/export/{wrong}")).await.status,
            StatusCode::NOT_FOUND,
            "{wrong}"
        );
    }
    let wrong = get(&router, "/api/v1/export/statements.csv?from=soon").await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_and_documents_show_the_same_numbers() {
    let (cycle, router) = live().await;
    let register = cycle.world.node().view().register.clone();
    let numbers: serde_json::Value =
        serde_json::from_str(&get(&router, "/api/v1/statistics").await.body).unwrap();
    let kinds = numbers["statements"]["kinds"].as_array().unwrap();
    let total: u64 = kinds.iter().map(|kind| kind["total"].as_u64().unwrap()).sum();
    assert_eq!(total, register.statements().count() as u64);
    assert_eq!(numbers["statements"]["withheld"], register.withheld());
    let by_month: u64 =
        kinds.iter().flat_map(|kind| kind["byMonth"].as_array().unwrap()).map(|n| n.as_u64().unwrap()).sum();
    assert_eq!(by_month, total, "the log is younger than the months that are told apart");
    let page = text_of(&get(&router, "/en/statistics").await.body);
    assert!(page.contains(&format!("\n{total}\n")), "{page}");
    let state: serde_json::Value = serde_json::from_str(&get(&router, "/api/v1/state").await.body).unwrap();
    assert_eq!(state["taken"], numbers["taken"]);
}
