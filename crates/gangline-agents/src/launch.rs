//! What launching has in common for all kinds: environment, sandbox, marker, and the errors.

use std::io::Read;
use std::path::{Path, PathBuf};

use gangline_process::{Child, Cmd, Sandbox, SpawnError, Tier};

use crate::claim::OUTCOME_ENV;
use crate::definition::{Definition, SystemPrompt};
use crate::driver::{BRIEF_ENV, LaunchError, SessionPlan, SessionStart};

/// Bytes of a script's first line that are looked at.
const SHEBANG_BYTES_MAX: usize = 256;

/// Variables that are not set by the caller but that programs stumble without.
const DEFAULTS: [(&str, &str); 2] = [("LANG", "C.UTF-8"), ("TERM", "dumb")];

/// What parts a definition's text from the brief, for kinds that take both as one prompt.
const RULE: &str = "\n\n---\n\n";

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

/// The folders in which programs keep what is theirs, below the attempt's home.
pub(crate) fn own_folders(home: &Path) -> [(&'static str, String); 4] {
    let below = |folder: &str| home.join(folder).to_string_lossy().into_owned();
    [
        ("XDG_CACHE_HOME", below(".cache")),
        ("XDG_CONFIG_HOME", below(".config")),
        ("XDG_DATA_HOME", below(".local/share")),
        ("XDG_STATE_HOME", below(".local/state")),
    ]
}

/// The brief, and before it what a new session is told about itself: for kinds that cannot add
/// to a system prompt. A resumed session has heard it.
pub(crate) fn first_prompt(plan: &SessionPlan) -> String {
    match (&plan.session, plan.definition.body.as_str()) {
        (SessionStart::Resume { .. }, _) | (_, "") => plan.brief.clone(),
        (SessionStart::Fresh { .. }, body) => format!("{body}{RULE}{}", plan.brief),
    }
}

/// Refuses a plan under which leave must be asked: for kinds whose programs do so only over the
/// Agent Client Protocol, by the preset that is called as they are.
pub(crate) fn without_leave(kind: &str, plan: &SessionPlan) -> Result<(), LaunchError> {
    if !plan.asks_leave {
        return Ok(());
    }
    let what = format!(
        "kind `{kind}` cannot ask leave, which the project's rules need; use `kind: acp` with \
         `preset: {kind}`"
    );
    Err(LaunchError::Definition { agent: plan.definition.name.to_string(), what })
}

/// Whether the definition's text stands in place of the program's own.
pub(crate) fn replaces(definition: &Definition) -> bool {
    definition.system_prompt == SystemPrompt::Replace && !definition.body.is_empty()
}

/// What the program needs could not be put into its home.
pub(crate) fn unprepared(program: &str, source: std::io::Error) -> LaunchError {
    LaunchError::Spawn(SpawnError::Io { program: program.into(), source })
}

/// The value of a variable that the plan sets.
pub(crate) fn planned<'a>(plan: &'a SessionPlan, name: &str) -> Option<&'a str> {
    let mut set = plan.env.iter().rev().filter(|(known, _)| known == name);
    set.next().map(|(_, value)| value.as_str())
}

fn path_of(plan: &SessionPlan) -> String {
    let given = plan.env.iter().find(|(name, _)| name == "PATH");
    let own = || std::env::var("PATH").unwrap_or_default();
    given.map_or_else(own, |(_, path)| path.clone())
}

/// Shows the program's own file inside the sandbox, wherever it is installed, with what its
/// links lead to. Not its folder: that may be a home. A script out of npm's folder needs that
/// folder, and its interpreter.
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
    let packages = target.ancestors().filter(|folder| folder.ends_with("node_modules")).last();
    let interpreter = interpreter(&target).and_then(|name| find(&name, path, cwd));
    let interpreter = interpreter.and_then(|file| Some([file.canonicalize().ok()?, file]));
    let needed = packages.map(Path::to_owned).into_iter().chain(interpreter.into_iter().flatten());
    let needed: Vec<PathBuf> = needed.chain([found, target.clone()]).collect();
    sandbox.clone().read_only(needed.into_iter().filter(hidden))
}

/// Who reads a script that begins with `#!/usr/bin/env NAME`.
fn interpreter(script: &Path) -> Option<String> {
    let mut start = Vec::with_capacity(SHEBANG_BYTES_MAX);
    let file = std::fs::File::open(script).ok()?;
    file.take(SHEBANG_BYTES_MAX as u64).read_to_end(&mut start).ok()?;
    let line = start.strip_prefix(b"#!/usr/bin/env ")?.split(|byte| *byte == b'\n').next()?;
    let words = std::str::from_utf8(line).ok()?.split_whitespace();
    words.filter(|word| !word.starts_with('-')).map(str::to_owned).next()
}

/// The program's own file, behind all links, where it is installed.
pub(crate) fn located(program: &str, plan: &SessionPlan) -> Option<PathBuf> {
    find(program, &path_of(plan), &plan.cwd)?.canonicalize().ok()
}

fn find(program: &str, path: &str, cwd: &Path) -> Option<PathBuf> {
    if program.contains('/') {
        return Some(cwd.join(program)).filter(|file| file.is_file());
    }
    let directories = std::env::split_paths(path).filter(|directory| directory.is_absolute());
    directories.map(|directory| directory.join(program)).find(|file| file.is_file())
}
