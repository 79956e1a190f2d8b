//! The pages of notices, webhooks and deliveries, for those whom they are for.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use desk::account::{Account, Function, Membership};
use desk::notice::{Delivery, Endpoint, Event, EventKind, Told};
use desk::records::SqliteRecords;
use desk::{Desk, Versioned};
use evidence::{Digest, Language};
use kanae_portal as portal;
use node::testing::{BEGINNING, World};
use tower::ServiceExt as _;

struct Person {
    cookie: String,
    token: String,
}

struct Office {
    world: World,
    desk: Desk,
    router: axum::Router,
}

impl Office {
    async fn open() -> Self {
        let world = World::start().await;
        let desk = Desk::new(Arc::new(SqliteRecords::in_memory().unwrap()));
        let app = portal::App::new(world.node().clone()).with_desk(desk.clone());
        Self { router: portal::router(app), world, desk }
    }

    fn person(&self, id: &str, of: Option<(Digest, &[Function])>, administrator: bool) -> Person {
        let now = self.world.node().now();
        let mut account = Account::new(id.into(), id.into(), Language::En, BEGINNING.parse().unwrap());
        account.administrator = administrator;
        if let Some((organisation, functions)) = of {
            let functions = functions.iter().copied().collect();
            account.join(Membership { organisation, holder: None, functions });
        }
        self.desk.save(&mut Versioned::new(account.clone())).unwrap();
        let (session, secret) = self.desk.begin_session(&account, now).unwrap();
        Person { cookie: format!("kanae-local={}", secret.as_str()), token: session.form_token.clone() }
    }

    async fn send(&self, request: Request<Body>) -> (StatusCode, String) {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let body = to_bytes(response.into_body(), 8 << 20).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    async fn get(&self, person: &Person, path: &str) -> (StatusCode, String) {
        self.send(Request::get(path).header(header::COOKIE, &person.cookie).body(Body::empty()).unwrap())
            .await
    }

    async fn post(&self, person: &Person, path: &str, fields: &str) -> (StatusCode, String) {
        let request = Request::post(path)
            .header(header::COOKIE, &person.cookie)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(format!("form_token={}&{fields}", person.token)))
            .unwrap();
        self.send(request).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn notices_are_ones_own_and_are_marked_as_read() {
    let office = Office::open().await;
    let own = office.world.developer.id;
    let (hana, other) = (office.person("hana", Some((own, &[])), false), office.person("other", None, false));
    let account = office.desk.load::<Account>("hana").unwrap().unwrap();
    let told = Versioned::new(Told { id: "hana".into(), ..Told::default() });
    let view = office.world.node().view();
    let statement = view.register.statements().last().unwrap().statement.digest();
    let events = vec![(Some(own), Event::Asked { statement }), (Some(own), Event::Recorded { statement })];
    office.desk.tell(&account, &told, events, true, office.world.node().now()).unwrap();
    for (language, words) in [("ja", "回答を求められています"), ("en", "Your answer is asked for")]
    {
        let (status, page) = office.get(&hana, &format!("/{language}/desk/notices")).await;
        assert_eq!(status, StatusCode::OK);
        assert!(page.contains(words) && !page.contains('⟦'), "{page}");
        assert!(page.contains("class=\"unread\" href="), "the count stands beside the desk");
    }
    let (_, page) = office.get(&other, "/en/desk/notices").await;
    assert!(page.contains("There are no notices yet") && !page.contains("class=\"unread\""), "{page}");
    let id = office.desk.list::<desk::notice::Notice>("account", "hana", None, 1).unwrap()[0].id.clone();
    office.post(&other, "/en/desk/notices", &format!("read={id}")).await;
    assert_eq!(office.desk.unread("hana").unwrap(), 2, "nobody reads what is another's");
    let (status, _) = office.post(&hana, "/en/desk/notices", &format!("read={id}")).await;
    assert_eq!((status, office.desk.unread("hana").unwrap()), (StatusCode::SEE_OTHER, 1));
    office.post(&hana, "/en/desk/notices", "all=1").await;
    assert_eq!(office.desk.unread("hana").unwrap(), 0);
    // Who has left the organisation finds nothing of it any more.
    let mut account = office.desk.load::<Account>("hana").unwrap().unwrap();
    account.memberships.clear();
    office.desk.save(&mut account).unwrap();
    let (_, page) = office.get(&hana, "/en/desk/notices").await;
    assert!(!page.contains("Your answer is asked for"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_are_managed_by_who_manages_and_their_key_is_shown_once() {
    let office = Office::open().await;
    let own = office.world.developer.id;
    let manager = office.person("manager", Some((own, &[Function::Manage])), false);
    let writer = office.person("writer", Some((own, &[Function::Draft])), false);
    let foreign =
        office.person("foreign", Some((office.world.other_developer.id, &[Function::Manage])), false);
    let administrator = office.person("administrator", None, true);
    let path = "/en/desk/webhooks/minato-lab";
    for (person, status) in [
        (&manager, StatusCode::OK),
        (&writer, StatusCode::NOT_FOUND),
        (&foreign, StatusCode::NOT_FOUND),
        (&administrator, StatusCode::OK),
    ] {
        assert_eq!(office.get(person, path).await.0, status);
    }
    for url in ["http://hooks.example.org/", "https://10.0.0.1/", "https://a:b@hooks.example.org/", "no"] {
        let url = url.replace(':', "%3A").replace('/', "%2F").replace('@', "%40");
        let (status, page) = office.post(&manager, path, &format!("url={url}&event-asked=1")).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{url}");
        assert!(page.contains("error-summary"), "{url}");
    }
    let good = "url=https%3A%2F%2Fhooks.example.org%2Fkanae";
    assert_eq!(
        office.post(&manager, path, good).await.0,
        StatusCode::UNPROCESSABLE_ENTITY,
        "no event chosen"
    );
    assert_eq!(office.post(&writer, path, &format!("{good}&event-asked=1")).await.0, StatusCode::NOT_FOUND);
    let (status, page) = office.post(&manager, path, &format!("{good}&event-asked=1&event-due=1")).await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("whsec_"), "{page}");
    let (_, page) = office.get(&manager, path).await;
    assert!(page.contains("hooks.example.org") && !page.contains("whsec_"), "{page}");
    let endpoint = office.desk.all::<Endpoint>("all", "").unwrap().remove(0);
    assert_eq!(endpoint.events, BTreeSet::from([EventKind::Due, EventKind::Asked]));
    // Another organisation's page reaches it neither.
    let other = "/en/desk/webhooks/kaede-ai";
    let (status, _) = office.post(&foreign, other, &format!("remove={}", endpoint.id)).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    office.post(&manager, path, &format!("test={}", endpoint.id)).await;
    assert_eq!(office.desk.all::<Delivery>("webhook", &endpoint.id).unwrap().len(), 1);
    let (_, page) = office.get(&manager, path).await;
    assert!(page.contains("Messages of the last days") && page.contains("Waits"), "{page}");
    let (_, page) = office.get(&administrator, "/ja/desk/deliveries").await;
    assert!(page.contains("試験送信") && !page.contains('⟦'), "{page}");
    assert_eq!(office.get(&manager, "/en/desk/deliveries").await.0, StatusCode::NOT_FOUND);
    assert_eq!(office.get(&manager, "/en/desk/webhooks").await.0, StatusCode::NOT_FOUND);
    let (_, page) = office.get(&administrator, "/en/desk/webhooks").await;
    assert!(page.contains("Every new statement") && !page.contains("event-due"), "{page}");
    let (status, _) = office.post(&manager, path, &format!("remove={}", endpoint.id)).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert!(office.desk.all::<Endpoint>("all", "").unwrap().is_empty());
}
