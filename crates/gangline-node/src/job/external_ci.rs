//! `external-ci`: the commit is pushed to the project's forge, on a branch of its own, and the runs
//! that the policy names are awaited there.
//!
//! ```text
//!   hub ──push──▶ gangline/ci/KEY-COMMIT ──▶ the forge's own machines
//!                                                  │ runs of exactly this commit
//!   report ◀── passed │ failed │ not measured ◀──ask, as often as `poll` says
//! ```
//!
//! Done again, after a job died, it finds the same branch and reads the same runs. Where the forge is,
//! and what logs in there, is the machine's own; neither is known to an agent or a command.

use std::cell::Cell;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gangline_checks::{
    ChangedPath, EXTERNAL_CI, External, Subject, external_ci, external_ci_unmeasured,
};
use gangline_domain::ids::{BranchName, CommitId};
use gangline_domain::secret::Secret;
use gangline_domain::verdict::CheckResult;
use gangline_git::{Remote, RemoteError};
use gangline_policy::{ExternalCi, ForgeRef, Policy};
use gangline_ports::forge::{Forge, ForgeError};

use crate::forge::GitHub;
use crate::job::context::Job;
use crate::trees::Hub;
use crate::vault;

/// What branches on a forge begin with.
const BRANCHES: &str = "gangline/ci/";
/// Where forges are told what to run, and with which secrets.
const DEFINITIONS: [&str; 7] = [
    ".github/",
    ".gitlab-ci.yml",
    ".gitea/",
    ".forgejo/",
    ".circleci/",
    ".woodpecker",
    "Jenkinsfile",
];
/// Pushes that are tried.
const PUSHES_MAX: u32 = 3;
/// Between two looks at a forge that does not answer, at most.
const BACKOFF_MAX: Duration = Duration::from_mins(5);

/// What an answer may take beyond the time for all.
const GRACE: Duration = Duration::from_secs(5);

/// What is pushed, and where to.
pub(crate) struct Outside<'a> {
    job: &'a Job,
    hub: &'a Hub,
    policy: &'a ExternalCi,
    subject: &'a Subject,
    /// What all checks of the commit may take together.
    time: Duration,
    /// Where a branch may be left, once there may be one.
    left: Cell<Option<Remote>>,
}

impl<'a> Outside<'a> {
    /// `None` where the policy asks for none, or there is nothing to push.
    pub(crate) fn of(
        job: &'a Job,
        hub: &'a Hub,
        policy: &'a Policy,
        subject: &'a Subject,
    ) -> Option<Self> {
        let external = policy.external_ci.as_ref().filter(|_| subject.new_commits > 0)?;
        let time = Duration::from(policy.limits.verification);
        Some(Self { job, hub, policy: external, subject, time, left: Cell::new(None) })
    }

    /// Pushes and awaits. Never longer than the policy's timeout.
    pub(crate) async fn measure(&self) -> CheckResult {
        let asked = format!("{} on {}", self.policy.repository, self.policy.forge);
        self.job.step(format!("{EXTERNAL_CI}: {asked}"));
        let time = Duration::from(self.policy.timeout).min(self.time);
        // The last answer may take a moment longer; a push that hangs may not.
        let bounded = tokio::time::timeout(time + GRACE, self.measured(Instant::now() + time));
        match bounded.await {
            Ok(Ok(check)) => check,
            Ok(Err(why)) => external_ci_unmeasured(self.policy, &why),
            Err(_) => {
                let why = format!("given up after {} s: no answer", time.as_secs());
                external_ci_unmeasured(self.policy, &why)
            }
        }
    }

    /// Takes the branch away again, whatever came of it.
    pub(crate) async fn clean(&self) {
        let Some(remote) = self.left.take() else { return };
        let (branch, commit) = (self.branch(), &self.subject.commit);
        if let Err(error) = self.hub.hub.remove_branch(&remote, &branch, commit).await {
            self.job.alert(format!("{branch} is left on {}: {error}", self.policy.forge));
        }
    }

    async fn measured(&self, end: Instant) -> Result<CheckResult, String> {
        let name = &self.policy.forge;
        let Some(forge) = self.job.spec.machine.forges.get(name) else {
            let repository = &self.job.settings().repo;
            return Err(format!(
                "nothing was pushed: the forge {name} is not for this repository: add \
                 [forges.{name}] to config.toml in $XDG_CONFIG_HOME/gangline, with from = \
                 \"env://…\" (or file://, cmd://) and repositories = [{repository:?}], then type: \
                 gangline down && gangline up --detach"
            ));
        };
        let defines = definitions(self.subject);
        if !defines.is_empty() {
            let mut check = external_ci_unmeasured(
                self.policy,
                &format!(
                    "nothing was pushed: the commit changes what is run there: {}",
                    defines.join(", ")
                ),
            );
            check.permit = defines;
            return Ok(check);
        }
        let token = vault::resolve(&forge.from).await;
        let token =
            token.map_err(|error| format!("the token of {name} cannot be read: {error}"))?;
        self.job.know([(format!("forge {name}"), token.clone())]);
        let unfit = || format!("the token of {name} is not one line of text");
        let asks = GitHub::new(&forge.api, &self.policy.repository, &token).ok_or_else(unfit)?;
        let remote = remote(forge, self.policy, &token).ok_or_else(unfit)?;
        self.push(remote, end).await?;
        self.await_runs(&asks, end).await
    }

    fn branch(&self) -> BranchName {
        let commit = &self.subject.commit.as_str()[..12];
        let name = format!("{}{commit}", self.of_ticket());
        name.parse().expect("BUG: a key and a commit make a branch's name")
    }

    fn of_ticket(&self) -> String {
        format!("{BRANCHES}{}-", self.job.id().ticket.key)
    }

    async fn push(&self, remote: Remote, end: Instant) -> Result<(), String> {
        let branch = self.branch();
        self.job.step(format!("{EXTERNAL_CI}: push to {branch}"));
        self.left.set(Some(remote.clone()));
        let mut tried = 0;
        loop {
            tried += 1;
            let failed = match self.push_once(&remote, &branch).await {
                Ok(()) => return Ok(()),
                Err(error) => format!("the push to {} failed: {error}", self.policy.forge),
            };
            let wait = Duration::from_secs(1 << tried);
            if tried == PUSHES_MAX || Instant::now() + wait >= end {
                return Err(failed);
            }
            tokio::time::sleep(wait).await;
        }
    }

    /// What an earlier job of this ticket left there goes at the same time.
    async fn push_once(&self, remote: &Remote, branch: &BranchName) -> Result<(), RemoteError> {
        let hub = &self.hub.hub;
        for (other, at) in hub.remote_branches(remote, &self.of_ticket()).await? {
            if other == *branch && at == self.subject.commit {
                return Ok(());
            }
            // Of a commit that the hub does not know, it is somebody else's.
            if other != *branch && hub.has_commit(&at).await.unwrap_or(false) {
                hub.remove_branch(remote, &other, &at).await?;
            }
        }
        hub.push_branch(remote, branch, &self.subject.commit).await
    }

    async fn await_runs(&self, forge: &impl Forge, end: Instant) -> Result<CheckResult, String> {
        let (name, poll) = (&self.policy.forge, Duration::from(self.policy.poll));
        let commit: &CommitId = &self.subject.commit;
        self.job.step(format!("{EXTERNAL_CI}: wait for {}", self.policy.runs.join(", ")));
        let (mut backoff, mut seen) = (poll, None);
        loop {
            let mut wait = poll;
            let open = match forge.runs(commit).await {
                Ok(runs) => {
                    backoff = poll;
                    let appeared = seen.is_some_and(|appeared| appeared) || !runs.is_empty();
                    seen = Some(appeared);
                    match external_ci(self.policy, &runs) {
                        External::Settled(check) => return Ok(*check),
                        External::Open(_) if !appeared => format!(
                            "nothing ran on {name} for {commit}: is it told to check pushes to {BRANCHES}**?"
                        ),
                        External::Open(on) => format!("has not ended on {name}: {on}"),
                    }
                }
                Err(ForgeError::Refused(why)) => return Err(why),
                Err(ForgeError::Later { why, after }) => {
                    let left = end.saturating_duration_since(Instant::now());
                    if let Some(after) = after.filter(|after| *after > left) {
                        let (after, left) = (after.as_secs(), left.as_secs());
                        return Err(format!("{why}: in {after} s, and {left} s are left"));
                    }
                    wait = after.unwrap_or(backoff).max(backoff);
                    backoff = (backoff * 2).min(BACKOFF_MAX.max(poll));
                    why
                }
            };
            // Nobody needs to be told that it is silent.
            self.job.active();
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                let timeout = Duration::from(self.policy.timeout).min(self.time).as_secs();
                return Err(format!("given up after {timeout} s: {open}"));
            }
            tokio::time::sleep(wait.min(left)).await;
        }
    }
}

fn remote(forge: &ForgeRef, policy: &ExternalCi, token: &Secret) -> Option<Remote> {
    let url = format!("{}/{}.git", forge.git.as_str(), policy.repository);
    if url.starts_with("file://") {
        return Some(Remote { url, authorization: None });
    }
    let basic = STANDARD.encode(format!("x-access-token:{}", token.as_variable()?));
    Some(Remote { url, authorization: Some(format!("Basic {basic}")) })
}

/// Changed paths that decide what a forge runs, and that no person has approved. What runs there may
/// be given secrets, so they are looked at whatever the policy protects.
fn definitions(subject: &Subject) -> Vec<String> {
    let decides = |changed: &&ChangedPath| {
        let small = changed.path.to_lowercase();
        DEFINITIONS.iter().any(|start| small.starts_with(&start.to_lowercase()))
            && !subject.approved_paths.contains(&changed.path)
    };
    subject.changed.iter().filter(decides).map(|changed| changed.path.clone()).collect()
}
