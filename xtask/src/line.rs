//! Command lines: the one place of this tool that starts a process.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// What `cargo run` put into our environment for this package. Left in place it would look to a
/// nested cargo like a change, and rebuild crates whose build scripts watch it.
const OURS: &[&str] = &["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_", "OUT_DIR"];

/// A program with its arguments, as a person could type it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    words: Vec<String>,
    env: Vec<(&'static str, String)>,
}

impl Line {
    /// From words separated by blanks; none of ours holds a blank itself.
    pub(crate) fn new(words: &str) -> Self {
        Self { words: words.split_whitespace().map(String::from).collect(), env: Vec::new() }
    }

    /// Adds a word that may hold blanks, such as a path.
    pub(crate) fn arg(mut self, word: impl Into<String>) -> Self {
        self.words.push(word.into());
        self
    }

    /// Sets a variable for this command only. It is not part of what [`Line::shown`] prints.
    pub(crate) fn env(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.env.push((name, value.into()));
        self
    }

    /// The line as a shell would take it.
    pub(crate) fn shown(&self) -> String {
        let quoted = self.words.iter().map(|word| {
            if word.contains([' ', '\'', '"', '$']) { format!("{word:?}") } else { word.clone() }
        });
        quoted.collect::<Vec<_>>().join(" ")
    }

    /// Runs in `folder` on our own terminal; `Ok(false)` when it ended in failure.
    pub(crate) fn succeeds(&self, folder: &Path) -> Result<bool> {
        let status = self.command(folder).status().with_context(|| self.cannot_start())?;
        Ok(status.success())
    }

    /// Runs in `folder` with its output thrown away; a program that is not there has not succeeded.
    pub(crate) fn succeeds_quietly(&self, folder: &Path) -> bool {
        let mut command = self.command(folder);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    }

    /// Runs in `folder` and returns what it wrote to its standard output.
    pub(crate) fn stdout(&self, folder: &Path) -> Result<Vec<u8>> {
        let mut command = self.command(folder);
        let output = command.stderr(Stdio::inherit()).output();
        let output = output.with_context(|| self.cannot_start())?;
        if !output.status.success() {
            bail!("`{}` failed: {}", self.shown(), output.status);
        }
        Ok(output.stdout)
    }

    fn cannot_start(&self) -> String {
        format!("cannot start `{}`", self.shown())
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "this tool is no part of the product: it runs cargo, git and npm in the foreground"
    )]
    fn command(&self, folder: &Path) -> Command {
        let (program, arguments) =
            self.words.split_first().expect("BUG: a command line without a program");
        let mut command = Command::new(program);
        command.args(arguments).current_dir(folder);
        for (name, _) in std::env::vars_os() {
            if OURS.iter().any(|ours| name.to_string_lossy().starts_with(ours)) {
                command.env_remove(&name);
            }
        }
        for (name, value) in &self.env {
            command.env(name, value);
        }
        command
    }
}
