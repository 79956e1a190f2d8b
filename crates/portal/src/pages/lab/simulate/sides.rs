//! Old and new side by side (新旧対照表): what was changed, and for which models and duties that changes
//! something.

use law::Truth;
use law::simulate::{Bounds, Difference, Tally};

use crate::lab::simulation::{Answer, Question};

use super::super::super::format::short_day;
use super::super::super::law::filled;
use super::super::super::parts::{Html, Tag, escape};
use super::super::super::scene::Scene;
use super::super::super::standing::{value, words};
use super::super::super::text::Say;
use super::super::super::why::{article_link, cited};
use super::{answer_tag, base_name, bounds};

/// Old and new.
pub(super) struct Sides {
    /// With what the new text is compared.
    pub(super) base: String,
    pub(super) lines: Vec<Line>,
    pub(super) finding: Html,
    pub(super) old: String,
    pub(super) new: String,
    pub(super) models: Vec<Model>,
    pub(super) more: usize,
    pub(super) duties: Vec<Duty>,
}

/// A text, a figure or an open point that differs.
pub(super) struct Line {
    pub(super) name: Html,
    pub(super) old: Html,
    pub(super) new: Html,
}

/// A model whose answer changes.
pub(super) struct Model {
    pub(super) name: String,
    pub(super) developers: String,
    pub(super) published: Html,
    pub(super) old: Tag,
    pub(super) new: Tag,
}

/// A duty that is owed by more, fewer or other models than before.
pub(super) struct Duty {
    pub(super) name: String,
    pub(super) article: Html,
    pub(super) old: String,
    pub(super) new: String,
    pub(super) examples: String,
}

/// Most models that the page lists.
const MAX_MODELS: usize = 60;

pub(super) fn sides(scene: &Scene, question: &Question, answer: &Answer, found: &Difference) -> Sides {
    let say = scene.say;
    let separator = if say.is_ja() { "、" } else { ", " };
    let regime = &question.law.regime;
    let models = found.changes.iter().take(MAX_MODELS).map(|change| Model {
        name: change.model.clone(),
        developers: change.developers.join(separator),
        published: change.published.map_or_else(Html::default, short_day),
        old: answer_tag(scene, change.old),
        new: answer_tag(scene, change.new),
    });
    let count = |was: Truth, is: Truth| {
        found.changes.iter().filter(|change| (change.old, change.new) == (was, is)).count()
    };
    let finding = say
        .html("sides-finding")
        .with("newly", both(say, found.newly_covered))
        .with("no_longer", both(say, found.no_longer_covered))
        .count(
            "undetermined",
            count(Truth::True, Truth::Undetermined) + count(Truth::False, Truth::Undetermined),
        )
        .html();
    let none = Tally::default();
    let duties = found.duties.iter().map(|change| {
        let rule = regime.duty(&change.duty);
        let examples: Vec<&str> =
            change.newly_owed.iter().chain(&change.no_longer_owed).map(String::as_str).collect();
        Duty {
            name: rule.map_or_else(|| change.duty.clone(), |rule| words(scene, &rule.text).to_owned()),
            article: rule.map(|rule| cited(scene, regime, &rule.article)).unwrap_or_default(),
            old: bounds(say, change.old.as_ref().unwrap_or(&none)),
            new: bounds(say, change.new.as_ref().unwrap_or(&none)),
            examples: examples.join(separator),
        }
    });
    Sides {
        base: base_name(scene, &question.law, &question.base),
        lines: lines(scene, question),
        finding,
        old: bounds(say, &answer.before.as_ref().unwrap_or(&answer.counts).models),
        new: bounds(say, &answer.counts.models),
        models: models.collect(),
        more: found.changes.len().saturating_sub(MAX_MODELS),
        duties: duties.collect(),
    }
}

fn both(say: Say, bounds: Bounds) -> String {
    let dash = if say.is_ja() { "〜" } else { "–" };
    if bounds.at_least == bounds.at_most {
        bounds.at_least.to_string()
    } else {
        format!("{}{dash}{}", bounds.at_least, bounds.at_most)
    }
}

/// Puts the texts side by side that carry a changed figure, then figures that stand in no text, then
/// open points.
fn lines(scene: &Scene, question: &Question) -> Vec<Line> {
    let (old, new) = (&question.law.regime, &question.regime);
    let day = question.as_of;
    let mut lines = Vec::new();
    for article in old.articles() {
        let text = words(scene, article.text_on(day).0);
        if question.changed.keys().any(|id| text.contains(&format!("{{{id}}}"))) {
            lines.push(Line {
                name: article_link(scene, old, &article.id),
                old: filled(scene, old, text, day),
                new: filled(scene, new, text, day),
            });
        }
    }
    for id in question.changed.keys() {
        let of = |regime: &law::Regime| {
            let parameter = regime.parameters().iter().find(|parameter| parameter.id == *id)?;
            Some(value(scene, &parameter.kind, &parameter.on(day)?.text))
        };
        let Some(parameter) = old.parameters().iter().find(|parameter| parameter.id == *id) else { continue };
        lines.push(Line {
            name: Html(format!(
                "{} <span class=\"quiet\">{}</span>",
                escape(words(scene, &parameter.label)),
                cited(scene, old, &parameter.article)
            )),
            old: of(old).unwrap_or_default(),
            new: of(new).unwrap_or_default(),
        });
    }
    let (was, is) = (question.base_settings.texts(), question.settings.texts());
    for switch in old.switches() {
        let of = |set: Option<&String>| match set {
            Some(text) => value(scene, &switch.kind, text),
            None => Tag::signed("unknown", scene.say.text("law-not-settled")).into(),
        };
        if was.get(&switch.id) != is.get(&switch.id) {
            lines.push(Line {
                name: Html::text(words(scene, &switch.question)),
                old: of(was.get(&switch.id)),
                new: of(is.get(&switch.id)),
            });
        }
    }
    lines
}
