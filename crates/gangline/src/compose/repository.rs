//! A person's repository, and what is wrong with it in the API's own codes.

use std::path::{Path, PathBuf};

use gangline_api::codes;
use gangline_api::problem::Problem;
use gangline_domain::ids::ProjectId;
use gangline_git::{FetchTargetError, InspectError, PersonRepo, TargetError, inspect};

/// A person's repository, as it was found.
#[derive(Debug, Clone)]
pub(crate) struct Repository {
    /// What git says of it.
    pub(super) found: PersonRepo,
    /// The top of its main working tree, by which the project is known.
    pub(super) root: PathBuf,
}

/// Looks at the repository around `path`.
pub(crate) async fn look_at(path: &Path) -> Result<Repository, Box<Problem>> {
    let found = inspect(path).await.map_err(|error| Box::new(uninspected(&error)))?;
    // A linked working tree belongs to the project of the main one.
    let main =
        found.common_dir.parent().filter(|_| found.linked && found.common_dir.ends_with(".git"));
    let root = main.unwrap_or(&found.toplevel);
    let root = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    Ok(Repository { found, root })
}

impl Repository {
    /// A project name made from the directory's, where the policy gives none.
    pub(super) fn name(&self) -> ProjectId {
        named(&self.root)
    }
}

fn named(root: &Path) -> ProjectId {
    let directory = root.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let mut name = String::new();
    for c in directory.chars() {
        let kept = if c.is_ascii_alphanumeric() { c } else { '-' };
        if !(kept == '-' && (name.is_empty() || name.ends_with('-'))) && name.len() < 40 {
            name.push(kept);
        }
    }
    let fallback = || "project".parse().expect("BUG: the fallback is a name");
    name.trim_end_matches('-').parse().unwrap_or_else(|_| fallback())
}

fn uninspected(error: &InspectError) -> Problem {
    let detail = error.to_string();
    match error {
        InspectError::NoSuchDirectory { .. } => Problem::new(codes::not_a_repository, detail),
        InspectError::NotARepository { .. } => Problem::new(codes::not_a_repository, detail)
            .hint("git init && git commit --allow-empty -m \"Start\""),
        InspectError::Bare { .. } => Problem::new(codes::not_a_repository, detail)
            .hint("git clone it, and work in the clone"),
        InspectError::OwnedByAnother { path } => Problem::new(codes::not_a_repository, detail)
            .hint(format!("git config --global --add safe.directory {}", path.display())),
        InspectError::NoCommits { .. } => {
            Problem::new(codes::no_commits, detail).hint("git add -A && git commit -m \"Start\"")
        }
        InspectError::Git(failure) => {
            tracing::error!(error = failure as &dyn std::error::Error, "git failed");
            Problem::new(codes::unavailable, detail).hint("gangline doctor")
        }
    }
}

/// Why a branch is no target, as a problem.
pub(super) fn no_target(error: &TargetError) -> Problem {
    let detail = error.to_string();
    match error {
        TargetError::MissingBranch { existing, .. } => {
            let other = existing.first().map_or("BRANCH", String::as_str);
            Problem::new(codes::missing_branch, detail)
                .hint(format!("write target = \"{other}\" under [project] in gangline.toml"))
        }
        TargetError::NoBranch { .. } => {
            Problem::new(codes::detached_head, detail).hint("git switch BRANCH")
        }
        TargetError::Git(failure) => {
            tracing::error!(error = failure as &dyn std::error::Error, "git failed");
            Problem::new(codes::unavailable, detail).hint("gangline doctor")
        }
    }
}

/// Why a target was not fetched, as a problem.
pub(super) fn unfetched(error: &FetchTargetError) -> Problem {
    match error {
        FetchTargetError::Target(error) => no_target(error),
        FetchTargetError::Shallow => {
            Problem::new(codes::not_a_repository, error.to_string()).hint("git fetch --unshallow")
        }
        FetchTargetError::Lock(_) | FetchTargetError::Ref(_) | FetchTargetError::Git(_) => {
            outage(error)
        }
    }
}

/// Something of ours failed; the cause goes to the log.
pub(super) fn outage(error: &(dyn std::error::Error + 'static)) -> Problem {
    tracing::error!(error, "a repository could not be read");
    Problem::new(codes::unavailable, error.to_string()).hint("gangline doctor")
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_directory_gives_a_name_that_is_one() {
        for (directory, name) in [
            ("/home/ann/My Shop", "my-shop"),
            ("/x/-dash-", "dash"),
            ("/x/日本", "project"),
            ("/", "project"),
        ] {
            assert_eq!(super::named(std::path::Path::new(directory)).as_str(), name);
        }
    }
}
