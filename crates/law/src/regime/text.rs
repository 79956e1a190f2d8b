//! What a regime is and says: its status, texts by date, articles and layers.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::wording::Language;

/// A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Text {
    /// Japanese.
    pub ja: String,
    /// English.
    pub en: String,
}

impl Text {
    /// Returns what stands for an id that has no words of its own.
    pub(crate) fn of_id(id: &str) -> Self {
        let text = id.replace(['-', '_'], " ");
        Self { ja: text.clone(), en: text }
    }

    /// Returns whether it is an id only, and no word for people.
    pub(crate) fn is_of_id(&self, id: &str) -> bool {
        *self == Self::of_id(id)
    }
}

/// Whether a regime is law.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RegimeStatus {
    /// A proposal; whatever shows it says so.
    Draft,
    /// Law.
    InForce,
    /// A code that one may join.
    Voluntary,
}

/// How sure a statement about a law is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// Read in the source named.
    Verified,
    /// Read in a secondary source only.
    Secondary,
    /// Written from memory, not verified.
    Memory,
}

/// A text of the regime and the days on which it is in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Version {
    /// Id of the version.
    pub id: String,
    /// First day.
    pub from: Date,
    /// Last day; none while it stands.
    pub to: Option<Date>,
    /// Whether it applies between these days.
    pub state: VersionState,
    /// Where the text is from.
    pub source: String,
    /// How sure the dates are.
    pub certainty: Certainty,
}

/// Whether an enacted text applies.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum VersionState {
    /// It does.
    #[default]
    InForce,
    /// Its application is suspended.
    Suspended,
    /// Other law displaces it.
    Preempted,
}

/// An article in our own paraphrase. `{parameter}` in a text stands for the parameter's value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Article {
    /// How rules cite the article.
    pub id: String,
    /// How sentences cite it.
    pub cited: Text,
    /// What it says.
    pub text: Text,
    /// How sure the paraphrase is.
    pub certainty: Certainty,
    /// Id of the layer that it belongs to; none: the law itself.
    pub instrument: Option<String>,
    /// Texts that it had before, oldest first.
    pub earlier: Vec<EarlierText>,
}

/// A text that an article had until it was amended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EarlierText {
    /// Last day of the text.
    pub to: Date,
    /// What it said.
    pub text: Text,
    /// How sure the paraphrase is.
    pub certainty: Certainty,
}

impl Article {
    /// Returns how the article is cited in a language.
    pub fn cited(&self, language: Language) -> &str {
        self.cited.get(language)
    }

    /// Returns the text on a day.
    pub fn text_on(&self, day: Date) -> (&Text, Certainty) {
        self.earlier
            .iter()
            .find(|earlier| day <= earlier.to)
            .map_or((&self.text, self.certainty), |earlier| (&earlier.text, earlier.certainty))
    }
}

/// A layer beside the law: a code of practice, guidelines, a decree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Instrument {
    /// Its title.
    pub title: Text,
    /// Whether it binds.
    pub status: RegimeStatus,
}
