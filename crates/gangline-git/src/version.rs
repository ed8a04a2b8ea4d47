//! Which git this is.

use std::fmt;

use crate::git::{Git, GitFailure};

/// A version of git.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct GitVersion {
    /// The first number.
    pub major: u32,
    /// The second number.
    pub minor: u32,
}

impl GitVersion {
    /// The oldest one that knows `merge-tree --write-tree`.
    pub const OLDEST: Self = Self { major: 2, minor: 38 };
}

impl fmt::Display for GitVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// Why there is no usable git.
#[derive(Debug, thiserror::Error)]
pub enum VersionError {
    /// It is older than [`GitVersion::OLDEST`].
    #[error("git {found} is too old, {} or newer is needed", GitVersion::OLDEST)]
    TooOld {
        /// What is installed.
        found: GitVersion,
    },
    /// It does not run.
    #[error(transparent)]
    Git(#[from] GitFailure),
}

/// Asks the installed git, and refuses one that is too old.
pub async fn git_version() -> Result<GitVersion, VersionError> {
    let text = Git::discover().call(["version"]).line().await?;
    let found = read(&text).ok_or_else(|| crate::git::not_understood("version", &text))?;
    if found < GitVersion::OLDEST { Err(VersionError::TooOld { found }) } else { Ok(found) }
}

fn read(text: &str) -> Option<GitVersion> {
    let mut numbers = text.strip_prefix("git version ")?.split('.');
    let major = numbers.next()?.parse().ok()?;
    let minor = numbers.next()?.split_whitespace().next()?.parse().ok()?;
    Some(GitVersion { major, minor })
}

#[cfg(test)]
mod tests;
