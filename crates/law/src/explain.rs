//! Why an assessment came out as it did, put together from what was decided.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use jiff::civil::Date;
use smol_str::{SmolStr, ToSmolStr as _, format_smolstr};

use crate::assess::MAX_DISPUTED;
use crate::assessment::Force;
use crate::expression::{EventPattern, Expression, Kind, Node};
use crate::reason::{EventUsed, FactUsed, ParameterUsed, Reason, Stated, SwitchUsed};
use crate::record::{Event, FactEntry, FactValue};
use crate::regime::{Applies, Class, Regime};
use crate::settings::SwitchSettings;
use crate::truth::Truth;

/// Most statements that a reason names, the first ones.
const MAX_EVENTS: usize = 64;
/// Most statements of one fact that a reason names, the first ones.
const MAX_STATED: usize = 64;

/// A rule of a regime, by its place among those of its kind.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Rule {
    Coverage,
    Class(usize),
    Duty(usize),
    Power(usize),
    Penalty(usize),
    /// The amount of a penalty.
    Amount(usize),
}

/// What an assessment rests on, kept so that its reasons can be told at any time.
pub(crate) struct Ground {
    pub(crate) regime: Regime,
    pub(crate) settings: SwitchSettings,
    pub(crate) as_of: Date,
    pub(crate) force: Force,
    /// What was stated of facts, by their places in the regime, as far as it counts on the day.
    pub(crate) facts: Vec<(usize, Vec<FactEntry>)>,
    /// In order of arrival, as far as they count on the day.
    pub(crate) events: Vec<Event>,
    /// The statements by which the subject is designated on the day.
    pub(crate) designated_by: Vec<EventUsed>,
    /// Known once all rules are decided.
    pub(crate) came_out: OnceLock<CameOut>,
    pub(crate) reasons: OnceLock<Reasons>,
}

/// What was decided.
#[derive(Debug, Default)]
pub(crate) struct CameOut {
    /// By place among the conditions of the regime.
    pub(crate) conditions: Vec<Truth>,
    /// Whether each duty is owed and, where the law asks it for a time only, whether that still runs.
    pub(crate) duties: Vec<(Truth, Option<Truth>)>,
    /// Whether the amount of each penalty is known.
    pub(crate) amounts: Vec<Truth>,
}

/// The reasons of all rules, by their places.
#[derive(Debug, Default)]
pub(crate) struct Reasons {
    coverage: Reason,
    classes: Vec<Reason>,
    duties: Vec<Reason>,
    powers: Vec<Reason>,
    penalties: Vec<Reason>,
    amounts: Vec<Reason>,
}

/// Classes whose reasons a tree already has: each is shown once, so that a tree stays as small as
/// its rules, however often they name each other.
type Shown<'a> = Vec<&'a str>;

impl Ground {
    /// Returns the reason of a rule. All are put together when the first is asked for.
    pub(crate) fn reason(&self, rule: Rule) -> &Reason {
        static NOTHING: Reason = Reason::NOTHING;
        let reasons =
            self.reasons.get_or_init(|| self.came_out.get().map(|out| self.all(out)).unwrap_or_default());
        let (all, place) = match rule {
            Rule::Coverage => return &reasons.coverage,
            Rule::Class(place) => (&reasons.classes, place),
            Rule::Duty(place) => (&reasons.duties, place),
            Rule::Power(place) => (&reasons.powers, place),
            Rule::Penalty(place) => (&reasons.penalties, place),
            Rule::Amount(place) => (&reasons.amounts, place),
        };
        all.get(place).unwrap_or(&NOTHING)
    }

    fn all(&self, out: &CameOut) -> Reasons {
        let told = Told { ground: self, out };
        let regime = &self.regime;
        let amounts = regime.penalties.iter().zip(&out.amounts).map(|(penalty, truth)| {
            penalty.amount.as_ref().map(|(amount, _)| told.amount(amount, *truth)).unwrap_or_default()
        });
        let rule = |condition, applies, article| told.rule(condition, applies, article, &mut None);
        Reasons {
            coverage: told.rule(
                &regime.coverage.condition,
                Applies::default(),
                &regime.coverage.article,
                &mut Some(Shown::new()),
            ),
            classes: regime.classes.iter().map(|class| told.class(class, &mut None)).collect(),
            duties: (0..regime.duties.len()).map(|place| told.duty(place)).collect(),
            powers: regime
                .powers
                .iter()
                .map(|power| rule(&power.condition, power.applies, &power.article))
                .collect(),
            penalties: regime
                .penalties
                .iter()
                .map(|penalty| rule(&penalty.condition, penalty.applies, &penalty.article))
                .collect(),
            amounts: amounts.collect(),
        }
    }
}

/// The reasons of one assessment, being put together.
struct Told<'g> {
    ground: &'g Ground,
    out: &'g CameOut,
}

impl<'g> Told<'g> {
    /// Tells the reason of a rule that an article states; classes that it names are told with it once each,
    /// where `shown` says so.
    fn rule(
        &self,
        condition: &'g Expression,
        applies: Applies,
        article: &SmolStr,
        shown: &mut Option<Shown<'g>>,
    ) -> Reason {
        let told = if self.ground.force.is_in_force() && applies.on(self.ground.as_of) {
            self.node(condition.root(), shown)
        } else {
            Reason { condition: self.not_applicable(applies), truth: Truth::False, ..Reason::NOTHING }
        };
        Reason { article: Some(article.clone()), ..told }
    }

    fn class(&self, class: &'g Class, shown: &mut Option<Shown<'g>>) -> Reason {
        self.rule(&class.condition, class.applies, &class.article, shown)
    }

    /// A duty that the law asks for a time only says so beside its condition.
    fn duty(&self, place: usize) -> Reason {
        let duty = &self.ground.regime.duties[place];
        let mut owed = self.rule(&duty.owed_when, duty.applies, &duty.article, &mut None);
        let Some((truth, Some(lasts))) = self.out.duties.get(place) else { return owed };
        let article = owed.article.take();
        let until = format_smolstr!("until {}", duty.until.as_deref().unwrap_or_default());
        let until = Reason { condition: until, truth: *lasts, ..Reason::NOTHING };
        let condition = duty.owed_when.text().clone();
        Reason { condition, truth: *truth, article, children: vec![owed, until], ..Reason::NOTHING }
    }

    /// Tells what an amount is computed from.
    fn amount(&self, amount: &'g Expression, truth: Truth) -> Reason {
        let mut reason = Reason { condition: amount.text().clone(), truth, ..Reason::NOTHING };
        self.looked_at(amount.root(), &mut reason);
        reason
    }

    fn not_applicable(&self, applies: Applies) -> SmolStr {
        let as_of = self.ground.as_of;
        match (self.ground.force, applies.from, applies.to) {
            (Force::Suspended, ..) => format_smolstr!("the text of the regime is not suspended on {as_of}"),
            (Force::Preempted, ..) => format_smolstr!("no other law displaces the regime on {as_of}"),
            (force, ..) if !force.is_in_force() => {
                format_smolstr!("a text of the regime is in force on {as_of}")
            }
            (_, Some(from), Some(to)) => {
                format_smolstr!("the rule applies on {as_of} (from {from} to {to})")
            }
            (_, Some(from), None) => format_smolstr!("the rule applies on {as_of} (from {from})"),
            (_, None, to) => format_smolstr!("the rule applies on {as_of} (to {})", to.unwrap_or(as_of)),
        }
    }

    fn node(&self, node: &'g Node, shown: &mut Option<Shown<'g>>) -> Reason {
        let truth = node.place.and_then(|place| self.out.conditions.get(place)).copied();
        let mut reason = Reason {
            condition: node.text.clone(),
            truth: truth.unwrap_or(Truth::Undetermined),
            ..Reason::NOTHING
        };
        match &node.kind {
            Kind::And(parts) | Kind::Or(parts) => {
                reason.children = parts.iter().map(|part| self.node(part, shown)).collect();
            }
            Kind::Not(inner) => reason.children = vec![self.node(inner, shown)],
            Kind::Class(id) => {
                if let Some(classes) = shown
                    && !classes.contains(&id.as_str())
                    && let Some(class) = node.names.and_then(|place| self.ground.regime.classes.get(place))
                {
                    classes.push(id);
                    reason.children = vec![self.class(class, shown)];
                }
            }
            Kind::Unmet(_) => {}
            _ => self.looked_at(node, &mut reason),
        }
        reason
    }

    /// Writes down what an atomic condition looks at, each once, in the order of its text.
    fn looked_at(&self, node: &Node, reason: &mut Reason) {
        let ground = self.ground;
        match (&node.kind, node.names) {
            (Kind::Fact(name), Some(place)) => {
                if !reason.facts.iter().any(|used| used.name == *name) {
                    let stated = ground.facts.iter().find(|(of, _)| *of == place);
                    let (value, stated) = stated.map(|(_, entries)| known(entries)).unwrap_or_default();
                    reason.facts.push(FactUsed { name: name.into(), value, stated });
                }
            }
            (Kind::Switch(id), _) => {
                if !reason.switches.iter().any(|used| used.id == *id) {
                    let set = ground.settings.value(id).and_then(|_| ground.settings.texts().get(id));
                    reason.switches.push(SwitchUsed { id: id.into(), value: set.map(SmolStr::from) });
                }
            }
            (Kind::Parameter(id), Some(place)) => {
                let dated = ground.regime.parameters.get(place).and_then(|figure| figure.on(ground.as_of));
                if let Some(dated) = dated.filter(|dated| dated.value.candidate().is_some())
                    && !reason.parameters.iter().any(|used| used.id == *id)
                {
                    let value = dated.text.as_str().into();
                    reason.parameters.push(ParameterUsed { id: id.into(), value });
                }
            }
            (Kind::Event(pattern), _) => reason.events.extend(self.matching(pattern)),
            (Kind::Designated, _) => reason.events.extend(ground.designated_by.iter().cloned()),
            // A condition used as a value.
            (Kind::And(_) | Kind::Or(_) | Kind::Not(_), _) => {}
            _ => node.parts().into_iter().for_each(|part| self.looked_at(part, reason)),
        }
        reason.events.truncate(MAX_EVENTS);
    }

    fn matching(&self, pattern: &EventPattern) -> impl Iterator<Item = EventUsed> {
        let types = &self.ground.regime.schema.events;
        let fits = |event: &&Event| pattern.fits(event, types).0 != Truth::False;
        self.ground.events.iter().filter(fits).take(MAX_EVENTS).map(EventUsed::from)
    }
}

/// Returns what is known of a fact as text, and which statement says what.
fn known(entries: &[FactEntry]) -> (Option<SmolStr>, Vec<Stated>) {
    // One value has one text, so texts tell values apart; their order does not depend on the record's.
    let texts: Vec<_> = entries.iter().map(|entry| entry.value.to_smolstr()).collect();
    let mut stated: Vec<_> = entries
        .iter()
        .zip(&texts)
        .filter_map(|(entry, text)| Some(Stated { source: entry.source.clone()?, value: text.clone() }))
        .collect();
    stated.sort();
    stated.dedup();
    stated.truncate(MAX_STATED);
    let is_known = |(entry, _): &(&FactEntry, _)| entry.value != FactValue::Unknown;
    let distinct: BTreeSet<&SmolStr> =
        entries.iter().zip(&texts).filter(is_known).map(|(_, text)| text).collect();
    if distinct.is_empty() && stated.is_empty() {
        return (None, stated);
    }
    let mut distinct: Vec<&str> = distinct.into_iter().map(SmolStr::as_str).collect();
    if distinct.len() > MAX_DISPUTED {
        distinct.truncate(MAX_DISPUTED);
        distinct.push("…");
    }
    let text = if distinct.is_empty() { "unknown".into() } else { distinct.join(" | ").into() };
    (Some(text), stated)
}
