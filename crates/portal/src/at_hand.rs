//! The laws that can be looked at here: those adopted, and those that came with the program.

use std::collections::BTreeMap;
use std::sync::Arc;

use evidence::Digest;
use jiff::civil::Date;
use law::{Force, Regime, SwitchError, SwitchSettings};
use node::View;
use register::state::AdoptedRegime;

/// A law at hand.
#[derive(Clone)]
pub(crate) struct Law {
    /// Folder digest of its files.
    pub(crate) folder: Digest,
    /// Its files, read.
    pub(crate) regime: Regime,
    /// How it applies here; none where it was not adopted.
    pub(crate) adopted: Option<Arc<AdoptedRegime>>,
}

impl Law {
    /// Returns a day on which the law can be tried out: the given one, or its first day where it is enacted
    /// and not yet in force.
    pub(crate) fn day(&self, day: Date) -> Date {
        match self.regime.force_on(day) {
            Force::NotYet => {
                let days = self.regime.versions().iter().map(|version| version.from);
                days.filter(|from| day < *from).min().unwrap_or(day)
            }
            _ => day,
        }
    }

    /// Returns how its open points are settled here; a law that was not adopted leaves all open.
    pub(crate) fn settings(&self) -> Result<SwitchSettings, SwitchError> {
        let set = self.adopted.iter().flat_map(|adopted| &adopted.switches);
        SwitchSettings::new(&self.regime, set.map(|(id, text)| (id.as_str(), text.as_str())))
    }
}

/// Returns every law at hand by its id. Of an adopted law it is the text that was adopted.
pub(crate) fn laws(view: &View) -> BTreeMap<String, Law> {
    let mut found: BTreeMap<String, Law> = view
        .library
        .regimes()
        .map(|(folder, regime)| {
            let law = Law { folder: *folder, regime: regime.clone(), adopted: None };
            (regime.id().to_owned(), law)
        })
        .collect();
    for (id, adopted) in view.register.regimes() {
        if let Some(regime) = view.library.regime(&adopted.folder) {
            let law = Law { folder: adopted.folder, regime, adopted: Some(Arc::clone(adopted)) };
            found.insert(id.to_owned(), law);
        }
    }
    found
}

/// Returns a law at hand.
pub(crate) fn law(view: &View, id: &str) -> Option<Law> {
    laws(view).remove(id)
}
