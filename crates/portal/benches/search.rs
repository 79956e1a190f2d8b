//! How long a search takes over 100,000 statements of 1,000 organisations, and looking back.
//!
//! The register is made in memory, every statement signed and judged. Each search is measured over many
//! rounds; the slowest of a hundred counts. `KANAE_STATEMENTS` sets another number.
#![expect(clippy::print_stdout, reason = "a benchmark's table is its result")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use evidence::predicate::{Example as _, Model, Notification, PublicReport, WeightsProtection};
use evidence::{
    Algorithm, Digest, Envelope, Leaf, Predicate, PublicLeaf, SecretKey, Statement, Texts, Unknown,
};
use node::Submission;
use node::testing::{Actor, World};
use register::index::{Index, Query};
use register::{Entry, History, Library, Register, Signed};

#[path = "common/words.rs"]
mod words;

use words::{Chance, JA};

const STATEMENTS: u64 = 100_000;
const ORGANISATIONS: u64 = 1_000;
const ROUNDS: usize = 100;
/// What a search may take.
const LIMIT: Duration = Duration::from_millis(50);

struct Made {
    register: Register,
    library: Arc<Library>,
}

impl Made {
    fn record(&mut self, submission: &Submission) -> Digest {
        let envelope = Envelope::parse(&submission.envelope).expect("an envelope");
        let statement = Statement::parse(envelope.payload(), Unknown::Refuse).expect("a statement");
        let time = self.register.time().expect("entries");
        let leaf = Leaf::Public(PublicLeaf {
            statement: statement.digest(),
            envelope: envelope.digest(),
            predicate_type: statement.predicate().type_uri(),
            issuer: self.register.issuer_in_leaf(&statement).expect("an issuer"),
            time,
            arrived_at: time,
        });
        let content = Some(Signed { statement: &statement, envelope: &envelope });
        let entry = Entry { leaf: &leaf, content, root: statement.digest() };
        let (next, refusal) = self.register.with(&entry, &self.library);
        assert!(refusal.is_none(), "{refusal:?}");
        self.register = next;
        statement.digest()
    }
}

fn main() {
    let wanted = std::env::var("KANAE_STATEMENTS").ok().and_then(|n| n.parse().ok()).unwrap_or(STATEMENTS);
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let world = runtime.block_on(World::start());
    runtime.block_on(world.adopt_regime("eu-gpai", &[]));
    let view = world.node().view();
    let mut made = Made { register: view.register.clone(), library: Arc::clone(&view.library) };
    let mut chance = Chance(1);
    let start = Instant::now();
    let mut models = Vec::new();
    for number in 0..ORGANISATIONS.min(wanted / 10) {
        let (actor, model) = developer(&world, &mut made, number, &mut chance);
        models.push((actor, model));
    }
    while made.register.size() < wanted {
        let (actor, model) = &models[chance.below(models.len())];
        let body: Predicate = match chance.below(3) {
            0 => Notification { grounds: chance.texts(), facts: Vec::new(), arguments: None }.into(),
            1 => WeightsProtection { measures: chance.texts(), ..WeightsProtection::example() }.into(),
            _ => PublicReport { capabilities: chance.texts(), ..PublicReport::example() }.into(),
        };
        let mut draft = world.draft(actor, body, *model);
        draft.common.regime = Some("eu-gpai".parse().expect("a slug"));
        made.record(&world.sign(actor, draft));
    }
    println!("{} entries made in {:.1} s", made.register.size(), start.elapsed().as_secs_f64());
    measure(&made);
}

fn developer(world: &World, made: &mut Made, number: u64, chance: &mut Chance) -> (Actor, Digest) {
    let mut seed = [7; 32];
    seed[..8].copy_from_slice(&number.to_be_bytes());
    let key = SecretKey::from_seed(Algorithm::Ed25519, &seed).expect("a usable seed");
    let mut actor = Actor {
        slug: format!("developer-{number}").parse().expect("a slug"),
        id: Digest::from_bytes([0; 32]),
        holders: vec![("office".parse().expect("a slug"), key)],
    };
    actor.id = made.record(&world.registration(&actor));
    let grant = world.role_grant("developer", None);
    made.record(&world.sign(&world.authority, world.draft(&world.authority, grant, actor.id)));
    let names = Texts::both(format!("{}{number}号", JA[chance.below(24)]), format!("Model {number}"));
    let model = Model { slug: format!("model-{number}").parse().expect("a slug"), names, ..Model::example() };
    let model = made.record(&world.sign(&actor, world.draft(&actor, model, actor.id)));
    (actor, model)
}

fn measure(made: &Made) {
    let start = Instant::now();
    let index = Index::default().extended(&made.register);
    println!("indexed in {:.2} s", start.elapsed().as_secs_f64());
    let earlier = History::default();
    let start = Instant::now();
    let mut history = earlier.clone();
    let middle = made.register.size() / 2;
    let past = history.at(&made.register, middle, &made.library).expect("it has grown so far");
    println!("looked back to {middle} for the first time in {:.2} s", start.elapsed().as_secs_f64());
    let start = Instant::now();
    history.at(&made.register, middle - 1, &made.library).expect("it has grown so far");
    println!("looked back to {} afterwards in {:.3} s", middle - 1, start.elapsed().as_secs_f64());
    let start = Instant::now();
    let next = Index::default().extended(&past).extended(&made.register);
    println!("indexed in two steps in {:.2} s", start.elapsed().as_secs_f64());
    assert_eq!(next.size(), index.size());
    println!();
    println!("search                           found   median ms   slowest ms");
    let slug: String = "developer-7".to_owned();
    let organisation = made.register.find(&slug);
    let text = |text: &str| Query { text: text.to_owned(), ..Query::default() };
    let mut worst = Duration::ZERO;
    for (name, query) in [
        ("everything", Query::default()),
        ("安全 (two letters)", text("安全")),
        ("都 (one letter)", text("都")),
        ("東京都の", text("東京都12の")),
        ("安全性 検証 報告 制度", text("安全性 検証 報告 制度")),
        ("e (part of most words)", text("e")),
        ("verif thresh review", text("verif thresh review")),
        ("developer-7", text("developer-7")),
        ("developre-7 (typing error)", text("developre-7")),
        ("nothing like it", text("qqqqzzzz 無無無")),
        (
            "filters alone",
            Query { organisation, law: Some("eu-gpai".into()), corrected: Some(false), ..Query::default() },
        ),
        (
            "filters and words",
            Query { organisation, kinds: ["notification".to_owned()].into(), ..text("安全性") },
        ),
    ] {
        let mut times: Vec<Duration> = Vec::new();
        let mut found = 0;
        for _ in 0..ROUNDS {
            let start = Instant::now();
            found = index.search(&made.register, &query).entries.len();
            times.push(start.elapsed());
        }
        times.sort();
        let ms = |time: &Duration| time.as_secs_f64() * 1000.0;
        let slowest = times.last().expect("rounds");
        worst = worst.max(*slowest);
        println!("{name:<32} {found:>6}   {:>9.2}   {:>10.2}", ms(&times[ROUNDS / 2]), ms(slowest));
    }
    let verdict = if worst < LIMIT { "within" } else { "BEYOND" };
    println!("{verdict} the limit of {} ms", LIMIT.as_millis());
}
