//! Where things lie: the clone, the build, the tools.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

/// The folders that the tasks work in.
pub(crate) struct Places {
    /// The root of the clone.
    pub(crate) root: PathBuf,
    /// Cargo's target folder.
    pub(crate) target: PathBuf,
    /// Tools, test peers and fuzz builds: beside the target folder, so that a cache keeps them
    /// together and `cargo clean` does not take them along.
    pub(crate) tools: PathBuf,
}

impl Places {
    /// Finds the folders from the environment that `cargo run` gives.
    pub(crate) fn find() -> Result<Self> {
        // At run time, not with `env!`: the binary may have been built in another clone that
        // shares the target folder.
        let manifest = env::var_os("CARGO_MANIFEST_DIR").context("run this as `cargo xtask`")?;
        let root = Path::new(&manifest).parent().context("the folder of xtask has a parent")?.to_path_buf();
        match env::var_os("CARGO_TARGET_DIR") {
            Some(target) => {
                let target = std::path::absolute(target)?;
                let beside = target.parent().unwrap_or(&target);
                Ok(Self { tools: beside.join("kanae-tools"), root, target })
            }
            None => Ok(Self { tools: cache()?.join("kanae-tools"), target: root.join("target"), root }),
        }
    }

    /// The programs that `cargo install` put there.
    pub(crate) fn bin(&self) -> PathBuf {
        self.tools.join("bin")
    }

    /// Foreign programs that the tests compare with; tests see it as `KANAE_PEERS`.
    pub(crate) fn peers(&self) -> PathBuf {
        self.tools.join("peers")
    }
}

fn cache() -> Result<PathBuf> {
    let base = env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| env::home_dir().map(|home| home.join(".cache")))
        .context("neither XDG_CACHE_HOME nor HOME is set")?;
    Ok(base.join("kanae"))
}
