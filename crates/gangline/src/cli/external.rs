//! `gangline external`: what an agent that Gangline did not start says and asks.

use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use gangline_api::client::{Client, ClientError};
use gangline_api::event::WAIT_MS_MAX;
use gangline_api::external::{
    AssignmentView, ExternalView, RegisterExternal, SubmitExternal, Work, WorkQuery,
};
use gangline_policy::Period;
use tokio::time::Instant;

use super::args::word;
use super::connect;
use super::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::screen::{Cell, Table, Tone, plain};

/// `gangline external`.
#[derive(Debug, Subcommand)]
pub(crate) enum External {
    /// Register a session, or say anew what it is
    Register(Register),
    /// Show the sessions of the project, and what each is at
    List,
    /// Wait for work, and print where it is
    Wait(Wait),
    /// Say that the session is there, and print what it is at
    Heartbeat(Heartbeat),
    /// Hand work in: what is committed in the worktree is verified and landed
    Submit(Submit),
    /// Take the registration back; unfinished tickets are open again, and their work is kept
    Deregister(Session),
}

/// `gangline external register`.
#[derive(Debug, Args)]
pub(crate) struct Register {
    /// The session's name, such as backend-1
    #[arg(value_name = "ID")]
    id: String,
    /// The definition of kind `external` under which it works; that of its own name by default
    #[arg(long, value_name = "NAME")]
    agent: Option<String>,
    /// Something that it can do, beside what its definition can
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    capability: Vec<String>,
    /// Tickets at once; 1 by default
    #[arg(long, value_name = "N")]
    max_concurrent_issues: Option<u32>,
    /// Where it is told of work, such as http://127.0.0.1:8000/work; it waits for it by default
    #[arg(long, value_name = "URL")]
    webhook: Option<String>,
    /// Silence after which it is given up, such as 90s; 60s by default
    #[arg(long, value_name = "PERIOD")]
    heartbeat_timeout: Option<Period>,
}

/// A session.
#[derive(Debug, Args)]
pub(crate) struct Session {
    /// Its name
    #[arg(value_name = "ID")]
    id: String,
}

/// `gangline external wait`.
#[derive(Debug, Args)]
pub(crate) struct Wait {
    #[command(flatten)]
    session: Session,
    /// Only work that was assigned after this fence
    #[arg(long, value_name = "FENCE")]
    after: Option<String>,
    /// How long to wait, such as 10m; until there is work by default
    #[arg(long, value_name = "PERIOD")]
    timeout: Option<Period>,
}

/// `gangline external heartbeat`.
#[derive(Debug, Args)]
pub(crate) struct Heartbeat {
    #[command(flatten)]
    session: Session,
    /// Say it again and again, such as every 20s, until interrupted
    #[arg(long, value_name = "PERIOD")]
    every: Option<Period>,
}

/// What a session says came of its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Status {
    /// It is done
    #[value(name = "completed")]
    Completed,
    /// Nothing needs to change
    #[value(name = "no_change_needed")]
    NoChangeNeeded,
    /// It cannot be done; --summary says why
    #[value(name = "gave_up")]
    GaveUp,
}

/// `gangline external submit`.
#[derive(Debug, Args)]
pub(crate) struct Submit {
    #[command(flatten)]
    session: Session,
    /// The ticket
    #[arg(value_name = "KEY")]
    key: String,
    /// As it was assigned
    #[arg(long, value_name = "FENCE")]
    fence: String,
    /// What came of it
    #[arg(long, value_enum, default_value = "completed")]
    status: Status,
    /// What was done, or why not
    #[arg(long, value_name = "TEXT")]
    summary: Option<String>,
}

impl External {
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let client = connect::running(context).await?;
        let project = connect::current_project(context, &client).await?.name;
        let ask = Ask { context, client: &client, project: &project };
        match self {
            Self::Register(register) => ask.register(register).await,
            Self::List => ask.list().await,
            Self::Wait(wait) => ask.wait(wait).await,
            Self::Heartbeat(heartbeat) => ask.heartbeat(heartbeat).await,
            Self::Submit(submit) => ask.submit(submit).await,
            Self::Deregister(session) => ask.deregister(&session.id).await,
        }
    }
}

struct Ask<'a> {
    context: &'a Context,
    client: &'a Client,
    project: &'a str,
}

impl Ask<'_> {
    async fn register(&self, register: Register) -> Result<Exit, Failure> {
        let wish = RegisterExternal {
            id: register.id,
            agent: register.agent,
            capabilities: register.capability,
            specialization: None,
            max_concurrent_issues: register.max_concurrent_issues,
            webhook: register.webhook,
            heartbeat_timeout_ms: register.heartbeat_timeout.map(Period::ms),
        };
        let session = self.client.register_external(self.project, &wish).await?;
        let out = self.context.out;
        if self.context.json {
            out.json(&session)?;
            return Ok(Exit::Done);
        }
        let id = plain(&session.id);
        let agent = plain(&session.agent);
        out.line(&format!("{} registered as agent {agent}", out.paint(Tone::Strong, &id)))?;
        let next = format!("gangline external wait {id}");
        out.line(&format!(" next: {}", out.paint(Tone::Command, &next)))?;
        Ok(Exit::Done)
    }

    async fn list(&self) -> Result<Exit, Failure> {
        let found = self.client.externals(self.project).await?;
        let out = self.context.out;
        if self.context.json {
            out.json(&found)?;
            return Ok(Exit::Done);
        }
        let mut table =
            Table::new(["session", "agent", "at once", "can do…", "is at…", "told by…"]);
        for session in &found.sessions {
            table.row(row(session));
        }
        out.lines(table.render(out))?;
        Ok(Exit::Done)
    }

    async fn wait(&self, wait: Wait) -> Result<Exit, Failure> {
        let until = wait.timeout.map(|period| Instant::now() + Duration::from_millis(period.ms()));
        loop {
            let left = until.map_or(WAIT_MS_MAX, |until| {
                let left = until.saturating_duration_since(Instant::now()).as_millis();
                u64::try_from(left).unwrap_or(u64::MAX).min(WAIT_MS_MAX)
            });
            let query = WorkQuery { after: wait.after.clone(), wait_ms: Some(left) };
            let asked = self.client.external_work(self.project, &wait.session.id, &query).await;
            let work = match asked {
                Ok(work) => work,
                // The daemon may be on its way up again; what is asked for is only read.
                Err(ClientError::NoDaemon { .. } | ClientError::Broken { .. })
                    if until.is_none_or(|until| Instant::now() < until) =>
                {
                    tokio::time::sleep(Duration::from_millis(500)).await;
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
            let over = until.is_some_and(|until| Instant::now() >= until);
            if work.assigned.is_some() || over {
                return self.tell(&work);
            }
        }
    }

    fn tell(&self, work: &Work) -> Result<Exit, Failure> {
        let out = self.context.out;
        if self.context.json {
            out.json(work)?;
        } else if let Some(assigned) = &work.assigned {
            let (key, session) = (plain(&assigned.issue.key), plain(&assigned.session));
            let title = plain(&assigned.issue.title);
            out.line(&format!("{}: {title}", out.paint(Tone::Strong, &key)))?;
            for (name, value) in [
                ("worktree", &assigned.worktree_path),
                ("branch", &assigned.branch_name),
                ("brief", &assigned.brief_path),
                ("fence", &assigned.fence),
            ] {
                out.line(&format!("  {name:<9} {}", plain(value)))?;
            }
            let fence = plain(&assigned.fence);
            let next = format!("gangline external submit {session} {key} --fence {fence}");
            out.line(&format!(" next: {}", out.paint(Tone::Command, &next)))?;
        } else {
            out.line("no work yet")?;
        }
        Ok(if work.assigned.is_some() { Exit::Done } else { Exit::Outage })
    }

    async fn heartbeat(&self, heartbeat: Heartbeat) -> Result<Exit, Failure> {
        loop {
            let id = &heartbeat.session.id;
            let told = self.client.external_heartbeat(self.project, id).await;
            match (told, heartbeat.every) {
                (Ok(told), _) if self.context.json => self.context.out.json(&told)?,
                (Ok(told), _) => self.context.out.line(&at_work(&told.assignments))?,
                (Err(ClientError::NoDaemon { .. } | ClientError::Broken { .. }), Some(_)) => {}
                (Err(error), _) => return Err(error.into()),
            }
            match heartbeat.every {
                Some(period) => tokio::time::sleep(Duration::from_millis(period.ms())).await,
                None => return Ok(Exit::Done),
            }
        }
    }

    async fn submit(&self, submit: Submit) -> Result<Exit, Failure> {
        let wish = SubmitExternal {
            issue: submit.key,
            fence: submit.fence,
            status: Some(word(&submit.status)),
            summary: submit.summary,
        };
        let id = &submit.session.id;
        let mut done = self.client.external_submit(self.project, id, &wish).await;
        if let Err(ClientError::Broken { .. }) = done {
            // Asking again hands nothing in twice.
            done = self.client.external_submit(self.project, id, &wish).await;
        }
        let done = done?;
        let out = self.context.out;
        if self.context.json {
            out.json(&done)?;
            return Ok(Exit::Done);
        }
        let key = plain(&wish.issue);
        let strong = out.paint(Tone::Strong, &key);
        out.line(&format!("{strong} handed in; what is committed is measured now"))?;
        let next = format!("gangline run {key}");
        out.line(&format!(" next: {}", out.paint(Tone::Command, &next)))?;
        Ok(Exit::Done)
    }

    async fn deregister(&self, id: &str) -> Result<Exit, Failure> {
        let done = self.client.deregister_external(self.project, id).await?;
        match self.context.json {
            true => self.context.out.json(&done)?,
            false => self.context.out.line(&format!("{} has gone", plain(id)))?,
        }
        Ok(Exit::Done)
    }
}

fn row(session: &ExternalView) -> [Cell; 6] {
    let told = session.webhook.as_deref().map_or("asking".to_owned(), plain);
    [
        Cell::toned(Tone::Strong, plain(&session.id)),
        Cell::new(plain(&session.agent)),
        Cell::new(session.max_concurrent_issues.to_string()),
        Cell::new(plain(&session.capabilities.join(" "))),
        Cell::new(at_work(&session.assignments)),
        Cell::toned(Tone::Faint, told),
    ]
}

fn at_work(assignments: &[AssignmentView]) -> String {
    let one = |at: &AssignmentView| format!("{} ({}, {})", at.issue, at.state, at.fence);
    let all: Vec<String> = assignments.iter().map(one).collect();
    if all.is_empty() { "nothing".to_owned() } else { plain(&all.join(" ")) }
}
