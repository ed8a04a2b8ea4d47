//! What agents did: briefs, diffs, packets and work logs.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use gangline_api::codes;
use gangline_api::journal::{
    BriefView, CheckLog, CheckLogQuery, Diff, DiffQuery, JOURNAL_PAGE_BYTES_MAX, Worklog,
    WorklogEntry,
};
use gangline_api::packet::Packet;
use gangline_domain::command::Refusal;
use gangline_domain::event::{Event, Recorded, TicketEvent};
use gangline_domain::ids::{Actor, JobId, JobKind, TicketId};

use super::journals::{jobs, own};
use super::tickets::{detailed, found, past};
use crate::app::App;
use crate::archive::{Archive, DiffAsked, DiffRange};
use crate::extract::{Answered, Asked, OfTicket};
use crate::histories::history;
use crate::orchestrator::Orchestrator;
use crate::problem::Failure;
use crate::view;

/// Characters that the name of a check may have.
const CHECK_CHARS_MAX: usize = 200;

pub(super) async fn diff<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    OfTicket(id): OfTicket,
    Asked(query): Asked<DiffQuery>,
) -> Answered<Diff> {
    found(&app, &id).await?;
    let project = app.look(|board, _| board.projects.get(&id.project).cloned());
    let project = project.ok_or_else(|| Refusal::NoSuchProject(id.project.clone()))?;
    let history = history(&app, &id).await?;
    let ranges = &history.ranges;
    let (job, range) = attempt(&id, ranges, query.attempt.as_deref())?;
    let since = match query.since.as_deref() {
        Some(since) => Some(attempt(&id, ranges, Some(since))?),
        None => None,
    };
    let ignore_whitespace = query.ignore_whitespace;
    Ok(Json(app.archive.diff(&project, &DiffAsked { job, range, since, ignore_whitespace }).await?))
}

/// The attempt that is called so, or the last one, and what it changed.
fn attempt(
    ticket: &TicketId,
    ranges: &[(JobId, DiffRange)],
    name: Option<&str>,
) -> Result<(JobId, DiffRange), Failure> {
    let none = |detail: String| {
        let hint = format!("gangline show {}", ticket.key);
        Failure::new(codes::nothing_to_show, detail).hint(hint)
    };
    let Some(name) = name else {
        let last = ranges.last().cloned();
        return last.ok_or_else(|| none(format!("no attempt of {ticket} has left a commit yet")));
    };
    let whole = if name.contains('.') { name.to_owned() } else { format!("{ticket}.{name}") };
    let job: JobId = whole.parse()?;
    let left = ranges.iter().rev().find(|(of, _)| *of == job).cloned();
    left.ok_or_else(|| none(format!("{ticket} has no attempt {job} that left a commit")))
}

/// All that a person needs to decide. A diff that cannot be read now leaves a gap that is told.
pub(super) async fn packet<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    OfTicket(id): OfTicket,
) -> Answered<Packet> {
    let history = Arc::unwrap_or_clone(history(&app, &id).await?);
    let last = history.ranges.last().cloned();
    let detail = detailed(&app, &id, history).await?;
    let project = app.look(|board, _| board.projects.get(&id.project).cloned());
    let diff = match (last, project) {
        (Some((job, range)), Some(project)) => {
            let asked = DiffAsked { job, range, since: None, ignore_whitespace: false };
            let diff = app.archive.diff(&project, &asked).await;
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

/// What a check's command printed. Without a job, of the one that measured the ticket last.
pub(super) async fn check_log<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    OfTicket(ticket): OfTicket,
    Asked(query): Asked<CheckLogQuery>,
) -> Answered<CheckLog> {
    found(&app, &ticket).await?;
    let CheckLogQuery { check, job, from } = query;
    // It becomes a file's name.
    let is_name = !check.is_empty() && !check.starts_with('.') && check.len() <= CHECK_CHARS_MAX;
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.:".contains(c);
    if !is_name || !check.chars().all(plain) {
        let shown: String = check.chars().take(40).collect();
        let detail = format!("`{}` is not the name of a check", shown.escape_debug());
        return Err(
            Failure::new(codes::bad_name, detail).hint(format!("gangline show {}", ticket.key))
        );
    }
    let jobs = match job {
        Some(job) => vec![job.parse::<JobId>()?],
        None => measured(&app, &ticket).await?,
    };
    let project = app.look(|board, _| board.projects.get(&ticket.project).cloned());
    let project = project.ok_or_else(|| Refusal::NoSuchProject(ticket.project.clone()))?;
    for job in &jobs {
        own(&ticket, Some(job))?;
        let asked = (job, check.as_str());
        match app.archive.check_log(&project, asked, from, JOURNAL_PAGE_BYTES_MAX).await {
            Ok((text, next, size)) => {
                return Ok(Json(CheckLog { job: job.to_string(), check, text, next, size }));
            }
            // A job that used what an earlier one had found measured nothing itself.
            Err(problem) if problem.code == codes::nothing_to_show => {}
            Err(problem) => return Err(problem.into()),
        }
    }
    let detail = format!("no log of {check} is kept of {ticket}");
    let hint = format!("gangline evidence {}", ticket.key);
    Err(Failure::new(codes::nothing_to_show, detail).hint(hint))
}

/// The jobs that measured the ticket, the last one first.
async fn measured<O: Orchestrator, A: Archive>(
    app: &App<O, A>,
    ticket: &TicketId,
) -> Result<Vec<JobId>, Failure> {
    let started = past(app, ticket).await?.into_iter().rev().filter_map(|recorded| {
        let Event::Ticket { what: TicketEvent::JobStarted { run }, .. } = recorded.event else {
            return None;
        };
        matches!(run.job.kind, JobKind::Verification | JobKind::Integration).then_some(run.job)
    });
    Ok(started.collect())
}

pub(super) async fn worklog<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    OfTicket(id): OfTicket,
) -> Answered<Worklog> {
    found(&app, &id).await?;
    let past = past(&app, &id).await?;
    let project = app.look(|board, _| board.projects.get(&id.project).cloned());
    let repo = project.map(|project| project.settings.repo).unwrap_or_default();
    let history = history(&app, &id).await?;
    let attempts = history.attempts.iter().cloned().map(|attempt| {
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
                Actor::Person(_) | Actor::Remote { .. } => &recorded.actor,
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
