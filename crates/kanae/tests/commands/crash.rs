//! `kill -9` at random moments while several clients submit. What the clients were told, they keep:
//! receipts and checkpoints. After each restart everything that was acknowledged is there, each kept
//! checkpoint is a beginning of the log as it is now, and the register is what a fresh fold gives.
//!
//! A killed process loses nothing that it has written, synced or not; that the sync comes before
//! the acknowledgement is `interop_strace.rs`'s to show.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use client::{Author, Client, ClientError, ComposeError, Composed, File, Options, State};
use evidence::{Digest, Envelope, Leaf, Statement, Unknown};
use ledger::{
    Checkpoint, Edge, FolderStore, LogReader, Receipt, SignedNote, VerifierKey, leaf_hash, read_checkpoint,
};
use register::{Entry, Library, Policy, Register, Signed};
use serde_json::{Value, json};

use crate::house::{DEVELOPER, House, ORIGIN, Server, files_below};

/// Rounds without `KANAE_CRASH_ROUNDS`.
const ROUNDS: u64 = 50;
/// A fresh node after so many rounds: each round folds the whole log.
const ROUNDS_OF_A_LOG: u64 = 10;
/// Clients that submit at the same time.
const CLIENTS: u64 = 4;
/// The longest that a server lives under load, and the longest that one lives which is killed
/// while it starts.
const LIFE: Duration = Duration::from_millis(200);
const BIRTH: Duration = Duration::from_millis(60);

/// SplitMix64: moments that differ from run to run, and are the same for the same seed.
struct Moments(u64);

impl Moments {
    #[expect(clippy::print_stderr, reason = "shown where the test fails, to have the moments again")]
    fn new() -> Self {
        let seed = match std::env::var("KANAE_CRASH_SEED") {
            Ok(seed) => seed.parse().expect("KANAE_CRASH_SEED is a number"),
            Err(_) => RandomState::new().hash_one("kanae"),
        };
        eprintln!("KANAE_CRASH_SEED={seed}");
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn within(&mut self, most: Duration) -> Duration {
        Duration::from_micros(self.next() % u64::try_from(most.as_micros()).unwrap())
    }
}

/// A statement that a client was told is in the log.
struct Acknowledged {
    statement: Digest,
    index: u64,
    receipt: Receipt,
}

/// A submission: statements that are recorded together or not at all.
struct Attempt {
    statements: Vec<Digest>,
    part: Digest,
    /// Nothing where the server died before it answered.
    told: Option<Vec<Acknowledged>>,
}

/// What the clients of one log keep.
#[derive(Default)]
struct Kept {
    attempts: Vec<Attempt>,
    checkpoints: BTreeMap<u64, Checkpoint>,
}

impl Kept {
    /// Keeps a checkpoint; a second one of the same size has to be the same.
    fn keep(&mut self, checkpoint: &Checkpoint) {
        let size = checkpoint.size;
        let before = &*self.checkpoints.entry(size).or_insert_with(|| checkpoint.clone());
        assert_eq!(before, checkpoint, "two histories of size {size}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_at_any_moment_keeps_what_it_acknowledged_and_never_contradicts_itself() {
    let rounds = match std::env::var("KANAE_CRASH_ROUNDS") {
        Ok(rounds) => rounds.parse().expect("KANAE_CRASH_ROUNDS is a number"),
        Err(_) => ROUNDS,
    };
    let mut moments = Moments::new();
    let (mut submissions, mut unanswered) = (0, 0);
    for first in (0..rounds).step_by(usize::try_from(ROUNDS_OF_A_LOG).unwrap()) {
        let kept = play(first..rounds.min(first + ROUNDS_OF_A_LOG), &mut moments).await;
        submissions += kept.attempts.len();
        unanswered += kept.attempts.iter().filter(|attempt| attempt.told.is_none()).count();
    }
    println!("{rounds} kills, {submissions} submissions, {unanswered} of them unanswered");
    assert!(unanswered > 0, "no kill came while somebody submitted: the test shows nothing");
}

/// Plays rounds with one log, and has a stranger audit it at the end.
async fn play(rounds: std::ops::Range<u64>, moments: &mut Moments) -> Kept {
    let house = House::new();
    let trust = house.path("trust-from-the-first-day.json");
    std::fs::copy(house.path("node/trust.json"), &trust).unwrap();
    let mut server = house.serve();
    house.furnish(&server);
    let mut kept = Kept::default();
    for round in rounds {
        let already = kept.attempts.len();
        let life = moments.within(LIFE);
        server = live_and_die(&house, server, round, life, &mut kept).await;
        if moments.next().is_multiple_of(5) {
            server.kill();
            stillborn(&house, moments.within(BIRTH));
            server = house.serve();
        }
        check(&house, &server, &kept, already, round).await;
    }
    // Once more over everything that was ever kept of this log.
    check(&house, &server, &kept, 0, u64::MAX).await;
    server.kill();
    let trust = trust.to_str().unwrap();
    house.done(&["audit", "node/log", "--trust", trust]);
    kept
}

/// Lets clients submit to a server until it is killed, and starts it again.
async fn live_and_die(house: &House, server: Server, round: u64, life: Duration, kept: &mut Kept) -> Server {
    let dying = Arc::new(AtomicBool::new(false));
    let mut clients = tokio::task::JoinSet::new();
    for number in 0..CLIENTS {
        let author = house.author(&server, "minato");
        clients.spawn(submit(author, format!("r{round}-c{number}"), dying.clone()));
    }
    let watch = tokio::spawn(watch(house.client(&server, None)));
    tokio::time::sleep(life).await;
    dying.store(true, Ordering::SeqCst);
    server.kill();
    while let Some(attempts) = clients.join_next().await {
        kept.attempts.extend(attempts.unwrap());
    }
    let key = log_key(house);
    for note in watch.await.unwrap() {
        let note = SignedNote::parse(&note).unwrap();
        kept.keep(&Checkpoint::open(&note, ORIGIN, std::slice::from_ref(&key)).unwrap());
    }
    house.serve()
}

/// Starts a server and kills it before it has said anything.
fn stillborn(house: &House, age: Duration) {
    let mut command = house.command(&["serve", "--data", "node", "--listen", "127.0.0.1:0"]);
    let mut child = command.stdout(std::process::Stdio::null()).spawn().unwrap();
    std::thread::sleep(age);
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Submits models, each in one batch with its first version, until the server is gone.
async fn submit(author: Author, name: String, dying: Arc<AtomicBool>) -> Vec<Attempt> {
    let mut attempts = Vec::new();
    for number in 0.. {
        let composed = match model_and_version(&author, &format!("{name}-{number}")).await {
            Ok(composed) => composed,
            Err(ComposeError::Client(error)) => return ended(attempts, &error, &dying),
            Err(error) => panic!("{error}"),
        };
        let mut attempt = Attempt {
            statements: composed.iter().map(Composed::digest).collect(),
            part: composed[0].parts[0].commitment(),
            told: None,
        };
        match author.submit(&composed).await {
            Ok(outcomes) => {
                let told = outcomes.into_iter().map(|outcome| match outcome.state {
                    State::Recorded { index, receipt, .. } => Acknowledged {
                        statement: outcome.statement,
                        index,
                        receipt: Receipt::parse(receipt.as_bytes()).unwrap(),
                    },
                    State::Waiting { .. } => panic!("an accepted developer's statement waits"),
                });
                attempt.told = Some(told.collect());
                attempts.push(attempt);
            }
            Err(error) => {
                attempts.push(attempt);
                return ended(attempts, &error, &dying);
            }
        }
    }
    attempts
}

/// Nothing but the server's death may end the submissions.
fn ended(attempts: Vec<Attempt>, error: &ClientError, dying: &AtomicBool) -> Vec<Attempt> {
    assert!(dying.load(Ordering::SeqCst), "before anybody killed the server: {error}");
    assert!(matches!(error, ClientError::Unreachable { .. } | ClientError::Interrupted { .. }), "{error}");
    attempts
}

async fn model_and_version(author: &Author, slug: &str) -> Result<Vec<Composed>, ComposeError> {
    let body = json!({"slug": slug, "names": {"en": slug}, "description": {"en": "A model."}});
    let card = File {
        name: "card.txt".into(),
        media_type: "text/plain".into(),
        bytes: slug.as_bytes().to_vec(),
        restricted: None,
    };
    let options = Options { attachments: vec![card], ..Options::default() };
    let model = author.compose("model", DEVELOPER, body, options).await?;
    let body = json!({"slug": "first", "releasedOn": "2026-11-01"});
    let version =
        author.compose("model-version", &model.digest().to_string(), body, Options::default()).await?;
    Ok(vec![model, version])
}

/// Keeps every checkpoint that the server shows, until it is gone.
async fn watch(client: Client) -> Vec<Vec<u8>> {
    let mut notes = Vec::new();
    while let Ok(Some(note)) = client.fetch("checkpoint").await {
        if notes.last() != Some(&note) {
            notes.push(note);
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    notes
}

fn log_key(house: &House) -> VerifierKey {
    std::fs::read_to_string(house.path("node/log.vkey")).unwrap().trim().parse().unwrap()
}

/// Checks the log as it is published, and the server that shows it, against what was kept from the
/// attempt `since` on.
async fn check(house: &House, server: &Server, kept: &Kept, since: usize, round: u64) {
    let store = FolderStore::open(house.path("node/log")).unwrap();
    let key = log_key(house);
    let (now, _) = read_checkpoint(&store, ORIGIN, std::slice::from_ref(&key)).unwrap();
    let mut reader = LogReader::open(store, now.head()).unwrap();

    for (size, checkpoint) in &kept.checkpoints {
        assert!(*size <= now.size, "round {round}: the log has shrunk from {size} to {}", now.size);
        assert_eq!(reader.root_at(*size).unwrap(), checkpoint.root, "round {round}: another history");
    }
    let acknowledged = || kept.attempts[since..].iter().flat_map(|attempt| attempt.told.iter().flatten());
    for told in acknowledged() {
        let leaf = told.receipt.extra.as_deref().unwrap();
        assert_eq!(reader.leaf_hash_at(told.index).unwrap(), leaf_hash(leaf), "round {round}: an entry lost");
        let shown = told.receipt.verify(leaf, ORIGIN, std::slice::from_ref(&key)).unwrap();
        assert_eq!(reader.root_at(shown.size).unwrap(), shown.root, "round {round}: another history");
    }

    let fold = fold(house, &mut reader, now.size);
    for attempt in &kept.attempts {
        let there = attempt.statements.iter().filter(|s| fold.recorded(s).is_some()).count();
        assert!(there == 0 || there == attempt.statements.len(), "round {round}: half a batch");
        assert!(attempt.told.is_none() || there > 0, "round {round}: an acknowledged batch lost");
        let part = house.path("node/log/part").join(attempt.part.to_string());
        assert_eq!(part.exists(), there > 0, "round {round}: an attachment without its statement, or lost");
    }

    let client = house.client(server, None);
    let state = client.log().await.unwrap();
    assert_eq!((state.size, *state.root.as_bytes()), (now.size, *now.root.as_bytes()), "round {round}");
    for told in acknowledged() {
        assert_eq!(client.statement(&told.statement).await.unwrap().index, told.index, "round {round}");
    }
    assert_eq!(
        register_of(server, &house.http).await,
        register_from(&fold),
        "round {round}: the register differs"
    );
}

/// Folds the published log with nothing but what is in it.
fn fold(house: &House, reader: &mut LogReader<FolderStore>, size: u64) -> Register {
    let log = house.path("node/log");
    let mut library = Library::default();
    let policies: BTreeSet<_> =
        std::fs::read_dir(log.join("blob")).unwrap().map(|e| e.unwrap().path()).collect();
    for folder in policies {
        let files = files_below(&folder).into_iter().filter(|(name, _)| name != "index");
        let files = files.map(|(name, path)| (name, std::fs::read(path).unwrap())).collect();
        library.add_policy(Policy::load(&files).unwrap());
    }
    let (mut register, mut edge) = (Register::new(ORIGIN), Edge::new());
    let mut seen = HashSet::new();
    for entry in reader.entries(0..size) {
        let (_, bytes) = entry.unwrap();
        assert!(edge.push(leaf_hash(&bytes)));
        let leaf = Leaf::parse(&bytes).unwrap();
        let Leaf::Public(public) = &leaf else { panic!("nothing here is restricted") };
        assert!(seen.insert(public.statement), "recorded twice: {}", public.statement);
        let envelope = std::fs::read(log.join("envelope").join(public.statement.to_string())).unwrap();
        let envelope = Envelope::parse(&envelope).unwrap();
        let statement = Statement::parse(envelope.payload(), Unknown::Refuse).unwrap();
        let content = Some(Signed { statement: &statement, envelope: &envelope });
        let root = Digest::from_bytes(edge.root().0);
        let (next, refusal) = register.with(&Entry { leaf: &leaf, content, root }, &library);
        assert_eq!(refusal, None);
        register = next;
    }
    register
}

/// Statements, organisations and models of the register: index and digest.
type Contents = [Vec<(u64, Digest)>; 3];

fn register_from(fold: &Register) -> Contents {
    let at = |id: &Digest| (fold.recorded(id).unwrap().index, *id);
    let mut contents = [
        fold.statements().map(|s| (s.index, s.statement.digest())).collect::<Vec<_>>(),
        fold.organisations().map(|o| at(&o.id)).collect(),
        fold.models().map(|m| at(&m.id)).collect(),
    ];
    for list in &mut contents {
        list.sort();
    }
    contents
}

/// Reads the register as the server shows it, page by page.
async fn register_of(server: &Server, http: &reqwest::Client) -> Contents {
    let mut contents = Contents::default();
    for (list, name) in contents.iter_mut().zip(["statements", "organisations", "models"]) {
        let mut next = Some(format!("/api/v1/{name}?limit=100"));
        while let Some(address) = next {
            let answer = http.get(format!("{}{address}", server.url)).send().await.unwrap();
            let page: Value = answer.json().await.unwrap();
            list.extend(page["items"].as_array().unwrap().iter().map(|item| {
                (item["index"].as_u64().unwrap(), item["digest"].as_str().unwrap().parse().unwrap())
            }));
            next = page["next"].as_str().map(str::to_owned);
        }
        list.sort();
    }
    contents
}
