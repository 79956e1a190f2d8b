//! How the register's pages answer at 100,000 statements of 1,000 organisations and 200 requests a
//! second; how long a start takes, and how much memory.
//!
//! The statements are recorded in a whole node, every one signed, judged and published. The node is
//! opened again, and served on this machine. Requests are sent at their time, whether or not earlier
//! ones were answered, and each is measured from that time. `KANAE_STATEMENTS` and `KANAE_SECONDS` set
//! other numbers.
#![expect(clippy::print_stdout, reason = "a benchmark's table is its result")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use evidence::predicate::{Example as _, Model, Notification, PublicReport, WeightsProtection};
use evidence::{Algorithm, Digest, Envelope, Predicate, SecretKey, Texts};
use futures::StreamExt as _;
use kanae_portal as portal;
use node::Submission;
use node::testing::{Actor, World};

#[path = "common/words.rs"]
mod words;

use words::{Chance, JA};

const STATEMENTS: u64 = 100_000;
const ORGANISATIONS: u64 = 1_000;
const SECONDS: u64 = 10;
/// Requests a second.
const RATE: u64 = 200;
/// Statements in one submission.
const BATCH: usize = 60;
/// What the slowest of a hundred answers may take, and of searches.
const LIMIT: Duration = Duration::from_millis(20);
const SEARCH_LIMIT: Duration = Duration::from_millis(50);

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let mut world = runtime.block_on(World::start());
    runtime.block_on(world.adopt_regime("eu-gpai", &[]));
    let start = Instant::now();
    let statement = runtime.block_on(fill(&world, number("KANAE_STATEMENTS", STATEMENTS)));
    let entries = world.node().view().head.size;
    println!("machine: {} cores, load average {}", cores(), load());
    println!("{entries} entries recorded in {:.0} s", start.elapsed().as_secs_f64());
    world.stop();
    let before = memory();
    let start = Instant::now();
    world.open();
    println!(
        "opened and folded, every signature verified, in {:.1} s; {} MiB more memory",
        start.elapsed().as_secs_f64(),
        memory().saturating_sub(before)
    );
    let url = runtime.block_on(serve(&world));
    // The client has a thread of its own, and is not served by those of the server.
    std::thread::spawn(move || measure(&url, statement)).join().expect("the client");
    println!("memory at the end: {} MiB, the client's included", memory());
}

async fn serve(world: &World) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let app = portal::App::new(world.node().clone());
    tokio::spawn(portal::serve(listener, app, std::future::pending()));
    url
}

// ── What is recorded ────────────────────────────────────────────────────────────────────────────

/// Records statements until there are so many entries; returns one of the last.
async fn fill(world: &World, wanted: u64) -> Digest {
    let mut chance = Chance(1);
    let mut models = Vec::new();
    for number in 0..ORGANISATIONS.min(wanted / 10) {
        let (batch, actor, model) = developer(world, number, &mut chance);
        world.submit(batch).await.expect("a developer is accepted");
        models.push((actor, model));
    }
    let mut left = wanted.saturating_sub(world.node().view().head.size);
    let mut last = models[0].1;
    while left > 0 {
        let mut batches = Vec::new();
        for _ in 0..4 {
            let count = BATCH.min(usize::try_from(left).expect("few"));
            let batch: Vec<Submission> = (0..count).map(|_| filing(world, &models, &mut chance)).collect();
            left -= u64::try_from(count).expect("few");
            if let Some(submission) = batch.last() {
                last = digest_of(submission);
            }
            batches.push(batch);
        }
        let submitting = futures::stream::iter(batches.into_iter().filter(|batch| !batch.is_empty()))
            .map(|batch| world.submit(batch))
            .buffer_unordered(4);
        submitting.for_each(async |done| drop(done.expect("recorded"))).await;
    }
    last
}

fn digest_of(submission: &Submission) -> Digest {
    evidence::sha256(Envelope::parse(&submission.envelope).expect("an envelope").payload())
}

fn filing(world: &World, models: &[(Actor, Digest)], chance: &mut Chance) -> Submission {
    let (actor, model) = &models[chance.below(models.len())];
    let body: Predicate = match chance.below(3) {
        0 => Notification { grounds: chance.texts(), facts: Vec::new(), arguments: None }.into(),
        1 => WeightsProtection { measures: chance.texts(), ..WeightsProtection::example() }.into(),
        _ => PublicReport { capabilities: chance.texts(), ..PublicReport::example() }.into(),
    };
    let mut draft = world.draft(actor, body, *model);
    draft.common.regime = Some("eu-gpai".parse().expect("a slug"));
    world.sign(actor, draft)
}

fn developer(world: &World, number: u64, chance: &mut Chance) -> (Vec<Submission>, Actor, Digest) {
    let mut seed = [7; 32];
    seed[..8].copy_from_slice(&number.to_be_bytes());
    let key = SecretKey::from_seed(Algorithm::Ed25519, &seed).expect("a usable seed");
    let mut actor = Actor {
        slug: format!("developer-{number}").parse().expect("a slug"),
        id: Digest::from_bytes([0; 32]),
        holders: vec![("office".parse().expect("a slug"), key)],
    };
    let registration = world.registration(&actor);
    actor.id = digest_of(&registration);
    let grant = world.role_grant("developer", None);
    let grant = world.sign(&world.authority, world.draft(&world.authority, grant, actor.id));
    let names = Texts::both(format!("{}{number}号", JA[chance.below(24)]), format!("Model {number}"));
    let model = Model { slug: format!("model-{number}").parse().expect("a slug"), names, ..Model::example() };
    let model = world.sign(&actor, world.draft(&actor, model, actor.id));
    let digest = digest_of(&model);
    (vec![registration, grant, model], actor, digest)
}

// ── What is asked ───────────────────────────────────────────────────────────────────────────────

fn measure(url: &str, statement: Digest) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    // The client installs the cryptography that reqwest asks for.
    client::Client::new(url, None).expect("a client");
    let http = reqwest::Client::builder().build().expect("a client");
    let style = runtime.block_on(style_of(&http, url));
    let searches = ["安全性", "東京都12", "verification", "developre-7"];
    let searches = searches.map(|word| format!("/en/register?kind=statements&q={}", encoded(word)));
    let pages: Vec<(&str, Vec<String>)> = vec![
        ("a static file", vec![style]),
        ("home", vec!["/en/".into(), "/ja/".into()]),
        ("search", searches.to_vec()),
        ("list of statements", vec!["/en/register?kind=statements".into()]),
        ("list of organisations", vec!["/en/register?kind=organisations".into()]),
        ("organisation", (0..40).map(|n| format!("/en/organisations/developer-{n}")).collect()),
        ("model", (0..40).map(|n| format!("/en/models/developer-{n}/model-{n}")).collect()),
        ("statement", vec![format!("/en/statements/{statement}")]),
        ("feed", vec!["/en/feed.atom".into()]),
        ("API: statements", vec!["/api/v1/statements?limit=50".into()]),
    ];
    let start = Instant::now();
    let first = runtime.block_on(ask(&http, &format!("{url}{}", pages[2].1[0])));
    println!("first search after the start: {:.1} s ({first} bytes)", start.elapsed().as_secs_f64());
    println!("\n{RATE} requests/s, {} s each; load average {}", number("KANAE_SECONDS", SECONDS), load());
    println!("page                        p50 ms    p99 ms    slowest   p99 / static file");
    let mut all = Vec::new();
    let mut baseline = None;
    for (name, paths) in &pages {
        let paths: Vec<String> = paths.iter().map(|path| format!("{url}{path}")).collect();
        // What is kept at hand is at hand for a page that is asked for at all.
        for path in &paths {
            runtime.block_on(ask(&http, path));
        }
        let times = runtime.block_on(open_loop(&http, &paths));
        let p99 = row(name, &times, baseline);
        baseline.get_or_insert(p99);
        all.extend(paths);
        let limit = if *name == "search" { SEARCH_LIMIT } else { LIMIT };
        if p99 > limit {
            println!("    BEYOND the aim of {} ms", limit.as_millis());
        }
    }
    let times = runtime.block_on(open_loop(&http, &all));
    row("all of them mixed", &times, baseline);
}

/// Prints the figures of a page; returns what 99 of a hundred answers did not exceed.
fn row(name: &str, times: &[Duration], baseline: Option<Duration>) -> Duration {
    let ms = |time: Duration| time.as_secs_f64() * 1000.0;
    let at = |share: usize| times[(times.len() * share / 100).min(times.len() - 1)];
    let ratio = baseline.map_or(String::new(), |base| format!("{:.1}", ms(at(99)) / ms(base)));
    println!(
        "{name:<25} {:>8.2}  {:>8.2}  {:>9.2}   {ratio:>6}",
        ms(at(50)),
        ms(at(99)),
        ms(*times.last().expect("requests"))
    );
    at(99)
}

/// Sends requests at their times; returns how long each took from then on, sorted.
async fn open_loop(http: &reqwest::Client, urls: &[String]) -> Vec<Duration> {
    let count = RATE * number("KANAE_SECONDS", SECONDS);
    let between = Duration::from_secs(1) / u32::try_from(RATE).expect("few");
    let start = tokio::time::Instant::now() + between;
    let urls: Arc<[String]> = urls.into();
    let mut asked = Vec::new();
    for nth in 0..count {
        let due = start + between * u32::try_from(nth).expect("few");
        tokio::time::sleep_until(due).await;
        let (http, urls) = (http.clone(), Arc::clone(&urls));
        asked.push(tokio::spawn(async move {
            let nth = usize::try_from(nth).expect("few");
            ask(&http, &urls[nth % urls.len()]).await;
            due.elapsed()
        }));
    }
    let mut times = Vec::new();
    for one in asked {
        times.push(one.await.expect("an answer"));
    }
    times.sort();
    times
}

async fn ask(http: &reqwest::Client, url: &str) -> usize {
    let answer = http.get(url).send().await.expect("an answer");
    assert!(answer.status().is_success(), "{url}: {}", answer.status());
    answer.bytes().await.expect("a body").len()
}

async fn style_of(http: &reqwest::Client, url: &str) -> String {
    let home = http.get(format!("{url}/en/")).send().await.expect("an answer").text().await.expect("a page");
    let style = home.split("rel=\"stylesheet\" href=\"").nth(2).expect("a style sheet");
    style.split('"').next().expect("an address").to_owned()
}

fn encoded(word: &str) -> String {
    url::form_urlencoded::byte_serialize(word.as_bytes()).collect()
}

// ── The machine ─────────────────────────────────────────────────────────────────────────────────

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

fn load() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or("unknown").to_owned()
}

/// Returns this process's memory in MiB.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or_default() / 1024
}
