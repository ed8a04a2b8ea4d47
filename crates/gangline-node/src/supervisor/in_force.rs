//! The machine's configuration, as jobs that begin now are to have it.

use std::sync::{Arc, PoisonError, RwLock};

use gangline_policy::MachineConfig;
use gangline_process::SandboxReport;

use crate::spec::Machine;
use crate::supervisor::config::NodeConfig;

/// The configuration at one moment.
#[derive(Debug)]
pub(crate) struct Configured {
    pub(crate) machine: MachineConfig,
    /// What all jobs are told of it.
    pub(crate) jobs: Machine,
}

/// Which configuration is in force.
#[derive(Debug)]
pub(crate) struct InForce {
    node: NodeConfig,
    probed: SandboxReport,
    now: RwLock<Arc<Configured>>,
}

impl InForce {
    /// The one that the node begins with, on a machine that can do what was `probed`.
    pub(crate) fn new(node: NodeConfig, probed: SandboxReport) -> Self {
        let now = RwLock::new(Arc::new(configured(&node, &probed)));
        Self { node, probed, now }
    }

    /// As it is now. Who prepares a job looks once.
    pub(crate) fn now(&self) -> Arc<Configured> {
        Arc::clone(&self.now.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn replace(&self, machine: MachineConfig) {
        let next = configured(&NodeConfig { machine, ..self.node.clone() }, &self.probed);
        *self.now.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(next);
    }
}

fn configured(node: &NodeConfig, probed: &SandboxReport) -> Configured {
    Configured { jobs: node.machine_for_jobs(probed), machine: node.machine.clone() }
}
