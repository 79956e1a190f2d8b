//! The steps of `cargo xtask test`.

use std::env;
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::Instant;

use anyhow::{Result, bail};

use crate::command::run;
use crate::places::Places;
use crate::summary::{Line, Outcome, Summary};
use crate::tools::{self, Need};
use crate::{fuzz, web};

/// Test binaries that need a foreign program carry this name, and run in their own step.
const INTEROP: &str = "binary(/^interop_/)";

/// One step: a name to call it by, what it needs, what it does.
pub(crate) struct Step {
    /// The word on the command line.
    pub(crate) name: &'static str,
    /// One line for `--help`.
    pub(crate) about: &'static str,
    pub(crate) needs: &'static [Need],
    run: fn(&Places) -> Result<()>,
}

/// Every step, cheap and telling ones first.
pub(crate) const STEPS: &[Step] = &[
    Step { name: "fmt", about: "formatting of the workspace and the fuzz targets", needs: &[], run: fmt },
    Step {
        name: "clippy",
        about: "lints of the workspace and the fuzz targets, warnings as errors",
        needs: &[],
        run: clippy,
    },
    Step { name: "doc", about: "documentation, warnings as errors", needs: &[], run: doc },
    Step {
        name: "licences",
        about: "licences, banned crates, sources (deny.toml)",
        needs: &[Need::CargoDeny],
        run: licences,
    },
    Step {
        name: "unused",
        about: "dependencies that nothing uses",
        needs: &[Need::CargoMachete],
        run: unused,
    },
    Step { name: "unit", about: "tests that need nothing from outside", needs: &[Need::Nextest], run: unit },
    Step { name: "doctest", about: "examples in the documentation", needs: &[], run: doctest },
    Step { name: "law", about: "law tests of the shipped regimes", needs: &[], run: law },
    Step {
        name: "interop",
        about: "tests against other implementations (interop_* binaries)",
        needs: &[
            Need::Nextest,
            Need::Go,
            Need::Strace,
            Need::Postgres,
            Need::SoftHsm,
            Need::DocumentReaders,
            Need::PythonPeers,
            Need::ApiPeers,
            Need::OpenIdProvider,
        ],
        run: interop,
    },
    Step {
        name: "fuzz",
        about: "coverage-guided fuzzing, some seconds a target",
        needs: &[Need::Compiler],
        run: fuzz::run,
    },
    Step {
        name: "web",
        about: "people at work at the desk, the public's pages and the demo's, in a browser: accessibility, two widths, Nu HTML checker",
        needs: &[Need::Chromium, Need::Java, Need::WebPeers],
        run: web::run,
    },
];

/// Runs the named steps, or all, and ends with a summary.
pub(crate) fn test(places: &Places, names: &[String]) -> Result<ExitCode> {
    let chosen = choose(names)?;
    let needs: Vec<Need> = chosen.iter().flat_map(|step| step.needs).copied().collect();
    let started = Instant::now();
    let missing = tools::install(places, &needs);
    let mut lines = Vec::new();
    if !needs.is_empty() {
        let names: Vec<_> = missing.iter().map(|(need, _)| need.name()).collect();
        lines.push(Line {
            name: "install",
            outcome: if missing.is_empty() {
                Outcome::Ok
            } else {
                Outcome::Skipped(format!("missing: {}", names.join(", ")))
            },
            took: started.elapsed(),
        });
    }
    for step in chosen {
        println!("\n== {}: {}", step.name, step.about);
        let started = Instant::now();
        let lacking: Vec<String> = missing
            .iter()
            .filter(|(need, _)| step.needs.contains(need))
            .map(|(need, why)| format!("{}: {why}", need.name()))
            .collect();
        let outcome = if lacking.is_empty() {
            (step.run)(places).map_or_else(|error| Outcome::Failed(format!("{error:#}")), |()| Outcome::Ok)
        } else {
            Outcome::Skipped(lacking.join("; "))
        };
        let took = started.elapsed();
        println!("== {}: {:.1} s", step.name, took.as_secs_f64());
        lines.push(Line { name: step.name, outcome, took });
    }
    let summary = Summary { lines, strict: in_ci() };
    println!("\n{summary}");
    Ok(if summary.is_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn choose(names: &[String]) -> Result<Vec<&'static Step>> {
    for name in names {
        if !STEPS.iter().any(|step| step.name == name) {
            let known: Vec<_> = STEPS.iter().map(|step| step.name).collect();
            bail!("there is no step `{name}`; steps: {}", known.join(", "));
        }
    }
    let wanted = |step: &&Step| names.is_empty() || names.iter().any(|name| name == step.name);
    Ok(STEPS.iter().filter(wanted).collect())
}

fn in_ci() -> bool {
    env::var("CI").is_ok_and(|value| value == "true" || value == "1")
}

fn cargo(places: &Places) -> Command {
    let mut command = Command::new("cargo");
    command.current_dir(&places.root);
    command
}

fn nextest(places: &Places, filter: &str) -> Result<Command> {
    let mut command = tools::nextest(places)?;
    command.current_dir(&places.root);
    command.args(["run", "--workspace", "-E", filter]);
    if in_ci() {
        command.args(["--profile", "ci"]);
    }
    Ok(command)
}

/// Builds the binary exactly as the tests build it, so that nothing is compiled twice.
pub(crate) fn kanae(places: &Places) -> Result<PathBuf> {
    run(cargo(places).args(["build", "--workspace", "--bins", "--tests"]))?;
    Ok(places.target.join("debug").join("kanae"))
}

fn fmt(places: &Places) -> Result<()> {
    // The names of the files suffice: `cargo fmt` shows and does the rest.
    let fuzz = ["fmt", "--manifest-path", "fuzz/Cargo.toml", "--check", "--", "-l"];
    let targets = run(cargo(places).args(fuzz));
    run(cargo(places).args(["fmt", "--all", "--check", "--", "-l"])).and(targets)
}

fn clippy(places: &Places) -> Result<()> {
    let strict = ["--all-targets", "--", "-D", "warnings"];
    let fuzz = run(cargo(places).args(["clippy", "--manifest-path", "fuzz/Cargo.toml"]).args(strict));
    run(cargo(places).args(["clippy", "--workspace"]).args(strict)).and(fuzz)
}

fn doc(places: &Places) -> Result<()> {
    run(cargo(places).env("RUSTDOCFLAGS", "-D warnings").args(["doc", "--workspace", "--no-deps"]))
}

fn licences(places: &Places) -> Result<()> {
    let deny = tools::cargo_tool(places, Need::CargoDeny)?;
    run(Command::new(deny).current_dir(&places.root).args(["check", "bans", "licenses", "sources"]))
}

fn unused(places: &Places) -> Result<()> {
    let machete = tools::cargo_tool(places, Need::CargoMachete)?;
    run(Command::new(machete).current_dir(&places.root).arg("."))
}

fn unit(places: &Places) -> Result<()> {
    run(&mut nextest(places, &format!("not {INTEROP}"))?)
}

fn doctest(places: &Places) -> Result<()> {
    run(cargo(places).args(["test", "--workspace", "--doc"]))
}

fn law(places: &Places) -> Result<()> {
    run(Command::new(kanae(places)?).current_dir(&places.root).args(["law", "test"]))
}

fn interop(places: &Places) -> Result<()> {
    run(nextest(places, INTEROP)?.env("KANAE_PEERS", places.peers()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_names_every_step_runs_in_order() {
        let names: Vec<_> = choose(&[]).unwrap().iter().map(|s| s.name).collect();
        let all: Vec<_> = STEPS.iter().map(|s| s.name).collect();
        assert_eq!(names, all);
    }

    #[test]
    fn named_steps_run_in_their_own_order_and_once() {
        let wanted = ["unit", "fmt", "unit"].map(String::from);
        let names: Vec<_> = choose(&wanted).unwrap().iter().map(|s| s.name).collect();
        assert_eq!(names, ["fmt", "unit"]);
    }

    #[test]
    fn an_unknown_step_is_refused_with_the_list() {
        let error = choose(&["units".to_owned()]).err().unwrap().to_string();
        assert!(error.contains("units") && error.contains("interop"), "{error}");
    }
}
