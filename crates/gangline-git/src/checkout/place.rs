//! The place of a checkout: what is there already, and what a killed process left.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use gangline_domain::ids::{BranchName, CommitId, JobId};

use super::remove::remove_tree;
use super::{BackendKind, Checkout, CheckoutError, CheckoutRequest, io_error};
use crate::hub::Hub;
use crate::worktrees::{self, Meta, State};

/// A checkout that is being made.
pub(super) struct Place<'a> {
    pub(super) path: &'a Path,
    pub(super) meta: Meta,
}

impl<'a> Place<'a> {
    pub(super) fn of_attempt(request: &'a CheckoutRequest, backend: BackendKind) -> Self {
        let of_job = meta(&request.job, backend, Some(&request.branch), &request.base);
        let identity = Some(request.identity.clone());
        Self { path: &request.path, meta: Meta { identity, ..of_job } }
    }

    pub(super) fn of_commit(
        path: &'a Path,
        job: &JobId,
        commit: &CommitId,
        backend: BackendKind,
    ) -> Self {
        Self { path, meta: meta(job, backend, None, commit) }
    }

    /// Looks whether the checkout wanted is there already. Its content is the agent's and is not
    /// looked at.
    pub(super) fn existing(&self) -> Result<Option<Checkout>, CheckoutError> {
        let (path, wanted) = (self.path, &self.meta);
        let is_there = match fs::symlink_metadata(path) {
            Ok(found) => found.is_dir(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(io_error("look at", path)(source)),
        };
        let occupied = || CheckoutError::Occupied { path: path.to_owned() };
        let known = worktrees::read_meta(path)?.ok_or_else(occupied)?;
        match known.state {
            State::Making => Ok(None),
            State::Ready => {
                let same = is_there
                    && (&known.branch, &known.base, known.backend)
                        == (&wanted.branch, &wanted.base, wanted.backend);
                if !same {
                    return Err(occupied());
                }
                // A resumed try goes on in its worktree as another job.
                worktrees::write_meta(path, wanted)?;
                Ok(Some(Checkout { path: path.to_owned(), existed: true }))
            }
        }
    }

    /// Makes the parent, and removes what a killed process left of this checkout.
    pub(super) async fn clear(&self) -> Result<(), CheckoutError> {
        let bad = || CheckoutError::BadPath { path: self.path.to_owned() };
        let parent = self.path.parent().filter(|_| self.path.is_absolute()).ok_or_else(bad)?;
        let name = self.path.file_name().and_then(|name| name.to_str()).ok_or_else(bad)?;
        fs::create_dir_all(parent).map_err(io_error("create", parent))?;
        let prefix = format!("{name}.partial-");
        for entry in fs::read_dir(parent).map_err(io_error("list", parent))?.flatten() {
            if entry.file_name().to_str().is_some_and(|name| name.starts_with(&prefix)) {
                remove_tree(&entry.path()).await?;
            }
        }
        // What is still here was registered as half made.
        Ok(remove_tree(self.path).await?)
    }

    pub(super) fn partial(&self) -> PathBuf {
        let mut name = self.path.as_os_str().to_owned();
        name.push(format!(".partial-{}", std::process::id()));
        PathBuf::from(name)
    }

    /// Registers the checkout in this state.
    pub(super) fn register(&self, state: State) -> Result<(), CheckoutError> {
        Ok(worktrees::write_meta(self.path, &Meta { state, ..self.meta.clone() })?)
    }

    /// The same on a thread of its own, which waits for the disk.
    pub(super) async fn register_aside(&self, state: State) -> Result<(), CheckoutError> {
        let (path, meta) = (self.path.to_owned(), Meta { state, ..self.meta.clone() });
        let at = path.clone();
        let written = tokio::task::spawn_blocking(move || worktrees::write_meta(&at, &meta)).await;
        match written {
            Ok(written) => Ok(written?),
            Err(panic) => Err(io_error("register", &path)(io::Error::other(panic))),
        }
    }

    pub(super) fn done(&self) -> Checkout {
        Checkout { path: self.path.to_owned(), existed: false }
    }
}

fn meta(job: &JobId, backend: BackendKind, branch: Option<&BranchName>, base: &CommitId) -> Meta {
    Meta {
        version: worktrees::META_VERSION,
        job: job.clone(),
        ticket: job.ticket.key.clone(),
        branch: branch.cloned(),
        base: base.clone(),
        backend,
        identity: None,
        state: State::Ready,
    }
}

/// Refuses commits that the hub does not hold, by name.
pub(super) async fn must_have<'a>(
    hub: &Hub,
    commits: impl IntoIterator<Item = &'a CommitId>,
) -> Result<(), CheckoutError> {
    let commits: Vec<&CommitId> = commits.into_iter().collect();
    let asked: Vec<String> =
        commits.iter().map(|commit| format!("{commit}^{{commit}}\n")).collect();
    let call = hub.git().call(["cat-file", "--batch-check=%(objecttype)"]).stdin(asked.concat());
    let answers = call.ok().await?.stdout.text();
    for (commit, answer) in commits.into_iter().zip(answers.lines()) {
        if answer != "commit" {
            return Err(CheckoutError::NoSuchCommit { commit: commit.clone() });
        }
    }
    Ok(())
}
