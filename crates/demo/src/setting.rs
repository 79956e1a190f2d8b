//! What the demo takes from the law, as data: `stage.toml`.

use std::collections::BTreeMap;

use client::Action;
use evidence::{Basis, BasisKind, Slug};
use serde::Deserialize;

const SHIPPED: &str = include_str!("../stage.toml");

/// The demo's law, its adopted regimes, and the articles that its acts name.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// The regime under which the demo's developer is supervised.
    pub law: Slug,
    /// The regimes adopted.
    #[serde(rename = "regime")]
    pub regimes: Vec<RegimeSetting>,
    pub(crate) designation: Designated,
    pub(crate) supervision: Supervised,
    article: BTreeMap<String, String>,
}

/// How the open issues of one regime are settled for the demo.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegimeSetting {
    /// The regime.
    pub id: Slug,
    /// Its preset that settles them to begin with.
    pub preset: Option<String>,
    /// Changes to the preset: switch → value.
    #[serde(default)]
    pub set: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Designated {
    pub(crate) class: Slug,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Supervised {
    pub(crate) duty: Slug,
}

impl Setting {
    /// Reads the shipped setting.
    pub fn shipped() -> Result<Self, toml::de::Error> {
        toml::from_str(SHIPPED)
    }

    /// Puts an action under the demo's law, with the article that its kind of statement names.
    pub(crate) fn put_under(&self, action: &mut Action, kind: BasisKind) {
        action.under = Some(self.law.clone());
        action.basis = Some(Basis { kind, article: self.article.get(&action.kind).cloned() });
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_shipped_setting_can_be_read() {
        super::Setting::shipped().unwrap();
    }
}
