//! From the accepted ticket to the running agent, beside the sum of what it cannot do without:
//! one durable commit, one shared clone with checkout, one sandboxed spawn.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use gangline_process::{Cmd, Sandbox, system_read_set};
use serde_json::Value;
use sqlx::Connection as _;

use crate::program::{Home, Program};
use crate::samples::{median, ms};
use crate::table::{Bound, Row};

/// Tickets that are measured; the median counts.
const TICKETS: usize = 15;

/// Between two looks at whether an agent has begun. A look is a process that takes a while, and
/// would slow down what it looks at: most launches are over before the first one.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Looks in a row that find no job at work.
const CALM_LOOKS: u32 = 2;

const POLICY: &str = "version = 1\n\n[project]\nname = \"launch\"\nkey = \"L\"\n\
    target = \"main\"\n\n[checks.test]\nrun = \"true\"\nkind = \"custom\"\n\n\
    [agents]\ndefault = \"clock\"\n";

/// An agent that tells when it began to run, and stays: after its end another attempt would tell
/// another time.
const CLOCK: &str = "---\nname: clock\ndescription: Tells the time.\nkind: command\n\
    program: sh\nargs: [-c, \"date '+began %s%N'; exec sleep 60\"]\n---\nTell the time.\n";

/// See the module.
pub async fn measure(program: &Program) -> anyhow::Result<Vec<Row>> {
    let home = Home::new(program)?;
    let repo = home.repository("repo", POLICY).await?;
    std::fs::write(repo.join(".gangline/agents/clock.md"), CLOCK)?;
    home.other(&repo, &["git", "add", "--all"]).await?;
    home.other(&repo, &["git", "commit", "--quiet", "--message=Clock"]).await?;
    home.run(&repo, &["up", "--detach"]).await?;
    let times = launches(&home, &repo).await;
    home.run(&repo, &["down", "--jobs"]).await?;
    let mut times = times?;
    let launch = median(&mut times);
    let commit = one_commit(&home).await?;
    let clone = one_clone(&home, &repo).await?;
    let spawn = one_spawn(&home).await?;
    let floor = commit + clone + spawn;
    Ok(vec![Row {
        name: "ticket accepted to agent running",
        figure: ms(launch),
        floor: format!("{} = {}+{}+{}", ms(floor), bare(commit), bare(clone), bare(spawn)),
        ratio: launch.as_secs_f64() / floor.as_secs_f64(),
        bound: Bound::AtMost(2.0),
    }])
}

fn bare(time: Duration) -> String {
    format!("{:.1}", time.as_secs_f64() * 1_000.0)
}

async fn launches(home: &Home, repo: &Path) -> anyhow::Result<Vec<Duration>> {
    let mut times = vec![];
    for n in 0..TICKETS {
        let added = home.json(repo, &["add", "--title", &format!("Ticket {n}")]).await?;
        let key = added["key"].as_str().context("no key")?.to_owned();
        times.push(launched(home, repo, &key).await?);
        home.run(repo, &["cancel", &key]).await.ok();
        settled(home).await?;
    }
    Ok(times)
}

/// Waits until the ticket before has left nothing at work that would compete with the next one.
/// The node marks each run that is under way by a file.
async fn settled(home: &Home) -> anyhow::Result<()> {
    let deadline = Instant::now() + Duration::from_mins(1);
    let mut calm = 0;
    while calm < CALM_LOOKS {
        anyhow::ensure!(Instant::now() < deadline, "the jobs of a cancelled ticket do not end");
        tokio::time::sleep(LOOK_EVERY).await;
        let idle = std::fs::read_dir(home.path("state/active"))?.next().is_none();
        calm = if idle { calm + 1 } else { 0 };
    }
    Ok(())
}

/// How long after its acceptance the ticket's agent ran, by the agent's own clock.
async fn launched(home: &Home, repo: &Path, key: &str) -> anyhow::Result<Duration> {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let logs = home.cmd(repo, &["logs", key, "--json"]).output().await?.stdout.text();
        let began = logs
            .split("began ")
            .nth(1)
            .map(|rest| rest.chars().take_while(char::is_ascii_digit).collect::<String>());
        if let Some(began) = began {
            let began: u64 = began.parse().context("the agent's clock")?;
            let shown = home.json(repo, &["show", key]).await?;
            let created = created_us(&shown).with_context(|| format!("no time in {shown}"))?;
            return Ok(Duration::from_nanos(began.saturating_sub(created * 1_000)));
        }
        anyhow::ensure!(Instant::now() < deadline, "{key} never ran: {logs}");
    }
}

fn created_us(shown: &Value) -> Option<u64> {
    shown.get("created_us")?.as_u64()
}

async fn one_commit(home: &Home) -> anyhow::Result<Duration> {
    use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
    let options = SqliteConnectOptions::new()
        .filename(home.path("floor.db"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    let mut connection = sqlx::SqliteConnection::connect_with(&options).await?;
    sqlx::query("CREATE TABLE t (a TEXT)").execute(&mut connection).await?;
    let mut times = vec![];
    for n in 0..TICKETS {
        let began = Instant::now();
        sqlx::query("INSERT INTO t (a) VALUES ($1)")
            .bind(n.to_string())
            .execute(&mut connection)
            .await?;
        times.push(began.elapsed());
    }
    Ok(median(&mut times))
}

async fn one_clone(home: &Home, repo: &Path) -> anyhow::Result<Duration> {
    let hub = home.path("floor.git").to_string_lossy().into_owned();
    let source = repo.to_string_lossy().into_owned();
    home.other(repo, &["git", "clone", "--quiet", "--bare", &source, &hub]).await?;
    let mut times = vec![];
    for n in 0..TICKETS {
        let to = home.path(&format!("floor-{n}")).to_string_lossy().into_owned();
        let began = Instant::now();
        home.other(repo, &["git", "clone", "--quiet", "--shared", &hub, &to]).await?;
        times.push(began.elapsed());
    }
    Ok(median(&mut times))
}

async fn one_spawn(home: &Home) -> anyhow::Result<Duration> {
    let mut times = vec![];
    for _ in 0..TICKETS {
        let path = std::env::var_os("PATH");
        let sandbox = Sandbox::bubblewrap()
            .read_only(system_read_set(path.as_deref()))
            .writable(home.path("home"));
        let began = Instant::now();
        let output = Cmd::new("true").env_from_host(&["PATH"]).sandbox(sandbox).output().await?;
        anyhow::ensure!(output.success(), "{}", output.stderr.text());
        times.push(began.elapsed());
    }
    Ok(median(&mut times))
}
