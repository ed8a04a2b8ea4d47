//! What launching has in common for all kinds: environment, sandbox, marker, and the errors.

use std::path::{Path, PathBuf};

use gangline_process::{Child, Cmd, Sandbox, SpawnError, Tier};

use crate::claim::OUTCOME_ENV;
use crate::driver::{BRIEF_ENV, LaunchError, SessionPlan};

/// Variables that are not set by the caller but that programs stumble without.
const DEFAULTS: [(&str, &str); 2] = [("LANG", "C.UTF-8"), ("TERM", "dumb")];

/// A program and what its kind adds to the plan.
pub(crate) struct Launch {
    pub(crate) program: String,
    pub(crate) args: Vec<String>,
    /// Variables that the plan may set otherwise.
    pub(crate) defaults: &'static [(&'static str, &'static str)],
    /// Variables that it may not.
    pub(crate) env: Vec<(&'static str, String)>,
}

impl Launch {
    /// Starts the program under the plan's marker and sandbox.
    pub(crate) fn start(self, plan: &SessionPlan) -> Result<Child, LaunchError> {
        let path = path_of(plan);
        let sandbox = with_program(&plan.sandbox, &self.program, &path, &plan.cwd);
        let mut cmd = Cmd::new(&self.program)
            .args(&self.args)
            .cwd(&plan.cwd)
            .marker(plan.marker.clone())
            .sandbox(sandbox);
        for (name, value) in DEFAULTS.iter().chain(self.defaults) {
            cmd = cmd.env(*name, *value);
        }
        cmd = cmd.env("PATH", path);
        for (name, value) in &plan.env {
            cmd = cmd.env(name, value);
        }
        cmd = cmd
            .env("HOME", &plan.home)
            .env(OUTCOME_ENV, &plan.outcome_file)
            .env(BRIEF_ENV, &plan.brief_file);
        for (name, value) in self.env {
            cmd = cmd.env(name, value);
        }
        let program = self.program;
        cmd.spawn().map_err(|error| match error {
            SpawnError::NotFound { .. } => LaunchError::Missing { program },
            error @ (SpawnError::PermissionDenied { .. }
            | SpawnError::NoSuchDirectory { .. }
            | SpawnError::Sandbox(_)
            | SpawnError::Log { .. }
            | SpawnError::Io { .. }) => LaunchError::Spawn(error),
        })
    }
}

fn path_of(plan: &SessionPlan) -> String {
    let given = plan.env.iter().find(|(name, _)| name == "PATH");
    let own = || std::env::var("PATH").unwrap_or_default();
    given.map_or_else(own, |(_, path)| path.clone())
}

/// Shows the program's own file inside the sandbox, wherever it is installed, with what its
/// links lead to. Not its folder: that may be a home.
fn with_program(sandbox: &Sandbox, program: &str, path: &str, cwd: &Path) -> Sandbox {
    if sandbox.tier == Tier::L0 {
        return sandbox.clone();
    }
    let Some(found) = find(program, path, cwd) else { return sandbox.clone() };
    let target = found.canonicalize().unwrap_or_else(|_| found.clone());
    let hidden = |file: &PathBuf| {
        let shown = sandbox.read_only.iter().chain(&sandbox.writable);
        !shown.into_iter().any(|path| file.starts_with(path))
    };
    sandbox.clone().read_only([found, target].into_iter().filter(hidden))
}

fn find(program: &str, path: &str, cwd: &Path) -> Option<PathBuf> {
    if program.contains('/') {
        return Some(cwd.join(program)).filter(|file| file.is_file());
    }
    let directories = std::env::split_paths(path).filter(|directory| directory.is_absolute());
    directories.map(|directory| directory.join(program)).find(|file| file.is_file())
}
