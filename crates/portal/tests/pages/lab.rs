//! The policy lab: what it asks, what it says for known cases, and what it says where it cannot read.

use axum::http::StatusCode;

use crate::{get, live, text_of};

/// A large general-purpose model on the Union's market.
const LARGE: &str = "f.general_purpose=true&f.placed_on_union_market=true&f.modifies_model=false&f.generates_media=true&f.compute_updates=5e25&f.compute_cumulative=5e25";

#[tokio::test(flavor = "multi_thread")]
async fn the_interview_asks_only_what_still_matters() {
    let (_cycle, router) = live().await;
    let start = get(&router, "/en/lab/apply").await;
    assert_eq!(start.status, StatusCode::OK);
    assert!(start.body.contains("name=\"v\" value=\"all\""));
    // An answer leads to its canonical address, and that to the next question.
    let answer = get(&router, "/en/lab/apply?answer=law&v=eu-gpai").await;
    assert_eq!(answer.location.as_deref(), Some("/en/lab/apply?law=eu-gpai"));
    let mut address = answer.location.unwrap();
    let mut asked = Vec::new();
    while let Some(key) = key_of(&get(&router, &address).await.body) {
        assert!(!asked.contains(&key), "{key} is asked twice: {asked:?}");
        let value = match key.as_str() {
            "placed_on_union_market" => "v=false",
            key if key.starts_with("set.") => "v=open",
            _ => "unknown=yes",
        };
        let join = if address.contains('?') { '&' } else { '?' };
        let answer = get(&router, &format!("{address}{join}answer={key}&{value}")).await;
        let answer = match answer.location {
            Some(next) => next,
            None => get(&router, &format!("{address}{join}answer={key}&v=unknown")).await.location.unwrap(),
        };
        address = answer;
        asked.push(key);
        assert!(asked.len() < 60, "{asked:?}");
    }
    assert!(asked.contains(&"placed_on_union_market".to_owned()), "{asked:?}");
    let facts = 60;
    assert!(asked.len() < facts, "{}", asked.len());
}

/// Returns what the form on a page asks for.
fn key_of(page: &str) -> Option<String> {
    let rest = page.split("name=\"answer\" value=\"").nth(1)?;
    rest.split('"').next().map(str::to_owned)
}

#[tokio::test(flavor = "multi_thread")]
async fn open_points_are_asked_about_where_an_answer_hangs_on_them() {
    let (_cycle, router) = live().await;
    // Not of a law that is not in force yet, nor before it is clear who is covered.
    let all = "/en/lab/apply?law=all&set.jp-basic-law-2024=open";
    assert_eq!(key_of(&get(&router, all).await.body).as_deref(), Some("compute_cumulative"));
    for law in ["us-ny-raise", "kr-ai-basic-act"] {
        let key = key_of(&get(&router, &format!("/en/lab/apply?law={law}&at=2026-12-01")).await.body);
        assert_ne!(key, Some(format!("set.{law}")));
    }
    // What is answered with yes or no comes before a figure that matters in one of the two cases only.
    let first = key_of(&get(&router, "/en/lab/apply?law=eu-gpai").await.body);
    assert_eq!(first.as_deref(), Some("general_purpose"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reasons_lead_down_to_the_answers() {
    let (_cycle, router) = live().await;
    let page = get(&router, &format!("/en/lab/apply?law=eu-gpai&{LARGE}&view=result")).await.body;
    let text = text_of(&page);
    assert!(text.contains("Why the law covers it, as computed"), "{text}");
    assert!(text.contains("Your answer"), "{text}");
    assert!(!text.contains("Nobody has stated it yet"), "{text}");
    assert!(page.contains("10<sup>25</sup> FLOP"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_meet_names_not_ids() {
    let (_cycle, router) = live().await;
    for law in ["jp-basic-law-2024", "eu-gpai", "us-ca-sb53", "kr-ai-basic-act"] {
        let page = get(&router, &format!("/ja/laws/{law}")).await.body;
        // The rules as data, and the names in them, stand behind a summary of their own.
        // So do what a lawyer is to check, and the law tests, in the language of whoever wrote them.
        let ours = page.split("<h2 id=\"tests\"").next().unwrap().split("<h2 id=\"lawyers\"").next().unwrap();
        let mut pieces = ours.split("<code");
        let first = pieces.next().unwrap_or_default().to_owned();
        let shown = pieces.fold(first, |shown, piece| shown + piece.split_once("</code>").unwrap().1);
        let text = text_of(&shown);
        for id in [
            "compute_threshold",
            "objection",
            "compliance-report",
            "safety-verification",
            "条件：true",
            "Art. 55(1)",
        ] {
            assert!(!text.contains(id), "{law}: {id}: {text}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_that_cannot_be_is_named_in_the_form_and_the_rest_is_kept() {
    let (_cycle, router) = live().await;
    let page = get(&router, "/en/lab/incident?i.death=true&i.discovered_at=2120-01-01T10:00").await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert!(page.body.contains("<a href=\"#i-discovered_at\">This lies in the future"), "{}", page.body);
    assert!(page.body.contains("value=\"2120-01-01T10:00\" aria-invalid=\"true\""));
    assert!(page.body.contains("name=\"i.death\" value=\"true\" checked"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_known_case_is_told_with_its_duties_and_their_articles() {
    let (_cycle, router) = live().await;
    let page = get(&router, &format!("/en/lab/apply?law=eu-gpai&{LARGE}&view=result")).await;
    let text = text_of(&page.body);
    assert!(text.contains("covered"), "{text}");
    assert!(text.contains("Art. 52(1)"), "{text}");
    assert!(text.contains("neither stored nor logged"), "{text}");
    let page = get(&router, &format!("/ja/lab/apply?law=eu-gpai&{LARGE}&view=result")).await;
    assert!(text_of(&page.body).contains("対象"), "{}", text_of(&page.body));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_that_is_left_open_is_not_settled() {
    let (_cycle, router) = live().await;
    let path = "/en/lab/apply?law=jp-basic-law-2024&set.jp-basic-law-2024=open&view=result";
    let text = text_of(&get(&router, path).await.body);
    assert!(text.contains("draft: it is not law"), "{text}");
    assert!(text.contains("the law is not settled"), "{text}");
    assert!(text.contains("The law itself leaves open"), "{text}");
    let asked = get(&router, "/en/lab/apply?law=jp-basic-law-2024").await.body;
    assert_eq!(key_of(&asked).as_deref(), Some("set.jp-basic-law-2024"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_answer_is_named_at_its_field_and_kept() {
    let (_cycle, router) = live().await;
    let path = "/en/lab/apply?law=eu-gpai&answer=compute_cumulative&low=2e25&high=1e25";
    let page = get(&router, path).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        page.body.contains("<a href=\"#high\">“At most” must be the same as or more than “at least”</a>")
    );
    assert!(page.body.contains("value=\"2e25\"") && page.body.contains("value=\"1e25\""));
    let empty = get(&router, "/ja/lab/apply?law=eu-gpai&answer=general_purpose").await;
    assert!(empty.body.contains("「分からない」も答えになります"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_cannot_be_read_says_what_to_do() {
    let (_cycle, router) = live().await;
    let long = format!("apply?law={}", "x".repeat(9000));
    for (path, says) in [
        ("apply?law=nowhere", "There is no such law here"),
        ("apply?f.training_computee=1", "No law here asks for this"),
        ("apply?law=all&law=all", "It stands in the address twice"),
        ("apply?f.compute_cumulative=much", "Write a figure such as"),
        ("apply?at=tomorrow", "Write a day such as"),
        ("apply?at=9999-01-01", "Write a day such as"),
        ("apply?set.jp-basic-law-2024=mine", "There is no such setting"),
        (long.as_str(), "holds more than this page reads"),
        ("incident?i.death=perhaps", "Choose one of the answers"),
        ("incident?i.discovered_at=soon", "Write a day and a time"),
        ("incident?i.discovered_at=2120-01-01", "This lies in the future"),
        ("incident?zone=Mars/Olympus", "There is no such time zone"),
        ("incident?zone=Europe/Brussels&i.discovered_at=2026-03-29T02:30", "clocks were moved"),
        ("matrix?model=minato-lab/nothing", "There is no such model"),
        ("matrix?s.nothing=2026-01-01", "No law here asks for this"),
        ("apply?%3Cscript%3E=1", "&#60;script&#62;"),
    ] {
        let page = get(&router, &format!("/en/lab/{path}")).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{path}");
        assert!(page.body.contains(says), "{path}: {}", text_of(&page.body));
        assert!(!page.body.contains("<script>"), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn stolen_weights_without_injury_are_told_to_one_and_not_to_the_other() {
    let (_cycle, router) = live().await;
    let facts = "f.general_purpose=true&f.broad_data=true&f.adaptable=true&f.modifies_model=false&f.compute_cumulative=1e27&f.offered_in_california=true&f.annual_revenue_usd=1e9";
    let none = "i.death=false&i.bodily_injury=false&i.catastrophic_harm=false&i.deception=false&i.loss_of_control=false";
    let happened = "i.weights_accessed=true&i.discovered_at=2026-11-20T10:00&zone=America/Los_Angeles";
    let path = format!("/en/lab/incident?law=us-ca-sb53&{facts}&{none}&{happened}");
    let quiet = text_of(&get(&router, &path).await.body);
    assert!(quiet.contains("nobody must be told"), "{quiet}");
    let path = path.replace("i.bodily_injury=false", "i.bodily_injury=true");
    let told = text_of(&get(&router, &path).await.body);
    assert!(told.contains("B&P 22757.13(c)(1)"), "{told}");
    assert!(told.contains("California time") && told.contains("owed"), "{told}");
    // What is left out stays open, and the answer that would settle it is named.
    let path = path.replace("i.bodily_injury=true&", "");
    let open = text_of(&get(&router, &path).await.body);
    assert!(open.contains("What would settle the rest") && open.contains("undetermined"), "{open}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_report_serves_several_laws() {
    let (cycle, router) = live().await;
    let page = text_of(&get(&router, "/en/lab/matrix?model=minato-lab/wakaba").await.body);
    assert!(page.contains("Which statement serves what"), "{page}");
    assert!(page.contains("Vulnerability"), "{page}");
    // Long after every deadline nothing is said of a named organisation that nobody has signed.
    cycle.world.clock.advance_days(400);
    let page = text_of(&get(&router, "/en/lab/matrix?model=minato-lab/wakaba").await.body).to_lowercase();
    for word in ["overdue", "the day has passed", "unmet", "violat", "breach"] {
        assert!(!page.contains(word), "{word}: {page}");
    }
    let json = get(&router, "/api/v1/lab/matrix?model=minato-lab/wakaba").await.body;
    assert!(json.contains("\"open\"") && !json.contains("appears_unmet"), "{json}");
    // What serves one law may serve another.
    assert!(json.contains("\"reusable\""), "{json}");
    // A visitor's own facts name nobody.
    let path = format!(
        "/en/lab/matrix?law=eu-gpai&{LARGE}&f.threshold_known_at=2026-01-10&s.documentation=2026-02-01"
    );
    let page = get(&router, &path).await;
    assert!([StatusCode::OK, StatusCode::BAD_REQUEST].contains(&page.status), "{}", page.status);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_can_be_saved_for_tools_of_compliance_and_asked_for_by_letter() {
    let (_cycle, router) = live().await;
    let oscal = get(&router, &format!("/api/v1/lab/apply?law=eu-gpai&{LARGE}&format=oscal")).await;
    assert!(oscal.body.contains("\"assessment-results\""), "{}", oscal.body);
    let several = get(&router, "/api/v1/lab/apply?law=all&format=oscal").await;
    assert_eq!(several.status, StatusCode::BAD_REQUEST);
    assert!(several.body.contains("takes one law"), "{}", several.body);
    let page = get(&router, "/en/lab/apply?law=eu-gpai&f.general_purpose=true&view=result").await;
    assert!(text_of(&page.body).contains("a letter with these questions"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_of_the_lab_has_its_twin_as_data() {
    let (_cycle, router) = live().await;
    for (page, marks) in [
        ("apply", ["\"assessment\"", "\"next\""]),
        ("incident", ["\"duties\"", "\"laws\""]),
        ("matrix", ["\"rows\"", "\"laws\""]),
    ] {
        let query = format!("law=eu-gpai&{LARGE}");
        let html = get(
            &router,
            &format!("/en/lab/{page}?{query}&{}", if page == "apply" { "view=result" } else { "" }),
        )
        .await;
        assert_eq!(html.status, StatusCode::OK, "{page}");
        assert!(html.body.contains(&format!("/api/v1/lab/{page}?law=eu-gpai")), "{page}");
        let json = get(&router, &format!("/api/v1/lab/{page}?{query}")).await;
        assert_eq!(json.status, StatusCode::OK, "{page}: {}", json.body);
        for mark in marks {
            assert!(json.body.contains(mark), "{page}: {mark}");
        }
        let csv = get(&router, &format!("/api/v1/lab/{page}?{query}&format=csv")).await;
        assert!(csv.body.contains("law,duty,ja,en,article"), "{page}: {}", csv.body);
        let wrong = get(&router, &format!("/api/v1/lab/{page}?{query}&format=pdf")).await;
        assert_eq!(wrong.status, StatusCode::BAD_REQUEST, "{page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_voluntary_code_applies_to_those_who_join() {
    let (_cycle, router) = live().await;
    // Of one code, joining is asked first; of all laws, it can be said from the list.
    let one = get(&router, "/ja/lab/apply?law=g7-hiroshima").await.body;
    assert_eq!(key_of(&one).as_deref(), Some("joined.g7-hiroshima"));
    assert!(text_of(&one).contains("任意：参加する者に適用"), "{}", text_of(&one));
    let all = get(&router, "/en/lab/apply?law=all&view=result").await.body;
    assert!(text_of(&all).contains("voluntary: applies to those who join"), "{}", text_of(&all));
    assert!(all.contains("ask=joined.seoul-commitments"), "{all}");
    // The answer stands in the address, and the code applies.
    let answer = "/en/lab/apply?law=g7-hiroshima&answer=joined.g7-hiroshima&v=2026-02-01&with.reporting=true";
    let told = get(&router, answer).await.location.unwrap();
    assert_eq!(
        told,
        "/en/lab/apply?law=g7-hiroshima&joined.g7-hiroshima=2026-02-01&joined.g7-hiroshima.reporting=true"
    );
    assert_ne!(key_of(&get(&router, &told).await.body).as_deref(), Some("joined.g7-hiroshima"));
    let covered = text_of(&get(&router, &format!("{told}&f.advanced_ai=true&view=result")).await.body);
    assert!(covered.contains("\ncovered\n") && covered.contains("since 1 February 2026"), "{covered}");
    // Nothing that a visitor says is an entry of the register.
    assert!(!covered.contains("entry 0") && !covered.contains("Entry 0"), "{covered}");
    // Not to have joined is an answer.
    let not = "/en/lab/apply?law=seoul-commitments&answer=joined.seoul-commitments&unknown=yes";
    let not = get(&router, not).await.location.unwrap();
    assert_eq!(not, "/en/lab/apply?law=seoul-commitments&joined.seoul-commitments=no");
    let page = get(&router, &not).await.body;
    assert_eq!(key_of(&page), None);
    assert!(text_of(&page).contains("not joined"), "{}", text_of(&page));
    for (query, says) in [
        ("answer=joined.g7-hiroshima", "Write a day such as"),
        ("answer=joined.g7-hiroshima&v=2120-01-01", "This lies in the future"),
    ] {
        let page = get(&router, &format!("/en/lab/apply?law=g7-hiroshima&{query}")).await.body;
        assert!(text_of(&page).contains(says), "{query}: {}", text_of(&page));
    }
    for wrong in ["joined.eu-gpai=2026-01-01", "joined.g7-hiroshima=soon", "joined.g7-hiroshima.x=true"] {
        let page = get(&router, &format!("/en/lab/apply?law=all&{wrong}")).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{wrong}");
    }
    // The matrix and the incident take it too.
    let path = "law=g7-hiroshima&joined.g7-hiroshima=2026-02-01&f.advanced_ai=true";
    let matrix = text_of(&get(&router, &format!("/en/lab/matrix?{path}")).await.body);
    assert!(matrix.contains("Hiroshima") && matrix.contains("still to come"), "{matrix}");
    let incident = text_of(&get(&router, &format!("/en/lab/incident?{path}&i.death=true")).await.body);
    assert!(incident.contains("One duty to tell someone"), "{incident}");
}

#[tokio::test(flavor = "multi_thread")]
async fn local_time_names_its_zone() {
    let (_cycle, router) = live().await;
    let facts = "f.general_purpose=true&f.broad_data=true&f.adaptable=true&f.modifies_model=false&f.compute_cumulative=1e27&f.offered_in_california=true&f.annual_revenue_usd=1e9";
    let happened = "i.bodily_injury=true&i.weights_accessed=true&i.discovered_at=2026-11-20T10:00";
    let path = format!("lab/incident?law=us-ca-sb53&{facts}&{happened}");
    let en = text_of(&get(&router, &format!("/en/{path}")).await.body);
    assert!(en.contains("(California time, PST, UTC−8)"), "{en}");
    let ja = text_of(&get(&router, &format!("/ja/{path}")).await.body);
    assert!(ja.contains("カリフォルニア時間、PST、UTC−8"), "{ja}");
}
