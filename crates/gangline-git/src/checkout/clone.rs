//! The isolated backend: a git directory of its own that borrows the hub's objects.

use std::fs;
use std::path::Path;

use gangline_domain::ids::{CommitId, JobId};

use super::git_dir::{HeadAt, private_git_dir};
use super::place::{Place, must_have};
use super::remove::{self, RemoveError, remove_tree};
use super::{
    BackendKind, Checkout, CheckoutBackend, CheckoutError, CheckoutRequest, Identity, io_error,
    populate,
};
use crate::git::Git;
use crate::hub::Hub;
use crate::refs::RefName;
use crate::worktrees::State;

/// Checkouts that share nothing with one another, and read nothing but objects from the hub.
#[derive(Debug, Clone)]
pub struct CloneBackend {
    hub: Hub,
}

impl CloneBackend {
    /// Checkouts from this hub.
    pub fn new(hub: Hub) -> Self {
        Self { hub }
    }

    async fn make(
        &self,
        place: &Place<'_>,
        head: &HeadAt<'_>,
        restore: Option<&CommitId>,
        identity: Option<&Identity>,
    ) -> Result<Checkout, CheckoutError> {
        place.clear().await?;
        let partial = place.partial();
        let git_dir = partial.join(".git");
        let objects = (self.hub.format(), self.hub.objects());
        private_git_dir(&git_dir, objects, head, &place.meta.base, identity)
            .map_err(io_error("create", &git_dir))?;
        let (HeadAt::Branch { start, .. } | HeadAt::Commit(start)) = head;
        let git = Git::at(&git_dir).work_tree(&partial);
        // Registered before it appears: what appears is whole. Meanwhile, because both wait.
        let (populated, registered) =
            tokio::join!(populate(&git, start, restore), place.register_aside(State::Ready));
        if let Err(failure) = populated {
            remove::forget(place.path)?;
            // Asked only now, because the answer is a process that is nearly always wasted.
            must_have(&self.hub, std::iter::once(*start).chain(restore)).await?;
            return Err(failure.into());
        }
        registered?;
        fs::rename(&partial, place.path).map_err(io_error("rename", &partial))?;
        Ok(place.done())
    }
}

impl CheckoutBackend for CloneBackend {
    fn kind(&self) -> BackendKind {
        BackendKind::Clone
    }

    fn isolated(&self) -> bool {
        true
    }

    async fn create(&self, request: &CheckoutRequest) -> Result<Checkout, CheckoutError> {
        let place = Place::of_attempt(request, self.kind());
        if let Some(existing) = place.existing()? {
            return Ok(existing);
        }
        if request.base != request.start {
            must_have(&self.hub, [&request.base]).await?;
        }
        let name = RefName::branch(&request.branch);
        let head = HeadAt::Branch { name, start: &request.start };
        self.make(&place, &head, request.restore.as_ref(), Some(&request.identity)).await
    }

    async fn detached(
        &self,
        path: &Path,
        job: &JobId,
        commit: &CommitId,
    ) -> Result<Checkout, CheckoutError> {
        self.remove(path).await?;
        let place = Place::of_commit(path, job, commit, self.kind());
        self.make(&place, &HeadAt::Commit(commit), None, None).await
    }

    async fn remove(&self, path: &Path) -> Result<(), RemoveError> {
        remove_tree(path).await?;
        remove::forget(path)
    }
}
