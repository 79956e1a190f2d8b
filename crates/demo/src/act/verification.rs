//! Step 4: the model is asked a suite, inside the developer's house and outside it.

use std::path::Path;

use client::action::Line;
use evidence::predicate::{Rate, VerificationScope};
use evidence::{BasisKind, Texts};
use safety::{Endpoint, Options, Run};
use serde::Serialize;

use super::Stage;
use super::model::RegisteredModel;
use crate::cast::{INSTITUTE, MINATO, Role, VERSION};
use crate::model_server::{ModelServer, PracticeEndpoint};
use crate::scene::{DemoError, Scene, Signed, part};

/// What the verifications found.
#[derive(Debug, Serialize)]
pub struct Verification {
    /// Whether the practice endpoint answered in place of a model.
    practice: bool,
    /// The developer's own result.
    internal: Rate,
    /// The institute's.
    external: Rate,
    /// External less internal, over the samples that both scored.
    difference: String,
}

pub(super) struct Verified {
    pub(super) figures: Verification,
    pub(super) external: Signed,
}

enum Answering {
    Model(ModelServer),
    Practice(PracticeEndpoint),
}

impl Answering {
    fn base_url(&self) -> &str {
        match self {
            Self::Model(server) => server.base_url(),
            Self::Practice(endpoint) => endpoint.base_url(),
        }
    }
}

pub(super) async fn play(
    scene: &mut Scene<'_>,
    stage: &Stage,
    model: &RegisteredModel,
) -> Result<Verified, DemoError> {
    scene.begin(4, "安全性検証：内部と外部", "Safety verification, inside and outside");
    let server = match &model.prepared {
        Some(prepared) => {
            Answering::Model(ModelServer::start(prepared).await.map_err(part("the model's server"))?)
        }
        None => Answering::Practice(PracticeEndpoint::start().await.map_err(part("the practice endpoint"))?),
    };
    let practice = matches!(server, Answering::Practice(_));
    let name = if practice { "kanae-practice" } else { "wakaba" };
    let internal = ask(scene, stage, &server, name, MINATO, 1).await?;
    let first = state(scene, &internal, MINATO, model, None, practice).await?;
    let external = ask(scene, stage, &server, name, INSTITUTE, 2).await?;
    let difference = safety::compare(&internal, &external).map_err(part("comparing the verifications"))?;
    let comparison = difference.comparison(first.digest());
    let figures = Verification {
        practice,
        internal: internal.summary.score.clone(),
        external: external.summary.score.clone(),
        difference: comparison.difference.clone(),
    };
    let text = format!(
        "{} {} (p = {})",
        scene.text("外部と内部の差:", "External less internal:"),
        comparison.difference,
        comparison.p_value
    );
    scene.audience.note(&text);
    let second = state(scene, &external, INSTITUTE, model, Some((&first, comparison)), practice).await?;
    if let Answering::Model(server) = server {
        server.stop().await;
    }
    Ok(Verified { figures, external: second })
}

/// Runs the suite, and shows the command.
async fn ask(
    scene: &mut Scene<'_>,
    stage: &Stage,
    server: &Answering,
    name: &str,
    role: Role,
    seed: u32,
) -> Result<Run, DemoError> {
    let endpoint = Endpoint::new(server.base_url(), name, None).map_err(part("the endpoint"))?;
    let options = Options { limit: stage.samples, seed, ..Options::default() };
    let log = Path::new("steps/4").join(format!("{}.eval", role.folder));
    let whole = scene.folder.join(&log);
    if let Some(folder) = whole.parent() {
        std::fs::create_dir_all(folder).map_err(|error| DemoError::Io { path: folder.to_owned(), error })?;
    }
    let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
    let show = move |progress: safety::Progress| {
        // Nobody listens any more once the run has ended.
        let _ = sender.send(progress);
    };
    let asked = safety::run(&stage.suite, &endpoint, &options, &whole, &show);
    tokio::pin!(asked);
    let run = loop {
        tokio::select! {
            result = &mut asked => break result.map_err(part("the verification"))?,
            Some(progress) = receiver.recv() => {
                let text = format!("{} / {}", progress.counts.samples, progress.total);
                scene.audience.progress(&text);
            }
        }
    };
    let mut line = Line::new("kanae safety run");
    line.option("--suite", &stage.suite.id)
        .option("--base-url", server.base_url())
        .option("--model", name)
        .option("--seed", seed)
        .option("--log", log.display());
    if let Some(limit) = stage.samples {
        line.option("--limit", limit);
    }
    // The model's server is gone when someone reads this: the line is for reading, not replaying.
    scene.audience.command(&format!("# {line}"));
    let counts = run.summary.counts;
    let score = &run.summary.score;
    let text = format!(
        "{}: {}/{} {} [{}–{}], {} {}, {} {}",
        scene.text(role.ja, role.en),
        counts.correct,
        counts.scored,
        scene.text("期待どおり", "as expected"),
        score.low.as_deref().unwrap_or("–"),
        score.high.as_deref().unwrap_or("–"),
        scene.text("採点不能", "unscored"),
        counts.unscored,
        scene.text("エラー", "errors"),
        counts.errors
    );
    scene.audience.note(&text);
    Ok(run)
}

/// States the result of a run.
async fn state(
    scene: &mut Scene<'_>,
    run: &Run,
    role: Role,
    model: &RegisteredModel,
    earlier: Option<(&Signed, evidence::predicate::Comparison)>,
    practice: bool,
) -> Result<Signed, DemoError> {
    let scope = if role == MINATO { VerificationScope::Internal } else { VerificationScope::External };
    let remarks = if practice {
        Texts::both(
            "モデルではなく練習用の応答に対する実行です。モデルについて何も示しません。",
            "Run against a practice endpoint, not a model. It shows nothing about the model.",
        )
    } else {
        Texts::both(
            "小さな検証です。語句による採点は一次的なもので、安全の証明ではありません。",
            "A small verification. Scoring by phrases is a first look, and no proof of safety.",
        )
    };
    let artefact = (!practice).then_some(model.artefact);
    let (reference, comparison) = earlier.unzip();
    let body = run.summary.verification(scope, artefact, comparison, remarks);
    let body = serde_json::to_value(body).map_err(part("the verification's body"))?;
    let mut action = Scene::action(role, "safety-verification", VERSION);
    scene.law.put_under(&mut action, BasisKind::Duty);
    let log = Path::new("steps/4").join(format!("{}.eval", role.folder));
    if let Some(first) = reference {
        action.references = vec![("/comparison/statement".to_owned(), first.reference())];
    }
    action.attachments = vec![(log, None)];
    scene.say(role, action, &body).await
}
