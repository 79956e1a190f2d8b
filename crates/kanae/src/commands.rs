//! One file a command.

use crate::cli::Command;
use crate::failure::Failure;
use crate::ui::Ui;

pub(crate) mod init;
pub(crate) mod law;
pub(crate) mod safety;
pub(crate) mod serve;
pub(crate) mod token;
pub(crate) mod weights;

pub(crate) fn run(command: Command, ui: &Ui) -> Result<(), Failure> {
    match command {
        Command::Init(arguments) => init::run(&arguments, ui),
        Command::Serve(arguments) => serve::run(&arguments, ui),
        Command::Token(arguments) => token::run(&arguments, ui),
        Command::Law(arguments) => law::run(&arguments, ui),
        Command::Safety(arguments) => safety::run(&arguments, ui),
        Command::Weights(arguments) => weights::run(&arguments, ui),
    }
}
