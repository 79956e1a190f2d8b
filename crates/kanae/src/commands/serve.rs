//! `kanae serve`: run a node and its portal.

use std::io::{self, IsTerminal as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ::desk::Desk;
use courier::Courier;
use evidence::{Signer as _, Timestamp};
use identity::{Providers, Settings, SettingsError};
use node::{Node, OpenError, Place, Shipped};
use seal::{Seal, SealError};
use serde_json::json;
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

use crate::commands::{desk, notices};
use crate::database::{self, DatabaseArguments};
use crate::embedded;
use crate::failure::{Failure, Kind};
use crate::fonts::FontFiles;
use crate::ui::Ui;

/// Run a node: its log, its API and its pages.
///
/// Speaks plain HTTP: on a network, put a proxy in front that ends TLS. Interrupting it, or a
/// SIGTERM, ends it in good order. What happens goes to standard error; KANAE_LOG sets how much
/// (error, warn, info, debug).
///
/// Several servers may run one node whose database is a PostgreSQL: give each the data folder's keys,
/// and all of them the same folder `log`. See docs/operating.md.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  kanae serve --data ./node\n  kanae serve --data ./node --listen 127.0.0.1:9000 --behind-proxy --url https://register.example\n  KANAE_DATABASE_PASSWORD_FILE=/run/secrets/kanae kanae serve --data ./node --database postgres://kanae@db.example/kanae"
)]
pub(crate) struct Arguments {
    /// Data folder, as `kanae init` makes it.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    #[command(flatten)]
    database: DatabaseArguments,
    /// Address and port to listen at; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Take callers' addresses from the X-Forwarded-For header of the proxy in front.
    #[arg(long)]
    behind_proxy: bool,
    /// Address by which people reach the site; with https, session cookies never go over anything else.
    /// Passkeys need a host name: localhost, not 127.0.0.1.
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// How notices go out: a file with the mail server and how often (docs/notices.md). The password comes
    /// from KANAE_SMTP_PASSWORD. Without a file, notices stand in the portal and go to webhooks.
    #[arg(long, value_name = "FILE")]
    notices: Option<PathBuf>,
    /// Where else people may come from to sign in: a file with OpenID Connect providers and what their
    /// groups give (docs/sign-in.md). Providers send people back to --url.
    #[arg(long, value_name = "FILE")]
    identity: Option<PathBuf>,
    /// Let webhooks be on this very machine and over plain HTTP, for trying things out.
    #[arg(long, hide = true)]
    local_webhooks: bool,
    /// Address and port at which metrics (Prometheus) and health are served, apart from the public pages;
    /// keep it from the public. Off without it.
    #[arg(long, value_name = "ADDRESS:PORT")]
    metrics: Option<SocketAddr>,
    /// How the log on standard error is written.
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = LogFormat::Text)]
    log_format: LogFormat,
    /// A key that this node holds for an organisation: a file that says whose, and where it is (docs/seal.md).
    /// Whoever may draft for it can have statements signed with it on the pages; every use is written down.
    /// May be given several times.
    #[arg(long, value_name = "FILE")]
    seal: Vec<PathBuf>,
    /// Further policy or regime folder at hand for adoption; may be given several times.
    #[arg(long, value_name = "FOLDER")]
    shelf: Vec<PathBuf>,
    #[command(flatten)]
    fonts: FontFiles,
}

/// How a log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object a line.
    Json,
}

pub(crate) fn run(arguments: &Arguments, ui: &Ui) -> Result<(), Failure> {
    let filter = EnvFilter::try_from_env("KANAE_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    // Only a second subscriber in one process could fail here, and then the first one serves.
    let log = tracing_subscriber::fmt().with_writer(io::stderr).with_env_filter(filter);
    let _ = match arguments.log_format {
        LogFormat::Text => log.with_ansi(io::stderr().is_terminal()).try_init(),
        LogFormat::Json => log.json().flatten_event(true).try_init(),
    };
    let place = arguments.database.place(&arguments.data)?;
    // The node first: it says best what is wrong with a data folder.
    let node = open(place.clone(), &arguments.shelf)?;
    let desk = desk::open(&place)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Kind::Internal, error))?;
    let served = runtime.block_on(serve(arguments, node.clone(), desk, ui));
    // Tasks that still hold the node end before the data folder is let go.
    runtime.shutdown_timeout(Duration::from_secs(5));
    node.close();
    served
}

async fn serve(arguments: &Arguments, node: Node, desk: Desk, ui: &Ui) -> Result<(), Failure> {
    let listener =
        TcpListener::bind(arguments.listen).await.map_err(|error| cannot_listen(arguments.listen, &error))?;
    let address = listener.local_addr().map_err(|error| cannot_listen(arguments.listen, &error))?;
    let stop = stop_signal().map_err(|error| Failure::new(Kind::Internal, error))?;
    let size = node.view().head.size;
    let app = portal::App::new(node.clone());
    let app = if arguments.behind_proxy { app.behind_proxy() } else { app };
    let reached = arguments.url.clone().unwrap_or_else(|| format!("http://localhost:{}", address.port()));
    let mut settings = notices::settings(arguments.notices.as_ref(), &reached)?;
    settings.local_webhooks = arguments.local_webhooks;
    let outgoing =
        portal::Outgoing { mail: settings.mail.is_some(), local_webhooks: settings.local_webhooks };
    let app = app.with_desk(desk.clone()).sending(outgoing);
    let app = match &arguments.identity {
        Some(file) => app.with_providers(providers(file, &reached)?),
        None => app,
    };
    let mut app = app;
    for path in &arguments.seal {
        let seal = Seal::open(path).map_err(|error| seal_failure(&error))?;
        let key = seal.public_key().hash();
        ui.note(format!("{} {}  {key}", ui.text("預かる鍵", "holds a key for"), seal.organisation()));
        app = app.with_seal(seal.organisation().clone(), Box::new(seal));
    }
    let https = arguments.url.as_ref().is_some_and(|url| url.starts_with("https://"));
    let app = if https { app.over_tls() } else { app };
    let app = match &arguments.url {
        Some(url) => app.reached_at_address(url),
        None => app,
    };
    let fonts = arguments.fonts.find()?;
    if !fonts.as_ref().is_some_and(documents::Fonts::write_japanese) {
        ui.note(ui.text(
            "日本語のフォントがないため、日本語の書面（PDF）は作成できません。--font で指定するか、fonts-noto-cjk を入れてください。",
            "No font with Japanese: no Japanese documents (PDF). Name one with --font, or install fonts-noto-cjk.",
        ));
    }
    let app = match fonts {
        Some(fonts) => app.with_fonts(fonts),
        None => app,
    };
    let url = format!("http://{address}/");
    if let Some(link) = desk::first_link(&desk, &reached, ui.text("ja", "en"))? {
        ui.note(format!(
            "{}: {link}",
            ui.text(
                "最初の管理者のリンク（一度きり、七日以内）",
                "link for the first administrator (once, within seven days)"
            )
        ));
    }
    ui.object(&json!({ "url": url, "size": size }))?;
    ui.line(format!("{} {url}", ui.text("公開しています", "serving at")));
    let courier = Courier::new(node, desk, settings)
        .map_err(|error| Failure::new(Kind::Usage, error))?
        .start()
        .map_err(|error| notices::failure(&error))?;
    let metrics = match arguments.metrics {
        Some(address) => Some(metrics(address, app.clone(), ui).await?),
        None => None,
    };
    let served = portal::serve(listener, app, stop).await;
    if let Some(metrics) = metrics {
        metrics.abort();
    }
    courier.stop();
    served.map_err(|error| Failure::new(Kind::Unavailable, error))?;
    ui.note(ui.text("終了しました", "ended"));
    Ok(())
}

/// Serves metrics beside the public pages, for as long as these are served.
async fn metrics(
    address: SocketAddr,
    app: portal::App,
    ui: &Ui,
) -> Result<tokio::task::JoinHandle<io::Result<()>>, Failure> {
    let listener = TcpListener::bind(address).await.map_err(|error| cannot_listen(address, &error))?;
    let address = listener.local_addr().map_err(|error| cannot_listen(address, &error))?;
    ui.note(format!("{}: http://{address}/metrics", ui.text("計測値", "metrics")));
    Ok(tokio::spawn(portal::serve_metrics(listener, app, std::future::pending())))
}

/// Reads where else people may come from.
fn providers(file: &Path, site: &str) -> Result<Providers, Failure> {
    let settings = Settings::read(file).map_err(|error| {
        let kind = match error {
            SettingsError::Unreadable { .. } => Kind::Io,
            SettingsError::Wrong { .. } => Kind::Data,
        };
        Failure::new(kind, error)
    })?;
    Providers::new(settings, site).map_err(|error| Failure::new(Kind::Usage, error))
}

/// Says why a key that the node would hold cannot be used.
pub(crate) fn seal_failure(error: &SealError) -> Failure {
    let kind = match error {
        SealError::Io { .. } => Kind::Io,
        SealError::Device(_) => Kind::Unavailable,
        _ => Kind::Data,
    };
    Failure::new(kind, error)
}

/// Opens a node with every shipped policy and regime at hand, and those of other folders.
pub(crate) fn open(place: Place, shelf: &[PathBuf]) -> Result<Node, Failure> {
    let mut policies: Vec<_> =
        embedded::folders(embedded::files(&embedded::POLICIES)).into_values().collect();
    let mut regimes: Vec<_> = embedded::folders(embedded::files(&embedded::REGIMES)).into_values().collect();
    for folder in shelf {
        let files = embedded::read_folder(folder)?;
        if files.contains_key("policy.toml") {
            policies.push(files);
        } else if files.contains_key("regime.toml") {
            regimes.push(files);
        } else {
            let message = format!("{}: neither a policy nor a regime", folder.display());
            return Err(Failure::new(Kind::Data, message)
                .hint("a policy has a policy.toml in it, a regime a regime.toml"));
        }
    }
    Node::open(place, Shipped { policies, regimes }, Arc::new(Timestamp::now))
        .map_err(|error| failure(&error))
}

/// Returns what is done when somebody asks the process to end.
pub(crate) fn stop_signal() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

pub(crate) fn cannot_listen(address: SocketAddr, error: &io::Error) -> Failure {
    let failure = Failure::new(Kind::Unavailable, format_args!("cannot listen at {address}: {error}"));
    match error.kind() {
        io::ErrorKind::AddrInUse => failure
            .hint("another program listens there: give another --listen, or 127.0.0.1:0 for a free port"),
        io::ErrorKind::PermissionDenied => {
            failure.hint("ports below 1024 are the system's: give another --listen, and put a proxy in front")
        }
        io::ErrorKind::AddrNotAvailable => {
            failure.hint("this machine does not have that address: try 127.0.0.1")
        }
        _ => failure,
    }
}

pub(crate) fn failure(error: &OpenError) -> Failure {
    let kind = match error {
        OpenError::NotANode(_) => Kind::NotFound,
        OpenError::Locked(_) => Kind::Unavailable,
        OpenError::Store(error) => return database::failure(error),
        OpenError::Io { .. } => Kind::Io,
        _ => Kind::Data,
    };
    Failure::new(kind, error)
}
