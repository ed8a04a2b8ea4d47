//! What differs from the base. Found out where the agent is, with the agent's rights: nobody
//! outside looks into a worktree that it could write, and nobody believes the list.

use std::path::Path;

use gangline_process::Cmd;
use serde_json::{Value, json};

use super::wire::Reply;

/// Files that are listed; the rest are counted.
const FILES_MAX: usize = 2_000;

/// The files of `worktree` that differ from `base`, with git's letter for how.
pub(super) async fn since(base: &str, worktree: &Path) -> Reply {
    let tracked = ["diff", "--name-status", "--no-renames", "-z", base, "--"];
    let untracked = ["ls-files", "--others", "--exclude-standard", "-z"];
    match tokio::try_join!(git(worktree, &tracked), git(worktree, &untracked)) {
        Ok((tracked, untracked)) => Reply::Done(listed(base, &tracked, &untracked)),
        Err(why) => Reply::Refused(format!("the changes cannot be listed: {why}")),
    }
}

async fn git(worktree: &Path, args: &[&str]) -> Result<String, String> {
    let cmd = Cmd::new("git")
        .args(["--no-optional-locks", "-C"])
        .arg(worktree)
        .args(args)
        .env_from_host(&["PATH", "HOME", "TMPDIR"])
        .cap_bytes(16 * 1024 * 1024);
    let output = cmd.output().await.map_err(|error| error.to_string())?;
    if output.success() {
        Ok(output.stdout.text())
    } else {
        Err(output.stderr.text().trim().to_owned())
    }
}

fn listed(base: &str, tracked: &str, untracked: &str) -> Value {
    let mut fields = tracked.split('\0').filter(|field| !field.is_empty());
    let mut files: Vec<(String, &str)> = vec![];
    while let (Some(letter), Some(path)) = (fields.next(), fields.next()) {
        files.push((path.to_owned(), word(letter)));
    }
    let untracked = untracked.split('\0').filter(|path| !path.is_empty());
    files.extend(untracked.map(|path| (path.to_owned(), "untracked")));
    files.sort();
    let count = files.len();
    let files = files.into_iter().take(FILES_MAX);
    let files = files.map(|(path, how)| json!({ "path": path, "change": how }));
    json!({ "base": base, "count": count, "files": files.collect::<Vec<_>>() })
}

fn word(letter: &str) -> &'static str {
    match letter {
        "A" => "added",
        "D" => "deleted",
        "T" => "type changed",
        "U" => "unmerged",
        _modified => "modified",
    }
}
