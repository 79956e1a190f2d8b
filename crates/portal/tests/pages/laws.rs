//! The laws, side by side and tried out, as a reader gets them.

use axum::http::StatusCode;
use kanae_portal as portal;
use node::Node;
use node::testing::{World, shipped};

use super::{get, live, text_of};

#[tokio::test(flavor = "multi_thread")]
async fn every_law_at_hand_is_listed_with_its_force() {
    let (_cycle, router) = live().await;
    let text = text_of(&get(&router, "/en/laws").await.body);
    for title in
        ["EU AI Act", "SB 53", "RAISE Act", "Basic Law", "Hiroshima", "Korea", "China", "Frontier AI Safety"]
    {
        assert!(text.contains(title), "{title}: {text}");
    }
    assert!(text.contains("enacted: in force from 1 January 2027"), "{text}");
    assert!(text.contains("draft: not law"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_law_is_shown_as_it_stood_on_a_day_with_what_has_changed() {
    let (_cycle, router) = live().await;
    let page = get(&router, "/en/laws/eu-gpai?as_of=2026-07-01").await.body;
    let text = text_of(&page);
    assert!(text.contains("As it stands on 1 July 2026"), "{text}");
    assert!(text.contains("other than today"), "{text}");
    assert!(page.contains("/ja/laws/eu-gpai?as_of=2026-07-01"), "the other language shows the same day");
    assert!(page.contains("/api/v1/regimes/eu-gpai?as_of=2026-07-01"));
    let today = text_of(&get(&router, "/en/laws/eu-gpai").await.body);
    assert!(!today.contains("other than today"), "{today}");
    let text = text_of(&get(&router, "/en/laws/us-ny-raise?as_of=2027-01-01").await.body);
    assert!(!text.contains("enacted: in force from"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_that_is_none_says_how_to_write_one() {
    let (_cycle, router) = live().await;
    let page = get(&router, "/en/laws/eu-gpai?as_of=%3Cb%3E").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("<a href=\"#as_of\">“&lt;b&gt;” is not a day. Write it as in 2026-11-24."));
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_stand_in_the_texts_that_fix_them() {
    let (_cycle, router) = live().await;
    let page = get(&router, "/en/laws/eu-gpai").await.body;
    assert!(page.contains("<b>10<sup>25</sup> FLOP</b>"));
    assert!(!text_of(&page).contains('{'), "a figure is missing");
    let text = text_of(&page);
    assert!(text.contains("What a lawyer must check") && text.contains("all come out as expected"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_figure_shows_old_and_new_with_the_models_that_it_touches() {
    let (_cycle, router) = live().await;
    let path = "/en/lab/simulate?law=eu-gpai&goal=class:systemic-risk&p.systemic_compute=1e24";
    let text = text_of(&get(&router, path).await.body);
    assert!(text.contains("New and old side by side"), "{text}");
    assert!(text.contains("10 24 FLOP") || text.contains("1024 FLOP"), "{text}");
    assert!(text.contains("Figures") && text.contains("Duties that change"), "{text}");
    let plain = text_of(&get(&router, "/en/lab/simulate?law=eu-gpai").await.body);
    assert!(!plain.contains("New and old side by side"), "{plain}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_figure_is_a_band_and_never_one_number() {
    let (_cycle, router) = live().await;
    let path = "/en/lab/simulate?law=jp-basic-law-2024&base=illustration&s.compute_threshold=1e25%20FLOP";
    let answer = get(&router, path).await;
    let text = text_of(&answer.body);
    assert!(text.contains("At least 20, at most 207 of 473 models"), "{text}");
    assert!(answer.body.contains("class=\"area-undetermined\""));
    assert!(text.contains("draft: not law"), "{text}");
    let open = text_of(&get(&router, "/en/lab/simulate?law=jp-basic-law-2024&base=open").await.body);
    assert!(open.contains("At least 0, at most 473 of 473 models"), "{open}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_shows_all_points_leaves_open_what_it_leaves_empty() {
    let (_cycle, router) = live().await;
    let path = "/en/lab/simulate?law=jp-basic-law-2024&base=illustration&given=1";
    let text = text_of(&get(&router, path).await.body);
    assert!(text.contains("At least 0, at most 473 of 473 models"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_settings_say_at_the_field_what_to_do() {
    let (_cycle, router) = live().await;
    for (query, field, says) in [
        ("p.systemic_compute=many", "p-systemic_compute", "is not a number in FLOP. Write it as in 1e25."),
        ("as_of=yesterday", "as_of", "Write it as in 2026-11-24."),
        ("from=1e27&to=1e23", "from", "the smaller one first"),
        ("from=1e23&to=1e300", "from", "or from 10−12 to 1040"),
        ("points=100000", "points", "from 2 to 200"),
        ("goal=class:none", "goal", "Choose one from the list."),
        ("dial=none", "dial", "Choose one from the list."),
        ("base=none", "base", "Choose one of those named."),
        ("nonsense=1", "nonsense", "Take it out of the address."),
        ("s.nothing=1", "s-nothing", "Take it out of the address."),
    ] {
        let answer = get(&router, &format!("/en/lab/simulate?law=eu-gpai&{query}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
        assert!(answer.body.contains(&format!("href=\"#{field}\"")), "{query}");
        assert!(text_of(&answer.body).contains(says), "{query}: {}", text_of(&answer.body));
        let twin = get(&router, &format!("/api/v1/lab/simulate?law=eu-gpai&{query}")).await;
        assert_eq!(twin.status, StatusCode::BAD_REQUEST, "{query}");
    }
    let unknown = get(&router, "/en/lab/simulate?law=none").await;
    assert_eq!(unknown.status, StatusCode::BAD_REQUEST);
    let long = get(&router, &format!("/en/lab/simulate?from={}", "9".repeat(300))).await;
    assert_eq!(long.status, StatusCode::BAD_REQUEST);
}

#[tokio::test(flavor = "multi_thread")]
async fn laws_stand_side_by_side_with_the_models_that_they_answer_differently() {
    let (_cycle, router) = live().await;
    let path = "/en/lab/compare?a=eu-gpai&b=us-ca-sb53&c=jp-basic-law-2024:strict";
    let text = text_of(&get(&router, path).await.body);
    for part in
        ["The answers differ for", "Certainly different", "Strict", "SB 53", "notification", "draft: not law"]
    {
        assert!(text.to_lowercase().contains(&part.to_lowercase()), "{part}: {text}");
    }
    let wrong = get(&router, "/en/lab/compare?a=eu-gpai:strict").await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    assert!(wrong.body.contains("href=\"#a\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_chart_shows_can_be_downloaded() {
    let (_cycle, router) = live().await;
    let query = "law=us-ca-sb53&points=5";
    let sweep = get(&router, &format!("/api/v1/lab/simulate.csv?{query}&of=sweep")).await.body;
    assert_eq!(sweep.lines().count(), 6, "{sweep}");
    assert!(sweep.starts_with("value,unit,models_covered_at_least,models_covered_at_most"), "{sweep}");
    let models = get(&router, &format!("/api/v1/lab/simulate.csv?{query}&of=models")).await.body;
    assert_eq!(models.matches("\r\n").count(), 474);
    let chart = get(&router, &format!("/api/v1/lab/simulate.svg?{query}&of=sweep")).await.body;
    assert!(chart.starts_with("<svg ") && chart.contains("xmlns=\"http://www.w3.org/2000/svg\""), "{chart}");
    let twin = get(&router, &format!("/api/v1/lab/simulate?{query}")).await.body;
    let twin: serde_json::Value = serde_json::from_str(&twin).unwrap();
    assert_eq!(twin["answer"]["models"].as_array().unwrap().len(), 473);
    assert_eq!(twin["answer"]["sweep"]["points"].as_array().unwrap().len(), 5);
    let both = get(&router, "/api/v1/lab/compare.csv?a=eu-gpai&b=us-ca-sb53").await.body;
    assert!(both.starts_with("model,developers,published,eu-gpai,us-ca-sb53\r\n"), "{both}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_law_can_be_tried_out() {
    let (_cycle, router) = live().await;
    for law in [
        "cn-labelling",
        "eu-gpai",
        "g7-hiroshima",
        "jp-ai-promotion-act-2025",
        "jp-basic-law-2024",
        "kr-ai-basic-act",
        "seoul-commitments",
        "us-ca-sb53",
        "us-il-sb315",
        "us-ny-raise",
    ] {
        for language in ["ja", "en"] {
            for path in
                [format!("lab/simulate?law={law}"), format!("lab/compare?a={law}"), format!("laws/{law}")]
            {
                let answer = get(&router, &format!("/{language}/{path}")).await;
                assert_eq!(answer.status, StatusCode::OK, "{path}");
                assert!(!answer.body.contains('⟦'), "{path}: {}", answer.body.split('⟦').nth(1).unwrap());
            }
        }
        let twin = get(&router, &format!("/api/v1/regimes/{law}?as_of=2026-01-01")).await;
        assert_eq!(twin.status, StatusCode::OK, "{law}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_law_to_come_is_tried_out_as_of_its_first_day() {
    let (_cycle, router) = live().await;
    let law = text_of(&get(&router, "/en/laws/us-ny-raise").await.body);
    assert!(law.contains("enacted: in force from 1 January 2027") && !law.contains("\nin force\n"), "{law}");
    assert!(law.contains("applied as it will stand on 1 January 2027"), "{law}");
    let tried = get(&router, "/en/lab/simulate?law=us-ny-raise").await.body;
    assert!(tried.contains("name=\"as_of\" value=\"2027-01-01\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn conditions_are_said_in_sentences() {
    let (_cycle, router) = live().await;
    let en = get(&router, "/en/laws/eu-gpai").await.body;
    let ja = get(&router, "/ja/laws/eu-gpai").await.body;
    assert!(
        en.contains("the cumulative training compute is more than 10<sup>25</sup> FLOP"),
        "{}",
        text_of(&en)
    );
    assert!(ja.contains("が10<sup>25</sup> FLOPを超える"), "{}", text_of(&ja));
    assert!(en.contains("the higher of 3&nbsp;% of the worldwide turnover"), "{}", text_of(&en));
    for law in ["eu-gpai", "jp-basic-law-2024", "us-ny-raise", "kr-ai-basic-act", "cn-labelling"] {
        for language in ["ja", "en"] {
            let page = get(&router, &format!("/{language}/laws/{law}")).await.body;
            // Rules as data keep their signs; they stand in code. So do notes for lawyers, below.
            let page = page.split("<h2 id=\"lawyers\"").next().unwrap().to_owned() + "</main>";
            let shown: String =
                page.split("<code").map(|piece| piece.split("</code>").last().unwrap()).collect();
            let text = text_of(&shown);
            for sign in ["が次に含まれる：", " かつ ", " != ", " = '", " >= ", " >= ", " ≥ ", "not ("]
            {
                assert!(!text.contains(sign), "{language}/{law}: {sign}: {text}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_long_is_folded_and_every_link_of_the_page_has_its_target_in_view() {
    let (_cycle, router) = live().await;
    for language in ["ja", "en"] {
        let page = get(&router, &format!("/{language}/laws/jp-basic-law-2024")).await.body;
        let main = page.split("<main").nth(1).unwrap().split("</main>").next().unwrap();
        // What stands outside every closed part.
        let (mut depth, mut open) = (0_usize, String::new());
        for piece in main.split('<') {
            match piece.split(['>', ' ']).next().unwrap() {
                "details" => depth += 1,
                "/details" => depth -= 1,
                _ if depth == 0 => open.push_str(piece),
                _ => {}
            }
        }
        let targets = main.split("href=\"#").skip(1).map(|rest| rest.split('"').next().unwrap());
        for target in targets {
            assert!(open.contains(&format!("id=\"{target}\"")), "{language}: #{target} is folded or missing");
        }
        assert!(!open.contains("table class=\"data\""), "{language}: a table is not folded");
        assert!(open.matches("section class=\"article\"").count() > 10);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_in_another_language_than_the_page_say_so() {
    let (_cycle, router) = live().await;
    let ja = get(&router, "/ja/laws/eu-gpai").await.body;
    assert!(ja.contains("<span lang=\"en\">Regulation (EU) 2024/1689, Arts 51-56"), "the source");
    assert!(ja.contains("<th scope=\"row\"><span lang=\"en\">"), "a law test");
    assert!(ja.contains("<h3 lang=\"en\">What a lawyer must check</h3>"), "the README");
    let en = get(&router, "/en/laws/jp-ai-promotion-act-2025").await.body;
    assert!(en.contains("<span lang=\"ja\">人工知能関連技術の研究開発"), "the source");
    assert!(en.contains("<h3 lang=\"ja\">出典と確かさ</h3>"), "the README");
    assert!(!get(&router, "/en/laws/eu-gpai").await.body.contains("<span lang=\"en\">Regulation"));
    assert!(get(&router, "/en/laws/kr-ai-basic-act").await.body.contains("<span lang=\"ko\">"));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_penalties_that_the_settings_leave_are_compared() {
    let (_cycle, router) = live().await;
    let of = |preset: &str| format!("/en/lab/compare?a=jp-basic-law-2024:{preset}");
    let open = text_of(&get(&router, &of("open")).await.body);
    assert!(open.contains("Surcharge of a fixed amount") && open.contains("Administrative fine"), "{open}");
    let eu = text_of(&get(&router, &of("eu-like")).await.body);
    assert!(eu.contains("Surcharge: the higher of"), "{eu}");
    assert!(!eu.contains("Surcharge of a fixed amount") && !eu.contains("Criminal penalty"), "{eu}");
    let light = text_of(&get(&router, &of("light")).await.body);
    assert!(!light.contains("Surcharge"), "{light}");
    // What an event brings about stays: nothing is known of events.
    let law = text_of(&get(&router, "/en/lab/compare?a=us-ny-raise").await.body);
    assert!(law.contains("Civil penalty"), "{law}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_condition_of_any_form_is_said() {
    let world = World::born();
    let mut shipped = shipped();
    let seoul = shipped
        .regimes
        .iter_mut()
        .find(|files| files["regime.toml"].windows(6).any(|bytes| bytes == b"\"seoul"));
    let rules = seoul.unwrap().get_mut("rules.toml").unwrap();
    rules.extend_from_slice(
        b"\n[class.odd]\narticle = \"Commitments\"\nauxiliary = true\ntext.ja = \"\xe5\xa5\x87\"\ntext.en = \"Odd\"\n\
        when = \"not (frontier_model = false or false) and (frontier_model or true) = true and as_of != 2024-05-21\"\n",
    );
    let node = Node::open(&world.data(), shipped, world.clock.clock()).unwrap();
    let router = portal::router(portal::App::new(node));
    for language in ["en", "ja"] {
        let page = get(&router, &format!("/{language}/laws/seoul-commitments")).await;
        assert_eq!(page.status, StatusCode::OK);
        let text = text_of(&page.body);
        let at = text.find(if language == "en" { "Odd" } else { "\u{5947}" }).unwrap();
        insta::assert_snapshot!(
            format!("odd_condition_{language}"),
            text[at..].lines().take(8).collect::<Vec<_>>().join("\n")
        );
    }
}
