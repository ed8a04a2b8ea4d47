//! Watching a ticket: its events as lasting lines, what its agent does as one live line.

use gangline_api::client::{Client, ClientError, TicketRef};
use gangline_api::event::{EventView, EventsQuery};
use gangline_api::journal::JournalQuery;
use gangline_api::ticket::TicketDetail;

use super::context::{Context, now_us};
use super::show;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::screen::{Live, Tone, age, clock, plain};

/// How long one request waits for news, on a terminal: the live line grows older meanwhile.
const WAIT_LIVE_MS: u64 = 1_000;
/// How long one request waits for news elsewhere.
const WAIT_MS: u64 = 20_000;
/// Requests in a row that may fail: a daemon that is being replaced is waited for.
const FAILURES_MAX: u32 = 30;
const PAUSE_MS: u64 = 1_000;

/// Watches one ticket.
pub(crate) struct Follow<'a> {
    context: &'a Context,
    client: &'a Client,
    ticket: TicketRef,
    live: Live,
    after: u64,
    /// Where the live line reads on in the agent's journal.
    journal: Option<(String, u64)>,
    doing: String,
}

impl<'a> Follow<'a> {
    /// From its first event on.
    pub(crate) fn new(context: &'a Context, client: &'a Client, ticket: TicketRef) -> Self {
        let live = Live::new(context.out);
        Self { context, client, ticket, live, after: 0, journal: None, doing: String::new() }
    }

    /// From the events behind `after` on.
    pub(crate) fn from(self, after: u64) -> Self {
        Self { after, ..self }
    }

    /// Until it is closed or waits for a person.
    pub(crate) async fn end(mut self) -> Result<Exit, Failure> {
        let mut failures = 0;
        loop {
            match self.look().await {
                Ok(Some(detail)) => return self.conclude(&detail),
                Ok(None) => failures = 0,
                Err(failure) if failures < FAILURES_MAX && failure.exit() == Exit::NoDaemon => {
                    failures += 1;
                    self.live.show("the daemon is away; waiting for it …")?;
                    tokio::time::sleep(std::time::Duration::from_millis(PAUSE_MS)).await;
                }
                Err(failure) if failures < FAILURES_MAX && failure.exit() == Exit::Outage => {
                    failures += 1;
                }
                Err(failure) => return Err(failure),
            }
        }
    }

    /// Shows what is new; the ticket when there is nothing more to wait for.
    async fn look(&mut self) -> Result<Option<TicketDetail>, Failure> {
        let wait = if self.live.is_on() { WAIT_LIVE_MS } else { WAIT_MS };
        let query = EventsQuery {
            after: self.after,
            wait_ms: Some(wait),
            project: Some(self.ticket.project.clone()),
            key: Some(self.ticket.key.clone()),
            ..EventsQuery::default()
        };
        let page = self.client.events(&query).await?;
        for event in &page.events {
            self.tell(event)?;
        }
        self.after = page.next;
        let detail = self.client.ticket(&self.ticket).await?;
        if Ending::of(&detail).is_some() {
            // What led here may have been committed behind the page that was just read.
            let rest = EventsQuery { after: self.after, wait_ms: None, ..query };
            for event in &self.client.events(&rest).await?.events {
                self.tell(event)?;
            }
            return Ok(Some(detail));
        }
        self.show_live(&detail).await?;
        Ok(None)
    }

    fn tell(&mut self, event: &EventView) -> Result<(), Failure> {
        if self.context.json {
            return Ok(self.context.out.json(event)?);
        }
        let out = self.context.out;
        let at = out.paint(Tone::Faint, &clock(event.at_us));
        let text = out.paint(tone(event), &plain(&event.text));
        Ok(self.live.line(&format!("{at} {} {text}", self.ticket.key))?)
    }

    async fn show_live(&mut self, detail: &TicketDetail) -> Result<(), Failure> {
        if !self.live.is_on() || self.context.json {
            return Ok(());
        }
        self.read_journal(detail).await?;
        let ticket = &detail.ticket;
        let doing = match ticket.state.as_str() {
            "working" if !self.doing.is_empty() => self.doing.clone(),
            _other => ticket.wait.text.clone(),
        };
        let since = age(ticket.since_us, now_us());
        let line = format!("{} {} {since}  {}", ticket.key, ticket.state, plain(&doing));
        Ok(self.live.show(&line)?)
    }

    /// Keeps the last line that the agent's journal has for people.
    async fn read_journal(&mut self, detail: &TicketDetail) -> Result<(), Failure> {
        let Some(attempt) = detail.attempts.last() else { return Ok(()) };
        let from = match &self.journal {
            Some((job, from)) if *job == attempt.job => *from,
            Some(_) | None => 0,
        };
        let query = JournalQuery { job: Some(attempt.job.clone()), from, wait_ms: None };
        match self.client.journal(&self.ticket, &query).await {
            Ok(page) => {
                let last = page.lines.iter().rev().find(|line| !line.text.is_empty());
                if let Some(last) = last {
                    self.doing.clone_from(&last.text);
                }
                self.journal = Some((page.job, page.next));
                Ok(())
            }
            // It has not begun to write.
            Err(ClientError::Refused(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn conclude(mut self, detail: &TicketDetail) -> Result<Exit, Failure> {
        self.live.clear()?;
        let ending = Ending::of(detail).unwrap_or(Ending::Person);
        if self.context.json {
            self.context.out.json(detail)?;
        } else {
            self.context.out.line("")?;
            self.context.out.lines(show::rendered(detail, self.context.out, now_us()))?;
        }
        Ok(ending.exit())
    }
}

/// Why there is nothing more to watch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    Closed,
    Cancelled,
    Escalated,
    Person,
}

impl Ending {
    pub(super) fn of(detail: &TicketDetail) -> Option<Self> {
        match (detail.ticket.state.as_str(), detail.ticket.wait.reason.as_str()) {
            ("landed" | "delivered", _) => Some(Self::Closed),
            ("cancelled", _) => Some(Self::Cancelled),
            ("escalated", _) => Some(Self::Escalated),
            (_, "person") => Some(Self::Person),
            (_, _) => None,
        }
    }

    fn exit(self) -> Exit {
        match self {
            Self::Closed => Exit::Done,
            Self::Cancelled => Exit::Failed,
            Self::Escalated => Exit::Escalated,
            Self::Person => Exit::Person,
        }
    }
}

/// How an event is painted.
pub(crate) fn tone(event: &EventView) -> Tone {
    match event.kind.as_str() {
        "landed" | "delivered" => Tone::Good,
        "escalated" | "sent_back" | "job_failed" | "attempt_lost" => Tone::Bad,
        "question_asked" | "review_requested" | "parked" | "held" => Tone::Attention,
        "attempt_started" | "job_started" => Tone::Active,
        _other => Tone::Plain,
    }
}
