//! Coverage-guided fuzzing on the stable toolchain.

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use crate::command;
use crate::places::Places;

/// How long each target runs, in seconds.
const SECONDS: u64 = 10;

/// Bounds that every target keeps: inputs of 16 KiB, 1 GiB of memory, 5 s for one input.
const BOUNDS: [&str; 3] = ["-max_len=16384", "-rss_limit_mb=1024", "-timeout=5"];

/// Feedback for libFuzzer without a nightly compiler: the coverage pass alone, no sanitizer.
const COVERAGE: &str = "--cfg fuzzing -Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares \
    -Ccodegen-units=1 -Cdebug-assertions";

/// Builds every target and runs each for a bounded time.
pub(crate) fn run(places: &Places) -> Result<()> {
    let host = host()?;
    let build = places.tools.join("fuzz-target");
    command::run(
        Command::new("cargo")
            .current_dir(places.root.join("fuzz"))
            .env("CARGO_TARGET_DIR", &build)
            .env("RUSTFLAGS", COVERAGE)
            // With a target named, build scripts and macros are built without these flags.
            .args(["build", "--quiet", "--release", "--bins", "--target", &host]),
    )?;
    let mut failures = Vec::new();
    for target in targets(&places.root)? {
        let program = build.join(&host).join("release").join(&target);
        if let Err(error) = run_target(places, &target, &program) {
            failures.push(format!("{target}: {error:#}"));
        }
    }
    if !failures.is_empty() {
        bail!("{}", failures.join("; "));
    }
    Ok(())
}

/// Runs one target from its seeds and from what earlier runs found.
fn run_target(places: &Places, target: &str, program: &Path) -> Result<()> {
    let seeds = places.root.join("fuzz/seeds").join(target);
    let corpus = places.tools.join("fuzz-corpus").join(target);
    let findings = places.tools.join("fuzz-findings").join(target);
    fs::create_dir_all(&corpus)?;
    fs::create_dir_all(&findings)?;
    let log = findings.join("log");
    let ran = command::run_within(
        Command::new(program)
            .arg(format!("-max_total_time={SECONDS}"))
            .args(BOUNDS)
            .arg("-print_final_stats=1")
            .arg(format!("-artifact_prefix={}/", findings.display()))
            // New inputs go to the first folder; the seeds are only read.
            .arg(&corpus)
            .arg(&seeds)
            .stderr(File::create(&log)?),
        Duration::from_secs(SECONDS * 6),
    );
    let said = String::from_utf8_lossy(&fs::read(&log)?).into_owned();
    match ran {
        Ok(()) => {
            let tried = said.lines().find_map(|l| l.strip_prefix("stat::number_of_executed_units:"));
            println!("{target}: {} inputs tried", tried.unwrap_or("?").trim());
            Ok(())
        }
        Err(error) => {
            // The end of the log has the panic, its place and the path of the input.
            let lines: Vec<_> = said.lines().collect();
            println!("{}", lines[lines.len().saturating_sub(40)..].join("\n"));
            Err(error.context(format!("the input lies in {}", findings.display())))
        }
    }
}

/// Returns the names of the targets, sorted.
fn targets(root: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(root.join("fuzz/fuzz_targets"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.file_stem().context("a file has a name")?;
            names.push(name.to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// Returns the compiler's own target triple.
fn host() -> Result<String> {
    let said = command::answer(Command::new("rustc").arg("-vV"))?.context("rustc is needed")?;
    said.lines()
        .find_map(|line| line.strip_prefix("host: "))
        .map(str::to_owned)
        .context("`rustc -vV` names no host")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_has_seeds_and_is_built() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let manifest = fs::read_to_string(root.join("fuzz/Cargo.toml")).unwrap();
        let targets = targets(root).unwrap();
        assert!(!targets.is_empty());
        for target in targets {
            assert!(manifest.contains(&format!("name = \"{target}\"")), "{target}");
            let seeds = root.join("fuzz/seeds").join(&target);
            assert!(fs::read_dir(seeds).unwrap().next().is_some(), "{target}");
        }
    }

    #[test]
    fn the_host_is_a_triple() {
        assert!(host().unwrap().matches('-').count() >= 2);
    }
}
