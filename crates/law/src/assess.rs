//! What the law asks of a subject on a day.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use jiff::civil::Date;
use smol_str::SmolStr;

use crate::assessment::{Assessment, ClassResult, Coverage, Force, Money, PenaltyResult, PowerResult};
use crate::duty;
use crate::explain::{CameOut, Ground, Rule};
use crate::expression::{Amount, Candidate, Context, Decided, Expression, Open, OpenNames, Term};
use crate::facts_file::FactError;
use crate::reason::{EventUsed, FactUsed, LazyReason, Reason};
use crate::record::{FactEntry, FactValue, Record};
use crate::regime::{Applies, FactSchema, Regime};
use crate::settings::SwitchSettings;
use crate::truth::{Because, Truth};

/// Most values of one fact that are looked at side by side.
pub(crate) const MAX_DISPUTED: usize = 16;

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
    let force = regime.force_on(as_of);
    let ground = Arc::new(ground(&context, record, force));
    let because = |rule| LazyReason::new(&ground, rule);
    let judged = |context: &Context<'_>, condition: &Expression, applies: Applies| {
        if force.is_in_force() && applies.on(as_of) {
            context.condition(condition)
        } else {
            Decided::default()
        }
    };
    for class in &regime.classes {
        let decided = judged(&context, &class.condition, class.applies);
        context.classes.push(decided);
    }
    let coverage = judged(&context, &regime.coverage.condition, Applies::default());
    let mut out = CameOut::default();
    let mut duties = Vec::with_capacity(regime.duties.len());
    for (place, rule) in regime.duties.iter().enumerate() {
        let owed = judged(&context, &rule.owed_when, rule.applies);
        let (result, standing, lasts) = duty::assess(&context, rule, owed, because(Rule::Duty(place)));
        context.parties[rule.by as usize].or(&standing.unmet);
        context.duties.push(standing);
        out.duties.push((result.owed, lasts));
        duties.push(result);
    }
    let names = &context.names;
    let mut open = coverage.open.clone();
    let mut classes = Vec::with_capacity(regime.classes.len());
    for (place, (class, decided)) in regime.classes.iter().zip(&context.classes).enumerate() {
        if !class.auxiliary {
            open.add(&decided.open);
        }
        classes.push(ClassResult {
            id: class.id.clone(),
            article: class.article.clone(),
            holds: decided.truth,
            because: names.because(&decided.open),
            reason: because(Rule::Class(place)),
        });
    }
    let powers = regime.powers.iter().enumerate().map(|(place, power)| {
        let decided = judged(&context, &power.condition, power.applies);
        PowerResult {
            id: power.id.clone(),
            article: power.article.clone(),
            available: decided.truth,
            because: names.because(&decided.open),
            reason: because(Rule::Power(place)),
        }
    });
    let powers = powers.collect();
    let mut penalties = Vec::with_capacity(regime.penalties.len());
    for (place, penalty) in regime.penalties.iter().enumerate() {
        let decided = judged(&context, &penalty.condition, penalty.applies);
        let amount = penalty.amount.as_ref().map(|(amount, unit)| (context.amount(amount), unit.as_deref()));
        out.amounts.push(match &amount {
            Some((term, _)) if term.open.is_empty() => Truth::True,
            _ => Truth::Undetermined,
        });
        let formula = amount.is_some().then(|| because(Rule::Amount(place)));
        let (maximum, maximum_because) =
            amount.map(|(term, unit)| money(&term, unit, names)).unwrap_or_default();
        penalties.push(PenaltyResult {
            id: penalty.id.clone(),
            article: penalty.article.clone(),
            applies: decided.truth,
            because: names.because(&decided.open),
            maximum,
            maximum_because,
            formula,
            reason: because(Rule::Penalty(place)),
        });
    }
    out.conditions = context.truths();
    // Nothing else sets it: the ground was made above.
    let _ = ground.came_out.set(out);
    let open = names.because(&open);
    Ok(Assessment {
        regime: regime.id.clone(),
        version: regime.version_on(as_of).map(|version| version.id.clone()),
        as_of,
        force,
        in_force_from: if force == Force::NotYet { regime.next_text(as_of) } else { None },
        coverage: Coverage::from(coverage.truth),
        coverage_because: names.because(&coverage.open),
        class: class_of(regime, &classes),
        missing: open.missing,
        disputed: open.disputed,
        unsettled: open.unsettled,
        classes,
        duties,
        powers,
        penalties,
        reason: because(Rule::Coverage),
    })
}

/// Collects what a record says on a day.
pub(crate) fn context<'a>(
    regime: &'a Regime,
    settings: &'a SwitchSettings,
    record: &'a Record,
    as_of: Date,
) -> Result<Context<'a>, FactError> {
    let mut context = Context::new(regime, settings, as_of);
    for (place, entries) in stated(regime, record, as_of) {
        context.facts[place] = fact(&regime.facts[place], place, entries, &context.names)?;
    }
    let day = |instant: Timestamp| regime.time_zone.to_datetime(instant).date();
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

/// Returns what a record states of the regime's facts, by their places, as far as it was known on a day.
fn stated<'r>(
    regime: &'r Regime,
    record: &'r Record,
    as_of: Date,
) -> impl Iterator<Item = (usize, impl Iterator<Item = &'r FactEntry>)> {
    let known = move |entry: &&FactEntry| {
        entry.known_at.is_none_or(|instant| regime.time_zone.to_datetime(instant).date() <= as_of)
    };
    let facts = record.facts.iter();
    facts.filter_map(move |(name, entries)| {
        Some((*regime.places.facts.get(name)?, entries.iter().filter(known)))
    })
}

/// Keeps what reasons will be told from.
fn ground(context: &Context<'_>, record: &Record, force: Force) -> Ground {
    let (regime, as_of) = (context.regime, context.as_of);
    let facts = stated(regime, record, as_of).map(|(place, entries)| (place, entries.cloned().collect()));
    Ground {
        regime: regime.clone(),
        settings: context.settings.clone(),
        as_of,
        force,
        facts: facts.collect(),
        events: context.events.iter().copied().cloned().collect(),
        designated_by: context.designated_by.iter().map(|event| EventUsed::from(*event)).collect(),
        came_out: OnceLock::new(),
        reasons: OnceLock::new(),
    }
}

/// Returns the last class, in the regime's order, that holds.
fn class_of(regime: &Regime, results: &[ClassResult]) -> Option<SmolStr> {
    let mut rules = regime.classes.iter().zip(results).rev();
    rules
        .find(|(class, result)| !class.auxiliary && result.holds == Truth::True)
        .map(|(class, _)| class.id.clone())
}

/// Puts together what was stated of a fact. Differing values are candidates, none above the other.
fn fact<'e>(
    schema: &FactSchema,
    place: usize,
    entries: impl Iterator<Item = &'e FactEntry>,
    names: &OpenNames<'_>,
) -> Result<Option<Term<'static>>, FactError> {
    let mut values: Vec<&FactValue> = Vec::new();
    let mut said = false;
    for entry in entries {
        if !schema.admits(&entry.value) {
            return Err(schema.mismatch(&entry.value));
        }
        said |= entry.source.is_some() || entry.value != FactValue::Unknown;
        if entry.value != FactValue::Unknown {
            values.push(&entry.value);
        }
    }
    if !said {
        return Ok(None);
    }
    if values.len() > 1 {
        // One value has one text, so texts tell values apart; their order does not depend on the record's.
        values.sort_by_cached_key(ToString::to_string);
        values.dedup();
    }
    // A fact that is known only within bounds, or that sources disagree on, may leave an answer open.
    let inexact = |value: &&FactValue| matches!(value, FactValue::Range { low, high, .. } if low.is_none() || low != high);
    let mut open = Open::default();
    if values.is_empty() || values.iter().any(inexact) {
        open.add(&names.missing_fact(place));
    }
    if values.len() > 1 {
        open.add(&names.disputed(place));
    }
    let few = values.len() <= MAX_DISPUTED;
    let candidates: Vec<_> = values.into_iter().filter(|_| few).filter_map(candidate).collect();
    Ok(Some(Term { candidates: Cow::Owned(candidates), open }))
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
fn money(term: &Term<'_>, unit: Option<&str>, names: &OpenNames<'_>) -> (Option<Money>, Because) {
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
        let mut waiting: Vec<&Reason> =
            classes.chain(duties).chain([&self.reason]).map(|reason| &**reason).collect();
        while let Some(reason) = waiting.pop() {
            found.extend(reason.facts.iter().map(|fact| (fact.name.as_str(), fact)));
            waiting.extend(&reason.children);
        }
        found
    }
}
