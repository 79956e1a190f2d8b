//! Law tests as TOML has them.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Deserialize;
use toml::Spanned;

use super::{day, optional_day};
use crate::assessment::Force;

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct RawTests {
    /// Cases with their results.
    pub(crate) test: Vec<RawTest>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct RawTest {
    /// What the case shows.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) name: Spanned<String>,
    /// Articles on which the result rests.
    #[serde(default)]
    pub(crate) basis: OneOrMore,
    /// Day of assessment.
    #[serde(deserialize_with = "day")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) as_of: Date,
    /// Named setting to begin with.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(crate) preset: Option<Spanned<String>>,
    /// Fact → value; `{ low = …, high = … }` is an interval.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "BTreeMap<String, serde_json::Value>"))]
    pub(crate) facts: BTreeMap<String, Spanned<toml::Value>>,
    /// Switch → value as text.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "BTreeMap<String, String>"))]
    pub(crate) switches: BTreeMap<String, Spanned<String>>,
    /// What is on record.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Vec<RawTestEvent>"))]
    pub(crate) events: Vec<Spanned<RawTestEvent>>,
    /// What comes out.
    #[cfg_attr(test, schemars(with = "RawExpectation"))]
    pub(crate) expect: Spanned<RawExpectation>,
    /// The same case with some facts, switches or the day changed, and what changes by it.
    #[serde(default)]
    pub(crate) vary: Vec<RawVariation>,
}

/// A text, or a list of texts.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(from = "RawOneOrMore")]
pub(crate) struct OneOrMore(pub(crate) Vec<String>);

#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
enum RawOneOrMore {
    One(String),
    More(Vec<String>),
}

impl From<RawOneOrMore> for OneOrMore {
    fn from(raw: RawOneOrMore) -> Self {
        match raw {
            RawOneOrMore::One(text) => Self(vec![text]),
            RawOneOrMore::More(texts) => Self(texts),
        }
    }
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct RawVariation {
    /// Another day.
    #[serde(default, deserialize_with = "optional_day")]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(crate) as_of: Option<Date>,
    /// Other facts.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "BTreeMap<String, serde_json::Value>"))]
    pub(crate) facts: BTreeMap<String, Spanned<toml::Value>>,
    /// Other settings.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "BTreeMap<String, String>"))]
    pub(crate) switches: BTreeMap<String, Spanned<String>>,
    /// Facts of the case that are not known here.
    #[serde(default)]
    pub(crate) without_facts: Vec<String>,
    /// Switches that are left open again.
    #[serde(default)]
    pub(crate) without_switches: Vec<String>,
    /// Further events.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Vec<RawTestEvent>"))]
    pub(crate) events: Vec<Spanned<RawTestEvent>>,
    /// What comes out then.
    #[cfg_attr(test, schemars(with = "RawExpectation"))]
    pub(crate) expect: Spanned<RawExpectation>,
}

#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct RawTestEvent {
    /// Predicate.
    pub(crate) is: String,
    /// A day, or an instant with its offset.
    pub(crate) arrived: String,
    /// Attribute → value.
    #[serde(default)]
    pub(crate) attributes: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct RawExpectation {
    /// Whether the regime has force.
    pub(crate) force: Option<Force>,
    /// Whether the law covers the subject.
    pub(crate) coverage: Option<crate::assessment::Coverage>,
    /// The class reported, or `none`.
    pub(crate) class: Option<String>,
    /// Facts missing.
    pub(crate) missing: Option<Vec<String>>,
    /// Facts disputed.
    pub(crate) disputed: Option<Vec<String>>,
    /// Switches not settled.
    pub(crate) unsettled: Option<Vec<String>>,
    /// Class → whether it holds.
    #[serde(default)]
    pub(crate) classes: BTreeMap<String, crate::truth::Truth>,
    /// Duty → where it stands.
    #[serde(default)]
    pub(crate) duties: BTreeMap<String, RawDutyExpectation>,
    /// Power → whether it is available.
    #[serde(default)]
    pub(crate) powers: BTreeMap<String, crate::truth::Truth>,
    /// Penalty → whether it applies, and its largest amount.
    #[serde(default)]
    pub(crate) penalties: BTreeMap<String, RawPenaltyExpectation>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct RawDutyExpectation {
    /// Where it stands.
    pub(crate) status: Option<crate::assessment::Status>,
    /// A day, or `none`.
    pub(crate) due: Option<String>,
    /// An instant, where the law counts in hours.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(crate) due_at: Option<jiff::Timestamp>,
    /// Whether what fulfils it came late.
    pub(crate) late: Option<bool>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct RawPenaltyExpectation {
    /// Whether it applies.
    pub(crate) applies: Option<crate::truth::Truth>,
    /// An exact amount with its unit, or `none`.
    pub(crate) maximum: Option<String>,
}
