//! What was filed for a duty, and what of it fulfils.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::expression::EventPattern;
use crate::record::Event;
use crate::regime::Fulfilment;
use crate::truth::Truth;

#[derive(Default)]
pub(super) struct Fulfilled<'e> {
    /// When the last part arrived; none while a part is missing.
    pub(super) at: Option<Timestamp>,
    pub(super) parts: Vec<&'e Event>,
}

/// What was filed for each pattern of a fulfilment, in order of arrival.
pub(super) enum Filed<'e> {
    Event(Vec<&'e Event>),
    All(Vec<Filed<'e>>),
    Any(Vec<Filed<'e>>),
}

impl Fulfilment {
    /// Calls a function for the pattern of each statement that serves.
    pub(super) fn visit(&self, each: &mut dyn FnMut(&EventPattern)) {
        match self {
            Self::Event(pattern) => each(pattern),
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.visit(each)),
        }
    }

    pub(super) fn among<'e>(&self, events: &[&'e Event]) -> Filed<'e> {
        match self {
            Self::Event(pattern) => {
                // What may not fit does not fulfil.
                let fits = |event: &&Event| pattern.fits(event, &BTreeMap::new()).0 == Truth::True;
                Filed::Event(events.iter().copied().filter(fits).collect())
            }
            Self::All(all) => Filed::All(all.iter().map(|part| part.among(events)).collect()),
            Self::Any(any) => Filed::Any(any.iter().map(|part| part.among(events)).collect()),
        }
    }
}

impl<'e> Filed<'e> {
    /// Returns the first that fulfils, of those that count and are not used up. What counts is all
    /// that arrived after some instant.
    pub(super) fn first(&self, counts: &dyn Fn(&Event) -> bool, used: &BTreeSet<u64>) -> Fulfilled<'e> {
        match self {
            Self::Event(events) => {
                let from = events.partition_point(|event| !counts(event));
                let first = events[from..].iter().copied().find(|event| !used.contains(&event.entry));
                Fulfilled { at: first.map(|event| event.arrived), parts: first.into_iter().collect() }
            }
            Self::All(all) => {
                let found: Vec<_> = all.iter().map(|part| part.first(counts, used)).collect();
                let at = found
                    .iter()
                    .map(|part| part.at)
                    .collect::<Option<Vec<_>>>()
                    .and_then(|at| at.into_iter().max());
                let mut parts: Vec<_> = found.into_iter().flat_map(|part| part.parts).collect();
                parts.sort();
                parts.dedup();
                Fulfilled { at, parts }
            }
            Self::Any(any) => {
                let mut found: Vec<_> = any.iter().map(|part| part.first(counts, used)).collect();
                let earliest =
                    found.iter().enumerate().filter_map(|(index, part)| Some((part.at?, index))).min();
                match earliest {
                    Some((_, index)) => found.swap_remove(index),
                    None => {
                        Fulfilled { at: None, parts: found.into_iter().flat_map(|part| part.parts).collect() }
                    }
                }
            }
        }
    }
}
