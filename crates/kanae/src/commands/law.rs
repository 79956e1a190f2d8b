//! `kanae law`.

use crate::failure::Failure;
use crate::ui::Ui;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {}

pub(crate) fn run(_arguments: &Arguments, _ui: &Ui) -> Result<(), Failure> {
    Ok(())
}
