//! Loops of `kill -9` at random moments: of the orchestrator, which is the node too, and of jobs.
//! Nothing may be lost, nothing land twice, no process be left.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use gangline_process::{FileLock, JobMarker, ProcessIdentity, marked};
use serde_json::Value;

use crate::program::{Home, Program};

/// Tickets of one loop.
const TICKETS: usize = 10;
/// How long one loop may take.
const LOOP_MAX: Duration = Duration::from_mins(4);

const POLICY: &str = "version = 1\n\n[project]\nname = \"soak\"\nkey = \"SOAK\"\n\
    target = \"main\"\n\n[checks.test]\nrun = \"sh check.sh\"\nkind = \"custom\"\n\n\
    [agents]\ndefault = \"worker\"\n\n[limits]\nagents = 4\nper_definition = 4\n";

/// What one loop did.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tally {
    /// Orchestrators killed.
    pub daemons: u32,
    /// Jobs killed.
    pub jobs: u32,
}

/// A small source of choices, seeded so that a loop can be told again.
#[derive(Debug)]
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// One loop, with the moments that this seed gives.
pub async fn torment(program: &Program, seed: u64) -> anyhow::Result<Tally> {
    let home = Home::new(program)?;
    let repo = home.repository("repo", POLICY).await?;
    std::fs::write(repo.join("check.sh"), "for f in work-*; do [ -s \"$f\" ] || exit 1; done\n")?;
    home.other(&repo, &["git", "add", "--all"]).await?;
    home.other(&repo, &["git", "commit", "--quiet", "--message=Check"]).await?;
    let result = live(&home, &repo, seed).await;
    // Whatever happened, nothing of it stays behind.
    let down = home.cmd(&repo, &["down", "--jobs"]).output().await;
    let tally = result?;
    ensure!(down?.success(), "`gangline down --jobs` failed");
    nothing_runs(&home).await?;
    Ok(tally)
}

async fn live(home: &Home, repo: &Path, seed: u64) -> anyhow::Result<Tally> {
    let mut dice = Dice(seed.wrapping_mul(2_654_435_769).wrapping_add(1));
    let mut tally = Tally::default();
    home.run(repo, &["up", "--detach"]).await?;
    let mut keys = vec![];
    for n in 1..=TICKETS {
        let added = home.json(repo, &["add", "--title", "Work", "--body", &body(n)]).await?;
        keys.push(key_of(&added).with_context(|| format!("no key in {added}"))?);
    }
    let began = Instant::now();
    loop {
        ensure!(began.elapsed() < LOOP_MAX, "not done in time: {}", states(home, repo).await?);
        tokio::time::sleep(Duration::from_millis(200 + dice.below(1_800))).await;
        match dice.below(3) {
            0 => tally.jobs += kill_a_job(home, &mut dice)?,
            _daemon => {
                tally.daemons += kill_daemon(home)?;
                home.run(repo, &["up", "--detach"]).await?;
            }
        }
        let open = open_tickets(home, repo).await?;
        if open.is_empty() {
            break;
        }
    }
    judge(home, repo, &keys).await?;
    Ok(tally)
}

fn body(n: usize) -> String {
    format!(
        "Write work-{n}.\n\n```gangline-script\nsteps:\n  - sleep: 300\n  - write: {{ path: \
         work-{n}, text: \"done {n}\\n\" }}\n  - sleep: 300\n  - commit: \"Work {n}\"\n  - claim: \
         {{ summary: \"did {n}\", commits: 1 }}\n```\n"
    )
}

fn key_of(value: &Value) -> Option<String> {
    let key = value.get("key").or_else(|| value.pointer("/ticket/key"))?;
    key.as_str().map(str::to_owned)
}

async fn states(home: &Home, repo: &Path) -> anyhow::Result<String> {
    Ok(home.run(repo, &["list", "--all"]).await?.stdout.text())
}

/// Keys of tickets that are neither closed nor waiting for a person.
async fn open_tickets(home: &Home, repo: &Path) -> anyhow::Result<BTreeSet<String>> {
    let list = home.json(repo, &["list"]).await?;
    let tickets = list.get("tickets").unwrap_or(&list).as_array().context("no list")?.clone();
    let mut open = BTreeSet::new();
    for ticket in tickets {
        let key = key_of(&ticket).with_context(|| format!("no key in {ticket}"))?;
        let state = ticket.get("state").and_then(Value::as_str).unwrap_or_default().to_owned();
        if state == "escalated" {
            retry_after_the_machine(home, repo, &key).await?;
        }
        if !matches!(state.as_str(), "landed" | "delivered" | "cancelled") {
            open.insert(key);
        }
    }
    Ok(open)
}

/// A ticket whose jobs the dice have killed too often in a row is a person's, and the person lets
/// it go on. Any other escalation is a failure of the loop.
async fn retry_after_the_machine(home: &Home, repo: &Path, key: &str) -> anyhow::Result<()> {
    let detail = home.json(repo, &["show", key]).await?;
    let reason = detail.pointer("/escalation/reason").and_then(Value::as_str);
    if reason != Some("infrastructure") {
        bail!("{key} was escalated: {}", show(home, repo, key).await?);
    }
    home.run(repo, &["retry", key]).await.map(drop)
}

async fn show(home: &Home, repo: &Path, key: &str) -> anyhow::Result<String> {
    Ok(home.run(repo, &["show", key]).await?.stdout.text())
}

/// The daemon's process, as the store's lock file tells.
pub fn daemon(home: &Home) -> anyhow::Result<Option<u32>> {
    let lock = home.path("state").join("gangline.db.lock");
    let text = match std::fs::read_to_string(&lock) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("reading {}", lock.display())),
    };
    Ok(text.split_whitespace().next().and_then(|pid| pid.parse().ok()))
}

/// Ends the daemon with SIGKILL; how many that were.
pub fn kill_daemon(home: &Home) -> anyhow::Result<u32> {
    let Some(pid) = daemon(home)? else { bail!("the store's lock names no process") };
    kill(pid);
    Ok(1)
}

/// Ends what a home's owner has not ended: a test that failed, a bench that was broken off. Their
/// own records name it, and nobody else.
pub(crate) fn abandon(home: &Home) {
    let lock = home.path("state").join("gangline.db.lock");
    if FileLock::is_held(lock).unwrap_or(false) {
        drop(kill_daemon(home));
    }
    for (_, identity) in identities(home).unwrap_or_default() {
        if identity.is_alive() {
            kill(identity.pid);
        }
    }
}

/// Ends a process that this program's own children started, at once.
fn kill(pid: u32) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw) {
        match rustix::process::kill_process(pid, rustix::process::Signal::KILL) {
            // It may have ended by itself meanwhile, which is as good.
            Ok(()) | Err(_) => {}
        }
    }
}

/// The folders of all jobs that ever began, and their processes.
pub fn identities(home: &Home) -> anyhow::Result<Vec<(PathBuf, ProcessIdentity)>> {
    let mut found = vec![];
    let jobs = home.path("state").join("jobs");
    for job in list(&jobs)? {
        for run in list(&job)? {
            let Ok(text) = std::fs::read_to_string(run.join("identity.json")) else { continue };
            let Ok(value) = serde_json::from_str::<Value>(&text) else { continue };
            let identity = value.get("identity").or_else(|| value.get("process")).unwrap_or(&value);
            if let Ok(identity) = serde_json::from_value(identity.clone()) {
                found.push((run, identity));
            }
        }
    }
    Ok(found)
}

fn list(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    match std::fs::read_dir(folder) {
        Ok(entries) => {
            Ok(entries.map(|entry| entry.map(|e| e.path())).collect::<Result<_, _>>()?)
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(vec![]),
        Err(error) => Err(error.into()),
    }
}

fn kill_a_job(home: &Home, dice: &mut Dice) -> anyhow::Result<u32> {
    let living: Vec<u32> = identities(home)?
        .into_iter()
        .filter(|(_, identity)| identity.is_alive())
        .map(|(_, identity)| identity.pid)
        .collect();
    if living.is_empty() {
        return Ok(0);
    }
    let at = usize::try_from(dice.below(living.len() as u64))?;
    kill(living[at]);
    Ok(1)
}

/// Every ticket landed exactly once, the tree holds all the work, and the store agrees with
/// itself.
async fn judge(home: &Home, repo: &Path, keys: &[String]) -> anyhow::Result<()> {
    let log = home.other(repo, &["git", "log", "--format=%(trailers:key=Gangline-Ticket)", "main"]);
    let log = log.await?;
    for key in keys {
        let landed = log.lines().filter(|line| line.split_whitespace().last() == Some(key)).count();
        ensure!(landed == 1, "{key} landed {landed} times");
    }
    for n in 1..=keys.len() {
        let text = home.other(repo, &["git", "show", &format!("main:work-{n}")]).await?;
        ensure!(text == format!("done {n}\n"), "work-{n} is {text:?}");
    }
    let status = home.other(repo, &["git", "status", "--porcelain"]).await?;
    ensure!(status.is_empty(), "the person's tree is not clean: {status}");
    home.run(repo, &["doctor", "--replay"]).await?;
    Ok(())
}

/// No process of any job is left: neither the jobs' own nor any that carries a job's mark.
pub async fn nothing_runs(home: &Home) -> anyhow::Result<()> {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let mut left = vec![];
        for (run, identity) in identities(home)? {
            if identity.is_alive() {
                left.push(format!("{} of {}", identity.pid, run.display()));
            }
            for marker in markers(&run) {
                left.extend(
                    marked(&marker).iter().map(|pid| format!("{pid} of {}", run.display())),
                );
            }
        }
        if left.is_empty() {
            return Ok(());
        }
        ensure!(Instant::now() < deadline, "processes are left: {left:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// The mark that the job in this folder puts on its processes.
fn markers(run: &Path) -> Vec<JobMarker> {
    let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
    let (Some(fence), Some(job)) = (name(run), run.parent().and_then(name)) else { return vec![] };
    JobMarker::new(format!("{job}_{fence}")).into_iter().collect()
}
