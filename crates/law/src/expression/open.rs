//! What keeps an answer open, while it is computed: numbers in place of names, so that putting two
//! answers together costs next to nothing.

use std::cell::RefCell;
use std::collections::BTreeMap;

use smol_str::SmolStr;

use crate::regime::Regime;
use crate::truth::{Because, NameSet};

/// A set of names out of [`OpenNames`], one bit each. Words beyond the last are zero.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Open {
    /// Enough for most laws, and copied at once.
    first: u128,
    others: Vec<u128>,
}

impl Open {
    fn one(place: usize) -> Self {
        let (word, bit) = (place / 128, 1 << (place % 128));
        let Some(last) = word.checked_sub(1) else { return Self { first: bit, others: Vec::new() } };
        let mut others = vec![0; word];
        others[last] = bit;
        Self { first: 0, others }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.first == 0 && self.others.is_empty()
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.first |= other.first;
        if self.others.len() < other.others.len() {
            self.others.resize(other.others.len(), 0);
        }
        for (own, other) in self.others.iter_mut().zip(&other.others) {
            *own |= other;
        }
    }

    /// Returns the places of the names, in order.
    fn places(&self) -> impl Iterator<Item = usize> {
        let words = [self.first].into_iter().chain(self.others.iter().copied()).enumerate();
        words.flat_map(|(at, mut word)| {
            std::iter::from_fn(move || {
                let bit = word.trailing_zeros();
                word &= word.checked_sub(1)?;
                Some(at * 128 + bit as usize)
            })
        })
    }
}

/// Why a name is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Missing,
    Disputed,
    Unsettled,
}

/// The names that may be open in an assessment: first each fact as missing, each switch as unsettled and
/// each fact as disputed, by their places in the regime; then what statements leave out, as it is met.
#[derive(Debug)]
pub(crate) struct OpenNames<'r> {
    regime: &'r Regime,
    others: RefCell<Vec<(Kind, SmolStr)>>,
    /// What was given out before: many answers are open for the same reasons.
    given: RefCell<BTreeMap<Open, Because>>,
}

impl<'r> OpenNames<'r> {
    pub(crate) fn new(regime: &'r Regime) -> Self {
        Self { regime, others: RefCell::default(), given: RefCell::default() }
    }

    /// A fact that is unknown, or not known closely enough.
    #[expect(clippy::unused_self, reason = "the first of three kinds, called like the others")]
    pub(crate) fn missing_fact(&self, place: usize) -> Open {
        Open::one(place)
    }

    /// A switch that nobody has set.
    pub(crate) fn unsettled(&self, place: usize) -> Open {
        Open::one(self.regime.facts.len() + place)
    }

    /// A fact on which sources contradict each other.
    pub(crate) fn disputed(&self, place: usize) -> Open {
        Open::one(self.regime.facts.len() + self.regime.switches.len() + place)
    }

    fn named(&self, kind: Kind, name: &str) -> Open {
        let fact = || self.regime.places.facts.get(name).copied();
        let switch = || self.regime.places.switches.get(name).copied();
        let known = match kind {
            Kind::Missing => fact().map(|place| self.missing_fact(place)),
            Kind::Disputed => fact().map(|place| self.disputed(place)),
            Kind::Unsettled => switch().map(|place| self.unsettled(place)),
        };
        known.unwrap_or_else(|| {
            let others = &mut *self.others.borrow_mut();
            let met = others.iter().position(|(of, known)| *of == kind && known == name);
            let place = met.unwrap_or_else(|| {
                others.push((kind, name.into()));
                others.len() - 1
            });
            Open::one(self.regime.places.names.len() + place)
        })
    }

    /// Returns the set of what stands in a reason.
    pub(crate) fn open(&self, because: &Because) -> Open {
        let mut open = Open::default();
        let kinds = [
            (Kind::Missing, &because.missing),
            (Kind::Disputed, &because.disputed),
            (Kind::Unsettled, &because.unsettled),
        ];
        for (kind, names) in kinds {
            names.iter().for_each(|name| open.add(&self.named(kind, name)));
        }
        open
    }

    /// Returns a set by its names.
    pub(crate) fn because(&self, open: &Open) -> Because {
        if open.is_empty() {
            return Because::default();
        }
        let given = &mut *self.given.borrow_mut();
        if let Some(because) = given.get(open) {
            return because.clone();
        }
        let because = self.spelled(open);
        given.insert(open.clone(), because.clone());
        because
    }

    fn spelled(&self, open: &Open) -> Because {
        let (facts, switches) = (self.regime.facts.len(), self.regime.switches.len());
        let fixed = &self.regime.places.names;
        let others = &*self.others.borrow();
        let mut names: [Vec<SmolStr>; 3] = Default::default();
        let [missing, disputed, unsettled] = &mut names;
        for place in open.places() {
            let kind = match place {
                _ if place < facts => Kind::Missing,
                _ if place < facts + switches => Kind::Unsettled,
                _ => Kind::Disputed,
            };
            let known = fixed.get(place).map(|name| (kind, name));
            let other = || others.get(place - fixed.len()).map(|(kind, name)| (*kind, name));
            let Some((kind, name)) = known.or_else(other) else { continue };
            match kind {
                Kind::Missing => missing.push(name.clone()),
                Kind::Disputed => disputed.push(name.clone()),
                Kind::Unsettled => unsettled.push(name.clone()),
            }
        }
        let [missing, disputed, unsettled] = names.map(NameSet::from);
        Because { missing, disputed, unsettled }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_gives_back_the_names_that_it_was_made_of() {
        let regime = crate::testing::shipped("jp-basic-law-2024");
        let names = OpenNames::new(&regime);
        let (fact, switch) = (&regime.facts[3].name, &regime.switches[5].id);
        let mut all = Because::default();
        let mut open = Open::default();
        for at in 0..200 {
            let one = match at % 5 {
                0 => Because::missing(&format!("incident.attribute_{at}")),
                1 => Because::missing(fact),
                2 => Because::unsettled(switch),
                3 => Because { disputed: NameSet::from_iter([fact]), ..Because::default() },
                _ => Because { disputed: NameSet::from_iter([format!("{at}")]), ..Because::default() },
            };
            open.add(&names.open(&one));
            all.add(&one);
        }
        assert_eq!(names.because(&open), all);
        assert_eq!(names.because(&Open::default()), Because::default());
        assert_eq!(names.open(&all), open);
    }
}
