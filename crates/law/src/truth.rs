//! Strong Kleene logic and what keeps a result open.

use std::ops::Deref;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// A truth value of Kleene's strong three-valued logic.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Truth {
    /// Holds whatever the open facts turn out to be.
    True,
    /// Fails whatever the open facts turn out to be.
    #[default]
    False,
    /// Depends on what is not known, disputed or not settled.
    Undetermined,
}

impl Truth {
    /// Returns true only where both hold, false where either fails.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::False, _) | (_, Self::False) => Self::False,
            (Self::True, Self::True) => Self::True,
            _ => Self::Undetermined,
        }
    }

    /// Returns true where either holds, false only where both fail.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        self.negated().and(other.negated()).negated()
    }

    /// Returns the opposite; what is undetermined stays so.
    #[must_use]
    pub fn negated(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::Undetermined => Self::Undetermined,
        }
    }
}

impl From<bool> for Truth {
    fn from(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }
}

/// Names in order, each once. Copies share them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<SmolStr>", into = "Vec<SmolStr>")]
pub struct NameSet(Option<Arc<[SmolStr]>>);

impl NameSet {
    /// Returns whether a name is in the set.
    pub fn contains(&self, name: &str) -> bool {
        self.binary_search_by(|known| known.as_str().cmp(name)).is_ok()
    }

    /// Returns the names of both sets.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let mut union = self.clone();
        union.add(other);
        union
    }

    pub(crate) fn add(&mut self, other: &Self) {
        if self.is_empty() {
            self.clone_from(other);
        } else if other.iter().any(|name| !self.contains(name)) {
            *self = self.iter().chain(other).cloned().collect();
        }
    }
}

impl Deref for NameSet {
    type Target = [SmolStr];

    fn deref(&self) -> &[SmolStr] {
        self.0.as_deref().unwrap_or_default()
    }
}

impl From<Vec<SmolStr>> for NameSet {
    fn from(mut names: Vec<SmolStr>) -> Self {
        names.sort_unstable();
        names.dedup();
        Self((!names.is_empty()).then(|| names.into()))
    }
}

impl From<NameSet> for Vec<SmolStr> {
    fn from(names: NameSet) -> Self {
        names.to_vec()
    }
}

impl<S: Into<SmolStr>> FromIterator<S> for NameSet {
    fn from_iter<I: IntoIterator<Item = S>>(names: I) -> Self {
        names.into_iter().map(Into::into).collect::<Vec<_>>().into()
    }
}

impl<'n> IntoIterator for &'n NameSet {
    type Item = &'n SmolStr;
    type IntoIter = std::slice::Iter<'n, SmolStr>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Why a result is open: what would have to become known or settled.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Because {
    /// Facts that are unknown, or not known closely enough to decide.
    pub missing: NameSet,
    /// Facts on which sources contradict each other.
    pub disputed: NameSet,
    /// Switches that nobody has set: the law is not settled.
    pub unsettled: NameSet,
}

impl Because {
    /// Returns whether nothing is open.
    pub fn is_empty(&self) -> bool {
        self.missing.is_empty() && self.disputed.is_empty() && self.unsettled.is_empty()
    }

    pub(crate) fn add(&mut self, other: &Self) {
        if other.is_empty() {
            return;
        }
        self.missing.add(&other.missing);
        self.disputed.add(&other.disputed);
        self.unsettled.add(&other.unsettled);
    }

    pub(crate) fn missing(fact: &str) -> Self {
        Self { missing: NameSet::from_iter([fact]), ..Self::default() }
    }

    pub(crate) fn unsettled(switch: &str) -> Self {
        Self { unsettled: NameSet::from_iter([switch]), ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::Truth::{self, False, True, Undetermined};

    const ALL: [Truth; 3] = [True, False, Undetermined];

    #[test]
    fn the_laws_of_kleene_hold() {
        for a in ALL {
            assert_eq!(a.negated().negated(), a);
            assert_eq!(a.and(a), a);
            assert_eq!(a.or(False), a);
            assert_eq!(a.and(True), a);
            for b in ALL {
                assert_eq!(a.and(b), b.and(a));
                assert_eq!(a.and(b).negated(), a.negated().or(b.negated()));
                assert_eq!(a.and(a.or(b)), a);
                for c in ALL {
                    assert_eq!(a.and(b).and(c), a.and(b.and(c)));
                    assert_eq!(a.and(b.or(c)), a.and(b).or(a.and(c)));
                }
            }
        }
        assert_eq!(Undetermined.or(Undetermined.negated()), Undetermined);
        assert_eq!(False.and(Undetermined), False);
        assert_eq!(True.or(Undetermined), True);
    }
}
