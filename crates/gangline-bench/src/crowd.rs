//! A hundred agents at once: the memory of the daemon, and of each of their jobs.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};

use crate::memory::{pss_anon_mib, row};
use crate::program::{Home, Program};
use crate::soak::{daemon, identities};
use crate::table::Row;

/// Agents at once.
const AGENTS: usize = 100;
/// How long it may take until all are at work, and until all have been stopped.
const CROWD_MAX: Duration = Duration::from_mins(3);
const LOOK_EVERY: Duration = Duration::from_millis(250);

const POLICY: &str = "version = 1\n\n[project]\nname = \"crowd\"\nkey = \"C\"\n\
    target = \"main\"\n\n[checks.test]\nrun = \"true\"\nkind = \"custom\"\n\n\
    [agents]\ndefault = \"worker\"\n\n[limits]\nagents = 100\nper_definition = 100\n\
    worktrees = 100\n";

/// Says that it is at work, and stays.
const BODY: &str = "```gangline-script\nsteps:\n  - say: here\n  - sleep: 600000\n```\n";

/// See the module.
pub async fn measure(program: &Program) -> anyhow::Result<Vec<Row>> {
    let home = Home::new(program)?;
    std::fs::write(home.path("config/config.toml"), "[daemon]\nagents_max = 100\n")?;
    let repo = home.repository("repo", POLICY).await?;
    home.run(&repo, &["up", "--detach"]).await?;
    let measured = together(&home, &repo).await;
    let down = home.cmd(&repo, &["down", "--jobs"]).deadline(CROWD_MAX).output().await?;
    let (daemon, job) = measured?;
    ensure!(down.success(), "the crowd was not stopped: {}", down.stderr.text());
    Ok(vec![
        row("daemon of 100 agents, anonymous PSS", daemon, 150.0),
        row("largest of their jobs", job, 12.0),
    ])
}

async fn together(home: &Home, repo: &Path) -> anyhow::Result<(f64, f64)> {
    for n in 0..AGENTS {
        home.run(repo, &["add", "--title", &format!("Stay {n}"), "--body", BODY]).await?;
    }
    let deadline = Instant::now() + CROWD_MAX;
    let pids = loop {
        let working = working(home)?;
        if working.len() == AGENTS {
            break working;
        }
        ensure!(Instant::now() < deadline, "only {} agents are at work", working.len());
        tokio::time::sleep(LOOK_EVERY).await;
    };
    let pid = daemon(home)?.context("the daemon left no pid file")?;
    let jobs = pids.into_iter().map(pss_anon_mib).collect::<anyhow::Result<Vec<f64>>>()?;
    Ok((pss_anon_mib(pid)?, jobs.into_iter().fold(0.0, f64::max)))
}

/// Jobs whose agent has said that it is at work.
fn working(home: &Home) -> anyhow::Result<Vec<u32>> {
    let jobs = identities(home)?.into_iter().filter(|(run, identity)| {
        let journal = std::fs::read_to_string(run.join("journal.jsonl")).unwrap_or_default();
        identity.is_alive() && journal.contains("\"text\":\"here\"")
    });
    Ok(jobs.map(|(_, identity)| identity.pid).collect())
}
