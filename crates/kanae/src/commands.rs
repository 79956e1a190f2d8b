//! One file a command.

use std::io::Write as _;

use clap::CommandFactory as _;

use crate::cli::{Cli, Command};
use crate::failure::Failure;
use crate::ui::Ui;

pub(crate) mod actor;
pub(crate) mod audit;
pub(crate) mod backup;
pub(crate) mod demo;
pub(crate) mod desk;
pub(crate) mod export;
pub(crate) mod init;
pub(crate) mod key;
pub(crate) mod law;
pub(crate) mod log;
pub(crate) mod notices;
pub(crate) mod policy;
pub(crate) mod safety;
pub(crate) mod serve;
pub(crate) mod sign;
pub(crate) mod statement;
pub(crate) mod store;
pub(crate) mod token;
pub(crate) mod weights;

pub(crate) fn run(command: Command, ui: &Ui) -> Result<(), Failure> {
    match command {
        Command::Init(arguments) => init::run(&arguments, ui),
        Command::Serve(arguments) => serve::run(&arguments, ui),
        Command::Store(arguments) => store::run(&arguments, ui),
        Command::Backup(arguments) => backup::run(&arguments, ui),
        Command::Key(arguments) => key::run(&arguments, ui),
        Command::Token(arguments) => token::run(&arguments, ui),
        Command::Actor(arguments) => actor::run(&arguments, ui),
        Command::Statement(arguments) => statement::run(&arguments, ui),
        Command::Sign(arguments) => sign::run(&arguments, ui),
        Command::Desk(arguments) => desk::run(&arguments, ui),
        Command::Notices(arguments) => notices::run(&arguments, ui),
        Command::Audit(arguments) => audit::run(&arguments, ui),
        Command::Log(arguments) => log::run(&arguments, ui),
        Command::Policy(arguments) => policy::run(&arguments, ui),
        Command::Export(arguments) => export::run(&arguments, ui),
        Command::Demo(arguments) => demo::run(&arguments, ui),
        Command::Completions { shell } => completions(shell),
        Command::Law(arguments) => law::run(&arguments, ui),
        Command::Safety(arguments) => safety::run(&arguments, ui),
        Command::Weights(arguments) => weights::run(&arguments, ui),
    }
}

fn completions(shell: clap_complete::Shell) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "kanae", &mut script);
    std::io::stdout().write_all(&script).map_err(|error| Failure::io("standard output".as_ref(), &error))
}
