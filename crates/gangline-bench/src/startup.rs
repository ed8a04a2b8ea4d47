//! From the start of the daemon to its readiness, with ten thousand tickets of history and with
//! none.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use gangline_domain::command::Command;
use gangline_domain::spec::TicketSpec;
use gangline_engine::{Engine, EngineConfig, EngineHandle};
use gangline_store::SqliteStore;

use crate::commands::{Nowhere, person};
use crate::program::{Home, Program, plain_policy};
use crate::samples::{median, ms};
use crate::table::{Bound, Row};

/// Tickets of history.
const HISTORY: u64 = 10_000;
/// Starts that are measured; the median counts.
const STARTS: usize = 9;

/// See the module.
pub async fn measure(program: &Program) -> anyhow::Result<Vec<Row>> {
    let home = Home::new(program)?;
    let repo = home.repository("repo", &plain_policy("startup", "S")).await?;
    home.run(&repo, &["up", "--detach"]).await?;
    home.run(&repo, &["down"]).await?;
    let empty = starts(&home, &repo).await?;
    fill(&home).await?;
    let full = starts(&home, &repo).await?;
    Ok(vec![Row {
        name: "start to ready, 10,000 tickets of history",
        figure: ms(full),
        floor: format!("{} with none", ms(empty)),
        ratio: full.as_secs_f64() / empty.as_secs_f64(),
        bound: Bound::AtMost(3.0),
    }])
}

async fn starts(home: &Home, repo: &Path) -> anyhow::Result<Duration> {
    let mut times = vec![];
    for _ in 0..STARTS {
        let began = Instant::now();
        home.run(repo, &["up", "--detach"]).await?;
        times.push(began.elapsed());
        home.run(repo, &["down"]).await?;
    }
    Ok(median(&mut times))
}

/// The store that the daemon made.
fn database(home: &Home) -> anyhow::Result<PathBuf> {
    let entries = std::fs::read_dir(home.path("state"))?;
    let paths = entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    let is_database = |path: &&PathBuf| path.extension().is_some_and(|end| end == "db");
    paths.iter().find(is_database).cloned().context("no database in the state directory")
}

async fn fill(home: &Home) -> anyhow::Result<()> {
    let store = Arc::new(SqliteStore::open(&database(home)?).await?);
    let (_node, reports) = tokio::sync::mpsc::channel(1);
    let nowhere = Arc::new(Nowhere);
    let config = EngineConfig { agents_max: 12 };
    let (engine, mut task) =
        Engine::start(store, Arc::clone(&nowhere), nowhere, config, reports).await?;
    let mut callers = tokio::task::JoinSet::new();
    for _ in 0..100 {
        callers.spawn(history(engine.clone(), HISTORY / 100));
    }
    while let Some(called) = callers.join_next().await {
        called??;
    }
    task.stop();
    task.ended().await;
    Ok(())
}

async fn history(engine: EngineHandle<SqliteStore>, tickets: u64) -> anyhow::Result<()> {
    let project = "startup".parse()?;
    for _ in 0..tickets {
        let body = "What such a ticket says, in a few sentences. ".repeat(10);
        let spec = TicketSpec { body, ..TicketSpec::titled("A ticket of long ago") };
        let project = gangline_domain::ids::ProjectId::clone(&project);
        let add = Command::Add { project, key: None, spec: Box::new(spec), draft: true };
        let done = engine.command(person(), None, add).await?;
        let ticket = done.ticket.context("no ticket")?;
        engine.command(person(), None, Command::Cancel { ticket }).await?;
    }
    Ok(())
}
