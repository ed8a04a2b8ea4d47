//! The backend as `git worktree add` has it: one git directory, the hub's, for all. For trusted
//! agents only: from within, hooks, configuration and every branch can be reached.

use std::fs;
use std::path::{Path, PathBuf};

use gangline_domain::ids::{CommitId, JobId};

use super::place::{Place, must_have};
use super::remove::{self, RemoveError, remove_tree};
use super::{
    BackendKind, Checkout, CheckoutBackend, CheckoutError, CheckoutRequest, Identity, io_error,
    populate,
};
use crate::git::{Git, GitFailure, option};
use crate::hub::Hub;
use crate::refs::RefName;
use crate::worktrees::State;

/// Checkouts that are linked to the hub.
#[derive(Debug, Clone)]
pub struct LinkedBackend {
    hub: Hub,
}

impl LinkedBackend {
    /// Checkouts from this hub.
    pub fn new(hub: Hub) -> Self {
        Self { hub }
    }

    async fn make(
        &self,
        place: &Place<'_>,
        start: &CommitId,
        branch: Option<&RefName>,
        identity: Option<&Identity>,
    ) -> Result<PathBuf, CheckoutError> {
        place.clear().await?;
        place.register(State::Making)?;
        // Only the metadata is made under the lock: 20 at once without it fail in up to 35 of 100.
        let held = self.hub.lock().await?;
        self.unlink(place.path)?;
        let args = ["worktree", "add", "--quiet", "--no-checkout", "--detach"];
        let args = args.into_iter().chain(["--force", "--end-of-options"]).map(Into::into);
        let args = args.chain([option("", place.path), start.as_str().into()]);
        self.hub.git().call(args).ok().await?;
        let admin = self.admin_dir(place.path).ok_or_else(|| missing_admin(place.path))?;
        if let Some(branch) = branch {
            self.point(&admin, branch, start).await?;
        }
        drop(held);
        if let Some(identity) = identity {
            let config = admin.join("config.worktree");
            let text = format!("[core]\n\tbare = false\n{}", identity.config());
            fs::write(&config, text).map_err(io_error("write", &config))?;
        }
        Ok(admin)
    }

    /// Puts the branch at `start` and the worktree on the branch. What the branch was at is kept.
    async fn point(
        &self,
        admin: &Path,
        branch: &RefName,
        start: &CommitId,
    ) -> Result<(), GitFailure> {
        let mut wishes = vec![format!("update {branch} {start}\n")];
        if let Some(earlier) = crate::hub::tip(self.hub.git(), branch).await? {
            wishes.push(format!("update {} {earlier}\n", RefName::kept(&earlier)));
        }
        let update = ["-c", "core.fsync=all", "update-ref", "-m", "gangline", "--stdin"];
        self.hub.git().call(update).stdin(wishes.concat()).ok().await?;
        Git::at(admin).call(["symbolic-ref", "HEAD", branch.as_str()]).ok().await?;
        Ok(())
    }

    /// The hub's own directory about the worktree at `path`. Git's listing is not asked: it fails
    /// when another worktree comes or goes.
    fn admin_dir(&self, path: &Path) -> Option<PathBuf> {
        let dot_git = path.join(".git");
        let named = |admin: &Path| fs::read_to_string(admin.join("gitdir")).ok();
        let entries = fs::read_dir(self.hub.path().join("worktrees")).ok()?;
        let admins = entries.flatten().map(|entry| entry.path());
        admins.into_iter().find(|admin| {
            named(admin).is_some_and(|text| Path::new(text.trim_end_matches('\n')) == dot_git)
        })
    }

    fn unlink(&self, path: &Path) -> Result<(), RemoveError> {
        while let Some(admin) = self.admin_dir(path) {
            fs::remove_dir_all(&admin).map_err(remove::io_error(&admin))?;
        }
        Ok(())
    }
}

fn missing_admin(path: &Path) -> GitFailure {
    crate::git::not_understood("worktree", &format!("no record of {}", path.display()))
}

impl CheckoutBackend for LinkedBackend {
    fn kind(&self) -> BackendKind {
        BackendKind::Linked
    }

    fn isolated(&self) -> bool {
        false
    }

    async fn create(&self, request: &CheckoutRequest) -> Result<Checkout, CheckoutError> {
        let place = Place::of_attempt(request, self.kind());
        if let Some(existing) = place.existing()? {
            return Ok(existing);
        }
        let needed = [&request.base, &request.start];
        must_have(&self.hub, needed.into_iter().chain(&request.restore)).await?;
        let branch = RefName::branch(&request.branch);
        let identity = Some(&request.identity);
        let admin = self.make(&place, &request.start, Some(&branch), identity).await?;
        let git = Git::at(&admin).work_tree(&request.path);
        populate(&git, &request.start, request.restore.as_ref()).await?;
        place.register(State::Ready)?;
        Ok(place.done())
    }

    async fn detached(
        &self,
        path: &Path,
        job: &JobId,
        commit: &CommitId,
    ) -> Result<Checkout, CheckoutError> {
        must_have(&self.hub, [commit]).await?;
        self.remove(path).await?;
        let place = Place::of_commit(path, job, commit, self.kind());
        let admin = self.make(&place, commit, None, None).await?;
        populate(&Git::at(&admin).work_tree(path), commit, None).await?;
        place.register(State::Ready)?;
        Ok(place.done())
    }

    async fn remove(&self, path: &Path) -> Result<(), RemoveError> {
        remove_tree(path).await?;
        let held = self.hub.lock().await?;
        self.unlink(path)?;
        drop(held);
        remove::forget(path)
    }
}
