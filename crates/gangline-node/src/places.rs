//! Where everything is. No path is put together anywhere else.
//!
//! ```text
//! STATE/projects/<project>/hub.git          and repository.json
//!       worktrees/<project>/<name>            and <name>.state.json, <name>.lock beside it
//!       jobs/<job>/<fence>/                   spec.json lock identity.json journal.jsonl
//!                                             outcome.json log offset checks/ scratch/ out/
//!                                             MISSION_BRIEF.md assignment.json
//!       rescues/<attempt>/<fence>/            the same, for captures that nobody asked for
//!       active/<job>@<fence>                  runs whose end has not been told
//!       homes/<project>/<KEY>/                the agent's HOME
//!       output/<project>/<KEY>/               the attempt's /output
//!       given/<project>/<KEY>.json            names of secrets that attempts were given
//!       warm/<project>/<64 hex>/              caches that the base's setup filled; lock beside them
//!       calls/<16 hex>/                       use of a provider's key, by all jobs
//!       ports/<number>.lock
//! RUNTIME/j/<16 hex>.sock                     control sockets
//!         w/<16 hex>.sock                     sockets of the worker's tools
//! ```

use std::path::{Path, PathBuf};

use gangline_domain::ids::{Fence, JobId, ProjectId, TicketId};
use gangline_process::JobMarker;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Bytes that a socket's path may have. The system's own bound is 108 on Linux, 104 on macOS.
pub const SOCKET_BYTES_MAX: usize = 100;

/// A socket could not have a path that the system takes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the runtime directory's path is too long for sockets: {} has {bytes} bytes, more than \
     {SOCKET_BYTES_MAX}",
    path.display()
)]
pub struct SocketPathTooLong {
    /// The path that would be needed.
    pub path: PathBuf,
    /// Its length.
    pub bytes: usize,
}

/// The roots of all paths.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Places {
    /// `$XDG_STATE_HOME/gangline`.
    pub state: PathBuf,
    /// `$XDG_RUNTIME_DIR/gangline`, or another short path.
    pub runtime: PathBuf,
}

impl Places {
    /// The project's hub repository.
    pub fn hub(&self, project: &ProjectId) -> PathBuf {
        self.state.join("projects").join(project.as_str()).join("hub.git")
    }

    /// What was last found out about the person's repository.
    pub fn person(&self, project: &ProjectId) -> PathBuf {
        self.state.join("projects").join(project.as_str()).join("repository.json")
    }

    /// The folder of all projects' folders.
    pub fn projects(&self) -> PathBuf {
        self.state.join("projects")
    }

    /// The folder of all worktrees, by project.
    pub fn all_worktrees(&self) -> PathBuf {
        self.state.join("worktrees")
    }

    /// The folder of the project's worktrees.
    pub fn worktrees(&self, project: &ProjectId) -> PathBuf {
        self.all_worktrees().join(project.as_str())
    }

    /// The worktree of this name, which is one path component.
    pub fn worktree(&self, project: &ProjectId, name: &str) -> WorktreePlaces {
        WorktreePlaces { folder: self.worktrees(project), name: name.to_owned() }
    }

    /// The agent's HOME, kept over the tries of a ticket that go on with a session.
    pub fn home(&self, ticket: &TicketId) -> PathBuf {
        self.of_ticket("homes", ticket)
    }

    /// Which secrets the ticket's attempts were given, by name.
    pub fn given(&self, ticket: &TicketId) -> PathBuf {
        self.all_given(&ticket.project).join(format!("{}.json", ticket.key))
    }

    /// The folder of those of a project's tickets.
    pub fn all_given(&self, project: &ProjectId) -> PathBuf {
        self.state.join("given").join(project.as_str())
    }

    /// The folder of all projects' warm layers.
    pub fn all_warm(&self) -> PathBuf {
        self.state.join("warm")
    }

    /// The folder of the project's warm layers.
    pub fn warm(&self, project: &ProjectId) -> PathBuf {
        self.all_warm().join(project.as_str())
    }

    /// The folder of what is counted of the use of keys.
    pub fn calls(&self) -> PathBuf {
        self.state.join("calls")
    }

    /// What the agent sees as `/output`.
    pub fn output(&self, ticket: &TicketId) -> PathBuf {
        self.of_ticket("output", ticket)
    }

    fn of_ticket(&self, folder: &str, ticket: &TicketId) -> PathBuf {
        self.state.join(folder).join(ticket.project.as_str()).join(ticket.key.to_string())
    }

    /// The folder of all jobs.
    pub fn jobs(&self) -> PathBuf {
        self.state.join("jobs")
    }

    /// The folder of all runs of one job.
    pub fn runs_of(&self, job: &JobId) -> PathBuf {
        self.jobs().join(job.to_string())
    }

    /// One run of a job.
    pub fn job(&self, job: &JobId, fence: Fence) -> JobPlaces {
        self.run("jobs", job, fence)
    }

    /// A capture of an attempt's worktree that the node does on its own.
    pub fn rescue(&self, attempt: &JobId, fence: Fence) -> JobPlaces {
        self.run("rescues", attempt, fence)
    }

    fn run(&self, kind: &str, job: &JobId, fence: Fence) -> JobPlaces {
        let dir = self.state.join(kind).join(job.to_string()).join(fence.to_string());
        let mut digest = Sha256::new();
        for part in [self.state.as_os_str().as_encoded_bytes(), kind.as_bytes()] {
            digest.update(part);
            digest.update([0]);
        }
        digest.update(format!("{job}@{fence}"));
        let token = hex(&digest.finalize()[..8]);
        let short = job.to_string();
        let short = short.split_once('.').map_or("", |(_, rest)| rest);
        let marker = JobMarker::new(format!("{token}.{short}"));
        JobPlaces {
            dir,
            socket: self.runtime.join("j").join(format!("{token}.sock")),
            worker: self.runtime.join("w").join(format!("{token}.sock")),
            marker: marker.expect("BUG: a job's name is a marker"),
        }
    }

    /// The folder of the runs whose end has not been told.
    pub fn active(&self) -> PathBuf {
        self.state.join("active")
    }

    /// The mark of one such run.
    pub fn active_mark(&self, job: &JobId, fence: Fence) -> PathBuf {
        self.active().join(format!("{job}@{fence}"))
    }

    /// The locks of port ranges.
    pub fn ports(&self) -> PathBuf {
        self.state.join("ports")
    }

    /// Whether sockets can have their paths.
    pub fn check_sockets(&self) -> Result<(), SocketPathTooLong> {
        let path = self.runtime.join("j").join("0123456789abcdef.sock");
        let bytes = path.as_os_str().len();
        if bytes < SOCKET_BYTES_MAX { Ok(()) } else { Err(SocketPathTooLong { path, bytes }) }
    }
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        write!(text, "{byte:02x}").expect("BUG: a String takes all text");
    }
    text
}

/// One worktree and what stands beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorktreePlaces {
    folder: PathBuf,
    name: String,
}

impl WorktreePlaces {
    /// The tree.
    pub fn tree(&self) -> PathBuf {
        self.folder.join(&self.name)
    }

    /// What the node knows about it. The registry of checkouts, `<name>.meta.json`, is git's.
    pub fn meta(&self) -> PathBuf {
        self.folder.join(format!("{}.state.json", self.name))
    }

    /// Held by whoever uses it.
    pub fn lock(&self) -> PathBuf {
        self.folder.join(format!("{}.lock", self.name))
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// The folder of one run of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobPlaces {
    dir: PathBuf,
    socket: PathBuf,
    worker: PathBuf,
    marker: JobMarker,
}

/// Declares the files and folders of a run, each with what it is.
macro_rules! files {
    ($($(#[$doc:meta])* $name:ident = $file:literal;)*) => {
        impl JobPlaces {
            $($(#[$doc])* pub fn $name(&self) -> PathBuf { self.dir.join($file) })*
        }
    };
}

files! {
    /// What the job is to do.
    spec = "spec.json";
    /// Held by the job as long as it lives.
    lock = "lock";
    /// Which process the job is.
    identity = "identity.json";
    /// What happened.
    journal = "journal.jsonl";
    /// What came of it.
    outcome = "outcome.json";
    /// What the job's own process printed.
    log = "log";
    /// How far the node has read the journal, and what it learned.
    offset = "offset";
    /// Logs of checks.
    checks = "checks";
    /// The brief.
    brief = "MISSION_BRIEF.md";
    /// What an external session is told of its work.
    assignment = "assignment.json";
    /// Free to be deleted when the job has ended.
    scratch = "scratch";
    /// What a capture's sandbox hands over.
    out = "out";
    /// The attempt's work log.
    worklog = "worklog.json";
}

impl JobPlaces {
    /// The folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The job's control socket.
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// The socket of the worker's tools, which the agent sees.
    pub fn worker_socket(&self) -> &Path {
        &self.worker
    }

    /// By which the job's processes are found.
    pub fn marker(&self) -> &JobMarker {
        &self.marker
    }
}

/// The job and fence of a run's folder, from its two last names.
pub(crate) fn run_of_dir(dir: &Path) -> Option<(JobId, Fence)> {
    let fence = dir.file_name()?.to_str()?.parse().ok()?;
    let job = dir.parent()?.file_name()?.to_str()?.parse().ok()?;
    Some((job, fence))
}

/// The job and fence of a mark in [`Places::active`].
pub(crate) fn run_of_mark(name: &str) -> Option<(JobId, Fence)> {
    let (job, fence) = name.split_once('@')?;
    Some((job.parse().ok()?, fence.parse().ok()?))
}

#[cfg(test)]
mod tests;
