//! The one door to git: argument vectors, a scrubbed environment, a deadline, capped output.
//!
//! Nothing of the host's configuration reaches git, and what a repository's own configuration
//! could run (hooks, monitors, helpers) is off. Callers name the repository with an explicit
//! directory; only [`Git::discover`], for a person's own repository, searches for it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use gangline_process::{Capped, Cmd, Exit, Limits, RunError};

use crate::printable::printable;
use crate::stale;

/// Who commits what Gangline itself makes.
pub const NAME: &str = "Gangline";

/// The address that goes with [`NAME`].
pub const EMAIL: &str = "gangline@localhost";

/// For what touches names and single objects.
const QUICK: Duration = Duration::from_mins(1);

/// For what copies or checks out a whole repository.
pub(crate) const BULK: Duration = Duration::from_mins(15);

/// How much git may print where the caller names no other bound.
const OUTPUT_BYTES_MAX: usize = 16 * 1024 * 1024;

/// How much of git's own words an error carries.
const DETAIL_CHARS_MAX: usize = 2_000;

/// Switched off wherever git runs. The command line beats every configuration file.
const OVERRIDES: [&str; 22] = [
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.untrackedCache=false",
    "core.attributesFile=/dev/null",
    "core.excludesFile=/dev/null",
    "core.askPass=",
    "core.sshCommand=false",
    "core.pager=cat",
    "core.quotePath=false",
    "core.safecrlf=false",
    "credential.helper=",
    "protocol.allow=never",
    "protocol.file.allow=always",
    "gc.auto=0",
    "maintenance.auto=false",
    "submodule.recurse=false",
    "commit.gpgSign=false",
    "log.showSignature=false",
    "advice.addEmbeddedRepo=false",
    "color.ui=false",
    "i18n.commitEncoding=UTF-8",
    "i18n.logOutputEncoding=UTF-8",
];

/// Why a run of git gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum GitFailure {
    /// Git could not be run at all.
    #[error("git {command} could not be run")]
    NotRun {
        /// The subcommand.
        command: String,
        /// Why.
        #[source]
        source: RunError,
    },
    /// It did not end within its deadline and was ended.
    #[error("git {command} took longer than {seconds} s")]
    TimedOut {
        /// The subcommand.
        command: String,
        /// The deadline.
        seconds: u64,
    },
    /// It ended with a complaint.
    #[error("git {command} failed ({exit}): {detail}")]
    Failed {
        /// The subcommand.
        command: String,
        /// How it ended.
        exit: Exit,
        /// What it said, without control characters.
        detail: String,
    },
    /// It printed more than fits.
    #[error("git {command} printed more than {bytes} bytes")]
    TooMuch {
        /// The subcommand.
        command: String,
        /// The bound.
        bytes: usize,
    },
    /// It printed something else than expected.
    #[error("git {command} printed what is not understood: {what}")]
    NotUnderstood {
        /// The subcommand.
        command: String,
        /// The part in question.
        what: String,
    },
}

impl GitFailure {
    /// What git said, when it said something.
    pub(crate) fn detail(&self) -> &str {
        match self {
            Self::Failed { detail, .. } => detail,
            Self::NotRun { .. }
            | Self::TimedOut { .. }
            | Self::TooMuch { .. }
            | Self::NotUnderstood { .. } => "",
        }
    }
}

/// A repository, as git is told about it.
#[derive(Debug, Clone)]
pub(crate) struct Git {
    dir: Option<PathBuf>,
    work_tree: Option<PathBuf>,
    index: Option<PathBuf>,
    limits: Limits,
    /// Nobody but Gangline uses it.
    own: bool,
}

impl Git {
    /// The repository whose git directory this is.
    pub(crate) fn at(git_dir: &Path) -> Self {
        Self { dir: Some(git_dir.to_owned()), ..Self::discover() }
    }

    /// Whatever repository the call's directory lies in. For a person's own ones only.
    pub(crate) fn discover() -> Self {
        Self { dir: None, work_tree: None, index: None, limits: Limits::default(), own: false }
    }

    /// Nobody but Gangline uses the repository: what stands in it that a killed git left is
    /// Gangline's to remove.
    pub(crate) fn own(mut self) -> Self {
        self.own = true;
        self
    }

    pub(crate) fn work_tree(mut self, path: &Path) -> Self {
        self.work_tree = Some(path.to_owned());
        self
    }

    pub(crate) fn index(mut self, path: &Path) -> Self {
        self.index = Some(path.to_owned());
        self
    }

    pub(crate) fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// A call of `git <args>`.
    pub(crate) fn call<I>(&self, args: I) -> Call
    where
        I: IntoIterator,
        I::Item: Into<OsString>,
    {
        let args: Vec<OsString> = args.into_iter().map(Into::into).collect();
        let command = subcommand(&args);
        let mut cmd = Cmd::new("git").cwd(self.work_tree.as_deref().unwrap_or(Path::new("/")));
        for setting in OVERRIDES {
            cmd = cmd.args(["-c", setting]);
        }
        if let Some(git_dir) = &self.dir {
            cmd = cmd.arg(option("--git-dir=", git_dir));
        }
        if let Some(work_tree) = &self.work_tree {
            // A bare repository lends itself to a foreign tree only when it is not called bare.
            cmd = cmd.args(["-c", "core.bare=false"]).arg(option("--work-tree=", work_tree));
        }
        if let Some(index) = &self.index {
            cmd = cmd.env("GIT_INDEX_FILE", index);
        }
        let cmd = scrubbed(cmd.args(args)).limits(self.limits);
        // What git starts for a fetch or a push stays with it; collections by themselves are off.
        let cmd = cmd.stays_in_group();
        let own = self.dir.clone().filter(|_| self.own);
        Call { cmd, command, deadline: QUICK, cap: OUTPUT_BYTES_MAX, own }
    }
}

/// The first argument that is neither a setting nor an option of git's own.
fn subcommand(args: &[OsString]) -> String {
    let settings = args.chunks(2).take_while(|pair| pair[0] == "-c").count();
    let named = args
        .iter()
        .skip(2 * settings)
        .map(|arg| arg.to_string_lossy())
        .find(|arg| !arg.starts_with('-'));
    named.map(std::borrow::Cow::into_owned).unwrap_or_default()
}

/// `--option=` and a path that need not be UTF-8.
pub(crate) fn option(name: &str, path: &Path) -> OsString {
    let mut text = OsString::from(name);
    text.push(path);
    text
}

fn scrubbed(cmd: Cmd) -> Cmd {
    cmd.env_from_host(&["PATH"])
        .env("HOME", "/dev/null")
        .env("XDG_CONFIG_HOME", "/dev/null")
        .env("LC_ALL", "C")
        .env("TZ", "UTC")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_ATTR_NOSYSTEM", "1")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_NO_REPLACE_OBJECTS", "1")
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("GIT_PAGER", "cat")
        .env("GIT_EDITOR", "false")
        .env("GIT_DEFAULT_REF_FORMAT", "files")
        .env("GIT_AUTHOR_NAME", NAME)
        .env("GIT_AUTHOR_EMAIL", EMAIL)
        .env("GIT_COMMITTER_NAME", NAME)
        .env("GIT_COMMITTER_EMAIL", EMAIL)
}

/// One run of git, not yet started.
#[derive(Clone)]
#[must_use = "a call does nothing until it is awaited"]
pub(crate) struct Call {
    cmd: Cmd,
    command: String,
    deadline: Duration,
    cap: usize,
    /// The git directory, where it is Gangline's own.
    own: Option<PathBuf>,
}

/// A run of git that has ended by itself.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) exit: Exit,
    pub(crate) stdout: Capped,
    /// Without control characters.
    pub(crate) stderr: String,
    command: String,
    cap: usize,
}

impl Call {
    pub(crate) fn env(mut self, key: &str, value: impl Into<OsString>) -> Self {
        self.cmd = self.cmd.env(key, value);
        self
    }

    pub(crate) fn cwd(mut self, path: &Path) -> Self {
        self.cmd = self.cmd.cwd(path);
        self
    }

    pub(crate) fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.cmd = self.cmd.stdin_bytes(bytes);
        self
    }

    /// Allows for [`BULK`] instead of the deadline for small things.
    pub(crate) fn bulk(mut self) -> Self {
        self.deadline = BULK;
        self
    }

    /// Keeps at most this many bytes of output.
    pub(crate) fn cap(mut self, bytes: usize) -> Self {
        self.cap = bytes;
        self
    }

    /// Runs it to its end, whatever its exit code; again, where a lock is in its way that may have
    /// been left by a killed git.
    pub(crate) async fn run(self) -> Result<Finished, GitFailure> {
        let Some(git_dir) = self.own.clone() else { return Box::pin(self.once()).await };
        let begun = Instant::now();
        loop {
            let finished = Box::pin(self.clone().once()).await?;
            let lock = match finished.exit.success() {
                true => None,
                false => stale::named(&finished.stderr, &git_dir),
            };
            let Some(lock) = lock.filter(|_| begun.elapsed() < stale::PATIENCE) else {
                return Ok(finished);
            };
            stale::clear(&lock, &git_dir);
            tokio::time::sleep(stale::AGAIN).await;
        }
    }

    async fn once(self) -> Result<Finished, GitFailure> {
        let Self { cmd, command, deadline, cap, own: _ } = self;
        let ran = cmd.deadline(deadline).cap_bytes(cap).output().await;
        let output = match ran {
            Ok(output) => output,
            Err(source) => return Err(GitFailure::NotRun { command, source }),
        };
        if output.timed_out {
            return Err(GitFailure::TimedOut { command, seconds: deadline.as_secs() });
        }
        let stderr = output.stderr.text();
        Ok(Finished { exit: output.status, stdout: output.stdout, stderr, command, cap })
    }

    /// Runs it; any exit code but 0 is a failure.
    pub(crate) async fn ok(self) -> Result<Finished, GitFailure> {
        let finished = self.run().await?;
        if finished.exit.success() { Ok(finished) } else { Err(finished.failure()) }
    }

    /// Runs it and gives what it printed, without the line's end.
    pub(crate) async fn line(self) -> Result<String, GitFailure> {
        let text = self.ok().await?.whole()?;
        let text = String::from_utf8_lossy(&text).into_owned();
        Ok(text.strip_suffix('\n').map(ToOwned::to_owned).unwrap_or(text))
    }

    /// Runs a question that git answers with exit code 0 or 1.
    pub(crate) async fn yes(self) -> Result<bool, GitFailure> {
        let finished = self.run().await?;
        match finished.exit {
            Exit::Code(0) => Ok(true),
            Exit::Code(1) => Ok(false),
            Exit::Code(_) | Exit::Signal(_) => Err(finished.failure()),
        }
    }
}

impl Finished {
    pub(crate) fn failure(&self) -> GitFailure {
        GitFailure::Failed {
            command: self.command.clone(),
            exit: self.exit,
            detail: printable(&self.stderr, DETAIL_CHARS_MAX),
        }
    }

    /// All that was printed, or [`GitFailure::TooMuch`].
    pub(crate) fn whole(&self) -> Result<Vec<u8>, GitFailure> {
        if self.stdout.truncated {
            return Err(GitFailure::TooMuch { command: self.command.clone(), bytes: self.cap });
        }
        Ok(self.stdout.bytes().to_vec())
    }
}

pub(crate) fn not_understood(command: &str, what: &str) -> GitFailure {
    GitFailure::NotUnderstood { command: command.to_owned(), what: printable(what, 200) }
}

/// Reads an object's name out of what git printed.
pub(crate) fn parsed<T: std::str::FromStr>(command: &str, text: &str) -> Result<T, GitFailure> {
    text.trim().parse().map_err(|_| not_understood(command, text))
}
