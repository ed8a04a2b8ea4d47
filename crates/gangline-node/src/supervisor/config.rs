//! How a node is set up.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use gangline_domain::ids::{AgentKind, NodeId};
use gangline_domain::network::NetworkMode;
use gangline_policy::{MachineConfig, SandboxTier};
use gangline_process::{SandboxReport, Tier};

use crate::places::Places;
use crate::spec::{JobTiming, Machine};
use crate::vault::Logins;

/// How a node is set up.
#[derive(Debug, Clone)]
pub struct NodeConfig {
    /// Its name; the built-in one is `local`.
    pub node: NodeId,
    /// Where everything is. Both paths absolute, the runtime directory short.
    pub places: Places,
    /// How a job process is started.
    pub launcher: Launcher,
    /// The machine's own configuration.
    pub machine: MachineConfig,
    /// Where the log-ins of agent kinds are kept.
    pub logins: Logins,
    /// Attempts that may run at once.
    pub slots: u32,
    /// Agent kinds that can be driven here.
    pub kinds: Vec<AgentKind>,
    /// Bounds of time of jobs.
    pub job_timing: JobTiming,
    /// Bounds of time of the supervisor.
    pub timing: NodeTiming,
    /// The first port that is given to worktrees.
    pub ports_first: u16,
}

/// `program args… --spec FILE` starts a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Launcher {
    /// The program.
    pub program: PathBuf,
    /// What stands before `--spec`, such as `job`.
    pub args: Vec<OsString>,
}

/// Bounds of time of the supervisor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NodeTiming {
    /// Between two signs of life.
    pub heartbeat: Duration,
    /// Between two looks at a job.
    pub poll: Duration,
    /// How long a job may take beyond its deadline before the node ends it.
    pub overdue: Duration,
    /// How long a job may take to obey a kill before the node ends it.
    pub kill: Duration,
}

impl Default for NodeTiming {
    fn default() -> Self {
        Self {
            heartbeat: Duration::from_secs(5),
            poll: Duration::from_millis(50),
            overdue: Duration::from_secs(30),
            kill: Duration::from_secs(10),
        }
    }
}

impl NodeConfig {
    /// A node called `local` with defaults for all that is not given.
    pub fn local(places: Places, launcher: Launcher, machine: MachineConfig) -> Self {
        Self {
            node: "local".parse().expect("BUG: the node's name is a name"),
            launcher,
            slots: machine.daemon.agents_max,
            logins: Logins::at(places.state.join("logins")),
            places,
            machine,
            kinds: gangline_agents::registry::kinds()
                .map(|kind| kind.parse().expect("BUG: a kind's name is a name"))
                .collect(),
            job_timing: JobTiming::default(),
            timing: NodeTiming::default(),
            ports_first: 42_000,
        }
    }

    /// What jobs need to know of the machine, given what it can do.
    pub(crate) fn machine_for_jobs(&self, probed: &SandboxReport) -> Machine {
        let sandbox = &self.machine.sandbox;
        let best = probed.best();
        let tier = match sandbox.tier {
            Some(SandboxTier::None) => Tier::L0,
            Some(SandboxTier::Landlock) => Tier::L1,
            None if sandbox.allow_none => best,
            // Without leave to run in the open, a wall is asked for even where none can be had:
            // jobs then say what is missing.
            Some(SandboxTier::Bubblewrap) | None => Tier::L2,
        };
        Machine {
            tier,
            best,
            network: sandbox.network != NetworkMode::None,
            network_max: sandbox.network,
            read: sandbox.read.clone(),
            programs: self.machine.programs.clone(),
            pass: self.machine.pass.0.iter().map(|name| name.as_str().to_owned()).collect(),
            // Each job is told of those that its own repository may have.
            secrets: BTreeMap::new(),
            forges: BTreeMap::new(),
            logins: self.logins.clone(),
            gateway: self.machine.gateway.clone(),
            // The same goes for these.
            mcp: BTreeMap::new(),
            ports_first: self.ports_first,
            journal_mib: self.machine.daemon.journal_mib,
        }
    }
}
