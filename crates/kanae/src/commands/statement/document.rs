//! A statement of a file as a document: with the words of the shipped laws, and no register.

use documents::{Fonts, Nameless, Occasion, letter, render};
use evidence::{Language, Statement};
use law::Regime;

use crate::embedded;
use crate::failure::{Failure, Kind};

/// Writes the document of a statement.
pub(super) fn write(statement: &Statement, language: Language, fonts: &Fonts) -> Result<Vec<u8>, Failure> {
    let shipped = embedded::folders(embedded::files(&embedded::REGIMES));
    let own = statement.common().regime.as_ref().and_then(|id| shipped.get(id.as_str()));
    // A law that this build cannot read, or does not have, is only named.
    let regimes: Vec<Regime> = own.into_iter().filter_map(|files| Regime::load(files).ok()).collect();
    let occasion = Occasion {
        language,
        under_first: !regimes.is_empty(),
        regimes: &regimes,
        names: &Nameless,
        issuer: None,
        addressee: None,
        number: None,
        letterhead: None,
        entry: None,
        superseded_by: None,
        address: None,
    };
    render(&letter(statement, &occasion), fonts).map_err(|error| Failure::new(Kind::Data, error))
}
