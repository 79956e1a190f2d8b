//! The figures that a law fixes, with their days, and the points that it leaves open.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use law::{Regime, Switch, ValueKind};

use super::super::format::legal_day;
use super::super::parts::{Html, Tag};
use super::super::scene::Scene;
use super::super::standing::{value, words};
use super::super::why::{anchor, cited};

/// A figure of the law.
pub(super) struct FigureLine {
    pub(super) label: String,
    pub(super) id: String,
    /// Its value on the day.
    pub(super) value: Html,
    /// Since when, and what it was and will be.
    pub(super) dates: Html,
    pub(super) article: Html,
}

/// A point that the law leaves open.
pub(super) struct SwitchLine {
    pub(super) id: String,
    pub(super) question: String,
    pub(super) options: Html,
    pub(super) set: Html,
    pub(super) touched: usize,
}

/// A named setting of the open points.
pub(super) struct PresetBlock {
    pub(super) label: String,
    pub(super) reasoning: Vec<String>,
    pub(super) set: Vec<(String, Html)>,
    pub(super) href: String,
}

/// Links to an article's place on the page.
pub(super) fn to_article(scene: &Scene, regime: &Regime, article: &str) -> Html {
    Html::link(&format!("#{}", anchor(article)), cited(scene, regime, article))
}

pub(super) fn figures(scene: &Scene, regime: &Regime, day: Date) -> Vec<FigureLine> {
    let say = scene.say;
    let lines = regime.parameters().iter().map(|parameter| {
        let now = parameter.on(day);
        let dates = parameter.values.iter().map(|dated| {
            let from = say.html("period-from").part("from", legal_day(say.0, dated.from));
            if parameter.values.len() == 1 {
                from.html()
            } else {
                let shown = value(scene, &parameter.kind, &dated.text);
                say.html("figure-dated").part("value", shown).part("from", from.html()).html()
            }
        });
        FigureLine {
            label: words(scene, &parameter.label).to_owned(),
            id: parameter.id.clone(),
            value: now.map_or_else(Html::default, |dated| value(scene, &parameter.kind, &dated.text)),
            dates: Html::join(dates, "<br>"),
            article: to_article(scene, regime, &parameter.article),
        }
    });
    lines.collect()
}

/// Returns the switches that a text of a rule reads.
pub(super) fn reads<'r>(regime: &'r Regime, text: &str) -> Vec<&'r Switch> {
    let reads = |id: &str| text.contains(&format!("switch({id})"));
    regime.switches().iter().filter(|switch| reads(&switch.id)).collect()
}

/// What a condition depends on, directly or through the classes that it names.
#[derive(Default)]
struct Reached<'r> {
    switches: BTreeSet<&'r str>,
    classes: BTreeSet<&'r str>,
}

impl<'r> Reached<'r> {
    fn follow(&mut self, regime: &'r Regime, text: &str) {
        self.switches.extend(reads(regime, text).iter().map(|switch| switch.id.as_str()));
        let named = |class: &&law::Class| text.contains(&format!("class({})", class.id));
        for class in regime.classes().iter().filter(named) {
            if self.classes.insert(class.id.as_str()) {
                self.follow(regime, class.condition.source());
            }
        }
    }
}

/// Says what may settle a switch.
pub(super) fn options(scene: &Scene, switch: &Switch) -> Html {
    let say = scene.say;
    match &switch.kind {
        ValueKind::Choice { values } | ValueKind::Choices { values } => {
            let labels = values.iter().map(|choice| Html::text(words(scene, &choice.label)));
            Html::join(labels, if say.is_ja() { "／" } else { " / " })
        }
        ValueKind::Boolean => say.html("options-boolean").html(),
        ValueKind::Number { unit: Some(unit) } => {
            say.html("options-number").with("unit", say.word("unit", unit)).html()
        }
        ValueKind::Number { unit: None } => say.html("options-rate").html(),
        ValueKind::Period => say.html("options-period").html(),
        ValueKind::Date => say.html("options-date").html(),
        ValueKind::Text => say.html("options-text").html(),
    }
}

pub(super) fn switches(scene: &Scene, regime: &Regime, set: &BTreeMap<String, String>) -> Vec<SwitchLine> {
    let say = scene.say;
    let rules: Vec<Reached<'_>> = regime
        .duties()
        .iter()
        .map(|duty| {
            let mut reached = Reached::default();
            let text = format!("{} {}", duty.owed_when.source(), duty.due.as_deref().unwrap_or_default());
            reached.follow(regime, &text);
            reached
        })
        .collect();
    let lines = regime.switches().iter().map(|switch| SwitchLine {
        id: switch.id.clone(),
        question: words(scene, &switch.question).to_owned(),
        options: options(scene, switch),
        set: match set.get(&switch.id) {
            Some(text) => {
                let trial = Tag::signed("later", say.text("trial-value"));
                Html(format!("{} {trial}", value(scene, &switch.kind, text)))
            }
            None => Tag::signed("unknown", say.text("law-not-settled")).into(),
        },
        touched: rules.iter().filter(|reached| reached.switches.contains(switch.id.as_str())).count(),
    });
    lines.collect()
}

pub(super) fn presets(scene: &Scene, regime: &Regime) -> Vec<PresetBlock> {
    let presets = regime.presets().iter().map(|preset| {
        let set = regime.switches().iter().filter_map(|switch| {
            let text = preset.set.get(&switch.id)?;
            Some((words(scene, &switch.question).to_owned(), value(scene, &switch.kind, text)))
        });
        PresetBlock {
            label: words(scene, &preset.label).to_owned(),
            reasoning: preset
                .reasoning
                .iter()
                .flat_map(|text| words(scene, text).lines())
                .filter(|line| !line.trim().is_empty())
                .map(str::to_owned)
                .collect(),
            set: set.collect(),
            href: scene.href(&format!("lab/simulate?law={}&base={}", regime.id(), preset.id)),
        }
    });
    presets.collect()
}
