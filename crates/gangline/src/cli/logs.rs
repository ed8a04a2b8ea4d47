//! `gangline logs`: what an agent did, line by line.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use gangline_api::client::{Client, ClientError, TicketRef};
use gangline_api::codes;
use gangline_api::journal::{JournalPage, JournalQuery};
use gangline_api::ticket::TicketView;

use super::context::Context;
use super::follow::Ending;
use super::place;
use crate::compose;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::screen::{Tone, plain};

/// How long one request waits for a new line.
const WAIT_MS: u64 = 10_000;
/// How long a ticket without an agent is waited for between two looks.
const PAUSE_MS: u64 = 1_000;

/// `gangline logs`.
#[derive(Debug, Args)]
pub(crate) struct Logs {
    /// The ticket
    key: String,
    /// Wait for more, until the ticket is closed or waits for a person
    #[arg(long, short)]
    follow: bool,
    /// Only this job, such as a1 or shop.APP-12.a1; by default all attempts with -f, else the last
    #[arg(long, value_name = "JOB")]
    job: Option<String>,
    /// Write agent-workspace/sessions/session-*/tool_calls.jsonl of all attempts below DIR
    #[arg(long, value_name = "DIR", conflicts_with_all = ["follow", "job"])]
    export: Option<PathBuf>,
}

impl Logs {
    /// Whether it copies the journals themselves.
    pub(crate) fn exports(&self) -> bool {
        self.export.is_some()
    }

    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let client = context.client();
        let ticket = place::ticket(context, &client, &self.key).await?;
        if let Some(to) = &self.export {
            return export(context, &client, &ticket, to).await;
        }
        let job = self.job.as_ref().map(|job| whole(job, &ticket));
        let mut reading = Reading { context, client: &client, ticket, job, from: 0 };
        match self.follow {
            false => reading.all_there_is().await?,
            true => reading.follow(self.job.is_some()).await?,
        }
        Ok(Exit::Done)
    }
}

/// The name of a job of the ticket, of which only the end may be said.
fn whole(job: &str, ticket: &TicketRef) -> String {
    let TicketRef { project, key } = ticket;
    if job.contains('.') { job.to_owned() } else { format!("{project}.{key}.{job}") }
}

/// A place in a ticket's journals.
struct Reading<'a> {
    context: &'a Context,
    client: &'a Client,
    ticket: TicketRef,
    job: Option<String>,
    from: u64,
}

impl Reading<'_> {
    async fn page(&self, wait_ms: Option<u64>) -> Result<JournalPage, ClientError> {
        let query = JournalQuery { job: self.job.clone(), from: self.from, wait_ms };
        self.client.journal(&self.ticket, &query).await
    }

    /// All that is there now.
    async fn all_there_is(&mut self) -> Result<(), Failure> {
        loop {
            let page = self.page(None).await?;
            if page.lines.is_empty() {
                return Ok(());
            }
            self.show(page)?;
        }
    }

    /// From attempt to attempt, until the ticket is closed or waits for a person, or the one job
    /// has ended.
    async fn follow(&mut self, one_job: bool) -> Result<(), Failure> {
        loop {
            let page = match self.page(Some(WAIT_MS)).await {
                Ok(page) => page,
                Err(ClientError::Refused(problem)) if problem.code == codes::no_such_journal => {
                    if self.is_over().await? {
                        return Ok(());
                    }
                    tokio::time::sleep(Duration::from_millis(PAUSE_MS)).await;
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
            let (ended, later) = (page.ended, page.later.clone());
            self.show(page)?;
            if !ended {
                continue;
            }
            match later {
                _ if one_job => return Ok(()),
                Some(later) => (self.job, self.from) = (Some(later), 0),
                None if self.is_over().await? => return Ok(()),
                None => tokio::time::sleep(Duration::from_millis(PAUSE_MS)).await,
            }
        }
    }

    fn show(&mut self, page: JournalPage) -> Result<(), Failure> {
        let out = self.context.out;
        for line in page.lines {
            if self.context.json {
                out.json(&line.entry)?;
            } else if !line.text.is_empty() {
                out.line(&plain(&line.text))?;
            }
        }
        (self.job, self.from) = (Some(page.job), page.next);
        Ok(())
    }

    /// Whether no agent will say more before a person does. Says so where it is not obvious.
    async fn is_over(&self) -> Result<bool, Failure> {
        let detail = self.client.ticket(&self.ticket).await?;
        let Some(ending) = Ending::of(&detail) else { return Ok(false) };
        if matches!(ending, Ending::Escalated | Ending::Person) && !self.context.json {
            let TicketView { key, wait, .. } = &detail.ticket;
            let line = format!("{key} waits for {}: gangline show {key}", plain(&wait.text));
            self.context.out.line(&self.context.out.paint(Tone::Attention, &line))?;
        }
        Ok(true)
    }
}

async fn export(
    context: &Context,
    client: &Client,
    ticket: &TicketRef,
    to: &Path,
) -> Result<Exit, Failure> {
    let detail = client.ticket(ticket).await?;
    let jobs = detail.attempts.iter().map(|attempt| attempt.job.as_str());
    let files = compose::export_journals(&context.paths, jobs, &context.cwd.join(to))?;
    if context.json {
        context.out.json(&files)?;
    } else {
        context.out.lines(files.iter().map(|file| file.display().to_string()))?;
    }
    Ok(Exit::Done)
}
