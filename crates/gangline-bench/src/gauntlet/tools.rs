//! Where the programs of the four ecosystems are.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::case::Ecosystem;

/// What the sandboxed checks are given.
#[derive(Debug)]
pub(super) struct Tools {
    /// The search path of the daemon, and so of its jobs.
    path: OsString,
    /// What they must be able to read besides.
    pub(super) read: Vec<PathBuf>,
}

impl Tools {
    /// This machine's, with what `cargo xtask setup` brought below `target` in front.
    pub(super) fn find(target: &Path) -> anyhow::Result<Self> {
        let host = std::env::var_os("PATH").unwrap_or_default();
        let python = target.join("gauntlet/python");
        let mut read = vec![];
        let mut folders = vec![];
        if python.is_dir() {
            folders.push(python.join("bin"));
            read.extend(interpreter(&python)?);
            read.push(python);
        }
        folders.extend(std::env::split_paths(&host));
        Ok(Self { path: std::env::join_paths(folders)?, read })
    }

    /// The search path as text.
    pub(super) fn path(&self) -> anyhow::Result<&str> {
        self.path.to_str().context("PATH is not UTF-8")
    }

    /// The first program of this ecosystem that is not there.
    pub(super) fn missing(&self, ecosystem: Ecosystem) -> Option<&'static str> {
        let needed: &[&'static str] = match ecosystem {
            Ecosystem::Cargo => &["cargo", "rustc"],
            Ecosystem::Npm => &["node", "npm"],
            Ecosystem::Pytest => &["python3", "pytest"],
            Ecosystem::Go => &["go"],
        };
        needed.iter().find(|program| !self.has(program)).copied()
    }

    fn has(&self, program: &str) -> bool {
        std::env::split_paths(&self.path).any(|folder| folder.join(program).is_file())
    }
}

/// Where the interpreter lives that a virtual environment borrows: its libraries are not in the
/// environment.
fn interpreter(environment: &Path) -> anyhow::Result<Option<PathBuf>> {
    let path = environment.join("pyvenv.cfg");
    let text = std::fs::read_to_string(&path);
    let text = text.with_context(|| format!("reading {}", path.display()))?;
    let home = text.lines().find_map(|line| line.strip_prefix("home = "));
    // `home` is the `bin` folder of an installation.
    Ok(home.and_then(|bin| Path::new(bin).parent()).map(Path::to_owned))
}
