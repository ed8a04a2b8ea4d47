//! References: set by compare-and-swap, listed, deleted when they are what they should be.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

use gangline_domain::ids::{CommitId, TicketKey};

use super::Hub;
use crate::git::{Finished, Git, GitFailure, parsed};
use crate::refs::{RefName, RefPrefix};

/// How often a lock that some other git holds on a reference is tried again.
const LOCK_TRIES_MAX: u32 = 20;

/// Between two of these tries.
const LOCK_WAIT: Duration = Duration::from_millis(25);

/// How many references one listing may hold.
const LIST_BYTES_MAX: usize = 64 * 1024 * 1024;

/// More than a reference's file has that holds a commit.
const LOOSE_BYTES_MAX: u64 = 128;

/// What a reference must be for a change to happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// It does not exist.
    Absent,
    /// It is at this commit.
    At(CommitId),
}

/// What came of a wish to change a reference.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "the reference may be elsewhere"]
pub enum RefChange {
    /// It is now as wished.
    Set,
    /// It was not as expected and stays as it is.
    Lost {
        /// Where it is; `None` when it does not exist.
        found: Option<CommitId>,
    },
}

/// Why a reference could not be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum RefError {
    /// Other gits kept it locked. Trying later helps.
    #[error("{name} stays locked")]
    Busy {
        /// The reference.
        name: RefName,
    },
    /// Git failed.
    #[error(transparent)]
    Git(#[from] GitFailure),
}

impl Hub {
    /// The commit that a reference names; `None` when it does not exist.
    pub async fn resolve(&self, name: &RefName) -> Result<Option<CommitId>, RefError> {
        Ok(tip(self.git(), name).await?)
    }

    /// Moves a reference to `new` if it is as expected. A reference that is at `new` already
    /// counts as set.
    pub async fn set_ref_cas(
        &self,
        name: &RefName,
        new: &CommitId,
        expected: &Expected,
    ) -> Result<RefChange, RefError> {
        let old = match expected {
            Expected::Absent => self.format().zero(),
            Expected::At(commit) => commit.to_string(),
        };
        let wish = Wish { name, new: Some(new), old: &old };
        swap(self.git(), &wish).await
    }

    /// Deletes a reference if it is at `expected`. One that does not exist counts as deleted.
    pub async fn delete_ref_if(
        &self,
        name: &RefName,
        expected: &CommitId,
    ) -> Result<RefChange, RefError> {
        swap(self.git(), &Wish { name, new: None, old: expected.as_str() }).await
    }

    /// All references of a family with their commits, sorted by name.
    pub async fn list_refs(
        &self,
        prefix: &RefPrefix,
    ) -> Result<Vec<(RefName, CommitId)>, RefError> {
        self.list_all(&[prefix.text()]).await
    }

    /// The same of several families, which are prefixes of names or names.
    pub(super) async fn list_all(
        &self,
        prefixes: &[String],
    ) -> Result<Vec<(RefName, CommitId)>, RefError> {
        let format = "--format=%(objectname) %(refname)";
        let args = ["for-each-ref", format].into_iter();
        let call = self.git().call(args.chain(prefixes.iter().map(String::as_str)));
        let text = call.cap(LIST_BYTES_MAX).ok().await?.whole()?;
        let mut found = Vec::new();
        for line in String::from_utf8_lossy(&text).lines() {
            let Some((commit, name)) = line.split_once(' ') else { continue };
            found.push((RefName::listed(name), parsed("for-each-ref", commit)?));
        }
        Ok(found)
    }

    /// A ticket's saved states, oldest first.
    pub async fn rescue_refs(&self, key: &TicketKey) -> Result<Vec<(u32, CommitId)>, RefError> {
        let listed = self.list_refs(&RefPrefix::Rescues(key.clone())).await?;
        Ok(rescues(&listed, key))
    }

    /// The number of a ticket's next saved state, from 1.
    pub async fn next_rescue_number(&self, key: &TicketKey) -> Result<u32, RefError> {
        let last = self.rescue_refs(key).await?.last().map_or(0, |(n, _)| *n);
        Ok(last.saturating_add(1))
    }
}

/// Those of the listed names that are saved states of the ticket, oldest first.
pub(super) fn rescues(listed: &[(RefName, CommitId)], key: &TicketKey) -> Vec<(u32, CommitId)> {
    let family = RefPrefix::Rescues(key.clone()).text();
    let numbered = |(name, commit): &(RefName, CommitId)| {
        let n = name.as_str().strip_prefix(&family)?.parse().ok()?;
        Some((n, commit.clone()))
    };
    let mut found: Vec<(u32, CommitId)> = listed.iter().filter_map(numbered).collect();
    found.sort();
    found
}

/// A wish to change one reference; `new` is `None` for a deletion.
pub(crate) struct Wish<'a> {
    pub(crate) name: &'a RefName,
    pub(crate) new: Option<&'a CommitId>,
    pub(crate) old: &'a str,
}

/// Compare-and-swap in any repository. Git itself decides the race; what it says about it is
/// text, so that the outcome is read back instead.
pub(crate) async fn swap(git: &Git, wish: &Wish<'_>) -> Result<RefChange, RefError> {
    for _ in 0..LOCK_TRIES_MAX {
        let tried = attempt(git, wish).await?;
        if tried.exit.success() {
            return Ok(RefChange::Set);
        }
        let found = tip(git, wish.name).await?;
        if found.as_ref() == wish.new {
            return Ok(RefChange::Set);
        }
        let expected = !wish.old.bytes().all(|digit| digit == b'0');
        if found.as_ref().map(CommitId::as_str) != expected.then_some(wish.old) {
            return Ok(RefChange::Lost { found });
        }
        if !tried.stderr.contains(".lock") {
            return Err(tried.failure().into());
        }
        tokio::time::sleep(LOCK_WAIT).await;
    }
    Err(RefError::Busy { name: wish.name.clone() })
}

async fn attempt(git: &Git, wish: &Wish<'_>) -> Result<Finished, GitFailure> {
    let name = wish.name.as_str();
    let fixed = ["-c", "core.fsync=all", "update-ref", "-m", "gangline", "--no-deref"];
    let mut args: Vec<&str> = fixed.into();
    match wish.new {
        Some(new) => args.extend(["--end-of-options", name, new.as_str(), wish.old]),
        None => args.extend(["-d", "--end-of-options", name, wish.old]),
    }
    git.call(args).run().await
}

/// The commit in a reference's own file, which is where git looks first; `None` when that does not
/// settle it: packed, symbolic, in another format, or not there. Spares a process, for names that
/// only ever name commits.
pub(crate) fn loose_tip(git_dir: &Path, name: &RefName) -> Option<CommitId> {
    let mut text = String::new();
    let file = File::open(git_dir.join(name.as_str())).ok()?;
    file.take(LOOSE_BYTES_MAX).read_to_string(&mut text).ok()?;
    text.strip_suffix('\n')?.parse().ok()
}

/// The commit that a reference names, in any repository.
pub(crate) async fn tip(git: &Git, name: &RefName) -> Result<Option<CommitId>, GitFailure> {
    let wanted = format!("{name}^{{commit}}");
    let args = ["rev-parse", "--verify", "--quiet", "--end-of-options", &wanted];
    let finished = git.call(args).run().await?;
    if finished.exit.success() {
        let text = finished.whole()?;
        // Some versions print the separator too.
        let text = String::from_utf8_lossy(&text).replace("--end-of-options", "");
        return Ok(Some(parsed("rev-parse", &text)?));
    }
    match finished.exit {
        gangline_process::Exit::Code(1) => Ok(None),
        gangline_process::Exit::Code(_) | gangline_process::Exit::Signal(_) => {
            Err(finished.failure())
        }
    }
}
