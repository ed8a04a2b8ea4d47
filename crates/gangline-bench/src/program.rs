//! The built program, run in a home of its own.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use gangline_process::{Cmd, Output};
use serde_json::Value;
use tempfile::TempDir;

use crate::soak::abandon;

/// The `gangline` that was built together with this program.
#[derive(Debug, Clone)]
pub struct Program {
    path: PathBuf,
}

impl Program {
    /// Beside the running executable, or above it, where tests are.
    pub fn find() -> anyhow::Result<Self> {
        Ok(Self { path: beside("gangline")? })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// The policy of a project with one check, which passes at once.
pub fn plain_policy(name: &str, key: &str) -> String {
    format!(
        "version = 1\n\n[project]\nname = \"{name}\"\nkey = \"{key}\"\ntarget = \"main\"\n\n\
         [checks.test]\nrun = \"true\"\nkind = \"custom\"\n\n[agents]\ndefault = \"worker\"\n"
    )
}

/// A program that was built together with this one.
pub fn beside(name: &str) -> anyhow::Result<PathBuf> {
    let here = std::env::current_exe()?;
    let found = here.ancestors().skip(1).take(2).map(|folder| folder.join(name));
    let found = found.filter(|path| path.is_file()).last();
    found.with_context(|| format!("{name} is not built; run `cargo build --workspace --bins`"))
}

/// Where the Rust toolchain and its registry are, whatever HOME a program is given.
fn toolchains() -> impl Iterator<Item = (&'static str, PathBuf)> {
    let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    [("RUSTUP_HOME", ".rustup"), ("CARGO_HOME", ".cargo")].into_iter().map(move |(name, folder)| {
        let given = std::env::var_os(name).map(PathBuf::from);
        (name, given.unwrap_or_else(|| home.join(folder)))
    })
}

/// State, configuration, runtime directory and HOME that nobody else uses. Short, because socket
/// paths are limited.
#[derive(Debug)]
pub struct Home {
    program: Program,
    folder: TempDir,
    env: Vec<(String, String)>,
}

impl Drop for Home {
    fn drop(&mut self) {
        abandon(self);
    }
}

impl Home {
    /// With these variables besides.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// An empty home.
    pub fn new(program: &Program) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("gl").tempdir()?;
        for part in ["home", "config", "state", "run"] {
            std::fs::create_dir(folder.path().join(part))?;
        }
        Ok(Self { program: program.clone(), folder, env: vec![] })
    }

    /// Leaves the folder behind when this ends, for looking; says where it is.
    pub fn keep(&mut self) -> PathBuf {
        self.folder.disable_cleanup(true);
        self.folder.path().to_owned()
    }

    /// A path in it.
    pub fn path(&self, part: &str) -> PathBuf {
        self.folder.path().join(part)
    }

    /// The program with these arguments, in `folder`.
    pub fn cmd(&self, folder: &Path, args: &[&str]) -> Cmd {
        self.in_env(Cmd::new(self.program.path()).args(args.iter().map(OsString::from)))
            .cwd(folder)
            .deadline(Duration::from_mins(1))
    }

    fn in_env(&self, cmd: Cmd) -> Cmd {
        let cmd = cmd.env_from_host(&["PATH", "PYENV_ROOT", "LANG"]);
        // The toolchains are the machine's; everything else is this home's own.
        let cmd = toolchains().fold(cmd, |cmd, (name, path)| cmd.env(name, path));
        let cmd = self.env.iter().fold(cmd, |cmd, (name, value)| cmd.env(name, value));
        cmd.env("HOME", self.path("home"))
            .env("GANGLINE_STATE_DIR", self.path("state"))
            .env("GANGLINE_CONFIG_DIR", self.path("config"))
            .env("GANGLINE_RUNTIME_DIR", self.path("run"))
            .env("NO_COLOR", "1")
    }

    /// Runs it; fails when it fails.
    pub async fn run(&self, folder: &Path, args: &[&str]) -> anyhow::Result<Output> {
        let output = self.cmd(folder, args).output().await?;
        anyhow::ensure!(
            output.success(),
            "gangline {} ended with {:?}: {}{}",
            args.join(" "),
            output.status,
            output.stdout.text(),
            output.stderr.text()
        );
        Ok(output)
    }

    /// Runs it with `--json` and reads what it prints.
    pub async fn json(&self, folder: &Path, args: &[&str]) -> anyhow::Result<Value> {
        let mut all = args.to_vec();
        all.push("--json");
        let text = self.run(folder, &all).await?.stdout.text();
        serde_json::from_str(&text).with_context(|| format!("gangline {args:?} printed {text}"))
    }

    /// Runs another program in the same environment; fails when it fails.
    pub async fn other(&self, folder: &Path, argv: &[&str]) -> anyhow::Result<String> {
        let (name, rest) = argv.split_first().context("no program")?;
        let cmd = self.in_env(Cmd::new(name).args(rest.iter().map(OsString::from)));
        let output =
            cmd.cwd(folder).deadline(Duration::from_mins(3)).cap_bytes(64 << 20).output().await?;
        anyhow::ensure!(output.success(), "{argv:?}: {}", output.stderr.text());
        Ok(output.stdout.text())
    }

    /// Makes a repository of what is in the folder, with one commit.
    pub async fn commit_all(&self, folder: &Path) -> anyhow::Result<()> {
        for argv in [
            &["git", "init", "--quiet", "--initial-branch=main"][..],
            &["git", "config", "user.name", "Person"],
            &["git", "config", "user.email", "person@example.invalid"],
            &["git", "add", "--all"],
            &["git", "commit", "--quiet", "--message=Begin"],
        ] {
            self.other(folder, argv).await?;
        }
        Ok(())
    }

    /// A small repository whose only check is quick, under Gangline's policy.
    pub async fn repository(&self, name: &str, policy: &str) -> anyhow::Result<PathBuf> {
        let folder = self.path(name);
        std::fs::create_dir(&folder)?;
        std::fs::write(folder.join("gangline.toml"), policy)?;
        std::fs::write(folder.join("README.md"), "# A repository\n")?;
        let agents = folder.join(".gangline/agents");
        std::fs::create_dir_all(&agents)?;
        let worker = "---\nname: worker\ndescription: Plays the script in its ticket.\n\
                      kind: scripted\n---\nPlay the script.\n";
        std::fs::write(agents.join("worker.md"), worker)?;
        self.commit_all(&folder).await?;
        Ok(folder)
    }
}
