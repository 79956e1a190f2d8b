//! What keeps an answer open, while it is computed: numbers in place of names, so that putting two
//! answers together costs next to nothing.

use std::cell::RefCell;
use std::collections::BTreeMap;

use smallvec::SmallVec;
use smol_str::SmolStr;

use crate::truth::{Because, NameSet};

/// A set of names out of [`OpenNames`], one bit each. Words beyond the last are zero.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Open(SmallVec<[u64; 2]>);

impl Open {
    fn one(name: usize) -> Self {
        let mut words = SmallVec::from_elem(0, name / 64 + 1);
        words[name / 64] = 1 << (name % 64);
        Self(words)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn add(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        for (own, other) in self.0.iter_mut().zip(&other.0) {
            *own |= other;
        }
    }

    fn names(&self) -> impl Iterator<Item = usize> {
        let words = self.0.iter().enumerate();
        words.flat_map(|(at, word)| {
            (0..64).filter(move |bit| word >> bit & 1 == 1).map(move |bit| at * 64 + bit)
        })
    }
}

/// Why a name is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Missing,
    Disputed,
    Unsettled,
}

/// The names that one assessment found open, in the order in which it met them.
#[derive(Debug, Default)]
pub(crate) struct OpenNames(RefCell<Inner>);

#[derive(Debug, Default)]
struct Inner {
    names: Vec<(Kind, SmolStr)>,
    places: BTreeMap<(Kind, SmolStr), usize>,
    /// What was given out before: many answers are open for the same reasons.
    given: BTreeMap<Open, Because>,
}

impl OpenNames {
    fn one(&self, kind: Kind, name: &str) -> Open {
        let inner = &mut *self.0.borrow_mut();
        let next = inner.names.len();
        let place = *inner.places.entry((kind, name.into())).or_insert(next);
        if place == next {
            inner.names.push((kind, name.into()));
        }
        Open::one(place)
    }

    /// A fact that is unknown, or not known closely enough.
    pub(crate) fn missing(&self, fact: &str) -> Open {
        self.one(Kind::Missing, fact)
    }

    /// A fact on which sources contradict each other.
    pub(crate) fn disputed(&self, fact: &str) -> Open {
        self.one(Kind::Disputed, fact)
    }

    /// A switch that nobody has set.
    pub(crate) fn unsettled(&self, switch: &str) -> Open {
        self.one(Kind::Unsettled, switch)
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
            names.iter().for_each(|name| open.add(&self.one(kind, name)));
        }
        open
    }

    /// Returns a set by its names.
    pub(crate) fn because(&self, open: &Open) -> Because {
        if open.is_empty() {
            return Because::default();
        }
        let inner = &mut *self.0.borrow_mut();
        if let Some(because) = inner.given.get(open) {
            return because.clone();
        }
        let names = &inner.names;
        let of = |kind: Kind| -> NameSet {
            let found = open.names().filter_map(|name| names.get(name)).filter(|(of, _)| *of == kind);
            found.map(|(_, name)| name.clone()).collect()
        };
        let because = Because {
            missing: of(Kind::Missing),
            disputed: of(Kind::Disputed),
            unsettled: of(Kind::Unsettled),
        };
        inner.given.insert(open.clone(), because.clone());
        because
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_gives_back_the_names_that_it_was_made_of() {
        let names = OpenNames::default();
        let mut all = Because::default();
        let mut open = Open::default();
        for at in 0..200 {
            let one = match at % 3 {
                0 => Because::missing(&format!("fact_{at}")),
                1 => Because { disputed: NameSet::from_iter([format!("fact_{at}")]), ..Because::default() },
                _ => Because::unsettled(&format!("switch_{at}")),
            };
            open.add(&names.open(&one));
            all.add(&one);
        }
        assert_eq!(names.because(&open), all);
        assert_eq!(names.because(&Open::default()), Because::default());
        assert_eq!(names.open(&all), open);
    }
}
