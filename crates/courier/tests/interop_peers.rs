//! Notices as others receive them: mail by aiosmtpd, read by Python's own parser; webhooks by a
//! Python server that checks signatures as the documentation says.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;

use desk::account::{Account, Membership};
use desk::notice::{Delivery, DeliveryState, Endpoint, EventKind};
use desk::records::SqliteRecords;
use desk::{Desk, Versioned};
use evidence::Language;
use kanae_courier::{Courier, MailSettings, Settings, Tls};
use node::testing::{BEGINNING, World};

/// A Python program that says its port, and then a line for each thing that it gets.
struct Peer {
    child: Child,
    lines: BufReader<ChildStdout>,
    port: u16,
}

impl Peer {
    fn start(script: &str, argument: &str) -> Self {
        let python = std::env::var_os("KANAE_PEERS")
            .map(|peers| PathBuf::from(peers).join("python/bin/python"))
            .filter(|program| program.is_file())
            .expect("Python peers are missing; run `cargo xtask test interop`");
        let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../interop/python").join(script);
        let mut child =
            Command::new(python).arg(script).arg(argument).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        lines.read_line(&mut line).unwrap();
        Self { child, lines, port: line.trim().parse().expect("the peer says its port") }
    }

    fn next(&mut self) -> serde_json::Value {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn desk_of(world: &World, name: &str, language: Language) -> Desk {
    let desk = Desk::new(Arc::new(SqliteRecords::in_memory().unwrap()));
    let mut account = Account::new("hana".into(), name.into(), language, BEGINNING.parse().unwrap());
    account.email = Some("hana@example.org".into());
    let (organisation, functions) = (world.developer.id, BTreeSet::new());
    account.join(Membership { organisation, holder: None, functions });
    desk.save(&mut Versioned::new(account)).unwrap();
    desk
}

fn courier(world: &World, desk: &Desk, port: u16) -> Courier {
    let mut settings = Settings::new("https://register.example");
    settings.local_webhooks = true;
    settings.mail = Some(MailSettings {
        host: "127.0.0.1".into(),
        port,
        tls: Tls::None,
        login: None,
        from: "register@example.org".into(),
    });
    Courier::new(world.node().clone(), desk.clone(), settings).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_arrives_in_the_persons_language_once_and_nothing_becomes_a_header() {
    let world = World::start().await;
    let mut server = Peer::start("smtp_server.py", "0");
    let desk = desk_of(&world, "港\r\nBcc: everyone@example.org", Language::Ja);
    let courier = courier(&world, &desk, server.port);
    assert!(courier.round().await.unwrap());
    let mail = server.next();
    assert_eq!(mail["to"], serde_json::json!(["hana@example.org"]));
    let names: Vec<String> =
        mail["names"].as_array().unwrap().iter().map(|n| n.as_str().unwrap().to_lowercase()).collect();
    assert!(!names.contains(&"bcc".to_owned()), "{names:?}");
    assert_eq!(mail["head"]["auto-submitted"], "auto-generated");
    let subject = mail["head"]["subject"].as_str().unwrap();
    assert!(subject.starts_with("[鼎（かなえ）] "), "{subject}");
    let delivery = desk.all::<Delivery>("all", "").unwrap().remove(0);
    assert_eq!(mail["head"]["message-id"], format!("<{}@example.org>", delivery.id));
    for part in ["plain", "html"] {
        let text = mail[part].as_str().unwrap();
        assert!(text.contains("貴組織について記録されました"), "{text}");
        assert!(text.contains("https://register.example/ja/statements/"), "{text}");
        assert!(text.contains("https://register.example/ja/desk/account"), "{text}");
    }
    assert!(matches!(delivery.state, DeliveryState::Sent { .. }));
    assert!(delivery.attempts[0].answer.contains("taken"), "{:?}", delivery.attempts);
    world.clock.advance_days(1);
    assert!(courier.round().await.unwrap());
    assert_eq!(desk.all::<Delivery>("all", "").unwrap().len(), 1, "nothing new, so nothing is sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_mail_server_is_down_mail_waits_and_then_goes_out() {
    let world = World::start().await;
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let desk = desk_of(&world, "Hana", Language::En);
    let courier = courier(&world, &desk, port);
    courier.round().await.unwrap();
    let waits = desk.all::<Delivery>("open", "").unwrap();
    assert_eq!((waits.len(), waits[0].attempts.len()), (1, 1));
    let mut server = Peer::start("smtp_server.py", &port.to_string());
    courier.round().await.unwrap();
    assert_eq!(desk.all::<Delivery>("open", "").unwrap().len(), 1, "not before its time");
    world.clock.advance_millis(60_000);
    courier.round().await.unwrap();
    let mail = server.next();
    assert_eq!(mail["head"]["message-id"], format!("<{}@example.org>", waits[0].id));
    assert!(desk.all::<Delivery>("open", "").unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_verify_as_the_documentation_says_and_hold_ids_and_links_only() {
    let world = World::start().await;
    let desk = Desk::new(Arc::new(SqliteRecords::in_memory().unwrap()));
    let made = BEGINNING.parse().unwrap();
    let mut endpoint = Endpoint::new(Some(world.developer.id), "", "hana", made).unwrap();
    let mut server = Peer::start("webhook_server.py", &endpoint.secret.shown());
    endpoint.url = format!("http://127.0.0.1:{}/hook", server.port);
    endpoint.events = BTreeSet::from([EventKind::Recorded]);
    desk.save(&mut Versioned::new(endpoint)).unwrap();
    courier(&world, &desk, 1).round().await.unwrap();
    let got = server.next();
    assert_eq!(got["good"], true);
    assert_eq!(got["body"]["type"], "statement.recorded");
    assert_eq!(got["body"]["data"]["organisation"], world.developer.id.to_string());
    let delivery = desk.all::<Delivery>("all", "").unwrap();
    assert!(delivery.iter().any(|d| got["id"] == format!("msg_{}", d.id)));
    assert!(delivery.iter().all(|d| matches!(d.state, DeliveryState::Sent { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_servers_only_one_sends() {
    let world = World::start().await;
    let mut server = Peer::start("smtp_server.py", "0");
    let desk = desk_of(&world, "Hana", Language::En);
    let (one, other) = (courier(&world, &desk, server.port), courier(&world, &desk, server.port));
    assert!(one.round().await.unwrap());
    assert!(!other.round().await.unwrap());
    server.next();
    world.clock.advance_days(1);
    assert!(other.round().await.unwrap(), "a turn that nobody prolongs ends");
    assert_eq!(desk.all::<Delivery>("all", "").unwrap().len(), 1);
}
