//! What is restricted: who reads it, where it does not show, and who is told that it was read.

use desk::account::Function;
use evidence::predicate::{Example as _, InformationRequest, Model, PublicReport};
use evidence::{Digest, Visibility};
use node::testing::{World, signed, statement_of};

use super::{Browser, Site};

const SECRET: &str = "Which cluster holds the weights?";

struct Case {
    site: Site,
    /// A restricted request of the authority to the developer.
    request: Digest,
    /// A public report of the developer with a restricted attachment.
    report: Digest,
    attachment: Digest,
    developer: Browser,
    rival: Browser,
    officer: Browser,
}

impl Case {
    async fn new() -> Self {
        let site = Site::start().await;
        let world = &site.world;
        world.adopt_regime("eu-gpai", &[]).await;
        let model = world.record(&world.developer, Model::example(), world.developer.id).await;
        let mut body = InformationRequest { addressee: None, ..InformationRequest::example() };
        body.questions[0].text.en = Some(SECRET.into());
        let mut draft = world.draft(&world.authority, body, model);
        draft.common.regime = Some("eu-gpai".parse().unwrap());
        World::restrict(&mut draft);
        let request = world.record_draft(&world.authority, draft).await;
        let mut draft = world.draft(&world.developer, PublicReport::example(), model);
        draft.common.regime = Some("eu-gpai".parse().unwrap());
        let part = World::attach(&mut draft, "method.txt", b"how exactly", Visibility::Restricted);
        let attachment = part.commitment();
        let submission = signed(draft, &[world.developer.key()], vec![part]);
        let report = statement_of(&submission).digest();
        world.submit(vec![submission]).await.unwrap();
        let member = |name, of: Digest| site.member(name, Some((of, None, &[Function::Draft][..])));
        let developer = member("developer", world.developer.id);
        let rival = member("rival", world.other_developer.id);
        let officer = member("officer", world.authority.id);
        Self { site, request, report, attachment, developer, rival, officer }
    }
}

/// The address of a statement as an organisation reads it.
fn page(organisation: &str, statement: &Digest) -> String {
    format!("/en/desk/as/{organisation}/statements/{statement}")
}

#[tokio::test]
async fn what_is_restricted_is_read_by_those_whom_it_concerns_and_by_nobody_else() {
    let case = Case::new().await;
    let (site, request) = (&case.site, &case.request);
    let own = site.get(&case.developer, &page("minato-lab", request)).await;
    assert_eq!(own.status, 200);
    assert!(own.text.contains(SECRET) && own.text.contains("Trade secret"), "with its ground");
    assert_eq!(own.header("cache-control"), "private, no-store");
    let home = site.get(&case.developer, "/en/desk").await;
    assert!(home.text.contains(&page("minato-lab", request)), "it stands among the tasks");

    let absent = page("kaede-ai", &evidence::sha256(b"nothing"));
    let absent = site.get(&case.rival, &absent).await;
    for path in [
        page("kaede-ai", request),
        page("minato-lab", request),
        format!("{}.json", page("kaede-ai", request)),
        format!("{}.tlog-proof", page("kaede-ai", request)),
        format!("{}/parts/{}", page("kaede-ai", &case.report), case.attachment),
    ] {
        let hidden = site.get(&case.rival, &path).await;
        assert_eq!(hidden.status, 404, "{path}");
        let bare = |text: &str| text.replace(path.as_str(), "").replace(&request.to_string(), "");
        assert_eq!(bare(&hidden.text).len(), bare(&absent.text).len(), "{path}");
    }
    for path in ["", ".json", ".tlog-proof"] {
        let path = format!("{}{path}", page("minato-lab", request));
        assert_eq!(site.get(&case.developer, &path).await.status, 200, "{path}");
        let answer = site.get(&Browser::default(), &path).await;
        assert_eq!(answer.status, 303, "{path}: whoever is not signed in is asked to");
    }
    for path in [
        format!("/en/statements/{request}"),
        "/en/register?kind=statements&q=cluster".into(),
        "/en/models/minato-lab/wakaba".into(),
        "/api/v1/export/statements.jsonl".into(),
        "/en/feed.atom".into(),
    ] {
        let answer = site.get(&Browser::default(), &path).await;
        assert!(!answer.text.contains(SECRET), "{path}");
        if path != format!("/en/statements/{request}") {
            assert!(!answer.text.contains(&request.to_string()), "{path}");
        }
    }
    let dossier = site.get(&case.officer, "/en/desk/as/authority/models/minato-lab/wakaba").await;
    assert_eq!(dossier.status, 200);
    assert!(dossier.text.contains(&page("authority", request)), "{}", dossier.text);
}

#[tokio::test]
async fn reading_is_written_down_and_told_to_whose_it_is_unless_a_tip_is_open() {
    let case = Case::new().await;
    let site = &case.site;
    let part = |slug: &str| format!("{}/parts/{}", page(slug, &case.report), case.attachment);
    let own = page("minato-lab", &case.report);
    // A dossier draws on the report, and not on what hangs on it.
    let dossier = "/en/desk/as/authority/models/minato-lab/wakaba";
    assert_eq!(site.get(&case.officer, dossier).await.status, 200);
    let before = site.get(&case.developer, &own).await;
    assert!(before.text.contains("No other organisation has read it yet."), "{before:?}");

    let answer = site.get(&case.officer, &part("authority")).await;
    assert_eq!((answer.status, answer.text.as_str()), (200, "how exactly"));
    assert!(answer.header("content-disposition").starts_with("attachment"));
    assert_eq!(site.get(&case.developer, &part("minato-lab")).await.status, 200);
    let authority = "/en/desk/as/minato-lab/organisations/authority";
    let told = |text: &str| text.split("Who has read this").nth(1).is_some_and(|end| end.contains(authority));
    assert!(told(&site.get(&case.developer, &own).await.text));

    let code = site.desk.take_tip(site.world.authority.id, "It is elsewhere.", site.world.node().now());
    let mut tip = site.desk.tip_of(&code.unwrap()).unwrap().unwrap();
    tip.about = Some(site.world.developer.id);
    site.desk.save(&mut tip).unwrap();
    assert!(!told(&site.get(&case.developer, &own).await.text), "while a tip about it is open");
    tip.closed = true;
    site.desk.save(&mut tip).unwrap();
    assert!(told(&site.get(&case.developer, &own).await.text));
    // Others may read the report, and not who else reads it.
    let other = site.get(&case.officer, &page("authority", &case.report)).await;
    assert!(!other.text.contains("Who has read this"));
}
