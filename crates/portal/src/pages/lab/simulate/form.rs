//! The form of a simulation: every open point and every figure of a law as a control.

use std::collections::BTreeMap;

use law::ValueKind;

use crate::at_hand::Law;
use crate::lab::fault::{FaultKind, MAX_POINTS};
use crate::lab::simulation::{Asked, Base, Question, dials};

use super::super::super::deadline::period;
use super::super::super::parts::{Choice, Html};
use super::super::super::scene::Scene;
use super::super::super::standing::{value, words};
use super::super::super::text::Say;
use super::{base_name, fault_text};

/// The whole form.
pub(super) struct Form {
    pub(super) id: String,
    pub(super) laws: Vec<Choice>,
    pub(super) base: String,
    pub(super) bases: Vec<BaseLink>,
    pub(super) goals: Vec<Group>,
    pub(super) dials: Vec<Choice>,
    pub(super) dial: String,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) points: usize,
    pub(super) most_points: usize,
    pub(super) as_of: String,
    pub(super) switches: Vec<Control>,
    pub(super) switches_open: bool,
    pub(super) figures: Vec<Control>,
    pub(super) figures_open: bool,
    wrong: BTreeMap<String, Html>,
}
/// Choices under one heading; the first group has none.
pub(super) struct Group {
    pub(super) label: String,
    pub(super) choices: Vec<Choice>,
}

/// A setting from which to begin.
pub(super) struct BaseLink {
    pub(super) label: String,
    pub(super) href: String,
    pub(super) chosen: bool,
    pub(super) reasoning: Vec<String>,
}

/// A control for an open point or a figure.
pub(super) struct Control {
    /// Its id on the page and, but for the dots, its name in addresses.
    pub(super) field: String,
    pub(super) name: String,
    pub(super) label: String,
    pub(super) hint: Html,
    /// Choices of which one holds; empty for a text.
    pub(super) choices: Vec<Choice>,
    /// Choices of which several may hold.
    pub(super) ticks: Vec<Choice>,
    pub(super) value: String,
    pub(super) changed: bool,
    pub(super) error: Option<Html>,
}

impl Form {
    /// Returns what is wrong with a field.
    pub(super) fn error(&self, name: &str) -> Option<&Html> {
        self.wrong.get(name)
    }
}

/// Returns the id of a field on the page.
pub(super) fn field(name: &str) -> String {
    match name {
        "" => "law".to_owned(),
        "to" => "from".to_owned(),
        name => name.replace('.', "-"),
    }
}

/// Returns the name of what is asked of every model.
pub(super) fn goal_name(scene: &Scene, question: &Question) -> String {
    let regime = &question.law.regime;
    match &question.asked {
        Asked::Coverage => scene.say.text("goal-coverage").to_string(),
        Asked::Class(id) => {
            let class = regime.classes().iter().find(|class| class.id == *id);
            class.map_or_else(|| id.clone(), |class| words(scene, &class.text).to_owned())
        }
        Asked::Duty(id) => {
            regime.duty(id).map_or_else(|| id.clone(), |duty| words(scene, &duty.text).to_owned())
        }
    }
}

/// Returns the name of a figure that may be moved.
pub(super) fn dial_name(say: Say, question: &Question, id: &str) -> String {
    let regime = &question.law.regime;
    let switch = regime.switches().iter().find(|switch| switch.id == id);
    let parameter = regime.parameters().iter().find(|parameter| parameter.id == id);
    let text = switch.map(|switch| &switch.question).or(parameter.map(|parameter| &parameter.label));
    text.map_or(id, |text| if say.is_ja() { &text.ja } else { &text.en }).to_owned()
}

pub(super) fn form(scene: &Scene, laws: &BTreeMap<String, Law>, question: &Question) -> Form {
    let say = scene.say;
    let (law, regime) = (&question.law, &question.law.regime);
    let wrong: BTreeMap<String, Html> =
        question.faults.iter().map(|fault| (fault.name.clone(), fault_text(say, fault))).collect();
    let choose = |value: &str, label: &str, chosen: &str| Choice {
        value: value.to_owned(),
        label: label.to_owned(),
        chosen: value == chosen,
    };
    let laws = laws.values().map(|other| choose(other.regime.id(), scene.title(&other.regime), regime.id()));
    let dial = question.dial.clone().unwrap_or_default();
    let dials = dials(regime).into_iter().map(|id| choose(id, &dial_name(say, question, id), &dial));
    let switches = switches(scene, question, &wrong);
    let figures = figures(scene, question, &wrong);
    let opens = |controls: &[Control]| controls.iter().any(|one| one.error.is_some());
    Form {
        id: regime.id().to_owned(),
        laws: laws.collect(),
        base: question.base.as_str().to_owned(),
        bases: bases(scene, law, question),
        goals: goals(scene, question),
        dials: dials.collect(),
        dial,
        from: question.from.clone(),
        to: question.to.clone(),
        points: question.points,
        most_points: MAX_POINTS,
        as_of: question.as_of.to_string(),
        switches_open: opens(&switches),
        switches,
        figures_open: opens(&figures),
        figures,
        wrong,
    }
}

fn bases(scene: &Scene, law: &Law, question: &Question) -> Vec<BaseLink> {
    if law.regime.switches().is_empty() {
        return Vec::new();
    }
    let bases = Base::all(law).into_iter().map(|base| {
        let reasoning = match &base {
            Base::Preset(id) => {
                let preset = law.regime.presets().iter().find(|preset| preset.id == *id);
                let text = preset.and_then(|preset| preset.reasoning.as_ref());
                let lines = text.map(|text| words(scene, text).lines()).into_iter().flatten();
                lines.filter(|line| !line.trim().is_empty()).map(str::to_owned).collect()
            }
            Base::Adopted | Base::Open => Vec::new(),
        };
        BaseLink {
            label: base_name(scene, law, &base),
            href: scene.href(&format!(
                "lab/simulate?law={}&base={}&goal={}",
                law.regime.id(),
                base.as_str(),
                super::encode(&question.asked.text())
            )),
            chosen: base == question.base,
            reasoning,
        }
    });
    bases.collect()
}

fn goals(scene: &Scene, question: &Question) -> Vec<Group> {
    let say = scene.say;
    let regime = &question.law.regime;
    let chosen = question.asked.text();
    let choice =
        |value: String, label: &str| Choice { chosen: value == chosen, value, label: label.to_owned() };
    let classes =
        regime.classes().iter().filter(|class| !class.auxiliary || chosen == format!("class:{}", class.id));
    let classes = classes.map(|class| choice(format!("class:{}", class.id), words(scene, &class.text)));
    let duties =
        regime.duties().iter().map(|duty| choice(format!("duty:{}", duty.id), words(scene, &duty.text)));
    let groups = [
        (String::new(), vec![choice("coverage".to_owned(), &say.text("goal-coverage").to_string())]),
        (say.text("goal-classes").to_string(), classes.collect()),
        (say.text("goal-duties").to_string(), duties.collect()),
    ];
    let groups = groups.into_iter().filter(|(_, choices)| !choices.is_empty());
    groups.map(|(label, choices)| Group { label, choices }).collect()
}

fn hint(scene: &Scene, kind: &ValueKind) -> Html {
    let say = scene.say;
    match kind {
        ValueKind::Number { unit: Some(unit) } => {
            say.html("hint-number").with("unit", say.word("unit", unit)).html()
        }
        ValueKind::Number { unit: None } => say.html("hint-rate").html(),
        ValueKind::Period => say.html("hint-period").html(),
        ValueKind::Date => say.html("hint-date").html(),
        _ => Html::default(),
    }
}

/// Returns what stands in a field: what could not be read as it was typed, and periods in the reader's
/// language.
fn typed(scene: &Scene, question: &Question, name: &str, kind: &ValueKind, text: &str) -> String {
    let wrong = question.faults.iter().find_map(|fault| match &fault.kind {
        FaultKind::Value { found, .. } if fault.name == name => Some(found.clone()),
        _ => None,
    });
    match (wrong, kind) {
        (Some(found), _) => found,
        (None, ValueKind::Period) if scene.say.is_ja() && !text.is_empty() => period(scene, text).0,
        (None, _) => text.to_owned(),
    }
}

fn switches(scene: &Scene, question: &Question, wrong: &BTreeMap<String, Html>) -> Vec<Control> {
    let say = scene.say;
    let (set, base) = (question.settings.texts(), question.base_settings.texts());
    let controls = question.law.regime.switches().iter().map(|switch| {
        let name = format!("s.{}", switch.id);
        let text = set.get(&switch.id).map_or("", String::as_str);
        let choice =
            |value: &str, label: String| Choice { value: value.to_owned(), label, chosen: value == text };
        let open = || choice("", say.text("law-not-settled").to_string());
        let yes_no = ["true", "false"].map(|value| choice(value, say.word("value", value)));
        let mut ticks = Vec::new();
        let choices = match &switch.kind {
            ValueKind::Boolean => std::iter::once(open()).chain(yes_no).collect(),
            ValueKind::Choice { values } => {
                let values = values.iter().map(|one| choice(&one.id, words(scene, &one.label).to_owned()));
                std::iter::once(open()).chain(values).collect()
            }
            ValueKind::Choices { values } => {
                let ticked: Vec<&str> = text.split(',').collect();
                ticks.extend(values.iter().map(|one| Choice {
                    value: one.id.clone(),
                    label: words(scene, &one.label).to_owned(),
                    chosen: ticked.contains(&one.id.as_str()),
                }));
                Vec::new()
            }
            _ => Vec::new(),
        };
        Control {
            field: field(&name),
            label: words(scene, &switch.question).to_owned(),
            hint: hint(scene, &switch.kind),
            choices,
            ticks,
            value: typed(scene, question, &name, &switch.kind, text),
            changed: set.get(&switch.id) != base.get(&switch.id),
            error: wrong.get(&name).cloned(),
            name,
        }
    });
    controls.collect()
}

fn figures(scene: &Scene, question: &Question, wrong: &BTreeMap<String, Html>) -> Vec<Control> {
    let say = scene.say;
    let controls = question.law.regime.parameters().iter().map(|parameter| {
        let name = format!("p.{}", parameter.id);
        let law = parameter.on(question.as_of).map(|dated| value(scene, &parameter.kind, &dated.text));
        let law = say.html("hint-law").part("value", law.unwrap_or_default()).html();
        let hint = hint(scene, &parameter.kind);
        let changed = question.changed.get(&parameter.id);
        Control {
            field: field(&name),
            label: words(scene, &parameter.label).to_owned(),
            hint: Html(format!("{law} {hint}")),
            choices: Vec::new(),
            ticks: Vec::new(),
            value: typed(scene, question, &name, &parameter.kind, changed.map_or("", String::as_str)),
            changed: changed.is_some(),
            error: wrong.get(&name).cloned(),
            name,
        }
    });
    controls.collect()
}
