//! The files of a regime as TOML has them, before anything is looked up.

mod cases;

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Date;
use serde::de::value::SeqAccessDeserializer;
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use toml::Spanned;

use super::{Applies, Certainty, RegimeStatus, Text, VersionState};
use crate::assessment::Party;

pub(crate) use cases::{
    RawDutyExpectation, RawExpectation, RawPenaltyExpectation, RawTest, RawTestEvent, RawTests,
};

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
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct RawText {
    /// Japanese.
    pub(crate) ja: String,
    /// English.
    pub(crate) en: String,
}

impl From<RawText> for Text {
    fn from(raw: RawText) -> Self {
        Self { ja: raw.ja, en: raw.en }
    }
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct RawRegime {
    /// The name of the folder.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) id: Spanned<String>,
    /// An ISO 3166 code, or `EU`, `G7`.
    pub(crate) jurisdiction: String,
    /// Whether it is law: `draft`, `in_force` or `voluntary`.
    pub(crate) status: RegimeStatus,
    /// Language code of the authentic text.
    pub(crate) authentic_language: String,
    /// IANA zone in which days begin and end, such as `Asia/Tokyo`.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) time_zone: Spanned<String>,
    /// Where the regime is from.
    pub(crate) source: String,
    /// How sure the source is.
    pub(crate) certainty: Certainty,
    /// Title.
    pub(crate) title: RawText,
    /// Texts, each with its first and last day.
    pub(crate) version: Vec<RawVersion>,
    /// Party, or `default` → id of the counting rules.
    #[cfg_attr(test, schemars(with = "BTreeMap<String, String>"))]
    pub(crate) counting: BTreeMap<String, Spanned<String>>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct RawVersion {
    /// Id of the text.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) id: Spanned<String>,
    /// First day.
    #[serde(deserialize_with = "day")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) from: Date,
    /// Last day; none while it stands.
    #[serde(default, deserialize_with = "optional_day")]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(crate) to: Option<Date>,
    /// Whether it applies between these days.
    #[serde(default)]
    pub(crate) state: VersionState,
    /// Where the text is from.
    pub(crate) source: String,
    /// How sure the dates are.
    pub(crate) certainty: Certainty,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct RawFacts {
    /// What the rules may look at.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "BTreeMap<String, RawFact>"))]
    pub(crate) fact: Keyed<RawFact>,
    /// Statements that the rules may look at, by predicate.
    #[serde(default)]
    pub(crate) event: BTreeMap<String, RawEvent>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct RawFact {
    /// Kind of value.
    #[serde(rename = "type")]
    #[cfg_attr(test, schemars(with = "crate::schema::FactType"))]
    pub(crate) kind: Spanned<String>,
    /// Unit of a number; none for a pure number.
    pub(crate) unit: Option<String>,
    /// Each value: what is written, its Japanese and its English name.
    #[serde(default)]
    pub(crate) values: Vec<[String; 3]>,
    /// Short name.
    pub(crate) label: RawText,
    /// What exactly is asked.
    pub(crate) help: Option<RawText>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct RawEvent {
    /// Attribute → allowed values, each alone or with its names; none: any.
    #[serde(default)]
    pub(crate) attributes: BTreeMap<String, Vec<RawValue>>,
    /// Attributes whose absence says nothing.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    pub(crate) unknown_if_absent: Vec<Spanned<String>>,
    /// Attribute → its name for people.
    #[serde(default)]
    pub(crate) labels: BTreeMap<String, RawText>,
    /// The event's name for people.
    pub(crate) label: Option<RawText>,
}

/// A value of an attribute.
#[derive(Debug)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(untagged))]
pub(crate) enum RawValue {
    /// What is written.
    Plain(String),
    /// What is written, its Japanese and its English name.
    Named([String; 3]),
}

impl<'de> Deserialize<'de> for RawValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Value;

        impl<'de> Visitor<'de> for Value {
            type Value = RawValue;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("\"id\" or [\"id\", \"日本語\", \"English\"]")
            }

            fn visit_str<E>(self, text: &str) -> Result<RawValue, E> {
                Ok(RawValue::Plain(text.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<RawValue, A::Error> {
                Deserialize::deserialize(SeqAccessDeserializer::new(seq)).map(RawValue::Named)
            }
        }

        deserializer.deserialize_any(Value)
    }
}

#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct RawParameters {
    /// Numbers, amounts, periods and dates that the law itself fixes.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "BTreeMap<String, RawParameter>"))]
    pub(crate) parameter: Keyed<RawParameter>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct RawParameter {
    /// Kind of value.
    #[serde(rename = "type")]
    #[cfg_attr(test, schemars(with = "crate::schema::ParameterType"))]
    pub(crate) kind: Spanned<String>,
    /// Unit of a number.
    pub(crate) unit: Option<String>,
    /// Article that fixes it.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) article: Spanned<String>,
    /// Name.
    pub(crate) label: RawText,
    /// Values with their first days, oldest first.
    pub(crate) values: Vec<RawDated>,
}

/// A value and the first day on which the law has it.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct RawDated {
    /// First day.
    #[serde(deserialize_with = "day")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) from: Date,
    /// The value as text: `1e25 FLOP`, `3 %`, `2 weeks`, `2027-08-02`.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) value: Spanned<String>,
}

#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct RawSwitches {
    /// Open issues: questions that a legislature has to settle. There are no defaults.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "BTreeMap<String, RawSwitch>"))]
    pub(crate) switch: Keyed<RawSwitch>,
    /// Named settings of all switches, for trials.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "BTreeMap<String, RawPreset>"))]
    pub(crate) preset: Keyed<RawPreset>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct RawSwitch {
    /// Kind of value that settles it.
    #[serde(rename = "type")]
    #[cfg_attr(test, schemars(with = "crate::schema::SwitchType"))]
    pub(crate) kind: Spanned<String>,
    /// Unit of a number.
    pub(crate) unit: Option<String>,
    /// Each answer: what is written, its Japanese and its English name.
    #[serde(default)]
    pub(crate) values: Vec<[String; 3]>,
    /// The question.
    pub(crate) question: RawText,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct RawPreset {
    /// What it stands for.
    pub(crate) label: RawText,
    /// Why each choice.
    pub(crate) reasoning: Option<RawText>,
    /// Switch → value as text.
    #[cfg_attr(test, schemars(with = "BTreeMap<String, String>"))]
    pub(crate) set: BTreeMap<String, Spanned<String>>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct RawArticles {
    /// Articles in our own paraphrase, by how rules cite them. `{id}` stands for the value of a parameter.
    #[cfg_attr(test, schemars(with = "BTreeMap<String, RawArticle>"))]
    pub(crate) article: Keyed<RawArticle>,
    /// Layers beside the law: a code, guidelines, a decree.
    #[serde(default)]
    pub(crate) instrument: BTreeMap<String, RawInstrument>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct RawArticle {
    /// What it says, in Japanese.
    pub(crate) ja: String,
    /// What it says, in English.
    pub(crate) en: String,
    /// How sure the paraphrase is.
    pub(crate) certainty: Certainty,
    /// The further layer that it belongs to; none: the law itself.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
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
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct RawCited {
    /// In Japanese, as in 第51条第2項.
    pub(crate) ja: Option<String>,
    /// In English.
    pub(crate) en: Option<String>,
}

/// A text of an article that was amended.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct RawEarlier {
    /// Last day of the text.
    #[serde(deserialize_with = "day")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) to: Date,
    /// Japanese.
    pub(crate) ja: String,
    /// English.
    pub(crate) en: String,
    /// How sure the paraphrase is.
    pub(crate) certainty: Certainty,
}

/// A layer beside the law: a code, guidelines, a decree.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct RawInstrument {
    /// Title.
    pub(crate) title: RawText,
    /// Whether it binds.
    pub(crate) status: RegimeStatus,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct RawRules {
    /// When the law covers a subject.
    #[cfg_attr(test, schemars(with = "RawCoverage"))]
    pub(crate) coverage: Spanned<RawCoverage>,
    /// Which statements designate a subject and end its designation.
    pub(crate) designation: Option<RawDesignation>,
    /// Predicates that review and decide whether duties are met.
    #[serde(default)]
    pub(crate) standing: RawStanding,
    /// Classes of subjects, least demanding first; each may use those above.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "BTreeMap<String, RawClass>"))]
    pub(crate) class: Keyed<RawClass>,
    /// Duties of developers, the State and others.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "BTreeMap<String, RawDuty>"))]
    pub(crate) duty: Keyed<RawDuty>,
    /// Powers of the State.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "BTreeMap<String, RawPower>"))]
    pub(crate) power: Keyed<RawPower>,
    /// Penalties.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "BTreeMap<String, RawPenalty>"))]
    pub(crate) penalty: Keyed<RawPenalty>,
    /// What must come before adverse acts.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "BTreeMap<String, RawProcedure>"))]
    pub(crate) procedure: Keyed<RawProcedure>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct RawCoverage {
    /// Article that says so.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) article: Spanned<String>,
    /// The condition.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) when: Spanned<String>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct RawDesignation {
    /// Predicate that designates.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) begins: Spanned<String>,
    /// Predicate that ends the designation.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) ends: Spanned<String>,
}

/// Predicates that change where a duty stands: they name it in their attribute `duty`, and say
/// `met`, `unmet` or `unresolved` in their attribute `result`.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct RawStanding {
    /// Predicates of reviews.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    pub(crate) reviewed_by: Vec<Spanned<String>>,
    /// Predicates of decisions of the State.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
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
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct RawClass {
    /// Article that defines it.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) article: Spanned<String>,
    /// The condition.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) when: Spanned<String>,
    /// What belonging to it means: `presumed`, `indicative`.
    pub(crate) effect: Option<String>,
    /// Whether it only serves other rules.
    #[serde(default)]
    pub(crate) auxiliary: bool,
    /// Name.
    pub(crate) text: RawText,
    /// First day of the rule.
    #[serde(default, deserialize_with = "optional_day")]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    from: Option<Date>,
    /// Last day of the rule.
    #[serde(default, deserialize_with = "optional_day")]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    to: Option<Date>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct RawDuty {
    /// Article that states it.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) article: Spanned<String>,
    /// Who owes it.
    pub(crate) by: Party,
    /// The condition.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) owed_when: Spanned<String>,
    /// The deadline: `without delay, at the latest 2 weeks after X`, `72 hours after incident.discovered_at`.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(crate) due: Option<Spanned<String>>,
    /// Predicate, or `event(…)`, joined by `and`, `or`.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(crate) fulfilled_by: Option<Spanned<String>>,
    /// Whether what is filed waits for a review.
    #[serde(default)]
    pub(crate) reviewed: bool,
    /// Statements of which each is to be answered anew.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(crate) each: Option<Spanned<String>>,
    /// Duties of the common vocabulary that it answers.
    #[serde(default)]
    pub(crate) common: Vec<String>,
    /// Another calendar than the party's, or `switch(ID)`.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(crate) counting: Option<Spanned<String>>,
    /// Until when it is owed: a limit.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(crate) until: Option<Spanned<String>>,
    /// Name.
    pub(crate) text: RawText,
    /// Who is told, where the law names somebody.
    pub(crate) addressee: Option<RawText>,
    /// First day of the rule.
    #[serde(default, deserialize_with = "optional_day")]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    from: Option<Date>,
    /// Last day of the rule.
    #[serde(default, deserialize_with = "optional_day")]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    to: Option<Date>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct RawPower {
    /// Article that confers it.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) article: Spanned<String>,
    /// Predicate of the act.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) act: Spanned<String>,
    /// The condition; `unmet(DUTY)` may stand in it.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) when: Spanned<String>,
    /// Name.
    pub(crate) text: RawText,
    /// First day of the rule.
    #[serde(default, deserialize_with = "optional_day")]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    from: Option<Date>,
    /// Last day of the rule.
    #[serde(default, deserialize_with = "optional_day")]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    to: Option<Date>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct RawPenalty {
    /// Article that states it.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) article: Spanned<String>,
    /// Predicate of the act that imposes it; none where courts impose it.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(crate) act: Option<Spanned<String>>,
    /// The condition.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) when: Spanned<String>,
    /// The largest amount; none where the law settles none.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(crate) maximum: Option<Spanned<String>>,
    /// Name.
    pub(crate) text: RawText,
    /// First day of the rule.
    #[serde(default, deserialize_with = "optional_day")]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    from: Option<Date>,
    /// Last day of the rule.
    #[serde(default, deserialize_with = "optional_day")]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    to: Option<Date>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct RawProcedure {
    /// Article that asks for it.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) article: Spanned<String>,
    /// Predicate of the adverse act.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) act: Spanned<String>,
    /// Which of the acts of that predicate; empty: all.
    #[serde(default)]
    pub(crate) attributes: BTreeMap<String, String>,
    /// Kinds of procedure; one of them is needed.
    pub(crate) requires: Vec<String>,
    /// Name.
    pub(crate) text: RawText,
    /// How sure the rule is.
    pub(crate) certainty: Certainty,
}
