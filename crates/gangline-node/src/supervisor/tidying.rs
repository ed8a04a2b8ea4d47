//! What happens to worktrees that nobody needs any more. Whatever is in one is put under a
//! rescue ref before it goes, even when it was captured before: a person may have worked in it.
//! What is written after the rescue keeps it from going.

use std::time::{Duration, SystemTime};

use gangline_domain::ids::{Fence, JobId, ProjectId, TicketId};
use gangline_domain::job::JobResult;
use gangline_process::FileLock;

use crate::clock::now;
use crate::durable::{self, FileFault, with_causes};
use crate::outcome::{BadOutcome, Outcome};
use crate::places::{Places, WorktreePlaces};
use crate::spec::Purpose;
use crate::supervisor::handle::Shared;
use crate::supervisor::launch::{self, LaunchError};
use crate::supervisor::{touched, watch};
use crate::trees;
use crate::warm;
use crate::worktree::{self, LockError, WorktreeMeta};

/// How long a rescue may take, in milliseconds.
const RESCUE_MS: u64 = 15 * 60_000;
/// How long the end of a job that still has the worktree is waited for.
const LOCK_WAIT: Duration = Duration::from_mins(1);
/// How often a worktree is rescued that is written to while that is done.
const RESCUES_MAX: u32 = 3;

/// Why a worktree stays.
#[derive(Debug, thiserror::Error)]
enum Kept {
    #[error("what is in it could not be put under a rescue ref: {0}")]
    NotRescued(String),
    #[error(transparent)]
    Launch(#[from] LaunchError),
    #[error(transparent)]
    File(#[from] FileFault),
    #[error(transparent)]
    Outcome(#[from] BadOutcome),
    #[error(transparent)]
    Lock(#[from] LockError),
    #[error(transparent)]
    NotRemoved(#[from] trees::RemoveFault),
    #[error("a person works in it")]
    Lent,
    #[error("it was written to while it was rescued")]
    Written,
    #[error("the supervisor ends")]
    Ending,
}

/// Puts under a rescue ref what a fenced attempt left, when the worktree is still its own.
pub(crate) async fn rescue_attempt(shared: &Shared, job: &JobId, fence: Fence) {
    let found = match worktree::find(&shared.config.places, &job.ticket) {
        Ok(found) => found,
        Err(error) => {
            tracing::warn!(%job, %error, "a worktree cannot be looked for");
            return;
        }
    };
    let Some((_, meta)) = found else { return };
    if meta.attempt != *job || meta.fence != fence || meta.captured.is_some() {
        return;
    }
    if let Err(kept) = rescue(shared, &meta).await {
        tracing::warn!(%job, error = %with_causes(&kept), "a fenced attempt was not rescued yet");
    }
}

/// Captures a worktree in a job of its own.
async fn rescue(shared: &Shared, meta: &WorktreeMeta) -> Result<(), Kept> {
    let places = &shared.config.places;
    let told = places.job(&meta.attempt, meta.fence);
    let Some(mut task) = launch::spec_of(&told).map(|spec| spec.task) else {
        return Err(Kept::NotRescued("the attempt's spec is missing".to_owned()));
    };
    // A name that no other rescue has, not even one of the same attempt.
    let n = u64::try_from(now().0).unwrap_or(0);
    task.fence = Fence { epoch: meta.fence.epoch, n };
    task.deadline = now().plus_ms(RESCUE_MS);
    let (spec, run) = launch::prepare(shared, Purpose::Rescue, &task).map_err(LaunchError::from)?;
    let child = launch::spawn(shared, &run, &spec.machine)?;
    match watch::await_unreported(shared, &run, child, task.deadline).await? {
        Some(Outcome { result: JobResult::Captured(_), .. }) => Ok(()),
        Some(outcome) => Err(Kept::NotRescued(crate::outcome::in_words(&outcome.result))),
        None if shared.stop.is_cancelled() => Err(Kept::Ending),
        None => Err(Kept::NotRescued(launch::last_words(&run.log()))),
    }
}

/// Writes down that a person works in the ticket's worktree. Asked for again and again.
pub(crate) async fn lend(shared: &Shared, ticket: &TicketId) {
    if let Err(kept) = try_lend(shared, ticket).await {
        tracing::warn!(%ticket, error = %with_causes(&kept), "that it is lent is not kept yet");
    }
}

async fn try_lend(shared: &Shared, ticket: &TicketId) -> Result<(), Kept> {
    let Some((at, meta)) = worktree::find(&shared.config.places, ticket)? else { return Ok(()) };
    if meta.lent {
        return Ok(());
    }
    let _lock = worktree::lock(&at, LOCK_WAIT).await?;
    // It may have been handed back while its lock was waited for.
    if shared.lent().contains(ticket)
        && let Some(meta) = WorktreeMeta::read(&at)?
    {
        WorktreeMeta { lent: true, ..meta }.write(&at)?;
    }
    Ok(())
}

/// Removes what a closed ticket does not need any more: its worktree and the agent's home.
/// Journals, evidence and `/output` stay. Asked again, it does what is left.
pub(crate) async fn retire(shared: &Shared, ticket: &TicketId) {
    if let Err(kept) = try_retire(shared, ticket).await {
        tracing::warn!(%ticket, error = %with_causes(&kept), "a worktree is not retired yet");
    }
}

async fn try_retire(shared: &Shared, ticket: &TicketId) -> Result<(), Kept> {
    let places = &shared.config.places;
    if let Some((at, meta)) = worktree::find(places, ticket)? {
        clear(shared, &at, &meta, Then::Forget).await?;
    }
    durable::remove_tree(&places.home(ticket))?;
    tidy_warm(shared).await;
    Ok(())
}

/// Removes warm layers that nobody needs.
async fn tidy_warm(shared: &Shared) {
    let places = shared.config.places.clone();
    let tidying = tokio::task::spawn_blocking(move || warm::tidy(&places, SystemTime::now()));
    if let Err(error) = tidying.await {
        tracing::warn!(%error, "warm layers are not tidied yet");
    }
}

/// What is still known about a worktree that has been removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    /// What it held, so that its equal can be made.
    Remember,
    /// Nothing.
    Forget,
}

/// Rescues a worktree and removes it.
async fn clear(
    shared: &Shared,
    at: &WorktreePlaces,
    meta: &WorktreeMeta,
    then: Then,
) -> Result<(), Kept> {
    let Some((lock, known)) = rescued(shared, at, meta, then).await? else { return Ok(()) };
    let hub = shared.config.places.hub(&meta.ticket.project);
    if then == Then::Remember {
        WorktreeMeta { ready: false, ..known }.write(at)?;
    }
    trees::remove(&hub, &at.tree(), meta).await?;
    if then == Then::Remember {
        return Ok(());
    }
    durable::remove_file(&at.meta())?;
    // Whoever waits for the old file finds out that it is gone, and makes another one.
    durable::remove_file(&at.lock())?;
    drop(lock);
    Ok(())
}

/// Rescues a worktree until nothing is in it that is not in the hub, and takes its lock; `None`
/// when it has gone meanwhile.
async fn rescued(
    shared: &Shared,
    at: &WorktreePlaces,
    meta: &WorktreeMeta,
    then: Then,
) -> Result<Option<(FileLock, WorktreeMeta)>, Kept> {
    for _ in 0..RESCUES_MAX {
        let begun = SystemTime::now();
        if meta.ready {
            rescue(shared, meta).await?;
        }
        let lock = worktree::lock(at, LOCK_WAIT).await?;
        // Another attempt, or a person, may have taken it while it was being rescued.
        let Some(known) = WorktreeMeta::read(at)? else { return Ok(None) };
        if known.ready && known.captured.is_none() {
            return Err(Kept::NotRescued("another attempt works in it".to_owned()));
        }
        if then == Then::Remember && is_lent(shared, &known) {
            return Err(Kept::Lent);
        }
        if !known.ready || !touched::since(at.tree(), begun).await {
            return Ok(Some((lock, known)));
        }
        if then == Then::Remember {
            break;
        }
    }
    Err(Kept::Written)
}

fn is_lent(shared: &Shared, meta: &WorktreeMeta) -> bool {
    meta.lent || shared.lent().contains(&meta.ticket)
}

/// Removes idle worktrees beyond the project's limit, those first whose capture is oldest.
pub(crate) async fn evict(shared: &Shared, project: &ProjectId, worktrees_max: u32) {
    let known: Vec<_> = match worktree::list(&shared.config.places, project) {
        Ok(known) => known.into_iter().filter(|(_, meta)| meta.ready).collect(),
        Err(error) => {
            tracing::warn!(%project, %error, "worktrees cannot be listed");
            return;
        }
    };
    let limit = usize::try_from(worktrees_max).unwrap_or(usize::MAX);
    let mut surplus = known.len().saturating_sub(limit);
    let mut captured: Vec<_> =
        known.into_iter().filter(|(_, meta)| meta.captured.is_some()).collect();
    captured.sort_by_key(|(_, meta)| meta.captured.as_ref().map(|captured| captured.at));
    for (at, meta) in captured {
        if surplus == 0 {
            break;
        }
        if !is_idle(shared, &at, &meta).await {
            continue;
        }
        match clear(shared, &at, &meta, Then::Remember).await {
            Ok(()) => {
                surplus -= 1;
                tracing::info!(worktree = at.name(), "an idle worktree was evicted");
            }
            Err(kept) => {
                let error = with_causes(&kept);
                tracing::warn!(worktree = at.name(), error, "an idle worktree was not evicted");
            }
        }
    }
}

/// Clears away what a death left half done: trees that were being made or removed. Trees that
/// nobody knows are told of and left alone.
pub(crate) async fn at_start(shared: &Shared) {
    tidy_warm(shared).await;
    let places = &shared.config.places;
    let projects = worktree::projects(&places.all_worktrees()).unwrap_or_else(|error| {
        tracing::warn!(%error, "the worktrees cannot be listed");
        vec![]
    });
    for project in projects {
        let folder = places.worktrees(&project);
        if let Err(error) = gangline_git::sweep_trash(&folder).await {
            tracing::warn!(%error, "removed worktrees are not deleted yet");
        }
        match gangline_git::scan(&folder) {
            Ok(found) => found.iter().for_each(|found| tell_unknown(places, &project, found)),
            Err(error) => tracing::warn!(%error, "the worktrees cannot be listed"),
        }
    }
}

fn tell_unknown(places: &Places, project: &ProjectId, found: &gangline_git::Found) {
    use gangline_git::Found::{Gone, HalfMade, Ready, Unknown};
    match found {
        Unknown { path, why } => {
            tracing::warn!(path = %path.display(), why, "a folder among the worktrees is unknown");
        }
        Ready { path, .. } => {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if !places.worktree(project, &name).meta().exists() {
                // The next attempt of its ticket rescues it and takes its place.
                tracing::warn!(path = %path.display(), "a worktree is nobody's");
            }
        }
        HalfMade { .. } | Gone { .. } => {}
    }
}

/// Captured, in use by no job, lent to nobody, and untouched since: somebody may work in it who
/// has told nobody.
async fn is_idle(shared: &Shared, at: &WorktreePlaces, meta: &WorktreeMeta) -> bool {
    let Some(captured) = &meta.captured else { return false };
    if is_lent(shared, meta) || FileLock::is_held(at.lock()).unwrap_or(true) {
        return false;
    }
    let micros = u64::try_from(captured.at.0).unwrap_or(0);
    !touched::since(at.tree(), SystemTime::UNIX_EPOCH + Duration::from_micros(micros)).await
}
