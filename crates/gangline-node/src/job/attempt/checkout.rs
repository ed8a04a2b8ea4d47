//! The attempt's worktree: a new one, the one that an earlier attempt left, or its equal.

use std::path::{Path, PathBuf};
use std::time::Duration;

use gangline_domain::ids::{BranchName, CommitId};
use gangline_domain::job::{Attempt, Infra, Left, Start};
use gangline_policy::{Backend, Policy};
use gangline_process::{FileLock, Tier};

use crate::clock::now;
use crate::durable::FileFault;
use crate::job::capture;
use crate::job::context::Job;
use crate::job::failure::Failure;
use crate::places::WorktreePlaces;
use crate::port_lease::{self, PortLease};
use crate::trees::{self, Brought, Hub, NewTree};
use crate::worktree::{self, WorktreeMeta};

/// How long the job that had the worktree before may take to let go of it.
const LOCK_WAIT: Duration = Duration::from_mins(1);

/// A worktree that this job has for itself.
pub(crate) struct Checkout {
    pub(crate) at: WorktreePlaces,
    pub(crate) meta: WorktreeMeta,
    pub(crate) ports: Option<PortLease>,
    /// It was made just now, so that `setup` has not run in it.
    pub(crate) fresh: bool,
    _lock: FileLock,
}

impl Checkout {
    /// The tree.
    pub(crate) fn path(&self) -> PathBuf {
        self.at.tree()
    }

    /// Makes sure that the tree is known even after a loss of power.
    pub(super) fn make_known(&self) -> Result<(), FileFault> {
        WorktreeMeta::sync(&self.at)
    }

    /// Files of which git writes one, at least, whenever HEAD moves. The hub has a linked tree's.
    pub(super) fn head_marks(&self, hub: &Path) -> Vec<PathBuf> {
        let own = self.path().join(".git");
        let git_dir = if self.meta.linked { hub.to_owned() } else { own.clone() };
        vec![git_dir.join("refs/heads").join(self.meta.branch.as_str()), own.join("logs/HEAD")]
    }
}

/// Makes or finds the attempt's worktree.
pub(super) async fn take(
    job: &Job,
    attempt: &Attempt,
    hub: &Hub,
    (base, policy): (&CommitId, &Policy),
) -> Result<Checkout, Failure> {
    let linked = backend(job, policy)?;
    let known = worktree::find(&job.spec.places, &job.id().ticket)?;
    let at = match &known {
        Some((at, _)) => at.clone(),
        None => free_name(job, policy)?,
    };
    let lock = worktree::lock(&at, LOCK_WAIT).await?;
    // Read again: whoever had it may have captured it meanwhile.
    let known = WorktreeMeta::read(&at)?.filter(|meta| meta.ticket == job.id().ticket);
    let preferred = known.as_ref().and_then(|meta| meta.port_base);
    let ports = ports(job, policy, preferred)?;
    if let (Start::Resume(left), Some(meta)) = (&attempt.start, &known)
        && meta.ready
        && meta.base == left.base
        && at.tree().is_dir()
    {
        job.step(format!("worktree {} as it was left", at.name()));
        let meta = WorktreeMeta {
            attempt: job.id().clone(),
            fence: job.spec.fence(),
            used_at: now(),
            port_base: ports.as_ref().map(|ports| ports.base),
            lent: false,
            captured: None,
            ..meta.clone()
        };
        meta.write(&at)?;
        return Ok(Checkout { at, meta, ports, fresh: false, _lock: lock });
    }
    match &known {
        Some(meta) => clear(job, hub, &at, meta).await?,
        None => clear_unknown(job, hub, &at, policy).await?,
    }
    let branch = match (&attempt.start, &known) {
        (Start::Resume(_), Some(meta)) => meta.branch.clone(),
        _new => trees::branch_name(job.ticket(), policy)?,
    };
    let port_base = ports.as_ref().map(|ports| ports.base);
    let meta = new_meta(job, (base, branch), linked, port_base);
    let meta = make(job, attempt, hub, (&at, meta, policy)).await?;
    Ok(Checkout { at, meta, ports, fresh: true, _lock: lock })
}

/// Whether worktrees are linked ones, which a sandbox cannot isolate.
fn backend(job: &Job, policy: &Policy) -> Result<bool, Failure> {
    match (policy.worktree.backend, job.spec.machine.tier) {
        (Backend::Clone, _) => Ok(false),
        (Backend::Linked, Tier::L0) => Ok(true),
        (Backend::Linked, Tier::L1 | Tier::L2) => Err(Failure::Infra(Infra::SetupFailed(
            "worktree.backend = \"linked\" cannot be isolated by a sandbox: use \"clone\", or \
             run trusted agents with tier = \"none\" in the machine's config.toml"
                .to_owned(),
        ))),
    }
}

/// The template's name, or one that is the ticket's alone where another ticket has that.
fn free_name(job: &Job, policy: &Policy) -> Result<WorktreePlaces, Failure> {
    let name = trees::worktree_name(job.ticket(), policy)?;
    let places = &job.spec.places;
    let project = &job.project().id;
    let at = places.worktree(project, &name);
    match WorktreeMeta::read(&at)? {
        Some(meta) if meta.ticket != job.id().ticket => {
            Ok(places.worktree(project, &format!("{name}-{}", job.id().ticket.key)))
        }
        Some(_) | None => Ok(at),
    }
}

fn ports(job: &Job, policy: &Policy, preferred: Option<u16>) -> Result<Option<PortLease>, Failure> {
    let (folder, first) = (job.spec.places.ports(), job.spec.machine.ports_first);
    let taken = port_lease::take(&folder, first, policy.worktree.ports, preferred)?;
    if taken.is_none() {
        job.alert("no range of ports is free; the worktree has none");
    }
    Ok(taken)
}

/// Removes an old tree; what is in it is put under a rescue ref first.
async fn clear(
    job: &Job,
    hub: &Hub,
    at: &WorktreePlaces,
    meta: &WorktreeMeta,
) -> Result<(), Failure> {
    if meta.ready && at.tree().exists() {
        job.step("rescue of the worktree that was there");
        capture::rescue_here(job, hub, at, meta).await?;
    }
    trees::remove(&job.spec.places.hub(&job.project().id), &at.tree(), meta)
        .await
        .map_err(|error| Failure::tool("removing the old worktree", &error))
}

/// Makes room where a tree stands of which the node knows nothing. What git's registry knows is
/// rescued and removed; anything else is set aside for a person.
async fn clear_unknown(
    job: &Job,
    hub: &Hub,
    at: &WorktreePlaces,
    policy: &Policy,
) -> Result<(), Failure> {
    let tree = at.tree();
    if tree.symlink_metadata().is_err() {
        return Ok(());
    }
    let registered = trees::registered(&tree, job.spec.fence())?;
    if let Some(meta) = registered.filter(|meta| meta.ticket == job.id().ticket) {
        let secrets = policy.worktree.secrets.iter().map(|path| path.as_str().to_owned());
        let meta = WorktreeMeta { excluded: secrets.collect(), ..meta };
        return clear(job, hub, at, &meta).await;
    }
    let aside = tree.with_file_name(format!("{}.unknown-{}", at.name(), now().0));
    job.alert(format!("{} was in the way and is set aside as {}", tree.display(), aside.display()));
    std::fs::rename(&tree, &aside).map_err(|error| FileFault::new("set aside", tree, error).into())
}

fn new_meta(
    job: &Job,
    (base, branch): (&CommitId, BranchName),
    linked: bool,
    port_base: Option<u16>,
) -> WorktreeMeta {
    WorktreeMeta {
        version: 1,
        ticket: job.id().ticket.clone(),
        attempt: job.id().clone(),
        fence: job.spec.fence(),
        branch,
        base: base.clone(),
        linked,
        ready: false,
        excluded: vec![],
        shown: vec![],
        port_base,
        lent: false,
        used_at: now(),
        captured: None,
    }
}

/// Makes the tree: from the base, or as the last attempt left it.
async fn make(
    job: &Job,
    attempt: &Attempt,
    hub: &Hub,
    (at, meta, policy): (&WorktreePlaces, WorktreeMeta, &Policy),
) -> Result<WorktreeMeta, Failure> {
    meta.write(at)?;
    let (start, rescue) = match &attempt.start {
        Start::Fresh => (meta.base.clone(), None),
        Start::Resume(Left { head, rescue, .. }) => (head.clone(), rescue.clone()),
    };
    job.step(format!("checkout of {} into {}", &start.as_str()[..12], at.name()));
    let new = NewTree {
        path: at.tree(),
        job: job.id().clone(),
        base: meta.base.clone(),
        branch: meta.branch.clone(),
        start,
        rescue,
        agent: attempt.agent.clone(),
        linked: meta.linked,
    };
    hub.make_tree(&new).await?;
    let repo = PathBuf::from(&job.settings().repo);
    let Brought { excluded, shown } = trees::provision(&repo, &at.tree(), policy).await?;
    let meta = WorktreeMeta { ready: true, excluded, shown, ..meta };
    // Synced while the agent starts: until it has done something, nothing can be lost.
    meta.write_lazily(at)?;
    Ok(meta)
}
