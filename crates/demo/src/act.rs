//! The play: steps 1 to 7.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use evidence::{Date, Digest};
use law::Regime;
use safety::Suite;
use serde::Serialize;

use crate::audience::Audience;
use crate::scene::{DemoError, Scene};
use crate::setting::Setting;

mod birth;
mod board;
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
    /// What the demo takes from the law.
    pub setting: Setting,
    /// The regimes to adopt, among them the setting's law.
    pub regimes: Vec<Adopted>,
    /// Whom the laws would cover, by setting: computed from the shipped data on real models.
    pub coverage: Vec<Coverage>,
    /// The suite that the model is asked.
    pub suite: Suite,
    /// Whether to do without Python packages and the real model.
    pub offline: bool,
    /// Samples to ask at most; all without a limit.
    pub samples: Option<usize>,
}

/// A regime to adopt.
pub struct Adopted {
    /// Its files, read.
    pub regime: Regime,
    /// The folder digest of its files.
    pub folder: Digest,
    /// Its switches as set.
    pub switches: BTreeMap<String, String>,
}

/// Whom one setting of a law would cover.
#[derive(Debug, Clone, Serialize)]
pub struct Coverage {
    /// The setting, for people.
    pub label: (String, String),
    /// Models in all, of them covered, not covered, undetermined.
    pub models: Figures,
    /// By year; names in Japanese and English.
    pub years: Vec<((String, String), Figures)>,
    /// By country, most covered last.
    pub countries: Vec<((String, String), Figures)>,
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
    let mut scene = Scene::new(&stage.folder, &stage.url, Arc::new(stage.setting.clone()), audience);
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
    let filed = duties::play(&mut scene, stage, &designated).await?;
    done("duties");
    supervision::play(&mut scene, stage, &verified, &filed).await?;
    done("supervision");
    Ok(Outcome { statements: scene.recorded, steps, verification: verified.figures })
}

/// Returns the day `days` after another.
fn after(day: Date, days: i64) -> Result<Date, DemoError> {
    let later = day.civil().checked_add(jiff::ToSpan::days(days)).map_err(crate::scene::part("date"))?;
    Ok(Date::new(later))
}
