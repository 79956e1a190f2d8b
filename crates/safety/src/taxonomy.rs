//! Risk areas: what a sample is about, in the words of the field's taxonomies.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::suite::Problem;

/// A text in both languages of the product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Title {
    /// Japanese.
    pub ja: String,
    /// English.
    pub en: String,
}

/// A risk area that samples are filed under.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Risk {
    /// Identifier, such as `prompt-leak`.
    pub id: String,
    /// Identifier of the group that it belongs to.
    pub group: String,
    /// Name of the area.
    pub title: Title,
    /// Perspectives (1–10) of the Japan AISI guide to evaluation perspectives.
    #[serde(default)]
    pub aisi: Vec<u8>,
    /// Hazard codes of MLCommons AILuminate 1.0.
    #[serde(default)]
    pub ailuminate: Vec<String>,
    /// Entries of the OWASP Top 10 for LLM Applications, 2025.
    #[serde(default)]
    pub owasp: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    id: String,
    title: Title,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: String,
    group: Vec<Group>,
    risk: Vec<Risk>,
}

/// The risk areas that suites may name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taxonomy {
    version: String,
    groups: BTreeMap<String, Title>,
    risks: BTreeMap<String, Risk>,
}

const SHIPPED: &str = include_str!("../../../suites/taxonomy.toml");

impl Taxonomy {
    /// Returns the shipped taxonomy, `suites/taxonomy.toml`.
    pub fn shipped() -> Self {
        // A test reads it; a build whose own data does not parse cannot be released.
        Self::parse(SHIPPED.as_bytes()).unwrap_or_else(|problem| unreachable!("{problem}"))
    }

    /// Reads a taxonomy file.
    pub fn parse(bytes: &[u8]) -> Result<Self, Problem> {
        let file: File = crate::suite::from_toml("taxonomy.toml", bytes)?;
        let problem = |message: String, hint: &str| Problem::new("taxonomy.toml", None, message, hint);
        let mut taxonomy = Self { version: file.version, groups: BTreeMap::new(), risks: BTreeMap::new() };
        for group in file.group {
            taxonomy.groups.insert(group.id, group.title);
        }
        for risk in file.risk {
            if !taxonomy.groups.contains_key(&risk.group) {
                return Err(problem(
                    format!("risk {:?} names the group {:?}, which does not exist", risk.id, risk.group),
                    "add a [[group]] with this id, or name one that exists",
                ));
            }
            let id = risk.id.clone();
            if taxonomy.risks.insert(id.clone(), risk).is_some() {
                return Err(problem(format!("risk {id:?} is defined twice"), "remove one of the two"));
            }
        }
        Ok(taxonomy)
    }

    /// Returns the version that the file states.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Returns the title of a group.
    pub fn group(&self, id: &str) -> Option<&Title> {
        self.groups.get(id)
    }

    /// Returns a risk area.
    pub fn risk(&self, id: &str) -> Option<&Risk> {
        self.risks.get(id)
    }

    /// Returns all risk areas, sorted by identifier.
    pub fn risks(&self) -> impl Iterator<Item = &Risk> {
        self.risks.values()
    }

    /// Returns the identifier most like `id`, for "did you mean".
    pub(crate) fn nearest(&self, id: &str) -> Option<&str> {
        self.risks
            .keys()
            .map(|known| (distance(known, id), known.as_str()))
            .min()
            .filter(|(distance, known)| *distance <= known.len() / 2)
            .map(|(_, known)| known)
    }
}

/// Levenshtein distance over characters; both sides are short identifiers.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(80).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_taxonomy_reads_and_names_both_languages() {
        let taxonomy = Taxonomy::shipped();
        assert_eq!(taxonomy.version(), "1");
        assert!(taxonomy.risks().count() >= 20);
        for risk in taxonomy.risks() {
            assert!(!risk.title.ja.is_empty() && !risk.title.en.is_empty(), "{}", risk.id);
            assert!(risk.aisi.iter().all(|n| (1..=10).contains(n)), "{}", risk.id);
        }
    }

    #[test]
    fn a_misspelt_area_is_recognised() {
        assert_eq!(Taxonomy::shipped().nearest("over-refusals"), Some("over-refusal"));
        assert_eq!(Taxonomy::shipped().nearest("zzz"), None);
    }
}
