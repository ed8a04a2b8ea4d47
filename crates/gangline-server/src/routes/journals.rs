//! What agents do, line by line: page by page, or as it is written.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use gangline_api::codes;
use gangline_api::event::WAIT_MS_MAX;
use gangline_api::journal::{JOURNAL_PAGE_BYTES_MAX, JournalLine, JournalPage, JournalQuery};
use gangline_api::problem::Problem;
use gangline_api::stream::{ALIVE_MS, End, EndReason};
use gangline_domain::event::{Event, TicketEvent};
use gangline_domain::ids::{JobId, TicketId};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, Interval};
use tokio_util::sync::WaitForCancellationFutureOwned;

use super::tickets::{found, past};
use crate::app::App;
use crate::archive::Archive;
use crate::extract::{Answered, Asked, OfTicket};
use crate::feed::{Frame, every};
use crate::identity::Identity;
use crate::orchestrator::Orchestrator;
use crate::problem::Failure;

/// How often a journal that is being waited for is looked at.
const LOOK_MS: u64 = 100;

pub(super) async fn journal<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    OfTicket(ticket): OfTicket,
    Asked(query): Asked<JournalQuery>,
) -> Answered<JournalPage> {
    let wanted = query.job.as_deref().map(str::parse::<JobId>).transpose()?;
    own(&ticket, wanted.as_ref())?;
    let wait = Duration::from_millis(query.wait_ms.unwrap_or(0).min(WAIT_MS_MAX));
    let deadline = Instant::now() + wait;
    loop {
        // Whether the job has ended is asked before its journal is read, so that an ended job's
        // last lines are in the page that says so.
        let jobs = jobs(&app, &ticket).await?;
        let page = page(&app, &ticket, &jobs, (wanted.as_ref(), query.from)).await;
        let over = Instant::now() >= deadline || app.ending.is_cancelled();
        match page {
            Ok(page) if !page.lines.is_empty() || page.ended || over => return Ok(Json(page)),
            Err(failure) if over || !is_not_there_yet(&failure) => return Err(failure),
            Ok(_) | Err(_) => tokio::time::sleep(Duration::from_millis(LOOK_MS)).await,
        }
    }
}

/// Refuses another ticket's job.
pub(super) fn own(ticket: &TicketId, job: Option<&JobId>) -> Result<(), Failure> {
    if job.is_none_or(|job| job.ticket == *ticket) {
        return Ok(());
    }
    let failure = Failure::new(codes::bad_request, "the job belongs to another ticket");
    Err(failure.hint(format!("gangline show {}", ticket.key)))
}

fn is_not_there_yet(failure: &Failure) -> bool {
    failure.0.code == codes::no_such_journal
}

/// The ticket's attempts in order, and whether each has ended.
pub(super) async fn jobs<O: Orchestrator, A: Archive>(
    app: &App<O, A>,
    ticket: &TicketId,
) -> Result<Vec<(JobId, bool)>, Failure> {
    let mut jobs: Vec<(JobId, bool)> = vec![];
    for recorded in past(app, ticket).await? {
        let Event::Ticket { what, .. } = recorded.event else { continue };
        let has_ended = matches!(
            what,
            TicketEvent::AttemptEnded { .. }
                | TicketEvent::AttemptAdopted { .. }
                | TicketEvent::AttemptLost
        );
        let goes_on = matches!(what, TicketEvent::AttemptRegained);
        if let TicketEvent::AttemptStarted { attempt, .. } = what {
            jobs.push((attempt.job, false));
        } else if (has_ended || goes_on)
            && let Some((_, ended)) = jobs.last_mut()
        {
            *ended = has_ended;
        }
    }
    Ok(jobs)
}

async fn page<O: Orchestrator, A: Archive>(
    app: &App<O, A>,
    ticket: &TicketId,
    jobs: &[(JobId, bool)],
    (wanted, from): (Option<&JobId>, u64),
) -> Result<JournalPage, Failure> {
    let at = match wanted {
        Some(wanted) => jobs.iter().position(|(job, _)| job == wanted),
        None => jobs.len().checked_sub(1),
    };
    let (job, ended) = match (at, wanted) {
        (Some(at), _) => jobs[at].clone(),
        // Captures, verifications and integrations have journals too; they are read as they are.
        (None, Some(job)) => (job.clone(), true),
        (None, None) => {
            found(app, ticket).await?;
            let detail = format!("no agent has worked on {ticket} yet");
            let hint = format!("gangline show {}", ticket.key);
            return Err(Failure::new(codes::no_such_journal, detail).hint(hint));
        }
    };
    let (lines, next) = app.archive.journal(&job, from, JOURNAL_PAGE_BYTES_MAX).await?;
    let later = at.and_then(|at| jobs.get(at + 1)).map(|(job, _)| job.to_string());
    // A page that is not empty may not be the last one.
    let ended = ended && lines.is_empty();
    Ok(JournalPage { job: job.to_string(), lines, next, ended, later })
}

/// What a reader of a journal comes upon.
#[derive(Debug)]
pub(super) enum JournalItem {
    /// The lines of this job come next.
    Job(JobId),
    /// A line of the job that was told last.
    Line(JobId, JournalLine),
    /// Nothing was written for a while.
    Alive,
    /// The last one.
    End(End),
}

/// Reads a ticket's journals as they are written, from attempt to attempt.
pub(super) struct JournalReader<O, A> {
    app: App<O, A>,
    identity: Identity,
    ticket: TicketId,
    /// The ticket's attempts; read anew after something happened to it.
    jobs: Option<Vec<(JobId, bool)>>,
    at: Option<JobId>,
    from: u64,
    ready: VecDeque<JournalItem>,
    is_over: bool,
    heard: broadcast::Receiver<Arc<Frame>>,
    look: Interval,
    alive: Interval,
    ending: Pin<Box<WaitForCancellationFutureOwned>>,
}

impl<O: Orchestrator, A: Archive> JournalReader<O, A> {
    /// From byte `from` of `job` on, or of the last attempt there is.
    pub(super) async fn new(
        app: App<O, A>,
        identity: Identity,
        ticket: TicketId,
        (job, from): (Option<JobId>, u64),
    ) -> Result<Self, Failure> {
        found(&app, &ticket).await?;
        own(&ticket, job.as_ref())?;
        Ok(Self {
            heard: app.feed.listen(),
            look: every(LOOK_MS),
            alive: every(ALIVE_MS),
            ending: Box::pin(app.ending.clone().cancelled_owned()),
            ready: job.iter().cloned().map(JournalItem::Job).collect(),
            at: job,
            jobs: None,
            is_over: false,
            app,
            identity,
            ticket,
            from,
        })
    }

    /// The next one; nothing behind the end.
    pub(super) async fn next(&mut self) -> Option<JournalItem> {
        loop {
            if let Some(item) = self.ready.pop_front() {
                return Some(item);
            }
            if self.is_over {
                return None;
            }
            match self.read().await {
                Ok(true) => {}
                Ok(false) => self.wait().await,
                Err(failure) => self.over(EndReason::Failed, Some(failure.0)),
            }
        }
    }

    /// Reads on; whether there was anything.
    async fn read(&mut self) -> Result<bool, Failure> {
        // Whether the job has ended is asked before its journal is read.
        let jobs = match self.jobs.take() {
            Some(jobs) => jobs,
            None => jobs(&self.app, &self.ticket).await?,
        };
        let read = page(&self.app, &self.ticket, &jobs, (self.at.as_ref(), self.from)).await;
        self.jobs = Some(jobs);
        let page = match read {
            Ok(page) => page,
            Err(failure) if is_not_there_yet(&failure) => return self.passed_over().await,
            Err(failure) => return Err(failure),
        };
        let job: JobId = page.job.parse()?;
        if self.at.as_ref() != Some(&job) {
            self.at = Some(job.clone());
            self.ready.push_back(JournalItem::Job(job.clone()));
        }
        self.from = page.next;
        let has_lines = !page.lines.is_empty();
        self.ready.extend(page.lines.into_iter().map(|line| JournalItem::Line(job.clone(), line)));
        match page.later {
            Some(later) if page.ended => self.go_on(later.parse()?),
            None if page.ended => return self.finished().await,
            Some(_) | None => return Ok(has_lines),
        }
        Ok(true)
    }

    fn go_on(&mut self, later: JobId) {
        self.at = Some(later.clone());
        self.from = 0;
        self.ready.push_back(JournalItem::Job(later));
    }

    /// An attempt that ended before it wrote anything is passed over.
    async fn passed_over(&mut self) -> Result<bool, Failure> {
        let jobs = self.jobs.as_deref().unwrap_or_default();
        let at = self.at.as_ref().and_then(|at| jobs.iter().position(|(job, _)| job == at));
        let later = at.filter(|at| jobs[*at].1).and_then(|at| jobs.get(at + 1));
        if let Some((later, _)) = later.cloned() {
            self.go_on(later);
            return Ok(true);
        }
        self.finished().await
    }

    /// Ends when the ticket is closed: nobody works on it any more.
    async fn finished(&mut self) -> Result<bool, Failure> {
        if !found(&self.app, &self.ticket).await?.state.is_closed() {
            return Ok(false);
        }
        self.over(EndReason::Finished, None);
        Ok(true)
    }

    /// Until there may be more to read.
    async fn wait(&mut self) {
        loop {
            tokio::select! {
                biased;
                () = &mut self.ending => return self.over(EndReason::Closing, None),
                _ = self.alive.tick() => {
                    if !self.identity.is_still_in(&self.app) {
                        return self.over(EndReason::Revoked, None);
                    }
                    self.ready.push_back(JournalItem::Alive);
                    return;
                }
                heard = self.heard.recv() => match heard {
                    Ok(frame) if frame.ticket.as_ref() != Some(&self.ticket) => {}
                    Ok(_) | Err(RecvError::Lagged(_)) => {
                        self.jobs = None;
                        return;
                    }
                    Err(RecvError::Closed) => return self.over(EndReason::Closing, None),
                },
                _ = self.look.tick() => return,
            }
        }
    }

    fn over(&mut self, reason: EndReason, problem: Option<Box<Problem>>) {
        self.is_over = true;
        self.ready.push_back(JournalItem::End(End { reason, resume: None, problem }));
    }
}
