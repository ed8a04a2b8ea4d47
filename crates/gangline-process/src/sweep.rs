//! Finding and ending processes that left their group, and the proof that none is left.
//!
//! Coding agents put every tool command into a session of its own, so that killing the agent's
//! process group leaves the tool tree alive. The environment is inherited across `setsid`,
//! `nohup` and double forks, hence the marker. What it cannot find is a process that was started
//! with a cleared environment *and* whose parents are all gone: only the sandbox ends that one.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::marker::{JobMarker, Token};
use crate::sys::{self, Pinned};

/// A process id as the kernel prints it.
pub type Pid = u32;

/// How often the process table is read again while something is ending.
const RESCAN_MS: u64 = 5;

/// Between fork and exec a process can show an empty environment; two readings within that
/// moment would both miss it.
const EXEC_WINDOW: Duration = Duration::from_millis(3);

/// What became of the processes that had to end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use]
pub struct EndProof {
    /// Processes that were sent SIGKILL, in ascending order.
    pub killed: Vec<Pid>,
    /// Processes still there when the time was over; empty is the proof.
    pub survivors: Vec<Pid>,
}

impl EndProof {
    /// Whether nothing is left.
    pub fn is_proven(&self) -> bool {
        self.survivors.is_empty()
    }
}

/// Kills every process that carries `marker`, and its descendants, until two readings of the
/// process table in a row find none, or `grace` is over.
///
/// Spares the calling process and its ancestors, which may carry the same marker: a job sweeps
/// itself.
pub async fn sweep(marker: &JobMarker, grace: Duration) -> EndProof {
    Hunt::of(Some(Token::of_job(marker))).end(grace).await
}

/// The living processes that carry `marker`, the caller and its ancestors apart.
pub fn marked(marker: &JobMarker) -> Vec<Pid> {
    let hunt = Hunt::of(Some(Token::of_job(marker)));
    hunt.scan().into_iter().map(|pinned| pinned.pid()).collect()
}

/// A set of processes to end: those with a token, those seen as descendants of a root, and
/// what they have started since.
#[derive(Debug)]
pub(crate) struct Hunt {
    token: Option<Token>,
    /// Everything inside this pid namespace belongs to the set.
    namespace: Option<String>,
    known: Vec<Pinned>,
}

impl Hunt {
    pub(crate) fn of(token: Option<Token>) -> Self {
        Self { token, namespace: None, known: Vec::new() }
    }

    /// Adds everything inside a pid namespace, unless it is the caller's own.
    pub(crate) fn inside(mut self, namespace: Option<String>) -> Self {
        let own = sys::pid_namespace(std::process::id());
        self.namespace = namespace.filter(|namespace| own.is_some_and(|own| own != *namespace));
        self
    }

    /// Remembers the present descendants of `root`, so that they are found even after the chain
    /// of parents that leads to them is broken. Blocks for one reading of the process table.
    pub(crate) fn remember_descendants(&mut self, root: Pid) {
        let parents = parents();
        for pid in descendants(&parents, &BTreeSet::from([root])) {
            if let Some(pinned) = Pinned::open(pid) {
                self.known.push(pinned);
            }
        }
    }

    /// One reading: everything of this set that lives now, pinned.
    fn scan(&self) -> Vec<Pinned> {
        let spared = own_line();
        let parents = parents();
        let mut roots: BTreeSet<Pid> =
            self.known.iter().filter(|p| !p.has_ended()).map(Pinned::pid).collect();
        let candidates = parents.keys().filter(|pid| !spared.contains(pid));
        roots.extend(candidates.filter(|pid| self.wants(**pid)));
        let mut found = descendants(&parents, &roots);
        found.append(&mut roots);
        found.into_iter().filter(|pid| !spared.contains(pid)).filter_map(Pinned::open).collect()
    }

    fn wants(&self, pid: Pid) -> bool {
        let has_token = |token: &Token| token.is_in(&sys::variables(pid));
        let is_inside = |namespace: &String| sys::pid_namespace(pid).as_ref() == Some(namespace);
        self.token.as_ref().is_some_and(has_token) || self.namespace.as_ref().is_some_and(is_inside)
    }

    /// Sends SIGKILL once to everything that one reading finds, without waiting.
    pub(crate) fn strike(&self) -> Vec<Pid> {
        let found = self.scan();
        found.iter().filter(|p| p.signal(Signal::KILL)).map(Pinned::pid).collect()
    }

    /// Kills until nothing is left or `grace` is over. Reads the process table on a blocking
    /// thread, because a crowded machine takes milliseconds for it.
    pub(crate) async fn end(self, grace: Duration) -> EndProof {
        if self.token.is_none() && self.namespace.is_none() && self.known.is_empty() {
            return EndProof::default();
        }
        let hunting = tokio::task::spawn_blocking(move || self.end_blocking(grace));
        match hunting.await {
            Ok(proof) => proof,
            Err(error) => panic!("BUG: the sweep did not finish: {error}"),
        }
    }

    fn end_blocking(&self, grace: Duration) -> EndProof {
        let started = Instant::now();
        let mut killed = BTreeSet::new();
        // A process can fork behind the reader's back and exit before it is read, so one empty
        // reading proves nothing; its child is older than the next reading.
        let mut empty_readings = 0;
        loop {
            let found = self.scan();
            if found.is_empty() {
                empty_readings += 1;
                if empty_readings == 2 {
                    return EndProof { killed: killed.into_iter().collect(), survivors: vec![] };
                }
                std::thread::sleep(EXEC_WINDOW);
                continue;
            }
            empty_readings = 0;
            killed.extend(found.iter().filter(|p| p.signal(Signal::KILL)).map(Pinned::pid));
            if started.elapsed() >= grace {
                let survivors: Vec<Pid> =
                    found.iter().filter(|p| !p.has_ended()).map(Pinned::pid).collect();
                return EndProof { killed: killed.into_iter().collect(), survivors };
            }
            std::thread::sleep(Duration::from_millis(RESCAN_MS));
        }
    }
}

/// The parent of every living process.
fn parents() -> BTreeMap<Pid, Pid> {
    // An unreadable process table is an empty one: on a system without it nothing is found,
    // and the group's end is all there is.
    let pids = sys::processes().unwrap_or_default();
    pids.into_iter().filter_map(|pid| Some((pid, sys::parent_of(pid)?))).collect()
}

/// Everything below `roots`, the roots apart.
fn descendants(parents: &BTreeMap<Pid, Pid>, roots: &BTreeSet<Pid>) -> BTreeSet<Pid> {
    let mut children: BTreeMap<Pid, Vec<Pid>> = BTreeMap::new();
    for (pid, parent) in parents {
        children.entry(*parent).or_default().push(*pid);
    }
    let mut below = BTreeSet::new();
    let mut open: Vec<Pid> = roots.iter().copied().collect();
    while let Some(pid) = open.pop() {
        for child in children.get(&pid).into_iter().flatten() {
            if !roots.contains(child) && below.insert(*child) {
                open.push(*child);
            }
        }
    }
    below
}

/// The calling process and its ancestors.
fn own_line() -> BTreeSet<Pid> {
    let mut line = BTreeSet::new();
    let mut next = Some(std::process::id());
    while let Some(pid) = next {
        if pid == 0 || !line.insert(pid) {
            break;
        }
        next = sys::parent_of(pid);
    }
    line
}
