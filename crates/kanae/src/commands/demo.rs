//! `kanae demo`: the guided full cycle.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command as Process;
use std::time::Instant;

use client::action::Line;
use demo::{Adopted, Audience, RegimeSetting, Setting, Stage};
use evidence::{Date, Timestamp, folder_digest_of};
use law::{Regime, SwitchSettings};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::commands::serve;
use crate::embedded;
use crate::failure::{Failure, Kind};
use crate::fonts::FontFiles;
use crate::ui::Ui;

mod public_check;
mod terminal;

use terminal::Terminal;

/// Show the full oversight cycle: a register is born, a real model is verified, notified, designated
/// and supervised, and a stranger checks it all.
///
/// Organisations and decisions are invented, the weights borrowed, the threshold lowered; the law is
/// a draft. The first time, about 127 MB of Python packages with a small open model are downloaded
/// into a cache folder (KANAE_CACHE); without them a practice endpoint answers in the model's place.
/// Everything goes through the code of real use, over HTTP; each command is shown and kept in
/// DIR/commands.sh.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  kanae demo\n  kanae demo --data ./demo --lang ja\n  kanae demo --offline --no-serve --json"
)]
pub(crate) struct Arguments {
    /// Folder for everything that the demo makes; it must be new or empty. A new temporary one,
    /// which is kept, if none is given.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// End when the demo has ended, instead of keeping the portal up.
    #[arg(long)]
    no_serve: bool,
    /// Do without Python packages and the real model.
    #[arg(long)]
    offline: bool,
    /// Ask the model at most so many samples of the suite.
    #[arg(long, value_name = "N")]
    samples: Option<usize>,
    /// Address and port of the portal; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
}

const ORIGIN: &str = "demo.kanae.example/2026";
const NOTICE_JA: &str = "実演です。組織と決定は架空、重みは借り物、閾値は引き下げたものです。示す法律は素案で、施行されていません。";
const NOTICE_EN: &str = "Demonstration. Invented organisations and decisions, borrowed weights, a lowered threshold. The law shown is a draft, not in force.";
const OPERATOR: &str = "actors/operator";
const TOKEN: &str = "actors/operator/token";

pub(crate) fn run(arguments: &Arguments, ui: &Ui) -> Result<(), Failure> {
    let folder = prepare_folder(arguments.data.as_deref())?;
    let mut terminal = Terminal::new(*ui);
    set_up(&folder, &mut terminal)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Kind::Internal, error))?;
    let node = serve::open((&folder).into(), &[])?;
    let played = runtime.block_on(play(arguments, &folder, node.clone(), &mut terminal, ui));
    runtime.shutdown_timeout(std::time::Duration::from_secs(5));
    node.close();
    played
}

/// Makes the data folder, or checks that the given one is empty.
fn prepare_folder(given: Option<&Path>) -> Result<PathBuf, Failure> {
    let folder = match given {
        Some(folder) => folder.to_owned(),
        None => tempfile::Builder::new()
            .prefix("kanae-demo-")
            .tempdir()
            .map_err(|error| Failure::io(&std::env::temp_dir(), &error))?
            .keep(),
    };
    std::fs::create_dir_all(&folder).map_err(|error| Failure::io(&folder, &error))?;
    let mut entries = std::fs::read_dir(&folder).map_err(|error| Failure::io(&folder, &error))?;
    if entries.next().is_some() {
        return Err(Failure::new(Kind::Usage, format!("{}: the folder is not empty", folder.display()))
            .hint("give a new folder, or none for a temporary one"));
    }
    folder.canonicalize().map_err(|error| Failure::io(&folder, &error))
}

/// Makes the node and its operator with the commands that anyone would use.
fn set_up(folder: &Path, terminal: &mut Terminal) -> Result<(), Failure> {
    let mut init = Line::new("kanae init");
    init.option("--data", ".")
        .option("--origin", ORIGIN)
        .option("--notice-ja", NOTICE_JA)
        .option("--notice-en", NOTICE_EN);
    let mut operator = Line::new("kanae actor new");
    operator
        .word(OPERATOR)
        .option("--issuer", "node")
        .option("--holder", "operator")
        .option("--with-key", "../../keys/root-1.pem");
    let mut token = Line::new("kanae token new");
    token
        .option("--data", ".")
        .option("--scope", "admin")
        .option("--label", "operator")
        .option("--out", TOKEN);
    for line in [init, operator, token] {
        this_program(folder, &line)?;
        terminal.command(&line.to_string());
    }
    Ok(())
}

/// Carries out a command line with this very program, in the data folder.
fn this_program(folder: &Path, line: &Line) -> Result<(), Failure> {
    let program = std::env::current_exe().map_err(|error| Failure::new(Kind::Internal, error))?;
    let output = Process::new(program)
        .args(line.words().skip(1))
        .current_dir(folder)
        .output()
        .map_err(|error| Failure::new(Kind::Internal, error))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(Failure::new(Kind::Internal, format!("{line}: {}", said.trim())))
}

async fn play(
    arguments: &Arguments,
    folder: &Path,
    node: node::Node,
    terminal: &mut Terminal,
    ui: &Ui,
) -> Result<(), Failure> {
    let listener = TcpListener::bind(arguments.listen)
        .await
        .map_err(|error| serve::cannot_listen(arguments.listen, &error))?;
    let address = listener.local_addr().map_err(|error| serve::cannot_listen(arguments.listen, &error))?;
    let url = format!("http://{address}");
    let (stop, stopped) = oneshot::channel::<()>();
    let app = portal::App::new(node);
    let app = match FontFiles::default().find()? {
        Some(fonts) => app.with_fonts(fonts),
        None => app,
    };
    let server = tokio::spawn(portal::serve(listener, app, async move {
        // A dropped sender ends the server too.
        let _ = stopped.await;
    }));
    terminal.serving(&url, address);
    terminal.open_commands(folder)?;
    let begun = Instant::now();
    let stage = stage(arguments, folder, &url)?;
    let played = tokio::select! {
        played = demo::run(&stage, terminal) => {
            played.map_err(|error| Failure::new(Kind::CheckFailed, error))?
        }
        _ = tokio::signal::ctrl_c() => {
            return Err(Failure::new(Kind::CheckFailed, ui.text("中断しました", "interrupted"))
                .hint(format!("{}: {}", ui.text("途中までの結果", "what was made so far"), folder.display())));
        }
    };
    let checked = {
        let (folder, address) = (folder.to_owned(), url.clone());
        let step = Instant::now();
        terminal.step(8, ui.text("だれでも確かめられる", "The public checks"));
        let checked = tokio::task::spawn_blocking(move || public_check::run(&folder, &address))
            .await
            .map_err(|error| Failure::new(Kind::Internal, error))??;
        checked.show(terminal, &url, ui);
        (checked, step.elapsed().as_secs_f64())
    };
    let (checked, seconds) = checked;
    let ok = checked.ok();
    let mut steps: Vec<Value> = played.steps.iter().map(|s| json!(s)).collect();
    steps.push(json!({"name": "public-check", "ok": ok, "seconds": (seconds * 1000.0).round() / 1000.0}));
    ui.object(&json!({
        "folder": folder,
        "url": url,
        "statements": checked.log()["size"],
        "log": checked.log(),
        "steps": steps,
        "verification": played.verification,
        "audit": checked.audit(),
        "tampered": checked.tampered(),
        "rewritten": checked.rewritten(),
    }))?;
    terminal.end(&url, folder, begun.elapsed());
    if !arguments.no_serve && ok {
        let _ = stop_signal().await;
    }
    let _ = stop.send(());
    let _ = server.await;
    if ok {
        return Ok(());
    }
    Err(Failure::new(
        Kind::CheckFailed,
        ui.text("確認の結果が想定と違います", "the checks did not come out as they should"),
    ))
}

async fn stop_signal() -> std::io::Result<()> {
    serve::stop_signal()?.await;
    Ok(())
}

fn stage(arguments: &Arguments, folder: &Path, url: &str) -> Result<Stage, Failure> {
    let internal = |problem: &dyn std::fmt::Display| Failure::new(Kind::Internal, problem);
    let shelf = embedded::folders(embedded::files(&embedded::REGIMES));
    let setting = Setting::shipped().map_err(|e| internal(&e))?;
    let mut regimes = Vec::new();
    let mut coverage = Vec::new();
    for RegimeSetting { id, preset, set } in &setting.regimes {
        let files =
            shelf.get(id.as_str()).ok_or_else(|| internal(&format!("this build ships no regime {id}")))?;
        let folder = folder_digest_of(files).map_err(|e| internal(&e))?;
        let regime = Regime::load(files).map_err(|_| internal(&format!("the regime {id} cannot be read")))?;
        let mut settings = match preset {
            Some(preset) => SwitchSettings::preset(&regime, preset).map_err(|e| internal(&e))?,
            None => SwitchSettings::default(),
        };
        for (switch, value) in set {
            settings.set(&regime, switch, value).map_err(|e| internal(&e))?;
        }
        coverage.extend(cover(&regime, &settings).map_err(|e| internal(&e))?);
        regimes.push(Adopted { regime, folder, switches: settings.texts().clone() });
    }
    Ok(Stage {
        folder: folder.to_owned(),
        url: url.to_owned(),
        today: today(),
        setting,
        regimes,
        coverage,
        suite: crate::commands::safety::shipped_suite("demo-bilingual")?,
        offline: arguments.offline,
        samples: arguments.samples,
    })
}

/// The day in Japan, where the demo's law counts its days.
fn today() -> Date {
    let zone = jiff::tz::TimeZone::get("Asia/Tokyo").unwrap_or(jiff::tz::TimeZone::UTC);
    Date::new(zone.to_datetime(Timestamp::now().instant()).date())
}

/// Counts whom a regime would cover among the shipped data, at each setting that the data's own
/// description names.
fn cover(
    regime: &Regime,
    settings: &SwitchSettings,
) -> Result<Vec<demo::Coverage>, portal::coverage::DataError> {
    use portal::coverage::{COLUMNS, Columns, MODELS, Models, Tally, Variant, apply};
    let figures = |t: Tally| demo::Figures {
        covered: t.covered as u64,
        not_covered: t.not_covered as u64,
        undetermined: t.undetermined as u64,
    };
    let columns = Columns::read(COLUMNS)?;
    let models = Models::read(MODELS, &columns, regime)?;
    let day = columns.data.as_of;
    let title = regime.title();
    let mut rows = Vec::new();
    let switch = columns.regime.get(regime.id()).and_then(|r| r.switch.clone());
    let values = columns.regime.get(regime.id()).map(|r| r.values.clone()).unwrap_or_default();
    let values: Vec<Option<String>> =
        if switch.is_some() { values.into_iter().map(Some).collect() } else { vec![None] };
    for value in values {
        let mut settings = settings.clone();
        if let (Some(switch), Some(value)) = (&switch, &value)
            && settings.set(regime, switch, value).is_err()
        {
            continue;
        }
        let table = apply(Variant { regime, settings: &settings, as_of: day }, &models).coverage();
        let with = value.as_ref().map(|v| format!(", {v}")).unwrap_or_default();
        let named = |country: &str| {
            columns
                .countries
                .get(country)
                .cloned()
                .unwrap_or_else(|| (country.to_owned(), country.to_owned()))
        };
        let mut countries: Vec<_> =
            table.by_country().into_iter().map(|(country, t)| (named(country), figures(t))).collect();
        countries.sort_by_key(|(_, f)| f.covered);
        let same = |year: i16| (year.to_string(), year.to_string());
        rows.push(demo::Coverage {
            label: (format!("{}{with}", title.ja), format!("{}{with}", title.en)),
            models: figures(table.total()),
            years: table.by_year().into_iter().map(|(year, t)| (same(year), figures(t))).collect(),
            countries,
        });
    }
    Ok(rows)
}
