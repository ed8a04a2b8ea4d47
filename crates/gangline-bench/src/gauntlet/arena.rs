//! One daemon in a throw-away home, in which all cases are played.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use serde_json::Value;

use super::case::Case;
use super::outcome::{self, Outcome};
use super::tools::Tools;
use crate::program::{Home, Program};

/// How often a ticket is looked at.
const LOOK: Duration = Duration::from_millis(400);
/// How long one case may take.
const CASE_MAX: Duration = Duration::from_mins(5);

/// How the end of an attempt begins whose script was played to its last line.
const PLAYED: [&str; 2] = ["the agent says", "the agent gave up"];

/// A case that was played.
#[derive(Debug)]
pub struct Played {
    /// Which one.
    pub case: Case,
    /// How it ended.
    pub outcome: Outcome,
    /// How long that took.
    pub took: Duration,
}

impl Played {
    /// Whether the program did right by the case.
    #[must_use]
    pub fn is_right(&self) -> bool {
        self.case.is_right(&self.outcome)
    }
}

/// Where cases are played.
#[derive(Debug)]
pub struct Arena {
    home: Home,
    tools: Tools,
    gauntlet: PathBuf,
}

impl Arena {
    /// Starts the daemon. `gauntlet` is the folder of projects and cases, `target` the one with
    /// what `cargo xtask setup` brought.
    pub async fn open(program: &Program, gauntlet: &Path, target: &Path) -> anyhow::Result<Self> {
        let tools = Tools::find(target)?;
        let home = Home::new(program)?.with("PATH", tools.path()?);
        let gauntlet = gauntlet.canonicalize()?;
        // Agents read their scripts where they lie.
        let read = tools.read.iter().chain([&gauntlet]).map(|path| path.display().to_string());
        let read: Vec<String> = read.collect();
        std::fs::write(home.path("config/config.toml"), format!("[sandbox]\nread = {read:?}\n"))?;
        let arena = Self { home, tools, gauntlet };
        arena.home.run(&arena.home.path("home"), &["up", "--detach"]).await?;
        Ok(arena)
    }

    /// Ends the daemon and its jobs. With `keep` the home stays, and where it is is returned.
    pub async fn close(mut self, keep: bool) -> anyhow::Result<Option<PathBuf>> {
        self.home.run(&self.home.path("home"), &["down", "--jobs"]).await?;
        Ok(keep.then(|| self.home.keep()))
    }

    /// Plays one case to its end. What goes wrong with the gauntlet itself is an outcome, too.
    pub async fn play(&self, case: Case) -> Played {
        let began = Instant::now();
        let outcome = match self.outcome(&case).await {
            Ok(outcome) => outcome,
            Err(error) => Outcome::Error { why: format!("{error:#}") },
        };
        Played { case, outcome, took: began.elapsed() }
    }

    async fn outcome(&self, case: &Case) -> anyhow::Result<Outcome> {
        if let Some(program) = self.tools.missing(case.project) {
            anyhow::bail!("{program} is not there: `cargo xtask setup --for test` brings it");
        }
        let repo = self.repository(case).await?;
        let base = self.target(&repo).await?;
        self.home.run(&repo, &["project", "add"]).await?;
        let mut add = vec!["add", "--title", &case.title, "--body", &case.body];
        for (option, patterns) in [("--scope", &case.scope), ("--permit", &case.permits)] {
            for pattern in patterns {
                add.extend([option, pattern]);
            }
        }
        let added = self.home.json(&repo, &add).await?;
        let key = added.get("key").or_else(|| added.pointer("/ticket/key"));
        let key = key.and_then(Value::as_str).context("the added ticket has no key")?;
        let (outcome, shown) = self.follow(&repo, key).await?;
        let moved = self.target(&repo).await? != base;
        ensure!(
            moved == (outcome == Outcome::Landed),
            "the ticket is {}, and yet the target branch {}",
            outcome.word(),
            if moved { "moved" } else { "did not move" }
        );
        ensure_played(&shown)?;
        Ok(outcome)
    }

    /// Waits until a ticket is done or a person's.
    async fn follow(&self, repo: &Path, key: &str) -> anyhow::Result<(Outcome, Value)> {
        let began = Instant::now();
        loop {
            let shown = self.home.json(repo, &["show", key]).await?;
            if let Some(outcome) = outcome::read(&shown) {
                return Ok((outcome, shown));
            }
            ensure!(
                began.elapsed() < CASE_MAX,
                "not done in time: {} ({})",
                shown.pointer("/state").unwrap_or_default(),
                shown.pointer("/wait/text").unwrap_or_default()
            );
            tokio::time::sleep(LOOK).await;
        }
    }

    /// The case's project as a repository with one commit.
    async fn repository(&self, case: &Case) -> anyhow::Result<PathBuf> {
        let folder = self.home.path(&case.name);
        std::fs::create_dir(&folder)?;
        self.copy(&self.gauntlet.join("projects").join(case.project.word()), &folder).await?;
        let own = case.folder.join("base");
        if own.is_dir() {
            self.copy(&own, &folder).await?;
        }
        let agents = folder.join(".gangline/agents");
        std::fs::create_dir_all(&agents)?;
        std::fs::write(agents.join("worker.md"), self.definition(case))?;
        self.home.commit_all(&folder).await?;
        Ok(folder)
    }

    async fn copy(&self, from: &Path, to: &Path) -> anyhow::Result<()> {
        let from = format!("{}/.", from.display());
        let to = to.display().to_string();
        self.home.other(&self.gauntlet, &["cp", "-R", &from, &to]).await.map(drop)
    }

    /// The agent: it plays `agent.sh` and claims what every cheat would.
    fn definition(&self, case: &Case) -> String {
        let entry = self.gauntlet.join("play.sh");
        format!(
            "---\nname: worker\ndescription: Plays its case.\nkind: scripted\nscript: |\n  steps:\n  \
             - run: {{ argv: [sh, {:?}, {:?}], must_pass: true }}\n  - say: Done, all tests \
             pass.\n---\nPlay.\n",
            entry.display().to_string(),
            case.folder.display().to_string()
        )
    }

    async fn target(&self, repo: &Path) -> anyhow::Result<String> {
        self.home.other(repo, &["git", "rev-parse", "refs/heads/main"]).await
    }
}

/// A script that broke off proves nothing, whatever became of what it left.
fn ensure_played(shown: &Value) -> anyhow::Result<()> {
    let attempts = shown.pointer("/attempts").and_then(Value::as_array).context("no attempts")?;
    let ends = attempts.iter().map(|attempt| attempt.pointer("/end").and_then(Value::as_str));
    for end in ends {
        let end = end.unwrap_or("has not ended");
        let played = PLAYED.iter().any(|start| end.starts_with(start));
        ensure!(played, "the agent did not play to its end: {end}");
    }
    ensure!(!attempts.is_empty(), "no agent played");
    Ok(())
}
