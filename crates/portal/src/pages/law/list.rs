//! Every law at hand, in one table.

use askama::Template;

use crate::at_hand;

use super::super::format::legal_day;
use super::super::frame::Frame;
use super::super::parts::{Html, Tag};
use super::super::scene::Scene;
use super::super::text::Say;
use super::text_of;
use super::today;

#[derive(Template)]
#[template(path = "laws.html")]
pub(super) struct Laws {
    frame: Frame,
    say: Say,
    lines: Vec<LawLine>,
}

struct LawLine {
    name: Html,
    jurisdiction: String,
    status: Tag,
    from: Html,
    covers: Html,
    open: usize,
    duties: usize,
    tests: usize,
    /// The entry of its adoption here.
    adopted: Option<Html>,
}

pub(super) fn make(scene: &Scene) -> Laws {
    let say = scene.say;
    let laws = at_hand::laws(&scene.view);
    // What is adopted here stands first; then by id.
    let mut order: Vec<_> = laws.values().collect();
    order.sort_by_key(|law| law.adopted.is_none());
    let lines = order.iter().map(|law| {
        let regime = &law.regime;
        let today = today(scene, regime);
        let first = regime.versions().first().map(|version| version.from);
        LawLine {
            name: Html::link(&scene.href(&format!("laws/{}", regime.id())), Html::text(scene.title(regime))),
            jurisdiction: say.word("jurisdiction", regime.jurisdiction()),
            status: super::force(scene, regime, today),
            from: match (regime.status(), first) {
                (law::RegimeStatus::Draft, _) | (_, None) => Html::default(),
                // The tag of a law to come names the day.
                (_, Some(first)) if today < first => Html::default(),
                (_, Some(first)) => say.html("period-from").part("from", legal_day(say.0, first)).html(),
            },
            covers: match regime.article(&regime.coverage().article) {
                Some(article) => text_of(scene, regime, article, today),
                None => Html::text(&regime.coverage().article),
            },
            open: regime.switches().len(),
            duties: regime.duties().len(),
            tests: regime.tests().len(),
            adopted: law.adopted.as_ref().map(|adopted| scene.entry_at(adopted.since)),
        }
    });
    let lines = lines.collect();
    let title = say.text("laws-title").to_string();
    let frame =
        Frame::new(scene, "law", title).rests_on_laws(scene, laws.values(), "/api/v1/regimes".to_owned());
    Laws { frame, say, lines }
}
