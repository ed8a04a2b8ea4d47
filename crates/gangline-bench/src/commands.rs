//! Durable commands through the dispatcher, beside raw batched inserts through the same driver.
#![expect(clippy::cast_precision_loss, reason = "counts far below 2^52, for ratios")]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use anyhow::Context as _;
use gangline_domain::board::BoardRows;
use gangline_domain::command::Command;
use gangline_domain::event::Recorded;
use gangline_domain::ids::{Actor, CommitId, NodeId, ProjectId, TicketId};
use gangline_domain::job::{Candidate, Swap};
use gangline_domain::project::{
    AgentFacts, Budgets, LandingMode, Limits, ProjectSettings, Retry, ReviewPolicy,
};
use gangline_domain::spec::TicketSpec;
use gangline_domain::ticket::Ticket;
use gangline_engine::{Engine, EngineConfig, EngineHandle};
use gangline_ports::landing::{LandingPort, LandingUnavailable};
use gangline_ports::link::{Link, LinkDown, ToNode};
use gangline_ports::store::{Batch, ClosedPlace, CommitError, Past, Store, StoreError};
use gangline_store::SqliteStore;
use sqlx::Connection as _;

use crate::table::{Bound, Row};

/// Callers at once.
const CALLERS: u64 = 128;
/// Commands of each caller.
const PER_CALLER: u64 = 60;

/// A store that counts its commits.
struct Counting {
    inner: SqliteStore,
    commits: AtomicU64,
}

impl Store for Counting {
    async fn lead(&self) -> Result<u64, StoreError> {
        self.inner.lead().await
    }
    async fn load(&self) -> Result<BoardRows, StoreError> {
        self.inner.load().await
    }
    async fn commit(&self, batch: Batch) -> Result<(), CommitError> {
        self.commits.fetch_add(1, Ordering::Relaxed);
        self.inner.commit(batch).await
    }
}

impl Past for Counting {
    async fn events(&self, after: u64, limit: u32) -> Result<Vec<Recorded>, StoreError> {
        self.inner.events(after, limit).await
    }
    async fn events_of(
        &self,
        ticket: &TicketId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<Recorded>, StoreError> {
        self.inner.events_of(ticket, after, limit).await
    }
    async fn ticket(&self, ticket: &TicketId) -> Result<Option<Ticket>, StoreError> {
        self.inner.ticket(ticket).await
    }
    async fn closed_tickets(
        &self,
        project: &ProjectId,
        after: Option<&ClosedPlace>,
        limit: u32,
    ) -> Result<Vec<Ticket>, StoreError> {
        self.inner.closed_tickets(project, after, limit).await
    }
}

/// No node and no repository: what is measured is the writer.
#[derive(Debug)]
pub struct Nowhere;

impl Link for Nowhere {
    async fn send(&self, node: &NodeId, _message: ToNode) -> Result<(), LinkDown> {
        Err(LinkDown(node.clone()))
    }
}

impl LandingPort for Nowhere {
    async fn land(
        &self,
        _project: &ProjectId,
        _settings: &ProjectSettings,
        candidate: &Candidate,
    ) -> Result<Swap, LandingUnavailable> {
        Ok(Swap::Moved { found: candidate.old.clone() })
    }
    async fn publish_branch(
        &self,
        _ticket: &Ticket,
        _settings: &ProjectSettings,
        _commit: &CommitId,
    ) -> Result<(), LandingUnavailable> {
        Ok(())
    }
}

/// A project that nothing is ever started in.
pub fn settings() -> ProjectSettings {
    let facts = AgentFacts {
        kind: "scripted".parse().expect("BUG: a constant name"),
        model: None,
        max_concurrent: None,
        fallback: vec![],
        capabilities: [].into(),
    };
    ProjectSettings {
        repo: "/nowhere".to_owned(),
        target: "main".parse().expect("BUG: a constant name"),
        key_prefix: "APP".to_owned(),
        policy_sha256: String::new(),
        policy_snapshot: None,
        review: ReviewPolicy::None,
        reviewer: None,
        landing: LandingMode::Local,
        limits: Limits::default(),
        budgets: Budgets::default(),
        default_agent: "worker".parse().expect("BUG: a constant name"),
        agents: [("worker".parse().expect("BUG: a constant name"), facts)].into(),
        retry: Retry::default(),
        schedules: [].into(),
    }
}

/// Its name.
pub fn project() -> ProjectId {
    "bench".parse().expect("BUG: a constant name")
}

fn add() -> Command {
    let spec = Box::new(TicketSpec::titled("a ticket of usual length, as people write them"));
    Command::Add { project: project(), key: None, spec, draft: true }
}

/// Who asks.
pub fn person() -> Actor {
    Actor::Person("bench".to_owned())
}

/// See the module.
pub async fn measure() -> anyhow::Result<Vec<Row>> {
    let folder = tempfile::tempdir()?;
    let (commands, commits, rate) = through_the_dispatcher(&folder.path().join("e.db")).await?;
    let per_commit = commands as f64 / commits as f64;
    let raw = raw_inserts(&folder.path().join("raw.db"), per_commit.round()).await?;
    Ok(vec![
        Row {
            name: "durable commands per sync, under load",
            figure: format!("{per_commit:.1}"),
            floor: "1 command".to_owned(),
            ratio: per_commit,
            bound: Bound::AtLeast(16.0),
        },
        Row {
            name: "durable commands through the dispatcher",
            figure: format!("{rate:.0}/s"),
            floor: format!("raw inserts {raw:.0}/s"),
            ratio: rate / raw,
            bound: Bound::AtLeast(0.25),
        },
    ])
}

async fn through_the_dispatcher(path: &Path) -> anyhow::Result<(u64, u64, f64)> {
    let inner = SqliteStore::open(path).await.context("opening the store")?;
    let store = Arc::new(Counting { inner, commits: AtomicU64::new(0) });
    let (_node, reports) = tokio::sync::mpsc::channel(1);
    let config = EngineConfig { agents_max: 12 };
    let nowhere = Arc::new(Nowhere);
    let (engine, mut task) =
        Engine::start(Arc::clone(&store), Arc::clone(&nowhere), nowhere, config, reports).await?;
    let configure =
        Command::ConfigureProject { project: project(), settings: Box::new(settings()) };
    engine.command(person(), None, configure).await?;
    store.commits.store(0, Ordering::Relaxed);
    let began = Instant::now();
    let mut callers = tokio::task::JoinSet::new();
    for _ in 0..CALLERS {
        callers.spawn(call(engine.clone()));
    }
    while let Some(called) = callers.join_next().await {
        called??;
    }
    let took = began.elapsed();
    let commits = store.commits.load(Ordering::Relaxed);
    task.stop();
    task.ended().await;
    let commands = CALLERS * PER_CALLER;
    Ok((commands, commits, commands as f64 / took.as_secs_f64()))
}

async fn call(engine: EngineHandle<Counting>) -> anyhow::Result<()> {
    for _ in 0..PER_CALLER {
        engine.command(person(), None, add()).await?;
    }
    Ok(())
}

/// The floor: the same number of rows of the same size, as many to a transaction, with one
/// prepared insert each for an event and a ticket.
async fn raw_inserts(path: &Path, per_commit: f64) -> anyhow::Result<f64> {
    use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    let mut connection = sqlx::SqliteConnection::connect_with(&options).await?;
    sqlx::query("CREATE TABLE events (seq INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT")
        .execute(&mut connection)
        .await?;
    sqlx::query("CREATE TABLE tickets (id TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT")
        .execute(&mut connection)
        .await?;
    let body = serde_json::to_string(&add())?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small count")]
    let batch = per_commit.max(1.0) as u64;
    let total = CALLERS * PER_CALLER;
    let began = Instant::now();
    let mut written = 0_u64;
    while written < total {
        let mut transaction = connection.begin().await?;
        for _ in 0..batch.min(total - written) {
            written += 1;
            sqlx::query("INSERT INTO events (seq, body) VALUES ($1, $2)")
                .bind(i64::try_from(written)?)
                .bind(&body)
                .execute(&mut *transaction)
                .await?;
            sqlx::query("INSERT INTO tickets (id, body) VALUES ($1, $2)")
                .bind(format!("APP-{written}"))
                .bind(&body)
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
    }
    Ok(total as f64 / began.elapsed().as_secs_f64())
}
