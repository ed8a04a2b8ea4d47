//! What there is to know of a person's repository before Gangline works with it.
//!
//! Of the person's own configuration only the repository's file is read, with hooks and monitors
//! off: a question must not run anything.

use std::path::{Path, PathBuf};

use gangline_domain::ids::{BranchName, CommitId};

use crate::git::{Finished, Git, GitFailure, parsed};
use crate::hub::ObjectFormat;
use crate::printable::printable_line;
use crate::refs::RefName;

/// How many dirty paths are named.
const DIRTY_MAX: usize = 200;

/// How many branches are named when one is missing.
const BRANCHES_MAX: usize = 30;

/// How much a listing of a working tree's state may be.
const STATUS_BYTES_MAX: usize = 32 * 1024 * 1024;

/// Where a person's `HEAD` is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Head {
    /// On a branch.
    Branch {
        /// The branch.
        name: BranchName,
        /// Its tip.
        commit: CommitId,
    },
    /// On a branch whose name Gangline does not take, such as one with a space.
    OddBranch {
        /// Its name, fit to be shown.
        name: String,
        /// Its tip.
        commit: CommitId,
    },
    /// On a commit, without a branch.
    Detached {
        /// The commit.
        commit: CommitId,
    },
}

impl Head {
    /// The commit that is checked out.
    pub fn commit(&self) -> &CommitId {
        match self {
            Self::Branch { commit, .. }
            | Self::OddBranch { commit, .. }
            | Self::Detached { commit } => commit,
        }
    }
}

/// A path that differs from what is committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirtyPath {
    /// From the top of the working tree, fit to be shown.
    pub path: String,
    /// Whether git does not know the file at all.
    pub untracked: bool,
}

/// A person's repository, as it was found.
#[derive(Debug, Clone)]
pub struct PersonRepo {
    /// The top of the working tree that was asked about.
    pub toplevel: PathBuf,
    /// That working tree's git directory.
    pub git_dir: PathBuf,
    /// The git directory that all working trees share.
    pub common_dir: PathBuf,
    /// Whether this is a linked working tree.
    pub linked: bool,
    /// Whether the history is cut off.
    pub shallow: bool,
    /// How it names objects.
    pub format: ObjectFormat,
    /// Where `HEAD` is.
    pub head: Head,
}

/// Why there is nothing to work with.
#[derive(Debug, thiserror::Error)]
pub enum InspectError {
    /// There is no such directory.
    #[error("there is no directory {}", path.display())]
    NoSuchDirectory {
        /// The path given.
        path: PathBuf,
    },
    /// No repository is there. `git init` makes one.
    #[error("{} is not in a git repository (`git init` makes one)", path.display())]
    NotARepository {
        /// The path given.
        path: PathBuf,
    },
    /// The repository has no working tree.
    #[error("{} is a bare repository; Gangline needs one with a working tree", path.display())]
    Bare {
        /// The path given.
        path: PathBuf,
    },
    /// It belongs to somebody else, so that git refuses to use it.
    #[error("{} belongs to another user, whom git does not trust", path.display())]
    OwnedByAnother {
        /// The path given.
        path: PathBuf,
    },
    /// Nothing was ever committed.
    #[error("{} has no commits yet (`git commit` makes the first)", path.display())]
    NoCommits {
        /// The path given.
        path: PathBuf,
    },
    /// Git failed.
    #[error(transparent)]
    Git(#[from] GitFailure),
}

/// Why a branch cannot be the target.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// No branch has this name.
    #[error("there is no branch {branch}{}", existing_text(existing))]
    MissingBranch {
        /// The name asked for.
        branch: BranchName,
        /// Some that are there, fit to be shown.
        existing: Vec<String>,
    },
    /// `HEAD` is on no branch that could be the target.
    #[error("HEAD is {at}, not on a branch (`git switch BRANCH`, or name the target branch)")]
    NoBranch {
        /// Where it is.
        at: String,
    },
    /// Git failed.
    #[error(transparent)]
    Git(#[from] GitFailure),
}

fn existing_text(existing: &[String]) -> String {
    match existing {
        [] => String::new(),
        some => format!("; there are {}", some.join(", ")),
    }
}

/// Looks at the repository that `path` lies in.
pub async fn inspect(path: &Path) -> Result<PersonRepo, InspectError> {
    if !path.is_dir() {
        return Err(InspectError::NoSuchDirectory { path: path.to_owned() });
    }
    let path = &std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let finished =
        ask(path, &["rev-parse", "--is-bare-repository", "--is-shallow-repository"]).await?;
    if !finished.exit.success() {
        return Err(refusal(path, &finished));
    }
    let flags = String::from_utf8_lossy(&finished.whole()?).into_owned();
    let mut flags = flags.lines();
    if flags.next() == Some("true") {
        return Err(InspectError::Bare { path: path.clone() });
    }
    let shallow = flags.next() == Some("true");
    let top = ask(path, &["rev-parse", "--path-format=absolute", "--show-toplevel"]).await?;
    if !top.exit.success() {
        // Within a git directory there is no working tree, either.
        return Err(InspectError::Bare { path: path.clone() });
    }
    let toplevel = path_from(&top)?;
    let git_dir = path_from(&ask_ok(path, &["rev-parse", "--absolute-git-dir"]).await?)?;
    let common = ["rev-parse", "--path-format=absolute", "--git-common-dir"];
    let common_dir = path_from(&ask_ok(path, &common).await?)?;
    let format = ask_ok(path, &["rev-parse", "--show-object-format"]).await?;
    let format = String::from_utf8_lossy(&format.whole()?).trim().to_owned();
    let unknown = || crate::git::not_understood("rev-parse", &format);
    let format = ObjectFormat::from_git(&format).ok_or_else(unknown)?;
    let head = head(path).await?;
    let linked = git_dir != common_dir;
    Ok(PersonRepo { toplevel, git_dir, common_dir, linked, shallow, format, head })
}

async fn head(path: &Path) -> Result<Head, InspectError> {
    let verify = ["rev-parse", "--verify", "--quiet", "HEAD^{commit}"];
    let commit = ask(path, &verify).await?;
    if !commit.exit.success() {
        return Err(InspectError::NoCommits { path: path.to_owned() });
    }
    let commit: CommitId = parsed("rev-parse", &String::from_utf8_lossy(&commit.whole()?))?;
    let symbolic = ask(path, &["symbolic-ref", "--quiet", "HEAD"]).await?;
    if !symbolic.exit.success() {
        return Ok(Head::Detached { commit });
    }
    let full = String::from_utf8_lossy(&symbolic.whole()?).trim_end_matches('\n').to_owned();
    let name = full.strip_prefix("refs/heads/").unwrap_or(&full);
    Ok(match name.parse() {
        Ok(name) => Head::Branch { name, commit },
        Err(_) => Head::OddBranch { name: printable_line(name, 100), commit },
    })
}

impl PersonRepo {
    /// The branch that is checked out, which `gangline init` proposes as the target.
    pub fn current_branch(&self) -> Result<&BranchName, TargetError> {
        match &self.head {
            Head::Branch { name, .. } => Ok(name),
            Head::OddBranch { name, .. } => {
                Err(TargetError::NoBranch { at: format!("on `{name}`, a name that is not taken") })
            }
            Head::Detached { commit } => {
                Err(TargetError::NoBranch { at: format!("detached at {commit}") })
            }
        }
    }

    /// The tip of a branch, now.
    pub async fn branch_tip(&self, branch: &BranchName) -> Result<CommitId, TargetError> {
        let name = RefName::branch(branch);
        if let Some(commit) = crate::hub::loose_tip(&self.common_dir, &name) {
            return Ok(commit);
        }
        if let Some(commit) = crate::hub::tip(&self.git(), &name).await? {
            return Ok(commit);
        }
        let existing = self.branches().await?;
        Err(TargetError::MissingBranch { branch: branch.clone(), existing })
    }

    async fn branches(&self) -> Result<Vec<String>, GitFailure> {
        let count = format!("--count={BRANCHES_MAX}");
        let args = ["for-each-ref", "--format=%(refname:lstrip=2)", &count, "refs/heads/"];
        let text = self.git().call(args).ok().await?.stdout.text();
        Ok(text.lines().map(|line| printable_line(line, 100)).collect())
    }

    /// What is changed and not committed in this working tree; at most 200 paths are named.
    pub async fn dirty(&self) -> Result<Vec<DirtyPath>, GitFailure> {
        let git = Git::at(&self.git_dir).work_tree(&self.toplevel);
        let args = ["status", "--porcelain=v1", "-z", "--untracked-files=normal", "--no-renames"];
        let args = args.into_iter().chain(["--ignore-submodules=dirty"]);
        let output = git.call(args).bulk().cap(STATUS_BYTES_MAX).ok().await?.stdout;
        let entries = output.bytes().split(|byte| *byte == 0).filter(|entry| entry.len() > 3);
        let dirty = entries.take(DIRTY_MAX).map(|entry| DirtyPath {
            path: printable_line(&String::from_utf8_lossy(&entry[3..]), 300),
            untracked: entry.starts_with(b"??"),
        });
        Ok(dirty.collect())
    }

    /// The whole repository, whatever is checked out.
    pub(crate) fn git(&self) -> Git {
        Git::at(&self.common_dir)
    }
}

async fn ask(path: &Path, args: &[&str]) -> Result<Finished, GitFailure> {
    Git::discover().call(args).cwd(path).run().await
}

async fn ask_ok(path: &Path, args: &[&str]) -> Result<Finished, GitFailure> {
    Git::discover().call(args).cwd(path).ok().await
}

fn path_from(finished: &Finished) -> Result<PathBuf, GitFailure> {
    use std::os::unix::ffi::OsStringExt;
    let mut bytes = finished.whole()?;
    // A path may itself end with a line's end; git adds just one.
    if bytes.last() == Some(&b'\n') {
        bytes.pop();
    }
    Ok(std::ffi::OsString::from_vec(bytes).into())
}

fn refusal(path: &Path, finished: &Finished) -> InspectError {
    let path = path.to_owned();
    if finished.stderr.contains("not a git repository") {
        InspectError::NotARepository { path }
    } else if finished.stderr.contains("dubious ownership") {
        InspectError::OwnedByAnother { path }
    } else {
        finished.failure().into()
    }
}
