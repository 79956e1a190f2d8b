//! The laws: their text beside the rules, their figures and open points, and whom they would cover.

mod articles;
mod coverage;
mod figures;
mod list;
mod readme;
mod rules;
mod show;

use axum::extract::Path;
use axum::response::Response;
use law::{Force, Regime, RegimeStatus};

use super::format::day;
use super::parts::Tag;
use super::scene::Scene;
use super::{Request, page};

pub(crate) use articles::{filled, text_of};
pub(crate) use coverage::{Coverage, comparison};

pub(crate) async fn list(Path(language): Path<String>, request: Request) -> Response {
    page(&language, request, |scene| Ok(list::make(scene))).await
}

pub(crate) async fn show(Path((language, regime)): Path<(String, String)>, request: Request) -> Response {
    page(&language, request, move |scene| show::make(scene, &regime)).await
}

/// Returns the day of a law's own time zone on which a page is looked at.
pub(crate) fn today(scene: &Scene, regime: &Regime) -> jiff::civil::Date {
    regime.time_zone().to_datetime(scene.now.instant()).date()
}

/// Shows whether a regime is law.
pub(crate) fn status(scene: &Scene, status: RegimeStatus) -> Tag {
    match status {
        RegimeStatus::Draft => Tag::signed("later", scene.say.text("law-draft")),
        RegimeStatus::InForce => Tag::signed("good", scene.say.text("law-in-force")),
        RegimeStatus::Voluntary => Tag::signed("open", scene.say.text("law-voluntary")),
    }
}

/// Shows whether a regime is law, and whether it has force on a day.
pub(crate) fn force(scene: &Scene, regime: &Regime, on: jiff::civil::Date) -> Tag {
    let say = scene.say;
    let force = regime.force_on(on);
    if regime.status() == RegimeStatus::Draft || force == Force::InForce {
        return status(scene, regime.status());
    }
    match force {
        Force::NotYet => {
            let next = regime.versions().iter().map(|version| version.from).find(|from| on < *from);
            let next = next.map(|from| day(say.0, from)).unwrap_or_default();
            Tag::signed("later", say.text("force-not-yet").with("from", next))
        }
        Force::Suspended => Tag::signed("unknown", say.text("force-suspended")),
        Force::Preempted => Tag::signed("unknown", say.text("force-preempted")),
        Force::Ended | Force::InForce => Tag::signed("later", say.text("force-ended")),
    }
}

/// Shows whether a layer beside the law binds.
fn instrument_status(scene: &Scene, of: RegimeStatus) -> Tag {
    match of {
        RegimeStatus::Voluntary => Tag::signed("open", scene.say.text("instrument-voluntary")),
        RegimeStatus::InForce => Tag::signed("good", scene.say.text("instrument-in-force")),
        RegimeStatus::Draft => Tag::signed("later", scene.say.text("instrument-draft")),
    }
}

/// Shows how sure a text is.
pub(crate) fn certainty(scene: &Scene, certainty: law::Certainty) -> Tag {
    match certainty {
        law::Certainty::Verified => Tag::signed("good", scene.say.text("certainty-verified")),
        law::Certainty::Secondary => Tag::signed("unknown", scene.say.text("certainty-secondary")),
        law::Certainty::Memory => Tag::signed("unknown", scene.say.text("certainty-memory")),
    }
}
