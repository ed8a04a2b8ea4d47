//! A person with a machine of their own: directories, a repository, and the program.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// The program.
const GANGLINE: &str = env!("CARGO_BIN_EXE_gangline");

/// How long anything may take that is waited for.
const PATIENCE: Duration = Duration::from_secs(40);
const LOOK: Duration = Duration::from_millis(50);

/// A policy with one check that always passes.
pub(crate) const POLICY: &str = "[checks.test]\nrun = \"sh test.sh\"\n";
/// What that check runs: a suite of one test.
pub(crate) const SUITE: &str = "echo 1..1; echo 'ok 1 - it works'\n";
/// An agent that plays scripts.
pub(crate) const SCRIPTED: &str = "---\nname: scripted\nkind: scripted\n---\n";

/// One person's directories. The daemon, if any, ends with it.
pub(crate) struct World {
    root: TempDir,
    /// The repository `shop`.
    pub(crate) repo: PathBuf,
    env: Vec<(String, String)>,
}

/// What a command line came to.
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl World {
    /// Directories, and an empty folder `shop`.
    pub(crate) fn empty() -> Self {
        let root = tempfile::Builder::new().prefix("gl").tempdir_in("/tmp").unwrap();
        let repo = root.path().join("shop");
        for folder in ["shop", "home", "state", "config", "run"] {
            std::fs::create_dir(root.path().join(folder)).unwrap();
        }
        let mut world = Self { root, repo, env: vec![] };
        for (name, folder) in [
            ("HOME", "home"),
            ("GANGLINE_STATE_DIR", "state"),
            ("GANGLINE_CONFIG_DIR", "config"),
            ("GANGLINE_RUNTIME_DIR", "run"),
        ] {
            let path = world.root.path().join(folder).display().to_string();
            world.set(name, &path);
        }
        world.set("PATH", &std::env::var("PATH").unwrap());
        world.set("GANGLINE_PERSON", "ann");
        // Daemons of other tests run beside this one.
        world.set("GANGLINE_LISTEN", "off");
        world.set("TZ", "UTC");
        world
    }

    /// With a repository on branch `main`, without commits.
    pub(crate) fn unborn() -> Self {
        let world = Self::empty();
        world.git("init --quiet --initial-branch=main");
        world.git("config user.name Ann");
        world.git("config user.email ann@example.org");
        world
    }

    /// With a repository of one commit, whose policy passes everything and whose default agent
    /// plays the scripts in tickets.
    pub(crate) fn with_policy(policy: &str) -> Self {
        let world = Self::unborn();
        world.write("gangline.toml", policy);
        world.write("test.sh", SUITE);
        world.write(".gangline/agents/scripted.md", SCRIPTED);
        world.git("add -A");
        world.git("commit --quiet -m Start");
        world
    }

    /// As [`World::with_policy`], all in order.
    pub(crate) fn ready() -> Self {
        Self::with_policy(&format!("{POLICY}\n[agents]\ndefault = \"scripted\"\n"))
    }

    /// A path below everything that is this person's.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    /// Changes the environment.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.env.retain(|(known, _)| known != name);
        self.env.push((name.to_owned(), value.to_owned()));
    }

    /// Writes a file of the repository.
    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.repo.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Runs git in the repository; its words are separated by blanks.
    pub(crate) fn git(&self, line: &str) -> String {
        self.git_in(&self.repo, line)
    }

    /// Runs git in a directory.
    pub(crate) fn git_in(&self, cwd: &Path, line: &str) -> String {
        let mut git = command("git");
        git.args(line.split(' ')).current_dir(cwd);
        git.env_clear().envs(self.env.iter().cloned());
        git.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
        let output = git.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "git {line}: {said}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// The program, ready to be run in a directory.
    pub(crate) fn program(&self, args: &[&str], cwd: &Path) -> Command {
        let mut gangline = command(GANGLINE);
        gangline.args(args).current_dir(cwd).stdin(Stdio::null());
        gangline.env_clear().envs(self.env.iter().cloned());
        gangline
    }

    /// Where the program is.
    pub(crate) fn program_file() -> &'static str {
        GANGLINE
    }

    /// Another program, ready to be run in the repository.
    pub(crate) fn other(&self, program: &str) -> Command {
        let mut other = command(program);
        other.current_dir(&self.repo).env_clear().envs(self.env.iter().cloned());
        other
    }

    /// Runs the program in the repository.
    pub(crate) fn run(&self, args: &[&str]) -> Said {
        self.run_in(&self.repo, args)
    }

    /// Runs the program in a directory.
    pub(crate) fn run_in(&self, cwd: &Path, args: &[&str]) -> Said {
        self.said(self.program(args, cwd).output().unwrap())
    }

    fn said(&self, output: Output) -> Said {
        let Output { status, stdout, stderr } = output;
        let text = |bytes: Vec<u8>| self.shown(&String::from_utf8(bytes).unwrap());
        Said { code: status.code().unwrap_or(-1), out: text(stdout), err: text(stderr) }
    }

    /// Runs the program in the repository, with this on its standard input.
    pub(crate) fn told(&self, args: &[&str], input: &str) -> Said {
        let mut program = self.program(args, &self.repo);
        program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = program.spawn().unwrap();
        // One that has read enough may end before all is written.
        drop(child.stdin.take().unwrap().write_all(input.as_bytes()));
        self.said(child.wait_with_output().unwrap())
    }

    /// Runs a command line on a terminal of its own, types this there, and gives what it showed.
    pub(crate) fn typed(&self, line: &str, typed: &str) -> String {
        let mut script = self.other("script");
        script.args(["--quiet", "--return", "--command", line, "/dev/null"]);
        script.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = script.spawn().unwrap();
        child.stdin.take().unwrap().write_all(typed.as_bytes()).unwrap();
        let said = self.said(child.wait_with_output().unwrap());
        said.out + &said.err
    }

    /// Runs the program, which must succeed, and gives what it printed.
    pub(crate) fn done(&self, args: &[&str]) -> String {
        let said = self.run(args);
        assert_eq!(said.code, 0, "gangline {args:?}: {}{}", said.out, said.err);
        said.out
    }

    /// What the program says when it fails, with its exit code: for snapshots.
    pub(crate) fn refused(&self, args: &[&str]) -> String {
        let said = self.run(args);
        assert_ne!(said.code, 0, "gangline {args:?} succeeded: {}", said.out);
        format!("exit {}\n{}{}", said.code, said.out, said.err).trim_end().to_owned()
    }

    /// The JSON document that the program prints.
    pub(crate) fn json(&self, args: &[&str]) -> serde_json::Value {
        let args: Vec<&str> = ["--json"].iter().chain(args).copied().collect();
        let said = self.run(&args);
        serde_json::from_str(&said.out)
            .unwrap_or_else(|_| panic!("{args:?}: {}{}", said.out, said.err))
    }

    /// Writes a ticket whose agent plays `steps`, and gives the file's name.
    pub(crate) fn ticket(&self, title: &str, steps: &str) -> String {
        let name = format!("{}.md", title.to_lowercase().replace(' ', "-"));
        let steps = indented(2, steps);
        let text = format!("# {title}\n\n```gangline-script\nsteps:\n{steps}\n```\n");
        std::fs::write(self.path(&name), text).unwrap();
        self.path(&name).display().to_string()
    }

    /// Adds such a ticket and gives its key.
    pub(crate) fn add(&self, title: &str, steps: &str) -> String {
        let file = self.ticket(title, steps);
        let added = self.json(&["add", "-f", &file]);
        added["key"].as_str().unwrap_or_else(|| panic!("{added}")).to_owned()
    }

    /// The state of a ticket.
    pub(crate) fn state(&self, key: &str) -> String {
        self.json(&["show", key])["state"].as_str().unwrap().to_owned()
    }

    /// Waits until something is true of a ticket.
    pub(crate) fn until(&self, key: &str, holds: impl Fn(&serde_json::Value) -> bool) {
        let begun = Instant::now();
        loop {
            let shown = self.json(&["show", key]);
            if holds(&shown) {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "it never came to be: {shown:#}");
            std::thread::sleep(LOOK);
        }
    }

    /// Waits until a ticket's agent has said something.
    pub(crate) fn until_said(&self, key: &str, text: &str) {
        let begun = Instant::now();
        while !self.run(&["logs", key]).out.contains(text) {
            assert!(begun.elapsed() < PATIENCE, "{key} never said `{text}`");
            std::thread::sleep(LOOK);
        }
    }

    /// Waits until the daemon has made its first backup, and gives the file's name.
    pub(crate) fn until_backed_up(&self) -> String {
        let begun = Instant::now();
        loop {
            let folder = std::fs::read_dir(self.path("state/gangline.db.backups"));
            let mut files = folder.into_iter().flatten().flatten().map(|entry| entry.path());
            if let Some(backup) = files.find(|path| path.extension().is_some_and(|e| e == "db")) {
                return backup.display().to_string();
            }
            assert!(begun.elapsed() < PATIENCE, "no backup is made");
            std::thread::sleep(LOOK);
        }
    }

    /// The daemon's process.
    pub(crate) fn daemon(&self) -> u32 {
        let lock = std::fs::read_to_string(self.path("state/gangline.db.lock")).unwrap();
        lock.trim().parse().unwrap_or_else(|_| panic!("no process id: {lock}"))
    }

    /// Asks a process to end, as an interrupt does.
    pub(crate) fn terminate(&self, pid: u32) {
        let status = command("kill").arg(pid.to_string()).status().unwrap();
        assert!(status.success(), "{}", self.root.path().display());
    }

    /// Kills the daemon as a crash would.
    pub(crate) fn kill_daemon(&self) {
        let status = command("kill").args(["-9", &self.daemon().to_string()]).status().unwrap();
        assert!(status.success());
        self.until_gone();
    }

    /// Waits until no daemon answers.
    pub(crate) fn until_gone(&self) {
        let socket = self.path("run/gangline.sock");
        // It stops listening before it has said its last words.
        let process = Path::new("/proc").join(self.daemon().to_string());
        let begun = Instant::now();
        while std::os::unix::net::UnixStream::connect(&socket).is_ok() || process.exists() {
            assert!(begun.elapsed() < PATIENCE, "the daemon goes on");
            std::thread::sleep(LOOK);
        }
    }

    /// Processes whose working directory is below this person's state: agents and checks.
    pub(crate) fn processes_at_work(&self) -> Vec<String> {
        let state = self.path("state").canonicalize().unwrap();
        let entries = std::fs::read_dir("/proc").unwrap().flatten();
        let below = entries.filter_map(|entry| {
            let cwd = std::fs::read_link(entry.path().join("cwd")).ok()?;
            let line = std::fs::read_to_string(entry.path().join("cmdline")).ok()?;
            cwd.starts_with(&state).then(|| line.replace('\0', " "))
        });
        below.collect()
    }

    /// Prints what a failed test left, which is gone a moment later.
    fn tell(&self) {
        let tickets = self.run(&["--json", "list", "--all"]).out;
        eprintln!("{}", self.run(&["list", "--all"]).out);
        let page: serde_json::Value = serde_json::from_str(&tickets).unwrap_or_default();
        for ticket in page["tickets"].as_array().into_iter().flatten() {
            let key = ticket["key"].as_str().unwrap_or_default();
            eprintln!("{}{}", self.run(&["show", key]).out, self.run(&["logs", key]).out);
        }
    }

    /// Without what differs from run to run.
    pub(crate) fn shown(&self, text: &str) -> String {
        let root = self.root.path().display().to_string();
        let text = text.replace(&root, "~");
        let mut shown = String::new();
        let mut rest = text.as_str();
        while let Some(at) = rest.find("process ") {
            let (before, after) = rest.split_at(at + "process ".len());
            let digits = after.len() - after.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            shown.push_str(before);
            shown.push_str(if digits > 0 { "PID" } else { "" });
            rest = &after[digits..];
        }
        shown + rest
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if !self.path("run/gangline.sock").exists() {
            return;
        }
        if std::thread::panicking() {
            self.tell();
        }
        // The temporary directory is removed only when nothing works in it any more.
        let mut down = self.program(&["down", "--jobs"], &self.repo);
        let ended = down.stdout(Stdio::null()).stderr(Stdio::null()).status();
        if !std::thread::panicking() {
            assert!(ended.is_ok(), "the daemon could not be asked to end");
        }
    }
}

/// Each line moved to the right.
pub(crate) fn indented(by: usize, text: &str) -> String {
    let indent = " ".repeat(by);
    let lines: Vec<String> = text.lines().map(|line| format!("{indent}{line}")).collect();
    lines.join("\n")
}

/// A command with a name that only tests may use.
#[expect(clippy::disallowed_methods, reason = "a test runs the program as people do")]
fn command(program: &str) -> Command {
    Command::new(program)
}
