//! A capture: what an attempt left, fetched by a sandbox that only reads, and imported checked.

use std::time::Duration;

use gangline_domain::ids::JobId;
use gangline_domain::job::{AttemptEnd, EndKind, Infra, JobResult, Snapshot};
use gangline_domain::ticket::{Stage, TicketState, Working};
use gangline_git::Disarmed;

use crate::clock::now;
use crate::durable;
use crate::job::context::Job;
use crate::job::failure::Failure;
use crate::job::hooks::CrashPoint;
use crate::journal::Worklog;
use crate::places::WorktreePlaces;
use crate::spec::Purpose;
use crate::trees::{Commits, Hub, Import, Look};
use crate::worktree::{self, Captured, WorktreeMeta};

/// How long the attempt's own job may take to let go of the worktree.
const LOCK_WAIT: Duration = Duration::from_mins(1);

pub(crate) async fn run(job: &Job) -> Result<JobResult, Failure> {
    let wanted = wanted(job)?;
    let Some((at, _)) = worktree::find(&job.spec.places, &job.id().ticket)? else {
        job.step("there is no worktree");
        return Ok(JobResult::Captured(None));
    };
    let lock = worktree::lock(&at, LOCK_WAIT).await?;
    // Read under the lock: who had it may have written it last.
    let is_meant = |meta: &WorktreeMeta| wanted.as_ref().is_none_or(|job| meta.attempt == *job);
    let Some(meta) = WorktreeMeta::read(&at)?.filter(is_meant) else {
        job.step("the worktree is another attempt's");
        return Ok(JobResult::Captured(None));
    };
    if !meta.ready || !at.tree().exists() {
        // Evicted after an earlier capture, or never made.
        job.step("there is no worktree any more");
        return Ok(JobResult::Captured(meta.captured.map(|captured| captured.snapshot)));
    }
    let hub = Hub::of_commit(&job.spec.places.hub(&job.project().id), &meta.base).await?;
    // Whoever had taken it over has handed it back; a rescue knows nothing of that.
    let lent = meta.lent && job.spec.purpose == Purpose::Rescue;
    let snapshot = rescue_here(job, &hub, &at, &WorktreeMeta { lent, ..meta }).await?;
    job.sound()?;
    drop(lock);
    Ok(JobResult::Captured(Some(snapshot)))
}

/// The attempt whose worktree is meant. What a person hands back is the ticket's worktree,
/// whichever attempt had it last.
fn wanted(job: &Job) -> Result<Option<JobId>, Failure> {
    match (job.spec.purpose, &job.ticket().state) {
        (Purpose::Rescue, _) => Ok(Some(job.id().clone())),
        (
            Purpose::Asked,
            TicketState::Working(Working {
                stage: Stage::Capturing { end: AttemptEnd { how: EndKind::HandedBack, .. }, .. },
                ..
            }),
        ) => Ok(None),
        (Purpose::Asked, TicketState::Working(Working { attempt, .. })) => {
            Ok(Some(attempt.job.clone()))
        }
        (Purpose::Asked, _other) => {
            let what = "the ticket does not say what to capture".to_owned();
            Err(Failure::Infra(Infra::Tool(what)))
        }
    }
}

/// Captures a worktree whose lock this job holds, under the name of the attempt that used it.
/// Repeated, it finds the same and makes no second rescue ref.
pub(crate) async fn rescue_here(
    job: &Job,
    hub: &Hub,
    at: &WorktreePlaces,
    meta: &WorktreeMeta,
) -> Result<Snapshot, Failure> {
    job.step("capture");
    // What cannot be read now is no reason to lose work; names of files are all that could tell it.
    if let Err(failure) = job.secrets(&job.given()?).await {
        job.alert(format!("secrets are not known here: {}", failure.infra()));
    }
    let (scratch, out) = (job.run.scratch().join("capture"), job.run.out());
    for folder in [&scratch, &out] {
        durable::remove_tree(folder)?;
        durable::make_dir(folder)?;
    }
    let look = Look { tree: at.tree(), scratch: scratch.clone(), out: out.clone(), meta };
    let mut commits = Commits::Take;
    let mut snapshot = loop {
        let found = hub.capture(&look, job.spec.machine.best, commits).await?;
        for skipped in &found.skipped {
            job.alert(format!("not captured: {skipped}"));
        }
        job.at(CrashPoint::Bundled);
        match (hub.import(&meta.attempt, &meta.base, &found).await?, commits) {
            (Import::Done(snapshot), _) => break snapshot,
            (Import::Refused(why), Commits::Take) => {
                job.alert(format!("its commits were refused, its files are saved: {why}"));
                commits = Commits::Leave;
            }
            (Import::Refused(why), Commits::Leave) => {
                return Err(Failure::Infra(Infra::Tool(format!("nothing was imported: {why}"))));
            }
        }
    };
    job.at(CrashPoint::Imported);
    let redactor = job.vault.redactor();
    for path in snapshot.dirty_paths.iter_mut().chain(&mut snapshot.left_out) {
        *path = redactor.text(path).into_owned();
    }
    let captured = Some(Captured { snapshot: snapshot.clone(), at: now() });
    WorktreeMeta { captured, ..meta.clone() }.write(at)?;
    // From now on a person may run git in it.
    match hub.disarm(&at.tree()) {
        Ok(Disarmed::Yes | Disarmed::Shared) => {}
        Ok(Disarmed::Replaced) => {
            job.alert("its git directory is not the one it began with: run no git in it");
        }
        Err(failure) => job.alert(format!("run no git in it: {}", failure.infra())),
    }
    for folder in [&scratch, &out] {
        durable::remove_tree(folder)?;
    }
    tell_worklog(job, meta, &snapshot);
    Ok(snapshot)
}

/// The commit, into the work log of the attempt that made it.
fn tell_worklog(job: &Job, meta: &WorktreeMeta, snapshot: &Snapshot) {
    let run = job.spec.places.job(&meta.attempt, meta.fence);
    let told = match Worklog::read(&run) {
        Ok(Some(mut log)) => {
            log.commit = (snapshot.new_commits > 0).then(|| snapshot.head.clone());
            log.write(&run)
        }
        Ok(None) => Ok(()),
        Err(fault) => Err(fault),
    };
    if let Err(fault) = told {
        job.alert(fault.to_string());
    }
}
