//! Memory that is nobody else's: the anonymous part of the proportional set size.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context as _;

use crate::program::{Home, Program, plain_policy};
use crate::soak::{daemon, identities};
use crate::table::{Bound, Row};

/// See the module.
pub async fn measure(program: &Program) -> anyhow::Result<Vec<Row>> {
    let home = Home::new(program)?;
    let repo = home.repository("repo", &plain_policy("memory", "M")).await?;
    home.run(&repo, &["up", "--detach"]).await?;
    let measured = both(&home, &repo).await;
    home.run(&repo, &["down", "--jobs"]).await?;
    let (daemon, job) = measured?;
    Ok(vec![
        row("idle daemon, anonymous PSS", daemon, 40.0),
        row("job, without its agent", job, 12.0),
    ])
}

/// Memory beside what is promised of it.
pub fn row(name: &'static str, mib: f64, promise: f64) -> Row {
    Row {
        name,
        figure: format!("{mib:.1} MiB"),
        floor: format!("promised {promise} MiB"),
        ratio: mib / promise,
        bound: Bound::AtMost(1.0),
    }
}

async fn both(home: &Home, repo: &Path) -> anyhow::Result<(f64, f64)> {
    let pid = daemon(home)?.context("the daemon left no pid file")?;
    let idle = pss_anon_mib(pid)?;
    let body = "```gangline-script\nsteps:\n  - say: here\n  - sleep: 20000\n```\n";
    home.run(repo, &["add", "--title", "Wait", "--body", body]).await?;
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let job = identities(home)?.into_iter().find(|(_, identity)| identity.is_alive());
        if let Some((run, identity)) = job
            && std::fs::read_to_string(run.join("journal.jsonl"))
                .unwrap_or_default()
                .contains("here")
        {
            return Ok((idle, pss_anon_mib(identity.pid)?));
        }
        anyhow::ensure!(Instant::now() < deadline, "no job began");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The anonymous part of a process's proportional set size, in MiB.
pub fn pss_anon_mib(pid: u32) -> anyhow::Result<f64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup"))?;
    let line = text.lines().find(|line| line.starts_with("Pss_Anon:"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1)).context("no Pss_Anon")?;
    Ok(kib.parse::<f64>()? / 1024.0)
}
