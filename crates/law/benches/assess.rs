//! How fast laws are assessed: one model, a whole data set, and beside OpenFisca.
//!
//! Three measurements. One model of the shipped data under every shipped regime; then its reasons, which an
//! assessment puts together when the first is read.
//! The whole data under every regime while each threshold of training compute moves over 100 values.
//! And a small set of rules (`threshold`, beside this file) that OpenFisca-core evaluates too, in turns
//! in the same run; it takes part where `cargo xtask bench` has installed it.
#![expect(clippy::print_stdout, reason = "a benchmark's table is its result")]
#![expect(clippy::cast_precision_loss, reason = "counts in a benchmark are small")]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use jiff::civil::{Date, date};
use kanae_law::simulate::{Columns, Dial, FactColumn, Models, Range, Variant, apply, sweep};
use kanae_law::{Assessment, Coverage, Goal, Record, Regime, SwitchSettings, Truth, ValueKind, assess};

/// A day on which every shipped regime is in force.
const DAY: Date = date(2027, 11, 24);

/// The model that is assessed alone: above every threshold, so that every duty is looked at.
const MODEL: &str = "Grok 4";

/// The values of the figure that is moved.
const RANGE: &str = "1e22..1e27:100";

/// Assessments of one model, of which the median counts.
const REPEATED: usize = 2_000;

/// Rounds of everything else, of which the median counts.
const ROUNDS: usize = 7;

/// Models that OpenFisca is asked about one at a time.
const SINGLE: usize = 100;

/// A regime with the settings under which it is assessed.
struct Law {
    regime: Regime,
    settings: SwitchSettings,
}

fn main() {
    println!("machine: {} cores, {}, load average {}", cores(), processor(), load_average());
    let shipped = laws();
    let columns = Columns::read(&text("data/models/columns.toml")).expect("the shipped columns");
    let data = std::fs::read(root().join("data/models/large_scale_ai_models.csv")).expect("the shipped data");
    let rows = Rows::read(&data);
    one_model(&shipped, &columns, &rows);
    whole_data(&shipped, &columns, &data);
    beside_openfisca(&data, &rows);
}

/// Assesses one model under all regimes, then reads its reasons.
fn one_model(laws: &[Law], columns: &Columns, rows: &Rows) {
    let row = rows.rows.iter().find(|row| rows.cell(row, "Model") == MODEL).expect("the model in the data");
    let records: Vec<Record> = laws.iter().map(|law| rows.record(row, columns, &law.regime)).collect();
    let judge = |law: &Law, record: &Record| {
        let start = Instant::now();
        let found = assess(&law.regime, &law.settings, record, DAY).expect("an assessment");
        (start.elapsed(), found)
    };
    let tell = |law: &Law, record: &Record| {
        let found = judge(law, record).1;
        let start = Instant::now();
        black_box(found.reason.truth);
        (start.elapsed(), found)
    };
    let (assessed, all_assessed) = each(laws, &records, judge);
    let (told, all_told) = each(laws, &records, tell);
    println!();
    println!("one model ({MODEL}), median of {REPEATED}, in µs");
    println!("regime                       rules  assessed  then all reasons");
    for ((law, assessed), told) in laws.iter().zip(assessed).zip(told) {
        let regime = &law.regime;
        let rules = 1
            + regime.classes().len()
            + regime.duties().len()
            + regime.powers().len()
            + regime.penalties().len();
        println!(
            "{:26} {rules:7}  {:8.1}  {:16.1}",
            regime.id(),
            micros(median(assessed)),
            micros(median(told))
        );
    }
    println!(
        "all {:2} regimes                      {:8.1}  {:16.1}   (aim: assessed in under 100)",
        laws.len(),
        micros(median(all_assessed)),
        micros(median(all_told))
    );
}

/// Does something under each regime in turn; returns how long each took, and all together.
fn each(
    laws: &[Law],
    records: &[Record],
    work: impl Fn(&Law, &Record) -> (Duration, Assessment),
) -> (Vec<Vec<Duration>>, Vec<Duration>) {
    let mut times = vec![Vec::with_capacity(REPEATED); laws.len()];
    let mut together = Vec::with_capacity(REPEATED);
    for _ in 0..REPEATED {
        let mut sum = Duration::ZERO;
        for ((law, record), times) in laws.iter().zip(records).zip(&mut times) {
            let (took, found) = work(law, record);
            black_box(found);
            sum += took;
            times.push(took);
        }
        together.push(sum);
    }
    (times, together)
}

/// Moves every threshold of training compute over a range, for all models of the data.
fn whole_data(laws: &[Law], columns: &Columns, data: &[u8]) {
    let values = RANGE.parse::<Range>().expect("a range").values();
    let (mut reading, mut moving) = (Vec::new(), Vec::new());
    let (mut models, mut figures, mut answers) = (0, 0, 0);
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let read = |law: &Law| Models::read(data, columns, &law.regime).ok();
        let all: Vec<_> = laws.iter().map(read).collect();
        reading.push(start.elapsed());
        (figures, answers) = (0, 0);
        let start = Instant::now();
        for (law, read) in laws.iter().zip(&all) {
            let Some(read) = read else { continue };
            models = read.all().len();
            let variant = Variant { regime: &law.regime, settings: &law.settings, as_of: DAY };
            let classes = law.regime.classes().iter().rev().find(|class| !class.auxiliary);
            let goals: Vec<_> =
                [Goal::Coverage].into_iter().chain(classes.map(|class| Goal::Class(&class.id))).collect();
            let dials = thresholds(&law.regime);
            if dials.is_empty() {
                black_box(apply(variant, read));
                answers += models;
            }
            for dial in &dials {
                for goal in &goals {
                    black_box(sweep(variant, read, *goal, dial, &values).expect("a sweep"));
                    answers += models * values.len();
                }
            }
            figures += dials.len();
        }
        moving.push(start.elapsed());
    }
    let (reading, moving) = (median(reading), median(moving));
    println!();
    println!(
        "{models} models, {} regimes, each of their {figures} thresholds of training compute at {} values,",
        laws.len(),
        values.len()
    );
    println!(
        "coverage and the last class of each (a regime without such a threshold is applied once); one core,"
    );
    println!("median of {ROUNDS}");
    println!("reading the data as facts of each regime   {:6.3} s", reading.as_secs_f64());
    println!(
        "moving the thresholds                      {:6.3} s   (aim: under 1)   {:.1} million answers/s",
        moving.as_secs_f64(),
        answers as f64 / moving.as_secs_f64() / 1e6
    );
}

/// Returns every figure of a regime that is an amount of computing.
fn thresholds(regime: &Regime) -> Vec<Dial> {
    let compute = |kind: &ValueKind| matches!(kind, ValueKind::Number { unit: Some(unit) } if unit == "FLOP");
    let parameters = regime.parameters().iter().map(|parameter| (&parameter.id, &parameter.kind));
    let switches = regime.switches().iter().map(|switch| (&switch.id, &switch.kind));
    let found = parameters.chain(switches).filter(|(_, kind)| compute(kind));
    found.map(|(id, _)| Dial::find(regime, id).expect("a figure of the regime")).collect()
}

/// Evaluates the same small rules with Kanae and with OpenFisca, in turns.
fn beside_openfisca(data: &[u8], rows: &Rows) {
    const COLUMNS: &str = "[data]\nname = 'Model'\ndate = 'Publication date'\ncountry = 'Country (of organization)'\n\
        as_of = '2025-12-02'\nsource = { ja = 'Epoch AI', en = 'Epoch AI' }\nlicence = 'CC BY 4.0'\n\
        [fact.compute]\ncolumn = 'Training compute (FLOP)'\nunit = 'FLOP'\n\
        [fact.published]\ncolumn = 'Publication date'\n";
    let law = law(&Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/threshold"));
    let columns = Columns::read(COLUMNS).expect("columns");
    let records: Vec<_> = rows.rows.iter().map(|row| rows.record(row, &columns, &law.regime)).collect();
    let models = Models::read(data, &columns, &law.regime).expect("models");
    let variant = Variant { regime: &law.regime, settings: &law.settings, as_of: DAY };
    let judge = |record| assess(&law.regime, &law.settings, record, DAY).expect("an assessment");
    let covered = |found: &Assessment| found.coverage == Coverage::Covered;
    let (with_reasons, without) = (
        || {
            let told = |found: &Assessment| covered(found) == (found.reason.truth == Truth::True);
            records.iter().map(judge).filter(|found| told(found) && covered(found)).count()
        },
        || apply(variant, &models).coverage().total().covered,
    );
    let mut peer = OpenFisca::start(rows);
    let (mut ours, mut fast, mut theirs, mut single) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let covered = timed(&mut ours, with_reasons);
        assert_eq!(covered, timed(&mut fast, without), "both ways answer the same");
        if let Some(peer) = &mut peer {
            assert_eq!(covered, peer.evaluate("all", &mut theirs), "OpenFisca covers the same models");
            peer.evaluate(&SINGLE.to_string(), &mut single);
            if round == 0 {
                let days = records
                    .iter()
                    .flat_map(|record| judge(record).duties)
                    .filter(|duty| duty.owed == Truth::True);
                let days: Vec<_> = days.filter_map(|duty| Some(duty.due?.to_string())).collect();
                assert_eq!(days.join(" "), peer.ask("days"), "OpenFisca counts to the same days");
            }
        }
    }
    let rate = |rows: usize, times| rows as f64 / median(times).as_secs_f64();
    let (ours, fast) = (rate(records.len(), ours), rate(records.len(), fast));
    println!();
    println!("one threshold and one deadline over {} models, in turns, median of {ROUNDS}", records.len());
    println!("                                                        models/s");
    println!("Kanae, one at a time: reasons, what is missing, status {ours:9.0}");
    println!("Kanae, coverage and duty only (`apply`)                {fast:9.0}");
    if peer.is_none() {
        println!("OpenFisca-core is not installed: `cargo xtask bench` does it");
        return;
    }
    let (theirs, single) = (rate(records.len(), theirs), rate(SINGLE, single));
    println!(
        "OpenFisca-core, all at once (arrays)                   {theirs:9.0}   Kanae with reasons / this: {:.2}",
        ours / theirs
    );
    println!(
        "                                                                   Kanae `apply` / this:      {:.2}",
        fast / theirs
    );
    println!(
        "OpenFisca-core, one at a time                          {single:9.0}   Kanae with reasons / this: {:.0}",
        ours / single
    );
}

/// OpenFisca-core in a process of its own, with the rows.
struct OpenFisca {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl OpenFisca {
    fn start(rows: &Rows) -> Option<Self> {
        let peers = std::env::var_os("KANAE_PEERS")?;
        let python = PathBuf::from(peers).join("python-bench/bin/python");
        let mut child = Command::new(python)
            .arg(root().join("interop/python/openfisca_rules.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .ok()?;
        let input = child.stdin.take()?;
        let output = BufReader::new(child.stdout.take()?);
        let mut peer = Self { child, input, output };
        for row in &rows.rows {
            let (compute, day) =
                (rows.cell(row, "Training compute (FLOP)"), rows.cell(row, "Publication date"));
            let compute = if compute.is_empty() { "-" } else { compute };
            writeln!(peer.input, "{compute} {day}").expect("OpenFisca reads");
        }
        writeln!(peer.input, "end").expect("OpenFisca reads");
        peer.ask("all");
        Some(peer)
    }

    fn ask(&mut self, question: &str) -> String {
        writeln!(self.input, "{question}").expect("OpenFisca reads");
        let mut answer = String::new();
        self.output.read_line(&mut answer).expect("OpenFisca answers");
        answer.trim_end().to_owned()
    }

    /// Evaluates models and returns how many are covered; the time is the one that it took by itself.
    fn evaluate(&mut self, which: &str, times: &mut Vec<Duration>) -> usize {
        let answer = self.ask(which);
        let (seconds, covered) = answer.split_once(' ').expect("two numbers");
        times.push(Duration::from_secs_f64(seconds.parse().expect("seconds")));
        covered.parse().expect("a count")
    }
}

impl Drop for OpenFisca {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The data set as text.
struct Rows {
    places: BTreeMap<String, usize>,
    rows: Vec<csv::StringRecord>,
}

impl Rows {
    fn read(data: &[u8]) -> Self {
        let mut reader = csv::Reader::from_reader(data);
        let heading = reader.headers().expect("a heading");
        let places = heading.iter().enumerate().map(|(at, name)| (name.to_owned(), at)).collect();
        let rows = reader.records().collect::<Result<_, _>>().expect("rows");
        Self { places, rows }
    }

    fn cell<'r>(&self, row: &'r csv::StringRecord, column: &str) -> &'r str {
        row[self.places[column]].trim()
    }

    /// Returns what a regime may know of a row.
    fn record(&self, row: &csv::StringRecord, columns: &Columns, regime: &Regime) -> Record {
        let mut record = Record::default();
        for (name, column) in columns.facts(regime) {
            if let Some(text) = self.fact(row, column) {
                record.state(name, regime.read_fact(name, &text).expect("a fact"));
            }
        }
        record
    }

    fn fact(&self, row: &csv::StringRecord, column: &FactColumn) -> Option<String> {
        if let Some(value) = &column.assume {
            return Some(value.clone());
        }
        let cell = self.cell(row, column.column.as_deref()?);
        if column.filled {
            return Some((!cell.is_empty()).to_string());
        }
        if let Some(words) = &column.contains {
            let found = cell.split(',').any(|part| words.iter().any(|word| word == part.trim()));
            return found.then(|| "true".to_owned());
        }
        (!cell.is_empty()).then(|| cell.to_owned())
    }
}

/// Loads the shipped regimes, each under its first preset where it has one.
fn laws() -> Vec<Law> {
    let mut folders: Vec<_> = std::fs::read_dir(root().join("regimes"))
        .expect("the shipped regimes")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.join("regime.toml").is_file())
        .collect();
    folders.sort();
    folders.iter().map(|folder| law(folder)).collect()
}

fn law(folder: &Path) -> Law {
    let mut files = BTreeMap::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(next) = waiting.pop() {
        for entry in std::fs::read_dir(next).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                let name = path.strip_prefix(folder).ok().and_then(Path::to_str).expect("a name").to_owned();
                files.insert(name, std::fs::read(&path).expect("a file"));
            }
        }
    }
    let regime = Regime::load(&files).unwrap_or_else(|problems| panic!("{}: {problems:?}", folder.display()));
    let preset = regime.presets().first().map(|preset| SwitchSettings::preset(&regime, &preset.id));
    let settings = preset.transpose().expect("a preset").unwrap_or_default();
    Law { regime, settings }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn text(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).expect("a file of the clone")
}

fn timed<T>(times: &mut Vec<Duration>, work: impl Fn() -> T) -> T {
    let start = Instant::now();
    let result = work();
    times.push(start.elapsed());
    result
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn processor() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = text.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    name.map_or_else(|| "processor unknown".to_owned(), |(_, name)| name.to_owned())
}

fn load_average() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace().next().unwrap_or("unknown").to_owned()
}
