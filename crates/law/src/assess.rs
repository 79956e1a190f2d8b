//! What the law asks of a subject on a day.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use smol_str::{SmolStr, ToSmolStr as _};

use crate::assessment::{
    Assessment, ClassResult, Coverage, FactUsed, Force, Money, PenaltyResult, PowerResult, Reason, Stated,
};
use crate::duty;
use crate::expression::{Amount, Candidate, ClassState, Context, FactState, Open, OpenNames, Outcome, Term};
use crate::facts_file::FactError;
use crate::record::{FactEntry, FactValue, Record};
use crate::regime::{Applies, FactSchema, Regime};
use crate::settings::SwitchSettings;
use crate::truth::{Because, Truth};

/// Most values of one fact that are looked at side by side.
const MAX_DISPUTED: usize = 16;
/// Most statements of one fact that a reason names, the first ones.
const MAX_STATED: usize = 64;

/// Assesses a record under a regime as of the end of a day in the regime's time zone. The same
/// input has the same result. Facts that the regime does not know are left out; a value of another
/// kind or unit than the schema asks for is an error.
pub fn assess(
    regime: &Regime,
    settings: &SwitchSettings,
    record: &Record,
    as_of: Date,
) -> Result<Assessment, FactError> {
    let mut context = context(regime, settings, record, as_of)?;
    let version = regime.version_on(as_of);
    let force = regime.force_on(as_of);
    let applies = |applies: Applies| force.is_in_force() && applies.on(as_of);
    let judged = |context: &Context<'_>, condition, on: Applies, article: &SmolStr| {
        if applies(on) {
            context.condition(condition, article)
        } else {
            not_applicable(as_of, on, force, article)
        }
    };
    for class in &regime.classes {
        let outcome = judged(&context, &class.condition, class.applies, &class.article);
        let condition = applies(class.applies).then_some(&class.condition);
        context.classes.insert(&class.id, ClassState { outcome, condition });
    }
    let coverage = if force.is_in_force() {
        context.explained(&regime.coverage.condition, &regime.coverage.article)
    } else {
        not_applicable(as_of, Applies::default(), force, &regime.coverage.article)
    };
    let mut open = coverage.open.clone();
    let mut classes = Vec::new();
    for class in &regime.classes {
        if let Some(ClassState { outcome, .. }) = context.classes.get(class.id.as_str()) {
            if !class.auxiliary {
                open.add(&outcome.open);
            }
            classes.push(ClassResult {
                id: class.id.clone(),
                article: class.article.clone(),
                holds: outcome.truth,
                because: context.names.because(&outcome.open),
                reason: outcome.reason.clone(),
            });
        }
    }
    let mut duties = Vec::new();
    for rule in &regime.duties {
        let owed = judged(&context, &rule.owed_when, rule.applies, &rule.article);
        let (result, standing) = duty::assess(&context, rule, owed);
        let party = context.duties.entry(rule.by.as_str()).or_default();
        party.unmet.0 = party.unmet.0.or(standing.unmet.0);
        party.unmet.1.add(&standing.unmet.1);
        context.duties.insert(&rule.id, standing);
        duties.push(result);
    }
    let powers = regime.powers.iter().map(|power| {
        let Outcome { truth, open, reason } =
            judged(&context, &power.condition, power.applies, &power.article);
        PowerResult {
            id: power.id.clone(),
            article: power.article.clone(),
            available: truth,
            because: context.names.because(&open),
            reason,
        }
    });
    let penalties = regime.penalties.iter().map(|penalty| {
        let outcome = judged(&context, &penalty.condition, penalty.applies, &penalty.article);
        let (mut maximum, mut maximum_because, mut formula) = (None, Because::default(), None);
        if let Some((amount, unit)) = &penalty.amount {
            let (term, computed_from) = context.amount(amount);
            (maximum, maximum_because) = money(&term, unit.as_deref(), &context.names);
            formula = Some(computed_from);
        }
        PenaltyResult {
            id: penalty.id.clone(),
            article: penalty.article.clone(),
            applies: outcome.truth,
            because: context.names.because(&outcome.open),
            maximum,
            maximum_because,
            formula,
            reason: outcome.reason,
        }
    });
    let open = context.names.because(&open);
    Ok(Assessment {
        regime: regime.id.clone(),
        version: version.map(|version| version.id.clone()),
        as_of,
        force,
        in_force_from: if force == Force::NotYet { regime.next_text(as_of) } else { None },
        coverage: Coverage::from(coverage.truth),
        coverage_because: context.names.because(&coverage.open),
        class: class_of(regime, &classes),
        missing: open.missing,
        disputed: open.disputed,
        unsettled: open.unsettled,
        duties,
        powers: powers.collect(),
        penalties: penalties.collect(),
        classes,
        reason: coverage.reason,
    })
}

/// Puts together what the conditions of a regime see of a record on a day. Classes and duties are
/// added as they are assessed.
pub(crate) fn context<'a>(
    regime: &'a Regime,
    settings: &'a SwitchSettings,
    record: &'a Record,
    as_of: Date,
) -> Result<Context<'a>, FactError> {
    let day = |instant: Timestamp| regime.time_zone.to_datetime(instant).date();
    let mut context = Context::new(regime, settings, as_of);
    for schema in &regime.facts {
        if let Some(entries) = record.facts.get(&schema.name) {
            let state = fact_state(schema, entries, &context.names, |instant| day(instant) <= as_of)?;
            if let Some(state) = state {
                context.facts.insert(schema.name.as_str(), state);
            }
        }
    }
    context.events = record.events.iter().filter(|event| day(event.arrived) <= as_of).collect();
    context.events.sort();
    context.events.dedup();
    if let Some(rule) = &regime.designation {
        for event in &context.events {
            if event.predicate == rule.begins {
                context.designated_by.push(*event);
            } else if event.predicate == rule.ends {
                context.designated_by.clear();
            }
        }
    }
    Ok(context)
}

/// Returns the last class, in the regime's order, that holds.
fn class_of(regime: &Regime, results: &[ClassResult]) -> Option<SmolStr> {
    let holds = |id: &str| results.iter().any(|result| result.id == id && result.holds == Truth::True);
    regime
        .classes
        .iter()
        .rev()
        .find(|class| !class.auxiliary && holds(&class.id))
        .map(|class| class.id.clone())
}

fn not_applicable(as_of: Date, applies: Applies, force: Force, article: &SmolStr) -> Outcome {
    let condition = match (force, applies.from, applies.to) {
        (Force::Suspended, ..) => format!("the text of the regime is not suspended on {as_of}"),
        (Force::Preempted, ..) => format!("no other law displaces the regime on {as_of}"),
        (Force::NotYet | Force::Ended, ..) => format!("a text of the regime is in force on {as_of}"),
        (_, Some(from), Some(to)) => format!("the rule applies on {as_of} (from {from} to {to})"),
        (_, Some(from), None) => format!("the rule applies on {as_of} (from {from})"),
        (_, None, to) => format!("the rule applies on {as_of} (to {})", to.unwrap_or(as_of)),
    };
    let article = Some(article.clone());
    let reason = Reason { condition: condition.into(), truth: Truth::False, article, ..Reason::default() };
    Outcome { truth: Truth::False, open: Open::default(), reason }
}

/// Puts together what was stated of a fact. Differing values are candidates, none above the other.
fn fact_state(
    schema: &FactSchema,
    entries: &[FactEntry],
    names: &OpenNames,
    counts: impl Fn(Timestamp) -> bool,
) -> Result<Option<FactState>, FactError> {
    // One value has one text, so texts tell values apart; their order does not depend on the record's.
    let mut distinct: BTreeMap<SmolStr, &FactValue> = BTreeMap::new();
    let mut stated = Vec::new();
    for entry in entries.iter().filter(|entry| entry.known_at.is_none_or(&counts)) {
        if !schema.admits(&entry.value) {
            return Err(schema.mismatch(&entry.value));
        }
        let text = entry.value.to_smolstr();
        stated.extend(entry.source.clone().map(|source| Stated { source, value: text.clone() }));
        if entry.value != FactValue::Unknown {
            distinct.insert(text, &entry.value);
        }
    }
    if distinct.is_empty() && stated.is_empty() {
        return Ok(None);
    }
    let mut texts: Vec<_> = distinct.keys().take(MAX_DISPUTED).map(SmolStr::as_str).collect();
    texts.extend((distinct.len() > MAX_DISPUTED).then_some("…"));
    let text = match texts[..] {
        [] => "unknown".into(),
        [only] => only.into(),
        _ => texts.join(" | ").into(),
    };
    let values: Vec<&FactValue> = distinct.into_values().collect();
    stated.sort();
    stated.dedup();
    stated.truncate(MAX_STATED);
    let inexact = values
        .iter()
        .any(|value| matches!(value, FactValue::Range { low, high, .. } if low.is_none() || low != high));
    let mut open = Open::default();
    if values.is_empty() || inexact {
        open.add(&names.missing(&schema.name));
    }
    if values.len() > 1 {
        open.add(&names.disputed(&schema.name));
    }
    let candidates: Vec<_> = values.iter().filter_map(|value| candidate(value)).collect();
    let candidates = if candidates.len() > MAX_DISPUTED { Vec::new() } else { candidates };
    let term = Term { candidates: Cow::Owned(candidates), open };
    Ok(Some(FactState { term, text, stated: stated.into() }))
}

pub(crate) fn candidate(value: &FactValue) -> Option<Candidate> {
    Some(match value {
        FactValue::Unknown => return None,
        FactValue::Boolean(value) => Candidate::Boolean(*value),
        FactValue::Number { value, .. } => Candidate::Number(Amount::exact(value.clone())),
        FactValue::Range { low, high, .. } => {
            Candidate::Number(Amount { low: low.clone(), high: high.clone() })
        }
        FactValue::Text(text) => Candidate::Text(text.clone()),
        FactValue::Date(date) => Candidate::Date(*date),
    })
}

/// Returns the hull of the amounts that are possible.
fn money(term: &Term<'_>, unit: Option<&str>, names: &OpenNames) -> (Option<Money>, Because) {
    let amounts: Vec<_> = term
        .candidates
        .iter()
        .filter_map(|candidate| match candidate {
            Candidate::Number(amount) => Some(amount),
            _ => None,
        })
        .collect();
    let low = amounts
        .iter()
        .map(|amount| amount.low.clone())
        .collect::<Option<Vec<_>>>()
        .and_then(|ends| ends.into_iter().min());
    let high = amounts
        .iter()
        .map(|amount| amount.high.clone())
        .collect::<Option<Vec<_>>>()
        .and_then(|ends| ends.into_iter().max());
    if low.is_none() && high.is_none() {
        return (None, names.because(&term.open));
    }
    let because = if low == high { Because::default() } else { names.because(&term.open) };
    (Some(Money { low, high, unit: unit.map(str::to_owned) }), because)
}

impl Assessment {
    /// Returns every fact that the assessment looked at, by name.
    pub fn facts_used(&self) -> BTreeMap<&str, &FactUsed> {
        let mut found = BTreeMap::new();
        let classes = self.classes.iter().map(|class| &class.reason);
        let duties = self.duties.iter().map(|duty| &duty.reason);
        let mut waiting: Vec<&Reason> = classes.chain(duties).chain([&self.reason]).collect();
        while let Some(reason) = waiting.pop() {
            found.extend(reason.facts.iter().map(|fact| (fact.name.as_str(), fact)));
            waiting.extend(reason.children.iter().map(|child| &**child));
        }
        found
    }
}
