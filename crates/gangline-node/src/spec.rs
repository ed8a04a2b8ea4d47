//! What a job is told, written whole before its process starts.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use gangline_domain::ids::{AgentKind, Fence, ForgeName, JobId, McpName, SecretName};
use gangline_domain::network::NetworkMode;
use gangline_policy::{ForgeRef, Gateway, McpServer, SecretRef};
use gangline_ports::link::TaskDispatchMessage;
use gangline_process::Tier;
use serde::{Deserialize, Serialize};

use crate::clock::{Moment, now};
use crate::durable::FileFault;
use crate::places::{JobPlaces, Places};
use crate::vault::Logins;

/// The version of [`JobSpec`] that is written here, and the newest that is understood.
pub const SPEC_VERSION: u32 = 1;

/// All that a job needs to know. Secrets are not in it: they come by the job's environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobSpec {
    /// [`SPEC_VERSION`].
    pub version: u32,
    /// Where everything is.
    pub places: Places,
    /// Whether the orchestrator asked for the job.
    pub purpose: Purpose,
    /// The job, with its ticket and project as they were when it was asked for.
    pub task: TaskDispatchMessage,
    /// What the machine's configuration says.
    pub machine: Machine,
    /// Bounds of time.
    pub timing: JobTiming,
    /// When it was launched.
    #[serde(default)]
    pub launched: Option<Moment>,
}

/// Why there is a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// The orchestrator wants its result.
    Asked,
    /// The node itself wants what an attempt left to be kept before the worktree goes.
    Rescue,
}

/// What the machine's configuration says, as far as jobs need it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    /// The wall around agents and checks.
    pub tier: Tier,
    /// The strongest wall that the machine can give; captures always stand behind it.
    pub best: Tier,
    /// Whether agents may have the network.
    pub network: bool,
    /// And how much of it at most.
    #[serde(default = "all_of_it")]
    pub network_max: NetworkMode,
    /// Further paths that are readable inside.
    pub read: Vec<PathBuf>,
    /// Where the program of an agent kind is.
    pub programs: BTreeMap<AgentKind, PathBuf>,
    /// Names of variables that agents may get.
    pub pass: Vec<String>,
    /// Where secrets are that this project's agents and checks may name; never what they are.
    #[serde(default)]
    pub secrets: BTreeMap<SecretName, SecretRef>,
    /// Forges to which this project's commits may be pushed; never what logs in there.
    #[serde(default)]
    pub forges: BTreeMap<ForgeName, ForgeRef>,
    /// Where the log-ins of agent kinds are kept.
    #[serde(default = "nowhere")]
    pub logins: Logins,
    /// Whether and how API keys are added outside of sandboxes.
    #[serde(default)]
    pub gateway: Gateway,
    /// Servers of tools that this project's agents may ask for.
    #[serde(default)]
    pub mcp: BTreeMap<McpName, McpServer>,
    /// The first port that is given to worktrees.
    pub ports_first: u16,
    /// Mebibytes of its journal after which what agents and tools say is left out.
    #[serde(default = "as_ever")]
    pub journal_mib: u32,
}

/// The bound of journals before it could be set.
fn as_ever() -> u32 {
    32
}

/// What a spec means that was written before there was a bound.
fn all_of_it() -> NetworkMode {
    NetworkMode::Open
}

/// What a spec means that was written before there were log-ins.
fn nowhere() -> Logins {
    Logins::at("/nonexistent")
}

/// Bounds of time of a job, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobTiming {
    /// How long an agent waits for an answer before its slot is freed.
    pub question_ms: u64,
    /// How long nothing may happen before somebody is told.
    pub silence_ms: u64,
    /// Between asking an agent to end and ending it.
    pub grace_ms: u64,
}

impl Default for JobTiming {
    fn default() -> Self {
        Self { question_ms: 10 * 60_000, silence_ms: 30 * 60_000, grace_ms: 10_000 }
    }
}

/// Why a file is not a spec.
#[derive(Debug, thiserror::Error)]
pub enum BadSpec {
    /// It could not be read.
    #[error(transparent)]
    File(#[from] FileFault),
    /// It is of another program.
    #[error(
        "{} is of version {version}; this program understands up to {SPEC_VERSION}: start the \
         job with the program that wrote it",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        version: u32,
    },
    /// It is damaged.
    #[error("{} is damaged: {source}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What the parser says.
        #[source]
        source: serde_json::Error,
    },
}

impl JobSpec {
    /// Reads a spec.
    pub fn read(path: &Path) -> Result<Self, BadSpec> {
        #[derive(Deserialize)]
        struct Versioned {
            version: u32,
        }
        let bytes = std::fs::read(path).map_err(|error| FileFault::new("read", path, error))?;
        let damaged = |source| BadSpec::Damaged { path: path.to_owned(), source };
        let Versioned { version } = serde_json::from_slice(&bytes).map_err(damaged)?;
        if version > SPEC_VERSION {
            return Err(BadSpec::Newer { path: path.to_owned(), version });
        }
        serde_json::from_slice(&bytes).map_err(damaged)
    }

    /// The job.
    pub fn job(&self) -> &JobId {
        &self.task.job
    }

    /// Its fence.
    pub fn fence(&self) -> Fence {
        self.task.fence
    }

    /// How long the job may still take: a machine that sleeps takes nothing of it.
    pub(crate) fn time_left(&self) -> Duration {
        let deadline = self.task.deadline;
        let left = match (&self.launched, Moment::now()) {
            (Some(launched), Some(now)) => launched.ms_left(deadline, &now),
            (None, _) | (_, None) => deadline.ms_since(now()),
        };
        Duration::from_millis(left)
    }

    /// The run's folder, socket and marker.
    pub fn run(&self) -> JobPlaces {
        match self.purpose {
            Purpose::Asked => self.places.job(self.job(), self.fence()),
            Purpose::Rescue => self.places.rescue(self.job(), self.fence()),
        }
    }
}
