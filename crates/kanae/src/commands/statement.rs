//! `kanae statement`: make, approve, submit, show and verify statements.

mod document;

use std::path::{Path, PathBuf};

use client::action::{self, Action, read_signed, write_signed};
use client::{ActionError, Actor, Client, ClientError, ComposeError, Composed, State};
use evidence::{Basis, BasisKind, Digest, Envelope, PredicateType, Slug, Statement, Unknown};
use serde_json::{Value, json};

use super::actor::from_actor;
use crate::failure::{Failure, Kind};
use crate::fonts::FontFiles;
use crate::secret::passphrase;
use crate::ui::Ui;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// List the kinds of statements, with an example of each body.
    #[command(after_help = "Examples:\n  kanae statement kinds\n  kanae statement kinds notification")]
    Kinds {
        /// Show this kind's example only.
        kind: Option<String>,
    },
    /// Sign a statement with an actor's key. Nothing is sent but questions to the node.
    #[command(
        after_help = "Examples:\n  kanae statement sign model --actor actors/minato --about minato-lab --body model.json --out model.statement.json\n  kanae statement sign designation --actor actors/officer-1 --about minato-lab/wakaba --under jp-basic-law-2024 --body designation.json --ref /assessment=assessment.statement.json --ref /developer=minato-lab --out designation.statement.json"
    )]
    Sign(Box<Sign>),
    /// Approve the exact draft of an act, with a key of one's own.
    #[command(
        after_help = "Examples:\n  kanae statement approve designation.statement.json --actor actors/officer-2 --function second-officer --reasons 'Checked against the advice.' --out approval.statement.json"
    )]
    Approve(Approve),
    /// Submit signed statements to a node: all or none, in the order given (approvals before the act).
    ///
    /// Writes the receipt of each beside it (FILE.tlog-proof): it shows without a network that the
    /// statement is in the log. A refusal is signed by the node; submitting twice does no harm.
    #[command(
        after_help = "Examples:\n  kanae statement submit model.statement.json --actor actors/minato\n  kanae statement submit approval.statement.json designation.statement.json --actor actors/officer-2"
    )]
    Submit(Submit),
    /// Show a statement, from a file or from a node; or write it as a document.
    ///
    /// The document of a file is made here: names that only a node knows stay digests in it. The
    /// document of a digest is the node's.
    #[command(
        after_help = "Examples:\n  kanae statement show model.statement.json\n  kanae statement show 3f5f62be…\n  kanae statement show designation.statement.json --pdf designation.pdf"
    )]
    Show(Show),
    /// Verify without a network that a statement is in a log: its receipt, the log's key.
    #[command(
        after_help = "Examples:\n  kanae statement verify model.statement.json --receipt model.statement.json.tlog-proof --trust trust.json"
    )]
    Verify(Verify),
}

#[derive(Debug, clap::Args)]
pub(crate) struct NodeAddress {
    /// Address of the node.
    #[arg(long, env = "KANAE_URL", default_value = "http://127.0.0.1:8080", value_name = "URL")]
    url: String,
}

#[derive(Debug, clap::Args)]
struct Sign {
    /// The kind of statement (see `kanae statement kinds`).
    kind: String,
    /// The folder of the actor who signs.
    #[arg(long, value_name = "FOLDER")]
    actor: PathBuf,
    /// What it is about: a path such as minato-lab/wakaba, a digest, `genesis`, or a statement's file.
    #[arg(long, value_name = "WHAT", default_value = "")]
    about: String,
    /// File with the body in JSON.
    #[arg(long, value_name = "FILE")]
    body: Option<PathBuf>,
    /// For `assessment`: take the node's own advice for this day as the body.
    #[arg(long, value_name = "DATE")]
    advice: Option<String>,
    /// Fill in a digest at a JSON pointer of the body, from a path or a statement's file.
    #[arg(long = "ref", value_name = "POINTER=WHAT", value_parser = pair)]
    references: Vec<(String, String)>,
    /// A public file that goes with it.
    #[arg(long, value_name = "FILE")]
    attach: Vec<PathBuf>,
    /// A restricted file that goes with it, and the ground, which is public.
    #[arg(long, value_name = "FILE=GROUND", value_parser = pair)]
    attach_restricted: Vec<(String, String)>,
    /// The regime under which it is done.
    #[arg(long, value_name = "REGIME")]
    under: Option<Slug>,
    /// What prompts it.
    #[arg(long, value_enum)]
    basis: Option<Prompt>,
    /// The article that prompts it.
    #[arg(long, requires = "basis")]
    article: Option<String>,
    /// Restrict the whole statement, on this ground.
    #[arg(long, value_name = "GROUND")]
    restricted: Option<String>,
    /// The statement that it corrects: a digest or a file.
    #[arg(long, value_name = "WHAT")]
    supersedes: Option<String>,
    /// Folder of an actor whose new key a `key-change` adds; may be given several times.
    #[arg(long, value_name = "FOLDER")]
    cosign: Vec<PathBuf>,
    /// Where the signed statement goes.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    node: NodeAddress,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
#[value(rename_all = "snake_case")]
enum Prompt {
    /// Nobody asked.
    Voluntary,
    /// A rule of law asks for it, or empowers to it.
    Duty,
    /// An authority has asked for it.
    Demand,
}

#[derive(Debug, clap::Args)]
struct Approve {
    /// The signed act.
    act: PathBuf,
    /// The folder of the approving officer.
    #[arg(long, value_name = "FOLDER")]
    actor: PathBuf,
    /// In which function, as the policy names it.
    #[arg(long, default_value = "second-officer")]
    function: Slug,
    /// Why.
    #[arg(long)]
    reasons: String,
    /// Where the signed approval goes.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    node: NodeAddress,
}

#[derive(Debug, clap::Args)]
struct Submit {
    /// Signed statements, approvals before their act.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Use the token in this actor's folder.
    #[arg(long, value_name = "FOLDER")]
    actor: Option<PathBuf>,
    #[command(flatten)]
    node: NodeAddress,
}

#[derive(Debug, clap::Args)]
struct Show {
    /// A file, or a digest to ask the node for.
    statement: String,
    /// Write it as a document (PDF), in the language of --lang.
    #[arg(long, value_name = "FILE")]
    pdf: Option<PathBuf>,
    #[command(flatten)]
    fonts: FontFiles,
    #[command(flatten)]
    node: NodeAddress,
}

#[derive(Debug, clap::Args)]
struct Verify {
    /// The signed statement.
    file: PathBuf,
    /// Its receipt.
    #[arg(long, value_name = "FILE.tlog-proof")]
    receipt: PathBuf,
    /// The trust file of the log (trust.json).
    #[arg(long, value_name = "FILE")]
    trust: PathBuf,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (left, right) = text.split_once('=').ok_or("expected two things with = between them")?;
    Ok((left.to_owned(), right.to_owned()))
}

pub(crate) fn run(arguments: &Arguments, ui: &Ui) -> Result<(), Failure> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(anyhow::Error::from)?;
    runtime.block_on(async {
        match &arguments.command {
            Command::Kinds { kind } => kinds(kind.as_deref(), ui),
            Command::Sign(sign) => self::sign(sign, ui).await,
            Command::Approve(approve) => self::approve(approve, ui).await,
            Command::Submit(submit) => self::submit(submit, ui).await,
            Command::Show(arguments) => show(arguments, ui).await,
            Command::Verify(verify) => self::verify(verify, ui),
        }
    })
}

fn kinds(only: Option<&str>, ui: &Ui) -> Result<(), Failure> {
    let language = ui.lang.language();
    if let Some(name) = only {
        let kind = PredicateType::find(name).ok_or_else(|| {
            Failure::new(Kind::NotFound, format!("there is no kind of statement {name:?}"))
                .hint("run `kanae statement kinds` for the list")
        })?;
        let body = kind.example().to_value();
        ui.line(serde_json::to_string_pretty(&body).map_err(anyhow::Error::from)?);
        return ui.object(&body);
    }
    let all = PredicateType::all();
    for kind in all {
        ui.line(format!("{:<24} {}", kind.name, kind.label(language)));
    }
    let list: Vec<Value> =
        all.iter().map(|k| json!({"name": k.name, "uri": k.uri(), "label": k.label(language)})).collect();
    ui.object(&list)
}

fn connect(node: &NodeAddress, actor: Option<&Path>) -> Result<Client, Failure> {
    let token = match actor {
        None => None,
        Some(folder) => Actor::token_in(folder).map_err(from_actor)?,
    };
    Client::new(&node.url, token).map_err(from_client)
}

async fn sign(sign: &Sign, ui: &Ui) -> Result<(), Failure> {
    let client = connect(&sign.node, Some(&sign.actor))?;
    let kind = |prompt| match prompt {
        Prompt::Voluntary => BasisKind::Voluntary,
        Prompt::Duty => BasisKind::Duty,
        Prompt::Demand => BasisKind::Demand,
    };
    let restricted =
        sign.attach_restricted.iter().map(|(file, why)| (PathBuf::from(file), Some(why.clone())));
    let action = Action {
        kind: sign.kind.clone(),
        actor: sign.actor.clone(),
        about: sign.about.clone(),
        body: sign.body.clone(),
        references: sign.references.clone(),
        advice_as_of: sign.advice.clone(),
        attachments: sign.attach.iter().map(|file| (file.clone(), None)).chain(restricted).collect(),
        under: sign.under.clone(),
        basis: sign.basis.map(|prompt| Basis { kind: kind(prompt), article: sign.article.clone() }),
        restricted: sign.restricted.clone(),
        supersedes: sign.supersedes.clone(),
        cosigners: sign.cosign.clone(),
    };
    let composed = action
        .perform(Path::new(""), &client, passphrase()?.as_deref().map(String::as_str))
        .await
        .map_err(from_action)?;
    finish(&composed, &sign.out, ui)
}

async fn approve(approve: &Approve, ui: &Ui) -> Result<(), Failure> {
    let client = connect(&approve.node, Some(&approve.actor))?;
    let composed = action::approve(
        Path::new(""),
        &approve.actor,
        &approve.act,
        approve.function.clone(),
        &approve.reasons,
        &client,
        passphrase()?.as_deref().map(String::as_str),
    )
    .await
    .map_err(from_action)?;
    finish(&composed, &approve.out, ui)
}

fn finish(composed: &Composed, out: &Path, ui: &Ui) -> Result<(), Failure> {
    write_signed(out, composed).map_err(from_action)?;
    ui.line(format!("{}  {}", composed.digest(), out.display()));
    ui.object(&json!({"statement": composed.digest(), "file": out}))
}

async fn submit(submit: &Submit, ui: &Ui) -> Result<(), Failure> {
    let client = connect(&submit.node, submit.actor.as_deref())?;
    let composed = submit
        .files
        .iter()
        .map(|file| read_signed(file))
        .collect::<Result<Vec<_>, _>>()
        .map_err(from_action)?;
    let outcomes = action::submit(&client, &composed).await.map_err(from_client)?;
    let mut list = Vec::new();
    for (outcome, file) in outcomes.iter().zip(&submit.files) {
        let mut beside = file.clone().into_os_string();
        let entry = match &outcome.state {
            State::Recorded { index, receipt, already, leaf_salt } => {
                beside.push(".tlog-proof");
                std::fs::write(&beside, receipt).map_err(|e| Failure::io(Path::new(&beside), &e))?;
                let words = if *already {
                    ui.text("記録済み", "already recorded")
                } else {
                    ui.text("記録", "recorded")
                };
                ui.line(format!("{}  {words} {index}", outcome.statement));
                let salt = leaf_salt.map(|salt| Digest::from_bytes(salt).to_string());
                json!({"statement": outcome.statement, "state": "recorded", "index": index, "already": already, "leafSalt": salt, "receipt": PathBuf::from(&beside)})
            }
            State::Waiting { arrival } => {
                beside.push(".arrival");
                std::fs::write(&beside, arrival).map_err(|e| Failure::io(Path::new(&beside), &e))?;
                ui.line(format!("{}  {}", outcome.statement, ui.text("受入れ待ち", "waits to be accepted")));
                json!({"statement": outcome.statement, "state": "waiting", "arrival": PathBuf::from(&beside)})
            }
        };
        list.push(entry);
    }
    ui.object(&list)
}

async fn show(show: &Show, ui: &Ui) -> Result<(), Failure> {
    let digest = show.statement.parse::<Digest>().ok();
    if let Some(pdf) = &show.pdf {
        let bytes = if let Some(digest) = &digest {
            let client = connect(&show.node, None)?;
            client.statement_document(digest, ui.lang.language()).await.map_err(from_client)?
        } else {
            let signed = read_signed(Path::new(&show.statement)).map_err(from_action)?;
            let statement = Statement::parse(signed.envelope.payload(), Unknown::Ignore)
                .map_err(|e| Failure::new(Kind::Data, e))?;
            document::write(&statement, ui.lang.language(), &show.fonts.need()?)?
        };
        std::fs::write(pdf, &bytes).map_err(|e| Failure::io(pdf, &e))?;
        ui.line(format!("{}  {} kB", pdf.display(), bytes.len().div_ceil(1000)));
        return ui.object(&json!({"file": pdf, "bytes": bytes.len()}));
    }
    let envelope = match digest {
        Some(digest) => connect(&show.node, None)?.statement(&digest).await.map_err(from_client)?.envelope,
        None => read_signed(Path::new(&show.statement)).map_err(from_action)?.envelope,
    };
    let statement =
        Statement::parse(envelope.payload(), Unknown::Ignore).map_err(|e| Failure::new(Kind::Data, e))?;
    let object = described(&statement, &envelope);
    ui.line(serde_json::to_string_pretty(&object).map_err(anyhow::Error::from)?);
    ui.object(&object)
}

fn described(statement: &Statement, envelope: &Envelope) -> Value {
    json!({
        "statement": statement.digest(),
        "envelope": envelope.digest(),
        "kind": statement.predicate().name(),
        "subject": statement.subject(),
        "common": statement.common(),
        "body": statement.predicate().to_value(),
    })
}

fn verify(verify: &Verify, ui: &Ui) -> Result<(), Failure> {
    let composed = read_signed(&verify.file).map_err(from_action)?;
    let receipt = std::fs::read_to_string(&verify.receipt).map_err(|e| Failure::io(&verify.receipt, &e))?;
    let trust = std::fs::read_to_string(&verify.trust).map_err(|e| Failure::io(&verify.trust, &e))?;
    let trust: TrustKeys = serde_json::from_str(&trust)
        .map_err(|e| Failure::new(Kind::Data, format!("{}: {e}", verify.trust.display())))?;
    let keys = trust.log_keys.iter().map(|key| key.parse()).collect::<Result<Vec<_>, _>>().map_err(
        |e: ledger::KeyError| Failure::new(Kind::Data, format!("{}: {e}", verify.trust.display())),
    )?;
    let proven = client::verify_receipt(&receipt, &composed.digest(), &trust.origin, &keys).map_err(|e| {
        Failure::new(Kind::CheckFailed, e).hint(ui.text(
            "この受領証は、この記録がこの台帳にあることを示していません。",
            "This receipt does not show that this statement is in this log.",
        ))
    })?;
    ui.line(format!(
        "{} {} ({} {})",
        ui.text("台帳にあります: 項目", "In the log: entry"),
        proven.index,
        ui.text("台帳の大きさ", "log size"),
        proven.checkpoint.size
    ));
    ui.line(ui.text(
        "署名は誰が述べたかを示し、その内容が正しいことは示しません。",
        "A signature shows who said something, not that it is true.",
    ));
    ui.object(&json!({"ok": true, "statement": composed.digest(), "index": proven.index, "size": proven.checkpoint.size}))
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct TrustKeys {
    origin: String,
    log_keys: Vec<String>,
}

/// Turns what went wrong while making a statement into a failure with its kind.
pub(crate) fn from_action(error: ActionError) -> Failure {
    match error {
        ActionError::Client(error) | ActionError::Compose(ComposeError::Client(error)) => from_client(error),
        ActionError::Io { path, error } => Failure::io(&path, &error),
        ActionError::Actor(error) => from_actor(error),
        other => Failure::new(Kind::Data, other),
    }
}

/// Turns what a node answered, or did not, into a failure with its kind.
pub(crate) fn from_client(error: ClientError) -> Failure {
    let kind = match &error {
        ClientError::Refused { .. } => Kind::Refused,
        ClientError::NotFound { .. } => Kind::NotFound,
        ClientError::Address(_) => Kind::Usage,
        ClientError::Unreachable { .. } | ClientError::Interrupted { .. } => Kind::Unavailable,
        ClientError::Problem(problem) => match problem.status {
            401 | 403 => Kind::Refused,
            429 | 500.. => Kind::Unavailable,
            _ => Kind::Data,
        },
        _ => Kind::Data,
    };
    let mut hints = error.problem().map(|problem| problem.hints.clone()).unwrap_or_default();
    match &error {
        ClientError::Refused { hints: said, .. } => hints.clone_from(said),
        ClientError::Unreachable { .. } => {
            hints.push("give the address of a running node with --url or KANAE_URL".to_owned());
        }
        _ => {}
    }
    hints.into_iter().fold(Failure::new(kind, error), Failure::hint)
}
