//! Several servers whose desk is in one PostgreSQL: everyone is told once.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use desk::account::{Account, Membership};
use desk::notice::{Channel, Delivery, DeliveryState, Endpoint, Event, Notice};
use desk::records::PostgresRecords;
use desk::{Desk, Versioned};
use evidence::Language;
use kanae_courier::{Courier, Settings};
use node::postgres::Address;
use node::testing::{BEGINNING, Cluster, World};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

/// A webhook that counts how often each message comes, and answers as fast as it is let.
struct Sink {
    port: u16,
    heard: Arc<Mutex<BTreeMap<String, u32>>>,
    answers: Arc<Semaphore>,
}

impl Sink {
    async fn start(answers: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let sink = Self { port, heard: Arc::default(), answers: Arc::new(Semaphore::new(answers)) };
        let (heard, answers) = (Arc::clone(&sink.heard), Arc::clone(&sink.answers));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (heard, answers) = (Arc::clone(&heard), Arc::clone(&answers));
                tokio::spawn(async move {
                    let mut request = Vec::new();
                    while !request.ends_with(b"}") {
                        if stream.read_buf(&mut request).await.unwrap_or(0) == 0 {
                            return;
                        }
                    }
                    let text = String::from_utf8_lossy(&request).into_owned();
                    let name = text.lines().find_map(|line| line.strip_prefix("webhook-id: ")).unwrap();
                    *heard.lock().unwrap().entry(name.to_owned()).or_default() += 1;
                    answers.acquire().await.unwrap().forget();
                    let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await;
                });
            }
        });
        sink
    }

    fn heard(&self) -> usize {
        self.heard.lock().unwrap().len()
    }

    fn heard_each_once(&self) -> bool {
        self.heard.lock().unwrap().values().all(|count| *count == 1)
    }
}

/// One server: a desk with connections of its own, and a courier.
fn server(world: &World, database: &Address) -> (Desk, Courier) {
    let desk = Desk::new(Arc::new(PostgresRecords::open(database).unwrap()));
    let mut settings = Settings::new("https://register.example");
    settings.local_webhooks = true;
    (desk.clone(), Courier::new(world.node().clone(), desk, settings).unwrap())
}

/// Queues messages to the sink.
fn queue(world: &World, desk: &Desk, sink: &Sink, count: usize) {
    let now = world.clock.now();
    let url = format!("http://127.0.0.1:{}/hook", sink.port);
    let mut endpoint = Endpoint::new(None, "", "hana", now).unwrap();
    endpoint.url = url;
    endpoint.events = BTreeSet::new();
    let id = endpoint.id.clone();
    desk.save(&mut Versioned::new(endpoint)).unwrap();
    for _ in 0..count {
        let channel = Channel::Webhook { endpoint: id.clone(), event: Event::Test };
        desk.save(&mut Versioned::new(Delivery::new(channel, None, now).unwrap())).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn servers_that_make_their_rounds_at_once_send_everything_once() {
    let world = World::start().await;
    let database = Cluster::shared().new_database();
    let sink = Sink::start(1_000).await;
    let (desk, first) = server(&world, &database);
    queue(&world, &desk, &sink, 40);
    let mut account = Account::new("hana".into(), "Hana".into(), Language::En, BEGINNING.parse().unwrap());
    account.join(Membership { organisation: world.developer.id, holder: None, functions: BTreeSet::new() });
    desk.save(&mut Versioned::new(account)).unwrap();
    let mut rounds = tokio::task::JoinSet::new();
    for courier in [first, server(&world, &database).1, server(&world, &database).1] {
        rounds.spawn(async move {
            let mut turns = 0;
            for _ in 0..5 {
                turns += u32::from(courier.round().await.unwrap());
            }
            turns
        });
    }
    let turns: u32 = rounds.join_all().await.into_iter().sum();
    assert!(turns > 0);
    assert_eq!(sink.heard(), 40);
    assert!(sink.heard_each_once(), "{:?}", sink.heard.lock().unwrap());
    assert!(desk.all::<Delivery>("open", "").unwrap().is_empty());
    let notices = desk.all::<Notice>("account", "hana").unwrap();
    let told: BTreeSet<String> = notices.iter().map(|notice| format!("{:?}", notice.event)).collect();
    assert!(!notices.is_empty() && told.len() == notices.len(), "{notices:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_server_that_stalls_while_it_sends_is_overtaken_and_nothing_goes_out_twice() {
    let world = World::start().await;
    let database = Cluster::shared().new_database();
    let sink = Sink::start(0).await;
    let (desk, stalled) = server(&world, &database);
    queue(&world, &desk, &sink, 5);
    let stalled = tokio::spawn(async move { stalled.round().await.unwrap() });
    while sink.heard() == 0 {
        tokio::task::yield_now().await;
    }
    // Its turn has ended, and it does not know it.
    world.clock.advance_millis(4 * 60_000);
    let other = server(&world, &database).1;
    let other = tokio::spawn(async move { other.round().await.unwrap() });
    while sink.heard() == 1 {
        tokio::task::yield_now().await;
    }
    sink.answers.add_permits(100);
    assert!(stalled.await.unwrap() && other.await.unwrap());
    assert_eq!(sink.heard(), 5);
    assert!(sink.heard_each_once(), "{:?}", sink.heard.lock().unwrap());
    let all = desk.all::<Delivery>("all", "").unwrap();
    assert!(all.iter().all(|delivery| matches!(delivery.state, DeliveryState::Sent { .. })), "{all:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_begin_a_delivery_one_does() {
    let world = World::start().await;
    let database = Cluster::shared().new_database();
    let sink = Sink::start(0).await;
    let desks: Vec<Desk> = (0..4).map(|_| server(&world, &database).0).collect();
    queue(&world, &desks[0], &sink, 10);
    let now = world.clock.now();
    let begun: Vec<String> = std::thread::scope(|scope| {
        let begin = |desk: &Desk| {
            let due = desk.due_deliveries(now).unwrap().into_iter();
            due.filter_map(|mut delivery| {
                desk.begin_delivery(&mut delivery, now).unwrap().then(|| delivery.id.clone())
            })
            .collect::<Vec<_>>()
        };
        let threads: Vec<_> = desks.iter().map(|desk| scope.spawn(move || begin(desk))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(begun.len(), 10);
    assert_eq!(begun.iter().collect::<BTreeSet<_>>().len(), 10);
}
