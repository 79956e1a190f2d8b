//! How many statements a second a node records for good, and how fast it folds them again.
//!
//! Every entry is signed, judged, committed to the database, published and proved to the one who
//! submitted it before it counts. The yardstick, measured in turns in the same run, appends the
//! same bytes to a file with one sync for each entry: what a log without group commit could reach
//! at best.
//!
//! Where PostgreSQL is installed, the same is done with a throw-away PostgreSQL as the database, in turns with
//! SQLite; both sync every commit.
#![expect(clippy::print_stdout, reason = "a benchmark's table is its result")]

use std::fs::File;
use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use evidence::predicate::{Example as _, Model};
use kanae_node::testing::{ADMIN, Cluster, World, signed};
use kanae_node::{Node, Submission};

/// Submitters at a time, and how many statements are ready for them.
const ROUNDS: [(usize, u32); 3] = [(1, 300), (8, 1_000), (64, 2_000)];

/// How often each is measured, in turns.
const TURNS: usize = 2;

/// How long each measurement may take.
const AT_MOST: Duration = Duration::from_secs(2);

/// Entries appended to the yardstick's file in a turn.
const YARDSTICK: usize = 300;

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let mut world = runtime.block_on(World::start());
    let cluster = Cluster::is_installed().then(Cluster::start_durable);
    let shared =
        cluster.as_ref().map(|cluster| runtime.block_on(World::start_with(Some(cluster.new_database()))));
    println!("machine: {} cores, {}, data in {}", cores(), processor(), file_system(&world));
    println!();
    println!("submitters   entries/s   one sync per entry   ratio   PostgreSQL, entries/s   to SQLite");
    let mut number = 0;
    let mut ready = |world: &World, count: u32| -> Vec<Submission> {
        let numbers = number..number + count;
        number += count;
        numbers.map(|number| model(world, number)).collect()
    };
    for (submitters, count) in ROUNDS {
        let bytes = ready(&world, 1)[0].envelope.len();
        let (mut alone, mut sqlite, mut postgres) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..TURNS {
            alone.push(yardstick(&world, bytes));
            let submissions = ready(&world, count);
            sqlite.push(runtime.block_on(record(world.node().clone(), submissions, submitters)));
            if let Some(shared) = &shared {
                let submissions = ready(shared, count);
                postgres.push(runtime.block_on(record(shared.node().clone(), submissions, submitters)));
            }
        }
        let (alone, sqlite) = (mean(&alone), mean(&sqlite));
        print!("{submitters:10}   {sqlite:9.0}   {alone:18.0}   {:5.2}", sqlite / alone);
        if postgres.is_empty() {
            println!("   not installed");
        } else {
            println!("   {:21.0}   {:9.2}", mean(&postgres), mean(&postgres) / sqlite);
        }
    }
    println!();
    reopen("SQLite", &mut world);
    if let Some(mut shared) = shared {
        reopen("PostgreSQL", &mut shared);
    }
}

/// Opens a node again, and says how fast it folds.
fn reopen(database: &str, world: &mut World) {
    let size = world.node().view().head.size;
    world.stop();
    let start = Instant::now();
    world.open();
    let folding = start.elapsed().as_secs_f64();
    println!(
        "opening and folding {size} entries from {database}, every signature verified: {:.0} entries/s",
        rate(size, folding)
    );
}

#[expect(clippy::cast_precision_loss, reason = "few turns")]
fn mean(rates: &[f64]) -> f64 {
    rates.iter().sum::<f64>() / rates.len() as f64
}

/// Lets submitters work until the statements or the time run out, and returns entries per second.
async fn record(node: Node, submissions: Vec<Submission>, submitters: usize) -> f64 {
    let queue = Arc::new(std::sync::Mutex::new(submissions));
    let start = Instant::now();
    let tasks: Vec<_> = (0..submitters)
        .map(|_| {
            let (node, queue) = (node.clone(), Arc::clone(&queue));
            async move {
                let mut recorded = 0_u64;
                while start.elapsed() < AT_MOST {
                    let Some(next) = queue.lock().expect("no submitter panics").pop() else { break };
                    node.submit(vec![next], &ADMIN).await.expect("a recorded statement");
                    recorded += 1;
                }
                recorded
            }
        })
        .collect();
    let local = tokio::task::LocalSet::new();
    let handles: Vec<_> = tasks.into_iter().map(|task| local.spawn_local(task)).collect();
    let mut recorded = 0;
    local
        .run_until(async {
            for handle in handles {
                recorded += handle.await.expect("a submitter");
            }
        })
        .await;
    rate(recorded, start.elapsed().as_secs_f64())
}

/// Appends entries to a file with one sync each, and returns entries per second.
fn yardstick(world: &World, bytes: usize) -> f64 {
    let path = world.data().with_file_name("yardstick");
    let mut file = File::create(&path).expect("a file");
    let entry = vec![b'x'; bytes];
    let start = Instant::now();
    for _ in 0..YARDSTICK {
        file.write_all(&entry).and_then(|()| file.sync_data()).expect("a durable entry");
    }
    rate(YARDSTICK as u64, start.elapsed().as_secs_f64())
}

#[expect(clippy::cast_precision_loss, reason = "counts in a benchmark are small")]
fn rate(count: u64, seconds: f64) -> f64 {
    count as f64 / seconds
}

fn model(world: &World, number: u32) -> Submission {
    let slug = format!("model-{number}").parse().expect("a slug");
    let draft = world.draft(&world.developer, Model { slug, ..Model::example() }, world.developer.id);
    signed(draft, &[world.developer.key()], Vec::new())
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn processor() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = text.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    name.map_or_else(|| "processor unknown".to_owned(), |(_, name)| name.to_owned())
}

/// Returns the type of the file system that holds the data folder.
fn file_system(world: &World) -> String {
    let mounts = std::fs::read_to_string("/proc/mounts").unwrap_or_default();
    let data = world.data();
    mounts
        .lines()
        .filter_map(|line| {
            let mut fields = line.split(' ').skip(1);
            Some((fields.next()?, fields.next()?))
        })
        .filter(|(place, _)| data.starts_with(place))
        .max_by_key(|(place, _)| place.len())
        .map_or_else(|| "an unknown file system".to_owned(), |(_, kind)| kind.to_owned())
}
