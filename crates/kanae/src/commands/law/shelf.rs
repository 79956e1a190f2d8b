//! The regimes at hand: shipped ones, or a folder's.

use std::collections::BTreeMap;
use std::path::Path;

use law::{Diagnostic, Regime};

use crate::embedded::{self, Files};
use crate::failure::{Failure, Kind};

/// The regimes at hand: id → files.
pub(super) struct Shelf {
    regimes: BTreeMap<String, Files>,
}

impl Shelf {
    pub(super) fn open(folder: Option<&Path>) -> Result<Self, Failure> {
        let files = match folder {
            Some(folder) => embedded::read_folder(folder)?,
            None => embedded::files(&embedded::REGIMES),
        };
        let regimes = embedded::folders(files);
        Ok(Self { regimes })
    }

    pub(super) fn files(&self, id: &str) -> Result<&Files, Failure> {
        self.regimes.get(id).ok_or_else(|| {
            let known: Vec<_> = self.regimes.keys().map(String::as_str).collect();
            Failure::new(Kind::NotFound, format!("there is no regime `{id}`"))
                .hint(format!("the regimes are: {}", known.join(", ")))
        })
    }

    pub(super) fn load(&self, id: &str) -> Result<Result<Regime, Vec<Diagnostic>>, Failure> {
        let regime = Regime::load(self.files(id)?);
        Ok(match regime {
            Ok(regime) if regime.id() != id => Err(vec![Diagnostic {
                file: "regime.toml".to_owned(),
                line: 1,
                column: 1,
                problem: format!("id `{}` is not the name of the folder, `{id}`", regime.id()),
                hint: Some("rename one of them".to_owned()),
            }]),
            other => other,
        })
    }

    pub(super) fn regime(&self, id: &str) -> Result<Regime, Failure> {
        self.load(id)?.map_err(|problems| {
            let shown: Vec<_> = problems.iter().take(20).map(|problem| format!("{id}/{problem}")).collect();
            Failure::new(Kind::Data, format!("regime `{id}` has problems:\n{}", shown.join("\n")))
                .hint(format!("`kanae law check {id}` shows them all"))
        })
    }

    pub(super) fn chosen<'s>(&'s self, only: &'s [String]) -> Vec<&'s str> {
        if only.is_empty() {
            self.regimes.keys().map(String::as_str).collect()
        } else {
            only.iter().map(String::as_str).collect()
        }
    }
}
