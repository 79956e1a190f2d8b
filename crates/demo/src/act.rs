//! The play: steps 1 to 7.

use std::path::PathBuf;
use std::time::Instant;

use evidence::{Basis, BasisKind, Date, Digest};
use safety::Suite;
use serde::Serialize;

use crate::audience::Audience;
use crate::scene::{DemoError, Scene};

mod birth;
mod coverage;
mod designation;
mod duties;
mod model;
mod supervision;
mod verification;

/// What the caller has set up before the play begins.
pub struct Stage {
    /// The data folder. The node's own files lie there, and the actors' below `actors/`.
    pub folder: PathBuf,
    /// The address of the running node.
    pub url: String,
    /// The day of the play.
    pub today: Date,
    /// The regimes to adopt: name, folder digest, switch settings.
    pub regimes: Vec<(String, Digest, std::collections::BTreeMap<String, String>)>,
    /// Whom the laws would cover, by setting: computed from the shipped data on real models.
    pub coverage: Vec<Coverage>,
    /// The suite that the model is asked.
    pub suite: Suite,
    /// Whether to do without Python packages and the real model.
    pub offline: bool,
    /// Samples to ask at most; all without a limit.
    pub samples: Option<usize>,
}

/// Whom one setting of a law would cover.
#[derive(Debug, Clone, Serialize)]
pub struct Coverage {
    /// The setting, for people.
    pub label: (String, String),
    /// Models in all, of them covered, not covered, undetermined.
    pub models: Figures,
    /// By year.
    pub years: Vec<(String, Figures)>,
    /// By country, most covered first.
    pub countries: Vec<(String, Figures)>,
}

/// A count by answer.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Figures {
    /// Covered.
    pub covered: u64,
    /// Not covered.
    pub not_covered: u64,
    /// Undetermined: compute not known.
    pub undetermined: u64,
}

/// What came of the play.
#[derive(Debug, Serialize)]
pub struct Outcome {
    /// Statements recorded by the cast.
    pub statements: u64,
    /// The steps.
    pub steps: Vec<Step>,
    /// What the safety verifications found.
    pub verification: verification::Verification,
}

/// One step, as it went.
#[derive(Debug, Serialize)]
pub struct Step {
    /// Its name.
    pub name: &'static str,
    /// Whether everything in it went as it should.
    pub ok: bool,
    /// How long it took.
    pub seconds: f64,
}

/// Plays steps 1 to 7.
pub async fn run(stage: &Stage, audience: &mut dyn Audience) -> Result<Outcome, DemoError> {
    let mut scene = Scene::new(&stage.folder, &stage.url, audience);
    let mut steps = Vec::new();
    let mut begun = Instant::now();
    let mut done = |name| {
        steps.push(Step {
            name,
            ok: true,
            seconds: (begun.elapsed().as_secs_f64() * 1000.0).round() / 1000.0,
        });
        begun = Instant::now();
    };
    birth::play(&mut scene, stage).await?;
    done("birth");
    coverage::play(&mut scene, stage);
    done("coverage");
    let model = model::play(&mut scene, stage).await?;
    done("model");
    let verified = verification::play(&mut scene, stage, &model).await?;
    done("verification");
    let designated = designation::play(&mut scene, stage, &model).await?;
    done("designation");
    let filed = duties::play(&mut scene, &designated).await?;
    done("duties");
    supervision::play(&mut scene, stage, &verified, &filed).await?;
    done("supervision");
    Ok(Outcome { statements: scene.recorded, steps, verification: verified.figures })
}

/// A duty of the draft law prompts it.
fn duty(article: &str) -> Basis {
    Basis { kind: BasisKind::Duty, article: Some(article.to_owned()) }
}

/// An authority has asked for it.
fn demand(article: &str) -> Basis {
    Basis { kind: BasisKind::Demand, article: Some(article.to_owned()) }
}

/// Returns the day `days` after another.
fn after(day: Date, days: i64) -> Result<Date, DemoError> {
    let later = day.civil().checked_add(jiff::ToSpan::days(days)).map_err(crate::scene::part("date"))?;
    Ok(Date::new(later))
}
