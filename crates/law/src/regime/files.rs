//! The files of a regime as TOML has them, before anything is looked up.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Deserializer};
use toml::Spanned;

use super::{Applies, Certainty, RegimeStatus, Text, VersionState};
use crate::assessment::{Force, Party};

/// A table whose keys keep their place, so that order and lines are known.
pub(crate) type Keyed<T> = BTreeMap<Spanned<String>, T>;

/// Reads a day from a TOML date or a text.
fn day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
    let value = toml::Value::deserialize(deserializer)?;
    let text = match &value {
        toml::Value::Datetime(date) => date.to_string(),
        toml::Value::String(text) => text.clone(),
        other => {
            return Err(serde::de::Error::custom(format!(
                "`{other}` is not a day; write it as in 2026-11-23"
            )));
        }
    };
    text.parse()
        .map_err(|_| serde::de::Error::custom(format!("`{text}` is not a day; write it as in 2026-11-23")))
}

fn optional_day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
    day(deserializer).map(Some)
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawText {
    pub(crate) ja: String,
    pub(crate) en: String,
}

impl From<RawText> for Text {
    fn from(raw: RawText) -> Self {
        Self { ja: raw.ja, en: raw.en }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawRegime {
    pub(crate) id: Spanned<String>,
    pub(crate) jurisdiction: String,
    pub(crate) status: RegimeStatus,
    pub(crate) authentic_language: String,
    pub(crate) time_zone: Spanned<String>,
    pub(crate) source: String,
    pub(crate) certainty: Certainty,
    pub(crate) title: RawText,
    pub(crate) version: Vec<RawVersion>,
    /// Party, or `default` → id of the counting rules.
    pub(crate) counting: BTreeMap<String, Spanned<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawVersion {
    pub(crate) id: String,
    #[serde(deserialize_with = "day")]
    pub(crate) from: Date,
    #[serde(default, deserialize_with = "optional_day")]
    pub(crate) to: Option<Date>,
    #[serde(default)]
    pub(crate) state: VersionState,
    pub(crate) source: String,
    pub(crate) certainty: Certainty,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawFacts {
    #[serde(default)]
    pub(crate) fact: Keyed<RawFact>,
    #[serde(default)]
    pub(crate) event: BTreeMap<String, RawEvent>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawFact {
    #[serde(rename = "type")]
    pub(crate) kind: Spanned<String>,
    pub(crate) unit: Option<String>,
    /// Each value: what is written, its Japanese and its English name.
    #[serde(default)]
    pub(crate) values: Vec<[String; 3]>,
    pub(crate) label: RawText,
    pub(crate) help: Option<RawText>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawEvent {
    /// Attribute → allowed values; none: any.
    #[serde(default)]
    pub(crate) attributes: BTreeMap<String, Vec<String>>,
    /// Attributes whose absence says nothing.
    #[serde(default)]
    pub(crate) unknown_if_absent: Vec<Spanned<String>>,
    /// Attribute → its name for people.
    #[serde(default)]
    pub(crate) labels: BTreeMap<String, RawText>,
    /// The event's name for people.
    pub(crate) label: Option<RawText>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawParameters {
    #[serde(default)]
    pub(crate) parameter: Keyed<RawParameter>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawParameter {
    #[serde(rename = "type")]
    pub(crate) kind: Spanned<String>,
    pub(crate) unit: Option<String>,
    pub(crate) article: Spanned<String>,
    pub(crate) label: RawText,
    pub(crate) values: Vec<RawDated>,
}

/// A value and the first day on which the law has it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawDated {
    #[serde(deserialize_with = "day")]
    pub(crate) from: Date,
    pub(crate) value: Spanned<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawSwitches {
    #[serde(default)]
    pub(crate) switch: Keyed<RawSwitch>,
    #[serde(default)]
    pub(crate) preset: Keyed<RawPreset>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawSwitch {
    #[serde(rename = "type")]
    pub(crate) kind: Spanned<String>,
    pub(crate) unit: Option<String>,
    #[serde(default)]
    pub(crate) values: Vec<[String; 3]>,
    pub(crate) question: RawText,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawPreset {
    pub(crate) label: RawText,
    /// Why each choice.
    pub(crate) reasoning: Option<RawText>,
    pub(crate) set: BTreeMap<String, Spanned<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawArticles {
    pub(crate) article: Keyed<RawArticle>,
    #[serde(default)]
    pub(crate) instrument: BTreeMap<String, RawInstrument>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawArticle {
    pub(crate) ja: String,
    pub(crate) en: String,
    pub(crate) certainty: Certainty,
    /// The further layer that it belongs to; none: the law itself.
    pub(crate) instrument: Option<Spanned<String>>,
    /// Texts before the present one, oldest first.
    #[serde(default)]
    pub(crate) earlier: Vec<RawEarlier>,
    /// How sentences cite it, where that is not its key.
    #[serde(default)]
    pub(crate) cited: RawCited,
}

/// How an article is cited in a language; none: by its key.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawCited {
    pub(crate) ja: Option<String>,
    pub(crate) en: Option<String>,
}

/// A text of an article that was amended.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawEarlier {
    #[serde(deserialize_with = "day")]
    pub(crate) to: Date,
    pub(crate) ja: String,
    pub(crate) en: String,
    pub(crate) certainty: Certainty,
}

/// A layer beside the law: a code, guidelines, a decree.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawInstrument {
    pub(crate) title: RawText,
    pub(crate) status: RegimeStatus,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawRules {
    pub(crate) coverage: Spanned<RawCoverage>,
    pub(crate) designation: Option<RawDesignation>,
    #[serde(default)]
    pub(crate) standing: RawStanding,
    #[serde(default)]
    pub(crate) class: Keyed<RawClass>,
    #[serde(default)]
    pub(crate) duty: Keyed<RawDuty>,
    #[serde(default)]
    pub(crate) power: Keyed<RawPower>,
    #[serde(default)]
    pub(crate) penalty: Keyed<RawPenalty>,
    #[serde(default)]
    pub(crate) procedure: Keyed<RawProcedure>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawCoverage {
    pub(crate) article: Spanned<String>,
    pub(crate) when: Spanned<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawDesignation {
    pub(crate) begins: Spanned<String>,
    pub(crate) ends: Spanned<String>,
}

/// Predicates that change where a duty stands: they name it in their attribute `duty`, and say
/// `met`, `unmet` or `unresolved` in their attribute `result`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawStanding {
    #[serde(default)]
    pub(crate) reviewed_by: Vec<Spanned<String>>,
    #[serde(default)]
    pub(crate) decided_by: Vec<Spanned<String>>,
}

/// The first and last day of a rule.
macro_rules! applies {
    ($($raw:ty),*) => {$(
        impl $raw {
            pub(crate) fn applies(&self) -> Applies {
                Applies { from: self.from, to: self.to }
            }
        }
    )*};
}
applies!(RawClass, RawDuty, RawPower, RawPenalty);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawClass {
    pub(crate) article: Spanned<String>,
    pub(crate) when: Spanned<String>,
    pub(crate) effect: Option<String>,
    #[serde(default)]
    pub(crate) auxiliary: bool,
    pub(crate) text: RawText,
    #[serde(default, deserialize_with = "optional_day")]
    from: Option<Date>,
    #[serde(default, deserialize_with = "optional_day")]
    to: Option<Date>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawDuty {
    pub(crate) article: Spanned<String>,
    pub(crate) by: Party,
    pub(crate) owed_when: Spanned<String>,
    pub(crate) due: Option<Spanned<String>>,
    pub(crate) fulfilled_by: Option<Spanned<String>>,
    #[serde(default)]
    pub(crate) reviewed: bool,
    pub(crate) each: Option<Spanned<String>>,
    /// Duties of the common vocabulary that it answers.
    #[serde(default)]
    pub(crate) common: Vec<String>,
    pub(crate) counting: Option<Spanned<String>>,
    pub(crate) until: Option<Spanned<String>>,
    pub(crate) text: RawText,
    #[serde(default, deserialize_with = "optional_day")]
    from: Option<Date>,
    #[serde(default, deserialize_with = "optional_day")]
    to: Option<Date>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawPower {
    pub(crate) article: Spanned<String>,
    pub(crate) act: Spanned<String>,
    pub(crate) when: Spanned<String>,
    pub(crate) text: RawText,
    #[serde(default, deserialize_with = "optional_day")]
    from: Option<Date>,
    #[serde(default, deserialize_with = "optional_day")]
    to: Option<Date>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawPenalty {
    pub(crate) article: Spanned<String>,
    pub(crate) act: Option<Spanned<String>>,
    pub(crate) when: Spanned<String>,
    pub(crate) maximum: Option<Spanned<String>>,
    pub(crate) text: RawText,
    #[serde(default, deserialize_with = "optional_day")]
    from: Option<Date>,
    #[serde(default, deserialize_with = "optional_day")]
    to: Option<Date>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawProcedure {
    pub(crate) article: Spanned<String>,
    pub(crate) act: Spanned<String>,
    #[serde(default)]
    pub(crate) attributes: BTreeMap<String, String>,
    pub(crate) requires: Vec<String>,
    pub(crate) text: RawText,
    pub(crate) certainty: Certainty,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawTests {
    pub(crate) test: Vec<RawTest>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawTest {
    pub(crate) name: Spanned<String>,
    #[serde(default)]
    pub(crate) basis: OneOrMore,
    #[serde(deserialize_with = "day")]
    pub(crate) as_of: Date,
    pub(crate) preset: Option<Spanned<String>>,
    #[serde(default)]
    pub(crate) facts: BTreeMap<String, Spanned<toml::Value>>,
    #[serde(default)]
    pub(crate) switches: BTreeMap<String, Spanned<String>>,
    #[serde(default)]
    pub(crate) events: Vec<Spanned<RawTestEvent>>,
    pub(crate) expect: Spanned<RawExpectation>,
    /// The same case with some facts, switches or the day changed, and what changes by it.
    #[serde(default)]
    pub(crate) vary: Vec<RawVariation>,
}

/// A text, or a list of texts.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(from = "RawOneOrMore")]
pub(crate) struct OneOrMore(pub(crate) Vec<String>);

#[derive(Deserialize)]
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
#[serde(deny_unknown_fields)]
pub(crate) struct RawVariation {
    #[serde(default, deserialize_with = "optional_day")]
    pub(crate) as_of: Option<Date>,
    #[serde(default)]
    pub(crate) facts: BTreeMap<String, Spanned<toml::Value>>,
    #[serde(default)]
    pub(crate) switches: BTreeMap<String, Spanned<String>>,
    /// Facts of the case that are not known here.
    #[serde(default)]
    pub(crate) without_facts: Vec<String>,
    #[serde(default)]
    pub(crate) without_switches: Vec<String>,
    #[serde(default)]
    pub(crate) events: Vec<Spanned<RawTestEvent>>,
    pub(crate) expect: Spanned<RawExpectation>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawTestEvent {
    pub(crate) is: String,
    pub(crate) arrived: String,
    #[serde(default)]
    pub(crate) attributes: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawExpectation {
    pub(crate) force: Option<Force>,
    pub(crate) coverage: Option<crate::assessment::Coverage>,
    pub(crate) class: Option<String>,
    pub(crate) missing: Option<Vec<String>>,
    pub(crate) disputed: Option<Vec<String>>,
    pub(crate) unsettled: Option<Vec<String>>,
    #[serde(default)]
    pub(crate) classes: BTreeMap<String, crate::truth::Truth>,
    #[serde(default)]
    pub(crate) duties: BTreeMap<String, RawDutyExpectation>,
    #[serde(default)]
    pub(crate) powers: BTreeMap<String, crate::truth::Truth>,
    #[serde(default)]
    pub(crate) penalties: BTreeMap<String, RawPenaltyExpectation>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawDutyExpectation {
    pub(crate) status: Option<crate::assessment::Status>,
    /// A day, or `none`.
    pub(crate) due: Option<String>,
    /// An instant, where the law counts in hours.
    pub(crate) due_at: Option<jiff::Timestamp>,
    pub(crate) late: Option<bool>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawPenaltyExpectation {
    pub(crate) applies: Option<crate::truth::Truth>,
    /// An exact amount with its unit, or `none`.
    pub(crate) maximum: Option<String>,
}
