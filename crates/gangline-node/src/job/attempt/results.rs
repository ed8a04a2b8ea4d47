//! What earlier attempts on this node said: of this ticket, and of those that it depends on. All of
//! it is their agents' word, and a brief shows it as such.

use gangline_agents::brief::ResultText;
use gangline_domain::ids::{JobId, JobKind, TicketId};
use gangline_domain::job::JobResult;
use gangline_domain::verdict::Claim;

use crate::job::context::Job;
use crate::outcome;

/// Earlier attempts that are asked.
const ATTEMPTS_MAX: u32 = 50;

/// The last word about each ticket that this one depends on, as far as its last attempt ran on this
/// node.
pub(super) fn of_dependencies(job: &Job) -> Vec<ResultText> {
    let ticket = job.ticket();
    let found = ticket.spec.depends_on.iter().filter_map(|key| {
        let id = TicketId { project: ticket.id.project.clone(), key: key.clone() };
        let last = last_attempt(job, &id)?;
        let summary = claim(job, &last)?.summary;
        (!summary.is_empty()).then(|| ResultText { key: key.to_string(), summary })
    });
    found.collect()
}

/// What earlier attempts of this ticket wanted remembered, the earliest first, each once.
pub(super) fn lessons(job: &Job) -> Vec<String> {
    let (ticket, n) = (&job.id().ticket, job.id().n);
    let mut lessons: Vec<String> = vec![];
    for n in n.saturating_sub(ATTEMPTS_MAX).max(1)..n {
        let attempt = JobId { ticket: ticket.clone(), kind: JobKind::Attempt, n };
        for lesson in claim(job, &attempt).into_iter().flat_map(|claim| claim.lessons) {
            if !lessons.contains(&lesson) {
                lessons.push(lesson);
            }
        }
    }
    lessons
}

/// The last attempt of another ticket that has a folder here.
fn last_attempt(job: &Job, ticket: &TicketId) -> Option<JobId> {
    // What cannot be listed says nothing.
    let entries = std::fs::read_dir(job.spec.places.jobs()).ok()?.flatten();
    let jobs = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<JobId>().ok());
    let own = jobs.filter(|found| found.ticket == *ticket && found.kind == JobKind::Attempt);
    own.max_by_key(|found| found.n)
}

fn claim(job: &Job, attempt: &JobId) -> Option<Claim> {
    match outcome::last_of(&job.spec.places, attempt)?.result {
        JobResult::Attempt(end) => Some(end.claim),
        JobResult::Captured(_)
        | JobResult::Verified(_)
        | JobResult::Reviewed(_)
        | JobResult::Integrated(_)
        | JobResult::Failed(_) => None,
    }
}
