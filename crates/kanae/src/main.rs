//! `kanae`: the oversight stack for advanced AI in one binary.

use std::process::ExitCode;

use clap::Parser;

mod cli;
mod commands;
mod database;
mod embedded;
mod failure;
mod fonts;
mod secret;
mod ui;

fn main() -> ExitCode {
    let cli = match cli::Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return failure::usage(&error),
    };
    let ui = ui::Ui::new(cli.json, cli.lang);
    match commands::run(cli.command, &ui) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            ui.failure(&failure);
            failure.kind.exit_code()
        }
    }
}
