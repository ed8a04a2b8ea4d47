//! Steps that run programs, git above all.

use std::time::Duration;

use gangline_process::{Cmd, Output};

use super::{Agent, Stop, tool_done};
use crate::scripted::script::{Checkout, Commit, PathOnly, Run};

/// How long git may take.
const GIT_DEADLINE: Duration = Duration::from_mins(2);

impl Agent {
    pub(super) async fn run(&mut self, run: &Run) -> Result<(), Stop> {
        let id = self.tool("Bash", &run.argv.join(" "), vec![]);
        let [program, args @ ..] = run.argv.as_slice() else {
            return Err(Stop::Failed("`run` without a program".to_owned()));
        };
        let cmd = self.cmd(program).args(args).deadline(Duration::from_millis(run.deadline_ms));
        let done = match self.inbox.during(cmd.output()).await? {
            Ok(output) => verdict(&output),
            Err(error) => Err(error.to_string()),
        };
        let shown = match &done {
            Ok(text) | Err(text) => text.clone(),
        };
        tool_done(id, done.is_ok(), &shown);
        match done {
            Err(_) if run.must_pass => {
                Err(Stop::Failed(format!("{} failed: {shown}", run.argv.join(" "))))
            }
            Ok(_) | Err(_) => Ok(()),
        }
    }

    pub(super) async fn stage(&mut self, paths: Vec<String>) -> Result<(), Stop> {
        let mut args = vec!["add".to_owned(), "--".to_owned()];
        args.extend(paths);
        self.git(args, &[]).await.map(drop)
    }

    pub(super) async fn commit(&mut self, commit: &Commit) -> Result<(), Stop> {
        if commit.all {
            let mut args: Vec<String> = ["add", "-A", "--", "."].map(str::to_owned).into();
            args.extend(self.dirty.iter().map(|path| format!(":(exclude,top){path}")));
            self.git(args, &[]).await?;
        }
        let mut args = self.identity().await?;
        args.extend(["commit", "-q", "-m"].map(str::to_owned));
        args.push(commit.message.clone());
        if commit.allow_empty {
            args.push("--allow-empty".to_owned());
        }
        let date = commit.date.as_deref();
        let dates = date.map(|date| [("GIT_AUTHOR_DATE", date), ("GIT_COMMITTER_DATE", date)]);
        self.git(args, dates.as_ref().map_or(&[], |dates| &dates[..])).await.map(drop)
    }

    pub(super) async fn checkout(&mut self, checkout: &Checkout) -> Result<(), Stop> {
        let mut args: Vec<String> = ["checkout", "-q"].map(str::to_owned).into();
        if checkout.create {
            args.push("-b".to_owned());
        }
        args.push(checkout.branch.clone());
        self.git(args, &[]).await.map(drop)
    }

    pub(super) async fn nested_repo(&mut self, path: &PathOnly) -> Result<(), Stop> {
        let folder = self.cwd.join(&path.path);
        let file = folder.join("inner.txt");
        let made = std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(file, "inner\n"));
        made.map_err(|error| Stop::Failed(format!("{}: {error}", path.path)))?;
        let inside = |args: &[&str]| {
            let place = ["-C", path.path.as_str()].into_iter();
            place.chain(args.iter().copied()).map(str::to_owned).collect::<Vec<_>>()
        };
        self.git(inside(&["init", "-q"]), &[]).await?;
        self.git(inside(&["add", "-A"]), &[]).await?;
        let own = ["-c", "user.name=Inner", "-c", "user.email=inner@localhost"];
        let commit = [&own[..], &["commit", "-q", "-m", "inner"]].concat();
        self.git(inside(&commit), &[]).await.map(drop)
    }

    /// A name for commits, where the checkout has none set up.
    async fn identity(&mut self) -> Result<Vec<String>, Stop> {
        let asked = self.cmd("git").args(["config", "user.email"]).deadline(GIT_DEADLINE).output();
        let set = self.inbox.during(asked).await?.is_ok_and(|output| output.success());
        let own = ["-c", "user.name=Scripted Agent", "-c", "user.email=scripted@localhost"];
        Ok(if set { vec![] } else { own.map(str::to_owned).into() })
    }

    async fn git(&mut self, args: Vec<String>, env: &[(&str, &str)]) -> Result<String, Stop> {
        let shown = format!("git {}", args.join(" "));
        let id = self.tool("Bash", &shown, vec![]);
        let mut cmd = self.cmd("git").args(args).deadline(GIT_DEADLINE);
        for (name, value) in env {
            cmd = cmd.env(*name, *value);
        }
        let done = match self.inbox.during(cmd.output()).await? {
            Ok(output) => verdict(&output),
            Err(error) => Err(error.to_string()),
        };
        let told = match &done {
            Ok(text) | Err(text) => text.clone(),
        };
        tool_done(id, done.is_ok(), &told);
        done.map_err(|message| Stop::Failed(format!("{shown}: {message}")))
    }

    /// A program in the worktree with the agent's own environment, as agents run theirs.
    fn cmd(&self, program: &str) -> Cmd {
        let mut cmd = Cmd::new(program).cwd(&self.cwd);
        for (name, value) in std::env::vars_os() {
            cmd = cmd.env(name, value);
        }
        cmd
    }
}

/// What a program printed, as a success or a failure.
fn verdict(output: &Output) -> Result<String, String> {
    let printed = format!("{}{}", output.stdout.text(), output.stderr.text());
    match (output.success(), output.timed_out) {
        (true, _) => Ok(printed),
        (false, true) => Err(format!("{printed}\nit took too long")),
        (false, false) => Err(format!("{printed}\n{}", output.status)),
    }
}
