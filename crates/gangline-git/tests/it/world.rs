//! A small world: a person's repository, a hub, worktrees. Built with plain git, as a person
//! would.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use gangline_domain::ids::{BranchName, CommitId, JobId, Timestamp};
use gangline_git::{
    BackendKind, CaptureError, CaptureRequest, Captured, Checkout, CheckoutBackend,
    CheckoutRequest, CloneBackend, Commits, Hub, Identity, ImportRequest, Imported, Inside,
    PersonRepo, capture, inspect,
};
use gangline_process::Tier;

/// What works behind the wall: the program that this crate builds for it.
static INSIDE: LazyLock<Inside> = LazyLock::new(|| Inside {
    program: env!("CARGO_BIN_EXE_gangline-capture-inside").into(),
    args: vec![],
});

pub(crate) const TIME: Timestamp = Timestamp(1_700_000_000_000_000);

/// Everything lies in one temporary directory.
pub(crate) struct World {
    root: tempfile::TempDir,
    worktree: PathBuf,
    scratch: PathBuf,
    out: PathBuf,
    pub(crate) hub: Hub,
    pub(crate) base: CommitId,
}

impl World {
    /// A repository with one commit of three files on `main`, fetched into a hub.
    pub(crate) async fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let person = root.path().join("person");
        git(root.path(), ["init", "--quiet", "--initial-branch=main", "person"]);
        fs::create_dir(person.join("src")).unwrap();
        fs::write(person.join("README.md"), "# shop\n").unwrap();
        fs::write(person.join("src/lib.rs"), "one\ntwo\nthree\n").unwrap();
        fs::write(person.join(".gitignore"), "/target/\n.env\n").unwrap();
        commit_all(&person, "first");
        let repo = inspect(&person).await.unwrap();
        let hub = Hub::open_or_create(&root.path().join("hub"), repo.format).await.unwrap();
        let base = hub.fetch_target(&repo, &branch("main")).await.unwrap();
        let at = |name: &str| root.path().join(name);
        let (worktree, scratch, out) = (at("worktrees/shop-APP-1"), at("scratch"), at("out"));
        Self { root, worktree, scratch, out, hub, base }
    }

    pub(crate) fn path(&self) -> &Path {
        self.root.path()
    }

    pub(crate) fn person(&self) -> PathBuf {
        self.path().join("person")
    }

    pub(crate) async fn repo(&self) -> PersonRepo {
        inspect(&self.person()).await.unwrap()
    }

    pub(crate) fn worktree(&self) -> PathBuf {
        self.worktree.clone()
    }

    pub(crate) fn request(&self) -> CheckoutRequest {
        CheckoutRequest {
            path: self.worktree(),
            job: job("shop.APP-1.a1"),
            base: self.base.clone(),
            branch: branch("gangline/APP-1-fix"),
            start: self.base.clone(),
            restore: None,
            identity: Identity::new("Worker", "worker@localhost").unwrap(),
        }
    }

    /// An attempt's checkout, isolated.
    pub(crate) async fn checkout(&self) -> Checkout {
        CloneBackend::new(self.hub.clone()).create(&self.request()).await.unwrap()
    }

    pub(crate) async fn capture(&self) -> Captured {
        self.capture_with(|_| {}).await
    }

    /// Captures in a sandbox where the machine has one.
    pub(crate) async fn capture_with<'a>(
        &'a self,
        change: impl FnOnce(&mut CaptureRequest<'a>),
    ) -> Captured {
        self.try_capture_with(change).await.unwrap()
    }

    pub(crate) async fn try_capture_with<'a>(
        &'a self,
        change: impl FnOnce(&mut CaptureRequest<'a>),
    ) -> Result<Captured, CaptureError> {
        fs::create_dir_all(&self.out).unwrap();
        let mut request = CaptureRequest {
            worktree: &self.worktree,
            backend: BackendKind::Clone,
            hub: &self.hub,
            base: &self.base,
            exclude: &[],
            scratch: &self.scratch,
            out: &self.out,
            tier: best_tier().await,
            inside: &INSIDE,
            time: TIME,
            commits: Commits::Take,
            file_bytes_max: 1024 * 1024,
        };
        change(&mut request);
        capture(&request).await
    }

    pub(crate) async fn import(&self, captured: &Captured) -> Imported {
        self.hub.import_bundle(&self.import_request(captured)).await.unwrap()
    }

    pub(crate) fn import_request<'a>(&'a self, captured: &'a Captured) -> ImportRequest<'a> {
        static JOB: LazyLock<JobId> = LazyLock::new(|| job("shop.APP-1.a1"));
        ImportRequest { job: &JOB, base: &self.base, captured, bundle_bytes_max: 64 * 1024 * 1024 }
    }

    /// The files of a commit in the hub, one `mode path` a line.
    pub(crate) fn files_of(&self, commit: &CommitId) -> String {
        let format = "--format=%(objectmode) %(path)";
        git(self.hub.path(), ["ls-tree", "-r", format, commit.as_str()])
    }

    /// A file's content at a commit in the hub.
    pub(crate) async fn content(&self, commit: &CommitId, path: &str) -> Option<String> {
        let bytes = self.hub.read_file(commit, path, 1024 * 1024).await.unwrap()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Another commit on the person's `main`, fetched into the hub.
    pub(crate) async fn advance(&self, path: &str, text: &str) -> CommitId {
        write(&self.person().join(path), text);
        commit_all(&self.person(), &format!("change {path}"));
        self.hub.fetch_target(&self.repo().await, &branch("main")).await.unwrap()
    }

    /// A commit on top of `parent`, made in the hub without a worktree.
    pub(crate) fn hub_commit(&self, parent: &CommitId, path: &str, text: &str) -> CommitId {
        let scratch = self.path().join(format!("made-{}", text.len() + path.len()));
        drop(fs::remove_dir_all(&scratch));
        git(
            self.path(),
            [
                "clone",
                "--quiet",
                "--no-checkout",
                "--shared",
                text_of(self.hub.path()),
                text_of(&scratch),
            ],
        );
        git(&scratch, ["checkout", "--quiet", "--detach", parent.as_str()]);
        write(&scratch.join(path), text);
        commit_all(&scratch, &format!("change {path}"));
        let commit = head_of(&scratch);
        let name = format!("{commit}:refs/gangline/test/{commit}");
        git(&scratch, ["push", "--quiet", text_of(self.hub.path()), &name]);
        commit
    }
}

pub(crate) async fn best_tier() -> Tier {
    gangline_process::probe().await.best()
}

pub(crate) fn branch(name: &str) -> BranchName {
    name.parse().unwrap()
}

pub(crate) fn job(id: &str) -> JobId {
    id.parse().unwrap()
}

pub(crate) fn text_of(path: &Path) -> &str {
    path.to_str().unwrap()
}

pub(crate) fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

pub(crate) fn commit_all(repository: &Path, subject: &str) {
    git(repository, ["add", "--all"]);
    git(repository, ["commit", "--quiet", "--allow-empty", "--message", subject]);
}

pub(crate) fn head_of(repository: &Path) -> CommitId {
    git(repository, ["rev-parse", "HEAD"]).parse().unwrap()
}

/// Plain git, as a person or an agent uses it; must succeed.
pub(crate) fn git<I>(directory: &Path, args: I) -> String
where
    I: IntoIterator,
    I::Item: AsRef<OsStr>,
{
    let output = git_output(directory, args);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
}

pub(crate) fn git_output<I>(directory: &Path, args: I) -> std::process::Output
where
    I: IntoIterator,
    I::Item: AsRef<OsStr>,
{
    #[expect(clippy::disallowed_methods, reason = "the person and the agent use git by themselves")]
    let mut command = std::process::Command::new("git");
    for (key, _) in std::env::vars_os().filter(|(key, _)| key.to_string_lossy().starts_with("GIT_"))
    {
        command.env_remove(key);
    }
    command
        .current_dir(directory)
        .args(["-c", "protocol.file.allow=always", "-c", "init.defaultBranch=main"])
        .args(args)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_AUTHOR_NAME", "Person")
        .env("GIT_AUTHOR_EMAIL", "person@localhost")
        .env("GIT_COMMITTER_NAME", "Person")
        .env("GIT_COMMITTER_EMAIL", "person@localhost")
        .env("GIT_AUTHOR_DATE", "@1700000000 +0000")
        .env("GIT_COMMITTER_DATE", "@1700000000 +0000")
        .output()
        .unwrap()
}
