//! Where the agent's `git push origin` ends: in a repository of its own that leads nowhere.
//!
//! Agents push out of habit. What they did is fetched from the worktree, so that a push need not
//! reach anybody; but a push that fails sends an agent looking for another way. The remote
//! `origin` is therefore a bare repository in the attempt's scratch, which takes the attempt's own
//! branch and no other. Nobody reads it, and nobody outside the sandbox runs git on it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::durable::FileFault;
use crate::job::attempt::checkout::Checkout;
use crate::job::context::Job;
use crate::job::failure::Failure;

const CONFIG: &str = "[core]\n\trepositoryformatversion = 0\n\tbare = true\n";

/// Makes the repository; answers the variables that make it `origin`.
pub(super) fn make(job: &Job, tree: &Checkout) -> Result<Vec<(String, String)>, Failure> {
    if tree.meta.linked {
        // A linked worktree has the remotes of its repository.
        return Ok(vec![]);
    }
    let drop = job.run.scratch().join("origin.git");
    let made = write(&drop, &tree.path(), tree.meta.branch.as_str());
    made.map_err(|error| FileFault::new("make", &drop, error))?;
    let url = drop.display().to_string();
    let config = [
        ("remote.origin.url", url.as_str()),
        ("remote.origin.fetch", "+refs/heads/*:refs/remotes/origin/*"),
        // A pushed commit that the capture also finds is found once.
        ("push.default", "current"),
    ];
    let mut env = vec![("GIT_CONFIG_COUNT".to_owned(), config.len().to_string())];
    for (n, (key, value)) in config.into_iter().enumerate() {
        env.push((format!("GIT_CONFIG_KEY_{n}"), key.to_owned()));
        env.push((format!("GIT_CONFIG_VALUE_{n}"), value.to_owned()));
    }
    Ok(env)
}

fn write(drop: &Path, tree: &Path, branch: &str) -> std::io::Result<()> {
    if drop.exists() {
        fs::remove_dir_all(drop)?;
    }
    for folder in ["refs/heads", "refs/tags", "objects/info", "objects/pack", "hooks"] {
        fs::create_dir_all(drop.join(folder))?;
    }
    fs::write(drop.join("HEAD"), format!("ref: refs/heads/{branch}\n"))?;
    fs::write(drop.join("config"), CONFIG)?;
    // It has what the worktree has, and so a push copies nothing.
    let objects = tree.join(".git/objects");
    fs::write(drop.join("objects/info/alternates"), format!("{}\n", objects.display()))?;
    let hook = drop.join("hooks/update");
    // A branch's name holds neither quotes nor blanks.
    let text = format!(
        "#!/bin/sh\n[ \"$1\" = 'refs/heads/{branch}' ] && exit 0\n\
         echo 'gangline: only {branch} can be pushed here; landing is not done by pushing' >&2\n\
         exit 1\n"
    );
    fs::write(&hook, text)?;
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755))
}
