//! The rescue commit and the bundle.

use std::fs;
use std::path::{Path, PathBuf};

use gangline_domain::ids::{CommitId, TreeId};

use super::commits::Chosen;
use super::snapshot::Taken;
use super::walk::NAMED_MAX;
use super::{CaptureError, CaptureRequest, Captured, Ground, io_error};
use crate::candidate::git_date;
use crate::durable::remove_file;
use crate::git::{GitFailure, option, parsed};
use crate::hub::{HEAD_REF, RESCUE_REF};
use crate::printable::printable_line;

/// How much a list of differing paths may be.
const LIST_BYTES_MAX: usize = 64 * 1024 * 1024;

pub(super) async fn save(
    request: &CaptureRequest<'_>,
    ground: &Ground,
    head: Chosen,
    taken: Taken,
) -> Result<Captured, CaptureError> {
    let wanted = format!("{}^{{tree}}", head.commit);
    let committed = ground.git.call(["rev-parse", "--verify", &wanted]).line().await?;
    let committed: TreeId = parsed("rev-parse", &committed)?;
    let clean = committed == taken.tree;
    let dirty_paths = match clean {
        true => Vec::new(),
        false => differing(ground, &committed, &taken.tree).await?,
    };
    let rescue = match clean && head.strays.is_empty() {
        true => None,
        false => Some(rescue(request, ground, &head, &taken.tree).await?),
    };
    let bundle = bundle(request, ground, &head.commit, rescue.as_ref()).await?;
    let mut skipped = taken.skipped;
    skipped.extend(head.skipped);
    skipped.truncate(NAMED_MAX);
    Ok(Captured {
        head: head.commit,
        branch: head.branch,
        head_problem: head.problem,
        new_commits: head.new_commits,
        descends_from_base: head.descends_from_base,
        clean,
        dirty_paths,
        rescue,
        strays: head.strays,
        bundle,
        skipped,
    })
}

async fn differing(ground: &Ground, from: &TreeId, to: &TreeId) -> Result<Vec<String>, GitFailure> {
    let args = ["diff-tree", "-r", "-z", "--name-only", "--no-renames", from.as_str(), to.as_str()];
    let output = ground.git.call(args).bulk().cap(LIST_BYTES_MAX).ok().await?.stdout;
    let paths = output.bytes().split(|byte| *byte == 0).filter(|path| !path.is_empty());
    let shown = |path: &[u8]| printable_line(&String::from_utf8_lossy(path), 300);
    Ok(paths.take(NAMED_MAX).map(shown).collect())
}

async fn rescue(
    request: &CaptureRequest<'_>,
    ground: &Ground,
    head: &Chosen,
    tree: &TreeId,
) -> Result<CommitId, GitFailure> {
    let mut args = vec!["commit-tree", "-p", head.commit.as_str()];
    for stray in &head.strays {
        args.extend(["-p", stray.commit.as_str()]);
    }
    args.extend(["-F", "-", tree.as_str()]);
    let mut message = vec!["Rescue: the worktree as it was\n".to_owned()];
    if !head.strays.is_empty() {
        message.push("\nFurther parents:\n".to_owned());
    }
    for stray in &head.strays {
        message.push(format!("- {} {}\n", stray.commit, stray.name));
    }
    let date = git_date(request.time);
    let call = ground.git.call(args).stdin(message.concat());
    let call = call.env("GIT_AUTHOR_DATE", &date).env("GIT_COMMITTER_DATE", &date);
    parsed("commit-tree", &call.line().await?)
}

/// Where the bundle of a capture stands.
pub(super) fn bundle_path(out: &Path) -> PathBuf {
    out.join("capture.bundle")
}

/// Everything that the base does not lead to, in one file; `None` when there is nothing.
async fn bundle(
    request: &CaptureRequest<'_>,
    ground: &Ground,
    head: &CommitId,
    rescue: Option<&CommitId>,
) -> Result<Option<PathBuf>, CaptureError> {
    let base = request.base.as_str();
    let mut wishes = vec![format!("update {HEAD_REF} {head}\n")];
    let mut names = vec![HEAD_REF];
    if let Some(rescue) = rescue {
        wishes.push(format!("update {RESCUE_REF} {rescue}\n"));
        names.push(RESCUE_REF);
    }
    ground.git.call(["update-ref", "--stdin"]).stdin(wishes.concat()).ok().await?;
    let news = ["rev-list", "--count", "--max-count=1"];
    let news = news.into_iter().chain(names.iter().copied()).chain(["--not", base, "--"]);
    let path = bundle_path(request.out);
    remove_file(&path).map_err(io_error("remove", &path))?;
    if ground.git.call(news).bulk().line().await? == "0" {
        return Ok(None);
    }
    let partial = request.out.join("capture.bundle.partial");
    let args = ["bundle", "create", "--quiet"].map(Into::into).into_iter();
    let args = args.chain([option("", &partial)]).chain(names.into_iter().map(Into::into));
    ground.git.call(args.chain(["--not".into(), base.into()])).bulk().ok().await?;
    let synced = fs::File::open(&partial).and_then(|file| file.sync_all());
    synced.map_err(io_error("sync", &partial))?;
    fs::rename(&partial, &path).map_err(io_error("rename", &partial))?;
    Ok(Some(path))
}
