//! What a verification takes above the project's own commands, which are run bare in the same run.
//!
//! Time is counted from the first line of the verification's journal to its last: the fresh checkout,
//! the facts of git, the sandboxes, the reading of what the tests print and, where the suite is so
//! quick that it is tried, the canary are all in it.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde_json::Value;

use crate::program::{Home, Program};
use crate::samples::{median, ms};
use crate::table::{Bound, Row};

/// Verifications of a quick suite, and of a slow one; the median counts.
const QUICK: usize = 9;
const SLOW: usize = 3;
/// What the slow suite waits, in seconds: more than the canary is tried for.
const SLOW_S: &str = "12";
/// The promise: no more than the larger of the two.
const SHARE: f64 = 0.10;
const LEAST: Duration = Duration::from_millis(300);

/// A suite that waits says as much of what is around it as one that computes, and less of the
/// machine's other work.
fn policy(key: &str, seconds: &str) -> String {
    format!(
        "version = 1\n\n[project]\nname = \"verify-{}\"\nkey = \"{key}\"\ntarget = \"main\"\n\n\
         [checks.test]\nrun = \"sleep {seconds}; echo 1..1; echo 'ok 1 - it works'\"\n\n\
         [checks.lint]\nrun = \"ls -R .\"\nkind = \"lint\"\n\n\
         [agents]\ndefault = \"scripted\"\n",
        key.to_lowercase()
    )
}

/// See the module.
pub async fn measure(program: &Program) -> anyhow::Result<Vec<Row>> {
    let quick = suite(program, "Q", "0.05", QUICK).await?;
    let slow = suite(program, "S", SLOW_S, SLOW).await?;
    Ok(vec![
        row("verification above commands of 0.05 s", quick),
        row("verification above commands of 12 s", slow),
    ])
}

fn row(name: &'static str, (whole, bare): (Duration, Duration)) -> Row {
    let above = whole.saturating_sub(bare);
    let allowed = bare.mul_f64(SHARE).max(LEAST);
    Row {
        name,
        figure: format!("{} of {}", ms(above), ms(whole)),
        floor: format!("{} above {}", ms(allowed), ms(bare)),
        ratio: above.as_secs_f64() / allowed.as_secs_f64(),
        bound: Bound::AtMost(1.0),
    }
}

/// What verifications take, and the commands alone.
async fn suite(
    program: &Program,
    key: &str,
    seconds: &str,
    samples: usize,
) -> anyhow::Result<(Duration, Duration)> {
    let home = Home::new(program)?;
    let repo = home.repository("repo", &policy(key, seconds)).await?;
    std::fs::write(
        repo.join(".gangline/agents/scripted.md"),
        "---\nname: scripted\ndescription: Plays.\nkind: scripted\n---\n",
    )?;
    std::fs::create_dir_all(repo.join("src"))?;
    std::fs::write(repo.join("src/total.py"), "TOTAL = 0\n")?;
    home.other(&repo, &["git", "add", "--all"]).await?;
    home.other(&repo, &["git", "commit", "--quiet", "--message=Begin"]).await?;
    home.run(&repo, &["up", "--detach"]).await?;
    let measured = alternated(&home, &repo, seconds, samples).await;
    home.run(&repo, &["down", "--jobs"]).await?;
    measured
}

async fn alternated(
    home: &Home,
    repo: &Path,
    seconds: &str,
    samples: usize,
) -> anyhow::Result<(Duration, Duration)> {
    let (mut whole, mut bare) = (vec![], vec![]);
    for n in 1..=samples {
        whole.push(verified(home, repo, n).await?);
        bare.push(commands(home, repo, seconds).await?);
    }
    Ok((median(&mut whole), median(&mut bare)))
}

/// One ticket with one plain change, and what its verification took.
async fn verified(home: &Home, repo: &Path, n: usize) -> anyhow::Result<Duration> {
    let body = format!(
        "Do it.\n\n```gangline-script\nsteps:\n  - write: {{ path: src/total.py, text: \"TOTAL = {n}\\n\" }}\n  \
         - commit: \"${{KEY}}: total {n}\"\n  - say: Done.\n```\n"
    );
    let title = format!("Total {n}");
    let added = home.json(repo, &["add", "--title", &title, "--body", &body]).await?;
    let key = added["key"].as_str().context("no key")?.to_owned();
    home.run(repo, &["run", &key]).await?;
    let shown = home.json(repo, &["show", &key]).await?;
    let job = shown["report"]["job"].as_str().context("no verification")?.to_owned();
    let logs = home.run(repo, &["logs", &key, "--job", &job, "--json"]).await?.stdout.text();
    let times: Vec<u64> = logs.lines().filter_map(at_us).collect();
    let (first, last) = (times.first().context("no journal")?, times.last().context("no end")?);
    Ok(Duration::from_micros(last - first))
}

fn at_us(line: &str) -> Option<u64> {
    serde_json::from_str::<Value>(line).ok()?.get("at_us")?.as_u64()
}

/// The project's commands, one after the other, in its own repository.
async fn commands(home: &Home, repo: &Path, seconds: &str) -> anyhow::Result<Duration> {
    let test = format!("sleep {seconds}; echo 1..1; echo 'ok 1 - it works'");
    let began = Instant::now();
    for line in [test.as_str(), "ls -R ."] {
        home.other(repo, &["sh", "-c", line]).await?;
    }
    Ok(began.elapsed())
}
