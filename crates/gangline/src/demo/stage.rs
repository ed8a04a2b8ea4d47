//! The stage: a temporary folder with a repository and a daemon of its own.

use std::path::{Path, PathBuf};
use std::time::Duration;

use gangline_api::client::Client;
use gangline_api::project::RegisterProject;
use gangline_api::status::Shutdown;
use gangline_process::{Cmd, RunError, SpawnError, Tier};
use tempfile::TempDir;

use crate::compose::{self, Paths};
use crate::exit::Exit;
use crate::failure::Failure;

/// The repository's files: path and text.
const FILES: [(&str, &str); 8] = [
    ("README.md", include_str!("../../demo/repo/README.md")),
    (".gitignore", include_str!("../../demo/repo/gitignore")),
    ("gangline.toml", include_str!("../../demo/repo/gangline.toml")),
    ("calc/__init__.py", include_str!("../../demo/repo/calc/__init__.py")),
    ("calc/operations.py", include_str!("../../demo/repo/calc/operations.py")),
    ("tests/__init__.py", ""),
    ("tests/test_operations.py", include_str!("../../demo/repo/tests/test_operations.py")),
    (".gangline/agents/demo-worker.md", include_str!("../../demo/repo/demo-worker.md")),
];

/// See the module.
pub(super) struct Stage {
    folder: TempDir,
    tier: Tier,
}

impl Stage {
    /// Makes the folder and the repository; refuses clearly where a program is missing.
    pub(super) async fn build() -> Result<Self, Failure> {
        // Short: socket paths are limited.
        let folder = tempfile::Builder::new()
            .prefix("gl")
            .tempdir()
            .map_err(|error| Failure::because(Exit::Failed, &error).next("free some space"))?;
        let tier = gangline_process::probe().await.best();
        let stage = Self { folder, tier };
        stage.need("python3", &["--version"], "apt-get install python3").await?;
        for (path, text) in FILES {
            write(&stage.repository().join(path), text)?;
        }
        let config = match tier {
            Tier::L0 => Some("[sandbox]\ntier = \"none\"\nallow_none = true\n"),
            Tier::L1 => Some("[sandbox]\ntier = \"landlock\"\n"),
            Tier::L2 => None,
        };
        if let Some(text) = config {
            write(&stage.folder.path().join("config/config.toml"), text)?;
        }
        for argv in [
            &["init", "--quiet", "--initial-branch=main"][..],
            &["config", "user.name", "Demo Person"],
            &["config", "user.email", "demo@example.invalid"],
            &["add", "--all"],
            &["commit", "--quiet", "--message=A small calculator"],
        ] {
            stage.git(argv).await?;
        }
        Ok(stage)
    }

    pub(super) fn repository(&self) -> PathBuf {
        self.folder.path().join("calc")
    }

    /// What the agents run in, for people.
    pub(super) fn sandbox(&self) -> String {
        match self.tier {
            Tier::L0 => {
                "none here (install bubblewrap for one); the scripts are harmless".to_owned()
            }
            tier @ (Tier::L1 | Tier::L2) => tier.to_string(),
        }
    }

    fn paths(&self) -> Paths {
        Paths::under(self.folder.path())
    }

    async fn need(&self, program: &str, args: &[&str], remedy: &str) -> Result<(), Failure> {
        self.output(program, args).await.map(drop).map_err(|failure| failure.next(remedy))
    }

    async fn git(&self, args: &[&str]) -> Result<String, Failure> {
        self.output("git", args).await
    }

    async fn output(&self, program: &str, args: &[&str]) -> Result<String, Failure> {
        let cmd = Cmd::new(program).args(args.iter().copied()).cwd(self.repository_or_folder());
        let cmd = cmd.env_from_host(&["PATH", "PYENV_ROOT"]).env("HOME", self.folder.path());
        let cmd = cmd.env("GIT_CONFIG_NOSYSTEM", "1").deadline(Duration::from_secs(30));
        match cmd.output().await {
            Ok(output) if output.success() => Ok(output.stdout.text()),
            Ok(output) => {
                let said = output.stderr.text().lines().map(str::to_owned).collect();
                Err(Failure::new(Exit::Failed, format!("{program} failed")).excerpt(said))
            }
            Err(RunError::Spawn(SpawnError::NotFound { .. })) => {
                Err(Failure::new(Exit::Failed, format!("the demo needs {program}")))
            }
            Err(error) => Err(Failure::because(Exit::Failed, &error)),
        }
    }

    fn repository_or_folder(&self) -> PathBuf {
        let repository = self.repository();
        if repository.is_dir() { repository } else { self.folder.path().to_owned() }
    }

    /// Starts the daemon.
    pub(super) async fn start(&self) -> Result<Client, Failure> {
        let client = Client::new(self.paths().socket(), "demo");
        compose::start_detached(&self.paths(), &client).await?;
        Ok(client)
    }

    /// Puts the repository under Gangline; the project's name.
    pub(super) async fn register(&self, client: &Client) -> Result<String, Failure> {
        let path = self.repository().display().to_string();
        Ok(client.register(&RegisterProject { path }).await?.project.name)
    }

    /// What the target branch has now, the newest first.
    pub(super) async fn log(&self) -> Result<Vec<String>, Failure> {
        let log = self.git(&["log", "--first-parent", "--format=%h %s", "main"]).await?;
        Ok(log.lines().map(|line| format!("  {line}")).collect())
    }

    /// Stops the daemon and whatever still runs.
    pub(super) async fn end(&self, client: &Client) -> Result<(), Failure> {
        let ending = client.shutdown(Shutdown { jobs: true }).await?;
        compose::wait_for_end(&self.paths(), ending.pid).await
    }

    /// Keeps the folder.
    pub(super) fn keep(self) -> PathBuf {
        self.folder.keep()
    }
}

/// With the folders it stands in.
fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let written = path.parent().map_or(Ok(()), std::fs::create_dir_all);
    written
        .and_then(|()| std::fs::write(path, text))
        .map_err(|error| Failure::because(Exit::Failed, &error))
}
