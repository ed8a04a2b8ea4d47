//! What agents did: journals, diffs and work logs.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use gangline_api::codes;
use gangline_api::event::WAIT_MS_MAX;
use gangline_api::journal::{
    BriefView, Diff, JOURNAL_PAGE_BYTES_MAX, JournalPage, JournalQuery, Worklog, WorklogEntry,
};
use gangline_api::packet::Packet;
use gangline_domain::event::{Event, Recorded, TicketEvent};
use gangline_domain::ids::{Actor, JobId, JobKind, TicketId};
use tokio::time::Instant;

use super::tickets::{detailed, found, history_of, past};
use crate::app::App;
use crate::archive::{Archive, DiffRange};
use crate::extract::{Answered, Asked, OfTicket};
use crate::orchestrator::Orchestrator;
use crate::problem::Failure;
use crate::view;

/// How often a journal that is being waited for is looked at.
const LOOK_MS: u64 = 100;

pub(super) async fn journal<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    OfTicket(ticket): OfTicket,
    Asked(query): Asked<JournalQuery>,
) -> Answered<JournalPage> {
    let wanted = query.job.as_deref().map(str::parse::<JobId>).transpose()?;
    if wanted.as_ref().is_some_and(|job| job.ticket != ticket) {
        let failure = Failure::new(codes::bad_request, "the job belongs to another ticket");
        return Err(failure.hint(format!("gangline show {}", ticket.key)));
    }
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

fn is_not_there_yet(failure: &Failure) -> bool {
    failure.0.code == codes::no_such_journal
}

/// The ticket's attempts in order, and whether each has ended.
async fn jobs<O: Orchestrator, A: Archive>(
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

pub(super) async fn diff<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    OfTicket(id): OfTicket,
) -> Answered<Diff> {
    let ticket = found(&app, &id).await?;
    let project = app.look(|board, _| board.projects.get(&id.project).cloned());
    let range = history_of(&past(&app, &id).await?).range;
    let (Some((base, commit)), Some(project)) = (range, project) else {
        let detail = format!("no attempt of {} has left a commit yet", ticket.id);
        let hint = format!("gangline show {}", id.key);
        return Err(Failure::new(codes::nothing_to_show, detail).hint(hint));
    };
    Ok(Json(app.archive.diff(&project, &DiffRange { base, commit }).await?))
}

/// All that a person needs to decide. A diff that cannot be read now leaves a gap that is told.
pub(super) async fn packet<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    OfTicket(id): OfTicket,
) -> Answered<Packet> {
    let history = history_of(&past(&app, &id).await?);
    let range = history.range.clone();
    let detail = detailed(&app, &id, history).await?;
    let project = app.look(|board, _| board.projects.get(&id.project).cloned());
    let diff = match (range, project) {
        (Some((base, commit)), Some(project)) => {
            let diff = app.archive.diff(&project, &DiffRange { base, commit }).await;
            diff.map(Some).map_err(|problem| problem.detail)
        }
        (_, _) => Ok(None),
    };
    Ok(Json(view::packet(detail, diff)))
}

/// What the last attempt that has been told anything was told.
pub(super) async fn brief<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    OfTicket(ticket): OfTicket,
) -> Answered<BriefView> {
    let jobs = jobs(&app, &ticket).await?;
    for (job, _) in jobs.iter().rev().filter(|(job, _)| job.kind == JobKind::Attempt) {
        match app.archive.brief(job).await {
            Ok(text) => return Ok(Json(BriefView { job: job.to_string(), text })),
            Err(problem) if problem.code == codes::no_such_journal => {}
            Err(problem) => return Err(problem.into()),
        }
    }
    let detail = format!("no attempt of {ticket} has been told anything yet");
    let hint = format!("gangline show {}", ticket.key);
    Err(Failure::new(codes::nothing_to_show, detail).hint(hint))
}

pub(super) async fn worklog<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    OfTicket(id): OfTicket,
) -> Answered<Worklog> {
    found(&app, &id).await?;
    let past = past(&app, &id).await?;
    let project = app.look(|board, _| board.projects.get(&id.project).cloned());
    let repo = project.map(|project| project.settings.repo).unwrap_or_default();
    let attempts = history_of(&past).attempts.into_iter().map(|attempt| {
        // What the attempt wrote down itself: its worktree may be gone by now.
        let place = attempt.job.parse().map(|job| app.archive.worked_in(&job)).unwrap_or_default();
        WorklogEntry {
            ticket: id.to_string(),
            job: attempt.job,
            started_by: format!("ai:{}", attempt.agent),
            project_path: repo.clone(),
            worktree_path: place.path.map(|path| path.display().to_string()),
            branch: place.branch,
            started_us: attempt.started_us,
            ended_us: attempt.ended_us,
            commit: attempt.commit,
            outcome: attempt.end,
        }
    });
    let mut entries: Vec<WorklogEntry> = attempts.collect();
    let template = entries.first().cloned();
    entries.extend(template.into_iter().flat_map(|template| by_people(&past, &template)));
    entries.sort_by_key(|entry| entry.started_us);
    Ok(Json(Worklog { entries }))
}

/// What people did in a worktree they took over.
fn by_people(past: &[Recorded], template: &WorklogEntry) -> Vec<WorklogEntry> {
    let mut entries: Vec<WorklogEntry> = vec![];
    // Where an attempt runs, the wish comes first, and the hold follows when its work is captured.
    let mut wished_by: Option<&Actor> = None;
    for recorded in past {
        let Event::Ticket { what, .. } = &recorded.event else { continue };
        if let TicketEvent::StopRequested { stop } = what {
            wished_by = Some(&stop.by);
        } else if matches!(what, TicketEvent::Held { taken_over: true }) {
            let by = match &recorded.actor {
                Actor::Person(_) => &recorded.actor,
                Actor::Policy | Actor::Gangline => wished_by.unwrap_or(&recorded.actor),
            };
            entries.push(WorklogEntry {
                started_by: by.to_string(),
                started_us: recorded.at.0,
                ended_us: None,
                commit: None,
                outcome: None,
                ..template.clone()
            });
        } else if matches!(what, TicketEvent::HandedBack { .. })
            && let Some(open) = entries.last_mut()
        {
            open.ended_us = Some(recorded.at.0);
            open.outcome = Some("handed back".to_owned());
        }
    }
    entries
}
