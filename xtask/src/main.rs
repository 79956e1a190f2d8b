//! Developer tasks: `cargo xtask --help`.
#![expect(clippy::print_stdout, reason = "a command for developers talks on the terminal")]

mod command;
mod fuzz;
mod places;
mod steps;
mod summary;
mod tools;
mod web;

use std::process::{Command, ExitCode};

use anyhow::{Result, bail};

use crate::places::Places;
use crate::tools::Need;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&arguments) {
        Ok(code) => code,
        Err(error) => {
            println!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &[String]) -> Result<ExitCode> {
    let Some((task, rest)) = arguments.split_first() else {
        println!("{}", help());
        return Ok(ExitCode::from(2));
    };
    if arguments.iter().any(|a| a == "--help" || a == "-h") || task == "help" {
        println!("{}", help());
        return Ok(ExitCode::SUCCESS);
    }
    match task.as_str() {
        "test" => steps::test(&Places::find()?, rest),
        "install" => install(&Places::find()?, rest),
        "bench" => bench(&Places::find()?, rest),
        other => bail!("there is no task `{other}`; `cargo xtask --help` lists them"),
    }
}

/// Installs what the tests need, and names what it could not.
fn install(places: &Places, arguments: &[String]) -> Result<ExitCode> {
    if let Some(argument) = arguments.first() {
        bail!("`install` takes no argument, found `{argument}`");
    }
    let missing = tools::install(places, &Need::ALL);
    for (need, why) in &missing {
        println!("missing: {}: {why}", need.name());
    }
    Ok(if missing.is_empty() {
        println!("everything that the tests need is here");
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Runs the benchmarks of the workspace; arguments go to `cargo bench`. One whose peer is missing says so.
fn bench(places: &Places, arguments: &[String]) -> Result<ExitCode> {
    for (need, why) in tools::install(places, &[Need::BenchPeers, Need::Postgres]) {
        println!("missing: {}: {why}", need.name());
    }
    command::run(
        Command::new("cargo")
            .current_dir(&places.root)
            .env("KANAE_PEERS", places.peers())
            .args(["bench", "--workspace", "--bench", "*"])
            .args(arguments),
    )?;
    Ok(ExitCode::SUCCESS)
}

fn help() -> String {
    use std::fmt::Write as _;

    let mut text = String::from(
        "Developer tasks of Kanae

  cargo xtask test [STEP…]   runs every step, or the named ones, and ends with a summary
  cargo xtask install        installs what the tests need, and names what it cannot install
  cargo xtask bench [ARG…]   runs the benchmarks (arguments go to `cargo bench`)

Steps, in their order:
",
    );
    for step in steps::STEPS {
        let _ = writeln!(text, "  {:<10} {}", step.name, step.about);
    }
    text.push_str(
        "
A step is skipped, with the reason, where something that it needs is missing and cannot be
installed. With CI=true a skipped step is a failed one. Tools, test peers and fuzz builds are
kept in `kanae-tools` beside $CARGO_TARGET_DIR (without it: in ~/.cache/kanae).

Examples:
  cargo xtask test fmt clippy unit
  cargo xtask test interop
  cargo xtask test web",
    );
    text
}
