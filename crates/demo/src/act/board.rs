//! The duty board, as the node computes it: the developer's duties and the State's on one table.

use law::{Assessment, Party, Status};

use super::Stage;
use crate::audience::Voice;
use crate::cast::{MINATO, MODEL};
use crate::scene::{DemoError, Scene, part};

/// Lines of the reasons that are shown for one duty; the page shows them all.
const REASONS: usize = 24;

pub(super) async fn show(scene: &mut Scene<'_>, stage: &Stage) -> Result<(), DemoError> {
    let advice = scene
        .client(MINATO)?
        .advice(MODEL, scene.law.law.as_str(), None)
        .await
        .map_err(|error| DemoError::Node { what: "advice".into(), error: Box::new(error) })?;
    let assessment: Assessment =
        serde_json::from_value(advice.assessment).map_err(part("reading the node's advice"))?;
    let Some(adopted) = stage.regimes.iter().find(|a| a.regime.id() == assessment.regime) else {
        return Ok(());
    };
    let mut explained = false;
    for duty in &assessment.duties {
        if duty.status == Status::NotYet {
            continue;
        }
        let title = adopted.regime.duty(&duty.id).map(|d| (d.text.ja.as_str(), d.text.en.as_str()));
        let (ja, en) = title.unwrap_or((&duty.id, &duty.id));
        let due = match duty.due {
            Some(day) => format!("{} {day}", scene.text("期限", "due")),
            None => scene.text("期限の定めなし", "no day named").to_owned(),
        };
        let line = format!(
            "{} {:<12} {} ({}), {due}",
            voice(duty.by).sign(),
            status(scene, duty.status),
            scene.text(ja, en),
            duty.article
        );
        scene.audience.note(&line);
        if duty.status == Status::Open && duty.by == Party::Developer && !explained {
            explained = true;
            // A duty names the class that owes it; which facts of which statements put the model
            // there is the reason of the whole.
            let whole = assessment.reason.outline();
            for line in duty.reason.outline().lines().chain(whole.lines()).take(REASONS) {
                scene.audience.note(&format!("      {line}"));
            }
        }
    }
    scene.note("計算による助言です。決めるのは人です。", "This is computed advice. People decide.");
    Ok(())
}

fn voice(party: Party) -> Voice {
    match party {
        Party::Authority => Voice::State,
        Party::Developer | Party::Association => Voice::Developer,
        Party::Institute | Party::CertificationBody => Voice::Verifier,
    }
}

fn status<'t>(scene: &Scene<'_>, status: Status) -> &'t str {
    let (ja, en) = match status {
        Status::NotYet => ("未発生", "not yet"),
        Status::Open | Status::AppearsUnmet => ("未了", "open"),
        Status::Filed => ("届出済み", "filed"),
        Status::AppearsMet => ("充足の見込み", "appears met"),
        Status::Unresolved => ("未確定", "unresolved"),
        Status::Decided => ("決定済み", "decided"),
    };
    scene.text(ja, en)
}
