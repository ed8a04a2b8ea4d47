//! Which of the agent's commits can be taken: those whose history is whole.

use std::collections::BTreeSet;

use gangline_domain::ids::CommitId;

use super::agent::{Agent, AgentHead};
use super::{CaptureRequest, Ground, Skipped, SkippedWhy, Stray};
use crate::git::{GitFailure, parsed};
use crate::printable::printable_line;

/// How many commits besides the head are taken.
const STRAYS_MAX: usize = 64;

/// How many commits of the head's own are known without asking for each.
const LED_TO_MAX: usize = 10_000;

/// The agent's commits, checked for being whole.
#[derive(Debug)]
pub(super) struct Chosen {
    pub(super) commit: CommitId,
    pub(super) branch: Option<String>,
    pub(super) problem: Option<String>,
    pub(super) new_commits: u32,
    pub(super) descends_from_base: bool,
    pub(super) strays: Vec<Stray>,
    pub(super) skipped: Vec<Skipped>,
}

pub(super) async fn choose(
    request: &CaptureRequest<'_>,
    ground: &Ground,
    agent: &Agent,
) -> Result<Chosen, GitFailure> {
    let base = request.base;
    let (mut commit, mut branch, mut problem) = match &agent.head {
        AgentHead::At { commit, branch } => (commit.clone(), branch.clone(), None),
        AgentHead::Unusable { why } => (base.clone(), None, Some(why.clone())),
    };
    if let Some(why) = unusable(request, ground, &commit).await? {
        problem = Some(format!("HEAD cannot be taken: {why}"));
        (commit, branch) = (base.clone(), None);
    }
    let (strays, skipped) = strays(request, ground, agent, &commit).await?;
    let range = format!("{base}..{commit}");
    let count = ground.git.call(["rev-list", "--count", &range, "--"]).bulk().line().await?;
    let descends = ["merge-base", "--is-ancestor", base.as_str(), commit.as_str()];
    Ok(Chosen {
        new_commits: parsed("rev-list", &count)?,
        descends_from_base: ground.git.call(descends).yes().await?,
        commit,
        branch,
        problem,
        strays,
        skipped,
    })
}

/// Commits of other names that neither the head nor the base leads to.
async fn strays(
    request: &CaptureRequest<'_>,
    ground: &Ground,
    agent: &Agent,
    head: &CommitId,
) -> Result<(Vec<Stray>, Vec<Skipped>), GitFailure> {
    let mut strays: Vec<Stray> = Vec::new();
    let mut skipped = Vec::new();
    // Most of what logs name is what the head leads to: asked for once.
    let mut known = led_to(request, ground, head).await?;
    let left = agent.left.iter().map(|(name, commit)| (name, commit));
    for (name, commit) in agent.refs.iter().chain(left) {
        if !known.insert(commit.clone()) {
            continue;
        }
        let name = printable_line(name, 200);
        let Some(commit) = peeled(ground, commit).await? else {
            skipped.push(Skipped { path: name, why: SkippedWhy::BrokenHistory });
            continue;
        };
        if commit == *head || commit == *request.base {
            continue;
        }
        if strays.len() == STRAYS_MAX {
            skipped.push(Skipped { path: name, why: SkippedWhy::NotStorable });
        } else if unusable(request, ground, &commit).await?.is_some() {
            skipped.push(Skipped { path: name, why: SkippedWhy::BrokenHistory });
        } else {
            let taken = strays.iter().map(|stray| &stray.commit).chain([head, request.base]);
            if is_news(ground, &commit, taken).await? {
                strays.push(Stray { name, commit });
            }
        }
        if skipped.len() >= STRAYS_MAX {
            break;
        }
    }
    Ok((strays, skipped))
}

/// The commits between the base and the head, both included.
async fn led_to(
    request: &CaptureRequest<'_>,
    ground: &Ground,
    head: &CommitId,
) -> Result<BTreeSet<CommitId>, GitFailure> {
    let bound = format!("--max-count={LED_TO_MAX}");
    let args = ["rev-list", &bound, head.as_str(), "--not", request.base.as_str(), "--"];
    let listed = ground.git.call(args).bulk().cap(LED_TO_MAX * 65).ok().await?.whole()?;
    let listed = String::from_utf8_lossy(&listed);
    let mut found: BTreeSet<CommitId> =
        listed.lines().filter_map(|line| line.parse().ok()).collect();
    found.extend([head.clone(), request.base.clone()]);
    Ok(found)
}

/// The commit that a reference's object is or, as a tag, is about.
async fn peeled(ground: &Ground, object: &CommitId) -> Result<Option<CommitId>, GitFailure> {
    let wanted = format!("{object}^{{commit}}");
    let asked = ground.git.call(["rev-parse", "--verify", "--quiet", &wanted]).run().await?;
    Ok(asked.stdout.text().trim().parse().ok().filter(|_| asked.exit.success()))
}

async fn is_news<'a>(
    ground: &Ground,
    commit: &'a CommitId,
    known: impl Iterator<Item = &'a CommitId>,
) -> Result<bool, GitFailure> {
    let args = ["rev-list", "--count", "--max-count=1", commit.as_str(), "--not"];
    let args = args.into_iter().chain(known.map(CommitId::as_str)).chain(["--"]);
    Ok(ground.git.call(args).bulk().line().await? != "0")
}

/// Why a commit cannot be taken: its history down to the base has holes, or its tree holds a name
/// that git refuses. `None` when it can.
async fn unusable(
    request: &CaptureRequest<'_>,
    ground: &Ground,
    commit: &CommitId,
) -> Result<Option<String>, GitFailure> {
    if commit == request.base {
        return Ok(None);
    }
    let kind = ground.git.call(["cat-file", "-t", commit.as_str()]).run().await?;
    if kind.stdout.text().trim() != "commit" {
        return Ok(Some("it names no commit that is there".to_owned()));
    }
    let args = ["rev-list", "--objects", "--quiet", commit.as_str(), "--not"];
    let args = args.into_iter().chain([request.base.as_str(), "--"]);
    let walked = ground.git.call(args).bulk().run().await?;
    if !walked.exit.success() {
        return Ok(Some(format!("incomplete history: {}", printable_line(&walked.stderr, 300))));
    }
    let index = ground.with_tree(request.worktree, "index.commit");
    let read = index.call(["read-tree", commit.as_str()]).bulk().run().await?;
    let refused = || format!("refused tree: {}", printable_line(&read.stderr, 300));
    Ok((!read.exit.success()).then(refused))
}
