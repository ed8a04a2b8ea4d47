//! Branches of Gangline's own in a repository elsewhere, for what is carried out there.
//!
//! Nothing but a branch that still is where Gangline put it is ever moved or removed. What logs in
//! goes to git by its environment, and from there to the one address; nobody is asked for anything.

use std::collections::BTreeMap;

use gangline_domain::ids::{BranchName, CommitId};

use crate::git::{Call, GitFailure};
use crate::hub::Hub;
use crate::printable::printable;
use crate::refs::RefName;

/// Characters of git's own words in an error.
const DETAIL_CHARS_MAX: usize = 500;

/// A repository elsewhere.
#[derive(Clone)]
pub struct Remote {
    /// Its address: `https://…`, `http://…` or `file:///…`.
    pub url: String,
    /// The whole `Authorization` header, for the web.
    pub authorization: Option<String>,
}

/// Why something could not be done there, or is not known to be.
#[derive(Debug, thiserror::Error)]
pub enum RemoteError {
    /// Git came to no end, or did not understand the other side.
    #[error(transparent)]
    Git(#[from] GitFailure),
    /// The other side did not take it.
    #[error("the push was not taken: {detail}")]
    NotTaken {
        /// In its words.
        detail: String,
    },
}

impl Hub {
    /// Branches there whose names begin so, with what they are at.
    pub async fn remote_branches(
        &self,
        remote: &Remote,
        prefix: &str,
    ) -> Result<BTreeMap<BranchName, CommitId>, RemoteError> {
        let pattern = format!("refs/heads/{prefix}*");
        let args = ["ls-remote", "--heads", "--end-of-options", remote.url.as_str(), &pattern];
        let listed = remote.call(self, &args).ok().await?.whole()?;
        let listed = String::from_utf8_lossy(&listed).into_owned();
        let branch = |line: &str| {
            let (commit, name) = line.split_once('\t')?;
            Some((name.strip_prefix("refs/heads/")?.parse().ok()?, commit.parse().ok()?))
        };
        Ok(listed.lines().filter_map(branch).collect())
    }

    /// Makes a branch there that is at `commit`. Done again, it finds it done.
    pub async fn push_branch(
        &self,
        remote: &Remote,
        branch: &BranchName,
        commit: &CommitId,
    ) -> Result<(), RemoteError> {
        let name = RefName::branch(branch);
        // Nobody else's branch of that name is overwritten: there must be none.
        self.swap_there(remote, &format!("{name}:"), &format!("{commit}:{name}")).await?;
        match self.remote_branches(remote, branch.as_str()).await?.get(branch) {
            Some(found) if found == commit => Ok(()),
            Some(found) => Err(RemoteError::NotTaken { detail: format!("{branch} is at {found}") }),
            None => Err(RemoteError::NotTaken { detail: format!("{branch} is not there") }),
        }
    }

    /// Removes a branch there that is still at `commit`.
    pub async fn remove_branch(
        &self,
        remote: &Remote,
        branch: &BranchName,
        commit: &CommitId,
    ) -> Result<(), RemoteError> {
        let name = RefName::branch(branch);
        self.swap_there(remote, &format!("{name}:{commit}"), &format!(":{name}")).await
    }

    async fn swap_there(
        &self,
        remote: &Remote,
        lease: &str,
        what: &str,
    ) -> Result<(), RemoteError> {
        let lease = format!("--force-with-lease={lease}");
        let args = ["push", "--porcelain", "--no-verify", "--no-follow-tags", "--atomic"];
        let args: Vec<&str> =
            args.into_iter().chain([&lease, "--end-of-options", &remote.url, what]).collect();
        let pushed = remote.call(self, &args).bulk().run().await?;
        let said = format!("{}\n{}", pushed.stdout.text(), pushed.stderr);
        // A branch that is there already, at the very commit, or gone already: `push_branch` looks.
        if pushed.exit.success() || said.contains("stale info") {
            return Ok(());
        }
        Err(RemoteError::NotTaken { detail: printable(said.trim(), DETAIL_CHARS_MAX) })
    }
}

impl Remote {
    fn call(&self, hub: &Hub, args: &[&str]) -> Call {
        let scheme = self.url.split("://").next().unwrap_or_default();
        let mut all = vec![
            "-c".to_owned(),
            "http.followRedirects=false".to_owned(),
            "-c".to_owned(),
            "http.lowSpeedLimit=1".to_owned(),
            "-c".to_owned(),
            "http.lowSpeedTime=60".to_owned(),
        ];
        if matches!(scheme, "http" | "https") {
            all.extend(["-c".to_owned(), format!("protocol.{scheme}.allow=always")]);
        }
        all.extend(args.iter().map(|arg| (*arg).to_owned()));
        let call = hub.git().call(all);
        match &self.authorization {
            // By the environment, which other users cannot read, and for this address alone.
            Some(header) => call
                .env("GIT_CONFIG_COUNT", "1")
                .env("GIT_CONFIG_KEY_0", format!("http.{}.extraHeader", self.url))
                .env("GIT_CONFIG_VALUE_0", format!("Authorization: {header}")),
            None => call,
        }
    }
}
