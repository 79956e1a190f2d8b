//! Who may go where: written by hand. When a cell changes, first ask which of the two is right.

use desk::account::Function;
use evidence::predicate::{Example as _, Model};

use super::{Browser, Site};

/// The people of the matrix, in the order of its columns.
struct People {
    anyone: Browser,
    alone: Browser,
    reader: Browser,
    drafter: Browser,
    manager: Browser,
    rival: Browser,
    officer: Browser,
    handler: Browser,
    administrator: Browser,
}

impl People {
    fn of(site: &Site) -> Self {
        let world = &site.world;
        let (developer, rival, authority) =
            (world.developer.id, world.other_developer.id, world.authority.id);
        let both: &[Function] = &[Function::Draft, Function::Manage];
        let now = world.node().now();
        let id = site.desk.new_id(now).unwrap();
        let mut administrator = desk::Account::new(id, "administrator".into(), evidence::Language::En, now);
        administrator.administrator = true;
        Self {
            anyone: Browser::default(),
            alone: site.member("alone", None),
            reader: site.member("reader", Some((developer, None, &[]))),
            drafter: site.member("drafter", Some((developer, None, &[Function::Draft]))),
            manager: site.member("manager", Some((developer, None, both))),
            rival: site.member("rival", Some((rival, None, both))),
            officer: site.member("officer", Some((authority, Some("officer-1"), both))),
            handler: site.member("handler", Some((authority, None, &[Function::Tips]))),
            administrator: site.sign_in(administrator),
        }
    }

    fn all(&self) -> [&Browser; 9] {
        [
            &self.anyone,
            &self.alone,
            &self.reader,
            &self.drafter,
            &self.manager,
            &self.rival,
            &self.officer,
            &self.handler,
            &self.administrator,
        ]
    }
}

#[tokio::test]
async fn pages_let_in_whom_they_should() {
    let site = Site::start().await;
    let people = People::of(&site);
    let world = &site.world;
    let model = world.record(&world.developer, Model::example(), world.developer.id).await;
    let draft = site.draft("public-report", world.developer.id, model, &people.drafter);
    let act = site.draft("designation", world.authority.id, model, &people.officer);
    let code = site.desk.take_tip(world.authority.id, "something", world.node().now()).unwrap();
    let tip = site.desk.tip_of(&code).unwrap().unwrap().id.clone();
    // anyone, alone, reader, drafter, manager, rival, officer, handler, administrator
    let table: Vec<(String, [u16; 9])> = vec![
        ("/en/desk".into(), [303, 200, 200, 200, 200, 200, 200, 200, 200]),
        ("/en/desk/account".into(), [303, 200, 200, 200, 200, 200, 200, 200, 200]),
        ("/en/desk/admin".into(), [303, 404, 404, 404, 404, 404, 404, 404, 200]),
        ("/en/desk/file".into(), [303, 200, 200, 200, 200, 200, 200, 200, 200]),
        ("/en/desk/file/public-report".into(), [303, 404, 404, 200, 200, 200, 404, 404, 404]),
        ("/en/desk/file/designation".into(), [303, 404, 404, 404, 404, 404, 200, 404, 404]),
        ("/en/desk/file/node-genesis".into(), [303, 404, 404, 404, 404, 404, 404, 404, 404]),
        ("/en/desk/members/minato-lab".into(), [303, 404, 200, 200, 200, 404, 404, 404, 200]),
        ("/en/desk/members/nobody".into(), [303, 404, 404, 404, 404, 404, 404, 404, 404]),
        (format!("/en/desk/drafts/{draft}"), [303, 404, 200, 200, 200, 404, 404, 404, 404]),
        (
            format!("/en/desk/drafts/{draft}/questions/capabilities"),
            [303, 404, 403, 200, 200, 404, 404, 404, 404],
        ),
        (format!("/en/desk/drafts/{draft}/files"), [303, 404, 403, 200, 200, 404, 404, 404, 404]),
        (format!("/en/desk/drafts/{draft}/check"), [303, 404, 403, 200, 200, 404, 404, 404, 404]),
        (format!("/en/desk/drafts/{act}"), [303, 404, 404, 404, 404, 404, 200, 200, 404]),
        ("/en/desk/tips".into(), [303, 404, 404, 404, 404, 404, 404, 200, 404]),
        (format!("/en/desk/tips/{tip}"), [303, 404, 404, 404, 404, 404, 404, 200, 404]),
        ("/en/desk/disclosure-requests".into(), [303, 404, 404, 404, 404, 404, 200, 404, 404]),
        ("/en/desk/consultations".into(), [303, 200, 200, 200, 200, 200, 200, 200, 200]),
        ("/en/disclosure-requests".into(), [200; 9]),
        ("/en/tips".into(), [200; 9]),
        ("/en/sign-in".into(), [200, 303, 303, 303, 303, 303, 303, 303, 303]),
    ];
    let mut wrong = Vec::new();
    for (path, expected) in table {
        for (browser, expected) in people.all().into_iter().zip(expected) {
            let answer = site.get(browser, &path).await;
            if answer.status != expected {
                wrong.push(format!("{path}: {} got {}, expected {expected}", browser.account, answer.status));
            }
            if answer.status == 303 && path != "/en/sign-in" {
                assert!(answer.header("location").starts_with("/en/sign-in?next="), "{path}");
            }
            if browser.cookie.is_some() {
                assert_eq!(answer.header("cache-control"), "private, no-store", "{path}");
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn what_is_not_for_someone_looks_like_what_is_not_there() {
    let site = Site::start().await;
    let people = People::of(&site);
    let world = &site.world;
    let model = world.record(&world.developer, Model::example(), world.developer.id).await;
    let draft = site.draft("public-report", world.developer.id, model, &people.drafter);
    let hidden = site.get(&people.rival, &format!("/en/desk/drafts/{draft}")).await;
    let absent = site.get(&people.rival, &format!("/en/desk/drafts/{}", "0".repeat(32))).await;
    assert_eq!(hidden.status, absent.status);
    let without = |text: &str, id: &str| text.replace(id, "ID");
    assert_eq!(without(&hidden.text, &draft), without(&absent.text, &"0".repeat(32)));
}

#[tokio::test]
async fn forms_change_only_what_their_sender_may_change() {
    let site = Site::start().await;
    let people = People::of(&site);
    let world = &site.world;
    let model = world.record(&world.developer, Model::example(), world.developer.id).await;
    let draft = site.draft("public-report", world.developer.id, model, &people.drafter);
    let base = format!("/en/desk/drafts/{draft}");
    let answer: &[(&str, &str)] = &[("capabilities.en", "Writes.")];
    // anyone, alone, reader, drafter, manager, rival, officer, handler, administrator
    for (path, fields, expected) in [
        (format!("{base}/questions/capabilities"), answer, [303, 404, 403, 303, 303, 404, 404, 404, 404]),
        (base.clone(), &[("remark", "Well done.")][..], [303, 404, 303, 303, 303, 404, 404, 404, 404]),
        (base.clone(), &[("withdraw", "1")], [303, 404, 403, 303, 303, 404, 404, 404, 404]),
        (
            "/en/desk/members/minato-lab".into(),
            &[("name", "x")],
            [303, 404, 403, 403, 200, 404, 404, 404, 200],
        ),
        (
            "/en/desk/admin".into(),
            &[("account", "x"), ("do", "shut")],
            [303, 404, 404, 404, 404, 404, 404, 404, 404],
        ),
    ] {
        for (browser, expected) in people.all().into_iter().zip(expected) {
            let answer = site.post(browser, &path, fields).await;
            assert_eq!(answer.status, expected, "{path} by {browser:?}: {}", answer.text);
            if browser.cookie.is_none() {
                assert!(answer.header("location").contains("/sign-in"), "{path}");
            }
        }
    }
    let kept = site.desk.load::<desk::Draft>(&draft).unwrap().unwrap();
    assert_eq!(kept.remarks.len(), 3, "the reader, the drafter and the manager");
}
