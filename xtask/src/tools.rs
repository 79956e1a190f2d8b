//! What the tests need from outside: cargo tools, Debian packages, Python and npm peers.
//!
//! Everything is pinned, installed once into the tools folder, and found there by later runs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::command::{answer, run};
use crate::places::Places;

/// One thing that a step cannot do without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// The test runner.
    Nextest,
    /// Checks licences, bans and sources.
    CargoDeny,
    /// Finds unused dependencies.
    CargoMachete,
    /// Go with its reference implementation of notes and transparency logs.
    Go,
    /// Injects faults into system calls.
    Strace,
    /// Programs that read documents and QR codes, and a Japanese font.
    DocumentReaders,
    /// The database that several servers can share.
    Postgres,
    /// A device for keys, in software (PKCS#11).
    SoftHsm,
    /// A C++ compiler for libFuzzer.
    Compiler,
    /// The browser, and Japanese fonts for its screenshots.
    Chromium,
    /// What the Nu HTML checker runs on.
    Java,
    /// Python packages in a virtual environment.
    PythonPeers,
    /// What asks the API everything that its document allows.
    ApiPeers,
    /// What the benchmarks compare with, apart from what the tests need.
    BenchPeers,
    /// npm packages that drive the browser.
    WebPeers,
    /// An OpenID provider, from npm.
    OpenIdProvider,
}

impl Need {
    /// Everything, in the order of installing.
    pub(crate) const ALL: [Self; 16] = [
        Self::Go,
        Self::Strace,
        Self::DocumentReaders,
        Self::Postgres,
        Self::SoftHsm,
        Self::Compiler,
        Self::Chromium,
        Self::Java,
        Self::PythonPeers,
        Self::ApiPeers,
        Self::BenchPeers,
        Self::WebPeers,
        Self::OpenIdProvider,
        Self::Nextest,
        Self::CargoMachete,
        Self::CargoDeny,
    ];

    /// The name that people know it by.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Nextest => "cargo-nextest",
            Self::CargoDeny => "cargo-deny",
            Self::CargoMachete => "cargo-machete",
            Self::Go => "Go",
            Self::Strace => "strace",
            Self::DocumentReaders => "readers of documents",
            Self::Postgres => "PostgreSQL",
            Self::SoftHsm => "SoftHSM",
            Self::Compiler => "C++ compiler",
            Self::Chromium => "Chromium",
            Self::Java => "Java",
            Self::PythonPeers => "Python peers",
            Self::ApiPeers => "schemathesis",
            Self::BenchPeers => "Python peers of the benchmarks",
            Self::WebPeers => "npm peers",
            Self::OpenIdProvider => "OpenID provider",
        }
    }

    fn debian_packages(self) -> &'static [&'static str] {
        match self {
            Self::Go => &["golang-go", "golang-golang-x-mod-dev"],
            Self::Strace => &["strace"],
            Self::DocumentReaders => &["fonts-noto-cjk", "poppler-utils", "qpdf", "zbar-tools"],
            Self::Postgres => &["postgresql"],
            Self::SoftHsm => &["softhsm2"],
            Self::Compiler => &["g++"],
            Self::Chromium => &["chromium", "fonts-noto-cjk"],
            Self::Java => &["openjdk-17-jre-headless"],
            _ => &[],
        }
    }

    /// The pinned version of a cargo tool.
    fn cargo_version(self) -> Option<&'static str> {
        match self {
            Self::Nextest => Some("0.9.143"),
            Self::CargoDeny => Some("0.20.2"),
            Self::CargoMachete => Some("0.9.2"),
            _ => None,
        }
    }
}

/// Installs what is wanted; returns what could not be had, with the reason.
pub(crate) fn install(places: &Places, wanted: &[Need]) -> Vec<(Need, String)> {
    let wanted: Vec<Need> = Need::ALL.into_iter().filter(|need| wanted.contains(need)).collect();
    // One call for all packages; which of them is still missing shows afterwards.
    let packages: Vec<_> = wanted.iter().flat_map(|need| need.debian_packages()).copied().collect();
    let installed = install_packages(&packages);
    let mut missing = Vec::new();
    for need in wanted {
        let had = match need {
            Need::PythonPeers => python_peers(places, "python", "requirements.lock"),
            Need::ApiPeers => python_peers(places, "python-api", "requirements-api.lock"),
            Need::BenchPeers => python_peers(places, "python-bench", "requirements-bench.lock"),
            Need::WebPeers => npm_peers(places, "web"),
            Need::OpenIdProvider => npm_peers(places, "oidc"),
            Need::Nextest | Need::CargoDeny | Need::CargoMachete => cargo_tool(places, need).map(drop),
            Need::Go
            | Need::Strace
            | Need::Postgres
            | Need::SoftHsm
            | Need::DocumentReaders
            | Need::Compiler
            | Need::Chromium
            | Need::Java => packages_present(need.debian_packages(), &installed),
        };
        if let Err(error) = had {
            missing.push((need, format!("{error:#}")));
        }
    }
    missing
}

/// Returns the path of a cargo tool in its pinned version, built from source if it is not there.
pub(crate) fn cargo_tool(places: &Places, need: Need) -> Result<PathBuf> {
    let name = need.name();
    let version = need.cargo_version().context("not a cargo tool")?;
    for path in [places.bin().join(name), PathBuf::from(name)] {
        let said = answer(Command::new(&path).arg("--version"))?;
        // On the PATH nextest may be newer: it promises to stay compatible.
        let any_version = need == Need::Nextest;
        if said.is_some_and(|said| any_version || said.split_whitespace().any(|w| w == version)) {
            return Ok(path);
        }
    }
    let build = places.tools.join("build");
    let built = run(Command::new("cargo")
        .env("CARGO_TARGET_DIR", &build)
        .args(["install", "--quiet", "--locked", "--force", "--no-default-features"])
        .args(if need == Need::Nextest { &["--features", "default-no-update"][..] } else { &[] })
        .arg("--root")
        .arg(&places.tools)
        .arg(format!("{name}@{version}")));
    if build.exists() {
        fs::remove_dir_all(&build)?;
    }
    built.with_context(|| format!("{name} {version} cannot be built"))?;
    Ok(places.bin().join(name))
}

/// Returns `cargo-nextest nextest`, to which the arguments are added.
pub(crate) fn nextest(places: &Places) -> Result<Command> {
    let mut command = Command::new(cargo_tool(places, Need::Nextest)?);
    command.arg("nextest");
    Ok(command)
}

fn install_packages(packages: &[&str]) -> Result<()> {
    let missing = missing_packages(packages)?;
    if missing.is_empty() {
        return Ok(());
    }
    let by_hand = format!("apt-get install {}", missing.join(" "));
    if answer(Command::new("id").arg("-u"))?.is_none_or(|id| id.trim() != "0") {
        bail!("only root can install packages; run `{by_hand}`");
    }
    let install = || {
        run(Command::new("apt-get")
            .env("DEBIAN_FRONTEND", "noninteractive")
            .args(["install", "--yes", "-qq", "--no-install-recommends"])
            .args(&missing))
    };
    // Package lists may be old or absent: fetch them only if the first try fails.
    install()
        .or_else(|_| {
            run(Command::new("apt-get").args(["update", "-qq"]))?;
            install()
        })
        .with_context(|| format!("`{by_hand}` failed"))
}

fn packages_present(packages: &[&str], installed: &Result<()>) -> Result<()> {
    let missing = missing_packages(packages)?;
    if missing.is_empty() {
        return Ok(());
    }
    match installed {
        Ok(()) => bail!("Debian packages {} are not installed", missing.join(" ")),
        Err(error) => bail!("Debian packages {} ({error:#})", missing.join(" ")),
    }
}

fn missing_packages(packages: &[&str]) -> Result<Vec<String>> {
    let mut missing = Vec::new();
    for package in packages {
        let status = answer(Command::new("dpkg-query").args(["-W", "-f=${Status}", package]))?;
        if status.is_none_or(|status| status != "install ok installed") {
            missing.push((*package).to_owned());
        }
    }
    Ok(missing)
}

/// Makes a virtual environment of Python peers from its lock.
fn python_peers(places: &Places, name: &str, lock: &str) -> Result<()> {
    let lock = places.root.join("interop/python").join(lock);
    let folder = places.peers().join(name);
    once(&folder, std::slice::from_ref(&lock), || {
        run(Command::new("python3").args(["-m", "venv"]).arg(&folder))
            .context("Python 3.11 with venv is needed")?;
        run(Command::new(folder.join("bin/python"))
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
            // The lock is complete. Asked to look for more, pip takes the newest release of a package with
            // extras in place of the one that is pinned.
            .args(["--no-deps", "--require-hashes", "--only-binary=:all:", "--requirement"])
            .arg(&lock))
    })
}

/// The folder in which the browser check finds its npm packages.
pub(crate) fn web_folder(places: &Places) -> PathBuf {
    places.peers().join("web")
}

/// Installs the npm packages of a folder in `interop` from their lock.
fn npm_peers(places: &Places, name: &str) -> Result<()> {
    let source = places.root.join("interop").join(name);
    let folder = places.peers().join(name);
    let files = ["package.json", "package-lock.json"].map(|name| source.join(name));
    once(&folder, &files, || {
        for file in &files {
            let name = file.file_name().context("a file has a name")?;
            fs::copy(file, folder.join(name))?;
        }
        run(Command::new("npm").current_dir(&folder).args([
            "ci",
            "--silent",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
        ]))
        .context("node 20 with npm is needed")
    })
}

/// Fills a folder once for the given state of some files.
///
/// The stamp, a copy of what the files said, is written last: a run that was cut off is repeated.
fn once(folder: &Path, files: &[PathBuf], fill: impl FnOnce() -> Result<()>) -> Result<()> {
    let mut state = Vec::new();
    for file in files {
        state.extend(fs::read(file).with_context(|| file.display().to_string())?);
    }
    let stamp = folder.join("made-from");
    if fs::read(&stamp).is_ok_and(|made_from| made_from == state) {
        return Ok(());
    }
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    fill()?;
    fs::write(stamp, state)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn every_need_is_installed_by_the_install_task() {
        for step in crate::steps::STEPS {
            for need in step.needs {
                assert!(Need::ALL.contains(need), "{need:?} of {}", step.name);
            }
        }
    }

    #[test]
    fn a_folder_is_filled_again_only_when_its_lock_changes_or_the_last_run_was_cut_off() {
        let space = tempfile::tempdir().unwrap();
        let lock = space.path().join("lock");
        let folder = space.path().join("made");
        let filled = Cell::new(0);
        let fill = || {
            filled.set(filled.get() + 1);
            Ok(())
        };
        fs::write(&lock, "one").unwrap();
        let files = [lock.clone()];
        once(&folder, &files, || bail!("cut off")).unwrap_err();
        once(&folder, &files, fill).unwrap();
        once(&folder, &files, fill).unwrap();
        assert_eq!(filled.get(), 1);
        fs::write(&lock, "two").unwrap();
        fs::write(folder.join("old"), "").unwrap();
        once(&folder, &files, fill).unwrap();
        assert_eq!(filled.get(), 2);
        assert!(!folder.join("old").exists());
    }
}
